package participant

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"konote/app/find"
	"konote/tenancy"
)

const sqlSetGuarded = `UPDATE agency.participants SET guarded_sealed = $2, search_epoch = $3 WHERE id = $1`

// SetGuarded keeps a participant's whereabouts safe, or no longer. Who may, and after what,
// was decided by the caller (package directive).
func SetGuarded(ctx context.Context, tx *tenancy.Tx, id uuid.UUID, guarded bool) error {
	word := "no"
	if guarded {
		word = isGuarded
	}
	sealed, err := tx.Box().Seal(colGuarded, id, word)
	if err != nil {
		return fmt.Errorf("seal whether whereabouts are kept safe: %w", err)
	}
	epoch, err := find.Touch(ctx, tx)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, sqlSetGuarded, id, sealed, epoch); err != nil {
		return fmt.Errorf("keep whereabouts safe: %w", err)
	}
	return nil
}
