package note

import (
	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/circle"
	"konote/app/draft"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/metric"
	"konote/app/participant"
	"konote/app/program"
	"konote/app/staff"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// showPage is one note with what is around it.
type showPage struct {
	Entry     entry
	About     *participant.Reached
	Metrics   []metric.Metric
	Addenda   []signedAddendum
	InErrorBy string
	Circle    string // its name; "" for none, and for one that the actor does not see
	MayAdd    bool
	MayMark   bool       // it as entered in error
	MayFollow bool       // settle the follow-up, or move it
	Addendum  Addendum   // being written
	Keep      view.Draft // of the form on the page
	Problems  view.Problems

	keep *draft.Queued
}

// AddendumForm is kept while it is typed in; its record is the note.
var AddendumForm = draft.Form{
	Name: "note.addendum", Title: i18n.NoteAddendumText,
	Page:  func(record, _ uuid.UUID) view.URL { return view.To("notes", record.String()) },
	About: aboutAddendum, Fields: []draft.Field{{Name: "text", Label: i18n.NoteAddendumText}},
}

// aboutAddendum is whose a note is, for those who may add to it.
func aboutAddendum(r *web.Request, tx *tenancy.Tx, record uuid.UUID) (draft.About, error) {
	n, _, in, err := reachToEdit(r, tx, record)
	if err == nil && !mayAdd(r.Actor().About(n.Participant), n) {
		err = fault.New(fault.Denied, i18n.FaultDeniedText)
	}
	return draft.About{Participant: n.Participant, Program: n.Program, Confidential: in.Confidential}, err
}

// reachToEdit loads a note, whom it is about and where it belongs, for those who may say
// something more of it.
func reachToEdit(r *web.Request, tx *tenancy.Tx, id uuid.UUID) (n Note, about *participant.Reached, in program.Program, err error) {
	if n, err = reach(r, tx, id, access.NoteEdit); err != nil {
		return n, nil, in, err
	}
	if about, err = participant.Reach(r.Context(), tx, r.Actor(), n.Participant, access.NoteView); err != nil {
		return n, nil, in, err
	}
	if err = about.DeniedIn(n.Program, access.NoteEdit); err != nil {
		return n, about, in, err
	}
	in, err = program.ByID(r.Context(), tx, n.Program)
	return n, about, in, err
}

// mayAdd says whether the actor may add to the note.
func mayAdd(actor access.Actor, n Note) bool {
	return !n.InError.Is() && actor.MayIn(n.Program, access.NoteEdit)
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
func loadNote(r *web.Request, key access.Key, f func(*tenancy.Tx, *showPage) error) (page showPage, err error) {
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
		page = showPage{MayAdd: mayAdd(actor, n), MayMark: n.record().May(actor, InError.Key, tx.Now()), Addendum: Addendum{ID: tenancy.NewID()}}
		if err := page.load(r, tx, n); err != nil {
			return err
		}
		denied := page.About.DeniedIn(n.Program, access.NoteEdit)
		if key == access.NoteEdit && denied != nil {
			return denied
		}
		page.MayAdd, page.MayMark = page.MayAdd && denied == nil, page.MayMark && denied == nil
		page.MayFollow = n.FollowUpOpen() && page.About.MayIn(n.Program, access.NoteCreate)
		if page.Keep, err = page.keep.Open(r, tx); err != nil {
			return err
		}
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
	page.keep = AddendumForm.Queue(b, r, n.ID)
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
	if n.InError.Is() {
		people = append(people, n.InError.By)
	}
	names, err := staff.Names(r.Context(), tx, people)
	if err != nil {
		return err
	}
	page.Entry, page.InErrorBy = withNames([]Note{n}, names, programs)[0], names[n.InError.By]
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
	page, err := loadNote(r, access.NoteView, func(tx *tenancy.Tx, page *showPage) error {
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
