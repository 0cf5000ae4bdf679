package staff

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/app/access"
	"konote/app/civil"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/settings"
	"konote/app/web"
	"konote/keyring"
	"konote/tenancy"
)

const (
	// Another value after every change of a row that the statements below read, which a
	// test holds: triggers see to it (migration 0020).
	sqlAccessVersion = `SELECT version FROM agency.access_version`

	sqlVisitor = `SELECT display_name_sealed, is_admin, language, sessions_from, EXISTS (
		    SELECT FROM agency.factors WHERE staff_id = $1 AND confirmed_at IS NOT NULL AND removed_at IS NULL) AS has_factor
		FROM agency.staff WHERE id = $1 AND status = 'active'`
	sqlRoles = `SELECT r.program_id, r.role, p.name_en, p.name_fr, p.is_confidential
		FROM agency.program_roles r JOIN agency.programs p ON p.id = r.program_id
		WHERE r.staff_id = $1 AND r.status = 'active' ORDER BY p.name_en, p.id`
	sqlGrants = `SELECT program_id, participant_id, is_emergency, expires_at FROM agency.access_grants
		WHERE staff_id = $1 AND revoked_at IS NULL AND expires_at > $2`

	// What participants have closed to her, as a person or through any role, now or from a
	// day to come on.
	sqlClosed = `SELECT d.participant_id, d.kind, d.item_id, d.from_on FROM agency.directives d
		WHERE d.lifted_at IS NULL AND (d.staff_id = $1 OR EXISTS (
		    SELECT FROM agency.program_roles r WHERE r.staff_id = $1 AND r.status = 'active' AND (r.role = d.role OR r.program_id = d.program_id)))`
)

// standing is what decides who somebody is and what she may see, as the database has it.
// Nothing in it passes with time: what does has its time with it.
type standing struct {
	version uuid.UUID
	account []struct {
		DisplayName keyring.Sealed `db:"display_name_sealed"`
		Admin       bool           `db:"is_admin"`
		Language    string         `db:"language"`
		From        *time.Time     `db:"sessions_from"`
		HasFactor   bool           `db:"has_factor"`
	}
	roles []struct {
		Program      uuid.UUID   `db:"program_id"`
		Role         access.Role `db:"role"`
		NameEN       string      `db:"name_en"`
		NameFR       string      `db:"name_fr"`
		Confidential bool        `db:"is_confidential"`
	}
	grants []struct {
		Program     *uuid.UUID `db:"program_id"`
		Participant *uuid.UUID `db:"participant_id"`
		Emergency   bool       `db:"is_emergency"`
		Expires     time.Time  `db:"expires_at"`
	}
	closed []struct {
		Participant uuid.UUID   `db:"participant_id"`
		Kind        access.Kind `db:"kind"`
		Item        *uuid.UUID  `db:"item_id"`
		From        civil.Date  `db:"from_on"`
	}
	chosen web.AgencySettings
}

// queue adds the reading of it to a batch. The version comes first: should somebody change
// a row between two statements, what is remembered is newer than its version, and is read
// once more.
func (s *standing) queue(b *tenancy.Batch, id uuid.UUID) {
	queueVersion(b, &s.version)
	b.Queue(sqlVisitor, tenancy.Into(&s.account), id)
	b.Queue(sqlRoles, tenancy.Into(&s.roles), id)
	b.Queue(sqlGrants, tenancy.Into(&s.grants), id, b.Now())
	b.Queue(sqlClosed, tenancy.Into(&s.closed), id)
	settings.Queue(b, &s.chosen)
}

func queueVersion(b *tenancy.Batch, to *uuid.UUID) {
	b.Queue(sqlAccessVersion, func(rows pgx.Rows) (err error) {
		*to, err = pgx.CollectExactlyOneRow(rows, pgx.RowTo[uuid.UUID])
		return err
	})
}

// onto fills in a visitor as she stands at this moment. A directive counts from its day on
// in UTC, which is never later than its day in Canada.
func (s *standing) onto(v *web.Visitor, box *keyring.Box, now time.Time) error {
	if len(s.account) == 0 {
		return fault.New(fault.SignedOut, i18n.FaultSignedOutTitle)
	}
	account, id := s.account[0], v.Actor.Staff
	name, err := box.Open(colDisplayName, id, account.DisplayName)
	if err != nil {
		return fmt.Errorf("open visitor: %w", err)
	}
	v.Name, v.Language, v.HasFactor, v.SessionsFrom = name, account.Language, account.HasFactor, tenancy.Zero(account.From)
	v.Actor.Admin, v.Actor.Policy = account.Admin, s.chosen.Access
	v.Actor.Roles, v.Places = make(map[uuid.UUID]access.Role, len(s.roles)), make([]web.Place, len(s.roles))
	for i, r := range s.roles {
		v.Actor.Roles[r.Program] = r.Role
		v.Places[i] = web.Place{Program: r.Program, NameEN: r.NameEN, NameFR: r.NameFR, Confidential: r.Confidential}
	}
	for _, g := range s.grants {
		if g.Expires.After(now) {
			v.Actor.Grants = append(v.Actor.Grants, access.Grant{Program: tenancy.Zero(g.Program), Participant: tenancy.Zero(g.Participant), Emergency: g.Emergency})
		}
	}
	today := civil.Of(now)
	for _, c := range s.closed {
		if !today.Before(c.From) {
			v.Actor.Closed = append(v.Actor.Closed, access.Closed{Participant: c.Participant, Kind: c.Kind, Item: tenancy.Zero(c.Item)})
		}
	}
	return nil
}

// Visitors says who members of staff are and what they may see, at every request, and
// remembers it for as long as nothing in it has changed: each time it asks the database
// for the agency's version of all that, and what it remembers of another version counts
// for nothing. Names stay sealed. The zero value is ready; it is safe for concurrent use.
type Visitors struct {
	mu    sync.Mutex
	known map[member]*standing
}

type member struct{ agency, staff uuid.UUID }

// What is remembered: so many people, none with more than so many roles, grants and closed
// records, which is 10 MB where most have a few.
const (
	mostKnown    = 4096
	mostStanding = 100
)

// Load is a member of staff as she stands at this moment, with her roles and the agency's
// settings: web.Hooks.Visitor. It returns a fault of kind SignedOut when the account is no
// longer there or active. more adds to the batch what other features show on every page,
// such as how many messages wait.
func (v *Visitors) Load(ctx context.Context, agency *tenancy.Agency, id uuid.UUID, more ...func(*tenancy.Batch, uuid.UUID, *web.Visitor)) (web.Visitor, web.AgencySettings, error) {
	visitor := web.Visitor{Actor: access.Actor{Staff: id}}
	found := v.recall(agency.ID, id)
	if found != nil {
		current, err := v.check(ctx, agency, found, &visitor, more)
		if err != nil {
			return web.Visitor{}, web.AgencySettings{}, err
		}
		if current {
			return visitor, found.chosen, nil
		}
	}
	found = &standing{}
	err := agency.View(ctx, func(tx *tenancy.Tx) error {
		batch := tx.Batch()
		found.queue(batch, id)
		for _, queue := range more {
			queue(batch, id, &visitor)
		}
		if err := batch.Finish(ctx); err != nil {
			return fmt.Errorf("load visitor: %w", err)
		}
		return found.onto(&visitor, tx.Box(), tx.Now())
	})
	if err != nil {
		return web.Visitor{}, web.AgencySettings{}, err
	}
	v.remember(agency.ID, id, found)
	return visitor, found.chosen, nil
}

// check says whether what is remembered still holds, and fills in the visitor if so.
func (v *Visitors) check(ctx context.Context, agency *tenancy.Agency, found *standing, visitor *web.Visitor, more []func(*tenancy.Batch, uuid.UUID, *web.Visitor)) (current bool, err error) {
	err = agency.View(ctx, func(tx *tenancy.Tx) error {
		var version uuid.UUID
		batch := tx.Batch()
		queueVersion(batch, &version)
		for _, queue := range more {
			queue(batch, visitor.Actor.Staff, visitor)
		}
		if err := batch.Finish(ctx); err != nil {
			return fmt.Errorf("check visitor: %w", err)
		}
		if current = version == found.version; current {
			return found.onto(visitor, tx.Box(), tx.Now())
		}
		return nil
	})
	return current, err
}

func (v *Visitors) recall(agency, id uuid.UUID) *standing {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.known[member{agency, id}]
}

// remember keeps what was found, in place of everything else when there is no more room.
func (v *Visitors) remember(agency, id uuid.UUID, found *standing) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(found.roles)+len(found.grants)+len(found.closed) > mostStanding {
		delete(v.known, member{agency, id})
		return
	}
	if v.known == nil || len(v.known) >= mostKnown {
		v.known = map[member]*standing{}
	}
	v.known[member{agency, id}] = found
}

// Visitor is Load for once: for jobs, and for whoever comes without a session.
func Visitor(ctx context.Context, agency *tenancy.Agency, id uuid.UUID) (web.Visitor, web.AgencySettings, error) {
	var once Visitors
	return once.Load(ctx, agency, id)
}
