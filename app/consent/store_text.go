package consent

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"konote/tenancy"
)

const (
	sqlTexts = `SELECT id, purpose, version, text_en, text_fr, created_at FROM agency.consent_texts ORDER BY purpose, version DESC`

	sqlTextsOf = `SELECT id, purpose, version, text_en, text_fr, created_at FROM agency.consent_texts WHERE purpose = $1 ORDER BY version DESC`

	// Nothing is added when somebody else has added that version meanwhile.
	sqlInsertText = `INSERT INTO agency.consent_texts (id, purpose, version, text_en, text_fr, created_at, created_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`
)

// Seed gives an agency the texts that it may begin with. What it has stays.
func Seed(ctx context.Context, tx *tenancy.Tx) error {
	b := tx.Batch()
	for _, w := range seeds {
		b.Exec(sqlInsertText, tenancy.NewID(), w.Purpose, 1, w.EN, w.FR, tx.Now(), nil)
	}
	if err := b.Send(ctx); err != nil {
		return fmt.Errorf("seed consent texts: %w", err)
	}
	return nil
}

// Current is the version that stands of every purpose. An agency that has no text for one
// gets the first one, so tx has to be one that writes.
func Current(ctx context.Context, tx *tenancy.Tx) (map[Purpose]Words, error) {
	current, err := written(ctx, tx)
	if err != nil || len(current) == len(Purposes) {
		return current, err
	}
	if err := Seed(ctx, tx); err != nil {
		return nil, err
	}
	return written(ctx, tx)
}

func written(ctx context.Context, tx *tenancy.Tx) (map[Purpose]Words, error) {
	all, err := tenancy.Rows[Words](ctx, tx, sqlTexts)
	if err != nil {
		return nil, fmt.Errorf("list consent texts: %w", err)
	}
	current := map[Purpose]Words{}
	for _, w := range slices.Backward(all) {
		current[w.Purpose] = w
	}
	return current, nil
}

func insertText(ctx context.Context, tx *tenancy.Tx, w Words, by uuid.UUID) (bool, error) {
	added, err := tx.Exec(ctx, sqlInsertText, w.ID, w.Purpose, w.Version, w.EN, w.FR, w.CreatedAt, tenancy.Null(by))
	if err != nil {
		return false, fmt.Errorf("insert consent text: %w", err)
	}
	return added == 1, nil
}
