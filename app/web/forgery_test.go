package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"konote/app/session"
	"konote/app/view"
)

// unsafeRoutes are all routes of the table that are not GET, with a path that fits.
func (b *bundle) unsafeRoutes() []Route {
	var routes []Route
	for _, route := range b.Routes() {
		if route.Method != http.MethodGet {
			route.Path = strings.ReplaceAll(route.Path, ":thing", "0190b4a5-0000-7000-8000-000000000000")
			routes = append(routes, route)
		}
	}
	return routes
}

func TestNoUnsafeRouteTakesAForgedRequest(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := b.signedIn(north)
	fresh := w.token
	other := b.browser(north)
	other.get("/sign-in")
	neighbour := b.signedIn(harbour)

	old := b.tokenOf(b.north.ID, staffHolder(b.staff))
	b.clock.forward(time.Minute)
	for name, forge := range map[string]struct {
		token  string
		header http.Header
	}{
		"no token":                  {"", nil},
		"a token made up":           {strings.Repeat("A", 54), nil},
		"a token cut":               {fresh[:len(fresh)-2], nil},
		"a token altered":           {strings.Replace(fresh, fresh[20:21], string(rune(fresh[20]^1)), 1), nil},
		"another browser's token":   {other.token, nil},
		"another agency's token":    {neighbour.token, nil},
		"another person's token":    {b.tokenOf(b.north.ID, staffHolder(b.north.ID)), nil},
		"another kind of holder":    {b.tokenOf(b.north.ID, browserHolder(b.staff.String())), nil},
		"from another site":         {fresh, http.Header{"Sec-Fetch-Site": {"cross-site"}}},
		"from a sibling agency":     {fresh, http.Header{"Sec-Fetch-Site": {"same-site"}}},
		"from another origin":       {fresh, http.Header{"Origin": {"https://evil.example"}}},
		"from a sibling's origin":   {fresh, http.Header{"Origin": {"https://harbour.example"}}},
		"from our host in the name": {fresh, http.Header{"Origin": {"https://northside.example.evil.example"}}},
		"from our host over HTTP":   {fresh, http.Header{"Origin": {"http://northside.example"}}},
		"from another port":         {fresh, http.Header{"Origin": {"https://northside.example:8443"}}},
		"from a sandbox":            {fresh, http.Header{"Origin": {"null"}}},
		"with a forged site":        {fresh, http.Header{"Sec-Fetch-Site": {"same-origin"}, "Origin": {"https://evil.example"}}},
	} {
		for _, route := range b.unsafeRoutes() {
			w.token, w.header = forge.token, http.Header{}
			for key, values := range forge.header {
				w.header[key] = values
			}
			before := b.reached.count(route.Method + " " + route.Path)
			cookie := w.cookies["__Host-session"]
			got := w.post(route.Path, "typed", "x")
			if got.StatusCode != http.StatusForbidden {
				t.Errorf("%s, %s: got %d, want 403", name, route.Path, got.StatusCode)
			}
			if b.reached.count(route.Method+" "+route.Path) != before || w.cookies["__Host-session"] != cookie {
				t.Errorf("%s, %s: the handler was reached", name, route.Path)
			}
		}
	}
	// The same requests pass when they come from a page of ours; a token may be in use
	// for as long as a session.
	for _, header := range []http.Header{{}, {"Sec-Fetch-Site": {"same-origin"}, "Origin": {"https://northside.example"}},
		{"Sec-Fetch-Site": {"none"}}, {"Origin": {"https://northside.example:443"}}} {
		w.token, w.header = old, header
		want(t, "an honest form", w.post("/things", "typed", "x"), http.StatusSeeOther)
	}
	w.header = http.Header{"X-Csrf": {old}}
	w.token = ""
	want(t, "an honest script", w.post("/things", "typed", "x"), http.StatusSeeOther)
}

func TestOnlyTheTableRegistersRoutes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	known := map[string]bool{}
	for _, route := range b.Routes() {
		known[route.Method+" "+route.Path] = true
	}
	handlers := 0
	for _, route := range b.fiber.GetRoutes(true) {
		handlers++
		if !known[route.Method+" "+route.Path] {
			t.Errorf("%s %s is served and not in the table", route.Method, route.Path)
		}
	}
	if handlers != len(known) {
		t.Errorf("got %d routes in Fiber, want the %d of the table", handlers, len(known))
	}
}

func TestATokenOfAPersonAgesAndOneOfABrowserDoesNot(t *testing.T) {
	t.Parallel()
	b := setup(t)
	person := b.tokenOf(b.north.ID, staffHolder(b.staff))
	sheet := b.tokenOf(b.north.ID, browserHolder("mark"))
	b.clock.forward(session.Absolute)
	if b.validToken(person, b.north.ID, staffHolder(b.staff), true) {
		t.Error("a token older than any session is taken")
	}
	if !b.validToken(sheet, b.north.ID, browserHolder("mark"), false) {
		t.Error("the sign-in page of yesterday is refused")
	}
}

func TestASignInPageFromBeforeTheSignInStillWorks(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := b.browser(north)
	w.get("/sign-in")
	token := w.token
	w.post("/sign-in") // in another tab
	w.get("/")
	w.token = token
	want(t, "the first tab", w.post("/sign-in"), http.StatusSeeOther)
	w.token = token
	want(t, "a form of staff with it", w.post("/things", "typed", "x"), http.StatusForbidden)
}

func TestAForgedRequestIsRecordedWhenSomebodyIsSignedIn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := b.signedIn(north)
	w.token = ""
	w.post("/things", "typed", "x")
	stranger := b.browser(north)
	for range 5 { // strangers cannot fill the audit log
		want(t, "a stranger", stranger.post("/sign-in"), http.StatusForbidden)
	}
	b.world.read(func() {
		if len(b.world.refused) != 1 || b.world.refused[0] != "/things" {
			t.Errorf("refused: got %v, want /things", b.world.refused)
		}
	})
}

func TestSameOriginOverPlainHTTP(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		origin, host string
		want         bool
	}{
		{"http://northside.localhost:8080", "northside.localhost:8080", true},
		{"http://northside.localhost:8080", "NORTHSIDE.localhost:8080", true},
		{"http://northside.localhost", "northside.localhost:80", true},
		{"http://harbour.localhost:8080", "northside.localhost:8080", false},
		{"http://northside.localhost:9090", "northside.localhost:8080", false},
		{"file://", "northside.localhost:8080", false},
		{"ftp://northside.localhost:8080", "northside.localhost:8080", false},
		{"%", "northside.localhost:8080", false},
	} {
		if got := sameOrigin("", c.origin, c.host, false); got != c.want {
			t.Errorf("%s at %s: got %v, want %v", c.origin, c.host, got, c.want)
		}
	}
}

func FuzzToken(f *testing.F) {
	b := &App{cfg: Config{Now: time.Now}, forms: []byte("key")}
	agency := [16]byte{1}
	f.Add(b.tokenOf(agency, "staff:1"))
	f.Add("")
	f.Fuzz(func(t *testing.T, token string) {
		if b.validToken(token, agency, "staff:2", false) {
			t.Errorf("%q is valid for somebody", token)
		}
	})
}

func FuzzForm(f *testing.F) {
	f.Add("a=1&b=%0d%0a")
	f.Add("password=%20x%20")
	f.Fuzz(func(t *testing.T, body string) {
		form, err := decodeForm(body)
		if err != nil {
			return
		}
		for name, values := range form {
			for _, value := range values {
				if !strings.Contains(name, "password") && (value != tidy(value) || strings.ContainsAny(value, "\r\x00")) {
					t.Errorf("%q of %q is not tidy", value, body)
				}
			}
		}
	})
}

func TestFormsAreTidied(t *testing.T) {
	t.Parallel()
	got, err := decodeForm(url.Values{"name": {"  Zoë \x00 "}, "note": {"a\r\nb\rc\n"}, "new_password": {" with spaces "}}.Encode())
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"name": "Zoë", "note": "a\nb\nc", "new_password": " with spaces "} {
		if got.Get(name) != want {
			t.Errorf("%s: got %q, want %q", name, got.Get(name), want)
		}
	}
	for name, bad := range map[string]string{"not UTF-8": "a=%ff", "broken escape": "a=%zz", "too many": strings.Repeat("a=1&", maxFields+1)} {
		if _, err := decodeForm(bad); err == nil {
			t.Errorf("%s: was taken", name)
		}
	}
}

func TestBodiesAreLimitedAndReadAsFormsOnly(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := b.signedIn(north)
	thing := "/things/0190b4a5-0000-7000-8000-000000000000"
	want(t, "1,000 bytes", w.post(thing, "typed", strings.Repeat("x", 1000)), http.StatusSeeOther)
	want(t, "3,000 bytes where 2,000 may be", w.post(thing, "typed", strings.Repeat("x", 3000)), http.StatusRequestEntityTooLarge)
	want(t, "200 KiB", w.post("/things", "typed", strings.Repeat("x", 200<<10)), http.StatusSeeOther)

	form := url.Values{view.CSRFField: {w.token}, "typed": {"x"}}
	for name, header := range map[string]http.Header{
		"JSON":       {"Content-Type": {"application/json"}},
		"plain text": {"Content-Type": {"text/plain"}},
		"multipart":  {"Content-Type": {"multipart/form-data; boundary=x"}},
		"compressed": {"Content-Type": {"application/x-www-form-urlencoded"}, "Content-Encoding": {"gzip"}},
	} {
		w.header = header
		want(t, name, w.send("POST", "/things", form), http.StatusUnsupportedMediaType)
	}
}
