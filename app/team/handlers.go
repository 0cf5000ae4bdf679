package team

import (
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/civil"
	"konote/app/i18n"
	"konote/app/note"
	"konote/app/participant"
	"konote/app/program"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// That somebody looked, and whose names she was shown, is recorded.
const actionView audit.Action = "team.view"

// Handlers answer the route of the team's page.
type Handlers struct{}

// asked is what the address says.
type asked struct {
	Days    int
	Program uuid.UUID // uuid.Nil: all that she manages
	Worker  uuid.UUID // on a page of her own; uuid.Nil: the whole team
	After   uuid.UUID // begin after this person
	From    place     // begin one person's list after this
}

// decode reads the address; what is no choice there, or not the actor's, is left out.
func decode(r *web.Request) asked {
	a := asked{Days: Periods[0]}
	if days, err := strconv.Atoi(r.Query.Get("days")); err == nil && slices.Contains(Periods, days) {
		a.Days = days
	}
	if id, err := uuid.Parse(r.Query.Get("program")); err == nil && r.Actor().MayIn(id, access.ProgramManage) {
		a.Program = id
	}
	a.Worker, _ = uuid.Parse(r.Query.Get("person")) // anything else is nobody
	a.After, _ = uuid.Parse(r.Query.Get("after"))
	dayText, idText, _ := strings.Cut(r.Query.Get("from"), "_")
	day, errDay := civil.Parse(dayText)
	id, errID := uuid.Parse(idText)
	if errDay == nil && errID == nil {
		a.From = place{Day: day, ID: id}
	}
	return a
}

// daysText is the period as it stands in the address: the first one needs no choice.
func (a asked) daysText() string {
	if a.Days == Periods[0] {
		return ""
	}
	return strconv.Itoa(a.Days)
}

// address is that of the whole team's page, for the same time and program.
func (a asked) address() view.URL {
	return view.To("team").With("days", a.daysText()).With("program", view.ID(a.Program))
}

// of is the page of one person.
func (a asked) of(person uuid.UUID, from place) view.URL {
	url := a.address().With("person", person.String())
	if from != (place{}) {
		url = url.With("from", from.Day.String()+"_"+from.ID.String())
	}
	return url
}

// page is what the team's page shows.
type page struct {
	Asked    asked
	Span     span
	Programs []program.Program // that she manages
	Unread   []program.Program // whose notes a grant would open
	Reads    bool              // notes of some of them
	People   []worker
	Next     uuid.UUID
	Names    map[uuid.UUID]participant.Named
}

// Show is the page of the team, or of one person in it.
func (h *Handlers) Show(r *web.Request) (web.Response, error) {
	var p page
	// An Update, because a list of people that is shown is an act that is recorded.
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		p = page{Asked: decode(r)}
		p.Span = newSpan(tx.Now(), r.P.Zone(), p.Asked.Days)
		return p.load(r, tx)
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.WidePage(i18n.TeamTitle, show(r.Frame(), p)), nil
}

// load reads who there is and her numbers, then what those on the page did, then about whom.
func (p *page) load(r *web.Request, tx *tenancy.Tx) error {
	scope := scopeOf(r.Actor(), p.Asked.Program)
	var programs []program.Program
	var due []note.TeamFollowUp
	b := tx.Batch()
	program.Queue(b, &programs)
	team := queueTeam(b, scope, p.Span)
	limit, some := someWork, someDue
	if p.Asked.Worker != uuid.Nil {
		limit, some = moreWork, moreWork
	}
	note.QueueTeamFollowUps(b, r.Actor(), scope.notes, p.Span.Today, some, &due)
	if err := b.Send(r.Context()); err != nil {
		return err
	}
	p.named(programs, scope)
	people, err := team.open(tx.Box())
	if err != nil {
		return err
	}
	if p.Asked.Worker != uuid.Nil {
		people = slices.DeleteFunc(people, func(w worker) bool { return w.ID != p.Asked.Worker })
	}
	p.People, p.Next = pageOf(people, p.Asked.After)
	if err := p.loadWork(r, tx, scope, limit, due); err != nil {
		return err
	}
	return p.record(r, tx)
}

// named leaves the programs that she manages, and those of them whose notes are not read.
func (p *page) named(programs []program.Program, s scope) {
	all, unread := scopeOf(s.actor, uuid.Nil), s.unread()
	for _, known := range programs {
		if slices.Contains(all.programs, known.ID) {
			p.Programs = append(p.Programs, known)
		}
		if slices.Contains(unread, known.ID) {
			p.Unread = append(p.Unread, known)
		}
	}
	p.Reads = len(s.notes) > 0
}

// loadWork reads what the people on the page did, and about whom.
func (p *page) loadWork(r *web.Request, tx *tenancy.Tx, s scope, limit int, due []note.TeamFollowUp) error {
	ids := make([]uuid.UUID, len(p.People))
	for i, w := range p.People {
		ids[i] = w.ID
	}
	if len(ids) == 0 {
		return nil
	}
	var found []work
	b := tx.Batch()
	queueWork(b, s, p.Span, ids, p.Asked.From, limit, &found)
	if err := b.Send(r.Context()); err != nil {
		return err
	}
	var about []uuid.UUID
	for i := range p.People {
		w := &p.People[i]
		for _, one := range found {
			if one.Worker == w.ID {
				w.Work = append(w.Work, one)
			}
		}
		if len(w.Work) > limit {
			w.Work = w.Work[:limit]
			w.Next = place{Day: w.Work[limit-1].Day, ID: w.Work[limit-1].ID}
		}
		for _, one := range due {
			if one.Worker == w.ID {
				w.Due = append(w.Due, one)
				about = append(about, one.Participant)
			}
		}
		for _, one := range w.Work {
			about = append(about, one.Participant)
		}
	}
	if len(about) == 0 {
		return nil
	}
	slices.SortFunc(about, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	var err error
	p.Names, err = participant.Names(r.Context(), tx, r.Actor(), slices.Compact(about))
	return err
}

// record keeps that she looked, and whose names she was shown.
func (p *page) record(r *web.Request, tx *tenancy.Tx) error {
	event := audit.Event{Action: actionView, Program: p.Asked.Program, Role: r.Actor().Roles[p.Asked.Program]}
	for id, named := range p.Names {
		event.Participants = append(event.Participants, id)
		event.Confidential = event.Confidential || named.Confidential
	}
	return audit.Record(r.Context(), tx, audit.From(r), event)
}
