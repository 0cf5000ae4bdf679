package team

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/civil"
	"konote/app/staff"
	"konote/keyring"
	"konote/tenancy"
)

const (
	// Whose record x is must be in its program, and her record open to be worked with.
	known = ` AND EXISTS (SELECT FROM agency.enrolments e JOIN agency.participants p ON p.id = e.participant_id
		    WHERE e.participant_id = x.participant_id AND e.program_id = x.program_id AND e.status = ANY($1) AND p.consent <> 'withdrawn')`

	// What was done, with whose it is, from a day ($2) to another ($3); meetings from an
	// instant ($4) until another ($5). $6, $7, $8 are the programs in which the actor may know of
	// notes, meetings and contacts, $9, $10, $11 what is closed to her. Nothing is written before
	// the day it tells of, so that the index by author finds it; and only by people of the
	// program, also those who have left.
	done = `SELECT x.author_id AS worker_id, 'note' AS kind, x.id, x.participant_id, x.program_id, x.happened_on AS day,
		    NULL::timestamptz AS starts_at, x.interaction AS what
		FROM agency.notes x
		WHERE x.author_id IN (SELECT r.staff_id FROM agency.program_roles r WHERE r.program_id = ANY($6)) AND x.created_at >= $4
		    AND x.happened_on BETWEEN $2 AND $3 AND x.program_id = ANY($6) AND x.cancelled_at IS NULL
		    AND x.participant_id <> ALL($9) AND x.id <> ALL($9)` + known + `
		UNION ALL
		SELECT a.worker_id, 'meeting', x.id, x.participant_id, x.program_id, x.happened_on, x.starts_at, x.status
		FROM agency.events x CROSS JOIN LATERAL unnest(x.attendees) AS a(worker_id)
		WHERE x.kind = 'meeting' AND x.starts_at >= $4 AND x.starts_at < $5 AND x.program_id = ANY($7) AND x.status <> 'cancelled' AND x.cancelled_at IS NULL
		    AND x.participant_id <> ALL($10) AND x.id <> ALL($10)` + known + `
		UNION ALL
		SELECT x.logged_by, 'contact', x.id, x.participant_id, x.program_id, x.happened_on, NULL, x.channel
		FROM agency.contacts x
		WHERE x.logged_by IN (SELECT r.staff_id FROM agency.program_roles r WHERE r.program_id = ANY($8)) AND x.created_at >= $4
		    AND x.happened_on BETWEEN $2 AND $3 AND x.program_id = ANY($8) AND x.cancelled_at IS NULL
		    AND x.participant_id <> ALL($11) AND x.id <> ALL($11)` + known

	// $12 is now. A meeting that nobody has said the end of, or to which nobody came, is listed
	// and in no number.
	sqlTallies = `SELECT d.worker_id, s.display_name_sealed,
		    count(*) FILTER (WHERE d.kind = 'note') AS notes, count(*) FILTER (WHERE d.kind = 'contact') AS contacts,
		    count(*) FILTER (WHERE d.kind = 'meeting' AND d.what = 'completed') AS held,
		    count(*) FILTER (WHERE d.kind = 'meeting' AND d.what = 'scheduled' AND d.starts_at >= $12) AS coming
		FROM (` + done + `) d JOIN agency.staff s ON s.id = d.worker_id
		GROUP BY d.worker_id, s.display_name_sealed`

	// Of the people $12, each one's newest $15 after a place ($13, $14).
	sqlWork = `SELECT w.worker_id, w.kind, w.id, w.participant_id, w.program_id, w.day, w.starts_at, w.what
		FROM (SELECT d.worker_id, d.kind, d.id, d.participant_id, d.program_id, d.day, d.starts_at, d.what, row_number() OVER (PARTITION BY d.worker_id ORDER BY d.day DESC, d.id DESC) AS place
		      FROM (` + done + `) d WHERE d.worker_id = ANY($12) AND (d.day, d.id) < ($13, $14)) w
		WHERE w.place <= $15 ORDER BY w.worker_id, w.place`

	// Who works with participants in the programs.
	sqlTeam = `SELECT s.id, s.display_name_sealed FROM agency.staff s
		WHERE s.status = 'active' AND EXISTS (SELECT FROM agency.program_roles r
		    WHERE r.staff_id = s.id AND r.program_id = ANY($1) AND r.status = 'active' AND r.role = ANY($2))`
)

// span is the time that a page is about: some days up to today, and as many to come.
type span struct {
	From, Today civil.Date
	Days        int
	Zone        *time.Location
	Now         time.Time
}

func newSpan(now time.Time, zone *time.Location, days int) span {
	today := civil.Of(now.In(zone))
	return span{From: today.AddDays(1 - days), Today: today, Days: days, Zone: zone, Now: now}
}

// last is the last day to come.
func (s span) last() civil.Date { return s.Today.AddDays(s.Days) }

func midnight(d civil.Date, zone *time.Location) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, zone)
}

// args are those of done.
func (s scope) args(in span) []any {
	return []any{access.ReachingStatuses, in.From, in.Today, midnight(in.From, in.Zone), midnight(in.last().AddDays(1), in.Zone),
		s.notes, s.meetings, s.contacts,
		s.actor.Withheld(access.NoteView), s.actor.Withheld(access.MeetingView), s.actor.Withheld(access.CommunicationView)}
}

// tally is how much there is of one person's.
type tally struct {
	Notes    int `db:"notes"`
	Held     int `db:"held"`
	Coming   int `db:"coming"`
	Contacts int `db:"contacts"`
}

type tallyRow struct {
	Worker uuid.UUID      `db:"worker_id"`
	Name   keyring.Sealed `db:"display_name_sealed"`
	tally
}

type memberRow struct {
	ID   uuid.UUID      `db:"id"`
	Name keyring.Sealed `db:"display_name_sealed"`
}

// work is one thing that somebody did, or has before her.
type work struct {
	Worker      uuid.UUID  `db:"worker_id"`
	Kind        string     `db:"kind"`
	ID          uuid.UUID  `db:"id"`
	Participant uuid.UUID  `db:"participant_id"`
	Program     uuid.UUID  `db:"program_id"`
	Day         civil.Date `db:"day"`
	StartsAt    *time.Time `db:"starts_at"` // of a meeting
	What        string     `db:"what"`      // interaction, status or channel
}

// teamRows are the people of a team as they came from the database.
type teamRows struct {
	members []memberRow
	tallies []tallyRow
}

// queueTeam adds who is in the team, and her numbers, to a page's batch.
func queueTeam(b *tenancy.Batch, s scope, in span) *teamRows {
	t := &teamRows{}
	b.Queue(sqlTeam, tenancy.Into(&t.members), s.programs, access.RolesWith(access.NoteCreate))
	b.Queue(sqlTallies, tenancy.Into(&t.tallies), append(s.args(in), in.Now)...)
	return t
}

// open are the people in the order of their names.
func (t *teamRows) open(box *keyring.Box) ([]worker, error) {
	o := box.Opener()
	of := map[uuid.UUID]worker{}
	for _, m := range t.members {
		of[m.ID] = worker{ID: m.ID, Name: staff.OpenName(o, m.ID, m.Name)}
	}
	for _, r := range t.tallies {
		of[r.Worker] = worker{ID: r.Worker, Name: staff.OpenName(o, r.Worker, r.Name), tally: r.tally}
	}
	if err := o.Err(); err != nil {
		return nil, fmt.Errorf("open a team: %w", err)
	}
	people := make([]worker, 0, len(of))
	for _, w := range of {
		people = append(people, w)
	}
	byName(people)
	return people, nil
}

// newest begins before everything.
var newest = place{Day: civil.Date{Year: 9999, Month: time.December, Day: 31}, ID: uuid.Max}

// queueWork adds what some people did to a batch: of each, the newest after a place, and one
// more than limit where there are more.
func queueWork(b *tenancy.Batch, s scope, in span, people []uuid.UUID, after place, limit int, to *[]work) {
	if after == (place{}) {
		after = newest
	}
	b.Queue(sqlWork, tenancy.Into(to), append(s.args(in), people, after.Day, after.ID, limit+1)...)
}
