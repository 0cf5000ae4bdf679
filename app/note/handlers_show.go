package note

import (
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/circle"
	"konote/app/draft"
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
	MayFollow   bool       // settle the follow-up, or move it
	Addendum    Addendum   // being written
	Reason      string     // being written
	Keep        view.Draft // of the form on the page
	Problems    view.Problems

	keep *draft.Queued
}

// The forms about a note that are kept while they are typed in; the record is the note.
var (
	AddendumForm = draft.Form{
		Name: "note.addendum", Title: i18n.NoteAddendumText,
		Page:  func(record, _ uuid.UUID) view.URL { return view.To("notes", record.String()) },
		About: aboutNote(mayAdd), Fields: []draft.Field{{Name: "text", Label: i18n.NoteAddendumText}},
	}
	CancelForm = draft.Form{
		Name: "note.cancel", Title: i18n.NoteCancelTitle,
		Page:  func(record, _ uuid.UUID) view.URL { return view.To("notes", record.String(), "cancel") },
		About: aboutNote(mayCancel), Fields: []draft.Field{{Name: "reason", Label: i18n.NoteCancelReason}},
	}
)

// aboutNote is whose a note is, for those who may change something about it.
func aboutNote(may func(access.Actor, Note, time.Time) bool) func(*web.Request, *tenancy.Tx, uuid.UUID) (draft.About, error) {
	return func(r *web.Request, tx *tenancy.Tx, record uuid.UUID) (draft.About, error) {
		n, err := reach(r, tx, record, access.NoteEdit)
		if err != nil {
			return draft.About{}, err
		}
		about, err := participant.Reach(r.Context(), tx, r.Actor(), n.Participant, access.NoteView)
		if err != nil {
			return draft.About{}, err
		}
		if err := about.DeniedIn(n.Program, access.NoteEdit); err != nil {
			return draft.About{}, err
		}
		if !may(r.Actor().About(n.Participant), n, tx.Now()) {
			return draft.About{}, fault.New(fault.Denied, i18n.FaultDeniedText)
		}
		in, err := program.ByID(r.Context(), tx, n.Program)
		return draft.About{Participant: n.Participant, Program: n.Program, Confidential: in.Confidential}, err
	}
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
func mayAdd(actor access.Actor, n Note, _ time.Time) bool {
	return !n.Cancelled.Is() && actor.MayIn(n.Program, access.NoteEdit)
}

// reach loads a note for those who may do something (key) in its program. To all others
// it is not there.
func reach(r *web.Request, tx *tenancy.Tx, id uuid.UUID, key access.Key) (Note, error) {
	n, err := byID(r.Context(), tx, id)
	if err != nil {
		return n, err
	}
	actor := r.Actor().About(n.Participant)
	if actor.NeedsGrant(n.Program, access.NoteView) && !actor.Withholds(n.ID) {
		return n, participant.Guarded(r.Context(), tx, r.Actor(), n.Participant, access.NoteView)
	}
	if !actor.MayIn(n.Program, key) || !actor.MayIn(n.Program, access.NoteView) || actor.Withholds(n.ID) {
		return n, fault.Refused()
	}
	return n, nil
}

// loadNote reaches the note that the route names, opens the draft of the form on its page,
// and runs f in the same transaction.
func loadNote(r *web.Request, key access.Key, form draft.Form, f func(*tenancy.Tx, *showPage) error) (page showPage, err error) {
	id, err := r.ID("note")
	if err != nil {
		return page, err
	}
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		n, err := reach(r, tx, id, key)
		if err != nil {
			return err
		}
		actor := r.Actor().About(n.Participant)
		page = showPage{MayAdd: mayAdd(actor, n, tx.Now()), MayCancel: mayCancel(actor, n, tx.Now()), Addendum: Addendum{ID: tenancy.NewID()}}
		if err := page.load(r, tx, n, form); err != nil {
			return err
		}
		denied := page.About.DeniedIn(n.Program, access.NoteEdit)
		if key == access.NoteEdit && denied != nil {
			return denied
		}
		page.MayAdd, page.MayCancel = page.MayAdd && denied == nil, page.MayCancel && denied == nil
		page.MayFollow = n.FollowUpOpen() && page.About.MayIn(n.Program, access.NoteCreate)
		if page.Keep, err = page.keep.Open(r, tx); err != nil {
			return err
		}
		return f(tx, &page)
	})
	return page, err
}

// load reads what is around a note, in one batch.
func (page *showPage) load(r *web.Request, tx *tenancy.Tx, n Note, form draft.Form) (err error) {
	var parts parts
	var programs []program.Program
	var addenda []addendumRow
	b := tx.Batch()
	about := participant.Queue(b, r.Actor(), n.Participant)
	queueParts(b, n.ID, &parts)
	b.Queue(sqlAddenda, tenancy.Into(&addenda), n.ID)
	metric.Queue(b, []uuid.UUID{n.Program}, &page.Metrics)
	program.Queue(b, &programs)
	page.keep = form.Queue(b, r, n.ID)
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
	page, err := loadNote(r, access.NoteView, AddendumForm, func(tx *tenancy.Tx, page *showPage) error {
		if page.Keep.Begun() {
			page.Addendum.ID, page.Addendum.Text = web.FormID(r.Value("id")), r.Value("text")
		}
		return page.seen(r, tx)
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.NoteShowTitle, show(r.Frame(), page)), nil
}

// Add saves an addendum.
func (h *Handlers) Add(r *web.Request) (web.Response, error) {
	page, err := loadNote(r, access.NoteEdit, AddendumForm, func(tx *tenancy.Tx, page *showPage) error {
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
		AddendumForm.Done(r, tx, n.ID)
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
	page, err := loadNote(r, access.NoteEdit, CancelForm, func(tx *tenancy.Tx, page *showPage) error {
		if !page.MayCancel {
			return fault.New(fault.Denied, i18n.NoteCancelDenied)
		}
		if page.Keep.Begun() {
			page.Reason = r.Value("reason")
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
	page, err := loadNote(r, access.NoteEdit, CancelForm, func(tx *tenancy.Tx, page *showPage) error {
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
		CancelForm.Done(r, tx, n.ID)
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
