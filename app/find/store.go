package find

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"konote/app/access"
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
	colGuarded   = keyring.Column{Table: "participants", Name: "guarded", Pad: keyring.Identity} // "yes" or "no"
)

// isGuarded is what colGuarded says of people whose whereabouts are kept safe.
const isGuarded = "yes"

// What the index reads, in the order of the constants of rawPerson. The last column says
// that this transaction itself wrote the row.
const columns = `id, last_name_sealed, first_name_sealed, preferred_name_sealed, middle_name_sealed, record_id_sealed,
	phone_sealed, birth_date_sealed, guarded_sealed, search_epoch, xmin IS NOT DISTINCT FROM pg_current_xact_id_if_assigned()::xid`

const (
	sqlEverybody = `SELECT ` + columns + ` FROM agency.participants`

	// The limit has the planner use the index of epochs, whatever it thinks of $1.
	sqlChanged = `SELECT ` + columns + ` FROM agency.participants
		WHERE search_epoch > $1 ORDER BY search_epoch LIMIT $2`

	sqlPlaces = `SELECT participant_id, program_id, status <> $2 FROM agency.enrolments WHERE status = ANY($1)`

	sqlPlacesOf = sqlPlaces + ` AND participant_id = ANY($3)`

	// Takes the next epoch before it touches any participant, and these in the order of their
	// ids: see Touch.
	sqlTouch = `WITH next AS (
		    UPDATE agency.search_epoch SET n = n + 1 RETURNING n),
		held AS MATERIALIZED (
		    SELECT p.id FROM next CROSS JOIN agency.participants p WHERE p.id = ANY($1) ORDER BY p.id FOR NO KEY UPDATE OF p),
		stamped AS (
		    UPDATE agency.participants p SET search_epoch = next.n FROM next, held WHERE p.id = held.id)
		SELECT n FROM next`

	sqlSome = `SELECT ` + columns + ` FROM agency.participants WHERE id = ANY($1)`

	sqlEnrolmentsOf = `SELECT participant_id, program_id, status FROM agency.enrolments WHERE participant_id = ANY($1)`
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

// opened is who was found, as the database knows them.
type opened struct {
	actor      access.Actor
	matches    []match
	enrolments map[uuid.UUID][]access.Enrolment
	byID       map[uuid.UUID]Hit
}

// queueHits opens what was found. It asks once more whether the actor reaches each person:
// what the index says never shows a name by itself.
func queueHits(b *tenancy.Batch, tx *tenancy.Tx, actor access.Actor, matches []match) *opened {
	o := &opened{actor: actor, matches: matches}
	if len(matches) == 0 {
		return o
	}
	o.enrolments, o.byID = make(map[uuid.UUID][]access.Enrolment, len(matches)), make(map[uuid.UUID]Hit, len(matches))
	ids := make([][16]byte, len(matches)) // pgx would write a uuid.UUID as text first
	for i, m := range matches {
		ids[i] = m.id
	}
	b.Queue(sqlEnrolmentsOf, func(rows pgx.Rows) error {
		return eachRaw(rows, func(raw [][]byte) error {
			id := uuid.UUID(raw[0])
			o.enrolments[id] = append(o.enrolments[id], access.Enrolment{Program: uuid.UUID(raw[1]), Status: access.EnrolmentStatus(raw[2])})
			return nil
		})
	}, ids)
	b.Queue(sqlSome, func(rows pgx.Rows) error {
		return eachRaw(rows, func(raw [][]byte) error {
			row := rawPerson(raw)
			hit, err := row.hit(tx.Box(), actor, o.enrolments[row.id()])
			o.byID[row.id()] = hit
			return err
		})
	}, ids)
	return o
}

// hits are in the order of the matches.
func (o *opened) hits() []Hit {
	if len(o.matches) == 0 {
		return nil
	}
	hits := make([]Hit, 0, len(o.matches))
	for _, m := range o.matches {
		hit := o.byID[m.id]
		if hit.ID == uuid.Nil { // out of reach since the index was asked
			continue
		}
		hit.Matched, hit.Near = m.fields&^guessed, m.fields&guessed != 0
		hit.Programs = programsOf(o.actor, o.enrolments[m.id])
		hits = append(hits, hit)
	}
	return hits
}

// eachRaw reads rows as the database sent them, in binary. What f gets is valid until it
// returns.
func eachRaw(rows pgx.Rows, f func([][]byte) error) error {
	defer rows.Close()
	for _, field := range rows.FieldDescriptions() {
		if field.Format != pgx.BinaryFormatCode && field.DataTypeOID != pgtype.TextOID { // a text is the same in both
			return fmt.Errorf("column %s does not come in binary", field.Name)
		}
	}
	for rows.Next() {
		if err := f(rows.RawValues()); err != nil {
			return err
		}
	}
	return rows.Err()
}

// programsOf are those that a person is in and the actor may see, or was in when there
// are none of these.
func programsOf(actor access.Actor, enrolments []access.Enrolment) []uuid.UUID {
	var now, before []uuid.UUID
	for _, e := range enrolments {
		if !actor.MayIn(e.Program, access.ParticipantViewName) {
			continue
		}
		switch e.Status {
		case access.Cancelled:
		case access.Finished:
			before = append(before, e.Program)
		default:
			now = append(now, e.Program)
		}
	}
	if len(now) > 0 {
		return now
	}
	return before
}
