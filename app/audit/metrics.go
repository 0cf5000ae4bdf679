package audit

import "github.com/prometheus/client_golang/prometheus"

type relayMetrics struct {
	moved  *prometheus.CounterVec
	errors *prometheus.CounterVec
}

func newRelayMetrics() *relayMetrics {
	return &relayMetrics{
		moved: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "konote_audit_moved_total", Help: "Acts moved from the outbox to the audit database.",
		}, []string{"shard"}),
		errors: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "konote_audit_relay_errors_total", Help: "Batches that the audit relay could not move.",
		}, []string{"shard"}),
	}
}

var (
	backlogGauge = prometheus.NewDesc("konote_audit_backlog", "Acts that wait for the audit database.", []string{"shard"}, nil)
	ageGauge     = prometheus.NewDesc("konote_audit_backlog_age_seconds", "How long the first of them has waited.", []string{"shard"}, nil)
	refusedGauge = prometheus.NewDesc("konote_audit_refused", "Outbox rows that the relay would not move: each one is an alarm.", []string{"shard"}, nil)
	closedGauge  = prometheus.NewDesc("konote_audit_guard_closed", "1 while the platform refuses writes because too many acts wait.", nil, nil)
)

// Describe implements prometheus.Collector.
func (r *Relay) Describe(to chan<- *prometheus.Desc) {
	r.metrics.moved.Describe(to)
	r.metrics.errors.Describe(to)
	to <- backlogGauge
	to <- ageGauge
	to <- refusedGauge
	to <- closedGauge
}

// Collect implements prometheus.Collector.
func (r *Relay) Collect(to chan<- prometheus.Metric) {
	r.metrics.moved.Collect(to)
	r.metrics.errors.Collect(to)
	for shard, state := range r.States() {
		if !state.Known {
			continue
		}
		gauge := func(desc *prometheus.Desc, value float64) {
			to <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, shard)
		}
		gauge(backlogGauge, float64(state.Rows))
		gauge(ageGauge, state.Age.Seconds())
		gauge(refusedGauge, float64(state.Refused))
	}
	closed := 0.0
	if r.guard.Check() != nil {
		closed = 1
	}
	to <- prometheus.MustNewConstMetric(closedGauge, prometheus.GaugeValue, closed)
}
