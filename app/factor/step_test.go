package factor

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"konote/app/session"
	"konote/tenancy"
)

const sessionCookie = "__Host-session"

func TestAPasswordAloneOpensNothingForWhoeverHasAFactor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	key := newSecret()
	id := w.person("zoe", true, key)
	b := w.browser("192.0.2.1")
	b.half("zoe")
	before := b.cookies[sessionCookie]
	for path, to := range map[string]string{
		"/": "/sign-in/second?next=%2F", "/account/security": "/sign-in/second?next=%2Faccount%2Fsecurity",
		"/account/confirm": "/sign-in/second?next=%2Faccount%2Fconfirm", "/settings/sign-in": "/sign-in/second?next=%2Fsettings%2Fsign-in",
		"/account/security/app": "/sign-in/second?next=%2Faccount%2Fsecurity%2Fapp", // of those who have none
	} {
		if got := b.get(path); got.StatusCode != http.StatusSeeOther || got.to() != to {
			t.Errorf("GET %s: got %d to %q, want 303 to %q", path, got.StatusCode, got.to(), to)
		}
	}
	for _, path := range []string{"/account/password", "/account/security/app", "/account/security/passkey", "/account/security/passkey/ask",
		"/account/security/codes", "/account/security/remove", "/account/confirm", "/settings/sign-in", "/session/extend",
		"/staff/" + id.String() + "/second-factor/reset"} {
		w.want(b.post(path, "who", "optional"), http.StatusUnauthorized, "POST "+path)
	}
	w.want(b.get("/session"), http.StatusUnauthorized, "whether she is signed in")
	if got := b.get("/session/state").text; got != "{\"seconds\":0}\n" {
		t.Errorf("the state of the session: got %q, want no seconds", got)
	}
	if got := b.get("/nowhere"); strings.Contains(got.text, "Zéphyrine") || got.StatusCode != http.StatusNotFound {
		t.Errorf("a page that is not there: got %d, and it names the person", got.StatusCode)
	}

	w.want(b.post("/sign-in/second", "code", w.code(key), "next", "/account/security"), http.StatusSeeOther, "the code")
	if b.cookies[sessionCookie] == before {
		t.Error("the session has the id that it had before the second step")
	}
	b.isIn(true)
	if got := w.entries("factor.step", "done", id); got != 1 {
		t.Errorf("the audit log has %d second steps, want 1", got)
	}
}

func TestTheSecondStepTakesFiveMinutesAtMost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	key := newSecret()
	w.person("zoe", false, key)
	b := w.browser("192.0.2.1")
	b.half("zoe")
	w.move(5*time.Minute - time.Second)
	w.want(b.get("/sign-in/second"), http.StatusOK, "a second before")
	w.move(time.Second)
	w.want(b.post("/sign-in/second", "code", w.code(key)), http.StatusUnauthorized, "after five minutes")
	if got := b.get("/").to(); !strings.HasPrefix(got, "/sign-in?") {
		t.Errorf("afterwards: leads to %q, want sign-in", got)
	}
}

// Defect D16: the one before took a code as often as it was shown.
func TestACodeIsTakenOnceAndNoEarlierOneAfterIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	key := newSecret()
	id := w.person("zoe", false, key)
	older, err := CodeAt(key, w.Now().Add(-period*time.Second))
	w.must(err)
	code := w.code(key)
	w.browser("192.0.2.1").enter("zoe", key)
	for what, replayed := range map[string]string{"the same code": code, "the code of the step before": older} {
		b := w.browser("192.0.2.2")
		b.half("zoe")
		w.want(b.post("/sign-in/second", "code", replayed), http.StatusUnprocessableEntity, what)
		b.isIn(false)
	}
	w.move(period * time.Second)
	b := w.browser("192.0.2.3")
	b.half("zoe")
	w.want(b.post("/sign-in/second", "code", code), http.StatusUnprocessableEntity, "the same code a step later")
	w.want(b.post("/sign-in/second", "code", w.code(key)), http.StatusSeeOther, "the next code")
	if got := w.entries("factor.step", "failed", id); got != 3 {
		t.Errorf("the audit log has %d failures, want 3", got)
	}

	// Behind the back of the handlers, too.
	if err := w.agency.Update(t.Context(), func(tx *tenancy.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE agency.factors SET last_step = last_step - 1`)
		return err
	}); err == nil {
		t.Error("the step of a factor went back")
	}
}

func TestOfManyRequestsWithOneCodeOneGetsIn(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"app", "recovery"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			key := newSecret()
			id := w.person("zoe", false, key)
			code := w.code(key)
			if kind == "recovery" {
				code = w.recoveryCodes(id)[0]
			}
			const many = 4
			var browsers []*browser
			for i := range many {
				b := w.browser(fmt.Sprintf("192.0.2.%d", i+1))
				b.half("zoe")
				browsers = append(browsers, b)
			}
			var mu sync.Mutex
			got := map[int]int{}
			var wait sync.WaitGroup
			for _, b := range browsers {
				wait.Go(func() {
					page := b.ask(b.form("/sign-in/second", "code", code))
					mu.Lock()
					defer mu.Unlock()
					got[page.StatusCode]++
				})
			}
			wait.Wait()
			if got[http.StatusSeeOther] != 1 || got[http.StatusUnprocessableEntity] != many-1 {
				t.Errorf("got %v, want one in and %d refused", got, many-1)
			}
		})
	}
}

// recoveryCodes makes a set for somebody.
func (w *world) recoveryCodes(id uuid.UUID) (codes []string) {
	w.t.Helper()
	w.update(func(tx *tenancy.Tx) (err error) {
		codes, err = makeCodes(w.t.Context(), tx, id, tenancy.NewID())
		return err
	})
	return codes
}

// Defect D16: the one before had recovery codes that no field took.
func TestARecoveryCodeSignsInOnceHoweverItIsTyped(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.person("zoe", false, newSecret())
	other := w.person("ada", false, newSecret())
	old, codes := w.recoveryCodes(id), w.recoveryCodes(id)
	if len(codes) != 10 {
		t.Fatalf("got %d codes, want 10", len(codes))
	}
	foreign := w.recoveryCodes(other)
	try := func(login, code string) int {
		b := w.browser("192.0.2." + fmt.Sprint(1+w.tries()))
		b.half(login)
		return b.post("/sign-in/second", "code", code).StatusCode
	}
	for what, typed := range map[string]string{
		"lower case": strings.ToLower(codes[0]), "without hyphens": strings.ReplaceAll(codes[1], "-", ""),
		"with spaces":      " " + strings.ReplaceAll(codes[2], "-", "  ") + " ",
		"with look-alikes": strings.NewReplacer("0", "o", "1", "l").Replace(codes[3]),
	} {
		if got := try("zoe", typed); got != http.StatusSeeOther {
			t.Errorf("%s: got %d, want 303", what, got)
		}
	}
	for what, typed := range map[string]string{
		"used already": codes[0], "of an older set": old[5], "of a colleague": foreign[0], "half of one": codes[5][:7], "nothing like it": "AAAA-AAAA-AAAA",
	} {
		if got := try("zoe", typed); got != http.StatusUnprocessableEntity {
			t.Errorf("%s: got %d, want 422", what, got)
		}
	}
	if got := try("ada", foreign[0]); got != http.StatusSeeOther {
		t.Errorf("the colleague's own: got %d, want 303", got)
	}
}

// tries counts, so that each browser has an address of its own.
func (w *world) tries() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(time.Nanosecond)
	return int(w.now.UnixNano() % 200)
}

func TestACodeOfAnotherAccountOrAgencyProvesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mine, hers := newSecret(), newSecret()
	w.person("zoe", false, mine)
	w.person("ada", false, hers)
	foreign := newSecret()
	w.personAt(w.other, "zoe", false, foreign)
	for what, key := range map[string]string{"a colleague's": hers, "one of the same name at another agency": foreign} {
		b := w.browser("192.0.2.1")
		b.half("zoe")
		w.want(b.post("/sign-in/second", "code", w.code(key)), http.StatusUnprocessableEntity, what)
		b.isIn(false)
	}
	// A full session of the other agency opens nothing here.
	there := w.browser("192.0.2.9")
	there.host = w.other.Host
	there.enter("zoe", foreign)
	there.host = w.agency.Host
	there.isIn(false)
}

func TestGuessingCodesIsSlowedAsGuessingPasswordsIs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	key := newSecret()
	id := w.person("zoe", false, key)
	own := w.browser("198.51.100.7") // the owner's, known from here on
	own.enter("zoe", key)

	thief := w.browser("192.0.2.1")
	thief.half("zoe")
	var text string
	for range 8 {
		got := thief.post("/sign-in/second", "code", w.wrong(key))
		w.want(got, http.StatusUnprocessableEntity, "a guess")
		text = tokenPattern.ReplaceAllString(got.text, "")
	}
	if got := w.entries("factor.step", "failed", id); got != 5 {
		t.Errorf("%d guesses were looked at, want 5", got)
	}
	next, err := CodeAt(key, w.Now().Add(period*time.Second))
	w.must(err)
	got := thief.post("/sign-in/second", "code", next)
	w.want(got, http.StatusUnprocessableEntity, "the right code while it waits")
	if diff := tokenPattern.ReplaceAllString(got.text, ""); diff != text {
		t.Error("a try that was not looked at is answered otherwise than a wrong one")
	}

	// The owner is not kept out: her browser is known.
	w.move(period * time.Second)
	own.post("/sign-out")
	own.enter("zoe", key)
	// And nobody for ever.
	w.move(20 * time.Minute)
	later := w.browser("192.0.2.1")
	later.enter("zoe", key)
}

func TestEveryFailureIsAnsweredAfterTheSameTime(t *testing.T) {
	t.Parallel()
	h := &Handlers{AnswerAfter: 40 * time.Millisecond}
	for _, took := range []time.Duration{0, 10 * time.Millisecond, 45 * time.Millisecond} {
		began := time.Now().Add(-took)
		if err := h.late(t.Context(), began); err != nil {
			t.Fatal(err)
		}
		if got, least := time.Since(began), took.Truncate(40*time.Millisecond)+40*time.Millisecond; got < least {
			t.Errorf("after %s of work: answered at %s, want not before %s", took, got, least)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := h.late(ctx, time.Now()); err == nil {
		t.Error("waits for somebody who has gone")
	}
}

func TestWithoutRedisNobodyPassesTheSecondStep(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	key := newSecret()
	w.person("zoe", false, key)
	b := w.browser("192.0.2.1")
	b.half("zoe")
	w.must(w.redis.Close())
	w.want(b.post("/sign-in/second", "code", w.code(key)), http.StatusServiceUnavailable, "without Redis")
}

func TestADumpOfRedisHoldsNothingOfAFactor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	key := newSecret()
	id := w.person("zoe", false, key)
	b := w.browser("192.0.2.1")
	b.enter("zoe", key)
	w.must(w.base.Platform.Ready(t.Context()))
	keys, err := w.redis.Keys(t.Context(), "*").Result()
	w.must(err)
	for _, name := range keys {
		value, _ := w.redis.Dump(t.Context(), name).Result()
		for what, text := range map[string]string{"the secret": key, "who she is": id.String(), "the strength": `"full"`} {
			if strings.Contains(name+value, text) {
				t.Errorf("%s holds %s", name, what)
			}
		}
	}
	// Nobody who can write there makes a half session a full one: the value is sealed.
	half := w.browser("192.0.2.2")
	w.move(time.Minute)
	half.half("zoe")
	w.move(time.Minute)
	full := b.cookies[sessionCookie]
	if _, err := w.sessions.Load(t.Context(), w.agency.ID, full); err != nil {
		t.Fatal(err)
	}
	var fullKey, halfKey string
	for _, name := range mustKeys(t, w, "s:*") {
		if slicesHas(keys, name) {
			fullKey = name
		} else {
			halfKey = name
		}
	}
	value, err := w.redis.Get(t.Context(), fullKey).Result()
	w.must(err)
	w.must(w.redis.Set(t.Context(), halfKey, value, time.Hour).Err())
	half.isIn(false)
}

func mustKeys(t *testing.T, w *world, pattern string) []string {
	t.Helper()
	keys, err := w.redis.Keys(t.Context(), pattern).Result()
	w.must(err)
	var own []string
	for _, key := range keys {
		if strings.Contains(key, w.agency.ID.String()) {
			own = append(own, key)
		}
	}
	return own
}

func slicesHas(list []string, text string) bool {
	for _, item := range list {
		if item == text {
			return true
		}
	}
	return false
}

func TestWhatEndsSessionsEndsHalfAndProvedOnes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	key := newSecret()
	id := w.person("zoe", false, key)
	b := w.browser("192.0.2.1")
	b.half("zoe")
	w.move(time.Second)
	// Ended in the database alone, as when Redis was down: a second step that comes after
	// does not bring it back.
	w.update(func(tx *tenancy.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE agency.staff SET sessions_from = $2 WHERE id = $1`, id, tx.Now())
		return err
	})
	w.want(b.post("/sign-in/second", "code", w.code(key)), http.StatusUnauthorized, "after all sessions were ended")
	b.isIn(false)
}

func TestProvingKeepsTheEndOfASession(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.person("zoe", false)
	began := w.Now()
	s, err := w.sessions.Start(t.Context(), w.agency.ID, id, began, session.Password, 0)
	w.must(err)
	w.move(time.Minute)
	proved, err := w.sessions.Prove(t.Context(), s, session.Full)
	w.must(err)
	if !proved.StartedAt.Equal(began) || !proved.ProvedAt.Equal(w.Now()) || proved.Strength != session.Full {
		t.Errorf("got begun %s, proved %s, %s; want begun %s, proved %s, full", proved.StartedAt, proved.ProvedAt, proved.Strength, began, w.Now())
	}
	if _, err := w.sessions.Load(t.Context(), w.agency.ID, s.Token().Cookie()); err == nil {
		t.Error("the old cookie still opens the session")
	}
}
