package plan

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/app/fault"
	"konote/tenancy"
)

const templateColumns = `id, program_id, name_en, name_fr, body, status, updated_at, updated_by, version`

const (
	// Those of the whole agency and of the given programs ($1); all when $2.
	sqlTemplates = `SELECT ` + templateColumns + ` FROM agency.plan_templates
		WHERE program_id IS NULL OR $2 OR program_id = ANY($1) ORDER BY status, name_en, id`

	sqlTemplateByID = `SELECT ` + templateColumns + ` FROM agency.plan_templates WHERE id = $1`

	sqlInsertTemplate = `INSERT INTO agency.plan_templates (id, program_id, name_en, name_fr, body, status, updated_at, updated_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING`

	sqlUpdateTemplate = `UPDATE agency.plan_templates
		SET name_en = $3, name_fr = $4, body = $5, status = $6, updated_at = $7, updated_by = $8, version = version + 1
		WHERE id = $1 AND version = $2`
)

// templates lists the templates of the agency and of these programs (all programs when
// every), active ones first.
func templates(ctx context.Context, tx *tenancy.Tx, programs []uuid.UUID, every bool) ([]Template, error) {
	found, err := tenancy.Rows[Template](ctx, tx, sqlTemplates, programs, every)
	if err != nil {
		return nil, fmt.Errorf("list plan templates: %w", err)
	}
	return found, nil
}

func templateByID(ctx context.Context, tx *tenancy.Tx, id uuid.UUID) (Template, error) {
	found, err := tenancy.Row[Template](ctx, tx, sqlTemplateByID, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return Template{}, fault.Missing()
	}
	if err != nil {
		return Template{}, fmt.Errorf("load plan template: %w", err)
	}
	return found, nil
}

// InsertTemplate adds a template. It says false when there is one with this id. by is uuid.Nil
// for a command.
func InsertTemplate(ctx context.Context, tx *tenancy.Tx, t Template, by uuid.UUID) (bool, error) {
	added, err := tx.Exec(ctx, sqlInsertTemplate, t.ID, t.Program, t.NameEN, t.NameFR, t.Body, t.Status, tx.Now(), tenancy.Null(by))
	if err != nil {
		return false, fmt.Errorf("insert plan template: %w", err)
	}
	return added > 0, nil
}

// updateTemplate saves a change made from t.Version; fault.Conflict when somebody was
// faster. A template does not change its owner.
func updateTemplate(ctx context.Context, tx *tenancy.Tx, t Template, by uuid.UUID) error {
	changed, err := tx.Exec(ctx, sqlUpdateTemplate, t.ID, t.Version, t.NameEN, t.NameFR, t.Body, t.Status, tx.Now(), tenancy.Null(by))
	if err != nil {
		return fmt.Errorf("update plan template: %w", err)
	}
	if changed == 0 {
		return errLate
	}
	return nil
}
