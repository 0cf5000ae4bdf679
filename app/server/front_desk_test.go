package server_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"konote/app/access"
	"konote/app/apptest"
	"konote/app/audit"
	"konote/app/settings"
	"konote/tenancy"
)

// What opens birth dates and addresses to the front desk asks for a fresh proof, as all
// settings of access do.
func TestTheFrontDesksFieldsAskForAFreshProof(t *testing.T) {
	t.Parallel()
	found := 0
	for _, route := range apptest.New(t).Server.Web.Routes() {
		if route.Path == "/settings/front-desk" {
			found++
			if !route.Need.IsFresh() {
				t.Errorf("%s %s asks for no fresh proof", route.Method, route.Path)
			}
		}
	}
	if found != 2 {
		t.Errorf("got %d routes, want the page and its form", found)
	}
}

// The agency decides what the front desk may do with each field; what was hidden or only to
// be read is neither shown nor taken from a form that was made up.
func TestTheFrontDeskDoesWithFieldsWhatTheAgencyHasChosen(t *testing.T) {
	t.Parallel()
	p := apptest.New(t)
	c := p.Cedar
	desk, admin := p.SignIn(t, c.FrontDesk), p.SignIn(t, c.Admin)
	choice := url.Values{}
	for _, field := range access.Fields {
		choice.Set("field-"+string(field), "hidden")
	}
	choice.Set("field-email", "view")
	choice.Set("field-pronouns", "edit")
	admin.Open("/settings/front-desk").Want(".notice", "role-based")
	admin.Post("/settings/front-desk", choice).WantStatus(http.StatusForbidden)
	if err := c.Update(t.Context(), func(tx *tenancy.Tx) error {
		return settings.Set(t.Context(), tx, audit.By{Kind: audit.KindOperator, Operator: "tests"}, settings.AccessTier, 2)
	}); err != nil {
		t.Fatal(err)
	}
	was := admin.Open("/settings/front-desk").Values("input[name=was]", "value")[0]
	choice.Set("was", was)
	choice.Set("preview", "yes")
	if page := admin.Post("/settings/front-desk", choice); page.Status != http.StatusOK || page.Has("613-555-0100") || !page.Has("robin@example.ca") {
		t.Errorf("the preview shows what is hidden, or hides what is shown: %d", page.Status)
	}
	choice.Del("preview")
	admin.Post("/settings/front-desk", choice).WantStatus(http.StatusSeeOther)
	late := url.Values{}
	for name, values := range choice {
		late[name] = values
	}
	late.Set("field-phone", "edit") // made from what was there before
	admin.Post("/settings/front-desk", late).WantStatus(http.StatusConflict)
	choice.Set("field-phone", "anything")
	admin.Post("/settings/front-desk", choice).WantStatus(http.StatusUnprocessableEntity)

	path := "/participants/" + c.Own.ID.String()
	for _, page := range []*apptest.Page{desk.Open(path), desk.Open(path + "/about"), desk.Open(path + "/edit")} {
		for _, hidden := range []string{c.Own.Phone, c.Own.Address, c.Own.MiddleName} {
			if page.Has(hidden) {
				t.Errorf("%s shows %q, which is hidden", page, hidden)
			}
		}
	}
	form := desk.Open(path + "/edit").Form(`form[action="` + path + `"]`)
	for field, value := range map[string]string{"phone": "613-555-0199", "email": "forged@people.example", "address": "1 Forged Street", "middle_name": "Forged", "pronouns": "she/they"} {
		form.Set(field, value)
	}
	form.Submit().WantStatus(http.StatusSeeOther)
	about := p.SignIn(t, c.Worker).Open(path + "/about")
	for _, kept := range []string{c.Own.Email, c.Own.Address, "she/they"} {
		if !about.Has(kept) {
			t.Errorf("the record does not say %q any more: %s", kept, about.Text())
		}
	}
	if about.Has("orged") || about.Has("0199") {
		t.Errorf("a forged field was taken: %s", about.Text())
	}
}

// D2: by a word that stands only in a note of somebody whom she may see, the front desk finds
// nobody, and may not search notes at all.
func TestTheFrontDeskFindsNobodyByWordsOfNotes(t *testing.T) {
	t.Parallel()
	p := apptest.New(t)
	c := p.Cedar
	own, words := "/participants/"+c.Own.ID.String(), c.Own.In(c.Housing)
	desk, worker := p.SignIn(t, c.FrontDesk), p.SignIn(t, c.Worker)
	desk.Open(own) // she may see her
	worker.Open("/")
	for _, word := range []string{words.Text, words.Takeaway, words.Said, words.Added} {
		if page := worker.Post(own+"/notes/search", url.Values{"words": {word}}); !strings.Contains(page.Body, words.Note.String()) {
			t.Errorf("a worker does not find %q in the notes: %d", word, page.Status)
		}
		for what, page := range map[string]*apptest.Page{
			"the search": desk.Find(word), "a suggestion": desk.Post("/find/suggest", url.Values{"q": {word}}), "the address of a search": desk.Get("/find?q=" + url.QueryEscape(word)),
		} {
			if page.Status >= http.StatusBadRequest || strings.Contains(page.Body, c.Own.ID.String()) || page.Has(c.Own.LastName) {
				t.Errorf("%s finds somebody by a word of a note: %d %s", what, page.Status, page.Text())
			}
		}
		for _, path := range []string{own + "/notes/search", "/programs/" + c.Housing.String() + "/notes/search"} {
			for _, page := range []*apptest.Page{desk.Get(path), desk.Post(path, url.Values{"words": {word}})} {
				if page.Status != http.StatusForbidden || page.Has(c.Own.LastName) {
					t.Errorf("%s as front desk: %d %s", path, page.Status, page.Text())
				}
			}
		}
	}
}
