package participant

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/web"
	"konote/tenancy"
)

// send sends a form as somebody and gives the status and the page that comes back.
func (m *world) send(by access.Actor, handler web.Handler, form url.Values, params ...string) (int, string) {
	m.t.Helper()
	response, err := handler(m.request(by, "POST", "/", form, params...))
	if err != nil {
		m.t.Fatal(err)
	}
	return response.Status, m.text(response)
}

// whole is the record as it is stored, past every rule.
func (m *world) whole(id uuid.UUID) Details {
	m.t.Helper()
	found, err := m.reach(access.Actor{Roles: roles{m.youth: access.DirectService, m.housing: access.DirectService}}, id, access.ParticipantViewName)
	if err != nil {
		m.t.Fatal(err)
	}
	return found.whole
}

// newForm is a form of somebody new that can be saved.
func (m *world) newForm() url.Values {
	return url.Values{"first_name": {"Zo\u0065\u0301  Anne"}, "last_name": {"Whiteduck"}, "phone": {"613 555 0101 ext 7"}, "language": {"fr"},
		"birth_date-year": {"1999"}, "birth_date-month": {"2"}, "birth_date-day": {"3"}, "program": {m.youth.String()}, "start": {"active"}}
}

func TestAPersonIsAddedWithAnEnrolmentAndItsHistory(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	worker := m.person(roles{m.youth: access.DirectService, m.housing: access.DirectService})
	form := m.newForm()
	form.Add("program", m.housing.String())
	response, err := m.handlers.Create(m.request(worker, "POST", "/participants", form))
	if err != nil || response.Status != http.StatusSeeOther {
		t.Fatalf("status %d, %v; want 303", response.Status, err)
	}
	id := uuid.MustParse(strings.TrimPrefix(response.To.String(), "/participants/"))
	want := Details{FirstName: "Zoé Anne", LastName: "Whiteduck", Phone: "6135550101 x7", Language: "fr", BirthDate: "1999-02-03", Status: Active}
	if diff := cmp.Diff(want, m.whole(id)); diff != "" {
		t.Errorf("stored (-want +got):\n%s", diff)
	}
	found, err := m.reach(worker, id, access.ParticipantViewName)
	if err != nil || len(found.Enrolments) != 2 {
		t.Fatalf("%d enrolments, %v; want 2", len(found.Enrolments), err)
	}
	for _, e := range found.Enrolments {
		if e.Status != access.Enrolled || e.StartedOn != dayOfTest {
			t.Errorf("enrolment %+v, want active from today", e)
		}
	}
	acts := m.acts("participant.create")
	if len(acts) != 1 || acts[0].Subject != id || acts[0].Role != access.DirectService || acts[0].Confidential {
		t.Fatalf("recorded %+v", acts)
	}
	if strings.Contains(acts[0].Body, "Whiteduck") || !strings.Contains(acts[0].Opened, "Whiteduck") {
		t.Errorf("the name is to stand in the sealed part and nowhere else: %s / %s", acts[0].Body, acts[0].Opened)
	}
}

func TestAFormThatCannotBeSavedComesBackAsItWasTyped(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	worker := m.person(roles{m.youth: access.DirectService, m.housing: access.DirectService})
	form := m.newForm()
	form.Set("last_name", "")
	form.Set("email", "zoe at example")
	form.Set("birth_date-day", "31")
	form.Set("address", "1 rue\nGatineau")
	status, page := m.send(worker, m.handlers.Create, form)
	if status != http.StatusUnprocessableEntity {
		t.Errorf("status %d, want 422", status)
	}
	for _, kept := range []string{`value="Zoé Anne"`, `value="zoe at example"`, `value="31"`, `value="1999"`, "1 rue\nGatineau", `value="(613) 555-0101, ext. 7"`,
		"Enter a last name.", "Enter a day of the calendar", "does not look like an e-mail", `href="#last_name"`} {
		if !strings.Contains(page, kept) {
			t.Errorf("%q is not on the page", kept)
		}
	}
	if !strings.Contains(page, `value="`+m.youth.String()+`" checked`) {
		t.Error("the program is no longer chosen")
	}

	r := m.request(worker, "POST", "/participants", form)
	r.SwitchLanguage = true
	response, err := m.handlers.Create(r)
	if err != nil || response.Status != http.StatusOK {
		t.Fatalf("the same form in the other language: %d, %v; want 200", response.Status, err)
	}
	if text := m.text(response); strings.Contains(text, "Enter a last name.") || !strings.Contains(text, `value="zoe at example"`) {
		t.Error("the other language checks what was typed, or loses it")
	}
	if acts := m.acts("participant.create"); len(acts) != 0 {
		t.Errorf("%d people were added, want none", len(acts))
	}
}

func TestNobodyIsAddedWhereTheRoleDoesNotReach(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	archived := m.archive(m.housing)
	for what, c := range map[string]struct {
		roles    roles
		programs []uuid.UUID
	}{
		"no program":                       {roles{m.youth: access.DirectService}, nil},
		"a program of others":              {roles{m.youth: access.DirectService}, []uuid.UUID{m.quiet}},
		"a program where she is executive": {roles{m.youth: access.DirectService, m.quiet: access.Executive}, []uuid.UUID{m.quiet}},
		"an archived program":              {roles{m.youth: access.DirectService, archived: access.DirectService}, []uuid.UUID{archived}},
	} {
		form := m.newForm()
		form.Del("program")
		for _, id := range c.programs {
			form.Add("program", id.String())
		}
		status, page := m.send(m.person(c.roles), m.handlers.Create, form)
		if status != http.StatusUnprocessableEntity || !strings.Contains(page, "Choose at least one program.") {
			t.Errorf("%s: status %d, want 422 and why", what, status)
		}
		if strings.Contains(page, "Safe Harbour") {
			t.Errorf("%s: the confidential program is offered", what)
		}
	}
}

func (m *world) archive(id uuid.UUID) uuid.UUID {
	m.t.Helper()
	m.update(func(tx *tenancy.Tx) error {
		_, err := tx.Exec(m.t.Context(), `UPDATE agency.programs SET status = 'archived' WHERE id = $1`, id)
		return err
	})
	return id
}

func TestFrontDeskAddsSomebodyWithTheFieldsItSees(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	desk := m.person(roles{m.youth: access.FrontDesk})
	form := m.newForm()
	form.Set("preferred_name", "Zo")
	form.Set("middle_name", "Marie")
	form.Set("status", "discharged")
	response, err := m.handlers.Create(m.request(desk, "POST", "/participants", form))
	if err != nil || response.Status != http.StatusSeeOther {
		t.Fatalf("status %d, %v; want 303", response.Status, err)
	}
	got := m.whole(uuid.MustParse(strings.TrimPrefix(response.To.String(), "/participants/")))
	if got.PreferredName != "Zo" || got.MiddleName != "" || got.BirthDate != "" || got.Status != Active {
		t.Errorf("stored %+v; want the preferred name, and neither middle name, birth date nor status", got)
	}
}

// editForm is the form of a record as somebody who changes everything sends it back.
func editForm(d Details, version string) url.Values {
	form := url.Values{"version": {version}}
	for _, f := range fields {
		form.Set(f.name, *f.of(&d))
		form.Set("base_"+f.name, *f.of(&d))
	}
	return form
}

func TestEachRoleChangesItsFieldsAndNoOthers(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	changed := Details{
		FirstName: "Ginette", PreferredName: "Gi", MiddleName: "Berthe", LastName: "Côté", Pronouns: "iel", BirthDate: "1991-01-01",
		Phone: "8195550100", Email: "gi@example.org", Address: "9 rue Neuve", RecordID: "B-2", Status: Inactive, Language: "en",
	}
	for role, want := range map[access.Role]Details{
		access.DirectService: changed,
		access.ProgramManager: with(changed, func(d *Details) {
			d.Phone, d.Email, d.Address = full.Phone, full.Email, full.Address
		}),
		access.FrontDesk: with(full, func(d *Details) { d.Phone, d.Email = changed.Phone, changed.Email }),
	} {
		id := m.participant(full, m.youth)
		actor := m.person(roles{m.youth: role})
		if status, page := m.send(actor, m.handlers.Update, editForm(changed, "1"), "participant", id.String()); status != http.StatusSeeOther {
			t.Fatalf("%s: status %d, want 303: %s", role, status, page)
		}
		if diff := cmp.Diff(want, m.whole(id)); diff != "" {
			t.Errorf("%s: stored (-want +got):\n%s", role, diff)
		}

		// What is not in the form stays; what is there and empty is cleared.
		id = m.participant(full, m.youth)
		if status, _ := m.send(actor, m.handlers.Update, url.Values{"version": {"1"}, "phone": {""}, "middle_name": {""}}, "participant", id.String()); status != http.StatusSeeOther {
			t.Fatalf("%s: status %d, want 303", role, status)
		}
		left := with(full, func(d *Details) {
			if role != access.ProgramManager {
				d.Phone = ""
			}
			if role != access.FrontDesk {
				d.MiddleName = ""
			}
		})
		if diff := cmp.Diff(left, m.whole(id)); diff != "" {
			t.Errorf("%s: after clearing two fields (-want +got):\n%s", role, diff)
		}
	}
	acts := m.acts("participant.update")
	if len(acts) != 6 {
		t.Fatalf("%d changes are recorded, want 6", len(acts))
	}
	for _, act := range acts {
		if strings.Contains(act.Body, "Geneviève") || !strings.Contains(act.Opened, `"before"`) || !strings.Contains(act.Opened, "Geneviève") {
			t.Errorf("before and after are to stand in the sealed part: %s / %s", act.Body, act.Opened)
		}
	}
}

func TestTheSecondOfTwoWritersSeesBothVersions(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	id := m.participant(full, m.youth)
	first, second := m.person(roles{m.youth: access.DirectService}), m.person(roles{m.youth: access.DirectService})

	one := editForm(full, "1")
	one.Set("phone", "613 555-0111")
	one.Set("email", "new@example.org")
	two := editForm(full, "1")
	two.Set("phone", "613 555-0222")
	two.Set("pronouns", "iel")
	if status, _ := m.send(first, m.handlers.Update, one, "participant", id.String()); status != http.StatusSeeOther {
		t.Fatalf("the first writer: status %d, want 303", status)
	}
	status, page := m.send(second, m.handlers.Update, two, "participant", id.String())
	if status != http.StatusConflict {
		t.Fatalf("the second writer: status %d, want 409", status)
	}
	for _, word := range []string{"(613) 555-0111", "(613) 555-0222", "new@example.org", "gen@example.org", "iel", "Both of you changed this.",
		"Only you changed this.", "Only the other person changed this.", "Sam Ouellet", `name="version" value="2"`,
		`value="6135550222" checked`, `value="new@example.org" checked`, `value="iel" checked`} {
		if !strings.Contains(page, word) {
			t.Errorf("%q is not on the page of the conflict", word)
		}
	}
	if got := m.whole(id); got.Phone != "6135550111" || got.Pronouns != "elle" {
		t.Errorf("something was saved meanwhile: %+v", got)
	}

	// The page's own form: her phone, the other's e-mail.
	choice := url.Values{"version": {"2"}, "phone": {"6135550222"}, "base_phone": {"6135550111"},
		"email": {"new@example.org"}, "base_email": {"new@example.org"}, "pronouns": {"iel"}, "base_pronouns": {"elle"}}
	if status, page := m.send(second, m.handlers.Update, choice, "participant", id.String()); status != http.StatusSeeOther {
		t.Fatalf("after choosing: status %d, want 303: %s", status, page)
	}
	want := with(full, func(d *Details) { d.Phone, d.Email, d.Pronouns = "6135550222", "new@example.org", "iel" })
	if diff := cmp.Diff(want, m.whole(id)); diff != "" {
		t.Errorf("stored (-want +got):\n%s", diff)
	}
}

func TestALateChangeIsNeverSavedWithoutAsking(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	worker, desk := m.person(roles{m.youth: access.DirectService}), m.person(roles{m.youth: access.FrontDesk})
	id := m.participant(full, m.youth)
	one := editForm(full, "1")
	one.Set("address", "1 rue Neuve")
	if status, _ := m.send(worker, m.handlers.Update, one, "participant", id.String()); status != http.StatusSeeOther {
		t.Fatal("the first change is not saved")
	}
	for what, form := range map[string]url.Values{
		"without what it began with": {"version": {"1"}, "phone": {"6135550333"}},
		"without a version":          {"phone": {"6135550333"}},
		"with a version to come":     {"version": {"9"}, "phone": {"6135550333"}},
		"with a broken version":      {"version": {"x"}, "phone": {"6135550333"}},
	} {
		if status, _ := m.send(worker, m.handlers.Update, form, "participant", id.String()); status != http.StatusConflict {
			t.Errorf("a change %s: status %d, want 409", what, status)
		}
	}
	// Front desk cannot change an address, so a new one is nothing to ask it about.
	two := editForm(full, "1")
	two.Set("phone", "613 555-0222")
	if status, _ := m.send(desk, m.handlers.Update, two, "participant", id.String()); status != http.StatusSeeOther {
		t.Errorf("a late change that takes nothing back: status %d, want 303", status)
	}
	want := with(full, func(d *Details) { d.Address, d.Phone = "1 rue Neuve", "6135550222" })
	if diff := cmp.Diff(want, m.whole(id)); diff != "" {
		t.Errorf("stored (-want +got):\n%s", diff)
	}
}

func TestManyWritersAtOnceLoseNothingInSilence(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	id := m.participant(full, m.youth)
	worker := m.person(roles{m.youth: access.DirectService})
	statuses := make(chan int, 6)
	for i := range cap(statuses) {
		form := editForm(full, "1")
		form.Set("record_id", "N-"+string(rune('0'+i)))
		r := m.request(worker, "POST", "/", form, "participant", id.String())
		go func() {
			response, err := m.handlers.Update(r)
			if err != nil {
				t.Error(err)
			}
			statuses <- response.Status
		}()
	}
	saved := 0
	for range cap(statuses) {
		if <-statuses == http.StatusSeeOther {
			saved++
		}
	}
	if acts := m.acts("participant.update"); saved != 1 || len(acts) != 1 {
		t.Errorf("%d were told that they saved, %d changes are recorded; want 1 and 1", saved, len(acts))
	}
}

func TestARecordIsMendedByThoseWhoMay(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	id := m.participant(full, m.youth)
	worker := m.person(roles{m.youth: access.DirectService})
	form := editForm(full, "1")
	form.Set("first_name", " ")
	form.Set("phone", "ask her mother")
	status, page := m.send(worker, m.handlers.Update, form, "participant", id.String())
	if status != http.StatusUnprocessableEntity || !strings.Contains(page, `value="ask her mother"`) || !strings.Contains(page, `name="base_phone" value="6135550142"`) {
		t.Errorf("status %d, want 422 with what was typed and what it began with", status)
	}
	if m.whole(id) != full {
		t.Error("something was saved")
	}
}

func TestEnrollingNeedsTheRoleOnBothSides(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	id := m.participant(full, m.youth)
	form := func(program uuid.UUID) url.Values {
		return url.Values{"program": {program.String()}, "start": {"active"}, "on": {"2026-02-01"}}
	}
	for what, c := range map[string]struct {
		roles  roles
		target uuid.UUID
		want   int // 0: refused
	}{
		"worker of both":                                {roles{m.youth: access.DirectService, m.housing: access.DirectService}, m.housing, 303},
		"worker of the first only":                      {roles{m.youth: access.DirectService}, m.quiet, 422},
		"executive of the second":                       {roles{m.youth: access.DirectService, m.quiet: access.Executive}, m.quiet, 422},
		"front desk of the second":                      {roles{m.youth: access.DirectService, m.quiet: access.FrontDesk}, m.quiet, 422},
		"front desk of the first, worker of the second": {roles{m.youth: access.FrontDesk, m.quiet: access.DirectService}, m.quiet, 0},
	} {
		response, err := m.handlers.Enrol(m.request(m.person(c.roles), "POST", "/", form(c.target), "participant", id.String()))
		if c.want == 0 {
			if outcome(err) != "denied" {
				t.Errorf("%s: %s, want denied", what, outcome(err))
			}
			continue
		}
		if err != nil || response.Status != c.want {
			t.Errorf("%s: status %d, %v; want %d", what, response.Status, err, c.want)
		}
		if strings.Contains(m.text(response), "Safe Harbour") {
			t.Errorf("%s: the confidential program is offered", what)
		}
	}
	acts := m.acts("enrolment.create")
	if len(acts) != 1 || acts[0].Program != m.housing || acts[0].Participants[0] != id {
		t.Errorf("recorded %+v", acts)
	}
}

func TestAnEnrolmentIsHeldResumedAndFinished(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	id := m.participant(full, m.youth, m.quiet)
	worker := m.person(roles{m.youth: access.DirectService})
	e := m.enrolmentIn(id, m.youth)
	change := func(form url.Values) (int, string) {
		form.Set("version", form.Get("version"))
		return m.send(worker, m.handlers.ChangeEnrolment, form, "participant", id.String(), "enrolment", e.ID.String())
	}
	if status, page := change(url.Values{"version": {"1"}, "to": {"on_hold"}, "on": {"2026-02-10"}}); status != 422 || !strings.Contains(page, "Write the reason in a few words.") {
		t.Errorf("holding without a reason: status %d, want 422", status)
	}
	if status, _ := change(url.Values{"version": {"1"}, "to": {"on_hold"}, "reason": {"in hospital"}}); status != 303 {
		t.Errorf("holding: status %d, want 303", status)
	}
	if status, page := change(url.Values{"version": {"1"}, "to": {"finished"}, "end_reason": {"relocated"}, "on": {"2026-02-10"}, "reason": {"moved to Sudbury"}}); status != 409 ||
		!strings.Contains(page, "moved to Sudbury") || !strings.Contains(page, `name="version" value="2"`) || !strings.Contains(page, "On hold") {
		t.Errorf("a change made from before the hold: status %d, want 409 with what was written and the new status", status)
	}
	if status, _ := change(url.Values{"version": {"2"}, "to": {"active"}}); status != 303 {
		t.Errorf("resuming: status %d, want 303", status)
	}
	if status, _ := change(url.Values{"version": {"3"}, "to": {"finished"}, "end_reason": {"relocated"}, "on": {"2026-02-09"}, "reason": {"moved to Sudbury"}}); status != 303 {
		t.Errorf("finishing: status %d, want 303", status)
	}
	if status, page := change(url.Values{"version": {"4"}, "to": {"active"}, "on": {"2026-02-10"}}); status != 422 || !strings.Contains(page, "is closed") {
		t.Errorf("opening a finished enrolment: status %d, want 422", status)
	}
	done := m.enrolmentIn(id, m.youth)
	if done.Status != access.Finished || done.EndedOn.String() != "2026-02-09" || done.StartedOn != e.StartedOn {
		t.Errorf("stored %+v", done)
	}

	page, err := m.see(worker, m.handlers.History, id)
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"in hospital", "moved to Sudbury", "Enrolled", "On hold", "Finished", "Sam Ouellet"} {
		if !strings.Contains(page, word) {
			t.Errorf("%q is not in the history", word)
		}
	}
	desk, err := m.see(m.person(roles{m.youth: access.FrontDesk}), m.handlers.History, id)
	if err != nil || strings.Contains(desk, "Sudbury") || !strings.Contains(desk, "Finished") {
		t.Errorf("front desk is to see that it is finished and not why (%v)", err)
	}
	for _, act := range m.acts("enrolment.change") {
		if strings.Contains(act.Body, "Sudbury") || strings.Contains(act.Body, "hospital") {
			t.Errorf("a reason stands in the audit log in plain: %s", act.Body)
		}
	}
	if acts := m.acts("enrolment.change"); len(acts) != 3 || !strings.Contains(acts[2].Opened, "Sudbury") {
		t.Errorf("%d changes are recorded, want 3, the last with its reason", len(acts))
	}

	// Whoever comes back is enrolled again, and each time stands by itself.
	if status, _ := m.send(worker, m.handlers.Enrol, url.Values{"program": {m.youth.String()}, "start": {"waitlist"}}, "participant", id.String()); status != 303 {
		t.Errorf("enrolling again: status %d, want 303", status)
	}
}

// enrolmentIn is the newest enrolment in a program.
func (m *world) enrolmentIn(participant, program uuid.UUID) (found Enrolment) {
	m.t.Helper()
	p, err := m.reach(access.Actor{Roles: roles{program: access.DirectService}}, participant, access.ParticipantViewName)
	if err != nil {
		m.t.Fatal(err)
	}
	for _, e := range p.Enrolments {
		if e.Program == program {
			return e
		}
	}
	m.t.Fatal("no enrolment there")
	return Enrolment{}
}

func TestEnrolmentsOfOthersCannotBeChanged(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	id := m.participant(full, m.youth, m.quiet)
	other := m.participant(anna, m.youth)
	form := url.Values{"version": {"1"}, "to": {"finished"}, "end_reason": {"relocated"}, "on": {"2026-02-10"}, "reason": {"because"}}
	hidden, own := m.enrolmentIn(id, m.quiet), m.enrolmentIn(other, m.youth)
	for what, c := range map[string]struct {
		roles     roles
		enrolment uuid.UUID
		want      string
	}{
		"an enrolment in a confidential program": {roles{m.youth: access.DirectService}, hidden.ID, "hidden"},
		"an enrolment where she is executive":    {roles{m.youth: access.DirectService, m.quiet: access.Executive}, hidden.ID, "hidden"},
		"an enrolment where she is front desk":   {roles{m.youth: access.DirectService, m.quiet: access.FrontDesk}, hidden.ID, "denied"},
		"an enrolment of somebody else":          {roles{m.youth: access.DirectService}, own.ID, "hidden"},
		"an enrolment that there is not":         {roles{m.youth: access.DirectService}, uuid.New(), "hidden"},
	} {
		_, err := m.handlers.ChangeEnrolment(m.request(m.person(c.roles), "POST", "/", form, "participant", id.String(), "enrolment", c.enrolment.String()))
		if outcome(err) != c.want {
			t.Errorf("%s: %s, want %s", what, outcome(err), c.want)
		}
	}
	if len(m.acts("enrolment.change")) != 0 {
		t.Error("an enrolment was changed")
	}
}

func TestACancelledEnrolmentClosesTheRecord(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	id := m.participant(full, m.youth)
	worker := m.person(roles{m.youth: access.DirectService})
	e := m.enrolmentIn(id, m.youth)
	response, err := m.handlers.ChangeEnrolment(m.request(worker, "POST", "/", url.Values{"version": {"1"}, "to": {"cancelled"}, "reason": {"wrong person"}},
		"participant", id.String(), "enrolment", e.ID.String()))
	if err != nil || response.To.String() != "/participants" {
		t.Errorf("leads to %s, %v; want the list, for the record is closed now", response.To, err)
	}
	if _, err := m.see(worker, m.handlers.Show, id); outcome(err) != "hidden" {
		t.Errorf("the record %s, want hidden", outcome(err))
	}
}

func TestAFailedActLeavesNoTrace(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	id := m.participant(full, m.youth)
	worker := m.person(roles{m.youth: access.DirectService})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := web.NewRequest(ctx, "POST", "/", m.newForm())
	r.Agency, r.Visitor.Actor = m.agency, worker
	if _, err := m.handlers.Create(r); err == nil {
		t.Error("a request that was given up was answered")
	}
	if len(m.acts(audit.Action("participant.create"))) != 0 {
		t.Error("somebody was added all the same")
	}
	if m.whole(id) != full {
		t.Error("the record changed")
	}
}
