package note

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/app/access"
	"konote/keyring"
	"konote/tenancy"
)

var colSearchWords = keyring.Column{Table: "note_searches", Name: "words", Pad: keyring.Words}

// What is searched: the words of notes that stand, of their goals, and what was added.
const (
	sqlWordsOfNotes = `SELECT n.id, n.text_sealed, n.takeaway_sealed, n.summary_sealed, n.suggestion_sealed, n.sections_sealed
		FROM agency.notes n
		WHERE n.participant_id = $1 AND n.program_id = ANY($2) AND n.id <> ALL($3) AND n.cancelled_at IS NULL
		ORDER BY n.happened_on DESC, n.id DESC`

	sqlWordsOfGoals = `SELECT g.note_id, g.id, g.text_sealed, g.words_sealed
		FROM agency.note_targets g JOIN agency.notes n ON n.id = g.note_id
		WHERE n.participant_id = $1 AND n.program_id = ANY($2) AND n.id <> ALL($3) AND n.cancelled_at IS NULL
		    AND n.participant_id <> ALL($4) AND g.target_id <> ALL($4)`

	sqlWordsOfAddenda = `SELECT a.note_id, a.id, a.text_sealed
		FROM agency.note_addenda a JOIN agency.notes n ON n.id = a.note_id
		WHERE n.participant_id = $1 AND n.program_id = ANY($2) AND n.id <> ALL($3) AND n.cancelled_at IS NULL`

	// The same over a program, a part at a time, the notes written last first: only of
	// people whom the program reaches, without what is closed to the reader ($4; $6: goals).
	inProgram = ` n.program_id = $1 AND n.id < $2 AND n.cancelled_at IS NULL AND n.participant_id <> ALL($4) AND n.id <> ALL($4) AND EXISTS (
		    SELECT FROM agency.enrolments e
		    WHERE e.participant_id = n.participant_id AND e.program_id = n.program_id AND e.status = ANY($3))`

	sqlPartOfNotes = `SELECT n.id, n.text_sealed, n.takeaway_sealed, n.summary_sealed, n.suggestion_sealed, n.sections_sealed
		FROM agency.notes n WHERE` + inProgram + ` ORDER BY n.id DESC LIMIT $5`

	sqlPartOfGoals = `SELECT g.note_id, g.id, g.text_sealed, g.words_sealed
		FROM agency.note_targets g JOIN agency.notes n ON n.id = g.note_id
		WHERE` + inProgram + ` AND n.id >= $5 AND n.participant_id <> ALL($6) AND g.target_id <> ALL($6)`

	sqlPartOfAddenda = `SELECT a.note_id, a.id, a.text_sealed
		FROM agency.note_addenda a JOIN agency.notes n ON n.id = a.note_id WHERE` + inProgram + ` AND n.id >= $5`

	sqlCountInProgram = `SELECT count(*) FROM agency.notes n WHERE` + inProgram

	sqlInsertSearch = `INSERT INTO agency.note_searches (id, staff_id, program_id, words_sealed, created_at)
		VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO NOTHING`

	sqlForgetSearches = `DELETE FROM agency.note_searches WHERE staff_id = $1 AND created_at < $2`

	sqlSearchByID = `SELECT id, staff_id, program_id, words_sealed, status, total, looked_at, found, created_at
		FROM agency.note_searches WHERE id = $1`

	sqlSearchesOf = `SELECT id, staff_id, program_id, words_sealed, status, total, looked_at, found, created_at
		FROM agency.note_searches WHERE staff_id = $1 AND program_id = $2 ORDER BY created_at DESC, id DESC LIMIT 10`

	sqlSearchProgress = `UPDATE agency.note_searches SET status = $2, total = $3, looked_at = $4, found = $5, finished_at = $6 WHERE id = $1`
)

// searchKept is how long what a search found can be looked at again.
const searchKept = 24 * time.Hour

// look reads the notes of statements and keeps which of the words each has.
type look struct {
	q     *query
	o     *keyring.Opener
	order []uuid.UUID // of the notes, as they were read
	bits  map[uuid.UUID]uint8
}

func newLook(q *query, o *keyring.Opener) *look {
	return &look{q: q, o: o, bits: map[uuid.UUID]uint8{}}
}

// notes reads rows of id and the sealed words of a note.
func (l *look) notes(rows pgx.Rows) error {
	var id uuid.UUID
	var sealed [5]keyring.Sealed
	columns := [5]keyring.Column{colText, colTakeaway, colSummary, colSuggestion, colSections}
	_, err := pgx.ForEachRow(rows, []any{&id, &sealed[0], &sealed[1], &sealed[2], &sealed[3], &sealed[4]}, func() error {
		l.order = append(l.order, id)
		var bits uint8
		for i, s := range sealed[:4] {
			bits |= l.q.found(l.o.Open(columns[i], id, s))
		}
		for _, section := range openSections(l.o, id, sealed[4]) {
			bits |= l.q.found(section.Text)
		}
		l.bits[id] |= bits
		return l.o.Err()
	})
	return err
}

// goals reads rows of a note's id, the row's own, and the sealed words of both people.
func (l *look) goals(rows pgx.Rows) error {
	var note, id uuid.UUID
	var text, words keyring.Sealed
	_, err := pgx.ForEachRow(rows, []any{&note, &id, &text, &words}, func() error {
		l.bits[note] |= l.q.found(l.o.Open(colGoalText, id, text)) | l.q.found(l.o.Open(colGoalWords, id, words))
		return l.o.Err()
	})
	return err
}

// addenda reads rows of a note's id, the row's own, and the sealed words.
func (l *look) addenda(rows pgx.Rows) error {
	var note, id uuid.UUID
	var text keyring.Sealed
	_, err := pgx.ForEachRow(rows, []any{&note, &id, &text}, func() error {
		l.bits[note] |= l.q.found(l.o.Open(colAddendum, id, text))
		return l.o.Err()
	})
	return err
}

// hits are the notes that have every word, in the order in which they were read.
func (l *look) hits() []uuid.UUID {
	var hits []uuid.UUID
	for _, id := range l.order {
		if l.bits[id] == l.q.all() {
			hits = append(hits, id)
		}
	}
	return hits
}

// searchIn finds the notes of one participant that the actor may read and that have every
// word; the newest first. One round trip.
func searchIn(ctx context.Context, tx *tenancy.Tx, q *query, actor access.Actor, participant uuid.UUID) ([]uuid.UUID, error) {
	programs, withheld := actor.About(participant).Programs(access.NoteView), actor.Withheld(access.NoteView)
	l := newLook(q, tx.Box().Opener())
	b := tx.Batch()
	b.Queue(sqlWordsOfNotes, l.notes, participant, programs, withheld)
	b.Queue(sqlWordsOfGoals, l.goals, participant, programs, withheld, actor.Withheld(access.PlanView))
	b.Queue(sqlWordsOfAddenda, l.addenda, participant, programs, withheld)
	if err := b.Send(ctx); err != nil {
		return nil, fmt.Errorf("search notes: %w", err)
	}
	return l.hits(), nil
}

// searchPart looks through one part of a program's notes, those before an id. It says
// how many there were and where the next part begins; the nil id when this was the last.
func searchPart(ctx context.Context, tx *tenancy.Tx, q *query, actor access.Actor, program, before uuid.UUID, limit int) (hits []uuid.UUID, looked int, next uuid.UUID, err error) {
	l, withheld := newLook(q, tx.Box().Opener()), actor.Withheld(access.NoteView)
	rows, err := tx.Query(ctx, sqlPartOfNotes, program, before, access.ReachingStatuses, withheld, limit)
	if err == nil {
		err = l.notes(rows)
	}
	if err != nil || len(l.order) == 0 {
		return nil, 0, uuid.Nil, wrapSearch(err)
	}
	last := l.order[len(l.order)-1]
	b := tx.Batch()
	b.Queue(sqlPartOfGoals, l.goals, program, before, access.ReachingStatuses, withheld, last, actor.Withheld(access.PlanView))
	b.Queue(sqlPartOfAddenda, l.addenda, program, before, access.ReachingStatuses, withheld, last)
	if err := b.Send(ctx); err != nil {
		return nil, 0, uuid.Nil, wrapSearch(err)
	}
	if len(l.order) == limit {
		next = last
	}
	return l.hits(), len(l.order), next, nil
}

func wrapSearch(err error) error {
	if err != nil {
		return fmt.Errorf("search notes: %w", err)
	}
	return nil
}

const (
	sqlFoundNotes = `SELECT ` + columns + `, ` + taken + `, 0 AS addenda,
		    (SELECT s.display_name_sealed FROM agency.staff s WHERE s.id = author_id) AS author_name_sealed
		FROM agency.notes
		WHERE id = ANY($1) AND program_id = ANY($2) AND participant_id <> ALL($3) AND id <> ALL($3) AND cancelled_at IS NULL
		ORDER BY happened_on DESC, id DESC`

	sqlFoundGoals = `SELECT g.id, g.note_id, g.target_id, g.text_sealed, g.words_sealed, coalesce(g.descriptor, '') AS descriptor,
		    t.name_sealed AS target_name_sealed
		FROM agency.note_targets g JOIN agency.targets t ON t.id = g.target_id
		WHERE g.note_id = ANY($1) AND t.participant_id <> ALL($2) AND t.id <> ALL($2) ORDER BY g.id`

	// Of what a search of a program ($2) has found, what the reader may read at this moment, in
	// the order of $1. $3: statuses, $4: what is closed to her.
	sqlStillThere = `SELECT n.id FROM unnest($1::uuid[]) WITH ORDINALITY AS found (id, at) JOIN agency.notes n ON n.id = found.id
		WHERE n.program_id = $2 AND n.cancelled_at IS NULL AND n.participant_id <> ALL($4) AND n.id <> ALL($4) AND EXISTS (
		    SELECT FROM agency.enrolments e
		    WHERE e.participant_id = n.participant_id AND e.program_id = n.program_id AND e.status = ANY($3))
		ORDER BY found.at`

	sqlFoundAddenda = `SELECT note_id, id, text_sealed FROM agency.note_addenda WHERE note_id = ANY($1) ORDER BY created_at, id`
)

// A hit is a note that was found, and where in it.
type hit struct {
	Note
	Author  string
	Excerpt []Piece
}

// loadHits loads notes that were found, those in the given programs that stand, with the
// place in each where a word is. Who may read them was decided by the caller: programs
// are those of the actor. What is closed to her is left out.
func loadHits(ctx context.Context, tx *tenancy.Tx, q *query, actor access.Actor, ids, programs []uuid.UUID) ([]hit, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	page := Page{unmeasured: actor.Withheld(access.MetricViewIndividual)}
	added := map[uuid.UUID][]string{}
	o := tx.Box().Opener()
	b := tx.Batch()
	b.Queue(sqlFoundNotes, tenancy.Into(&page.rows), ids, programs, actor.Withheld(access.NoteView))
	b.Queue(sqlFoundGoals, tenancy.Into(&page.goals), ids, actor.Withheld(access.PlanView))
	b.Queue(sqlFoundAddenda, func(rows pgx.Rows) error {
		var note, id uuid.UUID
		var text keyring.Sealed
		_, err := pgx.ForEachRow(rows, []any{&note, &id, &text}, func() error {
			added[note] = append(added[note], o.Open(colAddendum, id, text))
			return nil
		})
		return err
	}, ids)
	if err := b.Send(ctx); err != nil {
		return nil, fmt.Errorf("load what was found: %w", err)
	}
	notes, err := page.Open(tx.Box())
	if err != nil {
		return nil, err
	}
	authors, err := page.Authors(tx.Box())
	if err != nil {
		return nil, err
	}
	hits := make([]hit, len(notes))
	for i, n := range notes {
		hits[i] = hit{Note: n, Author: authors[n.Author], Excerpt: q.best(append(n.texts(), added[n.ID]...))}
	}
	return hits, wrapSearch(o.Err())
}

// stillThere are those of a search's hits that the actor may read at this moment: nothing
// else is shown or counted.
func (s search) stillThere(ctx context.Context, tx *tenancy.Tx, actor access.Actor) ([]uuid.UUID, error) {
	rows, err := tx.Query(ctx, sqlStillThere, append([]uuid.UUID{}, s.Found...), s.Program, access.ReachingStatuses, actor.Withheld(access.NoteView))
	if err != nil {
		return nil, wrapSearch(err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	return ids, wrapSearch(err)
}

// texts are the words of a note, those of the participant first.
func (n Note) texts() []string {
	texts := []string{n.Takeaway, n.Suggestion}
	for _, g := range n.Goals {
		texts = append(texts, g.Words, g.Text)
	}
	texts = append(texts, n.Text, n.Summary)
	for _, s := range n.Sections {
		texts = append(texts, s.Text)
	}
	return texts
}
