package circle

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/app/access"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/participant"
	"konote/keyring"
	"konote/tenancy"
)

// The sealed columns.
var (
	colName         = keyring.Column{Table: "circles", Name: "name", Pad: keyring.Identity}
	colMember       = keyring.Column{Table: "circle_members", Name: "name", Pad: keyring.Identity}
	colRelationship = keyring.Column{Table: "circle_members", Name: "relationship", Pad: keyring.Identity}
)

const (
	columns = `c.id, c.program_id, c.name_sealed, c.status, c.created_at, c.created_by, c.version, p.is_confidential`

	// The programs through which the actor reaches a member m who is a participant: $1 are
	// the programs where she sees circles, $2 the statuses of enrolments that count, $3 who has
	// closed it to her.
	through = `(SELECT array_agg(e.program_id) FROM agency.enrolments e
		WHERE e.participant_id = m.participant_id AND e.participant_id <> ALL($3) AND e.program_id = ANY($1) AND e.status = ANY($2))`

	// A circle c, kept in program p, that exists for the actor.
	visible = `(NOT p.is_confidential OR p.id = ANY($1)) AND (SELECT count(*) >= 2 AND count(m.participant_id) >= 1 FROM agency.circle_members m
		WHERE m.circle_id = c.id AND m.left_at IS NULL AND (m.participant_id IS NULL OR m.participant_id <> ALL($3) AND EXISTS (SELECT FROM agency.enrolments e
		    WHERE e.participant_id = m.participant_id AND e.program_id = ANY($1) AND e.status = ANY($2))))`

	seenCircles = `SELECT ` + columns + ` FROM agency.circles c JOIN agency.programs p ON p.id = c.program_id WHERE ` + visible
)

const (
	sqlByID = seenCircles + ` AND c.id = $4`

	sqlLock = sqlByID + ` FOR UPDATE OF c`

	sqlThere = `SELECT EXISTS (SELECT FROM agency.circles WHERE id = $1)`

	sqlList = seenCircles + ` AND c.status = $4 AND c.id < $5 ORDER BY c.id DESC LIMIT $6`

	sqlNames = seenCircles + ` AND c.id = ANY($4)`

	// The active ones that a participant ($4) is in and is seen in.
	sqlOf = seenCircles + ` AND c.status = 'active' AND EXISTS (SELECT FROM agency.circle_members o
		JOIN agency.enrolments oe ON oe.participant_id = o.participant_id
		WHERE o.circle_id = c.id AND o.participant_id = $4 AND o.participant_id <> ALL($3) AND o.left_at IS NULL AND oe.program_id = ANY($1) AND oe.status = ANY($2))
		ORDER BY c.id LIMIT 50`

	// The members of circles ($4) who are shown.
	sqlMembers = `SELECT members.id, members.circle_id, members.participant_id, members.name_sealed, members.relationship_sealed,
		    members.is_primary_contact, members.joined_at, members.through
		FROM (SELECT m.id, m.circle_id, m.participant_id, m.name_sealed, m.relationship_sealed, m.is_primary_contact, m.joined_at, ` + through + ` AS through
		    FROM agency.circle_members m WHERE m.circle_id = ANY($4) AND m.left_at IS NULL) members
		WHERE members.participant_id IS NULL OR members.through IS NOT NULL
		ORDER BY members.is_primary_contact DESC, members.participant_id IS NULL, members.joined_at, members.id`

	// Everybody whom the actor reaches, for a picker.
	sqlPeople = `SELECT DISTINCT e.participant_id AS id FROM agency.enrolments e
		WHERE e.program_id = ANY($1) AND e.status = ANY($2) AND e.participant_id <> ALL($3)`

	// Of some people ($4), those whom the actor reaches through a program that is not
	// confidential.
	sqlOpenly = `SELECT DISTINCT e.participant_id AS id FROM agency.enrolments e JOIN agency.programs p ON p.id = e.program_id
		WHERE e.participant_id = ANY($4) AND e.participant_id <> ALL($3) AND e.program_id = ANY($1) AND e.status = ANY($2) AND NOT p.is_confidential`

	sqlInsert = `INSERT INTO agency.circles (id, program_id, name_sealed, created_at, created_by, updated_at, updated_by)
		VALUES ($1, $2, $3, $4, $5, $4, $5) ON CONFLICT (id) DO NOTHING`

	sqlUpdate = `UPDATE agency.circles SET name_sealed = $3, status = $4, updated_at = $5, updated_by = $6, version = version + 1
		WHERE id = $1 AND version = $2`

	// Nothing is added when she is in it already.
	sqlInsertMember = `INSERT INTO agency.circle_members (id, circle_id, participant_id, name_sealed, relationship_sealed, is_primary_contact, joined_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`

	sqlUpdateMember = `UPDATE agency.circle_members SET relationship_sealed = $2, is_primary_contact = $3 WHERE id = $1`

	sqlRemoveMember = `UPDATE agency.circle_members SET left_at = $2 WHERE id = $1 AND left_at IS NULL`
)

type row struct {
	ID           uuid.UUID      `db:"id"`
	Program      uuid.UUID      `db:"program_id"`
	Name         keyring.Sealed `db:"name_sealed"`
	Status       Status         `db:"status"`
	CreatedAt    time.Time      `db:"created_at"`
	CreatedBy    *uuid.UUID     `db:"created_by"`
	Version      int            `db:"version"`
	Confidential bool           `db:"is_confidential"`
}

func (r row) open(o *keyring.Opener) Circle {
	return Circle{ID: r.ID, Program: r.Program, Confidential: r.Confidential, Name: o.Open(colName, r.ID, r.Name), Status: r.Status,
		CreatedAt: r.CreatedAt, CreatedBy: tenancy.Zero(r.CreatedBy), Version: r.Version}
}

type memberRow struct {
	ID           uuid.UUID      `db:"id"`
	Circle       uuid.UUID      `db:"circle_id"`
	Participant  *uuid.UUID     `db:"participant_id"`
	Name         keyring.Sealed `db:"name_sealed"`
	Relationship keyring.Sealed `db:"relationship_sealed"`
	Primary      bool           `db:"is_primary_contact"`
	JoinedAt     time.Time      `db:"joined_at"`
	Through      []uuid.UUID    `db:"through"`
}

// withheld are the participants who have closed their file, or the circles they are in, to
// the actor.
func withheld(actor access.Actor) []uuid.UUID { return actor.Withheld(access.CircleView) }

// openRows opens circles with those in them whom the actor is shown, two statements
// however many there are.
func openRows(ctx context.Context, tx *tenancy.Tx, actor access.Actor, rows []row) ([]seen, error) {
	ids := make([]uuid.UUID, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	found, err := tenancy.Rows[memberRow](ctx, tx, sqlMembers, actor.Programs(access.CircleView), access.ReachingStatuses, withheld(actor), ids)
	if err != nil {
		return nil, fmt.Errorf("load members of circles: %w", err)
	}
	var people []uuid.UUID
	for _, m := range found {
		if m.Participant != nil {
			people = append(people, *m.Participant)
		}
	}
	names, err := participant.Names(ctx, tx, asViewer(actor), people)
	if err != nil {
		return nil, err
	}
	o := tx.Box().Opener()
	circles := make([]seen, len(rows))
	for i, r := range rows {
		circles[i] = seen{Circle: r.open(o), actor: actor}
		for _, m := range found {
			if m.Circle != r.ID {
				continue
			}
			member := Member{ID: m.ID, Circle: m.Circle, Participant: tenancy.Zero(m.Participant), Relationship: o.Open(colRelationship, m.ID, m.Relationship),
				Primary: m.Primary, JoinedAt: m.JoinedAt, through: m.Through}
			if m.Participant == nil {
				member.Name = o.Open(colMember, m.ID, m.Name)
			} else {
				member.Name = names[*m.Participant].FullName
			}
			circles[i].Members = append(circles[i].Members, member)
		}
	}
	if err := o.Err(); err != nil {
		return nil, fmt.Errorf("open circles: %w", err)
	}
	return circles, nil
}

// load loads a circle that the actor sees; fault.NotFound for any other. Whoever goes on
// to change it reads it with sqlLock.
func load(ctx context.Context, tx *tenancy.Tx, actor access.Actor, sql string, id uuid.UUID) (seen, error) {
	rows, err := tenancy.Rows[row](ctx, tx, sql, actor.Programs(access.CircleView), access.ReachingStatuses, withheld(actor), id)
	if err != nil {
		return seen{}, fmt.Errorf("load circle: %w", err)
	}
	if len(rows) == 0 {
		var there bool
		if err := tx.QueryRow(ctx, sqlThere, id).Scan(&there); err != nil {
			return seen{}, fmt.Errorf("look for a circle: %w", err)
		}
		if there {
			return seen{}, fault.Refused()
		}
		return seen{}, fault.Missing()
	}
	circles, err := openRows(ctx, tx, actor, rows)
	if err != nil {
		return seen{}, err
	}
	return circles[0], nil
}

const pageSize = 30

// list is one page of the circles that the actor sees, the newest first, after a circle
// (uuid.Nil: from the beginning), and after which one the next page begins.
func list(ctx context.Context, tx *tenancy.Tx, actor access.Actor, status Status, after uuid.UUID) ([]seen, uuid.UUID, error) {
	if after == uuid.Nil {
		after = uuid.Max
	}
	rows, err := tenancy.Rows[row](ctx, tx, sqlList, actor.Programs(access.CircleView), access.ReachingStatuses, withheld(actor), status, after, pageSize+1)
	if err != nil {
		return nil, uuid.Nil, fmt.Errorf("list circles: %w", err)
	}
	next := uuid.Nil
	if len(rows) > pageSize {
		rows = rows[:pageSize]
		next = rows[pageSize-1].ID
	}
	circles, err := openRows(ctx, tx, actor, rows)
	return circles, next, err
}

// A Choice is a circle by its name.
type Choice struct {
	ID   uuid.UUID
	Name string
}

// Choices are circles as they came from the database.
type Choices struct{ rows []row }

// Options adds the active circles of a participant that the actor sees to a page's batch:
// what a note about her may be about. Anything else that is sent is no choice.
func Options(b *tenancy.Batch, participant uuid.UUID, actor access.Actor) *Choices {
	c := &Choices{}
	b.Queue(sqlOf, tenancy.Into(&c.rows), actor.Programs(access.CircleView), access.ReachingStatuses, withheld(actor), participant)
	return c
}

// QueueNames adds those of some circles that the actor sees, archived ones too, to a
// page's batch. What is not among them is not mentioned.
func QueueNames(b *tenancy.Batch, actor access.Actor, ids []uuid.UUID) *Choices {
	c := &Choices{}
	b.Queue(sqlNames, tenancy.Into(&c.rows), actor.Programs(access.CircleView), access.ReachingStatuses, withheld(actor), ids)
	return c
}

// Open opens them.
func (c *Choices) Open(box *keyring.Box) ([]Choice, error) {
	o := box.Opener()
	choices := make([]Choice, len(c.rows))
	for i, r := range c.rows {
		choices[i] = Choice{ID: r.ID, Name: o.Open(colName, r.ID, r.Name)}
	}
	if err := o.Err(); err != nil {
		return nil, fmt.Errorf("open circles: %w", err)
	}
	return choices, nil
}

type idRow struct {
	ID uuid.UUID `db:"id"`
}

// people are all whom the actor reaches where she sees circles, by id.
func people(ctx context.Context, tx *tenancy.Tx, actor access.Actor) (map[uuid.UUID]participant.Named, error) {
	rows, err := tenancy.Rows[idRow](ctx, tx, sqlPeople, actor.Programs(access.CircleView), access.ReachingStatuses, withheld(actor))
	if err != nil {
		return nil, fmt.Errorf("find people for a circle: %w", err)
	}
	ids := make([]uuid.UUID, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	return participant.Names(ctx, tx, asViewer(actor), ids)
}

// knownOpenly says whether the actor reaches all of them through programs that are not
// confidential.
func knownOpenly(ctx context.Context, tx *tenancy.Tx, actor access.Actor, ids []uuid.UUID) (bool, error) {
	rows, err := tenancy.Rows[idRow](ctx, tx, sqlOpenly, actor.Programs(access.CircleView), access.ReachingStatuses, withheld(actor), ids)
	if err != nil {
		return false, fmt.Errorf("ask how people are known: %w", err)
	}
	return len(rows) == len(ids), nil
}

// insert adds a circle. It says false when there is a row with its id.
func insert(ctx context.Context, tx *tenancy.Tx, c Circle) (bool, error) {
	name, err := tx.Box().Seal(colName, c.ID, c.Name)
	if err != nil {
		return false, fmt.Errorf("seal circle: %w", err)
	}
	added, err := tx.Exec(ctx, sqlInsert, c.ID, c.Program, name, c.CreatedAt, c.CreatedBy)
	if err != nil {
		return false, fmt.Errorf("insert circle: %w", err)
	}
	return added == 1, nil
}

// update saves a change of name and status made from c.Version; fault.Conflict when
// somebody was faster.
func update(ctx context.Context, tx *tenancy.Tx, c Circle, by uuid.UUID) error {
	name, err := tx.Box().Seal(colName, c.ID, c.Name)
	if err != nil {
		return fmt.Errorf("seal circle: %w", err)
	}
	changed, err := tx.Exec(ctx, sqlUpdate, c.ID, c.Version, name, c.Status, tx.Now(), by)
	if err != nil {
		return fmt.Errorf("update circle: %w", err)
	}
	if changed == 0 {
		return errLate
	}
	return nil
}

var errLate = fault.New(fault.Conflict, i18n.FaultConflictTitle)

// addMember adds somebody. It says false when she is in the circle already.
func addMember(ctx context.Context, tx *tenancy.Tx, m Member) (bool, error) {
	s := tx.Box().Sealer()
	var name keyring.Sealed
	if !m.IsParticipant() {
		name = s.Seal(colMember, m.ID, m.Name)
	}
	relationship := s.Seal(colRelationship, m.ID, m.Relationship)
	if err := s.Err(); err != nil {
		return false, fmt.Errorf("seal member of a circle: %w", err)
	}
	added, err := tx.Exec(ctx, sqlInsertMember, m.ID, m.Circle, tenancy.Null(m.Participant), name, relationship, m.Primary, m.JoinedAt)
	if err != nil {
		return false, fmt.Errorf("insert member of a circle: %w", err)
	}
	return added == 1, nil
}

func updateMember(ctx context.Context, tx *tenancy.Tx, m Member) error {
	relationship, err := tx.Box().Seal(colRelationship, m.ID, m.Relationship)
	if err != nil {
		return fmt.Errorf("seal member of a circle: %w", err)
	}
	if _, err := tx.Exec(ctx, sqlUpdateMember, m.ID, relationship, m.Primary); err != nil {
		return fmt.Errorf("update member of a circle: %w", err)
	}
	return nil
}

func removeMember(ctx context.Context, tx *tenancy.Tx, id uuid.UUID) error {
	if _, err := tx.Exec(ctx, sqlRemoveMember, id, tx.Now()); err != nil {
		return fmt.Errorf("remove member of a circle: %w", err)
	}
	return nil
}

// Past is a circle with its members, for demo data.
type Past struct {
	Circle
	Members []Member
}

// Bulk adds many circles by COPY, for demo data: it checks nothing and records nothing.
func Bulk(ctx context.Context, tx *tenancy.Tx, circles []Past) error {
	s := tx.Box().Sealer()
	var rows, members [][]any
	for _, c := range circles {
		rows = append(rows, []any{c.ID, c.Program, s.Seal(colName, c.ID, c.Name), c.Status, c.CreatedAt, tenancy.Null(c.CreatedBy), c.CreatedAt})
		for _, m := range c.Members {
			var name keyring.Sealed
			if !m.IsParticipant() {
				name = s.Seal(colMember, m.ID, m.Name)
			}
			members = append(members, []any{m.ID, c.ID, tenancy.Null(m.Participant), name, s.Seal(colRelationship, m.ID, m.Relationship), m.Primary, c.CreatedAt})
		}
	}
	if err := s.Err(); err != nil {
		return fmt.Errorf("seal circles: %w", err)
	}
	if _, err := tx.Copy(ctx, "circles", []string{"id", "program_id", "name_sealed", "status", "created_at", "created_by", "updated_at"}, pgx.CopyFromRows(rows)); err != nil {
		return fmt.Errorf("copy circles: %w", err)
	}
	columns := []string{"id", "circle_id", "participant_id", "name_sealed", "relationship_sealed", "is_primary_contact", "joined_at"}
	if _, err := tx.Copy(ctx, "circle_members", columns, pgx.CopyFromRows(members)); err != nil {
		return fmt.Errorf("copy members of circles: %w", err)
	}
	return nil
}
