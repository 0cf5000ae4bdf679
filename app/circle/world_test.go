package circle

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
// in both, Max, who is in Housing, and the staff of Housing.
type world struct {
	t                *testing.T
	w                *tenancytest.World
	agency           *tenancy.Agency
	housing, shelter uuid.UUID
	lea              uuid.UUID
	handlers         *Handlers

	worker, colleague, manager, front access.Actor
	max                               uuid.UUID
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

func (m *world) text(body templ.Component) string {
	m.t.Helper()
	var out bytes.Buffer
	if err := body.Render(m.t.Context(), &out); err != nil {
		m.t.Fatal(err)
	}
	return out.String()
}

// advocate works in Shelter, both in Shelter and Housing.
func (m *world) advocate() access.Actor { return m.person("Advocate", m.shelter, access.DirectService) }

func (m *world) both() access.Actor {
	both := m.person("Both", m.housing, access.DirectService)
	both.Roles[m.shelter] = access.DirectService
	return both
}

// circle is a circle by the database alone.
func (m *world) circle(program uuid.UUID, name string, members ...Member) uuid.UUID {
	m.t.Helper()
	id := tenancy.NewID()
	for i := range members {
		members[i].ID = tenancy.NewID()
	}
	m.update(func(tx *tenancy.Tx) error {
		return Bulk(m.t.Context(), tx, []Past{{Circle: Circle{ID: id, Program: program, Name: name, Status: Active, CreatedAt: noon}, Members: members}})
	})
	return id
}

// show is the page of a circle, as text; "" and the error when there is none.
func (m *world) show(by access.Actor, id uuid.UUID) (string, error) {
	m.t.Helper()
	response, err := m.handlers.Show(m.request(by, "GET", "/circles/"+id.String(), nil, "circle", id.String()))
	if err != nil {
		return "", err
	}
	return m.text(response.Body), nil
}

// list is the page of all circles, as text.
func (m *world) list(by access.Actor) string {
	m.t.Helper()
	response, err := m.handlers.List(m.request(by, "GET", "/circles", nil))
	if err != nil {
		m.t.Fatal(err)
	}
	return m.text(response.Body)
}

// options are the names of a participant's circles in a picker.
func (m *world) options(by access.Actor, participant uuid.UUID) (names []string) {
	m.t.Helper()
	m.update(func(tx *tenancy.Tx) error {
		b := tx.Batch()
		choices := Options(b, participant, by)
		if err := b.Send(m.t.Context()); err != nil {
			return err
		}
		found, err := choices.Open(tx.Box())
		for _, c := range found {
			names = append(names, c.Name)
		}
		return err
	})
	return names
}

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
