package server_test

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/apptest"
	"konote/app/civil"
	"konote/app/directive"
	"konote/tenancy"
)

// closed records a directive of today about a participant.
func closed(t *testing.T, a *apptest.Agency, d directive.Directive) directive.Directive {
	t.Helper()
	err := a.Update(t.Context(), func(tx *tenancy.Tx) error {
		d.ID, d.FromOn, d.By, d.RecordedAt, d.RecordedBy = tenancy.NewID(), civil.Of(tx.Now()), directive.Participant, tx.Now(), a.Manager.ID
		_, err := directive.Insert(t.Context(), tx, d)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// notOfHer are routes whose "own" is not the participant Own or a record of hers.
func notOfHer(route string) bool {
	return slices.ContainsFunc([]string{":change", ":finding", ":grant", "/staff/", ":group", ":circle"}, func(part string) bool { return strings.Contains(route, part) })
}

// D1: whoever asks by whatever route finds what she would find if there were no such person.
// Every route of the matrix is walked, as read and as an empty form.
func TestAClosedFileDoesNotExist(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.Cedar
	for _, name := range []string{"worker", "manager", "exec"} {
		closed(t, c, directive.Directive{Participant: c.Own.ID, Kind: access.WholeFile, Staff: w.accounts[name].ID})
		w.wantNoFile(t, name)
		w.ForgetLimits(t)
	}
	if page := w.SignIn(t, c.FrontDesk).Get("/participants/" + c.Own.ID.String()); page.Status != http.StatusOK {
		t.Errorf("the front desk gets %d, want 200: the file is closed to others alone", page.Status)
	}
}

// wantNoFile walks the matrix as somebody to whom the file of Own is closed.
func (w *world) wantNoFile(t *testing.T, name string) {
	t.Helper()
	c := w.Cedar
	v := &visit{world: w, t: t, name: name, staff: w.accounts[name], b: w.SignIn(t, w.accounts[name]), refused: map[uuid.UUID]int{}}
	v.b.Open("/")
	walked := 0
	for _, route := range slices.Sorted(maps.Keys(w.table)) {
		method, _, _ := strings.Cut(route, " ")
		if slices.Contains(ends, route) {
			continue
		}
		if _, about := w.table[route]["own"]; about && !notOfHer(route) {
			own, _, _ := w.path(route, "own")
			none, _, _ := w.path(route, "missing")
			got, want := v.ask(method, own), v.ask(method, none)
			if got.Status != want.Status || traceOf("own", got).text != traceOf("missing", want).text {
				t.Errorf("%s, %s: a closed file answers %d, one that is not there %d: %s", name, route, got.Status, want.Status,
					difference(traceOf("own", got).text, traceOf("missing", want).text))
			}
			walked++
		}
		if _, list := w.table[route]["-"]; list && method == http.MethodGet {
			path, _, _ := w.path(route, "-")
			wantNothingOf(t, name+", "+route, v.ask(method, path), c.Own)
		}
	}
	if walked < 60 {
		t.Errorf("%s: only %d routes about her were walked", name, walked)
	}

	for _, q := range []string{c.Own.LastName, c.Own.RecordID, c.Own.Phone} {
		page := v.b.Post("/find", url.Values{"q": {q}})
		if page.Location != "" { // an executive may not search at all
			page = v.b.Get(page.Location)
		}
		if strings.Contains(page.Body, c.Own.ID.String()) {
			t.Errorf("a search finds whom it may not")
		}
		if page := v.b.Post("/find/suggest", url.Values{"q": {q}}); strings.Contains(page.Body, c.Own.ID.String()) {
			t.Errorf("a suggestion names whom it may not")
		}
	}
	alike := url.Values{"first_name": {c.Own.FirstName}, "last_name": {c.Own.LastName}, "phone": {c.Own.Phone}, "birth_date": {c.Own.BirthDate}}
	if page := v.b.Post("/participants/duplicates", alike); strings.Contains(page.Body, c.Own.ID.String()) {
		t.Errorf("a hint of duplicates names whom it may not")
	}
	for _, g := range c.Groups {
		for _, path := range []string{"", "/attendance", "/attendance.csv", "/members/new"} {
			wantNothingOf(t, "group"+path, v.b.Get("/groups/"+g.ID.String()+path), c.Own)
		}
	}
	for _, at := range c.Circles {
		wantNothingOf(t, "circle", v.b.Get("/circles/"+at.ID.String()), c.Own)
	}
}

// wantNothingOf fails when a page has an id or a word of the participant.
func wantNothingOf(t *testing.T, what string, page *apptest.Page, p *apptest.Participant) {
	t.Helper()
	if strings.Contains(page.Body, p.ID.String()) {
		t.Errorf("%s has the id of somebody whose file is closed", what)
	}
	for _, word := range p.Words() {
		if len(word) > 3 && strings.Contains(page.Body, word) {
			t.Errorf("%s has %q, of somebody whose file is closed", what, word)
		}
	}
}

// Notes that are closed to a role are nowhere, and her page says so once.
func TestClosedNotesAreAbsentEverywhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.Cedar
	e := c.Own.Enrolments[0]
	closed(t, c, directive.Directive{Participant: c.Own.ID, Kind: access.NotesKind, Role: access.DirectService})
	v := &visit{world: w, t: t, name: "worker", staff: c.Worker, b: w.SignIn(t, c.Worker), refused: map[uuid.UUID]int{}}
	v.b.Open("/")
	v.wantNoneOfTheNote(e)
	for _, route := range []string{"GET /notes/:note", "POST /notes/:note/addenda", "GET /notes/:note/in-error", "POST /notes/:note/in-error"} {
		method, _, _ := strings.Cut(route, " ")
		own, _, _ := w.path(route, "own")
		none, _, _ := w.path(route, "missing")
		if got, want := v.ask(method, own), v.ask(method, none); got.Status != want.Status || traceOf("own", got).text != traceOf("missing", want).text {
			t.Errorf("%s: a closed note answers %d, one that is not there %d", route, got.Status, want.Status)
		}
	}
	page := v.b.Open("/participants/" + c.Own.ID.String())
	if n := strings.Count(page.Text(), "Part of this record is closed"); n != 1 {
		t.Errorf("her page says %d times that part is closed, want once", n)
	}
	if page.Link("Somebody is in danger") == "" {
		t.Errorf("her page does not lead to emergency access")
	}
	for _, path := range []string{"/notes/new", "/notes/search", "/words"} {
		if got := v.b.Get("/participants/" + c.Own.ID.String() + path); got.Status != http.StatusForbidden {
			t.Errorf("%s: got %d, want 403", path, got.Status)
		}
	}
	if page := w.SignIn(t, c.Manager).Get("/notes/" + e.Note.String()); page.Status != http.StatusOK {
		t.Errorf("the manager gets %d, want 200: notes are closed to the other role", page.Status)
	}
}

// One single note that is closed is left out of whatever is made of notes.
func TestASingleClosedNoteIsLeftOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.Cedar
	e := c.Own.Enrolments[0]
	closed(t, c, directive.Directive{Participant: c.Own.ID, Kind: access.NotesKind, Item: e.Note, Staff: c.Worker.ID})
	v := &visit{world: w, t: t, name: "worker", staff: c.Worker, b: w.SignIn(t, c.Worker), refused: map[uuid.UUID]int{}}
	v.b.Open("/")
	v.wantNoneOfTheNote(e)
	if got := v.b.Get("/notes/" + e.Note.String()); got.Status != http.StatusNotFound {
		t.Errorf("the note answers %d, want 404", got.Status)
	}
	if page := v.b.Post("/participants/"+c.Own.ID.String()+"/notes/search", url.Values{"words": {e.Text}}); strings.Contains(page.Body, e.Note.String()) {
		t.Errorf("a search in notes finds the closed one")
	}
	if got := v.b.Get("/participants/" + c.Own.ID.String() + "/notes/new"); got.Status != http.StatusOK {
		t.Errorf("the form of a note answers %d, want 200: others may be written", got.Status)
	}
}

// wantNoneOfTheNote asks every page that may be read for the words of a note.
func (v *visit) wantNoneOfTheNote(e *apptest.Enrolment) {
	v.t.Helper()
	for _, route := range slices.Sorted(maps.Keys(v.table)) {
		method, _, _ := strings.Cut(route, " ")
		for _, subject := range []string{"own", "-"} {
			if _, there := v.table[route][subject]; !there || method != http.MethodGet || notOfHer(route) {
				continue
			}
			path, _, _ := v.path(route, subject)
			page := v.ask(method, path)
			for _, word := range []string{e.Text, e.Takeaway, e.Said, e.Added} {
				if strings.Contains(page.Body, word) {
					v.t.Errorf("%s has words of a note that is closed", route)
				}
			}
		}
	}
}

// Whatever somebody works in now, a directive goes by all roles that she holds.
func TestWorkingElsewhereEvadesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.Cedar
	closed(t, c, directive.Directive{Participant: c.Twin.ID, Kind: access.WholeFile, Program: c.Housing})
	b := w.SignIn(t, c.Both) // front desk in Housing, direct service in Youth
	b.Open("/")
	for _, in := range []string{"", c.Youth.String(), c.Housing.String()} {
		b.Post("/working-in", url.Values{"program": {in}})
		if got := b.Get("/participants/" + c.Twin.ID.String()); got.Status != http.StatusNotFound {
			t.Errorf("working in %q: got %d, want 404", in, got.Status)
		}
	}
}

// D3: what finds somebody names no program that the reader may not know of.
func TestASearchNamesNoConfidentialProgram(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.Cedar
	b := w.SignIn(t, c.Worker)
	b.Open("/")
	page := b.Find(c.Shared.LastName) // in Housing, and in the confidential Shelter
	if !strings.Contains(page.Body, c.Shared.ID.String()) || page.Has("Shelter") {
		t.Errorf("the hit is missing, or names the confidential program: %s", page.Text())
	}
}
