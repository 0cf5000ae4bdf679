package sso

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/settings"
	"konote/app/sso/ssotest"
	"konote/app/staff"
	"konote/tenancy"
)

// enter signs somebody in with her password.
func (b *browser) enter(login string) {
	b.p.w.t.Helper()
	b.get("/sign-in")
	if got := b.post("/sign-in", "login", login, "password", password); got.status != http.StatusSeeOther {
		b.p.w.t.Fatalf("sign in as %q: got %d: %s", login, got.status, got.text)
	}
	b.get("/account/connected")
}

// connect goes to the issuer from one's own page, and back.
func (b *browser) connect(person ssotest.Person) page {
	b.p.w.t.Helper()
	b.get("/account/connected")
	to := b.toIssuer(b.post("/account/connected", "provider", b.p.provider.ID.String()))
	return b.get(b.answer(b.p.issuer, to, person))
}

func TestAPersonConnectsHerAccountAndTakesItAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	zoe := w.cedar.person(staff.New{DisplayName: "Zoe", Username: "zoe"}, password)
	b := w.cedar.browser()
	b.wantOut(b.signIn(ssotest.Person{Subject: "zoe-there"})) // nobody's yet
	b.enter("zoe")
	if got := b.connect(ssotest.Person{Subject: "zoe-there"}); got.location != "/account/connected" {
		t.Fatalf("connect: got %d to %q: %s", got.status, got.location, got.text)
	}
	other := w.cedar.browser()
	other.signIn(ssotest.Person{Subject: "zoe-there"})
	other.wantIn(zoe)

	shown := b.get("/account/connected").text
	_, id, _ := strings.Cut(shown, "/account/connected/")
	id, _, _ = strings.Cut(id, "/remove")
	// Nobody takes away another one's.
	ada := w.cedar.browser()
	ada.enter("ada")
	if got := ada.post("/account/connected/" + id + "/remove"); got.status != http.StatusNotFound {
		t.Errorf("another one's connection: got %d, want 404", got.status)
	}
	if got := b.post("/account/connected/" + id + "/remove"); got.status != http.StatusSeeOther {
		t.Errorf("disconnect: got %d: %s", got.status, got.text)
	}
	again := w.cedar.browser()
	again.wantOut(again.signIn(ssotest.Person{Subject: "zoe-there"}))

	// The only way in stays.
	only := w.cedar.browser()
	only.signIn(wen)
	shown = only.get("/account/connected").text
	_, id, _ = strings.Cut(shown, "/account/connected/")
	id, _, _ = strings.Cut(id, "/remove")
	if got := only.post("/account/connected/" + id + "/remove"); got.status != http.StatusUnprocessableEntity {
		t.Errorf("the only way in: got %d, want 422", got.status)
	}
	still := w.cedar.browser()
	still.signIn(wen)
	still.wantIn(w.cedar.worker)
}

func TestASubjectOpensOneAccountAndAnAccountHasOneSubject(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cedar.person(staff.New{DisplayName: "Zoe", Username: "zoe"}, password)
	b := w.cedar.browser()
	b.enter("zoe")
	if got := b.connect(wen); got.status != http.StatusBadRequest {
		t.Errorf("somebody else's subject: got %d to %q", got.status, got.location)
	}
	w.cedar.wantReason(actionConnect, "linked already")
	b.connect(ssotest.Person{Subject: "zoe-there"})
	if got := b.connect(ssotest.Person{Subject: "zoe-again"}); got.status != http.StatusBadRequest {
		t.Errorf("a second subject: got %d", got.status)
	}
	in := w.cedar.browser()
	in.signIn(wen)
	in.wantIn(w.cedar.worker)
}

func TestOnlyWhoeverBeganToConnectIsConnected(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	zoe := w.cedar.person(staff.New{DisplayName: "Zoe", Username: "zoe"}, password)
	// Mallory begins and has Zoe's browser end it, with all that Mallory has.
	w.cedar.person(staff.New{DisplayName: "Mallory", Username: "mallory"}, password)
	mallory, victim := w.cedar.browser(), w.cedar.browser()
	mallory.enter("mallory")
	victim.enter("zoe")
	to := mallory.toIssuer(mallory.post("/account/connected", "provider", w.cedar.provider.ID.String()))
	path := mallory.answer(w.cedar.issuer, to, ssotest.Person{Subject: "mallory-there"})
	victim.cookies["__Host-flow"] = mallory.cookies["__Host-flow"]
	if got := victim.get(path); got.status != http.StatusBadRequest {
		t.Errorf("in another one's session: got %d to %q", got.status, got.location)
	}
	// Signed out meanwhile.
	to = mallory.toIssuer(mallory.post("/account/connected", "provider", w.cedar.provider.ID.String()))
	path = mallory.answer(w.cedar.issuer, to, ssotest.Person{Subject: "mallory-there"})
	delete(mallory.cookies, "__Host-session")
	if got := mallory.get(path); got.status != http.StatusBadRequest {
		t.Errorf("signed out: got %d", got.status)
	}
	b := w.cedar.browser()
	b.wantOut(b.signIn(ssotest.Person{Subject: "mallory-there"}))
	_ = zoe
}

func TestSubjectsOfAnotherProviderOpenNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	// The agency goes over to another issuer, which names somebody else wen.
	second := w.cedar.provider
	second.ID, second.Issuer = tenancy.NewID(), w.birch.issuer.Address
	second.Secret = w.birch.issuer.Secret
	w.birch.issuer.Redirects = w.cedar.issuer.Redirects
	w.cedar.update(func(tx *tenancy.Tx) error {
		w.must(SetStatus(t.Context(), tx, w.cedar.provider.ID, Active, Off, uuid.Nil))
		w.must(SetStatus(t.Context(), tx, w.cedar.provider.ID, Off, Removed, uuid.Nil))
		w.must(Insert(t.Context(), tx, second, uuid.Nil))
		return SetStatus(t.Context(), tx, second.ID, Off, Active, uuid.Nil)
	})
	b := w.cedar.browser()
	to := b.leave()
	b.wantOut(b.get(b.answer(w.birch.issuer, to, wen)))
	w.cedar.wantReason(staff.ActionSignInFailed, "no account is linked")
}

func TestAVerifiedAddressLinksWhereTheAgencySaysSo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mia := w.cedar.person(staff.New{DisplayName: "Mia", Email: "mia@work.example"}, "")
	w.cedar.person(staff.New{DisplayName: "Boss", Email: "boss@work.example", Admin: true}, "")
	gone := w.cedar.person(staff.New{DisplayName: "Gone", Email: "gone@work.example"}, "")
	w.must(staff.Deactivate(t.Context(), w.cedar.Agency, w.sessions, operator, gone))
	there := func(subject, email string, verified any) ssotest.Person {
		return ssotest.Person{Subject: subject, Claims: map[string]any{"email": email, "email_verified": verified}}
	}
	try := func(name string, person ssotest.Person) {
		t.Helper()
		b := w.cedar.browser()
		b.wantOut(b.signIn(person))
		if t.Failed() {
			t.Fatal(name)
		}
	}
	try("while the agency has not said so", there("m", "mia@work.example", true))
	w.cedar.set(func(p *Provider) { p.LinksByEmail = true })
	try("not verified", there("m", "mia@work.example", false))
	try("verified as a text", there("m", "mia@work.example", "true"))
	try("not said", ssotest.Person{Subject: "m", Claims: map[string]any{"email": "mia@work.example"}})
	try("an administrator's", there("b", "boss@work.example", true))
	try("of a closed account", there("g", "gone@work.example", true))
	try("a user name in the place of an address", there("a", "ada", true))
	try("of an account that is linked", there("w", "wen@work.example", true))
	own := func(is bool) {
		w.cedar.update(func(tx *tenancy.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE agency.staff SET email_is_own = $2 WHERE id = $1`, mia, is)
			return err
		})
	}
	own(true)
	try("of an account whose owner wrote it herself", there("m", "mia@work.example", true))
	own(false)

	b := w.cedar.browser()
	b.signIn(there("m", "Mia@Work.Example", true))
	b.wantIn(mia)
	// From now on it is the subject that counts.
	b = w.cedar.browser()
	b.signIn(ssotest.Person{Subject: "m"})
	b.wantIn(mia)
	try("the address in the hands of another subject", there("m2", "mia@work.example", true))
}

func TestAGroupGivesAFirstAccountOnlyWhenMapped(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	nia := ssotest.Person{Subject: "nia", Name: "Nia Roy", Claims: map[string]any{"email": "nia@work.example", "email_verified": true, "groups": []string{"g-1", "g-2"}}}
	try := func() {
		t.Helper()
		b := w.cedar.browser()
		b.wantOut(b.signIn(nia))
	}
	try()
	w.cedar.update(func(tx *tenancy.Tx) error {
		return addMapping(t.Context(), tx, w.cedar.provider.ID, Mapping{ID: tenancy.NewID(), Value: "g-2", Program: w.cedar.program, Role: access.FrontDesk}, uuid.Nil)
	})
	try() // a mapping alone is not enough
	w.cedar.set(func(p *Provider) { p.Provisioning = Group })

	outside := w.cedar.browser()
	outside.wantOut(outside.signIn(ssotest.Person{Subject: "oz", Name: "Oz", Claims: map[string]any{"groups": []string{"g-3"}}}))
	taken := w.cedar.browser()
	taken.wantOut(taken.signIn(ssotest.Person{Subject: "t", Name: "T", Claims: map[string]any{"email": "wen@work.example", "email_verified": true, "groups": "g-2"}}))

	// Twice at once: one account.
	var all sync.WaitGroup
	for range 3 {
		b := w.cedar.browser()
		path := b.answer(w.cedar.issuer, b.leave(), nia)
		all.Go(func() { b.get(path) })
	}
	all.Wait()
	b := w.cedar.browser()
	b.signIn(nia)
	var found []staff.Member
	w.must(w.cedar.View(t.Context(), func(tx *tenancy.Tx) (err error) {
		found, err = staff.Team(t.Context(), tx, w.cedar.program)
		return err
	}))
	var named []staff.Member
	for _, member := range found {
		if member.Name == "Nia Roy" {
			named = append(named, member)
		}
	}
	if len(named) != 1 || named[0].Role != access.FrontDesk {
		t.Fatalf("got %v, want Nia once, at the front desk", named)
	}
	if s := b.wantIn(named[0].ID); s.Staff == uuid.Nil {
		t.Error("she is not signed in")
	}

	// Without a verified address the account has none, so no reset can go astray.
	quiet := w.cedar.browser()
	quiet.signIn(ssotest.Person{Subject: "q", Name: "Quiet One", Claims: map[string]any{"email": "q@work.example", "groups": "g-2"}})
	var id uuid.UUID
	w.must(w.cedar.View(t.Context(), func(tx *tenancy.Tx) (err error) {
		_, id, err = bySubject(t.Context(), tx, w.cedar.provider.ID, "q")
		if err != nil {
			return err
		}
		s, err := staff.ByID(t.Context(), tx, id)
		if s.Email != "" || !strings.HasPrefix(s.Username, "sso-") || s.Admin {
			t.Errorf("got %q %q admin %v", s.Email, s.Username, s.Admin)
		}
		return err
	}))
	quiet.wantIn(id)
}

func TestPasswordsForAdministratorsOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cedar.person(staff.New{DisplayName: "Zoe", Username: "zoe"}, password)
	w.cedar.update(func(tx *tenancy.Tx) error { return settings.Set(t.Context(), tx, operator, settings.PasswordOff, true) })
	b := w.cedar.browser()
	b.get("/sign-in")
	right, wrong := b.post("/sign-in", "login", "zoe", "password", password), b.post("/sign-in", "login", "zoe", "password", "not it at all")
	if right.status != http.StatusUnprocessableEntity || wrong.status != right.status || plain(right.text) != plain(wrong.text) {
		t.Errorf("got %d and %d, and a right password looks like a wrong one: %v", right.status, wrong.status, plain(right.text) == plain(wrong.text))
	}
	ada := w.cedar.browser()
	ada.enter("ada")

	// Turning the provider off gives everybody her password back.
	ada.get("/settings/sso")
	if got := ada.post("/settings/sso/status", "from", "active", "to", "off"); got.status != http.StatusSeeOther {
		t.Fatalf("turn off: got %d: %s", got.status, got.text)
	}
	zoe := w.cedar.browser()
	zoe.enter("zoe")
	// And without a provider that is on they cannot be turned off.
	if got := ada.post("/settings/sso/password", "off", "yes"); got.status != http.StatusUnprocessableEntity {
		t.Errorf("passwords off without a provider: got %d, want 422", got.status)
	}
}
