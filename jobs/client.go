package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"

	"konote/tenancy"
)

const (
	// jobTimeout is how long one run of a job may take. Longer work is cut into jobs.
	jobTimeout = 4 * time.Minute
	// A job whose process died is given to another after this.
	rescueAfter = 5 * time.Minute
)

// Client works the jobs of every shard. It is also a prometheus.Collector.
type Client struct {
	shards  map[string]*shard
	metrics *metrics
	started atomic.Bool
}

type shard struct {
	pool  *pgxpool.Pool
	river *river.Client[pgx.Tx]
}

// NewClient makes a client of the workers in the registry, which must be complete.
// databases are the addresses of the login konote_app on every shard, by name. It does not
// wait for them.
func NewClient(ctx context.Context, databases map[string]string, registry *Registry) (*Client, error) {
	c := &Client{shards: map[string]*shard{}, metrics: registry.metrics}
	for name, url := range databases {
		pool, err := openPool(ctx, name, url)
		if err != nil {
			c.close()
			return nil, err
		}
		config := &river.Config{
			Schema:  schema,
			Queues:  queues(),
			Workers: registry.workers,
			Logger:  slog.New(riverLog{Handler: registry.log.Handler(), said: &sync.Map{}}),
			// Fetching this often lets a queue of four do 200 short jobs a second; an
			// idle queue is woken by a notification and looks by itself seldom.
			FetchCooldown:               20 * time.Millisecond,
			FetchPollInterval:           2 * time.Second,
			JobTimeout:                  jobTimeout,
			RescueStuckJobsAfter:        rescueAfter,
			MaxAttempts:                 maxAttempts,
			DiscardedJobRetentionPeriod: 30 * 24 * time.Hour,
			ErrorHandler:                &errorLog{log: registry.log},
		}
		if name == tenancy.MainShard {
			config.PeriodicJobs = registry.periodic
		}
		client, err := river.NewClient(riverpgxv5.New(pool), config)
		if err != nil {
			pool.Close()
			c.close()
			return nil, fmt.Errorf("set up the jobs of shard %s: %w", name, err)
		}
		c.shards[name] = &shard{pool: pool, river: client}
	}
	return c, nil
}

func openPool(ctx context.Context, name, url string) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("jobs: the address of shard %s cannot be read", name) // err may hold the password
	}
	config.MaxConns = 6 // one of them listens for notifications
	config.MinConns = 0
	config.ConnConfig.ConnectTimeout = 5 * time.Second
	config.ConnConfig.RuntimeParams["role"] = "konote_jobs"
	config.ConnConfig.RuntimeParams["search_path"] = ""
	config.ConnConfig.RuntimeParams["timezone"] = "UTC"
	config.ConnConfig.RuntimeParams["application_name"] = "konote jobs"
	config.ConnConfig.RuntimeParams["idle_in_transaction_session_timeout"] = "60s"
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("open the jobs of shard %s: %w", name, err)
	}
	return pool, nil
}

// Start begins to work. It needs the job tables and returns an error when a shard
// cannot be reached; after that, outages mend themselves.
func (c *Client) Start(ctx context.Context) error {
	c.started.Store(true)
	for name, s := range c.shards {
		if err := s.river.Start(context.WithoutCancel(ctx)); err != nil {
			return fmt.Errorf("start the jobs of shard %s: %w", name, err)
		}
	}
	return nil
}

// Stop fetches no more jobs and waits for those that run; when ctx ends first, they
// are cancelled and will be run again. It then closes the connections.
func (c *Client) Stop(ctx context.Context) error {
	var errs []error
	if c.started.Load() {
		for _, s := range c.shards {
			errs = append(errs, stop(ctx, s.river))
		}
	}
	c.close()
	return errors.Join(errs...)
}

func stop(ctx context.Context, client *river.Client[pgx.Tx]) error {
	err := client.Stop(ctx)
	if err == nil || ctx.Err() == nil {
		return err
	}
	hard, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return client.StopAndCancel(hard)
}

func (c *Client) close() {
	for _, s := range c.shards {
		s.pool.Close()
	}
}

// errorLog notes what went wrong, never the arguments.
type errorLog struct{ log *slog.Logger }

// HandleError implements river.ErrorHandler.
func (l *errorLog) HandleError(ctx context.Context, job *rivertype.JobRow, err error) *river.ErrorHandlerResult {
	level, text := slog.LevelWarn, "a job failed and will be tried again"
	if job.Attempt >= job.MaxAttempts {
		level, text = slog.LevelError, "a job failed for good"
	}
	l.log.Log(ctx, level, text, "kind", job.Kind, "job", job.ID, "attempt", job.Attempt, "error", err.Error())
	return nil
}

// HandlePanic implements river.ErrorHandler; workers catch their own panics.
func (l *errorLog) HandlePanic(ctx context.Context, job *rivertype.JobRow, _ any, trace string) *river.ErrorHandlerResult {
	l.log.ErrorContext(ctx, "a job panicked", "kind", job.Kind, "job", job.ID, "stack", trace)
	return nil
}

// riverLog keeps River's chatter out of the log: what is below a warning, and what it
// said within the last minute (it complains twenty times a second while Postgres is away).
type riverLog struct {
	slog.Handler
	said *sync.Map // message → when
}

func (h riverLog) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && h.Handler.Enabled(ctx, level)
}

func (h riverLog) Handle(ctx context.Context, record slog.Record) error {
	if last, ok := h.said.Load(record.Message); ok && record.Time.Sub(last.(time.Time)) < time.Minute {
		return nil
	}
	h.said.Store(record.Message, record.Time)
	return h.Handler.Handle(ctx, record)
}

func (h riverLog) WithAttrs(attrs []slog.Attr) slog.Handler {
	return riverLog{Handler: h.Handler.WithAttrs(attrs), said: h.said}
}

func (h riverLog) WithGroup(name string) slog.Handler {
	return riverLog{Handler: h.Handler.WithGroup(name), said: h.said}
}
