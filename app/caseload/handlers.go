package caseload

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/civil"
	"konote/app/i18n"
	"konote/app/participant"
	"konote/app/program"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// The acts that are recorded; one for each person.
const (
	actionList      audit.Action = "participant.list"
	actionAssign    audit.Action = "enrolment.assign"
	actionTransfer  audit.Action = "enrolment.transfer"
	actionDischarge audit.Action = "enrolment.change"
	actionUndo      audit.Action = "enrolment.undo"
)

// Handlers answer the routes of changes of many enrolments.
type Handlers struct{}

// names are what to call people, those whom the actor reaches.
type names map[uuid.UUID]participant.Named

// listPage is what the list shows.
type listPage struct {
	Draft    draft
	Offer    offer
	Rows     []listed
	Names    names
	Count    int
	Next     place
	Reads    bool // notes of some of the programs: only then the list can be narrowed by them
	Today    civil.Date
	Problems view.Problems
}

// List shows the enrolments that the actor may change, to choose from.
func (h *Handlers) List(r *web.Request) (web.Response, error) {
	page := listPage{Draft: draft{Filter: decodeFilter(r.Actor(), r.Query)}}
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error { return page.load(r, tx) })
	if err != nil {
		return web.Response{}, err
	}
	return web.WidePage(i18n.CaseloadTitle, listView(r.Frame(), page)), nil
}

func (p *listPage) load(r *web.Request, tx *tenancy.Tx) (err error) {
	p.Today = r.Today(tx)
	var count countRow
	b := tx.Batch()
	queuePage(b, p.Draft.Filter, p.Draft.Filter.scope(r.Actor(), p.Today), &count, &p.Rows)
	offered := queueOffer(b, r.Actor())
	if err := b.Send(r.Context()); err != nil {
		return fmt.Errorf("list enrolments: %w", err)
	}
	if p.Count = count.N; len(p.Rows) > pageLength {
		p.Rows = p.Rows[:pageLength]
		last := p.Rows[pageLength-1]
		p.Next = place{Day: last.LastOn, ID: last.ID}
	}
	p.Reads = slices.ContainsFunc(r.Actor().Programs(access.ParticipantTransfer), func(id uuid.UUID) bool { return r.Actor().MayIn(id, access.NoteView) })
	if err := openWorkers(tx.Box(), p.Rows); err != nil {
		return err
	}
	if p.Offer, err = offered.open(tx.Box(), r.Actor()); err != nil {
		return err
	}
	var about []uuid.UUID
	for _, row := range p.Rows {
		about = append(about, row.Participant)
	}
	p.Names, err = shown(r, tx, about)
	return err
}

// loadOffer loads what there is to choose from.
func loadOffer(ctx context.Context, tx *tenancy.Tx, actor access.Actor) (offer, error) {
	b := tx.Batch()
	offered := queueOffer(b, actor)
	if err := b.Send(ctx); err != nil {
		return offer{}, fmt.Errorf("load what there is to choose from: %w", err)
	}
	return offered.open(tx.Box(), actor)
}

// shown finds what to call people, and records that they were shown.
func shown(r *web.Request, tx *tenancy.Tx, ids []uuid.UUID) (names, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	ids = slices.Compact(ids)
	found, err := participant.Names(r.Context(), tx, r.Actor(), ids)
	if err != nil {
		return nil, err
	}
	event := audit.Event{Action: actionList}
	for _, id := range ids {
		if named, reached := found[id]; reached {
			event.Participants = append(event.Participants, id)
			event.Confidential = event.Confidential || named.Confidential
		}
	}
	return found, audit.Record(r.Context(), tx, audit.From(r), event)
}

// reviewPage asks what a change needs, and then says what will happen.
type reviewPage struct {
	Draft    draft
	Order    order
	Offer    offer
	Found    []participant.Enrolment // what was chosen, as far as the actor may change it
	Do       []participant.Enrolment
	Out      []left
	Lost     int // enrolments that are no longer open to the actor
	Names    names
	Today    civil.Date
	Late     bool // something was changed while she was looking
	Problems view.Problems
}

// Review answers the list: it asks what the change needs, and when that is there says
// what will happen. It changes nothing.
func (h *Handlers) Review(r *web.Request) (web.Response, error) {
	d := decode(r)
	if !d.All && len(d.Chosen) == 0 || d.Kind == "" {
		return h.listAgain(r, d)
	}
	page := reviewPage{Draft: d}
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		if err := page.load(r, tx); err != nil {
			return err
		}
		if r.SwitchLanguage || page.Problems.Any() || !page.Draft.Asked {
			return nil
		}
		return page.decide(r, tx, nil)
	})
	if err != nil {
		return web.Response{}, err
	}
	if r.SwitchLanguage || page.Problems.Any() {
		return page.askAgain(r)
	}
	if !page.Draft.Asked {
		return web.Page(kindLabels[page.Draft.Kind], askView(r.Frame(), page)), nil
	}
	return page.confirm(r)
}

// listAgain shows the list with what is missing.
func (h *Handlers) listAgain(r *web.Request, d draft) (web.Response, error) {
	var problems view.Problems
	if !d.All && len(d.Chosen) == 0 {
		problems.Add("all", i18n.CaseloadWanted)
	}
	if d.Kind == "" {
		problems.Add("kind", i18n.CaseloadKindWanted)
	}
	page := listPage{Draft: d, Problems: r.Shown(problems)}
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error { return page.load(r, tx) })
	if err != nil {
		return web.Response{}, err
	}
	response := r.Again(i18n.CaseloadTitle, problems, listView(r.Frame(), page))
	response.Wide = true
	return response, nil
}

// load reads what was chosen and what there is to choose from.
func (p *reviewPage) load(r *web.Request, tx *tenancy.Tx) (err error) {
	p.Today = r.Today(tx)
	if p.Offer, err = loadOffer(r.Context(), tx, r.Actor()); err != nil {
		return err
	}
	if p.Draft.All {
		if p.Draft.Chosen, err = all(r.Context(), tx, p.Draft.Filter.scope(r.Actor(), p.Today)); err != nil {
			return err
		}
		p.Draft.All = false // these and no others from now on
	}
	if !p.Draft.Asked {
		p.Draft.On = p.Today.String()
		p.Draft.To = p.only()
		return nil
	}
	p.Order, p.Problems = p.Draft.order(p.Offer, p.Today)
	return nil
}

// only is what is chosen where there is a single choice: where people can be transferred.
func (p *reviewPage) only() string {
	if targets := p.targets(); p.Draft.Kind == Transfer && len(targets) == 1 {
		return targets[0].ID.String()
	}
	return p.Draft.To
}

// decide locks what was chosen and parts it. seen are the versions that the actor saw.
func (p *reviewPage) decide(r *web.Request, tx *tenancy.Tx, seen map[uuid.UUID]int) error {
	found, err := participant.Locked(r.Context(), tx, r.Actor(), p.Draft.Chosen)
	if err != nil {
		return err
	}
	p.Found, p.Lost = found, len(p.Draft.Chosen)-len(found)
	about := make([]uuid.UUID, len(found))
	for i, e := range found {
		about[i] = e.Participant
	}
	var there map[uuid.UUID]bool
	if p.Order.Kind == Transfer {
		if there, err = people(r.Context(), tx, sqlThere, p.Order.To, about); err != nil {
			return err
		}
	}
	p.Do, p.Out = p.Order.decide(found, seen, there, p.Offer)
	p.Names, err = shown(r, tx, about)
	return err
}

// askAgain is the page that asks, with what is wrong.
func (p reviewPage) askAgain(r *web.Request) (web.Response, error) {
	problems := p.Problems
	p.Problems = r.Shown(problems)
	return r.Again(kindLabels[p.Draft.Kind], problems, askView(r.Frame(), p)), nil
}

// confirm is the page that says what will happen.
func (p reviewPage) confirm(r *web.Request) (web.Response, error) {
	response := web.WidePage(i18n.CaseloadConfirmTitle, confirmView(r.Frame(), p))
	if p.Late {
		return response.Conflict(), nil
	}
	return response, nil
}

func among(id uuid.UUID) func(program.Program) bool {
	return func(p program.Program) bool { return p.ID == id }
}
