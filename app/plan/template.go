package plan

import (
	"slices"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/i18n"
	"konote/app/metric"
	"konote/app/view"
)

// TemplateStatus is whether a template is offered.
type TemplateStatus string

// The statuses, as stored.
const (
	TemplateActive   TemplateStatus = "active"
	TemplateArchived TemplateStatus = "archived"
)

// Template is a plan to begin from, about nobody. The JSON is what the audit log keeps.
type Template struct {
	ID        uuid.UUID      `db:"id" json:"-"`
	Program   *uuid.UUID     `db:"program_id" json:"program,omitempty"` // nil: the whole agency's
	NameEN    string         `db:"name_en" json:"name_en"`
	NameFR    string         `db:"name_fr" json:"name_fr"`
	Body      Body           `db:"body" json:"body"`
	Status    TemplateStatus `db:"status" json:"status"`
	UpdatedAt time.Time      `db:"updated_at" json:"-"`
	UpdatedBy *uuid.UUID     `db:"updated_by" json:"-"`
	Version   int            `db:"version" json:"-"`
}

// Body is what a template holds, as stored.
type Body struct {
	Sections []TemplateSection `json:"sections"`
}

// TemplateSection is a section of a template.
type TemplateSection struct {
	EN      string           `json:"en"`
	FR      string           `json:"fr"`
	Targets []TemplateTarget `json:"targets"`
}

// TemplateTarget is a target of a template.
type TemplateTarget struct {
	EN            string   `json:"en"`
	FR            string   `json:"fr"`
	DescriptionEN string   `json:"description_en,omitempty"`
	DescriptionFR string   `json:"description_fr,omitempty"`
	Metrics       []string `json:"metrics,omitempty"` // names in the library, or ids of the agency's own
}

// Name is the template's name in the reader's language.
func (t Template) Name(p *i18n.Printer) string { return either(p, t.NameEN, t.NameFR) }

// Name is the section's name in the reader's language.
func (s TemplateSection) Name(p *i18n.Printer) string { return either(p, s.EN, s.FR) }

// Name is what the target is called in the reader's language.
func (t TemplateTarget) Name(p *i18n.Printer) string { return either(p, t.EN, t.FR) }

// Description is what the target means, in the reader's language.
func (t TemplateTarget) Description(p *i18n.Printer) string {
	return either(p, t.DescriptionEN, t.DescriptionFR)
}

func either(p *i18n.Printer, en, fr string) string {
	if p.French() {
		return fr
	}
	return en
}

// Count is how many targets the template has.
func (t Template) Count() int {
	n := 0
	for _, s := range t.Body.Sections {
		n += len(s.Targets)
	}
	return n
}

// metricKey is how a template names a metric.
func metricKey(m metric.Metric) string {
	if m.LibraryKey != "" {
		return m.LibraryKey
	}
	return m.ID.String()
}

// metricsOf finds the metrics that a template names, of those offered.
func metricsOf(keys []string, offered []metric.Metric) []TargetMetric {
	var found []TargetMetric
	for _, key := range keys {
		for _, m := range offered {
			if metricKey(m) == key {
				found = append(found, TargetMetric{Metric: m.ID, Goal: m.GoalOr(nil), Position: len(found)})
			}
		}
	}
	return found
}

// mayKeep says whether the actor may change a template of this owner.
func mayKeep(actor access.Actor, owner *uuid.UUID) bool {
	return actor.Admin || (owner != nil && actor.MayIn(*owner, access.TemplatePlanManage))
}

// mayKeepAny says whether the actor may change any template.
func mayKeepAny(actor access.Actor) bool { return actor.Admin || actor.May(access.TemplatePlanManage) }

// offeredIn says whether a plan in the program may begin from the template.
func (t Template) offeredIn(program uuid.UUID) bool {
	return t.Status == TemplateActive && (t.Program == nil || *t.Program == program)
}

const maxTemplateSections, maxTemplateTargets, maxTemplateMetrics = 12, 12, 3

// blankTarget says that nothing was filled in.
func (t TemplateTarget) blank() bool {
	return t.EN == "" && t.FR == "" && t.DescriptionEN == "" && t.DescriptionFR == "" && len(t.Metrics) == 0
}

// trimmed is the body without what was left empty.
func (b Body) trimmed() Body {
	var kept Body
	for _, s := range b.Sections {
		s.Targets = slices.DeleteFunc(slices.Clone(s.Targets), TemplateTarget.blank)
		if s.EN != "" || s.FR != "" || len(s.Targets) > 0 {
			kept.Sections = append(kept.Sections, s)
		}
	}
	return kept
}

// check says what is wrong with a template that somebody wants to save. A section needs
// no name when it is the only one.
func (t Template) check() view.Problems {
	var problems view.Problems
	if t.NameEN == "" {
		problems.AddOf(i18n.PlanTemplateNameEn, "name_en", i18n.PlanTemplateNameWanted)
	}
	if t.NameFR == "" {
		problems.AddOf(i18n.PlanTemplateNameFr, "name_fr", i18n.PlanTemplateNameWanted)
	}
	limit := func(of i18n.Message, field, text string, max int) {
		if utf8.RuneCountInString(text) > max {
			problems.AddOf(of, field, i18n.FormTooLong(max))
		}
	}
	limit(i18n.PlanTemplateNameEn, "name_en", t.NameEN, maxSection)
	limit(i18n.PlanTemplateNameFr, "name_fr", t.NameFR, maxSection)
	for i, s := range t.Body.Sections {
		at, of := sectionField(i), i18n.PlanTemplateSectionNth(i+1)
		if (s.EN == "") != (s.FR == "") {
			problems.AddOf(of, at+"_en", i18n.PlanTemplateBoth)
		}
		limit(of, at+"_en", s.EN, maxSection)
		limit(of, at+"_fr", s.FR, maxSection)
		for j, target := range s.Targets {
			at, of := targetField(i, j), i18n.PlanTemplateGoalNth(j+1)
			if !target.blank() && (target.EN == "" || target.FR == "") {
				problems.AddOf(of, at+"_en", i18n.PlanTemplateBoth)
			}
			limit(of, at+"_en", target.EN, maxName)
			limit(of, at+"_fr", target.FR, maxName)
			limit(of, at+"_desc_en", target.DescriptionEN, maxDescription)
			limit(of, at+"_desc_fr", target.DescriptionFR, maxDescription)
		}
	}
	if !problems.Any() && (Template{Body: t.Body.trimmed()}).Count() == 0 {
		problems.Add(targetField(0, 0)+"_en", i18n.PlanTemplateGoalsWanted)
	}
	return problems
}
