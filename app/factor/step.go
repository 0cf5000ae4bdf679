package factor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"konote/app/audit"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/limit"
	"konote/app/session"
	"konote/app/staff"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// Handlers answer the routes of second factors.
type Handlers struct {
	Hasher   *staff.Hasher
	Limits   *limit.Limits
	Sessions *session.Store
	// URL is where a host's pages are.
	URL func(host string) string
	// Elsewhere is with whom somebody proves who she is who has neither a factor nor a
	// password here, and posts to /account/confirm/elsewhere; nil for nobody.
	Elsewhere func(r *web.Request) ([]staff.Elsewhere, error)
	// AnswerAfter stands for staff.DefaultAnswerAfter when it is zero.
	AnswerAfter time.Duration
}

// stepPage is what the page of the second step shows, and the one that asks for a proof
// before something that matters.
type stepPage struct {
	Next     view.URL
	Codes    bool // she has an app or recovery codes: there is a field
	Passkey  bool // she has one
	Password bool // she has no factor: her password proves
	Neither  bool // she has nothing to prove with here
	// Elsewhere are the providers with whom she proves it then.
	Elsewhere []staff.Elsewhere
	Problems  view.Problems
}

// StepForm asks for the second step of a sign-in. Whoever must have a factor and has none
// is led to setting one up.
func (h *Handlers) StepForm(r *web.Request) (web.Response, error) {
	next := onward(r.Query.Get("next"))
	if !r.Half {
		return web.Redirect(next), nil
	}
	if !r.Visitor.HasFactor {
		return web.Page(i18n.FactorEnrolTitle, enrolView(r.Frame(), next)), nil
	}
	page, err := h.stepPage(r, next)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.FactorStepTitle, stepView(r.Frame(), page)), nil
}

// Step takes a code of an app, a recovery code, or what a passkey says, and makes the
// session a full one.
func (h *Handlers) Step(r *web.Request) (web.Response, error) {
	next := onward(r.Value("next"))
	if !r.Half {
		return web.Redirect(next), nil
	}
	if !r.Visitor.HasFactor {
		return web.Redirect(view.To("sign-in", "second").With("next", next.String())), nil
	}
	again := func(problems view.Problems) (web.Response, error) {
		page, err := h.stepPage(r, next)
		page.Problems = r.Shown(problems)
		return r.Again(i18n.FactorStepTitle, problems, stepView(r.Frame(), page)), err
	}
	if problems, done := unasked(r); done {
		return again(problems)
	}
	right, err := h.try(r, actionStep, h.proof(r))
	if err != nil {
		return web.Response{}, err
	}
	if !right {
		return again(view.Problems{{Text: i18n.FactorStepWrong}})
	}
	return web.Redirect(next).Prove(session.Full), nil
}

// ConfirmForm asks for a proof before something that matters.
func (h *Handlers) ConfirmForm(r *web.Request) (web.Response, error) {
	page, err := h.confirmPage(r, onward(r.Query.Get("next")))
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.FactorConfirmTitle, confirmView(r.Frame(), page)), nil
}

// Confirm takes the proof, of a factor, or of the password where there is none, and leads
// on. What would be a download is led to by a link, so that this page does not stay.
func (h *Handlers) Confirm(r *web.Request) (web.Response, error) {
	next := onward(r.Value("next"))
	again := func(problems view.Problems) (web.Response, error) {
		page, err := h.confirmPage(r, next)
		page.Problems = r.Shown(problems)
		return r.Again(i18n.FactorConfirmTitle, problems, confirmView(r.Frame(), page)), err
	}
	if problems, done := unasked(r); done {
		return again(problems)
	}
	proof, strength, wrong := h.proof(r), session.Full, i18n.Message(i18n.FactorStepWrong)
	if !r.Visitor.HasFactor {
		proof, strength, wrong = h.password(r), r.Session.Strength, i18n.FactorPasswordWrong
	}
	right, err := h.try(r, actionConfirm, proof)
	if err != nil {
		return web.Response{}, err
	}
	if !right {
		return again(view.Problems{{Text: wrong}})
	}
	if path, _, _ := strings.Cut(next.String(), "?"); strings.HasSuffix(path, ".csv") {
		return web.Page(i18n.FactorConfirmTitle, confirmedView(r.Frame(), next)).Prove(strength), nil
	}
	return web.Redirect(next).Prove(strength), nil
}

// Ask answers the script with what a passkey is to sign.
func (h *Handlers) Ask(r *web.Request) (web.Response, error) {
	var o owner
	err := r.Agency.View(r.Context(), func(tx *tenancy.Tx) error {
		factors, err := load(r.Context(), tx, r.Actor().Staff)
		if err != nil {
			return err
		}
		o, err = passkeysOf(r.Actor().Staff, "", factors)
		return err
	})
	if err != nil {
		return web.Response{}, err
	}
	if len(o.credentials) == 0 {
		return web.Response{}, fault.New(fault.Invalid, i18n.FactorPasskeyNone)
	}
	party, err := relyingParty(r.Agency, h.URL(r.Agency.Host))
	if err != nil {
		return web.Response{}, err
	}
	options, data, err := party.BeginLogin(o)
	if err != nil {
		return web.Response{}, fmt.Errorf("ask a passkey: %w", err)
	}
	if err := h.keep(r, challenge{For: toProve, Data: *data}); err != nil {
		return web.Response{}, err
	}
	return web.JSON(options.Response)
}

// unasked says that a form is shown again without a look at what is in it: it was sent to
// be shown in the other language, or nothing was typed.
func unasked(r *web.Request) (view.Problems, bool) {
	if r.SwitchLanguage {
		return nil, true
	}
	if r.Value("code") != "" || r.Value("credential") != "" || r.Value("password") != "" {
		return nil, false
	}
	field, text := "code", i18n.Message(i18n.FactorCodeWanted)
	if !r.Visitor.HasFactor {
		field, text = "password", i18n.StaffSigninPasswordWanted
	}
	return view.Problems{{Field: field, Text: text}}, true
}

// A proof is looked at in the transaction that records how it ended; it says what proved,
// "" when nothing did.
type proof func(ctx context.Context, tx *tenancy.Tx) (string, error)

// proof is the factor that the form holds. The challenge of a passkey is gone once it was
// answered, rightly or not.
func (h *Handlers) proof(r *web.Request) func() (proof, error) {
	return func() (proof, error) {
		answer := r.Value("credential")
		if answer == "" {
			return func(ctx context.Context, tx *tenancy.Tx) (string, error) {
				return useCode(ctx, tx, r.Actor().Staff, r.Value("code"))
			}, nil
		}
		c, err := h.take(r)
		if err != nil {
			return nil, err
		}
		party, err := relyingParty(r.Agency, h.URL(r.Agency.Host))
		if err != nil {
			return nil, err
		}
		return func(ctx context.Context, tx *tenancy.Tx) (string, error) {
			return usePasskey(ctx, tx, party, r.Actor().Staff, c, answer)
		}, nil
	}
}

// password is the proof of who has no factor. It is hashed outside of the transaction.
func (h *Handlers) password(r *web.Request) func() (proof, error) {
	return func() (proof, error) {
		right, err := staff.IsPassword(r.Context(), r.Agency, h.Hasher, r.Actor().Staff, r.Value("password"))
		return func(context.Context, *tenancy.Tx) (string, error) {
			if right {
				return "password", nil
			}
			return "", nil
		}, err
	}
}

// try counts a try, looks at the proof, and records how it ended. Every failure is
// answered after the same time: see doc.go.
func (h *Handlers) try(r *web.Request, act audit.Action, prepare func() (proof, error)) (bool, error) {
	began := time.Now()
	attempt := limit.Attempt{Agency: r.Agency.ID, Account: "second step of " + r.Actor().Staff.String(), IP: r.IP, Device: r.Device}
	wait, err := h.Limits.Try(r.Context(), attempt)
	if err != nil {
		return false, unavailable(err)
	}
	how := ""
	if wait <= 0 {
		if how, err = h.look(r, act, prepare); err != nil {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), time.Second)
			defer cancel()
			_ = h.Limits.Release(ctx, attempt) // if Redis is down too, the try is forgotten in time
			return false, err
		}
	}
	if how == "" {
		return false, h.late(r.Context(), began)
	}
	if err := h.Limits.Succeeded(r.Context(), attempt); err != nil {
		return false, unavailable(err)
	}
	return true, nil
}

// look takes the proof and writes down how it ended, in one transaction.
func (h *Handlers) look(r *web.Request, act audit.Action, prepare func() (proof, error)) (how string, err error) {
	check, err := prepare()
	if err != nil {
		return "", err
	}
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		if how, err = check(r.Context(), tx); err != nil {
			return err
		}
		event := audit.Event{Action: act, Subject: r.Actor().Staff, Outcome: audit.Failed}
		if how != "" {
			event.Outcome, event.After = audit.Done, map[string]string{"with": how}
		}
		return audit.Record(r.Context(), tx, audit.From(r), event)
	})
	return how, err
}

// late waits until a failure may be answered; what took longer is answered at the next
// multiple.
func (h *Handlers) late(ctx context.Context, since time.Time) error {
	every := h.AnswerAfter
	if every == 0 {
		every = staff.DefaultAnswerAfter
	}
	timer := time.NewTimer(time.Until(since.Add(time.Since(since).Truncate(every) + every)))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func unavailable(err error) error {
	if errors.Is(err, limit.ErrUnavailable) || errors.Is(err, session.ErrUnavailable) {
		return fault.Wrap(err, fault.Unavailable, i18n.StaffUnavailable)
	}
	return err
}

// stepPage finds what she can prove with.
func (h *Handlers) stepPage(r *web.Request, next view.URL) (stepPage, error) {
	page := stepPage{Next: next}
	err := r.Agency.View(r.Context(), func(tx *tenancy.Tx) error { return page.fill(r.Context(), tx, r.Actor().Staff) })
	return page, err
}

func (p *stepPage) fill(ctx context.Context, tx *tenancy.Tx, person uuid.UUID) error {
	factors, err := Of(ctx, tx, person)
	if err != nil {
		return err
	}
	for _, f := range factors {
		p.Passkey = p.Passkey || f.Kind == Passkey
	}
	p.Codes = len(factors) > 0 // whoever has a factor was given recovery codes
	return nil
}

func (h *Handlers) confirmPage(r *web.Request, next view.URL) (stepPage, error) {
	page := stepPage{Next: next}
	err := r.Agency.View(r.Context(), func(tx *tenancy.Tx) (err error) {
		if r.Visitor.HasFactor {
			return page.fill(r.Context(), tx, r.Actor().Staff)
		}
		page.Password, err = staff.HasPassword(r.Context(), tx, r.Actor().Staff)
		page.Neither = !page.Password
		return err
	})
	if err == nil && page.Neither && h.Elsewhere != nil {
		page.Elsewhere, err = h.Elsewhere(r)
	}
	return page, err
}

// onward is where she was going, if that is a page of this host other than those of
// signing in.
func onward(text string) view.URL {
	address := view.Back(text)
	path, _, _ := strings.Cut(address.String(), "?")
	if path == "/sign-in" || path == "/sign-out" || path == "/account/confirm" || strings.HasPrefix(path, "/sign-in/") {
		return view.To()
	}
	return address
}

// goingTo is where somebody was going who is setting up her first factor on the way in.
func goingTo(r *web.Request) view.URL {
	if text := r.Value("next"); text != "" {
		return onward(text)
	}
	return onward(r.Query.Get("next"))
}

func (h *Handlers) keep(r *web.Request, c challenge) error {
	text, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("write a challenge: %w", err)
	}
	return unavailable(h.Sessions.SetChallenge(r.Context(), r.Session, string(text)))
}

// take gives the challenge back once; one for nothing when there is none.
func (h *Handlers) take(r *web.Request) (challenge, error) {
	var c challenge
	text, err := h.Sessions.TakeChallenge(r.Context(), r.Session)
	if err != nil || text == "" {
		return c, unavailable(err)
	}
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		return challenge{}, fmt.Errorf("read a challenge: %w", err)
	}
	return c, nil
}
