package event

import (
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/participant"
	"konote/app/program"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// authorMarks is how long who recorded an event can mark it as entered in error.
const authorMarks = 24 * time.Hour

// markKey is what a role needs to mark events: who may say that one counts as serious may say
// that it does not count. Managers have it; they record no events themselves.
const markKey = access.SreFlag

// mayMark says whether the actor may mark an event as entered in error, as with notes: who
// recorded it within a day, and who manages its program at any time. While it is flagged as
// serious only who manages the program may: it is not for the author to have it reported no
// more.
func mayMark(actor access.Actor, e Event, now time.Time) bool {
	if e.Kind != Happening || e.InError.Is() || !actor.About(e.Participant).MayIn(e.Program, markKey) {
		return false
	}
	return actor.Roles[e.Program] == access.ProgramManager || !e.flagged() && e.Author == actor.Staff && now.Before(e.CreatedAt.Add(authorMarks))
}

// markPage is the form that marks an event.
type markPage struct {
	Entry    Entry
	About    *participant.Reached
	Program  program.Program
	Reason   string
	Keep     view.Draft
	Problems view.Problems
}

// CancelForm asks what was wrong about an event.
func (h *Handlers) CancelForm(r *web.Request) (web.Response, error) {
	page, err := loadMark(r, func(tx *tenancy.Tx, page *markPage) error {
		if !mayMark(r.Actor(), page.Entry.Event, tx.Now()) {
			return fault.New(fault.Denied, i18n.EventCancelDenied)
		}
		return page.seen(r, tx)
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.EventCancelTitle, cancelView(r.Frame(), page)), nil
}

// Cancel marks an event as entered in error. It stays readable, with the reason; as a
// serious one it counts nowhere any more, and nobody else is told of it.
func (h *Handlers) Cancel(r *web.Request) (web.Response, error) {
	page, err := loadMark(r, func(tx *tenancy.Tx, page *markPage) error {
		e := page.Entry.Event
		if e.InError.By == r.Actor().Staff && e.InError.Is() {
			return nil // the form came twice
		}
		if !mayMark(r.Actor(), e, tx.Now()) {
			return fault.New(fault.Denied, i18n.EventCancelDenied)
		}
		page.Reason = r.Value("reason")
		if page.Reason == "" {
			page.Problems.Add("reason", i18n.EventCancelReasonWanted)
		} else if view.TooLong(page.Reason, maxReason) {
			page.Problems.Add("reason", i18n.FormTooLong(maxReason))
		}
		if r.SwitchLanguage || page.Problems.Any() {
			return page.seen(r, tx)
		}
		CancelForm.Done(r, tx, e.ID)
		e.InError = InError{At: tx.Now(), By: r.Actor().Staff, Reason: page.Reason}
		done, err := markInError(r.Context(), tx, e)
		if err != nil || !done {
			return err
		}
		act := page.act(r, actionMark)
		act.After = map[string]string{"reason": page.Reason}
		return audit.Record(r.Context(), tx, audit.From(r), act)
	})
	if err != nil {
		return web.Response{}, err
	}
	if problems := page.Problems; r.SwitchLanguage || problems.Any() {
		page.Problems = r.Shown(problems)
		return r.Again(i18n.EventCancelTitle, problems, cancelView(r.Frame(), page)), nil
	}
	return web.Redirect(happenings.address(page.Entry.ID)).Say(i18n.EventCancelDone), nil
}

// loadMark loads the event that the route names, for those whose role may mark events in its
// program, opens the draft of its form, and runs f in the same transaction. To those who may not read it, it is not there.
func loadMark(r *web.Request, f func(*tenancy.Tx, *markPage) error) (page markPage, err error) {
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		page = markPage{}
		if page.Entry, page.About, err = happenings.reach(r, tx, markKey); err != nil {
			return err
		}
		if page.Program, err = program.ByID(r.Context(), tx, page.Entry.Program); err != nil {
			return err
		}
		if page.Keep, err = CancelForm.Open(r, tx, page.Entry.ID); err != nil {
			return err
		}
		return f(tx, &page)
	})
	return page, err
}

// act is something that the actor does with the event.
func (page *markPage) act(r *web.Request, action audit.Action) audit.Event {
	e := page.Entry.Event
	return audit.Event{
		Action: action, Role: r.Actor().Roles[e.Program], Program: e.Program, Subject: e.ID,
		Participants: []uuid.UUID{e.Participant}, Confidential: page.Program.Confidential,
	}
}

// seen records that the event was read.
func (page *markPage) seen(r *web.Request, tx *tenancy.Tx) error {
	return audit.Record(r.Context(), tx, audit.From(r), page.act(r, actionView))
}
