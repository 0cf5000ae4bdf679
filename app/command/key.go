package command

import (
	"fmt"

	"github.com/spf13/cobra"

	"konote/keyring"
)

func keyCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "key",
		Short: "Keys of the local provider",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(&cobra.Command{
		Use:   "new",
		Short: "Make a wrapping key for KONOTE_KEY_FILE or KONOTE_LOCAL_KEY",
		Long: `Prints a new wrapping key. Keep it where the database's backups are not: whoever has both
can read everything, and without it nobody can.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			fmt.Fprintln(cmd.OutOrStdout(), keyring.GenerateLocal())
			return nil
		},
	})
	return cmd
}
