package apptest

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/alert"
	"konote/app/audit"
	"konote/app/civil"
	"konote/app/consent"
	"konote/app/event"
	"konote/app/grant"
	"konote/app/i18n"
	"konote/app/invite"
	"konote/app/message"
	"konote/app/metric"
	"konote/app/note"
	"konote/app/participant"
	"konote/app/plan"
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

	Metrics map[uuid.UUID]uuid.UUID // one of each program's own; of uuid.Nil, the whole agency's

	EventType, HousingType, YouthType, Serious uuid.UUID // types of events: the agency's, two programs'; a category

	PlanTemplate, HousingPlan, YouthPlan   uuid.UUID // templates: the agency's, and two programs'
	NoteTemplate, HousingNotes, YouthNotes uuid.UUID // likewise of notes

	Groups  map[uuid.UUID]*Group  // of each program
	Circles map[uuid.UUID]*Circle // of each program; of uuid.Nil, Own and somebody without a record, in Housing

	Grant       uuid.UUID // an emergency of Worker's about Own, over and reviewed
	GrantReason uuid.UUID // one that is offered

	Invitation, AdminInvitation uuid.UUID // open ones: by the manager to Housing, and by the administrator

	Finding, HiddenFinding uuid.UUID // worth a look: what Worker did in Housing, and Advocate in Shelter

	Change uuid.UUID // of many enrolments at once, by Worker: of nobody's in the end

	own []string // words about the agency's staff, and names of what people do together
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
	Directive  uuid.UUID // closes her file to Nobody
}

// Enrolment is a place in a program, with one note.
type Enrolment struct {
	ID, Program uuid.UUID
	Reason      string // of its last change
	Note        uuid.UUID
	Text        string // of the note
	Takeaway    string
	Said        string // in it, of the target
	Added       string // to it later
	Alert       uuid.UUID
	Danger      string    // its text
	Highlight   string    // of the session of the program's group
	Kin         string    // the relationship in the program's circle
	Event       uuid.UUID // a serious one
	Happening   string    // its title
	Meeting     uuid.UUID // its author attends it, ten days from now
	Place       string    // where
	Section     uuid.UUID // of a plan
	Target      uuid.UUID // in it
	Aim         string    // all of its words
	Contact     uuid.UUID // six days old
	Call        string    // its words
	Message     uuid.UUID // left by the front desk for everybody in the program
	Left        string    // its words
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
		found = append(found, e.Reason, e.Text, e.Takeaway, e.Said, e.Added, e.Danger, e.Highlight, e.Kin, e.Happening, e.Place, e.Aim, e.Call, e.Left)
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
	if err := consent.Seed(ctx, tx); err != nil {
		return err
	}
	if err := a.fillMetrics(ctx, tx); err != nil {
		return err
	}
	if err := a.fillTemplates(ctx, tx); err != nil {
		return err
	}
	if err := a.fillTypes(ctx, tx); err != nil {
		return err
	}
	if err := a.fillStaff(ctx, tx, w, hash); err != nil {
		return err
	}
	if err := a.fillInvitations(ctx, tx, w); err != nil {
		return err
	}
	a.Change = tenancy.NewID()
	if _, err := tx.Exec(ctx, `INSERT INTO agency.bulk_changes (id, kind, staff_id, before, left_out) VALUES ($1, 'assign', $2, '{}', '[]')`, a.Change, a.Worker.ID); err != nil {
		return err
	}
	if err := a.fillFindings(ctx, tx); err != nil {
		return err
	}
	if err := a.fillParticipants(ctx, tx, w); err != nil {
		return err
	}
	if err := a.fillGrants(ctx, tx); err != nil {
		return err
	}
	if err := a.fillGroups(ctx, tx, w); err != nil {
		return err
	}
	if err := a.fillDirectives(ctx, tx); err != nil {
		return err
	}
	return a.fillConsents(ctx, tx)
}

// fillConsents has everybody agree to a record and to e-mail.
func (a *Agency) fillConsents(ctx context.Context, tx *tenancy.Tx) error {
	texts, err := consent.Current(ctx, tx)
	if err != nil {
		return err
	}
	var events []consent.Event
	for _, p := range a.Participants() {
		for purpose, basis := range map[consent.Purpose]consent.Basis{consent.Service: "", consent.Email: consent.Express} {
			events = append(events, consent.Event{
				ID: tenancy.NewID(), Participant: p.ID, Purpose: purpose, Kind: consent.Given, Basis: basis, Text: texts[purpose].ID, Language: "en",
				By: consent.Herself, How: consent.InPerson, HappenedOn: civil.Of(tx.Now().AddDate(0, -3, 0)), RecordedAt: tx.Now().AddDate(0, -3, 0), RecordedBy: a.Worker.ID,
			})
		}
	}
	return consent.Bulk(ctx, tx, events, i18n.Toronto())
}

// fillGrants makes the reasons for access, and an emergency that is over.
func (a *Agency) fillGrants(ctx context.Context, tx *tenancy.Tx) error {
	if err := grant.Seed(ctx, tx); err != nil {
		return err
	}
	if err := tx.QueryRow(ctx, `SELECT id FROM agency.grant_reasons ORDER BY id LIMIT 1`).Scan(&a.GrantReason); err != nil {
		return err
	}
	a.Grant = tenancy.NewID()
	began := tx.Now().Add(-48 * time.Hour)
	return grant.Bulk(ctx, tx, []grant.Grant{{
		ID: a.Grant, Staff: a.Worker.ID, Participant: a.Own.ID, Through: []uuid.UUID{a.Housing}, Emergency: true, Why: "A call at night.",
		CreatedAt: began, ExpiresAt: began.Add(4 * time.Hour), ReviewedAt: tx.Now(), ReviewedBy: a.Admin.ID, Finding: grant.Proper,
	}})
}

// fillFindings makes two patterns that are worth a look.
func (a *Agency) fillFindings(ctx context.Context, tx *tenancy.Tx) error {
	for to, of := range map[*uuid.UUID]struct {
		staff   *Staff
		program uuid.UUID
	}{&a.Finding: {a.Worker, a.Housing}, &a.HiddenFinding: {a.Advocate, a.Shelter}} {
		*to = tenancy.NewID()
		if _, err := tx.Exec(ctx, `INSERT INTO agency.watch_findings (id, day, kind, staff_id, program_ids, event_ids, amount, found_at)
			VALUES ($1, '2026-01-05', 'hours', $2, $3, '{}', 1, $4)`, *to, of.staff.ID, []uuid.UUID{of.program}, tx.Now()); err != nil {
			return err
		}
	}
	return nil
}

func (a *Agency) fillTemplates(ctx context.Context, tx *tenancy.Tx) error {
	body := plan.Body{Sections: []plan.TemplateSection{{Targets: []plan.TemplateTarget{{EN: "A quiet home", FR: "Un logement tranquille"}}}}}
	for to, of := range map[*uuid.UUID]*uuid.UUID{&a.PlanTemplate: nil, &a.HousingPlan: &a.Housing, &a.YouthPlan: &a.Youth} {
		*to = tenancy.NewID()
		t := plan.Template{ID: *to, Program: of, NameEN: "Home", NameFR: "Chez-soi", Body: body, Status: plan.TemplateActive}
		if _, err := plan.InsertTemplate(ctx, tx, t, uuid.Nil); err != nil {
			return err
		}
	}
	for to, of := range map[*uuid.UUID]uuid.UUID{&a.NoteTemplate: uuid.Nil, &a.HousingNotes: a.Housing, &a.YouthNotes: a.Youth} {
		*to = tenancy.NewID()
		t := note.Template{ID: *to, Program: of, NameEN: "Visit", NameFR: "Visite", Sections: []note.TemplateSection{{Kind: note.Basic, EN: "Who", FR: "Qui"}}}
		if _, err := note.InsertTemplate(ctx, tx, t, uuid.Nil); err != nil {
			return err
		}
	}
	return nil
}

func (a *Agency) fillMetrics(ctx context.Context, tx *tenancy.Tx) error {
	if err := metric.Seed(ctx, tx); err != nil {
		return err
	}
	a.Metrics = map[uuid.UUID]uuid.UUID{}
	for _, of := range []uuid.UUID{uuid.Nil, a.Housing, a.Youth, a.Shelter} {
		m := metric.Metric{
			ID: tenancy.NewID(), Kind: metric.Scale, Category: metric.Custom, NameEN: "Nights at home", NameFR: "Nuits à la maison",
			Low: new(0.0), High: new(31.0), Better: metric.Higher, CadenceNotes: 1, ReviewDays: 90, Status: metric.Active,
		}
		if of != uuid.Nil {
			m.Program = &of
		}
		if err := metric.Insert(ctx, tx, m, uuid.Nil); err != nil {
			return err
		}
		a.Metrics[of] = m.ID
	}
	return nil
}

// fillTypes makes types of events: one of the agency's, two of programs, and a category.
func (a *Agency) fillTypes(ctx context.Context, tx *tenancy.Tx) error {
	if err := event.Seed(ctx, tx); err != nil {
		return err
	}
	for _, made := range []struct {
		to       *uuid.UUID
		program  *uuid.UUID
		severity int
	}{{to: &a.EventType}, {&a.HousingType, &a.Housing, 0}, {&a.YouthType, &a.Youth, 0}, {to: &a.Serious, severity: 2}} {
		*made.to = tenancy.NewID()
		t := event.Type{ID: *made.to, NameEN: "Something", NameFR: "Quelque chose", Program: made.program, Severity: made.severity, Position: 100}
		if _, err := event.InsertType(ctx, tx, t, uuid.Nil); err != nil {
			return err
		}
	}
	return nil
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

func (a *Agency) fillInvitations(ctx context.Context, tx *tenancy.Tx, w *words) error {
	a.Invitation, a.AdminInvitation = tenancy.NewID(), tenancy.NewID()
	open := func(id uuid.UUID, by *Staff) invite.Invitation {
		i := invite.Invitation{ID: id, Name: w.next(), Email: w.plain() + "@staff.example", Language: "en", CreatedAt: tx.Now(), CreatedBy: by.ID,
			ExpiresAt: tx.Now().Add(7 * 24 * time.Hour), Roles: map[uuid.UUID]access.Role{a.Housing: access.DirectService}}
		a.own = append(a.own, i.Name, i.Email)
		return i
	}
	higher := open(a.AdminInvitation, a.Admin)
	higher.Admin = true
	return invite.Bulk(ctx, tx, []invite.Invitation{open(a.Invitation, a.Manager), higher})
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
	var plans []plan.Past
	var notes []note.Note
	var addenda []note.Addendum
	var alerts []alert.Past
	var events []event.Event
	var contacts []message.Contact
	var messages []message.Message
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
			e := &Enrolment{ID: tenancy.NewID(), Program: at.program, Reason: w.next(), Note: tenancy.NewID(), Text: w.next(), Takeaway: w.next(), Said: w.next(), Added: w.next(), Alert: tenancy.NewID(), Danger: w.next(),
				Event: tenancy.NewID(), Happening: w.next(), Meeting: tenancy.NewID(), Contact: tenancy.NewID(), Place: w.next(), Section: tenancy.NewID(), Target: tenancy.NewID(), Aim: w.next(),
				Call: w.next(), Message: tenancy.NewID(), Left: w.next()}
			made.Enrolments = append(made.Enrolments, e)
			past.Enrolments = append(past.Enrolments, e.past(at.status, made.ID, at.author.ID, tx.Now()))
			plans = append(plans, e.plan(made.ID, at.author.ID, a.Metrics[uuid.Nil], tx.Now()))
			notes = append(notes, e.note(made.ID, at.author.ID, tx.Now()))
			addenda = append(addenda, e.addendum(at.author.ID, tx.Now()))
			alerts = append(alerts, e.alert(made.ID, at.author.ID, tx.Now()))
			contacts = append(contacts, e.contact(made.ID, at.author.ID, tx.Now()))
			messages = append(messages, message.Message{ID: e.Message, Participant: made.ID, Program: at.program, LeftBy: a.FrontDesk.ID, Text: e.Left, CreatedAt: tx.Now()})
			events = append(events, e.event(made.ID, at.author.ID, a.EventType, a.Serious, tx.Now()), e.meeting(made.ID, at.author.ID, tx.Now()))
		}
		people = append(people, past)
		*person.to = made
	}
	if err := participant.Bulk(ctx, tx, people); err != nil {
		return err
	}
	if err := plan.Bulk(ctx, tx, plans); err != nil {
		return err
	}
	if err := note.Bulk(ctx, tx, notes); err != nil {
		return err
	}
	if err := note.BulkAddenda(ctx, tx, addenda); err != nil {
		return err
	}
	if err := alert.Bulk(ctx, tx, alerts); err != nil {
		return err
	}
	if err := message.Bulk(ctx, tx, contacts); err != nil {
		return err
	}
	if err := message.BulkMessages(ctx, tx, messages); err != nil {
		return err
	}
	return event.Bulk(ctx, tx, events)
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

// plan is a section with one target, whose every word is the same.
func (e *Enrolment) plan(person, by, measure uuid.UUID, now time.Time) plan.Past {
	made := now.AddDate(0, -2, 0)
	day := civil.Of(made.In(i18n.Toronto()))
	return plan.Past{
		Section: plan.Section{ID: e.Section, Participant: person, Program: e.Program, Name: e.Aim, Status: plan.SectionActive, UpdatedAt: made, UpdatedBy: by},
		Targets: []plan.PastTarget{{Target: plan.Target{
			ID: e.Target, Details: plan.Details{Words: e.Aim, Name: e.Aim, Description: e.Aim, SetBy: plan.Jointly},
			Status: plan.Active, Achievement: plan.InProgress, AchievementBy: plan.Computed, CreatedAt: made, CreatedBy: by, UpdatedAt: made, UpdatedBy: by,
			Metrics: []plan.TargetMetric{{Metric: measure, AssignedOn: day, ReviewedOn: day}},
		}}},
	}
}

func (e *Enrolment) note(person, author uuid.UUID, now time.Time) note.Note {
	written := now.AddDate(0, 0, -9)
	return note.Note{
		ID: e.Note, Participant: person, Program: e.Program, Author: author, AuthorRole: access.DirectService,
		Interaction: note.Session, Text: e.Text, Takeaway: e.Takeaway, CreatedAt: written, HappenedOn: civil.Of(written.In(i18n.Toronto())),
		Goals: []note.Goal{{Target: e.Target, Text: e.Said, Words: e.Said, Descriptor: plan.Holding}},
	}
}

func (e *Enrolment) addendum(author uuid.UUID, now time.Time) note.Addendum {
	return note.Addendum{ID: tenancy.NewID(), Note: e.Note, Author: author, AuthorRole: access.DirectService, Text: e.Added, CreatedAt: now.AddDate(0, 0, -8)}
}

func (e *Enrolment) alert(person, author uuid.UUID, now time.Time) alert.Past {
	return alert.Past{Alert: alert.Alert{
		ID: e.Alert, Participant: person, Program: e.Program, Author: author, Text: e.Danger, Status: alert.Active, CreatedAt: now.AddDate(0, 0, -8),
	}}
}

func (e *Enrolment) event(person, author, kind, category uuid.UUID, now time.Time) event.Event {
	written := now.AddDate(0, 0, -7)
	return event.Event{
		ID: e.Event, Kind: event.Happening, Participant: person, Program: e.Program, Author: author, AuthorRole: access.DirectService,
		Type: kind, Title: e.Happening, HappenedOn: civil.Of(written.In(i18n.Toronto())), Note: e.Note,
		Serious: category, FlaggedAt: written, FlaggedBy: author, CreatedAt: written,
	}
}

func (e *Enrolment) meeting(person, author uuid.UUID, now time.Time) event.Event {
	starts := now.AddDate(0, 0, 10).Truncate(time.Hour)
	return event.Event{
		ID: e.Meeting, Kind: event.Meeting, Participant: person, Program: e.Program, Author: author, AuthorRole: access.DirectService,
		HappenedOn: civil.Of(starts.In(i18n.Toronto())), StartsAt: starts, EndsAt: starts.Add(time.Hour), Location: e.Place,
		Attendees: []uuid.UUID{author}, Status: event.Scheduled, Reminder: event.Waiting, CreatedAt: now.AddDate(0, 0, -1),
	}
}

func (e *Enrolment) contact(person, by uuid.UUID, now time.Time) message.Contact {
	written := now.AddDate(0, 0, -6)
	return message.Contact{
		ID: e.Contact, Participant: person, Program: e.Program, LoggedBy: by, Role: access.DirectService, Direction: message.In,
		Channel: message.Phone, Outcome: message.Reached, Text: e.Call, HappenedOn: civil.Of(written.In(i18n.Toronto())), CreatedAt: written,
	}
}
