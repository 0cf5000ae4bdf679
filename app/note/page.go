package note

import (
	"net/url"
	"slices"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/circle"
	"konote/app/civil"
	"konote/app/draft"
	"konote/app/i18n"
	"konote/app/metric"
	"konote/app/participant"
	"konote/app/plan"
	"konote/app/program"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// formPage is what the form shows.
type formPage struct {
	Typed     typed
	About     *participant.Reached
	Programs  []program.Program // in which the author may write; several give a choice
	Templates []Template
	Template  *Template // whose headings are shown; nil: none
	Goals     []goalField
	Shared    []sharedField
	Circles   []circle.Choice // of the participant, which the author sees
	Today     civil.Date
	Keep      view.Draft
	Problems  view.Problems

	allowed  []uuid.UUID // programs in which the author may write about this participant
	sections []plan.Section
	metrics  []metric.Metric
	before   before
}

// A goalField is a goal that the note may tell of.
type goalField struct {
	plan.Target
	Goal  Goal           // as typed
	Due   []metric.Entry // measures to be asked now
	Later []metric.Entry // measures whose turn it is not
	Last  *saidBefore
}

// A sharedField is a measure of several goals of a program, which is asked once.
type sharedField struct {
	Program uuid.UUID
	Entry   metric.Entry
}

// queuedForm is what the form reads, in one batch.
type queuedForm struct {
	about     *participant.Pending
	plan      plan.Pending
	metrics   []metric.Metric
	templates []templateRow
	before    before
	circles   *circle.Choices
	keep      *draft.Queued
}

func queueForm(b *tenancy.Batch, r *web.Request, id uuid.UUID) *queuedForm {
	q := &queuedForm{about: participant.Queue(b, r.Actor(), id)}
	actor := r.Actor().About(id)
	may := writing(actor)
	plan.Queue(b, id, may, actor.Withheld(access.PlanView), &q.plan)
	metric.Queue(b, may, &q.metrics)
	queueBefore(b, actor, id, &q.before)
	shown, _ := uuid.Parse(r.Value("template"))
	b.Queue(sqlTemplatesFor, tenancy.Into(&q.templates), may, shown)
	q.circles = circle.Options(b, id, r.Actor())
	q.keep = Form.Queue(b, r, id)
	return q
}

// writing are the programs in which the actor may write notes.
func writing(actor access.Actor) []uuid.UUID { return actor.Programs(access.NoteCreate) }

// open makes the page, as nothing typed yet.
func (q *queuedForm) open(r *web.Request, tx *tenancy.Tx) (page formPage, err error) {
	page = formPage{Today: civil.Of(tx.Now().In(r.P.Zone())), metrics: q.metrics, before: q.before}
	if page.About, err = q.about.Reach(tx.Box(), access.NoteCreate); err != nil {
		return page, err
	}
	page.allowed = page.About.Through
	page.Programs = programsOf(page.About)
	if page.Circles, err = q.circles.Open(tx.Box()); err != nil {
		return page, err
	}
	if page.sections, err = q.plan.Open(tx.Box()); err != nil {
		return page, err
	}
	page.sections = slices.DeleteFunc(page.sections, func(s plan.Section) bool {
		return !slices.Contains(page.allowed, s.Program) || !r.Actor().About(page.About.ID).MayIn(s.Program, access.PlanView)
	})
	if page.Keep, err = q.keep.Open(r, tx); err != nil {
		return page, err
	}
	page.Templates, err = openTemplates(q.templates)
	page.Templates = slices.DeleteFunc(page.Templates, func(t Template) bool {
		return t.Program != uuid.Nil && !slices.Contains(page.allowed, t.Program)
	})
	return page, err
}

// programsOf are the programs through which the participant was reached.
func programsOf(p *participant.Reached) (programs []program.Program) {
	for _, id := range p.Through {
		i := slices.IndexFunc(p.Enrolments, func(e participant.Enrolment) bool { return e.Program == id })
		if i >= 0 {
			e := p.Enrolments[i]
			programs = append(programs, program.Program{ID: id, NameEN: e.ProgramEN, NameFR: e.ProgramFR, Confidential: e.Confidential})
		}
	}
	return programs
}

// loadForm reaches the participant whom the route names, as somebody who may write about
// her, and runs f in the same transaction. That the form was opened is recorded: it
// shows whose record it is.
func loadForm(r *web.Request, f func(*tenancy.Tx, *formPage) error) (page formPage, err error) {
	id, err := r.ID("participant")
	if err != nil {
		return page, err
	}
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		b := tx.Batch()
		q := queueForm(b, r, id)
		if err := b.Send(r.Context()); err != nil {
			return err
		}
		if page, err = q.open(r, tx); err != nil {
			return err
		}
		if err := f(tx, &page); err != nil {
			return err
		}
		return participant.Seen(tx, r, page.About)
	})
	return page, err
}

// fill puts what was typed into the page's goals and measures. Goals of the chosen
// program are the note's; a goal of another one is shown and not saved.
func (page *formPage) fill(p *i18n.Printer, form url.Values) {
	shared := page.sharedMetrics()
	for _, t := range page.working() {
		g := goalField{Target: t, Last: page.before.of(t.ID), Goal: Goal{
			Target: t.ID, Text: form.Get(goalName(t.ID, "text")), Words: form.Get(goalName(t.ID, "words")),
			Descriptor: among(form.Get(goalName(t.ID, "how")), plan.Descriptors),
		}}
		for _, m := range page.asked(t) {
			if shared[measureIn{t.Program, m.ID}] > 1 {
				page.share(p, form, t, m)
				continue
			}
			entry := metric.Read(p, form, m, "m-"+t.ID.String()+"-"+m.ID.String())
			last, due := page.before.point(t.ID, m)
			if entry.Last = last; due {
				g.Due = append(g.Due, entry)
			} else {
				g.Later = append(g.Later, entry)
			}
		}
		g.Goal.Values = valuesOf(append(slices.Clone(g.Due), g.Later...))
		page.Goals = append(page.Goals, g)
	}
}

type measureIn struct{ program, id uuid.UUID }

// sharedMetrics counts in how many goals of a program a measure is. One that is about
// the person is asked once, however many goals it stands at.
func (page *formPage) sharedMetrics() map[measureIn]int {
	counts := map[measureIn]int{}
	for _, t := range page.working() {
		for _, m := range page.asked(t) {
			if !m.AboutGoal() {
				counts[measureIn{t.Program, m.ID}]++
			}
		}
	}
	return counts
}

// share adds a measure of several goals, once.
func (page *formPage) share(p *i18n.Printer, form url.Values, t plan.Target, m metric.Metric) {
	name := "m-" + t.Program.String() + "-" + m.ID.String()
	if slices.ContainsFunc(page.Shared, func(s sharedField) bool { return s.Entry.Name == name }) {
		return
	}
	entry := metric.Read(p, form, m, name)
	entry.Last, _ = page.before.point(t.ID, m)
	page.Shared = append(page.Shared, sharedField{Program: t.Program, Entry: entry})
}

// working are the goals that a note may tell of, in the order of the plan.
func (page *formPage) working() (targets []plan.Target) {
	for _, s := range page.sections {
		if s.Status != plan.SectionActive {
			continue
		}
		for _, t := range s.Targets {
			if t.Working() {
				targets = append(targets, t)
			}
		}
	}
	return targets
}

// asked are the measures of a goal that somebody types.
func (page *formPage) asked(t plan.Target) (metrics []metric.Metric) {
	for _, tm := range t.Metrics {
		if m, ok := metric.Find(page.metrics, tm.Metric); ok && m.Typed() && m.Status == metric.Active {
			metrics = append(metrics, m)
		}
	}
	return metrics
}

// entries are all fields of measures on the page.
func (page *formPage) entries() (entries []metric.Entry) {
	for _, g := range page.Goals {
		entries = append(append(entries, g.Due...), g.Later...)
	}
	for _, s := range page.Shared {
		entries = append(entries, s.Entry)
	}
	return entries
}

// valuesOf are the measures that were answered.
func valuesOf(entries []metric.Entry) (values []Value) {
	for _, e := range entries {
		if !e.Empty() {
			values = append(values, Value{Metric: e.Metric.ID, Number: e.Answer.Value, Words: e.Answer.Words, Confirmed: e.Confirmed})
		}
	}
	return values
}

// collect makes the note of what was typed about goals of its program, and says whether
// something was typed about one of another program.
func (page *formPage) collect() (elsewhere bool) {
	n := &page.Typed.Note
	for _, g := range page.Goals {
		switch {
		case g.Goal.Empty():
		case g.Program != n.Program:
			elsewhere = true
		default:
			n.Goals = append(n.Goals, g.Goal)
		}
	}
	for _, s := range page.Shared {
		switch values := valuesOf([]metric.Entry{s.Entry}); {
		case len(values) == 0:
		case s.Program != n.Program:
			elsewhere = true
		default:
			n.Shared = append(n.Shared, values...)
		}
	}
	return elsewhere
}

// affected are the targets whose achievement the note may change: those that it tells
// of, and those that share a measure.
func (page *formPage) affected() []uuid.UUID {
	n := page.Typed.Note
	targets := n.touched()
	for _, g := range page.Goals {
		measures := slices.ContainsFunc(n.Shared, func(v Value) bool {
			return slices.ContainsFunc(g.Metrics, func(m plan.TargetMetric) bool { return m.Metric == v.Metric })
		})
		if measures && g.Program == n.Program && !slices.Contains(targets, g.ID) {
			targets = append(targets, g.ID)
		}
	}
	return targets
}

func goalName(target uuid.UUID, part string) string { return "g-" + target.String() + "-" + part }
