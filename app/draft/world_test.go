package draft

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/session"
	"konote/app/staff"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
	"konote/tenancy/tenancytest"
)

// noon is the moment at which all tests begin: Feb. 10, 2026 in Toronto.
var noon = time.Date(2026, 2, 10, 17, 0, 0, 0, time.UTC)

// A world is an agency with two forms and somebody whom they are about.
type world struct {
	t        *testing.T
	world    *tenancytest.World
	agency   *tenancy.Agency
	now      time.Time
	reached  map[uuid.UUID]bool // by whom
	about    uuid.UUID
	form     Form
	handlers *Handlers
	sam, kim access.Actor
}

func newWorld(t *testing.T) *world {
	t.Helper()
	m := &world{t: t, now: noon, about: tenancy.NewID(), reached: map[uuid.UUID]bool{}}
	m.world = tenancytest.New(t, func(s *tenancy.Settings) { s.Now = func() time.Time { return m.now } })
	m.agency = m.world.Agency(t, func(n *tenancy.NewAgency) { n.Demo = true })
	m.form = Form{
		Name: "test.form", Title: i18n.NoteNewTitle,
		Page: func(record, _ uuid.UUID) view.URL { return view.To("test", record.String()) },
		About: func(r *web.Request, _ *tenancy.Tx, record uuid.UUID) (About, error) {
			if !m.reached[r.Actor().Staff] || record != m.about {
				return About{}, fault.Missing()
			}
			return About{Participant: record, Confidential: true}, nil
		},
	}
	other := m.form
	other.Name = "test.other"
	m.handlers = &Handlers{Forms: Forms{m.form, other}}
	m.sam, m.kim = m.staff(m.agency), m.staff(m.agency)
	m.reached[m.sam.Staff], m.reached[m.kim.Staff] = true, true
	return m
}

func (m *world) staff(agency *tenancy.Agency) access.Actor {
	m.t.Helper()
	var actor access.Actor
	m.in(agency, func(tx *tenancy.Tx) (err error) {
		actor.Staff, err = staff.Insert(m.t.Context(), tx, audit.By{Kind: audit.KindSystem},
			staff.New{DisplayName: "Sam Ouellet", Username: "s" + uuid.NewString(), Language: "en"})
		return err
	})
	return actor
}

func (m *world) in(agency *tenancy.Agency, f func(*tenancy.Tx) error) {
	m.t.Helper()
	if err := agency.Update(m.t.Context(), f); err != nil {
		m.t.Fatal(err)
	}
}

func (m *world) request(by access.Actor, method string, form url.Values) *web.Request {
	m.t.Helper()
	r := web.NewRequest(m.t.Context(), method, "/", form)
	r.Agency, r.Visitor, r.Session = m.agency, web.Visitor{Actor: by}, &session.Session{Staff: by.Staff, Agency: m.agency.ID}
	r.Params["form"], r.Params["record"] = m.form.Name, m.about.String()
	return r
}

// A window is one opening of the form by somebody.
type window struct {
	*world
	by     access.Actor
	draft  view.Draft
	values url.Values // as the page shows them
	last   int
}

func (m *world) open(by access.Actor) *window {
	m.t.Helper()
	return m.openAs(m.request(by, http.MethodGet, nil))
}

func (m *world) openAs(r *web.Request) *window {
	m.t.Helper()
	w := &window{world: m, by: r.Actor()}
	m.in(r.Agency, func(tx *tenancy.Tx) (err error) {
		w.draft, err = m.form.Open(r, tx, m.about)
		w.values = r.Form
		return err
	})
	return w
}

// fields are those that the form sends with its n-th save.
func (w *window) fields(n int, text string) url.Values {
	return url.Values{"text": {text}, "version": {"3"}, view.CSRFField: {"t"}, view.StampField: {"s"}, "new_password": {"secret"},
		view.DraftWindowField: {w.draft.Window}, view.DraftSequenceField: {strconv.Itoa(n)}, view.DraftFromField: {w.draft.From}}
}

// save is the script's next save.
func (w *window) save(text string) answer {
	w.t.Helper()
	w.last++
	return w.saveAs(w.last, text)
}

func (w *window) saveAs(n int, text string) answer {
	w.t.Helper()
	response, err := w.handlers.Save(w.request(w.by, http.MethodPost, w.fields(n, text)))
	if err != nil {
		w.t.Fatal(err)
	}
	return read(w.t, response)
}

// done is what the transaction does that saves the form.
func (w *window) done() {
	w.t.Helper()
	r := w.request(w.by, http.MethodPost, w.fields(w.last, ""))
	w.in(w.agency, func(tx *tenancy.Tx) error { w.form.Done(r, tx, w.about); return nil })
}

func (w *window) discard(change func(url.Values)) {
	w.t.Helper()
	form := w.fields(w.last, "")
	if change != nil {
		change(form)
	}
	if _, err := w.handlers.Discard(w.request(w.by, http.MethodPost, form)); err != nil {
		w.t.Fatal(err)
	}
}

// list is what somebody's home page lists.
func (m *world) list(by access.Actor) (listed []Listed) {
	m.t.Helper()
	m.in(m.agency, func(tx *tenancy.Tx) error {
		b := tx.Batch()
		pending := m.handlers.Forms.Queue(b, by)
		if err := b.Send(m.t.Context()); err != nil {
			return err
		}
		listed = pending.All()
		return nil
	})
	return listed
}

// recorded counts the acts in the outbox.
func (m *world) recorded(action audit.Action) (n int) {
	m.t.Helper()
	conn, err := pgx.Connect(m.t.Context(), m.world.SuperuserURL())
	if err != nil {
		m.t.Fatal(err)
	}
	defer conn.Close(context.Background())
	err = conn.QueryRow(m.t.Context(), `SELECT count(*) FROM outbox.audit_events WHERE agency_id = $1 AND convert_from(body, 'UTF8')::jsonb ->> 'action' = $2`,
		m.agency.ID, action).Scan(&n)
	if err != nil {
		m.t.Fatal(err)
	}
	return n
}

func read(t *testing.T, response web.Response) (a answer) {
	t.Helper()
	if err := json.Unmarshal(response.Data, &a); err != nil {
		t.Fatal(err)
	}
	return a
}
