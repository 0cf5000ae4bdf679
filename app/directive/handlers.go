package directive

import (
	"slices"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/civil"
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
	actionList   audit.Action = "directive.list"
	actionCreate audit.Action = "directive.create"
	actionLift   audit.Action = "directive.lift"
)

// Handlers answer the routes of directives and of guarded whereabouts.
type Handlers struct{}

// formPage is what the form shows.
type formPage struct {
	choices
	roles    map[uuid.UUID]access.Role // all of the actor's, also those that rest while she works in one program
	About    *participant.Reached
	Today    civil.Date
	Item     access.Kind // of the record that may be closed by itself; "" for none
	Draft    typed
	Keep     view.Draft
	Ask      i18n.Message // what she is asked once more, nil for nothing
	Problems view.Problems
}

// event is an act about the participant by the request's actor.
func event(r *web.Request, about *participant.Reached, action audit.Action, subject uuid.UUID) audit.Event {
	return audit.Event{
		Action: action, Role: r.Actor().Roles[about.Through[0]], Program: about.Through[0], Subject: subject,
		Participants: []uuid.UUID{about.ID}, Confidential: about.AnyConfidential(),
	}
}

// load reaches the participant whom the route names, as somebody who may manage her
// consent, and runs f in the same transaction.
func load(r *web.Request, f func(*tenancy.Tx, *formPage) error) (page formPage, err error) {
	id, err := r.ID("participant")
	if err != nil {
		return page, err
	}
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		page = formPage{Today: civil.Of(tx.Now().In(r.P.Zone()))}
		if page.About, err = participant.Reach(r.Context(), tx, r.Actor(), id, access.ConsentManage); err != nil {
			return err
		}
		if err := page.offer(r, tx); err != nil {
			return err
		}
		if page.Keep, err = NewForm.Open(r, tx, id); err != nil {
			return err
		}
		if page.Draft = blank(page.Today); r.Method != "GET" || page.Keep.Begun() {
			page.Draft = decode(r)
		}
		asked := page.Draft.Item
		if text := r.Query.Get("item"); text != "" && r.Method == "GET" && !page.Keep.Begun() {
			asked, _ = uuid.Parse(text) // what is no id is no record
		}
		if err := page.only(r, tx, asked); err != nil {
			return err
		}
		return f(tx, &page)
	})
	return page, err
}

// offer finds whom a directive may name.
func (page *formPage) offer(r *web.Request, tx *tenancy.Tx) (err error) {
	if page.Staff, err = known(r.Context(), tx, r.Actor()); err != nil {
		return err
	}
	if page.roles, err = rolesOf(r.Context(), tx, r.Actor().Staff); err != nil {
		return err
	}
	page.Programs, err = program.All(r.Context(), tx)
	page.Programs = slices.DeleteFunc(page.Programs, func(p program.Program) bool { return !named(r.Actor(), p) })
	return err
}

// named says whether the actor may know of a program by its name.
func named(actor access.Actor, p program.Program) bool { return !p.Confidential || actor.Sees(p.ID) }

// only makes the form one about a single record, if the actor may read it.
func (page *formPage) only(r *web.Request, tx *tenancy.Tx, asked uuid.UUID) error {
	if page.Draft.Item = uuid.Nil; asked == uuid.Nil {
		return nil
	}
	kind, there, err := item(r.Context(), tx, r.Actor(), page.About.ID, asked)
	if err != nil || !there {
		return err
	}
	page.Item, page.Draft.Item, page.Draft.Kind = kind, asked, kind
	return nil
}

// New is the empty form.
func (h *Handlers) New(r *web.Request) (web.Response, error) {
	page, err := load(r, func(tx *tenancy.Tx, page *formPage) error { return participant.Seen(tx, r, page.About) })
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.DirectiveNewTitle, newView(r.Frame(), page)), nil
}

// Create closes what the form says.
func (h *Handlers) Create(r *web.Request) (web.Response, error) {
	page, err := load(r, func(tx *tenancy.Tx, page *formPage) error {
		if r.Checked("whole") { // of the kind, not this record alone
			page.Draft.Item = uuid.Nil
		}
		page.Problems = page.Draft.check(page.choices, page.Item, page.Today)
		if r.SwitchLanguage || page.Problems.Any() {
			return participant.Seen(tx, r, page.About)
		}
		switch err := page.askOnceMore(r, tx); {
		case err != nil:
			return err
		case page.Ask != nil:
			return participant.Seen(tx, r, page.About)
		}
		return page.save(r, tx)
	})
	switch problems := page.Problems; {
	case err != nil:
		return web.Response{}, err
	case r.SwitchLanguage || problems.Any():
		page.Problems = r.Shown(problems)
		return r.Again(i18n.DirectiveNewTitle, problems, newView(r.Frame(), page)), nil
	case page.Ask != nil:
		return web.Page(i18n.DirectiveNewTitle, newView(r.Frame(), page)), nil
	}
	if page.closesOut(r) {
		return web.Redirect(view.To("participants")).Say(i18n.DirectiveSaved), nil
	}
	return web.Redirect(address(page.About.ID)).Say(i18n.DirectiveSaved), nil
}

// closesOut says whether the directive closes the file to the one who records it.
func (page *formPage) closesOut(r *web.Request) bool {
	return page.Draft.Kind == access.WholeFile && page.Draft.Against(r.Actor().Staff, page.roles)
}

// askOnceMore notes what the form's author has to be sure of: that she closes the file to
// herself, or to everybody whom she knows of. Who works in a program that she may not know
// of makes no difference, or the question would tell of it.
func (page *formPage) askOnceMore(r *web.Request, tx *tenancy.Tx) error {
	if page.Draft.Kind != access.WholeFile || page.Draft.Sure {
		return nil
	}
	people, err := reachers(r.Context(), tx, r.Actor(), page.About.ID)
	if err != nil {
		return err
	}
	standing, err := of(r.Context(), tx, page.About.ID)
	if err != nil {
		return err
	}
	switch {
	case leavesNobody(people, append(standing, page.Draft.Directive)):
		page.Ask = i18n.DirectiveAskNobody
	case page.closesOut(r):
		page.Ask = i18n.DirectiveAskSelf
	}
	return nil
}

// save writes a directive that was checked.
func (page *formPage) save(r *web.Request, tx *tenancy.Tx) error {
	d := page.Draft.Directive
	d.Participant, d.RecordedAt, d.RecordedBy = page.About.ID, tx.Now(), r.Actor().Staff
	NewForm.Done(r, tx, page.About.ID)
	added, err := Insert(r.Context(), tx, d)
	if err != nil {
		return err
	}
	if !added {
		saved, err := byID(r.Context(), tx, d.Participant, d.ID)
		if err != nil || saved.RecordedBy != d.RecordedBy {
			return fault.New(fault.Conflict, i18n.FaultConflictTitle)
		}
		return nil
	}
	e := event(r, page.About, actionCreate, d.ID)
	e.After = d
	return audit.Record(r.Context(), tx, audit.From(r), e)
}

// listPage is what stands and what stood.
type listPage struct {
	choices
	About    *participant.Reached
	Today    civil.Date
	Rows     []listed
	Names    map[uuid.UUID]string // of staff of whom the actor may know, see sqlAuthors
	Lift     listed               // the one that is being lifted
	Reason   string
	Keep     view.Draft
	Problems view.Problems
}

// listed is one directive as the actor may know of it.
type listed struct {
	Directive
	Mine           bool   // it is against her: she neither reads why nor lifts it
	Why, WhyLifted string // "" too where she may not know who wrote it
}

// loadList reaches the participant, reads her directives, and runs f.
func loadList(r *web.Request, f func(*tenancy.Tx, *listPage) error) (page listPage, err error) {
	id, err := r.ID("participant")
	if err != nil {
		return page, err
	}
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		page = listPage{Today: civil.Of(tx.Now().In(r.P.Zone()))}
		if page.About, err = participant.Reach(r.Context(), tx, r.Actor(), id, access.ConsentManage); err != nil {
			return err
		}
		all, err := of(r.Context(), tx, id)
		if err != nil {
			return err
		}
		form := formPage{About: page.About}
		if err := form.offer(r, tx); err != nil {
			return err
		}
		page.choices = form.choices
		if page.Names, err = authors(r.Context(), tx, r.Actor()); err != nil {
			return err
		}
		for _, d := range all {
			page.Rows = append(page.Rows, page.listed(d, d.Against(r.Actor().Staff, form.roles)))
		}
		return f(tx, &page)
	})
	return page, err
}

// listed is a directive with the words that the actor may read.
func (page *listPage) listed(d Directive, mine bool) listed {
	row := listed{Directive: d, Mine: mine}
	if !mine && page.Names[d.RecordedBy] != "" {
		row.Why = d.Reason
	}
	if !mine && page.Names[d.LiftedBy] != "" {
		row.WhyLifted = d.LiftReason
	}
	return row
}

// List is what the participant has closed.
func (h *Handlers) List(r *web.Request) (web.Response, error) {
	page, err := loadList(r, func(tx *tenancy.Tx, page *listPage) error {
		return audit.Record(r.Context(), tx, audit.From(r), event(r, page.About, actionList, page.About.ID))
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.DirectiveListTitle, listView(r.Frame(), page)), nil
}

// toLift finds the directive that the route names, and opens the draft of its form.
func (page *listPage) toLift(r *web.Request, tx *tenancy.Tx) error {
	id, err := r.ID("directive")
	if err != nil {
		return err
	}
	at := slices.IndexFunc(page.Rows, func(d listed) bool { return d.ID == id })
	if at < 0 {
		return fault.Missing()
	}
	if page.Lift = page.Rows[at]; page.Lift.Mine {
		return fault.New(fault.Denied, i18n.DirectiveLiftMine)
	}
	page.Keep, err = LiftForm.Open(r, tx, id)
	return err
}

// LiftForm asks why a directive ends.
func (h *Handlers) LiftForm(r *web.Request) (web.Response, error) {
	page, err := loadList(r, func(tx *tenancy.Tx, page *listPage) error {
		if err := page.toLift(r, tx); err != nil {
			return err
		}
		if page.Keep.Begun() {
			page.Reason = r.Value("reason")
		}
		return participant.Seen(tx, r, page.About)
	})
	switch {
	case err != nil:
		return web.Response{}, err
	case !page.Lift.Stands():
		return web.Redirect(address(page.About.ID)).Say(i18n.DirectiveLifted), nil
	}
	return web.Page(i18n.DirectiveLiftTitle, liftView(r.Frame(), page)), nil
}

// SaveLift ends a directive.
func (h *Handlers) SaveLift(r *web.Request) (web.Response, error) {
	page, err := loadList(r, func(tx *tenancy.Tx, page *listPage) error {
		if err := page.toLift(r, tx); err != nil {
			return err
		}
		page.Reason = r.Value("reason")
		if problem := reasonProblem(page.Reason, i18n.DirectiveLiftReasonWanted); problem != nil {
			page.Problems.Add("reason", problem)
		}
		if r.SwitchLanguage || page.Problems.Any() {
			return participant.Seen(tx, r, page.About)
		}
		d := page.Lift.Directive
		LiftForm.Done(r, tx, d.ID)
		d.LiftedAt, d.LiftedBy, d.LiftReason = tx.Now(), r.Actor().Staff, page.Reason
		done, err := lift(r.Context(), tx, d)
		if err != nil || !done {
			return err
		}
		e := event(r, page.About, actionLift, d.ID)
		e.Before, e.After = page.Lift.Directive, d
		return audit.Record(r.Context(), tx, audit.From(r), e)
	})
	switch problems := page.Problems; {
	case err != nil:
		return web.Response{}, err
	case r.SwitchLanguage || problems.Any():
		page.Problems = r.Shown(problems)
		return r.Again(i18n.DirectiveLiftTitle, problems, liftView(r.Frame(), page)), nil
	}
	return web.Redirect(address(page.About.ID)).Say(i18n.DirectiveLifted), nil
}
