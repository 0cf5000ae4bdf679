package checkup_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"konote/app/apptest"
	"konote/app/audit"
	"konote/app/checkup"
	"konote/app/config"
	"konote/keyring"
	"konote/tenancy"
)

// healthy is what is to be looked at on a platform where production would start.
func healthy(t *testing.T, p *apptest.Platform) checkup.Subject {
	t.Helper()
	s := p.Server.Subject(nil)
	c := *s.Config
	c.Mode, c.BaseDomain, c.InsecureCookies, c.OwnerURL, c.Internal = config.Production, "konote.example", false, "", "127.0.0.1:9090"
	s.Config = &c
	return s
}

func failed(results []checkup.Result) (ids []string) {
	for _, r := range results {
		if r.Level != checkup.Pass {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

func TestProductionStartsOnlyWhenEverythingCriticalHolds(t *testing.T) {
	t.Parallel()
	p := apptest.New(t)
	if got := failed(checkup.Startup(t.Context(), healthy(t, p), true)); len(got) > 0 {
		t.Fatalf("a healthy platform fails %v", got)
	}
	development, err := keyring.NewLocal(keyring.DevelopmentKey)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		want   string
		break_ func(*checkup.Subject, *config.Config)
	}{
		{"KoNote.E001", func(s *checkup.Subject, _ *config.Config) { s.Keys = nil }},
		{"KoNote.E001", func(s *checkup.Subject, _ *config.Config) { s.Keys = development }},
		{"KoNote.E002", func(_ *checkup.Subject, c *config.Config) { c.Pepper = nil }},
		{"KoNote.E002", func(_ *checkup.Subject, c *config.Config) { c.LimitSecret = c.Pepper }},
		{"KoNote.E002", func(_ *checkup.Subject, c *config.Config) { c.Pepper = make([]byte, 32) }},
		{"KoNote.E003", func(_ *checkup.Subject, c *config.Config) { c.InsecureCookies = true }},
		{"KoNote.E004", func(_ *checkup.Subject, c *config.Config) { c.BaseDomain = "" }},
		{"KoNote.E004", func(_ *checkup.Subject, c *config.Config) { c.BaseDomain = "localhost" }},
		{"KoNote.E005", func(_ *checkup.Subject, c *config.Config) { c.AuditWriterURL = c.AuditOwnerURL }},
		{"KoNote.E008", func(_ *checkup.Subject, c *config.Config) { c.RedisURL = "redis://redis.konote.example:6379" }},
		{"KoNote.E009", func(s *checkup.Subject, _ *config.Config) {
			s.Redis = func(context.Context) error { return errors.New("no answer") }
		}},
		{"KoNote.E010", func(s *checkup.Subject, _ *config.Config) { s.Missing = []string{"KONOTE_CHECKPOINT_DIR"} }},
	} {
		s := healthy(t, p)
		c := *s.Config
		s.Config = &c
		test.break_(&s, &c)
		results := checkup.Startup(t.Context(), s, true)
		if got := failed(results); !slices.Equal(got, []string{test.want}) {
			t.Errorf("got %v, want %s", got, test.want)
		}
		var out bytes.Buffer
		if !checkup.Refuse(&out, config.Production, results) {
			t.Errorf("%s: production starts", test.want)
		}
		if !strings.Contains(out.String(), "STARTUP BLOCKED") || !strings.Contains(out.String(), test.want) {
			t.Errorf("%s: the box does not say so:\n%s", test.want, out.String())
		}
		if checkup.Refuse(&out, config.Demo, results) {
			t.Errorf("%s: the demo does not start", test.want)
		}
		for _, secret := range []string{c.LocalKey, c.AuditSigningKey, string(c.Pepper), c.RedisURL} {
			if secret != "" && strings.Contains(out.String(), secret) {
				t.Errorf("%s: the box shows a secret", test.want)
			}
		}
	}
}

// What is in the databases is broken for real, and mended again for the next one.
func TestStartLooksIntoTheDatabases(t *testing.T) {
	t.Parallel()
	p := apptest.NewAlone(t)
	p.World.Agency(t) // a real one, which only the demo may not have
	cedar, birch := pgx.Identifier{p.Cedar.Agency.Role()}.Sanitize(), pgx.Identifier{p.Birch.Agency.Role()}.Sanitize()
	ofCedar := ` WHERE id = '` + p.Cedar.Agency.ID.String() + `'`
	for _, test := range []struct {
		name           string
		mode           config.Mode
		database       string
		broken, mended string
		want           string
		starts         bool
	}{
		{"nothing", config.Production, p.World.SuperuserURL(), "", "", "", true},
		{"a real agency in the demo", config.Demo, p.World.SuperuserURL(), "", "", "KoNote.E011", false},
		{"a wall that is open", config.Production, p.World.SuperuserURL(),
			"GRANT " + cedar + " TO " + birch, "REVOKE " + cedar + " FROM " + birch, "KoNote.E006", false},
		{"an agency behind", config.Production, p.World.SuperuserURL(),
			"UPDATE control.agencies SET schema_version = schema_version - 1" + ofCedar,
			"UPDATE control.agencies SET schema_version = schema_version + 1" + ofCedar, "KoNote.E007", false},
		{"an agency parked", config.Production, p.World.SuperuserURL(),
			"UPDATE control.agencies SET schema_version = schema_version - 1, parked_reason = 'broken'" + ofCedar,
			"UPDATE control.agencies SET schema_version = schema_version + 1, parked_reason = NULL" + ofCedar, "KoNote.W004", true},
		{"the audit database behind", config.Production, p.World.AuditSuperuserURL(),
			"DELETE FROM ledger.migrations WHERE version = 2", "", "KoNote.E007", false},
	} {
		conn, err := pgx.Connect(t.Context(), test.database)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Exec(t.Context(), test.broken); err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		s := healthy(t, p)
		s.Config.Mode = test.mode
		results := checkup.Startup(t.Context(), s, true)
		if got := strings.Join(failed(results), " "); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
		if checkup.Refuse(io.Discard, test.mode, results) == test.starts {
			t.Errorf("%s: starts is %v, want %v", test.name, !test.starts, test.starts)
		}
		if _, err := conn.Exec(t.Context(), test.mended); err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		_ = conn.Close(t.Context())
	}
}

// One agency is tried against the others also when nobody asks about these, and where it is
// alone nothing is said to be proven.
func TestOneAgencyIsTriedAgainstTheOthersOfItsShard(t *testing.T) {
	t.Parallel()
	p := apptest.NewAlone(t)
	look := func() checkup.Result {
		return checkup.Audit(t.Context(), healthy(t, p), []*tenancy.Agency{p.Cedar.Agency}, []string{"RBAC"})[0]
	}
	if got := look(); got.ID != "RBAC001" || got.Level != checkup.Pass {
		t.Fatalf("a healthy platform: got %+v", got)
	}
	conn, err := pgx.Connect(t.Context(), p.World.SuperuserURL())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	cedar, birch := pgx.Identifier{p.Cedar.Agency.Role()}.Sanitize(), pgx.Identifier{p.Birch.Agency.Role()}.Sanitize()
	if _, err := conn.Exec(t.Context(), "GRANT "+birch+" TO "+cedar); err != nil {
		t.Fatal(err)
	}
	if got := look(); got.Level != checkup.Failure {
		t.Errorf("with an open wall to an agency nobody asked about: got %+v", got)
	}
	if _, err := conn.Exec(t.Context(), "UPDATE control.agencies SET status = 'offboarding' WHERE id = $1", p.Birch.Agency.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), "UPDATE control.agencies SET status = 'closed' WHERE id = $1", p.Birch.Agency.ID); err != nil {
		t.Fatal(err)
	}
	got := look()
	if got.Level != checkup.Note || !strings.Contains(got.Detail, p.Cedar.Agency.Subdomain) {
		t.Errorf("alone: got %+v", got)
	}
	if checkup.Worst([]checkup.Result{got}) != checkup.Pass {
		t.Error("a platform with one agency fails for it")
	}
}

// Each fault is made for real, as somebody with the superuser's password would.
func TestAuditSeesWhatSomebodyDidAroundKoNote(t *testing.T) {
	t.Parallel()
	p := apptest.NewAlone(t)
	p.Drain(t)
	agencies := []*tenancy.Agency{p.Cedar.Agency, p.Birch.Agency}
	look := func(category string) []string {
		p.Server.Platform.Forget()
		ids := failed(checkup.Audit(t.Context(), healthy(t, p), agencies, []string{category}))
		return slices.DeleteFunc(ids, func(id string) bool { return id == "RBAC003" }) // the fixture has somebody without a role
	}
	for _, category := range []string{"ENC", "RBAC", "DOC", "CFG"} {
		if got := look(category); len(got) > 0 {
			t.Fatalf("%s of a healthy platform: %v", category, got)
		}
	}
	cedar, birch := pgx.Identifier{p.Cedar.Agency.Role()}.Sanitize(), pgx.Identifier{p.Birch.Agency.Role()}.Sanitize()
	for _, test := range []struct {
		category, want string
		database       string
		statements     []string
	}{
		{"ENC", "ENC003", p.World.SuperuserURL(), []string{
			`UPDATE ` + cedar + `.participants SET first_name_sealed = (SELECT first_name_sealed FROM ` + birch + `.participants LIMIT 1)`}},
		{"RBAC", "RBAC001", p.World.SuperuserURL(), []string{
			`GRANT USAGE ON SCHEMA ` + cedar + ` TO ` + birch, `GRANT SELECT ON ` + cedar + `.participants TO ` + birch}},
		{"RBAC", "RBAC002", p.World.SuperuserURL(), []string{`UPDATE ` + cedar + `.staff SET is_admin = false`}},
		{"AUD", "AUD006", p.World.AuditSuperuserURL(), []string{
			`ALTER TABLE audit.entries DISABLE TRIGGER refuse_change`, `UPDATE audit.entries SET body = body || '\x20' WHERE seq = 1`,
			`ALTER TABLE audit.entries ENABLE TRIGGER refuse_change`}},
		{"DOC", "DOC001", p.World.SuperuserURL(), []string{`ALTER TABLE ` + cedar + `.notes ADD COLUMN scan bytea`}},
	} {
		conn, err := pgx.Connect(t.Context(), test.database)
		if err != nil {
			t.Fatal(err)
		}
		for _, sql := range test.statements {
			if _, err := conn.Exec(t.Context(), sql); err != nil {
				t.Fatalf("%s: %v", test.want, err)
			}
		}
		_ = conn.Close(t.Context())
		if got := look(test.category); !slices.Contains(got, test.want) {
			t.Errorf("got %v, want %s among them", got, test.want)
		}
	}
}

func TestAuditSeesAChainThatWasCutAlsoWhenItsCopiesOfTheSignedHeadsWentToo(t *testing.T) {
	t.Parallel()
	p := apptest.NewAlone(t)
	p.Drain(t)
	if _, err := p.Server.Ledger.Checkpoint(t.Context(), p.Server.Signer, audit.Folder(p.Server.Config.CheckpointDir)); err != nil {
		t.Fatal(err)
	}
	broken := func() bool {
		return slices.Contains(failed(checkup.Audit(t.Context(), healthy(t, p), []*tenancy.Agency{p.Cedar.Agency}, []string{"AUD"})), "AUD006")
	}
	if broken() {
		t.Fatal("a whole chain is not")
	}
	conn, err := pgx.Connect(t.Context(), p.World.AuditSuperuserURL())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	for _, sql := range []string{
		`ALTER TABLE audit.entries DISABLE TRIGGER refuse_change`, `ALTER TABLE audit.checkpoints DISABLE TRIGGER refuse_change`,
		`DELETE FROM audit.checkpoints`, `DELETE FROM audit.entries e WHERE seq = (SELECT max(seq) FROM audit.entries WHERE agency_id = e.agency_id)`,
		`ALTER TABLE audit.entries ENABLE TRIGGER refuse_change`, `ALTER TABLE audit.checkpoints ENABLE TRIGGER refuse_change`,
	} {
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	if !broken() {
		t.Error("a chain without its last entry passes for whole")
	}
}

func TestEveryCheckIsExplained(t *testing.T) {
	t.Parallel()
	p := apptest.New(t)
	page, err := os.ReadFile("../../docs/checks.md")
	if err != nil {
		t.Fatal(err)
	}
	explained := map[string]bool{}
	for _, row := range regexp.MustCompile(`(?m)^\| ([A-Za-z.]+[0-9]{3}) \|`).FindAllStringSubmatch(string(page), -1) {
		explained[row[1]] = true
	}
	s := healthy(t, p)
	results := append(checkup.Startup(t.Context(), s, true), checkup.Audit(t.Context(), s, []*tenancy.Agency{p.Cedar.Agency}, nil)...)
	seen := map[string]bool{}
	for _, r := range results {
		seen[r.ID] = true
		if !explained[r.ID] {
			t.Errorf("docs/checks.md does not explain %s", r.ID)
		}
	}
	for id := range explained {
		if !seen[id] {
			t.Errorf("docs/checks.md explains %s, which nothing checks", id)
		}
	}
}
