package checkup

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/app/audit"
	"konote/keyring"
	"konote/tenancy"
)

// Categories of the security audit.
var Categories = []string{"ENC", "RBAC", "AUD", "CFG", "DOC"}

// Audit looks at the platform and at these agencies, in the categories given (none: all).
func Audit(ctx context.Context, s Subject, agencies []*tenancy.Agency, categories []string) []Result {
	var results []Result
	add := func(found ...Result) {
		for _, r := range found {
			if len(categories) == 0 || slices.ContainsFunc(categories, func(c string) bool { return strings.HasPrefix(r.ID, c) }) {
				results = append(results, r)
			}
		}
	}
	wanted := func(category string) bool { return len(categories) == 0 || slices.Contains(categories, category) }

	if wanted("ENC") {
		add(check("ENC001", "key provider answers, and its key is its own", Failure, s.keys(ctx)))
	}
	if wanted("RBAC") {
		leaks, alone, err := s.Platform.ProveIsolation(ctx, agencies)
		add(walls("RBAC001", leaks, alone, err))
	}
	if wanted("AUD") {
		add(s.auditPlatform(ctx)...)
	}
	if wanted("CFG") {
		add(s.configuration(ctx)...)
	}
	for _, agency := range agencies {
		a := inspection{subject: s, agency: agency}
		var found []Result
		if wanted("ENC") {
			found = append(found, a.encryption(ctx)...)
		}
		if wanted("RBAC") {
			found = append(found, a.roles(ctx)...)
		}
		if wanted("AUD") {
			found = append(found, a.audit(ctx)...)
		}
		if wanted("DOC") {
			found = append(found, check("DOC001", "no file or unsealed binary is kept in the records", Failure, a.documents(ctx)))
		}
		for i := range found {
			found[i].Agency = agency.Subdomain
		}
		add(found...)
	}
	return results
}

func (s Subject) auditPlatform(ctx context.Context) []Result {
	return []Result{
		check("AUD001", "audit database answers", Failure, bounded(ctx, s.Ledger.Ready)),
		check("AUD002", "the audit database refuses changes", Failure, s.auditRoles(ctx)),
	}
}

func (s Subject) configuration(ctx context.Context) []Result {
	mode := error(nil)
	if s.Config.Mode != "production" {
		mode = errors.New("KONOTE_MODE=" + string(s.Config.Mode))
	}
	return []Result{
		check("CFG001", "production mode", Warning, mode),
		check("CFG002", "the platform's secrets are given, and its own", Failure, s.secrets()),
		check("CFG003", "cookies travel over HTTPS only", Warning, s.cookies()),
		check("CFG004", "no migration is pending", Failure, s.migrations(ctx)),
		check("CFG005", "Redis asks for a password, or is on this machine", Failure, s.redisPassword()),
		check("CFG006", "the owner's password is not in this process", Warning, s.ownerAway()),
	}
}

// inspection is one agency being looked at.
type inspection struct {
	subject Subject
	agency  *tenancy.Agency
}

type column struct {
	Table  string `db:"table_name"`
	Column string `db:"column_name"`
	Type   string `db:"type"`
}

type sample struct {
	ID    uuid.UUID      `db:"id"`
	Value keyring.Sealed `db:"value"`
}

// encryption samples every sealed column and opens what it finds: in its place it must
// open, in another row it must not.
func (a inspection) encryption(ctx context.Context) []Result {
	var shape, places error
	seen, opened := 0, 0
	key := a.agency.Inspect(ctx, func(tx *tenancy.Tx) error {
		columns, err := tenancy.Rows[column](ctx, tx, sqlColumns)
		if err != nil {
			return err
		}
		for _, c := range columns {
			name, sealed := strings.CutSuffix(c.Column, "_sealed")
			if !sealed {
				continue
			}
			samples, err := tenancy.Rows[sample](ctx, tx,
				fmt.Sprintf(sqlSample, pgx.Identifier{c.Column}.Sanitize(), pgx.Identifier{c.Table}.Sanitize()))
			if err != nil {
				return err
			}
			in := keyring.Column{Table: c.Table, Name: name, Pad: keyring.Identity}
			for _, value := range samples {
				seen++
				if value.Value.Version() == 0 {
					shape = fmt.Errorf("%s.%s holds something that is no envelope", c.Table, c.Column)
					continue
				}
				if _, err := tx.Box().Open(in, value.ID, value.Value); err != nil {
					shape = fmt.Errorf("%s.%s: %w", c.Table, c.Column, err)
					continue
				}
				opened++
				if _, err := tx.Box().Open(in, tenancy.NewID(), value.Value); err == nil {
					places = fmt.Errorf("%s.%s opens in another row", c.Table, c.Column)
				}
			}
		}
		return nil
	})
	results := []Result{
		check("ENC002", "the agency's key opens", Failure, key),
		check("ENC003", "no readable text in sealed columns", Failure, shape),
		check("ENC004", "an envelope opens in its own row only", Failure, places),
	}
	results[1].Detail = cmpOr(results[1].Detail, fmt.Sprintf("%d values sampled, %d opened", seen, opened))
	return results
}

func (a inspection) roles(ctx context.Context) []Result {
	count := func(sql string, args ...any) (n int, err error) {
		err = a.agency.Inspect(ctx, func(tx *tenancy.Tx) error { return tx.QueryRow(ctx, sql, args...).Scan(&n) })
		return n, err
	}
	none := func(what, sql string, args ...any) error {
		n, err := count(sql, args...)
		if err == nil && n > 0 {
			err = fmt.Errorf("%d %s", n, what)
		}
		return err
	}
	admins, err := count(sqlAdmins)
	if err == nil && admins == 0 {
		err = errors.New("none")
	}
	return []Result{
		check("RBAC002", "an active administrator exists", Failure, err),
		check("RBAC003", "every other active account has a role", Warning, none("accounts have none", sqlRoleless)),
		check("RBAC004", "every program with people has staff who may see them", Warning, none("programs have nobody", sqlUnstaffed)),
		check("RBAC005", "every enrolment has its history", Failure, none("enrolments lack theirs", sqlUnhistoried)),
		check("RBAC006", "invented and real people are apart", Failure, none("rows are on the wrong side", sqlMixed, a.agency.Demo)),
	}
}

func (a inspection) audit(ctx context.Context) []Result {
	activity, err := a.subject.Ledger.Activity(ctx, a.agency.ID, time.Now().Add(-24*time.Hour))
	if err != nil {
		return []Result{check("AUD003", "recent acts are recorded", Failure, err)}
	}
	atLeastOne := func(n int64, what string) error {
		if n == 0 {
			return errors.New("no " + what + " in the last 24 hours")
		}
		return nil
	}
	var report audit.Report
	heads, err := a.heads(ctx)
	if err == nil {
		report, err = a.subject.Ledger.Verify(ctx, []uuid.UUID{a.agency.ID}, heads)
	}
	if err == nil && !report.OK() {
		err = errors.New(report.Chains[0].Break.String())
	}
	results := []Result{
		check("AUD003", "recent acts are recorded", Warning, atLeastOne(activity.Recent, "entry")),
		check("AUD004", "views of participants are recorded", Warning, atLeastOne(activity.Views, "view")),
		check("AUD005", "changes are recorded", Warning, atLeastOne(activity.Changes, "change")),
		check("AUD006", "the chain is whole", Failure, err),
	}
	results[0].Detail = cmpOr(results[0].Detail, fmt.Sprintf("%d in the last 24 hours, %d in all", activity.Recent, activity.Total))
	return results
}

// heads are the signed places of the agency's chain: without them a chain that was cut, or
// built anew, looks whole.
func (a inspection) heads(ctx context.Context) ([]audit.Head, error) {
	c := a.subject.Config
	signer, err := audit.NewSigner(c.AuditSigningKey)
	if err != nil {
		return nil, err
	}
	return a.subject.Ledger.Heads(ctx, audit.Folder(c.CheckpointDir), []uuid.UUID{a.agency.ID}, signer.VerifierKey())
}

// documents holds that binary values in the records are envelopes or keyed hashes.
func (a inspection) documents(ctx context.Context) error {
	var odd []string
	err := a.agency.Inspect(ctx, func(tx *tenancy.Tx) error {
		columns, err := tenancy.Rows[column](ctx, tx, sqlColumns)
		for _, c := range columns {
			if c.Type == "bytea" && !strings.HasSuffix(c.Column, "_sealed") && !strings.HasSuffix(c.Column, "_hash") {
				odd = append(odd, c.Table+"."+c.Column)
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	return joined(odd)
}
