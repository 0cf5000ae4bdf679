package invite

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"golang.org/x/text/unicode/norm"

	"konote/app/access"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/staff"
	"konote/keyring"
	"konote/tenancy"
)

var (
	colName  = keyring.Column{Table: "invitations", Name: "name", Pad: keyring.Identity}
	colEmail = keyring.Column{Table: "invitations", Name: "email", Pad: keyring.Identity}
	links    = staff.LinksOf("invitations")
)

const columns = `id, name_sealed, email_sealed, language, is_admin, roles, token_hash, mail, created_at, created_by, expires_at,
	accepted_at IS NOT NULL AS accepted, revoked_at IS NOT NULL AS revoked`

const (
	sqlRecent = `SELECT ` + columns + ` FROM agency.invitations ORDER BY created_at DESC, id DESC LIMIT 300`

	sqlByID    = `SELECT ` + columns + ` FROM agency.invitations WHERE id = $1`
	sqlByToken = `SELECT ` + columns + ` FROM agency.invitations WHERE token_hash = ANY($1)`
	sqlLock    = `SELECT ` + columns + ` FROM agency.invitations WHERE id = $1 FOR UPDATE`

	// What is open for an address.
	sqlStanding = `SELECT ` + columns + ` FROM agency.invitations WHERE email_hash = ANY($1) AND expires_at > $2 FOR UPDATE`

	sqlReplace = `UPDATE agency.invitations SET email_hash = NULL, revoked_at = $2, revoked_by = $3
		WHERE email_hash = ANY($1) RETURNING id`

	sqlInsert = `INSERT INTO agency.invitations
		(id, name_sealed, email_sealed, email_hash, language, is_admin, roles, token_hash, created_at, created_by, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`

	sqlRevoke = `UPDATE agency.invitations SET email_hash = NULL, revoked_at = $2, revoked_by = $3
		WHERE id = $1 AND accepted_at IS NULL AND revoked_at IS NULL`

	sqlAccept = `UPDATE agency.invitations SET email_hash = NULL, accepted_at = $2, accepted_by = $3
		WHERE id = $1 AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > $2`

	sqlMailed = `UPDATE agency.invitations SET mail = $2 WHERE id = $1`
)

type row struct {
	ID        uuid.UUID       `db:"id"`
	Name      keyring.Sealed  `db:"name_sealed"`
	Email     keyring.Sealed  `db:"email_sealed"`
	Language  string          `db:"language"`
	Admin     bool            `db:"is_admin"`
	Roles     json.RawMessage `db:"roles"`
	TokenHash []byte          `db:"token_hash"`
	Mail      Mail            `db:"mail"`
	CreatedAt time.Time       `db:"created_at"`
	CreatedBy uuid.UUID       `db:"created_by"`
	ExpiresAt time.Time       `db:"expires_at"`
	Accepted  bool            `db:"accepted"`
	Revoked   bool            `db:"revoked"`
}

func (r row) open(o *keyring.Opener) (Invitation, error) {
	i := Invitation{
		ID: r.ID, Name: o.Open(colName, r.ID, r.Name), Email: o.Open(colEmail, r.ID, r.Email), Language: r.Language,
		Admin: r.Admin, Mail: r.Mail, CreatedAt: r.CreatedAt, CreatedBy: r.CreatedBy, ExpiresAt: r.ExpiresAt,
		Accepted: r.Accepted, Revoked: r.Revoked, Roles: map[uuid.UUID]access.Role{},
	}
	if err := json.Unmarshal(r.Roles, &i.Roles); err != nil {
		return i, fmt.Errorf("read the roles of an invitation: %w", err)
	}
	return i, nil
}

// recent are the latest invitations, newest first.
func recent(ctx context.Context, tx *tenancy.Tx) ([]Invitation, error) {
	rows, err := tenancy.Rows[row](ctx, tx, sqlRecent)
	if err != nil {
		return nil, fmt.Errorf("list invitations: %w", err)
	}
	o := tx.Box().Opener()
	found := make([]Invitation, len(rows))
	for i, r := range rows {
		if found[i], err = r.open(o); err != nil {
			return nil, err
		}
	}
	if err := o.Err(); err != nil {
		return nil, fmt.Errorf("open invitations: %w", err)
	}
	return found, nil
}

// load reads one invitation with the hash of its token; the zero Invitation for none.
func load(ctx context.Context, tx *tenancy.Tx, sql string, args ...any) (Invitation, []byte, error) {
	r, err := tenancy.Row[row](ctx, tx, sql, args...)
	if errors.Is(err, pgx.ErrNoRows) {
		return Invitation{}, nil, nil
	}
	if err != nil {
		return Invitation{}, nil, fmt.Errorf("load invitation: %w", err)
	}
	o := tx.Box().Opener()
	i, err := r.open(o)
	if err == nil {
		err = o.Err()
	}
	return i, r.TokenHash, err
}

// byToken finds the invitation of a link; the zero Invitation for none.
func byToken(ctx context.Context, tx *tenancy.Tx, token string) (Invitation, error) {
	hashes, err := links.Find(tx.Box(), token)
	if err != nil || hashes == nil {
		return Invitation{}, err
	}
	i, _, err := load(ctx, tx, sqlByToken, hashes)
	return i, err
}

// plainAddress is an address as two of them are compared.
func plainAddress(email string) string {
	return strings.ToLower(norm.NFKC.String(strings.TrimSpace(email)))
}

// emailHashes are the hashes under which an open invitation to an address may stand.
func emailHashes(box *keyring.Box, email string) ([][]byte, error) {
	hashes, err := box.Index(colEmail, plainAddress(email))
	if err != nil {
		return nil, fmt.Errorf("hash an address: %w", err)
	}
	return hashes, nil
}

// standing is the invitation that is open for an address, locked; the zero Invitation for
// none.
func standing(ctx context.Context, tx *tenancy.Tx, email string) (Invitation, error) {
	hashes, err := emailHashes(tx.Box(), email)
	if err != nil {
		return Invitation{}, err
	}
	i, _, err := load(ctx, tx, sqlStanding, hashes, tx.Now())
	return i, err
}

// insert stores an invitation in the place of one that is open for the address, and says
// which that was. fault.Conflict when somebody invites the same address at this moment.
func insert(ctx context.Context, tx *tenancy.Tx, i Invitation) (replaced []uuid.UUID, err error) {
	hashes, err := emailHashes(tx.Box(), i.Email)
	if err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, sqlReplace, hashes, tx.Now(), i.CreatedBy)
	if err == nil {
		replaced, err = pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	}
	if err != nil {
		return nil, fmt.Errorf("replace an invitation: %w", err)
	}
	_, tokenHash, err := links.Make(tx.Box(), i.ID)
	if err != nil {
		return nil, err
	}
	roles, err := json.Marshal(i.Roles)
	if err != nil {
		return nil, fmt.Errorf("insert invitation: %w", err)
	}
	s := tx.Box().Sealer()
	args := []any{i.ID, s.Seal(colName, i.ID, i.Name), s.Seal(colEmail, i.ID, i.Email), hashes[0], i.Language, i.Admin, roles, tokenHash,
		i.CreatedAt, i.CreatedBy, i.ExpiresAt}
	if err := s.Err(); err != nil {
		return nil, fmt.Errorf("insert invitation: %w", err)
	}
	_, err = tx.Exec(ctx, sqlInsert, args...)
	if broken := (*pgconn.PgError)(nil); errors.As(err, &broken) && broken.Code == "23505" {
		return nil, fault.New(fault.Conflict, i18n.InviteTwice)
	}
	if err != nil {
		return nil, fmt.Errorf("insert invitation: %w", err)
	}
	return replaced, nil
}

// touch runs a statement about one invitation; false when it was not as it has to be.
func touch(ctx context.Context, tx *tenancy.Tx, sql string, args ...any) (bool, error) {
	touched, err := tx.Exec(ctx, sql, args...)
	if err != nil {
		return false, fmt.Errorf("change an invitation: %w", err)
	}
	return touched == 1, nil
}

// Bulk stores invented invitations as they are given, with their moments, without mail and
// without a record: for demos and tests.
func Bulk(ctx context.Context, tx *tenancy.Tx, invented []Invitation) error {
	for _, i := range invented {
		if _, err := insert(ctx, tx, i); err != nil {
			return err
		}
		if _, err := touch(ctx, tx, sqlMailed, i.ID, Sent); err != nil {
			return err
		}
	}
	return nil
}
