package demo

import (
	"context"
	"math"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/civil"
	"konote/app/metric"
	"konote/app/note"
	"konote/app/participant"
	"konote/tenancy"
)

// An assessmentSpec is the measure that an agency takes by itself, and the service in which
// it does, by their keys.
type assessmentSpec struct{ Measure, Program string }

// An instrument is that measure, as past uses it. What is drawn for it has a row of numbers
// of its own, so that all other inventions stay as they were.
type instrument struct {
	metric  metric.Metric
	program uuid.UUID
	random  *rand.Rand
}

// assess says that the measure is taken by itself.
func (p *past) assess(ctx context.Context, tx *tenancy.Tx, spec assessmentSpec, programs map[string]uuid.UUID) error {
	if err := p.measures(ctx, tx); err != nil {
		return err
	}
	m := p.metrics[spec.Measure]
	m.Apart, m.In = true, []uuid.UUID{programs[spec.Program]}
	p.instrument = instrument{metric: m, program: programs[spec.Program], random: rand.New(rand.NewPCG(uint64(len(spec.Measure)), 11))}
	return metric.Update(ctx, tx, m, uuid.Nil)
}

// assessments are what somebody's workers measured: when she came, about every three months,
// mostly when she left. Some are due.
func (p *past) assessments(person participant.Past) (notes []note.Note) {
	random := p.instrument.random
	for _, e := range person.Enrolments {
		t := p.teamOf(e.Program)
		if e.Program != p.instrument.program || e.StartedOn.IsZero() || len(t.Workers) == 0 || random.IntN(12) == 0 {
			continue
		}
		by := e.Worker
		if by == uuid.Nil {
			by = pick(random, t.Workers)
		}
		until := civil.Of(p.today)
		if !e.EndedOn.IsZero() {
			until = e.EndedOn
		}
		var days []civil.Date
		for day := e.StartedOn.AddDays(random.IntN(6)); !until.Before(day); day = day.AddDays(84 + random.IntN(12)) {
			days = append(days, day)
		}
		if !e.EndedOn.IsZero() && random.IntN(3) > 0 {
			days = append(days, until)
		} else if len(days) > 1 && random.IntN(2) == 0 {
			days = days[:len(days)-1] // not yet
		}
		goes := pick(random, []way{better, better, better, uneven, flat, worse})
		for i, day := range days {
			notes = append(notes, p.assessment(person, e, by, day, goes, float64(i)/max(1, float64(len(days)-1))))
		}
	}
	return notes
}

func (p *past) assessment(person participant.Past, e participant.PastEnrolment, by uuid.UUID, day civil.Date, goes way, gone float64) note.Note {
	random, m := p.instrument.random, p.instrument.metric
	at := min(.97, max(.03, goes.at(gone)+(random.Float64()-.5)*.25))
	value := math.Round(valueAt(m, at))
	written := time.Date(day.Year, day.Month, day.Day, 9+random.IntN(3), random.IntN(60), 0, 0, p.today.Location())
	n := note.Note{
		ID: tenancy.NewID(), Participant: person.ID, Program: e.Program, Author: by, AuthorRole: access.DirectService, Kind: note.Assessment,
		Interaction: note.Other, HappenedOn: day, CreatedAt: written, Shared: []note.Value{{Metric: m.ID, Number: &value}},
	}
	how := string(goes.how(at)) + " " + person.Language
	if random.IntN(2) == 0 {
		n.Takeaway = pick(random, words[how+" words"])
	}
	if random.IntN(3) == 0 {
		n.Text = pick(random, words[how+" worker"])
	}
	return n
}
