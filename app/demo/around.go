package demo

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/alert"
	"konote/app/circle"
	"konote/app/civil"
	"konote/app/event"
	"konote/app/group"
	"konote/app/message"
	"konote/app/mistake"
	"konote/app/note"
	"konote/app/participant"
	"konote/app/plan"
	"konote/app/program"
	"konote/tenancy"
)

// surround invents what stands around the records of the people who were invented:
// templates, events, meetings, alerts, contacts, messages, groups.
func (p *past) surround(ctx context.Context, tx *tenancy.Tx) error {
	if err := event.Seed(ctx, tx); err != nil {
		return err
	}
	if err := plan.SeedTemplates(ctx, tx); err != nil {
		return err
	}
	if err := note.SeedTemplates(ctx, tx); err != nil {
		return err
	}
	types, err := event.Types(ctx, tx)
	if err != nil {
		return err
	}
	circles := p.circles()
	for _, add := range []func() error{
		func() error { return event.Bulk(ctx, tx, p.events(types)) },
		func() error { return alert.Bulk(ctx, tx, p.alerts()) },
		func() error { return message.Bulk(ctx, tx, p.contacts()) },
		func() error { return message.BulkMessages(ctx, tx, p.messages()) },
		func() error { return group.Bulk(ctx, tx, p.groups()) },
		func() error { return circle.Bulk(ctx, tx, circles) },
		func() error { return note.Bulk(ctx, tx, p.aboutCircles(circles)) },
		func() error { return note.BulkAddenda(ctx, tx, p.addenda()) },
	} {
		if err := add(); err != nil {
			return err
		}
	}
	return nil
}

// reachedHow invents how somebody wants to be reached.
func (p *past) reachedHow(d *participant.Details) {
	if p.random.IntN(5) < 2 {
		return // nobody asked yet
	}
	d.ContactBy = pick(p.random, []string{"phone", "text", "text", "email", "in_person"})
	if p.random.IntN(2) == 0 {
		d.ContactTimes = pick(p.random, words["times "+d.Language])
	}
	if p.random.IntN(4) == 0 {
		d.ContactAdvice = pick(p.random, words["advice "+d.Language])
	}
}

// A stay is an open enrolment of somebody who was met, with the team there.
type stay struct {
	met
	team
}

// stays are the open enrolments in programs that have people at work, in order.
func (p *past) stays() (found []stay) {
	for _, m := range p.met {
		for _, e := range m.Enrolments {
			t := p.teamOf(e.Program)
			if e.Steps[len(e.Steps)-1].Status == access.Enrolled && len(t.Workers) > 0 {
				found = append(found, stay{m, t})
			}
		}
	}
	return found
}

// two parts a line of said.txt at its first bar.
func two(line string) (first, second string) {
	first, second, _ = strings.Cut(line, " | ")
	return first, second
}

// events invents what happened and what is planned.
func (p *past) events(types []event.Type) []event.Event {
	var ordinary, serious []event.Type
	for _, t := range types {
		if t.Severity == 0 {
			ordinary = append(ordinary, t)
		} else {
			serious = append(serious, t)
		}
	}
	var events []event.Event
	for i, s := range p.stays() {
		if p.random.IntN(4) == 0 {
			events = append(events, p.event(s, "event", p.between(s.CreatedAt), ordinary))
		}
		if i%60 == 5 {
			events = append(events, p.serious(s, p.ago(3+p.random.IntN(60)), serious))
		}
		if p.random.IntN(3) == 0 {
			events = append(events, p.meeting(s, p.random.IntN(28)-14))
		}
		if i%40 == 8 {
			m := p.meeting(s, 3+p.random.IntN(4))
			m.InError = mistake.Mark{At: p.ago(1), By: m.Author, Reason: pick(p.random, words["wrong "+p.language])}
			events = append(events, m)
		}
	}
	return events
}

// serious invents what has to be reported, of the category that its line in said.txt names.
func (p *past) serious(s stay, at time.Time, categories []event.Type) event.Event {
	e := p.event(s, "serious", at, nil)
	text, key := two(e.Description)
	of := slices.IndexFunc(categories, func(t event.Type) bool { return t.LibraryKey == key })
	e.Description, e.Serious, e.FlaggedAt, e.FlaggedBy = text, categories[of].ID, at, e.Author
	return e
}

func (p *past) event(s stay, kind string, at time.Time, types []event.Type) event.Event {
	title, text := two(pick(p.random, words[kind+" "+s.Language]))
	e := event.Event{ID: tenancy.NewID(), Participant: s.ID, Program: s.Program, Author: p.worker(s.team), AuthorRole: access.DirectService,
		Kind: event.Happening, Title: title, Description: text, HappenedOn: civil.Of(at), CreatedAt: at, UpdatedAt: at}
	if len(types) > 0 {
		e.Type = pick(p.random, types).ID
	}
	return e
}

// meeting invents one so many days from today, in working hours.
func (p *past) meeting(s stay, days int) event.Event {
	day := p.today.AddDate(0, 0, days)
	starts := time.Date(day.Year(), day.Month(), day.Day(), 9+p.random.IntN(8), 30*p.random.IntN(2), 0, 0, day.Location())
	m := event.Event{ID: tenancy.NewID(), Participant: s.ID, Program: s.Program, Author: p.worker(s.team), AuthorRole: access.DirectService,
		Kind: event.Meeting, Title: pick(p.random, words["meeting "+s.Language]), Location: pick(p.random, words["place "+s.Language]),
		HappenedOn: civil.Of(starts), StartsAt: starts, EndsAt: starts.Add(time.Hour), Status: event.Scheduled,
		CreatedAt: starts.AddDate(0, 0, -20), UpdatedAt: starts.AddDate(0, 0, -20)}
	m.Attendees = []uuid.UUID{m.Author}
	if days < 0 {
		m.Status = pick(p.random, []event.Status{event.Completed, event.Completed, event.Completed, event.NoShow, event.Cancelled})
	}
	return m
}

// alerts invents some in every state: standing, under review, kept, ended.
func (p *past) alerts() []alert.Past {
	var alerts []alert.Past
	for i, s := range p.stays() {
		if i%9 != 4 || len(s.Managers) == 0 {
			continue
		}
		at := p.between(s.CreatedAt)
		a := alert.Past{Alert: alert.Alert{ID: tenancy.NewID(), Participant: s.ID, Program: s.Program, Author: s.Workers[0],
			Text: pick(p.random, words["alert "+s.Language]), Status: alert.Active, CreatedAt: at}}
		recommended := alert.Recommendation{ID: tenancy.NewID(), Alert: a.ID, By: s.Workers[len(s.Workers)-1], Standing: alert.Pending,
			Assessment: pick(p.random, words["assessment "+s.Language]), CreatedAt: p.between(at)}
		switch i / 9 % 4 {
		case 1:
			a.Recommendations = []alert.Recommendation{recommended}
		case 2:
			recommended.Standing, recommended.ReviewedBy, recommended.ReviewedAt = alert.Rejected, s.Managers[0], p.between(recommended.CreatedAt)
			recommended.Review = pick(p.random, words["review "+s.Language])
			a.Recommendations = []alert.Recommendation{recommended}
		}
		alerts = append(alerts, a)
	}
	return alerts
}

func (p *past) contacts() []message.Contact {
	var contacts []message.Contact
	channels := []message.Channel{"phone", "text", "email", "phone"}
	for _, s := range p.stays() {
		for range p.random.IntN(3) {
			which := p.random.IntN(len(words["contact "+s.Language]))
			at := p.between(s.CreatedAt)
			subject, text := two(words["contact "+s.Language][which])
			contacts = append(contacts, message.Contact{ID: tenancy.NewID(), Participant: s.ID, Program: s.Program, LoggedBy: p.worker(s.team), Role: access.DirectService,
				Direction: pick(p.random, []message.Direction{"in", "out"}), Channel: channels[which], Outcome: "reached",
				Subject: subject, Text: text, HappenedOn: civil.Of(at), CreatedAt: at})
		}
	}
	return contacts
}

// messages invents what the front desk left: some of it waits.
func (p *past) messages() []message.Message {
	var messages []message.Message
	for i, s := range p.stays() {
		if i%11 != 3 || len(s.Desk) == 0 {
			continue
		}
		at := p.today.Add(-time.Duration(1+p.random.IntN(70)) * time.Hour)
		m := message.Message{ID: tenancy.NewID(), Participant: s.ID, Program: s.Program, LeftBy: s.Desk[0],
			Text: pick(p.random, words["message "+s.Language]), Urgent: p.random.IntN(6) == 0, CreatedAt: at}
		if p.random.IntN(2) == 0 {
			m.For = p.worker(s.team)
		}
		if i%22 == 3 {
			m.ReadAt, m.ReadBy = at.Add(30*time.Minute), s.Workers[0]
		}
		messages = append(messages, m)
	}
	// One whose whereabouts are kept safe has given the front desk a new number.
	if s := p.stays()[0]; len(s.Desk) > 0 {
		messages = append(messages, message.Message{ID: tenancy.NewID(), Participant: s.ID, Program: s.Program, LeftBy: s.Desk[0],
			Text: passedOnSaid[p.language], CreatedAt: p.today.Add(-90 * time.Minute)})
	}
	return messages
}

// passedOnSaid is what the front desk entered of somebody whose whereabouts it is not shown.
var passedOnSaid = map[string]string{
	"en": "Given to the front desk, and not in the record yet:\nPhone: (613) 555-0163",
	"fr": "Reçu à l’accueil, et pas encore au dossier :\nTéléphone : 819 555-0163",
}

// groups invents one or two for each program that has groups, with a season of sessions.
func (p *past) groups() []group.Past {
	var groups []group.Past
	for i, t := range p.teams {
		if t.Model == program.Individual || len(t.Workers) == 0 {
			continue
		}
		var near []stay
		for _, s := range p.stays() {
			if s.team.Program == t.Program && len(near) < 24 {
				near = append(near, s)
			}
		}
		for n := range 2 {
			if from, to := n*9, min(len(near), n*9+9); from < to {
				groups = append(groups, p.group(t, 2*i+n, near[from:to]))
			}
		}
	}
	return groups
}

func (p *past) group(t team, which int, people []stay) group.Past {
	lines := words["group "+p.language]
	name, about := two(lines[which%len(lines)])
	began := p.ago(80)
	g := group.Past{Group: group.Group{ID: tenancy.NewID(), Program: t.Program, Kind: group.Meets, Name: name, Description: about,
		Status: group.Active, CreatedAt: began, CreatedBy: t.Workers[0]}}
	for i, s := range people {
		m := group.Member{ID: tenancy.NewID(), Group: g.ID, Participant: s.ID, Role: group.Ordinary, JoinedOn: civil.Of(began)}
		if i == 0 {
			m.Role = group.Leader
		}
		g.Members = append(g.Members, m)
	}
	for week := range 10 {
		at := began.AddDate(0, 0, 7*week+3)
		met := group.Session{ID: tenancy.NewID(), Group: g.ID, HeldOn: civil.Of(at), Facilitator: p.worker(t), Mood: pick(p.random, group.Moods),
			Text: pick(p.random, words["session "+p.language]), CreatedAt: at, CreatedBy: t.Workers[0]}
		for _, m := range g.Members {
			a := group.Attended{ID: tenancy.NewID(), Session: met.ID, Member: m.ID, Present: p.random.IntN(5) > 0}
			if a.Present && p.random.IntN(5) == 0 {
				a.Highlight = pick(p.random, words["highlight "+p.language])
			}
			met.Attendance = append(met.Attendance, a)
		}
		g.Sessions = append(g.Sessions, met)
	}
	return g
}

// circles invents who belongs to whom: of each program that is not confidential, some who
// are there belong together, and to somebody who is not.
func (p *past) circles() []circle.Past {
	names, relatives := words["circle "+p.language], words["relative "+p.language]
	var circles []circle.Past
	for _, t := range p.teams {
		if t.Confidential {
			continue
		}
		var near []stay
		for _, s := range p.stays() {
			if s.team.Program == t.Program {
				near = append(near, s)
			}
		}
		for from := 0; from+3 <= min(len(near), 6); from += 3 {
			at := p.ago(20 + p.random.IntN(60))
			which := len(circles)
			c := circle.Past{Circle: circle.Circle{ID: tenancy.NewID(), Program: t.Program, Name: names[which%len(names)], Status: circle.Active,
				CreatedAt: at, CreatedBy: t.Workers[0]}}
			for i, s := range near[from : from+2+which%2] {
				c.Members = append(c.Members, circle.Member{ID: tenancy.NewID(), Participant: s.ID, Relationship: pick(p.random, words["relation "+p.language]), Primary: i == 0})
			}
			name, relationship, _ := strings.Cut(relatives[which%len(relatives)], ", ")
			c.Members = append(c.Members, circle.Member{ID: tenancy.NewID(), Name: name, Relationship: relationship})
			circles = append(circles, c)
		}
	}
	return circles
}

// aboutCircles invents notes that tell of a circle: of each participant in it some, in the
// last weeks.
func (p *past) aboutCircles(circles []circle.Past) []note.Note {
	var notes []note.Note
	for _, c := range circles {
		for _, m := range c.Members {
			for range 1 + p.random.IntN(2) {
				if !m.IsParticipant() {
					continue
				}
				at := p.ago(1 + p.random.IntN(18)).Add(-time.Duration(p.random.IntN(180)) * time.Minute)
				notes = append(notes, note.Note{ID: tenancy.NewID(), Participant: m.Participant, Program: c.Program, Author: c.CreatedBy, AuthorRole: access.DirectService,
					Circle: c.ID, Interaction: pick(p.random, []note.Interaction{note.Session, note.HomeVisit, note.Collateral}),
					Text: pick(p.random, words["family "+p.language]), HappenedOn: civil.Of(at), CreatedAt: at})
			}
		}
	}
	return notes
}

// addenda invents what was put right in some notes.
func (p *past) addenda() []note.Addendum {
	var addenda []note.Addendum
	for _, m := range p.met {
		for _, n := range m.notes {
			if n.Text != "" && p.random.IntN(60) == 0 {
				addenda = append(addenda, note.Addendum{ID: tenancy.NewID(), Note: n.ID, Author: n.Author, AuthorRole: n.AuthorRole,
					Text: pick(p.random, words["addendum "+m.Language]), CreatedAt: n.CreatedAt.Add(20 * time.Hour)})
			}
		}
	}
	return addenda
}
