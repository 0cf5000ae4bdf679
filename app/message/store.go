package message

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
	"konote/app/view"
	"konote/app/web"
	"konote/keyring"
	"konote/tenancy"
)

// The sealed columns.
var (
	colSubject = keyring.Column{Table: "contacts", Name: "subject", Pad: keyring.Words}
	colText    = keyring.Column{Table: "contacts", Name: "text", Pad: keyring.Words}
	colReason  = keyring.Column{Table: "contacts", Name: "cancel_reason", Pad: keyring.Words}
	colMessage = keyring.Column{Table: "messages", Name: "text", Pad: keyring.Words}
)

const (
	contactColumns = `c.id, c.participant_id, c.program_id, c.logged_by, c.logged_role, c.direction, c.channel, c.outcome,
		c.subject_sealed, c.text_sealed, c.happened_on, c.created_at, s.display_name_sealed AS by_sealed,
		c.cancelled_at, c.cancelled_by, c.cancel_reason_sealed,
		(SELECT x.display_name_sealed FROM agency.staff x WHERE x.id = c.cancelled_by) AS cancelled_by_sealed
		FROM agency.contacts c JOIN agency.staff s ON s.id = c.logged_by`

	sqlInsertContact = `INSERT INTO agency.contacts
		(id, participant_id, program_id, logged_by, logged_role, direction, channel, outcome, subject_sealed, text_sealed, happened_on, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (id) DO NOTHING`

	sqlMarkInError = `UPDATE agency.contacts SET cancelled_at = $2, cancelled_by = $3, cancel_reason_sealed = $4
		WHERE id = $1 AND cancelled_at IS NULL`

	sqlContact = `SELECT ` + contactColumns + ` WHERE c.id = $1`

	sqlTimeline = `SELECT ` + contactColumns + `
		WHERE c.participant_id = $1 AND c.program_id = ANY($2) AND c.id <> ALL($6) AND (c.happened_on, c.id) < ($3, $4)
		ORDER BY c.happened_on DESC, c.id DESC LIMIT $5`
)

// Messages. $1 are the programs in which the reader reads messages, $2 is the reader, $3
// the statuses of enrolments through which a program's staff sees somebody, $4 who has
// closed her file to the reader.
const (
	messageColumns = `SELECT m.id, m.participant_id, m.program_id, m.left_by, m.for_staff, m.text_sealed, m.is_urgent, m.created_at,
		    m.read_at, m.read_by, m.archived_at, l.display_name_sealed AS left_sealed, f.display_name_sealed AS for_sealed,
		    r.display_name_sealed AS read_sealed
		FROM agency.messages m JOIN agency.staff l ON l.id = m.left_by
		LEFT JOIN agency.staff f ON f.id = m.for_staff LEFT JOIN agency.staff r ON r.id = m.read_by`

	waiting = ` WHERE m.program_id = ANY($1) AND (m.for_staff = $2 OR m.for_staff IS NULL) AND m.left_by <> $2
		AND m.participant_id <> ALL($4) AND EXISTS (SELECT FROM agency.enrolments e
		            WHERE e.participant_id = m.participant_id AND e.program_id = m.program_id AND e.status = ANY($3))`

	// The urgent ones first while they are new ($5, $6: the place before the page).
	onPage = ` AND (m.is_urgent AND m.read_at IS NULL, m.id) < ($5, $6)
		ORDER BY (m.is_urgent AND m.read_at IS NULL) DESC, m.id DESC LIMIT $7`

	sqlNew      = messageColumns + waiting + ` AND m.read_at IS NULL` + onPage
	sqlRead     = messageColumns + waiting + ` AND m.read_at IS NOT NULL AND m.archived_at IS NULL` + onPage
	sqlArchived = messageColumns + waiting + ` AND m.archived_at IS NOT NULL` + onPage

	sqlMessage = messageColumns + ` WHERE m.id = $1`

	// Those that the reader may read ($2: programs), and those she left ($3) where she may
	// still leave some ($4), what nobody has read first.
	sqlAbout = messageColumns + ` WHERE m.participant_id = $1 AND m.archived_at IS NULL
		AND (m.program_id = ANY($2) OR m.left_by = $3 AND m.program_id = ANY($4))
		ORDER BY m.read_at IS NULL DESC, m.id DESC LIMIT $5`

	// Whether somebody (d.participant_id) has closed her file by this day ($5) to the holder
	// of the role r, as a person or through any of her roles: as staff reads it for the visitor.
	closesFile = `d.kind = 'file' AND d.lifted_at IS NULL AND d.from_on <= $5
		AND (d.staff_id = r.staff_id OR EXISTS (SELECT FROM agency.program_roles o WHERE o.staff_id = r.staff_id
		    AND o.status = 'active' AND (o.role = d.role OR o.program_id = d.program_id)))`

	// Of every page: what nobody has read, of the programs where her role ($2) reads messages,
	// without those who have closed their file to her.
	sqlUnread = `SELECT count(*) AS n FROM (
		SELECT FROM agency.program_roles r JOIN agency.messages m ON m.program_id = r.program_id
		WHERE r.staff_id = $1 AND r.status = 'active' AND r.role = ANY($2)
		    AND m.read_at IS NULL AND (m.for_staff = $1 OR m.for_staff IS NULL) AND m.left_by <> $1
		    AND EXISTS (SELECT FROM agency.enrolments e
		                WHERE e.participant_id = m.participant_id AND e.program_id = m.program_id AND e.status = ANY($3))
		    AND NOT EXISTS (SELECT FROM agency.directives d WHERE d.participant_id = m.participant_id AND ` + closesFile + `)
		LIMIT $4) waiting`

	sqlInsertMessage = `INSERT INTO agency.messages (id, participant_id, program_id, left_by, for_staff, text_sealed, is_urgent, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING`

	sqlMarkRead    = `UPDATE agency.messages SET read_at = coalesce(read_at, $2), read_by = coalesce(read_by, $3), archived_at = NULL WHERE id = $1`
	sqlMarkUnread  = `UPDATE agency.messages SET read_at = NULL, read_by = NULL, archived_at = NULL WHERE id = $1`
	sqlMarkArchive = `UPDATE agency.messages SET read_at = coalesce(read_at, $2), read_by = coalesce(read_by, $3), archived_at = coalesce(archived_at, $2) WHERE id = $1`

	// Whom a message about somebody ($4) can be for: those whose role ($2) reads messages there,
	// without the sender, and without those to whom her file is closed, who would never see it.
	sqlReaders = `SELECT r.program_id, s.id, s.display_name_sealed
		FROM agency.program_roles r JOIN agency.staff s ON s.id = r.staff_id
		WHERE r.program_id = ANY($1) AND r.status = 'active' AND r.role = ANY($2) AND s.status = 'active' AND s.id <> $3
		    AND NOT EXISTS (SELECT FROM agency.directives d WHERE d.participant_id = $4 AND ` + closesFile + `)`
)

// readerRoles are the roles that read messages.
var readerRoles = access.RolesWith(access.MessageView)

// QueueUnread adds to the batch that loads a visitor how many messages wait for her. It
// is decided by her roles in the database, which that same batch reads.
func QueueUnread(b *tenancy.Batch, staff uuid.UUID, visitor *web.Visitor) {
	b.Queue(sqlUnread, func(rows pgx.Rows) error {
		counted, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[int])
		visitor.Unread = counted
		return err
	}, staff, readerRoles, access.ReachingStatuses, view.MostUnread+1, civil.Of(b.Now()))
}

type contactRow struct {
	ID          uuid.UUID      `db:"id"`
	Participant uuid.UUID      `db:"participant_id"`
	Program     uuid.UUID      `db:"program_id"`
	LoggedBy    uuid.UUID      `db:"logged_by"`
	Role        access.Role    `db:"logged_role"`
	Direction   Direction      `db:"direction"`
	Channel     Channel        `db:"channel"`
	Outcome     Outcome        `db:"outcome"`
	Subject     keyring.Sealed `db:"subject_sealed"`
	Text        keyring.Sealed `db:"text_sealed"`
	HappenedOn  civil.Date     `db:"happened_on"`
	CreatedAt   time.Time      `db:"created_at"`
	By          keyring.Sealed `db:"by_sealed"`
	mistake.Columns
	Marker keyring.Sealed `db:"cancelled_by_sealed"`
}

func (r contactRow) open(o *keyring.Opener) Entry {
	e := Entry{
		Contact: Contact{
			ID: r.ID, Participant: r.Participant, Program: r.Program, LoggedBy: r.LoggedBy, Role: r.Role, Direction: r.Direction,
			Channel: r.Channel, Outcome: r.Outcome, Subject: o.Open(colSubject, r.ID, r.Subject), Text: o.Open(colText, r.ID, r.Text),
			HappenedOn: r.HappenedOn, CreatedAt: r.CreatedAt, InError: r.Columns.Open(o, colReason, r.ID),
		},
		Author: staff.OpenName(o, r.LoggedBy, r.By),
	}
	if e.InError.Is() {
		e.InErrorBy = staff.OpenName(o, e.InError.By, r.Marker)
	}
	return e
}

// insertContact adds a contact. It says false when the form was sent before: then there
// is nothing left to do. A form that was sent with other words adds another contact.
func insertContact(ctx context.Context, tx *tenancy.Tx, c *Contact) (bool, error) {
	s := tx.Box().Sealer()
	added, err := tx.Exec(ctx, sqlInsertContact, c.ID, c.Participant, c.Program, c.LoggedBy, c.Role, c.Direction, c.Channel, c.Outcome,
		s.Seal(colSubject, c.ID, c.Subject), s.Seal(colText, c.ID, c.Text), c.HappenedOn, c.CreatedAt)
	if err = errors.Join(s.Err(), err); err != nil {
		return false, fmt.Errorf("insert contact: %w", err)
	}
	if added == 1 {
		return true, nil
	}
	row, err := tenancy.Row[contactRow](ctx, tx, sqlContact, c.ID)
	if err != nil {
		return false, fmt.Errorf("load the contact of a form: %w", err)
	}
	o := tx.Box().Opener()
	saved := row.open(o).Contact
	if err := o.Err(); err != nil {
		return false, fmt.Errorf("open the contact of a form: %w", err)
	}
	if saved.LoggedBy != c.LoggedBy || saved.Participant != c.Participant {
		return false, fault.New(fault.Conflict, i18n.FaultConflictTitle)
	}
	again := *c
	again.CreatedAt, again.InError = saved.CreatedAt, saved.InError
	if again == saved {
		return false, nil
	}
	c.ID = tenancy.NewID()
	return insertContact(ctx, tx, c)
}

// newest begins before every contact.
var newest = timeline.Place{Day: civil.Date{Year: 9999, Month: time.December, Day: 31}, ID: uuid.Max}

// An Entry is a contact with the name of who logged it.
type Entry struct {
	Contact
	Author    string
	InErrorBy string
}

// Page is a part of the contacts as it came from the database.
type Page struct {
	rows  []contactRow
	limit int
}

// QueueTimeline adds a participant's contacts in the given programs to a page's batch,
// the newest first: after the place, at most limit.
func QueueTimeline(b *tenancy.Batch, participant uuid.UUID, programs, withheld []uuid.UUID, after timeline.Place, limit int, to *Page) {
	if after == (timeline.Place{}) {
		after = newest
	}
	to.limit = limit
	b.Queue(sqlTimeline, tenancy.Into(&to.rows), participant, programs, after.Day, after.ID, limit+1, withheld)
}

// Open opens the contacts. next is where the following page begins, zero when this is
// the last one.
func (p Page) Open(box *keyring.Box) (entries []Entry, next timeline.Place, err error) {
	rows := p.rows
	if len(rows) > p.limit {
		rows = rows[:p.limit]
		last := rows[len(rows)-1]
		next = timeline.Place{Day: last.HappenedOn, ID: last.ID}
	}
	o := box.Opener()
	for _, r := range rows {
		entries = append(entries, r.open(o))
	}
	if err := o.Err(); err != nil {
		return nil, timeline.Place{}, fmt.Errorf("open contacts: %w", err)
	}
	return entries, next, nil
}
