package note

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/app/access"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/mistake"
	"konote/app/plan"
	"konote/app/staff"
	"konote/keyring"
	"konote/tenancy"
)

// What happens to a note after it was signed.

const (
	sqlMarkInError = `UPDATE agency.notes SET cancelled_at = $2, cancelled_by = $3, cancel_reason_sealed = $4
		WHERE id = $1 AND cancelled_at IS NULL`

	// The targets that a note counts for: those it tells of, and those that are measured by
	// what it measured once for several.
	sqlCountsFor = `SELECT g.target_id FROM agency.note_targets g WHERE g.note_id = $1
		UNION
		SELECT m.target_id FROM agency.metric_values v JOIN agency.notes n ON n.id = v.note_id
		JOIN agency.target_metrics m ON m.metric_id = v.metric_id AND m.removed_at IS NULL
		JOIN agency.targets t ON t.id = m.target_id AND t.participant_id = v.participant_id
		JOIN agency.plan_sections s ON s.id = t.section_id AND s.program_id = n.program_id
		WHERE v.note_id = $1 AND v.target_id IS NULL`

	sqlAddenda = `SELECT a.id, a.note_id, a.author_id, a.author_role, a.text_sealed, a.created_at,
		    (SELECT s.display_name_sealed FROM agency.staff s WHERE s.id = a.author_id) AS author_name_sealed
		FROM agency.note_addenda a WHERE a.note_id = $1 ORDER BY a.created_at, a.id`

	sqlAddendum = `SELECT id, note_id, author_id, author_role, text_sealed, created_at, NULL::bytea AS author_name_sealed
		FROM agency.note_addenda WHERE id = $1`

	sqlInsertAddendum = `INSERT INTO agency.note_addenda (id, note_id, author_id, author_role, text_sealed, created_at)
		VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING`
)

// markInError marks a note; it says false when it was marked already. What the note had
// answered is open again, and what it counted for is computed anew.
func markInError(ctx context.Context, tx *tenancy.Tx, of mistake.Record, m mistake.Mark) (bool, error) {
	done, err := mistake.Set(ctx, tx, sqlMarkInError, colCancelReason, of.ID, m)
	if err != nil || !done {
		return false, err
	}
	var targets []uuid.UUID
	b := tx.Batch()
	b.Exec(sqlReopenFollowUps, of.ID, of.Participant, of.Author, of.CreatedAt)
	b.Queue(sqlCountsFor, func(rows pgx.Rows) (err error) {
		targets, err = pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
		return err
	}, of.ID)
	if err := b.Send(ctx); err != nil {
		return false, fmt.Errorf("undo what a note answered and counted for: %w", err)
	}
	return true, plan.Recompute(ctx, tx, of.Participant, targets)
}

type addendumRow struct {
	ID         uuid.UUID      `db:"id"`
	Note       uuid.UUID      `db:"note_id"`
	Author     uuid.UUID      `db:"author_id"`
	AuthorRole access.Role    `db:"author_role"`
	Text       keyring.Sealed `db:"text_sealed"`
	CreatedAt  time.Time      `db:"created_at"`
	AuthorName keyring.Sealed `db:"author_name_sealed"`
}

func (r addendumRow) open(o *keyring.Opener) Addendum {
	return Addendum{
		ID: r.ID, Note: r.Note, Author: r.Author, AuthorRole: r.AuthorRole, CreatedAt: r.CreatedAt,
		Text: o.Open(colAddendum, r.ID, r.Text),
	}
}

// A signedAddendum is one with the name of who wrote it.
type signedAddendum struct {
	Addendum
	Name string
}

func openAddenda(box *keyring.Box, rows []addendumRow) ([]signedAddendum, error) {
	o := box.Opener()
	addenda := make([]signedAddendum, len(rows))
	for i, r := range rows {
		addenda[i] = signedAddendum{Addendum: r.open(o), Name: staff.OpenName(o, r.Author, r.AuthorName)}
	}
	if err := o.Err(); err != nil {
		return nil, fmt.Errorf("open addenda: %w", err)
	}
	return addenda, nil
}

// addTo saves an addendum. As insert does with notes, it says false when the same words
// were saved before, and keeps other words under an id of their own.
func addTo(ctx context.Context, tx *tenancy.Tx, a *Addendum) (bool, error) {
	text, err := tx.Box().Seal(colAddendum, a.ID, a.Text)
	if err != nil {
		return false, fmt.Errorf("seal addendum: %w", err)
	}
	added, err := tx.Exec(ctx, sqlInsertAddendum, a.ID, a.Note, a.Author, a.AuthorRole, text, a.CreatedAt)
	if err != nil {
		return false, fmt.Errorf("insert addendum: %w", err)
	}
	if added > 0 {
		return true, nil
	}
	found, err := tenancy.Row[addendumRow](ctx, tx, sqlAddendum, a.ID)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return false, fmt.Errorf("load addendum: %w", err)
	}
	o := tx.Box().Opener()
	saved := found.open(o)
	switch {
	case o.Err() != nil:
		return false, fmt.Errorf("open addendum: %w", o.Err())
	case saved.Author != a.Author || saved.Note != a.Note:
		return false, fault.New(fault.Conflict, i18n.FaultConflictTitle)
	case saved.Text == a.Text:
		return false, nil
	}
	a.ID = tenancy.NewID()
	return addTo(ctx, tx, a)
}
