package main

import (
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

const active = "(document.activeElement.id || document.activeElement.textContent.trim())"

func TestSearchWorksWithTheKeyboardAlone(t *testing.T) {
	t.Parallel()
	b := newTab(t, newSite(t, 1800))
	b.open("/home")
	b.keys("/")
	b.want(active, "page-search")
	b.run("document.activeElement.value = ''") // the protocol types the slash whatever the page says
	b.keys("okp")
	b.until("!document.getElementById('page-suggestions').hidden")
	b.until("document.getElementById('page-status').textContent.includes('1 suggestion')")
	b.keys(kb.ArrowDown)
	b.until("document.activeElement.matches('a.row')")
	b.keys(kb.ArrowUp)
	b.want(active, "page-search")
	b.keys(kb.Escape)
	b.want("document.getElementById('page-suggestions').hidden", "true")
	b.want("document.getElementById('page-search').value", "okp")
	b.keys(kb.ArrowDown)
	b.keys(kb.Enter)
	b.until("location.pathname === '/participant' && document.readyState === 'complete'")

	b.run("document.activeElement.blur()")
	b.keys("k", chromedp.KeyModifiers(chromedp.ModifierCtrl))
	b.want(active, "page-search")
	b.keys("nobody at all")
	b.until("document.getElementById('page-status').textContent.startsWith('Nobody')")
	b.run("document.getElementById('page-search').value = ''")
	b.keys(" ")
	b.until("document.getElementById('page-suggestions').hidden")
	b.clean("search")
}

func TestSlashTypesASlashWhereOneWrites(t *testing.T) {
	t.Parallel()
	b := newTab(t, newSite(t, 1800))
	b.open("/note")
	b.run("document.getElementById('text').focus()")
	b.keys("1/2")
	b.want("document.getElementById('text').value", "1/2")
}

func TestTheErrorSummaryTakesTheFocusAndLeadsToTheField(t *testing.T) {
	t.Parallel()
	b := newTab(t, newSite(t, 1800))
	b.open("/form")
	b.run("document.querySelector('form.form').requestSubmit()")
	b.until("document.activeElement.id === 'page-errors'")
	b.run("document.querySelector('#page-errors li:last-child a').click()")
	b.until("document.activeElement.id === 'born'")
	b.want("document.querySelector('#page-errors li:last-child').textContent.trim()", "There is no such day; check the date of birth")
	b.want("document.getElementById('born-problem').textContent.includes('There is no such day; check the date of birth')", "true")
	b.want("document.getElementById('preferred').getAttribute('aria-describedby')", "preferred-problem")
}

func TestTheLanguageSwitchKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	b := newTab(t, newSite(t, 1800))
	b.open("/note")
	b.run("document.querySelector('a[data-language]').click()")
	b.until("document.documentElement.lang === 'fr-CA'")
	b.want("location.search", "?lang=fr")

	b.open("/note")
	b.run("document.getElementById('kind-2').click()")
	b.run("document.querySelector('a[data-language]').click()")
	b.until("document.documentElement.lang === 'fr-CA'")
	b.want("location.search", "") // the form was sent
	b.want("document.querySelector('form.form').hasAttribute('data-unsaved')", "true")
	b.want("document.title.startsWith('Erreur')", "false")
}

func TestAFormThatCannotBeSentKeepsWhatWasTypedAndGoesWhenTold(t *testing.T) {
	t.Parallel()
	s := newSite(t, 1800)
	b := newTab(t, s)
	b.open("/note")
	b.until("navigator.serviceWorker.controller")
	b.run("document.getElementById('text').focus()")
	b.keys("She found a home.")
	s.down.Store(true)
	b.run("document.querySelector('button.button-primary[data-busy]').click()")
	b.until("!document.getElementById('page-connection').hidden")
	b.want("location.pathname", "/note")
	b.want("document.getElementById('text').value", "She found a home.")
	b.until("document.getElementById('page-status').textContent.startsWith('This could not be sent')")
	b.want("document.querySelector('button.button-primary[data-busy]').getAttribute('aria-disabled')", "null")

	s.down.Store(false)
	b.run("document.querySelector('[data-send]').click()")
	b.until("document.title.startsWith('Error')") // the sample refuses every note
	if got := s.saved.Load(); got != "She found a home." {
		t.Errorf("got %v, want what was typed", got)
	}
	b.clean("connection")
}

func TestWithoutAConnectionOnlyTheOfflinePageIsKept(t *testing.T) {
	t.Parallel()
	s := newSite(t, 1800)
	b := newTab(t, s)
	b.open("/participant")
	b.until("navigator.serviceWorker.controller")
	s.down.Store(true)
	b.open("/participant")
	b.until("document.title.startsWith('There is no connection')")
	b.want("document.querySelectorAll('[lang]').length", "3")
	b.want("document.body.innerText.includes('Il n’y a pas de connexion')", "true")
	b.want("document.body.innerText.includes('Maëlle')", "false")
	b.run("window.kept = ''; (async () => { const all = []; for (const n of await caches.keys()) for (const r of await (await caches.open(n)).keys()) all.push(new URL(r.url).pathname); window.kept = all.join(' '); })()")
	b.until("window.kept !== ''")
	b.want("window.kept", "/offline")
	s.down.Store(false)
	b.run("document.querySelector('a.button').click()")
	b.until("document.title.startsWith('Participant')")
}

func TestAFormIsSentOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t, 1800)
	b := newTab(t, s)
	b.open("/note")
	b.run("document.getElementById('text').value = 'x'; const p = document.querySelector('button.button-primary[data-busy]'); p.click(); p.click(); p.click()")
	b.until("document.title.startsWith('Error')")
	if got := s.posts.Load(); got != 1 {
		t.Errorf("got %d requests, want 1", got)
	}
}

func TestAnyKeyKeepsTheSessionAndWhatIsTyped(t *testing.T) {
	t.Parallel()
	s := newSite(t, 6)
	b := newTab(t, s)
	b.open("/note")
	b.run("document.getElementById('text').focus()")
	b.keys("one ")
	s.seconds.Store(3)
	b.until("!document.getElementById('page-session').hidden")
	b.until("document.getElementById('page-status').textContent.includes('Press any key')")
	b.want(active, "text")
	b.keys("two")
	b.until("document.getElementById('page-session').hidden")
	b.want("document.getElementById('text').value", "one two")
	if got := s.extends.Load(); got != 1 {
		t.Errorf("got %d extensions, want 1", got)
	}
	b.clean("session")
}

func TestASessionThatWasKeptElsewhereIsNotAnnouncedAsEnding(t *testing.T) {
	t.Parallel()
	s := newSite(t, 4)
	s.seconds.Store(600) // another machine's tab
	b := newTab(t, s)
	b.open("/note")
	for deadline := time.Now().Add(time.Minute); s.asked.Load() == 0; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the server was not asked")
		}
	}
	// The answer to the page's own question has come before the answer to this one.
	b.run("fetch('/session/state').then(() => { window.later = true; })")
	b.until("window.later")
	b.want("document.getElementById('page-session').hidden", "true")
}

func TestSigningOutInOneTabClosesTheOthers(t *testing.T) {
	t.Parallel()
	s := newSite(t, 1800)
	b := newTab(t, s)
	b.open("/participant")
	b.run("window.old = true")
	s.seconds.Store(0)
	b.run("new BroadcastChannel('konote-session').postMessage('gone')") // what a page without a session says
	b.until("window.old === undefined")
}

func TestWhatWasDoneIsSaidAloud(t *testing.T) {
	t.Parallel()
	b := newTab(t, newSite(t, 1800))
	b.open("/note?saved=1")
	b.until("document.getElementById('page-status').textContent === 'Note saved.'")
}

func TestAnEndedSessionKeepsTheWordsForTheSamePersonOnly(t *testing.T) {
	t.Parallel()
	s := newSite(t, 4)
	b := newTab(t, s)
	b.open("/note")
	b.run("document.getElementById('text').value = 'Her own words.'")
	s.seconds.Store(0)
	b.until("!document.querySelector('[data-again]').hidden")
	b.want("document.getElementById('text').value", "Her own words.")

	b.run("document.querySelector('button.button-primary[data-busy]').click()") // nobody, or somebody else
	b.until("document.activeElement.matches('[data-again]')")
	if got := s.posts.Load(); got != 0 {
		t.Errorf("got %d requests, want none before she is back", got)
	}
	s.signed.Store(true)
	s.seconds.Store(600)
	b.run("document.querySelector('button.button-primary[data-busy]').click()")
	b.until("document.title.startsWith('Error')")
	if got := s.saved.Load(); got != "Her own words." {
		t.Errorf("got %v, want what was typed", got)
	}
}

func TestAPageWithNothingTypedLeavesWhenTheSessionEnds(t *testing.T) {
	t.Parallel()
	s := newSite(t, 4)
	b := newTab(t, s)
	b.open("/participant")
	b.run("window.old = true")
	s.seconds.Store(0)
	b.until("window.old === undefined") // loaded again: the server would lead to sign-in
}

func TestEverythingWorksWithoutAScript(t *testing.T) {
	t.Parallel()
	s := newSite(t, 1800)
	b := newTab(t, s)
	b.do(command(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}))
	b.size(360, "light")
	b.open("/note")
	b.want("document.querySelector('.form-language button').checkVisibility()", "true")
	b.do(chromedp.Click(".drawer summary"))
	b.want("document.querySelector('.drawer').open", "true")
	b.want("document.querySelector('.drawer nav a').checkVisibility()", "true")
	b.do(chromedp.Click(".drawer summary"))
	b.do(chromedp.SendKeys("#text", "Without."), chromedp.Click(".form-language button"))
	b.until("document.documentElement.lang === 'fr-CA'")
	b.do(chromedp.SendKeys("#page-search", "okp"+kb.Enter))
	b.until("location.pathname === '/find' && location.search === ''")
}

func TestHiddenPartsFollowTheChoice(t *testing.T) {
	t.Parallel()
	b := newTab(t, newSite(t, 1800))
	b.open("/note")
	b.want("document.getElementById('reached').checkVisibility()", "false")
	b.run("document.getElementById('kind-2').click()")
	b.want("document.getElementById('reached').checkVisibility()", "true")
	b.run("document.getElementById('kind').click()")
	b.want("document.getElementById('reached').checkVisibility()", "false")
}

func TestAHintComesWhileOneTypes(t *testing.T) {
	t.Parallel()
	b := newTab(t, newSite(t, 1800))
	b.open("/form")
	b.run("document.getElementById('preferred').focus()")
	b.keys("Ma")
	b.until("document.querySelector('#duplicates .notice')")
	b.want(active, "preferred")
	b.clean("hint")
}

func TestMenusCloseWithEscapeAndElsewhere(t *testing.T) {
	t.Parallel()
	b := newTab(t, newSite(t, 1800))
	b.open("/home")
	b.do(chromedp.Click(".bar-person summary"))
	b.want("document.querySelector('.bar-person').open", "true")
	b.keys(kb.Escape)
	b.want("document.querySelector('.bar-person').open", "false")
	b.want("document.activeElement.tagName", "SUMMARY")
	b.do(chromedp.Click(".bar-new summary"))
	b.run("document.querySelector('h1').click()")
	b.want("document.querySelector('.bar-new').open", "false")
}
