package grant

import (
	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// reasonsPage is the agency's list of reasons, with the form of a new one.
type reasonsPage struct {
	Reasons  []Reason
	Form     Reason
	Asked    bool // the agency asks for reasons
	Problems view.Problems
}

func (p reasonsPage) of(archived bool) (found []Reason) {
	for _, r := range p.Reasons {
		if r.Archived == archived {
			found = append(found, r)
		}
	}
	return found
}

func reasonsAddress() view.URL { return view.To("settings", "grant-reasons") }

// loadReasons loads the list and runs f in the same transaction.
func loadReasons(r *web.Request, f func(*tenancy.Tx, *reasonsPage) error) (p reasonsPage, err error) {
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		p = reasonsPage{Form: Reason{ID: tenancy.NewID()}, Asked: r.Actor().Policy.Tier == access.Safeguarded}
		if p.Reasons, err = Reasons(r.Context(), tx); err != nil {
			return err
		}
		return f(tx, &p)
	})
	return p, err
}

// Reasons lists what people choose from.
func (h *Handlers) Reasons(r *web.Request) (web.Response, error) {
	p, err := loadReasons(r, func(*tenancy.Tx, *reasonsPage) error { return nil })
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.GrantReasonTitle, reasonsView(r.Frame(), p)), nil
}

// AddReason adds one.
func (h *Handlers) AddReason(r *web.Request) (web.Response, error) {
	p, err := loadReasons(r, func(tx *tenancy.Tx, p *reasonsPage) error {
		if id, err := uuid.Parse(r.Value("id")); err == nil && id.Version() == 7 {
			p.Form.ID = id
		}
		p.Form.EN, p.Form.FR = r.Value("text_en"), r.Value("text_fr")
		if p.Problems = p.Form.check(); r.SwitchLanguage || p.Problems.Any() {
			return nil
		}
		added, err := insertReason(r.Context(), tx, p.Form)
		if err != nil || !added {
			return err
		}
		return audit.Record(r.Context(), tx, audit.From(r), audit.Event{Action: actionReasonCreate, Subject: p.Form.ID, After: p.Form})
	})
	if err != nil {
		return web.Response{}, err
	}
	if problems := p.Problems; r.SwitchLanguage || problems.Any() {
		p.Problems = r.Shown(problems)
		return r.Again(i18n.GrantReasonTitle, problems, reasonsView(r.Frame(), p)), nil
	}
	return web.Redirect(reasonsAddress()).Say(i18n.GrantReasonSaved), nil
}

// TurnReason archives a reason, or takes it back into use.
func (h *Handlers) TurnReason(archive bool) web.Handler {
	return func(r *web.Request) (web.Response, error) {
		id, err := r.ID("reason")
		if err != nil {
			return web.Response{}, err
		}
		err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
			before, err := turnReason(r.Context(), tx, id, archive)
			if err != nil || before.Archived == archive {
				return err
			}
			after := before
			after.Archived = archive
			return audit.Record(r.Context(), tx, audit.From(r), audit.Event{Action: actionReasonUpdate, Subject: id, Before: before, After: after})
		})
		switch {
		case fault.KindOf(err) == fault.Invalid:
			return web.Redirect(reasonsAddress()).Say(i18n.GrantReasonLast), nil
		case err != nil:
			return web.Response{}, err
		}
		return web.Redirect(reasonsAddress()).Say(i18n.GrantReasonSaved), nil
	}
}
