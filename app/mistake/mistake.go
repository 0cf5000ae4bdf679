package mistake

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/keyring"
	"konote/tenancy"
)

// Mark says that a record was entered in error; the zero value, that it was not.
type Mark struct {
	At     time.Time
	By     uuid.UUID
	Reason string
}

// Is says whether it was.
func (m Mark) Is() bool { return !m.At.IsZero() }

// A Record is what can be marked.
type Record struct {
	ID          uuid.UUID
	Participant uuid.UUID
	Program     uuid.UUID
	Author      uuid.UUID
	CreatedAt   time.Time
	Mark        Mark
	Guarded     bool // from its author: only who manages the program may mark it
}

// authorMarks is for how long who recorded something can mark it.
const authorMarks = 24 * time.Hour

// May says whether the actor, whose role needs the key in the record's program, may mark it
// at this moment.
func (r Record) May(actor access.Actor, key access.Key, now time.Time) bool {
	if r.Mark.Is() || !actor.About(r.Participant).MayIn(r.Program, key) {
		return false
	}
	return actor.Roles[r.Program] == access.ProgramManager || !r.Guarded && r.Author == actor.Staff && now.Before(r.CreatedAt.Add(authorMarks))
}

// Columns are the mark in a row. A row's struct embeds them.
type Columns struct {
	CancelledAt  *time.Time     `db:"cancelled_at"`
	CancelledBy  *uuid.UUID     `db:"cancelled_by"`
	CancelReason keyring.Sealed `db:"cancel_reason_sealed"`
}

// Open opens the mark of a record, whose reason is sealed in a column of its table.
func (c Columns) Open(o *keyring.Opener, reason keyring.Column, record uuid.UUID) Mark {
	if c.CancelledAt == nil {
		return Mark{}
	}
	return Mark{At: *c.CancelledAt, By: tenancy.Zero(c.CancelledBy), Reason: o.Open(reason, record, c.CancelReason)}
}

// Set runs the statement that marks a record ($1) with when ($2), by whom ($3) and why ($4);
// it says false when there was nothing to mark any more.
func Set(ctx context.Context, tx *tenancy.Tx, sql string, reason keyring.Column, record uuid.UUID, m Mark) (bool, error) {
	sealed, err := tx.Box().Seal(reason, record, m.Reason)
	if err != nil {
		return false, fmt.Errorf("seal the reason of a mark: %w", err)
	}
	changed, err := tx.Exec(ctx, sql, record, m.At, m.By, sealed)
	if err != nil {
		return false, fmt.Errorf("mark as entered in error: %w", err)
	}
	return changed == 1, nil
}
