package apptest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"
)

// Flaws are what is wrong with a page for somebody who reads it with another sense or
// another device than the eye and the mouse, and what our content policy would refuse.
// It sees what stands in the HTML; axe-core in a real browser sees the rest
// (journey_test.go).
func (pg *Page) Flaws() []string {
	pg.find("html") // parses
	c := &checker{root: pg.root, ids: map[string]*html.Node{}}
	for n := range pg.root.Descendants() {
		if n.Type == html.ElementNode {
			c.all = append(c.all, n)
			c.identify(n)
		}
	}
	c.document()
	c.headings()
	c.landmarks()
	for _, n := range c.all {
		c.element(n)
	}
	c.groups()
	return c.flaws
}

type checker struct {
	root  *html.Node
	all   []*html.Node
	ids   map[string]*html.Node
	flaws []string
}

func (c *checker) flaw(format string, args ...any) {
	c.flaws = append(c.flaws, fmt.Sprintf(format, args...))
}

func (c *checker) identify(n *html.Node) {
	id, there := attribute(n, "id")
	switch {
	case !there:
	case id == "" || strings.ContainsAny(id, " \t\n"):
		c.flaw("%s has the id %q", tag(n), id)
	case c.ids[id] != nil:
		c.flaw("the id %q stands twice", id)
	default:
		c.ids[id] = n
	}
}

func (c *checker) named(names ...string) []*html.Node {
	var found []*html.Node
	for _, n := range c.all {
		if slices.Contains(names, n.Data) {
			found = append(found, n)
		}
	}
	return found
}

func (c *checker) document() {
	for _, n := range c.named("html") {
		if lang := value(n, "lang"); lang != "en-CA" && lang != "fr-CA" {
			c.flaw("the language of the page is %q", lang)
		}
	}
	if titles := c.named("title"); len(titles) == 0 || textOf(titles[0]) == "" {
		c.flaw("the page has no title")
	}
	for _, n := range c.named("meta") {
		content := value(n, "content")
		if value(n, "name") == "viewport" && (strings.Contains(content, "user-scalable=no") || strings.Contains(content, "maximum-scale")) {
			c.flaw("the page cannot be enlarged")
		}
	}
}

func (c *checker) headings() {
	level, first := 1, 0 // a summary of errors stands before the h1
	for _, n := range c.named("h1", "h2", "h3", "h4", "h5", "h6") {
		this, _ := strconv.Atoi(n.Data[1:]) // a digit, by its name
		if textOf(n) == "" {
			c.flaw("%s is empty", n.Data)
		}
		if this == 1 {
			first++
		}
		if this > level+1 {
			c.flaw("%s %q follows a heading of level %d", n.Data, textOf(n), level)
		}
		level = this
	}
	if first != 1 {
		c.flaw("there are %d h1", first)
	}
}

func (c *checker) landmarks() {
	mains := c.named("main")
	if len(mains) != 1 {
		c.flaw("there are %d main", len(mains))
		return
	}
	if len(c.named("header")) == 0 || len(c.named("footer")) == 0 {
		c.flaw("header or footer is missing")
	}
	labels := map[string]bool{}
	for _, n := range c.named("nav", "aside") {
		label := n.Data + " " + c.name(n)
		if c.name(n) == "" || labels[label] {
			c.flaw("%s has the name %q, which is none or another one's", tag(n), c.name(n))
		}
		labels[label] = true
	}
	for _, n := range c.all {
		if n.Data == "a" || n.Data == "button" || n.Data == "input" {
			if n.Data != "a" || c.ids[strings.TrimPrefix(value(n, "href"), "#")] != mains[0] {
				c.flaw("the first thing to reach is %s and not a link to the content", tag(n))
			}
			return
		}
	}
}

// element checks one element by itself.
func (c *checker) element(n *html.Node) {
	c.policy(n)
	for _, reference := range []string{"aria-describedby", "aria-labelledby", "aria-controls", "aria-owns", "aria-errormessage"} {
		for _, id := range strings.Fields(value(n, reference)) {
			if c.ids[id] == nil {
				c.flaw("%s: %s names %q, which is nowhere", tag(n), reference, id)
			}
		}
	}
	if index, err := strconv.Atoi(value(n, "tabindex")); err == nil && index > 0 {
		c.flaw("%s has tabindex %d", tag(n), index)
	}
	switch n.Data {
	case "input", "select", "textarea":
		if kind := value(n, "type"); kind != "hidden" && kind != "submit" && kind != "button" && c.name(n) == "" {
			c.flaw("%s has no label", tag(n))
		}
	case "a":
		if has(n, "href") && c.name(n) == "" {
			c.flaw("a link to %q says nothing", value(n, "href"))
		}
		if value(n, "target") == "_blank" && !strings.Contains(value(n, "rel"), "noopener") {
			c.flaw("%s opens a tab that can reach back", tag(n))
		}
	case "button", "summary":
		if c.name(n) == "" {
			c.flaw("%s says nothing", tag(n))
		}
	case "img":
		if !has(n, "alt") {
			c.flaw("%s has no alt", tag(n))
		}
	case "th":
		if !has(n, "scope") {
			c.flaw("the heading %q of a table has no scope", textOf(n))
		}
	case "label":
		if id, there := attribute(n, "for"); there && c.ids[id] == nil {
			c.flaw("a label is for %q, which is nowhere", id)
		}
	case "li":
		if n.Parent.Data != "ul" && n.Parent.Data != "ol" {
			c.flaw("li stands in %s", n.Parent.Data)
		}
	case "dt", "dd":
		if n.Parent.Data != "dl" && n.Parent.Parent.Data != "dl" {
			c.flaw("%s stands outside dl", n.Data)
		}
	case "svg":
		if value(n, "aria-hidden") != "true" && c.name(n) == "" {
			c.flaw("%s is neither named nor hidden", tag(n))
		}
	case "form":
		c.form(n)
	}
}

// policy finds what the content policy refuses, so that it does not go unnoticed.
func (c *checker) policy(n *html.Node) {
	for _, a := range n.Attr {
		switch {
		case a.Key == "style", strings.HasPrefix(a.Key, "on"):
			c.flaw("%s has the attribute %s", tag(n), a.Key)
		case a.Key == "href" || a.Key == "src" || a.Key == "action":
			if value(n, "rel") == "external noreferrer" { // the one link that leaves: to an agency's own provider
				continue
			}
			if !strings.HasPrefix(a.Val, "/") && !strings.HasPrefix(a.Val, "#") && a.Val != "" &&
				!strings.HasPrefix(a.Val, "tel:") && !strings.HasPrefix(a.Val, "mailto:") {
				c.flaw("%s leads to %q", tag(n), a.Val)
			}
			if strings.HasPrefix(a.Val, "//") {
				c.flaw("%s leads to another host", tag(n))
			}
		}
	}
	if (n.Data == "script" && !has(n, "src")) || n.Data == "style" {
		c.flaw("there is a %s inside the page", n.Data)
	}
}

func (c *checker) form(n *html.Node) {
	if !strings.EqualFold(value(n, "method"), "post") {
		return
	}
	for below := range n.Descendants() {
		if below.Type == html.ElementNode && below.Data == "input" && value(below, "name") == "csrf" && value(below, "value") != "" {
			return
		}
	}
	c.flaw("the form to %s has no token", value(n, "action"))
}

// groups checks that radio buttons that belong together say what they are about.
func (c *checker) groups() {
	for _, n := range c.named("input") {
		if value(n, "type") != "radio" {
			continue
		}
		group := n.Parent
		for group != nil && group.Data != "fieldset" && value(group, "role") != "radiogroup" {
			group = group.Parent
		}
		if group == nil || c.name(group) == "" {
			c.flaw("%s belongs to a group without a name", tag(n))
		}
	}
}

// name is what an element is called, near enough to the rules of browsers.
func (c *checker) name(n *html.Node) string {
	if ids := strings.Fields(value(n, "aria-labelledby")); len(ids) > 0 {
		var parts []string
		for _, id := range ids {
			if c.ids[id] != nil {
				parts = append(parts, textOf(c.ids[id]))
			}
		}
		return strings.Join(parts, " ")
	}
	if label := strings.TrimSpace(value(n, "aria-label")); label != "" {
		return label
	}
	switch n.Data {
	case "input", "select", "textarea":
		return c.label(n)
	case "fieldset":
		for child := range n.ChildNodes() {
			if child.Data == "legend" {
				return textOf(child)
			}
		}
		return ""
	case "nav", "aside":
		return ""
	}
	if text := textOf(n); text != "" {
		return text
	}
	for below := range n.Descendants() {
		if alt := value(below, "alt"); below.Data == "img" && alt != "" {
			return alt
		}
	}
	return ""
}

func (c *checker) label(n *html.Node) string {
	for _, label := range c.named("label") {
		if id := value(n, "id"); id != "" && value(label, "for") == id {
			return textOf(label)
		}
	}
	for above := n.Parent; above != nil; above = above.Parent {
		if above.Data == "label" {
			return textOf(above)
		}
	}
	return ""
}

// tag is the beginning of an element, for messages: without values, which may be
// somebody's.
func tag(n *html.Node) string {
	var b strings.Builder
	b.WriteString("<" + n.Data)
	for _, a := range n.Attr {
		if slices.Contains([]string{"id", "class", "name", "type", "href", "action", "for"}, a.Key) {
			fmt.Fprintf(&b, " %s=%q", a.Key, a.Val)
		}
	}
	return b.String() + ">"
}
