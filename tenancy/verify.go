package tenancy

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"konote/migrations"
)

// Finding is what Verify found wrong in one place.
type Finding struct {
	Where    string   // an agency's subdomain, or "shard " and its name
	Problems []string // sentences, or lines of the snapshot with - (missing) or + (not expected)
}

const snapshotFile = "agency.snapshot.txt"

// sqlFacts describes a schema and the role of the same name, one line a fact, so that
// two schemas are alike when their sets of lines are. What differs between versions of
// Postgres is left out: NOT NULL as a constraint, the owner's own privileges. It finds
// its way by the indexes of the catalogue, which has no index by schema but for the
// dependencies, so that one agency costs the same among many.
const sqlFacts = `
WITH s AS (SELECT oid, nspowner, nspacl FROM pg_catalog.pg_namespace WHERE nspname = $1),
inside AS (
	SELECT d.classid, d.objid FROM pg_catalog.pg_depend d
	JOIN s ON d.refclassid = 'pg_catalog.pg_namespace'::regclass AND d.refobjid = s.oid
),
rel AS (SELECT c.* FROM inside JOIN pg_catalog.pg_class c ON inside.classid = 'pg_catalog.pg_class'::regclass AND c.oid = inside.objid),
proc AS (SELECT p.* FROM inside JOIN pg_catalog.pg_proc p ON inside.classid = 'pg_catalog.pg_proc'::regclass AND p.oid = inside.objid),
grants (kind, object, owner, acl) AS (
	SELECT 'schema', '', nspowner, nspacl FROM s
	UNION ALL SELECT 'table', relname::text, relowner, relacl FROM rel WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
	UNION ALL SELECT 'column', rel.relname || '.' || a.attname, rel.relowner, a.attacl
		FROM rel JOIN pg_catalog.pg_attribute a ON a.attrelid = rel.oid WHERE a.attacl IS NOT NULL
	UNION ALL SELECT 'function', p.proname::text, p.proowner, coalesce(p.proacl, acldefault('f', p.proowner))
		FROM proc p
)
SELECT regexp_replace(replace(line, $1, 'agency'), '\s+', ' ', 'g') AS line FROM (
	SELECT format('role login=%s inherit=%s super=%s createrole=%s createdb=%s bypassrls=%s',
			rolcanlogin, rolinherit, rolsuper, rolcreaterole, rolcreatedb, rolbypassrls)
		FROM pg_catalog.pg_roles WHERE rolname = $1
	UNION ALL SELECT format('role %s belongs to %s', member.rolname, granted.rolname)
		FROM pg_catalog.pg_roles granted
		JOIN pg_catalog.pg_auth_members m ON granted.oid = m.roleid
		JOIN pg_catalog.pg_roles member ON member.oid = m.member
		WHERE granted.rolname = $1 AND member.rolname <> 'konote_owner'
	UNION ALL SELECT format('role %s belongs to %s', member.rolname, granted.rolname)
		FROM pg_catalog.pg_roles member
		JOIN pg_catalog.pg_auth_members m ON member.oid = m.member
		JOIN pg_catalog.pg_roles granted ON granted.oid = m.roleid
		WHERE member.rolname = $1
	UNION ALL SELECT format('schema owner=%s', pg_get_userbyid(nspowner)) FROM s
	UNION ALL SELECT format('table %s kind=%s owner=%s persistence=%s rls=%s', relname, relkind, pg_get_userbyid(relowner), relpersistence, relrowsecurity)
		FROM rel WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
	UNION ALL SELECT format('column %s.%s %s%s%s%s', rel.relname, a.attname, format_type(a.atttypid, a.atttypmod),
			CASE WHEN a.attnotnull THEN ' not null' END,
			CASE WHEN d.oid IS NOT NULL THEN ' default ' || pg_get_expr(d.adbin, d.adrelid) END,
			nullif(format(' identity=%s generated=%s', a.attidentity, a.attgenerated), ' identity= generated='))
		FROM rel JOIN pg_catalog.pg_attribute a ON a.attrelid = rel.oid AND a.attnum > 0 AND NOT a.attisdropped
		LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
		WHERE rel.relkind IN ('r', 'p', 'v', 'm', 'f')
	UNION ALL SELECT format('constraint %s.%s %s', rel.relname, c.conname, pg_get_constraintdef(c.oid))
		FROM rel JOIN pg_catalog.pg_constraint c ON c.conrelid = rel.oid WHERE c.contype <> 'n'
	UNION ALL SELECT format('index %s valid=%s', pg_get_indexdef(i.indexrelid), i.indisvalid)
		FROM rel JOIN pg_catalog.pg_index i ON i.indrelid = rel.oid
	UNION ALL SELECT format('trigger %s enabled=%s', pg_get_triggerdef(t.oid), t.tgenabled)
		FROM rel JOIN pg_catalog.pg_trigger t ON t.tgrelid = rel.oid WHERE NOT t.tgisinternal
	UNION ALL SELECT format('function owner=%s %s', pg_get_userbyid(p.proowner), pg_get_functiondef(p.oid))
		FROM proc p WHERE p.prokind IN ('f', 'p', 'w')
	UNION ALL SELECT format('grant %s %s %s to %s%s', x.privilege_type, g.kind, g.object,
			CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(x.grantee)::text END, CASE WHEN x.is_grantable THEN ' with grant option' END)
		FROM grants g CROSS JOIN LATERAL aclexplode(g.acl) x WHERE x.grantee <> g.owner
) facts (line) ORDER BY line COLLATE "C"`

// Verify compares what was applied with the files, and every agency's schema and role
// with the committed snapshot. It changes nothing. Agencies that are behind are not
// compared with the snapshot. Its error is that it could not look.
func (m *Migrator) Verify(ctx context.Context) ([]Finding, error) {
	list, err := m.list()
	if err != nil {
		return nil, err
	}
	snapshot, err := fs.ReadFile(m.files(), snapshotFile)
	if err != nil {
		return nil, fmt.Errorf("read the snapshot: %w", err)
	}
	want := strings.Split(strings.TrimSpace(string(snapshot)), "\n")
	findings, err := m.verifyShards(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := m.Owner.main().Query(ctx, sqlRegistered)
	if err != nil {
		return nil, unavailable("list the agencies", err)
	}
	agencies, err := pgx.CollectRows(rows, pgx.RowToStructByName[registered])
	if err != nil {
		return nil, unavailable("list the agencies", err)
	}

	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(m.workers())
	for _, r := range agencies {
		group.Go(func() error {
			problems, err := m.verifyAgency(ctx, r, list, want)
			if err != nil {
				return unavailable("verify "+r.Subdomain, err)
			}
			if len(problems) > 0 {
				mu.Lock()
				defer mu.Unlock()
				findings = append(findings, Finding{Where: r.Subdomain, Problems: problems})
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	slices.SortFunc(findings, func(a, b Finding) int { return strings.Compare(a.Where, b.Where) })
	return findings, nil
}

// verifyShards looks at the registry's own migrations.
func (m *Migrator) verifyShards(ctx context.Context) ([]Finding, error) {
	list, err := loadMigrations(migrations.Files, "control")
	if err != nil {
		return nil, err
	}
	var findings []Finding
	for name, pool := range m.Owner.shards {
		problems, _, err := verifyLedger(ctx, pool, list, sqlLedger)
		if err != nil {
			return nil, unavailable("verify shard "+name, err)
		}
		if len(problems) > 0 {
			findings = append(findings, Finding{Where: "shard " + name, Problems: problems})
		}
	}
	return findings, nil
}

func (m *Migrator) verifyAgency(ctx context.Context, r registered, list []migration, want []string) ([]string, error) {
	pool, err := m.Owner.shard(r.Shard)
	if err != nil {
		return nil, err
	}
	problems, applied, err := verifyLedger(ctx, pool, list, sqlAgencyLedger, r.ID)
	if err != nil {
		return nil, err
	}
	if applied != r.Version {
		problems = append(problems, fmt.Sprintf("the registry says number %04d, its ledger %04d", r.Version, applied))
	}
	if applied != len(list) {
		return problems, nil // the snapshot is of the newest schema
	}
	facts, err := readFacts(ctx, pool, r.SchemaName)
	if err != nil {
		return nil, err
	}
	return append(problems, difference(want, facts)...), nil
}

// verifyLedger compares a ledger with the files and says how many it has.
func verifyLedger(ctx context.Context, pool *pgxpool.Pool, list []migration, sql string, args ...any) (problems []string, applied int, err error) {
	rows, err := pool.Query(ctx, sql, args...)
	if err != nil {
		return nil, 0, err
	}
	var version int
	var checksum []byte
	_, err = pgx.ForEachRow(rows, []any{&version, &checksum}, func() error {
		applied++
		if err := checkHistory(list, version, checksum); err != nil {
			problems = append(problems, err.Error())
		}
		return nil
	})
	if applied < len(list) {
		problems = append(problems, fmt.Sprintf("%d migrations are pending", len(list)-applied))
	}
	return problems, applied, err
}

func readFacts(ctx context.Context, pool *pgxpool.Pool, schemaName string) (facts []string, err error) {
	// The catalogue has seldom been analysed when agencies were just made, and the
	// planner would read all of it for each of them.
	byIndex := pgx.TxOptions{BeginQuery: "BEGIN READ ONLY; SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off"}
	err = pgx.BeginTxFunc(ctx, pool, byIndex, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, sqlFacts, schemaName)
		if err != nil {
			return err
		}
		facts, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	return facts, err
}

// difference lists what is only in want (-) and only in got (+).
func difference(want, got []string) []string {
	var lines []string
	only := func(sign string, these, others []string) {
		for _, line := range these {
			if !slices.Contains(others, line) {
				lines = append(lines, sign+" "+line)
			}
		}
	}
	only("-", want, got)
	only("+", got, want)
	return lines
}
