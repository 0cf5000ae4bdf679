package event

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/civil"
	"konote/app/draft"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/limit"
	"konote/app/mistake"
	"konote/app/participant"
	"konote/app/program"
	"konote/app/staff"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// The acts that are recorded.
const (
	actionCreate        audit.Action = "event.create"
	actionView          audit.Action = "event.view"
	actionUpdate        audit.Action = "event.update"
	actionFlag          audit.Action = "event.flag"
	actionUnflag        audit.Action = "event.unflag"
	actionMark          audit.Action = "event.cancel"
	actionReport        audit.Action = "event.report"
	actionFlags         audit.Action = "event.flags"
	actionMeetingCreate audit.Action = "meeting.create"
	actionMeetingView   audit.Action = "meeting.view"
	actionMeetingUpdate audit.Action = "meeting.update"
	actionMeetingMark   audit.Action = "meeting.in_error"
	actionMeetingRetry  audit.Action = "meeting.retry"
	actionLibrary       audit.Action = "event.library"
	actionTypeCreate    audit.Action = "event_type.create"
	actionTypeUpdate    audit.Action = "event_type.update"
	actionFeedMake      audit.Action = "calendar.make"
	actionFeedRevoke    audit.Action = "calendar.revoke"
	actionFeedRead      audit.Action = "calendar.read"
)

// Handlers answer the routes of events, meetings and their lists.
type Handlers struct {
	Limits *limit.Limits
	// URL is where a host's pages are, for the address of a calendar feed.
	URL func(host string) string
}

// rules are what differs between events and meetings.
type rules struct {
	kind                                 Kind
	create, edit, view                   access.Key
	created, updated, seen               audit.Action
	newTitle, editTitle, showTitle, done i18n.Key
	path                                 string
	newForm, editForm                    draft.Form
	inError                              *mistake.Kind
}

var (
	happenings = rules{Happening, access.EventCreate, access.EventCreate, access.EventView, actionCreate, actionUpdate, actionView,
		i18n.EventNewTitle, i18n.EventEditTitle, i18n.EventShowTitle, i18n.EventSaved, "events", NewForm, EditForm, &EventInError}
	meetings = rules{Meeting, access.MeetingCreate, access.MeetingEdit, access.MeetingView, actionMeetingCreate, actionMeetingUpdate, actionMeetingView,
		i18n.EventMeetingNewTitle, i18n.EventMeetingEditTitle, i18n.EventMeetingShowTitle, i18n.EventMeetingSaved, "meetings", NewMeetingForm, EditMeetingForm, &MeetingInError}
)

func rulesOf(k Kind) rules {
	if k == Meeting {
		return meetings
	}
	return happenings
}

// formPage is what a form shows.
type formPage struct {
	rules
	Draft entered
	Keep  view.Draft
	choices
	Named    []program.Program // the choices' programs, with their names
	About    *participant.Reached
	Theirs   *Event // what somebody else has saved meanwhile
	Problems view.Problems
}

// New is the empty form of an event, NewMeeting that of a meeting.
func (h *Handlers) New(r *web.Request) (web.Response, error)        { return happenings.begin(r) }
func (h *Handlers) NewMeeting(r *web.Request) (web.Response, error) { return meetings.begin(r) }

// Create saves a new event, CreateMeeting a meeting.
func (h *Handlers) Create(r *web.Request) (web.Response, error)        { return happenings.save(r) }
func (h *Handlers) CreateMeeting(r *web.Request) (web.Response, error) { return meetings.save(r) }

// Edit is the form of an event that is there, EditMeeting that of a meeting.
func (h *Handlers) Edit(r *web.Request) (web.Response, error)        { return happenings.change(r) }
func (h *Handlers) EditMeeting(r *web.Request) (web.Response, error) { return meetings.change(r) }

// Update saves a change. A change that comes too late is shown beside what is there now.
func (h *Handlers) Update(r *web.Request) (web.Response, error)        { return happenings.saveChange(r) }
func (h *Handlers) UpdateMeeting(r *web.Request) (web.Response, error) { return meetings.saveChange(r) }

// Show is one event on a page of its own, ShowMeeting one meeting.
func (h *Handlers) Show(r *web.Request) (web.Response, error)        { return happenings.show(r) }
func (h *Handlers) ShowMeeting(r *web.Request) (web.Response, error) { return meetings.show(r) }

func (k rules) begin(r *web.Request) (web.Response, error) {
	page, err := k.load(r, func(tx *tenancy.Tx, page *formPage) error {
		if page.Draft = blank(k.kind, r.Actor(), page.About.ID, page.choices, civil.Of(tx.Now().In(r.P.Zone()))); page.Keep.Begun() {
			page.Draft, _ = decode(r, page.fresh(r, tx), page.choices)
		}
		return nil
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(k.newTitle, formView(r.Frame(), page)), nil
}

func (k rules) save(r *web.Request) (web.Response, error) {
	page, err := k.load(r, func(tx *tenancy.Tx, page *formPage) error {
		page.Draft, page.Problems = decode(r, page.fresh(r, tx), page.choices)
		if r.SwitchLanguage || page.Problems.Any() {
			return nil
		}
		k.newForm.Done(r, tx, page.About.ID)
		return k.insert(r, tx, page)
	})
	if err != nil {
		return web.Response{}, err
	}
	if problems := page.Problems; r.SwitchLanguage || problems.Any() {
		page.Problems = r.Shown(problems)
		return r.Again(k.newTitle, problems, formView(r.Frame(), page)), nil
	}
	return web.Redirect(k.address(page.Draft.ID)).Say(k.done), nil
}

// fresh is a new event before anything is read from its form.
func (page *formPage) fresh(r *web.Request, tx *tenancy.Tx) Event {
	return Event{Kind: page.kind, Participant: page.About.ID, Author: r.Actor().Staff, CreatedAt: tx.Now()}
}

// load reaches the participant whom the route names, as somebody who may write about
// her, and runs f in the same transaction. That the form was opened is recorded: it shows
// whose record it is.
func (k rules) load(r *web.Request, f func(*tenancy.Tx, *formPage) error) (page formPage, err error) {
	id, err := r.ID("participant")
	if err != nil {
		return page, err
	}
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		page = formPage{rules: k}
		b := tx.Batch()
		pending := participant.Queue(b, r.Actor(), id)
		read := queueChoices(b, r.Actor(), id, r.Actor().About(id).Programs(k.create))
		kept := k.newForm.Queue(b, r, id)
		if err := b.Send(r.Context()); err != nil {
			return err
		}
		if page.About, err = pending.Reach(tx.Box(), k.create); err != nil {
			return err
		}
		if err := read.into(tx, r.Actor(), page.About.Through, &page); err != nil {
			return err
		}
		if page.Keep, err = kept.Open(r, tx); err != nil {
			return err
		}
		if err := f(tx, &page); err != nil {
			return err
		}
		return participant.Seen(tx, r, page.About)
	})
	return page, err
}

// choiceRows are the choices of a form as they came from the database.
type choiceRows struct {
	programs []program.Program
	types    []Type
	notes    []noteChoice
	team     []mateRow
}

func queueChoices(b *tenancy.Batch, actor access.Actor, participant uuid.UUID, programs []uuid.UUID) *choiceRows {
	c := &choiceRows{}
	program.Queue(b, &c.programs)
	queueTypes(b, &c.types)
	b.Queue(sqlNotes, tenancy.Into(&c.notes), participant, actor.About(participant).Programs(access.NoteView), actor.Withheld(access.NoteView))
	queueTeams(b, programs, &c.team)
	return c
}

// into leaves what the programs of this form may use.
func (c *choiceRows) into(tx *tenancy.Tx, actor access.Actor, programs []uuid.UUID, page *formPage) error {
	page.Programs, page.Notes = programs, c.notes
	for _, p := range c.programs {
		if slices.Contains(programs, p.ID) {
			page.Named = append(page.Named, p)
		}
	}
	mayFlag := slices.ContainsFunc(programs, func(id uuid.UUID) bool { return actor.MayIn(id, access.SreFlag) })
	for _, t := range c.types {
		switch {
		case t.Archived || !slices.ContainsFunc(programs, t.in):
		case t.Severity == 0:
			page.Types = append(page.Types, t)
		case mayFlag:
			page.Categories = append(page.Categories, t)
		}
	}
	team, err := openTeams(tx.Box(), c.team)
	page.Team = slices.DeleteFunc(team, func(m mate) bool {
		return !slices.ContainsFunc(programs, func(id uuid.UUID) bool { return slices.Contains(m.Programs, id) })
	})
	return err
}

// insert saves what the form says, and what follows from it.
func (k rules) insert(r *web.Request, tx *tenancy.Tx, page *formPage) error {
	e := page.Draft.Event
	e.AuthorRole = r.Actor().Roles[e.Program]
	if e.Serious != uuid.Nil {
		if !r.Actor().About(e.Participant).MayIn(e.Program, access.SreFlag) {
			return fault.New(fault.Denied, i18n.FaultDeniedText)
		}
		e.FlaggedAt, e.FlaggedBy = tx.Now(), r.Actor().Staff
	}
	if k.kind == Meeting {
		e.Reminder = begin(e, tx.Now())
	}
	added, err := insert(r.Context(), tx, &e)
	page.Draft.ID = e.ID
	if err != nil || !added {
		return err
	}
	if err := follow(r.Context(), tx, e); err != nil {
		return err
	}
	return audit.Record(r.Context(), tx, audit.From(r), page.event(r, k.created, e, nil))
}

// follow queues what a new event asks for.
func follow(ctx context.Context, tx *tenancy.Tx, e Event) error {
	if e.IsSerious() {
		return tellResponsible(ctx, tx, e)
	}
	return queueReminder(ctx, tx, e)
}

func (page *formPage) event(r *web.Request, action audit.Action, e Event, before any) audit.Event {
	return audit.Event{
		Action: action, Role: r.Actor().Roles[e.Program], Program: e.Program, Subject: e.ID, Participants: []uuid.UUID{e.Participant},
		Confidential: slices.ContainsFunc(page.Named, func(p program.Program) bool { return p.ID == e.Program && p.Confidential }),
		Before:       before, After: e,
	}
}

func (k rules) change(r *web.Request) (web.Response, error) {
	page, err := k.loadChange(r, func(tx *tenancy.Tx, page *formPage, e Event) error {
		if page.Draft = enteredOf(e, r.P.Zone()); page.Keep.Begun() {
			page.Draft, _ = decode(r, e, page.choices)
		}
		return participant.Seen(tx, r, page.About)
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(k.editTitle, formView(r.Frame(), page)), nil
}

func (k rules) saveChange(r *web.Request) (web.Response, error) {
	late := false
	page, err := k.loadChange(r, func(tx *tenancy.Tx, page *formPage, e Event) error {
		page.Draft, page.Problems = decode(r, e, page.choices)
		if late = page.Draft.Version != e.Version; late {
			page.Draft.Version, page.Theirs = e.Version, &e
		}
		if r.SwitchLanguage || page.Problems.Any() || late {
			return participant.Seen(tx, r, page.About)
		}
		k.editForm.Done(r, tx, e.ID)
		return k.update(r, tx, page, e)
	})
	switch problems := page.Problems; {
	case err != nil:
		return web.Response{}, err
	case r.SwitchLanguage || problems.Any():
		page.Problems = r.Shown(problems)
		return r.Again(k.editTitle, problems, formView(r.Frame(), page)), nil
	case late:
		return web.Page(k.editTitle, formView(r.Frame(), page)).Conflict(), nil
	}
	return web.Redirect(k.address(page.Draft.ID)).Say(k.done), nil
}

// loadChange loads an event for those who may change it, and runs f in the same
// transaction.
func (k rules) loadChange(r *web.Request, f func(*tenancy.Tx, *formPage, Event) error) (page formPage, err error) {
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		page = formPage{rules: k}
		e, about, err := k.reach(r, tx, k.edit)
		if err != nil {
			return err
		}
		if e.InError.Is() {
			return errInError
		}
		page.About = about
		b := tx.Batch()
		read := queueChoices(b, r.Actor(), e.Participant, []uuid.UUID{e.Program})
		kept := k.editForm.Queue(b, r, e.ID)
		if err := b.Send(r.Context()); err != nil {
			return err
		}
		if err := read.into(tx, r.Actor(), []uuid.UUID{e.Program}, &page); err != nil {
			return err
		}
		if page.Keep, err = kept.Open(r, tx); err != nil {
			return err
		}
		return f(tx, &page, e.Event)
	})
	return page, err
}

// reach loads the event or meeting that the route names for somebody who wants to do
// something (key) with it. For who may not read it, it does not exist.
func (k rules) reach(r *web.Request, tx *tenancy.Tx, key access.Key) (Entry, *participant.Reached, error) {
	id, err := r.ID(string(k.kind))
	if err != nil {
		return Entry{}, nil, err
	}
	return reach(r, tx, k.kind, id, k.view, key)
}

func reach(r *web.Request, tx *tenancy.Tx, kind Kind, id uuid.UUID, view, key access.Key) (Entry, *participant.Reached, error) {
	e, err := byID(r.Context(), tx, id)
	actor := r.Actor().About(e.Participant)
	switch {
	case err != nil:
		return Entry{}, nil, err
	case e.Kind != kind:
		return Entry{}, nil, fault.Missing()
	case !actor.MayIn(e.Program, view) || actor.Withholds(id):
		return Entry{}, nil, fault.Refused()
	}
	about, err := participant.Reach(r.Context(), tx, r.Actor(), e.Participant, view)
	if err == nil && key != view {
		err = about.DeniedIn(e.Program, key)
	}
	return e, about, err
}

// update saves a change, and has the participant reminded anew where the meeting moved.
func (k rules) update(r *web.Request, tx *tenancy.Tx, page *formPage, before Event) error {
	e := page.Draft.Event
	moved := k.kind == Meeting && (!e.StartsAt.Equal(before.StartsAt) || e.Status != before.Status)
	if moved {
		e.Reminder = begin(e, tx.Now())
	}
	if err := update(r.Context(), tx, e, r.Actor().Staff); err != nil {
		return err
	}
	if moved {
		if err := queueReminder(r.Context(), tx, e); err != nil {
			return err
		}
	}
	return audit.Record(r.Context(), tx, audit.From(r), page.event(r, k.updated, e, before))
}

// showPage is one event or meeting with what is around it.
type showPage struct {
	rules
	Entry      Entry
	About      *participant.Reached
	Program    program.Program
	Names      map[uuid.UUID]string // of staff
	MayEdit    bool
	MayCancel  bool // and nothing else: consent was withdrawn
	MayFlag    bool
	MayMark    bool // it as entered in error
	Categories []Type
	Gate       Reminder // whether a message may be sent as things stand
	NoteSeen   bool     // the actor may know of the note that the event names
	Problems   view.Problems
}

func (k rules) show(r *web.Request) (web.Response, error) {
	var page showPage
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		page, err = k.loadShow(r, tx)
		return err
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(k.showTitle, showView(r.Frame(), page)), nil
}

func (k rules) loadShow(r *web.Request, tx *tenancy.Tx) (page showPage, err error) {
	page.rules = k
	if page.Entry, page.About, err = k.reach(r, tx, k.view); err != nil {
		return page, err
	}
	e := page.Entry
	actor := r.Actor().About(e.Participant)
	page.MayEdit = page.About.MayIn(e.Program, k.edit) && !e.InError.Is()
	page.MayMark = page.About.MayIn(e.Program, k.inError.Key) && e.record().May(r.Actor(), k.inError.Key, tx.Now())
	page.MayCancel = k.kind == Meeting && mayCancel(r.Actor(), page.About, e.Event)
	page.NoteSeen = e.Note != uuid.Nil && actor.MayIn(e.NoteProgram, access.NoteView) && !actor.Withholds(e.Note)
	page.MayFlag = k.kind == Happening && !e.InError.Is() && !e.IsSerious() && page.About.MayIn(e.Program, access.SreFlag)
	if page.Program, err = program.ByID(r.Context(), tx, e.Program); err != nil {
		return page, err
	}
	if page.Names, err = staff.Names(r.Context(), tx, append([]uuid.UUID{e.UpdatedBy, e.FlaggedBy, e.UnflaggedBy}, e.Attendees...)); err != nil {
		return page, err
	}
	if page.MayFlag {
		if page.Categories, err = categories(r.Context(), tx); err != nil {
			return page, err
		}
	}
	if e.Reminder == Waiting {
		c, err := contactOf(r.Context(), tx, e.Participant, civil.Of(tx.Now().In(r.P.Zone())))
		if err != nil {
			return page, err
		}
		page.Gate = c.gate()
	}
	return page, audit.Record(r.Context(), tx, audit.From(r), audit.Event{
		Action: k.seen, Role: r.Actor().Roles[e.Program], Program: e.Program, Subject: e.ID,
		Participants: []uuid.UUID{e.Participant}, Confidential: page.Program.Confidential,
	})
}

// categories are those of serious events that may be chosen.
func categories(ctx context.Context, tx *tenancy.Tx) ([]Type, error) {
	types, err := Types(ctx, tx)
	return slices.DeleteFunc(types, func(t Type) bool { return t.Severity == 0 || t.Archived }), err
}

func (k rules) address(id uuid.UUID) view.URL { return view.To(k.path, id.String()) }
