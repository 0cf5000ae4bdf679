package web

import (
	"context"
	"errors"
	"fmt"
	"html"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5/pgconn"

	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/limit"
	"konote/app/session"
	"konote/app/view"
	"konote/keyring"
	"konote/tenancy"
)

// problem is an error as a person is told it.
type problem struct {
	kind      fault.Kind
	status    int
	title     i18n.Message
	text      i18n.Message
	also      i18n.Message // a second sentence
	action    view.Action
	returns   bool // the action's page leads back to what was refused
	reference bool // shown: there is something to look up
	retry     time.Duration
}

// withStatus is an error that has a status of its own.
type withStatus struct {
	error
	code int
}

func (w withStatus) Unwrap() error { return w.error }

func status(code int, err error) error { return withStatus{err, code} }

func tooLarge() error {
	return status(http.StatusRequestEntityTooLarge, fault.New(fault.Invalid, i18n.WebLargeText))
}

// errOperatorHost says that the request came for the platform's own side, which has no
// pages yet: only what to know there.
var errOperatorHost = errors.New("web: the platform's own host")

var home = view.Action{Label: i18n.WebHome, Href: view.To()}

// problemOf is the one place where errors become pages. What is not named here is
// Internal: a reference number and nothing else.
func problemOf(err error) problem {
	p := platformProblem(err)
	if f := (*fault.Fault)(nil); errors.As(err, &f) {
		p = faultProblem(f)
	}
	if w := (withStatus{}); errors.As(err, &w) {
		p.status = w.code
		switch w.code {
		case http.StatusRequestEntityTooLarge:
			p.title = i18n.WebLargeTitle
		case http.StatusBadRequest, http.StatusUnsupportedMediaType:
			p.title, p.text = i18n.WebUnreadableTitle, i18n.WebUnreadableText
		}
	}
	return p
}

// faultProblem speaks for the errors that features make on purpose.
func faultProblem(f *fault.Fault) problem {
	p := problem{kind: f.Kind, action: home, retry: f.RetryAfter}
	switch f.Kind {
	case fault.Invalid:
		p.status, p.title = http.StatusUnprocessableEntity, i18n.FaultInvalidTitle
	case fault.NotFound:
		p.status, p.title, p.text, p.reference = http.StatusNotFound, i18n.FaultNotFoundTitle, i18n.FaultNotFoundText, true
	case fault.Denied:
		p.status, p.title, p.text, p.reference = http.StatusForbidden, i18n.FaultDeniedTitle, i18n.FaultDeniedText, true
		switch f.Message {
		case nil, i18n.FaultDeniedText, i18n.AccessDeniedAdmin: // it is the role
		case i18n.WebStaleText, i18n.WebForeignText:
			p.title = i18n.WebStaleTitle
		default: // it is something else, which the text says
			p.title = i18n.FaultStoppedTitle
		}
	case fault.SignedOut:
		p.status, p.title, p.text = http.StatusUnauthorized, i18n.WebEndedTitle, i18n.WebEndedShort
		p.action = view.Action{Label: i18n.WebSignIn, Href: view.To("sign-in")}
	case fault.Conflict:
		p.status, p.title = http.StatusConflict, i18n.FaultConflictTitle
	case fault.Limited:
		p.status, p.title, p.text = http.StatusTooManyRequests, i18n.FaultLimitedTitle, i18n.FaultLimitedText
		p.retry = max(p.retry, time.Second)
	case fault.Unavailable:
		p.status, p.title, p.text = http.StatusServiceUnavailable, i18n.FaultUnavailableTitle, i18n.FaultUnavailableText
		p.reference, p.retry = true, max(p.retry, 5*time.Second)
	default:
		p = internal
	}
	if f.Message != nil && f.Kind != fault.Internal {
		p.text = f.Message
	}
	if f.Way.Label != nil {
		p.action, p.returns = view.Action{Label: f.Way.Label, Href: view.To(f.Way.Path...)}, f.Way.Returns
	}
	return p
}

var internal = problem{kind: fault.Internal, status: http.StatusInternalServerError, title: i18n.FaultInternalTitle,
	action: home, reference: true}

// platformProblem speaks for the errors of the ground floor and of Fiber.
func platformProblem(err error) problem {
	unavailable := func(title, text i18n.Message, retry time.Duration) problem {
		return problem{kind: fault.Unavailable, status: http.StatusServiceUnavailable, title: title, text: text, reference: true, retry: retry}
	}
	switch {
	case errors.Is(err, errOperatorHost):
		return problem{kind: fault.NotFound, status: http.StatusOK, title: i18n.WebOperatorTitle, text: i18n.WebOperatorText}
	case errors.Is(err, tenancy.ErrUnknownHost), errors.Is(err, tenancy.ErrUnknownAgency):
		return problem{kind: fault.NotFound, status: http.StatusNotFound, title: i18n.FaultHostTitle, text: i18n.FaultHostText}
	case errors.Is(err, tenancy.ErrClosed):
		return problem{kind: fault.Denied, status: http.StatusForbidden, title: i18n.FaultClosedTitle, text: i18n.FaultClosedText}
	case errors.Is(err, tenancy.ErrParked):
		return unavailable(i18n.FaultParkedTitle, i18n.FaultParkedText, time.Minute)
	case errors.Is(err, tenancy.ErrBusy):
		return unavailable(i18n.WebBusyTitle, i18n.WebBusyText, 3*time.Second)
	case errors.Is(err, keyring.ErrNoKey), errors.Is(err, keyring.ErrKeyMismatch):
		return unavailable(i18n.FaultKeyTitle, i18n.FaultKeyText, 0)
	case errors.Is(err, keyring.ErrProvider):
		return unavailable(i18n.FaultKeyTitle, i18n.FaultKeyText, 30*time.Second)
	case errors.Is(err, tenancy.ErrUnavailable), errors.Is(err, session.ErrUnavailable), errors.Is(err, limit.ErrUnavailable),
		errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return unavailable(i18n.FaultUnavailableTitle, i18n.FaultUnavailableText, 10*time.Second)
	case errors.Is(err, session.ErrNone):
		return faultProblem(fault.New(fault.SignedOut, nil))
	}
	var known *fiber.Error
	if !errors.As(err, &known) {
		return internal
	}
	p := problem{kind: fault.Invalid, status: known.Code, action: home}
	switch known.Code {
	case http.StatusNotFound:
		p = faultProblem(fault.Missing())
	case http.StatusMethodNotAllowed:
		p.title, p.text = i18n.WebMethodTitle, i18n.WebMethodText
	case http.StatusRequestEntityTooLarge:
		p.title, p.text = i18n.WebLargeTitle, i18n.WebLargeText
	default:
		p.title, p.text = i18n.WebUnreadableTitle, i18n.WebUnreadableText
	}
	return p
}

// fail answers an error: logs its cause, tells the audit log of a refusal, and sends a
// page, a fragment, or the way to sign-in.
func (x *exchange) fail(err error) {
	if errors.Is(err, tenancy.ErrWithdrawn) {
		err = fault.Wrap(err, fault.Denied, i18n.AccessDeniedWithdrawn)
	}
	p := problemOf(err)
	x.kind = p.kind.String()
	x.note(err, p)
	// A record that is not there is told as one that is hidden: writing takes time, and an
	// answer without it would say which of the two it was.
	if f := (*fault.Fault)(nil); errors.As(err, &f) && (f.Kind == fault.Denied || f.Kind == fault.NotFound) && !errors.Is(err, errStale) {
		x.refused(err)
		x.kept(err, &p)
	}
	x.c.Response().Reset() // what the handler's answer had set already, cookies too
	x.setHeaders()
	if p.retry > 0 {
		x.c.Set("Retry-After", strconv.Itoa(int((p.retry+time.Second-1)/time.Second)))
	}
	x.sessionHeaders()
	if p.kind == fault.SignedOut && x.toSignIn(&p) {
		return
	}
	shown := guard(func() error { return x.showProblem(p) })
	if shown != nil {
		x.warn("show an error page", shown)
		x.c.Response().ResetBody()
		x.c.Status(p.status)
		x.c.Set("Content-Type", "text/html; charset=utf-8")
		x.c.Response().SetBodyString(plainPage(p, x.r.Reference, x.app.cfg.Support))
	}
}

// toSignIn sends a page that was asked for to sign-in and back. What a script asked
// for, and what was posted, is answered with 401 where it is, so that nothing that was
// typed is lost; p is then adapted.
func (x *exchange) toSignIn(p *problem) bool {
	r := x.r
	mode := x.header("Sec-Fetch-Mode")
	switch {
	case r.HTMX || x.route.Quiet || (mode != "" && mode != "navigate"):
		x.c.Set("X-Session", "ended")
	case r.Method == http.MethodGet:
		to := view.To("sign-in")
		if r.Half {
			to = view.To("sign-in", "second")
		}
		x.c.Set("Location", to.With("next", r.withoutLanguage()).String())
		x.c.Status(http.StatusSeeOther)
		return true
	default:
		p.text = i18n.WebEndedText
		p.action.Label = i18n.WebSignInElsewhere
	}
	return false
}

// showProblem renders the page, or for htmx the part of it that says what happened.
func (x *exchange) showProblem(p problem) error {
	r := x.r
	f := r.frame
	f.P = r.P
	text := r.P.T(p.text)
	if p.kind == fault.Internal {
		text = r.P.T(i18n.FaultInternalText(r.Reference))
	}
	if p.also != nil {
		text += " " + r.P.T(p.also)
	}
	if p.status == http.StatusServiceUnavailable && (f.Help == "" || p.title == i18n.FaultKeyTitle) {
		text += supportLine(r.P, x.app.cfg.Support)
	}
	reference := ""
	if p.reference {
		reference = r.Reference
	}
	if r.Agency == nil {
		p.action = view.Action{}
	}
	if p.returns && r.Method == http.MethodGet {
		p.action.Href = p.action.Href.With("back", r.withoutLanguage())
	}
	body := view.ErrorPage(f, r.P.T(p.title), text, reference, p.action)
	// The request's own time may be over; an error page must still come.
	ctx := context.WithoutCancel(r.ctx)
	if r.HTMX {
		return x.render(ctx, p.status, body)
	}
	return x.render(ctx, p.status, view.Page(f, p.title, false, body))
}

// supportLine says whom to reach where the agency itself cannot help.
func supportLine(printer *i18n.Printer, contact string) string {
	if contact == "" {
		return ""
	}
	return " " + printer.T(i18n.FaultSupport(contact))
}

// plainPage needs nothing that could fail: both languages, no frame, no style.
func plainPage(p problem, reference, support string) string {
	var b strings.Builder
	b.WriteString("<!DOCTYPE html>\n<html lang=\"en-CA\"><head><meta charset=\"utf-8\"><title>KoNote</title></head><body>\n")
	for _, language := range []string{"en", "fr"} {
		printer := i18n.NewPrinter(language, nil, nil)
		text := printer.T(p.text)
		if p.kind == fault.Internal {
			text = printer.T(i18n.FaultInternalText(reference))
		}
		if p.status == http.StatusServiceUnavailable {
			text += supportLine(printer, support)
		}
		fmt.Fprintf(&b, "<div lang=\"%s\"><h1>%s</h1><p>%s</p></div>\n", printer.Tag(),
			html.EscapeString(printer.T(p.title)), html.EscapeString(text))
	}
	b.WriteString("</body></html>\n")
	return b.String()
}

// note writes the cause of a problem to the log: at the level of an error when it is
// ours, as a warning when something that we need is down, not at all otherwise.
func (x *exchange) note(err error, p problem) {
	log := x.app.cfg.Log.With("reference", x.r.Reference, "route", x.route.Path, "err", describe(err))
	if x.r.Agency != nil {
		log = log.With("agency", x.r.Agency.ID)
	}
	var panicked *panicked
	switch {
	case errors.As(err, &panicked):
		log.Error("panic", "stack", string(panicked.stack))
	case errors.Is(err, keyring.ErrNoKey), errors.Is(err, keyring.ErrKeyMismatch):
		log.Error("the agency's records cannot be opened: its data key is gone")
	case p.kind == fault.Internal:
		log.Error("internal error")
	case p.kind == fault.Unavailable:
		log.Warn("something needed is unavailable")
	}
}

// describe is an error's text without what a database may quote of the data: errors
// of classes 22 and 23 (bad values, broken constraints) name values in their message.
func describe(err error) string {
	text := err.Error()
	var database *pgconn.PgError
	if errors.As(err, &database) && (strings.HasPrefix(database.Code, "22") || strings.HasPrefix(database.Code, "23")) {
		text = strings.ReplaceAll(text, database.Message, "["+database.ConstraintName+"]")
	}
	return text
}
