package plan

import (
	"strings"

	"konote/app/i18n"
	"konote/app/program"
	"konote/app/view"
)

func (page *templatePage) title() i18n.Message {
	if page.Draft.Version == 0 {
		return i18n.PlanTemplateNewTitle
	}
	return i18n.PlanTemplateEditTitle
}

func (page *templatePage) action() view.URL {
	if page.Draft.Version == 0 {
		return view.To("plan-templates")
	}
	return view.To("plan-templates", page.Draft.ID.String())
}

// owners are those for whom the actor may make a template.
func (page *templatePage) owners(f *view.Frame) []view.Option {
	var options []view.Option
	if page.Admin {
		options = append(options, view.Option{Value: agencyOwner, Label: f.T(i18n.PlanTemplateOwnerAgency)})
	}
	return append(options, programOptions(f, program.InUse(page.Programs))...)
}

func (page *templatePage) ownerText(f *view.Frame, t Template) string {
	if t.Program == nil {
		return f.T(i18n.PlanTemplateOwnerAgency)
	}
	for _, p := range page.Programs {
		if p.ID == *t.Program {
			return p.Name(f.P)
		}
	}
	return ""
}

func (page *templatePage) metricOptions(f *view.Frame) []view.Option {
	options := []view.Option{{Value: "", Label: f.T(i18n.PlanTemplateMetricNone)}}
	for _, m := range page.Metrics {
		options = append(options, view.Option{Value: metricKey(m), Label: m.Name(f.P)})
	}
	return options
}

// metricAt is the k-th metric that a target of a template names; "" for none.
func (t TemplateTarget) metricAt(k int) string {
	if k < len(t.Metrics) {
		return t.Metrics[k]
	}
	return ""
}

// theirs is the hint below a line that somebody else changed meanwhile.
func (page *templatePage) theirs(f *view.Frame, field string) string {
	if page.Theirs == nil {
		return ""
	}
	mine, other := page.Draft.line(field), page.Theirs.line(field)
	if mine == other {
		return ""
	}
	if other == "" {
		other = f.T(i18n.PlanConflictEmpty)
	}
	return f.T(i18n.PlanTemplateTheirs(other))
}

// line is what a template has in a field of its form.
func (t Template) line(field string) string {
	switch field {
	case "name_en":
		return t.NameEN
	case "name_fr":
		return t.NameFR
	}
	for i, s := range t.Body.Sections {
		switch field {
		case sectionField(i) + "_en":
			return s.EN
		case sectionField(i) + "_fr":
			return s.FR
		}
		for j, target := range s.Targets {
			switch field {
			case targetField(i, j) + "_en":
				return target.EN
			case targetField(i, j) + "_fr":
				return target.FR
			}
		}
	}
	return ""
}

// options are the targets of the template, each with its section and what it means.
func (page *applyPage) options(f *view.Frame) []view.Option {
	var options []view.Option
	for i, s := range page.Template.Body.Sections {
		for j, t := range s.Targets {
			options = append(options, view.Option{Value: pickValue(i, j), Label: t.Name(f.P), Hint: sentence(page.sectionOf(f, s), t.Description(f.P))})
		}
	}
	return options
}

func (page *applyPage) sectionOf(f *view.Frame, s TemplateSection) string {
	if name := s.Name(f.P); name != "" {
		return name
	}
	return f.T(i18n.PlanSectionPlain)
}

// contents are the sections of a template in one line.
func contents(f *view.Frame, t Template) string {
	var names []string
	for _, s := range t.Body.Sections {
		if name := s.Name(f.P); name != "" {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}
