package grant

import (
	"bytes"
	"net/url"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/civil"
	"konote/app/fault"
	"konote/app/mail"
	"konote/app/mail/sink"
	"konote/app/participant"
	"konote/app/program"
	"konote/app/session"
	"konote/app/settings"
	"konote/app/staff"
	"konote/app/web"
	"konote/jobs"
	"konote/tenancy"
	"konote/tenancy/tenancytest"
)

// noon is the moment at which tests begin: Feb. 10, 2026 in Toronto.
var (
	noon     = time.Date(2026, 2, 10, 17, 0, 0, 0, time.UTC)
	today    = civil.Date{Year: 2026, Month: time.February, Day: 10}
	byTests  = audit.By{Kind: audit.KindOperator, Operator: "tests"}
	sentence = "Her worker is away; I take over her case."
)

// A world is an agency at tier 3 with two programs and a confidential one. Léa is in Youth
// and in the confidential one, Max in Youth and Housing.
type world struct {
	*tenancytest.World
	t                     *testing.T
	agency                *tenancy.Agency
	youth, housing, quiet uuid.UUID
	lea, max              uuid.UUID
	h                     *Handlers
	sink                  *sink.Sink
	workers               *workers

	mu  sync.Mutex
	now time.Time
}

func newWorld(t *testing.T) *world {
	t.Helper()
	m := &world{t: t, h: &Handlers{}, now: noon}
	m.World = tenancytest.New(t, func(s *tenancy.Settings) { s.Now = m.clock })
	if err := jobs.Migrate(t.Context(), m.URL("konote_owner")); err != nil {
		t.Fatal(err)
	}
	m.agency = m.World.Agency(t, func(n *tenancy.NewAgency) { n.Demo = true })
	m.fill(m.agency)
	m.set(settings.AccessTier, 3)
	m.lea, m.max = m.participant("Léa", m.youth, m.quiet), m.participant("Max", m.youth, m.housing)
	var err error
	if m.sink, err = sink.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.sink.Close)
	sender, err := mail.New(m.sink.URL(), "no-reply@konote.example")
	if err != nil {
		t.Fatal(err)
	}
	m.workers = &workers{mail: sender, url: func(host string) string { return "https://" + host }}
	return m
}

// fill makes the programs of an agency.
func (m *world) fill(agency *tenancy.Agency) {
	m.t.Helper()
	err := agency.Update(m.t.Context(), func(tx *tenancy.Tx) error {
		for name, id := range map[string]*uuid.UUID{"Youth Hub": &m.youth, "Housing": &m.housing, "Safe Harbour": &m.quiet} {
			*id = tenancy.NewID()
			p := program.Program{ID: *id, NameEN: name, NameFR: name, ServiceModel: program.Both, Status: program.Active, Confidential: id == &m.quiet}
			if err := program.Insert(m.t.Context(), tx, p, uuid.Nil); err != nil {
				return err
			}
		}
		return Seed(m.t.Context(), tx)
	})
	if err != nil {
		m.t.Fatal(err)
	}
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

func (m *world) try(sql string, args ...any) error {
	m.t.Helper()
	return m.agency.Update(m.t.Context(), func(tx *tenancy.Tx) error {
		_, err := tx.Exec(m.t.Context(), sql, args...)
		return err
	})
}

func (m *world) set(name settings.Name, value any) {
	m.t.Helper()
	m.update(func(tx *tenancy.Tx) error { return settings.Set(m.t.Context(), tx, byTests, name, value) })
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

type roles = map[uuid.UUID]access.Role

// person is a member of staff.
func (m *world) person(name string, r roles, admin ...bool) (id uuid.UUID) {
	m.t.Helper()
	m.update(func(tx *tenancy.Tx) (err error) {
		id, err = staff.Insert(m.t.Context(), tx, byTests, staff.New{DisplayName: name, Email: uuid.NewString() + "@staff.example", Language: "en", Admin: len(admin) > 0})
		for program, role := range r {
			if err == nil {
				err = staff.Grant(m.t.Context(), tx, byTests, id, program, role)
			}
		}
		return err
	})
	return id
}

// visitor is how somebody stands at her next request.
func (m *world) visitor(id uuid.UUID) web.Visitor {
	m.t.Helper()
	v, _, err := staff.Visitor(m.t.Context(), m.agency, id)
	if err != nil {
		m.t.Fatal(err)
	}
	return v
}

// ask calls a handler as somebody at her next request; it returns the answer with its page
// as text.
func (m *world) ask(by uuid.UUID, handler web.Handler, form url.Values, params ...string) (web.Response, string, error) {
	m.t.Helper()
	return m.askAt("/", by, handler, form, params...)
}

func (m *world) askAt(address string, by uuid.UUID, handler web.Handler, form url.Values, params ...string) (web.Response, string, error) {
	m.t.Helper()
	method := "GET"
	if form != nil {
		method = "POST"
	}
	r := web.NewRequest(m.t.Context(), method, address, form)
	r.Agency, r.Visitor, r.Session = m.agency, m.visitor(by), &session.Session{Staff: by, Agency: m.agency.ID}
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

// reasonID is the first of the agency's reasons.
func (m *world) reasonID() (id uuid.UUID) {
	m.t.Helper()
	m.update(func(tx *tenancy.Tx) error {
		reasons, err := Reasons(m.t.Context(), tx)
		id = reasons[0].ID
		return err
	})
	return id
}

// form is a request for access that is complete.
func (m *world) form(scope string, days int) url.Values {
	return url.Values{"id": {tenancy.NewID().String()}, "scope": {scope}, "reason": {m.reasonID().String()}, "why": {sentence}, "days": {strconv.Itoa(days)}}
}

// take asks for access to a participant's records, or a program's (scope), and returns the
// id of the grant.
func (m *world) take(by, about uuid.UUID, scope string, days int) (uuid.UUID, error) {
	m.t.Helper()
	form := m.form(scope, days)
	response, page, err := m.ask(by, m.h.Create, form, "participant", about.String())
	if err == nil && response.Status != 303 {
		m.t.Fatalf("status %d: %s", response.Status, page)
	}
	return uuid.MustParse(form.Get("id")), err
}

// mayRead says whether somebody may read the notes about a participant in a program at
// her next request.
func (m *world) mayRead(by, about, in uuid.UUID) bool {
	m.t.Helper()
	return m.visitor(by).Actor.About(about).MayIn(in, access.NoteView)
}

// close is what a participant closes to somebody.
func (m *world) close(about, to uuid.UUID, kind access.Kind) {
	m.t.Helper()
	if err := m.try(`INSERT INTO agency.directives (id, participant_id, kind, staff_id, from_on, asked_by, recorded_by) VALUES ($1, $2, $3, $4, $5, 'participant', $4)`,
		tenancy.NewID(), about, kind, to, today); err != nil {
		m.t.Fatal(err)
	}
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
