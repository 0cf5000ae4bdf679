package tenancy_test

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"konote/embedded"
	"konote/tenancy"
)

// ownServer is a Postgres that no other test uses.
func ownServer(t *testing.T) *embedded.Servers {
	t.Helper()
	dir := t.TempDir()
	servers, err := embedded.Start(t.Context(), embedded.Options{Dir: dir, PostgresOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := errors.Join(servers.Stop(ctx), embedded.Remove(dir)); err != nil {
			t.Error(err)
		}
	})
	return servers
}

// TestBootstrapMakesEverythingAndCanBeRunAgainByManyAtOnce has a server of its own:
// roles belong to all databases of a server.
func TestBootstrapMakesEverythingAndCanBeRunAgainByManyAtOnce(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	servers := ownServer(t)
	settings := tenancy.BootstrapSettings{Passwords: map[string]string{}, OpsDatabase: "konote", AuditDatabase: `odd "name"`}
	for _, role := range []string{"konote_owner", "konote_app", "konote_audit_owner", "konote_audit_writer", "konote_audit_reader"} {
		settings.Passwords[role] = servers.Password(role)
	}
	admin := servers.SuperuserURL("postgres")
	ops := func(role string) string { return servers.URL(role, "konote") }
	audit := servers.URL("konote_audit_owner", settings.AuditDatabase)

	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if err := tenancy.Bootstrap(ctx, admin, settings); err != nil {
				t.Error("bootstrap:", err)
				return
			}
			if err := tenancy.MigrateControl(ctx, ops("konote_owner")); err != nil {
				t.Error("control:", err)
			}
			if err := tenancy.MigrateAudit(ctx, audit); err != nil {
				t.Error("audit:", err)
			}
		})
	}
	all.Wait()
	if t.Failed() {
		return
	}

	// An attribute that a role must not have is a refusal and not a quiet mend.
	conn := dial(t, admin)
	mustExec(t, conn, "ALTER ROLE konote_app BYPASSRLS")
	if err := tenancy.Bootstrap(ctx, admin, settings); err == nil || !strings.Contains(err.Error(), "konote_app") {
		t.Errorf("konote_app with BYPASSRLS: got %v, want a refusal that names it", err)
	}
	mustExec(t, conn, "ALTER ROLE konote_app NOBYPASSRLS")

	// An edited file of the database's own sets is refused.
	mustExec(t, dial(t, servers.SuperuserURL("konote")), `UPDATE ledger.migrations SET checksum = '\x00' WHERE version = 1`)
	if err := tenancy.MigrateControl(ctx, ops("konote_owner")); err == nil || !strings.Contains(err.Error(), "0001_agencies.sql") {
		t.Errorf("an edited file: got %v, want a refusal that names it", err)
	}

	// The password is kept as a verifier, and a weak one is refused.
	if got := one[bool](t, conn, "SELECT rolpassword LIKE 'SCRAM-SHA-256$4096:%' FROM pg_authid WHERE rolname = 'konote_app'"); !got {
		t.Error("the password of konote_app is not a SCRAM verifier")
	}
	for _, password := range []string{"short", "sixteen characters é", "sixteen characters \n"} {
		weak := tenancy.BootstrapSettings{Passwords: map[string]string{"konote_app": password}}
		if err := tenancy.Bootstrap(ctx, admin, weak); err == nil || strings.Contains(err.Error(), password) {
			t.Errorf("password %q: got %v, want a refusal that does not show it", password, err)
		}
	}
}

// TestBootstrapNeedsNoSuperuser runs it as hosted databases allow it: with a login
// that may create roles and databases.
func TestBootstrapNeedsNoSuperuser(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	servers := ownServer(t)
	conn := dial(t, servers.SuperuserURL("postgres"))
	mustExec(t, conn, `CREATE ROLE hosted LOGIN CREATEROLE CREATEDB PASSWORD '`+servers.Password("hosted")+`'`)
	settings := tenancy.BootstrapSettings{
		Passwords:   map[string]string{"konote_owner": servers.Password("konote_owner"), "konote_app": servers.Password("konote_app")},
		OpsDatabase: "konote", AuditDatabase: "konote_audit",
	}
	for range 2 {
		if err := tenancy.Bootstrap(ctx, servers.URL("hosted", "postgres"), settings); err != nil {
			t.Fatal(err)
		}
	}
	if err := tenancy.MigrateControl(ctx, servers.URL("konote_owner", "konote")); err != nil {
		t.Fatal(err)
	}
	app, err := pgx.Connect(ctx, servers.URL("konote_app", "konote"))
	if err != nil {
		t.Fatal(err)
	}
	defer app.Close(ctx)
	if _, err := app.Exec(ctx, "SET ROLE konote_control; SELECT FROM control.agencies"); err != nil {
		t.Error(err)
	}
}

func TestAnAddressThatCannotBeReadIsNotShown(t *testing.T) {
	t.Parallel()
	address := "postgres://admin:" + url.QueryEscape("hidden-word") + "@["
	for name, err := range map[string]error{
		"Bootstrap":      tenancy.Bootstrap(t.Context(), address, tenancy.BootstrapSettings{}),
		"MigrateControl": tenancy.MigrateControl(t.Context(), address),
		"MigrateAudit":   tenancy.MigrateAudit(t.Context(), address),
	} {
		if err == nil || strings.Contains(err.Error(), "hidden-word") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
