package participant

import (
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/civil"
	"konote/app/i18n"
	"konote/app/program"
	"konote/app/view"
	"konote/app/web"
)

// listPage is what the list shows.
type listPage struct {
	People    []Listed
	Count     int
	Next      Place
	Filter    Filter
	Programs  []program.Program // to choose from
	MayCreate bool
	MayRead   bool // notes: the list can be narrowed by them
	MayChange bool // many enrolments at once
	Today     civil.Date
}

// everyStatus stands in the address for no choice of status: without it the list has
// the active records.
const everyStatus = "all"

// decodeFilter reads what a list is narrowed to from its address. What is no choice
// there, or not the actor's, is left out.
func decodeFilter(r *web.Request) Filter {
	f := Filter{Status: Active, After: parsePlace(r.Query.Get("after"))}
	if id, err := uuid.Parse(r.Query.Get("program")); err == nil && r.Actor().MayIn(id, access.ParticipantViewName) {
		f.Program = id
	}
	if s := access.EnrolmentStatus(r.Query.Get("enrolment")); s == Waiting || slices.Contains(access.ReachingStatuses, s) {
		f.Standing = s
	}
	if s := Status(r.Query.Get("status")); s == everyStatus {
		f.Status = ""
	} else if slices.Contains(Statuses, s) {
		f.Status = s
	}
	if days, err := strconv.Atoi(r.Query.Get("quiet")); err == nil && slices.Contains(QuietDays, days) && readsNotes(r.Actor()) {
		f.Quiet = days
	}
	return f
}

// readsNotes says whether the actor may know now, in some program, when notes were written.
func readsNotes(actor access.Actor) bool { return len(actor.Programs(access.NoteView)) > 0 }

// QuietDays are the times without a note that a list can be narrowed to.
var QuietDays = []int{14, 30, 60, 90}

func quietText(days int) string {
	if days == 0 {
		return ""
	}
	return strconv.Itoa(days)
}

func quietOptions(f *view.Frame) []view.Option {
	options := []view.Option{{Label: f.T(i18n.ParticipantListQuietAny)}}
	for _, days := range QuietDays {
		options = append(options, view.Option{Value: quietText(days), Label: f.T(i18n.ParticipantListQuietDays(quietText(days)))})
	}
	return options
}

func (f Filter) statusText() string {
	switch f.Status {
	case "":
		return everyStatus
	case Active:
		return ""
	}
	return string(f.Status)
}

// narrow says whether somebody may be missing because of a choice.
func (f Filter) narrow() bool {
	return f.Program != uuid.Nil || f.Standing != "" || f.Status != "" || f.Quiet > 0 || f.After != (Place{})
}

// next is the address of the following page; zero for none.
func (p listPage) next() view.URL {
	if p.Next == (Place{}) {
		return view.URL{}
	}
	return view.To("participants").With("program", view.ID(p.Filter.Program)).With("enrolment", string(p.Filter.Standing)).
		With("status", p.Filter.statusText()).With("quiet", quietText(p.Filter.Quiet)).With("after", p.Next.String())
}

func (p listPage) programOptions(f *view.Frame) []view.Option {
	return append([]view.Option{{Label: f.T(i18n.ParticipantListEveryProgram)}}, programOptions(f, p.Programs)...)
}

func standingOptions(f *view.Frame) []view.Option {
	options := []view.Option{{Label: f.T(i18n.ParticipantListEveryEnrolment)}, {Value: string(Waiting), Label: f.T(i18n.ParticipantListWaiting)}}
	for _, s := range access.ReachingStatuses {
		options = append(options, view.Option{Value: string(s), Label: f.T(EnrolmentLabel(s))})
	}
	return options
}

func statusFilterOptions(f *view.Frame) []view.Option {
	options := append(statusOptions(f), view.Option{Value: everyStatus, Label: f.T(i18n.ParticipantListEveryStatus)})
	options[0].Value = "" // the active ones need no choice
	return options
}

// String is the place as it stands in an address.
func (p Place) String() string { return p.Day.String() + "_" + p.ID.String() }

// parsePlace reads what String wrote; anything else is the beginning.
func parsePlace(text string) Place {
	dayText, idText, _ := strings.Cut(text, "_")
	day, errDay := civil.Parse(dayText)
	id, errID := uuid.Parse(idText)
	if errDay != nil || errID != nil {
		return Place{}
	}
	return Place{Day: day, ID: id}
}

// quietLine is the second line of a row: other names, record number, age.
func quietLine(f *view.Frame, otherNames, recordID string, born, today civil.Date) string {
	age := ""
	if !born.IsZero() {
		age = f.T(i18n.ParticipantAge(born.Age(today)))
	}
	return joined(otherNames, recordID, age)
}

// lastNote says when the last note was written.
func (l Listed) lastNote(f *view.Frame) string {
	if l.LastNoteOn.IsZero() {
		return ""
	}
	return f.T(i18n.ParticipantListLastNote(dayText(f.P, l.LastNoteOn)))
}

// joined puts short facts on one line.
func joined(facts ...string) string {
	return strings.Join(slices.DeleteFunc(facts, func(fact string) bool { return fact == "" }), " · ")
}

// caseload is where many enrolments are changed at once, narrowed as this list is.
func (p listPage) caseload() view.URL {
	if p.Filter.Standing == Waiting { // two states, of which one may be chosen there
		p.Filter.Standing = ""
	}
	return view.To("caseload").With("program", view.ID(p.Filter.Program)).With("status", string(p.Filter.Standing)).With("quiet", quietText(p.Filter.Quiet))
}
