package web

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"konote/app/access"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/limit"
	"konote/app/session"
	"konote/app/view"
	"konote/embedded/redistest"
	"konote/tenancy"
)

var address string

func TestMain(m *testing.M) { os.Exit(redistest.Main(m, &address)) }

// clock is moved by hand.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.now }

func (c *clock) forward(d time.Duration) { c.mu.Lock(); c.now = c.now.Add(d); c.mu.Unlock() }

// agencies answers as the registry does.
type agencies map[string]*tenancy.Agency

func (a agencies) Resolve(_ context.Context, host string) (*tenancy.Agency, error) {
	if i := strings.LastIndexByte(host, ':'); i >= 0 {
		host = host[:i]
	}
	agency := a[strings.ToLower(host)]
	if agency == nil {
		return nil, tenancy.ErrUnknownHost
	}
	return agency, nil
}

// files is two bundled files.
type files struct{}

func (files) URL(name string) string { return "/assets/" + name }

func (files) File(path string) (view.File, bool) {
	switch path {
	case "/assets/app-1234.css":
		return view.File{ContentType: "text/css; charset=utf-8", Body: []byte("a{}"), Gzip: []byte("packed"), Immutable: true}, true
	case "/sw.js":
		return view.File{ContentType: "text/javascript; charset=utf-8", Body: []byte("//")}, true
	}
	return view.File{}, false
}

// world is what the hooks answer.
type world struct {
	mu       sync.Mutex
	visitor  Visitor
	inactive bool
	fails    error
	idle     time.Duration
	refused  []string
}

func (w *world) read(f func()) { w.mu.Lock(); defer w.mu.Unlock(); f() }

// bundle is an App with two agencies, a Redis of its own number, a clock, and routes that
// note what reached them.
type bundle struct {
	*App
	t       testing.TB
	clock   *clock
	world   *world
	client  *redis.Client
	log     *syncBuffer
	north   *tenancy.Agency
	harbour *tenancy.Agency
	staff   uuid.UUID
	reached *reached
}

// reached counts calls of handlers by route.
type reached struct {
	mu    sync.Mutex
	calls map[string]int
	last  *Request
}

func (h *reached) note(r *Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.calls[r.Method+" "+r.Route]++
	h.last = r
}

func (h *reached) count(route string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.calls[route]
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}
func (s *syncBuffer) String() string { s.mu.Lock(); defer s.mu.Unlock(); return s.b.String() }

func text(s string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, templ.EscapeString(s))
		return err
	})
}

// form shows a form as features do, with what was typed.
func form(r *Request) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		typed := text(r.P.T(i18n.WebHome) + " typed=" + r.Value("typed"))
		return view.Form(r.Frame(), view.To("things")).Render(templ.WithChildren(ctx, typed), w)
	})
}

// table is routes of every kind.
func (b *bundle) table() []Route {
	show := func(r *Request) (Response, error) { b.reached.note(r); return Page(i18n.WebHome, form(r)), nil }
	save := func(r *Request) (Response, error) {
		b.reached.note(r)
		if r.SwitchLanguage {
			return Page(i18n.WebHome, form(r)).Invalid(), nil
		}
		if r.Value("typed") == "" {
			return Page(i18n.WebHome, form(r)).Invalid(), nil
		}
		return Redirect(view.To("things")).Say(i18n.WebAgain), nil
	}
	guarded := func(r *Request) (Response, error) {
		b.reached.note(r)
		if r.Value("typed") == "right" {
			return Redirect(view.To("things")), nil
		}
		shown := func(ctx context.Context, w io.Writer) error {
			return view.Form(r.Frame(), view.To("guarded").With("from", "here")).Render(templ.WithChildren(ctx, text(r.Form.Encode())), w)
		}
		return r.Again(i18n.WebHome, view.Problems{{Text: i18n.WebAgain}}, templ.ComponentFunc(shown)), nil
	}
	broken := func(err error) Handler { return func(*Request) (Response, error) { return Response{}, err } }
	return []Route{
		{Method: "GET", Path: "/", Need: SignedIn(), Handler: show},
		{Method: "GET", Path: "/sign-in", Need: Public(), Handler: show},
		{Method: "POST", Path: "/sign-in", Need: Public(), Keeps: true, Handler: func(r *Request) (Response, error) {
			b.reached.note(r)
			return Redirect(view.Back(r.Value("next"))).SignIn(b.staff, b.clock.Now()).Say(i18n.WebHome), nil
		}},
		{Method: "POST", Path: "/sign-out", Need: Public(), Handler: func(*Request) (Response, error) {
			return Redirect(view.To("sign-in")).SignOut(), nil
		}},
		{Method: "POST", Path: "/stronger", Need: SignedIn(), Handler: func(*Request) (Response, error) {
			return Redirect(view.To()).Rotate(b.clock.Now()), nil
		}},
		{Method: "GET", Path: "/guarded", Need: SignedIn().Fresh(), Handler: guarded},
		{Method: "POST", Path: "/guarded", Need: SignedIn().Fresh(), Keeps: true, Handler: guarded},
		{Method: "POST", Path: "/guarded/ask", Need: SignedIn().Fresh(), Handler: guarded},
		{Method: "GET", Path: "/things/:thing", Need: Permission(access.ParticipantViewName), Handler: show},
		{Method: "GET", Path: "/things/new", Need: SignedIn(), Handler: show},
		{Method: "GET", Path: "/things", Need: SignedIn(), Handler: show},
		{Method: "POST", Path: "/things", Need: SignedIn(), Keeps: true, Handler: save},
		{Method: "POST", Path: "/upload", Need: SignedIn(), Handler: save, File: "list", MaxBody: 2000},
		{Method: "POST", Path: "/things/:thing", Need: SignedIn(), Handler: save, MaxBody: 2000},
		{Method: "GET", Path: "/fragment", Need: SignedIn(), Handler: func(r *Request) (Response, error) { return Fragment(text("part")), nil }},
		{Method: "GET", Path: "/admin", Need: Admin(), Handler: show},
		{Method: "GET", Path: "/notes", Need: Permission(access.NoteView), Handler: show},
		{Method: "GET", Path: "/confirm", Need: SignedIn(), Handler: show, Limit: limit.Confirm},
		{Method: "GET", Path: "/file", Need: SignedIn(), Timeout: time.Minute, Handler: func(*Request) (Response, error) {
			return Download("list.csv", "text/csv", func(w io.Writer) error { _, err := io.WriteString(w, "a,b\n"); return err }), nil
		}},
		{Method: "GET", Path: "/file/broken", Need: SignedIn(), Handler: func(*Request) (Response, error) {
			return Download("list.csv", "text/csv", func(w io.Writer) error {
				_, _ = io.WriteString(w, "a,b\n")
				return errors.New("the source broke")
			}), nil
		}},
		{Method: "GET", Path: "/broken/panic", Need: SignedIn(), Handler: func(*Request) (Response, error) { panic("Aiyana Blackwood") }},
		{Method: "GET", Path: "/broken/secret", Need: SignedIn(), Handler: broken(errors.New("pq: relation notes of Aiyana Blackwood"))},
		{Method: "GET", Path: "/broken/render", Need: SignedIn(), Handler: func(*Request) (Response, error) {
			half := templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
				_, _ = io.WriteString(w, "half a page")
				return errors.New("the other half")
			})
			return Page(i18n.WebHome, half), nil
		}},
		{Method: "GET", Path: "/broken/denied", Need: SignedIn(), Handler: broken(fault.New(fault.Denied, nil))},
		{Method: "GET", Path: "/broken/hidden", Need: SignedIn(), Handler: broken(fault.Refused())},
		{Method: "GET", Path: "/broken/missing", Need: SignedIn(), Handler: broken(fault.Missing())},
	}
}

func setup(t testing.TB, change ...func(*Config)) *bundle {
	t.Helper()
	client, err := session.Dial(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	id := func() uuid.UUID { return uuid.Must(uuid.NewV7()) }
	b := &bundle{t: t, client: client, log: &syncBuffer{}, staff: id(), world: &world{idle: 30 * time.Minute},
		clock:   &clock{now: time.Date(2026, 2, 10, 9, 0, 0, 0, time.UTC)},
		reached: &reached{calls: map[string]int{}},
		north:   &tenancy.Agency{ID: id(), Subdomain: "northside", NameEN: "Northside", NameFR: "Côté Nord", Status: tenancy.Active, Demo: true},
		harbour: &tenancy.Agency{ID: id(), Subdomain: "harbour", NameEN: "Harbour", NameFR: "Le Havre", Status: tenancy.Active},
	}
	b.world.visitor = Visitor{Name: "Noor Haddad", Actor: access.Actor{Staff: b.staff, Roles: map[uuid.UUID]access.Role{id(): access.FrontDesk}}}
	secret := []byte("a secret of the platform, 32 bytes and more")
	cfg := Config{
		Agencies: agencies{"northside.example": b.north, "harbour.example": b.harbour,
			"suspended.example": {ID: id(), NameEN: "Suspended", NameFR: "Suspendu", Status: tenancy.Suspended}},
		Assets: files{}, Secret: secret, Secure: true, Now: b.clock.Now,
		Log: slog.New(slog.NewJSONHandler(b.log, nil)),
		Hooks: Hooks{
			Settings: func(context.Context, *tenancy.Agency) (AgencySettings, error) {
				b.world.mu.Lock()
				defer b.world.mu.Unlock()
				return AgencySettings{HelpContact: "help@example"}, b.world.fails
			},
			Visitor: func(context.Context, *tenancy.Agency, uuid.UUID, bool) (Visitor, AgencySettings, error) {
				b.world.mu.Lock()
				defer b.world.mu.Unlock()
				if b.world.inactive {
					return Visitor{}, AgencySettings{}, fault.New(fault.SignedOut, nil)
				}
				return b.world.visitor, AgencySettings{Idle: b.world.idle}, b.world.fails
			},
			Refused: func(r *Request, err error) error {
				b.world.read(func() { b.world.refused = append(b.world.refused, r.Route) })
				return nil
			},
		},
	}
	if cfg.Sessions, err = session.New(client, secret, b.clock.Now); err != nil {
		t.Fatal(err)
	}
	if cfg.Limits, err = limit.New(client, secret, b.clock.Now); err != nil {
		t.Fatal(err)
	}
	for _, f := range change {
		f(&cfg)
	}
	if b.App, err = New(cfg, b.table()); err != nil {
		t.Fatal(err)
	}
	return b
}

// browser keeps cookies and the token of the page it was shown last, as browsers do.
type browser struct {
	b       *bundle
	host    string
	cookies map[string]string
	token   string
	header  http.Header // sent with every request
}

func (b *bundle) browser(host string) *browser {
	return &browser{b: b, host: host, cookies: map[string]string{}, header: http.Header{}}
}

// answer is what came back.
type answer struct {
	*http.Response
	body string
}

var tokenField = regexp.MustCompile(`name="csrf" value="([^"]*)"`)

func (w *browser) send(method, path string, form url.Values) answer {
	w.b.t.Helper()
	if form == nil {
		return w.sendBody(method, path, "", nil)
	}
	return w.sendBody(method, path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
}

// sendBody sends any body. The kind of it is what the browser's header says otherwise.
func (w *browser) sendBody(method, path, kind string, body io.Reader) answer {
	w.b.t.Helper()
	request := httptest.NewRequest(method, "https://"+w.host+path, body)
	request.RequestURI = path
	request.Header = w.header.Clone()
	if kind != "" && request.Header.Get("Content-Type") == "" {
		request.Header.Set("Content-Type", kind)
	}
	for name, value := range w.cookies {
		request.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	response, err := w.b.Test(request)
	if err != nil {
		w.b.t.Fatal(err)
	}
	defer response.Body.Close()
	for _, cookie := range response.Cookies() {
		if cookie.MaxAge < 0 || cookie.Value == "" {
			delete(w.cookies, cookie.Name)
		} else {
			w.cookies[cookie.Name] = cookie.Value
		}
	}
	content, _ := io.ReadAll(response.Body) // a broken download ends early
	if found := tokenField.FindStringSubmatch(string(content)); found != nil {
		w.token = found[1]
	}
	return answer{response, string(content)}
}

func (w *browser) get(path string) answer { w.b.t.Helper(); return w.send("GET", path, nil) }

// post sends a form of the page that was shown last.
func (w *browser) post(path string, pairs ...string) answer {
	w.b.t.Helper()
	form := url.Values{view.CSRFField: {w.token}}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return w.send("POST", path, form)
}

// signedIn is a browser in which b.staff has signed in and seen the home page.
func (b *bundle) signedIn(host string) *browser {
	b.t.Helper()
	w := b.browser(host)
	w.get("/sign-in")
	if got := w.post("/sign-in"); got.StatusCode != http.StatusSeeOther {
		b.t.Fatalf("sign in: got %d: %s", got.StatusCode, got.body)
	}
	if got := w.get("/"); got.StatusCode != http.StatusOK {
		b.t.Fatalf("home: got %d: %s", got.StatusCode, got.body)
	}
	return w
}

func want(t testing.TB, what string, got answer, status int) {
	t.Helper()
	if got.StatusCode != status {
		t.Errorf("%s: got %d, want %d\n%s", what, got.StatusCode, status, got.body)
	}
}

// listen serves the App on a real socket until the test ends.
func (b *bundle) listen() string {
	b.t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- b.Serve(listener) }()
	b.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := b.Shutdown(ctx); err != nil {
			b.t.Errorf("shutdown: %v", err)
		}
		if err := <-done; err != nil {
			b.t.Errorf("serve: %v", err)
		}
	})
	return listener.Addr().String()
}
