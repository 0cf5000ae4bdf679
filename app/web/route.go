package web

import (
	"strings"
	"time"

	"konote/app/access"
	"konote/app/limit"
)

// Handler answers one route: decode, decide, act, answer.
type Handler func(*Request) (Response, error)

// Need is what a route asks of the person before its handler runs.
type Need struct {
	kind needKind
	keys []access.Key

	half  halfway // see Half, Enrolling
	fresh bool    // see Fresh
}

type needKind uint8

const (
	needNothingStated needKind = iota // the zero value is refused at start-up
	needPublic
	needSignedIn
	needPermission
	needAdmin
)

// Public routes are open to anyone at an agency's host.
func Public() Need { return Need{kind: needPublic} }

// SignedIn routes are open to every member of staff: home, own settings, sign-out.
func SignedIn() Need { return Need{kind: needSignedIn} }

// Permission routes are open to those of whom at least one role allows one of the keys;
// the handler then asks about the subject.
func Permission(keys ...access.Key) Need { return Need{kind: needPermission, keys: keys} }

// Admin routes are open to administrators.
func Admin() Need { return Need{kind: needAdmin} }

// Keys are the permissions of a Permission route, nil otherwise.
func (n Need) Keys() []access.Key { return n.keys }

// String names the need, for the route list and the tests.
func (n Need) String() string {
	switch n.kind {
	case needPublic:
		return "public"
	case needSignedIn:
		return "signed in"
	case needPermission:
		return strings.Join(stringsOf(n.keys), " or ")
	case needAdmin:
		return "administrator"
	}
	return ""
}

// Route is one row of the route table.
type Route struct {
	Method  string // GET or POST
	Path    string // Fiber's pattern: /participants/:id
	Need    Need
	Handler Handler
	// Limit is a named limit besides the one every route has; the zero value is none.
	Limit limit.Name
	// MaxBody is how many bytes the body may have; 0 stands for 256 KiB.
	MaxBody int
	// File is the field in which the form brings one file (view.FileForm); "" for none. It
	// is in memory as a whole, so MaxBody says how large it may be.
	File string
	// Timeout is how long the request may take; 0 stands for 10 s. A download needs more.
	Timeout time.Duration
	// Keeps says that the handler of this form looks at Request.SwitchLanguage first and
	// then shows what was typed. Without it a form that is sent to be shown in the other
	// language never reaches the handler, so nothing can be saved by mistake, and the
	// person lands on the page she came from.
	Keeps bool
	// Quiet routes do not keep a session alive: polling, status.
	Quiet bool
	// Secret says that the path itself opens something. What answers tells no other page
	// or host where it was (Referrer-Policy), and no page has the address in it.
	Secret bool
	// Foreign forms are posted by another machine and carry a proof of their own, which
	// the handler checks: no token of a page is asked for. Only public routes may be. What
	// is sent as multipart/form-data is not read, so a proof in the address alone counts.
	Foreign bool
}

func stringsOf(keys []access.Key) []string {
	texts := make([]string, len(keys))
	for i, key := range keys {
		texts[i] = string(key)
	}
	return texts
}
