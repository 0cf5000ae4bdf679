package plan

import (
	"context"
	"slices"
	"strings"

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
	Value       string // what is chosen
	Reason      string
	Version     int
	Base        base         // what the form began with
	Differences []difference // of a change that came too late
	Beside      bool         // somebody has judged meanwhile how near the target is
	ChangedBy   string
	Keep        view.Draft
	Problems    view.Problems
}

// A changeForm is one of the two.
type changeForm struct {
	draft.Form
	action audit.Action
	path   string
	draw   func(*view.Frame, changePage) templ.Component
	now    func(Target) []asked // a value and a reason
	beside bool                 // it may take back a judgement that it does not ask for
}

var (
	statusForm = changeForm{StatusForm, actionStatus, "status", statusView, func(t Target) []asked {
		return []asked{{"value", i18n.PlanStatus, string(t.Status)}, {"reason", i18n.PlanStatusReason, t.Reason}}
	}, true}
	judgeForm = changeForm{JudgeForm, actionJudge, "judgement", judgeView, func(t Target) []asked {
		value, reason := judged(t)
		return []asked{{"value", i18n.PlanAchievement, value}, {"reason", i18n.PlanStatusReason, reason}}
	}, false}
)

// judged is how near a target is in somebody's judgement, and why; Computed where nobody
// has judged.
func judged(t Target) (value, reason string) {
	if t.AchievementBy != ByJudge {
		return string(Computed), ""
	}
	return string(t.Achievement), t.AchievementReason
}

// besides is what a change of a status may take back, as its form began with it.
func besides(t Target) asked {
	value, reason := judged(t)
	return asked{name: "judgement", now: strings.TrimSpace(value + " " + reason)} // as a form sends it
}

// StatusForm asks where a target stands.
func (h *Handlers) StatusForm(r *web.Request) (web.Response, error) {
	return h.openChange(r, statusForm)
}

// JudgeForm asks how near a target is.
func (h *Handlers) JudgeForm(r *web.Request) (web.Response, error) {
	return h.openChange(r, judgeForm)
}

func (h *Handlers) openChange(r *web.Request, form changeForm) (web.Response, error) {
	var page changePage
	_, err := inTarget(r, func(_ context.Context, tx *tenancy.Tx, at *targetPage) (err error) {
		now := form.now(at.Target)
		page = changePage{targetPage: *at, Version: at.Target.Version, Value: now[0].now, Reason: now[1].now, Base: baseNow(append(now, besides(at.Target)))}
		if page.Keep, err = form.Open(r, tx, at.Target.ID); err != nil {
			return err
		}
		if page.Keep.Begun() {
			page.read(r, form)
		}
		return seen(r, tx, at.About)
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(form.Title, form.draw(r.Frame(), page)), nil
}

// read reads the form.
func (page *changePage) read(r *web.Request, form changeForm) {
	now := form.now(page.Target)
	page.Value, page.Reason, page.Version = r.Value("value"), r.Value("reason"), formVersion(r.Form)
	page.Base, page.Differences = baseOf(r.Form, append(now, besides(page.Target))), compare(r.Form, now)
	if began, known := page.Base["judgement"]; form.beside && known {
		page.Beside = began != besides(page.Target).now
	}
}

// late says that what was sent would take back what somebody else has saved meanwhile.
func (page *changePage) late() bool {
	return page.Version != page.Target.Version && len(page.Differences) > 0 && (page.Beside || disputed(page.Differences))
}

// SaveStatus changes where a target stands. Completed is achieved and closed is not, in
// the worker's judgement; what goes on is computed again.
func (h *Handlers) SaveStatus(r *web.Request) (web.Response, error) {
	return h.change(r, statusForm, func(page *changePage) (to Target, problems view.Problems) {
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
	return h.change(r, judgeForm, func(page *changePage) (to Target, problems view.Problems) {
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

// change saves what decide makes of a form with a value and a reason. One that comes too
// late is shown beside what is there now, field by field.
func (h *Handlers) change(r *web.Request, form changeForm, decide func(*changePage) (Target, view.Problems)) (web.Response, error) {
	var page changePage
	var problems view.Problems
	saved := false
	_, err := inTarget(r, func(ctx context.Context, tx *tenancy.Tx, at *targetPage) (err error) {
		page = changePage{targetPage: *at}
		if page.Keep, err = form.Open(r, tx, at.Target.ID); err != nil {
			return err
		}
		page.read(r, form)
		to, wrong := decide(&page)
		if problems = wrong; view.TooLong(page.Reason, maxReason) {
			problems.Add("reason", i18n.FormTooLong(maxReason))
		}
		if r.SwitchLanguage || problems.Any() {
			return seen(r, tx, at.About)
		}
		if page.late() {
			if page.ChangedBy, err = nameOf(ctx, tx, at.Target.UpdatedBy); err != nil {
				return err
			}
			return seen(r, tx, at.About)
		}
		saved = true
		form.Done(r, tx, at.Target.ID)
		if len(page.Differences) == 0 {
			return nil
		}
		return save(r, tx, at, form.action, to)
	})
	switch {
	case err != nil:
		return web.Response{}, err
	case saved:
		return web.Redirect(targetAddress(page.Target.ID)).Say(i18n.PlanSaved), nil
	case r.SwitchLanguage || problems.Any():
		page.Problems = r.Shown(problems)
		return r.Again(form.Title, problems, form.draw(r.Frame(), page)), nil
	}
	return web.Page(form.Title, conflictView(r.Frame(), page.conflict(r.Frame(), form))).Conflict(), nil
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
