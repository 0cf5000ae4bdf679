package caseload

import (
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/civil"
	"konote/app/i18n"
	"konote/app/participant"
	"konote/app/program"
	"konote/app/staff"
)

// Most is how many enrolments one change may have.
const Most = 500

// undoFor is how long a change can be taken back.
const undoFor = 24 * time.Hour

// Kind is what is done with many enrolments.
type Kind string

// The kinds, as stored.
const (
	Assign    Kind = "assign"
	Transfer  Kind = "transfer"
	Discharge Kind = "discharge"
)

// Kinds lists them, the harmless one first.
var Kinds = []Kind{Assign, Transfer, Discharge}

var kindLabels = map[Kind]i18n.Key{Assign: i18n.CaseloadAssign, Transfer: i18n.CaseloadTransfer, Discharge: i18n.CaseloadDischarge}

// openStatuses are those of enrolments that may still change.
var openStatuses = []access.EnrolmentStatus{access.Planned, access.Waitlist, access.Enrolled, access.OnHold}

// An order is what shall be done.
type order struct {
	Kind   Kind
	To     uuid.UUID // of Transfer: the program; of Assign: the worker, uuid.Nil for nobody in particular
	On     civil.Date
	End    participant.EndReason
	Reason string
}

// change is the order as a change of one enrolment that ends by it.
func (o order) change() participant.Change {
	return participant.Change{To: access.Finished, On: o.On, End: o.End, Reason: o.Reason}
}

// A why says in a word why somebody is left out.
type why string

// The words, as stored.
const (
	whyChanged   why = "changed"
	whyEnded     why = "ended"
	whyNotBegun  why = "not_begun"
	whyLater     why = "later"
	whySame      why = "same"
	whyAlready   why = "already"
	whyAssigned  why = "assigned"
	whyElsewhere why = "elsewhere"
	whyWritten   why = "written"
)

var whyLabels = map[why]i18n.Key{
	whyChanged: i18n.CaseloadWhyChanged, whyEnded: i18n.CaseloadWhyEnded, whyNotBegun: i18n.CaseloadWhyNotBegun,
	whyLater: i18n.CaseloadWhyLater, whySame: i18n.CaseloadWhySame, whyAlready: i18n.CaseloadWhyAlready,
	whyAssigned: i18n.CaseloadWhyAssigned, whyElsewhere: i18n.CaseloadWhyElsewhere, whyWritten: i18n.CaseloadWhyWritten,
}

// left is an enrolment that is left out.
type left struct {
	Enrolment   uuid.UUID `json:"enrolment"`
	Participant uuid.UUID `json:"participant"`
	Program     uuid.UUID `json:"program"`
	Why         why       `json:"why"`
}

func leave(e participant.Enrolment, because why) left {
	return left{Enrolment: e.ID, Participant: e.Participant, Program: e.Program, Why: because}
}

// offer is what there is to choose from, for this actor.
type offer struct {
	Programs []program.Program            // where she may change enrolments
	Teams    map[uuid.UUID][]staff.Member // who works in each of them
}

// workers are all of the teams, each once, by name.
func (o offer) workers() (all []staff.Member) {
	for _, p := range o.Programs {
		for _, m := range o.Teams[p.ID] {
			if !slices.ContainsFunc(all, func(known staff.Member) bool { return known.ID == m.ID }) {
				all = append(all, m)
			}
		}
	}
	slices.SortFunc(all, func(a, b staff.Member) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	return all
}

// targets are the programs to which people can be transferred.
func (o offer) targets() (open []program.Program) {
	for _, p := range o.Programs {
		if p.Status == program.Active {
			open = append(open, p)
		}
	}
	return open
}

func (o offer) worksIn(worker, program uuid.UUID) bool {
	return slices.ContainsFunc(o.Teams[program], func(m staff.Member) bool { return m.ID == worker })
}

func (o offer) program(id uuid.UUID) (program.Program, bool) {
	at := slices.IndexFunc(o.Programs, func(p program.Program) bool { return p.ID == id })
	if at < 0 {
		return program.Program{}, false
	}
	return o.Programs[at], true
}

func (o offer) workerName(id uuid.UUID) string {
	for _, m := range o.workers() {
		if m.ID == id {
			return m.Name
		}
	}
	return ""
}

// decide parts the enrolments into those for which the order can be done and those that
// are left out. seen are the versions that the person saw, nil while she is still to see
// them; there are the people who have an open enrolment in the program of a transfer.
func (o order) decide(enrolments []participant.Enrolment, seen map[uuid.UUID]int, there map[uuid.UUID]bool, offered offer) (do []participant.Enrolment, out []left) {
	coming := map[uuid.UUID]bool{} // to the program of a transfer, from another enrolment
	for _, e := range enrolments {
		because := o.leaves(e, offered)
		switch {
		case seen != nil && seen[e.ID] != e.Version:
			because = whyChanged
		case because == "" && o.Kind == Transfer && (there[e.Participant] || coming[e.Participant]):
			because = whyAlready
		}
		if because != "" {
			out = append(out, leave(e, because))
			continue
		}
		coming[e.Participant] = true
		do = append(do, e)
	}
	return do, out
}

// leaves says why one enrolment is left out; "" when it is not.
func (o order) leaves(e participant.Enrolment, offered offer) why {
	switch {
	case !e.Open():
		return whyEnded
	case o.Kind == Assign && e.Worker == o.To:
		return whyAssigned
	case o.Kind == Assign && o.To != uuid.Nil && !offered.worksIn(o.To, e.Program):
		return whyElsewhere
	case o.Kind == Assign:
		return ""
	case o.Kind == Transfer && e.Program == o.To:
		return whySame
	case e.Status == access.Planned || e.Status == access.Waitlist:
		return whyNotBegun
	case o.On.Before(e.StartedOn):
		return whyLater
	}
	return ""
}

// A done change as it is kept: ids, statuses and versions.
type done struct {
	ID       uuid.UUID
	Kind     Kind
	Staff    uuid.UUID
	What     what
	LeftOut  []left
	At       time.Time
	UndoneAt time.Time // zero: not taken back
}

// what is the JSON of a change.
type what struct {
	To   uuid.UUID `json:"to,omitzero"`
	Rows []row     `json:"rows"`
}

// row is one enrolment as it was.
type row struct {
	Enrolment   uuid.UUID              `json:"enrolment"`
	Participant uuid.UUID              `json:"participant"`
	Program     uuid.UUID              `json:"program"`
	Status      access.EnrolmentStatus `json:"status"`
	Worker      uuid.UUID              `json:"worker,omitzero"`
	Version     int                    `json:"version"`
	Added       uuid.UUID              `json:"added,omitzero"` // the new enrolment of a transfer
}

// undoable says whether it may still be taken back.
func (d done) undoable(now time.Time) bool {
	return d.UndoneAt.IsZero() && now.Before(d.At.Add(undoFor)) && len(d.What.Rows) > 0
}
