package participant

import (
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
	Late      bool           // somebody else was faster
	Keep      view.Draft
	Problems  view.Problems
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
