package web

import (
	"context"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/session"
	"konote/app/view"
	"konote/tenancy"
)

// Request is what a handler gets: copied strings, who asks, at which agency, and a
// context with a deadline. It holds nothing of the HTTP engine, so a handler can be
// called in a test with a Request made by hand.
type Request struct {
	Agency  *tenancy.Agency // nil on hosts that belong to no agency
	Visitor Visitor         // zero when signed out
	Session *session.Session
	P       *i18n.Printer

	Method    string
	Path      string // without query
	Route     string // pattern of the route: /participants/:id
	IP        string // the peer's address as the trusted proxy gives it
	Reference string // of this request, for logs, audit and error pages
	Device    string // the random mark of this browser, for limit.Attempt; never empty
	HTMX      bool   // the browser asked for a fragment
	Target    string // id of the element that will be replaced, with HTMX
	Params    map[string]string
	Query     url.Values
	Form      url.Values // of the body, trimmed; values keep inner line breaks as \n

	// SwitchLanguage says that the form was sent only to be shown in the other language
	// (see Route.Keeps): the handler answers 200 with the form as it was typed, without
	// checking it and without doing anything.
	SwitchLanguage bool

	settings  AgencySettings
	pageToken string // header X-CSRF
	ctx       context.Context
	frame     *view.Frame
}

// Visitor is the signed-in member of staff as she stands at this moment.
type Visitor struct {
	Actor    access.Actor
	Name     string
	Language string // her own choice, "en" or "fr"
	// SessionsFrom ends the sessions that began before: a password was changed, or
	// somebody asked to be signed out everywhere. Zero: none.
	SessionsFrom time.Time
	// Unread is how many messages wait for her, for the badge on every page; it counts
	// no further than the badge shows.
	Unread int
}

// AgencySettings are an agency's choices that every page needs.
type AgencySettings struct {
	Terms       i18n.Terms     // its words, laid over the defaults
	Zone        *time.Location // its clock
	Idle        time.Duration  // session ends after this long without a request; 5 to 480 minutes
	HelpContact string         // whom to ask, as text; "" for none
}

// Context ends with the request's deadline.
func (r *Request) Context() context.Context { return r.ctx }

// Actor is who asks.
func (r *Request) Actor() access.Actor { return r.Visitor.Actor }

// Frame is what the page shows around its content.
func (r *Request) Frame() *view.Frame { return r.frame }

// Value is a field of the form, or "".
func (r *Request) Value(name string) string { return r.Form.Get(name) }

// Settings are the agency's.
func (r *Request) Settings() AgencySettings { return r.settings }

// ID reads a UUID from the path. A text that is none is a page that does not exist.
func (r *Request) ID(name string) (uuid.UUID, error) {
	id, err := uuid.Parse(r.Params[name])
	if err != nil || len(r.Params[name]) != 36 {
		return uuid.Nil, fault.Missing()
	}
	return id, nil
}

// Back is where the form that was sent wants to return to: its field "back", or the
// given address.
func (r *Request) Back(otherwise view.URL) view.URL {
	if back := r.Value("back"); back != "" {
		return view.Back(back)
	}
	return otherwise
}

// Checked says whether a check box or switch is on.
func (r *Request) Checked(name string) bool {
	switch strings.ToLower(r.Value(name)) {
	case "on", "true", "yes", "1":
		return true
	}
	return false
}
