package staff

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"konote/keyring"
	"konote/tenancy"
)

const sqlColleagues = `SELECT id, display_name_sealed, email_sealed FROM agency.staff`

// Colleague is somebody who works or worked at the agency.
type Colleague struct {
	ID          uuid.UUID
	Name, Email string
}

// Colleagues are everybody who works or worked at the agency, for a job that compares them
// with participants in memory.
func Colleagues(ctx context.Context, tx *tenancy.Tx) ([]Colleague, error) {
	rows, err := tenancy.Rows[struct {
		ID    uuid.UUID      `db:"id"`
		Name  keyring.Sealed `db:"display_name_sealed"`
		Email keyring.Sealed `db:"email_sealed"`
	}](ctx, tx, sqlColleagues)
	if err != nil {
		return nil, fmt.Errorf("list colleagues: %w", err)
	}
	o := tx.Box().Opener()
	found := make([]Colleague, len(rows))
	for i, r := range rows {
		found[i] = Colleague{ID: r.ID, Name: o.Open(colDisplayName, r.ID, r.Name), Email: o.Open(colEmail, r.ID, r.Email)}
	}
	if err := o.Err(); err != nil {
		return nil, fmt.Errorf("open the names of colleagues: %w", err)
	}
	return found, nil
}
