package server_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"konote/app/apptest"
)

// Whoever goes from the settings to one of their pages finds the way back there; whoever may
// not open the settings is not led to them from a page that she may open.
func TestEveryPageOfSettingsLeadsBackThere(t *testing.T) {
	t.Parallel()
	p := apptest.New(t)
	c := p.Cedar
	admin := p.SignIn(t, c.Admin)
	var pages []string
	for _, href := range admin.Open("/settings").Values("main a", "href") {
		if strings.HasPrefix(href, "/") && !slices.Contains(pages, href) {
			pages = append(pages, href)
		}
	}
	if len(pages) < 12 {
		t.Fatalf("got the pages %q, want all of the settings", pages)
	}
	through := map[string]string{"/staff/invitations": "/staff", "/settings/grant-reasons": "/settings/access"} // what leads back itself
	for _, path := range pages {
		want := "/settings"
		if by, ok := through[path]; ok {
			want = by
		}
		if got := admin.Open(path).Values(".crumb a", "href"); !slices.Contains(got, want) {
			t.Errorf("%s leads up to %q, want %s", path, got, want)
		}
	}
	for name, person := range map[string]*apptest.Staff{"front": c.FrontDesk, "worker": c.Worker, "executive": c.Executive, "nobody": c.Nobody} {
		b := p.SignIn(t, person)
		opened := 0
		for _, path := range pages {
			page := b.Get(path)
			if page.Status != http.StatusOK {
				continue
			}
			opened++
			if slices.Contains(page.Values("a", "href"), "/settings") {
				t.Errorf("%s is led from %s to the settings, which are closed to her", name, path)
			}
		}
		t.Logf("%s opens %d of the pages", name, opened)
	}
	if page := p.SignIn(t, c.Manager).Open("/metrics"); !slices.Contains(page.Values(".crumb a", "href"), "/settings") {
		t.Error("a manager, who may open the settings, is not led back there")
	}
}
