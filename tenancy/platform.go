package tenancy

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
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

	Lanes       int           // lanes a shard; default 4
	LaneSize    int           // connections a lane; default 4
	InFlight    int           // transactions an agency may have in flight; default 3
	AcquireWait time.Duration // for a turn and for a connection; default 2 s
	RegistryAge time.Duration // how old a registry entry may be; default 2 s
	Now         func() time.Time
	Log         *slog.Logger
}

func (s Settings) withDefaults() Settings {
	number := func(n *int, to int) {
		if *n == 0 {
			*n = to
		}
	}
	number(&s.Lanes, 4)
	number(&s.LaneSize, 4)
	number(&s.InFlight, 3)
	if s.AcquireWait == 0 {
		s.AcquireWait = 2 * time.Second
	}
	if s.RegistryAge == 0 {
		s.RegistryAge = 2 * time.Second
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
	byHost   map[string]cachedAgency
	byID     map[uuid.UUID]cachedAgency
	schemas  map[uuid.UUID]schema // kept for ever, so that rewritten statements are
	inFlight map[uuid.UUID]chan struct{}
}

type cachedAgency struct {
	agency   *Agency // nil: known not to exist
	loadedAt time.Time
}

type shard struct {
	name     string
	lanes    []*pgxpool.Pool
	platform *pgxpool.Pool // for registry and relay, so that no agency can be in their way
}

// MainShard is the cluster that holds the registry.
const MainShard = "main"

// Open connects to the registry and the shards. It does not wait for them: a
// database that is down shows at the first use, and in Ready.
func Open(ctx context.Context, settings Settings) (*Platform, error) {
	settings = settings.withDefaults()
	p := &Platform{
		settings: settings, now: settings.Now, log: settings.Log,
		shards: map[string]*shard{},
		byHost: map[string]cachedAgency{}, byID: map[uuid.UUID]cachedAgency{},
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
	for i := range p.settings.Lanes + 1 {
		config, err := pgxpool.ParseConfig(url)
		if err != nil {
			return fmt.Errorf("tenancy: the address of shard %s cannot be read", name) // err may hold the password
		}
		config.MaxConns = int32(p.settings.LaneSize)
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
		config.ConnConfig.RuntimeParams["application_name"] = "konote"
		config.ConnConfig.RuntimeParams["statement_timeout"] = "30s"
		config.ConnConfig.RuntimeParams["idle_in_transaction_session_timeout"] = "60s"
		pool, err := pgxpool.NewWithConfig(ctx, config)
		if err != nil {
			return fmt.Errorf("open shard %s: %w", name, err)
		}
		if i == p.settings.Lanes {
			s.platform = pool
		} else {
			s.lanes = append(s.lanes, pool)
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
			lane.Close()
		}
		s.platform.Close()
	}
}

// Ring is the key ring, for health pages and for what must go when a key goes.
func (p *Platform) Ring() *keyring.Ring { return p.ring }

// Now is the platform's clock, in UTC.
func (p *Platform) Now() time.Time { return p.now().UTC() }

// lane is the pool that an agency's transactions use: always the same one.
func (p *Platform) lane(a *Agency) (*pgxpool.Pool, error) {
	s := p.shards[a.Shard]
	if s == nil {
		return nil, fmt.Errorf("%w: shard %q is not configured", ErrUnavailable, a.Shard)
	}
	h := fnv.New32a()
	h.Write(a.ID[:])
	return s.lanes[h.Sum32()%uint32(len(s.lanes))], nil
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

	select {
	case turns <- struct{}{}:
		return func() { <-turns }, nil
	default:
	}
	timer := time.NewTimer(p.settings.AcquireWait)
	defer timer.Stop()
	select {
	case turns <- struct{}{}:
		return func() { <-turns }, nil
	case <-timer.C:
		return nil, ErrBusy
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for a turn: %w", ctx.Err())
	}
}

// Resolve finds the agency that answers at a host, as the browser sent it (a port
// is ignored). Errors: ErrUnknownHost, ErrUnavailable. A closed agency is unknown;
// an agency in any other status is returned, and View and Update say what it allows.
func (p *Platform) Resolve(ctx context.Context, host string) (*Agency, error) {
	host = normalHost(host)
	if len(host) > 253 {
		return nil, ErrUnknownHost
	}
	p.mu.Lock()
	cached, ok := p.byHost[host]
	p.mu.Unlock()
	if !ok || p.now().Sub(cached.loadedAt) >= p.settings.RegistryAge {
		agency, err, _ := p.flight.Do("host "+host, func() (any, error) {
			return p.load(context.WithoutCancel(ctx), sqlAgencyByHost, host)
		})
		if err != nil {
			return nil, err
		}
		cached = cachedAgency{agency: agency.(*Agency), loadedAt: p.now()}
		p.remember(host, cached)
	}
	if cached.agency == nil || cached.agency.Status == Closed {
		return nil, ErrUnknownHost
	}
	return cached.agency, nil
}

// Agency finds an agency by its id: for jobs and commands, which must look again
// each time they run. Errors: ErrUnknownAgency, ErrUnavailable.
func (p *Platform) Agency(ctx context.Context, id uuid.UUID) (*Agency, error) {
	p.mu.Lock()
	cached, ok := p.byID[id]
	p.mu.Unlock()
	if !ok || p.now().Sub(cached.loadedAt) >= p.settings.RegistryAge {
		agency, err := p.load(ctx, sqlAgencyByID, id)
		if err != nil {
			return nil, err
		}
		cached = cachedAgency{agency: agency, loadedAt: p.now()}
		p.remember("", cached)
	}
	if cached.agency == nil {
		return nil, ErrUnknownAgency
	}
	return cached.agency, nil
}

// BySubdomain finds an agency by its subdomain, for commands.
func (p *Platform) BySubdomain(ctx context.Context, subdomain string) (*Agency, error) {
	agency, err := p.load(ctx, sqlAgencyBySubdomain, subdomain)
	if err == nil && agency == nil {
		err = ErrUnknownAgency
	}
	return agency, err
}

// List returns the agencies after the given subdomain in order of subdomain, at most
// limit of them: start with "" and go on with the last one's.
func (p *Platform) List(ctx context.Context, after string, limit int) ([]*Agency, error) {
	var agencies []*Agency
	err := p.Control(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, sqlAgenciesAfter, after, limit)
		if err != nil {
			return err
		}
		found, err := pgx.CollectRows(rows, pgx.RowToStructByName[agencyRow])
		if err != nil {
			return err
		}
		for _, row := range found {
			a, err := p.agency(row)
			if err != nil {
				return err
			}
			agencies = append(agencies, a)
		}
		return nil
	})
	return agencies, err
}

// Forget drops what is remembered of the registry, so that the next Resolve sees
// a change made by this process at once. Other processes see it within RegistryAge.
func (p *Platform) Forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	clear(p.byHost)
	clear(p.byID)
}

// Control runs f as the role that may read the registry and add platform acts to
// the audit outbox, on the main shard.
func (p *Platform) Control(ctx context.Context, f func(pgx.Tx) error) error {
	return p.as(ctx, MainShard, "konote_control", f)
}

// Relay runs f as the role that may empty a shard's audit outbox. It is for package
// audit alone (a test holds this).
func (p *Platform) Relay(ctx context.Context, shard string, f func(pgx.Tx) error) error {
	return p.as(ctx, shard, "konote_relay", f)
}

// Shards are the names of the configured shards.
func (p *Platform) Shards() []string {
	names := make([]string, 0, len(p.shards))
	for name := range p.shards {
		names = append(names, name)
	}
	return names
}

func (p *Platform) as(ctx context.Context, shard, role string, f func(pgx.Tx) error) error {
	s := p.shards[shard]
	if s == nil {
		return fmt.Errorf("%w: shard %q is not configured", ErrUnavailable, shard)
	}
	tx, err := s.platform.BeginTx(ctx, pgx.TxOptions{BeginQuery: "BEGIN; SET LOCAL ROLE " + role})
	if err != nil {
		return unavailable("begin", err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	if err := f(tx); err != nil {
		return unavailable("", err)
	}
	return unavailable("commit", tx.Commit(ctx))
}

const agencyColumns = `a.id, a.subdomain, a.name_en, a.name_fr, a.status, a.shard, a.schema_name, a.schema_version,
	a.parked_reason IS NOT NULL AS parked, a.is_demo, coalesce(h.host, '') AS host`

const (
	sqlAgencyByHost = `SELECT ` + agencyColumns + `
		FROM control.agency_hosts asked
		JOIN control.agencies a ON a.id = asked.agency_id
		LEFT JOIN control.agency_hosts h ON h.agency_id = a.id AND h.is_primary
		WHERE asked.host = $1`
	sqlAgencyByID = `SELECT ` + agencyColumns + `
		FROM control.agencies a LEFT JOIN control.agency_hosts h ON h.agency_id = a.id AND h.is_primary
		WHERE a.id = $1`
	sqlAgencyBySubdomain = `SELECT ` + agencyColumns + `
		FROM control.agencies a LEFT JOIN control.agency_hosts h ON h.agency_id = a.id AND h.is_primary
		WHERE a.subdomain = $1`
	sqlAgenciesAfter = `SELECT ` + agencyColumns + `
		FROM control.agencies a LEFT JOIN control.agency_hosts h ON h.agency_id = a.id AND h.is_primary
		WHERE a.subdomain > $1 ORDER BY a.subdomain LIMIT $2`
	sqlWrappedKeys = `SELECT version, provider, key_id, algorithm, wrapped, check_value
		FROM control.agency_keys WHERE agency_id = $1 AND retired_at IS NULL ORDER BY version`
)

type agencyRow struct {
	ID            uuid.UUID `db:"id"`
	Subdomain     string    `db:"subdomain"`
	NameEN        string    `db:"name_en"`
	NameFR        string    `db:"name_fr"`
	Status        Status    `db:"status"`
	Shard         string    `db:"shard"`
	SchemaName    string    `db:"schema_name"`
	SchemaVersion int       `db:"schema_version"`
	Parked        bool      `db:"parked"`
	Demo          bool      `db:"is_demo"`
	Host          string    `db:"host"`
}

// load reads one agency from the registry; nil when there is none.
func (p *Platform) load(ctx context.Context, sql string, arg any) (*Agency, error) {
	var agency *Agency
	err := p.Control(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, sql, arg)
		if err != nil {
			return err
		}
		row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[agencyRow])
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		agency, err = p.agency(row)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the registry: %w", err)
	}
	return agency, nil
}

func (p *Platform) agency(row agencyRow) (*Agency, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	known, ok := p.schemas[row.ID]
	if !ok {
		var err error
		if known, err = newSchema(row.SchemaName); err != nil {
			return nil, err
		}
		p.schemas[row.ID] = known
	}
	return &Agency{
		ID: row.ID, Subdomain: row.Subdomain, NameEN: row.NameEN, NameFR: row.NameFR, Status: row.Status,
		Shard: row.Shard, Demo: row.Demo, Host: row.Host, schemaVersion: row.SchemaVersion, parked: row.Parked,
		schema: known, platform: p,
	}, nil
}

// remember bounds the memory that unknown hosts can take.
func (p *Platform) remember(host string, c cachedAgency) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.byHost) > 20_000 {
		clear(p.byHost)
	}
	if host != "" {
		p.byHost[host] = c
	}
	if c.agency != nil {
		p.byID[c.agency.ID] = c
	}
}

func (p *Platform) wrappedKeys(ctx context.Context, agency uuid.UUID) ([]keyring.Wrapped, error) {
	type row struct {
		Version   int32  `db:"version"`
		Provider  string `db:"provider"`
		KeyID     string `db:"key_id"`
		Algorithm string `db:"algorithm"`
		Wrapped   []byte `db:"wrapped"`
		Check     []byte `db:"check_value"`
	}
	var keys []keyring.Wrapped
	err := p.Control(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, sqlWrappedKeys, agency)
		if err != nil {
			return err
		}
		found, err := pgx.CollectRows(rows, pgx.RowToStructByName[row])
		for _, r := range found {
			keys = append(keys, keyring.Wrapped{Version: uint32(r.Version), Provider: r.Provider, KeyID: r.KeyID,
				Algorithm: r.Algorithm, Bytes: r.Wrapped, Check: r.Check})
		}
		return err
	})
	return keys, err
}
