package group

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"konote/app/access"
	"konote/app/fault"
	"konote/tenancy"
)

func TestLoggingASessionOnOneScreen(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	form := m.page(m.handlers.NewSession, m.worker)
	if got := strings.Count(form, `name="present"`); got != 3 || strings.Count(form, " checked>")+strings.Count(form, " checked/>") < 3 {
		t.Errorf("the form has %d members, want 3, all ticked", got)
	}

	id := tenancy.NewID()
	response, err := m.call(m.handlers.SaveSession, m.worker, m.sent(id, func(v url.Values) {
		v["present"] = []string{m.inLea.String(), m.inTom.String()}
		v.Set("highlight-"+m.inTom.String(), "   ")
	}))
	if err != nil || response.Status != http.StatusSeeOther {
		t.Fatalf("status %d, %v", response.Status, err)
	}
	s := m.session(id)
	if s.HeldOn != today || s.Mood != Solid || s.Text != "We made soup." || s.Facilitator != m.worker.Staff || len(s.Attendance) != 3 {
		t.Errorf("got %+v", s)
	}
	lea, _ := s.of(m.inLea)
	max, _ := s.of(m.inMax)
	if !lea.Present || max.Present || lea.Highlight != "Taught us her mother's recipe." {
		t.Errorf("got %+v and %+v", lea, max)
	}
	page := m.page(m.handlers.ShowSession, m.colleague, "session", id.String())
	for _, want := range []string{"We made soup.", "mother&#39;s recipe", "Did not come", "Tom Baker", "2 of 3 came", "Logged by Sam"} {
		if !strings.Contains(page, want) {
			t.Errorf("the session's page lacks %q", want)
		}
	}
	if page := m.page(m.handlers.Show, m.colleague); !strings.Contains(page, "2 of 3 came") || !strings.Contains(page, "We made soup.") {
		t.Error("the group's page lacks the session")
	}
}

func TestASessionIsSavedOnce(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	id := m.logged()
	if response, err := m.call(m.handlers.SaveSession, m.worker, m.sent(id, nil)); err != nil || response.Status != http.StatusSeeOther {
		t.Errorf("the same form again: status %d, %v", response.Status, err)
	}
	// A colleague who was in the room logs it too: she is led to what is there.
	response, err := m.call(m.handlers.SaveSession, m.colleague, m.sent(tenancy.NewID(), func(v url.Values) { v.Set("text", "Soup was made. It rained.") }))
	if err != nil || response.Status != http.StatusConflict {
		t.Fatalf("a second session of the day: status %d, %v", response.Status, err)
	}
	page := m.text(response.Body)
	if !strings.Contains(page, "Soup was made. It rained.") || !strings.Contains(page, "/sessions/"+id.String()) {
		t.Error("her words, or the way to the session that is there, are missing")
	}
	// The same id with other words, made from no version: what is there stands beside it.
	response, err = m.call(m.handlers.SaveSession, m.worker, m.sent(id, func(v url.Values) { v.Set("text", "Other words.") }))
	if err != nil || response.Status != http.StatusConflict || !strings.Contains(m.text(response.Body), "We made soup.") {
		t.Errorf("other words with the same id: status %d, %v", response.Status, err)
	}
	var sessions int
	m.update(func(tx *tenancy.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT count(*) FROM agency.group_sessions`).Scan(&sessions)
	})
	if got := m.session(id); sessions != 1 || got.Text != "We made soup." {
		t.Errorf("got %d sessions, %q", sessions, got.Text)
	}
}

func TestASessionIsCorrectedByOneAtATime(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	id := m.logged()
	correct := func(by access.Actor, text string) int {
		response, err := m.call(m.handlers.SaveSession, by, m.sent(id, func(v url.Values) { v.Set("version", "1"); v.Set("text", text) }))
		if err != nil {
			t.Error(err)
		}
		return response.Status
	}
	statuses := make([]int, 2)
	var wg sync.WaitGroup
	for i, by := range []access.Actor{m.worker, m.colleague} {
		wg.Go(func() { statuses[i] = correct(by, "Corrected by "+by.Staff.String()) })
	}
	wg.Wait()
	if slices.Sort(statuses); !slices.Equal(statuses, []int{303, 409}) {
		t.Errorf("got %v, want 303 and 409", statuses)
	}
	s := m.session(id)
	if s.Version != 2 || s.Facilitator != m.worker.Staff || len(s.Attendance) != 3 {
		t.Errorf("got %+v", s)
	}
	if response, err := m.call(m.handlers.SaveSession, m.worker, m.sent(tenancy.NewID(), func(v url.Values) { v.Set("version", "3") })); fault.KindOf(err) != fault.NotFound && response.Status != http.StatusConflict {
		t.Errorf("a correction of nothing: status %d, %v", response.Status, err)
	}
}

func TestTheFrontDeskChecksInAndReadsNothing(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	page := m.page(m.handlers.CheckIn, m.front)
	for _, want := range []string{"Léa Tremblay", "Max Tremblay", "Tom Baker"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page at the door lacks %q", want)
		}
	}
	if strings.Contains(page, "We cook.") {
		t.Error("it tells what the group is for")
	}
	check := func(by access.Actor, before, now []string) int {
		t.Helper()
		response, err := m.call(m.handlers.SaveCheckIn, by, url.Values{"before": before, "present": now})
		if err != nil {
			t.Fatal(err)
		}
		return response.Status
	}
	// Two at two doors, each with the page as it was before the other one saved.
	lea, max := m.inLea.String(), m.inMax.String()
	if check(m.front, nil, []string{lea}) != 303 || check(m.front, nil, []string{max}) != 303 {
		t.Error("checking in failed")
	}
	form := m.page(m.handlers.NewSession, m.worker)
	if !strings.Contains(form, `value="`+lea+`" checked`) || !strings.Contains(form, `value="`+max+`" checked`) || strings.Contains(form, `value="`+m.inTom.String()+`" checked`) {
		t.Error("the form of the session does not have those ticked who were checked in, and nobody else")
	}
	check(m.front, []string{lea, max}, []string{lea}) // a mistake taken back

	// Whoever leads logs it: with a form that was opened before, she sees what the desk did.
	var begun Session
	m.update(func(tx *tenancy.Tx) (err error) {
		begun, err = sessionOn(t.Context(), tx, m.worker, m.group, today)
		return err
	})
	if begun.Logged() || begun.Version != 3 {
		t.Errorf("got %+v", begun)
	}
	for i, want := range []int{409, 303} {
		form := m.sent(begun.ID, func(v url.Values) { v.Set("version", []string{"1", "3"}[i]) })
		if response, err := m.call(m.handlers.SaveSession, m.worker, form); err != nil || response.Status != want {
			t.Fatalf("log it: status %d (%v), want %d", response.Status, err, want)
		}
	}
	if s := m.session(begun.ID); !s.Logged() || s.Text != "We made soup." || len(s.Attendance) != 3 {
		t.Errorf("got %+v", s)
	}
	if got := check(m.front, []string{lea, max}, nil); got != 409 {
		t.Errorf("checking in to a session that is logged: got %d, want 409", got)
	}
	if page := m.page(m.handlers.CheckIn, m.front); strings.Contains(page, "soup") || strings.Contains(page, "recipe") {
		t.Error("the front desk reads the session")
	}
	for name, handler := range map[string]handler{"the group": m.handlers.Show, "the form": m.handlers.NewSession, "attendance": m.handlers.Attendance} {
		if _, err := m.call(handler, m.front, nil); fault.KindOf(err) != fault.Denied {
			t.Errorf("the front desk opens %s: %v", name, err)
		}
	}
}

// A form that was opened while the desk had not begun yet does not make a second session.
func TestADeskThatWasFasterIsMet(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	if _, err := m.call(m.handlers.SaveCheckIn, m.front, url.Values{"present": {m.inMax.String()}}); err != nil {
		t.Fatal(err)
	}
	response, err := m.call(m.handlers.SaveSession, m.worker, m.sent(tenancy.NewID(), func(v url.Values) { v["present"] = []string{m.inLea.String()} }))
	if err != nil || response.Status != http.StatusConflict {
		t.Fatalf("status %d, %v", response.Status, err)
	}
	page := m.text(response.Body)
	if !strings.Contains(page, "We made soup.") || !strings.Contains(page, "Saved meanwhile: Came") || !strings.Contains(page, `name="version" value="1"`) {
		t.Error("the page does not go on with the session that is there")
	}
}
