package staff

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/keyring"
	"konote/tenancy"
)

// Powers are what somebody may do with the accounts of others. An administrator may do
// everything, but not with herself. Whoever manages people in programs (user.manage) decides
// about their work there, among the lesser roles, and may sign them out. What else they do,
// and where, plays no part in it: a refusal because of a program that she does not know of
// would tell her that there is one. So nothing of hers reaches beyond her programs either:
// names, addresses and passwords are administrators' alone, and an account that she closes
// stays open where there is other work (docs/decisions/0012).
type Powers struct {
	Staff    uuid.UUID
	Admin    bool
	Programs []uuid.UUID // whose people she manages
}

// PowersOf are those of an actor, from the roles that she has at this moment and place.
func PowersOf(actor access.Actor) Powers {
	return Powers{Staff: actor.Staff, Admin: actor.Admin, Programs: actor.Programs(access.UserManage)}
}

// Any says whether there is anybody whose account she may see.
func (p Powers) Any() bool { return p.Admin || len(p.Programs) > 0 }

// managedRoles are those that a manager gives, changes and takes away.
var managedRoles = []access.Role{access.FrontDesk, access.DirectService}

// MayGive says whether she may give a role in a program to somebody new.
func (p Powers) MayGive(program uuid.UUID, role access.Role) bool {
	return p.Admin || slices.Contains(p.Programs, program) && slices.Contains(managedRoles, role)
}

// Roles are those that she may give somewhere.
func (p Powers) Roles() []access.Role {
	if p.Admin {
		return access.Roles
	}
	return managedRoles
}

// both are the powers that two states of the same person have in common.
func (p Powers) both(other Powers) Powers {
	p.Admin = p.Admin && other.Admin
	p.Programs = slices.DeleteFunc(slices.Clone(p.Programs), func(id uuid.UUID) bool { return !slices.Contains(other.Programs, id) })
	return p
}

// Standing is what deciding about somebody's account needs.
type Standing struct {
	ID      uuid.UUID
	Admin   bool
	Status  Status
	Version int
	Roles   map[uuid.UUID]access.Role // active ones, in every program
	Desks   []uuid.UUID               // programs in which she holds or held a role at the front desk
}

// sees says whether she may know of the account: an administrator of all, a manager of
// those who work in a program of hers.
func (p Powers) sees(s Standing) bool {
	if p.Admin {
		return true
	}
	for program := range s.Roles {
		if slices.Contains(p.Programs, program) {
			return true
		}
	}
	return false
}

// may says whether she may do anything about the account. A manager may not with an
// administrator's, nor with that of somebody who manages or oversees one of her programs.
func (p Powers) may(s Standing) bool {
	if s.ID == p.Staff {
		return false
	}
	if p.Admin {
		return true
	}
	if s.Admin || !p.sees(s) {
		return false
	}
	for program, role := range s.Roles {
		if slices.Contains(p.Programs, program) && !p.MayGive(program, role) {
			return false
		}
	}
	return true
}

// mayMake says whether she may make somebody's role in a program this one, "" for none. The
// front desk is lifted to direct service by administrators alone.
func (p Powers) mayMake(s Standing, program uuid.UUID, role access.Role) bool {
	switch {
	case !p.may(s):
		return false
	case p.Admin:
		return true
	case role == "":
		return slices.Contains(p.Programs, program)
	case role == access.DirectService && slices.ContainsFunc(s.Desks, func(desk uuid.UUID) bool { return slices.Contains(p.Programs, desk) }):
		return false
	}
	return p.MayGive(program, role)
}

// denied is the answer for an account that she may see and not change.
func (p Powers) denied(s Standing) error {
	switch {
	case !p.sees(s):
		return fault.Refused()
	case s.ID == p.Staff:
		return fault.New(fault.Denied, i18n.PeopleDeniedSelf)
	}
	return fault.New(fault.Denied, i18n.PeopleDeniedAdmin)
}

// change does something to another account under locks: on it, on the actor's own and on
// those of all administrators, always in the same order. What the actor may do is read anew
// under these locks, and is never more than she could at the beginning of the request.
func change(ctx context.Context, tx *tenancy.Tx, p Powers, person uuid.UUID, act func(Powers, Standing) error) error {
	found, err := lockStandings(ctx, tx, p.Staff, person)
	if err != nil {
		return err
	}
	p = p.both(powersOf(found[p.Staff]))
	s, there := found[person]
	if !there {
		return fault.Missing()
	}
	if !p.may(s) {
		return p.denied(s)
	}
	return act(p, s)
}

// powersOf are the powers of somebody as the database has her; none of an account that is
// closed.
func powersOf(s Standing) Powers {
	p := Powers{Staff: s.ID}
	if s.Status == StatusActive {
		p.Admin, p.Programs = s.Admin, access.Actor{Roles: s.Roles}.Programs(access.UserManage)
	}
	return p
}

// PowersNow are the powers that somebody has in this moment, for what she has begun earlier:
// an invitation. Her account is locked until the transaction ends.
func PowersNow(ctx context.Context, tx *tenancy.Tx, person uuid.UUID) (Powers, error) {
	found, err := lockStandings(ctx, tx, person, person)
	return powersOf(found[person]), err
}

// PowersIn are what is left of somebody's powers in this moment, under the same locks.
func PowersIn(ctx context.Context, tx *tenancy.Tx, p Powers) (Powers, error) {
	now, err := PowersNow(ctx, tx, p.Staff)
	return p.both(now), err
}

// keepsAdmin refuses what would leave the agency without an active administrator. The locks
// of change make it certain that nobody else does the same at this moment.
func keepsAdmin(ctx context.Context, tx *tenancy.Tx, but uuid.UUID) error {
	var others int
	if err := tx.QueryRow(ctx, sqlOtherAdmins, but).Scan(&others); err != nil {
		return fmt.Errorf("count administrators: %w", err)
	}
	if others == 0 {
		return fault.New(fault.Denied, i18n.PeopleLastAdmin)
	}
	return nil
}

// errLift says that this person may not be given a role that others are given.
var errLift = fault.New(fault.Denied, i18n.PeopleDeniedLift)

// setRole gives, changes or takes away (role "") a role.
func setRole(ctx context.Context, tx *tenancy.Tx, by audit.By, p Powers, person, program uuid.UUID, role access.Role) error {
	return change(ctx, tx, p, person, func(p Powers, s Standing) error {
		_, held := s.Roles[program]
		switch {
		case !p.Admin && !slices.Contains(p.Programs, program):
			return fault.Refused() // a program that she does not manage is none to her
		case !p.mayMake(s, program, role) && slices.Contains(p.Roles(), role):
			return errLift
		case !p.mayMake(s, program, role):
			return fault.New(fault.Denied, i18n.PeopleDeniedRole)
		case role == "" && !held:
			return fault.Missing()
		case role == "":
			return Remove(ctx, tx, by, person, program)
		case s.Status != StatusActive:
			return fault.New(fault.Denied, i18n.PeopleDeniedInactive)
		}
		return Grant(ctx, tx, by, person, program, role)
	})
}

// setAdmin makes somebody an administrator, or an administrator nobody special.
func setAdmin(ctx context.Context, tx *tenancy.Tx, by audit.By, p Powers, person uuid.UUID, on bool) error {
	return change(ctx, tx, p, person, func(p Powers, s Standing) error {
		switch {
		case !p.Admin:
			return fault.New(fault.Denied, i18n.PeopleDeniedAdmin)
		case s.Admin == on:
			return nil
		case s.Status != StatusActive && on:
			return fault.New(fault.Denied, i18n.PeopleDeniedInactive)
		}
		if !on {
			if err := keepsAdmin(ctx, tx, person); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, sqlSetAdmin, person, on, tx.Now()); err != nil {
			return fmt.Errorf("set administrator: %w", err)
		}
		return audit.Record(ctx, tx, by, audit.Event{Action: actionAdmin, Subject: person,
			Before: map[string]bool{"admin": s.Admin}, After: map[string]bool{"admin": on}})
	})
}

// end ends somebody's work: all of it for an administrator, who closes the account; for a
// manager that in her programs, and the account closes when there is no other. She cannot
// tell which: in both cases the person is signed out, and no longer hers to see.
func end(ctx context.Context, tx *tenancy.Tx, by audit.By, p Powers, s Standing) error {
	if s.Status != StatusActive {
		return nil
	}
	if p.Admin {
		return deactivate(ctx, tx, by, s)
	}
	elsewhere := false
	for program := range s.Roles {
		if !slices.Contains(p.Programs, program) {
			elsewhere = true
			continue
		}
		if err := Remove(ctx, tx, by, s.ID, program); err != nil {
			return err
		}
	}
	if !elsewhere {
		return deactivate(ctx, tx, by, s)
	}
	if err := EndSessions(ctx, tx, s.ID); err != nil {
		return err
	}
	return audit.Record(ctx, tx, by, audit.Event{Action: actionEnd, Subject: s.ID})
}

// reactivate opens an account again, with the roles that it had. Administrators alone may:
// somebody may have had a reason to close it that a manager does not know.
func reactivate(ctx context.Context, tx *tenancy.Tx, by audit.By, p Powers, person uuid.UUID) error {
	return change(ctx, tx, p, person, func(p Powers, s Standing) error {
		if !p.Admin {
			return fault.New(fault.Denied, i18n.PeopleDeniedAdmin)
		}
		touched, err := tx.Exec(ctx, sqlReactivate, person, tx.Now())
		if err != nil {
			return fmt.Errorf("reactivate: %w", err)
		}
		if touched == 0 {
			return nil
		}
		return audit.Record(ctx, tx, by, audit.Event{Action: actionReactivate, Subject: person,
			Before: map[string]Status{"status": StatusDeactivated}, After: map[string]Status{"status": StatusActive}})
	})
}

// details are what may be changed about an account: all by administrators, name and address
// by its owner.
type details struct{ Name, Email, Username, Language string }

// setDetails saves those of a colleague as they were seen in a version.
func setDetails(ctx context.Context, tx *tenancy.Tx, by audit.By, p Powers, person uuid.UUID, version int, d details) error {
	return change(ctx, tx, p, person, func(p Powers, s Standing) error {
		if !p.Admin {
			return fault.New(fault.Denied, i18n.PeopleDeniedAdmin)
		}
		if s.Version != version {
			return fault.New(fault.Conflict, i18n.PeopleConflict)
		}
		return saveDetails(ctx, tx, by, person, d, false)
	})
}

// saveDetails writes the details of an account that is locked. The person is told when her
// address changes, at both. own says that it is she who writes, and so that nobody else
// vouches for a new address.
func saveDetails(ctx context.Context, tx *tenancy.Tx, by audit.By, person uuid.UUID, d details, own bool) error {
	before, err := ByID(ctx, tx, person)
	if err != nil {
		return err
	}
	if err := storeDetails(ctx, tx, before, d); err != nil {
		return err
	}
	if normal(before.Email) != normal(d.Email) {
		if err := vouch(ctx, tx, person, !own); err != nil {
			return err
		}
		if err := Notify(ctx, tx, person, EmailChanged); err != nil {
			return err
		}
	}
	return audit.Record(ctx, tx, by, audit.Event{Action: actionUpdate, Subject: person,
		Before: details{before.DisplayName, before.Email, before.Username, before.Language}, After: d})
}

// Person is one row of the list of people.
type Person struct {
	Standing
	Name         string
	Login        string // the e-mail address, or the user name
	LastSignInAt time.Time
	Language     string
	Places       []PersonRole // those that the viewer may know of, by name of the program
}

// PersonRole is a role in a program.
type PersonRole struct {
	Program        uuid.UUID
	NameEN, NameFR string
	Confidential   bool
	Role           access.Role
}

// Name is the program's name in the reader's language.
func (r PersonRole) Name(p *i18n.Printer) string {
	if p.French() {
		return r.NameFR
	}
	return r.NameEN
}

// MaxPeople is how many accounts the list reads. An agency has dozens; beyond this one
// searches, and the page says so.
const MaxPeople = 1000

// people are the accounts that somebody may see, by name. The bool says that there are more.
func people(ctx context.Context, tx *tenancy.Tx, p Powers, wanted string) ([]Person, bool, error) {
	found, roles, err := loadPeople(ctx, tx, uuid.Nil)
	if err != nil {
		return nil, false, err
	}
	shown := shownTo(p, found, roles)
	if wanted = fold(wanted); wanted != "" {
		shown = slices.DeleteFunc(shown, func(one Person) bool { return !matches(one, wanted) })
	}
	more := len(shown) > MaxPeople
	return shown[:min(len(shown), MaxPeople)], more, nil
}

// shownTo leaves of what was loaded what somebody may know: of people whom she may see, and
// of their roles those in programs that she manages.
func shownTo(p Powers, found []Person, roles []roleRow) []Person {
	at := map[uuid.UUID]*Person{}
	for i := range found {
		found[i].Roles = map[uuid.UUID]access.Role{}
		at[found[i].ID] = &found[i]
	}
	for _, r := range roles {
		one := at[r.Staff]
		if one == nil {
			continue
		}
		if r.Role == access.FrontDesk {
			one.Desks = append(one.Desks, r.Program)
		}
		if r.Status != "active" {
			continue
		}
		one.Roles[r.Program] = r.Role
		if p.Admin || slices.Contains(p.Programs, r.Program) {
			one.Places = append(one.Places, PersonRole{Program: r.Program, NameEN: r.NameEN, NameFR: r.NameFR, Confidential: r.Confidential, Role: r.Role})
		}
	}
	return slices.DeleteFunc(found, func(one Person) bool { return !p.sees(one.Standing) })
}

// matches compares without regard to case and accents, each word of what is wanted with the
// beginning of a word of the name.
func matches(one Person, wanted string) bool {
	words := wordsOf(one.Name)
	for _, part := range wordsOf(wanted) {
		if !slices.ContainsFunc(words, func(word string) bool { return len(word) >= len(part) && word[:len(part)] == part }) {
			return normal(one.Login) == normal(wanted)
		}
	}
	return true
}

// personFor loads one person for somebody who may see her.
func personFor(ctx context.Context, tx *tenancy.Tx, p Powers, id uuid.UUID) (Person, error) {
	found, roles, err := loadPeople(ctx, tx, id)
	if err != nil {
		return Person{}, err
	}
	if len(found) == 0 {
		return Person{}, fault.Missing()
	}
	shown := shownTo(p, found, roles)
	if len(shown) == 0 {
		return Person{}, fault.Refused()
	}
	return shown[0], nil
}

// openPerson opens the sealed part of a row.
func openPerson(o *keyring.Opener, row personRow) Person {
	one := Person{
		Standing: Standing{ID: row.ID, Admin: row.Admin, Status: row.Status, Version: row.Version},
		Name:     o.Open(colDisplayName, row.ID, row.DisplayName), Language: row.Language,
	}
	if one.Login = o.Open(colEmail, row.ID, row.Email); one.Login == "" {
		one.Login = o.Open(colUsername, row.ID, row.Username)
	}
	if row.LastSignInAt != nil {
		one.LastSignInAt = *row.LastSignInAt
	}
	return one
}

// wordsOf are the words of a text without accents and case.
func wordsOf(text string) []string {
	return strings.FieldsFunc(fold(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
}

// Tidy takes off what surrounds the fields of a new account, as Insert does.
func (n New) Tidy() New { return n.tidy() }

// CheckPasswordOf is CheckPassword for somebody at an agency, of whom these words are known.
func CheckPasswordOf(agency *tenancy.Agency, password string, person ...string) error {
	return CheckPassword(password, ownWords(agency, person...)...)
}
