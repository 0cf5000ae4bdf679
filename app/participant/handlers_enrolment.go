package participant

import (
	"slices"

	"github.com/a-h/templ"
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
	page := historyPage{}
	err := h.visit(r, access.ParticipantViewName, nil, func(tx *tenancy.Tx, p *Reached, _ templ.Component) error {
		lines, err := history(r.Context(), tx, r.Actor(), p.Enrolments)
		if err != nil {
			return err
		}
		page.Reached, page.Lines = p, map[uuid.UUID][]Recorded{}
		var by []uuid.UUID
		for _, line := range lines {
			page.Lines[line.Enrolment] = append(page.Lines[line.Enrolment], line)
			if line.By != uuid.Nil && !slices.Contains(by, line.By) {
				by = append(by, line.By)
			}
		}
		page.Names, err = staff.Names(r.Context(), tx, by)
		return err
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.ParticipantHistoryTitle, historyView(r.Frame(), page)), nil
}

// NewEnrolment is the form of a further enrolment.
func (h *Handlers) NewEnrolment(r *web.Request) (web.Response, error) {
	page, err := h.enrolPage(r)
	if err != nil {
		return web.Response{}, err
	}
	page.Draft = enrolDraft{Start: access.Enrolled, On: page.Today.String()}
	if len(page.Programs) == 1 {
		page.Draft.Program = page.Programs[0].ID
	}
	return web.Page(i18n.EnrolmentAddTitle, enrolView(r.Frame(), page)), nil
}

// Enrol saves a further enrolment.
func (h *Handlers) Enrol(r *web.Request) (web.Response, error) {
	page, err := h.enrolPage(r)
	if err != nil {
		return web.Response{}, err
	}
	d, e, problems := decodeEnrol(r, page.Programs, page.Today)
	page.Draft = d
	if r.SwitchLanguage || problems.Any() {
		page.Problems = r.Shown(problems)
		return r.Again(i18n.EnrolmentAddTitle, problems, enrolView(r.Frame(), page)), nil
	}

	e.ID, e.Participant = tenancy.NewID(), page.ID
	added := false
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		p, err := Reach(r.Context(), tx, r.Actor(), page.ID, access.ParticipantTransfer)
		if err != nil {
			return err
		}
		if added, err = Enrol(r.Context(), tx, e, r.Actor().Staff); err != nil || !added {
			return err
		}
		event := enrolmentEvent(r, p, e, actionEnrol)
		event.Confidential = among(page.Programs, []uuid.UUID{e.Program})[0].Confidential
		event.After = e.recorded("")
		return audit.Record(r.Context(), tx, audit.From(r), event)
	})
	if err != nil {
		return web.Response{}, err
	}
	if !added {
		return web.Redirect(page.address()).Say(i18n.EnrolmentAlready), nil
	}
	return web.Redirect(page.address()).Say(i18n.EnrolmentAdded), nil
}

// enrolPage loads the programs in which the actor may enrol a participant, for those
// who may do so at all: in a program that she is in already.
func (h *Handlers) enrolPage(r *web.Request) (enrolPage, error) {
	var page enrolPage
	err := h.visit(r, access.ParticipantTransfer, nil, func(tx *tenancy.Tx, p *Reached, _ templ.Component) error {
		programs, err := program.All(r.Context(), tx)
		if err != nil {
			return err
		}
		page.Reached, page.Today = p, today(r, tx)
		for _, offered := range open(programs, r.Actor().Programs(access.ParticipantTransfer)) {
			if !p.isIn(offered.ID) {
				page.Programs = append(page.Programs, offered)
			}
		}
		return nil
	})
	return page, err
}

// isIn says whether there is an open enrolment in the program.
func (r *Reached) isIn(program uuid.UUID) bool {
	return slices.ContainsFunc(r.Enrolments, func(e Enrolment) bool { return e.Program == program && e.Open() })
}

// EditEnrolment is the form of a change of an enrolment.
func (h *Handlers) EditEnrolment(r *web.Request) (web.Response, error) {
	page, err := h.changePage(r)
	if err != nil {
		return web.Response{}, err
	}
	page.Draft = changeDraft{On: page.Today.String(), Version: page.Enrolment.Version}
	return web.Page(i18n.EnrolmentChangeTitle, changeView(r.Frame(), page)), nil
}

// ChangeEnrolment saves a change of an enrolment. One that comes too late is shown with
// how the enrolment stands now.
func (h *Handlers) ChangeEnrolment(r *web.Request) (web.Response, error) {
	page, err := h.changePage(r)
	if err != nil {
		return web.Response{}, err
	}
	e := page.Enrolment
	d, c, problems := decodeChange(r, e, page.Today)
	page.Draft = d
	if d.Version != e.Version && !r.SwitchLanguage {
		return late(r, page), nil
	}
	if r.SwitchLanguage || problems.Any() {
		page.Problems = r.Shown(problems)
		return r.Again(i18n.EnrolmentChangeTitle, problems, changeView(r.Frame(), page)), nil
	}

	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		p, err := Reach(r.Context(), tx, r.Actor(), page.ID, access.ParticipantViewName)
		if err != nil {
			return err
		}
		if err := apply(r.Context(), tx, e, c, r.Actor().Staff); err != nil {
			return err
		}
		event := enrolmentEvent(r, p, e, actionChange)
		event.Before, event.After = e.recorded(""), c.after(e).recorded(c.Reason)
		return audit.Record(r.Context(), tx, audit.From(r), event)
	})
	if fault.KindOf(err) == fault.Conflict {
		if page, err = h.changePage(r); err != nil {
			return web.Response{}, err
		}
		page.Draft = d
		return late(r, page), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return changed(page, c), nil
}

// late shows how the enrolment stands now, with what was written.
func late(r *web.Request, page changePage) web.Response {
	page.Late = true
	page.Draft.Version = page.Enrolment.Version
	if !slices.Contains(transitions[page.Enrolment.Status], page.Draft.To) {
		page.Draft.To = ""
	}
	return web.Page(i18n.EnrolmentChangeTitle, changeView(r.Frame(), page)).Conflict()
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

// changePage loads an enrolment for those whose role in its program may change it. To
// others it does not exist, or may not be changed where they know of it.
func (h *Handlers) changePage(r *web.Request) (changePage, error) {
	id, err := r.ID("enrolment")
	if err != nil {
		return changePage{}, err
	}
	var page changePage
	err = h.visit(r, access.ParticipantViewName, nil, func(tx *tenancy.Tx, p *Reached, _ templ.Component) error {
		at := slices.IndexFunc(p.Enrolments, func(e Enrolment) bool { return e.ID == id })
		if at < 0 {
			return fault.Refused()
		}
		if !r.Actor().MayIn(p.Enrolments[at].Program, access.ParticipantTransfer) {
			return fault.New(fault.Denied, i18n.FaultDeniedText)
		}
		page.Reached, page.Today, page.Enrolment = p, today(r, tx), p.Enrolments[at]
		return nil
	})
	return page, err
}

// enrolmentEvent is an act on an enrolment by the request's actor.
func enrolmentEvent(r *web.Request, p *Reached, e Enrolment, action audit.Action) audit.Event {
	return audit.Event{
		Action: action, Subject: e.ID, Participants: []uuid.UUID{p.ID}, Program: e.Program, Role: r.Actor().Roles[e.Program],
		Confidential: e.Confidential,
	}
}

// recorded is what the audit log keeps of an enrolment, sealed.
func (e Enrolment) recorded(reason string) any {
	return struct {
		Program   uuid.UUID              `json:"program"`
		Status    access.EnrolmentStatus `json:"status"`
		StartedOn string                 `json:"started_on,omitempty"`
		EndedOn   string                 `json:"ended_on,omitempty"`
		Reason    string                 `json:"reason,omitempty"`
	}{e.Program, e.Status, e.StartedOn.String(), e.EndedOn.String(), reason}
}
