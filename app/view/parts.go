package view

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/a-h/templ"

	"konote/app/i18n"
)

// Kind colours a badge, a notice or a button. It always comes with a word and a shape.
type Kind string

// The kinds.
const (
	Neutral Kind = "neutral"
	Info    Kind = "info"
	Success Kind = "success"
	Warm    Kind = "warm"
	Bad     Kind = "danger"
)

func (k Kind) icon() string {
	switch k {
	case Info:
		return "info"
	case Success:
		return "check"
	case Warm:
		return "flag"
	case Bad:
		return "alert"
	}
	return ""
}

// Tab is a part of a record, with an address of its own.
type Tab struct {
	Label   string
	Href    URL
	Current bool
}

// Item is one row of a list: one link, a large line, a quiet line, and something at
// the end (a date, a count).
type Item struct {
	Href  URL
	Title string
	Sub   string
	Aside string
	// Initials shows two letters of Title beside it.
	Initials bool
}

// Entry is one entry of a time line.
type Entry struct {
	ID    string // id of the element, to lead to it; may be ""
	Icon  string
	Title string
	Meta  string // when, by whom
	Href  URL    // of the entry's own page; zero for none
}

// Action is a way on: a link that says where it leads.
type Action struct {
	Label i18n.Message
	Href  URL
}

// initials takes the first letters of the first and the last word of a name.
func initials(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return unicode.IsSpace(r) || r == '-' || r == '‑' })
	letter := func(word string) string {
		for _, r := range word {
			if unicode.IsLetter(r) {
				return string(unicode.ToUpper(r))
			}
		}
		r, _ := utf8.DecodeRuneInString(word)
		return string(r)
	}
	switch len(words) {
	case 0:
		return ""
	case 1:
		return letter(words[0])
	}
	return letter(words[0]) + letter(words[len(words)-1])
}

// current marks the link of the page that is open.
func current(is bool) templ.OrderedAttributes {
	if !is {
		return nil
	}
	return one("aria-current", "page")
}

// chosen marks the one of several buttons that is in force.
func chosen(is bool) templ.OrderedAttributes {
	if !is {
		return nil
	}
	return one("aria-current", "true")
}

// language marks words that are not in the page's language.
func language(lang string) templ.OrderedAttributes {
	if lang == "" {
		return nil
	}
	return one("lang", lang+"-CA")
}

func identity(id string) templ.OrderedAttributes {
	if id == "" {
		return nil
	}
	return one("id", id)
}

func one(name, value string) templ.OrderedAttributes {
	return templ.OrderedAttributes{{Key: name, Value: value}}
}

func documentTitle(f *Frame, title i18n.Message) string {
	if f.Invalid {
		return f.T(i18n.ViewTitleInvalid(f.T(title)))
	}
	return f.T(i18n.ViewTitle(f.T(title)))
}

// otherLanguage is this page's address with ?lang= of the other language.
func (f *Frame) otherLanguage() URL {
	path, query, _ := strings.Cut(f.Path, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		values = url.Values{}
	}
	values.Set("lang", f.P.Other().Language())
	return Back(path + "?" + values.Encode())
}
