package plan

import "testing"

// values are points for a goal, the newest first.
func values(goal *float64, lower bool, newestFirst ...float64) []Point {
	points := make([]Point, len(newestFirst))
	for i, v := range newestFirst {
		points[i] = Point{Value: v}
		if goal != nil {
			points[i].Met = v >= *goal
			if lower {
				points[i].Met = v <= *goal
			}
		}
	}
	return points
}

func TestAchievementFollowsTheGoalThatWasSetAndItsDirection(t *testing.T) {
	t.Parallel()
	goal := func(v float64) *float64 { return &v }
	for _, c := range []struct {
		name  string
		goal  *float64
		lower bool
		last  []float64 // the newest first
		said  []Descriptor
		want  Achievement
	}{
		{"nothing yet", goal(9), true, nil, nil, InProgress},
		{"PHQ-9 at its maximum", goal(4), true, []float64{27}, nil, InProgress},
		{"PHQ-9 down to its goal", goal(4), true, []float64{4, 27}, nil, Achieved},
		{"PHQ-9 stays there", goal(4), true, []float64{3, 4, 27}, nil, Sustaining},
		{"PHQ-9 comes back", goal(4), true, []float64{6, 4, 27}, nil, Worsening},
		{"PHQ-9 comes back and stays away", goal(4), true, []float64{6, 6, 4}, nil, Worsening},
		{"the first value meets the goal", goal(3), false, []float64{5}, nil, Achieved},
		{"higher is better, at the maximum of a scale with a lower goal", goal(4), false, []float64{5, 2}, nil, Achieved},
		{"no goal is never achieved", nil, false, []float64{5, 5, 5}, nil, NoChange},
		{"no goal has a direction", nil, false, []float64{5, 4, 3}, nil, Improving},
		{"two of three agree, upwards", goal(20), false, []float64{12, 15, 10}, nil, Improving},
		{"two of three agree, downwards", goal(20), false, []float64{9, 8, 12}, nil, Worsening},
		{"up and down again", goal(20), false, []float64{10, 12, 10}, nil, NoChange},
		{"lower is better and it rises", goal(4), true, []float64{15, 12, 10}, nil, Worsening},
		{"only the last three are looked at", goal(20), false, []float64{3, 2, 1, 15, 15}, nil, Improving},
		{"two values", goal(20), false, []float64{11, 10}, nil, Improving},
		{"numbers go before words", goal(20), false, []float64{11, 10}, []Descriptor{Harder}, Improving},
		{"words: harder", nil, false, nil, []Descriptor{Harder, GoodPlace}, Worsening},
		{"words: holding", nil, false, nil, []Descriptor{Holding}, NoChange},
		{"words: shifting", nil, false, nil, []Descriptor{Shifting}, Improving},
		{"words: a good place", nil, false, nil, []Descriptor{GoodPlace, Shifting}, Achieved},
		{"words: a good place again", nil, false, nil, []Descriptor{GoodPlace, GoodPlace}, Sustaining},
	} {
		if got := Compute(values(c.goal, c.lower, c.last...), c.lower, c.said); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

func TestACompletedGoalIsReachedAndOneThatIsReopenedIsComputedAgain(t *testing.T) {
	t.Parallel()
	before := Target{Status: Active, Achievement: Improving, AchievementBy: Computed}
	for _, c := range []struct {
		from Target
		to   Status
		want Achievement
		by   AchievementBy
	}{
		{before, Completed, Achieved, ByJudge},
		{before, Closed, NotAchieved, ByJudge},
		{before, OnHold, Improving, Computed},
		{Target{Status: Active, Achievement: NotAttainable, AchievementBy: ByJudge}, Closed, NotAttainable, ByJudge},
		{Target{Status: OnHold, Achievement: NoChange, AchievementBy: ByJudge}, Active, NoChange, ByJudge},
		{Target{Status: Completed, Achievement: Achieved, AchievementBy: ByJudge}, Active, Achieved, Computed},
	} {
		to := c.from
		to.Status = c.to
		if got := to.standing(c.from); got.Achievement != c.want || got.AchievementBy != c.by {
			t.Errorf("%s to %s: got %s by %s, want %s by %s", c.from.Status, c.to, got.Achievement, got.AchievementBy, c.want, c.by)
		}
	}
}

func TestWhoChoseAGoalIsGuessedFromWhatIsFilledIn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		words, description string
		want               SetBy
	}{{"I want my own door.", "", ByParticipant}, {"I want my own door.", "Visit two places.", Jointly}, {"", "Visit two places.", ByWorker}} {
		if got := guess(c.words, c.description); got != c.want {
			t.Errorf("words %q, description %q: got %s, want %s", c.words, c.description, got, c.want)
		}
	}
}
