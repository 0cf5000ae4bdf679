package sso

import (
	"html"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/invite"
	"konote/app/settings"
	"konote/app/sso/ssotest"
	"konote/app/staff"
	"konote/app/web"
	"konote/tenancy"
)

func invitationRoutes(h *invite.Handlers) []web.Route {
	return []web.Route{
		{Method: "GET", Path: "/invitation/:token", Need: web.Public(), Handler: h.Follow, Secret: true},
		{Method: "GET", Path: "/invitation", Need: web.Public(), Handler: h.Show},
		{Method: "POST", Path: "/invitation", Need: web.Public(), Handler: h.Accept, Keeps: true},
		{Method: "POST", Path: "/accept-elsewhere", Need: web.Public(), Handler: h.Continue},
	}
}

// invite makes an invitation by the administrator and returns its id and the token of its link.
func (p *place) invite(email string, admin bool) (id uuid.UUID, token string) {
	p.w.t.Helper()
	id = tenancy.NewID()
	p.update(func(tx *tenancy.Tx) error {
		roles := map[uuid.UUID]access.Role{p.program: access.FrontDesk}
		err := invite.Bulk(p.w.t.Context(), tx, []invite.Invitation{{ID: id, Name: "Robin Roy", Email: email, Language: "fr", Admin: admin, Roles: roles,
			CreatedAt: tx.Now(), CreatedBy: p.admin, ExpiresAt: tx.Now().Add(7 * 24 * time.Hour)}})
		p.w.must(err)
		token, _, err = staff.LinksOf("invitations").Make(tx.Box(), id)
		return err
	})
	return id, token
}

func (p *place) passwordsOff() {
	p.w.t.Helper()
	p.update(func(tx *tenancy.Tx) error {
		return settings.Set(p.w.t.Context(), tx, operator, settings.PasswordOff, true)
	})
}

// open follows the link of an invitation to its page.
func (b *browser) open(token string) page {
	b.p.w.t.Helper()
	b.get("/invitation/" + token)
	return b.get("/invitation")
}

// accept opens an invitation and goes to the agency's issuer and back.
func (b *browser) accept(id uuid.UUID, token string, person ssotest.Person) page {
	b.p.w.t.Helper()
	b.open(token)
	to := b.toIssuer(b.post("/accept-elsewhere", "id", id.String()))
	return b.get(b.answer(b.p.issuer, to, person))
}

// account is who has an address; uuid.Nil for nobody.
func (p *place) account(email string) (id uuid.UUID) {
	p.w.t.Helper()
	p.update(func(tx *tenancy.Tx) (err error) {
		id, err = staff.ByLogin(p.w.t.Context(), tx, email)
		return err
	})
	return id
}

func TestSomebodyInvitedWherePasswordsAreOffComesInByTheProviderAndComesAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cedar.passwordsOff()
	id, token := w.cedar.invite("robin@work.example", false)
	b := w.cedar.browser()
	if shown := b.open(token); !strings.Contains(shown.text, "Continue with Work ID") || strings.Contains(shown.text, "new_password") || strings.Contains(shown.text, token) {
		t.Errorf("the page asks for a password, holds the token, or has no button: %s", shown.text)
	}
	if got := b.post("/invitation", "id", id.String(), "new_password", password); got.status != http.StatusUnprocessableEntity || w.cedar.account("robin@work.example") != uuid.Nil {
		t.Errorf("a password that would open nothing: got %d", got.status)
	}
	robin := ssotest.Person{Subject: "robin", Name: "Somebody", Claims: map[string]any{"email": " Robin@Work.example", "email_verified": false}}
	to := b.toIssuer(b.post("/accept-elsewhere", "id", id.String()))
	if strings.Contains(to.String(), token) || strings.Contains(to.String(), id.String()) || to.Query().Get("nonce") == "" || to.Query().Get("code_challenge") == "" {
		t.Errorf("what the provider is told: %s", to)
	}
	if got := b.get(b.answer(w.cedar.issuer, to, robin)); got.status != http.StatusSeeOther || got.location != "/" {
		t.Fatalf("got %d to %q: %s", got.status, got.location, got.text)
	}
	person := w.cedar.account("robin@work.example")
	if s := b.wantIn(person); s.Left > Life.Seconds() {
		t.Errorf("the session lives %v s", s.Left)
	}
	w.cedar.update(func(tx *tenancy.Tx) error {
		has, err := staff.HasPassword(t.Context(), tx, person)
		if err == nil && has {
			t.Error("the account has a password")
		}
		return err
	})
	again := w.cedar.browser()
	again.signIn(robin)
	again.wantIn(person)
	if got := w.cedar.browser().open(token); got.status != http.StatusGone {
		t.Errorf("the link again: got %d, want 410", got.status)
	}
}

func TestAnInvitationOffersBothWhereBothWork(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, token := w.cedar.invite("robin@work.example", false)
	b := w.cedar.browser()
	if shown := b.open(token); !strings.Contains(shown.text, "Continue with Work ID") || !strings.Contains(shown.text, "new_password") {
		t.Errorf("passwords are on: %s", shown.text)
	}
	w.cedar.passwordsOff() // but for administrators
	_, token = w.cedar.invite("boss@work.example", true)
	b = w.cedar.browser()
	if shown := b.open(token); !strings.Contains(shown.text, "new_password") {
		t.Errorf("an administrator's: %s", shown.text)
	}
}

func TestAnInvitationIsAcceptedAtTheProviderByNobodyElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cedar.passwordsOff()
	email := "robin@work.example"
	robin := ssotest.Person{Subject: "robin"}
	refused := func(what string, got page, status int) {
		t.Helper()
		if got.status != status || w.cedar.account(email) != uuid.Nil {
			t.Fatalf("%s: got %d, want %d and no account: %s", what, got.status, status, got.text)
		}
	}
	id, token := w.cedar.invite(email, false)

	other := w.cedar.browser()
	got := other.accept(id, token, ssotest.Person{Subject: "robin", Claims: map[string]any{"email": "mallory@work.example", "email_verified": true}})
	refused("another address", got, http.StatusBadRequest)
	if !strings.Contains(html.UnescapeString(got.text), "That is another e-mail address") || strings.Contains(got.text, email) {
		t.Errorf("the page does not say why, or tells the address: %s", got.text)
	}
	w.cedar.wantReason(invite.ActionAccept, "another address")

	refused("somebody else's subject", w.cedar.browser().accept(id, token, wen), http.StatusBadRequest)
	w.cedar.wantReason(invite.ActionAccept, "linked already")

	// What another agency's issuer answers, and another agency's flow.
	b := w.cedar.browser()
	b.open(token)
	to := b.toIssuer(b.post("/accept-elsewhere", "id", id.String()))
	query := to.Query()
	query.Set("redirect_uri", "https://"+w.birch.Host+"/sign-in/sso/callback")
	to.RawQuery = query.Encode()
	refused("another agency's issuer", b.get(b.answer(w.birch.issuer, to, robin)), http.StatusBadRequest)
	theirs := w.birch.browser()
	path := theirs.answer(w.birch.issuer, theirs.leave(), robin)
	b = w.cedar.browser()
	b.open(token)
	b.cookies["__Host-flow"] = theirs.cookies["__Host-flow"]
	refused("another agency's flow", b.get(path), http.StatusBadRequest)

	// Without the flow of this browser, and with the answer to another question.
	b = w.cedar.browser()
	b.open(token)
	to = b.toIssuer(b.post("/accept-elsewhere", "id", id.String()))
	path = b.answer(w.cedar.issuer, to, robin)
	refused("another browser", w.cedar.browser().get(path), http.StatusBadRequest)
	refused("another state", b.get(strings.Replace(path, "state=", "state=x", 1)), http.StatusBadRequest)
	refused("the flow once more", b.get(path), http.StatusBadRequest)
	refused("the page of another invitation", b.post("/accept-elsewhere", "id", uuid.NewString()), http.StatusGone)

	// Taken back, and used, while she is away.
	b.open(token)
	path = b.answer(w.cedar.issuer, b.toIssuer(b.post("/accept-elsewhere", "id", id.String())), robin)
	w.cedar.update(func(tx *tenancy.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE agency.invitations SET email_hash = NULL, revoked_at = $2, revoked_by = $3 WHERE id = $1`, id, tx.Now(), w.cedar.admin)
		return err
	})
	refused("taken back", b.get(path), http.StatusGone)
	w.cedar.wantReason(invite.ActionAccept, "not open any more")
}

func TestOfManyWhoAcceptAtTheProviderAtOnceOneGetsTheAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, token := w.cedar.invite("robin@work.example", false)
	var all sync.WaitGroup
	var mu sync.Mutex
	answers := map[int]int{}
	begun := map[*browser]string{}
	for _, subject := range []string{"one", "one", "two", "three"} {
		b := w.cedar.browser()
		b.open(token)
		begun[b] = b.answer(w.cedar.issuer, b.toIssuer(b.post("/accept-elsewhere", "id", id.String())), ssotest.Person{Subject: subject})
	}
	for b, path := range begun {
		all.Go(func() {
			got := b.get(path)
			mu.Lock()
			defer mu.Unlock()
			answers[got.status]++
		})
	}
	all.Wait()
	if answers[http.StatusSeeOther] != 1 || answers[http.StatusGone] != 3 {
		t.Errorf("got %v, want one 303 and three 410", answers)
	}
	var links int
	w.cedar.update(func(tx *tenancy.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT count(*) FROM agency.staff_identities WHERE staff_id = $1`, w.cedar.account("robin@work.example")).Scan(&links)
	})
	if links != 1 {
		t.Errorf("got %d links, want 1", links)
	}
}
