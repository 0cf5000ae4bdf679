package group

import (
	"slices"
	"strconv"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/civil"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/program"
	"konote/app/staff"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// The acts that are recorded.
const (
	actionView         audit.Action = "group.view"
	actionCreate       audit.Action = "group.create"
	actionUpdate       audit.Action = "group.update"
	actionAddMembers   audit.Action = "group.add_members"
	actionChangeMember audit.Action = "group.change_member"
	actionLog          audit.Action = "group.log_session"
	actionCorrect      audit.Action = "group.correct_session"
	actionViewSession  audit.Action = "group.view_session"
	actionCheckIn      audit.Action = "group.check_in"
	actionAttendance   audit.Action = "group.attendance"
	actionExport       audit.Action = "group.export"
	actionStep         audit.Action = "group.step"
)

// Handlers answer the routes of groups.
type Handlers struct{}

// openers are the permissions with one of which a group exists for somebody.
var openers = []access.Key{access.GroupViewRoster, access.AttendanceCheckIn, access.AttendanceViewReport}

// page is what every page of a group shows.
type page struct {
	Group
	In       program.Program
	Members  []Member // of whom the actor may know; loaded where a page names them
	Today    civil.Date
	Problems view.Problems

	actor access.Actor
}

func (p page) may(key access.Key) bool { return p.actor.MayIn(p.Program, key) }

func (p page) address(below ...string) view.URL {
	return view.To(append([]string{"groups", p.ID.String()}, below...)...)
}

// open loads the group that a route names, for somebody who wants to do something (key)
// there. sql says whether its row is locked.
func open(r *web.Request, tx *tenancy.Tx, sql string, key access.Key) (page, error) {
	id, err := r.ID("group")
	if err != nil {
		return page{}, err
	}
	return openID(r, tx, sql, id, key)
}

func openID(r *web.Request, tx *tenancy.Tx, sql string, id uuid.UUID, key access.Key) (page, error) {
	p := page{actor: r.Actor(), Today: civil.Of(tx.Now().In(r.P.Zone()))}
	var err error
	if p.Group, err = byID(r.Context(), tx, sql, id); err != nil {
		return p, err
	}
	if !slices.ContainsFunc(openers, p.may) {
		return p, fault.Refused()
	}
	if !p.may(key) {
		return p, fault.New(fault.Denied, i18n.FaultDeniedText)
	}
	p.In, err = program.ByID(r.Context(), tx, p.Program)
	return p, err
}

// openWithMembers is open for pages that name the members.
func openWithMembers(r *web.Request, tx *tenancy.Tx, sql string, key access.Key) (page, error) {
	p, err := open(r, tx, sql, key)
	if err != nil {
		return p, err
	}
	return p, p.name(r, tx, key)
}

// name finds the members for somebody who wants to do something (key).
func (p *page) name(r *web.Request, tx *tenancy.Tx, key access.Key) (err error) {
	p.Members, err = members(r.Context(), tx, r.Actor(), p.ID)
	if key == access.GroupLogSession || key == access.AttendanceCheckIn {
		p.Members = slices.DeleteFunc(p.Members, func(m Member) bool { return m.Withdrawn })
	}
	return err
}

// current are those who have not left.
func (p page) current() (now []Member) {
	for _, m := range p.Members {
		if m.Current() {
			now = append(now, m)
		}
	}
	return now
}

func (p page) past() []Member { return p.Members[len(p.current()):] }

// event is an act on the group by the request's actor, about the members whom it names.
func (p page) event(r *web.Request, action audit.Action) audit.Event {
	e := audit.Event{Action: action, Role: r.Actor().Roles[p.Program], Program: p.Program, Subject: p.ID, Confidential: p.In.Confidential}
	for _, m := range p.Members {
		if m.Participant != uuid.Nil && !slices.Contains(e.Participants, m.Participant) {
			e.Participants = append(e.Participants, m.Participant)
		}
	}
	return e
}

// listPage is what /groups shows.
type listPage struct {
	Groups    []Listed
	Programs  []program.Program // those of the groups
	MayCreate bool
	HasGroups bool // one of the actor's programs works in groups
	actor     access.Actor
}

// List is the groups of the actor's programs.
func (h *Handlers) List(r *web.Request) (web.Response, error) {
	p := listPage{actor: r.Actor()}
	var programs []uuid.UUID
	for _, key := range openers {
		programs = append(programs, r.Actor().Programs(key)...)
	}
	err := r.Agency.View(r.Context(), func(tx *tenancy.Tx) (err error) {
		var rows []listRow
		b := tx.Batch()
		queueList(b, r.Actor(), programs, &rows)
		program.Queue(b, &p.Programs)
		if err := b.Finish(r.Context()); err != nil {
			return err
		}
		p.Groups, err = openList(tx.Box(), rows)
		return err
	})
	if err != nil {
		return web.Response{}, err
	}
	p.Programs = slices.DeleteFunc(p.Programs, func(at program.Program) bool { return !slices.Contains(programs, at.ID) })
	p.HasGroups = slices.ContainsFunc(p.Programs, hasGroups)
	p.MayCreate = len(creatable(r.Actor(), p.Programs)) > 0
	return web.Page(i18n.GroupListTitle, listView(r.Frame(), p)), nil
}

// creatable are the programs in which the actor may make a group.
func creatable(actor access.Actor, programs []program.Program) (found []program.Program) {
	for _, p := range programs {
		if hasGroups(p) && actor.MayIn(p.ID, access.GroupCreate) {
			found = append(found, p)
		}
	}
	return found
}

// href is the first page of a group that the actor may open.
func (p listPage) href(g Listed) view.URL {
	switch {
	case p.actor.MayIn(g.Program, access.GroupViewRoster):
		return view.To("groups", g.ID.String())
	case p.actor.MayIn(g.Program, access.AttendanceCheckIn):
		return view.To("groups", g.ID.String(), "check-in")
	}
	return view.To("groups", g.ID.String(), "attendance")
}

func (p listPage) program(id uuid.UUID) program.Program {
	for _, known := range p.Programs {
		if known.ID == id {
			return known
		}
	}
	return program.Program{}
}

// showPage is the page of a group.
type showPage struct {
	page
	Sessions  []Met // with group.view_detail
	Next      civil.Date
	First     bool // nothing newer is left out
	Steps     []Step
	ChangedBy string
}

// Show is one group: who is in it, when it met, what it works on.
func (h *Handlers) Show(r *web.Request) (web.Response, error) {
	var p showPage
	before, _ := civil.Parse(r.Query.Get("before")) // anything else begins with the newest
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		p = showPage{First: before.IsZero()}
		if p.page, err = openWithMembers(r, tx, sqlByID, access.GroupViewRoster); err != nil {
			return err
		}
		if p.may(access.GroupViewDetail) {
			if p.Sessions, p.Next, err = sessionsBefore(r.Context(), tx, r.Actor(), p.ID, before); err != nil {
				return err
			}
			rows, err := tenancy.Rows[stepRow](r.Context(), tx, sqlSteps, p.ID)
			if err != nil {
				return err
			}
			if p.Steps, err = openSteps(tx.Box(), rows); err != nil {
				return err
			}
		}
		names, err := staff.Names(r.Context(), tx, []uuid.UUID{p.UpdatedBy})
		if err != nil {
			return err
		}
		p.ChangedBy = names[p.UpdatedBy]
		return audit.Record(r.Context(), tx, audit.From(r), p.event(r, actionView))
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.GroupTitle, showView(r.Frame(), p)), nil
}

// steps are those of one kind.
func (p showPage) steps(kind StepKind) (found []Step) {
	for _, s := range p.Steps {
		if s.Kind == kind {
			found = append(found, s)
		}
	}
	return found
}

// editPage is the form of a group.
type editPage struct {
	Group
	Programs []program.Program // of a new one: where it may be
	Theirs   *Group            // what somebody else saved meanwhile
	Keep     view.Draft
	Problems view.Problems
}

// New is the empty form of a new group.
func (h *Handlers) New(r *web.Request) (web.Response, error) {
	p := editPage{Group: Group{ID: tenancy.NewID(), Kind: Meets, Status: Active}}
	err := r.Agency.View(r.Context(), func(tx *tenancy.Tx) (err error) {
		if p.Programs, err = loadCreatable(r, tx); err != nil {
			return err
		}
		if p.Keep, err = NewForm.Open(r, tx, uuid.Nil); p.Keep.Begun() {
			p.Group = decode(r, Group{ID: web.FormID(r.Value("id"))})
		}
		p.Program = chosen(r, p.Programs)
		return err
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.GroupNewTitle, newView(r.Frame(), p)), nil
}

func loadCreatable(r *web.Request, tx *tenancy.Tx) ([]program.Program, error) {
	programs, err := program.All(r.Context(), tx)
	return creatable(r.Actor(), programs), err
}

// Create saves a new group.
func (h *Handlers) Create(r *web.Request) (web.Response, error) {
	var p editPage
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		p = editPage{}
		if p.Programs, err = loadCreatable(r, tx); err != nil {
			return err
		}
		if p.Keep, err = NewForm.Open(r, tx, uuid.Nil); err != nil {
			return err
		}
		p.Group = decode(r, Group{ID: web.FormID(r.Value("id")), CreatedAt: tx.Now(), CreatedBy: r.Actor().Staff})
		p.Program = chosen(r, p.Programs)
		p.Problems = p.check()
		if r.SwitchLanguage || p.Problems.Any() {
			return nil
		}
		NewForm.Done(r, tx, uuid.Nil)
		return create(r, tx, p)
	})
	if err != nil {
		return web.Response{}, err
	}
	if problems := p.Problems; r.SwitchLanguage || problems.Any() {
		p.Problems = r.Shown(problems)
		return r.Again(i18n.GroupNewTitle, problems, newView(r.Frame(), p)), nil
	}
	return web.Redirect(view.To("groups", p.ID.String())).Say(i18n.GroupSaved), nil
}

// create saves a group. The same form sent again is the same group.
func create(r *web.Request, tx *tenancy.Tx, p editPage) error {
	added, err := insert(r.Context(), tx, p.Group)
	if err != nil {
		return err
	}
	if !added {
		saved, err := byID(r.Context(), tx, sqlByID, p.ID)
		if err != nil || saved.CreatedBy != p.CreatedBy || saved.Program != p.Program || saved.Name != p.Name || saved.Description != p.Description {
			return errLate
		}
		return nil
	}
	in := p.Programs[slices.IndexFunc(p.Programs, func(at program.Program) bool { return at.ID == p.Program })]
	event := page{Group: p.Group, In: in}.event(r, actionCreate)
	event.After = p.Group
	return audit.Record(r.Context(), tx, audit.From(r), event)
}

// Edit is the form of a group that is there.
func (h *Handlers) Edit(r *web.Request) (web.Response, error) {
	var p editPage
	err := r.Agency.View(r.Context(), func(tx *tenancy.Tx) error {
		there, err := open(r, tx, sqlByID, access.GroupEdit)
		if err != nil {
			return err
		}
		p = editPage{Group: there.Group}
		if p.Keep, err = EditForm.Open(r, tx, p.ID); p.Keep.Begun() {
			p.Group = decode(r, there.Group)
		}
		return err
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.GroupEditTitle, editView(r.Frame(), p)), nil
}

// Update saves a change. One that comes too late is shown beside what is there now.
func (h *Handlers) Update(r *web.Request) (web.Response, error) {
	var p editPage
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		before, err := open(r, tx, sqlLock, access.GroupEdit)
		if err != nil {
			return err
		}
		p = editPage{Group: decode(r, before.Group)}
		if p.Keep, err = EditForm.Open(r, tx, p.ID); err != nil {
			return err
		}
		p.Problems = p.check()
		if p.Version != before.Version {
			p.Theirs, p.Version = &before.Group, before.Version
		}
		if r.SwitchLanguage || p.Problems.Any() || p.Theirs != nil {
			return nil
		}
		EditForm.Done(r, tx, p.ID)
		if err := update(r.Context(), tx, p.Group, r.Actor().Staff); err != nil {
			return err
		}
		event := before.event(r, actionUpdate)
		event.Before, event.After = before.Group, p.Group
		return audit.Record(r.Context(), tx, audit.From(r), event)
	})
	switch {
	case err != nil:
		return web.Response{}, err
	case r.SwitchLanguage || p.Problems.Any():
		problems := p.Problems
		p.Problems = r.Shown(problems)
		return r.Again(i18n.GroupEditTitle, problems, editView(r.Frame(), p)), nil
	case p.Theirs != nil:
		return web.Page(i18n.GroupEditTitle, editView(r.Frame(), p)).Conflict(), nil
	}
	return web.Redirect(view.To("groups", p.ID.String())).Say(i18n.GroupSaved), nil
}

// version reads the version that a form was made from. A broken number is a version that
// does not exist.
func version(r *web.Request) int {
	number, err := strconv.Atoi(r.Value("version"))
	if err != nil || number < 0 {
		return -1
	}
	return number
}
