package metric

import (
	"math"
	"slices"
	"time"

	"github.com/google/uuid"

	"konote/app/i18n"
)

// Kind is what a metric's answers are.
type Kind string

// The kinds, as stored.
const (
	Scale       Kind = "scale"       // a number
	Achievement Kind = "achievement" // one of some answers
	OpenText    Kind = "open_text"   // words
)

// Kinds lists them.
var Kinds = []Kind{Scale, Achievement, OpenText}

// Better is the direction that is hoped for.
type Better string

// The directions, as stored.
const (
	Higher Better = "higher"
	Lower  Better = "lower"
)

// Category is where a metric stands in lists.
type Category string

// The categories, as stored, in the order of lists.
const (
	Universal    Category = "universal"
	General      Category = "general"
	MentalHealth Category = "mental_health"
	Housing      Category = "housing"
	Employment   Category = "employment"
	Youth        Category = "youth"
	Experience   Category = "experience"
	Custom       Category = "custom"
)

// Categories lists them.
var Categories = []Category{Universal, General, MentalHealth, Housing, Employment, Youth, Experience, Custom}

var categoryLabels = map[Category]i18n.Key{
	Universal: i18n.MetricCategoryUniversal, General: i18n.MetricCategoryGeneral, MentalHealth: i18n.MetricCategoryMentalHealth,
	Housing: i18n.MetricCategoryHousing, Employment: i18n.MetricCategoryEmployment, Youth: i18n.MetricCategoryYouth,
	Experience: i18n.MetricCategoryExperience, Custom: i18n.MetricCategoryCustom,
}

// Label is the category in words.
func (c Category) Label() i18n.Message { return categoryLabels[c] }

// Status is whether a metric is offered.
type Status string

// The statuses, as stored. An archived metric is offered nowhere; what it measured stays.
const (
	Active   Status = "active"
	Archived Status = "archived"
)

// Sessions is what Counts says of a metric that KoNote counts: sessions in a month.
const Sessions = "sessions"

// Option is one answer in words; Value is its place in order and what is stored.
type Option struct {
	Value    float64 `json:"value"`
	EN       string  `json:"en"`
	FR       string  `json:"fr"`
	Achieved bool    `json:"achieved,omitempty"`
}

// Name is the answer in the reader's language.
func (o Option) Name(p *i18n.Printer) string { return either(p, o.EN, o.FR) }

// Band is a part of the scale with a name; both bounds belong to it.
type Band struct {
	From float64 `json:"from"`
	To   float64 `json:"to"`
	EN   string  `json:"en"`
	FR   string  `json:"fr"`
}

// Name is the band's name in the reader's language.
func (b Band) Name(p *i18n.Printer) string { return either(p, b.EN, b.FR) }

// Metric is something that is measured. The JSON is what the audit log keeps, sealed.
type Metric struct {
	ID           uuid.UUID `db:"id" json:"-"`
	LibraryKey   string    `db:"library_key" json:"library_key,omitempty"` // "": the agency's own
	Kind         Kind      `db:"kind" json:"kind"`
	Counts       string    `db:"counts" json:"counts,omitempty"` // Sessions, or "" for what is typed
	Category     Category  `db:"category" json:"category"`
	NameEN       string    `db:"name_en" json:"name_en"`
	NameFR       string    `db:"name_fr" json:"name_fr"`
	DefinitionEN string    `db:"definition_en" json:"definition_en,omitempty"`
	DefinitionFR string    `db:"definition_fr" json:"definition_fr,omitempty"`
	UnitEN       string    `db:"unit_en" json:"unit_en,omitempty"` // "nights", or "night|nights"
	UnitFR       string    `db:"unit_fr" json:"unit_fr,omitempty"`
	Low          *float64  `db:"low" json:"low,omitempty"`
	High         *float64  `db:"high" json:"high,omitempty"`
	WarnLow      *float64  `db:"warn_low" json:"warn_low,omitempty"`
	WarnHigh     *float64  `db:"warn_high" json:"warn_high,omitempty"`
	UnlikelyLow  *float64  `db:"unlikely_low" json:"unlikely_low,omitempty"`
	UnlikelyHigh *float64  `db:"unlikely_high" json:"unlikely_high,omitempty"`
	Decimals     int       `db:"decimals" json:"decimals,omitempty"`
	Better       Better    `db:"better" json:"better"`
	Goal         *float64  `db:"goal" json:"goal,omitempty"` // what a new target takes
	Bands        []Band    `db:"bands" json:"bands,omitempty"`
	Options      []Option  `db:"options" json:"options,omitempty"`
	Universal    bool      `db:"is_universal" json:"is_universal,omitempty"`
	CadenceNotes int       `db:"cadence_notes" json:"cadence_notes"` // asked in every n-th full note
	ReviewDays   int       `db:"review_days" json:"review_days"`
	Assessment
	Program   *uuid.UUID `db:"program_id" json:"program_id,omitempty"` // nil: the whole agency's
	Status    Status     `db:"status" json:"status"`
	UpdatedAt time.Time  `db:"updated_at" json:"-"`
	UpdatedBy *uuid.UUID `db:"updated_by" json:"-"` // nil: from the library
	Version   int        `db:"version" json:"-"`
}

// Assessment says that a metric is taken by itself, apart from goals, and when. Its times
// mean nothing where Apart is false.
type Assessment struct {
	Apart       bool        `db:"is_assessment" json:"is_assessment,omitempty"`
	AtIntake    bool        `db:"at_intake" json:"at_intake,omitempty"`
	EveryDays   int         `db:"every_days" json:"every_days,omitempty"` // 0: not again and again
	AtDischarge bool        `db:"at_discharge" json:"at_discharge,omitempty"`
	In          []uuid.UUID `db:"assessed_in" json:"assessed_in,omitempty"` // programs; none: every one that has the metric
}

// usually is when a metric is taken by itself, unless somebody says otherwise.
var usually = Assessment{AtIntake: true, EveryDays: 90, AtDischarge: true}

func either(p *i18n.Printer, en, fr string) string {
	if p.French() {
		return fr
	}
	return en
}

// Name is the metric's name in the reader's language.
func (m Metric) Name(p *i18n.Printer) string { return either(p, m.NameEN, m.NameFR) }

// Definition says what it measures, in the reader's language; it may be "".
func (m Metric) Definition(p *i18n.Printer) string { return either(p, m.DefinitionEN, m.DefinitionFR) }

// Typed says whether somebody enters it; others KoNote counts.
func (m Metric) Typed() bool { return m.Counts == "" }

// Numeric says whether its values are numbers, so that they can be drawn.
func (m Metric) Numeric() bool { return m.Kind != OpenText }

// aboutTheGoal are metrics of the library that ask about the goal they stand at.
var aboutTheGoal = []string{"goal_progress", "self_efficacy"}

// AboutGoal says whether the metric asks about the goal it stands at. All others are about
// the person: what several goals have of them is asked once, and they can be taken apart
// from any goal.
func (m Metric) AboutGoal() bool { return slices.Contains(aboutTheGoal, m.LibraryKey) }

// Assessable says whether somebody can take the metric by itself.
func (m Metric) Assessable() bool { return m.Typed() && !m.AboutGoal() }

// BelongsIn says whether the metric is for targets of that program: it is the whole
// agency's or the program's own.
func (m Metric) BelongsIn(program uuid.UUID) bool { return m.Program == nil || *m.Program == program }

// Offered are the metrics that a target of a program may take: active ones of the whole
// agency and of the program.
func Offered(all []Metric, program uuid.UUID) []Metric {
	var offered []Metric
	for _, m := range all {
		if m.Status == Active && m.BelongsIn(program) {
			offered = append(offered, m)
		}
	}
	return offered
}

// Find looks one up by its id.
func Find(all []Metric, id uuid.UUID) (Metric, bool) {
	i := slices.IndexFunc(all, func(m Metric) bool { return m.ID == id })
	if i < 0 {
		return Metric{}, false
	}
	return all[i], true
}

// GoalOr is a target's goal, or the metric's own where the target has none yet.
func (m Metric) GoalOr(goal *float64) *float64 {
	if goal != nil {
		return goal
	}
	return m.Goal
}

// Reaches says whether a value meets a goal in the metric's own direction: an achievement
// by its answers, a scale by the goal alone and never without one.
func (m Metric) Reaches(v float64, goal *float64) bool {
	if m.Kind == Achievement {
		option, ok := m.option(v)
		return ok && option.Achieved
	}
	switch {
	case goal == nil || math.IsNaN(v):
		return false
	case m.Better == Lower:
		return v <= *goal
	}
	return v >= *goal
}

// Level says how much a value surprises: 0 not at all, 1 it is unusual (one confirmation),
// 2 it is very unlikely (two).
func (m Metric) Level(v float64) int {
	level, _ := m.passes(v)
	return level
}

// passes is the level of a value with the limit that it passed.
func (m Metric) passes(v float64) (level int, bound float64) {
	switch {
	case m.UnlikelyLow != nil && v < *m.UnlikelyLow:
		return 2, *m.UnlikelyLow
	case m.UnlikelyHigh != nil && v > *m.UnlikelyHigh:
		return 2, *m.UnlikelyHigh
	case m.WarnLow != nil && v < *m.WarnLow:
		return 1, *m.WarnLow
	case m.WarnHigh != nil && v > *m.WarnHigh:
		return 1, *m.WarnHigh
	}
	return 0, 0
}

func (m Metric) option(v float64) (Option, bool) {
	for _, option := range m.Options {
		if option.Value == v {
			return option, true
		}
	}
	return Option{}, false
}

// band is where a value lies on the scale.
func (m Metric) band(v float64) (Band, bool) {
	for _, band := range m.Bands {
		if v >= band.From && v <= band.To {
			return band, true
		}
	}
	return Band{}, false
}

// maxSteps is how many numbers a scale may have to be ticked instead of typed.
const maxSteps = 11

// steps are the answers that can be ticked: its options, or the numbers of a short scale.
// nil: it is typed.
func (m Metric) steps() []Option {
	if m.Kind == OpenText || len(m.Options) > 0 {
		return m.Options
	}
	if m.Low == nil || m.High == nil || m.Decimals > 0 || *m.High-*m.Low >= maxSteps {
		return nil
	}
	var steps []Option
	for v := math.Ceil(*m.Low); v <= *m.High; v++ {
		steps = append(steps, Option{Value: v})
	}
	return steps
}
