package consent

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

// Purpose is what somebody agrees to.
type Purpose string

// The purposes, as stored.
const (
	Service Purpose = "service" // that a record is kept
	Sharing Purpose = "sharing" // that her programs read each other's clinical records
	Email   Purpose = "email"   // that she is written to
	Text    Purpose = "text"    // text messages
)

// Purposes lists them, in the order of the page.
var Purposes = []Purpose{Service, Sharing, Email, Text}

func (p Purpose) valid() bool { return slices.Contains(Purposes, p) }

// casl says whether the law on electronic messages applies: consent is express, or implied
// for a while.
func (p Purpose) casl() bool { return p == Email || p == Text }

// Kind is what an event says.
type Kind string

// The kinds, as stored.
const (
	Given     Kind = "given"
	Refused   Kind = "refused"
	Withdrawn Kind = "withdrawn"
)

// Basis is what consent to messages rests on.
type Basis string

// The bases, as stored.
const (
	Express Basis = "express" // she was asked and said yes
	Implied Basis = "implied" // she is in touch with the agency; it lapses after two years
)

// By is whose decision it is.
type By string

// Whose, as stored.
const (
	Herself    By = "participant"
	Substitute By = "substitute" // a substitute decision-maker
)

// How is how it was said.
type How string

// The ways, as stored. Portal and Link are never chosen by staff.
const (
	InPerson How = "in_person"
	Phone    How = "phone"
	Video    How = "video"
	Paper    How = "paper"
	Portal   How = "portal"
	Link     How = "email_link" // the link in an e-mail, see StopPath
)

var hows = []How{InPerson, Phone, Video, Paper}

// Limits of what is typed, in characters.
const (
	MaxWords = 2000
	maxText  = 6000
)

// impliedYears is for how long consent that is only implied counts.
const impliedYears = 2

// Event is one thing that was decided. It is never changed. The JSON is what the audit log
// keeps, sealed.
type Event struct {
	ID          uuid.UUID  `json:"-"`
	Participant uuid.UUID  `json:"-"`
	Purpose     Purpose    `json:"purpose"`
	Kind        Kind       `json:"kind"`
	Text        uuid.UUID  `json:"text_id,omitzero"` // what was shown; uuid.Nil of a withdrawal
	Language    string     `json:"language,omitempty"`
	Basis       Basis      `json:"basis,omitempty"`
	By          By         `json:"given_by"`
	How         How        `json:"how"`
	HappenedOn  civil.Date `json:"happened_on"`
	ExpiresOn   civil.Date `json:"expires_on,omitzero"` // the last day on which it counts; zero: it does not lapse
	Limits      string     `json:"limits,omitempty"`    // that she has set, in her words
	Reason      string     `json:"reason,omitempty"`    // of a withdrawal
	RecordedAt  time.Time  `json:"-"`
	RecordedBy  uuid.UUID  `json:"-"` // who explained it; uuid.Nil: she herself, in the portal or by a link
}

// same says whether two events say the same, whatever their ids.
func (e Event) same(other Event) bool {
	other.ID, other.RecordedAt = e.ID, e.RecordedAt
	return e == other
}

// lastDay is the last day on which consent counts: what was agreed, and for implied consent
// two years at most.
func (e Event) lastDay() civil.Date {
	if e.Kind != Given {
		return civil.Date{}
	}
	if e.Basis == Implied {
		// Somebody in touch on 29 February has until the last day of February.
		lapses := civil.Of(time.Date(e.HappenedOn.Year+impliedYears, e.HappenedOn.Month, e.HappenedOn.Day, 0, 0, 0, 0, time.UTC)).AddDays(-1)
		if e.ExpiresOn.IsZero() || lapses.Before(e.ExpiresOn) {
			return lapses
		}
	}
	return e.ExpiresOn
}

// State is where a purpose stands on a day.
type State uint8

// The states.
const (
	Unasked State = iota
	Agreed
	Lapsed
	Declined
	TakenBack
)

// state is where the last event leaves its purpose; the zero Event stands for none.
func (e Event) state(today civil.Date) State {
	switch e.Kind {
	case Given:
		if last := e.lastDay(); !last.IsZero() && last.Before(today) {
			return Lapsed
		}
		return Agreed
	case Refused:
		return Declined
	case Withdrawn:
		return TakenBack
	}
	return Unasked
}

// mayRefuse: who has agreed does not refuse but withdraws.
func (s State) mayRefuse() bool { return s == Unasked || s == Declined || s == Lapsed }

// mayWithdraw says whether there is something to withdraw. Nobody needs to have agreed to
// be able to stop her record from growing.
func (s State) mayWithdraw(p Purpose) bool {
	return s == Agreed || p == Service && s != TakenBack
}

// consent is what the last event about the service makes of a record.
func (e Event) consent() access.Consent {
	switch e.Kind {
	case Given:
		return access.ConsentGiven
	case Withdrawn:
		return access.ConsentWithdrawn
	}
	return access.ConsentNone
}

// sharing is what the last event about sharing makes of a record.
func (e Event) sharing() access.Sharing {
	if e.Kind == Given {
		return access.ShareAcross
	}
	return access.ShareNot
}

// endsAt is the moment at which it lapses: the midnight after its last day.
func (e Event) endsAt(zone *time.Location) *time.Time {
	last := e.lastDay()
	if last.IsZero() {
		return nil
	}
	next := last.AddDays(1)
	at := time.Date(next.Year, next.Month, next.Day, 0, 0, 0, 0, zone)
	return &at
}

// check says what is wrong with an event that somebody wants to record today after last,
// the event that stands.
func (e Event) check(last Event, today civil.Date) view.Problems {
	var problems view.Problems
	if e.Kind == "" || e.Kind == Refused && !last.state(today).mayRefuse() {
		problems.Add("answer", answerWanted(e.Kind))
	}
	if e.Purpose.casl() && e.Kind == Given && e.Basis != Express && e.Basis != Implied {
		problems.Add("basis", i18n.ConsentBasisWanted)
	}
	if e.By != Herself && e.By != Substitute {
		problems.Add("given_by", i18n.ConsentByWanted)
	}
	if !slices.Contains(hows, e.How) {
		problems.Add("how", i18n.ConsentHowWanted)
	}
	switch {
	case e.HappenedOn.IsZero():
		problems.Add("happened_on", i18n.ConsentOnWanted)
	case today.Before(e.HappenedOn):
		problems.Add("happened_on", i18n.ConsentOnAhead)
	case e.HappenedOn.Before(last.HappenedOn):
		problems.Add("happened_on", i18n.ConsentOnOlder)
	}
	if !e.ExpiresOn.IsZero() && e.ExpiresOn.Before(today) {
		problems.Add("expires_on", i18n.ConsentExpiresPast)
	}
	for name, words := range map[string]string{"limits": e.Limits, "reason": e.Reason} {
		if utf8.RuneCountInString(words) > MaxWords {
			problems.Add(name, i18n.FormTooLong(MaxWords))
		}
	}
	return problems
}

func answerWanted(kind Kind) i18n.Message {
	if kind == Refused {
		return i18n.ConsentAnswerWithdraw
	}
	return i18n.ConsentAnswerWanted
}
