package staff

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"konote/tenancy"
)

// IsPassword says whether a password is the one of an active account. It costs a hash in
// any case, outside any transaction. Errors: fault.Limited when too many people sign in.
func IsPassword(ctx context.Context, agency *tenancy.Agency, hasher *Hasher, id uuid.UUID, password string) (bool, error) {
	var found account
	err := agency.View(ctx, func(tx *tenancy.Tx) (err error) {
		found, err = loadAccount(ctx, tx, sqlAccountByID, id)
		return err
	})
	if err != nil {
		return false, err
	}
	stored := found.PasswordHash
	if len(password) > MaxPasswordBytes {
		stored, password = "", ""
	}
	checked, err := hasher.verify(ctx, stored, password)
	return checked.OK && found.Status == StatusActive, err
}

// EndSessions ends a person's sessions as of now, those too that begin at this moment;
// session.Store.EndAll forgets them. It is recorded by the caller.
func EndSessions(ctx context.Context, tx *tenancy.Tx, id uuid.UUID) error {
	if _, err := tx.Exec(ctx, sqlEndSessions, id, tx.Now()); err != nil {
		return fmt.Errorf("end sessions: %w", err)
	}
	return nil
}

// HasPassword says whether somebody can sign in with a password.
func HasPassword(ctx context.Context, tx *tenancy.Tx, id uuid.UUID) (bool, error) {
	found, err := loadAccount(ctx, tx, sqlAccountByID, id)
	return found.PasswordHash != "", err
}
