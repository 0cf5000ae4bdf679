package note

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/app/access"
	"konote/app/civil"
	"konote/app/i18n"
	"konote/app/metric"
	"konote/tenancy"
)

// Assessments: what was measured last, and what is due.

const (
	// Measures that are taken by themselves ($2: in these programs), with the day on which each
	// became due ($4: today); that day is NULL where it is not. The last value is the person's,
	// in whichever note of the program that counts and is not closed to the reader ($3). Near a
	// beginning or an end means within 30 days: who meets somebody first, and who sees her for
	// the last time, measures on that day.
	assessed = `agency.enrolments e JOIN agency.metrics m ON m.is_assessment AND m.status = 'active' AND m.counts IS NULL
		    AND coalesce(m.program_id, e.program_id) = e.program_id AND (m.assessed_in = '{}' OR e.program_id = ANY(m.assessed_in))
		LEFT JOIN LATERAL (
		    SELECT v.taken_on FROM agency.metric_values v WHERE v.participant_id = e.participant_id AND v.metric_id = m.id
		        AND (SELECT n.program_id = e.program_id AND n.cancelled_at IS NULL AND n.id <> ALL($3) FROM agency.notes n WHERE n.id = v.note_id)
		    ORDER BY v.taken_on DESC, v.id DESC LIMIT 1) last ON true
		CROSS JOIN LATERAL (SELECT CASE
		    WHEN e.status = 'active' AND e.started_on <= $4::date THEN CASE
		        WHEN m.at_intake AND coalesce(last.taken_on < e.started_on - 30, true) THEN e.started_on
		        WHEN greatest(last.taken_on, e.started_on) + m.every_days <= $4::date THEN greatest(last.taken_on, e.started_on) + m.every_days END
		    WHEN e.status = 'finished' AND m.at_discharge AND e.ended_on BETWEEN $4::date - 30 AND $4::date
		        AND coalesce(e.end_reason, '') NOT IN ('deceased', 'lost_contact') AND coalesce(last.taken_on < e.ended_on - 30, true)
		        AND NOT EXISTS (SELECT FROM agency.enrolments o WHERE o.participant_id = e.participant_id AND o.program_id = e.program_id
		            AND o.status IN ('planned', 'waitlist', 'active', 'on_hold')) THEN e.ended_on END AS since) due
		WHERE e.status IN ('active', 'finished') AND e.program_id = ANY($2) AND due.since IS NOT NULL`

	dueColumns = `SELECT e.participant_id, e.program_id, m.id AS metric_id, m.name_en, m.name_fr, last.taken_on AS last_on, e.status = 'finished' AS is_ending FROM `

	sqlDueAbout = dueColumns + assessed + ` AND e.participant_id = $1 ORDER BY due.since, m.name_en, m.id, e.program_id LIMIT ` + most

	// Of the people with whom a member of staff works, those that have waited longest first.
	// $5: people whose notes or measures are closed to her.
	sqlDueOf = dueColumns + assessed + ` AND e.worker_id = $1 AND e.participant_id <> ALL($5)
		AND NOT EXISTS (SELECT FROM agency.participants p WHERE p.id = e.participant_id AND p.consent = 'withdrawn')
		ORDER BY due.since, e.id, m.id LIMIT ` + mostDue

	// The last number of each measure, for the person or for a goal of hers.
	sqlLastTaken = `SELECT DISTINCT ON (v.metric_id) v.metric_id, v.taken_on, v.value::float8 AS value
		FROM agency.metric_values v JOIN agency.notes n ON n.id = v.note_id
		WHERE v.participant_id = $1 AND n.program_id = ANY($2) AND n.cancelled_at IS NULL AND n.id <> ALL($3) AND v.value IS NOT NULL
		ORDER BY v.metric_id DESC, v.taken_on DESC, v.id DESC`
)

// MostDue is how many measures that are due a worker's home page shows.
const (
	MostDue = 8
	mostDue = `8`
)

// Due is a measure that is due for a participant in a program.
type Due struct {
	Participant uuid.UUID  `db:"participant_id"`
	Program     uuid.UUID  `db:"program_id"`
	Metric      uuid.UUID  `db:"metric_id"`
	NameEN      string     `db:"name_en"`
	NameFR      string     `db:"name_fr"`
	LastOn      civil.Date `db:"last_on"`   // zero: never
	Ending      bool       `db:"is_ending"` // because she has left
}

// Name is the measure's name in the reader's language.
func (d Due) Name(p *i18n.Printer) string {
	if p.French() {
		return d.NameFR
	}
	return d.NameEN
}

// Said is the line that says so.
func (d Due) Said(p *i18n.Printer) i18n.Message {
	name := d.Name(p)
	switch never := d.LastOn.IsZero(); {
	case never && d.Ending:
		return i18n.NoteAssessmentDueEndFirst(name)
	case never:
		return i18n.NoteAssessmentDueFirst(name)
	}
	day := p.LongDate(d.LastOn.Year, d.LastOn.Month, d.LastOn.Day)
	if d.Ending {
		return i18n.NoteAssessmentDueEnd(name, day)
	}
	return i18n.NoteAssessmentDue(name, day)
}

// last says when the measure was recorded last, beside its name.
func (d Due) last(p *i18n.Printer) i18n.Message {
	if d.LastOn.IsZero() {
		return i18n.NoteAssessmentFirst
	}
	return i18n.NoteAssessmentLast(p.LongDate(d.LastOn.Year, d.LastOn.Month, d.LastOn.Day))
}

// measuring are the programs in which the actor may both write down a value and know of
// those before.
func measuring(actor access.Actor) []uuid.UUID {
	return slices.DeleteFunc(actor.Programs(access.NoteCreate), func(id uuid.UUID) bool {
		return !actor.MayIn(id, access.NoteView) || !actor.MayIn(id, access.MetricViewIndividual)
	})
}

// queueDue adds what is due for a participant to a page's batch, as far as the actor may
// know.
func queueDue(b *tenancy.Batch, actor access.Actor, participant uuid.UUID, today civil.Date, to *[]Due) {
	b.Queue(sqlDueAbout, tenancy.Into(to), participant, measuring(actor.About(participant)), actor.Withheld(access.NoteView), today)
}

// QueueDue adds to a page's batch what is due for the people with whom the actor works, at
// most MostDue.
func QueueDue(b *tenancy.Batch, actor access.Actor, today civil.Date, to *[]Due) {
	withheld := actor.Withheld(access.NoteView)
	b.Queue(sqlDueOf, tenancy.Into(to), actor.Staff, measuring(actor), withheld, today,
		append(actor.Withheld(access.MetricViewIndividual), withheld...))
}

func queueLastTaken(b *tenancy.Batch, actor access.Actor, participant uuid.UUID, to *[]metric.Value) {
	b.Queue(sqlLastTaken, tenancy.Into(to), participant, measuring(actor.About(participant)), actor.Withheld(access.NoteView))
}

// countsFor are the targets for which the values of a note count.
func countsFor(ctx context.Context, tx *tenancy.Tx, note uuid.UUID) ([]uuid.UUID, error) {
	rows, err := tx.Query(ctx, sqlCountsFor, note)
	if err != nil {
		return nil, fmt.Errorf("list targets of a note: %w", err)
	}
	targets, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, fmt.Errorf("list targets of a note: %w", err)
	}
	return targets, nil
}
