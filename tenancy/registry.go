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
	for {
		agency, known, err := p.remembered(host)
		switch {
		case err != nil:
		case !known:
			agency, err = p.meet(ctx, host)
		case agency == nil:
			var there bool
			if agency, there, err = p.refresh(ctx, host); err == nil && !there {
				continue
			}
		}
		if err != nil {
			return nil, err
		}
		if agency == nil || agency.Status == Closed {
			return nil, ErrUnknownHost
		}
		return agency, nil
	}
}

// remembered is the agency of a host, nil when what is known of it is too old; known says
// whether anything is. ErrUnknownHost is known too.
func (p *Platform) remembered(host string) (agency *Agency, known bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if h := p.byHost[host]; h != nil {
		h.askedAt = p.now()
		if h.askedAt.Sub(h.loadedAt) < p.settings.RegistryAge {
			agency = h.agency
		}
		return agency, true, nil
	}
	if missed, ok := p.nobodys[host]; ok && p.now().Sub(missed) < p.settings.RegistryAge {
		return nil, true, ErrUnknownHost
	}
	return nil, false, nil
}

// meet asks for a host that no agency is known to have; nil when none has it.
func (p *Platform) meet(ctx context.Context, host string) (*Agency, error) {
	agency, err, _ := p.flight.Do("host "+host, func() (any, error) {
		// The first caller's cancellation must not fail the others.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), registryTimeout)
		defer cancel()
		leave, err := p.strangersTurn()
		if err != nil {
			return nil, err
		}
		defer leave()
		agency, err := p.load(ctx, sqlAgencyByHost, host)
		if err == nil {
			p.remember(host, cachedAgency{agency: agency, loadedAt: p.now()})
		}
		return agency, err
	})
	if err != nil {
		return nil, err
	}
	return agency.(*Agency), nil
}

// refresh reads a host again, and with it all others that were asked for lately and are
// about to be too old: with many agencies at work, reading them one by one would cost as
// much as what is done for them. The agency is nil when the host is nobody's any more. When
// the host is not there, another refresh has just read it, or had begun without it.
func (p *Platform) refresh(ctx context.Context, host string) (agency *Agency, there bool, err error) {
	refreshed, err, _ := p.flight.Do("refresh", func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), registryTimeout)
		defer cancel()
		hosts := p.aging()
		if len(hosts) == 0 {
			return map[string]*Agency{}, nil
		}
		found, err := p.loadHosts(ctx, hosts)
		if err != nil {
			return nil, err
		}
		at := p.now()
		for host, agency := range found {
			p.remember(host, cachedAgency{agency: agency, loadedAt: at})
		}
		return found, nil
	})
	if err != nil {
		return nil, false, err
	}
	agency, there = refreshed.(map[string]*Agency)[host]
	return agency, there, nil
}

// lately is how long ago, in ages of the registry, a host was asked for that is likely to
// be asked for again.
const lately = 30

// aging are the hosts that a refresh reads.
func (p *Platform) aging() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var hosts []string
	now, age := p.now(), p.settings.RegistryAge
	for host, h := range p.byHost {
		if now.Sub(h.loadedAt) >= age/2 && now.Sub(h.askedAt) < lately*age {
			hosts = append(hosts, host)
		}
	}
	return hosts
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
	sqlAgenciesByHost = `SELECT asked.host AS asked, ` + agencyColumns + `
		FROM control.agency_hosts asked
		JOIN control.agencies a ON a.id = asked.agency_id
		LEFT JOIN control.agency_hosts h ON h.agency_id = a.id AND h.is_primary
		WHERE asked.host = ANY($1)`
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

// loadHosts reads the agencies of many hosts from the registry, nil for a host that is
// nobody's.
func (p *Platform) loadHosts(ctx context.Context, hosts []string) (map[string]*Agency, error) {
	found := make(map[string]*Agency, len(hosts))
	for _, host := range hosts {
		found[host] = nil
	}
	err := p.Control(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, sqlAgenciesByHost, hosts)
		if err != nil {
			return err
		}
		type askedRow struct {
			Asked string `db:"asked"`
			agencyRow
		}
		list, err := pgx.CollectRows(rows, pgx.RowToStructByName[askedRow])
		if err != nil {
			return err
		}
		for _, row := range list {
			if found[row.Asked], err = p.agency(row.agencyRow); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the registry: %w", err)
	}
	return found, nil
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
		h := p.byHost[host]
		if h == nil {
			h = &knownHost{askedAt: c.loadedAt}
			p.byHost[host] = h
		}
		h.cachedAgency = c
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
