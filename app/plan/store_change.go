package plan

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"konote/app/civil"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/tenancy"
)

const (
	sqlInsertSection = `INSERT INTO agency.plan_sections
		(id, participant_id, program_id, name_sealed, status, position, created_at, created_by, updated_at, updated_by)
		SELECT $1, $2, $3, $4, 'active', coalesce((SELECT max(position) + 1 FROM agency.plan_sections WHERE participant_id = $2), 0), $5, $6, $5, $6
		ON CONFLICT DO NOTHING`

	sqlPlainSection = `SELECT id FROM agency.plan_sections WHERE participant_id = $1 AND program_id = $2 AND name_sealed IS NULL`

	sqlUpdateSection = `UPDATE agency.plan_sections
		SET name_sealed = $3, status = $4, status_reason_sealed = $5, updated_at = $6, updated_by = $7, version = version + 1
		WHERE id = $1 AND version = $2`

	sqlInsertTarget = `INSERT INTO agency.targets
		(id, section_id, participant_id, name_sealed, description_sealed, words_sealed, set_by, target_on, position,
		 created_at, created_by, updated_at, updated_by)
		SELECT $1, $2, $3, $4, $5, $6, $7, $8,
		    coalesce((SELECT max(position) + 1 FROM agency.targets WHERE section_id = $2), 0), $9, $10, $9, $10
		ON CONFLICT (id) DO NOTHING`

	sqlUpdateTarget = `UPDATE agency.targets
		SET section_id = $3, name_sealed = $4, description_sealed = $5, words_sealed = $6, status = $7, status_reason_sealed = $8,
		    set_by = $9, target_on = $10, achievement = $11, achievement_by = $12, achievement_reason_sealed = $13, achievement_at = $14,
		    first_achieved_at = coalesce(first_achieved_at, $15), updated_at = $16, updated_by = $17, version = version + 1
		WHERE id = $1 AND version = $2`

	sqlInsertRevision = `INSERT INTO agency.target_revisions (id, target_id, version, content_sealed, changed_at, changed_by)
		VALUES ($1, $2, $3, $4, $5, $6)`

	// A metric that comes back after it was removed begins anew.
	sqlAssign = `INSERT INTO agency.target_metrics AS m (id, target_id, metric_id, goal, position, assigned_on, reviewed_on)
		SELECT a.id, $1, a.metric, a.goal::numeric, a.position, $2, $2
		FROM unnest($3::uuid[], $4::uuid[], $5::float8[], $6::int[]) AS a (id, metric, goal, position)
		ON CONFLICT (target_id, metric_id) DO UPDATE SET goal = excluded.goal, position = excluded.position, removed_at = NULL,
		    assigned_on = CASE WHEN m.removed_at IS NULL THEN m.assigned_on ELSE excluded.assigned_on END,
		    reviewed_on = CASE WHEN m.removed_at IS NULL THEN m.reviewed_on ELSE excluded.reviewed_on END`

	sqlUnassign = `UPDATE agency.target_metrics SET removed_at = $3
		WHERE target_id = $1 AND removed_at IS NULL AND NOT metric_id = ANY($2)`

	sqlReviewed = `UPDATE agency.target_metrics SET reviewed_on = $3 WHERE target_id = $1 AND metric_id = $2 AND removed_at IS NULL`

	sqlMoveTargets = `UPDATE agency.targets t SET position = o.position
		FROM unnest($1::uuid[]) WITH ORDINALITY AS o (id, position) WHERE t.id = o.id AND t.position <> o.position`

	sqlMoveSections = `UPDATE agency.plan_sections s SET position = o.position
		FROM unnest($1::uuid[]) WITH ORDINALITY AS o (id, position) WHERE s.id = o.id AND s.position <> o.position`
)

// insertSection adds a section at the end of a plan. One without a name is the program's
// plain list: the one that is there is taken.
func insertSection(ctx context.Context, tx *tenancy.Tx, s *Section, by uuid.UUID) error {
	name, err := tx.Box().Seal(colSectionName, s.ID, s.Name)
	if err != nil {
		return fmt.Errorf("seal section: %w", err)
	}
	added, err := tx.Exec(ctx, sqlInsertSection, s.ID, s.Participant, s.Program, name, tx.Now(), tenancy.Null(by))
	if err != nil {
		return fmt.Errorf("insert section: %w", err)
	}
	if added == 0 {
		if err := tx.QueryRow(ctx, sqlPlainSection, s.Participant, s.Program).Scan(&s.ID); err != nil {
			return fmt.Errorf("find the plain section: %w", err)
		}
	}
	return nil
}

// updateSection saves a change made from s.Version; fault.Conflict when somebody was faster.
func updateSection(ctx context.Context, tx *tenancy.Tx, s Section, by uuid.UUID) error {
	sealer := tx.Box().Sealer()
	name, reason := sealer.Seal(colSectionName, s.ID, s.Name), sealer.Seal(colSectionReason, s.ID, s.Reason)
	if err := sealer.Err(); err != nil {
		return fmt.Errorf("seal section: %w", err)
	}
	changed, err := tx.Exec(ctx, sqlUpdateSection, s.ID, s.Version, name, s.Status, reason, tx.Now(), tenancy.Null(by))
	if err != nil {
		return fmt.Errorf("update section: %w", err)
	}
	if changed == 0 {
		return errLate
	}
	return nil
}

// insert adds a target with its metrics and its first revision. It says false when the
// same form was saved before.
func insert(ctx context.Context, tx *tenancy.Tx, t Target, by uuid.UUID, today civil.Date) (bool, error) {
	s := tx.Box().Sealer()
	name, description, words := s.Seal(colName, t.ID, t.Name), s.Seal(colDescription, t.ID, t.Description), s.Seal(colWords, t.ID, t.Words)
	if err := s.Err(); err != nil {
		return false, fmt.Errorf("seal target: %w", err)
	}
	added, err := tx.Exec(ctx, sqlInsertTarget, t.ID, t.Section, t.Participant, name, description, words, t.SetBy, t.By(), tx.Now(), tenancy.Null(by))
	if err != nil {
		return false, fmt.Errorf("insert target: %w", err)
	}
	if added == 0 {
		return false, nil
	}
	t.Version = 1
	if err := assign(ctx, tx, t, today); err != nil {
		return false, err
	}
	return true, revise(ctx, tx, t, by)
}

// update saves a change made from t.Version, with its revision; fault.Conflict when
// somebody was faster. What notes say is computed anew.
func update(ctx context.Context, tx *tenancy.Tx, t Target, by uuid.UUID, today civil.Date) error {
	s := tx.Box().Sealer()
	name, description, words := s.Seal(colName, t.ID, t.Name), s.Seal(colDescription, t.ID, t.Description), s.Seal(colWords, t.ID, t.Words)
	reason, judged := s.Seal(colReason, t.ID, t.Reason), s.Seal(colAchievedReason, t.ID, t.AchievementReason)
	if err := s.Err(); err != nil {
		return fmt.Errorf("seal target: %w", err)
	}
	changed, err := tx.Exec(ctx, sqlUpdateTarget, t.ID, t.Version, t.Section, name, description, words, t.Status, reason, t.SetBy, t.By(),
		t.Achievement, t.AchievementBy, judged, orNever(t.AchievementAt), orNever(t.FirstAchievedAt), tx.Now(), tenancy.Null(by))
	if err != nil {
		return fmt.Errorf("update target: %w", err)
	}
	if changed == 0 {
		return errLate
	}
	t.Version++
	if err := assign(ctx, tx, t, today); err != nil {
		return err
	}
	if err := revise(ctx, tx, t, by); err != nil {
		return err
	}
	return Recompute(ctx, tx, t.Participant, []uuid.UUID{t.ID})
}

// assign makes the target's metrics those of t, in their order.
func assign(ctx context.Context, tx *tenancy.Tx, t Target, today civil.Date) error {
	ids, metrics := make([]uuid.UUID, len(t.Metrics)), make([]uuid.UUID, len(t.Metrics))
	goals, positions := make([]*float64, len(t.Metrics)), make([]int, len(t.Metrics))
	for i, m := range t.Metrics {
		ids[i], metrics[i], goals[i], positions[i] = tenancy.NewID(), m.Metric, m.Goal, i
	}
	b := tx.Batch()
	b.Exec(sqlAssign, t.ID, today, ids, metrics, goals, positions)
	b.Exec(sqlUnassign, t.ID, metrics, tx.Now())
	if err := b.Send(ctx); err != nil {
		return fmt.Errorf("assign metrics: %w", err)
	}
	return nil
}

// A content is the whole of a target as a revision keeps it, and the audit log.
type content struct {
	Section           uuid.UUID   `json:"section"`
	Name              string      `json:"name"`
	Description       string      `json:"description,omitempty"`
	Words             string      `json:"words,omitempty"`
	SetBy             SetBy       `json:"set_by"`
	TargetOn          string      `json:"target_on,omitempty"`
	Status            Status      `json:"status"`
	Reason            string      `json:"reason,omitempty"`
	Judgement         Achievement `json:"judgement,omitempty"` // the worker's; "": computed
	AchievementReason string      `json:"judgement_reason,omitempty"`
	Metrics           []measured  `json:"metrics,omitempty"`
}

type measured struct {
	Metric uuid.UUID `json:"metric"`
	Goal   *float64  `json:"goal,omitempty"`
}

func contentOf(t Target) content {
	c := content{
		Section: t.Section, Name: t.Name, Description: t.Description, Words: t.Words, SetBy: t.SetBy, TargetOn: t.TargetOn,
		Status: t.Status, Reason: t.Reason, AchievementReason: t.AchievementReason,
	}
	if t.AchievementBy == ByJudge {
		c.Judgement = t.Achievement
	}
	for _, m := range t.Metrics {
		c.Metrics = append(c.Metrics, measured{m.Metric, m.Goal})
	}
	return c
}

// revise writes the target as it stands into its history.
func revise(ctx context.Context, tx *tenancy.Tx, t Target, by uuid.UUID) error {
	plain, err := json.Marshal(contentOf(t))
	if err != nil {
		return fmt.Errorf("encode revision: %w", err)
	}
	id := tenancy.NewID()
	sealed, err := tx.Box().Seal(colContent, id, string(plain))
	if err != nil {
		return fmt.Errorf("seal revision: %w", err)
	}
	if _, err := tx.Exec(ctx, sqlInsertRevision, id, t.ID, t.Version, sealed, tx.Now(), tenancy.Null(by)); err != nil {
		return fmt.Errorf("insert revision: %w", err)
	}
	return nil
}

// reviewed notes that a metric is still the right one for a target.
func reviewed(ctx context.Context, tx *tenancy.Tx, target, metric uuid.UUID, today civil.Date) error {
	changed, err := tx.Exec(ctx, sqlReviewed, target, metric, today)
	if err != nil {
		return fmt.Errorf("review metric: %w", err)
	}
	if changed == 0 {
		return fault.Missing()
	}
	return nil
}

// move puts targets or sections into the given order.
func move(ctx context.Context, tx *tenancy.Tx, sql string, order []uuid.UUID) error {
	if _, err := tx.Exec(ctx, sql, order); err != nil {
		return fmt.Errorf("move within a plan: %w", err)
	}
	return nil
}

// raised is the order with one id a place further up; false when there is no such place.
func raised(order []uuid.UUID, id uuid.UUID) bool {
	for i := 1; i < len(order); i++ {
		if order[i] == id {
			order[i-1], order[i] = order[i], order[i-1]
			return true
		}
	}
	return false
}

var errTaken = fault.New(fault.Conflict, i18n.FaultConflictTitle)
