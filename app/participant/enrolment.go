package participant

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/civil"
	"konote/app/i18n"
	"konote/app/view"
	"konote/keyring"
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
	Worker       uuid.UUID              `db:"worker_id"`  // who works with her there; uuid.Nil: nobody in particular
	EndReason    EndReason              `db:"end_reason"` // "" while it is open, and where the actor may not read it
	HeldAt       *time.Time             `db:"held_at"`    // since when it is on hold
	WorkerSealed keyring.Sealed         `db:"worker_name_sealed"`
	WorkerName   string                 `db:"-"`
	WorkerSetAt  *time.Time             `db:"worker_set_at"` // when somebody last said so; nil: before this was kept
	WorkerSetBy  *uuid.UUID             `db:"worker_set_by"`
}

// EndReason is how an enrolment ended, from a list that reports can count.
type EndReason string

// The ends, as stored, in the order in which a form offers them.
const (
	GoalsMet    EndReason = "goals_met"
	Completed   EndReason = "completed"
	MovedOn     EndReason = "moved_on"
	Referred    EndReason = "referred"
	Relocated   EndReason = "relocated"
	Withdrew    EndReason = "withdrew"
	LostContact EndReason = "lost_contact"
	Ineligible  EndReason = "ineligible"
	Capacity    EndReason = "capacity"
	Safety      EndReason = "safety"
	Deceased    EndReason = "deceased"
	OtherEnd    EndReason = "other"
)

// EndReasons lists them.
var EndReasons = []EndReason{GoalsMet, Completed, MovedOn, Referred, Relocated, Withdrew, LostContact, Ineligible, Capacity, Safety, Deceased, OtherEnd}

var endLabels = map[EndReason]i18n.Key{
	GoalsMet: i18n.EnrolmentEndGoalsMet, Completed: i18n.EnrolmentEndCompleted, MovedOn: i18n.EnrolmentEndMovedOn,
	Referred: i18n.EnrolmentEndReferred, Relocated: i18n.EnrolmentEndRelocated, Withdrew: i18n.EnrolmentEndWithdrew,
	LostContact: i18n.EnrolmentEndLostContact, Ineligible: i18n.EnrolmentEndIneligible, Capacity: i18n.EnrolmentEndCapacity,
	Safety: i18n.EnrolmentEndSafety, Deceased: i18n.EnrolmentEndDeceased, OtherEnd: i18n.EnrolmentEndOther,
}

// Label is the end in words.
func (e EndReason) Label() i18n.Message { return endLabels[e] }

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
	End    EndReason  // of one that is finished
	Reason string
}

// needsReason says whether the change has to be explained in words.
func (c Change) needsReason() bool {
	return c.To == access.OnHold || c.To == access.Cancelled || c.To == access.Finished && c.End == OtherEnd
}

// MaxReason is how many characters a reason may have.
const MaxReason = 1000

// earliestDay catches a year that was mistyped.
var earliestDay = civil.Date{Year: 1950, Month: time.January, Day: 1}

// Check says what is wrong with a change that somebody wants to make of e today.
func (c Change) Check(e Enrolment, today civil.Date) view.Problems {
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
	if c.To == access.Finished && endLabels[c.End] == "" {
		problems.Add("end_reason", i18n.EnrolmentEndReasonWanted)
	}
	if view.TooLong(c.Reason, MaxReason) {
		problems.Add("reason", i18n.FormTooLong(MaxReason))
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

// After is the enrolment as the change leaves it.
func (c Change) After(e Enrolment) Enrolment {
	switch {
	case e.begins(c.To):
		e.StartedOn = c.On
	case c.To == access.Finished:
		e.EndedOn, e.EndReason = c.On, c.End
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
