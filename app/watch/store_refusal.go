package watch

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/app/access"
	"konote/app/audit"
	"konote/tenancy"
)

// sqlWhose finds whose record an id names, in which program it is (NULL: it is the
// participant's own), and where she is reached.
const sqlWhose = `WITH record AS (
		    SELECT id AS participant_id, NULL::uuid AS program_id FROM agency.participants WHERE id = $1
		    UNION ALL SELECT participant_id, program_id FROM agency.enrolments WHERE id = $1
		    UNION ALL SELECT participant_id, program_id FROM agency.notes WHERE id = $1
		    UNION ALL SELECT participant_id, program_id FROM agency.events WHERE id = $1
		    UNION ALL SELECT participant_id, program_id FROM agency.alerts WHERE id = $1
		    UNION ALL SELECT participant_id, program_id FROM agency.contacts WHERE id = $1
		    UNION ALL SELECT participant_id, program_id FROM agency.messages WHERE id = $1
		    UNION ALL SELECT participant_id, program_id FROM agency.plan_sections WHERE id = $1
		    UNION ALL SELECT t.participant_id, s.program_id FROM agency.targets t JOIN agency.plan_sections s ON s.id = t.section_id WHERE t.id = $1)
		SELECT r.participant_id, r.program_id, coalesce(p.is_confidential, false) AS confidential,
		    ARRAY(SELECT e.program_id FROM agency.enrolments e WHERE e.participant_id = r.participant_id AND e.status = ANY($2)) AS programs,
		    ARRAY(SELECT e.program_id FROM agency.enrolments e JOIN agency.programs g ON g.id = e.program_id
		        WHERE e.participant_id = r.participant_id AND e.status = ANY($2) AND g.is_confidential) AS guarded
		FROM record r LEFT JOIN agency.programs p ON p.id = r.program_id LIMIT 1`

// Attribute says in the event of a refusal whose record was asked for (its Subject), so
// that the attempt shows where her managers look:
//
//   - a record that one program keeps: in that program, whoever asked;
//   - the participant's own, by somebody who reaches her: in the program through which;
//   - by somebody who does not: in none. Everybody who looks after her may know of it.
//
// It is marked confidential if that program is, or in the last case if she is in any.
// participant is whom the address names, or uuid.Nil: it counts where the subject is no record.
func Attribute(ctx context.Context, tx *tenancy.Tx, actor access.Actor, event *audit.Event, participant uuid.UUID) error {
	for _, subject := range []uuid.UUID{event.Subject, participant} {
		if subject == uuid.Nil || len(event.Participants) > 0 {
			continue
		}
		if err := attribute(ctx, tx, actor, event, subject); err != nil {
			return err
		}
	}
	return nil
}

func attribute(ctx context.Context, tx *tenancy.Tx, actor access.Actor, event *audit.Event, subject uuid.UUID) error {
	whose, err := tenancy.Row[struct {
		Participant  uuid.UUID   `db:"participant_id"`
		Program      *uuid.UUID  `db:"program_id"`
		Confidential bool        `db:"confidential"`
		Programs     []uuid.UUID `db:"programs"`
		Guarded      []uuid.UUID `db:"guarded"` // those of Programs that are confidential
	}](ctx, tx, sqlWhose, subject, access.ReachingStatuses)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("find whose record was asked for: %w", err)
	}
	event.Participants = []uuid.UUID{whose.Participant}
	if whose.Program != nil {
		event.Program, event.Confidential = *whose.Program, whose.Confidential
		return nil
	}
	event.Confidential = len(whose.Guarded) > 0
	if !closedTo(actor, whose.Participant) {
		for _, program := range whose.Programs {
			if actor.Sees(program) {
				event.Program, event.Role, event.Confidential = program, actor.Roles[program], slices.Contains(whose.Guarded, program)
				return nil
			}
		}
	}
	return nil
}

// closedTo says whether the participant has closed her whole file to the actor, who then
// does not reach her.
func closedTo(actor access.Actor, participant uuid.UUID) bool {
	return slices.Contains(actor.Withheld(access.ParticipantViewName), participant)
}
