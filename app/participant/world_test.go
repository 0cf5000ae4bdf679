package participant

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/fault"
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

// A world is an agency with three programs and nobody in them.
type world struct {
	t                     *testing.T
	w                     *tenancytest.World
	agency                *tenancy.Agency
	youth, housing, quiet uuid.UUID // quiet is confidential
	programs              []web.Place
	handlers              *Handlers
}

func newWorld(t *testing.T, configure ...func(*tenancy.Settings)) *world {
	t.Helper()
	configure = append(configure, func(s *tenancy.Settings) { s.Now = func() time.Time { return noon } })
	w := tenancytest.New(t, configure...)
	m := &world{t: t, w: w, agency: w.Agency(t, func(n *tenancy.NewAgency) { n.Demo = true }), handlers: newHandlers(w.Platform)}
	add := func(en, fr string, confidential bool) uuid.UUID {
		p := program.Program{ID: tenancy.NewID(), NameEN: en, NameFR: fr, ServiceModel: program.Both, Status: program.Active, Confidential: confidential}
		m.update(func(tx *tenancy.Tx) error { return program.Insert(t.Context(), tx, p, uuid.Nil) })
		m.programs = append(m.programs, web.Place{Program: p.ID, NameEN: en, NameFR: fr, Confidential: confidential})
		return p.ID
	}
	m.youth, m.housing, m.quiet = add("Youth Hub", "Carrefour jeunesse", false), add("Housing", "Logement", false), add("Safe Harbour", "Havre", true)
	return m
}

func (m *world) update(f func(*tenancy.Tx) error) {
	m.t.Helper()
	if err := m.agency.Update(m.t.Context(), f); err != nil {
		m.t.Fatal(err)
	}
}

// roles is what somebody does, by program.
type roles = map[uuid.UUID]access.Role

// person makes a member of staff with roles.
func (m *world) person(r roles) access.Actor {
	m.t.Helper()
	actor := access.Actor{Roles: r}
	m.update(func(tx *tenancy.Tx) (err error) {
		name := "Sam Ouellet " + strings.ToLower(strings.ReplaceAll(uuid.NewString(), "-", ""))[:6]
		actor.Staff, err = staff.Insert(m.t.Context(), tx, audit.By{Kind: audit.KindSystem},
			staff.New{DisplayName: name, Username: "s" + uuid.NewString(), Language: "en"})
		for program, role := range r {
			err = errors.Join(err, staff.Grant(m.t.Context(), tx, audit.By{Kind: audit.KindSystem}, actor.Staff, program, role))
		}
		return err
	})
	return actor
}

// participant adds somebody with open enrolments in programs.
func (m *world) participant(d Details, programs ...uuid.UUID) uuid.UUID {
	m.t.Helper()
	p := Participant{ID: tenancy.NewID(), Details: d}
	if p.Status == "" {
		p.Status = Active
	}
	if p.Language == "" {
		p.Language = "en"
	}
	m.update(func(tx *tenancy.Tx) error { return insert(m.t.Context(), tx, p, uuid.Nil) })
	for _, id := range programs {
		m.enrol(p.ID, id, access.Enrolled)
	}
	return p.ID
}

// enrol enrols somebody and brings the enrolment to a status.
func (m *world) enrol(participant, program uuid.UUID, status access.EnrolmentStatus) Enrolment {
	m.t.Helper()
	e := Enrolment{ID: tenancy.NewID(), Participant: participant, Program: program, Status: access.Enrolled, StartedOn: dayOfTest.AddDays(-30), Version: 1}
	switch status {
	case access.Planned, access.Waitlist, access.Enrolled:
		e.Status = status
	}
	m.update(func(tx *tenancy.Tx) error {
		if _, err := Enrol(m.t.Context(), tx, e, uuid.Nil); err != nil || e.Status == status {
			return err
		}
		c := Change{To: status, On: dayOfTest, Reason: "moved away"}
		if status == access.Finished {
			c.End = Relocated
		}
		if err := apply(m.t.Context(), tx, e, c, uuid.Nil); err != nil {
			return err
		}
		e = c.After(e)
		e.Version++
		return nil
	})
	return e
}

// request makes one by hand. params are pairs.
func (m *world) request(by access.Actor, method, address string, form url.Values, params ...string) *web.Request {
	m.t.Helper()
	r := web.NewRequest(m.t.Context(), method, address, form)
	r.Agency, r.Visitor, r.Session = m.agency, web.Visitor{Actor: by, Places: m.places(by)}, &session.Session{Staff: by.Staff, Agency: m.agency.ID}
	for i := 0; i < len(params); i += 2 {
		r.Params[params[i]] = params[i+1]
	}
	return r
}

// places are the programs where somebody has a role.
func (m *world) places(of access.Actor) []web.Place {
	var held []web.Place
	for _, p := range m.programs {
		if _, ok := of.Roles[p.Program]; ok {
			held = append(held, p)
		}
	}
	return held
}

// see asks for a page about a participant.
func (m *world) see(by access.Actor, handler web.Handler, participant uuid.UUID) (string, error) {
	m.t.Helper()
	response, err := handler(m.request(by, "GET", "/participants/"+participant.String(), nil, "participant", participant.String()))
	if err != nil {
		return "", err
	}
	return m.text(response), nil
}

// text is a page as it is sent.
func (m *world) text(response web.Response) string {
	m.t.Helper()
	if response.Body == nil {
		return ""
	}
	var out bytes.Buffer
	if err := response.Body.Render(m.t.Context(), &out); err != nil {
		m.t.Fatal(err)
	}
	return out.String()
}

// reach is Reach in a transaction of its own.
func (m *world) reach(by access.Actor, id uuid.UUID, key access.Key) (found *Reached, err error) {
	m.t.Helper()
	err = m.agency.View(m.t.Context(), func(tx *tenancy.Tx) error {
		found, err = Reach(m.t.Context(), tx, by, id, key)
		return err
	})
	return found, err
}

// superuser looks behind the walls.
func (m *world) superuser() *pgx.Conn {
	m.t.Helper()
	conn, err := pgx.Connect(m.t.Context(), m.w.SuperuserURL())
	if err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// recordedAct is one audit record as it left the agency.
type recordedAct struct {
	Body   string // as stored, without its sealed part
	Opened string // its sealed part
	audit.Event
}

// acts are the audit records of the agency with this action, oldest first.
func (m *world) acts(action audit.Action) []recordedAct {
	m.t.Helper()
	rows, err := m.superuser().Query(m.t.Context(), `SELECT event_id, body FROM outbox.audit_events WHERE agency_id = $1 ORDER BY position`, m.agency.ID)
	if err != nil {
		m.t.Fatal(err)
	}
	defer rows.Close()
	var found []recordedAct
	for rows.Next() {
		var id uuid.UUID
		var raw []byte
		if err := rows.Scan(&id, &raw); err != nil {
			m.t.Fatal(err)
		}
		var body struct {
			Action       audit.Action
			Role         access.Role
			Program      uuid.UUID
			Subject      uuid.UUID
			Participants []uuid.UUID
			Confidential bool
			Sealed       string
		}
		if err := json.Unmarshal(raw, &body); err != nil {
			m.t.Fatal(err)
		}
		if body.Action != action {
			continue
		}
		act := recordedAct{Body: strings.Replace(string(raw), `"`+body.Sealed+`"`, `""`, 1), Event: audit.Event{Action: body.Action, Role: body.Role, Program: body.Program,
			Subject: body.Subject, Participants: body.Participants, Confidential: body.Confidential}}
		sealed, err := base64.StdEncoding.DecodeString(body.Sealed)
		if err != nil {
			m.t.Fatal(err)
		}
		m.update(func(tx *tenancy.Tx) error {
			act.Opened, err = tx.Box().Open(keyring.Column{Table: "audit", Name: "detail", Pad: keyring.Words}, id, sealed)
			return err
		})
		found = append(found, act)
	}
	if err := rows.Err(); err != nil {
		m.t.Fatal(err)
	}
	return found
}

// outcome names how a call ended, for tables.
func outcome(err error) string {
	if err == nil {
		return "opens"
	}
	if f, ok := err.(*fault.Fault); ok && f.Hidden {
		return "hidden"
	}
	return fmt.Sprint(fault.KindOf(err))
}
