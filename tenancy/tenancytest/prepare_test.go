package tenancytest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAStatementIsJudgedAsTheRoleThatRunsIt(t *testing.T) {
	t.Parallel()
	w := New(t)
	role := w.Agency(t).Role()
	ops, audit := connect(t, w.SuperuserURL()), connect(t, w.AuditSuperuserURL())
	for _, test := range []struct{ sql, want string }{
		{`SELECT id FROM agency.notes WHERE id = $1`, ""},
		{`UPDATE agency.notes SET followed_up_at = $1 WHERE id = $2`, ""},
		{`INSERT INTO outbox.audit_events (event_id, agency_id, body) VALUES ($1, $2, $3)`, ""},
		{`DELETE FROM outbox.audit_events WHERE position = $1`, ""},
		{`SELECT host FROM control.agency_hosts WHERE host = $1`, ""},
		{"SET LOCAL statement_timeout = 0", ""},
		{`UPDATE agency.notes SET text_sealed = $1 WHERE id = $2`, "permission denied"},
		{`DELETE FROM agency.staff WHERE id = $1`, "permission denied"},
		{`DELETE FROM agency.staff WHERE id = NULL`, "permission denied"},
		{`SELECT id FROM agency.nothing`, "does not exist"},
		{`SELECT nothing FROM agency.staff`, "does not exist"},
		{`SELECT id FROM staff`, "does not exist"},
		{`UPDATE outbox.audit_events SET body = $1`, "permission denied"},
	} {
		err := prepare(t.Context(), ops, role, test.sql)
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: got %v, want %q", test.sql, err, test.want)
		}
	}
	if err := prepare(t.Context(), audit, role, `SELECT seq, hash FROM audit.entries WHERE agency_id = $1`); err != nil {
		t.Error(err)
	}
	if err := prepare(t.Context(), audit, role, `UPDATE audit.entries SET body = $1`); err == nil {
		t.Error("an update of the audit entries was accepted")
	}
}

func TestTheStatementsOfAPackageAreItsConstants(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, source string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(source), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("a.go", "package a\nimport \"some/elsewhere\"\nconst columns = `id, ` + more\nconst sqlOne = `SELECT ` + columns\nvar x = elsewhere.Y\n")
	write("b.go", "package a\nconst more = `name`\nconst sqlTwo, other = `SELECT 2`, `SELECT 3`\n")
	write("b_test.go", "package a\nconst sqlThree = `SELECT 3`\n")
	got, err := Statements(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || got["sqlOne"] != "SELECT id, name" || got["sqlTwo"] != "SELECT 2" {
		t.Errorf("got %v", got)
	}
	write("c.go", "package a\nconst sqlForeign = `SELECT ` + elsewhere.Columns\n")
	if _, err := Statements(dir); err == nil {
		t.Error("a statement that cannot be read was accepted")
	}
	if _, err := Statements(t.TempDir()); err == nil {
		t.Error("a folder without Go files was accepted")
	}
}
