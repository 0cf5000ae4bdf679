package participant

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"konote/keyring"
	"konote/tenancy"
)

const sqlIdentities = `SELECT id, first_name_sealed, preferred_name_sealed, last_name_sealed, email_sealed
	FROM agency.participants WHERE id = ANY($1)`

// Identity is who somebody is. It is for a job that compares in memory and keeps nothing:
// nobody is asked who may see it.
type Identity struct {
	ID                            uuid.UUID
	First, Preferred, Last, Email string
}

// Identities opens who people are; see Identity.
func Identities(ctx context.Context, tx *tenancy.Tx, ids []uuid.UUID) ([]Identity, error) {
	rows, err := tenancy.Rows[struct {
		ID        uuid.UUID      `db:"id"`
		First     keyring.Sealed `db:"first_name_sealed"`
		Preferred keyring.Sealed `db:"preferred_name_sealed"`
		Last      keyring.Sealed `db:"last_name_sealed"`
		Email     keyring.Sealed `db:"email_sealed"`
	}](ctx, tx, sqlIdentities, ids)
	if err != nil {
		return nil, fmt.Errorf("load who people are: %w", err)
	}
	o := tx.Box().Opener()
	found := make([]Identity, len(rows))
	for i, r := range rows {
		found[i] = Identity{
			ID: r.ID, First: o.Open(colFirstName, r.ID, r.First), Preferred: o.Open(colPreferredName, r.ID, r.Preferred),
			Last: o.Open(colLastName, r.ID, r.Last), Email: o.Open(colEmail, r.ID, r.Email),
		}
	}
	if err := o.Err(); err != nil {
		return nil, fmt.Errorf("open who people are: %w", err)
	}
	return found, nil
}
