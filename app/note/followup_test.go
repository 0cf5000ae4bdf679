package note

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/civil"
	"konote/app/directive"
	"konote/app/fault"
	"konote/app/staff"
	"konote/tenancy"
)

// employ gives somebody the roles that she has, in the database too.
func (m *world) employ(roles map[uuid.UUID]access.Role) access.Actor {
	m.t.Helper()
	actor := m.worker(roles)
	m.update(func(tx *tenancy.Tx) (err error) {
		for in, role := range roles {
			if err == nil {
				err = staff.Grant(m.t.Context(), tx, audit.By{Kind: audit.KindSystem}, actor.Staff, in, role)
			}
		}
		return err
	})
	return actor
}

func (m *world) exec(sql string, args ...any) {
	m.t.Helper()
	m.update(func(tx *tenancy.Tx) error {
		_, err := tx.Exec(m.t.Context(), sql, args...)
		return err
	})
}

// work is what somebody's home page lists.
func (m *world) work(by access.Actor) (due, coming []FollowUp) {
	m.t.Helper()
	m.update(func(tx *tenancy.Tx) (err error) {
		var work Work
		b := tx.Batch()
		QueueWork(b, by, noon, today, &work)
		if err = b.Send(m.t.Context()); err != nil {
			return err
		}
		_, due, coming, err = work.Open(tx.Box())
		return err
	})
	return due, coming
}

func (m *world) planned(by access.Actor, day civil.Date) Note {
	m.t.Helper()
	if _, err := m.write(by, func(v url.Values) {
		v.Set("program", m.youth.String())
		v.Set("text", "For "+day.String())
		v.Set("follow_up", day.String())
	}); err != nil {
		m.t.Fatal(err)
	}
	return m.notes(by)[0]
}

func (m *world) followUp(by access.Actor, id uuid.UUID, day string) (int, error) {
	m.t.Helper()
	response, err := m.handlers.FollowUpMove(m.request(by, "POST", "/", url.Values{"follow_up_on": {day}}, "note", id.String()))
	return response.Status, err
}

func (m *world) done(by access.Actor, id uuid.UUID) error {
	m.t.Helper()
	_, err := m.handlers.FollowUpDone(m.request(by, "POST", "/", nil, "note", id.String()))
	return err
}

// A follow-up is moved and marked as done by those who may write a note about her there; the
// day that was signed stays.
func TestAFollowUpIsMovedAndSettled(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	author := m.employ(map[uuid.UUID]access.Role{m.youth: access.DirectService})
	elsewhere := m.employ(map[uuid.UUID]access.Role{m.housing: access.DirectService})
	desk := m.employ(map[uuid.UUID]access.Role{m.youth: access.FrontDesk})
	n := m.planned(author, today)
	if due, coming := m.work(author); len(due) != 1 || len(coming) != 0 {
		t.Fatalf("%d due, %d coming; want 1, 0", len(due), len(coming))
	}
	for who, by := range map[string]access.Actor{"another program": elsewhere, "the front desk": desk} {
		if _, err := m.followUp(by, n.ID, today.AddDays(3).String()); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%s moves it: %v", who, err)
		}
		if err := m.done(by, n.ID); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%s settles it: %v", who, err)
		}
	}
	for text, want := range map[string]int{"": http.StatusUnprocessableEntity, "soon": http.StatusUnprocessableEntity, today.AddDays(-1).String(): http.StatusUnprocessableEntity} {
		if status, err := m.followUp(author, n.ID, text); err != nil || status != want {
			t.Errorf("moved to %q: status %d, %v", text, status, err)
		}
	}
	page := m.show(author, n.ID)
	if !strings.Contains(page, "/follow-up/done") || !strings.Contains(page, "Follow up: Tue, Feb.") {
		t.Errorf("the note offers nothing: %s", page)
	}
	if status, err := m.followUp(author, n.ID, today.AddDays(7).String()); err != nil || status != http.StatusSeeOther {
		t.Fatalf("moved: %d, %v", status, err)
	}
	due, coming := m.work(author)
	if len(due) != 0 || len(coming) != 1 || coming[0].FollowUpDay() != today.AddDays(7) || coming[0].FollowUpOn != today {
		t.Errorf("after it moved: %v due, %v coming", due, coming)
	}
	if page := m.show(author, n.ID); !strings.Contains(page, "the follow-up was planned for") {
		t.Errorf("the page does not say what was planned: %s", page)
	}
	if _, err := m.followUp(author, n.ID, today.AddDays(8).String()); err != nil {
		t.Fatal(err)
	}
	if due, coming := m.work(author); len(due)+len(coming) != 0 {
		t.Error("what lies further ahead than a week is listed")
	}
	for range 2 { // the form may come twice
		if err := m.done(author, n.ID); err != nil {
			t.Fatal(err)
		}
	}
	if by := m.count(`SELECT count(*) FROM agency.notes WHERE followed_up_by = $1 AND follow_up_on = $2`, author.Staff, today); by != 1 {
		t.Error("it is not settled, or not by her, or the signed day is another")
	}
	if _, err := m.followUp(author, n.ID, today.AddDays(9).String()); fault.KindOf(err) != fault.Conflict {
		t.Errorf("what is done is moved: %v", err)
	}
	if page := m.show(author, n.ID); strings.Contains(page, "/follow-up/done") || !strings.Contains(page, "Followed up") {
		t.Errorf("what is done is offered again: %s", page)
	}
	other := m.planned(author, today)
	m.exec(`UPDATE agency.participants SET consent = 'withdrawn' WHERE id = $1`, m.lea)
	if err := m.done(author, other.ID); fault.KindOf(err) != fault.Denied {
		t.Errorf("after a withdrawal: %v", err)
	}
}

// A follow-up is on somebody's page, whoever leaves: on that of who works with the
// participant, else on the author's, else on the managers'.
func TestNoFollowUpIsLost(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	author := m.employ(map[uuid.UUID]access.Role{m.youth: access.DirectService})
	worker := m.employ(map[uuid.UUID]access.Role{m.youth: access.DirectService})
	boss := m.employ(map[uuid.UUID]access.Role{m.youth: access.ProgramManager})
	other := m.employ(map[uuid.UUID]access.Role{m.housing: access.ProgramManager})
	n := m.planned(author, today)
	has := func(when string, want access.Actor) {
		t.Helper()
		for name, by := range map[string]access.Actor{"author": author, "worker": worker, "manager": boss, "other": other} {
			due, _ := m.work(by)
			if (len(due) == 1) != (by.Staff == want.Staff) {
				t.Errorf("%s: the %s has %d", when, name, len(due))
			}
		}
	}
	assign := func(to any) {
		m.exec(`UPDATE agency.enrolments SET worker_id = $1 WHERE participant_id = $2 AND program_id = $3`, to, m.lea, m.youth)
	}
	has("nobody is assigned", author)
	assign(worker.Staff)
	has("somebody else is assigned", worker)
	m.exec(`UPDATE agency.program_roles SET status = 'removed' WHERE staff_id = $1`, worker.Staff)
	has("who has left again", author)
	assign(nil)
	m.exec(`UPDATE agency.staff SET status = 'deactivated' WHERE id = $1`, author.Staff)
	has("the author's account is closed", boss)
	m.exec(`UPDATE agency.staff SET status = 'active' WHERE id = $1`, author.Staff)
	m.update(func(tx *tenancy.Tx) error {
		_, err := directive.Insert(t.Context(), tx, directive.Directive{ID: tenancy.NewID(), Participant: m.lea, Kind: access.NotesKind, Staff: author.Staff,
			FromOn: today, By: directive.Participant, RecordedAt: noon, RecordedBy: boss.Staff})
		return err
	})
	has("her notes are closed to the author", boss)

	// The manager's next note about her answers it, and cancelling that note opens it again.
	open := `SELECT count(*) FROM agency.notes WHERE follow_up_on IS NOT NULL AND followed_up_at IS NULL`
	if _, err := m.write(other, func(v url.Values) { v.Set("text", "Of the other program.") }); err != nil || m.count(open) != 1 {
		t.Fatalf("a note of somebody else answers it (%v)", err)
	}
	if _, err := m.write(boss, func(v url.Values) { v.Set("text", "I called.") }); err != nil || m.count(open) != 0 {
		t.Fatalf("the manager's note does not answer it (%v)", err)
	}
	for _, answer := range m.notes(boss) {
		if answer.Author == boss.Staff {
			if _, err := m.cancel(boss, answer.ID, "Another person."); err != nil {
				t.Fatal(err)
			}
		}
	}
	if m.count(open) != 1 || m.count(`SELECT count(*) FROM agency.notes WHERE id = $1 AND followed_up_by IS NULL`, n.ID) != 1 {
		t.Error("a cancelled note has answered it")
	}
}
