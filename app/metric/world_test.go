package metric_test

import (
	"bytes"
	"context"
	"net/url"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

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
	noon  = time.Date(2026, 2, 10, 17, 0, 0, 0, time.UTC)
	today = civil.Date{Year: 2026, Month: time.February, Day: 10}
)

// A world is an agency with two programs, one of them confidential, and the library.
type world struct {
	t           *testing.T
	w           *tenancytest.World
	agency      *tenancy.Agency
	open, quiet uuid.UUID
	handlers    *metric.Handlers
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := tenancytest.New(t, func(s *tenancy.Settings) { s.Now = func() time.Time { return noon } })
	m := &world{t: t, w: w, agency: w.Agency(t, func(n *tenancy.NewAgency) { n.Demo = true }), handlers: &metric.Handlers{}, open: tenancy.NewID(), quiet: tenancy.NewID()}
	m.update(func(tx *tenancy.Tx) error {
		for id, name := range map[uuid.UUID]string{m.open: "Youth Hub", m.quiet: "Safe Harbour"} {
			p := program.Program{ID: id, NameEN: name, NameFR: name, ServiceModel: program.Both, Status: program.Active, Confidential: id == m.quiet}
			if err := program.Insert(t.Context(), tx, p, uuid.Nil); err != nil {
				return err
			}
		}
		return metric.Seed(t.Context(), tx)
	})
	return m
}

func (m *world) update(f func(*tenancy.Tx) error) {
	m.t.Helper()
	if err := m.agency.Update(m.t.Context(), f); err != nil {
		m.t.Fatal(err)
	}
}

// all are the agency's metrics by library key or, where they have none, English name.
func (m *world) all() map[string]metric.Metric {
	m.t.Helper()
	byKey := map[string]metric.Metric{}
	m.update(func(tx *tenancy.Tx) error {
		metrics, err := metric.All(m.t.Context(), tx)
		for _, found := range metrics {
			key := found.LibraryKey
			if key == "" {
				key = found.NameEN
			}
			byKey[key] = found
		}
		return err
	})
	return byKey
}

// recorded counts the audit records of the agency by their action.
func (m *world) recorded() map[string]int {
	m.t.Helper()
	conn, err := pgx.Connect(m.t.Context(), m.w.SuperuserURL())
	if err != nil {
		m.t.Fatal(err)
	}
	defer conn.Close(context.Background())
	rows, err := conn.Query(m.t.Context(), `SELECT convert_from(body, 'UTF8')::jsonb ->> 'action' FROM outbox.audit_events WHERE agency_id = $1`, m.agency.ID)
	if err != nil {
		m.t.Fatal(err)
	}
	actions, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		m.t.Fatal(err)
	}
	counted := map[string]int{}
	for _, action := range actions {
		counted[action]++
	}
	return counted
}

// own adds a metric of a program, or of the whole agency (uuid.Nil).
func (m *world) own(name string, of uuid.UUID) metric.Metric {
	m.t.Helper()
	made := metric.Metric{ID: tenancy.NewID(), Kind: metric.Scale, Category: metric.Custom, NameEN: name, NameFR: name, Better: metric.Higher,
		CadenceNotes: 1, ReviewDays: 90, Status: metric.Active}
	if of != uuid.Nil {
		made.Program = &of
	}
	m.update(func(tx *tenancy.Tx) error { return metric.Insert(m.t.Context(), tx, made, uuid.Nil) })
	return m.all()[name]
}

// somebody is a member of staff with roles, or an administrator.
func (m *world) somebody(admin bool, roles map[uuid.UUID]access.Role) access.Actor {
	m.t.Helper()
	actor := access.Actor{Admin: admin, Roles: roles}
	m.update(func(tx *tenancy.Tx) (err error) {
		actor.Staff, err = staff.Insert(m.t.Context(), tx, audit.By{Kind: audit.KindSystem},
			staff.New{DisplayName: "Sam Ouellet", Username: "s" + uuid.NewString(), Language: "en", Admin: admin})
		return err
	})
	return actor
}

func (m *world) manager(of uuid.UUID) access.Actor {
	return m.somebody(false, map[uuid.UUID]access.Role{of: access.ProgramManager})
}

// participant is somebody, enrolled in nothing.
func (m *world) participant() uuid.UUID {
	m.t.Helper()
	past := participant.Past{Participant: participant.Participant{ID: tenancy.NewID(), CreatedAt: noon,
		Details: participant.Details{FirstName: "Léa", LastName: "Tremblay", Status: participant.Active, Language: "fr"}}}
	m.update(func(tx *tenancy.Tx) error { return participant.Bulk(m.t.Context(), tx, []participant.Past{past}) })
	return past.ID
}

// A noted value, or a session when there is no metric.
type noted struct {
	of          uuid.UUID // program
	on          civil.Date
	metric      uuid.UUID
	value       float64
	interaction string
	outcome     string
	cancelled   bool
	kind        string // "" for a quick one
}

func (m *world) note(about, author uuid.UUID, n noted) {
	m.t.Helper()
	if n.interaction == "" {
		n.interaction = "session"
	}
	m.update(func(tx *tenancy.Tx) error {
		id := tenancy.NewID()
		if _, err := tx.Exec(m.t.Context(), `INSERT INTO agency.notes
			(id, participant_id, program_id, author_id, author_role, interaction, outcome, happened_on, created_at,
			 cancelled_at, cancelled_by, cancel_reason_sealed, kind)
			VALUES ($1, $2, $3, $4, 'direct_service', $5, nullif($6, ''), $7, $8,
			 CASE WHEN $9::bool THEN $8::timestamptz END, CASE WHEN $9 THEN $4::uuid END, CASE WHEN $9 THEN '\x00'::bytea END, coalesce(nullif($10, ''), 'quick'))`,
			id, about, n.of, author, n.interaction, n.outcome, n.on, noon, n.cancelled, n.kind); err != nil || n.metric == uuid.Nil {
			return err
		}
		_, err := tx.Exec(m.t.Context(), `INSERT INTO agency.metric_values (id, note_id, participant_id, metric_id, value, taken_on)
			VALUES ($1, $2, $3, $4, $5, $6)`, tenancy.NewID(), id, about, n.metric, n.value, n.on)
		return err
	})
}

// request makes one by hand. params are pairs.
func (m *world) request(by access.Actor, method, address string, form url.Values, params ...string) *web.Request {
	m.t.Helper()
	r := web.NewRequest(m.t.Context(), method, address, form)
	r.Agency, r.Visitor, r.Session = m.agency, web.Visitor{Actor: by}, &session.Session{Staff: by.Staff, Agency: m.agency.ID}
	for i := 0; i < len(params); i += 2 {
		r.Params[params[i]] = params[i+1]
	}
	return r
}

// text is a page as it is sent.
func (m *world) text(response web.Response) string {
	m.t.Helper()
	var out bytes.Buffer
	if err := response.Body.Render(m.t.Context(), &out); err != nil {
		m.t.Fatal(err)
	}
	return out.String()
}

// form is a complete scale as the page sends it.
func form(change func(url.Values)) url.Values {
	values := url.Values{
		"name_en": {"Hours asleep"}, "name_fr": {"Heures de sommeil"}, "category": {"custom"}, "kind": {"scale"}, "better": {"higher"},
		"program": {"all"}, "decimals": {"1"}, "cadence_notes": {"2"}, "review_days": {"60"}, "version": {"1"},
		"low": {"0"}, "high": {"24"}, "goal": {"7.5"}, "warn_low": {"3"}, "warn_high": {"12"}, "unlikely_low": {"1"}, "unlikely_high": {"18"},
		"unit_en": {"hour|hours"}, "unit_fr": {"heure|heures"},
		"band-1-from": {"0"}, "band-1-to": {"4.9"}, "band-1-en": {"Short"}, "band-1-fr": {"Court"},
		"why":         {"A night has more than eight hours."},
		"band-2-from": {"5"}, "band-2-to": {"24"}, "band-2-en": {"Enough"}, "band-2-fr": {"Assez"},
	}
	if change != nil {
		change(values)
	}
	return values
}
