package web

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
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

// sendReadiness answers /readyz: each dependency by name and state, never why.
func (a *App) sendReadiness(c *fiber.Ctx) error {
	ready, states := a.ready.ask()
	answer := struct {
		State  string            `json:"state"`
		Checks map[string]string `json:"checks"`
	}{"ready", states}
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
	body, err := json.Marshal(answer)
	if err != nil {
		return err
	}
	c.Status(http.StatusOK)
	if !ready {
		c.Status(http.StatusServiceUnavailable)
	}
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
	return c.Send(body)
}
