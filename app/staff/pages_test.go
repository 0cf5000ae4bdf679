package staff_test

import (
	"net/http"
	"testing"

	"konote/app/apptest"
)

// The browsers of apptest check every page that they get, for accessibility and headers.
func TestPagesOfSignInAndAccountAreAccessibleInBothLanguages(t *testing.T) {
	t.Parallel()
	p := apptest.New(t)
	for _, language := range []string{"en", "fr"} {
		stranger := p.Visit(t, p.Cedar)
		stranger.Open("/sign-in?lang=" + language)
		stranger.Open("/sign-in?done=1").Form("form.form").Set("login", "nobody").Set("password", "a guess").Submit().WantStatus(http.StatusUnprocessableEntity)
		stranger.Open("/sign-in").Form("form.form").Submit().WantStatus(http.StatusUnprocessableEntity)

		b := p.SignIn(t, p.Cedar.Worker)
		b.Open("/account?lang="+language).Want("main", p.Cedar.Worker.Name)
		b.Open("/account/password").Form("form.form").Set("current_password", "x").Set("new_password", "y").Submit().WantStatus(http.StatusUnprocessableEntity)
	}
}
