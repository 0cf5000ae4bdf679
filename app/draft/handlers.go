package draft

import (
	"github.com/google/uuid"

	"konote/app/audit"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// The acts that are recorded.
const (
	actionBegin   audit.Action = "draft.begin"
	actionRead    audit.Action = "draft.read"
	actionDiscard audit.Action = "draft.discard"
)

// most is how many drafts one person may have, each window's counted.
const most = 200

// Handlers answer the routes of drafts.
type Handlers struct{ Forms Forms }

// An answer tells the script how its save went.
type answer struct {
	Saved string           `json:"saved,omitempty"` // when, in words
	Over  string           `json:"over,omitempty"`  // this window may save no more: go on as the one named here
	Other *view.DraftOther `json:"other,omitempty"` // what another window has kept meanwhile
	// Token is a fresh one for the forms of the page. The page's own was good, so it is the
	// same person's: a form that is open for long can be sent in the end.
	Token string `json:"token"`
}

// Save keeps what the script sends while somebody types.
func (h *Handlers) Save(r *web.Request) (web.Response, error) {
	var a answer
	err := h.in(r, func(tx *tenancy.Tx, form Form, record uuid.UUID) error {
		own := at(r.Form)
		if own.window == uuid.Nil || own.sequence < 1 {
			return fault.New(fault.Invalid, i18n.WebUnreadableText)
		}
		saved, all, err := form.keep(r, tx, record, own, from(r.Form))
		if err != nil {
			return err
		}
		a = answer{Token: r.Frame().CSRF}
		if saved == nil {
			a.Over = tenancy.NewID().String()
			return nil
		}
		a.Saved = r.P.Clock(saved.savedAt)
		a.Other = shownOther(all, own.window, from(r.Form), saved, r.P, tx.Now())
		return nil
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.JSON(a)
}

// Keep is Save for the button that readers without scripts have. A form that was sent
// before, and came back by the browser's own button, is kept beside what it was.
func (h *Handlers) Keep(r *web.Request) (web.Response, error) {
	var to view.URL
	err := h.in(r, func(tx *tenancy.Tx, form Form, record uuid.UUID) error {
		own, began := at(r.Form), from(r.Form)
		if own.window == uuid.Nil {
			own.window = tenancy.NewID()
		}
		own.sequence++
		saved, _, err := form.keep(r, tx, record, own, began)
		if err == nil && saved == nil {
			saved, _, err = form.keep(r, tx, record, stamp{tenancy.NewID(), 1}, stamp{})
		}
		if err != nil {
			return err
		}
		to = form.Page(record, saved.about.Participant)
		return nil
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(to).Say(i18n.DraftSaved), nil
}

// keep saves one version, and says nil when the window may save it no more. It returns
// what was known before, too.
func (f Form) keep(r *web.Request, tx *tenancy.Tx, record uuid.UUID, own, began stamp) (*version, history, error) {
	k := key{r.Actor().Staff, f.Name, record}
	all, err := load(r.Context(), tx, k)
	if err != nil || !all.takes(own) {
		return nil, all, err
	}
	v := version{stamp: own, values: words(r.Form), begunAt: tx.Now(), savedAt: tx.Now()}
	if before := all.of(own.window); before != nil {
		v.about, v.begunAt = before.about, before.begunAt
		if before.window != own.window {
			err = room(r, tx)
		}
	} else {
		v.about, err = f.begin(r, tx, record)
	}
	if err != nil {
		return nil, all, err
	}
	return &v, all, write(tx, k, v, began)
}

// begin asks whether the form may be filled in, and records that it was begun. One that
// stands open while its record becomes read-only keeps what is typed in it, too.
func (f Form) begin(r *web.Request, tx *tenancy.Tx, record uuid.UUID) (About, error) {
	about, _, err := f.reads(r, tx, record)
	if err != nil {
		return About{}, err
	}
	if err := room(r, tx); err != nil {
		return About{}, err
	}
	return about, f.record(r, tx, actionBegin, record, about)
}

// record puts an act into the audit log: which form and about whom, and no words.
func (f Form) record(r *web.Request, tx *tenancy.Tx, action audit.Action, record uuid.UUID, about About) error {
	event := audit.Event{Action: action, Subject: record, Program: about.Program, Role: r.Actor().Roles[about.Program],
		Confidential: about.Confidential, After: map[string]string{"form": f.Name}}
	if about.Participant != uuid.Nil {
		event.Participants = []uuid.UUID{about.Participant}
	}
	return audit.Record(r.Context(), tx, audit.From(r), event)
}

// room refuses one more when there are too many.
func room(r *web.Request, tx *tenancy.Tx) error {
	n, err := count(r.Context(), tx, r.Actor().Staff)
	if err == nil && n >= most {
		err = fault.New(fault.Invalid, i18n.DraftFull)
	}
	return err
}

// Discard takes a draft away: what the page that asks has kept and began with, the one
// version that it names, or, from a list, all of the form. It needs no access to the
// record: the words are the person's own.
func (h *Handlers) Discard(r *web.Request) (web.Response, error) {
	name := r.Params["form"]
	record, err := r.ID("record")
	if err != nil {
		return web.Response{}, err
	}
	form, known := h.Forms.Of(name)
	form.Name = name // one that is gone can still be discarded
	to := view.To()
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		k := key{r.Actor().Staff, name, record}
		all, err := load(r.Context(), tx, k)
		if err != nil {
			return err
		}
		var about About
		if len(all.open) > 0 {
			about = all.open[0].about
		}
		if known {
			to = r.Back(form.Page(record, about.Participant))
		}
		if err := end(r, tx, k, known); err != nil || len(all.open) == 0 {
			return err
		}
		return form.record(r, tx, actionDiscard, record, about)
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(to).Say(i18n.DraftDiscarded), nil
}

// end ends what a request to discard names. Only a form that there is has windows.
func end(r *web.Request, tx *tenancy.Tx, k key, known bool) error {
	one := r.Value(view.DraftDropField)
	window := parseID(one)
	if one != "" && window == uuid.Nil {
		return fault.New(fault.Invalid, i18n.WebUnreadableText)
	}
	if own := at(r.Form); known && own.window != uuid.Nil && one == "" {
		finish(tx, k, own, from(r.Form))
		return nil
	}
	return drop(r.Context(), tx, k, window)
}

// in finds the form and the record that a route names, and runs f in a transaction.
func (h *Handlers) in(r *web.Request, f func(*tenancy.Tx, Form, uuid.UUID) error) error {
	record, err := r.ID("record")
	if err != nil {
		return err
	}
	form, known := h.Forms.Of(r.Params["form"])
	if !known {
		return fault.Missing()
	}
	return r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error { return f(tx, form, record) })
}
