package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// Parts are what a process does.
type Parts struct {
	Web  bool // answers requests
	Work bool // works jobs, empties the audit outbox; every process watches it
}

// endingTime is how long requests and jobs have to end when the process is told to.
const endingTime = 25 * time.Second

// Run does its parts until ctx ends, then lets requests and jobs end. ready is called
// once everything has started and listens; nil is nobody to tell. Whatever its parts, the
// process tells how it stands at the inside address, when there is one.
func (s *Server) Run(ctx context.Context, parts Parts, ready func()) error {
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	var running sync.WaitGroup
	failed := make(chan error, 2)

	// Addresses first: where one is taken, nothing has begun.
	var outside, inside net.Listener
	var err error
	if parts.Web {
		if outside, err = listen("KONOTE_LISTEN", s.Config.Listen); err != nil {
			return err
		}
		defer outside.Close()
	}
	if s.Config.Internal != "" {
		if inside, err = listen("KONOTE_INTERNAL", s.Config.Internal); err != nil {
			return err
		}
		defer inside.Close()
	}

	running.Go(func() { s.Relay.Watch(background) })
	if parts.Work {
		running.Go(func() { s.Relay.Run(background) })
		if err := s.Jobs.Start(background); err != nil {
			return fmt.Errorf("start jobs: %w", err)
		}
	}
	if parts.Web {
		running.Go(func() {
			if err := s.Web.Serve(outside); err != nil {
				failed <- err
			}
		})
	}
	side := &http.Server{Handler: s.Web.Inside(), ReadHeaderTimeout: 5 * time.Second, WriteTimeout: 30 * time.Second}
	if inside != nil {
		running.Go(func() {
			if err := side.Serve(inside); !errors.Is(err, http.ErrServerClosed) {
				s.Log.Error("health and metrics are not served any more", "error", err)
			}
		})
	}
	if ready != nil {
		ready()
	}

	select {
	case <-ctx.Done():
	case err = <-failed:
	}

	// Requests first, then jobs that they left, then what both wrote to the outbox.
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), endingTime)
	defer cancel()
	err = errors.Join(err, s.Web.Shutdown(ending))
	if parts.Web {
		_ = outside.Close() // closed, unless it was not served yet
	}
	if parts.Work {
		err = errors.Join(err, s.Jobs.Stop(ending))
	}
	stop()
	err = errors.Join(err, side.Close())
	running.Wait()
	return err
}

// listen takes an address. The error names the setting that it stands in.
func listen(setting, address string) (net.Listener, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", setting, err)
	}
	return listener, nil
}
