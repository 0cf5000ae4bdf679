package note

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/fault"
	"konote/app/web"
	"konote/tenancy"
)

func headingsForm(change func(url.Values)) url.Values {
	form := url.Values{"name_en": {"Visit"}, "name_fr": {"Visite"}, "owner": {ofAgency}, "version": {"1"},
		sectionField(0, "en"): {"Who was there"}, sectionField(0, "fr"): {"Qui était là"}, sectionField(0, "kind"): {"basic"},
		sectionField(2, "en"): {"Goals"}, sectionField(2, "fr"): {"Objectifs"}, sectionField(2, "kind"): {"plan"}}
	if change != nil {
		change(form)
	}
	return form
}

func (m *world) template(t Template) uuid.UUID {
	m.t.Helper()
	t.ID = tenancy.NewID()
	m.update(func(tx *tenancy.Tx) error { _, err := InsertTemplate(m.t.Context(), tx, t, uuid.Nil); return err })
	return t.ID
}

func (m *world) templates() (all []Template) {
	m.t.Helper()
	m.update(func(tx *tenancy.Tx) (err error) { all, err = allTemplates(m.t.Context(), tx); return err })
	return all
}

func TestWhoKeepsTemplates(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	admin := m.worker(nil)
	admin.Admin = true
	manager := m.worker(map[uuid.UUID]access.Role{m.youth: access.ProgramManager})
	worker := m.worker(map[uuid.UUID]access.Role{m.youth: access.DirectService})
	ids := map[string]uuid.UUID{}
	for name, program := range map[string]uuid.UUID{"agency": uuid.Nil, "youth": m.youth, "housing": m.housing} {
		ids[name] = m.template(Template{Program: program, NameEN: name, NameFR: name, Sections: []TemplateSection{{Basic, "Who", "Qui"}}})
	}
	for _, test := range []struct {
		name  string
		by    access.Actor
		keeps map[string]bool
		may   bool
	}{
		{"an administrator", admin, map[string]bool{"agency": true, "youth": true, "housing": true}, true},
		{"a manager", manager, map[string]bool{"youth": true}, true},
		{"a worker", worker, nil, false},
	} {
		response, err := m.handlers.Templates(m.request(test.by, "GET", "/", nil))
		if (err == nil) != test.may {
			t.Errorf("%s lists: got %v", test.name, err)
		}
		for name, id := range ids {
			if err == nil && strings.Contains(m.text(response.Body), ">"+name+"<") != test.keeps[name] {
				t.Errorf("%s: %s in the list: want %v", test.name, name, test.keeps[name])
			}
			form := headingsForm(func(v url.Values) { v.Set("name_en", name) })
			_, err := m.handlers.UpdateTemplate(m.request(test.by, "POST", "/", form, "headings", id.String()))
			if (err == nil) != test.keeps[name] {
				t.Errorf("%s changes %s: got %v", test.name, name, err)
			}
			if test.may && err != nil && fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s: the refusal betrays that it is there: %v", test.name, err)
			}
		}
		for owner, want := range map[string]bool{ofAgency: test.by.Admin, m.youth.String(): test.may, m.housing.String(): test.by.Admin} {
			form := headingsForm(func(v url.Values) { v.Set("owner", owner) })
			response, err := m.handlers.CreateTemplate(m.request(test.by, "POST", "/", form))
			if got := err == nil && response.Status == http.StatusSeeOther; got != want {
				t.Errorf("%s makes one for %s: got %v", test.name, owner, got)
			}
		}
		for i := range m.templates() { // as it was, for the next one
			if m.templates()[i].Version > 1 {
				m.update(func(tx *tenancy.Tx) error {
					_, err := tx.Exec(t.Context(), `UPDATE agency.note_templates SET version = 1`)
					return err
				})
				break
			}
		}
	}
}

func TestTemplatesAreCheckedAndNotOverwritten(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	admin := m.worker(nil)
	admin.Admin = true
	create := func(change func(url.Values)) (web.Response, error) {
		return m.handlers.CreateTemplate(m.request(admin, "POST", "/", headingsForm(change)))
	}
	for name, change := range map[string]func(url.Values){
		"without a French name": func(v url.Values) { v.Del("name_fr") },
		"without headings": func(v url.Values) {
			v.Del(sectionField(0, "en"))
			v.Del(sectionField(0, "fr"))
			v.Del(sectionField(2, "en"))
			v.Del(sectionField(2, "fr"))
		},
		"a heading in one language": func(v url.Values) { v.Del(sectionField(0, "fr")) },
		"nobody's":                  func(v url.Values) { v.Del("owner") },
	} {
		if response, err := create(change); err != nil || response.Status != http.StatusUnprocessableEntity {
			t.Errorf("%s: status %d, %v", name, response.Status, err)
		}
	}
	form := headingsForm(func(v url.Values) { v.Set("id", tenancy.NewID().String()) })
	for range 2 {
		if response, err := m.handlers.CreateTemplate(m.request(admin, "POST", "/", form)); err != nil || response.Status != http.StatusSeeOther {
			t.Fatalf("status %d, %v", response.Status, err)
		}
	}
	all := m.templates()
	if len(all) != 1 || len(all[0].Sections) != 2 || all[0].Sections[1] != (TemplateSection{PlanSection, "Goals", "Objectifs"}) {
		t.Fatalf("got %+v, want one with two headings", all)
	}
	update := func(name string) web.Response {
		response, err := m.handlers.UpdateTemplate(m.request(admin, "POST", "/", headingsForm(func(v url.Values) { v.Set("name_en", name) }), "headings", all[0].ID.String()))
		if err != nil {
			t.Fatal(err)
		}
		return response
	}
	if response := update("Home visit"); response.Status != http.StatusSeeOther {
		t.Errorf("a change: status %d", response.Status)
	}
	late := update("House call")
	if page := m.text(late.Body); late.Status != http.StatusConflict || !strings.Contains(page, "House call") || !strings.Contains(page, "Home visit") {
		t.Errorf("a change that comes too late: status %d, or it does not show both", late.Status)
	}
}

// A note below headings keeps them, whatever becomes of the template, and changing them
// while writing loses no word.
func TestWritingBelowHeadings(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	worker := m.worker(map[uuid.UUID]access.Role{m.youth: access.DirectService})
	m.goal(m.lea, m.youth, "School")
	visit := m.template(Template{NameEN: "Visit", NameFR: "Visite", Interaction: HomeVisit,
		Sections: []TemplateSection{{Basic, "Who was there", "Qui était là"}, {PlanSection, "Goals", "Objectifs"}, {Basic, "What was agreed", "Ce qui a été convenu"}}})
	other := m.template(Template{Program: m.youth, NameEN: "Intake", NameFR: "Accueil", Sections: []TemplateSection{{Basic, "Story", "Histoire"}}})
	hidden := m.template(Template{Program: m.housing, NameEN: "Housing only", NameFR: "Logement", Sections: []TemplateSection{{Basic, "Lease", "Bail"}}})
	gone := m.template(Template{NameEN: "Old one", NameFR: "Ancienne", Archived: true, Sections: []TemplateSection{{Basic, "Old", "Ancien"}}})

	use := func(id uuid.UUID, change func(url.Values)) string {
		response, err := m.write(worker, func(v url.Values) {
			v.Set("use_template", id.String())
			if change != nil {
				change(v)
			}
		})
		if err != nil || response.Status != http.StatusOK {
			t.Fatalf("status %d, %v", response.Status, err)
		}
		return m.text(response.Body)
	}
	page := use(visit, nil)
	for _, want := range []string{"Who was there", "What was agreed", "School", "We looked at two apartments.", "Intake", `value="home_visit" checked`} {
		if !strings.Contains(page, want) {
			t.Errorf("below the headings the form lacks %q", want)
		}
	}
	for _, id := range []uuid.UUID{hidden, gone} {
		if page := use(id, nil); strings.Contains(page, "Housing only") || strings.Contains(page, "Lease") || strings.Contains(page, "Old one") {
			t.Error("a template is offered that is archived, or of a program that the author does not work in")
		}
	}
	page = use(other, func(v url.Values) { v.Set("template", visit.String()); v.Set(belowName(0), "Her aunt.") })
	if !strings.Contains(page, "Who was there\nHer aunt.") || !strings.Contains(page, "Story") {
		t.Error("what was written below the headings before is gone")
	}

	response, err := m.write(worker, func(v url.Values) {
		v.Del("text")
		v.Set("template", visit.String())
		v.Set(belowName(0), "Her aunt and her brother.")
	})
	if err != nil || response.Status != http.StatusSeeOther {
		t.Fatalf("status %d, %v: %s", response.Status, err, m.problems(response))
	}
	n := m.notes(worker)[0]
	if n.Kind != Full || n.Template != visit || len(n.Sections) != 1 || n.Sections[0] != (Written{"Who was there", "Qui était là", "Her aunt and her brother."}) {
		t.Errorf("got %+v", n)
	}
}

// An archived program is offered for nothing new, and a form without scripts has room for
// as many headings as a template may have.
func TestTheFormOfATemplate(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	manager := m.worker(map[uuid.UUID]access.Role{m.youth: access.ProgramManager, m.housing: access.ProgramManager})
	m.update(func(tx *tenancy.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE agency.programs SET status = 'archived' WHERE id = $1`, m.housing)
		return err
	})
	response, err := m.handlers.NewTemplate(m.request(manager, "GET", "/", nil))
	if err != nil || strings.Contains(m.text(response.Body), m.housing.String()) || !strings.Contains(m.text(response.Body), m.youth.String()) {
		t.Errorf("the form offers an archived program, or not the other one (%v)", err)
	}
	form := headingsForm(func(v url.Values) { v.Set("owner", m.housing.String()) })
	if response, err := m.handlers.CreateTemplate(m.request(manager, "POST", "/", form)); err != nil || response.Status != http.StatusUnprocessableEntity {
		t.Errorf("for an archived program: status %d, %v", response.Status, err)
	}
	more := headingsForm(func(v url.Values) { v.Set("owner", m.youth.String()); v.Set("then", "rows"); v.Del("name_fr") })
	response, err = m.handlers.CreateTemplate(m.request(manager, "POST", "/", more))
	page := m.text(response.Body)
	if err != nil || !strings.Contains(page, sectionField(6, "en")) || !strings.Contains(page, "Who was there") || strings.Contains(page, "page-errors") || len(m.templates()) != 0 {
		t.Errorf("room for more: status %d, %v: %s", response.Status, err, page)
	}
}
