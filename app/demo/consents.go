package demo

import (
	"context"

	"github.com/google/uuid"

	"konote/app/audit"
	"konote/app/civil"
	"konote/app/consent"
	"konote/app/participant"
	"konote/app/settings"
	"konote/tenancy"
)

// What people in each language may say of limits, and of why they take something back.
var (
	limitsSaid = map[string]string{
		"en": "Please do not tell my brother that I come here, also when he asks.",
		"fr": "S’il vous plaît, ne dites pas à mon frère que je viens ici, même s’il le demande.",
	}
	reasonSaid = map[string]string{
		"en": "I am doing well now, and would rather not be written about any more.",
		"fr": "Je vais bien maintenant, et je préfère qu’on n’écrive plus rien à mon sujet.",
	}
)

// consents have most people agree to a record, some to be written to, a few to nothing yet,
// and two take it back. It comes last: after a withdrawal nothing is written.
func (p *past) consents(ctx context.Context, tx *tenancy.Tx, by audit.By) error {
	if err := consent.Seed(ctx, tx); err != nil {
		return err
	}
	texts, err := consent.Current(ctx, tx)
	if err != nil {
		return err
	}
	var events []consent.Event
	withdrawn := 0
	for i, who := range p.met {
		decided := func(purpose consent.Purpose, kind consent.Kind, days int) *consent.Event {
			at := who.CreatedAt.AddDate(0, 0, days)
			if now := tx.Now(); at.After(now) {
				at = now
			}
			e := consent.Event{ID: tenancy.NewID(), Participant: who.ID, Purpose: purpose, Kind: kind, By: consent.Herself,
				How:        pick(p.random, []consent.How{consent.InPerson, consent.InPerson, consent.Paper, consent.Phone}),
				HappenedOn: civil.Of(at.In(p.today.Location())), RecordedAt: at, RecordedBy: p.explainer(who.Past)}
			if kind != consent.Withdrawn {
				e.Text, e.Language = texts[purpose].ID, who.Language
			}
			events = append(events, e)
			return &events[len(events)-1]
		}
		if i%23 == 5 {
			continue // nobody has asked yet
		}
		given := decided(consent.Service, consent.Given, 1)
		switch i % 17 {
		case 3:
			given.Limits = limitsSaid[who.Language]
		case 9:
			given.ExpiresOn = civil.Of(p.today).AddDays(12)
		}
		if who.ContactBy == "email" || i%4 == 0 {
			decided(consent.Email, consent.Given, 1).Basis = consent.Express
		} else if i%9 == 2 {
			decided(consent.Email, consent.Given, 1).Basis = consent.Implied
		}
		if who.ContactBy == "text" && i%2 == 0 {
			decided(consent.Text, consent.Given, 1).Basis = consent.Express
		}
		switch {
		case i%11 == 4:
			decided(consent.Sharing, consent.Refused, 1)
		case i%5 == 1:
			decided(consent.Sharing, consent.Given, 1)
		}
		if i%40 == 31 && withdrawn < 2 {
			withdrawn++
			decided(consent.Service, consent.Withdrawn, 400).Reason = reasonSaid[who.Language]
		}
	}
	if err := consent.Bulk(ctx, tx, events, p.today.Location()); err != nil {
		return err
	}
	return settings.Set(ctx, tx, by, settings.RecordsApart, p.language == "fr")
}

// explainer is somebody who works with a participant.
func (p *past) explainer(who participant.Past) uuid.UUID {
	for _, e := range who.Enrolments {
		if e.Worker != uuid.Nil {
			return e.Worker
		}
	}
	for _, at := range p.teams {
		for _, e := range who.Enrolments {
			if at.Program == e.Program && len(at.Workers) > 0 {
				return at.Workers[0]
			}
		}
	}
	return uuid.Nil
}
