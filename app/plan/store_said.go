package plan

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"konote/app/civil"
	"konote/keyring"
	"konote/tenancy"
)

// Columns of package note that are read here, by the names under which it seals them.
var (
	colSaidText  = keyring.Column{Table: "note_targets", Name: "text", Pad: keyring.Words}
	colSaidWords = keyring.Column{Table: "note_targets", Name: "words", Pad: keyring.Words}
)

// What notes say about targets: those of the target's own program that were not
// cancelled, the newest first.
const (
	saidColumns = `nt.id, nt.target_id, nt.note_id, nt.happened_on, coalesce(nt.descriptor, '') AS descriptor, nt.text_sealed, nt.words_sealed`

	// The note is asked for line by line, so that the newest ones are read and no others.
	saidOfTarget = ` FROM agency.note_targets nt WHERE nt.target_id = t.id
		AND (SELECT n.program_id = s.program_id AND n.cancelled_at IS NULL FROM agency.notes n WHERE n.id = nt.note_id)`

	// Of them those that the reader may read ($3: notes, and people, that are closed to her).
	saidToReader = saidOfTarget + ` AND nt.note_id <> ALL($3) AND t.participant_id <> ALL($3)`

	newestFirst = ` ORDER BY nt.happened_on DESC, nt.id DESC LIMIT `

	// The latest of every target of a participant.
	sqlLastSaid = `SELECT nt.id, nt.target_id, nt.note_id, nt.happened_on, nt.descriptor, nt.text_sealed, nt.words_sealed` + targetsOfPlan + `
		JOIN LATERAL (SELECT ` + saidColumns + saidToReader + newestFirst + `1) nt ON true
		WHERE t.participant_id = $1 AND s.program_id = ANY($2)`

	// The last ones of one target.
	sqlSaidOf = `SELECT nt.id, nt.target_id, nt.note_id, nt.happened_on, nt.descriptor, nt.text_sealed, nt.words_sealed` + targetsOfPlan + `
		JOIN LATERAL (SELECT ` + saidColumns + saidToReader + newestFirst + `$2) nt ON true
		WHERE t.id = $1 ORDER BY nt.happened_on DESC, nt.id DESC`

	// Those worked on last come first; then those of which no note tells yet.
	sqlRightNow = `SELECT ` + targetColumns + `, last.happened_on AS last_on, count(*) OVER () AS total` + targetsOfPlan + `
		LEFT JOIN LATERAL (SELECT nt.happened_on` + saidToReader + newestFirst + `1) last ON true
		WHERE t.participant_id = $1 AND s.program_id = ANY($2) AND t.id <> ALL($4) AND t.status = 'active' AND s.status = 'active'
		ORDER BY last.happened_on DESC NULLS LAST, s.position, t.position, t.id LIMIT $5`
)

// Numbers that count for targets, by day: those taken for the target or for the person as
// a whole, in notes of the target's program. Those of notes ($4) and targets ($5) that are
// closed to the reader are left out.
const (
	counting = `mv.participant_id = t.participant_id AND (mv.target_id = t.id OR mv.target_id IS NULL) AND mv.value IS NOT NULL
		AND n.program_id = s.program_id AND n.cancelled_at IS NULL`

	sqlValues = `SELECT t.id AS target_id, mv.metric_id, mv.taken_on, mv.value::float8 AS number` + targetsOfPlan + `
		JOIN agency.target_metrics tm ON tm.target_id = t.id AND tm.removed_at IS NULL
		JOIN agency.metric_values mv ON mv.metric_id = tm.metric_id JOIN agency.notes n ON n.id = mv.note_id AND ` + counting + `
		WHERE t.participant_id = $1 AND s.program_id = ANY($2) AND mv.taken_on >= coalesce($3::date, '-infinity')
		    AND mv.note_id <> ALL($4) AND t.id <> ALL($5)
		ORDER BY mv.taken_on, mv.id`

	// The last ones of the metric that decides.
	sqlRecent = `SELECT t.id AS target_id, v.metric_id, v.taken_on, v.value::float8 AS number` + targetsOfPlan + `
		JOIN LATERAL (` + deciding + `) m ON true
		JOIN LATERAL (SELECT mv.metric_id, mv.taken_on, mv.value, mv.id FROM agency.metric_values mv JOIN agency.notes n ON n.id = mv.note_id
		    WHERE mv.metric_id = m.metric_id AND ` + counting + ` AND mv.note_id <> ALL($4) ORDER BY mv.taken_on DESC, mv.id DESC LIMIT $3) v ON true
		WHERE t.participant_id = $1 AND s.program_id = ANY($2) AND t.id <> ALL($5) AND t.status IN ('active', 'on_hold') ORDER BY v.taken_on, v.id`

	// The first metric of a target that has typed numbers.
	deciding = `SELECT tm.metric_id, tm.goal, x.kind, x.better, x.options
		FROM agency.target_metrics tm JOIN agency.metrics x ON x.id = tm.metric_id
		WHERE tm.target_id = t.id AND tm.removed_at IS NULL AND x.kind <> 'open_text' AND x.counts IS NULL
		ORDER BY tm.position, tm.id LIMIT 1`
)

// How targets stand. The first metric that has typed numbers decides.
const (
	sqlLock = `SELECT id FROM agency.targets WHERE participant_id = $1 AND id = ANY($2) ORDER BY id FOR NO KEY UPDATE`

	sqlEvidence = `SELECT t.id, t.achievement, coalesce(m.better = 'lower', false) AS lower_is_better,
		    coalesce(v.numbers, '{}') AS numbers, coalesce(v.met, '{}') AS met, coalesce(d.said, '{}') AS said` + targetsOfPlan + `
		LEFT JOIN LATERAL (` + deciding + `) m ON true
		LEFT JOIN LATERAL (SELECT array_agg(last.value::float8 ORDER BY last.taken_on DESC, last.id DESC) AS numbers,
		        array_agg(coalesce(CASE
		            WHEN m.kind = 'achievement' THEN EXISTS (SELECT FROM jsonb_array_elements(m.options) o
		                WHERE (o->>'value')::numeric = last.value AND (o->>'achieved')::boolean)
		            WHEN m.better = 'lower' THEN last.value <= m.goal
		            ELSE last.value >= m.goal END, false) ORDER BY last.taken_on DESC, last.id DESC) AS met
		    FROM (SELECT mv.id, mv.value, mv.taken_on FROM agency.metric_values mv JOIN agency.notes n ON n.id = mv.note_id
		        WHERE mv.metric_id = m.metric_id AND ` + counting + `
		        ORDER BY mv.taken_on DESC, mv.id DESC LIMIT 3) last) v ON true
		LEFT JOIN LATERAL (SELECT array_agg(last.descriptor ORDER BY last.happened_on DESC, last.id DESC) AS said
		    FROM (SELECT nt.id, nt.descriptor, nt.happened_on` + saidOfTarget + ` AND nt.descriptor IS NOT NULL` + newestFirst + `2) last) d ON true
		WHERE t.participant_id = $1 AND t.id = ANY($2) AND t.achievement_by = 'computed'`

	sqlStand = `UPDATE agency.targets t SET achievement = c.achievement, achievement_at = $3,
		    first_achieved_at = CASE WHEN c.achievement IN ('achieved', 'sustaining') THEN coalesce(t.first_achieved_at, $3) ELSE t.first_achieved_at END
		FROM unnest($1::uuid[], $2::text[]) AS c (id, achievement) WHERE t.id = c.id`
)

type evidence struct {
	ID            uuid.UUID    `db:"id"`
	Achievement   Achievement  `db:"achievement"`
	LowerIsBetter bool         `db:"lower_is_better"`
	Numbers       []float64    `db:"numbers"`
	Met           []bool       `db:"met"`
	Said          []Descriptor `db:"said"`
}

func (e evidence) points() []Point {
	points := make([]Point, len(e.Numbers))
	for i, number := range e.Numbers {
		points[i] = Point{Value: number, Met: e.Met[i]}
	}
	return points
}

// Recompute computes how targets of a participant stand, from what the notes say. It is
// called in the transaction that saves or cancels a note, after what the note says of the
// targets was written. Those that a worker has judged stay as they are. It holds the
// targets until the transaction ends, so that of two notes saved at once the second one
// sees both.
func Recompute(ctx context.Context, tx *tenancy.Tx, participant uuid.UUID, targets []uuid.UUID) error {
	if len(targets) == 0 {
		return nil
	}
	var found []evidence
	b := tx.Batch()
	b.Exec(sqlLock, participant, targets)
	b.Queue(sqlEvidence, tenancy.Into(&found), participant, targets)
	if err := b.Send(ctx); err != nil {
		return fmt.Errorf("read how targets stand: %w", err)
	}
	var ids []uuid.UUID
	var now []string
	for _, e := range found {
		if a := Compute(e.points(), e.LowerIsBetter, e.Said); a != e.Achievement {
			ids, now = append(ids, e.ID), append(now, string(a))
		}
	}
	if len(ids) == 0 {
		return nil
	}
	if _, err := tx.Exec(ctx, sqlStand, ids, now, tx.Now()); err != nil {
		return fmt.Errorf("write how targets stand: %w", err)
	}
	return nil
}

type saidRow struct {
	ID         uuid.UUID      `db:"id"`
	Target     uuid.UUID      `db:"target_id"`
	Note       uuid.UUID      `db:"note_id"`
	On         civil.Date     `db:"happened_on"`
	Descriptor Descriptor     `db:"descriptor"`
	Text       keyring.Sealed `db:"text_sealed"`
	Words      keyring.Sealed `db:"words_sealed"`
}

// A Said is what one note says about a target.
type Said struct {
	Target     uuid.UUID
	Note       uuid.UUID
	On         civil.Date
	Descriptor Descriptor // "" when the note does not say
	Text       string     // the worker's
	Words      string     // the participant's
}

func openSaid(box *keyring.Box, rows []saidRow) ([]Said, error) {
	o := box.Opener()
	all := make([]Said, len(rows))
	for i, r := range rows {
		all[i] = Said{Target: r.Target, Note: r.Note, On: r.On, Descriptor: r.Descriptor,
			Text: o.Open(colSaidText, r.ID, r.Text), Words: o.Open(colSaidWords, r.ID, r.Words)}
	}
	if err := o.Err(); err != nil {
		return nil, fmt.Errorf("open what notes say of targets: %w", err)
	}
	return all, nil
}

type nowRow struct {
	targetRow
	LastOn civil.Date `db:"last_on"`
	Total  int        `db:"total"` // of all that there are
}

// A value is a recorded number that counts for a target.
type value struct {
	Target uuid.UUID  `db:"target_id"`
	Metric uuid.UUID  `db:"metric_id"`
	On     civil.Date `db:"taken_on"`
	Number float64    `db:"number"`
}
