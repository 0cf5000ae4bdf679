package staff

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/keyring"
	"konote/tenancy"
)

var colPreviousEmail = keyring.Column{Table: "staff", Name: "previous_email", Pad: keyring.Identity}

const (
	sqlDevice = `SELECT EXISTS (SELECT FROM agency.known_devices WHERE staff_id = $1 AND device_hash = ANY($2) AND seen_at > $3) AS known,
		NOT EXISTS (SELECT FROM agency.known_devices WHERE staff_id = $1) AS first`

	// Devices that nobody has used for more than a year go.
	sqlSeeDevice = `WITH gone AS (DELETE FROM agency.known_devices WHERE staff_id = $1 AND device_hash <> $2 AND seen_at < $3::timestamptz - interval '400 days')
		INSERT INTO agency.known_devices (staff_id, device_hash, seen_at) VALUES ($1, $2, $3)
		ON CONFLICT (staff_id, device_hash) DO UPDATE SET seen_at = excluded.seen_at`

	sqlPreviousEmail = `SELECT previous_email_sealed FROM agency.staff WHERE id = $1`
	sqlToldPrevious  = `UPDATE agency.staff SET previous_email_sealed = NULL WHERE id = $1 AND previous_email_sealed = $2`
)

// previousEmail is the address that an account had before, and at which nobody was told yet
// that it has another; "" for none. The sealed text is for toldPrevious.
func previousEmail(ctx context.Context, tx *tenancy.Tx, id uuid.UUID) (string, keyring.Sealed, error) {
	var sealed keyring.Sealed
	err := tx.QueryRow(ctx, sqlPreviousEmail, id).Scan(&sealed)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil, nil
	}
	if err != nil {
		return "", nil, fmt.Errorf("load the address before: %w", err)
	}
	address, err := tx.Box().Open(colPreviousEmail, id, sealed)
	return address, sealed, err
}

// toldPrevious forgets the address before once its owner was told there.
func toldPrevious(ctx context.Context, tx *tenancy.Tx, id uuid.UUID, sealed keyring.Sealed) error {
	if _, err := tx.Exec(ctx, sqlToldPrevious, id, sealed); err != nil {
		return fmt.Errorf("forget the address before: %w", err)
	}
	return nil
}
