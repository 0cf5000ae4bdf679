package staff

import (
	"errors"
	"net/http"
	"time"

	"github.com/google/uuid"

	"konote/app/audit"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/limit"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// ForgottenForm is the page to ask for a link with which to choose a new password.
func (h *Handlers) ForgottenForm(r *web.Request) (web.Response, error) {
	return web.Page(i18n.PeopleForgotTitle, forgottenPage(r.Frame(), "", nil)), nil
}

// Forgotten has a link mailed to the account with that address or user name, if there is
// one. The answer is the same for every account, none, and too many tries, and comes at the
// same time (see doc.go): who has an account is nobody's business.
func (h *Handlers) Forgotten(r *web.Request) (web.Response, error) {
	began := time.Now()
	login := r.Value("login")
	var problems view.Problems
	if login == "" {
		problems.Add("login", i18n.StaffSigninLoginWanted)
	}
	if r.SwitchLanguage || problems.Any() {
		return r.Again(i18n.PeopleForgotTitle, problems, forgottenPage(r.Frame(), login, r.Shown(problems))), nil
	}
	wait, err := h.Limits.Allow(r.Context(), limit.Reset, r.Agency.ID, normal(login), r.IP)
	if err != nil {
		return web.Response{}, down(err)
	}
	if wait == 0 {
		if err := h.ask(r, login); err != nil {
			return web.Response{}, err
		}
	}
	if err := h.atItsTime(r, began); err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.PeopleForgotTitle, forgottenDone(r.Frame())), nil
}

// ask makes the link, and writes down that somebody asked: of whom alone if that is known.
func (h *Handlers) ask(r *web.Request, login string) error {
	return r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		event := audit.Event{Action: actionResetAsk, Outcome: audit.Failed}
		person, err := ByLogin(r.Context(), tx, login)
		if err != nil {
			return err
		}
		if person != uuid.Nil {
			made, err := h.help(r, tx, person)
			if err != nil {
				return err
			}
			if event.Subject = person; made {
				event.Outcome = audit.Done
			}
		}
		return audit.Record(r.Context(), tx, audit.By{Kind: audit.KindAnonymous, Reference: r.Reference, IP: r.IP}, event)
	})
}

// help makes a link for whoever may sign in with a password here.
func (h *Handlers) help(r *web.Request, tx *tenancy.Tx, person uuid.UUID) (made bool, err error) {
	if r.Settings().PasswordOff {
		if found, err := ByID(r.Context(), tx, person); err != nil || !found.Admin {
			return false, err
		}
	}
	return addReset(r.Context(), tx, person, uuid.Nil)
}

// atItsTime waits until the moment at which every such answer is given.
func (h *Handlers) atItsTime(r *web.Request, since time.Time) error {
	every := h.AnswerAfter
	if every == 0 {
		every = DefaultAnswerAfter
	}
	late := time.Since(since).Truncate(every)
	return waitUntil(r.Context(), since.Add(late+every))
}

// FollowReset takes the token out of the address: it goes on in a cookie, so that no page,
// no history and no Referer holds it.
func (h *Handlers) FollowReset(r *web.Request) (web.Response, error) {
	return web.Redirect(view.To("reset")).Link(r.Params["token"]), nil
}

// ResetForm is the page to choose a new password on. Whatever is wrong with the link, the
// answer is the same.
func (h *Handlers) ResetForm(r *web.Request) (web.Response, error) {
	pending, _, err := h.pending(r)
	if err != nil {
		return web.Response{}, err
	}
	if pending.ID == uuid.Nil {
		return resetGone(r), nil
	}
	return web.Page(i18n.PeopleResetTitle, resetPage(r.Frame(), pending.ID, nil)), nil
}

// pending is the link that the browser came with, and whose it is; zero when it is not good.
func (h *Handlers) pending(r *web.Request) (pending pendingReset, person Staff, err error) {
	if r.Link == "" {
		return pending, person, nil
	}
	err = r.Agency.View(r.Context(), func(tx *tenancy.Tx) error {
		found, good, err := resetOf(r.Context(), tx, r.Link)
		if err != nil || !good {
			return err
		}
		pending = found
		person, err = ByID(r.Context(), tx, found.Staff)
		return err
	})
	return pending, person, err
}

func resetGone(r *web.Request) web.Response {
	response := web.Page(i18n.PeopleResetGone, resetGonePage(r.Frame())).Link("")
	response.Status = http.StatusGone
	return response
}

// Reset sets the new password, ends every session of the person, and leads to sign-in: a
// link replaces the password and no second factor.
func (h *Handlers) Reset(r *web.Request) (web.Response, error) {
	pending, person, err := h.pending(r)
	if err != nil {
		return web.Response{}, err
	}
	// Another link may have been opened in another window since this page was made.
	if pending.ID == uuid.Nil || r.Value("id") != pending.ID.String() {
		return resetGone(r), nil
	}
	var problems view.Problems
	chosen := r.Value("new_password")
	weak := CheckPassword(chosen, ownWords(r.Agency, person.DisplayName, person.Email, person.Username)...)
	if f := (*fault.Fault)(nil); errors.As(weak, &f) {
		problems.Add("new_password", f.Message)
	}
	if r.SwitchLanguage || problems.Any() {
		return r.Again(i18n.PeopleResetTitle, problems, resetPage(r.Frame(), pending.ID, r.Shown(problems))), nil
	}
	hash, err := h.Hasher.Hash(r.Context(), chosen)
	if err != nil {
		return web.Response{}, err
	}
	used := false
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		used, err = h.reset(r, tx, pending, hash)
		return err
	})
	if fault.KindOf(err) == fault.Conflict || err == nil && !used { // the account changed, or the link was used, meanwhile
		return resetGone(r), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	if err := endSessions(r.Context(), h.Sessions, r.Agency.ID, pending.Staff, nil); err != nil {
		return web.Response{}, err
	}
	return web.Redirect(view.To("sign-in").With("done", "reset")).SignOut().Link(""), nil
}

// reset uses the link up in one transaction with the change.
func (h *Handlers) reset(r *web.Request, tx *tenancy.Tx, pending pendingReset, hash string) (bool, error) {
	used, err := useReset(r.Context(), tx, pending.ID)
	if err != nil || !used {
		return false, err
	}
	if _, err := setPassword(r.Context(), tx, account{ID: pending.Staff, Version: pending.Version}, hash); err != nil {
		return false, err
	}
	if err := vouch(r.Context(), tx, pending.Staff, true); err != nil { // the link came to her address
		return false, err
	}
	if err := Notify(r.Context(), tx, pending.Staff, PasswordChanged); err != nil {
		return false, err
	}
	return true, audit.Record(r.Context(), tx, audit.By{Kind: audit.KindAnonymous, Reference: r.Reference, IP: r.IP},
		audit.Event{Action: actionReset, Subject: pending.Staff})
}
