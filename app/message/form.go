package message

import (
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/civil"
	"konote/app/draft"
	"konote/app/i18n"
	"konote/app/participant"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// ContactForm is the form of a contact, kept while it is filled in.
var ContactForm = draft.Form{
	Name:   "contact.new",
	Title:  i18n.ContactNewTitle,
	Page:   func(record, _ uuid.UUID) view.URL { return view.To("participants", record.String(), "contacts", "new") },
	About:  participant.DraftAbout(access.CommunicationLog),
	Fields: []draft.Field{{Name: "text", Label: i18n.ContactText}, {Name: "subject", Label: i18n.ContactSubject}},
}

// MessageForm is the form of a message, kept while it is filled in.
var MessageForm = draft.Form{
	Name:  "message.leave",
	Title: i18n.MessageNewTitle,
	Page:  func(record, _ uuid.UUID) view.URL { return view.To("participants", record.String(), "messages", "new") },
	About: participant.DraftAbout(access.MessageLeave), Fields: []draft.Field{{Name: "text", Label: i18n.MessageNewText}},
}

// contactDraft is the form of a contact as typed.
type contactDraft struct {
	Contact
	DayText string
}

// blankContact is the form as it opens: the agency reached her by phone, today.
func blankContact(participant uuid.UUID, programs []uuid.UUID, today civil.Date) contactDraft {
	d := contactDraft{Contact: Contact{ID: tenancy.NewID(), Participant: participant, Direction: Out, Channel: Phone, Outcome: Reached}, DayText: today.String()}
	if len(programs) > 0 {
		d.Program = programs[0]
	}
	return d
}

// decodeContact reads the form. programs are those in which the author may log a contact
// with this participant; any other choice is no choice.
func decodeContact(r *web.Request, participant uuid.UUID, programs []uuid.UUID, now time.Time) (contactDraft, view.Problems) {
	d := contactDraft{
		Contact: Contact{
			ID: web.FormID(r.Value("id")), Participant: participant, LoggedBy: r.Actor().Staff, CreatedAt: now,
			Direction: Direction(r.Value("direction")), Channel: Channel(r.Value("channel")), Outcome: Outcome(r.Value("outcome")),
			Subject: strings.Join(strings.Fields(r.Value("subject")), " "), Text: r.Value("text"),
		},
		DayText: r.Value("happened_on"),
	}
	if chosen, err := uuid.Parse(r.Value("program")); err == nil && slices.Contains(programs, chosen) {
		d.Program = chosen
	} else if len(programs) == 1 {
		d.Program = programs[0]
	}
	d.HappenedOn, _ = civil.Parse(d.DayText) // no day is a problem of its own
	d.Role = r.Actor().Roles[d.Program]
	return d, d.check(civil.Of(now.In(r.P.Zone())))
}

// A choice is whom a message may be for: one person, or everybody who works with the
// participant in a program (ID uuid.Nil).
type choice struct {
	reader
	Works bool // she is said to work with the participant there
}

// value is the choice as the form has it.
func (c choice) value() string {
	if c.ID == uuid.Nil {
		return c.Program.String()
	}
	return c.Program.String() + "." + c.ID.String()
}

// choices are whom a message about the participant may be for: who works with her there,
// then everybody in each program, then the others by name. p was reached by message.leave.
func choices(p *participant.Reached, readers []reader) []choice {
	var works, teams, others []choice
	named := map[uuid.UUID]bool{}
	for _, e := range p.Enrolments {
		at := func(c choice) bool { return c.Program == e.Program }
		if !slices.Contains(p.Through, e.Program) || slices.ContainsFunc(teams, at) {
			continue
		}
		var there []choice
		for _, r := range readers {
			if r.Program == e.Program {
				there = append(there, choice{reader: r, Works: e.Open() && e.Worker == r.ID})
			}
		}
		if len(there) == 0 {
			continue // nobody there could read it
		}
		teams = append(teams, choice{reader: reader{Program: e.Program}})
		for _, c := range there {
			switch {
			case c.Works:
				works = append(works, c)
			case !named[c.ID]:
				others = append(others, c)
			}
			named[c.ID] = true
		}
	}
	others = slices.DeleteFunc(others, func(c choice) bool {
		return slices.ContainsFunc(works, func(w choice) bool { return w.ID == c.ID })
	})
	slices.SortStableFunc(others, func(a, b choice) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	return slices.Concat(works, teams, others)
}

// messageDraft is the form of a message as typed.
type messageDraft struct {
	Message
	To string
}

func blankMessage(participant uuid.UUID, offered []choice) messageDraft {
	d := messageDraft{Message: Message{ID: tenancy.NewID(), Participant: participant}}
	if len(offered) > 0 {
		d.To = offered[0].value()
	}
	return d
}

func decodeMessage(r *web.Request, participant uuid.UUID, offered []choice, now time.Time) (messageDraft, view.Problems) {
	d := messageDraft{
		Message: Message{ID: web.FormID(r.Value("id")), Participant: participant, LeftBy: r.Actor().Staff, CreatedAt: now,
			Text: r.Value("text"), Urgent: r.Checked("urgent")},
		To: r.Value("for"),
	}
	var problems view.Problems
	if at := slices.IndexFunc(offered, func(c choice) bool { return c.value() == d.To }); at >= 0 {
		d.Program, d.For = offered[at].Program, offered[at].ID
	} else {
		d.To = ""
		problems.Add("for", i18n.MessageNewForWanted)
	}
	switch {
	case d.Text == "":
		problems.Add("text", i18n.MessageNewTextWanted)
	case view.TooLong(d.Text, maxMessage):
		problems.Add("text", i18n.FormTooLong(maxMessage))
	}
	return d, problems
}
