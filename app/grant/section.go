package grant

import (
	"context"
	"slices"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/participant"
	"konote/app/staff"
	"konote/app/web"
	"konote/keyring"
	"konote/tenancy"
)

// Banner stands on every page of a participant's record: that it was opened in an
// emergency, until when guarded records are open, or how they are opened.
func Banner(b *tenancy.Batch, r *web.Request, id uuid.UUID) func(context.Context, *tenancy.Tx, *participant.Reached) (templ.Component, error) {
	actor := r.Actor()
	var rows []row
	if slices.ContainsFunc(actor.Grants, func(g access.Grant) bool { return g.Program != uuid.Nil || g.Participant == id }) {
		b.Queue(sqlStanding, tenancy.Into(&rows), actor.Staff, id, actor.Programs(access.ParticipantViewName))
	}
	return func(_ context.Context, tx *tenancy.Tx, p *participant.Reached) (templ.Component, error) {
		grants, err := openAll(tx.Box(), rows)
		if err != nil {
			return nil, err
		}
		grants = slices.DeleteFunc(grants, func(g Grant) bool { return !g.Active(tx.Now()) || !opens(g, p) })
		g := standing(grants, tx.Now())
		switch guarded := p.Decide(access.NoteView).Reason == access.NeedsGrant; {
		case g != nil, guarded:
			return banner(r.Frame(), id, g, guarded), nil
		}
		return nil, nil
	}
}

// opens says whether the grant is about this participant, or a program that she is in.
func opens(g Grant, p *participant.Reached) bool {
	return g.Participant == p.ID || slices.ContainsFunc(p.Enrolments, func(e participant.Enrolment) bool { return e.Program == g.Program })
}

// Waiting is an emergency that waits for a review.
type Waiting struct {
	Grant uuid.UUID
	Who   string
	Since time.Time
}

// WaitingRows are such emergencies as they came from the database.
type WaitingRows struct {
	rows []struct {
		ID    uuid.UUID      `db:"id"`
		Since time.Time      `db:"created_at"`
		Staff uuid.UUID      `db:"staff_id"`
		Name  keyring.Sealed `db:"display_name_sealed"`
	}
}

// QueueWaiting adds to a page's batch the emergencies that wait for the actor's review, the
// oldest first; nothing for those who review none.
func QueueWaiting(b *tenancy.Batch, actor access.Actor, limit int) *WaitingRows {
	w := &WaitingRows{}
	if mayLookBack(actor) {
		b.Queue(sqlEmergencies, tenancy.Into(&w.rows), append(scope(actor), actor.Staff, limit)...)
	}
	return w
}

// Open opens them.
func (w *WaitingRows) Open(box *keyring.Box) ([]Waiting, error) {
	o := box.Opener()
	found := make([]Waiting, len(w.rows))
	for i, r := range w.rows {
		found[i] = Waiting{Grant: r.ID, Who: staff.OpenName(o, r.Staff, r.Name), Since: r.Since}
	}
	return found, o.Err()
}
