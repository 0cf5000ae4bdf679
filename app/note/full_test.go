package note

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/plan"
	"konote/keyring"
	"konote/tenancy"
)

// A full note says all that the form asks, and all of it is read again.
func TestAFullNoteKeepsWhatBothSaid(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	worker := m.worker(map[uuid.UUID]access.Role{m.youth: access.DirectService})
	school, home := m.goal(m.lea, m.youth, "School", "goal_progress", "feeling_today"), m.goal(m.lea, m.youth, "Home", "feeling_today", "shelter_nights")
	progress, feeling, nights := m.measure("goal_progress"), m.measure("feeling_today"), m.measure("shelter_nights")

	response, err := m.write(worker, func(v url.Values) {
		for name, value := range map[string]string{
			goalName(school, "how"): "shifting", goalName(school, "text"): "She went three days.", goalName(school, "words"): "It was all right.",
			measured(school, progress): "3", goalName(home, "words"): "My own key.", measured(home, nights): "4",
			"m-" + m.youth.String() + "-" + feeling.ID.String(): "4",
			"takeaway": "I can do this.", "summary": "A good day.", "suggestion": "Meet outside.", "suggestion_weight": "important",
			"engagement": "valuing", "alliance": "5", "alliance_by": "participant", "alliance_prompt": "2",
			"minutes": "45", "modality": "in_community", "follow_up": today.AddDays(3).String(),
		} {
			v.Set(name, value)
		}
	})
	if err != nil || response.Status != http.StatusSeeOther {
		t.Fatalf("status %d, %v: %s", response.Status, err, m.problems(response))
	}

	n := m.whole(m.notes(worker)[0].ID)
	if n.Kind != Full || n.Summary != "A good day." || n.Suggestion != "Meet outside." || n.Weight != Important || n.Engagement != Valuing ||
		n.Alliance != (Alliance{5, ByParticipant, 2}) || n.Minutes != 45 || n.Modality != InCommunity || n.FollowUpOn != today.AddDays(3) {
		t.Errorf("got %+v", n)
	}
	if len(n.Goals) != 2 {
		t.Fatalf("got %d goals, want 2", len(n.Goals))
	}
	at := func(target uuid.UUID) Goal {
		return n.Goals[slices.IndexFunc(n.Goals, func(g Goal) bool { return g.Target == target })]
	}
	if g := at(school); g.Text != "She went three days." || g.Words != "It was all right." || g.Descriptor != plan.Shifting ||
		len(g.Values) != 1 || *g.Values[0].Number != 3 || g.Values[0].Metric != progress.ID {
		t.Errorf("got %+v", g)
	}
	if g := at(home); g.Words != "My own key." || len(g.Values) != 1 || *g.Values[0].Number != 4 {
		t.Errorf("got %+v", g)
	}
	if len(n.Shared) != 1 || n.Shared[0].Metric != feeling.ID || *n.Shared[0].Number != 4 {
		t.Errorf("what is measured once for both goals: got %+v", n.Shared)
	}

	page := m.show(worker, n.ID)
	for _, want := range []string{"I can do this.", "It was all right.", "She went three days.", "My own key.", "A good day.", "Meet outside.", "45 minutes"} {
		if !strings.Contains(page, want) {
			t.Errorf("the note's page lacks %q", want)
		}
	}
	if strings.Index(page, "I can do this.") > strings.Index(page, "We looked at two apartments.") {
		t.Error("the participant's voice does not come first")
	}
	if timeline := m.notes(worker)[0]; len(timeline.Goals) != 2 || timeline.Goals[0].Name == "" {
		t.Errorf("in the time line: got %+v", timeline.Goals)
	}
}

// PHQ-9 at 27 is the worst, and 4 is better: the achievement says so, whatever its
// maximum, and cancelling takes it back.
func TestAchievementFollowsTheNotes(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	manager := m.worker(map[uuid.UUID]access.Role{m.youth: access.ProgramManager})
	target := m.goal(m.lea, m.youth, "Sleep", "phq9")
	phq := m.measure("phq9")
	say := func(value string) {
		t.Helper()
		response, err := m.write(manager, func(v url.Values) {
			v.Set(measured(target, phq), value)
			v.Set(measured(target, phq)+"-sure", value)
			v.Set(measured(target, phq)+"-sure2", value)
		})
		if err != nil || response.Status != http.StatusSeeOther {
			t.Fatalf("%s: status %d, %v: %s", value, response.Status, err, m.problems(response))
		}
	}
	say("27")
	if got := m.achievement(target); got != plan.InProgress {
		t.Errorf("after 27: got %s, want in progress", got)
	}
	say("4")
	if got := m.achievement(target); got != plan.Achieved {
		t.Errorf("after 4: got %s, want achieved", got)
	}
	if response, err := m.cancel(manager, m.notes(manager)[0].ID, "The wrong sheet."); err != nil || response.Status != http.StatusSeeOther {
		t.Fatalf("cancel: status %d, %v", response.Status, err)
	}
	if got := m.achievement(target); got != plan.InProgress {
		t.Errorf("after the note with 4 was cancelled: got %s, want in progress", got)
	}
}

// A value that is unusual is asked about once, one that is hardly possible twice; the
// page that asks keeps every word, and what was answered is kept.
func TestValuesThatSurpriseAreConfirmed(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	worker := m.worker(map[uuid.UUID]access.Role{m.youth: access.DirectService})
	target := m.goal(m.lea, m.youth, "Money", "monthly_income")
	income := m.measure("monthly_income")
	if income.WarnHigh == nil || income.UnlikelyHigh == nil {
		t.Fatal("the library's income has no limits")
	}
	name := measured(target, income)
	unusual, unlikely := strconv.FormatFloat(*income.WarnHigh+1, 'f', -1, 64), strconv.FormatFloat(*income.UnlikelyHigh+1, 'f', -1, 64)
	for _, test := range []struct {
		name, value string
		sure, sure2 bool
		saved       bool
		confirmed   int
	}{
		{"unusual, not confirmed", unusual, false, false, false, 0},
		{"unusual, confirmed", unusual, true, false, true, 1},
		{"very unlikely, confirmed once", unlikely, true, false, false, 0},
		{"very unlikely, confirmed twice", unlikely, true, true, true, 2},
	} {
		before := len(m.notes(worker))
		response, err := m.write(worker, func(v url.Values) {
			v.Set(name, test.value)
			v.Set(goalName(target, "words"), "I found a second job.")
			if test.sure {
				v.Set(name+"-sure", test.value)
			}
			if test.sure2 {
				v.Set(name+"-sure2", test.value)
			}
		})
		if err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		if saved := len(m.notes(worker)) > before; saved != test.saved {
			t.Errorf("%s: saved %v, want %v", test.name, saved, test.saved)
		}
		if !test.saved {
			page := m.text(response.Body)
			for _, want := range []string{"I found a second job.", "We looked at two apartments.", `value="` + test.value + `"`, `id="` + name + `-sure"`, `href="#` + name + `"`} {
				if !strings.Contains(page, want) {
					t.Errorf("%s: the page that asks lacks %q", test.name, want)
				}
			}
			continue
		}
		n := m.whole(m.notes(worker)[0].ID)
		if got := n.Goals[0].Values[0].Confirmed; got != test.confirmed {
			t.Errorf("%s: kept as confirmed %d times, want %d", test.name, got, test.confirmed)
		}
	}
	if got := m.count(`SELECT count(*) FROM agency.metric_checks WHERE was_kept AND metric_id = $1`, income.ID); got != 2 {
		t.Errorf("%d answers are kept, want 2", got)
	}
}

// A measure with a cadence stands aside until its turn, and may still be answered.
func TestMeasuresTakeTurns(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	worker := m.worker(map[uuid.UUID]access.Role{m.youth: access.DirectService})
	target := m.goal(m.lea, m.youth, "Friends", "satisfaction")
	satisfaction := m.measure("satisfaction")
	if satisfaction.CadenceNotes != 3 {
		t.Fatalf("the library asks satisfaction every %d notes, want 3", satisfaction.CadenceNotes)
	}
	due := func() bool {
		page := m.open(worker)
		return len(page.Goals[0].Due) == 1
	}
	said := func(form url.Values) {
		t.Helper()
		if response, err := m.write(worker, func(v url.Values) {
			for name, values := range form {
				v[name] = values
			}
		}); err != nil || response.Status != http.StatusSeeOther {
			t.Fatalf("status %d, %v", response.Status, err)
		}
	}
	how := url.Values{goalName(target, "how"): {"holding"}}
	if !due() {
		t.Error("not asked though it never was")
	}
	said(url.Values{measured(target, satisfaction): {"4"}})
	for i, want := range []bool{false, false, true} {
		if got := due(); got != want {
			t.Errorf("after %d full notes: asked %v, want %v", i, got, want)
		}
		said(how)
		said(url.Values{}) // a quick note does not count
	}
	if last := m.open(worker).Goals[0].Last; last == nil || last.Descriptor != plan.Holding {
		t.Errorf("the last word: got %+v", last)
	}
}

// The questions about working together take turns with each participant.
func TestQuestionsAboutWorkingTogetherTakeTurns(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	worker := m.worker(map[uuid.UUID]access.Role{m.youth: access.DirectService})
	for i := range 4 {
		if got := m.open(worker).Typed.Alliance.Prompt; got != i%3 {
			t.Errorf("note %d asks question %d, want %d", i, got, i%3)
		}
		if _, err := m.write(worker, func(v url.Values) {
			v.Set("alliance", "4")
			v.Set("alliance_by", "worker")
			v.Set("alliance_prompt", strconv.Itoa(i%3))
		}); err != nil {
			t.Fatal(err)
		}
	}
	response, err := m.write(worker, func(v url.Values) { v.Set("alliance", "4") })
	if err != nil || response.Status != http.StatusUnprocessableEntity {
		t.Errorf("an answer that is nobody's: status %d, %v", response.Status, err)
	}
}

// Goals belong to programs: what is said of one is said in a note of its program, and a
// goal of a program that the author does not work in is neither shown nor taken.
func TestGoalsStayInTheirProgram(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	youth := m.worker(map[uuid.UUID]access.Role{m.youth: access.DirectService})
	both := m.worker(map[uuid.UUID]access.Role{m.youth: access.DirectService, m.housing: access.DirectService})
	mine, theirs := m.goal(m.lea, m.youth, "Football"), m.goal(m.lea, m.housing, "Bathroom")
	other := m.participant("Noor", m.youth)
	hers := m.goal(other, m.youth, "Guitar")

	page := m.text(form(m.request(youth, "GET", "/", nil).Frame(), m.open(youth)))
	if !strings.Contains(page, "Football") || strings.Contains(page, "Bathroom") || strings.Contains(page, "Guitar") {
		t.Error("the form shows other goals than those of this participant and this program")
	}
	if _, err := m.write(youth, func(v url.Values) {
		for _, target := range []uuid.UUID{mine, theirs, hers} {
			v.Set(goalName(target, "text"), "Said of a goal.")
		}
	}); err != nil {
		t.Fatal(err)
	}
	n := m.whole(m.notes(youth)[0].ID)
	if len(n.Goals) != 1 || n.Goals[0].Target != mine {
		t.Errorf("got %+v, want the one goal of this program and participant", n.Goals)
	}

	response, err := m.write(both, func(v url.Values) {
		v.Set("program", m.youth.String())
		v.Set(goalName(theirs, "text"), "The new bathroom is in.")
	})
	if err != nil || response.Status != http.StatusUnprocessableEntity || !strings.Contains(m.text(response.Body), "The new bathroom is in.") {
		t.Errorf("a goal of the author's other program: status %d, %v, or the words are gone", response.Status, err)
	}
}

// A goal that was closed while its form was open does not take the words with it.
func TestWordsOutliveTheirGoal(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	worker := m.worker(map[uuid.UUID]access.Role{m.youth: access.DirectService})
	target := m.goal(m.lea, m.youth, "School")
	form := func(v url.Values) { v.Set(goalName(target, "words"), "I like the new teacher.") }
	m.update(func(tx *tenancy.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE agency.plan_sections SET status = 'completed'`)
		return err
	})
	response, err := m.write(worker, form)
	if err != nil || response.Status != http.StatusUnprocessableEntity {
		t.Fatalf("status %d, %v", response.Status, err)
	}
	if page := m.text(response.Body); !strings.Contains(page, "School\nI like the new teacher.") {
		t.Error("the words are not below What happened")
	}
}

func TestAFullNoteSentTwiceIsOne(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	worker := m.worker(map[uuid.UUID]access.Role{m.youth: access.DirectService})
	target := m.goal(m.lea, m.youth, "School", "goal_progress")
	progress := m.measure("goal_progress")
	id := tenancy.NewID().String()
	send := func(words, value string) {
		t.Helper()
		response, err := m.write(worker, func(v url.Values) {
			v.Set("id", id)
			v.Set(goalName(target, "words"), words)
			v.Set(measured(target, progress), value)
		})
		if err != nil || response.Status != http.StatusSeeOther {
			t.Fatalf("status %d, %v", response.Status, err)
		}
	}
	for range 3 {
		send("First.", "2")
	}
	if notes, values := m.count(`SELECT count(*) FROM agency.notes`), m.count(`SELECT count(*) FROM agency.metric_values`); notes != 1 || values != 1 {
		t.Errorf("%d notes with %d values, want 1 with 1", notes, values)
	}
	send("First. And then more.", "2")
	send("First.", "3")
	if notes, values := m.count(`SELECT count(*) FROM agency.notes`), m.count(`SELECT count(*) FROM agency.metric_values`); notes != 3 || values != 3 {
		t.Errorf("with other words, then another number: %d notes with %d values, want 3 with 3", notes, values)
	}
}

// All words of a full note are sealed, and the database lets nobody rewrite them.
func TestWordsOfGoalsAreSealedAndStay(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	worker := m.worker(map[uuid.UUID]access.Role{m.youth: access.DirectService})
	target := m.goal(m.lea, m.youth, "School", "goal_progress")
	if _, err := m.write(worker, func(v url.Values) {
		for _, name := range []string{"text", "summary", "takeaway", "suggestion", goalName(target, "text"), goalName(target, "words")} {
			v.Set(name, "Zanzibar "+name)
		}
		v.Set(measured(target, m.measure("goal_progress")), "2")
	}); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"notes", "note_targets", "metric_values"} {
		if got := m.count(`SELECT count(*) FROM agency.` + table + ` x WHERE x::text LIKE '%Zanzibar%'`); got != 0 {
			t.Errorf("%s: %d rows hold the words", table, got)
		}
	}
	for _, statement := range []string{
		`UPDATE agency.note_targets SET text_sealed = NULL`, `UPDATE agency.metric_values SET value = 1`, `UPDATE agency.notes SET summary_sealed = NULL`,
		`UPDATE agency.note_addenda SET text_sealed = NULL`, `DELETE FROM agency.notes`, `DELETE FROM agency.note_targets`, `DELETE FROM agency.metric_values`,
	} {
		err := m.agency.Update(t.Context(), func(tx *tenancy.Tx) error { _, err := tx.Exec(t.Context(), statement); return err })
		if err == nil || !strings.Contains(err.Error(), "permission denied") {
			t.Errorf("%s: got %v, want permission denied", statement, err)
		}
	}
	m.update(func(tx *tenancy.Tx) error {
		var id uuid.UUID
		var sealed keyring.Sealed
		if err := tx.QueryRow(t.Context(), `SELECT id, words_sealed FROM agency.note_targets`).Scan(&id, &sealed); err != nil {
			return err
		}
		if _, err := tx.Box().Open(colGoalText, id, sealed); err == nil {
			t.Error("the participant's words open as the worker's")
		}
		return nil
	})
}

// A note may be about a circle of the participant that its author sees, and no other.
func TestANoteAboutACircle(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	worker := m.worker(map[uuid.UUID]access.Role{m.youth: access.DirectService})
	family, other := m.circle("The Tremblays", m.lea), m.circle("The Bakers", m.participant("Noor", m.youth))
	page := m.text(form(m.request(worker, "GET", "/", nil).Frame(), m.open(worker)))
	if !strings.Contains(page, "The Tremblays") || strings.Contains(page, "The Bakers") {
		t.Error("the form offers other circles than the participant's")
	}
	for _, test := range []struct{ chosen, want uuid.UUID }{{family, family}, {other, uuid.Nil}} {
		if _, err := m.write(worker, func(v url.Values) { v.Set("circle", test.chosen.String()) }); err != nil {
			t.Fatal(err)
		}
		n := m.notes(worker)[0]
		if n.Circle != test.want {
			t.Errorf("about %s, want %s", n.Circle, test.want)
		}
		if got := strings.Contains(m.show(worker, n.ID), "The Tremblays"); got != (test.want == family) {
			t.Errorf("the note's page names the circle: %v", got)
		}
	}
}

// Above a long form it must be clear which of many fields is meant.
func TestTheSummaryOfANoteNamesTheMeasure(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	worker := m.worker(map[uuid.UUID]access.Role{m.youth: access.DirectService})
	sleep, school := m.goal(m.lea, m.youth, "Sleep", "phq9"), m.goal(m.lea, m.youth, "School", "goal_progress")
	response, err := m.write(worker, func(v url.Values) {
		v.Set(measured(sleep, m.measure("phq9")), "99")
		v.Set(goalName(school, "words"), strings.Repeat("x", maxGoal+1))
	})
	if err != nil || response.Status != http.StatusUnprocessableEntity {
		t.Fatalf("status %d, %v", response.Status, err)
	}
	page := m.text(response.Body)
	summary := page[strings.Index(page, `id="page-errors"`):strings.Index(page, "</ul>")]
	for _, want := range []string{"Sleep – PHQ-9 (depression): This value is not possible", "School: Use at most"} {
		if !strings.Contains(summary, want) {
			t.Errorf("the summary lacks %q: %s", want, summary)
		}
	}
}
