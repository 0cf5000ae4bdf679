package server_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/apptest"
	"konote/app/audit"
	"konote/app/civil"
	"konote/app/consent"
	"konote/app/i18n"
	"konote/app/settings"
	"konote/app/staff"
	"konote/tenancy"
)

// What somebody who works in two of a participant's programs sees of either, by what the
// agency and she herself have chosen: written by hand from docs/permissions.md.
var apartTable = []struct {
	agency  bool // keeps programs apart
	wish    access.Sharing
	isApart bool
}{
	{false, access.ShareAsAgency, false},
	{false, access.ShareAcross, false},
	{false, access.ShareNot, true},
	{true, access.ShareAsAgency, true},
	{true, access.ShareNot, true},
	{true, access.ShareAcross, false},
}

// apartWorld is somebody who works in Housing and in Youth, and Twin, who is in both.
type apartWorld struct {
	*apptest.Platform
	t      *testing.T
	b      *apptest.Browser
	places []*apptest.Enrolment
}

func newApartWorld(t *testing.T) *apartWorld {
	t.Helper()
	p := apptest.NewAlone(t)
	w := &apartWorld{Platform: p, t: t, places: []*apptest.Enrolment{p.Cedar.Twin.In(p.Cedar.Housing), p.Cedar.Twin.In(p.Cedar.Youth)}}
	hash, err := p.Server.Hasher.Hash(t.Context(), apptest.Password)
	if err != nil {
		t.Fatal(err)
	}
	person := &apptest.Staff{Login: "twoplaces", Agency: p.Cedar}
	w.update(func(tx *tenancy.Tx) (err error) {
		by := audit.By{Kind: audit.KindOperator, Operator: "tests"}
		person.ID, err = staff.Insert(t.Context(), tx, by, staff.New{DisplayName: "Two Places", Username: person.Login, PasswordHash: hash})
		for _, at := range w.places {
			if err == nil {
				err = staff.Grant(t.Context(), tx, by, person.ID, at.Program, access.DirectService)
			}
		}
		return err
	})
	w.b = p.SignIn(t, person)
	w.b.Open("/")
	return w
}

func (w *apartWorld) update(f func(*tenancy.Tx) error) {
	w.t.Helper()
	if err := w.Cedar.Update(w.t.Context(), f); err != nil {
		w.t.Fatal(err)
	}
}

// choose has the agency and Twin decide.
func (w *apartWorld) choose(agency bool, wish access.Sharing) {
	w.t.Helper()
	w.update(func(tx *tenancy.Tx) error {
		if err := settings.Set(w.t.Context(), tx, audit.By{Kind: audit.KindOperator, Operator: "tests"}, settings.RecordsApart, agency); err != nil {
			return err
		}
		if wish == access.ShareAsAgency {
			_, err := tx.Exec(w.t.Context(), `UPDATE agency.participants SET sharing = 'agency' WHERE id = $1`, w.Cedar.Twin.ID)
			return err
		}
		texts, err := consent.Current(w.t.Context(), tx)
		if err != nil {
			return err
		}
		kind := map[access.Sharing]consent.Kind{access.ShareAcross: consent.Given, access.ShareNot: consent.Refused}[wish]
		return consent.Bulk(w.t.Context(), tx, []consent.Event{{ID: tenancy.NewID(), Participant: w.Cedar.Twin.ID, Purpose: consent.Sharing, Kind: kind,
			Text: texts[consent.Sharing].ID, Language: "en", By: consent.Herself, How: consent.InPerson, HappenedOn: civil.Of(tx.Now()), RecordedAt: tx.Now()}}, i18n.Toronto())
	})
}

// looks are the pages with a record's clinical parts, each with what it shows of one program.
func (w *apartWorld) looks() map[string]struct {
	open  func() *apptest.Page
	shows func(*apptest.Enrolment) string
} {
	record := "/participants/" + w.Cedar.Twin.ID.String()
	get := func(path string) func() *apptest.Page { return func() *apptest.Page { return w.b.Get(path) } }
	type look = struct {
		open  func() *apptest.Page
		shows func(*apptest.Enrolment) string
	}
	aim := func(e *apptest.Enrolment) string { return e.Aim }
	text := func(e *apptest.Enrolment) string { return e.Text }
	looks := map[string]look{
		"timeline": {get(record + "/timeline"), text},
		"overview": {get(record), aim},
		"plan":     {get(record + "/plan"), aim},
		"print":    {get(record + "/plan/print"), aim},
		"words":    {get(record + "/words"), func(e *apptest.Enrolment) string { return e.Takeaway }},
		"events":   {get(record + "/events"), func(e *apptest.Enrolment) string { return e.Happening }},
		"contacts": {get(record + "/contacts"), func(e *apptest.Enrolment) string { return e.Call }},
		"history":  {get(record + "/history"), func(e *apptest.Enrolment) string { return e.Reason }},
	}
	for i, at := range w.places {
		only := func(e *apptest.Enrolment, word string) string {
			if e != at {
				return ""
			}
			return word
		}
		looks[fmt.Sprintf("note %d", i)] = look{get("/notes/" + at.Note.String()), func(e *apptest.Enrolment) string { return only(e, e.Text) }}
		looks[fmt.Sprintf("goal %d", i)] = look{get("/targets/" + at.Target.String()), func(e *apptest.Enrolment) string { return only(e, e.Aim) }}
		looks[fmt.Sprintf("history of goal %d", i)] = look{get("/targets/" + at.Target.String() + "/history"), func(e *apptest.Enrolment) string { return only(e, e.Aim) }}
		looks[fmt.Sprintf("event %d", i)] = look{get("/events/" + at.Event.String()), func(e *apptest.Enrolment) string { return only(e, e.Happening) }}
		// What was looked for stands on the page; what else the note says is what was found.
		looks[fmt.Sprintf("search %d", i)] = look{func() *apptest.Page {
			return w.b.Post(record+"/notes/search", url.Values{"words": {at.Text}})
		}, func(e *apptest.Enrolment) string { return only(e, "/notes/"+e.Note.String()) }}
	}
	return looks
}

// The records of two programs are read together, or apart, on every page alike; what was
// chosen counts at the next request.
func TestRecordsOfTwoProgramsAreKeptApartOnEveryPage(t *testing.T) {
	t.Parallel()
	w := newApartWorld(t)
	looks := w.looks()
	for _, row := range apartTable {
		w.choose(row.agency, row.wish)
		for working, place := range []uuid.UUID{uuid.Nil, w.places[0].Program, w.places[1].Program} {
			w.b.Post("/working-in", url.Values{"program": {place.String()}})
			for name, look := range looks {
				page := look.open()
				if refused := page.Status == http.StatusForbidden; refused && (working != 0 || !row.isApart) {
					t.Errorf("agency %t, wish %s, working in %d: %s is refused", row.agency, row.wish, working, name)
				}
				for i, at := range w.places {
					word := look.shows(at)
					if word == "" {
						continue
					}
					want := working == i+1 || working == 0 && !row.isApart
					if got := page.Has(word) || len(page.Values(`a[href="`+word+`"]`, "href")) > 0; got != want {
						t.Errorf("agency %t, wish %s, working in %d: %s shows program %d: %t, want %t (status %d)", row.agency, row.wish, working, name, i+1, got, want, page.Status)
					}
				}
			}
			want := http.StatusOK // charts without numbers say nothing of either program
			if working == 0 && row.isApart {
				want = http.StatusForbidden
			}
			if charts := w.b.Get("/participants/" + w.Cedar.Twin.ID.String() + "/plan/progress"); charts.Status != want {
				t.Errorf("agency %t, wish %s, working in %d: charts answer %d, want %d", row.agency, row.wish, working, charts.Status, want)
			}
			w.ForgetLimits(t)
		}
	}
}

// Her page asks calmly where one works, and one click opens what is kept there.
func TestWhereRecordsAreKeptApartHerPageAsksWhereOneWorks(t *testing.T) {
	t.Parallel()
	w := newApartWorld(t)
	w.choose(true, access.ShareAsAgency)
	record := "/participants/" + w.Cedar.Twin.ID.String()
	for _, path := range []string{record, record + "/plan", record + "/timeline"} {
		page := w.b.Open(path)
		page.Want(".notice-title", "Where are you working now?")
		if got := page.Values(`.notice form[action="/working-in"] input[name="back"]`, "value"); len(got) != 2 || got[0] != path {
			t.Errorf("%s: the buttons lead back to %q", path, got)
		}
		if page.Has(w.places[0].Aim) || page.Has(w.places[1].Aim) {
			t.Errorf("%s shows a goal", path)
		}
	}
	refused := w.b.Get("/notes/" + w.places[0].Note.String())
	if refused.Status != http.StatusForbidden {
		t.Errorf("a note: status %d", refused.Status)
	}
	if got := refused.Link("Choose"); got != record {
		t.Errorf("the refusal leads to %q, want to her record", got)
	}
	w.b.Post("/working-in", url.Values{"program": {w.places[0].Program.String()}, "back": {record + "/plan"}})
	page := w.b.Open(record + "/plan")
	if !page.Has(w.places[0].Aim) || page.Has(w.places[1].Aim) || page.Has("Where are you working now?") {
		t.Error("after the choice the plan of that program does not open alone")
	}
}
