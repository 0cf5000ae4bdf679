package note

import (
	"bytes"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/circle"
	"konote/app/civil"
	"konote/app/metric"
	"konote/app/participant"
	"konote/app/plan"
	"konote/app/program"
	"konote/app/session"
	"konote/app/staff"
	"konote/app/timeline"
	"konote/app/web"
	"konote/tenancy"
	"konote/tenancy/tenancytest"
)

// noon is the moment of all tests: Feb. 10, 2026 in Toronto.
var (
	noon  = time.Date(2026, 2, 10, 17, 0, 0, 0, time.UTC)
	today = civil.Date{Year: 2026, Month: time.February, Day: 10}
)

// A world is an agency with two programs and Léa, who is enrolled in both.
type world struct {
	t              *testing.T
	agency         *tenancy.Agency
	youth, housing uuid.UUID
	lea            uuid.UUID
	handlers       *Handlers
	later          *atomic.Int64 // how long after noon it is
	metrics        []metric.Metric
}

func newWorld(t *testing.T) *world {
	t.Helper()
	later := &atomic.Int64{}
	w := tenancytest.New(t, func(s *tenancy.Settings) {
		s.Now = func() time.Time { return noon.Add(time.Duration(later.Load())) }
	})
	m := &world{t: t, later: later, agency: w.Agency(t, func(n *tenancy.NewAgency) { n.Demo = true }), handlers: &Handlers{}, youth: tenancy.NewID(), housing: tenancy.NewID()}
	for id, name := range map[uuid.UUID]string{m.youth: "Youth Hub", m.housing: "Housing"} {
		m.update(func(tx *tenancy.Tx) error {
			return program.Insert(t.Context(), tx, program.Program{ID: id, NameEN: name, NameFR: name, ServiceModel: program.Both, Status: program.Active}, uuid.Nil)
		})
	}
	m.lea = m.participant("Léa", m.youth, m.housing)
	return m
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

func (m *world) request(by access.Actor, method, address string, form url.Values, params ...string) *web.Request {
	m.t.Helper()
	r := web.NewRequest(m.t.Context(), method, address, form)
	r.Agency, r.Visitor, r.Session = m.agency, web.Visitor{Actor: by}, &session.Session{Staff: by.Staff, Agency: m.agency.ID}
	for i := 0; i < len(params); i += 2 {
		r.Params[params[i]] = params[i+1]
	}
	return r
}

// write sends the form about Léa.
func (m *world) write(by access.Actor, change func(url.Values)) (web.Response, error) {
	m.t.Helper()
	form := url.Values{"text": {"We looked at two apartments."}, "interaction": {"session"}, "happened_on": {today.String()}}
	if change != nil {
		change(form)
	}
	return m.handlers.Create(m.request(by, "POST", "/participants/"+m.lea.String()+"/notes", form, "participant", m.lea.String()))
}

// measure is a metric of the library.
func (m *world) measure(key string) metric.Metric {
	m.t.Helper()
	if m.metrics == nil {
		m.update(func(tx *tenancy.Tx) (err error) {
			if err = metric.Seed(m.t.Context(), tx); err != nil {
				return err
			}
			m.metrics, err = metric.All(m.t.Context(), tx)
			return err
		})
	}
	for _, found := range m.metrics {
		if found.LibraryKey == key {
			return found
		}
	}
	m.t.Fatalf("the library has no %s", key)
	return metric.Metric{}
}

// goal adds a goal to somebody's plan, measured by metrics of the library.
func (m *world) goal(person, program uuid.UUID, name string, measures ...string) uuid.UUID {
	m.t.Helper()
	target := plan.Target{
		ID: tenancy.NewID(), Program: program, Status: plan.Active, Achievement: plan.InProgress, AchievementBy: plan.Computed,
		CreatedAt: noon, UpdatedAt: noon, Details: plan.Details{Name: name, Words: name + ", as she said it", SetBy: plan.Jointly},
	}
	for _, key := range measures {
		found := m.measure(key)
		target.Metrics = append(target.Metrics, plan.TargetMetric{Metric: found.ID, Goal: found.GoalOr(nil), AssignedOn: today, ReviewedOn: today})
	}
	section := plan.Section{ID: tenancy.NewID(), Participant: person, Program: program, Name: "About " + name, Status: plan.SectionActive, UpdatedAt: noon}
	m.update(func(tx *tenancy.Tx) error {
		return plan.Bulk(m.t.Context(), tx, []plan.Past{{Section: section, Targets: []plan.PastTarget{{Target: target}}}})
	})
	return target.ID
}

// circle is a circle of two, of the youth program.
func (m *world) circle(name string, person uuid.UUID) uuid.UUID {
	m.t.Helper()
	made := circle.Past{
		Circle:  circle.Circle{ID: tenancy.NewID(), Program: m.youth, Name: name, Status: circle.Active, CreatedAt: noon},
		Members: []circle.Member{{ID: tenancy.NewID(), Participant: person}, {ID: tenancy.NewID(), Name: "An aunt"}},
	}
	m.update(func(tx *tenancy.Tx) error { return circle.Bulk(m.t.Context(), tx, []circle.Past{made}) })
	return made.ID
}

// achievement is how a goal stands.
func (m *world) achievement(target uuid.UUID) (found plan.Achievement) {
	m.t.Helper()
	m.update(func(tx *tenancy.Tx) error {
		return tx.QueryRow(m.t.Context(), `SELECT achievement FROM agency.targets WHERE id = $1`, target).Scan(&found)
	})
	return found
}

// count runs a statement that counts.
func (m *world) count(sql string, args ...any) (n int) {
	m.t.Helper()
	m.update(func(tx *tenancy.Tx) error { return tx.QueryRow(m.t.Context(), sql, args...).Scan(&n) })
	return n
}

// measured is the name of a measure's field in the form.
func measured(target uuid.UUID, m metric.Metric) string {
	return "m-" + target.String() + "-" + m.ID.String()
}

// notes are what the actor reads about Léa, the newest first.
func (m *world) notes(by access.Actor) (notes []Note) {
	m.t.Helper()
	m.update(func(tx *tenancy.Tx) (err error) {
		var page Page
		b := tx.Batch()
		QueueTimeline(b, m.lea, timeline.Ask{Limit: 100, Programs: by.Programs(access.NoteView)}, &page)
		if err = b.Send(m.t.Context()); err != nil {
			return err
		}
		notes, err = page.Open(tx.Box())
		return err
	})
	return notes
}

func (m *world) text(body templ.Component) string {
	m.t.Helper()
	var out bytes.Buffer
	if err := body.Render(m.t.Context(), &out); err != nil {
		m.t.Fatal(err)
	}
	return out.String()
}
