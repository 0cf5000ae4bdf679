package web

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"konote/app/fault"
	"konote/app/view"
)

// raw sends bytes over a socket and reads the answers to count requests.
func raw(t *testing.T, to, request string) *http.Response {
	t.Helper()
	conn, err := net.DialTimeout("tcp", to, 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatalf("read the answer to %q: %v", request, err)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response
}

func TestTheAgencyComesFromTheHostAlone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	to := b.listen()
	for name, c := range map[string]struct {
		request string
		status  int
		agency  string
	}{
		"plain":              {"GET /sign-in HTTP/1.1\r\nHost: northside.example\r\n\r\n", 200, "Northside"},
		"with a port":        {"GET /sign-in HTTP/1.1\r\nHost: Northside.Example:8080\r\n\r\n", 200, "Northside"},
		"forwarded host":     {"GET /sign-in HTTP/1.1\r\nHost: northside.example\r\nX-Forwarded-Host: harbour.example\r\nForwarded: host=harbour.example\r\nX-Host: harbour.example\r\n\r\n", 200, "Northside"},
		"unknown":            {"GET /sign-in HTTP/1.1\r\nHost: nobody.example\r\n\r\n", 404, ""},
		"the base":           {"GET / HTTP/1.1\r\nHost: example\r\n\r\n", 404, ""},
		"two hosts":          {"GET /sign-in HTTP/1.1\r\nHost: northside.example\r\nHost: harbour.example\r\n\r\n", 400, ""},
		"two hosts, folded":  {"GET /sign-in HTTP/1.1\r\nHost: northside.example\r\nhOST: harbour.example\r\n\r\n", 400, ""},
		"an address in line": {"GET http://harbour.example/sign-in HTTP/1.1\r\nHost: northside.example\r\n\r\n", 400, ""},
		"no host":            {"GET /sign-in HTTP/1.0\r\n\r\n", 400, ""},
		"an injected host":   {"GET /sign-in HTTP/1.1\r\nHost: northside.example@harbour.example\r\n\r\n", 404, ""},
	} {
		got := raw(t, to, c.request)
		body, _ := io.ReadAll(got.Body)
		if got.StatusCode != c.status {
			t.Errorf("%s: got %d, want %d", name, got.StatusCode, c.status)
		}
		for _, agency := range []string{"Northside", "Harbour"} {
			if strings.Contains(string(body), agency) != (agency == c.agency) {
				t.Errorf("%s: %s on the page", name, agency)
			}
		}
	}
}

func TestAnAgencyThatIsNotOpenSaysSo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	got := b.browser("suspended.example").get("/sign-in")
	want(t, "suspended", got, http.StatusForbidden)
	if !strings.Contains(got.body, "This agency is not open") {
		t.Errorf("got %s", got.body)
	}
}

func TestClientIPBelievesTrustedProxiesAlone(t *testing.T) {
	t.Parallel()
	trusted, err := parseProxies([]string{"10.0.0.0/8", "192.168.1.1", "fd00::/8"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ peer, forwarded, want string }{
		{"203.0.113.9", "", "203.0.113.9"},
		{"203.0.113.9", "198.51.100.1", "203.0.113.9"}, // a stranger's own claim
		{"10.0.0.1", "198.51.100.1", "198.51.100.1"},
		{"10.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"}, // the left part was sent by the browser
		{"10.0.0.1", "1.1.1.1, 198.51.100.1, 10.2.2.2", "198.51.100.1"},
		{"10.0.0.1", "10.3.3.3, 10.2.2.2", "10.3.3.3"},
		{"10.0.0.1", "nonsense", "10.0.0.1"},
		{"10.0.0.1", "198.51.100.1, nonsense", "10.0.0.1"},
		{"10.0.0.1", "", "10.0.0.1"},
		{"::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"},
		{"fd00::1", "2001:db8::7", "2001:db8::7"},
		{"192.168.1.2", "198.51.100.1", "192.168.1.2"},
		{"", "198.51.100.1", ""},
	} {
		if got := clientIP(c.peer, c.forwarded, trusted); got != c.want {
			t.Errorf("peer %s, forwarded %q: got %s, want %s", c.peer, c.forwarded, got, c.want)
		}
	}
	if _, err := parseProxies([]string{"the proxy"}); err == nil {
		t.Error("a name was taken for a proxy")
	}
}

func TestAForgedForwardedAddressIsNotSeenByHandlers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	to := b.listen()
	raw(t, to, "GET /sign-in HTTP/1.1\r\nHost: northside.example\r\nX-Forwarded-For: 1.2.3.4\r\nX-Real-IP: 1.2.3.4\r\n\r\n")
	if got := b.reached.last.IP; got != "127.0.0.1" {
		t.Errorf("got %s, want 127.0.0.1", got)
	}
}

func TestALineThatTheProxyAddedCountsAndNotTheBrowsersOwn(t *testing.T) {
	t.Parallel()
	b := setup(t, func(cfg *Config) { cfg.TrustedProxies = []string{"127.0.0.1"} })
	to := b.listen()
	raw(t, to, "GET /sign-in HTTP/1.1\r\nHost: northside.example\r\nX-Forwarded-For: 1.2.3.4\r\nX-Forwarded-For: 198.51.100.7\r\n\r\n")
	if got := b.reached.last.IP; got != "198.51.100.7" {
		t.Errorf("got %s, want 198.51.100.7", got)
	}
}

func TestEveryAnswerHasTheHeaders(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := b.signedIn(north)
	expected := map[string]string{
		"Content-Security-Policy":      contentPolicy,
		"X-Content-Type-Options":       "nosniff",
		"Referrer-Policy":              "same-origin",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin",
		"Permissions-Policy":           permissionsPolicy,
		"X-Frame-Options":              "DENY",
		"Strict-Transport-Security":    "max-age=63072000; includeSubDomains",
	}
	for _, path := range []string{"/", "/things", "/things/new", "/fragment", "/file", "/nowhere", "/notes", "/broken/panic", "/broken/secret",
		"/session/state", "/?lang=fr", "/healthz", "/readyz", "/assets/app-1234.css", "/sw.js"} {
		got := w.get(path)
		for name, value := range expected {
			if got.Header.Get(name) != value {
				t.Errorf("%s: %s is %q, want %q", path, name, got.Header.Get(name), value)
			}
		}
		cache, wantCache := got.Header.Get("Cache-Control"), "no-store"
		switch path {
		case "/assets/app-1234.css":
			wantCache = "public, max-age=31536000, immutable"
		case "/sw.js":
			wantCache = "no-cache"
		}
		if cache != wantCache {
			t.Errorf("%s: Cache-Control is %q, want %q", path, cache, wantCache)
		}
		if got.Header.Get("Server") != "" || got.Header.Get("X-Powered-By") != "" {
			t.Errorf("%s: the server says what it is", path)
		}
		for _, cookie := range got.Header["Set-Cookie"] {
			if strings.HasPrefix(path, "/assets") || path == "/sw.js" || path == "/healthz" {
				t.Errorf("%s sets a cookie: %s", path, cookie)
			}
		}
	}
	for _, unsafe := range []string{"unsafe-inline", "unsafe-eval", "http:", "https:", "*"} {
		if strings.Contains(contentPolicy, unsafe) {
			t.Errorf("the policy allows %s", unsafe)
		}
	}
	plain := setup(t, func(c *Config) { c.Secure = false }).browser(north).get("/sign-in")
	if plain.Header.Get("Strict-Transport-Security") != "" {
		t.Error("HSTS over plain HTTP")
	}
}

// Fiber's own strings would be overwritten by later requests on the same connection.
func TestARequestMayBeKept(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var mu sync.Mutex
	var kept []*Request
	routes := []Route{{Method: "POST", Path: "/keep/:id", Need: Public(), Handler: func(r *Request) (Response, error) {
		mu.Lock()
		defer mu.Unlock()
		kept = append(kept, r)
		return Empty(), nil
	}}}
	cfg := b.cfg
	cfg.Registry = nil
	app, err := New(cfg, routes)
	if err != nil {
		t.Fatal(err)
	}
	served := *b
	served.App = app
	to := served.listen()

	transport := &http.Transport{MaxConnsPerHost: 1}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, Timeout: 10 * time.Second}
	device := strings.Repeat("d", 43)
	word := func(n int) string { return strings.Repeat(string(rune('a'+n)), 36) }
	for n := range 20 {
		form := url.Values{view.CSRFField: {app.tokenOf(b.north.ID, browserHolder(device))}, "field": {word(n)}}
		request, err := http.NewRequest("POST", "http://"+to+"/keep/"+word(n)+"?q="+word(n), strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		request.Host = north
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.Header.Set("HX-Target", word(n))
		request.Header.Set("Cookie", "__Host-device="+device)
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != http.StatusNoContent {
			t.Fatalf("got %d", response.StatusCode)
		}
	}
	for n, r := range kept {
		w := word(n)
		if r.Path != "/keep/"+w || r.Params["id"] != w || r.Query.Get("q") != w || r.Value("field") != w || r.Target != w || r.Device != device || r.Method != "POST" {
			t.Errorf("request %d has changed: %q %v %v %v %q %q", n, r.Path, r.Params, r.Query, r.Form, r.Target, r.Device)
		}
	}
}

func TestLimitsAnswer429(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := b.signedIn(north)
	for range 10 {
		want(t, "confirm", w.get("/confirm"), http.StatusOK)
	}
	got := w.get("/confirm")
	want(t, "an eleventh time", got, http.StatusTooManyRequests)
	if got.Header.Get("Retry-After") != "60" {
		t.Errorf("Retry-After: got %s, want 60", got.Header.Get("Retry-After"))
	}
	want(t, "another page", w.get("/"), http.StatusOK)

	// All requests of the agency's staff together.
	for b.cfg.Limits.Request(t.Context(), b.north.ID) == 0 {
		continue
	}
	got = w.get("/")
	want(t, "the agency's turns are used up", got, http.StatusTooManyRequests)
	if got.Header.Get("Retry-After") != "1" {
		t.Errorf("Retry-After: got %s, want 1", got.Header.Get("Retry-After"))
	}
	want(t, "another agency", b.browser(harbour).get("/sign-in"), http.StatusOK)

	// Strangers are stopped by their network before they are by the agency.
	b.clock.forward(10 * time.Second)
	stranger := b.browser(north)
	through := 0
	for range 200 {
		if stranger.get("/sign-in").StatusCode == http.StatusOK {
			through++
		}
	}
	if through != 150 {
		t.Errorf("a stranger's requests: got %d through, want 150", through)
	}
	b.clock.forward(10 * time.Second)
	for range 200 {
		stranger.get("/nowhere")
	}
	want(t, "staff while strangers push", w.get("/"), http.StatusOK)
}

func TestIDsAreUUIDsOrNothing(t *testing.T) {
	t.Parallel()
	r := NewRequest(t.Context(), "GET", "/things/x", nil)
	id := uuid.Must(uuid.NewV7())
	for text, ok := range map[string]bool{id.String(): true, "": false, "x": false, "{" + id.String() + "}": false,
		strings.ReplaceAll(id.String(), "-", ""): false, "urn:uuid:" + id.String(): false} {
		r.Params["id"] = text
		got, err := r.ID("id")
		if ok != (err == nil) || ok && got != id || !ok && fault.KindOf(err) != fault.NotFound {
			t.Errorf("%q: got %v, %v", text, got, err)
		}
	}
}

func TestShutdownLetsRequestsEnd(t *testing.T) {
	t.Parallel()
	b := setup(t)
	began, finish := make(chan struct{}), make(chan struct{})
	cfg := b.cfg
	cfg.Registry = nil
	app, err := New(cfg, []Route{{Method: "GET", Path: "/slow", Need: Public(), Handler: func(*Request) (Response, error) {
		close(began)
		<-finish
		return Empty(), nil
	}}})
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- app.Serve(listener) }()
	answered := make(chan string, 1)
	go func() {
		request, _ := http.NewRequest("GET", "http://"+listener.Addr().String()+"/slow", nil)
		request.Host = north
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			answered <- err.Error()
			return
		}
		_ = response.Body.Close()
		answered <- fmt.Sprint(response.StatusCode)
	}()
	<-began
	ended := make(chan error, 1)
	go func() { ended <- app.Shutdown(t.Context()) }()
	for tick := time.NewTicker(time.Millisecond); !app.ending.Load(); {
		<-tick.C
	}
	close(finish)
	if got := <-answered; got != "204" {
		t.Errorf("the request in flight: got %s, want 204", got)
	}
	if err := <-ended; err != nil {
		t.Errorf("shutdown: %v", err)
	}
	if err := <-served; err != nil {
		t.Errorf("serve: %v", err)
	}
}
