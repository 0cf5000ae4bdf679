package team

import (
	"bytes"
	"context"
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/civil"
	"konote/app/event"
	"konote/app/message"
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
	noon      = time.Date(2026, 2, 10, 17, 0, 0, 0, time.UTC)
	dayOfTest = civil.Date{Year: 2026, Month: time.February, Day: 10}
)

// A world is an agency with three programs, of which quiet is confidential, and its clock.
type world struct {
	t                     *testing.T
	w                     *tenancytest.World
	agency                *tenancy.Agency
	youth, housing, quiet uuid.UUID
	now                   *time.Time
	h                     *Handlers
}

func newWorld(t *testing.T) *world {
	t.Helper()
	now := noon
	w := tenancytest.New(t, func(s *tenancy.Settings) { s.Now = func() time.Time { return now } })
	m := &world{t: t, w: w, agency: w.Agency(t, func(n *tenancy.NewAgency) { n.Demo = true }), now: &now, h: &Handlers{}}
	for name, id := range map[string]*uuid.UUID{"Youth Hub": &m.youth, "Housing": &m.housing, "Safe Harbour": &m.quiet} {
		*id = tenancy.NewID()
		p := program.Program{ID: *id, NameEN: name, NameFR: name, ServiceModel: program.Both, Status: program.Active, Confidential: id == &m.quiet}
		m.update(func(tx *tenancy.Tx) error { return program.Insert(t.Context(), tx, p, uuid.Nil) })
	}
	return m
}

func (m *world) update(f func(*tenancy.Tx) error) {
	m.t.Helper()
	if err := m.agency.Update(m.t.Context(), f); err != nil {
		m.t.Fatal(err)
	}
}

// enrolled is somebody with one enrolment; its id is returned.
func (m *world) enrolled(name string, program uuid.UUID, status access.EnrolmentStatus) participant.Enrolment {
	m.t.Helper()
	e := participant.Enrolment{ID: tenancy.NewID(), Program: program, Participant: tenancy.NewID(), Status: status, StartedOn: dayOfTest.AddDays(-40), Version: 1}
	if status == access.Planned || status == access.Waitlist {
		e.StartedOn = civil.Date{}
	}
	past := participant.Past{
		Participant: participant.Participant{ID: e.Participant, CreatedAt: noon,
			Details: participant.Details{FirstName: name, LastName: "Roy", Status: participant.Active, Language: "en"}},
		Enrolments: []participant.PastEnrolment{{Enrolment: e, Steps: []participant.Step{{Status: status, At: noon.AddDate(0, 0, -40)}}}},
	}
	m.update(func(tx *tenancy.Tx) error { return participant.Bulk(m.t.Context(), tx, []participant.Past{past}) })
	return e
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

// answer is what came back.
type answer struct {
	Status int
	To     string
	Page   string
	Err    error
}

func (m *world) ask(by access.Actor, handler web.Handler, address string, form url.Values, params ...string) answer {
	m.t.Helper()
	method := "GET"
	if form != nil {
		method = "POST"
	}
	r := web.NewRequest(m.t.Context(), method, address, form)
	r.Agency, r.Visitor, r.Session = m.agency, web.Visitor{Actor: by}, &session.Session{Staff: by.Staff, Agency: m.agency.ID}
	for i := 0; i < len(params); i += 2 {
		r.Params[params[i]] = params[i+1]
	}
	response, err := handler(r)
	a := answer{Status: response.Status, To: response.To.String(), Err: err}
	if err == nil && response.Body != nil {
		var out bytes.Buffer
		if err := response.Body.Render(m.t.Context(), &out); err != nil {
			m.t.Fatal(err)
		}
		a.Page = out.String()
	}
	return a
}

// team is the page for the actor.
func (m *world) team(by access.Actor, query string) answer {
	m.t.Helper()
	return m.ask(by, m.h.Show, "/team?"+query, nil)
}

var (
	tableRow = regexp.MustCompile(`(?s)<tr><th scope="row">([^<]+)</th>(.*?)</tr>`)
	cell     = regexp.MustCompile(`<td[^>]*>([^<]*)</td>`)
)

// numbers are those of each person on a page, in the order of the columns.
func (a answer) numbers() map[string]string {
	found := map[string]string{}
	for _, row := range tableRow.FindAllStringSubmatch(a.Page, -1) {
		for _, one := range cell.FindAllStringSubmatch(row[2], -1) {
			found[row[1]] = strings.TrimSpace(found[row[1]] + " " + one[1])
		}
	}
	return found
}

// note is one that somebody wrote in a program, some days ago.
func (m *world) note(by access.Actor, about participant.Enrolment, daysAgo int, change func(*note.Note)) note.Note {
	m.t.Helper()
	n := note.Note{ID: tenancy.NewID(), Participant: about.Participant, Program: about.Program, Author: by.Staff, AuthorRole: access.DirectService,
		Interaction: note.Session, Text: "Words.", HappenedOn: dayOfTest.AddDays(-daysAgo), CreatedAt: noon.AddDate(0, 0, -daysAgo)}
	if change != nil {
		change(&n)
	}
	m.update(func(tx *tenancy.Tx) error { return note.Bulk(m.t.Context(), tx, []note.Note{n}) })
	return n
}

// meeting is one that somebody attends, so many days ahead.
func (m *world) meeting(with access.Actor, about participant.Enrolment, ahead int, status event.Status) {
	m.t.Helper()
	starts := noon.AddDate(0, 0, ahead).Add(time.Hour)
	e := event.Event{ID: tenancy.NewID(), Participant: about.Participant, Program: about.Program, Author: with.Staff, AuthorRole: access.DirectService, Kind: event.Meeting,
		HappenedOn: dayOfTest.AddDays(ahead), StartsAt: starts, EndsAt: starts.Add(time.Hour), Attendees: []uuid.UUID{with.Staff}, Status: status, CreatedAt: noon}
	m.update(func(tx *tenancy.Tx) error { return event.Bulk(m.t.Context(), tx, []event.Event{e}) })
}

// contact is one that somebody logged, some days ago.
func (m *world) contact(by access.Actor, about participant.Enrolment, daysAgo int) {
	m.t.Helper()
	c := message.Contact{ID: tenancy.NewID(), Participant: about.Participant, Program: about.Program, LoggedBy: by.Staff, Role: access.DirectService,
		Direction: message.Out, Channel: message.Phone, Outcome: message.NoAnswer, HappenedOn: dayOfTest.AddDays(-daysAgo), CreatedAt: noon.AddDate(0, 0, -daysAgo)}
	m.update(func(tx *tenancy.Tx) error { return message.Bulk(m.t.Context(), tx, []message.Contact{c}) })
}

func (m *world) do(sql string, args ...any) {
	m.t.Helper()
	m.update(func(tx *tenancy.Tx) error { _, err := tx.Exec(m.t.Context(), sql, args...); return err })
}

// act is one audit record as it left the agency.
type act struct {
	Action       audit.Action
	Program      uuid.UUID
	Participants []uuid.UUID
	Confidential bool
}

// acts are the audit records with this action, oldest first.
func (m *world) acts(action audit.Action) (found []act) {
	m.t.Helper()
	conn, err := pgx.Connect(m.t.Context(), m.w.SuperuserURL())
	if err != nil {
		m.t.Fatal(err)
	}
	defer conn.Close(context.Background())
	rows, err := conn.Query(m.t.Context(), `SELECT body FROM outbox.audit_events WHERE agency_id = $1 ORDER BY position`, m.agency.ID)
	if err != nil {
		m.t.Fatal(err)
	}
	bodies, err := pgx.CollectRows(rows, pgx.RowTo[[]byte])
	if err != nil {
		m.t.Fatal(err)
	}
	for _, raw := range bodies {
		var a act
		if err := json.Unmarshal(raw, &a); err != nil {
			m.t.Fatal(err)
		}
		if a.Action == action {
			found = append(found, a)
		}
	}
	return found
}

// nextOf is the query of the address of the following page.
func nextOf(t *testing.T, page string) string {
	t.Helper()
	found := regexp.MustCompile(`rel="next" href="/team\?([^"]+)"`).FindStringSubmatch(page)
	if found == nil {
		t.Fatal("there is no following page")
	}
	return strings.ReplaceAll(found[1], "&amp;", "&")
}
