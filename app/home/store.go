package home

import (
	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/civil"
	"konote/tenancy"
)

// sqlPulse counts for each program. Who has withdrawn consent is no part of its caseload: her
// record is only read, so she neither takes part nor waits, and is counted by herself. A
// participant without contact is one who is active there and about whom nobody has written
// there since the day given; it is counted where the reader may read notes ($6).
const sqlPulse = `
	SELECT p.id AS program_id, -- $4: who has closed her file to the reader, $5: also her notes
	       count(*) FILTER (WHERE e.status = 'active' AND NOT e.withdrawn) AS active,
	       count(*) FILTER (WHERE e.status IN ('planned', 'waitlist') AND NOT e.withdrawn) AS waiting,
	       count(*) FILTER (WHERE e.status = 'active' AND e.withdrawn) AS withdrawn,
	       count(*) FILTER (WHERE e.status = 'active' AND NOT e.withdrawn AND p.id = ANY($6) AND e.participant_id <> ALL($5) AND coalesce(e.started_on, '-infinity') < $2
	           AND NOT EXISTS (
	           SELECT FROM agency.notes n WHERE n.participant_id = e.participant_id AND n.program_id = p.id AND n.happened_on >= $2
	               AND n.cancelled_at IS NULL)) AS quiet,
	       count(*) FILTER (WHERE e.started_on >= $3) AS started
	FROM agency.programs p
	LEFT JOIN (SELECT o.program_id, o.participant_id, o.status, o.started_on, w.consent = 'withdrawn' AS withdrawn
	           FROM agency.enrolments o JOIN agency.participants w ON w.id = o.participant_id
	           WHERE o.program_id = ANY($1) AND o.participant_id <> ALL($4)) e ON e.program_id = p.id
	WHERE p.id = ANY($1)
	GROUP BY p.id`

// pulse is how a program stands.
type pulse struct {
	Program   uuid.UUID `db:"program_id"`
	Active    int       `db:"active"`
	Waiting   int       `db:"waiting"`
	Withdrawn int       `db:"withdrawn"`
	Quiet     int       `db:"quiet"`
	Started   int       `db:"started"`
}

// queuePulse adds the counts of the programs to the page's batch: without contact since
// quiet, started since month.
func queuePulse(b *tenancy.Batch, actor access.Actor, programs []uuid.UUID, quiet, month civil.Date, to *[]pulse) {
	b.Queue(sqlPulse, tenancy.Into(to), programs, quiet, month,
		actor.Withheld(access.ParticipantViewName), actor.Withheld(access.NoteView), actor.Programs(access.NoteView))
}

// in are the programs where the actor has one of the roles.
func in(actor access.Actor, roles ...access.Role) []uuid.UUID {
	programs := []uuid.UUID{}
	for program, held := range actor.Roles {
		for _, role := range roles {
			if held == role {
				programs = append(programs, program)
			}
		}
	}
	return programs
}
