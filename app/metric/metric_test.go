package metric

import (
	"math"
	"net/url"
	"slices"
	"strings"
	"testing"

	"konote/app/i18n"
)

var (
	english = i18n.NewPrinter("en", nil, nil)
	french  = i18n.NewPrinter("fr", nil, nil)
)

// fromLibrary is a measure of the library.
func fromLibrary(t *testing.T, key string) Metric {
	t.Helper()
	library := Library()
	i := slices.IndexFunc(library, func(m Metric) bool { return m.LibraryKey == key })
	if i < 0 {
		t.Fatalf("the library has no %s", key)
	}
	return library[i]
}

func TestTheLibraryIsWhole(t *testing.T) {
	t.Parallel()
	library := Library()
	if len(library) != 32 {
		t.Errorf("it has %d measures, want 32", len(library))
	}
	seen := map[string]bool{}
	for _, m := range library {
		if seen[m.LibraryKey] {
			t.Errorf("%s is there twice", m.LibraryKey)
		}
		seen[m.LibraryKey] = true
		if problems := append(m.checkWords(), m.checkScale()...); problems.Any() {
			t.Errorf("%s could not be saved as it is: %v", m.LibraryKey, problems)
		}
		if m.NameEN == m.NameFR || (m.Kind != OpenText && m.Category != Experience && (m.DefinitionEN == "" || m.DefinitionFR == "")) {
			t.Errorf("%s lacks words in a language", m.LibraryKey)
		}
		for _, text := range []string{m.NameFR, m.DefinitionFR} {
			if strings.Contains(text, "'") {
				t.Errorf("%s: a straight apostrophe in %q", m.LibraryKey, text)
			}
		}
		if m.Kind == Achievement && !slices.ContainsFunc(m.Options, func(o Option) bool { return o.Achieved }) {
			t.Errorf("%s: no answer counts as achieved", m.LibraryKey)
		}
		if m.Goal != nil && m.High != nil && m.Low != nil && m.Better == Lower && *m.Goal == *m.High {
			t.Errorf("%s: the goal is the worst value", m.LibraryKey)
		}
		for i, band := range m.Bands {
			if (i == 0 && band.From != *m.Low) || (i > 0 && band.From != m.Bands[i-1].To+1) || (i == len(m.Bands)-1 && band.To != *m.High) {
				t.Errorf("%s: band %d leaves a hole", m.LibraryKey, i+1)
			}
		}
	}
	for key, want := range map[string]Better{"phq9": Lower, "gad7": Lower, "k10": Lower, "shelter_nights": Lower, "monthly_income": Higher, "goal_progress": Higher} {
		if got := fromLibrary(t, key).Better; got != want {
			t.Errorf("%s: better is %s, want %s", key, got, want)
		}
	}
}

func TestReadingANumber(t *testing.T) {
	t.Parallel()
	hours, income, phq9 := fromLibrary(t, "hours_worked"), fromLibrary(t, "monthly_income"), fromLibrary(t, "phq9")
	for _, test := range []struct {
		name    string
		metric  Metric
		printer *i18n.Printer
		text    string
		want    float64 // NaN: refused
	}{
		{"a point", hours, english, "3.5", 3.5},
		{"a comma", hours, english, "3,5", 3.5},
		{"a comma in French", hours, french, "3,5", 3.5},
		{"a point in French", hours, french, "3.5", 3.5},
		{"spaces around", hours, french, " 12 ", 12},
		{"thousands in French", income, french, "1 500,50 $", 1500.5},
		{"thousands with narrow spaces", income, french, "1\u202f500", 1500},
		{"thousands in English", income, english, "$1,500.50", 1500.5},
		{"a comma before three digits in English", income, english, "1,500", 1500},
		{"a comma before three digits in French", income, french, "1,500", math.NaN()},
		{"two groups in French", income, french, "1,500,000", 1500000},
		{"the least", phq9, english, "0", 0},
		{"the most", phq9, english, "27", 27},
		{"trailing zeros", phq9, english, "12.0", 12},
		{"one more", phq9, english, "28", math.NaN()},
		{"less than nothing", phq9, english, "-1", math.NaN()},
		{"a typographic minus", phq9, english, "−1", math.NaN()},
		{"minus nothing", phq9, english, "-0", 0},
		{"a fraction of a whole", phq9, english, "4.5", math.NaN()},
		{"too many decimals", hours, english, "3.55", math.NaN()},
		{"words", phq9, english, "seven", math.NaN()},
		{"not a number", phq9, english, "NaN", math.NaN()},
		{"infinity", income, english, "Inf", math.NaN()},
		{"an exponent", income, english, "1e5", math.NaN()},
		{"hexadecimal", income, english, "0x10", math.NaN()},
		{"a very long one", income, english, strings.Repeat("9", 40), math.NaN()},
		{"a point alone", income, english, ".", math.NaN()},
		{"two points", income, english, "1.2.3", math.NaN()},
		{"one of the steps", fromLibrary(t, "feeling_today"), english, "5", 5},
		{"no step", fromLibrary(t, "feeling_today"), english, "6", math.NaN()},
		{"half a step", fromLibrary(t, "feeling_today"), english, "2.5", math.NaN()},
		{"an answer", fromLibrary(t, "job_placement"), french, "4", 4},
		{"an answer that there is not", fromLibrary(t, "job_placement"), french, "NaN", math.NaN()},
	} {
		answer, problem := test.metric.Parse(test.printer, test.text)
		if refused := math.IsNaN(test.want); refused != (problem != nil) {
			t.Errorf("%s (%q): got %v, want refused: %v", test.name, test.text, problem, refused)
		} else if !refused && (answer.Value == nil || *answer.Value != test.want || math.Signbit(*answer.Value)) {
			t.Errorf("%s (%q): got %v, want %v", test.name, test.text, answer.Value, test.want)
		}
	}
}

func TestWordsAreWordsAndNothingIsNothing(t *testing.T) {
	t.Parallel()
	open := fromLibrary(t, "experience_good")
	if answer, problem := open.Parse(english, " The tea. "); problem != nil || answer.Words != "The tea." || answer.Value != nil {
		t.Errorf("words: got %v %v", answer, problem)
	}
	if _, problem := open.Parse(english, strings.Repeat("é", maxWords+1)); problem == nil {
		t.Error("too many words pass")
	}
	if answer, problem := fromLibrary(t, "sessions_month").Parse(english, "5"); problem != nil || !answer.Empty() {
		t.Errorf("what is counted was typed: got %v %v", answer, problem)
	}
	if answer, problem := fromLibrary(t, "phq9").Parse(english, "  "); problem != nil || !answer.Empty() {
		t.Errorf("nothing: got %v %v", answer, problem)
	}
}

func TestSayingANumber(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		key    string
		value  float64
		en, fr string
	}{
		{"hours_worked", 37.5, "37.5 hours", "37,5 heures"},
		{"hours_worked", 1, "1 hour", "1 heure"},
		{"hours_worked", 1.5, "1.5 hours", "1,5 heure"},
		{"shelter_nights", 0, "0 nights", "0 nuit"},
		{"monthly_income", 1500, "$1,500", "1 500 $"},
		{"monthly_income", 1500.5, "$1,500.50", "1 500,50 $"},
		{"school_attendance", 85, "85%", "85 %"},
		{"phq9", 7, "7", "7"},
		{"job_placement", 2, "Looking", "En recherche"},
	} {
		m := fromLibrary(t, test.key)
		for language, want := range map[*i18n.Printer]string{english: test.en, french: test.fr} {
			if got := spaced(m.WithUnit(language, test.value)); got != want {
				t.Errorf("%s %v: got %q, want %q", test.key, test.value, got, want)
			}
		}
	}
	for _, v := range []float64{math.NaN(), math.Inf(1), 1e300} {
		if got := number(english, v, 2); got != "–" {
			t.Errorf("%v: got %q", v, got)
		}
	}
	if got := number(english, -0.001, 2); got != "0" {
		t.Errorf("almost nothing: got %q, want 0", got)
	}
}

// spaced makes every space an ordinary one.
func spaced(text string) string {
	return strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(text)
}

func TestEachLimitAsksFromTheFirstValueBeyondIt(t *testing.T) {
	t.Parallel()
	m := Metric{Kind: Scale, Low: new(0.0), High: new(168.0), UnlikelyLow: new(2.0), WarnLow: new(5.0), WarnHigh: new(60.0), UnlikelyHigh: new(100.0), Decimals: 1}
	for value, want := range map[float64]int{0: 2, 1.9: 2, 2: 1, 4.9: 1, 5: 0, 30: 0, 60: 0, 60.1: 1, 100: 1, 100.1: 2, 168: 2} {
		if got := m.Level(value); got != want {
			t.Errorf("%v: got level %d, want %d", value, got, want)
		}
	}
}

func TestAConfirmationIsForOneValue(t *testing.T) {
	t.Parallel()
	m := fromLibrary(t, "hours_worked")
	for _, test := range []struct {
		name      string
		form      url.Values
		fine      bool
		confirmed int
	}{
		{"usual", url.Values{"h": {"40"}}, true, 0},
		{"unusual", url.Values{"h": {"70"}}, false, 0},
		{"unusual, confirmed", url.Values{"h": {"70"}, "h-sure": {"70"}}, true, 1},
		{"unusual, confirmed as it was written in French", url.Values{"h": {"70,5"}, "h-sure": {"70.5"}}, true, 1},
		{"another value was confirmed", url.Values{"h": {"71"}, "h-sure": {"70"}}, false, 0},
		{"very unlikely", url.Values{"h": {"150"}}, false, 0},
		{"very unlikely, confirmed once", url.Values{"h": {"150"}, "h-sure": {"150"}}, false, 0},
		{"very unlikely, second box only", url.Values{"h": {"150"}, "h-sure2": {"150"}}, false, 0},
		{"very unlikely, confirmed twice", url.Values{"h": {"150"}, "h-sure": {"150"}, "h-sure2": {"150"}}, true, 2},
		{"impossible, confirmed twice", url.Values{"h": {"169"}, "h-sure": {"169"}, "h-sure2": {"169"}}, false, 0},
		{"nothing", url.Values{}, true, 0},
	} {
		e := Read(french, test.form, m, "h")
		if got := e.Problem() == nil; got != test.fine {
			t.Errorf("%s: may be saved: got %v, want %v (%v)", test.name, got, test.fine, e.Problem())
		}
		if e.Confirmed != test.confirmed {
			t.Errorf("%s: confirmed %d, want %d", test.name, e.Confirmed, test.confirmed)
		}
	}
}

func TestWhatWasAskedIsRememberedAsKeptOrCorrected(t *testing.T) {
	t.Parallel()
	m := fromLibrary(t, "hours_worked")
	for _, test := range []struct {
		name string
		form url.Values
		want []check
	}{
		{"never asked", url.Values{"h": {"40"}}, nil},
		{"kept", url.Values{"h": {"70"}, "h-asked": {"70"}, "h-sure": {"70"}}, []check{{70, 60, 1, true}}},
		{"corrected", url.Values{"h": {"15"}, "h-asked": {"150"}}, []check{{150, 100, 2, false}}},
		{"taken away", url.Values{"h": {""}, "h-asked": {"150"}}, []check{{150, 100, 2, false}}},
		{"corrected into another unusual one", url.Values{"h": {"70"}, "h-asked": {"150"}, "h-sure": {"70"}}, []check{{150, 100, 2, false}, {70, 60, 1, true}}},
		{"asked about what does not surprise", url.Values{"h": {"40"}, "h-asked": {"41", "x", "NaN", "1e999"}}, nil},
		{"more than anybody types", url.Values{"h": {"40"}, "h-asked": {"61", "62", "63", "64", "65", "66", "67"}},
			[]check{{61, 60, 1, false}, {62, 60, 1, false}, {63, 60, 1, false}, {64, 60, 1, false}, {65, 60, 1, false}}},
	} {
		if got := Read(english, test.form, m, "h").checks(); !slices.Equal(got, test.want) {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}

func TestOfferedAreTheAgencysAndTheProgramsOwn(t *testing.T) {
	t.Parallel()
	mine, other := newProgram(), newProgram()
	all := []Metric{{NameEN: "agency", Status: Active}, {NameEN: "mine", Program: &mine, Status: Active},
		{NameEN: "other", Program: &other, Status: Active}, {NameEN: "off", Status: Archived}}
	var names []string
	for _, m := range Offered(all, mine) {
		names = append(names, m.NameEN)
	}
	if want := []string{"agency", "mine"}; !slices.Equal(names, want) {
		t.Errorf("got %v, want %v", names, want)
	}
}

func FuzzReadingANumberNeverPassesItsLimits(f *testing.F) {
	for _, text := range []string{"3,5", "1 500", "-0", "1,2,3", "٣", "9e9", "00027", "−12.50"} {
		f.Add(text, true)
		f.Add(text, false)
	}
	m := Metric{Kind: Scale, Low: new(-5.0), High: new(168.0), Decimals: 1}
	f.Fuzz(func(t *testing.T, text string, inFrench bool) {
		p := english
		if inFrench {
			p = french
		}
		answer, problem := m.Parse(p, text)
		if problem != nil || answer.Value == nil {
			return
		}
		if v := *answer.Value; v < -5 || v > 168 || math.Abs(v*10-math.Round(v*10)) > 1e-9 {
			t.Errorf("%q became %v", text, v)
		}
	})
}

func TestWhatIsPossibleIsSaidWithItsUnit(t *testing.T) {
	t.Parallel()
	money := Metric{Kind: Scale, Low: new(0.0), UnitEN: "$", UnitFR: "$"}
	nights := Metric{Kind: Scale, Low: new(0.0), High: new(31.0), UnitEN: "night|nights", UnitFR: "nuit|nuits"}
	both := money
	both.High = new(900.0)
	for _, c := range []struct{ got, want string }{
		{money.Range(english), "$0 or more"},
		{money.Range(french), "0\u00a0$ ou plus"},
		{both.Range(english), "$0 to $900"},
		{nights.Range(english), "0 to 31\u00a0nights"},
		{nights.Range(french), "de 0 à 31\u00a0nuits"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}
