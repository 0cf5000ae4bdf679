package view

import (
	"net/url"
	"strings"

	"github.com/a-h/templ"
)

// URL is an address within this agency's KoNote. It is made by To and From only, so
// that no page can carry a link that a person typed or a record contains.
type URL struct{ text string }

// To joins path segments, each escaped: To("participants", id.String()) is
// /participants/<id>. Pairs of query values follow with With.
func To(segments ...string) URL {
	escaped := make([]string, len(segments))
	for i, segment := range segments {
		escaped[i] = url.PathEscape(segment)
	}
	return URL{"/" + strings.Join(escaped, "/")}
}

// With adds a query value; an empty value is left out.
func (u URL) With(name, value string) URL {
	if value == "" {
		return u
	}
	separator := "?"
	if strings.Contains(u.text, "?") {
		separator = "&"
	}
	return URL{u.text + separator + url.QueryEscape(name) + "=" + url.QueryEscape(value)}
}

// At adds a fragment: the id of an element on the page.
func (u URL) At(id string) URL { return URL{u.text + "#" + url.PathEscape(id)} }

// Back makes an address of one that came in a request, so that a person returns to
// where she was. Anything that is not a plain path of this host becomes the home page.
func Back(text string) URL {
	parsed, err := url.Parse(text)
	if err != nil || parsed.IsAbs() || parsed.Host != "" || parsed.User != nil || parsed.Opaque != "" ||
		!strings.HasPrefix(parsed.Path, "/") || strings.HasPrefix(parsed.Path, "//") || strings.HasPrefix(text, "//") || strings.ContainsAny(text, "\\\r\n\t") {
		return To()
	}
	return URL{(&url.URL{Path: parsed.Path, RawQuery: parsed.RawQuery}).String()}
}

// String is the address as text.
func (u URL) String() string {
	if u.text == "" {
		return "/"
	}
	return u.text
}

// Safe hands the address to templ, which would otherwise check it once more.
func (u URL) Safe() templ.SafeURL { return templ.SafeURL(u.String()) }

// Outside is an address on another machine: that of the provider where an agency's staff
// sign in, which an administrator has set and package sso has checked. Nothing else leads
// outside.
type Outside struct{ text string }

// Elsewhere makes an address outside; anything but http and https leads home.
func Elsewhere(text string) Outside {
	parsed, err := url.Parse(text)
	if err != nil || (parsed.Scheme != "https" && parsed.Scheme != "http") || parsed.Host == "" || parsed.User != nil {
		return Outside{"/"}
	}
	return Outside{parsed.String()}
}

// Safe hands the address to templ.
func (o Outside) Safe() templ.SafeURL { return templ.SafeURL(o.text) }

// IsZero says that no address was given.
func (u URL) IsZero() bool { return u.text == "" }

// fragment leads to an element of the same page.
func fragment(id string) templ.SafeURL { return templ.SafeURL("#" + url.PathEscape(id)) }
