package command

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"konote/app/audit"
	"konote/app/demo"
	"konote/app/server"
)

func generateCommand() *cobra.Command {
	var agency string
	var participants, notes int
	var seed uint64
	cmd := &cobra.Command{
		Use:   "generate",
		Short: "Fill a demo agency with many invented people, for measuring",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withServer(cmd, func(s *server.Server) error {
				a, err := s.Platform.BySubdomain(cmd.Context(), agency)
				if err != nil {
					return err
				}
				if !a.Demo {
					return demo.ErrReal
				}
				if err := recordPlatform(cmd, s, audit.Event{Action: "agency.generate", Subject: a.ID}); err != nil {
					return err
				}
				began := time.Now()
				err = demo.Generate(cmd.Context(), a, participants, notes, seed, func(done int) {
					fmt.Fprintf(cmd.ErrOrStderr(), "%d of %d participants\n", done, participants)
				})
				if err != nil {
					return err
				}
				fmt.Fprintf(cmd.OutOrStdout(), "%d participants added in %s\n", participants, time.Since(began).Round(time.Millisecond))
				return nil
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&agency, "agency", "", "subdomain of a demo agency")
	flags.IntVar(&participants, "participants", 1000, "how many participants")
	flags.IntVar(&notes, "notes", 10_000, "about how many notes in all")
	flags.Uint64Var(&seed, "seed", 1, "the same seed invents the same people")
	_ = cmd.MarkFlagRequired("agency")
	return cmd
}
