package command

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"konote/app/audit"
	"konote/app/checkup"
	"konote/app/config"
	"konote/app/server"
	"konote/tenancy"
)

func checkCommand() *cobra.Command {
	var asJSON, deploy bool
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Run the start-up checks",
		Long: `Runs the checks that serve runs before it starts. docs/checks.md says what each verifies and how to
mend it. Where settings are missing that nothing can be opened without, it runs those of the settings.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, s, results, err := open(cmd)
			if err == nil {
				defer s.Close()
				results = checkup.Startup(cmd.Context(), s.Subject(config.Missing(os.Getenv)), deploy)
			}
			if asJSON {
				if err := printJSON(cmd.OutOrStdout(), results); err != nil {
					return err
				}
			} else {
				checkup.Print(cmd.OutOrStdout(), results, true)
			}
			if checkup.Worst(results) == checkup.Failure {
				return errFound
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&deploy, "deploy", false, "also what matters only where the public is served")
	cmd.Flags().BoolVar(&asJSON, "json", false, "for scripts")
	return cmd
}

func securityAuditCommand() *cobra.Command {
	var agency, category string
	var verbose, asJSON, failOnWarn bool
	cmd := &cobra.Command{
		Use:   "security-audit",
		Short: "Look, agency by agency, whether what is promised holds",
		Long: `Samples ciphertext and opens it, tries statements that must be refused, verifies the audit chains.
Categories: ENC (encryption), RBAC (roles), AUD (audit log), CFG (configuration), DOC (documents).`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			categories, err := readCategories(category)
			if err != nil {
				return err
			}
			return withServer(cmd, func(s *server.Server) error {
				agencies, err := openAgencies(cmd, s, agency)
				if err != nil {
					return err
				}
				inspected := uuid.Nil // all of them
				if agency != "" {
					inspected = agencies[0].ID
				}
				if err := recordPlatform(cmd, s, audit.Event{Action: "agency.inspect", Subject: inspected}); err != nil {
					return err
				}
				results := checkup.Audit(cmd.Context(), s.Subject(nil), agencies, categories)
				if asJSON {
					if err := printJSON(cmd.OutOrStdout(), results); err != nil {
						return err
					}
				} else {
					checkup.Print(cmd.OutOrStdout(), results, verbose)
				}
				worst := checkup.Worst(results)
				if worst == checkup.Failure || (failOnWarn && worst == checkup.Warning) {
					return errFound
				}
				return nil
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&agency, "agency", "", "one agency, by its subdomain; default all")
	flags.StringVar(&category, "category", "", "categories, separated by commas; default all")
	flags.BoolVar(&verbose, "verbose", false, "details of what passed too")
	flags.BoolVar(&asJSON, "json", false, "for scripts")
	flags.BoolVar(&failOnWarn, "fail-on-warn", false, "exit 3 for warnings too")
	return cmd
}

func readCategories(list string) ([]string, error) {
	if list == "" {
		return nil, nil
	}
	categories := strings.Split(strings.ToUpper(list), ",")
	for _, c := range categories {
		if !slices.Contains(checkup.Categories, c) {
			return nil, errUsage{fmt.Errorf("there is no category %s; there are %s", c, strings.Join(checkup.Categories, ", "))}
		}
	}
	return categories, nil
}

// openAgencies are the one asked for, or all that are not closed.
func openAgencies(cmd *cobra.Command, s *server.Server, subdomain string) ([]*tenancy.Agency, error) {
	if subdomain != "" {
		a, err := s.Platform.BySubdomain(cmd.Context(), subdomain)
		return []*tenancy.Agency{a}, err
	}
	var agencies []*tenancy.Agency
	for after := ""; ; {
		page, err := s.Platform.List(cmd.Context(), after, 500)
		if err != nil {
			return nil, err
		}
		for _, a := range page {
			after = a.Subdomain
			if a.Status != tenancy.Closed && a.Status != tenancy.Provisioning {
				agencies = append(agencies, a)
			}
		}
		if len(page) < 500 {
			return agencies, nil
		}
	}
}
