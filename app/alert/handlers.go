package alert

import (
	"slices"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/draft"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/participant"
	"konote/app/program"
	"konote/app/staff"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// The acts that are recorded.
const (
	actionList      audit.Action = "alert.list"
	actionView      audit.Action = "alert.view"
	actionCreate    audit.Action = "alert.create"
	actionRecommend audit.Action = "alert.recommend"
	actionApprove   audit.Action = "alert.approve"
	actionReject    audit.Action = "alert.reject"
	actionEnd       audit.Action = "alert.cancel"
)

// Handlers answer the routes of alerts.
type Handlers struct{}

// page is what every page of an alert shows.
type page struct {
	dossier
	About   *participant.Reached
	Program program.Program
	Names   map[uuid.UUID]string // of staff

	Form     form
	Keep     view.Draft
	Late     i18n.Message // why what was sent cannot be done any more
	Problems view.Problems
}

func (p page) address(below ...string) view.URL {
	return view.To(append([]string{"alerts", p.ID.String()}, below...)...)
}

// open loads the alert that a route names, for somebody who wants to do something (key)
// with it. sql says whether its row is locked.
func open(r *web.Request, tx *tenancy.Tx, sql string, key access.Key) (page, error) {
	var p page
	id, err := r.ID("alert")
	if err != nil {
		return p, err
	}
	if p.dossier, err = load(r.Context(), tx, r.Actor(), sql, id); err != nil {
		return p, err
	}
	if p.About, err = participant.Reach(r.Context(), tx, r.Actor(), p.Participant, access.AlertView); err != nil {
		return p, err
	}
	if !p.may(key) {
		return p, fault.New(fault.Denied, i18n.FaultDeniedText)
	}
	if p.Program, err = program.ByID(r.Context(), tx, p.dossier.Program); err != nil {
		return p, err
	}
	people := []uuid.UUID{p.Author, p.EndedBy}
	for _, recommendation := range p.Recommendations {
		people = append(people, recommendation.By, recommendation.ReviewedBy)
	}
	p.Names, err = staff.Names(r.Context(), tx, people)
	return p, err
}

// event is an act on the alert by the request's actor.
func (p page) event(r *web.Request, action audit.Action) audit.Event {
	return audit.Event{
		Action: action, Role: r.Actor().Roles[p.Program.ID], Program: p.Program.ID, Subject: p.ID,
		Participants: []uuid.UUID{p.Participant}, Confidential: p.Program.Confidential,
	}
}

// Show is one alert with its history.
func (h *Handlers) Show(r *web.Request) (web.Response, error) {
	var p page
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		if p, err = open(r, tx, sqlByID, access.AlertView); err != nil {
			return err
		}
		return audit.Record(r.Context(), tx, audit.From(r), p.event(r, actionView))
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.AlertTitle, showView(r.Frame(), p)), nil
}

// An act is one of the three things that are done with an alert, each with a form.
type act struct {
	key   access.Key
	title i18n.Key
	draft draft.Form
	view  formView
	// check says what is wrong with what was sent.
	check func(form) view.Problems
	// saved says whether the same form was saved before.
	saved func(*web.Request, page) bool
	// save writes it under the alert's lock and returns what is recorded.
	save func(*web.Request, *tenancy.Tx, page) (audit.Event, error)
	// said is the line on the page that follows.
	said func(form) i18n.Message
}

// open is the form as it opens.
func (a act) open(r *web.Request) (web.Response, error) {
	var p page
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		if p, err = open(r, tx, sqlByID, a.key); err != nil {
			return err
		}
		if p.Keep, err = a.draft.Open(r, tx, p.ID); err != nil {
			return err
		}
		if p.Form = blank(p.dossier); p.Keep.Begun() {
			p.Form = decode(r).about(p.dossier)
		}
		return audit.Record(r.Context(), tx, audit.From(r), p.event(r, actionView))
	})
	if err != nil {
		return web.Response{}, err
	}
	if hindered := p.hindrance(a.key); hindered != nil {
		return web.Redirect(p.address()).Say(hindered), nil
	}
	return web.Page(a.title, a.view(r.Frame(), p)), nil
}

// send does what the form says, unless somebody was faster: then it is shown again, with
// every word.
func (a act) send(r *web.Request) (web.Response, error) {
	var p page
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		if p, err = open(r, tx, sqlLock, a.key); err != nil {
			return err
		}
		if p.Keep, err = a.draft.Open(r, tx, p.ID); err != nil {
			return err
		}
		p.Form = decode(r)
		p.Problems = a.check(p.Form)
		if r.SwitchLanguage || p.Problems.Any() {
			return audit.Record(r.Context(), tx, audit.From(r), p.event(r, actionView))
		}
		if a.saved(r, p) {
			a.draft.Done(r, tx, p.ID)
			return nil
		}
		if p.Late = p.late(a.key); p.Late != nil {
			return audit.Record(r.Context(), tx, audit.From(r), p.event(r, actionView))
		}
		event, err := a.save(r, tx, p)
		if err != nil {
			return err
		}
		a.draft.Done(r, tx, p.ID)
		return audit.Record(r.Context(), tx, audit.From(r), event)
	})
	if err != nil {
		return web.Response{}, err
	}
	if problems := p.Problems; r.SwitchLanguage || problems.Any() {
		p.Problems = r.Shown(problems)
		return r.Again(a.title, problems, a.view(r.Frame(), p)), nil
	}
	if p.Late != nil {
		return web.Page(a.title, a.view(r.Frame(), p)).Conflict(), nil
	}
	return web.Redirect(p.address()).Say(a.said(p.Form)), nil
}

// late says why what the form asks for cannot be done: it was made of an alert that stood
// otherwise.
func (p page) late(key access.Key) i18n.Message {
	if hindered := p.hindrance(key); hindered != nil {
		return hindered
	}
	if key == access.AlertReviewCancelRecommendation && p.waiting().ID != p.Form.ID {
		return i18n.AlertTurnDecided
	}
	return nil
}

// RecommendForm asks why the alert may go.
func (h *Handlers) RecommendForm(r *web.Request) (web.Response, error) { return recommending.open(r) }

// Recommend saves that the alert should end.
func (h *Handlers) Recommend(r *web.Request) (web.Response, error) { return recommending.send(r) }

// ReviewForm shows a recommendation to a manager.
func (h *Handlers) ReviewForm(r *web.Request) (web.Response, error) { return reviewing.open(r) }

// Review saves her decision.
func (h *Handlers) Review(r *web.Request) (web.Response, error) { return reviewing.send(r) }

// EndForm asks a manager why an alert that somebody else made may end.
func (h *Handlers) EndForm(r *web.Request) (web.Response, error) { return ending.open(r) }

// End ends it.
func (h *Handlers) End(r *web.Request) (web.Response, error) { return ending.send(r) }

// newPage is what the form of a new alert shows.
type newPage struct {
	About    *participant.Reached
	Programs []program.Program // in which the author may make one; several give a choice
	Form     form
	Keep     view.Draft
	Problems view.Problems
}

// New is the empty form of a new alert.
func (h *Handlers) New(r *web.Request) (web.Response, error) {
	p, err := loadNew(r, func(tx *tenancy.Tx, p *newPage) error {
		if p.Form = (form{ID: tenancy.NewID()}); p.Keep.Begun() {
			p.Form = decode(r)
			p.Form.choose(p.Programs)
		}
		if len(p.Programs) == 1 {
			p.Form.Program = p.Programs[0].ID
		}
		return nil
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.AlertNewTitle, newView(r.Frame(), p)), nil
}

// Create saves a new alert.
func (h *Handlers) Create(r *web.Request) (web.Response, error) {
	p, err := loadNew(r, func(tx *tenancy.Tx, p *newPage) error {
		p.Form = decode(r)
		p.Form.choose(p.Programs)
		p.Problems = p.Form.checkNew()
		if r.SwitchLanguage || p.Problems.Any() {
			return nil
		}
		NewForm.Done(r, tx, p.About.ID)
		return create(r, tx, *p)
	})
	if err != nil {
		return web.Response{}, err
	}
	if problems := p.Problems; r.SwitchLanguage || problems.Any() {
		p.Problems = r.Shown(problems)
		return r.Again(i18n.AlertNewTitle, problems, newView(r.Frame(), p)), nil
	}
	return web.Redirect(view.To("participants", p.About.ID.String())).Say(i18n.AlertSaved), nil
}

// loadNew reaches the participant whom the route names, as somebody who may make an alert
// about her, and runs f in the same transaction.
func loadNew(r *web.Request, f func(*tenancy.Tx, *newPage) error) (newPage, error) {
	var p newPage
	id, err := r.ID("participant")
	if err != nil {
		return p, err
	}
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		p = newPage{}
		b := tx.Batch()
		pending := participant.Queue(b, r.Actor(), id)
		program.Queue(b, &p.Programs)
		if err := b.Send(r.Context()); err != nil {
			return err
		}
		if p.About, err = pending.Reach(tx.Box(), access.AlertCreate); err != nil {
			return err
		}
		p.Programs = slices.DeleteFunc(p.Programs, func(at program.Program) bool { return !slices.Contains(p.About.Through, at.ID) })
		if p.Keep, err = NewForm.Open(r, tx, id); err != nil {
			return err
		}
		if err := f(tx, &p); err != nil {
			return err
		}
		return participant.Seen(tx, r, p.About)
	})
	return p, err
}

// create saves the alert. A form that was saved and comes again with other words is
// another alert: what somebody wrote is never dropped.
func create(r *web.Request, tx *tenancy.Tx, p newPage) error {
	a := Alert{ID: p.Form.ID, Participant: p.About.ID, Program: p.Form.Program, Author: r.Actor().Staff, Text: p.Form.Text,
		Status: Active, CreatedAt: tx.Now()}
	added, err := insert(r.Context(), tx, a)
	if err != nil {
		return err
	}
	if !added {
		saved, err := load(r.Context(), tx, r.Actor(), sqlByID, a.ID)
		if err != nil || saved.Author != a.Author || saved.Participant != a.Participant {
			return errTaken
		}
		if saved.Text == a.Text && saved.Program == a.Program {
			return nil
		}
		a.ID = tenancy.NewID()
		if _, err := insert(r.Context(), tx, a); err != nil {
			return err
		}
	}
	made := page{dossier: dossier{Alert: a}, Program: p.program(a.Program)}
	event := made.event(r, actionCreate)
	event.After = a
	return audit.Record(r.Context(), tx, audit.From(r), event)
}

func (p newPage) program(id uuid.UUID) program.Program {
	return p.Programs[slices.IndexFunc(p.Programs, func(at program.Program) bool { return at.ID == id })]
}
