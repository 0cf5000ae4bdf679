package metric

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/app/civil"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/tenancy"
)

const columns = `id, coalesce(library_key, '') AS library_key, kind, coalesce(counts, '') AS counts, category, name_en, name_fr,
	definition_en, definition_fr, unit_en, unit_fr, low, high, warn_low, warn_high, unlikely_low, unlikely_high, decimals, better, goal,
	bands, options, is_universal, cadence_notes, review_days, is_assessment, at_intake, coalesce(every_days, 0) AS every_days, at_discharge,
	assessed_in, program_id, status, updated_at, updated_by, version`

const (
	sqlAll = `SELECT ` + columns + ` FROM agency.metrics ORDER BY name_en, id`

	sqlOf = `SELECT ` + columns + ` FROM agency.metrics WHERE program_id IS NULL OR program_id = ANY($1) ORDER BY name_en, id`

	sqlByID = `SELECT ` + columns + ` FROM agency.metrics WHERE id = $1`

	// A library key that is there is left as it is: its wording may be the agency's. So is
	// the metric of a form that was sent twice.
	sqlInsert = `INSERT INTO agency.metrics
		(id, library_key, kind, counts, category, name_en, name_fr, definition_en, definition_fr, unit_en, unit_fr, low, high,
		 warn_low, warn_high, unlikely_low, unlikely_high, decimals, better, goal, bands, options, is_universal, cadence_notes,
		 review_days, program_id, status, created_at, updated_at, updated_by, is_assessment, at_intake, every_days, at_discharge, assessed_in)
		VALUES ($1, nullif($2, ''), $3, nullif($4, ''), $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
		 $21, $22, $23, $24, $25, $26, $27, $28, $28, $29, $30, $31, nullif($32, 0), $33, $34)
		ON CONFLICT DO NOTHING`

	sqlUpdate = `UPDATE agency.metrics
		SET category = $3, name_en = $4, name_fr = $5, definition_en = $6, definition_fr = $7, unit_en = $8, unit_fr = $9, low = $10,
		    high = $11, warn_low = $12, warn_high = $13, unlikely_low = $14, unlikely_high = $15, decimals = $16, better = $17, goal = $18,
		    bands = $19, options = $20, is_universal = $21, cadence_notes = $22, review_days = $23, status = $24, updated_at = $25,
		    updated_by = $26, is_assessment = $27, at_intake = $28, every_days = nullif($29, 0), at_discharge = $30, assessed_in = $31,
		    version = version + 1
		WHERE id = $1 AND version = $2`

	sqlLibraryKeys = `SELECT library_key FROM agency.metrics WHERE library_key IS NOT NULL`

	sqlInsertCheck = `INSERT INTO agency.metric_checks (id, metric_id, entered, bound, level, was_kept, staff_id, checked_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`

	sqlChecks = `SELECT bound, level, count(*) FILTER (WHERE was_kept) AS kept, count(*) FILTER (WHERE NOT was_kept) AS corrected,
		    max(checked_at) AS last_at
		FROM agency.metric_checks WHERE metric_id = $1 GROUP BY bound, level ORDER BY level, bound`

	// What was taken apart from goals. Values of cancelled notes are not read, nor those of
	// programs that are not asked for, nor those of notes, and of people whose notes ($4) or
	// measures ($5) are closed to the reader.
	sqlApart = `SELECT v.metric_id, v.taken_on, v.value::float8 AS value
		FROM agency.metric_values v JOIN agency.notes n ON n.id = v.note_id
		WHERE v.participant_id = $1 AND n.program_id = ANY($2) AND n.kind = 'assessment' AND n.cancelled_at IS NULL
		  AND v.target_id IS NULL AND v.value IS NOT NULL
		  AND n.id <> ALL($4) AND v.participant_id <> ALL($4) AND v.participant_id <> ALL($5) AND ($3::date IS NULL OR v.taken_on >= $3)
		ORDER BY v.taken_on, n.created_at, v.id`

	// A session that took place: nobody missed it.
	sqlSessions = `SELECT date_trunc('month', happened_on)::date AS on_day, count(*)::float8 AS value
		FROM agency.notes
		WHERE participant_id = $1 AND program_id = ANY($2) AND cancelled_at IS NULL AND interaction IN ('session', 'group')
		  AND coalesce(outcome, 'reached') = 'reached' AND id <> ALL($4) AND ($3::date IS NULL OR happened_on >= $3)
		GROUP BY 1 ORDER BY 1`
)

// All lists every metric of the agency, for its administrators. An agency has some
// dozens, so there are no pages.
func All(ctx context.Context, tx *tenancy.Tx) ([]Metric, error) {
	metrics, err := tenancy.Rows[Metric](ctx, tx, sqlAll)
	if err != nil {
		return nil, fmt.Errorf("list metrics: %w", err)
	}
	return metrics, nil
}

// Load lists the metrics of the whole agency and of the given programs, archived ones too:
// a plan may still show them.
func Load(ctx context.Context, tx *tenancy.Tx, programs []uuid.UUID) ([]Metric, error) {
	metrics, err := tenancy.Rows[Metric](ctx, tx, sqlOf, programs)
	if err != nil {
		return nil, fmt.Errorf("list metrics: %w", err)
	}
	return metrics, nil
}

// Queue adds Load to a page's batch.
func Queue(b *tenancy.Batch, programs []uuid.UUID, to *[]Metric) {
	b.Queue(sqlOf, tenancy.Into(to), programs)
}

// ByID loads one metric, whoever may see it; fault.NotFound when there is none.
func ByID(ctx context.Context, tx *tenancy.Tx, id uuid.UUID) (Metric, error) {
	m, err := tenancy.Row[Metric](ctx, tx, sqlByID, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return Metric{}, fault.Missing()
	}
	if err != nil {
		return Metric{}, fmt.Errorf("load metric: %w", err)
	}
	return m, nil
}

// Insert adds a metric, unless its library key is there. by is uuid.Nil for a command.
func Insert(ctx context.Context, tx *tenancy.Tx, m Metric, by uuid.UUID) error {
	_, err := insert(ctx, tx, m, by)
	return err
}

// insert is Insert; it says false when the id or the library key was there.
func insert(ctx context.Context, tx *tenancy.Tx, m Metric, by uuid.UUID) (bool, error) {
	added, err := tx.Exec(ctx, sqlInsert, m.insertArguments(tx.Now(), by)...)
	if err != nil {
		return false, fmt.Errorf("insert metric: %w", err)
	}
	return added > 0, nil
}

func (m Metric) insertArguments(now time.Time, by uuid.UUID) []any {
	return []any{m.ID, m.LibraryKey, m.Kind, m.Counts, m.Category, m.NameEN, m.NameFR, m.DefinitionEN, m.DefinitionFR, m.UnitEN, m.UnitFR,
		m.Low, m.High, m.WarnLow, m.WarnHigh, m.UnlikelyLow, m.UnlikelyHigh, m.Decimals, m.Better, m.Goal, listed(m.Bands), listed(m.Options),
		m.Universal, m.CadenceNotes, m.ReviewDays, m.Program, m.Status, now, tenancy.Null(by),
		m.Apart, m.AtIntake, m.EveryDays, m.AtDischarge, listed(m.In)}
}

// Update saves a change made from m.Version; fault.Conflict when somebody was faster. What
// kind a metric is, what it counts and whose it is stay as they were made.
func Update(ctx context.Context, tx *tenancy.Tx, m Metric, by uuid.UUID) error {
	changed, err := tx.Exec(ctx, sqlUpdate, m.ID, m.Version, m.Category, m.NameEN, m.NameFR, m.DefinitionEN, m.DefinitionFR, m.UnitEN, m.UnitFR,
		m.Low, m.High, m.WarnLow, m.WarnHigh, m.UnlikelyLow, m.UnlikelyHigh, m.Decimals, m.Better, m.Goal, listed(m.Bands), listed(m.Options),
		m.Universal, m.CadenceNotes, m.ReviewDays, m.Status, tx.Now(), tenancy.Null(by),
		m.Apart, m.AtIntake, m.EveryDays, m.AtDischarge, listed(m.In))
	if err != nil {
		return fmt.Errorf("update metric: %w", err)
	}
	if changed == 0 {
		return fault.New(fault.Conflict, i18n.FaultConflictTitle)
	}
	return nil
}

// Seed adds the measures of the library that the agency has not got. Running it again
// changes nothing. No person does it, so it is not recorded.
func Seed(ctx context.Context, tx *tenancy.Tx) error {
	keys, err := libraryKeys(ctx, tx)
	if err != nil {
		return err
	}
	b := tx.Batch()
	missing := 0
	for _, m := range Library() {
		if keys[m.LibraryKey] {
			continue
		}
		m.ID = tenancy.NewID()
		b.Exec(sqlInsert, m.insertArguments(tx.Now(), uuid.Nil)...)
		missing++
	}
	if missing == 0 {
		return nil
	}
	if err := b.Send(ctx); err != nil {
		return fmt.Errorf("seed metrics: %w", err)
	}
	return nil
}

func libraryKeys(ctx context.Context, tx *tenancy.Tx) (map[string]bool, error) {
	rows, err := tx.Query(ctx, sqlLibraryKeys)
	if err != nil {
		return nil, fmt.Errorf("list library keys: %w", err)
	}
	keys, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("list library keys: %w", err)
	}
	found := make(map[string]bool, len(keys))
	for _, key := range keys {
		found[key] = true
	}
	return found, nil
}

// Keep records which values of a form somebody confirmed and which she corrected, in the
// transaction that saves the form. It names no participant.
func Keep(ctx context.Context, tx *tenancy.Tx, entries []Entry, staff uuid.UUID) error {
	b := tx.Batch()
	queued := false
	for _, e := range entries {
		for _, c := range e.checks() {
			b.Exec(sqlInsertCheck, tenancy.NewID(), e.Metric.ID, c.entered, c.bound, c.level, c.kept, staff, tx.Now())
			queued = true
		}
	}
	if !queued {
		return nil
	}
	if err := b.Send(ctx); err != nil {
		return fmt.Errorf("keep confirmations: %w", err)
	}
	return nil
}

// limitUse is how often one limit was passed, and what became of it.
type limitUse struct {
	Bound     float64   `db:"bound"`
	Level     int       `db:"level"`
	Kept      int       `db:"kept"`
	Corrected int       `db:"corrected"`
	LastAt    time.Time `db:"last_at"`
}

// QueueApart adds to a page's batch the numbers that were taken of a participant apart from
// goals, by day: those of assessments of the given programs that are not cancelled, since a
// day (zero: all). notes and plans are what is closed to the reader.
func QueueApart(b *tenancy.Batch, participant uuid.UUID, programs, notes, plans []uuid.UUID, since civil.Date, to *[]Value) {
	b.Queue(sqlApart, tenancy.Into(to), participant, programs, since, notes, plans)
}

// QueueSessions adds a participant's sessions to a page's batch, month by month: those in
// the given programs that took place. Months without any are left out (FillMonths).
func QueueSessions(b *tenancy.Batch, participant uuid.UUID, programs, withheld []uuid.UUID, since civil.Date, to *[]Point) {
	b.Queue(sqlSessions, tenancy.Into(to), participant, programs, since, withheld)
}

// listed is never null, as the columns want.
func listed[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
