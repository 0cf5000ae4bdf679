package plan

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"konote/app/staff"
	"konote/keyring"
	"konote/tenancy"
)

// The newest first; one more than is shown, so that the oldest one shown can be compared.
const sqlRevisions = `SELECT r.id, r.version, r.content_sealed, r.changed_at, r.changed_by,
	    (SELECT s.display_name_sealed FROM agency.staff s WHERE s.id = r.changed_by) AS by_name_sealed
	FROM agency.target_revisions r WHERE r.target_id = $1 AND r.version < $2 ORDER BY r.version DESC LIMIT $3`

type revisionRow struct {
	ID      uuid.UUID      `db:"id"`
	Version int            `db:"version"`
	Content keyring.Sealed `db:"content_sealed"`
	At      time.Time      `db:"changed_at"`
	By      *uuid.UUID     `db:"changed_by"`
	ByName  keyring.Sealed `db:"by_name_sealed"`
}

// A revision is a target as it stood after a change.
type revision struct {
	Version int
	At      time.Time
	By      string // "" for a command
	content
}

// revisions loads at most limit revisions of a target before a version, the newest first.
func revisions(ctx context.Context, tx *tenancy.Tx, target uuid.UUID, before, limit int) ([]revision, error) {
	rows, err := tenancy.Rows[revisionRow](ctx, tx, sqlRevisions, target, before, limit)
	if err != nil {
		return nil, fmt.Errorf("load revisions: %w", err)
	}
	o := tx.Box().Opener()
	found := make([]revision, len(rows))
	for i, row := range rows {
		found[i] = revision{Version: row.Version, At: row.At}
		if row.By != nil {
			found[i].By = staff.OpenName(o, *row.By, row.ByName)
		}
		plain := o.Open(colContent, row.ID, row.Content)
		if err := o.Err(); err != nil {
			return nil, fmt.Errorf("open revision: %w", err)
		}
		if err := json.Unmarshal([]byte(plain), &found[i].content); err != nil {
			return nil, fmt.Errorf("read revision %d: %w", row.Version, errContent)
		}
	}
	return found, nil
}
