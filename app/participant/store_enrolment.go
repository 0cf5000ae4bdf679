package participant

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/app/access"
	"konote/app/civil"
	"konote/app/fault"
	"konote/app/find"
	"konote/app/i18n"
	"konote/app/staff"
	"konote/keyring"
	"konote/tenancy"
)

// Enrol enrols a participant, with the first line of the history. It says false when
// there is an open enrolment in that program already. by is uuid.Nil for a command.
func Enrol(ctx context.Context, tx *tenancy.Tx, e Enrolment, by uuid.UUID) (bool, error) {
	added, err := EnrolAll(ctx, tx, []Enrolment{e}, by)
	return len(added) == 1, err
}

// EnrolAll is Enrol for many people who begin alike: in one program, with one status and
// day. It returns the enrolments that were added; the others have an open one there
// already.
func EnrolAll(ctx context.Context, tx *tenancy.Tx, enrolments []Enrolment, by uuid.UUID) ([]Enrolment, error) {
	if len(enrolments) == 0 {
		return nil, nil
	}
	ids, people := make([]uuid.UUID, len(enrolments)), make([]uuid.UUID, len(enrolments))
	for i, e := range enrolments {
		ids[i], people[i] = e.ID, e.Participant
	}
	e := enrolments[0]
	if err := touch(ctx, tx, enrolments); err != nil {
		return nil, err
	}
	added, err := changedIDs(ctx, tx, sqlInsertEnrolments, ids, people, e.Program, e.Status, e.StartedOn, e.EndedOn, tx.Now())
	if err != nil {
		return nil, fmt.Errorf("insert enrolments: %w", err)
	}
	found := only(enrolments, added)
	return found, record(ctx, tx, found, "", by)
}

// enrolledBy is whose an enrolment is. Whether the actor may know of it is for the caller
// to ask.
func enrolledBy(ctx context.Context, tx *tenancy.Tx, id uuid.UUID) (participant uuid.UUID, err error) {
	err = tx.QueryRow(ctx, sqlEnrolledBy, id).Scan(&participant)
	if errors.Is(err, pgx.ErrNoRows) {
		return participant, fault.Missing()
	}
	if err != nil {
		return participant, fmt.Errorf("look for whose enrolment it is: %w", err)
	}
	return participant, nil
}

// Apply makes one change of enrolments as they were read, all of them by the rules
// (Change.Check), and returns those that it has changed, as they were: the others were
// changed by somebody else meanwhile. Either all of them begin by it or none does.
func Apply(ctx context.Context, tx *tenancy.Tx, enrolments []Enrolment, c Change, by uuid.UUID) ([]Enrolment, error) {
	if len(enrolments) == 0 {
		return nil, nil
	}
	var begins, ends civil.Date
	if enrolments[0].begins(c.To) {
		begins = c.On
	} else if c.To == access.Finished {
		ends = c.On
	}
	if err := touch(ctx, tx, enrolments); err != nil {
		return nil, err
	}
	ids, versions := read(enrolments)
	changed, err := changedIDs(ctx, tx, sqlChangeEnrolments, ids, versions, c.To, begins, ends, c.End, tx.Now())
	if err != nil {
		return nil, fmt.Errorf("update enrolments: %w", err)
	}
	found := only(enrolments, changed)
	after := make([]Enrolment, len(found))
	for i, e := range found {
		after[i] = c.After(e)
	}
	return found, record(ctx, tx, after, c.Reason, by)
}

// apply is Apply for one enrolment; fault.Conflict when somebody was faster.
func apply(ctx context.Context, tx *tenancy.Tx, e Enrolment, c Change, by uuid.UUID) error {
	changed, err := Apply(ctx, tx, []Enrolment{e}, c, by)
	if err == nil && len(changed) == 0 {
		return fault.New(fault.Conflict, i18n.EnrolmentLate)
	}
	return err
}

// Assign says who works with the participants, for each of the enrolments as they were
// read (uuid.Nil: nobody in particular). It returns those that it has changed; the others
// were changed by somebody else meanwhile. Whether the worker works in the program is the
// caller's business.
func Assign(ctx context.Context, tx *tenancy.Tx, enrolments []Enrolment, workers []uuid.UUID, by uuid.UUID) ([]Enrolment, error) {
	if len(enrolments) == 0 {
		return nil, nil
	}
	ids, versions := read(enrolments)
	changed, err := changedIDs(ctx, tx, sqlAssign, ids, versions, workers, tx.Now(), by)
	if err != nil {
		return nil, fmt.Errorf("assign a worker: %w", err)
	}
	return only(enrolments, changed), nil
}

// Reopen takes back that enrolments were finished: each stands as before (to), if it is
// as it was read and the person was not enrolled there again. Finished is an end for
// everything else; this is for a mistake over many people at once, soon after it. It
// returns those that it has reopened.
func Reopen(ctx context.Context, tx *tenancy.Tx, enrolments []Enrolment, to []access.EnrolmentStatus, reason string, by uuid.UUID) ([]Enrolment, error) {
	if err := touch(ctx, tx, enrolments); err != nil {
		return nil, err
	}
	ids, versions := read(enrolments)
	changed, err := changedIDs(ctx, tx, sqlReopen, ids, versions, to, tx.Now())
	if err != nil {
		return nil, fmt.Errorf("reopen enrolments: %w", err)
	}
	var after []Enrolment
	for i, e := range enrolments {
		if slices.Contains(changed, e.ID) {
			e.Status, e.EndedOn, e.EndReason = to[i], civil.Date{}, ""
			after = append(after, e)
		}
	}
	return after, record(ctx, tx, after, reason, by)
}

// Locked loads enrolments in the given programs, to be changed in this transaction:
// nobody else changes them until it ends.
func Locked(ctx context.Context, tx *tenancy.Tx, actor access.Actor, ids []uuid.UUID) ([]Enrolment, error) {
	if err := touch(ctx, tx, nil); err != nil { // what changes enrolments takes this first
		return nil, err
	}
	found, err := tenancy.Rows[Enrolment](ctx, tx, sqlLocked, ids, actor.Programs(access.ParticipantTransfer), actor.Withheld(access.ParticipantTransfer))
	if err != nil {
		return nil, fmt.Errorf("load enrolments to change: %w", err)
	}
	return found, nil
}

// read are the ids and versions of enrolments.
func read(enrolments []Enrolment) (ids []uuid.UUID, versions []int) {
	for _, e := range enrolments {
		ids, versions = append(ids, e.ID), append(versions, e.Version)
	}
	return ids, versions
}

// only leaves the enrolments with these ids.
func only(enrolments []Enrolment, ids []uuid.UUID) (found []Enrolment) {
	for _, e := range enrolments {
		if slices.Contains(ids, e.ID) {
			found = append(found, e)
		}
	}
	return found
}

func changedIDs(ctx context.Context, tx *tenancy.Tx, sql string, args ...any) ([]uuid.UUID, error) {
	rows, err := tenancy.Rows[struct {
		ID uuid.UUID `db:"id"`
	}](ctx, tx, sql, args...)
	ids := make([]uuid.UUID, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	return ids, err
}

// touch tells the search that the people may now be found by others. It comes before the
// change, which shares their rows: two who change one person's enrolments at once would
// wait for each other otherwise.
func touch(ctx context.Context, tx *tenancy.Tx, enrolments []Enrolment) error {
	people := make([]uuid.UUID, len(enrolments))
	for i, e := range enrolments {
		people[i] = e.Participant
	}
	_, err := find.Touch(ctx, tx, people...)
	return err
}

// record writes the line of the history that belongs to every change.
func record(ctx context.Context, tx *tenancy.Tx, enrolments []Enrolment, reason string, by uuid.UUID) error {
	if len(enrolments) == 0 {
		return nil
	}
	var ids, of []uuid.UUID
	var statuses []access.EnrolmentStatus
	var reasons [][]byte
	s := tx.Box().Sealer()
	for _, e := range enrolments {
		id := tenancy.NewID()
		ids, of = append(ids, id), append(of, e.ID)
		statuses, reasons = append(statuses, e.Status), append(reasons, s.Seal(colReason, id, reason))
	}
	if err := s.Err(); err != nil {
		return fmt.Errorf("seal the reason: %w", err)
	}
	if _, err := tx.Exec(ctx, sqlInsertChanges, ids, of, statuses, reasons, tx.Now(), tenancy.Null(by)); err != nil {
		return fmt.Errorf("record the change of enrolments: %w", err)
	}
	return nil
}

// openEnrolments opens the names of those who work with a participant, and leaves out
// what the actor may not read.
func openEnrolments(box *keyring.Box, actor access.Actor, enrolments []Enrolment) error {
	o := box.Opener()
	for i := range enrolments {
		e := &enrolments[i]
		if e.Worker != uuid.Nil {
			e.WorkerName = staff.OpenName(o, e.Worker, e.WorkerSealed)
		}
		if !actor.MayIn(e.Program, access.ParticipantViewClinical) {
			e.EndReason = ""
		}
	}
	if err := o.Err(); err != nil {
		return fmt.Errorf("open enrolments: %w", err)
	}
	return nil
}

type changeRow struct {
	ID        uuid.UUID              `db:"id"`
	Enrolment uuid.UUID              `db:"enrolment_id"`
	Status    access.EnrolmentStatus `db:"status"`
	Reason    keyring.Sealed         `db:"reason_sealed"`
	At        time.Time              `db:"changed_at"`
	By        *uuid.UUID             `db:"changed_by"`
}

// history loads what was recorded of enrolments, the newest first. Reasons are words
// about a person: they are opened only where the actor's role reads such words.
func history(ctx context.Context, tx *tenancy.Tx, actor access.Actor, enrolments []Enrolment) ([]recorded, error) {
	program := map[uuid.UUID]uuid.UUID{}
	ids := make([]uuid.UUID, len(enrolments))
	for i, e := range enrolments {
		ids[i], program[e.ID] = e.ID, e.Program
	}
	rows, err := tenancy.Rows[changeRow](ctx, tx, sqlChanges, ids)
	if err != nil {
		return nil, fmt.Errorf("load the history of enrolments: %w", err)
	}
	o := tx.Box().Opener()
	lines := make([]recorded, len(rows))
	for i, r := range rows {
		lines[i] = recorded{Enrolment: r.Enrolment, Status: r.Status, At: r.At, By: tenancy.Zero(r.By)}
		if actor.MayIn(program[r.Enrolment], access.ParticipantViewClinical) {
			lines[i].Reason = o.Open(colReason, r.ID, r.Reason)
		}
	}
	if err := o.Err(); err != nil {
		return nil, fmt.Errorf("open the history of enrolments: %w", err)
	}
	return lines, nil
}
