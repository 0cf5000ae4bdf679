package staff

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// An ownRole is what a person does in one program.
type ownRole struct {
	NameEN string      `db:"name_en"`
	NameFR string      `db:"name_fr"`
	Role   access.Role `db:"role"`
}

func (o ownRole) program(p *i18n.Printer) string {
	if p.French() {
		return o.NameFR
	}
	return o.NameEN
}

// Account is the person's own page.
func (h *Handlers) Account(r *web.Request) (web.Response, error) {
	var me Staff
	var roles []ownRole
	err := r.Agency.View(r.Context(), func(tx *tenancy.Tx) (err error) {
		if me, err = ByID(r.Context(), tx, r.Actor().Staff); err != nil {
			return err
		}
		roles, err = tenancy.Rows[ownRole](r.Context(), tx, sqlOwnRoles, me.ID)
		return err
	})
	if err != nil {
		return web.Response{}, err
	}
	sessions, err := h.Sessions.List(r.Context(), r.Agency.ID, me.ID, r.Session, r.Settings().Idle)
	if err != nil {
		return web.Response{}, down(err)
	}
	return web.Page(i18n.StaffAccountTitle, accountPage(r.Frame(), me, roles, sessions)), nil
}

// ChangeLanguage saves the language that KoNote speaks with the person, on every device.
func (h *Handlers) ChangeLanguage(r *web.Request) (web.Response, error) {
	language := r.Value("language")
	if language != "en" && language != "fr" {
		return web.Response{}, fault.New(fault.Invalid, i18n.StaffLanguageWrong)
	}
	if err := SetLanguage(r, language); err != nil {
		return web.Response{}, err
	}
	// The wish in the address changes this browser's own choice, which goes first.
	return web.Redirect(view.To("account").With("lang", language)).Say(i18n.StaffAccountLanguageSaved), nil
}

// ChangeShortcuts turns single-key shortcuts on or off in this browser.
func (h *Handlers) ChangeShortcuts(r *web.Request) (web.Response, error) {
	return web.Redirect(view.To("account")).Shortcuts(r.Checked("shortcuts")).Say(i18n.StaffAccountShortcutsSaved), nil
}

// WorkIn goes on in one of her programs, or in all that are not confidential.
func (h *Handlers) WorkIn(r *web.Request) (web.Response, error) {
	program, _ := uuid.Parse(r.Value("program")) // anything else: all of them
	at := slices.IndexFunc(r.Visitor.Places, func(p web.Place) bool { return p.Program == program })
	event := audit.Event{Action: actionWorkIn, Subject: r.Actor().Staff}
	if at >= 0 {
		event.Program, event.Confidential = program, r.Visitor.Places[at].Confidential
	} else {
		program = uuid.Nil
	}
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		return audit.Record(r.Context(), tx, audit.From(r), event)
	})
	if err != nil {
		return web.Response{}, err
	}
	if err := h.Sessions.SetProgram(r.Context(), r.Session, program); err != nil {
		return web.Response{}, down(err)
	}
	back := r.Back(view.To())
	if recordIn.MatchString(back.String()) { // which may be of a program that she works in no more
		back = view.To()
	}
	return web.Redirect(back), nil
}

// recordIn finds the id of a record in an address.
var recordIn = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}`)

// SetLanguage notes that a signed-in person chose a language: web.Hooks.Language.
func SetLanguage(r *web.Request, language string) error {
	if language == r.Visitor.Language {
		return nil
	}
	return r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		if _, err := tx.Exec(r.Context(), sqlSetLanguage, r.Actor().Staff, language, tx.Now()); err != nil {
			return fmt.Errorf("set language: %w", err)
		}
		return nil
	})
}

// SignOutEverywhere ends all of the person's sessions, this one too.
func (h *Handlers) SignOutEverywhere(r *web.Request) (web.Response, error) {
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		if _, err := tx.Exec(r.Context(), sqlEndSessions, r.Actor().Staff, tx.Now()); err != nil {
			return fmt.Errorf("end sessions: %w", err)
		}
		return audit.Record(r.Context(), tx, audit.From(r), audit.Event{
			Action: actionSignOut, Subject: r.Actor().Staff, After: map[string]bool{"everywhere": true},
		})
	})
	if err != nil {
		return web.Response{}, err
	}
	if err := endSessions(r.Context(), h.Sessions, r.Agency.ID, r.Actor().Staff, nil); err != nil {
		return web.Response{}, err
	}
	return signedOut(), nil
}

// EndOthers ends all of the person's sessions but this one, which gets a new id.
func (h *Handlers) EndOthers(r *web.Request) (web.Response, error) {
	var from time.Time
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		if err := tx.QueryRow(r.Context(), sqlEndSessionsFrom, r.Actor().Staff, tx.Now()).Scan(&from); err != nil {
			return fmt.Errorf("end sessions: %w", err)
		}
		return audit.Record(r.Context(), tx, audit.From(r), audit.Event{
			Action: actionEnd, Subject: r.Actor().Staff, After: map[string]bool{"others": true},
		})
	})
	if err != nil {
		return web.Response{}, err
	}
	if err := endSessions(r.Context(), h.Sessions, r.Agency.ID, r.Actor().Staff, r.Session); err != nil {
		return web.Response{}, err
	}
	return web.Redirect(view.To("account")).Rotate(from).Say(i18n.PeopleSessionsOthersEnded), nil
}

// PasswordForm is the page to change one's own password.
func (h *Handlers) PasswordForm(r *web.Request) (web.Response, error) {
	return web.Page(i18n.StaffPasswordTitle, passwordPage(r.Frame(), nil)), nil
}

// ChangePassword changes the person's own password, ends her other sessions and gives
// this one a new id. Its route has the limit Confirm: somebody at an open screen must
// not be able to try passwords.
func (h *Handlers) ChangePassword(r *web.Request) (web.Response, error) {
	if r.SwitchLanguage {
		return r.Again(i18n.StaffPasswordTitle, nil, passwordPage(r.Frame(), nil)), nil
	}
	current, chosen := r.Value("current_password"), r.Value("new_password")
	me, problems, err := h.checkChange(r, current, chosen)
	if err != nil {
		return web.Response{}, err
	}
	if problems.Any() {
		return r.Again(i18n.StaffPasswordTitle, problems, passwordPage(r.Frame(), problems)), nil
	}

	hash, err := h.Hasher.Hash(r.Context(), chosen)
	if err != nil {
		return web.Response{}, err
	}
	var from time.Time
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		if from, err = setPassword(r.Context(), tx, me, hash); err != nil {
			return err
		}
		if err := Notify(r.Context(), tx, me.ID, PasswordChanged); err != nil {
			return err
		}
		return audit.Record(r.Context(), tx, audit.From(r), audit.Event{Action: actionPasswordChange, Subject: me.ID})
	})
	if err != nil {
		return web.Response{}, err
	}
	if err := endSessions(r.Context(), h.Sessions, r.Agency.ID, me.ID, r.Session); err != nil {
		return web.Response{}, err
	}

	return web.Redirect(view.To("account")).Rotate(from).Say(i18n.StaffPasswordSaved), nil
}

// checkChange loads the person's account and finds what is wrong with the change.
func (h *Handlers) checkChange(r *web.Request, current, chosen string) (account, view.Problems, error) {
	var me account
	var person Staff
	err := r.Agency.View(r.Context(), func(tx *tenancy.Tx) (err error) {
		if me, err = loadAccount(r.Context(), tx, sqlAccountByID, r.Actor().Staff); err != nil {
			return err
		}
		person, err = ByID(r.Context(), tx, r.Actor().Staff)
		return err
	})
	if err != nil {
		return me, nil, err
	}
	var problems view.Problems
	right := verdict{}
	if len(current) <= MaxPasswordBytes {
		if right, err = h.Hasher.verify(r.Context(), me.PasswordHash, current); err != nil {
			return me, nil, err
		}
	}
	if !right.OK {
		problems.Add("current_password", i18n.StaffPasswordWrong)
	}
	weak := CheckPassword(chosen, ownWords(r.Agency, person.DisplayName, person.Email, person.Username)...)
	if f := (*fault.Fault)(nil); errors.As(weak, &f) {
		problems.Add("new_password", f.Message)
	} else if right.OK && chosen == current {
		problems.Add("new_password", i18n.StaffPasswordSame)
	}
	return me, problems, nil
}
