package audit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/tenancy"
)

const (
	relayBatch   = 1000
	relayBytes   = 16 << 20
	relaySoonest = 50 * time.Millisecond // after a batch that was not full
	relayLatest  = 2 * time.Second       // when nothing happens, and after an error
	relayTimeout = 20 * time.Second      // for one batch
	watchEvery   = time.Second
)

// Relay moves acts from the outboxes of all shards to the ledger (Run), and watches how
// many wait (Watch). Every process watches, because every one must close its [Guard]; any
// number of them move: whoever holds an outbox's advisory lock moves its next batch, so
// the death of a process at any point loses and doubles nothing.
//
// Within the batch's transaction on the outbox, the ledger's own transaction commits
// first, then the rows are deleted. A crash between the two leaves rows that are in
// the ledger already; the next batch finds them by their ids and only deletes them.
// The relay polls: a NOTIFY in every act would make all commits of a server wait
// for one lock.
type Relay struct {
	platform *tenancy.Platform
	ledger   *Ledger
	guard    *Guard
	log      *slog.Logger
	metrics  *relayMetrics

	mu     sync.Mutex
	states map[string]ShardState
}

// ShardState is how the relay of one shard stands.
type ShardState struct {
	Backlog
	Known   bool      // the last measurement of the backlog went well
	MovedAt time.Time // when this process last moved acts; zero: never
	Err     error     // of the last batch; nil when it went well
}

// NewRelay makes a relay; Run and Watch start it.
func NewRelay(platform *tenancy.Platform, ledger *Ledger, guard *Guard, log *slog.Logger) *Relay {
	return &Relay{
		platform: platform, ledger: ledger, guard: guard, log: log,
		metrics: newRelayMetrics(), states: map[string]ShardState{},
	}
}

// Run moves acts until ctx ends. It outlives every outage.
func (r *Relay) Run(ctx context.Context) { r.everyShard(ctx, r.move) }

// Watch measures the backlog until ctx ends, and tells the guard. It outlives every outage.
func (r *Relay) Watch(ctx context.Context) { r.everyShard(ctx, r.watch) }

func (r *Relay) everyShard(ctx context.Context, do func(context.Context, string)) {
	var running sync.WaitGroup
	for _, shard := range r.platform.Shards() {
		running.Go(func() { do(ctx, shard) })
	}
	running.Wait()
}

// States are the shards as this process last saw them.
func (r *Relay) States() map[string]ShardState {
	r.mu.Lock()
	defer r.mu.Unlock()
	states := make(map[string]ShardState, len(r.states))
	for shard, state := range r.states {
		states[shard] = state
	}
	return states
}

func (r *Relay) note(shard string, change func(*ShardState)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	state := r.states[shard]
	change(&state)
	r.states[shard] = state
}

// Drain moves what waits on a shard and returns when nothing is left: for commands and
// tests. It waits while another relay is at work there. Errors are those of the first
// batch that fails.
func (r *Relay) Drain(ctx context.Context, shard string) error {
	for {
		seen, err := r.batch(ctx, shard)
		if errors.Is(err, errFollower) && sleep(ctx, relaySoonest) {
			continue
		}
		if err != nil || seen == 0 {
			return err
		}
	}
}

// move is the loop of one shard.
func (r *Relay) move(ctx context.Context, shard string) {
	pause := relaySoonest
	for {
		seen, err := r.batch(ctx, shard)
		if ctx.Err() != nil {
			return
		}
		if errors.Is(err, errFollower) {
			err = nil
		}
		r.report(ctx, shard, seen, err)
		switch {
		case err != nil || seen == 0:
			pause = min(2*pause, relayLatest)
		case seen == relayBatch:
			pause = 0
		default:
			pause = relaySoonest
		}
		if !sleep(ctx, pause) {
			return
		}
		pause = max(pause, relaySoonest)
	}
}

// report keeps the state and logs an outage once, when it begins and when it ends.
func (r *Relay) report(ctx context.Context, shard string, seen int, err error) {
	var before error
	r.note(shard, func(s *ShardState) {
		before, s.Err = s.Err, err
		if seen > 0 {
			s.MovedAt = r.platform.Now()
		}
	})
	switch {
	case err != nil && before == nil:
		r.log.ErrorContext(ctx, "the audit relay cannot move acts; they wait in the outbox", "shard", shard, "error", err)
	case err == nil && before != nil:
		r.log.InfoContext(ctx, "the audit relay moves acts again", "shard", shard)
	}
	if err != nil {
		r.metrics.errors.WithLabelValues(shard).Inc()
	}
}

// errFollower says that another relay has the outbox's lock.
var errFollower = errors.New("audit: another relay is at work")

// batch moves the next acts and returns how many rows it took from the outbox.
func (r *Relay) batch(ctx context.Context, shard string) (seen int, err error) {
	ctx, cancel := context.WithTimeout(ctx, relayTimeout)
	defer cancel()
	var acts []queued
	var misfits []misfit
	err = r.platform.Relay(ctx, shard, func(tx pgx.Tx) error {
		var leads bool
		if err := tx.QueryRow(ctx, sqlLead).Scan(&leads); err != nil {
			return err
		}
		if !leads {
			return errFollower
		}
		if acts, misfits, err = r.read(ctx, tx, shard); err != nil || len(acts)+len(misfits) == 0 {
			return err
		}
		if len(acts) > 0 {
			late, err := r.ledger.append(ctx, acts)
			if err != nil {
				return fmt.Errorf("add to the ledger: %w", err)
			}
			misfits = append(misfits, late...)
			acts = slices.DeleteFunc(acts, func(act queued) bool {
				return slices.ContainsFunc(late, func(m misfit) bool { return m.position == act.position })
			})
		}
		return remove(ctx, tx, acts, misfits)
	})
	if err != nil {
		return 0, fmt.Errorf("move acts to the ledger: %w", err)
	}
	for _, m := range misfits {
		r.log.ErrorContext(ctx, "the audit relay refused an act; look at outbox.refused_events",
			"shard", shard, "position", m.position, "reason", m.reason)
	}
	r.metrics.moved.WithLabelValues(shard).Add(float64(len(acts)))
	return len(acts) + len(misfits), nil
}

// remove takes from the outbox what the ledger has and sets aside what it must not have.
func remove(ctx context.Context, tx pgx.Tx, acts []queued, misfits []misfit) error {
	positions := make([]int64, 0, len(acts)+len(misfits))
	for _, act := range acts {
		positions = append(positions, act.position)
	}
	if len(misfits) > 0 {
		var refused []int64
		var reasons []string
		for _, m := range misfits {
			refused, reasons = append(refused, m.position), append(reasons, m.reason)
		}
		if _, err := tx.Exec(ctx, sqlRefuse, refused, reasons); err != nil {
			return fmt.Errorf("set acts aside: %w", err)
		}
		positions = append(positions, refused...)
	}
	if _, err := tx.Exec(ctx, sqlRemove, positions); err != nil {
		return fmt.Errorf("empty the outbox: %w", err)
	}
	return nil
}

// read takes the next rows of the outbox and tells acts from misfits.
func (r *Relay) read(ctx context.Context, tx pgx.Tx, shard string) ([]queued, []misfit, error) {
	rows, err := tx.Query(ctx, sqlWaiting, relayBatch, relayBytes)
	if err != nil {
		return nil, nil, fmt.Errorf("read the outbox: %w", err)
	}
	type row struct {
		queued
		writer string
	}
	found, err := pgx.CollectRows(rows, func(one pgx.CollectableRow) (row, error) {
		var f row
		err := one.Scan(&f.position, &f.event, &f.agency, &f.raw, &f.writer)
		return f, err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("read the outbox: %w", err)
	}
	var acts []queued
	var misfits []misfit
	for _, f := range found {
		reason, err := r.stranger(ctx, shard, f.agency, f.writer)
		if err != nil {
			return nil, nil, err
		}
		if reason == "" {
			if f.body, f.at, err = parseBody(f.raw, f.agency, f.event); err != nil {
				reason = err.Error()
			}
		}
		if reason != "" {
			misfits = append(misfits, misfit{f.position, reason})
			continue
		}
		acts = append(acts, f.queued)
	}
	return acts, misfits, nil
}

// stranger says why this role, on this shard, cannot have recorded an act of this
// agency; "" when it can.
func (r *Relay) stranger(ctx context.Context, shard string, agency uuid.UUID, writer string) (string, error) {
	if agency == uuid.Nil {
		if shard != tenancy.MainShard || writer != "konote_control" {
			return "only the control role may record acts on the platform", nil
		}
		return "", nil
	}
	a, err := r.platform.Agency(ctx, agency)
	if errors.Is(err, tenancy.ErrUnknownAgency) {
		return "no such agency", nil
	}
	if err != nil {
		return "", fmt.Errorf("look up the agency of an act: %w", err)
	}
	if a.Role() != writer || a.Shard != shard {
		return "written by a role that is not the agency's", nil
	}
	return "", nil
}

// watch measures the backlog of one shard, whoever leads.
func (r *Relay) watch(ctx context.Context, shard string) {
	for {
		backlog, err := r.measure(ctx, shard)
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			r.guard.set(shard, backlog)
		}
		r.note(shard, func(s *ShardState) { s.Backlog, s.Known = backlog, err == nil })
		if !sleep(ctx, watchEvery) {
			return
		}
	}
}

func (r *Relay) measure(ctx context.Context, shard string) (Backlog, error) {
	ctx, cancel := context.WithTimeout(ctx, relayTimeout)
	defer cancel()
	var backlog Backlog
	var seconds float64
	err := r.platform.Relay(ctx, shard, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, sqlBacklog).Scan(&backlog.Rows, &seconds, &backlog.Refused)
	})
	backlog.Age = time.Duration(seconds * float64(time.Second))
	return backlog, err
}

// sleep waits and says whether to go on.
func sleep(ctx context.Context, d time.Duration) bool {
	if d == 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
