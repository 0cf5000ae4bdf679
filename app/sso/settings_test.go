package sso

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"konote/app/i18n"
	"konote/app/session"
	"konote/app/sso/ssotest"
	"konote/app/staff"
	"konote/tenancy"
	"konote/tenancy/tenancytest"
)

func TestTheStatementsArePrepared(t *testing.T) {
	t.Parallel()
	tenancytest.PrepareAll(t, ".")
}

func TestIssuersThatAreRefused(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]i18n.Message{
		"":                         i18n.SsoIssuerWanted,
		"not an address":           i18n.SsoIssuerPlain,
		"http://id.example":        i18n.SsoIssuerPlain,
		"ftp://id.example":         i18n.SsoIssuerPlain,
		"javascript:alert(1)":      i18n.SsoIssuerWanted,
		"https://u:p@id.example":   i18n.SsoIssuerPlain,
		"https://id.example?x=1":   i18n.SsoIssuerWanted,
		"https://id.example#x":     i18n.SsoIssuerWanted,
		"https://localhost/":       i18n.SsoIssuerInside,
		"https://127.0.0.1/":       i18n.SsoIssuerInside,
		"https://[::1]/":           i18n.SsoIssuerInside,
		"https://10.1.2.3/":        i18n.SsoIssuerInside,
		"https://169.254.169.254/": i18n.SsoIssuerInside,
		"https://login.microsoftonline.com/common/v2.0":                               i18n.SsoIssuerCommon,
		"https://login.microsoftonline.com/organizations/v2.0":                        i18n.SsoIssuerCommon,
		"https://login.microsoftonline.com/consumers/v2.0":                            i18n.SsoIssuerCommon,
		"https://LOGIN.microsoftonline.com/Common/v2.0":                               i18n.SsoIssuerCommon,
		"https://login.microsoftonline.com/{tenantid}/v2.0":                           i18n.SsoIssuerCommon,
		"https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0": i18n.SsoIssuerCommon,
		"https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0": nil,
		"https://accounts.google.com":                                                 nil,
	} {
		if got := checkIssuer(text, false); got != want {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
}

func TestAddressesInsideAreNotConnectedTo(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
		"255.255.255.255", "198.18.0.1", "::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1",
		"64:ff9b::a00:1", "2002:a00:1::", "2001:db8::1"} {
		if isOutside(netip.MustParseAddr(text)) {
			t.Errorf("%s counts as outside", text)
		}
	}
	for _, text := range []string{"20.190.128.1", "2603:1006:2000::1", "142.250.1.1"} {
		if !isOutside(netip.MustParseAddr(text)) {
			t.Errorf("%s does not count as outside", text)
		}
	}
}

// A server of this machine, asked for by a client that may not: by number, by name, after
// a redirect, and by a document that leads there.
func TestTheServerAsksNobodyInside(t *testing.T) {
	t.Parallel()
	asked := 0
	inner := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { asked++ }))
	t.Cleanup(inner.Close)
	strict := newClient(false)
	port := strings.TrimPrefix(inner.URL, "https://127.0.0.1")
	for _, address := range []string{inner.URL, "https://localhost" + port, "https://x.localhost" + port, "http://127.0.0.1" + port, "https://[::ffff:127.0.0.1]" + port} {
		if answer, err := strict.Get(address); err == nil {
			answer.Body.Close()
			t.Errorf("%s was answered", address)
		}
	}
	if err := onlyOutside("tcp", "10.0.0.1:443", nil); err == nil { // what a name may lead to
		t.Error("a private address would be connected to")
	}

	// Allowed to ask this machine, it still follows nothing and reads no more than a bound.
	moved := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/big/") {
			_, _ = w.Write([]byte(`{"issuer":"` + strings.Repeat("x", fetchSize) + `"}`))
			return
		}
		http.Redirect(w, r, inner.URL, http.StatusFound)
	}))
	t.Cleanup(moved.Close)
	d := NewDirectory(true)
	for _, issuer := range []string{moved.URL + "/moved", moved.URL + "/big"} {
		if _, err := d.find(t.Context(), issuer); err == nil {
			t.Errorf("%s was taken", issuer)
		}
	}
	if asked != 0 {
		t.Errorf("the server inside was asked %d times", asked)
	}
}

// An issuer's document may name addresses of its own choice: they are looked at too.
func TestADocumentCannotLeadInside(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"authorization_endpoint", "token_endpoint", "jwks_uri"} {
		for _, address := range []string{"http://10.0.0.1/x", "https://192.168.0.1/", "javascript:alert(1)", "http://id.example/", ""} {
			var issuer *ssotest.Issuer
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				document := issuer.Configuration()
				document[name] = address
				ssotest.Reply(w, document)
			}))
			issuer = ssotest.New(server.URL, "konote", "")
			if _, err := NewDirectory(true).find(t.Context(), server.URL); err == nil {
				t.Errorf("%s %q was taken", name, address)
			}
			server.Close()
		}
	}
}

func TestAnAdministratorSetsAProviderUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cedar.update(func(tx *tenancy.Tx) error {
		w.must(SetStatus(t.Context(), tx, w.cedar.provider.ID, Active, Off, uuid.Nil))
		return SetStatus(t.Context(), tx, w.cedar.provider.ID, Off, Removed, uuid.Nil)
	})
	ada := w.cedar.browser()
	ada.enter("ada")
	first := ada.get("/settings/sso")
	if !strings.Contains(first.text, "https://"+w.cedar.Host+"/sign-in/sso/callback") {
		t.Error("the redirect address is not shown")
	}
	id := tenancy.NewID().String()
	form := []string{"id", id, "name_en", "Cedar ID", "name_fr", "ID Cèdre", "client_id", "konote", "client_secret", w.cedar.issuer.Secret,
		"second_factor", "stated", "provisioning", "linked", "group_claim", "groups"}
	for issuer, words := range map[string]string{
		"https://login.microsoftonline.com/common/v2.0": "tenant",
		w.cedar.issuer.Address + "x":                    "could not read",
	} {
		if got := ada.post("/settings/sso", append([]string{"issuer", issuer}, form...)...); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.text, words) ||
			strings.Contains(got.text, w.cedar.issuer.Secret) {
			t.Errorf("%s: got %d: %.300s", issuer, got.status, got.text)
		}
	}
	if got := ada.post("/settings/sso", append([]string{"issuer", w.cedar.issuer.Address + "/.well-known/openid-configuration"}, form...)...); got.location != "/settings/sso" {
		t.Fatalf("save: got %d: %s", got.status, got.text)
	}
	shown := ada.get("/settings/sso")
	if strings.Contains(shown.text, w.cedar.issuer.Secret) || !strings.Contains(shown.text, w.cedar.issuer.Address) {
		t.Error("the secret is shown, or the issuer is not")
	}
	// It is off: nobody signs in, but it can be tried, which connects nobody.
	to := ada.toIssuer(ada.post("/settings/sso/try"))
	tried := ada.get(ada.answer(w.cedar.issuer, to, ssotest.Person{Subject: "x", Name: "Xenia", Claims: map[string]any{"amr": []string{"mfa"}, "email": "x@y.example"}}))
	if tried.status != http.StatusOK || !strings.Contains(tried.text, "email") || !strings.Contains(tried.text, "Would count") || strings.Contains(tried.text, "Xenia") ||
		strings.Contains(tried.text, "x@y.example") {
		t.Errorf("tried: got %d: %s", tried.status, tried.text)
	}
	other := w.cedar.browser()
	other.get("/sign-in")
	if got := other.post("/sign-in/sso"); got.status != http.StatusNotFound {
		t.Errorf("before it is on: got %d", got.status)
	}
	ada.get("/settings/sso")
	if got := ada.post("/settings/sso/status", "from", "off", "to", "active"); got.location != "/settings/sso" {
		t.Fatalf("turn on: got %d: %s", got.status, got.text)
	}

	// The secret stays when none is typed, and the issuer whatever is sent.
	form = []string{"id", id, "version", "2", "name_en", "Cedar sign-in", "name_fr", "ID Cèdre", "client_id", "konote", "issuer", "https://evil.example",
		"second_factor", "never", "provisioning", "linked", "group_claim", "groups"}
	if got := ada.post("/settings/sso", form...); got.location != "/settings/sso" {
		t.Fatalf("save again: got %d: %s", got.status, got.text)
	}
	if got := ada.post("/settings/sso", form...); got.status != http.StatusConflict {
		t.Errorf("from an old version: got %d, want 409", got.status)
	}
	var now Provider
	w.must(w.cedar.View(t.Context(), func(tx *tenancy.Tx) (err error) { now, err = Current(t.Context(), tx); return err }))
	if now.Secret != w.cedar.issuer.Secret || now.Issuer != w.cedar.issuer.Address || now.NameEN != "Cedar sign-in" {
		t.Errorf("got %q %q, secret kept %v", now.Issuer, now.NameEN, now.Secret == w.cedar.issuer.Secret)
	}
	for name, got := range map[string]page{
		"a worker": func() page { b := w.birch.browser(); b.signIn(wen); return b.get("/settings/sso") }(),
		"nobody":   w.cedar.browser().get("/settings/sso"),
	} {
		if got.status != http.StatusForbidden && got.status != http.StatusSeeOther {
			t.Errorf("%s: got %d", name, got.status)
		}
	}
}

func TestTheProviderEndsSessions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	issuer := w.cedar.issuer
	in := func(p *place, sid string) *browser {
		b := p.browser()
		person := ssotest.Person{Subject: "wen", Claims: map[string]any{"sid": sid}}
		if got := b.signIn(person); got.status != http.StatusSeeOther {
			t.Fatalf("got %d: %s", got.status, got.text)
		}
		b.wantIn(p.worker)
		return b
	}
	alive := func(b *browser) bool { return b.get("/").status == http.StatusOK }
	send := func(p *place, token string) int {
		return p.browser().post("/sign-in/sso/backchannel", "logout_token", token).status
	}

	one, two, there := in(w.cedar, "s-1"), in(w.cedar, "s-2"), in(w.birch, "s-1")
	token := issuer.Logout(map[string]any{"sub": "wen", "sid": "s-1"})
	if got := send(w.birch, token); got != http.StatusBadRequest {
		t.Errorf("at the other agency: got %d, want 400", got)
	}
	if got := send(w.cedar, token); got != http.StatusOK {
		t.Errorf("by session: got %d, want 200", got)
	}
	if alive(one) || !alive(two) || !alive(there) {
		t.Errorf("after one session's end: one %v two %v there %v", alive(one), alive(two), alive(there))
	}
	if got := send(w.cedar, token); got != http.StatusBadRequest {
		t.Errorf("replayed: got %d, want 400", got)
	}
	past := time.Now().Add(-time.Hour).Unix()
	for name, bad := range map[string]string{
		"nothing":                   "",
		"no token":                  "x.y.z",
		"unsigned":                  issuer.Sign(ssotest.Token{Algorithm: "none", Claims: map[string]any{"iss": issuer.Address, "aud": "konote", "sub": "wen"}}),
		"with a nonce":              issuer.Logout(map[string]any{"sub": "wen", "nonce": "x"}),
		"over":                      issuer.Logout(map[string]any{"sub": "wen", "iat": past, "exp": past}),
		"old":                       issuer.Logout(map[string]any{"sub": "wen", "iat": past}),
		"for another client":        issuer.Logout(map[string]any{"sub": "wen", "aud": "other"}),
		"another issuer":            issuer.Logout(map[string]any{"sub": "wen", "iss": w.birch.issuer.Address}),
		"about nobody":              issuer.Logout(nil),
		"no event":                  issuer.Logout(map[string]any{"sub": "wen", "events": map[string]any{}}),
		"signed by somebody else":   ssotest.New(issuer.Address, "konote", "").Logout(map[string]any{"sub": "wen"}),
		"without a name of its own": issuer.Logout(map[string]any{"sub": "wen", "jti": ""}),
	} {
		if got := send(w.cedar, bad); got != http.StatusBadRequest {
			t.Errorf("%s: got %d, want 400", name, got)
		}
	}
	if !alive(two) {
		t.Fatal("a token that is no good has ended a session")
	}
	if got := send(w.cedar, issuer.Logout(map[string]any{"sub": "wen"})); got != http.StatusOK || alive(two) {
		t.Errorf("by person: got %d, alive %v", got, alive(two))
	}
	if got := send(w.cedar, issuer.Logout(map[string]any{"sub": "stranger"})); got != http.StatusOK {
		t.Errorf("about somebody unknown: got %d, want 200", got)
	}
}

func TestASessionFromElsewhereEndsAfterEightHoursWhateverIsProvedHere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.cedar.browser()
	b.signIn(wen)
	now := time.Now()
	later, err := session.New(w.redis, secret(1), func() time.Time { return now.Add(7*time.Hour + 59*time.Minute) })
	w.must(err)
	found, err := w.sessions.Load(t.Context(), w.cedar.ID, b.cookies["__Host-session"])
	w.must(err)
	w.must(later.Extend(t.Context(), found, 480*time.Minute))
	renewed, err := later.Prove(t.Context(), found, session.Full)
	w.must(err)
	if left := renewed.Left(now.Add(7*time.Hour + 59*time.Minute)); left > 2*time.Minute {
		t.Errorf("left after a proof in the last minute: %v", left)
	}
	if _, err := later.EndOutside(context.Background(), w.cedar.ID, "x"); err != nil {
		t.Error(err)
	}
}

func TestAnUnlinkedPersonIsSignedOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.cedar.browser()
	b.signIn(wen)
	ada := w.cedar.browser()
	ada.enter("ada")
	shown := ada.get("/settings/sso").text
	_, id, found := strings.Cut(shown, "/settings/sso/linked/")
	id, _, _ = strings.Cut(id, "/remove")
	if !found {
		t.Fatalf("nobody is shown: %s", shown)
	}
	if got := ada.post("/settings/sso/linked/" + id + "/remove"); got.status != http.StatusSeeOther {
		t.Errorf("got %d: %s", got.status, got.text)
	}
	if got := b.get("/"); got.status != http.StatusSeeOther {
		t.Errorf("her session: got %d", got.status)
	}
	again := w.cedar.browser()
	again.wantOut(again.signIn(wen))
	w.cedar.wantReason(staff.ActionSignInFailed, "no account is linked")
	// An id of the other agency is nobody's here.
	var other uuid.UUID
	w.must(w.birch.View(t.Context(), func(tx *tenancy.Tx) (err error) {
		other, _, err = bySubject(t.Context(), tx, w.birch.provider.ID, "wen")
		return err
	}))
	if got := ada.post("/settings/sso/linked/" + other.String() + "/remove"); got.status != http.StatusNotFound {
		t.Errorf("the other agency's: got %d, want 404", got.status)
	}
}

func TestTheFormNamesNobodyElsesHost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.cedar.browser()
	b.get("/sign-in")
	to := b.leave()
	if got, err := url.Parse(to.Query().Get("redirect_uri")); err != nil || got.Host != w.cedar.Host {
		t.Errorf("got %v, want the agency's host", got)
	}
	// Without the page's token nobody is sent anywhere.
	b.token = "x"
	if got := b.post("/sign-in/sso"); got.status != http.StatusForbidden {
		t.Errorf("without a token: got %d, want 403", got.status)
	}
}
