package caseload

import (
	"slices"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/participant"
	"konote/app/web"
	"konote/tenancy"
)

// undo takes a change back where nothing has happened since, and returns who stays
// changed. The enrolments are locked first, as when they were changed.
func (d donePage) undo(r *web.Request, tx *tenancy.Tx) (out []left, err error) {
	var ids, about []uuid.UUID
	for _, one := range d.What.Rows {
		ids, about = append(ids, one.Enrolment), append(about, one.Participant)
		if one.Added != uuid.Nil {
			ids = append(ids, one.Added)
		}
	}
	found, err := participant.Locked(r.Context(), tx, r.Actor(), ids)
	if err != nil {
		return nil, err
	}
	now := make(map[uuid.UUID]participant.Enrolment, len(found))
	for _, e := range found {
		now[e.ID] = e
	}
	var written map[uuid.UUID]bool
	if d.Kind == Transfer {
		if written, err = people(r.Context(), tx, sqlWritten, about, d.What.To, d.At); err != nil {
			return nil, err
		}
	}

	back := taken{kind: d.Kind}
	for _, one := range d.What.Rows {
		e, held := now[one.Enrolment]
		switch {
		case !held || e.Version != one.Version+1 || !d.stands(one, now):
			out = append(out, one.left(whyChanged))
		case written[one.Participant]:
			out = append(out, one.left(whyWritten))
		default:
			back.rows, back.enrolments = append(back.rows, one), append(back.enrolments, e)
			back.added = append(back.added, now[one.Added])
		}
	}
	restored, err := back.restore(r, tx)
	if err != nil {
		return nil, err
	}
	for i, one := range back.rows {
		e := back.enrolments[i]
		if !slices.ContainsFunc(restored, func(c participant.Enrolment) bool { return c.ID == e.ID }) {
			out = append(out, one.left(whyAlready))
			continue
		}
		if err := audit.Record(r.Context(), tx, audit.From(r), back.event(r, i)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// stands says whether a row is as the change has left it.
func (d donePage) stands(one row, now map[uuid.UUID]participant.Enrolment) bool {
	e := now[one.Enrolment]
	switch d.Kind {
	case Assign:
		return e.Open() && e.Worker == d.What.To
	case Discharge:
		return e.Status == access.Finished
	}
	added, held := now[one.Added]
	return e.Status == access.Finished && held && added.Version == 1 && added.Status == access.Enrolled
}

func (one row) left(because why) left {
	return left{Enrolment: one.Enrolment, Participant: one.Participant, Program: one.Program, Why: because}
}

// taken are the rows of a change that can be taken back, with the enrolments as they are
// now, index by index.
type taken struct {
	kind       Kind
	rows       []row
	enrolments []participant.Enrolment
	added      []participant.Enrolment // of a transfer
}

// restore puts the enrolments back, and returns those for which it was possible.
func (t taken) restore(r *web.Request, tx *tenancy.Tx) ([]participant.Enrolment, error) {
	if len(t.rows) == 0 {
		return nil, nil
	}
	if t.kind == Assign {
		workers := make([]uuid.UUID, len(t.rows))
		for i, one := range t.rows {
			workers[i] = one.Worker
		}
		return participant.Assign(r.Context(), tx, t.enrolments, workers, r.Actor().Staff)
	}
	statuses := make([]access.EnrolmentStatus, len(t.rows))
	for i, one := range t.rows {
		statuses[i] = one.Status
	}
	reason := undoReason(r)
	restored, err := participant.Reopen(r.Context(), tx, t.enrolments, statuses, reason, r.Actor().Staff)
	if err != nil || t.kind == Discharge {
		return restored, err
	}
	var leaving []participant.Enrolment
	for i, e := range t.enrolments {
		if slices.ContainsFunc(restored, func(c participant.Enrolment) bool { return c.ID == e.ID }) {
			leaving = append(leaving, t.added[i])
		}
	}
	_, err = participant.Apply(r.Context(), tx, leaving, participant.Change{To: access.Cancelled, Reason: reason}, r.Actor().Staff)
	return restored, err
}

// event is the act of taking the i-th row back.
func (t taken) event(r *web.Request, i int) audit.Event {
	e, one := t.enrolments[i], t.rows[i]
	event := e.Event(r, actionUndo)
	if t.kind == Assign {
		event.Before, event.After = participant.Assigned{Worker: e.Worker}, participant.Assigned{Worker: one.Worker}
		return event
	}
	event.Confidential = event.Confidential || t.added[i].Confidential
	event.Before, event.After = e.Kept(""), struct {
		Status    access.EnrolmentStatus `json:"status"`
		Cancelled uuid.UUID              `json:"cancelled,omitzero"`
	}{one.Status, one.Added}
	return event
}
