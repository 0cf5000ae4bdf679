package participant

import (
	"slices"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/program"
	"konote/app/staff"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// History is what was recorded of the enrolments that the actor may know of.
func (h *Handlers) History(r *web.Request) (web.Response, error) {
	var page historyPage
	err := looked(r, func(tx *tenancy.Tx) (_ *Reached, err error) {
		page, err = loadHistory(r, tx)
		return page.Reached, err
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.ParticipantHistoryTitle, historyView(r.Frame(), page)), nil
}

func loadHistory(r *web.Request, tx *tenancy.Tx) (page historyPage, err error) {
	if page.Reached, err = reach(r, tx, access.ParticipantViewName); err != nil {
		return page, err
	}
	lines, err := history(r.Context(), tx, r.Actor(), page.Enrolments)
	if err != nil {
		return page, err
	}
	page.Lines = map[uuid.UUID][]recorded{}
	var by []uuid.UUID
	for _, line := range lines {
		page.Lines[line.Enrolment] = append(page.Lines[line.Enrolment], line)
		if line.By != uuid.Nil && !slices.Contains(by, line.By) {
			by = append(by, line.By)
		}
	}
	page.Names, err = staff.Names(r.Context(), tx, by)
	return page, err
}

// NewEnrolment is the form of a further enrolment.
func (h *Handlers) NewEnrolment(r *web.Request) (web.Response, error) {
	var page enrolPage
	err := looked(r, func(tx *tenancy.Tx) (_ *Reached, err error) {
		page, err = loadEnrol(r, tx)
		return page.Reached, err
	})
	if err != nil {
		return web.Response{}, err
	}
	page.Draft = enrolDraft{Start: access.Enrolled, On: page.Today.String()}
	if len(page.Programs) == 1 {
		page.Draft.Program = page.Programs[0].ID
	}
	return web.Page(i18n.EnrolmentAddTitle, enrolView(r.Frame(), page)), nil
}

// Enrol saves a further enrolment. When somebody was faster there is nothing left to do.
func (h *Handlers) Enrol(r *web.Request) (web.Response, error) {
	var page enrolPage
	var problems view.Problems
	added := false
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		if page, err = loadEnrol(r, tx); err != nil {
			return err
		}
		var e Enrolment
		page.Draft, e, problems = decodeEnrol(r, page.Programs, page.Today)
		if r.SwitchLanguage || problems.Any() {
			return Seen(tx, r, page.Reached)
		}
		e.ID, e.Participant = tenancy.NewID(), page.ID
		if added, err = Enrol(r.Context(), tx, e, r.Actor().Staff); err != nil || !added {
			return err
		}
		event := e.event(r, actionEnrol)
		event.Confidential = among(page.Programs, []uuid.UUID{e.Program})[0].Confidential
		event.After = e.kept("")
		return audit.Record(r.Context(), tx, audit.From(r), event)
	})
	switch {
	case err != nil:
		return web.Response{}, err
	case r.SwitchLanguage || problems.Any():
		page.Problems = r.Shown(problems)
		return r.Again(i18n.EnrolmentAddTitle, problems, enrolView(r.Frame(), page)), nil
	case added:
		return web.Redirect(page.address()).Say(i18n.EnrolmentAdded), nil
	}
	return web.Redirect(page.address()).Say(i18n.EnrolmentAlready), nil
}

// loadEnrol loads the programs in which the actor may enrol a participant, for those
// who may do so at all: in a program that she is in already.
func loadEnrol(r *web.Request, tx *tenancy.Tx) (page enrolPage, err error) {
	if page.Reached, err = reach(r, tx, access.ParticipantTransfer); err != nil {
		return page, err
	}
	programs, err := program.All(r.Context(), tx)
	if err != nil {
		return page, err
	}
	page.Today = today(r, tx)
	for _, offered := range open(programs, r.Actor().Programs(access.ParticipantTransfer)) {
		if !page.isIn(offered.ID) {
			page.Programs = append(page.Programs, offered)
		}
	}
	return page, nil
}

// isIn says whether there is an open enrolment in the program.
func (r *Reached) isIn(program uuid.UUID) bool {
	return slices.ContainsFunc(r.Enrolments, func(e Enrolment) bool { return e.Program == program && e.Open() })
}

// EditEnrolment is the form of a change of an enrolment.
func (h *Handlers) EditEnrolment(r *web.Request) (web.Response, error) {
	var page changePage
	err := looked(r, func(tx *tenancy.Tx) (_ *Reached, err error) {
		page, err = loadChange(r, tx)
		return page.Reached, err
	})
	if err != nil {
		return web.Response{}, err
	}
	page.Draft = changeDraft{On: page.Today.String(), Version: page.Enrolment.Version}
	return web.Page(i18n.EnrolmentChangeTitle, changeView(r.Frame(), page)), nil
}

// ChangeEnrolment saves a change of an enrolment. One that comes too late is shown with
// how the enrolment stands now.
func (h *Handlers) ChangeEnrolment(r *web.Request) (web.Response, error) {
	var page changePage
	var change Change
	var problems view.Problems
	saved := false
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		if page, err = loadChange(r, tx); err != nil {
			return err
		}
		page.Draft, change, problems = decodeChange(r, page.Enrolment, page.Today)
		page.Late = page.Draft.Version != page.Enrolment.Version
		if r.SwitchLanguage || page.Late || problems.Any() {
			return Seen(tx, r, page.Reached)
		}
		err = saveChange(r, tx, page.Enrolment, change)
		if saved = err == nil; saved || fault.KindOf(err) != fault.Conflict {
			return err
		}
		if page, err = loadChange(r, tx); err != nil {
			return err
		}
		page.Draft, _, _ = decodeChange(r, page.Enrolment, page.Today)
		page.Late = true
		return Seen(tx, r, page.Reached)
	})
	switch {
	case err != nil:
		return web.Response{}, err
	case saved:
		return changed(page, change), nil
	case r.SwitchLanguage || !page.Late:
		page.Late = false
		page.Problems = r.Shown(problems)
		return r.Again(i18n.EnrolmentChangeTitle, problems, changeView(r.Frame(), page)), nil
	}
	page.Draft.Version = page.Enrolment.Version
	return web.Page(i18n.EnrolmentChangeTitle, changeView(r.Frame(), page)).Conflict(), nil
}

func saveChange(r *web.Request, tx *tenancy.Tx, e Enrolment, c Change) error {
	if err := apply(r.Context(), tx, e, c, r.Actor().Staff); err != nil {
		return err
	}
	event := e.event(r, actionChange)
	event.Before, event.After = e.kept(""), c.after(e).kept(c.Reason)
	return audit.Record(r.Context(), tx, audit.From(r), event)
}

// loadChange loads an enrolment for those whose role in its program may change it. To
// others it does not exist, or may not be changed where they know of it.
func loadChange(r *web.Request, tx *tenancy.Tx) (page changePage, err error) {
	id, err := r.ID("enrolment")
	if err != nil {
		return page, err
	}
	if page.Reached, err = reach(r, tx, access.ParticipantViewName); err != nil {
		return page, err
	}
	at := slices.IndexFunc(page.Enrolments, func(e Enrolment) bool { return e.ID == id })
	if at < 0 {
		return page, fault.Refused()
	}
	page.Enrolment = page.Enrolments[at]
	if !r.Actor().MayIn(page.Enrolment.Program, access.ParticipantTransfer) {
		return page, fault.New(fault.Denied, i18n.FaultDeniedText)
	}
	page.Today = today(r, tx)
	return page, nil
}

// changed leads back to the participant, or to the list when the change has closed her
// record to the actor.
func changed(page changePage, c Change) web.Response {
	for i, e := range page.Enrolments {
		if e.ID == page.Enrolment.ID {
			page.Enrolments[i] = c.after(e)
		}
	}
	if !page.May(access.ParticipantViewName) {
		return web.Redirect(view.To("participants")).Say(i18n.EnrolmentCancelledGone)
	}
	return web.Redirect(page.address()).Say(i18n.EnrolmentChanged)
}

// event is an act on the enrolment by the request's actor.
func (e Enrolment) event(r *web.Request, action audit.Action) audit.Event {
	return audit.Event{
		Action: action, Subject: e.ID, Participants: []uuid.UUID{e.Participant}, Program: e.Program, Role: r.Actor().Roles[e.Program],
		Confidential: e.Confidential,
	}
}

// kept is what the audit log keeps of an enrolment, sealed.
func (e Enrolment) kept(reason string) any {
	return struct {
		Program   uuid.UUID              `json:"program"`
		Status    access.EnrolmentStatus `json:"status"`
		StartedOn string                 `json:"started_on,omitempty"`
		EndedOn   string                 `json:"ended_on,omitempty"`
		Reason    string                 `json:"reason,omitempty"`
	}{e.Program, e.Status, e.StartedOn.String(), e.EndedOn.String(), reason}
}
