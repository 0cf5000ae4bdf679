package note

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/civil"
	"konote/app/fault"
	"konote/app/timeline"
	"konote/keyring"
	"konote/tenancy"
	"konote/tenancy/tenancytest"
)

func TestStatementsAreValid(t *testing.T) {
	t.Parallel()
	tenancytest.PrepareAll(t, ".")
}

func TestWhatANoteNeeds(t *testing.T) {
	t.Parallel()
	good := Note{Interaction: Session, Text: "We talked.", HappenedOn: today}
	for _, test := range []struct {
		name   string
		change func(*Note)
		wrong  string // field, "" for none
	}{
		{"words are enough", func(*Note) {}, ""},
		{"a session without words", func(n *Note) { n.Text = "" }, "text"},
		{"a call without an outcome", func(n *Note) { n.Interaction = Phone }, "outcome"},
		{"a call that reached nobody needs no words", func(n *Note) { n.Interaction, n.Outcome, n.Text = Phone, NoAnswer, "" }, ""},
		{"a call that reached her does", func(n *Note) { n.Interaction, n.Outcome, n.Text = Phone, Reached, "" }, "text"},
		{"an interaction that there is not", func(n *Note) { n.Interaction = "telepathy" }, "interaction"},
		{"tomorrow", func(n *Note) { n.HappenedOn = today.AddDays(1) }, "happened_on"},
		{"no day", func(n *Note) { n.HappenedOn = civil.Date{} }, "happened_on"},
		{"long ago", func(n *Note) { n.HappenedOn = today.AddDays(-400) }, ""},
		{"a follow-up in the past", func(n *Note) { n.FollowUpOn = today.AddDays(-1) }, "follow_up_on"},
		{"a follow-up today", func(n *Note) { n.FollowUpOn = today }, ""},
		{"too many words", func(n *Note) { n.Text = strings.Repeat("é", maxText+1) }, "text"},
		{"as many as fit", func(n *Note) { n.Text = strings.Repeat("é", maxText) }, ""},
	} {
		n := good
		test.change(&n)
		problems := n.check(today)
		if test.wrong == "" && problems.Any() {
			t.Errorf("%s: %v", test.name, problems)
		}
		if test.wrong != "" && problems.Of(test.wrong) == nil {
			t.Errorf("%s: nothing is wrong with %s", test.name, test.wrong)
		}
	}
}

func TestWriting(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	worker := m.worker(map[uuid.UUID]access.Role{m.youth: access.DirectService})

	response, err := m.write(worker, func(v url.Values) {
		v.Set("takeaway", "I can call them myself.")
		v.Set("made_together", "on")
		v.Set("happened_on", "2026-02-07")
		v.Set("follow_up_on", "2026-02-12")
	})
	if err != nil || response.Status != http.StatusSeeOther {
		t.Fatalf("status %d, %v", response.Status, err)
	}
	notes := m.notes(worker)
	if len(notes) != 1 {
		t.Fatalf("got %d notes, want 1", len(notes))
	}
	n := notes[0]
	if n.Text != "We looked at two apartments." || n.Takeaway != "I can call them myself." || !n.MadeTogether ||
		n.Program != m.youth || n.Author != worker.Staff || n.AuthorRole != access.DirectService ||
		n.HappenedOn.String() != "2026-02-07" || n.FollowUpOn.String() != "2026-02-12" || !n.CreatedAt.Equal(noon) {
		t.Errorf("got %+v", n)
	}
	if !n.Backdated(m.request(worker, "GET", "/", nil).P.Zone()) {
		t.Error("a note of another day is not marked as written later")
	}

	t.Run("a program that is not hers is not chosen", func(t *testing.T) {
		if _, err := m.write(worker, func(v url.Values) { v.Set("program", m.housing.String()) }); err != nil {
			t.Fatal(err)
		}
		if got := m.notes(worker)[0].Program; got != m.youth {
			t.Errorf("written into %s, want the only program she works in", got)
		}
	})

	t.Run("the next note answers her follow-up", func(t *testing.T) {
		var open int
		m.update(func(tx *tenancy.Tx) error {
			return tx.QueryRow(t.Context(), `SELECT count(*) FROM agency.notes WHERE follow_up_on IS NOT NULL AND followed_up_at IS NULL`).Scan(&open)
		})
		if open != 0 {
			t.Errorf("%d follow-ups are still open", open)
		}
	})

	t.Run("a form that is sent twice is one note", func(t *testing.T) {
		id := tenancy.NewID().String()
		for range 2 {
			if response, err := m.write(worker, func(v url.Values) { v.Set("id", id); v.Set("text", "Sent twice.") }); err != nil || response.Status != http.StatusSeeOther {
				t.Fatalf("status %d, %v", response.Status, err)
			}
		}
		count := 0
		for _, n := range m.notes(worker) {
			if n.Text == "Sent twice." {
				count++
			}
		}
		if count != 1 {
			t.Errorf("got %d notes, want 1", count)
		}
		other := m.worker(map[uuid.UUID]access.Role{m.youth: access.DirectService})
		if _, err := m.write(other, func(v url.Values) { v.Set("id", id) }); fault.KindOf(err) != fault.Conflict {
			t.Errorf("a colleague takes the same id: got %v, want a conflict", err)
		}
	})

	t.Run("a mistake keeps every word", func(t *testing.T) {
		response, err := m.write(worker, func(v url.Values) { v.Set("happened_on", "2026-02-31"); v.Set("takeaway", "One class at a time.") })
		if err != nil {
			t.Fatal(err)
		}
		page := m.text(response.Body)
		for _, want := range []string{"We looked at two apartments.", "One class at a time.", "2026-02-31", `href="#happened_on"`} {
			if !strings.Contains(page, want) {
				t.Errorf("the page lacks %q", want)
			}
		}
		if response.Status != http.StatusUnprocessableEntity || len(m.notes(worker)) != 3 {
			t.Errorf("status %d, %d notes", response.Status, len(m.notes(worker)))
		}
	})

	t.Run("a form that comes again with other words is another note", func(t *testing.T) {
		id := tenancy.NewID().String()
		for _, text := range []string{"Before the line broke.", "Before the line broke. And after."} {
			if response, err := m.write(worker, func(v url.Values) { v.Set("id", id); v.Set("text", text) }); err != nil || response.Status != http.StatusSeeOther {
				t.Fatalf("status %d, %v", response.Status, err)
			}
			if !slices.ContainsFunc(m.notes(worker), func(n Note) bool { return n.Text == text }) {
				t.Errorf("%q was answered with success and is not there", text)
			}
		}
	})
}

func TestWhoWritesAndReads(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	author := m.worker(map[uuid.UUID]access.Role{m.housing: access.DirectService})
	if _, err := m.write(author, nil); err != nil {
		t.Fatal(err)
	}
	id := m.notes(author)[0].ID

	for _, test := range []struct {
		name          string
		roles         map[uuid.UUID]access.Role
		writes, reads bool
	}{
		{"a colleague of the program", map[uuid.UUID]access.Role{m.housing: access.DirectService}, true, true},
		{"the program's manager", map[uuid.UUID]access.Role{m.housing: access.ProgramManager}, true, true},
		{"a worker of Léa's other program", map[uuid.UUID]access.Role{m.youth: access.DirectService}, true, false},
		{"the front desk", map[uuid.UUID]access.Role{m.housing: access.FrontDesk}, false, false},
		{"an executive", map[uuid.UUID]access.Role{m.housing: access.Executive}, false, false},
		{"an executive there, a worker elsewhere", map[uuid.UUID]access.Role{m.housing: access.Executive, uuid.New(): access.DirectService}, false, false},
	} {
		by := m.worker(nil)
		by.Roles = test.roles
		_, err := m.write(by, nil)
		if got := err == nil; got != test.writes {
			t.Errorf("%s writes: got %v (%v), want %v", test.name, got, err, test.writes)
		}
		_, err = m.handlers.Show(m.request(by, "GET", "/notes/"+id.String(), nil, "note", id.String()))
		if got := err == nil; got != test.reads {
			t.Errorf("%s reads: got %v (%v), want %v", test.name, got, err, test.reads)
		}
		if err != nil && fault.KindOf(err) != fault.NotFound {
			t.Errorf("%s: the refusal betrays that the note is there: %v", test.name, err)
		}
		if listed := slices.ContainsFunc(m.notes(by), func(n Note) bool { return n.ID == id }); listed != test.reads {
			t.Errorf("%s: in the time line: got %v, want %v", test.name, listed, test.reads)
		}
	}
}

// The time line is read a page at a time, and nothing is shown twice or left out, many
// notes of one day included.
func TestTimelineByPages(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	worker := m.worker(map[uuid.UUID]access.Role{m.youth: access.DirectService})
	var all []Note
	for i := range 57 {
		all = append(all, Note{ID: tenancy.NewID(), Participant: m.lea, Program: m.youth, Author: worker.Staff, AuthorRole: access.DirectService,
			Interaction: Session, Text: "Words.", HappenedOn: today.AddDays(-i / 9), CreatedAt: noon})
	}
	m.update(func(tx *tenancy.Tx) error { return Bulk(t.Context(), tx, all) })

	seen := map[uuid.UUID]bool{}
	ask := timeline.Ask{Limit: 10, Programs: []uuid.UUID{m.youth}}
	for pages := 0; ; pages++ {
		var notes []Note
		m.update(func(tx *tenancy.Tx) (err error) {
			var page Page
			b := tx.Batch()
			QueueTimeline(b, m.lea, ask, &page)
			if err = b.Send(t.Context()); err != nil {
				return err
			}
			notes, err = page.Open(tx.Box())
			return err
		})
		if len(notes) == 0 {
			break
		}
		for _, n := range notes {
			if seen[n.ID] {
				t.Errorf("note %s is shown twice", n.ID)
			}
			seen[n.ID] = true
			ask.After = timeline.Place{Day: n.HappenedOn, ID: n.ID}
		}
		if pages > 10 {
			t.Fatal("the time line does not end")
		}
	}
	if len(seen) != len(all) {
		t.Errorf("got %d notes, want %d", len(seen), len(all))
	}
}

// What was written is not in the row, does not open in another one, and cannot be
// changed by anybody who is the agency.
func TestWordsAreSealedAndStay(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	worker := m.worker(map[uuid.UUID]access.Role{m.youth: access.DirectService})
	if _, err := m.write(worker, func(v url.Values) { v.Set("takeaway", "Jamais deux sans trois.") }); err != nil {
		t.Fatal(err)
	}
	m.update(func(tx *tenancy.Tx) error {
		var row string
		if err := tx.QueryRow(t.Context(), `SELECT n::text FROM agency.notes n`).Scan(&row); err != nil {
			return err
		}
		for _, word := range []string{"apartments", "Jamais"} {
			if strings.Contains(row, word) {
				t.Errorf("the row holds %q", word)
			}
		}
		var id uuid.UUID
		var sealed keyring.Sealed
		if err := tx.QueryRow(t.Context(), `SELECT id, text_sealed FROM agency.notes`).Scan(&id, &sealed); err != nil {
			return err
		}
		if _, err := tx.Box().Open(colText, uuid.New(), sealed); err == nil {
			t.Error("the words open in another row")
		}
		if _, err := tx.Box().Open(colTakeaway, id, sealed); err == nil {
			t.Error("the words open in another column")
		}
		return nil
	})
	err := m.agency.Update(t.Context(), func(tx *tenancy.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE agency.notes SET text_sealed = NULL`)
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "permission denied") {
		t.Errorf("rewriting a note: got %v, want permission denied", err)
	}
}

func TestHostileWordsAreInert(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	worker := m.worker(map[uuid.UUID]access.Role{m.youth: access.DirectService})
	hostile := `</textarea><script>alert(1)</script><img src=x onerror=alert(2)>"'`
	if _, err := m.write(worker, func(v url.Values) { v.Set("text", hostile); v.Set("takeaway", hostile) }); err != nil {
		t.Fatal(err)
	}
	id := m.notes(worker)[0].ID
	response, err := m.handlers.Show(m.request(worker, "GET", "/notes/"+id.String(), nil, "note", id.String()))
	if err != nil {
		t.Fatal(err)
	}
	if page := m.text(response.Body); strings.Contains(page, "<script>alert") || strings.Contains(page, "<img src=x") {
		t.Error("the words are markup")
	}
}
