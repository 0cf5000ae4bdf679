package note

import (
	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/civil"
	"konote/app/metric"
	"konote/app/plan"
	"konote/tenancy"
)

// What the form of a note shows of notes before.

const (
	// Whether a note counts, and is not closed to the reader ($3), as a filter on rows that come in the order in which they are
	// wanted: the first that passes ends the search, however many there are.
	counts = `(SELECT n.cancelled_at IS NULL AND n.program_id = s.program_id AND n.id <> ALL($3) FROM agency.notes n WHERE n.id = `

	// The last word about each goal that is worked towards.
	sqlLastSaid = `SELECT t.id AS target_id, last.descriptor, last.happened_on
		FROM agency.targets t JOIN agency.plan_sections s ON s.id = t.section_id
		CROSS JOIN LATERAL (
		    SELECT g.descriptor, g.happened_on FROM agency.note_targets g
		    WHERE g.target_id = t.id AND g.descriptor IS NOT NULL AND ` + counts + `g.note_id)
		    ORDER BY g.happened_on DESC, g.id DESC LIMIT 1) last
		WHERE t.participant_id = $1 AND s.program_id = ANY($2) AND t.status = 'active'`

	// The last value of each measure of those goals, and how many full notes of the program
	// there were since.
	sqlLastMeasured = `SELECT t.id AS target_id, m.metric_id, last.value, last.taken_on,
		    (SELECT count(*) FROM agency.notes n
		     WHERE n.participant_id = $1 AND n.program_id = s.program_id AND n.kind = 'full' AND n.cancelled_at IS NULL
		       AND n.id <> ALL($3) AND (n.happened_on, n.id) > (last.taken_on, last.note_id))::int AS notes_since
		FROM agency.targets t JOIN agency.plan_sections s ON s.id = t.section_id
		JOIN agency.target_metrics m ON m.target_id = t.id AND m.removed_at IS NULL
		CROSS JOIN LATERAL (
		    SELECT v.value::float8 AS value, v.taken_on, v.note_id FROM agency.metric_values v
		    WHERE v.participant_id = $1 AND v.metric_id = m.metric_id AND (v.target_id = t.id OR v.target_id IS NULL)
		      AND ` + counts + `v.note_id)
		    ORDER BY v.taken_on DESC, v.id DESC LIMIT 1) last
		WHERE t.participant_id = $1 AND s.program_id = ANY($2) AND t.status = 'active'`

	// Which question about working together was asked last.
	sqlLastPrompt = `SELECT alliance_prompt AS prompt FROM agency.notes
		WHERE participant_id = $1 AND program_id = ANY($2) AND alliance IS NOT NULL AND id <> ALL($3) AND cancelled_at IS NULL
		ORDER BY happened_on DESC, id DESC LIMIT 1`
)

type saidBefore struct {
	Target     uuid.UUID       `db:"target_id"`
	Descriptor plan.Descriptor `db:"descriptor"`
	On         civil.Date      `db:"happened_on"`
}

type measuredBefore struct {
	Target uuid.UUID  `db:"target_id"`
	Metric uuid.UUID  `db:"metric_id"`
	Number *float64   `db:"value"` // nil: words
	On     civil.Date `db:"taken_on"`
	Since  int        `db:"notes_since"`
}

type promptBefore struct {
	Prompt int `db:"prompt"`
}

// before is what the form shows of notes before.
type before struct {
	said     []saidBefore
	measured []measuredBefore
	prompt   []promptBefore
}

func queueBefore(b *tenancy.Batch, actor access.Actor, participant uuid.UUID, to *before) {
	programs, withheld := actor.About(participant).Programs(access.NoteCreate), actor.Withheld(access.NoteView)
	b.Queue(sqlLastSaid, tenancy.Into(&to.said), participant, programs, withheld)
	b.Queue(sqlLastMeasured, tenancy.Into(&to.measured), participant, programs, withheld)
	b.Queue(sqlLastPrompt, tenancy.Into(&to.prompt), participant, programs, withheld)
}

// of is the last word about a target, nil when there is none.
func (b before) of(target uuid.UUID) *saidBefore {
	for i := range b.said {
		if b.said[i].Target == target {
			return &b.said[i]
		}
	}
	return nil
}

// point is the last value of a measure, nil when there is none, and whether the measure
// is due in the next full note.
func (b before) point(target uuid.UUID, m metric.Metric) (last *metric.Point, due bool) {
	for _, v := range b.measured {
		if v.Target == target && v.Metric == m.ID {
			if v.Number != nil {
				last = &metric.Point{On: v.On, Value: *v.Number}
			}
			return last, v.Since+1 >= m.CadenceNotes
		}
	}
	return nil, true
}

// nextPrompt is the question about working together whose turn it is.
func (b before) nextPrompt() int {
	if len(b.prompt) == 0 {
		return 0
	}
	return (b.prompt[0].Prompt + 1) % len(prompts)
}
