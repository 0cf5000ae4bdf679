package event

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/fault"
	"konote/app/staff"
	"konote/jobs"
	"konote/tenancy"
	"konote/tenancy/tenancytest"
)

func (m *world) admin(name string) access.Actor {
	m.t.Helper()
	actor := access.Actor{Admin: true}
	m.update(func(tx *tenancy.Tx) (err error) {
		actor.Staff, err = staff.Insert(m.t.Context(), tx, audit.By{Kind: audit.KindSystem},
			staff.New{DisplayName: name, Username: "s" + uuid.NewString(), Email: strings.ToLower(name[:3]) + "@staff.example", Admin: true, Language: "fr"})
		return err
	})
	return actor
}

func (m *world) flag(by access.Actor, e Entry, category uuid.UUID) (int, error) {
	m.t.Helper()
	response, err := m.handlers.Flag(m.request(by, "POST", "/", url.Values{"serious": {category.String()}}, "event", e.ID.String()))
	return response.Status, err
}

// The whole way, with River and SMTP: a flag is set, and those who are responsible are
// told, and a meeting within 36 hours is reminded of at once.
func TestJobsGoTheWholeWay(t *testing.T) {
	t.Parallel()
	m := worldOn(t, tenancytest.NewAlone)
	registry := jobs.NewRegistry(m.Platform, slog.New(slog.DiscardHandler))
	AddJobs(registry, m.workers.mail, m.workers.url)
	client, err := jobs.NewClient(t.Context(), map[string]string{tenancy.MainShard: m.URL("konote_app")}, registry)
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := client.Stop(ctx); err != nil {
			t.Errorf("stop the jobs: %v", err)
		}
	})
	m.asked("email")
	worker := m.worker("Sam Ouellet", map[uuid.UUID]access.Role{m.youth: access.DirectService})
	m.worker("Kim Roy", map[uuid.UUID]access.Role{m.youth: access.ProgramManager})
	m.worker("Ex Ecutive", map[uuid.UUID]access.Role{m.youth: access.Executive})
	m.worker("Jo Martin", map[uuid.UUID]access.Role{m.housing: access.ProgramManager})
	m.admin("Priya Raman")

	worst := m.category(t, 1)
	if response, err := m.write(worker, func(v url.Values) { v.Set("serious", worst.ID.String()) }); err != nil || response.Status != http.StatusSeeOther {
		t.Fatal(response.Status, err)
	}
	response, err := m.meet(worker, func(v url.Values) { v.Set("happened_on", today.AddDays(1).String()) })
	meeting := m.made(t, response, err)

	deadline := time.Now().Add(time.Minute)
	for len(m.sink.Messages()) < 3 || m.load(meeting.ID).Reminder != Sent {
		if time.Now().After(deadline) {
			t.Fatalf("got %d messages, want 3; the reminder is %s", len(m.sink.Messages()), m.load(meeting.ID).Reminder)
		}
		time.Sleep(20 * time.Millisecond)
	}
	notices := 0
	for _, got := range m.sink.Messages() {
		if strings.HasSuffix(got.To[0], "@people.example") {
			continue
		}
		notices++
		if got.Header.Get("Importance") != "high" || !strings.HasPrefix(got.Subject(), "Urgent") || !strings.Contains(got.Text, "https://"+m.agency.Host) {
			t.Errorf("not urgent, or without the address: %q %q", got.Subject(), got.Text)
		}
		for _, telling := range []string{"Léa", "Tremblay", "apartment", "balcony", worst.NameEN, worst.NameFR, "Youth", "Sam"} {
			if strings.Contains(got.Text, telling) || strings.Contains(got.Subject(), telling) {
				t.Errorf("the message to %v tells %q", got.To, telling)
			}
		}
	}
	if notices != 2 {
		t.Errorf("%d people were told, want the manager and the administrator", notices)
	}
}

func TestTellingTwiceSendsOneMessageAndAFlagTakenBackNone(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	worker := m.worker("Sam Ouellet", map[uuid.UUID]access.Role{m.youth: access.DirectService})
	manager := m.worker("Kim Roy", map[uuid.UUID]access.Role{m.youth: access.ProgramManager})
	admin := m.admin("Priya Raman")
	response, err := m.write(worker, nil)
	e := m.made(t, response, err)
	if status, err := m.flag(worker, e, m.category(t, 3).ID); err != nil || status != http.StatusSeeOther {
		t.Fatal(status, err)
	}
	e = m.load(e.ID)
	tell := func(to access.Actor) {
		t.Helper()
		args := tellArgs{Event: e.ID, Program: e.Program, Staff: to.Staff, Flagged: e.FlaggedAt}
		if err := m.workers.tell(t.Context(), m.agency, args); err != nil {
			t.Fatal(err)
		}
	}
	tell(manager)
	tell(manager)
	if got := m.sink.Messages(); len(got) != 1 || got[0].Header.Get("Importance") != "" || got[0].Subject() != "A serious event was recorded" {
		t.Fatalf("got %d messages", len(got))
	}
	if page, err := m.page(worker, m.load(e.ID)); err != nil || !strings.Contains(page, "1 person was told by e-mail.") {
		t.Errorf("the page does not say that somebody was told (%v)", err)
	}
	tell(m.worker("Jo Martin", map[uuid.UUID]access.Role{m.housing: access.ProgramManager})) // is not responsible
	m.exec(`UPDATE agency.program_roles SET status = 'removed', removed_at = now() WHERE staff_id = $1`, manager.Staff)
	m.exec(`UPDATE agency.events SET told = '{}'`)
	tell(manager) // is not responsible any more
	m.unflag(t, admin, e, "By mistake.")
	tell(admin)
	if got := len(m.sink.Messages()); got != 1 {
		t.Errorf("got %d messages, want 1", got)
	}
}

// Word of a serious event does not reach whom the participant has shut out: not with her
// file, her events or this one event, and neither by name, by role nor by program.
func TestNobodyIsToldOfAnEventThatIsClosedToHer(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	worker := m.worker("Sam Ouellet", map[uuid.UUID]access.Role{m.youth: access.DirectService})
	manager := m.worker("Kim Roy", map[uuid.UUID]access.Role{m.youth: access.ProgramManager})
	admin := m.admin("Priya Raman")
	response, err := m.write(worker, nil)
	e := m.made(t, response, err)
	if status, err := m.flag(worker, e, m.category(t, 3).ID); err != nil || status != http.StatusSeeOther {
		t.Fatal(status, err)
	}
	e = m.load(e.ID)
	told := func(to access.Actor) int {
		t.Helper()
		before := len(m.sink.Messages())
		if err := m.workers.tell(t.Context(), m.agency, tellArgs{Event: e.ID, Program: e.Program, Staff: to.Staff, Flagged: e.FlaggedAt}); err != nil {
			t.Fatal(err)
		}
		m.exec(`UPDATE agency.events SET told = '{}'`)
		return len(m.sink.Messages()) - before
	}
	for _, test := range []struct {
		what, kind, whom, from string
		to                     any
		item                   any
		reader                 access.Actor
		want                   int
	}{
		{"the file, to her", "file", "staff_id", "2000-01-01", manager.Staff, nil, manager, 0},
		{"her events, to her", "events", "staff_id", "2000-01-01", manager.Staff, nil, manager, 0},
		{"this event, to her", "events", "staff_id", "2000-01-01", manager.Staff, e.ID, manager, 0},
		{"the file, to managers", "file", "role", "2000-01-01", "program_manager", nil, manager, 0},
		{"the file, to the program", "file", "program_id", "2000-01-01", m.youth, nil, manager, 0},
		{"the file, to the administrator", "file", "staff_id", "2000-01-01", admin.Staff, nil, admin, 0},
		{"the file, to somebody else", "file", "staff_id", "2000-01-01", worker.Staff, nil, manager, 1},
		{"another event", "events", "staff_id", "2000-01-01", manager.Staff, tenancy.NewID(), manager, 1},
		{"her notes", "notes", "staff_id", "2000-01-01", manager.Staff, nil, manager, 1},
		{"the file, from a later day", "file", "staff_id", "2999-01-01", manager.Staff, nil, manager, 1},
	} {
		id := tenancy.NewID()
		m.exec(`INSERT INTO agency.directives (id, participant_id, kind, item_id, `+test.whom+`, from_on, asked_by, recorded_by)
			VALUES ($1, $2, $3, $4, $5, $6, 'participant', $7)`, id, e.Participant, test.kind, test.item, test.to, test.from, worker.Staff)
		if got := told(test.reader); got != test.want {
			t.Errorf("%s is closed: %d messages, want %d", test.what, got, test.want)
		}
		m.exec(`UPDATE agency.directives SET lifted_at = now(), lifted_by = $2 WHERE id = $1`, id, worker.Staff)
		if got := told(test.reader); got != 1 {
			t.Errorf("%s, lifted: %d messages, want 1", test.what, got)
		}
	}
	m.exec(`UPDATE agency.staff SET status = 'deactivated' WHERE id = $1`, manager.Staff)
	if got := told(manager); got != 0 {
		t.Errorf("an account that is closed gets %d messages", got)
	}
}

func (m *world) unflag(t *testing.T, by access.Actor, e Entry, reason string) {
	t.Helper()
	response, err := m.handlers.Unflag(m.request(by, "POST", "/", url.Values{"reason": {reason}}, "event", e.ID.String()))
	if err != nil || response.Status != http.StatusSeeOther {
		t.Fatalf("status %d, %v", response.Status, err)
	}
}

func TestAnAdministratorTakesAFlagBackAndSeesNothingOfThePerson(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	worker := m.worker("Sam Ouellet", map[uuid.UUID]access.Role{m.youth: access.DirectService})
	admin := m.admin("Priya Raman")
	response, err := m.write(worker, nil)
	e := m.made(t, response, err)
	if status, err := m.flag(worker, e, uuid.New()); err != nil || status != http.StatusUnprocessableEntity {
		t.Errorf("a category that there is not: status %d, %v", status, err)
	}
	if status, err := m.flag(worker, e, m.category(t, 2).ID); err != nil || status != http.StatusSeeOther {
		t.Fatal(status, err)
	}
	var pages []string
	for _, show := range []func() (string, error){
		func() (string, error) {
			response, err := m.handlers.Flags(m.request(admin, "GET", "/", nil))
			return m.text(response), err
		},
		func() (string, error) {
			response, err := m.handlers.UnflagForm(m.request(admin, "GET", "/", nil, "event", e.ID.String()))
			return m.text(response), err
		},
		func() (string, error) {
			response, err := m.handlers.Unflag(m.request(admin, "POST", "/", nil, "event", e.ID.String()))
			if response.Status != http.StatusUnprocessableEntity {
				t.Errorf("without a reason: status %d", response.Status)
			}
			return m.text(response), err
		},
	} {
		page, err := show()
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, page)
	}
	for i, page := range pages {
		for _, want := range []string{e.ID.String(), m.category(t, 2).NameEN, "Youth Hub", "Sam Ouellet"} {
			if !strings.Contains(page, want) {
				t.Errorf("page %d lacks %q", i, want)
			}
		}
		for _, telling := range []string{"Léa", "Tremblay", "apartment", "balcony", m.lea.String()} {
			if strings.Contains(page, telling) {
				t.Errorf("page %d tells an administrator %q", i, telling)
			}
		}
	}
	if _, err := m.page(admin, e); fault.KindOf(err) != fault.NotFound {
		t.Errorf("the event itself: got %v, want not found", err)
	}
	m.unflag(t, admin, e, "It was a drill.")
	if _, err := m.handlers.UnflagForm(m.request(admin, "GET", "/", nil, "event", e.ID.String())); fault.KindOf(err) != fault.NotFound {
		t.Errorf("taken back twice: got %v", err)
	}
	after := m.load(e.ID)
	page, err := m.page(worker, after)
	if err != nil || after.IsSerious() || !strings.Contains(page, "It was a drill.") || !strings.Contains(page, "Priya Raman took the flag back") {
		t.Errorf("the event does not say that the flag was taken back (%v)", err)
	}
	// It can be flagged again, and only once at a time.
	for range 2 {
		if status, err := m.flag(worker, after, m.category(t, 1).ID); err != nil || status != http.StatusSeeOther {
			t.Errorf("flagged again: %d, %v", status, err)
		}
	}
	if again := m.load(e.ID); !again.IsSerious() || again.Serious != m.category(t, 1).ID || again.UnflagReason != "" {
		t.Errorf("got %+v", again)
	}
}

func TestTheReportShowsManagersTheirEventsAndExecutivesNumbers(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	youth := m.worker("Sam Ouellet", map[uuid.UUID]access.Role{m.youth: access.DirectService})
	housing := m.worker("Kim Roy", map[uuid.UUID]access.Role{m.housing: access.DirectService})
	for i, by := range []access.Actor{youth, housing} {
		response, err := m.write(by, func(v url.Values) { v.Set("serious", m.category(t, i+1).ID.String()) })
		m.made(t, response, err)
	}
	report := func(roles map[uuid.UUID]access.Role, query string) string {
		t.Helper()
		response, err := m.handlers.Report(m.request(m.worker("Jo Martin", roles), "GET", "/serious-events"+query, nil))
		if err != nil {
			t.Fatal(err)
		}
		return m.text(response)
	}
	both := map[uuid.UUID]access.Role{m.youth: access.Executive, m.housing: access.Executive}
	page := report(both, "")
	if !strings.Contains(page, "2 serious events") || strings.Contains(page, "Léa") || strings.Contains(page, "/events/") || strings.Contains(page, "Youth Hub") {
		t.Errorf("an executive does not see numbers alone: %s", page)
	}
	page = report(map[uuid.UUID]access.Role{m.youth: access.ProgramManager}, "")
	if !strings.Contains(page, "1 serious event ") || !strings.Contains(page, "Léa Tremblay") || strings.Contains(page, "Housing") {
		t.Errorf("a manager does not see her own program alone: %s", page)
	}
	page = report(map[uuid.UUID]access.Role{m.youth: access.ProgramManager, m.housing: access.Executive}, "")
	if !strings.Contains(page, "2 serious events") || strings.Count(page, "/events/") != 1 {
		t.Errorf("a manager here, an executive there: %s", page)
	}
	for query, want := range map[string]string{
		"?severity=1": "1 serious event ", "?severity=3": "0 serious events", "?category=" + m.category(t, 2).ID.String(): "1 serious event ",
		"?from=2026-02-11&to=2026-03-01": "0 serious events", "?from=2026-02-10&to=2026-02-10": "2 serious events", "?from=x&severity=9&category=y": "2 serious events",
	} {
		if page := report(both, query); !strings.Contains(page, want) {
			t.Errorf("%s: the page lacks %q", query, want)
		}
	}
}
