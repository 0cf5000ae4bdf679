package staff

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"konote/app/i18n"
	"konote/app/limit"
	"konote/tenancy"
)

const sessionCookie = "__Host-session"

func TestSigningInOpensASession(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.staff(New{Email: "zoe@example.ca"})
	b := w.browser("192.0.2.1")
	if got := b.get("/account"); got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != "/sign-in?next=%2Faccount" {
		t.Fatalf("signed out: got %d %q, want the way to sign-in and back", got.StatusCode, got.Header.Get("Location"))
	}
	got := b.signIn("zoe@example.ca", goodPassword)
	if got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != "/" || b.cookies[sessionCookie] == "" {
		t.Fatalf("got %d to %q, want 303 to / and a session", got.StatusCode, got.Header.Get("Location"))
	}
	if got := b.get("/account"); !strings.Contains(got.text, "Zéphyrine Okafor-Lachance") {
		t.Errorf("the account page does not name her:\n%s", got.text)
	}
	if got := b.get("/sign-in?next=/account"); got.Header.Get("Location") != "/account" {
		t.Errorf("sign-in when signed in: got %q, want /account", got.Header.Get("Location"))
	}
	recorded := w.entries("staff.sign_in")
	if len(recorded) != 1 || recorded[0].Staff != id || recorded[0].Kind != "staff" || recorded[0].Outcome != "done" {
		t.Errorf("audit: got %+v, want one sign-in of %s", recorded, id)
	}
	w.view(func(tx *tenancy.Tx) error {
		me, err := ByID(t.Context(), tx, id)
		if err == nil && me.LastSignInAt.IsZero() {
			t.Error("the time of the sign-in is not noted")
		}
		return err
	})
}

func TestALoginMayBeTypedInManyWays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.staff(New{Email: "Zoé.Lachance@Example.ca", Username: "ZLachance"})
	for _, login := range []string{
		"Zoé.Lachance@Example.ca", "zoé.lachance@example.ca", "ZOÉ.LACHANCE@EXAMPLE.CA", "  zoé.lachance@example.ca ", "zoe\u0301.lachance@example.ca",
		"ｚｏé．ｌａｃｈａｎｃｅ＠ｅｘａｍｐｌｅ．ｃａ", "zlachance", "ZLACHANCE", " zLachance\t", "ｚｌａｃｈａｎｃｅ",
	} {
		if got := w.browser("192.0.2.1").signIn(login, goodPassword); got.StatusCode != http.StatusSeeOther {
			t.Errorf("%q: got %d, want 303", login, got.StatusCode)
		}
	}
	for _, login := range []string{"zoe.lachance@example.ca", "zlachance@example.ca", "zlachancé", "z lachance", "%", "zlachance\x00"} {
		w.clock.move(time.Hour)
		if got := w.browser("192.0.2.1").signIn(login+"x", goodPassword); got.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%q: got %d, want 422", login, got.StatusCode)
		}
	}
}

func TestWhereSheWasGoingIsKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.staff(New{Username: "zoe"})
	for _, test := range []struct{ next, want string }{
		{"/participants/1?tab=plan", "/participants/1?tab=plan"},
		{"", "/"}, {"https://evil.example/x", "/"}, {"//evil.example", "/"}, {`/\evil.example`, "/"}, {"javascript:alert(1)", "/"},
		{"/sign-in?next=/x", "/"}, {"/sign-out", "/"},
	} {
		b := w.browser("192.0.2.1")
		b.get("/sign-in")
		got := b.post("/sign-in", "login", "zoe", "password", "wrong", "next", test.next)
		if !strings.Contains(got.text, `name="next" value="`+test.want+`"`) {
			t.Errorf("%q: the form that comes back does not keep %q", test.next, test.want)
		}
		got = b.post("/sign-in", "login", "zoe", "password", goodPassword, "next", test.next)
		if got.Header.Get("Location") != test.want {
			t.Errorf("%q: got %q, want %q", test.next, got.Header.Get("Location"), test.want)
		}
		w.clock.move(time.Hour)
	}
}

// The kinds of failure, and who fails so. Each gets its own login for each number, so
// that none is refused for having been tried before.
func failures(w *world, count int) map[string]func(n int) (login, password string) {
	hash := newHash(w.hasher.peppers[0], goodPassword).String()
	imported := djangoHash(w.t, goodPassword, "aB3dE6gH9jK2mN5pQ8sT1v")
	w.update(func(tx *tenancy.Tx) error {
		for n := range count {
			for kind, hash := range map[string]string{"wrong": hash, "inactive": hash, "imported": imported, "none": ""} {
				id, err := Insert(w.t.Context(), tx, operator, New{DisplayName: "Staff", Username: loginOf(kind, n), PasswordHash: hash})
				if err != nil {
					return err
				}
				if kind == "inactive" {
					if _, err := tx.Exec(w.t.Context(), sqlDeactivate, id, tx.Now()); err != nil {
						return err
					}
				}
			}
		}
		return nil
	})
	named := func(kind, password string) func(int) (string, string) {
		return func(n int) (string, string) { return loginOf(kind, n), password }
	}
	return map[string]func(int) (string, string){
		"unknown":  named("unknown", goodPassword),
		"wrong":    named("wrong", goodPassword+"x"),
		"inactive": named("inactive", goodPassword),
		"imported": named("imported", goodPassword+"x"),
		"none":     named("none", goodPassword),
		"long":     named("wrong", strings.Repeat("x", MaxPasswordBytes+1)),
		"locked":   func(int) (string, string) { return lockedLogin, goodPassword },
	}
}

// loginOf is as long for every kind, as the answer repeats it.
func loginOf(kind string, n int) string {
	return fmt.Sprintf("%s%s%03d", kind, strings.Repeat("x", 8-len(kind)), n)
}

var lockedLogin = loginOf("locked", 0)

// lock makes the next tries of one account come too early.
func lock(w *world, login, ip string) {
	for range limit.PairLadder.Free {
		if _, err := w.limits.Try(w.t.Context(), limit.Attempt{Agency: w.agency.ID, Account: login, IP: ip}); err != nil {
			w.t.Fatal(err)
		}
	}
}

func TestAllFailuresLookTheSame(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.staff(New{Username: lockedLogin})
	lock(w, lockedLogin, "192.0.2.1")
	seen := map[string]string{}
	for kind, login := range failures(w, 1) {
		b := w.browser("192.0.2.1")
		name, password := login(0)
		got := b.signIn(name, password)
		if got.StatusCode != http.StatusUnprocessableEntity || b.cookies[sessionCookie] != "" {
			t.Errorf("%s: got %d, want 422 and no session", kind, got.StatusCode)
		}
		delete(got.Header, "Date")
		if strings.Contains(got.text, password) {
			t.Errorf("%s: the password stands in the answer", kind)
		}
		text := strings.ReplaceAll(got.text, `value="`+name+`"`, "")
		text = strings.ReplaceAll(text, b.token, "")
		seen[fmt.Sprintf("%s\n%v", text, got.Header)] = kind
	}
	if len(seen) != 1 {
		t.Errorf("got %d kinds of answers, want one", len(seen))
		for answer, kind := range seen {
			t.Logf("%s:\n%s", kind, answer)
		}
	}
}

func TestFailuresLeaveTheSameTrace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	logins := failures(w, 1)
	for _, kind := range []string{"unknown", "wrong", "inactive", "imported", "none", "long"} {
		w.browser("192.0.2.1").signIn(logins[kind](0))
	}
	recorded := w.entries("staff.sign_in_failed")
	if len(recorded) != 6 {
		t.Fatalf("got %d records, want one for each failure", len(recorded))
	}
	for i, e := range recorded {
		if e.Outcome != "failed" || e.Kind != "anonymous" || e.Staff != uuid.Nil {
			t.Errorf("%d: got %s", i, e.body)
		}
		if unknown := i == 0; unknown != (e.Subject == uuid.Nil) {
			t.Errorf("%d: got subject %s, want one exactly when there is an account", i, e.Subject)
		}
		if strings.Contains(e.body, "wrong") || strings.Contains(e.body, "unknown") {
			t.Errorf("%d: what was typed, or why it failed, stands outside the seal: %s", i, e.body)
		}
	}
}

func TestFailuresWaitForTheSameTime(t *testing.T) {
	t.Parallel()
	const every, each = 300 * time.Millisecond, 3
	w := newWorld(t)
	w.handlers.AnswerAfter = every
	w.staff(New{Username: lockedLogin})
	lock(w, lockedLogin, "192.0.2.9")
	for kind, took := range measureFailures(w, each) {
		for _, one := range took {
			if one < every {
				t.Errorf("%s: got %v, want at least %v", kind, one, every)
			}
		}
	}
}

// measureFailures times sign-ins that fail, the kinds by turns.
func measureFailures(w *world, each int) map[string][]time.Duration {
	kinds := failures(w, each)
	took := map[string][]time.Duration{}
	for n := range each {
		for kind, login := range kinds {
			b := w.browser(fmt.Sprintf("198.%d.%d.1", 18+n/250, n%250)) // a network of its own
			if kind == "locked" {
				b.ip = "192.0.2.9"
			}
			b.get("/sign-in")
			name, password := login(n)
			began := time.Now()
			b.post("/sign-in", "login", name, "password", password)
			took[kind] = append(took[kind], time.Since(began))
		}
	}
	return took
}

func TestGuessesAtTheSameTimeGetNoMoreTurns(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.staff(New{Username: "zoe"})
	for _, login := range []string{"zoe", "nobody"} {
		before := len(w.entries("staff.sign_in_failed"))
		var guesses sync.WaitGroup
		for n := range 60 {
			b := w.browser("192.0.2.1")
			b.get("/sign-in")
			guesses.Go(func() {
				// Each from a browser of its own, typed in another way.
				typed := []string{login, strings.ToUpper(login), " " + login}[n%3]
				b.signIn(typed, fmt.Sprintf("guess number %d", n))
			})
		}
		guesses.Wait()
		if checked := len(w.entries("staff.sign_in_failed")) - before; checked != limit.PairLadder.Free {
			t.Errorf("%s: got %d guesses checked, want %d", login, checked, limit.PairLadder.Free)
		}
		w.clock.move(time.Hour)
	}
}

func TestALockLapsesAndBindsOneNetworkOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.staff(New{Username: "zoe"})
	for range limit.PairLadder.Free {
		w.browser("192.0.2.1").signIn("zoe", "wrong")
	}
	if got := w.browser("192.0.2.1").signIn("zoe", goodPassword); got.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("locked: got %d, want 422", got.StatusCode)
	}
	if got := w.browser("203.0.113.9").signIn("zoe", goodPassword); got.StatusCode != http.StatusSeeOther {
		t.Errorf("from another network: got %d, want 303", got.StatusCode)
	}
	w.clock.move(limit.PairLadder.First + time.Second)
	if got := w.browser("192.0.2.1").signIn("zoe", goodPassword); got.StatusCode != http.StatusSeeOther {
		t.Errorf("after the wait: got %d, want 303", got.StatusCode)
	}
}

func TestImportedHashesAreMadeAnewAtTheFirstSignIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	imported := djangoHash(t, goodPassword, "aB3dE6gH9jK2mN5pQ8sT1v")
	w.staff(New{Username: "zoe", PasswordHash: imported})
	stored := func() (a account) {
		w.view(func(tx *tenancy.Tx) (err error) {
			a, err = byLogin(t.Context(), tx, "zoe")
			return err
		})
		return a
	}
	w.browser("192.0.2.1").signIn("zoe", goodPassword+"x")
	if got := stored().PasswordHash; got != imported {
		t.Fatalf("after a wrong password: got %q, want it unchanged", got)
	}
	w.browser("192.0.2.1").enter("zoe", goodPassword)
	first := stored().PasswordHash
	if parsed, err := parseHash(first); err != nil || parsed.isStale(w.hasher.peppers[0]) {
		t.Fatalf("after the first sign-in: got %q, want one of ours", first)
	}
	w.browser("192.0.2.1").enter("zoe", goodPassword)
	if got := stored().PasswordHash; got != first {
		t.Error("the second sign-in made the hash anew again")
	}
}

func TestAPasswordThatWasRightAMomentAgoOpensNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.staff(New{Username: "zoe"})
	var read account
	w.view(func(tx *tenancy.Tx) (err error) {
		read, err = byLogin(t.Context(), tx, "zoe")
		return err
	})
	w.must(Deactivate(t.Context(), w.agency, w.sessions, operator, id))
	w.update(func(tx *tenancy.Tx) error {
		_, entered, err := signedIn(t.Context(), tx, read, "")
		if entered {
			t.Error("an account that was deactivated after its password was checked: got in")
		}
		return err
	})
}

func TestASessionBeforeSignInIsNeverKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.staff(New{Username: "zoe"})
	w.staff(New{Username: "ana", DisplayName: "Ana Silva"})
	b := w.browser("192.0.2.1")
	b.enter("zoe", goodPassword)
	old := b.cookies[sessionCookie]
	b.enter("ana", goodPassword)
	if b.cookies[sessionCookie] == old {
		t.Error("the session kept its id")
	}
	if got := b.get("/account"); !strings.Contains(got.text, "Ana Silva") {
		t.Error("the account is not that of the second sign-in")
	}
	thief := w.browser("192.0.2.1")
	thief.cookies[sessionCookie] = old
	if got := thief.get("/account"); got.StatusCode != http.StatusSeeOther {
		t.Errorf("the session before: got %d, want it ended", got.StatusCode)
	}
	planted := w.browser("192.0.2.1")
	planted.cookies[sessionCookie] = strings.Repeat("A", 86)
	planted.enter("zoe", goodPassword)
	if planted.cookies[sessionCookie] == strings.Repeat("A", 86) {
		t.Error("an id that the browser brought was kept")
	}
}

func TestWithoutRedisNobodySignsIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.staff(New{Username: "zoe"})
	w.serve("redis://127.0.0.1:1")
	b := w.browser("192.0.2.1")
	if got := b.get("/sign-in"); got.StatusCode != http.StatusOK {
		t.Errorf("the page: got %d, want 200", got.StatusCode)
	}
	got := b.signIn("zoe", goodPassword)
	if got.StatusCode != http.StatusServiceUnavailable || b.cookies[sessionCookie] != "" || got.Header.Get("Retry-After") == "" {
		t.Errorf("got %d, want 503 with Retry-After and no session", got.StatusCode)
	}
	if want := i18n.NewPrinter("en", nil, nil).T(i18n.StaffUnavailable); !strings.Contains(got.text, want) {
		t.Errorf("the page does not say %q", want)
	}
}

func TestSignOutForgetsEverything(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.staff(New{Username: "zoe"})
	b := w.browser("192.0.2.1")
	b.enter("zoe", goodPassword)
	old := b.cookies[sessionCookie]
	got := b.post("/sign-out")
	if got.StatusCode != http.StatusSeeOther || !strings.Contains(got.Header.Get("Clear-Site-Data"), `"storage"`) || b.cookies[sessionCookie] != "" {
		t.Errorf("got %d, Clear-Site-Data %q, want 303 and a clean browser", got.StatusCode, got.Header.Get("Clear-Site-Data"))
	}
	if got := b.get(got.Header.Get("Location")); !strings.Contains(got.text, "You are signed out.") {
		t.Error("the page after it does not say that she is signed out")
	}
	b.cookies[sessionCookie] = old
	if got := b.get("/account"); got.StatusCode != http.StatusSeeOther {
		t.Errorf("the old session: got %d, want it ended", got.StatusCode)
	}
	if recorded := w.entries("staff.sign_out"); len(recorded) != 1 || recorded[0].Staff != id {
		t.Errorf("audit: got %+v, want one sign-out of %s", recorded, id)
	}
}

func TestSignInPagesSpeakBothLanguages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser("192.0.2.1")
	for _, test := range []struct {
		language string
		want     []string
	}{
		{"en", []string{`lang="en-CA"`, "<title>Sign in", "Test Agency", "E-mail or user name", "Ask your administrator"}},
		{"fr", []string{`lang="fr-CA"`, "<title>Ouvrir une session", "Organisme d’essai", "Courriel ou nom d’utilisateur", "Demandez à votre administration"}},
	} {
		b.get("/sign-in?lang=" + test.language)
		got := b.get("/sign-in").text
		for _, want := range append(test.want, `autocomplete="username"`, `autocomplete="current-password"`, "autofocus", `aria-controls="password"`) {
			if !strings.Contains(got, want) {
				t.Errorf("%s: %q is missing", test.language, want)
			}
		}
	}
	got := b.post("/sign-in", "login", "zoe", "password", "some secret", "switch_language", "en")
	if got.StatusCode != http.StatusOK || !strings.Contains(got.text, `value="zoe"`) || !strings.Contains(got.text, `lang="en-CA"`) ||
		strings.Contains(got.text, "some secret") || strings.Contains(got.text, "problem") {
		t.Errorf("sent to be shown in English: got %d, want the name kept, the password not, and nothing tried", got.StatusCode)
	}
	if got := b.post("/sign-in"); got.StatusCode != 422 || !strings.Contains(got.text, "Enter your password") || len(w.entries("staff.sign_in_failed")) != 0 {
		t.Errorf("empty: got %d, want 422, what to do, and no try", got.StatusCode)
	}
}
