package apptest

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

// The browser of all tests of this package, started by the first that asks.
var chrome = struct {
	sync.Mutex
	started *Chrome
}{}

func tab(t *testing.T, address string) *Tab {
	t.Helper()
	chrome.Lock()
	defer chrome.Unlock()
	if chrome.started == nil {
		var err error
		if chrome.started, err = StartChrome(); err != nil {
			t.Fatal(err)
		}
	}
	return chrome.started.Tab(t, address)
}

func endChrome() {
	chrome.Lock()
	defer chrome.Unlock()
	if chrome.started != nil {
		chrome.started.Close()
	}
}

// view is a page as somebody sees it; what is done there first, before looking.
type view struct {
	who  func(*Agency) *Staff // nil: nobody is signed in
	path string
	do   string // script that is run first
	then string // and what is true when it is done
}

// views are all pages of the product, each with a role that sees the most of it, the
// pages of errors, and forms that came back with problems.
func views(a *Agency) []view {
	worker, admin := func(a *Agency) *Staff { return a.Worker }, func(a *Agency) *Staff { return a.Admin }
	own, twin := "/participants/"+a.Own.ID.String(), "/participants/"+a.Twin.ID.String()
	housing := "/programs/" + a.Housing.String()
	const send, problems = `document.querySelector("main form[method=post]").requestSubmit()`, `document.getElementById("page-errors")`
	return []view{
		{who: nil, path: "/sign-in"},
		{who: nil, path: "/sign-in?done=1"},
		{who: nil, path: "/sign-in", do: send, then: problems},
		{who: worker, path: "/"},
		{who: worker, path: "/", do: `document.querySelector(".bar-person").open = true`, then: "true"},
		{who: worker, path: "/", do: `document.querySelector(".bar-new").open = true`, then: "true"},
		{who: worker, path: "/", do: `document.querySelector(".drawer").open = true`, then: "true"},
		{who: worker, path: "/find"},
		{who: worker, path: "/find", do: ask(a.Own.RecordID), then: `document.querySelector("main a.row")`},
		{who: worker, path: "/find", do: ask("nobodyatall"), then: `document.querySelector("main .empty-title") && document.readyState === "complete"`},
		{who: worker, path: "/participants"},
		{who: worker, path: "/participants?status=discharged"},
		{who: worker, path: "/participants/new"},
		{who: worker, path: "/participants/new", do: send, then: problems},
		{who: worker, path: own},
		{who: worker, path: own + "/about"},
		{who: worker, path: own + "/timeline"},
		{who: worker, path: own + "/history"},
		{who: worker, path: own + "/edit"},
		{who: worker, path: own + "/edit", do: `document.getElementById("address").value += "x"; document.getElementById("address").dispatchEvent(new Event("input", { bubbles: true }))`,
			then: `document.querySelector("[data-draft]").dataset.draftState === "saved"`},
		{who: worker, path: own + "/edit", do: `document.querySelector(".draft-discard").open = true`, then: "true"}, // with what was begun
		{who: worker, path: "/", do: `document.querySelector(".draft-discard").open = true`, then: "true"},
		{who: worker, path: own + "/enrolments"},
		{who: worker, path: own + "/enrolments/" + a.Own.Enrolments[0].ID.String()},
		{who: worker, path: own + "/enrolments/" + a.Own.Enrolments[0].ID.String(), do: send, then: problems},
		{who: worker, path: own + "/notes/new"},
		{who: worker, path: own + "/notes/new", do: `document.querySelector("input[name=interaction][value=phone]").click(); ` + send, then: problems},
		{who: worker, path: own + "/notes/new", do: `for (const part of document.querySelectorAll(".note-form details:not(.menu)")) part.open = true`, then: "true"},
		{who: worker, path: own + "/notes/new", do: `document.querySelector("[data-goal] input").click()`, then: `document.querySelector("[data-goal] details").open`},
		{who: worker, path: "/notes/" + a.Own.Enrolments[0].Note.String()},
		{who: func(a *Agency) *Staff { return a.Manager }, path: "/notes/" + a.Own.Enrolments[0].Note.String() + "/cancel"},
		{who: func(a *Agency) *Staff { return a.Manager }, path: "/note-templates"},
		{who: func(a *Agency) *Staff { return a.Manager }, path: "/note-templates/" + a.HousingNotes.String()},
		{who: admin, path: "/note-templates/new", do: send, then: problems},
		{who: worker, path: "/programs"},
		{who: worker, path: housing},
		{who: worker, path: "/account"},
		{who: worker, path: "/account/password"},
		{who: worker, path: "/account/password", do: send, then: problems},
		{who: worker, path: "/nothing/here"},
		{who: func(a *Agency) *Staff { return a.FrontDesk }, path: "/"},
		{who: func(a *Agency) *Staff { return a.FrontDesk }, path: own},
		{who: func(a *Agency) *Staff { return a.FrontDesk }, path: own + "/edit"},
		{who: func(a *Agency) *Staff { return a.FrontDesk }, path: own + "/notes/new"}, // 403
		{who: func(a *Agency) *Staff { return a.Manager }, path: "/"},
		{who: func(a *Agency) *Staff { return a.Manager }, path: housing + "/edit"},
		{who: func(a *Agency) *Staff { return a.Executive }, path: "/"},
		{who: func(a *Agency) *Staff { return a.Both }, path: twin},
		{who: func(a *Agency) *Staff { return a.Advocate }, path: "/programs/" + a.Shelter.String()},
		{who: func(a *Agency) *Staff { return a.Nobody }, path: "/"},
		{who: admin, path: "/"},
		{who: admin, path: "/programs/new"},
		{who: admin, path: "/programs/new", do: send, then: problems},
		{who: admin, path: housing},
		{who: admin, path: housing + "/edit"},
		{who: admin, path: "/settings"},
		{who: admin, path: "/settings/access"},
		{who: admin, path: "/settings/grants?show=all"},
		{who: admin, path: "/settings/grants/" + a.Grant.String()},
		{who: admin, path: "/settings/grant-reasons"},
		{who: worker, path: "/account/access"},
		{who: admin, path: "/audit"},
		{who: admin, path: "/audit/1"},
	}
}

// ask sends the search page's own form.
func ask(q string) string {
	return fmt.Sprintf(`document.getElementById("q").value = %q; document.getElementById("q").form.requestSubmit()`, q)
}

func TestEveryPageIsAccessibleInBothLanguagesAndThemesAndFits(t *testing.T) {
	t.Parallel()
	source, err := LoadAxe("../..")
	if err != nil {
		t.Fatal(err)
	}
	p := NewAlone(t)
	p.SignIn(t, p.Cedar.Worker).Open("/participants/" + p.Cedar.Own.ID.String()) // the home pages have something to show
	p.Drain(t)
	address := p.Address(p.Cedar)
	for _, language := range []string{"en", "fr"} {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			tabs := map[*Staff]*Tab{}
			for _, v := range views(p.Cedar) {
				var s *Staff
				if v.who != nil {
					s = v.who(p.Cedar)
				}
				if tabs[s] == nil {
					tabs[s] = tab(t, address)
					tabs[s].Open("/sign-in?lang=" + language)
					if s != nil {
						tabs[s].SignIn(s.Login, Password)
					}
				}
				look(t, tabs[s], v, source, language)
			}
		})
	}
	t.Cleanup(func() {
		if wrong := p.Log.Errors(); len(wrong) > 0 {
			t.Errorf("the log has errors: %q", wrong)
		}
	})
}

func look(t *testing.T, b *Tab, v view, source, language string) {
	t.Helper()
	b.Size(1280, "light")
	b.Open(v.path)
	where := language + " " + v.path
	if v.do != "" {
		b.Run(v.do)
		b.Until(v.then)
		where += " after " + v.do
	}
	b.Want("document.documentElement.lang", language+"-CA")
	check := func(width int64, theme string) {
		b.Size(width, theme)
		for _, violation := range b.Axe(source) {
			t.Errorf("%s at %d, %s: %s", where, width, theme, violation)
		}
		if over := b.Overflow(); over != "0" {
			t.Errorf("%s is %s pixels wider than %d", where, over, width)
		}
	}
	check(1280, "light")
	check(320, "dark")
	if wrongs := b.Wrongs(); wrongs != "" {
		t.Errorf("%s: %s", where, wrongs)
	}
	if strings.Contains(b.Get("document.title"), "undefined") {
		t.Errorf("%s has the title %q", where, b.Get("document.title"))
	}
	b.Run("document.querySelectorAll('form').forEach((f) => { f.removeAttribute('data-unsaved'); f.reset(); })")
}
