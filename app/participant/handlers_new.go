package participant

import (
	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/find"
	"konote/app/i18n"
	"konote/app/program"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// New is the empty form of a new record.
func (h *Handlers) New(r *web.Request) (web.Response, error) {
	page, err := loadNew(r)
	if err != nil {
		return web.Response{}, err
	}
	if page.Draft = newEntered(r, page.Programs); page.Keep.Begun() {
		page.Draft, _ = decodeNew(r, page.Programs, page.Today)
	}
	return web.Page(i18n.ParticipantNewTitle, newView(r.Frame(), page)), nil
}

// Create saves a new record with its first enrolments. When there are people like her
// whom the actor reaches, they are shown first, and nothing is saved until somebody
// says that it is another person.
func (h *Handlers) Create(r *web.Request) (web.Response, error) {
	page, err := loadNew(r)
	if err != nil {
		return web.Response{}, err
	}
	var problems view.Problems
	page.Draft, problems = decodeNew(r, page.Programs, page.Today)
	saved := false
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		if r.SwitchLanguage || problems.Any() {
			return h.alike(r, tx, &page)
		}
		if saved, err = h.add(r, tx, &page); saved {
			NewForm.Done(r, tx, uuid.Nil)
		}
		return err
	})
	if err != nil {
		return web.Response{}, err
	}
	if saved {
		return web.Redirect(view.To("participants", page.Draft.ID.String())).Say(i18n.ParticipantCreated), nil
	}
	if len(page.Alike) > 0 && !r.Checked("anyway") {
		problems.Add("anyway", i18n.ParticipantDuplicatesWanted)
	}
	page.Problems = r.Shown(problems)
	return r.Again(i18n.ParticipantNewTitle, problems, newView(r.Frame(), page)), nil
}

// add saves the form of somebody new with her enrolments, and says false when there are
// people like her that were not shown yet. A form that is sent twice adds one record: the
// second time there is nothing left to do.
func (h *Handlers) add(r *web.Request, tx *tenancy.Tx, page *newPage) (bool, error) {
	// Its lock puts those who add people into a row, so that each sees what the one
	// before has saved, also when a form is sent twice at once.
	if _, err := find.Touch(r.Context(), tx); err != nil {
		return false, err
	}
	before, err := sent(r.Context(), tx, page.Draft.ID, r.Actor().Staff)
	if err != nil {
		return false, err
	}
	if before != nil {
		if before.Details == page.Draft.Details {
			return true, nil
		}
		page.Draft.ID = tenancy.NewID() // she went back and entered somebody else over it
	}
	if err := h.alike(r, tx, page); err != nil {
		return false, err
	}
	if len(page.Alike) > 0 && !r.Checked("anyway") {
		return false, nil
	}

	p := Participant{ID: page.Draft.ID, Details: page.Draft.Details}
	if err := insert(r.Context(), tx, p, r.Actor().Staff); err != nil {
		return false, err
	}
	for _, id := range page.Draft.Programs {
		e := Enrolment{ID: tenancy.NewID(), Participant: p.ID, Program: id, Status: page.Draft.Start}
		if e.Status == access.Enrolled {
			e.StartedOn = page.Today
		}
		if _, err := Enrol(r.Context(), tx, e, r.Actor().Staff); err != nil {
			return false, err
		}
	}
	return true, audit.Record(r.Context(), tx, audit.From(r), created(r, p, *page))
}

// created is the act of adding somebody; After has the programs too.
func created(r *web.Request, p Participant, page newPage) audit.Event {
	first := page.Draft.Programs[0]
	event := audit.Event{
		Action: actionCreate, Subject: p.ID, Participants: []uuid.UUID{p.ID}, Program: first, Role: r.Actor().Roles[first],
		After: struct {
			Details
			Programs []uuid.UUID            `json:"programs"`
			Start    access.EnrolmentStatus `json:"start"`
		}{p.Details, page.Draft.Programs, page.Draft.Start},
	}
	for _, chosen := range among(page.Programs, page.Draft.Programs) {
		event.Confidential = event.Confidential || chosen.Confidential
	}
	return event
}

// Duplicates answers the form of a new record while it is filled in: who it may be.
func (h *Handlers) Duplicates(r *web.Request) (web.Response, error) {
	page := newPage{Draft: decode(r.Form, Details{}, levelsOfNew(r.Actor()))}
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error { return h.alike(r, tx, &page) })
	if err != nil {
		return web.Response{}, err
	}
	return web.Fragment(alike(r.Frame(), page)), nil
}

// loadNew loads what the form of a new record offers.
func loadNew(r *web.Request) (newPage, error) {
	page := newPage{Levels: levelsOfNew(r.Actor())}
	err := r.Agency.View(r.Context(), func(tx *tenancy.Tx) error {
		programs, err := program.All(r.Context(), tx)
		page.Programs = open(programs, r.Actor().Programs(access.ParticipantCreate))
		if err != nil {
			return err
		}
		page.Today = r.Today(tx)
		page.Keep, err = NewForm.Open(r, tx, uuid.Nil)
		return err
	})
	return page, err
}

// open leaves the programs that are named and not archived.
func open(programs []program.Program, ids []uuid.UUID) []program.Program {
	var found []program.Program
	for _, p := range among(programs, ids) {
		if p.Status == program.Active {
			found = append(found, p)
		}
	}
	return found
}

// alike finds the people it may be, among those whom the actor reaches and by what she
// may see of each, and records that they were shown.
func (h *Handlers) alike(r *web.Request, tx *tenancy.Tx, page *newPage) (err error) {
	page.Visitor = r.Visitor
	d := page.Draft.Details
	page.Today = r.Today(tx)
	page.Alike, err = h.Find.Duplicates(r.Context(), tx, r.Actor(), find.Candidate{
		First: d.FirstName, Preferred: d.PreferredName, Last: d.LastName, BirthDate: d.Born(), Phone: d.Phone,
	})
	if err != nil || len(page.Alike) == 0 {
		return err
	}
	event := audit.Event{Action: actionHint}
	for _, hit := range page.Alike {
		event.Participants = append(event.Participants, hit.ID)
		event.Confidential = event.Confidential || r.Visitor.AnyConfidential(hit.Programs)
	}
	return audit.Record(r.Context(), tx, audit.From(r), event)
}
