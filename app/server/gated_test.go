package server_test

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/apptest"
	"konote/app/civil"
	"konote/app/grant"
	"konote/app/i18n"
	"konote/app/note"
	"konote/app/settings"
	"konote/tenancy"
)

// guardedRoutes are what tier 3 keeps from a manager who has not said why she reads, written
// by hand from docs/permissions.md: notes, plans and what is made of them. To her every other
// route answers as it does at tier 1, and to everybody else every route does, but for those of
// expectationsAtTier3.
var guardedRoutes = []string{
	"GET /notes/:note", "GET /notes/:note/in-error", "POST /notes/:note/in-error", "POST /notes/:note/addenda",
	"GET /participants/:participant/timeline", "GET /participants/:participant/words",
	"GET /participants/:participant/notes/search", "POST /participants/:participant/notes/search",
	"GET /programs/:program/notes/search", "POST /programs/:program/notes/search",
	"GET /participants/:participant/plan", "GET /participants/:participant/plan/progress", "GET /participants/:participant/plan/print",
	"GET /targets/:target", "GET /targets/:target/history",
}

// expectationsAtTier3 are those that differ from tier 1 because the route is of use here:
// access that is asked for, an emergency about what is guarded, and safe whereabouts.
const expectationsAtTier3 = `
                                     front worker manager exec mixed advocate both admin nobody
GET /participants/:participant/access
  own former                          403   403    200    403   404    404    403   403   403
  other                               403   404    404    403   403    404    403   403   403
  hidden                              403   404    404    403   404    403    404   403   403
  shared                              403   403    200    403   404    403    403   403   403
  twin                                403   403    200    403   403    404    403   403   403
  gone foreign missing broken         403   404    404    403   404    404    404   403   403
POST /participants/:participant/access
  own former                          403   403    422    403   404    404    403   403   403
  other                               403   404    404    403   403    404    403   403   403
  hidden                              403   404    404    403   404    403    404   403   403
  shared                              403   403    422    403   404    403    403   403   403
  twin                                403   403    422    403   403    404    403   403   403
  gone foreign missing broken         403   404    404    403   404    404    404   403   403
GET /participants/:participant/emergency
  own former                          403   403    200    403   404    404    403   403   403
  shared                              403   403    200    403   404    403    403   403   403
  twin                                403   403    200    403   403    404    403   403   403
POST /participants/:participant/emergency
  own former                          403   403    422    403   404    404    403   403   403
  shared                              403   403    422    403   404    403    403   403   403
  twin                                403   403    422    403   403    404    403   403   403
GET /participants/:participant/guard
  own former                          403   200    200    403   404    404    403   403   403
  other                               403   404    404    403   200    404    200   403   403
  hidden                              403   404    404    403   404    200    404   403   403
  shared                              403   200    200    403   404    200    403   403   403
  twin                                403   200    200    403   200    404    200   403   403
POST /participants/:participant/guard
  own former                          403   303    303    403   404    404    403   403   403
  other                               403   404    404    403   303    404    303   403   403
  hidden                              403   404    404    403   404    303    404   403   403
  shared                              403   303    303    403   404    303    403   403   403
  twin                                403   303    303    403   303    404    303   403   403
POST /participants/:participant/guard/removal · POST /participants/:participant/guard/decision
  own former                          403   422    422    403   404    404    403   403   403
  other                               403   404    404    403   422    404    422   403   403
  hidden                              403   404    404    403   404    422    404   403   403
  shared                              403   422    422    403   404    422    403   403   403
  twin                                403   422    422    403   422    404    422   403   403
`

// clinicalWords are those of an enrolment that tier 3 guards: of its note and its goal.
func clinicalWords(e *apptest.Enrolment) []string {
	return []string{e.Text, e.Takeaway, e.Said, e.Added, e.Aim}
}

// atTier3 has the agency guard its records, and the table say so.
func (w *world) atTier3(t *testing.T) {
	t.Helper()
	w.guarded = true
	if err := w.Cedar.Update(t.Context(), func(tx *tenancy.Tx) error {
		return settings.Set(t.Context(), tx, operatorBy, settings.AccessTier, int(access.Safeguarded)+1)
	}); err != nil {
		t.Fatal(err)
	}
	differs, _ := readTable(t, expectationsAtTier3)
	for route, subjects := range differs {
		for subject, statuses := range subjects {
			if w.table[route][subject] == nil {
				t.Fatalf("%s, %s: there is nothing to differ from", route, subject)
			}
			w.table[route][subject] = statuses
		}
	}
	for _, route := range guardedRoutes {
		for subject, statuses := range w.table[route] {
			if answers(statuses["manager"]) {
				statuses = maps.Clone(statuses)
				statuses["manager"] = http.StatusForbidden
				w.table[route][subject] = statuses
			}
		}
	}
}

// answers says that a status is no refusal.
func answers(status int) bool {
	return status != 0 && status != http.StatusForbidden && status != http.StatusNotFound
}

// Where records are guarded everybody gets what she gets elsewhere, but for managers and what
// is guarded.
func TestEveryRouteAnswersEverybodyAsPromisedAtTier3(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.atTier3(t)
	w.walk(t)
}

// gatedWalk is a manager's way through all routes about Own, and through all lists.
type gatedWalk struct {
	*visit
	before  expected            // the table of tier 1
	secrets map[string][]string // what is guarded, in every shape, by what it is
	open    map[string][]string // what each page told at tier 1
}

// tells are the secrets that an answer has, but for those that it was asked with.
func (g *gatedWalk) tells(page *apptest.Page, asked string) []string {
	found := []string{}
	body := strings.NewReplacer("\u00a0", " ", "&nbsp;", " ", "&#160;", " ").Replace(page.Body)
	for name, shapes := range g.secrets {
		if slices.ContainsFunc(shapes, func(shape string) bool { return strings.Contains(body, shape) && !strings.Contains(asked, shape) }) {
			found = append(found, name)
		}
	}
	slices.Sort(found)
	return found
}

// writes are forms about her that would do something: what is guarded is neither told by the
// answer nor written.
func (g *gatedWalk) writes(early note.Note) map[string]url.Values {
	word, _, _ := strings.Cut(early.Text, " ")
	return map[string]url.Values{
		"POST /participants/:participant/notes/same-day": {"happened_on": {early.HappenedOn.String()}},
		"POST /participants/:participant/notes/search":   {"words": {word}},
		"POST /programs/:program/notes/search":           {"words": {word}, "id": {tenancy.NewID().String()}},
		"POST /notes/:note/addenda":                      {"text": {"Forged."}, "id": {tenancy.NewID().String()}},
		"POST /notes/:note/in-error":                     {"reason": {"Forged, in many words."}},
	}
}

// Whoever manages a program reads nothing that is guarded, by whatever route and in whatever
// shape, until she has said why; then all of it that she read before, about that participant
// alone; and from the request after it was ended, nothing again. An access that is over, ended
// early, about somebody else, for another program or somebody else's opens nothing.
func TestNothingGuardedIsToldWithoutAGrant(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.Cedar
	e := c.Own.In(c.Housing)
	early := note.Note{ID: tenancy.NewID(), Participant: c.Own.ID, Program: c.Housing, Author: c.Manager.ID, AuthorRole: access.ProgramManager,
		Interaction: note.Session, Text: "Pangolin and heron."}
	if err := c.Update(t.Context(), func(tx *tenancy.Tx) error {
		early.CreatedAt = tx.Now().AddDate(0, 0, -17).Truncate(24 * time.Hour).Add(17 * time.Hour)
		early.HappenedOn = civil.Of(early.CreatedAt.In(i18n.Toronto()))
		early.FollowUpOn = civil.Of(tx.Now()).AddDays(2)
		return note.Bulk(t.Context(), tx, []note.Note{early})
	}); err != nil {
		t.Fatal(err)
	}
	g := &gatedWalk{visit: &visit{world: w, t: t, name: "manager", staff: c.Manager, b: w.SignIn(t, c.Manager), refused: map[uuid.UUID]int{}},
		before: readAll(t), open: map[string][]string{}}
	g.secrets = map[string][]string{"text": {e.Text, "Pangolin"}, "takeaway": {e.Takeaway}, "said": {e.Said}, "added": {e.Added}, "aim": {e.Aim},
		"note":   {e.Note.String()}, // the early one is followed up by her, with or without a grant
		"target": {e.Target.String()}, "section": {e.Section.String()},
		"day": {early.HappenedOn.String(), "17 days"}}
	for _, language := range []string{"en", "fr"} {
		day := i18n.NewPrinter(language, i18n.DefaultTerms, i18n.Toronto()).Day(early.CreatedAt)
		g.secrets["day"] = append(g.secrets["day"], strings.ReplaceAll(day, "\u00a0", " "))
	}
	g.b.Open("/")
	g.each(func(route, subject, path string, want int) {
		if strings.HasPrefix(route, "GET ") {
			g.open[route+" "+subject] = g.tells(g.ask("GET", path), path)
		}
	})
	for name := range g.secrets {
		if !slices.ContainsFunc(slices.Collect(maps.Values(g.open)), func(told []string) bool { return slices.Contains(told, name) }) {
			t.Errorf("at tier 1 no page tells %s: the walk cannot find it", name)
		}
	}

	w.atTier3(t)
	g.closed("without a grant", early)
	for what, of := range map[string]grant.Grant{
		"one that is over":        {Participant: c.Own.ID, CreatedAt: g.ago(9), ExpiresAt: g.ago(2)},
		"one that was ended":      {Participant: c.Own.ID, CreatedAt: g.ago(2), ExpiresAt: g.ago(-5), RevokedAt: g.ago(1), RevokedBy: c.Admin.ID},
		"one about another":       {Participant: c.Twin.ID, CreatedAt: g.ago(2), ExpiresAt: g.ago(-5)},
		"one for another program": {Program: c.Youth, CreatedAt: g.ago(2), ExpiresAt: g.ago(-5)},
		"somebody else's":         {Staff: c.Worker.ID, Participant: c.Own.ID, CreatedAt: g.ago(2), ExpiresAt: g.ago(-5)},
	} {
		g.take(of)
		g.closed(what, early)
	}
	for what, of := range map[string]grant.Grant{
		"about her":       {Participant: c.Own.ID, CreatedAt: g.ago(2), ExpiresAt: g.ago(-5)},
		"for the program": {Program: c.Housing, CreatedAt: g.ago(2), ExpiresAt: g.ago(-5)},
		"in an emergency": {Participant: c.Own.ID, CreatedAt: g.ago(0), ExpiresAt: g.ago(0).Add(3 * time.Hour), Emergency: true},
	} {
		id := g.take(of)
		g.opened(what, of)
		if err := c.Update(t.Context(), func(tx *tenancy.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE agency.access_grants SET revoked_at = $2, revoked_by = $3 WHERE id = $1`, id, tx.Now(), c.Admin.ID)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		g.closed("after it was ended: "+what, early)
	}
}

// ago is a moment some days ago.
func (g *gatedWalk) ago(days int) time.Time { return time.Now().AddDate(0, 0, -days) }

// take makes a grant, the walker's own where it names nobody.
func (g *gatedWalk) take(of grant.Grant) uuid.UUID {
	g.t.Helper()
	of.ID, of.Why, of.Through = tenancy.NewID(), "Because.", []uuid.UUID{g.Cedar.Housing}
	if of.Staff == uuid.Nil {
		of.Staff = g.staff.ID
	}
	if !of.Emergency {
		of.Reason = g.Cedar.GrantReason
	}
	if err := g.Cedar.Update(g.t.Context(), func(tx *tenancy.Tx) error { return grant.Bulk(g.t.Context(), tx, []grant.Grant{of}) }); err != nil {
		g.t.Fatal(err)
	}
	return of.ID
}

// closed walks as somebody to whom what is guarded is not open, and writes what she may not.
func (g *gatedWalk) closed(when string, early note.Note) {
	g.t.Helper()
	way := "/participants/" + g.Cedar.Own.ID.String() + "/access"
	writes := g.writes(early)
	g.each(func(route, subject, path string, _ int) {
		method, _, _ := strings.Cut(route, " ")
		var page *apptest.Page
		switch form := writes[route]; {
		case method == http.MethodPost && form == nil:
			return // the matrix sends it
		default:
			page = g.send(method, path, form)
		}
		if want := g.table[route][subject]["manager"]; page.Status != want {
			g.t.Errorf("%s: %s, %s: got %d, want %d", when, route, subject, page.Status, want)
		}
		if told := g.tells(page, path); len(told) > 0 {
			g.t.Errorf("%s: %s, %s tells %v", when, route, subject, told)
		}
		if !slices.Contains(guardedRoutes, route) {
			return
		}
		leads := way
		if ofProgram(route) {
			leads = "/participants"
		}
		if !strings.Contains(page.Body, `<a class="button button-primary" href="`+leads) {
			g.t.Errorf("%s: %s does not say where access is asked for: %s", when, route, page.Text())
		}
	})
	same := g.send("POST", "/participants/"+g.Cedar.Own.ID.String()+"/notes/same-day", url.Values{"happened_on": {early.HappenedOn.String()}})
	if none := g.send("POST", "/participants/"+g.Cedar.Own.ID.String()+"/notes/same-day", url.Values{"happened_on": {"2020-02-02"}}); same.Body != none.Body {
		g.t.Errorf("%s: the form of a note says that the day has one: %s", when, same.Text())
	}
}

// opened walks as somebody who has said why: she is told what she was told at tier 1.
func (g *gatedWalk) opened(what string, of grant.Grant) {
	g.t.Helper()
	g.each(func(route, subject, path string, want int) {
		switch {
		case !strings.HasPrefix(route, "GET "):
			return
		case ofProgram(route) && of.Program == uuid.Nil:
			want = http.StatusForbidden
		case !slices.Contains(guardedRoutes, route):
			want = g.table[route][subject]["manager"]
		}
		if strings.HasSuffix(route, "/emergency") && !of.Emergency { // nothing is left to open
			want = http.StatusForbidden
		}
		page := g.ask("GET", path)
		if page.Status != want {
			g.t.Errorf("%s: %s, %s: got %d, want %d", what, route, subject, page.Status, want)
		}
		told, before := g.tells(page, path), g.open[route+" "+subject]
		if ofProgram(route) && want == http.StatusForbidden {
			before = []string{}
		}
		if !slices.Equal(told, before) {
			g.t.Errorf("%s: %s, %s tells %v, and at tier 1 %v", what, route, subject, told, before)
		}
	})
}

// ofProgram says that only a grant for the whole program opens the route.
func ofProgram(route string) bool {
	return strings.HasSuffix(route, " /programs/:program/notes/search")
}

// readAll is the table of tier 1, which nothing changes.
func readAll(t *testing.T) expected {
	table, _ := readExpectations(t)
	return table
}

// each calls f with every route about Own, of Housing, and of a list.
func (g *gatedWalk) each(f func(route, subject, path string, want int)) {
	for _, route := range slices.Sorted(maps.Keys(g.before)) {
		for _, subject := range []string{"own", "-", "housing"} {
			if want := g.before[route][subject]["manager"]; answers(want) && !slices.Contains(ends, route) {
				path, _, _ := g.path(route, subject)
				f(route, subject, path, want)
			}
		}
	}
	g.ForgetLimits(g.t)
}
