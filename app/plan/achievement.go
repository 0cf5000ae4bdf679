package plan

import (
	"slices"

	"konote/app/i18n"
	"konote/app/metric"
)

// Achievement is how near a target is.
type Achievement string

// The achievements, as stored.
const (
	InProgress    Achievement = "in_progress"
	Improving     Achievement = "improving"
	Worsening     Achievement = "worsening"
	NoChange      Achievement = "no_change"
	Achieved      Achievement = "achieved"
	Sustaining    Achievement = "sustaining"
	NotAchieved   Achievement = "not_achieved"
	NotAttainable Achievement = "not_attainable" // said by people only
)

// Achievements lists them.
var Achievements = []Achievement{InProgress, Improving, NoChange, Worsening, Achieved, Sustaining, NotAchieved, NotAttainable}

var achievementLabels = map[Achievement]i18n.Key{
	InProgress: i18n.PlanAchievementInProgress, Improving: i18n.PlanAchievementImproving, Worsening: i18n.PlanAchievementWorsening,
	NoChange: i18n.PlanAchievementNoChange, Achieved: i18n.PlanAchievementAchieved, Sustaining: i18n.PlanAchievementSustaining,
	NotAchieved: i18n.PlanAchievementNotAchieved, NotAttainable: i18n.PlanAchievementNotAttainable,
}

// Label is the achievement in words.
func (a Achievement) Label() i18n.Message { return achievementLabels[a] }

// AchievementBy is where an achievement comes from.
type AchievementBy string

// The two, as stored.
const (
	Computed AchievementBy = "computed"
	ByJudge  AchievementBy = "worker"
)

// Descriptor is how it goes with a target, as a note says.
type Descriptor string

// The descriptors, as stored in notes.
const (
	Harder    Descriptor = "harder"
	Holding   Descriptor = "holding"
	Shifting  Descriptor = "shifting"
	GoodPlace Descriptor = "good_place"
)

// Descriptors lists them in the order in which a form offers them.
var Descriptors = []Descriptor{Harder, Holding, Shifting, GoodPlace}

var descriptorLabels = map[Descriptor]i18n.Key{
	Harder: i18n.PlanDescriptorHarder, Holding: i18n.PlanDescriptorHolding,
	Shifting: i18n.PlanDescriptorShifting, GoodPlace: i18n.PlanDescriptorGoodPlace,
}

// Label is the descriptor in words.
func (d Descriptor) Label() i18n.Message { return descriptorLabels[d] }

// Point is a recorded value as far as Compute needs it.
type Point struct {
	Value float64
	Met   bool // it reaches the goal that was set
}

// Compute says how near a target is. points are the last values of its metric and said
// the last descriptors, both the newest first; three and two of them are looked at.
// lowerIsBetter is the metric's direction. Without values the descriptors decide.
//
// It depends on nothing but what it is given: a note that is cancelled, or a goal that is
// set anew, is as if it had always been so. It never says that a target is not attainable.
func Compute(points []Point, lowerIsBetter bool, said []Descriptor) Achievement {
	switch len(points) {
	case 0:
		return described(said)
	case 1:
		if points[0].Met {
			return Achieved
		}
		return InProgress
	}
	switch now, before := points[0].Met, points[1].Met; {
	case now && before:
		return Sustaining
	case now:
		return Achieved
	case before:
		return Worsening
	}
	return direction(points, lowerIsBetter)
}

// direction is that of the last three values, or two: where two of the three comparisons
// among them agree.
func direction(points []Point, lowerIsBetter bool) Achievement {
	late := metric.Series{Metric: metric.Metric{Better: metric.Higher}}
	if lowerIsBetter {
		late.Metric.Better = metric.Lower
	}
	for _, point := range slices.Backward(points[:min(len(points), 3)]) {
		late.Points = append(late.Points, metric.Point{Value: point.Value})
	}
	switch late.Trend() {
	case metric.Improving:
		return Improving
	case metric.Worsening:
		return Worsening
	}
	return NoChange
}

func described(said []Descriptor) Achievement {
	if len(said) == 0 {
		return InProgress
	}
	switch said[0] {
	case Harder:
		return Worsening
	case Holding:
		return NoChange
	case Shifting:
		return Improving
	}
	if len(said) > 1 && said[1] == GoodPlace {
		return Sustaining
	}
	return Achieved
}

// achieved says whether a target has been achieved at all.
func (a Achievement) achieved() bool { return a == Achieved || a == Sustaining }
