package message

import (
	"net/url"
	"strings"
	"testing"

	"konote/app/access"
	"konote/app/civil"
	"konote/app/timeline"
	"konote/keyring"
	"konote/tenancy"
)

func TestWhatAContactNeeds(t *testing.T) {
	t.Parallel()
	good := Contact{Program: tenancy.NewID(), Direction: Out, Channel: Phone, Outcome: Reached, Text: "moving date", HappenedOn: today}
	for _, c := range []struct {
		what   string
		change func(*Contact)
		wrong  string // field, "" for none
	}{
		{"words are enough", func(*Contact) {}, ""},
		{"a subject is enough", func(c *Contact) { c.Text, c.Subject = "", "moving date" }, ""},
		{"nothing at all", func(c *Contact) { c.Text = "" }, "text"},
		{"no answer needs no words", func(c *Contact) { c.Text, c.Outcome = "", NoAnswer }, ""},
		{"a message that was left has words", func(c *Contact) { c.Text, c.Outcome = "", LeftMessage }, "text"},
		{"no channel", func(c *Contact) { c.Channel = "pigeon" }, "channel"},
		{"no direction", func(c *Contact) { c.Direction = "" }, "direction"},
		{"no outcome", func(c *Contact) { c.Outcome = "" }, "outcome"},
		{"tomorrow", func(c *Contact) { c.HappenedOn = today.AddDays(1) }, "happened_on"},
		{"last month", func(c *Contact) { c.HappenedOn = today.AddDays(-30) }, ""},
		{"the year 26", func(c *Contact) { c.HappenedOn.Year = 26 }, "happened_on"},
		{"no day", func(c *Contact) { c.HappenedOn = civil.Date{} }, "happened_on"},
		{"too many words", func(c *Contact) { c.Text = strings.Repeat("é", maxText+1) }, "text"},
	} {
		contact := good
		c.change(&contact)
		problems := contact.check(today)
		if c.wrong == "" && problems.Any() || c.wrong != "" && problems.Of(c.wrong) == nil {
			t.Errorf("%s: %v, want a problem with %q", c.what, problems, c.wrong)
		}
	}
}

func (m *world) logContact(by access.Actor, change map[string]string) (int, error) {
	m.t.Helper()
	form := url.Values{"channel": {"text"}, "direction": {"in"}, "outcome": {"reached"}, "text": {"asked for the address"}, "happened_on": {"2026-02-08"}}
	for name, value := range change {
		form.Set(name, value)
	}
	response, _, err := m.ask(by, m.h.CreateContact, form, "participant", m.lea.String())
	return response.Status, err
}

// contacts are what the actor reads about Léa.
func (m *world) contacts(by access.Actor) (entries []Entry) {
	m.t.Helper()
	m.update(func(tx *tenancy.Tx) (err error) {
		var page Page
		b := tx.Batch()
		QueueTimeline(b, m.lea, by.Programs(access.CommunicationView), by.Withheld(access.CommunicationView), timeline.Place{}, 100, &page)
		if err = b.Send(m.t.Context()); err != nil {
			return err
		}
		entries, _, err = page.Open(tx.Box())
		return err
	})
	return entries
}

func TestAContactIsLoggedAndReadInItsProgram(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	sam := m.person("Sam", roles{m.youth: access.DirectService})
	boss := m.person("Max", roles{m.youth: access.ProgramManager})
	harbour := m.person("Hana", roles{m.quiet: access.DirectService})
	desk := m.person("Dana", roles{m.youth: access.FrontDesk})
	if status, err := m.logContact(sam, nil); err != nil || status != 303 {
		t.Fatalf("status %d, %v", status, err)
	}
	if status, err := m.logContact(sam, map[string]string{"text": ""}); err != nil || status != 422 {
		t.Errorf("an empty one: status %d, %v; want 422", status, err)
	}
	if _, err := m.logContact(desk, nil); outcome(err) != "denied" {
		t.Errorf("the front desk logs one: %s, want denied", outcome(err))
	}
	if status, err := m.logContact(harbour, map[string]string{"program": m.youth.String()}); err != nil || status != 303 {
		t.Fatalf("status %d, %v", status, err)
	}
	for who, c := range map[string]struct {
		actor access.Actor
		want  int
	}{"its author": {sam, 1}, "her manager": {boss, 1}, "front desk": {desk, 0}, "the confidential program": {harbour, 1}} {
		entries := m.contacts(c.actor)
		if len(entries) != c.want {
			t.Errorf("%s reads %d contacts, want %d", who, len(entries), c.want)
		}
		for _, e := range entries {
			if !c.actor.Sees(e.Program) || e.Text != "asked for the address" {
				t.Errorf("%s reads %+v", who, e)
			}
		}
	}
	page := m.section(sam, Contacts)
	for _, word := range []string{"asked for the address", "Text message (received)", "Sam · Youth Hub", "written Tue", "Feb.\u00a08, 2026"} {
		if !strings.Contains(page, word) {
			t.Errorf("%q is not on the page: %s", word, page)
		}
	}
}

func TestAContactSentTwiceIsOne(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	sam := m.person("Sam", roles{m.youth: access.DirectService})
	ana := m.person("Ana", roles{m.youth: access.DirectService})
	id := tenancy.NewID().String()
	for range 2 {
		if _, err := m.logContact(sam, map[string]string{"id": id}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := m.logContact(ana, map[string]string{"id": id}); outcome(err) != "conflict" {
		t.Errorf("with the id of a colleague's: %s, want conflict", outcome(err))
	}
	if _, err := m.logContact(sam, map[string]string{"id": id, "text": "and the key"}); err != nil {
		t.Fatal(err)
	}
	if got := len(m.contacts(sam)); got != 2 {
		t.Errorf("%d contacts, want 2", got)
	}
}

func TestNoWordOfAContactOrMessageLiesOpen(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	sam := m.person("Sam", roles{m.youth: access.DirectService})
	desk := m.person("Dana", roles{m.youth: access.FrontDesk})
	if _, err := m.logContact(sam, map[string]string{"subject": "lease"}); err != nil {
		t.Fatal(err)
	}
	if _, err := m.leave(desk, m.youth.String(), "called at ten"); err != nil {
		t.Fatal(err)
	}
	m.update(func(tx *tenancy.Tx) error {
		var subject, text, left keyring.Sealed
		if err := tx.QueryRow(t.Context(), `SELECT subject_sealed, text_sealed FROM agency.contacts`).Scan(&subject, &text); err != nil {
			return err
		}
		if err := tx.QueryRow(t.Context(), `SELECT text_sealed FROM agency.messages`).Scan(&left); err != nil {
			return err
		}
		for word, sealed := range map[string]keyring.Sealed{"lease": subject, "address": text, "called": left} {
			if len(sealed) == 0 || strings.Contains(string(sealed), word) {
				t.Errorf("%q lies open", word)
			}
		}
		return nil
	})
}

// What was entered in error is marked, once, with why and by whom; the words stay readable,
// sealed as before. Its author does so within a day, a manager of its program at any time.
func TestAContactEnteredInErrorIsMarkedAndStays(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	sam := m.person("Sam", roles{m.youth: access.DirectService})
	ana := m.person("Ana", roles{m.youth: access.DirectService})
	boss := m.person("Max", roles{m.youth: access.ProgramManager})
	harbour := m.person("Hana", roles{m.quiet: access.DirectService})
	if _, err := m.logContact(sam, nil); err != nil {
		t.Fatal(err)
	}
	id := m.contacts(sam)[0].ID.String()
	mark := func(by access.Actor, reason string) (int, error) {
		response, _, err := m.ask(by, ContactInError.Mark, url.Values{"reason": {reason}}, "contact", id)
		return response.Status, err
	}
	for who, c := range map[string]struct {
		by   access.Actor
		want string
	}{"a colleague": {ana, "denied"}, "another program": {harbour, "hidden"}} {
		if _, err := mark(c.by, "no"); outcome(err) != c.want {
			t.Errorf("%s: %s, want %s", who, outcome(err), c.want)
		}
	}
	if status, err := mark(sam, ""); err != nil || status != 422 {
		t.Errorf("without a reason: status %d, %v; want 422", status, err)
	}
	if _, page, err := m.ask(sam, ContactInError.Ask, nil, "contact", id); err != nil || !strings.Contains(page, "asked for the address") {
		t.Errorf("the form (%v): %s", err, page)
	}
	if page := m.section(ana, Contacts); strings.Contains(page, "/in-error") {
		t.Error("a colleague is offered to mark it")
	}
	for range 2 {
		if status, err := mark(sam, "It was her sister who wrote."); err != nil || status != 303 {
			t.Fatalf("status %d, %v", status, err)
		}
	}
	if _, err := mark(boss, "Again."); outcome(err) != "denied" {
		t.Errorf("marked a second time: %s, want denied", outcome(err))
	}
	page := m.section(ana, Contacts)
	for _, word := range []string{"Entered in error", "It was her sister who wrote.", "by Sam", "asked for the address"} {
		if !strings.Contains(page, word) {
			t.Errorf("%q is not on the page: %s", word, page)
		}
	}
	if strings.Contains(page, "/in-error") {
		t.Error("what is marked is offered to be marked")
	}

	if _, err := m.logContact(sam, map[string]string{"text": "about the key"}); err != nil {
		t.Fatal(err)
	}
	old := m.contacts(sam)[0].Contact
	if record := old.record(); record.Author != sam.Staff || !record.CreatedAt.Equal(noon) || record.Mark.Is() {
		t.Errorf("the next one is %+v", record)
	}
}
