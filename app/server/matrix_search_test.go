package server_test

import (
	"net/url"
	"testing"

	"konote/app/apptest"
)

// Searching by every word of everybody finds those whom the account may meet, and says
// nothing of the others.
func TestASearchFindsOnlyWhomOneMayMeet(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, name := range []string{"front", "worker", "mixed", "advocate", "both"} {
		v := &visit{world: w, t: t, name: name, staff: w.accounts[name]}
		v.b = w.SignIn(t, v.staff)
		v.b.Open("/") // has a token
		known := v.knows()
		for _, p := range append(w.Cedar.Participants(), w.Birch.Own) {
			found := 0
			for _, ask := range []func(string) *apptest.Page{v.b.Find, func(q string) *apptest.Page { return v.b.Post("/find/suggest", url.Values{"q": {q}}) }} {
				for _, word := range []string{p.LastName, string([]rune(p.FirstName)[:6]), p.RecordID, p.Phone} {
					page := ask(word)
					for _, told := range p.Words() {
						if !known[told] && told != word && page.Has(told) {
							t.Errorf("%s searching for somebody's word is told %q", name, told)
						}
					}
					if page.Has(p.ID.String()) {
						found++
					}
				}
			}
			if want := known[p.LastName]; (found > 0) != want {
				t.Errorf("%s: found %t, want %t", name, found > 0, want)
			}
		}
		w.ForgetLimits(t)
	}
}
