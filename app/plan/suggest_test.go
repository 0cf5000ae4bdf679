package plan

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/tenancy"
)

// reviews says after how many days a program looks at goals again.
func (m *world) reviews(in uuid.UUID, days int) {
	m.t.Helper()
	m.update(func(tx *tenancy.Tx) error {
		_, err := tx.Exec(m.t.Context(), `UPDATE agency.programs SET goal_review_days = $2 WHERE id = $1`, in, days)
		return err
	})
}

// opened is the form of a new target about Léa.
func (m *world) opened(by access.Actor) string {
	m.t.Helper()
	answer, err := m.handlers.New(m.request(by, "GET", "/", nil, "participant", m.lea.String()))
	if err != nil {
		m.t.Fatal(err)
	}
	return m.text(answer.Body)
}

func TestANewGoalIsHopedForByTheDayOnWhichItsProgramLooksAgain(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	by := m.inHousing()
	if text := m.opened(by); !strings.Contains(text, `name="target_on" value=""`) {
		t.Error("a program that does not say suggests a day")
	}

	m.reviews(m.housing, 90)
	day := thatDay.AddDays(90).String()
	text := m.opened(by)
	for _, want := range []string{`name="target_on" value="` + day + `"`, "This day comes from Housing, where goals are looked at again after 90 days."} {
		if !strings.Contains(text, want) {
			t.Errorf("the form lacks %q", want)
		}
	}
	if got := m.made(by, func(f url.Values) { f.Set("target_on", "2026-12-24") }); got.TargetOn != "2026-12-24" {
		t.Errorf("another day: got %q", got.TargetOn)
	}
	if got := m.made(by, func(f url.Values) { f.Set("target_on", "") }); got.TargetOn != "" {
		t.Errorf("cleared: got %q, want none", got.TargetOn)
	}
}

func TestOfSeveralProgramsTheSectionsOwnCounts(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	by := m.worker(map[uuid.UUID]access.Role{m.housing: access.DirectService, m.youth: access.DirectService})
	m.reviews(m.housing, 90)
	m.reviews(m.youth, 30)
	inHousing, inYouth := thatDay.AddDays(90).String(), thatDay.AddDays(30).String()
	text := m.opened(by)
	for in, day := range map[uuid.UUID]string{m.housing: inHousing, m.youth: inYouth} {
		if want := `name="` + dayField(in) + `" value="` + day + `"`; !strings.Contains(text, want) {
			t.Errorf("the form lacks %q", want)
		}
	}
	sent := func(section uuid.UUID) func(url.Values) {
		return func(f url.Values) {
			f.Set("section", section.String())
			f.Set(dayField(m.housing), inHousing)
			f.Set(dayField(m.youth), inYouth)
		}
	}
	days := map[uuid.UUID]string{}
	for _, in := range []uuid.UUID{m.housing, m.youth} {
		if answer, err := m.create(by, sent(in)); err != nil || answer.Status != 303 {
			t.Fatalf("got %d, %v, want 303", answer.Status, err)
		}
	}
	for _, made := range m.targets(by) {
		days[made.Program] = made.TargetOn
	}
	if days[m.housing] != inHousing || days[m.youth] != inYouth {
		t.Errorf("got %v", days)
	}

	if answer, err := m.create(by, func(f url.Values) { f.Set("section", m.youth.String()); f.Set("target_on", "2026-12-24") }); err != nil || answer.Status != 303 {
		t.Fatalf("from before the programs said so: got %d, %v, want 303", answer.Status, err)
	}
	if !slices.ContainsFunc(m.targets(by), func(made Target) bool { return made.TargetOn == "2026-12-24" }) {
		t.Error("a day that was typed before is lost")
	}

	answer, err := m.create(by, func(f url.Values) {
		sent(m.youth)(f)
		f.Set(dayField(m.youth), "soon")
	})
	if err != nil || answer.Status != 422 {
		t.Fatalf("got %d, %v, want 422", answer.Status, err)
	}
	text = m.text(answer.Body)
	for _, want := range []string{`href="#` + dayField(m.youth) + `"`, `value="` + inHousing + `"`} {
		if !strings.Contains(text, want) {
			t.Errorf("the form that came back lacks %q", want)
		}
	}
}

func TestGoalsOfATemplateAreHopedForByTheDayOfTheirProgram(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	by := m.worker(map[uuid.UUID]access.Role{m.housing: access.DirectService, m.youth: access.DirectService})
	from := m.template(nil)
	m.reviews(m.housing, 90)
	day := thatDay.AddDays(90).String()
	answer, err := m.handlers.ApplyForm(m.request(by, "GET", "/", nil, "participant", m.lea.String(), "template", from.ID.String()))
	if err != nil {
		t.Fatal(err)
	}
	text := m.text(answer.Body)
	if !strings.Contains(text, `name="`+dayField(m.housing)+`" value="`+day+`"`) || strings.Contains(text, dayField(m.youth)) {
		t.Error("the form does not ask for the day in the one program that suggests one")
	}
	send := func(change func(url.Values)) int {
		t.Helper()
		form := url.Values{"id": {tenancy.NewID().String()}, "target": {"0-0", "0-1"}, "program": {m.housing.String()}, dayField(m.housing): {day}}
		change(form)
		answer, err := m.apply(by, from, form)
		if err != nil {
			t.Fatal(err)
		}
		return answer.Status
	}
	if got := send(func(f url.Values) { f.Set(dayField(m.housing), "soon") }); got != 422 {
		t.Errorf("no day: got %d, want 422", got)
	}
	if got := send(func(url.Values) {}); got != 303 {
		t.Fatalf("got %d, want 303", got)
	}
	for _, made := range m.targets(by) {
		if made.TargetOn != day {
			t.Errorf("got %q, want %q", made.TargetOn, day)
		}
	}
	if got := send(func(f url.Values) { f.Set("program", m.youth.String()) }); got != 303 {
		t.Fatalf("got %d, want 303", got)
	}
	for _, made := range m.targets(by) {
		if made.Program == m.youth && made.TargetOn != "" {
			t.Errorf("got %q in a program that does not say", made.TargetOn)
		}
	}
}
