package plan

import (
	"errors"
	"slices"
	"strconv"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/civil"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/metric"
	"konote/app/program"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

const actionApply audit.Action = "plan_template.apply"

// applyPage is what the pages show on which a plan is begun from a template.
type applyPage struct {
	scene
	Templates []Template
	Template  Template
	ID        uuid.UUID // of the first target that is made, so that a form sent twice is applied once
	Picked    []string
	Program   string
	Days      map[uuid.UUID]string // by program: by when the targets are hoped for
	Problems  view.Problems
}

// ChooseTemplate lists the templates that a participant's plan may begin from.
func (h *Handlers) ChooseTemplate(r *web.Request) (web.Response, error) {
	page, err := h.applying(r, func(tx *tenancy.Tx, page *applyPage) error { return seen(r, tx, page.About) })
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.PlanApplyTitle, chooseView(r.Frame(), page)), nil
}

// applying loads what the pages need and runs f in the same transaction.
func (h *Handlers) applying(r *web.Request, f func(*tenancy.Tx, *applyPage) error) (applyPage, error) {
	var page applyPage
	id, err := r.ID("participant")
	if err != nil {
		return page, err
	}
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		page = applyPage{}
		if page.scene, err = loadScene(r, tx, id, r.Actor().About(id).Programs(access.PlanEdit), access.PlanEdit); err != nil {
			return err
		}
		if page.Templates, err = templates(r.Context(), tx, page.Editable, false); err != nil {
			return err
		}
		page.Templates = slices.DeleteFunc(page.Templates, func(t Template) bool { return t.Status != TemplateActive })
		return f(tx, &page)
	})
	return page, err
}

// with adds the template that the route names: one of those that may be chosen.
func (page *applyPage) with(r *web.Request) error {
	id, err := r.ID("template")
	if err != nil {
		return err
	}
	at := slices.IndexFunc(page.Templates, func(t Template) bool { return t.ID == id })
	if at < 0 {
		return fault.Missing()
	}
	page.Template = page.Templates[at]
	return nil
}

// ApplyForm asks which targets of a template fit.
func (h *Handlers) ApplyForm(r *web.Request) (web.Response, error) {
	page, err := h.applying(r, func(tx *tenancy.Tx, page *applyPage) error {
		if err := page.with(r); err != nil {
			return err
		}
		page.ID = tenancy.NewID()
		page.suggest()
		return seen(r, tx, page.About)
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.PlanApplyTitle, applyView(r.Frame(), page)), nil
}

// Apply adds the chosen targets of a template to a participant's plan.
func (h *Handlers) Apply(r *web.Request) (web.Response, error) {
	var problems view.Problems
	page, err := h.applying(r, func(tx *tenancy.Tx, page *applyPage) error {
		if err := page.with(r); err != nil {
			return err
		}
		page.ID, page.Program = web.FormID(r.Value("id")), r.Value("program")
		page.Picked = page.picked(r.Form["target"])
		page.enterDays(r.Value)
		in, ok := page.in()
		if len(page.Picked) == 0 {
			problems.Add("target", i18n.PlanApplyWanted)
		}
		if !ok {
			problems.Add("program", i18n.PlanProgramWanted)
		}
		if _, err := civil.Parse(page.Days[in]); page.Days[in] != "" && err != nil {
			problems.Add(dayField(in), i18n.PlanDayBroken)
		}
		if r.SwitchLanguage || problems.Any() {
			return seen(r, tx, page.About)
		}
		return page.apply(r, tx, in)
	})
	switch {
	case err != nil && !errors.Is(err, errSent):
		return web.Response{}, err
	case r.SwitchLanguage || problems.Any():
		page.Problems = r.Shown(problems)
		return r.Again(i18n.PlanApplyTitle, problems, applyView(r.Frame(), page)), nil
	}
	return web.Redirect(planOf(page.About.ID)).Say(i18n.PlanApplySaved(len(page.Picked))), nil
}

// pickValue names a target of a template in the form.
func pickValue(section, target int) string {
	return strconv.Itoa(section) + "-" + strconv.Itoa(target)
}

// picked are the chosen targets that the template has, in its order.
func (page *applyPage) picked(sent []string) []string {
	var picked []string
	for i, s := range page.Template.Body.Sections {
		for j := range s.Targets {
			if value := pickValue(i, j); slices.Contains(sent, value) {
				picked = append(picked, value)
			}
		}
	}
	return picked
}

// choices are the programs in which the plan may begin from the template.
func (page *applyPage) choices() []program.Program {
	var choices []program.Program
	for _, p := range page.Programs {
		if slices.Contains(page.Editable, p.ID) && page.Template.offeredIn(p.ID) {
			choices = append(choices, p)
		}
	}
	return choices
}

// in is the program that was chosen; one needs no choosing.
func (page *applyPage) in() (uuid.UUID, bool) {
	choices := page.choices()
	for _, p := range choices {
		if page.Program == p.ID.String() || len(choices) == 1 {
			return p.ID, true
		}
	}
	return uuid.Nil, false
}

func (page *applyPage) apply(r *web.Request, tx *tenancy.Tx, in uuid.UUID) error {
	form := formPage{scene: page.scene}
	offered := metric.Offered(page.Metrics, in)
	id := page.ID
	for i, from := range page.Template.Body.Sections {
		var s Section
		for j, target := range from.Targets {
			if !slices.Contains(page.Picked, pickValue(i, j)) {
				continue
			}
			if s.ID == uuid.Nil {
				s = page.sectionNamed(in, from.Name(r.P))
				if err := form.begin(r, tx, &s); err != nil {
					return err
				}
			}
			t := Target{ID: id, Participant: page.About.ID, Program: in, Metrics: metricsOf(target.Metrics, offered),
				Details: Details{Name: target.Name(r.P), Description: target.Description(r.P), SetBy: Jointly, TargetOn: page.Days[in], Section: s.ID},
				Status:  Active, Achievement: InProgress, AchievementBy: Computed}
			added, err := insert(r.Context(), tx, t, r.Actor().Staff, page.Today)
			if err != nil {
				return err
			}
			if !added {
				if err := sentBefore(r.Context(), tx, t, r.Actor().Staff); err != nil {
					return err
				}
				return errTaken
			}
			event := page.event(r, actionCreate, in, t.ID)
			event.After = contentOf(t)
			if err := page.record(r, tx, event); err != nil {
				return err
			}
			id = tenancy.NewID()
		}
	}
	return page.record(r, tx, page.event(r, actionApply, in, page.Template.ID))
}

// sectionNamed is the plan's active section of this name, or a new one.
func (page *applyPage) sectionNamed(in uuid.UUID, name string) Section {
	for _, s := range page.Sections {
		if s.Program == in && s.Name == name && (s.Status == SectionActive || name == "") {
			return s
		}
	}
	return Section{Program: in, Name: name}
}
