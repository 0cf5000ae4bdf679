package note

import (
	"context"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/i18n"
	"konote/app/participant"
	"konote/app/program"
	"konote/app/timeline"
	"konote/app/web"
	"konote/tenancy"
)

const latestNotes = 3 // on a participant's first page

// A listing is a participant's last few notes.
type listing struct {
	About   *participant.Reached
	Entries []entry
}

// An entry is a note with the names that a page shows beside it.
type entry struct {
	Note
	Author  string
	Program program.Program
}

// Latest draws the last few notes on a participant's page, without cancelled ones.
func Latest(b *tenancy.Batch, r *web.Request, id uuid.UUID) func(context.Context, *tenancy.Tx, *participant.Reached) (templ.Component, error) {
	actor := r.Actor().About(id)
	open := queueEntries(b, id, timeline.Ask{Limit: latestNotes, Programs: actor.Programs(access.NoteView), Actor: actor}, false)
	return func(_ context.Context, tx *tenancy.Tx, p *participant.Reached) (templ.Component, error) {
		entries, err := open(tx, p)
		if err != nil {
			return nil, err
		}
		return latest(r.Frame(), listing{About: p, Entries: entries}), nil
	}
}

// Timeline is the source of notes in a participant's time line, cancelled ones struck.
func Timeline() timeline.Source {
	return timeline.Source{Name: "notes", Label: i18n.NoteTimelineLabel, Key: access.NoteView, Read: readTimeline}
}

func readTimeline(b *tenancy.Batch, r *web.Request, id uuid.UUID, ask timeline.Ask) func(context.Context, *tenancy.Tx, *participant.Reached) ([]timeline.Moment, error) {
	open := queueEntries(b, id, ask, true)
	return func(_ context.Context, tx *tenancy.Tx, p *participant.Reached) ([]timeline.Moment, error) {
		entries, err := open(tx, p)
		moments := make([]timeline.Moment, len(entries))
		for i, e := range entries {
			place := timeline.Place{Day: e.HappenedOn, ID: e.ID}
			moments[i] = timeline.Moment{Place: place, Entry: head(r.Frame(), e), Body: words(r.Frame(), e)}
		}
		return moments, err
	}
}

// queueEntries adds notes with the names beside them to a page's batch: two statements.
func queueEntries(b *tenancy.Batch, id uuid.UUID, ask timeline.Ask, cancelled bool) func(*tenancy.Tx, *participant.Reached) ([]entry, error) {
	var page Page
	queueTimeline(b, id, ask, cancelled, &page)
	return func(tx *tenancy.Tx, p *participant.Reached) ([]entry, error) {
		notes, err := page.Open(tx.Box())
		if err != nil {
			return nil, err
		}
		authors, err := page.Authors(tx.Box())
		if err != nil {
			return nil, err
		}
		return withNames(notes, authors, p.Programs()), nil
	}
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
