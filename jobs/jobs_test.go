package jobs

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"

	"konote/tenancy"
	"konote/tenancy/tenancytest"
)

func TestAJobRunsForTheAgencyThatAddedIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.Agency(t)
	ran := make(chan [2]uuid.UUID, 1)
	r := registry(w)
	Add(r, func(ctx context.Context, agency *tenancy.Agency, args noteArgs) error {
		ran <- [2]uuid.UUID{agency.ID, args.Note}
		return nil
	})
	client := work(t, w, r)
	want := [2]uuid.UUID{a.ID, tenancy.NewID()}
	started := time.Now()
	enqueue(t, a, noteArgs{want[1]})
	select {
	case got := <-ran:
		t.Logf("ran after %v", time.Since(started))
		if got != want {
			t.Errorf("got agency and note %v, want %v", got, want)
		}
	case <-time.After(time.Minute):
		t.Fatal("the job did not run")
	}
	eventually(t, "the job is done", func() bool {
		return query[int](t, w, "SELECT count(*) FROM jobs.river_job WHERE state = 'completed'") == 1
	})
	stats, err := client.Stats(t.Context())
	if err != nil || stats != (Stats{}) {
		t.Errorf("got %+v, %v, want nothing unfinished", stats, err)
	}
	metrics := prometheus.NewPedanticRegistry()
	metrics.MustRegister(client)
	if _, err := metrics.Gather(); err != nil {
		t.Errorf("gather the metrics: %v", err)
	}
}

func TestAJobOfATransactionThatRollsBackDoesNotExist(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.Agency(t)
	stop := errors.New("stop")
	err := a.Update(t.Context(), func(tx *tenancy.Tx) error {
		if err := Enqueue(t.Context(), tx, noteArgs{tenancy.NewID()}, Options{}); err != nil {
			return err
		}
		return stop
	})
	if !errors.Is(err, stop) {
		t.Fatalf("got %v, want %v", err, stop)
	}
	if n := query[int](t, w, "SELECT count(*) FROM jobs.river_job"); n != 0 {
		t.Errorf("got %d jobs, want none", n)
	}
}

func TestTheTransactionIsTheAgencysAgainAfterAddingAJob(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.Agency(t)
	err := a.Update(t.Context(), func(tx *tenancy.Tx) error {
		if err := Enqueue(t.Context(), tx, noteArgs{tenancy.NewID()}, Options{}); err != nil {
			return err
		}
		var role string
		if err := tx.QueryRow(t.Context(), "SELECT current_user").Scan(&role); err != nil {
			return err
		}
		if role != a.Role() {
			t.Errorf("got role %s, want %s", role, a.Role())
		}
		_, err := tx.Exec(t.Context(), "SELECT 1 FROM jobs.river_job")
		return err
	})
	if pgErr := (*pgconn.PgError)(nil); !errors.As(err, &pgErr) || pgErr.Code != "42501" {
		t.Errorf("got %v, want permission denied: an agency may not read the job table", err)
	}
}

func TestAJobOfThePlatformIsAddedWithTheRegistrysChange(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ran := make(chan int, 1)
	r := registry(w)
	AddPlatform(r, func(_ context.Context, args slowArgs) error {
		ran <- args.Number
		return nil
	})
	work(t, w, r)
	err := w.Platform.Control(t.Context(), func(tx pgx.Tx) error {
		return EnqueuePlatform(t.Context(), tx, slowArgs{7}, Options{})
	})
	if err != nil {
		t.Fatal(err)
	}
	select {
	case got := <-ran:
		if got != 7 {
			t.Errorf("got %d, want 7", got)
		}
	case <-time.After(time.Minute):
		t.Fatal("the job did not run")
	}
}

func TestAPeriodicJobRunsAtTheStartAndNotTwiceAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ran := make(chan struct{}, 100)
	end := make(chan struct{})
	r := registry(w)
	AddPlatform(r, func(context.Context, slowArgs) error {
		ran <- struct{}{}
		<-end
		return nil
	})
	Every(r, time.Second, slowArgs{1})
	work(t, w, r)
	<-ran
	eventually(t, "two more intervals pass", func() bool {
		return query[bool](t, w, "SELECT min(created_at) < now() - interval '2.5 s' FROM jobs.river_job")
	})
	close(end)
	if n := len(ran); n != 0 {
		t.Errorf("%d runs joined one that was under way", n)
	}
}

func TestErrorsAndPanicsLeaveNothingPersonalInTheJobTableOrTheLog(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.Agency(t)
	var log safeBuffer
	r := NewRegistry(w.Platform, slog.New(slog.NewTextHandler(&log, nil)))
	Add(r, func(ctx context.Context, agency *tenancy.Agency, _ noteArgs) error {
		return agency.View(ctx, func(tx *tenancy.Tx) error {
			_, err := tx.Query(ctx, "SELECT 'Marguerite'::uuid")
			if err == nil {
				err = tx.QueryRow(ctx, "SELECT ('Marg' || 'uerite')::uuid").Scan(new(string))
			}
			return err
		})
	})
	Add(r, func(context.Context, *tenancy.Agency, slowArgs) error { panic("Marguerite") })
	work(t, w, r)
	enqueue(t, a, noteArgs{tenancy.NewID()})
	enqueue(t, a, slowArgs{1})
	eventually(t, "both jobs failed", func() bool {
		return query[int](t, w, "SELECT count(*) FROM jobs.river_job WHERE state = 'retryable' OR attempt > 1") == 2
	})
	kept := query[string](t, w, "SELECT string_agg(j::text, ' ') FROM jobs.river_job AS j")
	for where, text := range map[string]string{"job table": kept, "log": log.String()} {
		if strings.Contains(text, "Marguerite") {
			t.Errorf("a name is in the %s:\n%s", where, text)
		}
	}
	for _, want := range []string{"22P02", "the worker panicked"} {
		if !strings.Contains(kept, want) {
			t.Errorf("the job table does not say %q:\n%s", want, kept)
		}
	}
}

type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func TestADeadJobIsCounted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.Agency(t)
	r := registry(w)
	Add(r, func(context.Context, *tenancy.Agency, noteArgs) error { return errors.New("never") })
	enqueue(t, a, noteArgs{tenancy.NewID()})
	pool, err := pgxpool.New(t.Context(), w.SuperuserURL())
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if _, err := pool.Exec(t.Context(), "UPDATE jobs.river_job SET max_attempts = 1"); err != nil {
		t.Fatal(err)
	}
	client := work(t, w, r)
	eventually(t, "the job is dead", func() bool {
		stats, err := client.Stats(t.Context())
		return err == nil && cmp.Equal(stats, Stats{Dead: 1})
	})
}

func TestStopWaitsForTheJobThatRuns(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.Agency(t)
	running, end := make(chan struct{}), make(chan struct{})
	r := registry(w)
	Add(r, func(context.Context, *tenancy.Agency, noteArgs) error {
		close(running)
		<-end
		return nil
	})
	client, err := NewClient(t.Context(), map[string]string{tenancy.MainShard: w.URL("konote_app")}, r)
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	enqueue(t, a, noteArgs{tenancy.NewID()})
	<-running
	stopped := make(chan error)
	go func() { stopped <- client.Stop(context.Background()) }()
	select {
	case err := <-stopped:
		t.Fatalf("Stop returned %v while a job ran", err)
	case <-time.After(200 * time.Millisecond):
	}
	close(end)
	if err := <-stopped; err != nil {
		t.Fatal(err)
	}
	if state := query[string](t, w, "SELECT state::text FROM jobs.river_job"); state != "completed" {
		t.Errorf("got state %s, want completed", state)
	}
}

func TestAUniqueJobIsAddedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b := w.Agency(t), w.Agency(t)
	args := noteArgs{tenancy.NewID()}
	for _, agency := range []*tenancy.Agency{a, a, b} {
		err := agency.Update(t.Context(), func(tx *tenancy.Tx) error {
			return Enqueue(t.Context(), tx, args, Options{Unique: true, At: time.Now().Add(time.Hour)})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if n := query[int](t, w, "SELECT count(*) FROM jobs.river_job WHERE state = 'scheduled'"); n != 2 {
		t.Errorf("got %d jobs, want one of each agency", n)
	}
}

func TestJobsOfEveryShardAreWorked(t *testing.T) {
	t.Parallel()
	w := tenancytest.NewSharded(t)
	urls := map[string]string{tenancy.MainShard: w.SuperuserURL(), tenancytest.SecondShard: w.ShardSuperuserURL()}
	for _, url := range urls {
		if err := Migrate(t.Context(), url); err != nil {
			t.Fatal(err)
		}
	}
	second := w.Agency(t, func(n *tenancy.NewAgency) { n.Shard = tenancytest.SecondShard })
	ran := make(chan uuid.UUID, 1)
	r := registry(w)
	Add(r, func(_ context.Context, agency *tenancy.Agency, _ noteArgs) error {
		ran <- agency.ID
		return nil
	})
	client, err := NewClient(t.Context(), urls, r)
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Stop(context.Background()) }()
	enqueue(t, second, noteArgs{tenancy.NewID()})
	if got := <-ran; got != second.ID {
		t.Errorf("got %s, want %s", got, second.ID)
	}
}

func TestMigrateMayRunAgainAndSaysWhatIsPending(t *testing.T) {
	t.Parallel()
	w := tenancytest.NewAlone(t)
	if n, err := Pending(t.Context(), w.URL("konote_app")); n == 0 || err != nil {
		t.Errorf("got %d pending, %v, want all", n, err)
	}
	for range 2 {
		if err := Migrate(t.Context(), w.URL("konote_owner")); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := Pending(t.Context(), w.URL("konote_app")); n != 0 || err != nil {
		t.Errorf("got %d pending, %v, want 0", n, err)
	}
}
