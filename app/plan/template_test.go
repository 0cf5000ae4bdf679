package plan

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/fault"
	"konote/app/web"
	"konote/tenancy"
)

func (m *world) template(owner *uuid.UUID) Template {
	m.t.Helper()
	t := Template{
		ID: tenancy.NewID(), Program: owner, NameEN: "Home", NameFR: "Chez-soi", Status: TemplateActive,
		Body: Body{Sections: []TemplateSection{
			{EN: "Housing", FR: "Logement", Targets: []TemplateTarget{
				{EN: "A quiet home", FR: "Un logement tranquille", Metrics: []string{m.mood.ID.String(), "no such metric"}},
				{EN: "Fewer moves", FR: "Moins de déménagements"},
			}},
			{EN: "Money", FR: "Argent", Targets: []TemplateTarget{{EN: "Rent is paid", FR: "Le loyer est payé"}}},
		}},
	}
	m.update(func(tx *tenancy.Tx) error {
		_, err := InsertTemplate(m.t.Context(), tx, t, uuid.Nil)
		return err
	})
	return t
}

func (m *world) apply(by access.Actor, t Template, form url.Values) (web.Response, error) {
	m.t.Helper()
	return m.handlers.Apply(m.request(by, "POST", "/", form, "participant", m.lea.String(), "template", t.ID.String()))
}

func TestAPlanBeginsFromTheChosenGoalsOfATemplate(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	by := m.inHousing()
	from := m.template(nil)
	form := url.Values{"id": {tenancy.NewID().String()}, "target": {"0-0", "1-0", "7-7"}}
	for range 2 { // sent twice
		if answer, err := m.apply(by, from, form); err != nil || answer.Status != http.StatusSeeOther {
			t.Fatalf("got %d, %v, want 303", answer.Status, err)
		}
	}
	var got []string
	for _, s := range m.sections(by) {
		for _, target := range s.Targets {
			got = append(got, s.Name+": "+target.Name)
		}
	}
	if diff := cmp.Diff([]string{"Housing: A quiet home", "Money: Rent is paid"}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if first := m.targets(by)[0]; len(first.Metrics) != 1 || *first.Metrics[0].Goal != 4 || first.Version != 1 {
		t.Errorf("metrics: got %+v, want PHQ-9 with its own goal", first.Metrics)
	}
	if _, err := m.apply(by, from, url.Values{"id": {tenancy.NewID().String()}, "target": {"0-1"}}); err != nil {
		t.Fatal(err)
	}
	if s := m.sections(by); len(s) != 2 || len(s[0].Targets) != 2 {
		t.Errorf("a section of the same name: got %+v, want it used again", s)
	}
	if answer, err := m.apply(by, from, url.Values{}); err != nil || answer.Status != 422 {
		t.Errorf("nothing chosen: got %d, %v, want 422", answer.Status, err)
	}
}

func TestTemplatesOfOtherProgramsCannotBeUsedOrKept(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	worker := m.inHousing()
	manager := m.worker(map[uuid.UUID]access.Role{m.housing: access.ProgramManager})
	foreign, agency := m.template(&m.youth), m.template(nil)
	if _, err := m.apply(worker, foreign, url.Values{"target": {"0-0"}}); fault.KindOf(err) != fault.NotFound {
		t.Errorf("another program's: got %v, want not found", err)
	}
	form := url.Values{"name_en": {"Mine"}, "name_fr": {"Mien"}, "version": {"1"}, "s0_en": {""}, "s0_fr": {""}, "s0t0_en": {"A"}, "s0t0_fr": {"A"}}
	for name, other := range map[string]Template{"another program's": foreign, "the agency's": agency} {
		if _, err := m.handlers.UpdateTemplate(m.request(manager, "POST", "/", form, "template", other.ID.String())); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%s, by a manager: got %v, want not found", name, err)
		}
	}
	if _, err := m.handlers.Templates(m.request(worker, "GET", "/", nil)); fault.KindOf(err) != fault.Denied {
		t.Errorf("the list, by a worker: got %v, want denied", err)
	}
	form.Set("owner", m.youth.String())
	if answer, err := m.handlers.CreateTemplate(m.request(manager, "POST", "/", form)); err != nil || answer.Status != 422 {
		t.Errorf("made for another program: got %d, %v, want 422", answer.Status, err)
	}
	form.Set("owner", agencyOwner)
	if answer, err := m.handlers.CreateTemplate(m.request(manager, "POST", "/", form)); err != nil || answer.Status != 422 {
		t.Errorf("made for the agency by a manager: got %d, %v, want 422", answer.Status, err)
	}
}

func TestATemplateIsKeptInBothLanguages(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	admin := m.worker(nil)
	admin.Admin = true
	form := url.Values{"id": {tenancy.NewID().String()}, "owner": {agencyOwner}, "name_en": {"Home"}, "name_fr": {"Chez-soi"},
		"s0_en": {"Housing"}, "s0_fr": {"Logement"}, "s0t0_en": {"A quiet home"}, "s0t0_fr": {""}, "s0t1_en": {""}, "s0t1_fr": {""}}
	send := func() web.Response {
		t.Helper()
		answer, err := m.handlers.CreateTemplate(m.request(admin, "POST", "/", form))
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
	if got := send().Status; got != 422 {
		t.Errorf("one language is missing: got %d, want 422", got)
	}
	form.Set("s0t0_fr", "Un logement tranquille")
	form.Set("more", "s0")
	if answer := send(); answer.Status != 200 || strings.Count(m.text(answer.Body), `name="s0t2_en"`) != 1 {
		t.Errorf("more room: got %d, want 200 with a third goal", answer.Status)
	}
	form.Del("more")
	for range 2 {
		if got := send().Status; got != 303 {
			t.Errorf("got %d, want 303", got)
		}
	}
	var found []Template
	m.update(func(tx *tenancy.Tx) (err error) {
		found, err = templates(t.Context(), tx, nil, true)
		return err
	})
	if len(found) != 1 || found[0].Count() != 1 {
		t.Fatalf("got %+v, want one template with one goal", found)
	}
	late := url.Values{"version": {"0"}, "name_en": {"Later"}, "name_fr": {"Plus tard"}, "s0_en": {""}, "s0_fr": {""}, "s0t0_en": {"B"}, "s0t0_fr": {"B"}}
	answer, err := m.handlers.UpdateTemplate(m.request(admin, "POST", "/", late, "template", found[0].ID.String()))
	if err != nil || answer.Status != 409 {
		t.Fatalf("an older version: got %d, %v, want 409", answer.Status, err)
	}
	if text := m.text(answer.Body); !strings.Contains(text, "Later") || !strings.Contains(text, "Saved meanwhile: Home") {
		t.Error("the page does not show both versions")
	}
}

func TestTheSeedsAreWhole(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	m.update(func(tx *tenancy.Tx) error { return SeedTemplates(t.Context(), tx) })
	for _, seed := range seeds {
		if problems := seed.check(); problems.Any() {
			t.Errorf("%s: %v", seed.NameEN, problems)
		}
	}
}
