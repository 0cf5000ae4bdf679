package staff

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	"konote/app/fault"
	"konote/app/i18n"
)

// HasherSettings bound what hashing may take. The zero value of a number stands for
// its default.
type HasherSettings struct {
	// Peppers are secrets of at least 32 bytes, the newest first. Hashes made with an
	// older one are made anew at the next sign-in; drop it from the list after that.
	Peppers [][]byte
	AtOnce  int           // hashes computed at the same time; default one for two processors
	Queue   int           // callers that may wait for a turn; default 16
	Wait    time.Duration // how long one waits at most; default 10 s
}

// busyFor is when whoever was refused may try again.
const busyFor = 2 * time.Second

// Hasher makes and checks password hashes. Hashing is costly on purpose (about 40 ms
// and 19 MiB), so a flood of sign-ins would take all processors and memory: only a few
// run at once, on threads that everything else goes before, a few more wait for a short
// while, and the rest are refused with fault.Limited.
type Hasher struct {
	peppers []pepper
	turns   chan struct{}
	waiting atomic.Int32
	queue   int32
	wait    time.Duration
	dummy   hash // what the password for an account that does not exist is compared with
}

// NewHasher makes a hasher.
func NewHasher(settings HasherSettings) (*Hasher, error) {
	if len(settings.Peppers) == 0 {
		return nil, errors.New("staff: a pepper is required")
	}
	if settings.AtOnce == 0 {
		settings.AtOnce = max(1, runtime.GOMAXPROCS(0)/2)
	}
	if settings.Queue == 0 {
		settings.Queue = 16
	}
	if settings.Wait == 0 {
		settings.Wait = 10 * time.Second // a machine that is busy with other things gives hashing little
	}
	h := &Hasher{turns: make(chan struct{}, settings.AtOnce), queue: int32(settings.Queue), wait: settings.Wait}
	for _, secret := range settings.Peppers {
		p, err := newPepper(secret)
		if err != nil {
			return nil, err
		}
		h.peppers = append(h.peppers, p)
	}
	h.dummy = newHash(h.peppers[0], "")
	return h, nil
}

// enter waits for a turn and returns the function that ends it.
func (h *Hasher) enter(ctx context.Context) (func(), error) {
	leave := func() { <-h.turns }
	select {
	case h.turns <- struct{}{}:
		return leave, nil
	default:
	}
	if h.waiting.Add(1) > h.queue {
		h.waiting.Add(-1)
		return nil, fault.New(fault.Limited, i18n.StaffBusy).After(busyFor)
	}
	defer h.waiting.Add(-1)
	timer := time.NewTimer(h.wait)
	defer timer.Stop()
	select {
	case h.turns <- struct{}{}:
		return leave, nil
	case <-timer.C:
		return nil, fault.New(fault.Limited, i18n.StaffBusy).After(busyFor)
	case <-ctx.Done():
		return nil, fmt.Errorf("wait to hash: %w", ctx.Err())
	}
}

// Waiting is how many callers wait for a turn.
func (h *Hasher) Waiting() int { return int(h.waiting.Load()) }

// Hash makes a PHC string of a password, with the newest pepper. It does not check the
// password; see CheckPassword. Errors: fault.Limited, and the context's.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	leave, err := h.enter(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	return newHash(h.peppers[0], password).String(), nil
}

// A verdict is what Verify found out.
type verdict struct {
	OK    bool
	Stale bool      // the hash should be made anew with Hash
	Since time.Time // when the hashing got its turn
}

// verify compares a password with a stored hash; with "" it compares with a hash of the
// same cost that nothing matches, so that an account that does not exist takes as long.
// Errors: fault.Limited, ErrHash, ErrPepper, and the context's.
func (h *Hasher) verify(ctx context.Context, stored, password string) (verdict, error) {
	against := h.dummy
	if stored != "" {
		var err error
		if against, err = parseHash(stored); err != nil {
			return verdict{}, err
		}
	}
	leave, err := h.enter(ctx)
	if err != nil {
		return verdict{}, err
	}
	defer leave()
	v := verdict{Since: time.Now(), Stale: against.isStale(h.peppers[0])}
	matched, err := against.matches(password, h.peppers)
	v.OK = matched && stored != ""
	return v, err
}
