package event

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/fault"
	"konote/app/web"
	"konote/tenancy"
)

func (m *world) types(t *testing.T) (all []Type) {
	t.Helper()
	m.update(func(tx *tenancy.Tx) (err error) {
		all, err = Types(t.Context(), tx)
		return err
	})
	return all
}

func TestTheLibraryIsThereOnceInBothLanguages(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	m.exec(`UPDATE agency.event_types SET name_en = 'First talk' WHERE library_key = 'intake'`)
	m.update(func(tx *tenancy.Tx) error { return Seed(t.Context(), tx) })
	all := m.types(t)
	severities := map[int]int{}
	for _, found := range all {
		severities[found.Severity]++
		if found.NameEN == "" || found.NameFR == "" || found.NameEN == found.NameFR && found.LibraryKey != "" {
			t.Errorf("%s is %q and %q", found.LibraryKey, found.NameEN, found.NameFR)
		}
	}
	if len(all) != len(library) || severities[1]+severities[2]+severities[3] != 12 || severities[1] == 0 || severities[2] == 0 || severities[3] == 0 {
		t.Errorf("got %d types, categories by severity %v", len(all), severities)
	}
	if !slices.ContainsFunc(all, func(found Type) bool { return found.NameEN == "First talk" }) {
		t.Error("a name that the agency changed was changed back")
	}
}

func TestWhoKeepsTheListsOfTypes(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	admin := m.admin("Priya Raman")
	manager := m.worker("Kim Roy", map[uuid.UUID]access.Role{m.youth: access.ProgramManager})
	worker := m.worker("Sam Ouellet", map[uuid.UUID]access.Role{m.youth: access.DirectService})
	create := func(by access.Actor, form url.Values) (web.Response, error) {
		form.Set("id", tenancy.NewID().String())
		return m.handlers.CreateType(m.request(by, "POST", "/", form))
	}
	if _, err := create(worker, url.Values{"name_en": {"X"}, "name_fr": {"Y"}}); fault.KindOf(err) != fault.Denied {
		t.Errorf("a worker adds a type: %v", err)
	}
	if response, err := create(manager, url.Values{"name_en": {"Drop-in"}, "name_fr": {"Accueil libre"}, "program": {m.housing.String()}, "severity": {"1"}}); err != nil || response.Status != http.StatusSeeOther {
		t.Fatal(response.Status, err)
	}
	if response, err := create(admin, url.Values{"name_en": {"Outing"}, "name_fr": {"Sortie"}, "program": {"agency"}}); err != nil || response.Status != http.StatusSeeOther {
		t.Fatal(response.Status, err)
	}
	if response, err := create(admin, url.Values{"name_en": {"Theft"}, "name_fr": {"Vol"}, "severity": {"3"}}); err != nil || response.Status != http.StatusSeeOther {
		t.Fatal(response.Status, err)
	}
	if response, err := create(admin, url.Values{"name_en": {"Outing"}}); err != nil || response.Status != http.StatusUnprocessableEntity {
		t.Errorf("one language alone: %d, %v", response.Status, err)
	}
	find := func(name string) Type {
		all := m.types(t)
		at := slices.IndexFunc(all, func(found Type) bool { return found.NameEN == name })
		if at < 0 {
			t.Fatalf("there is no %s", name)
		}
		return all[at]
	}
	own, agency := find("Drop-in"), find("Outing")
	if own.Program == nil || *own.Program != m.youth || own.Severity != 0 {
		t.Errorf("a manager's type is %+v, want one of her own program", own)
	}
	if got := find("Theft"); got.Severity != 3 || got.Program != nil {
		t.Errorf("got %+v, want a category of the agency", got)
	}
	change := func(by access.Actor, of Type, version string) (web.Response, error) {
		form := url.Values{"version": {version}, "name_en": {of.NameEN}, "name_fr": {"Autre"}, "is_archived": {"yes"}}
		return m.handlers.UpdateType(m.request(by, "POST", "/", form, "type", of.ID.String()))
	}
	if _, err := change(manager, agency, "1"); fault.KindOf(err) != fault.Denied {
		t.Errorf("a manager changes a type of the agency: %v", err)
	}
	other := m.worker("Jo Martin", map[uuid.UUID]access.Role{m.housing: access.ProgramManager})
	if _, err := change(other, own, "1"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a manager of another program changes a type: %v", err)
	}
	if response, err := m.handlers.TypeList(m.request(other, "GET", "/", nil)); err != nil || strings.Contains(m.text(response), "Drop-in") || strings.Contains(m.text(response), "Youth Hub") {
		t.Errorf("a manager of another program is told of a type (%v)", err)
	}
	if response, err := change(manager, own, "1"); err != nil || response.Status != http.StatusSeeOther || !find("Drop-in").Archived {
		t.Errorf("got %d, %v", response.Status, err)
	}
	if response, err := change(manager, own, "1"); err != nil || response.Status != http.StatusConflict {
		t.Errorf("from an older page: %d, %v", response.Status, err)
	}
	response, err := m.handlers.New(m.request(worker, "GET", "/", nil, "participant", m.lea.String()))
	if err != nil || strings.Contains(m.text(response), "Drop-in") || !strings.Contains(m.text(response), "Outing") {
		t.Errorf("the form offers what is archived, or not what there is (%v)", err)
	}
}

func TestTypesAreMovedAPlaceAtATime(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	admin := m.admin("Priya Raman")
	before := m.types(t)
	if _, err := m.handlers.MoveType(m.request(admin, "POST", "/", url.Values{"to": {"up"}}, "type", before[1].ID.String())); err != nil {
		t.Fatal(err)
	}
	after := m.types(t)
	if after[0].ID != before[1].ID || after[1].ID != before[0].ID || after[2].ID != before[2].ID {
		t.Errorf("got %s, %s, %s", after[0].NameEN, after[1].NameEN, after[2].NameEN)
	}
	if _, err := m.handlers.MoveType(m.request(admin, "POST", "/", url.Values{"to": {"up"}}, "type", after[0].ID.String())); err != nil || m.types(t)[0].ID != after[0].ID {
		t.Errorf("the first one moves up: %v", err)
	}
}

// An agency that has no types, and with them no category of serious events, is told so,
// and an administrator gets those of the library in one step.
func TestAnAgencyWithoutTypesGetsTheLibrarys(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	admin, worker := m.admin("Priya Raman"), m.worker("Sam Ouellet", map[uuid.UUID]access.Role{m.youth: access.DirectService})
	m.update(func(tx *tenancy.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE agency.event_types SET library_key = NULL, status = 'archived'`)
		return err
	})
	form := func() string {
		t.Helper()
		response, err := m.handlers.New(m.request(worker, "GET", "/", nil, "participant", m.lea.String()))
		if err != nil {
			t.Fatal(err)
		}
		return m.text(response)
	}
	if page := form(); !strings.Contains(page, "no categories for those yet") || strings.Contains(page, `name="serious"`) {
		t.Errorf("the form of an event: %s", page)
	}
	response, err := m.handlers.TypeList(m.request(admin, "GET", "/", nil))
	if err != nil || !strings.Contains(m.text(response), "no event can be marked as serious") || !strings.Contains(m.text(response), "/event-types/library") {
		t.Errorf("the list of types (%v): %s", err, m.text(response))
	}
	for range 2 { // a second time changes nothing
		if _, err := m.handlers.AddLibrary(m.request(admin, "POST", "/", nil)); err != nil {
			t.Fatal(err)
		}
	}
	if got := len(m.types(t)); got != 2*len(library) {
		t.Errorf("got %d types, want the library's %d beside what was archived", got, len(library))
	}
	for severity := 1; severity <= 3; severity++ {
		if !slices.ContainsFunc(m.types(t), func(c Type) bool { return c.Severity == severity && c.NameEN != "" && c.NameFR != "" }) {
			t.Errorf("no category of level %d", severity)
		}
	}
	if page := form(); !strings.Contains(page, `name="serious"`) || strings.Contains(page, "no categories for those yet") {
		t.Error("the form of an event still has no categories")
	}
}
