package invite

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/staff"
	"konote/app/view"
	"konote/app/web"
	"konote/jobs"
	"konote/tenancy"
)

// Handlers answer the routes of invitations.
type Handlers struct {
	Staff *staff.Handlers // signs in who accepts
	// Leave sends whoever accepts with the token of an invitation to the agency's provider,
	// which comes back to AcceptElsewhere (package sso). May be nil where Staff offers none.
	Leave func(r *web.Request, token string) (web.Response, error)
}

// listPage is what the list of invitations shows.
type listPage struct {
	Invitations []Invitation
	Offered     map[uuid.UUID]staff.PersonRole
	Names       map[uuid.UUID]string // of the inviters
	Now         time.Time
	Admin       bool
}

// List shows the latest invitations that the actor could have made herself.
func (h *Handlers) List(r *web.Request) (web.Response, error) {
	p, err := staff.EnterPeople(r)
	if err != nil {
		return web.Response{}, err
	}
	page := listPage{Admin: p.Admin, Offered: map[uuid.UUID]staff.PersonRole{}}
	err = r.Agency.View(r.Context(), func(tx *tenancy.Tx) error {
		all, err := recent(r.Context(), tx)
		if err != nil {
			return err
		}
		page.Now = tx.Now()
		page.Invitations = slices.DeleteFunc(all, func(i Invitation) bool { return !i.within(p) })
		offered, err := staff.Offered(r.Context(), tx, p)
		if err != nil {
			return err
		}
		for _, at := range offered {
			page.Offered[at.Program] = at
		}
		var inviters []uuid.UUID
		for _, i := range page.Invitations {
			inviters = append(inviters, i.CreatedBy)
		}
		page.Names, err = staff.Names(r.Context(), tx, inviters)
		return err
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.WidePage(i18n.InviteTitle, list(r.Frame(), page)), nil
}

// form is an invitation as it is typed.
type form struct {
	Invitation
	Days    int
	Offered []staff.PersonRole
	Powers  staff.Powers
}

// New is the empty form.
func (h *Handlers) New(r *web.Request) (web.Response, error) {
	f, err := h.blank(r)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.InviteNewTitle, newForm(r.Frame(), f, nil)), nil
}

func (h *Handlers) blank(r *web.Request) (form, error) {
	p, err := staff.EnterPeople(r)
	if err != nil {
		return form{}, err
	}
	f := form{Powers: p, Days: DefaultDays, Invitation: Invitation{ID: tenancy.NewID(), Language: r.P.Language(), Roles: map[uuid.UUID]access.Role{}}}
	err = r.Agency.View(r.Context(), func(tx *tenancy.Tx) (err error) {
		f.Offered, err = staff.Offered(r.Context(), tx, p)
		return err
	})
	return f, err
}

// roleField is the name of the choice of a role in one program.
func roleField(program uuid.UUID) string { return "role-" + program.String() }

// decode reads the form. A program that is not offered cannot be named in it: what is sent
// for others is a forgery, and refused.
func (f *form) decode(r *web.Request) (view.Problems, error) {
	var problems view.Problems
	if id, err := uuid.Parse(r.Value("id")); err == nil && id.Version() == 7 {
		f.ID = id
	}
	account := staff.New{DisplayName: r.Value("name"), Email: r.Value("email"), Language: r.Value("language")}
	for _, problem := range account.Check() {
		if problem.Text == i18n.StaffLoginWanted {
			problem.Text = i18n.InviteEmailWanted
		}
		problems.Add(problem.Field, problem.Text)
	}
	if account.Language == "" {
		problems.Add("language", i18n.StaffLanguageWrong)
	}
	account = account.Tidy()
	f.Name, f.Email, f.Language, f.Admin = account.DisplayName, account.Email, account.Language, r.Checked("administrator")
	f.Days, _ = strconv.Atoi(r.Value("days"))
	if !slices.Contains(Days, f.Days) {
		problems.Add("days", i18n.InviteDaysWanted)
	}
	for name, values := range r.Form {
		if len(name) <= len("role-") || name[:len("role-")] != "role-" || values[0] == "" {
			continue
		}
		program, err := uuid.Parse(name[len("role-"):])
		role := access.Role(values[0])
		offered := slices.ContainsFunc(f.Offered, func(at staff.PersonRole) bool { return at.Program == program })
		if err != nil || !offered || !slices.Contains(access.Roles, role) {
			return nil, fault.Refused()
		}
		f.Roles[program] = role
	}
	if !f.within(f.Powers) && !f.empty() {
		return nil, fault.New(fault.Denied, i18n.PeopleDeniedRole)
	}
	if f.empty() {
		problems.Add(f.firstChoice(), i18n.InviteRoleWanted)
	}
	return problems, nil
}

// firstChoice is the field that a problem about the roles leads to.
func (f *form) firstChoice() string {
	if len(f.Offered) == 0 {
		return "administrator"
	}
	return roleField(f.Offered[0].Program)
}

// Create saves an invitation and has it mailed.
func (h *Handlers) Create(r *web.Request) (web.Response, error) {
	f, err := h.blank(r)
	if err != nil {
		return web.Response{}, err
	}
	problems, err := f.decode(r)
	if err != nil {
		return web.Response{}, err
	}
	if r.SwitchLanguage || problems.Any() {
		return r.Again(i18n.InviteNewTitle, problems, newForm(r.Frame(), f, r.Shown(problems))), nil
	}
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		return create(r.Context(), tx, audit.From(r), f.Powers, f.Invitation, f.Days)
	})
	if fault.KindOf(err) == fault.Invalid {
		problems.Add("email", takenText(f.Powers))
		return r.Again(i18n.InviteNewTitle, problems, newForm(r.Frame(), f, problems)), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(view.To("staff", "invitations")).Say(i18n.InviteMade), nil
}

// create makes an invitation with what the actor may do in this very moment. One that is
// there already, because the form was sent twice, stays as it is. A fault.Invalid says that
// an account has the address, or an open invitation that the actor could not have made: it is
// not hers to replace. To whoever may not know of either, both are the same.
func create(ctx context.Context, tx *tenancy.Tx, by audit.By, p staff.Powers, i Invitation, days int) error {
	p, err := staff.PowersIn(ctx, tx, p)
	if err != nil {
		return err
	}
	if there, _, err := load(ctx, tx, sqlByID, i.ID); err != nil || there.ID != uuid.Nil {
		return err
	}
	offered, err := staff.Offered(ctx, tx, p)
	if err != nil {
		return err
	}
	if admin, roles := i.given(p, offered); admin != i.Admin || !maps.Equal(roles, i.Roles) || !i.within(p) {
		return fault.New(fault.Denied, i18n.PeopleDeniedRole)
	}
	taken, err := staff.EmailTaken(ctx, tx, i.Email)
	if err != nil {
		return err
	}
	stands, err := standing(ctx, tx, i.Email)
	if err != nil {
		return err
	}
	if taken || stands.ID != uuid.Nil && !stands.within(p) {
		return fault.New(fault.Invalid, takenText(p))
	}
	i.CreatedAt, i.CreatedBy = tx.Now(), p.Staff
	i.ExpiresAt = i.CreatedAt.Add(time.Duration(days) * 24 * time.Hour)
	replaced, err := insert(ctx, tx, i)
	if err != nil {
		return err
	}
	if err := jobs.Enqueue(ctx, tx, mailArgs{Invitation: i.ID}, jobs.Options{}); err != nil {
		return err
	}
	for _, id := range replaced {
		if err := audit.Record(ctx, tx, by, audit.Event{Action: actionRevoke, Subject: id, After: map[string]uuid.UUID{"replaced_by": i.ID}}); err != nil {
			return err
		}
	}
	return audit.Record(ctx, tx, by, audit.Event{Action: actionCreate, Subject: i.ID, After: map[string]any{
		"name": i.Name, "email": i.Email, "admin": i.Admin, "roles": i.Roles, "expires": i.ExpiresAt,
	}})
}

// takenText says that an address cannot be invited, and whom to ask.
func takenText(p staff.Powers) i18n.Message {
	if p.Admin {
		return i18n.InviteEmailTaken
	}
	return i18n.InviteEmailNotYours
}

// change does something to an invitation that the actor could have made herself. To
// everybody else there is none.
func (h *Handlers) change(r *web.Request, said i18n.Message, act func(*tenancy.Tx, staff.Powers, Invitation) error) (web.Response, error) {
	p, err := staff.EnterPeople(r)
	if err != nil {
		return web.Response{}, err
	}
	id, err := r.ID("invitation")
	if err != nil {
		return web.Response{}, err
	}
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		now, err := staff.PowersIn(r.Context(), tx, p)
		if err != nil {
			return err
		}
		i, _, err := load(r.Context(), tx, sqlLock, id)
		switch {
		case err != nil:
			return err
		case i.ID == uuid.Nil:
			return fault.Missing()
		case !i.within(now):
			return fault.Refused()
		}
		return act(tx, now, i)
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(view.To("staff", "invitations")).Say(said), nil
}

// Revoke ends an open invitation. One that is not open stays as it is.
func (h *Handlers) Revoke(r *web.Request) (web.Response, error) {
	return h.change(r, i18n.InviteRevoked, func(tx *tenancy.Tx, p staff.Powers, i Invitation) error {
		done, err := touch(r.Context(), tx, sqlRevoke, i.ID, tx.Now(), p.Staff)
		if err != nil || !done {
			return err
		}
		return audit.Record(r.Context(), tx, audit.From(r), audit.Event{Action: actionRevoke, Subject: i.ID})
	})
}

// AskAgain asks whether an invitation is to be sent anew.
func (h *Handlers) AskAgain(r *web.Request) (web.Response, error) {
	p, err := staff.EnterPeople(r)
	if err != nil {
		return web.Response{}, err
	}
	id, err := r.ID("invitation")
	if err != nil {
		return web.Response{}, err
	}
	var asked Invitation
	err = r.Agency.View(r.Context(), func(tx *tenancy.Tx) (err error) {
		asked, _, err = load(r.Context(), tx, sqlByID, id)
		switch {
		case err != nil:
			return err
		case asked.ID == uuid.Nil:
			return fault.Missing()
		case !asked.within(p):
			return fault.Refused()
		}
		return nil
	})
	if err != nil {
		return web.Response{}, err
	}
	if asked.Accepted {
		return web.Redirect(view.To("staff", "invitations")), nil
	}
	return web.Page(i18n.InviteAgainTitle, againView(r.Frame(), asked)), nil
}

// Again makes a new invitation like an old one, with a new link; the old one is over.
func (h *Handlers) Again(r *web.Request) (web.Response, error) {
	return h.change(r, i18n.InviteMade, func(tx *tenancy.Tx, p staff.Powers, i Invitation) error {
		if i.Accepted {
			return fault.New(fault.Invalid, takenText(p))
		}
		days := i.days()
		i.ID = tenancy.NewID()
		return create(r.Context(), tx, audit.From(r), p, i, days)
	})
}
