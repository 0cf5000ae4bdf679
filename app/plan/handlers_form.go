package plan

import (
	"context"
	"errors"
	"slices"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/i18n"
	"konote/app/metric"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// The acts that are recorded.
const (
	actionCreate  audit.Action = "target.create"
	actionUpdate  audit.Action = "target.update"
	actionSection audit.Action = "plan_section.create"
)

// formPage is what the form of a target shows.
type formPage struct {
	scene
	Target      Target // zero: a new one
	Draft       entered
	Keep        view.Draft   // what is kept of the form while it is typed in
	Differences []difference // of a change that came too late
	ChangedBy   string
	Days        map[uuid.UUID]string // of a new one, by program, where the form asks for each
	Problems    view.Problems

	KeepsMetrics bool // the actor looks after metrics
}

// New is the form of a new target.
func (h *Handlers) New(r *web.Request) (web.Response, error) {
	page, err := h.withForm(r, func(tx *tenancy.Tx, page *formPage) error {
		page.Draft = entered{ID: tenancy.NewID()}
		if page.suggest(); page.Keep.Begun() {
			page.enter(r)
		}
		return page.seen(r, tx)
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.PlanNewTitle, newView(r.Frame(), page)), nil
}

// errSent says that a form was sent before, and saved. The transaction is given up.
var errSent = errors.New("the form was saved before")

// Create saves a new target.
func (h *Handlers) Create(r *web.Request) (web.Response, error) {
	var problems view.Problems
	page, err := h.withForm(r, func(tx *tenancy.Tx, page *formPage) error {
		page.enter(r)
		t, s, wrong := page.read(r)
		if problems = wrong; r.SwitchLanguage || problems.Any() {
			return page.seen(r, tx)
		}
		t.ID = page.Draft.ID
		return page.create(r, tx, t, s)
	})
	switch {
	case err != nil && !errors.Is(err, errSent):
		return web.Response{}, err
	case r.SwitchLanguage || problems.Any():
		page.Problems = r.Shown(problems)
		return r.Again(i18n.PlanNewTitle, problems, newView(r.Frame(), page)), nil
	}
	return web.Redirect(planOf(page.About.ID)).Say(i18n.PlanSaved), nil
}

func keepsMetrics(actor access.Actor) bool { return actor.Admin || actor.May(access.MetricManage) }

// withForm loads what the form of a new target needs and runs f in the same transaction.
func (h *Handlers) withForm(r *web.Request, f func(*tenancy.Tx, *formPage) error) (formPage, error) {
	var page formPage
	id, err := r.ID("participant")
	if err != nil {
		return page, err
	}
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		page = formPage{KeepsMetrics: keepsMetrics(r.Actor())}
		if page.scene, err = loadScene(r, tx, id, r.Actor().About(id).Programs(access.PlanEdit), access.PlanEdit); err != nil {
			return err
		}
		if page.Keep, err = NewForm.Open(r, tx, id); err != nil {
			return err
		}
		return f(tx, &page)
	})
	return page, err
}

// enter reads the form of a new target.
func (page *formPage) enter(r *web.Request) {
	page.Draft = decode(r.Form, typed{}, page.offered())
	page.Draft.ID = web.FormID(r.Value("id"))
	page.enterDays(r.Form)
}

// create saves a target, and its section when that is new.
func (page *formPage) create(r *web.Request, tx *tenancy.Tx, t Target, s Section) error {
	ctx, by := r.Context(), r.Actor().Staff
	if err := page.begin(r, tx, &s); err != nil {
		return err
	}
	t.Section, t.Program = s.ID, s.Program
	added, err := insert(ctx, tx, t, by, page.Today)
	if err != nil {
		return err
	}
	if !added {
		if err := sentBefore(ctx, tx, t, by); err != nil {
			return err
		}
		t.ID = tenancy.NewID() // what somebody wrote is never dropped
		if _, err := insert(ctx, tx, t, by, page.Today); err != nil {
			return err
		}
	}
	NewForm.Done(r, tx, page.About.ID)
	event := page.event(r, actionCreate, t.Program, t.ID)
	event.After = contentOf(t)
	return page.record(r, tx, event)
}

// sentBefore looks at the target whose id a form brings again: errSent when it says the
// same, errTaken when it is somebody else's, nil when it says other words.
func sentBefore(ctx context.Context, tx *tenancy.Tx, t Target, by uuid.UUID) error {
	saved, err := byID(ctx, tx, t.ID)
	switch {
	case err != nil:
		return err
	case saved.CreatedBy != by || saved.Participant != t.Participant:
		return errTaken
	case saved.Words == t.Words && saved.Name == t.Name && saved.Description == t.Description:
		return errSent
	}
	return nil
}

// begin makes a section that is not there yet.
func (page *formPage) begin(r *web.Request, tx *tenancy.Tx, s *Section) error {
	if s.ID != uuid.Nil {
		return nil
	}
	s.ID, s.Participant, s.Status = tenancy.NewID(), page.About.ID, SectionActive
	if err := insertSection(r.Context(), tx, s, r.Actor().Staff); err != nil {
		return err
	}
	event := page.event(r, actionSection, s.Program, s.ID)
	event.After = s
	return page.record(r, tx, event)
}

// Edit is the form of a target that is there.
func (h *Handlers) Edit(r *web.Request) (web.Response, error) {
	var page formPage
	_, err := inTarget(r, func(_ context.Context, tx *tenancy.Tx, at *targetPage) (err error) {
		if page, err = editing(r, tx, at); err == nil && page.Keep.Begun() {
			page.Draft = decode(r.Form, page.Draft.typed, page.offered())
		}
		return err
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.PlanEditTitle, editView(r.Frame(), page)), nil
}

// Update saves a change. One that comes too late is shown beside what is there now,
// field by field.
func (h *Handlers) Update(r *web.Request) (web.Response, error) {
	var page formPage
	var problems view.Problems
	saved := false
	_, err := inTarget(r, func(ctx context.Context, tx *tenancy.Tx, at *targetPage) (err error) {
		if page, err = editing(r, tx, at); err != nil {
			return err
		}
		began := page.Draft.typed
		page.Draft = decode(r.Form, began, page.offered())
		t, s, wrong := page.read(r)
		if problems = wrong; r.SwitchLanguage || problems.Any() {
			return nil
		}
		page.Differences = page.Draft.compare(began)
		if page.Draft.Version != at.Target.Version && disputed(page.Differences) {
			return nil
		}
		saved = true
		return page.save(r, tx, at, t, s)
	})
	switch {
	case err != nil:
		return web.Response{}, err
	case saved:
		return web.Redirect(targetAddress(page.Target.ID)).Say(i18n.PlanSaved), nil
	case r.SwitchLanguage || problems.Any():
		page.Problems = r.Shown(problems)
		return r.Again(i18n.PlanEditTitle, problems, editView(r.Frame(), page)), nil
	}
	return web.Page(i18n.PlanEditTitle, conflictView(r.Frame(), page.conflict(r.Frame()))).Conflict(), nil
}

// editing is the form of a target as it opens.
func editing(r *web.Request, tx *tenancy.Tx, at *targetPage) (formPage, error) {
	page := formPage{scene: at.scene, Target: at.Target, KeepsMetrics: keepsMetrics(r.Actor())}
	page.Editable = []uuid.UUID{at.Program} // a target stays in its program
	page.Draft = entered{typed: typedOf(at.Target, at.Sections), Version: at.Target.Version}
	page.Draft.Base = page.Draft.typed
	var err error
	if page.Keep, err = EditForm.Open(r, tx, at.Target.ID); err != nil {
		return page, err
	}
	if page.ChangedBy, err = nameOf(r.Context(), tx, at.Target.UpdatedBy); err != nil {
		return page, err
	}
	return page, page.seen(r, tx)
}

func (page *formPage) save(r *web.Request, tx *tenancy.Tx, at *targetPage, t Target, s Section) error {
	EditForm.Done(r, tx, at.Target.ID)
	if len(page.Differences) == 0 && page.Draft.NewSection == "" {
		return nil
	}
	if err := page.begin(r, tx, &s); err != nil {
		return err
	}
	to := at.Target
	to.Details, to.Metrics, to.Section = t.Details, t.Metrics, s.ID
	if err := update(r.Context(), tx, to, r.Actor().Staff, page.Today); err != nil {
		return err
	}
	event := page.event(r, actionUpdate, at.Program, to.ID)
	event.Before, event.After = contentOf(at.Target), contentOf(to)
	return page.record(r, tx, event)
}

// read makes a target and its section of what was typed. The section has no id yet when
// it is to be made.
func (page *formPage) read(r *web.Request) (Target, Section, view.Problems) {
	d := &page.Draft
	t := Target{Participant: page.About.ID, Details: d.details(), Status: Active, Achievement: InProgress, AchievementBy: Computed}
	d.SetBy = string(t.SetBy)
	problems := page.atDay(t.check())
	s, problem := page.section(d)
	if problem != nil {
		problems.Add("section", problem)
	}
	if view.TooLong(d.NewSection, maxSection) {
		problems.AddOf(i18n.PlanSectionNew, "new_section", i18n.FormTooLong(maxSection))
	}
	chosen, wrong := d.metrics(r.P, page.Metrics, s.Program, page.Target.Metrics)
	if t.Metrics = chosen; len(wrong) == 0 {
		d.Metrics = packed(chosen)
	}
	return t, s, append(problems, wrong...)
}

// section is the one that was chosen; only what the form offers is a choice.
func (page *formPage) section(d *entered) (Section, i18n.Message) {
	options := page.places()
	if d.Section == "" && len(options) > 0 {
		d.Section = options[0].value
	}
	at := slices.IndexFunc(options, func(o sectionOption) bool { return o.value == d.Section })
	if at < 0 {
		return Section{}, i18n.PlanSectionWanted
	}
	if d.NewSection != "" {
		return Section{Program: options[at].section.Program, Name: d.NewSection}, nil
	}
	return options[at].section, nil
}

// A sectionOption is a place where a target may stand. Of a plain list that is not there
// yet the section has no id.
type sectionOption struct {
	value   string
	section Section
}

// places are the sections that the actor may put a target into, each program's plain
// list first.
func (page *formPage) places() []sectionOption {
	var options []sectionOption
	for _, in := range page.Editable {
		plain := Section{Program: in}
		var named []sectionOption
		for _, s := range page.Sections {
			switch {
			case s.Program != in:
			case s.Name == "":
				plain = s
			case s.Status == SectionActive || s.ID == page.Target.Section:
				named = append(named, sectionOption{s.ID.String(), s})
			}
		}
		options = append(append(options, sectionOption{in.String(), plain}), named...)
	}
	return options
}

// offered are the metrics that may be chosen, those that are part of every plan first.
func (page *formPage) offered() []metric.Metric {
	var offered []metric.Metric
	for _, in := range page.Editable {
		for _, m := range metric.Offered(page.Metrics, in) {
			if _, known := metric.Find(offered, m.ID); !known {
				offered = append(offered, m)
			}
		}
	}
	for _, m := range page.Target.Metrics { // archived since
		if _, known := metric.Find(offered, m.Metric); !known {
			if old, ok := metric.Find(page.Metrics, m.Metric); ok {
				offered = append(offered, old)
			}
		}
	}
	slices.SortStableFunc(offered, func(a, b metric.Metric) int { return rank(a) - rank(b) })
	return offered
}

func rank(m metric.Metric) int {
	if m.Universal {
		return 0
	}
	return 1
}

// seen notes that the record was opened.
func (page *formPage) seen(r *web.Request, tx *tenancy.Tx) error {
	return seen(r, tx, page.About)
}
