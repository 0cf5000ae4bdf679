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

	// What the front desk sends of a hidden field is not saved.
	front.Post(person(c.Own), url.Values{"version": {"1"}, "email": {""}, "phone": {"4165550100"}})
	if !worker.Open(person(c.Own, "about")).Has(c.Own.Email) {
		t.Errorf("a save of the front desk has emptied what it does not see")
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
