package web

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/limit"
	"konote/app/session"
	"konote/app/view"
	"konote/tenancy"
)

// handle takes a request through every check to its handler, in this order: which
// agency, is it open, has it turns left, who asks, may she, does the request come from
// a page of ours, is it too often. Only then is the handler called.
func (x *exchange) handle() (Response, error) {
	r := x.r
	if err := x.arrive(); err != nil {
		return Response{}, err
	}
	if err := x.checkNeed(); err != nil {
		return Response{}, err
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		if err := x.readForm(); err != nil {
			return Response{}, err
		}
		if !x.route.Foreign {
			if err := x.checkUnsafe(); err != nil {
				return Response{}, err
			}
		}
	}
	if response, done := x.switchLanguage(); done {
		return response, nil
	}
	if response, done, err := x.checkFresh(); done {
		return response, err
	}
	if err := x.checkLimit(); err != nil {
		return Response{}, err
	}
	return x.route.Handler(r)
}

// arrive finds the agency and the visitor, and makes the frame of the page.
func (x *exchange) arrive() error {
	if err := x.findAgency(); err != nil {
		return err
	}
	if err := x.openSession(); err != nil {
		return err
	}
	if err := x.takeTurn(); err != nil {
		return err
	}
	err := x.findVisitor()
	x.fillFrame()
	return err
}

// takeTurn counts the request. Strangers have turns of their own, so that they cannot
// use up those of an agency's staff.
func (x *exchange) takeTurn() error {
	limits, agency := x.app.cfg.Limits, x.r.Agency.ID
	if x.r.Session != nil {
		return limited(limits.Request(x.r.ctx, agency))
	}
	wait, err := limits.Allow(x.r.ctx, limit.Visits, agency, "", x.r.IP)
	if err != nil {
		return err
	}
	return limited(wait)
}

func limited(wait time.Duration) error {
	if wait <= 0 {
		return nil
	}
	return fault.New(fault.Limited, nil).After(wait)
}

// findAgency goes by the Host header alone: not by what a proxy says about it, and not
// by an address in the request line.
func (x *exchange) findAgency() error {
	request := &x.c.Request().Header
	if !strings.HasPrefix(string(request.RequestURI()), "/") || !oneHost(request.RawHeaders()) {
		return status(http.StatusBadRequest, tenancy.ErrUnknownHost)
	}
	if host, _, _ := strings.Cut(x.host, ":"); host != "" && host == x.app.cfg.OperatorHost {
		return errOperatorHost
	}
	agency, err := x.app.cfg.Agencies.Resolve(x.r.ctx, x.host)
	if err != nil {
		return fmt.Errorf("find agency: %w", err)
	}
	x.r.Agency = agency
	x.r.frame.Demo = agency.Demo
	x.speak(x.r.P.Language())
	if agency.Status != tenancy.Active {
		return tenancy.ErrClosed
	}
	return nil
}

// openSession opens what the cookie names.
func (x *exchange) openSession() error {
	cookie := x.cookie(sessionCookie)
	if cookie == "" {
		return nil
	}
	found, err := x.app.cfg.Sessions.Load(x.r.ctx, x.r.Agency.ID, cookie)
	switch {
	case err == nil:
		x.r.Session = found
	case errors.Is(err, session.ErrNone):
		x.expired = true
	case x.route.Need.kind == needPublic && !x.route.Quiet:
		// A public page can be shown to nobody in particular.
	default:
		return err
	}
	return nil
}

// findVisitor asks who is signed in now, or for the settings if nobody is.
func (x *exchange) findVisitor() error {
	r := x.r
	if r.Session != nil {
		if err := x.findStaff(); err != nil {
			return err
		}
	}
	if r.Session == nil {
		settings, err := x.app.cfg.Hooks.Settings(r.ctx, r.Agency)
		if err != nil {
			return fmt.Errorf("load settings: %w", err)
		}
		r.settings = settings
	}
	x.speak(x.language())
	return nil
}

// findStaff keeps the session only if the account is active, its time is not over and
// the person's sessions were not ended since it began. That last is asked of the database
// too, because Redis may have been down then, or the session just beginning.
func (x *exchange) findStaff() error {
	r, sessions := x.r, x.app.cfg.Sessions
	visitor, settings, err := x.app.cfg.Hooks.Visitor(r.ctx, r.Agency, r.Session.Staff, !r.HTMX && !x.route.Quiet)
	if fault.KindOf(err) == fault.SignedOut || err == nil && r.Session.StartedAt.Before(visitor.SessionsFrom) {
		if err := sessions.End(r.ctx, r.Session); err != nil {
			return err
		}
		r.Session, x.expired = nil, true
		return nil
	}
	if err != nil {
		return fmt.Errorf("load visitor: %w", err)
	}
	visitor.FactorAsked = settings.SecondFactor.Asks(visitor.Actor) // of all her roles, wherever she works now
	if isHalf(r.Session, visitor) {
		if halfIsOver(r.Session, visitor, x.app.cfg.Now()) {
			err := sessions.End(r.ctx, r.Session)
			r.Session, x.expired = nil, true
			return err
		}
		r.Half, visitor = true, asHalf(visitor)
	}
	keep := sessions.Touch
	if x.route.Quiet {
		keep = sessions.Check
	}
	err = keep(r.ctx, r.Session, settings.Idle)
	if errors.Is(err, session.ErrNone) {
		r.Session, r.Half, x.expired = nil, false, true
		return nil
	}
	if err != nil {
		return err
	}
	r.Visitor, r.settings = visitor.At(r.Session.Program), settings
	return nil
}

// fillFrame puts on the page what is known now.
func (x *exchange) fillFrame() {
	r := x.r
	f := r.frame
	f.Help = r.settings.HelpContact
	r.Device = x.device()
	if r.Session == nil {
		f.CSRF = x.app.tokenOf(r.Agency.ID, browserHolder(r.Device))
		return
	}
	f.CSRF = x.app.tokenOf(r.Agency.ID, staffHolder(r.Session.Staff))
	f.KeysOff = x.cookie(keysCookie) == "off"
	if r.Half {
		return // as on the page to sign in
	}
	f.SignedIn = true
	f.Person = r.Visitor.Name
	f.IdleSeconds = x.secondsLeft()
	f.Places = r.Visitor.Workplaces(r.P)
	f.MaySearch = r.Visitor.Actor.May(access.ParticipantViewName)
	f.MayRead, f.Unread = r.Visitor.Actor.May(access.MessageView), r.Visitor.Unread
	hooks := x.app.cfg.Hooks
	for _, part := range []struct {
		hook func(*Request) []view.NavItem
		to   *[]view.NavItem
	}{{hooks.Nav, &f.Nav}, {hooks.New, &f.New}, {hooks.Menu, &f.Menu}} {
		if part.hook != nil {
			*part.to = part.hook(r)
		}
	}
}

func (x *exchange) secondsLeft() int {
	if x.r.Session == nil || x.r.Half {
		return 0
	}
	return max(0, int(x.r.Session.Left(x.app.cfg.Now())/time.Second))
}

// checkNeed asks what the route's row says.
func (x *exchange) checkNeed() error {
	need, r := x.route.Need, x.r
	if need.kind == needPublic {
		return nil
	}
	if r.Session == nil {
		return fault.New(fault.SignedOut, nil)
	}
	if err := x.checkHalf(); err != nil {
		return err
	}
	allowed := false
	switch need.kind {
	case needSignedIn:
		allowed = true
	case needPermission:
		allowed = slices.ContainsFunc(need.keys, r.Visitor.Actor.May)
	case needAdmin:
		allowed = r.Visitor.Actor.Admin
	}
	switch actor := r.Visitor.Actor; {
	case allowed:
		return nil
	case actor.Admin && len(actor.Roles) == 0 && need.kind == needPermission:
		return fault.New(fault.Denied, i18n.AccessDeniedAdmin)
	}
	return fault.New(fault.Denied, nil)
}

func (x *exchange) checkLimit() error {
	if x.route.Limit == "" {
		return nil
	}
	account := ""
	if x.r.Session != nil {
		account = x.r.Session.Staff.String()
	}
	wait, err := x.app.cfg.Limits.Allow(x.r.ctx, x.route.Limit, x.r.Agency.ID, account, x.r.IP)
	if err != nil {
		return err
	}
	return limited(wait)
}

// switchLanguage answers a wish for the other language. A page is sent again without
// the wish in its address. A form goes on to its handler when the route keeps what was
// typed; when it does not, the handler is never called.
func (x *exchange) switchLanguage() (Response, bool) {
	r := x.r
	if r.Method == http.MethodGet {
		if !x.choose(r.Query.Get(languageParameter)) {
			return Response{}, false
		}
		return Redirect(view.Back(r.withoutLanguage())), true
	}
	wanted := r.Form.Get(view.LanguageField)
	r.Form.Del(view.LanguageField)
	if wanted == "" {
		return Response{}, false
	}
	if x.choose(wanted) && x.route.Keeps {
		r.SwitchLanguage = true
		r.frame.Unsaved = true
		return Response{}, false
	}
	return Redirect(x.referer()), true
}

// referer is the page of this host that the request came from, or home.
func (x *exchange) referer() view.URL {
	address, ok := strings.CutPrefix(x.header("Referer"), "http://"+x.host)
	if !ok {
		if address, ok = strings.CutPrefix(x.header("Referer"), "https://"+x.host); !ok {
			return view.To()
		}
	}
	return view.Back(address)
}

// refused tells the audit log. Strangers do not write there: what they are refused is
// in the access log.
func (x *exchange) refused(err error) {
	hook := x.app.cfg.Hooks.Refused
	if hook == nil || x.r.Session == nil {
		return
	}
	if err := hook(x.r, err); err != nil {
		x.warn("record the refusal", err)
	}
}

// kept tells somebody who cannot save now that her words are not lost.
func (x *exchange) kept(err error, p *problem) {
	hook := x.app.cfg.Hooks.Kept
	if hook == nil || x.r.Session == nil || fault.ReadOnly(err) == uuid.Nil {
		return
	}
	to, err := hook(x.r, err)
	if err != nil {
		x.warn("keep what was typed", err)
	}
	if !to.IsZero() {
		p.also, p.action, p.returns = i18n.WebKept, view.Action{Label: i18n.WebKeptRead, Href: to}, false
	}
}

// ownRoutes are the routes of this package.
func (a *App) ownRoutes() []Route {
	return []Route{
		{Method: http.MethodPost, Path: "/session/extend", Need: SignedIn(), Handler: a.extend},
		{Method: http.MethodGet, Path: "/session/state", Need: Public(), Handler: a.state, Quiet: true},
		{Method: http.MethodGet, Path: "/session", Need: SignedIn(), Handler: a.same, Quiet: true},
	}
}

// extend keeps the session alive because the person asked for it.
func (a *App) extend(r *Request) (Response, error) {
	if err := a.cfg.Sessions.Extend(r.Context(), r.Session, r.settings.Idle); err != nil {
		if errors.Is(err, session.ErrNone) {
			err = fault.New(fault.SignedOut, nil)
		}
		return Response{}, err
	}
	return Empty(), nil
}

// state says how long the session still lives, without keeping it alive.
func (a *App) state(r *Request) (Response, error) {
	seconds := 0
	if r.Session != nil && !r.Half {
		seconds = max(0, int(r.Session.Left(a.cfg.Now())/time.Second))
	}
	return Response{Status: http.StatusOK, kind: kindData, Header: map[string]string{"Content-Type": "application/json"},
		Data: []byte(fmt.Sprintf("{\"seconds\":%d}\n", seconds))}, nil
}

// same says to a page that was open before the session ended whether the same person
// is signed in again: its old token is asked for, and a fresh one given.
func (a *App) same(r *Request) (Response, error) {
	if !a.validToken(r.pageToken, r.Agency.ID, staffHolder(r.Session.Staff), true) {
		return Response{}, fault.New(fault.SignedOut, i18n.WebOtherText)
	}
	return Fragment(view.SessionState(r.Frame())), nil
}
