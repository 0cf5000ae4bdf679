package participant

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/app/access"
	"konote/app/fault"
	"konote/app/find"
	"konote/app/i18n"
	"konote/keyring"
	"konote/tenancy"
)

// The sealed columns. Package find opens those that can be searched by the same names.
var (
	colFirstName     = keyring.Column{Table: "participants", Name: "first_name", Pad: keyring.Identity}
	colPreferredName = keyring.Column{Table: "participants", Name: "preferred_name", Pad: keyring.Identity}
	colMiddleName    = keyring.Column{Table: "participants", Name: "middle_name", Pad: keyring.Identity}
	colLastName      = keyring.Column{Table: "participants", Name: "last_name", Pad: keyring.Identity}
	colPronouns      = keyring.Column{Table: "participants", Name: "pronouns", Pad: keyring.Identity}
	colBirthDate     = keyring.Column{Table: "participants", Name: "birth_date", Pad: keyring.Identity}
	colPhone         = keyring.Column{Table: "participants", Name: "phone", Pad: keyring.Identity}
	colEmail         = keyring.Column{Table: "participants", Name: "email", Pad: keyring.Identity}
	colAddress       = keyring.Column{Table: "participants", Name: "address", Pad: keyring.Words}
	colRecordID      = keyring.Column{Table: "participants", Name: "record_id", Pad: keyring.Identity}
	colTimes         = keyring.Column{Table: "participants", Name: "contact_times", Pad: keyring.Identity}
	colAdvice        = keyring.Column{Table: "participants", Name: "contact_advice", Pad: keyring.Words}
	colGuarded       = keyring.Column{Table: "participants", Name: "guarded", Pad: keyring.Identity}
	colReason        = keyring.Column{Table: "enrolment_changes", Name: "reason", Pad: keyring.Words}
)

const columns = `id, first_name_sealed, preferred_name_sealed, middle_name_sealed, last_name_sealed, pronouns_sealed,
	birth_date_sealed, phone_sealed, email_sealed, address_sealed, record_id_sealed, status, language,
	coalesce(contact_by, '') AS contact_by, contact_times_sealed, contact_advice_sealed, consent, consent_ends_at, sharing, sharing_ends_at, guarded_sealed,
	created_at, updated_at, updated_by, version`

const (
	sqlByID = `SELECT ` + columns + ` FROM agency.participants WHERE id = $1`

	sqlInsert = `INSERT INTO agency.participants
		(id, first_name_sealed, preferred_name_sealed, middle_name_sealed, last_name_sealed, pronouns_sealed,
		 birth_date_sealed, phone_sealed, email_sealed, address_sealed, record_id_sealed, status, language,
		 is_demo, search_epoch, created_at, created_by, updated_at, updated_by, contact_by, contact_times_sealed, contact_advice_sealed)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $16, $17, nullif($18, ''), $19, $20)
		ON CONFLICT (id) DO NOTHING`

	sqlUpdate = `UPDATE agency.participants
		SET first_name_sealed = $3, preferred_name_sealed = $4, middle_name_sealed = $5, last_name_sealed = $6,
		    pronouns_sealed = $7, birth_date_sealed = $8, phone_sealed = $9, email_sealed = $10, address_sealed = $11,
		    record_id_sealed = $12, status = $13, language = $14, search_epoch = $15, updated_at = $16, updated_by = $17,
		    contact_by = nullif($18, ''), contact_times_sealed = $19, contact_advice_sealed = $20, version = version + 1
		WHERE id = $1 AND version = $2`

	// Of somebody who has a role in one of the programs, or had one.
	sqlWorkedThere = `SELECT EXISTS (SELECT FROM agency.program_roles WHERE staff_id = $1 AND program_id = ANY($2))`

	sqlCreatedBy = `SELECT created_by FROM agency.participants WHERE id = $1`

	// The people opened last: the newest twenty stay.
	sqlSeen = `WITH kept AS (
		    INSERT INTO agency.recents (staff_id, participant_id, viewed_at) VALUES ($1, $2, $3)
		    ON CONFLICT (staff_id, participant_id) DO UPDATE SET viewed_at = excluded.viewed_at)
		DELETE FROM agency.recents WHERE staff_id = $1 AND participant_id <> $2 AND viewed_at <
		    (SELECT viewed_at FROM agency.recents WHERE staff_id = $1 ORDER BY viewed_at DESC OFFSET 19 LIMIT 1)`
)

// Enrolments and their history.
const (
	enrolmentColumns = `SELECT e.id, e.participant_id, e.program_id, e.status, e.started_on, e.ended_on, e.created_at, e.version,
		    coalesce(e.worker_id, '00000000-0000-0000-0000-000000000000') AS worker_id, coalesce(e.end_reason, '') AS end_reason,
		    e.worker_set_at, e.worker_set_by,
		    CASE WHEN e.status = 'on_hold' THEN
		        (SELECT max(c.changed_at) FROM agency.enrolment_changes c WHERE c.enrolment_id = e.id) END AS held_at,
		    p.name_en, p.name_fr, p.is_confidential, w.display_name_sealed AS worker_name_sealed
		FROM agency.enrolments e JOIN agency.programs p ON p.id = e.program_id LEFT JOIN agency.staff w ON w.id = e.worker_id`

	// The enrolments of people in the given programs and no others.
	sqlEnrolments = enrolmentColumns + ` WHERE e.participant_id = ANY($1) AND e.program_id = ANY($2)
		ORDER BY e.status IN ('finished', 'cancelled'), coalesce(e.started_on, e.created_at::date) DESC, e.id DESC`

	sqlEnrolledBy = `SELECT participant_id FROM agency.enrolments WHERE id = $1`

	// For changes of many: always locked in the same order.
	sqlLocked = enrolmentColumns + `
		WHERE e.id = ANY($1) AND e.program_id = ANY($2) AND e.participant_id <> ALL($3) ORDER BY e.id FOR UPDATE OF e`

	// Nobody is enrolled twice: whoever has an open enrolment there already is left out.
	sqlInsertEnrolments = `INSERT INTO agency.enrolments
		(id, participant_id, program_id, status, started_on, ended_on, created_at, updated_at)
		SELECT n.id, n.participant_id, $3, $4, $5, $6, $7, $7
		FROM unnest($1::uuid[], $2::uuid[]) AS n (id, participant_id)
		WHERE NOT EXISTS (SELECT FROM agency.participants p WHERE p.id = n.participant_id AND p.consent = 'withdrawn') ORDER BY n.participant_id
		ON CONFLICT (participant_id, program_id) WHERE status IN ('planned', 'waitlist', 'active', 'on_hold') DO NOTHING
		RETURNING id`

	// The statements that change enrolments leave out those that somebody else has changed
	// meanwhile ($2: the versions that were read) and those of people who have withdrawn their
	// consent, and return the others.
	isOpen = ` AND NOT EXISTS (SELECT FROM agency.participants p WHERE p.id = e.participant_id AND p.consent = 'withdrawn')`

	sqlChangeEnrolments = `UPDATE agency.enrolments e
		SET status = $3, started_on = coalesce($4, e.started_on), ended_on = $5, end_reason = nullif($6, ''),
		    updated_at = $7, version = e.version + 1
		FROM unnest($1::uuid[], $2::int[]) AS read (id, version)
		WHERE e.id = read.id AND e.version = read.version` + isOpen + ` RETURNING e.id`

	sqlAssign = `UPDATE agency.enrolments e
		SET worker_id = nullif(read.worker, '00000000-0000-0000-0000-000000000000'), worker_set_at = $4, worker_set_by = $5,
		    updated_at = $4, version = e.version + 1
		FROM unnest($1::uuid[], $2::int[], $3::uuid[]) AS read (id, version, worker)
		WHERE e.id = read.id AND e.version = read.version` + isOpen + ` RETURNING e.id`

	// Nobody gets a second open enrolment by it.
	sqlReopen = `UPDATE agency.enrolments e
		SET status = read.status, ended_on = NULL, end_reason = NULL, updated_at = $4, version = e.version + 1
		FROM unnest($1::uuid[], $2::int[], $3::text[]) AS read (id, version, status)
		WHERE e.id = read.id AND e.version = read.version AND e.status = 'finished' AND NOT EXISTS (
		    SELECT FROM agency.enrolments o WHERE o.participant_id = e.participant_id AND o.program_id = e.program_id
		        AND o.status IN ('planned', 'waitlist', 'active', 'on_hold'))` + isOpen + `
		RETURNING e.id`

	// A change stands after those before it, whatever the clocks of two machines say.
	sqlInsertChanges = `INSERT INTO agency.enrolment_changes (id, enrolment_id, status, reason_sealed, changed_at, changed_by)
		SELECT n.id, n.enrolment_id, n.status, n.reason, greatest($5::timestamptz,
		    (SELECT max(c.changed_at) + interval '1 microsecond' FROM agency.enrolment_changes c WHERE c.enrolment_id = n.enrolment_id)), $6
		FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bytea[]) AS n (id, enrolment_id, status, reason)`

	sqlChanges = `SELECT id, enrolment_id, status, reason_sealed, changed_at, changed_by
		FROM agency.enrolment_changes WHERE enrolment_id = ANY($1) ORDER BY changed_at DESC, id DESC`
)

// Lists. Who is reached is decided before anything is counted or limited: $1 are the
// programs in which the actor sees people, $2 the statuses of enrolments that count, $4
// the day since which nobody has written about her there (NULL: no matter), $5 who has
// closed her file to the actor.
const (
	listColumns = `p.id, p.first_name_sealed, p.preferred_name_sealed, p.middle_name_sealed, p.last_name_sealed,
		p.birth_date_sealed, p.record_id_sealed, p.status,
		coalesce((SELECT n.happened_on FROM agency.notes n WHERE n.participant_id = p.id AND n.program_id = ANY($6) AND n.cancelled_at IS NULL
		              AND n.participant_id <> ALL($7) AND n.id <> ALL($7)
		          ORDER BY n.happened_on DESC, n.id DESC LIMIT 1), DATE '0001-01-01') AS last_on, p.guarded_sealed`

	listed = ` FROM agency.participants p WHERE ($3 = '' OR p.status = $3) AND p.id <> ALL($5) AND EXISTS (
		SELECT FROM agency.enrolments e WHERE e.participant_id = p.id AND e.program_id = ANY($1) AND e.status = ANY($2)
		AND ($4::date IS NULL OR (p.consent <> 'withdrawn' AND coalesce(e.started_on, '-infinity') < $4 AND NOT EXISTS (
		    SELECT FROM agency.notes q WHERE q.participant_id = e.participant_id AND q.program_id = e.program_id
		        AND q.happened_on >= $4 AND q.cancelled_at IS NULL))))`

	sqlCount = `SELECT count(*) AS n` + listed

	// By the day of the last note that the actor may read ($6: programs, $7: what is closed to
	// her of notes), the newest first;
	// then people without one. It looks at everybody who is reached.
	sqlListByNote = `SELECT id, first_name_sealed, preferred_name_sealed, middle_name_sealed, last_name_sealed,
		    birth_date_sealed, record_id_sealed, status, last_on, guarded_sealed
		FROM (SELECT ` + listColumns + listed + `) people
		WHERE (last_on, id) < ($8, $9) ORDER BY last_on DESC, id DESC LIMIT $10`

	// By the day of the record, the newest first. It looks at no more people than a page has.
	sqlListByRecord = `SELECT ` + listColumns + listed + ` AND p.id < $8 ORDER BY p.id DESC LIMIT $9`

	// Names of people, where the actor reaches them ($3: but not those who have closed their
	// file to her); through are the programs.
	named = `SELECT p.id, p.first_name_sealed, p.preferred_name_sealed, p.last_name_sealed, p.consent = 'withdrawn' AS withdrawn,
		    reached.through, reached.confidential
		FROM agency.participants p
		CROSS JOIN LATERAL (SELECT array_agg(e.program_id) AS through, coalesce(bool_or(g.is_confidential), false) AS confidential
		    FROM agency.enrolments e JOIN agency.programs g ON g.id = e.program_id
		    WHERE e.participant_id = p.id AND e.program_id = ANY($1) AND e.status = ANY($2) AND p.id <> ALL($3)) reached`

	sqlNames = named + ` WHERE p.id = ANY($4) AND reached.through IS NOT NULL`

	sqlRecent = named + ` JOIN agency.recents r ON r.participant_id = p.id
		WHERE r.staff_id = $4 AND reached.through IS NOT NULL ORDER BY r.viewed_at DESC LIMIT $5`
)

type row struct {
	ID            uuid.UUID      `db:"id"`
	FirstName     keyring.Sealed `db:"first_name_sealed"`
	PreferredName keyring.Sealed `db:"preferred_name_sealed"`
	MiddleName    keyring.Sealed `db:"middle_name_sealed"`
	LastName      keyring.Sealed `db:"last_name_sealed"`
	Pronouns      keyring.Sealed `db:"pronouns_sealed"`
	BirthDate     keyring.Sealed `db:"birth_date_sealed"`
	Phone         keyring.Sealed `db:"phone_sealed"`
	Email         keyring.Sealed `db:"email_sealed"`
	Address       keyring.Sealed `db:"address_sealed"`
	RecordID      keyring.Sealed `db:"record_id_sealed"`
	Status        Status         `db:"status"`
	Language      string         `db:"language"`
	ContactBy     string         `db:"contact_by"`
	Times         keyring.Sealed `db:"contact_times_sealed"`
	Advice        keyring.Sealed `db:"contact_advice_sealed"`
	Consent       access.Consent `db:"consent"`
	ConsentEnds   *time.Time     `db:"consent_ends_at"`
	Sharing       access.Sharing `db:"sharing"`
	SharingEnds   *time.Time     `db:"sharing_ends_at"`
	Guarded       keyring.Sealed `db:"guarded_sealed"`
	CreatedAt     time.Time      `db:"created_at"`
	UpdatedAt     time.Time      `db:"updated_at"`
	UpdatedBy     *uuid.UUID     `db:"updated_by"`
	Version       int            `db:"version"`
}

// lapse leaves the consent that still counts at a moment: what has lapsed is as if it had
// never been given.
func (r *row) lapse(now time.Time) {
	if r.Consent == access.ConsentGiven && r.ConsentEnds != nil && !now.Before(*r.ConsentEnds) {
		r.Consent = access.ConsentNone
	}
	if r.SharingEnds != nil && !now.Before(*r.SharingEnds) {
		r.Sharing = access.ShareAsAgency
	}
}

func (r row) open(box *keyring.Box) (Participant, error) {
	o := box.Opener()
	p := Participant{
		ID: r.ID, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt, UpdatedBy: tenancy.Zero(r.UpdatedBy), Version: r.Version,
		Consent: r.Consent, Sharing: r.Sharing, Guarded: o.Open(colGuarded, r.ID, r.Guarded) == isGuarded,
		Details: Details{
			FirstName:     o.Open(colFirstName, r.ID, r.FirstName),
			PreferredName: o.Open(colPreferredName, r.ID, r.PreferredName),
			MiddleName:    o.Open(colMiddleName, r.ID, r.MiddleName),
			LastName:      o.Open(colLastName, r.ID, r.LastName),
			Pronouns:      o.Open(colPronouns, r.ID, r.Pronouns),
			BirthDate:     o.Open(colBirthDate, r.ID, r.BirthDate),
			Phone:         o.Open(colPhone, r.ID, r.Phone),
			Email:         o.Open(colEmail, r.ID, r.Email),
			Address:       o.Open(colAddress, r.ID, r.Address),
			RecordID:      o.Open(colRecordID, r.ID, r.RecordID),
			Status:        r.Status,
			Language:      r.Language,
			ContactBy:     r.ContactBy,
			ContactTimes:  o.Open(colTimes, r.ID, r.Times),
			ContactAdvice: o.Open(colAdvice, r.ID, r.Advice),
		},
	}
	if r.ConsentEnds != nil {
		p.ConsentEnds = *r.ConsentEnds
	}
	if err := o.Err(); err != nil {
		return Participant{}, fmt.Errorf("open participant: %w", err)
	}
	return p, nil
}

func seal(box *keyring.Box, p Participant) (row, error) {
	s := box.Sealer()
	r := row{
		ID:            p.ID,
		FirstName:     s.Seal(colFirstName, p.ID, p.FirstName),
		PreferredName: s.Seal(colPreferredName, p.ID, p.PreferredName),
		MiddleName:    s.Seal(colMiddleName, p.ID, p.MiddleName),
		LastName:      s.Seal(colLastName, p.ID, p.LastName),
		Pronouns:      s.Seal(colPronouns, p.ID, p.Pronouns),
		BirthDate:     s.Seal(colBirthDate, p.ID, p.BirthDate),
		Phone:         s.Seal(colPhone, p.ID, p.Phone),
		Email:         s.Seal(colEmail, p.ID, p.Email),
		Address:       s.Seal(colAddress, p.ID, p.Address),
		RecordID:      s.Seal(colRecordID, p.ID, p.RecordID),
		Times:         s.Seal(colTimes, p.ID, p.ContactTimes),
		Advice:        s.Seal(colAdvice, p.ID, p.ContactAdvice),
	}
	if err := s.Err(); err != nil {
		return row{}, fmt.Errorf("seal participant: %w", err)
	}
	return r, nil
}

// insert adds a person; fault.Conflict when there is a record with this id. by is
// uuid.Nil for a command.
func insert(ctx context.Context, tx *tenancy.Tx, p Participant, by uuid.UUID) error {
	r, err := seal(tx.Box(), p)
	if err != nil {
		return err
	}
	epoch, err := find.Touch(ctx, tx)
	if err != nil {
		return err
	}
	added, err := tx.Exec(ctx, sqlInsert, p.ID, r.FirstName, r.PreferredName, r.MiddleName, r.LastName, r.Pronouns, r.BirthDate,
		r.Phone, r.Email, r.Address, r.RecordID, p.Status, p.Language, tx.Agency().Demo, epoch, tx.Now(), tenancy.Null(by), p.ContactBy, r.Times, r.Advice)
	if err != nil {
		return fmt.Errorf("insert participant: %w", err)
	}
	if added == 0 {
		return errTaken
	}
	return nil
}

// sent finds the record that a form of somebody new has made already: nil when there is
// none, fault.Conflict when the record with its id was made by somebody else. What it
// returns is to be compared, never shown.
func sent(ctx context.Context, tx *tenancy.Tx, id, by uuid.UUID) (*Participant, error) {
	creator, err := tenancy.Row[struct {
		ID *uuid.UUID `db:"created_by"`
	}](ctx, tx, sqlCreatedBy, id)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("look for the record of a form: %w", err)
	case tenancy.Zero(creator.ID) != by:
		return nil, errTaken
	}
	found, err := tenancy.Row[row](ctx, tx, sqlByID, id)
	if err != nil {
		return nil, fmt.Errorf("load the record of a form: %w", err)
	}
	p, err := found.open(tx.Box())
	return &p, err
}

// workedThere says whether a member of staff has or had a role in the program of one of
// the enrolments.
func workedThere(ctx context.Context, tx *tenancy.Tx, id uuid.UUID, enrolments []Enrolment) (bool, error) {
	programs := make([]uuid.UUID, len(enrolments))
	for i, e := range enrolments {
		programs[i] = e.Program
	}
	var did bool
	if err := tx.QueryRow(ctx, sqlWorkedThere, id, programs).Scan(&did); err != nil {
		return false, fmt.Errorf("ask where somebody worked: %w", err)
	}
	return did, nil
}

// update saves a change made from p.Version; fault.Conflict when somebody was faster.
func update(ctx context.Context, tx *tenancy.Tx, p Participant, by uuid.UUID) error {
	r, err := seal(tx.Box(), p)
	if err != nil {
		return err
	}
	epoch, err := find.Touch(ctx, tx)
	if err != nil {
		return err
	}
	changed, err := tx.Exec(ctx, sqlUpdate, p.ID, p.Version, r.FirstName, r.PreferredName, r.MiddleName, r.LastName, r.Pronouns,
		r.BirthDate, r.Phone, r.Email, r.Address, r.RecordID, p.Status, p.Language, epoch, tx.Now(), tenancy.Null(by), p.ContactBy, r.Times, r.Advice)
	if err != nil {
		return fmt.Errorf("update participant: %w", err)
	}
	if changed == 0 {
		return errLate
	}
	return nil
}

var (
	errLate  = fault.New(fault.Conflict, i18n.ParticipantConflictTitle)
	errTaken = fault.New(fault.Conflict, i18n.FaultConflictTitle)
)

// Reached is a participant as one actor may see her: what the actor may not see is
// empty, and enrolments that the actor may not know of are not among them.
type Reached struct {
	Participant
	Through    []uuid.UUID // the programs whose role allows what was asked for
	Enrolments []Enrolment // in programs where the actor sees people; open ones first, then the newest
	Levels     Levels      // what the actor may do with each field

	actor    access.Actor
	asked    access.Subject
	whole    Details  // with what the actor may not see, so that saving keeps it
	withheld []string // fields that are kept from the actor and look empty
	passed   []string // fields that the actor enters for those who work with her, and not into the record
}

// May says whether the actor may do something else (key) with the participant.
func (r *Reached) May(key access.Key) bool { return r.Decide(key).Reason == access.Allowed }

// Decide says whether the actor may do something else (key) with the participant, and if
// not why.
func (r *Reached) Decide(key access.Key) access.Decision {
	about := r.asked
	about.Enrolments = accessOf(r.Enrolments) // as they are after a change
	return r.actor.Decide(about, key)
}

// MayIn says whether the actor may do something (key) with what one program keeps about
// the participant.
func (r *Reached) MayIn(program uuid.UUID, key access.Key) bool {
	return r.DeniedIn(program, key) == nil
}

// DeniedIn is nil where the actor may do that, or the refusal that says why not.
func (r *Reached) DeniedIn(program uuid.UUID, key access.Key) error {
	decision := r.Decide(key)
	switch {
	case decision.Reason != access.Allowed:
		return Denied(decision.Reason, r.ID)
	case !slices.Contains(decision.Through, program):
		return Denied(access.NoRole, r.ID)
	}
	return nil
}

// Pending is a participant asked for in a batch.
type Pending struct {
	now        time.Time
	actor      access.Actor
	rows       []row
	enrolments []Enrolment
}

// Queue adds to a page's batch what Reach reads. Call Reach on the result once the
// batch was sent.
func Queue(b *tenancy.Batch, actor access.Actor, id uuid.UUID) *Pending {
	p := &Pending{now: b.Now(), actor: actor}
	b.Queue(sqlByID, tenancy.Into(&p.rows), id)
	b.Queue(sqlEnrolments, tenancy.Into(&p.enrolments), []uuid.UUID{id}, actor.Programs(access.ParticipantViewName))
	return p
}

// Reach decides whether the actor may do something (key) with the participant.
// fault.NotFound (hidden, when she is there) means that for this actor she does not
// exist; fault.Denied, that the actor may know her, but not do this.
func (p *Pending) Reach(box *keyring.Box, key access.Key) (*Reached, error) {
	if len(p.rows) == 0 {
		return nil, fault.Missing()
	}
	p.rows[0].lapse(p.now)
	about := access.Subject{ID: p.rows[0].ID, Enrolments: accessOf(p.enrolments), Consent: p.rows[0].Consent, Sharing: p.rows[0].Sharing}
	known := p.actor.Reaches(about, access.ParticipantViewName)
	if len(known) == 0 {
		return nil, fault.Refused()
	}
	decision := p.actor.Decide(about, key)
	if decision.Reason != access.Allowed {
		return nil, Denied(decision.Reason, about.ID)
	}
	found, err := p.rows[0].open(box)
	if err != nil {
		return nil, err
	}
	about.Guarded = found.Guarded
	if err := openEnrolments(box, p.actor, p.enrolments); err != nil {
		return nil, err
	}
	reached := &Reached{
		Participant: found, Through: decision.Through, Enrolments: p.enrolments, Levels: levelsOf(p.actor, known),
		actor: p.actor, asked: about, whole: found.Details,
	}
	whereabouts := withheld(p.actor, known)
	if found.Guarded {
		reached.withheld = whereabouts
	}
	if found.Consent == access.ConsentWithdrawn {
		reached.Levels = reached.Levels.readOnly()
	}
	reached.Details = found.shown(reached.Levels.without(reached.withheld))
	if found.Guarded || p.actor.Policy.Tier >= access.RoleBased && !reached.says(whereabouts) {
		reached.passed = whereabouts
	}
	if reached.wordsApart() {
		for i := range reached.Enrolments {
			reached.Enrolments[i].EndReason = ""
		}
	}
	return reached, nil
}

// Denied is the refusal of something about a participant whom the actor may know of: it
// says why, and what to do next.
func Denied(reason access.Reason, id uuid.UUID) *fault.Fault {
	refusal := fault.New(fault.Denied, deniedTexts[reason])
	switch reason {
	case access.NeedsGrant:
		return refusal.Toward(i18n.AccessDeniedGrantAction, "participants", id.String(), "access").AndBack()
	case access.IsClosed:
		return refusal.Toward(i18n.AccessDeniedClosedAction, "participants", id.String(), "emergency").AndBack()
	case access.NoConsent:
		refusal.ReadOnly = id
		return refusal.Toward(i18n.AccessDeniedNoConsentAction, "participants", id.String(), "consent", "service")
	case access.HasWithdrawn:
		refusal.ReadOnly = id
		return refusal.Toward(i18n.AccessDeniedWithdrawnAction, "participants", id.String())
	case access.KeptApart: // where she is asked in which program she works now
		return refusal.Toward(i18n.AccessDeniedApartAction, "participants", id.String())
	}
	return refusal
}

var deniedTexts = map[access.Reason]i18n.Message{
	access.NoRole: i18n.FaultDeniedText, access.IsClosed: i18n.AccessDeniedClosed, access.NeedsGrant: i18n.AccessDeniedGrant,
	access.NoConsent: i18n.AccessDeniedNoConsent, access.HasWithdrawn: i18n.AccessDeniedWithdrawn, access.KeptApart: i18n.AccessDeniedApart,
}

// Guarded is the refusal of one record of a participant that only a grant would open to
// the actor (access.Actor.NeedsGrant): it says so to those who reach the participant. To
// all others the record is not there.
func Guarded(ctx context.Context, tx *tenancy.Tx, actor access.Actor, id uuid.UUID, key access.Key) error {
	if _, err := Reach(ctx, tx, actor, id, key); err != nil {
		return err
	}
	return fault.Refused()
}

// Reach loads a participant for an actor who wants to do something (key) with her; see
// Pending.Reach.
func Reach(ctx context.Context, tx *tenancy.Tx, actor access.Actor, id uuid.UUID, key access.Key) (*Reached, error) {
	b := tx.Batch()
	pending := Queue(b, actor, id)
	if err := b.Send(ctx); err != nil {
		return nil, fmt.Errorf("load participant: %w", err)
	}
	return pending.Reach(tx.Box(), key)
}
