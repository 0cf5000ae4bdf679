package server_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

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
	for deadline := time.Now().Add(time.Minute); !holds(); time.Sleep(10 * time.Millisecond) {
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

// freePort is an address that nobody listens on.
func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

func TestATakenAddressIsSaidBeforeAnythingBegins(t *testing.T) {
	t.Parallel()
	p := apptest.New(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for setting, test := range map[string]struct {
		change func(*config.Config)
		parts  server.Parts
	}{
		"KONOTE_LISTEN": {func(c *config.Config) { c.Listen = taken.Addr().String() }, server.Parts{Web: true}},
		"KONOTE_INTERNAL": {func(c *config.Config) { c.Listen, c.Internal = "127.0.0.1:0", taken.Addr().String() },
			server.Parts{Web: true, Work: true}},
	} {
		s := beside(t, p, test.change)
		err := s.Run(t.Context(), test.parts, func() { t.Errorf("%s: it says that it is ready", setting) })
		if err == nil || !strings.Contains(err.Error(), setting) || !strings.Contains(err.Error(), taken.Addr().String()) {
			t.Errorf("%s: got %v", setting, err)
		}
	}
}

// A process that answers no requests tells how it stands all the same, and names no agency.
func TestAProcessThatOnlyWorksTellsHowItStands(t *testing.T) {
	t.Parallel()
	p := apptest.NewAlone(t)
	s := beside(t, p, func(c *config.Config) { c.Internal = freePort(t) })
	start(t, s, server.Parts{Work: true})
	get := func(path string) string {
		response, err := http.Get("http://" + s.Config.Internal + path)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		if err != nil || response.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d %s %v", path, response.StatusCode, text, err)
		}
		return string(text)
	}
	get("/healthz")
	get("/readyz")
	until(t, "the backlog is known", func() bool { return strings.Contains(get("/metrics"), "konote_audit_backlog{") })

	conn, err := pgx.Connect(t.Context(), p.World.SuperuserURL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), "UPDATE control.agencies SET parked_reason = 'a test' WHERE id = $1", p.Birch.ID); err != nil {
		t.Fatal(err)
	}
	cedar, err := s.Platform.BySubdomain(t.Context(), p.Cedar.Subdomain)
	if err == nil {
		err = cedar.View(t.Context(), func(*tenancy.Tx) error { return nil })
	}
	if err != nil {
		t.Fatal(err)
	}
	var health struct{ Figures map[string]float64 }
	if err := json.Unmarshal([]byte(get("/health")), &health); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]float64{
		"konote_keys_held": 1, "konote_keys_unrefreshed": 0, "konote_keys_outage_seconds": 0, "konote_agencies_parked": 1,
		"konote_search_index_bytes": 0, "konote_hash_waiting": 0, "konote_jobs dead": 0, "konote_audit_guard_closed": 0,
	} {
		if got, there := health.Figures[name]; !there || got != want {
			t.Errorf("%s: got %v %v, want %v", name, got, there, want)
		}
	}
	for _, name := range []string{"konote_audit_backlog main", "konote_audit_backlog_age_seconds main"} {
		if _, there := health.Figures[name]; !there {
			t.Errorf("the health page lacks %s: %v", name, health.Figures)
		}
	}

	guide, err := os.ReadFile(filepath.Join(root, "docs/operators.md"))
	if err != nil {
		t.Fatal(err)
	}
	metrics := get("/metrics")
	named := regexp.MustCompile(`konote_[a-z_]+`).FindAllString(string(guide), -1)
	if len(named) < 8 {
		t.Errorf("the guide names %v only", named)
	}
	for _, name := range named {
		if !strings.Contains(metrics, "\n"+name) {
			t.Errorf("the guide names %s, which there is not", name)
		}
	}
	for _, page := range []string{metrics, get("/health"), get("/readyz")} {
		for _, alien := range []string{p.Cedar.Subdomain, p.Cedar.ID.String(), p.Birch.Subdomain, p.Birch.ID.String()} {
			if strings.Contains(page, alien) {
				t.Errorf("%s is named in %s", alien, page)
			}
		}
	}
}
