package caseload

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/participant"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// Save does what the page before has said, for those who are still as they were then.
func (h *Handlers) Save(r *web.Request) (web.Response, error) {
	d := decode(r)
	d.Asked = true
	if len(d.Chosen) == 0 || d.Kind == "" {
		return h.listAgain(r, d)
	}
	page := reviewPage{Draft: d}
	saved := false
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		page = reviewPage{Draft: d}
		if err := page.load(r, tx); err != nil || page.Problems.Any() {
			return err
		}
		if r.SwitchLanguage {
			return page.decide(r, tx, nil)
		}
		if err := page.decide(r, tx, d.Seen); err != nil {
			return err
		}
		var err error
		if saved, err = sent(r, tx, d.ID); err != nil || saved {
			return err
		}
		if len(page.Do) == 0 {
			page.Late = true
			return nil
		}
		saved = true
		return page.save(r, tx)
	})
	if err != nil {
		return web.Response{}, err
	}
	if saved {
		return web.Redirect(view.To("caseload", "changes", d.ID.String())), nil
	}
	if page.Problems.Any() {
		return page.askAgain(r)
	}
	return page.confirm(r)
}

// sent says whether the form was sent before: it came to the lock first.
func sent(r *web.Request, tx *tenancy.Tx, id uuid.UUID) (bool, error) {
	before, err := byID(r.Context(), tx, id)
	switch {
	case fault.KindOf(err) == fault.NotFound:
		return false, nil
	case err != nil:
		return false, err
	case before.Staff != r.Actor().Staff:
		return false, fault.New(fault.Conflict, i18n.FaultConflictTitle)
	}
	return true, nil
}

// save changes the enrolments, which are locked, and keeps what was done.
func (p *reviewPage) save(r *web.Request, tx *tenancy.Tx) error {
	d := done{ID: p.Draft.ID, Kind: p.Order.Kind, Staff: r.Actor().Staff, What: what{To: p.Order.To}, LeftOut: p.Out, At: tx.Now()}
	var changed []participant.Enrolment
	var err error
	added := map[uuid.UUID]uuid.UUID{} // by participant: the new enrolment of a transfer
	switch p.Order.Kind {
	case Assign:
		workers := slices.Repeat([]uuid.UUID{p.Order.To}, len(p.Do))
		changed, err = participant.Assign(r.Context(), tx, p.Do, workers, r.Actor().Staff)
	case Discharge:
		changed, err = participant.Apply(r.Context(), tx, p.Do, p.Order.change(), r.Actor().Staff)
	case Transfer:
		changed, err = p.transfer(r, tx, added)
	}
	if err != nil {
		return err
	}
	for _, e := range p.Do {
		if !slices.ContainsFunc(changed, func(c participant.Enrolment) bool { return c.ID == e.ID }) {
			d.LeftOut = append(d.LeftOut, leave(e, map[bool]why{true: whyAlready, false: whyChanged}[p.Order.Kind == Transfer]))
		}
	}
	for _, e := range changed {
		d.What.Rows = append(d.What.Rows, row{Enrolment: e.ID, Participant: e.Participant, Program: e.Program, Status: e.Status,
			Worker: e.Worker, Version: e.Version, Added: added[e.Participant]})
		if err := audit.Record(r.Context(), tx, audit.From(r), p.event(r, e, added[e.Participant])); err != nil {
			return err
		}
	}
	_, err = insert(r.Context(), tx, d)
	return err
}

// transfer enrols the people in the other program and finishes the enrolments of those
// who were enrolled there by it.
func (p *reviewPage) transfer(r *web.Request, tx *tenancy.Tx, added map[uuid.UUID]uuid.UUID) ([]participant.Enrolment, error) {
	coming := make([]participant.Enrolment, len(p.Do))
	for i, e := range p.Do {
		coming[i] = participant.Enrolment{ID: tenancy.NewID(), Participant: e.Participant, Program: p.Order.To, Status: access.Enrolled, StartedOn: p.Order.On}
	}
	enrolled, err := participant.EnrolAll(r.Context(), tx, coming, r.Actor().Staff)
	if err != nil {
		return nil, err
	}
	for _, e := range enrolled {
		added[e.Participant] = e.ID
	}
	leaving := slices.DeleteFunc(slices.Clone(p.Do), func(e participant.Enrolment) bool { return added[e.Participant] == uuid.Nil })
	return participant.Apply(r.Context(), tx, leaving, p.Order.change(), r.Actor().Staff)
}

// event is the act on one person.
func (p *reviewPage) event(r *web.Request, e participant.Enrolment, added uuid.UUID) audit.Event {
	event := e.Event(r, map[Kind]audit.Action{Assign: actionAssign, Transfer: actionTransfer, Discharge: actionDischarge}[p.Order.Kind])
	if p.Order.Kind == Assign {
		event.Before, event.After = participant.Assigned{Worker: e.Worker}, participant.Assigned{Worker: p.Order.To}
		return event
	}
	change := p.Order.change()
	event.Before, event.After = e.Kept(""), change.After(e).Kept(change.Reason)
	if p.Order.Kind == Transfer {
		to, _ := p.Offer.program(p.Order.To)
		event.Confidential = event.Confidential || to.Confidential
		event.After = struct {
			From  any       `json:"from"`
			To    uuid.UUID `json:"to"`
			Added uuid.UUID `json:"added"`
		}{event.After, p.Order.To, added}
	}
	return event
}

// donePage is what was done.
type donePage struct {
	done
	Offer offer
	Names names
	Now   time.Time
}

// Show is what a change has done, for the person who made it.
func (h *Handlers) Show(r *web.Request) (web.Response, error) {
	var page donePage
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		if page, err = loadDone(r, tx); err != nil {
			return err
		}
		if page.Offer, err = loadOffer(r.Context(), tx, r.Actor()); err != nil {
			return err
		}
		var about []uuid.UUID
		for _, one := range page.What.Rows {
			about = append(about, one.Participant)
		}
		for _, one := range page.LeftOut {
			about = append(about, one.Participant)
		}
		page.Names, err = shown(r, tx, about)
		return err
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.WidePage(i18n.CaseloadDoneTitle, doneView(r.Frame(), page)), nil
}

// loadDone loads the change that a route names. To everybody but its maker it does not
// exist.
func loadDone(r *web.Request, tx *tenancy.Tx) (donePage, error) {
	id, err := r.ID("change")
	if err != nil {
		return donePage{}, err
	}
	d, err := byID(r.Context(), tx, id)
	if err != nil {
		return donePage{}, err
	}
	if d.Staff != r.Actor().Staff {
		return donePage{}, fault.Refused()
	}
	return donePage{done: d, Now: tx.Now()}, nil
}

// Undo takes a change back, for those for whom nothing has happened since.
func (h *Handlers) Undo(r *web.Request) (web.Response, error) {
	var page donePage
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		if page, err = loadDone(r, tx); err != nil {
			return err
		}
		if !page.undoable(page.Now) {
			return fault.New(fault.Conflict, i18n.CaseloadUndoLate)
		}
		out, err := page.undo(r, tx)
		if err != nil {
			return err
		}
		noted, err := undone(r.Context(), tx, page.ID, out)
		if err == nil && !noted {
			err = fault.New(fault.Conflict, i18n.CaseloadUndoLate)
		}
		return err
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(view.To("caseload", "changes", page.ID.String())).Say(i18n.CaseloadUndone), nil
}
