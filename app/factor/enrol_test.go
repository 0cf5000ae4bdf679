package factor

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/i18n"
	"konote/app/program"
	"konote/app/staff"
	"konote/app/web"
	"konote/tenancy"
)

var keyPattern = regexp.MustCompile(`<code class="factor-key">([^<]+)</code>`)

// begin starts an app and returns its secret, as the page shows it.
func (b *browser) begin() string {
	b.w.t.Helper()
	got := b.post("/account/security/app")
	if path, _, _ := strings.Cut(got.to(), "?"); got.StatusCode != http.StatusSeeOther || path != "/account/security/app" {
		b.w.t.Fatalf("begin an app: got %d to %q", got.StatusCode, got.to())
	}
	found := keyPattern.FindStringSubmatch(b.get(got.to()).text)
	if found == nil {
		b.w.t.Fatal("the page shows no key")
	}
	return strings.ReplaceAll(found[1], " ", "")
}

var codePattern = regexp.MustCompile(`<li><code>([0-9A-Z-]{14})</code></li>`)

func codesOn(text string) (codes []string) {
	for _, found := range codePattern.FindAllStringSubmatch(text, -1) {
		codes = append(codes, found[1])
	}
	return codes
}

func (w *world) factors(id uuid.UUID) (found []Factor) {
	w.t.Helper()
	w.must(w.agency.View(w.t.Context(), func(tx *tenancy.Tx) (err error) {
		found, err = Of(w.t.Context(), tx, id)
		return err
	}))
	return found
}

func TestAnAppCountsOnceItsFirstCodeWasRight(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.person("zoe", false)
	b := w.browser("192.0.2.1")
	w.want(b.password("zoe"), http.StatusOK, "without a factor")
	elsewhere := w.browser("192.0.2.2")
	w.want(elsewhere.password("zoe"), http.StatusOK, "a second browser")
	b.get("/account/security")
	key := b.begin()
	if again := b.begin(); again == key {
		t.Error("two beginnings have one secret")
	} else {
		key = again
	}
	if !strings.Contains(b.get("/account/security/app").text, "<svg class=\"factor-qr\"") {
		t.Error("there is no picture")
	}
	w.want(b.post("/account/security/app/code", "code", w.wrong(key)), http.StatusUnprocessableEntity, "a wrong first code")
	w.want(b.post("/account/security/app/code", "code", w.code(key), "switch_language", "fr"), http.StatusOK, "the other language")
	if len(w.factors(id)) != 0 {
		t.Error("it counts before its first code")
	}
	w.want(w.browser("192.0.2.3").password("zoe"), http.StatusOK, "signing in meanwhile")

	code := w.code(key)
	got := b.post("/account/security/app/code", "code", code, "name", "  old\tphone ")
	w.want(got, http.StatusOK, "the first code")
	codes := codesOn(got.text)
	if len(codes) != 10 || len(slices.Compact(slices.Sorted(slices.Values(codes)))) != 10 {
		t.Errorf("got codes %q, want ten", codes)
	}
	if factors := w.factors(id); len(factors) != 1 || factors[0].Name != "old phone" || factors[0].Kind != App {
		t.Errorf("got %v, want one app called old phone", factors)
	}
	b.isIn(true)
	elsewhere.isIn(false) // one proof is no longer enough
	w.want(elsewhere.post("/sign-in/second", "code", code), http.StatusUnprocessableEntity, "the first code once more")
	w.want(elsewhere.post("/sign-in/second", "code", codes[3]), http.StatusSeeOther, "a recovery code")
	if w.entries("factor.add", "done", id) != 1 {
		t.Error("the audit log does not have it")
	}
	var told int
	w.must(w.superuser().QueryRow(t.Context(), `SELECT count(*) FROM jobs.river_job WHERE kind = 'staff.notice' AND args::text LIKE '%factor_added%'
		AND args::text LIKE '%' || $1 || '%'`, id.String()).Scan(&told))
	if told != 1 {
		t.Errorf("she is told %d times, want once", told)
	}
}

func TestAnAppWaitsForAnHourAndForItsOwnerAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.person("zoe", false)
	thief := w.person("ada", false)
	b := w.browser("192.0.2.1")
	b.password("zoe")
	key := b.begin()

	other := w.browser("192.0.2.2")
	other.password("ada")
	if got := other.get("/account/security/app"); got.to() != "/account/security" || strings.Contains(got.text, key) {
		t.Errorf("a colleague asks for it: got %d to %q", got.StatusCode, got.to())
	}
	w.want(other.post("/account/security/app/code", "code", w.code(key)), http.StatusSeeOther, "a colleague confirms it")
	if len(w.factors(thief)) != 0 {
		t.Error("the colleague has got a factor")
	}
	w.move(time.Hour)
	b.password("zoe") // her session may have rested too long
	if got := b.get("/account/security/app"); got.to() != "/account/security" {
		t.Errorf("after an hour: leads to %q", got.to())
	}
}

func TestTheFirstCodeSentTwiceCountsOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.person("zoe", false)
	b := w.browser("192.0.2.1")
	b.password("zoe")
	key := b.begin()
	var wait sync.WaitGroup
	for range 2 {
		wait.Go(func() { b.ask(b.form("/account/security/app/code", "code", w.code(key))) })
	}
	wait.Wait()
	if got := len(w.factors(id)); got != 1 {
		t.Errorf("she has %d factors, want 1", got)
	}
	if got := w.entries("factor.add", "done", id); got != 1 {
		t.Errorf("the audit log has it %d times, want once", got)
	}
}

func TestNewRecoveryCodesReplaceTheOldOnes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	key := newSecret()
	id := w.person("zoe", false, key)
	old := w.recoveryCodes(id)
	b := w.browser("192.0.2.1")
	b.enter("zoe", key)
	b.get("/account/security")
	set := tenancy.NewID().String()
	codes := codesOn(b.post("/account/security/codes", "set", set).text)
	if len(codes) != 10 {
		t.Fatalf("got %d codes, want 10", len(codes))
	}
	if got := b.post("/account/security/codes", "set", set); got.StatusCode != http.StatusSeeOther || len(codesOn(got.text)) != 0 {
		t.Errorf("the same form again: got %d and codes, want to be led back", got.StatusCode)
	}
	w.want(b.post("/account/security/codes"), http.StatusUnprocessableEntity, "without a set")
	for code, want := range map[string]int{old[0]: http.StatusUnprocessableEntity, codes[9]: http.StatusSeeOther} {
		other := w.browser("192.0.2.2")
		other.half("zoe")
		w.want(other.post("/sign-in/second", "code", code), want, code)
	}
	// No code stands anywhere as it is.
	var readable int
	w.must(w.superuser().QueryRow(t.Context(), `SELECT count(*) FROM outbox.audit_events WHERE position(convert_to($1, 'UTF8') IN body) > 0`, codes[0]).Scan(&readable))
	if readable != 0 {
		t.Error("the audit log holds a code")
	}
}

func TestAFactorIsRemovedByItsOwnerButNotTheLastOneThatIsAskedFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	key, second := newSecret(), newSecret()
	id := w.person("zoe", false, key, second)
	codes := w.recoveryCodes(id)
	foreign := w.person("ada", false, newSecret())
	b := w.browser("192.0.2.1")
	b.enter("zoe", key)
	list, hers := w.factors(id), w.factors(foreign)
	w.want(b.get("/account/security/remove?factor="+hers[0].ID.String()), http.StatusNotFound, "a colleague's")
	w.want(b.post("/account/security/remove", "factor", hers[0].ID.String()), http.StatusNotFound, "a colleague's, sent")
	w.want(b.post("/account/security/remove"), http.StatusUnprocessableEntity, "none")

	w.ask("required")
	w.want(b.get("/account/security/remove?factor="+list[0].ID.String()), http.StatusOK, "the question")
	// Both at once: one has to stay.
	var wait sync.WaitGroup
	for _, f := range list {
		wait.Go(func() { b.ask(b.form("/account/security/remove", "factor", f.ID.String())) })
	}
	wait.Wait()
	left := w.factors(id)
	if len(left) != 1 {
		t.Fatalf("%d are left, want 1", len(left))
	}
	w.ask("optional")
	w.want(b.post("/account/security/remove", "factor", left[0].ID.String()), http.StatusSeeOther, "the last one, not asked for")
	if len(w.factors(id)) != 0 || len(w.factors(foreign)) != 1 {
		t.Error("the wrong ones are gone")
	}
	// The codes go too: they must not open an account whose factor comes back.
	w.update(func(tx *tenancy.Tx) error { return Invent(t.Context(), tx, id, "new", newSecret()) })
	other := w.browser("192.0.2.2")
	other.half("zoe")
	w.want(other.post("/sign-in/second", "code", codes[0]), http.StatusUnprocessableEntity, "a code of the time before")
}

// Working in one program rests the roles in the others, and not what they ask of her.
func TestARoleThatRestsAsksForTheLastFactorToo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	key := newSecret()
	id := w.person("zoe", false, key)
	desk := tenancy.NewID()
	w.update(func(tx *tenancy.Tx) error {
		for at, role := range map[uuid.UUID]access.Role{desk: access.FrontDesk, tenancy.NewID(): access.ProgramManager} {
			w.must(program.Insert(t.Context(), tx, program.Program{ID: at, NameEN: string(role), NameFR: string(role), ServiceModel: program.Individual,
				Confidential: role == access.ProgramManager, Status: program.Active}, uuid.Nil))
			w.must(staff.Grant(t.Context(), tx, operator, id, at, role))
		}
		return nil
	})
	w.ask(roles)
	b := w.browser("192.0.2.1")
	b.enter("zoe", key)
	last := w.factors(id)[0].ID.String()
	for _, at := range []string{"", desk.String()} {
		w.want(b.post("/working-in", "program", at), http.StatusSeeOther, "working in "+at)
		if got := b.get("/account/security/remove?factor=" + last); strings.Contains(got.text, `action="/account/security/remove"`) {
			t.Errorf("working in %q: the last factor is offered to be removed", at)
		}
		w.want(b.post("/account/security/remove", "factor", last), http.StatusUnprocessableEntity, "the last one, asked for by a role that rests")
	}
	if len(w.factors(id)) != 1 {
		t.Error("the factor is gone")
	}
}

func TestWhoeverMustHaveAFactorSetsOneUpBeforeAnythingElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.person("zoe", false)
	early := w.browser("192.0.2.9")
	w.want(early.password("zoe"), http.StatusOK, "before it is asked for")
	w.ask("required")
	early.isIn(false) // it counts at once

	b := w.browser("192.0.2.1")
	b.half("zoe")
	page := b.get("/sign-in/second")
	if !strings.Contains(page.text, "Set up your second step") {
		t.Errorf("the page does not say what to do: %s", short(page.text))
	}
	w.want(b.post("/sign-in/second", "code", "123456"), http.StatusSeeOther, "a code of nothing")
	for _, path := range []string{"/", "/account/security", "/account/confirm", "/account/security/remove"} {
		if got := b.get(path); got.StatusCode != http.StatusSeeOther || !strings.HasPrefix(got.to(), "/sign-in/second?") {
			t.Errorf("GET %s: got %d to %q, want the second step", path, got.StatusCode, got.to())
		}
	}
	w.move(20 * time.Minute) // the app had to be installed
	key := b.begin()
	got := b.post("/account/security/app/code", "code", w.code(key))
	if len(codesOn(got.text)) != 10 {
		t.Fatalf("got %d, want the recovery codes: %s", got.StatusCode, short(got.text))
	}
	b.isIn(true)
	if len(w.factors(id)) != 1 {
		t.Error("it does not count")
	}
	// From now on a half session is one that has to prove it, and may not add another.
	thief := w.browser("192.0.2.2")
	thief.half("zoe")
	w.want(thief.post("/account/security/app"), http.StatusUnauthorized, "a second app with the password alone")
}

func TestSettingUpAFactorOnTheWayInLeadsOnToWhereOneWasGoing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.person("zoe", false)
	w.ask("required")
	for _, test := range []struct{ next, want string }{{"/account/security", "/account/security"}, {"https://evil.example/", "/"}, {"//evil.example", "/"}, {"/sign-out", "/"}, {"", "/"}} {
		b := w.browser("192.0.2.1")
		b.half("zoe")
		address := "next=" + url.QueryEscape(test.next)
		if page := b.get("/sign-in/second?" + address); !strings.Contains(page.text, `name="next" value="`+test.want+`"`) {
			t.Errorf("%q: the page does not lead on, or elsewhere: %s", test.next, short(page.text))
		}
		begun := b.post("/account/security/app", "next", test.next).to()
		page := b.get(begun)
		if !strings.Contains(page.text, `name="next" value="`+test.want+`"`) {
			t.Errorf("%q: the form of the app leads elsewhere", test.next)
		}
		if page := b.get("/account/security/passkey?" + address); !strings.Contains(page.text, `name="next" value="`+test.want+`"`) {
			t.Errorf("%q: the form of the passkey leads elsewhere", test.next)
		}
		found := keyPattern.FindStringSubmatch(page.text)
		if found == nil {
			t.Fatalf("%q: no key", test.next)
		}
		key := strings.ReplaceAll(found[1], " ", "")
		got := b.post("/account/security/app/code", "code", w.code(key), "next", test.next)
		if len(codesOn(got.text)) != 10 || !strings.Contains(got.text, `class="button button-primary" href="`+test.want+`"`) {
			t.Errorf("%q: got %d, want the codes and the way to %s: %s", test.next, got.StatusCode, test.want, short(got.text))
		}
		w.update(func(tx *tenancy.Tx) error {
			_, err := removeAll(t.Context(), tx, w.id("zoe"))
			return err
		})
	}
}

func TestAHalfSessionOfSomebodyWithoutAFactorEndsToo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.person("zoe", false)
	w.ask("required")
	b := w.browser("192.0.2.1")
	b.half("zoe")
	w.move(30 * time.Minute)
	if got := b.get("/account/security/passkey").to(); !strings.HasPrefix(got, "/sign-in?") {
		t.Errorf("after half an hour: leads to %q, want sign-in", got)
	}
}

func TestOnlyWhomTheAgencyAsksMustHaveAFactor(t *testing.T) {
	t.Parallel()
	asks := web.SecondFactor{Roles: roles}
	for _, test := range []struct {
		actor actorSpec
		want  bool
	}{{actorSpec{admin: true}, true}, {actorSpec{role: "program_manager"}, true}, {actorSpec{role: "direct_service"}, false}, {actorSpec{}, false}} {
		if got := asks.Asks(test.actor.actor()); got != test.want {
			t.Errorf("%+v: got %t, want %t", test.actor, got, test.want)
		}
		if (web.SecondFactor{}).Asks(test.actor.actor()) || !(web.SecondFactor{Everybody: true}).Asks(test.actor.actor()) {
			t.Errorf("%+v: nobody or everybody is not what it says", test.actor)
		}
	}
}

func TestAnAdministratorSaysOfWhomAFactorIsAsked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	key := newSecret()
	w.person("ada", true, key)
	w.person("zoe", false)
	plain := w.browser("192.0.2.2")
	plain.password("zoe")
	w.want(plain.get("/settings/sign-in"), http.StatusForbidden, "not an administrator")
	w.want(plain.post("/settings/sign-in", "who", "optional"), http.StatusForbidden, "not an administrator, sent")

	b := w.browser("192.0.2.1")
	b.enter("ada", key)
	if page := b.get("/settings/sign-in"); !strings.Contains(page.text, i18n.NewPrinter("en", nil, nil).T(i18n.FactorPolicyHave("1", "2"))) {
		t.Errorf("the page does not say who has one: %s", short(page.text))
	}
	w.want(b.post("/settings/sign-in", "who", "roles"), http.StatusUnprocessableEntity, "no role chosen")
	w.want(b.post("/settings/sign-in", "who", "all"), http.StatusUnprocessableEntity, "something else")
	w.want(b.post("/settings/sign-in", "who", "roles", "roles", "program_manager", "roles", "wizard"), http.StatusSeeOther, "roles")
	plain.isIn(true)
	w.want(b.post("/settings/sign-in", "who", "required"), http.StatusSeeOther, "everybody")
	plain.isIn(false)
}

func TestAnAdministratorTakesAwayWhatAColleagueHasLost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	key, lost := newSecret(), newSecret()
	admin, id := w.person("ada", true, key), w.person("zoe", false, lost)
	codes := w.recoveryCodes(id)
	hers := w.browser("192.0.2.2")
	hers.enter("zoe", lost)
	path := "/staff/" + id.String() + "/second-factor/reset"
	w.want(hers.get("/staff/"+admin.String()+"/second-factor/reset"), http.StatusForbidden, "not an administrator")
	w.want(hers.post("/staff/"+admin.String()+"/second-factor/reset"), http.StatusForbidden, "not an administrator, sent")

	b := w.browser("192.0.2.1")
	b.enter("ada", key)
	w.want(b.get("/staff/"+admin.String()+"/second-factor/reset"), http.StatusUnprocessableEntity, "her own")
	w.want(b.post("/staff/"+admin.String()+"/second-factor/reset"), http.StatusUnprocessableEntity, "her own, sent")
	foreign := w.personAt(w.other, "kim", false)
	for _, nobody := range []string{tenancy.NewID().String(), foreign.String(), "x"} {
		w.want(b.post("/staff/"+nobody+"/second-factor/reset"), http.StatusNotFound, "nobody of this agency")
	}
	w.want(b.get(path), http.StatusOK, "the question")
	w.want(b.post(path), http.StatusSeeOther, "the answer")
	hers.isIn(false)
	if got := hers.get("/").to(); !strings.HasPrefix(got, "/sign-in?") {
		t.Errorf("her session: leads to %q, want sign-in", got)
	}
	w.want(w.browser("192.0.2.3").password("zoe"), http.StatusOK, "her password alone")
	if len(w.factors(admin)) != 1 || w.entries("factor.reset", "done", id) != 1 {
		t.Error("too much is gone, or the audit log does not have it")
	}
	var left int
	w.update(func(tx *tenancy.Tx) (err error) {
		left, err = count(t.Context(), tx, sqlCodesLeft, id)
		return err
	})
	if left != 0 {
		t.Errorf("%d of %d recovery codes are left", left, len(codes))
	}
}

func TestWhatMattersAsksOnceMore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	key := newSecret()
	w.person("zoe", false, key)
	w.person("ada", false)
	b := w.browser("192.0.2.1")
	b.enter("zoe", key)
	opened := b.get("/account/security")
	w.want(opened, http.StatusOK, "just after signing in")
	w.move(10 * time.Minute)
	if got := b.get("/account/security").to(); got != "/account/confirm?next=%2Faccount%2Fsecurity" {
		t.Fatalf("after ten minutes: leads to %q, want to be asked", got)
	}
	w.want(b.post("/account/security/app"), http.StatusForbidden, "a form that was never opened")
	w.want(b.post("/account/security/codes", "stamp", opened.stamp("/account/security/app")), http.StatusForbidden, "another form, with the stamp of one that was opened in time")
	w.want(b.post("/account/security/app", "stamp", opened.stamp("/account/security/app")), http.StatusSeeOther, "a form that was opened in time")
	b.get("/account/confirm?next=%2Faccount%2Fsecurity")
	w.want(b.post("/account/confirm"), http.StatusUnprocessableEntity, "nothing")
	w.want(b.post("/account/confirm", "password", goodPassword), http.StatusUnprocessableEntity, "the password of somebody with a factor")
	w.want(b.post("/account/confirm", "code", w.wrong(key)), http.StatusUnprocessableEntity, "a wrong code")
	before := b.cookies[sessionCookie]
	if got := b.post("/account/confirm", "code", w.code(key), "next", "/account/security"); got.to() != "/account/security" {
		t.Errorf("the code: got %d to %q", got.StatusCode, got.to())
	}
	if b.cookies[sessionCookie] == before {
		t.Error("the session has the same id after the proof")
	}
	w.want(b.get("/account/security"), http.StatusOK, "afterwards")

	plain := w.browser("192.0.2.2")
	plain.password("ada")
	w.move(11 * time.Minute)
	if got := plain.get("/records.csv").to(); got != "/account/confirm?next=%2Frecords.csv" {
		t.Fatalf("without a factor: leads to %q, want to be asked", got)
	}
	plain.get("/account/confirm?next=%2Frecords.csv")
	w.want(plain.post("/account/confirm", "password", "wrong"), http.StatusUnprocessableEntity, "a wrong password")
	got := plain.post("/account/confirm", "password", goodPassword, "next", "/records.csv")
	if got.StatusCode != http.StatusOK || !strings.Contains(got.text, `href="/records.csv"`) {
		t.Errorf("got %d, want a page with the link to the download", got.StatusCode)
	}
	w.want(plain.get("/records.csv"), http.StatusOK, "the download")
	// A form that was open for hours is asked for too; its words stay in the browser.
	for range 5 {
		w.move(20 * time.Minute)
		plain.get("/")
	}
	w.want(plain.post("/account/security/app"), http.StatusForbidden, "a form of hours ago")
}

// Whoever holds a session long after its last proof cannot give it a proof of her own.
func TestASessionWithoutAProofAddsNoFactor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.person("ada", false)
	b := w.browser("192.0.2.1")
	b.password("ada")
	opened := b.get("/account/security/passkey")
	for range 3 {
		w.move(18 * time.Minute)
		b.get("/")
	}
	w.want(b.post("/account/security/passkey/ask"), http.StatusForbidden, "a question for a new passkey")
	w.want(b.post("/account/security/passkey/ask", "stamp", opened.stamp("/account/security/passkey")), http.StatusForbidden, "the same with the stamp of a form")
	w.want(b.post("/account/security/passkey", "credential", "{}"), http.StatusForbidden, "a new passkey")
	w.want(b.post("/account/security/app"), http.StatusForbidden, "a new app")
	w.want(b.post("/account/security/app/code", "code", "123456"), http.StatusForbidden, "its first code")
	w.want(b.post("/account/security/passkey", "stamp", opened.stamp("/account/security/passkey")), http.StatusUnprocessableEntity, "the form that she opened in time")
	if list := w.factors(ada); len(list) != 0 {
		t.Errorf("ada has %v, want nothing", list)
	}
}

func TestNoAddressElsewhereIsLedTo(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"https://evil.example/", "//evil.example", "/\\evil.example", "/sign-in", "/sign-out", "/sign-in/second", "/account/confirm?next=/x", ""} {
		if got := onward(text).String(); got != "/" {
			t.Errorf("%q leads to %q, want /", text, got)
		}
	}
	if got := onward("/notes/1?x=" + url.QueryEscape("é")).String(); !strings.HasPrefix(got, "/notes/1") {
		t.Errorf("got %q, want the page", got)
	}
}
