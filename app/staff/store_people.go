package staff

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"

	"konote/app/access"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/keyring"
	"konote/tenancy"
)

const (
	// The locks are taken in the order of ids, so that two who change each other do not
	// wait for each other for ever.
	sqlLockStaff = `SELECT id, is_admin, status, version FROM agency.staff
		WHERE id = ANY($1) OR (is_admin AND status = 'active') ORDER BY id FOR UPDATE`
	sqlLockRoles = `SELECT staff_id, program_id, role, status FROM agency.program_roles
		WHERE staff_id = ANY($1) ORDER BY staff_id, program_id FOR UPDATE`

	sqlOtherAdmins = `SELECT count(*) FROM agency.staff WHERE is_admin AND status = 'active' AND id <> $1`

	sqlSetAdmin = `UPDATE agency.staff SET is_admin = $2, updated_at = $3 WHERE id = $1`

	sqlReactivate = `UPDATE agency.staff SET status = 'active', updated_at = $2, version = version + 1
		WHERE id = $1 AND status = 'deactivated'`

	sqlSetDetails = `UPDATE agency.staff SET display_name_sealed = $2, email_sealed = $3, email_hash = $4, username_sealed = $5,
		    username_hash = $6, language = $7, previous_email_sealed = coalesce(previous_email_sealed, $8), updated_at = $9, version = version + 1
		WHERE id = $1`

	sqlVouch = `UPDATE agency.staff SET email_is_own = $2 WHERE id = $1`

	// $1 is one account, or the nil UUID for all.
	sqlPeople = `SELECT id, display_name_sealed, email_sealed, username_sealed, is_admin, status, version, language, last_sign_in_at
		FROM agency.staff WHERE $1 IN (id, '00000000-0000-0000-0000-000000000000'::uuid) ORDER BY created_at, id LIMIT 5000`
	sqlPeopleRoles = `SELECT r.staff_id, r.program_id, r.role, r.status, p.name_en, p.name_fr, p.is_confidential
		FROM agency.program_roles r JOIN agency.programs p ON p.id = r.program_id
		WHERE $1 IN (r.staff_id, '00000000-0000-0000-0000-000000000000'::uuid) ORDER BY p.name_en, p.id`

	sqlPrograms = `SELECT id AS program_id, name_en, name_fr, is_confidential FROM agency.programs WHERE status = 'active' ORDER BY name_en, id`

	sqlEmailTaken = `SELECT EXISTS (SELECT FROM agency.staff WHERE email_hash = ANY($1))`
)

// lockStandings locks and reads two accounts (which may be one) and locks every
// administrator's.
func lockStandings(ctx context.Context, tx *tenancy.Tx, one, other uuid.UUID) (map[uuid.UUID]Standing, error) {
	ids := []uuid.UUID{one, other}
	rows, err := tenancy.Rows[struct {
		ID      uuid.UUID `db:"id"`
		Admin   bool      `db:"is_admin"`
		Status  Status    `db:"status"`
		Version int       `db:"version"`
	}](ctx, tx, sqlLockStaff, ids)
	if err != nil {
		return nil, fmt.Errorf("lock accounts: %w", err)
	}
	roles, err := tenancy.Rows[struct {
		Staff   uuid.UUID   `db:"staff_id"`
		Program uuid.UUID   `db:"program_id"`
		Role    access.Role `db:"role"`
		Status  string      `db:"status"`
	}](ctx, tx, sqlLockRoles, ids)
	if err != nil {
		return nil, fmt.Errorf("lock roles: %w", err)
	}
	found := map[uuid.UUID]Standing{}
	for _, row := range rows {
		if !slices.Contains(ids, row.ID) {
			continue
		}
		s := Standing{ID: row.ID, Admin: row.Admin, Status: row.Status, Version: row.Version, Roles: map[uuid.UUID]access.Role{}}
		for _, r := range roles {
			if r.Staff != row.ID {
				continue
			}
			if r.Role == access.FrontDesk {
				s.Desks = append(s.Desks, r.Program)
			}
			if r.Status == "active" {
				s.Roles[r.Program] = r.Role
			}
		}
		found[row.ID] = s
	}
	return found, nil
}

// storeDetails writes the details of an account; a fault.Invalid says that an address or user
// name is taken. Of several changes of address in a row the first address of all is kept until
// somebody was told there: whoever takes an account over must not have her owner told at an
// address in between.
func storeDetails(ctx context.Context, tx *tenancy.Tx, before Staff, d details) error {
	id := before.ID
	emails, err := loginHashes(tx.Box(), colEmail, d.Email)
	if err != nil {
		return err
	}
	usernames, err := loginHashes(tx.Box(), colUsername, d.Username)
	if err != nil {
		return err
	}
	var previous keyring.Sealed
	s := tx.Box().Sealer()
	if normal(before.Email) != normal(d.Email) {
		previous = s.Seal(colPreviousEmail, id, before.Email)
	}
	args := []any{id, s.Seal(colDisplayName, id, d.Name), s.Seal(colEmail, id, d.Email), newest(emails),
		s.Seal(colUsername, id, d.Username), newest(usernames), d.Language, previous, tx.Now()}
	if err := s.Err(); err != nil {
		return fmt.Errorf("save account: %w", err)
	}
	_, err = tx.Exec(ctx, sqlSetDetails, args...)
	if broken := (*pgconn.PgError)(nil); errors.As(err, &broken) && broken.Code == "23505" {
		if strings.Contains(broken.ConstraintName, "username") {
			return fault.New(fault.Invalid, i18n.StaffUsernameTaken)
		}
		return fault.New(fault.Invalid, i18n.StaffEmailTaken)
	}
	if err != nil {
		return fmt.Errorf("save account: %w", err)
	}
	return nil
}

type personRow struct {
	ID           uuid.UUID      `db:"id"`
	DisplayName  keyring.Sealed `db:"display_name_sealed"`
	Email        keyring.Sealed `db:"email_sealed"`
	Username     keyring.Sealed `db:"username_sealed"`
	Admin        bool           `db:"is_admin"`
	Status       Status         `db:"status"`
	Version      int            `db:"version"`
	Language     string         `db:"language"`
	LastSignInAt *time.Time     `db:"last_sign_in_at"`
}

type roleRow struct {
	Staff        uuid.UUID   `db:"staff_id"`
	Program      uuid.UUID   `db:"program_id"`
	Role         access.Role `db:"role"`
	Status       string      `db:"status"`
	NameEN       string      `db:"name_en"`
	NameFR       string      `db:"name_fr"`
	Confidential bool        `db:"is_confidential"`
}

// loadPeople reads all accounts, or one, with all their roles, in one round trip. Names are
// sealed, so they are sorted here.
func loadPeople(ctx context.Context, tx *tenancy.Tx, one uuid.UUID) ([]Person, []roleRow, error) {
	var rows []personRow
	var roles []roleRow
	batch := tx.Batch()
	batch.Queue(sqlPeople, tenancy.Into(&rows), one)
	batch.Queue(sqlPeopleRoles, tenancy.Into(&roles), one)
	if err := batch.Send(ctx); err != nil {
		return nil, nil, fmt.Errorf("load people: %w", err)
	}
	o := tx.Box().Opener()
	found := make([]Person, len(rows))
	for i, row := range rows {
		found[i] = openPerson(o, row)
	}
	if err := o.Err(); err != nil {
		return nil, nil, fmt.Errorf("open people: %w", err)
	}
	slices.SortFunc(found, func(a, b Person) int {
		return strings.Compare(fold(a.Name)+a.ID.String(), fold(b.Name)+b.ID.String())
	})
	return found, roles, nil
}

// Offered are the active programs in which somebody may give roles.
func Offered(ctx context.Context, tx *tenancy.Tx, p Powers) ([]PersonRole, error) {
	rows, err := tenancy.Rows[struct {
		Program      uuid.UUID `db:"program_id"`
		NameEN       string    `db:"name_en"`
		NameFR       string    `db:"name_fr"`
		Confidential bool      `db:"is_confidential"`
	}](ctx, tx, sqlPrograms)
	if err != nil {
		return nil, fmt.Errorf("list programs: %w", err)
	}
	var offered []PersonRole
	for _, row := range rows {
		if p.Admin || slices.Contains(p.Programs, row.Program) {
			offered = append(offered, PersonRole{Program: row.Program, NameEN: row.NameEN, NameFR: row.NameFR, Confidential: row.Confidential})
		}
	}
	return offered, nil
}

// EmailTaken says whether an account has the address.
func EmailTaken(ctx context.Context, tx *tenancy.Tx, email string) (taken bool, err error) {
	hashes, err := loginHashes(tx.Box(), colEmail, email)
	if err != nil {
		return false, err
	}
	if err := tx.QueryRow(ctx, sqlEmailTaken, hashes).Scan(&taken); err != nil {
		return false, fmt.Errorf("look for an address: %w", err)
	}
	return taken, nil
}

// vouch notes whether somebody other than the person, or a link that was mailed to it, stands
// for her address: see [EmailIsProved].
func vouch(ctx context.Context, tx *tenancy.Tx, person uuid.UUID, proved bool) error {
	if _, err := tx.Exec(ctx, sqlVouch, person, !proved); err != nil {
		return fmt.Errorf("note who stands for an address: %w", err)
	}
	return nil
}
