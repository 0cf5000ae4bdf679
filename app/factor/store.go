package factor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/app/fault"
	"konote/app/i18n"
	"konote/keyring"
	"konote/tenancy"
)

// The sealed columns, and those that are looked up by a keyed hash.
var (
	colName       = keyring.Column{Table: "factors", Name: "name", Pad: keyring.Identity}
	colSecret     = keyring.Column{Table: "factors", Name: "secret", Pad: keyring.Words}
	colCredential = keyring.Column{Table: "factors", Name: "credential", Pad: keyring.Words}
	colCode       = keyring.Column{Table: "recovery_codes", Name: "code", Pad: keyring.Identity}
)

const (
	// Changes of what one person has wait for each other.
	sqlLock = `SELECT id FROM agency.staff WHERE id = $1 AND status = 'active' FOR UPDATE`

	sqlFactors = `SELECT id, kind, name_sealed, secret_sealed, last_step, sign_count, created_at, last_used_at FROM agency.factors
		WHERE staff_id = $1 AND confirmed_at IS NOT NULL AND removed_at IS NULL ORDER BY created_at, id`

	sqlCount = `SELECT count(*) FROM agency.factors WHERE staff_id = $1 AND confirmed_at IS NOT NULL AND removed_at IS NULL`

	sqlPending = `SELECT id, kind, name_sealed, secret_sealed, last_step, sign_count, created_at, last_used_at FROM agency.factors
		WHERE staff_id = $1 AND kind = 'totp' AND confirmed_at IS NULL AND removed_at IS NULL AND created_at > $2
		ORDER BY created_at DESC, id DESC LIMIT 1`

	sqlForgetPending = `DELETE FROM agency.factors WHERE staff_id = $1 AND confirmed_at IS NULL`

	sqlInsert = `INSERT INTO agency.factors
		(id, staff_id, kind, name_sealed, secret_sealed, credential_hash, last_step, sign_count, created_at, confirmed_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`

	sqlConfirm = `UPDATE agency.factors SET confirmed_at = $3, last_used_at = $3, last_step = $4, name_sealed = $5
		WHERE id = $1 AND staff_id = $2 AND kind = 'totp' AND confirmed_at IS NULL AND removed_at IS NULL AND last_step < $4`

	// Of two that use one step, one finds the row as it was.
	sqlUseStep = `UPDATE agency.factors SET last_step = $2, last_used_at = $3
		WHERE id = $1 AND last_step < $2 AND confirmed_at IS NOT NULL AND removed_at IS NULL`

	// Authenticators that do not count say 0 for ever.
	sqlUsePasskey = `UPDATE agency.factors SET sign_count = $2, secret_sealed = $3, last_used_at = $4
		WHERE id = $1 AND (sign_count < $2 OR ($2 = 0 AND sign_count = 0)) AND confirmed_at IS NOT NULL AND removed_at IS NULL`

	sqlIsKnown = `SELECT EXISTS (SELECT FROM agency.factors WHERE credential_hash = ANY($1))`

	sqlRemove = `UPDATE agency.factors SET removed_at = $3
		WHERE id = $1 AND staff_id = $2 AND confirmed_at IS NOT NULL AND removed_at IS NULL`

	sqlRemoveAll = `UPDATE agency.factors SET removed_at = $2 WHERE staff_id = $1 AND confirmed_at IS NOT NULL AND removed_at IS NULL`

	sqlReplaceCodes = `UPDATE agency.recovery_codes SET replaced_at = $2 WHERE staff_id = $1 AND used_at IS NULL AND replaced_at IS NULL`

	sqlHasSet = `SELECT EXISTS (SELECT FROM agency.recovery_codes WHERE set_id = $1)`

	sqlInsertCode = `INSERT INTO agency.recovery_codes (id, staff_id, set_id, code_hash, created_at) VALUES ($1, $2, $3, $4, $5)`

	sqlUseCode = `UPDATE agency.recovery_codes SET used_at = $3
		WHERE staff_id = $1 AND code_hash = ANY($2) AND used_at IS NULL AND replaced_at IS NULL`

	sqlCodesLeft = `SELECT count(*) FROM agency.recovery_codes WHERE staff_id = $1 AND used_at IS NULL AND replaced_at IS NULL`

	sqlHaving = `SELECT DISTINCT staff_id FROM agency.factors WHERE confirmed_at IS NOT NULL AND removed_at IS NULL`

	// Active staff with what the agency's wish goes by.
	sqlCoverage = `SELECT s.is_admin,
		    EXISTS (SELECT FROM agency.factors f WHERE f.staff_id = s.id AND f.confirmed_at IS NOT NULL AND f.removed_at IS NULL) AS has_factor,
		    ARRAY(SELECT DISTINCT r.role FROM agency.program_roles r WHERE r.staff_id = s.id AND r.status = 'active') AS roles
		FROM agency.staff s WHERE s.status = 'active'`
)

// A held factor is one with what it proves with.
type held struct {
	Factor
	secret    string // of an app: base32; of a passkey: its credential in JSON
	lastStep  int64
	signCount int64
}

type row struct {
	ID         uuid.UUID      `db:"id"`
	Kind       Kind           `db:"kind"`
	Name       keyring.Sealed `db:"name_sealed"`
	Secret     keyring.Sealed `db:"secret_sealed"`
	LastStep   int64          `db:"last_step"`
	SignCount  int64          `db:"sign_count"`
	CreatedAt  time.Time      `db:"created_at"`
	LastUsedAt *time.Time     `db:"last_used_at"`
}

func (r row) open(o *keyring.Opener) held {
	h := held{
		Factor:    Factor{ID: r.ID, Kind: r.Kind, Name: o.Open(colName, r.ID, r.Name), CreatedAt: r.CreatedAt},
		secret:    o.Open(colSecret, r.ID, r.Secret),
		lastStep:  r.LastStep,
		signCount: r.SignCount,
	}
	if r.LastUsedAt != nil {
		h.LastUsedAt = *r.LastUsedAt
	}
	return h
}

// load reads what a person has that counts.
func load(ctx context.Context, tx *tenancy.Tx, staff uuid.UUID) ([]held, error) {
	rows, err := tenancy.Rows[row](ctx, tx, sqlFactors, staff)
	if err != nil {
		return nil, fmt.Errorf("load factors: %w", err)
	}
	o := tx.Box().Opener()
	found := make([]held, len(rows))
	for i, r := range rows {
		found[i] = r.open(o)
	}
	if err := o.Err(); err != nil {
		return nil, fmt.Errorf("open factors: %w", err)
	}
	return found, nil
}

// Of lists the factors of a person that count, the oldest first.
func Of(ctx context.Context, tx *tenancy.Tx, staff uuid.UUID) ([]Factor, error) {
	found, err := load(ctx, tx, staff)
	factors := make([]Factor, len(found))
	for i, h := range found {
		factors[i] = h.Factor
	}
	return factors, err
}

// Having says who of the agency has a second factor.
func Having(ctx context.Context, tx *tenancy.Tx) (map[uuid.UUID]bool, error) {
	ids, err := tenancy.Rows[struct {
		Staff uuid.UUID `db:"staff_id"`
	}](ctx, tx, sqlHaving)
	if err != nil {
		return nil, fmt.Errorf("load who has a factor: %w", err)
	}
	having := make(map[uuid.UUID]bool, len(ids))
	for _, id := range ids {
		having[id.Staff] = true
	}
	return having, nil
}

// lock makes changes of what a person has wait for each other. A fault.Missing says that
// there is no such active account.
func lock(ctx context.Context, tx *tenancy.Tx, staff uuid.UUID) error {
	var id uuid.UUID
	err := tx.QueryRow(ctx, sqlLock, staff).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return fault.Missing()
	}
	if err != nil {
		return fmt.Errorf("lock staff: %w", err)
	}
	return nil
}

func count(ctx context.Context, tx *tenancy.Tx, sql string, staff uuid.UUID) (n int, err error) {
	if err := tx.QueryRow(ctx, sql, staff).Scan(&n); err != nil {
		return 0, fmt.Errorf("count factors: %w", err)
	}
	return n, nil
}

// room refuses one more than anybody needs.
func room(ctx context.Context, tx *tenancy.Tx, staff uuid.UUID) error {
	n, err := count(ctx, tx, sqlCount, staff)
	if err == nil && n >= maxFactors {
		err = fault.New(fault.Invalid, i18n.FactorTooMany)
	}
	return err
}

// insert stores a factor; confirmed says that it has proved itself.
func insert(ctx context.Context, tx *tenancy.Tx, staff uuid.UUID, h held, credential []byte, confirmed bool) error {
	s := tx.Box().Sealer()
	var at *time.Time
	if now := tx.Now(); confirmed {
		at = &now
	}
	args := []any{h.ID, staff, h.Kind, s.Seal(colName, h.ID, h.Name), s.Seal(colSecret, h.ID, h.secret), credential, h.lastStep, h.signCount, tx.Now(), at}
	if err := s.Err(); err != nil {
		return fmt.Errorf("seal a factor: %w", err)
	}
	if _, err := tx.Exec(ctx, sqlInsert, args...); err != nil {
		return fmt.Errorf("insert a factor: %w", err)
	}
	return nil
}

// pending loads the app of a person that waits for its first code; the zero value when
// there is none.
func pending(ctx context.Context, tx *tenancy.Tx, staff uuid.UUID) (held, error) {
	r, err := tenancy.Row[row](ctx, tx, sqlPending, staff, tx.Now().Add(-pendingFor))
	if errors.Is(err, pgx.ErrNoRows) {
		return held{}, nil
	}
	if err != nil {
		return held{}, fmt.Errorf("load a waiting app: %w", err)
	}
	o := tx.Box().Opener()
	h := r.open(o)
	if err := o.Err(); err != nil {
		return held{}, fmt.Errorf("open a waiting app: %w", err)
	}
	return h, nil
}

// confirm has an app count from now on; false when it does already, or the step was used.
func confirm(ctx context.Context, tx *tenancy.Tx, staff uuid.UUID, h held, step int64) (bool, error) {
	name, err := tx.Box().Seal(colName, h.ID, h.Name)
	if err != nil {
		return false, fmt.Errorf("seal a name: %w", err)
	}
	touched, err := tx.Exec(ctx, sqlConfirm, h.ID, staff, tx.Now(), step, name)
	if err != nil {
		return false, fmt.Errorf("confirm an app: %w", err)
	}
	return touched == 1, nil
}

// useCode takes a code of one of the person's apps, or one of her recovery codes. It says
// which it was: "app", "recovery", or "" when it is none, or was used.
func useCode(ctx context.Context, tx *tenancy.Tx, staff uuid.UUID, typed string) (string, error) {
	if code, ok := isCode(typed); ok {
		return useApp(ctx, tx, staff, code)
	}
	code, ok := isRecoveryCode(typed)
	if !ok {
		return "", nil
	}
	hashes, err := tx.Box().Index(colCode, owned(staff, code))
	if err != nil {
		return "", fmt.Errorf("hash a code: %w", err)
	}
	touched, err := tx.Exec(ctx, sqlUseCode, staff, hashes, tx.Now())
	if err != nil {
		return "", fmt.Errorf("use a recovery code: %w", err)
	}
	if touched == 0 {
		return "", nil
	}
	return "recovery", nil
}

func useApp(ctx context.Context, tx *tenancy.Tx, staff uuid.UUID, code string) (string, error) {
	factors, err := load(ctx, tx, staff)
	if err != nil {
		return "", err
	}
	for _, f := range factors {
		if f.Kind != App {
			continue
		}
		step := stepFor(f.secret, code, tx.Now(), f.lastStep)
		if step == 0 {
			continue
		}
		touched, err := tx.Exec(ctx, sqlUseStep, f.ID, step, tx.Now())
		if err != nil {
			return "", fmt.Errorf("use a code: %w", err)
		}
		if touched == 1 {
			return "app", nil
		}
	}
	return "", nil
}

// makeCodes stores a new set in the place of the one before and returns it as it is shown.
// Nil when there is a set of that id already: the form was sent twice.
func makeCodes(ctx context.Context, tx *tenancy.Tx, staff, set uuid.UUID) ([]string, error) {
	var there bool
	if err := tx.QueryRow(ctx, sqlHasSet, set).Scan(&there); err != nil {
		return nil, fmt.Errorf("look for a set of codes: %w", err)
	}
	if there {
		return nil, nil
	}
	if _, err := tx.Exec(ctx, sqlReplaceCodes, staff, tx.Now()); err != nil {
		return nil, fmt.Errorf("replace codes: %w", err)
	}
	codes := newCodes()
	b := tx.Batch()
	for _, shown := range codes {
		code, _ := isRecoveryCode(shown)
		hashes, err := tx.Box().Index(colCode, owned(staff, code))
		if err != nil {
			return nil, fmt.Errorf("hash a code: %w", err)
		}
		b.Exec(sqlInsertCode, tenancy.NewID(), staff, set, hashes[0], tx.Now())
	}
	if err := b.Send(ctx); err != nil {
		return nil, fmt.Errorf("insert codes: %w", err)
	}
	return codes, nil
}

// removeAll takes away all that a person has, and says whether there was anything.
func removeAll(ctx context.Context, tx *tenancy.Tx, staff uuid.UUID) (bool, error) {
	touched, err := tx.Exec(ctx, sqlRemoveAll, staff, tx.Now())
	if err != nil {
		return false, fmt.Errorf("remove factors: %w", err)
	}
	if _, err := tx.Exec(ctx, sqlForgetPending, staff); err != nil {
		return false, fmt.Errorf("remove waiting apps: %w", err)
	}
	if _, err := tx.Exec(ctx, sqlReplaceCodes, staff, tx.Now()); err != nil {
		return false, fmt.Errorf("remove codes: %w", err)
	}
	return touched > 0, nil
}

// Invent gives a person an app with a known secret, for invented people: nothing is
// recorded, nobody is told, and there are no recovery codes.
func Invent(ctx context.Context, tx *tenancy.Tx, staff uuid.UUID, name, secret string) error {
	return insert(ctx, tx, staff, held{Factor: Factor{ID: tenancy.NewID(), Kind: App, Name: name}, secret: secret}, nil, true)
}
