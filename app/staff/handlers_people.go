package staff

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/session"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// The audited acts about other people's accounts.
const (
	actionUpdate     audit.Action = "staff.update"
	actionAdmin      audit.Action = "staff.administrator"
	actionReactivate audit.Action = "staff.reactivate"
	actionEnd        audit.Action = "staff.end_sessions"
	actionResetAsk   audit.Action = "staff.reset_ask"
	actionReset      audit.Action = "staff.password_reset"
)

// EnterPeople lets in administrators and those who manage people in a program.
func EnterPeople(r *web.Request) (Powers, error) {
	p := PowersOf(r.Actor())
	if !p.Any() {
		return p, fault.New(fault.Denied, i18n.FaultDeniedText)
	}
	return p, nil
}

// listPage is what the list of people shows.
type listPage struct {
	People  []Person
	Wanted  string
	More    bool
	Admin   bool
	Factors map[uuid.UUID]bool // who has a second factor; nil: nobody knows
}

// People lists the accounts that the actor may see.
func (h *Handlers) People(r *web.Request) (web.Response, error) { return h.people(r, "") }

// FindPeople is People narrowed to a name, which stands in no address.
func (h *Handlers) FindPeople(r *web.Request) (web.Response, error) {
	return h.people(r, r.Value("q"))
}

func (h *Handlers) people(r *web.Request, wanted string) (web.Response, error) {
	p, err := EnterPeople(r)
	if err != nil {
		return web.Response{}, err
	}
	page := listPage{Wanted: wanted, Admin: p.Admin}
	err = r.Agency.View(r.Context(), func(tx *tenancy.Tx) (err error) {
		if page.People, page.More, err = people(r.Context(), tx, p, wanted); err != nil {
			return err
		}
		page.Factors, err = h.factors(r.Context(), tx)
		return err
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.WidePage(i18n.PeopleTitle, peopleList(r.Frame(), page)), nil
}

// factors says who has a second factor; nil when nothing in this KoNote knows.
func (h *Handlers) factors(ctx context.Context, tx *tenancy.Tx) (map[uuid.UUID]bool, error) {
	if h.Factors == nil {
		return nil, nil
	}
	return h.Factors(ctx, tx)
}

// personPage is what a person's page shows.
type personPage struct {
	Person   Person
	Staff    Staff
	Powers   Powers
	Offered  []PersonRole // programs in which the viewer may give roles
	Sessions []session.Living
	Factor   *bool
	// Elsewhere says that a password would not let the person in.
	Elsewhere bool
	Chosen    chosenRole
	Problems  view.Problems
}

// chosenRole is what the form of a role holds, as it was sent.
type chosenRole struct{ Program, Role string }

// may says whether the viewer may change this account.
func (p personPage) may() bool { return p.Powers.may(p.Person.Standing) }

// mayGive says whether the viewer may give this person a role somewhere.
func (p personPage) mayGive() bool {
	return p.may() && p.Person.Status == StatusActive && len(p.Offered) > 0
}

// roles are those that the viewer may give this person somewhere.
func (p personPage) roles() []access.Role {
	return slices.DeleteFunc(slices.Clone(p.Powers.Roles()), func(role access.Role) bool {
		return !slices.ContainsFunc(p.Offered, func(at PersonRole) bool {
			return p.Powers.mayMake(p.Person.Standing, at.Program, role)
		})
	})
}

// Person is one account.
func (h *Handlers) Person(r *web.Request) (web.Response, error) {
	p, err := EnterPeople(r)
	if err != nil {
		return web.Response{}, err
	}
	id, err := r.ID("person")
	if err != nil {
		return web.Response{}, err
	}
	page, err := h.loadPerson(r, p, id)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.PeoplePersonTitle, personView(r.Frame(), page)), nil
}

// loadPerson loads what a person's page shows.
func (h *Handlers) loadPerson(r *web.Request, p Powers, id uuid.UUID) (page personPage, err error) {
	page.Powers = p
	err = r.Agency.View(r.Context(), func(tx *tenancy.Tx) (err error) {
		if page.Person, err = personFor(r.Context(), tx, p, id); err != nil {
			return err
		}
		if page.Staff, err = ByID(r.Context(), tx, id); err != nil {
			return err
		}
		page.Elsewhere = r.Settings().PasswordOff && !page.Person.Admin
		if page.Offered, err = Offered(r.Context(), tx, p); err != nil {
			return err
		}
		known, err := h.factors(r.Context(), tx)
		if on := known[id]; known != nil {
			page.Factor = &on
		}
		return err
	})
	if err != nil {
		return page, err
	}
	page.Sessions, err = h.Sessions.List(r.Context(), r.Agency.ID, id, nil, r.Settings().Idle)
	return page, down(err)
}

// target reads whose account a form is about, and lets in those who may see any.
func target(r *web.Request) (Powers, uuid.UUID, error) {
	p, err := EnterPeople(r)
	if err != nil {
		return p, uuid.Nil, err
	}
	id, err := r.ID("person")
	return p, id, err
}

// act runs a change and leads back to the person, or to the list when the viewer does not
// see her any more.
func act(r *web.Request, p Powers, id uuid.UUID, said i18n.Message, f func(*tenancy.Tx) error) (web.Response, error) {
	to := view.To("staff", id.String())
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		if err := f(tx); err != nil {
			return err
		}
		_, err := personFor(r.Context(), tx, p, id)
		if fault.KindOf(err) == fault.NotFound {
			to, err = view.To("staff"), nil
		}
		return err
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(to).Say(said), nil
}

// SetRole gives, changes or takes away a person's role in a program. Taking away has a
// field of its own, "end": a role that was not chosen ends none.
func (h *Handlers) SetRole(r *web.Request) (web.Response, error) {
	p, id, err := target(r)
	if err != nil {
		return web.Response{}, err
	}
	program, broken := uuid.Parse(r.Value("program"))
	role := access.Role(r.Value("role"))
	var problems view.Problems
	if broken != nil {
		problems.Add("program", i18n.PeopleRoleProgramWanted)
	}
	if r.Checked("end") {
		role = ""
	} else if !slices.Contains(access.Roles, role) {
		problems.Add("role", i18n.PeopleRoleRoleWanted)
	}
	if r.SwitchLanguage || problems.Any() {
		return h.roleAgain(r, p, id, problems)
	}
	response, err := act(r, p, id, i18n.PeopleRoleSaved, func(tx *tenancy.Tx) error {
		return setRole(r.Context(), tx, audit.From(r), p, id, program, role)
	})
	if errors.Is(err, errLift) {
		again, failed := h.roleAgain(r, p, id, view.Problems{{Field: "role", Text: errLift.Message}})
		if failed == nil {
			return again.Refusing(err), nil
		}
	}
	return response, err
}

// RolesForm is the page on which a person's roles are given and ended.
func (h *Handlers) RolesForm(r *web.Request) (web.Response, error) {
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
	return web.Page(i18n.PeopleRolesTitle, rolesView(r.Frame(), page)), nil
}

// roleAgain shows the form of a role again with what is wrong about it. Whoever has no such
// form there is told nothing but that.
func (h *Handlers) roleAgain(r *web.Request, p Powers, id uuid.UUID, problems view.Problems) (web.Response, error) {
	page, err := h.loadPerson(r, p, id)
	if fault.KindOf(err) == fault.NotFound || err == nil && !page.mayGive() {
		return web.Response{}, fault.New(fault.Invalid, i18n.PeopleRoleWanted)
	}
	if err != nil {
		return web.Response{}, err
	}
	page.Chosen = chosenRole{r.Value("program"), r.Value("role")}
	page.Problems = r.Shown(problems)
	return r.Again(i18n.PeopleRolesTitle, problems, rolesView(r.Frame(), page)), nil
}

// SetAdmin makes a person an administrator, or takes that back.
func (h *Handlers) SetAdmin(r *web.Request) (web.Response, error) {
	p, id, err := target(r)
	if err != nil {
		return web.Response{}, err
	}
	return act(r, p, id, i18n.PeopleAdminSaved, func(tx *tenancy.Tx) error {
		return setAdmin(r.Context(), tx, audit.From(r), p, id, r.Checked("administrator"))
	})
}

// Close ends a person's work, as far as it is the actor's to end, and her sessions.
func (h *Handlers) Close(r *web.Request) (web.Response, error) {
	p, id, err := target(r)
	if err != nil {
		return web.Response{}, err
	}
	said := i18n.PeopleClosed
	if !p.Admin {
		said = i18n.PeopleEnded
	}
	response, err := act(r, p, id, said, func(tx *tenancy.Tx) error {
		return change(r.Context(), tx, p, id, func(p Powers, s Standing) error { return end(r.Context(), tx, audit.From(r), p, s) })
	})
	if err != nil {
		return web.Response{}, err
	}
	return response, endSessions(r.Context(), h.Sessions, r.Agency.ID, id, nil)
}

// Reopen activates an account again.
func (h *Handlers) Reopen(r *web.Request) (web.Response, error) {
	p, id, err := target(r)
	if err != nil {
		return web.Response{}, err
	}
	return act(r, p, id, i18n.PeopleReopened, func(tx *tenancy.Tx) error {
		return reactivate(r.Context(), tx, audit.From(r), p, id)
	})
}

// EndSessions signs a person out everywhere.
func (h *Handlers) EndSessions(r *web.Request) (web.Response, error) {
	p, id, err := target(r)
	if err != nil {
		return web.Response{}, err
	}
	response, err := act(r, p, id, i18n.PeopleSessionsEnded, func(tx *tenancy.Tx) error {
		return change(r.Context(), tx, p, id, func(Powers, Standing) error {
			if err := EndSessions(r.Context(), tx, id); err != nil {
				return err
			}
			return audit.Record(r.Context(), tx, audit.From(r), audit.Event{Action: actionEnd, Subject: id})
		})
	})
	if err != nil {
		return web.Response{}, err
	}
	return response, endSessions(r.Context(), h.Sessions, r.Agency.ID, id, nil)
}

// SendReset has a link for a new password mailed to a person. Administrators alone may.
func (h *Handlers) SendReset(r *web.Request) (web.Response, error) {
	p, id, err := target(r)
	if err != nil {
		return web.Response{}, err
	}
	return act(r, p, id, i18n.PeopleResetSent, func(tx *tenancy.Tx) error {
		return change(r.Context(), tx, p, id, func(p Powers, s Standing) error {
			if !p.Admin {
				return fault.New(fault.Denied, i18n.PeopleDeniedAdmin)
			}
			if r.Settings().PasswordOff && !s.Admin { // a password would not let her in
				return fault.New(fault.Invalid, i18n.PeopleResetElsewhere).Toward(i18n.PeopleResetElsewhereAction, "settings", "sso")
			}
			made, err := addReset(r.Context(), tx, id, p.Staff)
			if err != nil {
				return err
			}
			if !made {
				return fault.New(fault.Invalid, i18n.PeopleResetNot)
			}
			return audit.Record(r.Context(), tx, audit.From(r), audit.Event{Action: actionResetAsk, Subject: id})
		})
	})
}

// EditPerson is the form of a person's details. Administrators alone may change them: with
// somebody's address one can have her password sent.
func (h *Handlers) EditPerson(r *web.Request) (web.Response, error) {
	person, version, err := h.editable(r)
	if err != nil {
		return web.Response{}, err
	}
	d := details{person.DisplayName, person.Email, person.Username, person.Language}
	return web.Page(i18n.PeopleEditTitle, personEdit(r.Frame(), person, d, version, nil)), nil
}

func (h *Handlers) editable(r *web.Request) (person Staff, version int, err error) {
	p, id, err := target(r)
	if err != nil {
		return person, 0, err
	}
	err = r.Agency.View(r.Context(), func(tx *tenancy.Tx) error {
		one, err := personFor(r.Context(), tx, p, id)
		if err != nil {
			return err
		}
		if !p.Admin || !p.may(one.Standing) {
			return p.denied(one.Standing)
		}
		version = one.Version
		person, err = ByID(r.Context(), tx, id)
		return err
	})
	return person, version, err
}

// SavePerson saves a person's details.
func (h *Handlers) SavePerson(r *web.Request) (web.Response, error) {
	person, version, err := h.editable(r)
	if err != nil {
		return web.Response{}, err
	}
	n := New{DisplayName: r.Value("name"), Email: r.Value("email"), Username: r.Value("username"), Language: r.Value("language")}
	problems := n.Check()
	if n.Language == "" { // New takes it for English
		problems.Add("language", i18n.StaffLanguageWrong)
	}
	n = n.tidy()
	d := details{n.DisplayName, n.Email, n.Username, n.Language}
	seen, broken := strconv.Atoi(r.Value("version"))
	if broken != nil {
		seen = 0 // older than every version
	}
	again := func(version int, problems view.Problems) web.Response {
		return r.Again(i18n.PeopleEditTitle, problems, personEdit(r.Frame(), person, d, version, r.Shown(problems)))
	}
	if r.SwitchLanguage || problems.Any() {
		return again(seen, problems), nil
	}
	p := PowersOf(r.Actor())
	response, err := act(r, p, person.ID, i18n.PeopleSaved, func(tx *tenancy.Tx) error {
		return setDetails(r.Context(), tx, audit.From(r), p, person.ID, seen, d)
	})
	switch fault.KindOf(err) {
	case fault.Conflict: // what was typed stays; the next attempt is made from what is there now
		return again(version, view.Problems{{Text: i18n.PeopleConflict}}).Conflict(), nil
	case fault.Invalid:
		field := "email"
		if messageOf(err) == i18n.StaffUsernameTaken {
			field = "username"
		}
		return again(seen, view.Problems{{Field: field, Text: messageOf(err)}}), nil
	}
	return response, err
}
