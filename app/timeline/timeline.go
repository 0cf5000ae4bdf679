package timeline

import (
	"bytes"
	"context"
	"slices"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/civil"
	"konote/app/i18n"
	"konote/app/participant"
	"konote/app/program"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// pageLength is how many entries a page shows.
const pageLength = 30

// Place is where a page begins: after this day and id.
type Place struct {
	Day civil.Date
	ID  uuid.UUID
}

// newest begins before every entry: the last day that Postgres and people agree on.
var newest = Place{Day: civil.Date{Year: 9999, Month: time.December, Day: 31}, ID: uuid.Max}

// before says whether p lies further in the past than q.
func (p Place) before(q Place) bool {
	if p.Day != q.Day {
		return p.Day.Before(q.Day)
	}
	return bytes.Compare(p.ID[:], q.ID[:]) < 0
}

// A Moment is one entry.
type Moment struct {
	Place
	Entry view.Entry
	Body  templ.Component // what there is to read of it; nil for nothing
}

// Ask is what a source is asked for: entries before After, the newest first, at most
// Limit, in these programs, without those that are closed to the Actor.
type Ask struct {
	After    Place
	Limit    int
	Programs []uuid.UUID
	Actor    access.Actor
}

// A Reader adds what it reads to the page's batch and returns what opens it once the
// batch was sent.
type Reader func(b *tenancy.Batch, r *web.Request, participant uuid.UUID, ask Ask) func(context.Context, *tenancy.Tx, *participant.Reached) ([]Moment, error)

// A Source is a feature with something to tell.
type Source struct {
	Name  string // in the address of the filter
	Label i18n.Message
	Key   access.Key // without it in a program, nothing of that program is read
	Read  Reader
}

// Tab is the page of a participant's time line, of these sources.
func Tab(sources ...Source) participant.Section {
	return func(b *tenancy.Batch, r *web.Request, id uuid.UUID) func(context.Context, *tenancy.Tx, *participant.Reached) (templ.Component, error) {
		page, actor := page{Participant: id, Asked: decode(r)}, r.Actor().About(id)
		var opened []func(context.Context, *tenancy.Tx, *participant.Reached) ([]Moment, error)
		for _, s := range sources {
			programs := actor.Programs(s.Key)
			if len(programs) == 0 {
				continue
			}
			page.Kinds = append(page.Kinds, view.Option{Value: s.Name, Label: r.P.T(s.Label)})
			if page.Asked.Program != uuid.Nil {
				programs = slices.DeleteFunc(programs, func(p uuid.UUID) bool { return p != page.Asked.Program })
			}
			if (page.Asked.Kind == "" || page.Asked.Kind == s.Name) && len(programs) > 0 {
				opened = append(opened, s.Read(b, r, id, Ask{After: page.Asked.after(), Limit: pageLength + 1, Programs: programs, Actor: actor}))
			}
		}
		program.Queue(b, &page.Programs)
		return func(ctx context.Context, tx *tenancy.Tx, p *participant.Reached) (templ.Component, error) {
			var all []Moment
			for _, open := range opened {
				moments, err := open(ctx, tx, p)
				if err != nil {
					return nil, err
				}
				all = append(all, moments...)
			}
			page.Moments, page.Next = newestOf(all, pageLength)
			page.Searched = p.May(access.NoteView)
			page.Programs = slices.DeleteFunc(page.Programs, func(known program.Program) bool {
				return !slices.ContainsFunc(p.Enrolments, func(e participant.Enrolment) bool { return e.Program == known.ID })
			})
			return draw(r.Frame(), page), nil
		}
	}
}

// newestOf merges what the sources have read, and says where the next page begins, the
// zero Place when this is the last one.
func newestOf(all []Moment, limit int) ([]Moment, Place) {
	slices.SortFunc(all, func(a, b Moment) int {
		switch {
		case b.before(a.Place):
			return -1
		case a.before(b.Place):
			return 1
		}
		return 0
	})
	if len(all) <= limit {
		return all, Place{}
	}
	return all[:limit], all[limit-1].Place
}

// page is what a page of a time line shows.
type page struct {
	Participant uuid.UUID
	Asked       asked
	Kinds       []view.Option
	Programs    []program.Program // of the participant's enrolments that the reader may know of
	Moments     []Moment
	Next        Place
	Searched    bool // the reader may search the notes
}

// asked is what the address says.
type asked struct {
	Kind    string
	Program uuid.UUID
	Until   civil.Date // begin with this day; zero: today
	From    Place
}

func (a asked) after() Place {
	switch {
	case a.From != Place{}:
		return a.From
	case !a.Until.IsZero():
		return Place{Day: a.Until, ID: uuid.Max}
	}
	return newest
}

func (a asked) filtered() bool { return a.Kind != "" || a.Program != uuid.Nil || !a.Until.IsZero() }

// decode reads the address; what makes no sense there is left out.
func decode(r *web.Request) asked {
	a := asked{Kind: r.Query.Get("show")}
	if id, err := uuid.Parse(r.Query.Get("program")); err == nil {
		a.Program = id
	}
	if day, err := civil.Parse(r.Query.Get("until")); err == nil {
		a.Until = day
	}
	day, err := civil.Parse(r.Query.Get("before"))
	id, err2 := uuid.Parse(r.Query.Get("entry"))
	if err == nil && err2 == nil {
		a.From = Place{Day: day, ID: id}
	}
	return a
}

// next is the address of the following page.
func (p page) next() view.URL {
	if p.Next == (Place{}) {
		return view.URL{}
	}
	url := p.address()
	if p.Asked.Kind != "" {
		url = url.With("show", p.Asked.Kind)
	}
	if p.Asked.Program != uuid.Nil {
		url = url.With("program", p.Asked.Program.String())
	}
	return url.With("before", p.Next.Day.String()).With("entry", p.Next.ID.String())
}

func (p page) address() view.URL { return view.To("participants", p.Participant.String(), "timeline") }

// days groups the entries by the day on which they happened.
func (p page) days() [][]Moment {
	var days [][]Moment
	for _, m := range p.Moments {
		if n := len(days); n > 0 && days[n-1][0].Day == m.Day {
			days[n-1] = append(days[n-1], m)
		} else {
			days = append(days, []Moment{m})
		}
	}
	return days
}
