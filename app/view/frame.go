package view

import (
	"slices"

	"konote/app/i18n"
)

// Frame is what every page knows besides its own content: the language, the agency,
// who is signed in, and what forms need. It is made anew for each request and passed
// to every component as its first argument; components keep no state.
type Frame struct {
	P *i18n.Printer

	Agency string // name of the agency in the reader's language; "" outside an agency
	Demo   bool   // shows the demo banner
	Once   bool   // shown this once: there is no switch of language, which would ask for it again
	Path   string // address of this page with its query, for the language switch
	CSRF   string // token that every form carries
	// Stamp is what a form for an address carries to say that it was opened with a fresh
	// proof (web.Need.Fresh), or ""; nil where the page asks for none.
	Stamp    func(action URL) string
	SignedIn bool
	Person   string    // display name of the signed-in person
	Role     string    // what she does here, in her language; "" for none
	Nav      []NavItem // the navigation
	New      []NavItem // what she may begin, under "New" in the bar
	Menu     []NavItem // her own pages, above "Sign out"
	Places   []Place   // where she may choose to work; none when there is nothing to choose
	Help     string    // whom to ask, as text; "" for none
	Flash    string    // a short line about what was just done; "" for none
	// Unsaved says that this page answers a form that was sent and not yet saved: it
	// came back with problems, or in the other language. Leaving it loses something.
	Unsaved bool
	// Invalid says that the form came back with problems; the title says so too.
	Invalid bool
	// IdleSeconds is how long the session lives without a request; 0 when signed out.
	IdleSeconds int
	MaySearch   bool   // shows the search field in the bar
	MayRead     bool   // shows the way to her messages in the bar
	Unread      int    // messages that wait for her
	Searched    string // what was searched for on this page, to be shown in the field
	KeysOff     bool   // she turned single-key shortcuts off ("/"; Ctrl-K stays)
	Assets      Assets
}

// T says a message in the reader's language.
func (f *Frame) T(m i18n.Message) string { return f.P.T(m) }

func (f *Frame) stamp(action URL) string {
	if f.Stamp == nil {
		return ""
	}
	return f.Stamp(action)
}

// NavItem is one entry of the navigation. The entries are those that the person may
// open: what is not there is not hinted at.
type NavItem struct {
	Label   string
	Href    URL
	Icon    string // a name that Icon knows
	Current bool
}

// Place is a program that somebody may choose to work in, or all of them (ID "").
type Place struct {
	ID      string
	Label   string
	Current bool
}

// at is the label of the place where she works now; "" where there is nothing to choose.
func (f *Frame) at() string {
	for _, p := range f.Places {
		if p.Current {
			return p.Label
		}
	}
	return ""
}

// leadsTo says whether the navigation leads to a page: whether she may open it.
func (f *Frame) leadsTo(href URL) bool {
	return slices.ContainsFunc(f.Nav, func(item NavItem) bool { return item.Href == href })
}

// Assets finds the address of a bundled asset, checksum included, by its plain name.
type Assets interface{ URL(name string) string }

func (f *Frame) asset(name string) string {
	if f.Assets == nil {
		return ""
	}
	return f.Assets.URL(name)
}

// Names of hidden fields and buttons that every form has.
const (
	// CSRFField carries Frame.CSRF.
	CSRFField = "csrf"
	// StampField carries Frame.Stamp, where there is one.
	StampField = "stamp"
	// LanguageField is sent instead of saving: show the same form, with what was
	// typed, in the language of its value ("en" or "fr").
	LanguageField = "switch_language"
)

// Problem is what is wrong with one field, or with the form as a whole (Field "").
type Problem struct {
	Field string // name and id of the field
	Text  i18n.Message
	Of    i18n.Message // what the field is called, where the text alone does not say which it is
}

// Problems of a form, in the order of its fields.
type Problems []Problem

// Add notes a problem.
func (p *Problems) Add(field string, text i18n.Message) {
	*p = append(*p, Problem{Field: field, Text: text})
}

// AddOf notes a problem whose text needs the name of its field in the summary.
func (p *Problems) AddOf(of i18n.Message, field string, text i18n.Message) {
	*p = append(*p, Problem{Field: field, Text: text, Of: of})
}

// line is the problem as the summary says it.
func (p Problem) line(f *Frame) string {
	if p.Of == nil {
		return f.T(p.Text)
	}
	return f.T(i18n.ViewErrorsOf(f.T(p.Of), f.T(p.Text)))
}

// Of is the text for a field, nil when there is none.
func (p Problems) Of(field string) i18n.Message {
	for _, problem := range p {
		if problem.Field == field {
			return problem.Text
		}
	}
	return nil
}

// Any says whether there is a problem.
func (p Problems) Any() bool { return len(p) > 0 }
