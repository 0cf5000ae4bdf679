package metric

import (
	"math"
	"slices"
	"time"

	"github.com/google/uuid"

	"konote/app/civil"
)

// Point is one value on a day.
type Point struct {
	On    civil.Date `db:"on_day"`
	Value float64    `db:"value"`
}

// Value is one number that was taken apart from goals.
type Value struct {
	Metric uuid.UUID  `db:"metric_id"`
	On     civil.Date `db:"taken_on"`
	Number float64    `db:"value"`
}

// Series is one metric's values, from the earliest to the latest, with the goal that was
// set for them; nil for none.
type Series struct {
	Metric Metric
	Goal   *float64
	Points []Point
}

// Apart makes series of what QueueApart read, in the order of the metrics; those without a
// value are left out. They have no goal: nobody set one.
func Apart(metrics []Metric, values []Value) (found []Series) {
	for _, m := range metrics {
		s := Series{Metric: m}
		for _, v := range values {
			if v.Metric == m.ID {
				s.Points = append(s.Points, Point{On: v.On, Value: v.Number})
			}
		}
		if len(s.Points) > 0 {
			found = append(found, s)
		}
	}
	return found
}

// Trend is which way values go, in the metric's own direction.
type Trend string

// The trends.
const (
	None      Trend = ""          // no value
	Single    Trend = "single"    // one value: nothing to compare with
	Improving Trend = "improving" // better
	Worsening Trend = "worsening" // harder
	NoChange  Trend = "no_change"
)

// step is the direction from one value to another.
func (m Metric) step(from, to float64) Trend {
	switch {
	case from == to:
		return NoChange
	case (to > from) == (m.Better != Lower):
		return Improving
	}
	return Worsening
}

// Trend is the direction of late: from the first to the last of the last three values. It
// is what package plan goes by too, so that a sentence and an achievement agree.
func (s Series) Trend() Trend {
	switch len(s.Points) {
	case 0:
		return None
	case 1:
		return Single
	}
	late := s.Points[max(0, len(s.Points)-3):]
	return s.Metric.step(late[0].Value, late[len(late)-1].Value)
}

// Change is the direction from the first value to the latest.
func (s Series) Change() Trend {
	switch len(s.Points) {
	case 0:
		return None
	case 1:
		return Single
	}
	return s.Metric.step(s.Points[0].Value, s.Points[len(s.Points)-1].Value)
}

// Latest is the latest value; false when there is none.
func (s Series) Latest() (Point, bool) {
	if len(s.Points) == 0 {
		return Point{}, false
	}
	return s.Points[len(s.Points)-1], true
}

// Reached says whether the latest value meets the goal.
func (s Series) Reached() bool {
	latest, ok := s.Latest()
	return ok && s.Metric.Reaches(latest.Value, s.Goal)
}

// ReachedBefore says whether an earlier value met the goal.
func (s Series) ReachedBefore() bool {
	return len(s.Points) > 1 && slices.ContainsFunc(s.Points[:len(s.Points)-1], func(p Point) bool {
		return s.Metric.Reaches(p.Value, s.Goal)
	})
}

// lapsed says whether nothing was recorded for longer than the metric is meant to wait.
func (s Series) lapsed(today civil.Date) bool {
	latest, ok := s.Latest()
	return ok && s.Metric.ReviewDays > 0 && latest.On.AddDays(s.Metric.ReviewDays).Before(today)
}

// share says how far the way to the goal a value is: 0 the far end of the scale, or the
// worst value where it has no end; 1 the goal, or the near end or best value where none is
// set. NaN where there is no way, because the goal lies at the far end.
func (s Series) share(v float64) float64 {
	worst, best := v, v
	for _, point := range s.Points {
		if s.Metric.step(worst, point.Value) == Worsening {
			worst = point.Value
		}
		if s.Metric.step(best, point.Value) == Improving {
			best = point.Value
		}
	}
	far, near := s.Metric.Low, s.Metric.High
	if s.Metric.Better == Lower {
		far, near = near, far
	}
	if s.Metric.Kind == Achievement {
		far, near = s.achievementWay()
	} else if s.Goal != nil {
		near = s.Goal
	}
	if far != nil {
		worst = *far
	}
	if near != nil {
		best = *near
	}
	if s.Metric.step(worst, best) != Improving {
		return math.NaN()
	}
	return (v - worst) / (best - worst)
}

// achievementWay is the first answer and the first one that counts as achieved.
func (s Series) achievementWay() (far, near *float64) {
	for _, option := range s.Metric.Options {
		if far == nil || option.Value < *far {
			far = new(option.Value)
		}
		if option.Achieved && (near == nil || option.Value < *near) {
			near = new(option.Value)
		}
	}
	return far, near
}

// FillMonths puts a 0 into every month without a session, from the first month that has
// one to today's.
func FillMonths(points []Point, today civil.Date) []Point {
	if len(points) == 0 {
		return nil
	}
	counted := map[civil.Date]float64{}
	for _, point := range points {
		counted[monthOf(point.On)] += point.Value
	}
	var filled []Point
	for month := monthOf(points[0].On); !monthOf(today).Before(month); month = monthOf(month.AddDays(31)) {
		filled = append(filled, Point{On: month, Value: counted[month]})
	}
	return filled
}

func monthOf(d civil.Date) civil.Date {
	return civil.Date{Year: d.Year, Month: max(d.Month, time.January), Day: 1}
}
