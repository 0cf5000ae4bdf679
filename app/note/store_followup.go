package note

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/civil"
	"konote/app/staff"
	"konote/keyring"
	"konote/tenancy"
)

// Follow-ups: what a note planned, until somebody has done it.

const (
	openFollowUp = `n.follow_up_on IS NOT NULL AND n.followed_up_at IS NULL AND n.cancelled_at IS NULL`

	// Somebody (the role r of hers, in the note's program) can look after a follow-up: her
	// account is open, her role writes notes, and neither the participant's file nor the note is
	// closed to her.
	canFollowUp = `r.program_id = n.program_id AND r.status = 'active' AND r.role IN ('direct_service', 'program_manager')
		AND EXISTS (SELECT FROM agency.staff s WHERE s.id = r.staff_id AND s.status = 'active')
		AND NOT EXISTS (SELECT FROM agency.directives d WHERE d.participant_id = n.participant_id AND d.kind IN ('file', 'notes')
		    AND coalesce(d.item_id, n.id) = n.id AND d.lifted_at IS NULL AND d.from_on <= current_date
		    AND (d.staff_id = r.staff_id OR EXISTS (SELECT FROM agency.program_roles o WHERE o.staff_id = r.staff_id
		        AND o.status = 'active' AND (o.role = d.role OR o.program_id = d.program_id))))`

	// Whose a follow-up is, so that there is one who sees to it and none is lost: who works with
	// the participant in the note's program, where somebody does; otherwise the author. NULL: of
	// neither, and so of those who manage the program.
	followUpOf = `coalesce(
		(SELECT r.staff_id FROM agency.enrolments e JOIN agency.program_roles r ON r.staff_id = e.worker_id
		 WHERE e.participant_id = n.participant_id AND e.program_id = n.program_id
		     AND e.status IN ('planned', 'waitlist', 'active', 'on_hold') AND ` + canFollowUp + `),
		(SELECT r.staff_id FROM agency.program_roles r WHERE r.staff_id = n.author_id AND ` + canFollowUp + `))`

	// $6 are the programs that she manages.
	sqlFollowUps = `SELECT ` + columns + `, 0 AS addenda, (SELECT s.display_name_sealed FROM agency.staff s WHERE s.id = n.author_id) AS author_name_sealed
		FROM agency.notes n
		WHERE ` + openFollowUp + ` AND coalesce(n.follow_up_moved_to, n.follow_up_on) BETWEEN $2 AND $3 AND n.program_id = ANY($4)
		    AND n.participant_id <> ALL($5) AND n.id <> ALL($5)
		    AND NOT EXISTS (SELECT FROM agency.participants p WHERE p.id = n.participant_id AND p.consent = 'withdrawn')
		    AND coalesce(` + followUpOf + ` = $1, n.program_id = ANY($6))
		ORDER BY coalesce(n.follow_up_moved_to, n.follow_up_on), n.id LIMIT ` + most

	// Those of everybody in some programs ($2) that are due by a day, the oldest $5 of each
	// person's and how many she has. What belongs to nobody is every manager's of the program who
	// can look after it, as on their home pages.
	sqlTeamFollowUps = `SELECT due.worker_id, due.id, due.participant_id, due.program_id, due.day, due.n
		FROM (SELECT o.worker_id, n.id, n.participant_id, n.program_id, coalesce(n.follow_up_moved_to, n.follow_up_on) AS day,
		          count(*) OVER whole::int AS n, row_number() OVER (whole ORDER BY coalesce(n.follow_up_moved_to, n.follow_up_on), n.id) AS place
		      FROM agency.notes n
		      CROSS JOIN LATERAL (SELECT ` + followUpOf + ` AS staff_id) f
		      CROSS JOIN LATERAL (SELECT f.staff_id AS worker_id WHERE f.staff_id IS NOT NULL
		          UNION ALL SELECT r.staff_id FROM agency.program_roles r WHERE f.staff_id IS NULL AND r.role = 'program_manager' AND ` + canFollowUp + `) o
		      WHERE ` + openFollowUp + ` AND coalesce(n.follow_up_moved_to, n.follow_up_on) <= $1 AND n.program_id = ANY($2)
		          AND n.participant_id <> ALL($3) AND n.id <> ALL($3)
		          AND EXISTS (SELECT FROM agency.enrolments e JOIN agency.participants p ON p.id = e.participant_id
		              WHERE e.participant_id = n.participant_id AND e.program_id = n.program_id AND e.status = ANY($4) AND p.consent <> 'withdrawn')
		      WINDOW whole AS (PARTITION BY o.worker_id)) due
		WHERE due.place <= $5 ORDER BY due.worker_id, due.place`

	// A new note answers the earlier follow-ups about the same participant that are its
	// author's, because she planned them or because they have come to her.
	sqlAnswerFollowUps = `UPDATE agency.notes n SET followed_up_at = $4, followed_up_by = $3
		WHERE n.participant_id = $2 AND n.id <> $1 AND n.follow_up_on IS NOT NULL AND n.followed_up_at IS NULL
		    AND (n.author_id = $3 OR coalesce(` + followUpOf + ` = $3, EXISTS (SELECT FROM agency.program_roles m
		        WHERE m.staff_id = $3 AND m.program_id = n.program_id AND m.status = 'active' AND m.role = 'program_manager')))
		    AND` + ifMade

	// The follow-ups that the note had answered are open again, but for those that another
	// note of hers has answered since.
	sqlReopenFollowUps = `UPDATE agency.notes n SET (followed_up_at, followed_up_by) = (
		    SELECT min(a.created_at), CASE WHEN count(*) > 0 THEN $3::uuid END FROM agency.notes a
		    WHERE a.participant_id = $2 AND a.author_id = $3 AND a.id <> $1 AND a.id <> n.id AND a.created_at > n.created_at AND a.cancelled_at IS NULL)
		WHERE n.participant_id = $2 AND coalesce(n.followed_up_by, n.author_id) = $3 AND n.id <> $1 AND n.followed_up_at = $4`

	sqlFollowUpDone = `UPDATE agency.notes n SET followed_up_at = $2, followed_up_by = $3 WHERE n.id = $1 AND ` + openFollowUp

	sqlFollowUpMove = `UPDATE agency.notes n SET follow_up_moved_to = $2 WHERE n.id = $1 AND ` + openFollowUp
)

// aheadDays is how far a home page looks ahead.
const aheadDays = 7

type followUpRow struct {
	row
	AuthorName keyring.Sealed `db:"author_name_sealed"`
}

// A FollowUp is a note whose follow-up waits, with the name of who planned it.
type FollowUp struct {
	Note
	Planner string
}

// queueFollowUps adds the follow-ups that are the actor's to a page's batch: those due
// between two days.
func queueFollowUps(b *tenancy.Batch, actor access.Actor, from, to civil.Date, into *[]followUpRow) {
	programs := actor.Programs(access.NoteCreate)
	managed := slices.DeleteFunc(slices.Clone(programs), func(id uuid.UUID) bool { return actor.Roles[id] != access.ProgramManager })
	b.Queue(sqlFollowUps, tenancy.Into(into), actor.Staff, from, to, programs, actor.Withheld(access.NoteView), managed)
}

func openFollowUps(box *keyring.Box, rows []followUpRow) ([]FollowUp, error) {
	o := box.Opener()
	found := make([]FollowUp, len(rows))
	for i, r := range rows {
		found[i] = FollowUp{Note: r.open(o), Planner: staff.OpenName(o, r.Author, r.AuthorName)}
	}
	if err := o.Err(); err != nil {
		return nil, fmt.Errorf("open follow-ups: %w", err)
	}
	return found, nil
}

// A TeamFollowUp is a follow-up that waits, and whose it is.
type TeamFollowUp struct {
	Worker      uuid.UUID  `db:"worker_id"`
	Note        uuid.UUID  `db:"id"`
	Participant uuid.UUID  `db:"participant_id"`
	Program     uuid.UUID  `db:"program_id"`
	Day         civil.Date `db:"day"`
	Of          int        `db:"n"` // how many are due that are hers
}

// QueueTeamFollowUps adds the follow-ups that are due by a day to a page's batch, those of each
// person's in the given programs, the oldest first and at most limit of each: where the
// actor may read notes.
func QueueTeamFollowUps(b *tenancy.Batch, actor access.Actor, programs []uuid.UUID, by civil.Date, limit int, to *[]TeamFollowUp) {
	b.Queue(sqlTeamFollowUps, tenancy.Into(to), by, programs, actor.Withheld(access.NoteView), access.ReachingStatuses, limit)
}

// settle marks a follow-up as done; it says false when none is open.
func settle(ctx context.Context, tx *tenancy.Tx, note uuid.UUID, at time.Time, by uuid.UUID) (bool, error) {
	changed, err := tx.Exec(ctx, sqlFollowUpDone, note, at, by)
	if err != nil {
		return false, fmt.Errorf("settle follow-up: %w", err)
	}
	return changed == 1, nil
}

// move puts a follow-up off, or brings it forward; it says false when none is open.
func move(ctx context.Context, tx *tenancy.Tx, note uuid.UUID, to civil.Date) (bool, error) {
	changed, err := tx.Exec(ctx, sqlFollowUpMove, note, to)
	if err != nil {
		return false, fmt.Errorf("move follow-up: %w", err)
	}
	return changed == 1, nil
}
