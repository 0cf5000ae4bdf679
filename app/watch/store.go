package watch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/civil"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/keyring"
	"konote/tenancy"
)

var colRemark = keyring.Column{Table: "watch_findings", Name: "remark", Pad: keyring.Words}

const columns = `f.id, f.day, f.kind, f.staff_id, f.program_ids, f.participant_ids, f.event_ids, f.amount, f.usual,
	coalesce(f.verdict, '') AS verdict, f.remark_sealed, f.looked_at, f.looked_by, f.version`

const (
	// What the reader may see: everything ($1), or what touches her programs alone ($2) and is
	// about somebody whom she reaches ($3: where she sees people, $4: statuses, $5: who has
	// closed her file to her).
	visible = ` FROM agency.watch_findings f
		WHERE ($1 OR (f.program_ids <@ $2::uuid[] AND f.program_ids <> '{}' AND (f.participant_ids = '{}' OR EXISTS (
		    SELECT FROM agency.enrolments e WHERE e.participant_id = ANY(f.participant_ids) AND e.participant_id <> ALL($5)
		        AND e.program_id = ANY($3) AND e.status = ANY($4)))))`

	sqlWaiting = `SELECT ` + columns + visible + ` AND f.verdict IS NULL AND (f.day, f.id) < ($6, $7) ORDER BY f.day DESC, f.id DESC LIMIT $8`

	sqlLooked = `SELECT ` + columns + visible + ` AND f.verdict IS NOT NULL AND (f.day, f.id) < ($6, $7) ORDER BY f.day DESC, f.id DESC LIMIT $8`

	sqlOne = `SELECT ` + columns + visible + ` AND f.id = $6`

	sqlThere = `SELECT EXISTS (SELECT FROM agency.watch_findings WHERE id = $1)`

	// Nobody is told how many findings there are about herself.
	sqlCount = `SELECT count(*) AS n` + visible + ` AND f.verdict IS NULL AND f.staff_id <> $6`

	sqlMark = `UPDATE agency.watch_findings SET verdict = $3, remark_sealed = $4, looked_at = $5, looked_by = $6, version = version + 1
		WHERE id = $1 AND version = $2`

	sqlNewest = `SELECT max(day) AS day, max(checked_at) AS checked_at FROM agency.watch_runs`

	sqlAddRun = `INSERT INTO agency.watch_runs (day, checked_at, entries, broken_at) VALUES ($1, $2, $3, nullif($4, 0)) ON CONFLICT DO NOTHING`

	sqlAddFinding = `INSERT INTO agency.watch_findings
		(id, day, kind, staff_id, program_ids, participant_ids, event_ids, amount, usual, found_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (day, kind, staff_id) DO NOTHING`

	sqlAddDay = `INSERT INTO agency.watch_days (day, staff_id, opened, busiest, first_at, last_at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`

	sqlForgetDays = `DELETE FROM agency.watch_days WHERE day < $1`

	sqlUsual = `SELECT staff_id, count(*) AS days, percentile_disc(0.5) WITHIN GROUP (ORDER BY busiest) AS busiest,
		    min(first_at) AS first, max(last_at) AS last
		FROM agency.watch_days WHERE day >= $1 AND day < $2 GROUP BY staff_id`

	sqlRoles = `SELECT staff_id, program_id FROM agency.program_roles WHERE status = 'active'`

	sqlEmergencies = `SELECT staff_id, created_at, least(expires_at, coalesce(revoked_at, expires_at)) AS ended_at
		FROM agency.access_grants WHERE participant_id = $1 AND is_emergency`

	sqlAssigned = `SELECT worker_id AS actor_id, participant_id FROM agency.enrolments WHERE worker_id = ANY($1) AND participant_id = ANY($2)`
)

type row struct {
	ID           uuid.UUID      `db:"id"`
	Day          civil.Date     `db:"day"`
	Kind         Kind           `db:"kind"`
	Staff        uuid.UUID      `db:"staff_id"`
	Programs     []uuid.UUID    `db:"program_ids"`
	Participants []uuid.UUID    `db:"participant_ids"`
	Events       []uuid.UUID    `db:"event_ids"`
	Amount       int            `db:"amount"`
	Usual        int            `db:"usual"`
	Verdict      Verdict        `db:"verdict"`
	Remark       keyring.Sealed `db:"remark_sealed"`
	LookedAt     *time.Time     `db:"looked_at"`
	LookedBy     *uuid.UUID     `db:"looked_by"`
	Version      int            `db:"version"`
}

func openAll(box *keyring.Box, rows []row) ([]Finding, error) {
	o := box.Opener()
	found := make([]Finding, len(rows))
	for i, r := range rows {
		found[i] = Finding{
			ID: r.ID, Day: r.Day, Kind: r.Kind, Staff: r.Staff, Programs: r.Programs, Participants: r.Participants, Events: r.Events,
			Amount: r.Amount, Usual: r.Usual, Verdict: r.Verdict, Remark: o.Open(colRemark, r.ID, r.Remark), LookedAt: r.LookedAt, Version: r.Version,
		}
		if r.LookedBy != nil {
			found[i].LookedBy = *r.LookedBy
		}
	}
	if err := o.Err(); err != nil {
		return nil, fmt.Errorf("open findings: %w", err)
	}
	return found, nil
}

// seen are the first arguments of a statement about what the actor may see.
func seen(actor access.Actor) []any {
	return []any{actor.Admin, actor.Programs(access.AuditView), actor.Programs(access.ParticipantViewName), access.ReachingStatuses,
		actor.Withheld(access.ParticipantViewName)}
}

// place is where a page of findings ended.
type place struct {
	Day civil.Date
	ID  uuid.UUID
}

var first = place{Day: civil.Date{Year: 9999, Month: time.December, Day: 31}, ID: uuid.Max}

// one loads a finding that the actor may see. Hidden and missing are the same.
func one(ctx context.Context, tx *tenancy.Tx, actor access.Actor, id uuid.UUID) (Finding, error) {
	r, err := tenancy.Row[row](ctx, tx, sqlOne, append(seen(actor), id)...)
	if errors.Is(err, pgx.ErrNoRows) {
		var there bool
		if err := tx.QueryRow(ctx, sqlThere, id).Scan(&there); err != nil {
			return Finding{}, fmt.Errorf("look for a finding: %w", err)
		}
		if there {
			return Finding{}, fault.Refused()
		}
		return Finding{}, fault.Missing()
	}
	if err != nil {
		return Finding{}, fmt.Errorf("load finding: %w", err)
	}
	found, err := openAll(tx.Box(), []row{r})
	if err != nil {
		return Finding{}, err
	}
	return found[0], nil
}

// QueueWaiting adds to a page's batch how many findings wait for somebody to look.
func QueueWaiting(b *tenancy.Batch, actor access.Actor, to *int) {
	b.Queue(sqlCount, func(rows pgx.Rows) (err error) {
		*to, err = pgx.CollectExactlyOneRow(rows, pgx.RowTo[int])
		return err
	}, append(seen(actor), actor.Staff)...)
}

// mark saves what somebody says of a finding; fault.Conflict when somebody was faster.
func mark(ctx context.Context, tx *tenancy.Tx, f Finding, by uuid.UUID) error {
	remark, err := tx.Box().Seal(colRemark, f.ID, f.Remark)
	if err != nil {
		return fmt.Errorf("seal a remark: %w", err)
	}
	changed, err := tx.Exec(ctx, sqlMark, f.ID, f.Version, f.Verdict, remark, tx.Now(), by)
	if err != nil {
		return fmt.Errorf("mark a finding: %w", err)
	}
	if changed == 0 {
		return fault.New(fault.Conflict, i18n.FaultConflictTitle)
	}
	return nil
}

// newest is the last day that was read (zero: none) and when.
func newest(ctx context.Context, tx *tenancy.Tx) (day civil.Date, at time.Time, err error) {
	found, err := tenancy.Row[struct {
		Day civil.Date `db:"day"`
		At  *time.Time `db:"checked_at"`
	}](ctx, tx, sqlNewest)
	if err != nil {
		return day, at, fmt.Errorf("load the last day that was read: %w", err)
	}
	if found.At != nil {
		at = *found.At
	}
	return found.Day, at, nil
}

// rolesOf are the programs in which each member of staff has a role.
func rolesOf(ctx context.Context, tx *tenancy.Tx) (map[uuid.UUID][]uuid.UUID, error) {
	rows, err := tenancy.Rows[struct {
		Staff   uuid.UUID `db:"staff_id"`
		Program uuid.UUID `db:"program_id"`
	}](ctx, tx, sqlRoles)
	if err != nil {
		return nil, fmt.Errorf("load roles: %w", err)
	}
	roles := map[uuid.UUID][]uuid.UUID{}
	for _, r := range rows {
		roles[r.Staff] = append(roles[r.Staff], r.Program)
	}
	return roles, nil
}

// usualOf is what each member of staff did in the weeks before a day.
func usualOf(ctx context.Context, tx *tenancy.Tx, day civil.Date) (map[uuid.UUID]usual, error) {
	rows, err := tenancy.Rows[usual](ctx, tx, sqlUsual, day.AddDays(-usualDays), day)
	if err != nil {
		return nil, fmt.Errorf("load what is usual: %w", err)
	}
	found := make(map[uuid.UUID]usual, len(rows))
	for _, u := range rows {
		found[u.Staff] = u
	}
	return found, nil
}

// assigned are those of the pairs in which the participant was given to the worker.
func assigned(ctx context.Context, tx *tenancy.Tx, staff, participants []uuid.UUID) ([]audit.Pair, error) {
	pairs, err := tenancy.Rows[audit.Pair](ctx, tx, sqlAssigned, staff, participants)
	if err != nil {
		return nil, fmt.Errorf("load whom workers were given: %w", err)
	}
	return pairs, nil
}

// insert adds a finding that is not there yet.
func insert(ctx context.Context, tx *tenancy.Tx, f Finding) error {
	participants := f.Participants
	if participants == nil {
		participants = []uuid.UUID{}
	}
	_, err := tx.Exec(ctx, sqlAddFinding, f.ID, f.Day, f.Kind, f.Staff, f.Programs, participants, f.Events, f.Amount, f.Usual, tx.Now())
	if err != nil {
		return fmt.Errorf("insert finding: %w", err)
	}
	return nil
}
