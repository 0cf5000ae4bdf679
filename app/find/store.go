package find

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/civil"
	"konote/app/program"
	"konote/keyring"
	"konote/tenancy"
)

// The sealed columns that can be searched or are shown in results: the same as in
// package participant, which writes them.
var (
	colFirst     = keyring.Column{Table: "participants", Name: "first_name", Pad: keyring.Identity}
	colPreferred = keyring.Column{Table: "participants", Name: "preferred_name", Pad: keyring.Identity}
	colMiddle    = keyring.Column{Table: "participants", Name: "middle_name", Pad: keyring.Identity}
	colLast      = keyring.Column{Table: "participants", Name: "last_name", Pad: keyring.Identity}
	colBirth     = keyring.Column{Table: "participants", Name: "birth_date", Pad: keyring.Identity}
	colPhone     = keyring.Column{Table: "participants", Name: "phone", Pad: keyring.Identity}
	colRecord    = keyring.Column{Table: "participants", Name: "record_id", Pad: keyring.Identity}
)

// What the index reads, in the order of the constants of rawPerson. The last column says
// that this transaction itself wrote the row.
const columns = `id, last_name_sealed, first_name_sealed, preferred_name_sealed, middle_name_sealed, record_id_sealed,
	phone_sealed, birth_date_sealed, search_epoch, xmin IS NOT DISTINCT FROM pg_current_xact_id_if_assigned()::xid`

const (
	sqlEverybody = `SELECT ` + columns + ` FROM agency.participants`

	// The limit has the planner use the index of epochs, whatever it thinks of $1.
	sqlChanged = `SELECT ` + columns + ` FROM agency.participants
		WHERE search_epoch > $1 ORDER BY search_epoch LIMIT $2`

	sqlPlaces = `SELECT participant_id, program_id, status <> $2 FROM agency.enrolments WHERE status = ANY($1)`

	sqlPlacesOf = sqlPlaces + ` AND participant_id = ANY($3)`

	// Takes the next epoch before it touches any participant: see Touch.
	sqlTouch = `WITH next AS (
		    UPDATE agency.search_epoch SET n = n + 1 RETURNING n),
		stamped AS (
		    UPDATE agency.participants SET search_epoch = next.n FROM next WHERE id = ANY($1))
		SELECT n FROM next`

	sqlHits = `SELECT p.id, p.last_name_sealed, p.first_name_sealed, p.preferred_name_sealed, p.middle_name_sealed,
		    p.record_id_sealed, p.phone_sealed, p.birth_date_sealed, enrolled.programs, enrolled.statuses
		FROM agency.participants p
		CROSS JOIN LATERAL (SELECT array_agg(e.program_id) AS programs, array_agg(e.status) AS statuses
		    FROM agency.enrolments e WHERE e.participant_id = p.id) enrolled
		WHERE p.id = ANY($1)`
)

// Touch takes the next epoch of what can be searched, stamps the given participants with
// it, and returns it. Every transaction that changes a name, record id, phone number,
// birth date or enrolment calls it: without participants where the row is inserted or
// updated with the epoch afterwards (one epoch may stamp many rows of a transaction).
//
// The epoch stays locked until the transaction ends, so that epochs become visible in
// their order. Touch before the transaction locks or updates a participant; otherwise two
// transactions may wait for each other.
func Touch(ctx context.Context, tx *tenancy.Tx, participants ...uuid.UUID) (int64, error) {
	if participants == nil {
		participants = []uuid.UUID{}
	}
	var epoch int64
	if err := tx.QueryRow(ctx, sqlTouch, participants).Scan(&epoch); err != nil {
		return 0, fmt.Errorf("take the next search epoch: %w", err)
	}
	return epoch, nil
}

type hitRow struct {
	ID        uuid.UUID                `db:"id"`
	Last      keyring.Sealed           `db:"last_name_sealed"`
	First     keyring.Sealed           `db:"first_name_sealed"`
	Preferred keyring.Sealed           `db:"preferred_name_sealed"`
	Middle    keyring.Sealed           `db:"middle_name_sealed"`
	Record    keyring.Sealed           `db:"record_id_sealed"`
	Phone     keyring.Sealed           `db:"phone_sealed"`
	Birth     keyring.Sealed           `db:"birth_date_sealed"`
	Programs  []uuid.UUID              `db:"programs"`
	Statuses  []access.EnrolmentStatus `db:"statuses"`
}

// load opens what was found, in the order of the matches. It asks once more whether the
// actor reaches each person: what the index says never shows a name by itself.
func load(ctx context.Context, tx *tenancy.Tx, actor access.Actor, matches []match) ([]Hit, error) {
	if len(matches) == 0 {
		return nil, nil
	}
	ids := make([]uuid.UUID, len(matches))
	for i, m := range matches {
		ids[i] = m.id
	}
	var rows []hitRow
	var programs []program.Program
	b := tx.Batch()
	b.Queue(sqlHits, tenancy.Into(&rows), ids)
	program.Queue(b, &programs)
	if err := b.Send(ctx); err != nil {
		return nil, fmt.Errorf("load who was found: %w", err)
	}

	byID := make(map[uuid.UUID]hitRow, len(rows))
	for _, row := range rows {
		byID[row.ID] = row
	}
	o := tx.Box().Opener()
	hits := make([]Hit, 0, len(matches))
	for _, m := range matches {
		row, ok := byID[m.id]
		if !ok {
			continue
		}
		through := actor.Reaches(row.enrolments(), access.ParticipantViewName)
		if len(through) == 0 {
			continue
		}
		hit := row.open(o, actor, through)
		hit.Matched, hit.Near = m.fields&^guessed, m.fields&guessed != 0
		hit.Programs = row.programs(actor, programs)
		hits = append(hits, hit)
	}
	if err := o.Err(); err != nil {
		return nil, fmt.Errorf("open who was found: %w", err)
	}
	return hits, nil
}

func (r hitRow) enrolments() []access.Enrolment {
	list := make([]access.Enrolment, len(r.Programs))
	for i, program := range r.Programs {
		list[i] = access.Enrolment{Program: program, Status: r.Statuses[i]}
	}
	return list
}

// open leaves out what the actor's roles do not see.
func (r hitRow) open(o *keyring.Opener, actor access.Actor, through []uuid.UUID) Hit {
	sees := func(field access.Field) bool { return actor.FieldOf(through, field) >= access.FieldView }
	hit := Hit{
		ID:    r.ID,
		First: o.Open(colFirst, r.ID, r.First), Last: o.Open(colLast, r.ID, r.Last), Record: o.Open(colRecord, r.ID, r.Record),
	}
	if sees(access.FieldPreferredName) {
		hit.Preferred = o.Open(colPreferred, r.ID, r.Preferred)
	}
	if sees(access.FieldMiddleName) {
		hit.Middle = o.Open(colMiddle, r.ID, r.Middle)
	}
	if sees(access.FieldPhone) {
		hit.Phone = o.Open(colPhone, r.ID, r.Phone)
	}
	if sees(access.FieldBirthDate) {
		hit.BirthDate, _ = civil.Parse(o.Open(colBirth, r.ID, r.Birth)) // no date when there is none
	}
	return hit
}

// programs are those that the person is in and the actor may see, or was in when there
// are none of these.
func (r hitRow) programs(actor access.Actor, all []program.Program) []program.Program {
	var now, before []program.Program
	for _, p := range all {
		if !actor.Sees(p.ID) {
			continue
		}
		is, was := false, false
		for i, id := range r.Programs {
			is = is || (id == p.ID && isCurrent(r.Statuses[i]))
			was = was || (id == p.ID && r.Statuses[i] == access.Finished)
		}
		if is {
			now = append(now, p)
		} else if was {
			before = append(before, p)
		}
	}
	if len(now) > 0 {
		return now
	}
	return before
}

func isCurrent(status access.EnrolmentStatus) bool {
	return status != access.Finished && status != access.Cancelled
}
