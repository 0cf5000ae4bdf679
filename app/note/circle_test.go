package note

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/circle"
	"konote/tenancy"
)

// showCircle is a circle's page with the notes about it.
func (m *world) showCircle(by access.Actor, id uuid.UUID, query string) string {
	m.t.Helper()
	h := &circle.Handlers{Sections: []circle.Section{OfCircle}}
	response, err := h.Show(m.request(by, "GET", "/circles/"+id.String()+"?"+query, nil, "circle", id.String()))
	if err != nil {
		m.t.Fatal(err)
	}
	return m.text(response.Body)
}

var noteLink = regexp.MustCompile(`href="/notes/([0-9a-f-]+)"`)

func listed(page string) (ids []string) {
	for _, found := range noteLink.FindAllStringSubmatch(page, -1) {
		ids = append(ids, found[1])
	}
	return ids
}

// A circle's page lists the notes that tell of it to those who read them, and hints at no
// other.
func TestNotesOfACircleStandOnItsPage(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	worker := m.worker(map[uuid.UUID]access.Role{m.youth: access.DirectService})
	both := m.worker(map[uuid.UUID]access.Role{m.youth: access.DirectService, m.housing: access.DirectService})
	manager := m.worker(map[uuid.UUID]access.Role{m.youth: access.ProgramManager})
	max := m.participant("Max", m.youth)
	family, other := m.circle("The Tremblays", m.lea), m.circle("The Bakers", max)
	if page := m.showCircle(worker, family, ""); !strings.Contains(page, "will appear here") || len(listed(page)) != 0 {
		t.Error("without notes the page does not say what will stand there")
	}
	add := func(circle, about, program uuid.UUID) string {
		n := Note{ID: tenancy.NewID(), Participant: about, Program: program, Author: worker.Staff, AuthorRole: access.DirectService, Circle: circle,
			Interaction: Session, Text: "Secret words.", HappenedOn: today, CreatedAt: noon}
		m.update(func(tx *tenancy.Tx) error { return Bulk(t.Context(), tx, []Note{n}) })
		return n.ID.String()
	}
	shown, elsewhere := add(family, m.lea, m.youth), add(family, m.lea, m.housing)
	add(other, max, m.youth)
	add(family, max, m.youth) // about somebody who is not in it
	cancelled := add(family, m.lea, m.youth)
	m.update(func(tx *tenancy.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE agency.notes SET cancelled_at = now(), cancelled_by = author_id, cancel_reason_sealed = '\x00' WHERE id = $1`, cancelled)
		return err
	})
	page := m.showCircle(worker, family, "")
	if got := listed(page); len(got) != 1 || got[0] != shown || !strings.Contains(page, "Session · Léa Tremblay") || strings.Contains(page, "Housing") || strings.Contains(page, "Secret") {
		t.Errorf("a worker of one program is shown %v: %s", got, page)
	}
	if got := listed(m.showCircle(both, family, "")); len(got) != 2 || got[0] != elsewhere {
		t.Errorf("a worker of both is shown %v", got)
	}
	for what, closed := range map[string]access.Closed{
		"her notes": {Participant: m.lea, Kind: access.NotesKind}, "this one note": {Participant: m.lea, Kind: access.NotesKind, Item: uuid.MustParse(shown)},
	} {
		kept := worker
		kept.Closed = []access.Closed{closed}
		if got := listed(m.showCircle(kept, family, "")); len(got) != 0 {
			t.Errorf("she has closed %s to the reader, who is shown %v", what, got)
		}
	}
	guarded := manager
	guarded.Policy.Tier = access.Safeguarded
	if page := m.showCircle(guarded, family, ""); len(listed(page)) != 0 || strings.Contains(page, "about this circle") {
		t.Errorf("at tier 3 without a grant: %s", page)
	}
	guarded.Grants = []access.Grant{{Program: m.youth}}
	if got := listed(m.showCircle(guarded, family, "")); len(got) != 1 {
		t.Errorf("with a grant for the program: %v", got)
	}
	m.update(func(tx *tenancy.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE agency.circle_members SET left_at = now() WHERE circle_id = $1 AND participant_id IS NULL`, family)
		if err == nil {
			_, err = tx.Exec(t.Context(), `INSERT INTO agency.circle_members (id, circle_id, participant_id, joined_at) VALUES ($1, $2, $3, now())`, tenancy.NewID(), family, max)
		}
		return err
	})
	if got := listed(m.showCircle(worker, family, "")); len(got) != 2 {
		t.Errorf("after Max came to it: %v", got)
	}
}

// Twenty stand on a page, and the next one goes on where it ended.
func TestNotesOfACircleComeInPages(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	worker := m.worker(map[uuid.UUID]access.Role{m.youth: access.DirectService})
	family := m.circle("The Tremblays", m.lea)
	var notes []Note
	for i := range circleLength + 3 {
		notes = append(notes, Note{ID: tenancy.NewID(), Participant: m.lea, Program: m.youth, Author: worker.Staff, AuthorRole: access.DirectService, Circle: family,
			Interaction: Session, Text: "Words.", HappenedOn: today.AddDays(-i / 4), CreatedAt: noon})
	}
	m.update(func(tx *tenancy.Tx) error { return Bulk(t.Context(), tx, notes) })
	first := m.showCircle(worker, family, "")
	next := regexp.MustCompile(`rel="next" href="/circles/[^?]+\?([^"]+)"`).FindStringSubmatch(first)
	if len(listed(first)) != circleLength || next == nil {
		t.Fatalf("the first page lists %d", len(listed(first)))
	}
	second := m.showCircle(worker, family, strings.ReplaceAll(next[1], "&amp;", "&"))
	all := append(listed(first), listed(second)...)
	seen := map[string]bool{}
	for _, id := range all {
		seen[id] = true
	}
	if len(seen) != len(notes) || len(all) != len(notes) || strings.Contains(second, `rel="next"`) {
		t.Errorf("both list %d notes, %d of them once", len(all), len(seen))
	}
}
