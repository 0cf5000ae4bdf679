package audit

import (
	"fmt"
	"sync"
	"time"

	"konote/app/fault"
	"konote/app/i18n"
	"konote/tenancy"
)

// Limits of the backlog of acts that are not in the audit database yet. The zero value
// of a field stands for its default.
type Limits struct {
	Rows int64         // default 250,000
	Age  time.Duration // of the oldest; default 1 hour
}

// Backlog is what waits in the outbox of one shard.
type Backlog struct {
	Rows    int64
	Age     time.Duration // of the oldest
	Refused int64         // rows that the relay would not move, ever
}

// Guard closes the platform to writes while more acts wait for the audit database than
// its limits allow: it does not go on unaudited. The Watch of a [Relay] keeps it informed,
// in every process that serves or works; a guard that nobody informs is open, which is
// that of a short command. It is given to tenancy as Settings.Gate.
type Guard struct {
	limits Limits

	mu   sync.Mutex
	over map[string]Backlog // shards that are past a limit
}

// NewGuard makes an open guard.
func NewGuard(limits Limits) *Guard {
	if limits.Rows == 0 {
		limits.Rows = 250_000
	}
	if limits.Age == 0 {
		limits.Age = time.Hour
	}
	return &Guard{limits: limits, over: map[string]Backlog{}}
}

// Check returns a fault.Unavailable, which is a tenancy.ErrUnavailable too, while the
// guard is closed.
func (g *Guard) Check() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	for shard, b := range g.over {
		return fault.Wrap(
			fmt.Errorf("%w: %d acts on shard %s wait for the audit database, the oldest for %s",
				tenancy.ErrUnavailable, b.Rows, shard, b.Age.Round(time.Second)),
			fault.Unavailable, i18n.AuditGuard)
	}
	return nil
}

// set notes the backlog of a shard.
func (g *Guard) set(shard string, b Backlog) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if b.Rows > g.limits.Rows || b.Age > g.limits.Age {
		g.over[shard] = b
	} else {
		delete(g.over, shard)
	}
}
