package sso

import (
	"encoding/base64"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"konote/app/settings"
	"konote/app/sso/ssotest"
	"konote/app/staff"
	"konote/keyring"
	"konote/tenancy"
)

// link sends somebody a link to connect her account, and returns its id and its token.
func (p *place) link(person uuid.UUID) (id uuid.UUID, token string) {
	p.w.t.Helper()
	p.update(func(tx *tenancy.Tx) error {
		made, err := staff.SendConnecting(p.w.t.Context(), tx, person, p.admin)
		p.w.must(err)
		if !made {
			p.w.t.Fatal("no link was made")
		}
		return nil
	})
	return p.lastLink(person)
}

// lastLink is the newest link of somebody, as the job that mails it makes its token.
func (p *place) lastLink(person uuid.UUID) (id uuid.UUID, token string) {
	p.w.t.Helper()
	p.update(func(tx *tenancy.Tx) error {
		p.w.must(tx.QueryRow(p.w.t.Context(), `SELECT id FROM agency.password_resets WHERE staff_id = $1 ORDER BY created_at DESC, id DESC LIMIT 1`, person).Scan(&id))
		raw, err := tx.Box().Index(keyring.Column{Table: "password_resets", Name: "connect_token"}, id.String())
		p.w.must(err)
		token = base64.RawURLEncoding.EncodeToString(raw[0])
		return nil
	})
	return id, token
}

// follow opens a link, and goes to the agency's issuer and back.
func (b *browser) follow(id uuid.UUID, token string, person ssotest.Person) page {
	b.p.w.t.Helper()
	b.get("/sign-in")
	b.get("/connect/" + token)
	b.get("/connect")
	to := b.toIssuer(b.post("/connect", "id", id.String()))
	return b.get(b.answer(b.p.issuer, to, person))
}

func (p *place) isLinked(person uuid.UUID) (linked bool) {
	p.w.t.Helper()
	p.update(func(tx *tenancy.Tx) error {
		return tx.QueryRow(p.w.t.Context(), sqlIsLinked, p.provider.ID, person).Scan(&linked)
	})
	return linked
}

// from is somebody at the issuer with an address.
func from(subject, email string) ssotest.Person {
	if email == "" {
		return ssotest.Person{Subject: subject}
	}
	return ssotest.Person{Subject: subject, Claims: map[string]any{"email": email, "email_verified": false}}
}

// An administrator sees before she turns passwords off who could not come in any more, and
// sends them a link; who had only a password comes in by it, and comes again without it.
func TestWhoHadAPasswordComesInByALinkOncePasswordsAreOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.cedar
	zoe := c.person(staff.New{DisplayName: "Zoe Lake", Username: "zoe", Email: "zoe@work.example"}, password)
	bob := c.person(staff.New{DisplayName: "Bob Reed", Username: "bob"}, password)
	ada := c.browser()
	ada.enter("ada")
	shown := ada.get("/settings/sso")
	for _, words := range []string{"2 people who are not connected yet could not sign in", "Zoe Lake", "Bob Reed", "No e-mail address", "Send Zoe Lake a link", "Send everybody here a link"} {
		if !strings.Contains(shown.text, words) {
			t.Errorf("before passwords are turned off the page lacks %q", words)
		}
	}
	if strings.Contains(shown.text, "Send Bob Reed") || strings.Contains(shown.text, "Send Wen") {
		t.Error("a link is offered to who has no address, or is connected")
	}
	if got := ada.post("/settings/sso/password", "off", "yes"); got.status != http.StatusSeeOther {
		t.Fatalf("turn off: %d", got.status)
	}
	if shown := ada.get("/settings/sso"); !strings.Contains(shown.text, "2 people who are not connected yet cannot sign in") {
		t.Errorf("afterwards the page does not say who is shut out: %s", shown.text)
	}
	b := c.browser()
	b.get("/sign-in")
	if got := b.post("/sign-in", "login", "zoe", "password", password); got.status != http.StatusUnprocessableEntity {
		t.Fatalf("her password still works: %d", got.status)
	}
	if got := ada.post("/staff/" + zoe.String() + "/reset"); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.text, "/settings/sso") {
		t.Errorf("a link for a password that opens nothing is sent: %d", got.status)
	}
	if got := ada.post("/settings/sso/unlinked", "person", bob.String()); got.status != http.StatusUnprocessableEntity {
		t.Errorf("a link to nowhere: %d", got.status)
	}
	if got := ada.post("/settings/sso/unlinked"); got.status != http.StatusSeeOther {
		t.Fatalf("sending: %d %s", got.status, got.text)
	}
	id, token := c.lastLink(zoe)
	b.get("/connect/" + token)
	page := b.get("/connect")
	if page.status != http.StatusOK || !strings.Contains(page.text, "Continue with Work ID") || strings.Contains(page.text, token) || strings.Contains(page.text, "new_password") {
		t.Errorf("the page of the link: %d %s", page.status, page.text)
	}
	if got := b.post("/connect", "id", tenancy.NewID().String()); got.status != http.StatusGone {
		t.Errorf("the page of another link: %d", got.status)
	}
	b.get("/connect/" + token)
	b.get("/connect")
	to := b.toIssuer(b.post("/connect", "id", id.String()))
	if strings.Contains(to.String(), token) || strings.Contains(to.String(), id.String()) || strings.Contains(to.String(), zoe.String()) {
		t.Errorf("what the provider is told: %s", to)
	}
	there := from("zoe", " Zoe@Work.example")
	if got := b.get(b.answer(c.issuer, to, there)); got.status != http.StatusSeeOther || got.location != "/" {
		t.Fatalf("got %d to %q: %s", got.status, got.location, got.text)
	}
	b.wantIn(zoe)
	again := c.browser()
	again.signIn(there)
	again.wantIn(zoe)
	late := c.browser()
	late.get("/connect/" + token)
	if got := late.get("/connect"); got.status != http.StatusGone {
		t.Errorf("the link again: got %d, want 410", got.status)
	}
	if shown := ada.get("/settings/sso"); strings.Contains(shown.text, "Send Zoe Lake") || !strings.Contains(shown.text, "1 person who is not connected yet cannot") {
		t.Errorf("she still counts as not connected: %s", shown.text)
	}
}

// A link connects the account that it was mailed for, with the account of the same address,
// and nothing else.
func TestALinkConnectsNobodyElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.cedar
	c.passwordsOff()
	w.birch.passwordsOff()
	zoe := c.person(staff.New{DisplayName: "Zoe Lake", Username: "zoe", Email: "zoe@work.example"}, password)
	id, token := c.link(zoe)
	for what, person := range map[string]ssotest.Person{
		"another address":         from("eve", "eve@work.example"),
		"somebody else's subject": {Subject: wen.Subject, Claims: map[string]any{"email": "zoe@work.example"}},
	} {
		b := c.browser()
		b.wantOut(unnamed(b.follow(id, token, person)))
		if c.isLinked(zoe) {
			t.Fatalf("%s is connected", what)
		}
	}
	c.update(func(tx *tenancy.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO agency.factors (id, staff_id, kind, name_sealed, secret_sealed, created_at, confirmed_at)
			VALUES ($1, $2, 'totp', '\x00', '\x00', now(), now())`, tenancy.NewID(), zoe)
		return err
	})
	b := c.browser()
	b.wantOut(unnamed(b.follow(id, token, from("eve", ""))))
	if c.isLinked(zoe) {
		t.Fatal("an account with a second factor is connected to who gives no address")
	}

	gone := func(what string, p *place, token string) {
		t.Helper()
		b := p.browser()
		b.get("/connect/" + token)
		if got := b.get("/connect"); got.status != http.StatusGone || strings.Contains(got.text, "Zoe") {
			t.Errorf("%s: got %d, want 410", what, got.status)
		}
	}
	gone("at another agency", w.birch, token)
	gone("a guess", c, strings.Repeat("x", 43))
	other := c.browser()
	other.get("/reset/" + token)
	if got := other.get("/reset"); got.status != http.StatusGone {
		t.Errorf("it opens the page for a new password: %d", got.status)
	}
	reset, _ := c.resetLink(zoe)
	gone("a link for a new password", c, reset)
	c.update(func(tx *tenancy.Tx) error { return SetStatus(t.Context(), tx, c.provider.ID, Active, Off, c.admin) })
	gone("while the provider is off", c, token)
	c.update(func(tx *tenancy.Tx) error { return SetStatus(t.Context(), tx, c.provider.ID, Off, Active, c.admin) })
	c.update(func(tx *tenancy.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE agency.staff SET version = version + 1 WHERE id = $1`, zoe)
		return err
	})
	gone("once the account has changed", c, token)

	boss := c.person(staff.New{DisplayName: "Boss", Email: "boss@work.example", Admin: true}, password)
	_, token = c.link(boss)
	gone("an administrator's", c, token)
}

// unnamed is an answer whose title may also be that of another address.
func unnamed(got page) page {
	got.text = strings.ReplaceAll(got.text, "That is another e-mail address", "That did not work")
	return got
}

// resetLink is the token of a link for a new password.
func (p *place) resetLink(person uuid.UUID) (token string, id uuid.UUID) {
	p.w.t.Helper()
	id = tenancy.NewID()
	p.update(func(tx *tenancy.Tx) error {
		made, hash, err := staff.LinksOf("password_resets").Make(tx.Box(), id)
		p.w.must(err)
		token = made
		_, err = tx.Exec(p.w.t.Context(), `INSERT INTO agency.password_resets (id, staff_id, version, token_hash, created_at, expires_at)
			SELECT $1, $2, version, $3, now(), now() + interval '1 hour' FROM agency.staff WHERE id = $2`, id, person, hash)
		return err
	})
	return token, id
}

func TestOfManyWhoFollowALinkAtOnceOneIsConnected(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.cedar
	c.update(func(tx *tenancy.Tx) error { return settings.Set(t.Context(), tx, operator, settings.PasswordOff, true) })
	zoe := c.person(staff.New{DisplayName: "Zoe Lake", Username: "zoe", Email: "zoe@work.example"}, password)
	id, token := c.link(zoe)
	var ready []func() page
	for i := range 4 {
		b := c.browser()
		b.get("/sign-in")
		b.get("/connect/" + token)
		b.get("/connect")
		back := b.answer(c.issuer, b.toIssuer(b.post("/connect", "id", id.String())), from("zoe"+string(rune('a'+i)), "zoe@work.example"))
		ready = append(ready, func() page { return b.get(back) })
	}
	var all sync.WaitGroup
	in := make([]bool, len(ready))
	for i, answer := range ready {
		all.Go(func() { got := answer(); in[i] = got.status == http.StatusSeeOther && got.location == "/" })
	}
	all.Wait()
	count := 0
	for _, entered := range in {
		if entered {
			count++
		}
	}
	if count != 1 {
		t.Errorf("%d came in, want 1", count)
	}
}

// The mails are counted together with those for a new password: three an hour.
func TestNoMoreThanThreeLinksAnHour(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	zoe := w.cedar.person(staff.New{DisplayName: "Zoe Lake", Username: "zoe", Email: "zoe@work.example"}, password)
	ada := w.cedar.browser()
	ada.enter("ada")
	ada.get("/settings/sso")
	for i, want := range []int{303, 303, 303, 422} {
		if got := ada.post("/settings/sso/unlinked", "person", zoe.String()); got.status != want {
			t.Errorf("mail %d: got %d, want %d", i+1, got.status, want)
		}
	}
	var until time.Time
	w.cedar.update(func(tx *tenancy.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT min(expires_at) FROM agency.password_resets WHERE staff_id = $1`, zoe).Scan(&until)
	})
	if left := time.Until(until); left < 23*time.Hour || left > 24*time.Hour {
		t.Errorf("a link is good for %v, want a day", left)
	}
}
