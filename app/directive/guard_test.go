package directive_test

import (
	"net/http"
	"net/url"
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
	wantStatus(t, "another phone number", front.Post(person(c.Own), url.Values{"version": {"1"}, "base_phone": {""}, "phone": {"4165550100"}}), http.StatusUnprocessableEntity)
	front.Post(person(c.Own), url.Values{"version": {"1"}, "email": {""}, "base_email": {c.Own.Email}})
	if about := worker.Open(person(c.Own, "about")); !about.Has(c.Own.Email) || about.Has("416 555-0100") {
		t.Errorf("a save of the front desk has changed what it does not see")
	}
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
