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
	return rulesOf(e.Kind).inError.Mark(m.request(by, "POST", "/", url.Values{"reason": {reason}}, string(e.Kind), e.ID.String()))
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
	form, err := EventInError.Ask(m.request(sam, "GET", "/", nil, "event", e.ID.String()))
	if err != nil || !strings.Contains(m.text(form), "With a balcony.") {
		t.Errorf("the form (%v) does not show what is marked", err)
	}
	if page, err := m.page(ana, e); err != nil || strings.Contains(page, "/in-error") {
		t.Errorf("a colleague is offered to mark it (%v)", err)
	}
	if page, err := m.page(boss, e); err != nil || !strings.Contains(page, "/in-error") {
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
	if page, _ := m.page(sam, e); strings.Contains(page, "/in-error") || strings.Contains(page, "/edit") || strings.Contains(page, "/flag") {
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

// A meeting about the wrong person is marked, by who planned it or a manager: nobody is
// reminded of it, it is in no week, feed or list of what is coming, and nothing is said of how
// it went any more.
func TestAMeetingEnteredInErrorIsMarkedAndTakesPlaceNowhere(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	sam := m.worker("Sam Ouellet", map[uuid.UUID]access.Role{m.youth: access.DirectService})
	ana := m.worker("Ana Roy", map[uuid.UUID]access.Role{m.youth: access.DirectService})
	boss := m.worker("Kim Roy", map[uuid.UUID]access.Role{m.youth: access.ProgramManager})
	other := m.worker("Jo Martin", map[uuid.UUID]access.Role{m.housing: access.ProgramManager})
	desk := m.worker("Noa Roy", map[uuid.UUID]access.Role{m.youth: access.FrontDesk})
	m.asked("email")
	response, err := m.meet(sam, nil)
	e := m.made(t, response, err)
	token := m.subscribe(t, sam)
	for who, c := range map[string]struct {
		by   access.Actor
		want fault.Kind
	}{"a colleague": {ana, fault.Denied}, "another program": {other, fault.NotFound}, "the front desk": {desk, fault.NotFound}} {
		if _, err := m.mark(c.by, e, "No."); fault.KindOf(err) != c.want {
			t.Errorf("%s: %v, want %v", who, err, c.want)
		}
	}
	if page, err := m.page(boss, e); err != nil || !strings.Contains(page, "/meetings/"+e.ID.String()+"/in-error") {
		t.Errorf("the manager is not offered to mark it (%v)", err)
	}
	if form, err := MeetingInError.Ask(m.request(boss, "GET", "/", nil, "meeting", e.ID.String())); err != nil || !strings.Contains(m.text(form), "Room 4") {
		t.Errorf("the form (%v) does not show what is marked", err)
	}
	if _, err := EventInError.Ask(m.request(boss, "GET", "/", nil, "event", e.ID.String())); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a meeting is marked as an event: %v", err)
	}
	week := func() bool {
		response, err := m.handlers.Week(m.request(sam, "GET", "/meetings?week="+e.HappenedOn.String(), nil))
		return err == nil && strings.Contains(m.text(response), e.ID.String())
	}
	if feed, err := m.feed(token); err != nil || !strings.Contains(feed, "BEGIN:VEVENT") || !week() {
		t.Fatalf("before the mark (%v): %s", err, feed)
	}
	for range 2 {
		if response, err := m.mark(sam, e, "It was Max."); err != nil || response.Status != http.StatusSeeOther {
			t.Fatalf("status %d, %v", response.Status, err)
		}
	}
	if feed, err := m.feed(token); err != nil || strings.Contains(feed, "BEGIN:VEVENT") || week() {
		t.Errorf("after it (%v): %s", err, feed)
	}
	if err := m.remind(e); err != nil || len(m.sink.Messages()) != 0 {
		t.Errorf("somebody was reminded: %d, %v", len(m.sink.Messages()), err)
	}
	marked := m.load(e.ID)
	if marked.InError.Reason != "It was Max." || marked.Status != Scheduled || marked.Reminder != "" {
		t.Errorf("kept: %+v", marked.Event)
	}
	var coming []entryRow
	m.update(func(tx *tenancy.Tx) error {
		b := tx.Batch()
		b.Queue(sqlComing, tenancy.Into(&coming), m.lea, []uuid.UUID{m.youth}, "America/Toronto", 9, []uuid.UUID{})
		return b.Send(t.Context())
	})
	page, err := m.page(ana, e)
	if len(coming) != 0 || err != nil || !strings.Contains(page, "Entered in error") || !strings.Contains(page, "It was Max.") || strings.Contains(page, "/edit") || strings.Contains(page, "/status") || strings.Contains(page, "No reminder") {
		t.Errorf("coming %d, the page (%v): %s", len(coming), err, page)
	}
	for what, handler := range map[string]web.Handler{"edited": m.handlers.EditMeeting, "called off": m.handlers.SetStatus} {
		request := m.request(sam, "POST", "/", url.Values{"status": {string(Cancelled)}, "version": {"2"}}, "meeting", e.ID.String())
		if _, err := handler(request); fault.KindOf(err) != fault.Denied {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := m.handlers.Retry(m.request(sam, "POST", "/", nil, "meeting", e.ID.String())); err != nil || m.load(e.ID).Reminder != "" {
		t.Errorf("its reminder is tried again: %v", err)
	}

	// What was sent was sent: that stays, as does a reminder that is under way.
	response, err = m.meet(sam, nil)
	second := m.made(t, response, err)
	if err := m.remind(second); err != nil || len(m.sink.Messages()) != 1 {
		t.Fatalf("%d messages, %v", len(m.sink.Messages()), err)
	}
	if _, err := m.mark(boss, second, "It was Max."); err != nil {
		t.Fatal(err)
	}
	if after := m.load(second.ID); after.Reminder != Sent || after.RemindedAt.IsZero() {
		t.Errorf("that somebody was reminded is lost: %+v", after.Event)
	}
}
