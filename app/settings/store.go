package settings

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/app/audit"
	"konote/app/web"
	"konote/tenancy"
)

const (
	sqlAll = `SELECT name, value FROM agency.settings`
	sqlOne = `SELECT value FROM agency.settings WHERE name = $1 FOR UPDATE`
	sqlSet = `INSERT INTO agency.settings (name, value, updated_at, updated_by) VALUES ($1, $2, $3, $4)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at, updated_by = excluded.updated_by`

	// Makes two changes of how records are guarded wait for each other, also where the
	// agency has chosen nothing yet.
	sqlLockAccess = `INSERT INTO agency.settings (name, value) VALUES ('access_tier', '1')
		ON CONFLICT (name) DO UPDATE SET name = excluded.name`
)

// SettingsUpdate is the audited act of Set.
const SettingsUpdate audit.Action = "settings.update"

type setting struct {
	Name  Name            `db:"name"`
	Value json.RawMessage `db:"value"`
}

// Load reads the agency's settings in one round trip.
func Load(ctx context.Context, tx *tenancy.Tx) (web.AgencySettings, error) {
	var loaded web.AgencySettings
	batch := tx.Batch()
	Queue(batch, &loaded)
	err := batch.Send(ctx)
	return loaded, err
}

// Queue adds the reading of the agency's settings to a batch; into is complete when
// the batch has been sent.
func Queue(b *tenancy.Batch, into *web.AgencySettings) {
	b.Queue(sqlAll, func(rows pgx.Rows) error {
		found, err := pgx.CollectRows(rows, pgx.RowToStructByName[setting])
		if err != nil {
			return fmt.Errorf("load settings: %w", err)
		}
		*into = Defaults()
		for _, s := range found {
			if err := apply(into, s.Name, s.Value); err != nil {
				return fmt.Errorf("load setting %s: %w", s.Name, err)
			}
		}
		return nil
	})
}

// Set changes one setting and records who did, with the values before and after. It
// returns ErrValue when the value does not fit; nothing is written then.
func Set(ctx context.Context, tx *tenancy.Tx, by audit.By, name Name, value any) error {
	encoded, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("set %s: %w", name, ErrValue)
	}
	if err := apply(new(web.AgencySettings), name, encoded); err != nil {
		return fmt.Errorf("set %s: %w", name, err)
	}

	var before json.RawMessage
	if err := tx.QueryRow(ctx, sqlOne, name).Scan(&before); err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("set %s: %w", name, err)
	}
	var staff *uuid.UUID
	if by.Staff != uuid.Nil {
		staff = &by.Staff
	}
	if _, err := tx.Exec(ctx, sqlSet, name, encoded, tx.Now(), staff); err != nil {
		return fmt.Errorf("set %s: %w", name, err)
	}
	return audit.Record(ctx, tx, by, audit.Event{
		Action: SettingsUpdate,
		Before: map[Name]json.RawMessage{name: before},
		After:  map[Name]json.RawMessage{name: encoded},
	})
}
