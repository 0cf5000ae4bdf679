package plan

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
	"konote/keyring"
	"konote/tenancy"
)

// The sealed columns.
var (
	colSectionName    = keyring.Column{Table: "plan_sections", Name: "name", Pad: keyring.Words}
	colSectionReason  = keyring.Column{Table: "plan_sections", Name: "status_reason", Pad: keyring.Words}
	colName           = keyring.Column{Table: "targets", Name: "name", Pad: keyring.Words}
	colDescription    = keyring.Column{Table: "targets", Name: "description", Pad: keyring.Words}
	colWords          = keyring.Column{Table: "targets", Name: "words", Pad: keyring.Words}
	colReason         = keyring.Column{Table: "targets", Name: "status_reason", Pad: keyring.Words}
	colAchievedReason = keyring.Column{Table: "targets", Name: "achievement_reason", Pad: keyring.Words}
	colContent        = keyring.Column{Table: "target_revisions", Name: "content", Pad: keyring.Words}
)

const (
	sectionColumns = `id, participant_id, program_id, name_sealed, status, status_reason_sealed, position, updated_at, updated_by, version`

	targetColumns = `t.id, t.section_id, t.participant_id, s.program_id, t.name_sealed, t.description_sealed, t.words_sealed, t.status,
		t.status_reason_sealed, t.set_by, t.target_on, t.achievement, t.achievement_by, t.achievement_reason_sealed, t.achievement_at,
		t.first_achieved_at, t.position, t.created_at, t.created_by, t.updated_at, t.updated_by, t.version`

	targetsOfPlan = ` FROM agency.targets t JOIN agency.plan_sections s ON s.id = t.section_id`
)

// A plan as it is read: everything about one participant, in the programs that are
// given ($2) and without the targets that are closed to the reader ($3), before anything is
// counted or limited.
const (
	sqlSections = `SELECT ` + sectionColumns + ` FROM agency.plan_sections
		WHERE participant_id = $1 AND program_id = ANY($2) ORDER BY status = 'active' DESC, position, id`

	sqlTargets = `SELECT ` + targetColumns + targetsOfPlan + `
		WHERE t.participant_id = $1 AND s.program_id = ANY($2) AND t.id <> ALL($3) ORDER BY t.position, t.id`

	sqlMetrics = `SELECT m.id, m.target_id, m.metric_id, m.goal::float8 AS goal, m.position, m.assigned_on, m.reviewed_on
		FROM agency.target_metrics m JOIN agency.targets t ON t.id = m.target_id JOIN agency.plan_sections s ON s.id = t.section_id
		WHERE t.participant_id = $1 AND s.program_id = ANY($2) AND t.id <> ALL($3) AND m.removed_at IS NULL ORDER BY m.position, m.id`

	// Whose a target or section is. Who may know of it is decided before it is loaded.
	sqlPlaceOfTarget = `SELECT t.participant_id, s.program_id` + targetsOfPlan + ` WHERE t.id = $1`

	sqlPlaceOfSection = `SELECT participant_id, program_id FROM agency.plan_sections WHERE id = $1`

	// The same, held until the transaction ends: what is read next cannot change meanwhile.
	sqlHoldTarget = sqlPlaceOfTarget + ` FOR NO KEY UPDATE OF t`

	sqlHoldSection = sqlPlaceOfSection + ` FOR NO KEY UPDATE`

	sqlByID = `SELECT ` + targetColumns + targetsOfPlan + ` WHERE t.id = $1`
)

type sectionRow struct {
	ID          uuid.UUID      `db:"id"`
	Participant uuid.UUID      `db:"participant_id"`
	Program     uuid.UUID      `db:"program_id"`
	Name        keyring.Sealed `db:"name_sealed"`
	Status      SectionStatus  `db:"status"`
	Reason      keyring.Sealed `db:"status_reason_sealed"`
	Position    int            `db:"position"`
	UpdatedAt   time.Time      `db:"updated_at"`
	UpdatedBy   *uuid.UUID     `db:"updated_by"`
	Version     int            `db:"version"`
}

func (r sectionRow) open(o *keyring.Opener) Section {
	return Section{
		ID: r.ID, Participant: r.Participant, Program: r.Program, Name: o.Open(colSectionName, r.ID, r.Name), Status: r.Status,
		Reason: o.Open(colSectionReason, r.ID, r.Reason), Position: r.Position, UpdatedAt: r.UpdatedAt, UpdatedBy: tenancy.Zero(r.UpdatedBy),
		Version: r.Version,
	}
}

type targetRow struct {
	ID                uuid.UUID      `db:"id"`
	Section           uuid.UUID      `db:"section_id"`
	Participant       uuid.UUID      `db:"participant_id"`
	Program           uuid.UUID      `db:"program_id"`
	Name              keyring.Sealed `db:"name_sealed"`
	Description       keyring.Sealed `db:"description_sealed"`
	Words             keyring.Sealed `db:"words_sealed"`
	Status            Status         `db:"status"`
	Reason            keyring.Sealed `db:"status_reason_sealed"`
	SetBy             SetBy          `db:"set_by"`
	TargetOn          civil.Date     `db:"target_on"`
	Achievement       Achievement    `db:"achievement"`
	AchievementBy     AchievementBy  `db:"achievement_by"`
	AchievementReason keyring.Sealed `db:"achievement_reason_sealed"`
	AchievementAt     *time.Time     `db:"achievement_at"`
	FirstAchievedAt   *time.Time     `db:"first_achieved_at"`
	Position          int            `db:"position"`
	CreatedAt         time.Time      `db:"created_at"`
	CreatedBy         *uuid.UUID     `db:"created_by"`
	UpdatedAt         time.Time      `db:"updated_at"`
	UpdatedBy         *uuid.UUID     `db:"updated_by"`
	Version           int            `db:"version"`
}

func (r targetRow) open(o *keyring.Opener) Target {
	return Target{
		ID: r.ID, Participant: r.Participant, Program: r.Program,
		Details: Details{
			Name: o.Open(colName, r.ID, r.Name), Description: o.Open(colDescription, r.ID, r.Description), Words: o.Open(colWords, r.ID, r.Words),
			SetBy: r.SetBy, TargetOn: r.TargetOn.String(), Section: r.Section,
		},
		Status: r.Status, Reason: o.Open(colReason, r.ID, r.Reason),
		Achievement: r.Achievement, AchievementBy: r.AchievementBy, AchievementReason: o.Open(colAchievedReason, r.ID, r.AchievementReason),
		AchievementAt: tenancy.Zero(r.AchievementAt), FirstAchievedAt: tenancy.Zero(r.FirstAchievedAt),
		Position: r.Position, CreatedAt: r.CreatedAt, CreatedBy: tenancy.Zero(r.CreatedBy), UpdatedAt: r.UpdatedAt, UpdatedBy: tenancy.Zero(r.UpdatedBy), Version: r.Version,
	}
}

type metricRow struct {
	ID         uuid.UUID  `db:"id"`
	Target     uuid.UUID  `db:"target_id"`
	Metric     uuid.UUID  `db:"metric_id"`
	Goal       *float64   `db:"goal"`
	Position   int        `db:"position"`
	AssignedOn civil.Date `db:"assigned_on"`
	ReviewedOn civil.Date `db:"reviewed_on"`
}

// Pending is a plan asked for in a batch.
type Pending struct {
	sections []sectionRow
	targets  []targetRow
	metrics  []metricRow
}

// Queue adds a participant's plan in the given programs to a page's batch: three
// statements. The programs are those in which the actor may read plans, or may note;
// withheld is what is closed to her of plans (access.Actor.Withheld).
func Queue(b *tenancy.Batch, participant uuid.UUID, programs, withheld []uuid.UUID, to *Pending) {
	b.Queue(sqlSections, tenancy.Into(&to.sections), participant, programs)
	b.Queue(sqlTargets, tenancy.Into(&to.targets), participant, programs, withheld)
	b.Queue(sqlMetrics, tenancy.Into(&to.metrics), participant, programs, withheld)
}

// Open opens the plan: its sections in order, active ones first, with their targets.
func (p *Pending) Open(box *keyring.Box) ([]Section, error) {
	o := box.Opener()
	sections := make([]Section, len(p.sections))
	at := make(map[uuid.UUID]*Section, len(sections))
	for i, row := range p.sections {
		sections[i] = row.open(o)
		at[row.ID] = &sections[i]
	}
	measured := map[uuid.UUID][]TargetMetric{}
	for _, row := range p.metrics {
		measured[row.Target] = append(measured[row.Target], TargetMetric(row))
	}
	for _, row := range p.targets {
		t := row.open(o)
		t.Metrics = measured[t.ID]
		if s := at[t.Section]; s != nil {
			s.Targets = append(s.Targets, t)
		}
	}
	if err := o.Err(); err != nil {
		return nil, fmt.Errorf("open plan: %w", err)
	}
	return sections, nil
}

// Working opens the targets that a note may tell of: active ones of active sections, in
// the order of the plan.
func (p *Pending) Working(box *keyring.Box) ([]Target, error) {
	sections, err := p.Open(box)
	return working(sections), err
}

// place is whose something is and where.
type place struct {
	Participant uuid.UUID `db:"participant_id"`
	Program     uuid.UUID `db:"program_id"`
}

// placeOf asks whose a target or section is; fault.NotFound when there is none.
func placeOf(ctx context.Context, tx *tenancy.Tx, sql string, id uuid.UUID) (place, error) {
	found, err := tenancy.Row[place](ctx, tx, sql, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return place{}, fault.Missing()
	}
	if err != nil {
		return place{}, fmt.Errorf("look for whose plan it is: %w", err)
	}
	return found, nil
}

// byID loads one target without its metrics, whoever may read it; the caller decides.
func byID(ctx context.Context, tx *tenancy.Tx, id uuid.UUID) (Target, error) {
	found, err := tenancy.Row[targetRow](ctx, tx, sqlByID, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return Target{}, fault.Missing()
	}
	if err != nil {
		return Target{}, fmt.Errorf("load target: %w", err)
	}
	o := tx.Box().Opener()
	t := found.open(o)
	if err := o.Err(); err != nil {
		return Target{}, fmt.Errorf("open target: %w", err)
	}
	return t, nil
}

var errLate = fault.New(fault.Conflict, i18n.PlanConflictTitle)

func orNever(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	return &at
}

// OpenName opens a target's name that another package has read along with its own rows.
func OpenName(o *keyring.Opener, target uuid.UUID, name keyring.Sealed) string {
	return o.Open(colName, target, name)
}
