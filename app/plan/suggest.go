package plan

import (
	"net/url"
	"slices"

	"github.com/google/uuid"

	"konote/app/i18n"
	"konote/app/program"
	"konote/app/view"
)

// suggested is the day by which a new target in a program is hoped for, unless somebody
// says otherwise: that on which the program looks at goals again. "" where it does not say.
func (s *scene) suggested(in uuid.UUID) string {
	days := s.programOf(in).GoalReviewDays
	if days == 0 {
		return ""
	}
	return s.Today.AddDays(days).String()
}

// suggestedText says where a day comes from; "" when somebody chose it.
func (s *scene) suggestedText(f *view.Frame, in uuid.UUID, day string) string {
	if day == "" || day != s.suggested(in) {
		return ""
	}
	p := s.programOf(in)
	return f.T(i18n.PlanTargetOnFrom(p.Name(f.P), p.GoalReviewDays))
}

// newDayText says where the day of a new target comes from.
func (page *formPage) newDayText(f *view.Frame) string {
	if page.Target.ID != uuid.Nil {
		return ""
	}
	return page.suggestedText(f, page.chosenProgram(), page.Draft.TargetOn)
}

// dayField is the name of the field that asks for the day in one of several programs.
func dayField(in uuid.UUID) string { return "target_on-" + in.String() }

// asksByProgram says whether the form of a new target asks for the day in each program:
// there are several, and they do not suggest the same.
func (page *formPage) asksByProgram() bool {
	return page.Target.ID == uuid.Nil && slices.ContainsFunc(page.Editable, func(in uuid.UUID) bool {
		return page.suggested(in) != page.suggested(page.Editable[0])
	})
}

// suggest fills in the days of a form that opens.
func (page *formPage) suggest() {
	page.Days = map[uuid.UUID]string{}
	for _, in := range page.Editable {
		page.Days[in] = page.suggested(in)
	}
	page.Draft.TargetOn = page.Days[page.Editable[0]]
}

// enterDays reads the days that were asked for by program: that of the chosen section's
// program counts. A form from before the programs said otherwise has one day for all of
// them, or one for each where one would do.
func (page *formPage) enterDays(form url.Values) {
	if !page.asksByProgram() {
		if !form.Has("target_on") {
			page.Draft.TargetOn = form.Get(dayField(page.chosenProgram()))
		}
		return
	}
	page.Days = map[uuid.UUID]string{}
	for _, in := range page.Editable {
		if page.Days[in] = form.Get("target_on"); form.Has(dayField(in)) {
			page.Days[in] = form.Get(dayField(in))
		}
	}
	page.Draft.TargetOn = page.Days[page.chosenProgram()]
}

// chosenProgram is that of the place that is chosen in the form.
func (page *formPage) chosenProgram() uuid.UUID {
	for _, o := range page.places() {
		if o.value == page.sectionValue() {
			return o.section.Program
		}
	}
	return uuid.Nil
}

// atDay leads what is wrong with the day to the field that asked for it.
func (page *formPage) atDay(problems view.Problems) view.Problems {
	if page.asksByProgram() {
		for i := range problems {
			if problems[i].Field == "target_on" {
				problems[i].Field = dayField(page.chosenProgram())
			}
		}
	}
	return problems
}

// placesIn are the values of the places in one program, as view.Reveal wants them.
func (page *formPage) placesIn(in uuid.UUID) (values string) {
	for _, o := range page.places() {
		if o.section.Program == in {
			values += o.value + " "
		}
	}
	return values
}

// dayLabel names the program where a page asks in several.
func dayLabel(p program.Program, f *view.Frame) i18n.Message {
	return i18n.PlanTargetOnIn(p.Name(f.P))
}

// suggest fills in the days of a form that opens.
func (page *applyPage) suggest() {
	page.Days = map[uuid.UUID]string{}
	for _, p := range page.choices() {
		page.Days[p.ID] = page.suggested(p.ID)
	}
}

// enterDays reads the days that were asked for: those of programs that suggest one.
func (page *applyPage) enterDays(sent func(string) string) {
	page.Days = map[uuid.UUID]string{}
	for _, p := range page.choices() {
		if p.GoalReviewDays > 0 {
			page.Days[p.ID] = sent(dayField(p.ID))
		}
	}
}
