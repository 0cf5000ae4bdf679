package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime/pprof"
	"time"

	"github.com/jackc/pgx/v5"

	"konote/app/audit"
	"konote/app/config"
	"konote/app/server"
	"konote/embedded"
	"konote/jobs"
	"konote/keyring"
	"konote/tenancy"
)

const (
	home        = ".konote/bench"
	opsDatabase = "konote"
	auditDB     = "konote_audit"
)

type options struct {
	quick   bool
	signIns int
	profile string
}

// bench is what the sections measure: databases, and the product over them, twice.
type bench struct {
	options
	servers  *embedded.Servers
	settings *config.Config
	log      *os.File
	owner    *tenancy.Owner
	// free is the product without quotas for haste, which would end every measurement;
	// metered has them, for what is about floods.
	free, metered *site
	made          map[string]*agency
}

// A site is the product, listening.
type site struct {
	*server.Server
	address string
}

func (b *bench) say(format string, args ...any) { fmt.Fprintf(os.Stderr, "· "+format+"\n", args...) }

// pick gives the ordinary amount, or the one of -quick.
func pick[T any](b *bench, ordinary, quick T) T {
	if b.quick {
		return quick
	}
	return ordinary
}

// start starts everything, in an empty folder.
func start(ctx context.Context, o options) (_ *bench, err error) {
	b := &bench{options: o, made: map[string]*agency{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, b.stop(true))
		}
	}()
	b.say("starting a private Postgres and Redis in %s", home)
	if err := embedded.Remove(home); err != nil {
		return nil, err
	}
	if b.servers, err = embedded.Start(ctx, embedded.Options{Dir: home, Durable: true}); err != nil {
		return nil, err
	}
	if b.log, err = os.Create(filepath.Join(home, "konote.log")); err != nil {
		return nil, fmt.Errorf("open the log: %w", err)
	}
	if b.settings, err = b.configure(); err != nil {
		return nil, err
	}
	if err := b.makeDatabases(ctx); err != nil {
		return nil, err
	}
	if b.owner, err = tenancy.OpenOwner(ctx, b.settings.OwnerURL, nil); err != nil {
		return nil, err
	}
	if b.metered, err = b.open(ctx); err != nil {
		return nil, err
	}
	if b.free, err = b.open(ctx); err != nil {
		return nil, err
	}
	b.free.Limits.Unmeter()
	for _, s := range []*site{b.free, b.metered} {
		if err := s.listen(); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// stop ends everything. What is in the folder stays when something failed, for a look.
func (b *bench) stop(failed bool) error {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	var errs []error
	for _, s := range []*site{b.free, b.metered} {
		if s != nil {
			errs = append(errs, s.Web.Shutdown(ctx))
			s.Close()
		}
	}
	if b.owner != nil {
		b.owner.Close()
	}
	if b.log != nil {
		errs = append(errs, b.log.Close())
	}
	if b.servers != nil {
		errs = append(errs, b.servers.Stop(ctx))
	}
	if !failed {
		errs = append(errs, embedded.Remove(home))
	}
	return errors.Join(errs...)
}

// configure reads the settings as every process does.
func (b *bench) configure() (*config.Config, error) {
	signing, err := audit.GenerateSigningKey()
	if err != nil {
		return nil, err
	}
	environment := map[string]string{
		"KONOTE_MODE": "production", "KONOTE_BASE_DOMAIN": "localhost", // the demo has no quotas
		"KONOTE_DATABASE_URL":       b.servers.URL("konote_app", opsDatabase),
		"KONOTE_OWNER_DATABASE_URL": b.servers.URL("konote_owner", opsDatabase),
		"KONOTE_AUDIT_OWNER_URL":    b.servers.URL("konote_audit_owner", auditDB),
		"KONOTE_AUDIT_WRITER_URL":   b.servers.URL("konote_audit_writer", auditDB),
		"KONOTE_AUDIT_READER_URL":   b.servers.URL("konote_audit_reader", auditDB),
		"KONOTE_REDIS_URL":          b.servers.RedisURL(),
		"KONOTE_LOCAL_KEY":          keyring.GenerateLocal(),
		"KONOTE_PASSWORD_PEPPER":    secret(),
		"KONOTE_LIMIT_SECRET":       secret(),
		"KONOTE_AUDIT_SIGNING_KEY":  signing,
		"KONOTE_AUDIT_BACKLOG":      "10000000", // no relay runs while something else is measured
		"KONOTE_CHECKPOINT_DIR":     filepath.Join(home, "checkpoints"),
		"KONOTE_INSECURE_COOKIES":   "true",
		"KONOTE_TRUSTED_PROXIES":    "127.0.0.1", // sign-ins come from many addresses
	}
	c, err := config.Load(func(name string) string { return environment[name] })
	if err == nil {
		c.Internal = "" // nobody reads the metrics
	}
	return c, err
}

func secret() string {
	var bytes [32]byte
	_, _ = rand.Read(bytes[:]) // never fails (crypto/rand)
	return base64.StdEncoding.EncodeToString(bytes[:])
}

func (b *bench) makeDatabases(ctx context.Context) error {
	passwords := map[string]string{}
	for _, role := range []string{"konote_owner", "konote_app", "konote_audit_owner", "konote_audit_writer", "konote_audit_reader"} {
		passwords[role] = b.servers.Password(role)
	}
	err := tenancy.Bootstrap(ctx, b.servers.SuperuserURL("postgres"), tenancy.BootstrapSettings{
		Passwords: passwords, OpsDatabase: opsDatabase, AuditDatabase: auditDB,
	})
	if err != nil {
		return err
	}
	if err := tenancy.MigrateControl(ctx, b.settings.OwnerURL); err != nil {
		return err
	}
	if err := jobs.Migrate(ctx, b.settings.OwnerURL); err != nil {
		return err
	}
	return tenancy.MigrateAudit(ctx, b.settings.AuditOwnerURL)
}

// open makes a server, with a log that is written like any other.
func (b *bench) open(ctx context.Context) (*site, error) {
	s, err := server.Open(ctx, b.settings, slog.New(slog.NewJSONHandler(b.log, nil)))
	if err != nil {
		return nil, err
	}
	return &site{Server: s}, nil
}

func (s *site) listen() error {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	s.address = listener.Addr().String()
	go func() { _ = s.Web.Serve(listener) }() // ends with Shutdown
	return nil
}

// superuser connects past all walls.
func (b *bench) superuser(ctx context.Context, database string) (*pgx.Conn, error) {
	conn, err := pgx.Connect(ctx, b.servers.SuperuserURL(database))
	if err != nil {
		return nil, errors.New("connect as superuser") // the error may hold the password
	}
	return conn, nil
}

// settle writes out what waits to be written, so that the next measurement does not, and
// counts what is there, as autovacuum does within a minute: plans are made from it.
func (b *bench) settle(ctx context.Context) error {
	conn, err := b.superuser(ctx, opsDatabase)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	for _, sql := range []string{sqlAnalyze, sqlCheckpoint} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return err
		}
	}
	return nil
}

// profiled runs an arm under the CPU profiler when that was asked for.
func (b *bench) profiled(name string, arm func() (float64, error)) func() (float64, error) {
	if b.profile == "" {
		return arm
	}
	return func() (float64, error) {
		file, err := os.Create(filepath.Join(b.profile, name+".pprof"))
		if err != nil {
			return 0, fmt.Errorf("write a profile: %w", err)
		}
		defer file.Close()
		if err := pprof.StartCPUProfile(file); err != nil {
			return 0, fmt.Errorf("write a profile: %w", err)
		}
		defer pprof.StopCPUProfile()
		return arm()
	}
}
