package server_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/apptest"
	"konote/app/directive"
	"konote/app/i18n"
	"konote/app/participant"
	"konote/app/settings"
	"konote/tenancy"
)

// A condition is something about Own that takes from an account what it had: written by hand
// from docs/permissions.md.
type condition struct {
	name, account string
	make          func(*testing.T, *world)
	secrets       func(*apptest.Participant, *apptest.Enrolment) []string
	absent        []string // parts of routes to a record of that kind: it is not there
	refused       []string // routes about the kind itself: refused, and the record is there
}

// closedKind is a condition: she has closed a kind of record to the workers.
func closedKind(kind access.Kind) func(*testing.T, *world) {
	return func(t *testing.T, w *world) {
		closed(t, w.Cedar, directive.Directive{Participant: w.Cedar.Own.ID, Kind: kind, Role: access.DirectService})
	}
}

// safe is a condition: her whereabouts are kept safe.
func safe(t *testing.T, w *world) {
	w.atTier3(t)
	if err := w.Cedar.Update(t.Context(), func(tx *tenancy.Tx) error { return participant.SetGuarded(t.Context(), tx, w.Cedar.Own.ID, true) }); err != nil {
		t.Fatal(err)
	}
}

func whereabouts(p *apptest.Participant, _ *apptest.Enrolment) []string {
	born := i18n.NewPrinter("en", i18n.DefaultTerms, i18n.Toronto()).LongDate(1980, time.March, 3)
	return []string{born, p.Phone[3:6] + "-" + p.Phone[6:], p.Email, p.Address, p.MiddleName}
}

var conditions = []condition{
	{"the plan is closed", "worker", closedKind(access.PlanKind),
		func(_ *apptest.Participant, e *apptest.Enrolment) []string {
			return []string{e.Aim, e.Target.String(), e.Section.String()}
		},
		[]string{"/targets/", "/plan-sections/"}, []string{"/participants/:participant/plan", "/participants/:participant/goals", "/participants/:participant/assessments"}},
	{"events are closed", "worker", closedKind(access.EventsKind),
		func(_ *apptest.Participant, e *apptest.Enrolment) []string {
			return []string{e.Happening, e.Place, e.Event.String(), e.Meeting.String()}
		},
		[]string{" /events/", " /meetings/"}, []string{"/participants/:participant/events", "/participants/:participant/meetings"}},
	{"contacts are closed", "worker", closedKind(access.ContactKind),
		func(_ *apptest.Participant, e *apptest.Enrolment) []string {
			return []string{e.Call, e.Contact.String()}
		},
		[]string{" /contacts/"}, []string{"/participants/:participant/contacts"}},
	{"groups are closed", "worker", closedKind(access.GroupsKind),
		func(_ *apptest.Participant, e *apptest.Enrolment) []string { return []string{e.Highlight, e.Kin} }, nil, nil},
	{"whereabouts are kept safe", "front", safe, whereabouts, nil, nil},
	{"whereabouts are kept safe", "both", safe, whereabouts, nil, nil},
}

// Whatever is taken from an account is in no answer of any route, in lists no more than on her
// pages, whoever asks with a form or without; all else stays as it was.
func TestWhatIsTakenAwayIsInNoAnswer(t *testing.T) {
	t.Parallel()
	for _, c := range conditions {
		t.Run(c.name+", "+c.account, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.deskSeesAll(t)
			v := &visit{world: w, t: t, name: c.account, staff: w.accounts[c.account], b: w.SignIn(t, w.accounts[c.account]), refused: map[uuid.UUID]int{}}
			v.b.Open("/")
			own := w.Cedar.Own
			secrets := c.secrets(own, own.In(w.Cedar.Housing))
			told := map[string]bool{}
			v.lists(func(route, _, path string) {
				for _, secret := range secrets {
					told[secret] = told[secret] || strings.HasPrefix(route, "GET ") && strings.Contains(v.ask("GET", path).Body, secret)
				}
			})
			for _, secret := range secrets {
				if !told[secret] {
					t.Errorf("no page told %q before, so that its absence says nothing", secret)
				}
			}
			c.make(t, w)
			v.lists(func(route, subject, path string) {
				method, _, _ := strings.Cut(route, " ")
				page := v.ask(method, path)
				for _, secret := range secrets {
					if strings.Contains(page.Body, secret) && !strings.Contains(path, secret) {
						t.Errorf("%s, %s tells %q", route, subject, secret)
					}
				}
				part := func(of string) bool { return strings.Contains(route, of) }
				want := w.table[route][subject][c.account]
				switch {
				case slices.ContainsFunc(c.absent, part) && subject == "own":
					none, _, _ := w.path(route, "missing")
					if got, want := traceOf("own", page), traceOf("missing", v.ask(method, none)); page.Status == http.StatusOK || got.text != want.text {
						t.Errorf("%s: what is closed answers %d: %s", route, page.Status, difference(got.text, want.text))
					}
				case slices.ContainsFunc(c.refused, part):
					if page.Status != http.StatusForbidden {
						t.Errorf("%s: got %d, want a refusal", route, page.Status)
					}
				case page.Status != want && !part("/emergency") && !part("/directives"):
					t.Errorf("%s, %s: got %d, want %d", route, subject, page.Status, want)
				}
			})
		})
	}
}

// lists calls f with every route about Own, of Housing, and of a list, that answers the
// account.
func (v *visit) lists(f func(route, subject, path string)) {
	for _, route := range slices.Sorted(maps.Keys(v.table)) {
		for _, subject := range []string{"own", "-", "housing"} {
			if answers(v.table[route][subject][v.name]) && !slices.Contains(ends, route) {
				path, _, _ := v.path(route, subject)
				f(route, subject, path)
			}
		}
	}
	v.ForgetLimits(v.t)
}

// deskSeesAll has the front desk see every field of a record.
func (w *world) deskSeesAll(t *testing.T) {
	t.Helper()
	levels := map[access.Field]string{}
	for _, field := range access.Fields {
		levels[field] = "view"
	}
	levels[access.FieldPronouns] = "edit" // so that the form is hers
	if err := w.Cedar.Update(t.Context(), func(tx *tenancy.Tx) error {
		return settings.Set(t.Context(), tx, operatorBy, settings.FrontDesk, levels)
	}); err != nil {
		t.Fatal(err)
	}
}
