package server_test

import (
	"testing"

	"konote/app/apptest"
)

// What features draw on each other's pages is there when the server is put together.
func TestPagesHaveThePartsOfOtherFeatures(t *testing.T) {
	t.Parallel()
	p := apptest.New(t)
	b := p.SignIn(t, p.Cedar.Worker)
	for path, part := range map[string]string{
		"/circles/" + p.Cedar.Circles[p.Cedar.Housing].ID.String(): "Notes about this circle",
		"/participants/" + p.Cedar.Own.ID.String():                 "Latest notes",
	} {
		if page := b.Get(path); !page.Has(part) {
			t.Errorf("%s lacks %q: %s", path, part, page.Text())
		}
	}
}
