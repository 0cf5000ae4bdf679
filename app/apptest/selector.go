package apptest

import (
	"fmt"
	"regexp"
	"strings"

	"golang.org/x/net/html"
)

// A selector is what a useful part of CSS says: a tag, #id, .class, [attribute],
// [attribute=value], [attribute^=value], and a space between an ancestor and what is
// below it.
type selector []compound

type compound struct {
	tag   string
	tests []attributeTest
}

type attributeTest struct {
	name, operator, value string
}

var part = regexp.MustCompile(`^(?:#([\w-]+)|\.([\w-]+)|\[([\w-]+)(?:(\^?=)"?([^\]"]*)"?)?\])`)

func parseSelector(text string) (selector, error) {
	var s selector
	for _, word := range strings.Fields(text) {
		rest := strings.TrimLeft(word, "abcdefghijklmnopqrstuvwxyz0123456789*")
		c := compound{tag: strings.TrimPrefix(word[:len(word)-len(rest)], "*")}
		for rest != "" {
			found := part.FindStringSubmatch(rest)
			if found == nil {
				return nil, fmt.Errorf("the selector %q cannot be read at %q", text, rest)
			}
			switch {
			case found[1] != "":
				c.tests = append(c.tests, attributeTest{"id", "=", found[1]})
			case found[2] != "":
				c.tests = append(c.tests, attributeTest{"class", "~", found[2]})
			default:
				c.tests = append(c.tests, attributeTest{found[3], found[4], found[5]})
			}
			rest = rest[len(found[0]):]
		}
		s = append(s, c)
	}
	if len(s) == 0 {
		return nil, fmt.Errorf("the selector %q names nothing", text)
	}
	return s, nil
}

func (s selector) matches(n *html.Node) bool {
	last := len(s) - 1
	if !s[last].matches(n) {
		return false
	}
	for above := n.Parent; last > 0 && above != nil; above = above.Parent {
		if s[last-1].matches(above) {
			last--
		}
	}
	return last == 0
}

func (c compound) matches(n *html.Node) bool {
	if n.Type != html.ElementNode || (c.tag != "" && c.tag != n.Data) {
		return false
	}
	for _, test := range c.tests {
		value, there := attribute(n, test.name)
		switch test.operator {
		case "":
		case "=":
			there = there && value == test.value
		case "^=":
			there = there && strings.HasPrefix(value, test.value)
		case "~":
			there = there && strings.Contains(" "+value+" ", " "+test.value+" ")
		}
		if !there {
			return false
		}
	}
	return true
}

// find lists the elements below n, in the order of the page.
func (s selector) find(n *html.Node) []*html.Node {
	var found []*html.Node
	for below := range n.Descendants() {
		if s.matches(below) {
			found = append(found, below)
		}
	}
	return found
}

func attribute(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

func has(n *html.Node, name string) bool {
	_, there := attribute(n, name)
	return there
}

func value(n *html.Node, name string) string {
	found, _ := attribute(n, name)
	return found
}

// textOf is the text of an element as it is read: spaces and line breaks are one space.
// Scripts, styles and templates are left out.
func textOf(n *html.Node) string {
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
		if n.Type == html.ElementNode && (n.Data == "script" || n.Data == "style" || n.Data == "template") {
			return
		}
		for child := range n.ChildNodes() {
			walk(child)
		}
		if n.Type == html.ElementNode && block[n.Data] {
			b.WriteByte(' ')
		}
	}
	walk(n)
	return strings.Join(strings.Fields(b.String()), " ")
}

var block = map[string]bool{"p": true, "div": true, "li": true, "h1": true, "h2": true, "h3": true, "dt": true, "dd": true,
	"td": true, "th": true, "tr": true, "section": true, "label": true, "legend": true, "option": true, "br": true, "summary": true}
