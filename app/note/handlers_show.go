package note

import (
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/circle"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/metric"
	"konote/app/participant"
	"konote/app/plan"
	"konote/app/program"
	"konote/app/staff"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// authorCancels is for how long the author may cancel a note.
const authorCancels = 24 * time.Hour

// showPage is one note with what is around it.
type showPage struct {
	Entry       entry
	About       *participant.Reached
	Metrics     []metric.Metric
	Addenda     []signedAddendum
	CancelledBy string
	Circle      string // its name; "" for none, and for one that the actor does not see
	MayAdd      bool
	MayCancel   bool
	MayFollow   bool     // settle the follow-up, or move it
	Addendum    Addendum // being written
	Reason      string   // being written
	Problems    view.Problems
}

// mayCancel says whether the actor may cancel the note at this moment: its author within
// a day, and who manages the note's program at any time.
func mayCancel(actor access.Actor, n Note, now time.Time) bool {
	if n.Cancelled.Is() || !actor.MayIn(n.Program, access.NoteEdit) {
		return false
	}
	return actor.Roles[n.Program] == access.ProgramManager || n.Author == actor.Staff && now.Before(n.CreatedAt.Add(authorCancels))
}

// mayAdd says whether the actor may add to the note.
func mayAdd(actor access.Actor, n Note) bool {
	return !n.Cancelled.Is() && actor.MayIn(n.Program, access.NoteEdit)
}

// loadNote loads the note that the route names, for those who may do something (key) in
// its program, and runs f in the same transaction. To all others it is not there.
func loadNote(r *web.Request, key access.Key, f func(*tenancy.Tx, *showPage) error) (page showPage, err error) {
	id, err := r.ID("note")
	if err != nil {
		return page, err
	}
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		n, err := byID(r.Context(), tx, id)
		if err != nil {
			return err
		}
		actor := r.Actor().About(n.Participant)
		if actor.NeedsGrant(n.Program, access.NoteView) && !actor.Withholds(n.ID) {
			return participant.Guarded(r.Context(), tx, r.Actor(), n.Participant, access.NoteView)
		}
		if !actor.MayIn(n.Program, key) || !actor.MayIn(n.Program, access.NoteView) || actor.Withholds(n.ID) {
			return fault.Refused()
		}
		page = showPage{MayAdd: mayAdd(actor, n), MayCancel: mayCancel(actor, n, tx.Now()), Addendum: Addendum{ID: tenancy.NewID()}}
		if err := page.load(r, tx, n); err != nil {
			return err
		}
		denied := page.About.DeniedIn(n.Program, access.NoteEdit)
		if key == access.NoteEdit && denied != nil {
			return denied
		}
		page.MayAdd, page.MayCancel = page.MayAdd && denied == nil, page.MayCancel && denied == nil
		page.MayFollow = n.FollowUpOpen() && page.About.MayIn(n.Program, access.NoteCreate)
		return f(tx, &page)
	})
	return page, err
}

// load reads what is around a note, in one batch.
func (page *showPage) load(r *web.Request, tx *tenancy.Tx, n Note) (err error) {
	var parts parts
	var programs []program.Program
	var addenda []addendumRow
	b := tx.Batch()
	about := participant.Queue(b, r.Actor(), n.Participant)
	queueParts(b, n.ID, &parts)
	b.Queue(sqlAddenda, tenancy.Into(&addenda), n.ID)
	metric.Queue(b, []uuid.UUID{n.Program}, &page.Metrics)
	program.Queue(b, &programs)
	tagged := &circle.Choices{}
	if n.Circle != uuid.Nil {
		tagged = circle.QueueNames(b, r.Actor(), []uuid.UUID{n.Circle})
	}
	if err := b.Send(r.Context()); err != nil {
		return err
	}
	if page.About, err = about.Reach(tx.Box(), access.NoteView); err != nil {
		return err
	}
	if err := parts.open(tx.Box(), &n); err != nil {
		return err
	}
	n.withhold(r.Actor().Withheld(access.PlanView))
	if page.Addenda, err = openAddenda(tx.Box(), addenda); err != nil {
		return err
	}
	circles, err := tagged.Open(tx.Box())
	if err != nil {
		return err
	}
	if len(circles) > 0 {
		page.Circle = circles[0].Name
	}
	people := []uuid.UUID{n.Author}
	if n.Cancelled.Is() {
		people = append(people, n.Cancelled.By)
	}
	names, err := staff.Names(r.Context(), tx, people)
	if err != nil {
		return err
	}
	page.Entry, page.CancelledBy = withNames([]Note{n}, names, programs)[0], names[n.Cancelled.By]
	return nil
}

// event is an act on the note by the request's actor.
func (page *showPage) event(r *web.Request, action audit.Action) audit.Event {
	n := page.Entry.Note
	return audit.Event{
		Action: action, Role: r.Actor().Roles[n.Program], Program: n.Program, Subject: n.ID,
		Participants: []uuid.UUID{n.Participant}, Confidential: page.Entry.Program.Confidential,
	}
}

// seen records that the note was read.
func (page *showPage) seen(r *web.Request, tx *tenancy.Tx) error {
	return audit.Record(r.Context(), tx, audit.From(r), page.event(r, actionView))
}

// Show is one note on a page of its own, which is what is printed.
func (h *Handlers) Show(r *web.Request) (web.Response, error) {
	page, err := loadNote(r, access.NoteView, func(tx *tenancy.Tx, page *showPage) error { return page.seen(r, tx) })
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.NoteShowTitle, show(r.Frame(), page)), nil
}

// Add saves an addendum.
func (h *Handlers) Add(r *web.Request) (web.Response, error) {
	page, err := loadNote(r, access.NoteEdit, func(tx *tenancy.Tx, page *showPage) error {
		n := page.Entry.Note
		page.Addendum = Addendum{
			ID: web.FormID(r.Value("id")), Note: n.ID, Author: r.Actor().Staff, AuthorRole: r.Actor().Roles[n.Program],
			Text: r.Value("text"), CreatedAt: tx.Now(),
		}
		switch {
		case !page.MayAdd:
			return fault.New(fault.Denied, i18n.FaultDeniedText)
		case page.Addendum.Text == "":
			page.Problems.Add("text", i18n.NoteAddendumWanted)
		case view.TooLong(page.Addendum.Text, maxText):
			page.Problems.Add("text", i18n.FormTooLong(maxText))
		}
		if r.SwitchLanguage || page.Problems.Any() {
			return page.seen(r, tx)
		}
		added, err := addTo(r.Context(), tx, &page.Addendum)
		if err != nil || !added {
			return err
		}
		event := page.event(r, actionAddendum)
		event.After = page.Addendum
		return audit.Record(r.Context(), tx, audit.From(r), event)
	})
	switch problems := page.Problems; {
	case err != nil:
		return web.Response{}, err
	case r.SwitchLanguage || problems.Any():
		page.Problems = r.Shown(problems)
		return r.Again(i18n.NoteShowTitle, problems, show(r.Frame(), page)), nil
	}
	return web.Redirect(view.To("notes", page.Entry.ID.String()).At("addenda")).Say(i18n.NoteAddendumSaved), nil
}

// CancelForm asks why a note should not be.
func (h *Handlers) CancelForm(r *web.Request) (web.Response, error) {
	page, err := loadNote(r, access.NoteEdit, func(tx *tenancy.Tx, page *showPage) error {
		if !page.MayCancel {
			return fault.New(fault.Denied, i18n.NoteCancelDenied)
		}
		return page.seen(r, tx)
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.NoteCancelTitle, cancelView(r.Frame(), page)), nil
}

// Cancel marks a note as one that should not be. What it counted for is computed anew.
func (h *Handlers) Cancel(r *web.Request) (web.Response, error) {
	page, err := loadNote(r, access.NoteEdit, func(tx *tenancy.Tx, page *showPage) error {
		n := page.Entry.Note
		if n.Cancelled.Is() && n.Cancelled.By == r.Actor().Staff {
			return nil // the form came twice
		}
		if !page.MayCancel {
			return fault.New(fault.Denied, i18n.NoteCancelDenied)
		}
		page.Reason = r.Value("reason")
		if page.Reason == "" {
			page.Problems.Add("reason", i18n.NoteCancelReasonWanted)
		} else if view.TooLong(page.Reason, maxReason) {
			page.Problems.Add("reason", i18n.FormTooLong(maxReason))
		}
		if r.SwitchLanguage || page.Problems.Any() {
			return page.seen(r, tx)
		}
		n.Cancelled = Cancelled{At: tx.Now(), By: r.Actor().Staff, Reason: page.Reason}
		done, targets, err := cancel(r.Context(), tx, n)
		if err != nil || !done {
			return err
		}
		if err := plan.Recompute(r.Context(), tx, n.Participant, targets); err != nil {
			return err
		}
		event := page.event(r, actionCancel)
		event.After = map[string]string{"reason": page.Reason}
		return audit.Record(r.Context(), tx, audit.From(r), event)
	})
	switch problems := page.Problems; {
	case err != nil:
		return web.Response{}, err
	case r.SwitchLanguage || problems.Any():
		page.Problems = r.Shown(problems)
		return r.Again(i18n.NoteCancelTitle, problems, cancelView(r.Frame(), page)), nil
	}
	return web.Redirect(view.To("notes", page.Entry.ID.String())).Say(i18n.NoteCancelDone), nil
}
