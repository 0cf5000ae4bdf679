package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"

	"konote/tenancy"
)

const (
	schema      = "jobs"
	maxAttempts = 10
)

// Options of a job. The zero value runs it as soon as the transaction has committed.
type Options struct {
	At     time.Time // not before this moment
	Unique bool      // not while one with the same arguments is unfinished
}

// An envelope is what stands in the job table: the arguments and whose they are.
type envelope[T Args] struct {
	Agency uuid.UUID `json:"agency"` // the nil UUID for jobs of the platform
	Args   T         `json:"args"`
}

func (e envelope[T]) Kind() string { return e.Args.Kind() }

// inserter adds jobs through whatever transaction it is given; it has no connection.
var inserter = sync.OnceValue(func() *river.Client[pgx.Tx] {
	client, err := river.NewClient(riverpgxv5.New(nil), &river.Config{
		Schema:        schema,
		FetchCooldown: time.Millisecond, // or a job would go unannounced that follows another closely
		Logger:        slog.New(slog.DiscardHandler),
	})
	if err != nil {
		panic(err) // the configuration is constant
	}
	return client
})

// Enqueue adds a job of the agency, in its transaction.
func Enqueue[T Args](ctx context.Context, tx *tenancy.Tx, args T, options Options) error {
	return EnqueueMany(ctx, tx, []T{args}, options)
}

// EnqueueMany is Enqueue for many jobs of one kind, in a few round trips.
func EnqueueMany[T Args](ctx context.Context, tx *tenancy.Tx, many []T, options Options) error {
	for _, args := range many {
		if err := checkArgs(args); err != nil {
			return err
		}
	}
	agency := tx.Agency().ID
	err := tx.Jobs(ctx, func(raw pgx.Tx) error {
		var unfinished int
		if err := raw.QueryRow(ctx, sqlUnfinished, agency.String(), countedJobs).Scan(&unfinished); err != nil {
			return err
		}
		params := make([]river.InsertManyParams, len(many))
		for i, args := range many {
			opts := options.river()
			opts.Queue, opts.Priority = place(agency, unfinished+i)
			params[i] = river.InsertManyParams{Args: envelope[T]{Agency: agency, Args: args}, InsertOpts: opts}
		}
		_, err := inserter().InsertManyTx(ctx, raw, params)
		return err
	})
	if err != nil {
		return fmt.Errorf("add a job: %w", err)
	}
	return nil
}

// EnqueuePlatform adds a job of the platform itself, in a transaction of
// Platform.Control.
func EnqueuePlatform[T Args](ctx context.Context, tx pgx.Tx, args T, options Options) error {
	if err := checkArgs(args); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, sqlBecomeJobs); err != nil {
		return fmt.Errorf("become the job role: %w", err)
	}
	opts := options.river()
	opts.Queue = platformQueue
	if _, err := inserter().InsertTx(ctx, tx, envelope[T]{Args: args}, opts); err != nil {
		return fmt.Errorf("add a job: %w", err)
	}
	if _, err := tx.Exec(ctx, sqlBecomeControl); err != nil {
		return fmt.Errorf("become the control role again: %w", err)
	}
	return nil
}

func (o Options) river() *river.InsertOpts {
	opts := &river.InsertOpts{MaxAttempts: maxAttempts, ScheduledAt: o.At}
	if o.Unique {
		opts.UniqueOpts = river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{
			rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning,
			rivertype.JobStateRetryable, rivertype.JobStateScheduled,
		}}
	}
	return opts
}
