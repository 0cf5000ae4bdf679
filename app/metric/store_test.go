package metric_test

import (
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/civil"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/metric"
	"konote/tenancy"
	"konote/tenancy/tenancytest"
)

func TestStatementsAreValid(t *testing.T) {
	t.Parallel()
	tenancytest.PrepareAll(t, ".")
}

func TestTheLibraryIsAddedOnceAndLeavesTheAgencysWordingAlone(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	all := m.all()
	if len(all) != 32 {
		t.Fatalf("got %d measures, want 32", len(all))
	}
	for _, want := range metric.Library() {
		got := all[want.LibraryKey]
		if got.ID == uuid.Nil || got.Version != 1 || got.UpdatedBy != nil {
			t.Errorf("%s: got id %s, version %d, by %v", want.LibraryKey, got.ID, got.Version, got.UpdatedBy)
		}
		got.ID, got.Version, got.UpdatedAt = uuid.Nil, 0, time.Time{}
		if want.Bands == nil {
			want.Bands = []metric.Band{}
		}
		if want.Options == nil {
			want.Options = []metric.Option{}
		}
		want.In = []uuid.UUID{}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s is kept otherwise than it was given:\n%s", want.LibraryKey, diff)
		}
	}

	changed := all["phq9"]
	changed.NameEN, changed.Status = "Our mood score", metric.Archived
	m.update(func(tx *tenancy.Tx) error {
		if err := metric.Update(t.Context(), tx, changed, uuid.Nil); err != nil {
			return err
		}
		return metric.Seed(t.Context(), tx)
	})
	after := m.all()
	if got := after["phq9"]; got.NameEN != "Our mood score" || got.Status != metric.Archived || len(after) != 32 {
		t.Errorf("after seeding again: got %q, %s, %d measures", got.NameEN, got.Status, len(after))
	}
}

func TestOnlyTheAgencysAndThePrograms(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	m.own("Agency's", uuid.Nil)
	m.own("Open's", m.open)
	m.own("Quiet's", m.quiet)
	for _, test := range []struct {
		name     string
		programs []uuid.UUID
		want     []string
	}{
		{"of the open one", []uuid.UUID{m.open}, []string{"Agency's", "Open's"}},
		{"of both", []uuid.UUID{m.open, m.quiet}, []string{"Agency's", "Open's", "Quiet's"}},
		{"of none", []uuid.UUID{}, []string{"Agency's"}},
	} {
		var queued, loaded []metric.Metric
		m.update(func(tx *tenancy.Tx) (err error) {
			b := tx.Batch()
			metric.Queue(b, test.programs, &queued)
			if err = b.Send(t.Context()); err != nil {
				return err
			}
			loaded, err = metric.Load(t.Context(), tx, test.programs)
			return err
		})
		if diff := cmp.Diff(loaded, queued); diff != "" {
			t.Errorf("%s: Queue and Load differ: %s", test.name, diff)
		}
		var names []string
		for _, found := range queued {
			if found.LibraryKey == "" {
				names = append(names, found.NameEN)
			}
		}
		if !slices.Equal(names, test.want) {
			t.Errorf("%s: got %v, want %v", test.name, names, test.want)
		}
	}
}

func TestTwoChangesFromOneVersion(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	first := m.own("Sleep", uuid.Nil)
	second := first
	first.NameEN, second.NameEN = "Sleep A", "Sleep B"
	m.update(func(tx *tenancy.Tx) error { return metric.Update(t.Context(), tx, first, uuid.Nil) })
	err := m.agency.Update(t.Context(), func(tx *tenancy.Tx) error { return metric.Update(t.Context(), tx, second, uuid.Nil) })
	if fault.KindOf(err) != fault.Conflict {
		t.Errorf("the later change: got %v, want a conflict", err)
	}
	if _, ok := m.all()["Sleep A"]; !ok {
		t.Error("the first change is lost")
	}
}

func TestOnlyStandingNotesOfTheProgramsAreRead(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	phq9, feeling := m.all()["phq9"].ID, m.all()["feeling_today"].ID
	author := m.somebody(false, map[uuid.UUID]access.Role{m.open: access.DirectService}).Staff
	lea, noah := m.participant(), m.participant()
	for _, n := range []noted{
		{of: m.open, on: today.AddDays(-40), metric: phq9, value: 18},
		{of: m.open, on: today.AddDays(-10), metric: phq9, value: 7},
		{of: m.open, on: today.AddDays(-20), metric: feeling, value: 3},
		{of: m.open, on: today.AddDays(-5), metric: phq9, value: 26, cancelled: true},
		{of: m.quiet, on: today.AddDays(-4), metric: phq9, value: 25},
	} {
		n.kind = "assessment"
		m.note(lea, author, n)
	}
	m.note(lea, author, noted{of: m.open, on: today, metric: phq9, value: 27}) // in a note of another kind
	m.note(noah, author, noted{of: m.open, on: today, metric: phq9, value: 24, kind: "assessment"})

	read := func(programs []uuid.UUID, since civil.Date) []float64 {
		var values []metric.Value
		m.update(func(tx *tenancy.Tx) error {
			b := tx.Batch()
			metric.QueueApart(b, lea, programs, []uuid.UUID{}, []uuid.UUID{}, since, &values)
			return b.Send(t.Context())
		})
		var numbers []float64
		for _, series := range metric.Apart([]metric.Metric{{ID: phq9}}, values) {
			for _, point := range series.Points {
				numbers = append(numbers, point.Value)
			}
		}
		return numbers
	}
	for _, test := range []struct {
		name     string
		programs []uuid.UUID
		since    civil.Date
		want     []float64
	}{
		{"of the open program", []uuid.UUID{m.open}, civil.Date{}, []float64{18, 7}},
		{"of both", []uuid.UUID{m.open, m.quiet}, civil.Date{}, []float64{18, 7, 25}},
		{"of late", []uuid.UUID{m.open}, today.AddDays(-10), []float64{7}},
		{"of none", []uuid.UUID{}, civil.Date{}, nil},
	} {
		if got := read(test.programs, test.since); !slices.Equal(got, test.want) {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}

func TestSessionsAreCountedByMonth(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	author := m.somebody(false, map[uuid.UUID]access.Role{m.open: access.DirectService}).Staff
	lea := m.participant()
	december := civil.Date{Year: 2025, Month: time.December, Day: 31}
	for _, n := range []noted{
		{of: m.open, on: december},
		{of: m.open, on: december.AddDays(1)},
		{of: m.open, on: december.AddDays(2), interaction: "group"},
		{of: m.open, on: december.AddDays(2), interaction: "phone", outcome: "reached"},
		{of: m.open, on: december.AddDays(3), outcome: "no_answer"},
		{of: m.open, on: december.AddDays(4), cancelled: true},
		{of: m.quiet, on: december.AddDays(5)},
	} {
		m.note(lea, author, n)
	}
	var points []metric.Point
	m.update(func(tx *tenancy.Tx) error {
		b := tx.Batch()
		metric.QueueSessions(b, lea, []uuid.UUID{m.open}, []uuid.UUID{}, civil.Date{}, &points)
		return b.Send(t.Context())
	})
	want := []metric.Point{
		{On: civil.Date{Year: 2025, Month: time.December, Day: 1}, Value: 1},
		{On: civil.Date{Year: 2026, Month: time.January, Day: 1}, Value: 2},
		{On: civil.Date{Year: 2026, Month: time.February, Day: 1}, Value: 0},
	}
	if diff := cmp.Diff(want, metric.FillMonths(points, today)); diff != "" {
		t.Error(diff)
	}
}

func TestKeepingWhatWasConfirmedAndCorrected(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	admin := m.somebody(true, nil)
	hours := m.all()["hours_worked"]
	p := i18n.NewPrinter("en", nil, nil)
	entries := []metric.Entry{
		metric.Read(p, url.Values{"a": {"70"}, "a-asked": {"70"}, "a-sure": {"70"}}, hours, "a"),
		metric.Read(p, url.Values{"b": {"15"}, "b-asked": {"150", "75"}}, hours, "b"),
		metric.Read(p, url.Values{"c": {"30"}}, hours, "c"),
	}
	m.update(func(tx *tenancy.Tx) error { return metric.Keep(t.Context(), tx, entries, admin.Staff) })
	response, err := m.handlers.Show(m.request(admin, "GET", "/metrics/"+hours.ID.String(), nil, "metric", hours.ID.String()))
	if err != nil {
		t.Fatal(err)
	}
	page := m.text(response)
	for _, want := range []string{
		`Unusual: 60` + "\u00a0" + `hours</th><td class="number">1</td><td class="number">1</td>`,
		`Very unlikely: 100` + "\u00a0" + `hours</th><td class="number">0</td><td class="number">1</td>`,
	} {
		if !contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}
