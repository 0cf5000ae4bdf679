package metric

import (
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/google/uuid"

	"konote/app/i18n"
	"konote/app/view"
	"konote/app/web"
)

// form is a metric as its page shows it: numbers as they were typed, rows that may be empty.
type form struct {
	Metric  Metric
	Whose   string            // program as it was chosen: "all" or its id
	Numbers map[string]string // by field
	Options []optionRow
	Bands   []bandRow
	Why     string        // it is made or changed
	Every   string        // days, as typed
	Places  []view.Option // programs in which one of the whole agency may be taken by itself
	Keep    view.Draft
}

type optionRow struct {
	Value, EN, FR string
	Achieved      bool
}

type bandRow struct{ From, To, EN, FR string }

// numberFields are the numbers of a metric that may be empty, in the order of the form.
var numberFields = []struct {
	name  string
	label i18n.Key
	of    func(*Metric) **float64
}{
	{"low", i18n.MetricLow, func(m *Metric) **float64 { return &m.Low }},
	{"high", i18n.MetricHigh, func(m *Metric) **float64 { return &m.High }},
	{"goal", i18n.MetricGoal, func(m *Metric) **float64 { return &m.Goal }},
	{"warn_low", i18n.MetricWarnLow, func(m *Metric) **float64 { return &m.WarnLow }},
	{"warn_high", i18n.MetricWarnHigh, func(m *Metric) **float64 { return &m.WarnHigh }},
	{"unlikely_low", i18n.MetricUnlikelyLow, func(m *Metric) **float64 { return &m.UnlikelyLow }},
	{"unlikely_high", i18n.MetricUnlikelyHigh, func(m *Metric) **float64 { return &m.UnlikelyHigh }},
}

const (
	everybody     = "all" // of "Whose": the whole agency
	maxName       = 120
	maxDefinition = 500
	maxUnit       = 40
	maxWord       = 60
	spareRows     = 2  // empty rows at the end
	maxRows       = 20 // of answers or bands; more is not a scale
	maxPlaces     = 500
)

// formOf is a metric to be changed.
func formOf(p *i18n.Printer, m Metric) form {
	f := form{Metric: m, Numbers: map[string]string{}, Whose: everybody, Every: days(m.EveryDays)}
	if m.Program != nil {
		f.Whose = m.Program.String()
	}
	for _, field := range numberFields {
		if v := *field.of(&m); v != nil {
			f.Numbers[field.name] = typed(p, *v)
		}
	}
	for _, o := range m.Options {
		f.Options = append(f.Options, optionRow{typed(p, o.Value), o.EN, o.FR, o.Achieved})
	}
	for _, b := range m.Bands {
		f.Bands = append(f.Bands, bandRow{typed(p, b.From), typed(p, b.To), b.EN, b.FR})
	}
	return f.withRows(0)
}

func days(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// typed is a number as the reader would type it.
func typed(p *i18n.Printer, v float64) string {
	if p.French() {
		return decimalComma.Replace(plain(v))
	}
	return plain(v)
}

// withRows adds empty rows for what is still to come.
func (f form) withRows(more int) form {
	grow := func(n int) int { return min(n+spareRows+more, maxRows) - n }
	f.Options = append(f.Options, make([]optionRow, max(0, grow(len(f.Options))))...)
	f.Bands = append(f.Bands, make([]bandRow, max(0, grow(len(f.Bands))))...)
	return f
}

// decode reads what a page sent over the metric as it is. Kind and owner of a metric that
// is there do not change.
func decode(r *web.Request, from Metric) (form, view.Problems) {
	m := from
	m.NameEN, m.NameFR = r.Value("name_en"), r.Value("name_fr")
	m.DefinitionEN, m.DefinitionFR = r.Value("definition_en"), r.Value("definition_fr")
	m.UnitEN, m.UnitFR = r.Value("unit_en"), r.Value("unit_fr")
	m.Category, m.Better = Category(r.Value("category")), Better(r.Value("better"))
	m.Universal = r.Checked("is_universal")
	m.Decimals, _ = strconv.Atoi(r.Value("decimals")) // a broken number is whole numbers
	m.CadenceNotes, _ = strconv.Atoi(r.Value("cadence_notes"))
	m.ReviewDays, _ = strconv.Atoi(r.Value("review_days"))
	m.Decimals = min(max(m.Decimals, 0), 2)
	f := form{Whose: r.Value("program"), Why: r.Value("why"), Numbers: map[string]string{}}
	if from.Version == 0 {
		m.Kind = Kind(r.Value("kind"))
		m.Program = nil
		if id, err := uuid.Parse(f.Whose); err == nil {
			m.Program = &id
		}
	} else {
		m.Version, _ = strconv.Atoi(r.Value("version")) // a broken number is a version that does not exist: a conflict
	}
	problems := append(m.checkWords(), f.readAssessment(r, &m)...)
	if m.Kind != Scale {
		m.Better, m.Decimals, m.UnitEN, m.UnitFR = Higher, 0, "", ""
	}
	problems = append(problems, f.readNumbers(r, &m)...)
	problems = append(problems, f.readOptions(r, &m)...)
	if !problems.Any() {
		problems = m.checkScale()
	}
	bands := f.readBands(r, &m)
	if !problems.Any() { // bands are held against the scale
		problems = bands
	}
	problems = append(problems, checkReason(from, m, f.Why)...)
	f.Metric = m
	more := 0
	if r.Value("then") == "rows" {
		more = 5
	}
	return f.withRows(more), problems
}

// checkWords says what is wrong with what needs no arithmetic.
func (m Metric) checkWords() view.Problems {
	var problems view.Problems
	for _, text := range []struct {
		label        i18n.Key
		field, value string
		limit        int
		wanted       i18n.Message
	}{
		{i18n.MetricNameEn, "name_en", m.NameEN, maxName, i18n.MetricNameWanted},
		{i18n.MetricNameFr, "name_fr", m.NameFR, maxName, i18n.MetricNameWanted},
		{i18n.MetricDefinitionEn, "definition_en", m.DefinitionEN, maxDefinition, nil},
		{i18n.MetricDefinitionFr, "definition_fr", m.DefinitionFR, maxDefinition, nil},
		{i18n.MetricUnitEn, "unit_en", m.UnitEN, maxUnit, nil},
		{i18n.MetricUnitFr, "unit_fr", m.UnitFR, maxUnit, nil},
	} {
		switch {
		case text.value == "" && text.wanted != nil:
			problems.AddOf(text.label, text.field, text.wanted)
		case utf8.RuneCountInString(text.value) > text.limit:
			problems.AddOf(text.label, text.field, i18n.FormTooLong(text.limit))
		}
	}
	if !slices.Contains(Categories, m.Category) {
		problems.Add("category", i18n.MetricCategoryWanted)
	}
	if !slices.Contains(Kinds, m.Kind) {
		problems.Add("kind", i18n.MetricKindWanted)
	}
	if m.Kind == Scale && m.Better != Higher && m.Better != Lower {
		problems.Add("better", i18n.MetricBetterWanted)
	}
	if m.CadenceNotes < 1 || m.CadenceNotes > 52 {
		problems.Add("cadence_notes", i18n.MetricCadenceWanted)
	}
	if m.ReviewDays < 7 || m.ReviewDays > 730 {
		problems.Add("review_days", i18n.MetricReviewWanted)
	}
	return problems
}

// readAssessment reads when the metric is taken by itself. Which programs are asked only of
// one that is the whole agency's.
func (f *form) readAssessment(r *web.Request, m *Metric) (problems view.Problems) {
	if !m.Assessable() {
		return nil
	}
	f.Every = r.Value("every_days")
	n, err := strconv.Atoi(f.Every)
	m.Assessment = Assessment{Apart: r.Checked("is_assessment"), AtIntake: r.Checked("at_intake"), EveryDays: n, AtDischarge: r.Checked("at_discharge")}
	switch broken := f.Every != "" && (err != nil || n < 7 || n > 730); {
	case broken && !m.Apart: // nobody was shown the field
		m.EveryDays = usually.EveryDays
	case broken:
		problems.Add("every_days", i18n.MetricEveryWanted)
	case m.Apart && !m.AtIntake && n == 0 && !m.AtDischarge:
		problems.Add("at_intake", i18n.MetricApartWanted)
	}
	for _, text := range r.Form["assessed_in"] {
		if id, err := uuid.Parse(text); err == nil && m.Program == nil && len(m.In) < maxPlaces && !slices.Contains(m.In, id) {
			m.In = append(m.In, id)
		}
	}
	return problems
}

// readNumbers reads the limits and the goal of a scale.
func (f *form) readNumbers(r *web.Request, m *Metric) view.Problems {
	var problems view.Problems
	for _, field := range numberFields {
		text := r.Value(field.name)
		f.Numbers[field.name] = text
		*field.of(m) = nil
		if text == "" || m.Kind != Scale {
			continue
		}
		v, problem := parseNumber(r.P, text, m.Decimals)
		if problem != nil {
			problems.AddOf(field.label, field.name, problem)
			continue
		}
		*field.of(m) = &v
	}
	return problems
}

// rowsOf counts the rows of a list that a page sent.
func rowsOf(r *web.Request, list string) int {
	n := 0
	for n < maxRows && r.Form.Has(list+"-"+strconv.Itoa(n+1)+"-en") {
		n++
	}
	return n
}

func (f *form) readOptions(r *web.Request, m *Metric) view.Problems {
	m.Options = nil
	for i := range rowsOf(r, "option") {
		name := "option-" + strconv.Itoa(i+1)
		row := optionRow{r.Value(name + "-value"), r.Value(name + "-en"), r.Value(name + "-fr"), r.Checked(name + "-achieved")}
		if row == (optionRow{}) {
			continue
		}
		f.Options = append(f.Options, row)
		if m.Kind == OpenText {
			continue
		}
		v, problem := parseNumber(r.P, row.Value, 0)
		if problem != nil || !named(row.EN, row.FR) {
			return view.Problems{{Field: name + "-value", Text: i18n.MetricOptionsWhole}}
		}
		if _, twice := m.option(v); twice {
			return view.Problems{{Field: name + "-value", Text: i18n.MetricOptionsTwice}}
		}
		m.Options = append(m.Options, Option{Value: v, EN: row.EN, FR: row.FR, Achieved: row.Achieved && m.Kind == Achievement})
	}
	slices.SortFunc(m.Options, func(a, b Option) int { return int(a.Value - b.Value) })
	switch {
	case m.Kind == OpenText:
	case len(m.Options) == 1, m.Kind == Achievement && len(m.Options) == 0:
		return view.Problems{{Field: "option-1-value", Text: i18n.MetricOptionsWanted}}
	case m.Kind == Achievement && !slices.ContainsFunc(m.Options, func(o Option) bool { return o.Achieved }):
		return view.Problems{{Field: "option-1-achieved", Text: i18n.MetricOptionsAchievedWanted}}
	case len(m.Options) > 0 && m.Kind == Scale:
		m.Low, m.High, m.Decimals = new(m.Options[0].Value), new(m.Options[len(m.Options)-1].Value), 0
	}
	return nil
}

func (f *form) readBands(r *web.Request, m *Metric) view.Problems {
	m.Bands = nil
	for i := range rowsOf(r, "band") {
		name := "band-" + strconv.Itoa(i+1)
		row := bandRow{r.Value(name + "-from"), r.Value(name + "-to"), r.Value(name + "-en"), r.Value(name + "-fr")}
		if row == (bandRow{}) {
			continue
		}
		f.Bands = append(f.Bands, row)
		if m.Kind != Scale {
			continue
		}
		from, wrong := parseNumber(r.P, row.From, m.Decimals)
		to, wrong2 := parseNumber(r.P, row.To, m.Decimals)
		if wrong != nil || wrong2 != nil || !named(row.EN, row.FR) {
			return view.Problems{{Field: name + "-from", Text: i18n.MetricBandsWhole}}
		}
		if from > to || (len(m.Bands) > 0 && from <= m.Bands[len(m.Bands)-1].To) || !m.has(from) || !m.has(to) {
			return view.Problems{{Field: name + "-from", Text: i18n.MetricBandsOrder}}
		}
		m.Bands = append(m.Bands, Band{From: from, To: to, EN: row.EN, FR: row.FR})
	}
	return nil
}

func named(en, fr string) bool {
	return en != "" && fr != "" && utf8.RuneCountInString(en) <= maxWord && utf8.RuneCountInString(fr) <= maxWord
}

// has says whether a value lies within the hard limits.
func (m Metric) has(v float64) bool {
	return (m.Low == nil || v >= *m.Low) && (m.High == nil || v <= *m.High)
}

// checkScale holds the limits against each other: all that are given have to rise.
func (m Metric) checkScale() view.Problems {
	var problems view.Problems
	if m.Low != nil && m.High != nil && *m.Low >= *m.High {
		problems.Add("high", i18n.MetricLimitsRange)
		return problems
	}
	rising := []struct {
		label i18n.Key
		field string
		v     *float64
	}{
		{i18n.MetricLow, "low", m.Low}, {i18n.MetricUnlikelyLow, "unlikely_low", m.UnlikelyLow}, {i18n.MetricWarnLow, "warn_low", m.WarnLow},
		{i18n.MetricWarnHigh, "warn_high", m.WarnHigh}, {i18n.MetricUnlikelyHigh, "unlikely_high", m.UnlikelyHigh}, {i18n.MetricHigh, "high", m.High},
	}
	var before *float64
	for _, limit := range rising {
		if limit.v == nil {
			continue
		}
		if before != nil && *limit.v < *before {
			problems.AddOf(limit.label, limit.field, i18n.MetricLimitsOrder)
			return problems
		}
		before = limit.v
	}
	if m.Goal != nil && !m.has(*m.Goal) {
		problems.AddOf(i18n.MetricGoal, "goal", i18n.MetricGoalOutside)
	}
	return problems
}
