package group

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/app/access"
	"konote/app/civil"
	"konote/app/fault"
	"konote/app/participant"
	"konote/app/staff"
	"konote/keyring"
	"konote/tenancy"
)

type memberRow struct {
	ID          uuid.UUID      `db:"id"`
	Group       uuid.UUID      `db:"group_id"`
	Participant *uuid.UUID     `db:"participant_id"`
	Name        keyring.Sealed `db:"name_sealed"`
	Role        Role           `db:"role"`
	JoinedOn    civil.Date     `db:"joined_on"`
	LeftOn      civil.Date     `db:"left_on"`
}

// members are those of whom the actor may know, each with a name, those who are in the
// group first.
func members(ctx context.Context, tx *tenancy.Tx, actor access.Actor, group uuid.UUID) ([]Member, error) {
	rows, err := tenancy.Rows[memberRow](ctx, tx, sqlMembers, group)
	if err != nil {
		return nil, fmt.Errorf("load members: %w", err)
	}
	var ids []uuid.UUID
	for _, r := range rows {
		if r.Participant != nil && !slices.Contains(withheld(actor), *r.Participant) {
			ids = append(ids, *r.Participant)
		}
	}
	names, err := participant.Names(ctx, tx, actor, ids)
	if err != nil {
		return nil, err
	}
	o := tx.Box().Opener()
	var known []Member
	for _, r := range rows {
		m := Member{ID: r.ID, Group: r.Group, Participant: tenancy.Zero(r.Participant), Role: r.Role, JoinedOn: r.JoinedOn, LeftOn: r.LeftOn}
		if r.Participant == nil {
			m.Name = o.Open(colMember, r.ID, r.Name)
		} else if named, reached := names[*r.Participant]; reached {
			m.Name, m.Withdrawn = named.FullName, named.Withdrawn
		} else {
			continue
		}
		known = append(known, m)
	}
	if err := o.Err(); err != nil {
		return nil, fmt.Errorf("open members: %w", err)
	}
	return known, nil
}

// addMember adds somebody. It says false when she is a member already.
func addMember(ctx context.Context, tx *tenancy.Tx, m Member) (bool, error) {
	var name keyring.Sealed
	var err error
	if m.Participant == uuid.Nil {
		if name, err = tx.Box().Seal(colMember, m.ID, m.Name); err != nil {
			return false, fmt.Errorf("seal member: %w", err)
		}
	}
	added, err := tx.Exec(ctx, sqlInsertMember, m.ID, m.Group, tenancy.Null(m.Participant), name, m.Role, m.JoinedOn)
	if err != nil {
		return false, fmt.Errorf("insert member: %w", err)
	}
	return added == 1, nil
}

func updateMember(ctx context.Context, tx *tenancy.Tx, m Member) error {
	if _, err := tx.Exec(ctx, sqlUpdateMember, m.ID, m.Group, m.Role, m.LeftOn); err != nil {
		return fmt.Errorf("update member: %w", err)
	}
	return nil
}

// openPlaces are the statuses in which somebody is, or is going to be, in a program.
var openPlaces = []access.EnrolmentStatus{access.Planned, access.Waitlist, access.Enrolled, access.OnHold}

// candidates are the people of the group's program who could be added, as far as the
// actor reaches them, by id.
func candidates(ctx context.Context, tx *tenancy.Tx, actor access.Actor, g Group) (map[uuid.UUID]participant.Named, error) {
	rows, err := tenancy.Rows[struct {
		ID uuid.UUID `db:"id"`
	}](ctx, tx, sqlCandidates, g.Program, openPlaces, g.ID, withheld(actor))
	if err != nil {
		return nil, fmt.Errorf("find people for a group: %w", err)
	}
	ids := make([]uuid.UUID, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	return participant.Names(ctx, tx, actor, ids)
}

type sessionRow struct {
	ID          uuid.UUID      `db:"id"`
	Group       uuid.UUID      `db:"group_id"`
	HeldOn      civil.Date     `db:"held_on"`
	Facilitator *uuid.UUID     `db:"facilitator_id"`
	Mood        Mood           `db:"mood"`
	Text        keyring.Sealed `db:"text_sealed"`
	CreatedAt   time.Time      `db:"created_at"`
	CreatedBy   uuid.UUID      `db:"created_by"`
	UpdatedAt   time.Time      `db:"updated_at"`
	Version     int            `db:"version"`
}

func (r sessionRow) open(o *keyring.Opener) Session {
	return Session{ID: r.ID, Group: r.Group, HeldOn: r.HeldOn, Facilitator: tenancy.Zero(r.Facilitator), Mood: r.Mood, Text: o.Open(colText, r.ID, r.Text),
		CreatedAt: r.CreatedAt, CreatedBy: r.CreatedBy, UpdatedAt: r.UpdatedAt, Version: r.Version}
}

type attendedRow struct {
	ID        uuid.UUID      `db:"id"`
	Session   uuid.UUID      `db:"session_id"`
	Member    uuid.UUID      `db:"member_id"`
	Present   bool           `db:"was_present"`
	Highlight keyring.Sealed `db:"highlight_sealed"`
}

// sessionOf loads a session of a group by its id, with the attendance of those of whom
// the actor may know; fault.NotFound when the group has none.
func sessionOf(ctx context.Context, tx *tenancy.Tx, actor access.Actor, group, id uuid.UUID) (Session, error) {
	return loadSession(ctx, tx, actor, sqlSession, id, group)
}

// groupOf is the group of a session or a step (sql); fault.NotFound when there is none.
func groupOf(ctx context.Context, tx *tenancy.Tx, sql string, id uuid.UUID) (group uuid.UUID, err error) {
	err = tx.QueryRow(ctx, sql, id).Scan(&group)
	if errors.Is(err, pgx.ErrNoRows) {
		return group, fault.Missing()
	}
	if err != nil {
		return group, fmt.Errorf("load group of a part: %w", err)
	}
	return group, nil
}

// sessionOn is sessionOf by the day.
func sessionOn(ctx context.Context, tx *tenancy.Tx, actor access.Actor, group uuid.UUID, day civil.Date) (Session, error) {
	return loadSession(ctx, tx, actor, sqlSessionOn, group, day)
}

func loadSession(ctx context.Context, tx *tenancy.Tx, actor access.Actor, sql string, args ...any) (Session, error) {
	rows, err := tenancy.Rows[sessionRow](ctx, tx, sql, args...)
	if err != nil {
		return Session{}, fmt.Errorf("load session: %w", err)
	}
	if len(rows) == 0 {
		return Session{}, fault.Missing()
	}
	attended, err := tenancy.Rows[attendedRow](ctx, tx, sqlAttendance, actor.Programs(access.ParticipantViewName), access.ReachingStatuses, withheld(actor), rows[0].ID)
	if err != nil {
		return Session{}, fmt.Errorf("load attendance: %w", err)
	}
	o := tx.Box().Opener()
	s := rows[0].open(o)
	for _, a := range attended {
		s.Attendance = append(s.Attendance, Attended{ID: a.ID, Session: a.Session, Member: a.Member, Present: a.Present, Highlight: o.Open(colHighlight, a.ID, a.Highlight)})
	}
	if err := o.Err(); err != nil {
		return Session{}, fmt.Errorf("open session: %w", err)
	}
	return s, nil
}

// saveSession adds a session (version 0) or saves a change made from its version, with
// the attendance that it holds; other attendance stays. fault.Conflict when somebody was
// faster. The transaction has locked the group.
func saveSession(ctx context.Context, tx *tenancy.Tx, s Session, by uuid.UUID) error {
	text, err := tx.Box().Seal(colText, s.ID, s.Text)
	if err != nil {
		return fmt.Errorf("seal session: %w", err)
	}
	var changed int64
	if s.Version == 0 {
		changed, err = tx.Exec(ctx, sqlInsertSession, s.ID, s.Group, s.HeldOn, tenancy.Null(s.Facilitator), s.Mood, text, tx.Now(), by)
	} else {
		changed, err = tx.Exec(ctx, sqlUpdateSession, s.ID, s.Version, s.HeldOn, tenancy.Null(s.Facilitator), s.Mood, text, tx.Now(), by)
	}
	if err != nil {
		return fmt.Errorf("save session: %w", err)
	}
	if changed == 0 {
		return errLate
	}
	return attend(ctx, tx, s)
}

// attend saves the attendance that a session holds.
func attend(ctx context.Context, tx *tenancy.Tx, s Session) error {
	if len(s.Attendance) == 0 {
		return nil
	}
	sealer := tx.Box().Sealer()
	members := make([]uuid.UUID, len(s.Attendance))
	for i, a := range s.Attendance {
		members[i] = a.Member
	}
	b := tx.Batch()
	b.Exec(sqlShare, members)
	for _, a := range s.Attendance {
		b.Exec(sqlAttend, a.ID, s.ID, a.Member, a.Present, sealer.Seal(colHighlight, a.ID, a.Highlight))
	}
	if err := sealer.Err(); err != nil {
		return fmt.Errorf("seal highlights: %w", err)
	}
	if err := b.Send(ctx); err != nil {
		return fmt.Errorf("save attendance: %w", err)
	}
	return nil
}

// Met is a session in a list, with how many came.
type Met struct {
	Session
	Present, Expected int
}

type metRow struct {
	sessionRow
	Present  int `db:"present"`
	Expected int `db:"expected"`
}

const sessionsShown = 12

// sessionsBefore are a group's sessions before a day, the newest first, and the day
// before which the next page begins (zero: there is none).
func sessionsBefore(ctx context.Context, tx *tenancy.Tx, actor access.Actor, group uuid.UUID, day civil.Date) ([]Met, civil.Date, error) {
	if day.IsZero() {
		day = civil.Date{Year: 9999, Month: time.December, Day: 31}
	}
	rows, err := tenancy.Rows[metRow](ctx, tx, sqlSessions, actor.Programs(access.ParticipantViewName), access.ReachingStatuses, withheld(actor), group, day, sessionsShown+1)
	if err != nil {
		return nil, civil.Date{}, fmt.Errorf("list sessions: %w", err)
	}
	var next civil.Date
	if len(rows) > sessionsShown {
		rows = rows[:sessionsShown]
		next = rows[sessionsShown-1].HeldOn
	}
	o := tx.Box().Opener()
	met := make([]Met, len(rows))
	for i, r := range rows {
		met[i] = Met{Session: r.sessionRow.open(o), Present: r.Present, Expected: r.Expected}
	}
	if err := o.Err(); err != nil {
		return nil, civil.Date{}, fmt.Errorf("open sessions: %w", err)
	}
	return met, next, nil
}

// presence is whether a member came to a session.
type presence struct {
	Session uuid.UUID  `db:"session_id"`
	HeldOn  civil.Date `db:"held_on"`
	Member  uuid.UUID  `db:"member_id"`
	Present bool       `db:"was_present"`
}

// presences are who came to a group's sessions from a day to another, as far as the actor
// may know of them.
func presences(ctx context.Context, tx *tenancy.Tx, actor access.Actor, group uuid.UUID, from, to civil.Date) ([]presence, error) {
	rows, err := tenancy.Rows[presence](ctx, tx, sqlPresence, actor.Programs(access.ParticipantViewName), access.ReachingStatuses, withheld(actor), group, from, to)
	if err != nil {
		return nil, fmt.Errorf("load attendance: %w", err)
	}
	return rows, nil
}

// Place is where a page of a time line begins: after this day and session.
type Place struct {
	Day civil.Date
	ID  uuid.UUID
}

// QueueTimeline adds the logged sessions at which a participant was expected, in groups of
// the given programs, to a page's batch, the newest first: after the place, at most limit.
func QueueTimeline(b *tenancy.Batch, participant uuid.UUID, programs []uuid.UUID, after Place, limit int, to *Page) {
	if after == (Place{}) {
		after = Place{Day: civil.Date{Year: 9999, Month: time.December, Day: 31}, ID: uuid.Max}
	}
	to.limit = limit
	b.Queue(sqlTimeline, tenancy.Into(&to.rows), participant, programs, after.Day, after.ID, limit+1)
}

// Page is a part of a time line as it came from the database.
type Page struct {
	rows  []timelineRow
	limit int
}

// An Entry is one session in a participant's record.
type Entry struct {
	Attended
	Group       uuid.UUID
	GroupName   string
	Program     uuid.UUID
	HeldOn      civil.Date
	Facilitator string // name
}

type timelineRow struct {
	ID              uuid.UUID      `db:"id"`
	Session         uuid.UUID      `db:"session_id"`
	Group           uuid.UUID      `db:"group_id"`
	Program         uuid.UUID      `db:"program_id"`
	GroupName       keyring.Sealed `db:"name_sealed"`
	HeldOn          civil.Date     `db:"held_on"`
	Facilitator     uuid.UUID      `db:"facilitator_id"`
	Present         bool           `db:"was_present"`
	Highlight       keyring.Sealed `db:"highlight_sealed"`
	FacilitatorName keyring.Sealed `db:"facilitator_name_sealed"`
}

// Open opens them. next is where the following page begins, zero when this is the last.
func (p Page) Open(box *keyring.Box) (entries []Entry, next Place, err error) {
	rows := p.rows
	if len(rows) > p.limit {
		rows = rows[:p.limit]
		next = Place{Day: rows[len(rows)-1].HeldOn, ID: rows[len(rows)-1].Session}
	}
	o := box.Opener()
	for _, r := range rows {
		entries = append(entries, Entry{
			Attended: Attended{ID: r.ID, Session: r.Session, Present: r.Present, Highlight: o.Open(colHighlight, r.ID, r.Highlight)},
			Group:    r.Group, GroupName: o.Open(colName, r.Group, r.GroupName), Program: r.Program, HeldOn: r.HeldOn,
			Facilitator: staff.OpenName(o, r.Facilitator, r.FacilitatorName),
		})
	}
	if err := o.Err(); err != nil {
		return nil, Place{}, fmt.Errorf("open group sessions: %w", err)
	}
	return entries, next, nil
}
