package note

import (
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
)

func TestWordsAreFoundFromTheirBeginning(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		typed, text string
		want        bool
	}{
		{"landlord", "She called her landlord.", true},
		{"LANDLORD", "She called her landlord.", true},
		{"land call", "She called her landlord.", true},
		{"lord", "She called her landlord.", false},
		{"ete", "L’été à Québec", true},
		{"QUEBEC été", "L’été à Québec", true},
		{"été hiver", "L’été à Québec", false},
		{"saint jean", "Rue Saint-Jean", true},
	} {
		q := newQuery(test.typed)
		if got := q.found(test.text) == q.all(); got != test.want {
			t.Errorf("%q in %q: %v, want %v", test.typed, test.text, got, test.want)
		}
	}
	for _, typed := range []string{"", "  ", "—", "!?"} {
		if newQuery(typed) != nil {
			t.Errorf("%q is looked for", typed)
		}
	}
}

func TestAnExcerptShowsTheWordsAndCutsAtWords(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("before ", 40) + "the Élan house " + strings.Repeat("behind ", 40)
	pieces := newQuery("elan").excerpt(long)
	var whole strings.Builder
	var marked []string
	for _, p := range pieces {
		whole.WriteString(p.Text)
		if p.Hit {
			marked = append(marked, p.Text)
		}
	}
	text := strings.Trim(whole.String(), "… ")
	if !slices.Equal(marked, []string{"Élan"}) {
		t.Errorf("marked %q", marked)
	}
	if len(text) > 2*around+20 || !strings.HasPrefix(text, "before") || !strings.HasSuffix(text, "behind") || !strings.HasPrefix(whole.String(), "… ") {
		t.Errorf("the excerpt is %q", whole.String())
	}
	if newQuery("absent").excerpt(long) != nil {
		t.Error("an excerpt of nothing")
	}
}

func FuzzExcerpt(f *testing.F) {
	f.Add("été", "L’été à Québec")
	f.Add("a", "\xff\xfe a")
	f.Fuzz(func(t *testing.T, typed, text string) {
		q := newQuery(typed)
		if q == nil {
			return
		}
		var whole strings.Builder
		for _, p := range q.excerpt(text) {
			whole.WriteString(p.Text)
		}
		if cut := strings.TrimSuffix(strings.TrimPrefix(whole.String(), "… "), " …"); !strings.Contains(text, cut) {
			t.Errorf("%q is no part of %q", cut, text)
		}
	})
}

func (m *world) search(by access.Actor, words string) ([]hit, error) {
	m.t.Helper()
	var hits []hit
	err := m.agency.View(m.t.Context(), func(tx *tenancy.Tx) error {
		q := newQuery(words)
		ids, err := searchIn(m.t.Context(), tx, q, by, m.lea)
		if err != nil {
			return err
		}
		hits, err = loadHits(m.t.Context(), tx, q, by, ids, by.Programs(access.NoteView))
		return err
	})
	return hits, err
}

func TestSearchFindsOnlyWhatTheReaderMayRead(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	youth := m.worker(map[uuid.UUID]access.Role{m.youth: access.DirectService})
	housing := m.worker(map[uuid.UUID]access.Role{m.housing: access.DirectService})
	for _, by := range []access.Actor{youth, housing} {
		if _, err := m.write(by, func(v url.Values) {
			v.Set("text", "A quokka was mentioned.")
			v.Set("takeaway", "Je veux un appartement.")
		}); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		words string
		want  int
	}{{"quokka", 1}, {"appart quok", 1}, {"wombat", 0}} {
		hits, err := m.search(youth, test.words)
		if err != nil || len(hits) != test.want {
			t.Errorf("%q: %d hits, %v; want %d", test.words, len(hits), err, test.want)
		}
		for _, h := range hits {
			if h.Program != m.youth || h.Author == "" || len(h.Excerpt) == 0 {
				t.Errorf("%q found %+v", test.words, h)
			}
		}
	}
	// By the page, as it answers.
	response, err := m.handlers.Search(m.request(youth, "POST", "/", url.Values{"words": {"quokka"}}, "participant", m.lea.String()))
	if err != nil || strings.Count(m.text(response.Body), "<mark>") != 1 {
		t.Errorf("%v, %s", err, m.text(response.Body))
	}
	if response, err = m.handlers.Search(m.request(youth, "POST", "/", url.Values{"words": {" "}}, "participant", m.lea.String())); err != nil || response.Status != http.StatusUnprocessableEntity {
		t.Errorf("no words: %d, %v", response.Status, err)
	}
	stranger := m.worker(nil)
	if _, err := m.handlers.Search(m.request(stranger, "POST", "/", url.Values{"words": {"quokka"}}, "participant", m.lea.String())); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a stranger: %v, want not found", err)
	}
}

func TestAProgramIsSearchedInTheBackground(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	worker := m.worker(map[uuid.UUID]access.Role{m.youth: access.DirectService})
	gone := m.participant("Yves", m.youth)
	var notes []Note
	for i := range 30 {
		n := Note{ID: tenancy.NewID(), Participant: m.lea, Program: m.youth, Author: worker.Staff, AuthorRole: access.DirectService,
			Interaction: Session, Text: "An ordinary day.", HappenedOn: today.AddDays(-i), CreatedAt: noon}
		if i%10 == 0 {
			n.Text = "A quokka."
		}
		if i == 10 {
			n.Participant = gone
		}
		if i == 29 {
			n.Program, n.Text = m.housing, "A quokka elsewhere."
		}
		notes = append(notes, n)
	}
	m.update(func(tx *tenancy.Tx) error { return Bulk(t.Context(), tx, notes) })
	begin := func(by access.Actor) uuid.UUID {
		id := tenancy.NewID()
		m.update(func(tx *tenancy.Tx) error {
			_, err := insertSearch(t.Context(), tx, search{ID: id, Staff: by.Staff, Program: m.youth, Words: "quokka"})
			return err
		})
		return id
	}
	state := func(id uuid.UUID) (s search) {
		m.update(func(tx *tenancy.Tx) (err error) { s, err = searchByID(t.Context(), tx, id); return err })
		return s
	}
	granted := func(by access.Actor) {
		m.update(func(tx *tenancy.Tx) error {
			_, err := tx.Exec(t.Context(), `INSERT INTO agency.program_roles (staff_id, program_id, role) VALUES ($1, $2, $3)`, by.Staff, m.youth, access.DirectService)
			return err
		})
	}
	granted(worker)

	id := begin(worker)
	if err := runSearch(t.Context(), m.agency, id); err != nil {
		t.Fatal(err)
	}
	if s := state(id); s.Status != searchDone || s.Total != 29 || s.LookedAt != 29 || len(s.Found) != 3 {
		t.Errorf("the search is %+v, want 3 of 29 found", s)
	}
	if err := runSearch(t.Context(), m.agency, id); err != nil { // again, as after a crash
		t.Fatal(err)
	}

	response, err := m.handlers.ShowSearch(m.request(worker, "GET", "/", nil, "search", id.String()))
	if err != nil || strings.Count(m.text(response.Body), "<mark>") != 3 {
		t.Errorf("%v: %s", err, m.text(response.Body))
	}

	// Of another, and of one whose role was taken away.
	colleague := m.worker(map[uuid.UUID]access.Role{m.youth: access.DirectService})
	if _, err := m.handlers.ShowSearch(m.request(colleague, "GET", "/", nil, "search", id.String())); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a colleague: %v, want not found", err)
	}
	worker.Roles = nil
	if _, err := m.handlers.ShowSearch(m.request(worker, "GET", "/", nil, "search", id.String())); fault.KindOf(err) != fault.NotFound {
		t.Errorf("without the role: %v, want not found", err)
	}
	other := begin(colleague) // who has no role in the database
	if err := runSearch(t.Context(), m.agency, other); err != nil {
		t.Fatal(err)
	}
	if s := state(other); s.Status != searchFailed || len(s.Found) != 0 {
		t.Errorf("a search without a role is %+v", s)
	}
	if err := runSearch(t.Context(), m.agency, tenancy.NewID()); err != nil {
		t.Errorf("a search that is gone: %v", err)
	}
}

func TestASearchLeavesOutWhoIsNoLongerReached(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	worker := m.worker(map[uuid.UUID]access.Role{m.youth: access.DirectService})
	var enrolled []participant.Enrolment
	if _, err := m.write(worker, func(v url.Values) { v.Set("text", "A quokka.") }); err != nil {
		t.Fatal(err)
	}
	m.update(func(tx *tenancy.Tx) error {
		p, err := participant.Reach(t.Context(), tx, worker, m.lea, access.NoteView)
		enrolled = p.Enrolments
		return err
	})
	if len(enrolled) != 1 {
		t.Fatalf("she is seen in %d programs, want 1", len(enrolled))
	}
	count := func() (n int) {
		m.update(func(tx *tenancy.Tx) error {
			hits, _, _, err := searchPart(t.Context(), tx, newQuery("quokka"), access.Actor{}, m.youth, uuid.Max, 100)
			n = len(hits)
			return err
		})
		return n
	}
	if n := count(); n != 1 {
		t.Errorf("%d hits, want 1", n)
	}
	m.update(func(tx *tenancy.Tx) error {
		if _, err := tx.Exec(t.Context(), `UPDATE agency.enrolments SET status = 'cancelled' WHERE id = $1`, enrolled[0].ID); err != nil {
			return err
		}
		_, err := tx.Exec(t.Context(), `INSERT INTO agency.enrolment_changes (id, enrolment_id, status, changed_at) VALUES ($1, $2, 'cancelled', now() + interval '1 day')`, tenancy.NewID(), enrolled[0].ID)
		return err
	})
	if n := count(); n != 0 {
		t.Errorf("%d hits about somebody whom the program does not reach", n)
	}
}
