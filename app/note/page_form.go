package note

import (
	"slices"
	"strconv"

	"github.com/google/uuid"

	"konote/app/circle"
	"konote/app/civil"
	"konote/app/i18n"
	"konote/app/metric"
	"konote/app/plan"
	"konote/app/program"
	"konote/app/view"
)

// What the form shows, in words and choices.

// asksText says whether "What happened" is asked: not where headings ask it already.
func (page formPage) asksText() bool {
	return page.Template == nil || !page.Template.writes() || page.Typed.Text != "" || page.Problems.Of("text") != nil
}

// plans says whether the template has a place for the goals.
func (t Template) plans() bool {
	return slices.ContainsFunc(t.Sections, func(s TemplateSection) bool { return s.Kind == PlanSection })
}

// programGoals are the goals and the shared measures of one program.
type programGoals struct {
	Program program.Program
	Goals   []goalField
	Shared  []metric.Entry
}

func (page formPage) in(p program.Program) programGoals {
	part := programGoals{Program: p}
	for _, g := range page.Goals {
		if g.Program == p.ID {
			part.Goals = append(part.Goals, g)
		}
	}
	for _, s := range page.Shared {
		if s.Program == p.ID {
			part.Shared = append(part.Shared, s.Entry)
		}
	}
	return part
}

// wrong says whether something was typed into one of the fields, so that a page that
// comes back shows it.
func (page formPage) wrong(entries []metric.Entry) bool {
	return slices.ContainsFunc(entries, func(e metric.Entry) bool { return e.Text != "" })
}

// opens says whether a goal is open when the page is drawn.
func (page formPage) opens(g goalField) bool {
	return !g.Goal.Empty() || page.wrong(g.Due) || page.wrong(g.Later)
}

// moreSaid says whether anything rarely used was typed.
func (page formPage) moreSaid() bool {
	t := page.Typed
	asked := t.Interaction.modality() == "" && t.Modality != ""
	return t.MinutesText != "" || t.Circle != uuid.Nil || asked || t.Summary != "" || t.Suggestion != "" || t.Weight != "" || t.Engagement != "" ||
		t.Alliance.Rating > 0 || t.Alliance.By != ""
}

func (page formPage) rating() string {
	if page.Typed.Alliance.Rating == 0 {
		return ""
	}
	return strconv.Itoa(page.Typed.Alliance.Rating)
}

// followUps are the quick choices of a follow-up, each with its day.
func (page formPage) followUps(f *view.Frame) []view.Option {
	options := []view.Option{{Value: "", Label: f.T(i18n.NoteFollowUpNone)}}
	words := []func(string) i18n.Message{i18n.NoteFollowUpTomorrow, i18n.NoteFollowUpThree, i18n.NoteFollowUpWeek}
	for i, days := range followUpDays {
		day := page.Today.AddDays(days)
		options = append(options, view.Option{Value: day.String(), Label: f.T(words[i](dayText(f.P, day)))})
	}
	return append(options, view.Option{Value: otherDay, Label: f.T(i18n.NoteFollowUpOther)})
}

func dayText(p *i18n.Printer, d civil.Date) string { return p.Date(d.Year, d.Month, d.Day) }

func lastSaid(f *view.Frame, g goalField) string {
	if g.Last == nil {
		return ""
	}
	return f.T(i18n.NoteGoalBefore(f.T(g.Last.Descriptor.Label()), dayText(f.P, g.Last.On)))
}

func interactions(f *view.Frame) []view.Option { return options(f, Interactions, Interaction.Label) }

func outcomes(f *view.Frame) []view.Option { return options(f, Outcomes, Outcome.Label) }

func descriptors(f *view.Frame) []view.Option {
	return options(f, plan.Descriptors, plan.Descriptor.Label)
}

func modalities(f *view.Frame) []view.Option { return unsaid(f, Modalities, Modality.Label) }

func options[T ~string](f *view.Frame, values []T, label func(T) i18n.Message) []view.Option {
	var options []view.Option
	for _, v := range values {
		options = append(options, view.Option{Value: string(v), Label: f.T(label(v))})
	}
	return options
}

// unsaid are options after one that says nothing.
func unsaid[T ~string](f *view.Frame, values []T, label func(T) i18n.Message) []view.Option {
	return append([]view.Option{{Value: "", Label: f.T(i18n.NoteModalityUnsaid)}}, options(f, values, label)...)
}

// answers are the five answers to a question about working together, and none.
func answers(f *view.Frame, prompt int) []view.Option {
	options := make([]view.Option, 0, 6)
	for i, answer := range promptOf(prompt).answers {
		options = append(options, view.Option{Value: strconv.Itoa(i + 1), Label: f.T(answer)})
	}
	return append(options, view.Option{Value: "", Label: f.T(i18n.NoteAllianceNone)})
}

func raters(f *view.Frame) []view.Option {
	return []view.Option{
		{Value: string(ByParticipant), Label: f.T(i18n.NoteAllianceByParticipant)}, {Value: string(ByWorker), Label: f.T(i18n.NoteAllianceByWorker)},
	}
}

// circles are the circles that a note may be about, and none.
func circles(f *view.Frame, list []circle.Choice) []view.Option {
	options := []view.Option{{Value: "", Label: f.T(i18n.NoteCircleNone)}}
	for _, c := range list {
		options = append(options, view.Option{Value: c.ID.String(), Label: c.Name})
	}
	return options
}

// circleID is the choice of a circle as the form has it.
func (page formPage) circleID() string {
	if page.Typed.Circle == uuid.Nil {
		return ""
	}
	return page.Typed.Circle.String()
}

func programs(f *view.Frame, list []program.Program) []view.Option {
	var options []view.Option
	for _, p := range list {
		options = append(options, view.Option{Value: p.ID.String(), Label: p.Name(f.P)})
	}
	return options
}
