package event

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/timeline"
	"konote/app/view"
	"konote/keyring"
	"konote/tenancy"
	"konote/tenancy/tenancytest"
)

func TestStatementsAreValid(t *testing.T) {
	t.Parallel()
	tenancytest.PrepareAll(t, ".")
}

func TestWhatIsWrittenIsThere(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	worker := m.worker("Sam Ouellet", map[uuid.UUID]access.Role{m.youth: access.DirectService})
	response, err := m.write(worker, func(v url.Values) {
		v.Set("happened_on", "2026-02-07")
		v.Set("starts", "9 h 30")
		v.Set("ends", "11:00")
	})
	e := m.made(t, response, err)
	zone := i18n.Toronto()
	if e.Title != "Moved into an apartment" || e.Description != "With a balcony." || e.Program != m.youth || e.Author != worker.Staff ||
		e.AuthorRole != access.DirectService || e.HappenedOn.String() != "2026-02-07" || e.StartsAt.In(zone).Format(time.DateTime) != "2026-02-07 09:30:00" ||
		e.EndsAt.In(zone).Format("15:04") != "11:00" || !e.Backdated(zone) || !e.CreatedAt.Equal(noon) {
		t.Errorf("got %+v", e)
	}
	page, err := m.page(worker, e)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Moved into an apartment", "With a balcony.", "Sat, Feb.\u00a07, 2026", "9:30\u00a0a.m. to 11:00\u00a0a.m.", "Written Tue, Feb.\u00a010, 2026"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

func TestAFormThatIsNotRightKeepsEveryWord(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	worker := m.worker("Sam Ouellet", map[uuid.UUID]access.Role{m.youth: access.DirectService})
	for _, test := range []struct {
		name  string
		set   map[string]string
		wrong string
	}{
		{"no title", map[string]string{"title": ""}, "title"},
		{"no day", map[string]string{"happened_on": ""}, "happened_on"},
		{"a day that is none", map[string]string{"happened_on": "2026-02-30"}, "happened_on"},
		{"a time that is none", map[string]string{"starts": "25:00"}, "starts"},
		{"an end without a beginning", map[string]string{"ends": "10:00"}, "starts"},
		{"an end before the beginning", map[string]string{"starts": "11:00", "ends": "10:00"}, "ends"},
		{"a last day before the first", map[string]string{"ends_on": "2026-02-09"}, "ends_on"},
		{"an hour that the clocks leave out", map[string]string{"happened_on": "2026-03-08", "starts": "2:30"}, "starts"},
		{"too many words", map[string]string{"title": strings.Repeat("é", maxTitle+1)}, "title"},
	} {
		response, err := m.write(worker, func(v url.Values) {
			for name, value := range test.set {
				v.Set(name, value)
			}
		})
		if err != nil || response.Status != http.StatusUnprocessableEntity {
			t.Errorf("%s: status %d, %v", test.name, response.Status, err)
			continue
		}
		page := m.text(response)
		for _, want := range append([]string{`href="#` + test.wrong + `"`, "With a balcony."}, test.set["happened_on"], test.set["starts"]) {
			if !strings.Contains(page, want) {
				t.Errorf("%s: the page lacks %q", test.name, want)
			}
		}
	}
}

func TestAFormThatIsSentTwiceIsOneEvent(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	worker := m.worker("Sam Ouellet", map[uuid.UUID]access.Role{m.youth: access.DirectService})
	id := tenancy.NewID()
	send := func(by access.Actor, title string) error {
		_, err := m.write(by, func(v url.Values) { v.Set("id", id.String()); v.Set("title", title) })
		return err
	}
	for range 2 {
		if err := send(worker, "Sent twice"); err != nil {
			t.Fatal(err)
		}
	}
	if err := send(worker, "Sent twice, and more"); err != nil {
		t.Fatal(err)
	}
	titles := m.titles(worker, m.lea)
	if len(titles) != 2 || titles["Sent twice"] != 1 || titles["Sent twice, and more"] != 1 {
		t.Errorf("got %v, want one of each", titles)
	}
	other := m.worker("Kim Roy", map[uuid.UUID]access.Role{m.youth: access.DirectService})
	if err := send(other, "Sent twice"); fault.KindOf(err) != fault.Conflict {
		t.Errorf("a colleague takes the same id: got %v, want a conflict", err)
	}
}

// titles counts the events that somebody reads about a participant.
func (m *world) titles(by access.Actor, about uuid.UUID) map[string]int {
	m.t.Helper()
	found := map[string]int{}
	m.update(func(tx *tenancy.Tx) error {
		var page Page
		b := tx.Batch()
		QueueTimeline(b, about, by.About(about).Programs(access.EventView), by.Withheld(access.EventView), timeline.Place{}, 100, &page)
		if err := b.Send(m.t.Context()); err != nil {
			return err
		}
		entries, _, err := page.Open(tx.Box())
		for _, e := range entries {
			found[e.Title]++
		}
		return err
	})
	return found
}

// The existing product offers every note of the agency as "related note".
func TestTheFormOffersNotesOfThisParticipantThatTheAuthorReadsAndNoOthers(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	worker := m.worker("Sam Ouellet", map[uuid.UUID]access.Role{m.youth: access.DirectService, m.housing: access.FrontDesk})
	colleague := m.worker("Kim Roy", map[uuid.UUID]access.Role{m.housing: access.DirectService})
	hers, unread, others := m.note(m.lea, m.youth, worker), m.note(m.lea, m.housing, colleague), m.note(m.max, m.housing, colleague)
	cancelled := m.note(m.lea, m.youth, worker)
	m.exec(`UPDATE agency.notes SET cancelled_at = now(), cancelled_by = author_id, cancel_reason_sealed = '\x00' WHERE id = $1`, cancelled)

	response, err := m.handlers.New(m.request(worker, "GET", "/", nil, "participant", m.lea.String()))
	if err != nil {
		t.Fatal(err)
	}
	page := m.text(response)
	if !strings.Contains(page, hers.String()) {
		t.Error("her own note of Léa is not offered")
	}
	for name, id := range map[string]uuid.UUID{"a note of a program that she does not read": unread, "a note of somebody else": others, "a cancelled note": cancelled} {
		if strings.Contains(page, id.String()) {
			t.Errorf("%s is offered", name)
		}
		response, err := m.write(worker, func(v url.Values) { v.Set("note", id.String()) })
		if e := m.made(t, response, err); e.Note != uuid.Nil {
			t.Errorf("%s is named when its id is sent", name)
		}
	}
	response, err = m.write(worker, func(v url.Values) { v.Set("note", hers.String()) })
	if e := m.made(t, response, err); e.Note != hers {
		t.Errorf("got %s, want her own note", e.Note)
	}
}

func TestANoteIsSpokenOfToThoseWhoReadItAndStaysForTheOthers(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	both := m.worker("Sam Ouellet", map[uuid.UUID]access.Role{m.youth: access.DirectService, m.housing: access.DirectService})
	youth := m.worker("Kim Roy", map[uuid.UUID]access.Role{m.youth: access.DirectService})
	told := m.note(m.lea, m.housing, both)
	response, err := m.write(both, func(v url.Values) { v.Set("note", told.String()); v.Set("program", m.youth.String()) })
	e := m.made(t, response, err)
	if e.Note != told {
		t.Fatalf("got %s, want %s", e.Note, told)
	}
	for name, test := range map[string]struct {
		by   access.Actor
		told bool
	}{"who reads notes there": {both, true}, "who does not": {youth, false}} {
		page, err := m.page(test.by, e)
		if err != nil || strings.Contains(page, told.String()) != test.told {
			t.Errorf("%s: told %v, want %v (%v)", name, !test.told, test.told, err)
		}
	}
	// She changes the title; the note that she was not shown stays.
	form := url.Values{"version": {"1"}, "title": {"Another title"}, "happened_on": {today.String()}, "note": {""}}
	if _, err := m.handlers.Update(m.request(youth, "POST", "/", form, "event", e.ID.String())); err != nil {
		t.Fatal(err)
	}
	if got := m.load(e.ID); got.Note != told || got.Title != "Another title" {
		t.Errorf("got note %s and %q, want it to stay", got.Note, got.Title)
	}
	// Who reads it may take it away.
	form.Set("version", "2")
	if _, err := m.handlers.Update(m.request(both, "POST", "/", form, "event", e.ID.String())); err != nil {
		t.Fatal(err)
	}
	if got := m.load(e.ID); got.Note != uuid.Nil {
		t.Error("who reads the note cannot take it away")
	}
}

func TestWhoWritesReadsAndChanges(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	author := m.worker("Sam Ouellet", map[uuid.UUID]access.Role{m.housing: access.DirectService})
	response, err := m.write(author, nil)
	e := m.made(t, response, err)
	for _, test := range []struct {
		name                   string
		roles                  map[uuid.UUID]access.Role
		writes, reads, changes bool
	}{
		{"a colleague of the program", map[uuid.UUID]access.Role{m.housing: access.DirectService}, true, true, true},
		{"the program's manager", map[uuid.UUID]access.Role{m.housing: access.ProgramManager}, false, true, false},
		{"a worker of Léa's other program", map[uuid.UUID]access.Role{m.youth: access.DirectService}, true, false, false},
		{"the front desk", map[uuid.UUID]access.Role{m.housing: access.FrontDesk}, false, false, false},
		{"an executive", map[uuid.UUID]access.Role{m.housing: access.Executive}, false, false, false},
	} {
		by := m.worker("Kim Roy", test.roles)
		_, err := m.write(by, nil)
		if got := err == nil; got != test.writes {
			t.Errorf("%s writes: got %v (%v), want %v", test.name, got, err, test.writes)
		}
		_, err = m.page(by, e)
		if got := err == nil; got != test.reads {
			t.Errorf("%s reads: got %v (%v), want %v", test.name, got, err, test.reads)
		}
		if err != nil && fault.KindOf(err) != fault.NotFound {
			t.Errorf("%s: the refusal betrays that the event is there: %v", test.name, err)
		}
		_, err = m.handlers.Edit(m.request(by, "GET", "/", nil, "event", e.ID.String()))
		if got := err == nil; got != test.changes {
			t.Errorf("%s changes: got %v (%v), want %v", test.name, got, err, test.changes)
		}
	}
	if _, err := m.handlers.ShowMeeting(m.request(author, "GET", "/", nil, "meeting", e.ID.String())); fault.KindOf(err) != fault.NotFound {
		t.Errorf("an event opens as a meeting: %v", err)
	}
}

func TestAChangeThatComesTooLateIsShownBesideWhatIsThere(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	worker := m.worker("Sam Ouellet", map[uuid.UUID]access.Role{m.youth: access.DirectService})
	response, err := m.write(worker, nil)
	e := m.made(t, response, err)
	send := func(version, title string) (int, string) {
		form := url.Values{"version": {version}, "title": {title}, "description": {"With a balcony."}, "happened_on": {today.String()}}
		response, err := m.handlers.Update(m.request(worker, "POST", "/", form, "event", e.ID.String()))
		if err != nil {
			t.Fatal(err)
		}
		return response.Status, m.text(response)
	}
	if status, _ := send("1", "The first change"); status != http.StatusSeeOther {
		t.Fatalf("status %d", status)
	}
	status, page := send("1", "The second change")
	if status != http.StatusConflict || !strings.Contains(page, `value="The second change"`) || !strings.Contains(page, "Saved now: The first change") ||
		!strings.Contains(page, `name="version" value="2"`) || strings.Contains(page, "Saved now: With a balcony.") {
		t.Errorf("status %d, and the page does not show both: %s", status, page)
	}
	if status, _ := send("2", "The second change"); status != http.StatusSeeOther || m.load(e.ID).Title != "The second change" {
		t.Errorf("status %d, %q", status, m.load(e.ID).Title)
	}
}

func TestATimelineByPagesShowsEachEventOnce(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	worker := m.worker("Sam Ouellet", map[uuid.UUID]access.Role{m.youth: access.DirectService})
	var many []Event
	for i := range 25 {
		many = append(many, Event{ID: tenancy.NewID(), Kind: Happening, Participant: m.lea, Program: m.youth, Author: worker.Staff,
			AuthorRole: access.DirectService, Title: "Something", HappenedOn: today.AddDays(-i / 5), CreatedAt: noon})
	}
	m.update(func(tx *tenancy.Tx) error { return Bulk(t.Context(), tx, many) })
	seen := map[uuid.UUID]int{}
	after, pages := timeline.Place{}, 0
	for {
		m.update(func(tx *tenancy.Tx) error {
			var page Page
			b := tx.Batch()
			QueueTimeline(b, m.lea, worker.Programs(access.EventView), worker.Withheld(access.EventView), after, 7, &page)
			if err := b.Send(t.Context()); err != nil {
				return err
			}
			entries, next, err := page.Open(tx.Box())
			for _, e := range entries {
				seen[e.ID]++
			}
			after = next
			return err
		})
		if pages++; after == (timeline.Place{}) || pages > 10 {
			break
		}
	}
	if len(seen) != 25 || pages != 4 {
		t.Errorf("got %d events on %d pages, want 25 on 4", len(seen), pages)
	}
	for id, n := range seen {
		if n != 1 {
			t.Errorf("%s is shown %d times", id, n)
		}
	}
}

func TestNoWordOfAnEventIsInTheClear(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	worker := m.worker("Sam Ouellet", map[uuid.UUID]access.Role{m.youth: access.DirectService})
	response, err := m.write(worker, nil)
	e := m.made(t, response, err)
	m.update(func(tx *tenancy.Tx) error {
		var title, description keyring.Sealed
		err := tx.QueryRow(t.Context(), `SELECT title_sealed, description_sealed FROM agency.events WHERE id = $1`, e.ID).Scan(&title, &description)
		if strings.Contains(string(title), "apartment") || strings.Contains(string(description), "balcony") {
			t.Error("the words are not sealed")
		}
		if _, err := tx.Box().Open(colTitle, tenancy.NewID(), title); err == nil {
			t.Error("a title opens in another row")
		}
		return err
	})
}

func TestTimesAreSaidAsEachLanguageSaysThem(t *testing.T) {
	t.Parallel()
	e := Event{HappenedOn: today, StartsAt: time.Date(2026, 2, 10, 19, 5, 0, 0, time.UTC), EndsAt: time.Date(2026, 2, 10, 20, 0, 0, 0, time.UTC)}
	for language, want := range map[string]string{
		"en": "Tue, Feb.\u00a010, 2026 · 2:05\u00a0p.m. to 3:00\u00a0p.m.", "fr": "mar.\u00a010\u00a0févr.\u00a02026 · de 14\u00a0h\u00a005 à 15\u00a0h",
	} {
		f := &view.Frame{P: i18n.NewPrinter(language, nil, nil)}
		if got := When(f, e); got != want {
			t.Errorf("%s: got %q, want %q", language, got, want)
		}
	}
}
