package plan

import (
	"context"
	"fmt"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/civil"
	"konote/app/i18n"
	"konote/app/metric"
	"konote/app/participant"
	"konote/app/program"
	"konote/app/staff"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// The acts that are recorded.
const (
	actionView     audit.Action = "target.view"
	actionPrint    audit.Action = "plan.print"
	actionProgress audit.Action = "plan.progress"
)

const (
	nowTargets = 5  // on a participant's first page
	saidOnPage = 12 // notes, of one target
	onCard     = 24 // values, of one target
)

// Handlers answer the routes of plans and their templates.
type Handlers struct{}

// Tab draws the plan on a participant's page.
func Tab(b *tenancy.Batch, r *web.Request, id uuid.UUID) func(context.Context, *tenancy.Tx, *participant.Reached) (templ.Component, error) {
	programs := r.Actor().About(id).Programs(access.PlanView)
	var plan Pending
	var page planPage
	Queue(b, id, programs, r.Actor().Withheld(access.PlanView), &plan)
	metric.Queue(b, programs, &page.Metrics)
	program.Queue(b, &page.Programs)
	page.queueCards(b, r, id, programs)
	page.queueApart(b, r, id, programs, civil.Date{})
	return func(_ context.Context, tx *tenancy.Tx, p *participant.Reached) (templ.Component, error) {
		var err error
		if page.Sections, err = plan.Open(tx.Box()); err != nil {
			return nil, err
		}
		if err := page.openSaid(tx); err != nil {
			return nil, err
		}
		page.About, page.Today, page.Editable = p, r.Today(tx), editable(p)
		return tabView(r.Frame(), page), nil
	}
}

// RightNow draws the active targets on a participant's first page, those worked on last
// first.
func RightNow(b *tenancy.Batch, r *web.Request, id uuid.UUID) func(context.Context, *tenancy.Tx, *participant.Reached) (templ.Component, error) {
	var rows []nowRow
	actor := r.Actor().About(id)
	b.Queue(sqlRightNow, tenancy.Into(&rows), id, actor.Programs(access.PlanView), actor.Withheld(access.NoteView), actor.Withheld(access.PlanView), nowTargets)
	return func(_ context.Context, tx *tenancy.Tx, p *participant.Reached) (templ.Component, error) {
		page := nowPage{About: p, MayEdit: len(editable(p)) > 0}
		o := tx.Box().Opener()
		for _, row := range rows {
			page.Targets = append(page.Targets, nowTarget{row.open(o), row.LastOn})
			page.More = row.Total - len(rows)
		}
		if err := o.Err(); err != nil {
			return nil, fmt.Errorf("open targets: %w", err)
		}
		return nowView(r.Frame(), page), nil
	}
}

// Progress is how all targets go: one chart of all of them, then one for each.
func (h *Handlers) Progress(r *web.Request) (web.Response, error) {
	page := planPage{Range: rangeOf(r)}
	err := whole(r, &page, actionProgress, func(b *tenancy.Batch, id uuid.UUID, programs []uuid.UUID, today civil.Date) {
		since := page.Range.since(today)
		page.queueCharts(b, r, id, programs, since)
		page.queueApart(b, r, id, programs, since)
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.PlanProgressTitle, progressView(r.Frame(), page)), nil
}

// Print is the plan on one sheet of paper.
func (h *Handlers) Print(r *web.Request) (web.Response, error) {
	var page planPage
	err := whole(r, &page, actionPrint, func(b *tenancy.Batch, id uuid.UUID, programs []uuid.UUID, _ civil.Date) {
		page.queueCards(b, r, id, programs)
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.PlanPrintTitle, printView(r.Frame(), page)), nil
}

// whole loads a participant's plan, with what notes say of it, for a page of its own.
func whole(r *web.Request, page *planPage, action audit.Action, more func(*tenancy.Batch, uuid.UUID, []uuid.UUID, civil.Date)) error {
	id, err := r.ID("participant")
	if err != nil {
		return err
	}
	programs := r.Actor().About(id).Programs(access.PlanView)
	return r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		page.scene, err = loadScene(r, tx, id, programs, access.PlanView, func(b *tenancy.Batch) { more(b, id, programs, r.Today(tx)) })
		if err != nil {
			return err
		}
		if err := page.openSaid(tx); err != nil {
			return err
		}
		return page.record(r, tx, page.event(r, action, page.About.Through[0], id))
	})
}

// Show is one target: the words, the charts, what was said.
func (h *Handlers) Show(r *web.Request) (web.Response, error) {
	page := showPage{Range: rangeOf(r)}
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		if page.targetPage, err = loadTarget(r, tx, access.PlanView); err != nil {
			return err
		}
		var rows []saidRow
		b := tx.Batch()
		page.queueCharts(b, r, page.About.ID, []uuid.UUID{page.Program}, page.Range.since(page.Today))
		b.Queue(sqlSaidOf, tenancy.Into(&rows), page.Target.ID, saidOnPage, r.Actor().Withheld(access.NoteView))
		if err := b.Send(r.Context()); err != nil {
			return fmt.Errorf("load what notes say: %w", err)
		}
		if page.Said, err = openSaid(tx.Box(), rows); err != nil {
			return err
		}
		if page.ChangedBy, err = nameOf(r.Context(), tx, page.Target.UpdatedBy); err != nil {
			return err
		}
		return page.record(r, tx, page.event(r, actionView, page.Program, page.Target.ID))
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.PlanGoalTitle, showView(r.Frame(), page)), nil
}

// nameOf is what to call a member of staff; "" for a command.
func nameOf(ctx context.Context, tx *tenancy.Tx, id uuid.UUID) (string, error) {
	if id == uuid.Nil {
		return "", nil
	}
	names, err := staff.Names(ctx, tx, []uuid.UUID{id})
	return names[id], err
}

// planOf is the address of a participant's plan, or of a page below it.
func planOf(participant uuid.UUID, below ...string) view.URL {
	return view.To(append([]string{"participants", participant.String(), "plan"}, below...)...)
}

// sectionAddress is that of a section's form, or of one below it.
func sectionAddress(id uuid.UUID, below ...string) view.URL {
	return view.To(append([]string{"plan-sections", id.String()}, below...)...)
}

// targetAddress is that of a target's page, or of one below it.
func targetAddress(id uuid.UUID, below ...string) view.URL {
	return view.To(append([]string{"targets", id.String()}, below...)...)
}
