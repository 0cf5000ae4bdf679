package group

import (
	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/draft"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

var errNoMember = fault.Missing()

// stepPage is the form of a milestone or an outcome.
type stepPage struct {
	page
	Step   Step
	Due    string    // as typed
	Theirs *Step     // what somebody else saved meanwhile
	Edited uuid.UUID // the step whose own form this is; uuid.Nil for that of a new one
	Keep   view.Draft
}

// open opens the draft of the form: of the group's new step, or of the one that is there.
func (p *stepPage) open(r *web.Request, tx *tenancy.Tx) (err error) {
	form, record := p.kept()
	p.Keep, err = form.Open(r, tx, record)
	return err
}

func (p *stepPage) kept() (draft.Form, uuid.UUID) {
	switch {
	case p.Edited != uuid.Nil:
		return EditStepForm, p.Edited
	case p.Step.Kind == Outcome:
		return NewOutcomeForm, p.ID
	}
	return NewMilestoneForm, p.ID
}

func (p stepPage) title() i18n.Message {
	if p.Step.Kind == Outcome {
		return i18n.GroupStepOutcome
	}
	return i18n.GroupStepMilestone
}

// action is where the form is sent to.
func (p stepPage) action() view.URL {
	if p.Step.Version == 0 {
		return p.address("steps")
	}
	return p.address("steps", p.Step.ID.String())
}

// done finishes it.
func (p *stepPage) done(r *web.Request, tx *tenancy.Tx) {
	form, record := p.kept()
	form.Done(r, tx, record)
}

// NewStep is the form of a new milestone, or of a new outcome (?kind=outcome).
func (h *Handlers) NewStep(r *web.Request) (web.Response, error) {
	var p stepPage
	err := r.Agency.View(r.Context(), func(tx *tenancy.Tx) (err error) {
		if p, err = openProject(r, tx, sqlByID); err != nil {
			return err
		}
		p.Step = Step{ID: tenancy.NewID(), Kind: Milestone, Progress: NotStarted}
		if r.Query.Get("kind") == string(Outcome) {
			p.Step.Kind = Outcome
		}
		if err := p.open(r, tx); err != nil || !p.Keep.Begun() {
			return err
		}
		p.decode(r, Step{ID: web.FormID(r.Value("id")), Kind: p.Step.Kind})
		p.Problems = nil
		return nil
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(p.title(), stepView(r.Frame(), p)), nil
}

// EditStep is the form of one that is there.
func (h *Handlers) EditStep(r *web.Request) (web.Response, error) {
	var p stepPage
	err := r.Agency.View(r.Context(), func(tx *tenancy.Tx) (err error) {
		p = stepPage{}
		if p.Edited, err = r.ID("step"); err != nil {
			return err
		}
		group, err := groupOf(r.Context(), tx, sqlGroupOfStep, p.Edited)
		if err != nil {
			return err
		}
		if p.page, err = openID(r, tx, sqlByID, group, access.GroupManageContent); err != nil {
			return err
		}
		if p.Step, err = stepOf(r.Context(), tx, p.ID, p.Edited); err != nil {
			return err
		}
		p.Due = p.Step.DueOn.String()
		if err := p.open(r, tx); err != nil || !p.Keep.Begun() {
			return err
		}
		p.decode(r, p.Step)
		p.Problems = nil
		return nil
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(p.title(), stepView(r.Frame(), p)), nil
}

func openProject(r *web.Request, tx *tenancy.Tx, sql string) (p stepPage, err error) {
	p.page, err = open(r, tx, sql, access.GroupManageContent)
	return p, err
}

// CreateStep saves a new one.
func (h *Handlers) CreateStep(r *web.Request) (web.Response, error) {
	return sendStep(r, func(tx *tenancy.Tx, p *stepPage) (Step, error) {
		there, err := stepOf(r.Context(), tx, p.ID, web.FormID(r.Value("id"))) // the same form again
		if fault.KindOf(err) == fault.NotFound {
			return Step{ID: web.FormID(r.Value("id")), Group: p.ID, Kind: StepKind(r.Value("kind"))}, nil
		}
		return there, err
	})
}

// UpdateStep saves a change. One that comes too late is shown beside what is there now.
func (h *Handlers) UpdateStep(r *web.Request) (web.Response, error) {
	return sendStep(r, func(tx *tenancy.Tx, p *stepPage) (_ Step, err error) {
		if p.Edited, err = r.ID("step"); err != nil {
			return Step{}, err
		}
		return stepOf(r.Context(), tx, p.ID, p.Edited)
	})
}

func sendStep(r *web.Request, find func(*tenancy.Tx, *stepPage) (Step, error)) (web.Response, error) {
	var p stepPage
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		if p, err = openProject(r, tx, sqlLock); err != nil {
			return err
		}
		there, err := find(tx, &p)
		if err != nil {
			return err
		}
		p.decode(r, there)
		if err := p.open(r, tx); err != nil || r.SwitchLanguage || p.Problems.Any() {
			return err
		}
		if same(p.Step, there) {
			p.done(r, tx)
			return nil
		}
		if p.Step.Version != there.Version {
			p.Theirs, p.Step.Version = &there, there.Version
			return nil
		}
		p.done(r, tx)
		saved, err := saveStep(r.Context(), tx, p.Step, r.Actor().Staff)
		if err != nil {
			return err
		}
		if !saved {
			return errLate
		}
		event := p.event(r, actionStep)
		event.Subject, event.After = p.Step.ID, p.Step
		if there.Version > 0 {
			event.Before = there
		}
		return audit.Record(r.Context(), tx, audit.From(r), event)
	})
	switch {
	case err != nil:
		return web.Response{}, err
	case r.SwitchLanguage || p.Problems.Any():
		problems := p.Problems
		p.Problems = r.Shown(problems)
		return r.Again(p.title(), problems, stepView(r.Frame(), p)), nil
	case p.Theirs != nil:
		return web.Page(p.title(), stepView(r.Frame(), p)).Conflict(), nil
	}
	return web.Redirect(p.address().At("steps")).Say(i18n.GroupStepSaved), nil
}

// decode reads the form over the step as it is.
func (p *stepPage) decode(r *web.Request, there Step) {
	p.Step = there
	p.Step.Name, p.Step.Text, p.Step.Progress = r.Value("name"), r.Value("text"), Progress(r.Value("progress"))
	p.Step.Version = version(r)
	p.Due = r.Value("due_on")
	p.Step.DueOn = day(&p.Problems, "due_on", p.Due)
	p.Problems = append(p.Step.check(), p.Problems...)
}

// same says whether two versions of a step that is there differ in nothing.
func same(a, there Step) bool {
	return there.Version > 0 && a.Name == there.Name && a.Text == there.Text && a.Progress == there.Progress && a.DueOn == there.DueOn
}
