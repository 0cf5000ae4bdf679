package note

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/app/fault"
	"konote/app/i18n"
	"konote/tenancy"
)

const templateColumns = `id, program_id, name_en, name_fr, coalesce(interaction, '') AS interaction, body, status = 'archived' AS archived,
	updated_at, version`

const (
	sqlTemplates = `SELECT ` + templateColumns + ` FROM agency.note_templates ORDER BY status, name_en, id`

	sqlTemplateByID = `SELECT ` + templateColumns + ` FROM agency.note_templates WHERE id = $1`

	// Those that a form offers. The one that a draft began with stays until it is sent.
	sqlTemplatesFor = `SELECT ` + templateColumns + ` FROM agency.note_templates
		WHERE (program_id IS NULL OR program_id = ANY($1)) AND (status = 'active' OR id = $2) ORDER BY name_en, id`

	sqlInsertTemplate = `INSERT INTO agency.note_templates
		(id, program_id, name_en, name_fr, interaction, body, status, updated_at, updated_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO NOTHING`

	sqlUpdateTemplate = `UPDATE agency.note_templates
		SET name_en = $3, name_fr = $4, interaction = $5, body = $6, status = $7, updated_at = $8, updated_by = $9, version = version + 1
		WHERE id = $1 AND version = $2`
)

type templateRow struct {
	ID          uuid.UUID       `db:"id"`
	Program     *uuid.UUID      `db:"program_id"`
	NameEN      string          `db:"name_en"`
	NameFR      string          `db:"name_fr"`
	Interaction Interaction     `db:"interaction"`
	Body        json.RawMessage `db:"body"`
	Archived    bool            `db:"archived"`
	UpdatedAt   time.Time       `db:"updated_at"`
	Version     int             `db:"version"`
}

func (r templateRow) open() (Template, error) {
	t := Template{
		ID: r.ID, Program: tenancy.Zero(r.Program), NameEN: r.NameEN, NameFR: r.NameFR, Interaction: r.Interaction,
		Archived: r.Archived, UpdatedAt: r.UpdatedAt, Version: r.Version,
	}
	if err := json.Unmarshal(r.Body, &t.Sections); err != nil {
		return t, fmt.Errorf("read template: %w", err)
	}
	return t, nil
}

func openTemplates(rows []templateRow) ([]Template, error) {
	templates := make([]Template, len(rows))
	for i, r := range rows {
		var err error
		if templates[i], err = r.open(); err != nil {
			return nil, err
		}
	}
	return templates, nil
}

// allTemplates are the agency's templates, the active ones first: a dozen, not thousands.
// The caller shows only those that the actor keeps.
func allTemplates(ctx context.Context, tx *tenancy.Tx) ([]Template, error) {
	rows, err := tenancy.Rows[templateRow](ctx, tx, sqlTemplates)
	if err != nil {
		return nil, fmt.Errorf("list templates: %w", err)
	}
	return openTemplates(rows)
}

func templateByID(ctx context.Context, tx *tenancy.Tx, id uuid.UUID) (Template, error) {
	found, err := tenancy.Row[templateRow](ctx, tx, sqlTemplateByID, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return Template{}, fault.Missing()
	}
	if err != nil {
		return Template{}, fmt.Errorf("load template: %w", err)
	}
	return found.open()
}

func (t Template) values() (body []byte, status string, err error) {
	if body, err = json.Marshal(t.Sections); err != nil {
		return nil, "", fmt.Errorf("encode template: %w", err)
	}
	if t.Archived {
		return body, "archived", nil
	}
	return body, "active", nil
}

// InsertTemplate adds a template; it says false when the form was sent before. by is
// uuid.Nil for a command.
func InsertTemplate(ctx context.Context, tx *tenancy.Tx, t Template, by uuid.UUID) (bool, error) {
	body, status, err := t.values()
	if err != nil {
		return false, err
	}
	added, err := tx.Exec(ctx, sqlInsertTemplate, t.ID, null(t.Program), t.NameEN, t.NameFR, null(t.Interaction), body, status, tx.Now(), null(by))
	if err != nil {
		return false, fmt.Errorf("insert template: %w", err)
	}
	return added > 0, nil
}

// updateTemplate saves a change made from t.Version; fault.Conflict when somebody was
// faster. Whose template it is never changes.
func updateTemplate(ctx context.Context, tx *tenancy.Tx, t Template, by uuid.UUID) error {
	body, status, err := t.values()
	if err != nil {
		return err
	}
	changed, err := tx.Exec(ctx, sqlUpdateTemplate, t.ID, t.Version, t.NameEN, t.NameFR, null(t.Interaction), body, status, tx.Now(), null(by))
	if err != nil {
		return fmt.Errorf("update template: %w", err)
	}
	if changed == 0 {
		return fault.New(fault.Conflict, i18n.FaultConflictTitle)
	}
	return nil
}

// SeedTemplates adds a few templates of the whole agency to begin with.
func SeedTemplates(ctx context.Context, tx *tenancy.Tx) error {
	for _, t := range seeds {
		t.ID = tenancy.NewID()
		if _, err := InsertTemplate(ctx, tx, t, uuid.Nil); err != nil {
			return err
		}
	}
	return nil
}

var seeds = []Template{
	{
		NameEN: "First meeting", NameFR: "Première rencontre", Interaction: Session,
		Sections: []TemplateSection{
			{Basic, "What brings you here", "Ce qui vous amène"},
			{Basic, "What is going well", "Ce qui va bien"},
			{Basic, "What you would like to be different", "Ce que vous aimeriez voir changer"},
			{Basic, "What we agreed on", "Ce dont nous avons convenu"},
		},
	},
	{
		NameEN: "Regular session", NameFR: "Rencontre de suivi", Interaction: Session,
		Sections: []TemplateSection{
			{Basic, "Since we last met", "Depuis la dernière fois"},
			{PlanSection, "Goals", "Objectifs"},
			{Basic, "Next steps", "Prochaines étapes"},
		},
	},
	{
		NameEN: "Home visit", NameFR: "Visite à domicile", Interaction: HomeVisit,
		Sections: []TemplateSection{
			{Basic, "Who was there", "Qui était présent"},
			{Basic, "How things are at home", "Comment cela se passe à la maison"},
			{PlanSection, "Goals", "Objectifs"},
			{Basic, "What was agreed", "Ce qui a été convenu"},
		},
	},
}
