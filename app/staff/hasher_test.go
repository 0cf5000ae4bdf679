package staff

import (
	"context"
	"errors"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"konote/app/fault"
)

func TestAHasherNeedsAPepper(t *testing.T) {
	t.Parallel()
	for _, peppers := range [][][]byte{nil, {}, {[]byte("short")}, {testSecret(1), nil}} {
		if _, err := NewHasher(HasherSettings{Peppers: peppers}); err == nil {
			t.Errorf("%d peppers: got none refused, want an error", len(peppers))
		}
	}
}

func TestPeppersAreReplacedAtTheNextSignIn(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	hasher := func(peppers ...[]byte) *Hasher {
		h, err := NewHasher(HasherSettings{Peppers: peppers, Wait: time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	old, both, young := hasher(testSecret(1)), hasher(testSecret(2), testSecret(1)), hasher(testSecret(2))
	stored, err := old.Hash(ctx, goodPassword)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := both.verify(ctx, stored, goodPassword); !got.OK || !got.Stale || err != nil {
		t.Errorf("with both peppers: got %+v, %v, want right and stale", got, err)
	}
	if got, err := young.verify(ctx, stored, goodPassword); got.OK || !errors.Is(err, ErrPepper) {
		t.Errorf("without its pepper: got %+v, %v, want ErrPepper", got, err)
	}
}

func TestNothingMatchesAnAccountWithoutAHash(t *testing.T) {
	t.Parallel()
	h, err := NewHasher(HasherSettings{Peppers: [][]byte{testSecret(1)}, Wait: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	for _, password := range []string{"", goodPassword} { // the dummy is a hash of ""
		if got, err := h.verify(t.Context(), "", password); got.OK || err != nil {
			t.Errorf("%q: got %+v, %v, want wrong", password, got, err)
		}
	}
}

func TestAFloodIsRefusedAndTakesLittleMemory(t *testing.T) {
	// Not parallel: it measures the memory of the process.
	const queue = 4
	h, err := NewHasher(HasherSettings{Peppers: [][]byte{testSecret(1)}, AtOnce: 1, Queue: queue, Wait: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var refused, served atomic.Int32
	var flood sync.WaitGroup
	start := make(chan struct{})
	for range 300 {
		flood.Go(func() {
			<-start
			switch _, err := h.verify(context.Background(), "", "a guess"); {
			case err == nil:
				served.Add(1)
			case fault.KindOf(err) == fault.Limited:
				refused.Add(1)
			}
		})
	}
	close(start)
	flood.Wait()
	runtime.ReadMemStats(&after)
	if served.Load()+refused.Load() != 300 || served.Load() < queue || refused.Load() < 200 {
		t.Errorf("got %d served and %d refused of 300, want a few and most", served.Load(), refused.Load())
	}
	grown := int64(after.HeapSys) - int64(before.HeapSys)
	t.Logf("%d served, %d refused, the heap grew by %d MiB", served.Load(), refused.Load(), grown>>20)
	if grown > 160<<20 {
		t.Errorf("the heap grew by %d MiB, want at most 160 (eight at once take 320)", grown>>20)
	}
}

func TestWaitingForATurnEnds(t *testing.T) {
	t.Parallel()
	h, err := NewHasher(HasherSettings{Peppers: [][]byte{testSecret(1)}, AtOnce: 1, Wait: 10 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	h.turns <- struct{}{} // somebody hashes for ever
	_, err = h.Hash(t.Context(), goodPassword)
	if f := (*fault.Fault)(nil); !errors.As(err, &f) || f.Kind != fault.Limited || f.RetryAfter == 0 {
		t.Errorf("after the longest wait: got %v, want Limited with a time to try again", err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err = h.Hash(gone, goodPassword); !errors.Is(err, context.Canceled) && fault.KindOf(err) != fault.Limited {
		t.Errorf("a caller who has gone: got %v, want Canceled", err)
	}
	if waiting := h.Waiting(); waiting != 0 {
		t.Errorf("got %d still waiting, want 0", waiting)
	}
}

func TestABusyServerCountsNoTry(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(s *HasherSettings) { s.AtOnce, s.Wait = 1, time.Millisecond })
	w.staff(New{Username: "zoe"})
	w.hasher.turns <- struct{}{}
	for range 10 {
		if got := w.browser("192.0.2.1").signIn("zoe", goodPassword); got.StatusCode != http.StatusTooManyRequests || got.Header.Get("Retry-After") == "" {
			t.Fatalf("got %d, want 429 with Retry-After", got.StatusCode)
		}
	}
	<-w.hasher.turns
	if got := w.browser("192.0.2.1").signIn("zoe", goodPassword); got.StatusCode != http.StatusSeeOther {
		t.Errorf("when it is quiet again: got %d, want 303", got.StatusCode)
	}
}
