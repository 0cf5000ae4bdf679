package event

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/app/fault"
	"konote/tenancy"
)

// Seed gives an agency the library's types and categories of serious events. Those that
// it has already, changed or not, stay as they are.
func Seed(ctx context.Context, tx *tenancy.Tx) error {
	b := tx.Batch()
	for i, t := range library {
		b.Exec(sqlInsertType, tenancy.NewID(), t.LibraryKey, t.NameEN, t.NameFR, t.Severity, nil, i, "active", tx.Now(), nil)
	}
	if err := b.Send(ctx); err != nil {
		return fmt.Errorf("seed event types: %w", err)
	}
	return nil
}

// Types lists the types and categories of the whole agency and of all programs: types
// first, then categories by severity, archived ones too. The caller shows what its actor
// may know of.
func Types(ctx context.Context, tx *tenancy.Tx) ([]Type, error) {
	types, err := tenancy.Rows[Type](ctx, tx, sqlTypes)
	if err != nil {
		return nil, fmt.Errorf("list event types: %w", err)
	}
	return types, nil
}

func queueTypes(b *tenancy.Batch, to *[]Type) { b.Queue(sqlTypes, tenancy.Into(to)) }

func typeByID(ctx context.Context, tx *tenancy.Tx, id uuid.UUID) (Type, error) {
	t, err := tenancy.Row[Type](ctx, tx, sqlType, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return Type{}, fault.Missing()
	}
	if err != nil {
		return Type{}, fmt.Errorf("load event type: %w", err)
	}
	return t, nil
}

// InsertType adds a type or category; false when its id or library key is there already.
// by is uuid.Nil for a command.
func InsertType(ctx context.Context, tx *tenancy.Tx, t Type, by uuid.UUID) (bool, error) {
	added, err := tx.Exec(ctx, sqlInsertType, t.ID, t.LibraryKey, t.NameEN, t.NameFR, t.Severity, t.Program, t.Position, t.status(), tx.Now(), tenancy.Null(by))
	if err != nil {
		return false, fmt.Errorf("insert event type: %w", err)
	}
	return added == 1, nil
}

// updateType saves a change made from t.Version; fault.Conflict when somebody was faster.
func updateType(ctx context.Context, tx *tenancy.Tx, t Type, by uuid.UUID) error {
	changed, err := tx.Exec(ctx, sqlUpdateType, t.ID, t.Version, t.NameEN, t.NameFR, t.Severity, t.Position, t.status(), tx.Now(), tenancy.Null(by))
	if err != nil {
		return fmt.Errorf("update event type: %w", err)
	}
	if changed == 0 {
		return errLate
	}
	return nil
}

func (t Type) status() string {
	if t.Archived {
		return "archived"
	}
	return "active"
}

// placeTypes numbers a list anew.
func placeTypes(ctx context.Context, tx *tenancy.Tx, list []Type) error {
	b := tx.Batch()
	for i, t := range list {
		if t.Position != i {
			b.Exec(sqlPlaceType, t.ID, i)
		}
	}
	if err := b.Send(ctx); err != nil {
		return fmt.Errorf("order event types: %w", err)
	}
	return nil
}
