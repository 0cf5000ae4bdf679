package watch_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/app/apptest"
)

// D17 was a log without views of notes and plans, with free text in it, without agency and
// address, in a table that its own role could change, without a chain, and shown to other
// agencies. That it is shown to nobody else is in viewer_test.go.
func TestTheAuditLogHasNoneOfTheOldDefects(t *testing.T) {
	t.Parallel()
	h := &history{apptest.New(t), t}
	c := h.Cedar
	b := h.SignIn(t, c.Worker)
	for _, path := range []string{"/notes/" + c.Own.In(c.Housing).Note.String(), "/targets/" + c.Own.In(c.Housing).Target.String(),
		"/participants/" + c.Own.ID.String() + "/plan", "/participants/" + c.Own.ID.String() + "/plan/print"} {
		b.Open(path)
	}
	b.Find(c.Own.LastName)
	h.Drain(t)

	conn, err := pgx.Connect(t.Context(), h.World.AuditURL("konote_audit_reader"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	rows, err := conn.Query(t.Context(), `SELECT convert_from(body, 'UTF8') FROM audit.entries WHERE agency_id = $1`, c.ID)
	if err != nil {
		t.Fatal(err)
	}
	bodies, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	known := []string{"v", "id", "agency", "at", "action", "outcome", "actor_kind", "staff", "operator", "role", "program", "subject",
		"participants", "confidential", "reference", "sealed"}
	seen := map[string]bool{}
	for _, body := range bodies {
		var entry map[string]any
		if err := json.Unmarshal([]byte(body), &entry); err != nil {
			t.Fatal(err)
		}
		seen[entry["action"].(string)] = true
		for key := range entry {
			if !slices.Contains(known, key) {
				t.Errorf("an entry has a part %q outside the seal", key)
			}
		}
		if entry["agency"] != c.ID.String() {
			t.Errorf("an entry does not name its agency: %s", body)
		}
		if entry["staff"] == c.Worker.ID.String() && entry["sealed"] == nil {
			t.Errorf("an entry of a page has no address: %s", body)
		}
		for _, word := range append(c.Words(), "127.0.0.1", "::1") {
			if strings.Contains(body, word) {
				t.Errorf("an entry tells %q in clear", word)
			}
		}
	}
	for _, action := range []string{"note.view", "target.view", "participant.view", "plan.print", "participant.search"} {
		if !seen[action] {
			t.Errorf("%s was not recorded", action)
		}
	}

	for _, role := range []string{"konote_audit_writer", "konote_audit_reader", "konote_audit_owner"} {
		conn, err := pgx.Connect(t.Context(), h.World.AuditURL(role))
		if err != nil {
			t.Fatal(err)
		}
		for _, sql := range []string{"UPDATE audit.entries SET action = 'note.view'", "DELETE FROM audit.entries", "TRUNCATE audit.entries"} {
			if _, err := conn.Exec(t.Context(), sql); err == nil {
				t.Errorf("%s may %s", role, sql)
			}
		}
		conn.Close(context.Background())
	}
	report, err := h.Server.Ledger.Verify(t.Context(), []uuid.UUID{c.ID}, nil)
	if err != nil || !report.OK() {
		t.Errorf("the chain does not verify: %v %+v", err, report)
	}
}
