package consent

import (
	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/civil"
	"konote/app/draft"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/participant"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// The acts that are recorded.
const (
	actionGive     audit.Action = "consent.give"
	actionRefuse   audit.Action = "consent.refuse"
	actionWithdraw audit.Action = "consent.withdraw"
)

var actions = map[Kind]audit.Action{Given: actionGive, Refused: actionRefuse, Withdrawn: actionWithdraw}

// Handlers answer the routes of consent.
type Handlers struct{}

// formPage is what both forms show.
type formPage struct {
	About    *participant.Reached
	Purpose  Purpose
	Last     Event // the one that stands
	State    State
	Today    civil.Date
	Words    Words // that stand now
	Draft    typed
	Keep     view.Draft
	Problems view.Problems

	done bool         // saved, now or before
	said i18n.Message // on the page that follows
}

// open loads the form about a participant and a purpose that the route names, for those
// who may record consent, and runs f in the same transaction, under the lock of the record.
func open(r *web.Request, forms map[Purpose]draft.Form, f func(*tenancy.Tx, *formPage) error) (page formPage, err error) {
	id, err := r.ID("participant")
	if err != nil {
		return page, err
	}
	purpose := Purpose(r.Params["purpose"])
	if !purpose.valid() {
		return page, fault.Missing()
	}
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		page = formPage{Purpose: purpose, Today: civil.Of(tx.Now().In(r.P.Zone()))}
		var err error
		if page.About, err = participant.Reach(r.Context(), tx, r.Actor(), id, access.ConsentManage); err != nil {
			return err
		}
		if r.Method != "GET" {
			if err := lock(r.Context(), tx, id); err != nil {
				return err
			}
		}
		if page.Last, err = lastOf(r.Context(), tx, id, purpose); err != nil {
			return err
		}
		page.State = page.Last.state(page.Today)
		current, err := Current(r.Context(), tx)
		if err != nil {
			return err
		}
		page.Words = current[purpose]
		if page.Keep, err = forms[purpose].Open(r, tx, id); err != nil {
			return err
		}
		if page.Draft = blank(purpose, page.About.Language, page.Today); r.Method != "GET" || page.Keep.Begun() {
			page.Draft = decode(r, purpose)
		}
		if err := f(tx, &page); err != nil {
			return err
		}
		return participant.Seen(tx, r, page.About)
	})
	return page, err
}

// Form is where consent, or a refusal, is recorded.
func (h *Handlers) Form(r *web.Request) (web.Response, error) {
	page, err := open(r, recordForms, func(*tenancy.Tx, *formPage) error { return nil })
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.ConsentRecordTitle, recordView(r.Frame(), page)), nil
}

// Record saves it. The buttons beside the text show the form again with the text in the
// other language.
func (h *Handlers) Record(r *web.Request) (web.Response, error) {
	language := r.Value("read")
	page, err := open(r, recordForms, func(tx *tenancy.Tx, page *formPage) error {
		if language == "en" || language == "fr" {
			page.Draft.Language = language
			return nil
		}
		sent := page.Draft.asRecorded()
		page.Problems = sent.problems(page.Last, page.Today)
		if sent.Text != page.Words.ID || page.Words.ID == uuid.Nil {
			page.Problems.Add("text", i18n.ConsentTextChanged)
		}
		if r.SwitchLanguage || page.Problems.Any() {
			return nil
		}
		return page.save(r, tx, sent, recordForms)
	})
	switch problems := page.Problems; {
	case err != nil:
		return web.Response{}, err
	case page.done:
		return web.Redirect(address(page.About.ID)).Say(page.said), nil
	default:
		page.Problems = r.Shown(problems)
		return r.Again(i18n.ConsentRecordTitle, problems, recordView(r.Frame(), page)), nil
	}
}

// WithdrawForm says what withdrawing means, and takes it.
func (h *Handlers) WithdrawForm(r *web.Request) (web.Response, error) {
	page, err := open(r, withdrawForms, func(*tenancy.Tx, *formPage) error { return nil })
	switch {
	case err != nil:
		return web.Response{}, err
	case !page.State.mayWithdraw(page.Purpose):
		return web.Redirect(address(page.About.ID)).Say(i18n.ConsentWithdrawNothing), nil
	}
	return web.Page(i18n.ConsentWithdrawTitle, withdrawView(r.Frame(), page)), nil
}

// Withdraw saves a withdrawal. Of two that are sent, the second finds that it is done.
func (h *Handlers) Withdraw(r *web.Request) (web.Response, error) {
	page, err := open(r, withdrawForms, func(tx *tenancy.Tx, page *formPage) error {
		sent := page.Draft.asWithdrawal()
		if page.Problems = sent.problems(page.Last, page.Today); r.SwitchLanguage {
			return nil
		}
		if !page.State.mayWithdraw(page.Purpose) {
			page.done, page.said = true, i18n.ConsentWithdrawn
			withdrawForms[page.Purpose].Done(r, tx, page.About.ID)
			return nil
		}
		if page.Problems.Any() {
			return nil
		}
		return page.save(r, tx, sent, withdrawForms)
	})
	switch problems := page.Problems; {
	case err != nil:
		return web.Response{}, err
	case page.done:
		return web.Redirect(address(page.About.ID)).Say(page.said), nil
	default:
		page.Problems = r.Shown(problems)
		return r.Again(i18n.ConsentWithdrawTitle, problems, withdrawView(r.Frame(), page)), nil
	}
}

// save writes an event that was checked, with the record of it.
func (page *formPage) save(r *web.Request, tx *tenancy.Tx, sent typed, forms map[Purpose]draft.Form) error {
	e := sent.Event
	e.Participant, e.RecordedAt = page.About.ID, tx.Now()
	added, err := insert(r.Context(), tx, &e, r.P.Zone())
	if err != nil {
		return err
	}
	page.done, page.said = true, saidOf[e.Kind]
	forms[e.Purpose].Done(r, tx, page.About.ID)
	if !added {
		return nil
	}
	through := page.About.Through[0]
	event := audit.Event{
		Action: actions[e.Kind], Role: r.Actor().Roles[through], Program: through, Subject: e.ID,
		Participants: []uuid.UUID{page.About.ID}, Confidential: page.About.AnyConfidential(), After: e,
	}
	if page.Last.ID != uuid.Nil {
		event.Before = page.Last
	}
	return audit.Record(r.Context(), tx, audit.From(r), event)
}

var saidOf = map[Kind]i18n.Message{Given: i18n.ConsentGiven, Refused: i18n.ConsentRefused, Withdrawn: i18n.ConsentWithdrawn}
