package grant

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/settings"
	"konote/app/staff"
	"konote/tenancy"
	"konote/tenancy/tenancytest"
)

func TestStatementsAreValid(t *testing.T) {
	t.Parallel()
	tenancytest.PrepareAll(t, ".")
}

func TestAGrantOpensOneParticipantAtOnceUntilItsSecond(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	boss := m.person("Max Roy", roles{m.youth: access.ProgramManager})
	if m.mayRead(boss, m.lea, m.youth) {
		t.Fatal("notes are open at tier 3 without a grant")
	}
	if _, err := m.take(boss, m.lea, participantScope, 1); err != nil {
		t.Fatal(err)
	}
	if !m.mayRead(boss, m.lea, m.youth) {
		t.Error("the grant does not count at the next request")
	}
	if m.mayRead(boss, m.max, m.youth) || len(m.visitor(boss).Actor.Programs(access.NoteView)) > 0 {
		t.Error("a grant for one participant opens others")
	}
	m.at(noon.Add(24*time.Hour - time.Second))
	if !m.mayRead(boss, m.lea, m.youth) {
		t.Error("it ended before its second")
	}
	m.at(noon.Add(24 * time.Hour))
	if m.mayRead(boss, m.lea, m.youth) {
		t.Error("it still counts at its second")
	}
}

func TestAGrantForAProgramOpensThatProgramAlone(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	boss := m.person("Max Roy", roles{m.youth: access.ProgramManager, m.housing: access.ProgramManager})
	if _, err := m.take(boss, m.max, m.youth.String(), 7); err != nil {
		t.Fatal(err)
	}
	if !m.mayRead(boss, m.max, m.youth) || !m.mayRead(boss, m.lea, m.youth) {
		t.Error("the program is not open")
	}
	if m.mayRead(boss, m.max, m.housing) {
		t.Error("another program is open")
	}
	if got := m.visitor(boss).Actor.Programs(access.NoteView); !slices.Equal(got, []uuid.UUID{m.youth}) {
		t.Errorf("lists look at %v, want Youth alone", got)
	}
}

// D5: the grant form attached grants to whatever program came first, never to the one that
// was asked for, and to no participant at all.
func TestTheProgramOfAGrantIsTheOneAskedForAndNeverAForgedOne(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	boss := m.person("Max Roy", roles{m.youth: access.ProgramManager, m.housing: access.DirectService})
	for name, scope := range map[string]string{
		"not hers": m.quiet.String(), "where her role is not gated": m.housing.String(), "nobody's": tenancy.NewID().String(), "nothing": "", "nonsense": "all",
	} {
		response, page, err := m.ask(boss, m.h.Create, m.form(scope, 7), "participant", m.max.String())
		if err != nil || response.Status != 422 || !strings.Contains(page, "Choose what you need access to.") {
			t.Errorf("a program that is %s: %d, %v; want 422", name, response.Status, err)
		}
	}
	// Housing is hers and gated, but Léa is not in it.
	both := m.person("Ana Roy", roles{m.youth: access.ProgramManager, m.housing: access.ProgramManager})
	if response, _, err := m.ask(both, m.h.Create, m.form(m.housing.String(), 7), "participant", m.lea.String()); err != nil || response.Status != 422 {
		t.Errorf("a program that she is not in: %d, %v; want 422", response.Status, err)
	}
	id, err := m.take(both, m.max, m.housing.String(), 7)
	if err != nil {
		t.Fatal(err)
	}
	m.update(func(tx *tenancy.Tx) error {
		g, err := load(t.Context(), tx, sqlByID, id)
		if g.Program != m.housing || g.Participant != uuid.Nil || g.Why != sentence || g.ExpiresAt.Sub(g.CreatedAt) != 7*24*time.Hour {
			t.Errorf("got %+v, want Housing for 7 days", g)
		}
		return err
	})
}

func TestAGrantGivesNoMoreThanTheRole(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	boss := m.person("Max Roy", roles{m.youth: access.ProgramManager})
	if _, err := m.take(boss, m.lea, m.youth.String(), 30); err != nil {
		t.Fatal(err)
	}
	if _, err := m.take(boss, m.lea, participantScope, 30); err != nil {
		t.Fatal(err)
	}
	m.update(func(tx *tenancy.Tx) error {
		return staff.Grant(t.Context(), tx, byTests, boss, m.youth, access.FrontDesk)
	})
	if m.mayRead(boss, m.lea, m.youth) {
		t.Error("a grant opens notes to the front desk")
	}
	m.update(func(tx *tenancy.Tx) error { return staff.Remove(t.Context(), tx, byTests, boss, m.youth) })
	if m.mayRead(boss, m.lea, m.youth) || len(m.visitor(boss).Actor.Programs(access.NoteView)) > 0 {
		t.Error("a grant for a program that she has left still opens it")
	}
}

func TestWhoMayAsk(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	boss := m.person("Boss", roles{m.youth: access.ProgramManager})
	for _, test := range []struct {
		name  string
		by    uuid.UUID
		about uuid.UUID
		want  string
	}{
		{"a manager", boss, m.lea, "opens"},
		{"a worker, whose role opens it already", m.person("Wor", roles{m.youth: access.DirectService}), m.lea, "denied"},
		{"the front desk", m.person("Fro", roles{m.youth: access.FrontDesk}), m.lea, "denied"},
		{"an executive", m.person("Exe", roles{m.youth: access.Executive}), m.lea, "hidden"},
		{"a manager elsewhere", m.person("Els", roles{m.housing: access.ProgramManager}), m.lea, "hidden"},
		{"an administrator", m.person("Adm", nil, true), m.lea, "hidden"},
		{"about nobody", boss, tenancy.NewID(), "not_found"},
	} {
		if _, _, err := m.ask(test.by, m.h.Ask, nil, "participant", test.about.String()); outcome(err) != test.want {
			t.Errorf("%s: %v, want %s", test.name, err, test.want)
		}
		if _, err := m.take(test.by, test.about, participantScope, 7); outcome(err) != test.want {
			t.Errorf("%s sends it: %v, want %s", test.name, err, test.want)
		}
	}
	closed := m.person("Clo", roles{m.youth: access.ProgramManager})
	m.close(m.lea, closed, access.WholeFile)
	if _, err := m.take(closed, m.lea, participantScope, 7); outcome(err) != "hidden" {
		t.Errorf("somebody to whom the file is closed: %v, want hidden", err)
	}
	for _, tier := range []int{1, 2} {
		m.set(settings.AccessTier, tier)
		if _, err := m.take(boss, m.lea, participantScope, 7); outcome(err) != "denied" {
			t.Errorf("tier %d: %v, want denied", tier, err)
		}
		if _, page, err := m.ask(boss, m.h.Mine, nil); err != nil || !strings.Contains(page, "does not ask for a reason") {
			t.Errorf("tier %d: %v; her own page does not say that it is not needed", tier, err)
		}
	}
}

func TestWhatIsAskedForIsChecked(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	boss := m.person("Max Roy", roles{m.youth: access.ProgramManager})
	m.set(settings.GrantDays, 14)
	_, page, err := m.ask(boss, m.h.Ask, nil, "participant", m.lea.String())
	if err != nil || strings.Contains(page, `value="30"`) || !strings.Contains(page, `value="7" checked`) || !strings.Contains(page, `value="participant" checked`) {
		t.Errorf("%v: want up to 14 days, 7 chosen, and the participant alone chosen: %s", err, page)
	}
	for _, test := range []struct{ field, value, want string }{
		{"why", "Because.", "Write why, in at least 10 characters."},
		{"why", "         .         ", "Write why, in at least 10 characters."},
		{"why", strings.Repeat("é", maxWhy+1), "characters"},
		{"reason", "", "Choose a reason."},
		{"reason", tenancy.NewID().String(), "Choose a reason."},
		{"days", "30", "Choose for how long."}, {"days", "0", "Choose for how long."}, {"days", "-1", "Choose for how long."}, {"days", "2", "Choose for how long."},
	} {
		form := m.form(participantScope, 7)
		form.Set(test.field, test.value)
		response, page, err := m.ask(boss, m.h.Create, form, "participant", m.lea.String())
		if err != nil || response.Status != 422 || !strings.Contains(page, test.want) {
			t.Errorf("%s %q: %d, %v; want 422 with %q", test.field, test.value, response.Status, err, test.want)
		}
	}
	archived := m.form(participantScope, 7)
	if err := m.try(`UPDATE agency.grant_reasons SET status = 'archived' WHERE id = $1`, archived.Get("reason")); err != nil {
		t.Fatal(err)
	}
	if response, _, err := m.ask(boss, m.h.Create, archived, "participant", m.lea.String()); err != nil || response.Status != 422 {
		t.Errorf("an archived reason: %d, %v; want 422", response.Status, err)
	}
	if err := m.try(`INSERT INTO agency.access_grants (id, staff_id, participant_id, through, is_emergency, justification_sealed, created_at, expires_at)
		VALUES ($1, $2, $3, $4, true, '\x00', $5, $6)`, tenancy.NewID(), boss, m.lea, []uuid.UUID{m.youth}, noon, noon.Add(5*time.Hour)); err == nil {
		t.Error("the database takes an emergency of five hours")
	}
}

func TestTheSameFormSentTwiceIsOneGrantAndLeadsWhereSheWasRefused(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	boss, other := m.person("Max Roy", roles{m.youth: access.ProgramManager}), m.person("Ana Roy", roles{m.youth: access.ProgramManager})
	form := m.form(participantScope, 3)
	for back, want := range map[string]string{
		"/participants/" + m.lea.String() + "/timeline": "/participants/" + m.lea.String() + "/timeline",
		"": "/participants/" + m.lea.String(), "https://evil.example/": "/participants/" + m.lea.String(), "//evil.example": "/",
	} {
		form.Set("back", back)
		response, _, err := m.ask(boss, m.h.Create, form, "participant", m.lea.String())
		if err != nil || response.To.String() != want {
			t.Errorf("back to %q: %s, %v; want %s", back, response.To, err, want)
		}
	}
	var n int
	m.update(func(tx *tenancy.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT count(*) FROM agency.access_grants`).Scan(&n)
	})
	if n != 1 {
		t.Errorf("%d grants, want 1", n)
	}
	if _, _, err := m.ask(other, m.h.Create, form, "participant", m.lea.String()); outcome(err) != "conflict" {
		t.Errorf("another person's form: %v, want a conflict", err)
	}
	if m.mayRead(other, m.lea, m.youth) {
		t.Error("another person's grant opens it")
	}
}

func TestSheGivesBackHerOwnAndOnlyHerOwn(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	boss, other := m.person("Max Roy", roles{m.youth: access.ProgramManager}), m.person("Ana Roy", roles{m.youth: access.ProgramManager})
	id, err := m.take(boss, m.lea, participantScope, 7)
	if err != nil {
		t.Fatal(err)
	}
	_, page, err := m.ask(boss, m.h.Mine, nil)
	if err != nil || !strings.Contains(page, "Léa Tremblay") || !strings.Contains(page, sentence) {
		t.Errorf("%v: her page does not show it: %s", err, page)
	}
	if _, page, err := m.ask(other, m.h.Mine, nil); err != nil || strings.Contains(page, "Léa") {
		t.Errorf("%v: another person's page shows it", err)
	}
	if _, _, err := m.ask(other, m.h.GiveBack, map[string][]string{}, "grant", id.String()); outcome(err) != "hidden" {
		t.Errorf("another person ends it: %v, want hidden", err)
	}
	for range 2 {
		if _, _, err := m.ask(boss, m.h.GiveBack, map[string][]string{}, "grant", id.String()); err != nil {
			t.Fatal(err)
		}
	}
	if m.mayRead(boss, m.lea, m.youth) {
		t.Error("what was given back still opens it")
	}
	if err := m.try(`UPDATE agency.access_grants SET revoked_at = NULL, revoked_by = NULL WHERE id = $1`, id); err == nil {
		t.Error("the database lets it come to life again")
	}
}

func TestPagesOfOwnGrantsFollowEachOther(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	boss := m.person("Max Roy", roles{m.youth: access.ProgramManager})
	var many []Grant
	for i := range pageLength + 3 {
		many = append(many, Grant{ID: tenancy.NewID(), Staff: boss, Participant: m.lea, Through: []uuid.UUID{m.youth}, Emergency: true,
			Why: "number " + strconv.Itoa(i) + ".", CreatedAt: noon.AddDate(0, 0, -9), ExpiresAt: noon.AddDate(0, 0, -9).Add(emergency)})
	}
	m.update(func(tx *tenancy.Tx) error { return Bulk(t.Context(), tx, many) })
	_, first, err := m.ask(boss, m.h.Mine, nil)
	_, second, err2 := m.askAt("/account/access?after="+many[3].ID.String(), boss, m.h.Mine, nil)
	if err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
	for i := range many {
		text := "number " + strconv.Itoa(i) + "."
		if in := strings.Contains(first, text); in != (i >= 3) {
			t.Errorf("%s on the first page: %v", text, in)
		}
		if in := strings.Contains(second, text); in != (i < 3) {
			t.Errorf("%s on the second page: %v", text, in)
		}
	}
}
