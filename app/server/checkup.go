package server

import (
	"context"
	"errors"
	"io"

	"konote/app/checkup"
	"konote/app/config"
)

// CheckSettings runs the start-up checks that need nothing but settings, for when Open failed.
func CheckSettings(c *config.Config, missing []string) []checkup.Result {
	_, err := keysOf(c)
	return checkup.Settings(c, missing, err)
}

// Subject is what the checks look at.
func (s *Server) Subject(missing []string) checkup.Subject {
	return checkup.Subject{Config: s.Config, Missing: missing, Keys: s.Keys, Platform: s.Platform, Ledger: s.Ledger, Redis: s.Sessions.Ping}
}

// ErrNotStarted says that a check refused; what failed has been printed.
var ErrNotStarted = errors.New("not started")

// Checkup runs the start-up checks and prints what failed. It returns ErrNotStarted when
// this process must not start.
func (s *Server) Checkup(ctx context.Context, w io.Writer, missing []string) error {
	if checkup.Refuse(w, s.Config.Mode, checkup.Startup(ctx, s.Subject(missing), false)) {
		return ErrNotStarted
	}
	return nil
}
