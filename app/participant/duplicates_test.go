package participant

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"konote/app/access"
)

func TestSomebodyWhoMayBeKnownIsShownFirst(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	known := m.participant(Details{FirstName: "Zoë", LastName: "Whiteduck", BirthDate: "1999-02-03"}, m.youth)
	worker := m.person(roles{m.youth: access.DirectService})

	form := m.newForm()
	status, page := m.send(worker, m.handlers.Create, form)
	if status != http.StatusUnprocessableEntity {
		t.Fatalf("status %d, want 422", status)
	}
	for _, word := range []string{"Zoë Whiteduck", known.String(), "Youth Hub", `name="anyway"`, `value="Zoé Anne"`, "This person may already be here."} {
		if !strings.Contains(page, word) {
			t.Errorf("%q is not on the page", word)
		}
	}
	if acts := m.acts("participant.hint"); len(acts) != 1 || acts[0].Participants[0] != known || strings.Contains(acts[0].Body, "Whiteduck") {
		t.Errorf("recorded %+v, want one look at her without a name", acts)
	}
	if len(m.acts("participant.create")) != 0 {
		t.Error("she was added all the same")
	}
	form.Set("anyway", "yes")
	if status, _ := m.send(worker, m.handlers.Create, form); status != http.StatusSeeOther {
		t.Errorf("all the same: status %d, want 303", status)
	}
}

func TestHintsComeFromReachablePeopleAndVisibleFieldsOnly(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	m.participant(Details{FirstName: "Zoé", LastName: "Whiteduck", BirthDate: "1999-02-03", Phone: "6135550101"}, m.quiet)
	gone := m.participant(Details{FirstName: "Zoé", LastName: "Whiteduck", BirthDate: "1999-02-03", Phone: "6135550101"})
	m.enrol(gone, m.youth, access.Cancelled)
	typed := url.Values{"first_name": {"zoe"}, "last_name": {"WHITEDUCK"}, "birth_date-year": {"1999"}, "birth_date-month": {"02"}, "birth_date-day": {"03"}}
	calls := url.Values{"first_name": {"Somebody"}, "last_name": {"Else"}, "phone": {"(613) 555-0101"}}

	hints := func(r roles, form url.Values) string {
		t.Helper()
		status, text := m.send(m.person(r), m.handlers.Duplicates, form)
		if status != http.StatusOK {
			t.Errorf("status %d, want 200", status)
		}
		return text
	}
	for what, r := range map[string]roles{
		"a worker of another program":             {m.youth: access.DirectService, m.housing: access.DirectService},
		"an executive of hers, worker of another": {m.youth: access.DirectService, m.quiet: access.Executive},
	} {
		if text := hints(r, typed) + hints(r, calls); strings.TrimSpace(text) != "" {
			t.Errorf("%s is told %q, want nothing", what, text)
		}
	}
	if acts := m.acts("participant.hint"); len(acts) != 0 {
		t.Errorf("%d hints are recorded, want none", len(acts))
	}
	if text := hints(roles{m.quiet: access.DirectService}, typed); !strings.Contains(text, "Zoé Whiteduck") {
		t.Errorf("her own worker is told %q, want her name", text)
	}

	// Somebody she reaches, in a program of which she is an executive as well.
	m.participant(Details{FirstName: "Zoe", LastName: "Whiteduck", BirthDate: "1999-02-03"}, m.youth, m.quiet)
	mixed := hints(roles{m.youth: access.DirectService, m.quiet: access.Executive}, typed)
	if !strings.Contains(mixed, "Youth Hub") || strings.Contains(mixed, "Safe Harbour") {
		t.Errorf("a worker who is an executive elsewhere is told %q, want her own program alone", mixed)
	}

	// Front desk sees phone numbers and no birth dates: neither may a hint tell them.
	desk := roles{m.quiet: access.FrontDesk}
	if text := hints(desk, typed); strings.TrimSpace(text) != "" {
		t.Errorf("front desk learns a birth date by trying: %q", text)
	}
	if text := hints(desk, calls); !strings.Contains(text, "Zoé Whiteduck") || strings.Contains(text, "years old") {
		t.Errorf("front desk is told %q, want her name without her age", text)
	}
}
