package command

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"konote/app/checkup"
	"konote/app/config"
	"konote/app/server"
)

func serveCommand() *cobra.Command {
	var webOnly bool
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Answer requests, and work jobs in the same process",
		Long: `Runs the start-up checks and refuses to start when a critical one fails (KONOTE_MODE=production).
Listens on KONOTE_LISTEN behind a proxy that speaks HTTPS, and on KONOTE_INTERNAL for health and
metrics. An interrupt or SIGTERM lets requests and jobs end first.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return run(cmd, server.Parts{Web: true, Work: !webOnly})
		},
	}
	cmd.Flags().BoolVar(&webOnly, "web-only", false, "leave jobs and the audit outbox to other processes")
	return cmd
}

func workCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "work",
		Short: "Work jobs and empty the audit outbox, without answering requests",
		Long: `Runs the start-up checks as serve does, and listens on KONOTE_INTERNAL only, for health and metrics.
Beside a serve on the same machine it needs an address of its own there.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return run(cmd, server.Parts{Work: true}) },
	}
}

// run is serve and work: checks first, then until the end.
func run(cmd *cobra.Command, parts server.Parts) error {
	c, s, found, err := open(cmd)
	if err != nil {
		if c.Mode != config.Demo && checkup.Refuse(cmd.ErrOrStderr(), config.Production, found) {
			return server.ErrNotStarted
		}
		return err
	}
	defer s.Close()
	if err := s.Checkup(cmd.Context(), cmd.ErrOrStderr(), config.Missing(os.Getenv)); err != nil {
		return err
	}
	return s.Run(cmd.Context(), parts, func() {
		at := c.Internal
		if parts.Web {
			at = c.Listen
		}
		fmt.Fprintln(cmd.ErrOrStderr(), "ready: "+at)
	})
}

// open reads the settings and opens what they describe. Where that fails, found is what the
// checks that need nothing else say of it, one failure at least.
func open(cmd *cobra.Command) (c *config.Config, s *server.Server, found []checkup.Result, err error) {
	if c, err = config.Load(os.Getenv); err == nil {
		if s, err = server.Open(cmd.Context(), c, logger(cmd)); err == nil {
			return c, s, nil, nil
		}
		found = server.CheckSettings(c, config.Missing(os.Getenv))
	}
	if checkup.Worst(found) != checkup.Failure {
		found = []checkup.Result{checkup.Unreadable(err)}
	}
	return c, nil, found, err
}
