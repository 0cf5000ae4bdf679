package timeline

import (
	"context"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/i18n"
	"konote/app/participant"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// Enrolments is the source of what changed about a participant's enrolments.
func Enrolments() Source {
	return Source{Name: "programs", Label: i18n.TimelineEnrolments, Key: access.ParticipantViewName, Read: readEnrolments}
}

func readEnrolments(b *tenancy.Batch, r *web.Request, id uuid.UUID, ask Ask) func(context.Context, *tenancy.Tx, *participant.Reached) ([]Moment, error) {
	var changes participant.Changes
	participant.QueueChanges(b, id, ask.Programs, &changes)
	return func(_ context.Context, tx *tenancy.Tx, p *participant.Reached) ([]Moment, error) {
		found, err := changes.Open(tx.Box(), ask.Actor)
		if err != nil {
			return nil, err
		}
		var moments []Moment
		for _, c := range found {
			at := Place{Day: c.On(r.P.Zone()), ID: c.ID}
			name := programName(r, p, c.Program)
			if !at.before(ask.After) || name == "" {
				continue
			}
			meta := r.P.Moment(c.At)
			if c.By != "" {
				meta = c.By + " · " + meta
			}
			moments = append(moments, Moment{Place: at, Entry: view.Entry{ID: c.ID.String(), Icon: "program", Title: name + " – " + r.P.T(c.Label()), Meta: meta}, Body: reason(r.Frame(), c.Reason)})
			if len(moments) == ask.Limit {
				break
			}
		}
		return moments, nil
	}
}

// programName is the name of a program of which the reader may know that the participant
// is in it, "" for another.
func programName(r *web.Request, p *participant.Reached, id uuid.UUID) string {
	for _, e := range p.Enrolments {
		if e.Program == id {
			return e.ProgramName(r.P)
		}
	}
	return ""
}
