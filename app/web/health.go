package web

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

const (
	probeTimeout = 2 * time.Second
	probeAge     = time.Second // so that asking often does not cost more
)

// readiness asks the dependencies and remembers their answers for a moment.
type readiness struct {
	probes []Probe
	log    *slog.Logger

	mu      sync.Mutex
	askedAt time.Time
	states  map[string]string
	ready   bool
}

func newReadiness(cfg Config) *readiness {
	return &readiness{probes: cfg.Probes, log: cfg.Log, states: map[string]string{}}
}

// ask checks every dependency at the same time.
func (h *readiness) ask() (bool, map[string]string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if time.Since(h.askedAt) < probeAge {
		return h.ready, h.states
	}
	ctx, cancel := context.WithTimeout(context.Background(), probeTimeout)
	defer cancel()
	answers := make([]error, len(h.probes))
	var all sync.WaitGroup
	for i, probe := range h.probes {
		all.Go(func() { answers[i] = guard(func() error { return probe.Check(ctx) }) })
	}
	all.Wait()

	before := h.states
	h.states, h.ready, h.askedAt = make(map[string]string, len(h.probes)), true, time.Now()
	for i, probe := range h.probes {
		state := "ok"
		if answers[i] != nil {
			state = "failed"
			h.ready = h.ready && probe.Optional
		}
		h.states[probe.Name] = state
		if before[probe.Name] != state && (state == "failed" || before[probe.Name] != "") {
			h.log.Warn("dependency changed its state", "dependency", probe.Name, "state", state, "err", answers[i])
		}
	}
	return h.ready, h.states
}

// health is how the process stands.
type health struct {
	State   string             `json:"state"`
	Checks  map[string]string  `json:"checks"`
	Figures map[string]float64 `json:"figures,omitempty"` // inside only
}

// health asks the dependencies. Each is told by name and state, never why.
func (a *App) health() (status int, answer health) {
	ready, states := a.ready.ask()
	answer = health{State: "ready", Checks: states}
	switch {
	case a.ending.Load():
		ready, answer.State = false, "stopping"
	case !ready:
		answer.State = "unavailable"
	default:
		for _, state := range states {
			if state != "ok" {
				answer.State = "degraded"
			}
		}
	}
	if !ready {
		return http.StatusServiceUnavailable, answer
	}
	return http.StatusOK, answer
}

// sendReadiness answers /readyz.
func (a *App) sendReadiness(c *fiber.Ctx) error {
	status, answer := a.health()
	body, err := json.Marshal(answer)
	if err != nil {
		return err
	}
	c.Status(status)
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
	return c.Send(body)
}

// Inside answers those who run the platform: /healthz and /readyz as outside, /health with
// the figures besides, and /metrics for Prometheus. It asks nobody who they are: it must not
// be reachable from outside. It works in a process that serves nothing else.
func (a *App) Inside() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "ok\n") // who has gone needs no answer
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		status, answer := a.health()
		a.tell(w, status, answer)
	})
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) {
		status, answer := a.health()
		answer.Figures = a.figures()
		a.tell(w, status, answer)
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(a.cfg.Registry, promhttp.HandlerOpts{}))
	return mux
}

func (a *App) tell(w http.ResponseWriter, status int, answer health) {
	body, err := json.MarshalIndent(answer, "", "  ")
	if err != nil {
		a.cfg.Log.Error("the health page cannot be written", "err", err)
		status = http.StatusInternalServerError
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n')) // who has gone needs no answer
}

// figures are KoNote's own gauges as /metrics has them, so that both say the same: by name,
// with what tells several of one name apart behind it.
func (a *App) figures() map[string]float64 {
	families, err := a.cfg.Registry.Gather()
	if err != nil {
		a.cfg.Log.Warn("some figures cannot be had", "err", err) // the others are here
	}
	figures := map[string]float64{}
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			gauge := metric.GetGauge()
			if gauge == nil || !strings.HasPrefix(family.GetName(), "konote_") {
				continue
			}
			name := family.GetName()
			for _, label := range metric.GetLabel() {
				name += " " + label.GetValue()
			}
			figures[name] = gauge.GetValue()
		}
	}
	return figures
}
