package sso

import (
	"slices"

	"github.com/google/uuid"

	"konote/app/audit"
	"konote/app/i18n"
	"konote/app/staff"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// accountPage is a person's own connections.
type accountPage struct {
	Providers  []Provider
	Identities []Identity
	Problems   view.Problems
}

// link is how the account is connected to a provider; nil when it is not.
func (page accountPage) link(p Provider) *Identity {
	at := slices.IndexFunc(page.Identities, func(i Identity) bool { return i.Provider == p.ID })
	if at < 0 {
		return nil
	}
	return &page.Identities[at]
}

// Account shows a person how her account is connected.
func (h *Handlers) Account(r *web.Request) (web.Response, error) {
	page, err := h.accountPage(r)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.SsoAccountTitle, accountView(r.Frame(), page)), nil
}

func (h *Handlers) accountPage(r *web.Request) (page accountPage, err error) {
	err = r.Agency.View(r.Context(), func(tx *tenancy.Tx) (err error) {
		if page.Providers, err = load(r.Context(), tx, sqlActive); err != nil {
			return err
		}
		page.Identities, err = identities(r.Context(), tx, sqlOwn, r.Actor().Staff)
		return err
	})
	return page, err
}

// Connect sends a signed-in person to the provider, to connect her account.
func (h *Handlers) Connect(r *web.Request) (web.Response, error) {
	page, err := h.accountPage(r)
	if err != nil {
		return web.Response{}, err
	}
	at := slices.IndexFunc(page.Providers, func(p Provider) bool { return p.ID.String() == r.Value("provider") })
	if at < 0 { // turned off meanwhile
		return web.Redirect(view.To("account", "connected")), nil
	}
	return h.begin(r, page.Providers[at], flow{Purpose: toConnect, Staff: r.Actor().Staff})
}

// connect links the subject that came back to the account of who is signed in here.
func (h *Handlers) connect(r *web.Request, f flow, p Provider, said claims) (web.Response, error) {
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		if _, err := Link(r.Context(), tx, p.ID, r.Actor().Staff, said.Subject, ByConnecting); err != nil {
			return err
		}
		if err := staff.Notify(r.Context(), tx, r.Actor().Staff, staff.SignInConnected); err != nil {
			return err
		}
		return audit.Record(r.Context(), tx, audit.From(r), audit.Event{Action: actionConnect, Subject: r.Actor().Staff,
			After: map[string]any{"provider": p.ID, "how": ByConnecting}})
	})
	if err != nil {
		return h.failed(r, f, err)
	}
	return web.Redirect(view.To("account", "connected")).Say(i18n.SsoAccountConnectDone(p.Name(r.P))).Flow(""), nil
}

// Disconnect takes a connection of one's own away, unless it is the only way in.
func (h *Handlers) Disconnect(r *web.Request) (web.Response, error) {
	id, err := r.ID("identity")
	if err != nil {
		return web.Response{}, err
	}
	me := r.Actor().Staff
	only := false
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		has, err := staff.HasPassword(r.Context(), tx, me)
		if err != nil {
			return err
		}
		var p uuid.UUID
		if _, p, err = unlink(r.Context(), tx, id, me); err != nil {
			return err
		}
		if only = !has || (r.Settings().PasswordOff && !r.Actor().Admin); only {
			return errOnlyWay
		}
		return audit.Record(r.Context(), tx, audit.From(r), audit.Event{Action: actionDisconnect, Subject: me,
			Before: map[string]any{"provider": p}})
	})
	if only {
		page, err := h.accountPage(r)
		if err != nil {
			return web.Response{}, err
		}
		page.Problems.Add("", i18n.SsoAccountNoPassword)
		return r.Again(i18n.SsoAccountTitle, page.Problems, accountView(r.Frame(), page)), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(view.To("account", "connected")).Say(i18n.SsoAccountDisconnectDone), nil
}

// errOnlyWay takes back what was done.
const errOnlyWay = refusal("it is the only way in")

// Offer is what the sign-in page offers: the agency's provider, when it is on.
func Offer(r *web.Request) (ways []staff.Elsewhere, err error) {
	err = r.Agency.View(r.Context(), func(tx *tenancy.Tx) error {
		found, err := load(r.Context(), tx, sqlActive)
		for _, p := range found[:min(len(found), 1)] {
			ways = append(ways, staff.Elsewhere{NameEN: p.NameEN, NameFR: p.NameFR})
		}
		return err
	})
	return ways, err
}
