package group

import (
	"bytes"
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/civil"
	"konote/app/participant"
	"konote/app/program"
	"konote/app/session"
	"konote/app/staff"
	"konote/app/web"
	"konote/keyring"
	"konote/tenancy"
	"konote/tenancy/tenancytest"
)

// noon is the moment of all tests: Feb. 10, 2026 in Toronto.
var noon = time.Date(2026, 2, 10, 17, 0, 0, 0, time.UTC)

// A world is an agency with two programs (Shelter is confidential), Léa, who is enrolled
// in both, Max, who is in Housing, a group of theirs, and the staff of Housing.
type world struct {
	t                *testing.T
	w                *tenancytest.World
	agency           *tenancy.Agency
	housing, shelter uuid.UUID
	lea              uuid.UUID
	handlers         *Handlers

	worker, colleague, manager, front access.Actor

	group               uuid.UUID // of Housing, with Léa, Max and Tom, who has no record
	inLea, inMax, inTom uuid.UUID // their memberships
	max                 uuid.UUID
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := tenancytest.New(t, func(s *tenancy.Settings) { s.Now = func() time.Time { return noon } })
	m := &world{t: t, w: w, agency: w.Agency(t, func(n *tenancy.NewAgency) { n.Demo = true }), handlers: &Handlers{}, housing: tenancy.NewID(), shelter: tenancy.NewID()}
	m.update(func(tx *tenancy.Tx) error {
		for _, p := range []program.Program{{ID: m.housing, NameEN: "Housing", NameFR: "Logement"}, {ID: m.shelter, NameEN: "Shelter", NameFR: "Refuge", Confidential: true}} {
			p.ServiceModel, p.Status = program.Both, program.Active
			if err := program.Insert(t.Context(), tx, p, uuid.Nil); err != nil {
				return err
			}
		}
		return nil
	})
	m.lea = m.participant("Léa", map[uuid.UUID]access.EnrolmentStatus{m.housing: access.Enrolled, m.shelter: access.Enrolled})
	m.worker, m.colleague = m.person("Sam", m.housing, access.DirectService), m.person("Kim", m.housing, access.DirectService)
	m.manager, m.front = m.person("Ali", m.housing, access.ProgramManager), m.person("Noa", m.housing, access.FrontDesk)
	m.max = m.participant("Max", map[uuid.UUID]access.EnrolmentStatus{m.housing: access.Enrolled})
	m.fill()
	return m
}

func (m *world) update(f func(*tenancy.Tx) error) {
	m.t.Helper()
	if err := m.agency.Update(m.t.Context(), f); err != nil {
		m.t.Fatal(err)
	}
}

func (m *world) participant(name string, programs map[uuid.UUID]access.EnrolmentStatus) uuid.UUID {
	m.t.Helper()
	past := participant.Past{Participant: participant.Participant{ID: tenancy.NewID(), CreatedAt: noon,
		Details: participant.Details{FirstName: name, LastName: "Tremblay", Status: participant.Active, Language: "fr"}}}
	for id, status := range programs {
		past.Enrolments = append(past.Enrolments, participant.PastEnrolment{
			Enrolment: participant.Enrolment{ID: tenancy.NewID(), Program: id, StartedOn: civil.Of(noon).AddDays(-30)},
			Steps:     []participant.Step{{Status: status, At: noon.AddDate(0, 0, -30)}},
		})
	}
	m.update(func(tx *tenancy.Tx) error { return participant.Bulk(m.t.Context(), tx, []participant.Past{past}) })
	return past.ID
}

// person is a member of staff with a role in a program.
func (m *world) person(name string, in uuid.UUID, role access.Role) access.Actor {
	m.t.Helper()
	actor := access.Actor{Roles: map[uuid.UUID]access.Role{in: role}}
	m.update(func(tx *tenancy.Tx) (err error) {
		actor.Staff, err = staff.Insert(m.t.Context(), tx, audit.By{Kind: audit.KindSystem},
			staff.New{DisplayName: name, Username: "s" + uuid.NewString(), Language: "en"})
		return err
	})
	return actor
}

func (m *world) request(by access.Actor, method, address string, form url.Values, params ...string) *web.Request {
	m.t.Helper()
	r := web.NewRequest(m.t.Context(), method, address, form)
	r.Agency, r.Visitor, r.Session = m.agency, web.Visitor{Actor: by}, &session.Session{Staff: by.Staff, Agency: m.agency.ID}
	for i := 0; i < len(params); i += 2 {
		r.Params[params[i]] = params[i+1]
	}
	return r
}

// today is the day of all tests.
var today = civil.Of(noon)

// fill makes the group, by the database alone.
func (m *world) fill() {
	m.group, m.inLea, m.inMax, m.inTom = tenancy.NewID(), tenancy.NewID(), tenancy.NewID(), tenancy.NewID()
	since := today.AddDays(-60)
	m.update(func(tx *tenancy.Tx) error {
		return Bulk(m.t.Context(), tx, []Past{{
			Group: Group{ID: m.group, Program: m.housing, Kind: Project, Name: "Tuesday kitchen", Description: "We cook.", Status: Active, CreatedAt: noon, CreatedBy: m.worker.Staff},
			Members: []Member{
				{ID: m.inLea, Participant: m.lea, Role: Leader, JoinedOn: since},
				{ID: m.inMax, Participant: m.max, Role: Ordinary, JoinedOn: since},
				{ID: m.inTom, Name: "Tom Baker", Role: Ordinary, JoinedOn: since},
			},
		}})
	})
}

// call calls a handler about the group.
func (m *world) call(handler web.Handler, by access.Actor, form url.Values, params ...string) (web.Response, error) {
	m.t.Helper()
	method := "POST"
	if form == nil {
		method = "GET"
	}
	return handler(m.request(by, method, "/groups/"+m.group.String(), form, append([]string{"group", m.group.String()}, params...)...))
}

// page is the text of a page that has to come.
func (m *world) page(handler web.Handler, by access.Actor, params ...string) string {
	m.t.Helper()
	response, err := m.call(handler, by, nil, params...)
	if err != nil {
		m.t.Fatal(err)
	}
	return m.text(response.Body)
}

// sent is the form of a session of today at which all three were.
func (m *world) sent(id uuid.UUID, change func(url.Values)) url.Values {
	all := []string{m.inLea.String(), m.inMax.String(), m.inTom.String()}
	form := url.Values{"id": {id.String()}, "version": {"0"}, "held_on": {today.String()}, "mood": {"solid"}, "text": {"We made soup."},
		"member": all, "present": all, "highlight-" + m.inLea.String(): {"Taught us her mother's recipe."}}
	if change != nil {
		change(form)
	}
	return form
}

// logged is the session of today, logged by the worker.
func (m *world) logged() uuid.UUID {
	m.t.Helper()
	id := tenancy.NewID()
	if response, err := m.call(m.handlers.SaveSession, m.worker, m.sent(id, nil)); err != nil || response.Status != 303 {
		m.t.Fatalf("log: status %d, %v", response.Status, err)
	}
	return id
}

// session is a session as the worker sees it.
func (m *world) session(id uuid.UUID) (s Session) {
	m.t.Helper()
	m.update(func(tx *tenancy.Tx) (err error) {
		s, err = sessionOf(m.t.Context(), tx, m.worker, m.group, id)
		return err
	})
	return s
}

func (m *world) text(body templ.Component) string {
	m.t.Helper()
	var out bytes.Buffer
	if err := body.Render(m.t.Context(), &out); err != nil {
		m.t.Fatal(err)
	}
	return out.String()
}

type handler = web.Handler

// acts are the names of the acts that are recorded, in their order, and everything of them
// that is sealed, opened.
func (m *world) acts() (names []string, sealed string) {
	m.t.Helper()
	conn, err := pgx.Connect(m.t.Context(), m.w.SuperuserURL())
	if err != nil {
		m.t.Fatal(err)
	}
	defer conn.Close(context.Background())
	rows, err := conn.Query(m.t.Context(), `SELECT event_id, body FROM outbox.audit_events WHERE agency_id = $1 ORDER BY position`, m.agency.ID)
	if err != nil {
		m.t.Fatal(err)
	}
	var id uuid.UUID
	var raw []byte
	_, err = pgx.ForEachRow(rows, []any{&id, &raw}, func() error {
		var body struct {
			Action       string
			Program      uuid.UUID
			Participants []uuid.UUID
			Sealed       []byte
		}
		if err := json.Unmarshal(raw, &body); err != nil {
			return err
		}
		if strings.HasPrefix(body.Action, "staff.") || strings.HasPrefix(body.Action, "agency.") {
			return nil
		}
		names = append(names, body.Action)
		m.update(func(tx *tenancy.Tx) error {
			text, err := tx.Box().Open(keyring.Column{Table: "audit", Name: "detail", Pad: keyring.Words}, id, body.Sealed)
			sealed += text
			return err
		})
		return nil
	})
	if err != nil {
		m.t.Fatal(err)
	}
	return names, sealed
}
