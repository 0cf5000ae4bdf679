package consent

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/app/access"
	"konote/app/plan"
	"konote/tenancy"
)

// sqlRecords are the tables that hold something about a participant: they name her, or
// something that does. With what the agency's role may do to them, and what the trigger
// watches.
const sqlRecords = `WITH RECURSIVE tables AS (
	    SELECT c.oid, c.relname::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
	    WHERE n.nspname = $1 AND c.relkind = 'r'),
	records AS (
	    SELECT t.oid, t.name FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attname = 'participant_id'
	    UNION
	    SELECT t.oid, t.name FROM records r JOIN pg_constraint k ON k.confrelid = r.oid AND k.contype = 'f' JOIN tables t ON t.oid = k.conrelid)
	SELECT r.name, has_any_column_privilege($1, r.oid, 'INSERT') AS inserts, has_any_column_privilege($1, r.oid, 'UPDATE') AS updates,
	    EXISTS (SELECT FROM pg_trigger g JOIN pg_proc p ON p.oid = g.tgfoid WHERE g.tgrelid = r.oid AND p.proname = 'record_is_open' AND g.tgenabled = 'O' AND g.tgtype & 7 = 7) AS on_insert,
	    EXISTS (SELECT FROM pg_trigger g JOIN pg_proc p ON p.oid = g.tgfoid WHERE g.tgrelid = r.oid AND p.proname = 'record_is_open' AND g.tgenabled = 'O' AND g.tgtype & 19 = 19) AS on_update,
	    coalesce((SELECT max(encode(g.tgargs, 'escape')) FROM pg_trigger g JOIN pg_proc p ON p.oid = g.tgfoid WHERE g.tgrelid = r.oid AND p.proname = 'record_is_open'), '') AS parent
	FROM records r ORDER BY 1`

// What may be written after a withdrawal, by table: "insert" and "update" are everything,
// and each says why.
var stillWritten = map[string]map[string]string{
	"consents":              {"insert": "consent itself"},
	"directives":            {"insert": "she closes parts of her record", "update": "and opens them again"},
	"access_grants":         {"insert": "who reads", "update": "and for how long"},
	"recents":               {"insert": "what a worker opened last", "update": "likewise"},
	"drafts":                {"insert": "what somebody is typing; it is saved nowhere", "update": "likewise"},
	"alerts":                {"update": "an alert is ended; its words cannot be changed"},
	"alert_recommendations": {"insert": "ending an alert takes two", "update": "likewise"},
	"messages":              {"update": "a message is read and put away; its words cannot be changed"},
	"guard_requests":        {"insert": "keeping whereabouts safe", "update": "likewise"},
	"watch_findings":        {"insert": "a look at who has opened the record", "update": "likewise"},
}

type recordTable struct {
	Name     string `db:"name"`
	Inserts  bool   `db:"inserts"`
	Updates  bool   `db:"updates"`
	OnInsert bool   `db:"on_insert"`
	OnUpdate bool   `db:"on_update"`
	Parent   string `db:"parent"`
}

func (m *world) records() (tables []recordTable) {
	m.t.Helper()
	m.update(func(tx *tenancy.Tx) (err error) {
		tables, err = tenancy.Rows[recordTable](m.t.Context(), tx, sqlRecords, m.agency.Role())
		return err
	})
	return tables
}

// Every table that holds something about a participant is closed by a withdrawal, or says
// here why it is not.
func TestEveryTableOfARecordIsClosedByAWithdrawal(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	tables := m.records()
	if len(tables) < 20 {
		t.Fatalf("found only %d tables of records", len(tables))
	}
	for _, table := range tables {
		open := stillWritten[table.Name]
		if table.Inserts && !table.OnInsert && open["insert"] == "" {
			t.Errorf("%s takes new rows about somebody who has withdrawn: give it the trigger record_is_open, or say in stillWritten why", table.Name)
		}
		if table.Updates && !table.OnUpdate && open["update"] == "" {
			t.Errorf("%s can be changed about somebody who has withdrawn: give it the trigger record_is_open, or say in stillWritten why", table.Name)
		}
		if table.OnInsert && open["insert"] != "" || table.OnUpdate && open["update"] != "" {
			t.Errorf("%s has the trigger and an exemption", table.Name)
		}
	}
}

// Defect D21 of the existing KoNote: a withdrawn record was still written in several
// modules. Here the database refuses, whatever asks.
func TestTheDatabaseRefusesEveryNewRow(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	e := m.everything()
	m.record(Service, Withdrawn)
	columns := map[string]string{"participant": "participant_id", "note": "note_id", "target": "target_id", "enrolment": "enrolment_id", "member": "member_id"}
	tried := 0
	for _, table := range m.records() {
		if !table.OnInsert {
			continue
		}
		parent := strings.TrimSuffix(table.Parent, `\000`)
		// What is missing of the row is looked at only after the triggers.
		err := m.agency.Update(t.Context(), func(tx *tenancy.Tx) error {
			_, err := tx.Exec(t.Context(), "INSERT INTO agency."+table.Name+" (id, "+columns[parent]+") VALUES ($1, $2)", tenancy.NewID(), e[parent])
			return err
		})
		if !errors.Is(err, tenancy.ErrWithdrawn) {
			t.Errorf("%s: got %v, want that consent was withdrawn", table.Name, err)
		}
		tried++
	}
	if tried < 15 {
		t.Errorf("tried only %d tables", tried)
	}
}

// everything is a note, a target, an enrolment and a group with Léa in it.
func (m *world) everything() map[string]uuid.UUID {
	m.t.Helper()
	ids := map[string]uuid.UUID{"participant": m.lea}
	section, group := tenancy.NewID(), tenancy.NewID()
	for _, name := range []string{"target", "member", "meeting", "alert"} {
		ids[name] = tenancy.NewID()
	}
	m.update(func(tx *tenancy.Tx) error {
		if err := m.insertNote(m.t.Context(), tx); err != nil {
			return err
		}
		if err := plan.Bulk(m.t.Context(), tx, []plan.Past{{
			Section: plan.Section{ID: section, Participant: m.lea, Program: m.housing, Name: "Home", Status: plan.SectionActive, UpdatedAt: noon, UpdatedBy: m.worker.Staff},
			Targets: []plan.PastTarget{{Target: plan.Target{ID: ids["target"], Details: plan.Details{Name: "A quiet home", SetBy: plan.Jointly},
				Status: plan.Active, Achievement: plan.InProgress, AchievementBy: plan.Computed, CreatedAt: noon, CreatedBy: m.worker.Staff, UpdatedAt: noon, UpdatedBy: m.worker.Staff}}},
		}}); err != nil {
			return err
		}
		for _, statement := range []struct {
			sql  string
			args []any
		}{
			{`INSERT INTO agency.groups (id, program_id, name_sealed) VALUES ($1, $2, 'x')`, []any{group, m.housing}},
			{`INSERT INTO agency.group_members (id, group_id, participant_id, joined_on) VALUES ($1, $2, $3, '2026-01-01')`, []any{ids["member"], group, m.lea}},
			{`INSERT INTO agency.events (id, participant_id, program_id, author_id, author_role, kind, happened_on, starts_at, status)
				VALUES ($1, $2, $3, $4, 'direct_service', 'meeting', '2026-03-01', '2026-03-01T15:00Z', 'scheduled')`, []any{ids["meeting"], m.lea, m.housing, m.worker.Staff}},
			{`INSERT INTO agency.alerts (id, participant_id, program_id, author_id, content_sealed) VALUES ($1, $2, $3, $4, 'x')`, []any{ids["alert"], m.lea, m.housing, m.worker.Staff}},
		} {
			if _, err := tx.Exec(m.t.Context(), statement.sql, statement.args...); err != nil {
				return err
			}
		}
		for name, sql := range map[string]string{"note": `SELECT id FROM agency.notes WHERE participant_id = $1`,
			"enrolment": `SELECT id FROM agency.enrolments WHERE participant_id = $1 LIMIT 1`} {
			var id uuid.UUID
			if err := tx.QueryRow(m.t.Context(), sql, m.lea).Scan(&id); err != nil {
				return err
			}
			ids[name] = id
		}
		return nil
	})
	return ids
}

func TestWhatStaysPossibleAfterAWithdrawal(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	e := m.everything()
	m.record(Service, Withdrawn)
	for _, test := range []struct {
		name    string
		sql     string
		args    []any
		refused bool
	}{
		{"her details", `UPDATE agency.participants SET phone_sealed = 'x' WHERE id = $1`, []any{m.lea}, true},
		{"her status", `UPDATE agency.participants SET status = 'inactive' WHERE id = $1`, []any{m.lea}, true},
		{"where she stands", `UPDATE agency.enrolments SET worker_id = NULL WHERE id = $1`, []any{e["enrolment"]}, true},
		{"a goal", `UPDATE agency.targets SET position = 2 WHERE id = $1`, []any{e["target"]}, true},
		{"cancelling a note", `UPDATE agency.notes SET cancelled_at = now(), cancelled_by = $2, cancel_reason_sealed = 'x' WHERE id = $1`, []any{e["note"], m.worker.Staff}, true},
		{"moving a meeting", `UPDATE agency.events SET starts_at = starts_at + interval '1 hour' WHERE id = $1`, []any{e["meeting"]}, true},
		{"that a meeting took place", `UPDATE agency.events SET status = 'completed' WHERE id = $1`, []any{e["meeting"]}, true},
		{"her role in a group", `UPDATE agency.group_members SET role = 'leader' WHERE id = $1`, []any{e["member"]}, true},
		{"keeping whereabouts safe", `UPDATE agency.participants SET guarded_sealed = 'x', version = version + 1 WHERE id = $1`, []any{m.lea}, false},
		{"sharing", `UPDATE agency.participants SET sharing = 'restrict' WHERE id = $1`, []any{m.lea}, false},
		{"that no reminder was sent", `UPDATE agency.events SET reminder = 'no_consent' WHERE id = $1`, []any{e["meeting"]}, false},
		{"cancelling a meeting", `UPDATE agency.events SET status = 'cancelled', version = version + 1 WHERE id = $1`, []any{e["meeting"]}, false},
		{"ending an alert", `UPDATE agency.alerts SET status = 'cancelled', cancelled_at = now(), cancelled_by = $2, cancel_reason_sealed = 'x' WHERE id = $1`, []any{e["alert"], m.manager.Staff}, false},
		{"leaving a group", `UPDATE agency.group_members SET left_on = '2026-02-10' WHERE id = $1`, []any{e["member"]}, false},
		{"and joining it again", `UPDATE agency.group_members SET left_on = NULL WHERE id = $1`, []any{e["member"]}, true},
	} {
		err := m.agency.Update(t.Context(), func(tx *tenancy.Tx) error {
			changed, err := tx.Exec(t.Context(), test.sql, test.args...)
			if err == nil && changed != 1 {
				t.Errorf("%s: %d rows", test.name, changed)
			}
			return err
		})
		if got := errors.Is(err, tenancy.ErrWithdrawn); got != test.refused || err != nil && !got {
			t.Errorf("%s: got %v, want refused %v", test.name, err, test.refused)
		}
	}
}

// Of a note that is being saved and a withdrawal, one waits for the other; there is never
// a note after the withdrawal.
func TestAWithdrawalWaitsForANoteThatIsBeingSaved(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	begun, done := make(chan struct{}), make(chan error, 1)
	saved := make(chan error, 1)
	go func() {
		saved <- m.agency.Update(t.Context(), func(tx *tenancy.Tx) error {
			if err := m.insertNote(t.Context(), tx); err != nil {
				return err
			}
			close(begun)
			m.waiting(1) // the withdrawal
			return nil
		})
	}()
	<-begun
	form := m.form(Service, Withdrawn)
	go func() {
		_, err := m.send(m.worker, Service, Withdrawn, form)
		done <- err
	}()
	if err := <-saved; err != nil {
		t.Errorf("the note: %v", err)
	}
	if err := <-done; err != nil {
		t.Errorf("the withdrawal: %v", err)
	}
	if n := m.count(`SELECT count(*) FROM agency.notes`); n != 1 || m.reach(m.worker).Consent != access.ConsentWithdrawn {
		t.Errorf("got %d notes and consent %s", n, m.reach(m.worker).Consent)
	}
}

func TestANoteThatWaitsForAWithdrawalIsRefused(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	begun, done := make(chan struct{}), make(chan error, 1)
	withdrawn := make(chan error, 1)
	go func() {
		withdrawn <- m.agency.Update(t.Context(), func(tx *tenancy.Tx) error {
			if err := lock(t.Context(), tx, m.lea); err != nil {
				return err
			}
			e := Event{ID: tenancy.NewID(), Participant: m.lea, Purpose: Service, Kind: Withdrawn, By: Herself, How: Phone, HappenedOn: today, RecordedAt: noon, RecordedBy: m.worker.Staff}
			if _, err := insert(t.Context(), tx, &e, time.UTC); err != nil {
				return err
			}
			close(begun)
			m.waiting(1) // the note
			return nil
		})
	}()
	<-begun
	go func() {
		done <- m.agency.Update(t.Context(), func(tx *tenancy.Tx) error { return m.insertNote(t.Context(), tx) })
	}()
	if err := <-withdrawn; err != nil {
		t.Errorf("the withdrawal: %v", err)
	}
	if err := <-done; !errors.Is(err, tenancy.ErrWithdrawn) {
		t.Errorf("the note: got %v, want that consent was withdrawn", err)
	}
	if n := m.count(`SELECT count(*) FROM agency.notes`); n != 0 {
		t.Errorf("got %d notes", n)
	}
}

// waiting returns once so many transactions of the agency wait for a lock.
func (m *world) waiting(n int) {
	conn, err := pgx.Connect(m.t.Context(), m.w.SuperuserURL())
	if err != nil {
		m.t.Error(err)
		return
	}
	defer conn.Close(context.WithoutCancel(m.t.Context()))
	deadline := time.Now().Add(time.Minute)
	for time.Now().Before(deadline) {
		var found int
		err := conn.QueryRow(m.t.Context(), `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(&found)
		if err != nil {
			m.t.Error(err)
			return
		}
		if found >= n {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	m.t.Error("nobody waits")
}

func TestPurposesAreThoseOfTheDatabase(t *testing.T) {
	t.Parallel()
	if got := slices.Clone(Purposes); len(got) != len(purposeLabels) || len(got) != len(purposeHints) || len(got) != len(consequences) {
		t.Errorf("a purpose lacks its words: %v", got)
	}
}
