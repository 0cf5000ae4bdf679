package caseload

import (
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/participant"
	"konote/tenancy"
	"konote/tenancy/tenancytest"
)

func TestStatementsAreValid(t *testing.T) {
	t.Parallel()
	tenancytest.PrepareAll(t, ".")
}

func TestTheListHoldsWhatTheActorMayChange(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	sam := m.person("Sam Ouellet", roles{m.youth: access.DirectService})
	m.enrolled("Ana", m.youth, access.Enrolled)
	m.enrolled("Bea", m.youth, access.Waitlist)
	m.enrolled("Cleo", m.youth, access.Finished)
	m.enrolled("Dora", m.housing, access.Enrolled)
	m.enrolled("Elsa", m.quiet, access.Enrolled)
	with := m.enrolled("Fay", m.youth, access.OnHold)
	m.do(sam, Assign, sam.Staff.String(), with)
	all := []string{"Ana", "Bea", "Cleo", "Dora", "Elsa", "Fay"}
	for _, c := range []struct {
		query string
		roles roles
		want  string
	}{
		{"", roles{m.youth: access.DirectService}, "Ana Bea Fay"},
		{"", roles{m.youth: access.ProgramManager, m.quiet: access.DirectService}, "Ana Bea Elsa Fay"},
		{"", roles{m.youth: access.FrontDesk, m.housing: access.Executive}, ""},
		{"program=" + m.youth.String(), roles{m.youth: access.DirectService, m.housing: access.DirectService}, "Ana Bea Fay"},
		{"program=" + m.quiet.String(), roles{m.youth: access.DirectService}, "Ana Bea Fay"}, // no choice of hers
		{"status=waitlist", roles{m.youth: access.DirectService}, "Bea"},
		{"status=finished", roles{m.youth: access.DirectService}, "Ana Bea Fay"},
		{"with=" + sam.Staff.String(), roles{m.youth: access.DirectService}, "Fay"},
		{"with=none", roles{m.youth: access.DirectService}, "Ana Bea"},
		{"quiet=30", roles{m.youth: access.DirectService}, "Ana"},
	} {
		page := m.list(access.Actor{Staff: sam.Staff, Roles: c.roles}, c.query)
		if page.Err != nil {
			t.Fatalf("%q: %v", c.query, page.Err)
		}
		var got []string
		for _, name := range all {
			if strings.Contains(page.Page, name+" Roy") {
				got = append(got, name)
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%q as %v: %v, want %s", c.query, c.roles, got, c.want)
		}
	}
	if page := m.list(sam, ""); strings.Contains(page.Page, "Safe Harbour") || strings.Contains(page.Page, "Housing") {
		t.Error("the list names a program of others")
	}
}

// At tier 3 a manager knows of the days of notes where she has a grant for the program, and
// elsewhere neither sees them nor sorts or narrows by them.
func TestDaysOfNotesAreForThoseWhoMayReadNotes(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	boss := m.person("Max", roles{m.youth: access.ProgramManager, m.housing: access.ProgramManager})
	early, late := m.enrolled("Ana", m.youth, access.Enrolled), m.enrolled("Bea", m.youth, access.Enrolled)
	m.enrolled("Cleo", m.housing, access.Enrolled)
	m.update(func(tx *tenancy.Tx) error {
		for e, days := range map[*participant.Enrolment]int{&early: 2, &late: 35} {
			_, err := tx.Exec(t.Context(), `INSERT INTO agency.notes (id, participant_id, program_id, author_id, author_role, interaction, happened_on, created_at)
				VALUES ($1, $2, $3, $4, 'program_manager', 'session', $5, $6)`, tenancy.NewID(), e.Participant, m.youth, boss.Staff, dayOfTest.AddDays(-days), noon)
			if err != nil {
				return err
			}
		}
		return nil
	})
	before := func(page, first, then string) bool {
		return strings.Index(page, first+" Roy") < strings.Index(page, then+" Roy")
	}
	for _, c := range []struct {
		what          string
		tier          access.Tier
		grants        []access.Grant
		days, narrows bool
		quiet         string // who is in the list of those without a note for 30 days
	}{
		{"at tier 1", access.OpenAccess, nil, true, true, "Bea Cleo"},
		{"at tier 3", access.Safeguarded, nil, false, false, ""},
		{"with a grant for the program", access.Safeguarded, []access.Grant{{Program: m.youth}}, true, true, "Bea"},
		{"with a grant for one participant", access.Safeguarded, []access.Grant{{Participant: early.Participant}}, false, false, ""},
	} {
		by := boss
		by.Policy.Tier, by.Grants = c.tier, c.grants
		page := m.list(by, "program="+m.youth.String()).Page
		if !strings.Contains(page, "Ana Roy") || strings.Contains(page, "Last note") != c.days || strings.Contains(page, `<select class="input" id="quiet"`) != c.narrows {
			t.Errorf("%s: the list: %s", c.what, page)
		}
		if c.days && !before(page, "Bea", "Ana") || !c.days && !before(page, "Ana", "Bea") {
			t.Errorf("%s: the order tells of notes, or does not", c.what)
		}
		var got []string
		quiet := m.list(by, "quiet=30").Page
		for _, name := range []string{"Ana", "Bea", "Cleo"} {
			if strings.Contains(quiet, name+" Roy") {
				got = append(got, name)
			}
		}
		if strings.Join(got, " ") != c.quiet {
			t.Errorf("%s: without a note: %v, want %s", c.what, got, c.quiet)
		}
		all := m.ask(by, m.h.Review, "/caseload/review", url.Values{"quiet": {"30"}, "all": {"yes"}, "kind": {"discharge"}})
		if n := strings.Count(all.Page, `name="e"`); n != len(got) {
			t.Errorf("%s: all without a note are %d, want %d", c.what, n, len(got))
		}
	}
}

func TestNothingHappensBeforeItWasConfirmed(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	boss := m.person("Max", roles{m.youth: access.ProgramManager})
	ana := m.enrolled("Ana", m.youth, access.Enrolled)

	if got := m.ask(boss, m.h.Review, "/caseload/review", url.Values{"kind": {"assign"}}); got.Status != 422 || !strings.Contains(got.Page, "Choose at least one person.") {
		t.Errorf("nobody chosen: status %d", got.Status)
	}
	if got := m.ask(boss, m.h.Review, "/caseload/review", url.Values{"e": {ana.ID.String()}}); got.Status != 422 || !strings.Contains(got.Page, "checked") {
		t.Errorf("nothing to do chosen: status %d, want 422 with the choice kept", got.Status)
	}
	if got := m.ask(boss, m.h.Review, "/caseload/review", url.Values{"e": {ana.ID.String()}, "kind": {"discharge"}}); got.Status != 200 || !strings.Contains(got.Page, "How it ends") {
		t.Errorf("asking: status %d", got.Status)
	}
	form := url.Values{"e": {ana.ID.String()}, "kind": {"discharge"}, "asked": {"yes"}, "on": {"2026-02-11"}, "end_reason": {"other"}}
	got := m.ask(boss, m.h.Review, "/caseload/review", form)
	for _, word := range []string{"That day is still ahead", "Write the reason in a few words."} {
		if got.Status != 422 || !strings.Contains(got.Page, word) {
			t.Errorf("a broken form: status %d, want 422 with %q", got.Status, word)
		}
	}
	seen := m.review(boss, Discharge, "", ana)
	for _, word := range []string{"1 person will finish on Feb.\u00a010, 2026: Came to its planned end", "Ana Roy", "Discharge 1 person"} {
		if !strings.Contains(seen.Page, word) {
			t.Errorf("%q is not on the page that asks to confirm", word)
		}
	}
	if now := m.is(ana, m.youth); now.Status != access.Enrolled || now.Version != 1 {
		t.Errorf("something changed before it was confirmed: %+v", now)
	}
}

func TestManyAreDischargedAndTheOthersNamed(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	boss := m.person("Max", roles{m.youth: access.ProgramManager})
	ana, bea := m.enrolled("Ana", m.youth, access.Enrolled), m.enrolled("Bea", m.youth, access.OnHold)
	wait, over := m.enrolled("Cleo", m.youth, access.Waitlist), m.enrolled("Dora", m.youth, access.Finished)
	foreign := m.enrolled("Elsa", m.quiet, access.Enrolled)

	change := m.do(boss, Discharge, "", ana, bea, wait, over, foreign)
	page := m.show(boss, change).Page
	for _, word := range []string{"2 people were discharged.", "Ana Roy", "Bea Roy", "Cleo Roy", "Has not begun yet", "Dora Roy", "Has ended already", "Take it back"} {
		if !strings.Contains(page, word) {
			t.Errorf("%q is not on the page: %s", word, page)
		}
	}
	if strings.Contains(page, "Elsa") {
		t.Error("the page names somebody of a confidential program")
	}
	for _, e := range []participant.Enrolment{ana, bea} {
		if now := m.is(e, m.youth); now.Status != access.Finished || now.EndedOn != dayOfTest || now.EndReason != participant.Completed || now.StartedOn != e.StartedOn {
			t.Errorf("stored %+v", now)
		}
	}
	if now := m.is(foreign, m.quiet); now.Status != access.Enrolled {
		t.Errorf("an enrolment of others became %s", now.Status)
	}
	if acts := m.acts("enrolment.change"); len(acts) != 2 || len(acts[0].Participants) != 1 || acts[0].Participants[0] == acts[1].Participants[0] {
		t.Errorf("recorded %+v, want one for each person", acts)
	}
}

func TestATransferEndsHereAndBeginsThere(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	both := m.person("Max", roles{m.youth: access.ProgramManager, m.housing: access.DirectService})
	one := m.person("Sam", roles{m.youth: access.DirectService, m.quiet: access.FrontDesk})
	ana, twice := m.enrolled("Ana", m.youth, access.Enrolled), m.enrolled("Bea", m.youth, access.Enrolled)
	m.update(func(tx *tenancy.Tx) error {
		_, err := participant.Enrol(t.Context(), tx, participant.Enrolment{ID: tenancy.NewID(), Participant: twice.Participant, Program: m.housing, Status: access.Waitlist}, uuid.Nil)
		return err
	})

	for what, to := range map[string]uuid.UUID{"a program of others": m.housing, "one where she is at the front desk": m.quiet, "one that is not": uuid.New()} {
		if got := m.review(one, Transfer, to.String(), ana); got.Status != 422 || strings.Contains(got.Page, "Housing") || strings.Contains(got.Page, "Safe Harbour") {
			t.Errorf("to %s: status %d, want 422 that names no other program", what, got.Status)
		}
	}
	change := m.do(both, Transfer, m.housing.String(), ana, twice)
	if page := m.show(both, change).Page; !strings.Contains(page, "1 person was transferred.") || !strings.Contains(page, "Is already enrolled there") {
		t.Errorf("the page: %s", page)
	}
	from, to := m.is(ana, m.youth), m.is(ana, m.housing)
	if from.Status != access.Finished || from.EndReason != participant.MovedOn || to.Status != access.Enrolled || to.StartedOn != dayOfTest {
		t.Errorf("from %+v to %+v", from, to)
	}
	if now := m.is(twice, m.youth); now.Status != access.Enrolled {
		t.Errorf("who is in both was taken out of one: %+v", now)
	}
	if acts := m.acts("enrolment.transfer"); len(acts) != 1 || acts[0].Program != m.youth || acts[0].Participants[0] != ana.Participant {
		t.Errorf("recorded %+v", acts)
	}
}

func TestOnlyWhoWorksThereIsAssigned(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	boss := m.person("Max", roles{m.youth: access.ProgramManager, m.housing: access.ProgramManager})
	zoe := m.person("Zoe", roles{m.youth: access.DirectService})
	harbour := m.person("Hana Harbour", roles{m.quiet: access.DirectService})
	desk := m.person("Dana Desk", roles{m.youth: access.FrontDesk})
	ana, bea := m.enrolled("Ana", m.youth, access.Enrolled), m.enrolled("Bea", m.housing, access.Enrolled)

	page := m.list(boss, "").Page
	if !strings.Contains(page, "Zoe") || strings.Contains(page, "Hana") || strings.Contains(page, "Dana") {
		t.Error("the list offers others than those who work there")
	}
	for who, id := range map[string]uuid.UUID{"somebody of a confidential program": harbour.Staff, "front desk": desk.Staff, "nobody": uuid.New()} {
		if got := m.review(boss, Assign, id.String(), ana); got.Status != 422 {
			t.Errorf("%s: status %d, want 422", who, got.Status)
		}
	}
	seen := m.review(boss, Assign, zoe.Staff.String(), ana, bea)
	if !strings.Contains(seen.Page, "1 person will be with Zoe.") || !strings.Contains(seen.Page, "does not work there") {
		t.Errorf("the page: %s", seen.Page)
	}
	m.do(boss, Assign, zoe.Staff.String(), ana, bea)
	if a, b := m.is(ana, m.youth), m.is(bea, m.housing); a.Worker != zoe.Staff || a.WorkerName != "Zoe" || b.Worker != uuid.Nil {
		t.Errorf("Ana is with %s, Bea with %s", a.Worker, b.Worker)
	}
	m.do(boss, Assign, nobody, ana)
	if a := m.is(ana, m.youth); a.Worker != uuid.Nil {
		t.Errorf("Ana is with %s, want nobody", a.Worker)
	}
}

func TestWhoChangedMeanwhileIsLeftOutAndNamed(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	boss := m.person("Max", roles{m.youth: access.ProgramManager})
	ana, bea := m.enrolled("Ana", m.youth, access.Enrolled), m.enrolled("Bea", m.youth, access.Enrolled)
	seen := m.review(boss, Discharge, "", ana, bea)
	m.do(boss, Assign, boss.Staff.String(), bea)

	saved := m.ask(boss, m.h.Save, "/caseload", fields(seen.Page))
	if saved.Status != 303 {
		t.Fatalf("status %d, %v", saved.Status, saved.Err)
	}
	page := m.ask(boss, m.h.Show, saved.To, nil, "change", saved.To[len("/caseload/changes/"):]).Page
	if !strings.Contains(page, "1 person was discharged.") || !strings.Contains(page, "Bea Roy") || !strings.Contains(page, "Somebody else changed this meanwhile") {
		t.Errorf("the page: %s", page)
	}
	if now := m.is(bea, m.youth); now.Status != access.Enrolled {
		t.Errorf("Bea is %s", now.Status)
	}

	cleo := m.enrolled("Cleo", m.youth, access.Enrolled)
	seen = m.review(boss, Discharge, "", cleo)
	m.do(boss, Assign, boss.Staff.String(), cleo)
	if late := m.ask(boss, m.h.Save, "/caseload", fields(seen.Page)); late.Status != 409 || !strings.Contains(late.Page, "nothing was changed") {
		t.Errorf("when nobody is left: status %d, want 409", late.Status)
	}
}

func TestSentTwiceAtOnceIsDoneOnce(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	boss := m.person("Max", roles{m.youth: access.ProgramManager, m.housing: access.ProgramManager})
	var all []participant.Enrolment
	for i := range 12 {
		all = append(all, m.enrolled(fmt.Sprintf("P%d", i), m.youth, access.Enrolled))
	}
	form := fields(m.review(boss, Transfer, m.housing.String(), all...).Page)
	var wait sync.WaitGroup
	answers := make([]answer, 3)
	for i := range answers {
		wait.Go(func() { answers[i] = m.ask(boss, m.h.Save, "/caseload", form) })
	}
	wait.Wait()
	for _, a := range answers {
		if a.Err != nil || a.Status != 303 || a.To != answers[0].To {
			t.Errorf("status %d to %s, %v", a.Status, a.To, a.Err)
		}
	}
	if acts := m.acts("enrolment.transfer"); len(acts) != 12 {
		t.Errorf("%d transfers are recorded, want 12", len(acts))
	}
	for _, e := range all {
		if m.is(e, m.housing).Status != access.Enrolled || m.is(e, m.youth).Status != access.Finished {
			t.Errorf("somebody was not transferred")
		}
	}
}

func TestTwoManagersAtOnceShareThePeople(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	var all []participant.Enrolment
	for i := range 10 {
		all = append(all, m.enrolled(fmt.Sprintf("P%d", i), m.youth, access.Enrolled))
	}
	var forms []url.Values
	var bosses []access.Actor
	for _, to := range []uuid.UUID{m.housing, m.quiet} {
		boss := m.person("Max", roles{m.youth: access.ProgramManager, to: access.ProgramManager})
		bosses, forms = append(bosses, boss), append(forms, fields(m.review(boss, Transfer, to.String(), all...).Page))
	}
	var wait sync.WaitGroup
	for i := range forms {
		wait.Go(func() {
			if a := m.ask(bosses[i], m.h.Save, "/caseload", forms[i]); a.Err != nil || a.Status != 303 && a.Status != 409 {
				t.Errorf("status %d, %v", a.Status, a.Err)
			}
		})
	}
	wait.Wait()
	for _, e := range all {
		if there := m.state(e); len(there[m.housing])+len(there[m.quiet]) != 1 || there[m.youth][0].Status != access.Finished {
			t.Errorf("somebody is in %d programs, want one", len(there[m.housing])+len(there[m.quiet]))
		}
	}
}

func TestAllThatMatchAreChosenOverPages(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	boss := m.person("Max", roles{m.youth: access.ProgramManager, m.housing: access.ProgramManager})
	for i := range pageLength + 5 {
		m.enrolled(fmt.Sprintf("P%d", i), m.youth, access.Enrolled)
	}
	m.enrolled("Housed", m.housing, access.Enrolled)
	page := m.list(boss, "program="+m.youth.String()).Page
	if got := strings.Count(page, `name="e"`); got != pageLength || !strings.Contains(page, "All 55 that match") || !strings.Contains(page, `rel="next"`) {
		t.Errorf("%d on the page, want %d, with the way to all", got, pageLength)
	}
	if got := strings.Count(m.list(boss, "pick=page").Page, " checked"); got != pageLength {
		t.Errorf("%d are chosen with the page, want %d", got, pageLength)
	}
	form := url.Values{"program": {m.youth.String()}, "all": {"yes"}, "kind": {"assign"}, "asked": {"yes"}, "to": {boss.Staff.String()}}
	seen := m.ask(boss, m.h.Review, "/caseload/review", form)
	if !strings.Contains(seen.Page, "55 people will be with Max.") || strings.Contains(seen.Page, "Housed") {
		t.Errorf("status %d; all that match are not on the page", seen.Status)
	}
}

func TestAChangeIsTakenBackForADay(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	boss := m.person("Max", roles{m.youth: access.ProgramManager, m.housing: access.ProgramManager})
	other := m.person("Eve", roles{m.youth: access.ProgramManager, m.housing: access.ProgramManager})
	for _, kind := range Kinds {
		ana, held := m.enrolled("Ana", m.youth, access.Enrolled), m.enrolled("Bea", m.youth, access.OnHold)
		to := map[Kind]string{Assign: boss.Staff.String(), Transfer: m.housing.String()}[kind]
		change := m.do(boss, kind, to, ana, held)
		if got := outcome(m.undo(other, change).Err); got != "hidden" {
			t.Errorf("%s: another manager takes it back: %s, want hidden", kind, got)
		}
		if got := outcome(m.show(other, change).Err); got != "hidden" {
			t.Errorf("%s: another manager sees it: %s, want hidden", kind, got)
		}
		before := len(m.acts("enrolment.undo"))
		if got := m.undo(boss, change); got.Err != nil || got.Status != 303 {
			t.Fatalf("%s: taking back: status %d, %v", kind, got.Status, got.Err)
		}
		for _, e := range []participant.Enrolment{ana, held} {
			now := m.is(e, m.youth)
			if now.Status != e.Status || now.Worker != e.Worker || !now.EndedOn.IsZero() || now.EndReason != "" || now.StartedOn != e.StartedOn {
				t.Errorf("%s: after taking it back %+v", kind, now)
			}
			for _, there := range m.state(e)[m.housing] {
				if there.Status != access.Cancelled {
					t.Errorf("%s: still %s there", kind, there.Status)
				}
			}
		}
		if got := len(m.acts("enrolment.undo")) - before; got != 2 {
			t.Errorf("%s: %d are recorded, want 2", kind, got)
		}
		if got := outcome(m.undo(boss, change).Err); got != "conflict" {
			t.Errorf("%s: twice: %s, want conflict", kind, got)
		}
	}

	ana := m.enrolled("Ana", m.youth, access.Enrolled)
	change := m.do(boss, Discharge, "", ana)
	*m.now = noon.Add(24*time.Hour + time.Second)
	if got := outcome(m.undo(boss, change).Err); got != "conflict" || strings.Contains(m.show(boss, change).Page, "Take it back") {
		t.Errorf("a day later: %s, want conflict", got)
	}
}

func TestTakingBackLeavesWhatHasGoneOn(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	boss := m.person("Max", roles{m.youth: access.ProgramManager, m.housing: access.ProgramManager})
	ana, bea, cleo := m.enrolled("Ana", m.youth, access.Enrolled), m.enrolled("Bea", m.youth, access.Enrolled), m.enrolled("Cleo", m.youth, access.Enrolled)
	change := m.do(boss, Transfer, m.housing.String(), ana, bea, cleo)
	m.do(boss, Assign, boss.Staff.String(), m.is(bea, m.housing)) // somebody has begun to work with her there
	m.update(func(tx *tenancy.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO agency.notes (id, participant_id, program_id, author_id, author_role, interaction, happened_on, created_at)
			VALUES ($1, $2, $3, $4, 'program_manager', 'session', $5, $6)`, tenancy.NewID(), cleo.Participant, m.housing, boss.Staff, dayOfTest, noon)
		return err
	})
	if got := m.undo(boss, change); got.Status != 303 {
		t.Fatalf("status %d, %v", got.Status, got.Err)
	}
	for _, c := range []struct {
		e    participant.Enrolment
		want access.EnrolmentStatus
	}{{ana, access.Enrolled}, {bea, access.Finished}, {cleo, access.Finished}} {
		if now := m.is(c.e, m.youth); now.Status != c.want {
			t.Errorf("%s, want %s", now.Status, c.want)
		}
	}
	page := m.show(boss, change).Page
	for _, word := range []string{"Taken back", "Who stays changed", "Somebody else changed this meanwhile", "Something was written there meanwhile"} {
		if !strings.Contains(page, word) {
			t.Errorf("%q is not on the page", word)
		}
	}
	if acts := m.acts("enrolment.undo"); len(acts) != 1 || acts[0].Participants[0] != ana.Participant {
		t.Errorf("recorded %+v, want Ana alone", acts)
	}
}

func TestWhoLostTheRoleTakesNothingBack(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	boss := m.person("Max", roles{m.youth: access.ProgramManager})
	ana := m.enrolled("Ana", m.youth, access.Enrolled)
	change := m.do(boss, Discharge, "", ana)
	was := access.Actor{Staff: boss.Staff, Roles: roles{m.youth: access.FrontDesk, m.housing: access.DirectService}}
	if got := m.undo(was, change); got.Err != nil {
		t.Fatal(got.Err)
	}
	if now := m.is(ana, m.youth); now.Status != access.Finished {
		t.Errorf("Ana is %s, want finished", now.Status)
	}
}

func TestNoNameIsKeptOfAChange(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	boss := m.person("Max", roles{m.youth: access.ProgramManager})
	form := fields(m.review(boss, Discharge, "", m.enrolled("Ana", m.youth, access.Enrolled)).Page)
	form.Set("reason", "moved to Sudbury")
	if got := m.ask(boss, m.h.Save, "/caseload", form); got.Status != 303 {
		t.Fatalf("status %d, %v", got.Status, got.Err)
	}
	m.update(func(tx *tenancy.Tx) error {
		var kept string
		if err := tx.QueryRow(t.Context(), `SELECT before::text || left_out::text FROM agency.bulk_changes`).Scan(&kept); err != nil {
			return err
		}
		if strings.Contains(kept, "Ana") || strings.Contains(kept, "Sudbury") || strings.Contains(kept, "Max") {
			t.Errorf("kept %s", kept)
		}
		return nil
	})
}
