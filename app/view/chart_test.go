package view

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"konote/app/civil"
	"konote/app/i18n"
)

func hostileChart(x string) Chart {
	day := civil.Date{Year: 2026, Month: 2, Day: 10}
	points := []ChartPoint{{day, 3}, {day.AddDays(40), 7}}
	return Chart{ID: x, Title: x, Text: x, Lines: []ChartLine{{x, points}, {x, points}}, Goal: new(4.0), Whole: true,
		Bands: []ChartBand{{0, 20, x}}, Format: func(float64) string { return x }}
}

// chartOf is a chart of values, step days apart.
func chartOf(step int, values ...float64) Chart {
	day := civil.Date{Year: 2025, Month: 3, Day: 1}
	var points []ChartPoint
	for i, v := range values {
		points = append(points, ChartPoint{day.AddDays(i * step), v})
	}
	return Chart{ID: "c", Title: "PHQ-9", Text: "Down.", Lines: []ChartLine{{"PHQ-9", points}}, Whole: true,
		Format: func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }}
}

func rendered(t *testing.T, component templ.Component) string {
	t.Helper()
	var b bytes.Buffer
	if err := component.Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var notANumber = regexp.MustCompile(`NaN|Inf|e\+`)

// outside says what of a chart lies outside its box.
func outside(drawn plotted) string {
	in := func(v, low, high float64) bool { return v >= low-0.01 && v <= high+0.01 }
	for _, g := range drawn.Grid {
		if !in(g.Y, chartTop, chartBottom) {
			return fmt.Sprint("grid ", g)
		}
	}
	for _, d := range drawn.Dates {
		if !in(d.X, chartLeft, chartRight) {
			return fmt.Sprint("date ", d)
		}
	}
	for _, b := range drawn.Bands {
		if !in(b.Y, chartTop, chartBottom) || b.Height < 0 || !in(b.Y+b.Height, chartTop, chartBottom) {
			return fmt.Sprint("band ", b)
		}
	}
	if drawn.Goal != nil && !in(*drawn.Goal, chartTop, chartBottom) {
		return fmt.Sprint("goal ", *drawn.Goal)
	}
	for _, line := range drawn.Lines {
		for _, m := range append(line.Marks, line.Last) {
			if !in(m.X, chartLeft, chartRight) || !in(m.Y, chartTop, chartBottom) {
				return fmt.Sprint("mark ", m)
			}
		}
		for _, pair := range regexp.MustCompile(`[ML]([\d.-]+) ([\d.-]+)`).FindAllStringSubmatch(line.Path, -1) {
			x, _ := strconv.ParseFloat(pair[1], 64)
			y, _ := strconv.ParseFloat(pair[2], 64)
			if !in(x/10, chartLeft, chartRight) || !in(y, chartTop-0.1, chartBottom+0.1) {
				return "path " + pair[0]
			}
		}
		if strings.Trim(line.Path, "ML0123456789. ") != "" {
			return "path " + line.Path
		}
	}
	return ""
}

func TestEverythingIsDrawnInsideTheBox(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	p := i18n.NewPrinter("en", nil, nil)
	strange := []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, -math.MaxFloat64, 1e-300, 0, -5, 1e12}
	for round := range 400 {
		values := make([]float64, random.IntN(40))
		for i := range values {
			values[i] = (random.Float64() - 0.3) * math.Pow(10, float64(random.IntN(9)-2))
			if random.IntN(5) == 0 {
				values[i] = strange[random.IntN(len(strange))]
			}
		}
		c := chartOf(random.IntN(20), values...)
		c.Whole = random.IntN(2) == 0
		for _, bound := range []**float64{&c.Low, &c.High, &c.Goal} {
			if random.IntN(2) == 0 {
				*bound = new(random.Float64() * 100)
			}
			if random.IntN(20) == 0 {
				*bound = new(strange[random.IntN(len(strange))])
			}
		}
		c.Bands = []ChartBand{{0, 9, "a"}, {10, 500, "b"}, {random.Float64() * 100, random.Float64() * 100, "c"}}
		if wrong := outside(c.plot(p)); wrong != "" {
			t.Fatalf("round %d: %s outside of the box: %v, scale %v to %v, goal %v", round, wrong, values, c.Low, c.High, c.Goal)
		}
		f := &Frame{P: p}
		if found := notANumber.FindString(regexp.MustCompile(`<svg.*</svg>`).FindString(rendered(t, LineChart(f, c)))); found != "" && c.Goal == nil {
			t.Fatalf("round %d: the drawing says %s: %v", round, found, values)
		}
		if found := notANumber.FindString(rendered(t, Sparkline(f, c))); found != "" {
			t.Fatalf("round %d: the spark line says %s: %v", round, found, values)
		}
	}
}

func FuzzAChartStaysInItsBox(f *testing.F) {
	f.Add(18.0, 7.0, 4.0, 7)
	f.Add(math.NaN(), math.Inf(1), math.Copysign(0, -1), 0)
	f.Add(1e300, -1e300, 1e12, -3)
	f.Fuzz(func(t *testing.T, a, b, goal float64, step int) {
		c := chartOf(step%4000, a, b, a, b)
		c.Goal = &goal
		if wrong := outside(c.plot(i18n.NewPrinter("fr", nil, nil))); wrong != "" {
			t.Errorf("%s outside of the box", wrong)
		}
	})
}

func TestALongLineIsThinnedAndKeepsItsShape(t *testing.T) {
	t.Parallel()
	values := make([]float64, 2000)
	for i := range values {
		values[i] = 10 + 5*math.Sin(float64(i)/90)
	}
	values[700], values[1300] = 27, 0
	c := chartOf(1, values...)
	c.Low, c.High = new(0.0), new(27.0)
	drawn := c.plot(i18n.NewPrinter("en", nil, nil)).Lines[0]
	if points := strings.Count(drawn.Path, "L") + 1; points > 4*maxBuckets+8 {
		t.Errorf("the line has %d points, want at most %d", points, 4*maxBuckets+8)
	}
	if len(drawn.Marks) > 0 {
		t.Errorf("the line has %d marks, want none", len(drawn.Marks))
	}
	for _, extreme := range []float64{chartTop, chartBottom} {
		if !strings.Contains(drawn.Path, " "+pixels(extreme)) {
			t.Errorf("the extreme at %v is lost", extreme)
		}
	}
	page := rendered(t, LineChart(&Frame{P: i18n.NewPrinter("en", nil, nil)}, chartOf(1, values...)))
	if rows := strings.Count(page, `<th scope="row">`); rows != maxTableRows {
		t.Errorf("the table has %d rows, want %d", rows, maxTableRows)
	}
}

func TestAChartIsReadableWithoutSeeingIt(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, language string
		chart          Chart
		want, never    []string
	}{
		{"several values", "en", chartOf(30, 18, 7), []string{`role="img"`, "<title id=\"c-title\">PHQ-9</title>", "Down. Higher is better", "<details", ">18<", ">7<", "March 1, 2025"}, nil},
		{"one value", "fr", chartOf(30, 18), []string{`figure-value">18<`, "Voir les valeurs", "1er mars 2025"}, []string{`role="img"`}},
		{"none", "en", chartOf(30), []string{"nothing to draw yet"}, []string{"<svg", "<details"}},
		{"no numbers", "en", chartOf(30, math.NaN(), math.Inf(1)), []string{"nothing to draw yet"}, []string{"<svg", "<details"}},
		{"one day", "en", chartOf(0, 3, 5, 4), []string{`role="img"`, "54.50%"}, nil},
	} {
		page := strings.ReplaceAll(rendered(t, LineChart(&Frame{P: i18n.NewPrinter(test.language, nil, nil)}, test.chart)), "\u00a0", " ")
		for _, want := range test.want {
			if !strings.Contains(page, want) {
				t.Errorf("%s: the page lacks %q: %s", test.name, want, page)
			}
		}
		for _, never := range test.never {
			if strings.Contains(page, never) {
				t.Errorf("%s: the page has %q", test.name, never)
			}
		}
	}
}

func TestAnOverviewStaysOnItsTrack(t *testing.T) {
	t.Parallel()
	f := &Frame{P: i18n.NewPrinter("en", nil, nil)}
	for _, share := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), -9, 0, 0.5, 1, 40, 1e300} {
		page := rendered(t, GoalsOverview(f, "ways", []GoalRow{{Name: "Sleep", Start: 0.1, Latest: share, From: "2", To: "3"}}))
		if notANumber.MatchString(page) {
			t.Errorf("%v: %s", share, page)
		}
		if at := way(share); !math.IsNaN(share) && (at < wayLeft || at > wayRight) {
			t.Errorf("%v lies at %v, want between %v and %v", share, at, wayLeft, wayRight)
		}
		if drawn := strings.Contains(page, `role="img"`); drawn != finite(share) {
			t.Errorf("%v is drawn: got %v, want %v", share, drawn, finite(share))
		}
	}
}

func TestTheColoursOfChartsAreSeenOnPaper(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("assets/css/chart.css")
	if err != nil {
		t.Fatal(err)
	}
	light, dark, _ := strings.Cut(string(text), "prefers-color-scheme: dark")
	for theme, test := range map[string]struct{ block, surface string }{"light": {light, "--surface: #ffffff;"}, "dark": {dark[:strings.Index(dark, ".chart {")], "--surface: #1a2226;"}} {
		surface := parseColours(test.surface)["surface"]
		colours := parseColours(test.block)
		if len(colours) != chartStyles {
			t.Errorf("%s has %d colours, want %d", theme, len(colours), chartStyles)
		}
		for name, colour := range colours {
			if got := contrast(colour, surface); got < 4.5 {
				t.Errorf("%s: --%s: got %.2f, want at least 4.5", theme, name, got)
			}
		}
	}
}
