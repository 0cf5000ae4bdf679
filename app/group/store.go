package group

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
	"konote/app/i18n"
	"konote/keyring"
	"konote/tenancy"
)

// The sealed columns.
var (
	colName        = keyring.Column{Table: "groups", Name: "name", Pad: keyring.Identity}
	colDescription = keyring.Column{Table: "groups", Name: "description", Pad: keyring.Words}
	colMember      = keyring.Column{Table: "group_members", Name: "name", Pad: keyring.Identity}
	colText        = keyring.Column{Table: "group_sessions", Name: "text", Pad: keyring.Words}
	colHighlight   = keyring.Column{Table: "group_attendance", Name: "highlight", Pad: keyring.Words}
	colStep        = keyring.Column{Table: "group_milestones", Name: "name", Pad: keyring.Words}
	colStepText    = keyring.Column{Table: "group_milestones", Name: "text", Pad: keyring.Words}
)

const (
	columns        = `id, program_id, kind, name_sealed, description_sealed, status, created_at, created_by, updated_at, updated_by, version`
	sessionColumns = `s.id, s.group_id, s.held_on, s.facilitator_id, coalesce(s.mood, '') AS mood, s.text_sealed, s.created_at, s.created_by, s.updated_at, s.version`
	stepColumns    = `id, group_id, kind, name_sealed, text_sealed, status, due_on, updated_at, version`

	// A member m of whom the actor may know: somebody by name, or a participant whom she
	// reaches ($1: programs, $2: statuses of enrolments) and who has not closed it to her ($3).
	reached = `(m.participant_id IS NULL OR m.participant_id <> ALL($3) AND EXISTS (SELECT FROM agency.enrolments e
		WHERE e.participant_id = m.participant_id AND e.program_id = ANY($1) AND e.status = ANY($2)))`
)

const (
	sqlByID = `SELECT ` + columns + ` FROM agency.groups WHERE id = $1`

	sqlLock = sqlByID + ` FOR UPDATE`

	sqlInsert = `INSERT INTO agency.groups (id, program_id, kind, name_sealed, description_sealed, created_at, created_by, updated_at, updated_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $6, $7) ON CONFLICT (id) DO NOTHING`

	sqlUpdate = `UPDATE agency.groups SET kind = $3, name_sealed = $4, description_sealed = $5, status = $6, updated_at = $7, updated_by = $8,
		version = version + 1 WHERE id = $1 AND version = $2`

	// The groups of some programs ($4), with how many are in them and when they last met.
	sqlList = `SELECT g.id, g.program_id, g.kind, g.name_sealed, g.status,
		    (SELECT count(*) FROM agency.group_members m WHERE m.group_id = g.id AND m.left_on IS NULL AND ` + reached + `) AS members,
		    (SELECT max(s.held_on) FROM agency.group_sessions s WHERE s.group_id = g.id) AS last_on
		FROM agency.groups g WHERE g.program_id = ANY($4) ORDER BY g.status, g.created_at, g.id LIMIT 500`

	sqlMembers = `SELECT id, group_id, participant_id, name_sealed, role, joined_on, left_on
		FROM agency.group_members WHERE group_id = $1 ORDER BY left_on IS NOT NULL, left_on DESC, joined_on, id`

	// Nothing is added when she is a member already, or the row is there.
	sqlInsertMember = `INSERT INTO agency.group_members (id, group_id, participant_id, name_sealed, role, joined_on)
		VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`

	sqlUpdateMember = `UPDATE agency.group_members SET role = $3, left_on = $4 WHERE id = $1 AND group_id = $2`

	// Participants who have an open place in a program ($1) and are not in the group ($3),
	// without those who have closed it to the actor ($4).
	sqlCandidates = `SELECT DISTINCT e.participant_id AS id FROM agency.enrolments e
		WHERE e.program_id = $1 AND e.status = ANY($2) AND e.participant_id <> ALL($4)
		AND NOT EXISTS (SELECT FROM agency.participants p WHERE p.id = e.participant_id AND p.consent = 'withdrawn') AND NOT EXISTS (SELECT FROM agency.group_members m
		    WHERE m.group_id = $3 AND m.participant_id = e.participant_id AND m.left_on IS NULL)`

	sqlSession = `SELECT ` + sessionColumns + ` FROM agency.group_sessions s WHERE s.id = $1 AND s.group_id = $2`

	sqlSessionOn = `SELECT ` + sessionColumns + ` FROM agency.group_sessions s WHERE s.group_id = $1 AND s.held_on = $2`

	sqlGroupOfSession = `SELECT group_id FROM agency.group_sessions WHERE id = $1`

	sqlInsertSession = `INSERT INTO agency.group_sessions (id, group_id, held_on, facilitator_id, mood, text_sealed, created_at, created_by, updated_at, updated_by)
		VALUES ($1, $2, $3, $4, nullif($5, ''), $6, $7, $8, $7, $8) ON CONFLICT (id) DO NOTHING`

	sqlUpdateSession = `UPDATE agency.group_sessions SET held_on = $3, facilitator_id = $4, mood = nullif($5, ''), text_sealed = $6, updated_at = $7,
		updated_by = $8, version = version + 1 WHERE id = $1 AND version = $2`

	// A row keeps its id, with which its words are sealed.
	sqlAttend = `INSERT INTO agency.group_attendance (id, session_id, member_id, was_present, highlight_sealed) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (id) DO UPDATE SET was_present = excluded.was_present, highlight_sealed = excluded.highlight_sealed`

	// Shares the rows of members' records, as writing their attendance does, in the order in
	// which changes of many take them: of two acts over the same people, one waits.
	sqlShare = `SELECT FROM agency.participants WHERE id IN (
		    SELECT participant_id FROM agency.group_members WHERE id = ANY($1)) ORDER BY id FOR SHARE`

	// What is recorded of members of whom the actor may know ($1 to $3), of one session ($4).
	sqlAttendance = `SELECT a.id, a.session_id, a.member_id, a.was_present, a.highlight_sealed
		FROM agency.group_attendance a JOIN agency.group_members m ON m.id = a.member_id
		WHERE a.session_id = $4 AND ` + reached + ` ORDER BY a.id`

	// Sessions of a group ($4), the newest first, with how many came.
	sqlSessions = `SELECT ` + sessionColumns + `, n.present, n.expected
		FROM agency.group_sessions s CROSS JOIN LATERAL (
		    SELECT count(*) FILTER (WHERE a.was_present) AS present, count(*) AS expected
		    FROM agency.group_attendance a JOIN agency.group_members m ON m.id = a.member_id
		    WHERE a.session_id = s.id AND ` + reached + `) n
		WHERE s.group_id = $4 AND s.held_on < $5 ORDER BY s.held_on DESC LIMIT $6`

	// Who came to which session of a group ($4) from a day to another.
	sqlPresence = `SELECT s.id AS session_id, s.held_on, a.member_id, a.was_present
		FROM agency.group_sessions s
		JOIN agency.group_attendance a ON a.session_id = s.id
		JOIN agency.group_members m ON m.id = a.member_id
		WHERE s.group_id = $4 AND s.held_on BETWEEN $5 AND $6 AND ` + reached + ` ORDER BY s.held_on, a.id LIMIT 100000`

	sqlSteps = `SELECT ` + stepColumns + ` FROM agency.group_milestones WHERE group_id = $1 ORDER BY due_on, id`

	sqlStep = `SELECT ` + stepColumns + ` FROM agency.group_milestones WHERE id = $1 AND group_id = $2`

	sqlGroupOfStep = `SELECT group_id FROM agency.group_milestones WHERE id = $1`

	sqlInsertStep = `INSERT INTO agency.group_milestones (id, group_id, kind, name_sealed, text_sealed, status, due_on, updated_at, updated_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO NOTHING`

	sqlUpdateStep = `UPDATE agency.group_milestones SET name_sealed = $3, text_sealed = $4, status = $5, due_on = $6, updated_at = $7, updated_by = $8,
		version = version + 1 WHERE id = $1 AND version = $2`
)

// Of one participant.
const (
	// The logged sessions that she was expected at, in groups of some programs.
	sqlTimeline = `SELECT a.id, s.id AS session_id, s.group_id, g.program_id, g.name_sealed, s.held_on, s.facilitator_id, a.was_present, a.highlight_sealed,
		    (SELECT f.display_name_sealed FROM agency.staff f WHERE f.id = s.facilitator_id) AS facilitator_name_sealed
		FROM agency.group_members m
		JOIN agency.group_attendance a ON a.member_id = m.id
		JOIN agency.group_sessions s ON s.id = a.session_id
		JOIN agency.groups g ON g.id = s.group_id
		WHERE m.participant_id = $1 AND g.program_id = ANY($2) AND s.facilitator_id IS NOT NULL AND (s.held_on, s.id) < ($3, $4)
		ORDER BY s.held_on DESC, s.id DESC LIMIT $5`

	// The groups that she is in, with how often she came since she joined.
	sqlOfParticipant = `SELECT g.id, g.program_id, g.kind, g.name_sealed, m.role,
		    count(a.id) FILTER (WHERE a.was_present) AS present, count(a.id) AS expected
		FROM agency.group_members m JOIN agency.groups g ON g.id = m.group_id
		LEFT JOIN agency.group_attendance a ON a.member_id = m.id
		WHERE m.participant_id = $1 AND g.program_id = ANY($2) AND m.left_on IS NULL AND g.status = 'active'
		GROUP BY g.id, m.id ORDER BY m.joined_on, m.id`
)

type row struct {
	ID          uuid.UUID      `db:"id"`
	Program     uuid.UUID      `db:"program_id"`
	Kind        Kind           `db:"kind"`
	Name        keyring.Sealed `db:"name_sealed"`
	Description keyring.Sealed `db:"description_sealed"`
	Status      Status         `db:"status"`
	CreatedAt   time.Time      `db:"created_at"`
	CreatedBy   *uuid.UUID     `db:"created_by"`
	UpdatedAt   time.Time      `db:"updated_at"`
	UpdatedBy   *uuid.UUID     `db:"updated_by"`
	Version     int            `db:"version"`
}

// byID loads a group, whoever may see it; the caller decides. Whoever goes on to change
// anything of it reads it with sqlLock.
func byID(ctx context.Context, tx *tenancy.Tx, sql string, id uuid.UUID) (Group, error) {
	r, err := tenancy.Row[row](ctx, tx, sql, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return Group{}, fault.Missing()
	}
	if err != nil {
		return Group{}, fmt.Errorf("load group: %w", err)
	}
	o := tx.Box().Opener()
	g := Group{
		ID: r.ID, Program: r.Program, Kind: r.Kind, Name: o.Open(colName, r.ID, r.Name), Description: o.Open(colDescription, r.ID, r.Description),
		Status: r.Status, CreatedAt: r.CreatedAt, CreatedBy: tenancy.Zero(r.CreatedBy), UpdatedAt: r.UpdatedAt, UpdatedBy: tenancy.Zero(r.UpdatedBy), Version: r.Version,
	}
	if err := o.Err(); err != nil {
		return Group{}, fmt.Errorf("open group: %w", err)
	}
	return g, nil
}

// insert adds a group. It says false when there is a row with its id.
func insert(ctx context.Context, tx *tenancy.Tx, g Group) (bool, error) {
	s := tx.Box().Sealer()
	name, description := s.Seal(colName, g.ID, g.Name), s.Seal(colDescription, g.ID, g.Description)
	if err := s.Err(); err != nil {
		return false, fmt.Errorf("seal group: %w", err)
	}
	added, err := tx.Exec(ctx, sqlInsert, g.ID, g.Program, g.Kind, name, description, g.CreatedAt, tenancy.Null(g.CreatedBy))
	if err != nil {
		return false, fmt.Errorf("insert group: %w", err)
	}
	return added == 1, nil
}

// update saves a change made from g.Version; fault.Conflict when somebody was faster.
func update(ctx context.Context, tx *tenancy.Tx, g Group, by uuid.UUID) error {
	s := tx.Box().Sealer()
	name, description := s.Seal(colName, g.ID, g.Name), s.Seal(colDescription, g.ID, g.Description)
	if err := s.Err(); err != nil {
		return fmt.Errorf("seal group: %w", err)
	}
	changed, err := tx.Exec(ctx, sqlUpdate, g.ID, g.Version, g.Kind, name, description, g.Status, tx.Now(), by)
	if err != nil {
		return fmt.Errorf("update group: %w", err)
	}
	if changed == 0 {
		return errLate
	}
	return nil
}

var errLate = fault.New(fault.Conflict, i18n.FaultConflictTitle)

// Listed is a group in a list.
type Listed struct {
	Group
	Members int
	LastOn  civil.Date // zero when it has not met
}

type listRow struct {
	ID      uuid.UUID      `db:"id"`
	Program uuid.UUID      `db:"program_id"`
	Kind    Kind           `db:"kind"`
	Name    keyring.Sealed `db:"name_sealed"`
	Status  Status         `db:"status"`
	Members int            `db:"members"`
	LastOn  civil.Date     `db:"last_on"`
}

// withheld are the participants who have closed their file, or what they do in groups, to
// the actor.
func withheld(actor access.Actor) []uuid.UUID { return actor.Withheld(access.GroupViewRoster) }

// queueList adds the groups of some programs to a page's batch. Members are counted as
// far as the actor may know of them.
func queueList(b *tenancy.Batch, actor access.Actor, programs []uuid.UUID, to *[]listRow) {
	b.Queue(sqlList, tenancy.Into(to), actor.Programs(access.ParticipantViewName), access.ReachingStatuses, withheld(actor), programs)
}

func openList(box *keyring.Box, rows []listRow) ([]Listed, error) {
	o := box.Opener()
	list := make([]Listed, len(rows))
	for i, r := range rows {
		list[i] = Listed{Group: Group{ID: r.ID, Program: r.Program, Kind: r.Kind, Name: o.Open(colName, r.ID, r.Name), Status: r.Status}, Members: r.Members, LastOn: r.LastOn}
	}
	if err := o.Err(); err != nil {
		return nil, fmt.Errorf("open groups: %w", err)
	}
	return list, nil
}

type stepRow struct {
	ID        uuid.UUID      `db:"id"`
	Group     uuid.UUID      `db:"group_id"`
	Kind      StepKind       `db:"kind"`
	Name      keyring.Sealed `db:"name_sealed"`
	Text      keyring.Sealed `db:"text_sealed"`
	Progress  Progress       `db:"status"`
	DueOn     civil.Date     `db:"due_on"`
	UpdatedAt time.Time      `db:"updated_at"`
	Version   int            `db:"version"`
}

func openSteps(box *keyring.Box, rows []stepRow) ([]Step, error) {
	o := box.Opener()
	steps := make([]Step, len(rows))
	for i, r := range rows {
		steps[i] = Step{ID: r.ID, Group: r.Group, Kind: r.Kind, Name: o.Open(colStep, r.ID, r.Name), Text: o.Open(colStepText, r.ID, r.Text),
			Progress: r.Progress, DueOn: r.DueOn, UpdatedAt: r.UpdatedAt, Version: r.Version}
	}
	if err := o.Err(); err != nil {
		return nil, fmt.Errorf("open steps: %w", err)
	}
	return steps, nil
}

// stepOf loads a step of a group; fault.NotFound when it has none with this id.
func stepOf(ctx context.Context, tx *tenancy.Tx, group, id uuid.UUID) (Step, error) {
	rows, err := tenancy.Rows[stepRow](ctx, tx, sqlStep, id, group)
	if err != nil {
		return Step{}, fmt.Errorf("load step: %w", err)
	}
	if len(rows) == 0 {
		return Step{}, fault.Missing()
	}
	steps, err := openSteps(tx.Box(), rows)
	if err != nil {
		return Step{}, err
	}
	return steps[0], nil
}

// saveStep adds a step (version 0) or saves a change made from its version. It says false
// when there is a row with the new one's id, or somebody was faster.
func saveStep(ctx context.Context, tx *tenancy.Tx, step Step, by uuid.UUID) (bool, error) {
	s := tx.Box().Sealer()
	name, text := s.Seal(colStep, step.ID, step.Name), s.Seal(colStepText, step.ID, step.Text)
	if err := s.Err(); err != nil {
		return false, fmt.Errorf("seal step: %w", err)
	}
	var changed int64
	var err error
	if step.Version == 0 {
		changed, err = tx.Exec(ctx, sqlInsertStep, step.ID, step.Group, step.Kind, name, text, step.Progress, step.DueOn, tx.Now(), by)
	} else {
		changed, err = tx.Exec(ctx, sqlUpdateStep, step.ID, step.Version, name, text, step.Progress, step.DueOn, tx.Now(), by)
	}
	if err != nil {
		return false, fmt.Errorf("save step: %w", err)
	}
	return changed == 1, nil
}
