package tenancy

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/singleflight"

	"konote/keyring"
)

// Settings of a Platform. The zero value of a number stands for its default.
type Settings struct {
	// DatabaseURL is the login konote_app on the cluster that holds the registry,
	// which is also the shard "main".
	DatabaseURL string
	// Shards are further clusters, by name.
	Shards map[string]string
	Keys   keyring.Wrapper
	Limits keyring.Limits

	Lanes       int           // lanes a shard; default 32
	LaneSize    int           // connections a lane; default 2
	InFlight    int           // transactions an agency may have in flight; default 4
	AcquireWait time.Duration // for a turn of the agency and of one of its lanes; default 2 s
	RegistryAge time.Duration // how old a registry entry may be; default 2 s
	// Gate is asked before every Update; its error is returned as it is. It is how the
	// audit guard closes the platform to writes. nil is always open.
	Gate func() error
	Now  func() time.Time
	Log  *slog.Logger
}

func (s Settings) withDefaults() Settings {
	number := func(n *int, to int) {
		if *n == 0 {
			*n = to
		}
	}
	// A backend never forgets an agency that it has served, and each one that serves it has
	// to learn it first: so lanes are many and small, and an agency has two of them. The second
	// connection of a lane works while the first waits for a disk or for us.
	number(&s.Lanes, 32)
	number(&s.LaneSize, 2)
	number(&s.InFlight, 4)
	if s.AcquireWait == 0 {
		s.AcquireWait = 2 * time.Second
	}
	if s.RegistryAge == 0 {
		s.RegistryAge = 2 * time.Second
	}
	if s.Gate == nil {
		s.Gate = func() error { return nil }
	}
	if s.Now == nil {
		s.Now = time.Now
	}
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	return s
}

// Platform is all agencies: the registry, the shards and the key ring.
type Platform struct {
	settings Settings
	ring     *keyring.Ring
	shards   map[string]*shard
	now      func() time.Time
	log      *slog.Logger

	flight   singleflight.Group
	mu       sync.Mutex
	byHost   map[string]*knownHost // hosts of agencies alone
	nobodys  map[string]time.Time  // hosts that no agency had, and when
	asking   chan struct{}         // turns to ask for a host that is not in byHost
	byID     map[uuid.UUID]cachedAgency
	schemas  map[uuid.UUID]schema // kept for ever, so that rewritten statements are
	inFlight map[uuid.UUID]chan struct{}
}

type cachedAgency struct {
	agency   *Agency // nil: known not to exist
	loadedAt time.Time
}

type knownHost struct {
	cachedAgency
	askedAt time.Time
}

type shard struct {
	name     string
	lanes    []*lane
	platform *pgxpool.Pool // for the registry, so that no agency can be in its way
	relay    *pgxpool.Pool // for the relay of audit records, so that nothing can be in its way
}

// A lane is the connections that some of the agencies share, and a turn for each of them.
type lane struct {
	pool  *pgxpool.Pool
	turns chan struct{}
}

const (
	registryTimeout = 5 * time.Second

	// Anybody can ask for hosts that nobody has. So few of these may be looked up at
	// once, and so long may another wait.
	strangersAtOnce = 2
	strangerWait    = time.Second

	registrySize = 4 // connections to the registry
	relaySize    = 2 // connections of the relay to a shard
)

// MainShard is the cluster that holds the registry.
const MainShard = "main"

// Open connects to the registry and the shards. It does not wait for them: a
// database that is down shows at the first use, and in Ready.
func Open(ctx context.Context, settings Settings) (*Platform, error) {
	settings = settings.withDefaults()
	p := &Platform{
		settings: settings, now: settings.Now, log: settings.Log,
		shards: map[string]*shard{},
		byHost: map[string]*knownHost{}, nobodys: map[string]time.Time{}, asking: make(chan struct{}, strangersAtOnce), byID: map[uuid.UUID]cachedAgency{},
		schemas: map[uuid.UUID]schema{}, inFlight: map[uuid.UUID]chan struct{}{},
	}
	p.ring = keyring.NewRing(settings.Keys, p.wrappedKeys, settings.Limits, settings.Now, settings.Log)
	if err := p.addShard(ctx, MainShard, settings.DatabaseURL); err != nil {
		return nil, err
	}
	for name, url := range settings.Shards {
		if err := p.addShard(ctx, name, url); err != nil {
			p.Close()
			return nil, err
		}
	}
	return p, nil
}

func (p *Platform) addShard(ctx context.Context, name, url string) error {
	s := &shard{name: name}
	for i := range p.settings.Lanes + 2 {
		config, err := pgxpool.ParseConfig(url)
		if err != nil {
			return fmt.Errorf("tenancy: the address of shard %s cannot be read", name) // err may hold the password
		}
		switch config.MaxConns = int32(p.settings.LaneSize); i {
		case p.settings.Lanes:
			config.MaxConns = registrySize + strangersAtOnce // of which strangers leave enough
		case p.settings.Lanes + 1:
			config.MaxConns = relaySize
		}
		config.MinConns = 0
		// Retiring a backend is the only way to make it forget tables.
		config.MaxConnLifetime = 20 * time.Minute
		config.MaxConnLifetimeJitter = 10 * time.Minute
		config.MaxConnIdleTime = 5 * time.Minute
		config.ConnConfig.ConnectTimeout = 5 * time.Second
		config.ConnConfig.StatementCacheCapacity = 8192
		config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeCacheStatement
		config.ConnConfig.RuntimeParams["search_path"] = ""
		config.ConnConfig.RuntimeParams["timezone"] = "UTC"
		config.ConnConfig.RuntimeParams["jit"] = "off" // compiling a plan takes longer than any page
		// By itself Postgres plans a statement anew five times before it keeps a plan, on every
		// connection and for every agency. Statements find rows by their indexes whatever the
		// arguments are, so the first plan is as good.
		config.ConnConfig.RuntimeParams["plan_cache_mode"] = "force_generic_plan"
		config.ConnConfig.RuntimeParams["application_name"] = "konote"
		config.ConnConfig.RuntimeParams["statement_timeout"] = "30s"
		config.ConnConfig.RuntimeParams["idle_in_transaction_session_timeout"] = "60s"
		config.AfterConnect = func(_ context.Context, conn *pgx.Conn) error {
			useUUIDs(conn.TypeMap())
			return nil
		}
		pool, err := pgxpool.NewWithConfig(ctx, config)
		if err != nil {
			return fmt.Errorf("open shard %s: %w", name, err)
		}
		switch i {
		case p.settings.Lanes:
			s.platform = pool
		case p.settings.Lanes + 1:
			s.relay = pool
		default:
			s.lanes = append(s.lanes, &lane{pool, make(chan struct{}, p.settings.LaneSize)})
		}
	}
	p.shards[name] = s
	return nil
}

// Close ends all connections and forgets all keys.
func (p *Platform) Close() {
	p.ring.Close()
	for _, s := range p.shards {
		for _, lane := range s.lanes {
			lane.pool.Close()
		}
		s.platform.Close()
		s.relay.Close()
	}
}

// Ring is the key ring, for health pages and for what must go when a key goes.
func (p *Platform) Ring() *keyring.Ring { return p.ring }

// Now is the platform's clock, in UTC.
func (p *Platform) Now() time.Time { return p.now().UTC() }

// lanes are the two that an agency's transactions use, always the same ones: its own, and
// one for when that is taken. The second ones of the agencies of a lane are spread over
// all others, so that whoever holds up both of his lanes holds up nobody else's both. With
// a single lane the two are the same.
func (p *Platform) lanes(a *Agency) (own, other *lane, err error) {
	s := p.shards[a.Shard]
	if s == nil {
		return nil, nil, fmt.Errorf("%w: shard %q is not configured", ErrUnavailable, a.Shard)
	}
	h := fnv.New64a()
	h.Write(a.ID[:])
	sum, n := h.Sum64(), uint64(len(s.lanes))
	at := sum % n
	if n > 1 {
		other = s.lanes[(at+1+(sum>>32)%(n-1))%n]
	} else {
		other = s.lanes[at]
	}
	return s.lanes[at], other, nil
}

// enter waits for a turn among the agency's transactions in flight.
func (p *Platform) enter(ctx context.Context, agency uuid.UUID) (func(), error) {
	p.mu.Lock()
	turns := p.inFlight[agency]
	if turns == nil {
		turns = make(chan struct{}, p.settings.InFlight)
		p.inFlight[agency] = turns
	}
	p.mu.Unlock()

	if _, err := p.take(ctx, turns, nil); err != nil {
		return nil, fmt.Errorf("wait for a turn: %w", err)
	}
	return func() { <-turns }, nil
}

// take takes a turn of the first or, when none is free, waits for one of either (second
// may be nil) and says whose it got: ErrBusy after AcquireWait. Whoever need not wait sets
// no timer, which would wake a thread for nothing.
func (p *Platform) take(ctx context.Context, first, second chan struct{}) (chan struct{}, error) {
	select {
	case first <- struct{}{}:
		return first, nil
	default:
	}
	timer := time.NewTimer(p.settings.AcquireWait)
	defer timer.Stop()
	select {
	case first <- struct{}{}:
		return first, nil
	case second <- struct{}{}:
		return second, nil
	case <-timer.C:
		return nil, ErrBusy
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Control runs f as the role that may read the registry and add platform acts to
// the audit outbox, on the main shard.
func (p *Platform) Control(ctx context.Context, f func(pgx.Tx) error) error {
	return p.as(ctx, MainShard, func(s *shard) *pgxpool.Pool { return s.platform }, "konote_control", f)
}

// Relay runs f as the role that may empty a shard's audit outbox. It is for package
// audit alone (a test holds this).
func (p *Platform) Relay(ctx context.Context, name string, f func(pgx.Tx) error) error {
	return p.as(ctx, name, func(s *shard) *pgxpool.Pool { return s.relay }, "konote_relay", f)
}

// Shards are the names of the configured shards, in order.
func (p *Platform) Shards() []string { return slices.Sorted(maps.Keys(p.shards)) }

// Ready asks every shard whether it answers, and names those that do not.
func (p *Platform) Ready(ctx context.Context) error {
	var failed []error
	for _, name := range p.Shards() {
		if err := p.shards[name].platform.Ping(ctx); err != nil {
			failed = append(failed, fmt.Errorf("%w: shard %s", ErrUnavailable, name)) // err may hold addresses
		}
	}
	return errors.Join(failed...)
}

func (p *Platform) as(ctx context.Context, name string, pool func(*shard) *pgxpool.Pool, role string, f func(pgx.Tx) error) error {
	s := p.shards[name]
	if s == nil {
		return fmt.Errorf("%w: shard %q is not configured", ErrUnavailable, name)
	}
	tx, err := pool(s).BeginTx(ctx, pgx.TxOptions{BeginQuery: "BEGIN; SET LOCAL ROLE " + role})
	if err != nil {
		return unavailable("begin", err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	if err := f(tx); err != nil {
		return unavailable("", err)
	}
	return unavailable("commit", tx.Commit(ctx))
}
