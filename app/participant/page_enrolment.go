package participant

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/civil"
	"konote/app/i18n"
	"konote/app/program"
	"konote/app/staff"
	"konote/app/view"
)

// enrolPage is what the form of a further enrolment shows.
type enrolPage struct {
	*Reached
	Today    civil.Date
	Programs []program.Program // in which the actor may enrol her
	Draft    enrolDraft
	Problems view.Problems
}

// changePage is what the form of a change shows.
type changePage struct {
	*Reached
	Today     civil.Date
	Enrolment Enrolment
	Draft     changeDraft
	Team      []staff.Member // who may be said to work with her there
	Late      *saved         // what somebody else has saved of it meanwhile; nil in the ordinary case
	LateTeam  *saved         // and of who works with her
	Keep      view.Draft
	Problems  view.Problems
}

// What was saved of an enrolment meanwhile.
type saved struct {
	At     time.Time
	By     string // "": a command, or not known
	Reason string // as far as the actor may read it
}

// A version is what a form asks for, as it was typed and as it is there now.
type version struct {
	name   string
	label  i18n.Key
	yours  string
	theirs string
}

// versions are the lines of a change that came too late in which the two differ.
func (page *changePage) versions(f *view.Frame) []version {
	if page.Late == nil && page.LateTeam == nil {
		return nil
	}
	var lines []version
	e, d := page.Enrolment, page.Draft
	if page.Late != nil && d.To != "" {
		lines = append(lines, version{"to", i18n.EnrolmentChangeWhat, f.T(EnrolmentLabel(d.To)), f.T(EnrolmentLabel(e.Status))},
			version{"reason", i18n.EnrolmentReason, d.Reason, page.Late.Reason})
		on := e.StartedOn
		if e.Status == access.Finished {
			on = e.EndedOn
		}
		if typed, err := civil.Parse(d.On); err == nil && (e.Status == access.Finished || e.Status == access.Enrolled) {
			lines = append(lines, version{"on", i18n.EnrolmentChangeOn, dayText(f.P, typed), dayText(f.P, on)})
		}
		if d.To == access.Finished || e.EndReason != "" {
			lines = append(lines, version{"end_reason", i18n.EnrolmentEndReason, endText(f, d.End), endText(f, e.EndReason)})
		}
	}
	if page.LateTeam != nil {
		lines = append(lines, version{"worker", i18n.EnrolmentWorkerWho, page.workerText(f, d.Worker), page.workerText(f, view.ID(e.Worker))})
	}
	return slices.DeleteFunc(lines, func(v version) bool { return v.yours == v.theirs })
}

// beside is the hint at a field of a form that came too late: what is there now, and, where
// the field cannot show it any more, what was chosen.
func (page *changePage) beside(f *view.Frame, name string) string {
	for _, v := range page.versions(f) {
		switch {
		case v.name != name:
		case name == "to" && !slices.Contains(transitions[page.Enrolment.Status], page.Draft.To):
			return joined(v.both(f), f.T(i18n.EnrolmentLateImpossible))
		default:
			return v.said(f, i18n.ParticipantConflictTheirs, v.theirs)
		}
	}
	return ""
}

// both says both versions of a line, without one that says nothing or may not be read.
func (v version) both(f *view.Frame) string {
	return joined(v.said(f, i18n.ParticipantConflictYours, v.yours), v.said(f, i18n.ParticipantConflictTheirs, v.theirs))
}

func (v version) said(f *view.Frame, as func(string) i18n.Message, value string) string {
	if value == "" {
		return ""
	}
	return f.T(as(value))
}

// lateText says when what is there now was saved, and by whom.
func (page *changePage) lateText(f *view.Frame) string {
	for _, s := range []*saved{page.LateTeam, page.Late} {
		if s != nil && !s.At.IsZero() {
			return savedText(f, s.At, s.By)
		}
	}
	return ""
}

func endText(f *view.Frame, end EndReason) string {
	if endLabels[end] == "" {
		return ""
	}
	return f.T(end.Label())
}

// workerText is what to call somebody of the team, or who works there now.
func (page *changePage) workerText(f *view.Frame, id string) string {
	for _, member := range page.Team {
		if id == member.ID.String() {
			return member.Name
		}
	}
	if id == view.ID(page.Enrolment.Worker) && id != "" {
		return page.Enrolment.WorkerName
	}
	return f.T(i18n.EnrolmentWorkerNobody)
}

// historyPage is what was recorded of the enrolments that the actor may know of.
type historyPage struct {
	*Reached
	Lines map[uuid.UUID][]recorded // by enrolment
	Names map[uuid.UUID]string     // of staff
}

// when says when a change was made, and by whom.
func (p historyPage) when(f *view.Frame, line recorded) string {
	if name := p.Names[line.By]; name != "" {
		return f.T(i18n.EnrolmentHistoryBy(f.P.Moment(line.At), name))
	}
	return f.P.Moment(line.At)
}

// span says from when to when an enrolment is or was, and since when it is on hold; ""
// while nothing is known.
func span(p *i18n.Printer, e Enrolment) string {
	if e.Status == access.OnHold && e.HeldAt != nil {
		held := p.T(i18n.EnrolmentHeldSince(dayText(p, civil.Of(e.HeldAt.In(p.Zone())))))
		e.HeldAt = nil
		return joined(span(p, e), held)
	}
	from, to := dayText(p, e.StartedOn), dayText(p, e.EndedOn)
	switch {
	case from != "" && to != "":
		return p.T(i18n.EnrolmentSpan(from, to))
	case to != "":
		return p.T(i18n.EnrolmentUntil(to))
	case from != "":
		return p.T(i18n.EnrolmentSince(from))
	}
	return ""
}

// enrolmentText is an enrolment in a word or two: the program, and its status when it
// is not the ordinary one.
func enrolmentText(f *view.Frame, e Enrolment) string {
	if e.Status == access.Enrolled {
		return e.ProgramName(f.P)
	}
	return e.ProgramName(f.P) + " · " + f.T(EnrolmentLabel(e.Status))
}

// kindOf is how an enrolment's status is coloured; words stand beside it.
func kindOf(s access.EnrolmentStatus) view.Kind {
	switch s {
	case access.Enrolled:
		return view.Success
	case access.OnHold:
		return view.Warm
	case access.Planned, access.Waitlist:
		return view.Info
	}
	return view.Neutral
}

func endOptions(f *view.Frame) []view.Option {
	var options []view.Option
	for _, end := range EndReasons {
		options = append(options, view.Option{Value: string(end), Label: f.T(end.Label())})
	}
	return options
}

// workerOptions are those who may work with somebody in a program.
func workerOptions(f *view.Frame, team []staff.Member) []view.Option {
	options := []view.Option{{Label: f.T(i18n.EnrolmentWorkerNobody)}}
	for _, member := range team {
		options = append(options, view.Option{Value: member.ID.String(), Label: member.Name})
	}
	return options
}

func startOptions(f *view.Frame) []view.Option {
	return []view.Option{
		{Value: string(access.Enrolled), Label: f.T(i18n.EnrolmentStartActive)},
		{Value: string(access.Planned), Label: f.T(i18n.EnrolmentStartPlanned)},
		{Value: string(access.Waitlist), Label: f.T(i18n.EnrolmentStartWaitlist)},
	}
}

// changeOptions are the changes that there are for an enrolment, as what one does.
func changeOptions(f *view.Frame, e Enrolment) []view.Option {
	var options []view.Option
	for _, to := range transitions[e.Status] {
		option := view.Option{Value: string(to)}
		switch to {
		case access.Planned:
			option.Label = f.T(i18n.EnrolmentChangeToPlanned)
		case access.Waitlist:
			option.Label = f.T(i18n.EnrolmentChangeToWaitlist)
		case access.Enrolled:
			option.Label = f.T(i18n.EnrolmentChangeToActive)
			if e.Status == access.OnHold {
				option.Label = f.T(i18n.EnrolmentChangeToResume)
			}
		case access.OnHold:
			option.Label, option.Hint = f.T(i18n.EnrolmentChangeToOnHold), f.T(i18n.EnrolmentChangeToOnHoldHint)
		case access.Finished:
			option.Label, option.Hint = f.T(i18n.EnrolmentChangeToFinished), f.T(i18n.EnrolmentChangeToFinishedHint)
		case access.Cancelled:
			option.Label, option.Hint = f.T(i18n.EnrolmentChangeToCancelled), f.T(i18n.EnrolmentChangeToCancelledHint)
		}
		options = append(options, option)
	}
	return options
}
