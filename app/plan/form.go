package plan

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"konote/app/i18n"
	"konote/app/metric"
	"konote/app/view"
)

// typed is what the form of a target holds, as text, valid or not.
type typed struct {
	Words, Name, Description, SetBy, TargetOn string
	Section                                   string // the id of a section; of a program for its plain list
	NewSection                                string
	Metrics                                   string // see pack
}

// A field is one of them: its name in the form and how it is called.
type field struct {
	name  string
	label i18n.Key
	of    func(*typed) *string
}

// fields are in the order of the form. A new section is no field of a target.
var fields = []field{
	{"words", i18n.PlanWords, func(t *typed) *string { return &t.Words }},
	{"name", i18n.PlanName, func(t *typed) *string { return &t.Name }},
	{"description", i18n.PlanDescription, func(t *typed) *string { return &t.Description }},
	{"set_by", i18n.PlanSetBy, func(t *typed) *string { return &t.SetBy }},
	{"section", i18n.PlanSection, func(t *typed) *string { return &t.Section }},
	{"target_on", i18n.PlanTargetOn, func(t *typed) *string { return &t.TargetOn }},
	{"metrics", i18n.PlanMetrics, func(t *typed) *string { return &t.Metrics }},
}

// What was entered is the form as it is shown.
type entered struct {
	typed
	ID      uuid.UUID // of a new target: the same in every version of its form, so that it is made once
	Version int       // of a target that is there
	Base    typed     // what its form began with
	Began   bool      // Base is known
}

// choice is one metric as chosen in a form, with its goal as typed.
type choice struct {
	Metric uuid.UUID
	Goal   string
}

// pack writes choices into one line, in their order: how a form keeps them where they are
// one field among others, on the page of a conflict.
func pack(choices []choice) string {
	parts := make([]string, len(choices))
	for i, c := range choices {
		parts[i] = c.Metric.String() + "=" + strings.NewReplacer(";", "", "=", "").Replace(c.Goal)
	}
	return strings.Join(parts, ";")
}

func unpack(text string) []choice {
	var choices []choice
	for part := range strings.SplitSeq(text, ";") {
		id, goal, _ := strings.Cut(part, "=")
		if metric, err := uuid.Parse(id); err == nil && !slices.ContainsFunc(choices, func(c choice) bool { return c.Metric == metric }) {
			choices = append(choices, choice{metric, goal})
		}
	}
	return choices
}

// goalText is a goal as a form holds it, in any language.
func goalText(goal *float64) string {
	if goal == nil {
		return ""
	}
	return strconv.FormatFloat(*goal, 'f', -1, 64)
}

// typedOf is what a target's form begins with.
func typedOf(t Target, sections []Section) typed {
	began := typed{Words: t.Words, Name: t.Name, Description: t.Description, SetBy: string(t.SetBy), TargetOn: t.TargetOn,
		Section: t.Section.String()}
	for _, s := range sections {
		if s.ID == t.Section && s.Name == "" {
			began.Section = s.Program.String()
		}
	}
	began.Metrics = packed(t.Metrics)
	return began
}

// base are its fields by name, as what a form began with.
func (t typed) base() base {
	began := base{}
	for _, f := range fields {
		began[f.name] = *f.of(&t)
	}
	return began
}

// decode reads the form. A field that is not in it stays as it was. offered are the
// metrics that the form offers, in its order; those chosen before keep their places.
func decode(form url.Values, from typed, offered []metric.Metric) entered {
	d := entered{typed: from, Base: from}
	for _, f := range fields {
		if base, ok := form["base_"+f.name]; ok {
			*f.of(&d.Base), d.Began = base[0], true
		}
		if sent, ok := form[f.name]; ok {
			*f.of(&d.typed) = sent[0]
		}
	}
	d.NewSection = form.Get("new_section")
	if form.Has("metrics_listed") {
		d.Metrics = pack(chosen(form, unpack(from.Metrics), offered))
	}
	d.Version = formVersion(form)
	return d
}

func chosen(form url.Values, before []choice, offered []metric.Metric) []choice {
	var choices []choice
	add := func(id uuid.UUID) {
		if form.Get("metric-"+id.String()) == "yes" {
			choices = append(choices, choice{id, form.Get("goal-" + id.String())})
		}
	}
	for _, c := range before {
		add(c.Metric)
	}
	for _, m := range offered {
		if !slices.ContainsFunc(before, func(c choice) bool { return c.Metric == m.ID }) {
			add(m.ID)
		}
	}
	return choices
}

// details are what the form says of the target itself.
func (d entered) details() Details {
	setBy := SetBy(d.SetBy)
	if setBy == "" {
		setBy = guess(d.Words, d.Description)
	}
	return Details{Words: d.Words, Name: d.Name, Description: d.Description, SetBy: setBy, TargetOn: d.TargetOn}
}

// metrics reads the chosen metrics with their goals. all are those that exist for the
// reader; keep are those that the target has already, which may have been archived since.
func (d entered) metrics(p *i18n.Printer, all []metric.Metric, program uuid.UUID, keep []TargetMetric) ([]TargetMetric, view.Problems) {
	var problems view.Problems
	var found []TargetMetric
	offered := metric.Offered(all, program)
	for _, c := range unpack(d.Metrics) {
		m, ok := metric.Find(offered, c.Metric)
		if had := slices.ContainsFunc(keep, func(k TargetMetric) bool { return k.Metric == c.Metric }); had && !ok {
			m, ok = metric.Find(all, c.Metric)
		}
		if !ok {
			continue // no choice of this form
		}
		goal, problem := m.ParseGoal(p, c.Goal)
		if problem != nil {
			problems.AddOf(i18n.PlanMetricGoal(m.Name(p)), "goal-"+c.Metric.String(), problem)
		}
		found = append(found, TargetMetric{Metric: c.Metric, Goal: goal, Position: len(found)})
	}
	return found, problems
}

// compare lists the fields in which what was typed differs from what is there now.
func (d entered) compare(theirs typed) []difference {
	var found []difference
	for _, f := range fields {
		if one, differs := differ(f.name, f.label, *f.of(&d.typed), *f.of(&theirs), *f.of(&d.Base), d.Began); differs {
			found = append(found, one)
		}
	}
	return found
}
