package event

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/civil"
	"konote/app/consent"
	"konote/app/i18n"
	"konote/app/limit"
	"konote/app/mail"
	"konote/app/mail/sink"
	"konote/app/note"
	"konote/app/participant"
	"konote/app/program"
	"konote/app/session"
	"konote/app/staff"
	"konote/app/web"
	"konote/jobs"
	"konote/tenancy"
	"konote/tenancy/tenancytest"
)

// noon is the moment at which tests begin: Feb. 10, 2026 in Toronto.
var (
	noon  = time.Date(2026, 2, 10, 17, 0, 0, 0, time.UTC)
	today = civil.Date{Year: 2026, Month: time.February, Day: 10}
)

// A world is an agency with two programs, Léa in both and Max in Housing, and a mail
// server.
type world struct {
	*tenancytest.World
	t              *testing.T
	agency         *tenancy.Agency
	youth, housing uuid.UUID
	lea, max       uuid.UUID
	handlers       *Handlers
	sink           *sink.Sink
	workers        *workers

	mu  sync.Mutex
	now time.Time
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return worldOn(t, tenancytest.New)
}

func worldOn(t *testing.T, open func(testing.TB, ...func(*tenancy.Settings)) *tenancytest.World) *world {
	t.Helper()
	m := &world{t: t, now: noon, youth: tenancy.NewID(), housing: tenancy.NewID()}
	w := open(t, func(s *tenancy.Settings) { s.Now = m.clock })
	m.World = w
	if err := jobs.Migrate(t.Context(), w.URL("konote_owner")); err != nil {
		t.Fatal(err)
	}
	m.agency = w.Agency(t, func(n *tenancy.NewAgency) { n.Demo = true })
	at := func(host string) string { return "https://" + host }
	m.handlers = &Handlers{URL: at, Limits: m.limits(w)}
	m.update(func(tx *tenancy.Tx) error {
		for id, name := range map[uuid.UUID]string{m.youth: "Youth Hub", m.housing: "Housing"} {
			if err := program.Insert(t.Context(), tx, program.Program{ID: id, NameEN: name, NameFR: name, ServiceModel: program.Both, Status: program.Active}, uuid.Nil); err != nil {
				return err
			}
		}
		if err := consent.Seed(t.Context(), tx); err != nil {
			return err
		}
		return Seed(t.Context(), tx)
	})
	m.lea, m.max = m.participant("Léa", m.youth, m.housing), m.participant("Max", m.housing)
	m.consent(consent.Event{Purpose: consent.Email, Kind: consent.Given, Basis: consent.Express, HappenedOn: civil.Date{Year: 2020, Month: time.May, Day: 1}})
	var err error
	if m.sink, err = sink.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.sink.Close)
	m.workers = &workers{mail: m.sender(m.sink.URL()), url: at}
	return m
}

func (m *world) sender(address string) *mail.Sender {
	m.t.Helper()
	sender, err := mail.New(address, "no-reply@konote.example")
	if err != nil {
		m.t.Fatal(err)
	}
	return sender
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

func (m *world) exec(sql string, args ...any) {
	m.t.Helper()
	m.update(func(tx *tenancy.Tx) error {
		_, err := tx.Exec(m.t.Context(), sql, args...)
		return err
	})
}

func (m *world) participant(name string, programs ...uuid.UUID) uuid.UUID {
	m.t.Helper()
	past := participant.Past{Participant: participant.Participant{ID: tenancy.NewID(), CreatedAt: noon,
		Details: participant.Details{FirstName: name, LastName: "Tremblay", RecordID: "R-" + name, Email: strings.ToLower(name[:1]) + "@people.example",
			Status: participant.Active, Language: "fr"}}}
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
func (m *world) worker(name string, roles map[uuid.UUID]access.Role) access.Actor {
	m.t.Helper()
	actor := access.Actor{Roles: roles}
	m.update(func(tx *tenancy.Tx) (err error) {
		actor.Staff, err = staff.Insert(m.t.Context(), tx, audit.By{Kind: audit.KindSystem},
			staff.New{DisplayName: name, Username: "s" + uuid.NewString(), Email: "s" + uuid.NewString() + "@staff.example", Language: "en"})
		for in, role := range roles {
			if err == nil {
				err = staff.Grant(m.t.Context(), tx, audit.By{Kind: audit.KindSystem}, actor.Staff, in, role)
			}
		}
		return err
	})
	return actor
}

func (m *world) note(about, in uuid.UUID, by access.Actor) uuid.UUID {
	m.t.Helper()
	n := note.Note{ID: tenancy.NewID(), Participant: about, Program: in, Author: by.Staff, AuthorRole: access.DirectService,
		Interaction: note.Session, Text: "We talked.", HappenedOn: today, CreatedAt: noon}
	m.update(func(tx *tenancy.Tx) error { return note.Bulk(m.t.Context(), tx, []note.Note{n}) })
	return n.ID
}

func (m *world) request(by access.Actor, method, address string, form url.Values, params ...string) *web.Request {
	m.t.Helper()
	r := web.NewRequest(m.t.Context(), method, address, form)
	r.Agency, r.Visitor = m.agency, web.Visitor{Actor: by}
	if by.Staff != uuid.Nil {
		r.Session = &session.Session{Staff: by.Staff, Agency: m.agency.ID}
	}
	for i := 0; i < len(params); i += 2 {
		r.Params[params[i]] = params[i+1]
	}
	return r
}

// write sends the form of an event about Léa.
func (m *world) write(by access.Actor, change func(url.Values)) (web.Response, error) {
	m.t.Helper()
	form := url.Values{"id": {tenancy.NewID().String()}, "title": {"Moved into an apartment"}, "description": {"With a balcony."}, "happened_on": {today.String()}}
	if change != nil {
		change(form)
	}
	return m.handlers.Create(m.request(by, "POST", "/", form, "participant", m.lea.String()))
}

// meet sends the form of a meeting with Léa, two days ahead.
func (m *world) meet(by access.Actor, change func(url.Values)) (web.Response, error) {
	m.t.Helper()
	form := url.Values{"id": {tenancy.NewID().String()}, "happened_on": {today.AddDays(2).String()}, "starts": {"14:05"}, "length": {"45"},
		"location": {"Room 4"}, "attendees": {by.Staff.String()}}
	if change != nil {
		change(form)
	}
	return m.handlers.CreateMeeting(m.request(by, "POST", "/", form, "participant", m.lea.String()))
}

// made is what a form has made: the last event or meeting about Léa.
func (m *world) made(t *testing.T, response web.Response, err error) Entry {
	t.Helper()
	if err != nil || response.Status != http.StatusSeeOther {
		t.Fatalf("status %d, %v: %s", response.Status, err, m.text(response))
	}
	parts := strings.Split(response.To.String(), "/")
	id, err := uuid.Parse(parts[len(parts)-1])
	if err != nil {
		t.Fatal(err)
	}
	return m.load(id)
}

func (m *world) load(id uuid.UUID) (e Entry) {
	m.t.Helper()
	m.update(func(tx *tenancy.Tx) (err error) {
		e, err = byID(m.t.Context(), tx, id)
		return err
	})
	return e
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

// page shows an event or meeting to somebody.
func (m *world) page(by access.Actor, e Entry) (string, error) {
	m.t.Helper()
	show, name := m.handlers.Show, "event"
	if e.Kind == Meeting {
		show, name = m.handlers.ShowMeeting, "meeting"
	}
	response, err := show(m.request(by, "GET", "/", nil, name, e.ID.String()))
	return m.text(response), err
}

func (m *world) category(t *testing.T, severity int) Type {
	t.Helper()
	var all []Type
	m.update(func(tx *tenancy.Tx) (err error) {
		all, err = Types(t.Context(), tx)
		return err
	})
	for _, found := range all {
		if found.Severity == severity {
			return found
		}
	}
	t.Fatal("no such category")
	return Type{}
}

// limits are counted in a Redis of the tests.
func (m *world) limits(w *tenancytest.World) *limit.Limits {
	m.t.Helper()
	client, err := session.Dial(w.RedisURL)
	if err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(func() { _ = client.Close() })
	limits, err := limit.New(client, bytes.Repeat([]byte("s"), 32), m.clock)
	if err != nil {
		m.t.Fatal(err)
	}
	return limits
}

// remind runs the job of a meeting.
func (m *world) remind(e Entry) error {
	return m.workers.remind(context.Background(), m.agency, remindArgs{Meeting: e.ID, Starts: e.StartsAt})
}

// consent records what Léa has decided.
func (m *world) consent(e consent.Event) {
	m.t.Helper()
	e.ID, e.Participant, e.By, e.How, e.RecordedAt = tenancy.NewID(), m.lea, consent.Herself, consent.InPerson, m.clock()
	m.update(func(tx *tenancy.Tx) error {
		texts, err := consent.Current(m.t.Context(), tx)
		if err != nil {
			return err
		}
		if e.Kind != consent.Withdrawn {
			e.Text, e.Language = texts[e.Purpose].ID, "fr"
		}
		return consent.Bulk(m.t.Context(), tx, []consent.Event{e}, i18n.Toronto())
	})
}

func (m *world) asked(by string) {
	m.t.Helper()
	m.exec(`UPDATE agency.participants SET contact_by = nullif($1, '')`, by)
}
