package demo

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/google/uuid"

	"konote/app/civil"
	"konote/app/metric"
	"konote/app/note"
	"konote/app/participant"
	"konote/app/plan"
	"konote/tenancy"
)

// A way is how a goal goes over a year.
type way uint8

const (
	better way = iota
	uneven     // better in the end, with a hard stretch
	flat
	worse
	lapsed // nobody has spoken of it for long
)

var ways = []way{better, better, better, uneven, uneven, flat, flat, worse, lapsed}

// at is how near the goal is, from 0 to 1, when so much of the time has gone by.
func (w way) at(gone float64) float64 {
	switch w {
	case better:
		return .2 + .75*gone
	case uneven:
		return .3 + .55*gone + .25*math.Sin(gone*7)
	case worse:
		return .7 - .4*gone
	}
	return .45
}

// how says it as a note does.
func (w way) how(at float64) plan.Descriptor {
	switch {
	case at > .85:
		return plan.GoodPlace
	case w == worse || at < .25:
		return plan.Harder
	case w == flat || w == lapsed:
		return plan.Holding
	}
	return plan.Shifting
}

// A thread is a goal of somebody and the way it goes.
type thread struct {
	target *plan.PastTarget
	way    way
	first  metric.Metric // what achievement is computed from
	values []float64     // of it, the oldest first
	said   []plan.Descriptor
	last   time.Time
}

// plans invents what somebody works towards in each of her programs, and lets her notes
// tell of it.
func (p *past) plans(person participant.Past, notes []note.Note) []plan.Past {
	var sections []plan.Past
	for _, e := range person.Enrolments {
		t := p.teamOf(e.Program)
		if e.StartedOn.IsZero() || len(t.Workers) == 0 || p.random.IntN(3) == 0 {
			continue
		}
		made, threads := p.plan(person, e, t)
		p.tell(person, e, t, threads, notes)
		for _, th := range threads {
			th.conclude()
			if th.way == lapsed && p.random.IntN(2) == 0 {
				th.target.Status, th.target.Reason = plan.OnHold, pick(p.random, words["hold "+person.Language])
			}
		}
		sections = append(sections, made...)
	}
	return sections
}

// plan invents the plan of one program: one to three goals, in their sections.
func (p *past) plan(person participant.Past, e participant.PastEnrolment, t team) (sections []plan.Past, threads []*thread) {
	began := noon(time.Date(e.StartedOn.Year, e.StartedOn.Month, e.StartedOn.Day, 12, 0, 0, 0, p.today.Location())).AddDate(0, 0, p.random.IntN(10))
	if began.After(p.today) {
		began = p.today
	}
	by := p.worker(t)
	chosen := slices.Clone(goals[t.Theme])
	p.random.Shuffle(len(chosen), func(i, j int) { chosen[i], chosen[j] = chosen[j], chosen[i] })
	for i, spec := range chosen[:min(len(chosen), 1+p.random.IntN(3))] {
		words := spec.Words[person.Language]
		at := slices.IndexFunc(sections, func(s plan.Past) bool { return s.Name == words["section"] })
		if at < 0 {
			sections = append(sections, plan.Past{Section: plan.Section{ID: tenancy.NewID(), Participant: person.ID, Program: e.Program,
				Name: words["section"], Status: plan.SectionActive, Position: len(sections), UpdatedAt: began, UpdatedBy: by}})
			at = len(sections) - 1
		}
		target := plan.PastTarget{Target: plan.Target{
			ID: tenancy.NewID(), Program: e.Program, Position: i, Status: plan.Active, Achievement: plan.InProgress, AchievementBy: plan.Computed,
			Details:   plan.Details{Name: words["name"], Words: words["words"], Description: words["about"], SetBy: pick(p.random, []plan.SetBy{plan.Jointly, plan.ByParticipant, plan.Jointly})},
			CreatedAt: began, CreatedBy: by, UpdatedAt: began, UpdatedBy: by,
		}}
		if p.random.IntN(2) == 0 {
			target.TargetOn = civil.Of(began.AddDate(0, 4+p.random.IntN(8), 0)).String()
		}
		th := &thread{way: pick(p.random, ways)}
		for _, key := range spec.Metrics {
			m, known := p.metrics[key]
			if !known {
				continue
			}
			if th.first.ID == uuid.Nil {
				th.first = m
			}
			target.Metrics = append(target.Metrics, plan.TargetMetric{Metric: m.ID, Goal: m.Goal, AssignedOn: civil.Of(began), ReviewedOn: civil.Of(began)})
		}
		sections[at].Targets = append(sections[at].Targets, target)
		threads = append(threads, th)
	}
	for s := range sections { // only now do the targets stay where they are
		for i := range sections[s].Targets {
			target := &sections[s].Targets[i]
			threads[target.Position].target = target
		}
	}
	return sections, threads
}

// tell lets the notes of an enrolment tell of its goals, in the order of their days.
func (p *past) tell(person participant.Past, e participant.PastEnrolment, t team, threads []*thread, notes []note.Note) {
	var told []*note.Note
	for i := range notes {
		n := &notes[i]
		if n.Program == e.Program && n.Text != "" && (n.Interaction == note.Session || n.Interaction == note.HomeVisit || n.Interaction == note.Phone) {
			told = append(told, n)
		}
	}
	slices.SortFunc(told, func(a, b *note.Note) int {
		return cmp.Or(cmp.Compare(a.HappenedOn.String(), b.HappenedOn.String()), a.CreatedAt.Compare(b.CreatedAt))
	})
	for i, n := range told {
		gone := float64(i+1) / float64(len(told))
		for _, th := range threads {
			if n.HappenedOn.Before(civil.Of(th.target.CreatedAt)) || p.random.IntN(4) == 0 || th.way == lapsed && gone > .4 {
				continue
			}
			p.goalOf(n, th, gone, person.Language)
		}
		if len(n.Goals) > 0 {
			p.around(n, person.Language)
		}
	}
}

// goalOf is what a note says of one goal.
func (p *past) goalOf(n *note.Note, th *thread, gone float64, language string) {
	at := min(1, max(0, th.way.at(gone)+(p.random.Float64()-.5)*.12))
	how := th.way.how(at)
	g := note.Goal{Target: th.target.ID, Descriptor: how}
	if p.random.IntN(3) > 0 {
		g.Words = pick(p.random, words[string(how)+" "+language+" words"])
	}
	if g.Words == "" || p.random.IntN(2) == 0 {
		g.Text = pick(p.random, words[string(how)+" "+language+" worker"])
	}
	for i, tm := range th.target.Metrics {
		m := p.byID(tm.Metric)
		if !m.Typed() || !m.Numeric() || i > 0 && p.random.IntN(2) == 0 {
			continue
		}
		value := valueAt(m, at)
		g.Values = append(g.Values, note.Value{Metric: m.ID, Number: &value})
		if m.ID == th.first.ID {
			th.values = append(th.values, value)
		}
	}
	n.Goals = append(n.Goals, g)
	th.said, th.last = append(th.said, how), n.CreatedAt
}

// around is what a full note has besides its goals.
func (p *past) around(n *note.Note, language string) {
	n.Minutes = 15 * (2 + p.random.IntN(4))
	n.Modality = note.InPerson
	if n.Interaction == note.Phone {
		n.Modality = note.ByPhone
	}
	n.Engagement = pick(p.random, []note.Engagement{note.Engaged, note.Engaged, note.Valuing, note.Guarded, note.Motions})
	if p.random.IntN(3) == 0 {
		n.Alliance = note.Alliance{Rating: 3 + p.random.IntN(3), By: note.ByParticipant, Prompt: p.random.IntN(3)}
	}
	if p.random.IntN(12) == 0 {
		n.Suggestion, n.Weight = pick(p.random, words["suggestion "+language]), pick(p.random, note.Weights)
	}
}

// valueAt is a value of a metric so near to what is hoped for, within what is usual.
func valueAt(m metric.Metric, at float64) float64 {
	low, high := 0.0, 40.0
	if m.LibraryKey == "monthly_income" {
		low, high = 700, 2600
	}
	for _, bound := range []*float64{m.Low, m.WarnLow} {
		if bound != nil && m.LibraryKey != "monthly_income" {
			low = *bound
		}
	}
	for _, bound := range []*float64{m.High, m.WarnHigh} {
		if bound != nil && m.LibraryKey != "monthly_income" {
			high = *bound
		}
	}
	if m.Better == metric.Lower {
		at = 1 - at
	}
	if len(m.Options) > 0 {
		return m.Options[int(math.Round(at*float64(len(m.Options)-1)))].Value
	}
	scale := math.Pow10(m.Decimals)
	return math.Round((low+at*(high-low))*scale) / scale
}

// conclude says where the goal stands, as a note that is saved does.
func (th *thread) conclude() {
	var goal *float64
	if len(th.target.Metrics) > 0 {
		goal = th.target.Metrics[0].Goal
	}
	var points []plan.Point
	for _, v := range slices.Backward(th.values) {
		points = append(points, plan.Point{Value: v, Met: th.first.Reaches(v, goal)})
	}
	slices.Reverse(th.said)
	t := th.target
	t.Achievement = plan.Compute(points, th.first.Better == metric.Lower, th.said)
	t.AchievementAt = th.last
	if t.Achievement == plan.Achieved || t.Achievement == plan.Sustaining {
		t.FirstAchievedAt = th.last
	}
}

func (p *past) byID(id uuid.UUID) metric.Metric {
	for _, m := range p.metrics {
		if m.ID == id {
			return m
		}
	}
	return metric.Metric{}
}
