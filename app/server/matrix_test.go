package server_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/app/access"
	"konote/app/apptest"
	"konote/app/audit"
	"konote/app/staff"
	"konote/tenancy"
)

// world is a platform with what the table names.
type world struct {
	*apptest.Platform
	guarded  bool // tier 3
	table    expected
	accounts map[string]*apptest.Staff
	order    []string // of the accounts
	spare    uuid.UUID
}

func newWorld(t *testing.T) *world {
	t.Helper()
	p := apptest.NewAlone(t)
	w := &world{Platform: p, accounts: map[string]*apptest.Staff{
		"front": p.Cedar.FrontDesk, "worker": p.Cedar.Worker, "manager": p.Cedar.Manager, "exec": p.Cedar.Executive,
		"mixed": p.Cedar.Mixed, "advocate": p.Cedar.Advocate, "both": p.Cedar.Both, "admin": p.Cedar.Admin, "nobody": p.Cedar.Nobody,
	}}
	w.table, w.order = readExpectations(t)
	err := p.Cedar.Update(t.Context(), func(tx *tenancy.Tx) (err error) {
		by := audit.By{Kind: audit.KindOperator, Operator: "tests"}
		if w.spare, err = staff.Insert(t.Context(), tx, by, staff.New{DisplayName: "Spare", Username: "spare"}); err != nil {
			return err
		}
		return staff.Grant(t.Context(), tx, by, w.spare, p.Cedar.Youth, access.FrontDesk)
	})
	if err != nil {
		t.Fatal(err)
	}
	p.Drain(t) // the audit log has a first entry
	return w
}

// missing is an id that nothing has.
var missing = tenancy.NewID()

// path fills a route's parameters with what the subject stands for. What it names
// exists for somebody at the agency when real is true.
func (w *world) path(route, subject string) (path string, id uuid.UUID, real bool) {
	_, path, _ = strings.Cut(route, " ")
	path = strings.Replace(path, ":purpose", "service", 1)
	c, f := w.Cedar, w.Birch
	set := func(name, value string) { path = strings.Replace(path, ":"+name, value, 1) }
	real = true
	switch subject {
	case "-":
		return path, uuid.Nil, true
	case "foreign", "missing", "broken":
		real = false
	}
	people := map[string]*apptest.Participant{"own": c.Own, "other": c.Other, "hidden": c.Hidden, "shared": c.Shared, "twin": c.Twin,
		"former": c.Former, "gone": c.Gone, "shared-shelter": c.Shared, "twin-youth": c.Twin, "crossed": c.Own, "foreign": f.Own}
	programs := map[string]uuid.UUID{"housing": c.Housing, "youth": c.Youth, "shelter": c.Shelter, "foreign": f.Housing, "spare": c.Youth}
	enrolment := func() *apptest.Enrolment {
		switch person := people[subject]; subject {
		case "shared-shelter", "twin-youth":
			return person.Enrolments[1]
		case "crossed":
			return c.Other.Enrolments[0]
		case "missing", "broken":
			return &apptest.Enrolment{ID: missing, Note: missing, Alert: missing, Event: missing, Meeting: missing, Target: missing, Section: missing, Message: missing, Contact: missing}
		default:
			return person.Enrolments[0]
		}
	}
	switch {
	case strings.Contains(path, "/staff/"):
		path, id = w.account(path, subject)
	case strings.Contains(path, ":participant"):
		id = missing
		if person := people[subject]; person != nil {
			id = person.ID
		}
		set("participant", id.String())
		if strings.Contains(path, ":enrolment") {
			id = enrolment().ID
			set("enrolment", id.String())
		}
		path, id = w.directive(path, id, people[subject])
		if strings.Contains(path, "plan/templates/:template") {
			id = c.PlanTemplate
			set("template", id.String())
		}
	case strings.Contains(path, ":target"):
		id = enrolment().Target
		set("target", id.String())
		if strings.Contains(path, ":metric") { // the one that every target has
			id = c.Metrics[uuid.Nil]
			set("metric", id.String())
		}
	case strings.Contains(path, ":section"):
		id = enrolment().Section
		set("section", id.String())
	case strings.Contains(path, ":headings"):
		id = missing
		if of, ok := map[string]uuid.UUID{"agency": c.NoteTemplate, "housing": c.HousingNotes, "youth": c.YouthNotes, "foreign": f.HousingNotes}[subject]; ok {
			id = of
		}
		set("headings", id.String())
	case strings.Contains(path, ":template"):
		id = missing
		if of, ok := map[string]uuid.UUID{"agency": c.PlanTemplate, "housing": c.HousingPlan, "youth": c.YouthPlan, "foreign": f.HousingPlan}[subject]; ok {
			id = of
		}
		set("template", id.String())
	case strings.Contains(path, ":metric"):
		id = missing
		if of, ok := map[string]uuid.UUID{"agency": c.Metrics[uuid.Nil], "housing": c.Metrics[c.Housing], "youth": c.Metrics[c.Youth],
			"shelter": c.Metrics[c.Shelter], "foreign": f.Metrics[f.Housing]}[subject]; ok {
			id = of
		}
		set("metric", id.String())
	case strings.Contains(path, ":group"), strings.Contains(path, ":circle"), strings.Contains(path, ":session"), strings.Contains(path, ":step"):
		path, id = w.together(path, subject, programs)
	case strings.Contains(path, ":alert"):
		id = enrolment().Alert
		set("alert", id.String())
	case strings.Contains(path, ":record"): // of a draft: here the form of a participant's record
		set("form", "participant.edit")
		id = missing
		if person := people[subject]; person != nil {
			id = person.ID
		}
		set("record", id.String())
	case strings.Contains(path, ":event"):
		id = enrolment().Event
		set("event", id.String())
	case strings.Contains(path, ":meeting"):
		id = enrolment().Meeting
		set("meeting", id.String())
	case strings.Contains(path, ":type"):
		id = missing
		if kind, ok := map[string]uuid.UUID{"agency": c.EventType, "housing": c.HousingType, "youth": c.YouthType, "foreign": f.HousingType}[subject]; ok {
			id = kind
		}
		set("type", id.String())
	case strings.Contains(path, ":token"):
		set("token", missing.String()+".ics")
	case strings.Contains(path, ":finding"):
		id = map[string]uuid.UUID{"own": c.Finding, "hidden": c.HiddenFinding, "foreign": f.Finding, "missing": missing, "broken": missing}[subject]
		set("finding", id.String())
	case strings.Contains(path, ":change"): // only its maker, the worker, sees one
		id = map[string]uuid.UUID{"own": c.Change, "foreign": f.Change, "missing": missing, "broken": missing}[subject]
		set("change", id.String())
	case strings.Contains(path, ":contact"):
		id = enrolment().Contact
		set("contact", id.String())
	case strings.HasPrefix(path, "/messages/:message"):
		id = enrolment().Message
		set("message", id.String())
	case strings.Contains(path, ":message"):
		set("message", "999")
	case strings.Contains(path, ":grant"): // the worker's, about Own
		id = map[string]uuid.UUID{"own": c.Grant, "foreign": f.Grant, "missing": missing, "broken": missing}[subject]
		set("grant", id.String())
	case strings.Contains(path, ":reason"):
		id = map[string]uuid.UUID{"agency": c.GrantReason, "foreign": f.GrantReason, "missing": missing, "broken": missing}[subject]
		set("reason", id.String())
	case strings.Contains(path, ":note"):
		id = enrolment().Note
		set("note", id.String())
	case strings.Contains(path, ":program"):
		id = missing
		if program, ok := programs[subject]; ok {
			id = program
		}
		set("program", id.String())
		if strings.Contains(path, ":person") {
			id = map[bool]uuid.UUID{true: w.spare, false: c.Nobody.ID}[subject == "spare"]
			set("person", id.String())
		}
	case strings.Contains(path, ":search"), strings.Contains(path, ":identity"), strings.Contains(path, ":mapping"):
		id = missing
		path = strings.NewReplacer(":search", id.String(), ":identity", id.String(), ":mapping", id.String()).Replace(path)
	case strings.Contains(path, ":seq"):
		set("seq", map[string]string{"first": "1", "missing": "999999999", "broken": "x"}[subject])
	}
	if subject == "broken" {
		path = strings.ReplaceAll(path, missing.String(), "x")
	}
	if id == missing && subject == "broken" {
		id = uuid.Nil
	}
	return path, id, real
}

// An answer as far as it may not tell what is hidden from what is not there.
type trace struct {
	subject, text string
}

var (
	idPattern    = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}`)
	tokenPattern = regexp.MustCompile(`(?s)<a class="bar-button bar-inbox".*?</a>|name="csrf" value="[^"]+"|data-idle="\d+"|<code>[0-9A-Z]{5}-[0-9A-Z]{5}</code>`)
)

func traceOf(subject string, page *apptest.Page) trace {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(page.Header)) {
		if name != "X-Session-Seconds" && name != "Content-Length" && name != "Date" {
			b.WriteString(name + ": " + strings.Join(page.Header[name], ", ") + "\n")
		}
	}
	b.WriteString(page.Body)
	return trace{subject, tokenPattern.ReplaceAllString(idPattern.ReplaceAllString(b.String(), "ID"), "TOKEN")}
}

func TestEveryRouteAnswersEverybodyAsPromised(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.checkTable(t)
	w.walk(t)
}

// walk has everybody ask for everything.
func (w *world) walk(t *testing.T) {
	t.Helper()
	var mu sync.Mutex
	refusals := map[[2]uuid.UUID]int{} // who about what
	t.Run("accounts", func(t *testing.T) {
		for _, name := range w.order {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				v := &visit{world: w, t: t, name: name, staff: w.accounts[name], refused: map[uuid.UUID]int{}}
				v.run()
				mu.Lock()
				defer mu.Unlock()
				for about, count := range v.refused {
					refusals[[2]uuid.UUID{v.staff.ID, about}] += count
				}
			})
		}
	})
	w.checkAudit(t, refusals)
	if wrong := w.Log.Errors(); len(wrong) > 0 {
		t.Errorf("the log has errors: %q", wrong)
	}
}

// checkTable holds the table against the routes: a route without an expectation fails,
// and so does an expectation without a route.
func (w *world) checkTable(t *testing.T) {
	t.Helper()
	routes := map[string]bool{}
	for _, route := range w.Server.Web.Routes() {
		name := route.Method + " " + route.Path
		routes[name] = true
		if len(w.table[name]) == 0 {
			t.Errorf("%s: nobody has said what it answers to whom", name)
		}
	}
	for name := range w.table {
		if !routes[name] {
			t.Errorf("%s is expected and does not exist", name)
		}
	}
}

// visit is one account's way through all routes.
type visit struct {
	*world
	t       *testing.T
	name    string
	staff   *apptest.Staff
	b       *apptest.Browser
	refused map[uuid.UUID]int
}

// ends are routes after which the session is over.
var ends = []string{"POST /sign-out", "POST /account/sign-out-everywhere"}

func (v *visit) run() {
	v.b = v.SignIn(v.t, v.staff)
	v.b.Open("/") // has a token
	for _, route := range slices.Sorted(maps.Keys(v.table)) {
		if !slices.Contains(ends, route) {
			v.route(route)
		}
	}
	for _, route := range ends {
		v.b = v.SignIn(v.t, v.staff)
		v.b.Open("/")
		v.route(route)
	}
}

func (v *visit) route(route string) {
	v.t.Helper()
	method, _, _ := strings.Cut(route, " ")
	var absent *trace
	var hidden []trace
	for _, subject := range slices.Sorted(maps.Keys(v.table[route])) {
		want := v.table[route][subject][v.name]
		path, id, real := v.path(route, subject)
		page := v.ask(method, path)
		if page.Status != want {
			v.t.Errorf("%s, %s: got %d, want %d: %s", route, subject, page.Status, want, page.Text())
		}
		v.searchFor(page, subject)
		if want == http.StatusForbidden || (want == http.StatusNotFound && real && !v.hasNone(route, subject)) {
			v.refused[id]++
		}
		if want != http.StatusNotFound || strings.Contains(route, ":seq") {
			continue
		}
		if seen := traceOf(subject, page); subject == "missing" {
			absent = &seen
		} else if subject != "broken" {
			hidden = append(hidden, seen)
		}
	}
	for _, seen := range hidden {
		if absent == nil {
			v.t.Errorf("%s: %s has no missing one to be compared with", route, seen.subject)
		} else if seen.text != absent.text {
			v.t.Errorf("%s: %s differs from what does not exist: %s", route, seen.subject, difference(seen.text, absent.text))
		}
	}
}

// difference shows where two texts part.
func difference(got, want string) string {
	at := 0
	for at < len(got) && at < len(want) && got[at] == want[at] {
		at++
	}
	around := func(text string) string { return text[max(0, at-60):min(len(text), at+60)] }
	return fmt.Sprintf("%q instead of %q", around(got), around(want))
}

// hasNone says that the account may see what the path names, and that there is nothing
// there: a person who has no role in the program cannot be taken out of it.
func (v *visit) hasNone(route, subject string) bool {
	return route == "POST /programs/:program/team/:person/remove" && v.name == "admin"
}

func (v *visit) ask(method, path string) *apptest.Page { return v.send(method, path, nil) }

func (v *visit) send(method, path string, form url.Values) *apptest.Page {
	if method == http.MethodGet {
		return v.b.Get(path)
	}
	return v.b.Post(path, form)
}

// searchFor fails the test when a page tells something that the account may not know.
func (v *visit) searchFor(page *apptest.Page, subject string) {
	v.t.Helper()
	known := v.knows()
	for _, p := range v.Cedar.Participants() {
		for _, word := range p.Words() {
			if !known[word] && page.Has(word) {
				v.t.Errorf("%s, %s: tells %q of %s", page, subject, word, p.ID)
			}
		}
	}
	for _, word := range v.Birch.Words() {
		if page.Has(word) {
			v.t.Errorf("%s, %s: tells %q of the other agency", page, subject, word)
		}
	}
}

// knows are the words that the account may read, written by hand like the table.
func (v *visit) knows() map[string]bool {
	c := v.Cedar
	known := map[string]bool{}
	add := func(words ...string) {
		for _, word := range words {
			known[word] = true
		}
	}
	record := func(people ...*apptest.Participant) { // what is not about a program
		for _, p := range people {
			add(p.FirstName, p.PreferredName, p.LastName, p.Pronouns, p.Phone, p.Email, p.Address, p.RecordID, p.MiddleName)
		}
	}
	front := func(people ...*apptest.Participant) {
		for _, p := range people {
			add(p.FirstName, p.PreferredName, p.LastName, p.Pronouns, p.Phone, p.Email, p.Address, p.RecordID)
		}
	}
	told := func(program uuid.UUID, people ...*apptest.Participant) {
		for _, p := range people {
			add(p.In(program).Reason, p.In(program).Text, p.In(program).Takeaway, p.In(program).Said, p.In(program).Added, p.In(program).Danger, p.In(program).Highlight, p.In(program).Happening, p.In(program).Place, p.In(program).Aim,
				p.In(program).Call, p.In(program).Left)
		}
	}
	kin := func(program uuid.UUID, people ...*apptest.Participant) { // of circles, which those see too who reach two in them from elsewhere
		for _, p := range people {
			add(p.In(program).Kin)
		}
	}
	switch v.name {
	case "front":
		front(c.Own, c.Shared, c.Twin, c.Former)
	case "worker", "manager":
		record(c.Own, c.Shared, c.Twin, c.Former)
		told(c.Housing, c.Own, c.Shared, c.Twin, c.Former)
		if v.guarded && v.name == "manager" { // she has not said why she reads
			for _, p := range []*apptest.Participant{c.Own, c.Shared, c.Twin, c.Former} {
				for _, word := range clinicalWords(p.In(c.Housing)) {
					delete(known, word)
				}
			}
		}
		kin(c.Housing, c.Own, c.Shared, c.Twin, c.Former)
		kin(c.Youth, c.Twin)
	case "mixed":
		record(c.Other, c.Twin)
		told(c.Youth, c.Other, c.Twin)
		kin(c.Youth, c.Other, c.Twin)
		kin(c.Housing, c.Twin)
	case "advocate":
		record(c.Hidden, c.Shared)
		told(c.Shelter, c.Hidden, c.Shared)
		kin(c.Shelter, c.Hidden, c.Shared)
		kin(c.Housing, c.Shared)
	case "both":
		kin(c.Youth, c.Other, c.Twin)
		kin(c.Housing, c.Twin)
		front(c.Own, c.Shared, c.Former)
		record(c.Other, c.Twin)
		told(c.Youth, c.Other, c.Twin)
	}
	return known // executive, administrator and nobody: nothing
}

// checkAudit holds the refusals in the audit log against those that were expected.
func (w *world) checkAudit(t *testing.T, want map[[2]uuid.UUID]int) {
	t.Helper()
	w.Drain(t)
	conn, err := pgx.Connect(t.Context(), w.World.AuditSuperuserURL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	rows, err := conn.Query(t.Context(), `SELECT actor_id, coalesce(subject_id, '00000000-0000-0000-0000-000000000000')
		FROM audit.entries WHERE agency_id = $1 AND action = 'access.refused' AND outcome = 'refused'`, w.Cedar.ID)
	if err != nil {
		t.Fatal(err)
	}
	got := map[[2]uuid.UUID]int{}
	var who, about uuid.UUID
	if _, err := pgx.ForEachRow(rows, []any{&who, &about}, func() error { got[[2]uuid.UUID{who, about}]++; return nil }); err != nil {
		t.Fatal(err)
	}
	for pair, count := range want {
		if got[pair] < count {
			t.Errorf("the audit log has %d refusals of %s about %s, want %d", got[pair], pair[0], pair[1], count)
		}
	}
}

func TestAStrangerIsLedToSignInWhateverSheAsksFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	foreign := w.SignIn(t, w.Birch.Manager)
	for name, b := range map[string]*apptest.Browser{"signed out": w.Visit(t, w.Cedar), "session of another agency": w.Visit(t, w.Cedar)} {
		t.Run(name, func(t *testing.T) {
			for _, route := range w.Server.Web.Routes() {
				key := route.Method + " " + route.Path
				b.Get("/sign-in") // a token, which sign-in itself may have renewed
				if name != "signed out" {
					b.SetCookies(foreign.Cookies())
				}
				for subject := range w.table[key] {
					want, known := signedOut[key]
					if !known {
						want = map[string]int{http.MethodGet: http.StatusSeeOther, http.MethodPost: http.StatusUnauthorized}[route.Method]
					}
					path, _, _ := w.path(key, subject)
					page := b.Send(route.Method, path, url.Values{"csrf": {b.Token()}}, nil)
					if page.Status != want {
						t.Errorf("%s, %s: got %d, want %d: %s", key, subject, page.Status, want, page.Text())
					}
					if want == http.StatusSeeOther && !known && !strings.HasPrefix(page.Location, "/sign-in?") {
						t.Errorf("%s, %s: leads to %q, want sign-in", key, subject, page.Location)
					}
					for _, word := range append(w.Cedar.Words(), w.Birch.Words()...) {
						if page.Has(word) {
							t.Errorf("%s, %s: tells a stranger %q", key, subject, word)
						}
					}
				}
				w.ForgetLimits(t)
			}
		})
	}
}
