package note

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"konote/keyring"
	"konote/tenancy"
)

var bulkColumns = []string{"id", "participant_id", "program_id", "author_id", "author_role", "kind", "template_id", "circle_id",
	"interaction", "outcome", "modality", "duration_minutes", "text_sealed", "sections_sealed", "summary_sealed", "takeaway_sealed",
	"suggestion_sealed", "suggestion_weight", "engagement", "alliance", "alliance_by", "alliance_prompt", "made_together",
	"happened_on", "follow_up_on", "created_at", "cancelled_at", "cancelled_by", "cancel_reason_sealed"}

// Bulk adds many notes with their goals and values by COPY, for demo data: it checks
// nothing, records nothing and computes no achievement.
func Bulk(ctx context.Context, tx *tenancy.Tx, notes []Note) error {
	s := tx.Box().Sealer()
	var goals, values [][]any
	rows := make([][]any, len(notes))
	for i := range notes {
		n := notes[i]
		n.Kind = n.kind()
		sealed, err := seal(tx.Box(), &n)
		if err != nil {
			return err
		}
		rows[i] = append(sealed.note, n.markColumns(s)...)
		goals, values = append(goals, sealed.goals.rows(&n)...), append(values, sealed.values.rows(&n)...)
	}
	if err := s.Err(); err != nil {
		return fmt.Errorf("seal notes: %w", err)
	}
	for _, table := range []struct {
		name    string
		columns []string
		rows    [][]any
	}{
		{"notes", bulkColumns, rows},
		{"note_targets", []string{"id", "note_id", "target_id", "text_sealed", "words_sealed", "descriptor", "happened_on"}, goals},
		{"metric_values", []string{"id", "note_id", "participant_id", "target_id", "metric_id", "value", "words_sealed", "taken_on", "confirmed"}, values},
	} {
		if _, err := tx.Copy(ctx, table.name, table.columns, pgx.CopyFromRows(table.rows)); err != nil {
			return fmt.Errorf("copy %s: %w", table.name, err)
		}
	}
	return nil
}

// BulkAddenda adds what was added to notes later, as Bulk does.
func BulkAddenda(ctx context.Context, tx *tenancy.Tx, addenda []Addendum) error {
	s := tx.Box().Sealer()
	source := pgx.CopyFromSlice(len(addenda), func(i int) ([]any, error) {
		a := addenda[i]
		return []any{a.ID, a.Note, a.Author, a.AuthorRole, s.Seal(colAddendum, a.ID, a.Text), a.CreatedAt}, s.Err()
	})
	columns := []string{"id", "note_id", "author_id", "author_role", "text_sealed", "created_at"}
	if _, err := tx.Copy(ctx, "note_addenda", columns, source); err != nil {
		return fmt.Errorf("copy addenda: %w", err)
	}
	return nil
}

func (n Note) markColumns(s *keyring.Sealer) []any {
	if !n.InError.Is() {
		return []any{nil, nil, nil}
	}
	return []any{n.InError.At, n.InError.By, s.Seal(colCancelReason, n.ID, n.InError.Reason)}
}

func (c goalColumns) rows(n *Note) [][]any {
	rows := make([][]any, len(c.ids))
	for i, id := range c.ids {
		rows[i] = []any{id, n.ID, c.targets[i], c.texts[i], c.words[i], c.descriptors[i], n.HappenedOn}
	}
	return rows
}

func (c valueColumns) rows(n *Note) [][]any {
	rows := make([][]any, len(c.ids))
	for i, id := range c.ids {
		rows[i] = []any{id, n.ID, n.Participant, c.targets[i], c.metrics[i], c.numbers[i], c.words[i], n.HappenedOn, c.confirmed[i]}
	}
	return rows
}
