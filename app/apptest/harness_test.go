package apptest

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

func TestSomebodySignsInAndOutThroughThePages(t *testing.T) {
	t.Parallel()
	p := New(t)
	b := p.SignIn(t, p.Cedar.Worker)
	home := b.Open("/")
	home.Want("h1", strings.Fields(p.Cedar.Worker.Name)[0])
	page := b.Open("/participants/" + p.Cedar.Own.ID.String())
	page.Want("h1", p.Cedar.Own.FullName())
	page.Want("main", p.Cedar.Own.Enrolments[0].Text)

	out := page.Form("form[action=/sign-out]").Send()
	out.Want("h1", "Sign in")
	if answer := b.Get("/"); answer.Status != http.StatusSeeOther || !strings.HasPrefix(answer.Location, "/sign-in") {
		t.Errorf("signed out: got %d to %q, want a way to sign-in", answer.Status, answer.Location)
	}
	if wrong := p.Log.Errors(); len(wrong) > 0 {
		t.Errorf("the log has errors: %q", wrong)
	}
}

func TestAFormIsSentWithWhatStandsInIt(t *testing.T) {
	t.Parallel()
	pg := &Page{t: t, Header: http.Header{"Content-Type": {"text/html"}}, Body: `<!doctype html><form class=x action=/a method=post>
		<input name=one value=1><input type=checkbox name=two value=2><input type=checkbox name=three value=3 checked>
		<input type=radio name=four value=a><input type=radio name=four value=b checked><textarea name=five>
text</textarea><select name=six><option value=x>X<option value=y selected>Y</select><select name=seven><option value=z>Z</select>
		<button name=eight value=8>Go</button><input name=nine value=9 disabled></form>`}
	want := url.Values{"one": {"1"}, "three": {"3"}, "four": {"b"}, "five": {"text"}, "six": {"y"}, "seven": {"z"}}.Encode()
	if got := pg.Form("form.x").Values.Encode(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestSelectorsFindWhatTheySay(t *testing.T) {
	t.Parallel()
	pg := &Page{t: t, Header: http.Header{"Content-Type": {"text/html"}}, Body: `<!doctype html><div id=a class="b c"><p class=c>one</p>
		<section><p title=t>two</p></section></div><p>three</p><a href="/x/1">four</a>`}
	for text, want := range map[string]string{
		"p": "one two three", "#a p": "one two", "div.b.c section p": "two", ".c": "one two one", "p[title]": "two",
		"p[title=t]": "two", "p[title=u]": "", `a[href^="/x"]`: "four", "section": "two", "div section div": "",
	} {
		if got := strings.Join(pg.Texts(text), " "); got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
	for _, text := range []string{"", "p:first-child", "p[", "p > a"} {
		if _, err := parseSelector(text); err == nil {
			t.Errorf("the selector %q was accepted", text)
		}
	}
}

// The checker is itself checked: a good page, and the page with one thing spoiled.
func TestEveryFlawOfAPageIsFound(t *testing.T) {
	t.Parallel()
	good := `<!doctype html><html lang="en-CA"><head><title>T</title><meta name="viewport" content="width=device-width"></head><body>
		<a href="#m">Skip</a><header>A</header><nav aria-label="N"><a href="/">Home</a></nav>
		<main id="m"><h1>One</h1><h2>Two</h2>
		<form method="post" action="/x"><input type="hidden" name="csrf" value="1"><label for="f">Field</label><input id="f" aria-describedby="d">
		<p id="d">Hint</p><fieldset><legend>Which</legend><input type="radio" id="r" name="r"><label for="r">R</label></fieldset>
		<button>Send</button></form><table><tr><th scope="col">H</th></tr></table><ul><li>x</li></ul><img src="/i" alt=""><svg aria-hidden="true"></svg>
		</main><footer>F</footer></body></html>`
	flaws := func(body string) []string {
		return (&Page{t: t, Header: http.Header{"Content-Type": {"text/html"}}, Body: body}).Flaws()
	}
	if found := flaws(good); len(found) > 0 {
		t.Fatalf("the good page has flaws: %q", found)
	}
	for _, spoiled := range []struct{ from, to, want string }{
		{`lang="en-CA"`, ``, "language of the page"},
		{`<title>T</title>`, ``, "no title"},
		{`width=device-width`, `maximum-scale=1`, "enlarged"},
		{`<h1>One</h1>`, ``, "0 h1"},
		{`<h2>Two</h2>`, `<h1>Two</h1>`, "2 h1"},
		{`<h2>Two</h2>`, `<h3>Two</h3>`, "follows a heading"},
		{`<h2>Two</h2>`, `<h2></h2>`, "empty"},
		{`<main id="m">`, `<div id="m">`, "0 main"},
		{`<footer>F</footer>`, ``, "footer is missing"},
		{`<nav aria-label="N">`, `<nav>`, "name"},
		{`<a href="#m">Skip</a>`, ``, "first thing to reach"},
		{`id="d"`, `id="f"`, "stands twice"},
		{`id="d"`, `id="e"`, "nowhere"},
		{`<label for="f">Field</label>`, ``, "no label"},
		{`<label for="f">`, `<label for="g">`, "nowhere"},
		{`<legend>Which</legend>`, ``, "group without a name"},
		{`<button>Send</button>`, `<button></button>`, "says nothing"},
		{`<a href="/">Home</a>`, `<a href="/"></a>`, "says nothing"},
		{`<a href="/">`, `<a href="https://elsewhere.example/">`, "leads to"},
		{` alt=""`, ``, "no alt"},
		{` scope="col"`, ``, "no scope"},
		{`<ul><li>x</li></ul>`, `<div><li>x</li></div>`, "li stands in"},
		{` aria-hidden="true"`, ``, "neither named nor hidden"},
		{`value="1"`, `value=""`, "no token"},
		{`<p id="d">`, `<p id="d" style="x">`, "attribute style"},
		{`<p id="d">`, `<p id="d" onclick="x">`, "attribute onclick"},
		{`<p id="d">`, `<p id="d" tabindex="2">`, "tabindex"},
		{`<footer>`, `<script>1</script><footer>`, "script inside"},
	} {
		if !strings.Contains(good, spoiled.from) {
			t.Fatalf("the good page has no %q", spoiled.from)
		}
		found := flaws(strings.Replace(good, spoiled.from, spoiled.to, 1))
		if !slices.ContainsFunc(found, func(flaw string) bool { return strings.Contains(flaw, spoiled.want) }) {
			t.Errorf("%s instead of %s: got %q, want %q", spoiled.to, spoiled.from, found, spoiled.want)
		}
	}
}
