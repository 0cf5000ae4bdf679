package directive_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"konote/app/access"
	"konote/app/apptest"
	"konote/tenancy"
)

func TestTheFrontDeskNeitherSeesNorFindsWhomWeKeepSafe(t *testing.T) {
	t.Parallel()
	p := apptest.New(t)
	c := p.Cedar
	setTier(t, c, access.RoleBased)
	front, worker := p.SignIn(t, c.FrontDesk), p.SignIn(t, c.Worker)
	front.Open("/")
	if !front.Open(person(c.Own) + "/about").Has(c.Own.Email) {
		t.Fatal("the front desk does not see the e-mail address of somebody who is not kept safe")
	}
	set := worker.Open(person(c.Own, "guard")).Form("form[action=" + person(c.Own, "guard") + "]").Submit()
	wantStatus(t, "set", set, http.StatusSeeOther)
	if !worker.Open(person(c.Own)).Has("Tell nobody where") {
		t.Errorf("her page does not remind the worker")
	}
	for _, path := range []string{person(c.Own), person(c.Own, "about"), "/participants", "/"} {
		page := front.Get(path)
		for _, word := range []string{c.Own.Phone, c.Own.Email, c.Own.Address, c.Own.BirthDate, c.Own.MiddleName} {
			if word != "" && strings.Contains(page.Body, word) {
				t.Errorf("%s shows %q to the front desk", path, word)
			}
		}
		if text := strings.ToLower(page.Body); strings.Contains(text, "whereabouts") || strings.Contains(text, "guard") {
			t.Errorf("%s hints to the front desk", path)
		}
	}
	for _, q := range []string{c.Own.Phone, c.Own.BirthDate, c.Own.MiddleName} {
		if strings.Contains(front.Find(q).Body, c.Own.ID.String()) {
			t.Errorf("the front desk finds her by what is hidden")
		}
		if q != "" && !strings.Contains(worker.Find(q).Body, c.Own.ID.String()) {
			t.Errorf("the worker does not find her by %q", q)
		}
	}
	if !strings.Contains(front.Find(c.Own.LastName).Body, c.Own.ID.String()) {
		t.Errorf("the front desk does not find her by name")
	}
	wantStatus(t, "the page", front.Get(person(c.Own, "guard")), http.StatusForbidden)
	wantStatus(t, "the act", front.Post(person(c.Other, "guard"), nil), http.StatusForbidden)

	// What is kept from it looks as if nobody had filled it in, and stays what it is.
	if about := front.Open(person(c.Own, "about")); !strings.Contains(about.Body, "Phone") || !strings.Contains(about.Body, "E-mail") || !strings.Contains(about.Body, "Address") || !about.Has("Not given") {
		t.Errorf("a field is missing, which tells that she is kept safe: %s", about.Text())
	}
	edit := front.Open(person(c.Own, "edit"))
	for _, field := range []string{"phone", "email"} {
		if !strings.Contains(edit.Body, `name="`+field+`"`) || !strings.Contains(edit.Body, `name="base_`+field+`" value=""`) {
			t.Errorf("the form lacks %s, or knows it", field)
		}
	}
	wantStatus(t, "the form as it came", edit.Form("form[action="+person(c.Own)+"]").Submit(), http.StatusSeeOther)
	wantStatus(t, "another phone number", front.Post(person(c.Own), url.Values{"version": {"1"}, "base_phone": {""}, "phone": {"4165550100"}}), http.StatusSeeOther)
	front.Post(person(c.Own), url.Values{"version": {"1"}, "email": {""}, "base_email": {c.Own.Email}})
	if about := worker.Open(person(c.Own, "about")); !about.Has(c.Own.Email) || about.Has("(416) 555-0100") {
		t.Errorf("a save of the front desk has changed what it does not see")
	}
	if inbox := worker.Open("/messages"); !inbox.Has("(416) 555-0100") {
		t.Errorf("what the front desk was given is lost: %s", inbox.Text())
	}
}

// varies is what differs between two pages of the same person, and between any two people.
var varies = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}|name="csrf" value="[^"]+"|data-idle="\d+"|\d{1,2}:\d\d.[ap]\.m\.|datetime="[^"]+"`)

// The front desk cannot tell somebody whose whereabouts are kept safe from somebody of whom
// nothing is known: neither by the form, by the answer to what it enters, by what is shown
// afterwards, by a search for it, nor by entering it again. What it entered is lost in neither case,
// overwrites nothing, and goes once to those who work with her.
func TestTheFrontDeskCannotTellWhomWeKeepSafeByWhatItEnters(t *testing.T) {
	t.Parallel()
	p := apptest.New(t)
	c := p.Cedar
	setTier(t, c, access.RoleBased)
	worker := p.SignIn(t, c.Worker)
	begin := func(record string) string {
		t.Helper()
		made := worker.Open("/participants/new").Form(`form[action="/participants"]`).Set("first_name", "Quill").Set("last_name", "Vesper").
			Set("anyway", "yes").Set("record_id", record).Set("program", c.Housing.String())
		page := made.Submit()
		wantStatus(t, "somebody new", page, http.StatusSeeOther)
		return page.Location
	}
	plain, safe := begin("A1"), begin("B2")
	edit := func(who *apptest.Browser, path string, values map[string]string) *apptest.Page {
		t.Helper()
		form := who.Open(path + "/edit").Form(`form[action="` + path + `"]`)
		for name, value := range values {
			form.Set(name, value)
		}
		return form.Submit()
	}
	edit(worker, plain, map[string]string{"pronouns": "she"})
	edit(worker, safe, map[string]string{"pronouns": "she", "phone": "6135550111", "email": "quill@people.example", "address": "7 Quiet Street", "contact_by": "text", "contact_advice": "No messages."})
	wantStatus(t, "keeping her safe", worker.Open(safe+"/guard").Form("form[action=\""+safe+"/guard\"]").Submit(), http.StatusSeeOther)

	entered := map[string]string{"phone": "4165550100", "email": "new@people.example", "contact_by": "phone", "contact_times": "mornings"}
	attack := func(path, record string) (seen []string) {
		front := p.SignIn(t, c.FrontDesk)
		front.Open("/")
		note := func(page *apptest.Page) {
			text := fmt.Sprint(page.Status, " ", page.Location, "\n", page.Body)
			seen = append(seen, varies.ReplaceAllString(strings.ReplaceAll(text, record, "RECORD"), "X"))
		}
		note(front.Open(path))
		note(front.Open(path + "/about"))
		note(front.Open(path + "/edit"))
		note(edit(front, path, map[string]string{"phone": "613"}))
		note(front.Post("/drafts/participant.edit/"+path[len("/participants/"):], url.Values{"phone": {"613"}, "draft_sequence": {"1"}}))
		note(front.Open(path + "/edit"))
		for range 2 {
			note(edit(front, path, entered))
			note(front.Open(path + "/about")) // says what became of it
			note(front.Open(path))
			note(front.Open(path + "/edit"))
			for _, q := range []string{"4165550100", "6135550111"} {
				note(front.Find(q))
			}
			note(front.Post("/participants/duplicates", url.Values{"first_name": {"Q"}, "last_name": {"V"}, "phone": {"6135550111"}}))
		}
		note(edit(front, path, map[string]string{"pronouns": "they", "address": "1 Forged Street", "birth_date": "1990-01-01", "middle_name": "Forged"}))
		note(front.Open(path + "/about"))
		return seen
	}
	one, other := attack(plain, "A1"), attack(safe, "B2")
	for i := range one {
		if one[i] != other[i] {
			at := 0
			for at < min(len(one[i]), len(other[i])) && one[i][at] == other[i][at] {
				at++
			}
			around := func(text string) string { return text[max(0, at-80):min(len(text), at+80)] }
			t.Errorf("answer %d tells them apart: %q, and of who is kept safe %q", i, around(one[i]), around(other[i]))
		}
	}
	if strings.Contains(one[len(one)-1], "416") {
		t.Errorf("the front desk is shown what it entered")
	}
	for path, kept := range map[string][]string{plain: nil, safe: {"(613) 555-0111", "quill@people.example", "7 Quiet Street", "No messages."}} {
		about := worker.Open(path + "/about")
		if about.Has("(416) 555-0100") || about.Has("new@people.example") || about.Has("orged") {
			t.Errorf("what the front desk entered stands in the record: %s", about.Text())
		}
		for _, words := range kept {
			if !about.Has(words) {
				t.Errorf("%q was overwritten", words)
			}
		}
		page := worker.Open(path)
		told := strings.Join(page.Texts(".card"), " ")
		for _, words := range []string{"Phone: (416) 555-0100", "E-mail: new@people.example", "How to reach this person: Phone call", "When it is safe: mornings", "Given to the front desk"} {
			if n := strings.Count(told, words); n != 2 {
				t.Errorf("those who work with her read %d times %q, want once for each time it was entered: %s", n, words, told)
			}
		}
	}
}

// Where the front desk is shown how to reach somebody it knows that nothing is kept from it, and
// changes it itself; so it does where an agency keeps nobody's whereabouts safe.
func TestTheFrontDeskChangesWhatItIsShown(t *testing.T) {
	t.Parallel()
	p := apptest.New(t)
	c := p.Cedar
	front, worker := p.SignIn(t, c.FrontDesk), p.SignIn(t, c.Worker)
	front.Open("/")
	clear := func() {
		t.Helper()
		form := worker.Open(person(c.Own, "edit")).Form("form[action=" + person(c.Own) + "]")
		for _, name := range []string{"phone", "email", "address", "contact_by", "contact_times", "contact_advice"} {
			form.Set(name, "")
		}
		wantStatus(t, "clearing", form.Submit(), http.StatusSeeOther)
	}
	enter := func(when, name, value string, shown bool) {
		t.Helper()
		wantStatus(t, when, front.Open(person(c.Own, "edit")).Form("form[action="+person(c.Own)+"]").Set(name, value).Submit(), http.StatusSeeOther)
		if got := worker.Open(person(c.Own, "about")).Has(value); got != shown {
			t.Errorf("%s: %q stands in the record: %t", when, value, got)
		}
	}
	clear()
	enter("at tier 1", "email", "first@people.example", true)
	setTier(t, c, access.RoleBased)
	enter("where something is shown", "email", "second@people.example", true)
	clear()
	enter("where nothing is shown", "email", "third@people.example", false)
}

// D6: only a manager who holds the role now, in a program of hers, and who did not ask
// decides; a role that was taken away or is held elsewhere does not count.
func TestItTakesTwoPeopleToEndIt(t *testing.T) {
	t.Parallel()
	p := apptest.New(t)
	c := p.Cedar
	setTier(t, c, access.RoleBased)
	role(t, c, c.Both.ID, c.Housing, access.ProgramManager)
	worker, manager := p.SignIn(t, c.Worker), p.SignIn(t, c.Manager)
	for _, b := range []*apptest.Browser{worker, manager} {
		b.Open("/")
	}
	person := func(below ...string) string { return person(c.Twin, append([]string{"guard"}, below...)...) }
	wantStatus(t, "set", worker.Post(person(), nil), http.StatusSeeOther)
	wantStatus(t, "without a reason", manager.Post(person("removal"), url.Values{"reason": {" "}}), http.StatusUnprocessableEntity)
	asked := tenancy.NewID().String()
	wantStatus(t, "ask", manager.Post(person("removal"), url.Values{"id": {asked}, "reason": {"She has a new address."}}), http.StatusSeeOther)

	// Another request does not take the place of the first.
	wantStatus(t, "ask again", worker.Post(person("removal"), url.Values{"id": {tenancy.NewID().String()}, "reason": {"me too"}}), http.StatusSeeOther)
	approve := url.Values{"id": {asked}, "decision": {"approved"}}
	wantStatus(t, "the one who asked", manager.Post(person("decision"), approve), http.StatusForbidden)
	wantStatus(t, "a worker", worker.Post(person("decision"), approve), http.StatusForbidden)
	elsewhere := p.SignIn(t, c.Mixed) // direct service in Youth, where she is too
	elsewhere.Open("/")
	wantStatus(t, "a worker elsewhere", elsewhere.Post(person("decision"), approve), http.StatusForbidden)

	err := c.Update(t.Context(), func(tx *tenancy.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE agency.guard_requests SET status = 'approved', decided_at = now(), decided_by = requested_by WHERE id = $1`, asked)
		return err
	})
	if err == nil {
		t.Error("the database lets somebody decide on what she asked for")
	}

	other := p.SignIn(t, c.Both) // the second manager
	if home := other.Open("/"); !home.Has("asked to turn off") {
		t.Errorf("the request does not wait on the other manager's home page")
	}
	if home := manager.Open("/"); home.Has("asked to turn off") {
		t.Errorf("the request waits on the page of who asked")
	}
	do(t, c, func(tx *tenancy.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE agency.program_roles SET status = 'removed', removed_at = now() WHERE staff_id = $1`, c.Both.ID)
		return err
	})
	wantStatus(t, "a role that was taken away", other.Post(person("decision"), approve), http.StatusForbidden)
	role(t, c, c.Both.ID, c.Housing, access.ProgramManager)
	forged := url.Values{"id": {tenancy.NewID().String()}, "decision": {"approved"}}
	wantStatus(t, "another request", other.Post(person("decision"), forged), http.StatusSeeOther)
	if !worker.Open(person()).Has("Whereabouts are kept safe.") {
		t.Errorf("an answer to another request has ended it")
	}
	wantStatus(t, "the other manager", other.Post(person("decision"), approve), http.StatusSeeOther)
	if !worker.Open(person()).Has("not kept safe now") {
		t.Errorf("it is not ended")
	}
}

func TestWhereaboutsAreGuardedFromTierTwoOn(t *testing.T) {
	t.Parallel()
	p := apptest.New(t)
	c := p.Cedar
	worker := p.SignIn(t, c.Worker)
	if page := worker.Open(person(c.Own)); page.Has("Keep whereabouts safe") {
		t.Errorf("the menu offers it at tier 1")
	}
	wantStatus(t, "set", worker.Post(person(c.Own, "guard"), nil), http.StatusForbidden)
}

func TestWhoAskedMayTakeItBack(t *testing.T) {
	t.Parallel()
	p := apptest.New(t)
	c := p.Cedar
	setTier(t, c, access.RoleBased)
	role(t, c, c.Admin.ID, c.Shelter, access.DirectService)
	manager, author, colleague := p.SignIn(t, c.Manager), p.SignIn(t, c.Advocate), p.SignIn(t, c.Admin)
	for _, b := range []*apptest.Browser{manager, author, colleague} {
		b.Open("/")
	}
	guard, removal, decision := person(c.Shared, "guard"), person(c.Shared, "guard", "removal"), person(c.Shared, "guard", "decision")
	wantStatus(t, "set", author.Post(guard, nil), http.StatusSeeOther)
	asked := tenancy.NewID().String()
	wantStatus(t, "ask", author.Post(removal, url.Values{"id": {asked}, "reason": {"quince"}}), http.StatusSeeOther)

	// Why is told to those who may know who asks.
	if page := manager.Open(guard); page.Has("quince") || page.Has(c.Advocate.Name) || !page.Has("Somebody asks to turn it off") {
		t.Errorf("another program reads who asks, or why: %s", page.Text())
	}
	if page := colleague.Open(guard); !page.Has("quince") || !page.Has(c.Advocate.Name) {
		t.Errorf("her own program does not read who asks and why: %s", page.Text())
	}

	// And who cannot read why does not end it.
	if page := manager.Open(guard); page.Has("Turn the protection off") || !page.Has("You cannot read why") {
		t.Errorf("who cannot read why is offered to end it: %s", page.Text())
	}
	wantStatus(t, "approved unread", manager.Post(decision, url.Values{"id": {asked}, "decision": {"approved"}}), http.StatusForbidden)

	back := url.Values{"id": {asked}, "decision": {"withdrawn"}}
	wantStatus(t, "a manager who did not ask", manager.Post(decision, back), http.StatusForbidden)
	wantStatus(t, "a colleague", colleague.Post(decision, back), http.StatusForbidden)
	for _, as := range []string{"approved", "rejected"} {
		wantStatus(t, "the one who asked: "+as, author.Post(decision, url.Values{"id": {asked}, "decision": {as}}), http.StatusForbidden)
		err := c.Update(t.Context(), func(tx *tenancy.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE agency.guard_requests SET status = $2, decided_at = now(), decided_by = requested_by WHERE id = $1`, asked, as)
			return err
		})
		if err == nil {
			t.Errorf("the database lets who asked decide: %s", as)
		}
	}
	err := c.Update(t.Context(), func(tx *tenancy.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE agency.guard_requests SET status = 'withdrawn', decided_at = now(), decided_by = $2 WHERE id = $1`, asked, c.Manager.ID)
		return err
	})
	if err == nil {
		t.Error("the database lets somebody else take the request back")
	}

	page := author.Open(guard)
	if !page.Has("another manager of a program") || !page.Has("Take the request back") {
		t.Errorf("who asked is not told who decides, or that she may take it back: %s", page.Text())
	}
	wantStatus(t, "take back", page.Form("form[action="+decision+"]").Submit(), http.StatusSeeOther)
	if page := author.Open(guard); !page.Has("Whereabouts are kept safe.") || !page.Has("Ask to turn it off") {
		t.Errorf("the request still waits, or whereabouts are not safe: %s", page.Text())
	}
	p.Drain(t)
	if log := colleague.Open("/audit"); !log.Has("Took back a request") {
		t.Errorf("the audit log does not say so: %s", log.Text())
	}

	// Now somebody else asks, and she may decide if she manages a program.
	again := tenancy.NewID().String()
	wantStatus(t, "ask again", colleague.Post(removal, url.Values{"id": {again}, "reason": {"medlar"}}), http.StatusSeeOther)
	approve := url.Values{"id": {again}, "decision": {"approved"}}
	wantStatus(t, "a manager who cannot read why", manager.Post(decision, approve), http.StatusForbidden)
	wantStatus(t, "she keeps it", manager.Post(decision, url.Values{"id": {again}, "decision": {"rejected"}}), http.StatusSeeOther)
	again = tenancy.NewID().String()
	wantStatus(t, "ask a third time", colleague.Post(removal, url.Values{"id": {again}, "reason": {"medlar"}}), http.StatusSeeOther)
	role(t, c, c.Advocate.ID, c.Shelter, access.ProgramManager)
	approve.Set("id", again)
	wantStatus(t, "decide", author.Post(decision, approve), http.StatusSeeOther)
	if !author.Open(guard).Has("not kept safe now") {
		t.Errorf("it is not ended")
	}
}
