package staff

import (
	"context"
	"time"

	"github.com/google/uuid"

	"konote/app/i18n"
	"konote/app/session"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// The audited acts of sign-ins that other packages let in or refuse.
const (
	ActionSignIn       = actionSignIn
	ActionSignInFailed = actionSignInFailed
)

// Elsewhere is another way in that the sign-in page offers: a provider that the agency
// trusts (package sso).
type Elsewhere struct{ NameEN, NameFR string }

// waysIn puts the other ways in on the sign-in page.
func (h *Handlers) waysIn(r *web.Request, form *signInForm) (err error) {
	form.Elsewhere, form.PasswordOff, err = h.Ways(r)
	return err
}

// Ways are the other ways in; only says that administrators alone have a password besides.
func (h *Handlers) Ways(r *web.Request) (ways []Elsewhere, only bool, err error) {
	if h.Elsewhere != nil {
		ways, err = h.Elsewhere(r)
	}
	return ways, r.Settings().PasswordOff && len(ways) > 0, err
}

// Name is what people know it by.
func (e Elsewhere) Name(p *i18n.Printer) string {
	if p.French() {
		return e.NameFR
	}
	return e.NameEN
}

// Enter is what a sign-in elsewhere is worth; proved says that it took two factors there
// and that the agency counts them.
func (h *Handlers) Enter(r *web.Request, person uuid.UUID, at time.Time, next view.URL, proved bool) web.Response {
	response := h.afterPassword(r, account{ID: person}, at, next)
	if proved {
		response = response.With(session.Full)
	}
	return response
}

// SignedInElsewhere notes a sign-in that a trusted provider has proved. It returns when
// the session began, and false when the account is not active.
func SignedInElsewhere(ctx context.Context, tx *tenancy.Tx, id uuid.UUID) (at time.Time, entered bool, err error) {
	found, err := loadAccount(ctx, tx, sqlAccountByID, id)
	if err != nil || found.Status != StatusActive {
		return at, false, err
	}
	return signedIn(ctx, tx, found, "")
}

// Next is where somebody was going before she signed in, if that is a page of this host.
func Next(text string) view.URL { return next(text) }
