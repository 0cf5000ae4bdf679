package message

import (
	"bytes"
	"net/url"
	"testing"
	"time"

	"github.com/google/uuid"

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

// noon is the moment of all tests: Feb. 10, 2026 in Toronto.
var (
	noon  = time.Date(2026, 2, 10, 17, 0, 0, 0, time.UTC)
	today = civil.Date{Year: 2026, Month: time.February, Day: 10}
)

// A world is an agency with two programs and a confidential one, and Léa, who is enrolled
// in Youth and in the confidential one.
type world struct {
	t                     *testing.T
	agency                *tenancy.Agency
	youth, housing, quiet uuid.UUID
	lea                   uuid.UUID
	h                     *Handlers
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := tenancytest.New(t, func(s *tenancy.Settings) { s.Now = func() time.Time { return noon } })
	m := &world{t: t, agency: w.Agency(t, func(n *tenancy.NewAgency) { n.Demo = true }), h: &Handlers{}}
	for name, id := range map[string]*uuid.UUID{"Youth Hub": &m.youth, "Housing": &m.housing, "Safe Harbour": &m.quiet} {
		*id = tenancy.NewID()
		p := program.Program{ID: *id, NameEN: name, NameFR: name, ServiceModel: program.Both, Status: program.Active, Confidential: id == &m.quiet}
		m.update(func(tx *tenancy.Tx) error { return program.Insert(t.Context(), tx, p, uuid.Nil) })
	}
	m.lea = m.participant(uuid.Nil, m.youth, m.quiet)
	return m
}

func (m *world) update(f func(*tenancy.Tx) error) {
	m.t.Helper()
	if err := m.agency.Update(m.t.Context(), f); err != nil {
		m.t.Fatal(err)
	}
}

// participant is somebody enrolled in programs, with whom a worker may be said to work.
func (m *world) participant(worker uuid.UUID, programs ...uuid.UUID) uuid.UUID {
	m.t.Helper()
	past := participant.Past{Participant: participant.Participant{ID: tenancy.NewID(), CreatedAt: noon,
		Details: participant.Details{FirstName: "Léa", LastName: "Tremblay", Status: participant.Active, Language: "fr"}}}
	for _, id := range programs {
		past.Enrolments = append(past.Enrolments, participant.PastEnrolment{
			Enrolment: participant.Enrolment{ID: tenancy.NewID(), Program: id, StartedOn: today.AddDays(-30), Worker: worker},
			Steps:     []participant.Step{{Status: access.Enrolled, At: noon.AddDate(0, 0, -30)}},
		})
	}
	m.update(func(tx *tenancy.Tx) error { return participant.Bulk(m.t.Context(), tx, []participant.Past{past}) })
	return past.ID
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

// ask calls a handler and returns the answer with its page as text.
func (m *world) ask(by access.Actor, handler web.Handler, form url.Values, params ...string) (web.Response, string, error) {
	m.t.Helper()
	method := "GET"
	if form != nil {
		method = "POST"
	}
	r := web.NewRequest(m.t.Context(), method, "/", form)
	r.Agency, r.Visitor, r.Session = m.agency, web.Visitor{Actor: by}, &session.Session{Staff: by.Staff, Agency: m.agency.ID}
	for i := 0; i < len(params); i += 2 {
		r.Params[params[i]] = params[i+1]
	}
	response, err := handler(r)
	if err != nil || response.Body == nil {
		return response, "", err
	}
	var out bytes.Buffer
	if err := response.Body.Render(m.t.Context(), &out); err != nil {
		m.t.Fatal(err)
	}
	return response, out.String(), nil
}

// leave sends the form of a message about Léa.
func (m *world) leave(by access.Actor, to, text string, more ...string) (web.Response, error) {
	m.t.Helper()
	form := url.Values{"for": {to}, "text": {text}}
	for i := 0; i < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	response, _, err := m.ask(by, m.h.Leave, form, "participant", m.lea.String())
	return response, err
}

// inbox is the page of her messages.
func (m *world) inbox(by access.Actor) string {
	m.t.Helper()
	_, page, err := m.ask(by, m.h.Inbox, nil)
	if err != nil {
		m.t.Fatal(err)
	}
	return page
}

// unread is what the badge says, from the batch that loads the visitor.
func (m *world) unread(by access.Actor) int {
	m.t.Helper()
	visitor, _, err := new(staff.Visitors).Load(m.t.Context(), m.agency, by.Staff, QueueUnread)
	if err != nil {
		m.t.Fatal(err)
	}
	return visitor.Unread
}

// waiting are the messages that wait for the actor.
func (m *world) waiting(by access.Actor) (messages []Message) {
	m.t.Helper()
	m.update(func(tx *tenancy.Tx) (err error) {
		var w Waiting
		b := tx.Batch()
		QueueWaiting(b, by, 100, &w)
		if err = b.Send(m.t.Context()); err != nil {
			return err
		}
		messages, err = w.Open(tx.Box())
		return err
	})
	return messages
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

// inboxAt is a page of her messages.
func (m *world) inboxAt(by access.Actor, query url.Values) string {
	m.t.Helper()
	_, page, err := m.ask(by, func(r *web.Request) (web.Response, error) {
		r.Query = query
		return m.h.Inbox(r)
	}, nil)
	if err != nil {
		m.t.Fatal(err)
	}
	return page
}

// section draws a part of Léa's page.
func (m *world) section(by access.Actor, draw participant.Section) string {
	m.t.Helper()
	_, page, err := m.ask(by, func(r *web.Request) (response web.Response, err error) {
		err = m.agency.Update(r.Context(), func(tx *tenancy.Tx) error {
			b := tx.Batch()
			pending := participant.Queue(b, by, m.lea)
			opened := draw(b, r, m.lea)
			if err := b.Send(r.Context()); err != nil {
				return err
			}
			reached, err := pending.Reach(tx.Box(), access.ParticipantViewName)
			if err != nil {
				return err
			}
			response.Body, err = opened(r.Context(), tx, reached)
			return err
		})
		return response, err
	}, nil)
	if err != nil {
		m.t.Fatal(err)
	}
	return page
}

// cancel closes somebody's record to a program.
func (m *world) cancel(id, program uuid.UUID) {
	m.t.Helper()
	m.update(func(tx *tenancy.Tx) error {
		p, err := participant.Reach(m.t.Context(), tx, access.Actor{Roles: roles{program: access.DirectService}}, id, access.ParticipantViewName)
		if err != nil {
			return err
		}
		_, err = participant.Apply(m.t.Context(), tx, p.Enrolments, participant.Change{To: access.Cancelled, Reason: "a mistake"}, uuid.Nil)
		return err
	})
}
