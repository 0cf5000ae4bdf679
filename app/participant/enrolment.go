package participant

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/civil"
	"konote/app/i18n"
	"konote/app/view"
)

// Enrolment is a participant's time in one program.
type Enrolment struct {
	ID           uuid.UUID              `db:"id"`
	Participant  uuid.UUID              `db:"participant_id"`
	Program      uuid.UUID              `db:"program_id"`
	Status       access.EnrolmentStatus `db:"status"`
	StartedOn    civil.Date             `db:"started_on"` // first day; zero until it begins
	EndedOn      civil.Date             `db:"ended_on"`   // last day; zero while it is open
	CreatedAt    time.Time              `db:"created_at"`
	Version      int                    `db:"version"`
	ProgramEN    string                 `db:"name_en"`
	ProgramFR    string                 `db:"name_fr"`
	Confidential bool                   `db:"is_confidential"`
}

// ProgramName is the program's name in the reader's language.
func (e Enrolment) ProgramName(p *i18n.Printer) string {
	if p.French() {
		return e.ProgramFR
	}
	return e.ProgramEN
}

// transitions are the changes of status that there are, in the order in which a page
// offers them. Finished and cancelled are ends: who comes back is enrolled again, so
// that each time stands by itself.
var transitions = map[access.EnrolmentStatus][]access.EnrolmentStatus{
	access.Planned:  {access.Enrolled, access.Waitlist, access.Cancelled},
	access.Waitlist: {access.Enrolled, access.Planned, access.Cancelled},
	access.Enrolled: {access.OnHold, access.Finished, access.Cancelled},
	access.OnHold:   {access.Enrolled, access.Finished},
}

// Beginnings are the statuses with which an enrolment may begin.
var Beginnings = []access.EnrolmentStatus{access.Enrolled, access.Planned, access.Waitlist}

// Open says whether the enrolment may still change.
func (e Enrolment) Open() bool { return len(transitions[e.Status]) > 0 }

var enrolmentLabels = map[access.EnrolmentStatus]i18n.Key{
	access.Planned: i18n.EnrolmentStatusPlanned, access.Waitlist: i18n.EnrolmentStatusWaitlist,
	access.Enrolled: i18n.EnrolmentStatusActive, access.OnHold: i18n.EnrolmentStatusOnHold,
	access.Finished: i18n.EnrolmentStatusFinished, access.Cancelled: i18n.EnrolmentStatusCancelled,
}

// EnrolmentLabel is a status in words.
func EnrolmentLabel(s access.EnrolmentStatus) i18n.Message { return enrolmentLabels[s] }

// A Change is what somebody wants to make of an enrolment.
type Change struct {
	To     access.EnrolmentStatus
	On     civil.Date // the first day of it when it begins, the last when it ends; otherwise not used
	Reason string
}

// needsReason says whether the change has to be explained.
func (c Change) needsReason() bool {
	return c.To == access.OnHold || c.To == access.Finished || c.To == access.Cancelled
}

const maxReason = 1000

// earliestDay catches a year that was mistyped.
var earliestDay = civil.Date{Year: 1950, Month: time.January, Day: 1}

// check says what is wrong with a change that somebody wants to make of e today.
func (c Change) check(e Enrolment, today civil.Date) view.Problems {
	var problems view.Problems
	if c.To == "" {
		problems.Add("to", i18n.EnrolmentToWanted)
	} else if !slices.Contains(transitions[e.Status], c.To) {
		problems.Add("to", i18n.EnrolmentToImpossible)
	}
	if e.asksDay(c.To) {
		if problem := dayProblem(c.On, today); problem != nil {
			problems.Add("on", problem)
		} else if c.To == access.Finished && c.On.Before(e.StartedOn) {
			problems.Add("on", i18n.EnrolmentOnBeforeStart)
		}
	}
	if tooLong(c.Reason, maxReason) {
		problems.Add("reason", i18n.FormTooLong(maxReason))
	} else if c.Reason == "" && c.needsReason() {
		problems.Add("reason", i18n.EnrolmentReasonWanted)
	}
	return problems
}

// begins says whether the status is the one in which this enrolment begins: one that
// was on hold had begun before.
func (e Enrolment) begins(to access.EnrolmentStatus) bool {
	return to == access.Enrolled && e.Status != access.OnHold
}

// asksDay says whether the change has a day: the first or the last.
func (e Enrolment) asksDay(to access.EnrolmentStatus) bool {
	return e.begins(to) || to == access.Finished
}

// dayProblem is what is wrong with the first or last day of an enrolment.
func dayProblem(on, today civil.Date) i18n.Message {
	switch {
	case on.IsZero():
		return i18n.EnrolmentOnWanted
	case today.Before(on):
		return i18n.EnrolmentOnAhead
	case on.Before(earliestDay):
		return i18n.EnrolmentOnLongAgo
	}
	return nil
}

// after is the enrolment as the change leaves it.
func (c Change) after(e Enrolment) Enrolment {
	switch {
	case e.begins(c.To):
		e.StartedOn = c.On
	case c.To == access.Finished:
		e.EndedOn = c.On
	}
	e.Status = c.To
	return e
}

// accessOf are the enrolments as package access wants them.
func accessOf(enrolments []Enrolment) []access.Enrolment {
	of := make([]access.Enrolment, len(enrolments))
	for i, e := range enrolments {
		of[i] = access.Enrolment{Program: e.Program, Status: e.Status}
	}
	return of
}

// recorded is one line of an enrolment's history.
type recorded struct {
	Enrolment uuid.UUID
	Status    access.EnrolmentStatus
	Reason    string // "" where the actor may not read it
	At        time.Time
	By        uuid.UUID // uuid.Nil: a command
}
