package tenancy

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"sync"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"konote/migrations"
)

// Migrator brings the schemas of all agencies up to date. All pending files of one
// agency are one transaction, with the ledger rows; an agency where that fails is
// parked with the reason and keeps its old schema, and the others go on.
type Migrator struct {
	Owner    *Owner
	Files    fs.FS          // default migrations.Files
	Workers  int            // agencies at a time on all shards; default 4
	Progress func(Progress) // called after each agency, never twice at once; may be nil
}

// Progress is how far a run is.
type Progress struct {
	Subdomain string // the agency just done
	Err       error  // why it was parked; nil when it is up to date
	Done      int
	Total     int
}

// MigrationStatus is how the agencies stand.
type MigrationStatus struct {
	Control  int // pending files of the registry itself, on all shards
	Latest   int // the number of the newest file
	Agencies int // agencies that are not closed and not still being provisioned
	Pending  int // of these, behind the newest file and not parked
	Parked   []Parked
}

// Parked is an agency whose migration failed.
type Parked struct {
	Subdomain string `db:"subdomain"`
	Version   int    `db:"schema_version"` // the schema it still has
	Reason    string `db:"parked_reason"`
}

// Report is what Up did.
type Report struct {
	Migrated int
	Parked   []Parked
}

// registered is what the runner needs to know of an agency.
type registered struct {
	ID         uuid.UUID `db:"id"`
	Subdomain  string    `db:"subdomain"`
	Shard      string    `db:"shard"`
	SchemaName string    `db:"schema_name"`
	Version    int       `db:"schema_version"`
	Parked     bool      `db:"parked"`
}

const (
	sqlMigrationCounts = `SELECT count(*), count(*) FILTER (WHERE schema_version < $1 AND parked_reason IS NULL)
		FROM control.agencies WHERE status NOT IN ('provisioning', 'closed')`
	sqlParked = `SELECT subdomain, schema_version, parked_reason FROM control.agencies
		WHERE parked_reason IS NOT NULL AND status <> 'closed' ORDER BY subdomain`
	// The first is the canary: one that was well before, and a demo agency if there is one.
	sqlPending = `SELECT id, subdomain, shard, schema_name, schema_version, parked_reason IS NOT NULL AS parked
		FROM control.agencies
		WHERE status NOT IN ('provisioning', 'closed') AND schema_version < $1
		ORDER BY parked_reason IS NOT NULL, is_demo DESC, subdomain`
	sqlRegistered = `SELECT id, subdomain, shard, schema_name, schema_version, parked_reason IS NOT NULL AS parked
		FROM control.agencies WHERE status NOT IN ('provisioning', 'closed') ORDER BY subdomain`
	sqlHistory      = `SELECT DISTINCT version, checksum FROM control.agency_migrations ORDER BY version`
	sqlAgencyLedger = `SELECT version, checksum FROM control.agency_migrations WHERE agency_id = $1 ORDER BY version`
	sqlMigrated     = `UPDATE control.agencies SET schema_version = $2, parked_reason = NULL WHERE id = $1`
	sqlPark         = `UPDATE control.agencies SET parked_reason = $2 WHERE id = $1`
)

// Status counts; it changes nothing.
func (m *Migrator) Status(ctx context.Context) (MigrationStatus, error) {
	list, err := m.list()
	if err != nil {
		return MigrationStatus{}, err
	}
	status := MigrationStatus{Latest: len(list)}
	for name, pool := range m.Owner.shards {
		err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error { return status.add(ctx, tx, name) })
		if err != nil {
			return status, unavailable("read the state of the migrations of shard "+name, err)
		}
	}
	return status, nil
}

// Migrations is Migrator.Status for this program's own files, for the checks at
// start-up: it needs no owner.
func (p *Platform) Migrations(ctx context.Context) (MigrationStatus, error) {
	status := MigrationStatus{Latest: newestVersion()}
	for name := range p.shards {
		err := p.as(ctx, name, func(s *shard) *pgxpool.Pool { return s.platform }, "konote_control", func(tx pgx.Tx) error {
			return status.add(ctx, tx, name)
		})
		if err != nil {
			return status, fmt.Errorf("read the state of the migrations of shard %s: %w", name, err)
		}
	}
	return status, nil
}

// add counts what is on a shard.
func (s *MigrationStatus) add(ctx context.Context, tx pgx.Tx, shard string) error {
	pending, err := pendingFiles(ctx, tx, "control")
	if err != nil {
		return err
	}
	s.Control += pending
	if shard != MainShard {
		return nil // the registry is on the main one only
	}
	if err := tx.QueryRow(ctx, sqlMigrationCounts, s.Latest).Scan(&s.Agencies, &s.Pending); err != nil {
		return err
	}
	rows, err := tx.Query(ctx, sqlParked)
	if err != nil {
		return err
	}
	s.Parked, err = pgx.CollectRows(rows, pgx.RowToStructByName[Parked])
	return err
}

// Up migrates every agency that is behind, those parked before included: first one
// alone, then the rest in parallel. If the first one fails, the others are not
// touched. It may be stopped and run again at any time, and two may run at once.
// Errors: ErrHistory; ErrParked when agencies were parked, which the report names.
func (m *Migrator) Up(ctx context.Context) (Report, error) {
	list, err := m.list()
	if err != nil {
		return Report{}, err
	}
	if err := m.checkHistory(ctx, list); err != nil {
		return Report{}, err
	}
	rows, err := m.Owner.main().Query(ctx, sqlPending, len(list))
	if err != nil {
		return Report{}, unavailable("find the agencies to migrate", err)
	}
	pending, err := pgx.CollectRows(rows, pgx.RowToStructByName[registered])
	if err != nil || len(pending) == 0 {
		return Report{}, unavailable("find the agencies to migrate", err)
	}

	run := &migrationRun{migrator: m, list: list, total: len(pending)}
	if canary := pending[0]; !canary.Parked {
		if err := run.one(ctx, canary); err != nil {
			return run.report, err
		}
		if len(run.report.Parked) > 0 {
			return run.report, fmt.Errorf("%w: the first one failed, the others were not touched: %s", ErrParked, run.report.Parked[0].Reason)
		}
		pending = pending[1:]
	}
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(m.workers())
	for _, r := range pending {
		group.Go(func() error { return run.one(groupCtx, r) })
	}
	if err := group.Wait(); err != nil {
		return run.report, err
	}
	if n := len(run.report.Parked); n > 0 {
		return run.report, fmt.Errorf("%w: %d of them", ErrParked, n)
	}
	return run.report, nil
}

func (m *Migrator) files() fs.FS {
	if m.Files != nil {
		return m.Files
	}
	return migrations.Files
}

func (m *Migrator) list() ([]migration, error) { return loadMigrations(m.files(), "agency") }

func (m *Migrator) workers() int {
	if m.Workers > 0 {
		return m.Workers
	}
	return 4
}

// checkHistory compares what was applied anywhere with the files.
func (m *Migrator) checkHistory(ctx context.Context, list []migration) error {
	for name, pool := range m.Owner.shards {
		rows, err := pool.Query(ctx, sqlHistory)
		if err != nil {
			return unavailable("read the ledger of shard "+name, err)
		}
		var version int
		var checksum []byte
		_, err = pgx.ForEachRow(rows, []any{&version, &checksum}, func() error {
			return checkHistory(list, version, checksum)
		})
		if err != nil {
			return unavailable("check the ledger of shard "+name, err)
		}
	}
	return nil
}

// A migrationRun is one Up.
type migrationRun struct {
	migrator *Migrator
	list     []migration
	total    int

	mu     sync.Mutex
	done   int
	report Report
}

// one migrates an agency or parks it. An error means that the run cannot go on.
func (run *migrationRun) one(ctx context.Context, r registered) error {
	applied, failure := run.migrator.migrate(ctx, r, run.list)
	if ctx.Err() != nil {
		return fmt.Errorf("migrate: %w", context.Cause(ctx))
	}
	if errors.Is(unavailable("", failure), ErrUnavailable) {
		return unavailable("migrate "+r.Subdomain, failure)
	}
	if failure != nil {
		if _, err := run.migrator.Owner.main().Exec(ctx, sqlPark, r.ID, failure.Error()); err != nil {
			return unavailable("park "+r.Subdomain, err)
		}
	}

	run.mu.Lock()
	defer run.mu.Unlock()
	run.done++
	switch {
	case failure != nil:
		run.report.Parked = append(run.report.Parked, Parked{Subdomain: r.Subdomain, Version: r.Version, Reason: failure.Error()})
	case applied > 0:
		run.report.Migrated++
	}
	if run.migrator.Progress != nil {
		run.migrator.Progress(Progress{Subdomain: r.Subdomain, Err: failure, Done: run.done, Total: run.total})
	}
	return nil
}

const lockTries = 3

// migrate tries an agency a few times when somebody holds a lock that it needs.
func (m *Migrator) migrate(ctx context.Context, r registered, list []migration) (applied int, err error) {
	pool, err := m.Owner.shard(r.Shard)
	if err != nil {
		return 0, err
	}
	for try := 1; ; try++ {
		err = pool.AcquireFunc(ctx, func(conn *pgxpool.Conn) error {
			applied, err = migrateAgency(ctx, conn.Conn(), r, list)
			return err
		})
		if try == lockTries || !isCode(err, "55P03") && !isCode(err, "40P01") { // lock timeout, deadlock
			break
		}
	}
	if err == nil && r.Shard != MainShard {
		_, err = m.Owner.main().Exec(ctx, sqlMigrated, r.ID, len(list))
	}
	return applied, err
}

// migrateAgency makes the agency's role and schema if they are missing and applies
// what its ledger lacks, all in one transaction on its shard.
func migrateAgency(ctx context.Context, conn *pgx.Conn, r registered, list []migration) (applied int, err error) {
	schema, err := newSchema(r.SchemaName)
	if err != nil {
		return 0, err
	}
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "SET LOCAL lock_timeout = '3s'; SET LOCAL statement_timeout = '60s';"+
			"SELECT pg_advisory_xact_lock(hashtextextended('konote agency "+r.SchemaName+"', 0))")
		if err != nil {
			return fmt.Errorf("wait for another migration: %w", err)
		}
		ledger, err := readLedger(ctx, tx, sqlAgencyLedger, r.ID)
		if err != nil {
			return err
		}
		for i, checksum := range ledger {
			if err := checkHistory(list, i+1, checksum); err != nil {
				return err
			}
		}
		pending := list[len(ledger):]
		message := agencyDDL(schema, r, pending, len(ledger) == 0)
		if _, err := tx.Exec(ctx, message); err != nil { // no arguments: one simple-protocol message
			return fmt.Errorf("apply migrations after number %04d: %w", len(ledger), err)
		}
		applied = len(pending)
		if r.Shard != MainShard {
			return nil // the registry is elsewhere
		}
		_, err = tx.Exec(ctx, sqlMigrated, r.ID, len(list))
		return err
	})
	return applied, err
}

var agencyRole = regexp.MustCompile(`\bagency_role\b`)

// agencyDDL is one message with everything that is to be done in the agency's schema.
func agencyDDL(s schema, r registered, pending []migration, isNew bool) string {
	var b strings.Builder
	if isNew {
		fmt.Fprintf(&b, `DO $$ BEGIN
			IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = '%[2]s') THEN CREATE ROLE %[1]s NOLOGIN INHERIT; END IF;
			END $$;
			GRANT konote_agency TO %[1]s;
			GRANT %[1]s TO konote_app;
			CREATE SCHEMA IF NOT EXISTS %[1]s;
			GRANT USAGE ON SCHEMA %[1]s TO %[1]s;
			`, s.quoted(), s.name)
	}
	for _, m := range pending {
		sql := agencyPrefix.ReplaceAllLiteralString(m.sql, s.quoted()+".")
		b.WriteString(agencyRole.ReplaceAllLiteralString(sql, s.quoted()))
		fmt.Fprintf(&b, "\n;INSERT INTO control.agency_migrations (agency_id, version, name, checksum) VALUES ('%s', %d, '%s', '\\x%s');\n",
			r.ID, m.version, m.name, hex.EncodeToString(m.checksum[:]))
	}
	return b.String()
}

// newestVersion is the schema that this program's code expects.
var newestVersion = sync.OnceValue(func() int {
	list, err := loadMigrations(migrations.Files, "agency")
	if err != nil {
		panic(err) // the files are part of the program, and a test reads them
	}
	return len(list)
})
