package note

import (
	"context"
	"slices"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/civil"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/participant"
	"konote/app/program"
	"konote/app/staff"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// The acts that are recorded.
const (
	actionCreate audit.Action = "note.create"
	actionView   audit.Action = "note.view"
)

const (
	latestNotes = 3  // on a participant's first page
	pageNotes   = 20 // on a page of the time line
)

// Handlers answer the routes of notes.
type Handlers struct{}

// formPage is what the form shows.
type formPage struct {
	Draft    draft
	About    *participant.Reached
	Programs []program.Program // in which the author may write; several give a choice
	Today    civil.Date
	SameDay  int // notes there are for that day already
	Problems view.Problems
}

// New is the empty form of a quick note.
func (h *Handlers) New(r *web.Request) (web.Response, error) {
	page, err := h.load(r, func(tx *tenancy.Tx, page *formPage, programs []uuid.UUID) error {
		page.Draft = blank(page.About.ID, programs, page.Today)
		return nil
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.NoteNewTitle, form(r.Frame(), page)), nil
}

// Create saves a quick note.
func (h *Handlers) Create(r *web.Request) (web.Response, error) {
	page, err := h.load(r, func(tx *tenancy.Tx, page *formPage, programs []uuid.UUID) error {
		page.Draft, page.Problems = decode(r, page.About.ID, programs, tx.Now())
		if r.SwitchLanguage || page.Problems.Any() {
			return nil
		}
		return save(r, tx, page)
	})
	if err != nil {
		return web.Response{}, err
	}
	if problems := page.Problems; r.SwitchLanguage || problems.Any() {
		page.Problems = r.Shown(problems)
		return r.Again(i18n.NoteNewTitle, problems, form(r.Frame(), page)), nil
	}
	return web.Redirect(view.To("participants", page.About.ID.String())).Say(i18n.NoteSaved), nil
}

// load reaches the participant whom the route names, as somebody who may write about
// her, and runs f in the same transaction. That the form was opened is recorded: it
// shows whose record it is.
func (h *Handlers) load(r *web.Request, f func(*tenancy.Tx, *formPage, []uuid.UUID) error) (formPage, error) {
	var page formPage
	id, err := r.ID("participant")
	if err != nil {
		return page, err
	}
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		page = formPage{Today: civil.Of(tx.Now().In(r.P.Zone()))}
		var programs []program.Program
		b := tx.Batch()
		pending := participant.Queue(b, r.Actor(), id)
		program.Queue(b, &programs)
		if err := b.Send(r.Context()); err != nil {
			return err
		}
		if page.About, err = pending.Reach(tx.Box(), access.NoteCreate); err != nil {
			return err
		}
		allowed := writable(r.Actor(), page.About.Through)
		page.Programs = slices.DeleteFunc(programs, func(p program.Program) bool { return !slices.Contains(allowed, p.ID) })
		if err := f(tx, &page, allowed); err != nil {
			return err
		}
		return participant.Seen(tx, r, page.About)
	})
	return page, err
}

func save(r *web.Request, tx *tenancy.Tx, page *formPage) error {
	n := page.Draft.Note
	n.AuthorRole = r.Actor().Roles[n.Program]
	added, err := insert(r.Context(), tx, &n)
	if err != nil || !added {
		return err
	}
	return audit.Record(r.Context(), tx, audit.From(r), audit.Event{
		Action: actionCreate, Role: n.AuthorRole, Program: n.Program, Subject: n.ID,
		Participants: []uuid.UUID{n.Participant}, Confidential: confidential(page.Programs, n.Program), After: n,
	})
}

func confidential(programs []program.Program, id uuid.UUID) bool {
	return slices.ContainsFunc(programs, func(p program.Program) bool { return p.ID == id && p.Confidential })
}

// SameDay says, while the form is filled in, whether the day has a note already.
func (h *Handlers) SameDay(r *web.Request) (web.Response, error) {
	id, err := r.ID("participant")
	if err != nil {
		return web.Response{}, err
	}
	var count int
	err = r.Agency.View(r.Context(), func(tx *tenancy.Tx) error {
		if _, err := participant.Reach(r.Context(), tx, r.Actor(), id, access.NoteCreate); err != nil {
			return err
		}
		day, err := civil.Parse(r.Value("happened_on"))
		if err != nil {
			return nil // still being typed
		}
		count, err = onDay(r.Context(), tx, id, r.Actor().Programs(access.NoteView), day)
		return err
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Fragment(sameDay(r.Frame(), count)), nil
}

// showPage is one note with what is around it.
type showPage struct {
	Entry entry
	About *participant.Reached
}

// Show is one note on a page of its own.
func (h *Handlers) Show(r *web.Request) (web.Response, error) {
	id, err := r.ID("note")
	if err != nil {
		return web.Response{}, err
	}
	var page showPage
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		n, err := byID(r.Context(), tx, id)
		if err != nil {
			return err
		}
		if !r.Actor().MayIn(n.Program, access.NoteView) {
			return fault.Refused()
		}
		if page.About, err = participant.Reach(r.Context(), tx, r.Actor(), n.Participant, access.NoteView); err != nil {
			return err
		}
		entries, err := describe(r.Context(), tx, []Note{n})
		if err != nil {
			return err
		}
		page.Entry = entries[0]
		return audit.Record(r.Context(), tx, audit.From(r), audit.Event{
			Action: actionView, Role: r.Actor().Roles[n.Program], Program: n.Program, Subject: n.ID,
			Participants: []uuid.UUID{n.Participant}, Confidential: page.Entry.Program.Confidential,
		})
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.NoteShowTitle, show(r.Frame(), page)), nil
}

// Latest draws the last few notes on a participant's page.
func Latest(b *tenancy.Batch, r *web.Request, id uuid.UUID) func(context.Context, *tenancy.Tx, *participant.Reached) (templ.Component, error) {
	return section(b, r, id, Place{}, latestNotes, latest)
}

// Timeline draws all notes, a page at a time; the place to go on from is in the address.
func Timeline(b *tenancy.Batch, r *web.Request, id uuid.UUID) func(context.Context, *tenancy.Tx, *participant.Reached) (templ.Component, error) {
	return section(b, r, id, placeOf(r), pageNotes, timeline)
}

// A listing is a part of a time line, ready to be shown.
type listing struct {
	About   *participant.Reached
	Entries []entry
	Next    Place
	First   bool // nothing newer is left out
}

func section(b *tenancy.Batch, r *web.Request, id uuid.UUID, after Place, limit int,
	draw func(*view.Frame, listing) templ.Component) func(context.Context, *tenancy.Tx, *participant.Reached) (templ.Component, error) {
	page := &Page{}
	var programs []program.Program
	QueueTimeline(b, id, r.Actor().Programs(access.NoteView), after, limit, page)
	program.Queue(b, &programs)
	return func(_ context.Context, tx *tenancy.Tx, p *participant.Reached) (templ.Component, error) {
		notes, next, err := page.Open(tx.Box())
		if err != nil {
			return nil, err
		}
		authors, err := page.authors(tx.Box())
		if err != nil {
			return nil, err
		}
		entries := withNames(notes, authors, programs)
		return draw(r.Frame(), listing{About: p, Entries: entries, Next: next, First: after == Place{}}), nil
	}
}

// An entry is a note with the names that a page shows beside it.
type entry struct {
	Note
	Author  string
	Program program.Program
}

// describe adds the names of authors and programs, two statements however many notes.
func describe(ctx context.Context, tx *tenancy.Tx, notes []Note) ([]entry, error) {
	if len(notes) == 0 {
		return nil, nil
	}
	var authors []uuid.UUID
	for _, n := range notes {
		if !slices.Contains(authors, n.Author) {
			authors = append(authors, n.Author)
		}
	}
	names, err := staff.Names(ctx, tx, authors)
	if err != nil {
		return nil, err
	}
	programs, err := program.All(ctx, tx)
	if err != nil {
		return nil, err
	}
	return withNames(notes, names, programs), nil
}

func withNames(notes []Note, authors map[uuid.UUID]string, programs []program.Program) []entry {
	entries := make([]entry, len(notes))
	for i, n := range notes {
		entries[i] = entry{Note: n, Author: authors[n.Author]}
		for _, p := range programs {
			if p.ID == n.Program {
				entries[i].Program = p
			}
		}
	}
	return entries
}

// placeOf reads where a page of a time line begins; anything else is the beginning.
func placeOf(r *web.Request) Place {
	day, err := civil.Parse(r.Query.Get("before"))
	id, err2 := uuid.Parse(r.Query.Get("note"))
	if err != nil || err2 != nil {
		return Place{}
	}
	return Place{Day: day, ID: id}
}

// groups splits entries by the day they tell of.
func (l listing) groups() [][]entry {
	var days [][]entry
	for _, e := range l.Entries {
		if n := len(days); n > 0 && days[n-1][0].HappenedOn == e.HappenedOn {
			days[n-1] = append(days[n-1], e)
		} else {
			days = append(days, []entry{e})
		}
	}
	return days
}

func dayText(p *i18n.Printer, d civil.Date) string { return p.Date(d.Year, d.Month, d.Day) }
