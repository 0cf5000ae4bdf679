package audit

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Finding is a wall of the audit database that does not stand.
type Finding struct {
	Role string
	Text string // what it could do: "run DELETE …", "become …"
}

// forbidden is what each role is made to try. Nothing of it is ever committed.
var forbidden = []struct{ role, sql string }{
	{"writer", `UPDATE audit.entries SET outcome = outcome`},
	{"writer", `UPDATE audit.entries SET hash = hash WHERE false`},
	{"writer", `DELETE FROM audit.entries WHERE false`},
	{"writer", `TRUNCATE audit.entries`},
	{"writer", `SELECT body FROM audit.entries LIMIT 1`},
	{"writer", `SELECT action FROM audit.entries LIMIT 1`},
	{"writer", `UPDATE audit.checkpoints SET note = note`},
	{"writer", `DELETE FROM audit.checkpoints WHERE false`},
	{"writer", `TRUNCATE audit.checkpoints`},
	{"writer", `ALTER TABLE audit.entries DISABLE TRIGGER refuse_change`},
	{"writer", `DROP TABLE audit.checkpoints`},
	{"reader", `INSERT INTO audit.entries (agency_id) VALUES (NULL)`},
	{"reader", `UPDATE audit.entries SET outcome = outcome`},
	{"reader", `DELETE FROM audit.entries WHERE false`},
	{"reader", `TRUNCATE audit.entries`},
	{"reader", `INSERT INTO audit.checkpoints (agency_id) VALUES (NULL)`},
	{"reader", `UPDATE audit.checkpoints SET note = note`},
	{"reader", `DELETE FROM audit.checkpoints WHERE false`},
	{"reader", `ALTER TABLE audit.entries DISABLE TRIGGER refuse_change`},
}

// sqlPowers looks behind the tries: a trigger refuses what a grant allows, and
// gives the same error, so the grants are looked at too.
const sqlPowers = `
SELECT r.rolsuper OR r.rolcreaterole OR r.rolbypassrls OR r.rolreplication AS powerful,
       bool_or(has_table_privilege(c.oid, 'UPDATE') OR has_any_column_privilege(c.oid, 'UPDATE')
            OR has_table_privilege(c.oid, 'DELETE') OR has_table_privilege(c.oid, 'TRUNCATE')
            OR has_table_privilege(c.oid, 'TRIGGER')) AS change,
       bool_or(pg_has_role(c.relowner, 'MEMBER')) AS own,
       bool_and(EXISTS (SELECT FROM pg_catalog.pg_trigger AS t
                         WHERE t.tgrelid = c.oid AND t.tgname = 'refuse_change' AND t.tgenabled IN ('O', 'A'))) AS triggers
  FROM pg_catalog.pg_class AS c, pg_catalog.pg_roles AS r
 WHERE c.oid IN ('audit.entries'::regclass, 'audit.checkpoints'::regclass) AND r.rolname = current_user
 GROUP BY 1`

// ProveRoles tries, as the writer and as the reader, everything that they must not be
// able to do, and returns what worked. An error means that the proof could not be
// made, which a start in production takes for a failure too.
func ProveRoles(ctx context.Context, writerURL, readerURL string) ([]Finding, error) {
	var findings []Finding
	for _, login := range []struct{ role, url string }{{"writer", writerURL}, {"reader", readerURL}} {
		pool, err := openPool(ctx, login.role, login.url, 1)
		if err != nil {
			return nil, err
		}
		found, err := prove(ctx, pool, login.role)
		pool.Close()
		if err != nil {
			return nil, fmt.Errorf("prove the audit %s: %w", login.role, err)
		}
		findings = append(findings, found...)
	}
	return findings, nil
}

func prove(ctx context.Context, db *pgxpool.Pool, role string) ([]Finding, error) {
	var findings []Finding
	add := func(text string) { findings = append(findings, Finding{Role: role, Text: text}) }
	for _, try := range forbidden {
		if try.role != role {
			continue
		}
		refused, err := attempt(ctx, db, try.sql)
		if err != nil {
			return nil, err
		}
		if !refused {
			add("run " + try.sql)
		}
	}
	var powerful, change, own, triggers bool
	if err := db.QueryRow(ctx, sqlPowers).Scan(&powerful, &change, &own, &triggers); err != nil {
		return nil, fmt.Errorf("look at the grants: %w", err)
	}
	if powerful {
		add("act as a superuser, make roles, pass by row security or replicate")
	}
	if change {
		add("change or delete, were it not for the trigger")
	}
	if own {
		add("act as the owner of the tables")
	}
	if !triggers {
		add("meet no trigger: refuse_change is missing or switched off")
	}
	return findings, nil
}

// attempt runs a statement and says whether the database refused it for want of a
// privilege. Whatever happens is rolled back.
func attempt(ctx context.Context, db *pgxpool.Pool, sql string) (bool, error) {
	tx, err := db.Begin(ctx)
	if err != nil {
		return false, err
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	_, err = tx.Exec(ctx, sql)
	if err == nil {
		return false, nil
	}
	if pgErr := (*pgconn.PgError)(nil); errors.As(err, &pgErr) {
		return pgErr.Code == "42501", nil // insufficient_privilege
	}
	return false, err
}
