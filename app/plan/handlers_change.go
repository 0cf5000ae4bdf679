package plan

import (
	"context"
	"slices"
	"strconv"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"konote/app/audit"
	"konote/app/draft"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// The acts that are recorded.
const (
	actionStatus audit.Action = "target.status"
	actionJudge  audit.Action = "target.judge"
	actionReview audit.Action = "target.review"
	actionMove   audit.Action = "target.move"
)

// changePage is what the forms of a status and of a judgement show.
type changePage struct {
	targetPage
	Value    string // what is chosen
	Reason   string
	Version  int
	Late     bool // somebody else was faster
	Keep     view.Draft
	Problems view.Problems
}

type drawChange func(*view.Frame, changePage) templ.Component

// StatusForm asks where a target stands.
func (h *Handlers) StatusForm(r *web.Request) (web.Response, error) {
	return h.openChange(r, StatusForm, statusView, func(page *changePage) {
		page.Value, page.Reason = string(page.Target.Status), page.Target.Reason
	})
}

// JudgeForm asks how near a target is.
func (h *Handlers) JudgeForm(r *web.Request) (web.Response, error) {
	return h.openChange(r, JudgeForm, judgeView, func(page *changePage) {
		if page.Target.AchievementBy == ByJudge {
			page.Value, page.Reason = string(page.Target.Achievement), page.Target.AchievementReason
		}
	})
}

func (h *Handlers) openChange(r *web.Request, form draft.Form, draw drawChange, fill func(*changePage)) (web.Response, error) {
	var page changePage
	_, err := inTarget(r, func(_ context.Context, tx *tenancy.Tx, at *targetPage) (err error) {
		page = changePage{targetPage: *at, Version: at.Target.Version}
		if page.Keep, err = form.Open(r, tx, at.Target.ID); err != nil {
			return err
		}
		if fill(&page); page.Keep.Begun() {
			page.read(r)
		}
		return seen(r, tx, at.About)
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(form.Title, draw(r.Frame(), page)), nil
}

// read reads the form.
func (page *changePage) read(r *web.Request) {
	page.Value, page.Reason = r.Value("value"), r.Value("reason")
	page.Version, _ = strconv.Atoi(r.Value("version")) // a broken number is a version that does not exist: a conflict
}

// SaveStatus changes where a target stands. Completed is achieved and closed is not, in
// the worker's judgement; what goes on is computed again.
func (h *Handlers) SaveStatus(r *web.Request) (web.Response, error) {
	return h.change(r, StatusForm, actionStatus, statusView, func(page *changePage) (to Target, problems view.Problems) {
		to = page.Target
		to.Status, to.Reason = Status(page.Value), page.Reason
		if !slices.Contains(Statuses, to.Status) {
			problems.Add("value", i18n.PlanStatusWanted)
		}
		if to.Status != Active && to.Reason == "" {
			problems.Add("reason", i18n.PlanStatusReasonWanted)
		}
		return to.standing(page.Target), problems
	})
}

// standing is what a change of status means for how near the target is.
func (t Target) standing(before Target) Target {
	if t.Status == before.Status {
		return t
	}
	switch {
	case t.Status == Completed:
		t.Achievement, t.AchievementBy, t.AchievementReason = Achieved, ByJudge, ""
	case t.Status == Closed && (t.AchievementBy != ByJudge || t.Achievement != NotAttainable):
		t.Achievement, t.AchievementBy, t.AchievementReason = NotAchieved, ByJudge, ""
	case t.Status.Open() && !before.Status.Open():
		t.AchievementBy, t.AchievementReason = Computed, ""
	}
	return t
}

// SaveJudgement keeps a worker's judgement of how near a target is, or gives it back to
// being computed.
func (h *Handlers) SaveJudgement(r *web.Request) (web.Response, error) {
	return h.change(r, JudgeForm, actionJudge, judgeView, func(page *changePage) (to Target, problems view.Problems) {
		to = page.Target
		if page.Value == string(Computed) && to.Status.Open() { // one that is over stays judged
			to.AchievementBy, to.AchievementReason = Computed, ""
			return to, nil
		}
		to.Achievement, to.AchievementBy, to.AchievementReason = Achievement(page.Value), ByJudge, page.Reason
		if !slices.Contains(Achievements, to.Achievement) {
			problems.Add("value", i18n.PlanAchievementWanted)
		}
		if page.Reason == "" {
			problems.Add("reason", i18n.PlanStatusReasonWanted)
		}
		return to, problems
	})
}

// change saves what decide makes of a form with a value and a reason.
func (h *Handlers) change(r *web.Request, form draft.Form, action audit.Action, draw drawChange,
	decide func(*changePage) (Target, view.Problems)) (web.Response, error) {
	var page changePage
	var problems view.Problems
	_, err := inTarget(r, func(ctx context.Context, tx *tenancy.Tx, at *targetPage) (err error) {
		page = changePage{targetPage: *at}
		if page.Keep, err = form.Open(r, tx, at.Target.ID); err != nil {
			return err
		}
		page.read(r)
		to, wrong := decide(&page)
		if problems = wrong; view.TooLong(page.Reason, maxReason) {
			problems.Add("reason", i18n.FormTooLong(maxReason))
		}
		if r.SwitchLanguage || problems.Any() {
			return seen(r, tx, at.About)
		}
		if page.Late = page.Version != at.Target.Version; page.Late {
			page.Version = at.Target.Version
			return seen(r, tx, at.About)
		}
		form.Done(r, tx, at.Target.ID)
		return save(r, tx, at, action, to)
	})
	switch {
	case err != nil:
		return web.Response{}, err
	case r.SwitchLanguage || problems.Any():
		page.Problems = r.Shown(problems)
		return r.Again(form.Title, problems, draw(r.Frame(), page)), nil
	case page.Late:
		return web.Page(form.Title, draw(r.Frame(), page)).Conflict(), nil
	}
	return web.Redirect(targetAddress(page.Target.ID)).Say(i18n.PlanSaved), nil
}

// save writes a changed target with its record.
func save(r *web.Request, tx *tenancy.Tx, at *targetPage, action audit.Action, to Target) error {
	if to.Achievement != at.Target.Achievement || to.AchievementBy != at.Target.AchievementBy {
		to.AchievementAt = tx.Now()
	}
	if to.Achievement.achieved() {
		to.FirstAchievedAt = tx.Now() // kept only when there is none
	}
	if err := update(r.Context(), tx, to, r.Actor().Staff, at.Today); err != nil {
		return err
	}
	event := at.event(r, action, at.Program, to.ID)
	event.Before, event.After = contentOf(at.Target), contentOf(to)
	return at.record(r, tx, event)
}

// Reviewed says that a metric is still the right one.
func (h *Handlers) Reviewed(r *web.Request) (web.Response, error) {
	return h.onMetric(r, func(ctx context.Context, tx *tenancy.Tx, at *targetPage, metric uuid.UUID) error {
		if err := reviewed(ctx, tx, at.Target.ID, metric, at.Today); err != nil {
			return err
		}
		return at.record(r, tx, at.event(r, actionReview, at.Program, at.Target.ID))
	})
}

// RaiseMetric moves a metric up; the first one decides how the target stands.
func (h *Handlers) RaiseMetric(r *web.Request) (web.Response, error) {
	return h.onMetric(r, func(ctx context.Context, tx *tenancy.Tx, at *targetPage, metric uuid.UUID) error {
		to := at.Target
		to.Metrics = slices.Clone(to.Metrics)
		i := slices.IndexFunc(to.Metrics, func(m TargetMetric) bool { return m.Metric == metric })
		if i < 0 {
			return fault.Missing()
		}
		if i == 0 {
			return nil
		}
		to.Metrics[i-1], to.Metrics[i] = to.Metrics[i], to.Metrics[i-1]
		return save(r, tx, at, actionUpdate, to)
	})
}

func (h *Handlers) onMetric(r *web.Request, f func(context.Context, *tenancy.Tx, *targetPage, uuid.UUID) error) (web.Response, error) {
	metric, err := r.ID("metric")
	if err != nil {
		return web.Response{}, err
	}
	page, err := inTarget(r, func(ctx context.Context, tx *tenancy.Tx, at *targetPage) error { return f(ctx, tx, at, metric) })
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(targetAddress(page.Target.ID).At("metrics")).Say(i18n.PlanSaved), nil
}

// Raise moves a target up among the open ones of its section.
func (h *Handlers) Raise(r *web.Request) (web.Response, error) {
	page, err := inTarget(r, func(ctx context.Context, tx *tenancy.Tx, at *targetPage) error {
		var order []uuid.UUID
		for _, t := range at.Section.Targets {
			if t.Status.Open() {
				order = append(order, t.ID)
			}
		}
		if !raised(order, at.Target.ID) {
			return nil
		}
		if err := move(ctx, tx, sqlMoveTargets, order); err != nil {
			return err
		}
		return at.record(r, tx, at.event(r, actionMove, at.Program, at.Target.ID))
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(planOf(page.About.ID).At("t-" + page.Target.ID.String())), nil
}
