package watch_test

import (
	"context"
	"encoding/csv"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/app/apptest"
	"konote/tenancy"
	"konote/tenancy/tenancytest"
)

func TestEveryStatementIsAcceptedByPostgres(t *testing.T) {
	t.Parallel()
	tenancytest.PrepareAll(t, ".")
}

// A history is a platform where people have opened records and tried to.
type history struct {
	*apptest.Platform
	t *testing.T
}

func newHistory(t *testing.T) *history {
	t.Helper()
	h := &history{apptest.New(t), t}
	c := h.Cedar
	person := func(p *apptest.Participant) string { return "/participants/" + p.ID.String() }
	for staff, paths := range map[*apptest.Staff][]string{
		c.Worker:       {person(c.Own), "/notes/" + c.Own.In(c.Housing).Note.String(), person(c.Shared), person(c.Own) + "/plan", "/participants"},
		c.FrontDesk:    {person(c.Own), person(c.Own) + "/timeline"}, // the second is refused
		c.Mixed:        {person(c.Other), person(c.Twin), person(c.Own), person(c.Hidden), "/notes/" + c.Twin.In(c.Housing).Note.String()},
		c.Advocate:     {person(c.Hidden), person(c.Shared), "/participants", "/notes/" + c.Shared.In(c.Shelter).Note.String()},
		h.Birch.Worker: {person(h.Birch.Own), person(c.Own)},
	} {
		b := h.SignIn(t, staff)
		for _, path := range paths {
			b.Get(path)
		}
	}
	h.Drain(t)
	return h
}

// events are the ids of entries by an account in a program (uuid.Nil: none).
func (h *history) events(staff *apptest.Staff, program uuid.UUID) []string {
	h.t.Helper()
	conn, err := pgx.Connect(h.t.Context(), h.World.AuditSuperuserURL())
	if err != nil {
		h.t.Fatal(err)
	}
	defer conn.Close(context.Background())
	rows, err := conn.Query(h.t.Context(), `SELECT event_id::text FROM audit.entries
		WHERE actor_id = $1 AND coalesce(program_id, '00000000-0000-0000-0000-000000000000') = $2 ORDER BY seq`, staff.ID, program)
	if err != nil {
		h.t.Fatal(err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		h.t.Fatal(err)
	}
	return ids
}

// secrets are what the manager of Housing may not learn from any page.
func (h *history) secrets() []string {
	c := h.Cedar
	words := []string{c.Advocate.Name, c.Other.LastName, c.Hidden.LastName, c.Youth.String(), c.Shelter.String(), "Shelter", "Confidential",
		c.Hidden.ID.String(), c.Other.ID.String(), c.Hidden.ID.String()[24:], c.Other.ID.String()[24:]}
	return append(words, h.Birch.Words()...)
}

func (h *history) tellsNothing(what string, page *apptest.Page) {
	h.t.Helper()
	for _, word := range h.secrets() {
		if page.Has(word) && !(word == "Confidential" && len(page.Texts(".print-header")) > 0) { // every paper is
			h.t.Errorf("%s: tells %q:\n%s", what, word, page.Text())
		}
	}
}

// D17: the viewer is scoped to the agency and to programs.
func TestAManagerReadsWhatWasDoneInHerProgramsAlone(t *testing.T) {
	t.Parallel()
	h := newHistory(t)
	c := h.Cedar
	b := h.SignIn(t, c.Manager)
	page := b.Open("/audit")
	for _, want := range []string{c.Worker.Name, c.FrontDesk.Name, c.Own.FullName(), c.Shared.FullName(), "Record of a participant opened", "Note read",
		c.Mixed.Name, // who tried to open Own and was refused
		"Refused", "List of participants shown"} {
		if !page.Has(want) {
			t.Errorf("the log lacks %q:\n%s", want, page.Text())
		}
	}
	h.tellsNothing("the log", page)

	for what, path := range map[string]string{
		"another program":      "/audit?program=" + c.Youth.String(),
		"a hidden program":     "/audit?program=" + c.Shelter.String(),
		"somebody elsewhere":   "/audit?staff=" + c.Advocate.ID.String(),
		"another's record":     "/audit?participant=" + c.Other.ID.String(),
		"a hidden record":      "/audit?participant=" + c.Hidden.ID.String(),
		"a foreign record":     "/audit?participant=" + h.Birch.Own.ID.String(),
		"nobody's record":      "/audit?participant=" + tenancy.NewID().String(),
		"a foreign person":     "/audit?staff=" + h.Birch.Worker.ID.String(),
		"a program not theirs": "/audit?program=" + h.Birch.Housing.String(),
	} {
		page := b.Open(path)
		if !page.Has("No entries") {
			t.Errorf("%s: got entries:\n%s", what, page.Text())
		}
		if strings.Contains(page.Text(), "Only entries about") {
			t.Errorf("%s: says about whom", what)
		}
	}

	shared := b.Open("/audit?participant=" + c.Shared.ID.String())
	if !shared.Has(c.Worker.Name) {
		t.Error("what was done in Housing about somebody shared is not shown")
	}
	h.tellsNothing("the log of somebody shared", shared)
	for _, row := range b.Open("/audit?participant=" + c.Twin.ID.String()).Texts("tbody tr") {
		if strings.Contains(row, c.Mixed.Name) && !strings.Contains(row, "Refused") {
			t.Errorf("tells what was done in another program: %s", row)
		}
	}
}

func TestAForgedPlaceInTheLogIsTheBeginning(t *testing.T) {
	t.Parallel()
	h := newHistory(t)
	c := h.Cedar
	b := h.SignIn(t, c.Manager)
	first := b.Open("/audit").Texts("tbody tr")
	h.Drain(t)
	for what, place := range map[string]string{
		"of a hidden program": h.events(c.Advocate, c.Shelter)[0],
		"of another program":  h.events(c.Mixed, c.Youth)[0],
		"of another agency":   h.events(h.Birch.Worker, h.Birch.Housing)[0],
		"an administrator's":  "1770732300007-42",
		"of nobody":           tenancy.NewID().String(),
		"nonsense":            "%27",
	} {
		got := b.Open("/audit?before=" + place)
		rows := got.Texts("tbody tr")
		if len(rows) < len(first) || rows[len(rows)-1] != first[len(first)-1] {
			t.Errorf("%s: the page does not begin at the beginning: %d rows, want %d", what, len(rows), len(first))
		}
		h.tellsNothing(what, got)
	}
	own := h.events(c.Worker, c.Housing)
	if got := b.Open("/audit?before=" + own[len(own)-1]).Texts("tbody tr"); len(got) >= len(first) {
		t.Errorf("a place of hers leads nowhere: %d rows, want fewer than %d", len(got), len(first))
	}
}

func TestAManagerOpensNoEntryThatIsNotHers(t *testing.T) {
	t.Parallel()
	h := newHistory(t)
	c := h.Cedar
	b := h.SignIn(t, c.Manager)
	refusals := h.events(c.Mixed, uuid.Nil) // sign-in, a refusal about Own, one about Hidden
	for what, id := range map[string]string{
		"a hidden program's": h.events(c.Advocate, c.Shelter)[0],
		"another program's":  h.events(c.Mixed, c.Youth)[0],
		"another agency's":   h.events(h.Birch.Worker, h.Birch.Housing)[0],
		"a sign-in":          refusals[0],
		"about a hidden one": refusals[len(refusals)-1],
		"by its number":      "1",
		"nobody's":           tenancy.NewID().String(),
		"nonsense":           "x",
	} {
		if page := b.Get("/audit/" + id); page.Status != http.StatusNotFound {
			t.Errorf("%s: got %d, want not found: %s", what, page.Status, page.Text())
		}
	}
	own := b.Open("/audit/" + h.events(c.Worker, c.Housing)[0])
	if !own.Has(c.Worker.Name) || own.Has("Network address") || own.Has("Entry number") {
		t.Errorf("an entry of hers says too little or too much:\n%s", own.Text())
	}
	h.tellsNothing("an entry", own)
}

func TestAManagersTableHoldsHerProgramsAlone(t *testing.T) {
	t.Parallel()
	h := newHistory(t)
	c := h.Cedar
	b := h.SignIn(t, c.Manager)
	page := b.Get("/audit/export.csv")
	page.WantStatus(http.StatusOK)
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(page.Body, "\ufeff"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) < 5 || rows[0][0] != "When" {
		t.Fatalf("got %d rows, the heading %q: want several, without numbers of entries", len(rows), rows[0])
	}
	for _, word := range h.secrets() {
		if word != "Confidential" && strings.Contains(page.Body, word) { // that is a heading
			t.Errorf("the table tells %q", word)
		}
	}
	for _, row := range rows[1:] {
		if row[7] != "No" {
			t.Errorf("a row is marked confidential: %q", row)
		}
	}
	if page := b.Get("/audit/export.csv?program=" + c.Shelter.String()); strings.Count(page.Body, "\n") != 1 {
		t.Errorf("a hidden program's table has rows:\n%s", page.Body)
	}
	for _, nobody := range []*apptest.Staff{c.FrontDesk, c.Executive, c.Worker, c.Mixed, c.Nobody} {
		v := h.SignIn(t, nobody)
		for _, path := range []string{"/audit", "/audit/export.csv", "/audit/" + h.events(c.Worker, c.Housing)[0], "/settings/watch",
			"/participants/" + c.Own.ID.String() + "/access-log"} {
			if got := v.Get(path); got.Status != http.StatusForbidden {
				t.Errorf("%s of %s: got %d, want 403", path, nobody.Login, got.Status)
			}
		}
	}
}

func TestWhomAManagerSeeksStandsInNoAddress(t *testing.T) {
	t.Parallel()
	h := newHistory(t)
	b := h.SignIn(t, h.Cedar.Manager)
	b.Open("/audit")
	found := b.Post("/audit/find", url.Values{"q": {h.Cedar.Own.LastName}})
	if link := found.Link(h.Cedar.Own.FullName()); link != "/audit?participant="+h.Cedar.Own.ID.String() {
		t.Errorf("she is found at %q", link)
	}
	for _, hidden := range []*apptest.Participant{h.Cedar.Hidden, h.Cedar.Other, h.Birch.Own} {
		if page := b.Post("/audit/find", url.Values{"q": {hidden.LastName}}); len(page.Texts("ul.list li")) != 0 {
			t.Errorf("somebody whom she does not reach is found:\n%s", page.Text())
		}
	}
}

func TestWhoOpenedAFileIsToldInVisits(t *testing.T) {
	t.Parallel()
	h := newHistory(t)
	c := h.Cedar
	b := h.SignIn(t, c.Manager)
	page := b.Open("/participants/" + c.Own.ID.String() + "/access-log")
	for _, want := range []string{c.Own.FullName(), c.Worker.Name, c.FrontDesk.Name, c.Mixed.Name, "attempt refused", "Note read", "Complete up to", "Housing"} {
		if !page.Has(want) {
			t.Errorf("the page lacks %q:\n%s", want, page.Text())
		}
	}
	if got := len(page.Texts("li.visit")); got != 3 {
		t.Errorf("got %d visits, want one of each of three people", got)
	}
	h.tellsNothing("the file of her own", page)
	shared := b.Open("/participants/" + c.Shared.ID.String() + "/access-log")
	if len(shared.Texts("li.visit")) != 1 {
		t.Errorf("somebody shared: got %q, want the worker's visit", shared.Texts("li.visit"))
	}
	h.tellsNothing("the file of somebody shared", shared)
	for what, id := range map[string]uuid.UUID{"another's": c.Other.ID, "hidden": c.Hidden.ID, "foreign": h.Birch.Own.ID, "nobody's": tenancy.NewID()} {
		if got := b.Get("/participants/" + id.String() + "/access-log"); got.Status != http.StatusNotFound {
			t.Errorf("%s: got %d, want not found", what, got.Status)
		}
	}
	if got := h.SignIn(t, c.Admin).Get("/participants/" + c.Own.ID.String() + "/access-log"); got.Status != http.StatusForbidden {
		t.Errorf("an administrator: got %d, want 403", got.Status)
	}
	h.Drain(t)
	if page := b.Open("/participants/" + c.Own.ID.String() + "/access-log"); !page.Has(c.Manager.Name) {
		t.Error("the manager's own look is not in it")
	}
}

func TestAnAdministratorReadsEverythingAndNoName(t *testing.T) {
	t.Parallel()
	h := newHistory(t)
	c := h.Cedar
	page := h.SignIn(t, c.Admin).Open("/audit")
	for _, want := range []string{c.Advocate.Name, c.Worker.Name, c.Mixed.Name, "Shelter", "Youth", "Record " + c.Hidden.ID.String()[24:]} {
		if !page.Has(want) {
			t.Errorf("the log lacks %q", want)
		}
	}
	for _, p := range c.Participants() {
		for _, word := range p.Words() {
			if page.Has(word) {
				t.Errorf("the log tells %q of a participant", word)
			}
		}
	}
	if page.Has(h.Birch.Worker.Name) {
		t.Error("the log tells of another agency")
	}
	record := h.SignIn(t, c.Admin).Open("/audit?participant=" + c.Hidden.ID.String())
	rows := strings.Join(record.Texts("tbody tr"), "\n")
	if !strings.Contains(rows, c.Advocate.Name) || strings.Contains(rows, c.Worker.Name) {
		t.Errorf("the entries about one record are not those:\n%s", rows)
	}
}
