package keyring

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/google/uuid"
)

// A load reads and unwraps an agency's keys once, for all who wait for it.
type load struct {
	cancel context.CancelFunc
	done   chan struct{}
	err    error // after done; nil also when the load became unwanted
}

func (l *load) wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return fmt.Errorf("wait for data key: %w", ctx.Err())
	case <-l.done:
		return l.err
	}
}

// startLoad is called with the lock held. The caller's cancellation does not reach
// the load, since others may wait for it too.
func (r *Ring) startLoad(ctx context.Context, agency uuid.UUID) *load {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.limits.Timeout)
	l := &load{cancel: cancel, done: make(chan struct{})}
	r.loading[agency] = l
	begun := r.now()
	r.running.Go(func() {
		defer cancel()
		box, err := r.unwrap(ctx, agency)
		r.finish(agency, l, box, err, begun)
	})
	return l
}

// finish puts the outcome of a load where it belongs, unless a Drop came between:
// what was read before it may be the very key that was withdrawn.
func (r *Ring) finish(agency uuid.UUID, l *load, box *Box, err error, begun time.Time) {
	var gone []uuid.UUID
	r.mu.Lock()
	wanted := r.loading[agency] == l
	switch {
	case !wanted && box != nil:
		box.retire()
	case !wanted:
	case err == nil:
		delete(r.failed, agency)
		gone = r.keep(agency, box, begun)
	default:
		l.err = err
		gone = r.fail(agency, err)
	}
	if wanted {
		delete(r.loading, agency)
	}
	r.mu.Unlock()

	r.tell(gone)
	close(l.done)
}

// fail takes note of a failed load, and takes a key that was withdrawn out of use.
func (r *Ring) fail(agency uuid.UUID, err error) (gone []uuid.UUID) {
	now := r.now()
	withdrawn := errors.Is(err, ErrNoKey) || errors.Is(err, ErrKeyMismatch)
	if withdrawn || errors.Is(err, ErrProvider) {
		maps.DeleteFunc(r.failed, func(_ uuid.UUID, f failure) bool { return !now.Before(f.until) })
		r.failed[agency] = failure{err: err, until: now.Add(failureAge)}
	}
	e := r.held[agency]
	switch {
	case withdrawn:
		r.log.Error("no usable data key: the agency's records are closed", "agency", agency, "err", err)
		if e != nil {
			r.remove(agency, e)
			gone = append(gone, agency)
		}
	case e != nil:
		r.log.Warn("data key could not be refreshed; serving from the cache", "agency", agency, "err", err)
		e.refreshAt, e.failed = now.Add(refreshAgain), true
	default:
		r.log.Warn("data key could not be loaded", "agency", agency, "err", err)
	}
	return gone
}

func (r *Ring) unwrap(ctx context.Context, agency uuid.UUID) (*Box, error) {
	wrapped, err := r.source(ctx, agency)
	if err != nil {
		return nil, fmt.Errorf("read wrapped keys: %w", err)
	}
	if len(wrapped) == 0 {
		return nil, ErrNoKey
	}
	secrets := make(map[uint32][]byte, len(wrapped))
	for _, w := range wrapped {
		secret, err := r.unwrapOne(ctx, agency, w)
		if err != nil {
			for _, secret := range secrets {
				clear(secret)
			}
			return nil, fmt.Errorf("unwrap data key version %d: %w", w.Version, err)
		}
		secrets[w.Version] = secret
	}
	return newBox(agency, secrets), nil
}

func (r *Ring) unwrapOne(ctx context.Context, agency uuid.UUID, w Wrapped) ([]byte, error) {
	if w.Provider != r.wrapper.Name() {
		return nil, fmt.Errorf("%w: wrapped by provider %q, and %q is configured", ErrNoKey, w.Provider, r.wrapper.Name())
	}
	secret, err := r.wrapper.Unwrap(ctx, agency, w)
	if err = r.note(err); err != nil {
		return nil, err
	}
	check, err := checkValue(agency, w.Version, secret)
	if err != nil || len(secret) != dataKeySize || subtle.ConstantTimeCompare(check, w.Check) != 1 {
		clear(secret)
		return nil, ErrKeyMismatch
	}
	return secret, nil
}

// note keeps account of the provider's health, and makes an ErrProvider of every
// error of it that is not ErrNoKey.
func (r *Ring) note(err error) error {
	if err != nil && !errors.Is(err, ErrNoKey) && !errors.Is(err, ErrProvider) {
		err = fmt.Errorf("%w: %w", ErrProvider, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case errors.Is(err, context.Canceled): // by Drop, Close or the caller: says nothing about the provider
	case errors.Is(err, ErrProvider):
		if r.outage == nil {
			r.outageSince = r.now()
		}
		r.outage = err
	default:
		r.outage, r.outageSince = nil, time.Time{}
	}
	return err
}

// Check asks the provider whether it answers.
func (r *Ring) Check(ctx context.Context) error { return r.note(r.wrapper.Check(ctx)) }

// NewKey makes a data key for an agency and wraps it. Versions count from 1. The
// plain key does not outlive the call; the first Acquire unwraps it again, which
// proves the round trip. Errors: ErrNoKey (there is no wrapping key), ErrProvider.
func (r *Ring) NewKey(ctx context.Context, agency uuid.UUID, version uint32) (Wrapped, error) {
	if version == 0 {
		return Wrapped{}, errors.New("keyring: versions of a data key count from 1")
	}
	secret := make([]byte, dataKeySize)
	_, _ = rand.Read(secret) // never fails (crypto/rand)
	defer clear(secret)
	w, err := r.wrapper.Wrap(ctx, agency, secret)
	if err = r.note(err); err != nil {
		return Wrapped{}, fmt.Errorf("wrap data key: %w", err)
	}
	w.Version, w.Provider = version, r.wrapper.Name()
	if w.Check, err = checkValue(agency, version, secret); err != nil {
		return Wrapped{}, fmt.Errorf("wrap data key: %w", err)
	}
	return w, nil
}
