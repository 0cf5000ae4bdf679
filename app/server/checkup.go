package server

import (
	"context"
	"errors"
	"io"

	"konote/app/checkup"
)

// Subject is what the checks look at.
func (s *Server) Subject(missing []string) checkup.Subject {
	return checkup.Subject{Config: s.Config, Missing: missing, Keys: s.Keys, Platform: s.Platform, Ledger: s.Ledger, Redis: s.Sessions.Ping}
}

// Checkup runs the start-up checks and prints what failed. It returns an error when this
// process must not start.
func (s *Server) Checkup(ctx context.Context, w io.Writer, missing []string) error {
	if checkup.Refuse(w, s.Config.Mode, checkup.Startup(ctx, s.Subject(missing), false)) {
		return errors.New("not started")
	}
	return nil
}
