package tenancy_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"konote/tenancy"
	"konote/tenancy/tenancytest"
)

func TestEachAgencysDataIsOnItsOwnShardAndNowhereElse(t *testing.T) {
	t.Parallel()
	w := tenancytest.NewSharded(t)
	ctx := t.Context()
	first, second := dial(t, w.SuperuserURL()), dial(t, w.ShardSuperuserURL())
	here := w.Agency(t)
	there := w.Agency(t, func(n *tenancy.NewAgency) { n.Shard = tenancytest.SecondShard })
	for _, a := range []*tenancy.Agency{here, there} {
		if err := setSetting(ctx, a, "on "+a.Subdomain); err != nil {
			t.Fatal(err)
		}
	}
	const schemas = `SELECT count(*)::int FROM pg_namespace WHERE nspname = $1`
	const roles = `SELECT count(*)::int FROM pg_roles WHERE rolname = $1`
	for _, test := range []struct {
		agency *tenancy.Agency
		on     *pgx.Conn
		want   int
	}{{here, first, 1}, {here, second, 0}, {there, first, 0}, {there, second, 1}} {
		if got := one[int](t, test.on, schemas, test.agency.Role()); got != test.want {
			t.Errorf("shard %s has %d schemas of the agency on %s, want %d", test.on.Config().Database, got, test.agency.Shard, test.want)
		}
		if got := one[int](t, test.on, roles, test.agency.Role()); got != test.want {
			t.Errorf("a shard has %d roles of the agency on %s, want %d", got, test.agency.Shard, test.want)
		}
		if test.want == 1 {
			if got := one[string](t, test.on, `SELECT name FROM `+test.agency.Role()+`.settings`); got != "on "+test.agency.Subdomain {
				t.Errorf("its row is %q", got)
			}
		}
	}
	if got := one[int](t, second, `SELECT count(*)::int FROM control.agencies`); got != 0 {
		t.Errorf("the second shard has %d rows of registry, want none", got)
	}
	if got := one[int](t, second, `SELECT count(*)::int FROM control.agency_keys`); got != 0 {
		t.Errorf("the second shard has %d keys, want none", got)
	}
	if got := w.Platform.Shards(); strings.Join(got, " ") != "main second" {
		t.Errorf("shards: %v", got)
	}
	if err := w.Platform.Ready(ctx); err != nil {
		t.Error(err)
	}
	m := &tenancy.Migrator{Owner: w.Owner}
	findings, err := m.Verify(ctx)
	if err != nil || len(findings) > 0 {
		t.Errorf("verify: %v, %v", findings, err)
	}
	_, alone, err := w.Platform.ProveIsolation(ctx, []*tenancy.Agency{here, there})
	if err != nil || len(alone) != 2 {
		t.Errorf("isolation: %d agencies are alone on their shards, and %v, want 2", len(alone), err)
	}
	mustExec(t, second, `DELETE FROM ledger.migrations WHERE version = 3`)
	for name, look := range map[string]func(context.Context) (tenancy.MigrationStatus, error){"owner": m.Status, "platform": w.Platform.Migrations} {
		if status, err := look(ctx); err != nil || status.Control != 1 || status.Agencies != 2 {
			t.Errorf("%s: got %+v and %v, want one file pending on the second shard", name, status, err)
		}
	}
}

func TestAgenciesOnAllShardsAreMigratedAndACrashBetweenTheTwoDatabasesIsMended(t *testing.T) {
	t.Parallel()
	w := tenancytest.NewSharded(t)
	ctx := t.Context()
	w.Agency(t)
	there := w.Agency(t, func(n *tenancy.NewAgency) { n.Shard = tenancytest.SecondShard })
	m := &tenancy.Migrator{Owner: w.Owner, Files: withMigrations(t, map[string]string{nextMigration(t): addColours})}
	if report, err := m.Up(ctx); err != nil || report.Migrated != 2 {
		t.Fatalf("got %+v and %v", report, err)
	}
	// The shard has committed, and the registry does not know it yet.
	mustExec(t, dial(t, w.SuperuserURL()), `UPDATE control.agencies SET schema_version = schema_version - 1 WHERE id = $1`, there.ID)
	if report, err := m.Up(ctx); err != nil || report.Migrated != 0 {
		t.Errorf("got %+v and %v, want nothing applied", report, err)
	}
	if got := status(t, m); got.Pending != 0 {
		t.Errorf("got %+v, want none pending", got)
	}
}

func TestAnAgencyOnAShardThatIsNotConfiguredIsUnavailable(t *testing.T) {
	t.Parallel()
	w := tenancytest.New(t)
	agency := w.Agency(t)
	mustExec(t, dial(t, w.SuperuserURL()), `UPDATE control.agencies SET shard = 'moon' WHERE id = $1`, agency.ID)
	w.Platform.Forget()
	agency, err := w.Platform.Agency(t.Context(), agency.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := countSettings(t.Context(), agency); !errors.Is(err, tenancy.ErrUnavailable) {
		t.Errorf("got %v, want %v", err, tenancy.ErrUnavailable)
	}
}
