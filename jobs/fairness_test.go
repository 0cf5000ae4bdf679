package jobs

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"konote/tenancy"
)

func TestFiveThousandJobsOfOneAgencyDoNotDelayAnothers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	busy := w.Agency(t)
	other := w.Agency(t)
	for lane(other.ID) != lane(busy.ID) { // the worst case: both in one lane
		other = w.Agency(t)
	}
	ran := make(chan struct{}, 1)
	r := registry(w)
	Add(r, func(ctx context.Context, _ *tenancy.Agency, _ slowArgs) error {
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
		}
		return nil
	})
	Add(r, func(context.Context, *tenancy.Agency, noteArgs) error {
		ran <- struct{}{}
		return nil
	})
	many := make([]slowArgs, 5000)
	started := time.Now()
	enqueue(t, busy, many...)
	t.Logf("5,000 jobs added in %v", time.Since(started))
	work(t, w, r)
	eventually(t, "the busy agency's jobs run", func() bool {
		return query[int](t, w, "SELECT count(*) FROM jobs.river_job WHERE state = 'completed'") > 20
	})
	started = time.Now()
	enqueue(t, other, noteArgs{tenancy.NewID()})
	<-ran
	took := time.Since(started)
	left := query[int](t, w, "SELECT count(*) FROM jobs.river_job WHERE state = 'available'")
	t.Logf("the other agency's job ran after %v, with %d of the busy one's still waiting", took, left)
	if took > time.Second {
		t.Errorf("the other agency's job took %v, want less than 1 s", took)
	}
	if left < 1000 {
		t.Errorf("only %d jobs were left: the test proved nothing", left)
	}
}

func lane(agency uuid.UUID) string {
	queue, _ := place(agency, 0)
	return queue
}

func TestOneAgencyNeverFillsItsLane(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.Agency(t)
	for range 5 {
		enqueue(t, a, slowArgs{1}, slowArgs{2})
	}
	if n := query[int](t, w, "SELECT count(*) FROM jobs.river_job WHERE queue LIKE 'lane_%'"); n != laneShare {
		t.Errorf("got %d jobs in the lane, want %d", n, laneShare)
	}
	if laneShare >= queueWorkers {
		t.Errorf("an agency may have %d jobs in a lane of %d workers", laneShare, queueWorkers)
	}
}
