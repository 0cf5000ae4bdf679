package event

import (
	"context"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/mistake"
	"konote/app/program"
	"konote/app/web"
	"konote/tenancy"
)

// What marks events and meetings as entered in error. Who may say that an event counts as
// serious may say that it does not count; managers may, who record no events themselves. With
// meetings it is who may plan them.
var (
	EventInError = mistake.Kind{
		Name: "event.cancel", Param: "event", Path: "events", Key: access.SreFlag, Action: actionMark,
		Load: loadMistake(Happening, access.EventView, access.SreFlag), Save: markInError,
	}
	MeetingInError = mistake.Kind{
		Name: "meeting.in_error", Param: "meeting", Path: "meetings", Key: access.MeetingCreate, Action: actionMeetingMark,
		Load: loadMistake(Meeting, access.MeetingView, access.MeetingCreate), Save: markInError,
	}
)

// record is the event as something that can be marked. While it is flagged as serious it is
// not for its author to have it reported no more.
func (e Event) record() mistake.Record {
	return mistake.Record{ID: e.ID, Participant: e.Participant, Program: e.Program, Author: e.Author, CreatedAt: e.CreatedAt, Mark: e.InError, Guarded: e.flagged()}
}

// loadMistake reaches an event or a meeting for those whose role may mark it.
func loadMistake(kind Kind, seen, key access.Key) func(*web.Request, *tenancy.Tx, uuid.UUID) (mistake.Found, error) {
	return func(r *web.Request, tx *tenancy.Tx, id uuid.UUID) (mistake.Found, error) {
		e, about, err := reach(r, tx, kind, id, seen, key)
		if err != nil {
			return mistake.Found{}, err
		}
		in, err := program.ByID(r.Context(), tx, e.Program)
		f := r.Frame()
		return mistake.Found{
			Record: e.record(), About: about, Confidential: in.Confidential,
			Line: e.heading(f) + " · " + When(f, e.Event), Said: told(f, e),
		}, err
	}
}

func markInError(ctx context.Context, tx *tenancy.Tx, of mistake.Record, m mistake.Mark) (bool, error) {
	return mistake.Set(ctx, tx, sqlMarkInError, colCancelReason, of.ID, m)
}
