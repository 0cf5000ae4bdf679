package message

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/app/access"
	"konote/app/fault"
	"konote/app/mistake"
	"konote/app/participant"
	"konote/app/program"
	"konote/app/web"
	"konote/tenancy"
)

// ContactInError marks contacts as entered in error.
var ContactInError = mistake.Kind{
	Name: "contact.cancel", Param: "contact", Path: "contacts", Key: access.CommunicationLog, Action: actionCancel,
	Load: loadMistake,
	Save: func(ctx context.Context, tx *tenancy.Tx, of mistake.Record, m mistake.Mark) (bool, error) {
		return mistake.Set(ctx, tx, sqlMarkInError, colReason, of.ID, m)
	},
}

// record is the contact as something that can be marked.
func (c Contact) record() mistake.Record {
	return mistake.Record{ID: c.ID, Participant: c.Participant, Program: c.Program, Author: c.LoggedBy, CreatedAt: c.CreatedAt, Mark: c.InError}
}

// loadMistake reaches a contact for those who may log contacts with its participant in its
// program. To all others it is not there.
func loadMistake(r *web.Request, tx *tenancy.Tx, id uuid.UUID) (found mistake.Found, err error) {
	row, err := tenancy.Row[contactRow](r.Context(), tx, sqlContact, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return found, fault.Missing()
	}
	if err != nil {
		return found, fmt.Errorf("load contact: %w", err)
	}
	actor := r.Actor().About(row.Participant)
	if actor.NeedsGrant(row.Program, access.CommunicationView) && !actor.Withholds(id) {
		return found, participant.Guarded(r.Context(), tx, r.Actor(), row.Participant, access.CommunicationView)
	}
	if !actor.MayIn(row.Program, access.CommunicationView) || actor.Withholds(id) {
		return found, fault.Refused()
	}
	if found.About, err = participant.Reach(r.Context(), tx, r.Actor(), row.Participant, access.CommunicationView); err != nil {
		return found, err
	}
	if err := found.About.DeniedIn(row.Program, access.CommunicationLog); err != nil {
		return found, err
	}
	o := tx.Box().Opener()
	e := row.open(o)
	if err := o.Err(); err != nil {
		return found, fmt.Errorf("open contact: %w", err)
	}
	in, err := program.ByID(r.Context(), tx, row.Program)
	f := r.Frame()
	found.Record, found.Confidential, found.Place, found.Said = e.record(), in.Confidential, Address(e.Contact), said(f, e)
	found.Line = Line(f, e, in.Name(f.P)).Title + " · " + f.P.Date(e.HappenedOn.Year, e.HappenedOn.Month, e.HappenedOn.Day)
	return found, err
}
