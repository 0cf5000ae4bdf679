package message

import (
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/civil"
	"konote/app/i18n"
	"konote/app/mistake"
	"konote/app/view"
)

// Direction is who got in touch.
type Direction string

// The directions, as stored.
const (
	Out Direction = "out" // the agency did
	In  Direction = "in"  // the participant did
)

// Directions lists them.
var Directions = []Direction{Out, In}

var directionLabels = map[Direction]i18n.Key{Out: i18n.ContactDirectionOut, In: i18n.ContactDirectionIn}

// Label is the direction in words.
func (d Direction) Label() i18n.Message { return directionLabels[d] }

// Channel is how they were in touch.
type Channel string

// The channels, as stored.
const (
	Phone    Channel = "phone"
	Text     Channel = "text"
	Email    Channel = "email"
	InPerson Channel = "in_person"
	Letter   Channel = "letter"
	Other    Channel = "other"
)

// Channels lists them.
var Channels = []Channel{Phone, Text, Email, InPerson, Letter, Other}

var channelLabels = map[Channel]i18n.Key{
	Phone: i18n.ContactChannelPhone, Text: i18n.ContactChannelText, Email: i18n.ContactChannelEmail,
	InPerson: i18n.ContactChannelInPerson, Letter: i18n.ContactChannelLetter, Other: i18n.ContactChannelOther,
}

// Label is the channel in words.
func (c Channel) Label() i18n.Message { return channelLabels[c] }

// Outcome is what came of it.
type Outcome string

// The outcomes, as stored.
const (
	Reached      Outcome = "reached"
	LeftMessage  Outcome = "left_message"
	NoAnswer     Outcome = "no_answer"
	WrongContact Outcome = "wrong_contact"
	Declined     Outcome = "declined"
)

// Outcomes lists them.
var Outcomes = []Outcome{Reached, LeftMessage, NoAnswer, WrongContact, Declined}

var outcomeLabels = map[Outcome]i18n.Key{
	Reached: i18n.ContactOutcomeReached, LeftMessage: i18n.ContactOutcomeLeftMessage, NoAnswer: i18n.ContactOutcomeNoAnswer,
	WrongContact: i18n.ContactOutcomeWrongContact, Declined: i18n.ContactOutcomeDeclined,
}

// Label is the outcome in words.
func (o Outcome) Label() i18n.Message { return outcomeLabels[o] }

// Contact is one contact, opened. The JSON is what the audit log keeps, sealed.
type Contact struct {
	ID          uuid.UUID    `json:"-"`
	Participant uuid.UUID    `json:"-"`
	Program     uuid.UUID    `json:"program"`
	LoggedBy    uuid.UUID    `json:"-"`
	Role        access.Role  `json:"-"` // in which it was logged
	Direction   Direction    `json:"direction"`
	Channel     Channel      `json:"channel"`
	Outcome     Outcome      `json:"outcome"`
	Subject     string       `json:"subject,omitempty"`
	Text        string       `json:"text,omitempty"`
	HappenedOn  civil.Date   `json:"happened_on"`
	CreatedAt   time.Time    `json:"-"`
	InError     mistake.Mark `json:"-"`
}

// Backdated says whether it was written on another day than it happened.
func (c Contact) Backdated(zone *time.Location) bool {
	return civil.Of(c.CreatedAt.In(zone)) != c.HappenedOn
}

const (
	maxSubject = 120
	maxText    = 4000
	maxMessage = 2000
)

// earliestDay catches a year that was mistyped.
var earliestDay = civil.Date{Year: 1950, Month: time.January, Day: 1}

// check says what is wrong with a contact that somebody wants to save today. The day is
// zero when what was typed is none.
func (c Contact) check(today civil.Date) view.Problems {
	var problems view.Problems
	if channelLabels[c.Channel] == "" {
		problems.Add("channel", i18n.ContactChannelWanted)
	}
	if directionLabels[c.Direction] == "" {
		problems.Add("direction", i18n.ContactDirectionWanted)
	}
	if outcomeLabels[c.Outcome] == "" {
		problems.Add("outcome", i18n.ContactOutcomeWanted)
	}
	switch {
	case c.HappenedOn.IsZero():
		problems.Add("happened_on", i18n.ContactDayWrong)
	case today.Before(c.HappenedOn):
		problems.Add("happened_on", i18n.ContactDayAhead)
	case c.HappenedOn.Before(earliestDay):
		problems.Add("happened_on", i18n.ContactDayLongAgo)
	}
	if view.TooLong(c.Subject, maxSubject) {
		problems.AddOf(i18n.ContactSubject, "subject", i18n.FormTooLong(maxSubject))
	}
	if view.TooLong(c.Text, maxText) {
		problems.AddOf(i18n.ContactText, "text", i18n.FormTooLong(maxText))
	} else if c.Text == "" && c.Subject == "" && (c.Outcome == Reached || c.Outcome == LeftMessage) {
		problems.Add("text", i18n.ContactTextWanted)
	}
	if c.Program == uuid.Nil {
		problems.Add("program", i18n.ContactProgramWanted)
	}
	return problems
}

// Message is one message, opened. Text is empty where the reader may not read it. The
// JSON is what the audit log keeps, sealed.
type Message struct {
	ID          uuid.UUID `json:"-"`
	Participant uuid.UUID `json:"-"`
	Program     uuid.UUID `json:"program"`
	LeftBy      uuid.UUID `json:"-"`
	For         uuid.UUID `json:"for,omitzero"` // uuid.Nil: everybody who works with her in the program
	Text        string    `json:"text"`
	Urgent      bool      `json:"urgent,omitempty"`
	CreatedAt   time.Time `json:"-"`
	ReadAt      time.Time `json:"-"` // zero: nobody has read it
	ReadBy      uuid.UUID `json:"-"`
	ArchivedAt  time.Time `json:"-"`

	LeftByName, ForName, ReadByName string `json:"-"`
}

// reads says whether the actor may read the message.
func (m Message) readableBy(actor access.Actor) bool {
	return actor.About(m.Participant).MayIn(m.Program, access.MessageView)
}

// isFor says whether the message waits for the actor, who may then mark it.
func (m Message) isFor(actor access.Actor) bool {
	return m.readableBy(actor) && (m.For == actor.Staff || m.For == uuid.Nil && m.LeftBy != actor.Staff)
}
