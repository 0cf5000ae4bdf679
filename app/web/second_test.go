package web

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/session"
)

func TestAPublicPageAsksForNoProof(t *testing.T) {
	t.Parallel()
	handler := func(*Request) (Response, error) { return Empty(), nil }
	for name, need := range map[string]Need{"half": Public().Half(), "enrolling": Public().Enrolling(), "fresh": Public().Fresh()} {
		_, err := checkTable([]Route{{Method: http.MethodGet, Path: "/x", Need: need, Handler: handler}})
		if err == nil || !strings.Contains(err.Error(), "a public page asks for no proof") {
			t.Errorf("%s: got %v, want it refused", name, err)
		}
	}
	if need := Admin().Fresh(); !need.IsFresh() || need.IsHalf() || need.String() != "administrator" {
		t.Error("a fresh need is another one than it was")
	}
}

func TestASessionIsHalfWhereTwoProofsAreWanted(t *testing.T) {
	t.Parallel()
	manager := access.Actor{Roles: map[uuid.UUID]access.Role{uuid.New(): access.ProgramManager}}
	asks := SecondFactor{Roles: []access.Role{access.ProgramManager}}
	for _, test := range []struct {
		name     string
		strength session.Strength
		visitor  Visitor
		asks     SecondFactor
		want     bool
	}{
		{"a password, no factor, none asked", session.Password, Visitor{}, SecondFactor{}, false},
		{"a password, a factor", session.Password, Visitor{HasFactor: true}, SecondFactor{}, true},
		{"a password, asked of everybody", session.Password, Visitor{}, SecondFactor{Everybody: true}, true},
		{"a password, asked of managers", session.Password, Visitor{Actor: manager}, asks, true},
		{"a password, asked of managers, of whom she is none", session.Password, Visitor{}, asks, false},
		{"a password, asked of managers, an administrator", session.Password, Visitor{Actor: access.Actor{Admin: true}}, asks, true},
		{"two proofs", session.Full, Visitor{HasFactor: true, Actor: manager}, SecondFactor{Everybody: true}, false},
		{"a strength that nobody knows", "strong", Visitor{HasFactor: true}, SecondFactor{}, true},
		{"no strength", "", Visitor{HasFactor: true}, SecondFactor{}, true},
	} {
		test.visitor.FactorAsked = test.asks.Asks(test.visitor.Actor)
		if got := isHalf(&session.Session{Strength: test.strength}, test.visitor); got != test.want {
			t.Errorf("%s: got %t, want %t", test.name, got, test.want)
		}
	}
}

var stampField = regexp.MustCompile(`name="stamp" value="([^"]*)"`)

// stampIn is the stamp of the one form on a page, or "".
func stampIn(page answer) string {
	if found := stampField.FindStringSubmatch(page.body); found != nil {
		return found[1]
	}
	return ""
}

// A session that was stolen long after its last proof changes nothing that asks for one,
// whatever it sends; a form that was opened in time may be sent for an hour.
func TestAFormThatAsksForAProofIsTakenLateOnlyWhenItWasOpenedInTime(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.world.idle = 8 * time.Hour
	w, elsewhere := b.signedIn("northside.example"), b.signedIn("northside.example")
	b.clock.forward(freshFor - time.Second)
	stamp, foreign := stampIn(w.get("/guarded")), stampIn(elsewhere.get("/guarded"))
	if stamp == "" || foreign == "" || stamp == foreign {
		t.Fatalf("got stamps %q and %q, want one for each session", stamp, foreign)
	}
	want(t, "within ten minutes", w.post("/guarded", "typed", "right"), http.StatusSeeOther)
	if got := stampIn(w.get("/things/new")); got != "" {
		t.Errorf("a page that asks for no proof: got the stamp %q, want none", got)
	}

	b.clock.forward(time.Second)
	w.get("/")
	elsewhere.get("/")
	for name, sent := range map[string]string{"no stamp": "", "the token of the page": w.token, "a stamp of another session": foreign,
		"a stamp cut": stamp[:len(stamp)-2], "a stamp altered": "B" + stamp[1:]} {
		want(t, name, w.post("/guarded", "typed", "right", "stamp", sent), http.StatusForbidden)
	}
	want(t, "a script, with the stamp of a form", w.post("/guarded/ask", "typed", "right", "stamp", stamp), http.StatusForbidden)
	want(t, "a script within ten minutes of nothing", w.post("/guarded/ask"), http.StatusForbidden)
	want(t, "with its stamp", w.post("/guarded", "typed", "right", "stamp", stamp), http.StatusSeeOther)
	want(t, "the page itself", w.get("/guarded"), http.StatusSeeOther)

	b.clock.forward(stampFor - 2*time.Second)
	again := w.post("/guarded", "typed", "wrong", "stamp", stamp)
	want(t, "a form that comes back", again, http.StatusUnprocessableEntity)
	if stampIn(again) != stamp || strings.Contains(again.body, "stamp=") {
		t.Errorf("got %s, want the form with the stamp that it had, and none among what was typed", again.body)
	}
	want(t, "just before the hour is over", w.post("/guarded", "typed", "right", "stamp", stamp), http.StatusSeeOther)
	b.clock.forward(time.Second)
	want(t, "after an hour", w.post("/guarded", "typed", "right", "stamp", stamp), http.StatusForbidden)
	if got := b.reached.count("POST /guarded/ask"); got != 0 {
		t.Errorf("the script's endpoint was reached %d times, want never", got)
	}
}

func TestAHalfSessionHasNoRightsAndEnds(t *testing.T) {
	t.Parallel()
	whole := Visitor{Name: "Zoé", HasFactor: true, Unread: 3, Places: []Place{{}}, Working: uuid.New(),
		Actor: access.Actor{Staff: uuid.New(), Admin: true, Roles: map[uuid.UUID]access.Role{uuid.New(): access.ProgramManager}, Grants: []access.Grant{{}}}}
	half := asHalf(whole)
	if half.Actor.Admin || len(half.Actor.Roles) > 0 || len(half.Actor.Grants) > 0 || half.Unread > 0 || len(half.Places) > 0 || half.Actor.Staff != whole.Actor.Staff {
		t.Errorf("got %+v, want who she is and nothing else", half)
	}
	began := time.Now()
	for _, test := range []struct {
		hasFactor bool
		after     time.Duration
		want      bool
	}{
		{true, secondStepWithin - time.Second, false}, {true, secondStepWithin, true},
		{false, secondStepWithin, false}, {false, enrolWithin - time.Second, false}, {false, enrolWithin, true},
	} {
		got := halfIsOver(&session.Session{StartedAt: began}, Visitor{HasFactor: test.hasFactor}, began.Add(test.after))
		if got != test.want {
			t.Errorf("factor %t after %s: over %t, want %t", test.hasFactor, test.after, got, test.want)
		}
	}
}
