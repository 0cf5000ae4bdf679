package participant

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/fault"
	"konote/tenancy"
)

var idField = regexp.MustCompile(`name="id" value="([^"]*)"`)

// idOf is the id that a form of somebody new carries.
func idOf(t *testing.T, page string) string {
	t.Helper()
	found := idField.FindStringSubmatch(page)
	if found == nil {
		t.Fatal("the form has no id")
	}
	return found[1]
}

// added are the records with a name that were made.
func (m *world) added() int {
	m.t.Helper()
	n := 0
	m.update(func(tx *tenancy.Tx) error {
		return tx.QueryRow(m.t.Context(), "SELECT count(*) FROM agency.participants").Scan(&n)
	})
	return n
}

func TestAFormThatIsSentTwiceAddsOnePerson(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	worker := m.person(roles{m.youth: access.DirectService})
	response, err := m.handlers.New(m.request(worker, "GET", "/participants/new", nil))
	if err != nil {
		t.Fatal(err)
	}
	form := m.newForm()
	form.Set("id", idOf(t, m.text(response)))

	broken := url.Values{}
	for name, values := range form {
		broken[name] = values
	}
	broken.Set("last_name", "")
	if _, page := m.send(worker, m.handlers.Create, broken); idOf(t, page) != form.Get("id") {
		t.Error("the form that comes back has another id")
	}
	switched := m.request(worker, "POST", "/participants", form)
	switched.SwitchLanguage = true
	if response, err := m.handlers.Create(switched); err != nil || idOf(t, m.text(response)) != form.Get("id") {
		t.Errorf("the form in the other language has another id (%v)", err)
	}

	for range 2 {
		response, err := m.handlers.Create(m.request(worker, "POST", "/participants", form))
		if err != nil || response.Status != http.StatusSeeOther || response.To.String() != "/participants/"+form.Get("id") {
			t.Fatalf("status %d to %s, %v; want 303 to the record", response.Status, response.To, err)
		}
	}
	found, err := m.reach(worker, uuid.MustParse(form.Get("id")), access.ParticipantViewName)
	if err != nil || len(found.Enrolments) != 1 {
		t.Errorf("%+v, %v; want one enrolment", found, err)
	}
	if people, acts := m.added(), m.acts("participant.create"); people != 1 || len(acts) != 1 {
		t.Errorf("%d people, %d records of it; want 1 and 1", people, len(acts))
	}

	// Back, and another person typed into the same form: she must not be lost.
	other := m.newForm()
	other.Set("id", form.Get("id"))
	other.Set("first_name", "Noor")
	other.Set("phone", "613 555-0199")
	if status, _ := m.send(worker, m.handlers.Create, other); status != http.StatusSeeOther || m.added() != 2 {
		t.Errorf("another person in the same form: status %d, %d people; want 303 and 2", status, m.added())
	}
}

func TestParallelSubmitsAddOnePerson(t *testing.T) {
	t.Parallel()
	for name, sameID := range map[string]bool{"of one form": true, "of two forms": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newWorld(t)
			worker := m.person(roles{m.youth: access.DirectService})
			id := tenancy.NewID().String()
			statuses := make(chan int, 4)
			for range cap(statuses) {
				form := m.newForm()
				if sameID {
					form.Set("id", id)
				} else {
					form.Set("id", tenancy.NewID().String())
				}
				r := m.request(worker, "POST", "/participants", form)
				go func() {
					response, err := m.handlers.Create(r)
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
			want := 1
			if sameID {
				want = cap(statuses) // each is told that it is saved
			}
			if people, acts := m.added(), m.acts("participant.create"); saved != want || people != 1 || len(acts) != 1 {
				t.Errorf("%d told that it is saved, %d people, %d records of it; want %d, 1 and 1", saved, people, len(acts), want)
			}
		})
	}
}

func TestAnIdOfAFormIsFreshAndNobodyElses(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	first, second := m.person(roles{m.youth: access.DirectService}), m.person(roles{m.housing: access.DirectService})
	form := m.newForm()
	form.Set("id", tenancy.NewID().String())
	if status, _ := m.send(first, m.handlers.Create, form); status != http.StatusSeeOther {
		t.Fatalf("status %d, want 303", status)
	}
	form.Set("program", m.housing.String())
	_, err := m.handlers.Create(m.request(second, "POST", "/participants", form))
	if fault.KindOf(err) != fault.Conflict || m.added() != 1 {
		t.Errorf("the id of a colleague's record: %v, %d people; want a conflict and 1", err, m.added())
	}
}

func TestWhoChangedARecordTellsOfNoOtherProgram(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	id := m.participant(full, m.youth, m.quiet)
	hidden := m.person(roles{m.quiet: access.DirectService})
	reader := m.person(roles{m.youth: access.DirectService})
	form := editForm(full, "1")
	form.Set("address", "1 rue Neuve")
	if status, _ := m.send(hidden, m.handlers.Update, form, "participant", id.String()); status != http.StatusSeeOther {
		t.Fatalf("status %d, want 303", status)
	}
	late := editForm(full, "1")
	late.Set("address", "2 rue Neuve")
	pages := func(by access.Actor) map[string]string {
		t.Helper()
		about, err := m.see(by, m.handlers.About, id)
		if err != nil {
			t.Fatal(err)
		}
		edit, err := m.see(by, m.handlers.Edit, id)
		if err != nil {
			t.Fatal(err)
		}
		status, conflict := m.send(by, m.handlers.Update, late, "participant", id.String())
		if status != http.StatusConflict {
			t.Fatalf("a late change: status %d, want 409", status)
		}
		return map[string]string{"about": about, "edit": edit, "conflict": conflict}
	}
	for name, page := range pages(reader) {
		if strings.Contains(page, "Sam Ouellet") {
			t.Errorf("%s names a colleague of the confidential program", name)
		}
	}
	for what, by := range map[string]access.Actor{"herself": hidden, "a colleague": m.person(roles{m.quiet: access.DirectService})} {
		for name, page := range pages(by) {
			if !strings.Contains(page, "Sam Ouellet") {
				t.Errorf("%s does not tell %s who changed it", name, what)
			}
		}
	}

	// Somebody who has left the program is still known there.
	m.update(func(tx *tenancy.Tx) error {
		_, err := tx.Exec(t.Context(), "UPDATE agency.program_roles SET status = 'removed' WHERE staff_id = $1", hidden.Staff)
		return err
	})
	for name, page := range pages(m.person(roles{m.quiet: access.DirectService})) {
		if !strings.Contains(page, "Sam Ouellet") {
			t.Errorf("%s does not name who has left", name)
		}
	}
}
