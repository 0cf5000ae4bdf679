package apptest

import (
	"net/http"
	"strings"
	"testing"

	"konote/app/settings"
	"konote/tenancy"
)

// At tier 3 a manager who is refused finds the way from the refusal to the form, and from
// there back to what she wanted to read; nobody else's records open by it.
func TestARefusalAtTier3LeadsToTheFormAndBack(t *testing.T) {
	t.Parallel()
	p := New(t)
	c := p.Cedar
	err := c.Update(t.Context(), func(tx *tenancy.Tx) error {
		return settings.Set(t.Context(), tx, byTests, settings.AccessTier, 3)
	})
	if err != nil {
		t.Fatal(err)
	}
	b := p.SignIn(t, c.Manager)
	own, twin := "/participants/"+c.Own.ID.String(), "/participants/"+c.Twin.ID.String()
	e := c.Own.In(c.Housing)
	guarded := []string{own + "/timeline", own + "/plan", own + "/plan/progress", own + "/plan/print", own + "/words", own + "/notes/search",
		"/notes/" + e.Note.String(), "/targets/" + e.Target.String(), "/targets/" + e.Target.String() + "/history"}
	for _, path := range guarded {
		page := b.Get(path).WantStatus(http.StatusForbidden)
		if way := page.Link("Ask for access"); !strings.HasPrefix(way, own+"/access?back=") {
			t.Errorf("%s leads to %s", path, way)
		}
		for _, word := range []string{e.Text, e.Aim, e.Takeaway} {
			if page.Has(word) {
				t.Errorf("%s tells %q", path, word)
			}
		}
	}
	b.Open(own).Want(".notice", "are guarded")
	b.Open("/account/access?lang=fr").Want("h1", "Mes accès")
	b.Get(own+"/timeline").WantStatus(http.StatusForbidden).Want(".button-primary", "Demander l’accès")
	b.Open(own+"/access").Want("h1", "Demander l’accès")
	b.Open("/settings/grants").Want("h1", "Accès obtenus")
	b.Open("/settings/grants?lang=en").Want("h1", "Access that was taken")

	form := b.Open(b.Get(own + "/timeline").Link("Ask for access")).Form("form.form")
	form.Set("reason", c.GrantReason.String()).Set("why", "Her worker is away this week.")
	page := form.Send()
	if page.Path() != own+"/timeline" || page.Status != http.StatusOK || !page.Has(e.Text) {
		t.Fatalf("after asking she is at %s (%d): %s", page.Path(), page.Status, page.Text())
	}
	for _, path := range guarded {
		b.Get(path).WantStatus(http.StatusOK)
	}
	b.Get(twin + "/timeline").WantStatus(http.StatusForbidden)

	mine := b.Open("/account/access")
	mine.Want(".row-sub", "Her worker is away this week.")
	mine.Form("form.form-button").Send()
	b.Get(own + "/timeline").WantStatus(http.StatusForbidden)

	// In an emergency the record says so on every page while it lasts.
	emergency := b.Open(own+"/emergency").Form("form.form").Set("why", "She called and is in danger.").Send()
	emergency.Want(".notice-title", "You opened this in an emergency")
	b.Open(own+"/timeline").Want(".notice-title", "You opened this in an emergency")
	admin := p.SignIn(t, c.Admin)
	admin.Open("/").Want(".row-title", c.Manager.Name)
	list := admin.Open("/settings/grants")
	list.Want(".row-title", c.Manager.Name)
	if list.Has(c.Own.LastName) {
		t.Error("an administrator reads a participant's name")
	}
}
