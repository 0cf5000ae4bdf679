package program

import (
	"errors"
	"slices"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/staff"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// The acts that are recorded.
const (
	actionCreate audit.Action = "program.create"
	actionUpdate audit.Action = "program.update"
)

// Handlers answer the routes of programs.
type Handlers struct{}

// List shows the programs that the person may see.
func (h *Handlers) List(r *web.Request) (web.Response, error) {
	var programs []Program
	err := r.Agency.View(r.Context(), func(tx *tenancy.Tx) (err error) {
		programs, err = All(r.Context(), tx)
		return err
	})
	if err != nil {
		return web.Response{}, err
	}

	programs = slices.DeleteFunc(programs, func(p Program) bool { return !maySee(r.Actor(), p.ID) })
	return web.Page(i18n.ProgramListTitle, list(r.Frame(), programs, r.Actor().Admin)), nil
}

// Show is one program: what it is and who works there.
func (h *Handlers) Show(r *web.Request) (web.Response, error) {
	id, err := r.ID("program")
	if err != nil {
		return web.Response{}, err
	}
	if !maySee(r.Actor(), id) {
		return web.Response{}, fault.Refused()
	}

	var page showPage
	err = r.Agency.View(r.Context(), func(tx *tenancy.Tx) (err error) {
		page, err = loadShow(r, tx, id)
		return err
	})
	if err != nil {
		return web.Response{}, err
	}

	return web.Page(i18n.ProgramShowTitle, show(r.Frame(), page)), nil
}

// New is the empty form of a new program.
func (h *Handlers) New(r *web.Request) (web.Response, error) {
	p := Program{ServiceModel: Individual}
	var keep view.Draft
	err := r.Agency.View(r.Context(), func(tx *tenancy.Tx) (err error) {
		if keep, err = NewForm.Open(r, tx, uuid.Nil); keep.Begun() {
			p, _ = decode(r, p)
		}
		return err
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.ProgramNewTitle, newForm(r.Frame(), p, keep, nil)), nil
}

// Create saves a new program.
func (h *Handlers) Create(r *web.Request) (web.Response, error) {
	p, problems := decode(r, Program{ID: tenancy.NewID()})
	var keep view.Draft
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		if keep, err = NewForm.Open(r, tx, uuid.Nil); err != nil || r.SwitchLanguage || problems.Any() {
			return err
		}
		NewForm.Done(r, tx, uuid.Nil)
		if err := Insert(r.Context(), tx, p, r.Actor().Staff); err != nil {
			return err
		}
		return audit.Record(r.Context(), tx, audit.From(r), audit.Event{
			Action: actionCreate, Subject: p.ID, Program: p.ID, Confidential: p.Confidential, After: p,
		})
	})
	switch {
	case err != nil:
		return web.Response{}, err
	case r.SwitchLanguage || problems.Any():
		return r.Again(i18n.ProgramNewTitle, problems, newForm(r.Frame(), p, keep, r.Shown(problems))), nil
	}

	return web.Redirect(view.To("programs", p.ID.String())).Say(i18n.ProgramSaved), nil
}

// Edit is the form of a program that is there.
func (h *Handlers) Edit(r *web.Request) (web.Response, error) {
	p, err := loadToChange(r)
	if err != nil {
		return web.Response{}, err
	}
	name := p.Name(r.P)
	keep, err := openEdit(r, p.ID)
	if err != nil {
		return web.Response{}, err
	}
	if keep.Begun() {
		p, _ = decode(r, p)
	}
	return web.Page(i18n.ProgramEditTitle, editForm(r.Frame(), name, p, keep, nil, nil)), nil
}

func openEdit(r *web.Request, id uuid.UUID) (keep view.Draft, err error) {
	err = r.Agency.View(r.Context(), func(tx *tenancy.Tx) (err error) {
		keep, err = EditForm.Open(r, tx, id)
		return err
	})
	return keep, err
}

// Update saves a change. A change that comes too late is shown beside what is there now.
func (h *Handlers) Update(r *web.Request) (web.Response, error) {
	before, err := loadToChange(r)
	if err != nil {
		return web.Response{}, err
	}
	keep, err := openEdit(r, before.ID)
	if err != nil {
		return web.Response{}, err
	}
	p, problems := decode(r, before)
	if r.SwitchLanguage || problems.Any() {
		return r.Again(i18n.ProgramEditTitle, problems, editForm(r.Frame(), before.Name(r.P), p, keep, nil, r.Shown(problems))), nil
	}

	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		if before, err = ByID(r.Context(), tx, p.ID); err != nil {
			return err
		}
		EditForm.Done(r, tx, p.ID)
		if err := update(r.Context(), tx, p, r.Actor().Staff); err != nil {
			return err
		}
		return audit.Record(r.Context(), tx, audit.From(r), audit.Event{
			Action: actionUpdate, Role: r.Actor().Roles[p.ID], Subject: p.ID, Program: p.ID,
			Confidential: p.Confidential, Before: before, After: p,
		})
	})
	if fault.KindOf(err) == fault.Conflict {
		p.Version = before.Version
		return web.Page(i18n.ProgramEditTitle, editForm(r.Frame(), before.Name(r.P), p, keep, &before, nil)).Conflict(), nil
	}
	if err != nil {
		return web.Response{}, err
	}

	return web.Redirect(view.To("programs", p.ID.String())).Say(i18n.ProgramSaved), nil
}

// Grant gives a member of staff a role in the program, or another one.
func (h *Handlers) Grant(r *web.Request) (web.Response, error) {
	id, err := r.ID("program")
	if err != nil {
		return web.Response{}, err
	}
	person, broken := uuid.Parse(r.Value("person"))
	role := access.Role(r.Value("role"))
	var problems view.Problems
	if broken != nil || !slices.Contains(access.Roles, role) {
		problems.Add("person", i18n.ProgramRoleWanted)
	}
	if r.SwitchLanguage || problems.Any() {
		return h.teamAgain(r, id, problems)
	}

	if person == r.Actor().Staff {
		return web.Response{}, fault.New(fault.Denied, i18n.ProgramRoleOwn)
	}

	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		return staff.Grant(r.Context(), tx, audit.From(r), person, id, role)
	})
	if err != nil {
		return web.Response{}, err
	}

	return web.Redirect(view.To("programs", id.String()).At("team")).Say(i18n.ProgramRoleSaved), nil
}

// Remove takes a member of staff out of the program.
func (h *Handlers) Remove(r *web.Request) (web.Response, error) {
	id, err := r.ID("program")
	person, errPerson := r.ID("person")
	if err = errors.Join(err, errPerson); err != nil {
		return web.Response{}, err
	}

	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		return staff.Remove(r.Context(), tx, audit.From(r), person, id)
	})
	if err != nil {
		return web.Response{}, err
	}

	return web.Redirect(view.To("programs", id.String()).At("team")).Say(i18n.ProgramRoleSaved), nil
}

// Team is the page on which the program's team is changed.
func (h *Handlers) Team(r *web.Request) (web.Response, error) {
	id, err := r.ID("program")
	if err != nil {
		return web.Response{}, err
	}
	page, err := h.loadTeam(r, id)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.ProgramTeamTitle, teamView(r.Frame(), page)), nil
}

func (h *Handlers) loadTeam(r *web.Request, id uuid.UUID) (page showPage, err error) {
	err = r.Agency.View(r.Context(), func(tx *tenancy.Tx) (err error) {
		if page, err = loadShow(r, tx, id); err != nil {
			return err
		}
		page.Others, err = staff.Active(r.Context(), tx)
		return err
	})
	return page, err
}

// teamAgain shows that page again with what is wrong about its form.
func (h *Handlers) teamAgain(r *web.Request, id uuid.UUID, problems view.Problems) (web.Response, error) {
	page, err := h.loadTeam(r, id)
	if err != nil {
		return web.Response{}, err
	}
	page.Chosen = chosenRole{r.Value("person"), r.Value("role")}
	page.Problems = r.Shown(problems)
	return r.Again(i18n.ProgramTeamTitle, problems, teamView(r.Frame(), page)), nil
}

// chosenRole is what the form of a role holds, as it was sent.
type chosenRole struct{ Person, Role string }

// showPage is what the page of a program shows.
type showPage struct {
	Program   Program
	Team      []staff.Member
	Others    []staff.Member // who may be added, where the team is changed
	Chosen    chosenRole
	MayChange bool
	MayRead   bool // notes, if only once she has said why
	Admin     bool
	ChangedBy string
	Problems  view.Problems
}

func loadShow(r *web.Request, tx *tenancy.Tx, id uuid.UUID) (showPage, error) {
	page := showPage{MayChange: mayChange(r.Actor(), id), MayRead: r.Actor().MayIn(id, access.NoteView) || r.Actor().NeedsGrant(id, access.NoteView), Admin: r.Actor().Admin}
	var err error
	if page.Program, err = ByID(r.Context(), tx, id); err != nil {
		return page, err
	}
	if page.Team, err = staff.Team(r.Context(), tx, id); err != nil {
		return page, err
	}
	if by := page.Program.UpdatedBy; by != nil {
		names, err := staff.Names(r.Context(), tx, []uuid.UUID{*by})
		if err != nil {
			return page, err
		}
		page.ChangedBy = names[*by]
	}
	return page, nil
}

// loadToChange loads the program that a route names, for those who may change it.
func loadToChange(r *web.Request) (Program, error) {
	id, err := r.ID("program")
	if err != nil {
		return Program{}, err
	}
	var p Program
	err = r.Agency.View(r.Context(), func(tx *tenancy.Tx) error {
		p, err = toChange(r, tx, id)
		return err
	})
	return p, err
}

func toChange(r *web.Request, tx *tenancy.Tx, id uuid.UUID) (Program, error) {
	if !maySee(r.Actor(), id) {
		return Program{}, fault.Refused()
	}
	if !mayChange(r.Actor(), id) {
		return Program{}, fault.New(fault.Denied, i18n.FaultDeniedText)
	}
	return ByID(r.Context(), tx, id)
}
