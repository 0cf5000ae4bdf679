package plan

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"konote/app/i18n"
	"konote/app/metric"
	"konote/app/program"
	"konote/app/view"
)

// choices are the metrics of a target's form: near are those that the agency offers first
// or that are chosen, far the others, by category. None is chosen for anybody.
func (page *formPage) choices() (near, far []metric.Metric) {
	chosen := unpack(page.Draft.Metrics)
	for _, m := range page.offered() {
		if m.Universal || slices.ContainsFunc(chosen, func(c choice) bool { return c.Metric == m.ID }) {
			near = append(near, m)
		} else {
			far = append(far, m)
		}
	}
	slices.SortStableFunc(far, func(a, b metric.Metric) int { return strings.Compare(string(a.Category), string(b.Category)) })
	return near, far
}

// grouped splits metrics that are sorted by category.
func grouped(metrics []metric.Metric) [][]metric.Metric {
	var groups [][]metric.Metric
	for _, m := range metrics {
		if n := len(groups); n > 0 && groups[n-1][0].Category == m.Category {
			groups[n-1] = append(groups[n-1], m)
		} else {
			groups = append(groups, []metric.Metric{m})
		}
	}
	return groups
}

// goalOf is the goal that the form shows for a metric, and whether the metric is chosen.
func (page *formPage) goalOf(f *view.Frame, m metric.Metric) (string, bool) {
	chosen := unpack(page.Draft.Metrics)
	i := slices.IndexFunc(chosen, func(c choice) bool { return c.Metric == m.ID })
	if i < 0 {
		return "", false
	}
	return localGoal(f.P, chosen[i].Goal), true
}

// localGoal writes a goal with the reader's decimal sign; what is no number stays as typed.
func localGoal(p *i18n.Printer, text string) string {
	if _, err := strconv.ParseFloat(text, 64); err == nil && p.French() {
		return strings.Replace(text, ".", ",", 1)
	}
	return text
}

// packed are a target's metrics as its form keeps them.
func packed(metrics []TargetMetric) string {
	choices := make([]choice, len(metrics))
	for i, m := range metrics {
		choices[i] = choice{m.Metric, goalText(m.Goal)}
	}
	return pack(choices)
}

func metricHint(f *view.Frame, m metric.Metric) string {
	if !m.Typed() {
		return joined(m.Definition(f.P), f.T(i18n.PlanMetricCounted))
	}
	return m.Definition(f.P)
}

// goalHint says what the goal can be, and what it is for most, when the agency says so.
func goalHint(f *view.Frame, m metric.Metric) string {
	var scale, usual string
	if limits := m.Range(f.P); limits != "" {
		scale = f.T(i18n.PlanMetricGoalRange(limits))
	}
	if m.Goal != nil {
		usual = f.T(i18n.PlanMetricGoalUsual(m.WithUnit(f.P, *m.Goal)))
	}
	return joined(scale, usual)
}

// sectionValue is the chosen place; the first one until another is chosen.
func (page *formPage) sectionValue() string {
	if page.Draft.Section == "" {
		return page.places()[0].value
	}
	return page.Draft.Section
}

func (page *formPage) sectionOptions(f *view.Frame) []view.Option {
	var options []view.Option
	for _, o := range page.places() {
		options = append(options, view.Option{Value: o.value, Label: page.placeText(f, o.section)})
	}
	return options
}

// placeText names a section, with its program where there are several.
func (page *formPage) placeText(f *view.Frame, s Section) string {
	if len(page.Editable) > 1 {
		in := page.programOf(s.Program)
		return sentence(in.Name(f.P), sectionName(f, s))
	}
	return sectionName(f, s)
}

// conflict is the page of a change that came too late.
func (page *formPage) conflict(f *view.Frame) conflict {
	return conflict{
		From: page.Target.Title(), Back: targetAddress(page.Target.ID), Title: i18n.PlanEditTitle,
		Saved: changedText(f, page.Target.UpdatedAt, page.ChangedBy), Action: targetAddress(page.Target.ID), Version: page.Target.Version,
		Base: typedOf(page.Target, page.Sections).base(), Hidden: base{"new_section": page.Draft.NewSection}, Keep: page.Keep,
		Differences: page.Differences, Text: page.versionText,
	}
}

// versionText is one version of a field on the page of a conflict.
func (page *formPage) versionText(f *view.Frame, name, text string) string {
	switch name {
	case "set_by":
		return f.T(SetBy(text).Label())
	case "target_on":
		return typedDay(f, text)
	case "section":
		for _, o := range page.places() {
			if o.value == text {
				return page.placeText(f, o.section)
			}
		}
	case "metrics":
		var chosen []measured
		for _, c := range unpack(text) {
			one := measured{Metric: c.Metric}
			if goal, err := strconv.ParseFloat(c.Goal, 64); err == nil {
				one.Goal = &goal
			}
			chosen = append(chosen, one)
		}
		return strings.ReplaceAll(metricsText(f, page.Metrics, chosen), "\n", "; ")
	}
	return text
}

// conflict is the page of a status or a judgement that came too late.
func (page *changePage) conflict(f *view.Frame, form changeForm) conflict {
	t := page.Target
	c := conflict{
		From: t.Title(), Back: targetAddress(t.ID), Title: form.Title, Saved: changedText(f, t.UpdatedAt, page.ChangedBy),
		Action: targetAddress(t.ID, form.path), Version: t.Version, Base: baseNow(append(form.now(t), besides(t))), Hidden: same(form.now(t), page.Differences), Keep: page.Keep,
		Differences: page.Differences, Text: changeText,
	}
	if page.Beside {
		c.Beside = f.T(i18n.PlanConflictJudged(sentence(f.T(t.Achievement.Label()), cmp.Or(t.AchievementReason, achievedText(f, t)))))
	}
	return c
}

// changeText is one version of a status, of a judgement or of its reason.
func changeText(f *view.Frame, name, value string) string {
	if name != "value" {
		return value
	}
	if value == string(Computed) {
		return f.T(i18n.PlanAchievementComputed)
	}
	if s := Status(value); slices.Contains(Statuses, s) {
		return f.T(s.Label())
	}
	return f.T(Achievement(value).Label())
}

// conflict is the page of a section's form that came too late.
func (page *sectionPage) conflict(f *view.Frame) conflict {
	s := page.Section
	return conflict{
		From: page.About.FullName(), Back: planOf(page.About.ID), Title: i18n.PlanSectionEditTitle, Saved: changedText(f, s.UpdatedAt, page.ChangedBy),
		Action: sectionAddress(s.ID), Version: s.Version, Base: baseNow(s.asked()), Hidden: same(s.asked(), page.Differences),
		Keep: page.Keep, Differences: page.Differences,
		Text: func(f *view.Frame, name, value string) string {
			if name == "status" {
				return f.T(SectionStatus(value).Label())
			}
			return value
		},
	}
}

func setByOptions(f *view.Frame, page formPage) []view.Option {
	var options []view.Option
	if page.Target.ID == uuid.Nil {
		options = append(options, view.Option{Value: "", Label: f.T(i18n.PlanSetByGuess)})
	}
	for _, s := range SetBys {
		options = append(options, view.Option{Value: string(s), Label: f.T(s.Label())})
	}
	return options
}

func statusOptions(f *view.Frame) []view.Option {
	var options []view.Option
	for _, s := range Statuses {
		options = append(options, view.Option{Value: string(s), Label: f.T(s.Label())})
	}
	return options
}

func sectionStatusOptions(f *view.Frame) []view.Option {
	var options []view.Option
	for _, s := range SectionStatuses {
		options = append(options, view.Option{Value: string(s), Label: f.T(s.Label())})
	}
	return options
}

// judgeOptions are the judgements, and, where one was given, to give it back. A target
// that is over stays judged.
func judgeOptions(f *view.Frame, t Target) []view.Option {
	var options []view.Option
	for _, a := range Achievements {
		options = append(options, view.Option{Value: string(a), Label: f.T(a.Label())})
	}
	if t.AchievementBy == ByJudge && t.Status.Open() {
		options = append(options, view.Option{Value: string(Computed), Label: f.T(i18n.PlanAchievementLet)})
	}
	return options
}

func programOptions(f *view.Frame, programs []program.Program) []view.Option {
	options := make([]view.Option, len(programs))
	for i, p := range programs {
		options[i] = view.Option{Value: p.ID.String(), Label: p.Name(f.P)}
	}
	return options
}

// programName names the target's program, where the actor knows several.
func (page *showPage) programName(f *view.Frame) string {
	in := page.programOf(page.Program)
	return in.Name(f.P)
}

// achievedText says where the standing of a target comes from.
func achievedText(f *view.Frame, t Target) string {
	if t.AchievementBy == ByJudge {
		return f.T(i18n.PlanAchievementJudged)
	}
	return f.T(i18n.PlanAchievementComputed)
}

// measureText is what belongs to a metric on a target's page besides its chart.
func measureText(f *view.Frame, m measure) string {
	var first, counted string
	if m.First {
		first = f.T(i18n.PlanMetricFirst)
	}
	if !m.Metric.Typed() {
		counted = f.T(i18n.PlanMetricCounted)
	}
	goal := ""
	if m.Metric.Kind == metric.Scale {
		goal = goalLine(f, m)
	}
	return joined(goal, f.T(i18n.PlanMetricAssigned(dayText(f.P, m.AssignedOn))), first, counted)
}

// overText says why a target is over.
func overText(f *view.Frame, s Section, t Target) string {
	if t.Status.Open() { // its section is over
		return sentence(sectionName(f, s), s.Reason)
	}
	return t.Reason
}

// charted are the measures that have something to draw.
func charted(measures []measure) []measure {
	return slices.DeleteFunc(measures, func(m measure) bool { return len(m.Series.Points) == 0 })
}

// revisionText says when a target was made or changed, and by whom.
func revisionText(f *view.Frame, r revision) string {
	at := f.P.Moment(r.At)
	switch {
	case r.Version == 1 && r.By == "":
		return f.T(i18n.PlanHistoryMadeNobody(at))
	case r.Version == 1:
		return f.T(i18n.PlanHistoryMade(at, r.By))
	case r.By == "":
		return f.T(i18n.PlanHistoryChangedNobody(at))
	}
	return f.T(i18n.PlanHistoryChanged(at, r.By))
}

func orEmpty(f *view.Frame, text string) string {
	if text == "" {
		return f.T(i18n.PlanHistoryEmpty)
	}
	return text
}

// joined puts short texts beside each other, without the empty ones.
func joined(texts ...string) string {
	return strings.Join(slices.DeleteFunc(texts, func(text string) bool { return text == "" }), " · ")
}
