package message

import (
	"context"
	"slices"

	"github.com/a-h/templ"
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

// leavePage is what the form of a message shows.
type leavePage struct {
	Draft    messageDraft
	Keep     view.Draft
	About    *participant.Reached
	Choices  []choice
	Programs []program.Program
	Problems view.Problems
}

// New is the form of a message.
func (h *Handlers) New(r *web.Request) (web.Response, error) {
	page, err := loadLeave(r, func(tx *tenancy.Tx, page *leavePage) error {
		if page.Draft = blankMessage(page.About.ID, page.Choices); page.Keep.Begun() {
			page.Draft, _ = decodeMessage(r, page.About.ID, page.Choices, tx.Now())
		}
		return nil
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.MessageNewTitle, leaveForm(r.Frame(), page)), nil
}

// Leave saves a message. The answer says that it was delivered, and no word of it.
func (h *Handlers) Leave(r *web.Request) (web.Response, error) {
	page, err := loadLeave(r, func(tx *tenancy.Tx, page *leavePage) error {
		page.Draft, page.Problems = decodeMessage(r, page.About.ID, page.Choices, tx.Now())
		if r.SwitchLanguage || page.Problems.Any() {
			return nil
		}
		MessageForm.Done(r, tx, page.About.ID)
		m := page.Draft.Message
		added, err := insertMessage(r.Context(), tx, &m)
		if err != nil || !added {
			return err
		}
		event := m.event(r, actionLeave, confidential(page.Programs, m.Program))
		event.After = m
		return audit.Record(r.Context(), tx, audit.From(r), event)
	})
	if err != nil {
		return web.Response{}, err
	}
	if problems := page.Problems; r.SwitchLanguage || problems.Any() {
		page.Problems = r.Shown(problems)
		return r.Again(i18n.MessageNewTitle, problems, leaveForm(r.Frame(), page)), nil
	}
	return web.Redirect(view.To("participants", page.About.ID.String())).Say(i18n.MessageSent), nil
}

// PassOn leaves words about a participant for everybody who works with her in a program in
// which the actor may leave messages: the first of those where she is now. It does so once for
// an id.
func PassOn(r *web.Request, tx *tenancy.Tx, about *participant.Reached, id uuid.UUID, words string) error {
	decision := about.Decide(access.MessageLeave)
	if decision.Reason != access.Allowed {
		return participant.Denied(decision.Reason, about.ID)
	}
	at := about.Enrolments[slices.IndexFunc(about.Enrolments, func(e participant.Enrolment) bool { return slices.Contains(decision.Through, e.Program) })]
	m := Message{ID: id, Participant: about.ID, Program: at.Program, LeftBy: r.Actor().Staff, Text: words, CreatedAt: tx.Now()}
	added, err := insertMessage(r.Context(), tx, &m)
	if err != nil || !added {
		return err
	}
	event := m.event(r, actionLeave, at.Confidential)
	event.After = m
	return audit.Record(r.Context(), tx, audit.From(r), event)
}

// loadLeave reaches the participant whom the route names, as somebody who may leave a
// message about her, and runs f in the same transaction.
func loadLeave(r *web.Request, f func(*tenancy.Tx, *leavePage) error) (leavePage, error) {
	var page leavePage
	id, err := r.ID("participant")
	if err != nil {
		return page, err
	}
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		page = leavePage{}
		var rows []readerRow
		b := tx.Batch()
		pending := participant.Queue(b, r.Actor(), id)
		program.Queue(b, &page.Programs)
		queueReaders(b, r.Actor(), id, &rows)
		kept := MessageForm.Queue(b, r, id)
		if err := b.Send(r.Context()); err != nil {
			return err
		}
		if page.About, err = pending.Reach(tx.Box(), access.MessageLeave); err != nil {
			return err
		}
		if page.Keep, err = kept.Open(r, tx); err != nil {
			return err
		}
		readers, err := openReaders(tx.Box(), rows)
		if err != nil {
			return err
		}
		page.Choices = choices(page.About, readers)
		if err := f(tx, &page); err != nil {
			return err
		}
		return participant.Seen(tx, r, page.About)
	})
	return page, err
}

// event is an act on the message by the request's actor.
func (m Message) event(r *web.Request, action audit.Action, confidential bool) audit.Event {
	return audit.Event{
		Action: action, Role: r.Actor().Roles[m.Program], Program: m.Program, Subject: m.ID,
		Participants: []uuid.UUID{m.Participant}, Confidential: confidential,
	}
}

// inboxPage is what the page of her messages shows.
type inboxPage struct {
	Folder   folder
	Messages []Message
	About    map[uuid.UUID]participant.Named
	Programs []program.Program
	Next     spot
}

// Inbox is the page of the messages that were left for her.
func (h *Handlers) Inbox(r *web.Request) (web.Response, error) {
	page := inboxPage{Folder: folder(r.Query.Get("show"))}
	if folderSQL[page.Folder] == "" {
		page.Folder = folderNew
	}
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		var waiting Waiting
		b := tx.Batch()
		queueFolder(b, r.Actor(), page.Folder, spotOf(r), pageLength+1, &waiting)
		program.Queue(b, &page.Programs)
		if err := b.Send(r.Context()); err != nil {
			return err
		}
		messages, err := waiting.Open(tx.Box())
		if err != nil {
			return err
		}
		if len(messages) > pageLength {
			messages = messages[:pageLength]
			last := messages[pageLength-1]
			page.Next = spot{Urgent: last.Urgent && last.ReadAt.IsZero(), ID: last.ID}
		}
		page.Messages = messages
		return page.names(r, tx)
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.MessageListTitle, inboxView(r.Frame(), page)), nil
}

// names finds about whom the messages are, and records that they were shown.
func (p *inboxPage) names(r *web.Request, tx *tenancy.Tx) error {
	if len(p.Messages) == 0 {
		return nil
	}
	var ids []uuid.UUID
	for _, m := range p.Messages {
		if !slices.Contains(ids, m.Participant) {
			ids = append(ids, m.Participant)
		}
	}
	var err error
	if p.About, err = participant.Names(r.Context(), tx, r.Actor(), ids); err != nil {
		return err
	}
	p.Messages = slices.DeleteFunc(p.Messages, func(m Message) bool { _, reached := p.About[m.Participant]; return !reached })
	event := audit.Event{Action: actionList}
	for _, m := range p.Messages {
		event.Confidential = event.Confidential || p.About[m.Participant].Confidential
		if !slices.Contains(event.Participants, m.Participant) {
			event.Participants = append(event.Participants, m.Participant)
		}
	}
	return audit.Record(r.Context(), tx, audit.From(r), event)
}

// spotOf reads where a page of messages begins; anything else is the beginning.
func spotOf(r *web.Request) spot {
	id, err := uuid.Parse(r.Query.Get("after"))
	if err != nil {
		return spot{}
	}
	return spot{Urgent: r.Query.Get("urgent") != "", ID: id}
}

// Mark answers the buttons of a message: read, not read, archive.
func (h *Handlers) Mark(as string) web.Handler {
	said := map[mark]i18n.Message{markRead: i18n.MessageMarkedRead, markUnread: i18n.MessageMarkedUnread, markArchive: i18n.MessageMarkedArchive}[mark(as)]
	return func(r *web.Request) (web.Response, error) {
		id, err := r.ID("message")
		if err != nil {
			return web.Response{}, err
		}
		err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
			m, err := byID(r.Context(), tx, r.Actor(), id)
			if err != nil {
				return err
			}
			if !m.readableBy(r.Actor()) {
				return fault.Refused()
			}
			about, err := participant.Reach(r.Context(), tx, r.Actor(), m.Participant, access.MessageView)
			if err != nil {
				return err
			}
			at := slices.IndexFunc(about.Enrolments, func(e participant.Enrolment) bool { return e.Program == m.Program })
			if at < 0 || !slices.Contains(about.Through, m.Program) {
				return fault.Refused()
			}
			if !m.isFor(r.Actor()) {
				return fault.New(fault.Denied, i18n.FaultDeniedText)
			}
			if err := mark(as).save(r.Context(), tx, m.ID, r.Actor().Staff); err != nil {
				return err
			}
			event := m.event(r, actionMark, about.Enrolments[at].Confidential)
			event.After = map[string]string{"as": as}
			return audit.Record(r.Context(), tx, audit.From(r), event)
		})
		if err != nil {
			return web.Response{}, err
		}
		return web.Redirect(r.Back(view.To("messages"))).Say(said), nil
	}
}

const latestMessages = 5 // on a participant's first page

// aboutList is the messages about a participant, ready to be shown.
type aboutList struct {
	About    *participant.Reached
	Messages []Message
	Programs []program.Program
	actor    access.Actor
}

// Overview draws the latest messages about a participant, with the way to leave one.
func Overview(b *tenancy.Batch, r *web.Request, id uuid.UUID) func(context.Context, *tenancy.Tx, *participant.Reached) (templ.Component, error) {
	var waiting Waiting
	l := aboutList{actor: r.Actor()}
	queueAbout(b, r.Actor(), id, latestMessages, &waiting)
	return func(_ context.Context, tx *tenancy.Tx, p *participant.Reached) (_ templ.Component, err error) {
		l.About, l.Programs = p, p.Programs()
		l.Messages, err = waiting.Open(tx.Box())
		return aboutView(r.Frame(), l), err
	}
}

// programName is the name of a program in the reader's language; "" for none.
func programName(f *view.Frame, programs []program.Program, id uuid.UUID) string {
	for _, p := range programs {
		if p.ID == id {
			return p.Name(f.P)
		}
	}
	return ""
}
