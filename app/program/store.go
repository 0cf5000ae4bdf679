package program

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/app/fault"
	"konote/app/i18n"
	"konote/tenancy"
)

const columns = `id, name_en, name_fr, description_en, description_fr, service_model, status, is_confidential,
	coalesce(goal_review_days, 0) AS goal_review_days, version, updated_at, updated_by`

const (
	sqlAll = `SELECT ` + columns + ` FROM agency.programs ORDER BY status, name_en, id`

	sqlByID = `SELECT ` + columns + ` FROM agency.programs WHERE id = $1`

	sqlInsert = `INSERT INTO agency.programs
		(id, name_en, name_fr, description_en, description_fr, service_model, status, is_confidential, goal_review_days,
		 updated_at, updated_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, nullif($9, 0), $10, $11)`

	sqlUpdate = `UPDATE agency.programs
		SET name_en = $3, name_fr = $4, description_en = $5, description_fr = $6, service_model = $7, status = $8,
		    is_confidential = $9, goal_review_days = nullif($10, 0), updated_at = $11, updated_by = $12, version = version + 1
		WHERE id = $1 AND version = $2`
)

// All lists the agency's programs, active ones first. An agency has dozens of them,
// not thousands, so there are no pages; the caller shows only what the actor may see.
func All(ctx context.Context, tx *tenancy.Tx) ([]Program, error) {
	programs, err := tenancy.Rows[Program](ctx, tx, sqlAll)
	if err != nil {
		return nil, fmt.Errorf("list programs: %w", err)
	}
	return programs, nil
}

// InUse leaves those in which new things can begin: an archived program keeps what it has.
func InUse(programs []Program) []Program {
	return slices.DeleteFunc(slices.Clone(programs), func(p Program) bool { return p.Status != Active })
}

// Queue adds All to a page's batch.
func Queue(b *tenancy.Batch, to *[]Program) { tenancy.Once(b, to, sqlAll) }

// ByID loads one program; fault.NotFound when there is none.
func ByID(ctx context.Context, tx *tenancy.Tx, id uuid.UUID) (Program, error) {
	program, err := tenancy.Row[Program](ctx, tx, sqlByID, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return Program{}, fault.Missing()
	}
	if err != nil {
		return Program{}, fmt.Errorf("load program: %w", err)
	}
	return program, nil
}

// Insert adds a program. by is uuid.Nil for a command.
func Insert(ctx context.Context, tx *tenancy.Tx, p Program, by uuid.UUID) error {
	_, err := tx.Exec(ctx, sqlInsert, p.ID, p.NameEN, p.NameFR, p.DescriptionEN, p.DescriptionFR, p.ServiceModel, p.Status,
		p.Confidential, p.GoalReviewDays, tx.Now(), tenancy.Null(by))
	if err != nil {
		return fmt.Errorf("insert program: %w", err)
	}
	return nil
}

// update saves a change made from p.Version; fault.Conflict when somebody was faster.
func update(ctx context.Context, tx *tenancy.Tx, p Program, by uuid.UUID) error {
	changed, err := tx.Exec(ctx, sqlUpdate, p.ID, p.Version, p.NameEN, p.NameFR, p.DescriptionEN, p.DescriptionFR,
		p.ServiceModel, p.Status, p.Confidential, p.GoalReviewDays, tx.Now(), tenancy.Null(by))
	if err != nil {
		return fmt.Errorf("update program: %w", err)
	}
	if changed == 0 {
		return fault.New(fault.Conflict, i18n.FaultConflictTitle)
	}
	return nil
}
