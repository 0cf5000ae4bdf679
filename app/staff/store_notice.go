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
)

// previousEmail is the address that an account had before its last change of address, "" for
// none.
func previousEmail(ctx context.Context, tx *tenancy.Tx, id uuid.UUID) (string, error) {
	var sealed keyring.Sealed
	err := tx.QueryRow(ctx, sqlPreviousEmail, id).Scan(&sealed)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("load the address before: %w", err)
	}
	return tx.Box().Open(colPreviousEmail, id, sealed)
}
