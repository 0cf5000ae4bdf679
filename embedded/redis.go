package embedded

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

func (s *Servers) startRedis(ctx context.Context, options Options, as account) error {
	program, err := findRedis()
	if err != nil {
		return err
	}
	data := filepath.Join(s.home, "redis")
	if err := as.own(data); err != nil {
		return err
	}
	for try := 1; ; try++ {
		err := s.tryRedis(ctx, program, data, options, as)
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

func (s *Servers) tryRedis(ctx context.Context, program, data string, options Options, as account) (err error) {
	if s.ports.Redis, err = freePort(s.ports.Redis); err != nil {
		return err
	}
	keep := "no"
	if options.Durable {
		keep = "yes" // lockout counters survive a restart
	}
	// The settings go through standard input: on the command line everybody could
	// read the password.
	settings := fmt.Sprintf("bind 127.0.0.1\nport %d\nrequirepass %s\ndir %q\nappendonly %s\nsave \"\"\nmaxmemory-policy noeviction\ndatabases 1000\n",
		s.ports.Redis, s.Password("redis"), data, keep)
	log, err := openLog(filepath.Join(s.dir, "redis.log"))
	if err != nil {
		return fmt.Errorf("open the log: %w", err)
	}
	defer log.Close()
	cmd := exec.Command(program, "-")
	cmd.Dir = data
	cmd.Env = serverEnvironment()
	cmd.Stdin = strings.NewReader(settings)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = as.attributes()
	if s.redis, err = spawn(cmd); err != nil {
		return err
	}
	return await(ctx, s.redis, log.Name(), s.askRedis)
}

func (s *Servers) askRedis(ctx context.Context) error {
	conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp4", s.address(s.ports.Redis))
	if err != nil {
		return err
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Second)) // a socket takes any deadline
	if _, err := fmt.Fprintf(conn, "AUTH %s\r\nPING\r\n", s.Password("redis")); err != nil {
		return err
	}
	replies := bufio.NewScanner(conn)
	for replies.Scan() {
		if replies.Text() == "+PONG" {
			return nil
		}
		if replies.Text() != "+OK" {
			break // loading its data, or not our Redis
		}
	}
	return errors.New("it does not let us in")
}
