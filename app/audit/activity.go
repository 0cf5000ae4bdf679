package audit

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Activity is how much an agency's chain tells of, for the security audit.
type Activity struct {
	Total   int64 `db:"total"`
	Recent  int64 `db:"recent"`  // since the moment asked for
	Views   int64 `db:"views"`   // of these, views of participants
	Changes int64 `db:"changes"` // of these, acts that changed something
}

// Activity counts an agency's entries, and those since a moment.
func (l *Ledger) Activity(ctx context.Context, agency uuid.UUID, since time.Time) (Activity, error) {
	rows, err := l.reader.Query(ctx, sqlActivity, agency, since)
	if err != nil {
		return Activity{}, fmt.Errorf("count audit entries: %w", err)
	}
	activity, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Activity])
	if err != nil {
		return Activity{}, fmt.Errorf("count audit entries: %w", err)
	}
	return activity, nil
}
