package staff

import (
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/view"
	"konote/app/web"
)

// question is asked before something is done to an account that cannot simply be undone, or
// that gives much: what will happen, and one button.
type question struct {
	Title  i18n.Message
	After  []i18n.Message // what happens then
	Button i18n.Message
	Danger bool
	// The form: the last segment of its address, and what "administrator" is set to, "" for
	// nothing.
	Path, Admin string
}

// AskAdmin asks whether a person is to be an administrator, or one no more.
func (h *Handlers) AskAdmin(r *web.Request) (web.Response, error) {
	return h.question(r, true, func(one Person) *question {
		switch {
		case one.Admin:
			return &question{Title: i18n.PeopleAdminOff, Button: i18n.PeopleAdminOff, Danger: true, Path: "administrator", Admin: "no",
				After: []i18n.Message{i18n.PeopleAskAdminOffLoses, i18n.PeopleAskAdminOffKeeps, i18n.PeopleAskNextPage}}
		case one.Status == StatusActive:
			return &question{Title: i18n.PeopleAdminOn, Button: i18n.PeopleAdminOn, Danger: true, Path: "administrator", Admin: "yes",
				After: []i18n.Message{i18n.PeopleAskAdminOnGains, i18n.PeopleAskAdminOnYou, i18n.PeopleAskAdminOnNot, i18n.PeopleAskNextPage}}
		}
		return nil
	})
}

// AskClose asks whether an account is to be closed; a manager, whether the work in her
// programs is to end.
func (h *Handlers) AskClose(r *web.Request) (web.Response, error) {
	return h.question(r, false, func(one Person) *question {
		switch {
		case one.Status != StatusActive:
			return nil
		case !PowersOf(r.Actor()).Admin:
			return &question{Title: i18n.PeopleEnd, Button: i18n.PeopleEnd, Danger: true, Path: "deactivate",
				After: []i18n.Message{i18n.PeopleAskEndRoles, i18n.PeopleAskEndAccount, i18n.PeopleAskCloseStays, i18n.PeopleAskCloseWork, i18n.PeopleAskEndBack}}
		}
		return &question{Title: i18n.PeopleClose, Button: i18n.PeopleClose, Danger: true, Path: "deactivate",
			After: []i18n.Message{i18n.PeopleAskCloseSessions, i18n.PeopleAskCloseStays, i18n.PeopleAskCloseWork, i18n.PeopleAskCloseBack}}
	})
}

// AskReopen asks whether a closed account is to be opened again.
func (h *Handlers) AskReopen(r *web.Request) (web.Response, error) {
	return h.question(r, true, func(one Person) *question {
		if one.Status == StatusActive {
			return nil
		}
		return &question{Title: i18n.PeopleReopen, Button: i18n.PeopleReopen, Path: "reactivate",
			After: []i18n.Message{i18n.PeopleReopenText, i18n.PeopleAskReopenPassword}}
	})
}

// AskReset asks whether a link for a new password is to be mailed.
func (h *Handlers) AskReset(r *web.Request) (web.Response, error) {
	return h.question(r, true, func(one Person) *question {
		if one.Status != StatusActive || r.Settings().PasswordOff && !one.Admin {
			return nil
		}
		return &question{Title: i18n.PeopleResetSend, Button: i18n.PeopleResetSend, Path: "reset",
			After: []i18n.Message{i18n.PeopleAskResetMail, i18n.PeopleAskResetLimit, i18n.PeopleAskResetUntil}}
	})
}

// question shows a question to who may do what it is about; where there is nothing to ask it leads
// back to the person.
func (h *Handlers) question(r *web.Request, admins bool, about func(Person) *question) (web.Response, error) {
	p, id, err := target(r)
	if err != nil {
		return web.Response{}, err
	}
	page, err := h.loadPerson(r, p, id)
	if err != nil {
		return web.Response{}, err
	}
	if !page.may() {
		return web.Response{}, p.denied(page.Person.Standing)
	}
	if admins && !p.Admin {
		return web.Response{}, fault.New(fault.Denied, i18n.PeopleDeniedAdmin)
	}
	q := about(page.Person)
	if q == nil {
		return web.Redirect(view.To("staff", id.String())), nil
	}
	return web.Page(q.Title, questionView(r.Frame(), page.Person, *q)), nil
}
