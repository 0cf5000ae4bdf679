package find

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/demo/people"
	"konote/tenancy"
)

func TestWhatIsCommittedAnywhereIsFoundAtOnce(t *testing.T) {
	t.Parallel()
	w, agency, programs := agencyOf(t, 2)
	series := people.New(1, testDay)
	worker := actor(access.DirectService, programs...)
	here := New(w.Platform, 0)
	there, elsewhere := another(t, w, agency)
	both := func(q string) [2]int {
		return [2]int{search(t, here, agency, worker, q, 10).Total, search(t, there, elsewhere, worker, q, 10).Total}
	}

	if got := both("kateri"); got != [2]int{} {
		t.Fatalf("an empty agency has %v people", got)
	}
	s := someoneIn(series, programs[1])
	s.person.First, s.person.Last, s.person.Preferred, s.person.Middle = "Kateri", "Wapachee-Bosum", "", ""
	update(t, agency, func(tx *tenancy.Tx) error { return insert(t.Context(), tx, []someone{s}) })
	if got := both("wapachee kat"); got != [2]int{1, 1} {
		t.Errorf("after adding: %v, want found by both", got)
	}
	s.person.Last = "Kistabish"
	update(t, elsewhere, func(tx *tenancy.Tx) error { return change(t.Context(), tx, s) })
	if got := both("wapachee"); got != [2]int{} {
		t.Errorf("after the change, by the old name: %v, want none", got)
	}
	if got := both("kistabish"); got != [2]int{1, 1} {
		t.Errorf("after the change, by the new name: %v, want found by both", got)
	}
	s.places = nil
	update(t, agency, func(tx *tenancy.Tx) error { return change(t.Context(), tx, s) })
	if got := both("kistabish"); got != [2]int{} {
		t.Errorf("after leaving all programs: %v, want none", got)
	}
	update(t, agency, func(tx *tenancy.Tx) error {
		if _, err := Touch(t.Context(), tx, s.id); err != nil {
			return err
		}
		return enrol(t.Context(), tx, []someone{{id: s.id, places: []place{{programs[0], true}}}})
	})
	if got := both("kistabish"); got != [2]int{1, 1} {
		t.Errorf("after an enrolment: %v, want found by both", got)
	}
}

func TestWhatIsRolledBackIsNeverFound(t *testing.T) {
	t.Parallel()
	w, agency, programs := agencyOf(t, 1)
	series := people.New(2, testDay)
	worker := actor(access.DirectService, programs...)
	stop := errors.New("stop")
	for _, warm := range []bool{true, false} {
		f := New(w.Platform, 0)
		kept, ghost := someoneIn(series, programs[0]), someoneIn(series, programs[0])
		kept.person.Last, ghost.person.Last = "Keptsson", "Ghostsson"
		update(t, agency, func(tx *tenancy.Tx) error { return insert(t.Context(), tx, []someone{kept}) })
		if warm {
			search(t, f, agency, worker, "keptsson", 10)
		}
		err := agency.Update(t.Context(), func(tx *tenancy.Tx) error {
			if err := insert(t.Context(), tx, []someone{ghost}); err != nil {
				return err
			}
			renamed := kept
			renamed.person.Last = "Ghostsson"
			if err := change(t.Context(), tx, renamed); err != nil {
				return err
			}
			if _, err := f.Search(t.Context(), tx, worker, "ghostsson", 10); err != nil {
				return err
			}
			return stop
		})
		if !errors.Is(err, stop) {
			t.Fatal(err)
		}
		// The epoch that was rolled back is taken again by somebody else.
		next := someoneIn(series, programs[0])
		next.person.Last = "Nextsson"
		update(t, agency, func(tx *tenancy.Tx) error { return insert(t.Context(), tx, []someone{next}) })
		if got := search(t, f, agency, worker, "ghostsson", 10); got.Total != 0 {
			t.Errorf("warm %v: the ghost is found: %v", warm, got.Hits)
		}
		for _, s := range []someone{kept, next} {
			if !search(t, f, agency, worker, s.person.Last, 10).has(s.id) {
				t.Errorf("warm %v: %s is not found", warm, s.person.Last)
			}
		}
	}
}

func TestWritersSideBySideAreAllFound(t *testing.T) {
	t.Parallel()
	w, agency, programs := agencyOf(t, 1, func(s *tenancy.Settings) { s.InFlight = 8; s.LaneSize = 8; s.AcquireWait = time.Minute })
	there, elsewhere := another(t, w, agency, func(s *tenancy.Settings) { s.InFlight = 8; s.LaneSize = 8; s.AcquireWait = time.Minute })
	worker := actor(access.DirectService, programs...)
	var group sync.WaitGroup
	for writer := range 6 {
		group.Go(func() {
			series := people.New(uint64(writer), testDay)
			var mine someone
			for i := range 25 {
				name := fmt.Sprintf("W%dn%dx", writer, i)
				if i%3 == 2 { // change the one before, with other writers' rows in between
					mine.person.Last = name
					update(t, agency, func(tx *tenancy.Tx) error { return change(t.Context(), tx, mine) })
				} else {
					mine = someoneIn(series, programs[0])
					mine.person.Last = name
					update(t, agency, func(tx *tenancy.Tx) error { return insert(t.Context(), tx, []someone{mine}) })
				}
				if !search(t, there, elsewhere, worker, name, 10).has(mine.id) {
					t.Errorf("%s is committed and not found", name)
				}
			}
		})
	}
	group.Wait()
	if got := search(t, there, elsewhere, worker, "w", 50).Total; got == 0 {
		t.Error("nobody is found at the end")
	}
}

func TestFindersAndLookingAtEverybodyAgreeWhileThingsChange(t *testing.T) {
	t.Parallel()
	w, agency, programs := agencyOf(t, 4)
	random := rand.New(rand.NewPCG(3, 3))
	series := people.New(3, testDay)
	truth := oracle{}
	var first []someone
	for range 200 {
		s := someoneIn(series, programs[random.IntN(4)])
		truth[s.id] = s
		first = append(first, s)
	}
	update(t, agency, func(tx *tenancy.Tx) error { return insert(t.Context(), tx, first) })
	here := New(w.Platform, 0)
	there, elsewhere := another(t, w, agency)
	byID := func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) }
	for range 150 {
		known := slices.SortedFunc(maps.Keys(truth), byID)
		s := truth[known[random.IntN(len(known))]]
		var places []place
		for _, id := range programs {
			if random.IntN(3) == 0 {
				places = append(places, place{id, random.IntN(3) > 0})
			}
		}
		switch random.IntN(3) {
		case 0:
			s = someone{id: tenancy.NewID(), person: series.Next(), places: places}
			update(t, agency, func(tx *tenancy.Tx) error { return insert(t.Context(), tx, []someone{s}) })
		case 1:
			s.person, s.places = series.Next(), places
			update(t, elsewhere, func(tx *tenancy.Tx) error { return change(t.Context(), tx, s) })
		default:
			s.places = places
			update(t, agency, func(tx *tenancy.Tx) error { return change(t.Context(), tx, s) })
		}
		truth[s.id] = s
		for i, f := range []*Finder{here, there} {
			role := access.DirectService
			if random.IntN(3) == 0 {
				role = access.FrontDesk
			}
			a := actor(role, programs[random.IntN(4)], programs[random.IntN(4)])
			q := queries(random, s.person)
			got := search(t, f, []*tenancy.Agency{agency, elsewhere}[i], a, q, 10)
			want, total := truth.search(parse(q), scopeOf(a), 10)
			var ids []uuid.UUID
			for _, m := range want {
				ids = append(ids, m.id)
			}
			if got.Total != total || !slices.Equal(got.ids(), ids) {
				t.Fatalf("search(%q) = %v of %d, want %v of %d", q, got.ids(), got.Total, ids, total)
			}
		}
	}
}

func TestOtherProgramsShowNowhere(t *testing.T) {
	t.Parallel()
	w, agency, programs := agencyOf(t, 3)
	confidential, mine, other := programs[0], programs[1], programs[2]
	f := New(w.Platform, 0)
	series := people.New(4, testDay)
	var some []someone
	for i := range 9 {
		s := someoneIn(series, programs[i%3])
		s.person.Last = "Lafontaine"
		some = append(some, s)
	}
	some[1].places = append(some[1].places, place{confidential, true}) // in mine and in the confidential one
	update(t, agency, func(tx *tenancy.Tx) error { return insert(t.Context(), tx, some) })

	worker := actor(access.DirectService, mine)
	for _, q := range []string{"lafontaine", "lafontane", "laf"} {
		got := search(t, f, agency, worker, q, 50)
		if got.Total != 3 || len(got.Hits) != 3 {
			t.Errorf("search(%q) = %d of %d, want the 3 of the worker's program", q, len(got.Hits), got.Total)
		}
		for _, hit := range got.Hits {
			if len(hit.Programs) != 1 || hit.Programs[0] != mine {
				t.Errorf("search(%q) shows programs %v, want only %s", q, hit.Programs, mine)
			}
		}
	}
	for _, hidden := range []someone{some[0], some[2]} {
		for _, q := range []string{hidden.person.First + " " + hidden.person.Last, hidden.person.RecordID} {
			if got := search(t, f, agency, worker, q, 50); got.has(hidden.id) {
				t.Errorf("search(%q) finds somebody of another program", q)
			}
		}
		var hits []Hit
		update(t, agency, func(tx *tenancy.Tx) (err error) {
			hits, err = f.Duplicates(t.Context(), tx, worker, Candidate{First: hidden.person.First, Last: hidden.person.Last, BirthDate: hidden.person.BirthDate})
			return err
		})
		if len(hits) != 0 {
			t.Errorf("the hint of duplicates shows somebody of another program")
		}
	}
	if got := search(t, f, agency, actor(access.Executive, programs...), "lafontaine", 50); got.Total != 0 {
		t.Errorf("an executive finds %d people", got.Total)
	}
	if got := search(t, f, agency, access.Actor{Admin: true}, "lafontaine", 50); got.Total != 0 {
		t.Errorf("an administrator without a role finds %d people", got.Total)
	}
	mixed := actor(access.DirectService, other)
	mixed.Roles[confidential] = access.Executive
	if got := search(t, f, agency, mixed, "lafontaine", 50); got.Total != 3 {
		t.Errorf("an executive of one program and worker of another finds %d people, want 3", got.Total)
	}
}

func TestFieldsThatARoleDoesNotSeeDoNotFind(t *testing.T) {
	t.Parallel()
	w, agency, programs := agencyOf(t, 2)
	f := New(w.Platform, 0)
	s := someoneIn(people.New(5, testDay), programs[1])
	s.person.First, s.person.Middle, s.person.Last, s.person.Phone = "Anne", "Zephirine", "Roy", "6135550142"
	update(t, agency, func(tx *tenancy.Tx) error { return insert(t.Context(), tx, []someone{s}) })

	desk, worker := actor(access.FrontDesk, programs[1]), actor(access.DirectService, programs[1])
	for _, q := range []string{"zephirine", s.person.BirthDate.String(), "roy " + s.person.BirthDate.String()} {
		if got := search(t, f, agency, desk, q, 10).Total; got != 0 {
			t.Errorf("the front desk finds by %q", q)
		}
		if got := search(t, f, agency, worker, q, 10).Total; got != 1 {
			t.Errorf("direct service does not find by %q", q)
		}
	}
	hits := search(t, f, agency, desk, "(613) 555-0142", 10).Hits
	if len(hits) != 1 || hits[0].Matched != Phone || hits[0].Middle != "" || !hits[0].BirthDate.IsZero() || hits[0].Phone == "" {
		t.Errorf("the front desk sees %+v, want no middle name and no birth date", hits)
	}
	both := actor(access.FrontDesk, programs[1])
	both.Roles[programs[0]] = access.DirectService // a better role where she is not
	if got := search(t, f, agency, both, "zephirine", 10).Total; got != 0 {
		t.Errorf("a role in another program finds by the middle name")
	}
}

func TestDuplicatesAreHinted(t *testing.T) {
	t.Parallel()
	w, agency, programs := agencyOf(t, 1)
	f := New(w.Platform, 0)
	s := someoneIn(people.New(6, testDay), programs[0])
	s.person.First, s.person.Preferred, s.person.Last, s.person.Phone = "Marie-Ève", "Mimi", "O’Brien-Lévesque", "5145550101"
	update(t, agency, func(tx *tenancy.Tx) error { return insert(t.Context(), tx, []someone{s}) })
	born, other := s.person.BirthDate, s.person.BirthDate.AddDays(1)
	for _, c := range []struct {
		candidate Candidate
		want      Fields
	}{
		{Candidate{First: "Marie-Eve", Last: "O'Brien", BirthDate: born}, Birth},
		{Candidate{First: "marie", Last: "levesqe", BirthDate: born}, Birth},
		{Candidate{First: "Marianne", Last: "OBrien", BirthDate: born}, Birth},
		{Candidate{First: "Marie", Last: "Tremblay", BirthDate: born}, Birth}, // married
		{Candidate{First: "Marianne", Last: "Tremblay", BirthDate: born}, 0},
		{Candidate{First: "Mimi", Last: "Levesque", BirthDate: born, Phone: "+1 514 555 0101"}, Birth | Phone},
		{Candidate{First: "Jean", Last: "Roy", Phone: "514-555-0101"}, Phone},
		{Candidate{First: "Marie-Ève", Last: "Lévesque", BirthDate: other}, 0},
		{Candidate{First: "Marie-Ève", Last: "Lévesque"}, 0},
		{Candidate{First: "Jean", Last: "Lévesque", BirthDate: born}, 0},
		{Candidate{Phone: "0101"}, 0},
	} {
		var hits []Hit
		update(t, agency, func(tx *tenancy.Tx) (err error) {
			hits, err = f.Duplicates(t.Context(), tx, actor(access.DirectService, programs[0]), c.candidate)
			return err
		})
		got := Fields(0)
		for _, hit := range hits {
			got = hit.Matched
		}
		if got != c.want {
			t.Errorf("duplicates of %+v match %b, want %b", c.candidate, got, c.want)
		}
	}
}

func TestStatementsAreValid(t *testing.T) {
	t.Parallel()
	_, agency, _ := agencyOf(t, 0)
	for name, sql := range map[string]string{
		"everybody": sqlEverybody, "changed": sqlChanged, "places": sqlPlaces, "places_of": sqlPlacesOf, "touch": sqlTouch, "some": sqlSome, "enrolments": sqlEnrolmentsOf,
	} {
		update(t, agency, func(tx *tenancy.Tx) error {
			_, err := tx.Exec(t.Context(), "PREPARE find_"+name+" AS "+sql)
			return err
		})
	}
}
