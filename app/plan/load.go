package plan

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/civil"
	"konote/app/fault"
	"konote/app/metric"
	"konote/app/participant"
	"konote/app/program"
	"konote/app/web"
	"konote/tenancy"
)

// A scene is what every page about a participant's plan knows.
type scene struct {
	About    *participant.Reached
	Sections []Section // in the programs where the actor may read plans
	Programs []program.Program
	Metrics  []metric.Metric // those of the agency and of these programs, archived ones too
	Editable []uuid.UUID     // programs in which the actor may change this participant's plan
	Today    civil.Date
}

// pendingScene is a scene asked for in a batch.
type pendingScene struct {
	r       *web.Request
	today   civil.Date
	about   *participant.Pending
	plan    Pending
	scene   scene
	reading []uuid.UUID
}

// queueScene adds to a page's batch what a scene reads: seven statements. programs are
// those whose plans are read, all of them ones in which the actor may.
func queueScene(b *tenancy.Batch, r *web.Request, tx *tenancy.Tx, id uuid.UUID, programs []uuid.UUID) *pendingScene {
	p := &pendingScene{r: r, today: r.Today(tx), reading: programs}
	p.about = participant.Queue(b, r.Actor(), id)
	Queue(b, id, programs, r.Actor().Withheld(access.PlanView), &p.plan)
	metric.Queue(b, programs, &p.scene.Metrics)
	program.Queue(b, &p.scene.Programs)
	return p
}

// open reaches the participant as somebody who wants to do something (key) with her plan.
func (p *pendingScene) open(tx *tenancy.Tx, key access.Key) (s scene, err error) {
	s = p.scene
	if s.About, err = p.about.Reach(tx.Box(), key); err != nil {
		return s, err
	}
	s.Today, s.Editable = p.today, editable(s.About)
	s.Programs = slices.DeleteFunc(s.Programs, func(g program.Program) bool { return !slices.Contains(p.reading, g.ID) })
	s.Sections, err = p.plan.Open(tx.Box())
	return s, err
}

// loadScene loads a scene alone; more adds to its batch.
func loadScene(r *web.Request, tx *tenancy.Tx, id uuid.UUID, programs []uuid.UUID, key access.Key, more ...func(*tenancy.Batch)) (scene, error) {
	b := tx.Batch()
	pending := queueScene(b, r, tx, id, programs)
	for _, add := range more {
		add(b)
	}
	if err := b.Send(r.Context()); err != nil {
		return scene{}, fmt.Errorf("load plan: %w", err)
	}
	return pending.open(tx, key)
}

// editable are the programs in which the actor may change a participant's plan: her role
// there allows it and the participant is enrolled there.
func editable(p *participant.Reached) []uuid.UUID {
	return p.Decide(access.PlanEdit).Through
}

// loadTarget loads the target that a route names, with its surroundings, for somebody
// who may read it, or change it when key is access.PlanEdit.
func loadTarget(r *web.Request, tx *tenancy.Tx, key access.Key, more ...func(*tenancy.Batch)) (targetPage, error) {
	var page targetPage
	id, err := r.ID("target")
	if err != nil {
		return page, err
	}
	ask := sqlPlaceOfTarget
	if key == access.PlanEdit {
		ask = sqlHoldTarget
	}
	at, err := placeOf(r.Context(), tx, ask, id)
	if err != nil {
		return page, err
	}
	if r.Actor().Withholds(id) {
		return page, fault.Refused()
	}
	if page.scene, err = loadPlace(r, tx, at, key, more...); err != nil {
		return page, err
	}
	page.Program, page.MayEdit = at.Program, slices.Contains(page.Editable, at.Program)
	for _, s := range page.Sections {
		for _, t := range s.Targets {
			if t.ID == id {
				page.Section, page.Target = s, t
			}
		}
	}
	return page, nil
}

// loadPlace loads the plan that something belongs to, as far as it is of the same
// program.
func loadPlace(r *web.Request, tx *tenancy.Tx, at place, key access.Key, more ...func(*tenancy.Batch)) (scene, error) {
	actor := r.Actor().About(at.Participant)
	if actor.NeedsGrant(at.Program, access.PlanView) {
		return scene{}, participant.Guarded(r.Context(), tx, r.Actor(), at.Participant, access.PlanView)
	}
	if !actor.MayIn(at.Program, access.PlanView) {
		return scene{}, fault.Refused()
	}
	s, err := loadScene(r, tx, at.Participant, []uuid.UUID{at.Program}, access.PlanView, more...)
	if err != nil {
		return s, err
	}
	if key == access.PlanEdit && !slices.Contains(s.Editable, at.Program) {
		return s, s.About.DeniedIn(at.Program, access.PlanEdit)
	}
	return s, nil
}

// targetPage is one target with what is around it.
type targetPage struct {
	scene
	Section Section
	Target  Target
	Program uuid.UUID
	MayEdit bool
}

// event is an act of the request's actor on a participant's plan in a program.
func (s *scene) event(r *web.Request, action audit.Action, program, subject uuid.UUID) audit.Event {
	return audit.Event{
		Action: action, Role: r.Actor().Roles[program], Program: program, Subject: subject,
		Participants: []uuid.UUID{s.About.ID}, Confidential: s.confidential(program),
	}
}

func (s *scene) record(r *web.Request, tx *tenancy.Tx, e audit.Event) error {
	return audit.Record(r.Context(), tx, audit.From(r), e)
}

func (s *scene) confidential(id uuid.UUID) bool {
	return slices.ContainsFunc(s.Programs, func(p program.Program) bool { return p.ID == id && p.Confidential })
}

// programOf is a program of the scene; the zero Program when there is none.
func (s *scene) programOf(id uuid.UUID) program.Program {
	for _, p := range s.Programs {
		if p.ID == id {
			return p
		}
	}
	return program.Program{}
}

// seen notes that a record was opened to change the plan.
func seen(r *web.Request, tx *tenancy.Tx, about *participant.Reached) error {
	return participant.Seen(tx, r, about)
}

// inTarget loads a target to be changed and runs f in the same transaction.
func inTarget(r *web.Request, f func(context.Context, *tenancy.Tx, *targetPage) error) (targetPage, error) {
	var page targetPage
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		if page, err = loadTarget(r, tx, access.PlanEdit); err != nil {
			return err
		}
		return f(r.Context(), tx, &page)
	})
	return page, err
}
