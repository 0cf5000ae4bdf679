package note

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/circle"
	"konote/app/civil"
	"konote/app/program"
	"konote/app/staff"
	"konote/app/timeline"
	"konote/app/view"
	"konote/app/web"
	"konote/keyring"
	"konote/tenancy"
)

const circleLength = 20 // notes on a page of a circle

// ofCircle is the notes that tell of a circle, ready to be shown.
type ofCircle struct {
	Circle  circle.Shown
	Entries []entry
	Next    timeline.Place
}

type circleRow struct {
	ID          uuid.UUID      `db:"id"`
	Participant uuid.UUID      `db:"participant_id"`
	Program     uuid.UUID      `db:"program_id"`
	Author      uuid.UUID      `db:"author_id"`
	Interaction Interaction    `db:"interaction"`
	Outcome     Outcome        `db:"outcome"`
	HappenedOn  civil.Date     `db:"happened_on"`
	CreatedAt   time.Time      `db:"created_at"`
	AuthorName  keyring.Sealed `db:"author_name_sealed"`
}

// OfCircle draws the notes that tell of a circle, the newest first: those about people in
// it whom the actor is shown, which she may read. To who reads no notes it draws nothing.
func OfCircle(b *tenancy.Batch, r *web.Request, c circle.Shown) func(*tenancy.Tx) (templ.Component, error) {
	var rows []circleRow
	var programs []program.Program
	readable := r.Actor().Programs(access.NoteView)
	if len(readable) == 0 {
		return func(*tenancy.Tx) (templ.Component, error) { return nil, nil }
	}
	after := placeOf(r)
	b.Queue(sqlOfCircle, tenancy.Into(&rows), c.ID, slices.Collect(maps.Keys(c.People)), readable, access.ReachingStatuses,
		r.Actor().Withheld(access.NoteView), after.Day, after.ID, circleLength+1)
	program.Queue(b, &programs)
	return func(tx *tenancy.Tx) (templ.Component, error) {
		list := ofCircle{Circle: c}
		if len(rows) > circleLength {
			rows = rows[:circleLength]
			list.Next = timeline.Place{Day: rows[circleLength-1].HappenedOn, ID: rows[circleLength-1].ID}
		}
		o := tx.Box().Opener()
		notes, authors := make([]Note, len(rows)), map[uuid.UUID]string{}
		for i, row := range rows {
			notes[i] = Note{ID: row.ID, Participant: row.Participant, Program: row.Program, Author: row.Author, Interaction: row.Interaction,
				Outcome: row.Outcome, HappenedOn: row.HappenedOn, CreatedAt: row.CreatedAt}
			authors[row.Author] = staff.OpenName(o, row.Author, row.AuthorName)
		}
		if err := o.Err(); err != nil {
			return nil, fmt.Errorf("open the authors of a circle's notes: %w", err)
		}
		list.Entries = withNames(notes, authors, programs)
		return circleNotes(r.Frame(), list), nil
	}
}

// placeOf reads where a page of notes begins; anything else is the beginning.
func placeOf(r *web.Request) timeline.Place {
	day, errDay := civil.Parse(r.Query.Get("before"))
	id, errID := uuid.Parse(r.Query.Get("note"))
	if errDay != nil || errID != nil {
		return newest
	}
	return timeline.Place{Day: day, ID: id}
}

// next is where the following page is.
func (l ofCircle) next() view.URL {
	if l.Next == (timeline.Place{}) {
		return view.URL{}
	}
	return view.To("circles", l.Circle.ID.String()).With("before", l.Next.Day.String()).With("note", l.Next.ID.String())
}
