package keyring

import (
	"bytes"
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
)

// A vault is a provider and a registry that can be told what to do. It wraps like
// Local and keeps hold of what it hands out, to see it zeroed.
type vault struct {
	local *Local

	mu      sync.Mutex
	keys    map[uuid.UUID][]Wrapped
	latency time.Duration
	err     error // of Unwrap
	unwraps int
	handed  [][]byte
}

func newVault(t *testing.T) *vault {
	t.Helper()
	local, err := NewLocal(GenerateLocal())
	if err != nil {
		t.Fatal(err)
	}
	return &vault{local: local, keys: map[uuid.UUID][]Wrapped{}}
}

func (v *vault) set(change func(*vault)) {
	v.mu.Lock()
	defer v.mu.Unlock()
	change(v)
}

func (v *vault) count() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.unwraps
}

func (v *vault) source(_ context.Context, agency uuid.UUID) ([]Wrapped, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Clone(v.keys[agency]), nil
}

func (v *vault) Name() string                { return "local" }
func (v *vault) Check(context.Context) error { return nil }

func (v *vault) Wrap(ctx context.Context, agency uuid.UUID, secret []byte) (Wrapped, error) {
	return v.local.Wrap(ctx, agency, secret)
}

func (v *vault) Unwrap(ctx context.Context, agency uuid.UUID, w Wrapped) ([]byte, error) {
	v.mu.Lock()
	v.unwraps++
	latency, err := v.latency, v.err
	v.mu.Unlock()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(latency):
	}
	if err != nil {
		return nil, err
	}
	secret, err := v.local.Unwrap(ctx, agency, w)
	v.set(func(v *vault) { v.handed = append(v.handed, secret) })
	return secret, err
}

// addKey gives the agency one more version of its data key.
func (v *vault) addKey(t *testing.T, ring *Ring, agency uuid.UUID, version uint32) {
	t.Helper()
	w, err := ring.NewKey(t.Context(), agency, version)
	if err != nil {
		t.Fatalf("NewKey: %v", err)
	}
	v.set(func(v *vault) { v.keys[agency] = append(v.keys[agency], w) })
}

// wiped counts the keys handed out that are all zeros now.
func (v *vault) wiped() (zeroed, handed int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, secret := range v.handed {
		if bytes.Equal(secret, make([]byte, len(secret))) {
			zeroed++
		}
	}
	return zeroed, len(v.handed)
}

func newTestRing(t *testing.T, w Wrapper, source Source, limits Limits) *Ring {
	t.Helper()
	ring := NewRing(w, source, limits, time.Now, slog.New(slog.DiscardHandler))
	t.Cleanup(ring.Close)
	return ring
}

// acquire takes a box and gives it back with the test.
func acquire(t *testing.T, ring *Ring, agency uuid.UUID) *Box {
	t.Helper()
	box, release, err := ring.Acquire(t.Context(), agency)
	if err != nil {
		t.Fatalf("Acquire: %v", err)
	}
	t.Cleanup(release)
	return box
}

// touch is a request: it takes a box and gives it back.
func touch(t *testing.T, ring *Ring, agency uuid.UUID) error {
	t.Helper()
	box, release, err := ring.Acquire(t.Context(), agency)
	if err != nil {
		return err
	}
	defer release()
	if _, err := box.Seal(name, agency, "Amina"); err != nil {
		t.Errorf("Seal with an acquired box: %v", err)
	}
	return nil
}

// countDrops gives how often the ring said that an agency's box left.
func countDrops(ring *Ring) func(uuid.UUID) int {
	var mu sync.Mutex
	drops := map[uuid.UUID]int{}
	ring.OnDrop(func(agency uuid.UUID) {
		mu.Lock()
		defer mu.Unlock()
		drops[agency]++
	})
	return func(agency uuid.UUID) int {
		mu.Lock()
		defer mu.Unlock()
		return maps.Clone(drops)[agency]
	}
}
