package sso

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"konote/app/access"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/keyring"
	"konote/tenancy"
)

// The sealed columns. A subject has an index as well: it is unique with its provider,
// whose id stands before it.
var (
	colSecret  = keyring.Column{Table: "identity_providers", Name: "client_secret", Pad: keyring.Words}
	colGroup   = keyring.Column{Table: "identity_groups", Name: "value", Pad: keyring.Words}
	colSubject = keyring.Column{Table: "staff_identities", Name: "subject", Pad: keyring.Words}
)

const providerColumns = `id, issuer, client_id, client_secret_sealed, name_en, name_fr, status, provisioning, links_by_email,
	second_factor, strong_acr, group_claim, version`

const (
	sqlActive  = `SELECT ` + providerColumns + ` FROM agency.identity_providers WHERE status = 'active' ORDER BY created_at, id`
	sqlCurrent = `SELECT ` + providerColumns + ` FROM agency.identity_providers WHERE status <> 'removed' ORDER BY created_at, id`
	sqlProving = `SELECT ` + providerColumns + ` FROM agency.identity_providers p WHERE status = 'active'
		AND EXISTS (SELECT FROM agency.staff_identities i WHERE i.provider_id = p.id AND i.staff_id = $1) ORDER BY created_at, id`
	sqlByID = `SELECT ` + providerColumns + ` FROM agency.identity_providers WHERE id = $1`

	sqlInsert = `INSERT INTO agency.identity_providers
		(id, issuer, client_id, client_secret_sealed, name_en, name_fr, status, provisioning, links_by_email, second_factor, strong_acr,
		 group_claim, created_at, created_by, updated_at, updated_by)
		VALUES ($1, $2, $3, $4, $5, $6, 'off', $7, $8, $9, $10, $11, $12, $13, $12, $13)`

	sqlUpdate = `UPDATE agency.identity_providers
		SET client_id = $3, client_secret_sealed = $4, name_en = $5, name_fr = $6, provisioning = $7, links_by_email = $8,
		    second_factor = $9, strong_acr = $10, group_claim = $11, updated_at = $12, updated_by = $13, version = version + 1
		WHERE id = $1 AND version = $2 AND status <> 'removed'`

	sqlStatus = `UPDATE agency.identity_providers SET status = $3, updated_at = $4, updated_by = $5, version = version + 1
		WHERE id = $1 AND status = $2`

	sqlGroups   = `SELECT id, value_sealed, program_id, role FROM agency.identity_groups WHERE provider_id = $1 ORDER BY created_at, id`
	sqlAddGroup = `INSERT INTO agency.identity_groups (id, provider_id, value_sealed, program_id, role, created_at, created_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`
	sqlRemoveGroup = `DELETE FROM agency.identity_groups WHERE id = $1 RETURNING program_id, role`

	sqlBySubject = `SELECT id, staff_id FROM agency.staff_identities WHERE provider_id = $1 AND subject_hash = ANY($2)`
	sqlIsLinked  = `SELECT EXISTS (SELECT FROM agency.staff_identities WHERE provider_id = $1 AND staff_id = $2)`
	sqlLink      = `INSERT INTO agency.staff_identities (id, staff_id, provider_id, subject_sealed, subject_hash, how, linked_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`
	sqlUsed   = `UPDATE agency.staff_identities SET last_used_at = $2 WHERE id = $1`
	sqlUnlink = `DELETE FROM agency.staff_identities WHERE id = $1 AND ($2::uuid IS NULL OR staff_id = $2) RETURNING staff_id, provider_id`

	sqlLinked = `SELECT id, staff_id, provider_id, how, linked_at, last_used_at FROM agency.staff_identities
		WHERE provider_id = $1 ORDER BY linked_at, id`
	sqlOwn = `SELECT i.id, i.staff_id, i.provider_id, i.how, i.linked_at, i.last_used_at
		FROM agency.staff_identities i JOIN agency.identity_providers p ON p.id = i.provider_id
		WHERE i.staff_id = $1 AND p.status <> 'removed'`

	// In the order of their ids, in which their rows are locked when all are sent a link.
	sqlUnlinked = `SELECT s.id, s.email_sealed IS NOT NULL AS has_email FROM agency.staff s WHERE s.status = 'active' AND NOT s.is_admin
		AND NOT EXISTS (SELECT FROM agency.staff_identities i WHERE i.staff_id = s.id AND i.provider_id = $1) ORDER BY s.id`
	sqlHasFactor   = `SELECT EXISTS (SELECT FROM agency.factors WHERE staff_id = $1 AND confirmed_at IS NOT NULL AND removed_at IS NULL)`
	sqlLocalAdmins = `SELECT count(*) FROM agency.staff WHERE status = 'active' AND is_admin AND password_hash_sealed IS NOT NULL`
)

type providerRow struct {
	ID           uuid.UUID      `db:"id"`
	Issuer       string         `db:"issuer"`
	ClientID     string         `db:"client_id"`
	Secret       keyring.Sealed `db:"client_secret_sealed"`
	NameEN       string         `db:"name_en"`
	NameFR       string         `db:"name_fr"`
	Status       Status         `db:"status"`
	Provisioning Provisioning   `db:"provisioning"`
	LinksByEmail bool           `db:"links_by_email"`
	SecondFactor SecondFactor   `db:"second_factor"`
	StrongACR    string         `db:"strong_acr"`
	GroupClaim   string         `db:"group_claim"`
	Version      int            `db:"version"`
}

// load reads providers with one of the statements above.
func load(ctx context.Context, tx *tenancy.Tx, sql string, args ...any) ([]Provider, error) {
	rows, err := tenancy.Rows[providerRow](ctx, tx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("load identity providers: %w", err)
	}
	return openProviders(tx, rows)
}

func openProviders(tx *tenancy.Tx, rows []providerRow) ([]Provider, error) {
	o := tx.Box().Opener()
	found := make([]Provider, len(rows))
	for i, row := range rows {
		found[i] = Provider{ID: row.ID, Issuer: row.Issuer, ClientID: row.ClientID, Secret: o.Open(colSecret, row.ID, row.Secret),
			NameEN: row.NameEN, NameFR: row.NameFR, Status: row.Status, Provisioning: row.Provisioning, LinksByEmail: row.LinksByEmail,
			SecondFactor: row.SecondFactor, StrongACR: row.StrongACR, GroupClaim: row.GroupClaim, Version: row.Version}
	}
	if err := o.Err(); err != nil {
		return nil, fmt.Errorf("open identity providers: %w", err)
	}
	return found, nil
}

// byID loads one, removed ones too; fault.Missing when there is none.
func byID(ctx context.Context, tx *tenancy.Tx, id uuid.UUID) (Provider, error) {
	found, err := load(ctx, tx, sqlByID, id)
	if err == nil && len(found) == 0 {
		err = fault.Missing()
	}
	if err != nil {
		return Provider{}, err
	}
	return found[0], nil
}

// Insert adds a provider, turned off. by is uuid.Nil for the demo.
func Insert(ctx context.Context, tx *tenancy.Tx, p Provider, by uuid.UUID) error {
	secret, err := tx.Box().Seal(colSecret, p.ID, p.Secret)
	if err != nil {
		return fmt.Errorf("seal the client's secret: %w", err)
	}
	_, err = tx.Exec(ctx, sqlInsert, p.ID, p.Issuer, p.ClientID, secret, p.NameEN, p.NameFR, p.Provisioning, p.LinksByEmail,
		p.SecondFactor, p.StrongACR, p.GroupClaim, tx.Now(), tenancy.Null(by))
	if err != nil {
		return fmt.Errorf("insert identity provider: %w", err)
	}
	return nil
}

// update saves everything but the issuer and the status; fault.Conflict when somebody
// was faster.
func update(ctx context.Context, tx *tenancy.Tx, p Provider, by uuid.UUID) error {
	secret, err := tx.Box().Seal(colSecret, p.ID, p.Secret)
	if err != nil {
		return fmt.Errorf("seal the client's secret: %w", err)
	}
	changed, err := tx.Exec(ctx, sqlUpdate, p.ID, p.Version, p.ClientID, secret, p.NameEN, p.NameFR, p.Provisioning, p.LinksByEmail,
		p.SecondFactor, p.StrongACR, p.GroupClaim, tx.Now(), tenancy.Null(by))
	if err != nil {
		return fmt.Errorf("update identity provider: %w", err)
	}
	if changed == 0 {
		return fault.New(fault.Conflict, i18n.FaultConflictTitle)
	}
	return nil
}

// SetStatus moves a provider from one status to another; fault.Conflict when it was not
// in the first.
func SetStatus(ctx context.Context, tx *tenancy.Tx, id uuid.UUID, from, to Status, by uuid.UUID) error {
	changed, err := tx.Exec(ctx, sqlStatus, id, from, to, tx.Now(), tenancy.Null(by))
	if err != nil {
		return fmt.Errorf("change identity provider: %w", err)
	}
	if changed == 0 {
		return fault.New(fault.Conflict, i18n.FaultConflictTitle)
	}
	return nil
}

// mappings are the groups of a provider that open a first account.
func mappings(ctx context.Context, tx *tenancy.Tx, provider uuid.UUID) ([]Mapping, error) {
	rows, err := tenancy.Rows[struct {
		ID      uuid.UUID      `db:"id"`
		Value   keyring.Sealed `db:"value_sealed"`
		Program uuid.UUID      `db:"program_id"`
		Role    access.Role    `db:"role"`
	}](ctx, tx, sqlGroups, provider)
	if err != nil {
		return nil, fmt.Errorf("load groups: %w", err)
	}
	o := tx.Box().Opener()
	found := make([]Mapping, len(rows))
	for i, row := range rows {
		found[i] = Mapping{ID: row.ID, Value: o.Open(colGroup, row.ID, row.Value), Program: row.Program, Role: row.Role}
	}
	if err := o.Err(); err != nil {
		return nil, fmt.Errorf("open groups: %w", err)
	}
	return found, nil
}

func addMapping(ctx context.Context, tx *tenancy.Tx, provider uuid.UUID, m Mapping, by uuid.UUID) error {
	value, err := tx.Box().Seal(colGroup, m.ID, m.Value)
	if err != nil {
		return fmt.Errorf("seal group: %w", err)
	}
	if _, err := tx.Exec(ctx, sqlAddGroup, m.ID, provider, value, m.Program, m.Role, tx.Now(), tenancy.Null(by)); err != nil {
		return fmt.Errorf("add group: %w", err)
	}
	return nil
}

func removeMapping(ctx context.Context, tx *tenancy.Tx, id uuid.UUID) (removed Mapping, err error) {
	err = tx.QueryRow(ctx, sqlRemoveGroup, id).Scan(&removed.Program, &removed.Role)
	if errors.Is(err, pgx.ErrNoRows) {
		return removed, fault.Missing()
	}
	if err != nil {
		return removed, fmt.Errorf("remove group: %w", err)
	}
	return removed, nil
}

// subjectHashes are those under which a subject of a provider may be stored, the newest
// first.
func subjectHashes(box *keyring.Box, provider uuid.UUID, subject string) ([][]byte, error) {
	hashes, err := box.Index(colSubject, provider.String()+":"+subject)
	if err != nil {
		return nil, fmt.Errorf("hash a subject: %w", err)
	}
	return hashes, nil
}

// bySubject finds whose account a subject opens; zero ids for nobody's.
func bySubject(ctx context.Context, tx *tenancy.Tx, provider uuid.UUID, subject string) (identity, person uuid.UUID, err error) {
	hashes, err := subjectHashes(tx.Box(), provider, subject)
	if err != nil {
		return identity, person, err
	}
	err = tx.QueryRow(ctx, sqlBySubject, provider, hashes).Scan(&identity, &person)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return identity, person, fmt.Errorf("find identity: %w", err)
	}
	return identity, person, nil
}

// errTaken says that the subject opens somebody else's account, or that the account is
// opened by another subject already.
const errTaken = refusal("the account or the subject is linked already")

// Link lets a subject of a provider open an account. errTaken when either is linked.
func Link(ctx context.Context, tx *tenancy.Tx, provider, person uuid.UUID, subject string, how How) (uuid.UUID, error) {
	hashes, err := subjectHashes(tx.Box(), provider, subject)
	if err != nil {
		return uuid.Nil, err
	}
	id := tenancy.NewID()
	sealed, err := tx.Box().Seal(colSubject, id, subject)
	if err != nil {
		return uuid.Nil, fmt.Errorf("seal subject: %w", err)
	}
	_, err = tx.Exec(ctx, sqlLink, id, person, provider, sealed, hashes[0], how, tx.Now())
	if broken := (*pgconn.PgError)(nil); errors.As(err, &broken) && broken.Code == "23505" {
		return uuid.Nil, errTaken
	}
	if err != nil {
		return uuid.Nil, fmt.Errorf("link identity: %w", err)
	}
	return id, nil
}

// unlink takes a link away; of one person's alone when owner is given. fault.Missing when
// there is no such link.
func unlink(ctx context.Context, tx *tenancy.Tx, id, owner uuid.UUID) (person, provider uuid.UUID, err error) {
	err = tx.QueryRow(ctx, sqlUnlink, id, tenancy.Null(owner)).Scan(&person, &provider)
	if errors.Is(err, pgx.ErrNoRows) {
		return person, provider, fault.Missing()
	}
	if err != nil {
		return person, provider, fmt.Errorf("unlink identity: %w", err)
	}
	return person, provider, nil
}

// An Unlinked is somebody who could not sign in without a password.
type Unlinked struct {
	ID       uuid.UUID `db:"id"`
	HasEmail bool      `db:"has_email"`
}

func unlinked(ctx context.Context, tx *tenancy.Tx, provider uuid.UUID) ([]Unlinked, error) {
	found, err := tenancy.Rows[Unlinked](ctx, tx, sqlUnlinked, provider)
	if err != nil {
		return nil, fmt.Errorf("load who is not linked: %w", err)
	}
	return found, nil
}

type identityRow struct {
	ID         uuid.UUID  `db:"id"`
	Staff      uuid.UUID  `db:"staff_id"`
	Provider   uuid.UUID  `db:"provider_id"`
	How        How        `db:"how"`
	LinkedAt   time.Time  `db:"linked_at"`
	LastUsedAt *time.Time `db:"last_used_at"`
}

func identities(ctx context.Context, tx *tenancy.Tx, sql string, of uuid.UUID) ([]Identity, error) {
	rows, err := tenancy.Rows[identityRow](ctx, tx, sql, of)
	if err != nil {
		return nil, fmt.Errorf("load identities: %w", err)
	}
	found := make([]Identity, len(rows))
	for i, row := range rows {
		found[i] = Identity{ID: row.ID, Staff: row.Staff, Provider: row.Provider, How: row.How, LinkedAt: row.LinkedAt}
		if row.LastUsedAt != nil {
			found[i].LastUsedAt = *row.LastUsedAt
		}
	}
	return found, nil
}
