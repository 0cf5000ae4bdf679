package note

import (
	"github.com/google/uuid"

	"konote/app/plan"
)

// Goal is what a note says of one target of the plan.
type Goal struct {
	ID         uuid.UUID       `json:"-"` // uuid.Nil until it is saved
	Target     uuid.UUID       `json:"target"`
	Name       string          `json:"-"` // what the target is called, where a page asked
	Text       string          `json:"text,omitempty"`
	Words      string          `json:"words,omitempty"` // the participant's
	Descriptor plan.Descriptor `json:"descriptor,omitempty"`
	Values     []Value         `json:"values,omitempty"`
}

// Empty says whether nothing was said.
func (g Goal) Empty() bool {
	return g.Text == "" && g.Words == "" && g.Descriptor == "" && len(g.Values) == 0
}

// Value is what was measured: a number (or the value of an answer), or words.
type Value struct {
	ID        uuid.UUID `json:"-"` // uuid.Nil until it is saved
	Metric    uuid.UUID `json:"metric"`
	Number    *float64  `json:"number,omitempty"`
	Words     string    `json:"words,omitempty"`
	Confirmed int       `json:"confirmed,omitempty"` // 1 though unusual, 2 though very unlikely
}

// kind is what a note is: an assessment because it was begun as one, otherwise by what it
// says.
func (n Note) kind() Kind {
	if n.Kind == Assessment {
		return Assessment
	}
	if len(n.Goals) > 0 || len(n.Shared) > 0 || n.Template != uuid.Nil {
		return Full
	}
	return Quick
}

// touched are the targets that a note tells of.
func (n Note) touched() []uuid.UUID {
	targets := make([]uuid.UUID, len(n.Goals))
	for i, g := range n.Goals {
		targets[i] = g.Target
	}
	return targets
}

// sameWords says whether two notes say the same, whatever their ids.
func sameWords(a, b Note) bool {
	if a.Text != b.Text || a.Summary != b.Summary || a.Takeaway != b.Takeaway || a.Suggestion != b.Suggestion ||
		a.HappenedOn != b.HappenedOn || a.Program != b.Program || a.Interaction != b.Interaction || a.Alliance != b.Alliance ||
		a.Engagement != b.Engagement || len(a.Sections) != len(b.Sections) || len(a.Goals) != len(b.Goals) || !sameValues(a.Shared, b.Shared) {
		return false
	}
	for i, s := range a.Sections {
		if s != b.Sections[i] {
			return false
		}
	}
	for i, g := range a.Goals {
		h := b.Goals[i]
		if g.Target != h.Target || g.Text != h.Text || g.Words != h.Words || g.Descriptor != h.Descriptor || !sameValues(g.Values, h.Values) {
			return false
		}
	}
	return true
}

func sameValues(a, b []Value) bool {
	if len(a) != len(b) {
		return false
	}
	for i, v := range a {
		w := b[i]
		if v.Metric != w.Metric || v.Words != w.Words || (v.Number == nil) != (w.Number == nil) || (v.Number != nil && *v.Number != *w.Number) {
			return false
		}
	}
	return true
}
