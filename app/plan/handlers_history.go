package plan

import (
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/civil"
	"konote/app/i18n"
	"konote/app/metric"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// errContent hides what a broken revision holds.
var errContent = errors.New("it is not JSON")

const pageRevisions = 20

// historyPage is what the history of a target shows.
type historyPage struct {
	targetPage
	Revisions []revision // the newest first
	Next      view.URL   // of older ones; zero for none
}

// History is what was changed on a target: who, when, what was there before.
func (h *Handlers) History(r *web.Request) (web.Response, error) {
	var page historyPage
	before, err := strconv.Atoi(r.Query.Get("before"))
	if err != nil || before < 1 {
		before = math.MaxInt32
	}
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		if page.targetPage, err = loadTarget(r, tx, access.PlanView); err != nil {
			return err
		}
		if page.Revisions, err = revisions(r.Context(), tx, page.Target.ID, before, pageRevisions+1); err != nil {
			return err
		}
		return page.record(r, tx, page.event(r, actionView, page.Program, page.Target.ID))
	})
	if err != nil {
		return web.Response{}, err
	}
	if len(page.Revisions) > pageRevisions {
		page.Next = targetAddress(page.Target.ID, "history").With("before", strconv.Itoa(page.Revisions[pageRevisions-1].Version))
	}
	return web.Page(i18n.PlanHistoryTitle, historyView(r.Frame(), page)), nil
}

// A line is one field that a change has changed, in words.
type line struct {
	Label         i18n.Message
	Before, After string
}

// shown is how many of the revisions have a place on the page; one more may be there to
// be compared with.
func (page *historyPage) shown() []revision {
	return page.Revisions[:min(len(page.Revisions), pageRevisions)]
}

// lines are what the i-th revision changed. The first one of a target changed everything,
// and has none.
func (page *historyPage) lines(f *view.Frame, i int) []line {
	if i+1 >= len(page.Revisions) {
		return nil
	}
	now, then := page.Revisions[i].content, page.Revisions[i+1].content
	var lines []line
	for _, l := range []struct {
		label i18n.Message
		say   func(content) string
	}{
		{i18n.PlanWords, func(c content) string { return c.Words }},
		{i18n.PlanName, func(c content) string { return c.Name }},
		{i18n.PlanDescription, func(c content) string { return c.Description }},
		{i18n.PlanSetBy, func(c content) string { return f.T(c.SetBy.Label()) }},
		{i18n.PlanTargetOn, func(c content) string { return typedDay(f, c.TargetOn) }},
		{i18n.PlanSection, func(c content) string { return page.sectionText(f, c.Section) }},
		{i18n.PlanStatus, func(c content) string { return sentence(f.T(c.Status.Label()), c.Reason) }},
		{i18n.PlanAchievement, func(c content) string { return judgementText(f, c) }},
		{i18n.PlanMetrics, func(c content) string { return metricsText(f, page.Metrics, c.Metrics) }},
	} {
		if before, after := l.say(then), l.say(now); before != after {
			lines = append(lines, line{l.label, before, after})
		}
	}
	return lines
}

func (page *historyPage) sectionText(f *view.Frame, id uuid.UUID) string {
	i := slices.IndexFunc(page.Sections, func(s Section) bool { return s.ID == id })
	if i < 0 {
		return ""
	}
	return sectionName(f, page.Sections[i])
}

func judgementText(f *view.Frame, c content) string {
	if c.Judgement == "" {
		return f.T(i18n.PlanAchievementComputed)
	}
	return sentence(f.T(c.Judgement.Label()), c.AchievementReason)
}

func metricsText(f *view.Frame, metrics []metric.Metric, chosen []measured) string {
	var texts []string
	for _, c := range chosen {
		m, ok := metric.Find(metrics, c.Metric)
		if !ok {
			continue
		}
		text := m.Name(f.P)
		if c.Goal != nil {
			text = sentence(text, f.T(i18n.PlanMetricGoalText(m.WithUnit(f.P, *c.Goal))))
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, "\n")
}

// typedDay is a day as people read it, or as it was typed.
func typedDay(f *view.Frame, text string) string {
	if day, err := civil.Parse(text); err == nil {
		return dayText(f.P, day)
	}
	return text
}

func sentence(first, second string) string {
	if second == "" {
		return first
	}
	return first + " – " + second
}
