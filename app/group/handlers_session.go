package group

import (
	"slices"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/civil"
	"konote/app/draft"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/staff"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// sessionPage is a session, or its form.
type sessionPage struct {
	page
	Session     Session
	Facilitator string
	Form        sessionForm
	Theirs      *Session  // what somebody else saved meanwhile
	Taken       *Session  // another session of that day
	Edited      uuid.UUID // the session whose own form this is; uuid.Nil for that of a new one
	Keep        view.Draft
}

// open opens the draft of the form: of the group's new session, or of the one that is
// edited.
func (p *sessionPage) open(r *web.Request, tx *tenancy.Tx) (err error) {
	form, record := p.kept()
	p.Keep, err = form.Open(r, tx, record)
	return err
}

func (p *sessionPage) kept() (draft.Form, uuid.UUID) {
	if p.Edited != uuid.Nil {
		return EditSessionForm, p.Edited
	}
	return SessionForm, p.ID
}

// done finishes it.
func (p *sessionPage) done(r *web.Request, tx *tenancy.Tx) {
	form, record := p.kept()
	form.Done(r, tx, record)
}

// event is an act on a session, about those whom it names.
func (p sessionPage) event(r *web.Request, action audit.Action) audit.Event {
	e := p.page.event(r, action)
	if p.Session.ID != uuid.Nil {
		e.Subject = p.Session.ID
	}
	return e
}

// ShowSession is one session: who came, what happened, what stood out.
func (h *Handlers) ShowSession(r *web.Request) (web.Response, error) {
	var p sessionPage
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		if p, err = openSession(r, tx); err != nil {
			return err
		}
		names, err := staff.Names(r.Context(), tx, []uuid.UUID{p.Session.Facilitator})
		if err != nil {
			return err
		}
		p.Facilitator = names[p.Session.Facilitator]
		return audit.Record(r.Context(), tx, audit.From(r), p.event(r, actionViewSession))
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.GroupSessionTitle, sessionView(r.Frame(), p)), nil
}

// openSession loads the session that a route names.
func openSession(r *web.Request, tx *tenancy.Tx) (p sessionPage, err error) {
	if p.page, err = openWithMembers(r, tx, sqlByID, access.GroupViewDetail); err != nil {
		return p, err
	}
	id, err := r.ID("session")
	if err != nil {
		return p, err
	}
	p.Session, err = sessionOf(r.Context(), tx, r.Actor(), p.ID, id)
	return p, err
}

// NewSession is the form of today's session: everybody ticked, or those who were checked
// in.
func (h *Handlers) NewSession(r *web.Request) (web.Response, error) {
	var p sessionPage
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		p = sessionPage{}
		if p.page, err = openWithMembers(r, tx, sqlByID, access.GroupLogSession); err != nil {
			return err
		}
		today, err := sessionOn(r.Context(), tx, r.Actor(), p.ID, p.Today)
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return err
		}
		if today.Logged() { // another day is meant
			today = Session{}
		}
		p.Session = today
		if err := p.open(r, tx); err != nil {
			return err
		}
		if p.Form = blankSession(today, p.Members, p.Today); p.Keep.Begun() {
			p.Form, _ = decodeSession(r, p.Members, p.Today)
		}
		return audit.Record(r.Context(), tx, audit.From(r), p.event(r, actionView))
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.GroupSessionNewTitle, sessionFormView(r.Frame(), p)), nil
}

// EditSession is the form of a session that is there.
func (h *Handlers) EditSession(r *web.Request) (web.Response, error) {
	var p sessionPage
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		p = sessionPage{}
		if p.Edited, err = r.ID("session"); err != nil {
			return err
		}
		group, err := groupOf(r.Context(), tx, sqlGroupOfSession, p.Edited)
		if err != nil {
			return err
		}
		if p.page, err = openID(r, tx, sqlByID, group, access.GroupLogSession); err != nil {
			return err
		}
		if err := p.name(r, tx, access.GroupLogSession); err != nil {
			return err
		}
		if p.Session, err = sessionOf(r.Context(), tx, r.Actor(), p.ID, p.Edited); err != nil {
			return err
		}
		if err := p.open(r, tx); err != nil {
			return err
		}
		if p.Form = blankSession(p.Session, p.Members, p.Today); p.Keep.Begun() {
			p.Form, _ = decodeSession(r, p.Members, p.Today)
		}
		return audit.Record(r.Context(), tx, audit.From(r), p.event(r, actionViewSession))
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(p.title(), sessionFormView(r.Frame(), p)), nil
}

func (p sessionPage) title() i18n.Message {
	if p.Session.Logged() {
		return i18n.GroupSessionEditTitle
	}
	return i18n.GroupSessionNewTitle
}

// SaveSession saves a session: a new one, one that was checked in to, or a correction.
func (h *Handlers) SaveSession(r *web.Request) (web.Response, error) {
	var p sessionPage
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		p = sessionPage{}
		if p.page, err = openWithMembers(r, tx, sqlLock, access.GroupLogSession); err != nil {
			return err
		}
		p.Edited, _ = uuid.Parse(r.Value("edited")) // none: the form of a new one
		if err := p.open(r, tx); err != nil {
			return err
		}
		if p.Form, p.Problems = decodeSession(r, p.Members, p.Today); r.SwitchLanguage || p.Problems.Any() {
			return audit.Record(r.Context(), tx, audit.From(r), p.event(r, actionView))
		}
		if err := p.meet(r, tx); err != nil {
			return err
		}
		switch {
		case p.Theirs != nil || p.Taken != nil:
			return audit.Record(r.Context(), tx, audit.From(r), p.event(r, actionView))
		case p.Form.says(p.Session): // the same form again
			p.done(r, tx)
			return nil
		}
		p.done(r, tx)
		return p.save(r, tx)
	})
	switch {
	case err != nil:
		return web.Response{}, err
	case r.SwitchLanguage || p.Problems.Any():
		problems := p.Problems
		p.Problems = r.Shown(problems)
		return r.Again(p.title(), problems, sessionFormView(r.Frame(), p)), nil
	case p.Theirs != nil || p.Taken != nil:
		return web.Page(p.title(), sessionFormView(r.Frame(), p)).Conflict(), nil
	}
	return web.Redirect(p.address("sessions", p.Form.ID.String())).Say(i18n.GroupSessionSaved), nil
}

// meet finds what is there already: the session that the form changes, what somebody else
// has made of it meanwhile, or another session of that day.
func (p *sessionPage) meet(r *web.Request, tx *tenancy.Tx) error {
	there, err := sessionOf(r.Context(), tx, r.Actor(), p.ID, p.Form.ID)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return err
	}
	known := err == nil
	other, err := sessionOn(r.Context(), tx, r.Actor(), p.ID, p.Form.HeldOn)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return err
	}
	switch {
	case err == nil && other.ID != p.Form.ID && !known && !other.Logged():
		p.Session, p.Theirs = other, &other // it was begun at the door: go on with that one
	case err == nil && other.ID != p.Form.ID:
		p.Session, p.Taken = there, &other
		return nil
	case known && there.Version != p.Form.Version && !p.Form.says(there):
		p.Session, p.Theirs = there, &there
	case !known && p.Form.Version != 0: // no such session of this group
		return fault.Missing()
	default:
		p.Session = there
		return nil
	}
	p.Form.ID, p.Form.Version = p.Theirs.ID, p.Theirs.Version
	return nil
}

// save saves what the form makes of the session that is there.
func (p *sessionPage) save(r *web.Request, tx *tenancy.Tx) error {
	after := p.Form.over(p.Session)
	after.Group = p.ID
	action := actionCorrect
	if !p.Session.Logged() {
		after.Facilitator, action = r.Actor().Staff, actionLog
	}
	if err := saveSession(r.Context(), tx, after, r.Actor().Staff); err != nil {
		return err
	}
	event := p.event(r, action)
	event.Subject, event.After = after.ID, after
	if p.Session.ID != uuid.Nil {
		event.Before = p.Session
	}
	return audit.Record(r.Context(), tx, audit.From(r), event)
}

// checkInPage is who is here today.
type checkInPage struct {
	page
	Present []uuid.UUID // members
	Logged  bool
}

// CheckIn is the page at the door: names and ticks, and nothing else of the group.
func (h *Handlers) CheckIn(r *web.Request) (web.Response, error) {
	var p checkInPage
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		if p, _, err = openCheckIn(r, tx, sqlByID); err != nil {
			return err
		}
		return audit.Record(r.Context(), tx, audit.From(r), p.event(r, actionView))
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.GroupCheckInTitle, checkInView(r.Frame(), p)), nil
}

// openCheckIn loads the page with today's session, which is zero when there is none.
func openCheckIn(r *web.Request, tx *tenancy.Tx, sql string) (p checkInPage, today Session, err error) {
	if p.page, err = openWithMembers(r, tx, sql, access.AttendanceCheckIn); err != nil {
		return p, today, err
	}
	p.Members = p.current()
	today, err = sessionOn(r.Context(), tx, r.Actor(), p.ID, p.Today)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return p, today, err
	}
	p.Logged = today.Logged()
	for _, a := range today.Attendance {
		if a.Present {
			p.Present = append(p.Present, a.Member)
		}
	}
	return p, today, nil
}

// SaveCheckIn saves the ticks that were changed, so that two people at two doors do not
// take each other's away.
func (h *Handlers) SaveCheckIn(r *web.Request) (web.Response, error) {
	var p checkInPage
	here := 0
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		var today Session
		if p, today, err = openCheckIn(r, tx, sqlLock); err != nil {
			return err
		}
		if p.Logged {
			return audit.Record(r.Context(), tx, audit.From(r), p.event(r, actionView))
		}
		after, changed := ticked(r, p, today)
		here, _ = counts(after.Attendance)
		if !changed {
			return nil
		}
		if err := saveSession(r.Context(), tx, after, r.Actor().Staff); err != nil {
			return err
		}
		event := p.event(r, actionCheckIn)
		event.Subject, event.After = after.ID, after
		if today.ID != uuid.Nil {
			event.Before = today
		}
		return audit.Record(r.Context(), tx, audit.From(r), event)
	})
	if err != nil {
		return web.Response{}, err
	}
	if p.Logged {
		return web.Page(i18n.GroupCheckInTitle, checkInView(r.Frame(), p)).Conflict(), nil
	}
	return web.Redirect(p.address("check-in")).Say(i18n.GroupCheckInSaved(here)), nil
}

// ticked is today's session with the ticks that the form has changed since it was opened.
func ticked(r *web.Request, p checkInPage, today Session) (after Session, changed bool) {
	after = today
	after.Attendance = slices.DeleteFunc(slices.Clone(today.Attendance), func(a Attended) bool {
		return !slices.ContainsFunc(p.Members, func(m Member) bool { return m.ID == a.Member })
	})
	if after.ID == uuid.Nil {
		after = Session{ID: tenancy.NewID(), Group: p.ID, HeldOn: p.Today, CreatedBy: r.Actor().Staff}
	}
	for _, m := range p.Members {
		was, is := slices.Contains(r.Form["before"], m.ID.String()), slices.Contains(r.Form["present"], m.ID.String())
		if was == is {
			continue
		}
		at := slices.IndexFunc(after.Attendance, func(a Attended) bool { return a.Member == m.ID })
		switch {
		case at >= 0 && after.Attendance[at].Present != is:
			after.Attendance[at].Present, changed = is, true
		case at < 0 && is:
			after.Attendance = append(after.Attendance, Attended{ID: tenancy.NewID(), Session: after.ID, Member: m.ID, Present: true})
			changed = true
		}
	}
	return after, changed
}

// daysBack is how far an attendance report reaches unless somebody says otherwise.
const daysBack = 90

// period reads the days of a report from the address.
func period(r *web.Request, today civil.Date) (from, to civil.Date) {
	from, err := civil.Parse(r.Query.Get("from"))
	if err != nil {
		from = today.AddDays(-daysBack)
	}
	if to, err = civil.Parse(r.Query.Get("to")); err != nil {
		to = today
	}
	if to.Before(from) {
		from, to = to, from
	}
	return from, to
}

// withPeriod keeps the days in an address.
func withPeriod(u view.URL, from, to civil.Date) view.URL {
	return u.With("from", from.String()).With("to", to.String())
}
