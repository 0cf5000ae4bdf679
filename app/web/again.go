package web

import (
	"net/http"

	"github.com/a-h/templ"

	"konote/app/i18n"
	"konote/app/view"
)

// Again answers a form with itself, everything that was typed still in it: with 422 and
// what is wrong, or with 200 when it was only sent to be shown in the other language.
func (r *Request) Again(title i18n.Message, problems view.Problems, body templ.Component) Response {
	response := Page(title, body)
	r.frame.Unsaved = true
	if !r.SwitchLanguage && problems.Any() {
		r.frame.Invalid = true
		response.Status = http.StatusUnprocessableEntity
	}
	return response
}

// Shown are the problems that a form shows: none while it is only being shown in the
// other language.
func (r *Request) Shown(problems view.Problems) view.Problems {
	if r.SwitchLanguage {
		return nil
	}
	return problems
}
