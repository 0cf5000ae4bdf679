package participant

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/civil"
	"konote/tenancy"
)

// listed is one page of the list as somebody gets it.
func (m *world) listed(by access.Actor, query string) (page string, ids []uuid.UUID, next string) {
	m.t.Helper()
	r := m.request(by, "GET", "/participants?"+query, nil)
	response, err := m.handlers.List(r)
	if err != nil {
		m.t.Fatal(err)
	}
	page = m.text(response)
	for _, part := range strings.Split(page, `class="row" href="/participants/`)[1:] {
		ids = append(ids, uuid.MustParse(part[:36]))
	}
	if _, rest, more := strings.Cut(page, `rel="next" href="/participants?`); more {
		next, _, _ = strings.Cut(rest, `"`)
		next = strings.ReplaceAll(next, "&amp;", "&")
	}
	return page, ids, next
}

// note writes that something happened on a day.
func (m *world) note(about, program uuid.UUID, by access.Actor, on civil.Date) {
	m.t.Helper()
	m.update(func(tx *tenancy.Tx) error {
		_, err := tx.Exec(m.t.Context(), `INSERT INTO agency.notes (id, participant_id, program_id, author_id, author_role, interaction, happened_on)
			VALUES ($1, $2, $3, $4, 'direct_service', 'session', $5)`, tenancy.NewID(), about, program, by.Staff, on)
		return err
	})
}

func TestTheListHoldsAndCountsWhomTheActorReaches(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	youth, both, quiet := m.participant(anna, m.youth), m.participant(anna, m.youth, m.quiet), m.participant(anna, m.quiet)
	finished, cancelled := m.participant(anna), m.participant(anna)
	m.enrol(finished, m.youth, access.Finished)
	m.enrol(cancelled, m.youth, access.Cancelled)
	m.enrol(cancelled, m.quiet, access.Enrolled)
	away := m.participant(with(anna, func(d *Details) { d.Status = Inactive }), m.youth)

	for _, c := range []struct {
		what  string
		roles roles
		query string
		want  []uuid.UUID
	}{
		{"a worker", roles{m.youth: access.DirectService}, "", []uuid.UUID{youth, both, finished}},
		{"a worker, every status", roles{m.youth: access.DirectService}, "status=all", []uuid.UUID{youth, both, finished, away}},
		{"a worker, inactive ones", roles{m.youth: access.DirectService}, "status=inactive", []uuid.UUID{away}},
		{"a worker, finished enrolments", roles{m.youth: access.DirectService}, "enrolment=finished", []uuid.UUID{finished}},
		{"a worker, cancelled enrolments, which is no choice", roles{m.youth: access.DirectService}, "enrolment=cancelled", []uuid.UUID{youth, both, finished}},
		{"a worker, a program of others, which is no choice", roles{m.youth: access.DirectService}, "program=" + m.quiet.String(), []uuid.UUID{youth, both, finished}},
		{"a worker of both", roles{m.youth: access.DirectService, m.quiet: access.DirectService}, "", []uuid.UUID{youth, both, quiet, finished, cancelled}},
		{"a worker of both, one program", roles{m.youth: access.DirectService, m.quiet: access.DirectService}, "program=" + m.quiet.String(), []uuid.UUID{both, quiet, cancelled}},
		{"a worker and executive", roles{m.youth: access.DirectService, m.quiet: access.Executive}, "", []uuid.UUID{youth, both, finished}},
		{"an executive", roles{m.youth: access.Executive}, "", nil},
	} {
		actor := m.person(c.roles)
		page, ids, _ := m.listed(actor, c.query)
		slices.SortFunc(ids, func(a, b uuid.UUID) int { return strings.Compare(a.String(), b.String()) })
		want := slices.Clone(c.want)
		slices.SortFunc(want, func(a, b uuid.UUID) int { return strings.Compare(a.String(), b.String()) })
		if !slices.Equal(ids, want) {
			t.Errorf("%s: lists %v, want %v", c.what, ids, want)
		}
		count := fmt.Sprintf("%d participants", len(want))
		if len(want) == 1 {
			count = "1 participant"
		}
		if !strings.Contains(page, `class="sub">`+count+`<`) {
			t.Errorf("%s: the count is not %q", c.what, count)
		}
		if c.roles[m.quiet] != access.DirectService && strings.Contains(page, "Safe Harbour") {
			t.Errorf("%s: the confidential program is on the page", c.what)
		}
		acts := m.acts("participant.list")
		if last := acts[len(acts)-1]; len(last.Participants) != len(want) || strings.Contains(last.Body, "Anna") {
			t.Errorf("%s: recorded %+v, want one entry with the ids", c.what, last.Event)
		}
	}
}

func TestPagesOfTheListMeetEverybodyOnce(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	worker := m.person(roles{m.youth: access.DirectService})
	want := map[uuid.UUID]bool{}
	for i := range 60 {
		id := m.participant(anna, m.youth)
		want[id] = true
		if i%3 > 0 { // many on the same day, many without a note
			m.note(id, m.youth, worker, dayOfTest.AddDays(-i/10))
		}
	}
	got := map[uuid.UUID]bool{}
	next, pages := "", 0
	for pages < 9 {
		_, ids, following := m.listed(worker, next)
		for _, id := range ids {
			if got[id] {
				t.Errorf("%s is on two pages", id)
			}
			got[id] = true
		}
		pages++
		if next = following; next == "" {
			break
		}
	}
	if len(got) != len(want) || pages != 3 {
		t.Errorf("%d pages with %d people, want 3 with %d", pages, len(got), len(want))
	}
}

func TestALongListHasTheNewestRecordsFirst(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	worker := m.person(roles{m.youth: access.DirectService})
	people := make([]Past, mostByNote+1)
	for i := range people {
		people[i] = Past{Participant: Participant{ID: tenancy.NewID(), Details: anna, CreatedAt: noon}, Enrolments: []PastEnrolment{{
			Enrolment: Enrolment{ID: tenancy.NewID(), Program: m.youth}, Steps: []Step{{Status: access.Planned, At: noon}},
		}}}
	}
	m.update(func(tx *tenancy.Tx) error { return Bulk(t.Context(), tx, people) })
	m.note(people[0].ID, m.youth, worker, dayOfTest) // the oldest record, and the last note

	next, at := "", len(people)
	for range 4 {
		page, ids, following := m.listed(worker, next)
		for _, id := range ids {
			if at--; id != people[at].ID {
				t.Fatalf("at %d from the end stands another person", len(people)-at)
			}
		}
		if !strings.Contains(page, "2,001 participants") {
			t.Error("the count is not 2,001")
		}
		next = following
	}
	if at != len(people)-4*pageSize {
		t.Errorf("four pages have %d people, want %d", len(people)-at, 4*pageSize)
	}
}

func TestTheLastNoteIsOneThatTheActorMayRead(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	older, newer := m.participant(anna, m.youth, m.quiet), m.participant(full, m.youth)
	worker := m.person(roles{m.youth: access.DirectService})
	m.note(older, m.youth, worker, dayOfTest.AddDays(-9))
	m.note(newer, m.youth, worker, dayOfTest.AddDays(-5))
	m.note(older, m.quiet, worker, dayOfTest.AddDays(-1))

	page, ids, _ := m.listed(worker, "")
	if !slices.Equal(ids, []uuid.UUID{newer, older}) || !strings.Contains(page, "Feb.\u00a01, 2026") || strings.Contains(page, "Feb.\u00a09, 2026") {
		t.Errorf("a worker's order is %v with %q; the note of a program of others must not count", ids, page)
	}
	if _, ids, _ = m.listed(m.person(roles{m.youth: access.DirectService, m.quiet: access.DirectService}), ""); !slices.Equal(ids, []uuid.UUID{older, newer}) {
		t.Errorf("with the other program the order is %v, want the other way round", ids)
	}
	page, ids, _ = m.listed(m.person(roles{m.youth: access.FrontDesk}), "")
	if len(ids) != 2 || strings.Contains(page, "Last note") || strings.Contains(page, "years old") {
		t.Error("front desk, which reads no notes, is told when the last one was written, or an age")
	}
}

func TestNamesAreGivenForThoseWhomTheActorReaches(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	mine, theirs := m.participant(full, m.youth), m.participant(full, m.quiet)
	var names map[uuid.UUID]Named
	m.update(func(tx *tenancy.Tx) (err error) {
		names, err = Names(t.Context(), tx, access.Actor{Roles: roles{m.youth: access.DirectService, m.quiet: access.Executive}}, []uuid.UUID{mine, theirs})
		return err
	})
	if len(names) != 1 || names[mine].FullName != "Gen Roy-Tremblay" || names[mine].DisplayName != "Gen" {
		t.Errorf("names %+v, want Gen alone", names)
	}
}

func TestInventedPeopleComeWithTheirPastAndIntoDemonstrationsOnly(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	people := make([]Past, 200)
	for i := range people {
		people[i] = Past{
			Participant: Participant{ID: tenancy.NewID(), Details: full, CreatedAt: noon.AddDate(-1, 0, 0)},
			Enrolments: []PastEnrolment{{
				Enrolment: Enrolment{ID: tenancy.NewID(), Program: m.youth, StartedOn: dayOfTest.AddDays(-i)},
				Steps: []Step{
					{Status: access.Waitlist, At: noon.AddDate(0, -2, 0)},
					{Status: access.Enrolled, Reason: "a place was free", At: noon.AddDate(0, -1, 0)},
				},
			}},
		}
	}
	m.update(func(tx *tenancy.Tx) error { return Bulk(t.Context(), tx, people) })
	worker := m.person(roles{m.youth: access.DirectService})
	if page, _, _ := m.listed(worker, ""); !strings.Contains(page, "200 participants") {
		t.Error("the list does not count 200")
	}
	if text, err := m.see(worker, m.handlers.History, people[7].ID); err != nil || !strings.Contains(text, "a place was free") {
		t.Errorf("the past of one of them: %v", err)
	}
	ordinary := m.w.Agency(t)
	if err := ordinary.Update(t.Context(), func(tx *tenancy.Tx) error { return Bulk(t.Context(), tx, people[:1]) }); err == nil {
		t.Error("invented people were put among real ones")
	}
}
