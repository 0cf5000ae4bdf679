package tenancy

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"konote/migrations"
)

// NewAgency is what Provision makes.
type NewAgency struct {
	Subdomain string // 3 to 42 of a-z, 0-9 and -, unique for ever
	NameEN    string
	NameFR    string
	Hosts     []string // the names it answers at, without a port; the first one is in links
	Shard     string   // empty: MainShard
	Demo      bool     // holds invented people only; never changes
	// Record adds the act to the audit outbox, as konote_control in the transaction that opens
	// the agency: neither is without the other, whatever crashes. nil records nothing.
	Record func(tx pgx.Tx, agency uuid.UUID) error
}

const (
	sqlProvisionLock = `SELECT pg_advisory_lock(hashtextextended('konote provision ' || $1, 0))`
	sqlUnlock        = `SELECT pg_advisory_unlock_all()`
	// A row that is still being provisioned is taken up again, if it is the same agency.
	sqlRegister = `INSERT INTO control.agencies AS a (id, subdomain, name_en, name_fr, shard, schema_name, is_demo)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (subdomain) DO UPDATE SET name_en = EXCLUDED.name_en, name_fr = EXCLUDED.name_fr
		WHERE a.status = 'provisioning' AND a.shard = EXCLUDED.shard AND a.is_demo = EXCLUDED.is_demo
		RETURNING a.id, a.subdomain, a.shard, a.schema_name, a.schema_version, false AS parked`
	sqlForgetHosts = `DELETE FROM control.agency_hosts WHERE agency_id = $1`
	sqlAddHost     = `INSERT INTO control.agency_hosts (host, agency_id, is_primary) VALUES ($1, $2, $3)`
	sqlHasKey      = `SELECT EXISTS (SELECT FROM control.agency_keys WHERE agency_id = $1)`
	sqlAddKey      = `INSERT INTO control.agency_keys (agency_id, version, provider, key_id, algorithm, wrapped, check_value)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (agency_id, version) DO NOTHING`
	sqlActivate = `UPDATE control.agencies SET status = 'active' WHERE id = $1 AND status = 'provisioning'`
)

// Provision makes an agency: registry, schema and role, migrations, data key, seed,
// and opens it. Every step leaves what the next needs and may be repeated, so after a
// crash at any point the same call goes on where it stopped. A data key that is there
// is never replaced. Other agencies notice nothing.
//
// seed fills the new agency and makes its first administrator; it runs in one
// transaction of the agency and may run again, in a later call too, so it must first
// look at what is there. nil adds nothing.
//
// Errors: ErrExists for an agency that was finished before (its subdomain is never
// given again), that is another one, or whose host is taken; ErrUnavailable;
// keyring.ErrProvider; seed's own; Record's own.
func Provision(ctx context.Context, o *Owner, p *Platform, n NewAgency, seed func(context.Context, *Tx) error) (*Agency, error) {
	if n.Shard == "" {
		n.Shard = MainShard
	}
	if err := n.check(); err != nil {
		return nil, err
	}
	defer p.Forget()
	main, err := o.main().Acquire(ctx)
	if err != nil {
		return nil, unavailable("provision: connect", err)
	}
	defer main.Release()
	if _, err := main.Exec(ctx, sqlProvisionLock, n.Subdomain); err != nil {
		return nil, unavailable("provision: wait for another run", err)
	}
	defer func() { _, _ = main.Exec(context.WithoutCancel(ctx), sqlUnlock) }() // a lost connection has no locks

	r, err := register(ctx, main, n)
	if err != nil {
		return nil, fmt.Errorf("provision %s: register: %w", n.Subdomain, unavailable("", err))
	}
	o.afterStep("register")
	if err := o.makeSchema(ctx, main, r); err != nil {
		return nil, fmt.Errorf("provision %s: make its schema: %w", n.Subdomain, unavailable("", err))
	}
	o.afterStep("schema")
	if err := makeKey(ctx, main, p, r.ID); err != nil {
		return nil, fmt.Errorf("provision %s: make its data key: %w", n.Subdomain, unavailable("", err))
	}
	o.afterStep("key")
	agency, err := p.BySubdomain(ctx, n.Subdomain)
	if err != nil {
		return nil, fmt.Errorf("provision %s: %w", n.Subdomain, err)
	}
	if seed != nil {
		fill := func(tx *Tx) error { return seed(ctx, tx) }
		if err := p.run(ctx, agency, beginUpdate, fill); err != nil {
			return nil, fmt.Errorf("provision %s: seed: %w", n.Subdomain, err)
		}
	}
	o.afterStep("seed")
	err = pgx.BeginFunc(ctx, main, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, sqlActivate, r.ID); err != nil || n.Record == nil {
			return err
		}
		return asControl(ctx, tx, func(tx pgx.Tx) error { return n.Record(tx, r.ID) })
	})
	if err != nil {
		return nil, fmt.Errorf("provision %s: open it: %w", n.Subdomain, unavailable("", err))
	}
	o.afterStep("activate")
	return p.BySubdomain(ctx, n.Subdomain)
}

var subdomainForm = regexp.MustCompile(`^[a-z][a-z0-9-]{1,40}[a-z0-9]$`)

func (n NewAgency) check() error {
	switch {
	case !subdomainForm.MatchString(n.Subdomain):
		return fmt.Errorf("tenancy: %q cannot be a subdomain: 3 to 42 of a-z, 0-9 and -, a letter first, no - last", n.Subdomain)
	case strings.TrimSpace(n.NameEN) == "" || strings.TrimSpace(n.NameFR) == "":
		return errors.New("tenancy: an agency needs a name in English and in French")
	}
	for _, host := range n.Hosts {
		if host != normalHost(host) || !hostForm.MatchString(host) {
			return fmt.Errorf("tenancy: %q is not a host: lower case, without a port", host)
		}
	}
	return nil
}

func register(ctx context.Context, main *pgxpool.Conn, n NewAgency) (r registered, err error) {
	err = pgx.BeginFunc(ctx, main, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, sqlRegister, NewID(), n.Subdomain, n.NameEN, n.NameFR, n.Shard, newSchemaName(), n.Demo)
		if err != nil {
			return err
		}
		r, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[registered])
		if errors.Is(err, pgx.ErrNoRows) {
			return fmt.Errorf("%w: %s", ErrExists, n.Subdomain)
		}
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, sqlForgetHosts, r.ID); err != nil {
			return err
		}
		for i, host := range n.Hosts {
			if _, err := tx.Exec(ctx, sqlAddHost, host, r.ID, i == 0); err != nil {
				if isCode(err, "23505") {
					return fmt.Errorf("%w: %s", ErrExists, host)
				}
				return err
			}
		}
		return nil
	})
	return r, err
}

// makeSchema makes schema and role and applies the migrations that are missing.
func (o *Owner) makeSchema(ctx context.Context, main *pgxpool.Conn, r registered) error {
	list, err := loadMigrations(migrations.Files, "agency")
	if err != nil {
		return err
	}
	if r.Shard == MainShard {
		_, err = migrateAgency(ctx, main.Conn(), r, list)
		return err
	}
	pool, err := o.shard(r.Shard)
	if err != nil {
		return err
	}
	err = pool.AcquireFunc(ctx, func(conn *pgxpool.Conn) error {
		_, err := migrateAgency(ctx, conn.Conn(), r, list)
		return err
	})
	if err != nil {
		return err
	}
	_, err = main.Exec(ctx, sqlMigrated, r.ID, len(list))
	return err
}

func makeKey(ctx context.Context, main *pgxpool.Conn, p *Platform, agency uuid.UUID) error {
	var exists bool
	if err := main.QueryRow(ctx, sqlHasKey, agency).Scan(&exists); err != nil || exists {
		return err
	}
	key, err := p.ring.NewKey(ctx, agency, 1)
	if err != nil {
		return err
	}
	_, err = main.Exec(ctx, sqlAddKey, agency, int32(key.Version), key.Provider, key.KeyID, key.Algorithm, key.Bytes, key.Check)
	return err
}

// newSchemaName is random: the name of an agency's role tells nothing about it.
func newSchemaName() string {
	return "a_" + strings.ToLower(rand.Text()[:16]) // base 32, 80 bits
}
