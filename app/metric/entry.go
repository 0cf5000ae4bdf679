package metric

import (
	"net/url"
	"slices"
	"strconv"

	"konote/app/i18n"
)

// Entry is one metric's field in a form: what was typed, what it means, and what was
// confirmed. Beside its own name it uses <name>-asked (values that somebody was asked
// about), <name>-sure and <name>-sure2 (check boxes; each carries the value it confirms).
type Entry struct {
	Metric    Metric
	Name      string // of the field: letters, digits and -
	Text      string
	Answer    Answer
	Confirmed int    // 0, 1 though unusual, 2 though very unlikely: as metric_values keeps it
	Last      *Point // set it to show the value before
	LabelText string // set it where the metric's name is not enough

	wrong       i18n.Message
	level       int
	bound       float64
	sure, sure2 bool
	asked       []float64
}

// maxAsked is how many values of one field are remembered as asked about; more is not
// somebody who types.
const maxAsked = 5

// Read reads a metric's field out of a form, a draft, or nothing.
func Read(p *i18n.Printer, form url.Values, m Metric, name string) Entry {
	e := Entry{Metric: m, Name: name, Text: form.Get(name)}
	e.Answer, e.wrong = m.Parse(p, e.Text)
	for _, text := range form[name+"-asked"] {
		v, err := strconv.ParseFloat(text, 64)
		if err == nil && m.Level(v) > 0 && !slices.Contains(e.asked, v) && len(e.asked) < maxAsked {
			e.asked = append(e.asked, v)
		}
	}
	if v := e.Answer.Value; v != nil {
		e.level, e.bound = m.passes(*v)
		e.sure, e.sure2 = form.Get(name+"-sure") == plain(*v), form.Get(name+"-sure2") == plain(*v)
		if e.level > 0 && !slices.Contains(e.asked, *v) {
			e.asked = append(e.asked, *v)
		}
	}
	if e.level > 0 && e.sure && (e.level == 1 || e.sure2) {
		e.Confirmed = e.level
	}
	return e
}

// Empty says that nothing was answered.
func (e Entry) Empty() bool { return e.Answer.Empty() }

// Problem is why the field cannot be saved as it is: a value that is none, or a
// confirmation that still lacks. nil: it can.
func (e Entry) Problem() i18n.Message {
	switch {
	case e.wrong != nil:
		return e.wrong
	case e.level == 0 || e.Confirmed == e.level:
		return nil
	case e.level == 2:
		return i18n.MetricSureTwice
	}
	return i18n.MetricSureOnce
}

// surprise says in words why the value is asked about.
func (e Entry) surprise(p *i18n.Printer) i18n.Message {
	said, bound := e.Metric.WithUnit(p, *e.Answer.Value), e.Metric.WithUnit(p, e.bound)
	above := *e.Answer.Value > e.bound
	switch {
	case e.level == 2 && above:
		return i18n.MetricUnlikelyAbove(said, bound)
	case e.level == 2:
		return i18n.MetricUnlikelyBelow(said, bound)
	case above:
		return i18n.MetricUnusualAbove(said, bound)
	}
	return i18n.MetricUnusualBelow(said, bound)
}

// check is one value that somebody was asked about.
type check struct {
	entered, bound float64
	level          int
	kept           bool
}

// checks are the values that somebody was asked about: kept, or corrected into another.
func (e Entry) checks() []check {
	var checks []check
	for _, v := range e.asked {
		level, bound := e.Metric.passes(v)
		kept := e.Answer.Value != nil && *e.Answer.Value == v
		if kept && e.Confirmed == 0 {
			continue
		}
		checks = append(checks, check{entered: v, bound: bound, level: level, kept: kept})
	}
	return checks
}
