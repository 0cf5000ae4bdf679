package command

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"konote/app/audit"
	"konote/app/server"
)

func auditCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "audit",
		Short: "Verify, export and sign the audit chains",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(auditVerify(), auditExport(), auditCheckpoint(), auditKey())
	return cmd
}

func auditVerify() *cobra.Command {
	var agency, key, file string
	var checkpoints []string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Recompute the chains and name the first broken entry of each",
		Long: `Finds entries that were edited, deleted, moved or added, and by the signed heads a tail that was cut
and a chain that was built anew. It reads the database, and the signed heads that are there and in
KONOTE_CHECKPOINT_DIR. With --checkpoint it trusts those heads instead: copies that were kept
elsewhere. With --file it reads an export, needs neither database nor settings, and knows no heads
but those of --checkpoint with --key, the public key that konote audit key prints.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			heads, err := readHeads(checkpoints, key)
			if err != nil {
				return err
			}
			report, err := verify(cmd, agency, file, heads, len(checkpoints) > 0)
			if err != nil {
				return err
			}
			if asJSON {
				err = printJSON(cmd.OutOrStdout(), report)
			} else {
				printReport(cmd.OutOrStdout(), report)
			}
			if err == nil && !report.OK() {
				return errFound
			}
			return err
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&agency, "agency", "", "one agency, by its subdomain; default all")
	flags.StringArrayVar(&checkpoints, "checkpoint", nil, "file of signed heads, or folder of such files; may be given several times")
	flags.StringVar(&key, "key", "", "public key of the signed heads; default that of KONOTE_AUDIT_SIGNING_KEY")
	flags.StringVar(&file, "file", "", "an export instead of the database")
	flags.BoolVar(&asJSON, "json", false, "for scripts")
	return cmd
}

func readHeads(paths []string, key string) ([]audit.Head, error) {
	if len(paths) == 0 {
		return nil, nil
	}
	if key == "" {
		c, err := load()
		if err != nil || c.AuditSigningKey == "" {
			return nil, errUsage{errors.New("--checkpoint needs --key, the public key of the signed heads")}
		}
		signer, err := audit.NewSigner(c.AuditSigningKey)
		if err != nil {
			return nil, err
		}
		key = signer.VerifierKey()
	}
	var heads []audit.Head
	for _, path := range paths {
		files := []string{path}
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			entries, err := os.ReadDir(path)
			if err != nil {
				return nil, fmt.Errorf("read the signed heads: %w", err)
			}
			files = nil
			for _, entry := range entries {
				if filepath.Ext(entry.Name()) == ".txt" {
					files = append(files, filepath.Join(path, entry.Name()))
				}
			}
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				return nil, fmt.Errorf("read the signed heads: %w", err)
			}
			more, err := audit.ReadCheckpoints(bytes.NewReader(text), key)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", file, err)
			}
			heads = append(heads, more...)
		}
	}
	return heads, nil
}

// verify holds an export or the database against these heads; given says that they are all
// that is to be trusted.
func verify(cmd *cobra.Command, agency, file string, heads []audit.Head, given bool) (report audit.Report, err error) {
	if file != "" {
		opened, err := os.Open(file)
		if err != nil {
			return report, fmt.Errorf("read the export: %w", err)
		}
		defer opened.Close()
		return audit.VerifyExport(bufio.NewReaderSize(opened, 1<<20), heads)
	}
	err = withServer(cmd, func(s *server.Server) error {
		ids, err := chainIDs(cmd, s, agency)
		if err != nil {
			return err
		}
		if err := recordPlatform(cmd, s, audit.Event{Action: "audit.verify", Subject: only(ids)}); err != nil {
			return err
		}
		if !given {
			heads, err = s.Ledger.Heads(cmd.Context(), audit.Folder(s.Config.CheckpointDir), ids, s.Signer.VerifierKey())
			if err != nil {
				return err
			}
		}
		report, err = s.Ledger.Verify(cmd.Context(), ids, heads)
		return err
	})
	return report, err
}

func chainIDs(cmd *cobra.Command, s *server.Server, agency string) ([]uuid.UUID, error) {
	if agency == "" {
		return nil, nil
	}
	a, err := s.Platform.BySubdomain(cmd.Context(), agency)
	if err != nil {
		return nil, err
	}
	return []uuid.UUID{a.ID}, nil
}

// only is the agency that a command was narrowed to, for the audit log; nil for all.
func only(ids []uuid.UUID) uuid.UUID {
	if len(ids) == 1 {
		return ids[0]
	}
	return uuid.Nil
}

// recordPlatform writes an act of this command into the platform's chain, before it is done.
func recordPlatform(cmd *cobra.Command, s *server.Server, e audit.Event) error {
	return audit.RecordPlatform(cmd.Context(), s.Platform, byOperator(), e)
}

func printReport(w io.Writer, report audit.Report) {
	for _, chain := range report.Chains {
		switch {
		case chain.Break != nil:
			fmt.Fprintf(w, "%s  BROKEN at %s\n", chain.Agency, chain.Break)
		case chain.Proven == chain.Entries && chain.Proven > 0:
			fmt.Fprintf(w, "%s  %d entries, all vouched for by a signed head\n", chain.Agency, chain.Entries)
		default:
			fmt.Fprintf(w, "%s  %d entries, consistent; %d vouched for by a signed head\n", chain.Agency, chain.Entries, chain.Proven)
		}
	}
	fmt.Fprintf(w, "%d entries in %d chains\n", report.Entries(), len(report.Chains))
}

func auditExport() *cobra.Command {
	var agency string
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write entries as lines of JSON, for konote audit verify --file",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withServer(cmd, func(s *server.Server) error {
				ids, err := chainIDs(cmd, s, agency)
				if err != nil {
					return err
				}
				if err := recordPlatform(cmd, s, audit.Event{Action: "audit.export", Subject: only(ids)}); err != nil {
					return err
				}
				if ids == nil {
					if ids, err = s.Ledger.Agencies(cmd.Context()); err != nil {
						return err
					}
				}
				out := bufio.NewWriterSize(cmd.OutOrStdout(), 1<<20)
				if err := audit.Export(out, s.Ledger.Entries(cmd.Context(), ids)); err != nil {
					return err
				}
				return out.Flush()
			})
		},
	}
	cmd.Flags().StringVar(&agency, "agency", "", "one agency, by its subdomain; default all")
	return cmd
}

func auditCheckpoint() *cobra.Command {
	return &cobra.Command{
		Use:   "checkpoint",
		Short: "Sign and publish the heads of all chains now",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withServer(cmd, func(s *server.Server) error {
				if err := recordPlatform(cmd, s, audit.Event{Action: "audit.checkpoint"}); err != nil {
					return err
				}
				made, err := s.Ledger.Checkpoint(cmd.Context(), s.Signer, audit.Folder(s.Config.CheckpointDir))
				if err == nil {
					fmt.Fprintf(cmd.OutOrStdout(), "%d chains signed\n", made)
				}
				return err
			})
		},
	}
}

func auditKey() *cobra.Command {
	var make bool
	cmd := &cobra.Command{
		Use:   "key",
		Short: "Print the public key of the signed heads, or make a new key pair",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if make {
				private, err := audit.GenerateSigningKey()
				if err == nil {
					fmt.Fprintln(cmd.OutOrStdout(), private)
				}
				return err
			}
			c, err := load()
			if err != nil {
				return err
			}
			signer, err := audit.NewSigner(c.AuditSigningKey)
			if err == nil {
				fmt.Fprintln(cmd.OutOrStdout(), signer.VerifierKey())
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&make, "new", false, "make a key for KONOTE_AUDIT_SIGNING_KEY; keep it where the audit database is not")
	return cmd
}
