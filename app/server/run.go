package server

import (
	"context"
	"errors"
	"fmt"
	"net"
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
// once everything has started; nil is nobody to tell.
func (s *Server) Run(ctx context.Context, parts Parts, ready func()) error {
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	var running sync.WaitGroup
	failed := make(chan error, 2)

	running.Go(func() { s.Relay.Watch(background) })
	if parts.Work {
		running.Go(func() { s.Relay.Run(background) })
		if err := s.Jobs.Start(background); err != nil {
			return fmt.Errorf("start jobs: %w", err)
		}
	}
	if parts.Web {
		listener, err := net.Listen("tcp", s.Config.Listen)
		if err != nil {
			return fmt.Errorf("listen: %w", err)
		}
		running.Go(func() {
			if err := s.Web.Serve(listener); err != nil {
				failed <- err
			}
		})
	}
	if ready != nil {
		ready()
	}

	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}

	// Requests first, then jobs that they left, then what both wrote to the outbox.
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), endingTime)
	defer cancel()
	if parts.Web {
		err = errors.Join(err, s.Web.Shutdown(ending))
	}
	if parts.Work {
		err = errors.Join(err, s.Jobs.Stop(ending))
	}
	stop()
	running.Wait()
	return err
}
