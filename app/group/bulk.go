package group

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/tenancy"
)

// Past is a group with everything that belongs to it, for demo data. Attendance names
// members by their ids.
type Past struct {
	Group
	Members  []Member
	Sessions []Session
	Steps    []Step
}

// Bulk adds many groups by COPY, for demo data: it checks nothing and records nothing.
func Bulk(ctx context.Context, tx *tenancy.Tx, groups []Past) error {
	s := tx.Box().Sealer()
	var rows, members, sessions, attendance, steps [][]any
	for _, g := range groups {
		rows = append(rows, []any{g.ID, g.Program, g.Kind, s.Seal(colName, g.ID, g.Name), s.Seal(colDescription, g.ID, g.Description), g.Status, g.CreatedAt, tenancy.Null(g.CreatedBy), g.CreatedAt})
		for _, m := range g.Members {
			name := []byte(nil)
			if m.Participant == uuid.Nil {
				name = s.Seal(colMember, m.ID, m.Name)
			}
			members = append(members, []any{m.ID, g.ID, tenancy.Null(m.Participant), name, m.Role, m.JoinedOn, m.LeftOn})
		}
		for _, met := range g.Sessions {
			sessions = append(sessions, []any{met.ID, g.ID, met.HeldOn, tenancy.Null(met.Facilitator), tenancy.Null(met.Mood), s.Seal(colText, met.ID, met.Text), met.CreatedAt, met.CreatedBy, met.CreatedAt})
			for _, a := range met.Attendance {
				attendance = append(attendance, []any{a.ID, met.ID, a.Member, a.Present, s.Seal(colHighlight, a.ID, a.Highlight)})
			}
		}
		for _, step := range g.Steps {
			steps = append(steps, []any{step.ID, g.ID, step.Kind, s.Seal(colStep, step.ID, step.Name), s.Seal(colStepText, step.ID, step.Text), step.Progress, step.DueOn, g.CreatedAt})
		}
	}
	if err := s.Err(); err != nil {
		return fmt.Errorf("seal groups: %w", err)
	}
	for _, table := range []struct {
		name    string
		columns []string
		rows    [][]any
	}{
		{"groups", []string{"id", "program_id", "kind", "name_sealed", "description_sealed", "status", "created_at", "created_by", "updated_at"}, rows},
		{"group_members", []string{"id", "group_id", "participant_id", "name_sealed", "role", "joined_on", "left_on"}, members},
		{"group_sessions", []string{"id", "group_id", "held_on", "facilitator_id", "mood", "text_sealed", "created_at", "created_by", "updated_at"}, sessions},
		{"group_attendance", []string{"id", "session_id", "member_id", "was_present", "highlight_sealed"}, attendance},
		{"group_milestones", []string{"id", "group_id", "kind", "name_sealed", "text_sealed", "status", "due_on", "updated_at"}, steps},
	} {
		if _, err := tx.Copy(ctx, table.name, table.columns, pgx.CopyFromRows(table.rows)); err != nil {
			return fmt.Errorf("copy %s: %w", table.name, err)
		}
	}
	return nil
}
