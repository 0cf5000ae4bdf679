package participant

import (
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"konote/app/access"
	"konote/app/civil"
	"konote/app/find"
	"konote/app/i18n"
	"konote/app/program"
	"konote/app/view"
	"konote/app/web"
)

// showPage is what a participant's page shows, on any of its tabs.
type showPage struct {
	*Reached
	Today     civil.Date
	Tabs      []view.Tab
	Menu      []menuEntry
	Here      view.URL
	Apart     []Enrolment       // one in each program whose records are kept apart from the others'
	Banner    []templ.Component // of other features, as are Sections
	Sections  []templ.Component
	ChangedBy string
}

// The tabs that this feature draws itself.
const (
	overviewTab = ""
	aboutTab    = "about"
)

// tabs leads to the pages of a record that the actor may open.
func (h *Handlers) tabs(f *view.Frame, p *Reached, current string) []view.Tab {
	tabs := []view.Tab{{Label: f.T(i18n.ParticipantTabOverview), Href: p.address(), Current: current == overviewTab}}
	for _, tab := range h.Tabs {
		if p.May(tab.Key) {
			tabs = append(tabs, view.Tab{Label: f.T(tab.Label), Href: p.address(tab.Path), Current: current == tab.Path})
		}
	}
	return append(tabs, view.Tab{Label: f.T(i18n.ParticipantTabAbout), Href: p.address(aboutTab), Current: current == aboutTab})
}

// apart are the programs in which the actor sees clinical records of the participant, one
// enrolment for each, while she would have to say in which of them she works; none when
// there is no such choice.
func (p *Reached) apart() []Enrolment {
	var places []Enrolment
	for _, key := range []access.Key{access.NoteView, access.PlanView} {
		if p.Decide(key).Reason != access.KeptApart {
			continue
		}
		about := p.actor.About(p.ID)
		for _, e := range p.Enrolments {
			known := slices.ContainsFunc(places, func(at Enrolment) bool { return at.Program == e.Program })
			if !known && about.MayIn(e.Program, key) && slices.Contains(access.ReachingStatuses, e.Status) {
				places = append(places, e)
			}
		}
	}
	return places
}

// wordsApart says that what was said of enrolments is kept apart as well.
func (p *Reached) wordsApart() bool {
	return p.Decide(access.ParticipantViewClinical).Reason == access.KeptApart
}

// apartText says whose wish it is.
func (page showPage) apartText() i18n.Message {
	if page.Sharing == access.ShareNot {
		return i18n.ParticipantApartWish
	}
	return i18n.ParticipantApartAgency
}

// mayChange says whether the actor may change where the participant stands there.
func (p *Reached) mayChange(e Enrolment) bool {
	return p.May(access.ParticipantTransfer) && p.actor.MayIn(e.Program, access.ParticipantTransfer)
}

// address is that of the participant's page, or of one below it.
func (p *Reached) address(below ...string) view.URL {
	return view.To(append([]string{"participants", p.ID.String()}, below...)...)
}

// editPage is what the form of a record shows.
type editPage struct {
	*Reached
	Today       civil.Date
	Draft       entered
	Keep        view.Draft
	Differences []difference // of a change that came too late
	ChangedBy   string
	Problems    view.Problems
}

// newPage is what the form of somebody new shows.
type newPage struct {
	Levels   Levels
	Today    civil.Date
	Programs []program.Program
	Draft    entered
	Keep     view.Draft
	Alike    []find.Hit // people it may be
	Visitor  web.Visitor
	Problems view.Problems
}

// shownValue is a field's value as people read it.
func shownValue(p *i18n.Printer, f field, value string) string {
	switch {
	case value == "":
		return ""
	case f.name == "phone":
		return phoneText(p, value)
	case f.name == "birth_date":
		if born, err := civil.Parse(value); err == nil {
			return p.LongDate(born.Year, born.Month, born.Day)
		}
	case f.name == "status":
		return p.T(Status(value).Label())
	case f.name == "language":
		return p.T(languageLabel(value))
	case f.name == "contact_by":
		return p.T(contactWayLabels[value])
	}
	return value
}

func languageLabel(language string) i18n.Message {
	if language == "fr" {
		return i18n.ParticipantLanguageFr
	}
	return i18n.ParticipantLanguageEn
}

var contactWayLabels = map[string]i18n.Key{
	"": i18n.ParticipantContactByUnknown, "phone": i18n.ParticipantContactByPhone, "text": i18n.ParticipantContactByText,
	"email": i18n.ParticipantContactByEmail, "in_person": i18n.ParticipantContactByInPerson, "none": i18n.ParticipantContactByNone,
}

// prefers says on the head of a record how she wants to be reached.
var prefers = map[string]i18n.Key{
	"phone": i18n.ParticipantSafePrefersPhone, "text": i18n.ParticipantSafePrefersText, "email": i18n.ParticipantSafePrefersEmail,
	"in_person": i18n.ParticipantSafePrefersInPerson, "none": i18n.ParticipantSafePrefersNone,
}

func contactWayOptions(f *view.Frame) []view.Option {
	options := []view.Option{{Label: f.T(i18n.ParticipantContactByUnknown)}}
	for _, way := range contactWays {
		options = append(options, view.Option{Value: way, Label: f.T(contactWayLabels[way])})
	}
	return options
}

// contact is the line below a name that says how to reach her and what is safe; "" when
// nothing is known.
func (p *Reached) contact(f *view.Frame) string {
	var way, times string
	if key, known := prefers[p.ContactBy]; known {
		way = f.T(key)
	}
	if p.ContactTimes != "" {
		times = f.T(i18n.ParticipantSafeTimes(p.ContactTimes))
	}
	return joined(phoneText(f.P, p.Phone), p.Email, way, times, p.ContactAdvice)
}

// phoneText is a stored phone number as people read it.
func phoneText(p *i18n.Printer, phone string) string {
	digits, ext, has := strings.Cut(phone, " x")
	if has && len(digits) == 10 {
		return p.T(i18n.ParticipantPhoneExtension(p.Phone(digits), ext))
	}
	return p.Phone(phone)
}

// dayText is a calendar date as people read it; "" for none.
func dayText(p *i18n.Printer, d civil.Date) string {
	if d.IsZero() {
		return ""
	}
	return p.LongDate(d.Year, d.Month, d.Day)
}

// facts are the short facts below a name: other names, pronouns, age, language.
func (p *Reached) facts(f *view.Frame, today civil.Date) string {
	var other, age, language string
	if names := p.OtherNames(); names != "" {
		other = f.T(i18n.ParticipantAlso(names))
	}
	if born := p.Born(); !born.IsZero() {
		age = f.T(i18n.ParticipantAge(born.Age(today)))
	}
	if p.Language != "" {
		language = f.T(languageLabel(p.Language))
	}
	return joined(other, p.Pronouns, age, language)
}

// now parts the enrolments into those that are open and those that are over.
func (p *Reached) now() (open, over []Enrolment) {
	for _, e := range p.Enrolments {
		if e.Open() {
			open = append(open, e)
		} else {
			over = append(over, e)
		}
	}
	return open, over
}

// changedText says when the record was last changed, and by whom.
func changedText(f *view.Frame, at time.Time, by string) string {
	if by == "" {
		return f.T(i18n.ParticipantLastChangeNobody(f.P.Moment(at)))
	}
	return f.T(i18n.ParticipantLastChange(f.P.Moment(at), by))
}

// savedText says when the version that is there now was saved, and by whom.
func savedText(f *view.Frame, at time.Time, by string) string {
	if by == "" {
		return f.T(i18n.ParticipantConflictByNobody(f.P.Moment(at)))
	}
	return f.T(i18n.ParticipantConflictBy(f.P.Moment(at), by))
}

// versionText is one version of a field in the page of a conflict.
func versionText(f *view.Frame, field field, value string) string {
	if value == "" {
		return f.T(i18n.ParticipantConflictEmpty)
	}
	return shownValue(f.P, field, value)
}

// words say who changed it.
func (c changedBy) words() i18n.Message {
	switch c {
	case you:
		return i18n.ParticipantConflictYou
	case them:
		return i18n.ParticipantConflictThem
	}
	return i18n.ParticipantConflictBoth
}

// first is the version that is chosen as the page opens: the actor's own, where she
// changed the field, so that nothing typed is lost by sending the page as it is.
func (d difference) first() string {
	if d.by == them {
		return d.theirs
	}
	return d.yours
}

// A group is a part of the form, and of the page of all details.
type group struct {
	title i18n.Key
	names []string
}

var groups = []group{
	{i18n.ParticipantGroupName, []string{"first_name", "last_name", "preferred_name", "middle_name"}},
	{i18n.ParticipantGroupPerson, []string{"pronouns", "birth_date", "language"}},
	{i18n.ParticipantGroupContact, []string{"phone", "email", "address", "contact_by", "contact_times", "contact_advice"}},
	{i18n.ParticipantGroupRecord, []string{"record_id", "status"}},
}

func (g group) fields() []field {
	var of []field
	for _, f := range fields {
		if slices.Contains(g.names, f.name) {
			of = append(of, f)
		}
	}
	return of
}

func (g group) seen(levels Levels) bool { return slices.ContainsFunc(g.names, levels.Sees) }

func (g group) asked(levels Levels) bool { return slices.ContainsFunc(g.names, levels.Edits) }

var hints = map[string]i18n.Message{
	"preferred_name": i18n.ParticipantPreferredNameHint, "pronouns": i18n.ParticipantPronounsHint,
	"phone": i18n.ParticipantPhoneHint, "contact_times": i18n.ParticipantContactTimesHint, "contact_advice": i18n.ParticipantContactAdviceHint,
	"record_id": i18n.ParticipantRecordIdHint,
}

// boxOf is the control of a field. While somebody new is typed in, what tells people
// apart is looked up.
func boxOf(frame *view.Frame, f field, d entered, problem i18n.Message, fresh bool) view.Field {
	box := view.Field{
		Name: f.name, Label: f.label, Hint: hints[f.name], Value: *f.of(&d.Details), Max: f.max, Problem: problem,
		Required: slices.Contains([]string{"first_name", "last_name", "language", "status"}, f.name),
	}
	switch f.name {
	case "phone":
		box.Type, box.Width, box.Value = "tel", "medium", phoneText(frame.P, box.Value)
	case "email":
		box.Type = "email"
	case "pronouns", "record_id":
		box.Width = "medium"
	case "address":
		box.Rows = 3
	}
	if fresh && slices.Contains([]string{"first_name", "preferred_name", "last_name", "birth_date", "phone"}, f.name) {
		box.Check, box.CheckInto = view.To("participants", "duplicates"), alikeID
	}
	return box
}

// alikeID is the element that shows who a new person may be.
const alikeID = "alike"

func languageOptions(f *view.Frame) []view.Option {
	return []view.Option{
		{Value: "en", Label: f.T(i18n.ParticipantLanguageEn)}, {Value: "fr", Label: f.T(i18n.ParticipantLanguageFr)},
	}
}

func statusOptions(f *view.Frame) []view.Option {
	var options []view.Option
	for _, s := range Statuses {
		options = append(options, view.Option{Value: string(s), Label: f.T(s.Label())})
	}
	return options
}

func programOptions(f *view.Frame, programs []program.Program) []view.Option {
	options := make([]view.Option, len(programs))
	for i, p := range programs {
		options[i] = view.Option{Value: p.ID.String(), Label: p.Name(f.P)}
	}
	return options
}
