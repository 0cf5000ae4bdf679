package command

import (
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/spf13/cobra"

	"konote/app/audit"
	"konote/app/config"
	"konote/app/server"
	"konote/tenancy"
)

func agencyCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "agency",
		Short: "Create, list, show, suspend and resume agencies",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(agencyCreate(), agencyList(), agencyShow(),
		agencyStatus("suspend", "Close an agency to people and jobs; its records are kept", tenancy.Suspended),
		agencyStatus("resume", "Open a suspended agency again", tenancy.Active))
	return cmd
}

func agencyCreate() *cobra.Command {
	n := tenancy.NewAgency{}
	var admin adminFlags
	cmd := &cobra.Command{
		Use:   "create SUBDOMAIN",
		Short: "Make an agency: schema, role, key, first administrator",
		Long: `Makes an agency in one sequence that can be run again after a crash at any step. The first
administrator's password is read from the standard input, or from --password-file.`,
		Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := load()
			if err != nil {
				return err
			}
			n.Subdomain = args[0]
			if c.Mode == config.Demo && !n.Demo {
				n.Demo = true
				fmt.Fprintln(cmd.ErrOrStderr(), "demo mode: this will be a demo agency, for invented people, for ever")
			}
			if c.BaseDomain == "" {
				return errUsage{errors.New("KONOTE_BASE_DOMAIN is not set")}
			}
			n.Hosts = append([]string{n.Subdomain + "." + c.BaseDomain}, n.Hosts...)
			account, password, err := admin.read(cmd.InOrStdin())
			if err != nil {
				return err
			}
			return withOwner(cmd, func(o *tenancy.Owner) error {
				s, err := server.Open(cmd.Context(), c, logger(cmd))
				if err != nil {
					return err
				}
				defer s.Close()
				a, err := s.CreateAgency(cmd.Context(), o, byOperator(), n, account, password)
				if err != nil {
					return err
				}
				fmt.Fprintf(cmd.OutOrStdout(), "%s is open at %s\n", a.Subdomain, c.URL(a.Host))
				return nil
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&n.NameEN, "name-en", "", "name in English")
	flags.StringVar(&n.NameFR, "name-fr", "", "name in French")
	flags.StringVar(&n.Shard, "shard", tenancy.MainShard, "the cluster it lives on")
	flags.StringSliceVar(&n.Hosts, "host", nil, "a further host it answers at")
	flags.BoolVar(&n.Demo, "demo", false, "holds invented people only; can never be changed")
	admin.register(flags, "admin-")
	for _, name := range []string{"name-en", "name-fr", "admin-name"} {
		_ = cmd.MarkFlagRequired(name)
	}
	return cmd
}

// agencyLine is what list and show print.
type agencyLine struct {
	ID        string `json:"id"`
	Subdomain string `json:"subdomain"`
	NameEN    string `json:"name_en"`
	NameFR    string `json:"name_fr"`
	Status    string `json:"status"`
	Shard     string `json:"shard"`
	Host      string `json:"host"`
	Demo      bool   `json:"demo"`
}

func line(a *tenancy.Agency) agencyLine {
	return agencyLine{ID: a.ID.String(), Subdomain: a.Subdomain, NameEN: a.NameEN, NameFR: a.NameFR,
		Status: string(a.Status), Shard: a.Shard, Host: a.Host, Demo: a.Demo}
}

func agencyList() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the agencies",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withServer(cmd, func(s *server.Server) error {
				lines := []agencyLine{}
				for after := ""; ; {
					agencies, err := s.Platform.List(cmd.Context(), after, 500)
					if err != nil {
						return err
					}
					for _, a := range agencies {
						lines = append(lines, line(a))
						after = a.Subdomain
					}
					if len(agencies) < 500 {
						break
					}
				}
				if asJSON {
					return printJSON(cmd.OutOrStdout(), lines)
				}
				for _, l := range lines {
					fmt.Fprintf(cmd.OutOrStdout(), "%-24s %-12s %-10s %s\n", l.Subdomain, l.Status, l.Shard, l.NameEN)
				}
				return nil
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "for scripts")
	return cmd
}

func agencyShow() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "show SUBDOMAIN",
		Short: "Show one agency",
		Args:  exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withServer(cmd, func(s *server.Server) error {
				a, err := s.Platform.BySubdomain(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				if asJSON {
					return printJSON(cmd.OutOrStdout(), line(a))
				}
				l := line(a)
				fmt.Fprintf(cmd.OutOrStdout(), "id        %s\nsubdomain %s\nhost      %s\nEnglish   %s\nfrançais  %s\nstatus    %s\nshard     %s\ndemo      %v\n",
					l.ID, l.Subdomain, l.Host, l.NameEN, l.NameFR, l.Status, l.Shard, l.Demo)
				return nil
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "for scripts")
	return cmd
}

func agencyStatus(use, short string, to tenancy.Status) *cobra.Command {
	return &cobra.Command{
		Use:   use + " SUBDOMAIN",
		Short: short,
		Args:  exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withServer(cmd, func(s *server.Server) error {
				return withOwner(cmd, func(o *tenancy.Owner) error {
					a, err := s.Platform.BySubdomain(cmd.Context(), args[0])
					if err != nil {
						return err
					}
					return tenancy.SetStatus(cmd.Context(), o, a, to, func(tx pgx.Tx) error {
						return audit.RecordPlatformIn(cmd.Context(), tx, time.Now(), byOperator(), audit.Event{
							Action: audit.Action("agency." + use), Subject: a.ID,
						})
					})
				})
			})
		},
	}
}

// withServer runs f with everything that the environment describes, not serving.
func withServer(cmd *cobra.Command, f func(*server.Server) error) error {
	c, err := load()
	if err != nil {
		return err
	}
	s, err := server.Open(cmd.Context(), c, logger(cmd))
	if err != nil {
		return err
	}
	defer s.Close()
	return f(s)
}

// byOperator is who runs this command, for the audit log.
func byOperator() audit.By {
	return audit.By{Kind: audit.KindOperator, Operator: operator(), Reference: tenancy.NewID().String()}
}

// exactly is cobra.ExactArgs as a mistake in the call.
func exactly(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := cobra.ExactArgs(n)(cmd, args); err != nil {
			return errUsage{err}
		}
		return nil
	}
}
