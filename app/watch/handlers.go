package watch

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/civil"
	"konote/app/draft"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/participant"
	"konote/app/program"
	"konote/app/staff"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// The acts that are recorded.
const (
	actionList audit.Action = "watch.list"
	actionView audit.Action = "watch.view"
	actionMark audit.Action = "watch.mark"
)

const (
	pageSize  = 25
	maxRemark = 2000
)

// listPage are the findings that the person may see.
type listPage struct {
	Findings []Finding
	Looked   bool // those that somebody has looked at
	Next     view.URL
	ReadAt   time.Time // when the last day was read; zero: never
	ReadDay  civil.Date
	tellings
}

// tellings are the names that findings are told with.
type tellings struct {
	Staff    map[uuid.UUID]string
	People   map[uuid.UUID]participant.Named
	Programs []program.Program
	Admin    bool
	Me       uuid.UUID
}

// may says whether somebody looks at findings.
func may(actor access.Actor) bool { return actor.Admin || actor.May(access.AuditView) }

// List shows the findings that wait, or those that somebody has looked at.
func (h *Handlers) List(r *web.Request) (web.Response, error) {
	if !may(r.Actor()) {
		return web.Response{}, fault.New(fault.Denied, i18n.FaultDeniedText)
	}
	page := listPage{Looked: r.Query.Get("looked") == "yes"}
	sql := sqlWaiting
	if page.Looked {
		sql = sqlLooked
	}
	after := parsePlace(r.Query.Get("before"))
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		rows, err := tenancy.Rows[row](r.Context(), tx, sql, append(seen(r.Actor()), after.Day, after.ID, pageSize+1)...)
		if err != nil {
			return err
		}
		if len(rows) > pageSize {
			rows = rows[:pageSize]
			last := rows[pageSize-1]
			page.Next = page.address().With("before", last.Day.String()+"_"+last.ID.String())
		}
		if page.Findings, err = openAll(tx.Box(), rows); err != nil {
			return err
		}
		if page.ReadDay, page.ReadAt, err = newest(r.Context(), tx); err != nil {
			return err
		}
		if err := page.tell(r, tx, page.Findings); err != nil {
			return err
		}
		return audit.Record(r.Context(), tx, audit.From(r), page.event(actionList, page.Findings...))
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.WatchTitle, listView(r.Frame(), page)), nil
}

func (p listPage) address() view.URL {
	if p.Looked {
		return view.To("settings", "watch").With("looked", "yes")
	}
	return view.To("settings", "watch")
}

// parsePlace reads where a page ended; anything else is the beginning.
func parsePlace(text string) place {
	day, id, _ := strings.Cut(text, "_")
	at, err := civil.Parse(day)
	finding, err2 := uuid.Parse(id)
	if err != nil || err2 != nil {
		return first
	}
	return place{Day: at, ID: finding}
}

// tell loads the names, and leaves in the findings only the people whom the person reaches.
func (t *tellings) tell(r *web.Request, tx *tenancy.Tx, findings []Finding) (err error) {
	t.Admin, t.Me = r.Actor().Admin, r.Actor().Staff
	var people, members []uuid.UUID
	for _, f := range findings {
		people, members = append(people, f.Participants...), append(members, f.Staff, f.LookedBy)
	}
	if t.People, err = participant.Names(r.Context(), tx, r.Actor(), people); err != nil {
		return err
	}
	if t.Staff, err = staff.Names(r.Context(), tx, members); err != nil {
		return err
	}
	if t.Programs, err = program.All(r.Context(), tx); err != nil {
		return err
	}
	for i, f := range findings {
		if !t.Admin {
			findings[i].Participants = slices.DeleteFunc(f.Participants, func(id uuid.UUID) bool { _, reached := t.People[id]; return !reached })
		}
	}
	return nil
}

// event is an act on findings. Whose names were shown stands in it.
func (t tellings) event(action audit.Action, findings ...Finding) audit.Event {
	e := audit.Event{Action: action}
	for _, f := range findings {
		for _, id := range f.Participants {
			if named, reached := t.People[id]; reached && !slices.Contains(e.Participants, id) {
				e.Participants, e.Confidential = append(e.Participants, id), e.Confidential || named.Confidential
			}
		}
	}
	if len(findings) == 1 {
		e.Subject = findings[0].ID
		if len(findings[0].Programs) == 1 {
			e.Program = findings[0].Programs[0]
		}
	}
	return e
}

// showPage is one finding with the entries behind it.
type showPage struct {
	Finding Finding
	Entries []entry
	Form    form
	Keep    view.Draft
	tellings
	Problems view.Problems
}

// MarkForm is kept while it is typed in; its record is the finding. It names nobody:
// administrators meet no participants.
var MarkForm = draft.Form{
	Name: "watch.mark", Title: i18n.WatchFindingTitle,
	Page: func(record, _ uuid.UUID) view.URL { return view.To("settings", "watch", record.String()) },
	About: func(r *web.Request, tx *tenancy.Tx, record uuid.UUID) (draft.About, error) {
		if !may(r.Actor()) {
			return draft.About{}, fault.New(fault.Denied, i18n.FaultDeniedText)
		}
		found, err := one(r.Context(), tx, r.Actor(), record)
		if err == nil && found.Staff == r.Actor().Staff {
			err = fault.New(fault.Denied, i18n.WatchOwn)
		}
		return draft.About{}, err
	},
	Fields: []draft.Field{{Name: "remark", Label: i18n.WatchRemark}},
}

// An entry is one of the audit log, in words.
type entry struct {
	audit.Told
	Href view.URL
}

// form is what somebody says of a finding.
type form struct {
	Version string // of the finding when it was opened
	Verdict string
	Remark  string
}

func decode(r *web.Request) form {
	return form{r.Value("version"), r.Value("verdict"), r.Value("remark")}
}

func (f form) check() view.Problems {
	var problems view.Problems
	if v := Verdict(f.Verdict); v != Proper && v != FollowUp {
		problems.Add("verdict", i18n.WatchVerdictWanted)
	}
	if utf8.RuneCountInString(f.Remark) > maxRemark {
		problems.Add("remark", i18n.FormTooLong(maxRemark))
	}
	return problems
}

// Show is one finding.
func (h *Handlers) Show(r *web.Request) (web.Response, error) {
	page, err := h.load(r, func(tx *tenancy.Tx, page *showPage) error {
		page.Form = form{version(page.Finding), string(page.Finding.Verdict), page.Finding.Remark}
		if page.Keep.Begun() {
			page.Form = decode(r)
		}
		return audit.Record(r.Context(), tx, audit.From(r), page.event(actionView, page.Finding))
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.WatchFindingTitle, showView(r.Frame(), page)), nil
}

// Mark saves what somebody says of a finding about somebody else.
func (h *Handlers) Mark(r *web.Request) (web.Response, error) {
	saved := false
	page, err := h.load(r, func(tx *tenancy.Tx, page *showPage) error {
		if page.Finding.Staff == page.Me {
			return fault.New(fault.Denied, i18n.WatchOwn)
		}
		page.Form = decode(r)
		page.Problems = page.Form.check()
		if r.SwitchLanguage || page.Problems.Any() {
			return audit.Record(r.Context(), tx, audit.From(r), page.event(actionView, page.Finding))
		}
		marked := page.Finding
		marked.Verdict, marked.Remark = Verdict(page.Form.Verdict), page.Form.Remark
		if page.Form.Version != version(page.Finding) {
			return fault.New(fault.Conflict, i18n.WatchLate)
		}
		MarkForm.Done(r, tx, marked.ID)
		if err := mark(r.Context(), tx, marked, page.Me); err != nil {
			return err
		}
		saved = true
		e := page.event(actionMark, page.Finding)
		e.Before, e.After = judged(page.Finding), judged(marked)
		return audit.Record(r.Context(), tx, audit.From(r), e)
	})
	switch {
	case err != nil:
		return web.Response{}, err
	case saved:
		return web.Redirect(view.To("settings", "watch")).Say(i18n.WatchMarked), nil
	}
	problems := page.Problems
	page.Problems = r.Shown(problems)
	return r.Again(i18n.WatchFindingTitle, problems, showView(r.Frame(), page)), nil
}

// judged is what the audit log keeps of a judgement, sealed.
func judged(f Finding) map[string]string {
	return map[string]string{"verdict": string(f.Verdict), "remark": f.Remark}
}

// load loads a finding and the entries behind it, and does something in its transaction.
func (h *Handlers) load(r *web.Request, do func(*tenancy.Tx, *showPage) error) (page showPage, err error) {
	if !may(r.Actor()) {
		return page, fault.New(fault.Denied, i18n.FaultDeniedText)
	}
	id, err := r.ID("finding")
	if err != nil {
		return page, err
	}
	var within audit.Scope
	err = r.Agency.View(r.Context(), func(tx *tenancy.Tx) error {
		if page.Finding, err = one(r.Context(), tx, r.Actor(), id); err != nil {
			return err
		}
		within, err = audit.ScopeOf(r.Context(), tx, r.Actor())
		return err
	})
	if err != nil {
		return page, err
	}
	entries, err := h.Ledger.Events(r.Context(), r.Agency.ID, page.Finding.Events)
	if err != nil {
		return page, fault.Wrap(err, fault.Unavailable, i18n.AuditUnavailable)
	}
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		// As it stands in this transaction: somebody may have been faster.
		if page.Finding, err = one(r.Context(), tx, r.Actor(), id); err != nil {
			return err
		}
		findings := []Finding{page.Finding}
		for _, e := range entries {
			findings[0].Participants = append(findings[0].Participants, e.Participants...)
		}
		if err := page.tell(r, tx, findings); err != nil {
			return err
		}
		page.Finding.Participants = slices.DeleteFunc(page.Finding.Participants, func(id uuid.UUID) bool {
			_, reached := page.People[id]
			return !reached && !page.Admin
		})
		page.link(entries, within)
		if page.Keep, err = MarkForm.Open(r, tx, id); err != nil {
			return err
		}
		return do(tx, &page)
	})
	return page, err
}

// link keeps the entries that the person may see, with where each stands.
func (p *showPage) link(entries []audit.Told, within audit.Scope) {
	for _, e := range entries {
		reached := p.Admin || len(e.Participants) == 0 || slices.ContainsFunc(e.Participants, func(id uuid.UUID) bool {
			_, known := p.People[id]
			return known
		})
		if within.Sees(e) && reached {
			if !p.Admin {
				e.Participants = slices.DeleteFunc(slices.Clone(e.Participants), func(id uuid.UUID) bool {
					_, known := p.People[id]
					return !known
				})
			}
			p.Entries = append(p.Entries, entry{Told: e, Href: view.To("audit", e.ID.String())})
		}
	}
}
