package note

import (
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/civil"
	"konote/app/i18n"
	"konote/app/metric"
	"konote/app/mistake"
)

// Note is one note, opened. The JSON is what the audit log keeps, sealed.
type Note struct {
	ID           uuid.UUID    `json:"-"`
	Participant  uuid.UUID    `json:"-"`
	Program      uuid.UUID    `json:"program"`
	Author       uuid.UUID    `json:"-"`
	AuthorRole   access.Role  `json:"-"`
	Kind         Kind         `json:"kind"` // Full or Quick, as insert found it, unless it is an Assessment
	Template     uuid.UUID    `json:"template,omitzero"`
	Circle       uuid.UUID    `json:"circle,omitzero"`
	Interaction  Interaction  `json:"interaction"`
	Outcome      Outcome      `json:"outcome,omitempty"`
	Modality     Modality     `json:"modality,omitempty"`
	Minutes      int          `json:"minutes,omitempty"` // 0: not said
	Text         string       `json:"text,omitempty"`
	Sections     []Written    `json:"sections,omitempty"`
	Goals        []Goal       `json:"goals,omitempty"`
	Shared       []Value      `json:"shared,omitempty"` // measured once for several goals
	Summary      string       `json:"summary,omitempty"`
	Takeaway     string       `json:"takeaway,omitempty"`   // the participant's answer, in her own words
	Suggestion   string       `json:"suggestion,omitempty"` // hers too
	Weight       Weight       `json:"weight,omitempty"`     // of the suggestion
	Engagement   Engagement   `json:"engagement,omitempty"`
	Alliance     Alliance     `json:"alliance,omitzero"`
	MadeTogether bool         `json:"made_together,omitempty"`
	HappenedOn   civil.Date   `json:"happened_on"`
	FollowUpOn   civil.Date   `json:"follow_up_on,omitzero"` // as it was signed
	MovedTo      civil.Date   `json:"-"`                     // the day that the follow-up was moved to; zero: it was not
	FollowedUpAt time.Time    `json:"-"`                     // zero: it waits
	CreatedAt    time.Time    `json:"-"`
	InError      mistake.Mark `json:"-"`
	Addenda      int          `json:"-"` // how many there are, where a page asked
	Measured     *Measured    `json:"-"` // by an assessment, where a list of notes asked; nil where it is closed to the reader
}

// Measured is what an assessment measured.
type Measured struct {
	Metric metric.Metric
	Value  Value
}

// Label is how two people met, or that it is an assessment.
func (n Note) Label() i18n.Message {
	if n.Kind == Assessment {
		return i18n.NoteAssessment
	}
	return n.Interaction.Label()
}

// Written is what was written below a heading of a template. The heading is kept with
// it: what was signed does not change when the template does.
type Written struct {
	EN   string `json:"en"`
	FR   string `json:"fr"`
	Text string `json:"text"`
}

// Addendum is what somebody added to a note later.
type Addendum struct {
	ID         uuid.UUID   `json:"-"`
	Note       uuid.UUID   `json:"-"`
	Author     uuid.UUID   `json:"-"`
	AuthorRole access.Role `json:"-"`
	Text       string      `json:"text"`
	CreatedAt  time.Time   `json:"-"`
}

// FollowUpDay is when to follow up, as things stand; zero: nothing is planned.
func (n Note) FollowUpDay() civil.Date {
	if !n.MovedTo.IsZero() {
		return n.MovedTo
	}
	return n.FollowUpOn
}

// FollowUpOpen says whether a follow-up is planned and still waits.
func (n Note) FollowUpOpen() bool {
	return !n.FollowUpOn.IsZero() && n.FollowedUpAt.IsZero() && !n.InError.Is()
}

// Backdated says whether the note was written on a later day than it tells of, by the
// agency's calendar.
func (n Note) Backdated(zone *time.Location) bool {
	return n.HappenedOn.Before(civil.Of(n.CreatedAt.In(zone)))
}

// said says whether anything stands below a heading.
func said(sections []Written) bool {
	for _, s := range sections {
		if s.Text != "" {
			return true
		}
	}
	return false
}
