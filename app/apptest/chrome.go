package apptest

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// Chrome is a real Chromium. It is started once, and each [Tab] is as good as a browser
// of its own.
type Chrome struct {
	ctx    context.Context
	cancel context.CancelFunc
}

// StartChrome starts Chromium without a window. It ends with Close, or with the process.
func StartChrome() (*Chrome, error) {
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.Flag("disable-quic", true))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(allocator)
	c := &Chrome{ctx: ctx, cancel: func() { cancel(); stop() }}
	if err := chromedp.Do(ctx); err != nil {
		c.Close()
		return nil, fmt.Errorf("start Chromium (scripts/install browser installs it): %w", err)
	}
	return c, nil
}

// Close ends it.
func (c *Chrome) Close() { c.cancel() }

// T is what a tab needs of testing.TB; the command that takes pictures has its own.
type T interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Cleanup(func())
}

// Tab is one tab with cookies and storage of its own, at one agency.
type Tab struct {
	t       T
	ctx     context.Context
	address string
	width   int64
}

// watch collects what must not happen on any page.
const watch = `window.wrongs = [];
addEventListener("error", (e) => wrongs.push("error: " + e.message));
addEventListener("unhandledrejection", (e) => wrongs.push("rejection: " + e.reason));
addEventListener("securitypolicyviolation", (e) => wrongs.push("policy: " + e.violatedDirective + " " + e.blockedURI + " " + e.sample));`

// Tab opens a tab at an address such as Platform.Address gives: as wide as a desk's
// screen, light, with scripts.
func (c *Chrome) Tab(t T, address string) *Tab {
	t.Helper()
	return openTab(t, c.ctx, address, chromedp.WithNewBrowserContext())
}

// Beside opens a second tab that shares the cookies of this one.
func (b *Tab) Beside() *Tab {
	b.t.Helper()
	return openTab(b.t, b.ctx, b.address)
}

func openTab(t T, ctx context.Context, address string, options ...chromedp.ContextOption) *Tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(ctx, options...)
	t.Cleanup(cancel)
	b := &Tab{t: t, ctx: ctx, address: address}
	go leave(ctx, chromedp.Events(ctx, page.JavascriptDialogOpening))
	b.BeforeEachPage(watch)
	b.Size(1280, "light")
	return b
}

// leave answers every question whether to leave a page with yes. Until somebody has
// answered, the page does nothing else, and neither do we. It ends with the tab.
func leave(ctx context.Context, questions iter.Seq2[page.EventJavascriptDialogOpening, error]) {
	for _, err := range questions {
		if err != nil {
			return
		}
		// An error is a tab that has gone, of which the next step hears.
		_, _ = chromedp.Call(ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: true})
	}
}

func command[P, R any](c cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, target, c, params)
		return chromedp.Void{}, err
	}
}

func (b *Tab) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatalf("%s: %v (page: %s)", what, err, b.Shown())
	}
}

// BeforeEachPage runs a script in every page before the page's own.
func (b *Tab) BeforeEachPage(script string) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, command(page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script})); err != nil {
		b.t.Fatalf("prepare the tab: %v", err)
	}
}

// Size is the width of the window in CSS pixels and the theme, light or dark.
func (b *Tab) Size(width int64, theme string) {
	b.t.Helper()
	b.width = width
	b.window(width, windowHeight(width))
	b.do("theme", command(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: theme}, {Name: "prefers-reduced-motion", Value: "reduce"}}}))
}

func (b *Tab) window(width, height int64) {
	b.t.Helper()
	b.do("size", command(emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: height, DeviceScaleFactor: 1}))
}

// windowHeight is that of a telephone or of a small screen on a desk.
func windowHeight(width int64) int64 {
	if width < 500 {
		return 740
	}
	return 800
}

// WithoutScripts turns JavaScript off, or on again, from the next page on.
func (b *Tab) WithoutScripts(off bool) {
	b.t.Helper()
	b.do("scripts", command(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: off}))
}

// Open goes to a page and waits until it has loaded.
func (b *Tab) Open(path string) {
	b.t.Helper()
	b.do("open "+path, chromedp.Navigate(b.address+path))
}

// whereToClick is the middle of an element that is there to be clicked on: its page has
// loaded, it can be seen, and nothing lies over it. Otherwise "".
const whereToClick = `(() => {
	const at = document.querySelector(%q);
	if (document.readyState !== "complete" || !at || !at.checkVisibility()) return "";
	at.scrollIntoView({block: "center", behavior: "instant"});
	const box = at.getBoundingClientRect(), x = box.x + box.width / 2, y = box.y + box.height / 2;
	return at.contains(document.elementFromPoint(x, y)) ? x + " " + y : "";
})()`

// Click clicks with the mouse on what the CSS selector names first, once it can be.
func (b *Tab) Click(selector string) {
	b.t.Helper()
	where := fmt.Sprintf(whereToClick, selector)
	b.Until(where)
	var x, y float64
	if _, err := fmt.Sscan(b.Get(where), &x, &y); err != nil {
		b.t.Fatalf("click %s: it has gone (page: %s)", selector, b.Shown())
	}
	b.do("click "+selector, chromedp.MouseClickXY(x, y))
}

// Type goes into a field and replaces what stands there.
func (b *Tab) Type(selector, text string) {
	b.t.Helper()
	b.Until(fmt.Sprintf("document.querySelector(%q)", selector))
	b.Run(fmt.Sprintf("{ const field = document.querySelector(%q); field.focus(); field.select(); }", selector))
	b.Keys(text)
}

// Keys presses keys, wherever the focus is.
func (b *Tab) Keys(keys string, options ...chromedp.KeyOption) {
	b.t.Helper()
	b.do("keys", chromedp.KeyEvent(keys, options...))
}

// Run runs a script in the page.
func (b *Tab) Run(script string) {
	b.t.Helper()
	b.do("run "+script[:min(len(script), 100)], chromedp.Evaluate[chromedp.Void](script))
}

// Get is the value of a script as text.
func (b *Tab) Get(script string) string {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	got, err := chromedp.Run(ctx, chromedp.Evaluate[string]("String("+script+")"))
	if err != nil {
		b.t.Fatalf("%s: %v", script, err)
	}
	return got
}

// Want compares the value of a script, once the page has come to its end: a page has its
// address before it has its words.
func (b *Tab) Want(script, want string) {
	b.t.Helper()
	b.Until(`document.readyState === "complete"`)
	if got := b.Get(script); got != want {
		b.t.Errorf("%s: got %q, want %q (page: %s)", script, got, want, b.Shown())
	}
}

// patience is how long a page may take for anything, on a busy machine.
const patience = time.Minute

// Until waits until a script is true; pages may come and go meanwhile.
func (b *Tab) Until(script string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	tick := time.NewTicker(15 * time.Millisecond)
	defer tick.Stop()
	for {
		if ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("!!("+script+")")); err == nil && ok {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			b.t.Fatalf("never true: %s (page: %s)", script, b.Shown())
			return
		}
	}
}

// Shown is where the tab is and the beginning of what it shows, for messages.
func (b *Tab) Shown() string {
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	got, err := chromedp.Run(ctx, chromedp.Evaluate[string](`location.pathname + ": " + (document.querySelector("main")?.innerText ?? document.body?.innerText ?? "").slice(0, 300)`))
	if err != nil {
		return err.Error()
	}
	return got
}

// Wrongs are errors of scripts and breaches of the content policy on this page, "" for
// none.
func (b *Tab) Wrongs() string { return b.Get(`window.wrongs.join("; ")`) }

// Overflow is by how many pixels the page is wider than the window.
func (b *Tab) Overflow() string {
	return b.Get("document.documentElement.scrollWidth - document.documentElement.clientWidth")
}

// SignIn signs a member of staff in through the page, as far as her password does.
func (b *Tab) SignIn(login, password string) {
	b.t.Helper()
	const refused = `performance.getEntriesByType("navigation")[0].responseStatus === 429` // many at once: come again
	for busy := true; busy; busy = b.Get(refused) == "true" {
		b.Open("/sign-in")
		b.Type("#login", login)
		b.Type("#password", password)
		b.Click("form[action='/sign-in'] button.button-primary")
		b.Until(`document.readyState === "complete" && (["/", "/sign-in/second"].includes(location.pathname) || ` + refused + `)`)
	}
}

// Picture is the whole page as PNG, in a window that is as high as the page.
func (b *Tab) Picture() []byte {
	b.t.Helper()
	var height int64
	if _, err := fmt.Sscan(b.Get("document.documentElement.scrollHeight"), &height); err != nil {
		b.t.Fatalf("measure the page: %v", err)
	}
	b.window(b.width, height)
	defer b.window(b.width, windowHeight(b.width))
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	got, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.t.Fatalf("take a picture: %v", err)
	}
	return got
}

// LoadAxe reads axe-core from node_modules below the root of the checkout.
func LoadAxe(root string) (string, error) {
	source, err := os.ReadFile(filepath.Join(root, "node_modules/axe-core/axe.min.js"))
	if err != nil {
		return "", fmt.Errorf("axe-core is missing; run npm ci: %w", err)
	}
	return string(source), nil
}

// Every rule of WCAG 2.0 to 2.2, A and AA, and the best practices.
const axeRun = `axe.run(document, {resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})
	.then((r) => JSON.stringify(r.violations.map((v) => v.id + ": " + v.nodes.map((n) => n.target + " " + [...n.any, ...n.all, ...n.none].map((c) => c.message).join(", ")).join("; "))))`

// Axe is what axe-core finds wrong with the page as it stands.
func (b *Tab) Axe(source string) []string {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if b.Get("typeof axe") == "undefined" {
		b.Run(source)
	}
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](axeRun, chromedp.EvalAwaitPromise))
	var found []string
	if err == nil {
		err = json.Unmarshal([]byte(text), &found)
	}
	if err != nil {
		b.t.Fatalf("axe: %v (page: %s)", err, b.Shown())
	}
	return found
}
