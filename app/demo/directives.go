package demo

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/civil"
	"konote/app/directive"
	"konote/app/participant"
	"konote/app/staff"
	"konote/tenancy"
)

// Why people close something, and why it is safe again, in the language of the agency.
var (
	closedSaid = map[string][2]string{
		"en": {"We have the same family name. He is my cousin, and I would rather he did not know.", "I would like only the people I talk to to read what I say."},
		"fr": {"Nous portons le même nom de famille : c’est mon cousin, et je préfère qu’il ne le sache pas.", "J’aimerais que seules les personnes à qui je parle lisent ce que je dis."},
	}
	safeSaid = map[string]string{
		"en": "She has moved, and the order of protection has been extended by a year.",
		"fr": "Elle a déménagé, et l’ordonnance de protection a été prolongée d’un an.",
	}
)

const guarded = 3 // participants whose whereabouts are kept safe

// directives invents what people have closed: a file to a colleague of the same family
// name, notes to a role; and whose whereabouts are kept safe, of whom one waits for a
// second person to end it.
func (p *past) directives(ctx context.Context, tx *tenancy.Tx, spec agencySpec) error {
	stays := p.stays()
	if len(stays) <= guarded {
		return nil
	}
	who, relative, err := p.namesake(ctx, tx, spec)
	if err != nil {
		return err
	}
	said := closedSaid[p.language]
	made := []directive.Directive{{Participant: stays[guarded].ID, Kind: access.NotesKind, Role: access.ProgramManager, Reason: said[1], RecordedBy: stays[guarded].Workers[0]}}
	if relative != uuid.Nil {
		made = append(made, directive.Directive{Participant: who, Kind: access.WholeFile, Staff: relative, Reason: said[0], RecordedBy: stays[0].Workers[0]})
	}
	for _, d := range made {
		d.ID, d.By, d.RecordedAt, d.FromOn = tenancy.NewID(), directive.Participant, p.today.AddDate(0, -1, 0), civil.Of(p.today.AddDate(0, -1, 0))
		if _, err := directive.Insert(ctx, tx, d); err != nil {
			return err
		}
	}
	if spec.Tier < access.RoleBased {
		return nil
	}
	for _, s := range stays[:guarded] {
		if err := participant.SetGuarded(ctx, tx, s.ID, true); err != nil {
			return err
		}
	}
	_, err = directive.Ask(ctx, tx, directive.Request{ID: tenancy.NewID(), Participant: stays[0].ID, Reason: safeSaid[p.language],
		At: p.today.AddDate(0, 0, -2), By: stays[0].Workers[0]})
	return err
}

// namesake finds a participant and somebody at work who have the same family name; nobody
// when there are none.
func (p *past) namesake(ctx context.Context, tx *tenancy.Tx, spec agencySpec) (who, relative uuid.UUID, err error) {
	for _, account := range spec.Staff {
		words := strings.Fields(account.Name)
		for _, m := range p.met {
			if len(account.Roles) > 0 && m.LastName == words[len(words)-1] {
				relative, err = staff.ByLogin(ctx, tx, account.UserName)
				return m.ID, relative, err
			}
		}
	}
	return uuid.Nil, uuid.Nil, nil
}
