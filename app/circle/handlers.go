package circle

import (
	"slices"
	"strconv"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/program"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// The acts that are recorded.
const (
	actionList         audit.Action = "circle.list"
	actionView         audit.Action = "circle.view"
	actionCreate       audit.Action = "circle.create"
	actionUpdate       audit.Action = "circle.update"
	actionAddMembers   audit.Action = "circle.add_members"
	actionChangeMember audit.Action = "circle.change_member"
	actionRemoveMember audit.Action = "circle.remove_member"
)

// Handlers answer the routes of circles.
type Handlers struct {
	Sections []Section // of other features, below the members
}

// Shown is a circle as an actor sees it: she is shown these participants in it, by their
// names, and nobody else.
type Shown struct {
	ID     uuid.UUID
	People map[uuid.UUID]string
}

// A Section adds what it reads to the batch of a circle's page, and draws its part once the
// batch was sent; nil for nothing.
type Section func(b *tenancy.Batch, r *web.Request, c Shown) func(*tenancy.Tx) (templ.Component, error)

func (s seen) address(below ...string) view.URL {
	return view.To(append([]string{"circles", s.ID.String()}, below...)...)
}

// event is an act on the circle by the request's actor, about those whom she is shown.
func (s seen) event(r *web.Request, action audit.Action) audit.Event {
	e := audit.Event{Action: action, Program: s.Program, Role: r.Actor().Roles[s.Program], Subject: s.ID, Confidential: s.Confidential}
	for _, m := range s.Members {
		if m.IsParticipant() {
			e.Participants = append(e.Participants, m.Participant)
		}
	}
	return e
}

// listPage is what /circles shows.
type listPage struct {
	Status    Status
	Circles   []seen
	Next      uuid.UUID
	MayCreate bool
}

// List is the circles that the actor sees.
func (h *Handlers) List(r *web.Request) (web.Response, error) {
	p := listPage{Status: Active, MayCreate: r.Actor().May(access.CircleCreate)}
	if r.Query.Get("status") == string(Archived) {
		p.Status = Archived
	}
	after, _ := uuid.Parse(r.Query.Get("after")) // anything else is the beginning
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		if p.Circles, p.Next, err = list(r.Context(), tx, r.Actor(), p.Status, after); err != nil {
			return err
		}
		event := audit.Event{Action: actionList}
		for _, c := range p.Circles {
			one := c.event(r, actionList)
			event.Confidential = event.Confidential || one.Confidential
			for _, id := range one.Participants {
				if !slices.Contains(event.Participants, id) {
					event.Participants = append(event.Participants, id)
				}
			}
		}
		return audit.Record(r.Context(), tx, audit.From(r), event)
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.CircleListTitle, listView(r.Frame(), p)), nil
}

func (p listPage) next() view.URL {
	if p.Next == uuid.Nil {
		return view.URL{}
	}
	next := view.To("circles").With("after", p.Next.String())
	if p.Status == Archived {
		next = next.With("status", string(Archived))
	}
	return next
}

// open loads the circle that a route names.
func open(r *web.Request, tx *tenancy.Tx, sql string) (seen, error) {
	id, err := r.ID("circle")
	if err != nil {
		return seen{}, err
	}
	return load(r.Context(), tx, r.Actor(), sql, id)
}

// openToEdit is open for those who may change it.
func openToEdit(r *web.Request, tx *tenancy.Tx, sql string) (seen, error) {
	s, err := open(r, tx, sql)
	if err == nil && !s.mayEdit() {
		return s, fault.New(fault.Denied, i18n.FaultDeniedText)
	}
	return s, err
}

// Show is one circle.
func (h *Handlers) Show(r *web.Request) (web.Response, error) {
	var s seen
	var sections []templ.Component
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		if s, err = open(r, tx, sqlByID); err != nil {
			return err
		}
		if sections, err = h.sections(r, tx, s); err != nil {
			return err
		}
		return audit.Record(r.Context(), tx, audit.From(r), s.event(r, actionView))
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.CircleTitle, showView(r.Frame(), s, sections)), nil
}

// sections are the parts of other features, read in one batch.
func (h *Handlers) sections(r *web.Request, tx *tenancy.Tx, s seen) (drawn []templ.Component, err error) {
	shown := Shown{ID: s.ID, People: map[uuid.UUID]string{}}
	for _, m := range s.Members {
		if m.IsParticipant() {
			shown.People[m.Participant] = m.Name
		}
	}
	b := tx.Batch()
	var parts []func(*tenancy.Tx) (templ.Component, error)
	for _, section := range h.Sections {
		parts = append(parts, section(b, r, shown))
	}
	if err := b.Send(r.Context()); err != nil {
		return nil, err
	}
	for _, draw := range parts {
		part, err := draw(tx)
		if err != nil {
			return nil, err
		}
		if part != nil {
			drawn = append(drawn, part)
		}
	}
	return drawn, nil
}

// newPage is the form of a new circle.
type newPage struct {
	picker
	Circle   Circle
	Programs []program.Program // where it may be kept
	Problems view.Problems
}

// New is the empty form. The address may name a participant to begin with.
func (h *Handlers) New(r *web.Request) (web.Response, error) {
	var p newPage
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		p = newPage{Circle: Circle{ID: tenancy.NewID()}}
		if with, err := uuid.Parse(r.Query.Get("with")); err == nil {
			p.Chosen = []uuid.UUID{with}
		}
		p.Others = []other{{ID: tenancy.NewID()}, {ID: tenancy.NewID()}}
		return p.load(r, tx)
	})
	if err != nil {
		return web.Response{}, err
	}
	if len(p.Programs) == 1 {
		p.Circle.Program = p.Programs[0].ID
	}
	return web.Page(i18n.CircleNewTitle, newView(r.Frame(), p)), nil
}

// load finds where the circle may be kept and who may be chosen.
func (p *newPage) load(r *web.Request, tx *tenancy.Tx) error {
	programs, err := program.All(r.Context(), tx)
	if err != nil {
		return err
	}
	p.Programs = slices.DeleteFunc(programs, func(at program.Program) bool {
		return at.Status != program.Active || !r.Actor().MayIn(at.ID, access.CircleCreate)
	})
	return p.offer(r, tx, nil, audit.Event{Action: actionView})
}

// Create saves a new circle.
func (h *Handlers) Create(r *web.Request) (web.Response, error) {
	var p newPage
	looking := r.Value("act") == "look"
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		p = newPage{picker: decodePicker(r), Circle: Circle{ID: web.FormID(r.Value("id")), Name: r.Value("name"), Status: Active, CreatedAt: tx.Now(), CreatedBy: r.Actor().Staff}}
		if err := p.load(r, tx); err != nil {
			return err
		}
		p.Circle.Program, p.Circle.Confidential = chosen(r, p.Programs)
		if looking {
			return nil
		}
		if p.Problems, err = p.check(r, tx); err != nil || r.SwitchLanguage || p.Problems.Any() {
			return err
		}
		return p.create(r, tx)
	})
	if err != nil {
		return web.Response{}, err
	}
	if looking && !r.SwitchLanguage {
		return web.Page(i18n.CircleNewTitle, newView(r.Frame(), p)), nil
	}
	if problems := p.Problems; r.SwitchLanguage || problems.Any() {
		p.Problems = r.Shown(problems)
		return r.Again(i18n.CircleNewTitle, problems, newView(r.Frame(), p)), nil
	}
	return web.Redirect(view.To("circles", p.Circle.ID.String())).Say(i18n.CircleSaved), nil
}

func (p *newPage) check(r *web.Request, tx *tenancy.Tx) (view.Problems, error) {
	problems := append(p.Circle.check(), p.picker.check()...)
	if len(p.Chosen) == 0 || len(p.Chosen)+p.named() < fewest {
		problems.Add("look", i18n.CirclePeopleWanted)
	}
	if p.Circle.Program == uuid.Nil {
		problems.Add("program", i18n.CircleProgramWanted)
	} else if !p.Circle.Confidential {
		openly, err := knownOpenly(r.Context(), tx, r.Actor(), p.Chosen)
		if err != nil {
			return nil, err
		}
		if !openly {
			problems.Add("program", i18n.CircleProgramConfidential)
		}
	}
	return problems, nil
}

// create saves the circle. The same form sent again is the same circle.
func (p *newPage) create(r *web.Request, tx *tenancy.Tx) error {
	added, err := insert(r.Context(), tx, p.Circle)
	if err != nil {
		return err
	}
	if !added {
		saved, err := load(r.Context(), tx, r.Actor(), sqlByID, p.Circle.ID)
		if err != nil || saved.CreatedBy != p.Circle.CreatedBy || saved.Name != p.Circle.Name {
			return errLate
		}
		return nil
	}
	s := seen{Circle: p.Circle, Members: p.members(p.Circle.ID, tx.Now())}
	for _, m := range s.Members {
		if _, err := addMember(r.Context(), tx, m); err != nil {
			return err
		}
	}
	event := s.event(r, actionCreate)
	event.After = map[string]any{"circle": s.Circle, "members": s.Members}
	return audit.Record(r.Context(), tx, audit.From(r), event)
}

// editPage is the form of a circle's name and status.
type editPage struct {
	seen
	Theirs   *Circle // what somebody else saved meanwhile
	Problems view.Problems
}

// Edit is the form of a circle that is there.
func (h *Handlers) Edit(r *web.Request) (web.Response, error) {
	var p editPage
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		if p.seen, err = openToEdit(r, tx, sqlByID); err != nil {
			return err
		}
		return audit.Record(r.Context(), tx, audit.From(r), p.event(r, actionView))
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.CircleEditTitle, editView(r.Frame(), p)), nil
}

// Update saves a change. One that comes too late is shown beside what is there now.
func (h *Handlers) Update(r *web.Request) (web.Response, error) {
	var p editPage
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		p = editPage{}
		if p.seen, err = openToEdit(r, tx, sqlLock); err != nil {
			return err
		}
		before := p.Circle
		p.Circle.Name, p.Circle.Status = r.Value("name"), Active
		if r.Checked("is_archived") {
			p.Circle.Status = Archived
		}
		p.Problems = p.check()
		if from, err := strconv.Atoi(r.Value("version")); err != nil || from != before.Version {
			p.Theirs = &before
		}
		if r.SwitchLanguage || p.Problems.Any() || p.Theirs != nil {
			return audit.Record(r.Context(), tx, audit.From(r), p.event(r, actionView))
		}
		if err := update(r.Context(), tx, p.Circle, r.Actor().Staff); err != nil {
			return err
		}
		event := p.event(r, actionUpdate)
		event.Before, event.After = before, p.Circle
		return audit.Record(r.Context(), tx, audit.From(r), event)
	})
	switch {
	case err != nil:
		return web.Response{}, err
	case r.SwitchLanguage || p.Problems.Any():
		problems := p.Problems
		p.Problems = r.Shown(problems)
		return r.Again(i18n.CircleEditTitle, problems, editView(r.Frame(), p)), nil
	case p.Theirs != nil:
		return web.Page(i18n.CircleEditTitle, editView(r.Frame(), p)).Conflict(), nil
	}
	return web.Redirect(p.address()).Say(i18n.CircleSaved), nil
}
