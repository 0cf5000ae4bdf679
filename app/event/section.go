package event

import (
	"context"
	"fmt"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/app/access"
	"konote/app/i18n"
	"konote/app/participant"
	"konote/app/program"
	"konote/app/timeline"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

const (
	tabLength    = 30
	comingLength = 3
)

// A listing is a part of a participant's events, ready to be shown.
type listing struct {
	About    *participant.Reached
	Entries  []Entry
	Programs []program.Program
	Next     timeline.Place
	MayWrite bool
	MayMeet  bool
}

// Tab draws a participant's events and meetings, a page at a time.
func Tab(b *tenancy.Batch, r *web.Request, id uuid.UUID) func(context.Context, *tenancy.Tx, *participant.Reached) (templ.Component, error) {
	var page Page
	var l listing
	actor := r.Actor().About(id)
	QueueTimeline(b, id, actor.Programs(access.EventView), actor.Withheld(access.EventView), placeOf(r), tabLength, &page)
	program.Queue(b, &l.Programs)
	return func(_ context.Context, tx *tenancy.Tx, p *participant.Reached) (_ templ.Component, err error) {
		l.About, l.MayWrite, l.MayMeet = p, p.May(access.EventCreate), p.May(access.MeetingCreate)
		l.Entries, l.Next, err = page.Open(tx.Box())
		return tabView(r.Frame(), l), err
	}
}

// Coming draws what lies ahead of a participant on her first page; nothing when nothing is
// planned.
func Coming(b *tenancy.Batch, r *web.Request, id uuid.UUID) func(context.Context, *tenancy.Tx, *participant.Reached) (templ.Component, error) {
	var rows []entryRow
	actor := r.Actor().About(id)
	b.Queue(sqlComing, tenancy.Into(&rows), id, actor.Programs(access.EventView), r.P.Zone().String(), comingLength, actor.Withheld(access.EventView))
	return func(_ context.Context, tx *tenancy.Tx, p *participant.Reached) (templ.Component, error) {
		entries, err := openEntries(tx.Box(), rows)
		if err != nil || len(entries) == 0 {
			return nil, err
		}
		return comingView(r.Frame(), listing{About: p, Entries: entries}), nil
	}
}

// Timeline is the source of events and meetings in a participant's time line.
func Timeline() timeline.Source {
	return timeline.Source{Name: "events", Label: i18n.EventTab, Key: access.EventView, Read: readTimeline}
}

func readTimeline(b *tenancy.Batch, r *web.Request, id uuid.UUID, ask timeline.Ask) func(context.Context, *tenancy.Tx, *participant.Reached) ([]timeline.Moment, error) {
	var page Page
	var l listing
	QueueTimeline(b, id, ask.Programs, ask.Actor.Withheld(access.EventView), ask.After, ask.Limit, &page)
	program.Queue(b, &l.Programs)
	return func(_ context.Context, tx *tenancy.Tx, _ *participant.Reached) ([]timeline.Moment, error) {
		entries, _, err := page.Open(tx.Box())
		moments := make([]timeline.Moment, len(entries))
		for i, e := range entries {
			moments[i] = timeline.Moment{Place: timeline.Place{Day: e.HappenedOn, ID: e.ID},
				Entry: Line(r.Frame(), e, l.program(r.Frame(), e)), Body: Words(r.Frame(), e)}
		}
		return moments, err
	}
}

func (l listing) program(f *view.Frame, e Entry) string {
	for _, p := range l.Programs {
		if p.ID == e.Program {
			return p.Name(f.P)
		}
	}
	return ""
}

// days splits entries by the day they tell of.
func (l listing) days() [][]Entry {
	var days [][]Entry
	for _, e := range l.Entries {
		if n := len(days); n > 0 && days[n-1][0].HappenedOn == e.HappenedOn {
			days[n-1] = append(days[n-1], e)
		} else {
			days = append(days, []Entry{e})
		}
	}
	return days
}

var bulkColumns = []string{"id", "participant_id", "program_id", "author_id", "author_role", "kind", "type_id", "title_sealed",
	"description_sealed", "happened_on", "ends_on", "starts_at", "ends_at", "note_id", "serious_type_id", "flagged_at", "flagged_by",
	"location_sealed", "attendees", "status", "reminder", "reminded_at", "created_at", "updated_at", "cancelled_at", "cancelled_by", "cancel_reason_sealed"}

// Bulk adds many events and meetings by COPY, for demo data: it checks nothing, records
// nothing, and queues neither reminders nor notices.
func Bulk(ctx context.Context, tx *tenancy.Tx, events []Event) error {
	s := tx.Box().Sealer()
	source := pgx.CopyFromSlice(len(events), func(i int) ([]any, error) {
		e := events[i]
		row := []any{e.ID, e.Participant, e.Program, e.Author, e.AuthorRole, e.Kind, tenancy.Null(e.Type), s.Seal(colTitle, e.ID, e.Title),
			s.Seal(colDescription, e.ID, e.Description), e.HappenedOn, e.EndsOn, tenancy.Null(e.StartsAt), tenancy.Null(e.EndsAt), tenancy.Null(e.Note),
			tenancy.Null(e.Serious), tenancy.Null(e.FlaggedAt), tenancy.Null(e.FlaggedBy), s.Seal(colLocation, e.ID, e.Location), some(e.Attendees),
			tenancy.Null(e.Status), tenancy.Null(e.Reminder), tenancy.Null(e.RemindedAt), e.CreatedAt, e.CreatedAt,
			tenancy.Null(e.InError.At), tenancy.Null(e.InError.By), s.Seal(colCancelReason, e.ID, e.InError.Reason)}
		return row, s.Err()
	})
	if _, err := tx.Copy(ctx, "events", bulkColumns, source); err != nil {
		return fmt.Errorf("copy events: %w", err)
	}
	return nil
}
