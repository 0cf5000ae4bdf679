package tenancy

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/keyring"
)

// Resolve finds the agency that answers at a host, as the browser sent it (a port
// is ignored). Errors: ErrUnknownHost, ErrUnavailable, and ErrBusy when many hosts that
// were never seen are asked for at once. A closed agency is unknown;
// an agency in any other status is returned, and View and Update say what it allows.
func (p *Platform) Resolve(ctx context.Context, host string) (*Agency, error) {
	host = normalHost(host)
	if !hostForm.MatchString(host) {
		return nil, ErrUnknownHost
	}
	p.mu.Lock()
	cached, ok := p.byHost[host]
	missed, nobodys := p.nobodys[host]
	p.mu.Unlock()
	if !ok && nobodys && p.now().Sub(missed) < p.settings.RegistryAge {
		return nil, ErrUnknownHost
	}
	if !ok || p.now().Sub(cached.loadedAt) >= p.settings.RegistryAge {
		agency, err, _ := p.flight.Do("host "+host, func() (any, error) {
			// The first caller's cancellation must not fail the others.
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), registryTimeout)
			defer cancel()
			if !ok {
				leave, err := p.strangersTurn()
				if err != nil {
					return nil, err
				}
				defer leave()
			}
			return p.load(ctx, sqlAgencyByHost, host)
		})
		if err != nil {
			return nil, err
		}
		cached = cachedAgency{agency: agency.(*Agency), loadedAt: p.now()}
		p.remember(host, cached)
	}
	if cached.agency == nil || cached.agency.Status == Closed {
		return nil, ErrUnknownHost
	}
	return cached.agency, nil
}

// strangersTurn waits for a turn to look up a host that no agency is known to have, so
// that nobody can take the registry away from the agencies by making hosts up.
func (p *Platform) strangersTurn() (leave func(), err error) {
	timer := time.NewTimer(strangerWait)
	defer timer.Stop()
	select {
	case p.asking <- struct{}{}:
		return func() { <-p.asking }, nil
	case <-timer.C:
		return nil, ErrBusy
	}
}

// Agency finds an agency by its id: for jobs and commands, which must look again
// each time they run. Errors: ErrUnknownAgency, ErrUnavailable.
func (p *Platform) Agency(ctx context.Context, id uuid.UUID) (*Agency, error) {
	p.mu.Lock()
	cached, ok := p.byID[id]
	p.mu.Unlock()
	if !ok || p.now().Sub(cached.loadedAt) >= p.settings.RegistryAge {
		agency, err := p.load(ctx, sqlAgencyByID, id)
		if err != nil {
			return nil, err
		}
		cached = cachedAgency{agency: agency, loadedAt: p.now()}
		p.remember("", cached)
	}
	if cached.agency == nil {
		return nil, ErrUnknownAgency
	}
	return cached.agency, nil
}

// BySubdomain finds an agency by its subdomain, for commands.
func (p *Platform) BySubdomain(ctx context.Context, subdomain string) (*Agency, error) {
	agency, err := p.load(ctx, sqlAgencyBySubdomain, subdomain)
	if err == nil && agency == nil {
		err = ErrUnknownAgency
	}
	return agency, err
}

// List returns the agencies after the given subdomain in order of subdomain, at most
// limit of them: start with "" and go on with the last one's.
func (p *Platform) List(ctx context.Context, after string, limit int) ([]*Agency, error) {
	var agencies []*Agency
	err := p.Control(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, sqlAgenciesAfter, after, limit)
		if err != nil {
			return err
		}
		found, err := pgx.CollectRows(rows, pgx.RowToStructByName[agencyRow])
		if err != nil {
			return err
		}
		for _, row := range found {
			a, err := p.agency(row)
			if err != nil {
				return err
			}
			agencies = append(agencies, a)
		}
		return nil
	})
	return agencies, err
}

// Forget drops what is remembered of the registry, so that the next Resolve sees
// a change made by this process at once. Other processes see it within RegistryAge.
func (p *Platform) Forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	clear(p.byHost)
	clear(p.nobodys)
	clear(p.byID)
}

const agencyColumns = `a.id, a.subdomain, a.name_en, a.name_fr, a.status, a.shard, a.schema_name, a.schema_version,
	a.is_demo, coalesce(h.host, '') AS host`

const (
	sqlAgencyByHost = `SELECT ` + agencyColumns + `
		FROM control.agency_hosts asked
		JOIN control.agencies a ON a.id = asked.agency_id
		LEFT JOIN control.agency_hosts h ON h.agency_id = a.id AND h.is_primary
		WHERE asked.host = $1`
	sqlAgencyByID = `SELECT ` + agencyColumns + `
		FROM control.agencies a LEFT JOIN control.agency_hosts h ON h.agency_id = a.id AND h.is_primary
		WHERE a.id = $1`
	sqlAgencyBySubdomain = `SELECT ` + agencyColumns + `
		FROM control.agencies a LEFT JOIN control.agency_hosts h ON h.agency_id = a.id AND h.is_primary
		WHERE a.subdomain = $1`
	sqlAgenciesAfter = `SELECT ` + agencyColumns + `
		FROM control.agencies a LEFT JOIN control.agency_hosts h ON h.agency_id = a.id AND h.is_primary
		WHERE a.subdomain > $1 ORDER BY a.subdomain LIMIT $2`
	sqlWrappedKeys = `SELECT version, provider, key_id, algorithm, wrapped, check_value
		FROM control.agency_keys WHERE agency_id = $1 AND retired_at IS NULL ORDER BY version`
)

type agencyRow struct {
	ID            uuid.UUID `db:"id"`
	Subdomain     string    `db:"subdomain"`
	NameEN        string    `db:"name_en"`
	NameFR        string    `db:"name_fr"`
	Status        Status    `db:"status"`
	Shard         string    `db:"shard"`
	SchemaName    string    `db:"schema_name"`
	SchemaVersion int       `db:"schema_version"`
	Demo          bool      `db:"is_demo"`
	Host          string    `db:"host"`
}

// load reads one agency from the registry; nil when there is none.
func (p *Platform) load(ctx context.Context, sql string, arg any) (*Agency, error) {
	var agency *Agency
	err := p.Control(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, sql, arg)
		if err != nil {
			return err
		}
		row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[agencyRow])
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		agency, err = p.agency(row)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the registry: %w", err)
	}
	return agency, nil
}

func (p *Platform) agency(row agencyRow) (*Agency, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	known, ok := p.schemas[row.ID]
	if !ok {
		var err error
		if known, err = newSchema(row.SchemaName); err != nil {
			return nil, err
		}
		p.schemas[row.ID] = known
	}
	return &Agency{
		ID: row.ID, Subdomain: row.Subdomain, NameEN: row.NameEN, NameFR: row.NameFR, Status: row.Status,
		Shard: row.Shard, Demo: row.Demo, Host: row.Host, schemaVersion: row.SchemaVersion,
		schema: known, platform: p,
	}, nil
}

// remember bounds the memory that unknown hosts can take. They push out each other and
// no agency.
func (p *Platform) remember(host string, c cachedAgency) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case host == "":
	case c.agency != nil:
		p.byHost[host] = c
		delete(p.nobodys, host)
	default:
		delete(p.byHost, host)
		if len(p.nobodys) >= mostNobodys {
			clear(p.nobodys)
		}
		p.nobodys[host] = c.loadedAt
	}
	if c.agency != nil {
		p.byID[c.agency.ID] = c
	}
}

const mostNobodys = 20_000

func (p *Platform) wrappedKeys(ctx context.Context, agency uuid.UUID) ([]keyring.Wrapped, error) {
	type row struct {
		Version   int32  `db:"version"`
		Provider  string `db:"provider"`
		KeyID     string `db:"key_id"`
		Algorithm string `db:"algorithm"`
		Wrapped   []byte `db:"wrapped"`
		Check     []byte `db:"check_value"`
	}
	var keys []keyring.Wrapped
	err := p.Control(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, sqlWrappedKeys, agency)
		if err != nil {
			return err
		}
		found, err := pgx.CollectRows(rows, pgx.RowToStructByName[row])
		for _, r := range found {
			keys = append(keys, keyring.Wrapped{Version: uint32(r.Version), Provider: r.Provider, KeyID: r.KeyID,
				Algorithm: r.Algorithm, Bytes: r.Wrapped, Check: r.Check})
		}
		return err
	})
	return keys, err
}
