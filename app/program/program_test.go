package program_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/fault"
	"konote/app/program"
	"konote/app/web"
	"konote/tenancy/tenancytest"
)

func TestStatementsAreValid(t *testing.T) {
	t.Parallel()
	tenancytest.PrepareAll(t, ".")
}

func TestPeopleSeeTheProgramsTheyHaveARoleIn(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	for _, test := range []struct {
		name        string
		actor       access.Actor
		open, quiet bool
	}{
		{"a worker of the open one", access.Actor{Roles: map[uuid.UUID]access.Role{m.open: access.DirectService}}, true, false},
		{"the front desk of the confidential one", access.Actor{Roles: map[uuid.UUID]access.Role{m.quiet: access.FrontDesk}}, false, true},
		{"an administrator", access.Actor{Admin: true}, true, true},
		{"somebody without a role", access.Actor{}, false, false},
	} {
		response, err := m.handlers.List(m.request(test.actor, http.MethodGet, "/programs", nil))
		if err != nil {
			t.Fatal(err)
		}
		page := m.text(response)
		if got := strings.Contains(page, "Youth Hub"); got != test.open {
			t.Errorf("%s: the open program is listed: got %v, want %v", test.name, got, test.open)
		}
		if got := strings.Contains(page, "Safe Harbour"); got != test.quiet {
			t.Errorf("%s: the confidential program is listed: got %v, want %v", test.name, got, test.quiet)
		}
		_, err = m.handlers.Show(m.request(test.actor, http.MethodGet, "/programs/"+m.quiet.String(), nil, "program", m.quiet.String()))
		if got := err == nil; got != test.quiet {
			t.Errorf("%s: the confidential program opens: got %v, want %v (%v)", test.name, got, test.quiet, err)
		}
		if err != nil && fault.KindOf(err) != fault.NotFound {
			t.Errorf("%s: a refusal betrays that the program is there: %v", test.name, err)
		}
	}
}

func TestCreating(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	admin := m.somebody(true, nil)

	t.Run("saves what was entered", func(t *testing.T) {
		response, err := m.handlers.Create(m.request(admin, http.MethodPost, "/programs", form(func(v url.Values) { v.Set("is_confidential", "on") })))
		if err != nil {
			t.Fatal(err)
		}
		id, err := uuid.Parse(strings.TrimPrefix(response.To.String(), "/programs/"))
		if err != nil {
			t.Fatalf("does not lead to the program: %s", response.To)
		}
		p := m.load(id)
		if p.NameEN != "Night Kitchen" || p.NameFR != "Cuisine de nuit" || p.ServiceModel != program.Group || !p.Confidential || p.Status != program.Active {
			t.Errorf("got %+v", p)
		}
	})

	t.Run("says what is wrong at the field and keeps the rest", func(t *testing.T) {
		response, err := m.handlers.Create(m.request(admin, http.MethodPost, "/programs",
			form(func(v url.Values) { v.Set("name_fr", ""); v.Set("description_en", strings.Repeat("x", 2001)) })))
		if err != nil {
			t.Fatal(err)
		}
		page := m.text(response)
		if response.Status != http.StatusUnprocessableEntity {
			t.Errorf("status: got %d, want 422", response.Status)
		}
		for _, want := range []string{`href="#name_fr"`, `href="#description_en"`, "Night Kitchen", "Souper ensemble."} {
			if !strings.Contains(page, want) {
				t.Errorf("the page lacks %q", want)
			}
		}
	})

	t.Run("shows the same form in the other language without complaining", func(t *testing.T) {
		r := m.request(admin, http.MethodPost, "/programs", form(func(v url.Values) { v.Set("name_fr", "") }))
		r.SwitchLanguage = true
		response, err := m.handlers.Create(r)
		if err != nil {
			t.Fatal(err)
		}
		if page := m.text(response); response.Status != http.StatusOK || !strings.Contains(page, "Night Kitchen") || strings.Contains(page, "aria-invalid") {
			t.Errorf("status %d; the form is empty or complains", response.Status)
		}
	})
}

func TestChanging(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	manager := m.somebody(false, map[uuid.UUID]access.Role{m.open: access.ProgramManager, m.quiet: access.ProgramManager})
	save := func(id uuid.UUID, by access.Actor, change func(url.Values)) (web.Response, error) {
		return m.handlers.Update(m.request(by, http.MethodPost, "/programs/"+id.String(), form(change), "program", id.String()))
	}

	if _, err := save(m.open, manager, nil); err != nil {
		t.Fatalf("a manager changes her program: %v", err)
	}
	if p := m.load(m.open); p.NameEN != "Night Kitchen" || p.Version != 2 || p.UpdatedBy == nil || *p.UpdatedBy != manager.Staff {
		t.Errorf("got %+v", p)
	}

	t.Run("a change that comes too late is shown beside what is there", func(t *testing.T) {
		response, err := save(m.open, manager, func(v url.Values) { v.Set("name_en", "Day Kitchen") })
		if err != nil {
			t.Fatal(err)
		}
		page := m.text(response)
		if response.Status != http.StatusConflict || !strings.Contains(page, "Day Kitchen") || !strings.Contains(page, "Night Kitchen") {
			t.Errorf("status %d; both versions should be on the page", response.Status)
		}
		if !strings.Contains(page, `name="version" value="2"`) {
			t.Error("saving again would come too late again")
		}
	})

	t.Run("confidential is for ever", func(t *testing.T) {
		if _, err := save(m.quiet, manager, nil); err != nil {
			t.Fatal(err)
		}
		if !m.load(m.quiet).Confidential {
			t.Error("a form without the mark took it away")
		}
	})

	t.Run("nobody else changes it", func(t *testing.T) {
		for _, role := range []access.Role{access.DirectService, access.FrontDesk, access.Executive} {
			_, err := save(m.open, m.somebody(false, map[uuid.UUID]access.Role{m.open: role}), nil)
			if fault.KindOf(err) != fault.Denied {
				t.Errorf("%s: got %v, want denied", role, err)
			}
		}
		if _, err := save(m.open, m.somebody(false, nil), nil); fault.KindOf(err) != fault.NotFound {
			t.Errorf("somebody who may not see it: got %v, want not found", err)
		}
	})
}

func TestTeam(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	admin, worker := m.somebody(true, nil), m.somebody(false, nil)
	grant := func(person, role string) (web.Response, error) {
		return m.handlers.Grant(m.request(admin, http.MethodPost, "/programs/"+m.open.String()+"/team",
			url.Values{"person": {person}, "role": {role}}, "program", m.open.String()))
	}

	if _, err := grant(worker.Staff.String(), "direct_service"); err != nil {
		t.Fatal(err)
	}
	show := func() string {
		response, err := m.handlers.Team(m.request(admin, http.MethodGet, "/programs/"+m.open.String()+"/team", nil, "program", m.open.String()))
		if err != nil {
			t.Fatal(err)
		}
		return m.text(response)
	}
	remove := "/programs/" + m.open.String() + "/team/" + worker.Staff.String() + "/remove"
	if !strings.Contains(show(), remove) {
		t.Error("the worker is not in the team")
	}
	if response, err := grant(worker.Staff.String(), "owner"); err != nil || response.Status != http.StatusUnprocessableEntity {
		t.Errorf("a role that does not exist: got %d, %v", response.Status, err)
	}
	if _, err := grant(uuid.NewString(), "executive"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a person who does not exist: got %v", err)
	}
	_, err := m.handlers.Remove(m.request(admin, http.MethodPost, remove, nil, "program", m.open.String(), "person", worker.Staff.String()))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(show(), remove) {
		t.Error("the worker is still in the team")
	}
}

func TestAfterHowManyDaysGoalsAreLookedAtAgain(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	manager := m.somebody(false, map[uuid.UUID]access.Role{m.open: access.ProgramManager})
	save := func(days, version string) web.Response {
		t.Helper()
		response, err := m.handlers.Update(m.request(manager, http.MethodPost, "/programs/"+m.open.String(),
			form(func(v url.Values) { v.Set("goal_review_days", days); v.Set("version", version) }), "program", m.open.String()))
		if err != nil {
			t.Fatal(err)
		}
		return response
	}
	for _, typed := range []string{"0", "731", "-5", "90 days", "1.5"} {
		response := save(typed, "1")
		if page := m.text(response); response.Status != http.StatusUnprocessableEntity || !strings.Contains(page, `href="#goal_review_days"`) || !strings.Contains(page, `value="`+typed+`"`) {
			t.Errorf("%q: status %d; it is not refused at the field with what was typed", typed, response.Status)
		}
	}
	if save("90", "1"); m.load(m.open).GoalReviewDays != 90 {
		t.Fatalf("got %+v", m.load(m.open))
	}
	response, err := m.handlers.Show(m.request(manager, http.MethodGet, "/programs/"+m.open.String(), nil, "program", m.open.String()))
	if err != nil || !strings.Contains(m.text(response), "Goals are looked at again after 90 days.") {
		t.Errorf("the page does not say it: %v", err)
	}
	if page := m.text(save("", "1")); !strings.Contains(page, "Saved meanwhile: 90") {
		t.Error("a late change does not show the days that are there")
	}
	if save("", "2"); m.load(m.open).GoalReviewDays != 0 {
		t.Error("the days cannot be taken away")
	}
}
