package command

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"konote/app/access"
	"konote/app/server"
	"konote/app/staff"
	"konote/tenancy"
)

func userCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "user",
		Short: "Create accounts of staff",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(userCreate(), userRole())
	return cmd
}

func userCreate() *cobra.Command {
	var account adminFlags
	var isAdmin bool
	cmd := &cobra.Command{
		Use:   "create AGENCY",
		Short: "Create an account at an agency (by its subdomain)",
		Long: `Creates an account of staff. The password is read from the standard input, or from
--password-file. Roles in programs are given by the agency's administrator.`,
		Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			n, password, err := account.read(cmd.InOrStdin())
			if err != nil {
				return err
			}
			n.Admin = isAdmin
			return withServer(cmd, func(s *server.Server) error {
				a, err := s.Platform.BySubdomain(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				if _, err := staff.Create(cmd.Context(), a, s.Hasher, byOperator(), n, password); err != nil {
					return err
				}
				fmt.Fprintln(cmd.OutOrStdout(), "the account is there")
				return nil
			})
		},
	}
	account.register(cmd.Flags(), "")
	cmd.Flags().BoolVar(&isAdmin, "admin", false, "an administrator: settings and accounts, no participants")
	_ = cmd.MarkFlagRequired("name")
	return cmd
}

func userRole() *cobra.Command {
	var login, programID, role string
	cmd := &cobra.Command{
		Use:   "role AGENCY",
		Short: "Give an account a role in a program, where no second administrator can",
		Long: `Administrators give roles in KoNote itself, but not to themselves. This is for an agency whose only
administrator also works in a program. It is recorded in the agency's audit log.`,
		Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			program, err := uuid.Parse(programID)
			if err != nil || !slices.Contains(access.Roles, access.Role(role)) {
				return errUsage{errors.New("--program is an id, --role one of front_desk, direct_service, program_manager, executive")}
			}
			return withServer(cmd, func(s *server.Server) error {
				a, err := s.Platform.BySubdomain(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				return a.Update(cmd.Context(), func(tx *tenancy.Tx) error {
					person, err := staff.ByLogin(cmd.Context(), tx, login)
					if err != nil {
						return err
					}
					return staff.Grant(cmd.Context(), tx, byOperator(), person, program, access.Role(role))
				})
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&login, "login", "", "e-mail address or user name")
	flags.StringVar(&programID, "program", "", "id of the program, as in its address")
	flags.StringVar(&role, "role", "", "front_desk, direct_service, program_manager or executive")
	for _, name := range []string{"login", "program", "role"} {
		_ = cmd.MarkFlagRequired(name)
	}
	return cmd
}

// adminFlags describe a new account.
type adminFlags struct {
	name, email, userName, language, passwordFile string
}

func (a *adminFlags) register(flags *pflag.FlagSet, prefix string) {
	flags.StringVar(&a.name, prefix+"name", "", "display name")
	flags.StringVar(&a.email, prefix+"email", "", "e-mail address to sign in with")
	flags.StringVar(&a.userName, prefix+"user-name", "", "user name to sign in with")
	flags.StringVar(&a.language, prefix+"language", "en", "en or fr")
	flags.StringVar(&a.passwordFile, prefix+"password-file", "", "file that holds the password; default the standard input")
}

func (a *adminFlags) read(stdin io.Reader) (n staff.New, password string, err error) {
	if a.email == "" && a.userName == "" {
		return n, "", errUsage{errors.New("an account needs an e-mail address or a user name")}
	}
	source := stdin
	if a.passwordFile != "" {
		file, err := os.Open(a.passwordFile)
		if err != nil {
			return n, "", fmt.Errorf("read the password: %w", err)
		}
		defer file.Close()
		source = file
	}
	password, err = bufio.NewReader(source).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return n, "", fmt.Errorf("read the password: %w", err)
	}
	n = staff.New{DisplayName: a.name, Email: a.email, Username: a.userName, Language: a.language}
	return n, strings.TrimRight(password, "\r\n"), nil
}
