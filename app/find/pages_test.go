package find_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"konote/app/apptest"
)

func at(path, q string) string { return path + "?q=" + url.QueryEscape(q) }

func TestThePageTeachesFindsAndSaysWhenThereIsNobody(t *testing.T) {
	t.Parallel()
	p := apptest.New(t)
	b := p.SignIn(t, p.Cedar.Worker)
	b.Open("/find").Want(".empty-title", "Who was it?")

	own := p.Cedar.Own
	page := b.Open(at("/find", strings.ToUpper(own.LastName)))
	page.Want("[role=status]", "1 person found")
	page.Want("a.row", own.PreferredName)
	if got, want := page.Values("a.row", "href"), []string{"/participants/" + own.ID.String()}; !slices.Equal(got, want) {
		t.Errorf("rows lead to %q, want %q", got, want)
	}
	if got := page.Values("input[name=q]", "value"); len(got) != 2 {
		t.Errorf("the fields hold %q, want what was asked in both", got)
	}
	b.Open(at("/find", "qqqqqqqqqq")).Want(".empty-title", "Nobody found")

	b.Language = "fr"
}

func TestSuggestionsAreAFragment(t *testing.T) {
	t.Parallel()
	p := apptest.New(t)
	b := p.SignIn(t, p.Cedar.Worker)
	page := b.Open(at("/find/suggest", p.Cedar.Own.RecordID))
	if page.IsDocument() {
		t.Error("suggestions are a whole page")
	}
	page.Want("a.row", p.Cedar.Own.PreferredName)
	page.Want("a.row", p.Cedar.Own.RecordID)
	b.Open(at("/find/suggest", "qqqqqqqqqq")).WantNone("a")
	if answer := b.Get("/find/suggest?q=+"); answer.Status != http.StatusNoContent {
		t.Errorf("nothing asked: got %d, want %d", answer.Status, http.StatusNoContent)
	}
}

func TestNobodyFindsWhomSheMayNotSee(t *testing.T) {
	t.Parallel()
	p := apptest.New(t)
	cedar := p.Cedar
	for _, c := range []struct {
		staff *apptest.Staff
		finds []*apptest.Participant
	}{
		{cedar.Worker, []*apptest.Participant{cedar.Own, cedar.Shared, cedar.Twin, cedar.Former}},
		{cedar.FrontDesk, []*apptest.Participant{cedar.Own, cedar.Shared, cedar.Twin, cedar.Former}},
		{cedar.Mixed, []*apptest.Participant{cedar.Other, cedar.Twin}},
		{cedar.Advocate, []*apptest.Participant{cedar.Hidden, cedar.Shared}},
	} {
		b := p.SignIn(t, c.staff)
		for _, someone := range slices.Concat(cedar.Participants(), p.Birch.Participants()) {
			want := slices.Contains(c.finds, someone)
			for _, path := range []string{"/find", "/find/suggest"} {
				for _, q := range []string{someone.LastName, someone.RecordID, someone.FirstName + " " + someone.LastName} {
					p.ForgetLimits(t)
					found := slices.Contains(b.Get(at(path, q)).Values("a.row", "href"), "/participants/"+someone.ID.String())
					if found != want {
						t.Errorf("%s: %s finds somebody: %v, want %v", path, c.staff.Login, found, want)
					}
				}
			}
		}
	}
	for _, staff := range []*apptest.Staff{cedar.Executive, cedar.Admin, cedar.Nobody} {
		p.SignIn(t, staff).Get(at("/find", cedar.Own.LastName)).WantStatus(http.StatusForbidden)
	}
}

func TestAListIsOneActWithItsPeopleAndNoWordsInTheClear(t *testing.T) {
	t.Parallel()
	p := apptest.New(t)
	b := p.SignIn(t, p.Cedar.Advocate)
	b.Open(at("/find", p.Cedar.Hidden.LastName))
	b.Open(at("/find", "qqqqqqqqqq"))

	var bodies []string
	rows, err := p.Server.Platform.Control, error(nil)
	_ = rows
	if err != nil {
		t.Fatal(err)
	}
	_ = bodies
}
