package sso

import (
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"konote/app/audit"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/invite"
	"konote/app/staff"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// Invited sends somebody who accepts an invitation to the agency's provider. The token waits
// with the flow, sealed: what comes back in the address cannot name another invitation.
func (h *Handlers) Invited(r *web.Request, token string) (web.Response, error) {
	p, err := h.active(r)
	if fault.KindOf(err) == fault.NotFound { // turned off meanwhile
		return web.Redirect(view.To("invitation")), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return h.begin(r, p, flow{Purpose: toAccept, Invitation: token})
}

// accept makes the account of the invitation and links the subject that came back, both or
// neither. A subject that opens somebody else's account gets no second one.
func (h *Handlers) accept(r *web.Request, f flow, p Provider, said claims) (web.Response, error) {
	var person uuid.UUID
	var at time.Time
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		if person, at, err = invite.AcceptElsewhere(r, tx, f.Invitation, said.Address); err != nil {
			return err
		}
		identity, err := Link(r.Context(), tx, p.ID, person, said.Subject, ByInvitation)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(r.Context(), sqlUsed, identity, tx.Now()); err != nil {
			return fmt.Errorf("note the use of an identity: %w", err)
		}
		if err := staff.Notify(r.Context(), tx, person, staff.SignInConnected); err != nil {
			return err
		}
		return audit.Record(r.Context(), tx, audit.By{Kind: audit.KindStaff, Staff: person, Reference: r.Reference, IP: r.IP},
			audit.Event{Action: actionConnect, Subject: person,
				After: map[string]any{"provider": p.ID, "how": ByInvitation, "second_factor": p.proved(said)}})
	})
	switch {
	case errors.Is(err, invite.ErrGone):
		if err := h.recordFailure(r, f, uuid.Nil, "the invitation is not open any more"); err != nil {
			return web.Response{}, err
		}
		return invite.Gone(r).Flow(""), nil
	case errors.Is(err, invite.ErrOther):
		if err := h.recordFailure(r, f, uuid.Nil, "the provider gives another address than the invited one"); err != nil {
			return web.Response{}, err
		}
		return refusedPage(i18n.SsoOtherTitle, otherView(r.Frame(), p.Name(r.P))), nil
	case err != nil:
		return h.failed(r, f, err)
	}
	return h.begun(r, p, said, person, at, view.To()).Link(""), nil
}
