package tenancy

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strconv"

	"github.com/jackc/pgx/v5"

	"konote/migrations"
)

// ErrHistory says that a migration which was applied is not the file of that number
// any more: it was edited or removed, or the database is newer than this program.
var ErrHistory = errors.New("tenancy: an applied migration differs from its file")

// A migration is one numbered file of a set.
type migration struct {
	version  int
	name     string
	sql      string
	checksum [sha256.Size]byte
}

var migrationName = regexp.MustCompile(`^([0-9]{4})_[a-z0-9_]+\.sql$`)

// loadMigrations reads a set in order. The numbers run from 1 without a gap.
func loadMigrations(files fs.FS, set string) ([]migration, error) {
	entries, err := fs.ReadDir(files, set)
	if err != nil {
		return nil, fmt.Errorf("read migrations %s: %w", set, err)
	}
	var list []migration
	for _, entry := range entries { // in order of name
		match := migrationName.FindStringSubmatch(entry.Name())
		if match == nil {
			return nil, fmt.Errorf("tenancy: %s/%s is not named as a migration", set, entry.Name())
		}
		version, err := strconv.Atoi(match[1])
		if err != nil || version != len(list)+1 {
			return nil, fmt.Errorf("tenancy: %s/%s should have the number %04d", set, entry.Name(), len(list)+1)
		}
		text, err := fs.ReadFile(files, path.Join(set, entry.Name()))
		if err != nil {
			return nil, fmt.Errorf("read migration: %w", err)
		}
		list = append(list, migration{version: version, name: entry.Name(), sql: string(text), checksum: sha256.Sum256(text)})
	}
	return list, nil
}

// checkHistory compares one applied migration with its file.
func checkHistory(list []migration, version int, checksum []byte) error {
	if version > len(list) {
		return fmt.Errorf("%w: number %04d is applied, and this program has %04d at most", ErrHistory, version, len(list))
	}
	if m := list[version-1]; string(m.checksum[:]) != string(checksum) {
		return fmt.Errorf("%w: %s", ErrHistory, m.name)
	}
	return nil
}

// The ledger of the sets that belong to a whole database.
const (
	ddlLedger = `CREATE SCHEMA IF NOT EXISTS ledger;
		CREATE TABLE IF NOT EXISTS ledger.migrations (
			version    integer PRIMARY KEY,
			name       text NOT NULL,
			checksum   bytea NOT NULL,
			applied_at timestamptz NOT NULL DEFAULT now()
		);`
	sqlLedgerLock  = `SELECT pg_advisory_xact_lock(hashtextextended('konote ledger', 0))`
	sqlLedger      = `SELECT version, checksum FROM ledger.migrations ORDER BY version`
	sqlLedgerCount = `SELECT count(*) FROM ledger.migrations`
	sqlLedgerAdd   = `INSERT INTO ledger.migrations (version, name, checksum) VALUES ($1, $2, $3)`
)

// MigrateControl brings the registry, the outbox and what stands beside them up to
// date, on one shard. ownerURL is the login konote_owner. It may run on several
// machines at once. Errors: ErrHistory, ErrUnavailable.
func MigrateControl(ctx context.Context, ownerURL string) error {
	return migrateDatabase(ctx, ownerURL, "control", "konote_control")
}

// MigrateAudit brings the audit database up to date, as konote_audit_owner.
func MigrateAudit(ctx context.Context, auditOwnerURL string) error {
	return migrateDatabase(ctx, auditOwnerURL, "audit", "konote_audit_reader")
}

// PendingAudit says how many files MigrateAudit would apply. readerURL is the login
// konote_audit_reader. Errors: ErrUnavailable.
func PendingAudit(ctx context.Context, readerURL string) (pending int, err error) {
	conn, err := connect(ctx, readerURL)
	if err != nil {
		return 0, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		pending, err = pendingFiles(ctx, tx, "audit")
		return err
	})
	return pending, unavailable("read the ledger of the audit database", err)
}

// pendingFiles counts the files of a set that are not in the database's ledger. A database
// that is newer than this program has none.
func pendingFiles(ctx context.Context, tx pgx.Tx, set string) (int, error) {
	list, err := loadMigrations(migrations.Files, set)
	if err != nil {
		return 0, err
	}
	var applied int
	if err := tx.QueryRow(ctx, sqlLedgerCount).Scan(&applied); err != nil {
		return 0, err
	}
	return max(0, len(list)-applied), nil
}

// migrateDatabase applies the pending files of a set in one transaction. reader may
// see in the ledger how far it is.
func migrateDatabase(ctx context.Context, url, set, reader string) error {
	list, err := loadMigrations(migrations.Files, set)
	if err != nil {
		return err
	}
	conn, err := connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, sqlLedgerLock); err != nil {
			return fmt.Errorf("wait for another migration: %w", err)
		}
		if _, err := tx.Exec(ctx, ddlLedger+"GRANT USAGE ON SCHEMA ledger TO "+reader+"; GRANT SELECT ON ledger.migrations TO "+reader); err != nil {
			return fmt.Errorf("make the ledger: %w", err)
		}
		applied, err := readLedger(ctx, tx, sqlLedger)
		if err != nil {
			return err
		}
		for i, checksum := range applied {
			if err := checkHistory(list, i+1, checksum); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, "SET LOCAL lock_timeout = '5s'"); err != nil {
			return err
		}
		for _, m := range list[len(applied):] {
			if _, err := tx.Exec(ctx, m.sql); err != nil {
				return fmt.Errorf("apply %s: %w", m.name, err)
			}
			if _, err := tx.Exec(ctx, sqlLedgerAdd, m.version, m.name, m.checksum[:]); err != nil {
				return fmt.Errorf("note %s in the ledger: %w", m.name, err)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("migrate %s: %w", set, unavailable("", err))
	}
	return nil
}

// readLedger returns the checksums of the applied migrations, number 1 first.
func readLedger(ctx context.Context, tx pgx.Tx, sql string, args ...any) ([][]byte, error) {
	rows, err := tx.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("read the ledger: %w", err)
	}
	var applied [][]byte
	var version int
	var checksum []byte
	_, err = pgx.ForEachRow(rows, []any{&version, &checksum}, func() error {
		if version != len(applied)+1 {
			return fmt.Errorf("%w: number %04d is missing in the ledger", ErrHistory, len(applied)+1)
		}
		applied = append(applied, append([]byte(nil), checksum...))
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the ledger: %w", err)
	}
	return applied, nil
}
