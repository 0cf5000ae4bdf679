package server_test

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"konote/app/apptest"
	"konote/app/audit"
	"konote/app/factor"
	"konote/app/settings"
	"konote/tenancy"
)

const halfSecret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

// halfRoutes are what a session may ask for that has proved one thing where two are wanted,
// written by hand: the second step, and, for those who have no factor yet, setting one up.
var (
	halfRoutes = map[string]int{
		"GET /sign-in/second": 200, "POST /sign-in/second": 422, "POST /sign-in/second/ask": 422,
	}
	enrolRoutes = map[string]int{
		"GET /sign-in/second": 200, "POST /sign-in/second": 303, "POST /sign-in/second/ask": 422,
		"GET /account/security/app": 303, "POST /account/security/app": 303, "POST /account/security/app/code": 422,
		"GET /account/security/passkey": 200, "POST /account/security/passkey": 422, "POST /account/security/passkey/ask": 200,
	}
	// Public pages that send whoever has a session on.
	halfPublic = map[string]int{"GET /sign-in": 303, "GET /sign-in/sso": 303, "POST /sign-in/sso": 303}
)

// A password alone gets nobody with a second factor, and nobody of whom one is asked, past
// any route of the table.
func TestAHalfSessionGetsPastNoRoute(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, person := range map[string]*apptest.Staff{"worker": w.Cedar.Worker, "manager": w.Cedar.Manager, "admin": w.Cedar.Admin} {
		if err := w.Cedar.Update(t.Context(), func(tx *tenancy.Tx) error {
			return factor.Invent(t.Context(), tx, person.ID, "phone", halfSecret)
		}); err != nil {
			t.Fatal(err)
		}
		w.walkHalf(t, name+" with a factor", person, halfRoutes)
	}
	if err := w.Cedar.Update(t.Context(), func(tx *tenancy.Tx) error {
		return settings.Set(t.Context(), tx, operatorBy, settings.SecondFactor, settings.FactorRequired)
	}); err != nil {
		t.Fatal(err)
	}
	w.walkHalf(t, "both without a factor", w.Cedar.Both, enrolRoutes)
}

func (w *world) walkHalf(t *testing.T, name string, person *apptest.Staff, open map[string]int) {
	t.Helper()
	b := w.SignIn(t, person)
	for _, route := range slices.Sorted(maps.Keys(w.table)) {
		if slices.Contains(ends, route) {
			continue
		}
		method, _, _ := strings.Cut(route, " ")
		for subject := range w.table[route] {
			path, _, _ := w.path(route, subject)
			b.Get("/sign-in/second") // a token
			page := b.Send(method, path, url.Values{"csrf": {b.Token()}}, nil)
			want, stated := open[route]
			public, isPublic := signedOut[route]
			switch {
			case stated:
			case isPublic:
				want = public
				if other, ok := halfPublic[route]; ok {
					want = other
				}
			case method == http.MethodGet:
				want = http.StatusSeeOther
				if !strings.HasPrefix(page.Location, "/sign-in/second?next=") {
					t.Errorf("%s: %s, %s: leads to %q, want the second step", name, route, subject, page.Location)
				}
			default:
				want = http.StatusUnauthorized
			}
			if page.Status != want {
				t.Errorf("%s: %s, %s: got %d, want %d: %s", name, route, subject, page.Status, want, page.Text())
			}
			for _, word := range append(w.Cedar.Words(), person.Name) {
				if page.Has(word) && route != "POST /account/security/passkey/ask" { // tells her own name to her own key
					t.Errorf("%s: %s, %s: tells %q", name, route, subject, word)
				}
			}
			if b.Get("/account").Status == http.StatusOK {
				t.Fatalf("%s: %s, %s: the session is a full one", name, route, subject)
			}
		}
		w.ForgetLimits(t)
	}
}

// The pages of second factors are accessible, in both languages; the whole way is gone
// without a script.
func TestTheSecondStepWithoutAScript(t *testing.T) {
	t.Parallel()
	p := apptest.New(t)
	for i, language := range []string{"en", "fr"} {
		person := []*apptest.Staff{p.Cedar.Admin, p.Cedar.Manager}[i]
		b := p.SignIn(t, person)
		b.Open("/account?lang=" + language)
		page := b.Open("/account/security")
		page = page.Form("form[action=/account/security/app]").Send()
		secret := strings.ReplaceAll(page.Texts("code.factor-key")[0], " ", "")
		page.Form("form.form").Set("code", "12").Submit().WantStatus(http.StatusUnprocessableEntity)
		page = b.Open("/account/security/app")
		page = page.Form("form.form").Set("code", codeOf(t, secret, time.Now())).Send()
		codes := page.Texts(".factor-codes code")
		if len(codes) != 10 {
			t.Fatalf("%s: got %q, want ten codes", language, codes)
		}
		b.Open("/account/security").Want("main", "10")
		b.Open("/account/security/passkey").Form("form.form").Submit().WantStatus(http.StatusUnprocessableEntity)
		b.Open("/account/confirm").Form("form.form").Set("code", "0").Submit().WantStatus(http.StatusUnprocessableEntity)
		b.Open(b.Open("/account/security").Values(".plain-list a", "href")[0])
		if person == p.Cedar.Admin {
			b.Open("/settings/sign-in").Form("form.form").Set("who", "roles").Submit().WantStatus(http.StatusUnprocessableEntity)
			b.Open("/staff/"+p.Cedar.Worker.ID.String()+"/second-factor/reset").Want("h1", "")
		}

		second := p.SignIn(t, person)
		second.Get("/sign-in/second?lang=" + language)
		page = second.Open("/participants")
		if page.Path() != "/sign-in/second" {
			t.Fatalf("%s: a password alone leads to %s", language, page.Path())
		}
		page.Form("form.form").Set("code", "000000").Submit().WantStatus(http.StatusUnprocessableEntity)
		if next := second.Open("/account").Form("form.form").Set("code", strings.ToLower(codes[4])).Submit(); next.Location != "/account" {
			t.Errorf("%s: after the second step: %d to %q, want where she was going", language, next.Status, next.Location)
		}
	}
	if err := p.Cedar.Update(t.Context(), func(tx *tenancy.Tx) error {
		return settings.Set(t.Context(), tx, operatorBy, settings.SecondFactor, settings.FactorRequired)
	}); err != nil {
		t.Fatal(err)
	}
	for _, language := range []string{"en", "fr"} {
		b := p.SignIn(t, p.Cedar.Worker)
		b.Get("/sign-in/second?lang=" + language)
		b.Open("/").Form("form[action=/account/security/app]").Send().Want("h1", "")
	}
}

func codeOf(t *testing.T, secret string, at time.Time) string {
	t.Helper()
	code, err := factor.CodeAt(secret, at)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

var operatorBy = audit.By{Kind: audit.KindOperator, Operator: "tests"}

// Whoever takes access, or decides about another's, has just proved who she is. Emergency
// access asks for no proof: seconds count, and others are told at once.
func TestTakingAccessAsksForAProof(t *testing.T) {
	t.Parallel()
	want := map[string]bool{
		"GET /participants/:participant/access": true, "POST /participants/:participant/access": true,
		"GET /participants/:participant/emergency": false, "POST /participants/:participant/emergency": false,
		"GET /settings/grants/:grant": true, "POST /settings/grants/:grant/review": true, "POST /settings/grants/:grant/revoke": true,
		"GET /account/access": false, "POST /account/access/:grant/revoke": false,
	}
	met := 0
	for _, route := range apptest.New(t).Server.Web.Routes() {
		name := route.Method + " " + route.Path
		if fresh, named := want[name]; named {
			if met++; route.Need.IsFresh() != fresh {
				t.Errorf("%s: asks for a proof: %t, want %t", name, !fresh, fresh)
			}
		}
	}
	if met != len(want) {
		t.Errorf("%d of %d routes exist", met, len(want))
	}
}
