package web

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"konote/app/i18n"
	"konote/app/session"
	"konote/app/view"
)

// Response is what a handler answers, as data: it is rendered into a buffer and sent
// only when it is whole.
type Response struct {
	Status int
	Title  i18n.Message    // of a page; never a name, a program or a reason
	Body   templ.Component // of a page or fragment
	To     view.URL        // of a redirect
	Flash  i18n.Message    // a short line shown on the next page
	Wide   bool            // a page whose content may use the whole width
	Header map[string]string
	Stream func(io.Writer) error // of a download
	Data   []byte                // of an answer to a script

	kind    responseKind
	signIn  uuid.UUID // staff whose session begins with this answer
	signOut bool
	outside *session.Outside
	// When she proved elsewhere who she is; see Outside.
	outsideAt time.Time
	flow      *string
	link      *string
	keys      string // "on" or "off": single-key shortcuts
	rotate    bool
	// strength is what signIn or rotate were proved with; "": nothing new was proved.
	strength session.Strength
	// When what signIn or rotate go by was noted.
	provedAt time.Time
	refused  error // see Refusing
}

type responseKind uint8

const (
	kindPage responseKind = iota
	kindFragment
	kindRedirect
	kindDownload
	kindEmpty
	kindData
)

// Page answers with a whole page. The title is neutral: it stands in tabs, history
// and bookmarks.
func Page(title i18n.Message, body templ.Component) Response {
	return Response{Status: http.StatusOK, kind: kindPage, Title: title, Body: body}
}

// WidePage is Page for lists and tables.
func WidePage(title i18n.Message, body templ.Component) Response {
	response := Page(title, body)
	response.Wide = true
	return response
}

// Fragment answers an htmx request with a part of a page.
func Fragment(body templ.Component) Response {
	return Response{Status: http.StatusOK, kind: kindFragment, Body: body}
}

// Redirect sends the browser on with 303, so that a reload does not send a form again.
func Redirect(to view.URL) Response {
	return Response{Status: http.StatusSeeOther, kind: kindRedirect, To: to}
}

// Invalid makes a page or fragment the answer to input that cannot be accepted (422).
func (r Response) Invalid() Response {
	r.Status = http.StatusUnprocessableEntity
	return r
}

// Conflict makes a page the answer to a change that came too late (409).
func (r Response) Conflict() Response {
	r.Status = http.StatusConflict
	return r
}

// Refusing has the audit log told that access was refused, as for an error, where the
// person is told so by her own form.
func (r Response) Refusing(err error) Response {
	r.refused = err
	return r
}

// Say shows a short line on the page that follows.
func (r Response) Say(message i18n.Message) Response {
	r.Flash = message
	return r
}

// Shortcuts turns single-key shortcuts on or off in this browser (WCAG 2.1.4: who speaks
// to the machine types many single keys).
func (r Response) Shortcuts(on bool) Response {
	r.keys = "off"
	if on {
		r.keys = "on"
	}
	return r
}

// SignIn begins a session for a member of staff who has just proved who she is. A
// session that the browser had is ended: its id is never kept. at is when that was noted
// in the agency's database, so that a session that begins after all others were ended is
// known to be one of them (Visitor.SessionsFrom).
func (r Response) SignIn(staff uuid.UUID, at time.Time) Response {
	r.signIn, r.provedAt, r.strength = staff, at, session.Password
	return r
}

// With says that the session of SignIn has proved something else than a password alone.
func (r Response) With(strength session.Strength) Response {
	r.strength = strength
	return r
}

// Outside notes that the session which SignIn begins rests on a sign-in elsewhere, where
// the person proved at a time who she is: zero when that is not known.
func (r Response) Outside(outside session.Outside, proved time.Time) Response {
	r.outside, r.outsideAt = &outside, proved
	return r
}

// Flow gives the browser the cookie of session.Store.Begin, which it brings along when it
// comes back; "" takes it away.
func (r Response) Flow(cookie string) Response {
	r.flow = &cookie
	return r
}

// SignOut ends the session and has the browser forget what it holds of it.
func (r Response) SignOut() Response {
	r.signOut = true
	return r
}

// Rotate gives the session a new id, after the person's own password was changed. Other
// sessions are ended with session.Store.EndAll. at is as in SignIn.
func (r Response) Rotate(at time.Time) Response {
	r.rotate, r.provedAt = true, at
	return r
}

// Prove gives the session a new id because the person has just proved who she is: with
// her second factor, or once more with what she has.
func (r Response) Prove(strength session.Strength) Response {
	r.rotate, r.strength = true, strength
	return r
}

// Link keeps the secret of a link in a cookie for the pages that follow (Request.Link), so
// that it stands in no address; "" takes it away.
func (r Response) Link(secret string) Response {
	r.link = &secret
	return r
}

// Empty answers with 204.
func Empty() Response { return Response{Status: http.StatusNoContent, kind: kindEmpty} }

// JSON answers a script.
func JSON(value any) (Response, error) {
	data, err := json.Marshal(value)
	if err != nil {
		return Response{}, fmt.Errorf("encode the answer: %w", err)
	}
	return Response{Status: http.StatusOK, kind: kindData, Data: data, Header: map[string]string{"Content-Type": "application/json"}}, nil
}

// Download answers with a file. name is plain ASCII made by the caller, never a
// person's name; write is called once and streams.
func Download(name, contentType string, write func(io.Writer) error) Response {
	return Response{Status: http.StatusOK, kind: kindDownload, Stream: write, Header: map[string]string{
		"Content-Type":        contentType,
		"Content-Disposition": `attachment; filename="` + name + `"`,
	}}
}
