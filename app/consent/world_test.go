package consent

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/civil"
	"konote/app/i18n"
	"konote/app/note"
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
	noon  = time.Date(2026, 2, 10, 17, 0, 0, 0, time.UTC)
	today = civil.Date{Year: 2026, Month: time.February, Day: 10}
)

// A world is an agency with two programs (Shelter is confidential), Léa, who is enrolled
// in both, and Max, who is in Shelter alone.
type world struct {
	t                *testing.T
	w                *tenancytest.World
	agency           *tenancy.Agency
	housing, shelter uuid.UUID
	lea, max         uuid.UUID
	handlers         *Handlers

	worker, manager, desk, advocate access.Actor

	mu  sync.Mutex
	now time.Time
}

func newWorld(t *testing.T) *world {
	t.Helper()
	m := newWorldWithoutTexts(t)
	m.update(func(tx *tenancy.Tx) error { return Seed(t.Context(), tx) })
	return m
}

// newWorldWithoutTexts is an agency that was made before there were texts.
func newWorldWithoutTexts(t *testing.T) *world {
	t.Helper()
	m := &world{t: t, now: noon, handlers: &Handlers{}, housing: tenancy.NewID(), shelter: tenancy.NewID()}
	m.w = tenancytest.New(t, func(s *tenancy.Settings) { s.Now = m.clock })
	m.agency = m.w.Agency(t, func(n *tenancy.NewAgency) { n.Demo = true })
	m.update(func(tx *tenancy.Tx) error {
		for _, p := range []program.Program{{ID: m.housing, NameEN: "Housing", NameFR: "Logement"}, {ID: m.shelter, NameEN: "Shelter", NameFR: "Refuge", Confidential: true}} {
			p.ServiceModel, p.Status = program.Both, program.Active
			if err := program.Insert(t.Context(), tx, p, uuid.Nil); err != nil {
				return err
			}
		}
		return nil
	})
	m.lea, m.max = m.participant("Léa", m.housing, m.shelter), m.participant("Max", m.shelter)
	m.worker, m.manager = m.person("Sam", m.housing, access.DirectService), m.person("Ali", m.housing, access.ProgramManager)
	m.desk, m.advocate = m.person("Kim", m.housing, access.FrontDesk), m.person("Noa", m.shelter, access.DirectService)
	return m
}

func (m *world) clock() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

func (m *world) at(now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now = now
}

func (m *world) update(f func(*tenancy.Tx) error) {
	m.t.Helper()
	if err := m.agency.Update(m.t.Context(), f); err != nil {
		m.t.Fatal(err)
	}
}

func (m *world) participant(name string, programs ...uuid.UUID) uuid.UUID {
	m.t.Helper()
	past := participant.Past{Participant: participant.Participant{ID: tenancy.NewID(), CreatedAt: noon,
		Details: participant.Details{FirstName: name, LastName: "Tremblay", Status: participant.Active, Language: "fr"}}}
	for _, id := range programs {
		past.Enrolments = append(past.Enrolments, participant.PastEnrolment{
			Enrolment: participant.Enrolment{ID: tenancy.NewID(), Program: id, StartedOn: today.AddDays(-30)},
			Steps:     []participant.Step{{Status: access.Enrolled, At: noon.AddDate(0, 0, -30)}},
		})
	}
	m.update(func(tx *tenancy.Tx) error { return participant.Bulk(m.t.Context(), tx, []participant.Past{past}) })
	return past.ID
}

func (m *world) person(name string, in uuid.UUID, role access.Role) access.Actor {
	m.t.Helper()
	actor := access.Actor{Roles: map[uuid.UUID]access.Role{in: role}}
	m.update(func(tx *tenancy.Tx) (err error) {
		by := audit.By{Kind: audit.KindSystem}
		actor.Staff, err = staff.Insert(m.t.Context(), tx, by, staff.New{DisplayName: name, Username: "s" + uuid.NewString(), Language: "en"})
		if err == nil {
			err = staff.Grant(m.t.Context(), tx, by, actor.Staff, in, role)
		}
		return err
	})
	return actor
}

func (m *world) request(by access.Actor, method string, form url.Values, params ...string) *web.Request {
	m.t.Helper()
	r := web.NewRequest(m.t.Context(), method, "/", form)
	r.Agency, r.Visitor, r.Session = m.agency, web.Visitor{Actor: by}, &session.Session{Staff: by.Staff, Agency: m.agency.ID}
	for i := 0; i < len(params); i += 2 {
		r.Params[params[i]] = params[i+1]
	}
	return r
}

// form is what the page of a purpose sends when nothing more is chosen.
func (m *world) form(purpose Purpose, answer Kind, change ...string) url.Values {
	m.t.Helper()
	var words Words
	m.update(func(tx *tenancy.Tx) error {
		texts, err := Current(m.t.Context(), tx)
		words = texts[purpose]
		return err
	})
	form := url.Values{"id": {tenancy.NewID().String()}, "text": {words.ID.String()}, "language": {"fr"}, "given_by": {string(Herself)},
		"how": {string(InPerson)}, "happened_on": {civil.Of(m.clock().In(i18n.Toronto())).String()}}
	if answer != Withdrawn {
		form.Set("answer", string(answer))
	}
	if purpose.casl() {
		form.Set("basis", string(Express))
	}
	for i := 0; i < len(change); i += 2 {
		form.Set(change[i], change[i+1])
	}
	return form
}

// send sends a form about Léa.
func (m *world) send(by access.Actor, purpose Purpose, answer Kind, form url.Values) (web.Response, error) {
	m.t.Helper()
	handler := m.handlers.Record
	if answer == Withdrawn {
		handler = m.handlers.Withdraw
	}
	return handler(m.request(by, http.MethodPost, form, "participant", m.lea.String(), "purpose", string(purpose)))
}

// record has the worker record something about Léa.
func (m *world) record(purpose Purpose, answer Kind, change ...string) {
	m.t.Helper()
	response, err := m.send(m.worker, purpose, answer, m.form(purpose, answer, change...))
	if err != nil || response.Status != http.StatusSeeOther {
		m.t.Fatalf("%s %s: status %d, %v: %s", purpose, answer, response.Status, err, m.text(response))
	}
}

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

// reach is Léa as somebody sees her.
func (m *world) reach(by access.Actor) *participant.Reached {
	m.t.Helper()
	var found *participant.Reached
	m.update(func(tx *tenancy.Tx) (err error) {
		found, err = participant.Reach(m.t.Context(), tx, by, m.lea, access.ParticipantViewName)
		return err
	})
	return found
}

// tab is the tab of Léa's consent.
func (m *world) tab(by access.Actor) string {
	m.t.Helper()
	r := m.request(by, http.MethodGet, nil)
	var text string
	m.update(func(tx *tenancy.Tx) error {
		b := tx.Batch()
		about := participant.Queue(b, by, m.lea)
		draw := Tab(b, r, m.lea)
		if err := b.Send(m.t.Context()); err != nil {
			return err
		}
		reached, err := about.Reach(tx.Box(), access.ConsentView)
		if err != nil {
			return err
		}
		component, err := draw(m.t.Context(), tx, reached)
		if err != nil {
			return err
		}
		var out bytes.Buffer
		err = component.Render(m.t.Context(), &out)
		text = out.String()
		return err
	})
	return text
}

// count is how many rows a statement finds.
func (m *world) count(sql string, args ...any) (n int) {
	m.t.Helper()
	m.update(func(tx *tenancy.Tx) error { return tx.QueryRow(m.t.Context(), sql, args...).Scan(&n) })
	return n
}

// insertNote adds a note about Léa.
func (m *world) insertNote(ctx context.Context, tx *tenancy.Tx) error {
	return note.Bulk(ctx, tx, []note.Note{{ID: tenancy.NewID(), Participant: m.lea, Program: m.housing, Author: m.worker.Staff,
		AuthorRole: access.DirectService, Interaction: note.Session, Text: "We talked.", HappenedOn: today, CreatedAt: m.clock()}})
}
