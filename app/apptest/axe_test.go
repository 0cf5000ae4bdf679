package apptest

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"konote/app/factor"
	"konote/app/web"
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

// notLookedAt are the routes whose answer nobody looks at here, and why.
var notLookedAt = map[string]string{
	"/sign-in/sso/callback":                     "leads on, or back to sign-in",
	"/reset/:token":                             "leads on to /reset",
	"/invitation/:token":                        "leads on to /invitation",
	"/connect/:token":                           "leads on to /connect",
	"/session":                                  "a fragment",
	"/session/state":                            "data for the script",
	"/drafts/:form/:record":                     "data for the script",
	"/audit/export.csv":                         "a download",
	"/metrics/export.csv":                       "a download",
	"/calendar/:token":                          "a calendar for other programs",
	"/demo/id/authorize":                        "the agencies of tests have no such provider",
	"/demo/id/keys":                             "data for the sign-in",
	"/groups/:group/attendance.csv":             "a download",
	"/demo/id/.well-known/openid-configuration": "data for the sign-in",
}

func TestEveryPageIsAccessibleInBothLanguagesAndThemesAndFits(t *testing.T) {
	t.Parallel()
	source, err := LoadAxe("../..")
	if err != nil {
		t.Fatal(err)
	}
	p := NewAlone(t)
	made := furnish(t, p)
	for _, language := range []string{"en", "fr"} {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			tabs, seen := map[Staff]*Tab{}, map[string]bool{} // routes that answered with a page
			for i, v := range views(p, made) {
				b := tabs[*v.who]
				if b == nil {
					b = tab(t, p.Address(v.who.Agency))
					tabs[*v.who] = b
					b.Open("/sign-in?lang=" + language)
					if v.who.Login != "" {
						b.SignIn(v.who.Login, Password)
					}
				}
				look(t, b, v, source, language, i)
				if b.Get(`performance.getEntriesByType("navigation")[0].responseStatus`) == "200" {
					seen[routeOf(p.Server.Web.Routes(), b.Get("location.pathname"))] = true
				}
			}
			wantAllSeen(t, p.Server.Web.Routes(), seen)
		})
	}
	t.Cleanup(func() {
		if wrong := p.Log.Errors(); len(wrong) > 0 {
			t.Errorf("the log has errors: %q", wrong)
		}
	})
}

// wantAllSeen holds what was looked at against the route table.
func wantAllSeen(t *testing.T, routes []web.Route, seen map[string]bool) {
	t.Helper()
	excused := maps.Clone(notLookedAt)
	for _, route := range routes {
		reason := excused[route.Path]
		switch {
		case route.Method != http.MethodGet:
			continue
		case !seen[route.Path] && reason == "":
			t.Errorf("nobody had the page of GET %s: add it to views, or to notLookedAt with a reason", route.Path)
		case seen[route.Path] && reason != "":
			t.Errorf("GET %s was looked at: take it out of notLookedAt", route.Path)
		}
		delete(excused, route.Path)
	}
	for path := range excused {
		t.Errorf("notLookedAt has GET %s, which does not exist", path)
	}
}

// routeOf is the pattern that answers a path: the first, as in the router.
func routeOf(routes []web.Route, path string) string {
	parts := strings.Split(path, "/")
	for _, route := range routes {
		pattern := strings.Split(route.Path, "/")
		if route.Method == http.MethodGet && slices.EqualFunc(pattern, parts, func(want, got string) bool { return want == got || strings.HasPrefix(want, ":") }) {
			return route.Path
		}
	}
	return ""
}

// look looks at a page on a desk in the light, or on a telephone in the dark, by its number
// in the list; the other language has it the other way round. That it fits is seen in both.
func look(t *testing.T, b *Tab, v view, source, language string, number int) {
	t.Helper()
	b.Size(1280, "light")
	b.Open(v.path)
	where := language + " " + v.path
	if v.do != "" {
		code, err := factor.CodeAt(appSecrets[language], time.Now())
		if err != nil {
			t.Fatal(err)
		}
		b.Run(strings.Replace(v.do, "CODE", code, 1))
		b.Until(v.then)
		where += " after " + v.do
	}
	b.Want("document.documentElement.lang", language+"-CA")
	if strings.Contains(b.Get("document.title"), "undefined") {
		t.Errorf("%s has the title %q", where, b.Get("document.title"))
	}
	fits := func() {
		if over := b.Overflow(); over != "0" {
			t.Errorf("%s is %s pixels wider than %d", where, over, b.width)
		}
	}
	fits()
	theme := "light"
	b.Size(320, "dark")
	fits()
	if (number%2 == 0) == (language == "en") {
		b.Size(1280, "light")
	} else {
		theme = "dark"
	}
	for _, violation := range b.Axe(source) {
		t.Errorf("%s at %d, %s: %s", where, b.width, theme, violation)
	}
	if wrongs := b.Wrongs(); wrongs != "" {
		t.Errorf("%s: %s", where, wrongs)
	}
	b.Run("document.querySelectorAll('form').forEach((f) => { f.removeAttribute('data-unsaved'); f.reset(); })")
}
