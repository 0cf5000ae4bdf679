package event

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/civil"
	"konote/app/consent"
	"konote/app/fault"
	"konote/tenancy"
)

func TestAMeetingIsPlannedAndReminded(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	worker := m.worker("Sam Ouellet", map[uuid.UUID]access.Role{m.youth: access.DirectService})
	m.asked("email")
	response, err := m.meet(worker, nil)
	e := m.made(t, response, err)
	if e.Kind != Meeting || e.Location != "Room 4" || e.Minutes() != 45 || e.Status != Scheduled || e.Reminder != Waiting || len(e.Attendees) != 1 {
		t.Fatalf("got %+v", e)
	}
	if err := m.remind(e); err != nil {
		t.Fatal(err)
	}
	got := m.sink.Messages()
	if len(got) != 1 {
		t.Fatalf("got %d messages, want 1", len(got))
	}
	want := "Bonjour,\n\nVous avez un rendez-vous le jeu.\u00a012\u00a0févr.\u00a02026 à 14\u00a0h\u00a005.\n\n" +
		"Si ce moment ne vous convient pas, appelez-nous au numéro habituel.\n\nCe message est envoyé automatiquement. Personne ne lit les réponses.\n\n" +
		"Pour ne plus recevoir ces courriels, ouvrez cette adresse\u00a0:\n"
	text, stop, _ := strings.Cut(got[0].Text, "ouvrez cette adresse\u00a0:\n")
	text += "ouvrez cette adresse\u00a0:\n"
	// Defect D21 of the existing KoNote: the link to unsubscribe had no host.
	stop = strings.TrimSuffix(stop, "\n")
	if !strings.HasPrefix(stop, "https://"+m.agency.Host+"/reminders/") || !strings.HasSuffix(stop, "?lang=fr") ||
		got[0].Header.Get("List-Unsubscribe") != "<"+stop+">" || got[0].Header.Get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" {
		t.Errorf("the link to stop reminders: %q, headers %q", stop, got[0].Header)
	}
	if text != want || got[0].To[0] != "l@people.example" || got[0].Subject() != "Rappel d’un rendez-vous" {
		t.Errorf("got %q to %v: %q", got[0].Subject(), got[0].To, got[0].Text)
	}
	for _, telling := range []string{"Room 4", "Léa", "Tremblay", "Youth", "Sam", e.ID.String(), m.lea.String()} {
		for name, values := range got[0].Header {
			if strings.Contains(strings.Join(values, " "), telling) {
				t.Errorf("the header %s tells %q", name, telling)
			}
		}
		if strings.Contains(got[0].Text, telling) {
			t.Errorf("the message tells %q", telling)
		}
	}
	if after := m.load(e.ID); after.Reminder != Sent || !after.RemindedAt.Equal(noon) {
		t.Errorf("got %s at %s", after.Reminder, after.RemindedAt)
	}
}

func TestTheLinkInAReminderStopsTheNextOne(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	worker := m.worker("Sam Ouellet", map[uuid.UUID]access.Role{m.youth: access.DirectService})
	m.asked("email")
	response, err := m.meet(worker, nil)
	first := m.made(t, response, err)
	if err := m.remind(first); err != nil {
		t.Fatal(err)
	}
	link := strings.Trim(m.sink.Messages()[0].Header.Get("List-Unsubscribe"), "<>")
	token, _, _ := strings.Cut(link[strings.LastIndex(link, "/")+1:], "?")
	if response, err := (&consent.Handlers{}).Stop(m.request(access.Actor{}, "POST", link, url.Values{}, "token", token)); err != nil || response.Status != http.StatusOK {
		t.Fatalf("status %d, %v", response.Status, err)
	}
	response, err = m.meet(worker, func(v url.Values) { v.Set("happened_on", today.AddDays(5).String()) })
	second := m.made(t, response, err)
	if err := m.remind(second); err != nil {
		t.Fatal(err)
	}
	if got := m.load(second.ID).Reminder; got != NoConsent || len(m.sink.Messages()) != 1 {
		t.Errorf("got %s and %d messages, want no consent and the one from before", got, len(m.sink.Messages()))
	}
}

func TestAReminderInEnglishHasTwelveHours(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	worker := m.worker("Sam Ouellet", map[uuid.UUID]access.Role{m.youth: access.DirectService})
	m.asked("phone")
	m.exec(`UPDATE agency.participants SET language = 'en'`)
	response, err := m.meet(worker, nil)
	if err := m.remind(m.made(t, response, err)); err != nil {
		t.Fatal(err)
	}
	if got := m.sink.Messages(); len(got) != 1 || !strings.Contains(got[0].Text, "You have an appointment on Thu, Feb.\u00a012, 2026 at 2:05\u00a0p.m.") {
		t.Errorf("got %+v", got)
	}
}

func TestRemindingTwiceSendsOneMessage(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	worker := m.worker("Sam Ouellet", map[uuid.UUID]access.Role{m.youth: access.DirectService})
	m.asked("email")
	response, err := m.meet(worker, nil)
	e := m.made(t, response, err)
	var runs sync.WaitGroup
	for range 4 {
		runs.Go(func() {
			if err := m.remind(e); err != nil && !errors.Is(err, errClaimed) {
				t.Errorf("remind: %v", err)
			}
		})
	}
	runs.Wait()
	if err := m.remind(e); err != nil {
		t.Error(err)
	}
	if got := len(m.sink.Messages()); got != 1 {
		t.Errorf("got %d messages, want 1", got)
	}
}

func TestARunThatDiedIsTakenUpLaterWithTheSameMessage(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	worker := m.worker("Sam Ouellet", map[uuid.UUID]access.Role{m.youth: access.DirectService})
	m.asked("email")
	response, err := m.meet(worker, nil)
	e := m.made(t, response, err)
	// It sent and could not say so.
	m.update(func(tx *tenancy.Tx) error {
		message, err := m.workers.prepare(t.Context(), tx, remindArgs{Meeting: e.ID, Starts: e.StartsAt})
		if err != nil {
			return err
		}
		return m.workers.mail.Send(t.Context(), *message)
	})
	if err := m.remind(e); !errors.Is(err, errClaimed) {
		t.Errorf("at once: got %v, want errClaimed", err)
	}
	m.at(noon.Add(claimFor + time.Minute))
	if err := m.remind(e); err != nil {
		t.Fatal(err)
	}
	got := m.sink.Messages()
	if len(got) != 2 || got[0].Header.Get("Message-Id") != got[1].Header.Get("Message-Id") || m.load(e.ID).Reminder != Sent {
		t.Errorf("got %d messages, %s", len(got), m.load(e.ID).Reminder)
	}
}

func TestWhenNothingIsSent(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		before func(*world, Entry)
		want   Reminder
		words  string // on the page
	}{
		{"she said no", func(m *world, _ Entry) {
			m.consent(consent.Event{Purpose: consent.Email, Kind: consent.Refused, HappenedOn: today})
		}, NoConsent, "no consent to e-mail"},
		{"she took it back", func(m *world, _ Entry) {
			m.consent(consent.Event{Purpose: consent.Email, Kind: consent.Withdrawn, HappenedOn: today})
		}, NoConsent, "no consent to e-mail"},
		// Defect D21 of the existing KoNote: implied consent never lapsed.
		{"it was implied, two years ago", func(m *world, _ Entry) {
			m.consent(consent.Event{Purpose: consent.Email, Kind: consent.Given, Basis: consent.Implied, HappenedOn: civil.Date{Year: 2024, Month: time.February, Day: 10}})
		}, NoConsent, "no consent to e-mail"},
		{"it counted up to yesterday", func(m *world, _ Entry) {
			m.consent(consent.Event{Purpose: consent.Email, Kind: consent.Given, Basis: consent.Express, HappenedOn: today, ExpiresOn: today.AddDays(-1)})
		}, NoConsent, "no consent to e-mail"},
		{"she withdrew her consent to the service", func(m *world, _ Entry) {
			m.consent(consent.Event{Purpose: consent.Service, Kind: consent.Withdrawn, HappenedOn: today})
		}, NoConsent, "no consent to e-mail"},
		{"she wants no contact", func(m *world, _ Entry) { m.asked("none") }, Blocked, "they want no contact"},
		{"there is no address", func(m *world, _ Entry) { m.exec(`UPDATE agency.participants SET email_sealed = NULL`) }, NoContact, "no e-mail address"},
		{"the meeting is cancelled", func(m *world, e Entry) { m.exec(`UPDATE agency.events SET status = 'cancelled' WHERE id = $1`, e.ID) }, Waiting, ""},
		{"it was moved", func(m *world, e Entry) {
			m.exec(`UPDATE agency.events SET starts_at = starts_at + interval '1 hour', ends_at = ends_at + interval '1 hour' WHERE id = $1`, e.ID)
		}, Waiting, ""},
		{"it has begun", func(m *world, _ Entry) { m.at(noon.AddDate(0, 0, 3)) }, Failed, "the meeting began first"},
		{"there is no mail server", func(m *world, _ Entry) { m.workers.mail = m.sender("") }, Failed, "not set up"},
		{"the address is refused", func(m *world, _ Entry) { m.sink.Refuse(550) }, Failed, "does not accept the e-mail address"},
		{"the server does not answer now", func(m *world, _ Entry) { m.sink.Refuse(451) }, Waiting, "We will try again by ourselves"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			m := newWorld(t)
			worker := m.worker("Sam Ouellet", map[uuid.UUID]access.Role{m.youth: access.DirectService})
			m.asked("email")
			response, err := m.meet(worker, nil)
			e := m.made(t, response, err)
			test.before(m, e)
			if err := m.remind(e); err != nil {
				t.Fatal(err)
			}
			if got := len(m.sink.Messages()); got != 0 {
				t.Errorf("%d messages were sent", got)
			}
			after := m.load(e.ID)
			if after.Reminder != test.want {
				t.Errorf("got %s (%s), want %s", after.Reminder, after.Problem, test.want)
			}
			page, err := m.page(worker, after)
			if err != nil || !strings.Contains(page, test.words) {
				t.Errorf("the page lacks %q (%v)", test.words, err)
			}
		})
	}
}

func TestAReminderThatFailedIsTriedAgainByHand(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	worker := m.worker("Sam Ouellet", map[uuid.UUID]access.Role{m.youth: access.DirectService})
	manager := m.worker("Kim Roy", map[uuid.UUID]access.Role{m.youth: access.ProgramManager})
	response, err := m.meet(worker, nil) // nobody has asked her
	e := m.made(t, response, err)
	if err := m.remind(e); err != nil {
		t.Fatal(err)
	}
	m.asked("email")
	again := func(by access.Actor) error {
		_, err := m.handlers.Retry(m.request(by, "POST", "/", nil, "meeting", e.ID.String()))
		return err
	}
	if err := again(manager); fault.KindOf(err) != fault.Denied {
		t.Errorf("a manager, who does not edit meetings: got %v, want denied", err)
	}
	if err := again(worker); err != nil {
		t.Fatal(err)
	}
	if err := m.remind(e); err != nil || len(m.sink.Messages()) != 1 || m.load(e.ID).Reminder != Sent {
		t.Errorf("got %v, %d messages, %s", err, len(m.sink.Messages()), m.load(e.ID).Reminder)
	}
	// A message that was sent is not sent again because somebody presses the button.
	if err := again(worker); err != nil {
		t.Fatal(err)
	}
	if err := m.remind(e); err != nil || len(m.sink.Messages()) != 1 {
		t.Errorf("got %v, %d messages", err, len(m.sink.Messages()))
	}
}

func TestAnAgencyThatIsClosedRemindsNobody(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	worker := m.worker("Sam Ouellet", map[uuid.UUID]access.Role{m.youth: access.DirectService})
	m.asked("email")
	response, err := m.meet(worker, nil)
	e := m.made(t, response, err)
	closed := *m.agency
	closed.Status = tenancy.Suspended
	if err := m.workers.remind(t.Context(), &closed, remindArgs{Meeting: e.ID, Starts: e.StartsAt}); !errors.Is(err, tenancy.ErrClosed) || len(m.sink.Messages()) != 0 {
		t.Errorf("got %v and %d messages", err, len(m.sink.Messages()))
	}
}

func TestAMeetingThatMovesHasAnotherReminder(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	worker := m.worker("Sam Ouellet", map[uuid.UUID]access.Role{m.youth: access.DirectService})
	m.asked("email")
	response, err := m.meet(worker, nil)
	e := m.made(t, response, err)
	if err := m.remind(e); err != nil {
		t.Fatal(err)
	}
	form := url.Values{"version": {"1"}, "happened_on": {today.AddDays(3).String()}, "starts": {"10:00"}, "length": {"45"}, "location": {"Room 4"}, "attendees": {worker.Staff.String()}}
	if _, err := m.handlers.UpdateMeeting(m.request(worker, "POST", "/", form, "meeting", e.ID.String())); err != nil {
		t.Fatal(err)
	}
	moved := m.load(e.ID)
	if moved.Reminder != Waiting || !moved.RemindedAt.IsZero() {
		t.Errorf("got %s, %s", moved.Reminder, moved.RemindedAt)
	}
	for _, starts := range []Entry{e, moved} { // the old job finds nothing to do
		if err := m.remind(starts); err != nil {
			t.Fatal(err)
		}
	}
	if got := m.sink.Messages(); len(got) != 2 || !strings.Contains(got[0].Text, "10\u00a0h") || got[0].Header.Get("Message-Id") == got[1].Header.Get("Message-Id") {
		t.Errorf("got %d messages", len(got))
	}
}

func TestOnlyWhoHasARoleInTheProgramAttends(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	worker := m.worker("Sam Ouellet", map[uuid.UUID]access.Role{m.youth: access.DirectService})
	colleague := m.worker("Kim Roy", map[uuid.UUID]access.Role{m.youth: access.ProgramManager})
	stranger := m.worker("Jo Martin", map[uuid.UUID]access.Role{m.housing: access.DirectService})
	response, err := m.handlers.NewMeeting(m.request(worker, "GET", "/", nil, "participant", m.lea.String()))
	if err != nil {
		t.Fatal(err)
	}
	if page := m.text(response); !strings.Contains(page, "Kim Roy") || strings.Contains(page, "Jo Martin") || strings.Contains(page, "Housing") {
		t.Error("the form does not offer the program's own team alone")
	}
	response, err = m.meet(worker, func(v url.Values) {
		v["attendees"] = []string{colleague.Staff.String(), stranger.Staff.String(), uuid.NewString()}
	})
	if e := m.made(t, response, err); len(e.Attendees) != 1 || e.Attendees[0] != colleague.Staff {
		t.Errorf("got %v, want the colleague alone", e.Attendees)
	}
	response, err = m.meet(worker, func(v url.Values) { v["attendees"] = []string{stranger.Staff.String()} })
	if err != nil || response.Status != http.StatusUnprocessableEntity || !strings.Contains(m.text(response), "Room 4") {
		t.Errorf("nobody attends: status %d, %v", response.Status, err)
	}
}

func TestAStatusIsSetInPlace(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	worker := m.worker("Sam Ouellet", map[uuid.UUID]access.Role{m.youth: access.DirectService})
	response, err := m.meet(worker, nil)
	e := m.made(t, response, err)
	set := func(by access.Actor, to Status, version string) error {
		form := url.Values{"status": {string(to)}, "version": {version}, "back": {"/meetings"}}
		response, err := m.handlers.SetStatus(m.request(by, "POST", "/", form, "meeting", e.ID.String()))
		if err == nil && response.To.String() != "/meetings" {
			t.Errorf("leads to %s", response.To)
		}
		return err
	}
	if err := set(worker, Cancelled, "1"); err != nil || m.load(e.ID).Status != Cancelled || m.load(e.ID).Reminder != "" {
		t.Errorf("got %v, %s, %s", err, m.load(e.ID).Status, m.load(e.ID).Reminder)
	}
	if err := set(worker, NoShow, "1"); fault.KindOf(err) != fault.Conflict || m.load(e.ID).Status != Cancelled {
		t.Errorf("from an older page: got %v, want a conflict", err)
	}
	if err := set(worker, "sideways", "2"); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a status that there is not: got %v", err)
	}
	if err := set(worker, Scheduled, "2"); err != nil || m.load(e.ID).Reminder != Waiting {
		t.Errorf("planned again: got %v, %s", err, m.load(e.ID).Reminder)
	}
	if err := set(m.worker("Kim Roy", map[uuid.UUID]access.Role{m.housing: access.DirectService}), Completed, "3"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("from another program: got %v, want not found", err)
	}
}

func TestAWeekHasOnesOwnMeetings(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	worker := m.worker("Sam Ouellet", map[uuid.UUID]access.Role{m.youth: access.DirectService})
	colleague := m.worker("Kim Roy", map[uuid.UUID]access.Role{m.youth: access.DirectService})
	for _, by := range []access.Actor{worker, colleague} {
		if response, err := m.meet(by, func(v url.Values) { v.Set("title", "Of "+by.Staff.String()) }); err != nil || response.Status != http.StatusSeeOther {
			t.Fatal(response.Status, err)
		}
	}
	week := func(by access.Actor, of string) string {
		response, err := m.handlers.Week(m.request(by, "GET", "/meetings"+of, nil))
		if err != nil {
			t.Fatal(err)
		}
		return m.text(response)
	}
	page := week(worker, "")
	if !strings.Contains(page, "Of "+worker.Staff.String()) || strings.Contains(page, "Of "+colleague.Staff.String()) || !strings.Contains(page, "Léa Tremblay") || !strings.Contains(page, "Week of Feb.\u00a09, 2026") {
		t.Errorf("not her own week: %s", page)
	}
	if strings.Contains(week(worker, "?week=2026-02-16"), "Léa") {
		t.Error("the week after has the meeting too")
	}
	left := worker
	left.Roles = map[uuid.UUID]access.Role{m.housing: access.DirectService}
	if strings.Contains(week(left, ""), "Léa") {
		t.Error("who has left the program still reads its meetings")
	}
}

// After consent was withdrawn a meeting that was planned can be called off, and nothing else.
func TestAMeetingIsCalledOffAfterAWithdrawal(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	worker := m.worker("Sam Ouellet", map[uuid.UUID]access.Role{m.youth: access.DirectService})
	desk := m.worker("Kim Roy", map[uuid.UUID]access.Role{m.youth: access.FrontDesk})
	response, err := m.meet(worker, nil)
	e := m.made(t, response, err)
	m.consent(consent.Event{Purpose: consent.Service, Kind: consent.Withdrawn, HappenedOn: today})

	page, err := m.page(worker, m.load(e.ID))
	if err != nil || !strings.Contains(page, `value="cancelled"`) || strings.Contains(page, `value="completed"`) || strings.Contains(page, "/edit") {
		t.Errorf("the page offers more or less than calling off (%v)", err)
	}
	set := func(by access.Actor, to Status) error {
		_, err := m.handlers.SetStatus(m.request(by, "POST", "/", url.Values{"status": {string(to)}, "version": {"1"}}, "meeting", e.ID.String()))
		return err
	}
	for _, to := range []Status{Completed, NoShow} {
		if err := set(worker, to); fault.KindOf(err) != fault.Denied {
			t.Errorf("%s: got %v", to, err)
		}
	}
	if err := set(desk, Cancelled); err == nil {
		t.Error("the front desk calls a meeting off")
	}
	if _, err := m.meet(worker, nil); fault.KindOf(err) != fault.Denied {
		t.Errorf("another meeting: got %v", err)
	}
	if _, err := m.write(worker, nil); fault.KindOf(err) != fault.Denied {
		t.Errorf("an event: got %v", err)
	}
	if err := set(worker, Cancelled); err != nil || m.load(e.ID).Status != Cancelled {
		t.Errorf("calling it off: %v, %s", err, m.load(e.ID).Status)
	}
}
