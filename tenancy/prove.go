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

// The next agency on the same shard that has a schema, whoever is being looked at.
const sqlNeighbour = `SELECT ` + agencyColumns + `
	FROM control.agencies me
	JOIN control.agencies a ON a.shard = me.shard AND a.id <> me.id AND a.status NOT IN ('provisioning', 'closed')
	LEFT JOIN control.agency_hosts h ON h.agency_id = a.id AND h.is_primary
	WHERE me.id = $1 ORDER BY a.subdomain < me.subdomain, a.subdomain LIMIT 1`

// ProveIsolation tries, in the database, what must be refused: as the login by itself,
// and as each of these agencies against the next one on its shard, which need not be one
// of them. It returns a sentence for everything that was not refused, and those that have
// no other agency on their shard and so could not be tried against one. For start-up checks
// and audits.
func (p *Platform) ProveIsolation(ctx context.Context, agencies []*Agency) (leaks []string, alone []*Agency, err error) {
	for _, a := range agencies {
		other, err := p.load(ctx, sqlNeighbour, a.ID)
		if err != nil {
			return leaks, alone, err
		}
		if other == nil {
			other = a
			alone = append(alone, a)
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
				return leaks, alone, err
			}
			if allowed {
				leaks = append(leaks, who+" may read what belongs to "+other.Subdomain+" or the platform")
			}
		}
	}
	return leaks, alone, nil
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
