package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/riverqueue/river"
)

// Stats of all shards together, for metrics and the health page.
type Stats struct {
	Waiting  int64
	Running  int64
	Retrying int64
	Dead     int64   // failed ten times; kept 30 days
	Oldest   float64 // seconds that the first job in the queue has waited
}

// Stats asks the job tables.
func (c *Client) Stats(ctx context.Context) (Stats, error) {
	var sum Stats
	for name, s := range c.shards {
		rows, err := s.pool.Query(ctx, sqlStats)
		if err != nil {
			return Stats{}, fmt.Errorf("count the jobs of shard %s: %w", name, err)
		}
		one, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Stats])
		if err != nil {
			return Stats{}, fmt.Errorf("count the jobs of shard %s: %w", name, err)
		}
		sum.Waiting += one.Waiting
		sum.Running += one.Running
		sum.Retrying += one.Retrying
		sum.Dead += one.Dead
		sum.Oldest = max(sum.Oldest, one.Oldest)
	}
	return sum, nil
}

type metrics struct {
	ended   *prometheus.CounterVec
	seconds *prometheus.HistogramVec
}

func newMetrics() *metrics {
	return &metrics{
		ended: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "konote_jobs_runs_total", Help: "Runs of jobs, by kind and how they ended.",
		}, []string{"kind", "outcome"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "konote_jobs_run_seconds", Help: "How long runs of jobs took.",
			Buckets: []float64{0.01, 0.05, 0.25, 1, 5, 30, 120},
		}, []string{"kind"}),
	}
}

func (m *metrics) done(kind string, err error, last bool, took time.Duration) {
	var snooze *river.JobSnoozeError
	var cancel *river.JobCancelError
	outcome := "failed"
	switch {
	case err == nil:
		outcome = "done"
	case errors.As(err, &snooze):
		outcome = "asleep"
	case errors.As(err, &cancel):
		outcome = "cancelled"
	case last:
		outcome = "dead"
	}
	m.ended.WithLabelValues(kind, outcome).Inc()
	m.seconds.WithLabelValues(kind).Observe(took.Seconds())
}

var (
	jobsGauge   = prometheus.NewDesc("konote_jobs", "Unfinished and dead jobs, by state.", []string{"state"}, nil)
	oldestGauge = prometheus.NewDesc("konote_jobs_oldest_seconds", "How long the first job in the queue has waited.", nil, nil)
)

// Describe implements prometheus.Collector.
func (c *Client) Describe(to chan<- *prometheus.Desc) {
	c.metrics.ended.Describe(to)
	c.metrics.seconds.Describe(to)
	to <- jobsGauge
	to <- oldestGauge
}

// Collect implements prometheus.Collector. The gauges are missing while a shard
// cannot be asked.
func (c *Client) Collect(to chan<- prometheus.Metric) {
	c.metrics.ended.Collect(to)
	c.metrics.seconds.Collect(to)
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	stats, err := c.Stats(ctx)
	if err != nil {
		return
	}
	gauge := func(state string, n int64) {
		to <- prometheus.MustNewConstMetric(jobsGauge, prometheus.GaugeValue, float64(n), state)
	}
	gauge("waiting", stats.Waiting)
	gauge("running", stats.Running)
	gauge("retrying", stats.Retrying)
	gauge("dead", stats.Dead)
	to <- prometheus.MustNewConstMetric(oldestGauge, prometheus.GaugeValue, stats.Oldest)
}
