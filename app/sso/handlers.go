package sso

import (
	"errors"
	"net/http"
	"regexp"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"konote/app/audit"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/invite"
	"konote/app/session"
	"konote/app/staff"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// Handlers answer the routes of signing in elsewhere.
type Handlers struct {
	Directory *Directory
	Sessions  *session.Store
	// URL is the address of an agency's host, as browsers and providers see it.
	URL func(host string) string
	// Enter decides what a sign-in is worth here: staff.Handlers.Enter.
	Enter func(r *web.Request, person uuid.UUID, at time.Time, next view.URL, proved bool) web.Response
}

// Form is the page with the one button, for links from elsewhere.
func (h *Handlers) Form(r *web.Request) (web.Response, error) {
	if r.Session != nil {
		return web.Redirect(staff.Next(r.Query.Get("next"))), nil
	}
	p, err := h.active(r)
	if fault.KindOf(err) == fault.NotFound {
		return web.Redirect(view.To("sign-in")), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.StaffSigninTitle, startView(r.Frame(), p, staff.Next(r.Query.Get("next")))), nil
}

// Start sends somebody to the agency's provider.
func (h *Handlers) Start(r *web.Request) (web.Response, error) {
	next := staff.Next(r.Value("next"))
	if r.Session != nil {
		return web.Redirect(next), nil
	}
	p, err := h.active(r)
	if err != nil {
		return web.Response{}, err
	}
	return h.begin(r, p, flow{Purpose: toSignIn, Next: next.String()})
}

// active is the provider that people of the agency sign in with; fault.NotFound for none.
func (h *Handlers) active(r *web.Request) (Provider, error) {
	var found []Provider
	err := r.Agency.View(r.Context(), func(tx *tenancy.Tx) (err error) {
		found, err = load(r.Context(), tx, sqlActive)
		return err
	})
	if err != nil {
		return Provider{}, err
	}
	if len(found) == 0 {
		return Provider{}, fault.Missing()
	}
	return found[0], nil
}

// Callback is where a person comes back to.
func (h *Handlers) Callback(r *web.Request) (web.Response, error) {
	var f flow
	err := h.Sessions.Take(r.Context(), r.Agency.ID, r.Flow, &f)
	if errors.Is(err, session.ErrNone) || err == nil && !same(r.Query.Get("state"), f.State) {
		return h.lost(r), nil // nobody is known here who could be written down
	}
	if err != nil {
		return web.Response{}, err
	}
	if (f.Purpose == toConnect || f.Purpose == toTry) && (r.Session == nil || r.Half || r.Session.Staff != f.Staff) {
		return h.lost(r), nil
	}
	if code := r.Query.Get("error"); code != "" {
		return h.failed(r, f, refusal("the provider said "+plainCode(code)))
	}
	p, err := h.provider(r, f.Provider)
	if err != nil {
		return web.Response{}, err
	}
	if p.Status == Removed || (p.Status == Off && f.Purpose != toTry) {
		return h.failed(r, f, refusal("the provider was turned off"))
	}
	said, err := h.Directory.redeem(r.Context(), p, f, h.callback(r), r.Query.Get("code"), r.Query.Get("iss"))
	if err != nil {
		return h.failed(r, f, err)
	}
	switch f.Purpose {
	case toTry:
		return h.tried(r, p, said)
	case toConnect:
		return h.connect(r, f, p, said)
	case toProve:
		return h.prove(r, f, p, said)
	case toAccept:
		return h.accept(r, f, p, said)
	case toLink:
		return h.linked(r, f, p, said)
	}
	return h.enter(r, f, p, said)
}

// enter signs in whose account the subject opens.
func (h *Handlers) enter(r *web.Request, f flow, p Provider, said claims) (web.Response, error) {
	var person uuid.UUID
	var at time.Time
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		if person, err = findAccount(r.Context(), tx, bySystem(r), p, said); err != nil {
			return err
		}
		entered := false
		if at, entered, err = staff.SignedInElsewhere(r.Context(), tx, person); err != nil {
			return err
		}
		if !entered {
			return refused{"the account is not active", person}
		}
		if err := staff.NoteDevice(r.Context(), tx, person, r.Device); err != nil {
			return err
		}
		return audit.Record(r.Context(), tx, audit.By{Kind: audit.KindStaff, Staff: person, Reference: r.Reference, IP: r.IP},
			audit.Event{Action: staff.ActionSignIn, Subject: person,
				After: map[string]any{"provider": p.ID, "second_factor": p.proved(said)}})
	})
	if err != nil {
		return h.failed(r, f, err)
	}
	return h.begun(r, p, said, person, at, staff.Next(f.Next)), nil
}

// begun is the session that a sign-in at the provider is worth.
func (h *Handlers) begun(r *web.Request, p Provider, said claims, person uuid.UUID, at time.Time, next view.URL) web.Response {
	mark := ""
	if said.Session != "" {
		mark = p.mark(said.Session)
	}
	return h.Enter(r, person, at, next, p.proved(said)).
		Outside(session.Outside{Ends: at.Add(Life), Mark: mark}, said.provedAt(at)).Flow("")
}

// mark is what sessions that rest on one of the provider's are ended by.
func (p Provider) mark(session string) string { return p.ID.String() + ":" + session }

// refused is a refusal of somebody whose account is known.
type refused struct {
	refusal
	person uuid.UUID
}

// failed is the one page for whatever fails, and the record of it. Errors of our own stay
// errors.
func (h *Handlers) failed(r *web.Request, f flow, cause error) (web.Response, error) {
	var known refused
	var why refusal
	switch {
	case errors.As(cause, &known):
		why = known.refusal
	case errors.As(cause, &why):
	default:
		return web.Response{}, cause
	}
	if err := h.recordFailure(r, f, known.person, why); err != nil {
		return web.Response{}, err
	}
	if why == noTime {
		return h.failure(r, i18n.SsoFailedTime), nil
	}
	switch f.Purpose {
	case toAccept:
		return refusedPage(i18n.SsoFailedTitle, failedMailedView(r.Frame(), r.Reference, i18n.SsoFailedInvitation, view.To("invitation"))), nil
	case toLink:
		return refusedPage(i18n.SsoFailedTitle, failedMailedView(r.Frame(), r.Reference, i18n.SsoLinkBack, view.To("connect"))), nil
	}
	return h.lost(r), nil
}

func (h *Handlers) recordFailure(r *web.Request, f flow, person uuid.UUID, why refusal) error {
	return r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		return audit.Record(r.Context(), tx, audit.From(r), audit.Event{Action: f.Purpose.failure(), Outcome: audit.Failed,
			Subject: person, After: map[string]any{"provider": f.Provider, "reason": string(why)}})
	})
}

// failure is what is written down when it fails.
func (p purpose) failure() audit.Action {
	switch p {
	case toConnect, toLink:
		return actionConnect
	case toTry:
		return actionTry
	case toProve:
		return actionProve
	case toAccept:
		return invite.ActionAccept
	}
	return staff.ActionSignInFailed
}

// lost is the page that says that it did not work, and what to do.
func (h *Handlers) lost(r *web.Request) web.Response { return h.failure(r, nil) }

// failure is that page, with what is known to be wrong; nil: nothing.
func (h *Handlers) failure(r *web.Request, known i18n.Message) web.Response {
	return refusedPage(i18n.SsoFailedTitle, failedView(r.Frame(), r.Reference, known))
}

func refusedPage(title i18n.Message, body templ.Component) web.Response {
	answer := web.Page(title, body).Flow("")
	answer.Status = http.StatusBadRequest
	return answer
}

func (h *Handlers) provider(r *web.Request, id uuid.UUID) (Provider, error) {
	var p Provider
	err := r.Agency.View(r.Context(), func(tx *tenancy.Tx) (err error) {
		p, err = byID(r.Context(), tx, id)
		return err
	})
	return p, err
}

// bySystem is who links and makes accounts when a sign-in does it by itself.
func bySystem(r *web.Request) audit.By {
	return audit.By{Kind: audit.KindSystem, Reference: r.Reference, IP: r.IP}
}

var codePattern = regexp.MustCompile(`^[a-z_]{1,40}$`)

// plainCode is a provider's own code of an error, when it looks like one.
func plainCode(code string) string {
	if codePattern.MatchString(code) {
		return code
	}
	return "something"
}
