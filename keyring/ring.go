package keyring

import (
	"context"
	"errors"
	"log/slog"
	mathrand "math/rand/v2"
	"sync"
	"time"

	"github.com/google/uuid"
)

// Source reads the wrapped keys of an agency, every version that is not retired.
type Source func(ctx context.Context, agency uuid.UUID) ([]Wrapped, error)

// Limits of a Ring. The zero value of a field stands for its default.
type Limits struct {
	Soft    time.Duration // refreshed in the background after this; default 10 minutes, at most half of Hard
	Hard    time.Duration // not handed out after this, even when the provider is down; default 60 minutes
	Size    int           // agencies kept at most; default 2,000
	Timeout time.Duration // for reading and unwrapping an agency's keys; default 5 seconds
}

func (l Limits) withDefaults() Limits {
	set := func(d *time.Duration, to time.Duration) {
		if *d == 0 {
			*d = to
		}
	}
	set(&l.Soft, 10*time.Minute)
	set(&l.Hard, 60*time.Minute)
	set(&l.Timeout, 5*time.Second)
	l.Soft = min(l.Soft, l.Hard/2)
	if l.Size < 1 {
		l.Size = 2000
	}
	return l
}

const (
	// A refresh that failed is tried again after this.
	refreshAgain = 30 * time.Second
	// A load that failed is not tried again before this, so that an agency without
	// a key cannot use up the provider's patience with the others.
	failureAge = 5 * time.Second
)

var errRingClosed = errors.New("keyring: ring is closed")

// Ring caches opened boxes, one an agency. A box is unwrapped once however many
// requests ask for it together; it is refreshed in the background after the soft
// time, keeps serving while the provider is down until the hard time, and is wiped
// when it leaves, used or not. The hard time is how long a withdrawn key may still
// be handed out when neither a refresh nor a Drop comes through; a key in use lives
// as long as its user.
//
// A refresh that finds the key gone or changed drops the box at once. A failure is
// remembered for five seconds, or until Drop.
type Ring struct {
	wrapper Wrapper
	source  Source
	limits  Limits
	now     func() time.Time
	log     *slog.Logger

	mu          sync.Mutex
	held        map[uuid.UUID]*entry
	loading     map[uuid.UUID]*load // at most one an agency; what is not here any more is unwanted
	failed      map[uuid.UUID]failure
	running     sync.WaitGroup
	closed      bool
	outage      error
	outageSince time.Time
	onDrop      []func(agency uuid.UUID)
}

type entry struct {
	box       *Box
	loadedAt  time.Time
	refreshAt time.Time // soft limit, with jitter
	usedAt    time.Time
	expiry    *time.Timer // wipes what nobody asks for any more
	failed    bool        // the last refresh did
}

type failure struct {
	err   error
	until time.Time
}

// NewRing makes an empty ring. now is the clock.
func NewRing(w Wrapper, source Source, limits Limits, now func() time.Time, log *slog.Logger) *Ring {
	return &Ring{
		wrapper: w, source: source, limits: limits.withDefaults(), now: now, log: log,
		held: map[uuid.UUID]*entry{}, loading: map[uuid.UUID]*load{}, failed: map[uuid.UUID]failure{},
	}
}

// OnDrop registers f to be called with the agency whenever its box leaves the ring,
// and at every Drop, so that what was derived from opened fields (the search index)
// goes with the key. f may use the ring; it may be called by several goroutines at
// once. Something may be under construction from a box that has just left: who keeps
// derived things counts the calls of f, and throws away what was begun before the
// last one.
func (r *Ring) OnDrop(f func(agency uuid.UUID)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.onDrop = append(r.onDrop, f)
}

// Acquire returns the agency's box and the function that gives it back, which may be
// called more than once. Errors: ErrNoKey, ErrKeyMismatch, ErrProvider, those of the
// source and of ctx.
func (r *Ring) Acquire(ctx context.Context, agency uuid.UUID) (*Box, func(), error) {
	for {
		box, pending, err := r.take(ctx, agency)
		if err != nil {
			return nil, nil, err
		}
		if box != nil {
			return box, sync.OnceFunc(box.release), nil
		}
		if err := pending.wait(ctx); err != nil {
			return nil, nil, err
		}
	}
}

// take returns the held box with one more user, or the load to wait for.
func (r *Ring) take(ctx context.Context, agency uuid.UUID) (*Box, *load, error) {
	var gone []uuid.UUID
	defer func() { r.tell(gone) }() // after the unlock
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, nil, errRingClosed
	}
	now := r.now()
	e := r.held[agency]
	if e != nil && now.Sub(e.loadedAt) >= r.limits.Hard {
		r.remove(agency, e)
		gone, e = append(gone, agency), nil
	}
	if e != nil {
		e.usedAt = now
		e.box.hold()
		if !now.Before(e.refreshAt) && r.loading[agency] == nil {
			r.startLoad(ctx, agency)
		}
		return e.box, nil, nil
	}
	if failed, ok := r.failed[agency]; ok && now.Before(failed.until) {
		return nil, nil, failed.err
	}
	if pending := r.loading[agency]; pending != nil {
		return nil, pending, nil
	}
	return nil, r.startLoad(ctx, agency), nil
}

// keep puts a box into the ring and returns the agencies that had to leave for it.
func (r *Ring) keep(agency uuid.UUID, box *Box, loadedAt time.Time) []uuid.UUID {
	now := r.now()
	if old := r.held[agency]; old != nil {
		r.remove(agency, old) // its keys are in the newer box: what was derived from them stays
	}
	jitter := time.Duration(mathrand.Int64N(int64(r.limits.Soft)/5 + 1))
	e := &entry{box: box, loadedAt: loadedAt, usedAt: now, refreshAt: loadedAt.Add(r.limits.Soft - jitter)}
	e.expiry = time.AfterFunc(r.limits.Hard, func() { r.expire(agency, e) })
	r.held[agency] = e

	var evicted []uuid.UUID
	for len(r.held) > r.limits.Size {
		oldest := agency
		for id, other := range r.held {
			if id != agency && (oldest == agency || other.usedAt.Before(r.held[oldest].usedAt)) {
				oldest = id
			}
		}
		r.remove(oldest, r.held[oldest])
		evicted = append(evicted, oldest)
	}
	return evicted
}

func (r *Ring) expire(agency uuid.UUID, e *entry) {
	var gone []uuid.UUID
	defer func() { r.tell(gone) }()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.held[agency] == e {
		r.remove(agency, e)
		gone = append(gone, agency)
	}
}

func (r *Ring) remove(agency uuid.UUID, e *entry) {
	delete(r.held, agency)
	e.expiry.Stop()
	e.box.retire()
}

// tell runs what OnDrop registered. It must be called without the lock.
func (r *Ring) tell(agencies []uuid.UUID) {
	if len(agencies) == 0 {
		return
	}
	r.mu.Lock()
	onDrop := r.onDrop
	r.mu.Unlock()
	for _, agency := range agencies {
		for _, f := range onDrop {
			f(agency)
		}
	}
}

// Drop forgets an agency's keys at once, on this process: its box is wiped as soon
// as the requests that hold it have ended, and a load that has begun is thrown away,
// so that the next Acquire reads the wrapped keys anew.
func (r *Ring) Drop(agency uuid.UUID) {
	r.mu.Lock()
	r.forget(agency)
	r.mu.Unlock()
	r.tell([]uuid.UUID{agency})
}

func (r *Ring) forget(agency uuid.UUID) {
	if e := r.held[agency]; e != nil {
		r.remove(agency, e)
	}
	if pending := r.loading[agency]; pending != nil {
		delete(r.loading, agency)
		pending.cancel()
	}
	delete(r.failed, agency)
}

// Close forgets every key and waits for the loads that have begun. Acquire fails
// from then on.
func (r *Ring) Close() {
	r.mu.Lock()
	r.closed = true
	var gone []uuid.UUID
	for agency := range r.held {
		gone = append(gone, agency)
		r.forget(agency)
	}
	for agency := range r.loading {
		r.forget(agency)
	}
	r.mu.Unlock()
	r.tell(gone)
	r.running.Wait()
}

// Health is how the ring stands: how many agencies it holds, how many of them with a key
// whose last refresh failed and, while the provider is out of reach, its last error and
// since when.
type Health struct {
	Held        int
	Unrefreshed int
	LastError   error
	Since       time.Time
}

// Health reports what the last use of the provider showed, without asking it.
func (r *Ring) Health() Health {
	r.mu.Lock()
	defer r.mu.Unlock()
	unrefreshed := 0
	for _, e := range r.held {
		if e.failed {
			unrefreshed++
		}
	}
	return Health{Held: len(r.held), Unrefreshed: unrefreshed, LastError: r.outage, Since: r.outageSince}
}
