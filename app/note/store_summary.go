package note

import (
	"github.com/google/uuid"

	"konote/app/civil"
	"konote/app/plan"
	"konote/keyring"
)

// The participant's own words over a time, the newest first. A page shows so many and no
// more: what is older is one choice of time away.
const (
	sqlHerWords = `SELECT n.id, n.happened_on, n.takeaway_sealed, n.suggestion_sealed, coalesce(n.suggestion_weight, '') AS suggestion_weight
		FROM agency.notes n
		WHERE n.participant_id = $1 AND n.program_id = ANY($2) AND n.id <> ALL($4) AND n.cancelled_at IS NULL AND n.happened_on >= $3
		      AND (n.takeaway_sealed IS NOT NULL OR n.suggestion_sealed IS NOT NULL)
		ORDER BY n.happened_on DESC, n.id DESC LIMIT 200`

	sqlHerGoals = `SELECT g.id, g.note_id, g.target_id, n.happened_on, g.words_sealed, coalesce(g.descriptor, '') AS descriptor
		FROM agency.note_targets g JOIN agency.notes n ON n.id = g.note_id
		WHERE n.participant_id = $1 AND n.program_id = ANY($2) AND n.id <> ALL($4) AND n.cancelled_at IS NULL AND n.happened_on >= $3
		      AND (g.words_sealed IS NOT NULL OR g.descriptor IS NOT NULL)
		ORDER BY n.happened_on DESC, g.id DESC LIMIT 500`
)

type herWordsRow struct {
	ID         uuid.UUID      `db:"id"`
	On         civil.Date     `db:"happened_on"`
	Takeaway   keyring.Sealed `db:"takeaway_sealed"`
	Suggestion keyring.Sealed `db:"suggestion_sealed"`
	Weight     Weight         `db:"suggestion_weight"`
}

type herGoalRow struct {
	ID         uuid.UUID       `db:"id"`
	Note       uuid.UUID       `db:"note_id"`
	Target     uuid.UUID       `db:"target_id"`
	On         civil.Date      `db:"happened_on"`
	Words      keyring.Sealed  `db:"words_sealed"`
	Descriptor plan.Descriptor `db:"descriptor"`
}
