package tenancy_test

import (
	"testing"

	"konote/tenancy"
	"konote/tenancy/tenancytest"
)

// manyAgencies is how many the benchmarks of the migration runner have.
const manyAgencies = 200

func BenchmarkProvisionAnAgency(b *testing.B) {
	w := tenancytest.NewAlone(b)
	w.Agency(b)
	for b.Loop() {
		w.Agency(b)
	}
}

func BenchmarkMigrateWithNothingToDo(b *testing.B) {
	w := tenancytest.NewAlone(b)
	for range manyAgencies {
		w.Agency(b)
	}
	m := &tenancy.Migrator{Owner: w.Owner}
	for b.Loop() {
		if _, err := m.Up(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(manyAgencies, "agencies")
}

func BenchmarkMigrateEveryAgency(b *testing.B) {
	w := tenancytest.NewAlone(b)
	for range manyAgencies {
		w.Agency(b)
	}
	next := nextVersion(b)
	more := map[string]string{}
	for b.Loop() {
		more[migrationFile(next)] = addColours
		m := &tenancy.Migrator{Owner: w.Owner, Files: withMigrations(b, more)}
		if report, err := m.Up(b.Context()); err != nil || report.Migrated != manyAgencies {
			b.Fatal(report, err)
		}
		b.StopTimer() // the next round needs a migration of its own
		more[migrationFile(next+1)] = `DROP TABLE agency.colours; ALTER TABLE agency.staff DROP COLUMN favourite_colour`
		m.Files = withMigrations(b, more)
		if _, err := m.Up(b.Context()); err != nil {
			b.Fatal(err)
		}
		next += 2
		b.StartTimer()
	}
	b.ReportMetric(manyAgencies, "agencies")
}

func BenchmarkVerifyEveryAgency(b *testing.B) {
	w := tenancytest.NewAlone(b)
	for range manyAgencies {
		w.Agency(b)
	}
	m := &tenancy.Migrator{Owner: w.Owner}
	for b.Loop() {
		if findings, err := m.Verify(b.Context()); err != nil || len(findings) > 0 {
			b.Fatal(findings, err)
		}
	}
	b.ReportMetric(manyAgencies, "agencies")
}

func BenchmarkBeginAsAnAgency(b *testing.B) {
	agency := tenancytest.New(b).Agency(b)
	for b.Loop() {
		if err := agency.View(b.Context(), func(*tenancy.Tx) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}
