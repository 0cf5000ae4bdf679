package jobs

import (
	"context"
	"testing"
	"time"

	"konote/keyring"
	"konote/tenancy"
	"konote/tenancy/tenancytest"
)

func TestTheJobOfASuspendedAgencyWaits(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(s *tenancy.Settings) { s.RegistryAge = time.Millisecond })
	a := w.Agency(t)
	ran := make(chan struct{}, 1)
	r := registry(w)
	r.rest = 100 * time.Millisecond
	Add(r, func(context.Context, *tenancy.Agency, noteArgs) error {
		ran <- struct{}{}
		return nil
	})
	enqueue(t, a, noteArgs{tenancy.NewID()})
	setStatus(t, w, a, tenancy.Suspended)
	work(t, w, r)
	eventually(t, "the job slept several times", func() bool {
		return query[int](t, w, "SELECT coalesce(max((metadata ->> 'snoozes')::int), 0) FROM jobs.river_job") >= 2
	})
	if len(ran) != 0 {
		t.Fatal("the job of a suspended agency ran")
	}
	setStatus(t, w, a, tenancy.Active)
	select {
	case <-ran:
	case <-time.After(30 * time.Second):
		t.Fatal("the job did not run after the agency was active again")
	}
}

func TestTheJobOfAnAgencyWithoutItsKeyWaits(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(s *tenancy.Settings) { s.Limits = keyring.Limits{Soft: time.Millisecond, Hard: time.Millisecond} })
	a := w.Agency(t)
	ran := make(chan struct{}, 1)
	r := registry(w)
	r.rest = 100 * time.Millisecond
	Add(r, func(context.Context, *tenancy.Agency, noteArgs) error {
		ran <- struct{}{}
		return nil
	})
	enqueue(t, a, noteArgs{tenancy.NewID()})
	w.Keys.Fail(keyring.ErrNoKey)
	work(t, w, r)
	eventually(t, "the job slept", func() bool {
		return query[int](t, w, "SELECT count(*) FROM jobs.river_job WHERE metadata ? 'snoozes'") == 1
	})
	w.Keys.Fail(nil)
	select {
	case <-ran:
	case <-time.After(30 * time.Second):
		t.Fatal("the job did not run after the key came back")
	}
}

func TestTheJobOfAClosedAgencyIsCancelled(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(s *tenancy.Settings) { s.RegistryAge = time.Millisecond })
	a := w.Agency(t)
	r := registry(w)
	Add(r, func(context.Context, *tenancy.Agency, noteArgs) error {
		t.Error("the job of a closed agency ran")
		return nil
	})
	enqueue(t, a, noteArgs{tenancy.NewID()})
	setStatus(t, w, a, tenancy.Offboarding)
	setStatus(t, w, a, tenancy.Closed)
	work(t, w, r)
	eventually(t, "the job is cancelled", func() bool {
		return query[int](t, w, "SELECT count(*) FROM jobs.river_job WHERE state = 'cancelled'") == 1
	})
}

func setStatus(t *testing.T, w *tenancytest.World, a *tenancy.Agency, to tenancy.Status) {
	t.Helper()
	if err := tenancy.SetStatus(t.Context(), w.Owner, a, to, nil); err != nil {
		t.Fatal(err)
	}
}
