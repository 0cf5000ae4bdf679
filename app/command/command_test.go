package command_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/app/apptest"
	"konote/app/command"
)

// A shell is the commands over a platform, with the settings of production in the environment.
type shell struct {
	*testing.T
	platform *apptest.Platform
}

func newShell(t *testing.T) shell {
	t.Helper()
	p := apptest.NewAlone(t)
	c := p.Server.Config
	for name, value := range map[string]string{
		"KONOTE_MODE": "production", "KONOTE_BASE_DOMAIN": "konote.example", "KONOTE_INSECURE_COOKIES": "false",
		"KONOTE_DATABASE_URL": c.DatabaseURL, "KONOTE_OWNER_DATABASE_URL": c.OwnerURL, "KONOTE_AUDIT_OWNER_URL": c.AuditOwnerURL,
		"KONOTE_AUDIT_WRITER_URL": c.AuditWriterURL, "KONOTE_AUDIT_READER_URL": c.AuditReaderURL, "KONOTE_REDIS_URL": c.RedisURL,
		"KONOTE_LOCAL_KEY": c.LocalKey, "KONOTE_AUDIT_SIGNING_KEY": c.AuditSigningKey, "KONOTE_CHECKPOINT_DIR": c.CheckpointDir,
		"KONOTE_PASSWORD_PEPPER": base64.StdEncoding.EncodeToString(c.Pepper),
		"KONOTE_LIMIT_SECRET":    base64.StdEncoding.EncodeToString(c.LimitSecret),
	} {
		t.Setenv(name, value)
	}
	return shell{t, p}
}

// run runs a command, wants this exit code, and JSON when it was asked for. It returns what
// was printed.
func (s shell) run(want int, args ...string) string {
	s.Helper()
	var out, errors bytes.Buffer
	if got := command.Run(args, strings.NewReader("a long enough passphrase\n"), &out, &errors); got != want {
		s.Errorf("konote %s: exit code %d, want %d\n%s%s", strings.Join(args, " "), got, want, out.String(), errors.String())
	}
	if slices.Contains(args, "--json") && !json.Valid(out.Bytes()) {
		s.Errorf("konote %s: not JSON: %s", strings.Join(args, " "), out.String())
	}
	return out.String()
}

// exec does to a database what only somebody with the superuser's password can.
func (s shell) exec(url string, statements ...string) {
	s.Helper()
	conn, err := pgx.Connect(s.Context(), url)
	if err != nil {
		s.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	for _, sql := range statements {
		if _, err := conn.Exec(s.Context(), sql); err != nil {
			s.Fatalf("%s: %v", sql, err)
		}
	}
}

// recorded counts the acts of operators in the platform's chain.
func (s shell) recorded() map[string]int {
	s.Helper()
	s.platform.Drain(s.T)
	acts := map[string]int{}
	for e, err := range s.platform.Server.Ledger.Entries(s.Context(), []uuid.UUID{uuid.Nil}) {
		var body struct {
			Action   string `json:"action"`
			Kind     string `json:"actor_kind"`
			Operator string `json:"operator"`
		}
		if err == nil {
			err = json.Unmarshal(e.Body, &body)
		}
		if err != nil || body.Kind != "operator" || body.Operator == "" {
			s.Fatalf("got %+v and %v", body, err)
		}
		acts[body.Action]++
	}
	return acts
}

func TestCommandsEndAsPromisedAndAreRecorded(t *testing.T) {
	s := newShell(t)
	cedar := s.platform.Cedar.Agency.Subdomain
	s.platform.Drain(t)
	for _, test := range []struct {
		want int
		args string
		act  string // "" for what only says how things stand
	}{
		{0, "check --json", ""},
		{0, "check", ""},
		{0, "migrate status --json", ""},
		{0, "migrate verify --json", ""},
		{0, "migrate up", "platform.migrate"},
		{0, "agency list --json", ""},
		{0, "agency show --json " + cedar, ""},
		{1, "agency show nobody", ""},
		{2, "agency show", ""},
		{0, "agency suspend " + cedar, "agency.suspend"},
		{0, "agency resume " + cedar, "agency.resume"},
		{0, "agency create elm --name-en Elm --name-fr Orme --admin-name Robin --admin-user-name robin", "agency.create"},
		{1, "agency create elm --name-en Elm --name-fr Orme --admin-name Robin --admin-user-name robin", ""},
		{0, "generate --participants 2 --notes 2 --agency " + cedar, "agency.generate"},
		{1, "generate --participants 2 --notes 2 --agency elm", ""},
		{0, "audit checkpoint", "audit.checkpoint"},
		{0, "audit verify --json", "audit.verify"},
		{0, "audit export --agency " + cedar, "audit.export"},
		{0, "security-audit --json --agency " + cedar, "agency.inspect"},
		{0, "security-audit --json --category RBAC", "agency.inspect"},
		{2, "security-audit --category NONE", ""},
	} {
		before := s.recorded()
		s.run(test.want, strings.Fields(test.args)...)
		for act, n := range s.recorded() {
			if more := n - before[act]; act == test.act && more != 1 || act != test.act && more != 0 {
				t.Errorf("konote %s recorded %s %d times", test.args, act, more)
			}
		}
		if test.act != "" && s.recorded()[test.act] == 0 {
			t.Errorf("konote %s did not record %s", test.args, test.act)
		}
	}
	t.Setenv("KONOTE_INSECURE_COOKIES", "true")
	s.run(3, "check", "--json")
}

func TestAnAgencyThatIsParkedIsToldAndStopsNothing(t *testing.T) {
	s := newShell(t)
	id := "'" + s.platform.Cedar.Agency.ID.String() + "'"
	// Files that cannot be applied twice seem not to be.
	s.exec(s.platform.World.SuperuserURL(),
		"UPDATE control.agencies SET schema_version = 20 WHERE id = "+id,
		"DELETE FROM control.agency_migrations WHERE agency_id = "+id+" AND version > 20")
	s.run(3, "check")
	if out := s.run(3, "migrate", "up"); !strings.Contains(out, "0 agencies migrated, 1 parked, 0 not touched") {
		t.Errorf("the run is summed up as %s", out)
	}
	s.run(3, "migrate", "status", "--json")
	s.run(0, "check")
}

func TestAChainThatWasCutIsFoundByTheHeadsThatAreThere(t *testing.T) {
	s := newShell(t)
	s.platform.Drain(t)
	s.run(0, "audit", "checkpoint")
	whole := s.run(0, "audit", "export")
	cedar := s.platform.Cedar.Agency.ID.String()
	s.exec(s.platform.World.AuditSuperuserURL(),
		`ALTER TABLE audit.entries DISABLE TRIGGER refuse_change`, `ALTER TABLE audit.checkpoints DISABLE TRIGGER refuse_change`,
		`DELETE FROM audit.checkpoints`, `DELETE FROM audit.entries e WHERE agency_id = '`+cedar+`' AND seq = (SELECT max(seq) FROM audit.entries WHERE agency_id = e.agency_id)`,
		`ALTER TABLE audit.entries ENABLE TRIGGER refuse_change`, `ALTER TABLE audit.checkpoints ENABLE TRIGGER refuse_change`)
	s.run(3, "audit", "verify", "--json")
	s.run(0, "audit", "verify", "--agency", s.platform.Birch.Agency.Subdomain)
	heads := s.platform.Server.Config.CheckpointDir
	s.run(3, "audit", "verify", "--checkpoint", heads)

	// An export is held against the heads that are given: a folder, or one file and another.
	dir, key := t.TempDir(), s.platform.Server.Signer.VerifierKey()
	for name, text := range map[string]string{"whole": whole, "cut": s.run(0, "audit", "export")} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	birch := filepath.Join(heads, s.platform.Birch.Agency.ID.String()+".txt")
	s.run(0, "audit", "verify", "--file", filepath.Join(dir, "whole"), "--key", key, "--checkpoint", heads)
	s.run(3, "audit", "verify", "--file", filepath.Join(dir, "cut"), "--key", key, "--checkpoint", heads)
	s.run(3, "audit", "verify", "--file", filepath.Join(dir, "cut"), "--key", key, "--checkpoint", birch, "--checkpoint", filepath.Join(heads, cedar+".txt"))
	s.run(0, "audit", "verify", "--file", filepath.Join(dir, "cut"), "--key", key, "--checkpoint", birch)
}
