package web

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/civil"
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

	// Half says that the session still lacks its second step: only routes that say so
	// are called then, and public ones. The visitor has no rights.
	Half bool

	Method    string
	Path      string // without query
	Route     string // pattern of the route: /participants/:id
	IP        string // the peer's address as the trusted proxy gives it
	Reference string // of this request, for logs, audit and error pages
	Device    string // the random mark of this browser, for limit.Attempt; never empty
	Link      string // the secret that Response.Link has given this browser, or ""
	Flow      string // the cookie of a sign-in elsewhere that is under way, or ""
	HTMX      bool   // the browser asked for a fragment
	Target    string // id of the element that will be replaced, with HTMX
	Params    map[string]string
	Query     url.Values
	Form      url.Values // of the body, trimmed; values keep inner line breaks as \n
	File      []byte     // what a form brought as a file, on a route that takes one (Route.File)

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
	// HasFactor says that she has a second factor: what her password opens is the second
	// step alone.
	HasFactor bool
	// FactorAsked says that her agency asks a second factor of her, by all her roles: also
	// those that rest while she works elsewhere (see At).
	FactorAsked bool
	// Unread is how many messages wait for her, for the badge on every page; it counts
	// no further than the badge shows.
	Unread int
	// Working is the program that she has chosen to work in now; uuid.Nil: all of them but
	// the confidential ones (see At).
	Working uuid.UUID
	// Places are the programs where she has a role, by name.
	Places []Place
}

// Place is a program where somebody works.
type Place struct {
	Program        uuid.UUID
	NameEN, NameFR string
	Confidential   bool
}

// Name is the program's name in the reader's language.
func (p Place) Name(printer *i18n.Printer) string {
	if printer.Language() == "fr" {
		return p.NameFR
	}
	return p.NameEN
}

// Among are the places that are among these programs, by name.
func (v Visitor) Among(programs []uuid.UUID) []Place {
	var among []Place
	for _, p := range v.Places {
		if slices.Contains(programs, p.Program) {
			among = append(among, p)
		}
	}
	return among
}

// AnyConfidential says whether one of these programs is confidential, as far as she has a
// role in it.
func (v Visitor) AnyConfidential(programs []uuid.UUID) bool {
	return slices.ContainsFunc(v.Places, func(p Place) bool { return p.Confidential && slices.Contains(programs, p.Program) })
}

// At is the visitor as far as she works in one program now; with uuid.Nil, or a program
// that she has no role in any more, in all that are not confidential. Whoever works in a
// confidential program and in others sees its records only while she is at work there, so
// that they never stand beside others by accident. Somebody whose programs are all
// confidential has to choose one.
func (v Visitor) At(program uuid.UUID) Visitor {
	v.Working = uuid.Nil
	if _, held := v.Actor.Roles[program]; held {
		v.Working, v.Actor = program, v.Actor.In(program)
		return v
	}
	if len(v.Places) < 2 || !slices.ContainsFunc(v.Places, func(p Place) bool { return p.Confidential }) {
		return v
	}
	roles := make(map[uuid.UUID]access.Role, len(v.Places))
	for _, p := range v.Places {
		if !p.Confidential {
			roles[p.Program] = v.Actor.Roles[p.Program]
		}
	}
	v.Actor.Roles = roles
	return v
}

// Workplaces are what she may choose to work in, where there is a choice.
func (v Visitor) Workplaces(p *i18n.Printer) []view.Place {
	if len(v.Places) < 2 {
		return nil
	}
	places := []view.Place{{Label: p.T(i18n.ViewWorkplaceAll), Current: v.Working == uuid.Nil}}
	for _, at := range v.Places {
		if at.Confidential {
			places[0].Label = p.T(i18n.ViewWorkplaceOpen)
		}
		places = append(places, view.Place{ID: at.Program.String(), Label: at.Name(p), Current: v.Working == at.Program})
	}
	return places
}

// AgencySettings are an agency's choices that every page needs.
type AgencySettings struct {
	Terms       i18n.Terms     // its words, laid over the defaults
	Zone        *time.Location // its clock
	Idle        time.Duration  // session ends after this long without a request; 5 to 480 minutes
	HelpContact string         // whom to ask, as text; "" for none
	PasswordOff bool           // only administrators sign in with a password
	Access      access.Policy
	// SecondFactor is of whom a second factor is asked.
	SecondFactor SecondFactor
}

// Context ends with the request's deadline.
func (r *Request) Context() context.Context { return r.ctx }

// Today is the day of the transaction by the agency's clock.
func (r *Request) Today(tx *tenancy.Tx) civil.Date { return civil.Of(tx.Now().In(r.P.Zone())) }

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
