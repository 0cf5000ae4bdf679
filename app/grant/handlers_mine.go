package grant

import (
	"context"
	"time"

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

const (
	mostActive = 100
	pageLength = 25
)

// last is above every id.
var last = uuid.Max

// around is what grants are shown with.
type around struct {
	Now      time.Time
	People   map[uuid.UUID]participant.Named
	Programs map[uuid.UUID]program.Program
}

// load finds names for what the grants are about, as far as the actor may know them.
func (a *around) load(ctx context.Context, tx *tenancy.Tx, actor access.Actor, grants ...Grant) (err error) {
	a.Now = tx.Now()
	var about []uuid.UUID
	for _, g := range grants {
		if g.Participant != uuid.Nil {
			about = append(about, g.Participant)
		}
	}
	if a.People = nil; len(about) > 0 {
		if a.People, err = participant.Names(ctx, tx, actor, about); err != nil {
			return err
		}
	}
	all, err := program.All(ctx, tx)
	a.Programs = map[uuid.UUID]program.Program{}
	for _, p := range all {
		a.Programs[p.ID] = p
	}
	return err
}

// seen is the record of a list of grants: whose names it shows.
func (a *around) seen(action audit.Action) audit.Event {
	event := audit.Event{Action: action}
	for _, n := range a.People {
		event.Participants = append(event.Participants, n.ID)
		event.Confidential = event.Confidential || n.Confidential
	}
	return event
}

// minePage is what somebody's own page shows.
type minePage struct {
	around
	Active []Grant
	Past   []Grant
	Next   uuid.UUID // where the next page of Past begins; uuid.Nil: there is none
	Asked  bool      // the agency asks for reasons
}

// Mine are the person's own grants.
func (h *Handlers) Mine(r *web.Request) (web.Response, error) {
	p := minePage{Asked: r.Actor().Policy.Tier == access.Safeguarded}
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		me := r.Actor().Staff
		if p.Active, err = list(r.Context(), tx, sqlOwn, me, tx.Now(), true, last, mostActive); err != nil {
			return err
		}
		if p.Past, err = list(r.Context(), tx, sqlOwn, me, tx.Now(), false, after(r), pageLength+1); err != nil {
			return err
		}
		p.Past, p.Next = cut(p.Past)
		if err := p.load(r.Context(), tx, r.Actor(), append(p.Active, p.Past...)...); err != nil || len(p.People) == 0 {
			return err
		}
		return audit.Record(r.Context(), tx, audit.From(r), p.seen(actionList))
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.GrantMineTitle, mineView(r.Frame(), p)), nil
}

// GiveBack ends one of the person's own grants.
func (h *Handlers) GiveBack(r *web.Request) (web.Response, error) {
	id, err := r.ID("grant")
	if err != nil {
		return web.Response{}, err
	}
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		g, err := load(r.Context(), tx, sqlLock, id)
		if err != nil {
			return err
		}
		if g.Staff != r.Actor().Staff {
			return fault.Refused()
		}
		return end(r, tx, g)
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(view.To("account", "access")).Say(i18n.GrantRevoked), nil
}

// end ends a grant and records it; one that is over stays as it is.
func end(r *web.Request, tx *tenancy.Tx, g Grant) error {
	ended, err := revoke(r.Context(), tx, g.ID, r.Actor().Staff)
	if err != nil || !ended {
		return err
	}
	event := g.event(r, actionRevoke)
	event.Before = g
	g.RevokedAt = tx.Now()
	event.After = g
	return audit.Record(r.Context(), tx, audit.From(r), event)
}

// after is where a page of a list begins.
func after(r *web.Request) uuid.UUID {
	id, err := uuid.Parse(r.Query.Get("after"))
	if err != nil {
		return last
	}
	return id
}

// cut takes off the grant that only shows that there are more.
func cut(grants []Grant) ([]Grant, uuid.UUID) {
	if len(grants) <= pageLength {
		return grants, uuid.Nil
	}
	return grants[:pageLength], grants[pageLength-1].ID
}
