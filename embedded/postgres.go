package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	superuser   = "postgres"
	startWait   = 30 * time.Second
	startTries  = 8 // the port may be lost to another, or the last parent's Postgres still be ending
	startPause  = 250 * time.Millisecond
	readyPeriod = 10 * time.Millisecond
)

func (s *Servers) startPostgres(ctx context.Context, options Options, as account) error {
	data := filepath.Join(s.home, "postgres")
	made, err := os.ReadFile(filepath.Join(data, "PG_VERSION"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("read which version made the data: %w", err)
	}
	major := strings.TrimSpace(string(made)) // "" before there is any
	bin, err := findPostgres(ctx, major)
	if err != nil {
		return err
	}
	if as.switches && !passable(bin) { // the npm package below /root
		if bin, err = s.copyPrograms(bin); err != nil {
			return err
		}
	}
	if err := s.initPostgres(ctx, bin, data, major, options, as); err != nil {
		return err
	}
	for try := 1; ; try++ {
		err := s.tryPostgres(ctx, bin, data, options, as)
		if err == nil {
			return nil
		}
		if try == startTries || ctx.Err() != nil {
			return err
		}
		select {
		case <-ctx.Done():
		case <-time.After(startPause):
		}
	}
}

// copyPrograms puts a copy of Postgres where the servers' account can run it.
func (s *Servers) copyPrograms(bin string) (string, error) {
	away := filepath.Join(s.home, "postgres-programs")
	if _, err := os.Stat(away); errors.Is(err, os.ErrNotExist) {
		fresh := away + ".new"
		err := errors.Join(os.RemoveAll(fresh), os.CopyFS(fresh, os.DirFS(filepath.Dir(bin))), os.Rename(fresh, away))
		if err != nil {
			return "", fmt.Errorf("copy the programs: %w", err)
		}
	}
	return filepath.Join(away, filepath.Base(bin)), nil
}

// initPostgres makes the data folder, beside its place first, so that a killed
// attempt leaves nothing half made.
func (s *Servers) initPostgres(ctx context.Context, bin, data, major string, options Options, as account) error {
	if major != "" {
		if !isMajor(ctx, bin, major) {
			return fmt.Errorf("the data in %s was made by Postgres %s, but %s has another; remove the folder to start over, or set KONOTE_PG_BIN", data, major, bin)
		}
		return nil
	}
	fresh := data + ".new"
	if err := os.RemoveAll(fresh); err != nil {
		return fmt.Errorf("clear the folder: %w", err)
	}
	if err := as.own(fresh); err != nil {
		return err
	}
	passwordFile := filepath.Join(s.home, "postgres.password")
	defer os.Remove(passwordFile)
	if err := os.WriteFile(passwordFile, []byte(s.Password(superuser)), 0o600); err != nil {
		return fmt.Errorf("hand over the password: %w", err)
	}
	if err := as.give(passwordFile); err != nil {
		return err
	}
	arguments := []string{"-D", fresh, "-U", superuser, "-E", "UTF8", "--locale=C", "-A", "scram-sha-256", "--pwfile", passwordFile}
	if !options.Durable {
		arguments = append(arguments, "--no-sync")
	}
	cmd := exec.CommandContext(ctx, filepath.Join(bin, "initdb"), arguments...)
	cmd.Dir = fresh
	cmd.Env = serverEnvironment()
	cmd.SysProcAttr = as.attributes()
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, lastLines(out))
	}
	if err := os.Rename(fresh, data); err != nil {
		return fmt.Errorf("put the data in place: %w", err)
	}
	return nil
}

func (s *Servers) tryPostgres(ctx context.Context, bin, data string, options Options, as account) (err error) {
	if s.ports.Postgres, err = freePort(s.ports.Postgres); err != nil {
		return err
	}
	settings := []string{
		"listen_addresses=127.0.0.1",
		"port=" + strconv.Itoa(s.ports.Postgres),
		"max_connections=200",
		"max_locks_per_transaction=256", // an agency's schema is made in one transaction
		"shared_buffers=128MB",
		"log_min_messages=warning",
		"log_timezone=UTC",
		"timezone=UTC",
	}
	if dir := socketDir(s.home); dir != "" {
		if err := as.own(dir); err != nil {
			return err
		}
		settings = append(settings, "unix_socket_directories="+dir)
	} else {
		settings = append(settings, "unix_socket_directories=")
	}
	if !options.Durable {
		settings = append(settings, "fsync=off", "synchronous_commit=off", "full_page_writes=off",
			"autovacuum=off", "max_wal_size=256MB", "wal_level=minimal", "max_wal_senders=0")
	}
	arguments := []string{"-D", data}
	for _, setting := range settings {
		arguments = append(arguments, "-c", setting)
	}
	log, err := openLog(filepath.Join(s.dir, "postgres.log"))
	if err != nil {
		return fmt.Errorf("open the log: %w", err)
	}
	defer log.Close()
	cmd := exec.Command(filepath.Join(bin, "postgres"), arguments...)
	cmd.Dir = data
	cmd.Env = serverEnvironment()
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = as.attributes()
	if s.postgres, err = spawn(cmd); err != nil {
		return err
	}
	return await(ctx, s.postgres, log.Name(), func(ctx context.Context) error {
		conn, err := pgx.Connect(ctx, s.SuperuserURL("postgres"))
		if err != nil {
			return errors.New("it does not let us in") // the error holds the address and names
		}
		return conn.Close(ctx)
	})
}

// await asks until the server answers. When it has ended by itself or time is up,
// which ends it, that is the error.
func await(ctx context.Context, p *process, log string, ask func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, startWait)
	defer cancel()
	for {
		err := ask(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-p.done:
			text, _ := os.ReadFile(log)
			return fmt.Errorf("it ended at once: %s", lastLines(text))
		case <-ctx.Done():
			p.kill()
			return fmt.Errorf("wait for its answer: %w (see %s)", errors.Join(ctx.Err(), err), log)
		case <-time.After(readyPeriod):
		}
	}
}

// socketDir is empty when the path would be longer than the system allows (107 bytes)
// or cannot stand in Postgres's list of folders.
func socketDir(home string) string {
	dir := filepath.Join(home, "socket")
	if len(dir) > 85 || strings.ContainsAny(dir, ` ,"`) {
		return ""
	}
	return dir
}

// serverEnvironment leaves out what could change how the servers behave (PGDATA, PGOPTIONS …).
func serverEnvironment() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
}

func lastLines(out []byte) string {
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return strings.Join(lines[max(0, len(lines)-5):], " | ")
}
