package demo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/civil"
	"konote/app/factor"
	"konote/app/i18n"
	"konote/app/metric"
	"konote/app/note"
	"konote/app/participant"
	"konote/app/plan"
	"konote/app/program"
	"konote/app/settings"
	"konote/app/staff"
	"konote/tenancy"
)

// ErrReal says that an agency is not a demo agency; nothing is ever invented there.
var ErrReal = errors.New("demo: this agency holds real people's records")

// Account is one that the demo made, for the table of passwords.
type Account struct {
	UserName string            `json:"user_name"`
	Email    string            `json:"email"`
	Name     string            `json:"name"`
	Admin    bool              `json:"administrator"`
	Roles    map[string]string `json:"roles"` // by the program's English name
	// AppKey is the secret of the app that is this account's second step; "" for none.
	AppKey string `json:"app_key,omitempty"`
}

// Agency is one of the two, as it is to be made.
type Agency struct{ spec agencySpec }

// Agencies are the two, in order.
func Agencies() []Agency {
	made := make([]Agency, len(agencies))
	for i, spec := range agencies {
		made[i] = Agency{spec}
	}
	return made
}

// New is the agency for tenancy.Provision; base is the domain it lives below.
func (a Agency) New(base string) tenancy.NewAgency {
	return tenancy.NewAgency{Subdomain: a.spec.Subdomain, NameEN: a.spec.NameEN, NameFR: a.spec.NameFR,
		Hosts: []string{a.spec.Subdomain + "." + base}, Demo: true}
}

// Accounts lists who can sign in.
func (a Agency) Accounts() []Account {
	var accounts []Account
	for _, s := range a.spec.Staff {
		account := Account{UserName: s.UserName, Email: s.Email, Name: s.Name, Admin: s.Admin, Roles: map[string]string{}, AppKey: s.AppKey}
		for _, p := range a.spec.Programs {
			if role, ok := s.Roles[p.Key]; ok {
				account.Roles[p.NameEN] = string(role)
			}
		}
		accounts = append(accounts, account)
	}
	return accounts
}

// Fill makes the agency's settings, programs, staff and past, in one transaction, unless
// they are there. hash makes the hash of everybody's password.
func (a Agency) Fill(ctx context.Context, tx *tenancy.Tx, by audit.By, hash func() (string, error)) error {
	if !tx.Agency().Demo {
		return ErrReal
	}
	if members, err := staff.Active(ctx, tx); err != nil || len(members) > 0 {
		return err
	}
	if err := a.settings(ctx, tx, by); err != nil {
		return err
	}
	programs, err := a.programs(ctx, tx)
	if err != nil {
		return err
	}
	teams, err := a.staff(ctx, tx, by, programs, hash)
	if err != nil {
		return err
	}
	if err := a.invite(ctx, tx, programs); err != nil {
		return err
	}
	p := newPast(uint64(len(a.spec.Subdomain)), teams, tx.Now())
	if p.language = "en"; a.spec.FrenchShare > 50 {
		p.language = "fr"
	}
	if err := p.assess(ctx, tx, a.spec.Assesses, programs); err != nil {
		return err
	}
	if err := p.write(ctx, tx, a.spec.Participants, 10, a.spec.FrenchShare); err != nil {
		return err
	}
	if err := p.ownMeasure(ctx, tx); err != nil {
		return err
	}
	if err := p.surround(ctx, tx); err != nil {
		return err
	}
	if err := p.consents(ctx, tx, by); err != nil {
		return err
	}
	if err := p.grants(ctx, tx, a.spec); err != nil {
		return err
	}
	if err := p.directives(ctx, tx, a.spec); err != nil {
		return err
	}
	return p.looked(ctx, tx)
}

func (a Agency) settings(ctx context.Context, tx *tenancy.Tx, by audit.By) error {
	values := map[settings.Name]any{settings.TimeZone: "America/Toronto", settings.HelpContact: a.spec.HelpContact, settings.AccessTier: int(a.spec.Tier) + 1}
	if a.spec.Terms != nil {
		values[settings.Terms] = a.spec.Terms
	}
	for name, value := range values {
		if err := settings.Set(ctx, tx, by, name, value); err != nil {
			return err
		}
	}
	return nil
}

// programs makes them and returns their ids by key.
func (a Agency) programs(ctx context.Context, tx *tenancy.Tx) (map[string]uuid.UUID, error) {
	ids := map[string]uuid.UUID{}
	for _, p := range a.spec.Programs {
		ids[p.Key] = tenancy.NewID()
		err := program.Insert(ctx, tx, program.Program{
			ID: ids[p.Key], NameEN: p.NameEN, NameFR: p.NameFR, DescriptionEN: p.DescriptionEN, DescriptionFR: p.DescriptionFR,
			ServiceModel: p.Model, Status: program.Active, Confidential: p.Confidential, GoalReviewDays: p.GoalReviewDays,
		}, uuid.Nil)
		if err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// staff makes accounts and roles and returns who works where.
func (a Agency) staff(ctx context.Context, tx *tenancy.Tx, by audit.By, programs map[string]uuid.UUID, hash func() (string, error)) ([]team, error) {
	at := map[access.Role]map[string][]uuid.UUID{access.DirectService: {}, access.ProgramManager: {}, access.FrontDesk: {}, access.Executive: {}}
	for _, s := range a.spec.Staff {
		password, err := hash()
		if err != nil {
			return nil, err
		}
		id, err := staff.Insert(ctx, tx, by, staff.New{
			DisplayName: s.Name, Email: s.Email, Username: s.UserName, Language: s.Language, Admin: s.Admin, PasswordHash: password,
		})
		if err != nil {
			return nil, err
		}
		if s.AppKey != "" {
			if err := factor.Invent(ctx, tx, id, "Demo", s.AppKey); err != nil {
				return nil, err
			}
		}
		for key, role := range s.Roles {
			if err := staff.Grant(ctx, tx, by, id, programs[key], role); err != nil {
				return nil, err
			}
			at[role][key] = append(at[role][key], id)
		}
	}
	var teams []team
	for i, p := range a.spec.Programs {
		teams = append(teams, team{Program: programs[p.Key], Theme: p.Theme, Model: p.Model, Confidential: p.Confidential, Weight: 40 - 7*i,
			Workers: at[access.DirectService][p.Key], Managers: at[access.ProgramManager][p.Key], Desk: at[access.FrontDesk][p.Key]})
	}
	return teams, nil
}

// write invents count people with about notesEach notes and adds them, some hundreds at
// a time.
func (p *past) write(ctx context.Context, tx *tenancy.Tx, count, notesEach, frenchShare int) error {
	if err := p.measures(ctx, tx); err != nil {
		return err
	}
	for done := 0; done < count; done += chunk {
		var persons []participant.Past
		var notes, apart []note.Note
		var plans []plan.Past
		for range min(chunk, count-done) {
			person := p.person(frenchShare)
			written := p.notes(person, p.random.IntN(2*notesEach+1))
			plans = append(plans, p.plans(person, written)...)
			persons, notes, apart = append(persons, person), append(notes, written...), append(apart, p.assessments(person)...)
			if count < chunk {
				p.met = append(p.met, met{person, written})
			}
		}
		p.followUps(notes)
		if err := participant.Bulk(ctx, tx, persons); err != nil {
			return err
		}
		if err := plan.Bulk(ctx, tx, plans); err != nil {
			return err
		}
		if err := note.Bulk(ctx, tx, append(notes, apart...)); err != nil {
			return err
		}
	}
	return nil
}

const chunk = 1000

// measures loads the library, which the agency was given when it was made.
func (p *past) measures(ctx context.Context, tx *tenancy.Tx) error {
	if p.metrics != nil {
		return nil
	}
	if err := metric.Seed(ctx, tx); err != nil {
		return err
	}
	all, err := metric.All(ctx, tx)
	p.metrics = map[string]metric.Metric{}
	for _, m := range all {
		p.metrics[m.LibraryKey] = m
	}
	return err
}

// followUps lets each worker have a few things to do: the last notes of some people say
// when.
func (p *past) followUps(notes []note.Note) {
	latest := map[uuid.UUID]int{}
	for i, n := range notes {
		if at, ok := latest[n.Participant]; !ok || notes[at].CreatedAt.Before(n.CreatedAt) {
			latest[n.Participant] = i
		}
	}
	today := civil.Of(p.today)
	for _, i := range latest {
		if p.today.Sub(notes[i].CreatedAt) < 45*24*time.Hour && p.random.IntN(3) == 0 {
			notes[i].FollowUpOn = today.AddDays(p.random.IntN(16) - 3)
			if next := notes[i].HappenedOn.AddDays(1); notes[i].FollowUpOn.Before(next) {
				notes[i].FollowUpOn = next
			}
		}
	}
}

// Generate adds many more people and notes to a demo agency, for measuring: a chunk a
// transaction, progress told after each. It goes on with fresh people when it is run
// again with another seed.
func Generate(ctx context.Context, agency *tenancy.Agency, participants, notes int, seed uint64, progress func(done int)) error {
	if !agency.Demo {
		return ErrReal
	}
	var teams []team
	err := agency.View(ctx, func(tx *tenancy.Tx) (err error) {
		teams, err = existing(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	if len(teams) == 0 {
		return errors.New("demo: the agency has no program with direct-service staff")
	}
	each := 0
	if participants > 0 {
		each = max(1, notes/participants)
	}
	p := newPast(seed, teams, time.Now())
	for done := 0; done < participants; done += chunk {
		err := agency.Update(ctx, func(tx *tenancy.Tx) error {
			return p.write(ctx, tx, min(chunk, participants-done), each, 30)
		})
		if err != nil {
			return fmt.Errorf("after %d participants: %w", done, err)
		}
		if progress != nil {
			progress(min(done+chunk, participants))
		}
	}
	return nil
}

// existing are the teams of an agency that is there. Programs that the demo does not know
// borrow their words from one that it does.
func existing(ctx context.Context, tx *tenancy.Tx) ([]team, error) {
	programs, err := program.All(ctx, tx)
	if err != nil {
		return nil, err
	}
	var teams []team
	for _, p := range programs {
		members, err := staff.Team(ctx, tx, p.ID)
		if err != nil {
			return nil, err
		}
		t := team{Program: p.ID, Theme: themeOf(p.NameEN), Weight: 10}
		for _, m := range members {
			if m.Role == access.DirectService {
				t.Workers = append(t.Workers, m.ID)
			}
		}
		if len(t.Workers) > 0 && p.Status == program.Active {
			teams = append(teams, t)
		}
	}
	return teams, nil
}

func themeOf(name string) string {
	for _, a := range agencies {
		if i := slices.IndexFunc(a.Programs, func(p programSpec) bool { return p.NameEN == name }); i >= 0 {
			return a.Programs[i].Theme
		}
	}
	return "housing"
}

// noon is the middle of a day in Toronto, where the agencies are.
func noon(now time.Time) time.Time {
	now = now.In(i18n.Toronto())
	return time.Date(now.Year(), now.Month(), now.Day(), 12, 0, 0, 0, now.Location())
}
