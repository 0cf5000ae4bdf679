package grant

import (
	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/staff"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// everything is the choice of the list that shows reviewed grants too.
const everything = "all"

// listPage is what those who look back see.
type listPage struct {
	around
	Grants []Grant
	All    bool
	Next   view.URL
	Asked  bool // the agency asks for reasons
}

// List shows what others took, first what waits for a review.
func (h *Handlers) List(r *web.Request) (web.Response, error) {
	if !mayLookBack(r.Actor()) {
		return web.Response{}, fault.New(fault.Denied, i18n.FaultDeniedText)
	}
	p := listPage{All: r.Query.Get("show") == everything, Asked: r.Actor().Policy.Tier == access.Safeguarded}
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		sql, args := sqlWaiting, append(scope(r.Actor()), r.Query.Get("from") != "ordinary", after(r), pageLength+1)
		if p.All {
			sql, args = sqlAll, append(scope(r.Actor()), after(r), pageLength+1)
		}
		if p.Grants, err = list(r.Context(), tx, sql, args...); err != nil {
			return err
		}
		var next uuid.UUID
		if p.Grants, next = cut(p.Grants); next != uuid.Nil {
			p.Next = p.next(next)
		}
		if err := p.load(r.Context(), tx, r.Actor(), p.Grants...); err != nil {
			return err
		}
		return audit.Record(r.Context(), tx, audit.From(r), p.seen(actionList))
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.GrantListTitle, listView(r.Frame(), p)), nil
}

func listAddress() view.URL { return view.To("settings", "grants") }

// next is the page that begins after a grant: emergencies come first while they wait.
func (p listPage) next(id uuid.UUID) view.URL {
	switch {
	case p.All:
		return listAddress().With("show", everything).With("after", id.String())
	case p.Grants[len(p.Grants)-1].Emergency:
		return listAddress().With("after", id.String())
	}
	return listAddress().With("from", "ordinary").With("after", id.String())
}

func (p listPage) tabs(f *view.Frame) []view.Tab {
	return []view.Tab{
		{Label: f.T(i18n.GrantListWaiting), Href: listAddress(), Current: !p.All},
		{Label: f.T(i18n.GrantListAll), Href: listAddress().With("show", everything), Current: p.All},
	}
}

// showPage is one grant for those who look back.
type showPage struct {
	around
	Grant
	Own      bool // the reader's
	Reviewer string
	Form     review
	Late     bool // somebody was faster
	Keep     view.Draft
	Problems view.Problems
}

func (p showPage) address(below ...string) view.URL {
	return view.To(append([]string{"settings", "grants", p.ID.String()}, below...)...)
}

// open loads the grant that a route names for those who may look back at it, locks it and
// runs f in the same transaction.
func open(r *web.Request, f func(*tenancy.Tx, *showPage) error) (p showPage, err error) {
	if !mayLookBack(r.Actor()) {
		return p, fault.New(fault.Denied, i18n.FaultDeniedText)
	}
	id, err := r.ID("grant")
	if err != nil {
		return p, err
	}
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		p = showPage{}
		if p.Grant, err = toReview(r, tx, id); err != nil {
			return err
		}
		p.Own = p.Staff == r.Actor().Staff
		if p.Keep, err = ReviewForm.Open(r, tx, id); err != nil {
			return err
		}
		if err := p.load(r.Context(), tx, r.Actor(), p.Grant); err != nil {
			return err
		}
		if p.ReviewedBy != uuid.Nil {
			names, err := staff.Names(r.Context(), tx, []uuid.UUID{p.ReviewedBy})
			if err != nil {
				return err
			}
			p.Reviewer = names[p.ReviewedBy]
		}
		return f(tx, &p)
	})
	return p, err
}

// toReview locks a grant and loads it for those who may look back at it.
func toReview(r *web.Request, tx *tenancy.Tx, id uuid.UUID) (Grant, error) {
	if !mayLookBack(r.Actor()) {
		return Grant{}, fault.New(fault.Denied, i18n.FaultDeniedText)
	}
	if _, err := load(r.Context(), tx, sqlLock, id); err != nil {
		return Grant{}, err
	}
	g, err := load(r.Context(), tx, sqlOne, append(scope(r.Actor()), id)...)
	if fault.KindOf(err) == fault.NotFound {
		err = fault.Refused() // of programs that are not hers
	}
	return g, err
}

func (p showPage) looked(r *web.Request, tx *tenancy.Tx) error {
	return audit.Record(r.Context(), tx, audit.From(r), p.event(r, actionView))
}

// Show is one grant with its reason.
func (h *Handlers) Show(r *web.Request) (web.Response, error) {
	p, err := open(r, func(tx *tenancy.Tx, p *showPage) error {
		if p.Keep.Begun() {
			p.Form = review{Finding: Finding(r.Value("finding")), Remark: r.Value("remark")}
		}
		return p.looked(r, tx)
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.GrantShowTitle, showView(r.Frame(), p)), nil
}

// Review saves what somebody found of another person's grant.
func (h *Handlers) Review(r *web.Request) (web.Response, error) {
	p, err := open(r, func(tx *tenancy.Tx, p *showPage) error {
		if p.Own {
			return fault.New(fault.Denied, i18n.GrantReviewOwn)
		}
		p.Form = review{Finding: Finding(r.Value("finding")), Remark: r.Value("remark")}
		p.Problems = p.Form.check()
		if r.SwitchLanguage || p.Problems.Any() {
			return p.looked(r, tx)
		}
		if !p.ReviewedAt.IsZero() {
			same := p.ReviewedBy == r.Actor().Staff && p.Finding == p.Form.Finding && p.Remark == p.Form.Remark
			if p.Late = !same; p.Late {
				return p.looked(r, tx)
			}
			return nil // the same form, sent twice
		}
		ReviewForm.Done(r, tx, p.ID)
		if _, err := saveReview(r.Context(), tx, p.ID, r.Actor().Staff, p.Form); err != nil {
			return err
		}
		event := p.event(r, actionReview)
		event.Before = p.Grant
		after := p.Grant
		after.ReviewedAt, after.Finding = tx.Now(), p.Form.Finding
		event.After = after
		return audit.Record(r.Context(), tx, audit.From(r), event)
	})
	if err != nil {
		return web.Response{}, err
	}
	switch problems := p.Problems; {
	case r.SwitchLanguage || problems.Any():
		p.Problems = r.Shown(problems)
		return r.Again(i18n.GrantShowTitle, problems, showView(r.Frame(), p)), nil
	case p.Late:
		return web.Page(i18n.GrantShowTitle, showView(r.Frame(), p)).Conflict(), nil
	}
	return web.Redirect(listAddress()).Say(i18n.GrantReviewed), nil
}

// Revoke ends somebody's grant.
func (h *Handlers) Revoke(r *web.Request) (web.Response, error) {
	p, err := open(r, func(tx *tenancy.Tx, p *showPage) error { return end(r, tx, p.Grant) })
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(p.address()).Say(i18n.GrantRevoked), nil
}
