package web

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"konote/app/access"
	"konote/app/session"
)

const north, harbour = "northside.example", "harbour.example"

func TestSigningInBeginsASessionOfItsOwn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := b.browser(north)
	want(t, "home signed out", w.get("/"), http.StatusSeeOther)
	want(t, "sign-in", w.get("/sign-in"), http.StatusOK)

	// Fixation: an attacker has put a session cookie into this browser.
	attacker := b.signedIn(north)
	planted := attacker.cookies["__Host-session"]
	w.cookies["__Host-session"] = planted
	want(t, "sign in", w.post("/sign-in"), http.StatusSeeOther)
	if w.cookies["__Host-session"] == planted || w.cookies["__Host-session"] == "" {
		t.Error("the planted session was kept")
	}
	want(t, "attacker's session", attacker.get("/"), http.StatusSeeOther)
	want(t, "home", w.get("/"), http.StatusOK)

	w = b.browser(north)
	w.get("/sign-in")
	made := strings.Repeat("A", 86)
	w.cookies["__Host-session"] = made
	w.post("/sign-in")
	if w.cookies["__Host-session"] == made {
		t.Error("an id made up by the browser was kept")
	}
}

func TestASessionOfOneAgencyIsNoneAtAnother(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := b.signedIn(north)
	w.host = harbour
	for _, route := range b.Routes() {
		if route.Need.kind == needPublic {
			continue
		}
		path := strings.ReplaceAll(route.Path, ":thing", "0190b4a5-0000-7000-8000-000000000000")
		got := w.send(route.Method, path, nil)
		if got.StatusCode != http.StatusSeeOther && got.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s %s: got %d, want sign-in", route.Method, route.Path, got.StatusCode)
		}
	}
	for name := range w.cookies {
		if name == "__Host-session" {
			t.Error("the foreign cookie was not deleted")
		}
	}
}

func TestSigningOutEndsTheSessionAndClearsTheBrowser(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := b.signedIn(north)
	cookie := w.cookies["__Host-session"]
	got := w.post("/sign-out")
	want(t, "sign out", got, http.StatusSeeOther)
	if header := got.Header.Get("Clear-Site-Data"); header != `"cache", "storage"` {
		t.Errorf("Clear-Site-Data: got %s", header)
	}
	if _, ok := w.cookies["__Host-session"]; ok {
		t.Error("the cookie is still there")
	}
	w.cookies["__Host-session"] = cookie // it was copied before
	want(t, "copied cookie", w.get("/"), http.StatusSeeOther)
}

func TestADeactivatedPersonIsOutAtHerNextRequest(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := b.signedIn(north)
	cookie := w.cookies["__Host-session"]
	b.world.read(func() { b.world.inactive = true })
	want(t, "deactivated", w.get("/"), http.StatusSeeOther)
	b.world.read(func() { b.world.inactive = false })
	w.cookies["__Host-session"] = cookie
	want(t, "activated again, with the old cookie", w.get("/"), http.StatusSeeOther)
}

func TestRolesAreThoseOfThisMoment(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := b.signedIn(north)
	want(t, "notes as front desk", w.get("/notes"), http.StatusForbidden)
	b.world.read(func() {
		for program := range b.world.visitor.Actor.Roles {
			b.world.visitor.Actor.Roles[program] = access.DirectService
		}
	})
	want(t, "notes as direct service", w.get("/notes"), http.StatusOK)
	want(t, "administration", w.get("/admin"), http.StatusForbidden)
	b.world.read(func() { b.world.visitor.Actor.Admin, b.world.visitor.Actor.Roles = true, nil })
	want(t, "administration as administrator", w.get("/admin"), http.StatusOK)
	want(t, "notes as administrator", w.get("/notes"), http.StatusForbidden)
}

func TestASessionEndsWhenIdle(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := b.signedIn(north)
	for range 6 {
		b.clock.forward(25 * time.Minute)
		want(t, "home", w.get("/"), http.StatusOK)
	}
	b.clock.forward(29 * time.Minute)
	got := w.get("/session/state") // asking does not keep it alive
	if got.body != "{\"seconds\":60}\n" {
		t.Errorf("state: got %s", got.body)
	}
	b.clock.forward(time.Minute)
	if got := w.get("/session/state"); got.body != "{\"seconds\":0}\n" || got.Header.Get("X-Session") != "ended" {
		t.Errorf("state after the end: got %s %v", got.body, got.Header)
	}
	want(t, "home after the end", w.get("/"), http.StatusSeeOther)
}

func TestAskingToStayExtendsTheSession(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := b.signedIn(north)
	b.clock.forward(29 * time.Minute)
	got := w.post("/session/extend")
	want(t, "extend", got, http.StatusNoContent)
	if left := got.Header.Get("X-Session-Seconds"); left != "1800" {
		t.Errorf("seconds left: got %s, want 1800", left)
	}
	b.clock.forward(29 * time.Minute)
	want(t, "home", w.get("/"), http.StatusOK)
}

func TestASessionEndsAfterTwelveHours(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := b.signedIn(north)
	for range 12*3 - 1 {
		b.clock.forward(20 * time.Minute)
		want(t, "home", w.get("/"), http.StatusOK)
	}
	b.clock.forward(20 * time.Minute)
	want(t, "home after twelve hours", w.get("/"), http.StatusSeeOther)
}

func TestRotationChangesTheCookie(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := b.signedIn(north)
	before := w.cookies["__Host-session"]
	want(t, "rotate", w.post("/stronger"), http.StatusSeeOther)
	if w.cookies["__Host-session"] == before {
		t.Error("the cookie is the same")
	}
	want(t, "home", w.get("/"), http.StatusOK)
	w.cookies["__Host-session"] = before
	want(t, "home with the old cookie", w.get("/"), http.StatusSeeOther)
}

func TestWithoutRedisNothingOpensAndSignInSaysSo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := b.signedIn(north)
	_ = b.client.Close()
	got := w.get("/")
	want(t, "home", got, http.StatusServiceUnavailable)
	if got.Header.Get("Retry-After") == "" || strings.Contains(got.body, "Noor") {
		t.Errorf("got %v, with %q", got.Header, got.body)
	}
	want(t, "state", w.get("/session/state"), http.StatusServiceUnavailable)
	stranger := b.browser(north)
	want(t, "sign-in page", stranger.get("/sign-in"), http.StatusOK)
	want(t, "sign in", stranger.post("/sign-in"), http.StatusServiceUnavailable)
	if stranger.cookies["__Host-session"] != "" {
		t.Error("a session cookie was given out")
	}
}

func TestAFlashIsOnTheNextPageOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := b.signedIn(north)
	want(t, "save", w.post("/things", "typed", "x"), http.StatusSeeOther)
	w.get("/fragment") // a part of a page does not swallow it
	if got := w.get("/things"); !strings.Contains(got.body, "Try again") {
		t.Error("the line is missing")
	}
	if got := w.get("/things"); strings.Contains(got.body, "Try again") {
		t.Error("the line is there twice")
	}
}

func TestAFormSentAfterTheEndIsNotLostAndNotSomebodyElses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := b.signedIn(north)
	page := w.get("/things")
	token := w.token
	b.clock.forward(31 * time.Minute)

	// The browser sends it; the answer is 401 where it is, with the way on.
	got := w.post("/things", "typed", "her words")
	want(t, "posted after the end", got, http.StatusUnauthorized)
	if !strings.Contains(got.body, "/sign-in") || got.Header.Get("X-Session") != "ended" {
		t.Errorf("no way on: %v %s", got.Header, got.body)
	}
	if strings.Contains(got.body, "her words") {
		t.Error("the answer repeats what was typed")
	}
	w.header.Set("Sec-Fetch-Mode", "cors")
	want(t, "fetched after the end", w.get("/things"), http.StatusUnauthorized)
	w.header.Del("Sec-Fetch-Mode")

	// The same person signs in in another tab; the same form is then taken.
	w.get("/sign-in")
	w.post("/sign-in")
	w.token = token
	w.header.Set("X-CSRF", token)
	want(t, "is it the same person", w.get("/session"), http.StatusOK)
	w.header.Del("X-CSRF")
	w.token = token
	want(t, "posted again", w.post("/things", "typed", "her words"), http.StatusSeeOther)

	// Another person does: it is refused.
	b.staff = b.north.ID
	w.get("/sign-in")
	w.post("/sign-in")
	w.token = token
	w.header.Set("X-CSRF", token)
	want(t, "is it the same person", w.get("/session"), http.StatusUnauthorized)
	w.header.Del("X-CSRF")
	w.token = token
	want(t, "posted by another person", w.post("/things", "typed", "her words"), http.StatusForbidden)
	if !strings.Contains(page.body, "typed=") {
		t.Error("the first page was not the form")
	}
}

func TestSignInLeadsBackAndNowhereElse(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := b.browser(north)
	if got := w.get("/things/new?q=1&lang=").Header.Get("Location"); got != "/sign-in?next=%2Fthings%2Fnew%3Fq%3D1" {
		t.Errorf("got %s", got)
	}
	for _, hostile := range []string{"https://evil.example/", "//evil.example", "/\\evil.example", "/%2Fevil.example", "/%2f%2fevil.example",
		"javascript:alert(1)", "\\\\evil.example", "/\t/evil.example", "evil.example", "https:evil.example", "///evil.example", "/\r\nSet-Cookie: a=b"} {
		w := b.browser(north)
		w.get("/sign-in")
		got := w.post("/sign-in", "next", hostile)
		location := got.Header.Get("Location")
		if !strings.HasPrefix(location, "/") || strings.HasPrefix(location, "//") || strings.ContainsAny(location, "\\\r\n\t") {
			t.Errorf("next=%q leads to %q", hostile, location)
		}
	}
}

func TestCookiesAreLocked(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := b.browser(north)
	var lines []string
	lines = append(lines, w.get("/sign-in").Header["Set-Cookie"]...)
	lines = append(lines, w.post("/sign-in").Header["Set-Cookie"]...)
	lines = append(lines, w.get("/?lang=fr").Header["Set-Cookie"]...)
	if len(lines) != 3 {
		t.Fatalf("got %d cookies, want three: %q", len(lines), lines)
	}
	for _, line := range lines {
		for _, part := range []string{"__Host-", "path=/", "HttpOnly", "secure", "SameSite=Lax"} {
			if !strings.Contains(line, part) {
				t.Errorf("%q is missing in %s", part, line)
			}
		}
		if strings.Contains(strings.ToLower(line), "domain=") {
			t.Errorf("a domain is named in %s", line)
		}
	}
	plain := setup(t, func(c *Config) { c.Secure = false })
	for _, line := range plain.browser(north).get("/sign-in").Header["Set-Cookie"] {
		if !strings.HasPrefix(line, "device=") || strings.Contains(strings.ToLower(line), "secure") {
			t.Errorf("over plain HTTP: got %s", line)
		}
	}
}

func TestTheStoreKnowsNothingThatEndedSessionsCouldUse(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := b.signedIn(north)
	store := b.cfg.Sessions
	if _, err := store.EndAll(t.Context(), b.north.ID, b.staff, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Load(t.Context(), b.north.ID, w.cookies["__Host-session"]); !errors.Is(err, session.ErrNone) {
		t.Errorf("got %v, want ErrNone", err)
	}
	want(t, "signed out everywhere", w.get("/"), http.StatusSeeOther)
}
