package plan

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/civil"
	"konote/app/i18n"
	"konote/app/metric"
	"konote/app/participant"
	"konote/app/program"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// A story is what notes say about a participant's targets.
type story struct {
	values   []value
	sessions []metric.Point
	rows     []saidRow
	last     map[uuid.UUID]Said // by target
}

// queueCards adds what cards show to a page's batch: two statements.
func (s *story) queueCards(b *tenancy.Batch, r *web.Request, id uuid.UUID, programs []uuid.UUID) {
	notes, plans := r.Actor().Withheld(access.NoteView), r.Actor().Withheld(access.PlanView)
	b.Queue(sqlRecent, tenancy.Into(&s.values), id, counted(r, id, programs), onCard, notes, plans)
	b.Queue(sqlLastSaid, tenancy.Into(&s.rows), id, programs, notes)
}

// queueCharts adds what charts show since a day (zero: all): three statements.
func (s *story) queueCharts(b *tenancy.Batch, r *web.Request, id uuid.UUID, programs []uuid.UUID, since civil.Date) {
	notes, plans := r.Actor().Withheld(access.NoteView), r.Actor().Withheld(access.PlanView)
	b.Queue(sqlValues, tenancy.Into(&s.values), id, counted(r, id, programs), since, notes, plans)
	metric.QueueSessions(b, id, counted(r, id, programs), notes, since, &s.sessions)
	b.Queue(sqlLastSaid, tenancy.Into(&s.rows), id, programs, notes)
}

// counted leaves the programs whose numbers about one person the actor may see.
func counted(r *web.Request, participant uuid.UUID, programs []uuid.UUID) []uuid.UUID {
	actor := r.Actor().About(participant)
	return slices.DeleteFunc(slices.Clone(programs), func(id uuid.UUID) bool { return !actor.MayIn(id, access.MetricViewIndividual) })
}

func (s *story) openSaid(tx *tenancy.Tx) error {
	all, err := openSaid(tx.Box(), s.rows)
	s.last = make(map[uuid.UUID]Said, len(all))
	for _, one := range all {
		s.last[one.Target] = one
	}
	return err
}

// planPage is what a participant's plan shows, on the tab, on the page of charts and on
// paper.
type planPage struct {
	scene
	story
	Range span
	apart []metric.Value // of assessments
}

// queueApart adds what was measured apart from targets since a day (zero: all) to a page's
// batch.
func (page *planPage) queueApart(b *tenancy.Batch, r *web.Request, id uuid.UUID, programs []uuid.UUID, since civil.Date) {
	metric.QueueApart(b, id, counted(r, id, programs), r.Actor().Withheld(access.NoteView), r.Actor().Withheld(access.MetricViewIndividual), since, &page.apart)
}

// showPage is what the page of one target shows.
type showPage struct {
	targetPage
	story
	Range     span
	Said      []Said // the newest first
	ChangedBy string
}

// nowPage is the plan on a participant's first page.
type nowPage struct {
	About   *participant.Reached
	Targets []nowTarget
	More    int // that are not among them
	MayEdit bool
}

type nowTarget struct {
	Target
	LastOn civil.Date
}

// A part is the sections of one program.
type part struct {
	Program  program.Program
	Sections []Section
	MayEdit  bool
}

// parts are the sections by program, in the order of the programs, each with the targets
// for which the filter says yes; sections and programs without one are left out.
func (page *planPage) parts(keep func(Section, Target) bool) []part {
	var parts []part
	for _, g := range page.Programs {
		in := part{Program: g, MayEdit: slices.Contains(page.Editable, g.ID)}
		for _, s := range page.Sections {
			if s.Program != g.ID {
				continue
			}
			s.Targets = slices.DeleteFunc(slices.Clone(s.Targets), func(t Target) bool { return !keep(s, t) })
			if len(s.Targets) > 0 {
				in.Sections = append(in.Sections, s)
			}
		}
		if len(in.Sections) > 0 {
			parts = append(parts, in)
		}
	}
	return parts
}

// open are targets of which something is still to be done.
func open(s Section, t Target) bool { return s.Status == SectionActive && t.Status.Open() }

func over(s Section, t Target) bool { return !open(s, t) }

func (page *planPage) any() bool {
	return slices.ContainsFunc(page.Sections, func(s Section) bool { return len(s.Targets) > 0 })
}

func (page *planPage) mayEdit() bool { return len(page.Editable) > 0 }

// A measure is a metric of a target with what is drawn of it.
type measure struct {
	TargetMetric
	Metric metric.Metric
	Series metric.Series
	First  bool // decides how the target stands
}

// measures are the metrics of a target, in order. An unknown metric, which cannot happen
// while a program's metrics stay in it, is left out.
func (s *story) measures(t Target, metrics []metric.Metric, today civil.Date) []measure {
	var found []measure
	decided := false
	for _, tm := range t.Metrics {
		m, ok := metric.Find(metrics, tm.Metric)
		if !ok {
			continue
		}
		first := !decided && m.Numeric() && m.Typed()
		decided = decided || first
		found = append(found, measure{tm, m, s.series(t, m, tm.Goal, today), first})
	}
	return found
}

func (s *story) series(t Target, m metric.Metric, goal *float64, today civil.Date) metric.Series {
	series := metric.Series{Metric: m, Goal: goal}
	if !m.Typed() {
		series.Points = metric.FillMonths(s.sessions, today)
		return series
	}
	for _, v := range s.values {
		if v.Target == t.ID && v.Metric == m.ID {
			series.Points = append(series.Points, metric.Point{On: v.On, Value: v.Number})
		}
	}
	return series
}

// deciding is the metric from which a target's standing is computed, where it has values.
func (s *story) deciding(t Target, metrics []metric.Metric, today civil.Date) (measure, bool) {
	for _, m := range s.measures(t, metrics, today) {
		if m.First {
			return m, len(m.Series.Points) > 0
		}
	}
	return measure{}, false
}

// assessments are the measures that were taken apart from goals, in the order of their names.
func (page *planPage) assessments() []metric.Series {
	return slices.DeleteFunc(metric.Apart(page.Metrics, page.apart), func(s metric.Series) bool { return !s.Metric.Numeric() })
}

// chartID is the id of a chart on a page.
func chartID(t Target, m metric.Metric) string { return "c-" + t.ID.String() + "-" + m.ID.String() }

// due says whether somebody should ask if the metric is still the right one.
func (m measure) due(today civil.Date) bool {
	return m.Metric.ReviewDays > 0 && m.ReviewedOn.AddDays(m.Metric.ReviewDays).Before(today)
}

// rows are all targets that have numbers, for the chart of all of them.
func (page *planPage) rows(f *view.Frame) []view.GoalRow {
	var rows []view.GoalRow
	for _, s := range page.Sections {
		for _, t := range s.Targets {
			if m, ok := page.deciding(t, page.Metrics, page.Today); ok && open(s, t) {
				rows = append(rows, metric.GoalRow(f.P, m.Series, t.Title(), f.T(t.Achievement.Label()), targetAddress(t.ID)))
			}
		}
	}
	return rows
}

// A span is how far back charts go.
type span struct {
	key   string // in the address
	label i18n.Key
	days  int // 0: all
}

var spans = []span{
	{"1m", i18n.PlanRangeM1, 30}, {"3m", i18n.PlanRangeM3, 91}, {"6m", i18n.PlanRangeM6, 182},
	{"1y", i18n.PlanRangeY1, 365}, {"all", i18n.PlanRangeAll, 0},
}

// rangeOf is the range that the address asks for; a year unless it says otherwise.
func rangeOf(r *web.Request) span {
	for _, s := range spans {
		if s.key == r.Query.Get("range") {
			return s
		}
	}
	return spans[3]
}

// since is the first day; zero for all.
func (s span) since(today civil.Date) civil.Date {
	if s.days == 0 {
		return civil.Date{}
	}
	return today.AddDays(-s.days)
}

// kindOf colours how a target stands. What is hard is never red: it is no failing.
func kindOf(a Achievement) view.Kind {
	switch a {
	case Achieved, Sustaining:
		return view.Success
	case Improving:
		return view.Info
	case Worsening:
		return view.Warm
	}
	return view.Neutral
}

func dayText(p *i18n.Printer, d civil.Date) string { return p.LongDate(d.Year, d.Month, d.Day) }

// byText says by when a target is hoped for; "" when nobody said.
func byText(f *view.Frame, t Target, today civil.Date) string {
	day := t.By()
	switch {
	case day.IsZero():
		return ""
	case t.Status.Open() && day.Before(today):
		return f.T(i18n.PlanTargetOnPast(dayText(f.P, day)))
	}
	return f.T(i18n.PlanTargetOnText(dayText(f.P, day)))
}

// lastText says when a target was worked on last.
func lastText(f *view.Frame, on civil.Date) string {
	if on.IsZero() {
		return f.T(i18n.PlanLastOnNever)
	}
	return f.T(i18n.PlanLastOn(f.P.Date(on.Year, on.Month, on.Day)))
}

// lastText says when a target was worked on last, and how it went.
func (s *story) lastText(f *view.Frame, t Target) string {
	said := s.last[t.ID]
	if said.Descriptor == "" {
		return lastText(f, said.On)
	}
	return f.T(i18n.PlanLastHow(lastText(f, said.On), f.T(said.Descriptor.Label())))
}

// sectionName is what a section is called.
func sectionName(f *view.Frame, s Section) string {
	if s.Name == "" {
		return f.T(i18n.PlanSectionPlain)
	}
	return s.Name
}

// changedText says when a target was last changed, and by whom.
func changedText(f *view.Frame, at time.Time, by string) string {
	if by == "" {
		return f.T(i18n.PlanChangedNobody(f.P.Moment(at)))
	}
	return f.T(i18n.PlanChanged(f.P.Moment(at), by))
}

// goalLine is a metric's goal in words.
func goalLine(f *view.Frame, m measure) string {
	if m.Goal == nil {
		return f.T(i18n.PlanMetricGoalNone)
	}
	return f.T(i18n.PlanMetricGoalText(m.Metric.WithUnit(f.P, *m.Goal)))
}
