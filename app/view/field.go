package view

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"konote/app/i18n"
)

// ID is an id as a form has it; "" for none.
func ID(id uuid.UUID) string {
	if id == uuid.Nil {
		return ""
	}
	return id.String()
}

// IDs are the values of Checkboxes that stand for ids.
func IDs(ids []uuid.UUID) []string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = id.String()
	}
	return texts
}

// TooLong says whether a text has more characters than it may.
func TooLong(text string, limit int) bool { return utf8.RuneCountInString(text) > limit }

// Field describes one input of a form. Name is its id too, so that the error summary
// can lead to it. Label and Hint are messages; LabelText and HintText take their place
// where the agency wrote the words itself.
type Field struct {
	Name      string
	Label     i18n.Message
	LabelText string
	Hint      i18n.Message
	HintText  string
	Value     string
	Values    []string // of Checkboxes: those that are ticked
	Checked   bool     // of Checkbox
	Options   []Option // of Select, Radios and Checkboxes

	Type         string // of TextField: "text" when empty, "email", "tel", "number"
	Autocomplete string // "given-name", "one-time-code"; "off" when empty
	InputMode    string // "numeric", "tel" …
	Width        string // "short", "medium" or "" for the whole column
	Lang         string // language of the text when it is not the page's: "en" or "fr"
	Min, Limit   string // of DayField: first and last day, 2006-01-02
	Rows         int    // of TextArea before it grows, 2 to 8; 4 when 0
	Max          int    // how many characters may be typed; shown when they run short
	Required     bool   // other fields are marked "optional"
	Unmarked     bool   // leaves the mark "optional" away, in filters
	Autofocus    bool
	Spellcheck   bool // of TextField: off unless said, for names and codes
	Problem      i18n.Message

	// Check, where given, is sent the form while it is typed in (POST), and its
	// answer is shown in the element with the id CheckInto: a hint, never a refusal.
	Check     URL
	CheckInto string
}

// Option is one choice. Hint is a second, quieter line.
type Option struct{ Value, Label, Hint string }

func (f Field) label(frame *Frame) string {
	if f.LabelText != "" {
		return f.LabelText
	}
	return frame.T(f.Label)
}

func (f Field) hint(frame *Frame) string {
	if f.HintText != "" {
		return f.HintText
	}
	return frame.T(f.Hint)
}

func (f Field) hasHint() bool { return f.Hint != nil || f.HintText != "" }

// describedBy names the elements that explain the field: its problem, then its hint.
func (f Field) describedBy() string {
	var ids []string
	if f.Problem != nil {
		ids = append(ids, f.Name+"-problem")
	}
	if f.hasHint() {
		ids = append(ids, f.Name+"-hint")
	}
	return strings.Join(ids, " ")
}

func (f Field) autocomplete() string {
	if f.Autocomplete == "" {
		return "off"
	}
	return f.Autocomplete
}

func (f Field) inputType() string {
	if f.Type == "" {
		return "text"
	}
	return f.Type
}

func (f Field) rows() string {
	if f.Rows == 0 {
		return "4"
	}
	return strconv.Itoa(f.Rows)
}

func (f Field) ticked(value string) bool {
	for _, v := range f.Values {
		if v == value {
			return true
		}
	}
	return false
}

// optionID is the id of the n-th choice; the first has the field's own.
func (f Field) optionID(n int) string {
	if n == 0 {
		return f.Name
	}
	return f.Name + "-" + strconv.Itoa(n+1)
}

func (f Field) boxClass() string {
	if f.Problem != nil {
		return "field field-wrong"
	}
	return "field"
}

func (f Field) widthClass() string {
	switch f.Width {
	case "short":
		return "input input-short"
	case "medium":
		return "input input-medium"
	}
	return "input"
}

func (f Field) has(value string) bool {
	for _, option := range f.Options {
		if option.Value == value {
			return true
		}
	}
	return false
}

// explained says that an option has a second line.
func (f Field) explained() bool {
	for _, option := range f.Options {
		if option.Hint != "" {
			return true
		}
	}
	return false
}

// attributes are those that any single control may have. All names are fixed here;
// values are escaped by templ.
func (f Field) attributes() templ.OrderedAttributes {
	attributes := f.stateAttributes()
	add := func(name, value string) {
		if value != "" {
			attributes = append(attributes, templ.KeyValue[string, any]{Key: name, Value: value})
		}
	}
	add("aria-describedby", f.describedBy())
	add("inputmode", f.InputMode)
	add("min", f.Min)
	add("max", f.Limit)
	if f.Lang != "" {
		add("lang", f.Lang+"-CA")
	}
	if f.Autofocus {
		attributes = append(attributes, templ.KeyValue[string, any]{Key: "autofocus", Value: true})
	}
	if !f.Check.IsZero() && f.CheckInto != "" {
		add("hx-post", f.Check.String())
		add("hx-target", "#"+f.CheckInto)
		add("hx-trigger", "input changed delay:400ms, change")
		add("hx-sync", "this:replace")
	}
	return attributes
}

// stateAttributes say what a control is at this moment: needed, wrong.
func (f Field) stateAttributes() templ.OrderedAttributes {
	var attributes templ.OrderedAttributes
	if f.Required {
		attributes = append(attributes, templ.KeyValue[string, any]{Key: "required", Value: true})
	}
	if f.Problem != nil {
		attributes = append(attributes, templ.KeyValue[string, any]{Key: "aria-invalid", Value: "true"})
	}
	return attributes
}

func (f Field) groupAttributes() templ.OrderedAttributes {
	var attributes templ.OrderedAttributes
	if by := f.describedBy(); by != "" {
		attributes = append(attributes, templ.KeyValue[string, any]{Key: "aria-describedby", Value: by})
	}
	return attributes
}

// datePartID is the field's own name for the first of the three, so that the error
// summary can lead to it.
func datePartID(field Field, part string, first bool) string {
	if first {
		return field.Name
	}
	return field.Name + "-" + part
}

func datePartLabel(f *Frame, part string) string {
	switch part {
	case "day":
		return f.T(i18n.ViewDateDay)
	case "month":
		return f.T(i18n.ViewDateMonth)
	}
	return f.T(i18n.ViewDateYear)
}

// partAutocomplete turns "bday" into "bday-month".
func (f Field) partAutocomplete(part string) string {
	if f.Autocomplete == "bday" {
		return "bday-" + part
	}
	return "off"
}

// DateInput is a date as it was typed, in three parts, valid or not.
type DateInput struct{ Year, Month, Day string }

// ReadDate reads the three inputs of DateField out of a form.
func ReadDate(form url.Values, name string) DateInput {
	return DateInput{
		Year:  strings.TrimSpace(form.Get(name + "-year")),
		Month: strings.TrimSpace(form.Get(name + "-month")),
		Day:   strings.TrimSpace(form.Get(name + "-day")),
	}
}

// SplitDate makes the three parts of 2006-01-02, or of "".
func SplitDate(text string) DateInput {
	parts := strings.SplitN(text, "-", 3)
	if len(parts) != 3 {
		return DateInput{}
	}
	return DateInput{Year: parts[0], Month: strings.TrimLeft(parts[1], "0"), Day: strings.TrimLeft(parts[2], "0")}
}

// Empty says that nothing was typed.
func (d DateInput) Empty() bool { return d == DateInput{} }

// Text is 2006-01-02 for a parser that refuses days that do not exist; "" when empty.
// Parts that are no numbers come out as they are, and do not parse.
func (d DateInput) Text() string {
	if d.Empty() {
		return ""
	}
	return pad(d.Year, 4) + "-" + pad(d.Month, 2) + "-" + pad(d.Day, 2)
}

func pad(digits string, width int) string {
	n, err := strconv.ParseUint(digits, 10, 16)
	if err != nil {
		return digits
	}
	return fmt.Sprintf("%0*d", width, n)
}

var monthNames = [...]i18n.Key{
	i18n.ViewMonthM1, i18n.ViewMonthM2, i18n.ViewMonthM3, i18n.ViewMonthM4, i18n.ViewMonthM5, i18n.ViewMonthM6,
	i18n.ViewMonthM7, i18n.ViewMonthM8, i18n.ViewMonthM9, i18n.ViewMonthM10, i18n.ViewMonthM11, i18n.ViewMonthM12,
}
