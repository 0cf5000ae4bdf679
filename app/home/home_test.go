package home_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"konote/app/access"
	"konote/app/apptest"
	"konote/app/civil"
	"konote/app/directive"
	"konote/app/i18n"
	"konote/tenancy"
	"konote/tenancy/tenancytest"
)

func TestEveryStatementIsValid(t *testing.T) {
	t.Parallel()
	tenancytest.PrepareAll(t, ".")
}

// Each role has its own day, and finds nothing of another's.
func TestEachRoleHasItsOwnFirstPage(t *testing.T) {
	t.Parallel()
	p := apptest.New(t)
	c := p.Cedar
	own := "/participants/" + c.Own.ID.String()
	for _, test := range []struct {
		role          string
		staff         *apptest.Staff
		shown, hidden []string
	}{
		{"direct service", c.Worker, []string{"Written today", "Recent people", c.Own.LastName}, []string{"Your programs", "Team view", "At a glance", "For administrators"}},
		{"front desk", c.FrontDesk, []string{"Recent people", c.Own.LastName}, []string{"Written today", "Follow-ups due", "Your programs", "At a glance"}},
		{"program manager", c.Manager, []string{"Your programs", "Team view", "3 active participants", "Everyone has a note", c.Own.LastName}, []string{"At a glance", "For administrators"}},
		{"executive", c.Executive, []string{"At a glance", "People with an open enrolment"}, []string{"Team view", "Recent people", "Written today", "New participant", c.Own.LastName}},
		{"administrator", c.Admin, []string{"For administrators"}, []string{"Recent people", "Written today", "New participant", c.Own.LastName}},
		{"nobody", c.Nobody, []string{"You have no role yet"}, []string{"Recent people", "For administrators", c.Own.LastName}},
	} {
		b := p.SignIn(t, test.staff)
		b.Get(own) // whoever may have opened it has her among the people opened last
		page := b.Get("/")
		for _, text := range test.shown {
			if !page.Has(text) {
				t.Errorf("%s: the page lacks %q: %s", test.role, text, page.Text())
			}
		}
		for _, text := range test.hidden {
			if page.Has(text) {
				t.Errorf("%s: the page has %q", test.role, text)
			}
		}
	}
}

// What somebody wrote, and what she has to come back to, stands on her page and on nobody
// else's; what is about somebody who has closed her file goes from it, and from the counts.
func TestTheDayOfAWorker(t *testing.T) {
	t.Parallel()
	p := apptest.New(t)
	c := p.Cedar
	today := ""
	if err := c.View(t.Context(), func(tx *tenancy.Tx) error { today = civil.Of(tx.Now().In(i18n.Toronto())).String(); return nil }); err != nil {
		t.Fatal(err)
	}
	b := p.SignIn(t, c.Worker)
	form := url.Values{"id": {tenancy.NewID().String()}, "kind": {"quick"}, "program": {c.Housing.String()}, "interaction": {"session"}, "text": {"Words of today."},
		"happened_on": {today}, "follow_up_on": {today}}
	b.Get("/participants/" + c.Own.ID.String() + "/notes/new")
	if page := b.Post("/participants/"+c.Own.ID.String()+"/notes", form); page.Status != http.StatusSeeOther && page.Status != http.StatusOK {
		t.Fatalf("the note: %d %s", page.Status, page.Text())
	}
	page := b.Get("/")
	if page.Has("The notes you write today will appear here") || page.Has("Nothing is due") || !page.Has(c.Own.LastName) {
		t.Errorf("her note of today, which is to be followed up today: %s", page.Text())
	}
	if page := p.SignIn(t, c.Manager).Get("/"); !page.Has("Nothing is due") {
		t.Errorf("her manager has her follow-ups: %s", page.Text())
	}

	err := c.Update(t.Context(), func(tx *tenancy.Tx) error {
		for _, person := range []*apptest.Staff{c.Worker, c.Manager} {
			_, err := directive.Insert(t.Context(), tx, directive.Directive{ID: tenancy.NewID(), Participant: c.Own.ID, Kind: access.WholeFile, Staff: person.ID,
				FromOn: civil.Of(tx.Now()), By: directive.Participant, RecordedAt: tx.Now(), RecordedBy: c.Admin.ID})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if page := b.Get("/"); page.Has(c.Own.LastName) || !page.Has("Nothing is due") || !page.Has("The notes you write today will appear here") {
		t.Errorf("after she closed her file: %s", page.Text())
	}
	if page := p.SignIn(t, c.Manager).Get("/"); !page.Has("2 active participants") {
		t.Errorf("a manager counts somebody whose file is closed to her: %s", page.Text())
	}
}

// A count of a program leads to a list of as many people, and to none where the list would
// tell what the manager may not read.
func TestCountsLeadToAsMany(t *testing.T) {
	t.Parallel()
	p := apptest.New(t)
	c := p.Cedar
	worker := p.SignIn(t, c.Worker)
	for name, start := range map[string]string{"Quill": "waitlist", "Plume": "active"} {
		worker.Get("/participants/new")
		worker.Post("/participants", url.Values{"id": {tenancy.NewID().String()}, "first_name": {"Nora"}, "last_name": {name}, "program": {c.Housing.String()}, "start": {start}, "status": {"active"}, "language": {"en"}})
	}
	err := c.Update(t.Context(), func(tx *tenancy.Tx) error {
		_, err := tx.Exec(t.Context(), "UPDATE agency.enrolments SET started_on = '2024-01-01' WHERE status = 'active'")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	b := p.SignIn(t, c.Manager)
	home := b.Get("/")
	for _, count := range []struct{ text, query string }{{"1 waiting", "&enrolment=waiting"}, {"without a note for 30 days", "&quiet=30"}} {
		if !home.Has(count.text) {
			t.Fatalf("home lacks %q: %s", count.text, home.Text())
		}
		n := regexp.MustCompile(`(\d+) ` + regexp.QuoteMeta(strings.TrimPrefix(count.text, "1 "))).FindStringSubmatch(home.Text())[1]
		list := b.Get("/participants?program=" + c.Housing.String() + "&status=all" + count.query)
		if !strings.Contains(list.Text(), n+" participant") {
			t.Errorf("%s: home says %s, the list: %s", count.text, n, list.Text())
		}
	}
}

// Who is without a note is counted for whoever may read notes, and not where nothing may be
// written any more.
func TestWhoIsWithoutANoteIsToldToThoseWhoReadNotes(t *testing.T) {
	t.Parallel()
	p := apptest.New(t)
	c := p.Cedar
	do := func(sql string, args ...any) {
		t.Helper()
		if err := c.Update(t.Context(), func(tx *tenancy.Tx) error { _, err := tx.Exec(t.Context(), sql, args...); return err }); err != nil {
			t.Fatal(err)
		}
	}
	do("UPDATE agency.enrolments SET started_on = '2024-01-01' WHERE status = 'active'")
	do("UPDATE agency.notes SET cancelled_at = now(), cancelled_by = author_id, cancel_reason_sealed = '\\x00'")
	b := p.SignIn(t, c.Manager)
	b.Open("/")
	list := "/participants?program=" + c.Housing.String() + "&status=all&quiet=30"
	if page := b.Get("/"); !page.Has("3 without a note for 30 days") || !b.Get(list).Has("3 participants") {
		t.Errorf("before: %s", page.Text())
	}
	do("UPDATE agency.participants SET consent = 'withdrawn' WHERE id = $1", c.Own.ID)
	if page := b.Get("/"); !page.Has("2 active participants · 1 more has withdrawn consent") || !page.Has("2 without a note for 30 days") || !b.Get(list).Has("2 participants") {
		t.Errorf("after one has withdrawn: %s", page.Text())
	}
	do("INSERT INTO agency.settings (name, value) VALUES ('access_tier', '3')")
	if page := b.Get("/"); !page.Has("2 active participants") || page.Has("a note") {
		t.Errorf("at tier 3: %s", page.Text())
	}
}

// What is due for the people with whom somebody works stands on her page, leads to the form,
// and goes once it is recorded; on the participant's page too.
func TestMeasuresThatAreDue(t *testing.T) {
	t.Parallel()
	p := apptest.New(t)
	c := p.Cedar
	measure, own := c.Metrics[c.Housing].String(), "/participants/"+c.Own.ID.String()
	err := c.Update(t.Context(), func(tx *tenancy.Tx) error {
		if _, err := tx.Exec(t.Context(), "UPDATE agency.metrics SET is_assessment = true, at_intake = true, name_en = 'Rent paid', name_fr = 'Loyer payé' WHERE id = $1", measure); err != nil {
			return err
		}
		_, err := tx.Exec(t.Context(), "UPDATE agency.enrolments SET worker_id = $1 WHERE participant_id = $2", c.Worker.ID, c.Own.ID)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	manager := p.SignIn(t, c.Manager)
	if page := manager.Open("/"); page.Has("Measures due") {
		t.Errorf("it stands on the page of somebody who does not work with her: %s", page.Text())
	}
	manager.Open(own).Want("main", "Rent paid is due: not recorded yet.")
	if page := p.SignIn(t, c.FrontDesk).Open(own); page.Has("Rent paid") {
		t.Errorf("the front desk reads what is due: %s", page.Text())
	}
	b := p.SignIn(t, c.Worker)
	b.Open("/?lang=fr").Want("main", "Loyer payé")
	home := b.Open("/?lang=en")
	home.Want("main", "Rent paid is due: not recorded yet.")
	form := slices.DeleteFunc(home.Values(".row-act", "href"), func(to string) bool { return !strings.Contains(to, "/assessments/") })
	if len(form) != 1 {
		t.Fatalf("got ways to record it: %q", form)
	}
	saved := b.Open(form[0]).Form("form.form").Set("value", "12").Set("takeaway", "I paid it myself.").Send()
	saved.Want("main", "Assessment: Rent paid")
	saved.Want("blockquote", "I paid it myself.")
	if page := b.Open(own); page.Has("is due") {
		t.Errorf("it is still due: %s", page.Text())
	}
	if page := b.Open("/"); page.Has("Measures due") || !page.Has("Assessment") {
		t.Errorf("after it was recorded: %s", page.Text())
	}
}
