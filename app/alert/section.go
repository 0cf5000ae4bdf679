package alert

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"
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

// Banner draws a participant's active alerts at the top of every page of her record.
func Banner(b *tenancy.Batch, r *web.Request, id uuid.UUID) func(context.Context, *tenancy.Tx, *participant.Reached) (templ.Component, error) {
	var rows []listRow
	queueOf(b, r.Actor(), id, Active, &rows)
	return func(_ context.Context, tx *tenancy.Tx, p *participant.Reached) (templ.Component, error) {
		alerts, err := openListed(tx.Box(), rows)
		if err != nil || len(alerts) == 0 {
			return nil, err
		}
		return banner(r.Frame(), p, alerts), nil
	}
}

// overviewPart is what Overview shows.
type overviewPart struct {
	About  *participant.Reached
	Active bool // there are alerts at the top of the page
	Ended  []Listed
}

// none says why there is nothing to list.
func (part overviewPart) none() i18n.Message {
	if part.Active {
		return i18n.AlertOverviewAbove
	}
	return i18n.AlertOverviewNone
}

// Overview draws what is quieter: how to add an alert, and those that have ended, without
// their words.
func Overview(b *tenancy.Batch, r *web.Request, id uuid.UUID) func(context.Context, *tenancy.Tx, *participant.Reached) (templ.Component, error) {
	var active, ended []listRow
	queueOf(b, r.Actor(), id, Active, &active)
	queueOf(b, r.Actor(), id, Ended, &ended)
	return func(_ context.Context, tx *tenancy.Tx, p *participant.Reached) (templ.Component, error) {
		part := overviewPart{About: p, Active: len(active) > 0}
		var err error
		if part.Ended, err = openListed(tx.Box(), ended); err != nil {
			return nil, err
		}
		return overview(r.Frame(), part), nil
	}
}

const pendingShown = 50

// listPage is what /alerts shows.
type listPage struct {
	Status   Status
	First    bool // nothing newer is left out
	Alerts   []Listed
	Next     Place
	Pending  []Waiting
	Names    map[uuid.UUID]participant.Named
	Programs map[uuid.UUID]program.Program
	Reviewer uuid.UUID
	Today    civil.Date
}

// List is all alerts of the actor's programs, and first what waits for her decision.
func (h *Handlers) List(r *web.Request) (web.Response, error) {
	p := listPage{Status: Active, Reviewer: r.Actor().Staff}
	if r.Query.Get("status") == string(Ended) {
		p.Status = Ended
	}
	after := placeOf(r)
	p.First = after == Place{}
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		if err := p.load(r, tx, after); err != nil {
			return err
		}
		event := audit.Event{Action: actionList}
		for _, id := range p.people() {
			event.Participants = append(event.Participants, id)
			event.Confidential = event.Confidential || p.Names[id].Confidential
		}
		return audit.Record(r.Context(), tx, audit.From(r), event)
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.AlertListTitle, listView(r.Frame(), p)), nil
}

func (p *listPage) load(r *web.Request, tx *tenancy.Tx, after Place) (err error) {
	p.Today = civil.Of(tx.Now().In(r.P.Zone()))
	if p.Alerts, p.Next, err = list(r.Context(), tx, r.Actor(), p.Status, after); err != nil {
		return err
	}
	var programs []program.Program
	b := tx.Batch()
	program.Queue(b, &programs)
	if p.Status == Active && p.First && r.Actor().May(access.AlertReviewCancelRecommendation) {
		QueuePending(b, r.Actor(), pendingShown, &p.Pending)
	}
	if err := b.Send(r.Context()); err != nil {
		return err
	}
	p.Programs = make(map[uuid.UUID]program.Program, len(programs))
	for _, known := range programs {
		p.Programs[known.ID] = known
	}
	p.Names, err = participant.Names(r.Context(), tx, r.Actor(), p.people())
	return err
}

// people are those whom the page names.
func (p *listPage) people() []uuid.UUID {
	var ids []uuid.UUID
	for _, w := range p.Pending {
		ids = append(ids, w.Participant)
	}
	for _, a := range p.Alerts {
		ids = append(ids, a.Participant)
	}
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	return slices.Compact(ids)
}

func (p *listPage) tabs(f *view.Frame) []view.Tab {
	return []view.Tab{
		{Label: f.T(i18n.AlertListActive), Href: view.To("alerts"), Current: p.Status == Active},
		{Label: f.T(i18n.AlertListEnded), Href: view.To("alerts").With("status", string(Ended)), Current: p.Status == Ended},
	}
}

func (p *listPage) next() view.URL {
	if p.Next == (Place{}) {
		return view.URL{}
	}
	next := view.To("alerts").With("before", p.Next.At.UTC().Format(time.RFC3339Nano)).With("alert", p.Next.ID.String())
	if p.Status == Ended {
		next = next.With("status", string(Ended))
	}
	return next
}

// placeOf reads where a page of the list begins; anything else is the beginning.
func placeOf(r *web.Request) Place {
	at, err := time.Parse(time.RFC3339Nano, r.Query.Get("before"))
	id, err2 := uuid.Parse(r.Query.Get("alert"))
	if err != nil || err2 != nil {
		return Place{}
	}
	return Place{At: at, ID: id}
}

// age says how long ago an instant's day was.
func (p *listPage) age(f *view.Frame, at time.Time) string {
	days := 0
	for day := civil.Of(at.In(f.P.Zone())); day.Before(p.Today) && days < 3650; day = day.AddDays(1) {
		days++
	}
	if days == 0 {
		return f.T(i18n.AlertListToday)
	}
	return f.T(i18n.AlertListDays(days))
}

const excerptLength = 140

// excerpt is the beginning of a text on one line.
func excerpt(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	letters := []rune(text)
	if len(letters) <= excerptLength {
		return text
	}
	return strings.TrimSpace(string(letters[:excerptLength])) + "…"
}
