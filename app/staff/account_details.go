package staff

import (
	"context"
	"strconv"

	"github.com/google/uuid"

	"konote/app/audit"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// errOwnEmail says that an address is another account's, without saying so: whoever may see
// no list of people learns nothing here of who has an account. The audit log is told.
var errOwnEmail = fault.New(fault.Denied, i18n.StaffDetailsEmailNot)

// ownDetails is one's own account with its version.
func ownDetails(ctx context.Context, tx *tenancy.Tx, id uuid.UUID) (Staff, int, error) {
	me, err := ByID(ctx, tx, id)
	if err != nil {
		return me, 0, err
	}
	found, _, err := loadPeople(ctx, tx, id)
	if err != nil {
		return me, 0, err
	}
	return me, found[0].Version, nil
}

// DetailsForm is the page to change one's own name and address.
func (h *Handlers) DetailsForm(r *web.Request) (web.Response, error) {
	me, version, err := loadOwn(r)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.StaffDetailsTitle, detailsPage(r.Frame(), details{Name: me.DisplayName, Email: me.Email}, version, nil)), nil
}

func loadOwn(r *web.Request) (me Staff, version int, err error) {
	err = r.Agency.View(r.Context(), func(tx *tenancy.Tx) (err error) {
		me, version, err = ownDetails(r.Context(), tx, r.Actor().Staff)
		return err
	})
	return me, version, err
}

// SaveDetails saves one's own name and address. User names, and taking an address away, are
// the administrators': without an address nobody is told of what happens to her account.
func (h *Handlers) SaveDetails(r *web.Request) (web.Response, error) {
	me, version, err := loadOwn(r)
	if err != nil {
		return web.Response{}, err
	}
	n := New{DisplayName: r.Value("name"), Email: r.Value("email"), Username: me.Username, Language: me.Language}
	problems := n.Check()
	if me.Email != "" && n.Email == "" && !problems.Any() {
		problems.Add("email", i18n.StaffEmailWrong)
	}
	n = n.tidy()
	d := details{n.DisplayName, n.Email, n.Username, n.Language}
	seen, broken := strconv.Atoi(r.Value("version"))
	if broken != nil {
		seen = 0 // older than every version
	}
	again := func(version int, problems view.Problems) web.Response {
		return r.Again(i18n.StaffDetailsTitle, problems, detailsPage(r.Frame(), d, version, r.Shown(problems)))
	}
	if r.SwitchLanguage || problems.Any() {
		return again(seen, problems), nil
	}
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		return setOwnDetails(r.Context(), tx, audit.From(r), me.ID, seen, d)
	})
	switch fault.KindOf(err) {
	case fault.Conflict: // what was typed stays; the next attempt is made from what is there now
		return again(version, view.Problems{{Text: i18n.PeopleConflict}}).Conflict(), nil
	case fault.Invalid:
		return again(seen, view.Problems{{Field: "email", Text: errOwnEmail.Message}}).Refusing(errOwnEmail), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(view.To("account")).Say(i18n.StaffDetailsSaved), nil
}

// setOwnDetails is setDetails for oneself.
func setOwnDetails(ctx context.Context, tx *tenancy.Tx, by audit.By, me uuid.UUID, version int, d details) error {
	found, err := lockStandings(ctx, tx, me, me)
	if err != nil {
		return err
	}
	if found[me].Version != version {
		return fault.New(fault.Conflict, i18n.PeopleConflict)
	}
	return saveDetails(ctx, tx, by, me, d, true)
}
