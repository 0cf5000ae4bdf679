package draft

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"konote/app/i18n"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// Form is a form that is kept while it is typed in. Features declare theirs as package
// variables and hand them to the server's wiring.
type Form struct {
	Name  string       // in rows and addresses, so it stays: note.full
	Title i18n.Message // what a list of drafts calls it
	// Page is where the form stands. participant is what About said, uuid.Nil for nobody.
	Page func(record, participant uuid.UUID) view.URL
	// About reaches the record as somebody who may fill in the form for it now, and says
	// whose it is. It is asked once, when a draft begins; its error is the answer.
	About func(r *web.Request, tx *tenancy.Tx, record uuid.UUID) (About, error)
	// Fields are those that hold words, in the form's order, for reading a draft whose
	// form cannot be opened. Of the others only what reads as a sentence is shown then.
	Fields []Field
	// More are the words of fields that are named after records; nil for none.
	More func(r *web.Request, tx *tenancy.Tx, participant uuid.UUID, values url.Values) ([]Said, error)
}

// Field is a field of a form: its name, in which * stands for anything, and its label.
type Field struct {
	Name  string
	Label i18n.Message
}

// Said is what somebody wrote below a label.
type Said struct{ Label, Text string }

// About is what a draft is about; any part may be zero.
type About struct {
	Participant  uuid.UUID
	Program      uuid.UUID // through which the actor reaches the record
	Confidential bool      // touches a confidential program
}

// Forms are all that there are.
type Forms []Form

// Of finds a form by its name.
func (all Forms) Of(name string) (Form, bool) {
	at := slices.IndexFunc(all, func(f Form) bool { return f.Name == name })
	if at < 0 {
		return Form{}, false
	}
	return all[at], true
}

// A stamp names one save: the window and how manieth it is. The zero stamp names none.
type stamp struct {
	window   uuid.UUID
	sequence int64
}

func (s stamp) String() string {
	if s.window == uuid.Nil {
		return ""
	}
	return s.window.String() + "." + strconv.FormatInt(s.sequence, 10)
}

// parseStamp reads a stamp; what is none is the zero stamp.
func parseStamp(text string) stamp {
	window, number, _ := strings.Cut(text, ".")
	s := stamp{window: parseID(window), sequence: parseNumber(number)}
	if s.window == uuid.Nil || s.sequence < 1 {
		return stamp{}
	}
	return s
}

func parseID(text string) uuid.UUID {
	id, err := uuid.Parse(text)
	if err != nil || len(text) != 36 {
		return uuid.Nil
	}
	return id
}

// maxSequence is far beyond any typing and far from the end of the column.
const maxSequence = 1 << 40

func parseNumber(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 || n > maxSequence {
		return 0
	}
	return n
}

// at and from are what a form that was sent carries: its window with the last save, and
// the save it was opened with.
func at(form url.Values) stamp {
	return stamp{parseID(form.Get(view.DraftWindowField)), parseNumber(form.Get(view.DraftSequenceField))}
}

func from(form url.Values) stamp { return parseStamp(form.Get(view.DraftFromField)) }

// words are the values of a form that a draft keeps.
func words(form url.Values) url.Values {
	kept := url.Values{}
	for name, values := range form {
		if name == view.CSRFField || name == view.StampField || name == view.LanguageField || strings.HasPrefix(name, view.DraftPrefix) || strings.Contains(name, "password") {
			continue
		}
		kept[name] = values
	}
	return kept
}

// differences are the fields of one version that the other has not, or has otherwise; one
// that only the other has is there without a value.
func differences(of, other url.Values) url.Values {
	found := url.Values{}
	for name, values := range of {
		if !slices.Equal(values, other[name]) {
			found[name] = values
		}
	}
	for name := range other {
		if _, ok := of[name]; !ok {
			found[name] = []string{}
		}
	}
	return found
}

// A version is what one window has kept.
type version struct {
	stamp
	values  url.Values
	about   About // Program is not kept
	begunAt time.Time
	savedAt time.Time
}

// history is all that is known of one person's form for one record.
type history struct {
	open []version // the newest first
	over []stamp   // windows whose content is gone
	done []stamp   // those among them that were finished
}

// takes says whether a window may still save this: it is not finished, and nothing newer
// of it is there.
func (h history) takes(s stamp) bool {
	known := slices.Concat(h.over, h.done)
	for _, v := range h.open {
		known = append(known, v.stamp)
	}
	return !slices.ContainsFunc(h.done, func(d stamp) bool { return d.window == s.window }) &&
		!slices.ContainsFunc(known, func(k stamp) bool { return k.window == s.window && k.sequence >= s.sequence })
}

// other is the newest version that neither this window has written nor the save it began
// with: what it does not know of.
func (h history) other(own uuid.UUID, began stamp) *version {
	for i, v := range h.open {
		if v.window != own && v.stamp != began {
			return &h.open[i]
		}
	}
	return nil
}

// of is the version to open: the window's when one is named, or the newest.
func (h history) of(window uuid.UUID) *version {
	for i, v := range h.open {
		if v.window == window {
			return &h.open[i]
		}
	}
	if len(h.open) == 0 {
		return nil
	}
	return &h.open[0]
}
