package server_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"konote/tenancy"
)

// stillAnswered are the routes that answer an empty form about somebody who has withdrawn
// as they did before, and why.
var stillAnswered = map[string]string{
	"POST /participants/:participant/consent/:purpose":             "she may agree again",
	"POST /participants/:participant/consent/:purpose/withdraw":    "and withdraw something else",
	"POST /participants/:participant/directives":                   "she may close what is left of her record",
	"POST /participants/:participant/directives/:directive/lift":   "and open it",
	"POST /participants/:participant/enrolments/:enrolment":        "her enrolments are ended",
	"POST /participants/:participant/enrolments/:enrolment/worker": "somebody looks after that",
	"POST /participants/:participant/notes/search":                 "it reads",
	"POST /meetings/:meeting/status":                               "a meeting is called off",
	"POST /alerts/:alert/recommend":                                "a warning must not outlive its reason",
	"POST /alerts/:alert/review":                                   "the same",
	"POST /alerts/:alert/end":                                      "the same",
	"POST /messages/:message/read":                                 "it is about the reader",
	"POST /messages/:message/unread":                               "the same",
	"POST /messages/:message/archive":                              "the same",
	"POST /drafts/:form/:record":                                   "a form that stands open goes on saving what was typed; nobody can send it",
	"POST /drafts/:form/:record/discard":                           "her words go",
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
			page := v.ask(method, path)
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
