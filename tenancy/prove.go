package tenancy

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// What must be refused to the login by itself, and to an agency's role. A table of
// another agency is tried as %s. The statements only read, and no row is fetched.
var (
	refusedToLogin = []string{
		`SELECT FROM control.agencies LIMIT 0`, `SELECT FROM control.agency_keys LIMIT 0`,
		`SELECT FROM outbox.audit_events LIMIT 0`, `SELECT FROM %s.participants LIMIT 0`, `SELECT FROM %s.notes LIMIT 0`,
	}
	refusedToAgency = []string{
		`SELECT FROM control.agencies LIMIT 0`, `SELECT FROM control.agency_keys LIMIT 0`,
		`SELECT FROM outbox.audit_events LIMIT 0`, `SELECT FROM jobs.river_job LIMIT 0`,
		`SELECT FROM %s.participants LIMIT 0`, `SELECT FROM %s.notes LIMIT 0`, `SELECT FROM %s.staff LIMIT 0`,
	}
)

// ProveIsolation tries, in the database, what must be refused: as the login by itself,
// and as each of these agencies against the next one on the same shard. It returns a
// sentence for everything that was not refused. For start-up checks and audits.
func (p *Platform) ProveIsolation(ctx context.Context, agencies []*Agency) ([]string, error) {
	var leaks []string
	for i, a := range agencies {
		other := a
		for offset := 1; offset < len(agencies); offset++ {
			if next := agencies[(i+offset)%len(agencies)]; next.Shard == a.Shard {
				other = next
				break
			}
		}
		tries := map[string]string{}
		for _, sql := range refusedToLogin {
			tries["RESET ROLE; "+sql] = "the login by itself"
		}
		if other != a {
			for _, sql := range refusedToAgency {
				tries["SET LOCAL ROLE "+a.schema.quoted()+"; "+sql] = "the role of " + a.Subdomain
			}
		}
		for sql, who := range tries {
			allowed, err := p.try(ctx, a, fillTable(sql, other))
			if err != nil {
				return leaks, err
			}
			if allowed {
				leaks = append(leaks, who+" may read what belongs to "+other.Subdomain+" or the platform")
			}
		}
	}
	return leaks, nil
}

func fillTable(sql string, other *Agency) string {
	return strings.ReplaceAll(sql, "%s", other.schema.quoted())
}

// try runs a statement in a transaction that is rolled back, and says whether it was
// allowed. Only "permission denied" counts as a refusal.
func (p *Platform) try(ctx context.Context, a *Agency, sql string) (bool, error) {
	s := p.shards[a.Shard]
	if s == nil {
		return false, fmt.Errorf("%w: shard %q is not configured", ErrUnavailable, a.Shard)
	}
	tx, err := s.platform.BeginTx(ctx, pgx.TxOptions{BeginQuery: "BEGIN READ ONLY; " + sql})
	if err == nil {
		return true, tx.Rollback(ctx)
	}
	var refused *pgconn.PgError
	if errors.As(err, &refused) && refused.Code == "42501" {
		return false, nil
	}
	return false, unavailable("try what must be refused", err)
}
