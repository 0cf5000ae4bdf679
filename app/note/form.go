package note

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/civil"
	"konote/app/i18n"
	"konote/app/metric"
	"konote/app/plan"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// typed is what the form shows: the note, with days and numbers as text, because what
// was typed is shown again even when it is none.
type typed struct {
	Note
	HappenedText string
	FollowUp     string // a day, "" for none, or otherDay
	FollowUpText string // the other day
	MinutesText  string
	Below        []string // what was written below the template's headings, in their order
}

// otherDay is the choice of a follow-up on a day that is not offered.
const otherDay = "other"

// blank are the values of the form as it opens: a session, today.
func (page *formPage) blank() url.Values {
	form := url.Values{
		"id": {tenancy.NewID().String()}, "interaction": {string(Session)}, "happened_on": {page.Today.String()},
		"alliance_prompt": {strconv.Itoa(page.before.nextPrompt())},
	}
	if len(page.allowed) > 0 {
		form.Set("program", page.allowed[0].String())
	}
	return form
}

// read reads the form into the page. Any program but those in which the author may write
// about this participant is no choice.
func (page *formPage) read(p *i18n.Printer, form url.Values, author access.Actor, now time.Time) {
	n := Note{
		ID: web.FormID(form.Get("id")), Participant: page.About.ID, Author: author.Staff, CreatedAt: now,
		Interaction: Interaction(form.Get("interaction")), Outcome: Outcome(form.Get("outcome")),
		Modality: among(form.Get("modality"), Modalities), Text: form.Get("text"), Summary: form.Get("summary"),
		Takeaway: form.Get("takeaway"), Suggestion: form.Get("suggestion"), Weight: among(form.Get("suggestion_weight"), Weights),
		Engagement: among(form.Get("engagement"), Engagements), MadeTogether: form.Get("made_together") != "",
	}
	if !n.Interaction.atDistance() {
		n.Outcome = ""
	}
	if known := n.Interaction.modality(); known != "" {
		n.Modality = known
	}
	if chosen, err := uuid.Parse(form.Get("program")); err == nil && slices.Contains(page.allowed, chosen) {
		n.Program = chosen
	} else if len(page.allowed) == 1 {
		n.Program = page.allowed[0]
	}
	for _, c := range page.Circles {
		if c.ID.String() == form.Get("circle") {
			n.Circle = c.ID
		}
	}
	n.AuthorRole = author.Roles[n.Program]
	n.Alliance = readAlliance(form)

	page.Typed = typed{
		Note: n, HappenedText: form.Get("happened_on"), MinutesText: form.Get("minutes"),
		FollowUp: form.Get("follow_up"), FollowUpText: form.Get("follow_up_on"),
	}
	page.Typed.settle(form, page.Today)
	page.useTemplate(form.Get("template"))
	page.readBelow(form)
	page.fill(p, form)
}

// settle turns a day that is not offered (any more) into another day.
func (t *typed) settle(form url.Values, today civil.Date) {
	chosen, err := civil.Parse(t.FollowUp)
	switch {
	case !form.Has("follow_up") && t.FollowUpText != "":
		t.FollowUp = otherDay
	case err == nil && !slices.ContainsFunc(followUpDays, func(days int) bool { return chosen == today.AddDays(days) }):
		t.FollowUp, t.FollowUpText = otherDay, chosen.String()
	case err != nil && t.FollowUp != otherDay:
		t.FollowUp = ""
	}
}

// followUpDays are in how many days a follow-up is offered.
var followUpDays = []int{1, 3, 7}

func readAlliance(form url.Values) Alliance {
	a := Alliance{By: among(form.Get("alliance_by"), []Rater{ByParticipant, ByWorker})}
	a.Rating, _ = strconv.Atoi(form.Get("alliance"))
	a.Prompt, _ = strconv.Atoi(form.Get("alliance_prompt"))
	if a.Rating < 1 || a.Rating > 5 {
		a.Rating = 0
	}
	if a.Prompt < 0 || a.Prompt >= len(prompts) {
		a.Prompt = 0
	}
	return a
}

// useTemplate shows the headings of a template, or none.
func (page *formPage) useTemplate(text string) {
	page.Template, page.Typed.Template = nil, uuid.Nil
	for i, t := range page.Templates {
		if t.ID.String() == text {
			page.Template, page.Typed.Template = &page.Templates[i], t.ID
		}
	}
}

// readBelow reads what was written below headings, into the note too.
func (page *formPage) readBelow(form url.Values) {
	if page.Template == nil {
		return
	}
	for i, s := range page.Template.Sections {
		text := form.Get(belowName(i))
		page.Typed.Below = append(page.Typed.Below, text)
		if s.Kind == Basic && text != "" {
			page.Typed.Sections = append(page.Typed.Sections, Written{EN: s.EN, FR: s.FR, Text: text})
		}
	}
}

func belowName(i int) string { return "below-" + strconv.Itoa(i) }

// change shows other headings. What was written below the ones before is kept, as text.
func (page *formPage) change(p *i18n.Printer, to string) {
	for _, s := range page.Typed.Sections {
		page.Typed.Text = paragraph(page.Typed.Text, s.Heading(p), s.Text)
	}
	page.Typed.Sections, page.Typed.Below = nil, nil
	page.useTemplate(to)
	if page.Template != nil {
		page.Typed.Below = make([]string, len(page.Template.Sections))
		if page.Template.Interaction != "" {
			page.Typed.Interaction = page.Template.Interaction
		}
	}
}

func paragraph(text, heading, more string) string {
	if text != "" {
		text += "\n\n"
	}
	return text + heading + "\n" + more
}

// check finishes the note out of what was typed and says what is wrong with it.
func (page *formPage) check(p *i18n.Printer, form url.Values) view.Problems {
	var problems view.Problems
	n := &page.Typed.Note
	n.HappenedOn = day(&problems, "happened_on", page.Typed.HappenedText)
	n.FollowUpOn = page.followUp(&problems)
	n.Minutes = minutes(&problems, page.Typed.MinutesText)
	elsewhere := page.collect()
	if strays := page.strays(p, form); len(strays) > 0 {
		for _, s := range strays {
			n.Text = paragraph(n.Text, s.Heading(p), s.Text)
		}
		problems.Add("text", i18n.NoteGoalGone)
	}
	for _, problem := range n.check(page.Today) {
		if problems.Of(problem.Field) == nil {
			problems = append(problems, problem)
		}
	}
	if n.Program == uuid.Nil {
		problems.Add("program", i18n.NoteProgramWanted)
	} else if elsewhere {
		problems.Add("program", i18n.NoteGoalElsewhere)
	}
	for _, g := range page.Goals {
		for part, words := range map[string]string{"text": g.Goal.Text, "words": g.Goal.Words} {
			if view.TooLong(words, maxGoal) {
				problems.AddOf(i18n.ViewWords(g.Name), goalName(g.ID, part), i18n.FormTooLong(maxGoal))
			}
		}
		for _, e := range slices.Concat(g.Due, g.Later) {
			entryProblem(&problems, e, i18n.NoteMeasureOf(g.Name, e.Metric.Name(p)))
		}
	}
	for _, s := range page.Shared {
		entryProblem(&problems, s.Entry, i18n.ViewWords(s.Entry.Metric.Name(p)))
	}
	return problems
}

// entryProblem says what is wrong with a measure, and of what it is one.
func entryProblem(problems *view.Problems, e metric.Entry, of i18n.Message) {
	if problem := e.Problem(); problem != nil {
		problems.AddOf(of, e.Name, problem)
	}
}

// strays are words about goals that the form does not have any more: the plan has
// changed since it was opened.
func (page *formPage) strays(p *i18n.Printer, form url.Values) (strays []Written) {
	for _, s := range page.sections {
		for _, t := range s.Targets {
			if slices.ContainsFunc(page.Goals, func(g goalField) bool { return g.ID == t.ID }) {
				continue
			}
			var said []string
			if how := among(form.Get(goalName(t.ID, "how")), plan.Descriptors); how != "" {
				said = append(said, p.T(how.Label()))
			}
			for _, part := range []string{"text", "words"} {
				if text := form.Get(goalName(t.ID, part)); text != "" {
					said = append(said, text)
				}
			}
			for _, m := range page.metrics {
				if text := form.Get("m-" + t.ID.String() + "-" + m.ID.String()); text != "" {
					said = append(said, m.Name(p)+" "+text)
				}
			}
			if len(said) > 0 {
				strays = append(strays, Written{EN: t.Name, FR: t.Name, Text: strings.Join(said, "\n")})
			}
		}
	}
	return strays
}

// followUp is the day that was chosen, or typed.
func (page *formPage) followUp(problems *view.Problems) civil.Date {
	switch {
	case page.Typed.FollowUp == "":
		return civil.Date{}
	case page.Typed.FollowUp != otherDay:
		return day(problems, "follow_up", page.Typed.FollowUp)
	case page.Typed.FollowUpText == "":
		problems.Add("follow_up_on", i18n.NoteFollowUpWanted)
	}
	return day(problems, "follow_up_on", page.Typed.FollowUpText)
}

func day(problems *view.Problems, field, text string) civil.Date {
	if text == "" {
		return civil.Date{}
	}
	date, err := civil.Parse(text)
	if err != nil {
		problems.Add(field, i18n.NoteDayBroken)
	}
	return date
}

func minutes(problems *view.Problems, text string) int {
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxMinutes {
		problems.Add("minutes", i18n.NoteMinutesWrong)
		return 0
	}
	return n
}
