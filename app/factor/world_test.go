package factor

import (
	"bytes"
	"context"
	"html"
	"io"
	"log/slog"
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
	"github.com/redis/go-redis/v9"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/limit"
	"konote/app/session"
	"konote/app/settings"
	"konote/app/staff"
	"konote/app/view"
	"konote/app/web"
	"konote/jobs"
	"konote/tenancy"
	"konote/tenancy/tenancytest"
)

func TestEveryStatementIsAccepted(t *testing.T) {
	t.Parallel()
	tenancytest.PrepareAll(t, ".")
}

const goodPassword = "violet anchor soup ladder"

var operator = audit.By{Kind: audit.KindOperator, Operator: "test", Reference: "TEST"}

// A world is two agencies behind the real pipeline of package web, with a clock.
type world struct {
	t        testing.TB
	base     *tenancytest.World
	agency   *tenancy.Agency
	other    *tenancy.Agency
	redis    *redis.Client
	sessions *session.Store
	hasher   *staff.Hasher
	app      *web.App
	hash     string // of goodPassword
	log      lines

	mu  sync.Mutex
	now time.Time
}

func (w *world) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) move(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// lines are what was logged.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if bytes.Contains(line, []byte("level=ERROR")) {
		l.text.Write(line)
	}
	return len(line), nil
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func secret(b byte) []byte { return []byte(strings.Repeat(string(b), 32)) }

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, now: time.Now()}
	w.base = tenancytest.New(t, func(s *tenancy.Settings) { s.Now = w.Now })
	w.must(jobs.Migrate(t.Context(), w.base.URL("konote_owner")))
	w.agency, w.other = w.base.Agency(t), w.base.Agency(t)
	var err error
	if w.hasher, err = staff.NewHasher(staff.HasherSettings{Peppers: [][]byte{secret('p')}, AtOnce: 2, Queue: 1000, Wait: time.Minute}); err != nil {
		t.Fatal(err)
	}
	w.redis, err = session.Dial(w.base.RedisURL)
	w.must(err)
	t.Cleanup(func() { _ = w.redis.Close() })
	w.sessions, err = session.New(w.redis, secret('s'), w.Now)
	w.must(err)
	limits, err := limit.New(w.redis, secret('l'), w.Now)
	w.must(err)
	w.hash, err = w.hasher.Hash(t.Context(), goodPassword)
	w.must(err)
	accounts := &staff.Handlers{Hasher: w.hasher, Limits: limits, Sessions: w.sessions, AnswerAfter: time.Millisecond}
	factors := &Handlers{Hasher: w.hasher, Limits: limits, Sessions: w.sessions, AnswerAfter: time.Millisecond,
		URL: func(host string) string { return "https://" + host }}
	w.app, err = web.New(web.Config{
		Agencies: w.base.Platform, Sessions: w.sessions, Limits: limits, Assets: noAssets{}, Secret: secret('w'), Secure: true,
		TrustedProxies: []string{"0.0.0.0"}, Now: w.Now, Log: slog.New(slog.NewTextHandler(&w.log, nil)),
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
	}, routes(accounts, factors))
	w.must(err)
	t.Cleanup(func() {
		if text := w.log.String(); text != "" {
			t.Errorf("the log has errors:\n%s", text)
		}
	})
	return w
}

func routes(a *staff.Handlers, h *Handlers) []web.Route {
	half, enrol := web.SignedIn().Half(), web.SignedIn().Enrolling().Fresh()
	return []web.Route{
		{Method: "GET", Path: "/", Need: web.SignedIn(), Handler: a.Account},
		{Method: "GET", Path: "/sign-in", Need: web.Public(), Handler: a.SignInForm},
		{Method: "POST", Path: "/sign-in", Need: web.Public(), Handler: a.SignIn, Keeps: true},
		{Method: "POST", Path: "/sign-out", Need: web.Public(), Handler: a.SignOut},
		{Method: "POST", Path: "/working-in", Need: web.SignedIn(), Handler: a.WorkIn},
		{Method: "POST", Path: "/account/password", Need: web.SignedIn(), Handler: a.ChangePassword, Keeps: true},
		{Method: "GET", Path: "/sign-in/second", Need: half, Handler: h.StepForm},
		{Method: "POST", Path: "/sign-in/second", Need: half, Handler: h.Step, Keeps: true},
		{Method: "POST", Path: "/sign-in/second/ask", Need: half, Handler: h.Ask},
		{Method: "GET", Path: "/account/confirm", Need: web.SignedIn(), Handler: h.ConfirmForm},
		{Method: "POST", Path: "/account/confirm", Need: web.SignedIn(), Handler: h.Confirm, Keeps: true},
		{Method: "POST", Path: "/account/confirm/ask", Need: web.SignedIn(), Handler: h.Ask},
		{Method: "GET", Path: "/account/security", Need: web.SignedIn().Fresh(), Handler: h.Security},
		{Method: "POST", Path: "/account/security/app", Need: enrol, Handler: h.BeginApp},
		{Method: "GET", Path: "/account/security/app", Need: enrol, Handler: h.AppForm},
		{Method: "POST", Path: "/account/security/app/code", Need: enrol, Handler: h.ConfirmApp, Keeps: true},
		{Method: "GET", Path: "/account/security/passkey", Need: enrol, Handler: h.PasskeyForm},
		{Method: "POST", Path: "/account/security/passkey", Need: enrol, Handler: h.AddPasskey, Keeps: true},
		{Method: "POST", Path: "/account/security/passkey/ask", Need: enrol, Handler: h.AskNew},
		{Method: "POST", Path: "/account/security/codes", Need: web.SignedIn().Fresh(), Handler: h.MakeCodes},
		{Method: "GET", Path: "/account/security/remove", Need: web.SignedIn().Fresh(), Handler: h.RemoveForm},
		{Method: "POST", Path: "/account/security/remove", Need: web.SignedIn().Fresh(), Handler: h.Remove},
		{Method: "GET", Path: "/settings/sign-in", Need: web.Admin().Fresh(), Handler: h.PolicyForm},
		{Method: "POST", Path: "/settings/sign-in", Need: web.Admin().Fresh(), Handler: h.SavePolicy, Keeps: true},
		{Method: "GET", Path: "/staff/:person/second-factor/reset", Need: web.Admin().Fresh(), Handler: h.ResetForm},
		{Method: "POST", Path: "/staff/:person/second-factor/reset", Need: web.Admin().Fresh(), Handler: h.Reset},
		{Method: "GET", Path: "/records.csv", Need: web.SignedIn().Fresh(), Handler: a.Account},
	}
}

type noAssets struct{}

func (noAssets) URL(name string) string        { return "/assets/" + name }
func (noAssets) File(string) (view.File, bool) { return view.File{}, false }

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) update(f func(*tenancy.Tx) error) {
	w.t.Helper()
	w.must(w.agency.Update(w.t.Context(), f))
}

// person makes an account with goodPassword; a secret gives it an app.
func (w *world) person(name string, admin bool, secrets ...string) uuid.UUID {
	w.t.Helper()
	return w.personAt(w.agency, name, admin, secrets...)
}

func (w *world) personAt(agency *tenancy.Agency, name string, admin bool, secrets ...string) (id uuid.UUID) {
	w.t.Helper()
	w.must(agency.Update(w.t.Context(), func(tx *tenancy.Tx) (err error) {
		id, err = staff.Insert(w.t.Context(), tx, operator, staff.New{DisplayName: "Zéphyrine " + name, Username: name, PasswordHash: w.hash, Admin: admin})
		for _, secret := range secrets {
			if err == nil {
				err = Invent(w.t.Context(), tx, id, "phone", secret)
			}
		}
		return err
	}))
	return id
}

// ask sets of whom the agency asks a factor.
func (w *world) ask(value any) {
	w.t.Helper()
	w.update(func(tx *tenancy.Tx) error {
		return settings.Set(w.t.Context(), tx, operator, settings.SecondFactor, value)
	})
}

func (w *world) code(secret string) string {
	w.t.Helper()
	code, err := CodeAt(secret, w.Now())
	w.must(err)
	return code
}

// wrong is a code that an app does not show around now.
func (w *world) wrong(secret string) string {
	w.t.Helper()
	for _, guess := range []string{"000000", "111111", "222222", "333333"} {
		if stepFor(secret, guess, w.Now(), 0) == 0 {
			return guess
		}
	}
	w.t.Fatal("no wrong code")
	return ""
}

func (w *world) superuser() *pgx.Conn {
	w.t.Helper()
	conn, err := pgx.Connect(w.t.Context(), w.base.SuperuserURL())
	w.must(err)
	w.t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// entries counts audit records of an act and outcome about somebody.
func (w *world) entries(action, outcome string, subject uuid.UUID) (n int) {
	w.t.Helper()
	w.must(w.superuser().QueryRow(w.t.Context(), `SELECT count(*) FROM outbox.audit_events WHERE agency_id = $1
		AND convert_from(body, 'UTF8')::jsonb @> jsonb_build_object('action', $2::text, 'outcome', $3::text, 'subject', $4::text)`,
		w.agency.ID, action, outcome, subject.String()).Scan(&n))
	return n
}

// A browser keeps cookies and the token of its last page.
type browser struct {
	w       *world
	host    string
	ip      string
	cookies map[string]string
	token   string
}

func (w *world) browser(ip string) *browser {
	return &browser{w: w, host: w.agency.Host, ip: ip, cookies: map[string]string{}}
}

type page struct {
	*http.Response
	text string
}

// stamp is that of the page's form for an address.
func (p page) stamp(action string) string {
	_, form, _ := strings.Cut(p.text, `action="`+action+`"`)
	form, _, _ = strings.Cut(form, "</form>")
	if found := stampPattern.FindStringSubmatch(form); found != nil {
		return html.UnescapeString(found[1])
	}
	return ""
}

func (p page) to() string { return p.Header.Get("Location") }

func (b *browser) get(path string) page {
	b.w.t.Helper()
	return b.send(httptest.NewRequest(http.MethodGet, "https://"+b.host+path, nil))
}

func (b *browser) post(path string, pairs ...string) page {
	b.w.t.Helper()
	return b.send(b.form(path, pairs...))
}

func (b *browser) form(path string, pairs ...string) *http.Request {
	form := url.Values{"csrf": {b.token}}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequest(http.MethodPost, "https://"+b.host+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

var stampPattern = regexp.MustCompile(`name="stamp" value="([^"]*)"`)

var tokenPattern = regexp.MustCompile(`name="csrf" value="([^"]*)"`)

func (b *browser) send(r *http.Request) page {
	b.w.t.Helper()
	got := b.ask(r)
	for _, cookie := range got.Cookies() {
		b.cookies[cookie.Name] = cookie.Value
		if cookie.MaxAge < 0 {
			delete(b.cookies, cookie.Name)
		}
	}
	if found := tokenPattern.FindStringSubmatch(got.text); found != nil {
		b.token = html.UnescapeString(found[1])
	}
	return got
}

// ask sends and remembers nothing, so that many can at once.
func (b *browser) ask(r *http.Request) page {
	b.w.t.Helper()
	r.RequestURI, r.URL.Scheme, r.URL.Host = r.URL.RequestURI(), "", ""
	r.Header.Set("X-Forwarded-For", b.ip)
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	response, err := b.w.app.Test(r)
	if err != nil {
		b.w.t.Error(err)
		return page{&http.Response{}, ""}
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		b.w.t.Error(err)
	}
	return page{response, string(body)}
}

// password gives the password and goes where that leads.
func (b *browser) password(login string) page {
	b.w.t.Helper()
	b.get("/sign-in")
	if got := b.post("/sign-in", "login", login, "password", goodPassword); got.StatusCode != http.StatusSeeOther {
		b.w.t.Fatalf("sign in as %q: got %d, want 303\n%s", login, got.StatusCode, short(got.text))
	}
	return b.get("/")
}

// half signs in with a password alone and stands before the second step.
func (b *browser) half(login string) {
	b.w.t.Helper()
	if got := b.password(login); got.StatusCode != http.StatusSeeOther || got.to() != "/sign-in/second?next=%2F" {
		b.w.t.Fatalf("after the password of %q: got %d to %q, want 303 to the second step", login, got.StatusCode, got.to())
	}
	b.get("/sign-in/second")
}

// enter signs in with both steps.
func (b *browser) enter(login, secret string) {
	b.w.t.Helper()
	b.half(login)
	if got := b.post("/sign-in/second", "code", b.w.code(secret)); got.StatusCode != http.StatusSeeOther || got.to() != "/" {
		b.w.t.Fatalf("second step of %q: got %d to %q, want 303 to /\n%s", login, got.StatusCode, got.to(), got.text)
	}
	b.isIn(true)
}

func (b *browser) isIn(want bool) {
	b.w.t.Helper()
	if got := b.get("/").StatusCode == http.StatusOK; got != want {
		b.w.t.Errorf("signed in: got %t, want %t", got, want)
	}
}

func (w *world) want(got page, status int, what string) {
	w.t.Helper()
	if got.StatusCode != status {
		w.t.Errorf("%s: got %d to %q, want %d\n%s", what, got.StatusCode, got.to(), status, short(got.text))
	}
}

func short(text string) string {
	if at := strings.Index(text, "<main"); at >= 0 {
		text = text[at:]
	}
	return text[:min(len(text), 600)]
}

var roles = []access.Role{access.ProgramManager}

// An actorSpec is somebody with a role in some program, or an administrator.
type actorSpec struct {
	admin bool
	role  access.Role
}

func (s actorSpec) actor() access.Actor {
	a := access.Actor{Admin: s.admin}
	if s.role != "" {
		a.Roles = map[uuid.UUID]access.Role{tenancy.NewID(): s.role}
	}
	return a
}

// id finds somebody by her name.
func (w *world) id(login string) (id uuid.UUID) {
	w.t.Helper()
	w.update(func(tx *tenancy.Tx) (err error) {
		id, err = staff.ByLogin(w.t.Context(), tx, login)
		return err
	})
	return id
}
