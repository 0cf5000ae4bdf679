package command

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"konote/app/config"
	"konote/app/server"
)

func serveCommand() *cobra.Command {
	var webOnly bool
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Answer requests, and work jobs in the same process",
		Long: `Runs the start-up checks and refuses to start when a critical one fails (KONOTE_MODE=production).
Listens on KONOTE_LISTEN behind a proxy that speaks HTTPS. An interrupt or SIGTERM lets requests
and jobs end first.`,
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
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return run(cmd, server.Parts{Work: true}) },
	}
}

// run is serve and work: checks first, then until the end.
func run(cmd *cobra.Command, parts server.Parts) error {
	c, err := load()
	if err != nil {
		return err
	}
	s, err := server.Open(cmd.Context(), c, logger(cmd))
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.Checkup(cmd.Context(), cmd.ErrOrStderr(), config.Missing(os.Getenv)); err != nil {
		return err
	}
	return s.Run(cmd.Context(), parts, func() {
		fmt.Fprintln(cmd.ErrOrStderr(), "ready: "+c.Listen)
	})
}
