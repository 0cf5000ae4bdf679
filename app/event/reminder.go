package event

import (
	"time"

	"konote/app/i18n"
)

// Reminder is what came of reminding the participant of a meeting; "" for a meeting
// that needed no reminder because it was past when it was written down.
type Reminder string

// The states, as stored.
const (
	Waiting   Reminder = "waiting"
	Sent      Reminder = "sent"
	Failed    Reminder = "failed"
	Blocked   Reminder = "blocked"    // she wants no contact
	NoConsent Reminder = "no_consent" // she has not agreed to e-mail, or not any more
	NoContact Reminder = "no_contact" // there is no e-mail address
)

// Problem is why a reminder failed.
type Problem string

// The problems, as stored.
const (
	NoServer    Problem = "no_server"   // no mail server is set up
	Refused     Problem = "refused"     // the mail server does not take the address
	Unreachable Problem = "unreachable" // it did not answer
	TooLate     Problem = "too_late"    // the meeting began first
)

const (
	remindBefore = 36 * time.Hour
	remindTries  = 5
	// claimFor is how long a run that has claimed a reminder may take to send it.
	claimFor = 4 * time.Minute
)

// Valid says whether it is one of the states.
func (r Reminder) valid() bool {
	switch r {
	case Waiting, Sent, Failed, Blocked, NoConsent, NoContact:
		return true
	}
	return false
}

// retry says whether trying again by hand can help.
func (r Reminder) retry() bool { return r.valid() && r != Waiting && r != Sent }

// words say in a sentence how the reminder stands.
func (e Event) reminderWords(p *i18n.Printer) i18n.Message {
	switch e.Reminder {
	case Waiting:
		if e.Problem == Unreachable {
			return i18n.EventReminderAgain
		}
		return i18n.EventReminderWaiting(p.Moment(remindAt(e.StartsAt)))
	case Sent:
		return i18n.EventReminderSent(p.Moment(e.RemindedAt))
	case Blocked:
		return i18n.EventReminderBlocked
	case NoConsent:
		return i18n.EventReminderNoConsent
	case NoContact:
		return i18n.EventReminderNoContact
	case Failed:
		return problemWords[e.Problem]
	}
	return nil
}

var problemWords = map[Problem]i18n.Key{
	NoServer: i18n.EventReminderNoServer, Refused: i18n.EventReminderRefused,
	Unreachable: i18n.EventReminderUnreachable, TooLate: i18n.EventReminderTooLate,
}

func remindAt(starts time.Time) time.Time { return starts.Add(-remindBefore) }

// contact is how a participant may be written to.
type contact struct {
	By       string // contact_by, "" when nobody has asked
	Agreed   bool   // to be written to by e-mail
	Email    string
	Language string
}

// gate says whether a message may be sent: Waiting for yes, or why not.
func (c contact) gate() Reminder {
	switch {
	case c.By == "none":
		return Blocked
	case !c.Agreed:
		return NoConsent
	case c.Email == "":
		return NoContact
	}
	return Waiting
}

// begin is the reminder of a meeting that is scheduled now.
func begin(e Event, now time.Time) Reminder {
	if e.Status == Scheduled && e.StartsAt.After(now) {
		return Waiting
	}
	return ""
}
