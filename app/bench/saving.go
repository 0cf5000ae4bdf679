package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"

	"konote/app/civil"
	"konote/app/metric"
	"konote/app/plan"
	"konote/tenancy"
)

const (
	goalsEach  = 5
	valuesEach = 2 // of a goal
)

// saving saves full notes, with five goals and ten values: one after the other against the
// same statements bare, and by fifty workers at once.
func (b *bench) saving(ctx context.Context) ([]row, error) {
	const workers = 50
	a, err := b.agencyWith(ctx, "bench-saving", workers, 200, 2000)
	if err != nil {
		return nil, err
	}
	about, err := a.writable(ctx)
	if err != nil {
		return nil, err
	}
	s := &savings{agency: a, about: about, goals: map[uuid.UUID][]goal{}}
	if err := a.Update(ctx, func(tx *tenancy.Tx) error { return s.plan(ctx, tx) }); err != nil {
		return nil, err
	}
	browsers, closeBrowsers, err := b.browsers(ctx, b.free, a, workers)
	defer closeBrowsers()
	if err != nil {
		return nil, err
	}
	err = together(workers, func(client int) error { return browsers[client].learn(pathOf(about[0]) + "/notes/new") })
	if err != nil {
		return nil, err
	}
	save := func(client, _ int) error {
		who := about[rand.IntN(len(about))]
		status, err := browsers[client].post(pathOf(who)+"/notes", s.form(who), "")
		if err = saved(status, err); err != nil {
			err = fmt.Errorf("%w: %s", err, problem(browsers[client].body))
		}
		return err
	}
	if _, err := latencies(workers, 2*workers, save); err != nil { // statements are prepared
		return nil, err
	}
	alone, err := b.savedAlone(ctx, s, func() error { return save(0, 0) }, func() error {
		return saved(browsers[0].post(pathOf(about[0])+"/notes", s.form(about[0]), ""))
	})
	if err != nil {
		return nil, err
	}
	before, err := a.notes(ctx)
	if err != nil {
		return nil, err
	}
	count := pick(b, 2000, 400)
	list, err := latencies(workers, count, save)
	if err != nil {
		return nil, err
	}
	after, err := a.notes(ctx)
	if err != nil {
		return nil, err
	}
	if after-before != count {
		return nil, fmt.Errorf("%d notes were saved at once, and %d are there", count, after-before)
	}
	return append(alone,
		within(fmt.Sprintf("save such a note, %d workers at once, p95 (none lost, none doubled)", workers), percentile(list, 95), 250*time.Millisecond),
		told("p50, p99", seconds(percentile(list, 50))+", "+seconds(percentile(list, 99))),
	), nil
}

// savedAlone compares one save over HTTP with its statements sent bare in one batch.
func (b *bench) savedAlone(ctx context.Context, s *savings, save, first func() error) ([]row, error) {
	log, err := b.record(ctx, s.agency, s.agency.workers[0], s.about[0], first)
	if err != nil {
		return nil, err
	}
	conns, closeConns, err := b.connections(ctx, 1)
	if err != nil {
		return nil, err
	}
	defer closeConns()
	d := pick(b, 2*time.Second, 500*time.Millisecond)
	arms, err := rounds(ctx, pick(b, 5, 2),
		b.profiled("save", func() (float64, error) { return each(d, save) }),
		func() (float64, error) {
			return each(d, func() error { return log.send(ctx, conns[0], s.agency.workers[0], s.about[0]) })
		},
	)
	if err != nil {
		return nil, err
	}
	return []row{
		times(fmt.Sprintf("save a full note with %d goals and %d values over HTTP, against its %d statements bare",
			goalsEach, goalsEach*valuesEach, log.count()), arms[0], arms[1], 1.5),
	}, nil
}

// savings is what the notes are about.
type savings struct {
	agency *agency
	about  []uuid.UUID
	goals  map[uuid.UUID][]goal // by participant
}

type goal struct {
	id       uuid.UUID
	measures []metric.Metric
}

// plan gives everybody five goals with two measures each, all different.
func (s *savings) plan(ctx context.Context, tx *tenancy.Tx) error {
	if err := metric.Seed(ctx, tx); err != nil {
		return err
	}
	all, err := metric.All(ctx, tx)
	if err != nil {
		return err
	}
	var measures []metric.Metric
	for _, m := range metric.Offered(all, s.agency.programs[0]) {
		if m.Kind == metric.Scale && m.Typed() && m.Low != nil && m.High != nil {
			measures = append(measures, m)
		}
	}
	if len(measures) < goalsEach*valuesEach {
		return errors.New("the library has too few measures")
	}
	now, today := tx.Now(), civil.Of(tx.Now())
	var plans []plan.Past
	for _, who := range s.about {
		p := plan.Past{Section: plan.Section{ID: tenancy.NewID(), Participant: who, Program: s.agency.programs[0], Name: "A home", Status: plan.SectionActive, UpdatedAt: now}}
		for i := range goalsEach {
			g := goal{tenancy.NewID(), measures[i*valuesEach : (i+1)*valuesEach]}
			t := plan.Target{ID: g.id, Details: plan.Details{Name: "A place of my own", Words: "My own key", SetBy: plan.Jointly},
				Status: plan.Active, Achievement: plan.InProgress, AchievementBy: plan.Computed, Position: i, CreatedAt: now, UpdatedAt: now}
			for _, m := range g.measures {
				t.Metrics = append(t.Metrics, plan.TargetMetric{Metric: m.ID, AssignedOn: today, ReviewedOn: today})
			}
			p.Targets = append(p.Targets, plan.PastTarget{Target: t})
			s.goals[who] = append(s.goals[who], g)
		}
		plans = append(plans, p)
	}
	return plan.Bulk(ctx, tx, plans)
}

var noteText = strings.Repeat("Called the landlord together and wrote down what he said. ", 6)

// form is a note that says something about every goal.
func (s *savings) form(who uuid.UUID) url.Values {
	form := url.Values{
		"id": {tenancy.NewID().String()}, "interaction": {"session"}, "text": {noteText},
		"happened_on": {today()}, "program": {s.agency.programs[0].String()}, "takeaway": {"I can call him myself."},
	}
	for _, g := range s.goals[who] {
		form.Set("g-"+g.id.String()+"-how", string(plan.Holding))
		form.Set("g-"+g.id.String()+"-text", "We looked at two rooms.")
		for _, m := range g.measures {
			form.Set("m-"+g.id.String()+"-"+m.ID.String(), fmt.Sprintf("%.0f", (*m.Low+*m.High)/2))
		}
	}
	return form
}

// notes is how many there are.
func (a *agency) notes(ctx context.Context) (count int, err error) {
	err = a.View(ctx, func(tx *tenancy.Tx) error { return tx.QueryRow(ctx, sqlCountNotes).Scan(&count) })
	return count, err
}
