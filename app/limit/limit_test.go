package limit

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"konote/embedded/redistest"
)

var address string

func TestMain(m *testing.M) { os.Exit(redistest.Main(m, &address)) }

// clock is moved by hand.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.now }

func (c *clock) forward(d time.Duration) { c.mu.Lock(); c.now = c.now.Add(d); c.mu.Unlock() }

type bundle struct {
	*Limits
	client *redis.Client
	clock  *clock
	agency uuid.UUID
}

func setup(t *testing.T) *bundle {
	t.Helper()
	options, err := redis.ParseURL(address)
	if err != nil {
		t.Fatal(err)
	}
	b := &bundle{client: redis.NewClient(options), agency: uuid.Must(uuid.NewV7()),
		clock: &clock{now: time.Date(2026, 2, 10, 9, 0, 0, 0, time.UTC)}}
	t.Cleanup(func() { _ = b.client.Close() })
	// A secret of its own gives each test counters of its own.
	if b.Limits, err = New(b.client, []byte(b.agency.String()), b.clock.Now); err != nil {
		t.Fatal(err)
	}
	return b
}

// try makes a wrong guess; it says whether it was let through.
func (b *bundle) try(t *testing.T, a Attempt) bool {
	t.Helper()
	wait, err := b.Try(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	return wait == 0
}

// guesses counts how many guesses get through in a time, made as often as allowed.
func (b *bundle) guesses(t *testing.T, within time.Duration, attempt func(n int) Attempt) int {
	t.Helper()
	end := b.clock.Now().Add(within)
	made := 0
	for b.clock.Now().Before(end) {
		wait, err := b.Try(t.Context(), attempt(made))
		if err != nil {
			t.Fatal(err)
		}
		if wait == 0 {
			made++
			continue
		}
		b.clock.forward(wait)
	}
	return made
}

func (b *bundle) attempt() Attempt {
	return Attempt{Agency: b.agency, Account: "noor@northside.example", IP: "198.51.100.7", Device: "attacker"}
}

func TestWaitingGrowsWithGuesses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for n := range PairLadder.Free {
		if !b.try(t, b.attempt()) {
			t.Fatalf("try %d was refused", n+1)
		}
	}
	var waits []string
	for range 9 {
		wait, err := b.Try(t.Context(), b.attempt())
		if err != nil {
			t.Fatal(err)
		}
		waits = append(waits, wait.String())
		b.clock.forward(wait)
		if !b.try(t, b.attempt()) {
			t.Fatal("refused after the wait")
		}
	}
	if got, want := strings.Join(waits, " "), "10s 20s 40s 1m20s 2m40s 5m20s 5m20s 10m40s 10m40s"; got != want {
		t.Errorf("waits: got %s, want %s", got, want)
	}
}

func TestGuessesAtTheSameTimeAreCountedExactly(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var through atomic.Int32
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			if b.try(t, b.attempt()) {
				through.Add(1)
			}
		})
	}
	all.Wait()
	if got := int(through.Load()); got != PairLadder.Free {
		t.Errorf("got %d of 100 through, want %d", got, PairLadder.Free)
	}
}

func TestOneNetworkGetsAboutAHundredGuessesADay(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if got := b.guesses(t, 24*time.Hour, func(int) Attempt { return b.attempt() }); got > 110 {
		t.Errorf("got %d guesses at one account in a day, want at most 110", got)
	}
}

func TestABotnetGetsAboutAHundredAndFiftyGuessesADay(t *testing.T) {
	t.Parallel()
	b := setup(t)
	got := b.guesses(t, 24*time.Hour, func(n int) Attempt {
		a := b.attempt()
		a.IP = fmt.Sprintf("203.%d.%d.%d", n/65536%256, n/256%256, n%256)
		a.Device = fmt.Sprint("bot ", n)
		return a
	})
	if got > 170 {
		t.Errorf("got %d guesses at one account from many networks in a day, want at most 170", got)
	}
}

func TestOneAddressCannotSprayAPassword(t *testing.T) {
	t.Parallel()
	b := setup(t)
	got := b.guesses(t, time.Hour, func(n int) Attempt {
		a := b.attempt()
		a.Account = fmt.Sprint("account", n)
		return a
	})
	if got > AddressLadder.Free+65 {
		t.Errorf("got %d accounts tried from one address in an hour, want at most %d", got, AddressLadder.Free+65)
	}
}

func TestSwitchingAddressesWithinANetworkDoesNotHelp(t *testing.T) {
	t.Parallel()
	for name, ip := range map[string]string{"IPv4": "198.51.100.%d", "IPv6": "2001:db8:1:%x::1"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			got := b.guesses(t, 10*time.Minute, func(n int) Attempt {
				a := b.attempt()
				a.Account = fmt.Sprint("account", n)
				a.IP = fmt.Sprintf(ip, n%250+1)
				return a
			})
			if got > NetworkLadder.Free+35 {
				t.Errorf("got %d tries from one network in ten minutes, want at most %d", got, NetworkLadder.Free+35)
			}
		})
	}
	b := setup(t)
	got := b.guesses(t, time.Minute, func(n int) Attempt { // one machine has a whole /64
		a := b.attempt()
		a.IP = fmt.Sprintf("2001:db8:1:1::%x", n+1)
		return a
	})
	if got > PairLadder.Free+3 {
		t.Errorf("got %d guesses from one /64 in a minute, want at most %d", got, PairLadder.Free+3)
	}
}

func TestAnAttackerCannotLockAColleagueOut(t *testing.T) {
	t.Parallel()
	b := setup(t)
	colleague := b.attempt()
	colleague.Device = "her own browser"
	if !b.try(t, colleague) {
		t.Fatal("her first try was refused")
	}
	if err := b.Succeeded(t.Context(), colleague); err != nil {
		t.Fatal(err)
	}
	// The attacker sits in the same office, and has a botnet as well.
	for n := range 400 {
		a := b.attempt()
		if n%2 == 0 {
			a.IP = fmt.Sprintf("203.0.%d.%d", n/250, n%250)
		}
		b.try(t, a)
	}
	if b.try(t, b.attempt()) {
		t.Error("the attacker is not slowed down")
	}
	if !b.try(t, colleague) {
		t.Error("the colleague is locked out of her own browser")
	}
	// From a new browser she waits, for minutes and not for ever.
	colleague.Device, colleague.IP = "her new telephone", "192.0.2.200"
	wait, err := b.Try(t.Context(), colleague)
	if err != nil || wait > 15*time.Minute {
		t.Errorf("from a new browser: got %v, %v, want at most 15m", wait, err)
	}
}

func TestAKnownDeviceMayNotGuessForEver(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.attempt()
	b.try(t, a)
	if err := b.Succeeded(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	if got := b.guesses(t, 24*time.Hour, func(int) Attempt { return a }); got > 110 {
		t.Errorf("got %d guesses in a day on a known device, want at most 110", got)
	}
	a.Account = "somebody.else@northside.example"
	for range PairLadder.Free {
		b.try(t, a)
	}
	if b.try(t, a) {
		t.Error("a device known to one account goes past the counters of another one")
	}
}

func TestSuccessForgetsTries(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for range 200 { // an office of 200 who all sign in at nine, from one address
		a := b.attempt()
		a.Account, a.Device = uuid.NewString(), uuid.NewString()
		if !b.try(t, a) {
			t.Fatal("an honest sign-in was refused")
		}
		if err := b.Succeeded(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
	for range PairLadder.Free - 1 {
		b.try(t, b.attempt())
	}
	b.try(t, b.attempt())
	if err := b.Succeeded(t.Context(), b.attempt()); err != nil {
		t.Fatal(err)
	}
	for n := range PairLadder.Free {
		if !b.try(t, b.attempt()) {
			t.Errorf("try %d after a success was refused", n+1)
		}
	}
}

func TestATryThatCameToNothingIsGivenBack(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for range 50 {
		if !b.try(t, b.attempt()) {
			t.Fatal("refused although every try was given back")
		}
		if err := b.Release(t.Context(), b.attempt()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestCountersLapse(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for range 12 {
		b.clock.forward(time.Hour)
		for range 20 {
			b.try(t, b.attempt())
		}
	}
	b.clock.forward(24 * time.Hour)
	for n := range PairLadder.Free {
		if !b.try(t, b.attempt()) {
			t.Errorf("a day later try %d is refused", n+1)
		}
	}
	for _, key := range b.keys(t) {
		if ttl := b.client.TTL(t.Context(), key).Val(); ttl <= 0 || ttl > 24*time.Hour {
			t.Errorf("a counter lives for %v", ttl)
		}
	}
}

func TestCountersSurviveANewProcessAndCountTogether(t *testing.T) {
	t.Parallel()
	b := setup(t)
	second, err := New(b.client, []byte(b.agency.String()), b.clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	for range PairLadder.Free {
		b.try(t, b.attempt())
	}
	if wait, err := second.Try(t.Context(), b.attempt()); err != nil || wait == 0 {
		t.Errorf("a second process: got %v, %v, want a wait", wait, err)
	}
}

func TestWaysOfTypingAreOneAccount(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for n, account := range []string{"noor@northside.example", " Noor@Northside.example", "NOOR@NORTHSIDE.EXAMPLE ", "noor@northside.example\x00", "nOOr@northside.example"} {
		a := b.attempt()
		a.Account = account
		if !b.try(t, a) {
			t.Fatalf("try %d was refused", n+1)
		}
	}
	if b.try(t, b.attempt()) {
		t.Error("other ways of typing gave more tries")
	}
}

func TestAgenciesAreCountedApart(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for range 10 {
		b.try(t, b.attempt())
	}
	a := b.attempt()
	a.Agency = uuid.Must(uuid.NewV7())
	if !b.try(t, a) {
		t.Error("tries at one agency count at another one")
	}
}

func TestADumpOfRedisNamesNobody(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.attempt()
	b.try(t, a)
	if err := b.Succeeded(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	b.try(t, a)
	if _, err := b.Allow(t.Context(), Confirm, b.agency, a.Account, a.IP); err != nil {
		t.Fatal(err)
	}
	var dump strings.Builder
	for _, key := range b.client.Keys(t.Context(), "*").Val() { // other tests' too: nothing of them either
		dump.WriteString(key + "\n")
		switch b.client.Type(t.Context(), key).Val() {
		case "string":
			dump.WriteString(b.client.Get(t.Context(), key).Val() + "\n")
		case "hash":
			dump.WriteString(fmt.Sprintln(b.client.HGetAll(t.Context(), key).Val()))
		}
	}
	if dump.Len() < 200 {
		t.Fatalf("the dump has %d bytes: nothing was looked at", dump.Len())
	}
	for _, secret := range []string{"noor", "northside", "198.51", "attacker", b.agency.String(), string(b.agency[:]), "sign_in"} {
		if strings.Contains(strings.ToLower(dump.String()), secret) {
			t.Errorf("the dump contains %q", secret)
		}
	}
}

func (b *bundle) keys(t *testing.T) []string {
	t.Helper()
	keys, _ := b.ladders(b.attempt())
	var found []string
	for _, key := range keys {
		if b.client.Exists(t.Context(), key).Val() == 1 {
			found = append(found, key)
		}
	}
	if len(found) < 3 {
		t.Fatalf("got %d counters in Redis, want more", len(found))
	}
	return found
}
