package staff

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/keyring"
	"konote/tenancy"
)

// The sealed columns; e-mail address and user name have an index as well.
var (
	colDisplayName  = keyring.Column{Table: "staff", Name: "display_name", Pad: keyring.Identity}
	colEmail        = keyring.Column{Table: "staff", Name: "email", Pad: keyring.Identity}
	colUsername     = keyring.Column{Table: "staff", Name: "username", Pad: keyring.Identity}
	colPasswordHash = keyring.Column{Table: "staff", Name: "password_hash", Pad: keyring.Words}
)

const (
	sqlInsert = `INSERT INTO agency.staff
		(id, display_name_sealed, email_sealed, email_hash, username_sealed, username_hash, password_hash_sealed,
		 is_admin, language, is_demo, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)`

	sqlIsTaken = `SELECT EXISTS (SELECT FROM agency.staff WHERE email_hash = ANY($1)) AS email,
		EXISTS (SELECT FROM agency.staff WHERE username_hash = ANY($2)) AS username`

	sqlAccountByEmail    = `SELECT id, status, is_admin, password_hash_sealed, version FROM agency.staff WHERE email_hash = ANY($1)`
	sqlAccountByUsername = `SELECT id, status, is_admin, password_hash_sealed, version FROM agency.staff WHERE username_hash = ANY($1)`
	sqlAccountByID       = `SELECT id, status, is_admin, password_hash_sealed, version FROM agency.staff WHERE id = $1`

	sqlByID = `SELECT id, display_name_sealed, email_sealed, username_sealed, is_admin, status, language, last_sign_in_at
		FROM agency.staff WHERE id = $1`

	sqlEmailIsProved = `SELECT NOT email_is_own FROM agency.staff WHERE id = $1`

	// The version is that of the account whose password was right: a password that was
	// changed meanwhile, or an account that was deactivated, signs nobody in.
	// A session that begins with it is not older than sessions_from, whatever the clocks
	// of two machines say.
	sqlSignedIn = `UPDATE agency.staff SET last_sign_in_at = greatest($3, sessions_from),
		    password_hash_sealed = coalesce($4, password_hash_sealed)
		WHERE id = $1 AND version = $2 AND status = 'active' RETURNING last_sign_in_at`

	// Ends every session that began with a sign-in before this one in the order in which
	// the row was locked: also one that Redis does not know of yet.
	endsSessions = `sessions_from = greatest($2, last_sign_in_at + interval '1 microsecond', sessions_from)`

	sqlSetPassword = `UPDATE agency.staff SET ` + endsSessions + `, updated_at = $2, password_hash_sealed = $4, version = version + 1
		WHERE id = $1 AND version = $3 AND status = 'active' RETURNING sessions_from`

	sqlEndSessions     = `UPDATE agency.staff SET ` + endsSessions + ` WHERE id = $1`
	sqlEndSessionsFrom = sqlEndSessions + ` RETURNING sessions_from`

	sqlSetLanguage = `UPDATE agency.staff SET language = $2, updated_at = $3 WHERE id = $1`

	sqlDeactivate = `UPDATE agency.staff SET status = 'deactivated', ` + endsSessions + `, updated_at = $2, version = version + 1
		WHERE id = $1 AND status = 'active'`

	sqlNames  = `SELECT id, display_name_sealed, '' AS role FROM agency.staff WHERE id = ANY($1)`
	sqlActive = `SELECT id, display_name_sealed, '' AS role FROM agency.staff WHERE status = 'active'`
	sqlTeam   = `SELECT s.id, s.display_name_sealed, r.role
		FROM agency.program_roles r JOIN agency.staff s ON s.id = r.staff_id
		WHERE r.program_id = $1 AND r.status = 'active' AND s.status = 'active'`

	sqlOwnRoles = `SELECT p.name_en, p.name_fr, r.role
		FROM agency.program_roles r JOIN agency.programs p ON p.id = r.program_id
		WHERE r.staff_id = $1 AND r.status = 'active' ORDER BY p.status, p.name_en, p.id`

	sqlRole = `SELECT role, status FROM agency.program_roles WHERE staff_id = $1 AND program_id = $2 FOR UPDATE`

	sqlIsConfidential = `SELECT is_confidential FROM agency.programs WHERE id = $1`

	sqlGrant = `INSERT INTO agency.program_roles (staff_id, program_id, role, granted_at, granted_by)
		SELECT id, $2, $3, $4, $5 FROM agency.staff WHERE id = $1 AND status = 'active'
		ON CONFLICT (staff_id, program_id) DO UPDATE
		SET role = excluded.role, status = 'active', granted_at = excluded.granted_at, granted_by = excluded.granted_by, removed_at = NULL`

	sqlRemove = `UPDATE agency.program_roles SET status = 'removed', removed_at = $3
		WHERE staff_id = $1 AND program_id = $2 AND status = 'active'`
)

// Insert makes an account and records who did. It returns its id, or a fault.Invalid
// that says what is wrong, such as an e-mail address that is taken. An account of a
// demo agency is a demo account.
func Insert(ctx context.Context, tx *tenancy.Tx, by audit.By, n New) (uuid.UUID, error) {
	n = n.tidy()
	if problems := n.Check(); problems.Any() {
		return uuid.Nil, fault.New(fault.Invalid, problems[0].Text)
	}
	emails, errEmail := loginHashes(tx.Box(), colEmail, n.Email)
	usernames, errUsername := loginHashes(tx.Box(), colUsername, n.Username)
	if err := errors.Join(errEmail, errUsername); err != nil {
		return uuid.Nil, err
	}
	var emailTaken, usernameTaken bool
	switch err := tx.QueryRow(ctx, sqlIsTaken, emails, usernames).Scan(&emailTaken, &usernameTaken); {
	case err != nil:
		return uuid.Nil, fmt.Errorf("insert staff: %w", err)
	case emailTaken:
		return uuid.Nil, fault.New(fault.Invalid, i18n.StaffEmailTaken)
	case usernameTaken:
		return uuid.Nil, fault.New(fault.Invalid, i18n.StaffUsernameTaken)
	}

	id := tenancy.NewID()
	s := tx.Box().Sealer()
	args := []any{
		id, s.Seal(colDisplayName, id, n.DisplayName), s.Seal(colEmail, id, n.Email), newest(emails),
		s.Seal(colUsername, id, n.Username), newest(usernames), s.Seal(colPasswordHash, id, n.PasswordHash),
		n.Admin, n.Language, tx.Agency().Demo, tx.Now(),
	}
	if err := s.Err(); err != nil {
		return uuid.Nil, fmt.Errorf("insert staff: %w", err)
	}
	if _, err := tx.Exec(ctx, sqlInsert, args...); err != nil {
		return uuid.Nil, fmt.Errorf("insert staff: %w", err)
	}
	return id, audit.Record(ctx, tx, by, audit.Event{Action: actionCreate, Subject: id, After: map[string]any{
		"name": n.DisplayName, "email": n.Email, "username": n.Username, "admin": n.Admin, "language": n.Language,
	}})
}

// loginHashes are the hashes under which a login may be stored, the newest first; none
// for "".
func loginHashes(box *keyring.Box, column keyring.Column, login string) ([][]byte, error) {
	if login == "" {
		return nil, nil
	}
	hashes, err := box.Index(column, normal(login))
	if err != nil {
		return nil, fmt.Errorf("hash a login: %w", err)
	}
	return hashes, nil
}

func newest(hashes [][]byte) []byte {
	if len(hashes) == 0 {
		return nil
	}
	return hashes[0]
}

// An account is what deciding on a password needs.
type account struct {
	ID           uuid.UUID
	Status       Status
	Admin        bool
	PasswordHash string // "" cannot sign in with a password
	Version      int
}

type accountRow struct {
	ID           uuid.UUID      `db:"id"`
	Status       Status         `db:"status"`
	Admin        bool           `db:"is_admin"`
	PasswordHash keyring.Sealed `db:"password_hash_sealed"`
	Version      int            `db:"version"`
}

// byLogin finds the account with an e-mail address or user name; the zero account when
// there is none.
func byLogin(ctx context.Context, tx *tenancy.Tx, login string) (account, error) {
	column, sql := colUsername, sqlAccountByUsername
	if strings.Contains(normal(login), "@") {
		column, sql = colEmail, sqlAccountByEmail
	}
	hashes, err := loginHashes(tx.Box(), column, login)
	if err != nil {
		return account{}, err
	}
	return loadAccount(ctx, tx, sql, hashes)
}

func loadAccount(ctx context.Context, tx *tenancy.Tx, sql string, arg any) (account, error) {
	row, err := tenancy.Row[accountRow](ctx, tx, sql, arg)
	if errors.Is(err, pgx.ErrNoRows) {
		return account{}, nil
	}
	if err != nil {
		return account{}, fmt.Errorf("load account: %w", err)
	}
	hash, err := tx.Box().Open(colPasswordHash, row.ID, row.PasswordHash)
	if err != nil {
		return account{}, fmt.Errorf("open account: %w", err)
	}
	return account{ID: row.ID, Status: row.Status, Admin: row.Admin, PasswordHash: hash, Version: row.Version}, nil
}

// ByLogin finds who has an e-mail address or user name, active or not; uuid.Nil for
// nobody. It is for commands and provisioning, never for anything that answers a
// browser.
func ByLogin(ctx context.Context, tx *tenancy.Tx, login string) (uuid.UUID, error) {
	found, err := byLogin(ctx, tx, login)
	return found.ID, err
}

// ByID loads an account; a fault.Missing when there is none.
func ByID(ctx context.Context, tx *tenancy.Tx, id uuid.UUID) (Staff, error) {
	row, err := tenancy.Row[struct {
		ID           uuid.UUID      `db:"id"`
		DisplayName  keyring.Sealed `db:"display_name_sealed"`
		Email        keyring.Sealed `db:"email_sealed"`
		Username     keyring.Sealed `db:"username_sealed"`
		Admin        bool           `db:"is_admin"`
		Status       Status         `db:"status"`
		Language     string         `db:"language"`
		LastSignInAt *time.Time     `db:"last_sign_in_at"`
	}](ctx, tx, sqlByID, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return Staff{}, fault.Missing()
	}
	if err != nil {
		return Staff{}, fmt.Errorf("load staff: %w", err)
	}
	o := tx.Box().Opener()
	s := Staff{
		ID: row.ID, Admin: row.Admin, Status: row.Status, Language: row.Language,
		DisplayName: o.Open(colDisplayName, row.ID, row.DisplayName),
		Email:       o.Open(colEmail, row.ID, row.Email),
		Username:    o.Open(colUsername, row.ID, row.Username),
	}
	if row.LastSignInAt != nil {
		s.LastSignInAt = *row.LastSignInAt
	}
	if err := o.Err(); err != nil {
		return Staff{}, fmt.Errorf("open staff: %w", err)
	}
	return s, nil
}

// signedIn notes a sign-in, and the new hash where there is one. It returns when the
// session began, and false when the account is not what it was when its password was
// checked.
func signedIn(ctx context.Context, tx *tenancy.Tx, a account, newHash string) (at time.Time, entered bool, err error) {
	sealed, err := tx.Box().Seal(colPasswordHash, a.ID, newHash)
	if err != nil {
		return at, false, fmt.Errorf("seal password hash: %w", err)
	}
	err = tx.QueryRow(ctx, sqlSignedIn, a.ID, a.Version, tx.Now(), sealed).Scan(&at)
	if errors.Is(err, pgx.ErrNoRows) {
		return at, false, nil
	}
	if err != nil {
		return at, false, fmt.Errorf("note sign-in: %w", err)
	}
	return at, true, nil
}

// setPassword stores a hash and ends all sessions; it returns when the session that stays
// counts as begun. fault.Conflict when the account has changed meanwhile.
func setPassword(ctx context.Context, tx *tenancy.Tx, a account, newHash string) (from time.Time, err error) {
	sealed, err := tx.Box().Seal(colPasswordHash, a.ID, newHash)
	if err != nil {
		return from, fmt.Errorf("seal password hash: %w", err)
	}
	err = tx.QueryRow(ctx, sqlSetPassword, a.ID, tx.Now(), a.Version, sealed).Scan(&from)
	if errors.Is(err, pgx.ErrNoRows) {
		return from, fault.New(fault.Conflict, i18n.FaultConflictTitle)
	}
	if err != nil {
		return from, fmt.Errorf("set password: %w", err)
	}
	return from, nil
}

// Names are the display names of members of staff, deactivated ones too. An id that
// nobody has is not in the map.
func Names(ctx context.Context, tx *tenancy.Tx, ids []uuid.UUID) (map[uuid.UUID]string, error) {
	members, err := loadMembers(ctx, tx, sqlNames, ids)
	names := make(map[uuid.UUID]string, len(members))
	for _, member := range members {
		names[member.ID] = member.Name
	}
	return names, err
}

// OpenName opens a display name that another package has read along with its own rows.
func OpenName(o *keyring.Opener, id uuid.UUID, sealed keyring.Sealed) string {
	return o.Open(colDisplayName, id, sealed)
}

// Active lists the active staff of the agency by name.
func Active(ctx context.Context, tx *tenancy.Tx) ([]Member, error) {
	return loadMembers(ctx, tx, sqlActive)
}

// Team lists who has a role in the program, by name.
func Team(ctx context.Context, tx *tenancy.Tx, program uuid.UUID) ([]Member, error) {
	return loadMembers(ctx, tx, sqlTeam, program)
}

func loadMembers(ctx context.Context, tx *tenancy.Tx, sql string, args ...any) ([]Member, error) {
	rows, err := tenancy.Rows[struct {
		ID          uuid.UUID      `db:"id"`
		DisplayName keyring.Sealed `db:"display_name_sealed"`
		Role        access.Role    `db:"role"`
	}](ctx, tx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("load staff: %w", err)
	}
	o := tx.Box().Opener()
	members := make([]Member, len(rows))
	for i, row := range rows {
		members[i] = Member{ID: row.ID, Name: o.Open(colDisplayName, row.ID, row.DisplayName), Role: row.Role}
	}
	if err := o.Err(); err != nil {
		return nil, fmt.Errorf("open staff: %w", err)
	}
	slices.SortFunc(members, func(a, b Member) int {
		return strings.Compare(fold(a.Name)+a.ID.String(), fold(b.Name)+b.ID.String())
	})
	return members, nil
}

// EmailIsProved says whether an account's address is more than what its owner has written: an
// administrator, an invitation or a link that was mailed there stands for it.
func EmailIsProved(ctx context.Context, tx *tenancy.Tx, id uuid.UUID) (proved bool, err error) {
	if err := tx.QueryRow(ctx, sqlEmailIsProved, id).Scan(&proved); err != nil {
		return false, fmt.Errorf("ask whether an address is proved: %w", err)
	}
	return proved, nil
}
