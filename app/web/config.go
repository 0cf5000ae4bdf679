package web

import (
	"context"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"

	"konote/app/limit"
	"konote/app/session"
	"konote/app/view"
	"konote/tenancy"
)

// Config is what an App is made of.
type Config struct {
	Agencies Agencies // tenancy.Platform
	Sessions *session.Store
	Limits   *limit.Limits
	Hooks    Hooks
	Assets   Assets
	Probes   []Probe

	// Secret is the platform's, at least 32 bytes, the same in every process. Tokens
	// of forms are derived from it.
	Secret []byte
	// Secure is false only for a demonstration over plain HTTP: it turns off the
	// Secure attribute and the __Host- prefix of cookies, and HSTS.
	Secure bool
	// OperatorHost is the platform's own side, which no agency can have; "" for none.
	OperatorHost string
	// Support is whom agencies reach when the platform does not work, in plain words; "" for
	// nobody.
	Support string
	// TrustedProxies are addresses or networks whose X-Forwarded-For is believed.
	TrustedProxies []string
	// Registry receives the metrics of requests and is what Inside shows; nil makes a new one.
	Registry *prometheus.Registry
	Log      *slog.Logger
	Now      func() time.Time
}

// Agencies finds the agency of a host. It is tenancy.Platform, and in tests of this
// package a list.
type Agencies interface {
	Resolve(ctx context.Context, host string) (*tenancy.Agency, error)
}

// Hooks are what the package asks of the features, which it cannot import.
type Hooks struct {
	// Settings are the agency's, for a page that nobody is signed in to.
	Settings func(context.Context, *tenancy.Agency) (AgencySettings, error)
	// Visitor is the member of staff as she stands at this moment, with her roles, and
	// the agency's settings: asked at every request of a session. It returns a fault of
	// kind SignedOut when the account is no longer active; the session is then ended. framed
	// says that a whole page may be drawn, which shows what waits for her (Unread).
	Visitor func(ctx context.Context, agency *tenancy.Agency, staff uuid.UUID, framed bool) (Visitor, AgencySettings, error)
	// Refused is told of every refusal (Denied) and of every record that was asked for and
	// not found, for the audit log; a fault that is Hidden says that it was there. Its error
	// is logged; the answer stays the same. May be nil.
	Refused func(*Request, error) error
	// Kept is asked when a record turns out to be read-only (fault.ReadOnly): where the
	// person can read what she had begun to type there, the zero address when there is
	// nothing. May be nil.
	Kept func(*Request, error) (view.URL, error)
	// Nav, New and Menu are the navigation of a signed-in person, what she may begin, and
	// her own pages. They are asked for every request and read nothing. May be nil.
	Nav, New, Menu func(*Request) []view.NavItem
	// Language notes that a signed-in person chose a language. May be nil.
	Language func(r *Request, language string) error
}

// Assets are the bundled files: view.Assets, and each file by its exact path.
type Assets interface {
	view.Assets
	// File is the file at a path such as /assets/app-3f9c.css, /sw.js or /offline.
	File(path string) (view.File, bool)
}

// Probe is one dependency for /readyz.
type Probe struct {
	Name  string
	Check func(context.Context) error
	// Optional dependencies may fail without taking this process out of service: the
	// key provider while keys are cached, the audit database while the outbox holds.
	Optional bool
}
