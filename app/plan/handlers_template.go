package plan

import (
	"slices"
	"strconv"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/metric"
	"konote/app/program"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// The acts that are recorded.
const (
	actionTemplateCreate audit.Action = "plan_template.create"
	actionTemplateUpdate audit.Action = "plan_template.update"
)

// templatePage is what the pages of templates show.
type templatePage struct {
	Templates []Template
	Draft     Template
	Theirs    *Template         // what somebody else saved meanwhile
	Programs  []program.Program // whose templates the actor may keep
	Metrics   []metric.Metric   // that may be named
	Admin     bool
	Owner     string // as chosen: the id of a program, or "agency"
	Keep      view.Draft
	Problems  view.Problems
}

// agencyOwner is the choice that stands for the whole agency.
const agencyOwner = "agency"

// Templates lists the templates that the actor may keep.
func (h *Handlers) Templates(r *web.Request) (web.Response, error) {
	var page templatePage
	err := h.withTemplates(r, func(tx *tenancy.Tx, p *templatePage) (err error) {
		page = *p
		page.Templates, err = templates(r.Context(), tx, r.Actor().Programs(access.TemplatePlanManage), r.Actor().Admin)
		return err
	})
	if err != nil {
		return web.Response{}, err
	}
	page.Templates = slices.DeleteFunc(page.Templates, func(t Template) bool { return !mayKeep(r.Actor(), t.Program) })
	return web.Page(i18n.PlanTemplateListTitle, templatesView(r.Frame(), page)), nil
}

// withTemplates loads what forms of templates offer, for those who may keep any.
func (h *Handlers) withTemplates(r *web.Request, f func(*tenancy.Tx, *templatePage) error) error {
	if !mayKeepAny(r.Actor()) {
		return fault.New(fault.Denied, i18n.FaultDeniedText)
	}
	return r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		page := templatePage{Admin: r.Actor().Admin}
		programs := r.Actor().Programs(access.TemplatePlanManage)
		b := tx.Batch()
		program.Queue(b, &page.Programs)
		metric.Queue(b, programs, &page.Metrics)
		if err := b.Send(r.Context()); err != nil {
			return err
		}
		page.Programs = slices.DeleteFunc(page.Programs, func(p program.Program) bool { return !slices.Contains(programs, p.ID) })
		page.Metrics = slices.DeleteFunc(page.Metrics, func(m metric.Metric) bool { return m.Status != metric.Active })
		return f(tx, &page)
	})
}

// NewTemplate is the form of a new template.
func (h *Handlers) NewTemplate(r *web.Request) (web.Response, error) {
	var page templatePage
	err := h.withTemplates(r, func(tx *tenancy.Tx, p *templatePage) (err error) {
		page = *p
		if page.Keep, err = NewTemplateForm.Open(r, tx, uuid.Nil); err != nil {
			return err
		}
		if page.Keep.Begun() {
			page.Draft, _ = decodeTemplate(r, Template{ID: web.FormID(r.Value("id")), Status: TemplateActive})
			page.Owner = r.Value("owner")
			return nil
		}
		page.Draft = Template{ID: tenancy.NewID(), Status: TemplateActive, Body: Body{Sections: []TemplateSection{{Targets: make([]TemplateTarget, 2)}}}}
		return nil
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.PlanTemplateNewTitle, templateForm(r.Frame(), page)), nil
}

// CreateTemplate saves a new template.
func (h *Handlers) CreateTemplate(r *web.Request) (web.Response, error) {
	var page templatePage
	var problems view.Problems
	again := false
	err := h.withTemplates(r, func(tx *tenancy.Tx, p *templatePage) (err error) {
		page = *p
		if page.Keep, err = NewTemplateForm.Open(r, tx, uuid.Nil); err != nil {
			return err
		}
		page.Draft, again = decodeTemplate(r, Template{ID: web.FormID(r.Value("id")), Status: TemplateActive})
		page.Owner = r.Value("owner")
		problems = page.Draft.check()
		owner, ok := page.owner()
		if page.Draft.Program = owner; !ok {
			problems.Add("owner", i18n.PlanTemplateOwnerWanted)
		}
		if again || r.SwitchLanguage || problems.Any() {
			return nil
		}
		t := page.Draft
		t.Body = t.Body.trimmed()
		NewTemplateForm.Done(r, tx, uuid.Nil)
		added, err := InsertTemplate(r.Context(), tx, t, r.Actor().Staff)
		if err != nil || !added {
			return err
		}
		return recordTemplate(r, tx, actionTemplateCreate, nil, t)
	})
	return h.afterTemplate(r, page, problems, again, i18n.PlanTemplateNewTitle, err)
}

// owner is whose template it is to be: only what is offered is a choice.
func (page *templatePage) owner() (*uuid.UUID, bool) {
	open := program.InUse(page.Programs)
	if page.Owner == agencyOwner || (page.Owner == "" && page.Admin && len(open) == 0) {
		return nil, page.Admin
	}
	for _, p := range open {
		if page.Owner == p.ID.String() || (page.Owner == "" && len(open) == 1 && !page.Admin) {
			return &p.ID, true
		}
	}
	return nil, false
}

// EditTemplate is the form of a template that is there.
func (h *Handlers) EditTemplate(r *web.Request) (web.Response, error) {
	var page templatePage
	err := h.withTemplate(r, func(tx *tenancy.Tx, p *templatePage, t Template) (err error) {
		page = *p
		page.Draft = t
		if page.Keep, err = EditTemplateForm.Open(r, tx, t.ID); page.Keep.Begun() {
			page.Draft, _ = decodeTemplate(r, t)
		}
		return err
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.PlanTemplateEditTitle, templateForm(r.Frame(), page)), nil
}

// UpdateTemplate saves a change. One that comes too late is shown beside what is there now.
func (h *Handlers) UpdateTemplate(r *web.Request) (web.Response, error) {
	var page templatePage
	var problems view.Problems
	again := false
	err := h.withTemplate(r, func(tx *tenancy.Tx, p *templatePage, before Template) (err error) {
		page = *p
		if page.Keep, err = EditTemplateForm.Open(r, tx, before.ID); err != nil {
			return err
		}
		page.Draft, again = decodeTemplate(r, before)
		if problems = page.Draft.check(); again || r.SwitchLanguage || problems.Any() {
			return nil
		}
		if page.Draft.Version != before.Version {
			page.Theirs, page.Draft.Version = &before, before.Version
			return nil
		}
		EditTemplateForm.Done(r, tx, before.ID)
		t := page.Draft
		t.Body = t.Body.trimmed()
		if err := updateTemplate(r.Context(), tx, t, r.Actor().Staff); err != nil {
			return err
		}
		return recordTemplate(r, tx, actionTemplateUpdate, before, t)
	})
	if err == nil && page.Theirs != nil {
		return web.Page(i18n.PlanTemplateEditTitle, templateForm(r.Frame(), page)).Conflict(), nil
	}
	return h.afterTemplate(r, page, problems, again, i18n.PlanTemplateEditTitle, err)
}

// withTemplate also loads the template that the route names.
func (h *Handlers) withTemplate(r *web.Request, f func(*tenancy.Tx, *templatePage, Template) error) error {
	return h.withTemplates(r, func(tx *tenancy.Tx, page *templatePage) error {
		id, err := r.ID("template")
		if err != nil {
			return err
		}
		t, err := templateByID(r.Context(), tx, id)
		switch {
		case err != nil:
			return err
		case !mayKeep(r.Actor(), t.Program):
			return fault.Refused()
		}
		return f(tx, page, t)
	})
}

// afterTemplate answers a form of a template that was sent.
func (h *Handlers) afterTemplate(r *web.Request, page templatePage, problems view.Problems, again bool, title i18n.Message, err error) (web.Response, error) {
	switch {
	case err != nil:
		return web.Response{}, err
	case again:
		return r.Again(title, nil, templateForm(r.Frame(), page)), nil
	case r.SwitchLanguage || problems.Any():
		page.Problems = r.Shown(problems)
		return r.Again(title, problems, templateForm(r.Frame(), page)), nil
	}
	return web.Redirect(view.To("plan-templates")).Say(i18n.PlanSaved), nil
}

func recordTemplate(r *web.Request, tx *tenancy.Tx, action audit.Action, before any, t Template) error {
	event := audit.Event{Action: action, Subject: t.ID, Before: before, After: t}
	if t.Program != nil {
		event.Program, event.Role = *t.Program, r.Actor().Roles[*t.Program]
	}
	return audit.Record(r.Context(), tx, audit.From(r), event)
}

func sectionField(i int) string { return "s" + strconv.Itoa(i) }

func targetField(i, j int) string { return sectionField(i) + "t" + strconv.Itoa(j) }

// decodeTemplate reads the form over a template. again says that it was only sent to get
// more room.
func decodeTemplate(r *web.Request, from Template) (t Template, again bool) {
	t = from
	t.NameEN, t.NameFR = r.Value("name_en"), r.Value("name_fr")
	t.Version, _ = strconv.Atoi(r.Value("version")) // a broken number is a version that does not exist: a conflict
	if from.Version > 0 {
		t.Status = TemplateActive
		if r.Checked("is_archived") {
			t.Status = TemplateArchived
		}
	}
	t.Body = Body{}
	for i := range maxTemplateSections {
		at := sectionField(i)
		if !r.Form.Has(at + "_en") {
			break
		}
		s := TemplateSection{EN: r.Value(at + "_en"), FR: r.Value(at + "_fr")}
		for j := range maxTemplateTargets {
			if !r.Form.Has(targetField(i, j) + "_en") {
				break
			}
			s.Targets = append(s.Targets, decodeTemplateTarget(r, targetField(i, j)))
		}
		t.Body.Sections = append(t.Body.Sections, s)
	}
	return t, t.Body.grow(r.Value("more"))
}

func decodeTemplateTarget(r *web.Request, at string) TemplateTarget {
	target := TemplateTarget{
		EN: r.Value(at + "_en"), FR: r.Value(at + "_fr"), DescriptionEN: r.Value(at + "_desc_en"), DescriptionFR: r.Value(at + "_desc_fr"),
	}
	for k := range maxTemplateMetrics {
		if key := r.Value(at + "_m" + strconv.Itoa(k)); key != "" && len(key) <= 64 && !slices.Contains(target.Metrics, key) {
			target.Metrics = append(target.Metrics, key)
		}
	}
	return target
}

// grow makes room where the form asks for it.
func (b *Body) grow(where string) bool {
	if where == "section" && len(b.Sections) < maxTemplateSections {
		b.Sections = append(b.Sections, TemplateSection{Targets: make([]TemplateTarget, 1)})
	}
	for i := range b.Sections {
		if s := &b.Sections[i]; where == sectionField(i) && len(s.Targets) < maxTemplateTargets {
			s.Targets = append(s.Targets, TemplateTarget{})
		}
	}
	return where != ""
}
