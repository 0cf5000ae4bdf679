package message

import (
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/draft"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/participant"
	"konote/app/program"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// authorCancels is how long who logged a contact can mark it as entered in error.
const authorCancels = 24 * time.Hour

// mayCancel says whether the actor may mark a contact as entered in error, as with notes:
// who logged it within a day, and who manages its program at any time.
func mayCancel(actor access.Actor, c Contact, now time.Time) bool {
	if c.Cancelled.Is() || !actor.About(c.Participant).MayIn(c.Program, access.CommunicationLog) {
		return false
	}
	return actor.Roles[c.Program] == access.ProgramManager || c.LoggedBy == actor.Staff && now.Before(c.CreatedAt.Add(authorCancels))
}

// cancelPage is the form that marks a contact.
type cancelPage struct {
	Entry    Entry
	About    *participant.Reached
	Program  program.Program
	Reason   string
	Keep     view.Draft
	Problems view.Problems
}

// CancelForm asks what was wrong about a contact.
func (h *Handlers) CancelForm(r *web.Request) (web.Response, error) {
	page, err := loadCancel(r, func(tx *tenancy.Tx, page *cancelPage) error {
		if !mayCancel(r.Actor(), page.Entry.Contact, tx.Now()) {
			return fault.New(fault.Denied, i18n.ContactCancelDenied)
		}
		if page.Keep.Begun() {
			page.Reason = r.Value("reason")
		}
		return participant.Seen(tx, r, page.About)
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.ContactCancelTitle, cancelView(r.Frame(), page)), nil
}

// Cancel marks a contact as entered in error. It stays readable, with the reason.
func (h *Handlers) Cancel(r *web.Request) (web.Response, error) {
	page, err := loadCancel(r, func(tx *tenancy.Tx, page *cancelPage) error {
		c := page.Entry.Contact
		if c.Cancelled.By == r.Actor().Staff && c.Cancelled.Is() {
			return nil // the form came twice
		}
		if !mayCancel(r.Actor(), c, tx.Now()) {
			return fault.New(fault.Denied, i18n.ContactCancelDenied)
		}
		page.Reason = r.Value("reason")
		if page.Reason == "" {
			page.Problems.Add("reason", i18n.ContactCancelReasonWanted)
		} else if view.TooLong(page.Reason, maxReason) {
			page.Problems.Add("reason", i18n.FormTooLong(maxReason))
		}
		if r.SwitchLanguage || page.Problems.Any() {
			return participant.Seen(tx, r, page.About)
		}
		CancelForm.Done(r, tx, c.ID)
		c.Cancelled = Cancelled{At: tx.Now(), By: r.Actor().Staff, Reason: page.Reason}
		done, err := cancel(r.Context(), tx, c)
		if err != nil || !done {
			return err
		}
		return audit.Record(r.Context(), tx, audit.From(r), audit.Event{
			Action: actionCancel, Role: r.Actor().Roles[c.Program], Program: c.Program, Subject: c.ID,
			Participants: []uuid.UUID{c.Participant}, Confidential: page.Program.Confidential, After: map[string]string{"reason": page.Reason},
		})
	})
	if err != nil {
		return web.Response{}, err
	}
	if problems := page.Problems; r.SwitchLanguage || problems.Any() {
		page.Problems = r.Shown(problems)
		return r.Again(i18n.ContactCancelTitle, problems, cancelView(r.Frame(), page)), nil
	}
	return web.Redirect(Address(page.Entry.Contact)).Say(i18n.ContactCancelDone), nil
}

// loadCancel reaches the contact that the route names, opens the draft of its form, and
// runs f in the same transaction.
func loadCancel(r *web.Request, f func(*tenancy.Tx, *cancelPage) error) (page cancelPage, err error) {
	id, err := r.ID("contact")
	if err != nil {
		return page, err
	}
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		if page, err = reachContact(r, tx, id); err != nil {
			return err
		}
		if page.Keep, err = CancelForm.Open(r, tx, id); err != nil {
			return err
		}
		return f(tx, &page)
	})
	return page, err
}

// reachContact loads a contact for those who may log contacts with its participant in its
// program. To all others it is not there.
func reachContact(r *web.Request, tx *tenancy.Tx, id uuid.UUID) (page cancelPage, err error) {
	row, err := tenancy.Row[contactRow](r.Context(), tx, sqlContact, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return page, fault.Missing()
	}
	if err != nil {
		return page, fmt.Errorf("load contact: %w", err)
	}
	actor := r.Actor().About(row.Participant)
	if actor.NeedsGrant(row.Program, access.CommunicationView) && !actor.Withholds(id) {
		return page, participant.Guarded(r.Context(), tx, r.Actor(), row.Participant, access.CommunicationView)
	}
	if !actor.MayIn(row.Program, access.CommunicationView) || actor.Withholds(id) {
		return page, fault.Refused()
	}
	if page.About, err = participant.Reach(r.Context(), tx, r.Actor(), row.Participant, access.CommunicationView); err != nil {
		return page, err
	}
	if err := page.About.DeniedIn(row.Program, access.CommunicationLog); err != nil {
		return page, err
	}
	o := tx.Box().Opener()
	page.Entry = row.open(o)
	if err := o.Err(); err != nil {
		return page, fmt.Errorf("open contact: %w", err)
	}
	page.Program, err = program.ByID(r.Context(), tx, row.Program)
	return page, err
}

// aboutCancel is whose a contact is, for those who may mark it.
func aboutCancel(r *web.Request, tx *tenancy.Tx, record uuid.UUID) (draft.About, error) {
	page, err := reachContact(r, tx, record)
	if err == nil && !mayCancel(r.Actor(), page.Entry.Contact, tx.Now()) {
		err = fault.New(fault.Denied, i18n.ContactCancelDenied)
	}
	c := page.Entry.Contact
	return draft.About{Participant: c.Participant, Program: c.Program, Confidential: page.Program.Confidential}, err
}
