package server_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"konote/app/apptest"
	"konote/app/audit"
	"konote/app/config"
	"konote/app/fault"
	"konote/app/server"
	"konote/tenancy"
)

// beside opens another server over the databases of a platform.
func beside(t *testing.T, p *apptest.Platform, change func(*config.Config)) *server.Server {
	t.Helper()
	c := *p.Server.Config
	change(&c)
	s, err := server.Open(t.Context(), &c, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// start runs a server's parts until the end of the test.
func start(t *testing.T, s *server.Server, parts server.Parts) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- s.Run(ctx, parts, func() { close(ready) }) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the server did not end well: %v", err)
		}
	})
	select {
	case <-ready:
	case err := <-ended:
		ended <- nil
		t.Fatalf("the server did not start: %v", err)
	}
}

func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("did not happen: %s", what)
		}
	}
}

// A process that leaves the outbox to others must see that they do not empty it.
func TestAProcessThatOnlyAnswersRefusesWritesPastTheBacklog(t *testing.T) {
	t.Parallel()
	p := apptest.NewAlone(t)
	s := beside(t, p, func(c *config.Config) { c.Listen, c.AuditBacklog = "127.0.0.1:0", 1 })
	cedar, err := s.Platform.BySubdomain(t.Context(), p.Cedar.Subdomain)
	if err != nil {
		t.Fatal(err)
	}
	act := func() error {
		return cedar.Update(t.Context(), func(tx *tenancy.Tx) error {
			return audit.Record(t.Context(), tx, operatorBy, audit.Event{Action: "participant.view"})
		})
	}
	p.Drain(t)
	start(t, s, server.Parts{Web: true})
	for range 2 {
		if err := act(); err != nil {
			t.Fatal(err)
		}
	}
	until(t, "writing is refused", func() bool { return fault.KindOf(act()) == fault.Unavailable })
	if state := s.Relay.States()[tenancy.MainShard]; !state.Known || state.Rows < 2 || !state.MovedAt.IsZero() {
		t.Errorf("got %+v, want a backlog that was seen and not moved", state)
	}
	p.Drain(t)
	until(t, "writing goes on", func() bool { return act() == nil })
}
