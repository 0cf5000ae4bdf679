package note

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

// The sealed columns.
var (
	colText     = keyring.Column{Table: "notes", Name: "text", Pad: keyring.Words}
	colTakeaway = keyring.Column{Table: "notes", Name: "takeaway", Pad: keyring.Words}
)

const columns = `id, participant_id, program_id, author_id, author_role, interaction, coalesce(outcome, '') AS outcome,
	text_sealed, takeaway_sealed, made_together, happened_on, follow_up_on, created_at`

const (
	sqlByID = `SELECT ` + columns + ` FROM agency.notes WHERE id = $1`

	sqlInsert = `INSERT INTO agency.notes
		(id, participant_id, program_id, author_id, author_role, interaction, outcome, text_sealed, takeaway_sealed,
		 made_together, happened_on, follow_up_on, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, nullif($7, ''), $8, $9, $10, $11, $12, $13)
		ON CONFLICT (id) DO NOTHING`

	// The author's earlier follow-ups about the same participant are answered by a new note.
	sqlAnswerFollowUps = `UPDATE agency.notes SET followed_up_at = $3
		WHERE participant_id = $1 AND author_id = $2 AND id <> $4 AND follow_up_on IS NOT NULL AND followed_up_at IS NULL`

	sqlTimeline = `SELECT ` + columns + `,
		    (SELECT s.display_name_sealed FROM agency.staff s WHERE s.id = author_id) AS author_name_sealed
		FROM agency.notes
		WHERE participant_id = $1 AND program_id = ANY($2) AND (happened_on, id) < ($3, $4)
		ORDER BY happened_on DESC, id DESC LIMIT $5`

	sqlOnDay = `SELECT count(*) FROM agency.notes WHERE participant_id = $1 AND program_id = ANY($2) AND happened_on = $3`

	// What the author wrote today, the newest first.
	sqlWrittenSince = `SELECT ` + columns + ` FROM agency.notes
		WHERE author_id = $1 AND created_at >= $2 AND program_id = ANY($3) ORDER BY created_at DESC, id DESC LIMIT 20`

	sqlFollowUpsDue = `SELECT ` + columns + ` FROM agency.notes
		WHERE author_id = $1 AND follow_up_on <= $2 AND followed_up_at IS NULL AND program_id = ANY($3)
		ORDER BY follow_up_on, id LIMIT 20`
)

type row struct {
	ID           uuid.UUID      `db:"id"`
	Participant  uuid.UUID      `db:"participant_id"`
	Program      uuid.UUID      `db:"program_id"`
	Author       uuid.UUID      `db:"author_id"`
	AuthorRole   access.Role    `db:"author_role"`
	Interaction  Interaction    `db:"interaction"`
	Outcome      Outcome        `db:"outcome"`
	Text         keyring.Sealed `db:"text_sealed"`
	Takeaway     keyring.Sealed `db:"takeaway_sealed"`
	MadeTogether bool           `db:"made_together"`
	HappenedOn   civil.Date     `db:"happened_on"`
	FollowUpOn   civil.Date     `db:"follow_up_on"`
	CreatedAt    time.Time      `db:"created_at"`
}

func (r row) open(o *keyring.Opener) Note {
	return Note{
		ID: r.ID, Participant: r.Participant, Program: r.Program, Author: r.Author, AuthorRole: r.AuthorRole,
		Interaction: r.Interaction, Outcome: r.Outcome,
		Text: o.Open(colText, r.ID, r.Text), Takeaway: o.Open(colTakeaway, r.ID, r.Takeaway),
		MadeTogether: r.MadeTogether, HappenedOn: r.HappenedOn, FollowUpOn: r.FollowUpOn, CreatedAt: r.CreatedAt,
	}
}

// byID loads one note, whoever may read it; the caller decides.
func byID(ctx context.Context, tx *tenancy.Tx, id uuid.UUID) (Note, error) {
	found, err := tenancy.Row[row](ctx, tx, sqlByID, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return Note{}, fault.Missing()
	}
	if err != nil {
		return Note{}, fmt.Errorf("load note: %w", err)
	}
	o := tx.Box().Opener()
	note := found.open(o)
	if err := o.Err(); err != nil {
		return Note{}, fmt.Errorf("open note: %w", err)
	}
	return note, nil
}

// insert saves a note and answers the author's open follow-ups about the participant. It
// says false when the same form was saved before, and fault.Conflict when the id is of
// another note. A form that was saved and comes again with other words is another note,
// and n gets an id of its own: what somebody wrote is never dropped.
func insert(ctx context.Context, tx *tenancy.Tx, n *Note) (bool, error) {
	s := tx.Box().Sealer()
	text, takeaway := s.Seal(colText, n.ID, n.Text), s.Seal(colTakeaway, n.ID, n.Takeaway)
	if err := s.Err(); err != nil {
		return false, fmt.Errorf("seal note: %w", err)
	}
	added, err := tx.Exec(ctx, sqlInsert, n.ID, n.Participant, n.Program, n.Author, n.AuthorRole, n.Interaction, n.Outcome, text,
		takeaway, n.MadeTogether, n.HappenedOn, n.FollowUpOn, n.CreatedAt)
	if err != nil {
		return false, fmt.Errorf("insert note: %w", err)
	}
	if added == 0 {
		saved, err := byID(ctx, tx, n.ID)
		switch {
		case err != nil:
			return false, err
		case saved.Author != n.Author || saved.Participant != n.Participant:
			return false, fault.New(fault.Conflict, i18n.FaultConflictTitle)
		case saved.Text == n.Text && saved.Takeaway == n.Takeaway:
			return false, nil
		}
		n.ID = tenancy.NewID()
		return insert(ctx, tx, n)
	}
	if _, err := tx.Exec(ctx, sqlAnswerFollowUps, n.Participant, n.Author, n.CreatedAt, n.ID); err != nil {
		return false, fmt.Errorf("answer follow-ups: %w", err)
	}
	return true, nil
}

// Place is where a page of a timeline begins: after this day and note.
type Place struct {
	Day civil.Date
	ID  uuid.UUID
}

// newest begins before every note: the last day that Postgres and people agree on.
var newest = Place{Day: civil.Date{Year: 9999, Month: time.December, Day: 31}, ID: uuid.Max}

// QueueTimeline adds a participant's notes in the given programs to a page's batch, the
// newest first: after the place, at most limit.
func QueueTimeline(b *tenancy.Batch, participant uuid.UUID, programs []uuid.UUID, after Place, limit int, to *Page) {
	if after == (Place{}) {
		after = newest
	}
	to.limit = limit
	b.Queue(sqlTimeline, tenancy.Into(&to.rows), participant, programs, after.Day, after.ID, limit+1)
}

// Page is a part of a timeline as it came from the database.
type Page struct {
	rows  []timelineRow
	limit int
}

type timelineRow struct {
	row
	AuthorName keyring.Sealed `db:"author_name_sealed"`
}

// Open opens the notes. next is where the following page begins, zero when this is
// the last one.
func (p Page) Open(box *keyring.Box) (notes []Note, next Place, err error) {
	rows := p.rows
	if len(rows) > p.limit {
		rows = rows[:p.limit]
		last := rows[len(rows)-1]
		next = Place{Day: last.HappenedOn, ID: last.ID}
	}
	plain := make([]row, len(rows))
	for i, r := range rows {
		plain[i] = r.row
	}
	notes, err = openAll(box, plain)
	return notes, next, err
}

// authors are the names of those who wrote the notes.
func (p Page) authors(box *keyring.Box) (map[uuid.UUID]string, error) {
	o := box.Opener()
	names := map[uuid.UUID]string{}
	for _, r := range p.rows {
		if _, ok := names[r.Author]; !ok {
			names[r.Author] = staff.OpenName(o, r.Author, r.AuthorName)
		}
	}
	if err := o.Err(); err != nil {
		return nil, fmt.Errorf("open authors: %w", err)
	}
	return names, nil
}

func openAll(box *keyring.Box, rows []row) ([]Note, error) {
	o := box.Opener()
	notes := make([]Note, len(rows))
	for i, r := range rows {
		notes[i] = r.open(o)
	}
	if err := o.Err(); err != nil {
		return nil, fmt.Errorf("open notes: %w", err)
	}
	return notes, nil
}

// onDay counts the notes there are for a participant on a day, in the programs whose
// notes the reader may see.
func onDay(ctx context.Context, tx *tenancy.Tx, participant uuid.UUID, programs []uuid.UUID, day civil.Date) (int, error) {
	var count int
	if err := tx.QueryRow(ctx, sqlOnDay, participant, programs, day).Scan(&count); err != nil {
		return 0, fmt.Errorf("count notes of a day: %w", err)
	}
	return count, nil
}

// Work is what a worker's home page shows of her notes.
type Work struct {
	today, due []row
}

// QueueWork adds a worker's own notes since an instant, and her follow-ups due by a
// day, to a page's batch; only notes of programs in which she may still read them.
func QueueWork(b *tenancy.Batch, actor access.Actor, since time.Time, by civil.Date, to *Work) {
	programs := actor.Programs(access.NoteView)
	b.Queue(sqlWrittenSince, tenancy.Into(&to.today), actor.Staff, since, programs)
	b.Queue(sqlFollowUpsDue, tenancy.Into(&to.due), actor.Staff, by, programs)
}

// Open opens them.
func (w Work) Open(box *keyring.Box) (today, due []Note, err error) {
	if today, err = openAll(box, w.today); err != nil {
		return nil, nil, err
	}
	due, err = openAll(box, w.due)
	return today, due, err
}

var bulkColumns = []string{"id", "participant_id", "program_id", "author_id", "author_role", "interaction", "outcome",
	"text_sealed", "takeaway_sealed", "made_together", "happened_on", "follow_up_on", "created_at"}

// Bulk adds many notes by COPY, for demo data: it checks nothing and records nothing.
func Bulk(ctx context.Context, tx *tenancy.Tx, notes []Note) error {
	s := tx.Box().Sealer()
	source := pgx.CopyFromSlice(len(notes), func(i int) ([]any, error) {
		n := notes[i]
		var outcome *Outcome
		if n.Outcome != "" {
			outcome = &n.Outcome
		}
		row := []any{n.ID, n.Participant, n.Program, n.Author, n.AuthorRole, n.Interaction, outcome,
			s.Seal(colText, n.ID, n.Text), s.Seal(colTakeaway, n.ID, n.Takeaway),
			n.MadeTogether, n.HappenedOn, n.FollowUpOn, n.CreatedAt}
		return row, s.Err()
	})
	if _, err := tx.Copy(ctx, "notes", bulkColumns, source); err != nil {
		return fmt.Errorf("copy notes: %w", err)
	}
	return nil
}
