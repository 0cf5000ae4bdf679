package alert

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
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
// in both, and people who work with her in Housing.
type world struct {
	t                *testing.T
	w                *tenancytest.World
	agency           *tenancy.Agency
	housing, shelter uuid.UUID
	lea              uuid.UUID
	handlers         *Handlers

	worker, colleague, manager, deputy access.Actor
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
	m.manager, m.deputy = m.person("Ali", m.housing, access.ProgramManager), m.person("Noa", m.housing, access.ProgramManager)
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

// make sends the form of a new alert about Léa.
func (m *world) make(by access.Actor, form url.Values) (web.Response, error) {
	m.t.Helper()
	return m.handlers.Create(m.request(by, http.MethodPost, "/participants/"+m.lea.String()+"/alerts", form, "participant", m.lea.String()))
}

const danger = "Her brother may come to the door. Ask first who is there."

// alert is a new alert about Léa.
func (m *world) alert(by access.Actor) uuid.UUID {
	m.t.Helper()
	id := tenancy.NewID()
	response, err := m.make(by, url.Values{"id": {id.String()}, "text": {danger}})
	if err != nil || response.Status != http.StatusSeeOther {
		m.t.Fatalf("make an alert: status %d, %v", response.Status, err)
	}
	return id
}

// send calls a handler with the form of an alert.
func (m *world) send(handler web.Handler, by access.Actor, alert uuid.UUID, form url.Values) (web.Response, error) {
	m.t.Helper()
	return handler(m.request(by, http.MethodPost, "/alerts/"+alert.String(), form, "alert", alert.String()))
}

// recommend recommends the end of an alert and returns the recommendation's id.
func (m *world) recommend(by access.Actor, alert uuid.UUID) uuid.UUID {
	m.t.Helper()
	id := tenancy.NewID()
	response, err := m.send(m.handlers.Recommend, by, alert, url.Values{"id": {id.String()}, "text": {"He has moved away."}})
	if err != nil || response.Status != http.StatusSeeOther {
		m.t.Fatalf("recommend: status %d, %v", response.Status, err)
	}
	return id
}

func (m *world) review(by access.Actor, alert, recommendation uuid.UUID, standing Standing) (web.Response, error) {
	m.t.Helper()
	return m.send(m.handlers.Review, by, alert, url.Values{"id": {recommendation.String()}, "decision": {string(standing)}, "review": {"Agreed with Léa by phone."}})
}

// dossier is the alert as the manager sees it.
func (m *world) dossier(id uuid.UUID) (d dossier) {
	m.t.Helper()
	m.update(func(tx *tenancy.Tx) (err error) {
		d, err = load(m.t.Context(), tx, m.manager, sqlByID, id)
		return err
	})
	return d
}

// show is the page of an alert, as text.
func (m *world) show(by access.Actor, id uuid.UUID) (string, error) {
	m.t.Helper()
	response, err := m.handlers.Show(m.request(by, http.MethodGet, "/alerts/"+id.String(), nil, "alert", id.String()))
	if err != nil {
		return "", err
	}
	return m.text(response.Body), nil
}

func (m *world) text(body templ.Component) string {
	m.t.Helper()
	var out bytes.Buffer
	if err := body.Render(m.t.Context(), &out); err != nil {
		m.t.Fatal(err)
	}
	return out.String()
}

// banner is what stands at the top of Léa's record, as text; "" for nothing.
func (m *world) banner(by access.Actor) (text string) {
	m.t.Helper()
	m.update(func(tx *tenancy.Tx) error {
		r := m.request(by, http.MethodGet, "/participants/"+m.lea.String(), nil)
		b := tx.Batch()
		pending := participant.Queue(b, by, m.lea)
		draw := Banner(b, r, m.lea)
		if err := b.Send(m.t.Context()); err != nil {
			return err
		}
		reached, err := pending.Reach(tx.Box(), access.ParticipantViewName)
		if err != nil {
			return err
		}
		if !reached.May(access.AlertView) { // as package participant does
			return nil
		}
		component, err := draw(m.t.Context(), tx, reached)
		if err != nil || component == nil {
			return err
		}
		text = m.text(component)
		return nil
	})
	return text
}

// queue is what waits for a reviewer's decision.
func (m *world) queue(by access.Actor) (waiting []Waiting) {
	m.t.Helper()
	m.update(func(tx *tenancy.Tx) error {
		b := tx.Batch()
		QueuePending(b, by, 10, &waiting)
		return b.Send(m.t.Context())
	})
	return waiting
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
