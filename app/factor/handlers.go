package factor

import (
	"context"
	"fmt"
	"net/http"

	"github.com/google/uuid"

	"konote/app/audit"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/session"
	"konote/app/staff"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// securityPage is what the person's own page shows.
type securityPage struct {
	Factors   []Factor
	CodesLeft int
	Required  bool // her agency asks for a factor
	Set       uuid.UUID
}

// Security is the person's own page of what she signs in with.
func (h *Handlers) Security(r *web.Request) (web.Response, error) {
	page := securityPage{Required: r.Visitor.FactorAsked, Set: tenancy.NewID()}
	err := r.Agency.View(r.Context(), func(tx *tenancy.Tx) (err error) {
		if page.Factors, err = Of(r.Context(), tx, r.Actor().Staff); err != nil {
			return err
		}
		page.CodesLeft, err = count(r.Context(), tx, sqlCodesLeft, r.Actor().Staff)
		return err
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.FactorSecurityTitle, securityView(r.Frame(), page)), nil
}

// BeginApp makes a secret for an app and leads to the page that shows it. One that waited
// already is forgotten.
func (h *Handlers) BeginApp(r *web.Request) (web.Response, error) {
	waiting := held{Factor: Factor{ID: tenancy.NewID(), Kind: App, Name: r.P.T(i18n.FactorAppName)}, secret: newSecret()}
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		person := r.Actor().Staff
		if err := lock(r.Context(), tx, person); err != nil {
			return err
		}
		if err := room(r.Context(), tx, person); err != nil {
			return err
		}
		if _, err := tx.Exec(r.Context(), sqlForgetPending, person); err != nil {
			return fmt.Errorf("forget waiting apps: %w", err)
		}
		return insert(r.Context(), tx, person, waiting, nil, false)
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(onTheWay(r, "account", "security", "app")), nil
}

// appPage shows the secret of an app that waits for its first code.
type appPage struct {
	Key      string // in groups of four
	Picture  picture
	Name     string
	Next     view.URL
	Problems view.Problems
}

// appPage loads the app of hers that waits; none is the zero held.
func (h *Handlers) appPage(r *web.Request) (appPage, held, error) {
	var waiting held
	var me staff.Staff
	err := r.Agency.View(r.Context(), func(tx *tenancy.Tx) (err error) {
		if waiting, err = pending(r.Context(), tx, r.Actor().Staff); err != nil {
			return err
		}
		me, err = staff.ByID(r.Context(), tx, r.Actor().Staff)
		return err
	})
	if err != nil || waiting.ID == uuid.Nil {
		return appPage{}, held{}, err
	}
	account := me.Username
	if account == "" {
		account = me.Email
	}
	page := appPage{Key: groups(waiting.secret), Name: waiting.Name, Next: goingTo(r)}
	page.Picture, err = drawQR(address(waiting.secret, r.Agency.Name(r.P.Language()), account))
	return page, waiting, err
}

// AppForm shows the secret, as a picture and to be typed, and asks for a first code.
func (h *Handlers) AppForm(r *web.Request) (web.Response, error) {
	page, waiting, err := h.appPage(r)
	if err != nil {
		return web.Response{}, err
	}
	if waiting.ID == uuid.Nil {
		return h.back(r), nil
	}
	return web.Page(i18n.FactorAppTitle, appView(r.Frame(), page)), nil
}

// ConfirmApp takes the first code: from then on the app counts, and this session has
// proved two things. With a person's first factor she gets recovery codes.
func (h *Handlers) ConfirmApp(r *web.Request) (web.Response, error) {
	page, waiting, err := h.appPage(r)
	if err != nil {
		return web.Response{}, err
	}
	if waiting.ID == uuid.Nil {
		return h.back(r), nil
	}
	waiting.Name = tidyName(r.Value("name"), waiting.Name)
	code, isOne := isCode(r.Value("code"))
	step := int64(0)
	var codes []string
	if isOne && !r.SwitchLanguage {
		err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
			if step = stepFor(waiting.secret, code, tx.Now(), waiting.lastStep); step == 0 {
				return nil
			}
			codes, err = h.added(r, tx, waiting.Factor, func() error {
				counts, err := confirm(r.Context(), tx, r.Actor().Staff, waiting, step)
				if err == nil && !counts { // the form was sent twice
					err = fault.Missing()
				}
				return err
			})
			return err
		})
		if err != nil {
			return web.Response{}, err
		}
	}
	if step == 0 {
		page.Name = waiting.Name
		var problems view.Problems
		problems.Add("code", i18n.FactorAppWrong)
		page.Problems = r.Shown(problems)
		return r.Again(i18n.FactorAppTitle, problems, appView(r.Frame(), page)), nil
	}
	return h.afterAdding(r, codes), nil
}

// back is where a factor is chosen to be added.
func (h *Handlers) back(r *web.Request) web.Response {
	if r.Half {
		return web.Redirect(onTheWay(r, "sign-in", "second"))
	}
	return web.Redirect(view.To("account", "security"))
}

// onTheWay is a page of setting up a factor, which somebody who is signing in leaves for where
// she was going.
func onTheWay(r *web.Request, path ...string) view.URL {
	if r.Half {
		return view.To(path...).With("next", goingTo(r).String())
	}
	return view.To(path...)
}

// added does what belongs to every new factor around the storing of it: its owner's
// account is locked, nobody has more than enough, and the first one comes with recovery
// codes.
func (h *Handlers) added(r *web.Request, tx *tenancy.Tx, f Factor, store func() error) (codes []string, err error) {
	person := r.Actor().Staff
	if err := lock(r.Context(), tx, person); err != nil {
		return nil, err
	}
	before, err := count(r.Context(), tx, sqlCount, person)
	if err != nil {
		return nil, err
	}
	if err := h.mayAdd(r, before); err != nil {
		return nil, err
	}
	if err := store(); err != nil {
		return nil, err
	}
	if before == 0 {
		if codes, err = makeCodes(r.Context(), tx, person, tenancy.NewID()); err != nil {
			return nil, err
		}
	}
	err = audit.Record(r.Context(), tx, audit.From(r), audit.Event{Action: actionAdd, Subject: person, After: map[string]string{"kind": string(f.Kind), "name": f.Name}})
	if err != nil {
		return nil, err
	}
	return codes, staff.Notify(r.Context(), tx, person, staff.FactorAdded)
}

// mayAdd refuses one factor too many, and a half session whose owner has got a factor in
// the meantime.
func (h *Handlers) mayAdd(r *web.Request, has int) error {
	switch {
	case has >= maxFactors:
		return fault.New(fault.Invalid, i18n.FactorTooMany)
	case r.Half && has > 0:
		return fault.New(fault.SignedOut, i18n.WebHalfText)
	}
	return nil
}

// afterAdding shows the recovery codes that came with a first factor, or leads back.
func (h *Handlers) afterAdding(r *web.Request, codes []string) web.Response {
	if codes == nil {
		return web.Redirect(view.To("account", "security")).Prove(session.Full).Say(i18n.FactorAdded)
	}
	r.Frame().Once = true
	return web.Page(i18n.FactorCodesTitle, codesView(r.Frame(), codes, r.Half, goingTo(r))).Prove(session.Full)
}

// PasskeyForm asks what a new passkey is to be called.
func (h *Handlers) PasskeyForm(r *web.Request) (web.Response, error) {
	return web.Page(i18n.FactorPasskeyTitle, passkeyView(r.Frame(), r.P.T(i18n.FactorPasskeyName), goingTo(r), nil)), nil
}

// AskNew answers the script with what a new passkey is to sign.
func (h *Handlers) AskNew(r *web.Request) (web.Response, error) {
	var o owner
	err := r.Agency.View(r.Context(), func(tx *tenancy.Tx) error {
		me, err := staff.ByID(r.Context(), tx, r.Actor().Staff)
		if err != nil {
			return err
		}
		factors, err := load(r.Context(), tx, me.ID)
		if err != nil {
			return err
		}
		o, err = passkeysOf(me.ID, me.DisplayName, factors)
		return err
	})
	if err != nil {
		return web.Response{}, err
	}
	party, err := relyingParty(r.Agency, h.URL(r.Agency.Host))
	if err != nil {
		return web.Response{}, err
	}
	options, data, err := party.BeginRegistration(o, exclude(o))
	if err != nil {
		return web.Response{}, fmt.Errorf("ask a new passkey: %w", err)
	}
	if err := h.keep(r, challenge{For: toAdd, Data: *data}); err != nil {
		return web.Response{}, err
	}
	return web.JSON(options.Response)
}

// AddPasskey stores what the new passkey has answered.
func (h *Handlers) AddPasskey(r *web.Request) (web.Response, error) {
	name := tidyName(r.Value("name"), r.P.T(i18n.FactorPasskeyName))
	again := func(problems view.Problems) (web.Response, error) {
		return r.Again(i18n.FactorPasskeyTitle, problems, passkeyView(r.Frame(), name, goingTo(r), r.Shown(problems))), nil
	}
	if r.SwitchLanguage {
		return again(nil)
	}
	if r.Value("credential") == "" {
		return again(view.Problems{{Text: i18n.FactorPasskeyScript}})
	}
	c, err := h.take(r)
	if err != nil {
		return web.Response{}, err
	}
	party, err := relyingParty(r.Agency, h.URL(r.Agency.Host))
	if err != nil {
		return web.Response{}, err
	}
	credential, err := created(party, owner{id: r.Actor().Staff}, c, r.Value("credential"))
	if err != nil {
		return again(view.Problems{{Text: i18n.FactorPasskeyWrong}})
	}
	var codes []string
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		codes, err = h.added(r, tx, Factor{Kind: Passkey, Name: name}, func() error {
			_, err := addPasskey(r.Context(), tx, r.Actor().Staff, name, credential)
			return err
		})
		return err
	})
	if err != nil {
		return web.Response{}, err
	}
	return h.afterAdding(r, codes), nil
}

// MakeCodes makes a new set of recovery codes and shows it, once.
func (h *Handlers) MakeCodes(r *web.Request) (web.Response, error) {
	set, err := uuid.Parse(r.Value("set"))
	if err != nil {
		return web.Response{}, fault.New(fault.Invalid, i18n.FactorSetMissing)
	}
	var codes []string
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		person := r.Actor().Staff
		if err := lock(r.Context(), tx, person); err != nil {
			return err
		}
		n, err := count(r.Context(), tx, sqlCount, person)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.Invalid, i18n.FactorCodesFirst)
		}
		if codes, err = makeCodes(r.Context(), tx, person, set); err != nil || codes == nil {
			return err
		}
		if err := audit.Record(r.Context(), tx, audit.From(r), audit.Event{Action: actionCodes, Subject: person}); err != nil {
			return err
		}
		return staff.Notify(r.Context(), tx, person, staff.CodesMade)
	})
	if err != nil {
		return web.Response{}, err
	}
	if codes == nil {
		return web.Redirect(view.To("account", "security")).Say(i18n.FactorCodesShown), nil
	}
	r.Frame().Once = true
	return web.Page(i18n.FactorCodesTitle, codesView(r.Frame(), codes, false, view.To())), nil
}

// RemoveForm asks whether a factor is to go.
func (h *Handlers) RemoveForm(r *web.Request) (web.Response, error) {
	f, last, err := h.mine(r)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.FactorRemoveTitle, removeView(r.Frame(), f, last, r.Visitor.FactorAsked)), nil
}

// mine finds the person's factor that the request names, and whether it is her last one.
func (h *Handlers) mine(r *web.Request) (found Factor, last bool, err error) {
	named := r.Query.Get("factor")
	if r.Method == http.MethodPost {
		named = r.Value("factor")
	}
	id, err := uuid.Parse(named)
	if err != nil {
		return found, false, fault.New(fault.Invalid, i18n.FactorRemoveWhich)
	}
	err = r.Agency.View(r.Context(), func(tx *tenancy.Tx) error {
		factors, err := Of(r.Context(), tx, r.Actor().Staff)
		for _, f := range factors {
			if f.ID == id {
				found, last = f, len(factors) == 1
				return err
			}
		}
		if err == nil {
			err = fault.Missing()
		}
		return err
	})
	return found, last, err
}

// Remove takes one of the person's own factors away: not the last one, where her agency
// asks for one. With the last one the recovery codes go.
func (h *Handlers) Remove(r *web.Request) (web.Response, error) {
	f, _, err := h.mine(r)
	if err != nil {
		return web.Response{}, err
	}
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error { return remove(r.Context(), tx, r, f) })
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(view.To("account", "security")).Say(i18n.FactorRemoved), nil
}

func remove(ctx context.Context, tx *tenancy.Tx, r *web.Request, f Factor) error {
	person := r.Actor().Staff
	if err := lock(ctx, tx, person); err != nil {
		return err
	}
	touched, err := tx.Exec(ctx, sqlRemove, f.ID, person, tx.Now())
	if err != nil {
		return fmt.Errorf("remove a factor: %w", err)
	}
	if touched == 0 {
		return fault.Missing()
	}
	left, err := count(ctx, tx, sqlCount, person)
	if err != nil {
		return err
	}
	if left == 0 {
		if r.Visitor.FactorAsked {
			return fault.New(fault.Invalid, i18n.FactorRemoveLast)
		}
		if _, err := removeAll(ctx, tx, person); err != nil {
			return err
		}
	}
	err = audit.Record(ctx, tx, audit.From(r), audit.Event{Action: actionRemove, Subject: person, Before: map[string]string{"kind": string(f.Kind), "name": f.Name}})
	if err != nil {
		return err
	}
	return staff.Notify(ctx, tx, person, staff.FactorRemoved)
}
