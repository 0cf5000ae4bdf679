package web

import (
	"net/http"
	"strings"
	"time"

	"konote/app/access"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/session"
	"konote/app/view"
)

// What a session may do that has proved one thing, by somebody who must prove two.
const (
	// secondStepWithin is how long after the password the second step may be taken.
	secondStepWithin = 5 * time.Minute
	// enrolWithin is how long somebody who has no second factor yet has to set one up:
	// a program may have to be found and installed first, on a slow telephone.
	enrolWithin = 30 * time.Minute
)

// What a route that is Fresh asks. A proof is good for the first; a form that was opened
// within it may be filled in for the second, so that nothing typed is lost.
const (
	freshFor = 10 * time.Minute
	stampFor = time.Hour
)

// halfway is which half sessions a route is open to.
type halfway uint8

const (
	noHalf    halfway = iota
	anyHalf           // every one
	enrolHalf         // of those who have no second factor yet and must have one
)

// Half opens the route to sessions that still lack their second step too. Every other
// route refuses them, public pages aside, which show them as nobody in particular.
func (n Need) Half() Need {
	n.half = anyHalf
	return n
}

// Enrolling opens the route to half sessions of people who have no second factor yet,
// and to no others.
func (n Need) Enrolling() Need {
	n.half = enrolHalf
	return n
}

// Fresh asks that the person has proved who she is within the last ten minutes: with a
// second factor, or with her password where she has none. Otherwise a page that is asked
// for leads to /account/confirm and back. The page with the form needs it as well as the
// form itself, so that the question comes before anything is typed: the form then carries
// a stamp (view.Tokens), and may be sent for an hour. What a script asks for carries none.
func (n Need) Fresh() Need {
	n.fresh = true
	return n
}

// IsFresh says whether the route is, for the route list and the tests.
func (n Need) IsFresh() bool { return n.fresh }

// IsHalf says whether the route is open to some half session.
func (n Need) IsHalf() bool { return n.half != noHalf }

// SecondFactor is whom an agency asks for a second factor.
type SecondFactor struct {
	Everybody bool
	// Roles are those for which, in whatever program, and with them administrators. Empty:
	// nobody has to.
	Roles []access.Role
}

// Asks says whether the agency wants a second factor of this person.
func (s SecondFactor) Asks(actor access.Actor) bool {
	if s.Everybody || len(s.Roles) == 0 {
		return s.Everybody
	}
	if actor.Admin {
		return true
	}
	for _, held := range actor.Roles {
		for _, role := range s.Roles {
			if held == role {
				return true
			}
		}
	}
	return false
}

// isHalf says whether a session has proved too little for this person at this agency.
// It is asked anew at every request: of a person who adds a factor, or of whom the agency
// begins to ask one, every session that had proved one thing is a half one from then on.
func isHalf(s *session.Session, v Visitor) bool {
	return s.Strength != session.Full && (v.HasFactor || v.FactorAsked)
}

// asHalf is what a half session may know of its owner: who she is, and nothing that
// could open anything if a check were forgotten.
func asHalf(v Visitor) Visitor {
	return Visitor{Actor: access.Actor{Staff: v.Actor.Staff}, Name: v.Name, Language: v.Language, SessionsFrom: v.SessionsFrom, HasFactor: v.HasFactor}
}

// halfIsOver says whether the second step took too long.
func halfIsOver(s *session.Session, v Visitor, now time.Time) bool {
	within := secondStepWithin
	if !v.HasFactor {
		within = enrolWithin
	}
	return now.Sub(s.StartedAt) >= within
}

// checkHalf refuses a half session, as one that is not signed in.
func (x *exchange) checkHalf() error {
	if !x.r.Half {
		return nil
	}
	switch x.route.Need.half {
	case anyHalf:
		return nil
	case enrolHalf:
		if !x.r.Visitor.HasFactor {
			return nil
		}
	}
	return fault.New(fault.SignedOut, i18n.WebHalfText)
}

// checkFresh asks for a proof where the last one is too long ago: a page that was asked
// for leads there and back. A form is also taken with the stamp that it was given when it
// was opened with a fresh proof: for this session and this address, good for an hour; when
// it comes back with problems it keeps that stamp, so that the hour does not begin again.
// Whoever is setting up her first factor at sign-in has just given her password.
func (x *exchange) checkFresh() (Response, bool, error) {
	r := x.r
	if !x.route.Need.fresh || r.Half {
		return Response{}, false, nil
	}
	switch {
	case x.app.cfg.Now().Sub(r.Session.ProvedAt) < freshFor:
		r.frame.Stamp = func(action view.URL) string {
			return x.app.tokenOf(r.Agency.ID, stampHolder(r.Session, pathOf(action)))
		}
		return Response{}, false, nil
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		return Redirect(view.To("account", "confirm").With("next", r.withoutLanguage())), true, nil
	}
	if age, ours := x.app.tokenAge(x.stamp, r.Agency.ID, stampHolder(r.Session, r.Path)); !ours || age >= stampFor {
		return Response{}, true, errStale
	}
	r.frame.Stamp = func(action view.URL) string {
		if pathOf(action) != r.Path {
			return ""
		}
		return x.stamp
	}
	return Response{}, false, nil
}

// pathOf is an address without its query and its fragment.
func pathOf(address view.URL) string {
	path, _, _ := strings.Cut(address.String(), "#")
	path, _, _ = strings.Cut(path, "?")
	return path
}

// errStale says that the proof is too long ago.
var errStale error = fault.New(fault.Denied, i18n.WebConfirmText).Toward(i18n.WebConfirmAction, "account", "confirm")
