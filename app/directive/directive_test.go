package directive_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"konote/app/access"
	"konote/app/apptest"
	"konote/tenancy"
)

var today = time.Now().UTC().Format(time.DateOnly)

func TestADirectiveIsTwoStepsFromAnyPageAndIsLiftedAgain(t *testing.T) {
	t.Parallel()
	p := apptest.New(t)
	c := p.Cedar
	worker, manager := p.SignIn(t, c.Worker), p.SignIn(t, c.Manager)
	worker.Open("/")
	note := "/notes/" + c.Own.Enrolments[0].Note.String()
	wantStatus(t, "before", worker.Get(note), http.StatusOK)

	way := manager.Open(person(c.Own, "plan")).Link("Close part of this record")
	page := manager.Open(way)
	sent := page.Form("form[action="+person(c.Own, "directives")+"]").Set("kind", "notes").Set("to", "staff").
		Set("staff", c.Worker.ID.String()).Set("reason", "He is my neighbour.").Submit()
	wantStatus(t, "close", sent, http.StatusSeeOther)
	sent = manager.Open(person(c.Own, "directives"))
	if !sent.Has("Notes – closed to "+c.Worker.Name) || !sent.Has("He is my neighbour.") {
		t.Errorf("the list does not say what was closed: %s", sent.Text())
	}
	wantStatus(t, "at the next request", worker.Get(note), http.StatusNotFound)
	if !worker.Open(person(c.Own)).Has("Part of this record is closed") {
		t.Errorf("her page does not say that something is withheld")
	}

	lift := manager.Open(sent.Link("Open it again"))
	refused := lift.Form("form[action="+lift.Path()+"]").Set("reason", " ").Submit()
	if refused.Status != http.StatusUnprocessableEntity {
		t.Errorf("lifted without a reason: %d", refused.Status)
	}
	wantStatus(t, "lift", lift.Form("form[action="+lift.Path()+"]").Set("reason", "She has moved.").Submit(), http.StatusSeeOther)
	if done := manager.Open(person(c.Own, "directives")); !done.Has("Open again since") {
		t.Errorf("the list does not say that it is open again: %s", done.Text())
	}
	wantStatus(t, "after lifting", worker.Get(note), http.StatusOK)
}

func TestWhoIsClosedOutNeitherReadsWhyNorLifts(t *testing.T) {
	t.Parallel()
	p := apptest.New(t)
	c := p.Cedar
	manager, worker := p.SignIn(t, c.Manager), p.SignIn(t, c.Worker)
	manager.Open("/")
	worker.Open("/")
	sent := form(access.NotesKind, "role", url.Values{"role": {"direct_service"}, "reason": {"quince"}})
	wantStatus(t, "close", manager.Post(person(c.Own, "directives"), sent), http.StatusSeeOther)
	list := worker.Open(person(c.Own, "directives"))
	if list.Has("quince") || !list.Has("everybody with the role") {
		t.Errorf("the list shows why, or not that: %s", list.Text())
	}
	at := person(c.Own, "directives", sent.Get("id"), "lift")
	wantStatus(t, "the form", worker.Get(at), http.StatusForbidden)
	wantStatus(t, "the act", worker.Post(at, url.Values{"reason": {"I want to"}}), http.StatusForbidden)
	wantStatus(t, "the notes", worker.Get("/notes/"+c.Own.Enrolments[0].Note.String()), http.StatusNotFound)

	// The same directive below somebody else's address is not there.
	wantStatus(t, "crossed", manager.Post(person(c.Twin, "directives", sent.Get("id"), "lift"), url.Values{"reason": {"x"}}), http.StatusNotFound)
}

func TestClosingAFileToOneselfIsAskedOnceMore(t *testing.T) {
	t.Parallel()
	p := apptest.New(t)
	c := p.Cedar
	manager := p.SignIn(t, c.Manager)
	manager.Open("/")
	self := form(access.WholeFile, "staff", url.Values{"staff": {c.Manager.ID.String()}})
	asked := manager.Post(person(c.Own, "directives"), self)
	if !ok(asked) || !asked.Has("also closes the file to you") {
		t.Errorf("not asked: %d %s", asked.Status, asked.Text())
	}
	wantStatus(t, "not closed yet", manager.Get(person(c.Own)), http.StatusOK)

	everybody := form(access.WholeFile, "program", url.Values{"program": {c.Housing.String()}})
	if asked := manager.Post(person(c.Own, "directives"), everybody); !asked.Has("nobody would be left") {
		t.Errorf("not told that nobody is left: %s", asked.Text())
	}
	self.Set("sure", "on")
	if done := manager.Post(person(c.Own, "directives"), self); done.Status != http.StatusSeeOther || done.Header.Get("Location") != "/participants" {
		t.Errorf("got %d to %q, want 303 to the list: her page is gone", done.Status, done.Header.Get("Location"))
	}
	wantStatus(t, "closed", manager.Get(person(c.Own)), http.StatusNotFound)
	// Sent twice, it closes once: to her the participant is not there any more.
	wantStatus(t, "again", manager.Post(person(c.Own, "directives"), self), http.StatusNotFound)
}

// Whether somebody in a program that the author may not know of would still reach the
// participant makes no difference to what she is asked.
func TestTheQuestionTellsOfNoConfidentialProgram(t *testing.T) {
	t.Parallel()
	p := apptest.New(t)
	c := p.Cedar
	worker := p.SignIn(t, c.Worker)
	worker.Open("/")
	for name, about := range map[string]*apptest.Participant{"in her program alone": c.Own, "in Shelter as well": c.Shared} {
		asked := worker.Post(person(about, "directives"), form(access.WholeFile, "program", url.Values{"program": {c.Housing.String()}}))
		if !ok(asked) || !asked.Has("nobody would be left") {
			t.Errorf("%s: %d %s", name, asked.Status, asked.Text())
		}
	}
}

func TestADirectiveNamesOnlyWhomItsAuthorMayKnow(t *testing.T) {
	t.Parallel()
	p := apptest.New(t)
	c := p.Cedar
	b := p.SignIn(t, c.Worker) // of Housing; Shelter is confidential, the advocate works there alone
	page := b.Open(person(c.Shared, "directives", "new"))
	if page.Has(c.Advocate.Name) || page.Has("Shelter") {
		t.Errorf("the form names somebody of a confidential program")
	}
	for what, values := range map[string]url.Values{
		"staff":   {"staff": {c.Advocate.ID.String()}},
		"program": {"program": {c.Shelter.String()}},
		"role":    {"role": {"administrator"}},
	} {
		wantStatus(t, what, b.Post(person(c.Shared, "directives"), form(access.NotesKind, what, values)), http.StatusUnprocessableEntity)
	}
	// Another agency's staff are nobody, and so is a note that she may not read.
	foreign := form(access.NotesKind, "staff", url.Values{"staff": {p.Birch.Worker.ID.String()}})
	wantStatus(t, "foreign", b.Post(person(c.Shared, "directives"), foreign), http.StatusUnprocessableEntity)
	hidden := c.Shared.In(c.Shelter).Note.String()
	if page := b.Open(person(c.Shared, "directives", "new") + "?item=" + hidden); page.Has("Only this note") {
		t.Errorf("the form tells of a note that its author may not read")
	}
	if page := b.Open(person(c.Shared, "directives", "new") + "?item=" + c.Shared.In(c.Housing).Note.String()); !page.Has("Only this note") {
		t.Errorf("the form is not about the note it was opened from")
	}
}

func TestADirectiveCountsFromItsDay(t *testing.T) {
	t.Parallel()
	p := apptest.New(t)
	c := p.Cedar
	manager, worker := p.SignIn(t, c.Manager), p.SignIn(t, c.Worker)
	manager.Open("/")
	coming := form(access.WholeFile, "staff", url.Values{"staff": {c.Worker.ID.String()}, "from_on": {time.Now().AddDate(0, 0, 7).Format(time.DateOnly)}})
	wantStatus(t, "close", manager.Post(person(c.Own, "directives"), coming), http.StatusSeeOther)
	wantStatus(t, "not yet", worker.Get(person(c.Own)), http.StatusOK)
	if list := manager.Open(person(c.Own, "directives")); !strings.Contains(list.Text(), "From ") {
		t.Errorf("the list does not say from when: %s", list.Text())
	}
}

// The words of somebody who works in a confidential program tell of it as her name does.
func TestWhyIsReadByThoseWhoMayKnowWhoWroteIt(t *testing.T) {
	t.Parallel()
	p := apptest.New(t)
	c := p.Cedar
	role(t, c, c.Admin.ID, c.Shelter, access.DirectService)
	author, colleague, worker := p.SignIn(t, c.Advocate), p.SignIn(t, c.Admin), p.SignIn(t, c.Worker)
	for _, b := range []*apptest.Browser{author, colleague, worker} {
		b.Open("/")
	}
	hidden := form(access.NotesKind, "role", url.Values{"role": {"front_desk"}, "reason": {"quince"}})
	wantStatus(t, "close", author.Post(person(c.Shared, "directives"), hidden), http.StatusSeeOther)
	open := form(access.PlanKind, "role", url.Values{"role": {"front_desk"}, "reason": {"apple"}})
	wantStatus(t, "close in Housing", worker.Post(person(c.Shared, "directives"), open), http.StatusSeeOther)

	check := func(words ...string) {
		t.Helper()
		list := worker.Open(person(c.Shared, "directives"))
		if !list.Has("Notes – closed to everybody with the role") || !list.Has("apple") {
			t.Errorf("another program does not see that it is closed, or what its own have written: %s", list.Text())
		}
		for _, word := range append(words, c.Advocate.Name) {
			if list.Has(word) {
				t.Errorf("another program reads %q", word)
			}
			if list := colleague.Open(person(c.Shared, "directives")); !list.Has(word) || !list.Has("apple") {
				t.Errorf("her own program does not read %q: %s", word, list.Text())
			}
		}
	}
	check("quince")
	lift := person(c.Shared, "directives", hidden.Get("id"), "lift")
	if page := worker.Open(lift); page.Has("quince") {
		t.Errorf("another program reads why on the page that opens it again")
	}
	wantStatus(t, "lift", author.Post(lift, url.Values{"reason": {"medlar"}}), http.StatusSeeOther)
	check("quince", "medlar")

	// What somebody has written stays readable when she leaves.
	do(t, c, func(tx *tenancy.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE agency.staff SET status = 'deactivated' WHERE id = $1`, c.Worker.ID)
		return err
	})
	if list := colleague.Open(person(c.Shared, "directives")); !list.Has("apple") || !list.Has(c.Worker.Name) {
		t.Errorf("what somebody wrote who has left is gone: %s", list.Text())
	}
}

func TestWhatIsClosedIsChosen(t *testing.T) {
	t.Parallel()
	p := apptest.New(t)
	c := p.Cedar
	manager := p.SignIn(t, c.Manager)
	page := manager.Open(person(c.Own, "directives", "new"))
	if chosen := page.Values("input[name=kind][checked]", "value"); len(chosen) > 0 {
		t.Errorf("%q is chosen before she chooses", chosen)
	}
	sent := page.Form("form[action="+person(c.Own, "directives")+"]").Set("staff", c.Worker.ID.String()).Submit()
	if sent.Status != http.StatusUnprocessableEntity || !sent.Has("Choose what is closed.") {
		t.Errorf("closed without a choice: %d %s", sent.Status, sent.Text())
	}
	if list := manager.Open(person(c.Own, "directives")); list.Has("closed to " + c.Worker.Name) {
		t.Errorf("something is closed: %s", list.Text())
	}
}
