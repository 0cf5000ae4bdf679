package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime/debug"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/riverqueue/river"

	"konote/keyring"
	"konote/tenancy"
)

// Registry holds the workers of all features and the timetable of periodic jobs.
type Registry struct {
	platform *tenancy.Platform
	log      *slog.Logger
	workers  *river.Workers
	periodic []*river.PeriodicJob
	metrics  *metrics
	rest     time.Duration // how long a job of an agency that is not open sleeps
}

// NewRegistry makes an empty registry.
func NewRegistry(platform *tenancy.Platform, log *slog.Logger) *Registry {
	return &Registry{
		platform: platform, log: log, workers: river.NewWorkers(), metrics: newMetrics(), rest: time.Minute,
	}
}

// Add registers the worker of a kind of job of agencies. The agency is open when work
// begins. Like http.Handle, Add panics on a mistake of the programmer: arguments that
// could carry content, a kind that has a worker already.
func Add[T Args](r *Registry, work func(context.Context, *tenancy.Agency, T) error) {
	add(r, func(ctx context.Context, e envelope[T]) error {
		agency, err := r.open(ctx, e.Agency)
		if err != nil {
			return err
		}
		return work(ctx, agency, e.Args)
	})
}

// AddPlatform is Add for jobs of the platform itself.
func AddPlatform[T Args](r *Registry, work func(context.Context, T) error) {
	add(r, func(ctx context.Context, e envelope[T]) error { return work(ctx, e.Args) })
}

// Every has a job of the platform added at start-up and then once each interval, by
// one process of all that run. A run that is still unfinished is not joined by another.
func Every[T Args](r *Registry, interval time.Duration, args T) {
	mustBeArgs(args)
	opts := Options{Unique: true}.river()
	opts.Queue = platformQueue
	r.periodic = append(r.periodic, river.NewPeriodicJob(
		river.PeriodicInterval(interval),
		func() (river.JobArgs, *river.InsertOpts) { return envelope[T]{Args: args}, opts },
		&river.PeriodicJobOpts{ID: args.Kind(), RunOnStart: true},
	))
}

func mustBeArgs(args Args) {
	if err := checkShape(args); err != nil {
		panic(err)
	}
}

func add[T Args](r *Registry, work func(context.Context, envelope[T]) error) {
	var none T
	mustBeArgs(none)
	river.AddWorker(r.workers, &worker[T]{registry: r, work: work})
}

// errClosed cancels a job: its agency is gone for good.
var errClosed = errors.New("jobs: the agency is closed")

// open finds the agency of a job and proves that its transactions can begin: active,
// not parked, key at hand.
func (r *Registry) open(ctx context.Context, id uuid.UUID) (*tenancy.Agency, error) {
	agency, err := r.platform.Agency(ctx, id)
	if errors.Is(err, tenancy.ErrUnknownAgency) || (err == nil && agency.Status == tenancy.Closed) {
		return nil, errClosed
	}
	if err != nil {
		return nil, err
	}
	return agency, agency.View(ctx, func(*tenancy.Tx) error { return nil })
}

type worker[T Args] struct {
	river.WorkerDefaults[envelope[T]]
	registry *Registry
	work     func(context.Context, envelope[T]) error
}

// Work implements river.Worker.
func (w *worker[T]) Work(ctx context.Context, job *river.Job[envelope[T]]) error {
	started := time.Now()
	err := w.registry.verdict(ctx, w.try(ctx, job))
	w.registry.metrics.done(job.Kind, err, job.Attempt >= job.MaxAttempts, time.Since(started))
	return err
}

// try runs the work and turns a panic into an error that tells nothing of its value,
// because errors are kept in the job table.
func (w *worker[T]) try(ctx context.Context, job *river.Job[envelope[T]]) (err error) {
	defer func() {
		if value := recover(); value != nil {
			w.registry.log.ErrorContext(ctx, "a job panicked", "kind", job.Kind, "job", job.ID, "agency", job.Args.Agency,
				"type", fmt.Sprintf("%T", value), "stack", string(debug.Stack()))
			err = errors.New("the worker panicked; see the log")
		}
	}()
	return w.work(ctx, job.Args)
}

// verdict decides what an error means for the job.
func (r *Registry) verdict(ctx context.Context, err error) error {
	switch {
	case err == nil || ctx.Err() != nil:
		return err
	case errors.Is(err, errClosed):
		return river.JobCancel(err)
	case errors.Is(err, tenancy.ErrClosed), errors.Is(err, tenancy.ErrParked),
		errors.Is(err, keyring.ErrNoKey), errors.Is(err, keyring.ErrProvider):
		return river.JobSnooze(spread(r.rest))
	case errors.Is(err, tenancy.ErrBusy), errors.Is(err, tenancy.ErrUnavailable):
		return river.JobSnooze(spread(r.rest / 10))
	}
	if pgErr := (*pgconn.PgError)(nil); errors.As(err, &pgErr) {
		// Its message may quote a value.
		return fmt.Errorf("database error %s (%s)", pgErr.Code, pgErr.ConstraintName)
	}
	return err
}

// spread keeps jobs that fell asleep together from waking together.
func spread(d time.Duration) time.Duration { return d/2 + rand.N(d) }
