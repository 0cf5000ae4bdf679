package find

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"

	"konote/tenancy"
)

const (
	defaultBudget = 256 << 20
	// idleFor is how long an index stays that nobody uses.
	idleFor = time.Hour
	// lookEvery is how often each index is asked whether it may stay.
	lookEvery = time.Minute
	// warmFor is how long making an index ahead of time may take.
	warmFor = 30 * time.Second
)

var (
	errWorn  = errors.New("find: the index is to be made anew")
	errAgain = errors.New("find: the index was not for others")
)

// Finder keeps the indexes of agencies whose people were searched lately. It is safe for
// concurrent use. An index goes, and is zeroed, when the agency's key leaves the key
// ring, when the agency is no longer active, when nobody used it for an hour, or when
// others need the memory more.
type Finder struct {
	platform *tenancy.Platform
	budget   int64

	mu   sync.Mutex
	held map[uuid.UUID]*held
}

// A held index is used by some and goes when it was dropped and the last is done.
type held struct {
	ready chan struct{} // closed when x or err is there
	x     *index
	err   error

	// Under the lock of the Finder.
	users   int
	dropped bool
	size    int64
	usedAt  time.Time
	look    *time.Timer
}

// New makes a Finder whose indexes together take about budget bytes; 0 stands for 256
// MiB. One index may be larger: it then stays until another is needed.
func New(platform *tenancy.Platform, budget int64) *Finder {
	if budget == 0 {
		budget = defaultBudget
	}
	f := &Finder{platform: platform, budget: budget, held: map[uuid.UUID]*held{}}
	platform.Ring().OnDrop(f.Drop)
	return f
}

// Prewarm makes the agency's index ahead of the first search, in the background, such as
// when somebody signs in. It returns at once; what goes wrong shows at the search.
func (f *Finder) Prewarm(agency *tenancy.Agency) {
	f.mu.Lock()
	_, there := f.held[agency.ID]
	f.mu.Unlock()
	if there {
		return
	}
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), warmFor)
		defer cancel()
		_ = agency.View(ctx, func(tx *tenancy.Tx) error {
			h, err := f.hold(ctx, tx)
			if err == nil {
				f.release(h)
			}
			return err
		})
	}()
}

// Drop forgets an agency's index: as soon as the searches that use it have ended, its
// memory is zeroed.
func (f *Finder) Drop(agency uuid.UUID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if h := f.held[agency]; h != nil {
		f.dropLocked(agency, h)
	}
}

// Memory is how many bytes the indexes take, and how many indexes there are.
func (f *Finder) Memory() (bytes int64, indexes int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, h := range f.held {
		bytes += h.size
	}
	return bytes, len(f.held)
}

// hold gives the agency's index with one more user. The first who asks makes it, in her
// own transaction; the others wait for her, and try themselves when she fails.
func (f *Finder) hold(ctx context.Context, tx *tenancy.Tx) (*held, error) {
	agency := tx.Agency().ID
	for {
		f.mu.Lock()
		h := f.held[agency]
		first := h == nil
		if first {
			h = &held{ready: make(chan struct{})}
			h.look = time.AfterFunc(lookEvery, func() { f.lookAt(agency, h) })
			f.held[agency] = h
		}
		h.users++
		h.usedAt = f.platform.Now()
		f.mu.Unlock()
		if first {
			return f.make(ctx, tx, h)
		}

		select {
		case <-h.ready:
		case <-ctx.Done():
			f.release(h)
			return nil, fmt.Errorf("wait for the search index: %w", ctx.Err())
		}
		if h.err == nil {
			return h, nil
		}
		f.release(h)
	}
}

// make builds the index of h. An index that others must not see serves the maker alone.
func (f *Finder) make(ctx context.Context, tx *tenancy.Tx, h *held) (*held, error) {
	agency := tx.Agency().ID
	x, own, err := build(ctx, tx)
	if err == nil && !own {
		// The key may have been withdrawn after tx took it and before h was there to be
		// dropped: what cannot take the key now must not stay.
		var give func()
		if _, give, err = f.platform.Ring().Acquire(ctx, agency); err == nil {
			give()
		} else {
			x.wipe()
		}
	}
	switch {
	case err != nil:
		h.err = err
		f.dropThis(agency, h)
		close(h.ready)
		f.release(h)
		return nil, err
	case own:
		h.err = errAgain
		f.dropThis(agency, h)
		close(h.ready)
		f.release(h)
		return &held{x: x, users: 1, dropped: true}, nil
	}
	h.x = x
	close(h.ready)
	f.settle(agency, h)
	return h, nil
}

func (f *Finder) release(h *held) {
	f.mu.Lock()
	defer f.mu.Unlock()
	h.users--
	h.wipeIfDone()
}

func (h *held) wipeIfDone() {
	if h.dropped && h.users == 0 && h.x != nil {
		h.x.wipe()
	}
}

// dropThis drops h unless another has taken its place.
func (f *Finder) dropThis(agency uuid.UUID, h *held) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.held[agency] == h {
		f.dropLocked(agency, h)
	}
}

func (f *Finder) dropLocked(agency uuid.UUID, h *held) {
	delete(f.held, agency)
	h.look.Stop()
	h.dropped = true
	h.wipeIfDone()
}

// settle notes how large h has become, and drops the indexes that nobody has used for
// the longest time until all fit.
func (f *Finder) settle(agency uuid.UUID, h *held) {
	h.x.mu.RLock()
	size := h.x.bytes()
	h.x.mu.RUnlock()

	f.mu.Lock()
	defer f.mu.Unlock()
	h.size = size
	for {
		total := int64(0)
		var oldest uuid.UUID
		var least *held
		for id, other := range f.held {
			total += other.size
			if id != agency && (least == nil || other.usedAt.Before(least.usedAt)) {
				oldest, least = id, other
			}
		}
		if total <= f.budget || least == nil {
			return
		}
		f.dropLocked(oldest, least)
	}
}

// lookAt drops h when nobody uses it any more or its agency is no longer active.
func (f *Finder) lookAt(agency uuid.UUID, h *held) {
	ctx, cancel := context.WithTimeout(context.Background(), lookEvery/2)
	defer cancel()
	a, err := f.platform.Agency(ctx, agency)
	gone := errors.Is(err, tenancy.ErrUnknownAgency) || (err == nil && a.Status != tenancy.Active)

	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.held[agency] != h:
	case gone || f.platform.Now().Sub(h.usedAt) >= idleFor:
		f.dropLocked(agency, h)
	default:
		h.look.Reset(lookEvery)
	}
}
