package metric

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"konote/app/staff"
	"konote/keyring"
	"konote/tenancy"
)

var colReason = keyring.Column{Table: "metric_reasons", Name: "reason", Pad: keyring.Words}

const (
	sqlInsertReason = `INSERT INTO agency.metric_reasons (id, metric_id, reason_sealed, given_at, given_by) VALUES ($1, $2, $3, $4, $5)`

	// Ids rise with time. $2: only those before that one; the nil UUID for the newest.
	sqlReasons = `SELECT id, reason_sealed, given_at, given_by FROM agency.metric_reasons
		WHERE metric_id = $1 AND ($2 = '00000000-0000-0000-0000-000000000000'::uuid OR id < $2) ORDER BY id DESC LIMIT $3`
)

// Explain keeps why a metric was made or changed, in the transaction of the change. No
// text is no reason. by is uuid.Nil for a command.
func Explain(ctx context.Context, tx *tenancy.Tx, metric uuid.UUID, text string, by uuid.UUID) error {
	if text == "" {
		return nil
	}
	id := tenancy.NewID()
	sealed, err := tx.Box().Seal(colReason, id, text)
	if err != nil {
		return fmt.Errorf("seal the reason: %w", err)
	}
	if _, err := tx.Exec(ctx, sqlInsertReason, id, metric, sealed, tx.Now(), tenancy.Null(by)); err != nil {
		return fmt.Errorf("keep the reason: %w", err)
	}
	return nil
}

// reasons loads why a metric was made and changed, the newest first, before the one with an
// id (uuid.Nil: from the newest). more says that there are older ones.
func reasons(ctx context.Context, tx *tenancy.Tx, metric, before uuid.UUID) (found []Reason, more bool, err error) {
	rows, err := tenancy.Rows[struct {
		ID   uuid.UUID      `db:"id"`
		Text keyring.Sealed `db:"reason_sealed"`
		At   time.Time      `db:"given_at"`
		By   *uuid.UUID     `db:"given_by"`
	}](ctx, tx, sqlReasons, metric, before, reasonsPage+1)
	if err != nil {
		return nil, false, fmt.Errorf("load reasons: %w", err)
	}
	if more = len(rows) > reasonsPage; more {
		rows = rows[:reasonsPage]
	}
	o := tx.Box().Opener()
	var by []uuid.UUID
	for _, r := range rows {
		found = append(found, Reason{ID: r.ID, Text: o.Open(colReason, r.ID, r.Text), At: r.At, By: tenancy.Zero(r.By)})
		if r.By != nil {
			by = append(by, *r.By)
		}
	}
	if err := o.Err(); err != nil {
		return nil, false, fmt.Errorf("open reasons: %w", err)
	}
	names, err := staff.Names(ctx, tx, by)
	for i := range found {
		found[i].Name = names[found[i].By]
	}
	return found, more, err
}
