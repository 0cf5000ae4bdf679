package apptest

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/civil"
	"konote/app/i18n"
	"konote/app/note"
	"konote/app/participant"
	"konote/app/program"
	"konote/app/settings"
	"konote/app/staff"
	"konote/tenancy"
)

// Password is everybody's.
const Password = "seven otters under the copper bridge"

// Agency is one of the two.
type Agency struct {
	*tenancy.Agency

	// The programs; Shelter is confidential.
	Housing, Youth, Shelter uuid.UUID

	FrontDesk *Staff // in Housing
	Worker    *Staff // direct service in Housing
	Manager   *Staff // in Housing
	Executive *Staff // in all three
	Mixed     *Staff // executive in Housing, direct service in Youth
	Advocate  *Staff // direct service in Shelter
	Both      *Staff // front desk in Housing, direct service in Youth
	Admin     *Staff // administrator without a role
	Nobody    *Staff // neither

	Own    *Participant // in Housing
	Other  *Participant // in Youth
	Hidden *Participant // in Shelter
	Shared *Participant // in Housing and Shelter
	Twin   *Participant // in Housing and Youth
	Former *Participant // was in Housing, finished
	Gone   *Participant // was never meant to be in Housing: cancelled

	own []string // words about the agency's staff
}

// Staff is one account. Its password is [Password].
type Staff struct {
	ID     uuid.UUID
	Login  string // the user name
	Email  string
	Name   string
	Agency *Agency
}

// Participant is one person's record.
type Participant struct {
	participant.Participant
	Enrolments []*Enrolment
}

// Enrolment is a place in a program, with one note.
type Enrolment struct {
	ID, Program uuid.UUID
	Reason      string // of its last change
	Note        uuid.UUID
	Text        string // of the note
	Takeaway    string
}

// In is the enrolment in a program, nil when there is none.
func (p *Participant) In(program uuid.UUID) *Enrolment {
	for _, e := range p.Enrolments {
		if e.Program == program {
			return e
		}
	}
	return nil
}

// Words are all that is only said about this person.
func (p *Participant) Words() []string {
	found := []string{p.FirstName, p.PreferredName, p.MiddleName, p.LastName, p.Pronouns, p.Phone, p.Email, p.Address, p.RecordID}
	for _, e := range p.Enrolments {
		found = append(found, e.Reason, e.Text, e.Takeaway)
	}
	return slices.DeleteFunc(found, func(word string) bool { return word == "" })
}

// Participants are all of the agency.
func (a *Agency) Participants() []*Participant {
	return []*Participant{a.Own, a.Other, a.Hidden, a.Shared, a.Twin, a.Former, a.Gone}
}

// Accounts are all of the agency.
func (a *Agency) Accounts() []*Staff {
	return []*Staff{a.FrontDesk, a.Worker, a.Manager, a.Executive, a.Mixed, a.Advocate, a.Both, a.Admin, a.Nobody}
}

// Words are all that is only said about the agency's people, participants and staff.
func (a *Agency) Words() []string {
	found := slices.Clone(a.own)
	for _, p := range a.Participants() {
		found = append(found, p.Words()...)
	}
	return found
}

func (p *Platform) newAgency(t testing.TB, name, en, fr string, w *words) *Agency {
	t.Helper()
	ctx := t.Context()
	n := subdomain(name, w)
	a := &Agency{Housing: tenancy.NewID(), Youth: tenancy.NewID(), Shelter: tenancy.NewID()}
	hash, err := p.Server.Hasher.Hash(ctx, Password)
	if err != nil {
		t.Fatal(err)
	}
	made, err := tenancy.Provision(ctx, p.Owner, p.Server.Platform, tenancy.NewAgency{
		Subdomain: n, NameEN: en, NameFR: fr, Hosts: []string{n + ".localhost"}, Demo: true,
	}, func(ctx context.Context, tx *tenancy.Tx) error { return a.fill(ctx, tx, w, hash) })
	if err != nil {
		t.Fatal(err)
	}
	a.Agency = made
	return a
}

// subdomain is a subdomain that no other platform of the process has.
func subdomain(name string, w *words) string { return name + "-" + w.plain() }

var byTests = audit.By{Kind: audit.KindOperator, Operator: "tests", Reference: "tests"}

func (a *Agency) fill(ctx context.Context, tx *tenancy.Tx, w *words, hash string) error {
	for name, value := range map[settings.Name]any{
		settings.TimeZone: "America/Toronto", settings.HelpContact: "Robin, at the front",
	} {
		if err := settings.Set(ctx, tx, byTests, name, value); err != nil {
			return err
		}
	}
	for _, made := range []program.Program{
		{ID: a.Housing, NameEN: "Housing", NameFR: "Logement", DescriptionEN: "A home of one's own.", DescriptionFR: "Un chez-soi."},
		{ID: a.Youth, NameEN: "Youth", NameFR: "Jeunesse", DescriptionEN: "After school.", DescriptionFR: "Après l’école."},
		{ID: a.Shelter, NameEN: "Shelter", NameFR: "Refuge", DescriptionEN: "A safe place.", DescriptionFR: "Un lieu sûr.", Confidential: true},
	} {
		made.ServiceModel, made.Status = program.Individual, program.Active
		if err := program.Insert(ctx, tx, made, uuid.Nil); err != nil {
			return err
		}
	}
	if err := a.fillStaff(ctx, tx, w, hash); err != nil {
		return err
	}
	return a.fillParticipants(ctx, tx, w)
}

func (a *Agency) fillStaff(ctx context.Context, tx *tenancy.Tx, w *words, hash string) error {
	for _, account := range []struct {
		to    **Staff
		admin bool
		roles map[uuid.UUID]access.Role
	}{
		{&a.FrontDesk, false, map[uuid.UUID]access.Role{a.Housing: access.FrontDesk}},
		{&a.Worker, false, map[uuid.UUID]access.Role{a.Housing: access.DirectService}},
		{&a.Manager, false, map[uuid.UUID]access.Role{a.Housing: access.ProgramManager}},
		{&a.Executive, false, map[uuid.UUID]access.Role{a.Housing: access.Executive, a.Youth: access.Executive, a.Shelter: access.Executive}},
		{&a.Mixed, false, map[uuid.UUID]access.Role{a.Housing: access.Executive, a.Youth: access.DirectService}},
		{&a.Advocate, false, map[uuid.UUID]access.Role{a.Shelter: access.DirectService}},
		{&a.Both, false, map[uuid.UUID]access.Role{a.Housing: access.FrontDesk, a.Youth: access.DirectService}},
		{&a.Admin, true, nil},
		{&a.Nobody, false, nil},
	} {
		s := &Staff{Login: w.plain(), Email: w.plain() + "@staff.example", Name: w.next() + " " + w.next(), Agency: a}
		var err error
		s.ID, err = staff.Insert(ctx, tx, byTests, staff.New{
			DisplayName: s.Name, Email: s.Email, Username: s.Login, PasswordHash: hash, Admin: account.admin,
		})
		if err != nil {
			return err
		}
		for in, role := range account.roles {
			if err := staff.Grant(ctx, tx, byTests, s.ID, in, role); err != nil {
				return err
			}
		}
		*account.to = s
		a.own = append(a.own, s.Login, s.Email)
		a.own = append(a.own, strings.Fields(s.Name)...)
	}
	return nil
}

func (a *Agency) fillParticipants(ctx context.Context, tx *tenancy.Tx, w *words) error {
	type place struct {
		program uuid.UUID
		status  access.EnrolmentStatus
		author  *Staff
	}
	housing := func(status access.EnrolmentStatus) place { return place{a.Housing, status, a.Worker} }
	youth, shelter := place{a.Youth, access.Enrolled, a.Mixed}, place{a.Shelter, access.Enrolled, a.Advocate}
	var people []participant.Past
	var notes []note.Note
	for i, person := range []struct {
		to     **Participant
		places []place
	}{
		{&a.Own, []place{housing(access.Enrolled)}},
		{&a.Other, []place{youth}},
		{&a.Hidden, []place{shelter}},
		{&a.Shared, []place{housing(access.Enrolled), shelter}},
		{&a.Twin, []place{housing(access.Enrolled), youth}},
		{&a.Former, []place{housing(access.Finished)}},
		{&a.Gone, []place{housing(access.Cancelled)}},
	} {
		made := &Participant{Participant: invented(w, i, tx.Now())}
		past := participant.Past{Participant: made.Participant}
		for _, at := range person.places {
			e := &Enrolment{ID: tenancy.NewID(), Program: at.program, Reason: w.next(), Note: tenancy.NewID(), Text: w.next(), Takeaway: w.next()}
			made.Enrolments = append(made.Enrolments, e)
			past.Enrolments = append(past.Enrolments, e.past(at.status, made.ID, at.author.ID, tx.Now()))
			notes = append(notes, e.note(made.ID, at.author.ID, tx.Now()))
		}
		people = append(people, past)
		*person.to = made
	}
	if err := participant.Bulk(ctx, tx, people); err != nil {
		return err
	}
	return note.Bulk(ctx, tx, notes)
}

// invented is a person of made-up words, everything filled in.
func invented(w *words, i int, now time.Time) participant.Participant {
	return participant.Participant{
		ID: tenancy.NewID(), CreatedAt: now.AddDate(0, -3, 0), UpdatedAt: now.AddDate(0, -3, 0),
		Details: participant.Details{
			FirstName: w.next(), PreferredName: w.next(), MiddleName: w.next(), LastName: w.next(), Pronouns: w.plain(),
			BirthDate: civil.Date{Year: 1980 + i, Month: time.March, Day: 3 + i}.String(),
			Phone:     w.phone(), Email: w.plain() + "@people.example", Address: "12 " + w.next() + " Street", RecordID: w.plain(),
			Status: participant.Active, Language: "en",
		},
	}
}

func (e *Enrolment) past(status access.EnrolmentStatus, person, by uuid.UUID, now time.Time) participant.PastEnrolment {
	began := now.AddDate(0, -3, 0)
	made := participant.Enrolment{ID: e.ID, Participant: person, Program: e.Program, Status: status, StartedOn: civil.Of(began.In(i18n.Toronto()))}
	steps := []participant.Step{{Status: access.Enrolled, At: began, By: by}}
	if status == access.Enrolled {
		steps[0].Reason = e.Reason
	} else {
		steps = append(steps, participant.Step{Status: status, Reason: e.Reason, At: now.AddDate(0, -1, 0), By: by})
		made.EndedOn = civil.Of(now.AddDate(0, -1, 0).In(i18n.Toronto()))
	}
	return participant.PastEnrolment{Enrolment: made, Steps: steps}
}

func (e *Enrolment) note(person, author uuid.UUID, now time.Time) note.Note {
	written := now.AddDate(0, 0, -9)
	return note.Note{
		ID: e.Note, Participant: person, Program: e.Program, Author: author, AuthorRole: access.DirectService,
		Interaction: note.Session, Text: e.Text, Takeaway: e.Takeaway, CreatedAt: written, HappenedOn: civil.Of(written.In(i18n.Toronto())),
	}
}
