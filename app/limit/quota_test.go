package limit

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

func TestAQuotaIsCountedExactlyAndComesBackEvenly(t *testing.T) {
	t.Parallel()
	b := setup(t)
	allow := func() bool {
		wait, err := b.Allow(t.Context(), Search, b.agency, "staff", "192.0.2.1")
		if err != nil {
			t.Error(err)
		}
		return wait == 0
	}
	var through atomic.Int32
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			for range 4 {
				if allow() {
					through.Add(1)
				}
			}
		})
	}
	all.Wait()
	if got := through.Load(); got != 240 {
		t.Errorf("got %d of 400 through, want 240", got)
	}
	wait, err := b.Allow(t.Context(), Search, b.agency, "staff", "192.0.2.1")
	if err != nil || wait != 250*time.Millisecond {
		t.Errorf("got %v, %v, want a wait of 250ms", wait, err)
	}
	b.clock.forward(time.Second)
	got := 0
	for allow() {
		got++
	}
	if got != 4 {
		t.Errorf("after a second: got %d turns, want 4", got)
	}
}

func TestARefusedQuotaTakesNoTurnElsewhere(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for range 10 {
		if wait, err := b.Allow(t.Context(), Confirm, b.agency, "first", "192.0.2.1"); err != nil || wait > 0 {
			t.Fatal(wait, err)
		}
	}
	for range 100 {
		if wait, _ := b.Allow(t.Context(), Confirm, b.agency, "first", "192.0.2.1"); wait == 0 {
			t.Fatal("an eleventh turn")
		}
	}
	// The network has 60 turns and has given ten.
	for n := range 50 {
		if wait, err := b.Allow(t.Context(), Confirm, b.agency, fmt.Sprint("staff", n), "192.0.2.1"); err != nil || wait > 0 {
			t.Fatalf("turn %d: got %v, %v", n, wait, err)
		}
	}
	if wait, _ := b.Allow(t.Context(), Confirm, b.agency, "last", "192.0.2.1"); wait == 0 {
		t.Error("the network has a 61st turn")
	}
}

func TestWithoutRedisSignInIsClosedAndReadingOpen(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_ = b.client.Close()
	if _, err := b.Try(t.Context(), b.attempt()); !errors.Is(err, ErrUnavailable) {
		t.Errorf("try: got %v, want ErrUnavailable", err)
	}
	if err := b.Succeeded(t.Context(), b.attempt()); !errors.Is(err, ErrUnavailable) {
		t.Errorf("succeeded: got %v, want ErrUnavailable", err)
	}
	if _, err := b.Allow(t.Context(), Confirm, b.agency, "staff", "192.0.2.1"); !errors.Is(err, ErrUnavailable) {
		t.Errorf("confirm: got %v, want ErrUnavailable", err)
	}
	if wait, err := b.Allow(t.Context(), Search, b.agency, "staff", "192.0.2.1"); wait != 0 || err != nil {
		t.Errorf("search: got %v, %v, want to pass", wait, err)
	}
	if wait := b.Request(t.Context(), b.agency); wait != 0 {
		t.Errorf("request: got %v, want to pass", wait)
	}
	if got := testutil.ToFloat64(b.opened.WithLabelValues(string(Search))); got != 1 {
		t.Errorf("metric: got %v, want 1", got)
	}
}

func TestOneAgencyCannotTakeThePlatform(t *testing.T) {
	t.Parallel()
	b := setup(t)
	count := func(agency uuid.UUID, processes ...*Limits) (through int) {
		for n := range 5000 {
			if processes[n%len(processes)].Request(t.Context(), agency) == 0 {
				through++
			}
		}
		return through
	}
	second, err := New(b.client, []byte(b.agency.String()), b.clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	if got := count(b.agency, b.Limits, second); got != 2000 {
		t.Errorf("got %d of 5,000 requests at once through two processes, want 2,000", got)
	}
	if wait := b.Request(t.Context(), b.agency); wait <= 0 || wait > time.Second {
		t.Errorf("got a wait of %v, want more than none and at most a second", wait)
	}
	if got := count(uuid.Must(uuid.NewV7()), b.Limits); got != 2000 {
		t.Errorf("another agency: got %d, want 2,000", got)
	}
	b.clock.forward(5 * time.Second)
	if got := count(b.agency, b.Limits, second); got != 1000 {
		t.Errorf("five seconds later: got %d, want 1,000", got)
	}
}

func TestTheTableIsWhole(t *testing.T) {
	t.Parallel()
	seen := map[Name]bool{}
	for _, rule := range Rules {
		if seen[rule.Name] || rule.What == "" || !Known(rule.Name) || rule.Account == (Quota{}) && rule.Network == (Quota{}) && rule.Agency == (Quota{}) {
			t.Errorf("%q is there twice, or says nothing, or counts nothing", rule.Name)
		}
		seen[rule.Name] = true
	}
	if Known("nothing") {
		t.Error("a limit that is not in the table is known")
	}
	b := setup(t)
	if _, err := b.Allow(t.Context(), "nothing", b.agency, "staff", "192.0.2.1"); err == nil {
		t.Error("a limit that is not in the table lets through")
	}
}

func TestNetworks(t *testing.T) {
	t.Parallel()
	for ip, want := range map[string][2]string{
		"198.51.100.7":           {"198.51.100.7/32", "198.51.100.0/24"},
		"::ffff:198.51.100.7":    {"198.51.100.7/32", "198.51.100.0/24"},
		"2001:db8:1:2:3:4:5:6":   {"2001:db8:1:2::/64", "2001:db8:1::/48"},
		"fe80::1%eth0":           {"fe80::/64", "fe80::/48"},
		"":                       {"unknown", "unknown"},
		"198.51.100.7, 10.0.0.1": {"unknown", "unknown"},
	} {
		address, network := networks(ip)
		if got := [2]string{address, network}; got != want {
			t.Errorf("networks(%q): got %v, want %v", ip, got, want)
		}
	}
}

func TestUnmeteredQuotasStillGuardAccounts(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.Unmeter()
	for range 5000 {
		if b.Request(t.Context(), b.agency) > 0 {
			t.Fatal("requests are counted")
		}
	}
	refused := 0
	for range 20 {
		if wait, err := b.Allow(t.Context(), Confirm, b.agency, "staff", "192.0.2.1"); err != nil || wait > 0 {
			refused++
		}
	}
	if refused != 10 {
		t.Errorf("confirm: got %d refused of 20, want 10", refused)
	}
	for range 6 {
		b.try(t, b.attempt())
	}
	if b.try(t, b.attempt()) {
		t.Error("sign-in is not counted")
	}
}
