package i18n

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Key names a message without arguments.
type Key string

// Message is something a Printer can say: a Key, or a key with its arguments.
type Message interface{ parts() (Key, []string, int) }

func (k Key) parts() (Key, []string, int) { return k, nil, 0 }

// A filled message is what generated functions return.
type filled struct {
	key   Key
	pairs []string // name, value, name, value …
	n     int
}

func (f filled) parts() (Key, []string, int) { return f.key, f.pairs, f.n }

var catalogue = sync.OnceValue(func() map[Key]Entry {
	entries, err := Parse(catalogueFiles)
	if err != nil {
		panic(err) // generation has checked the same files
	}
	byKey := make(map[Key]Entry, len(entries))
	for _, entry := range entries {
		byKey[entry.Key] = entry
	}
	return byKey
})

// Printer says things in one language, with one agency's terms, in its time zone.
// It is immutable and safe for concurrent use.
type Printer struct {
	language string
	terms    Terms
	zone     *time.Location
}

// NewPrinter makes a printer. Any language but "fr" is English; nil terms are the
// defaults; a nil zone is America/Toronto.
func NewPrinter(language string, terms Terms, zone *time.Location) *Printer {
	if language != "fr" {
		language = "en"
	}
	if terms == nil {
		terms = DefaultTerms
	}
	if zone == nil {
		zone = Toronto()
	}
	return &Printer{language: language, terms: terms, zone: zone}
}

// Toronto is the default time zone.
var Toronto = sync.OnceValue(func() *time.Location {
	zone, err := time.LoadLocation("America/Toronto")
	if err != nil {
		panic(err) // the binary embeds the zones (time/tzdata)
	}
	return zone
})

// Language is "en" or "fr".
func (p *Printer) Language() string { return p.language }

// Tag is the BCP 47 tag of the language as spoken here: en-CA or fr-CA.
func (p *Printer) Tag() string { return p.language + "-CA" }

// French says whether this printer speaks French.
func (p *Printer) French() bool { return p.language == "fr" }

// Other is a printer of the other official language with the same terms and zone.
func (p *Printer) Other() *Printer {
	other := "fr"
	if p.French() {
		other = "en"
	}
	return NewPrinter(other, p.terms, p.zone)
}

// Zone is the agency's time zone.
func (p *Printer) Zone() *time.Location { return p.zone }

// T says a message. An unknown key cannot happen with generated messages; it gives
// the key itself, which the tests look for.
func (p *Printer) T(m Message) string {
	if m == nil {
		return ""
	}
	key, pairs, n := m.parts()
	entry, ok := catalogue()[key]
	if !ok {
		return string(key)
	}
	text, ok := entry.Forms[p.language]
	if !ok {
		text = entry.Forms[p.language+"."+p.plural(n)]
	}
	if !strings.Contains(text, "{") {
		return text
	}
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "{")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed {
			return b.String() + "{" + rest
		}
		b.WriteString(p.slot(name, pairs, n))
		text = after
	}
}

// slot is what stands in the place of {name}.
func (p *Printer) slot(name string, pairs []string, n int) string {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i] == name {
			return pairs[i+1]
		}
	}
	if name == "n" {
		return p.Number(n)
	}
	if term, ok := parseTerm(name); ok {
		return term.render(p.language, p.terms)
	}
	return "{" + name + "}"
}

// plural is the CLDR category: in French 0 is singular too.
func (p *Printer) plural(n int) string {
	if n == 1 || (n == 0 && p.French()) {
		return "one"
	}
	return "other"
}

const (
	narrow = "\u202f" // narrow no-break space
	nbsp   = "\u00a0"
)

// Number writes a whole number: 12,345 or 12 345.
func (p *Printer) Number(n int) string {
	digits := strconv.Itoa(n)
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "−", digits[1:]
	}
	separator := ","
	if p.French() {
		separator = narrow
	}
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteString(separator)
		}
		b.WriteRune(d)
	}
	return sign + b.String()
}

var (
	daysEN   = [...]string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"}
	daysFR   = [...]string{"dim.", "lun.", "mar.", "mer.", "jeu.", "ven.", "sam."}
	monthsEN = [...]string{"Jan.", "Feb.", "March", "April", "May", "June", "July", "Aug.", "Sept.", "Oct.", "Nov.", "Dec."}
	monthsFR = [...]string{"janv.", "févr.", "mars", "avr.", "mai", "juin", "juill.", "août", "sept.", "oct.", "nov.", "déc."}
)

// Date writes a calendar date with its weekday: Tue, Feb. 10, 2026 or mar. 10 févr. 2026.
func (p *Printer) Date(year int, month time.Month, day int) string {
	weekday := time.Date(year, month, day, 12, 0, 0, 0, time.UTC).Weekday()
	if p.French() {
		return daysFR[weekday] + nbsp + p.LongDate(year, month, day)
	}
	return daysEN[weekday] + ", " + p.LongDate(year, month, day)
}

// LongDate writes a calendar date without its weekday: Feb. 10, 2026 or 10 févr. 2026.
func (p *Printer) LongDate(year int, month time.Month, day int) string {
	if p.French() {
		number := strconv.Itoa(day)
		if day == 1 {
			number = "1er"
		}
		return fmt.Sprintf("%s%s%s%s%d", number, nbsp, monthsFR[month-1], nbsp, year)
	}
	return fmt.Sprintf("%s%s%d, %d", monthsEN[month-1], nbsp, day, year)
}

// Day writes the calendar day of an instant in the agency's time zone.
func (p *Printer) Day(t time.Time) string { return p.Date(t.In(p.zone).Date()) }

// Clock writes the time of day in the agency's zone: 2:05 p.m. or 14 h 05, and 14 h on the
// hour.
func (p *Printer) Clock(t time.Time) string {
	t = t.In(p.zone)
	switch {
	case p.French() && t.Minute() == 0:
		return fmt.Sprintf("%d%sh", t.Hour(), nbsp)
	case p.French():
		return fmt.Sprintf("%d%sh%s%02d", t.Hour(), nbsp, nbsp, t.Minute())
	}
	hour, half := t.Hour()%12, "a.m."
	if hour == 0 {
		hour = 12
	}
	if t.Hour() >= 12 {
		half = "p.m."
	}
	return fmt.Sprintf("%d:%02d%s%s", hour, t.Minute(), nbsp, half)
}

// Moment writes day and time: Tue, Feb. 10, 2026, 2:05 p.m.
func (p *Printer) Moment(t time.Time) string {
	separator := ", "
	if p.French() {
		separator = " à "
	}
	return p.Day(t) + separator + p.Clock(t)
}

// Phone writes ten digits as (613) 555-1234 in English and 613 555-1234 in French;
// anything else comes back as it is.
func (p *Printer) Phone(digits string) string {
	if len(digits) != 10 || strings.Trim(digits, "0123456789") != "" {
		return digits
	}
	if p.French() {
		return digits[:3] + nbsp + digits[3:6] + "-" + digits[6:]
	}
	return "(" + digits[:3] + ") " + digits[3:6] + "-" + digits[6:]
}
