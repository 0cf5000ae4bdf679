package metric

import (
	"slices"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/program"
	"konote/app/staff"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// The acts that are recorded.
const (
	actionCreate  audit.Action = "metric.create"
	actionUpdate  audit.Action = "metric.update"
	actionLibrary audit.Action = "metric.library"
)

// Handlers answer the routes of metrics.
type Handlers struct{}

// enter lets administrators and managers in; the pages are no one else's.
func enter(actor access.Actor) error {
	if !actor.Admin && !actor.May(access.MetricManage) {
		return fault.New(fault.Denied, i18n.FaultDeniedText)
	}
	return nil
}

// maySee says whether somebody whom enter lets in may know of the metric.
func maySee(actor access.Actor, m Metric) bool { return m.Program == nil || mayChange(actor, m) }

// mayChange says whether the actor may change the metric.
func mayChange(actor access.Actor, m Metric) bool {
	return actor.Admin || (m.Program != nil && actor.MayIn(*m.Program, access.MetricManage))
}

// listPage is what the list shows.
type listPage struct {
	Metrics  []Metric
	Programs []program.Program
	Missing  int // measures of the library that the agency has not got; administrators add them
}

// List shows the metrics that the person may see, by category.
func (h *Handlers) List(r *web.Request) (web.Response, error) {
	if err := enter(r.Actor()); err != nil {
		return web.Response{}, err
	}
	var page listPage
	err := r.Agency.View(r.Context(), func(tx *tenancy.Tx) error {
		b := tx.Batch()
		b.Queue(sqlAll, tenancy.Into(&page.Metrics))
		program.Queue(b, &page.Programs)
		return b.Finish(r.Context())
	})
	if err != nil {
		return web.Response{}, err
	}

	if r.Actor().Admin {
		page.Missing = missing(page.Metrics)
	}
	page.Metrics = slices.DeleteFunc(page.Metrics, func(m Metric) bool { return !maySee(r.Actor(), m) })
	return web.WidePage(i18n.MetricListTitle, list(r.Frame(), page)), nil
}

// missing counts the measures of the library that are not among the agency's.
func missing(have []Metric) int {
	n := 0
	for _, m := range Library() {
		if !slices.ContainsFunc(have, func(h Metric) bool { return h.LibraryKey == m.LibraryKey }) {
			n++
		}
	}
	return n
}

// AddLibrary adds what the agency has not got of the library: KoNote may have learned new
// measures since the agency was made.
func (h *Handlers) AddLibrary(r *web.Request) (web.Response, error) {
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		if err := Seed(r.Context(), tx); err != nil {
			return err
		}
		return audit.Record(r.Context(), tx, audit.From(r), audit.Event{Action: actionLibrary})
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(view.To("metrics")).Say(i18n.MetricLibraryAdded), nil
}

// showPage is what the page of a metric shows.
type showPage struct {
	Metric    Metric
	Program   string   // whose it is, by name; "" for the whole agency
	In        []string // programs in which it is taken by itself, by name; none for all that have it
	Limits    []limitUse
	MayChange bool
	ChangedBy string

	Reasons      []Reason // the newest first
	OlderReasons view.URL // zero: there are none
}

// Show is one metric: what it means, how it is asked, how its limits fit.
func (h *Handlers) Show(r *web.Request) (web.Response, error) {
	id, err := metricID(r)
	if err != nil {
		return web.Response{}, err
	}
	var page showPage
	err = r.Agency.View(r.Context(), func(tx *tenancy.Tx) error {
		page, err = loadShow(r, tx, id)
		return err
	})
	if err != nil {
		return web.Response{}, err
	}

	return web.Page(i18n.MetricShowTitle, show(r.Frame(), page)), nil
}

func loadShow(r *web.Request, tx *tenancy.Tx, id uuid.UUID) (page showPage, err error) {
	if page.Metric, err = reach(r, tx, id, maySee); err != nil {
		return page, err
	}
	page.MayChange = mayChange(r.Actor(), page.Metric)
	before, _ := uuid.Parse(r.Query.Get("before")) // anything else is the newest
	var more bool
	if page.Reasons, more, err = reasons(r.Context(), tx, id, before); err != nil {
		return page, err
	}
	if more {
		page.OlderReasons = view.To("metrics", id.String()).With("before", page.Reasons[len(page.Reasons)-1].ID.String())
	}
	if page.Limits, err = tenancy.Rows[limitUse](r.Context(), tx, sqlChecks, id); err != nil {
		return page, err
	}
	if page.Metric.Apart && len(page.Metric.In) > 0 {
		programs, err := program.All(r.Context(), tx)
		if err != nil {
			return page, err
		}
		for _, p := range programs {
			if slices.Contains(page.Metric.In, p.ID) && (r.Actor().Admin || r.Actor().Sees(p.ID)) {
				page.In = append(page.In, p.Name(r.P))
			}
		}
	}
	if of := page.Metric.Program; of != nil {
		owner, err := program.ByID(r.Context(), tx, *of)
		if err != nil {
			return page, err
		}
		page.Program = owner.Name(r.P)
	}
	if by := page.Metric.UpdatedBy; by != nil {
		names, err := staff.Names(r.Context(), tx, []uuid.UUID{*by})
		if err != nil {
			return page, err
		}
		page.ChangedBy = names[*by]
	}
	return page, nil
}

// metricID is the metric that a route names, for those whom enter lets in.
func metricID(r *web.Request) (uuid.UUID, error) {
	if err := enter(r.Actor()); err != nil {
		return uuid.Nil, err
	}
	return r.ID("metric")
}

// reach loads a metric for somebody who may do something with it.
func reach(r *web.Request, tx *tenancy.Tx, id uuid.UUID, may func(access.Actor, Metric) bool) (Metric, error) {
	m, err := ByID(r.Context(), tx, id)
	if err == nil && !may(r.Actor(), m) {
		err = fault.Refused()
	}
	return m, err
}

// New is the empty form of a new metric.
func (h *Handlers) New(r *web.Request) (web.Response, error) {
	owners, keep, err := loadNew(r)
	if err != nil {
		return web.Response{}, err
	}
	f := formOf(r.P, Metric{ID: tenancy.NewID(), Kind: Scale, Better: Higher, Category: Custom, CadenceNotes: 1, ReviewDays: 90, Assessment: usually})
	f.Whose = ""
	if len(owners) == 1 {
		f.Whose = owners[0].Value
	}
	if keep.Begun() {
		f, _ = decode(r, newMetric(r))
	}
	f.Keep, f.Places = keep, places(owners)
	return web.Page(i18n.MetricNewTitle, newForm(r.Frame(), f, owners, nil)), nil
}

// newMetric is a metric that a form begins: its id was made when the form opened, so that
// sending it twice saves it once.
func newMetric(r *web.Request) Metric {
	id, err := uuid.Parse(r.Value("id"))
	if err != nil || id.Version() != 7 {
		id = tenancy.NewID()
	}
	return Metric{ID: id, Status: Active}
}

// Create saves a new metric.
func (h *Handlers) Create(r *web.Request) (web.Response, error) {
	owners, keep, err := loadNew(r)
	if err != nil {
		return web.Response{}, err
	}
	f, problems := decode(r, newMetric(r))
	f.Keep, f.Places = keep, places(owners)
	if !slices.ContainsFunc(owners, func(o view.Option) bool { return o.Value == f.Whose }) {
		problems.Add("program", i18n.MetricProgramWanted)
	}
	if more := r.Value("then") == "rows"; more || r.SwitchLanguage || problems.Any() {
		problems = shown(r, problems)
		return r.Again(i18n.MetricNewTitle, problems, newForm(r.Frame(), f, owners, problems)), nil
	}

	m := f.Metric
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		NewForm.Done(r, tx, uuid.Nil)
		added, err := insert(r.Context(), tx, m, r.Actor().Staff)
		if err != nil {
			return err
		}
		if !added { // sent twice; an id of another metric is refused
			_, err = reach(r, tx, m.ID, mayChange)
			return err
		}
		return record(r, tx, actionCreate, Metric{}, m, f.Why)
	})
	if err != nil {
		return web.Response{}, err
	}

	return web.Redirect(view.To("metrics", m.ID.String())).Say(i18n.MetricSaved), nil
}

// shown are the problems that a form shows: none while it only gets more rows or another
// language.
func shown(r *web.Request, problems view.Problems) view.Problems {
	if r.Value("then") == "rows" {
		return nil
	}
	return r.Shown(problems)
}

// loadNew loads what the form of a new metric needs: to whom the person may give it (the
// whole agency, for administrators, and the programs in which she manages metrics), and
// what she has typed before.
func loadNew(r *web.Request) (owners []view.Option, keep view.Draft, err error) {
	if err := enter(r.Actor()); err != nil {
		return nil, keep, err
	}
	var programs []program.Program
	err = r.Agency.View(r.Context(), func(tx *tenancy.Tx) error {
		if programs, err = program.All(r.Context(), tx); err != nil {
			return err
		}
		keep, err = NewForm.Open(r, tx, uuid.Nil)
		return err
	})
	if err != nil {
		return nil, keep, err
	}
	if r.Actor().Admin {
		owners = append(owners, view.Option{Value: everybody, Label: r.P.T(i18n.MetricProgramAll)})
	}
	return append(owners, managed(r, programs)...), keep, nil
}

// managed offers the programs to which the actor may give a metric.
func managed(r *web.Request, programs []program.Program, chosen ...uuid.UUID) (options []view.Option) {
	for _, p := range owning(r.Actor(), programs, chosen...) {
		options = append(options, view.Option{Value: p.ID.String(), Label: p.Name(r.P)})
	}
	return options
}

// places are the programs among those to whom a metric may be given.
func places(owners []view.Option) []view.Option {
	return slices.DeleteFunc(slices.Clone(owners), func(o view.Option) bool { return o.Value == everybody })
}

// owning leaves the programs to which the actor may give a metric: those in use, and those
// that were chosen before.
func owning(actor access.Actor, programs []program.Program, chosen ...uuid.UUID) []program.Program {
	return slices.DeleteFunc(slices.Clone(programs), func(p program.Program) bool {
		return p.Status != program.Active && !slices.Contains(chosen, p.ID) || !actor.Admin && !actor.MayIn(p.ID, access.MetricManage)
	})
}

// Edit is the form of a metric that is there.
func (h *Handlers) Edit(r *web.Request) (web.Response, error) {
	m, programs, keep, err := loadToChange(r)
	if err != nil {
		return web.Response{}, err
	}
	f := formOf(r.P, m)
	if keep.Begun() {
		f, _ = decode(r, m)
	}
	f.Keep, f.Places = keep, programs
	return web.Page(i18n.MetricEditTitle, editForm(r.Frame(), m.Name(r.P), f, nil, nil)), nil
}

// loadToChange loads the metric that a route names, for those who may change it, the
// programs in which it may be taken by itself, and what they have typed before.
func loadToChange(r *web.Request) (m Metric, places []view.Option, keep view.Draft, err error) {
	id, err := metricID(r)
	if err != nil {
		return m, nil, keep, err
	}
	err = r.Agency.View(r.Context(), func(tx *tenancy.Tx) error {
		if m, err = reach(r, tx, id, mayChange); err != nil {
			return err
		}
		if m.Program == nil && m.Assessable() {
			programs, err := program.All(r.Context(), tx)
			if err != nil {
				return err
			}
			places = managed(r, programs, m.In...)
		}
		keep, err = EditForm.Open(r, tx, id)
		return err
	})
	return m, places, keep, err
}

// Update saves a change. A change that comes too late is shown beside what is there now.
func (h *Handlers) Update(r *web.Request) (web.Response, error) {
	before, programs, keep, err := loadToChange(r)
	if err != nil {
		return web.Response{}, err
	}
	f, problems := decode(r, before)
	f.Keep, f.Places = keep, programs
	if more := r.Value("then") == "rows"; more || r.SwitchLanguage || problems.Any() {
		problems = shown(r, problems)
		return r.Again(i18n.MetricEditTitle, problems, editForm(r.Frame(), before.Name(r.P), f, nil, problems)), nil
	}

	m := f.Metric
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		if before, err = ByID(r.Context(), tx, m.ID); err != nil {
			return err
		}
		m.Status = before.Status
		if err := Update(r.Context(), tx, m, r.Actor().Staff); err != nil {
			return err
		}
		EditForm.Done(r, tx, m.ID)
		return record(r, tx, actionUpdate, before, m, f.Why)
	})
	if fault.KindOf(err) == fault.Conflict {
		f.Metric.Version = before.Version
		return web.Page(i18n.MetricEditTitle, editForm(r.Frame(), before.Name(r.P), f, &before, nil)).Conflict(), nil
	}
	if err != nil {
		return web.Response{}, err
	}

	return web.Redirect(view.To("metrics", m.ID.String())).Say(i18n.MetricSaved), nil
}

// Turn turns a metric on or off.
func (h *Handlers) Turn(r *web.Request) (web.Response, error) {
	id, err := metricID(r)
	if err != nil {
		return web.Response{}, err
	}
	status, said := Archived, i18n.MetricTurnedOff
	if r.Checked("on") {
		status, said = Active, i18n.MetricTurnedOn
	}

	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		before, err := reach(r, tx, id, mayChange)
		if err != nil || before.Status == status {
			return err
		}
		after := before
		after.Status = status
		if err := Update(r.Context(), tx, after, r.Actor().Staff); err != nil {
			return err
		}
		return record(r, tx, actionUpdate, before, after, "")
	})
	if err != nil {
		return web.Response{}, err
	}

	return web.Redirect(view.To("metrics", id.String())).Say(said), nil
}

// record keeps why a metric was made or changed, and puts the change into the audit log.
func record(r *web.Request, tx *tenancy.Tx, action audit.Action, before, after Metric, why string) error {
	if err := Explain(r.Context(), tx, after.ID, why, r.Actor().Staff); err != nil {
		return err
	}
	var programs []program.Program
	if after.Program != nil {
		owner, err := program.ByID(r.Context(), tx, *after.Program)
		if err != nil {
			return err
		}
		programs = append(programs, owner)
	}
	return audit.Record(r.Context(), tx, audit.From(r), event(r, action, before, after, why, programs))
}

// event is a change of a metric by the request's actor; programs has the one whose it is.
func event(r *web.Request, action audit.Action, before, after Metric, why string, programs []program.Program) audit.Event {
	e := audit.Event{Action: action, Subject: after.ID, After: kept{after, why}}
	if action == actionUpdate {
		e.Before = before
	}
	if after.Program != nil {
		e.Program, e.Role = *after.Program, r.Actor().Roles[*after.Program]
		e.Confidential = slices.ContainsFunc(programs, func(p program.Program) bool { return p.ID == e.Program && p.Confidential })
	}
	return e
}
