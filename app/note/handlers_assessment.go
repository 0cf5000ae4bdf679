package note

import (
	"context"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"konote/app/civil"
	"konote/app/i18n"
	"konote/app/metric"
	"konote/app/participant"
	"konote/app/plan"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// DueNow draws what is due on a participant's first page, with the way to record it; nothing
// where nothing is due.
func DueNow(b *tenancy.Batch, r *web.Request, id uuid.UUID) func(context.Context, *tenancy.Tx, *participant.Reached) (templ.Component, error) {
	var due []Due
	queueDue(b, r.Actor(), id, civil.Of(b.Now().In(r.P.Zone())), &due)
	return func(_ context.Context, _ *tenancy.Tx, p *participant.Reached) (templ.Component, error) {
		return dueNow(r.Frame(), due, p), nil
	}
}

// NewAssessment is the choice of a measure, and, once one is chosen, its empty form.
func (h *Handlers) NewAssessment(r *web.Request) (web.Response, error) {
	page, err := loadAssessment(r, func(tx *tenancy.Tx, page *assessmentPage) error {
		if page.Keep.Begun() {
			page.read(r, r.Form, tx)
		} else {
			page.read(r, page.blank(r.Query), tx)
		}
		return nil
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.NoteAssessment, assessmentView(r.Frame(), page)), nil
}

// CreateAssessment saves one.
func (h *Handlers) CreateAssessment(r *web.Request) (web.Response, error) {
	page, err := loadAssessment(r, func(tx *tenancy.Tx, page *assessmentPage) error {
		page.read(r, r.Form, tx)
		page.Problems = page.check(r.P)
		if r.SwitchLanguage || page.Problems.Any() {
			return nil
		}
		return saveAssessment(r, tx, page)
	})
	switch problems := page.Problems; {
	case err != nil:
		return web.Response{}, err
	case r.SwitchLanguage || problems.Any():
		page.Problems = r.Shown(problems)
		return r.Again(i18n.NoteAssessment, problems, assessmentView(r.Frame(), page)), nil
	}
	return web.Redirect(view.To("participants", page.About.ID.String())).Say(i18n.NoteAssessmentSaved), nil
}

// saveAssessment writes the note and all that follows from it: goals of its program that
// have the measure are computed anew.
func saveAssessment(r *web.Request, tx *tenancy.Tx, page *assessmentPage) error {
	n := page.Note
	AssessmentForm.Done(r, tx, n.Participant)
	added, err := insert(r.Context(), tx, &n)
	if err != nil || !added {
		return err
	}
	targets, err := countsFor(r.Context(), tx, n.ID)
	if err != nil {
		return err
	}
	if err := plan.Recompute(r.Context(), tx, n.Participant, targets); err != nil {
		return err
	}
	return recordNew(r, tx, n, []metric.Entry{page.Entry}, page.Programs)
}
