package sso

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"konote/app/session"
	"konote/app/sso/ssotest"
	"konote/app/staff"
	"konote/keyring"
	"konote/tenancy"
)

var auditDetail = keyring.Column{Table: "audit", Name: "detail", Pad: keyring.Words}

func TestALinkedPersonSignsInAndGoesWhereSheWasGoing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.cedar.browser()
	if got := b.get("/sign-in"); !strings.Contains(got.text, "Sign in with Work ID") {
		t.Errorf("the sign-in page has no button: %s", got.text)
	}
	to := b.leave("next", "/account?tab=2")
	for name, want := range map[string]string{"response_type": "code", "client_id": "konote", "code_challenge_method": "S256",
		"redirect_uri": "https://" + w.cedar.Host + "/sign-in/sso/callback"} {
		if got := to.Query().Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	got := b.get(b.answer(w.cedar.issuer, to, wen))
	if got.status != http.StatusSeeOther || got.location != "/account?tab=2" {
		t.Errorf("got %d to %q, want /account?tab=2: %s", got.status, got.location, got.text)
	}
	if s := b.wantIn(w.cedar.worker); s.Strength != string(session.Password) || s.Left > Life.Seconds() || s.Left < Life.Seconds()-60 {
		t.Errorf("got %+v, want one proof and eight hours", s)
	}
	if _, left := b.cookies["__Host-flow"]; left {
		t.Error("the cookie of the flow is still there")
	}
}

func TestTheWholeWayOverHTTP(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.cedar.browser()
	to := b.leave()
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Get(to.String())
	w.must(err)
	defer answer.Body.Close()
	back, err := answer.Location()
	w.must(err)
	if got := b.get(back.RequestURI()); got.status != http.StatusSeeOther {
		t.Fatalf("got %d: %s", got.status, got.text)
	}
	b.wantIn(w.cedar.worker)
}

// What an issuer, or somebody on the way, may do wrong. Each must end on the calm page.
func TestTokensThatAreNoGoodOpenNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	issuer := w.cedar.issuer
	cases := []struct {
		name   string
		bend   func(*ssotest.Token)
		reason string
	}{
		{"another issuer", claim("iss", "https://other.example"), "another issuer"},
		{"the issuer with a slash", claim("iss", issuer.Address+"/"), "another issuer"},
		{"another audience", claim("aud", "somebody-else"), "another audience"},
		{"several audiences and another client", both(claim("aud", []string{"konote", "other"}), claim("azp", "other")), "another client"},
		{"several audiences and no client named", claim("aud", []string{"konote", "other"}), "another client"},
		{"made for another client", claim("azp", "other"), "another client"},
		{"over", claim("exp", time.Now().Add(-time.Minute).Unix()), "over"},
		{"no end", without("exp"), "over"},
		{"not yet", claim("nbf", time.Now().Add(time.Hour).Unix()), "cannot be checked"},
		{"no nonce", without("nonce"), "does not answer this sign-in"},
		{"another nonce", claim("nonce", "x"), "does not answer this sign-in"},
		{"nobody", claim("sub", ""), "names nobody"},
		{"a subject without end", claim("sub", strings.Repeat("x", 256)), "names nobody"},
		{"unsigned", algorithm("none"), "form or algorithm"},
		{"signed with the public key", algorithm("HS256"), "form or algorithm"},
		{"somebody unknown", claim("sub", "stranger"), "no account is linked"},
	}
	for _, c := range cases {
		issuer.Bend = c.bend
		b := w.cedar.browser()
		b.wantOut(b.signIn(wen))
		w.cedar.wantReason(staff.ActionSignInFailed, c.reason)
		if t.Failed() {
			t.Fatalf("with a token that is %s", c.name)
		}
	}
	issuer.Bend = nil
	stranger := ssotest.New(issuer.Address, issuer.ClientID, issuer.Secret, issuer.Redirects...)
	issuer.Bend = func(token *ssotest.Token) { token.Raw = stranger.Sign(*token) }
	b := w.cedar.browser()
	b.wantOut(b.signIn(wen))
	w.cedar.wantReason(staff.ActionSignInFailed, "its signature")
}

func claim(name string, value any) func(*ssotest.Token) {
	return func(t *ssotest.Token) { t.Claims[name] = value }
}
func without(name string) func(*ssotest.Token) {
	return func(t *ssotest.Token) { delete(t.Claims, name) }
}
func algorithm(name string) func(*ssotest.Token) {
	return func(t *ssotest.Token) { t.Algorithm = name }
}
func both(a, b func(*ssotest.Token)) func(*ssotest.Token) {
	return func(t *ssotest.Token) { a(t); b(t) }
}

func TestTheOtherAgencysIssuerCannotAssertOurPeople(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	// Birch's provider has the same client id, and signs tokens that name Cedar's issuer.
	w.birch.issuer.Bend = claim("iss", w.cedar.issuer.Address)
	b := w.birch.browser()
	b.wantOut(b.signIn(wen))

	// Its subject of the same name opens its own person, and not ours.
	w.birch.issuer.Bend = nil
	own := w.birch.browser()
	own.signIn(wen)
	own.wantIn(w.birch.worker)

	// Its session opens nothing here.
	here := w.cedar.browser()
	here.cookies["__Host-session"] = own.cookies["__Host-session"]
	if got := here.get("/"); got.status != http.StatusSeeOther {
		t.Errorf("the other agency's session: got %d", got.status)
	}
}

// Mix-up: the browser was sent to one issuer and comes back with the answer of another.
func TestAnAnswerOfAnotherIssuerIsNotTaken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.birch.issuer.Redirects = w.cedar.issuer.Redirects

	b := w.cedar.browser()
	to := b.leave()
	b.wantOut(b.get(b.answer(w.birch.issuer, to, wen))) // it names itself
	w.cedar.wantReason(staff.ActionSignInFailed, "another issuer")
	if got := w.cedar.issuer.Asked("token"); got != 0 {
		t.Errorf("the code was sent to an issuer %d times, want 0", got)
	}

	b = w.cedar.browser()
	to = b.leave()
	back := strings.Replace(b.answer(w.birch.issuer, to, wen), "iss="+url.QueryEscape(w.birch.issuer.Address), "", 1)
	b.wantOut(b.get(back)) // ours promises to name itself

	// Even an issuer that does not gets the other one's code only to refuse it.
	w.cedar.issuer.Silent, w.birch.issuer.Silent = true, true
	w.sso.Directory.forget(w.cedar.issuer.Address)
	b = w.cedar.browser()
	to = b.leave()
	b.wantOut(b.get(b.answer(w.birch.issuer, to, wen)))
	w.cedar.wantReason(staff.ActionSignInFailed, "did not take the code")
}

func TestNothingOfASignInCanBeUsedTwiceOrElsewhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	victim, attacker := w.cedar.browser(), w.cedar.browser()
	mallory := ssotest.Person{Subject: "mallory", Name: "Mallory"}
	id := w.cedar.person(staff.New{DisplayName: "Mallory", Username: "mallory"}, "")
	w.cedar.update(func(tx *tenancy.Tx) error {
		_, err := Link(t.Context(), tx, w.cedar.provider.ID, id, "mallory", ByConnecting)
		return err
	})

	// Login CSRF: the attacker's callback in a browser that has begun nothing, or another one.
	theirs := attacker.answer(w.cedar.issuer, attacker.leave(), mallory)
	victim.wantOut(victim.get(theirs))
	victim.leave()
	victim.wantOut(victim.get(theirs))

	// A swapped code: the attacker's, with the victim's state.
	to := victim.leave()
	code := query(theirs).Get("code")
	mixed := query(victim.answer(w.cedar.issuer, to, wen))
	mixed.Set("code", code)
	victim.wantOut(victim.get("/sign-in/sso/callback?" + mixed.Encode()))
	w.cedar.wantReason(staff.ActionSignInFailed, "did not take the code")

	// And the victim's code with the attacker's state: PKCE.
	stolen := query(victim.answer(w.cedar.issuer, victim.leave(), wen)).Get("code")
	mixed = query(attacker.answer(w.cedar.issuer, attacker.leave(), mallory))
	mixed.Set("code", stolen)
	attacker.wantOut(attacker.get("/sign-in/sso/callback?" + mixed.Encode()))

	// Sent twice: the second time nothing is under way any more.
	path := victim.answer(w.cedar.issuer, victim.leave(), wen)
	flow := victim.cookies["__Host-flow"]
	victim.get(path)
	victim.wantIn(w.cedar.worker)
	again := w.cedar.browser()
	again.cookies["__Host-flow"] = flow
	again.wantOut(again.get(path))

	// A state that is not the one, with the right cookie, uses the cookie up.
	again = w.cedar.browser()
	path = again.answer(w.cedar.issuer, again.leave(), wen)
	broken := query(path)
	broken.Set("state", "x")
	again.wantOut(again.get("/sign-in/sso/callback?" + broken.Encode()))
	again.wantOut(again.get(path))

	// The cookie of one agency at another one's host.
	there := w.birch.browser()
	path = again.answer(w.cedar.issuer, again.leave(), wen)
	there.cookies["__Host-flow"] = again.cookies["__Host-flow"]
	there.wantOut(there.get(path))
}

func TestOfTwoCallbacksAtOnceOneSignsIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.cedar.browser()
	path := b.answer(w.cedar.issuer, b.leave(), wen)
	in := make(chan int, 6)
	var all sync.WaitGroup
	for range cap(in) {
		copied := &browser{p: w.cedar, cookies: map[string]string{"__Host-flow": b.cookies["__Host-flow"]}}
		all.Go(func() { in <- copied.get(path).status })
	}
	all.Wait()
	close(in)
	entered := 0
	for status := range in {
		if status == http.StatusSeeOther {
			entered++
		}
	}
	if entered != 1 {
		t.Errorf("%d of six got in, want 1", entered)
	}
}

func query(path string) url.Values {
	_, after, _ := strings.Cut(path, "?")
	values, _ := url.ParseQuery(after)
	return values
}

func TestAnAddressElsewhereIsNeverGoneTo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, next := range []string{"https://evil.example/", "//evil.example", `/\evil.example`, "/sign-in", "javascript:alert(1)", "/sign-out"} {
		b := w.cedar.browser()
		if got := b.signIn(wen, "next", next); got.location != "/" {
			t.Errorf("next %q: got %q, want /", next, got.location)
		}
	}
}

func TestKeysAreReadAgainWhenTheIssuerHasNewOnes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.cedar.browser()
	b.signIn(wen)
	b.wantIn(w.cedar.worker)
	w.cedar.issuer.Rotate()
	b = w.cedar.browser()
	b.signIn(wen)
	b.wantIn(w.cedar.worker)

	// Keys that cannot be read let nobody in; those that are known still do.
	w.cedar.issuer.KeysDown = true
	b = w.cedar.browser()
	b.signIn(wen)
	b.wantIn(w.cedar.worker)
	w.cedar.issuer.Rotate()
	b = w.cedar.browser()
	b.wantOut(b.signIn(wen))
	w.cedar.wantReason(staff.ActionSignInFailed, "keys cannot be read")
}

func TestAClosedAccountIsRefusedWithTheSameWords(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	stranger := w.cedar.browser()
	unknown := stranger.signIn(ssotest.Person{Subject: "nobody"})
	stranger.wantOut(unknown)
	w.must(staff.Deactivate(t.Context(), w.cedar.Agency, w.sessions, operator, w.cedar.worker))
	b := w.cedar.browser()
	closed := b.signIn(wen)
	b.wantOut(closed)
	w.cedar.wantReason(staff.ActionSignInFailed, "not active")
	if a, c := plain(unknown.text), plain(closed.text); a != c {
		t.Errorf("the pages differ:\n%s\n%s", a, c)
	}
}

// plain is a page without what differs every time.
func plain(text string) string {
	text = tokenPattern.ReplaceAllString(text, "")
	for _, mark := range []string{"this number: ", "state=", "code="} {
		for {
			before, after, found := strings.Cut(text, mark)
			if !found {
				break
			}
			end := strings.IndexAny(after, "<&\"")
			text = before + after[max(end, 0):]
		}
	}
	return text
}

func TestASecondFactorCountsWhenTheAgencySaysSo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	strong := ssotest.Person{Subject: "wen", Claims: map[string]any{"amr": []string{"pwd", "mfa"}}}
	byACR := ssotest.Person{Subject: "wen", Claims: map[string]any{"acr": "c2"}}
	for _, c := range []struct {
		counts SecondFactor
		person ssotest.Person
		want   session.Strength
	}{
		{Never, strong, session.Password}, {Stated, strong, session.Full}, {Stated, byACR, session.Full},
		{Stated, wen, session.Password}, {Always, wen, session.Full},
	} {
		w.cedar.set(func(p *Provider) { p.SecondFactor, p.StrongACR = c.counts, "c2" })
		b := w.cedar.browser()
		b.signIn(c.person)
		if got := b.wantIn(w.cedar.worker); got.Strength != string(c.want) {
			t.Errorf("%s with %v: got %s, want %s", c.counts, c.person.Claims, got.Strength, c.want)
		}
	}
	// No acr is chosen: an empty one states nothing.
	w.cedar.set(func(p *Provider) { p.SecondFactor, p.StrongACR = Stated, "" })
	b := w.cedar.browser()
	b.signIn(ssotest.Person{Subject: "wen", Claims: map[string]any{"acr": ""}})
	if got := b.wantIn(w.cedar.worker); got.Strength != string(session.Password) {
		t.Errorf("an empty acr: got %s", got.Strength)
	}
}

func TestWhatIsKeptCanBeReadByNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.cedar.browser()
	to := b.leave("next", "/account")
	b2 := w.cedar.browser()
	b2.signIn(ssotest.Person{Subject: "wen", Claims: map[string]any{"sid": "sid-of-the-provider"}})
	cookie, err := base64.RawURLEncoding.DecodeString(b.cookies["__Host-flow"])
	w.must(err)
	needles := []string{to.Query().Get("state"), to.Query().Get("nonce"), "/account", "sid-of-the-provider", string(cookie[:32]), string(cookie[32:]),
		w.cedar.worker.String(), w.cedar.provider.ID.String(), "konote\""}
	keys, err := w.redis.Keys(t.Context(), "*"+w.cedar.ID.String()+"*").Result()
	w.must(err)
	if len(keys) < 3 {
		t.Fatalf("got the keys %q, want a flow, a session and an index", keys)
	}
	for _, key := range keys {
		dump, err := w.redis.Dump(t.Context(), key).Result()
		w.must(err)
		members, _ := w.redis.ZRange(t.Context(), key, 0, -1).Result()
		for _, needle := range needles {
			if text := key + dump + fmt.Sprint(members); needle != "" && strings.Contains(text, needle) {
				t.Errorf("%q can be read in Redis at %q", needle, key)
			}
		}
	}
	if life, err := w.redis.TTL(t.Context(), flowKey(t, keys)).Result(); err != nil || life > session.FlowLife || life <= 0 {
		t.Errorf("a flow lives %v, %v", life, err)
	}
	// And in the database: no secret of the client, no subject.
	var sealed, subject []byte
	var schema = w.cedar.Role()
	w.must(w.superuser().QueryRow(t.Context(), "SELECT p.client_secret_sealed, i.subject_sealed || i.subject_hash FROM "+schema+".identity_providers p JOIN "+
		schema+".staff_identities i ON i.provider_id = p.id").Scan(&sealed, &subject))
	if strings.Contains(string(sealed), w.cedar.issuer.Secret) || strings.Contains(string(subject), "wen") || len(sealed) == 0 {
		t.Error("a secret or a subject is stored as it is")
	}
}

func flowKey(t *testing.T, keys []string) string {
	t.Helper()
	for _, key := range keys {
		if strings.HasPrefix(key, "f:") {
			return key
		}
	}
	t.Fatalf("no flow among %q", keys)
	return ""
}

func TestAProviderThatIsOffOrSilentLetsNobodyIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.cedar.browser()
	to := b.leave()
	w.cedar.update(func(tx *tenancy.Tx) error {
		return SetStatus(t.Context(), tx, w.cedar.provider.ID, Active, Off, uuid.Nil)
	})
	b.wantOut(b.get(b.answer(w.cedar.issuer, to, wen))) // turned off while she was away
	if got := b.post("/sign-in/sso"); got.status != http.StatusNotFound {
		t.Errorf("start: got %d, want 404", got.status)
	}
	if got := b.get("/sign-in"); strings.Contains(got.text, "Work ID") {
		t.Error("the sign-in page still offers it")
	}
	if got := b.get("/sign-in/sso"); got.location != "/sign-in" {
		t.Errorf("its page: got %q", got.location)
	}
	there := w.birch.browser()
	there.get("/sign-in")
	w.birch.issuer.Renamed = "https://another.example"
	there.wantOut(there.post("/sign-in/sso"))
	there.get("/sign-in")
	if got := there.get("/sign-in/sso/callback?error=access_denied&state=x"); got.status != http.StatusBadRequest {
		t.Errorf("an error out of nowhere: got %d", got.status)
	}
}
