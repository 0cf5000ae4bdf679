package note

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/fault"
	"konote/app/timeline"
	"konote/app/web"
	"konote/tenancy"
)

// whole is a note with its goals and values, as it is stored.
func (m *world) whole(id uuid.UUID) (n Note) {
	m.t.Helper()
	m.update(func(tx *tenancy.Tx) (err error) {
		if n, err = byID(m.t.Context(), tx, id); err != nil {
			return err
		}
		var parts parts
		b := tx.Batch()
		queueParts(b, id, &parts)
		if err := b.Send(m.t.Context()); err != nil {
			return err
		}
		return parts.open(tx.Box(), &n)
	})
	return n
}

// open is the empty form about Léa.
func (m *world) open(by access.Actor) formPage {
	m.t.Helper()
	r := m.request(by, "GET", "/", nil, "participant", m.lea.String())
	page, err := loadForm(r, func(tx *tenancy.Tx, page *formPage) error {
		page.read(r.P, page.blank(), r.Actor(), tx.Now())
		return nil
	})
	if err != nil {
		m.t.Fatal(err)
	}
	return page
}

func (m *world) show(by access.Actor, id uuid.UUID) string {
	m.t.Helper()
	response, err := m.handlers.Show(m.request(by, "GET", "/", nil, "note", id.String()))
	if err != nil {
		m.t.Fatal(err)
	}
	return m.text(response.Body)
}

func (m *world) cancel(by access.Actor, id uuid.UUID, reason string) (web.Response, error) {
	return InError.Mark(m.request(by, "POST", "/", url.Values{"reason": {reason}}, "note", id.String()))
}

func (m *world) add(by access.Actor, id uuid.UUID, form url.Values) (web.Response, error) {
	return m.handlers.Add(m.request(by, "POST", "/", form, "note", id.String()))
}

// problems are the words of a form that came back.
func (m *world) problems(response web.Response) string {
	if response.Body == nil {
		return ""
	}
	_, after, _ := strings.Cut(m.text(response.Body), `class="errors"`)
	before, _, _ := strings.Cut(after, "<form")
	return before
}

func TestWhoCancelsAndWhen(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	author := m.worker(map[uuid.UUID]access.Role{m.youth: access.DirectService, m.housing: access.DirectService})
	write := func() uuid.UUID {
		if _, err := m.write(author, func(v url.Values) { v.Set("program", m.youth.String()) }); err != nil {
			t.Fatal(err)
		}
		return m.notes(author)[0].ID
	}
	for _, test := range []struct {
		name  string
		roles map[uuid.UUID]access.Role // nil: the author
		after time.Duration
		want  fault.Kind // None: may
		may   bool
	}{
		{"the author the same day", nil, 23 * time.Hour, 0, true},
		{"the author after a day", nil, 24 * time.Hour, fault.Denied, false},
		{"the manager after a month", map[uuid.UUID]access.Role{m.youth: access.ProgramManager}, 30 * 24 * time.Hour, 0, true},
		{"a colleague", map[uuid.UUID]access.Role{m.youth: access.DirectService}, 0, fault.Denied, false},
		{"the manager of her other program", map[uuid.UUID]access.Role{m.housing: access.ProgramManager}, 0, fault.NotFound, false},
		{"the front desk", map[uuid.UUID]access.Role{m.youth: access.FrontDesk}, 0, fault.NotFound, false},
		{"an executive", map[uuid.UUID]access.Role{m.youth: access.Executive}, 0, fault.NotFound, false},
	} {
		id := write()
		by := author
		if test.roles != nil {
			by = m.worker(test.roles)
		}
		m.later.Store(int64(test.after))
		_, err := InError.Ask(m.request(by, "GET", "/", nil, "note", id.String()))
		if (err == nil) != test.may {
			t.Errorf("%s opens the page: got %v", test.name, err)
		}
		_, err = m.cancel(by, id, "It was about somebody else.")
		m.later.Store(0)
		if (err == nil) != test.may || (err != nil && fault.KindOf(err) != test.want) {
			t.Errorf("%s: got %v", test.name, err)
		}
		if got := m.whole(id).InError.Is(); got != test.may {
			t.Errorf("%s: cancelled %v, want %v", test.name, got, test.may)
		}
	}
}

// What another note of hers has answered since stays answered when the first that did is
// cancelled.
func TestAFollowUpThatTwoNotesAnsweredStaysAnswered(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	author := m.worker(map[uuid.UUID]access.Role{m.youth: access.DirectService})
	for i, text := range []string{"Asked to call back.", "Called.", "Called again."} {
		m.later.Store(int64(i) * int64(time.Minute))
		if _, err := m.write(author, func(v url.Values) {
			v.Set("text", text)
			if i == 0 {
				v.Set("follow_up", today.AddDays(1).String())
			}
		}); err != nil {
			t.Fatal(err)
		}
	}
	newest := m.notes(author) // the newest first
	open := `SELECT count(*) FROM agency.notes WHERE follow_up_on IS NOT NULL AND followed_up_at IS NULL`
	if response, err := m.cancel(author, newest[1].ID, "Twice."); err != nil || response.Status != http.StatusSeeOther {
		t.Fatalf("status %d, %v", response.Status, err)
	}
	if got := m.count(open); got != 0 {
		t.Errorf("%d follow-ups are open, want 0", got)
	}
	if _, err := m.cancel(author, newest[0].ID, "That too."); err != nil {
		t.Fatal(err)
	}
	if got := m.count(open); got != 1 {
		t.Errorf("after both are cancelled %d follow-ups are open, want 1", got)
	}
}

// A cancelled note stays readable, says that it is cancelled, why and by whom, and
// counts nowhere.
func TestACancelledNoteIsReadAndCountsNowhere(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	author := m.employ(map[uuid.UUID]access.Role{m.youth: access.DirectService})
	target := m.goal(m.lea, m.youth, "School", "goal_progress")
	if _, err := m.write(author, func(v url.Values) {
		v.Set("follow_up", today.AddDays(1).String())
		v.Set("text", "Asked to call back.")
	}); err != nil {
		t.Fatal(err)
	}
	m.later.Store(int64(time.Minute))
	if _, err := m.write(author, func(v url.Values) {
		v.Set("text", "Not about Léa at all.")
		v.Set(measured(target, m.measure("goal_progress")), "3")
	}); err != nil {
		t.Fatal(err)
	}
	id := m.notes(author)[0].ID
	open := `SELECT count(*) FROM agency.notes WHERE follow_up_on IS NOT NULL AND followed_up_at IS NULL`
	if got := m.count(open); got != 0 {
		t.Fatalf("%d follow-ups are open, want 0", got)
	}

	if response, err := m.cancel(author, id, ""); err != nil || response.Status != http.StatusUnprocessableEntity {
		t.Errorf("without a reason: status %d, %v", response.Status, err)
	}
	for range 2 { // the second time it is done already
		if response, err := m.cancel(author, id, "Written into the wrong record."); err != nil || response.Status != http.StatusSeeOther {
			t.Errorf("status %d, %v", response.Status, err)
		}
	}
	if _, err := m.cancel(m.worker(map[uuid.UUID]access.Role{m.youth: access.ProgramManager}), id, "Again."); fault.KindOf(err) != fault.Denied {
		t.Errorf("cancelling what is cancelled: got %v", err)
	}

	page := m.show(author, id)
	for _, want := range []string{"Not about Léa at all.", "Written into the wrong record.", "Entered in error", "Sam Ouellet"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page of the cancelled note lacks %q", want)
		}
	}
	if strings.Contains(page, "/in-error") || strings.Contains(page, "/addenda") {
		t.Error("a cancelled note can still be changed")
	}
	if _, err := m.add(author, id, url.Values{"text": {"Late."}}); fault.KindOf(err) != fault.Denied {
		t.Errorf("adding to it: got %v", err)
	}
	if got := m.count(open); got != 1 {
		t.Errorf("%d follow-ups are open, want the one that it had answered", got)
	}
	notes := m.notes(author)
	if len(notes) != 2 || !notes[0].InError.Is() {
		t.Errorf("in the time line: %d notes, want 2, the newest cancelled", len(notes))
	}
	m.update(func(tx *tenancy.Tx) error {
		var latest Page
		var work Work
		b := tx.Batch()
		queueTimeline(b, m.lea, timeline.Ask{Limit: 10, Programs: []uuid.UUID{m.youth}}, false, &latest)
		QueueWork(b, author, noon.Add(-time.Hour), today.AddDays(1), &work)
		if err := b.Send(t.Context()); err != nil {
			return err
		}
		short, err := latest.Open(tx.Box())
		if err != nil {
			return err
		}
		written, due, _, err := work.Open(tx.Box())
		if len(short) != 1 || len(written) != 1 || len(due) != 1 {
			t.Errorf("latest %d, written %d, due %d; want 1 each", len(short), len(written), len(due))
		}
		day, err2 := onDay(t.Context(), tx, author, m.lea, today)
		if err2 != nil || day != 1 {
			t.Errorf("%d notes that day (%v), want 1", day, err2)
		}
		return err
	})
}

func TestAddenda(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	author := m.worker(map[uuid.UUID]access.Role{m.housing: access.DirectService})
	if _, err := m.write(author, nil); err != nil {
		t.Fatal(err)
	}
	id := m.notes(author)[0].ID
	for _, test := range []struct {
		name string
		role map[uuid.UUID]access.Role
		may  bool
	}{
		{"a colleague", map[uuid.UUID]access.Role{m.housing: access.DirectService}, true},
		{"the manager", map[uuid.UUID]access.Role{m.housing: access.ProgramManager}, true},
		{"a worker of her other program", map[uuid.UUID]access.Role{m.youth: access.DirectService}, false},
		{"the front desk", map[uuid.UUID]access.Role{m.housing: access.FrontDesk}, false},
		{"an executive", map[uuid.UUID]access.Role{m.housing: access.Executive}, false},
	} {
		_, err := m.add(m.worker(test.role), id, url.Values{"text": {"From " + test.name}})
		if (err == nil) != test.may || (err != nil && fault.KindOf(err) != fault.NotFound) {
			t.Errorf("%s: got %v", test.name, err)
		}
		if got := strings.Contains(m.show(author, id), "From "+test.name); got != test.may {
			t.Errorf("%s: on the page %v, want %v", test.name, got, test.may)
		}
	}

	form := url.Values{"id": {tenancy.NewID().String()}, "text": {"The address was wrong."}}
	for range 2 {
		if _, err := m.add(author, id, form); err != nil {
			t.Fatal(err)
		}
	}
	form.Set("text", "The address was wrong. It is Elm Street.")
	if _, err := m.add(author, id, form); err != nil {
		t.Fatal(err)
	}
	if got := m.count(`SELECT count(*) FROM agency.note_addenda`); got != 4 {
		t.Errorf("%d addenda, want 4: two of colleagues, one sent twice, one with other words", got)
	}
	other := m.worker(map[uuid.UUID]access.Role{m.housing: access.DirectService})
	if _, err := m.add(other, id, form); fault.KindOf(err) != fault.Conflict {
		t.Errorf("a colleague takes the same id: got %v, want a conflict", err)
	}
	if response, err := m.add(author, id, url.Values{}); err != nil || response.Status != http.StatusUnprocessableEntity {
		t.Errorf("without words: status %d, %v", response.Status, err)
	}
	if got := m.notes(author)[0].Addenda; got != 4 {
		t.Errorf("the time line counts %d addenda, want 4", got)
	}
}

// Fifty workers who save at once, each of them twice, lose nothing and double nothing.
func TestFiftyWorkersSaveAtOnce(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	worker := m.worker(map[uuid.UUID]access.Role{m.youth: access.DirectService})
	targets := []uuid.UUID{m.goal(m.lea, m.youth, "School", "goal_progress"), m.goal(m.lea, m.youth, "Home", "goal_progress")}
	progress := m.measure("goal_progress")
	var group sync.WaitGroup
	for range 50 {
		group.Go(func() {
			id := tenancy.NewID().String()
			for range 2 {
				_, err := m.write(worker, func(v url.Values) {
					v.Set("id", id)
					v.Set("text", "Of "+id)
					for _, target := range targets {
						v.Set(goalName(target, "how"), "shifting")
						v.Set(measured(target, progress), "3")
					}
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	seen := map[string]int{}
	for _, n := range m.notes(worker) {
		seen[n.Text]++
	}
	if len(seen) != 50 || m.count(`SELECT count(*) FROM agency.notes`) != 50 {
		t.Errorf("%d different notes of %d, want 50 of 50", len(seen), m.count(`SELECT count(*) FROM agency.notes`))
	}
	if goals, values := m.count(`SELECT count(*) FROM agency.note_targets`), m.count(`SELECT count(*) FROM agency.metric_values`); goals != 100 || values != 100 {
		t.Errorf("%d goals and %d values, want 100 each", goals, values)
	}
}
