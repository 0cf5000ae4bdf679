package staff

import (
	"context"
	"encoding/json"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/app/audit"
	"konote/app/limit"
	"konote/app/session"
	"konote/app/settings"
	"konote/app/view"
	"konote/app/web"
	"konote/jobs"
	"konote/tenancy"
	"konote/tenancy/tenancytest"
)

const goodPassword = "violet anchor soup ladder"

var operator = audit.By{Kind: audit.KindOperator, Operator: "test", Reference: "TEST"}

// A world is one agency behind the real pipeline of package web.
type world struct {
	t        testing.TB
	base     *tenancytest.World
	agency   *tenancy.Agency
	hasher   *Hasher
	sessions *session.Store
	limits   *limit.Limits
	handlers *Handlers
	app      *web.App
	clock    *clock
}

// A clock that a test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// newWorld makes an agency with handlers whose failures are answered quickly.
func newWorld(t testing.TB, change ...func(*HasherSettings)) *world {
	t.Helper()
	w := &world{t: t, clock: &clock{now: time.Now()}}
	w.base = tenancytest.New(t, func(s *tenancy.Settings) { s.Now = w.clock.Now })
	w.must(jobs.Migrate(t.Context(), w.base.URL("konote_owner"))) // people are told of new devices
	w.agency = w.base.Agency(t)
	chosen := HasherSettings{Peppers: [][]byte{testSecret(7)}, AtOnce: 2, Queue: 1000, Wait: time.Minute}
	for _, f := range change {
		f(&chosen)
	}
	var err error
	if w.hasher, err = NewHasher(chosen); err != nil {
		t.Fatal(err)
	}
	w.serve(w.base.RedisURL)
	return w
}

// serve makes the stores on a Redis, the handlers and the application.
func (w *world) serve(redisURL string) {
	w.t.Helper()
	client, err := session.Dial(redisURL)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = client.Close() })
	if w.sessions, err = session.New(client, testSecret(1), w.clock.Now); err != nil {
		w.t.Fatal(err)
	}
	if w.limits, err = limit.New(client, testSecret(2), w.clock.Now); err != nil {
		w.t.Fatal(err)
	}
	w.handlers = &Handlers{Hasher: w.hasher, Limits: w.limits, Sessions: w.sessions, AnswerAfter: time.Millisecond}
	var known Visitors
	w.app, err = web.New(web.Config{
		Agencies: w.base.Platform, Sessions: w.sessions, Limits: w.limits, Assets: noAssets{}, Secret: testSecret(3), Secure: true,
		TrustedProxies: []string{"0.0.0.0"}, Now: w.clock.Now,
		Hooks: web.Hooks{
			Visitor: func(ctx context.Context, agency *tenancy.Agency, id uuid.UUID, _ bool) (web.Visitor, web.AgencySettings, error) {
				return known.Load(ctx, agency, id)
			},
			Language: SetLanguage,
			Refused: func(r *web.Request, err error) error {
				return r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
					person, _ := r.ID("person")
					return audit.Record(r.Context(), tx, audit.From(r), audit.Event{Action: "access.refused", Outcome: audit.Refused, Subject: person})
				})
			},
			Settings: func(ctx context.Context, agency *tenancy.Agency) (loaded web.AgencySettings, err error) {
				err = agency.View(ctx, func(tx *tenancy.Tx) error {
					loaded, err = settings.Load(ctx, tx)
					return err
				})
				return loaded, err
			},
		},
	}, routes(w.handlers))
	if err != nil {
		w.t.Fatal(err)
	}
}

func routes(h *Handlers) []web.Route {
	return []web.Route{
		{Method: "GET", Path: "/", Need: web.SignedIn(), Handler: h.Account},
		{Method: "GET", Path: "/sign-in", Need: web.Public(), Handler: h.SignInForm},
		{Method: "POST", Path: "/sign-in", Need: web.Public(), Handler: h.SignIn, Keeps: true},
		{Method: "POST", Path: "/sign-out", Need: web.Public(), Handler: h.SignOut},
		{Method: "GET", Path: "/account", Need: web.SignedIn(), Handler: h.Account},
		{Method: "POST", Path: "/account/language", Need: web.SignedIn(), Handler: h.ChangeLanguage},
		{Method: "GET", Path: "/account/details", Need: web.SignedIn().Fresh(), Handler: h.DetailsForm},
		{Method: "POST", Path: "/account/details", Need: web.SignedIn().Fresh(), Handler: h.SaveDetails, Limit: limit.Confirm, Keeps: true},
		{Method: "GET", Path: "/account/password", Need: web.SignedIn(), Handler: h.PasswordForm},
		{Method: "POST", Path: "/account/password", Need: web.SignedIn(), Handler: h.ChangePassword, Limit: limit.Confirm, Keeps: true},
		{Method: "POST", Path: "/account/sign-out-everywhere", Need: web.SignedIn(), Handler: h.SignOutEverywhere},
		{Method: "POST", Path: "/account/end-others", Need: web.SignedIn(), Handler: h.EndOthers},
		{Method: "GET", Path: "/forgot", Need: web.Public(), Handler: h.ForgottenForm},
		{Method: "POST", Path: "/forgot", Need: web.Public(), Handler: h.Forgotten, Keeps: true},
		{Method: "GET", Path: "/reset/:token", Need: web.Public(), Handler: h.FollowReset, Secret: true},
		{Method: "GET", Path: "/reset", Need: web.Public(), Handler: h.ResetForm},
		{Method: "POST", Path: "/reset", Need: web.Public(), Handler: h.Reset, Limit: limit.Confirm, Keeps: true},
		{Method: "GET", Path: "/staff", Need: web.SignedIn(), Handler: h.People},
		{Method: "POST", Path: "/staff", Need: web.SignedIn(), Handler: h.FindPeople, Keeps: true},
		{Method: "GET", Path: "/staff/:person", Need: web.SignedIn(), Handler: h.Person},
		{Method: "GET", Path: "/staff/:person/edit", Need: web.SignedIn().Fresh(), Handler: h.EditPerson},
		{Method: "POST", Path: "/staff/:person", Need: web.SignedIn().Fresh(), Handler: h.SavePerson, Keeps: true},
		{Method: "GET", Path: "/staff/:person/roles", Need: web.SignedIn().Fresh(), Handler: h.RolesForm},
		{Method: "POST", Path: "/staff/:person/roles", Need: web.SignedIn().Fresh(), Handler: h.SetRole, Keeps: true},
		{Method: "GET", Path: "/staff/:person/administrator", Need: web.SignedIn().Fresh(), Handler: h.AskAdmin},
		{Method: "POST", Path: "/staff/:person/administrator", Need: web.SignedIn().Fresh(), Handler: h.SetAdmin},
		{Method: "GET", Path: "/staff/:person/deactivate", Need: web.SignedIn().Fresh(), Handler: h.AskClose},
		{Method: "POST", Path: "/staff/:person/deactivate", Need: web.SignedIn().Fresh(), Handler: h.Close},
		{Method: "GET", Path: "/staff/:person/reactivate", Need: web.SignedIn().Fresh(), Handler: h.AskReopen},
		{Method: "POST", Path: "/staff/:person/reactivate", Need: web.SignedIn().Fresh(), Handler: h.Reopen},
		{Method: "POST", Path: "/staff/:person/sign-out", Need: web.SignedIn(), Handler: h.EndSessions},
		{Method: "GET", Path: "/staff/:person/reset", Need: web.SignedIn().Fresh(), Handler: h.AskReset},
		{Method: "POST", Path: "/staff/:person/reset", Need: web.SignedIn().Fresh(), Handler: h.SendReset},
	}
}

type noAssets struct{}

func (noAssets) URL(name string) string        { return "/assets/" + name }
func (noAssets) File(string) (view.File, bool) { return view.File{}, false }
func (w *world) update(f func(*tenancy.Tx) error) {
	w.t.Helper()
	w.must(w.agency.Update(w.t.Context(), f))
}
func (w *world) view(f func(*tenancy.Tx) error) {
	w.t.Helper()
	w.must(w.agency.View(w.t.Context(), f))
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// staff makes an account with goodPassword, or with the hash that n holds.
func (w *world) staff(n New) uuid.UUID {
	w.t.Helper()
	if n.DisplayName == "" {
		n.DisplayName = "Zéphyrine Okafor-Lachance"
	}
	if n.PasswordHash == "" {
		n.PasswordHash = newHash(w.hasher.peppers[0], goodPassword).String()
	}
	var id uuid.UUID
	w.update(func(tx *tenancy.Tx) (err error) {
		id, err = Insert(w.t.Context(), tx, operator, n)
		return err
	})
	return id
}

// superuser looks behind the walls.
func (w *world) superuser() *pgx.Conn {
	w.t.Helper()
	conn, err := pgx.Connect(w.t.Context(), w.base.SuperuserURL())
	w.must(err)
	w.t.Cleanup(func() { _ = conn.Close(w.t.Context()) })
	return conn
}

type entry struct {
	Action  string    `json:"action"`
	Outcome string    `json:"outcome"`
	Kind    string    `json:"actor_kind"`
	Staff   uuid.UUID `json:"staff"`
	Subject uuid.UUID `json:"subject"`
	Program uuid.UUID `json:"program"`
	Secret  bool      `json:"confidential"`
	body    string
}

// entries are the agency's audit records of an action, in order.
func (w *world) entries(action string) []entry {
	w.t.Helper()
	rows, err := w.superuser().Query(w.t.Context(), `SELECT body FROM outbox.audit_events WHERE agency_id = $1 ORDER BY position`, w.agency.ID)
	w.must(err)
	bodies, err := pgx.CollectRows(rows, pgx.RowTo[[]byte])
	w.must(err)
	var found []entry
	for _, body := range bodies {
		e := entry{body: string(body)}
		w.must(json.Unmarshal(body, &e))
		if e.Action == action {
			found = append(found, e)
		}
	}
	return found
}

// A browser keeps cookies and the token of its last page.
type browser struct {
	w       *world
	ip      string
	cookies map[string]string
	token   string
}

func (w *world) browser(ip string) *browser {
	return &browser{w: w, ip: ip, cookies: map[string]string{}}
}

type page struct {
	*http.Response
	text string
}

func (b *browser) get(path string) page {
	b.w.t.Helper()
	return b.send(httptest.NewRequest(http.MethodGet, "https://"+b.w.agency.Host+path, nil))
}

func (b *browser) post(path string, pairs ...string) page {
	b.w.t.Helper()
	form := url.Values{"csrf": {b.token}}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequest(http.MethodPost, "https://"+b.w.agency.Host+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.send(r)
}

var tokenPattern = regexp.MustCompile(`name="csrf" value="([^"]*)"`)

func (b *browser) send(r *http.Request) page {
	b.w.t.Helper()
	// What a server gets: a path in the request line, the host beside it.
	r.RequestURI, r.URL.Scheme, r.URL.Host = r.URL.RequestURI(), "", ""
	r.Header.Set("X-Forwarded-For", b.ip)
	r.Header.Set("User-Agent", "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0")
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	response, err := b.w.app.Test(r)
	b.w.must(err)
	body, err := io.ReadAll(response.Body)
	b.w.must(err)
	for _, cookie := range response.Cookies() {
		b.cookies[cookie.Name] = cookie.Value
		if cookie.MaxAge < 0 {
			delete(b.cookies, cookie.Name)
		}
	}
	if found := tokenPattern.FindSubmatch(body); found != nil {
		b.token = html.UnescapeString(string(found[1]))
	}
	return page{response, string(body)}
}

// signIn opens the page and sends it.
func (b *browser) signIn(login, password string) page {
	b.w.t.Helper()
	if b.token == "" {
		b.get("/sign-in")
	}
	return b.post("/sign-in", "login", login, "password", password)
}

// enter signs in and insists.
func (b *browser) enter(login, password string) {
	b.w.t.Helper()
	if got := b.signIn(login, password); got.StatusCode != http.StatusSeeOther {
		b.w.t.Fatalf("sign in as %q: got %d, want 303\n%s", login, got.StatusCode, got.text)
	}
	b.get("/account")
}
