package note

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/civil"
	"konote/app/draft"
	"konote/app/i18n"
	"konote/app/metric"
	"konote/app/participant"
	"konote/app/program"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// AssessmentForm is kept while it is typed in; the record is the participant.
var AssessmentForm = draft.Form{
	Name: "note.assessment", Title: i18n.NoteAssessment,
	Page:   func(record, _ uuid.UUID) view.URL { return assessmentURL(record) },
	About:  participant.DraftAbout(access.NoteCreate),
	Fields: []draft.Field{{Name: "takeaway", Label: i18n.NoteTakeawaySaid}, {Name: "text", Label: i18n.NoteAssessmentText}},
	More:   begunMeasure,
}

// assessmentURL is where a measure is chosen, and with its id, recorded.
func assessmentURL(participant uuid.UUID) view.URL {
	return view.To("participants", participant.String(), "assessments", "new")
}

// RecordURL is where a measure that is due is recorded.
func (d Due) RecordURL() view.URL {
	return assessmentURL(d.Participant).With("metric", d.Metric.String()).With("program", d.Program.String())
}

// assessmentPage is what the form shows: the choice of a measure, or one measure.
type assessmentPage struct {
	About        *participant.Reached
	Today        civil.Date
	Due          []Due
	Choices      []metric.Metric   // that can be recorded by itself; those meant for it come first
	Metric       metric.Metric     // the chosen one; zero: none yet
	Entry        metric.Entry      // its field
	Programs     []program.Program // in which it may be recorded; several give a choice
	Note         Note
	HappenedText string
	Keep         view.Draft
	Problems     view.Problems

	allowed []program.Program // in which the author may measure this participant
	metrics []metric.Metric
	last    []metric.Value
}

const valueField = "value"

// loadAssessment reaches the participant whom the route names, as somebody who may write
// about her and measure, and runs f in the same transaction.
func loadAssessment(r *web.Request, f func(*tenancy.Tx, *assessmentPage) error) (page assessmentPage, err error) {
	id, err := r.ID("participant")
	if err != nil {
		return page, err
	}
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		page = assessmentPage{Today: r.Today(tx)}
		actor := r.Actor()
		b := tx.Batch()
		about := participant.Queue(b, actor, id)
		metric.Queue(b, writing(actor.About(id)), &page.metrics)
		queueDue(b, actor, id, page.Today, &page.Due)
		queueLastTaken(b, actor, id, &page.last)
		keep := AssessmentForm.Queue(b, r, id)
		if err := b.Send(r.Context()); err != nil {
			return err
		}
		if page.About, err = about.Reach(tx.Box(), access.NoteCreate); err != nil {
			return err
		}
		decision := page.About.Decide(access.MetricViewIndividual)
		if decision.Reason != access.Allowed {
			return participant.Denied(decision.Reason, id)
		}
		page.allowed = slices.DeleteFunc(programsOf(page.About), func(p program.Program) bool { return !slices.Contains(decision.Through, p.ID) })
		page.choices()
		if page.Keep, err = keep.Open(r, tx); err != nil {
			return err
		}
		if err := f(tx, &page); err != nil {
			return err
		}
		return participant.Seen(tx, r, page.About)
	})
	return page, err
}

// choices are the measures that the author may record about this participant.
func (page *assessmentPage) choices() {
	for _, m := range page.metrics {
		if m.Status == metric.Active && m.Assessable() && len(page.within(m)) > 0 {
			page.Choices = append(page.Choices, m)
		}
	}
	slices.SortStableFunc(page.Choices, func(a, b metric.Metric) int {
		return cmp.Or(order(a.Apart)-order(b.Apart), slices.Index(metric.Categories, a.Category)-slices.Index(metric.Categories, b.Category))
	})
	page.Due = slices.DeleteFunc(page.Due, func(d Due) bool {
		return !slices.ContainsFunc(page.allowed, func(p program.Program) bool { return p.ID == d.Program })
	})
}

func order(first bool) int {
	if first {
		return 0
	}
	return 1
}

// within are the programs in which a measure may be recorded.
func (page *assessmentPage) within(m metric.Metric) []program.Program {
	return slices.DeleteFunc(slices.Clone(page.allowed), func(p program.Program) bool { return !m.BelongsIn(p.ID) })
}

// read reads the form. A measure that was turned off while somebody typed is still taken:
// what she has is not lost.
func (page *assessmentPage) read(r *web.Request, form url.Values, tx *tenancy.Tx) {
	id, _ := uuid.Parse(form.Get("metric"))
	m, known := metric.Find(page.metrics, id)
	if !known || !m.Assessable() {
		return
	}
	page.Programs = page.within(m)
	if len(page.Programs) == 0 {
		return
	}
	page.Metric, page.Entry = m, metric.Read(r.P, form, m, valueField)
	for _, v := range page.last {
		if v.Metric == m.ID {
			page.Entry.Last = &metric.Point{On: v.On, Value: v.Number}
		}
	}
	author := r.Actor()
	page.HappenedText = form.Get("happened_on")
	page.Note = Note{
		ID: web.FormID(form.Get("id")), Participant: page.About.ID, Author: author.Staff, CreatedAt: tx.Now(), Kind: Assessment,
		Interaction: Other, Takeaway: form.Get("takeaway"), Text: form.Get("text"), Shared: valuesOf([]metric.Entry{page.Entry}),
	}
	chosen, err := uuid.Parse(form.Get("program"))
	switch in := slices.ContainsFunc(page.Programs, func(p program.Program) bool { return p.ID == chosen }); {
	case err == nil && in:
		page.Note.Program = chosen
	case len(page.Programs) == 1:
		page.Note.Program = page.Programs[0].ID
	}
	page.Note.AuthorRole = author.Roles[page.Note.Program]
}

// blank are the values of the form as it opens.
func (page *assessmentPage) blank(query url.Values) url.Values {
	form := url.Values{"id": {tenancy.NewID().String()}, "happened_on": {page.Today.String()}, "metric": query["metric"], "program": query["program"]}
	for _, d := range page.Due {
		if d.Metric.String() == form.Get("metric") && form.Get("program") == "" {
			form.Set("program", d.Program.String())
		}
	}
	if form.Get("program") == "" && len(page.allowed) > 0 {
		form.Set("program", page.allowed[0].ID.String())
	}
	return form
}

// check finishes the note out of what was typed and says what is wrong with it.
func (page *assessmentPage) check(p *i18n.Printer) (problems view.Problems) {
	if page.Metric.ID == uuid.Nil {
		problems.Add("metric", i18n.NoteAssessmentGone)
		return problems
	}
	n := &page.Note
	entryProblem(&problems, page.Entry, i18n.ViewWords(page.Metric.Name(p)))
	if page.Entry.Empty() && page.Entry.Problem() == nil {
		problems.AddOf(i18n.ViewWords(page.Metric.Name(p)), valueField, i18n.NoteAssessmentWanted)
	}
	n.HappenedOn = day(&problems, "happened_on", page.HappenedText)
	if problems.Of("happened_on") == nil {
		n.checkDays(page.Today, &problems)
	}
	if n.Program == uuid.Nil {
		problems.Add("program", i18n.NoteProgramWanted)
	}
	if view.TooLong(n.Takeaway, maxTakeaway) {
		problems.AddOf(i18n.NoteTakeawaySaid, "takeaway", i18n.FormTooLong(maxTakeaway))
	}
	if view.TooLong(n.Text, maxText) {
		problems.AddOf(i18n.NoteAssessmentText, "text", i18n.FormTooLong(maxText))
	}
	return problems
}

// begunMeasure is the answer of a draft, by the name of its measure.
func begunMeasure(r *web.Request, tx *tenancy.Tx, participant uuid.UUID, values url.Values) ([]draft.Said, error) {
	id, err := uuid.Parse(values.Get("metric"))
	if err != nil || values.Get(valueField) == "" {
		return nil, nil
	}
	metrics, err := metric.Load(r.Context(), tx, r.Actor().About(participant).Programs(access.MetricViewIndividual))
	if err != nil {
		return nil, fmt.Errorf("load measures: %w", err)
	}
	m, known := metric.Find(metrics, id)
	if !known {
		return nil, nil
	}
	return []draft.Said{{Label: m.Name(r.P), Text: values.Get(valueField)}}, nil
}

// A choicePart is one list of measures to choose from.
type choicePart struct {
	Title   i18n.Message
	Metrics []metric.Metric
}

// parts are the choices in lists: those meant to be taken by themselves, then the others by
// category. What is due stands above and is left out.
func (page *assessmentPage) parts() (parts []choicePart) {
	for _, m := range page.Choices {
		title := i18n.Message(m.Category.Label())
		if m.Apart {
			title = i18n.MetricApart
		}
		switch last := len(parts) - 1; {
		case slices.ContainsFunc(page.Due, func(d Due) bool { return d.Metric == m.ID }):
		case last >= 0 && parts[last].Title == title:
			parts[last].Metrics = append(parts[last].Metrics, m)
		default:
			parts = append(parts, choicePart{title, []metric.Metric{m}})
		}
	}
	return parts
}

// lastText is the last value of a measure, and its day.
func (page *assessmentPage) lastText(f *view.Frame, m metric.Metric) string {
	for _, v := range page.last {
		if v.Metric == m.ID {
			return m.WithUnit(f.P, v.Number) + " · " + dayText(f.P, v.On)
		}
	}
	return ""
}

// dueIn names the program of a measure that is due in more than one.
func (page *assessmentPage) dueIn(f *view.Frame, d Due) string {
	if !several(page.Due, d) {
		return ""
	}
	return page.About.ProgramName(f.P, d.Program)
}

// several says whether a measure is due in more than one program.
func several(due []Due, of Due) bool {
	return slices.ContainsFunc(due, func(d Due) bool { return d.Metric == of.Metric && d.Program != of.Program })
}
