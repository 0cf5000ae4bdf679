package tenancy_test

import (
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"

	"konote/tenancy"
	"konote/tenancy/tenancytest"
)

func tablesOf(t *testing.T, superuser *pgx.Conn, schema string) []string {
	t.Helper()
	rows, err := superuser.Query(t.Context(), `SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname = $1`, schema)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	if len(tables) == 0 {
		t.Fatalf("schema %s has no tables", schema)
	}
	return tables
}

// everyAct is what could be tried on a table.
func everyAct(table string) []string {
	return []string{
		"SELECT count(*) FROM " + table,
		"SELECT FROM " + table,
		"INSERT INTO " + table + " DEFAULT VALUES",
		"DELETE FROM " + table,
		"TRUNCATE " + table,
		"LOCK TABLE " + table,
		"DROP TABLE " + table,
		"COPY " + table + " TO STDOUT",
	}
}

func TestAnAgencysRoleMakesNoLargeObjects(t *testing.T) {
	t.Parallel()
	w := tenancytest.New(t)
	for sql, got := range attempts(t, w.Agency(t),
		"SELECT lo_creat(-1)", "SELECT lo_create(0)", `SELECT lo_from_bytea(0, '\x01')`, `SELECT lo_put(1, 0, '\x01')`, "SELECT lo_get(1)",
		"SELECT lo_open(1, 131072)", `SELECT lowrite(0, '\x01')`, "SELECT loread(0, 1)", "SELECT lo_unlink(1)",
		"SELECT lo_import('/etc/hostname')", "SELECT lo_export(1, '/tmp/x')", "SELECT lo_truncate(0, 1)",
	) {
		if got != permissionDenied {
			t.Errorf("%s: got %q, want permission denied", sql, got)
		}
	}
}

func TestAnAgencysRoleIsRefusedEveryTableOfAnotherAgency(t *testing.T) {
	t.Parallel()
	w := tenancytest.New(t)
	mine, other := w.Agency(t), w.Agency(t)
	superuser := dial(t, w.SuperuserURL())

	statements := []string{
		fmt.Sprintf("SET LOCAL search_path = %s; SELECT count(*) FROM staff", other.Role()),
		fmt.Sprintf("CREATE TABLE %s.mine (n int)", other.Role()),
		fmt.Sprintf("SELECT %s.keep_confidential()", other.Role()),
	}
	for _, table := range tablesOf(t, superuser, other.Role()) {
		statements = append(statements, everyAct(table)...)
	}
	for sql, got := range attempts(t, mine, statements...) {
		// With the schema out of reach, the search path finds nothing (42P01).
		if got != permissionDenied && got != "42P01" {
			t.Errorf("%s: got %q, want permission denied", sql, got)
		}
	}
}

func TestAnAgencysRoleSeesNothingOfThePlatform(t *testing.T) {
	t.Parallel()
	w := tenancytest.New(t)
	mine := w.Agency(t)
	superuser := dial(t, w.SuperuserURL())
	mustExec(t, superuser, `CREATE SCHEMA IF NOT EXISTS jobs; CREATE TABLE IF NOT EXISTS jobs.river_job (id bigint)`)

	var statements []string
	for _, schema := range []string{"control", "ledger", "jobs"} {
		for _, table := range tablesOf(t, superuser, schema) {
			statements = append(statements, everyAct(table)...)
		}
	}
	statements = append(statements,
		"SELECT FROM outbox.audit_events",
		"UPDATE outbox.audit_events SET body = ''",
		"DELETE FROM outbox.audit_events",
		"TRUNCATE outbox.audit_events",
		"INSERT INTO outbox.audit_events (event_id, agency_id, body, written_by) VALUES (gen_random_uuid(), gen_random_uuid(), '', 'postgres')",
		"INSERT INTO outbox.audit_events (event_id, agency_id, body, written_at) VALUES (gen_random_uuid(), gen_random_uuid(), '', now())",
		"SELECT * FROM pg_authid",
		"CREATE TABLE public.mine (n int)",
		"CREATE SCHEMA mine",
		"CREATE TEMP TABLE mine (n int)",
		"CREATE ROLE mine",
		"CREATE TABLE agency.mine (n int)",
		"ALTER TABLE agency.staff DISABLE TRIGGER ALL",
		"DROP TABLE agency.staff",
	)
	for sql, got := range attempts(t, mine, statements...) {
		if got != permissionDenied {
			t.Errorf("%s: got %q, want permission denied", sql, got)
		}
	}

	// What it may do is to add, and the database says who added.
	ctx := t.Context()
	event := tenancy.NewID()
	err := mine.Update(ctx, func(tx *tenancy.Tx) error {
		_, err := tx.Exec(ctx, "INSERT INTO outbox.audit_events (event_id, agency_id, body) VALUES ($1, $2, 'x')", event, mine.ID)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := one[string](t, superuser, "SELECT written_by FROM outbox.audit_events WHERE event_id = $1", event); got != mine.Role() {
		t.Errorf("written_by is %q, want %q", got, mine.Role())
	}
}

func TestTheLoginRoleByItselfReadsNothing(t *testing.T) {
	t.Parallel()
	w := tenancytest.New(t)
	agency := w.Agency(t)
	superuser, app := dial(t, w.SuperuserURL()), dial(t, w.URL("konote_app"))
	statements := []string{"CREATE TABLE public.mine (n int)", "CREATE TEMP TABLE mine (n int)", "CREATE SCHEMA mine", "CREATE ROLE mine"}
	for _, schema := range []string{agency.Role(), "control", "outbox", "ledger"} {
		for _, table := range tablesOf(t, superuser, schema) {
			statements = append(statements, everyAct(table)...)
		}
	}
	tx, err := app.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for sql, got := range tryEach(t, func(sql string) error { _, err := tx.Exec(t.Context(), sql); return err }, statements) {
		if got != permissionDenied {
			t.Errorf("%s: got %q, want permission denied", sql, got)
		}
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := one[string](t, app, "SHOW search_path"); got != `""` {
		t.Errorf("its search path is %q, want none", got)
	}
}

func TestTheRolesOfOneDatabaseCannotEnterTheOther(t *testing.T) {
	t.Parallel()
	w := tenancytest.New(t)
	for _, url := range []string{w.URL("konote_audit_owner"), w.URL("konote_audit_writer"), w.URL("konote_audit_reader"),
		w.AuditURL("konote_app"), w.AuditURL("konote_owner")} {
		conn, err := pgx.Connect(t.Context(), url)
		if err == nil {
			_ = conn.Close(t.Context())
		}
		if code(err) != permissionDenied {
			t.Errorf("got %q, want permission denied", code(err))
		}
	}
}

func TestTheRecordsOfAnAgencyCanOnlyBeWrittenAsTheyShould(t *testing.T) {
	t.Parallel()
	w := tenancytest.New(t)
	want := map[string]string{
		"DELETE FROM agency.participants":                    permissionDenied,
		"DELETE FROM agency.staff":                           permissionDenied,
		"DELETE FROM agency.enrolments":                      permissionDenied,
		"DELETE FROM agency.notes":                           permissionDenied,
		"UPDATE agency.notes SET text_sealed = ''":           permissionDenied,
		"UPDATE agency.notes SET author_id = id":             permissionDenied,
		"UPDATE agency.notes SET followed_up_at = now()":     "",
		"UPDATE agency.enrolment_changes SET status = 'x'":   permissionDenied,
		"DELETE FROM agency.enrolment_changes":               permissionDenied,
		"INSERT INTO agency.search_epoch DEFAULT VALUES":     permissionDenied,
		"UPDATE agency.search_epoch SET n = n + 1":           "",
		"SELECT n FROM agency.search_epoch FOR UPDATE":       "",
		"DELETE FROM agency.recents":                         "",
		"TRUNCATE agency.recents":                            permissionDenied,
		"UPDATE agency.settings SET value = 'true'":          "",
		"SET LOCAL session_replication_role = 'replica'":     permissionDenied,
		"SET CONSTRAINTS ALL IMMEDIATE":                      "",
		"ALTER TABLE agency.programs DISABLE TRIGGER ALL":    permissionDenied,
		"ALTER SCHEMA " + "public" + " RENAME TO not_public": permissionDenied,
	}
	var statements []string
	for sql := range want {
		statements = append(statements, sql)
	}
	for sql, got := range attempts(t, w.Agency(t), statements...) {
		if got != want[sql] {
			t.Errorf("%s: got %q, want %q", sql, got, want[sql])
		}
	}
}
