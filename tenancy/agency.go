package tenancy

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

var (
	// ErrUnknownHost says that no agency answers at this host.
	ErrUnknownHost = errors.New("tenancy: no agency at this host")
	// ErrUnknownAgency says that there is no agency with this id or subdomain.
	ErrUnknownAgency = errors.New("tenancy: no such agency")
	// ErrClosed says that the agency's status does not allow this (see Agency.Status).
	ErrClosed = errors.New("tenancy: the agency is not open")
	// ErrParked says that the agency's schema is older than this program, because its
	// migration failed; it rests until an operator has mended it, and the others go on.
	// A program that fits the old schema goes on serving the agency.
	ErrParked = errors.New("tenancy: the agency waits for a migration")
	// ErrBusy says that the agency has as many transactions in flight as it may.
	ErrBusy = errors.New("tenancy: too many requests in flight for the agency")
	// ErrOrder says that an agency's status cannot change in this way.
	ErrOrder = errors.New("tenancy: an agency's status does not change so")
	// ErrExists says that the subdomain or host belongs to an agency already.
	ErrExists = errors.New("tenancy: there is such an agency already")
	// ErrWithdrawn says that a statement would have changed the record of a participant who
	// has withdrawn her consent (migrations/agency/0013).
	ErrWithdrawn = errors.New("tenancy: consent was withdrawn")
	// ErrUnavailable says that the database could not be reached.
	ErrUnavailable = errors.New("tenancy: database unavailable")
)

// Status is where an agency stands in its life.
type Status string

// The life of an agency. Only an active one is open to people and jobs; commands
// of operators that read (list, verify, export) also work on a suspended or
// offboarding one. The database refuses any other order of changes.
const (
	Provisioning Status = "provisioning"
	Active       Status = "active"
	Suspended    Status = "suspended"
	Offboarding  Status = "offboarding"
	Closed       Status = "closed"
)

// Agency is one agency as the registry knows it. It is immutable: a change in the
// registry gives a new value at the next Resolve.
type Agency struct {
	ID        uuid.UUID
	Subdomain string
	NameEN    string
	NameFR    string
	Status    Status
	Shard     string
	Demo      bool // demo agencies hold invented people; this never changes
	Host      string

	schemaVersion int
	schema        schema
	platform      *Platform
}

// Name is the agency's name in the given language, "fr" or "en".
func (a *Agency) Name(language string) string {
	if language == "fr" {
		return a.NameFR
	}
	return a.NameEN
}

// Role is the Postgres role that the agency's transactions run as, which is also
// the name of its schema. For checks and for the relay, never for building SQL.
func (a *Agency) Role() string { return a.schema.name }

// A schema is the checked name of an agency's schema, which is its role's too.
type schema struct {
	name       string    // a_ and 16 letters or digits
	setRole    string    // the statement that takes on the role
	statements *sync.Map // SQL as written → SQL with this schema
}

var schemaName = regexp.MustCompile(`^a_[a-z0-9]{16}$`)

func newSchema(name string) (schema, error) {
	if !schemaName.MatchString(name) {
		return schema{}, fmt.Errorf("tenancy: %q is not a schema name", name)
	}
	s := schema{name: name, statements: &sync.Map{}}
	s.setRole = "SET LOCAL ROLE " + s.quoted()
	return s, nil
}

func (s schema) quoted() string { return pgx.Identifier{s.name}.Sanitize() }

var agencyPrefix = regexp.MustCompile(`\bagency\.`)

// statement puts the schema in the place of "agency." and remembers the result:
// statements are constants, so there are only as many as the code has.
func (s schema) statement(sql string) string {
	if done, ok := s.statements.Load(sql); ok {
		return done.(string)
	}
	done := agencyPrefix.ReplaceAllLiteralString(sql, s.quoted()+".")
	s.statements.Store(sql, done)
	return done
}

// allows says whether transactions may begin: the agency has one of the statuses, and
// its schema is not older than this program.
func (a *Agency) allows(statuses ...Status) error {
	if !slices.Contains(statuses, a.Status) {
		return fmt.Errorf("%w: %s", ErrClosed, a.Status)
	}
	if a.schemaVersion < newestVersion() {
		return ErrParked
	}
	return nil
}

// View runs f in a read-only transaction of the agency. See Update for errors.
func (a *Agency) View(ctx context.Context, f func(*Tx) error) error {
	if err := a.allows(Active); err != nil {
		return err
	}
	return a.platform.run(ctx, a, beginView, f)
}

// Inspect is View for the commands of operators, which also read an agency that is
// suspended or on its way out. Never for anything that answers a browser.
func (a *Agency) Inspect(ctx context.Context, f func(*Tx) error) error {
	if err := a.allows(Active, Suspended, Offboarding); err != nil {
		return err
	}
	return a.platform.run(ctx, a, beginView, f)
}

// Update runs f in a read-write transaction of the agency and commits it when f
// returns nil. f may run twice (after a migration changed a cached plan), so it must
// not act on anything but the transaction. Errors: f's own, ErrClosed, ErrParked,
// ErrBusy, ErrUnavailable, and those of Settings.Gate and keyring.Ring.Acquire.
func (a *Agency) Update(ctx context.Context, f func(*Tx) error) error {
	if err := a.allows(Active); err != nil {
		return err
	}
	if err := a.platform.settings.Gate(); err != nil {
		return err
	}
	return a.platform.run(ctx, a, beginUpdate, f)
}

// hostForm is what a host can be at all, IPv6 addresses included. Anything else is
// unknown without a look at the registry.
var hostForm = regexp.MustCompile(`^[a-z0-9._:\[\]-]{1,253}$`)

// normalHost lower-cases a host and takes the port off.
func normalHost(host string) string {
	if i := strings.LastIndexByte(host, ':'); i >= 0 && !strings.HasSuffix(host, "]") {
		host = host[:i]
	}
	return strings.ToLower(strings.TrimSuffix(host, "."))
}
