package directive

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/keyring"
	"konote/tenancy"
)

// Requests to keep whereabouts safe no longer.
const (
	sqlPending = `SELECT id, participant_id, reason_sealed, requested_at, requested_by FROM agency.guard_requests
		WHERE participant_id = $1 AND status = 'pending'`

	// The same, held until the transaction ends.
	sqlHold = sqlPending + ` FOR UPDATE`

	// One at a time.
	sqlAsk = `INSERT INTO agency.guard_requests (id, participant_id, reason_sealed, requested_at, requested_by)
		VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`

	sqlDecide = `UPDATE agency.guard_requests SET status = $2, decided_at = $3, decided_by = $4 WHERE id = $1 AND status = 'pending'`

	// What waits for a manager ($4): about people enrolled in her programs ($1, $2: statuses)
	// who have not closed their file to her ($3).
	sqlWaiting = `SELECT q.id, q.participant_id, q.requested_at FROM agency.guard_requests q
		WHERE q.status = 'pending' AND q.requested_by <> $4 AND q.participant_id <> ALL($3) AND EXISTS (SELECT FROM agency.enrolments e
		    WHERE e.participant_id = q.participant_id AND e.program_id = ANY($1) AND e.status = ANY($2))
		ORDER BY q.requested_at, q.id LIMIT $5`
)

type requestRow struct {
	ID          uuid.UUID      `db:"id"`
	Participant uuid.UUID      `db:"participant_id"`
	Reason      keyring.Sealed `db:"reason_sealed"`
	At          time.Time      `db:"requested_at"`
	By          uuid.UUID      `db:"requested_by"`
}

// pending is the request about a participant that waits; nil for none. sql says whether it
// is held.
func pending(ctx context.Context, tx *tenancy.Tx, sql string, participant uuid.UUID) (*Request, error) {
	rows, err := tenancy.Rows[requestRow](ctx, tx, sql, participant)
	if err != nil {
		return nil, fmt.Errorf("load request: %w", err)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	r := rows[0]
	reason, err := tx.Box().Open(colRequest, r.ID, r.Reason)
	if err != nil {
		return nil, fmt.Errorf("open request: %w", err)
	}
	return &Request{ID: r.ID, Participant: r.Participant, Reason: reason, At: r.At, By: r.By}, nil
}

// Ask adds a request, checking and recording nothing; false when one waits already.
func Ask(ctx context.Context, tx *tenancy.Tx, q Request) (bool, error) {
	reason, err := tx.Box().Seal(colRequest, q.ID, q.Reason)
	if err != nil {
		return false, fmt.Errorf("seal request: %w", err)
	}
	added, err := tx.Exec(ctx, sqlAsk, q.ID, q.Participant, reason, q.At, q.By)
	if err != nil {
		return false, fmt.Errorf("insert request: %w", err)
	}
	return added == 1, nil
}

// decide ends a request; false when somebody was faster.
func decide(ctx context.Context, tx *tenancy.Tx, id uuid.UUID, as decision, by uuid.UUID) (bool, error) {
	changed, err := tx.Exec(ctx, sqlDecide, id, as, tx.Now(), by)
	if err != nil {
		return false, fmt.Errorf("decide on a request: %w", err)
	}
	return changed == 1, nil
}

// Waiting is a request that waits for a manager's decision.
type Waiting struct {
	ID          uuid.UUID `db:"id"`
	Participant uuid.UUID `db:"participant_id"`
	Since       time.Time `db:"requested_at"`
}

// QueueWaiting adds to a page's batch what waits for the actor to decide, the oldest first.
// About whom it is, participant.Names says.
func QueueWaiting(b *tenancy.Batch, actor access.Actor, limit int, to *[]Waiting) {
	if programs := managed(actor); len(programs) > 0 && actor.Policy.Tier >= access.RoleBased {
		b.Queue(sqlWaiting, tenancy.Into(to), programs, access.ReachingStatuses, actor.Withheld(access.ParticipantViewName), actor.Staff, limit)
	}
}

// managed are the programs that the actor manages.
func managed(actor access.Actor) []uuid.UUID {
	programs := []uuid.UUID{}
	for id, role := range actor.Roles {
		if role == access.ProgramManager {
			programs = append(programs, id)
		}
	}
	return programs
}
