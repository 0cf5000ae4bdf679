package command

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/spf13/cobra"
)

func healthCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "health",
		Short: "Ask the process of this machine whether it lives (for container platforms)",
		Long: `Asks the address in KONOTE_INTERNAL, which serve and work listen on. It does not look at what the
process needs: an outage of Postgres is no reason to start it anew. /readyz says how that stands.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := load()
			if err != nil {
				return err
			}
			ctx, cancel := context.WithTimeout(cmd.Context(), 3*time.Second)
			defer cancel()
			// An address of every network (0.0.0.0) is this machine to who asks it.
			request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+c.Internal+"/healthz", nil)
			if err != nil {
				return errors.New("KONOTE_INTERNAL is not an address")
			}
			response, err := (&http.Transport{}).RoundTrip(request) // never through a proxy
			if err != nil {
				return errors.New("no answer")
			}
			defer response.Body.Close()
			if response.StatusCode != http.StatusOK {
				return fmt.Errorf("answered %d", response.StatusCode)
			}
			return nil
		},
	}
}
