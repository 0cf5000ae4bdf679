package participant

import (
	"net/url"
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
	"konote/tenancy"
)

// entered is what the form shows: the details as typed, valid or not.
type entered struct {
	Details
	ID       uuid.UUID      // of a new record, or of what is passed on: the same in every version of its form, so that it is added once
	Born     view.DateInput // as typed in three parts
	Programs []uuid.UUID    // of a new record: where to enrol
	Start    access.EnrolmentStatus
	Version  int               // of a record that is there
	Base     map[string]string // what its form began with, by the names of the fields
}

// enteredOf is the form of a record as it opens.
func enteredOf(p *Reached) entered {
	d := entered{ID: tenancy.NewID(), Details: p.Details, Born: view.SplitDate(p.BirthDate), Version: p.Version, Base: map[string]string{}}
	for _, f := range fields {
		if p.Levels.Edits(f.name) {
			d.Base[f.name] = *f.of(&d.Details)
		}
	}
	return d
}

// decode reads the form over the details as they are. A field that the actor may not
// change, or that is not in the form, stays as it is.
func decode(form url.Values, from Details, levels Levels) entered {
	d := entered{Details: from, Born: view.SplitDate(from.BirthDate), Base: map[string]string{}}
	for _, f := range fields {
		if !levels.Edits(f.name) {
			continue
		}
		if base, ok := form["base_"+f.name]; ok {
			d.Base[f.name] = base[0]
		}
		if typed, ok := form[f.name]; ok {
			*f.of(&d.Details) = f.clean(typed[0])
			d.Born = view.SplitDate(d.BirthDate)
		} else if f.name == "birth_date" && form.Has("birth_date-year") {
			d.Born = view.ReadDate(form, "birth_date")
			d.BirthDate = d.Born.Text()
		}
	}
	d.Version, _ = strconv.Atoi(form.Get("version")) // a broken number is a version that does not exist: a conflict
	return d
}

// decodeEdit reads the form of a record that is there.
func decodeEdit(r *web.Request, p *Reached) entered {
	d := decode(r.Form, p.Details, p.Levels)
	d.ID = web.FormID(r.Value("id"))
	return d
}

// passesOn says whether the form has fields that go to those who work with her.
func (page editPage) passesOn() bool { return slices.ContainsFunc(page.passed, page.Levels.Edits) }

// passedOn is what was entered for those who work with her, in the words of a message; ""
// for nothing.
func (page editPage) passedOn(p *i18n.Printer) string {
	var lines []string
	for _, f := range fields {
		text := *f.of(&page.Draft.Details)
		if slices.Contains(page.passed, f.name) && page.Levels.Edits(f.name) && text != "" && text != page.Draft.Base[f.name] {
			lines = append(lines, p.T(i18n.ParticipantPassedOnLine(p.T(f.label), shownValue(p, f, text))))
		}
	}
	if len(lines) == 0 {
		return ""
	}
	return strings.Join(append([]string{p.T(i18n.ParticipantPassedOnWords)}, lines...), "\n")
}

// decodeNew reads the form of somebody new. open are the programs in which the actor
// may begin a record; any other choice is no choice.
func decodeNew(r *web.Request, open []program.Program, today civil.Date) (entered, view.Problems) {
	levels := levelsOfNew(r.Actor())
	d := decode(r.Form, Details{Status: Active, Language: r.P.Language()}, levels)
	d.ID, d.Status = web.FormID(r.Value("id")), Active
	for _, c := range open {
		if slices.Contains(r.Form["program"], c.ID.String()) {
			d.Programs = append(d.Programs, c.ID)
		}
	}
	d.Start = access.EnrolmentStatus(r.Value("start"))

	problems := d.check(levels, today)
	if len(d.Programs) == 0 {
		problems.Add("program", i18n.ParticipantProgramWanted)
	}
	if !slices.Contains(Beginnings, d.Start) {
		problems.Add("start", i18n.EnrolmentStartWanted)
	}
	return d, problems
}

// newEntered is the form of somebody new as it opens. With one program there is nothing
// to choose.
func newEntered(r *web.Request, open []program.Program) entered {
	d := entered{ID: tenancy.NewID(), Details: Details{Status: Active, Language: r.P.Language()}, Start: access.Enrolled}
	if len(open) == 1 {
		d.Programs = []uuid.UUID{open[0].ID}
	}
	return d
}

// enrolDraft is the form of a further enrolment, as typed.
type enrolDraft struct {
	Program uuid.UUID
	Start   access.EnrolmentStatus
	On      string
}

func decodeEnrol(r *web.Request, open []program.Program, today civil.Date) (enrolDraft, Enrolment, view.Problems) {
	d := enrolDraft{Start: access.EnrolmentStatus(r.Value("start")), On: r.Value("on")}
	var problems view.Problems
	for _, c := range open {
		if r.Value("program") == c.ID.String() {
			d.Program = c.ID
		}
	}
	if d.Program == uuid.Nil {
		problems.Add("program", i18n.EnrolmentProgramWanted)
	}
	if !slices.Contains(Beginnings, d.Start) {
		problems.Add("start", i18n.EnrolmentStartWanted)
	}
	e := Enrolment{Program: d.Program, Status: d.Start}
	if d.Start == access.Enrolled {
		e.StartedOn, _ = civil.Parse(d.On) // no day is a problem of its own
		if problem := dayProblem(e.StartedOn, today); problem != nil {
			problems.Add("on", problem)
		}
	}
	return d, e, problems
}

// changeDraft is the form of a change, as typed.
type changeDraft struct {
	To      access.EnrolmentStatus
	On      string
	End     EndReason
	Reason  string
	Worker  string // of the form below it, that says who works with her
	Version int
	Base    access.EnrolmentStatus // how the enrolment stood when the form opened; "" when that is not known
}

func decodeChange(r *web.Request, e Enrolment, today civil.Date) (changeDraft, Change, view.Problems) {
	d := changeDraft{To: access.EnrolmentStatus(r.Value("to")), On: r.Value("on"), End: EndReason(r.Value("end_reason")), Reason: r.Value("reason"),
		Worker: view.ID(e.Worker), Base: access.EnrolmentStatus(r.Value("base_status"))}
	d.Version, _ = strconv.Atoi(r.Value("version"))
	c := Change{To: d.To, Reason: cleanText(d.Reason)}
	if e.asksDay(c.To) {
		c.On, _ = civil.Parse(d.On) // no day is a problem of its own
	}
	if c.To == access.Finished {
		c.End = d.End
	}
	return d, c, c.Check(e, today)
}
