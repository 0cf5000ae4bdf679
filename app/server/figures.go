package server

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// figures are the gauges of what this process holds, for /metrics and the health page.
// None names an agency.
func (s *Server) figures() []prometheus.Collector {
	gauge := func(name, help string, value func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value)
	}
	ring := s.Platform.Ring()
	return []prometheus.Collector{
		gauge("konote_keys_held", "Agencies whose data key is in memory.", func() float64 { return float64(ring.Health().Held) }),
		gauge("konote_keys_unrefreshed", "Those of them whose last refresh failed: their records close when the key is an hour old.",
			func() float64 { return float64(ring.Health().Unrefreshed) }),
		gauge("konote_keys_outage_seconds", "How long the key provider has been out of reach, as far as it was asked; 0 while it answers.",
			func() float64 {
				if health := ring.Health(); health.LastError != nil {
					return s.Platform.Now().Sub(health.Since).Seconds()
				}
				return 0
			}),
		gauge("konote_search_index_bytes", "Memory of the search indexes.", func() float64 {
			bytes, _ := s.Finder.Memory()
			return float64(bytes)
		}),
		gauge("konote_hash_waiting", "Passwords that wait for their turn to be hashed.", func() float64 { return float64(s.Hasher.Waiting()) }),
		parked{s},
	}
}

// parked counts agencies whose migration failed. The gauge is missing while the registry
// cannot be asked.
type parked struct{ server *Server }

var parkedGauge = prometheus.NewDesc("konote_agencies_parked", "Agencies that rest because their migration failed.", nil, nil)

// Describe implements prometheus.Collector.
func (parked) Describe(to chan<- *prometheus.Desc) { to <- parkedGauge }

// Collect implements prometheus.Collector.
func (p parked) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	status, err := p.server.Platform.Migrations(ctx)
	if err != nil {
		return
	}
	to <- prometheus.MustNewConstMetric(parkedGauge, prometheus.GaugeValue, float64(len(status.Parked)))
}
