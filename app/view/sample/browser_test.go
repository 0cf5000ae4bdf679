package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"konote/app/view"
)

// site is the sample pages on a server that can be cut off.
type site struct {
	address string
	down    atomic.Bool  // connections break
	seconds atomic.Int64 // what /session/state answers
	signed  atomic.Bool  // what /session answers: 200 or 401
	asked   atomic.Int64 // how often /session/state was asked for
	extends atomic.Int64 // how often the session was extended
	saved   atomic.Value // the last text that was posted
	posts   atomic.Int64
}

func newSite(t *testing.T, idle int) *site {
	t.Helper()
	assets, err := view.LoadAssets()
	if err != nil {
		t.Fatal(err)
	}
	s := &site{}
	s.seconds.Store(int64(idle))
	pages := handler(assets, idle)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.down.Load() {
			if conn, _, err := w.(http.Hijacker).Hijack(); err == nil {
				_ = conn.Close()
			}
			return
		}
		switch {
		case r.URL.Path == "/session/state":
			s.asked.Add(1)
			w.Header().Set("Content-Type", "application/json")
			_, _ = fmt.Fprintf(w, `{"seconds":%d}`, s.seconds.Load())
			return
		case r.URL.Path == "/session/extend":
			s.extends.Add(1)
			s.seconds.Store(int64(idle))
		case r.URL.Path == "/session" && (!s.signed.Load() || r.Header.Get("X-CSRF") != "sample"):
			w.WriteHeader(http.StatusUnauthorized)
			return
		case r.Method == http.MethodPost && r.PostFormValue("text") != "":
			s.posts.Add(1)
			s.saved.Store(r.PostFormValue("text"))
		}
		pages.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	// localhost, so that the browser trusts the page enough for a service worker.
	s.address = strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
	return s
}

// tab is one tab of a browser of its own.
type tab struct {
	t   *testing.T
	ctx context.Context
	s   *site
}

// watch collects what must not happen on any page.
const watch = `window.wrongs = [];
addEventListener("error", (e) => wrongs.push("error: " + e.message));
addEventListener("unhandledrejection", (e) => wrongs.push("rejection: " + e.reason));
addEventListener("securitypolicyviolation", (e) => wrongs.push("policy: " + e.violatedDirective + " " + e.blockedURI + " " + e.sample));`

func newTab(t *testing.T, s *site) *tab {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.Flag("disable-quic", true))
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	b := &tab{t: t, ctx: ctx, s: s}
	b.do(command(page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: watch}))
	b.size(1280, "light")
	return b
}

func command[P, R any](c cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, target, c, params)
		return chromedp.Void{}, err
	}
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

func (b *tab) size(width int64, scheme string) {
	b.t.Helper()
	b.do(command(emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: 800, DeviceScaleFactor: 1}),
		command(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}))
}

func (b *tab) open(path string) {
	b.t.Helper()
	b.do(chromedp.Navigate(b.s.address + path))
}

func (b *tab) run(script string) {
	b.t.Helper()
	b.do(chromedp.Evaluate[chromedp.Void](script))
}

func (b *tab) keys(keys string, options ...chromedp.KeyOption) {
	b.t.Helper()
	b.do(chromedp.KeyEvent(keys, options...))
}

func (b *tab) text(script string) string {
	b.t.Helper()
	got, err := chromedp.Run(b.ctx, chromedp.Evaluate[string]("String("+script+")"))
	if err != nil {
		b.t.Fatalf("%s: %v", script, err)
	}
	return got
}

// until waits until a script is true; pages may come and go meanwhile.
func (b *tab) until(script string) {
	b.t.Helper()
	deadline := time.Now().Add(time.Minute)
	for time.Now().Before(deadline) {
		if ok, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool]("!!("+script+")")); err == nil && ok {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	b.t.Fatalf("never true: %s (page: %s)", script, b.text("document.querySelector('main')?.innerText.slice(0, 300)"))
}

func (b *tab) want(script, want string) {
	b.t.Helper()
	if got := b.text(script); got != want {
		b.t.Errorf("%s: got %q, want %q", script, got, want)
	}
}

// clean says that nothing went wrong on this page.
func (b *tab) clean(where string) {
	b.t.Helper()
	if wrongs := b.text("wrongs.join('; ')"); wrongs != "" {
		b.t.Errorf("%s: %s", where, wrongs)
	}
}

const axeRun = `axe.run(document, {resultTypes: ["violations"]}).then((r) => r.violations.map((v) =>
	v.id + ": " + v.nodes.map((n) => n.target + " " + (n.any[0]?.message ?? n.all[0]?.message ?? "")).join(", ")).join("; "))`

func (b *tab) axe(source, where string) {
	b.t.Helper()
	b.run(source)
	found, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](axeRun, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%s: %v", where, err)
	}
	if found != "" {
		b.t.Errorf("%s: %s", where, found)
	}
}

var paths = []string{"/home", "/participant", "/note", "/form", "/list", "/timeline", "/parts", "/sign-in", "/missing"}

func axeSource(t *testing.T) string {
	t.Helper()
	source, err := os.ReadFile("../../../node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Fatal("run `npm ci` first: ", err)
	}
	return string(source)
}

const overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"

func TestEveryPageIsAccessibleInBothLanguagesAndThemes(t *testing.T) {
	t.Parallel()
	source := axeSource(t)
	b := newTab(t, newSite(t, 1800))
	for _, view := range []struct {
		width  int64
		scheme string
	}{{1280, "light"}, {1280, "dark"}, {320, "light"}} {
		b.size(view.width, view.scheme)
		for _, language := range []string{"en", "fr"} {
			for _, path := range paths {
				where := fmt.Sprintf("%s %s %d %s", path, language, view.width, view.scheme)
				b.open(path + "?lang=" + language)
				b.axe(source, where)
				b.want(overflow, "0")
				b.clean(where)
			}
		}
	}
}

func TestWhatOpensAndWhatFailsIsAccessibleToo(t *testing.T) {
	t.Parallel()
	source := axeSource(t)
	b := newTab(t, newSite(t, 1800))
	for _, width := range []int64{1280, 320} {
		b.size(width, "light")
		for _, path := range []string{"/note", "/form", "/sign-in"} {
			b.open(path)
			b.run("document.querySelector('form.form').requestSubmit()")
			b.until("document.title.startsWith('Error')")
			b.axe(source, path+" with problems")
			b.want(overflow, "0")
		}
		b.open("/participant")
		b.run("document.querySelectorAll('.heading details').forEach((d) => { d.open = true; })")
		b.axe(source, "an open menu")
		b.open("/home")
		b.run("document.querySelectorAll('.bar details').forEach((d) => { d.open = true; })")
		b.axe(source, "open menus of the bar")
		b.want(overflow, "0")
	}
}

func TestTextAtTwiceTheSizeFits(t *testing.T) {
	t.Parallel()
	b := newTab(t, newSite(t, 1800))
	b.size(640, "light")
	for _, path := range paths {
		b.open(path + "?lang=fr")
		b.run("document.documentElement.style.fontSize = '200%'")
		b.want(overflow, "0")
	}
}

func TestEveryTargetIsLargeEnough(t *testing.T) {
	t.Parallel()
	b := newTab(t, newSite(t, 1800))
	small := `[...document.querySelectorAll("button, summary, select, a.button, a.row, .tabs a, .menu-link, .choice label, input:not([type=hidden]):not([type=radio]):not([type=checkbox])")]
		.filter((e) => e.checkVisibility() && !e.classList.contains("unseen") && e.getBoundingClientRect().height < 44 - 0.5 && !e.classList.contains("button-text"))
		.map((e) => e.outerHTML.slice(0, 80)).join("; ")`
	for _, width := range []int64{1280, 320} {
		b.size(width, "light")
		for _, path := range paths {
			b.open(path)
			b.want(small, "")
		}
	}
}
