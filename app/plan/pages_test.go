package plan_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/apptest"
	"konote/app/audit"
	"konote/app/staff"
	"konote/tenancy"
)

// The browsers of apptest check every page that they get, for accessibility and headers,
// and that titles and addresses name nobody.
func TestPagesOfPlansAreAccessibleInBothLanguages(t *testing.T) {
	t.Parallel()
	p := apptest.New(t)
	own := p.Cedar.Own
	at := own.In(p.Cedar.Housing)
	plan, target, section := "/participants/"+own.ID.String()+"/plan", "/targets/"+at.Target.String(), "/plan-sections/"+at.Section.String()
	for _, language := range []string{"en", "fr"} {
		b := p.SignIn(t, p.Cedar.Worker)
		b.Open("/participants/"+own.ID.String()+"?lang="+language).Want(".goals-now blockquote", at.Aim)
		b.Open(plan).Want(".goal blockquote", at.Aim)
		for _, path := range []string{plan + "/progress", plan + "/progress?range=all", plan + "/print", plan + "/templates",
			plan + "/templates/" + p.Cedar.PlanTemplate.String(), target, target + "?range=1m"} {
			b.Open(path).Want("main", own.LastName)
		}
		for _, path := range []string{target + "/history", target + "/edit", target + "/status", target + "/judgement", section, "/participants/" + own.ID.String() + "/goals/new"} {
			b.Open(path).WantStatus(http.StatusOK)
		}
		b.Open("/participants/" + own.ID.String() + "/goals/new").Form("form.form").Submit().WantStatus(http.StatusUnprocessableEntity)
		b.Open(target + "/judgement").Form("form.form").Submit().WantStatus(http.StatusUnprocessableEntity)
		b.Open(target+"/edit").Form("form.form").Set("name", "").Submit().WantStatus(http.StatusUnprocessableEntity)

		m := p.SignIn(t, p.Cedar.Manager)
		m.Open("/plan-templates?lang=" + language)
		m.Open("/plan-templates/" + p.Cedar.HousingPlan.String())
		m.Open("/plan-templates/new").Form("form.form").Submit().WantStatus(http.StatusUnprocessableEntity)
	}
}

func TestAGoalIsWrittenChangedAndFinishedWithoutScripts(t *testing.T) {
	t.Parallel()
	p := apptest.New(t)
	own := p.Cedar.Own
	b := p.SignIn(t, p.Cedar.Worker)
	measure := p.Cedar.Metrics[uuid.Nil].String()
	page := b.Open("/participants/"+own.ID.String()+"/goals/new").Form("form.form").
		Set("words", "I want to sleep at home.").Set("name", "Nights at home").Set("metric-"+measure, "yes").Set("goal-"+measure, "28").Send()
	page.Want("blockquote", "I want to sleep at home.")
	links := page.Values(".goal-name a", "href")
	if len(links) != 2 {
		t.Fatalf("got %d goals on the plan, want 2: %q", len(links), links)
	}
	target := links[len(links)-1]
	b.Open(target+"/edit").Form("form.form").Set("description", "Ask the neighbour.").Send().Want(".prose", "Ask the neighbour.")
	b.Open(target+"/history").Want(".goal-changes", "Ask the neighbour.")
	b.Open(target+"/status").Form("form.form").Set("value", "completed").Set("reason", "A whole month.").Send().Want(".facts", "A whole month.")
	b.Open("/participants/"+own.ID.String()+"/plan").Want(".list", "Nights at home")
}

// Nothing is chosen for anybody, the summary names the field that is wrong, and whoever
// keeps the metrics finds the way to them.
func TestTheFormOfAGoalChoosesNothing(t *testing.T) {
	t.Parallel()
	p := apptest.New(t)
	path := "/participants/" + p.Cedar.Own.ID.String() + "/goals/new"
	page := p.SignIn(t, p.Cedar.Worker).Open(path)
	form := page.Form("form.form")
	for name, values := range form.Values {
		if strings.HasPrefix(name, "metric-") || (strings.HasPrefix(name, "goal-") && values[0] != "") {
			t.Errorf("%s is %q as the form opens", name, values)
		}
	}
	if len(page.Values(`.plan-metrics a`, "href")) != 0 {
		t.Error("a worker is led to the metrics, which she does not keep")
	}
	measure := p.Cedar.Metrics[uuid.Nil].String()
	wrong := form.Set("name", "Nights at home").Set("metric-"+measure, "yes").Set("goal-"+measure, "many").Submit()
	wrong.WantStatus(http.StatusUnprocessableEntity)
	wrong.Want(".errors", "“Nights at home”: Enter a number")
	err := p.Cedar.Update(t.Context(), func(tx *tenancy.Tx) error {
		return staff.Grant(t.Context(), tx, audit.By{Kind: audit.KindOperator, Operator: "tests"}, p.Cedar.Worker.ID, p.Cedar.Youth, access.ProgramManager)
	})
	if err != nil {
		t.Fatal(err)
	}
	p.SignIn(t, p.Cedar.Worker).Open(path).Want(".plan-metrics", "look, add, change")
}
