package tenancy_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/keyring"
	"konote/tenancy"
	"konote/tenancy/tenancytest"
)

// firstAdministrator stands for what a caller adds; it looks first.
func firstAdministrator(ctx context.Context, tx *tenancy.Tx) error {
	_, err := tx.Exec(ctx, `INSERT INTO agency.settings (name, value) VALUES ($1, '"made"') ON CONFLICT (name) DO NOTHING`, "administrator")
	return err
}

func TestANewAgencyIsOpenAndEmptyButForItsSeed(t *testing.T) {
	t.Parallel()
	w := tenancytest.New(t)
	n := tenancytest.NewAgency(func(n *tenancy.NewAgency) { n.Demo = true })
	agency, err := tenancy.Provision(t.Context(), w.Owner, w.Platform, n, firstAdministrator)
	if err != nil {
		t.Fatal(err)
	}
	if agency.Status != tenancy.Active || !agency.Demo || agency.Subdomain != n.Subdomain || agency.Name("fr") != n.NameFR || agency.Shard != tenancy.MainShard {
		t.Errorf("got %+v", agency)
	}
	if got, err := countSettings(t.Context(), agency); got != 1 || err != nil {
		t.Errorf("got %d settings and %v, want the seed's one", got, err)
	}
	if _, err := tenancy.Provision(t.Context(), w.Owner, w.Platform, n, firstAdministrator); !errors.Is(err, tenancy.ErrExists) {
		t.Errorf("once more: got %v, want %v", err, tenancy.ErrExists)
	}
}

// TestProvisioningGoesOnWhereItWasKilled starts a process that is killed (SIGKILL)
// after each step, and then does the same again here.
func TestProvisioningGoesOnWhereItWasKilled(t *testing.T) {
	t.Parallel()
	if os.Getenv("KONOTE_TEST_KILL_AFTER") != "" {
		provisionUntilKilled(t)
		return
	}
	w := tenancytest.NewAlone(t)
	superuser := dial(t, w.SuperuserURL())
	for _, step := range []string{"register", "schema", "key", "seed", "activate"} {
		t.Run(step, func(t *testing.T) {
			n := tenancytest.NewAgency()
			child := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestProvisioningGoesOnWhereItWasKilled$")
			child.Env = append(os.Environ(), "KONOTE_TEST_KILL_AFTER="+step, "KONOTE_TEST_SUBDOMAIN="+n.Subdomain,
				"KONOTE_TEST_OWNER="+w.URL("konote_owner"), "KONOTE_TEST_APP="+w.URL("konote_app"))
			out, err := child.CombinedOutput()
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
				t.Fatalf("the child was not killed: %v\n%s", err, out)
			}
			before := registryRow(t, superuser, n.Subdomain)

			_, err = tenancy.Provision(t.Context(), w.Owner, w.Platform, n, firstAdministrator)
			if finished := step == "activate"; finished != errors.Is(err, tenancy.ErrExists) || !finished && err != nil {
				t.Fatal(err)
			}
			agency, err := w.Platform.BySubdomain(t.Context(), n.Subdomain)
			if err != nil {
				t.Fatal(err)
			}
			after := registryRow(t, superuser, n.Subdomain)
			if before.id != after.id || before.schema != after.schema {
				t.Errorf("another agency was made: %v, then %v", before, after)
			}
			if before.key != nil && !bytes.Equal(before.key, after.key) {
				t.Error("its data key was replaced")
			}
			if after.keys != 1 || after.status != "active" {
				t.Errorf("it has %d keys and is %s", after.keys, after.status)
			}
			if got, err := countSettings(t.Context(), agency); got != 1 || err != nil {
				t.Errorf("got %d settings and %v, want the seed's one", got, err)
			}
		})
	}
	findings, err := (&tenancy.Migrator{Owner: w.Owner}).Verify(t.Context())
	if err != nil || len(findings) > 0 {
		t.Errorf("verify: %v, %v", findings, err)
	}
}

func provisionUntilKilled(t *testing.T) {
	ctx := t.Context()
	p, err := tenancy.Open(ctx, tenancy.Settings{DatabaseURL: os.Getenv("KONOTE_TEST_APP"), Keys: tenancytest.NewKeys()})
	if err != nil {
		t.Fatal(err)
	}
	owner, err := tenancy.OpenOwner(ctx, os.Getenv("KONOTE_TEST_OWNER"), nil)
	if err != nil {
		t.Fatal(err)
	}
	tenancy.AfterStep(owner, func(step string) {
		if step == os.Getenv("KONOTE_TEST_KILL_AFTER") {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
	})
	n := tenancytest.NewAgency(func(n *tenancy.NewAgency) {
		n.Subdomain = os.Getenv("KONOTE_TEST_SUBDOMAIN")
		n.Hosts = []string{n.Subdomain + ".localhost"}
	})
	_, err = tenancy.Provision(ctx, owner, p, n, firstAdministrator)
	t.Fatalf("it went on to the end: %v", err)
}

type registryState struct {
	id, schema, status string
	keys               int
	key                []byte
}

func registryRow(t *testing.T, conn *pgx.Conn, subdomain string) (r registryState) {
	t.Helper()
	err := conn.QueryRow(t.Context(), `SELECT a.id::text, a.schema_name, a.status, count(k.version), min(encode(k.wrapped, 'hex'))::bytea
		FROM control.agencies a LEFT JOIN control.agency_keys k ON k.agency_id = a.id
		WHERE subdomain = $1 GROUP BY a.id`, subdomain).Scan(&r.id, &r.schema, &r.status, &r.keys, &r.key)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAFailureInEachPartLeavesAnAgencyThatIsClosedAndCanBeFinished(t *testing.T) {
	t.Parallel()
	w := tenancytest.New(t)
	ctx := t.Context()
	n := tenancytest.NewAgency()

	w.Keys.Fail(keyring.ErrProvider)
	if _, err := tenancy.Provision(ctx, w.Owner, w.Platform, n, firstAdministrator); !errors.Is(err, keyring.ErrProvider) {
		t.Fatalf("without the key provider: got %v", err)
	}
	w.Keys.Fail(nil)
	wrong := errors.New("not now")
	fails := func(ctx context.Context, tx *tenancy.Tx) error {
		return errors.Join(firstAdministrator(ctx, tx), wrong)
	}
	if _, err := tenancy.Provision(ctx, w.Owner, w.Platform, n, fails); !errors.Is(err, wrong) {
		t.Fatalf("with a seed that fails: got %v", err)
	}
	half, err := w.Platform.Resolve(ctx, n.Hosts[0])
	if err != nil || half.Status != tenancy.Provisioning {
		t.Fatalf("got %v and %v, want an agency that is being provisioned", half, err)
	}
	if _, err := countSettings(ctx, half); !errors.Is(err, tenancy.ErrClosed) {
		t.Errorf("an unfinished agency: got %v, want %v", err, tenancy.ErrClosed)
	}

	// It can be finished, but not as another agency.
	other := n
	other.Demo = true
	if _, err := tenancy.Provision(ctx, w.Owner, w.Platform, other, nil); !errors.Is(err, tenancy.ErrExists) {
		t.Errorf("as a demo agency: got %v, want %v", err, tenancy.ErrExists)
	}
	if _, err := tenancy.Provision(ctx, w.Owner, w.Platform, n, firstAdministrator); err != nil {
		t.Fatal(err)
	}
	agency, err := w.Platform.Resolve(ctx, n.Hosts[0])
	if err != nil || agency.Status != tenancy.Active {
		t.Fatalf("got %v and %v, want an open agency", agency, err)
	}
}

func TestAnAgencyThatCannotBeIsRefused(t *testing.T) {
	t.Parallel()
	w := tenancytest.New(t)
	taken := w.Agency(t)
	for name, change := range map[string]func(*tenancy.NewAgency){
		"subdomain with an upper case letter": func(n *tenancy.NewAgency) { n.Subdomain = "Northside" },
		"subdomain that is too short":         func(n *tenancy.NewAgency) { n.Subdomain = "ab" },
		"subdomain with a dot":                func(n *tenancy.NewAgency) { n.Subdomain = "a.b.c" },
		"subdomain with a quote":              func(n *tenancy.NewAgency) { n.Subdomain = "a'; DROP TABLE x;" },
		"subdomain that ends in a hyphen":     func(n *tenancy.NewAgency) { n.Subdomain = "north-" },
		"subdomain that is taken":             func(n *tenancy.NewAgency) { n.Subdomain = taken.Subdomain },
		"no French name":                      func(n *tenancy.NewAgency) { n.NameFR = " " },
		"host with a port":                    func(n *tenancy.NewAgency) { n.Hosts = []string{"north.localhost:8080"} },
		"host that is taken":                  func(n *tenancy.NewAgency) { n.Hosts = []string{taken.Host} },
		"shard that is not there":             func(n *tenancy.NewAgency) { n.Shard = "moon" },
	} {
		if _, err := tenancy.Provision(t.Context(), w.Owner, w.Platform, tenancytest.NewAgency(change), nil); err == nil {
			t.Errorf("%s: was made", name)
		}
	}
	if got, err := w.Platform.Resolve(t.Context(), taken.Host); err != nil || got.ID != taken.ID {
		t.Errorf("the taken host now leads to %v, %v", got, err)
	}
}

func TestManyAgenciesCanBeMadeAtOnceAndEachOnlyOnce(t *testing.T) {
	t.Parallel()
	w := tenancytest.New(t)
	same := tenancytest.NewAgency()
	var all sync.WaitGroup
	var mu sync.Mutex
	made := 0
	for range 4 {
		all.Go(func() {
			_, err := tenancy.Provision(t.Context(), w.Owner, w.Platform, same, firstAdministrator)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				made++
			} else if !errors.Is(err, tenancy.ErrExists) {
				t.Errorf("the same agency: %v", err)
			}
		})
		all.Go(func() {
			if _, err := tenancy.Provision(t.Context(), w.Owner, w.Platform, tenancytest.NewAgency(), firstAdministrator); err != nil {
				t.Errorf("another agency: %v", err)
			}
		})
	}
	all.Wait()
	if made != 1 {
		t.Errorf("the same agency was made %d times", made)
	}
}

func TestMakingAnAgencyWaitsForNobodyAndDisturbsNobody(t *testing.T) {
	t.Parallel()
	w := tenancytest.New(t)
	working := w.Agency(t)
	ctx := t.Context()
	if err := setSetting(ctx, working, "kept"); err != nil {
		t.Fatal(err)
	}
	err := working.Update(ctx, func(tx *tenancy.Tx) error {
		// Rows locked, a statement cached, and the transaction open throughout.
		if _, err := tx.Exec(ctx, `UPDATE agency.settings SET value = $1 WHERE name = $2`, "1", "kept"); err != nil {
			return err
		}
		for range 3 {
			w.Agency(t)
		}
		_, err := tx.Exec(ctx, `UPDATE agency.settings SET value = $1 WHERE name = $2`, "2", "kept")
		return err
	})
	if err != nil {
		t.Errorf("the working agency: %v", err)
	}
}

func TestAnAgencysRoleHasANameThatTellsNothing(t *testing.T) {
	t.Parallel()
	w := tenancytest.New(t)
	agency := w.Agency(t)
	if role := agency.Role(); !strings.HasPrefix(role, "a_") || len(role) != 18 || strings.Contains(role, agency.Subdomain) {
		t.Errorf("its role is %s", role)
	}
}

func TestAnAgencyIsOpenedWithItsRecordOrNotAtAll(t *testing.T) {
	t.Parallel()
	w := tenancytest.New(t)
	ctx := t.Context()
	wrong := errors.New("not now")
	n := tenancytest.NewAgency(func(n *tenancy.NewAgency) { n.Record = func(pgx.Tx, uuid.UUID) error { return wrong } })
	if _, err := tenancy.Provision(ctx, w.Owner, w.Platform, n, firstAdministrator); !errors.Is(err, wrong) {
		t.Fatalf("got %v, want %v", err, wrong)
	}
	agency, err := w.Platform.BySubdomain(ctx, n.Subdomain)
	if err != nil || agency.Status != tenancy.Provisioning {
		t.Fatalf("without its record: got %+v and %v", agency, err)
	}
	n.Record = func(tx pgx.Tx, id uuid.UUID) error {
		_, err := tx.Exec(ctx, `INSERT INTO outbox.audit_events (event_id, agency_id, body) VALUES ($1, $1, 'x')`, id)
		return err
	}
	agency, err = tenancy.Provision(ctx, w.Owner, w.Platform, n, firstAdministrator)
	if err != nil || agency.Status != tenancy.Active {
		t.Fatalf("once more: got %+v and %v", agency, err)
	}
	if by := one[string](t, dial(t, w.SuperuserURL()), `SELECT written_by::text FROM outbox.audit_events WHERE event_id = $1`, agency.ID); by != "konote_control" {
		t.Errorf("recorded by %s", by)
	}
}
