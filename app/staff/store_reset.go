package staff

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/keyring"
	"konote/tenancy"
)

const (
	// What deciding about a link for a forgotten password needs of the account. The lock
	// makes two who ask at once count each other.
	sqlResetAccount = `SELECT id, status, version, email_sealed, password_hash_sealed IS NOT NULL AS has_password,
		(SELECT count(*) FROM agency.password_resets r WHERE r.staff_id = s.id AND r.created_at > $2) AS lately
		FROM agency.staff s WHERE id = $1 FOR UPDATE`

	sqlAddReset = `INSERT INTO agency.password_resets (id, staff_id, version, token_hash, asked_by, created_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`

	sqlResetByToken = `SELECT r.id, r.staff_id, r.version FROM agency.password_resets r JOIN agency.staff s ON s.id = r.staff_id
		WHERE r.token_hash = ANY($1) AND r.used_at IS NULL AND r.expires_at > $2 AND s.status = 'active' AND s.version = r.version`

	sqlUseReset = `UPDATE agency.password_resets SET used_at = $2 WHERE id = $1 AND used_at IS NULL`

	sqlResetToMail = `SELECT r.staff_id, r.token_hash, r.expires_at FROM agency.password_resets r JOIN agency.staff s ON s.id = r.staff_id
		WHERE r.id = $1 AND r.used_at IS NULL AND r.expires_at > $2 AND s.status = 'active' AND s.version = r.version`
)

var resetLinks = LinksOf("password_resets")

const (
	resetFor     = time.Hour // how long a link is good
	resetsAnHour = 3         // for one account
)

// addReset makes a link for an account and the job that mails it. It does nothing, and says
// so, when the account cannot be helped: not active, without an address, without a password
// of its own (unless an administrator asks), or with too many links within the last hour.
func addReset(ctx context.Context, tx *tenancy.Tx, person uuid.UUID, by uuid.UUID) (made bool, err error) {
	id, err := addLink(ctx, tx, resetLinks, resetFor, person, by)
	if err != nil || id == uuid.Nil {
		return false, err
	}
	return true, queueReset(ctx, tx, id)
}

// addLink makes a link of one kind that is good for some time; uuid.Nil when the account cannot
// be helped.
func addLink(ctx context.Context, tx *tenancy.Tx, links Links, good time.Duration, person, by uuid.UUID) (uuid.UUID, error) {
	row, err := tenancy.Row[struct {
		ID          uuid.UUID      `db:"id"`
		Status      Status         `db:"status"`
		Version     int            `db:"version"`
		Email       keyring.Sealed `db:"email_sealed"`
		HasPassword bool           `db:"has_password"`
		Lately      int            `db:"lately"`
	}](ctx, tx, sqlResetAccount, person, tx.Now().Add(-time.Hour))
	if err != nil {
		return uuid.Nil, fmt.Errorf("load account: %w", err)
	}
	if row.Status != StatusActive || row.Email == nil || row.Lately >= resetsAnHour || !row.HasPassword && by == uuid.Nil {
		return uuid.Nil, nil
	}
	id := tenancy.NewID()
	_, hash, err := links.Make(tx.Box(), id)
	if err != nil {
		return uuid.Nil, err
	}
	now := tx.Now() // once: the database refuses what is a microsecond longer than a day
	if _, err := tx.Exec(ctx, sqlAddReset, id, person, row.Version, hash, tenancy.Null(by), now, now.Add(good)); err != nil {
		return uuid.Nil, fmt.Errorf("add a link: %w", err)
	}
	return id, nil
}

// A pendingReset is a link that is good now.
type pendingReset struct {
	ID      uuid.UUID `db:"id"`
	Staff   uuid.UUID `db:"staff_id"`
	Version int       `db:"version"`
}

// resetOf finds the link of a token; false when there is none that is good now, for whatever
// reason.
func resetOf(ctx context.Context, tx *tenancy.Tx, token string) (pendingReset, bool, error) {
	return linkOf(ctx, tx, resetLinks, token)
}

// linkOf does so for a link of one kind.
func linkOf(ctx context.Context, tx *tenancy.Tx, links Links, token string) (pendingReset, bool, error) {
	hashes, err := links.Find(tx.Box(), token)
	if err != nil {
		return pendingReset{}, false, err
	}
	found, err := tenancy.Row[pendingReset](ctx, tx, sqlResetByToken, hashes, tx.Now())
	if errors.Is(err, pgx.ErrNoRows) {
		return pendingReset{}, false, nil
	}
	if err != nil {
		return pendingReset{}, false, fmt.Errorf("load a reset: %w", err)
	}
	return found, true, nil
}

// useReset marks a link as used; false when somebody was faster.
func useReset(ctx context.Context, tx *tenancy.Tx, id uuid.UUID) (bool, error) {
	touched, err := tx.Exec(ctx, sqlUseReset, id, tx.Now())
	if err != nil {
		return false, fmt.Errorf("use a reset: %w", err)
	}
	return touched == 1, nil
}

// linkToMail is what the job that mails a link needs; the token is "" when the link is not
// good any more.
func linkToMail(ctx context.Context, tx *tenancy.Tx, links Links, id uuid.UUID) (person uuid.UUID, token string, until time.Time, err error) {
	row, err := tenancy.Row[struct {
		Staff   uuid.UUID `db:"staff_id"`
		Hash    []byte    `db:"token_hash"`
		Expires time.Time `db:"expires_at"`
	}](ctx, tx, sqlResetToMail, id, tx.Now())
	if errors.Is(err, pgx.ErrNoRows) {
		return uuid.Nil, "", until, nil
	}
	if err != nil {
		return uuid.Nil, "", until, fmt.Errorf("load a reset: %w", err)
	}
	token, err = links.Again(tx.Box(), id, row.Hash)
	return row.Staff, token, row.Expires, err
}
