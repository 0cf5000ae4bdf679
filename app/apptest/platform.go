package apptest

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"konote/app/audit"
	"konote/app/config"
	"konote/app/server"
	"konote/jobs"
	"konote/keyring"
	"konote/tenancy"
	"konote/tenancy/tenancytest"
)

// Platform is a server with its two agencies.
type Platform struct {
	World  *tenancytest.World // nil in tests that start servers of their own
	Owner  *tenancy.Owner
	Server *server.Server
	Log    *Log
	Cedar  *Agency
	Birch  *Agency

	t        testing.TB   // the test that it ends with
	words    []string     // of both agencies
	visitors atomic.Int32 // browsers so far: each has an address of its own
	listen   sync.Once
	port     int
}

// New gives the test a platform. Its databases are shared with the other tests of the
// process; the agencies are its own.
func New(t testing.TB) *Platform {
	t.Helper()
	return open(t, tenancytest.New(t))
}

// NewAlone is New with databases of its own, for tests that look at all of them.
func NewAlone(t testing.TB) *Platform {
	t.Helper()
	return open(t, tenancytest.NewAlone(t))
}

// NewCounted is New with a counter of what is asked of the operational database.
func NewCounted(t testing.TB) (*Platform, *tenancytest.Counter) {
	t.Helper()
	w, counter := tenancytest.New(t), &tenancytest.Counter{}
	settings := Settings(w, t.TempDir())
	settings.DatabaseURL = counter.Through(t, settings.DatabaseURL)
	p := build(t, settings, w.Owner)
	p.World = w
	return p, counter
}

func open(t testing.TB, w *tenancytest.World) *Platform {
	t.Helper()
	p := build(t, Settings(w, t.TempDir()), w.Owner)
	p.World = w
	return p
}

// build opens a server with these settings and makes its agencies.
func build(t testing.TB, c *config.Config, owner *tenancy.Owner) *Platform {
	t.Helper()
	if err := jobs.Migrate(t.Context(), c.OwnerURL); err != nil {
		t.Fatal(err)
	}
	p := &Platform{t: t, Owner: owner, Log: &Log{}}
	log := slog.New(slog.NewJSONHandler(p.Log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	var err error
	if p.Server, err = server.Open(t.Context(), c, log); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Server.Close)
	invent := newWords()
	p.Cedar = p.newAgency(t, "cedar", "Cedar Centre", "Centre du Cèdre", invent)
	p.Birch = p.newAgency(t, "birch", "Birch House", "Maison du Bouleau", invent)
	p.words = append(p.Cedar.Words(), p.Birch.Words()...)
	return p
}

// secrets are those of every platform of this process, so that one opens what another
// one sealed.
var secrets = sync.OnceValue(func() config.Config {
	signing, err := audit.GenerateSigningKey()
	if err != nil {
		panic(err) // the random source never fails
	}
	return config.Config{
		LocalKey: keyring.GenerateLocal(), AuditSigningKey: signing,
		Pepper: []byte("the pepper of all tests, 32 byte"), LimitSecret: []byte("the limits of all tests, 32 byte"),
	}
})

// Settings are those of a server over the databases of a world. checkpoints is a folder.
func Settings(w *tenancytest.World, checkpoints string) *config.Config {
	return settingsOf(w.URL, w.AuditURL, w.RedisURL, checkpoints)
}

// settingsOf are those of a server; operational and audit are the addresses of the databases for
// a role.
func settingsOf(operational, audit func(role string) string, redis, checkpoints string) *config.Config {
	c := secrets()
	c.Mode, c.BaseDomain, c.Port, c.KeyProvider = config.Demo, "localhost", 443, "local"
	c.DatabaseURL, c.OwnerURL = operational("konote_app"), operational("konote_owner")
	c.AuditOwnerURL, c.AuditWriterURL, c.AuditReaderURL =
		audit("konote_audit_owner"), audit("konote_audit_writer"), audit("konote_audit_reader")
	c.RedisURL, c.CheckpointDir = redis, checkpoints
	c.AuditBacklog, c.AuditBacklogAge = 200_000, 24*time.Hour
	c.InsecureCookies, c.SearchMemory = true, 64<<20
	c.MailFrom = "no-reply@konote.example"
	c.TrustedProxies = []string{inProcess}
	return &c
}

// Address is where an agency's pages are for a real browser. The first call begins to
// listen; the platform's test ends it.
func (p *Platform) Address(a *Agency) string {
	p.listen.Do(func() {
		listener, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			p.t.Errorf("listen: %v", err)
			return
		}
		p.port = listener.Addr().(*net.TCPAddr).Port
		go func() { _ = p.Server.Web.Serve(listener) }() // ends with Shutdown
		p.t.Cleanup(func() {
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			if err := p.Server.Web.Shutdown(ctx); err != nil {
				p.t.Errorf("shut down: %v", err)
			}
		})
	})
	return "http://" + a.Host + ":" + strconv.Itoa(p.port)
}

// Drain moves what waits in the outbox into the audit database.
func (p *Platform) Drain(t testing.TB) {
	t.Helper()
	if err := p.Server.Relay.Drain(t.Context(), tenancy.MainShard); err != nil {
		t.Fatal(err)
	}
}

// ForgetLimits lets everybody try again: a test asks more often than people do.
func (p *Platform) ForgetLimits(t testing.TB) {
	t.Helper()
	keys := p.Server.Redis.Scan(t.Context(), 0, "l:*", 1000).Iterator()
	for keys.Next(t.Context()) {
		if err := p.Server.Redis.Del(t.Context(), keys.Val()).Err(); err != nil {
			t.Fatal(err)
		}
	}
	if err := keys.Err(); err != nil {
		t.Fatal(err)
	}
}

// Log keeps what was logged.
type Log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (l *Log) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

// String is all of it.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// Errors are the lines at the level of errors.
func (l *Log) Errors() []string {
	var found []string
	for line := range strings.Lines(l.String()) {
		if strings.Contains(line, `"level":"ERROR"`) {
			found = append(found, strings.TrimSpace(line))
		}
	}
	return found
}
