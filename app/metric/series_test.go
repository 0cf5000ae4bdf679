package metric

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"konote/app/civil"
	"konote/app/i18n"
	"konote/app/view"
	"konote/tenancy"
)

func newProgram() uuid.UUID { return tenancy.NewID() }

var (
	march = civil.Date{Year: 2026, Month: time.March, Day: 3}
	today = civil.Date{Year: 2026, Month: time.June, Day: 20}
)

// series are values of a measure, 30 days apart, from March 3 on.
func series(t *testing.T, key string, goal *float64, values ...float64) Series {
	t.Helper()
	s := Series{Metric: fromLibrary(t, key), Goal: goal}
	for i, v := range values {
		s.Points = append(s.Points, Point{On: march.AddDays(30 * i), Value: v})
	}
	return s
}

func TestTheDirectionIsTheMetricsOwn(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name          string
		key           string
		goal          *float64
		values        []float64
		trend, change Trend
		reached       bool
		before        bool
	}{
		{"nothing yet", "phq9", new(4.0), nil, None, None, false, false},
		{"the worst value of a lower-is-better scale is no achievement", "phq9", new(4.0), []float64{27}, Single, Single, false, false},
		{"27 then 4 is better, and the goal is reached", "phq9", new(4.0), []float64{27, 4}, Improving, Improving, true, false},
		{"4 then 27 is harder, and the goal is lost", "phq9", new(4.0), []float64{4, 27}, Worsening, Worsening, false, true},
		{"without a goal nothing is reached", "phq9", nil, []float64{27, 0}, Improving, Improving, false, false},
		{"exactly the goal", "goal_progress", new(4.0), []float64{2, 4}, Improving, Improving, true, false},
		{"just below it", "goal_progress", new(4.0), []float64{2, 3}, Improving, Improving, false, false},
		{"up and back is no change", "goal_progress", new(5.0), []float64{1, 3, 2, 3}, NoChange, Improving, false, false},
		{"down in two steps, up in all", "goal_progress", new(5.0), []float64{1, 4, 3, 2}, Worsening, Improving, false, false},
		{"a step after standing still", "goal_progress", new(5.0), []float64{3, 3, 3, 4}, Improving, Improving, false, false},
		{"two steps that disagree go by their ends", "phq9", new(4.0), []float64{10, 5, 12}, Worsening, Worsening, false, false},
		{"a leap that outweighs what came before", "shelter_nights", new(0.0), []float64{10, 15, 16, 1}, Improving, Improving, false, false},
		{"only the last three values count", "phq9", new(4.0), []float64{1, 20, 15, 10, 8}, Improving, Worsening, false, true},
		{"flat", "shelter_nights", new(0.0), []float64{12, 12, 12}, NoChange, NoChange, false, false},
		{"fewer nights in shelter is better", "shelter_nights", new(0.0), []float64{30, 0}, Improving, Improving, true, false},
		{"an achievement goes by its answers, whatever the goal says", "job_placement", new(1.0), []float64{2, 3}, Improving, Improving, false, false},
		{"an achievement that is lost", "job_placement", nil, []float64{4, 2}, Worsening, Worsening, false, true},
		{"an achievement that stays", "job_placement", nil, []float64{4, 5}, Improving, Improving, true, true},
	} {
		s := series(t, test.key, test.goal, test.values...)
		if got := s.Trend(); got != test.trend {
			t.Errorf("%s: trend: got %q, want %q", test.name, got, test.trend)
		}
		if got := s.Change(); got != test.change {
			t.Errorf("%s: change: got %q, want %q", test.name, got, test.change)
		}
		if got := s.Reached(); got != test.reached {
			t.Errorf("%s: reached: got %v, want %v", test.name, got, test.reached)
		}
		if got := s.ReachedBefore(); got != test.before {
			t.Errorf("%s: reached before: got %v, want %v", test.name, got, test.before)
		}
	}
}

func TestFindings(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		series Series
		en, fr string
	}{
		{"nothing yet", series(t, "phq9", new(4.0)),
			"No value yet. The aim is 4.", "Aucune valeur pour le moment. La cible est 4."},
		{"one value", series(t, "feeling_today", new(4.0), 2),
			"2 on March 3, 2026. It is the first value; the next one will show the way. The aim is 4. Nothing was recorded after March 3, 2026.",
			"2 le 3 mars 2026. C’est la première valeur; la prochaine montrera le chemin. La cible est 4. Rien n’a été noté après le 3 mars 2026."},
		{"better, on the way", series(t, "phq9", new(4.0), 18, 12, 9, 7),
			"Better: down from 18 to 7 since March. Lower is better. On this scale, 7 is “Mild”. The aim is 4.",
			"C’est mieux : de 18 à 7, en baisse depuis mars. Plus c’est bas, mieux c’est. Sur cette échelle, 7 correspond à « Léger ». La cible est 4."},
		{"27 then 4", series(t, "phq9", new(4.0), 27, 4),
			"Better: down from 27 to 4 since March. Lower is better. On this scale, 4 is “Minimal”. The aim of 4 is reached.",
			"C’est mieux : de 27 à 4, en baisse depuis mars. Plus c’est bas, mieux c’est. Sur cette échelle, 4 correspond à « Minime ». La cible (4) est atteinte."},
		{"4 then 27", series(t, "phq9", new(4.0), 4, 27),
			"It got harder: up from 4 to 27 since March. Lower is better. On this scale, 27 is “Severe”. The aim is 4.",
			"C’est devenu plus difficile : de 4 à 27, en hausse depuis mars. Plus c’est bas, mieux c’est. Sur cette échelle, 27 correspond à « Grave ». La cible est 4."},
		{"up is better, with a unit", series(t, "hours_worked", nil, 12, 20.5, 24, 30),
			"Better: up from 12 to 30 hours since March.", "C’est mieux : de 12 à 30 heures, en hausse depuis mars."},
		{"down is harder", series(t, "goal_progress", new(4.0), 4, 3, 3, 2),
			"It got harder: down from 4 to 2 since March. The aim is 4.", "C’est devenu plus difficile : de 4 à 2, en baisse depuis mars. La cible est 4."},
		{"flat", series(t, "shelter_nights", new(0.0), 12, 12, 12, 12),
			"12 nights, the same as at the start (March). The aim is 0 nights.", "12 nuits, comme au début (mars). La cible est 0 nuit."},
		{"better over all, harder of late", series(t, "phq9", new(4.0), 20, 4, 6, 8, 9),
			"Better: down from 20 to 9 since March. Lower is better. Of late it is getting harder. On this scale, 9 is “Mild”. The aim is 4.",
			"C’est mieux : de 20 à 9, en baisse depuis mars. Plus c’est bas, mieux c’est. Dernièrement, c’est plus difficile. Sur cette échelle, 9 correspond à « Léger ». La cible est 4."},
		{"an achievement", series(t, "job_placement", nil, 2, 3, 3, 5),
			"From “Looking” to “Working, full time” since March. This is what was hoped for.",
			"De « En recherche » à « En emploi, temps plein » depuis mars. C’est ce qui était espéré."},
		{"words", Series{Metric: fromLibrary(t, "experience_good")}, "", ""},
	} {
		for printer, want := range map[*i18n.Printer]string{english: test.en, french: test.fr} {
			if got := spaced(Finding(printer, test.series, today)); got != want {
				t.Errorf("%s:\n got %s\nwant %s", test.name, got, want)
			}
		}
	}
}

func TestWhenItBegan(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ first, latest, en, fr string }{
		{"2026-03-03", "2026-03-20", "March 3, 2026", "le 3 mars 2026"},
		{"2026-03-03", "2026-05-20", "March", "mars"},
		{"2025-03-03", "2026-03-20", "March 2025", "mars 2025"},
	} {
		first, _ := civil.Parse(test.first)
		latest, _ := civil.Parse(test.latest)
		if got := spaced(since(english, first, latest)); got != test.en {
			t.Errorf("%s to %s: got %q, want %q", test.first, test.latest, got, test.en)
		}
		if got := spaced(since(french, first, latest)); got != test.fr {
			t.Errorf("%s to %s: got %q, want %q", test.first, test.latest, got, test.fr)
		}
	}
}

func TestALapseIsSaidFromTheDayAfterTheReview(t *testing.T) {
	t.Parallel()
	s := series(t, "feeling_today", nil, 2)
	for days, want := range map[int]bool{0: false, 90: false, 91: true, 400: true} {
		if got := strings.Contains(Finding(english, s, march.AddDays(days)), "Nothing was recorded after"); got != want {
			t.Errorf("after %d days: got %v, want %v", days, got, want)
		}
	}
}

func TestAWayToTheGoalGoesInTheMetricsOwnDirection(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name          string
		series        Series
		start, latest float64 // NaN: nothing to draw
	}{
		{"down to the goal", series(t, "phq9", new(4.0), 27, 4), 0, 1},
		{"back from the goal", series(t, "phq9", new(4.0), 4, 27), 1, 0},
		{"half way up", series(t, "goal_progress", new(5.0), 1, 3), 0, 0.5},
		{"beyond the goal", series(t, "goal_progress", new(3.0), 1, 5), 0, 2},
		{"no goal", series(t, "goal_progress", nil, 1, 5), 0, 1},
		{"an open scale", series(t, "monthly_income", new(2000.0), 500, 1000), 0.25, 0.5},
		{"an open scale without a goal", series(t, "monthly_income", nil, 500, 1000), 0.5, 1},
		{"an achievement", series(t, "job_placement", nil, 1, 4), 0, 1},
		{"the goal is the far end", series(t, "phq9", new(27.0), 20, 10), math.NaN(), math.NaN()},
		{"nothing", series(t, "phq9", new(4.0)), math.NaN(), math.NaN()},
		{"words", Series{Metric: fromLibrary(t, "experience_good"), Points: []Point{{march, 1}}}, math.NaN(), math.NaN()},
	} {
		row := GoalRow(english, test.series, "n", "", view.URL{})
		same := func(a, b float64) bool { return a == b || (math.IsNaN(a) && math.IsNaN(b)) }
		if !same(row.Start, test.start) || !same(row.Latest, test.latest) {
			t.Errorf("%s: got %v to %v, want %v to %v", test.name, row.Start, row.Latest, test.start, test.latest)
		}
	}
}

func TestMonthsWithoutSessionsAreZero(t *testing.T) {
	t.Parallel()
	month := func(year int, m time.Month) civil.Date { return civil.Date{Year: year, Month: m, Day: 1} }
	got := FillMonths([]Point{{month(2025, time.November), 3}, {month(2026, time.January), 2}}, civil.Date{Year: 2026, Month: time.February, Day: 10})
	want := []Point{{month(2025, time.November), 3}, {month(2025, time.December), 0}, {month(2026, time.January), 2}, {month(2026, time.February), 0}}
	if len(got) != len(want) {
		t.Fatalf("got %v, want %v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("got %v, want %v", got[i], want[i])
		}
	}
	if got := FillMonths(nil, today); got != nil {
		t.Errorf("nothing became %v", got)
	}
}

func TestChartsTakeWhatIsDrawn(t *testing.T) {
	t.Parallel()
	c := Chart(french, series(t, "phq9", new(4.0), 18, 7), "c", today)
	if !c.Lower || !c.Whole || *c.Low != 0 || *c.High != 27 || *c.Goal != 4 || len(c.Bands) != 5 || len(c.Lines[0].Points) != 2 {
		t.Errorf("PHQ-9: got %+v", c)
	}
	if c := Chart(english, series(t, "hours_worked", new(30.0), 18, 7), "c", today); c.Low != nil || c.High != nil || *c.Goal != 30 || c.Format(7.5) != "7.5" {
		t.Errorf("hours: a wide scale is drawn whole: %+v", c)
	}
	if c := Chart(english, series(t, "job_placement", nil, 2, 3), "c", today); !c.Words || *c.Low != 0.5 || *c.High != 5.5 || c.Bands[1].Name != "Looking" {
		t.Errorf("job: got %+v", c)
	}
}
