package tenancy_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"konote/migrations"
	"konote/tenancy"
	"konote/tenancy/tenancytest"
)

const addColours = `
	ALTER TABLE agency.staff ADD COLUMN favourite_colour text;
	CREATE TABLE agency.colours (name text PRIMARY KEY);
	GRANT SELECT, INSERT ON agency.colours TO agency_role; -- the end`

// withMigrations is the real files and more agency migrations after them. A name of
// a real file replaces it.
func withMigrations(t testing.TB, more map[string]string) fs.FS {
	t.Helper()
	files := fstest.MapFS{}
	err := fs.WalkDir(migrations.Files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(migrations.Files, path)
		files[path] = &fstest.MapFile{Data: text}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, sql := range more {
		files["agency/"+name] = &fstest.MapFile{Data: []byte(sql)}
	}
	return files
}

// nextVersion is the number after the newest real file.
func nextVersion(t testing.TB) int {
	t.Helper()
	entries, err := fs.ReadDir(migrations.Files, "agency")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries) + 1
}

func migrationFile(version int) string { return fmt.Sprintf("%04d_more.sql", version) }

// nextMigration is the name of a file after the newest real one.
func nextMigration(t testing.TB) string { return migrationFile(nextVersion(t)) }

func agencies(t *testing.T, w *tenancytest.World, n int) []*tenancy.Agency {
	t.Helper()
	list := make([]*tenancy.Agency, n)
	for i := range list {
		list[i] = w.Agency(t)
	}
	slices.SortFunc(list, func(a, b *tenancy.Agency) int { return strings.Compare(a.Subdomain, b.Subdomain) })
	return list
}

func status(t *testing.T, m *tenancy.Migrator) tenancy.MigrationStatus {
	t.Helper()
	s, err := m.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestEveryAgencyIsMigratedOnceAndItsRowsStay(t *testing.T) {
	t.Parallel()
	w := tenancytest.NewAlone(t)
	list := agencies(t, w, 12)
	for _, a := range list {
		if err := setSetting(t.Context(), a, "kept"); err != nil {
			t.Fatal(err)
		}
	}
	var seen []string
	m := &tenancy.Migrator{
		Owner: w.Owner, Files: withMigrations(t, map[string]string{nextMigration(t): addColours}),
		Progress: func(p tenancy.Progress) {
			seen = append(seen, p.Subdomain)
			if p.Err != nil || p.Done != len(seen) || p.Total != len(list) {
				t.Errorf("progress: %+v", p)
			}
		},
	}
	if got := status(t, m); got.Pending != 12 || got.Agencies != 12 || got.Control != 0 {
		t.Errorf("before: %+v", got)
	}
	report, err := m.Up(t.Context())
	if err != nil || report.Migrated != 12 {
		t.Fatalf("got %+v and %v", report, err)
	}
	if slices.Sort(seen); len(slices.Compact(seen)) != 12 {
		t.Errorf("progress named %d agencies", len(seen))
	}
	if got := status(t, m); got.Pending != 0 || got.Latest != 1+status(t, &tenancy.Migrator{Owner: w.Owner}).Latest {
		t.Errorf("after: %+v", got)
	}
	// The program of the release before goes on working on the new schema.
	for _, a := range list {
		if got, err := countSettings(t.Context(), a); got != 1 || err != nil {
			t.Errorf("%s has %d rows, %v", a.Subdomain, got, err)
		}
		err := a.Update(t.Context(), func(tx *tenancy.Tx) error {
			_, err := tx.Exec(t.Context(), `INSERT INTO agency.colours (name) VALUES ('teal')`)
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
	if report, err := m.Up(t.Context()); err != nil || report.Migrated != 0 {
		t.Errorf("once more: %+v, %v", report, err)
	}
}

func TestAMigrationThatWasStoppedGoesOnLater(t *testing.T) {
	t.Parallel()
	w := tenancytest.NewAlone(t)
	agencies(t, w, 8)
	ctx, stop := context.WithCancel(t.Context())
	m := &tenancy.Migrator{Owner: w.Owner, Workers: 1, Files: withMigrations(t, map[string]string{nextMigration(t): addColours})}
	m.Progress = func(p tenancy.Progress) {
		if p.Done == 3 {
			stop()
		}
	}
	if _, err := m.Up(ctx); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v, want %v", err, context.Canceled)
	}
	if got := status(t, m); got.Pending != 5 || len(got.Parked) != 0 {
		t.Errorf("after the stop: %+v, want 5 pending and none parked", got)
	}
	m.Progress = nil
	if report, err := m.Up(t.Context()); err != nil || report.Migrated != 5 {
		t.Errorf("the second run: %+v, %v", report, err)
	}
}

func TestAnAgencyThatFailsIsParkedWithItsOldSchemaAndTheOthersGoOn(t *testing.T) {
	t.Parallel()
	w := tenancytest.NewAlone(t)
	list := agencies(t, w, 6)
	bad := list[3]
	superuser := dial(t, w.SuperuserURL())
	mustExec(t, superuser, `CREATE TABLE `+bad.Role()+`.colours (n int)`)

	m := &tenancy.Migrator{Owner: w.Owner, Files: withMigrations(t, map[string]string{nextMigration(t): addColours})}
	report, err := m.Up(t.Context())
	if !errors.Is(err, tenancy.ErrParked) || report.Migrated != 5 {
		t.Fatalf("got %+v and %v, want 5 migrated and %v", report, err, tenancy.ErrParked)
	}
	if len(report.Parked) != 1 || report.Parked[0].Subdomain != bad.Subdomain || !strings.Contains(report.Parked[0].Reason, "already exists") {
		t.Errorf("parked: %+v", report.Parked)
	}
	if got := status(t, m); got.Pending != 0 || len(got.Parked) != 1 || got.Parked[0].Subdomain != bad.Subdomain {
		t.Errorf("status: %+v", got)
	}
	if got := one[int](t, superuser, `SELECT count(*)::int FROM pg_attribute WHERE attrelid = $1::regclass AND attname = 'favourite_colour'`, bad.Role()+".staff"); got != 0 {
		t.Error("half of the migration stayed")
	}
	// This program fits its old schema, so its people work on.
	w.Platform.Forget()
	parked, err := w.Platform.Agency(t.Context(), bad.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := setSetting(t.Context(), parked, "x"); err != nil {
		t.Errorf("under the program of its schema: %v", err)
	}

	mustExec(t, superuser, `DROP TABLE `+bad.Role()+`.colours`)
	if report, err := m.Up(t.Context()); err != nil || report.Migrated != 1 {
		t.Errorf("when it is mended: %+v, %v", report, err)
	}
	if got := status(t, m); got.Pending != 0 || len(got.Parked) != 0 {
		t.Errorf("when it is mended: %+v", got)
	}
}

func TestAProgramRefusesAnAgencyWhoseSchemaIsOlder(t *testing.T) {
	t.Parallel()
	w := tenancytest.New(t)
	agency := w.Agency(t)
	mustExec(t, dial(t, w.SuperuserURL()), `UPDATE control.agencies SET schema_version = 0, parked_reason = 'broken' WHERE id = $1`, agency.ID)
	w.Platform.Forget()
	agency, err := w.Platform.Agency(t.Context(), agency.ID)
	if err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"View":    agency.View(t.Context(), func(*tenancy.Tx) error { return nil }),
		"Update":  setSetting(t.Context(), agency, "x"),
		"Inspect": agency.Inspect(t.Context(), func(*tenancy.Tx) error { return nil }),
	} {
		if !errors.Is(err, tenancy.ErrParked) {
			t.Errorf("%s: got %v, want %v", name, err, tenancy.ErrParked)
		}
	}
}

func TestWhenTheFirstAgencyFailsTheOthersAreNotTouched(t *testing.T) {
	t.Parallel()
	w := tenancytest.NewAlone(t)
	agencies(t, w, 3)
	canary := w.Agency(t, func(n *tenancy.NewAgency) { n.Subdomain = "zz" + n.Subdomain; n.Demo = true })
	m := &tenancy.Migrator{Owner: w.Owner, Files: withMigrations(t, map[string]string{nextMigration(t): "ALTER TABLE agency.nothing ADD COLUMN x text"})}
	report, err := m.Up(t.Context())
	if !errors.Is(err, tenancy.ErrParked) || report.Migrated != 0 || len(report.Parked) != 1 || report.Parked[0].Subdomain != canary.Subdomain {
		t.Fatalf("got %+v and %v, want the demo agency parked", report, err)
	}
	if got := status(t, m); got.Pending != 3 || len(got.Parked) != 1 {
		t.Errorf("got %+v, want 3 pending and 1 parked", got)
	}
}

func TestAFileThatWasEditedAfterItWasAppliedStopsEverything(t *testing.T) {
	t.Parallel()
	w := tenancytest.NewAlone(t)
	agency := w.Agency(t)
	first, err := fs.ReadFile(migrations.Files, "agency/0001_spine.sql")
	if err != nil {
		t.Fatal(err)
	}
	edited := &tenancy.Migrator{Owner: w.Owner, Files: withMigrations(t, map[string]string{
		"0001_spine.sql": string(first) + "-- one more word", nextMigration(t): addColours,
	})}
	if report, err := edited.Up(t.Context()); !errors.Is(err, tenancy.ErrHistory) || report.Migrated != 0 {
		t.Errorf("an edited file: got %+v and %v, want %v", report, err, tenancy.ErrHistory)
	}
	findings, err := edited.Verify(t.Context())
	if err != nil || len(findings) != 1 || findings[0].Where != agency.Subdomain || !strings.Contains(findings[0].Problems[0], "0001_spine.sql") {
		t.Errorf("verify: got %+v and %v", findings, err)
	}

	newer := &tenancy.Migrator{Owner: w.Owner, Files: withMigrations(t, map[string]string{nextMigration(t): addColours})}
	if _, err := newer.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := (&tenancy.Migrator{Owner: w.Owner}).Up(t.Context()); !errors.Is(err, tenancy.ErrHistory) {
		t.Errorf("a database that is newer than the program: got %v, want %v", err, tenancy.ErrHistory)
	}
}

func TestFilesAreNumberedWithoutAGap(t *testing.T) {
	t.Parallel()
	w := tenancytest.New(t)
	for _, name := range []string{"0009_gap.sql", "0002.sql", "two.sql", "0002_Upper.sql", "0001_twice.sql"} {
		m := &tenancy.Migrator{Owner: w.Owner, Files: withMigrations(t, map[string]string{name: "SELECT 1"})}
		if _, err := m.Status(t.Context()); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

func TestTwoRunnersAtOnceDoNotCollide(t *testing.T) {
	t.Parallel()
	w := tenancytest.NewAlone(t)
	list := agencies(t, w, 10)
	files := withMigrations(t, map[string]string{nextMigration(t): addColours})
	var all sync.WaitGroup
	var mu sync.Mutex
	migrated := 0
	for range 3 {
		all.Go(func() {
			report, err := (&tenancy.Migrator{Owner: w.Owner, Files: files}).Up(t.Context())
			mu.Lock()
			defer mu.Unlock()
			migrated += report.Migrated
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if migrated != len(list) {
		t.Errorf("together they migrated %d, want %d", migrated, len(list))
	}
}

func TestAMigrationWaitsForALockAndThenGoesOn(t *testing.T) {
	t.Parallel()
	w := tenancytest.NewAlone(t)
	agency := w.Agency(t)
	superuser := dial(t, w.SuperuserURL())
	holder, err := dial(t, w.SuperuserURL()).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := holder.Exec(t.Context(), `LOCK TABLE `+agency.Role()+`.staff IN ACCESS SHARE MODE`); err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() {
		_, err := (&tenancy.Migrator{Owner: w.Owner, Files: withMigrations(t, map[string]string{nextMigration(t): addColours})}).Up(t.Context())
		done <- err
	}()
	waitUntil(t, "the migration to wait for the lock", func() bool {
		return one[bool](t, superuser, `SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = $1::regclass)`, agency.Role()+".staff")
	})
	if err := holder.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestVerifyNamesEveryDriftOfASchema(t *testing.T) {
	t.Parallel()
	w := tenancytest.NewAlone(t)
	m := &tenancy.Migrator{Owner: w.Owner}
	drifts := map[string]string{ // what somebody did by hand → the start of a line of Verify
		`ALTER TABLE %.staff ADD COLUMN extra text`:                "+ column staff.extra text",
		`ALTER TABLE %.staff ALTER COLUMN language DROP NOT NULL`:  "- column staff.language text not null",
		`ALTER TABLE %.staff ALTER COLUMN status SET DEFAULT 'x'`:  "+ column staff.status text not null default 'x'",
		`ALTER TABLE %.notes DROP CONSTRAINT notes_kind_check`:     "- constraint notes.notes_kind_check",
		`DROP INDEX %.enrolments_open`:                             "- index CREATE UNIQUE INDEX enrolments_open",
		`ALTER TABLE %.programs DISABLE TRIGGER keep_confidential`: "+ trigger CREATE TRIGGER keep_confidential",
		`GRANT DELETE ON %.participants TO %`:                      "+ grant DELETE table participants to agency",
		`GRANT UPDATE (text_sealed) ON %.notes TO %`:               "+ grant UPDATE column notes.text_sealed to agency",
		`REVOKE INSERT ON %.notes FROM %`:                          "- grant INSERT table notes to agency",
		`GRANT SELECT ON %.staff TO konote_relay`:                  "+ grant SELECT table staff to konote_relay",
		`GRANT USAGE ON SCHEMA % TO PUBLIC`:                        "+ grant USAGE schema to PUBLIC",
		`ALTER TABLE %.staff OWNER TO %`:                           "+ table staff kind=r owner=agency",
		`ALTER ROLE % LOGIN`:                                       "+ role login=t",
		`GRANT % TO konote_relay`:                                  "+ role konote_relay belongs to agency",
		`GRANT konote_control TO %`:                                "+ role agency belongs to konote_control",
		`CREATE TABLE %.extra (n int)`:                             "+ table extra",
		`CREATE OR REPLACE FUNCTION %.keep_confidential() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'`: "+ function",
	}
	superuser := dial(t, w.SuperuserURL())
	want := map[string]string{}
	for _, sql := range slices.Sorted(maps.Keys(drifts)) {
		agency := w.Agency(t)
		mustExec(t, superuser, strings.ReplaceAll(sql, "%", agency.Role()))
		want[agency.Subdomain] = drifts[sql]
	}
	sound := w.Agency(t)
	findings, err := m.Verify(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, finding := range findings {
		if finding.Where == sound.Subdomain {
			t.Errorf("a sound agency: %v", finding.Problems)
		}
		if !slices.ContainsFunc(finding.Problems, func(line string) bool { return strings.HasPrefix(line, want[finding.Where]) }) {
			t.Errorf("want a line that starts with %q, got %q", want[finding.Where], finding.Problems)
		}
		delete(want, finding.Where)
	}
	for _, line := range want {
		t.Errorf("not found: %q", line)
	}
}

func TestVerifyComparesTheRegistryWithTheLedger(t *testing.T) {
	t.Parallel()
	w := tenancytest.NewAlone(t)
	agency := w.Agency(t)
	superuser := dial(t, w.SuperuserURL())
	mustExec(t, superuser, `UPDATE ledger.migrations SET checksum = '\x00' WHERE version = 1`)
	mustExec(t, superuser, `UPDATE control.agencies SET schema_version = 9`)
	findings, err := (&tenancy.Migrator{Owner: w.Owner}).Verify(t.Context())
	if err != nil || len(findings) != 2 || findings[0].Where != "shard main" || findings[1].Where != agency.Subdomain {
		t.Errorf("got %+v and %v", findings, err)
	}
}
