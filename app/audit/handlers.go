package audit

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

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
)

const pageSize = 50

// Handlers answer the routes of the audit log, for administrators.
type Handlers struct {
	Ledger *Ledger
	// Names are the display names of members of staff, deactivated ones too.
	Names func(ctx context.Context, tx *tenancy.Tx, ids []uuid.UUID) (map[uuid.UUID]string, error)
}

// List shows a page of entries, the newest first.
func (h *Handlers) List(r *web.Request) (web.Response, error) {
	f, q, problems := decode(r)
	if problems.Any() {
		q = question{Agency: q.Agency}
	}
	entries, err := h.Ledger.list(r.Context(), q, pageSize+1)
	if err != nil {
		return web.Response{}, unavailable(err)
	}
	actors, actions, err := h.Ledger.choices(r.Context(), r.Agency.ID)
	if err != nil {
		return web.Response{}, unavailable(err)
	}

	page := listPage{Filter: f, Actors: actors, Actions: actions, Problems: problems}
	if page.Entries = entries; len(entries) > pageSize {
		page.Entries = entries[:pageSize]
		last := page.Entries[pageSize-1]
		page.Next = f.on(view.To("audit")).With("before", place{At: last.At, Seq: last.Seq}.String())
	}
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		if page.Words, err = h.words(r, tx, page.Entries, actors); err != nil {
			return err
		}
		return Record(r.Context(), tx, From(r), Event{Action: actionView, After: f})
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

// Show is one entry with what is sealed in it.
func (h *Handlers) Show(r *web.Request) (web.Response, error) {
	seq, err := strconv.ParseInt(r.Params["seq"], 10, 64)
	if err != nil {
		return web.Response{}, fault.Missing()
	}
	entry, err := h.Ledger.one(r.Context(), r.Agency.ID, seq)
	if errors.Is(err, pgx.ErrNoRows) {
		return web.Response{}, fault.Missing()
	}
	if err != nil {
		return web.Response{}, unavailable(err)
	}

	page := showPage{Entry: entry}
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		if page.Words, err = h.words(r, tx, []found{entry}, nil); err != nil {
			return err
		}
		d, err := entry.open(tx.Box())
		if err != nil {
			return fmt.Errorf("open the detail of an audit entry: %w", err)
		}
		page.IP, page.Changes = d.IP, d.changes(entry.valuesShown())
		return Record(r.Context(), tx, From(r), Event{Action: actionEntry, Subject: entry.ID})
	})
	if err != nil {
		return web.Response{}, err
	}

	return web.Page(i18n.AuditEntryTitle, show(r.Frame(), page)), nil
}

// Export downloads what the filter finds as a table. Nothing that is sealed is in it.
func (h *Handlers) Export(r *web.Request) (web.Response, error) {
	f, q, problems := decode(r)
	if problems.Any() {
		return web.Response{}, fault.New(fault.Invalid, problems[0].Text)
	}
	actors, _, err := h.Ledger.choices(r.Context(), r.Agency.ID)
	if err != nil {
		return web.Response{}, unavailable(err)
	}

	var known words
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		if known, err = h.words(r, tx, nil, actors); err != nil {
			return err
		}
		return Record(r.Context(), tx, From(r), Event{Action: actionExport, After: f})
	})
	if err != nil {
		return web.Response{}, err
	}

	return web.Download("audit-log.csv", "text/csv; charset=utf-8", func(w io.Writer) error {
		out := bufio.NewWriterSize(w, 1<<15)
		if err := writeTable(out, known, h.Ledger.all(r.Context(), q)); err != nil {
			return err
		}
		return out.Flush()
	}), nil
}

// words loads the names that entries are told with.
func (h *Handlers) words(r *web.Request, tx *tenancy.Tx, entries []found, actors []uuid.UUID) (words, error) {
	ids := append([]uuid.UUID{}, actors...)
	for _, e := range entries {
		ids = append(ids, e.Staff)
		if e.aboutStaff() {
			ids = append(ids, e.Subject)
		}
	}
	w := words{printer: r.P, programs: map[uuid.UUID]string{}}
	var err error
	if w.staff, err = h.Names(r.Context(), tx, ids); err != nil {
		return w, err
	}
	rows, err := tx.Query(r.Context(), sqlProgramNames)
	if err != nil {
		return w, fmt.Errorf("load the names of programs: %w", err)
	}
	var id uuid.UUID
	var english, french string
	_, err = pgx.ForEachRow(rows, []any{&id, &english, &french}, func() error {
		w.programs[id] = english
		if r.P.French() {
			w.programs[id] = french
		}
		return nil
	})
	if err != nil {
		return w, fmt.Errorf("load the names of programs: %w", err)
	}
	return w, nil
}

// unavailable tells the person that the log cannot be read now; acts go on.
func unavailable(err error) error {
	return fault.Wrap(err, fault.Unavailable, i18n.AuditUnavailable)
}
