package staff

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/fault"
	"konote/tenancy"
)

// Grant gives a member of staff a role in a program, in the place of one that she has
// there: nobody has two. It is recorded with the role before and after. A fault.Missing
// says that there is no such active account or no such program. Who may call it is the
// caller's business.
func Grant(ctx context.Context, tx *tenancy.Tx, by audit.By, person, program uuid.UUID, role access.Role) error {
	event, before, err := roleEvent(ctx, tx, person, program)
	if err != nil {
		return err
	}
	if before == role {
		return nil
	}
	touched, err := tx.Exec(ctx, sqlGrant, person, program, role, tx.Now(), tenancy.Null(by.Staff))
	if err != nil {
		return fmt.Errorf("grant role: %w", err)
	}
	if touched == 0 {
		return fault.Missing()
	}
	event.Action, event.After = actionRoleGrant, map[string]access.Role{"role": role}
	return audit.Record(ctx, tx, by, event)
}

// Remove takes a member of staff out of a program; a fault.Missing says that she has no
// role there. The row stays, so that it can be told who worked where.
func Remove(ctx context.Context, tx *tenancy.Tx, by audit.By, person, program uuid.UUID) error {
	event, _, err := roleEvent(ctx, tx, person, program)
	if err != nil {
		return err
	}
	touched, err := tx.Exec(ctx, sqlRemove, person, program, tx.Now())
	if err != nil {
		return fmt.Errorf("remove role: %w", err)
	}
	if touched == 0 {
		return fault.Missing()
	}
	event.Action = actionRoleRemove
	return audit.Record(ctx, tx, by, event)
}

// roleEvent begins the record of a change, and says which role is held now ("" for none).
func roleEvent(ctx context.Context, tx *tenancy.Tx, person, program uuid.UUID) (audit.Event, access.Role, error) {
	event := audit.Event{Subject: person, Program: program}
	err := tx.QueryRow(ctx, sqlIsConfidential, program).Scan(&event.Confidential)
	if errors.Is(err, pgx.ErrNoRows) {
		return event, "", fault.Missing()
	}
	if err != nil {
		return event, "", fmt.Errorf("load program: %w", err)
	}
	var role access.Role
	var status string
	err = tx.QueryRow(ctx, sqlRole, person, program).Scan(&role, &status)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return event, "", fmt.Errorf("load role: %w", err)
	}
	if status != "active" {
		return event, "", nil
	}
	event.Before = map[string]access.Role{"role": role}
	return event, role, nil
}
