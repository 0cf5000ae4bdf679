package participant

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"

	"konote/app/access"
)

var hiddenInput = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`)

// held is what a page sends besides what is typed in it.
func held(page string, typed map[string]string) url.Values {
	form := url.Values{}
	for _, input := range hiddenInput.FindAllStringSubmatch(page, -1) {
		form.Set(input[1], html.UnescapeString(input[2]))
	}
	for name, text := range typed {
		form.Set(name, text)
	}
	return form
}

// A late change of one enrolment: two people open its page, one after the other saves.
type lateChange struct {
	*world
	id uuid.UUID
	e  Enrolment
}

func (m lateChange) opened(by access.Actor) string {
	m.t.Helper()
	response, err := m.handlers.EditEnrolment(m.request(by, http.MethodGet, "/", nil, "participant", m.id.String(), "enrolment", m.e.ID.String()))
	if err != nil {
		m.t.Fatal(err)
	}
	return m.text(response)
}

func (m lateChange) change(by access.Actor, form url.Values, want int) string {
	m.t.Helper()
	status, page := m.send(by, m.handlers.ChangeEnrolment, form, "participant", m.id.String(), "enrolment", m.e.ID.String())
	if status != want {
		m.t.Fatalf("status %d, want %d: %s", status, want, page)
	}
	return page
}

func (m lateChange) assign(by access.Actor, form url.Values, want int) string {
	m.t.Helper()
	status, page := m.send(by, m.handlers.AssignWorker, form, "participant", m.id.String(), "enrolment", m.e.ID.String())
	if status != want {
		m.t.Fatalf("status %d, want %d: %s", status, want, page)
	}
	return page
}

func (m lateChange) shows(page string, wanted ...string) {
	m.t.Helper()
	for _, want := range wanted {
		if !strings.Contains(page, want) {
			m.t.Errorf("the page does not show %q", want)
		}
	}
}

func newLateChange(t *testing.T) (m lateChange, one, two access.Actor) {
	m = lateChange{world: newWorld(t)}
	m.id = m.participant(full, m.youth)
	m.e = m.enrolmentIn(m.id, m.youth)
	return m, m.person(roles{m.youth: access.DirectService}), m.person(roles{m.youth: access.DirectService})
}

func TestTwoWhoChangeAnEnrolmentAtOnceSeeBothVersions(t *testing.T) {
	t.Parallel()
	m, one, two := newLateChange(t)
	first, second := m.opened(one), m.opened(two)
	m.change(one, held(first, map[string]string{"to": "on_hold", "reason": "in hospital"}), http.StatusSeeOther)

	page := m.change(two, held(second, map[string]string{"to": "finished", "end_reason": "relocated", "on": "2026-02-09", "reason": "moved to Sudbury"}), http.StatusConflict)
	m.shows(page, "by Sam Ouellet", "Saved meanwhile: On hold", `value="finished" checked`, "moved to Sudbury", "Saved meanwhile: in hospital",
		`value="relocated" selected`, `value="2026-02-09"`)
	if now := m.enrolmentIn(m.id, m.youth); now.Status != access.OnHold {
		t.Fatalf("got %s before anybody has decided", now.Status)
	}

	// What she typed stands in the form: she saves over it.
	m.change(two, held(page, map[string]string{"to": "finished", "end_reason": "relocated", "on": "2026-02-09", "reason": "moved to Sudbury"}), http.StatusSeeOther)
	if now := m.enrolmentIn(m.id, m.youth); now.Status != access.Finished || now.Version != 3 {
		t.Errorf("got %s, version %d, want what the second has decided", now.Status, now.Version)
	}
}

func TestAChangeThatIsNotPossibleAnyMoreLosesNothing(t *testing.T) {
	t.Parallel()
	m, one, two := newLateChange(t)
	second, third := m.opened(two), m.opened(two)
	m.change(one, held(m.opened(one), map[string]string{"to": "on_hold", "reason": "in hospital"}), http.StatusSeeOther)
	page := m.change(two, held(second, map[string]string{"to": "cancelled", "reason": "the wrong person"}), http.StatusConflict)
	m.shows(page, "Yours: Cancelled", "Yours cannot follow", "the wrong person")

	m.change(one, held(m.opened(one), map[string]string{"to": "finished", "end_reason": "relocated", "on": "2026-02-10"}), http.StatusSeeOther)
	page = m.change(two, held(third, map[string]string{"to": "on_hold", "reason": "in hospital since Monday"}), http.StatusConflict)
	m.shows(page, "is closed", "Yours: On hold", "Saved meanwhile: Finished", "Yours: in hospital since Monday")
}

func TestReasonsAreNotShownToWhoMayNotReadThem(t *testing.T) {
	t.Parallel()
	m, one, _ := newLateChange(t)
	boss := m.person(roles{m.youth: access.ProgramManager})
	boss.Policy.Tier = access.Safeguarded
	second := m.opened(boss)
	m.change(one, held(m.opened(one), map[string]string{"to": "on_hold", "reason": "in hospital"}), http.StatusSeeOther)
	page := m.change(boss, held(second, map[string]string{"to": "finished", "end_reason": "relocated", "on": "2026-02-09"}), http.StatusConflict)
	if m.shows(page, "Saved meanwhile: On hold"); strings.Contains(page, "in hospital") {
		t.Error("the page shows a reason that she may not read")
	}
}

func TestWhoWorksWithSomebodyIsNoConflictWithWhereSheStands(t *testing.T) {
	t.Parallel()
	m, one, two := newLateChange(t)
	second := m.opened(two)
	m.assign(one, held(m.opened(one), map[string]string{"worker": one.Staff.String()}), http.StatusSeeOther)
	m.change(two, held(second, map[string]string{"to": "on_hold", "reason": "in hospital"}), http.StatusSeeOther)
	if now := m.enrolmentIn(m.id, m.youth); now.Status != access.OnHold || now.Worker != one.Staff {
		t.Errorf("got %s with %s, want both changes", now.Status, now.Worker)
	}
}

func TestTwoWhoSayAtOnceWhoWorksWithSomebodySeeBothVersions(t *testing.T) {
	t.Parallel()
	m, one, two := newLateChange(t)
	second := m.opened(two)
	m.assign(one, held(m.opened(one), map[string]string{"worker": one.Staff.String()}), http.StatusSeeOther)
	name := m.enrolmentIn(m.id, m.youth).WorkerName
	page := m.assign(two, held(second, map[string]string{"worker": two.Staff.String()}), http.StatusConflict)
	m.shows(page, "Saved meanwhile: "+name, `value="`+two.Staff.String()+`" selected`, "by "+name)
	if now := m.enrolmentIn(m.id, m.youth); now.Worker != one.Staff {
		t.Fatal("saved before anybody has decided")
	}
	m.assign(two, held(page, map[string]string{"worker": two.Staff.String()}), http.StatusSeeOther)
	if now := m.enrolmentIn(m.id, m.youth); now.Worker != two.Staff {
		t.Error("the second cannot save over it")
	}
	m.assign(one, held(second, map[string]string{"worker": two.Staff.String()}), http.StatusConflict) // an older version says who it is before
}
