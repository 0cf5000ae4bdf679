package participant

import (
	"context"
	"errors"
	"slices"
	"strconv"

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
	apart := page.wordsApart()
	var by []uuid.UUID
	for _, line := range lines {
		if apart {
			line.Reason = ""
		}
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
		event := e.Event(r, actionEnrol)
		event.Confidential = among(page.Programs, []uuid.UUID{e.Program})[0].Confidential
		event.After = e.Kept("")
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
	page.Today = r.Today(tx)
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
		if page, err = loadChange(r, tx); err != nil {
			return nil, err
		}
		if page.Draft = page.opened(); page.Keep.Begun() {
			page.Draft, _, _ = decodeChange(r, page.Enrolment, page.Today)
		}
		return page.Reached, nil
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.EnrolmentChangeTitle, changeView(r.Frame(), page)), nil
}

// opened is the form of a change as it opens.
func (page *changePage) opened() changeDraft {
	e := page.Enrolment
	return changeDraft{On: page.Today.String(), Worker: view.ID(e.Worker), Version: e.Version, Base: e.Status}
}

// ChangeEnrolment saves a change of an enrolment. One that comes too late, because somebody
// else has changed where the participant stands, is shown beside what is there now.
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
		if page.late() {
			if err = page.meanwhile(r, tx); err != nil {
				return err
			}
		}
		if r.SwitchLanguage || page.Late != nil || problems.Any() {
			return Seen(tx, r, page.Reached)
		}
		err = saveChange(r, tx, page.Enrolment, change)
		if saved = err == nil; saved {
			ChangeForm.Done(r, tx, page.Enrolment.ID)
		}
		if saved || fault.KindOf(err) != fault.Conflict {
			return err
		}
		if page, err = loadChange(r, tx); err != nil {
			return err
		}
		page.Draft, _, _ = decodeChange(r, page.Enrolment, page.Today)
		if err = page.meanwhile(r, tx); err != nil {
			return err
		}
		return Seen(tx, r, page.Reached)
	})
	switch {
	case err != nil:
		return web.Response{}, err
	case saved:
		return changed(page, change), nil
	case r.SwitchLanguage || page.Late == nil:
		page.Late = nil
		page.Problems = r.Shown(problems)
		return r.Again(i18n.EnrolmentChangeTitle, problems, changeView(r.Frame(), page)), nil
	}
	page.Draft.Version, page.Draft.Base = page.Enrolment.Version, page.Enrolment.Status
	return web.Page(i18n.EnrolmentChangeTitle, changeView(r.Frame(), page)).Conflict(), nil
}

// late says that the participant stands elsewhere than when the form opened. Who works
// with her is another matter.
func (page *changePage) late() bool {
	return page.Draft.Version != page.Enrolment.Version && page.Draft.Base != page.Enrolment.Status
}

// meanwhile loads what somebody else has said of the enrolment.
func (page *changePage) meanwhile(r *web.Request, tx *tenancy.Tx) error {
	page.Late = &saved{}
	lines, err := history(r.Context(), tx, r.Actor(), []Enrolment{page.Enrolment})
	if err != nil || len(lines) == 0 {
		return err
	}
	page.Late.At = lines[0].At
	if !page.wordsApart() {
		page.Late.Reason = lines[0].Reason
	}
	names, err := staff.Names(r.Context(), tx, []uuid.UUID{lines[0].By})
	page.Late.By = names[lines[0].By]
	return err
}

// meanwhileTeam loads who has said who works with the participant.
func (page *changePage) meanwhileTeam(r *web.Request, tx *tenancy.Tx) error {
	page.LateTeam = &saved{}
	e := page.Enrolment
	if e.WorkerSetAt == nil || e.WorkerSetBy == nil {
		return nil
	}
	names, err := staff.Names(r.Context(), tx, []uuid.UUID{*e.WorkerSetBy})
	page.LateTeam.At, page.LateTeam.By = *e.WorkerSetAt, names[*e.WorkerSetBy]
	return err
}

func saveChange(r *web.Request, tx *tenancy.Tx, e Enrolment, c Change) error {
	if err := apply(r.Context(), tx, e, c, r.Actor().Staff); err != nil {
		return err
	}
	event := e.Event(r, actionChange)
	event.Before, event.After = e.Kept(""), c.After(e).Kept(c.Reason)
	return audit.Record(r.Context(), tx, audit.From(r), event)
}

// loadChange reaches the enrolment that the route names, and opens the draft of its form.
func loadChange(r *web.Request, tx *tenancy.Tx) (page changePage, err error) {
	participant, err := r.ID("participant")
	id, broken := r.ID("enrolment")
	if err = errors.Join(err, broken); err != nil {
		return page, err
	}
	if page, err = reachChange(r, tx, participant, id); err != nil {
		return page, err
	}
	if page.Team, err = Workers(r.Context(), tx, page.Enrolment.Program); err != nil {
		return page, err
	}
	page.Keep, err = ChangeForm.Open(r, tx, id)
	return page, err
}

// reachChange loads an enrolment for those whose role in its program may change it, while
// consent was not withdrawn. To others it does not exist, or may not be changed where they
// know of it.
func reachChange(r *web.Request, tx *tenancy.Tx, participant, id uuid.UUID) (page changePage, err error) {
	if page.Reached, err = Reach(r.Context(), tx, r.Actor(), participant, access.ParticipantViewName); err != nil {
		return page, err
	}
	at := slices.IndexFunc(page.Enrolments, func(e Enrolment) bool { return e.ID == id })
	if at < 0 {
		return page, fault.Refused()
	}
	page.Enrolment = page.Enrolments[at]
	if reason := page.Decide(access.ParticipantTransfer).Reason; reason != access.Allowed {
		return page, Denied(reason, page.ID)
	}
	if !r.Actor().MayIn(page.Enrolment.Program, access.ParticipantTransfer) { // one that was cancelled is none to go through
		return page, fault.New(fault.Denied, i18n.FaultDeniedText)
	}
	page.Today = r.Today(tx)
	return page, nil
}

// Workers are those who may be said to work with participants of a program: its staff
// whose role writes notes. It is for those who may change enrolments there.
func Workers(ctx context.Context, tx *tenancy.Tx, program uuid.UUID) ([]staff.Member, error) {
	team, err := staff.Team(ctx, tx, program)
	return slices.DeleteFunc(team, func(m staff.Member) bool { return access.LevelOf(access.NoteCreate, m.Role) == access.Deny }), err
}

// AssignWorker saves who works with a participant in a program. A choice that comes too
// late is shown beside what is there now.
func (h *Handlers) AssignWorker(r *web.Request) (web.Response, error) {
	var page changePage
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		if page, err = loadChange(r, tx); err != nil {
			return err
		}
		page.Draft = page.opened()
		worker, known := chosenWorker(r, page.Team)
		if !known || !page.Enrolment.Open() {
			page.Problems.Add("worker", i18n.EnrolmentWorkerWrong)
		} else {
			page.Draft.Worker = view.ID(worker)
		}
		late := page.lateTeam(r)
		if !late && !page.Problems.Any() && worker != page.Enrolment.Worker {
			if late, err = assign(r, tx, page.Enrolment, worker); err != nil || !late {
				return err
			}
			if page, err = loadChange(r, tx); err != nil {
				return err
			}
			page.Draft = page.opened()
			page.Draft.Worker = view.ID(worker)
		}
		if late {
			err = page.meanwhileTeam(r, tx)
		}
		return errors.Join(err, Seen(tx, r, page.Reached))
	})
	switch {
	case err != nil:
		return web.Response{}, err
	case page.LateTeam != nil:
		page.Problems = nil
		return web.Page(i18n.EnrolmentChangeTitle, changeView(r.Frame(), page)).Conflict(), nil
	case page.Problems.Any():
		return r.Again(i18n.EnrolmentChangeTitle, page.Problems, changeView(r.Frame(), page)), nil
	}
	return web.Redirect(page.address()).Say(i18n.EnrolmentWorkerSaved), nil
}

// lateTeam says that somebody else has chosen another worker since the form opened, or
// that there is no choice any more.
func (page *changePage) lateTeam(r *web.Request) bool {
	if r.Value("version") == strconv.Itoa(page.Enrolment.Version) {
		return false
	}
	began, known := r.Form["base_worker"]
	return !page.Enrolment.Open() || !known || began[0] != view.ID(page.Enrolment.Worker)
}

// chosenWorker reads who was chosen among the team; uuid.Nil for nobody in particular.
func chosenWorker(r *web.Request, team []staff.Member) (worker uuid.UUID, known bool) {
	chosen := r.Value("worker")
	if chosen == "" {
		return uuid.Nil, r.Form.Has("worker")
	}
	at := slices.IndexFunc(team, func(m staff.Member) bool { return m.ID.String() == chosen })
	if at < 0 {
		return uuid.Nil, false
	}
	return team[at].ID, true
}

// assign says true when somebody else was faster.
func assign(r *web.Request, tx *tenancy.Tx, e Enrolment, worker uuid.UUID) (late bool, err error) {
	changed, err := Assign(r.Context(), tx, []Enrolment{e}, []uuid.UUID{worker}, r.Actor().Staff)
	if err != nil || len(changed) == 0 {
		return err == nil, err
	}
	event := e.Event(r, actionAssign)
	event.Before, event.After = Assigned{e.Worker}, Assigned{worker}
	return false, audit.Record(r.Context(), tx, audit.From(r), event)
}

// Assigned is what the audit log keeps of who works with somebody.
type Assigned struct {
	Worker uuid.UUID `json:"worker,omitzero"`
}

// changed leads back to the participant, or to the list when the change has closed her
// record to the actor.
func changed(page changePage, c Change) web.Response {
	for i, e := range page.Enrolments {
		if e.ID == page.Enrolment.ID {
			page.Enrolments[i] = c.After(e)
		}
	}
	if !page.May(access.ParticipantViewName) {
		return web.Redirect(view.To("participants")).Say(i18n.EnrolmentCancelledGone)
	}
	return web.Redirect(page.address()).Say(i18n.EnrolmentChanged)
}

// Event is an act on the enrolment by the request's actor.
func (e Enrolment) Event(r *web.Request, action audit.Action) audit.Event {
	return audit.Event{
		Action: action, Subject: e.ID, Participants: []uuid.UUID{e.Participant}, Program: e.Program, Role: r.Actor().Roles[e.Program],
		Confidential: e.Confidential,
	}
}

// Kept is what the audit log keeps of an enrolment, sealed.
func (e Enrolment) Kept(reason string) any {
	return struct {
		Program   uuid.UUID              `json:"program"`
		Status    access.EnrolmentStatus `json:"status"`
		StartedOn string                 `json:"started_on,omitempty"`
		EndedOn   string                 `json:"ended_on,omitempty"`
		EndReason EndReason              `json:"end_reason,omitempty"`
		Reason    string                 `json:"reason,omitempty"`
	}{e.Program, e.Status, e.StartedOn.String(), e.EndedOn.String(), e.EndReason, reason}
}
