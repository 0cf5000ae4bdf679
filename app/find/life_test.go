package find

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"konote/app/access"
	"konote/app/demo/people"
	"konote/keyring"
	"konote/tenancy"
)

func TestAnIndexGoesWithItsKeyAndLeavesNothing(t *testing.T) {
	t.Parallel()
	w, agency, programs := agencyOf(t, 1)
	f := New(w.Platform, 0)
	worker := actor(access.DirectService, programs...)
	s := someoneIn(people.New(7, testDay), programs[0])
	s.person.Last = "Zyxwvutsrq"
	update(t, agency, func(tx *tenancy.Tx) error { return insert(t.Context(), tx, []someone{s}) })
	search(t, f, agency, worker, "zyxw", 10)
	x := f.held[agency.ID].x
	if !bytes.Contains(x.text, []byte("zyxwvutsrq")) {
		t.Fatal("the index does not hold the name, so the test proves nothing")
	}

	// A search that has begun ends well; then nothing is left.
	err := agency.View(t.Context(), func(tx *tenancy.Tx) error {
		if h, err := f.hold(t.Context(), tx); err != nil {
			return err
		} else {
			w.Keys.Fail(keyring.ErrNoKey)
			w.Platform.Ring().Drop(agency.ID)
			if found, _, _ := x.search(parse("zyxw"), scopeOf(worker), 10); len(found) != 1 {
				t.Error("a search that had begun lost its index")
			}
			f.release(h)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	left := slices.Concat(x.text[:cap(x.text)], x.records[:cap(x.records)])
	if slices.ContainsFunc(left, func(b byte) bool { return b != 0 }) || slices.Max(x.phones) != 0 || slices.Max(x.births) != 0 {
		t.Error("the index was dropped and not zeroed")
	}
	if _, n := f.Memory(); n != 0 {
		t.Errorf("%d indexes are held without a key", n)
	}
	err = agency.View(t.Context(), func(tx *tenancy.Tx) error { return nil })
	if !errors.Is(err, keyring.ErrNoKey) {
		t.Errorf("a transaction without a key: %v, want %v", err, keyring.ErrNoKey)
	}
}

func TestAnIndexBegunBeforeItsKeyWentDoesNotStay(t *testing.T) {
	t.Parallel()
	w, agency, programs := agencyOf(t, 1)
	f := New(w.Platform, 0)
	err := agency.View(t.Context(), func(tx *tenancy.Tx) error {
		w.Keys.Fail(keyring.ErrNoKey)
		w.Platform.Ring().Drop(agency.ID) // after tx took the key and before the index is begun
		_, err := f.Search(t.Context(), tx, actor(access.DirectService, programs...), "somebody", 10)
		return err
	})
	if !errors.Is(err, keyring.ErrNoKey) {
		t.Errorf("search = %v, want %v", err, keyring.ErrNoKey)
	}
	if _, n := f.Memory(); n != 0 {
		t.Errorf("%d indexes are held without a key", n)
	}
}

func TestIndexesOfAgenciesThatAreNotActiveOrIdleGo(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	clock := time.Now()
	now := func() time.Time { mu.Lock(); defer mu.Unlock(); return clock }
	w, agency, programs := agencyOf(t, 1, func(s *tenancy.Settings) { s.Now = now; s.RegistryAge = time.Nanosecond })
	f := New(w.Platform, 0)
	worker := actor(access.DirectService, programs...)
	look := func() int {
		f.mu.Lock()
		h := f.held[agency.ID]
		f.mu.Unlock()
		f.lookAt(agency.ID, h)
		_, n := f.Memory()
		return n
	}
	search(t, f, agency, worker, "somebody", 10)
	if look() != 1 {
		t.Fatal("an index that is used is gone")
	}
	mu.Lock()
	clock = clock.Add(idleFor)
	mu.Unlock()
	if look() != 0 {
		t.Error("an idle index stays")
	}

	mu.Lock()
	clock = clock.Add(time.Second)
	mu.Unlock()
	search(t, f, agency, worker, "somebody", 10)
	suspend(t, w.SuperuserURL(), agency)
	mu.Lock()
	clock = clock.Add(time.Second)
	mu.Unlock()
	if look() != 0 {
		t.Error("the index of a suspended agency stays")
	}
}

func suspend(t *testing.T, superuser string, agency *tenancy.Agency) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), superuser)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	if _, err := conn.Exec(t.Context(), `UPDATE control.agencies SET status = 'suspended' WHERE id = $1`, agency.ID); err != nil {
		t.Fatal(err)
	}
}

func TestTheIndexUsedLeastLatelyMakesRoom(t *testing.T) {
	t.Parallel()
	w, first, programs := agencyOf(t, 1)
	f := New(w.Platform, 1) // none fits, so only the one in use stays
	second := w.Agency(t)
	worker := actor(access.DirectService, programs...)
	search(t, f, first, worker, "somebody", 10)
	x := f.held[first.ID].x
	search(t, f, second, worker, "somebody", 10)
	if f.held[first.ID] != nil || f.held[second.ID] == nil {
		t.Errorf("held: %v, want only the agency searched last", slices.Collect(maps.Keys(f.held)))
	}
	within(t, "zeroed", func() bool {
		x.mu.RLock()
		defer x.mu.RUnlock()
		return !slices.ContainsFunc(x.text, func(b byte) bool { return b != 0 })
	})
}

func TestManyFirstSearchesMakeOneIndex(t *testing.T) {
	t.Parallel()
	w, agency, _ := agencyOf(t, 1, func(s *tenancy.Settings) { s.InFlight = 8; s.LaneSize = 8 })
	f := New(w.Platform, 0)
	seen := make(chan *index, 8)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			update(t, agency, func(tx *tenancy.Tx) error {
				h, err := f.hold(t.Context(), tx)
				if err == nil {
					seen <- h.x
					f.release(h)
				}
				return err
			})
		})
	}
	group.Wait()
	close(seen)
	one := <-seen
	for x := range seen {
		if x != one {
			t.Error("two indexes were made")
		}
	}
}

func TestAnIndexWithManyChangesIsMadeAnew(t *testing.T) {
	t.Parallel()
	w, agency, programs := agencyOf(t, 1)
	f := New(w.Platform, 0)
	worker := actor(access.DirectService, programs...)
	series := people.New(8, testDay)
	search(t, f, agency, worker, "somebody", 10)
	old := f.held[agency.ID].x
	var last someone
	for range 3 {
		some := make([]someone, 2000)
		for i := range some {
			some[i] = someoneIn(series, programs[0])
		}
		last = some[len(some)-1]
		update(t, agency, func(tx *tenancy.Tx) error { return insert(t.Context(), tx, some) })
		if !search(t, f, agency, worker, last.person.RecordID, 10).has(last.id) {
			t.Fatalf("%s is not found", last.person.RecordID)
		}
	}
	if f.held[agency.ID].x == old {
		t.Error("6,000 changes to an empty index made no new one")
	}
	if slices.ContainsFunc(old.text, func(b byte) bool { return b != 0 }) {
		t.Error("the old index was not zeroed")
	}
}

func TestAnAlteredFieldFailsTheSearchInsteadOfHidingSomebody(t *testing.T) {
	t.Parallel()
	w, agency, programs := agencyOf(t, 1)
	f := New(w.Platform, 0)
	series := people.New(9, testDay)
	some := []someone{someoneIn(series, programs[0]), someoneIn(series, programs[0])}
	update(t, agency, func(tx *tenancy.Tx) error { return insert(t.Context(), tx, some) })
	update(t, agency, func(tx *tenancy.Tx) error { // one's name on the other's row
		_, err := tx.Exec(t.Context(), `UPDATE agency.participants SET last_name_sealed =
			(SELECT last_name_sealed FROM agency.participants WHERE id = $2) WHERE id = $1`, some[0].id, some[1].id)
		return err
	})
	err := agency.View(t.Context(), func(tx *tenancy.Tx) error {
		_, err := f.Search(t.Context(), tx, actor(access.DirectService, programs...), "somebody", 10)
		return err
	})
	if !errors.Is(err, keyring.ErrOpen) {
		t.Errorf("search = %v, want %v", err, keyring.ErrOpen)
	}
	if _, n := f.Memory(); n != 0 {
		t.Errorf("%d broken indexes are held", n)
	}
}

func TestPrewarmingMakesTheIndex(t *testing.T) {
	t.Parallel()
	w, agency, _ := agencyOf(t, 1)
	f := New(w.Platform, 0)
	f.Prewarm(agency)
	within(t, "prewarmed", func() bool { bytes, n := f.Memory(); return n == 1 && bytes > 0 })
}
