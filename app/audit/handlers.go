package audit

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/app/access"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// Looking at the audit log is recorded too.
const (
	actionView   Action = "audit.view"
	actionEntry  Action = "audit.entry"
	actionExport Action = "audit.export"
	actionFind   Action = "participant.search"
)

const (
	pageSize    = 50
	exportChunk = 500 // entries that are in memory at once
)

// Handlers answer the routes of the audit log, for administrators and for managers of
// programs (see Scope).
type Handlers struct {
	Ledger *Ledger
	// Names are the display names of members of staff, deactivated ones too.
	Names func(ctx context.Context, tx *tenancy.Tx, ids []uuid.UUID) (map[uuid.UUID]string, error)
	// People are the names of those participants whom the actor reaches.
	People func(ctx context.Context, tx *tenancy.Tx, actor access.Actor, ids []uuid.UUID) (map[uuid.UUID]string, error)
	// Find finds participants whom the actor reaches by what was typed.
	Find func(ctx context.Context, tx *tenancy.Tx, actor access.Actor, words string) ([]Person, error)
}

// A Person is a participant whom somebody looks for in the log.
type Person struct {
	ID         uuid.UUID
	Name, More string
}

// List shows a page of entries, the newest first.
func (h *Handlers) List(r *web.Request) (web.Response, error) {
	within, err := h.scope(r)
	if err != nil {
		return web.Response{}, err
	}
	f, q, problems := decode(r, within)
	if problems.Any() {
		q = Question{Agency: q.Agency, Within: within}
	}
	if err := h.after(r, f, &q); err != nil {
		return web.Response{}, err
	}
	page := listPage{Filter: f, Problems: problems, Scope: within}
	entries, people, err := h.read(r, q, pageSize+1)
	if err != nil {
		return web.Response{}, err
	}
	if page.Entries = entries; len(entries) > pageSize {
		page.Entries = entries[:pageSize]
		page.Next = f.on(view.To("audit")).With("before", within.mark(page.Entries[pageSize-1]))
	}
	page.Actors, page.Actions = within.Team, managersActs
	if within.Everything {
		if page.Actors, page.Actions, err = h.Ledger.choices(r.Context(), r.Agency.ID); err != nil {
			return web.Response{}, unavailable(err)
		}
	}
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		if page.Words, err = h.words(r, tx, page.Entries, page.Actors); err != nil {
			return err
		}
		page.Words.people = people
		if err := h.person(r, tx, &page, q.Participant); err != nil {
			return err
		}
		if within.Everything {
			if page.Standing, err = standing(r.Context(), tx); err != nil {
				return err
			}
		}
		return Record(r.Context(), tx, From(r), shown(actionView, q, page.Entries, f))
	})
	if err != nil {
		return web.Response{}, err
	}

	response := web.WidePage(i18n.AuditTitle, list(r.Frame(), page))
	if problems.Any() {
		response = response.Invalid()
	}
	return response, nil
}

// shown is the act of reading entries. A manager sees names, so it says whose; it is in
// her program if she asked for one.
func shown(action Action, q Question, entries []Told, f filter) Event {
	e := Event{Action: action, Program: q.Program, After: f}
	if q.Within.Everything {
		e.Program = uuid.Nil
		return e
	}
	seen := map[uuid.UUID]bool{}
	for _, entry := range entries {
		e.Confidential = e.Confidential || entry.Confidential
		for _, id := range entry.Participants {
			if !seen[id] {
				seen[id], e.Participants = true, append(e.Participants, id)
			}
		}
	}
	return e
}

// person loads the name of whom the page is about. Somebody whom the reader does not reach
// has none, and nothing was found about her.
func (h *Handlers) person(r *web.Request, tx *tenancy.Tx, page *listPage, id uuid.UUID) error {
	if id == uuid.Nil {
		return nil
	}
	page.About = page.Words.people[id]
	if page.About == "" && !page.Scope.Everything {
		names, err := h.People(r.Context(), tx, r.Actor(), []uuid.UUID{id})
		page.About = names[id]
		return err
	}
	if page.About == "" {
		page.About = r.P.T(i18n.AuditAboutRecord(Reference(id)))
	}
	return nil
}

// scope is whose entries the person may see.
func (h *Handlers) scope(r *web.Request) (s Scope, err error) {
	if !r.Actor().Admin && !r.Actor().May(access.AuditView) {
		return s, fault.New(fault.Denied, i18n.FaultDeniedText)
	}
	if r.Actor().Admin {
		return Scope{Everything: true}, nil
	}
	err = r.Agency.View(r.Context(), func(tx *tenancy.Tx) error {
		s, err = ScopeOf(r.Context(), tx, r.Actor())
		return err
	})
	return s, err
}

// mark is what an address says of where a page ended. To a manager the number of an entry
// would tell how much else the agency did, so she is given the event's id.
func (s Scope) mark(e Told) string {
	if s.Everything {
		return e.Place().String()
	}
	return e.ID.String()
}

// after finds where the page before ended. What a manager's address names and she may not
// see is the beginning, like everything else that is no place.
func (h *Handlers) after(r *web.Request, f filter, q *Question) error {
	if q.Within.Everything {
		q.After = parsePlace(f.Before)
		return nil
	}
	event, err := uuid.Parse(f.Before)
	if err != nil {
		return nil
	}
	entry, err := h.Ledger.event(r.Context(), q.Agency, event)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil
	case err != nil:
		return unavailable(err)
	case q.Within.Sees(entry):
		q.After = entry.Place()
	}
	return nil
}

// read reads the newest entries that the person may see, with the names of the people whom
// they are about. It goes on until there are as many as asked for, so that what is left
// out leaves no gap.
func (h *Handlers) read(r *web.Request, q Question, count int) (page []Told, people map[uuid.UUID]string, err error) {
	people = map[uuid.UUID]string{}
	for {
		entries, err := h.Ledger.List(r.Context(), q, count)
		if err != nil {
			return nil, nil, unavailable(err)
		}
		kept := entries
		if !q.Within.Everything {
			if kept, err = h.reached(r, entries, people); err != nil {
				return nil, nil, err
			}
		}
		page = append(page, kept...)
		if len(page) >= count || len(entries) < count {
			return page[:min(len(page), count)], people, nil
		}
		q.After = entries[len(entries)-1].Place()
	}
}

// reached leaves in entries only the people whom the person reaches, adds their names, and
// leaves out entries that are about nobody else.
func (h *Handlers) reached(r *web.Request, entries []Told, people map[uuid.UUID]string) ([]Told, error) {
	var unknown []uuid.UUID
	for _, e := range entries {
		for _, id := range e.Participants {
			if _, known := people[id]; !known {
				people[id] = "" // asked for, and perhaps not reached
				unknown = append(unknown, id)
			}
		}
	}
	if len(unknown) > 0 {
		err := r.Agency.View(r.Context(), func(tx *tenancy.Tx) error {
			names, err := h.People(r.Context(), tx, r.Actor(), unknown)
			for id, name := range names {
				people[id] = name
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	kept := make([]Told, 0, len(entries))
	for _, e := range entries {
		if e = e.among(people); e.body.ID != uuid.Nil {
			kept = append(kept, e)
		}
	}
	return kept, nil
}

// among is the entry as far as it is about people who have a name in the map; zero when it
// is about others alone.
func (e Told) among(people map[uuid.UUID]string) Told {
	if len(e.Participants) == 0 {
		return e
	}
	var reached []uuid.UUID
	for _, id := range e.Participants {
		if people[id] != "" {
			reached = append(reached, id)
		}
	}
	if len(reached) == 0 {
		return Told{}
	}
	e.Participants = reached
	e.Confidential = e.Confidential && e.Program != uuid.Nil // of an attempt it would tell of a program
	return e
}

// Show is one entry with what is sealed in it. Managers name it by the id of its event.
func (h *Handlers) Show(r *web.Request) (web.Response, error) {
	within, err := h.scope(r)
	if err != nil {
		return web.Response{}, err
	}
	page := showPage{Scope: within}
	if page.Entry, err = h.entry(r, within); err != nil {
		return web.Response{}, err
	}
	people := map[uuid.UUID]string{}
	if !within.Everything {
		kept, err := h.reached(r, []Told{page.Entry}, people)
		if err != nil {
			return web.Response{}, err
		}
		if len(kept) == 0 {
			return web.Response{}, fault.Refused()
		}
		page.Entry = kept[0]
	}
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		if page.Words, err = h.words(r, tx, []Told{page.Entry}, nil); err != nil {
			return err
		}
		page.Words.people = people
		d, err := page.Entry.open(tx.Box())
		if err != nil {
			return fmt.Errorf("open the detail of an audit entry: %w", err)
		}
		page.Changes = d.changes(page.Entry.valuesShown())
		if within.Everything {
			page.IP = d.IP
		}
		seen := shown(actionEntry, Question{Within: within, Program: page.Entry.Program}, []Told{page.Entry}, filter{})
		seen.Subject, seen.After = page.Entry.ID, nil
		return Record(r.Context(), tx, From(r), seen)
	})
	if err != nil {
		return web.Response{}, err
	}

	return web.Page(i18n.AuditEntryTitle, show(r.Frame(), page)), nil
}

// entry loads the one that a route names: by its number, for administrators, or its event.
func (h *Handlers) entry(r *web.Request, within Scope) (entry Told, err error) {
	if event, broken := uuid.Parse(r.Params["seq"]); broken == nil {
		entry, err = h.Ledger.event(r.Context(), r.Agency.ID, event)
	} else {
		seq, broken := strconv.ParseInt(r.Params["seq"], 10, 64)
		if !within.Everything {
			return entry, fault.Refused()
		}
		if broken != nil {
			return entry, fault.Missing()
		}
		entry, err = h.Ledger.one(r.Context(), r.Agency.ID, seq)
	}
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return entry, fault.Missing()
	case err != nil:
		return entry, unavailable(err)
	case !within.Sees(entry):
		return entry, fault.Refused()
	}
	return entry, nil
}

// Seek finds a participant whose entries a manager wants to read. What she types is a name,
// so it is sent as a form and stands in no address.
func (h *Handlers) Seek(r *web.Request) (web.Response, error) {
	page := seekPage{Words: r.Value("q")}
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		if page.Found, err = h.Find(r.Context(), tx, r.Actor(), page.Words); err != nil {
			return err
		}
		e := Event{Action: actionFind, After: struct {
			Query string `json:"query"`
			Found int    `json:"found"`
		}{page.Words, len(page.Found)}}
		for _, p := range page.Found {
			e.Participants = append(e.Participants, p.ID)
		}
		return Record(r.Context(), tx, From(r), e)
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.AuditSeekTitle, seekView(r.Frame(), page)), nil
}

// Export downloads what the filter finds as a table. Nothing that is sealed is in it, and
// no more than a chunk of it is in memory at once.
func (h *Handlers) Export(r *web.Request) (web.Response, error) {
	within, err := h.scope(r)
	if err != nil {
		return web.Response{}, err
	}
	f, q, problems := decode(r, within)
	if problems.Any() {
		return web.Response{}, fault.New(fault.Invalid, problems[0].Text)
	}
	actors := within.Team
	if within.Everything {
		if actors, _, err = h.Ledger.choices(r.Context(), r.Agency.ID); err != nil {
			return web.Response{}, unavailable(err)
		}
	}

	var known words
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		if known, err = h.words(r, tx, nil, actors); err != nil {
			return err
		}
		return Record(r.Context(), tx, From(r), Event{Action: actionExport, Program: shown(actionExport, q, nil, f).Program, After: f})
	})
	if err != nil {
		return web.Response{}, err
	}

	entries := h.Ledger.all(r.Context(), q)
	if !within.Everything {
		entries = h.all(r, q, &known)
	}
	return web.Download("audit-log.csv", "text/csv; charset=utf-8", func(w io.Writer) error {
		out := bufio.NewWriterSize(w, 1<<15)
		if err := writeTable(out, &known, within.Everything, entries); err != nil {
			return err
		}
		return out.Flush()
	}), nil
}

// words loads the names that entries are told with.
func (h *Handlers) words(r *web.Request, tx *tenancy.Tx, entries []Told, actors []uuid.UUID) (words, error) {
	ids := append([]uuid.UUID{}, actors...)
	for _, e := range entries {
		ids = append(ids, e.Staff)
		if e.aboutStaff() {
			ids = append(ids, e.Subject)
		}
	}
	w := words{printer: r.P}
	var err error
	if w.staff, err = h.Names(r.Context(), tx, ids); err != nil {
		return w, err
	}
	if w.programs, err = named(r, tx, sqlProgramNames); err != nil {
		return w, err
	}
	w.things, err = named(r, tx, sqlThingNames)
	return w, err
}

// named reads names in the reader's language.
func named(r *web.Request, tx *tenancy.Tx, sql string) (map[uuid.UUID]string, error) {
	rows, err := tx.Query(r.Context(), sql)
	if err != nil {
		return nil, fmt.Errorf("load names for the audit log: %w", err)
	}
	names := map[uuid.UUID]string{}
	var id uuid.UUID
	var english, french string
	_, err = pgx.ForEachRow(rows, []any{&id, &english, &french}, func() error {
		names[id] = english
		if r.P.French() {
			names[id] = french
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("load names for the audit log: %w", err)
	}
	return names, nil
}

// A Standing is how the agency's chain stood when it was last read from its beginning.
type Standing struct {
	CheckedAt time.Time `db:"checked_at"`
	Entries   int64     `db:"entries"`   // unbroken up to this one
	BrokenAt  *int64    `db:"broken_at"` // the first that is wrong; nil: none
}

// standing loads it; nil when the chain was never read.
func standing(ctx context.Context, tx *tenancy.Tx) (*Standing, error) {
	found, err := tenancy.Rows[Standing](ctx, tx, sqlStanding)
	if err != nil {
		return nil, fmt.Errorf("load how the chain stands: %w", err)
	}
	if len(found) == 0 {
		return nil, nil
	}
	return &found[0], nil
}

// unavailable tells the person that the log cannot be read now; acts go on.
func unavailable(err error) error {
	return fault.Wrap(err, fault.Unavailable, i18n.AuditUnavailable)
}
