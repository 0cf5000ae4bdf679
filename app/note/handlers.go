package note

import (
	"slices"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/civil"
	"konote/app/draft"
	"konote/app/i18n"
	"konote/app/metric"
	"konote/app/participant"
	"konote/app/plan"
	"konote/app/program"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// The acts that are recorded.
const (
	actionCreate   audit.Action = "note.create"
	actionView     audit.Action = "note.view"
	actionCancel   audit.Action = "note.cancel"
	actionAddendum audit.Action = "note.addendum"

	actionFollowUpDone audit.Action = "note.follow_up_done"
	actionFollowUpMove audit.Action = "note.follow_up_move"
)

// Form is kept while it is typed in: it is the one that takes longest.
var Form = draft.Form{
	Name: "note.new", Title: i18n.NoteNewTitle,
	Page:  func(record, _ uuid.UUID) view.URL { return view.To("participants", record.String(), "notes", "new") },
	About: participant.DraftAbout(access.NoteCreate),
	Fields: []draft.Field{{Name: "text", Label: i18n.NoteText}, {Name: "below-*", Label: i18n.NoteText}, {Name: "takeaway", Label: i18n.NoteTakeaway},
		{Name: "summary", Label: i18n.NoteSummary}, {Name: "suggestion", Label: i18n.NoteSuggestion}},
	More: begunAbout,
}

// Handlers answer the routes of notes.
type Handlers struct{}

// New is the empty form of a note.
func (h *Handlers) New(r *web.Request) (web.Response, error) {
	page, err := loadForm(r, func(tx *tenancy.Tx, page *formPage) error {
		if page.Keep.Begun() {
			page.read(r.P, r.Form, r.Actor(), tx.Now())
			return nil
		}
		page.read(r.P, page.blank(), r.Actor(), tx.Now())
		if text := r.Query.Get("template"); text != "" {
			page.change(r.P, text)
		}
		return nil
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.NoteNewTitle, form(r.Frame(), page)), nil
}

// Create saves a note. The button of a template shows the form again below its headings.
func (h *Handlers) Create(r *web.Request) (web.Response, error) {
	headings, rehead := r.Form["use_template"]
	page, err := loadForm(r, func(tx *tenancy.Tx, page *formPage) error {
		page.read(r.P, r.Form, r.Actor(), tx.Now())
		if rehead {
			page.change(r.P, headings[0])
			return nil
		}
		page.Problems = page.check(r.P, r.Form)
		if r.SwitchLanguage || page.Problems.Any() {
			return nil
		}
		return save(r, tx, page)
	})
	switch problems := page.Problems; {
	case err != nil:
		return web.Response{}, err
	case r.SwitchLanguage || rehead || problems.Any():
		page.Problems = r.Shown(problems)
		return r.Again(i18n.NoteNewTitle, problems, form(r.Frame(), page)), nil
	}
	return web.Redirect(view.To("participants", page.About.ID.String())).Say(i18n.NoteSaved), nil
}

// save writes the note and all that follows from it.
func save(r *web.Request, tx *tenancy.Tx, page *formPage) error {
	n := page.Typed.Note
	Form.Done(r, tx, n.Participant)
	added, err := insert(r.Context(), tx, &n)
	if err != nil || !added {
		return err
	}
	if err := plan.Recompute(r.Context(), tx, n.Participant, page.affected()); err != nil {
		return err
	}
	return recordNew(r, tx, n, page.entries(), page.Programs)
}

// recordNew keeps which values of a new note were confirmed or corrected, and records the
// note itself.
func recordNew(r *web.Request, tx *tenancy.Tx, n Note, entries []metric.Entry, programs []program.Program) error {
	if err := metric.Keep(r.Context(), tx, entries, n.Author); err != nil {
		return err
	}
	return audit.Record(r.Context(), tx, audit.From(r), audit.Event{
		Action: actionCreate, Role: n.AuthorRole, Program: n.Program, Subject: n.ID,
		Participants: []uuid.UUID{n.Participant}, Confidential: confidential(programs, n.Program), After: n,
	})
}

func confidential(programs []program.Program, id uuid.UUID) bool {
	return slices.ContainsFunc(programs, func(p program.Program) bool { return p.ID == id && p.Confidential })
}

// SameDay says, while the form is filled in, whether the day has a note already.
func (h *Handlers) SameDay(r *web.Request) (web.Response, error) {
	id, err := r.ID("participant")
	if err != nil {
		return web.Response{}, err
	}
	var count int
	err = r.Agency.View(r.Context(), func(tx *tenancy.Tx) error {
		if _, err := participant.Reach(r.Context(), tx, r.Actor(), id, access.NoteCreate); err != nil {
			return err
		}
		day, err := civil.Parse(r.Value("happened_on"))
		if err != nil {
			return nil // still being typed
		}
		count, err = onDay(r.Context(), tx, r.Actor(), id, day)
		return err
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Fragment(sameDay(r.Frame(), count)), nil
}
