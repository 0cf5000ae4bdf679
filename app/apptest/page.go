package apptest

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// Page is an answer to a browser.
type Page struct {
	Status   int
	Header   http.Header
	Body     string
	Location string // of a redirect

	t       testing.TB
	browser *Browser
	method  string
	path    string // with its query
	root    *html.Node
}

// IsDocument says whether the answer is a whole page of HTML, and not a fragment, a
// file or nothing.
func (pg *Page) IsDocument() bool {
	return strings.HasPrefix(pg.Header.Get("Content-Type"), "text/html") && strings.HasPrefix(strings.ToLower(pg.Body), "<!doctype html>")
}

// Want fails the test unless there is an element whose text holds the words.
func (pg *Page) Want(selector, words string) {
	pg.t.Helper()
	found := pg.Texts(selector)
	if !slices.ContainsFunc(found, func(text string) bool { return strings.Contains(text, words) }) {
		pg.t.Errorf("%s: %q has %q, want %q", pg, selector, found, words)
	}
}

// WantNone fails the test if there is such an element.
func (pg *Page) WantNone(selector string) {
	pg.t.Helper()
	if found := pg.Texts(selector); len(found) > 0 {
		pg.t.Errorf("%s: %q has %q, want none", pg, selector, found)
	}
}

// WantStatus fails the test unless the answer has the status.
func (pg *Page) WantStatus(status int) *Page {
	pg.t.Helper()
	if pg.Status != status {
		pg.t.Fatalf("%s: got %d, want %d: %s", pg, pg.Status, status, pg.Text())
	}
	return pg
}

// Has says whether the words stand anywhere in the answer, in what can be read or not.
func (pg *Page) Has(words string) bool {
	return strings.Contains(pg.Body, words) || strings.Contains(pg.Body, html.EscapeString(words))
}

// Texts are the texts of the elements, in the order of the page.
func (pg *Page) Texts(selector string) []string {
	pg.t.Helper()
	var texts []string
	for _, n := range pg.find(selector) {
		texts = append(texts, textOf(n))
	}
	return texts
}

// Values are the values of an attribute of the elements that have it.
func (pg *Page) Values(selector, name string) []string {
	pg.t.Helper()
	var values []string
	for _, n := range pg.find(selector) {
		if has(n, name) {
			values = append(values, value(n, name))
		}
	}
	return values
}

// Text is what can be read in the main part of the page, shortened, for messages.
func (pg *Page) Text() string {
	text := strings.Join(strings.Fields(pg.Body), " ")
	if pg.IsDocument() {
		text = strings.Join(pg.Texts("main"), " ")
	}
	if len(text) > 400 {
		text = text[:400] + "…"
	}
	return text
}

// String names the page in messages, without its query.
func (pg *Page) String() string {
	return pg.method + " " + pg.Path()
}

// Path is the page's address without its query.
func (pg *Page) Path() string {
	path, _, _ := strings.Cut(pg.path, "?")
	return path
}

// Link is where the first link with these words leads.
func (pg *Page) Link(words string) string {
	pg.t.Helper()
	for _, n := range pg.find("a[href]") {
		if strings.Contains(textOf(n), words) || strings.Contains(value(n, "aria-label"), words) {
			return value(n, "href")
		}
	}
	pg.t.Fatalf("%s: no link says %q: %s", pg, words, pg.Text())
	return ""
}

func (pg *Page) find(text string) []*html.Node {
	pg.t.Helper()
	s, err := parseSelector(text)
	if err != nil {
		pg.t.Fatal(err)
	}
	if pg.root == nil {
		if pg.root, err = html.Parse(strings.NewReader(pg.Body)); err != nil {
			pg.t.Fatalf("%s: %v", pg, err)
		}
	}
	return s.find(pg.root)
}

// Form is a form as a browser would send it, with what stands in its fields.
type Form struct {
	Values url.Values
	page   *Page
	action string
	method string
}

// Form finds a form on the page: the first one that the selector names.
func (pg *Page) Form(selector string) *Form {
	pg.t.Helper()
	found := pg.find(selector)
	if len(found) == 0 {
		pg.t.Fatalf("%s (%d): no form %q: %s", pg, pg.Status, selector, pg.Text())
	}
	n := found[0]
	f := &Form{Values: url.Values{}, page: pg, action: value(n, "action"), method: strings.ToUpper(value(n, "method"))}
	if f.action == "" {
		f.action = pg.path
	}
	for below := range n.Descendants() {
		f.fillIn(below)
	}
	return f
}

// fillIn adds what the browser would send of a field that nobody has touched.
func (f *Form) fillIn(n *html.Node) {
	name := value(n, "name")
	if n.Type != html.ElementNode || name == "" || has(n, "disabled") {
		return
	}
	switch n.Data {
	case "input":
		kind := value(n, "type")
		if kind == "submit" || kind == "button" || ((kind == "radio" || kind == "checkbox") && !has(n, "checked")) {
			return
		}
		f.Values.Add(name, value(n, "value"))
	case "textarea":
		f.Values.Add(name, strings.TrimPrefix(textContent(n), "\n"))
	case "select":
		options := selector{{tag: "option"}}.find(n)
		chosen := slices.IndexFunc(options, func(o *html.Node) bool { return has(o, "selected") })
		if len(options) > 0 {
			f.Values.Add(name, value(options[max(chosen, 0)], "value"))
		}
	}
}

func textContent(n *html.Node) string {
	var b strings.Builder
	for below := range n.Descendants() {
		if below.Type == html.TextNode {
			b.WriteString(below.Data)
		}
	}
	return b.String()
}

// Set fills in a field.
func (f *Form) Set(name string, values ...string) *Form {
	f.Values[name] = values
	return f
}

// Submit sends the form and returns the answer itself, a redirect too.
func (f *Form) Submit() *Page {
	f.page.t.Helper()
	if f.method == http.MethodPost {
		return f.page.browser.send(http.MethodPost, f.action, f.Values, nil)
	}
	path, _, _ := strings.Cut(f.action, "?")
	return f.page.browser.Get(path + "?" + f.Values.Encode())
}

// Send sends the form and goes on to where it leads, which must be a page.
func (f *Form) Send() *Page {
	f.page.t.Helper()
	return f.page.browser.follow(f.Submit()).WantStatus(http.StatusOK)
}
