package grant

import (
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/draft"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/participant"
	"konote/app/program"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// The acts that are recorded.
const (
	actionCreate       audit.Action = "grant.create"
	actionEmergency    audit.Action = "grant.emergency"
	actionEnded        audit.Action = "grant.ended"
	actionRevoke       audit.Action = "grant.revoke"
	actionReview       audit.Action = "grant.review"
	actionList         audit.Action = "grant.list"
	actionView         audit.Action = "grant.view"
	actionTell         audit.Action = "grant.tell"
	actionReasonCreate audit.Action = "grant_reason.create"
	actionReasonUpdate audit.Action = "grant_reason.update"
)

// Handlers answer the routes of access that is taken.
type Handlers struct{}

// askPage is what the two forms show that open a record.
type askPage struct {
	About    *participant.Reached
	Programs []program.Program // that may be asked for
	Reasons  []Reason
	Longest  int    // days
	Standing *Grant // the latest that she has or had here
	Now      time.Time
	Form     form
	Keep     view.Draft
	Problems view.Problems
}

func (p askPage) address(below ...string) view.URL {
	return view.To(append([]string{"participants", p.About.ID.String()}, below...)...)
}

// ended says whether she had access here until lately.
func (p askPage) ended() bool {
	return p.Standing != nil && !p.Standing.Active(p.Now) && p.Now.Sub(p.Standing.endedAt()) < lately
}

// stands says whether she has access here now.
func (p askPage) stands() bool { return p.Standing != nil && p.Standing.Active(p.Now) }

// back is where she goes when the record is open: where she was refused, or the record.
func (p askPage) back() view.URL {
	if strings.HasPrefix(p.Form.Back, "/") {
		return view.Back(p.Form.Back)
	}
	return p.address()
}

// Ask is the form of access for a reason.
func (h *Handlers) Ask(r *web.Request) (web.Response, error) {
	p, err := loadAsk(r, func(tx *tenancy.Tx, p *askPage) error {
		if p.Form = blank(r); p.Keep.Begun() {
			p.Form = decode(r)
		}
		if !p.ended() {
			return nil
		}
		event := p.Standing.event(r, actionEnded)
		event.Outcome, event.Participants = audit.Refused, []uuid.UUID{p.About.ID}
		event.Confidential = p.About.AnyConfidential()
		return audit.Record(r.Context(), tx, audit.From(r), event)
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.GrantAskTitle, askView(r.Frame(), p)), nil
}

// Create opens what was asked for.
func (h *Handlers) Create(r *web.Request) (web.Response, error) {
	return take(r, loadAsk, AskForm, askView, func(tx *tenancy.Tx, p *askPage) (Grant, view.Problems) {
		now := tx.Now()
		g := Grant{
			ID: p.Form.ID, Staff: r.Actor().Staff, Program: p.Form.program(), Reason: p.Form.Reason, Why: p.Form.Why,
			CreatedAt: now, ExpiresAt: now.Add(time.Duration(p.Form.Days) * 24 * time.Hour),
		}
		if g.Through = []uuid.UUID{g.Program}; g.Program == uuid.Nil {
			g.Participant, g.Through = p.About.ID, p.About.Through
		}
		return g, p.Form.check(ids(p.Programs), p.Reasons, p.Longest)
	})
}

// AskEmergency is the form of an emergency.
func (h *Handlers) AskEmergency(r *web.Request) (web.Response, error) {
	p, err := loadEmergency(r, func(_ *tenancy.Tx, p *askPage) error {
		if p.Form = blank(r); p.Keep.Begun() {
			p.Form = decode(r)
		}
		return nil
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.GrantEmergencyTitle, emergencyView(r.Frame(), p)), nil
}

// OpenEmergency opens what is closed, and has those who answer for it told.
func (h *Handlers) OpenEmergency(r *web.Request) (web.Response, error) {
	return take(r, loadEmergency, EmergencyForm, emergencyView, func(tx *tenancy.Tx, p *askPage) (Grant, view.Problems) {
		now := tx.Now() // once: the database refuses what is a microsecond longer
		return Grant{
			ID: p.Form.ID, Staff: r.Actor().Staff, Participant: p.About.ID, Through: p.About.Through, Emergency: true, Why: p.Form.Why,
			CreatedAt: now, ExpiresAt: now.Add(emergency),
		}, p.Form.checkEmergency()
	})
}

// take answers a form that opens something: with itself while something is wrong, else
// with the way to where she wanted to go.
func take(r *web.Request, open func(*web.Request, func(*tenancy.Tx, *askPage) error) (askPage, error), kept draft.Form,
	page func(*view.Frame, askPage) templ.Component, make func(*tenancy.Tx, *askPage) (Grant, view.Problems)) (web.Response, error) {
	var g Grant
	p, err := open(r, func(tx *tenancy.Tx, p *askPage) error {
		p.Form = decode(r)
		if g, p.Problems = make(tx, p); r.SwitchLanguage || p.Problems.Any() {
			return nil
		}
		kept.Done(r, tx, p.About.ID)
		return create(r, tx, p.About, g)
	})
	if err != nil {
		return web.Response{}, err
	}
	if problems := p.Problems; r.SwitchLanguage || problems.Any() {
		p.Problems = r.Shown(problems)
		return r.Again(kept.Title, problems, page(r.Frame(), p)), nil
	}
	said := i18n.GrantSaved(r.P.Moment(g.ExpiresAt))
	if g.Emergency {
		said = i18n.GrantEmergencySaved(r.P.Moment(g.ExpiresAt))
	}
	return web.Redirect(p.back()).Say(said), nil
}

// create saves a grant once, however often its form is sent.
func create(r *web.Request, tx *tenancy.Tx, about *participant.Reached, g Grant) error {
	added, err := insert(r.Context(), tx, g)
	if err != nil {
		return err
	}
	if !added {
		saved, err := load(r.Context(), tx, sqlByID, g.ID)
		if err != nil || saved.Staff != g.Staff || saved.Participant != g.Participant || saved.Program != g.Program || saved.Emergency != g.Emergency {
			return fault.New(fault.Conflict, i18n.FaultConflictTitle)
		}
		return nil
	}
	action := actionCreate
	if g.Emergency {
		action = actionEmergency
		if err := tellOf(r.Context(), tx, g); err != nil {
			return err
		}
	}
	event := g.event(r, action)
	event.After, event.Participants, event.Confidential = g, []uuid.UUID{about.ID}, about.AnyConfidential()
	return audit.Record(r.Context(), tx, audit.From(r), event)
}

// event is an act on the grant by the request's actor.
func (g Grant) event(r *web.Request, action audit.Action) audit.Event {
	event := audit.Event{Action: action, Subject: g.ID, Program: g.Through[0], Role: r.Actor().Roles[g.Through[0]]}
	if g.Participant != uuid.Nil {
		event.Participants = []uuid.UUID{g.Participant}
	}
	return event
}

// loadAsk loads what the form of access shows, for those to whom a grant would open
// something, and runs f in the same transaction.
func loadAsk(r *web.Request, f func(*tenancy.Tx, *askPage) error) (askPage, error) {
	if r.Actor().Policy.Tier != access.Safeguarded { // said before anybody is looked for
		return askPage{}, fault.New(fault.Denied, i18n.GrantNotNeeded)
	}
	return loadPage(r, AskForm, func(tx *tenancy.Tx, p *askPage) error {
		if err := mayAsk(r, p); err != nil {
			return err
		}
		scopes := gated(r.Actor(), p.About.Through)
		p.Programs = slices.DeleteFunc(p.Programs, func(at program.Program) bool { return !slices.Contains(scopes, at.ID) })
		reasons, err := Reasons(r.Context(), tx)
		if err != nil {
			return err
		}
		p.Reasons, p.Longest = inUse(reasons), r.Actor().Policy.GrantDays
		return f(tx, p)
	})
}

// mayAsk refuses those to whom a grant would open nothing.
func mayAsk(r *web.Request, p *askPage) error {
	switch {
	case r.Actor().Policy.Tier != access.Safeguarded:
		return fault.New(fault.Denied, i18n.GrantNotNeeded)
	case len(gated(r.Actor(), p.About.Through)) == 0:
		return fault.New(fault.Denied, i18n.GrantNotYours)
	}
	return nil
}

// loadEmergency loads what the form of an emergency shows, where something is closed to
// the actor that her role would open.
func loadEmergency(r *web.Request, f func(*tenancy.Tx, *askPage) error) (askPage, error) {
	return loadPage(r, EmergencyForm, func(tx *tenancy.Tx, p *askPage) error {
		if err := mayOpen(r, p); err != nil {
			return err
		}
		return f(tx, p)
	})
}

// mayOpen refuses those to whom nothing is closed that an emergency would open.
func mayOpen(r *web.Request, p *askPage) error {
	running := p.stands() && p.Standing.Emergency
	if !running && !hinders(p.About.Decide, r.Actor(), p.About.ID) {
		return fault.New(fault.Denied, i18n.GrantEmergencyNothing)
	}
	return nil
}

// loadPage reaches the participant and opens the draft of the form.
func loadPage(r *web.Request, kept draft.Form, f func(*tenancy.Tx, *askPage) error) (p askPage, err error) {
	id, err := r.ID("participant")
	if err != nil {
		return p, err
	}
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		if p, err = reach(r, tx, id); err != nil {
			return err
		}
		if p.Keep, err = kept.Open(r, tx, id); err != nil {
			return err
		}
		if err := f(tx, &p); err != nil {
			return err
		}
		return participant.Seen(tx, r, p.About)
	})
	return p, err
}

// reach finds the participant, and what the actor has or had there.
func reach(r *web.Request, tx *tenancy.Tx, id uuid.UUID) (p askPage, err error) {
	var rows []row
	p.Now = tx.Now()
	b := tx.Batch()
	pending := participant.Queue(b, r.Actor(), id)
	program.Queue(b, &p.Programs)
	b.Queue(sqlStanding, tenancy.Into(&rows), r.Actor().Staff, id, r.Actor().Programs(access.ParticipantViewName))
	if err := b.Send(r.Context()); err != nil {
		return p, err
	}
	if p.About, err = pending.Reach(tx.Box(), access.ParticipantViewName); err != nil {
		return p, err
	}
	grants, err := openAll(tx.Box(), rows)
	p.Standing = standing(grants, p.Now)
	return p, err
}

func ids(programs []program.Program) []uuid.UUID {
	found := make([]uuid.UUID, len(programs))
	for i, p := range programs {
		found[i] = p.ID
	}
	return found
}
