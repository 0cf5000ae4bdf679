package keyring

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
)

func TestAWithdrawnKeyClosesTheAgencyAtTheNextRefresh(t *testing.T) {
	t.Parallel()
	withdrawals := map[string]struct {
		withdraw func(*vault)
		want     error
	}{
		"disabled in the vault": {func(v *vault) { v.err = ErrNoKey }, ErrNoKey},
		"shredded":              {func(v *vault) { v.keys[agencyA] = nil }, ErrNoKey},
		"replaced":              {func(v *vault) { v.keys[agencyA][0].Check = make([]byte, 32) }, ErrKeyMismatch},
	}
	for what, test := range withdrawals {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := newVault(t)
				ring := newTestRing(t, v, v.source, Limits{})
				dropped := countDrops(ring)
				v.addKey(t, ring, agencyA, 1)
				if err := touch(t, ring, agencyA); err != nil {
					t.Fatalf("Acquire: %v", err)
				}
				v.set(test.withdraw)
				time.Sleep(10 * time.Minute)
				_ = touch(t, ring, agencyA) // the request that finds it old begins the refresh
				synctest.Wait()
				if err := touch(t, ring, agencyA); !errors.Is(err, test.want) {
					t.Errorf("Acquire: %v, want %v", err, test.want)
				}
				if zeroed, handed := v.wiped(); zeroed != handed || dropped(agencyA) != 1 {
					t.Errorf("%d of %d keys zeroed, %d drops; want all and 1", zeroed, handed, dropped(agencyA))
				}
				if health := ring.Health(); health.LastError != nil || health.Held != 0 {
					t.Errorf("health = %+v; a withdrawn key is not an outage", health)
				}
			})
		})
	}
}

func TestADropThrowsAwayALoadThatHasBegun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVault(t)
		ring := newTestRing(t, v, v.source, Limits{})
		v.addKey(t, ring, agencyA, 1)
		v.set(func(v *vault) { v.latency = time.Second })
		outcome := make(chan error)
		begun := time.Now()
		go func() { outcome <- touch(t, ring, agencyA) }()
		time.Sleep(500 * time.Millisecond) // the wrapped keys are read; the vault is at it
		v.set(func(v *vault) { v.keys[agencyA] = nil })
		ring.Drop(agencyA)
		if err := <-outcome; !errors.Is(err, ErrNoKey) || time.Since(begun) != 500*time.Millisecond {
			t.Errorf("Acquire: %v after %s, want ErrNoKey at the drop", err, time.Since(begun))
		}
		time.Sleep(time.Minute)
		if health := ring.Health(); health.Held != 0 {
			t.Errorf("a withdrawn key came back: %+v", health)
		}
		if zeroed, handed := v.wiped(); zeroed != handed {
			t.Errorf("%d of %d keys zeroed, want all", zeroed, handed)
		}
	})
}

func TestADropThrowsAwayEvenALoadThatDoesNotHear(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVault(t)
		deaf := deafVault{v}
		ring := newTestRing(t, deaf, v.source, Limits{})
		v.addKey(t, ring, agencyA, 1)
		go func() { _ = touch(t, ring, agencyA) }()
		time.Sleep(500 * time.Millisecond)
		v.set(func(v *vault) { v.keys[agencyA] = nil })
		ring.Drop(agencyA)
		time.Sleep(time.Minute)
		if health := ring.Health(); health.Held != 0 {
			t.Errorf("a withdrawn key came back: %+v", health)
		}
		if zeroed, handed := v.wiped(); zeroed != handed || handed != 1 {
			t.Errorf("%d of %d keys zeroed, want 1 of 1", zeroed, handed)
		}
	})
}

// deafVault takes a second and does not look at the context.
type deafVault struct{ *vault }

func (d deafVault) Unwrap(_ context.Context, agency uuid.UUID, w Wrapped) ([]byte, error) {
	time.Sleep(time.Second)
	return d.vault.Unwrap(context.Background(), agency, w)
}

func TestADropDuringARefreshDropsBoth(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVault(t)
		ring := newTestRing(t, v, v.source, Limits{})
		v.addKey(t, ring, agencyA, 1)
		if err := touch(t, ring, agencyA); err != nil {
			t.Fatal(err)
		}
		time.Sleep(11 * time.Minute)
		v.set(func(v *vault) { v.latency = time.Second })
		if err := touch(t, ring, agencyA); err != nil { // begins the refresh
			t.Fatal(err)
		}
		v.set(func(v *vault) { v.keys[agencyA] = nil })
		ring.Drop(agencyA)
		if err := touch(t, ring, agencyA); !errors.Is(err, ErrNoKey) {
			t.Errorf("Acquire: %v, want ErrNoKey", err)
		}
		time.Sleep(time.Minute)
		if zeroed, handed := v.wiped(); ring.Health().Held != 0 || zeroed != handed {
			t.Errorf("%d held, %d of %d zeroed", ring.Health().Held, zeroed, handed)
		}
	})
}

func TestAFailureIsRememberedForAMoment(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVault(t)
		ring := newTestRing(t, v, v.source, Limits{})
		v.addKey(t, ring, agencyA, 1)
		v.set(func(v *vault) { v.err = ErrNoKey })
		for range 1000 {
			if err := touch(t, ring, agencyA); !errors.Is(err, ErrNoKey) {
				t.Errorf("Acquire: %v, want ErrNoKey", err)
			}
		}
		if got := v.count(); got != 1 {
			t.Errorf("asked the vault %d times, want once", got)
		}
		v.set(func(v *vault) { v.err = nil })
		ring.Drop(agencyA)
		if err := touch(t, ring, agencyA); err != nil {
			t.Errorf("Acquire after Drop: %v", err)
		}
	})
}

func TestAWrappedKeyServesOnlyItsAgencyVersionAndProvider(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVault(t)
		ring := newTestRing(t, v, v.source, Limits{})
		v.addKey(t, ring, agencyA, 1)
		good := v.keys[agencyA][0]
		tests := map[string]struct {
			change func(*Wrapped)
			want   error
		}{
			"another version":   {func(w *Wrapped) { w.Version = 2 }, ErrKeyMismatch},
			"another provider":  {func(w *Wrapped) { w.Provider = "azurevault" }, ErrNoKey},
			"an altered check":  {func(w *Wrapped) { w.Check = append([]byte{w.Check[0] ^ 1}, w.Check[1:]...) }, ErrKeyMismatch},
			"no check":          {func(w *Wrapped) { w.Check = nil }, ErrKeyMismatch},
			"altered bytes":     {func(w *Wrapped) { w.Bytes = append([]byte{w.Bytes[0] ^ 1}, w.Bytes[1:]...) }, ErrNoKey},
			"another key":       {func(w *Wrapped) { w.KeyID = "0000000000000000" }, ErrNoKey},
			"another algorithm": {func(w *Wrapped) { w.Algorithm = "none" }, ErrNoKey},
		}
		for what, test := range tests {
			bad := good
			test.change(&bad)
			v.set(func(v *vault) { v.keys[agencyA] = []Wrapped{good, bad} })
			ring.Drop(agencyA)
			if err := touch(t, ring, agencyA); !errors.Is(err, test.want) {
				t.Errorf("%s: %v, want %v", what, err, test.want)
			}
		}
		v.set(func(v *vault) { v.keys[agencyB] = []Wrapped{good} })
		if err := touch(t, ring, agencyB); !errors.Is(err, ErrNoKey) {
			t.Errorf("another agency: %v, want ErrNoKey", err)
		}
		if zeroed, handed := v.wiped(); zeroed != handed || handed == 0 {
			t.Errorf("%d of %d keys zeroed, want all", zeroed, handed)
		}
		if _, err := ring.NewKey(t.Context(), agencyA, 0); err == nil {
			t.Error("NewKey made a version 0")
		}
	})
}

func TestWhoListensForDropsMayUseTheRing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVault(t)
		ring := newTestRing(t, v, v.source, Limits{Size: 1})
		v.addKey(t, ring, agencyA, 1)
		v.addKey(t, ring, agencyB, 1)
		heard := 0
		ring.OnDrop(func(uuid.UUID) {
			heard++
			_ = ring.Health()
		})
		for _, agency := range []uuid.UUID{agencyA, agencyB} { // the second drives out the first
			if err := touch(t, ring, agency); err != nil {
				t.Fatal(err)
			}
		}
		ring.Drop(agencyB)
		if err := touch(t, ring, agencyA); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if heard != 3 {
			t.Errorf("heard of %d drops, want 3", heard)
		}
	})
}

func TestACloseForgetsEverythingForGood(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVault(t)
		ring := newTestRing(t, deafVault{v}, v.source, Limits{})
		v.addKey(t, ring, agencyA, 1)
		v.addKey(t, ring, agencyB, 1)
		if err := touch(t, ring, agencyA); err != nil {
			t.Fatal(err)
		}
		waiting := make(chan error, 1)
		go func() { waiting <- touch(t, ring, agencyB) }()
		synctest.Wait()
		begun := time.Now()
		ring.Close()
		if took := time.Since(begun); took != time.Second {
			t.Errorf("Close took %s, want to wait for the vault's second", took)
		}
		ring.Close()
		if err := <-waiting; err == nil {
			t.Error("a request got a key from a closed ring")
		}
		if err := touch(t, ring, agencyA); err == nil {
			t.Error("Acquire of a closed ring gave a key")
		}
		if zeroed, handed := v.wiped(); zeroed != handed || ring.Health().Held != 0 {
			t.Errorf("%d of %d keys zeroed, %d held", zeroed, handed, ring.Health().Held)
		}
		if got := ring.Health().LastError; got != nil {
			t.Errorf("closing looks like an outage: %v", got)
		}
	})
}

func TestAReleaseTwiceIsARelease(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVault(t)
		ring := newTestRing(t, v, v.source, Limits{})
		v.addKey(t, ring, agencyA, 1)
		_, release, err := ring.Acquire(t.Context(), agencyA)
		if err != nil {
			t.Fatal(err)
		}
		other := acquire(t, ring, agencyA)
		release()
		release()
		ring.Drop(agencyA)
		if _, err := other.Seal(name, agencyA, "Amina"); err != nil {
			t.Errorf("Seal by another user of the box: %v", err)
		}
	})
}

func TestNobodyLosesAKeyInUse(t *testing.T) {
	t.Parallel()
	v := newVault(t)
	limits := Limits{Soft: time.Millisecond, Hard: 3 * time.Millisecond, Size: 2}
	ring := newTestRing(t, v, v.source, limits)
	countDrops(ring)
	agencies := []uuid.UUID{{1}, {2}, {3}}
	for _, agency := range agencies {
		v.addKey(t, ring, agency, 1)
	}
	var users sync.WaitGroup
	for i := range 8 {
		users.Go(func() {
			for j := range 300 {
				agency := agencies[(i+j)%3]
				if err := touch(t, ring, agency); err != nil {
					t.Errorf("Acquire: %v", err)
				}
				if j%17 == i {
					ring.Drop(agency)
				}
			}
		})
	}
	users.Wait()
	ring.Close()
	if zeroed, handed := v.wiped(); zeroed != handed {
		t.Errorf("%d of %d keys zeroed, want all", zeroed, handed)
	}
}
