package event

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
	"konote/app/mistake"
	"konote/app/staff"
	"konote/app/timeline"
	"konote/keyring"
	"konote/tenancy"
)

// The sealed columns.
var (
	colTitle        = keyring.Column{Table: "events", Name: "title", Pad: keyring.Words}
	colDescription  = keyring.Column{Table: "events", Name: "description", Pad: keyring.Words}
	colLocation     = keyring.Column{Table: "events", Name: "location", Pad: keyring.Words}
	colUnflagReason = keyring.Column{Table: "events", Name: "unflag_reason", Pad: keyring.Words}
	colCancelReason = keyring.Column{Table: "events", Name: "cancel_reason", Pad: keyring.Words}

	// Of participants, by the names under which package participant seals them.
	colEmail     = keyring.Column{Table: "participants", Name: "email", Pad: keyring.Identity}
	colRecordID  = keyring.Column{Table: "participants", Name: "record_id", Pad: keyring.Identity}
	colFirstName = keyring.Column{Table: "participants", Name: "first_name", Pad: keyring.Identity}
	colPreferred = keyring.Column{Table: "participants", Name: "preferred_name", Pad: keyring.Identity}
	colLastName  = keyring.Column{Table: "participants", Name: "last_name", Pad: keyring.Identity}
)

const columns = `e.id, e.participant_id, e.program_id, e.author_id, e.author_role, e.kind, e.type_id, e.title_sealed,
	e.description_sealed, e.happened_on, e.ends_on, e.starts_at, e.ends_at, e.note_id, e.serious_type_id, e.flagged_at, e.flagged_by,
	e.unflagged_at, e.unflagged_by, e.unflag_reason_sealed, e.location_sealed, e.attendees, coalesce(e.status, '') AS status,
	coalesce(e.reminder, '') AS reminder, coalesce(e.reminder_problem, '') AS reminder_problem, e.reminded_at,
	e.cancelled_at, e.cancelled_by, e.cancel_reason_sealed, e.created_at, e.updated_at, e.updated_by, e.version`

// entry is an event with the names that a page shows beside it.
const entryColumns = columns + `, s.display_name_sealed AS author_name_sealed,
	coalesce(t.name_en, '') AS type_en, coalesce(t.name_fr, '') AS type_fr,
	coalesce(c.name_en, '') AS serious_en, coalesce(c.name_fr, '') AS serious_fr, coalesce(c.severity, 0) AS severity,
	n.program_id AS note_program, n.happened_on AS note_on, cardinality(e.told) AS told,
	(SELECT x.display_name_sealed FROM agency.staff x WHERE x.id = e.cancelled_by) AS cancelled_by_sealed`

const entryTables = ` FROM agency.events e
	JOIN agency.staff s ON s.id = e.author_id
	LEFT JOIN agency.event_types t ON t.id = e.type_id
	LEFT JOIN agency.event_types c ON c.id = e.serious_type_id
	LEFT JOIN agency.notes n ON n.id = e.note_id`

const (
	sqlByID = `SELECT ` + entryColumns + entryTables + ` WHERE e.id = $1`

	// What is closed to the reader is left out before anything is counted or limited ($6).
	sqlTimeline = `SELECT ` + entryColumns + entryTables + `
		WHERE e.participant_id = $1 AND e.program_id = ANY($2) AND e.id <> ALL($6) AND (e.happened_on, e.id) < ($3, $4)
		ORDER BY e.happened_on DESC, e.id DESC LIMIT $5`

	// What lies ahead of a participant, the nearest first, without what was entered in error.
	sqlComing = `SELECT ` + entryColumns + entryTables + `
		WHERE e.participant_id = $1 AND e.program_id = ANY($2) AND e.id <> ALL($5) AND e.happened_on >= (now() AT TIME ZONE $3)::date AND e.cancelled_at IS NULL
		  AND (e.kind = 'event' AND (e.happened_on > (now() AT TIME ZONE $3)::date OR e.starts_at > now()) OR e.status = 'scheduled' AND e.ends_at >= now())
		ORDER BY e.happened_on, e.starts_at NULLS FIRST, e.id LIMIT $4`

	// A worker's own meetings.
	sqlMeetings = `SELECT ` + columns + ` FROM agency.events e
		WHERE e.kind = 'meeting' AND e.cancelled_at IS NULL AND e.starts_at >= $1 AND e.starts_at < $2 AND e.program_id = ANY($3) AND $4 = ANY(e.attendees)
		  AND e.participant_id <> ALL($5) AND e.id <> ALL($5)
		ORDER BY e.starts_at, e.id LIMIT 500`

	sqlInsert = `INSERT INTO agency.events
		(id, participant_id, program_id, author_id, author_role, kind, type_id, title_sealed, description_sealed, happened_on, ends_on,
		 starts_at, ends_at, note_id, serious_type_id, flagged_at, flagged_by, location_sealed, attendees, status, reminder,
		 created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, nullif($20, ''), nullif($21, ''),
		 $22, $22)
		ON CONFLICT (id) DO NOTHING`

	sqlUpdate = `UPDATE agency.events
		SET type_id = $3, title_sealed = $4, description_sealed = $5, happened_on = $6, ends_on = $7, starts_at = $8, ends_at = $9,
		    note_id = $10, location_sealed = $11, attendees = $12, status = nullif($13, ''), reminder = nullif($14, ''),
		    reminder_problem = CASE WHEN $14 = 'failed' THEN reminder_problem END, reminded_at = CASE WHEN $14 = 'sent' THEN reminded_at END,
		    updated_at = $15, updated_by = $16, version = version + 1
		WHERE id = $1 AND version = $2 AND cancelled_at IS NULL`

	sqlCancel = `UPDATE agency.events SET status = 'cancelled', reminder = NULL, reminder_problem = NULL, reminded_at = NULL,
		    updated_at = $3, updated_by = $4, version = version + 1
		WHERE id = $1 AND version = $2 AND kind = 'meeting' AND status = 'scheduled' AND cancelled_at IS NULL`

	// Nobody is reminded of it any more; that somebody was stays.
	sqlMarkInError = `UPDATE agency.events SET cancelled_at = $2, cancelled_by = $3, cancel_reason_sealed = $4, version = version + 1,
		    reminder = CASE WHEN reminder = 'sent' THEN reminder END, reminder_problem = NULL, reminded_at = CASE WHEN reminder = 'sent' THEN reminded_at END
		WHERE id = $1 AND cancelled_at IS NULL`

	// Notes of one participant that the reader may open, for the choice in the form.
	sqlNotes = `SELECT id, happened_on, kind, interaction FROM agency.notes
		WHERE participant_id = $1 AND program_id = ANY($2) AND id <> ALL($3) AND cancelled_at IS NULL
		ORDER BY happened_on DESC, id DESC LIMIT 60`

	// Who has a role in the programs, and in which of them.
	sqlTeams = `SELECT s.id, s.display_name_sealed, array_agg(r.program_id) AS programs
		FROM agency.program_roles r JOIN agency.staff s ON s.id = r.staff_id
		WHERE r.program_id = ANY($1) AND r.status = 'active' AND s.status = 'active' GROUP BY s.id`
)

// Types.
const (
	typeColumns = `id, coalesce(library_key, '') AS library_key, name_en, name_fr, coalesce(severity, 0) AS severity, program_id,
		position, status = 'archived' AS is_archived, updated_at, version`

	sqlTypes = `SELECT ` + typeColumns + ` FROM agency.event_types ORDER BY severity IS NOT NULL, severity, position, name_en, id`

	sqlType = `SELECT ` + typeColumns + ` FROM agency.event_types WHERE id = $1`

	sqlInsertType = `INSERT INTO agency.event_types (id, library_key, name_en, name_fr, severity, program_id, position, status, updated_at, updated_by)
		VALUES ($1, nullif($2, ''), $3, $4, nullif($5, 0), $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING`

	sqlUpdateType = `UPDATE agency.event_types
		SET name_en = $3, name_fr = $4, severity = nullif($5, 0), position = $6, status = $7, updated_at = $8, updated_by = $9,
		    version = version + 1
		WHERE id = $1 AND version = $2`

	// The place in a list is nobody's words: it takes no version.
	sqlPlaceType = `UPDATE agency.event_types SET position = $2 WHERE id = $1`
)

// Serious events.
const (
	sqlFlag = `UPDATE agency.events
		SET serious_type_id = $2, flagged_at = $3, flagged_by = $4, unflagged_at = NULL, unflagged_by = NULL, unflag_reason_sealed = NULL,
		    told = '{}', updated_at = $3, updated_by = $4, version = version + 1
		WHERE id = $1 AND kind = 'event' AND cancelled_at IS NULL AND (serious_type_id IS NULL OR unflagged_at IS NOT NULL)`

	sqlUnflag = `UPDATE agency.events
		SET unflagged_at = $2, unflagged_by = $3, unflag_reason_sealed = $4, updated_at = $2, updated_by = $3, version = version + 1
		WHERE id = $1 AND serious_type_id IS NOT NULL AND unflagged_at IS NULL AND cancelled_at IS NULL`

	// What was entered in error is in no list and no number.
	flagged = ` FROM agency.events e JOIN agency.event_types c ON c.id = e.serious_type_id JOIN agency.programs p ON p.id = e.program_id
		WHERE e.unflagged_at IS NULL AND e.cancelled_at IS NULL`

	flagColumns = `e.id, e.participant_id, e.program_id, e.happened_on, e.flagged_at, e.flagged_by, c.name_en AS serious_en,
		c.name_fr AS serious_fr, coalesce(c.severity, 0) AS severity, p.name_en AS program_en, p.name_fr AS program_fr, p.is_confidential`

	// For administrators: nothing of the participant leaves the database but the reference.
	sqlFlags = `SELECT ` + flagColumns + flagged + ` AND e.id < $1 ORDER BY e.id DESC LIMIT $2`

	sqlFlagByID = `SELECT ` + flagColumns + flagged + ` AND e.id = $1`

	reported = flagged + ` AND e.program_id = ANY($1) AND e.happened_on BETWEEN $2 AND $3
		AND ($4::uuid IS NULL OR c.id = $4) AND ($5 = 0 OR c.severity = $5) AND e.participant_id <> ALL($6) AND e.id <> ALL($6)`

	sqlReport = `SELECT c.id, c.name_en AS serious_en, c.name_fr AS serious_fr, coalesce(c.severity, 0) AS severity, count(*) AS n` + reported + `
		GROUP BY c.id, c.name_en, c.name_fr, c.severity, c.position ORDER BY c.severity, c.position, c.id`

	sqlReportRows = `SELECT ` + flagColumns + reported + ` AND (e.happened_on, e.id) < ($7, $8)
		ORDER BY e.happened_on DESC, e.id DESC LIMIT $9`

	// Administrators, and the managers of the program.
	responsible = ` FROM agency.staff s WHERE s.status = 'active' AND s.email_sealed IS NOT NULL
		AND (s.is_admin OR EXISTS (SELECT FROM agency.program_roles r
		     WHERE r.staff_id = s.id AND r.program_id = $1 AND r.status = 'active' AND r.role = 'program_manager'))`

	sqlResponsible = `SELECT s.id` + responsible

	// One of them who is still to be told of a flag that still stands, and to whom nothing of it
	// is closed ($5).
	sqlUntold = `SELECT coalesce(c.severity, 0) AS severity FROM agency.events e JOIN agency.event_types c ON c.id = e.serious_type_id
		WHERE e.id = $2 AND e.program_id = $1 AND e.flagged_at = $4 AND e.unflagged_at IS NULL AND e.cancelled_at IS NULL AND NOT $3 = ANY(e.told)
		  AND e.participant_id <> ALL($5) AND e.id <> ALL($5)
		  AND EXISTS (SELECT` + responsible + ` AND s.id = $3)`

	sqlTold = `UPDATE agency.events SET told = array_append(told, $2) WHERE id = $1 AND cancelled_at IS NULL AND NOT $2 = ANY(told)`
)

// Reminders.
const (
	// A run takes the reminder on, unless another one has lately.
	sqlClaim = `UPDATE agency.events SET reminded_at = $3
		WHERE id = $1 AND kind = 'meeting' AND status = 'scheduled' AND cancelled_at IS NULL AND starts_at = $2 AND reminder = 'waiting'
		  AND (reminded_at IS NULL OR reminded_at < $4)
		RETURNING participant_id, program_id`

	sqlIsWaiting = `SELECT EXISTS (SELECT FROM agency.events
		WHERE id = $1 AND kind = 'meeting' AND status = 'scheduled' AND cancelled_at IS NULL AND starts_at = $2 AND reminder = 'waiting')`

	sqlReminded = `UPDATE agency.events SET reminder = $3, reminder_problem = nullif($4, ''), reminded_at = CASE WHEN $3 = 'sent' THEN $5::timestamptz END
		WHERE id = $1 AND cancelled_at IS NULL AND starts_at = $2 AND reminder = 'waiting'`

	sqlRetry = `UPDATE agency.events SET reminder = 'waiting', reminder_problem = NULL, reminded_at = NULL
		WHERE id = $1 AND kind = 'meeting' AND status = 'scheduled' AND cancelled_at IS NULL AND starts_at > $2 AND reminder NOT IN ('waiting', 'sent')`

	sqlContact = `SELECT coalesce(contact_by, '') AS contact_by, email_sealed, language FROM agency.participants WHERE id = $1`
)

// The calendar feed.
const (
	// An address that was made before its owner's sessions ended is no more: who took it while
	// nobody watched loses it with them.
	sqlFeed = `SELECT f.created_at, f.last_used_at FROM agency.calendar_feeds f JOIN agency.staff s ON s.id = f.staff_id
		WHERE f.staff_id = $1 AND ` + feedLives
	feedLives = `(s.sessions_from IS NULL OR f.created_at >= s.sessions_from)`

	// The time is not before sessions_from, whatever the clocks of processes say.
	sqlSetFeed = `INSERT INTO agency.calendar_feeds (staff_id, token_hash, created_at) SELECT $1, $2, greatest($3, sessions_from) FROM agency.staff WHERE id = $1
		ON CONFLICT (staff_id) DO UPDATE SET token_hash = excluded.token_hash, created_at = excluded.created_at, last_used_at = NULL`

	sqlRevokeFeed = `DELETE FROM agency.calendar_feeds WHERE staff_id = $1`

	sqlFeedOwner = `SELECT f.staff_id FROM agency.calendar_feeds f JOIN agency.staff s ON s.id = f.staff_id WHERE f.token_hash = $1 AND ` + feedLives

	sqlFeedUsed = `UPDATE agency.calendar_feeds SET last_used_at = $2 WHERE token_hash = $1`

	// The meetings of the feed's owner, with what stands for the participant. $5 are the
	// programs in which she sees people, $6 the statuses of enrolments that open a record.
	sqlFeedMeetings = `SELECT e.id, e.participant_id, e.starts_at, e.ends_at, e.status, e.updated_at, e.version,
		    p.first_name_sealed, p.preferred_name_sealed, p.last_name_sealed, p.record_id_sealed,
		    bool_or(g.is_confidential) AS is_confidential
		FROM agency.events e
		JOIN agency.participants p ON p.id = e.participant_id
		JOIN agency.enrolments n ON n.participant_id = p.id AND n.program_id = ANY($5) AND n.status = ANY($6)
		JOIN agency.programs g ON g.id = e.program_id
		WHERE e.kind = 'meeting' AND e.cancelled_at IS NULL AND e.starts_at >= $1 AND e.starts_at < $2 AND e.program_id = ANY($3) AND $4 = ANY(e.attendees)
		  AND e.participant_id <> ALL($7) AND e.id <> ALL($7)
		GROUP BY e.id, p.id ORDER BY e.starts_at, e.id LIMIT 1000`
)

type row struct {
	ID           uuid.UUID      `db:"id"`
	Participant  uuid.UUID      `db:"participant_id"`
	Program      uuid.UUID      `db:"program_id"`
	Author       uuid.UUID      `db:"author_id"`
	AuthorRole   access.Role    `db:"author_role"`
	Kind         Kind           `db:"kind"`
	Type         *uuid.UUID     `db:"type_id"`
	Title        keyring.Sealed `db:"title_sealed"`
	Description  keyring.Sealed `db:"description_sealed"`
	HappenedOn   civil.Date     `db:"happened_on"`
	EndsOn       civil.Date     `db:"ends_on"`
	StartsAt     *time.Time     `db:"starts_at"`
	EndsAt       *time.Time     `db:"ends_at"`
	Note         *uuid.UUID     `db:"note_id"`
	Serious      *uuid.UUID     `db:"serious_type_id"`
	FlaggedAt    *time.Time     `db:"flagged_at"`
	FlaggedBy    *uuid.UUID     `db:"flagged_by"`
	UnflaggedAt  *time.Time     `db:"unflagged_at"`
	UnflaggedBy  *uuid.UUID     `db:"unflagged_by"`
	UnflagReason keyring.Sealed `db:"unflag_reason_sealed"`
	Location     keyring.Sealed `db:"location_sealed"`
	Attendees    []uuid.UUID    `db:"attendees"`
	Status       Status         `db:"status"`
	Reminder     Reminder       `db:"reminder"`
	Problem      Problem        `db:"reminder_problem"`
	RemindedAt   *time.Time     `db:"reminded_at"`
	mistake.Columns
	CreatedAt time.Time  `db:"created_at"`
	UpdatedAt time.Time  `db:"updated_at"`
	UpdatedBy *uuid.UUID `db:"updated_by"`
	Version   int        `db:"version"`
}

func (r row) open(o *keyring.Opener) Event {
	return Event{
		ID: r.ID, Participant: r.Participant, Program: r.Program, Author: r.Author, AuthorRole: r.AuthorRole, Kind: r.Kind,
		Type: value(r.Type), Title: o.Open(colTitle, r.ID, r.Title), Description: o.Open(colDescription, r.ID, r.Description),
		HappenedOn: r.HappenedOn, EndsOn: r.EndsOn, StartsAt: value(r.StartsAt), EndsAt: value(r.EndsAt), Note: value(r.Note),
		Serious: value(r.Serious), FlaggedAt: value(r.FlaggedAt), FlaggedBy: value(r.FlaggedBy),
		UnflaggedAt: value(r.UnflaggedAt), UnflaggedBy: value(r.UnflaggedBy), UnflagReason: o.Open(colUnflagReason, r.ID, r.UnflagReason),
		Location: o.Open(colLocation, r.ID, r.Location), Attendees: r.Attendees, Status: r.Status,
		Reminder: r.Reminder, Problem: r.Problem, RemindedAt: value(r.RemindedAt),
		InError:   r.Columns.Open(o, colCancelReason, r.ID),
		CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt, UpdatedBy: value(r.UpdatedBy), Version: r.Version,
	}
}

type entryRow struct {
	row
	AuthorName  keyring.Sealed `db:"author_name_sealed"`
	TypeEN      string         `db:"type_en"`
	TypeFR      string         `db:"type_fr"`
	SeriousEN   string         `db:"serious_en"`
	SeriousFR   string         `db:"serious_fr"`
	Severity    int            `db:"severity"`
	NoteProgram *uuid.UUID     `db:"note_program"`
	NoteOn      civil.Date     `db:"note_on"`
	Told        int            `db:"told"`
	Marker      keyring.Sealed `db:"cancelled_by_sealed"`
}

// Entry is an event with the names that a page shows beside it.
type Entry struct {
	Event
	AuthorName  string
	TypeEN      string // "" for none
	TypeFR      string
	SeriousEN   string
	SeriousFR   string
	Severity    int
	NoteProgram uuid.UUID // the note may be spoken of to those who read notes there
	NoteOn      civil.Date
	Told        int // how many people were sent word of the flag
	InErrorBy   string
}

func (r entryRow) openEntry(o *keyring.Opener) Entry {
	e := Entry{
		Event: r.open(o), AuthorName: staff.OpenName(o, r.Author, r.AuthorName), TypeEN: r.TypeEN, TypeFR: r.TypeFR,
		SeriousEN: r.SeriousEN, SeriousFR: r.SeriousFR, Severity: r.Severity, NoteProgram: value(r.NoteProgram), NoteOn: r.NoteOn, Told: r.Told,
	}
	if e.InError.Is() {
		e.InErrorBy = staff.OpenName(o, e.InError.By, r.Marker)
	}
	return e
}

func openEntries(box *keyring.Box, rows []entryRow) ([]Entry, error) {
	o := box.Opener()
	entries := make([]Entry, len(rows))
	for i, r := range rows {
		entries[i] = r.openEntry(o)
	}
	if err := o.Err(); err != nil {
		return nil, fmt.Errorf("open events: %w", err)
	}
	return entries, nil
}

// byID loads one event or meeting, whoever may read it; the caller decides.
func byID(ctx context.Context, tx *tenancy.Tx, id uuid.UUID) (Entry, error) {
	found, err := tenancy.Row[entryRow](ctx, tx, sqlByID, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return Entry{}, fault.Missing()
	}
	if err != nil {
		return Entry{}, fmt.Errorf("load event: %w", err)
	}
	entries, err := openEntries(tx.Box(), []entryRow{found})
	if err != nil {
		return Entry{}, err
	}
	return entries[0], nil
}

// insert saves an event or meeting. It says false when the same form was saved before, and
// fault.Conflict when the id is of somebody else's. A form that comes again with other
// words is another event, and e gets an id of its own: what somebody wrote is never
// dropped.
func insert(ctx context.Context, tx *tenancy.Tx, e *Event) (bool, error) {
	s := tx.Box().Sealer()
	title, description, location := s.Seal(colTitle, e.ID, e.Title), s.Seal(colDescription, e.ID, e.Description), s.Seal(colLocation, e.ID, e.Location)
	if err := s.Err(); err != nil {
		return false, fmt.Errorf("seal event: %w", err)
	}
	added, err := tx.Exec(ctx, sqlInsert, e.ID, e.Participant, e.Program, e.Author, e.AuthorRole, e.Kind, tenancy.Null(e.Type), title, description,
		e.HappenedOn, e.EndsOn, tenancy.Null(e.StartsAt), tenancy.Null(e.EndsAt), tenancy.Null(e.Note), tenancy.Null(e.Serious), tenancy.Null(e.FlaggedAt), tenancy.Null(e.FlaggedBy),
		location, some(e.Attendees), e.Status, e.Reminder, e.CreatedAt)
	if err != nil {
		return false, fmt.Errorf("insert event: %w", err)
	}
	if added == 1 {
		return true, nil
	}
	saved, err := byID(ctx, tx, e.ID)
	switch {
	case err != nil:
		return false, err
	case saved.Author != e.Author || saved.Participant != e.Participant || saved.Kind != e.Kind:
		return false, fault.New(fault.Conflict, i18n.FaultConflictTitle)
	case saved.Title == e.Title && saved.Description == e.Description && saved.HappenedOn == e.HappenedOn && saved.StartsAt.Equal(e.StartsAt):
		return false, nil
	}
	e.ID = tenancy.NewID()
	return insert(ctx, tx, e)
}

// update saves a change made from e.Version; fault.Conflict when somebody was faster.
func update(ctx context.Context, tx *tenancy.Tx, e Event, by uuid.UUID) error {
	s := tx.Box().Sealer()
	title, description, location := s.Seal(colTitle, e.ID, e.Title), s.Seal(colDescription, e.ID, e.Description), s.Seal(colLocation, e.ID, e.Location)
	if err := s.Err(); err != nil {
		return fmt.Errorf("seal event: %w", err)
	}
	changed, err := tx.Exec(ctx, sqlUpdate, e.ID, e.Version, tenancy.Null(e.Type), title, description, e.HappenedOn, e.EndsOn,
		tenancy.Null(e.StartsAt), tenancy.Null(e.EndsAt), tenancy.Null(e.Note), location, some(e.Attendees), e.Status, e.Reminder, tx.Now(), by)
	if err != nil {
		return fmt.Errorf("update event: %w", err)
	}
	if changed == 0 {
		return errLate
	}
	return nil
}

// cancel calls a meeting off.
func cancel(ctx context.Context, tx *tenancy.Tx, e Event, by uuid.UUID) error {
	changed, err := tx.Exec(ctx, sqlCancel, e.ID, e.Version, tx.Now(), by)
	if err != nil {
		return fmt.Errorf("cancel meeting: %w", err)
	}
	if changed == 0 {
		return errLate
	}
	return nil
}

var errLate = fault.New(fault.Conflict, i18n.FaultConflictTitle)

// errInError says that what was entered in error is not changed any more.
var errInError = fault.New(fault.Denied, i18n.MistakeLocked)

// QueueTimeline adds a participant's events and meetings in the given programs (those of
// access.EventView) to a page's batch, the newest first: after the place, at most limit,
// without what is closed to the reader.
func QueueTimeline(b *tenancy.Batch, participant uuid.UUID, programs, withheld []uuid.UUID, after timeline.Place, limit int, to *Page) {
	if after == (timeline.Place{}) {
		after = newest
	}
	to.limit = limit
	b.Queue(sqlTimeline, tenancy.Into(&to.rows), participant, programs, after.Day, after.ID, limit+1, withheld)
}

// newest begins before every event: the last day that Postgres and people agree on.
var newest = timeline.Place{Day: civil.Date{Year: 9999, Month: time.December, Day: 31}, ID: uuid.Max}

// Page is a part of a timeline as it came from the database.
type Page struct {
	rows  []entryRow
	limit int
}

// Open opens the events. next is where the following page begins, zero when this is the
// last one.
func (p Page) Open(box *keyring.Box) (entries []Entry, next timeline.Place, err error) {
	rows := p.rows
	if len(rows) > p.limit {
		rows = rows[:p.limit]
		last := rows[len(rows)-1]
		next = timeline.Place{Day: last.HappenedOn, ID: last.ID}
	}
	entries, err = openEntries(box, rows)
	return entries, next, err
}

// Meetings are a worker's meetings as they came from the database.
type Meetings struct{ rows []row }

// QueueMeetings adds the meetings that the actor attends to a page's batch: those that
// begin from an instant on and before another, whatever their status, where she may still
// read them.
func QueueMeetings(b *tenancy.Batch, actor access.Actor, from, to time.Time, meetings *Meetings) {
	b.Queue(sqlMeetings, tenancy.Into(&meetings.rows), from, to, actor.Programs(access.MeetingView), actor.Staff,
		actor.Withheld(access.MeetingView))
}

// Open opens them, by the time they begin. About whom they are participant.Names says;
// who is not among its answers is not reached, and the meeting is not shown.
func (m Meetings) Open(box *keyring.Box) ([]Event, error) {
	o := box.Opener()
	meetings := make([]Event, len(m.rows))
	for i, r := range m.rows {
		meetings[i] = r.open(o)
	}
	if err := o.Err(); err != nil {
		return nil, fmt.Errorf("open meetings: %w", err)
	}
	return meetings, nil
}

// value is what a column holds, the zero value for NULL.
func value[T any](p *T) T {
	if p == nil {
		var none T
		return none
	}
	return *p
}

// some is a list that is empty and not NULL.
func some(ids []uuid.UUID) []uuid.UUID {
	if ids == nil {
		return []uuid.UUID{}
	}
	return ids
}
