package caseload

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/app/access"
	"konote/app/civil"
	"konote/app/fault"
	"konote/app/program"
	"konote/app/staff"
	"konote/keyring"
	"konote/tenancy"
)

const pageLength = 50

// Lists. $1 are the programs in which the actor may change enrolments, $2 the statuses, $3
// the worker (”: anybody, 'none': nobody), $4 the day since which nobody has written there
// (NULL: no matter), $5 who has closed her file, or what such a day tells, to the actor.
const (
	matching = ` FROM agency.enrolments e
		WHERE e.program_id = ANY($1) AND e.status = ANY($2) AND e.participant_id <> ALL($5)
		  AND NOT EXISTS (SELECT FROM agency.participants p WHERE p.id = e.participant_id AND p.consent = 'withdrawn')
		  AND ($3 = '' OR $3 = 'none' AND e.worker_id IS NULL OR e.worker_id::text = $3)
		  AND ($4::date IS NULL OR (coalesce(e.started_on, '-infinity') < $4 AND NOT EXISTS (
		      SELECT FROM agency.notes n WHERE n.participant_id = e.participant_id AND n.program_id = e.program_id
		          AND n.happened_on >= $4 AND n.cancelled_at IS NULL)))`

	sqlCount = `SELECT count(*) AS n` + matching

	// Who has waited longest for a note comes first, as far as the actor may read notes ($6: in
	// which programs, $7: those that are closed to her).
	sqlPage = `SELECT found.id, found.participant_id, found.program_id, found.status, found.version, found.last_on,
		    coalesce(found.worker_id, '00000000-0000-0000-0000-000000000000') AS worker_id, w.display_name_sealed AS worker_name_sealed
		FROM (SELECT e.id, e.participant_id, e.program_id, e.status, e.version, e.worker_id, coalesce((
		          SELECT n.happened_on FROM agency.notes n
		          WHERE n.participant_id = e.participant_id AND n.program_id = e.program_id AND n.cancelled_at IS NULL
		              AND n.program_id = ANY($6) AND n.participant_id <> ALL($7) AND n.id <> ALL($7)
		          ORDER BY n.happened_on DESC, n.id DESC LIMIT 1), DATE '0001-01-01') AS last_on` + matching + `) found
		LEFT JOIN agency.staff w ON w.id = found.worker_id
		WHERE (found.last_on, found.id) > ($8, $9) ORDER BY found.last_on, found.id LIMIT $10`

	sqlAll = `SELECT e.id` + matching + ` ORDER BY e.id LIMIT $6`

	// Who may be said to work with participants of these programs: whose role ($2) writes notes.
	sqlTeams = `SELECT r.program_id, s.id, s.display_name_sealed
		FROM agency.program_roles r JOIN agency.staff s ON s.id = r.staff_id
		WHERE r.program_id = ANY($1) AND r.status = 'active' AND r.role = ANY($2) AND s.status = 'active'`

	// Which of these people have an open enrolment in the program.
	sqlThere = `SELECT e.participant_id AS id FROM agency.enrolments e
		WHERE e.program_id = $1 AND e.participant_id = ANY($2) AND e.status IN ('planned', 'waitlist', 'active', 'on_hold')`

	// About which of these people something was written in the program since a transfer.
	sqlWritten = `SELECT n.participant_id AS id FROM agency.notes n WHERE n.participant_id = ANY($1) AND n.program_id = $2 AND n.created_at >= $3
		UNION SELECT s.participant_id FROM agency.plan_sections s WHERE s.participant_id = ANY($1) AND s.program_id = $2 AND s.created_at >= $3
		UNION SELECT v.participant_id FROM agency.events v WHERE v.participant_id = ANY($1) AND v.program_id = $2 AND v.created_at >= $3
		UNION SELECT a.participant_id FROM agency.alerts a WHERE a.participant_id = ANY($1) AND a.program_id = $2 AND a.created_at >= $3
		UNION SELECT c.participant_id FROM agency.contacts c WHERE c.participant_id = ANY($1) AND c.program_id = $2 AND c.created_at >= $3
		UNION SELECT m.participant_id FROM agency.messages m WHERE m.participant_id = ANY($1) AND m.program_id = $2 AND m.created_at >= $3`

	sqlInsert = `INSERT INTO agency.bulk_changes (id, kind, staff_id, before, left_out, created_at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (id) DO NOTHING`

	sqlByID = `SELECT id, kind, staff_id, before, left_out, created_at, undone_at FROM agency.bulk_changes WHERE id = $1`

	// Nobody takes a change back twice.
	sqlUndone = `UPDATE agency.bulk_changes SET undone_at = $2, left_out = $3 WHERE id = $1 AND undone_at IS NULL`
)

// listed is one enrolment in the list.
type listed struct {
	ID           uuid.UUID              `db:"id"`
	Participant  uuid.UUID              `db:"participant_id"`
	Program      uuid.UUID              `db:"program_id"`
	Status       access.EnrolmentStatus `db:"status"`
	Version      int                    `db:"version"`
	LastOn       civil.Date             `db:"last_on"`
	Worker       uuid.UUID              `db:"worker_id"`
	WorkerSealed keyring.Sealed         `db:"worker_name_sealed"`
	WorkerName   string                 `db:"-"`
}

// never stands for the day of a note that there is not.
var never = civil.Date{Year: 1, Month: time.January, Day: 1}

// place is where a page begins: after this day and enrolment.
type place struct {
	Day civil.Date
	ID  uuid.UUID
}

type idRow struct {
	ID uuid.UUID `db:"id"`
}

type countRow struct {
	N int `db:"n"`
}

// queuePage adds one page of the list, and how many there are in all, to a batch.
func queuePage(b *tenancy.Batch, f filter, s scope, count *countRow, rows *[]listed) {
	after := f.After
	if after == (place{}) {
		after.Day = never
	}
	b.Queue(sqlCount, tenancy.IntoOne(count), s.args()...)
	b.Queue(sqlPage, tenancy.Into(rows), append(s.args(), s.readable, s.notes, after.Day, after.ID, pageLength+1)...)
}

// all are the enrolments that match, at most Most.
func all(ctx context.Context, tx *tenancy.Tx, s scope) ([]uuid.UUID, error) {
	rows, err := tenancy.Rows[idRow](ctx, tx, sqlAll, append(s.args(), Most)...)
	if err != nil {
		return nil, fmt.Errorf("list enrolments: %w", err)
	}
	ids := make([]uuid.UUID, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	return ids, nil
}

// offerRows is an offer as it came from the database.
type offerRows struct {
	programs []program.Program
	teams    []teamRow
}

type teamRow struct {
	Program uuid.UUID      `db:"program_id"`
	ID      uuid.UUID      `db:"id"`
	Name    keyring.Sealed `db:"display_name_sealed"`
}

// queueOffer adds what there is to choose from to a batch.
func queueOffer(b *tenancy.Batch, actor access.Actor) *offerRows {
	o := &offerRows{}
	program.Queue(b, &o.programs)
	b.Queue(sqlTeams, tenancy.Into(&o.teams), actor.Programs(access.ParticipantTransfer), access.RolesWith(access.NoteCreate))
	return o
}

// open opens it, limited to where the actor may change enrolments.
func (r *offerRows) open(box *keyring.Box, actor access.Actor) (offer, error) {
	found := offer{Teams: map[uuid.UUID][]staff.Member{}}
	for _, p := range r.programs {
		if actor.MayIn(p.ID, access.ParticipantTransfer) {
			found.Programs = append(found.Programs, p)
		}
	}
	o := box.Opener()
	for _, t := range r.teams {
		found.Teams[t.Program] = append(found.Teams[t.Program], staff.Member{ID: t.ID, Name: staff.OpenName(o, t.ID, t.Name)})
	}
	if err := o.Err(); err != nil {
		return offer{}, fmt.Errorf("open teams: %w", err)
	}
	return found, nil
}

func openWorkers(box *keyring.Box, rows []listed) error {
	o := box.Opener()
	for i := range rows {
		if rows[i].Worker != uuid.Nil {
			rows[i].WorkerName = staff.OpenName(o, rows[i].Worker, rows[i].WorkerSealed)
		}
	}
	if err := o.Err(); err != nil {
		return fmt.Errorf("open workers: %w", err)
	}
	return nil
}

func people(ctx context.Context, tx *tenancy.Tx, sql string, args ...any) (map[uuid.UUID]bool, error) {
	rows, err := tenancy.Rows[idRow](ctx, tx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("look for people: %w", err)
	}
	found := make(map[uuid.UUID]bool, len(rows))
	for _, r := range rows {
		found[r.ID] = true
	}
	return found, nil
}

// insert keeps a change; false when the form was sent before.
func insert(ctx context.Context, tx *tenancy.Tx, d done) (bool, error) {
	before, errBefore := json.Marshal(d.What)
	out, errOut := json.Marshal(d.LeftOut)
	if err := errors.Join(errBefore, errOut); err != nil {
		return false, fmt.Errorf("encode a change of many: %w", err)
	}
	added, err := tx.Exec(ctx, sqlInsert, d.ID, d.Kind, d.Staff, string(before), string(out), d.At)
	if err != nil {
		return false, fmt.Errorf("insert a change of many: %w", err)
	}
	return added == 1, nil
}

// byID loads a change; fault.NotFound when there is none.
func byID(ctx context.Context, tx *tenancy.Tx, id uuid.UUID) (done, error) {
	r, err := tenancy.Row[struct {
		ID       uuid.UUID  `db:"id"`
		Kind     Kind       `db:"kind"`
		Staff    uuid.UUID  `db:"staff_id"`
		Before   []byte     `db:"before"`
		LeftOut  []byte     `db:"left_out"`
		At       time.Time  `db:"created_at"`
		UndoneAt *time.Time `db:"undone_at"`
	}](ctx, tx, sqlByID, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return done{}, fault.Missing()
	}
	if err != nil {
		return done{}, fmt.Errorf("load a change of many: %w", err)
	}
	d := done{ID: r.ID, Kind: r.Kind, Staff: r.Staff, At: r.At}
	if err := errors.Join(json.Unmarshal(r.Before, &d.What), json.Unmarshal(r.LeftOut, &d.LeftOut)); err != nil {
		return done{}, fmt.Errorf("decode a change of many: %w", err)
	}
	if r.UndoneAt != nil {
		d.UndoneAt = *r.UndoneAt
	}
	return d, nil
}

// undone notes that a change was taken back; false when it was before.
func undone(ctx context.Context, tx *tenancy.Tx, id uuid.UUID, out []left) (bool, error) {
	encoded, err := json.Marshal(out)
	if err != nil {
		return false, fmt.Errorf("encode who was left out: %w", err)
	}
	changed, err := tx.Exec(ctx, sqlUndone, id, tx.Now(), string(encoded))
	if err != nil {
		return false, fmt.Errorf("note that a change was taken back: %w", err)
	}
	return changed == 1, nil
}
