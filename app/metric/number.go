package metric

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"konote/app/i18n"
)

const nbsp = "\u00a0"

// number writes a number as the reader does: 1,234.5 or 1 234,5. A whole number has no
// decimals; another one has all it may have.
func number(p *i18n.Printer, v float64, decimals int) string {
	if math.IsNaN(v) || math.Abs(v) > 1e15 {
		return "–"
	}
	text := strconv.FormatFloat(math.Abs(v), 'f', decimals, 64)
	whole, rest, _ := strings.Cut(text, ".")
	n, _ := strconv.Atoi(whole) // digits, fewer than 17
	written := p.Number(n)
	if strings.Trim(rest, "0") != "" {
		written += either(p, ".", ",") + rest
	}
	if v < 0 && strings.Trim(text, "0.") != "" {
		return "−" + written
	}
	return written
}

// plain is a number as a form and a check box carry it.
func plain(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// Format says a value: a number, or the answer that an achievement stands for.
func (m Metric) Format(p *i18n.Printer, v float64) string {
	if option, ok := m.option(v); ok && m.Kind == Achievement {
		return option.Name(p)
	}
	return number(p, v, m.Decimals)
}

// Unit is what its numbers count, for many: "nights".
func (m Metric) Unit(p *i18n.Printer) string {
	one, many, two := strings.Cut(either(p, m.UnitEN, m.UnitFR), "|")
	if two {
		return many
	}
	return one
}

// WithUnit says a value with its unit: 12 nights, 85%, $1,500 per month.
func (m Metric) WithUnit(p *i18n.Printer, v float64) string {
	said := m.Format(p, v)
	unit := m.Unit(p)
	if one, _, two := strings.Cut(either(p, m.UnitEN, m.UnitFR), "|"); two && singular(p, v) {
		unit = one
	}
	switch {
	case unit == "" || m.Kind != Scale:
		return said
	case strings.HasPrefix(unit, "$") && !p.French():
		return "$" + said + strings.TrimPrefix(unit, "$")
	case unit == "%" && !p.French():
		return said + "%"
	}
	return said + nbsp + unit
}

func singular(p *i18n.Printer, v float64) bool {
	if p.French() {
		return math.Abs(v) < 2
	}
	return v == 1
}

// Placed says a value and where it lies: 12 · Moderate, 4 · Quite.
func (m Metric) Placed(p *i18n.Printer, v float64) string {
	said := m.WithUnit(p, v)
	if m.Kind != Scale {
		return said
	}
	if option, ok := m.option(v); ok {
		return said + " · " + option.Name(p)
	}
	if band, ok := m.band(v); ok {
		return said + " · " + band.Name(p)
	}
	return said
}

// Range says what values are possible, with their unit: "0 to 27", "$0 per month or more", or "".
func (m Metric) Range(p *i18n.Printer) string {
	switch {
	case m.Low != nil && m.High != nil:
		low := number(p, *m.Low, m.Decimals)
		if strings.HasPrefix(m.Unit(p), "$") && !p.French() {
			low = "$" + low
		}
		return p.T(i18n.MetricRange(low, m.WithUnit(p, *m.High)))
	case m.Low != nil:
		return p.T(i18n.MetricRangeFrom(m.WithUnit(p, *m.Low)))
	case m.High != nil:
		return p.T(i18n.MetricRangeTo(m.WithUnit(p, *m.High)))
	}
	return ""
}

// Answer is what somebody answered: a number, words, or nothing.
type Answer struct {
	Value *float64
	Words string
}

// Empty says that nothing was answered.
func (a Answer) Empty() bool { return a.Value == nil && a.Words == "" }

const maxWords = 2000

// Parse reads an answer as it was typed, in either language's way of writing numbers. The
// message says what is wrong, nil when nothing is. Nothing typed is an empty Answer. A
// metric that KoNote counts takes none.
func (m Metric) Parse(p *i18n.Printer, text string) (Answer, i18n.Message) {
	text = strings.TrimSpace(text)
	switch {
	case text == "" || !m.Typed():
		return Answer{}, nil
	case m.Kind == OpenText:
		if utf8.RuneCountInString(text) > maxWords {
			return Answer{}, i18n.FormTooLong(maxWords)
		}
		return Answer{Words: text}, nil
	case len(m.Options) > 0:
		v, err := strconv.ParseFloat(text, 64)
		if _, ok := m.option(v); err != nil || !ok {
			return Answer{}, i18n.MetricAnswerWanted
		}
		return Answer{Value: &v}, nil
	}
	v, problem := m.parseOnScale(p, text)
	return Answer{Value: v}, problem
}

// ParseGoal reads a target's goal on the metric's scale; "" is no goal.
func (m Metric) ParseGoal(p *i18n.Printer, text string) (*float64, i18n.Message) {
	if strings.TrimSpace(text) == "" || m.Kind != Scale {
		return nil, nil
	}
	return m.parseOnScale(p, text)
}

// parseOnScale reads a number that the scale has.
func (m Metric) parseOnScale(p *i18n.Printer, text string) (*float64, i18n.Message) {
	v, problem := parseNumber(p, text, m.Decimals)
	if problem != nil {
		return nil, problem
	}
	if (m.Low != nil && v < *m.Low) || (m.High != nil && v > *m.High) {
		return nil, i18n.MetricNumberOutside(m.Range(p))
	}
	return &v, nil
}

var (
	numberForm    = regexp.MustCompile(`^[-−]?\d{1,12}([.,]\d{1,12})?$`)
	thousandsForm = regexp.MustCompile(`^[-−]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?$`)
	// decimalComma writes a number as French does.
	decimalComma = strings.NewReplacer(".", ",")
	// noise is what people write around a number.
	noise = strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "", "$", "", "%", "", "−", "-")
)

// parseNumber reads 3.5, 3,5, 1 500, 1,500.50 and $1500. A comma before three digits is
// thousands in English; in French nobody knows, so it asks.
func parseNumber(p *i18n.Printer, text string, decimals int) (float64, i18n.Message) {
	text = noise.Replace(strings.TrimSpace(text))
	if thousandsForm.MatchString(text) {
		if p.French() && strings.Count(text, ",") == 1 && !strings.Contains(text, ".") {
			return 0, i18n.MetricNumberUnclear
		}
		text = strings.ReplaceAll(text, ",", "")
	}
	if !numberForm.MatchString(text) {
		return 0, i18n.MetricNumberWanted
	}
	text = strings.Replace(text, ",", ".", 1)
	if _, rest, _ := strings.Cut(text, "."); len(strings.TrimRight(rest, "0")) > decimals {
		if decimals == 0 {
			return 0, i18n.MetricNumberWhole
		}
		return 0, i18n.MetricNumberDecimals(decimals)
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, i18n.MetricNumberWanted
	}
	return v + 0, nil // -0 is 0
}
