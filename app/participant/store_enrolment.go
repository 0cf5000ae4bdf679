package participant

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/fault"
	"konote/app/find"
	"konote/app/i18n"
	"konote/keyring"
	"konote/tenancy"
)

// Enrol enrols a participant, with the first line of the history. It says false when
// there is an open enrolment in that program already. by is uuid.Nil for a command.
func Enrol(ctx context.Context, tx *tenancy.Tx, e Enrolment, by uuid.UUID) (bool, error) {
	added, err := tx.Exec(ctx, sqlInsertEnrolment, e.ID, e.Participant, e.Program, e.Status, e.StartedOn, e.EndedOn, tx.Now())
	if err != nil {
		return false, fmt.Errorf("insert enrolment: %w", err)
	}
	if added == 0 {
		return false, nil
	}
	return true, record(ctx, tx, e, "", by)
}

// apply makes a change of an enrolment as it was read; fault.Conflict when somebody
// was faster.
func apply(ctx context.Context, tx *tenancy.Tx, e Enrolment, c Change, by uuid.UUID) error {
	to := c.after(e)
	changed, err := tx.Exec(ctx, sqlUpdateEnrolment, e.ID, e.Version, to.Status, to.StartedOn, to.EndedOn, tx.Now())
	if err != nil {
		return fmt.Errorf("update enrolment: %w", err)
	}
	if changed == 0 {
		return fault.New(fault.Conflict, i18n.EnrolmentLate)
	}
	return record(ctx, tx, to, c.Reason, by)
}

// record writes the line of the history that belongs to every change, and tells the
// search that the person may now be found by others.
func record(ctx context.Context, tx *tenancy.Tx, e Enrolment, reason string, by uuid.UUID) error {
	id := tenancy.NewID()
	sealed, err := tx.Box().Seal(colReason, id, reason)
	if err != nil {
		return fmt.Errorf("seal the reason: %w", err)
	}
	_, err = tx.Exec(ctx, sqlInsertChange, id, e.ID, e.Status, sealed, tx.Now(), orNull(by))
	if err != nil {
		return fmt.Errorf("record the change of an enrolment: %w", err)
	}
	_, err = find.Touch(ctx, tx, e.Participant)
	return err
}

type changeRow struct {
	ID        uuid.UUID              `db:"id"`
	Enrolment uuid.UUID              `db:"enrolment_id"`
	Status    access.EnrolmentStatus `db:"status"`
	Reason    keyring.Sealed         `db:"reason_sealed"`
	At        time.Time              `db:"changed_at"`
	By        *uuid.UUID             `db:"changed_by"`
}

// history loads what was recorded of enrolments, the newest first. Reasons are words
// about a person: they are opened only where the actor's role reads such words.
func history(ctx context.Context, tx *tenancy.Tx, actor access.Actor, enrolments []Enrolment) ([]recorded, error) {
	program := map[uuid.UUID]uuid.UUID{}
	ids := make([]uuid.UUID, len(enrolments))
	for i, e := range enrolments {
		ids[i], program[e.ID] = e.ID, e.Program
	}
	rows, err := tenancy.Rows[changeRow](ctx, tx, sqlChanges, ids)
	if err != nil {
		return nil, fmt.Errorf("load the history of enrolments: %w", err)
	}
	o := tx.Box().Opener()
	lines := make([]recorded, len(rows))
	for i, r := range rows {
		lines[i] = recorded{Enrolment: r.Enrolment, Status: r.Status, At: r.At, By: orNil(r.By)}
		if actor.MayIn(program[r.Enrolment], access.ParticipantViewClinical) {
			lines[i].Reason = o.Open(colReason, r.ID, r.Reason)
		}
	}
	if err := o.Err(); err != nil {
		return nil, fmt.Errorf("open the history of enrolments: %w", err)
	}
	return lines, nil
}
