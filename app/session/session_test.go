package session

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"konote/embedded/redistest"
)

var address string

func TestMain(m *testing.M) { os.Exit(redistest.Main(m, &address)) }

var secret = []byte("a secret of the platform, 32 bytes and more")

// clock is moved by hand.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.now }

func (c *clock) forward(d time.Duration) { c.mu.Lock(); c.now = c.now.Add(d); c.mu.Unlock() }

// bundle is a store, its Redis, a moved clock, an agency and a member of staff.
type bundle struct {
	*Store
	client        *redis.Client
	clock         *clock
	agency, staff uuid.UUID
}

func setup(t *testing.T) *bundle {
	t.Helper()
	client, err := Dial(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	b := &bundle{client: client, clock: &clock{now: time.Date(2026, 2, 10, 9, 0, 0, 0, time.UTC)},
		agency: uuid.Must(uuid.NewV7()), staff: uuid.Must(uuid.NewV7())}
	if b.Store, err = New(client, secret, b.clock.Now); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bundle) start(t *testing.T) *Session {
	t.Helper()
	s, err := b.Start(t.Context(), b.agency, b.staff, b.clock.Now(), Password, 30*time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// wantNone checks that a cookie opens nothing.
func (b *bundle) wantNone(t *testing.T, agency uuid.UUID, cookie string) {
	t.Helper()
	if s, err := b.Load(t.Context(), agency, cookie); !errors.Is(err, ErrNone) || s != nil {
		t.Errorf("load: got %v, %v, want ErrNone", s, err)
	}
}

func (b *bundle) load(t *testing.T, cookie string) *Session {
	t.Helper()
	s, err := b.Load(t.Context(), b.agency, cookie)
	if err != nil {
		t.Fatalf("load: %v", err)
	}
	return s
}

func TestASessionComesBackAsItWasStarted(t *testing.T) {
	t.Parallel()
	b := setup(t)
	started := b.start(t)
	got := b.load(t, started.Token().Cookie())
	want := Session{Staff: b.staff, Agency: b.agency, Strength: Password, StartedAt: b.clock.Now(), ProvedAt: b.clock.Now(), SeenAt: b.clock.Now(), IdleLimit: 30 * time.Minute}
	if diff := cmp.Diff(want, *got, cmp.FilterPath(func(p cmp.Path) bool {
		name := p.Last().String()
		return name == ".token" || name == ".key" || name == ".stored"
	}, cmp.Ignore())); diff != "" {
		t.Error(diff)
	}
}

func TestACookieOpensNothingAtAnotherAgency(t *testing.T) {
	t.Parallel()
	b := setup(t)
	cookie := b.start(t).Token().Cookie()
	other := uuid.Must(uuid.NewV7())
	b.wantNone(t, other, cookie)

	// Not even when somebody copies the value to the key that it would have there.
	token, _ := parseToken(cookie)
	value := b.client.Get(t.Context(), token.key(b.agency)).Val()
	b.client.Set(t.Context(), token.key(other), value, time.Minute)
	b.wantNone(t, other, cookie)
}

func TestWhatIsNoCookieOpensNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	cookie := b.start(t).Token().Cookie()
	altered := []byte(cookie)
	altered[len(altered)-5] ^= 1
	for _, bad := range []string{"", "x", cookie[:85], cookie + "A", cookie[43:] + cookie[:43], strings.Repeat("A", 86), strings.Repeat("é", 43),
		string(altered), strings.Repeat("\x00", 86)} {
		b.wantNone(t, b.agency, bad)
	}
}

func TestADumpOfRedisOpensNothingAndNamesNobody(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := b.start(t)
	if err := b.SetFlash(t.Context(), s, map[string]string{"en": "Aiyana Blackwood was saved"}); err != nil {
		t.Fatal(err)
	}
	cookie := s.Token().Cookie()
	raw, _ := base64.RawURLEncoding.DecodeString(cookie)

	var dump strings.Builder
	for _, key := range b.client.Keys(t.Context(), "*"+b.agency.String()+"*").Val() {
		dump.WriteString(key + "\n")
		if b.client.Type(t.Context(), key).Val() == "string" {
			dump.WriteString(b.client.Get(t.Context(), key).Val() + "\n")
			continue
		}
		dump.WriteString(strings.Join(b.client.ZRange(t.Context(), key, 0, -1).Val(), "\n"))
	}
	if dump.Len() < 200 {
		t.Fatalf("the dump has %d bytes: nothing was looked at", dump.Len())
	}
	for name, secret := range map[string]string{
		"cookie": cookie, "id": string(raw[:32]), "secret": string(raw[32:]), "id as text": cookie[:42], "secret as text": cookie[44:],
		"staff": b.staff.String(), "staff bytes": string(b.staff[:]), "flash": "Aiyana", "field": "staff",
	} {
		if strings.Contains(dump.String(), secret) {
			t.Errorf("the dump contains the %s", name)
		}
	}

	// With everything in Redis and the secret of the platform, but without the cookie,
	// every cookie that can be made of the dump fails.
	token := s.Token()
	hash := strings.TrimPrefix(token.key(b.agency), "s:"+tag(b.agency))
	b.wantNone(t, b.agency, hash+hash)
	token.secret = [32]byte{}
	b.wantNone(t, b.agency, token.Cookie())
}

func TestWritingToRedisMakesNoSession(t *testing.T) {
	t.Parallel()
	b := setup(t)
	// An attacker who may write knows the code and chooses id and secret.
	forger, err := New(b.client, []byte("another secret that is 32 bytes long"), b.clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	forged, err := forger.Start(t.Context(), b.agency, b.staff, b.clock.Now(), Password, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	b.wantNone(t, b.agency, forged.Token().Cookie())

	// Nor does giving an own session's value another one's key.
	mine, theirs := b.start(t), b.start(t)
	b.client.Set(t.Context(), theirs.key, mine.stored, time.Hour)
	b.wantNone(t, b.agency, theirs.Token().Cookie())
}

func TestASessionEndsAfterItsIdleTime(t *testing.T) {
	t.Parallel()
	b := setup(t)
	cookie := b.start(t).Token().Cookie()
	b.clock.forward(29 * time.Minute)
	if err := b.Touch(t.Context(), b.load(t, cookie), 30*time.Minute); err != nil {
		t.Fatal(err)
	}
	b.clock.forward(29*time.Minute + 59*time.Second)
	s := b.load(t, cookie)
	if got := s.Left(b.clock.Now()); got != time.Second {
		t.Errorf("left: got %v, want 1s", got)
	}
	b.clock.forward(time.Second)
	b.wantNone(t, b.agency, cookie)
}

func TestCheckingDoesNotKeepASessionAlive(t *testing.T) {
	t.Parallel()
	b := setup(t)
	cookie := b.start(t).Token().Cookie()
	for range 5 {
		b.clock.forward(5 * time.Minute)
		if err := b.Check(t.Context(), b.load(t, cookie), 30*time.Minute); err != nil {
			t.Fatal(err)
		}
	}
	b.clock.forward(5 * time.Minute)
	b.wantNone(t, b.agency, cookie)
}

func TestAShorterSettingEndsOlderSessions(t *testing.T) {
	t.Parallel()
	b := setup(t)
	cookie := b.start(t).Token().Cookie()
	b.clock.forward(10 * time.Minute)
	if err := b.Touch(t.Context(), b.load(t, cookie), 5*time.Minute); !errors.Is(err, ErrNone) {
		t.Errorf("touch: got %v, want ErrNone", err)
	}
	b.wantNone(t, b.agency, cookie)
}

func TestASessionEndsAfterTwelveHoursHoweverBusy(t *testing.T) {
	t.Parallel()
	b := setup(t)
	cookie := b.start(t).Token().Cookie()
	for range 12*6 - 1 {
		b.clock.forward(10 * time.Minute)
		if err := b.Touch(t.Context(), b.load(t, cookie), 480*time.Minute); err != nil {
			t.Fatal(err)
		}
	}
	s := b.load(t, cookie)
	if s, err := b.Rotate(t.Context(), s, s.StartedAt); err != nil {
		t.Fatal(err)
	} else {
		cookie = s.Token().Cookie()
	}
	b.clock.forward(10 * time.Minute)
	b.wantNone(t, b.agency, cookie)
}

func TestABusySessionIsWrittenSeldom(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := b.start(t)
	writes := 0
	for range 600 { // ten minutes, a request a second
		b.clock.forward(time.Second)
		before := s.stored
		if err := b.Touch(t.Context(), s, 30*time.Minute); err != nil {
			t.Fatal(err)
		}
		if s.stored != before {
			writes++
		}
	}
	if writes != 30 {
		t.Errorf("got %d writes, want 30", writes)
	}
}

func TestRotationEndsTheOldCookieAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	old := b.start(t)
	fresh, err := b.Rotate(t.Context(), old, old.StartedAt)
	if err != nil {
		t.Fatal(err)
	}
	b.wantNone(t, b.agency, old.Token().Cookie())
	if got := b.load(t, fresh.Token().Cookie()); got.Staff != b.staff || !got.StartedAt.Equal(old.StartedAt) {
		t.Errorf("got %v since %v, want the same person since %v", got.Staff, got.StartedAt, old.StartedAt)
	}
	if _, err := b.Rotate(t.Context(), old, old.StartedAt); !errors.Is(err, ErrNone) {
		t.Errorf("rotate again: got %v, want ErrNone", err)
	}
}

// Whoever holds a session could otherwise keep it for ever, by ending the others.
func TestANewIdDoesNotBeginTheTwelveHoursAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := b.start(t)
	began := s.StartedAt
	b.client.PExpire(t.Context(), b.index(b.agency, b.staff), time.Minute)
	for range 11 {
		b.clock.forward(time.Hour)
		if err := b.Extend(t.Context(), s, MaxIdle); err != nil {
			t.Fatal(err)
		}
		var err error
		if s, err = b.Rotate(t.Context(), s, b.clock.Now()); err != nil {
			t.Fatal(err)
		}
	}
	if got := b.load(t, s.Token().Cookie()); !got.StartedAt.Equal(b.clock.Now()) || got.Left(b.clock.Now()) != time.Hour {
		t.Errorf("after eleven hours: began %v, lives %v more, want a beginning now and an hour", got.StartedAt, got.Left(b.clock.Now()))
	}
	for _, current := range []*Session{s, nil} {
		list, err := b.List(t.Context(), b.agency, b.staff, current, MaxIdle)
		if err != nil || len(list) != 1 || !list[0].Started.Equal(began.Truncate(time.Millisecond)) {
			t.Errorf("got %v, %v, want the one session, begun at %v", list, err, began)
		}
	}
	if ttl := b.client.PTTL(t.Context(), b.index(b.agency, b.staff)).Val(); ttl < Absolute-time.Minute {
		t.Errorf("the list of her sessions is forgotten after %v, want it to outlive them", ttl)
	}
	b.clock.forward(time.Hour)
	b.wantNone(t, b.agency, s.Token().Cookie())
}

func TestAnEndedSessionDoesNotComeBack(t *testing.T) {
	t.Parallel()
	b := setup(t)
	// A request loaded the session, then the person signed out in another tab, and
	// only then the first request writes.
	s := b.start(t)
	slow := b.load(t, s.Token().Cookie())
	if err := b.End(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	for name, write := range map[string]func() error{
		"extend": func() error { return b.Extend(t.Context(), slow, time.Hour) },
		"flash":  func() error { return b.SetFlash(t.Context(), slow, map[string]string{"en": "x"}) },
		"rotate": func() error { _, err := b.Rotate(t.Context(), slow, slow.StartedAt); return err },
	} {
		if err := write(); !errors.Is(err, ErrNone) {
			t.Errorf("%s: got %v, want ErrNone", name, err)
		}
	}
	b.wantNone(t, b.agency, s.Token().Cookie())
	if err := b.End(t.Context(), s); err != nil {
		t.Errorf("end twice: %v", err)
	}
}

func TestSigningOutEverywhereLeavesOthersAlone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	mine := []*Session{b.start(t), b.start(t), b.start(t)}
	rotated, err := b.Rotate(t.Context(), mine[2], mine[2].StartedAt)
	if err != nil {
		t.Fatal(err)
	}
	colleague, err := b.Start(t.Context(), b.agency, uuid.Must(uuid.NewV7()), b.clock.Now(), Password, 0)
	if err != nil {
		t.Fatal(err)
	}
	ended, err := b.EndAll(t.Context(), b.agency, b.staff, mine[0])
	if err != nil || ended != 2 {
		t.Errorf("end all but one: got %d, %v, want 2", ended, err)
	}
	b.load(t, mine[0].Token().Cookie())
	b.load(t, colleague.Token().Cookie())
	b.wantNone(t, b.agency, mine[1].Token().Cookie())
	b.wantNone(t, b.agency, rotated.Token().Cookie())

	if ended, err := b.EndAll(t.Context(), b.agency, b.staff, nil); err != nil || ended != 1 {
		t.Errorf("end all: got %d, %v, want 1", ended, err)
	}
	b.wantNone(t, b.agency, mine[0].Token().Cookie())
}

func TestAFlashIsShownOnceAndSurvivesRequestsBeside(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := b.start(t)
	other := b.load(t, s.Token().Cookie())
	flash := map[string]string{"en": "Saved", "fr": "Enregistré"}
	if err := b.SetFlash(t.Context(), s, flash); err != nil {
		t.Fatal(err)
	}
	b.clock.forward(time.Minute)
	if err := b.Touch(t.Context(), other, 30*time.Minute); err != nil { // knows nothing of the flash
		t.Fatal(err)
	}
	got := make(chan map[string]string, 8)
	var all sync.WaitGroup
	for range cap(got) {
		s := b.load(t, s.Token().Cookie())
		all.Go(func() {
			taken, err := b.TakeFlash(t.Context(), s)
			if err != nil {
				t.Error(err)
			}
			got <- taken
		})
	}
	all.Wait()
	close(got)
	var shown []map[string]string
	for taken := range got {
		if taken != nil {
			shown = append(shown, taken)
		}
	}
	if diff := cmp.Diff([]map[string]string{flash}, shown); diff != "" {
		t.Error(diff)
	}
}

func TestWithoutRedisNobodyIsSignedIn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := b.start(t)
	cookie := s.Token().Cookie()
	ctx := t.Context()
	_ = b.client.Close()
	for name, call := range map[string]func() error{
		"start":   func() error { _, err := b.Start(ctx, b.agency, b.staff, b.clock.Now(), Password, 0); return err },
		"load":    func() error { _, err := b.Load(ctx, b.agency, cookie); return err },
		"extend":  func() error { return b.Extend(ctx, s, 0) },
		"flash":   func() error { return b.SetFlash(ctx, s, nil) },
		"rotate":  func() error { _, err := b.Rotate(ctx, s, s.StartedAt); return err },
		"end":     func() error { return b.End(ctx, s) },
		"end all": func() error { _, err := b.EndAll(ctx, b.agency, b.staff, nil); return err },
		"ping":    func() error { return b.Ping(ctx) },
	} {
		if err := call(); !errors.Is(err, ErrUnavailable) {
			t.Errorf("%s: got %v, want ErrUnavailable", name, err)
		}
	}
}

func TestARedisThatIsGoneIsNoticedQuickly(t *testing.T) {
	t.Parallel()
	client, err := Dial("redis://:wrong-secret@127.0.0.1:1/0")
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	store, err := New(client, secret, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	err = store.Ping(ctx)
	if !errors.Is(err, ErrUnavailable) || ctx.Err() != nil {
		t.Errorf("got %v (%v), want ErrUnavailable soon", err, ctx.Err())
	}
	if strings.Contains(err.Error(), "wrong-secret") {
		t.Errorf("the error holds the password: %v", err)
	}
	if _, err := Dial("redis://user:wrong-secret@host:notaport"); err == nil || strings.Contains(err.Error(), "wrong-secret") {
		t.Errorf("dial: got %v, want an error without the password", err)
	}
}

func TestNothingOfASessionGetsIntoALog(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := b.start(t)
	cookie := s.Token().Cookie()
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "session", s, "value", *s, "token", s.Token())
	text := log.String() + fmt.Sprintf("%v %+v %#v %s %v %#v %v", s, s, s, s, *s, s.Token(), s.Token())
	for name, secret := range map[string]string{"staff": b.staff.String(), "cookie": cookie, "bytes": fmt.Sprint(s.token.secret[:3])[1:8]} {
		if strings.Contains(text, secret) {
			t.Errorf("the log contains the %s: %s", name, text)
		}
	}
}

func TestASecretMustBeLong(t *testing.T) {
	t.Parallel()
	if _, err := New(nil, []byte("short"), time.Now); err == nil {
		t.Error("a short secret was taken")
	}
}

func TestIdleSettingsAreBounded(t *testing.T) {
	t.Parallel()
	for setting, want := range map[time.Duration]time.Duration{0: 30 * time.Minute, time.Minute: 5 * time.Minute, time.Hour: time.Hour, 24 * time.Hour: 480 * time.Minute} {
		if got := Idle(setting); got != want {
			t.Errorf("Idle(%v): got %v, want %v", setting, got, want)
		}
	}
}

func FuzzParseToken(f *testing.F) {
	f.Add(newToken().Cookie())
	f.Add("")
	f.Fuzz(func(t *testing.T, cookie string) {
		token, err := parseToken(cookie)
		if err == nil && token.Cookie() != cookie {
			t.Errorf("%q was taken for %q", cookie, token.Cookie())
		}
	})
}
