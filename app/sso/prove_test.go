package sso

import (
	"html"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"konote/app/i18n"
	"konote/app/sso/ssotest"
)

// with is somebody with further claims.
func with(p ssotest.Person, claims map[string]any) ssotest.Person {
	p.Claims = maps.Clone(claims)
	return p
}

// A provider that still knows the browser signs it in without a question: that proves
// nothing about who sits there now.
func TestASilentSignInIsNoFreshProof(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, test := range map[string]struct {
		said   any
		fresh  bool
		proved time.Duration // ago, about; -1: never
	}{
		"just now":                  {time.Now().Unix(), true, 0},
		"by a clock ahead":          {time.Now().Add(30 * time.Second).Unix(), true, 0},
		"an hour ago":               {time.Now().Add(-time.Hour).Unix(), false, time.Hour},
		"it does not say":           {nil, false, -1},
		"not a number":              {"yesterday", false, -1},
		"in a time to come":         {time.Now().Add(time.Hour).Unix(), false, -1},
		"in another age altogether": {1e30, false, -1},
	} {
		b := w.cedar.browser()
		b.signIn(with(wen, map[string]any{"auth_time": test.said}))
		proved := b.wantIn(w.cedar.worker).Proved
		if test.proved < 0 != proved.IsZero() || !proved.IsZero() && (time.Since(proved)-test.proved).Abs() > 30*time.Second || proved.After(time.Now()) {
			t.Errorf("%s: proved at %v, want %v ago", name, proved, test.proved)
		}
		if got := b.get("/guarded"); (got.status == http.StatusOK) != test.fresh {
			t.Errorf("%s: got %d to %q, want let in: %t", name, got.status, got.location, test.fresh)
		}
	}
}

func TestWhoHasNothingHereProvesAnewThroughTheProvider(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cedar.issuer.SignedIn = time.Now().Add(-time.Hour)
	b := w.cedar.browser()
	b.signIn(wen)
	before := b.cookies["__Host-session"]
	leave := func() *url.URL {
		t.Helper()
		b.get("/account")
		return b.toIssuer(b.post("/account/confirm/elsewhere", "next", "/guarded"))
	}
	to := leave()
	if to.Query().Get("prompt") != "login" || to.Query().Get("max_age") != "0" {
		t.Errorf("the provider is asked with %q, want it to ask her anew", to.RawQuery)
	}

	silent := to.Query()
	silent.Del("prompt") // and the provider, or who holds the browser, leaves it out
	stripped := *to
	stripped.RawQuery = silent.Encode()
	b.get(b.answer(w.cedar.issuer, &stripped, wen))
	w.cedar.wantReason(actionProve, "older than the question")
	got := b.get(b.answer(w.cedar.issuer, leave(), with(wen, map[string]any{"auth_time": nil})))
	if want := html.EscapeString(i18n.NewPrinter("en", nil, nil).T(i18n.SsoFailedTime)); got.status != http.StatusBadRequest || !strings.Contains(got.text, want) {
		t.Errorf("without a time: got %d %.300s, want to be told what is missing", got.status, got.text)
	}
	w.cedar.wantReason(actionProve, "auth_time")
	b.get(b.answer(w.cedar.issuer, leave(), ssotest.Person{Subject: "somebody else"}))
	w.cedar.wantReason(actionProve, "not that of who is signed in")
	if got := b.get("/guarded"); got.status != http.StatusSeeOther {
		t.Errorf("after what proved nothing: got %d, want to be asked", got.status)
	}

	if got := b.get(b.answer(w.cedar.issuer, leave(), wen)); got.location != "/guarded" {
		t.Fatalf("proved anew: got %d to %q: %.300s", got.status, got.location, got.text)
	}
	if got := b.get("/guarded"); got.status != http.StatusOK || b.cookies["__Host-session"] == before {
		t.Errorf("afterwards: got %d, want to be let in under a new id", got.status)
	}
}
