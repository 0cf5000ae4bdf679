package caseload

import (
	"bytes"
	"context"
	"encoding/json"
	"net/url"
	"regexp"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/civil"
	"konote/app/fault"
	"konote/app/participant"
	"konote/app/program"
	"konote/app/session"
	"konote/app/staff"
	"konote/app/web"
	"konote/tenancy"
	"konote/tenancy/tenancytest"
)

// noon is the moment at which tests begin: Feb. 10, 2026 in Toronto.
var (
	noon      = time.Date(2026, 2, 10, 17, 0, 0, 0, time.UTC)
	dayOfTest = civil.Date{Year: 2026, Month: time.February, Day: 10}
)

// A world is an agency with three programs, of which quiet is confidential, and its clock.
type world struct {
	t                     *testing.T
	w                     *tenancytest.World
	agency                *tenancy.Agency
	youth, housing, quiet uuid.UUID
	now                   *time.Time
	h                     *Handlers
}

func newWorld(t *testing.T) *world {
	t.Helper()
	now := noon
	w := tenancytest.New(t, func(s *tenancy.Settings) { s.Now = func() time.Time { return now } })
	m := &world{t: t, w: w, agency: w.Agency(t, func(n *tenancy.NewAgency) { n.Demo = true }), now: &now, h: &Handlers{}}
	for name, id := range map[string]*uuid.UUID{"Youth Hub": &m.youth, "Housing": &m.housing, "Safe Harbour": &m.quiet} {
		*id = tenancy.NewID()
		p := program.Program{ID: *id, NameEN: name, NameFR: name, ServiceModel: program.Both, Status: program.Active, Confidential: id == &m.quiet}
		m.update(func(tx *tenancy.Tx) error { return program.Insert(t.Context(), tx, p, uuid.Nil) })
	}
	return m
}

func (m *world) update(f func(*tenancy.Tx) error) {
	m.t.Helper()
	if err := m.agency.Update(m.t.Context(), f); err != nil {
		m.t.Fatal(err)
	}
}

// enrolled is somebody with one enrolment; its id is returned.
func (m *world) enrolled(name string, program uuid.UUID, status access.EnrolmentStatus) participant.Enrolment {
	m.t.Helper()
	e := participant.Enrolment{ID: tenancy.NewID(), Program: program, Participant: tenancy.NewID(), Status: status, StartedOn: dayOfTest.AddDays(-40), Version: 1}
	if status == access.Planned || status == access.Waitlist {
		e.StartedOn = civil.Date{}
	}
	past := participant.Past{
		Participant: participant.Participant{ID: e.Participant, CreatedAt: noon,
			Details: participant.Details{FirstName: name, LastName: "Roy", Status: participant.Active, Language: "en"}},
		Enrolments: []participant.PastEnrolment{{Enrolment: e, Steps: []participant.Step{{Status: status, At: noon.AddDate(0, 0, -40)}}}},
	}
	m.update(func(tx *tenancy.Tx) error { return participant.Bulk(m.t.Context(), tx, []participant.Past{past}) })
	return e
}

type roles = map[uuid.UUID]access.Role

// person is a member of staff with roles, in the database as well.
func (m *world) person(name string, r roles) access.Actor {
	m.t.Helper()
	actor := access.Actor{Roles: r}
	by := audit.By{Kind: audit.KindSystem}
	m.update(func(tx *tenancy.Tx) (err error) {
		if actor.Staff, err = staff.Insert(m.t.Context(), tx, by, staff.New{DisplayName: name, Username: "s" + uuid.NewString(), Language: "en"}); err != nil {
			return err
		}
		for program, role := range r {
			if err := staff.Grant(m.t.Context(), tx, by, actor.Staff, program, role); err != nil {
				return err
			}
		}
		return nil
	})
	return actor
}

// answer is what came back.
type answer struct {
	Status int
	To     string
	Page   string
	Err    error
}

func (m *world) ask(by access.Actor, handler web.Handler, address string, form url.Values, params ...string) answer {
	m.t.Helper()
	method := "GET"
	if form != nil {
		method = "POST"
	}
	r := web.NewRequest(m.t.Context(), method, address, form)
	r.Agency, r.Visitor, r.Session = m.agency, web.Visitor{Actor: by}, &session.Session{Staff: by.Staff, Agency: m.agency.ID}
	for i := 0; i < len(params); i += 2 {
		r.Params[params[i]] = params[i+1]
	}
	response, err := handler(r)
	a := answer{Status: response.Status, To: response.To.String(), Err: err}
	if err == nil && response.Body != nil {
		var out bytes.Buffer
		if err := response.Body.Render(m.t.Context(), &out); err != nil {
			m.t.Fatal(err)
		}
		a.Page = out.String()
	}
	return a
}

// list is the page to choose from.
func (m *world) list(by access.Actor, query string) answer {
	m.t.Helper()
	return m.ask(by, m.h.List, "/caseload?"+query, nil)
}

// review sends what was chosen and what shall be done.
func (m *world) review(by access.Actor, kind Kind, to string, enrolments ...participant.Enrolment) answer {
	m.t.Helper()
	form := url.Values{"kind": {string(kind)}, "asked": {"yes"}, "to": {to}, "on": {dayOfTest.String()}, "end_reason": {"completed"}}
	for _, e := range enrolments {
		form.Add("e", e.ID.String())
	}
	return m.ask(by, m.h.Review, "/caseload/review", form)
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`)

// fields are the hidden fields of a page: what its form sends.
func fields(page string) url.Values {
	form := url.Values{}
	for _, found := range hiddenField.FindAllStringSubmatch(page, -1) {
		form.Add(found[1], found[2])
	}
	return form
}

// do sends the page that says what will happen, and returns where it leads.
func (m *world) do(by access.Actor, kind Kind, to string, enrolments ...participant.Enrolment) string {
	m.t.Helper()
	seen := m.review(by, kind, to, enrolments...)
	if seen.Err != nil || seen.Status != 200 {
		m.t.Fatalf("review: status %d, %v", seen.Status, seen.Err)
	}
	saved := m.ask(by, m.h.Save, "/caseload", fields(seen.Page))
	if saved.Err != nil || saved.Status != 303 {
		m.t.Fatalf("save: status %d, %v", saved.Status, saved.Err)
	}
	return saved.To[len("/caseload/changes/"):]
}

func (m *world) show(by access.Actor, change string) answer {
	m.t.Helper()
	return m.ask(by, m.h.Show, "/caseload/changes/"+change, nil, "change", change)
}

func (m *world) undo(by access.Actor, change string) answer {
	m.t.Helper()
	return m.ask(by, m.h.Undo, "/caseload/changes/"+change+"/undo", url.Values{}, "change", change)
}

// state is how somebody stands: "active in Youth with <worker>", by program.
func (m *world) state(e participant.Enrolment) map[uuid.UUID][]participant.Enrolment {
	m.t.Helper()
	found := map[uuid.UUID][]participant.Enrolment{}
	m.update(func(tx *tenancy.Tx) error {
		all := access.Actor{Roles: roles{m.youth: access.DirectService, m.housing: access.DirectService, m.quiet: access.DirectService}}
		p, err := participant.Reach(m.t.Context(), tx, all, e.Participant, access.ParticipantViewName)
		if err != nil {
			return err
		}
		for _, one := range p.Enrolments {
			found[one.Program] = append(found[one.Program], one)
		}
		return nil
	})
	return found
}

// is is the only enrolment of somebody in a program.
func (m *world) is(e participant.Enrolment, program uuid.UUID) participant.Enrolment {
	m.t.Helper()
	there := m.state(e)[program]
	if len(there) != 1 {
		m.t.Fatalf("%d enrolments there, want 1", len(there))
	}
	return there[0]
}

// act is one audit record as it left the agency.
type act struct {
	Action       audit.Action
	Program      uuid.UUID
	Participants []uuid.UUID
	Confidential bool
}

// acts are the audit records with this action, oldest first.
func (m *world) acts(action audit.Action) (found []act) {
	m.t.Helper()
	conn, err := pgx.Connect(m.t.Context(), m.w.SuperuserURL())
	if err != nil {
		m.t.Fatal(err)
	}
	defer conn.Close(context.Background())
	rows, err := conn.Query(m.t.Context(), `SELECT body FROM outbox.audit_events WHERE agency_id = $1 ORDER BY position`, m.agency.ID)
	if err != nil {
		m.t.Fatal(err)
	}
	bodies, err := pgx.CollectRows(rows, pgx.RowTo[[]byte])
	if err != nil {
		m.t.Fatal(err)
	}
	for _, raw := range bodies {
		var a act
		if err := json.Unmarshal(raw, &a); err != nil {
			m.t.Fatal(err)
		}
		if a.Action == action {
			found = append(found, a)
		}
	}
	return found
}

// outcome names how a call ended, for tables.
func outcome(err error) string {
	switch f, ok := err.(*fault.Fault); {
	case err == nil:
		return "opens"
	case ok && f.Hidden:
		return "hidden"
	}
	return fault.KindOf(err).String()
}
