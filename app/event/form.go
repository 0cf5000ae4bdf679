package event

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/civil"
	"konote/app/i18n"
	"konote/app/note"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// entered is what the form shows: the event as typed, with days and times as text, because
// what was typed is shown again even when it is none.
type entered struct {
	Event
	DayText, LastDayText string
	StartsText, EndsText string
	Length               int // of a meeting, in minutes
}

// A noteChoice is a note of the participant that the actor may read.
type noteChoice struct {
	ID          uuid.UUID        `db:"id"`
	HappenedOn  civil.Date       `db:"happened_on"`
	Kind        note.Kind        `db:"kind"`
	Interaction note.Interaction `db:"interaction"`
}

func (n noteChoice) label() i18n.Message {
	return note.Note{Kind: n.Kind, Interaction: n.Interaction}.Label()
}

// choices are what a form offers: nothing that the actor may not know of.
type choices struct {
	Programs   []uuid.UUID // in which the actor may write about this participant
	Types      []Type      // active, of these programs
	Categories []Type      // of serious events, for those who may flag
	Notes      []noteChoice
	Team       []mate
}

const defaultLength = 60

// blank is the form as it opens.
func blank(kind Kind, actor access.Actor, participant uuid.UUID, c choices, today civil.Date) entered {
	d := entered{
		Event:   Event{ID: tenancy.NewID(), Kind: kind, Participant: participant, HappenedOn: today},
		DayText: today.String(), Length: defaultLength,
	}
	if len(c.Programs) > 0 {
		d.Program = c.Programs[0]
	}
	if kind == Meeting {
		d.Status, d.Attendees = Scheduled, []uuid.UUID{actor.Staff}
	}
	return d
}

// draftOf is the form of an event that is there.
func enteredOf(e Event, zone *time.Location) entered {
	d := entered{Event: e, DayText: e.HappenedOn.String(), LastDayText: e.EndsOn.String(), Length: defaultLength}
	if !e.AllDay() {
		d.StartsText = e.StartsAt.In(zone).Format("15:04")
	}
	if !e.EndsAt.IsZero() {
		d.EndsText, d.Length = e.EndsAt.In(zone).Format("15:04"), e.Minutes()
	}
	return d
}

// decode reads the form over what is there: an event that is changed, or one that has
// just an author. Choices that the form did not offer are none.
func decode(r *web.Request, from Event, c choices) (entered, view.Problems) {
	d := entered{
		Event:   from,
		DayText: r.Value("happened_on"), LastDayText: r.Value("ends_on"), StartsText: r.Value("starts"), EndsText: r.Value("ends"),
	}
	d.Title, d.Description = r.Value("title"), r.Value("description")
	if from.Version == 0 {
		d.ID, d.Program = web.FormID(r.Value("id")), programChoice(r.Value("program"), c.Programs)
	} else {
		d.Version, _ = strconv.Atoi(r.Value("version")) // a broken number is a version that does not exist: a conflict
	}
	if d.Kind == Meeting {
		return d.decodeMeeting(r, c)
	}
	return d.decodeEvent(r, c)
}

func (d entered) decodeEvent(r *web.Request, c choices) (entered, view.Problems) {
	var wrong view.Problems
	d.HappenedOn, d.EndsOn = day(&wrong, "happened_on", d.DayText), day(&wrong, "ends_on", d.LastDayText)
	last := d.EndsOn
	if d.EndsOn == d.HappenedOn {
		d.EndsOn = civil.Date{}
	}
	if last.IsZero() {
		last = d.HappenedOn
	}
	d.StartsAt = clock(&wrong, "starts", d.StartsText, d.HappenedOn, r.P.Zone())
	d.EndsAt = clock(&wrong, "ends", d.EndsText, last, r.P.Zone())
	if d.StartsText == "" && d.EndsText != "" {
		wrong.Add("starts", i18n.EventTimeWanted)
	}
	d.Type = typeChoice(r.Value("type"), d.Type, c.Types)
	d.Note = noteOf(r.Value("note"), d.Note, c.Notes)
	if d.Version == 0 {
		d.Serious = typeChoice(r.Value("serious"), uuid.Nil, c.Categories)
	}
	return d, d.join(wrong, d.checkEvent())
}

func (d entered) decodeMeeting(r *web.Request, c choices) (entered, view.Problems) {
	var wrong view.Problems
	d.HappenedOn, d.EndsOn = day(&wrong, "happened_on", d.DayText), civil.Date{}
	d.StartsAt, d.EndsAt = clock(&wrong, "starts", d.StartsText, d.HappenedOn, r.P.Zone()), time.Time{}
	d.Length, _ = strconv.Atoi(r.Value("length"))
	if d.Length < 5 || d.Length > 12*60 {
		wrong.Add("length", i18n.EventLengthWanted)
	} else if !d.StartsAt.IsZero() {
		d.EndsAt = d.StartsAt.Add(time.Duration(d.Length) * time.Minute)
	}
	d.Location = strings.Join(strings.Fields(r.Value("location")), " ")
	d.Attendees = d.attendees(r.Form["attendees"], c.Team)
	if len(d.Attendees) == 0 {
		wrong.Add("attendees", i18n.EventAttendeesWanted)
	}
	if d.Version == 0 {
		d.Status = Scheduled
	}
	return d, d.join(wrong, d.checkMeeting())
}

// attendees are the chosen ones who have a role in the meeting's program. Who attends
// already and has left since is kept.
func (d entered) attendees(chosen []string, team []mate) []uuid.UUID {
	var found []uuid.UUID
	for _, m := range team {
		if slices.Contains(chosen, m.ID.String()) && slices.Contains(m.Programs, d.Program) {
			found = append(found, m.ID)
		}
	}
	for _, before := range d.Attendees {
		if d.Version > 0 && !slices.ContainsFunc(team, func(m mate) bool { return m.ID == before }) {
			found = append(found, before)
		}
	}
	return found
}

// join puts the problems of what was typed before those of what it means; a field has one.
func (d entered) join(typed, meant view.Problems) view.Problems {
	if d.Program == uuid.Nil {
		typed.Add("program", i18n.EventProgramWanted)
	}
	for _, problem := range meant {
		if typed.Of(problem.Field) == nil {
			typed = append(typed, problem)
		}
	}
	return typed
}

func programChoice(text string, programs []uuid.UUID) uuid.UUID {
	if chosen, err := uuid.Parse(text); err == nil && slices.Contains(programs, chosen) {
		return chosen
	}
	if len(programs) == 1 {
		return programs[0]
	}
	return uuid.Nil
}

// typeChoice is a choice from the list; an event keeps the type that it has, when it is
// chosen again after it was archived.
func typeChoice(text string, before uuid.UUID, types []Type) uuid.UUID {
	id, err := uuid.Parse(text)
	if err != nil || id != before && !slices.ContainsFunc(types, func(t Type) bool { return t.ID == id }) {
		return uuid.Nil
	}
	return id
}

// noteOf is a choice from the notes that the actor may read. A note that is named already
// and that the form did not show, because the actor may not read it, stays.
func noteOf(text string, before uuid.UUID, offered []noteChoice) uuid.UUID {
	has := func(id uuid.UUID) bool {
		return slices.ContainsFunc(offered, func(n noteChoice) bool { return n.ID == id })
	}
	if id, err := uuid.Parse(text); err == nil && has(id) {
		return id
	}
	if before != uuid.Nil && !has(before) {
		return before
	}
	return uuid.Nil
}

func day(problems *view.Problems, field, text string) civil.Date {
	if text == "" {
		return civil.Date{}
	}
	date, err := civil.Parse(text)
	if err != nil || date.Year < 1900 || date.Year > 2200 {
		problems.Add(field, i18n.EventDayBroken)
		return civil.Date{}
	}
	return date
}

// clock reads a time of day: 14:05, as browsers send it, or 14 h 05.
func clock(problems *view.Problems, field, text string, on civil.Date, zone *time.Location) time.Time {
	if text == "" {
		return time.Time{}
	}
	plain := strings.NewReplacer(" ", "", "\u00a0", "", "h", ":").Replace(strings.ToLower(text))
	at, err := time.Parse("15:4", strings.TrimSuffix(plain, ":"))
	if err != nil {
		at, err = time.Parse("15", strings.TrimSuffix(plain, ":"))
	}
	if err != nil {
		problems.Add(field, i18n.EventTimeBroken)
		return time.Time{}
	}
	if on.IsZero() {
		return time.Time{}
	}
	found := time.Date(on.Year, on.Month, on.Day, at.Hour(), at.Minute(), 0, 0, zone)
	if found.Hour() != at.Hour() || found.Minute() != at.Minute() { // the clocks are put forward over it
		problems.Add(field, i18n.EventTimeMissing)
		return time.Time{}
	}
	return found.UTC()
}
