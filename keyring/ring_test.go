package keyring

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
)

// These tests run in synctest bubbles: time.Now and timers stand still until every
// goroutine waits, so hours pass at once and exactly.

func TestAHundredRequestsTogetherUnwrapOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVault(t)
		ring := newTestRing(t, v, v.source, Limits{})
		v.addKey(t, ring, agencyA, 1)
		v.set(func(v *vault) { v.latency = time.Second })
		var requests sync.WaitGroup
		for range 100 {
			requests.Go(func() {
				if err := touch(t, ring, agencyA); err != nil {
					t.Errorf("Acquire: %v", err)
				}
			})
		}
		requests.Wait()
		if got := v.count(); got != 1 {
			t.Errorf("unwrapped %d times, want once", got)
		}
	})
}

func TestOneWhoGivesUpDoesNotFailTheOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVault(t)
		ring := newTestRing(t, v, v.source, Limits{})
		v.addKey(t, ring, agencyA, 1)
		v.set(func(v *vault) { v.latency = time.Second })
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		begun := time.Now()
		if _, _, err := ring.Acquire(ctx, agencyA); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Acquire: %v, want the deadline of the caller", err)
		}
		if err := touch(t, ring, agencyA); err != nil {
			t.Errorf("Acquire: %v", err)
		}
		if took := time.Since(begun); took != time.Second || v.count() != 1 {
			t.Errorf("took %s and %d unwraps, want 1s and one", took, v.count())
		}
	})
}

func TestAKeyIsRefreshedBehindTheRequestThatFindsItOld(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVault(t)
		ring := newTestRing(t, v, v.source, Limits{})
		dropped := countDrops(ring)
		v.addKey(t, ring, agencyA, 1)
		before, release, err := ring.Acquire(t.Context(), agencyA)
		if err != nil {
			t.Fatal(err)
		}
		v.addKey(t, ring, agencyA, 2)
		v.set(func(v *vault) { v.latency = time.Second })

		time.Sleep(8*time.Minute - time.Second) // jitter takes at most a fifth off
		if touch(t, ring, agencyA); v.count() != 1 {
			t.Errorf("refreshed before the soft limit")
		}
		time.Sleep(2 * time.Minute)
		begun := time.Now()
		for range 10 {
			if err := touch(t, ring, agencyA); err != nil {
				t.Errorf("Acquire: %v", err)
			}
		}
		if took := time.Since(begun); took != 0 {
			t.Errorf("a request waited %s for a refresh", took)
		}
		time.Sleep(time.Minute)
		if got := v.count(); got != 3 { // one version, then two
			t.Errorf("%d unwraps, want 3", got)
		}
		after := acquire(t, ring, agencyA)
		if after == before || mustSeal(t, after, name, agencyA, "x").Version() != 2 {
			t.Error("the refresh did not bring the new version of the key")
		}
		if got, err := before.Open(name, agencyA, mustSeal(t, before, name, agencyA, "x")); err != nil || got != "x" {
			t.Errorf("the older box, still in use: %q, %v", got, err)
		}
		release()
		if zeroed, handed := v.wiped(); zeroed != 1 || handed != 3 {
			t.Errorf("%d of %d keys zeroed after the older box's last use, want 1 of 3", zeroed, handed)
		}
		if got := dropped(agencyA); got != 0 {
			t.Errorf("told %d times that the key is gone, want never", got)
		}
	})
}

func TestAnOutageIsServedFromTheCacheUntilTheHardLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVault(t)
		ring := newTestRing(t, v, v.source, Limits{})
		dropped := countDrops(ring)
		v.addKey(t, ring, agencyA, 1)
		if err := touch(t, ring, agencyA); err != nil {
			t.Fatalf("Acquire: %v", err)
		}
		loaded := time.Now()
		v.set(func(v *vault) { v.err = errors.New("no route to the vault") })
		var outage time.Time
		for time.Since(loaded) < time.Hour-time.Second {
			if err := touch(t, ring, agencyA); err != nil {
				t.Fatalf("Acquire after %s of outage: %v", time.Since(loaded), err)
			}
			synctest.Wait()
			if health := ring.Health(); health.LastError != nil && outage.IsZero() {
				outage = health.Since
			}
			time.Sleep(time.Second)
		}
		// From the first failure on: every 30 seconds, whoever asks.
		if got := v.count(); got < 90 || got > 110 {
			t.Errorf("asked the vault %d times in an hour", got)
		}
		health := ring.Health()
		if health.Held != 1 || health.Unrefreshed != 1 {
			t.Errorf("got %+v, want its key held and not refreshed", health)
		}
		if !errors.Is(health.LastError, ErrProvider) || !health.Since.Equal(outage) || outage.Sub(loaded) < 8*time.Minute {
			t.Errorf("health = %+v, want an outage since the first failure at %s", health, outage)
		}
		time.Sleep(2 * time.Second)
		if err := touch(t, ring, agencyA); !errors.Is(err, ErrProvider) {
			t.Errorf("Acquire after the hard limit: %v, want ErrProvider", err)
		}
		if zeroed, handed := v.wiped(); zeroed != handed || dropped(agencyA) != 1 {
			t.Errorf("%d of %d keys zeroed, %d drops; want all and 1", zeroed, handed, dropped(agencyA))
		}

		v.set(func(v *vault) { v.err = nil })
		time.Sleep(failureAge)
		if err := touch(t, ring, agencyA); err != nil || ring.Health().LastError != nil || ring.Health().Unrefreshed != 0 {
			t.Errorf("Acquire after the outage: %v, health %+v", err, ring.Health())
		}
	})
}

func TestTheHardLimitCountsFromBeforeTheKeyWasReadAndByTheRingsClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVault(t)
		var ahead time.Duration
		clock := func() time.Time { return time.Now().Add(ahead) }
		ring := NewRing(v, v.source, Limits{}, clock, slog.New(slog.DiscardHandler))
		defer ring.Close()
		dropped := countDrops(ring)
		v.addKey(t, ring, agencyA, 1)
		v.set(func(v *vault) { v.latency = 2 * time.Second })
		if err := touch(t, ring, agencyA); err != nil {
			t.Fatal(err)
		}
		v.set(func(v *vault) { v.err = errors.New("no route to the vault") })
		ahead = time.Hour - 2*time.Second
		if err := touch(t, ring, agencyA); !errors.Is(err, ErrProvider) || dropped(agencyA) != 1 {
			t.Errorf("Acquire an hour after the load began: %v and %d drops, want ErrProvider and 1", err, dropped(agencyA))
		}
	})
}

func TestAVaultThatHangsIsAnOutage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVault(t)
		ring := newTestRing(t, v, v.source, Limits{})
		v.addKey(t, ring, agencyA, 1)
		v.set(func(v *vault) { v.latency = time.Hour })
		begun := time.Now()
		if err := touch(t, ring, agencyA); !errors.Is(err, ErrProvider) || time.Since(begun) != 5*time.Second {
			t.Errorf("Acquire: %v after %s, want ErrProvider after 5s", err, time.Since(begun))
		}
	})
}

func TestAKeyThatNobodyAsksForIsWipedAtTheHardLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVault(t)
		ring := newTestRing(t, v, v.source, Limits{Hard: 15 * time.Minute})
		dropped := countDrops(ring)
		v.addKey(t, ring, agencyA, 1)
		if err := touch(t, ring, agencyA); err != nil {
			t.Fatal(err)
		}
		time.Sleep(15*time.Minute - time.Second)
		if zeroed, _ := v.wiped(); zeroed != 0 || dropped(agencyA) != 0 {
			t.Errorf("wiped before the hard limit")
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if zeroed, _ := v.wiped(); zeroed != 1 || ring.Health().Held != 0 || dropped(agencyA) != 1 {
			t.Errorf("%d zeroed, %d held, %d drops; want 1, 0, 1", zeroed, ring.Health().Held, dropped(agencyA))
		}
	})
}

func TestTheRingHoldsNoMoreAgenciesThanItMay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVault(t)
		ring := newTestRing(t, v, v.source, Limits{Size: 3})
		dropped := countDrops(ring)
		var agencies []uuid.UUID
		for i := range 5 {
			agency := uuid.UUID{byte(i + 1)}
			agencies = append(agencies, agency)
			v.addKey(t, ring, agency, 1)
			time.Sleep(time.Second)
			if err := touch(t, ring, agency); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
			if err := touch(t, ring, agencies[0]); err != nil { // the first stays in use
				t.Fatal(err)
			}
		}
		for i, want := range []int{0, 1, 1, 0, 0} {
			if got := dropped(agencies[i]); got != want {
				t.Errorf("agency %d left %d times, want %d", i, got, want)
			}
		}
		if zeroed, _ := v.wiped(); zeroed != 2 || ring.Health().Held != 3 {
			t.Errorf("%d zeroed, %d held; want 2 and 3", zeroed, ring.Health().Held)
		}
	})
}

func TestARegistryOutOfReachIsNotTheVaultsFault(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVault(t)
		down := errors.New("no connection")
		ring := newTestRing(t, v, func(context.Context, uuid.UUID) ([]Wrapped, error) { return nil, down }, Limits{})
		if err := touch(t, ring, agencyA); !errors.Is(err, down) || errors.Is(err, ErrProvider) || errors.Is(err, ErrNoKey) {
			t.Errorf("Acquire: %v, want the source's own error", err)
		}
		if health := ring.Health(); health.LastError != nil {
			t.Errorf("health = %+v, want no outage of the vault", health)
		}
	})
}

func TestTheSoftLimitComesBeforeTheHardOne(t *testing.T) {
	t.Parallel()
	tests := []struct{ in, want Limits }{
		{Limits{}, Limits{Soft: 10 * time.Minute, Hard: time.Hour, Size: 2000, Timeout: 5 * time.Second}},
		{Limits{Hard: 5 * time.Minute}, Limits{Soft: 150 * time.Second, Hard: 5 * time.Minute, Size: 2000, Timeout: 5 * time.Second}},
	}
	for _, test := range tests {
		if got := test.in.withDefaults(); got != test.want {
			t.Errorf("%+v.withDefaults() = %+v, want %+v", test.in, got, test.want)
		}
	}
}

// Everything at once, for the race detector: whoever holds a box can use it until
// it is given back.
