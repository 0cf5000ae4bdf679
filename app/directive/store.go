package directive

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/app/access"
	"konote/app/civil"
	"konote/app/fault"
	"konote/app/staff"
	"konote/keyring"
	"konote/tenancy"
)

// The sealed columns.
var (
	colReason     = keyring.Column{Table: "directives", Name: "reason", Pad: keyring.Words}
	colLiftReason = keyring.Column{Table: "directives", Name: "lift_reason", Pad: keyring.Words}
	colRequest    = keyring.Column{Table: "guard_requests", Name: "reason", Pad: keyring.Words}
)

const (
	columns = `d.id, d.participant_id, d.kind, d.item_id, d.staff_id, coalesce(d.role, '') AS role, d.program_id, d.from_on, d.asked_by, d.reason_sealed,
		d.recorded_at, d.recorded_by, d.lifted_at, d.lifted_by, d.lift_reason_sealed`

	// Those that stand come first. Names of staff only where the reader may know of them.
	sqlOf = `SELECT ` + columns + ` FROM agency.directives d WHERE d.participant_id = $1
		ORDER BY d.lifted_at IS NOT NULL, d.recorded_at DESC, d.id DESC LIMIT 200`

	sqlByID = `SELECT ` + columns + ` FROM agency.directives d WHERE d.id = $1 AND d.participant_id = $2`

	// One whoever's it is, for those who know only its id.
	sqlAnyByID = `SELECT ` + columns + ` FROM agency.directives d WHERE d.id = $1`

	sqlInsert = `INSERT INTO agency.directives
		(id, participant_id, kind, item_id, staff_id, role, program_id, from_on, asked_by, reason_sealed, recorded_at, recorded_by)
		VALUES ($1, $2, $3, $4, $5, nullif($6, ''), $7, $8, $9, $10, $11, $12) ON CONFLICT (id) DO NOTHING`

	sqlLift = `UPDATE agency.directives SET lifted_at = $2, lifted_by = $3, lift_reason_sealed = $4 WHERE id = $1 AND lifted_at IS NULL`

	// A record of hers that can be closed by itself: of which kind and in which program.
	sqlItem = `SELECT 'notes' AS kind, n.program_id FROM agency.notes n WHERE n.id = $1 AND n.participant_id = $2
		UNION ALL SELECT 'plan', s.program_id FROM agency.targets t JOIN agency.plan_sections s ON s.id = t.section_id WHERE t.id = $1 AND t.participant_id = $2
		UNION ALL SELECT 'events', e.program_id FROM agency.events e WHERE e.id = $1 AND e.participant_id = $2
		UNION ALL SELECT 'contacts', c.program_id FROM agency.contacts c WHERE c.id = $1 AND c.participant_id = $2`

	// Staff of whom the reader may know: in a program that is not confidential, or in one of
	// hers ($1).
	sqlStaff = `SELECT s.id, s.display_name_sealed FROM agency.staff s WHERE s.status = 'active' AND EXISTS (
		SELECT FROM agency.program_roles r JOIN agency.programs p ON p.id = r.program_id
		WHERE r.staff_id = s.id AND r.status = 'active' AND (NOT p.is_confidential OR p.id = ANY($1)))`

	// Those whom a page may name, and whose words it may show: the same, also when they have
	// left. What somebody writes in a confidential program tells of it as her name does.
	sqlAuthors = `SELECT s.id, s.display_name_sealed FROM agency.staff s WHERE EXISTS (
		SELECT FROM agency.program_roles r JOIN agency.programs p ON p.id = r.program_id
		WHERE r.staff_id = s.id AND r.status = 'active' AND (NOT p.is_confidential OR p.id = ANY($1)))`

	sqlRoles = `SELECT program_id, role FROM agency.program_roles WHERE staff_id = $1 AND status = 'active'`

	// Roles in the programs that the actor may know of ($3: confidential ones that she sees), and
	// whether the participant ($1) can be reached in them ($2: statuses of enrolments).
	sqlReachers = `SELECT r.staff_id, r.program_id, r.role, EXISTS (SELECT FROM agency.enrolments e
		    WHERE e.participant_id = $1 AND e.program_id = r.program_id AND e.status = ANY($2)) AS is_there
		FROM agency.program_roles r JOIN agency.staff s ON s.id = r.staff_id JOIN agency.programs p ON p.id = r.program_id
		WHERE r.status = 'active' AND s.status = 'active' AND (NOT p.is_confidential OR p.id = ANY($3))`
)

type row struct {
	ID          uuid.UUID      `db:"id"`
	Participant uuid.UUID      `db:"participant_id"`
	Kind        access.Kind    `db:"kind"`
	Item        *uuid.UUID     `db:"item_id"`
	Staff       *uuid.UUID     `db:"staff_id"`
	Role        access.Role    `db:"role"`
	Program     *uuid.UUID     `db:"program_id"`
	FromOn      civil.Date     `db:"from_on"`
	By          By             `db:"asked_by"`
	Reason      keyring.Sealed `db:"reason_sealed"`
	RecordedAt  time.Time      `db:"recorded_at"`
	RecordedBy  uuid.UUID      `db:"recorded_by"`
	LiftedAt    *time.Time     `db:"lifted_at"`
	LiftedBy    *uuid.UUID     `db:"lifted_by"`
	LiftReason  keyring.Sealed `db:"lift_reason_sealed"`
}

func (r row) open(o *keyring.Opener) Directive {
	return Directive{
		ID: r.ID, Participant: r.Participant, Kind: r.Kind, Item: tenancy.Zero(r.Item), Staff: tenancy.Zero(r.Staff), Role: r.Role, Program: tenancy.Zero(r.Program),
		FromOn: r.FromOn, By: r.By, Reason: o.Open(colReason, r.ID, r.Reason), RecordedAt: r.RecordedAt, RecordedBy: r.RecordedBy,
		LiftedAt: tenancy.Zero(r.LiftedAt), LiftedBy: tenancy.Zero(r.LiftedBy), LiftReason: o.Open(colLiftReason, r.ID, r.LiftReason),
	}
}

func openAll(box *keyring.Box, rows []row) ([]Directive, error) {
	o := box.Opener()
	found := make([]Directive, len(rows))
	for i, r := range rows {
		found[i] = r.open(o)
	}
	if err := o.Err(); err != nil {
		return nil, fmt.Errorf("open directives: %w", err)
	}
	return found, nil
}

// of are a participant's directives, those that stand first.
func of(ctx context.Context, tx *tenancy.Tx, participant uuid.UUID) ([]Directive, error) {
	rows, err := tenancy.Rows[row](ctx, tx, sqlOf, participant)
	if err != nil {
		return nil, fmt.Errorf("list directives: %w", err)
	}
	return openAll(tx.Box(), rows)
}

// byID loads one of a participant's directives; the caller has reached her.
func byID(ctx context.Context, tx *tenancy.Tx, participant, id uuid.UUID) (Directive, error) {
	return one(ctx, tx, sqlByID, id, participant)
}

// anyByID loads one whoever's it is. Whether the actor may know of it is for the caller to
// ask.
func anyByID(ctx context.Context, tx *tenancy.Tx, id uuid.UUID) (Directive, error) {
	return one(ctx, tx, sqlAnyByID, id)
}

func one(ctx context.Context, tx *tenancy.Tx, sql string, args ...any) (Directive, error) {
	r, err := tenancy.Row[row](ctx, tx, sql, args...)
	if errors.Is(err, pgx.ErrNoRows) {
		return Directive{}, fault.Missing()
	}
	if err != nil {
		return Directive{}, fmt.Errorf("load directive: %w", err)
	}
	found, err := openAll(tx.Box(), []row{r})
	if err != nil {
		return Directive{}, err
	}
	return found[0], nil
}

// Insert adds a directive, checking and recording nothing. It says false when there is one
// with its id.
func Insert(ctx context.Context, tx *tenancy.Tx, d Directive) (bool, error) {
	reason, err := tx.Box().Seal(colReason, d.ID, d.Reason)
	if err != nil {
		return false, fmt.Errorf("seal directive: %w", err)
	}
	added, err := tx.Exec(ctx, sqlInsert, d.ID, d.Participant, d.Kind, tenancy.Null(d.Item), tenancy.Null(d.Staff), d.Role, tenancy.Null(d.Program), d.FromOn, d.By,
		reason, d.RecordedAt, d.RecordedBy)
	if err != nil {
		return false, fmt.Errorf("insert directive: %w", err)
	}
	return added == 1, nil
}

// lift ends a directive; false when it was lifted already.
func lift(ctx context.Context, tx *tenancy.Tx, d Directive) (bool, error) {
	reason, err := tx.Box().Seal(colLiftReason, d.ID, d.LiftReason)
	if err != nil {
		return false, fmt.Errorf("seal why a directive was lifted: %w", err)
	}
	changed, err := tx.Exec(ctx, sqlLift, d.ID, d.LiftedAt, d.LiftedBy, reason)
	if err != nil {
		return false, fmt.Errorf("lift directive: %w", err)
	}
	return changed == 1, nil
}

// item finds a record of a participant's that can be closed by itself, if the actor may
// read it.
func item(ctx context.Context, tx *tenancy.Tx, actor access.Actor, participant, id uuid.UUID) (access.Kind, bool, error) {
	rows, err := tenancy.Rows[struct {
		Kind    access.Kind `db:"kind"`
		Program uuid.UUID   `db:"program_id"`
	}](ctx, tx, sqlItem, id, participant)
	if err != nil {
		return "", false, fmt.Errorf("look for a record to close: %w", err)
	}
	for _, r := range rows {
		if actor.About(participant).MayIn(r.Program, reads[r.Kind]) && !actor.Withholds(id) {
			return r.Kind, true, nil
		}
	}
	return "", false, nil
}

type staffRow struct {
	ID   uuid.UUID      `db:"id"`
	Name keyring.Sealed `db:"display_name_sealed"`
}

// known are the members of staff of whom the actor may know.
func known(ctx context.Context, tx *tenancy.Tx, actor access.Actor) ([]staff.Member, error) {
	return members(ctx, tx, sqlStaff, actor)
}

// authors are the names of those whose words the actor may read.
func authors(ctx context.Context, tx *tenancy.Tx, actor access.Actor) (map[uuid.UUID]string, error) {
	found, err := members(ctx, tx, sqlAuthors, actor)
	names := map[uuid.UUID]string{}
	for _, m := range found {
		names[m.ID] = m.Name
	}
	return names, err
}

func members(ctx context.Context, tx *tenancy.Tx, sql string, actor access.Actor) ([]staff.Member, error) {
	rows, err := tenancy.Rows[staffRow](ctx, tx, sql, seen(actor))
	if err != nil {
		return nil, fmt.Errorf("list staff: %w", err)
	}
	o := tx.Box().Opener()
	found := make([]staff.Member, len(rows))
	for i, r := range rows {
		found[i] = staff.Member{ID: r.ID, Name: staff.OpenName(o, r.ID, r.Name)}
	}
	if err := o.Err(); err != nil {
		return nil, fmt.Errorf("open staff: %w", err)
	}
	return found, nil
}

// seen are the programs in which the actor has a role.
func seen(actor access.Actor) []uuid.UUID {
	programs := make([]uuid.UUID, 0, len(actor.Roles))
	for id := range actor.Roles {
		programs = append(programs, id)
	}
	return programs
}

// rolesOf are all roles that somebody holds.
func rolesOf(ctx context.Context, tx *tenancy.Tx, who uuid.UUID) (map[uuid.UUID]access.Role, error) {
	rows, err := tenancy.Rows[struct {
		Program uuid.UUID   `db:"program_id"`
		Role    access.Role `db:"role"`
	}](ctx, tx, sqlRoles, who)
	if err != nil {
		return nil, fmt.Errorf("load roles: %w", err)
	}
	roles := map[uuid.UUID]access.Role{}
	for _, r := range rows {
		roles[r.Program] = r.Role
	}
	return roles, nil
}

// reachers are those who work in programs that the actor may know of, and whether they would
// reach a participant there.
func reachers(ctx context.Context, tx *tenancy.Tx, actor access.Actor, participant uuid.UUID) (map[uuid.UUID]reacher, error) {
	rows, err := tenancy.Rows[struct {
		Staff   uuid.UUID   `db:"staff_id"`
		Program uuid.UUID   `db:"program_id"`
		Role    access.Role `db:"role"`
		There   bool        `db:"is_there"`
	}](ctx, tx, sqlReachers, participant, access.ReachingStatuses, seen(actor))
	if err != nil {
		return nil, fmt.Errorf("find who reaches a participant: %w", err)
	}
	people := map[uuid.UUID]reacher{}
	for _, r := range rows {
		p, met := people[r.Staff]
		if !met {
			p.roles = map[uuid.UUID]access.Role{}
		}
		p.roles[r.Program] = r.Role
		p.there = p.there || r.There && access.LevelOf(access.ParticipantViewName, r.Role) != access.Deny
		people[r.Staff] = p
	}
	return people, nil
}
