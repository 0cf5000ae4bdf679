package embedded

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// Options of Start.
type Options struct {
	Dir          string // everything is kept here; made when missing
	Durable      bool   // what was written survives a crash of the machine; false is faster, for tests
	PostgresOnly bool   // no Redis: for a further shard
	RedisOnly    bool   // no Postgres: for tests of what needs none
}

// Servers are the running servers.
type Servers struct {
	dir      string
	home     string // where the servers' own files are
	seed     []byte
	ports    ports
	lock     *os.File
	postgres *process
	redis    *process
}

type ports struct {
	Postgres int `json:"postgres"`
	Redis    int `json:"redis"`
}

// Start starts the servers and waits until they answer. Errors say what to install
// when a program cannot be found.
func Start(ctx context.Context, options Options) (*Servers, error) {
	dir, err := filepath.Abs(options.Dir)
	if err != nil {
		return nil, fmt.Errorf("find the folder: %w", err)
	}
	as, err := serverAccount()
	if err != nil {
		return nil, err
	}
	if err := as.makeDir(dir); err != nil {
		return nil, err
	}
	s := &Servers{dir: dir}
	if s.lock, err = lock(filepath.Join(dir, "lock")); err != nil {
		return nil, err
	}
	if err := s.start(ctx, options, as); err != nil {
		return nil, errors.Join(err, s.Stop(context.WithoutCancel(ctx)))
	}
	return s, nil
}

func (s *Servers) start(ctx context.Context, options Options, as account) (err error) {
	if s.home, err = as.home(s.dir); err != nil {
		return err
	}
	if s.seed, err = loadSeed(filepath.Join(s.dir, "secret")); err != nil {
		return err
	}
	portsFile := filepath.Join(s.dir, "ports.json")
	if text, err := os.ReadFile(portsFile); err == nil {
		_ = json.Unmarshal(text, &s.ports) // a broken file only means new ports
	}
	if !options.RedisOnly {
		if err := s.startPostgres(ctx, options, as); err != nil {
			return fmt.Errorf("start Postgres: %w", err)
		}
	}
	if !options.PostgresOnly {
		if err := s.startRedis(ctx, options, as); err != nil {
			return fmt.Errorf("start Redis: %w", err)
		}
	}
	text, err := json.Marshal(s.ports)
	if err != nil {
		return fmt.Errorf("remember the ports: %w", err)
	}
	if err := os.WriteFile(portsFile, text, 0o600); err != nil {
		return fmt.Errorf("remember the ports: %w", err)
	}
	return nil
}

// Stop ends both servers in good order: open transactions are rolled back, what was
// committed is on disk. When ctx ends first they are ended at once.
func (s *Servers) Stop(ctx context.Context) error {
	err := errors.Join(
		s.redis.stop(ctx, syscall.SIGTERM),
		s.postgres.stop(ctx, syscall.SIGINT), // "fast": does not wait for clients
	)
	return errors.Join(err, s.lock.Close())
}

// Remove deletes what Start keeps for a folder, the folder too. It refuses while the
// servers run.
func Remove(dir string) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return fmt.Errorf("find the folder: %w", err)
	}
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	held, err := lock(filepath.Join(dir, "lock"))
	if err != nil {
		return err
	}
	defer held.Close()
	return errors.Join(os.RemoveAll(awayHome(dir)), os.RemoveAll(dir))
}

// Password is the password of a Postgres role, made from the folder's secret: the
// same at every start. The superuser's is set already; the roles' are the caller's
// to set.
func (s *Servers) Password(role string) string {
	mac := hmac.New(sha256.New, s.seed)
	mac.Write([]byte(role))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// URL is the address of a database for a role, over TCP, password included.
func (s *Servers) URL(role, database string) string {
	return (&url.URL{
		Scheme: "postgres", User: url.UserPassword(role, s.Password(role)),
		Host: s.address(s.ports.Postgres), Path: "/" + database, RawQuery: "sslmode=disable",
	}).String()
}

// SuperuserURL is the address of a database for the superuser.
func (s *Servers) SuperuserURL(database string) string { return s.URL(superuser, database) }

// SocketDir is the folder of Postgres's Unix socket; empty when the folder's path is
// too long for one.
func (s *Servers) SocketDir() string { return socketDir(s.home) }

// RedisURL is the address of Redis, password included; empty with PostgresOnly.
func (s *Servers) RedisURL() string {
	if s.redis == nil {
		return ""
	}
	return (&url.URL{Scheme: "redis", User: url.UserPassword("", s.Password("redis")), Host: s.address(s.ports.Redis)}).String()
}

// PIDs are the process ids of the servers; 0 for one that was not started.
func (s *Servers) PIDs() (postgres, redis int) { return s.postgres.pid(), s.redis.pid() }

func (s *Servers) address(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// freePort returns the wanted port if nobody listens there, or else any free one.
func freePort(wanted int) (int, error) {
	listener, err := net.Listen("tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(wanted)))
	if err != nil && wanted != 0 {
		listener, err = net.Listen("tcp4", "127.0.0.1:0")
	}
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

// loadSeed reads the secret that all passwords come from, or makes it.
func loadSeed(path string) ([]byte, error) {
	seed, err := os.ReadFile(path)
	if err == nil && len(seed) >= 32 {
		return seed, nil
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("read the servers' secret: %w", err)
	}
	seed = []byte(rand.Text() + rand.Text())
	if err := os.WriteFile(path, seed, 0o600); err != nil {
		return nil, fmt.Errorf("write the servers' secret: %w", err)
	}
	return seed, nil
}

// openLog begins a log that its owner alone may read: servers quote statements in it.
func openLog(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	return file, file.Chmod(0o600) // one that was there already
}

// lock takes the folder for this process until the file is closed.
func lock(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the folder: %w", err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		file.Close()
		return nil, fmt.Errorf("%s is in use by another process", filepath.Dir(path))
	}
	return file, nil
}
