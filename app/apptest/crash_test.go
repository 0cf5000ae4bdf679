package apptest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"konote/app/config"
	"konote/app/server"
	"konote/embedded"
	"konote/keyring"
	"konote/tenancy"
)

// childSettings names the file of settings for this program as the server that a test
// kills.
const childSettings = "KONOTE_APPTEST_CHILD"

func TestMain(m *testing.M) {
	if path := os.Getenv(childSettings); path != "" {
		if err := runChild(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	code := m.Run()
	endChrome()
	os.Exit(code)
}

// runChild is konote serve with settings from a file.
func runChild(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var c config.Config
	if err := json.Unmarshal(text, &c); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	s, err := server.Open(ctx, &c, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer s.Close()
	return s.Run(ctx, server.Parts{Web: true, Work: true}, func() { fmt.Println("ready") })
}

// The kills of one run.
const (
	processKills = 12
	outages      = 3 // of Postgres, of Redis and of the audit database each
	writers      = 6
)

// Whatever ends in the middle of writes, and however often: what was answered with
// "saved" is there once, each record has its one entry in the audit log, no entry is
// without its record, and the chain holds.
func TestKillingAnyPartLosesNothingAndDoublesNothing(t *testing.T) {
	t.Parallel()
	c := newCrash(t)
	c.start()
	var running sync.WaitGroup
	for i := range writers {
		agency := []*Agency{c.Cedar, c.Birch}[i%2]
		b := c.SignIn(t, agency.Worker) // before anything is killed: a sign-in without Redis is refused
		b.Open("/")
		running.Go(func() { c.write(i, agency, b) })
	}
	began := time.Now()
	for i := range processKills {
		c.moreWrites(1 + rand.IntN(60))
		c.killProcess()
		if i%(processKills/outages) == 0 {
			c.outOf(c.postgres)
			c.outOf(c.redis)
			c.outOfAudit()
		}
	}
	c.moreWrites(20)
	c.over.Store(true)
	running.Wait()
	if err := c.stop(); err != nil {
		t.Errorf("the server did not end well: %v", err)
	}
	t.Logf("%d kills in %s; %d writes were answered with success, %d got no such answer",
		processKills+3*outages, time.Since(began).Round(time.Millisecond), c.done.Load(), c.unknown.Load())
	c.compare()
}

type crash struct {
	*Platform
	t        *testing.T
	postgres *outage
	redis    *outage
	settings string // file for the child
	address  string
	child    *exec.Cmd
	client   *http.Client

	gate    gate
	over    atomic.Bool
	done    atomic.Int64
	unknown atomic.Int64
	mu      sync.Mutex
	saved   []string // texts of notes and record numbers that were answered with success
}

// outage is a private server that is killed and started again.
type outage struct {
	options embedded.Options
	servers *embedded.Servers
	pid     func(*embedded.Servers) int
}

func (o *outage) start(t *testing.T) {
	t.Helper()
	var err error
	if o.servers, err = embedded.Start(t.Context(), o.options); err != nil {
		t.Fatal(err)
	}
}

func newCrash(t *testing.T) *crash {
	t.Helper()
	dir := t.TempDir()
	for at := dir; at != os.TempDir() && at != "/"; at = filepath.Dir(at) {
		if err := os.Chmod(at, 0o711); err != nil { // the servers may run as another account
			t.Fatal(err)
		}
	}
	c := &crash{t: t, settings: filepath.Join(dir, "settings.json"), gate: gate{open: make(chan struct{})},
		postgres: &outage{options: embedded.Options{Dir: filepath.Join(dir, "postgres"), PostgresOnly: true, Durable: true},
			pid: func(s *embedded.Servers) int { pid, _ := s.PIDs(); return pid }},
		redis: &outage{options: embedded.Options{Dir: filepath.Join(dir, "redis"), RedisOnly: true, Durable: true},
			pid: func(s *embedded.Servers) int { _, pid := s.PIDs(); return pid }},
	}
	for _, o := range []*outage{c.postgres, c.redis} {
		o.start(t)
		t.Cleanup(func() {
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			if err := o.servers.Stop(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	conf, owner := c.databases(dir)
	c.Platform = build(t, conf, owner)
	t.Cleanup(owner.Close)
	text, err := json.Marshal(conf)
	if err == nil {
		err = os.WriteFile(c.settings, text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	c.address = conf.Listen
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "tcp4", c.address)
	}
	c.client = &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{DialContext: dial, MaxIdleConnsPerHost: writers},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return c
}

// databases makes both, and the settings of a server over them.
func (c *crash) databases(dir string) (*config.Config, *tenancy.Owner) {
	t, s := c.t, c.postgres.servers
	t.Helper()
	passwords := map[string]string{}
	for _, role := range []string{"konote_owner", "konote_app", "konote_audit_owner", "konote_audit_writer", "konote_audit_reader"} {
		passwords[role] = s.Password(role)
	}
	checkpoints := filepath.Join(dir, "checkpoints")
	conf := settingsOf(func(role string) string { return s.URL(role, "ops") }, func(role string) string { return s.URL(role, "audit") },
		c.redis.servers.RedisURL(), checkpoints)
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	conf.Listen = listener.Addr().String()
	owner, err := tenancy.OpenOwner(t.Context(), conf.OwnerURL, nil)
	for _, err := range []error{
		listener.Close(), err, os.Mkdir(checkpoints, 0o700),
		tenancy.Bootstrap(t.Context(), s.SuperuserURL("postgres"), tenancy.BootstrapSettings{Passwords: passwords, OpsDatabase: "ops", AuditDatabase: "audit"}),
		tenancy.MigrateControl(t.Context(), conf.OwnerURL), tenancy.MigrateAudit(t.Context(), conf.AuditOwnerURL),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return conf, owner
}

// gate keeps writers back while something is down.
type gate struct {
	mu   sync.Mutex
	open chan struct{} // closed when open
}

func (g *gate) wait() {
	g.mu.Lock()
	open := g.open
	g.mu.Unlock()
	<-open
}

func (g *gate) set(open bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	select {
	case <-g.open:
		if !open {
			g.open = make(chan struct{})
		}
	default:
		if open {
			close(g.open)
		}
	}
}

// start begins the server and opens the gate once it answers.
func (c *crash) start() {
	c.t.Helper()
	program, err := os.Executable()
	if err != nil {
		c.t.Fatal(err)
	}
	c.child = exec.Command(program)
	c.child.Env = append(os.Environ(), childSettings+"="+c.settings)
	c.child.Stderr = os.Stderr
	out, err := c.child.StdoutPipe()
	if err == nil {
		err = c.child.Start()
	}
	if err != nil {
		c.t.Fatal(err)
	}
	child := c.child
	c.t.Cleanup(func() { _ = child.Process.Kill() }) // gone already is as good
	word := make([]byte, len("ready\n"))
	if _, err := io.ReadFull(out, word); err != nil {
		c.gate.set(true) // the writers end with the test
		c.over.Store(true)
		c.t.Fatalf("the server did not start: %v", err)
	}
	c.awaitAnswer()
	c.gate.set(true)
}

// awaitAnswer waits until a page is answered, which needs every part.
func (c *crash) awaitAnswer() {
	c.t.Helper()
	var last string
	defer func() {
		if c.t.Failed() {
			c.t.Logf("the last answer: %s", last)
		}
	}()
	c.until("the server answers again", func() bool {
		request, err := http.NewRequestWithContext(c.t.Context(), http.MethodGet, "http://"+c.Cedar.Host+"/readyz", nil)
		if err != nil {
			return false
		}
		response, err := c.client.Do(request)
		if err != nil {
			last = err.Error()
			return false
		}
		defer response.Body.Close()
		text, _ := io.ReadAll(response.Body)
		last = string(text)
		return response.StatusCode == http.StatusOK
	})
}

// until asks until something holds.
func (c *crash) until(what string, holds func() bool) {
	c.t.Helper()
	deadline := time.NewTimer(30 * time.Second)
	defer deadline.Stop()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-deadline.C:
			c.over.Store(true)
			c.gate.set(true)
			c.t.Fatalf("it never came to this: %s", what)
		}
	}
}

func (c *crash) moreWrites(n int) {
	c.t.Helper()
	want := c.done.Load() + int64(n)
	c.until("more writes", func() bool { return c.done.Load() >= want })
}

// killProcess ends web and worker at once, in the middle of whatever they do.
func (c *crash) killProcess() {
	c.t.Helper()
	if err := c.child.Process.Kill(); err != nil {
		c.t.Fatal(err)
	}
	c.gate.set(false)
	_ = c.child.Wait() // killed
	c.start()
}

func (c *crash) stop() error {
	return errors.Join(c.child.Process.Signal(syscall.SIGTERM), c.child.Wait())
}

// outOf kills Postgres or Redis and starts it again; the server stays.
func (c *crash) outOf(o *outage) {
	c.t.Helper()
	c.moreWrites(1 + rand.IntN(60))
	if err := syscall.Kill(o.pid(o.servers), syscall.SIGKILL); err != nil {
		c.t.Fatal(err)
	}
	c.gate.set(false)
	ctx, cancel := context.WithTimeout(c.t.Context(), time.Minute)
	defer cancel()
	c.until("the killed server is gone", func() bool { return syscall.Kill(o.pid(o.servers), 0) != nil })
	if err := o.servers.Stop(ctx); err != nil {
		c.t.Fatal(err)
	}
	o.start(c.t)
	c.awaitAnswer()
	c.gate.set(true)
}

// outOfAudit takes the audit database away. Acts go on, and wait in the outbox.
func (c *crash) outOfAudit() {
	c.t.Helper()
	conn := superuser(c.t, c.postgres.servers.SuperuserURL("postgres"))
	defer func() { _ = conn.Close(context.Background()) }()
	for _, sql := range []string{"ALTER DATABASE audit ALLOW_CONNECTIONS false",
		"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'audit'"} {
		if _, err := conn.Exec(c.t.Context(), sql); err != nil {
			c.t.Fatal(err)
		}
	}
	c.moreWrites(10 + rand.IntN(15))
	c.killProcess()
	c.moreWrites(5)
	if _, err := conn.Exec(c.t.Context(), "ALTER DATABASE audit ALLOW_CONNECTIONS true"); err != nil {
		c.t.Fatal(err)
	}
}

// write is one of the people who write, for as long as the test runs: notes, and now
// and then a new participant.
func (c *crash) write(i int, agency *Agency, b *Browser) {
	for n := 0; !c.over.Load(); n++ {
		text := fmt.Sprintf("writer%d-%d", i, n)
		path, form := "/participants/"+agency.Own.ID.String()+"/notes", url.Values{"text": {text}, "interaction": {"session"}, "happened_on": {"2025-01-02"}}
		if n%5 == 4 {
			path, form = "/participants", url.Values{"first_name": {"Writer"}, "last_name": {text}, "record_id": {text}, "language": {"en"},
				"program": {agency.Housing.String()}, "start": {"active"}}
		}
		form.Set("csrf", b.Token())
		if c.post(b, path, form) {
			c.mu.Lock()
			c.saved = append(c.saved, text)
			c.mu.Unlock()
			c.done.Add(1)
			continue
		}
		c.unknown.Add(1)
		c.gate.wait()
	}
}

// post says whether the answer was that it is saved.
func (c *crash) post(b *Browser, path string, form url.Values) bool {
	request, err := http.NewRequestWithContext(c.t.Context(), http.MethodPost, b.url(path).String(), strings.NewReader(form.Encode()))
	if err != nil {
		return false
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for _, cookie := range b.Cookies() {
		request.AddCookie(cookie)
	}
	response, err := c.client.Do(request)
	if err != nil {
		return false
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, response.Body) // the status is the answer
	if response.StatusCode != http.StatusSeeOther && response.StatusCode < 500 && response.StatusCode != http.StatusTooManyRequests {
		c.t.Errorf("%s: got %d, want a redirect or an error of ours", path, response.StatusCode)
		c.over.Store(true)
	}
	return response.StatusCode == http.StatusSeeOther
}

// compare looks at what is there in the end.
func (c *crash) compare() {
	t := c.t
	t.Helper()
	c.Drain(t)
	ops, audit := superuser(t, c.postgres.servers.SuperuserURL("ops")), superuser(t, c.postgres.servers.SuperuserURL("audit"))
	for table, want := range map[string]int{"outbox.audit_events": 0, "outbox.refused_events": 0} {
		var got int
		if err := ops.QueryRow(t.Context(), "SELECT count(*) FROM "+table).Scan(&got); err != nil || got != want {
			t.Errorf("%s has %d rows, want %d (%v)", table, got, want, err)
		}
	}
	report, err := c.Server.Ledger.Verify(t.Context(), nil, nil)
	if err != nil || !report.OK() {
		t.Errorf("the chains do not hold: %+v, %v", report, err)
	}

	texts := map[string]int{}
	for _, agency := range []*Agency{c.Cedar, c.Birch} {
		found := c.records(agency)
		for action, ids := range found {
			rows, err := audit.Query(t.Context(), "SELECT subject_id, count(*) FROM audit.entries WHERE agency_id = $1 AND action = $2 GROUP BY 1", agency.ID, action)
			if err != nil {
				t.Fatal(err)
			}
			entries := map[uuid.UUID]int{}
			for rows.Next() {
				var id uuid.UUID
				var count int
				if err := rows.Scan(&id, &count); err != nil {
					t.Fatal(err)
				}
				entries[id] = count
			}
			for id, text := range ids {
				texts[text]++
				if entries[id] != 1 {
					t.Errorf("%s of %s has %d entries in the audit log, want 1", action, id, entries[id])
				}
				delete(entries, id)
			}
			for id := range entries {
				t.Errorf("the audit log has %s of %s, which does not exist", action, id)
			}
		}
	}
	for _, text := range c.saved {
		if texts[text] != 1 {
			t.Errorf("%s was answered with success and is there %d times", text, texts[text])
		}
	}
	for text, count := range texts {
		if count != 1 {
			t.Errorf("%s is there %d times", text, count)
		}
	}
	t.Logf("%s records, %d audit entries", strconv.Itoa(len(texts)), report.Entries())
}

// records are those that the writers made, by the action that made them: what they say,
// by id.
func (c *crash) records(agency *Agency) map[string]map[uuid.UUID]string {
	t := c.t
	t.Helper()
	found := map[string]map[uuid.UUID]string{"note.create": {}, "participant.create": {}}
	fixture := map[uuid.UUID]bool{}
	for _, p := range agency.Participants() {
		fixture[p.ID] = true
		for _, e := range p.Enrolments {
			fixture[e.Note] = true
		}
	}
	err := agency.View(t.Context(), func(tx *tenancy.Tx) error {
		for action, from := range map[string]struct {
			sql    string
			column keyring.Column
		}{
			"note.create":        {"SELECT id, text_sealed, 1 FROM agency.notes", keyring.Column{Table: "notes", Name: "text", Pad: keyring.Words}},
			"participant.create": {"SELECT p.id, p.record_id_sealed, (SELECT count(*) FROM agency.enrolments e JOIN agency.enrolment_changes c ON c.enrolment_id = e.id WHERE e.participant_id = p.id) FROM agency.participants p", keyring.Column{Table: "participants", Name: "record_id", Pad: keyring.Identity}},
		} {
			rows, err := tx.Query(t.Context(), from.sql)
			if err != nil {
				return err
			}
			for rows.Next() {
				var id uuid.UUID
				var sealed keyring.Sealed
				var belongs int
				if err := rows.Scan(&id, &sealed, &belongs); err != nil {
					return err
				}
				if fixture[id] {
					continue
				}
				if belongs != 1 {
					t.Errorf("participant %s has %d lines of history, want 1", id, belongs)
				}
				if found[action][id], err = tx.Box().Open(from.column, id, sealed); err != nil {
					return err
				}
			}
			if err := rows.Err(); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
