package apptest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp/kb"

	"konote/app/server"
)

// Whatever fails while somebody writes, and however it comes back: at most what was typed
// in the last second is lost. After each key the test notes what stands on the page; when
// something has been taken away it opens the form anew and compares.
func TestAtMostTheLastSecondIsLostWhateverFails(t *testing.T) {
	t.Parallel()
	d := newDrafting(t)
	form := "/participants/" + d.Cedar.Own.ID.String() + "/edit"
	d.b.SignIn(d.Cedar.Worker.Login, Password)
	d.b.Open(form)
	d.b.Type("#address", "")

	began := time.Now()
	rounds, slowest := 0, time.Duration(0)
	for _, fail := range shuffled(d.cutTheNetwork, d.endTheSession, d.restartTheServer, d.loseRedis, d.closeTheTab, d.leaveThePage) {
		if time.Since(began) > 40*time.Second {
			break // a very busy machine; there were some
		}
		rounds++
		d.b.Run("{ const a = document.getElementById('address'); a.focus(); a.setSelectionRange(a.value.length, a.value.length); }")
		for range 4 + rand.IntN(12) {
			d.key()
		}
		fail(form)
		if took := time.Since(d.failed); took > slowest {
			slowest = took
		}
	}
	t.Logf("%d rounds in %s; the slowest way back took %s", rounds, time.Since(began).Round(time.Millisecond), slowest.Round(time.Millisecond))

	// In the end it can be saved. What a page sent while it was being replaced may be a
	// version of its own; one is chosen.
	d.b.Open(form)
	if d.b.Get("document.querySelector('[data-draft-conflict]').hidden") == "false" {
		d.b.Click("[data-draft-conflict] button")
		d.b.Until("document.querySelector('[data-draft-conflict]').hidden")
	}
	text := d.b.Get("document.getElementById('address').value")
	d.b.Click(save)
	d.b.Until(saved)
	d.b.Want(fmt.Sprintf("document.querySelector('main').textContent.includes(%q)", text), "true")
	d.b.Open(form)
	d.b.Want("document.querySelectorAll('[data-draft] .notice-info').length", "0")
}

// typed is what stood on the page at a moment.
type typed struct {
	at   time.Time
	text string
}

type drafting struct {
	*Platform
	t      *testing.T
	cable  *cable
	b      *Tab
	text   []typed
	failed time.Time
	lag    time.Duration
}

func newDrafting(t *testing.T) *drafting {
	t.Helper()
	d := &drafting{Platform: New(t), t: t}
	address := d.plug("127.0.0.1:" + portOf(t, d.Address(d.Cedar)))
	d.b = tab(t, address)
	return d
}

// plug puts a cable between the browser and a server, and says where it begins.
func (d *drafting) plug(to string) string {
	d.t.Helper()
	d.cable = newCable(d.t, to)
	_, port, err := net.SplitHostPort(d.cable.listener.Addr().String())
	if err != nil {
		d.t.Fatal(err)
	}
	return "http://" + d.Cedar.Host + ":" + port
}

func portOf(t *testing.T, address string) string {
	t.Helper()
	parsed, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return parsed.Port()
}

// key types a few letters, now and then after a pause as people make them.
func (d *drafting) key() {
	d.t.Helper()
	letters := "abcdefghijklmnopqrstuvwxyzéè"
	word := ""
	for range 1 + rand.IntN(5) {
		word += string([]rune(letters)[rand.IntN(28)])
	}
	d.b.Keys(word)
	d.text = append(d.text, typed{time.Now(), d.b.Get("document.getElementById('address').value")})
	for range rand.IntN(4) {
		time.Sleep(20 * time.Millisecond)
	}
}

// fail notes when something fails, and how slow this machine is at the moment: a second is
// counted from the key to the request, and the request takes its time.
func (d *drafting) fail() {
	d.failed = time.Now()
	if answer, err := http.Get("http://127.0.0.1:" + portOf(d.t, d.Address(d.Cedar)) + "/readyz"); err == nil {
		_ = answer.Body.Close() // only how long it took
	}
	d.b.Get("1")
	d.lag = 3 * time.Since(d.failed)
}

// compare opens the form in the tab anew and holds it against what was typed until a
// second before the failure.
func (d *drafting) compare(how, form string) {
	d.t.Helper()
	d.b.Open(form)
	d.b.Until("document.getElementById('address') && document.readyState === 'complete'")
	got := d.b.Get("document.getElementById('address').value")
	want := ""
	for _, t := range d.text {
		if t.at.Before(d.failed.Add(-time.Second - d.lag)) {
			want = t.text
		}
	}
	if last := d.text[len(d.text)-1].text; !strings.HasPrefix(got, want) || !strings.HasPrefix(last, got) {
		d.t.Errorf("%s: the form came back with %q, want at least %q of %q", how, got, want, last)
	}
	d.text = []typed{{d.failed, got}} // from here it goes on
}

// kept waits until the page says that all of it is saved.
func (d *drafting) kept() {
	d.t.Helper()
	d.b.Until("document.querySelector('[data-draft]').dataset.draftState === 'saved' && document.querySelector('[data-draft-status]').textContent.includes('saved')")
}

// cutTheNetwork: the page says so, tries again, and saves when it is back. A second time
// the tab is closed while the network is away.
func (d *drafting) cutTheNetwork(form string) {
	d.fail()
	d.cable.pull(true)
	d.key()
	d.b.Until("document.querySelector('[data-draft-status]').textContent.startsWith('Not saved')")
	d.cable.pull(false)
	d.kept()
	d.fail() // nothing failed: all of it must be there
	d.text = append(d.text, typed{d.failed.Add(-2 * time.Second), d.text[len(d.text)-1].text})
	d.compare("the network came back", form)
}

// endTheSession: as if she had been signed out on the server's side. She signs in again,
// in another tab, and goes on where she was.
func (d *drafting) endTheSession(form string) {
	d.fail()
	d.endSessions()
	d.key()
	d.b.Until("!document.querySelector('[data-again]').hidden && document.querySelector('[data-draft]').dataset.draftState === 'ended'")
	beside := d.b.Beside()
	beside.SignIn(d.Cedar.Worker.Login, Password)
	d.b.Until("document.getElementById('page-session').hidden")
	d.kept()
	d.fail()
	d.text = append(d.text, typed{d.failed.Add(-2 * time.Second), d.text[len(d.text)-1].text})
	d.compare("she signed in again", form)
}

func (d *drafting) endSessions() {
	d.t.Helper()
	keys := d.Server.Redis.Scan(d.t.Context(), 0, "s*", 1000).Iterator()
	for keys.Next(d.t.Context()) {
		if err := d.Server.Redis.Del(d.t.Context(), keys.Val()).Err(); err != nil {
			d.t.Fatal(err)
		}
	}
	if err := keys.Err(); err != nil {
		d.t.Fatal(err)
	}
}

// restartTheServer ends the web server in the middle and begins another one, over the
// same databases; the tab is closed meanwhile.
func (d *drafting) restartTheServer(form string) {
	d.fail()
	d.cable.pull(true) // all its connections end with it
	another, err := server.Open(d.t.Context(), Settings(d.World, d.t.TempDir()), d.Server.Log)
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(another.Close)
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		d.t.Fatal(err)
	}
	go func() { _ = another.Web.Serve(listener) }() // ends with Shutdown
	d.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		_ = another.Web.Shutdown(ctx) // connections of the browser may be open
	})
	d.cable.mu.Lock()
	d.cable.to = listener.Addr().String()
	d.cable.mu.Unlock()
	d.cable.pull(false)
	d.compare("the server was started again", form)
}

// loseRedis takes everything out of it: sessions and limits.
func (d *drafting) loseRedis(form string) {
	d.fail()
	if err := d.Server.Redis.FlushDB(d.t.Context()).Err(); err != nil {
		d.t.Fatal(err)
	}
	d.b.SignIn(d.Cedar.Worker.Login, Password)
	d.compare("Redis was emptied", form)
}

// closeTheTab and open the form on another device.
func (d *drafting) closeTheTab(form string) {
	d.fail()
	d.b.do("close the tab", command(page.Close, cdp.Empty{}))
	address := d.b.address
	d.b = tab(d.t, address)
	d.b.SignIn(d.Cedar.Worker.Login, Password)
	d.compare("the tab was closed", form)
}

// leaveThePage by a link, in the middle of a word: the last keys go with the page.
func (d *drafting) leaveThePage(form string) {
	d.fail()
	d.text = append(d.text, typed{d.failed.Add(-2 * time.Second), d.text[len(d.text)-1].text})
	d.b.Run("document.querySelector('.agency').click()")
	d.b.Until("location.pathname === '/' && document.readyState === 'complete'")
	for end := time.Now().Add(patience); d.b.Get("document.querySelectorAll(\"main a[href='"+form+"']\").length") == "0"; d.b.Open("/") {
		if time.Now().After(end) {
			d.t.Fatal("home never lists what was begun")
		}
	}
	d.compare("the page was left", form)
}

func shuffled(all ...func(string)) []func(string) {
	rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// Two windows of one form: neither overwrites the other, each is shown the other's version
// field by field, and one of them is chosen.
func TestTwoWindowsOfAFormAreShownToEachOther(t *testing.T) {
	t.Parallel()
	p := New(t)
	form := "/participants/" + p.Cedar.Own.ID.String() + "/edit"
	first := tab(t, p.Address(p.Cedar))
	first.SignIn(p.Cedar.Worker.Login, Password)
	first.Open(form)
	second := first.Beside()
	second.Open(form)
	kept := "document.querySelector('[data-draft]').dataset.draftState === 'saved'"

	first.Type("#address", "One Street")
	first.Until(kept)
	second.Type("#address", "Another Street")
	second.Until("!document.querySelector('[data-draft-conflict]').hidden")
	second.Want("document.querySelector('.draft-other .prose').textContent", "One Street")
	second.Want("document.querySelectorAll('.draft-other').length", "1")
	second.Want("document.getElementById('address').value", "Another Street")
	if wrongs := second.Wrongs(); wrongs != "" {
		t.Error(wrongs)
	}

	third := first.Beside() // opened anew it knows of both
	third.Open(form)
	third.Until("document.querySelectorAll('.draft-other').length === 1")

	second.Click(".draft-other button")
	second.Until("document.getElementById('address').value === 'One Street' && document.querySelector('[data-draft-conflict]').hidden")
	second.Type("#address", "Third Street")
	second.Until("!document.querySelector('[data-draft-conflict]').hidden")
	second.Click("[data-draft-conflict] button")
	second.Until("document.querySelector('[data-draft-conflict]').hidden && document.querySelectorAll('.draft-other').length === 0")
	second.Click(save)
	second.Until(saved)
	second.Want("document.querySelector('main').textContent.includes('Third Street')", "true")

	// What the first window held was discarded, not what it types from now on.
	first.Type("#address", "Yet another Street")
	first.Until("document.querySelector('[data-draft-status]').textContent !== ''")
	first.Click(save)
	first.Until("document.querySelector('input[value=\"Third Street\"]')") // the record was changed meanwhile
}

func TestADraftNeedsNoScriptAndIsNobodyElses(t *testing.T) {
	t.Parallel()
	p := New(t)
	form := "/participants/" + p.Cedar.Own.ID.String() + "/edit"
	b := tab(t, p.Address(p.Cedar))
	b.WithoutScripts(true)
	b.SignIn(p.Cedar.Worker.Login, Password)
	b.Open(form)
	b.Type("#address", "12 Quiet Lane")
	b.Click(".draft-keep")
	b.Until(saved)
	b.Until("document.querySelector('[data-draft] .notice-info')")
	b.Want("document.getElementById('address').value", "12 Quiet Lane")
	b.Type("#middle_name", "Anne"+kb.Enter) // sends the form, and does not keep a draft
	b.Until("location.pathname.endsWith('/about')")
	b.Want("document.querySelector('main').textContent.includes('12 Quiet Lane')", "true")

	b.Open(form)
	b.Type("#address", "13 Quiet Lane")
	b.Click(".draft-keep")
	b.Until(saved)
	b.Open("/")
	b.Until("document.querySelector(\"main a[href='" + form + "']\")")
	b.Click(".bar-person summary")
	b.Click("form[action='/sign-out'] button")
	b.Until("location.pathname === '/sign-in'")
	b.SignIn(p.Cedar.Manager.Login, Password) // the next person at the desk
	b.Want("document.querySelectorAll(\"main a[href='"+form+"']\").length", "0")
	b.Open(form)
	b.Want("document.body.innerHTML.includes('13 Quiet Lane')", "false")
	b.Click(".bar-person summary")
	b.Click("form[action='/sign-out'] button")
	b.Until("location.pathname === '/sign-in'")

	b.SignIn(p.Cedar.Worker.Login, Password)
	b.Click("main .draft-discard summary")
	b.Click("main .draft-discard button")
	b.Until(saved)
	b.Want("document.querySelectorAll(\"main a[href='"+form+"']\").length", "0")
	b.Open(form)
	b.Want("document.getElementById('address').value", "12 Quiet Lane")
}

// However many saves there are, and however fast, the last one is there, once.
func TestOfManySavesTheLastOneStays(t *testing.T) {
	t.Parallel()
	p := New(t)
	b := p.SignIn(t, p.Cedar.Worker)
	form := b.Open("/participants/new").Form("form[data-draft]")
	const saves = 200
	for n := range saves {
		form.Set("last_name", fmt.Sprintf("Name%dx", n)).Set("draft_sequence", fmt.Sprint(n+1))
		b.Post("/drafts/participant.new/00000000-0000-0000-0000-000000000000", form.Values).WantStatus(http.StatusOK)
	}
	if got := b.Open("/participants/new").Values("#last_name", "value"); len(got) != 1 || got[0] != fmt.Sprintf("Name%dx", saves-1) {
		t.Errorf("the form opens with %q", got)
	}
	if got := b.Open("/").Values("main a[href=/participants/new]", "href"); len(got) == 0 {
		t.Error("home does not list it")
	}
	if other := p.SignIn(t, p.Cedar.Manager).Open("/participants/new"); other.Has("Name199x") {
		t.Error("a colleague sees it")
	}
}
