package web

import (
	"errors"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are labelled by the pattern of the route, never by a path or an agency.
type metrics struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	inFlight prometheus.Gauge
}

func newMetrics(cfg Config) (*metrics, error) {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "konote_requests_total", Help: "Requests answered."},
			[]string{"method", "route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "konote_request_seconds", Help: "Time to answer.",
			Buckets: []float64{.002, .005, .01, .02, .05, .1, .25, .5, 1, 2.5, 10}}, []string{"route"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{Name: "konote_requests_in_flight", Help: "Requests being answered."}),
	}
	var problems []error
	for _, collector := range []prometheus.Collector{m.requests, m.seconds, m.inFlight} {
		problems = append(problems, cfg.Registry.Register(collector))
	}
	return m, errors.Join(problems...)
}

func (m *metrics) observe(route Route, status int, took time.Duration) {
	pattern := route.Path
	if pattern == "" {
		pattern = "none"
	}
	m.requests.WithLabelValues(route.Method, pattern, strconv.Itoa(status)).Inc()
	m.seconds.WithLabelValues(pattern).Observe(took.Seconds())
}
