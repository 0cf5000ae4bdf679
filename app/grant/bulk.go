package grant

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"konote/tenancy"
)

var bulkColumns = []string{"id", "staff_id", "program_id", "participant_id", "through", "is_emergency", "reason_id", "justification_sealed",
	"created_at", "expires_at", "revoked_at", "revoked_by", "reviewed_at", "reviewed_by", "finding", "finding_sealed"}

// Bulk adds invented grants by COPY, for demo data: it checks nothing and records nothing.
// Agencies that serve real people refuse it.
func Bulk(ctx context.Context, tx *tenancy.Tx, grants []Grant) error {
	if !tx.Agency().Demo {
		return errors.New("add invented grants: the agency is not a demonstration")
	}
	s := tx.Box().Sealer()
	_, err := tx.Copy(ctx, "access_grants", bulkColumns, pgx.CopyFromSlice(len(grants), func(i int) ([]any, error) {
		g := grants[i]
		why, remark := s.Seal(colWhy, g.ID, g.Why), s.Seal(colRemark, g.ID, g.Remark)
		var finding *Finding
		if g.Finding != "" {
			finding = &g.Finding
		}
		return []any{g.ID, g.Staff, tenancy.Null(g.Program), tenancy.Null(g.Participant), g.Through, g.Emergency, tenancy.Null(g.Reason), why,
			g.CreatedAt, g.ExpiresAt, moment(g.RevokedAt), tenancy.Null(g.RevokedBy), moment(g.ReviewedAt), tenancy.Null(g.ReviewedBy), finding, remark}, s.Err()
	}))
	if err != nil {
		return fmt.Errorf("add invented grants: %w", err)
	}
	return nil
}

func moment(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	return &at
}
