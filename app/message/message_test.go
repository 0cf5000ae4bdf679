package message

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/civil"
	"konote/app/staff"
	"konote/tenancy"
	"konote/tenancy/tenancytest"
)

func TestStatementsAreValid(t *testing.T) {
	t.Parallel()
	tenancytest.PrepareAll(t, ".")
}

func TestAMessageReachesWhomItIsForAndNobodyElse(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	desk := m.person("Dana", roles{m.youth: access.FrontDesk})
	sam := m.person("Sam", roles{m.youth: access.DirectService})
	ana := m.person("Ana", roles{m.youth: access.DirectService})
	boss := m.person("Max", roles{m.youth: access.ProgramManager})
	other := m.person("Olu", roles{m.housing: access.DirectService})
	chief := m.person("Eve", roles{m.youth: access.Executive})

	if response, err := m.leave(desk, m.youth.String()+"."+sam.Staff.String(), "called at ten"); err != nil || response.Status != 303 {
		t.Fatalf("leaving a message: status %d, %v", response.Status, err)
	}
	if response, err := m.leave(desk, m.youth.String(), "rent is due", "urgent", "yes"); err != nil || response.Status != 303 {
		t.Fatalf("leaving one for everybody: status %d, %v", response.Status, err)
	}

	for _, c := range []struct {
		who    string
		actor  access.Actor
		unread int
		page   []string
	}{
		{"she whom one is for", sam, 2, []string{"rent is due", "called at ten"}},
		{"a colleague", ana, 1, []string{"rent is due"}},
		{"the manager", boss, 1, []string{"rent is due"}},
		{"somebody of another program", other, 0, nil},
		{"an executive", chief, 0, nil},
		{"the front desk that left them", desk, 0, nil},
	} {
		if got := m.unread(c.actor); got != c.unread {
			t.Errorf("%s: %d wait, want %d", c.who, got, c.unread)
		}
		var texts []string
		for _, w := range m.waiting(c.actor) {
			texts = append(texts, w.Text)
		}
		if fmt.Sprint(texts) != fmt.Sprint(c.page) {
			t.Errorf("%s: waiting %q, want %q (the urgent one first)", c.who, texts, c.page)
		}
	}
}

func TestTheSenderSeesThatItWasDeliveredAndNotTheWords(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	desk := m.person("Dana", roles{m.youth: access.FrontDesk})
	sam := m.person("Sam", roles{m.youth: access.DirectService})
	if _, err := m.leave(desk, m.youth.String()+"."+sam.Staff.String(), "called at ten"); err != nil {
		t.Fatal(err)
	}
	about := func(by access.Actor) string { return m.section(by, Overview) }
	if page := about(desk); strings.Contains(page, "called at ten") || !strings.Contains(page, "For Sam") || !strings.Contains(page, "Not read yet") {
		t.Errorf("the sender sees %q", page)
	}
	if page := about(sam); !strings.Contains(page, "called at ten") {
		t.Errorf("the reader sees %q", page)
	}
	id := m.waiting(sam)[0].ID.String()
	if _, _, err := m.ask(sam, m.h.Mark("read"), url.Values{}, "message", id); err != nil {
		t.Fatal(err)
	}
	if page := about(desk); !strings.Contains(page, "Read") || strings.Contains(page, "Not read yet") {
		t.Errorf("after it was read the sender sees %q", page)
	}
}

func TestOnlyThoseWhomAMessageIsForMarkIt(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	desk := m.person("Dana", roles{m.youth: access.FrontDesk})
	sam := m.person("Sam", roles{m.youth: access.DirectService})
	ana := m.person("Ana", roles{m.youth: access.DirectService})
	other := m.person("Olu", roles{m.housing: access.DirectService, m.quiet: access.DirectService})
	if _, err := m.leave(desk, m.youth.String()+"."+sam.Staff.String(), "called at ten"); err != nil {
		t.Fatal(err)
	}
	id := m.waiting(sam)[0].ID.String()
	for _, as := range []string{"read", "unread", "archive"} {
		for who, c := range map[string]struct {
			actor access.Actor
			want  string
		}{"a colleague": {ana, "denied"}, "the sender": {desk, "hidden"}, "another program, though she reaches Léa": {other, "hidden"}} {
			if _, _, err := m.ask(c.actor, m.h.Mark(as), url.Values{}, "message", id); outcome(err) != c.want {
				t.Errorf("%s marks it as %s: %s, want %s", who, as, outcome(err), c.want)
			}
		}
	}
	for _, step := range []struct {
		as     string
		unread int
	}{{"read", 0}, {"read", 0}, {"unread", 1}, {"archive", 0}, {"unread", 1}} {
		if _, _, err := m.ask(sam, m.h.Mark(step.as), url.Values{}, "message", id); err != nil {
			t.Fatal(err)
		}
		if got := m.unread(sam); got != step.unread {
			t.Errorf("after %s %d wait, want %d", step.as, got, step.unread)
		}
	}
	if _, _, err := m.ask(sam, m.h.Mark("read"), url.Values{}, "message", tenancy.NewID().String()); outcome(err) != "not_found" {
		t.Errorf("a message that is not there: %s, want not_found", outcome(err))
	}
}

func TestWhomOneCanChooseSaysNothingOfOtherPrograms(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	desk := m.person("Dana", roles{m.youth: access.FrontDesk, m.housing: access.FrontDesk})
	sam := m.person("Sam Here", roles{m.youth: access.DirectService})
	m.person("Dave Desk", roles{m.youth: access.FrontDesk})
	harbour := m.person("Hana Harbour", roles{m.quiet: access.DirectService})
	m.person("Olu Housing", roles{m.housing: access.DirectService}) // Léa is not in Housing
	gone := m.person("Gia Gone", roles{m.youth: access.DirectService})
	m.update(func(tx *tenancy.Tx) error {
		return staff.Remove(t.Context(), tx, audit.By{Kind: audit.KindSystem}, gone.Staff, m.youth)
	})

	_, page, err := m.ask(desk, m.h.New, nil, "participant", m.lea.String())
	if err != nil {
		t.Fatal(err)
	}
	for word, want := range map[string]bool{"Sam Here": true, "Youth Hub": true, "Dave Desk": false, "Hana Harbour": false, "Safe Harbour": false,
		"Olu Housing": false, "Housing": false, "Gia Gone": false, "Dana": false} {
		if got := strings.Contains(page, word); got != want {
			t.Errorf("%q is offered: %v, want %v", word, got, want)
		}
	}
	for what, to := range map[string]string{
		"somebody of a confidential program": m.quiet.String() + "." + harbour.Staff.String(),
		"her, in the program that both know": m.youth.String() + "." + harbour.Staff.String(),
		"everybody in the confidential one":  m.quiet.String(),
		"somebody who has left":              m.youth.String() + "." + gone.Staff.String(),
		"the sender herself":                 m.youth.String() + "." + desk.Staff.String(),
		"nobody":                             "",
	} {
		if response, err := m.leave(desk, to, "hello"); err != nil || response.Status != 422 {
			t.Errorf("a message for %s: status %d, %v; want 422", what, response.Status, err)
		}
	}
	if got := m.unread(harbour) + m.unread(sam); got != 0 {
		t.Errorf("%d messages arrived, want none", got)
	}
}

// A message for somebody to whom the file is closed would be read by nobody.
func TestNobodyIsOfferedToWhomTheFileIsClosed(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	desk := m.person("Dana", roles{m.youth: access.FrontDesk})
	sam := m.person("Sam Here", roles{m.youth: access.DirectService})
	m.person("Ana Open", roles{m.youth: access.DirectService})
	max := m.person("Max Later", roles{m.youth: access.DirectService})
	closes := func(who uuid.UUID, from civil.Date) {
		m.update(func(tx *tenancy.Tx) error {
			_, err := tx.Exec(t.Context(), `INSERT INTO agency.directives (id, participant_id, kind, staff_id, from_on, asked_by, recorded_at, recorded_by)
				VALUES ($1, $2, 'file', $3, $4, 'participant', $5, $6)`,
				tenancy.NewID(), m.lea, who, from, noon, desk.Staff)
			return err
		})
	}
	closes(sam.Staff, today)
	closes(max.Staff, today.AddDays(3))

	_, page, err := m.ask(desk, m.h.New, nil, "participant", m.lea.String())
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{"Sam Here": false, "Ana Open": true, "Max Later": true} {
		if got := strings.Contains(page, name); got != want {
			t.Errorf("%s is offered: %v, want %v", name, got, want)
		}
	}
	if response, err := m.leave(desk, m.youth.String()+"."+sam.Staff.String(), "hello"); err != nil || response.Status != 422 {
		t.Errorf("a message for Sam: status %d, %v; want 422", response.Status, err)
	}
}

func TestWhoWorksWithHerIsOfferedFirst(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	m.person("Ana", roles{m.youth: access.DirectService})
	zoe := m.person("Zoe", roles{m.youth: access.DirectService})
	desk := m.person("Dana", roles{m.youth: access.FrontDesk})
	her := m.participant(zoe.Staff, m.youth)
	_, page, err := m.ask(desk, m.h.New, nil, "participant", her.String())
	if err != nil {
		t.Fatal(err)
	}
	if want := `value="` + m.youth.String() + "." + zoe.Staff.String() + `" selected`; !strings.Contains(page, want) {
		t.Errorf("%q is not chosen as the form opens", want)
	}
	if zoe, all, ana := strings.Index(page, "Zoe, who works"), strings.Index(page, "Everybody"), strings.Index(page, "Ana ("); zoe < 0 || zoe > all || all > ana {
		t.Errorf("order: Zoe %d, everybody %d, Ana %d", zoe, all, ana)
	}
}

func TestAMessageSentTwiceIsLeftOnce(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	desk := m.person("Dana", roles{m.youth: access.FrontDesk})
	dave := m.person("Dave", roles{m.youth: access.FrontDesk})
	sam := m.person("Sam", roles{m.youth: access.DirectService})
	id := tenancy.NewID().String()
	for range 2 {
		if _, err := m.leave(desk, m.youth.String(), "called at ten", "id", id); err != nil {
			t.Fatal(err)
		}
	}
	if got := m.unread(sam); got != 1 {
		t.Errorf("%d wait, want 1", got)
	}
	if _, err := m.leave(dave, m.youth.String(), "mine now", "id", id); outcome(err) != "conflict" {
		t.Errorf("a message with the id of another sender's: %s, want conflict", outcome(err))
	}
	if _, err := m.leave(desk, m.youth.String(), "and again at noon", "id", id); err != nil {
		t.Fatal(err)
	}
	if got := m.unread(sam); got != 2 {
		t.Errorf("%d wait after other words, want 2", got)
	}
}

func TestAClosedRecordTakesItsMessagesAlong(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	desk := m.person("Dana", roles{m.youth: access.FrontDesk})
	sam := m.person("Sam", roles{m.youth: access.DirectService})
	if _, err := m.leave(desk, m.youth.String(), "called at ten"); err != nil {
		t.Fatal(err)
	}
	id := m.waiting(sam)[0].ID
	m.cancel(m.lea, m.youth)
	if got := m.unread(sam); got != 0 || len(m.waiting(sam)) != 0 || strings.Contains(m.inbox(sam), "called at ten") {
		t.Errorf("%d wait about somebody whose record is closed, want none", got)
	}
	if _, _, err := m.ask(sam, m.h.Mark("read"), url.Values{}, "message", id.String()); outcome(err) != "hidden" {
		t.Errorf("marking it: %s, want hidden", outcome(err))
	}
}

func TestTheInboxGoesOnPageByPage(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	desk := m.person("Dana", roles{m.youth: access.FrontDesk})
	sam := m.person("Sam", roles{m.youth: access.DirectService})
	var all []Message
	for i := range 2*pageLength + 3 {
		all = append(all, Message{ID: tenancy.NewID(), Participant: m.lea, Program: m.youth, LeftBy: desk.Staff, Text: fmt.Sprintf("word%03d.", i), Urgent: i%7 == 0, CreatedAt: noon})
	}
	m.update(func(tx *tenancy.Tx) error { return BulkMessages(t.Context(), tx, all) })
	seen := map[string]int{}
	address, pages := url.Values{}, 0
	for ; pages < 10; pages++ {
		page := m.inboxAt(sam, address)
		for _, one := range all {
			seen[one.Text] += strings.Count(page, one.Text)
		}
		next := between(page, `rel="next" href="/messages?`, `"`)
		if next == "" {
			break
		}
		address, _ = url.ParseQuery(strings.ReplaceAll(next, "&amp;", "&"))
	}
	if pages != 2 {
		t.Errorf("%d pages more, want 2", pages)
	}
	for _, one := range all {
		if seen[one.Text] != 1 {
			t.Errorf("%s is shown %d times, want once", one.Text, seen[one.Text])
		}
	}
	if first := m.waiting(sam)[:7]; !first[6].Urgent || first[0].ID != all[42].ID {
		t.Errorf("the urgent ones are not first: %+v", first)
	}
}

func TestTheBadgeCountsNoFurtherThanItShows(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	desk := m.person("Dana", roles{m.youth: access.FrontDesk})
	sam := m.person("Sam", roles{m.youth: access.DirectService})
	all := make([]Message, 150)
	for i := range all {
		all[i] = Message{ID: tenancy.NewID(), Participant: m.lea, Program: m.youth, LeftBy: desk.Staff, Text: "x", CreatedAt: noon}
	}
	m.update(func(tx *tenancy.Tx) error { return BulkMessages(t.Context(), tx, all) })
	if got := m.unread(sam); got != 100 {
		t.Errorf("%d, want 100", got)
	}
}

func TestOtherStatementsRefuseToRewriteAMessage(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	for what, sql := range map[string]string{
		"the words of a message": `UPDATE agency.messages SET text_sealed = ''`, "whom it is for": `UPDATE agency.messages SET for_staff = NULL`,
		"a message": `DELETE FROM agency.messages`, "a contact": `UPDATE agency.contacts SET outcome = 'reached'`, "contacts": `DELETE FROM agency.contacts`,
	} {
		err := m.agency.Update(t.Context(), func(tx *tenancy.Tx) error { _, err := tx.Exec(t.Context(), sql); return err })
		if err == nil || !strings.Contains(err.Error(), "permission denied") {
			t.Errorf("%s can be changed: %v", what, err)
		}
	}
}

func between(text, from, to string) string {
	_, text, found := strings.Cut(text, from)
	if !found {
		return ""
	}
	text, _, _ = strings.Cut(text, to)
	return text
}
