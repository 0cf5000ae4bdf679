package staff

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"konote/app/audit"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/limit"
	"konote/app/session"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// DefaultAnswerAfter is when a sign-in that fails is answered; see doc.go.
const DefaultAnswerAfter = 400 * time.Millisecond

// Handlers answer the routes of signing in and of one's own account.
type Handlers struct {
	Hasher   *Hasher
	Limits   *limit.Limits
	Sessions *session.Store
	// SignedIn is told of the agency when somebody has signed in, to get ready what she
	// will ask for next. It must not wait. May be nil.
	SignedIn func(*tenancy.Agency)
	// Elsewhere are the other ways in that the sign-in page offers. May be nil.
	Elsewhere func(*web.Request) ([]Elsewhere, error)
	// Factors says who has a second factor, for the list of people. May be nil.
	Factors func(context.Context, *tenancy.Tx) (map[uuid.UUID]bool, error)
	// AnswerAfter stands for DefaultAnswerAfter when it is zero.
	AnswerAfter time.Duration
}

// signInForm is what the sign-in page shows again.
type signInForm struct {
	Login    string
	Next     view.URL // where she was going
	Done     bool     // she has just signed out
	Reset    bool     // she has just chosen a new password
	Problems view.Problems
	// Elsewhere are other ways in; with PasswordOff the only ones but for administrators.
	Elsewhere   []Elsewhere
	PasswordOff bool
}

// SignInForm is the page to sign in with. Whoever is signed in goes on.
func (h *Handlers) SignInForm(r *web.Request) (web.Response, error) {
	next := next(r.Query.Get("next"))
	if r.Session != nil {
		return web.Redirect(next), nil
	}
	form := signInForm{Next: next, Done: r.Query.Get("done") == "1", Reset: r.Query.Get("done") == "reset"}
	if err := h.waysIn(r, &form); err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.StaffSigninTitle, signIn(r.Frame(), form)), nil
}

// SignIn checks the password and begins a session. Every failure has the same answer at
// the same time: see doc.go.
func (h *Handlers) SignIn(r *web.Request) (web.Response, error) {
	began := time.Now()
	form, password := readSignIn(r)
	if r.SwitchLanguage || form.Problems.Any() {
		return h.signInAgain(r, form)
	}

	attempt := limit.Attempt{Agency: r.Agency.ID, Account: normal(form.Login), IP: r.IP, Device: r.Device}
	wait, err := h.Limits.Try(r.Context(), attempt)
	if err != nil {
		return web.Response{}, down(err)
	}
	if wait > 0 {
		return h.refuse(r, form, began)
	}

	found, checked, err := h.check(r, form.Login, password)
	if err != nil {
		h.release(r, attempt)
		return web.Response{}, err
	}
	at, entered, err := h.record(r, found, checked, password)
	if err != nil {
		h.release(r, attempt)
		return web.Response{}, err
	}
	if !entered {
		return h.refuse(r, form, checked.Since)
	}
	if err := h.Limits.Succeeded(r.Context(), attempt); err != nil {
		return web.Response{}, down(err)
	}
	return h.afterPassword(r, found, at, form.Next), nil
}

// afterPassword begins the session that a right password is worth. Whether it opens more
// than the second step is decided at every request (package web, package factor): nothing
// that begins a session can forget to ask.
func (h *Handlers) afterPassword(r *web.Request, a account, at time.Time, next view.URL) web.Response {
	if h.SignedIn != nil {
		h.SignedIn(r.Agency)
	}
	return web.Redirect(next).SignIn(a.ID, at)
}

// check finds the account and compares the password, also where there is no account to
// compare it with.
func (h *Handlers) check(r *web.Request, login, password string) (account, verdict, error) {
	var found account
	err := r.Agency.View(r.Context(), func(tx *tenancy.Tx) (err error) {
		found, err = byLogin(r.Context(), tx, login)
		return err
	})
	if err != nil {
		return account{}, verdict{}, err
	}
	stored := found.PasswordHash
	if len(password) > MaxPasswordBytes {
		stored, password = "", "" // never hashed, never right
	}
	checked, err := h.Hasher.verify(r.Context(), stored, password)
	return found, checked, err
}

// record writes down how the sign-in ended, in one transaction, and says whether she is
// in, and since when. A right password does not open a deactivated account, nor one that
// has changed since it was read.
func (h *Handlers) record(r *web.Request, found account, checked verdict, password string) (at time.Time, entered bool, err error) {
	failed := failure(found, checked)
	if failed == "" && r.Settings().PasswordOff && !found.Admin {
		failed = "elsewhere"
	}
	newHash := ""
	if failed == "" && checked.Stale {
		newHash, err = h.Hasher.Hash(r.Context(), password)
		if err != nil && fault.KindOf(err) != fault.Limited { // when busy, the next sign-in does it
			return at, false, err
		}
	}
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		reason := failed
		if reason == "" {
			if at, entered, err = signedIn(r.Context(), tx, found, newHash); err != nil {
				return err
			}
			if !entered {
				reason = "changed"
			} else if err := NoteDevice(r.Context(), tx, found.ID, r.Device); err != nil {
				return err
			}
		}
		by, event := signInEvent(r, found.ID, reason)
		return audit.Record(r.Context(), tx, by, event)
	})
	return at, entered && err == nil, err
}

// failure is why a sign-in fails, for the agency's audit log alone; "" when it does not.
func failure(a account, checked verdict) string {
	switch {
	case a.ID == uuid.Nil:
		return "unknown"
	case a.Status != StatusActive:
		return "inactive"
	case !checked.OK:
		return "password"
	}
	return ""
}

// signInEvent is the record of a sign-in. What was typed is in none: it may be a
// password in the wrong field.
func signInEvent(r *web.Request, id uuid.UUID, failed string) (audit.By, audit.Event) {
	if failed != "" {
		return audit.By{Kind: audit.KindAnonymous, Reference: r.Reference, IP: r.IP},
			audit.Event{Action: actionSignInFailed, Outcome: audit.Failed, Subject: id, After: map[string]string{"reason": failed}}
	}
	return audit.By{Kind: audit.KindStaff, Staff: id, Reference: r.Reference, IP: r.IP},
		audit.Event{Action: actionSignIn, Subject: id}
}

// refuse is the answer to every sign-in that fails. It waits until as much time has
// passed as every other failure takes.
func (h *Handlers) refuse(r *web.Request, form signInForm, since time.Time) (web.Response, error) {
	every := h.AnswerAfter
	if every == 0 {
		every = DefaultAnswerAfter
	}
	late := time.Since(since).Truncate(every) // longer than usual: the next multiple
	if err := waitUntil(r.Context(), since.Add(late+every)); err != nil {
		return web.Response{}, err
	}
	form.Problems = view.Problems{{Text: i18n.StaffSigninFailed}} // of no field: it does not say which
	return h.signInAgain(r, form)
}

func waitUntil(ctx context.Context, at time.Time) error {
	timer := time.NewTimer(time.Until(at))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// release takes a try back that came to nothing through no fault of the person.
func (h *Handlers) release(r *web.Request, attempt limit.Attempt) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), time.Second)
	defer cancel()
	_ = h.Limits.Release(ctx, attempt) // if Redis is down too, the try is forgotten in time
}

func readSignIn(r *web.Request) (signInForm, string) {
	form := signInForm{Login: r.Value("login"), Next: next(r.Value("next"))}
	password := r.Value("password")
	if form.Login == "" {
		form.Problems.Add("login", i18n.StaffSigninLoginWanted)
	}
	if password == "" {
		form.Problems.Add("password", i18n.StaffSigninPasswordWanted)
	}
	return form, password
}

func (h *Handlers) signInAgain(r *web.Request, form signInForm) (web.Response, error) {
	if err := h.waysIn(r, &form); err != nil {
		return web.Response{}, err
	}
	problems := form.Problems
	form.Problems = r.Shown(problems)
	return r.Again(i18n.StaffSigninTitle, problems, signIn(r.Frame(), form)), nil
}

// next is where she was going, if that is a page of this host that one can go to.
func next(text string) view.URL {
	address := view.Back(text)
	path, _, _ := strings.Cut(address.String(), "?")
	if path == view.To("sign-in").String() || path == view.To("sign-out").String() {
		return view.To()
	}
	return address
}

// SignOut ends the session and has the browser forget what it holds, also when the
// session was over already.
func (h *Handlers) SignOut(r *web.Request) (web.Response, error) {
	if r.Session == nil {
		return signedOut(), nil
	}
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		return audit.Record(r.Context(), tx, audit.From(r), audit.Event{Action: actionSignOut, Subject: r.Actor().Staff})
	})
	if err != nil {
		return web.Response{}, err
	}
	return signedOut(), nil
}

func signedOut() web.Response {
	return web.Redirect(view.To("sign-in").With("done", "1")).SignOut()
}
