package command

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"konote/app/audit"
	"konote/app/config"
	"konote/jobs"
	"konote/tenancy"
)

func migrateCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "migrate",
		Short: "Make and update the databases",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(migrateBootstrap(), migrateStatus(), migrateUp(), migrateVerify())
	return cmd
}

func migrateBootstrap() *cobra.Command {
	var opsDatabase, auditDatabase string
	cmd := &cobra.Command{
		Use:   "bootstrap",
		Short: "Make the roles and databases on a Postgres server (once a server; may be repeated)",
		Long: `Makes the roles, sets their passwords and makes the databases. It needs a login that may
create roles and databases, in KONOTE_ADMIN_DATABASE_URL. The passwords are read from
KONOTE_PASSWORD_OWNER, _APP, _AUDIT_OWNER, _AUDIT_WRITER and _AUDIT_READER; a role whose
password is not given keeps the one it has. Use an empty --ops or --audit for a database
that lives on another server.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			admin := os.Getenv("KONOTE_ADMIN_DATABASE_URL")
			if admin == "" {
				return errUsage{errors.New("KONOTE_ADMIN_DATABASE_URL is not set")}
			}
			passwords := map[string]string{}
			for role, name := range map[string]string{
				"konote_owner": "OWNER", "konote_app": "APP", "konote_audit_owner": "AUDIT_OWNER",
				"konote_audit_writer": "AUDIT_WRITER", "konote_audit_reader": "AUDIT_READER",
			} {
				if password := os.Getenv("KONOTE_PASSWORD_" + name); password != "" {
					passwords[role] = password
				}
			}
			err := tenancy.Bootstrap(cmd.Context(), admin, tenancy.BootstrapSettings{
				Passwords: passwords, OpsDatabase: opsDatabase, AuditDatabase: auditDatabase,
			})
			if err != nil {
				return err
			}
			fmt.Fprintln(cmd.OutOrStdout(), "roles and databases are there")
			return nil
		},
	}
	cmd.Flags().StringVar(&opsDatabase, "ops", "konote", "name of the operational database")
	cmd.Flags().StringVar(&auditDatabase, "audit", "konote_audit", "name of the audit database")
	return cmd
}

func migrateStatus() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Say which agencies are behind or parked",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withOwner(cmd, func(o *tenancy.Owner) error {
				status, err := (&tenancy.Migrator{Owner: o}).Status(cmd.Context())
				if err != nil {
					return err
				}
				out := cmd.OutOrStdout()
				if asJSON {
					err = printJSON(out, status)
				} else {
					fmt.Fprintf(out, "registry: %d files pending\nagencies: %d, newest schema %d, behind %d, parked %d\n",
						status.Control, status.Agencies, status.Latest, status.Pending, len(status.Parked))
					for _, parked := range status.Parked {
						fmt.Fprintf(out, "  %s at %d: %s\n", parked.Subdomain, parked.Version, parked.Reason)
					}
				}
				if err == nil && status.Control+status.Pending+len(status.Parked) > 0 {
					return errFound
				}
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "for scripts")
	return cmd
}

func migrateUp() *cobra.Command {
	var workers int
	cmd := &cobra.Command{
		Use:   "up",
		Short: "Apply what is pending: registry, jobs and audit database, then every agency",
		Long: `Applies pending migrations. All files of one agency are one transaction. One agency goes
first; when it fails nothing else is touched. An agency that fails later is parked and the
others go on; mend the cause and run it again. It may be stopped and run again at any time.
It ends with 3 when an agency was parked.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := load()
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			return withOwner(cmd, func(o *tenancy.Owner) error {
				if err := migrateDatabases(cmd, c, o); err != nil {
					return err
				}
				untouched := 0
				report, err := (&tenancy.Migrator{Owner: o, Workers: workers, Progress: func(p tenancy.Progress) {
					untouched = p.Total - p.Done
					if p.Err != nil {
						fmt.Fprintf(out, "%d/%d %s parked: %v\n", p.Done, p.Total, p.Subdomain, p.Err)
					} else if p.Total < 20 || p.Done%50 == 0 || p.Done == p.Total {
						fmt.Fprintf(out, "%d/%d %s\n", p.Done, p.Total, p.Subdomain)
					}
				}}).Up(cmd.Context())
				if err != nil && !errors.Is(err, tenancy.ErrParked) {
					return err
				}
				fmt.Fprintf(out, "%d agencies migrated, %d parked, %d not touched\n", report.Migrated, len(report.Parked), untouched)
				if err != nil {
					return errFound
				}
				return nil
			})
		},
	}
	cmd.Flags().IntVar(&workers, "workers", 4, "agencies at a time")
	return cmd
}

// migrateDatabases brings what stands beside the agencies up to date: the registry of the
// main shard, then everything else. The act is recorded as soon as there is an outbox.
func migrateDatabases(cmd *cobra.Command, c *config.Config, o *tenancy.Owner) error {
	ctx := cmd.Context()
	if err := tenancy.MigrateControl(ctx, c.OwnerURL); err != nil {
		return fmt.Errorf("shard %s: %w", tenancy.MainShard, err)
	}
	err := audit.RecordPlatformAsOwner(ctx, o, byOperator(), audit.Event{Action: "platform.migrate"})
	if err != nil {
		return err
	}
	if err := jobs.Migrate(ctx, c.OwnerURL); err != nil {
		return fmt.Errorf("shard %s: %w", tenancy.MainShard, err)
	}
	for name, url := range c.ShardOwners {
		if err := tenancy.MigrateControl(ctx, url); err != nil {
			return fmt.Errorf("shard %s: %w", name, err)
		}
		if err := jobs.Migrate(ctx, url); err != nil {
			return fmt.Errorf("shard %s: %w", name, err)
		}
	}
	if c.AuditOwnerURL == "" {
		return nil
	}
	if err := tenancy.MigrateAudit(ctx, c.AuditOwnerURL); err != nil {
		return fmt.Errorf("audit database: %w", err)
	}
	return nil
}

func migrateVerify() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Compare what was applied with the files, and every schema with the snapshot",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withOwner(cmd, func(o *tenancy.Owner) error {
				findings, err := (&tenancy.Migrator{Owner: o}).Verify(cmd.Context())
				if err != nil {
					return err
				}
				out := cmd.OutOrStdout()
				if asJSON {
					if err := printJSON(out, findings); err != nil {
						return err
					}
				} else {
					for _, finding := range findings {
						fmt.Fprintln(out, finding.Where)
						for _, problem := range finding.Problems {
							fmt.Fprintln(out, "  "+problem)
						}
					}
				}
				if len(findings) > 0 {
					return errFound
				}
				if !asJSON {
					fmt.Fprintln(out, "everything is as the files say")
				}
				return nil
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "for scripts")
	return cmd
}

// withOwner runs f with the owner's connections of the environment.
func withOwner(cmd *cobra.Command, f func(*tenancy.Owner) error) error {
	c, err := load()
	if err != nil {
		return err
	}
	if c.OwnerURL == "" {
		return errUsage{errors.New("KONOTE_OWNER_DATABASE_URL is not set: this command needs the owner's login")}
	}
	owner, err := tenancy.OpenOwner(cmd.Context(), c.OwnerURL, c.ShardOwners)
	if err != nil {
		return err
	}
	defer owner.Close()
	return f(owner)
}
