package web

import (
	"net/url"
	"strings"

	"konote/app/i18n"
)

// languageParameter asks for the page in another language: ?lang=fr. A form that is
// being filled in asks with view.LanguageField.
const languageParameter = "lang"

// language is what the reader is spoken to in: her last choice in this browser, the
// one of her account, what the browser asks for, English.
func (x *exchange) language() string {
	if choice := x.r.Query.Get(languageParameter); choice == "en" || choice == "fr" {
		return choice // also where no agency is found, and nothing is remembered
	}
	if choice := x.cookie(languageCookie); choice == "en" || choice == "fr" {
		return choice
	}
	if choice := x.r.Visitor.Language; choice == "en" || choice == "fr" {
		return choice
	}
	return preferred(x.header("Accept-Language"))
}

// preferred is the first of our languages in a list such as "fr-CA,fr;q=0.9,en;q=0.8".
// Browsers write the list in order of preference.
func preferred(list string) string {
	for part := range strings.SplitSeq(list, ",") {
		tag, quality, _ := strings.Cut(strings.TrimSpace(part), ";")
		primary, _, _ := strings.Cut(strings.ToLower(tag), "-")
		if (primary == "en" || primary == "fr") && strings.ReplaceAll(quality, " ", "") != "q=0" {
			return primary
		}
	}
	return "en"
}

// speak sets the language of this answer.
func (x *exchange) speak(language string) {
	r := x.r
	r.P = i18n.NewPrinter(language, r.settings.Terms, r.settings.Zone)
	r.frame.P = r.P
	if r.Agency != nil {
		r.frame.Agency = r.Agency.Name(r.P.Language())
	}
}

// choose remembers a language: in this browser, and with her account when she is
// signed in. It returns false for anything but en and fr.
func (x *exchange) choose(language string) bool {
	if language != "en" && language != "fr" {
		return false
	}
	x.setCookie(languageCookie, language, languageAge)
	if hook := x.app.cfg.Hooks.Language; hook != nil && x.r.Session != nil && !x.r.Half {
		if err := hook(x.r, language); err != nil {
			x.warn("note the language", err)
		}
	}
	x.speak(language)
	return true
}

// withoutLanguage is the address of this page without the wish for a language.
func (r *Request) withoutLanguage() string {
	query := url.Values{}
	for name, values := range r.Query {
		if name != languageParameter {
			query[name] = values
		}
	}
	return (&url.URL{Path: r.Path, RawQuery: query.Encode()}).String()
}
