package team

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/event"
	"konote/app/mistake"
	"konote/app/note"
	"konote/tenancy"
	"konote/tenancy/tenancytest"
)

func TestEveryStatementIsValid(t *testing.T) {
	t.Parallel()
	tenancytest.PrepareAll(t, ".")
}

// What the people of a program did counts on its day, by the agency's calendar, and stands in
// the list; what was called off or entered in error does neither.
func TestTheTeamsWorkIsCountedAndListed(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	kim := m.person("Kim", roles{m.youth: access.ProgramManager})
	sam := m.person("Sam", roles{m.youth: access.DirectService})
	m.person("Ana", roles{m.youth: access.DirectService})
	m.person("Desk", roles{m.youth: access.FrontDesk})
	lea := m.enrolled("Léa", m.youth, access.Enrolled)
	first := m.note(sam, lea, 6, func(n *note.Note) { n.FollowUpOn = dayOfTest })
	m.note(sam, lea, 7, nil)
	m.note(sam, lea, 1, func(n *note.Note) { n.InError = mistake.Mark{At: noon, By: sam.Staff, Reason: "No."} })
	m.note(sam, lea, 2, func(n *note.Note) { n.FollowUpOn = dayOfTest.AddDays(1) })
	m.meeting(sam, lea, -2, event.Completed)
	m.meeting(sam, lea, -3, event.NoShow)
	m.meeting(sam, lea, -4, event.Scheduled)
	m.meeting(sam, lea, -5, event.Cancelled)
	m.meeting(sam, lea, 7, event.Scheduled)
	m.meeting(sam, lea, 8, event.Scheduled)
	m.contact(sam, lea, 0)
	m.contact(sam, lea, 20)

	week := m.team(kim, "")
	if got := week.numbers(); got["Sam"] != "2 1 1 1 1" || got["Ana"] != "0 0 0 0 0" || len(got) != 3 {
		t.Errorf("in a week: %v", got)
	}
	for _, wanted := range []string{"/notes/" + first.ID.String(), "Meeting · Did not come", "Meeting · Took place", "Contact · Phone call", "How did it go?", "Nothing in this period."} {
		if !strings.Contains(week.Page, wanted) {
			t.Errorf("the page lacks %q (%v): %s", wanted, week.Err, week.Page)
		}
	}
	if strings.Contains(week.Page, "Meeting · Cancelled") || strings.Contains(week.Page, "Words.") {
		t.Error("the page has a meeting that was called off, or words")
	}
	if got := m.team(kim, "days=30").numbers(); got["Sam"] != "3 1 2 2 1" {
		t.Errorf("in a month: %v", got)
	}
	if got := m.team(kim, "days=365").numbers(); got["Sam"] != "2 1 1 1 1" {
		t.Errorf("a period that is no choice: %v", got)
	}
	if acts := m.acts(actionView); len(acts) != 3 || !slices.Equal(acts[0].Participants, []uuid.UUID{lea.Participant}) {
		t.Errorf("recorded: %+v", acts)
	}

	// An event entered in error, and a contact: neither counts.
	m.do(`UPDATE agency.events SET cancelled_at = now(), cancelled_by = author_id, cancel_reason_sealed = '\x00' WHERE status = 'completed'`)
	m.do(`UPDATE agency.contacts SET cancelled_at = now(), cancelled_by = logged_by, cancel_reason_sealed = '\x00'`)
	if got := m.team(kim, "").numbers(); got["Sam"] != "2 0 1 0 1" {
		t.Errorf("after the mark: %v", got)
	}
}

// Nobody learns of work in a program that she does not manage, or of somebody whom she may
// not know.
func TestOnlyWhatTheManagerMayKnowIsShown(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	kim := m.person("Kim", roles{m.youth: access.ProgramManager, m.housing: access.DirectService})
	sam := m.person("Sam", roles{m.youth: access.DirectService, m.housing: access.DirectService, m.quiet: access.DirectService})
	m.person("Only There", roles{m.housing: access.DirectService})
	everything := func(name string, program uuid.UUID, status access.EnrolmentStatus) uuid.UUID {
		e := m.enrolled(name, program, status)
		m.note(sam, e, 1, func(n *note.Note) { n.FollowUpOn = dayOfTest })
		m.meeting(sam, e, -1, event.Completed)
		m.contact(sam, e, 1)
		return e.Participant
	}
	lea := everything("Léa", m.youth, access.Enrolled)
	everything("Housed", m.housing, access.Enrolled)
	everything("Sheltered", m.quiet, access.Enrolled)
	everything("Nevermeant", m.youth, access.Cancelled)
	gone := everything("Gone", m.youth, access.Enrolled)
	m.do(`UPDATE agency.participants SET consent = 'withdrawn' WHERE id = $1`, gone)

	page := m.team(kim, "")
	if got := page.numbers(); got["Sam"] != "1 1 0 1 1" || len(got) != 2 {
		t.Errorf("numbers: %v", got)
	}
	for _, hidden := range []string{"Housed", "Sheltered", "Nevermeant", "Gone", "Only There", "Housing"} {
		if strings.Contains(page.Page, hidden) {
			t.Errorf("the page has %q", hidden)
		}
	}
	if got := m.team(kim, "program="+m.housing.String()).numbers(); got["Sam"] != "1 1 0 1 1" {
		t.Errorf("a program that she does not manage is a choice: %v", got)
	}
	for kind, want := range map[access.Kind]string{access.WholeFile: "0 0 0 0 0", access.NotesKind: "0 1 0 1 0", access.EventsKind: "1 0 0 1 1", access.ContactKind: "1 1 0 0 1"} {
		closed := kim
		closed.Closed = []access.Closed{{Participant: lea, Kind: kind}}
		if got := m.team(closed, "").numbers(); got["Sam"] != want {
			t.Errorf("she has closed her %s: %v, want %s", kind, got, want)
		}
	}
	worker := m.team(sam, "")
	if len(worker.numbers()) != 0 || strings.Contains(worker.Page, "Léa") {
		t.Error("who manages nothing has a team")
	}
}

// At tier 3 neither numbers nor days of notes are told without a grant for the program.
func TestNotesAskForAGrantAtTier3(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	kim := m.person("Kim", roles{m.youth: access.ProgramManager, m.housing: access.ProgramManager})
	kim.Policy.Tier = access.Safeguarded
	sam := m.person("Sam", roles{m.youth: access.DirectService, m.housing: access.DirectService})
	lea, max := m.enrolled("Léa", m.youth, access.Enrolled), m.enrolled("Max", m.housing, access.Enrolled)
	for _, e := range []struct {
		ago   int
		about uuid.UUID
	}{{1, m.youth}, {2, m.housing}} {
		about := lea
		if e.about == m.housing {
			about = max
		}
		m.note(sam, about, e.ago, func(n *note.Note) { n.FollowUpOn = dayOfTest.AddDays(-1) })
	}
	m.contact(sam, lea, 1)
	page := m.team(kim, "")
	if got := page.numbers(); got["Sam"] != "0 0 1" || strings.Contains(page.Page, "/notes/") || strings.Contains(page.Page, "Max") || !strings.Contains(page.Page, "missing for: Housing, Youth Hub") {
		t.Errorf("without a grant: %v %s", got, page.Page)
	}
	kim.Grants = []access.Grant{{Participant: lea.Participant}}
	if got := m.team(kim, "").numbers(); got["Sam"] != "0 0 1" {
		t.Errorf("with one for a participant: %v", got)
	}
	kim.Grants = []access.Grant{{Program: m.housing}}
	page = m.team(kim, "")
	if got := page.numbers(); got["Sam"] != "1 0 0 1 1" || !strings.Contains(page.Page, "missing for: Youth Hub") || !strings.Contains(page.Page, "Max") {
		t.Errorf("with one for a program: %v", got)
	}
	if page := m.team(kim, "program="+m.housing.String()); strings.Contains(page.Page, "missing for") {
		t.Error("in that program nothing is missing, and the page says so")
	}
}

// Follow-ups are whose they are: of who works with her now; and of nobody, the manager's.
func TestFollowUpsStandWithWhoSeesToThem(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	kim := m.person("Kim", roles{m.youth: access.ProgramManager})
	sam := m.person("Sam", roles{m.youth: access.DirectService})
	ana := m.person("Ana", roles{m.youth: access.DirectService})
	lea, max := m.enrolled("Léa", m.youth, access.Enrolled), m.enrolled("Max", m.youth, access.Enrolled)
	m.do(`UPDATE agency.enrolments SET worker_id = $2 WHERE id = $1`, lea.ID, ana.Staff)
	planned := func(n *note.Note) { n.FollowUpOn = dayOfTest.AddDays(-3) }
	m.note(sam, lea, 20, planned)
	m.note(sam, max, 20, planned)
	if got := m.team(kim, "").numbers(); got["Ana"] != "0 0 0 0 1" || got["Sam"] != "0 0 0 0 1" || got["Kim"] != "0 0 0 0 0" {
		t.Errorf("numbers: %v", got)
	}
	m.do(`UPDATE agency.program_roles SET status = 'removed' WHERE staff_id = $1`, sam.Staff)
	if got := m.team(kim, "").numbers(); got["Kim"] != "0 0 0 0 1" || len(got) != 2 {
		t.Errorf("after she left: %v", got)
	}
	if got := m.team(kim, "days=30").numbers(); got["Sam"] != "2 0 0 0 0" {
		t.Errorf("what somebody who left had done: %v", got)
	}
}

// People come a page at a time in the order of their names, and much work of one of them too.
func TestPagesOfPeopleAndOfOnesWork(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	kim := m.person("Zoe", roles{m.youth: access.ProgramManager})
	var last access.Actor
	for i := range pageLength + 1 {
		last = m.person(fmt.Sprintf("Person %02d", i), roles{m.youth: access.DirectService})
	}
	lea := m.enrolled("Léa", m.youth, access.Enrolled)
	var notes []note.Note
	for i := range moreWork + 5 {
		notes = append(notes, note.Note{ID: tenancy.NewID(), Participant: lea.Participant, Program: m.youth, Author: last.Staff, AuthorRole: access.DirectService,
			Interaction: note.Session, Text: "Words.", HappenedOn: dayOfTest.AddDays(-i % 6), CreatedAt: noon.Add(time.Duration(i) * time.Minute)})
	}
	m.update(func(tx *tenancy.Tx) error { return note.Bulk(t.Context(), tx, notes) })
	first := m.team(kim, "")
	if got := first.numbers(); len(got) != pageLength || !strings.Contains(first.Page, `rel="next"`) {
		t.Fatalf("the first page has %v", got)
	}
	next := nextOf(t, first.Page)
	second := m.team(kim, next)
	if got := second.numbers(); len(got) != 2 || got["Person 10"] != "55 0 0 0 0" || strings.Contains(second.Page, `rel="next"`) || strings.Count(second.Page, "Note · Session") != someWork {
		t.Fatalf("the second page (%s) has %v", next, got)
	}
	if !strings.Contains(second.Page, "person="+last.Staff.String()) {
		t.Fatal("who did more than fits has no page of her own")
	}
	own := m.team(kim, "person="+last.Staff.String())
	rest := m.team(kim, nextOf(t, own.Page))
	if n, left := strings.Count(own.Page, "Note · Session"), strings.Count(rest.Page, "Note · Session"); n != moreWork || left != 5 || strings.Contains(rest.Page, `rel="next"`) {
		t.Errorf("her own pages list %d and %d", n, left)
	}
	if other := m.team(kim, "person="+uuid.NewString()); len(other.numbers()) != 0 || other.Err != nil {
		t.Errorf("a page of nobody: %v", other.Err)
	}
}
