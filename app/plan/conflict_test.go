package plan

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"konote/app/access"
	"konote/app/web"
)

var (
	hiddenInput = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`)
	chosenRadio = regexp.MustCompile(`<input type="radio"[^>]* name="([^"]+)" value="([^"]*)"[^>]* checked`)
)

// held is what a page sends when nothing is typed in it but these, tidied as forms are.
func held(page string, typed map[string]string) url.Values {
	form := url.Values{}
	for _, kind := range []*regexp.Regexp{hiddenInput, chosenRadio} {
		for _, input := range kind.FindAllStringSubmatch(page, -1) {
			form.Set(input[1], strings.TrimSpace(html.UnescapeString(input[2])))
		}
	}
	for name, text := range typed {
		form.Set(name, text)
	}
	return form
}

// A shortForm is one of the forms of a goal and of a section, opened and sent by two
// workers at once.
type shortForm struct {
	t    *testing.T
	open func(by access.Actor) (web.Response, error)
	send func(by access.Actor, form url.Values) (web.Response, error)
	m    *world
}

func (m *world) shortForm(open, send web.Handler, param, id string) shortForm {
	return shortForm{m.t,
		func(by access.Actor) (web.Response, error) { return open(m.request(by, "GET", "/", nil, param, id)) },
		func(by access.Actor, form url.Values) (web.Response, error) {
			return send(m.request(by, "POST", "/", form, param, id))
		}, m}
}

func (s shortForm) opened(by access.Actor) string {
	s.t.Helper()
	answer, err := s.open(by)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.m.text(answer.Body)
}

// sent sends a form and wants a status; it returns the page that came back.
func (s shortForm) sent(by access.Actor, form url.Values, want int) string {
	s.t.Helper()
	answer, err := s.send(by, form)
	if err != nil || answer.Status != want {
		s.t.Fatalf("got %d, %v, want %d", answer.Status, err, want)
	}
	if answer.Body == nil {
		return ""
	}
	return s.m.text(answer.Body)
}

func (s shortForm) shows(page string, wanted ...string) {
	s.t.Helper()
	for _, want := range wanted {
		if !strings.Contains(page, want) {
			s.t.Errorf("the page of the conflict does not show %q", want)
		}
	}
}

func TestTwoWorkersWhoSayAtOnceWhereAGoalStandsSeeBothVersions(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	one, two := m.inHousing(), m.inHousing()
	made := m.made(one, nil)
	form := m.shortForm(m.handlers.StatusForm, m.handlers.SaveStatus, "target", made.ID.String())
	first, second := form.opened(one), form.opened(two)
	form.sent(one, held(first, map[string]string{"value": "on_hold", "reason": "She is in hospital."}), http.StatusSeeOther)

	page := form.sent(two, held(second, map[string]string{"value": "completed", "reason": "She moved in."}), http.StatusConflict)
	form.shows(page, "Yours: Completed", "There now: On hold", "Yours: She moved in.", "There now: She is in hospital.", "Both of you changed this.", "by Sam Ouellet")
	if now := m.target(one, made.ID); now.Status != OnHold {
		t.Fatalf("got %s before anybody has chosen", now.Status)
	}

	form.sent(two, held(page, nil), http.StatusSeeOther) // as it opens: her own
	if now := m.target(one, made.ID); now.Status != Completed || now.Reason != "She moved in." || now.Version != 3 {
		t.Errorf("got %s (%s), version %d, want what the second has chosen", now.Status, now.Reason, now.Version)
	}
}

func TestAChoiceOfAConflictMayComeTooLateAsWell(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	one, two := m.inHousing(), m.inHousing()
	made := m.made(one, nil)
	form := m.shortForm(m.handlers.StatusForm, m.handlers.SaveStatus, "target", made.ID.String())
	second := form.opened(two)
	form.sent(one, held(form.opened(one), map[string]string{"value": "on_hold", "reason": "In hospital."}), http.StatusSeeOther)
	page := form.sent(two, held(second, map[string]string{"value": "completed", "reason": "Moved in."}), http.StatusConflict)
	form.sent(one, held(form.opened(one), map[string]string{"value": "on_hold", "reason": "Still in hospital."}), http.StatusSeeOther)
	page = form.sent(two, held(page, nil), http.StatusConflict)
	form.shows(page, "Yours: Moved in.", "There now: Still in hospital.")
}

func TestAnotherWorkersWordsAreNoConflictWithAStatus(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	one, two := m.inHousing(), m.inHousing()
	made := m.made(one, nil)
	form := m.shortForm(m.handlers.StatusForm, m.handlers.SaveStatus, "target", made.ID.String())
	second := form.opened(two)
	if _, err := m.post(m.handlers.Update, one, made.ID, edited(made, typedOf(made, m.sections(one)), map[string]string{"name": "A small home"})); err != nil {
		t.Fatal(err)
	}
	form.sent(two, held(second, map[string]string{"value": "on_hold", "reason": "In hospital."}), http.StatusSeeOther)
	if now := m.target(one, made.ID); now.Status != OnHold || now.Name != "A small home" {
		t.Errorf("got %s, %q, want both changes", now.Status, now.Name)
	}
}

func TestAStatusDoesNotTakeBackAJudgementUnasked(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	one, two := m.inHousing(), m.inHousing()
	made := m.made(one, nil)
	status := m.shortForm(m.handlers.StatusForm, m.handlers.SaveStatus, "target", made.ID.String())
	judge := m.shortForm(m.handlers.JudgeForm, m.handlers.SaveJudgement, "target", made.ID.String())
	second, third := status.opened(two), judge.opened(two)
	judge.sent(one, held(judge.opened(one), map[string]string{"value": "not_attainable", "reason": "The building was sold."}), http.StatusSeeOther)

	page := status.sent(two, held(second, map[string]string{"value": "completed", "reason": "Moved in."}), http.StatusConflict)
	status.shows(page, "Out of reach for now – The building was sold.", "Yours: Moved in.")
	page = judge.sent(two, held(third, map[string]string{"value": "improving", "reason": "A flat was found."}), http.StatusConflict)
	judge.shows(page, "Yours: Moving forward", "There now: Out of reach for now", "There now: The building was sold.")
	judge.sent(two, held(page, nil), http.StatusSeeOther)
	if now := m.target(one, made.ID); now.Achievement != Improving || now.AchievementReason != "A flat was found." {
		t.Errorf("got %s (%s), want what the second has chosen", now.Achievement, now.AchievementReason)
	}
}

func TestTwoWorkersWhoChangeASectionAtOnceSeeBothVersions(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	one, two := m.inHousing(), m.inHousing()
	made := m.made(one, func(f url.Values) { f.Set("new_section", "Home") })
	form := m.shortForm(m.handlers.EditSection, m.handlers.UpdateSection, "section", made.Section.String())
	first, second := form.opened(one), form.opened(two)
	form.sent(one, held(first, map[string]string{"name": "A home", "reason": ""}), http.StatusSeeOther)

	page := form.sent(two, held(second, map[string]string{"name": "Housing", "status": "closed", "reason": "The lease ended."}), http.StatusConflict)
	form.shows(page, "Yours: Housing", "There now: A home", "Yours: Set aside", "You changed this.", "Yours: The lease ended.", "by Sam Ouellet")
	if s := m.sections(one); s[0].Name != "A home" || s[0].Status != SectionActive {
		t.Fatalf("got %+v before anybody has chosen", s[0])
	}
	form.sent(two, held(page, map[string]string{"name": "A home"}), http.StatusSeeOther)
	if s := m.sections(one); s[0].Name != "A home" || s[0].Status != SectionClosed || s[0].Reason != "The lease ended." || s[0].Version != 3 {
		t.Errorf("got %+v, want the name of the first and the status of the second", s[0])
	}
	if page = form.sent(two, held(second, map[string]string{"name": "A home", "status": "closed", "reason": "The lease ended."}), http.StatusSeeOther); page != "" {
		t.Error("what is there already is a conflict")
	}
}
