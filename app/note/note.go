package note

import (
	"slices"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/civil"
	"konote/app/i18n"
	"konote/app/view"
)

// Interaction is how two people met.
type Interaction string

// The interactions, as stored, in the order in which a form offers them.
const (
	Session    Interaction = "session"
	Phone      Interaction = "phone"
	Text       Interaction = "text"
	Email      Interaction = "email"
	HomeVisit  Interaction = "home_visit"
	Group      Interaction = "group"
	Collateral Interaction = "collateral" // about the participant, with somebody else
	Admin      Interaction = "admin"
	Other      Interaction = "other"
)

// Interactions lists them.
var Interactions = []Interaction{Session, Phone, Text, Email, HomeVisit, Group, Collateral, Admin, Other}

var interactionLabels = map[Interaction]i18n.Key{
	Session: i18n.NoteInteractionSession, Phone: i18n.NoteInteractionPhone, Text: i18n.NoteInteractionText,
	Email: i18n.NoteInteractionEmail, HomeVisit: i18n.NoteInteractionHomeVisit, Group: i18n.NoteInteractionGroup,
	Collateral: i18n.NoteInteractionCollateral, Admin: i18n.NoteInteractionAdmin, Other: i18n.NoteInteractionOther,
}

// Label is the interaction in words.
func (i Interaction) Label() i18n.Message { return interactionLabels[i] }

// atDistance says whether somebody has to be reached first.
func (i Interaction) atDistance() bool { return i == Phone || i == Text || i == Email }

// Outcome is whether the participant was reached.
type Outcome string

// The outcomes, as stored; "" where the question does not arise.
const (
	Reached     Outcome = "reached"
	LeftMessage Outcome = "left_message"
	NoAnswer    Outcome = "no_answer"
)

// Outcomes lists them.
var Outcomes = []Outcome{Reached, LeftMessage, NoAnswer}

var outcomeLabels = map[Outcome]i18n.Key{
	Reached: i18n.NoteOutcomeReached, LeftMessage: i18n.NoteOutcomeLeftMessage, NoAnswer: i18n.NoteOutcomeNoAnswer,
}

// Label is the outcome in words.
func (o Outcome) Label() i18n.Message { return outcomeLabels[o] }

// Note is one note, opened.
type Note struct {
	ID           uuid.UUID
	Participant  uuid.UUID
	Program      uuid.UUID
	Author       uuid.UUID
	AuthorRole   access.Role
	Interaction  Interaction
	Outcome      Outcome
	Text         string
	Takeaway     string // the participant's answer, in her own words
	MadeTogether bool
	HappenedOn   civil.Date
	FollowUpOn   civil.Date
	CreatedAt    time.Time
}

// Backdated says whether the note was written on a later day than it tells of, by the
// agency's calendar.
func (n Note) Backdated(zone *time.Location) bool {
	return n.HappenedOn.Before(civil.Of(n.CreatedAt.In(zone)))
}

const (
	maxText     = 20_000
	maxTakeaway = 2_000
)

// check says what is wrong with a note that somebody wants to save today.
func (n Note) check(today civil.Date) view.Problems {
	var problems view.Problems
	if !slices.Contains(Interactions, n.Interaction) {
		problems.Add("interaction", i18n.NoteInteractionWanted)
	}
	switch {
	case n.Interaction.atDistance() && !slices.Contains(Outcomes, n.Outcome):
		problems.Add("outcome", i18n.NoteOutcomeWanted)
	case n.Text == "" && (!n.Interaction.atDistance() || n.Outcome == Reached):
		problems.Add("text", i18n.NoteTextWanted)
	case utf8.RuneCountInString(n.Text) > maxText:
		problems.Add("text", i18n.FormTooLong(maxText))
	}
	if utf8.RuneCountInString(n.Takeaway) > maxTakeaway {
		problems.Add("takeaway", i18n.FormTooLong(maxTakeaway))
	}
	switch {
	case n.HappenedOn.IsZero():
		problems.Add("happened_on", i18n.NoteDayWanted)
	case today.Before(n.HappenedOn):
		problems.Add("happened_on", i18n.NoteDayAhead)
	}
	if !n.FollowUpOn.IsZero() && n.FollowUpOn.Before(today) {
		problems.Add("follow_up_on", i18n.NoteFollowUpPast)
	}
	return problems
}
