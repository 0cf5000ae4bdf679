package note

import (
	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/civil"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/participant"
	"konote/app/program"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// followUpPage is the form that moves a follow-up.
type followUpPage struct {
	Note     Note
	About    *participant.Reached
	Program  program.Program
	Today    civil.Date
	DayText  string
	Back     string // where the way to the form was, and leads back to; "" for the note
	Problems view.Problems
}

// back is where the form leads.
func (page *followUpPage) back() view.URL {
	if page.Back != "" {
		return view.Back(page.Back)
	}
	return view.To("notes", page.Note.ID.String())
}

// offered is the day that the form begins with: the planned one, or today when that is
// over.
func (page *followUpPage) offered() civil.Date {
	if day := page.Note.FollowUpDay(); page.Today.Before(day) {
		return day
	}
	return page.Today
}

// FollowUpDone marks the follow-up of a note as done.
func (h *Handlers) FollowUpDone(r *web.Request) (web.Response, error) {
	page, err := loadFollowUp(r, func(tx *tenancy.Tx, page *followUpPage) error {
		done, err := settle(r.Context(), tx, page.Note.ID, tx.Now(), r.Actor().Staff)
		if err != nil || !done {
			return err
		}
		return audit.Record(r.Context(), tx, audit.From(r), page.event(r, actionFollowUpDone))
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(r.Back(view.To("notes", page.Note.ID.String()))).Say(i18n.NoteFollowUpDone), nil
}

// FollowUpForm asks to which day a follow-up is moved.
func (h *Handlers) FollowUpForm(r *web.Request) (web.Response, error) {
	page, err := loadFollowUp(r, func(tx *tenancy.Tx, page *followUpPage) error {
		if !page.Note.FollowUpOpen() {
			return errFollowUpGone
		}
		page.DayText, page.Back = page.offered().String(), r.Query.Get("back")
		return participant.Seen(tx, r, page.About)
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.NoteFollowUpMoveTitle, followUpView(r.Frame(), page)), nil
}

// FollowUpMove moves the follow-up of a note to another day.
func (h *Handlers) FollowUpMove(r *web.Request) (web.Response, error) {
	page, err := loadFollowUp(r, func(tx *tenancy.Tx, page *followUpPage) error {
		if !page.Note.FollowUpOpen() {
			return errFollowUpGone
		}
		page.DayText, page.Back = r.Value("follow_up_on"), r.Value("back")
		to := day(&page.Problems, "follow_up_on", page.DayText)
		switch {
		case page.DayText == "":
			page.Problems.Add("follow_up_on", i18n.NoteFollowUpWanted)
		case !page.Problems.Any() && to.Before(page.Today):
			page.Problems.Add("follow_up_on", i18n.NoteFollowUpPast)
		}
		if r.SwitchLanguage || page.Problems.Any() {
			return participant.Seen(tx, r, page.About)
		}
		if to == page.Note.FollowUpDay() {
			return nil
		}
		moved, err := move(r.Context(), tx, page.Note.ID, to)
		if err != nil {
			return err
		}
		if !moved {
			return errFollowUpGone
		}
		event := page.event(r, actionFollowUpMove)
		event.Before = map[string]civil.Date{"follow_up_on": page.Note.FollowUpDay()}
		event.After = map[string]civil.Date{"follow_up_on": to}
		return audit.Record(r.Context(), tx, audit.From(r), event)
	})
	switch problems := page.Problems; {
	case err != nil:
		return web.Response{}, err
	case r.SwitchLanguage || problems.Any():
		page.Problems = r.Shown(problems)
		return r.Again(i18n.NoteFollowUpMoveTitle, problems, followUpView(r.Frame(), page)), nil
	}
	return web.Redirect(page.back()).Say(i18n.NoteFollowUpMoved), nil
}

// errFollowUpGone says that there is nothing left to move.
var errFollowUpGone = fault.New(fault.Conflict, i18n.NoteFollowUpGone)

// loadFollowUp loads the note that the route names, for those who may write a note about
// its participant in its program, and runs f in the same transaction. To all others it is
// not there. Its words are not shown, so that who would need a grant to read them needs none.
func loadFollowUp(r *web.Request, f func(*tenancy.Tx, *followUpPage) error) (page followUpPage, err error) {
	id, err := r.ID("note")
	if err != nil {
		return page, err
	}
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		page = followUpPage{Today: civil.Of(tx.Now().In(r.P.Zone()))}
		var err error
		if page.Note, err = byID(r.Context(), tx, id); err != nil {
			return err
		}
		if actor := r.Actor().About(page.Note.Participant); !actor.MayIn(page.Note.Program, access.NoteCreate) || actor.Withholds(id) {
			return fault.Refused()
		}
		if page.About, err = participant.Reach(r.Context(), tx, r.Actor(), page.Note.Participant, access.NoteCreate); err != nil {
			return err
		}
		if err := page.About.DeniedIn(page.Note.Program, access.NoteCreate); err != nil {
			return err
		}
		if page.Program, err = program.ByID(r.Context(), tx, page.Note.Program); err != nil {
			return err
		}
		return f(tx, &page)
	})
	return page, err
}

// event is what the actor does with the follow-up.
func (page *followUpPage) event(r *web.Request, action audit.Action) audit.Event {
	n := page.Note
	return audit.Event{
		Action: action, Role: r.Actor().Roles[n.Program], Program: n.Program, Subject: n.ID,
		Participants: []uuid.UUID{n.Participant}, Confidential: page.Program.Confidential,
	}
}
