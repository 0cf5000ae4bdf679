package note

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/civil"
	"konote/app/i18n"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// A draft is what the form shows: the note as typed, with the days as text, because
// what was typed is shown again even when it is no day.
type draft struct {
	Note
	HappenedText string
	FollowUpText string
}

// blank is the form as it opens: a session, today.
func blank(participant uuid.UUID, programs []uuid.UUID, today civil.Date) draft {
	d := draft{Note: Note{ID: tenancy.NewID(), Participant: participant, Interaction: Session}, HappenedText: today.String()}
	if len(programs) > 0 {
		d.Program = programs[0]
	}
	return d
}

// decode reads the form. programs are those in which the author may write about this
// participant; any other choice is no choice.
func decode(r *web.Request, participant uuid.UUID, programs []uuid.UUID, now time.Time) (draft, view.Problems) {
	d := draft{
		Note: Note{
			ID: formID(r.Value("id")), Participant: participant, Author: r.Actor().Staff, CreatedAt: now,
			Interaction: Interaction(r.Value("interaction")), Outcome: Outcome(r.Value("outcome")),
			Text: r.Value("text"), Takeaway: r.Value("takeaway"), MadeTogether: r.Checked("made_together"),
		},
		HappenedText: r.Value("happened_on"), FollowUpText: r.Value("follow_up_on"),
	}
	if !d.Interaction.atDistance() {
		d.Outcome = ""
	}
	if chosen, err := uuid.Parse(r.Value("program")); err == nil && slices.Contains(programs, chosen) {
		d.Program = chosen
	} else if len(programs) == 1 {
		d.Program = programs[0]
	}

	var days view.Problems
	d.HappenedOn = day(&days, "happened_on", d.HappenedText)
	d.FollowUpOn = day(&days, "follow_up_on", d.FollowUpText)
	problems := days
	for _, problem := range d.check(civil.Of(now.In(r.P.Zone()))) {
		if days.Of(problem.Field) == nil {
			problems = append(problems, problem)
		}
	}
	if d.Program == uuid.Nil {
		problems.Add("program", i18n.NoteProgramWanted)
	}
	return d, problems
}

// formID is the id that the form was given when it was opened: a form that is sent twice
// is one note. Anything but an id of ours is replaced.
func formID(text string) uuid.UUID {
	if id, err := uuid.Parse(text); err == nil && id.Version() == 7 {
		return id
	}
	return tenancy.NewID()
}

func day(problems *view.Problems, field, text string) civil.Date {
	if text == "" {
		return civil.Date{}
	}
	date, err := civil.Parse(text)
	if err != nil {
		problems.Add(field, i18n.NoteDayBroken)
	}
	return date
}

// writable are the programs through which the author may write a note.
func writable(actor access.Actor, through []uuid.UUID) []uuid.UUID {
	var programs []uuid.UUID
	for _, program := range through {
		if actor.MayIn(program, access.NoteCreate) {
			programs = append(programs, program)
		}
	}
	return programs
}
