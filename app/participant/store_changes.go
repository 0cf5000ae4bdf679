package participant

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/civil"
	"konote/app/i18n"
	"konote/app/staff"
	"konote/app/view"
	"konote/keyring"
	"konote/tenancy"
)

// sqlChangesOf reads all changes of a participant's enrolments in some programs. There
// are dozens of them, not thousands.
const sqlChangesOf = `SELECT c.id, c.enrolment_id, c.status, c.reason_sealed, c.changed_at, c.changed_by, e.program_id,
		    (SELECT s.display_name_sealed FROM agency.staff s WHERE s.id = c.changed_by) AS by_sealed
		FROM agency.enrolment_changes c JOIN agency.enrolments e ON e.id = c.enrolment_id
		WHERE e.participant_id = $1 AND e.program_id = ANY($2)
		ORDER BY c.changed_at DESC, c.id DESC LIMIT 500`

// An EnrolmentChange is one line of the history of an enrolment.
type EnrolmentChange struct {
	ID      uuid.UUID
	Program uuid.UUID
	Status  access.EnrolmentStatus
	Reason  string // "" where the actor's role does not read such words
	At      time.Time
	By      string // the name of whoever changed it, "" for a command
}

// On is the day of the change by the agency's calendar.
func (c EnrolmentChange) On(zone *time.Location) civil.Date { return civil.Of(c.At.In(zone)) }

// Label is what the enrolment became, in words.
func (c EnrolmentChange) Label() i18n.Message { return EnrolmentLabel(c.Status) }

// Kind is the look of its badge.
func (c EnrolmentChange) Kind() view.Kind { return kindOf(c.Status) }

// Changes are the changes of enrolments as they came from the database.
type Changes []changeOf

type changeOf struct {
	changeRow
	Program uuid.UUID      `db:"program_id"`
	ByName  keyring.Sealed `db:"by_sealed"`
}

// QueueChanges adds the changes of a participant's enrolments to a page's batch, in these
// programs.
func QueueChanges(b *tenancy.Batch, participant uuid.UUID, programs []uuid.UUID, to *Changes) {
	b.Queue(sqlChangesOf, tenancy.Into((*[]changeOf)(to)), participant, programs)
}

// Open opens them, the newest first.
func (c Changes) Open(box *keyring.Box, actor access.Actor) ([]EnrolmentChange, error) {
	o := box.Opener()
	found := make([]EnrolmentChange, 0, len(c))
	for _, r := range c {
		change := EnrolmentChange{ID: r.ID, Program: r.Program, Status: r.Status, At: r.At}
		if actor.MayIn(r.Program, access.ParticipantViewClinical) {
			change.Reason = o.Open(colReason, r.ID, r.Reason)
		}
		if r.By != nil {
			change.By = staff.OpenName(o, *r.By, r.ByName)
		}
		found = append(found, change)
	}
	if err := o.Err(); err != nil {
		return nil, fmt.Errorf("open the changes of enrolments: %w", err)
	}
	return slices.Clip(found), nil
}
