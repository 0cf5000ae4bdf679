package directive

import (
	"slices"
	"strings"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/participant"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

const (
	actionGuard    audit.Action = "guard.set"
	actionAsk      audit.Action = "guard.ask"
	actionApprove  audit.Action = "guard.approve"
	actionReject   audit.Action = "guard.reject"
	actionWithdraw audit.Action = "guard.withdraw"
)

// decision is what becomes of a request, as stored.
type decision string

const (
	approved  decision = "approved"
	rejected  decision = "rejected"
	withdrawn decision = "withdrawn" // by who asked
)

var decisions = map[decision]struct {
	said   i18n.Message
	action audit.Action
}{
	approved:  {i18n.GuardApproved, actionApprove},
	rejected:  {i18n.GuardRejected, actionReject},
	withdrawn: {i18n.GuardWithdrawn, actionWithdraw},
}

// guardPage is whether whereabouts are kept safe, and what can be done about it.
type guardPage struct {
	About    *participant.Reached
	Waiting  *Request
	AskedBy  string // name; "" where the actor may not know it, and then she does not read why
	Decides  bool   // the actor may decide on the request; that it is safe now, only if she can read why
	Mine     bool   // she asked herself
	FormID   uuid.UUID
	Reason   string
	Keep     view.Draft
	Problems view.Problems
}

// loadGuard reaches the participant, as somebody who may manage her consent, and runs f.
// Whoever changes something has her row, and a request that waits, for herself.
func loadGuard(r *web.Request, f func(*tenancy.Tx, *guardPage) error) (page guardPage, err error) {
	id, err := r.ID("participant")
	if err != nil {
		return page, err
	}
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		page = guardPage{FormID: web.FormID(r.Value("id"))}
		sql := sqlPending
		if r.Method != "GET" {
			sql = sqlHold
		}
		if page.Waiting, err = pending(r.Context(), tx, sql, id); err != nil {
			return err
		}
		if page.About, err = participant.Reach(r.Context(), tx, r.Actor(), id, access.ConsentManage); err != nil {
			return err
		}
		if r.Actor().Policy.Tier < access.RoleBased {
			return fault.New(fault.Denied, i18n.GuardTierDenied)
		}
		if page.Waiting != nil {
			page.Mine = page.Waiting.By == r.Actor().Staff
			page.Decides = !page.Mine && slices.ContainsFunc(page.About.Through, func(id uuid.UUID) bool { return r.Actor().Roles[id] == access.ProgramManager })
			names, err := authors(r.Context(), tx, r.Actor())
			if err != nil {
				return err
			}
			page.AskedBy = names[page.Waiting.By]
		}
		return f(tx, &page)
	})
	return page, err
}

// Guard shows whether her whereabouts are kept safe.
func (h *Handlers) Guard(r *web.Request) (web.Response, error) {
	page, err := loadGuard(r, func(tx *tenancy.Tx, page *guardPage) (err error) {
		if page.About.Guarded && page.Waiting == nil {
			if page.Keep, err = RemovalForm.Open(r, tx, page.About.ID); err != nil {
				return err
			}
			page.Reason = r.Value("reason")
		}
		return participant.Seen(tx, r, page.About)
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.GuardTitle, guardView(r.Frame(), page)), nil
}

// SetGuard keeps her whereabouts safe, at once.
func (h *Handlers) SetGuard(r *web.Request) (web.Response, error) {
	page, err := loadGuard(r, func(tx *tenancy.Tx, page *guardPage) error {
		if page.About.Guarded {
			return nil
		}
		if err := participant.SetGuarded(r.Context(), tx, page.About.ID, true); err != nil {
			return err
		}
		e := event(r, page.About, actionGuard, page.About.ID)
		e.After = map[string]bool{"guarded": true}
		return audit.Record(r.Context(), tx, audit.From(r), e)
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(view.To("participants", page.About.ID.String())).Say(i18n.GuardSaved), nil
}

// AskRemoval asks that they need not be any more.
func (h *Handlers) AskRemoval(r *web.Request) (web.Response, error) {
	page, err := loadGuard(r, func(tx *tenancy.Tx, page *guardPage) error {
		if !page.About.Guarded || page.Waiting != nil {
			return nil // it is done, or somebody was faster
		}
		var err error
		if page.Keep, err = RemovalForm.Open(r, tx, page.About.ID); err != nil {
			return err
		}
		page.Reason = strings.TrimSpace(r.Value("reason"))
		if problem := reasonProblem(page.Reason, i18n.GuardReasonWanted); problem != nil {
			page.Problems.Add("reason", problem)
		}
		if r.SwitchLanguage || page.Problems.Any() {
			return participant.Seen(tx, r, page.About)
		}
		q := Request{ID: page.FormID, Participant: page.About.ID, Reason: page.Reason, At: tx.Now(), By: r.Actor().Staff}
		RemovalForm.Done(r, tx, page.About.ID)
		added, err := Ask(r.Context(), tx, q)
		if err != nil || !added {
			return err
		}
		e := event(r, page.About, actionAsk, q.ID)
		e.After = q
		return audit.Record(r.Context(), tx, audit.From(r), e)
	})
	switch problems := page.Problems; {
	case err != nil:
		return web.Response{}, err
	case r.SwitchLanguage || problems.Any():
		page.Problems = r.Shown(problems)
		return r.Again(i18n.GuardTitle, problems, guardView(r.Frame(), page)), nil
	}
	return web.Redirect(guardAddress(page.About.ID)).Say(i18n.GuardAsked), nil
}

// Decide answers a request: a manager of one of her programs who did not ask it. Whoever
// cannot read why it was asked can keep her whereabouts safe, and not end it. Who asked can
// only take it back: nothing is ended by that, and somebody else may ask then.
func (h *Handlers) Decide(r *web.Request) (web.Response, error) {
	as := decision(r.Value("decision"))
	result := decisions[as]
	said := result.said
	page, err := loadGuard(r, func(tx *tenancy.Tx, page *guardPage) error {
		switch {
		case said == nil:
			return fault.New(fault.Invalid, i18n.GuardDecisionWanted)
		case page.Waiting == nil || page.Waiting.ID != page.FormID:
			said = i18n.GuardDecided
			return nil
		case as == withdrawn && !page.Mine, as != withdrawn && !page.Decides:
			return fault.New(fault.Denied, i18n.GuardDecideDenied)
		case as == approved && page.AskedBy == "":
			return fault.New(fault.Denied, i18n.GuardUnread)
		}
		done, err := decide(r.Context(), tx, page.Waiting.ID, as, r.Actor().Staff)
		if err != nil || !done {
			return err
		}
		if as == approved {
			if err := participant.SetGuarded(r.Context(), tx, page.About.ID, false); err != nil {
				return err
			}
		}
		e := event(r, page.About, result.action, page.Waiting.ID)
		e.Before, e.After = page.Waiting, map[string]bool{"guarded": as != approved}
		return audit.Record(r.Context(), tx, audit.From(r), e)
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(guardAddress(page.About.ID)).Say(said), nil
}
