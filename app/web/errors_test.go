package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/prometheus/client_golang/prometheus"

	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/limit"
	"konote/app/session"
	"konote/keyring"
	"konote/tenancy"
)

func TestErrorsBecomePagesInBothLanguages(t *testing.T) {
	t.Parallel()
	secret := errors.New("relation agency_7.notes of Aiyana Blackwood")
	for name, c := range map[string]struct {
		err    error
		status int
		title  i18n.Message
		retry  string
	}{
		"a mistake of ours":   {secret, 500, i18n.FaultInternalTitle, ""},
		"a panic":             {&panicked{value: "Aiyana Blackwood"}, 500, i18n.FaultInternalTitle, ""},
		"not there":           {fault.Missing(), 404, i18n.FaultNotFoundTitle, ""},
		"hidden":              {fault.Refused(), 404, i18n.FaultNotFoundTitle, ""},
		"denied":              {fault.Wrap(secret, fault.Denied, nil), 403, i18n.FaultDeniedTitle, ""},
		"conflict":            {fault.Wrap(secret, fault.Conflict, i18n.WebAgain), 409, i18n.FaultConflictTitle, ""},
		"invalid":             {fault.New(fault.Invalid, i18n.WebAgain), 422, i18n.FaultInvalidTitle, ""},
		"limited":             {fault.New(fault.Limited, nil).After(1500 * time.Millisecond), 429, i18n.FaultLimitedTitle, "2"},
		"down":                {fault.Wrap(secret, fault.Unavailable, nil), 503, i18n.FaultUnavailableTitle, "5"},
		"database down":       {fmt.Errorf("load: %w: %w", tenancy.ErrUnavailable, secret), 503, i18n.FaultUnavailableTitle, "10"},
		"too many at once":    {fmt.Errorf("load: %w", tenancy.ErrBusy), 503, i18n.WebBusyTitle, "3"},
		"suspended":           {fmt.Errorf("load: %w", tenancy.ErrClosed), 403, i18n.FaultClosedTitle, ""},
		"parked":              {tenancy.ErrParked, 503, i18n.FaultParkedTitle, "60"},
		"key gone":            {fmt.Errorf("load: %w", keyring.ErrNoKey), 503, i18n.FaultKeyTitle, ""},
		"wrong key":           {keyring.ErrKeyMismatch, 503, i18n.FaultKeyTitle, ""},
		"key provider down":   {keyring.ErrProvider, 503, i18n.FaultKeyTitle, "30"},
		"sessions down":       {session.ErrUnavailable, 503, i18n.FaultUnavailableTitle, "10"},
		"limits down":         {limit.ErrUnavailable, 503, i18n.FaultUnavailableTitle, "10"},
		"out of time":         {fmt.Errorf("load: %w", context.DeadlineExceeded), 503, i18n.FaultUnavailableTitle, "10"},
		"agency went":         {tenancy.ErrUnknownAgency, 404, i18n.FaultHostTitle, ""},
		"data in an sql text": {&pgconn.PgError{Code: "23505", Message: "Aiyana Blackwood"}, 500, i18n.FaultInternalTitle, ""},
	} {
		b := setup(t)
		b.world.read(func() { b.world.fails = c.err })
		for _, language := range []string{"en", "fr"} {
			for _, htmx := range []bool{false, true} {
				w := b.browser(north)
				w.header.Set("Accept-Language", language)
				if htmx {
					w.header.Set("HX-Request", "true")
				}
				got := w.get("/sign-in")
				want(t, name, got, c.status)
				title := i18n.NewPrinter(language, nil, nil).T(c.title)
				if !strings.Contains(got.body, "<h1>"+title+"</h1>") {
					t.Errorf("%s (%s): %q is not the heading of %s", name, language, title, got.body)
				}
				if strings.Contains(got.body, "<html") == htmx {
					t.Errorf("%s: a whole page is %v for htmx %v", name, !htmx, htmx)
				}
				for _, leak := range []string{"Aiyana", "agency_7", "relation", "tenancy:", "keyring:", "context", "session:"} {
					if strings.Contains(got.body, leak) {
						t.Errorf("%s (%s): %q is on the page", name, language, leak)
					}
				}
				if got.Header.Get("Retry-After") != c.retry {
					t.Errorf("%s: Retry-After is %q, want %q", name, got.Header.Get("Retry-After"), c.retry)
				}
			}
		}
		if strings.Contains(b.log.String(), "Aiyana") && !errors.Is(c.err, secret) {
			t.Errorf("%s: the log quotes what it must not: %s", name, b.log)
		}
	}
}

func TestWhereTheAgencyCannotHelpThePageSaysWhomToReach(t *testing.T) {
	t.Parallel()
	const contact = "613 555-0142"
	b := setup(t, func(cfg *Config) { cfg.Support = contact })
	says := func(err error) bool {
		b.world.read(func() { b.world.fails = err })
		said := 0
		for _, language := range []string{"en", "fr"} {
			w := b.browser(north)
			w.header.Set("Accept-Language", language)
			if strings.Contains(w.get("/sign-in").body, i18n.NewPrinter(language, nil, nil).T(i18n.FaultSupport(contact))) {
				said++
			}
		}
		if said == 1 {
			t.Errorf("%v: the languages differ", err)
		}
		return said == 2
	}
	for _, err := range []error{keyring.ErrNoKey, keyring.ErrProvider, tenancy.ErrUnavailable, tenancy.ErrParked} {
		if !says(err) {
			t.Errorf("%v: the page does not say whom to reach", err)
		}
	}
	if says(tenancy.ErrClosed) {
		t.Error("an agency that is closed is not the platform's to help")
	}
	if page := plainPage(problemOf(keyring.ErrNoKey), "", contact); strings.Count(page, contact) != 2 {
		t.Errorf("the plain page does not say it twice: %s", page)
	}
}

func TestAMistakeShowsAReferenceThatIsInTheLog(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/broken/secret", "/broken/panic", "/broken/render"} {
		b := setup(t)
		w := b.signedIn(north)
		got := w.get(path)
		want(t, path, got, http.StatusInternalServerError)
		_, rest, _ := strings.Cut(got.body, "<code>")
		reference, _, _ := strings.Cut(rest, "</code>")
		if len(reference) != 11 || strings.Count(b.log.String(), reference) != 2 {
			t.Errorf("%s: the reference %q is not in the log of error and request: %s", path, reference, b.log)
		}
		if strings.Contains(got.body, "half a page") || got.Header.Get("Set-Cookie") != "" {
			t.Errorf("%s: half an answer was sent: %s", path, got.body)
		}
		want(t, "the next request", w.get("/"), http.StatusOK)
	}
}

// reference is the number of a request on its error page.
var reference = regexp.MustCompile(`<code>[0-9A-Z]{5}-[0-9A-Z]{5}</code>`)

// What is not there is recorded as well: otherwise the time of the answer would tell a
// hidden record from none.
func TestRefusalsAreRecorded(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := b.signedIn(north)
	want(t, "denied", w.get("/broken/denied"), http.StatusForbidden)
	want(t, "no permission", w.get("/notes"), http.StatusForbidden)
	hidden, missing := w.get("/broken/hidden"), w.get("/broken/missing")
	want(t, "hidden", hidden, http.StatusNotFound)
	same := func(a answer) string {
		// Each request has a number of its own, which says nothing of the record.
		return strings.ReplaceAll(reference.ReplaceAllString(tokenField.ReplaceAllString(a.body, ""), ""), a.Request.URL.Path, "")
	}
	if hidden.Request != nil && same(hidden) != same(missing) {
		t.Error("a hidden record looks other than a missing one")
	}
	if !reference.MatchString(hidden.body) {
		t.Error("the page has no number that somebody could look up")
	}
	b.world.read(func() {
		if got := fmt.Sprint(b.world.refused); got != "[/broken/denied /notes /broken/hidden /broken/missing]" {
			t.Errorf("got %s", got)
		}
	})
}

func TestUnknownAddressesAndMethods(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := b.signedIn(north)
	got := w.get("/nowhere")
	want(t, "nowhere", got, http.StatusNotFound)
	if !strings.Contains(got.body, "Noor Haddad") {
		t.Error("the page lost its frame")
	}
	want(t, "nowhere, signed out", b.browser(north).get("/nowhere"), http.StatusNotFound)
	want(t, "a GET of a POST", w.get("/session/extend"), http.StatusMethodNotAllowed)
	want(t, "HEAD of a page", w.send("HEAD", "/", nil), http.StatusMethodNotAllowed)
	to := b.listen()
	for _, method := range []string{"PUT", "DELETE", "PATCH", "TRACE", "OPTIONS", "CONNECT", "BREW"} {
		got := raw(t, to, method+" /things HTTP/1.1\r\nHost: northside.example\r\nContent-Length: 0\r\n\r\n")
		if got.StatusCode != http.StatusMethodNotAllowed {
			t.Errorf("%s: got %d, want 405", method, got.StatusCode)
		}
	}
}

func TestWhatCannotBeReadIsRefusedBeforeAnyHandler(t *testing.T) {
	t.Parallel()
	b := setup(t)
	to := b.listen()
	for name, c := range map[string]struct {
		request string
		status  int
	}{
		"too large a body":      {"POST /sign-in HTTP/1.1\r\nHost: northside.example\r\nContent-Length: 999999999\r\n\r\n", 413},
		"too many headers":      {"GET / HTTP/1.1\r\nHost: northside.example\r\nX: " + strings.Repeat("x", 40<<10) + "\r\n\r\n", 431},
		"no HTTP":               {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400},
		"other methods":         {"DELETE /things HTTP/1.1\r\nHost: northside.example\r\n\r\n", 405},
		"a method made up":      {"AIYANA /things HTTP/1.1\r\nHost: northside.example\r\n\r\n", 405},
		"length and chunks":     {"POST /sign-in HTTP/1.1\r\nHost: northside.example\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 403},
		"a broken chunk length": {"POST /sign-in HTTP/1.1\r\nHost: northside.example\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n", 400},
	} {
		got := raw(t, to, c.request)
		body, _ := io.ReadAll(got.Body)
		if got.StatusCode != c.status {
			t.Errorf("%s: got %d, want %d: %s", name, got.StatusCode, c.status, body)
		}
		if got.Header.Get("Content-Security-Policy") == "" || strings.Contains(string(body), "AIYANA") || strings.Contains(string(body), "fasthttp") {
			t.Errorf("%s: got %v %s", name, got.Header, body)
		}
	}
	if strings.Contains(b.log.String(), "AIYANA") {
		t.Error("the log quotes the request")
	}
	b.reached.mu.Lock()
	defer b.reached.mu.Unlock()
	if len(b.reached.calls) != 0 {
		t.Errorf("handlers were reached: %v", b.reached.calls)
	}
}

func TestThePlainPageSpeaksBothLanguages(t *testing.T) {
	t.Parallel()
	page := plainPage(internal, "ABCDE-12345", "")
	for _, part := range []string{`lang="en-CA"`, `lang="fr-CA"`, "Something went wrong", "Un problème est survenu", "ABCDE-12345"} {
		if !strings.Contains(page, part) {
			t.Errorf("%q is missing in %s", part, page)
		}
	}
}

func TestReadinessNamesDependenciesAndNotReasons(t *testing.T) {
	t.Parallel()
	down := errors.New("password of Aiyana refused")
	for name, c := range map[string]struct {
		first, second error
		status        int
		body          string
	}{
		"all well":      {nil, nil, 200, `{"state":"ready","checks":{"first":"ok","second":"ok"}}`},
		"needed down":   {down, nil, 503, `{"state":"unavailable","checks":{"first":"failed","second":"ok"}}`},
		"optional down": {nil, down, 200, `{"state":"degraded","checks":{"first":"ok","second":"failed"}}`},
	} {
		b := setup(t, func(cfg *Config) {
			cfg.Probes = []Probe{{Name: "first", Check: func(context.Context) error { return c.first }},
				{Name: "second", Check: func(context.Context) error { return c.second }, Optional: true}}
		})
		w := b.browser("10.0.0.7") // no agency's host
		got := w.get("/readyz")
		if got.StatusCode != c.status || got.body != c.body {
			t.Errorf("%s: got %d %s, want %d %s", name, got.StatusCode, got.body, c.status, c.body)
		}
		want(t, "healthz", w.get("/healthz"), http.StatusOK)
	}
	panics := setup(t, func(cfg *Config) {
		cfg.Probes = []Probe{{Name: "first", Check: func(context.Context) error { panic("x") }}}
	})
	want(t, "a probe that panics", panics.browser(north).get("/readyz"), http.StatusServiceUnavailable)
}

func TestTheAccessLogHasItsFieldsAndNothingPersonal(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := b.signedIn(north)
	w.get("/things/0190b4a5-0000-7000-8000-00000000aaaa?q=Blackwood")
	w.post("/things", "typed", "Aiyana")
	w.get("/Blackwood")
	for line := range strings.SplitSeq(strings.TrimSpace(b.log.String()), "\n") {
		var fields map[string]any
		if err := json.Unmarshal([]byte(line), &fields); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"time", "level", "msg", "reference", "agency", "method", "route", "status", "ms", "kind"} {
			if _, ok := fields[name]; !ok {
				t.Errorf("%s is missing in %s", name, line)
			}
			delete(fields, name)
		}
		if len(fields) > 0 {
			t.Errorf("more than the fixed fields: %v", fields)
		}
	}
	for _, personal := range []string{"Blackwood", "Aiyana", "Noor", "aaaa", "127.0.0.1", w.cookies["__Host-session"], w.token, b.staff.String()} {
		if strings.Contains(b.log.String(), personal) {
			t.Errorf("the log holds %q", personal)
		}
	}
}

func TestFiguresAreInsideOnly(t *testing.T) {
	t.Parallel()
	dead := prometheus.NewGauge(prometheus.GaugeOpts{Name: "konote_dead", ConstLabels: prometheus.Labels{"shard": "main"}})
	dead.Set(3)
	b := setup(t, func(cfg *Config) {
		cfg.Registry = prometheus.NewRegistry()
		cfg.Registry.MustRegister(dead, prometheus.NewGauge(prometheus.GaugeOpts{Name: "go_something"}))
		cfg.Probes = []Probe{{Name: "keys", Check: func(context.Context) error { return errors.New("of Aiyana") }, Optional: true}}
	})
	w := b.signedIn(north)
	w.get("/things/0190b4a5-0000-7000-8000-00000000aaaa")
	for _, path := range []string{"/metrics", "/health"} {
		want(t, "outside, "+path, w.get(path), http.StatusNotFound)
	}
	inside := func(path string) (int, string) {
		answer := httptest.NewRecorder()
		b.Inside().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, path, nil))
		return answer.Code, answer.Body.String()
	}
	for path, parts := range map[string][]string{
		"/healthz": {"ok"},
		"/readyz":  {`"state": "degraded"`, `"keys": "failed"`},
		"/health":  {`"state": "degraded"`, `"keys": "failed"`, `"konote_dead main": 3`, `"konote_requests_in_flight": 0`},
		"/metrics": {`konote_requests_total{method="GET",route="/things/:thing",status="200"} 1`, `konote_request_seconds_count{route="none"} 2`, `konote_dead{shard="main"} 3`},
	} {
		status, body := inside(path)
		for _, part := range parts {
			if status != http.StatusOK || !strings.Contains(body, part) {
				t.Errorf("%s: %q is missing in %d %s", path, part, status, body)
			}
		}
		for _, alien := range []string{"aaaa", b.north.ID.String(), "Aiyana"} {
			if strings.Contains(body, alien) {
				t.Errorf("%s holds a path, an agency or a reason", path)
			}
		}
	}
	if _, body := inside("/health"); strings.Contains(body, "go_") {
		t.Errorf("the health page holds what is not KoNote's: %s", body)
	}
	if _, body := inside("/readyz"); strings.Contains(body, "konote_") {
		t.Errorf("readiness holds figures, which cost more: %s", body)
	}
	if err := b.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if status, body := inside("/readyz"); status != http.StatusServiceUnavailable || !strings.Contains(body, "stopping") {
		t.Errorf("while it ends: got %d %s", status, body)
	}
}
