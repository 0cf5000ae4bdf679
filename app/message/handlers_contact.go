package message

import (
	"context"
	"slices"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/civil"
	"konote/app/consent"
	"konote/app/i18n"
	"konote/app/participant"
	"konote/app/program"
	"konote/app/timeline"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// The acts that are recorded.
const (
	actionContact audit.Action = "contact.create"
	actionCancel  audit.Action = "contact.cancel"
	actionLeave   audit.Action = "message.leave"
	actionList    audit.Action = "message.list"
	actionMark    audit.Action = "message.mark"
)

const pageLength = 20 // contacts, or messages, on a page

// Handlers answer the routes of contacts and messages.
type Handlers struct{}

// contactPage is what the form of a contact shows.
type contactPage struct {
	Draft    contactDraft
	Keep     view.Draft
	About    *participant.Reached
	Programs []program.Program // in which the author may log it; several give a choice
	Ways     *consent.Ways     // nil: consent is not hers to see
	Today    civil.Date
	Problems view.Problems
}

// NewContact is the form of a contact.
func (h *Handlers) NewContact(r *web.Request) (web.Response, error) {
	page, err := loadContact(r, func(tx *tenancy.Tx, page *contactPage, programs []uuid.UUID) error {
		if page.Draft = blankContact(page.About.ID, programs, page.Today); page.Keep.Begun() {
			page.Draft, _ = decodeContact(r, page.About.ID, programs, tx.Now())
		}
		return nil
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.ContactNewTitle, contactForm(r.Frame(), page)), nil
}

// CreateContact saves a contact.
func (h *Handlers) CreateContact(r *web.Request) (web.Response, error) {
	page, err := loadContact(r, func(tx *tenancy.Tx, page *contactPage, programs []uuid.UUID) error {
		page.Draft, page.Problems = decodeContact(r, page.About.ID, programs, tx.Now())
		if r.SwitchLanguage || page.Problems.Any() {
			return nil
		}
		ContactForm.Done(r, tx, page.About.ID)
		c := page.Draft.Contact
		added, err := insertContact(r.Context(), tx, &c)
		if err != nil || !added {
			return err
		}
		return audit.Record(r.Context(), tx, audit.From(r), audit.Event{
			Action: actionContact, Role: c.Role, Program: c.Program, Subject: c.ID,
			Participants: []uuid.UUID{c.Participant}, Confidential: confidential(page.Programs, c.Program), After: c,
		})
	})
	if err != nil {
		return web.Response{}, err
	}
	if problems := page.Problems; r.SwitchLanguage || problems.Any() {
		page.Problems = r.Shown(problems)
		return r.Again(i18n.ContactNewTitle, problems, contactForm(r.Frame(), page)), nil
	}
	return web.Redirect(view.To("participants", page.About.ID.String(), "contacts")).Say(i18n.ContactSaved), nil
}

// loadContact reaches the participant whom the route names, as somebody who may log a
// contact with her, and runs f in the same transaction.
func loadContact(r *web.Request, f func(*tenancy.Tx, *contactPage, []uuid.UUID) error) (contactPage, error) {
	var page contactPage
	id, err := r.ID("participant")
	if err != nil {
		return page, err
	}
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		page = contactPage{Today: civil.Of(tx.Now().In(r.P.Zone()))}
		var programs []program.Program
		b := tx.Batch()
		pending := participant.Queue(b, r.Actor(), id)
		program.Queue(b, &programs)
		kept := ContactForm.Queue(b, r, id)
		page.Ways = consent.QueueWays(b, id)
		if err := b.Send(r.Context()); err != nil {
			return err
		}
		if page.About, err = pending.Reach(tx.Box(), access.CommunicationLog); err != nil {
			return err
		}
		if page.Keep, err = kept.Open(r, tx); err != nil {
			return err
		}
		if page.Programs = among(programs, page.About.Through); !page.About.May(access.ConsentView) {
			page.Ways = nil
		}
		if err := f(tx, &page, page.About.Through); err != nil {
			return err
		}
		return participant.Seen(tx, r, page.About)
	})
	return page, err
}

func among(programs []program.Program, ids []uuid.UUID) []program.Program {
	return slices.DeleteFunc(programs, func(p program.Program) bool { return !slices.Contains(ids, p.ID) })
}

func confidential(programs []program.Program, id uuid.UUID) bool {
	return slices.ContainsFunc(programs, func(p program.Program) bool { return p.ID == id && p.Confidential })
}

// contactList is a part of the contacts, ready to be shown.
type contactList struct {
	About    *participant.Reached
	Entries  []Entry
	Next     timeline.Place
	Programs []program.Program
	May      func(Contact) bool // mark it as entered in error
}

// Contacts draws a participant's contacts, a page at a time; the place to go on from is
// in the address.
func Contacts(b *tenancy.Batch, r *web.Request, id uuid.UUID) func(context.Context, *tenancy.Tx, *participant.Reached) (templ.Component, error) {
	var page Page
	var l contactList
	actor := r.Actor().About(id)
	QueueTimeline(b, id, actor.Programs(access.CommunicationView), actor.Withheld(access.CommunicationView), placeOf(r), pageLength, &page)
	program.Queue(b, &l.Programs)
	return func(_ context.Context, tx *tenancy.Tx, p *participant.Reached) (_ templ.Component, err error) {
		l.About = p
		l.May = func(c Contact) bool {
			return c.record().May(r.Actor(), ContactInError.Key, tx.Now()) && p.MayIn(c.Program, access.CommunicationLog)
		}
		l.Entries, l.Next, err = page.Open(tx.Box())
		return contactsView(r.Frame(), l), err
	}
}

// placeOf reads where a page begins; anything else is the beginning.
func placeOf(r *web.Request) timeline.Place {
	day, err := civil.Parse(r.Query.Get("before"))
	id, err2 := uuid.Parse(r.Query.Get("contact"))
	if err != nil || err2 != nil {
		return timeline.Place{}
	}
	return timeline.Place{Day: day, ID: id}
}

// Timeline is the source of contacts in a participant's time line.
func Timeline() timeline.Source {
	return timeline.Source{Name: "contacts", Label: i18n.ContactTab, Key: access.CommunicationView, Read: readTimeline}
}

func readTimeline(b *tenancy.Batch, r *web.Request, id uuid.UUID, ask timeline.Ask) func(context.Context, *tenancy.Tx, *participant.Reached) ([]timeline.Moment, error) {
	var page Page
	var l contactList
	QueueTimeline(b, id, ask.Programs, ask.Actor.Withheld(access.CommunicationView), ask.After, ask.Limit, &page)
	program.Queue(b, &l.Programs)
	return func(_ context.Context, tx *tenancy.Tx, _ *participant.Reached) ([]timeline.Moment, error) {
		entries, _, err := page.Open(tx.Box())
		moments := make([]timeline.Moment, len(entries))
		for i, e := range entries {
			moments[i] = timeline.Moment{Place: timeline.Place{Day: e.HappenedOn, ID: e.ID},
				Entry: Line(r.Frame(), e, programName(r.Frame(), l.Programs, e.Program)), Body: Words(r.Frame(), e)}
		}
		return moments, err
	}
}
