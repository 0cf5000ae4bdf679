package plan

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/metric"
	"konote/app/participant"
	"konote/app/web"
	"konote/tenancy"
)

func TestAGoalIsMadeFromWhatWasSaid(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	by := m.inHousing()
	made := m.made(by, func(f url.Values) { f.Set("new_section", "A home"); f.Set("target_on", "2026-09-01") })
	got := [...]string{made.Words, made.Name, made.Description, string(made.SetBy), made.TargetOn, string(made.Status), string(made.Achievement)}
	want := [...]string{ownWords, "A home", "Visit two places.", "joint", "2026-09-01", "active", "in_progress"}
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if len(made.Metrics) != 1 || made.Metrics[0].Metric != m.mood.ID || *made.Metrics[0].Goal != 4 || made.Metrics[0].AssignedOn != thatDay {
		t.Errorf("metrics: got %+v, want PHQ-9 with the goal 4 since today", made.Metrics)
	}
	if s := m.sections(by); len(s) != 1 || s[0].Name != "A home" || s[0].Program != m.housing {
		t.Errorf("sections: got %+v, want one of Housing called A home", s)
	}
	m.made(by, nil)
	m.made(by, nil)
	if s := m.sections(by); len(s) != 2 || s[1].Name != "" || len(s[1].Targets) != 2 {
		t.Errorf("two goals without a section: got %+v, want them in one plain list", s)
	}
}

func TestAFormThatIsSentTwiceMakesOneGoal(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	by := m.inHousing()
	form := m.form(func(f url.Values) { f.Set("new_section", "Home") })
	send := func() (web.Response, error) {
		return m.handlers.Create(m.request(by, "POST", "/", form, "participant", m.lea.String()))
	}
	var wait sync.WaitGroup
	for range 3 {
		wait.Go(func() {
			if answer, err := send(); err != nil || answer.Status != http.StatusSeeOther {
				t.Errorf("got %d, %v, want 303", answer.Status, err)
			}
		})
	}
	wait.Wait()
	if s := m.sections(by); len(s) != 1 || len(s[0].Targets) != 1 {
		t.Errorf("got %d sections, %d goals, want one of each", len(s), len(m.targets(by)))
	}
	form.Set("name", "Another home")
	if _, err := send(); err != nil {
		t.Fatal(err)
	}
	if got := len(m.targets(by)); got != 2 {
		t.Errorf("sent again with other words: got %d goals, want 2", got)
	}
	stranger := m.inHousing()
	if _, err := m.handlers.Create(m.request(stranger, "POST", "/", form, "participant", m.lea.String())); fault.KindOf(err) != fault.Conflict {
		t.Errorf("somebody else sends the same id: got %v, want a conflict", err)
	}
}

func TestAchievementFollowsNotesAndTheirCancelling(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	by := m.inHousing()
	made := m.made(by, nil)
	stands := func(want Achievement, after string) Target {
		t.Helper()
		now := m.target(by, made.ID)
		if now.Achievement != want {
			t.Errorf("%s: got %s, want %s", after, now.Achievement, want)
		}
		return now
	}
	m.note(made, noted{daysAgo: 30, value: new(27.0)})
	if first := stands(InProgress, "PHQ-9 is 27"); !first.FirstAchievedAt.IsZero() {
		t.Error("27 counts as achieved once")
	}
	reached := m.note(made, noted{daysAgo: 20, value: new(4.0), apart: true})
	if now := stands(Achieved, "then 4, asked once for all goals"); !now.FirstAchievedAt.Equal(noon) {
		t.Errorf("first achieved: got %v, want %v", now.FirstAchievedAt, noon)
	}
	m.note(made, noted{daysAgo: 40, value: new(20.0)})
	stands(Achieved, "an earlier day is written later")
	m.note(made, noted{daysAgo: 10, value: new(3.0)})
	stands(Sustaining, "then 3")
	m.note(made, noted{daysAgo: 5, value: new(12.0)})
	stands(Worsening, "then 12")
	m.note(made, noted{daysAgo: 4, value: new(2.0), program: m.youth, apart: true})
	stands(Worsening, "another program's note")
	m.update(func(tx *tenancy.Tx) error {
		if _, err := tx.Exec(t.Context(), `UPDATE agency.notes SET cancelled_at = $2, cancelled_by = author_id, cancel_reason_sealed = text_sealed WHERE id = $1 OR happened_on > $3`, reached, noon, thatDay.AddDays(-15)); err != nil {
			return err
		}
		return Recompute(t.Context(), tx, m.lea, []uuid.UUID{made.ID})
	})
	if now := stands(Worsening, "only 20 and 27 are left"); now.FirstAchievedAt.IsZero() || now.Version != 1 {
		t.Errorf("got first achieved %v, version %d, want it kept and version 1", now.FirstAchievedAt, now.Version)
	}
}

func TestWithoutNumbersTheLatestWordsDecide(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	by := m.inHousing()
	made := m.made(by, func(f url.Values) { f.Del("metric-" + m.mood.ID.String()) })
	for _, step := range []struct {
		daysAgo int
		said    Descriptor
		want    Achievement
	}{{9, Shifting, Improving}, {8, GoodPlace, Achieved}, {7, GoodPlace, Sustaining}, {10, Harder, Sustaining}, {6, Harder, Worsening}} {
		m.note(made, noted{daysAgo: step.daysAgo, descriptor: step.said})
		if got := m.target(by, made.ID).Achievement; got != step.want {
			t.Errorf("%s %d days ago: got %s, want %s", step.said, step.daysAgo, got, step.want)
		}
	}
}

func TestTheWorkersJudgementStaysUntilItIsGivenBack(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	by := m.inHousing()
	made := m.made(by, nil)
	judge := func(form url.Values) web.Response {
		t.Helper()
		form.Set("version", strconv.Itoa(m.target(by, made.ID).Version))
		answer, err := m.post(m.handlers.SaveJudgement, by, made.ID, form)
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
	if got := judge(url.Values{"value": {"not_attainable"}}).Status; got != 422 {
		t.Errorf("without a reason: got %d, want 422", got)
	}
	judge(url.Values{"value": {"not_attainable"}, "reason": {"The building was sold."}})
	m.note(made, noted{value: new(2.0)})
	if now := m.target(by, made.ID); now.Achievement != NotAttainable || now.AchievementReason != "The building was sold." {
		t.Errorf("after a note: got %s (%s), want the judgement", now.Achievement, now.AchievementReason)
	}
	judge(url.Values{"value": {"computed"}})
	if now := m.target(by, made.ID); now.Achievement != Achieved || now.AchievementBy != Computed || now.FirstAchievedAt.IsZero() {
		t.Errorf("given back: got %s by %s, want achieved, computed", now.Achievement, now.AchievementBy)
	}
}

func TestAPlainListCannotBeClosed(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	by := m.inHousing()
	made := m.made(by, nil)
	form := url.Values{"name": {"x"}, "status": {"closed"}, "reason": {"x"}, "version": {"1"}}
	if _, err := m.handlers.UpdateSection(m.request(by, "POST", "/", form, "section", made.Section.String())); fault.KindOf(err) != fault.NotFound {
		t.Errorf("got %v, want not found", err)
	}
	named := m.made(by, func(f url.Values) { f.Set("new_section", "Home") })
	if _, err := m.handlers.UpdateSection(m.request(by, "POST", "/", form, "section", named.Section.String())); err != nil {
		t.Fatal(err)
	}
	if s := m.sections(by); len(working(s)) != 1 || working(s)[0].ID != made.ID {
		t.Errorf("got %+v, want the goals of a closed section left out of notes", working(s))
	}
	answer, err := m.create(by, func(f url.Values) { f.Set("section", named.Section.String()) })
	if err != nil || answer.Status != 422 {
		t.Errorf("a new goal in a closed section: got %d, %v, want 422", answer.Status, err)
	}
}

func TestAStatusHasAReasonAndSaysHowNear(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	by := m.inHousing()
	made := m.made(by, nil)
	save := func(version int, value, reason string) int {
		t.Helper()
		answer, err := m.post(m.handlers.SaveStatus, by, made.ID, url.Values{"value": {value}, "reason": {reason}, "version": {strconv.Itoa(version)}})
		if err != nil {
			t.Fatal(err)
		}
		return answer.Status
	}
	if got := save(1, "completed", ""); got != 422 {
		t.Errorf("no reason: got %d, want 422", got)
	}
	if got := save(1, "completed", "She moved in."); got != 303 {
		t.Errorf("got %d, want 303", got)
	}
	if now := m.target(by, made.ID); now.Achievement != Achieved || now.AchievementBy != ByJudge || now.FirstAchievedAt.IsZero() {
		t.Errorf("completed: got %+v", now)
	}
	if got := save(1, "closed", "Too late."); got != 409 {
		t.Errorf("an older version: got %d, want 409", got)
	}
	if got := save(2, "active", ""); got != 303 {
		t.Errorf("taken up again: got %d, want 303", got)
	}
	if now := m.target(by, made.ID); now.Achievement != InProgress || now.AchievementBy != Computed {
		t.Errorf("taken up again: got %s by %s, want it computed", now.Achievement, now.AchievementBy)
	}
}

func TestHistorySaysWhoChangedWhatFromWhatToWhat(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	by := m.inHousing()
	made := m.made(by, nil)
	base := typedOf(made, m.sections(by))
	if _, err := m.post(m.handlers.Update, by, made.ID, edited(made, base, map[string]string{"words": "I want a garden.", "metrics": pack([]choice{{m.safety.ID, "5"}})})); err != nil {
		t.Fatal(err)
	}
	answer, err := m.handlers.History(m.request(by, "GET", "/", nil, "target", made.ID.String()))
	if err != nil {
		t.Fatal(err)
	}
	text := m.text(answer.Body)
	for _, want := range []string{ownWords, "I want a garden.", "Sam Ouellet", "PHQ-9 – Aim: 4", "Safety – Aim: 5"} {
		if !strings.Contains(text, want) {
			t.Errorf("the history does not say %q", want)
		}
	}
	now := m.target(by, made.ID)
	if now.Version != 2 || len(now.Metrics) != 1 || now.Metrics[0].Metric != m.safety.ID {
		t.Errorf("got version %d with %+v, want 2 with safety", now.Version, now.Metrics)
	}
}

func TestNoPathChangesAGoalWithoutItsHistory(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	made := m.made(m.inHousing(), nil)
	for _, sql := range []string{
		`UPDATE agency.targets SET words_sealed = NULL, version = version + 1 WHERE id = $1`,
		`UPDATE agency.targets SET status = 'closed', version = version + 1 WHERE id = $1`,
		`UPDATE agency.targets SET achievement_by = 'worker', version = version + 1 WHERE id = $1`,
	} {
		err := m.agency.Update(t.Context(), func(tx *tenancy.Tx) error {
			_, err := tx.Exec(t.Context(), sql, made.ID)
			return err
		})
		if err == nil || !strings.Contains(err.Error(), "without a record") {
			t.Errorf("%s: got %v, want a refusal", sql, err)
		}
	}
}

func TestTwoWorkersWhoChangeAGoalAtOnceLoseNothing(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	one, two := m.inHousing(), m.inHousing()
	made := m.made(one, nil)
	base := typedOf(made, m.sections(one))
	if _, err := m.post(m.handlers.Update, one, made.ID, edited(made, base, map[string]string{"name": "A home with a garden"})); err != nil {
		t.Fatal(err)
	}
	late := edited(made, base, map[string]string{"name": "A small home", "description": "Three places."})
	answer, err := m.post(m.handlers.Update, two, made.ID, late)
	if err != nil || answer.Status != http.StatusConflict {
		t.Fatalf("the same line changed twice: got %d, %v, want 409", answer.Status, err)
	}
	text := m.text(answer.Body)
	for _, want := range []string{"A home with a garden", "A small home", "Three places."} {
		if !strings.Contains(text, want) {
			t.Errorf("the page of the conflict does not show %q", want)
		}
	}
	now := m.target(one, made.ID)
	answer, err = m.post(m.handlers.Update, two, made.ID, edited(now, typedOf(now, m.sections(one)), map[string]string{"description": "Three places."}))
	if err != nil || answer.Status != http.StatusSeeOther {
		t.Fatalf("the choice is sent: got %d, %v, want 303", answer.Status, err)
	}
	now = m.target(one, made.ID)
	if now.Name != "A home with a garden" || now.Description != "Three places." || now.Version != 3 {
		t.Errorf("got %q, %q, version %d, want both changes, version 3", now.Name, now.Description, now.Version)
	}
}

func TestAPlanOfAnotherProgramDoesNotExist(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	advocate := m.worker(map[uuid.UUID]access.Role{m.youth: access.DirectService})
	m.made(advocate, nil)
	hidden := m.targets(advocate)[0]
	by := m.inHousing()
	if got := m.targets(by); len(got) != 0 {
		t.Errorf("got %d goals of a program without a role, want none", len(got))
	}
	for name, h := range map[string]web.Handler{
		"show": m.handlers.Show, "history": m.handlers.History, "edit": m.handlers.Edit, "update": m.handlers.Update, "status": m.handlers.SaveStatus,
		"judge": m.handlers.SaveJudgement, "raise": m.handlers.Raise,
	} {
		if _, err := m.post(h, by, hidden.ID, url.Values{}); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%s: got %v, want not found", name, err)
		}
	}
	if _, err := m.handlers.EditSection(m.request(by, "GET", "/", nil, "section", hidden.Section.String())); fault.KindOf(err) != fault.NotFound {
		t.Errorf("section: got %v, want not found", err)
	}
	answer, err := m.create(by, func(f url.Values) { f.Set("section", hidden.Section.String()) })
	if err != nil || answer.Status != 422 {
		t.Errorf("a section of that program is chosen: got %d, %v, want 422", answer.Status, err)
	}
	manager := m.worker(map[uuid.UUID]access.Role{m.youth: access.ProgramManager})
	if _, err := m.post(m.handlers.Show, manager, hidden.ID, nil); err != nil {
		t.Errorf("a manager reads: got %v", err)
	}
	if _, err := m.post(m.handlers.Update, manager, hidden.ID, url.Values{}); fault.KindOf(err) != fault.Denied {
		t.Errorf("a manager changes: got %v, want denied", err)
	}
}

func TestMetricsOfAnotherProgramAreNoChoice(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	foreign := m.scale("Secret", 10, "higher", 5)
	foreign.Program = &m.youth
	m.update(func(tx *tenancy.Tx) error { return insertMetric(t.Context(), tx, foreign) })
	by := m.inHousing()
	made := m.made(by, func(f url.Values) {
		f.Set("metric-"+foreign.ID.String(), "yes")
		f.Set("metrics", pack([]choice{{foreign.ID, "5"}}))
	})
	for _, got := range made.Metrics {
		if got.Metric == foreign.ID {
			t.Error("another program's metric was taken")
		}
	}
}

func TestAGoalThatIsNoNumberIsSaidAtItsField(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	answer, err := m.create(m.inHousing(), func(f url.Values) {
		f.Set("metric-"+m.mood.ID.String(), "yes")
		f.Set("goal-"+m.mood.ID.String(), "99")
	})
	if err != nil || answer.Status != 422 {
		t.Fatalf("a goal beyond the scale: got %d, %v, want 422", answer.Status, err)
	}
	if text := m.text(answer.Body); !strings.Contains(text, `value="99"`) || !strings.Contains(text, ownWords) {
		t.Error("what was typed is lost")
	}
}

func TestOrderIsChangedByButtons(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	by := m.inHousing()
	first := m.made(by, nil)
	second := m.made(by, func(f url.Values) { f.Set("name", "Work"); f.Set("metric-"+m.safety.ID.String(), "yes") })
	if _, err := m.post(m.handlers.Raise, by, second.ID, nil); err != nil {
		t.Fatal(err)
	}
	if got, want := []uuid.UUID{m.targets(by)[0].ID, m.targets(by)[1].ID}, []uuid.UUID{second.ID, first.ID}; !cmp.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	last := second.Metrics[1].Metric
	if _, err := m.post(m.handlers.RaiseMetric, by, second.ID, nil, "metric", last.String()); err != nil {
		t.Fatal(err)
	}
	if now := m.target(by, second.ID); now.Metrics[0].Metric != last || now.Version != 2 {
		t.Errorf("got %+v, version %d, want the other metric first, version 2", now.Metrics, now.Version)
	}
	if _, err := m.post(m.handlers.Reviewed, by, first.ID, nil, "metric", m.safety.ID.String()); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a metric that the goal does not have: got %v, want not found", err)
	}
}

// PHQ-9 at 27 is the worst: what was measured apart from goals is drawn and said in the
// measure's own direction, in a part of its own, to those whose role may see it.
func TestAssessmentsHaveChartsOfTheirOwn(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	phq := m.scale("PHQ-9", 27, metric.Lower, 4)
	m.update(func(tx *tenancy.Tx) error { return metric.Insert(t.Context(), tx, phq, uuid.Nil) })
	assess := func(value float64, daysAgo int, in uuid.UUID, cancelled bool) {
		t.Helper()
		m.update(func(tx *tenancy.Tx) error {
			id, day := tenancy.NewID(), thatDay.AddDays(-daysAgo)
			_, err := tx.Exec(t.Context(), `INSERT INTO agency.notes (id, participant_id, program_id, author_id, author_role, kind, interaction, happened_on,
				    cancelled_at, cancelled_by, cancel_reason_sealed)
				VALUES ($1, $2, $3, $4, 'direct_service', 'assessment', 'other', $5,
				    CASE WHEN $6::bool THEN now() END, CASE WHEN $6 THEN $4::uuid END, CASE WHEN $6 THEN '\x00'::bytea END)`, id, m.lea, in, m.author, day, cancelled)
			if err != nil {
				return err
			}
			_, err = tx.Exec(t.Context(), `INSERT INTO agency.metric_values (id, note_id, participant_id, metric_id, value, taken_on) VALUES ($1, $2, $3, $4, $5, $6)`,
				tenancy.NewID(), id, m.lea, phq.ID, value, day)
			return err
		})
	}
	assess(27, 60, m.housing, false)
	assess(4, 1, m.housing, false)
	assess(26, 0, m.housing, true)
	assess(25, 0, m.youth, false)
	read := func(by access.Actor, french bool) string {
		t.Helper()
		r := m.request(by, "GET", "/", nil, "participant", m.lea.String())
		if french {
			r.P = i18n.NewPrinter("fr", nil, nil)
			r.Frame().P = r.P
		}
		response, err := m.handlers.Progress(r)
		if err != nil {
			t.Fatal(err)
		}
		return m.text(response.Body)
	}
	by := m.inHousing()
	for french, want := range map[bool][]string{false: {"<h2>Assessments</h2>", "Better: down from 27 to 4", "Lower is better."}, true: {"<h2>Évaluations</h2>", "C’est mieux", "de 27 à 4, en baisse"}} {
		page := read(by, french)
		for _, text := range want {
			if !strings.Contains(page, text) {
				t.Errorf("the page lacks %q: %s", text, page)
			}
		}
		if !strings.Contains(page, "<table") || strings.Contains(page, "No numbers yet") {
			t.Errorf("no table of the values: %s", page)
		}
	}
	m.update(func(tx *tenancy.Tx) error {
		r := m.request(by, "GET", "/", nil)
		b := tx.Batch()
		about := participant.Queue(b, by, m.lea)
		draw := Tab(b, r, m.lea)
		if err := b.Send(t.Context()); err != nil {
			return err
		}
		reached, err := about.Reach(tx.Box(), access.PlanView)
		if err != nil {
			return err
		}
		tab, err := draw(t.Context(), tx, reached)
		if err == nil && !strings.Contains(m.text(tab), "/plan/progress") {
			t.Errorf("a plan without goals does not lead to the charts: %s", m.text(tab))
		}
		return err
	})
	closed := by
	closed.Closed = []access.Closed{{Participant: m.lea, Kind: access.NotesKind}}
	if page := read(closed, false); strings.Contains(page, "Assessments") {
		t.Error("who may not read the notes reads what they measured")
	}
	if page := read(m.worker(map[uuid.UUID]access.Role{m.youth: access.DirectService}), false); strings.Contains(page, "27 to 4") || !strings.Contains(page, "25 on") {
		t.Errorf("a worker of the other program: %s", page)
	}
}
