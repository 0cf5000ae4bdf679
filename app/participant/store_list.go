package participant

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/civil"
	"konote/keyring"
	"konote/tenancy"
)

const (
	pageSize = 25 // people on a page of the list

	// mostByNote is how many people are put in the order of their last notes. Where more
	// are reached, the newest records come first.
	mostByNote = 2000
)

// Waiting stands for both states of who has not begun yet: planned, or on the waiting list.
const Waiting access.EnrolmentStatus = "waiting"

// Filter is what a list is narrowed to.
type Filter struct {
	Program  uuid.UUID              // uuid.Nil: all of the actor's
	Standing access.EnrolmentStatus // "": every one that opens the record; or Waiting
	Status   Status                 // "": every one
	Quiet    int                    // only who takes part and about whom nobody has written there for so many days; 0: no matter
	After    Place
}

// Place is where a page of the list begins: after this day (never, in the order of
// records) and person.
type Place struct {
	Day civil.Date
	ID  uuid.UUID
}

// first begins before everybody.
var first = Place{Day: civil.Date{Year: 9999, Month: time.December, Day: 31}, ID: uuid.Max}

// never stands for the day of a note that there is not.
var never = civil.Date{Year: 1, Month: time.January, Day: 1}

// Listed is one person in a list, with what the actor may see.
type Listed struct {
	Participant
	Enrolments []Enrolment
	LastNoteOn civil.Date // of the notes that the actor may read; zero for none
}

type listRow struct {
	ID            uuid.UUID      `db:"id"`
	FirstName     keyring.Sealed `db:"first_name_sealed"`
	PreferredName keyring.Sealed `db:"preferred_name_sealed"`
	MiddleName    keyring.Sealed `db:"middle_name_sealed"`
	LastName      keyring.Sealed `db:"last_name_sealed"`
	BirthDate     keyring.Sealed `db:"birth_date_sealed"`
	RecordID      keyring.Sealed `db:"record_id_sealed"`
	Status        Status         `db:"status"`
	LastOn        civil.Date     `db:"last_on"`
	Guarded       keyring.Sealed `db:"guarded_sealed"`
}

type countRow struct {
	N int `db:"n"`
}

// list is one page of people, how many there are in all, and where the next page
// begins (zero: nowhere). extra adds to the first round trip.
func list(ctx context.Context, tx *tenancy.Tx, actor access.Actor, f Filter, zone *time.Location, extra func(*tenancy.Batch)) (people []Listed, count int, next Place, err error) {
	programs, statuses := actor.Programs(access.ParticipantViewName), access.ReachingStatuses
	if f.Program != uuid.Nil {
		programs = slices.DeleteFunc(programs, func(id uuid.UUID) bool { return id != f.Program })
	}
	if f.Standing == Waiting {
		statuses = []access.EnrolmentStatus{access.Planned, access.Waitlist}
	} else if f.Standing != "" {
		statuses = slices.DeleteFunc(slices.Clone(statuses), func(s access.EnrolmentStatus) bool { return s != f.Standing })
	}
	if f.After == (Place{}) {
		f.After = first
	}
	var quiet civil.Date
	if f.Quiet > 0 {
		quiet, statuses = civil.Of(tx.Now().In(zone)).AddDays(-f.Quiet), []access.EnrolmentStatus{access.Enrolled}
		programs = slices.DeleteFunc(programs, func(id uuid.UUID) bool { return !actor.MayIn(id, access.NoteView) })
	}

	withheld, notes := actor.Withheld(access.ParticipantViewName), actor.Withheld(access.NoteView)
	if f.Quiet > 0 { // it would tell of notes
		withheld = notes
	}
	var counted countRow
	b := tx.Batch()
	b.Queue(sqlCount, tenancy.IntoOne(&counted), programs, statuses, f.Status, quiet, withheld)
	extra(b)
	if err := b.Send(ctx); err != nil {
		return nil, 0, Place{}, fmt.Errorf("count participants: %w", err)
	}
	byNote, readable := counted.N <= mostByNote, actor.Programs(access.NoteView)
	var rows []listRow
	if byNote {
		rows, err = tenancy.Rows[listRow](ctx, tx, sqlListByNote, programs, statuses, f.Status, quiet, withheld, readable, notes, f.After.Day, f.After.ID, pageSize+1)
	} else {
		rows, err = tenancy.Rows[listRow](ctx, tx, sqlListByRecord, programs, statuses, f.Status, quiet, withheld, readable, notes, f.After.ID, pageSize+1)
	}
	if err != nil {
		return nil, 0, Place{}, fmt.Errorf("list participants: %w", err)
	}
	if len(rows) > pageSize {
		rows = rows[:pageSize]
		next = Place{Day: never, ID: rows[pageSize-1].ID}
		if byNote {
			next.Day = rows[pageSize-1].LastOn
		}
	}
	people, err = openListed(ctx, tx, actor, rows)
	return people, counted.N, next, err
}

// openListed opens the rows of a page, as far as the actor may see each person.
func openListed(ctx context.Context, tx *tenancy.Tx, actor access.Actor, rows []listRow) ([]Listed, error) {
	ids := make([]uuid.UUID, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	enrolments, err := tenancy.Rows[Enrolment](ctx, tx, sqlEnrolments, ids, actor.Programs(access.ParticipantViewName))
	if err != nil {
		return nil, fmt.Errorf("list enrolments: %w", err)
	}
	if err := openEnrolments(tx.Box(), actor, enrolments); err != nil {
		return nil, err
	}
	of := map[uuid.UUID][]Enrolment{}
	for _, e := range enrolments {
		of[e.Participant] = append(of[e.Participant], e)
	}
	o := tx.Box().Opener()
	people := make([]Listed, len(rows))
	for i, r := range rows {
		through := actor.Reaches(access.Subject{ID: r.ID, Enrolments: accessOf(of[r.ID])}, access.ParticipantViewName)
		levels := levelsOf(actor, through)
		if o.Open(colGuarded, r.ID, r.Guarded) == isGuarded {
			levels = levels.without(withheld(actor, through))
		}
		details := Details{
			FirstName: o.Open(colFirstName, r.ID, r.FirstName), PreferredName: o.Open(colPreferredName, r.ID, r.PreferredName),
			MiddleName: o.Open(colMiddleName, r.ID, r.MiddleName), LastName: o.Open(colLastName, r.ID, r.LastName),
			BirthDate: o.Open(colBirthDate, r.ID, r.BirthDate), RecordID: o.Open(colRecordID, r.ID, r.RecordID), Status: r.Status,
		}
		people[i] = Listed{Participant: Participant{ID: r.ID, Details: details.shown(levels)}, Enrolments: of[r.ID]}
		if r.LastOn != never {
			people[i].LastNoteOn = r.LastOn
		}
	}
	if err := o.Err(); err != nil {
		return nil, fmt.Errorf("open participants: %w", err)
	}
	return people, nil
}

// Named is a person with what to call her, for lists of something else.
type Named struct {
	ID          uuid.UUID
	DisplayName string // Léa
	FullName    string // Léa Tremblay
	// Confidential says that the actor knows her from a confidential program.
	Confidential bool
	Withdrawn    bool // her consent: nothing is written any more
}

// NameRows are names as they came from the database.
type NameRows struct {
	actor access.Actor
	rows  []nameRow
}

type nameRow struct {
	ID            uuid.UUID      `db:"id"`
	FirstName     keyring.Sealed `db:"first_name_sealed"`
	PreferredName keyring.Sealed `db:"preferred_name_sealed"`
	LastName      keyring.Sealed `db:"last_name_sealed"`
	Withdrawn     bool           `db:"withdrawn"`
	Through       []uuid.UUID    `db:"through"`
	Confidential  bool           `db:"confidential"`
}

// QueueRecent adds the people whom the actor opened last, and still reaches, to a
// page's batch.
func QueueRecent(b *tenancy.Batch, actor access.Actor, limit int) *NameRows {
	n := &NameRows{actor: actor}
	b.Queue(sqlRecent, tenancy.Into(&n.rows), actor.Programs(access.ParticipantViewName), access.ReachingStatuses, actor.Withheld(access.ParticipantViewName), actor.Staff, limit)
	return n
}

// Names finds what to call people, those whom the actor reaches; the others are not
// among the answers.
func Names(ctx context.Context, tx *tenancy.Tx, actor access.Actor, ids []uuid.UUID) (map[uuid.UUID]Named, error) {
	rows, err := tenancy.Rows[nameRow](ctx, tx, sqlNames, actor.Programs(access.ParticipantViewName), access.ReachingStatuses, actor.Withheld(access.ParticipantViewName), ids)
	if err != nil {
		return nil, fmt.Errorf("load names: %w", err)
	}
	names := make(map[uuid.UUID]Named, len(rows))
	opened, err := (&NameRows{actor: actor, rows: rows}).Open(tx.Box())
	for _, n := range opened {
		names[n.ID] = n
	}
	return names, err
}

// Open opens them, in the order of the rows.
func (n *NameRows) Open(box *keyring.Box) ([]Named, error) {
	o := box.Opener()
	names := make([]Named, len(n.rows))
	for i, r := range n.rows {
		d := Details{
			FirstName: o.Open(colFirstName, r.ID, r.FirstName), PreferredName: o.Open(colPreferredName, r.ID, r.PreferredName),
			LastName: o.Open(colLastName, r.ID, r.LastName),
		}.shown(levelsOf(n.actor, r.Through)) // names only
		names[i] = Named{ID: r.ID, DisplayName: d.DisplayName(), FullName: d.FullName(), Confidential: r.Confidential, Withdrawn: r.Withdrawn}
	}
	if err := o.Err(); err != nil {
		return nil, fmt.Errorf("open names: %w", err)
	}
	return names, nil
}
