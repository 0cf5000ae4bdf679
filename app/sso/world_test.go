package sso

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
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/i18n"
	"konote/app/invite"
	"konote/app/limit"
	"konote/app/program"
	"konote/app/session"
	"konote/app/settings"
	"konote/app/sso/ssotest"
	"konote/app/staff"
	"konote/app/view"
	"konote/app/web"
	"konote/jobs"
	"konote/tenancy"
	"konote/tenancy/tenancytest"
)

const password = "violet anchor soup ladder"

var operator = audit.By{Kind: audit.KindOperator, Operator: "test", Reference: "TEST"}

// A world is two agencies behind the real pipeline of package web, each with an issuer of
// its own that answers over HTTP.
type world struct {
	t        *testing.T
	base     *tenancytest.World
	redis    *redis.Client
	sessions *session.Store
	hasher   *staff.Hasher
	sso      *Handlers
	app      *web.App
	cedar    *place
	birch    *place
}

// A place is an agency, its issuer, and who works there.
type place struct {
	*tenancy.Agency
	w        *world
	issuer   *ssotest.Issuer
	provider Provider
	admin    uuid.UUID // ada
	worker   uuid.UUID // wen, whose account is linked to the subject wen
	program  uuid.UUID
}

var wen = ssotest.Person{Subject: "wen", Name: "Wen Li"}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, base: tenancytest.New(t)}
	w.must(jobs.Migrate(t.Context(), w.base.URL("konote_owner")))
	var err error
	w.hasher, err = staff.NewHasher(staff.HasherSettings{Peppers: [][]byte{secret(7)}, AtOnce: 2, Queue: 1000, Wait: time.Minute})
	w.must(err)
	w.redis, err = session.Dial(w.base.RedisURL)
	w.must(err)
	t.Cleanup(func() { _ = w.redis.Close() })
	w.sessions, err = session.New(w.redis, secret(1), time.Now)
	w.must(err)
	limits, err := limit.New(w.redis, secret(2), time.Now)
	w.must(err)
	accounts := &staff.Handlers{Hasher: w.hasher, Limits: limits, Sessions: w.sessions, AnswerAfter: time.Millisecond, Elsewhere: Offer}
	w.sso = &Handlers{Directory: NewDirectory(true), Sessions: w.sessions, URL: func(host string) string { return "https://" + host }, Enter: accounts.Enter}
	w.app, err = web.New(web.Config{
		Agencies: w.base.Platform, Sessions: w.sessions, Limits: limits, Assets: noAssets{}, Secret: secret(3), Secure: true,
		TrustedProxies: []string{"0.0.0.0"},
		Hooks: web.Hooks{
			Visitor: func(ctx context.Context, agency *tenancy.Agency, id uuid.UUID, _ bool) (web.Visitor, web.AgencySettings, error) {
				return staff.Visitor(ctx, agency, id)
			},
			Settings: func(ctx context.Context, agency *tenancy.Agency) (loaded web.AgencySettings, err error) {
				err = agency.View(ctx, func(tx *tenancy.Tx) error {
					loaded, err = settings.Load(ctx, tx)
					return err
				})
				return loaded, err
			},
		},
	}, append(routes(accounts, w.sso), invitationRoutes(&invite.Handlers{Staff: accounts, Leave: w.sso.Invited})...))
	w.must(err)
	w.cedar, w.birch = w.place(), w.place()
	return w
}

func routes(accounts *staff.Handlers, h *Handlers) []web.Route {
	who := func(r *web.Request) (web.Response, error) {
		return web.JSON(map[string]any{"staff": r.Actor().Staff, "strength": r.Session.Strength, "proved": r.Session.ProvedAt, "left": time.Until(r.Session.Outside.Ends).Seconds()})
	}
	return []web.Route{
		{Method: "GET", Path: "/", Need: web.SignedIn(), Handler: who},
		{Method: "GET", Path: "/sign-in", Need: web.Public(), Handler: accounts.SignInForm},
		{Method: "POST", Path: "/sign-in", Need: web.Public(), Handler: accounts.SignIn, Keeps: true},
		{Method: "GET", Path: "/account", Need: web.SignedIn(), Handler: accounts.Account},
		{Method: "GET", Path: "/guarded", Need: web.SignedIn().Fresh(), Handler: who},
		{Method: "POST", Path: "/account/confirm/elsewhere", Need: web.SignedIn(), Handler: h.Prove},
		{Method: "GET", Path: "/sign-in/sso", Need: web.Public(), Handler: h.Form},
		{Method: "POST", Path: "/sign-in/sso", Need: web.Public(), Handler: h.Start},
		{Method: "GET", Path: "/sign-in/sso/callback", Need: web.Public(), Handler: h.Callback},
		{Method: "POST", Path: "/sign-in/sso/backchannel", Need: web.Public(), Handler: h.Backchannel, Foreign: true},
		{Method: "GET", Path: "/account/connected", Need: web.SignedIn(), Handler: h.Account},
		{Method: "POST", Path: "/account/connected", Need: web.SignedIn(), Handler: h.Connect},
		{Method: "POST", Path: "/account/connected/:identity/remove", Need: web.SignedIn(), Handler: h.Disconnect},
		{Method: "GET", Path: "/settings/sso", Need: web.Admin(), Handler: h.Settings},
		{Method: "POST", Path: "/settings/sso", Need: web.Admin(), Handler: h.Save, Keeps: true},
		{Method: "POST", Path: "/settings/sso/status", Need: web.Admin(), Handler: h.ChangeStatus},
		{Method: "POST", Path: "/settings/sso/password", Need: web.Admin(), Handler: h.ChangePasswords},
		{Method: "POST", Path: "/settings/sso/unlinked", Need: web.Admin(), Handler: h.SendLinks},
		{Method: "GET", Path: "/connect/:token", Need: web.Public(), Handler: h.FollowLink, Secret: true},
		{Method: "GET", Path: "/connect", Need: web.Public(), Handler: h.LinkForm},
		{Method: "POST", Path: "/connect", Need: web.Public(), Handler: h.LeaveByLink},
		{Method: "GET", Path: "/reset/:token", Need: web.Public(), Handler: accounts.FollowReset, Secret: true},
		{Method: "GET", Path: "/reset", Need: web.Public(), Handler: accounts.ResetForm},
		{Method: "POST", Path: "/staff/:person/reset", Need: web.SignedIn(), Handler: accounts.SendReset},
		{Method: "POST", Path: "/settings/sso/try", Need: web.Admin(), Handler: h.Try},
		{Method: "POST", Path: "/settings/sso/groups", Need: web.Admin(), Handler: h.AddGroup, Keeps: true},
		{Method: "POST", Path: "/settings/sso/groups/:mapping/remove", Need: web.Admin(), Handler: h.RemoveGroup},
		{Method: "POST", Path: "/settings/sso/linked/:identity/remove", Need: web.Admin(), Handler: h.Unlink},
	}
}

// place makes an agency with an issuer, an administrator and a worker, who is linked.
func (w *world) place() *place {
	w.t.Helper()
	p := &place{Agency: w.base.Agency(w.t), w: w, program: tenancy.NewID()}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(answer http.ResponseWriter, r *http.Request) { p.issuer.ServeHTTP(answer, r) }))
	p.issuer = ssotest.New("http://"+server.Listener.Addr().String()+"/id", "konote", "s3cret-of-the-client", "https://"+p.Host+"/sign-in/sso/callback")
	p.issuer.People = []ssotest.Person{wen}
	server.Start()
	w.t.Cleanup(server.Close)

	p.provider = Provider{ID: tenancy.NewID(), Issuer: p.issuer.Address, ClientID: "konote", Secret: p.issuer.Secret, NameEN: "Work ID", NameFR: "ID du travail",
		Provisioning: Linked, SecondFactor: Stated, GroupClaim: "groups"}
	p.admin = p.person(staff.New{DisplayName: "Ada", Username: "ada", Admin: true}, password)
	p.worker = p.person(staff.New{DisplayName: "Wen", Username: "wen", Email: "wen@work.example"}, "")
	p.update(func(tx *tenancy.Tx) error {
		err := program.Insert(w.t.Context(), tx, program.Program{ID: p.program, NameEN: "Housing", NameFR: "Logement", ServiceModel: program.Individual, Status: program.Active}, uuid.Nil)
		w.must(err)
		w.must(staff.Grant(w.t.Context(), tx, operator, p.worker, p.program, access.DirectService))
		w.must(Insert(w.t.Context(), tx, p.provider, uuid.Nil))
		w.must(SetStatus(w.t.Context(), tx, p.provider.ID, Off, Active, uuid.Nil))
		_, err = Link(w.t.Context(), tx, p.provider.ID, p.worker, wen.Subject, ByConnecting)
		return err
	})
	return p
}

// person makes an account; without a password when that is "".
func (p *place) person(n staff.New, password string) (id uuid.UUID) {
	p.w.t.Helper()
	if password != "" {
		id, err := staff.Create(p.w.t.Context(), p.Agency, p.w.hasher, operator, n, password)
		p.w.must(err)
		return id
	}
	p.update(func(tx *tenancy.Tx) (err error) {
		id, err = staff.Insert(p.w.t.Context(), tx, operator, n)
		return err
	})
	return id
}

// set changes the provider as its settings do.
func (p *place) set(change func(*Provider)) {
	p.w.t.Helper()
	p.update(func(tx *tenancy.Tx) error {
		now, err := byID(p.w.t.Context(), tx, p.provider.ID)
		p.w.must(err)
		change(&now)
		return update(p.w.t.Context(), tx, now, uuid.Nil)
	})
}

func (p *place) update(f func(*tenancy.Tx) error) {
	p.w.t.Helper()
	p.w.must(p.Agency.Update(p.w.t.Context(), f))
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func secret(n byte) []byte {
	s := make([]byte, 32)
	for i := range s {
		s[i] = n
	}
	return s
}

type noAssets struct{}

func (noAssets) URL(name string) string        { return "/assets/" + name }
func (noAssets) File(string) (view.File, bool) { return view.File{}, false }

// A browser keeps cookies and the token of its last page.
type browser struct {
	p       *place
	cookies map[string]string
	token   string
}

func (p *place) browser() *browser { return &browser{p: p, cookies: map[string]string{}} }

type page struct {
	status   int
	header   http.Header
	location string
	text     string
}

func (b *browser) get(path string) page {
	b.p.w.t.Helper()
	return b.send(httptest.NewRequest(http.MethodGet, "https://"+b.p.Host+path, nil))
}

func (b *browser) post(path string, pairs ...string) page {
	b.p.w.t.Helper()
	form := url.Values{"csrf": {b.token}}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequest(http.MethodPost, "https://"+b.p.Host+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.send(r)
}

var tokenPattern = regexp.MustCompile(`name="csrf" value="([^"]*)"`)

func (b *browser) send(r *http.Request) page {
	w := b.p.w
	w.t.Helper()
	r.RequestURI, r.URL.Scheme, r.URL.Host = r.URL.RequestURI(), "", ""
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	answer, err := w.app.Test(r)
	w.must(err)
	body, err := io.ReadAll(answer.Body)
	w.must(err)
	for _, cookie := range answer.Cookies() {
		b.cookies[cookie.Name] = cookie.Value
		if cookie.MaxAge < 0 || (!cookie.Expires.IsZero() && cookie.Expires.Before(time.Now())) {
			delete(b.cookies, cookie.Name)
		}
	}
	if found := tokenPattern.FindSubmatch(body); found != nil {
		b.token = html.UnescapeString(string(found[1]))
	}
	return page{status: answer.StatusCode, header: answer.Header, location: answer.Header.Get("Location"), text: string(body)}
}

// leave begins a sign-in and returns where the browser is sent.
func (b *browser) leave(pairs ...string) *url.URL {
	b.p.w.t.Helper()
	b.get("/sign-in")
	return b.toIssuer(b.post("/sign-in/sso", pairs...))
}

func (b *browser) toIssuer(got page) *url.URL {
	b.p.w.t.Helper()
	address, ok := strings.CutPrefix(got.header.Get("Refresh"), "0;url=")
	if got.status != http.StatusOK || !ok {
		b.p.w.t.Fatalf("leave: got %d, refresh %q: %s", got.status, got.header.Get("Refresh"), got.text)
	}
	parsed, err := url.Parse(address)
	b.p.w.must(err)
	return parsed
}

// answer is the path and query of the callback after an issuer has signed somebody in.
func (b *browser) answer(i *ssotest.Issuer, to *url.URL, person ssotest.Person) string {
	b.p.w.t.Helper()
	address, err := i.Authorize(to.Query(), person)
	b.p.w.must(err)
	back, err := url.Parse(address)
	b.p.w.must(err)
	return back.RequestURI()
}

// signIn goes to the agency's issuer and back.
func (b *browser) signIn(person ssotest.Person, pairs ...string) page {
	b.p.w.t.Helper()
	to := b.leave(pairs...)
	return b.get(b.answer(b.p.issuer, to, person))
}

// standing is who is signed in.
type standing struct {
	Staff    uuid.UUID `json:"staff"`
	Strength string    `json:"strength"`
	Left     float64   `json:"left"`
	Proved   time.Time `json:"proved"`
}

func (b *browser) wantIn(person uuid.UUID) standing {
	b.p.w.t.Helper()
	got := b.get("/")
	var s standing
	if got.status != http.StatusOK || json.Unmarshal([]byte(got.text), &s) != nil || s.Staff != person {
		b.p.w.t.Fatalf("got %d %.200s, want %s signed in", got.status, got.text, person)
	}
	return s
}

// wantOut says that nobody is signed in, and that the answer was the calm page.
func (b *browser) wantOut(got page) {
	b.p.w.t.Helper()
	if got.status != http.StatusBadRequest || !strings.Contains(got.text, html.EscapeString(i18n.NewPrinter("en", nil, nil).T(i18n.SsoFailedTitle))) {
		b.p.w.t.Errorf("got %d to %q, want the calm page: %.400s", got.status, got.location, got.text)
	}
	if _, has := b.cookies["__Host-session"]; has {
		b.p.w.t.Error("got a session, want none")
	}
	if got := b.get("/"); got.status != http.StatusSeeOther || !strings.HasPrefix(got.location, "/sign-in") {
		b.p.w.t.Errorf("home: got %d to %q, want sign-in", got.status, got.location)
	}
}

// superuser looks behind the walls.
func (w *world) superuser() *pgx.Conn {
	w.t.Helper()
	conn, err := pgx.Connect(w.t.Context(), w.base.SuperuserURL())
	w.must(err)
	w.t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// wantReason says what the agency's audit log has last as the reason of a failure.
func (p *place) wantReason(action audit.Action, reason string) {
	p.w.t.Helper()
	var body []byte
	err := p.w.superuser().QueryRow(p.w.t.Context(), `SELECT body FROM outbox.audit_events WHERE agency_id = $1 ORDER BY position DESC LIMIT 1`, p.ID).Scan(&body)
	p.w.must(err)
	var entry struct {
		ID      uuid.UUID `json:"id"`
		Action  string    `json:"action"`
		Outcome string    `json:"outcome"`
		Sealed  []byte    `json:"sealed"`
	}
	p.w.must(json.Unmarshal(body, &entry))
	var detail string
	p.w.must(p.Agency.View(p.w.t.Context(), func(tx *tenancy.Tx) (err error) {
		detail, err = tx.Box().Open(auditDetail, entry.ID, entry.Sealed)
		return err
	}))
	if entry.Action != string(action) || entry.Outcome != "failed" || !strings.Contains(detail, reason) {
		p.w.t.Errorf("audit: got %s %s %s, want %s failed with %q", entry.Action, entry.Outcome, detail, action, reason)
	}
}
