package plan

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/keyring"
	"konote/tenancy"
)

// A Past is a section with its targets and their history, for invented data. Its own
// field Targets is not looked at.
type Past struct {
	Section
	Targets []PastTarget
}

// PastTarget is a target as it is now, and as it was before each change, the first one
// first; UpdatedAt and UpdatedBy say when that version came to be and by whom.
type PastTarget struct {
	Target
	Earlier []Target
}

var (
	bulkSectionColumns = []string{"id", "participant_id", "program_id", "name_sealed", "status", "status_reason_sealed", "position",
		"created_at", "created_by", "updated_at", "updated_by"}
	bulkTargetColumns = []string{"id", "section_id", "participant_id", "name_sealed", "description_sealed", "words_sealed", "status",
		"status_reason_sealed", "set_by", "target_on", "achievement", "achievement_by", "achievement_reason_sealed", "achievement_at",
		"first_achieved_at", "position", "created_at", "created_by", "updated_at", "updated_by", "version"}
	bulkMetricColumns   = []string{"id", "target_id", "metric_id", "goal", "position", "assigned_on", "reviewed_on"}
	bulkRevisionColumns = []string{"id", "target_id", "version", "content_sealed", "changed_at", "changed_by"}
)

// Bulk adds many plans by COPY, for invented data: it checks nothing and records nothing
// but the history of targets, without which the database refuses them. Call Recompute once
// the notes are there.
func Bulk(ctx context.Context, tx *tenancy.Tx, plans []Past) error {
	s := tx.Box().Sealer()
	var sections, targets, metrics, revisions [][]any
	for _, p := range plans {
		sections = append(sections, []any{p.ID, p.Participant, p.Program, s.Seal(colSectionName, p.ID, p.Name), p.Status,
			s.Seal(colSectionReason, p.ID, p.Reason), p.Position, p.UpdatedAt, tenancy.Null(p.UpdatedBy), p.UpdatedAt, tenancy.Null(p.UpdatedBy)})
		for _, t := range p.Targets {
			t.Section, t.Participant, t.Version = p.ID, p.Participant, len(t.Earlier)+1
			targets = append(targets, bulkTarget(s, t.Target))
			for i, m := range t.Metrics {
				metrics = append(metrics, []any{tenancy.NewID(), t.ID, m.Metric, m.Goal, i, m.AssignedOn, m.ReviewedOn})
			}
			for i, version := range append(t.Earlier[:len(t.Earlier):len(t.Earlier)], t.Target) {
				version.ID, version.Section, version.Version = t.ID, p.ID, i+1
				row, err := bulkRevision(s, version)
				if err != nil {
					return err
				}
				revisions = append(revisions, row)
			}
		}
	}
	if err := s.Err(); err != nil {
		return fmt.Errorf("seal plans: %w", err)
	}
	for _, part := range []struct {
		table   string
		columns []string
		rows    [][]any
	}{
		{"plan_sections", bulkSectionColumns, sections}, {"targets", bulkTargetColumns, targets},
		{"target_metrics", bulkMetricColumns, metrics}, {"target_revisions", bulkRevisionColumns, revisions},
	} {
		if _, err := tx.Copy(ctx, part.table, part.columns, pgx.CopyFromRows(part.rows)); err != nil {
			return fmt.Errorf("copy %s: %w", part.table, err)
		}
	}
	return nil
}

func bulkTarget(s *keyring.Sealer, t Target) []any {
	return []any{t.ID, t.Section, t.Participant, s.Seal(colName, t.ID, t.Name), s.Seal(colDescription, t.ID, t.Description),
		s.Seal(colWords, t.ID, t.Words), t.Status, s.Seal(colReason, t.ID, t.Reason), t.SetBy, t.By(), t.Achievement, t.AchievementBy,
		s.Seal(colAchievedReason, t.ID, t.AchievementReason), orNever(t.AchievementAt), orNever(t.FirstAchievedAt), t.Position,
		t.CreatedAt, tenancy.Null(t.CreatedBy), t.UpdatedAt, tenancy.Null(t.UpdatedBy), t.Version}
}

func bulkRevision(s *keyring.Sealer, t Target) ([]any, error) {
	plain, err := json.Marshal(contentOf(t))
	if err != nil {
		return nil, fmt.Errorf("encode revision: %w", err)
	}
	id := tenancy.NewID()
	return []any{id, t.ID, t.Version, s.Seal(colContent, id, string(plain)), t.UpdatedAt, tenancy.Null(t.UpdatedBy)}, nil
}

// SeedTemplates adds templates of the whole agency that an agency can begin with.
func SeedTemplates(ctx context.Context, tx *tenancy.Tx) error {
	for _, t := range seeds {
		t.ID, t.Status = tenancy.NewID(), TemplateActive
		if _, err := InsertTemplate(ctx, tx, t, uuid.Nil); err != nil {
			return err
		}
	}
	return nil
}
