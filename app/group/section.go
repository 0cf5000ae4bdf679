package group

import (
	"context"
	"fmt"
	"strconv"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/i18n"
	"konote/app/participant"
	"konote/app/timeline"
	"konote/app/view"
	"konote/app/web"
	"konote/keyring"
	"konote/tenancy"
)

// Timeline is the source of the sessions in a participant's time line.
func Timeline() timeline.Source {
	return timeline.Source{Name: "groups", Label: i18n.GroupTimelineLabel, Key: access.GroupViewDetail, Read: readTimeline}
}

func readTimeline(b *tenancy.Batch, r *web.Request, id uuid.UUID, ask timeline.Ask) func(context.Context, *tenancy.Tx, *participant.Reached) ([]timeline.Moment, error) {
	page := &Page{}
	QueueTimeline(b, id, ask.Programs, Place(ask.After), ask.Limit, page)
	return func(_ context.Context, tx *tenancy.Tx, _ *participant.Reached) ([]timeline.Moment, error) {
		entries, _, err := page.Open(tx.Box())
		if err != nil {
			return nil, err
		}
		moments := make([]timeline.Moment, len(entries))
		for i, e := range entries {
			moments[i] = timeline.Moment{Place: timeline.Place{Day: e.HeldOn, ID: e.Session}, Entry: Line(r.Frame(), e), Body: Words(r.Frame(), e)}
		}
		return moments, nil
	}
}

// Line is the heading of a session in a participant's record.
func Line(f *view.Frame, e Entry) view.Entry {
	came := i18n.GroupSessionAbsent
	if e.Present {
		came = i18n.GroupSessionCame
	}
	return view.Entry{ID: e.ID.String(), Icon: "people", Title: e.GroupName + " – " + f.T(came), Meta: e.Facilitator, Href: view.To("groups", e.Group.String(), "sessions", e.Session.String())}
}

// belonging is a group that a participant is in.
type belonging struct {
	ID            uuid.UUID
	Name          string
	Kind          Kind
	Role          Role
	Present, From int
}

type belongingRow struct {
	ID      uuid.UUID      `db:"id"`
	Program uuid.UUID      `db:"program_id"`
	Kind    Kind           `db:"kind"`
	Name    keyring.Sealed `db:"name_sealed"`
	Role    Role           `db:"role"`
	Present int            `db:"present"`
	From    int            `db:"expected"`
}

// came says how often she came.
func (b belonging) came(f *view.Frame) string {
	if b.From == 0 {
		return ""
	}
	return f.T(i18n.GroupOverviewCame(strconv.Itoa(b.Present), strconv.Itoa(b.From)))
}

// Overview draws the groups that a participant is in, of programs whose groups the actor
// may see; nothing when there are none.
func Overview(b *tenancy.Batch, r *web.Request, id uuid.UUID) func(context.Context, *tenancy.Tx, *participant.Reached) (templ.Component, error) {
	var rows []belongingRow
	b.Queue(sqlOfParticipant, tenancy.Into(&rows), id, r.Actor().About(id).Programs(access.GroupViewDetail))
	return func(_ context.Context, tx *tenancy.Tx, _ *participant.Reached) (templ.Component, error) {
		if len(rows) == 0 {
			return nil, nil
		}
		o := tx.Box().Opener()
		found := make([]belonging, len(rows))
		for i, row := range rows {
			found[i] = belonging{ID: row.ID, Name: o.Open(colName, row.ID, row.Name), Kind: row.Kind, Role: row.Role, Present: row.Present, From: row.From}
		}
		if err := o.Err(); err != nil {
			return nil, fmt.Errorf("open groups: %w", err)
		}
		return overview(r.Frame(), found), nil
	}
}
