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

// stillAnswered are the routes that answer an empty form about somebody who has withdrawn
// as they did before, and why.
var stillAnswered = map[string]string{
	"POST /participants/:participant/consent/:purpose":           "she may agree again",
	"POST /participants/:participant/consent/:purpose/withdraw":  "and withdraw something else",
	"POST /participants/:participant/directives":                 "she may close what is left of her record",
	"POST /participants/:participant/directives/:directive/lift": "and open it",
	"POST /participants/:participant/notes/search":               "it reads",
	"POST /meetings/:meeting/status":                             "a meeting is called off",
	"POST /alerts/:alert/recommend":                              "a warning must not outlive its reason",
	"POST /alerts/:alert/review":                                 "the same",
	"POST /alerts/:alert/end":                                    "the same",
	"POST /messages/:message/read":                               "it is about the reader",
	"POST /messages/:message/unread":                             "the same",
	"POST /messages/:message/archive":                            "the same",
	"POST /drafts/:form/:record":                                 "a form that stands open goes on saving what was typed; nobody can send it",
	"POST /drafts/:form/:record/keep":                            "the same",
	"POST /drafts/:form/:record/discard":                         "her words go",
}

// entered is what a form sends that is refused for another reason when it is empty.
var entered = map[string]url.Values{
	"POST /participants/:participant/enrolments/:enrolment":        {"version": {"1"}, "to": {"on_hold"}, "on": {"2026-02-01"}, "reason": {"She is away."}},
	"POST /participants/:participant/enrolments/:enrolment/worker": {"version": {"1"}, "worker": {""}},
}

// D21: after a withdrawal the record is read-only in every module. Every route of the
// matrix about her is walked by those whom it answered before: what writes refuses, what
// shows shows on.
func TestAWithdrawnRecordIsReadOnlyOnEveryRoute(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	err := w.Cedar.Update(t.Context(), func(tx *tenancy.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE agency.participants SET consent = 'withdrawn' WHERE id = $1`, w.Cedar.Own.ID)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	met := map[string]bool{}
	for name, least := range map[string]int{"worker": 60, "manager": 45, "front": 8} {
		v := &visit{world: w, t: t, name: name, staff: w.accounts[name], b: w.SignIn(t, w.accounts[name]), refused: map[uuid.UUID]int{}}
		v.b.Open("/")
		walked := 0
		for _, route := range slices.Sorted(maps.Keys(w.table)) {
			before := w.table[route]["own"][name]
			if before == 0 || before == http.StatusForbidden || before == http.StatusNotFound || notOfHer(route) {
				continue
			}
			walked++
			path, _, _ := w.path(route, "own")
			method, _, _ := strings.Cut(route, " ")
			page := v.send(method, path, entered[route])
			switch why, still := stillAnswered[route]; {
			case method == http.MethodGet:
				if page.Status != before && page.Status != http.StatusForbidden {
					t.Errorf("%s, %s: got %d, want %d or a refusal", name, route, page.Status, before)
				}
				continue
			case still:
				if page.Status != before {
					t.Errorf("%s, %s: got %d, want %d (%s)", name, route, page.Status, before, why)
				}
				met[route] = true
				continue
			case page.Status != http.StatusForbidden:
				t.Errorf("%s, %s: got %d, want a refusal: she has withdrawn", name, route, page.Status)
				continue
			}
			if !page.Has("withdr") {
				t.Errorf("%s, %s: does not say that she has withdrawn: %s", name, route, page.Text())
			}
		}
		if walked < least {
			t.Errorf("%s walked %d routes, want %d", name, walked, least)
		}
	}
	for route := range stillAnswered {
		if !met[route] {
			t.Errorf("%s: nobody was answered, so it need not be excepted", route)
		}
	}
}

// An enrolment is neither changed nor given to somebody else after a withdrawal, and the form
// is not shown; once she agrees again, what was refused is done.
func TestEnrolmentsStandAsTheyWereWhenSheWithdrew(t *testing.T) {
	t.Parallel()
	p := apptest.New(t)
	c := p.Cedar
	consent := func(state string) {
		t.Helper()
		err := c.Update(t.Context(), func(tx *tenancy.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE agency.participants SET consent = $2 WHERE id = $1`, c.Own.ID, state)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	path := "/participants/" + c.Own.ID.String() + "/enrolments/" + c.Own.In(c.Housing).ID.String()
	worker := url.Values{"version": {"1"}, "worker": {c.Worker.ID.String()}}
	change := url.Values{"version": {"2"}, "to": {"on_hold"}, "on": {"2026-02-01"}, "reason": {"She is away."}}
	for _, staff := range []*apptest.Staff{c.Worker, c.Manager} {
		b := p.SignIn(t, staff)
		b.Open("/")
		consent("withdrawn")
		for what, page := range map[string]*apptest.Page{"the form": b.Get(path), "a worker": b.Post(path+"/worker", worker),
			"a change": b.Post(path, url.Values{"version": {"1"}, "to": {"on_hold"}, "on": {"2026-02-01"}, "reason": {"She is away."}})} {
			if page.Status != http.StatusForbidden || !page.Has("Consent was withdrawn") {
				t.Errorf("%s, %s: %d %s", staff.Name, what, page.Status, page.Text())
			}
		}
		consent("given")
	}
	b := p.SignIn(t, c.Manager)
	b.Open("/")
	for _, page := range []*apptest.Page{b.Get(path), b.Post(path+"/worker", worker), b.Post(path, change)} {
		if page.Status != http.StatusOK && page.Status != http.StatusSeeOther {
			t.Errorf("after she agreed again: %d %s", page.Status, page.Text())
		}
	}
}

// Whoever was writing when a record became read-only keeps her words: the refusal says so,
// her home page says so, and both lead to where she reads them, or takes them away. Nobody
// else does, and she herself not once the record is closed to her.
func TestWordsOutliveTheRecordThatTheyWereMeantFor(t *testing.T) {
	t.Parallel()
	p := apptest.New(t)
	c := p.Cedar
	own := "/participants/" + c.Own.ID.String()
	withdrawn := func(status string) {
		t.Helper()
		err := c.Update(t.Context(), func(tx *tenancy.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE agency.participants SET consent = $2 WHERE id = $1`, c.Own.ID, status)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	b := p.SignIn(t, c.Worker)
	form := b.Open(own + "/notes/new").Form("form.form").Values
	form.Set("text", "She laughed about the heron again.")
	form.Set("takeaway", "Bring the photographs.")
	withdrawn("withdrawn")

	refused := b.Post(own+"/notes", form)
	kept := "/drafts/note.new/" + c.Own.ID.String()
	if refused.Status != http.StatusForbidden || !refused.Has("What you wrote is kept") || !strings.Contains(refused.Body, kept) {
		t.Fatalf("sent after she withdrew: %d %s", refused.Status, refused.Text())
	}
	if page := b.Get(own + "/notes/new"); page.Status != http.StatusForbidden || !page.Has("What you wrote is kept") || !strings.Contains(page.Body, kept) {
		t.Errorf("opened again: %d %s", page.Status, page.Text())
	}
	if page := b.Get("/"); !page.Has("Your words are kept") || !strings.Contains(page.Body, kept) {
		t.Errorf("home: %s", page.Text())
	}
	page := b.Get(kept)
	for _, words := range []string{"She laughed about the heron again.", "Bring the photographs.", "What happened", "Your words are kept"} {
		if !page.Has(words) {
			t.Errorf("reading: %d lacks %q: %s", page.Status, words, page.Text())
		}
	}
	if page.Has("Continue") {
		t.Errorf("a form that is closed can be gone on with: %s", page.Text())
	}
	if page := p.SignIn(t, c.Manager).Get(kept); page.Status != http.StatusNotFound {
		t.Errorf("her manager reads it: %d %s", page.Status, page.Text())
	}

	withdrawn("given")
	if page := b.Get(kept); !page.Has("Continue") || page.Has("Your words are kept") {
		t.Errorf("once it is open again: %s", page.Text())
	}
	if page := b.Open(own + "/notes/new"); page.Form("form.form").Values.Get("text") != "She laughed about the heron again." {
		t.Errorf("the form opens without them: %s", page.Text())
	}
	err := c.Update(t.Context(), func(tx *tenancy.Tx) error {
		_, err := directive.Insert(t.Context(), tx, directive.Directive{ID: tenancy.NewID(), Participant: c.Own.ID, Kind: access.WholeFile, Staff: c.Worker.ID,
			FromOn: civil.Of(tx.Now()), By: directive.Participant, RecordedAt: tx.Now(), RecordedBy: c.Admin.ID})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if page := b.Get(kept); page.Status == http.StatusOK || page.Has("heron") {
		t.Errorf("after she closed her file: %d %s", page.Status, page.Text())
	}
	b.Post(kept+"/discard", nil)
	if page := b.Get(kept); page.Status != http.StatusNotFound {
		t.Errorf("after it was discarded: %d %s", page.Status, page.Text())
	}
}
