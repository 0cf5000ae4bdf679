package plan

import (
	"bytes"
	"context"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/civil"
	"konote/app/metric"
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
	noon     = time.Date(2026, 2, 10, 17, 0, 0, 0, time.UTC)
	thatDay  = civil.Date{Year: 2026, Month: time.February, Day: 10}
	ownWords = "I want a door that locks."
)

// A world is an agency with two programs and Léa, who is enrolled in both.
type world struct {
	t              *testing.T
	agency         *tenancy.Agency
	youth, housing uuid.UUID
	lea            uuid.UUID
	mood, safety   metric.Metric // PHQ-9: lower is better; safety at home: higher is
	author         uuid.UUID     // of notes
	handlers       *Handlers
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := tenancytest.New(t, func(s *tenancy.Settings) { s.Now = func() time.Time { return noon } })
	m := &world{t: t, agency: w.Agency(t, func(n *tenancy.NewAgency) { n.Demo = true }), handlers: &Handlers{}, youth: tenancy.NewID(), housing: tenancy.NewID()}
	m.update(func(tx *tenancy.Tx) error {
		for id, name := range map[uuid.UUID]string{m.youth: "Youth Hub", m.housing: "Housing"} {
			p := program.Program{ID: id, NameEN: name, NameFR: name, ServiceModel: program.Both, Status: program.Active, Confidential: id == m.youth}
			if err := program.Insert(t.Context(), tx, p, uuid.Nil); err != nil {
				return err
			}
		}
		m.mood = m.scale("PHQ-9", 27, metric.Lower, 4)
		m.safety = m.scale("Safety", 5, metric.Higher, 4)
		if err := metric.Insert(t.Context(), tx, m.mood, uuid.Nil); err != nil {
			return err
		}
		return metric.Insert(t.Context(), tx, m.safety, uuid.Nil)
	})
	m.lea = m.participant("Léa", m.youth, m.housing)
	m.author = m.worker(nil).Staff
	return m
}

func (m *world) scale(name string, high float64, better metric.Better, goal float64) metric.Metric {
	return metric.Metric{ID: tenancy.NewID(), Kind: metric.Scale, Category: metric.Custom, NameEN: name, NameFR: name, Low: new(0.0), High: &high,
		Better: better, Goal: &goal, CadenceNotes: 1, ReviewDays: 90, Status: metric.Active}
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
			Enrolment: participant.Enrolment{ID: tenancy.NewID(), Program: id, StartedOn: thatDay.AddDays(-30)},
			Steps:     []participant.Step{{Status: access.Enrolled, At: noon.AddDate(0, 0, -30)}},
		})
	}
	m.update(func(tx *tenancy.Tx) error { return participant.Bulk(m.t.Context(), tx, []participant.Past{past}) })
	return past.ID
}

// worker is a member of staff with roles.
func (m *world) worker(roles map[uuid.UUID]access.Role) access.Actor {
	m.t.Helper()
	actor := access.Actor{Roles: roles}
	m.update(func(tx *tenancy.Tx) (err error) {
		actor.Staff, err = staff.Insert(m.t.Context(), tx, audit.By{Kind: audit.KindSystem},
			staff.New{DisplayName: "Sam Ouellet", Username: "s" + uuid.NewString(), Language: "en"})
		return err
	})
	return actor
}

func (m *world) inHousing() access.Actor {
	return m.worker(map[uuid.UUID]access.Role{m.housing: access.DirectService})
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

// form is what the page of a new target sends.
func (m *world) form(change func(url.Values)) url.Values {
	form := url.Values{"id": {tenancy.NewID().String()}, "words": {ownWords}, "name": {"A home"}, "description": {"Visit two places."}, "metrics_listed": {"yes"}}
	if change != nil {
		change(form)
	}
	return form
}

// create sends the form of a new target about Léa.
func (m *world) create(by access.Actor, change func(url.Values)) (web.Response, error) {
	m.t.Helper()
	return m.handlers.Create(m.request(by, "POST", "/participants/"+m.lea.String()+"/goals", m.form(change), "participant", m.lea.String()))
}

// post sends a form of a target.
func (m *world) post(h web.Handler, by access.Actor, target uuid.UUID, form url.Values, params ...string) (web.Response, error) {
	m.t.Helper()
	return h(m.request(by, "POST", "/targets/"+target.String(), form, append(params, "target", target.String())...))
}

// made creates a target of Léa in Housing, measured by PHQ-9.
func (m *world) made(by access.Actor, change func(url.Values)) Target {
	m.t.Helper()
	answer, err := m.create(by, func(f url.Values) {
		f.Set("metric-"+m.mood.ID.String(), "yes")
		f.Set("goal-"+m.mood.ID.String(), "4")
		if change != nil {
			change(f)
		}
	})
	if err != nil || answer.Status != 303 {
		m.t.Fatalf("create: got %d, %v, want 303", answer.Status, err)
	}
	all := m.targets(by)
	return all[len(all)-1]
}

// sections are what the actor reads of Léa's plan.
func (m *world) sections(by access.Actor) (sections []Section) {
	m.t.Helper()
	m.update(func(tx *tenancy.Tx) (err error) {
		var p Pending
		b := tx.Batch()
		Queue(b, m.lea, by.About(m.lea).Programs(access.PlanView), by.Withheld(access.PlanView), &p)
		if err = b.Send(m.t.Context()); err != nil {
			return err
		}
		sections, err = p.Open(tx.Box())
		return err
	})
	return sections
}

func (m *world) targets(by access.Actor) (all []Target) {
	m.t.Helper()
	for _, s := range m.sections(by) {
		all = append(all, s.Targets...)
	}
	return all
}

func (m *world) target(by access.Actor, id uuid.UUID) Target {
	m.t.Helper()
	for _, t := range m.targets(by) {
		if t.ID == id {
			return t
		}
	}
	m.t.Fatalf("there is no target %s", id)
	return Target{}
}

// A said is one note about a target, days ago.
type noted struct {
	daysAgo    int
	program    uuid.UUID // zero: housing
	apart      bool      // the value is not the target's
	value      *float64
	descriptor Descriptor
}

// note writes a note about a target in the tables and computes how it stands, as package
// note does. It returns the note.
func (m *world) note(t Target, n noted) uuid.UUID {
	m.t.Helper()
	id, in, day := tenancy.NewID(), n.program, thatDay.AddDays(-n.daysAgo)
	if in == uuid.Nil {
		in = m.housing
	}
	of := &t.ID
	if n.apart {
		of = nil
	}
	m.update(func(tx *tenancy.Tx) error {
		ctx := m.t.Context()
		if _, err := tx.Exec(ctx, `INSERT INTO agency.notes (id, participant_id, program_id, author_id, author_role, interaction, happened_on, created_at, text_sealed)
			VALUES ($1, $2, $3, $4, 'direct_service', 'session', $5, $6, '\x00')`, id, m.lea, in, m.author, day, noon); err != nil {
			return err
		}
		if n.descriptor != "" {
			if _, err := tx.Exec(ctx, `INSERT INTO agency.note_targets (id, note_id, target_id, descriptor, happened_on) VALUES ($1, $2, $3, $4, $5)`,
				tenancy.NewID(), id, t.ID, n.descriptor, day); err != nil {
				return err
			}
		}
		if n.value != nil {
			if _, err := tx.Exec(ctx, `INSERT INTO agency.metric_values (id, note_id, participant_id, target_id, metric_id, value, taken_on)
				VALUES ($1, $2, $3, $4, $5, $6::float8::numeric, $7)`, tenancy.NewID(), id, m.lea, of, m.mood.ID, *n.value, day); err != nil {
				return err
			}
		}
		return Recompute(ctx, tx, m.lea, []uuid.UUID{t.ID})
	})
	return id
}

func (m *world) text(body templ.Component) string {
	m.t.Helper()
	var out bytes.Buffer
	if err := body.Render(m.t.Context(), &out); err != nil {
		m.t.Fatal(err)
	}
	return out.String()
}

// edited is the form of a target as it is, changed.
func edited(t Target, base typed, change map[string]string) url.Values {
	form := url.Values{"version": {strconv.Itoa(t.Version)}}
	for _, f := range fields {
		form.Set(f.name, *f.of(&base))
		form.Set("base_"+f.name, *f.of(&base))
	}
	for name, value := range change {
		form.Set(name, value)
	}
	return form
}

func insertMetric(ctx context.Context, tx *tenancy.Tx, m metric.Metric) error {
	return metric.Insert(ctx, tx, m, uuid.Nil)
}
