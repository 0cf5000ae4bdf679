package audit

import (
	"slices"
	"testing"
)

func TestTheRolesOfTheAuditDatabaseCanDoNothingElse(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	record(t, b.Agency(t), 2)
	b.drain(t)
	findings, err := ProveRoles(t.Context(), b.AuditURL("konote_audit_writer"), b.AuditURL("konote_audit_reader"))
	if err != nil || len(findings) != 0 {
		t.Errorf("got %+v, %v, want no findings", findings, err)
	}
	if n := b.intact(t); n != 2 {
		t.Errorf("got %d entries after the proof, want 2", n)
	}
}

func TestTheProofFindsEveryWallThatFell(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ sql, role string }{
		"the writer may read":            {"GRANT SELECT ON audit.entries TO konote_audit_writer", "writer"},
		"the writer may change a column": {"GRANT UPDATE (outcome) ON audit.entries TO konote_audit_writer", "writer"},
		"the writer may truncate":        {"GRANT TRUNCATE ON audit.checkpoints TO konote_audit_writer", "writer"},
		"the reader may add":             {"GRANT INSERT ON audit.entries TO konote_audit_reader", "reader"},
		"the reader may delete":          {"GRANT DELETE ON audit.entries TO konote_audit_reader", "reader"},
		"the trigger is off":             {"ALTER TABLE audit.entries DISABLE TRIGGER refuse_change", "reader"},
		"the trigger is gone":            {"DROP TRIGGER refuse_change ON audit.checkpoints", "writer"},
		"the writer owns the table":      {"GRANT USAGE, CREATE ON SCHEMA audit TO konote_audit_writer; ALTER TABLE audit.entries OWNER TO konote_audit_writer", "writer"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			superuser(t, b.AuditSuperuserURL(), c.sql)
			findings, err := ProveRoles(t.Context(), b.AuditURL("konote_audit_writer"), b.AuditURL("konote_audit_reader"))
			if err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(findings, func(f Finding) bool { return f.Role == c.role }) {
				t.Errorf("got %+v, want a finding about the %s", findings, c.role)
			}
		})
	}
}

func TestASuperuserIsNoWriter(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	findings, err := ProveRoles(t.Context(), b.AuditSuperuserURL(), b.AuditURL("konote_audit_reader"))
	if err != nil || len(findings) < 3 {
		t.Errorf("got %+v, %v", findings, err)
	}
}

func TestAnAuditDatabaseThatDoesNotAnswerProvesNothing(t *testing.T) {
	t.Parallel()
	if _, err := ProveRoles(t.Context(), "postgres://127.0.0.1:1/none", "postgres://127.0.0.1:1/none"); err == nil {
		t.Error("got no error")
	}
}
