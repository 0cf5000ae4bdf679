package note

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/civil"
	"konote/app/metric"
	"konote/app/staff"
	"konote/app/timeline"
	"konote/keyring"
	"konote/tenancy"
)

// MostWork is how many notes of each kind a worker's home page shows.
const (
	MostWork = 50
	most     = `50`
)

// taken is what an assessment measured, with its measure, so that a list can say it in
// words without asking again; words stay sealed.
const taken = `CASE WHEN kind = 'assessment' THEN (
		SELECT jsonb_build_object('id', v.id, 'value', v.value, 'words', encode(v.words_sealed, 'base64'), 'metric', to_jsonb(m))
		FROM agency.metric_values v JOIN agency.metrics m ON m.id = v.metric_id WHERE v.note_id = notes.id LIMIT 1) END AS measured`

const (
	// Cancelled notes are in a time line, which shows them struck, and in no short list. A
	// limit that the planner knows ($5 is less) has it read the index in its order; it takes an
	// unknown one for a tenth of all rows. So does OFFSET 0 with the goals below: it looks them
	// up note by note.
	sqlTimeline = `SELECT ` + read + `, addenda, author_name_sealed, measured FROM (SELECT ` + columns + `, ` + taken + `,
		    (SELECT count(*) FROM agency.note_addenda a WHERE a.note_id = notes.id)::int AS addenda,
		    (SELECT s.display_name_sealed FROM agency.staff s WHERE s.id = author_id) AS author_name_sealed
		FROM agency.notes
		WHERE participant_id = $1 AND program_id = ANY($2) AND id <> ALL($7) AND (happened_on, id) < ($3, $4) AND ($6 OR cancelled_at IS NULL)
		ORDER BY happened_on DESC, id DESC LIMIT 100) newest LIMIT $5`

	// The goals of the same notes, in the same round trip. $8: goals that are closed.
	sqlTimelineGoals = `SELECT g.id, g.note_id, g.target_id, g.text_sealed, g.words_sealed, g.descriptor, g.target_name_sealed
		FROM (SELECT id FROM agency.notes
		      WHERE participant_id = $1 AND program_id = ANY($2) AND id <> ALL($7) AND (happened_on, id) < ($3, $4) AND ($6 OR cancelled_at IS NULL)
		      ORDER BY happened_on DESC, id DESC LIMIT $5) n
		CROSS JOIN LATERAL (
		    SELECT g.id, g.note_id, g.target_id, g.text_sealed, g.words_sealed, coalesce(g.descriptor, '') AS descriptor, t.name_sealed AS target_name_sealed
		    FROM agency.note_targets g JOIN agency.targets t ON t.id = g.target_id WHERE g.note_id = n.id AND t.participant_id <> ALL($8) AND t.id <> ALL($8) OFFSET 0) g
		ORDER BY g.id`

	// Of a circle ($1), about those in it whom the reader is shown ($2), where she reads notes
	// ($3) and the record is open to her through such a program ($4: statuses of enrolments that
	// count). Nothing of what a note says: these are notes about several people.
	sqlOfCircle = `SELECT n.id, n.participant_id, n.program_id, n.author_id, n.interaction, coalesce(n.outcome, '') AS outcome, n.happened_on, n.created_at,
		    s.display_name_sealed AS author_name_sealed
		FROM agency.notes n JOIN agency.staff s ON s.id = n.author_id
		WHERE n.circle_id = $1 AND n.participant_id = ANY($2) AND n.program_id = ANY($3) AND n.cancelled_at IS NULL
		    AND n.participant_id <> ALL($5) AND n.id <> ALL($5) AND (n.happened_on, n.id) < ($6, $7)
		    AND EXISTS (SELECT FROM agency.enrolments e WHERE e.participant_id = n.participant_id AND e.program_id = ANY($3) AND e.status = ANY($4))
		ORDER BY n.happened_on DESC, n.id DESC LIMIT $8`

	sqlOnDay = `SELECT count(*) FROM agency.notes
		WHERE participant_id = $1 AND program_id = ANY($2) AND happened_on = $3 AND id <> ALL($4) AND cancelled_at IS NULL`

	// What the author wrote today, the newest first.
	sqlWrittenSince = `SELECT ` + columns + `, 0 AS addenda FROM agency.notes
		WHERE author_id = $1 AND created_at >= $2 AND program_id = ANY($3) AND participant_id <> ALL($4) AND id <> ALL($4) AND cancelled_at IS NULL
		ORDER BY created_at DESC, id DESC LIMIT ` + most
)

// newest begins before every note: the last day that Postgres and people agree on.
var newest = timeline.Place{Day: civil.Date{Year: 9999, Month: time.December, Day: 31}, ID: uuid.Max}

// QueueTimeline adds a participant's notes to a page's batch, the newest first, with what
// they say of goals. Two statements, however many notes. Cancelled notes are among them:
// they are shown struck, or left out.
func QueueTimeline(b *tenancy.Batch, participant uuid.UUID, ask timeline.Ask, to *Page) {
	queueTimeline(b, participant, ask, true, to)
}

func queueTimeline(b *tenancy.Batch, participant uuid.UUID, ask timeline.Ask, cancelled bool, to *Page) {
	after := ask.After
	if after == (timeline.Place{}) {
		after = newest
	}
	withheld := ask.Actor.Withheld(access.NoteView)
	to.unmeasured = ask.Actor.Withheld(access.MetricViewIndividual)
	b.Queue(sqlTimeline, tenancy.Into(&to.rows), participant, ask.Programs, after.Day, after.ID, ask.Limit, cancelled, withheld)
	b.Queue(sqlTimelineGoals, tenancy.Into(&to.goals), participant, ask.Programs, after.Day, after.ID, ask.Limit, cancelled,
		withheld, ask.Actor.Withheld(access.PlanView))
}

// Page is a part of a timeline as it came from the database.
type Page struct {
	rows       []timelineRow
	goals      []goalRow
	unmeasured []uuid.UUID // people whose measures are closed to the reader
}

type timelineRow struct {
	row
	AuthorName keyring.Sealed `db:"author_name_sealed"`
	Measured   *measuredRow   `db:"measured"`
}

type measuredRow struct {
	ID     uuid.UUID      `json:"id"`
	Number *float64       `json:"value"`
	Words  keyring.Sealed `json:"words"`
	Metric metric.Metric  `json:"metric"`
}

func (r *measuredRow) open(o *keyring.Opener) *Measured {
	return &Measured{Metric: r.Metric, Value: Value{ID: r.ID, Number: r.Number, Words: o.Open(colValueWords, r.ID, r.Words)}}
}

// Open opens the notes, with their goals and without values, but for those of assessments.
func (p Page) Open(box *keyring.Box) ([]Note, error) {
	o := box.Opener()
	goals := map[uuid.UUID][]Goal{}
	for _, r := range p.goals {
		goals[r.Note] = append(goals[r.Note], r.open(o))
	}
	notes := make([]Note, len(p.rows))
	for i, r := range p.rows {
		notes[i] = r.open(o)
		notes[i].Goals = goals[r.ID]
		if r.Measured != nil && !slices.Contains(p.unmeasured, r.Participant) {
			notes[i].Measured = r.Measured.open(o)
		}
	}
	if err := o.Err(); err != nil {
		return nil, fmt.Errorf("open notes: %w", err)
	}
	return notes, nil
}

// Authors are the names of those who wrote the notes.
func (p Page) Authors(box *keyring.Box) (map[uuid.UUID]string, error) {
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

// onDay counts the notes there are for a participant on a day, those that the actor may
// see.
func onDay(ctx context.Context, tx *tenancy.Tx, actor access.Actor, participant uuid.UUID, day civil.Date) (int, error) {
	var count int
	programs := actor.About(participant).Programs(access.NoteView)
	if err := tx.QueryRow(ctx, sqlOnDay, participant, programs, day, actor.Withheld(access.NoteView)).Scan(&count); err != nil {
		return 0, fmt.Errorf("count notes of a day: %w", err)
	}
	return count, nil
}

// Work is what a worker's home page shows of her notes.
type Work struct {
	today       []row
	due, coming []followUpRow
}

// QueueWork adds a worker's own notes since an instant, in programs in which she may still
// read them, and the follow-ups that are hers in those where she writes notes to a page's
// batch: due by today, and in the week that follows.
func QueueWork(b *tenancy.Batch, actor access.Actor, since time.Time, today civil.Date, to *Work) {
	b.Queue(sqlWrittenSince, tenancy.Into(&to.today), actor.Staff, since, actor.Programs(access.NoteView), actor.Withheld(access.NoteView))
	queueFollowUps(b, actor, civil.Date{Year: 1, Month: time.January, Day: 1}, today, &to.due)
	queueFollowUps(b, actor, today.AddDays(1), today.AddDays(aheadDays), &to.coming)
}

// Open opens them.
func (w Work) Open(box *keyring.Box) (today []Note, due, coming []FollowUp, err error) {
	if today, err = openAll(box, w.today); err != nil {
		return nil, nil, nil, err
	}
	if due, err = openFollowUps(box, w.due); err != nil {
		return nil, nil, nil, err
	}
	coming, err = openFollowUps(box, w.coming)
	return today, due, coming, err
}
