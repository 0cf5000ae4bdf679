package limit

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// lease is turns that this process has taken from an agency's bucket and not used yet,
// so that not every request asks Redis.
type lease struct {
	left  int
	until time.Time
	ready time.Time // no turn before
}

const (
	leaseTurns = 20
	leaseFor   = time.Second
)

// Request takes a turn of the agency's bucket for a request of its staff (the rule
// [Requests]).
// Turns are fetched from Redis twenty at a time and are good for a second; across
// processes the count is exact to that. It never fails: without Redis all may pass.
func (l *Limits) Request(ctx context.Context, agency uuid.UUID) (retryAfter time.Duration) {
	rule := l.rules[Requests]
	if rule.Agency == (Quota{}) {
		return 0
	}
	now := l.now()
	l.mu.Lock()
	held := l.leases[agency]
	if held == nil {
		held = &lease{}
		l.leases[agency] = held
	}
	if held.left > 0 && now.Before(held.until) {
		held.left--
		l.mu.Unlock()
		return 0
	}
	if ready := held.ready; now.Before(ready) {
		l.mu.Unlock()
		return ready.Sub(now)
	}
	l.mu.Unlock()

	key := l.key(string(Requests), "agency", agency, "all")
	wait, err := quotaScript.Run(ctx, l.redis, []string{key}, now.UnixMilli(), leaseTurns,
		rule.Agency.Turns, rule.Agency.Per.Milliseconds()).Int64()
	if err != nil {
		_ = l.down(rule, err)
		return 0
	}
	retryAfter = time.Duration(wait) * time.Millisecond
	l.mu.Lock()
	defer l.mu.Unlock()
	if retryAfter > 0 {
		held.ready = now.Add(retryAfter)
		return retryAfter
	}
	if !now.Before(held.until) {
		held.left = 0
	}
	held.left += leaseTurns - 1
	held.until = now.Add(leaseFor)
	return 0
}
