package demo

import (
	"math/rand/v2"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/civil"
	"konote/app/demo/people"
	"konote/app/metric"
	"konote/app/note"
	"konote/app/participant"
	"konote/app/program"
	"konote/tenancy"
)

// A team is who works in a program of an agency that is being filled.
type team struct {
	Program      uuid.UUID
	Theme        string
	Model        program.ServiceModel
	Workers      []uuid.UUID // direct service
	Managers     []uuid.UUID
	Desk         []uuid.UUID
	Confidential bool
	Weight       int // how many participants of a hundred come here
}

// past invents what happened.
type past struct {
	random *rand.Rand
	people *people.Series
	teams  []team
	today  time.Time // noon in the agency's zone
	now    time.Time // nothing is written later

	language string                   // of groups and what else is nobody's own
	metrics  map[string]metric.Metric // by library key
	met      []met                    // who was invented, when they are wanted again

	instrument instrument // taken by itself
}

// A met is a participant with what was written about her.
type met struct {
	participant.Past
	notes []note.Note
}

func newPast(seed uint64, teams []team, now time.Time) *past {
	today := noon(now)
	return &past{random: rand.New(rand.NewPCG(seed, 7)), people: people.New(seed, civil.Of(today)), teams: teams, today: today, now: now}
}

// person invents a participant with a year of enrolments, and who she is written about
// by. frenchShare is the chance in a hundred that she prefers French.
func (p *past) person(frenchShare int) participant.Past {
	invented := p.people.Next()
	language := "en"
	if p.random.IntN(100) < frenchShare {
		language = "fr"
	}
	person := participant.Past{Participant: participant.Participant{
		ID: tenancy.NewID(),
		Details: participant.Details{
			FirstName: invented.First, PreferredName: invented.Preferred, MiddleName: invented.Middle, LastName: invented.Last,
			Pronouns: invented.Pronouns, BirthDate: invented.BirthDate.String(), Phone: invented.Phone, Email: invented.Email,
			RecordID: invented.RecordID, Status: participant.Active, Language: language,
		},
	}}
	p.reachedHow(&person.Details)
	first := p.team()
	arrived := p.ago(20 + p.random.IntN(345))
	person.CreatedAt = arrived
	person.Enrolments = append(person.Enrolments, p.enrolment(person.ID, first, arrived))
	if p.random.IntN(5) == 0 {
		if second := p.team(); second.Program != first.Program {
			person.Enrolments = append(person.Enrolments, p.enrolment(person.ID, second, p.between(arrived)))
		}
	}
	if open := p.open(person); !open && p.random.IntN(2) == 0 {
		person.Status = participant.Discharged
	}
	return person
}

func (p *past) open(person participant.Past) bool {
	for _, e := range person.Enrolments {
		switch e.Steps[len(e.Steps)-1].Status {
		case access.Finished, access.Cancelled:
		default:
			return true
		}
	}
	return false
}

// enrolment invents how somebody came to a program and where she stands now.
func (p *past) enrolment(person uuid.UUID, t team, from time.Time) participant.PastEnrolment {
	e := participant.PastEnrolment{Enrolment: participant.Enrolment{
		ID: tenancy.NewID(), Participant: person, Program: t.Program,
	}}
	by := p.worker(t)
	if p.random.IntN(4) > 0 {
		e.Worker = by
	}
	add := func(status access.EnrolmentStatus, reason string, at time.Time) {
		e.Steps = append(e.Steps, participant.Step{Status: status, Reason: reason, At: at, By: by})
	}
	begin := func(at time.Time) {
		add(access.Enrolled, "", at)
		e.StartedOn = civil.Of(at)
	}
	switch chance := p.random.IntN(100); {
	case chance < 8:
		add(access.Waitlist, "", from)
	case chance < 12:
		add(access.Planned, "", from)
	case chance < 20:
		add(access.Waitlist, "", from)
		begin(p.between(from))
	case chance < 28:
		begin(from)
		add(access.OnHold, "Away for a while", p.between(from))
	case chance < 45:
		begin(from)
		ended := p.between(from)
		add(access.Finished, "Goals reached", ended)
		e.EndedOn = civil.Of(ended)
		e.EndReason = pick(p.random, []participant.EndReason{participant.GoalsMet, participant.GoalsMet, participant.Completed, participant.Relocated})
	default:
		begin(from)
	}
	return e
}

// notes invents what was written about somebody, about count notes of an ordinary
// length spread over her enrolments.
func (p *past) notes(person participant.Past, count int) []note.Note {
	var notes []note.Note
	for _, e := range person.Enrolments {
		if e.StartedOn.IsZero() {
			continue
		}
		t := p.teamOf(e.Program)
		for range max(1, count/len(person.Enrolments)) {
			if n, ok := p.note(person, e, t); ok {
				notes = append(notes, n)
			}
		}
	}
	return notes
}

func (p *past) note(person participant.Past, e participant.PastEnrolment, t team) (note.Note, bool) {
	if len(t.Workers) == 0 {
		return note.Note{}, false
	}
	from := time.Date(e.StartedOn.Year, e.StartedOn.Month, e.StartedOn.Day, 12, 0, 0, 0, p.today.Location())
	until := p.today
	if !e.EndedOn.IsZero() {
		until = time.Date(e.EndedOn.Year, e.EndedOn.Month, e.EndedOn.Day, 12, 0, 0, 0, p.today.Location())
	}
	days := int(until.Sub(from).Hours() / 24)
	day := from.AddDate(0, 0, p.random.IntN(max(1, days)+1))
	at := time.Date(day.Year(), day.Month(), day.Day(), 8+p.random.IntN(9), p.random.IntN(60), 0, 0, day.Location())
	n := note.Note{
		ID: tenancy.NewID(), Participant: person.ID, Program: e.Program, Author: p.worker(t), AuthorRole: access.DirectService,
		Interaction: pick(p.random, interactionsSeen), MadeTogether: p.random.IntN(3) == 0,
		HappenedOn: civil.Of(at), CreatedAt: at.Add(time.Duration(p.random.IntN(60)) * time.Minute),
	}
	if n.CreatedAt.After(p.now) {
		return note.Note{}, false // not written yet
	}
	if p.random.IntN(8) == 0 {
		n.HappenedOn = n.HappenedOn.AddDays(-1) // written the day after
	}
	switch n.Interaction {
	case note.Phone, note.Text, note.Email:
		n.Outcome = pick(p.random, []note.Outcome{note.Reached, note.Reached, note.Reached, note.LeftMessage, note.NoAnswer})
	}
	if n.Outcome == note.LeftMessage || n.Outcome == note.NoAnswer {
		return n, true
	}
	n.Text, n.Takeaway = noteText(p.random, t.Theme, person.Language), takeaway(p.random, t.Theme, person.Language)
	return n, true
}

var interactionsSeen = []note.Interaction{note.Session, note.Session, note.Session, note.Session, note.Phone, note.Phone,
	note.Text, note.HomeVisit, note.Group, note.Email, note.Collateral}

func (p *past) team() team {
	total := 0
	for _, t := range p.teams {
		total += t.Weight
	}
	at := p.random.IntN(total)
	for _, t := range p.teams {
		if at -= t.Weight; at < 0 {
			return t
		}
	}
	return p.teams[0]
}

func (p *past) teamOf(program uuid.UUID) team {
	for _, t := range p.teams {
		if t.Program == program {
			return t
		}
	}
	return team{}
}

func (p *past) worker(t team) uuid.UUID {
	if len(t.Workers) == 0 {
		return uuid.Nil
	}
	return pick(p.random, t.Workers)
}

func (p *past) ago(days int) time.Time { return p.today.AddDate(0, 0, -days) }

// between is a moment in working hours after from and not after today's noon.
func (p *past) between(from time.Time) time.Time {
	span := p.today.Sub(from)
	if span <= 0 {
		return p.today
	}
	day := from.Add(time.Duration(p.random.Int64N(int64(span)) + 1)).In(p.today.Location())
	at := time.Date(day.Year(), day.Month(), day.Day(), 9+p.random.IntN(8), p.random.IntN(60), 0, 0, day.Location())
	if !at.After(from) {
		at = from.Add(time.Minute)
	}
	if at.After(p.today) {
		return p.today
	}
	return at
}
