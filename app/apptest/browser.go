package apptest

import (
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"
)

// inProcess is the peer's address of requests that come without a network. The settings
// trust it as a proxy, so that each browser can have an address of its own.
const inProcess = "0.0.0.0"

// Browser visits one agency: it keeps cookies and the last page's token, and checks
// every page that it gets. It is not safe for concurrent use.
type Browser struct {
	Language string // what it prefers, as in Accept-Language; "" says nothing

	t        testing.TB
	platform *Platform
	agency   *Agency
	jar      *cookiejar.Jar
	address  string
	token    string // of the forms on the last page
}

// Visit gives the test a browser that nobody is signed in with.
func (p *Platform) Visit(t testing.TB, a *Agency) *Browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	n := p.visitors.Add(1)
	return &Browser{t: t, platform: p, agency: a, jar: jar, address: fmt.Sprintf("10.%d.%d.%d", n>>16&255, n>>8&255, n&255)}
}

// signInTries is how often SignIn comes again on a machine that is busy hashing passwords.
const signInTries = 20

// SignIn gives the test a browser in which a member of staff has signed in through the
// page. When told that too many are signing in, it comes again when it was asked to, as
// she would: a slow machine with many tests at once is busy with hashing for seconds.
func (p *Platform) SignIn(t testing.TB, s *Staff) *Browser {
	t.Helper()
	b := p.Visit(t, s.Agency)
	for tries := 0; ; tries++ {
		answer := b.Get("/sign-in").WantStatus(http.StatusOK).Form("form[action=/sign-in]").Set("login", s.Login).Set("password", Password).Submit()
		if answer.Status == http.StatusSeeOther && answer.Location == "/" {
			return b
		}
		seconds, err := strconv.Atoi(answer.Header.Get("Retry-After"))
		if answer.Status != http.StatusTooManyRequests || err != nil || seconds > 5 || tries == signInTries {
			t.Fatalf("sign in: got %d to %q, want 303 to /: %s", answer.Status, answer.Location, answer.Text())
		}
		select {
		case <-time.After(time.Duration(seconds) * time.Second):
		case <-t.Context().Done():
			t.Fatal("the test ended while signing in")
		}
	}
}

// Get asks for a page and returns the answer itself, a redirect too.
func (b *Browser) Get(path string) *Page {
	b.t.Helper()
	return b.send(http.MethodGet, path, nil, nil)
}

// Open asks for a page and goes on to where it leads, which must be a page.
func (b *Browser) Open(path string) *Page {
	b.t.Helper()
	return b.follow(b.Get(path)).WantStatus(http.StatusOK)
}

// Post sends values as a form on the last page would: with its token.
func (b *Browser) Post(path string, values url.Values) *Page {
	b.t.Helper()
	with := url.Values{"csrf": {b.token}}
	for name, list := range values {
		with[name] = list
	}
	return b.send(http.MethodPost, path, with, nil)
}

// Find asks the search field and opens the page of results.
func (b *Browser) Find(q string) *Page {
	b.t.Helper()
	return b.follow(b.Post("/find", url.Values{"q": {q}})).WantStatus(http.StatusOK)
}

// Send sends anything, with further headers.
func (b *Browser) Send(method, path string, values url.Values, header http.Header) *Page {
	b.t.Helper()
	return b.send(method, path, values, header)
}

// Token is the token of the forms on the last page.
func (b *Browser) Token() string { return b.token }

// Cookies are those that the agency's pages get.
func (b *Browser) Cookies() []*http.Cookie { return b.jar.Cookies(b.url("/")) }

// SetCookies gives the browser further cookies, such as another browser's.
func (b *Browser) SetCookies(cookies []*http.Cookie) { b.jar.SetCookies(b.url("/"), cookies) }

func (b *Browser) url(path string) *url.URL {
	parsed, err := url.Parse("http://" + b.agency.Host + path)
	if err != nil {
		b.t.Fatalf("%q is no address: %v", path, err)
	}
	return parsed
}

func (b *Browser) follow(page *Page) *Page {
	b.t.Helper()
	for hops := 0; page.Status == http.StatusSeeOther; hops++ {
		if hops == 5 {
			b.t.Fatalf("%s: led on five times", page)
		}
		page = b.Get(page.Location)
	}
	return page
}

func (b *Browser) send(method, path string, form url.Values, header http.Header) *Page {
	b.t.Helper()
	address := b.url(path)
	request, err := http.NewRequestWithContext(b.t.Context(), method, address.String(), strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	request.Header.Set("X-Forwarded-For", b.address)
	if b.Language != "" {
		request.Header.Set("Accept-Language", b.Language)
	}
	if method != http.MethodGet {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.Header.Set("Origin", "http://"+b.agency.Host)
		request.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for _, cookie := range b.jar.Cookies(address) {
		request.AddCookie(cookie)
	}
	for name, values := range header {
		request.Header[http.CanonicalHeaderKey(name)] = values
	}
	response, err := b.platform.Server.Web.Test(request)
	if err != nil {
		b.t.Fatalf("%s %s: %v", method, address.Path, err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatalf("%s %s: %v", method, address.Path, err)
	}
	b.jar.SetCookies(address, response.Cookies())
	page := &Page{Status: response.StatusCode, Header: response.Header, Body: string(body), Location: response.Header.Get("Location"),
		t: b.t, browser: b, method: method, path: address.RequestURI()}
	b.check(page)
	return page
}

// check looks at what must hold of every answer.
func (b *Browser) check(page *Page) {
	b.t.Helper()
	referrer := "same-origin"
	for _, secret := range []string{"/calendar/", "/invitation/", "/reset/", "/connect/"} { // the path itself opens something
		if strings.HasPrefix(page.path, secret) {
			referrer = "no-referrer"
		}
	}
	for name, want := range map[string]string{"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": referrer} {
		if got := page.Header.Get(name); got != want && !strings.HasPrefix(page.path, "/assets/") {
			b.t.Errorf("%s: header %s is %q, want %q", page, name, got, want)
		}
	}
	if policy := page.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
		b.t.Errorf("%s: Content-Security-Policy is %q", page, policy)
	}
	for _, word := range b.platform.words {
		if strings.Contains(page.Location, url.QueryEscape(word)) || strings.Contains(page.Header.Get("Set-Cookie"), word) {
			b.t.Errorf("%s: %q stands in a header", page, word)
		}
	}
	if !page.IsDocument() {
		return
	}
	if tokens := page.Values("input[name=csrf]", "value"); len(tokens) > 0 {
		b.token = tokens[0]
	}
	title := strings.Join(page.Texts("title"), " ")
	for _, word := range b.platform.words {
		if strings.Contains(title, word) {
			b.t.Errorf("%s: the title names somebody: %q", page, title)
		}
	}
	for _, flaw := range page.Flaws() {
		b.t.Errorf("%s (%d): %s", page, page.Status, flaw)
	}
}
