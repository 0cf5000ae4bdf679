package mistake

import (
	"context"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/draft"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/participant"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

const maxReason = 2_000

// A Kind is a kind of records that can be marked.
type Kind struct {
	Name   string       // of its form among those that are kept, so it stays: note.cancel
	Param  string       // the record's id in a route: note
	Path   string       // where the records are: notes
	Key    access.Key   // what a role needs in the record's program
	Action audit.Action // that it was marked

	// Load reaches a record for somebody who wants to mark it. It refuses whoever may not
	// read it, or has no role with the Key in its program.
	Load func(r *web.Request, tx *tenancy.Tx, id uuid.UUID) (Found, error)
	// Save saves the mark and what follows from it; false when it was marked already.
	Save func(ctx context.Context, tx *tenancy.Tx, of Record, m Mark) (bool, error)
}

// Found is a record as the form shows it.
type Found struct {
	Record
	About        *participant.Reached
	Confidential bool            // its program is
	Line         string          // what it is, in a few words
	Said         templ.Component // what it says; nil where that is not shown
	Place        view.URL        // where it stands; zero: on a page of its own
}

// Address is the form for a record.
func (k *Kind) Address(record uuid.UUID) view.URL {
	return view.To(k.Path, record.String(), "in-error")
}

// Draft is the form, which is kept while it is typed in. Its record is the one to be marked.
func (k *Kind) Draft() draft.Form {
	return draft.Form{
		Name: k.Name, Title: i18n.MistakeTitle, Page: func(record, _ uuid.UUID) view.URL { return k.Address(record) },
		About: func(r *web.Request, tx *tenancy.Tx, record uuid.UUID) (draft.About, error) {
			found, err := k.reach(r, tx, record)
			return draft.About{Participant: found.Participant, Program: found.Program, Confidential: found.Confidential}, err
		},
		Fields: []draft.Field{{Name: "reason", Label: i18n.MistakeReason}},
	}
}

// reach loads a record for somebody who may mark it now.
func (k *Kind) reach(r *web.Request, tx *tenancy.Tx, id uuid.UUID) (Found, error) {
	found, err := k.Load(r, tx, id)
	if found.Place.IsZero() {
		found.Place = view.To(k.Path, id.String())
	}
	if err != nil || found.May(r.Actor(), k.Key, tx.Now()) {
		return found, err
	}
	if found.Guarded {
		return found, fault.New(fault.Denied, i18n.MistakeDeniedGuarded)
	}
	return found, fault.New(fault.Denied, i18n.MistakeDenied)
}

// page is the form that marks a record.
type page struct {
	Found
	kind     *Kind
	Reason   string
	Keep     view.Draft
	Problems view.Problems
}

// Ask asks what was wrong about a record.
func (k *Kind) Ask(r *web.Request) (web.Response, error) {
	p := page{kind: k}
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		id, err := r.ID(k.Param)
		if err != nil {
			return err
		}
		if p.Found, err = k.reach(r, tx, id); err != nil {
			return err
		}
		if p.Keep, err = k.Draft().Open(r, tx, id); err != nil {
			return err
		}
		if p.Keep.Begun() {
			p.Reason = r.Value("reason")
		}
		return participant.Seen(tx, r, p.About)
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.MistakeTitle, form(r.Frame(), p)), nil
}

// Mark marks a record. The same form that comes twice is one mark.
func (k *Kind) Mark(r *web.Request) (web.Response, error) {
	var p page
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		p = page{kind: k}
		id, err := r.ID(k.Param)
		if err != nil {
			return err
		}
		p.Found, err = k.reach(r, tx, id)
		if p.Found.Mark.Is() && p.Found.Mark.By == r.Actor().Staff && fault.KindOf(err) == fault.Denied {
			return nil
		}
		if err != nil {
			return err
		}
		if p.Keep, err = k.Draft().Open(r, tx, id); err != nil {
			return err
		}
		p.check(r.Value("reason"))
		if r.SwitchLanguage || p.Problems.Any() {
			return participant.Seen(tx, r, p.About)
		}
		k.Draft().Done(r, tx, id)
		return p.save(r, tx)
	})
	if err != nil {
		return web.Response{}, err
	}
	if problems := p.Problems; r.SwitchLanguage || problems.Any() {
		p.Problems = r.Shown(problems)
		return r.Again(i18n.MistakeTitle, problems, form(r.Frame(), p)), nil
	}
	return web.Redirect(p.Place).Say(i18n.MistakeDone), nil
}

func (p *page) check(reason string) {
	p.Reason = reason
	if reason == "" {
		p.Problems.Add("reason", i18n.MistakeReasonWanted)
	} else if view.TooLong(reason, maxReason) {
		p.Problems.Add("reason", i18n.FormTooLong(maxReason))
	}
}

func (p *page) save(r *web.Request, tx *tenancy.Tx) error {
	done, err := p.kind.Save(r.Context(), tx, p.Record, Mark{At: tx.Now(), By: r.Actor().Staff, Reason: p.Reason})
	if err != nil || !done {
		return err
	}
	return audit.Record(r.Context(), tx, audit.From(r), audit.Event{
		Action: p.kind.Action, Role: r.Actor().Roles[p.Program], Program: p.Program, Subject: p.ID,
		Participants: []uuid.UUID{p.Participant}, Confidential: p.Confidential, After: map[string]string{"reason": p.Reason},
	})
}
