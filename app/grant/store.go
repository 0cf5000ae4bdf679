package grant

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/app/access"
	"konote/app/fault"
	"konote/app/staff"
	"konote/keyring"
	"konote/tenancy"
)

// The sealed columns.
var (
	colWhy    = keyring.Column{Table: "access_grants", Name: "justification", Pad: keyring.Words}
	colRemark = keyring.Column{Table: "access_grants", Name: "finding", Pad: keyring.Words}
)

const (
	columns = `g.id, g.staff_id, g.program_id, g.participant_id, g.through, g.is_emergency, g.reason_id, g.justification_sealed,
		g.created_at, g.expires_at, g.revoked_at, g.revoked_by, g.reviewed_at, g.reviewed_by, coalesce(g.finding, '') AS finding, g.finding_sealed,
		coalesce(r.text_en, '') AS reason_en, coalesce(r.text_fr, '') AS reason_fr, s.display_name_sealed AS staff_name_sealed`

	from = ` FROM agency.access_grants g JOIN agency.staff s ON s.id = g.staff_id LEFT JOIN agency.grant_reasons r ON r.id = g.reason_id`

	// What somebody may look back at: administrators ($1) all, managers what was taken in or
	// through their programs ($2), about people whom they reach there ($3: statuses of
	// enrolments) and who have not closed their file to them ($4).
	answered = `($1 OR g.program_id = ANY($2) OR g.through && $2 AND g.participant_id <> ALL($4) AND EXISTS (
		SELECT FROM agency.enrolments e WHERE e.participant_id = g.participant_id AND e.program_id = ANY($2) AND e.status = ANY($3)))`
)

const (
	sqlInsert = `INSERT INTO agency.access_grants
		(id, staff_id, program_id, participant_id, through, is_emergency, reason_id, justification_sealed, created_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (id) DO NOTHING`

	sqlByID = `SELECT ` + columns + from + ` WHERE g.id = $1`

	sqlLock = sqlByID + ` FOR UPDATE OF g`

	// Of one person, by whether they are in force now ($2).
	sqlOwn = `SELECT ` + columns + from + ` WHERE g.staff_id = $1 AND (g.revoked_at IS NULL AND g.expires_at > $2) = $3 AND g.id < $4
		ORDER BY g.id DESC LIMIT $5`

	// What one person had or has about a participant ($2), or in programs ($3).
	sqlStanding = `SELECT ` + columns + from + ` WHERE g.staff_id = $1 AND (g.participant_id = $2 OR g.program_id = ANY($3))
		ORDER BY g.expires_at DESC, g.id DESC LIMIT 30`

	sqlWaiting = `SELECT ` + columns + from + ` WHERE g.reviewed_at IS NULL AND ` + answered + ` AND (g.is_emergency, g.id) < ($5, $6)
		ORDER BY g.is_emergency DESC, g.id DESC LIMIT $7`

	sqlAll = `SELECT ` + columns + from + ` WHERE ` + answered + ` AND g.id < $5 ORDER BY g.id DESC LIMIT $6`

	sqlOne = `SELECT ` + columns + from + ` WHERE ` + answered + ` AND g.id = $5`

	// Emergencies that wait for somebody else's review ($5: not her own), the oldest first.
	sqlEmergencies = `SELECT g.id, g.created_at, g.staff_id, s.display_name_sealed FROM agency.access_grants g JOIN agency.staff s ON s.id = g.staff_id
		WHERE g.reviewed_at IS NULL AND g.is_emergency AND g.staff_id <> $5 AND ` + answered + ` ORDER BY g.id LIMIT $6`

	sqlRevoke = `UPDATE agency.access_grants SET revoked_at = $2, revoked_by = $3 WHERE id = $1 AND revoked_at IS NULL AND expires_at > $2`

	sqlReview = `UPDATE agency.access_grants SET reviewed_at = $2, reviewed_by = $3, finding = $4, finding_sealed = $5
		WHERE id = $1 AND reviewed_at IS NULL AND staff_id <> $3`

	// Who is told of an emergency: active administrators, and managers of the programs ($1),
	// but for the one who acted ($2).
	sqlResponsible = `SELECT s.id FROM agency.staff s WHERE s.status = 'active' AND s.id <> $2 AND (s.is_admin OR EXISTS (
		SELECT FROM agency.program_roles r WHERE r.staff_id = s.id AND r.program_id = ANY($1) AND r.role = 'program_manager' AND r.status = 'active'))
		ORDER BY s.id`
)

// Reasons.
const (
	reasonColumns = `SELECT id, text_en, text_fr, status = 'archived' AS is_archived FROM agency.grant_reasons`

	sqlReasons = reasonColumns + ` ORDER BY status, created_at, id`

	sqlLockReasons = reasonColumns + ` ORDER BY id FOR UPDATE`

	sqlInsertReason = `INSERT INTO agency.grant_reasons (id, text_en, text_fr, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING`

	sqlTurnReason = `UPDATE agency.grant_reasons SET status = $2 WHERE id = $1`
)

type row struct {
	ID          uuid.UUID      `db:"id"`
	Staff       uuid.UUID      `db:"staff_id"`
	Program     *uuid.UUID     `db:"program_id"`
	Participant *uuid.UUID     `db:"participant_id"`
	Through     []uuid.UUID    `db:"through"`
	Emergency   bool           `db:"is_emergency"`
	Reason      *uuid.UUID     `db:"reason_id"`
	Why         keyring.Sealed `db:"justification_sealed"`
	CreatedAt   time.Time      `db:"created_at"`
	ExpiresAt   time.Time      `db:"expires_at"`
	RevokedAt   *time.Time     `db:"revoked_at"`
	RevokedBy   *uuid.UUID     `db:"revoked_by"`
	ReviewedAt  *time.Time     `db:"reviewed_at"`
	ReviewedBy  *uuid.UUID     `db:"reviewed_by"`
	Finding     Finding        `db:"finding"`
	Remark      keyring.Sealed `db:"finding_sealed"`
	ReasonEN    string         `db:"reason_en"`
	ReasonFR    string         `db:"reason_fr"`
	StaffName   keyring.Sealed `db:"staff_name_sealed"`
}

func (r row) open(o *keyring.Opener) Grant {
	return Grant{
		ID: r.ID, Staff: r.Staff, Program: tenancy.Zero(r.Program), Participant: tenancy.Zero(r.Participant), Through: r.Through, Emergency: r.Emergency,
		Reason: tenancy.Zero(r.Reason), Why: o.Open(colWhy, r.ID, r.Why), CreatedAt: r.CreatedAt, ExpiresAt: r.ExpiresAt,
		RevokedAt: tenancy.Zero(r.RevokedAt), RevokedBy: tenancy.Zero(r.RevokedBy), ReviewedAt: tenancy.Zero(r.ReviewedAt), ReviewedBy: tenancy.Zero(r.ReviewedBy),
		Finding: r.Finding, Remark: o.Open(colRemark, r.ID, r.Remark), ReasonEN: r.ReasonEN, ReasonFR: r.ReasonFR,
		StaffName: staff.OpenName(o, r.Staff, r.StaffName),
	}
}

func openAll(box *keyring.Box, rows []row) ([]Grant, error) {
	o := box.Opener()
	grants := make([]Grant, len(rows))
	for i, r := range rows {
		grants[i] = r.open(o)
	}
	if err := o.Err(); err != nil {
		return nil, fmt.Errorf("open grants: %w", err)
	}
	return grants, nil
}

func list(ctx context.Context, tx *tenancy.Tx, sql string, args ...any) ([]Grant, error) {
	rows, err := tenancy.Rows[row](ctx, tx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("list grants: %w", err)
	}
	return openAll(tx.Box(), rows)
}

// load loads one grant; sql says whether its row is locked.
func load(ctx context.Context, tx *tenancy.Tx, sql string, args ...any) (Grant, error) {
	found, err := tenancy.Row[row](ctx, tx, sql, args...)
	if errors.Is(err, pgx.ErrNoRows) {
		return Grant{}, fault.Missing()
	}
	if err != nil {
		return Grant{}, fmt.Errorf("load grant: %w", err)
	}
	grants, err := openAll(tx.Box(), []row{found})
	if err != nil {
		return Grant{}, err
	}
	return grants[0], nil
}

// scope are the arguments of what an actor may look back at.
func scope(actor access.Actor) []any {
	return []any{actor.Admin, actor.Programs(access.AuditView), access.ReachingStatuses, actor.Withheld(access.ParticipantViewName)}
}

// insert adds a grant; false when its id is there already.
func insert(ctx context.Context, tx *tenancy.Tx, g Grant) (bool, error) {
	why, err := tx.Box().Seal(colWhy, g.ID, g.Why)
	if err != nil {
		return false, fmt.Errorf("seal grant: %w", err)
	}
	added, err := tx.Exec(ctx, sqlInsert, g.ID, g.Staff, tenancy.Null(g.Program), tenancy.Null(g.Participant), g.Through, g.Emergency, tenancy.Null(g.Reason),
		why, g.CreatedAt, g.ExpiresAt)
	if err != nil {
		return false, fmt.Errorf("insert grant: %w", err)
	}
	return added == 1, nil
}

// revoke ends a grant; false when it is over already.
func revoke(ctx context.Context, tx *tenancy.Tx, id, by uuid.UUID) (bool, error) {
	ended, err := tx.Exec(ctx, sqlRevoke, id, tx.Now(), by)
	if err != nil {
		return false, fmt.Errorf("revoke grant: %w", err)
	}
	return ended == 1, nil
}

// saveReview writes what was found; false when somebody was faster, or the grant is the
// reviewer's own.
func saveReview(ctx context.Context, tx *tenancy.Tx, id, by uuid.UUID, found review) (bool, error) {
	remark, err := tx.Box().Seal(colRemark, id, found.Remark)
	if err != nil {
		return false, fmt.Errorf("seal review: %w", err)
	}
	saved, err := tx.Exec(ctx, sqlReview, id, tx.Now(), by, found.Finding, remark)
	if err != nil {
		return false, fmt.Errorf("save review: %w", err)
	}
	return saved == 1, nil
}
