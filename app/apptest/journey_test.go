package apptest

import (
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

const (
	save  = "main form[data-form] button.button-primary"
	saved = "document.querySelector('.flash')"
)

// A direct-service worker's day: she signs in, adds somebody and enrols her, writes a
// note, finds her again by a part of her name with a mistake in it, and signs out.
func TestAWorkersDay(t *testing.T) {
	t.Parallel()
	p := New(t)
	for _, test := range []struct {
		name, language, theme string
		width                 int64
		first, last, query    string // asked for without accents, in part, with a mistake
	}{
		{"English on a desk", "en", "light", 1280, "Maëlle", "Lafrenière-Okpik", "mael lafrenere"},
		{"French on a desk", "fr", "dark", 1280, "Zoé", "Bouchard-Nakashuk", "nakasuk zoe"},
		{"English on a telephone", "en", "dark", 360, "Éloïse", "Tremblay-Tulugak", "eloise trembaly"},
		{"French on a telephone", "fr", "light", 360, "Ange-Aimée", "Villeneuve", "angeaimee villneuve"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := tab(t, p.Address(p.Cedar))
			b.Size(test.width, test.theme)
			b.Open("/sign-in?lang=" + test.language)
			b.SignIn(p.Cedar.Both.Login, Password)
			b.Want("document.documentElement.lang", test.language+"-CA")

			b.Click(".bar-new summary")
			b.Click(".bar-new a[href='/participants/new']")
			b.Until("location.pathname === '/participants/new'")
			b.Type("#first_name", test.first)
			b.Type("#last_name", test.last)
			b.Type("#phone", newWords().phone())
			b.Click("input[name=program][value='" + p.Cedar.Youth.String() + "'] + label")
			b.Click(save)
			b.Until(saved)
			b.Want("document.querySelector('h1').textContent.trim()", test.first+" "+test.last)
			person := b.Get("location.pathname")

			b.Click("main a[href='" + person + "/notes/new']")
			b.Until("document.activeElement.id === 'text'")
			b.Keys("She called her landlord herself.")
			b.Type("#takeaway", "I can do it.")
			b.Click(save)
			b.Until(saved)
			b.Want("document.querySelector('main').textContent.includes('She called her landlord herself.')", "true")
			b.Want("document.querySelector('main').textContent.includes('I can do it.')", "true")

			b.Open("/")
			if test.width > 400 {
				b.Keys("/")
			} else {
				b.Click("#page-search")
			}
			b.Keys(test.query)
			b.Until("document.querySelector(\"#page-suggestions a[href='" + person + "']\")")
			b.Keys(kb.ArrowDown)
			b.Keys(kb.Enter)
			b.Until("location.pathname === '" + person + "'")
			if wrongs := b.Wrongs(); wrongs != "" {
				t.Error(wrongs)
			}

			b.Click(".bar-person summary")
			b.Click("form[action='/sign-out'] button")
			b.Until("location.pathname === '/sign-in'")
			b.Open(person)
			b.Until("location.pathname === '/sign-in'") // leads back after signing in
			b.Want("document.body.textContent.includes('"+test.last+"')", "false")

			other := tab(t, p.Address(p.Birch))
			other.SignIn(p.Birch.Manager.Login, Password)
			other.Open(person)
			other.Want("document.body.textContent.includes('"+test.last+"')", "false")
			other.Open("/find")
			other.Type("#q", test.last+kb.Enter)
			other.Until("document.querySelector('main [role=status]')")
			other.Want("document.querySelectorAll('main a.row').length", "0")
		})
	}
	t.Cleanup(func() {
		if wrong := p.Log.Errors(); len(wrong) > 0 {
			t.Errorf("the log has errors: %q", wrong)
		}
	})
}

// focusShows says whether one can see where the focus is: on the element, on the label
// that stands for it, or inside it, where the browser draws the parts of a date.
const focusShows = `(() => {
	const at = document.activeElement, ring = (e) => { const s = getComputedStyle(e); return s.outlineStyle !== "none" || s.boxShadow !== "none"; };
	return at === document.body || at.type === "date" || ring(at) || (at.nextElementSibling?.matches("label") && ring(at.nextElementSibling));
})()`

// tabTo presses Tab until the focus is on what the selector names, and sees on the way
// that the focus can be seen.
func tabTo(t *testing.T, b *Tab, selector string) {
	t.Helper()
	for range 80 {
		b.Keys(kb.Tab)
		if b.Get(focusShows) != "true" {
			t.Errorf("the focus cannot be seen on %s", b.Get("document.activeElement.outerHTML.slice(0, 120)"))
		}
		if b.Get("document.activeElement?.matches(\""+selector+"\")") == "true" {
			return
		}
	}
	t.Fatalf("Tab never comes to %s (%s)", selector, b.Shown())
}

func TestEverythingCanBeDoneWithTheKeyboard(t *testing.T) {
	t.Parallel()
	p := New(t)
	b := tab(t, p.Address(p.Cedar))
	b.Open("/sign-in")
	b.Until("document.activeElement.id === 'login'")
	b.Keys(p.Cedar.Worker.Login)
	tabTo(t, b, "#password")
	b.Keys(Password + kb.Enter)
	b.Until("location.pathname === '/' && document.readyState === 'complete'")

	b.Keys(kb.Tab) // the first thing is the way to the content
	b.Want("document.activeElement.className", "skip")
	b.Keys(kb.Enter)
	b.Until("location.hash === '#page-main' && document.activeElement.id === 'page-main'")

	b.Open("/")
	tabTo(t, b, ".bar-new summary")
	b.Keys(kb.Enter)
	tabTo(t, b, ".bar-new a")
	b.Keys(kb.Enter)
	b.Until("location.pathname === '/participants/new'")
	tabTo(t, b, "#first_name")
	b.Keys("Keanu")
	tabTo(t, b, "#last_name")
	b.Keys("Keys" + newWords().plain())
	tabTo(t, b, "input[name=language]")
	b.Keys(kb.ArrowRight)
	tabTo(t, b, "button.button-primary")
	b.Keys(kb.Enter)
	b.Until(saved)
	person := b.Get("location.pathname")

	// A quick note from home: at most four keys to the form.
	b.Open("/")
	tabTo(t, b, "main a[href='"+person+"/notes/new']")
	b.Keys(kb.Enter)
	b.Until("document.activeElement.id === 'text'")
	b.Keys("Written with keys alone.")
	b.Keys(kb.Enter) // a new line, and not the end
	b.Want("location.pathname", person+"/notes/new")
	tabTo(t, b, "input[name=interaction]")
	b.Keys(kb.ArrowRight)
	b.Want("document.querySelector('input[name=interaction]:checked').value", "phone")
	tabTo(t, b, "input[name=outcome]")
	b.Keys(" ")
	tabTo(t, b, "button.button-primary")
	b.Keys(kb.Enter)
	b.Until(saved)
	b.Want("document.querySelector('main').textContent.includes('Written with keys alone.')", "true")

	b.Open("/participants/new")
	tabTo(t, b, "button.button-primary")
	b.Keys(kb.Enter)
	b.Until("document.activeElement.id === 'page-errors' && document.readyState === 'complete'") // the summary of what is missing
	b.Keys(kb.Tab)
	b.Keys(kb.Enter)
	b.Until("document.activeElement.id === 'first_name'")

	tabTo(t, b, ".bar-person summary")
	b.Keys(kb.Enter)
	tabTo(t, b, "form[action='/sign-out'] button")
	b.Keys(kb.Enter)
	b.Until("location.pathname === '/sign-in'")
}

func TestEverythingCanBeDoneWithoutScripts(t *testing.T) {
	t.Parallel()
	p := New(t)
	b := tab(t, p.Address(p.Cedar))
	b.WithoutScripts(true)
	b.Size(360, "light")
	b.SignIn(p.Cedar.Worker.Login, Password)
	b.Open("/participants/new")
	last := "Still" + newWords().plain()
	b.Type("#first_name", "Noé")
	b.Type("#last_name", last)
	b.Click(".form-language button") // in the other language, with what was typed
	b.Until("document.documentElement.lang === 'fr-CA'")
	b.Want("document.getElementById('last_name').value", last)
	b.Click(save)
	b.Until(saved)
	person := b.Get("location.pathname")
	b.Click("main a[href='" + person + "/notes/new']")
	b.Until("document.getElementById('text')")
	b.Click(save) // without a word: comes back with what is missing
	b.Until("document.getElementById('page-errors')")
	b.Type("#text", "Sans script.")
	b.Click(save)
	b.Until(saved)
	b.Open("/")
	b.Type("#page-search", "noe "+last[:9]+kb.Enter)
	b.Until("location.pathname === '/find'")
	b.Click("main a[href='" + person + "']")
	b.Until("location.pathname === '" + person + "'")
	b.Want("document.querySelector('main').textContent.includes('Sans script.')", "true")
	b.Click(".bar-person summary")
	b.Click("form[action='/sign-out'] button")
	b.Until("location.pathname === '/sign-in'")
}

func TestTheLanguageSwitchKeepsAHalfFilledForm(t *testing.T) {
	t.Parallel()
	p := New(t)
	b := tab(t, p.Address(p.Cedar))
	b.SignIn(p.Cedar.Worker.Login, Password)
	note := "/participants/" + p.Cedar.Own.ID.String() + "/notes/new"
	b.Open(note)
	b.Type("#text", "Half of a note")
	b.Click("input[name=interaction][value=home_visit] + label")
	b.Click("a.language")
	b.Until("document.documentElement.lang === 'fr-CA'")
	b.Want("document.getElementById('text').value", "Half of a note")
	b.Want("document.querySelector('input[name=interaction]:checked').value", "home_visit")
	b.Want("document.querySelectorAll('#page-errors').length", "0")
	b.Click("a.language") // and back
	b.Until("document.documentElement.lang === 'en-CA'")
	b.Want("document.getElementById('text').value", "Half of a note")
	b.Click(save)
	b.Until(saved)
	b.Want("document.querySelector('main').textContent.includes('Half of a note')", "true")
	b.Open("/account") // it is her language from now on
	b.Want("document.documentElement.lang", "en-CA")
}

// soon makes a page believe that its session ends in a moment; the session itself, and
// what extends it, are real. What is typed keeps no session alive here.
const soon = `document.addEventListener("readystatechange", () => { const p = document.getElementById("page-session"); if (p) p.dataset.idle = "4"; }, { once: true });
const real = window.fetch; window.fetch = (to, how) => to === "/session/state" ? Promise.resolve(new Response('{"seconds":2}')) :
	String(to).startsWith("/drafts/") ? Promise.resolve(Response.json({ saved: "now", token: document.querySelector("[name=csrf]").value })) : real(to, how);`

func TestTheEndOfASessionIsAnnouncedAndAnyKeyStays(t *testing.T) {
	t.Parallel()
	p := New(t)
	b := tab(t, p.Address(p.Cedar))
	b.SignIn(p.Cedar.Worker.Login, Password)
	b.BeforeEachPage(soon)
	b.Open("/participants/" + p.Cedar.Own.ID.String() + "/notes/new")
	b.Run("document.getElementById('text').focus()")
	b.Keys("one ")
	b.Until("!document.getElementById('page-session').hidden")
	b.Keys("two")
	b.Until("document.getElementById('page-session').hidden")
	b.Want("document.getElementById('text').value", "one two")
	b.Click(save)
	b.Until(saved)
}

// On a shared computer the session ends while somebody writes. Her words stay on the
// page until she, and nobody else, is signed in again.
func TestWhatWasTypedOutlivesTheSession(t *testing.T) {
	t.Parallel()
	p := New(t)
	b := tab(t, p.Address(p.Cedar))
	b.SignIn(p.Cedar.Worker.Login, Password)
	b.Open("/participants/" + p.Cedar.Own.ID.String() + "/notes/new")
	b.Type("#text", "Her own words.")

	beside := b.Beside()
	beside.Open("/")
	beside.Click(".bar-person summary")
	beside.Click("form[action='/sign-out'] button")
	beside.Until("location.pathname === '/sign-in'")
	b.Until("!document.querySelector('[data-again]').hidden")
	b.Want("document.getElementById('text').value", "Her own words.")

	beside.SignIn(p.Cedar.Manager.Login, Password) // the next person at the desk
	b.Run("document.querySelector('" + save + "').click()")
	b.Until("document.activeElement?.matches('[data-again]')")
	b.Want("document.getElementById('text').value", "Her own words.")
	beside.Open("/participants/" + p.Cedar.Own.ID.String())
	beside.Want("document.querySelector('main').textContent.includes('Her own words.')", "false")
	beside.Click(".bar-person summary")
	beside.Click("form[action='/sign-out'] button")
	beside.Until("location.pathname === '/sign-in'")

	beside.SignIn(p.Cedar.Worker.Login, Password)
	b.Run("document.querySelector('" + save + "').click()")
	b.Until(saved)
	b.Want("document.querySelector('main').textContent.includes('Her own words.')", "true")
}

// cable is a connection that can be pulled.
type cable struct {
	listener net.Listener
	to       string

	mu     sync.Mutex
	pulled bool
	open   map[net.Conn]bool
}

func newCable(t *testing.T, to string) *cable {
	t.Helper()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cable{listener: listener, to: to, open: map[net.Conn]bool{}}
	t.Cleanup(func() { c.pull(true); _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go c.carry(conn)
		}
	}()
	return c
}

func (c *cable) carry(from net.Conn) {
	c.mu.Lock()
	address := c.to
	c.mu.Unlock()
	to, err := net.Dial("tcp4", address)
	if err != nil {
		_ = from.Close()
		return
	}
	c.mu.Lock()
	if c.pulled {
		c.mu.Unlock()
		_, _ = from.Close(), to.Close()
		return
	}
	c.open[from], c.open[to] = true, true
	c.mu.Unlock()
	go func() { _, _ = io.Copy(to, from); _ = to.Close() }()
	_, _ = io.Copy(from, to)
	_ = from.Close()
}

func (c *cable) pull(out bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pulled = out
	for conn := range c.open {
		_ = conn.Close()
		delete(c.open, conn)
	}
}

func TestAFormWithoutAConnectionSaysSoAndGoesWhenTold(t *testing.T) {
	t.Parallel()
	p := New(t)
	address, err := url.Parse(p.Address(p.Cedar))
	if err != nil {
		t.Fatal(err)
	}
	c := newCable(t, "127.0.0.1:"+address.Port())
	_, port, err := net.SplitHostPort(c.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	b := tab(t, strings.Replace(address.String(), address.Port(), port, 1))
	b.SignIn(p.Cedar.Worker.Login, Password)
	person := "/participants/" + p.Cedar.Own.ID.String()
	b.Open(person + "/notes/new")
	b.Until("navigator.serviceWorker.controller")
	b.Type("#text", "From the basement.")
	c.pull(true)
	b.Run("document.querySelector('" + save + "').click()")
	b.Until("!document.getElementById('page-connection').hidden")
	b.Want("location.pathname", person+"/notes/new")
	b.Want("document.getElementById('text').value", "From the basement.")

	beside := b.Beside() // a page without a connection is the offline page and holds nobody
	beside.Open(person)
	beside.Until("document.querySelectorAll('main [lang]').length === 2")
	beside.Want("document.body.textContent.includes('"+p.Cedar.Own.LastName+"')", "false")

	c.pull(false)
	b.Click("[data-send]")
	b.Until(saved)
	b.Want("document.querySelector('main').textContent.includes('From the basement.')", "true")
}

// The browser is asked to keep nothing: what it kept anyway is looked through.
func TestTheBrowserKeepsNothingPersonal(t *testing.T) {
	t.Parallel()
	p := New(t)
	b := tab(t, p.Address(p.Cedar))
	b.SignIn(p.Cedar.Worker.Login, Password)
	b.Open("/participants/" + p.Cedar.Own.ID.String())
	b.Want("document.querySelector('main').textContent.includes('"+p.Cedar.Own.LastName+"')", "true")
	b.Until("navigator.serviceWorker.controller")
	b.Want("localStorage.length + sessionStorage.length", "0")
	b.Want("document.cookie", "") // HttpOnly, all of them
	b.Want("document.title.includes('"+p.Cedar.Own.LastName+"')", "false")
	b.Run(`window.kept = undefined; (async () => { let all = (await indexedDB.databases()).map((d) => d.name).join(" ");
		for (const n of await caches.keys()) for (const r of await (await caches.open(n)).keys()) all += new URL(r.url).pathname + " "; window.kept = all; })()`)
	b.Until("window.kept !== undefined")
	b.Want("window.kept.trim()", "/offline")
}
