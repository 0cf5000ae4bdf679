package sso_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/google/uuid"

	"konote/app/apptest"
	"konote/app/sso"
	"konote/app/sso/ssotest"
	"konote/tenancy"
)

// Every page, in both languages and without a script, is accessible: the browser of
// package apptest looks at each.
func TestThePagesInBothLanguages(t *testing.T) {
	t.Parallel()
	p := apptest.New(t)
	var issuer *ssotest.Issuer
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { issuer.ServeHTTP(w, r) }))
	t.Cleanup(server.Close)
	callback := p.Server.Config.URL(p.Cedar.Host) + "/sign-in/sso/callback"
	issuer = ssotest.New(server.URL, "konote", "s3cret", callback)

	admin := p.SignIn(t, p.Cedar.Admin)
	page := admin.Open("/settings/sso")
	form := page.Form("form[action=/settings/sso]").Set("name_en", "Work ID").Set("name_fr", "ID du travail").Set("client_id", "konote").
		Set("client_secret", "s3cret").Set("provisioning", "group")
	form.Set("issuer", "https://login.microsoftonline.com/common/v2.0").Submit().WantStatus(http.StatusUnprocessableEntity).Want("main", "tenant")
	again := form.Set("switch_language", "fr").Submit().WantStatus(http.StatusOK)
	again.Want("h1", "Ouvrir une session avec votre fournisseur")
	if got := again.Values("input[name=name_fr]", "value"); len(got) != 1 || got[0] != "ID du travail" {
		t.Errorf("what was typed is lost: %q", got)
	}
	delete(form.Values, "switch_language")
	saved := form.Set("issuer", server.URL).Send()
	saved.Form("form[action=/settings/sso/groups]").Set("value", "g-1").Set("program", p.Cedar.Housing.String()).Set("role", "front_desk").Send()
	if err := p.Cedar.Update(t.Context(), func(tx *tenancy.Tx) error {
		now, err := sso.Current(t.Context(), tx)
		if err != nil {
			return err
		}
		if err := sso.SetStatus(t.Context(), tx, now.ID, sso.Off, sso.Active, uuid.Nil); err != nil {
			return err
		}
		_, err = sso.Link(t.Context(), tx, now.ID, p.Cedar.Worker.ID, "worker", sso.ByConnecting)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	worker := p.SignIn(t, p.Cedar.Worker)
	for _, language := range []string{"en", "fr"} {
		admin.Open("/settings/sso?lang="+language).Want("main", p.Cedar.Worker.Name)
		admin.Open("/account/connected?lang=" + language)
		worker.Open("/account/connected?lang=" + language)
		stranger := p.Visit(t, p.Cedar)
		stranger.Language = language
		stranger.Open("/sign-in/sso")
		start := stranger.Open("/sign-in").Form("form[action=/sign-in/sso]").Submit().WantStatus(http.StatusOK)
		if got := start.Header.Get("Refresh"); got == "" {
			t.Error("the page does not lead on")
		}
		stranger.Get("/sign-in/sso/callback?state=x").WantStatus(http.StatusBadRequest)
	}

	// And the whole way, to home.
	b := p.Visit(t, p.Cedar)
	start := b.Open("/sign-in").Form("form[action=/sign-in/sso]").Submit()
	to, err := url.Parse(start.Values("a.button-primary", "href")[0])
	if err != nil {
		t.Fatal(err)
	}
	back, err := issuer.Authorize(to.Query(), ssotest.Person{Subject: "worker", Name: "W"})
	if err != nil {
		t.Fatal(err)
	}
	path, _ := url.Parse(back)
	if got := b.Get(path.RequestURI()); got.Location != "/" {
		t.Errorf("got %d to %q: %s", got.Status, got.Location, got.Text())
	}
	b.Open("/")
}
