package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"os/user"
	"slices"
	"syscall"

	"github.com/spf13/cobra"

	"konote/app/config"
)

// The exit codes.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
	exitFound  = 3
)

// errFound makes a command end with exitFound: it worked, and what it looked at is
// not in order. What was found has been printed.
var errFound = errors.New("something is not in order")

// errUsage marks mistakes in how a command was called.
type errUsage struct{ error }

// Run runs the command named by args and returns its exit code.
func Run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	root := &cobra.Command{
		Use:           "konote",
		Short:         "Participant outcome management for many agencies",
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return errUsage{err} })
	root.CompletionOptions.DisableDefaultCmd = true
	root.AddCommand(serveCommand(), workCommand(), demoCommand(), migrateCommand(), agencyCommand(), userCommand(),
		checkCommand(), securityAuditCommand(), auditCommand(), keyCommand(), generateCommand(), healthCommand())

	err := root.ExecuteContext(ctx)
	var usage errUsage
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errFound):
		return exitFound
	case errors.As(err, &usage):
		fmt.Fprintln(stderr, "konote:", err)
		return exitUsage
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		return exitDone
	}
	fmt.Fprintln(stderr, "konote:", err)
	return exitFailed
}

// load reads the settings of the environment.
func load() (*config.Config, error) {
	c, err := config.Load(os.Getenv)
	if err != nil {
		return nil, fmt.Errorf("settings: %w", err)
	}
	return c, nil
}

// logger writes structured lines for machines to stderr.
func logger(cmd *cobra.Command) *slog.Logger {
	return slog.New(slog.NewJSONHandler(cmd.ErrOrStderr(), nil))
}

// operator is the system account that runs a command, for the audit log.
func operator() string {
	if current, err := user.Current(); err == nil {
		return current.Username
	}
	return "unknown"
}

// printJSON writes a value as indented JSON, for scripts.
func printJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}

func sorted(list []string) []string {
	slices.Sort(list)
	return list
}
