package sso

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"konote/app/audit"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/staff"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// SendLinks mails a link with which they connect their accounts to those who are not
// connected yet, or to one of them.
func (h *Handlers) SendLinks(r *web.Request) (web.Response, error) {
	only, _ := uuid.Parse(r.Value("person")) // the zero id: all of them
	sent := 0
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		sent = 0
		p, err := Current(r.Context(), tx)
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return err
		}
		if p.Status != Active {
			return fault.New(fault.Invalid, i18n.SsoLinkOff)
		}
		people, err := unlinked(r.Context(), tx, p.ID)
		if err != nil {
			return err
		}
		for _, person := range people {
			if only != uuid.Nil && person.ID != only {
				continue
			}
			made, err := staff.SendConnecting(r.Context(), tx, person.ID, r.Actor().Staff)
			if err != nil {
				return err
			}
			if !made {
				continue
			}
			sent++
			if err := audit.Record(r.Context(), tx, audit.From(r), audit.Event{Action: actionLinkSend, Subject: person.ID,
				After: map[string]any{"provider": p.ID}}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return web.Response{}, err
	}
	if sent == 0 { // they have been sent enough, or were connected meanwhile
		return web.Response{}, fault.New(fault.Invalid, i18n.PeopleResetNot)
	}
	return web.Redirect(view.To("settings", "sso")).Say(i18n.SsoLinkSent(sent)), nil
}

// FollowLink takes the token out of the address: it goes on in a cookie.
func (h *Handlers) FollowLink(r *web.Request) (web.Response, error) {
	return web.Redirect(view.To("connect")).Link(r.Params["token"]), nil
}

// LinkForm is the page of a link, with the one button. Whatever is wrong with the link, the
// answer is the same.
func (h *Handlers) LinkForm(r *web.Request) (web.Response, error) {
	p, c, err := h.followed(r)
	switch {
	case err != nil:
		return web.Response{}, err
	case c.ID == uuid.Nil:
		return linkGone(r), nil
	}
	return web.Page(i18n.SsoLinkTitle, linkView(r.Frame(), p, c.ID, r.Agency.Name(r.P.Language()))), nil
}

// LeaveByLink sends whoever has such a link to the provider. The token waits with the flow,
// sealed: what comes back in the address cannot name another account.
func (h *Handlers) LeaveByLink(r *web.Request) (web.Response, error) {
	p, c, err := h.followed(r)
	switch {
	case err != nil:
		return web.Response{}, err
	case c.ID == uuid.Nil || r.Value("id") != c.ID.String():
		return linkGone(r), nil
	}
	return h.begin(r, p, flow{Purpose: toLink, Invitation: r.Link})
}

// followed is the link that the browser came with, and the provider that it leads to; zero
// when it is not good, or the provider is off.
func (h *Handlers) followed(r *web.Request) (p Provider, c staff.Connecting, err error) {
	if r.Link == "" {
		return p, c, nil
	}
	err = r.Agency.View(r.Context(), func(tx *tenancy.Tx) error {
		found, _, good, err := staff.ConnectingOf(r.Context(), tx, r.Link)
		if err != nil || !good {
			return err
		}
		active, err := load(r.Context(), tx, sqlActive)
		if err == nil && len(active) > 0 {
			p, c = active[0], found
		}
		return err
	})
	return p, c, err
}

func linkGone(r *web.Request) web.Response {
	response := web.Page(i18n.PeopleResetGone, linkGoneView(r.Frame())).Link("")
	response.Status = http.StatusGone
	return response
}

// Why a link connects nothing.
var (
	errLinkGone = errors.New("sso: the link is not good any more")
	errOther    = errors.New("sso: the provider gives another address than the account's")
)

// linked connects the subject that came back to the account of the link, and signs its owner
// in. The link has proved the address, so the provider need not; but one that it gives may be no
// other, and where it gives none the account may have no second factor here: whoever reads
// somebody's mail could put an account of her own in the place of it.
func (h *Handlers) linked(r *web.Request, f flow, p Provider, said claims) (web.Response, error) {
	var person uuid.UUID
	var at time.Time
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		c, whose, good, err := staff.ConnectingOf(r.Context(), tx, f.Invitation)
		switch {
		case err != nil:
			return err
		case !good:
			return errLinkGone
		case said.Address != "" && !staff.SameAddress(said.Address, whose.Email):
			return errOther
		}
		if person = c.Staff; said.Address == "" {
			var proves bool
			if err := tx.QueryRow(r.Context(), sqlHasFactor, person).Scan(&proves); err != nil {
				return fmt.Errorf("look for a second factor: %w", err)
			}
			if proves {
				return errOther
			}
		}
		used, err := staff.UseConnecting(r.Context(), tx, c)
		if err != nil {
			return err
		}
		if !used {
			return errLinkGone
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
		if err := staff.NoteDevice(r.Context(), tx, person, r.Device); err != nil {
			return err
		}
		entered := false
		if at, entered, err = staff.SignedInElsewhere(r.Context(), tx, person); err != nil {
			return err
		}
		if !entered {
			return errLinkGone
		}
		return audit.Record(r.Context(), tx, audit.By{Kind: audit.KindStaff, Staff: person, Reference: r.Reference, IP: r.IP},
			audit.Event{Action: actionConnect, Subject: person,
				After: map[string]any{"provider": p.ID, "how": ByInvitation, "second_factor": p.proved(said)}})
	})
	switch {
	case errors.Is(err, errLinkGone):
		if err := h.recordFailure(r, f, uuid.Nil, "the link is not good any more"); err != nil {
			return web.Response{}, err
		}
		return linkGone(r).Flow(""), nil
	case errors.Is(err, errOther):
		if err := h.recordFailure(r, f, person, "the provider gives another address than the account's, or none"); err != nil {
			return web.Response{}, err
		}
		return refusedPage(i18n.SsoOtherTitle, otherAccountView(r.Frame(), p.Name(r.P))), nil
	case err != nil:
		return h.failed(r, f, err)
	}
	return h.begun(r, p, said, person, at, view.To()).Link(""), nil
}
