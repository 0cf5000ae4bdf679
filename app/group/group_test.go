package group

import (
	"bytes"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/fault"
	"konote/app/participant"
	"konote/tenancy"
	"konote/tenancy/tenancytest"
)

func TestStatementsAreValid(t *testing.T) {
	t.Parallel()
	tenancytest.PrepareAll(t, ".")
}

func TestWhoSeesAGroup(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	id := m.logged()
	advocate := m.person("Advocate", m.shelter, access.DirectService)
	executive := m.person("Exec", m.housing, access.Executive)
	mixed := m.person("Mixed", m.housing, access.FrontDesk)
	mixed.Roles[m.shelter] = access.DirectService
	for _, test := range []struct {
		name    string
		by      access.Actor
		handler handler
		want    fault.Kind
	}{
		{"an advocate of another program: the group", advocate, m.handlers.Show, fault.NotFound},
		{"an advocate: its session", advocate, m.handlers.ShowSession, fault.NotFound},
		{"an advocate: its attendance", advocate, m.handlers.Attendance, fault.NotFound},
		{"an advocate: its form", advocate, m.handlers.NewSession, fault.NotFound},
		{"an executive: the group", executive, m.handlers.Show, fault.Denied},
		{"an executive: the session", executive, m.handlers.ShowSession, fault.Denied},
		{"an executive: the file", executive, m.handlers.Download, fault.Denied},
		{"front desk here, advocate there: the session", mixed, m.handlers.ShowSession, fault.Denied},
		{"front desk here, advocate there: new members", mixed, m.handlers.NewMembers, fault.Denied},
		{"a worker: changing the group", m.worker, m.handlers.Edit, fault.Denied},
		{"a manager: checking in", m.manager, m.handlers.CheckIn, fault.Denied},
	} {
		if _, err := m.call(test.handler, test.by, nil, "session", id.String()); err == nil || fault.KindOf(err) != test.want {
			t.Errorf("%s: got %v, want %v", test.name, err, test.want)
		}
	}
	for name, by := range map[string]access.Actor{"an advocate": advocate, "front desk": m.front, "an executive": executive} {
		response, err := m.handlers.List(m.request(by, http.MethodGet, "/groups", nil))
		if err != nil {
			t.Fatal(err)
		}
		if got, want := strings.Contains(m.text(response.Body), "Tuesday kitchen"), name != "an advocate"; got != want {
			t.Errorf("%s is listed the group: got %v, want %v", name, got, want)
		}
	}
	// Three people are too few for figures without names.
	page := m.page(m.handlers.Attendance, executive)
	if !strings.Contains(page, "five people") || strings.Contains(page, "Tremblay") || strings.Contains(page, "Baker") || strings.Contains(page, "100") {
		t.Error("an executive is shown figures of three people, or their names")
	}
}

// Somebody who was never meant to be in the program leaves no trace, in names, counts and
// shares; whoever has finished stays in the history.
func TestMembersWhoAreNotReachedLeaveNoTrace(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	gone := m.participant("Gone", map[uuid.UUID]access.EnrolmentStatus{m.housing: access.Cancelled, m.shelter: access.Enrolled})
	former := m.participant("Former", map[uuid.UUID]access.EnrolmentStatus{m.housing: access.Finished})
	id, member, was := tenancy.NewID(), tenancy.NewID(), tenancy.NewID()
	m.update(func(tx *tenancy.Tx) error {
		for _, add := range []Member{{ID: member, Group: m.group, Participant: gone, Role: Ordinary, JoinedOn: today.AddDays(-9)}, {ID: was, Group: m.group, Participant: former, Role: Ordinary, JoinedOn: today.AddDays(-9)}} {
			if _, err := addMember(t.Context(), tx, add); err != nil {
				return err
			}
		}
		return saveSession(t.Context(), tx, Session{ID: id, Group: m.group, HeldOn: today.AddDays(-1), Facilitator: m.worker.Staff, Attendance: []Attended{
			{ID: tenancy.NewID(), Member: member, Present: false, Highlight: "Hers alone."}, {ID: tenancy.NewID(), Member: was, Present: true}, {ID: tenancy.NewID(), Member: m.inLea, Present: true}}}, m.worker.Staff)
	})
	for name, page := range map[string]string{
		"the group": m.page(m.handlers.Show, m.worker), "the session": m.page(m.handlers.ShowSession, m.worker, "session", id.String()),
		"attendance": m.page(m.handlers.Attendance, m.worker), "the form": m.page(m.handlers.NewSession, m.worker), "the door": m.page(m.handlers.CheckIn, m.front),
	} {
		for _, hidden := range []string{"Gone", "Hers alone", "of 3 came", member.String(), gone.String()} {
			if strings.Contains(page, hidden) {
				t.Errorf("%s tells %q", name, hidden)
			}
		}
		if !strings.Contains(page, "Former") {
			t.Errorf("%s lacks whoever has finished", name)
		}
	}
	if page := m.page(m.handlers.Attendance, m.worker); !strings.Contains(page, "100% came") {
		t.Error("an absence that nobody may know of counts in the share")
	}
	list, err := m.handlers.List(m.request(m.worker, http.MethodGet, "/groups", nil))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(m.text(list.Body), "4 members") {
		t.Error("the list does not count those who are shown")
	}
	// Correcting the session leaves what is hidden as it was, whatever the form names.
	form := m.sent(id, func(v url.Values) {
		v.Set("version", "1")
		v.Set("held_on", today.AddDays(-1).String())
		v["member"] = append(v["member"], member.String())
		v["present"] = append(v["present"], member.String())
	})
	if response, err := m.call(m.handlers.SaveSession, m.worker, form); err != nil || response.Status != http.StatusSeeOther {
		t.Fatalf("correct: status %d, %v", response.Status, err)
	}
	both := m.person("Both", m.housing, access.DirectService)
	both.Roles[m.shelter] = access.DirectService
	m.update(func(tx *tenancy.Tx) error {
		s, err := sessionOf(t.Context(), tx, both, m.group, id)
		if a, _ := s.of(member); a.Present || a.Highlight != "Hers alone." {
			t.Errorf("what is hidden was changed: %+v", a)
		}
		return err
	})
}

func TestMembersComeAndGo(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	ana := m.participant("Ana", map[uuid.UUID]access.EnrolmentStatus{m.housing: access.Enrolled})
	hidden := m.participant("Hidden", map[uuid.UUID]access.EnrolmentStatus{m.shelter: access.Enrolled})
	form := m.page(m.handlers.NewMembers, m.worker)
	if !strings.Contains(form, "Ana Tremblay") || strings.Contains(form, "Hidden") || strings.Contains(form, "Léa") {
		t.Error("the form offers others than those of the program who are not in the group")
	}
	add := url.Values{"id": {tenancy.NewID().String()}, "person": {ana.String(), hidden.String(), m.lea.String()}, "name": {"Aunt Rosa"}, "role": {"member"}, "joined_on": {today.String()}}
	for range 2 { // sent twice
		if response, err := m.call(m.handlers.AddMembers, m.worker, add); err != nil || response.Status != http.StatusSeeOther {
			t.Fatalf("status %d, %v", response.Status, err)
		}
	}
	var all []Member
	load := func(by access.Actor) []Member {
		m.update(func(tx *tenancy.Tx) (err error) {
			all, err = members(t.Context(), tx, by, m.group)
			return err
		})
		return all
	}
	both := m.person("Both", m.housing, access.DirectService)
	both.Roles[m.shelter] = access.DirectService
	if got := load(both); len(got) != 5 {
		t.Fatalf("got %d members, want 5: %+v", len(got), got)
	}
	at := slices.IndexFunc(all, func(one Member) bool { return one.Participant == ana })
	change := func(form url.Values) int {
		t.Helper()
		response, err := m.call(m.handlers.ChangeMember, m.worker, form, "member", all[at].ID.String())
		if err != nil {
			t.Fatal(err)
		}
		return response.Status
	}
	if got := change(url.Values{"before": {"member "}, "role": {"leader"}, "left_on": {today.AddDays(1).String()}}); got != 422 {
		t.Errorf("she left tomorrow: got %d", got)
	}
	if got := change(url.Values{"before": {"member "}, "role": {"member"}, "left_on": {today.String()}}); got != 303 {
		t.Errorf("she left: got %d", got)
	}
	if got := change(url.Values{"before": {"member "}, "role": {"leader"}, "left_on": {""}}); got != 409 {
		t.Errorf("a change that comes too late: got %d", got)
	}
	if page := m.page(m.handlers.Show, m.worker); !strings.Contains(page, "Have left") || !strings.Contains(page, "Ana Tremblay") {
		t.Error("whoever left is not in the history")
	}
	if form := m.page(m.handlers.NewMembers, m.worker); !strings.Contains(form, "Ana Tremblay") {
		t.Error("whoever left cannot come back")
	}
	if _, err := m.call(m.handlers.EditMember, m.worker, nil, "member", tenancy.NewID().String()); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a membership that there is not: %v", err)
	}
}

func TestTheFileIsSafeToOpen(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	m.logged()
	m.update(func(tx *tenancy.Tx) error {
		for _, name := range []string{`=HYPERLINK("http://evil.example")`, "+1", "-1+1", "@SUM(1)", "\tx", " =1+1", "＝1", `a "b", c`} {
			if _, err := addMember(t.Context(), tx, Member{ID: tenancy.NewID(), Group: m.group, Name: name, Role: Ordinary, JoinedOn: today}); err != nil {
				return err
			}
		}
		return nil
	})
	response, err := m.call(m.handlers.Download, m.manager, nil)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := response.Stream(&out); err != nil {
		t.Fatal(err)
	}
	text := out.String()
	for _, want := range []string{"\ufeffMember,Role in the group,", "\r\nLéa Tremblay,Leads,", ",2026-02-10\r\n", "\r\n\"'=HYPERLINK(", "\r\n'+1,", "\r\n'-1+1,", "\r\n'@SUM(1),", "\r\n' =1+1,", "\r\n'＝1,", `"a ""b"", c"`} {
		if !strings.Contains(text, want) {
			t.Errorf("the file lacks %q:\n%s", want, text)
		}
	}
	if got := response.Header["Content-Disposition"]; got != `attachment; filename="attendance-2025-11-12-2026-02-10.csv"` {
		t.Errorf("the file is called %s", got)
	}
}

func TestAGroupIsChangedByOneAtATime(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	form := url.Values{"version": {"1"}, "name": {"Wednesday kitchen"}, "kind": {"project"}, "description": {"We cook."}}
	if response, err := m.call(m.handlers.Update, m.manager, form); err != nil || response.Status != http.StatusSeeOther {
		t.Fatalf("status %d, %v", response.Status, err)
	}
	form.Set("name", "Thursday kitchen")
	response, err := m.call(m.handlers.Update, m.manager, form)
	if err != nil || response.Status != http.StatusConflict {
		t.Fatalf("too late: status %d, %v", response.Status, err)
	}
	if page := m.text(response.Body); !strings.Contains(page, "Saved meanwhile: Wednesday kitchen") || !strings.Contains(page, "Thursday kitchen") {
		t.Error("both names are not there")
	}
}

func TestGroupsAreMadeWhereProgramsHaveThem(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	make := func(by access.Actor, form url.Values) int {
		t.Helper()
		response, err := m.handlers.Create(m.request(by, http.MethodPost, "/groups", form))
		if err != nil {
			t.Fatal(err)
		}
		return response.Status
	}
	form := url.Values{"id": {tenancy.NewID().String()}, "name": {"Walks"}, "kind": {"group"}}
	if got := []int{make(m.worker, form), make(m.worker, form)}; !slices.Equal(got, []int{303, 303}) {
		t.Errorf("got %v", got)
	}
	if got := make(m.front, form); got != 422 {
		t.Errorf("the front desk: got %d", got)
	}
	m.update(func(tx *tenancy.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE agency.programs SET service_model = 'individual' WHERE id = $1`, m.housing)
		return err
	})
	if got := make(m.worker, url.Values{"name": {"Walks"}, "kind": {"group"}}); got != 422 {
		t.Errorf("in a program without groups: got %d", got)
	}
	var count int
	m.update(func(tx *tenancy.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT count(*) FROM agency.groups`).Scan(&count)
	})
	if count != 2 {
		t.Errorf("got %d groups, want 2", count)
	}
}

func TestStepsOfAProject(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	form := url.Values{"id": {tenancy.NewID().String()}, "kind": {"outcome"}, "version": {"0"}, "name": {"People cook at home"}, "text": {"Four said so."}, "progress": {"in_progress"}, "due_on": {"2026-06-01"}}
	send := func(handler handler, by access.Actor, change func(url.Values)) (int, string) {
		t.Helper()
		if change != nil {
			change(form)
		}
		response, err := m.call(handler, by, form, "step", form.Get("id"))
		if err != nil {
			t.Fatal(err)
		}
		if response.Status == http.StatusSeeOther {
			return response.Status, ""
		}
		return response.Status, m.text(response.Body)
	}
	for range 2 {
		if got, _ := send(m.handlers.CreateStep, m.worker, nil); got != 303 {
			t.Fatalf("got %d", got)
		}
	}
	if got, _ := send(m.handlers.UpdateStep, m.worker, func(v url.Values) { v.Set("version", "1"); v.Set("progress", "complete") }); got != 303 {
		t.Fatalf("change: got %d", got)
	}
	got, page := send(m.handlers.UpdateStep, m.manager, func(v url.Values) { v.Set("name", "Late name"); v.Set("progress", "not_started") })
	if got != 409 || !strings.Contains(page, "Late name") || !strings.Contains(page, "Saved meanwhile: Done") {
		t.Errorf("too late: got %d", got)
	}
	if page := m.page(m.handlers.Show, m.worker); strings.Count(page, "People cook at home") != 1 || !strings.Contains(page, "Four said so.") {
		t.Error("the project's page does not have the outcome once")
	}
}

// What stood out is in the participant's own record, for those who read sessions of the
// program, and a page at a time.
func TestTheParticipantsRecord(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	m.logged()
	if _, err := m.call(m.handlers.SaveCheckIn, m.front, url.Values{"present": {m.inLea.String()}}); err != nil {
		t.Fatal(err)
	}
	entries := func(by access.Actor, after Place, limit int) (found []Entry, next Place) {
		t.Helper()
		m.update(func(tx *tenancy.Tx) (err error) {
			var page Page
			b := tx.Batch()
			QueueTimeline(b, m.lea, by.Programs(access.GroupViewDetail), after, limit, &page)
			if err = b.Send(t.Context()); err != nil {
				return err
			}
			found, next, err = page.Open(tx.Box())
			return err
		})
		return found, next
	}
	found, next := entries(m.worker, Place{}, 5)
	if len(found) != 1 || next != (Place{}) || found[0].Highlight != "Taught us her mother's recipe." || found[0].GroupName != "Tuesday kitchen" || found[0].Facilitator != "Sam" || !found[0].Present {
		t.Errorf("got %+v", found)
	}
	if found, _ := entries(m.front, Place{}, 5); len(found) != 0 {
		t.Errorf("the front desk reads %+v", found)
	}
	if found, _ := entries(m.person("Advocate", m.shelter, access.DirectService), Place{}, 5); len(found) != 0 {
		t.Errorf("an advocate of her other program reads %+v", found)
	}
	m.update(func(tx *tenancy.Tx) error {
		r := m.request(m.worker, http.MethodGet, "/", nil)
		b := tx.Batch()
		pending, draw := participant.Queue(b, m.worker, m.lea), Overview(b, r, m.lea)
		if err := b.Send(t.Context()); err != nil {
			return err
		}
		reached, err := pending.Reach(tx.Box(), access.ParticipantViewName)
		if err != nil {
			return err
		}
		component, err := draw(t.Context(), tx, reached)
		if err != nil {
			return err
		}
		if page := m.text(component); !strings.Contains(page, "Tuesday kitchen") || !strings.Contains(page, "Came to 1 of 1 sessions") {
			t.Error("her groups are not on her page")
		}
		return nil
	})
}

func TestWordsAreSealed(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	m.logged()
	m.update(func(tx *tenancy.Tx) error {
		var rows string
		if err := tx.QueryRow(t.Context(), `SELECT concat_ws(' ',
			(SELECT string_agg(encode(name_sealed, 'escape') || encode(description_sealed, 'escape'), '') FROM agency.groups),
			(SELECT string_agg(encode(name_sealed, 'escape'), '') FROM agency.group_members),
			(SELECT string_agg(encode(text_sealed, 'escape'), '') FROM agency.group_sessions),
			(SELECT string_agg(encode(highlight_sealed, 'escape'), '') FROM agency.group_attendance))`).Scan(&rows); err != nil {
			return err
		}
		for _, word := range []string{"kitchen", "cook", "Baker", "soup", "recipe"} {
			if strings.Contains(rows, word) {
				t.Errorf("the rows hold %q", word)
			}
		}
		return nil
	})
}

func TestWhatASessionNeeds(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	for name, test := range map[string]struct {
		change func(url.Values)
		field  string
	}{
		"tomorrow":         {func(v url.Values) { v.Set("held_on", today.AddDays(1).String()) }, "held_on"},
		"no day":           {func(v url.Values) { v.Set("held_on", "") }, "held_on"},
		"no such day":      {func(v url.Values) { v.Set("held_on", "2026-02-31") }, "held_on"},
		"no such mood":     {func(v url.Values) { v.Set("mood", "furious") }, "mood"},
		"too many words":   {func(v url.Values) { v.Set("text", strings.Repeat("é", maxText+1)) }, "text"},
		"a long highlight": {func(v url.Values) { v.Set("highlight-"+m.inTom.String(), strings.Repeat("é", maxHighlight+1)) }, "highlight-" + m.inTom.String()},
	} {
		response, err := m.call(m.handlers.SaveSession, m.worker, m.sent(tenancy.NewID(), test.change))
		if err != nil || response.Status != http.StatusUnprocessableEntity {
			t.Errorf("%s: status %d, %v", name, response.Status, err)
			continue
		}
		if page := m.text(response.Body); !strings.Contains(page, `href="#`+test.field+`"`) || !strings.Contains(page, "mother&#39;s recipe") {
			t.Errorf("%s: the page does not lead to %s, or lost what was typed", name, test.field)
		}
	}
}

func TestEveryActIsRecorded(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	id := m.logged()
	if response, err := m.call(m.handlers.SaveSession, m.worker, m.sent(id, func(v url.Values) { v.Set("version", "1"); v.Set("text", "We made pie.") })); err != nil || response.Status != http.StatusSeeOther {
		t.Fatalf("status %d, %v", response.Status, err)
	}
	m.page(m.handlers.Attendance, m.manager)
	if _, err := m.call(m.handlers.Download, m.manager, nil); err != nil {
		t.Fatal(err)
	}
	names, sealed := m.acts()
	if want := []string{"group.log_session", "group.correct_session", "group.attendance", "group.export"}; !slices.Equal(names, want) {
		t.Errorf("got %v, want %v", names, want)
	}
	for _, want := range []string{"We made soup.", "We made pie.", "recipe", `"present":true`, `"to":"2026-02-10"`} {
		if !strings.Contains(sealed, want) {
			t.Errorf("the sealed values lack %q", want)
		}
	}
}
