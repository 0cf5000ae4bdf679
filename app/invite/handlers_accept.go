package invite

import (
	"errors"
	"net/http"
	"time"

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

// Follow takes the token out of the address: it goes on in a cookie.
func (h *Handlers) Follow(r *web.Request) (web.Response, error) {
	return web.Redirect(view.To("invitation")).Link(r.Params["token"]), nil
}

// Show is the page to accept an invitation on. Whatever is wrong with the link, the answer
// is the same.
func (h *Handlers) Show(r *web.Request) (web.Response, error) {
	i, err := h.followed(r)
	if err != nil {
		return web.Response{}, err
	}
	if i.ID == uuid.Nil {
		return Gone(r), nil
	}
	page, err := h.acceptance(r, i)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.InviteAcceptTitle, acceptPage(r.Frame(), page, nil)), nil
}

// acceptance is what the page to accept an invitation on shows.
type acceptance struct {
	Invitation
	Agency string
	Ways   []staff.Elsewhere
	// PasswordOff says that a password would open nothing: she goes to the provider.
	PasswordOff bool
}

func (h *Handlers) acceptance(r *web.Request, i Invitation) (acceptance, error) {
	ways, only, err := h.Staff.Ways(r)
	return acceptance{Invitation: i, Agency: r.Agency.Name(r.P.Language()), Ways: ways, PasswordOff: only && !i.Admin}, err
}

// followed is the open invitation whose link the browser came with; zero for none.
func (h *Handlers) followed(r *web.Request) (found Invitation, err error) {
	if r.Link == "" {
		return found, nil
	}
	err = r.Agency.View(r.Context(), func(tx *tenancy.Tx) error {
		i, err := byToken(r.Context(), tx, r.Link)
		if err == nil && i.State(tx.Now()) == Open {
			found = i
		}
		return err
	})
	return found, err
}

// Gone is the one answer to every link that is not good.
func Gone(r *web.Request) web.Response {
	response := web.Page(i18n.InviteGone, gonePage(r.Frame())).Link("")
	response.Status = http.StatusGone
	return response
}

// Accept makes the account with the password that was chosen, and signs its owner in.
func (h *Handlers) Accept(r *web.Request) (web.Response, error) {
	i, err := h.followed(r)
	if err != nil {
		return web.Response{}, err
	}
	// Another link may have been opened in another window since this page was made.
	if i.ID == uuid.Nil || r.Value("id") != i.ID.String() {
		return Gone(r), nil
	}
	page, err := h.acceptance(r, i)
	if err != nil {
		return web.Response{}, err
	}
	var problems view.Problems
	chosen := r.Value("new_password")
	weak := staff.CheckPasswordOf(r.Agency, chosen, i.Name, i.Email)
	if f := (*fault.Fault)(nil); page.PasswordOff {
		problems.Add("", i18n.InviteAcceptPasswordOff)
	} else if errors.As(weak, &f) {
		problems.Add("new_password", f.Message)
	}
	if r.SwitchLanguage || problems.Any() {
		return r.Again(i18n.InviteAcceptTitle, problems, acceptPage(r.Frame(), page, r.Shown(problems))), nil
	}
	hash, err := h.Staff.Hasher.Hash(r.Context(), chosen)
	if err != nil {
		return web.Response{}, err
	}
	var person uuid.UUID
	var at time.Time
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		person, at, err = accept(r, tx, i, hash)
		return err
	})
	if errors.Is(err, ErrGone) {
		return Gone(r), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return h.Staff.Enter(r, person, at, view.To(), false).Link(""), nil
}

// Continue sends whoever accepts to the agency's provider, in the place of a password.
func (h *Handlers) Continue(r *web.Request) (web.Response, error) {
	i, err := h.followed(r)
	if err != nil {
		return web.Response{}, err
	}
	if i.ID == uuid.Nil || r.Value("id") != i.ID.String() {
		return Gone(r), nil
	}
	return h.Leave(r, r.Link)
}

// Why an invitation is not accepted.
var (
	ErrGone  = errors.New("invite: the invitation is not good any more")
	ErrOther = errors.New("invite: the invitation went to another address")
)

// AcceptElsewhere makes the account of an invitation for somebody whom a trusted provider has
// named, without a password. The link has proved the address, so the provider need not; but
// email, which it gives or leaves "", may be no other. ErrGone and ErrOther say why not.
func AcceptElsewhere(r *web.Request, tx *tenancy.Tx, token, email string) (person uuid.UUID, at time.Time, err error) {
	i, err := byToken(r.Context(), tx, token)
	switch {
	case err != nil:
		return person, at, err
	case i.ID == uuid.Nil || i.State(tx.Now()) != Open:
		return person, at, ErrGone
	case email != "" && plainAddress(email) != plainAddress(i.Email):
		return person, at, ErrOther
	}
	return accept(r, tx, i, "")
}

// accept makes the account, without a password when hash is "", in the transaction that uses the invitation up. The accounts of
// inviter and administrators are locked before the invitation, as when one is made.
func accept(r *web.Request, tx *tenancy.Tx, i Invitation, hash string) (person uuid.UUID, at time.Time, err error) {
	ctx := r.Context()
	p, err := staff.PowersNow(ctx, tx, i.CreatedBy)
	if err != nil {
		return person, at, err
	}
	if i, _, err = load(ctx, tx, sqlLock, i.ID); err != nil {
		return person, at, err
	}
	offered, err := staff.Offered(ctx, tx, p)
	if err != nil {
		return person, at, err
	}
	admin, roles := i.given(p, offered)
	if i.State(tx.Now()) != Open || !p.Any() || !admin && len(roles) == 0 {
		return person, at, ErrGone
	}
	// It is the inviter who gives, by what she has begun.
	by := audit.By{Kind: audit.KindStaff, Staff: i.CreatedBy, Reference: r.Reference}
	person, err = staff.Insert(ctx, tx, by, staff.New{DisplayName: i.Name, Email: i.Email, PasswordHash: hash, Admin: admin, Language: i.Language})
	if fault.KindOf(err) == fault.Invalid { // somebody has got the address meanwhile
		return person, at, ErrGone
	}
	if err != nil {
		return person, at, err
	}
	if err := giveRoles(r, tx, by, person, roles); err != nil {
		return person, at, err
	}
	if err := orGone(touch(ctx, tx, sqlAccept, i.ID, tx.Now(), person)); err != nil {
		return person, at, err
	}
	if err := staff.NoteDevice(ctx, tx, person, r.Device); err != nil {
		return person, at, err
	}
	at, entered, err := staff.SignedInElsewhere(ctx, tx, person)
	if err := orGone(entered, err); err != nil {
		return person, at, err
	}
	return person, at, audit.Record(ctx, tx, audit.By{Kind: audit.KindStaff, Staff: person, Reference: r.Reference, IP: r.IP},
		audit.Event{Action: ActionAccept, Subject: i.ID})
}

// orGone makes an error of a thing that was not done.
func orGone(done bool, err error) error {
	if err == nil && !done {
		return ErrGone
	}
	return err
}

func giveRoles(r *web.Request, tx *tenancy.Tx, by audit.By, person uuid.UUID, roles map[uuid.UUID]access.Role) error {
	for program, role := range roles {
		if err := staff.Grant(r.Context(), tx, by, person, program, role); err != nil {
			return err
		}
	}
	return nil
}
