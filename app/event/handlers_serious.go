package event

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/civil"
	"konote/app/i18n"
	"konote/app/participant"
	"konote/app/staff"
	"konote/app/timeline"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

const flagsPerPage = 50

// Flag marks an event as one that must be reported, and has those told who are
// responsible.
func (h *Handlers) Flag(r *web.Request) (web.Response, error) {
	var page showPage
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		if page, err = happenings.loadShow(r, tx); err != nil {
			return err
		}
		e := page.Entry.Event
		if err := page.About.DeniedIn(e.Program, access.SreFlag); err != nil {
			return err
		}
		if e.InError.Is() {
			return errInError
		}
		chosen := typeChoice(r.Value("serious"), uuid.Nil, page.Categories)
		if chosen == uuid.Nil && !e.IsSerious() {
			page.Problems.Add("serious", i18n.EventSeriousWanted)
			return nil
		}
		set, err := setFlag(r.Context(), tx, e.ID, chosen, r.Actor().Staff)
		if err != nil || !set {
			return err
		}
		e.Serious, e.FlaggedAt, e.FlaggedBy = chosen, tx.Now(), r.Actor().Staff
		if err := tellResponsible(r.Context(), tx, e); err != nil {
			return err
		}
		return audit.Record(r.Context(), tx, audit.From(r), audit.Event{
			Action: actionFlag, Role: r.Actor().Roles[e.Program], Program: e.Program, Subject: e.ID,
			Participants: []uuid.UUID{e.Participant}, Confidential: page.Program.Confidential, After: map[string]uuid.UUID{"event_serious": chosen},
		})
	})
	if err != nil {
		return web.Response{}, err
	}
	if page.Problems.Any() {
		return r.Again(i18n.EventShowTitle, page.Problems, showView(r.Frame(), page)), nil
	}
	return web.Redirect(happenings.address(page.Entry.ID)).Say(i18n.EventSeriousFlagged), nil
}

// flagsPage is the administrators' list of flagged events.
type flagsPage struct {
	Flags []flag
	Names map[uuid.UUID]string
	Next  uuid.UUID
}

// Flags lists the flagged events of the agency for administrators, who meet no
// participants: reference, day, category, program and who flagged.
func (h *Handlers) Flags(r *web.Request) (web.Response, error) {
	var page flagsPage
	after, _ := uuid.Parse(r.Query.Get("after")) // anything else is the beginning
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		page = flagsPage{}
		if page.Flags, err = flags(r.Context(), tx, after, flagsPerPage+1); err != nil {
			return err
		}
		if len(page.Flags) > flagsPerPage {
			page.Flags = page.Flags[:flagsPerPage]
			page.Next = page.Flags[flagsPerPage-1].ID
		}
		if page.Names, err = staff.Names(r.Context(), tx, flaggers(page.Flags)); err != nil {
			return err
		}
		return audit.Record(r.Context(), tx, audit.From(r), audit.Event{Action: actionFlags,
			Confidential: slices.ContainsFunc(page.Flags, func(f flag) bool { return f.Confidential })})
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.WidePage(i18n.EventFlagsTitle, flagsView(r.Frame(), page)), nil
}

func flaggers(list []flag) []uuid.UUID {
	var ids []uuid.UUID
	for _, f := range list {
		ids = append(ids, f.FlaggedBy)
	}
	return ids
}

// flagPage is where an administrator takes a flag back.
type flagPage struct {
	Flag     flag
	By       string
	Reason   string
	Keep     view.Draft
	Problems view.Problems
}

// UnflagForm asks an administrator why.
func (h *Handlers) UnflagForm(r *web.Request) (web.Response, error) {
	var page flagPage
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		if page, err = loadFlag(r, tx); err != nil {
			return err
		}
		if page.Keep.Begun() {
			page.Reason = r.Value("reason")
		}
		return audit.Record(r.Context(), tx, audit.From(r), audit.Event{
			Action: actionFlags, Program: page.Flag.Program, Subject: page.Flag.ID, Confidential: page.Flag.Confidential})
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.EventUnflagTitle, unflagView(r.Frame(), page)), nil
}

// Unflag takes a flag back.
func (h *Handlers) Unflag(r *web.Request) (web.Response, error) {
	var page flagPage
	var problems view.Problems
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		if page, err = loadFlag(r, tx); err != nil {
			return err
		}
		page.Reason, problems = strings.TrimSpace(r.Value("reason")), nil
		if page.Reason == "" {
			problems.Add("reason", i18n.EventUnflagWanted)
		} else if utf8.RuneCountInString(page.Reason) > maxReason {
			problems.Add("reason", i18n.FormTooLong(maxReason))
		}
		if r.SwitchLanguage || problems.Any() {
			return nil
		}
		UnflagForm.Done(r, tx, page.Flag.ID)
		taken, err := takeFlag(r.Context(), tx, page.Flag.ID, r.Actor().Staff, page.Reason)
		if err != nil || !taken {
			return err
		}
		return audit.Record(r.Context(), tx, audit.From(r), audit.Event{
			Action: actionUnflag, Program: page.Flag.Program, Subject: page.Flag.ID, Participants: []uuid.UUID{page.Flag.Participant},
			Confidential: page.Flag.Confidential, After: map[string]string{"event_unflag_reason": page.Reason},
		})
	})
	if err != nil {
		return web.Response{}, err
	}
	if r.SwitchLanguage || problems.Any() {
		page.Problems = r.Shown(problems)
		return r.Again(i18n.EventUnflagTitle, problems, unflagView(r.Frame(), page)), nil
	}
	return web.Redirect(view.To("serious-events", "flags")).Say(i18n.EventUnflagDone), nil
}

func loadFlag(r *web.Request, tx *tenancy.Tx) (page flagPage, err error) {
	id, err := r.ID("event")
	if err != nil {
		return page, err
	}
	if page.Flag, err = flagByID(r.Context(), tx, id); err != nil {
		return page, err
	}
	names, err := staff.Names(r.Context(), tx, []uuid.UUID{page.Flag.FlaggedBy})
	if err != nil {
		return page, err
	}
	page.By = names[page.Flag.FlaggedBy]
	page.Keep, err = UnflagForm.Open(r, tx, id)
	return page, err
}

// reportPage is the report of serious events: numbers for all who may see it, and the
// events of those programs whose events the actor reads.
type reportPage struct {
	Filter     filter
	Categories []Type
	Counts     []count
	Total      int
	Reads      bool // the actor reads events somewhere
	Rows       []reportRow
	Next       timeline.Place
}

type reportRow struct {
	flag
	About participant.Named
}

// Report is the report of serious events by day, category and severity.
func (h *Handlers) Report(r *web.Request) (web.Response, error) {
	var page reportPage
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		page = reportPage{Filter: decodeFilter(r, civil.Of(tx.Now().In(r.P.Zone())))}
		return page.load(r, tx)
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.WidePage(i18n.EventReportTitle, reportView(r.Frame(), page)), nil
}

func (page *reportPage) load(r *web.Request, tx *tenancy.Tx) error {
	counted := r.Actor().Programs(access.SreViewReport)
	read := slices.DeleteFunc(slices.Clone(counted), func(id uuid.UUID) bool { return !r.Actor().MayIn(id, access.EventView) })
	page.Reads = len(read) > 0
	var rows []flag
	var types []Type
	b := tx.Batch()
	queueReport(b, page.Filter, counted, read, r.Actor().Withheld(access.SreViewReport), placeOf(r), flagsPerPage+1, &page.Counts, &rows)
	queueTypes(b, &types)
	if err := b.Send(r.Context()); err != nil {
		return err
	}
	page.Categories = slices.DeleteFunc(types, func(t Type) bool { return t.Severity == 0 })
	for _, c := range page.Counts {
		page.Total += c.N
	}
	if len(rows) > flagsPerPage {
		rows = rows[:flagsPerPage]
		page.Next = timeline.Place{Day: rows[flagsPerPage-1].HappenedOn, ID: rows[flagsPerPage-1].ID}
	}
	ids := make([]uuid.UUID, len(rows))
	for i, f := range rows {
		ids[i] = f.Participant
	}
	names, err := participant.Names(r.Context(), tx, r.Actor(), ids)
	if err != nil {
		return err
	}
	seen := audit.Event{Action: actionReport}
	for _, f := range rows {
		if about, reached := names[f.Participant]; reached {
			page.Rows = append(page.Rows, reportRow{f, about})
			seen.Participants, seen.Confidential = append(seen.Participants, about.ID), seen.Confidential || f.Confidential
		}
	}
	return audit.Record(r.Context(), tx, audit.From(r), seen)
}

// decodeFilter reads what the report is limited to: a year back from today when nothing is
// said. A broken value is as good as none.
func decodeFilter(r *web.Request, today civil.Date) filter {
	f := filter{From: today.AddDays(-364), To: today}
	if from, err := civil.Parse(r.Query.Get("from")); err == nil {
		f.From = from
	}
	if to, err := civil.Parse(r.Query.Get("to")); err == nil {
		f.To = to
	}
	f.Category, _ = uuid.Parse(r.Query.Get("category"))
	if severity, err := strconv.Atoi(r.Query.Get("severity")); err == nil && severity >= 1 && severity <= 3 {
		f.Severity = severity
	}
	return f
}

// placeOf reads where a page of a list begins; anything else is the beginning.
func placeOf(r *web.Request) timeline.Place {
	day, err := civil.Parse(r.Query.Get("before"))
	id, err2 := uuid.Parse(r.Query.Get("event"))
	if err != nil || err2 != nil {
		return timeline.Place{}
	}
	return timeline.Place{Day: day, ID: id}
}
