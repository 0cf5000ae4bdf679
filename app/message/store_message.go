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
	"konote/app/staff"
	"konote/keyring"
	"konote/tenancy"
)

type messageRow struct {
	ID          uuid.UUID      `db:"id"`
	Participant uuid.UUID      `db:"participant_id"`
	Program     uuid.UUID      `db:"program_id"`
	LeftBy      uuid.UUID      `db:"left_by"`
	For         *uuid.UUID     `db:"for_staff"`
	Text        keyring.Sealed `db:"text_sealed"`
	Urgent      bool           `db:"is_urgent"`
	CreatedAt   time.Time      `db:"created_at"`
	ReadAt      *time.Time     `db:"read_at"`
	ReadBy      *uuid.UUID     `db:"read_by"`
	ArchivedAt  *time.Time     `db:"archived_at"`
	LeftName    keyring.Sealed `db:"left_sealed"`
	ForName     keyring.Sealed `db:"for_sealed"`
	ReadName    keyring.Sealed `db:"read_sealed"`
}

// open opens a message; its words only when they may be read.
func (r messageRow) open(o *keyring.Opener, words bool) Message {
	m := Message{
		ID: r.ID, Participant: r.Participant, Program: r.Program, LeftBy: r.LeftBy, Urgent: r.Urgent, CreatedAt: r.CreatedAt,
		LeftByName: staff.OpenName(o, r.LeftBy, r.LeftName),
	}
	if words {
		m.Text = o.Open(colMessage, r.ID, r.Text)
	}
	if r.For != nil {
		m.For, m.ForName = *r.For, staff.OpenName(o, *r.For, r.ForName)
	}
	if r.ReadAt != nil && r.ReadBy != nil {
		m.ReadAt, m.ReadBy, m.ReadByName = *r.ReadAt, *r.ReadBy, staff.OpenName(o, *r.ReadBy, r.ReadName)
	}
	if r.ArchivedAt != nil {
		m.ArchivedAt = *r.ArchivedAt
	}
	return m
}

// openMessages opens rows; the words of those alone that the actor may read.
func openMessages(box *keyring.Box, actor access.Actor, rows []messageRow) ([]Message, error) {
	o := box.Opener()
	messages := make([]Message, len(rows))
	for i, r := range rows {
		messages[i] = r.open(o, actor.MayIn(r.Program, access.MessageView))
	}
	if err := o.Err(); err != nil {
		return nil, fmt.Errorf("open messages: %w", err)
	}
	return messages, nil
}

// A folder is where a message stands for those whom it is for.
type folder string

const (
	folderNew      folder = ""
	folderRead     folder = "read"
	folderArchived folder = "archived"
)

var folderSQL = map[folder]string{folderNew: sqlNew, folderRead: sqlRead, folderArchived: sqlArchived}

// spot is where a page of messages begins: after this one.
type spot struct {
	Urgent bool
	ID     uuid.UUID
}

// Waiting are messages for one member of staff as they came from the database.
type Waiting struct {
	actor access.Actor
	rows  []messageRow
}

// QueueWaiting adds to a page's batch the messages that wait for the actor, the urgent
// ones first, at most limit.
func QueueWaiting(b *tenancy.Batch, actor access.Actor, limit int, to *Waiting) {
	queueFolder(b, actor, folderNew, spot{}, limit, to)
}

func queueFolder(b *tenancy.Batch, actor access.Actor, from folder, after spot, limit int, to *Waiting) {
	if after == (spot{}) {
		after = spot{Urgent: true, ID: uuid.Max}
	}
	to.actor = actor
	b.Queue(folderSQL[from], tenancy.Into(&to.rows), actor.Programs(access.MessageView), actor.Staff, access.ReachingStatuses,
		actor.Withheld(access.MessageView), after.Urgent, after.ID, limit)
}

// Open opens them.
func (w Waiting) Open(box *keyring.Box) ([]Message, error) { return openMessages(box, w.actor, w.rows) }

// queueAbout adds to a page's batch the latest messages about a participant: those that
// the actor may read, and those she left.
func queueAbout(b *tenancy.Batch, actor access.Actor, participant uuid.UUID, limit int, to *Waiting) {
	to.actor = actor
	about := actor.About(participant)
	b.Queue(sqlAbout, tenancy.Into(&to.rows), participant, about.Programs(access.MessageView), actor.Staff,
		about.Programs(access.MessageLeave), limit)
}

func byID(ctx context.Context, tx *tenancy.Tx, actor access.Actor, id uuid.UUID) (Message, error) {
	row, err := tenancy.Row[messageRow](ctx, tx, sqlMessage, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return Message{}, fault.Missing()
	}
	if err != nil {
		return Message{}, fmt.Errorf("load message: %w", err)
	}
	messages, err := openMessages(tx.Box(), actor, []messageRow{row})
	if err != nil {
		return Message{}, err
	}
	return messages[0], nil
}

// insertMessage adds a message. It says false when the form was sent before; a form that
// was sent with other words adds another one.
func insertMessage(ctx context.Context, tx *tenancy.Tx, m *Message) (bool, error) {
	sealed, err := tx.Box().Seal(colMessage, m.ID, m.Text)
	if err != nil {
		return false, fmt.Errorf("seal message: %w", err)
	}
	added, err := tx.Exec(ctx, sqlInsertMessage, m.ID, m.Participant, m.Program, m.LeftBy, tenancy.Null(m.For), sealed, m.Urgent, m.CreatedAt)
	if err != nil {
		return false, fmt.Errorf("insert message: %w", err)
	}
	if added == 1 {
		return true, nil
	}
	row, err := tenancy.Row[messageRow](ctx, tx, sqlMessage, m.ID)
	if err != nil {
		return false, fmt.Errorf("load the message of a form: %w", err)
	}
	o := tx.Box().Opener()
	saved := row.open(o, true) // to be compared, never shown
	if err := o.Err(); err != nil {
		return false, fmt.Errorf("open the message of a form: %w", err)
	}
	switch {
	case saved.LeftBy != m.LeftBy || saved.Participant != m.Participant:
		return false, fault.New(fault.Conflict, i18n.FaultConflictTitle)
	case saved.Text == m.Text && saved.For == m.For && saved.Program == m.Program && saved.Urgent == m.Urgent:
		return false, nil
	}
	m.ID = tenancy.NewID()
	return insertMessage(ctx, tx, m)
}

// A mark is what can be made of a message.
type mark string

const (
	markRead    mark = "read"
	markUnread  mark = "unread"
	markArchive mark = "archive"
)

func (m mark) save(ctx context.Context, tx *tenancy.Tx, id, by uuid.UUID) error {
	var err error
	switch m {
	case markRead:
		_, err = tx.Exec(ctx, sqlMarkRead, id, tx.Now(), by)
	case markUnread:
		_, err = tx.Exec(ctx, sqlMarkUnread, id)
	case markArchive:
		_, err = tx.Exec(ctx, sqlMarkArchive, id, tx.Now(), by)
	}
	if err != nil {
		return fmt.Errorf("mark message: %w", err)
	}
	return nil
}

// A reader is somebody for whom a message may be left.
type reader struct {
	Program uuid.UUID
	ID      uuid.UUID
	Name    string
}

type readerRow struct {
	Program uuid.UUID      `db:"program_id"`
	ID      uuid.UUID      `db:"id"`
	Name    keyring.Sealed `db:"display_name_sealed"`
}

func queueReaders(b *tenancy.Batch, actor access.Actor, participant uuid.UUID, to *[]readerRow) {
	b.Queue(sqlReaders, tenancy.Into(to), actor.Programs(access.MessageLeave), readerRoles, actor.Staff, participant, civil.Of(b.Now()))
}

func openReaders(box *keyring.Box, rows []readerRow) ([]reader, error) {
	o := box.Opener()
	readers := make([]reader, len(rows))
	for i, r := range rows {
		readers[i] = reader{Program: r.Program, ID: r.ID, Name: staff.OpenName(o, r.ID, r.Name)}
	}
	if err := o.Err(); err != nil {
		return nil, fmt.Errorf("open readers: %w", err)
	}
	return readers, nil
}

var (
	bulkContacts = []string{"id", "participant_id", "program_id", "logged_by", "logged_role", "direction", "channel", "outcome",
		"subject_sealed", "text_sealed", "happened_on", "created_at"}
	bulkMessages = []string{"id", "participant_id", "program_id", "left_by", "for_staff", "text_sealed", "is_urgent", "created_at",
		"read_at", "read_by", "archived_at"}
)

// Bulk adds many contacts by COPY, for demo data: it checks nothing and records nothing.
func Bulk(ctx context.Context, tx *tenancy.Tx, contacts []Contact) error {
	s := tx.Box().Sealer()
	source := pgx.CopyFromSlice(len(contacts), func(i int) ([]any, error) {
		c := contacts[i]
		row := []any{c.ID, c.Participant, c.Program, c.LoggedBy, c.Role, c.Direction, c.Channel, c.Outcome,
			s.Seal(colSubject, c.ID, c.Subject), s.Seal(colText, c.ID, c.Text), c.HappenedOn, c.CreatedAt}
		return row, s.Err()
	})
	if _, err := tx.Copy(ctx, "contacts", bulkContacts, source); err != nil {
		return fmt.Errorf("copy contacts: %w", err)
	}
	return nil
}

// BulkMessages adds many messages by COPY, for demo data: it checks nothing and records
// nothing.
func BulkMessages(ctx context.Context, tx *tenancy.Tx, messages []Message) error {
	s := tx.Box().Sealer()
	source := pgx.CopyFromSlice(len(messages), func(i int) ([]any, error) {
		m := messages[i]
		row := []any{m.ID, m.Participant, m.Program, m.LeftBy, tenancy.Null(m.For), s.Seal(colMessage, m.ID, m.Text), m.Urgent, m.CreatedAt,
			tenancy.Null(m.ReadAt), tenancy.Null(m.ReadBy), tenancy.Null(m.ArchivedAt)}
		return row, s.Err()
	})
	if _, err := tx.Copy(ctx, "messages", bulkMessages, source); err != nil {
		return fmt.Errorf("copy messages: %w", err)
	}
	return nil
}
