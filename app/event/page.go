package event

import (
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"konote/app/civil"
	"konote/app/i18n"
	"konote/app/timeline"
	"konote/app/view"
)

var noPlace timeline.Place

func dayText(p *i18n.Printer, d civil.Date) string {
	if d.IsZero() {
		return ""
	}
	return p.Date(d.Year, d.Month, d.Day)
}

// When says the day or days and the time of an event.
func When(f *view.Frame, e Event) string {
	text := dayText(f.P, e.HappenedOn)
	if !e.EndsOn.IsZero() {
		text += " – " + dayText(f.P, e.EndsOn)
	}
	if e.AllDay() {
		return text
	}
	return text + " · " + clockText(f, e)
}

// clockText says the times of day.
func clockText(f *view.Frame, e Event) string {
	switch {
	case e.AllDay():
		return f.T(i18n.EventAllDay)
	case e.EndsAt.IsZero():
		return f.P.Clock(e.StartsAt)
	}
	return f.T(i18n.EventFromUntil(f.P.Clock(e.StartsAt), f.P.Clock(e.EndsAt)))
}

// heading is what an event is called: a meeting need not have a title.
func (e Event) heading(f *view.Frame) string {
	if e.Title == "" {
		return f.T(i18n.EventMeetingTitle)
	}
	return e.Title
}

// Line is the line of an event in a time line. program is the name of its program.
func Line(f *view.Frame, e Entry, program string) view.Entry {
	title := e.heading(f)
	if !e.AllDay() {
		title = clockText(f, e.Event) + " · " + title
	}
	meta := e.AuthorName + " · " + program
	if !e.EndsOn.IsZero() {
		meta = When(f, e.Event) + " · " + meta
	}
	if e.Backdated(f.P.Zone()) {
		meta += " · " + f.T(i18n.EventBackdated(f.P.Moment(e.CreatedAt)))
	}
	icon := "flag"
	if e.Kind == Meeting {
		icon = "calendar"
	}
	return view.Entry{ID: e.ID.String(), Icon: icon, Title: title, Meta: meta, Href: rulesOf(e.Kind).address(e.ID)}
}

func subOf(f *view.Frame, e Entry) string {
	return strings.Trim(e.heading(f)+" · "+e.Location, " ·")
}

// brief leaves the words away that a week has no room for.
func brief(e Event) Event {
	e.Description = ""
	return e
}

func weekOf(monday civil.Date) view.URL { return view.To("meetings").With("week", monday.String()) }

func statusAction(s Status) i18n.Message {
	if s == Scheduled {
		return i18n.EventStatusAgain
	}
	return s.Label()
}

// statuses are what the reader may say of the meeting.
func (page showPage) statuses() []Status {
	if page.MayCancel {
		return []Status{Cancelled}
	}
	return Statuses
}

// standsInTheWay says why no reminder can be sent as things stand, nil when one can.
func standsInTheWay(gate Reminder) i18n.Message {
	switch gate {
	case Blocked:
		return i18n.EventReminderStandsBlocked
	case NoConsent:
		return i18n.EventReminderStandsNoConsent
	case NoContact:
		return i18n.EventReminderStandsNoContact
	}
	return nil
}

func (page showPage) heading(f *view.Frame) string { return page.Entry.heading(f) }

func (page showPage) edit() view.URL { return view.To(page.path, page.Entry.ID.String(), "edit") }

func (page showPage) mayRetry() bool {
	return page.Entry.Status == Scheduled && page.Entry.Reminder.retry() && page.Entry.Problem != TooLate
}

func (page showPage) names(ids []uuid.UUID) string {
	var names []string
	for _, id := range ids {
		if name := page.Names[id]; name != "" {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

func (page formPage) first() bool { return !page.Problems.Any() && page.Theirs == nil }

func (page formPage) title() i18n.Message {
	if page.Draft.Version > 0 {
		return page.editTitle
	}
	return page.newTitle
}

func (page formPage) saveLabel() i18n.Message {
	if page.kind == Meeting {
		return i18n.EventMeetingSave
	}
	return i18n.EventSave
}

func (page formPage) crumb(f *view.Frame) string {
	if page.Draft.Version > 0 {
		return f.T(page.showTitle)
	}
	return page.About.FullName()
}

func (page formPage) back() view.URL {
	if page.Draft.Version > 0 {
		return page.address(page.Draft.ID)
	}
	return view.To("participants", page.About.ID.String(), "events")
}

func (page formPage) action() view.URL {
	if page.Draft.Version > 0 {
		return page.address(page.Draft.ID)
	}
	return view.To("participants", page.About.ID.String(), page.path)
}

// theirs is the hint below a field whose value somebody else changed meanwhile, "" for
// none.
func (page formPage) theirs(f *view.Frame, field string) string {
	if page.Theirs == nil {
		return ""
	}
	saved, mine := page.shown(f, enteredOf(*page.Theirs, f.P.Zone()), field), page.shown(f, page.Draft, field)
	switch saved {
	case mine:
		return ""
	case "":
		saved = f.T(i18n.EventConflictEmpty)
	}
	return f.T(i18n.EventConflictTheirs(saved))
}

// shown is a field as people read it.
func (page formPage) shown(f *view.Frame, d entered, field string) string {
	switch field {
	case "title":
		return d.Title
	case "description":
		return d.Description
	case "happened_on":
		return d.DayText
	case "ends_on":
		return d.LastDayText
	case "starts":
		return d.StartsText
	case "ends":
		return d.EndsText
	case "location":
		return d.Location
	case "length":
		return f.T(i18n.EventLengthMinutes(d.Length))
	case "type":
		return labelOf(page.typeOptions(f), view.ID(d.Type))
	case "note":
		return labelOf(page.noteOptions(f), view.ID(d.Note))
	case "attendees":
		var names []string
		for _, m := range page.Team {
			if d.attends(m.ID) {
				names = append(names, m.Name)
			}
		}
		return strings.Join(names, ", ")
	}
	return ""
}

func labelOf(options []view.Option, value string) string {
	for _, o := range options {
		if o.Value == value {
			return o.Label
		}
	}
	return ""
}

func (page formPage) typeOptions(f *view.Frame) []view.Option {
	options := []view.Option{{Label: f.T(i18n.EventTypeNone)}}
	for _, t := range page.Types {
		options = append(options, view.Option{Value: t.ID.String(), Label: t.Name(f.P)})
	}
	return options
}

func (page formPage) noteOptions(f *view.Frame) []view.Option {
	options := []view.Option{{Label: f.T(i18n.EventNoteNone)}}
	for _, n := range page.Notes {
		label := dayText(f.P, n.HappenedOn)
		if words := n.label(); words != i18n.Key("") {
			label += " · " + f.T(words)
		}
		options = append(options, view.Option{Value: n.ID.String(), Label: label})
	}
	return options
}

// noteValue is the chosen note, when it may be shown.
func (page formPage) noteValue() string {
	if !slices.ContainsFunc(page.Notes, func(n noteChoice) bool { return n.ID == page.Draft.Note }) {
		return ""
	}
	return view.ID(page.Draft.Note)
}

func (page formPage) programOptions(f *view.Frame) []view.Option {
	options := make([]view.Option, len(page.Named))
	for i, p := range page.Named {
		options[i] = view.Option{Value: p.ID.String(), Label: p.Name(f.P)}
	}
	return options
}

func (page formPage) lengthOptions(f *view.Frame) []view.Option {
	lengths := slices.Clone(Durations)
	if length := page.Draft.Length; length > 0 && !slices.Contains(lengths, length) {
		lengths = append(lengths, length)
		slices.Sort(lengths)
	}
	options := make([]view.Option, len(lengths))
	for i, minutes := range lengths {
		options[i] = view.Option{Value: strconv.Itoa(minutes), Label: f.T(i18n.EventLengthMinutes(minutes))}
	}
	return options
}

func (page formPage) teamOptions() []view.Option {
	options := make([]view.Option, len(page.Team))
	for i, m := range page.Team {
		options[i] = view.Option{Value: m.ID.String(), Label: m.Name}
	}
	return options
}

func categoryOptions(f *view.Frame, categories []Type, none i18n.Message) []view.Option {
	var options []view.Option
	if none != nil {
		options = append(options, view.Option{Label: f.T(none)})
	}
	for _, t := range categories {
		options = append(options, view.Option{Value: t.ID.String(), Label: t.Name(f.P) + " – " + f.T(severityLabel(t.Severity))})
	}
	return options
}

func severityOptions(f *view.Frame) []view.Option {
	return append([]view.Option{{Label: f.T(i18n.EventSeverityAll)}}, severityChoices(f)...)
}

func severityChoices(f *view.Frame) []view.Option {
	var options []view.Option
	for severity := 1; severity <= 3; severity++ {
		options = append(options, view.Option{Value: strconv.Itoa(severity), Label: f.T(severityLabel(severity))})
	}
	return options
}

func severityValue(severity int) string {
	if severity == 0 {
		return ""
	}
	return strconv.Itoa(severity)
}

func (page flagsPage) next() view.URL {
	if page.Next == uuid.Nil {
		return view.URL{}
	}
	return view.To("serious-events", "flags").With("after", page.Next.String())
}

func (page reportPage) next() view.URL {
	if page.Next == noPlace {
		return view.URL{}
	}
	return view.To("serious-events").With("from", page.Filter.From.String()).With("to", page.Filter.To.String()).
		With("category", view.ID(page.Filter.Category)).With("severity", severityValue(page.Filter.Severity)).
		With("before", page.Next.Day.String()).With("event", page.Next.ID.String())
}

func (page typesPage) mayChange(t Type) bool { return t.mayChange(page.Actor) }

// whose says who may choose a type.
func (page typesPage) whose(f *view.Frame, t Type) string {
	if t.Program == nil {
		return f.T(i18n.EventTypesAgency)
	}
	return page.Programs[*t.Program].Name(f.P)
}

func (page typesPage) addSerious(f *view.Frame) templ.Component {
	if !page.Actor.Admin {
		return nil
	}
	return view.Link(f, f.T(i18n.EventTypeNewSerious), view.To("event-types", "new").With("serious", "1"))
}

func (page typePage) title() i18n.Message {
	switch {
	case page.Type.Version > 0:
		return i18n.EventTypeEditTitle
	case page.Serious:
		return i18n.EventTypeNewSerious
	}
	return i18n.EventTypeNewTitle
}

func (page typePage) action() view.URL {
	if page.Type.Version > 0 {
		return view.To("event-types", page.Type.ID.String())
	}
	return view.To("event-types")
}

func (page typePage) theirs(f *view.Frame, of func(Type) string) string {
	if page.Theirs == nil || of(*page.Theirs) == of(page.Type) {
		return ""
	}
	return f.T(i18n.EventConflictTheirs(of(*page.Theirs)))
}

func (page typePage) whoOptions(f *view.Frame) []view.Option {
	var options []view.Option
	if page.Agency {
		options = append(options, view.Option{Value: "agency", Label: f.T(i18n.EventTypesAgency)})
	}
	for _, p := range page.Programs {
		options = append(options, view.Option{Value: p.ID.String(), Label: p.Name(f.P)})
	}
	return options
}

func (page typePage) whoValue() string {
	switch {
	case page.Type.Program != nil:
		return page.Type.Program.String()
	case page.Agency:
		return "agency"
	}
	return ""
}
