package event

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/consent"
	"konote/app/fault"
	"konote/app/timeline"
	"konote/app/web"
	"konote/tenancy"
)

func (m *world) mark(by access.Actor, e Entry, reason string) (web.Response, error) {
	m.t.Helper()
	return m.handlers.Cancel(m.request(by, "POST", "/", url.Values{"reason": {reason}}, "event", e.ID.String()))
}

func (m *world) refuses(sql string, args ...any) bool {
	m.t.Helper()
	return m.agency.Update(m.t.Context(), func(tx *tenancy.Tx) error {
		_, err := tx.Exec(m.t.Context(), sql, args...)
		return err
	}) != nil
}

// What was entered in error is marked, once, with why and by whom; the words stay readable,
// and nobody changes it any more. Its author does so within a day, a manager of its program
// at any time.
func TestAnEventEnteredInErrorIsMarkedAndStays(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	sam := m.worker("Sam Ouellet", map[uuid.UUID]access.Role{m.youth: access.DirectService})
	ana := m.worker("Ana Roy", map[uuid.UUID]access.Role{m.youth: access.DirectService})
	boss := m.worker("Kim Roy", map[uuid.UUID]access.Role{m.youth: access.ProgramManager})
	other := m.worker("Jo Martin", map[uuid.UUID]access.Role{m.housing: access.ProgramManager})
	response, err := m.write(sam, func(v url.Values) { v.Set("happened_on", today.AddDays(3).String()) })
	e := m.made(t, response, err)
	for who, c := range map[string]struct {
		by   access.Actor
		want fault.Kind
	}{"a colleague": {ana, fault.Denied}, "another program": {other, fault.NotFound}} {
		if _, err := m.mark(c.by, e, "No."); fault.KindOf(err) != c.want {
			t.Errorf("%s: %v, want %v", who, err, c.want)
		}
	}
	if response, err := m.mark(sam, e, ""); err != nil || response.Status != http.StatusUnprocessableEntity {
		t.Errorf("without a reason: status %d, %v; want 422", response.Status, err)
	}
	form, err := m.handlers.CancelForm(m.request(sam, "GET", "/", nil, "event", e.ID.String()))
	if err != nil || !strings.Contains(m.text(form), "With a balcony.") {
		t.Errorf("the form (%v) does not show what is marked", err)
	}
	if page, err := m.page(ana, e); err != nil || strings.Contains(page, "/cancel") {
		t.Errorf("a colleague is offered to mark it (%v)", err)
	}
	if page, err := m.page(boss, e); err != nil || !strings.Contains(page, "/cancel") {
		t.Errorf("the manager is not offered to mark it (%v)", err)
	}
	for range 2 {
		if response, err := m.mark(sam, e, "It was Max who moved."); err != nil || response.Status != http.StatusSeeOther {
			t.Fatalf("status %d, %v", response.Status, err)
		}
	}
	if _, err := m.mark(boss, e, "Again."); fault.KindOf(err) != fault.Denied {
		t.Errorf("marked a second time: %v", err)
	}
	page, err := m.page(ana, e)
	for _, word := range []string{"Entered in error", "It was Max who moved.", "by Sam", "With a balcony."} {
		if err != nil || !strings.Contains(page, word) {
			t.Errorf("%q is not on the page (%v)", word, err)
		}
	}
	if page, _ := m.page(sam, e); strings.Contains(page, "/cancel") || strings.Contains(page, "/edit") || strings.Contains(page, "/flag") {
		t.Error("what is marked is offered to be changed")
	}

	// It lies ahead, and yet nothing is coming; the time line has it, marked.
	var coming []entryRow
	var line Page
	m.update(func(tx *tenancy.Tx) error {
		b := tx.Batch()
		b.Queue(sqlComing, tenancy.Into(&coming), m.lea, []uuid.UUID{m.youth}, "America/Toronto", 9, []uuid.UUID{})
		QueueTimeline(b, m.lea, []uuid.UUID{m.youth}, []uuid.UUID{}, timeline.Place{}, 9, &line)
		return b.Send(t.Context())
	})
	if len(coming) != 0 || len(line.rows) != 1 || line.rows[0].CancelledAt == nil {
		t.Errorf("coming %d, in the time line %d", len(coming), len(line.rows))
	}

	// Neither the form nor the database changes it or takes the mark off.
	marked := m.load(e.ID)
	change := url.Values{"title": {"Other"}, "happened_on": {today.String()}, "version": {"2"}}
	if _, err := m.handlers.Update(m.request(sam, "POST", "/", change, "event", e.ID.String())); fault.KindOf(err) != fault.Denied {
		t.Errorf("changed: %v", err)
	}
	if _, err := m.flag(sam, e, m.category(t, 1).ID); fault.KindOf(err) != fault.Denied {
		t.Errorf("flagged: %v", err)
	}
	if !m.refuses(`UPDATE agency.events SET cancelled_at = NULL, cancelled_by = NULL, cancel_reason_sealed = NULL WHERE id = $1`, e.ID) {
		t.Error("the database takes the mark off")
	}
	response, err = m.write(sam, nil)
	second := m.made(t, response, err)
	if !m.refuses(`UPDATE agency.events SET cancelled_at = now(), cancelled_by = author_id WHERE id = $1`, second.ID) {
		t.Error("the database marks without a reason")
	}
	if marked.Title != "Moved into an apartment" || marked.InError.Reason != "It was Max who moved." || marked.InErrorBy != "Sam Ouellet" {
		t.Errorf("kept: %+v", marked)
	}
	if !mayMark(sam, second.Event, second.CreatedAt.Add(authorMarks-1)) || mayMark(sam, second.Event, second.CreatedAt.Add(authorMarks)) || !mayMark(boss, second.Event, second.CreatedAt.AddDate(1, 0, 0)) {
		t.Error("who may mark it, and for how long, is otherwise")
	}
	m.consent(consent.Event{Purpose: consent.Service, Kind: consent.Withdrawn, HappenedOn: today})
	if _, err := m.mark(sam, second, "Late."); fault.KindOf(err) != fault.Denied {
		t.Errorf("after a withdrawal: %v", err)
	}
}

// A serious event that was entered in error is in no list and no number, and nobody else is
// told of it. Its author cannot have it reported no more; a manager can.
func TestASeriousEventEnteredInErrorCountsNowhere(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	sam := m.worker("Sam Ouellet", map[uuid.UUID]access.Role{m.youth: access.DirectService})
	boss := m.worker("Kim Roy", map[uuid.UUID]access.Role{m.youth: access.ProgramManager})
	admin := m.admin("Priya Raman")
	worst := m.category(t, 1)
	response, err := m.write(sam, func(v url.Values) { v.Set("serious", worst.ID.String()) })
	e := m.made(t, response, err)
	counted := func() (listed, total int) {
		m.update(func(tx *tenancy.Tx) error {
			found, err := flags(t.Context(), tx, uuid.Nil, 9)
			listed = len(found)
			if err != nil {
				return err
			}
			var counts []count
			var rows []flag
			b := tx.Batch()
			queueReport(b, filter{From: today.AddDays(-9), To: today}, []uuid.UUID{m.youth}, []uuid.UUID{m.youth}, []uuid.UUID{}, timeline.Place{}, 9, &counts, &rows)
			err = b.Send(t.Context())
			for _, c := range counts {
				total += c.N
			}
			total += len(rows)
			return err
		})
		return listed, total
	}
	if listed, total := counted(); listed != 1 || total != 2 {
		t.Fatalf("before: %d listed, %d counted", listed, total)
	}
	if _, err := m.mark(sam, e, "Not so."); fault.KindOf(err) != fault.Denied {
		t.Errorf("its author takes it out of the report: %v", err)
	}
	if response, err := m.mark(boss, e, "It was recorded twice."); err != nil || response.Status != http.StatusSeeOther {
		t.Fatalf("status %d, %v", response.Status, err)
	}
	if listed, total := counted(); listed != 0 || total != 0 {
		t.Errorf("after: %d listed, %d counted", listed, total)
	}
	if err := m.workers.tell(t.Context(), m.agency, tellArgs{Event: e.ID, Program: e.Program, Staff: admin.Staff, Flagged: e.FlaggedAt}); err != nil || len(m.sink.Messages()) != 0 {
		t.Errorf("told all the same: %d messages, %v", len(m.sink.Messages()), err)
	}
	page, err := m.page(sam, e)
	if err != nil || !strings.Contains(page, worst.NameEN) || strings.Contains(page, "Told") {
		t.Errorf("the page (%v): %s", err, page)
	}
	if _, err := m.handlers.Unflag(m.request(admin, "POST", "/", url.Values{"reason": {"No."}}, "event", e.ID.String())); fault.KindOf(err) != fault.NotFound {
		t.Errorf("the flag is taken back: %v", err)
	}
}
