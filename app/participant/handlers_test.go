package participant

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/find"
	"konote/app/i18n"
	"konote/app/web"
	"konote/tenancy"
	"konote/tenancy/tenancytest"
)

func newHandlers(p *tenancy.Platform) *Handlers { return &Handlers{Find: find.New(p, 0)} }

// full has something in every field.
var full = Details{
	FirstName: "Geneviève", PreferredName: "Gen", MiddleName: "Aurore", LastName: "Roy-Tremblay", Pronouns: "elle", BirthDate: "1990-02-11",
	Phone: "6135550142", Email: "gen@example.org", Address: "12 rue Principale\nGatineau J8X 2K1", RecordID: "A-17", Status: Active, Language: "fr",
}

func TestThePageShowsWhatTheRoleMaySee(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	id := m.participant(full, m.youth, m.quiet)
	everything := []string{"Gen Roy-Tremblay", "Geneviève", "Aurore", "elle", "35 years old", "(613) 555-0142", "gen@example.org", "12 rue Principale", "A-17",
		"Feb.\u00a011, 1990", "Safe Harbour", "Change details", "Write a note", "Enrol in another program"}
	for _, c := range []struct {
		what    string
		roles   roles
		missing []string // of everything; the rest is there
	}{
		{"a worker of both", roles{m.youth: access.DirectService, m.quiet: access.DirectService}, nil},
		{"a worker of one", roles{m.youth: access.DirectService}, []string{"Safe Harbour"}},
		{"a manager", roles{m.youth: access.ProgramManager}, []string{"Safe Harbour"}},
		{"front desk", roles{m.youth: access.FrontDesk}, []string{"Safe Harbour", "Aurore", "35 years old", "Feb.\u00a011, 1990", "Write a note", "Enrol in another program"}},
		{"front desk there, executive of the confidential program", roles{m.youth: access.FrontDesk, m.quiet: access.Executive},
			[]string{"Safe Harbour", "Aurore", "35 years old", "Feb.\u00a011, 1990", "Write a note", "Enrol in another program"}},
	} {
		actor := m.person(c.roles)
		page, err := m.see(actor, m.handlers.Show, id)
		if err != nil {
			t.Fatalf("%s: %v", c.what, err)
		}
		about, err := m.see(actor, m.handlers.About, id)
		if err != nil {
			t.Fatalf("%s: %v", c.what, err)
		}
		history, err := m.see(actor, m.handlers.History, id)
		if err != nil {
			t.Fatalf("%s: %v", c.what, err)
		}
		text := page + about + history
		for _, word := range everything {
			if got, want := strings.Contains(text, word), !slices.Contains(c.missing, word); got != want {
				t.Errorf("%s: %q on the pages: %v, want %v", c.what, word, got, want)
			}
		}
		if strings.Contains(text, m.quiet.String()) && slices.Contains(c.missing, "Safe Harbour") {
			t.Errorf("%s: the id of the confidential program is on the pages", c.what)
		}
	}
}

func TestWhoDoesNotReachThePersonGetsNoPageOfHers(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	id := m.participant(full, m.youth)
	e := m.enrol(id, m.housing, access.Enrolled)
	form := url.Values{"version": {"1"}, "first_name": {"Mallory"}, "last_name": {"Roy"}, "program": {m.quiet.String()},
		"start": {"active"}, "to": {"finished"}, "end_reason": {"relocated"}, "on": {"2026-02-10"}, "reason": {"because"}}
	handlers := map[string]web.Handler{
		"show": m.handlers.Show, "about": m.handlers.About, "edit": m.handlers.Edit, "update": m.handlers.Update,
		"history": m.handlers.History, "enrol form": m.handlers.NewEnrolment, "enrol": m.handlers.Enrol,
		"change form": m.handlers.EditEnrolment, "change": m.handlers.ChangeEnrolment,
	}
	for what, actor := range map[string]access.Actor{
		"a worker of another program": m.person(roles{m.quiet: access.DirectService}),
		"an executive":                m.person(roles{m.youth: access.Executive, m.housing: access.Executive}),
		"executive and worker":        m.person(roles{m.youth: access.Executive, m.quiet: access.DirectService}),
		"an administrator":            {Staff: uuid.New(), Admin: true},
	} {
		for name, handler := range handlers {
			_, err := handler(m.request(actor, "POST", "/", form, "participant", id.String(), "enrolment", e.ID.String()))
			if outcome(err) != "hidden" {
				t.Errorf("%s: %s answers %s, want hidden", what, name, outcome(err))
			}
		}
	}
	for name, handler := range handlers {
		_, err := handler(m.request(m.person(roles{m.youth: access.DirectService}), "POST", "/", form, "participant", "none", "enrolment", "none"))
		if outcome(err) != "not_found" {
			t.Errorf("%s of an id that is none answers %s, want not_found", name, outcome(err))
		}
	}
}

func TestEveryLookIsRecordedWithoutAName(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	id := m.participant(full, m.youth, m.quiet)
	worker := m.person(roles{m.youth: access.DirectService})
	for _, handler := range []web.Handler{m.handlers.Show, m.handlers.About, m.handlers.Edit, m.handlers.History, m.handlers.NewEnrolment} {
		if _, err := m.see(worker, handler, id); err != nil {
			t.Fatal(err)
		}
	}
	acts := m.acts("participant.view")
	if len(acts) != 5 {
		t.Fatalf("%d views are recorded, want 5", len(acts))
	}
	for _, act := range acts {
		if act.Subject != id || act.Program != m.youth || act.Role != access.DirectService || act.Confidential {
			t.Errorf("recorded %+v", act.Event)
		}
		for _, word := range []string{"Gen", "Roy", "1990", "613", "rue"} {
			if strings.Contains(act.Body, word) {
				t.Errorf("%q stands in the audit log in plain", word)
			}
		}
	}
	inside := m.person(roles{m.quiet: access.DirectService})
	if _, err := m.see(inside, m.handlers.Show, id); err != nil {
		t.Fatal(err)
	}
	if acts = m.acts("participant.view"); !acts[len(acts)-1].Confidential {
		t.Error("a look through a confidential program is not marked")
	}
	var opened []Named
	err := m.agency.View(t.Context(), func(tx *tenancy.Tx) error {
		b := tx.Batch()
		recent := QueueRecent(b, worker, 5)
		if err := b.Send(t.Context()); err != nil {
			return err
		}
		var err error
		opened, err = recent.Open(tx.Box())
		return err
	})
	if err != nil || len(opened) != 1 || opened[0].FullName != "Gen Roy-Tremblay" {
		t.Errorf("opened last: %+v, %v; want Gen Roy-Tremblay", opened, err)
	}
}

func TestAParticipantsPageIsFewStatements(t *testing.T) {
	t.Parallel()
	c := &tenancytest.Counter{}
	m := newWorld(t, func(s *tenancy.Settings) { s.DatabaseURL = c.Through(t, s.DatabaseURL); s.LaneSize, s.Lanes = 1, 1 })
	id := m.participant(full, m.youth, m.housing)
	worker := m.person(roles{m.youth: access.DirectService, m.housing: access.DirectService})
	for range 2 { // the first one prepares the statements
		c.Reset()
		if _, err := m.see(worker, m.handlers.Show, id); err != nil {
			t.Fatal(err)
		}
	}
	// Begin, role, the record and its enrolments; the list of recent people, the audit
	// record, commit.
	if got := c.Statements.Load(); got != 7 {
		t.Errorf("the page runs %d statements, want 7", got)
	}
	if got := c.Trips.Load(); got != 2 {
		t.Errorf("the page waits %d times for the database, want 2: read, record", got)
	}

	for range 60 {
		m.participant(full, m.youth)
	}
	for range 2 {
		c.Reset()
		if _, err := m.handlers.List(m.request(worker, "GET", "/participants", nil)); err != nil {
			t.Fatal(err)
		}
	}
	if got := c.Statements.Load(); got != 8 {
		t.Errorf("the list runs %d statements, want 8", got)
	}
}

func TestWhatPeopleTypeStaysText(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	nasty := `"><script>alert(1)</script><img src=x onerror=alert(2)>' onmouseover='alert(3)`
	d := Details{
		FirstName: nasty, PreferredName: nasty, MiddleName: nasty, LastName: nasty, Pronouns: nasty, BirthDate: nasty, Phone: nasty,
		Email: nasty, Address: nasty, RecordID: nasty,
	}
	id := m.participant(d, m.youth)
	worker := m.person(roles{m.youth: access.DirectService, m.housing: access.DirectService})
	e := m.enrol(id, m.housing, access.Enrolled)

	form := url.Values{"version": {"1"}, "start": {nasty}, "to": {nasty}, "on": {nasty}, "reason": {nasty}, "program": {nasty}}
	for _, f := range fields {
		form.Set(f.name, nasty)
		form.Set("base_"+f.name, nasty)
	}
	form.Set("birth_date-year", nasty)
	for name, handler := range map[string]web.Handler{
		"show": m.handlers.Show, "about": m.handlers.About, "edit": m.handlers.Edit, "history": m.handlers.History,
		"enrol form": m.handlers.NewEnrolment, "change form": m.handlers.EditEnrolment, "list": m.handlers.List,
		"update": m.handlers.Update, "create": m.handlers.Create, "enrol": m.handlers.Enrol, "change": m.handlers.ChangeEnrolment,
	} {
		address := "/x?program=" + url.QueryEscape(nasty) + "&status=" + url.QueryEscape(nasty) + "&after=" + url.QueryEscape(nasty)
		response, err := handler(m.request(worker, "POST", address, form, "participant", id.String(), "enrolment", e.ID.String()))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, live := range []string{"<script>", "<img", "' onmouseover", `" onmouseover`} {
			if strings.Contains(m.text(response), live) {
				t.Errorf("%s: %q is live on the page", name, live)
			}
		}
	}
}

func TestPagesSpeakFrench(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	id := m.participant(full, m.youth)
	worker := m.person(roles{m.youth: access.DirectService, m.housing: access.DirectService})
	e := m.enrol(id, m.housing, access.OnHold)
	for name, c := range map[string]struct {
		handler web.Handler
		want    []string
		unwant  []string
	}{
		"list":   {m.handlers.List, []string{"1 personne participante", "Carrefour jeunesse", "35\u00a0ans", "En pause"}, []string{"Youth Hub", "years"}},
		"show":   {m.handlers.Show, []string{"Programmes", "Carrefour jeunesse", "Logement", "En cours", "En pause", "35\u00a0ans", "613\u00a0555-0142"}, []string{"Housing", "On hold"}},
		"about":  {m.handlers.About, []string{"Date de naissance", "11\u00a0févr.\u00a01990", "Français"}, []string{"Birth date"}},
		"edit":   {m.handlers.Edit, []string{"Prénom usuel", "Dernière modification"}, []string{"Preferred name"}},
		"change": {m.handlers.EditEnrolment, []string{"Reprendre", "Terminer"}, []string{"Resume"}},
	} {
		r := m.request(worker, "GET", "/", nil, "participant", id.String(), "enrolment", e.ID.String())
		r.P = i18n.NewPrinter("fr", nil, nil)
		r.Frame().P = r.P
		response, err := c.handler(r)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		text := m.text(response)
		for _, word := range c.want {
			if !strings.Contains(text, word) {
				t.Errorf("%s: %q is not there", name, word)
			}
		}
		for _, word := range c.unwant {
			if strings.Contains(text, word) {
				t.Errorf("%s: %q is there", name, word)
			}
		}
		if strings.Contains(r.P.T(response.Title), "Gen") || strings.Contains(r.P.T(response.Title), "Carrefour") {
			t.Errorf("%s: the title %q says who or where", name, r.P.T(response.Title))
		}
	}
}
