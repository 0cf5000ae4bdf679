package consent

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/app/access"
	"konote/app/civil"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/staff"
	"konote/keyring"
	"konote/tenancy"
)

// The sealed columns.
var (
	colLimits = keyring.Column{Table: "consents", Name: "scope", Pad: keyring.Words}
	colReason = keyring.Column{Table: "consents", Name: "reason", Pad: keyring.Words}
)

const (
	columns = `c.id, c.participant_id, c.purpose, c.kind, c.text_id, coalesce(c.language, '') AS language, coalesce(c.basis, '') AS basis,
		c.given_by, c.how, c.happened_on, c.expires_on, c.scope_sealed, c.reason_sealed, c.recorded_at, c.recorded_by`

	// The newest first, with the words that were shown. Who recorded it is named where the
	// reader may know of her: she has or had a role in a program ($2) in which the reader
	// sees people. Another name would tell of a program that the reader may not know, and so
	// would why in her words (openEntries).
	sqlOf = `SELECT ` + columns + `, coalesce(x.version, 0) AS text_version, coalesce(x.text_en, '') AS text_en, coalesce(x.text_fr, '') AS text_fr,
		    CASE WHEN EXISTS (SELECT FROM agency.program_roles r WHERE r.staff_id = c.recorded_by AND r.program_id = ANY($2))
		         THEN s.display_name_sealed END AS by_sealed
		FROM agency.consents c LEFT JOIN agency.consent_texts x ON x.id = c.text_id LEFT JOIN agency.staff s ON s.id = c.recorded_by
		WHERE c.participant_id = $1 ORDER BY c.happened_on DESC, c.recorded_at DESC, c.id DESC LIMIT 200`

	newest = ` ORDER BY c.happened_on DESC, c.recorded_at DESC, c.id DESC LIMIT 1`

	sqlLast = `SELECT ` + columns + ` FROM agency.consents c WHERE c.participant_id = $1 AND c.purpose = $2` + newest

	sqlByID = `SELECT ` + columns + ` FROM agency.consents c WHERE c.id = $1`

	// Whatever is being written into the record finishes first, and what comes later sees
	// what was decided (migrations/agency/0013).
	sqlLock = `SELECT id FROM agency.participants WHERE id = $1 FOR UPDATE`

	sqlInsert = `INSERT INTO agency.consents
		(id, participant_id, purpose, kind, text_id, language, basis, given_by, how, happened_on, expires_on, scope_sealed, reason_sealed, recorded_at, recorded_by)
		VALUES ($1, $2, $3, $4, $5, nullif($6, ''), nullif($7, ''), $8, $9, $10, $11, $12, $13, $14, $15) ON CONFLICT (id) DO NOTHING`

	sqlSetConsent = `UPDATE agency.participants SET consent = $2, consent_ends_at = $3, retention_from = $4 WHERE id = $1`

	sqlSetSharing = `UPDATE agency.participants SET sharing = $2, sharing_ends_at = $3 WHERE id = $1`

	// Whether she may be written to ($2: e-mail or text messages).
	sqlMayWrite = `SELECT ` + columns + ` FROM agency.consents c JOIN agency.participants p ON p.id = c.participant_id
		WHERE c.participant_id = $1 AND c.purpose = $2 AND p.consent <> 'withdrawn'` + newest

	// What was decided last about e-mail, and about text messages.
	sqlWays = `SELECT DISTINCT ON (c.purpose) c.purpose, c.kind, coalesce(c.basis, '') AS basis, c.happened_on, c.expires_on
		FROM agency.consents c WHERE c.participant_id = $1 AND c.purpose IN ('email', 'text')
		ORDER BY c.purpose, c.happened_on DESC, c.recorded_at DESC, c.id DESC`
)

type row struct {
	ID          uuid.UUID      `db:"id"`
	Participant uuid.UUID      `db:"participant_id"`
	Purpose     Purpose        `db:"purpose"`
	Kind        Kind           `db:"kind"`
	Text        *uuid.UUID     `db:"text_id"`
	Language    string         `db:"language"`
	Basis       Basis          `db:"basis"`
	By          By             `db:"given_by"`
	How         How            `db:"how"`
	HappenedOn  civil.Date     `db:"happened_on"`
	ExpiresOn   civil.Date     `db:"expires_on"`
	Limits      keyring.Sealed `db:"scope_sealed"`
	Reason      keyring.Sealed `db:"reason_sealed"`
	RecordedAt  time.Time      `db:"recorded_at"`
	RecordedBy  *uuid.UUID     `db:"recorded_by"`
}

func (r row) open(o *keyring.Opener) Event {
	e := Event{
		ID: r.ID, Participant: r.Participant, Purpose: r.Purpose, Kind: r.Kind, Language: r.Language, Basis: r.Basis, By: r.By, How: r.How,
		HappenedOn: r.HappenedOn, ExpiresOn: r.ExpiresOn, Limits: o.Open(colLimits, r.ID, r.Limits), Reason: o.Open(colReason, r.ID, r.Reason),
		RecordedAt: r.RecordedAt,
	}
	if r.Text != nil {
		e.Text = *r.Text
	}
	if r.RecordedBy != nil {
		e.RecordedBy = *r.RecordedBy
	}
	return e
}

// Entry is an event with what a page says of it.
type Entry struct {
	Event
	Shown  Words // what was shown to her; the zero Words of a withdrawal
	ByName string
}

type entryRow struct {
	row
	Version int            `db:"text_version"`
	EN      string         `db:"text_en"`
	FR      string         `db:"text_fr"`
	By      keyring.Sealed `db:"by_sealed"`
}

func openEntries(box *keyring.Box, rows []entryRow) ([]Entry, error) {
	o := box.Opener()
	entries := make([]Entry, len(rows))
	for i, r := range rows {
		entries[i] = Entry{Event: r.open(o), Shown: Words{Version: r.Version, EN: r.EN, FR: r.FR}}
		if r.By != nil && r.RecordedBy != nil {
			entries[i].ByName = staff.OpenName(o, *r.RecordedBy, r.By)
		}
		if r.By == nil && r.RecordedBy != nil {
			entries[i].Reason = ""
		}
	}
	if err := o.Err(); err != nil {
		return nil, fmt.Errorf("open consents: %w", err)
	}
	return entries, nil
}

// lock takes a participant's record for an event, until the transaction ends.
func lock(ctx context.Context, tx *tenancy.Tx, participant uuid.UUID) error {
	if _, err := tx.Exec(ctx, sqlLock, participant); err != nil {
		return fmt.Errorf("lock the record: %w", err)
	}
	return nil
}

// lastOf is the event that stands for a purpose; the zero Event when there is none.
func lastOf(ctx context.Context, tx *tenancy.Tx, participant uuid.UUID, purpose Purpose) (Event, error) {
	return one(ctx, tx, sqlLast, participant, purpose)
}

// one is the event that a statement finds; the zero Event for none.
func one(ctx context.Context, tx *tenancy.Tx, sql string, args ...any) (Event, error) {
	found, err := tenancy.Row[row](ctx, tx, sql, args...)
	if errors.Is(err, pgx.ErrNoRows) {
		return Event{}, nil
	}
	if err != nil {
		return Event{}, fmt.Errorf("load consent: %w", err)
	}
	o := tx.Box().Opener()
	e := found.open(o)
	if err := o.Err(); err != nil {
		return Event{}, fmt.Errorf("open consent: %w", err)
	}
	return e, nil
}

// MayWrite says whether a participant may be written to by e-mail or text message on a day:
// she has agreed, has not taken it back, it has not lapsed, and her record is not closed.
func MayWrite(ctx context.Context, tx *tenancy.Tx, participant uuid.UUID, purpose Purpose, today civil.Date) (bool, error) {
	last, err := one(ctx, tx, sqlMayWrite, participant, purpose)
	return last.state(today) == Agreed, err
}

// Ways is how a participant has agreed to be written to.
type Ways struct {
	rows []struct {
		Purpose    Purpose    `db:"purpose"`
		Kind       Kind       `db:"kind"`
		Basis      Basis      `db:"basis"`
		HappenedOn civil.Date `db:"happened_on"`
		ExpiresOn  civil.Date `db:"expires_on"`
	}
}

// QueueWays adds a participant's to a page's batch: for those who may see consent.
func QueueWays(b *tenancy.Batch, participant uuid.UUID) *Ways {
	w := &Ways{}
	b.Queue(sqlWays, tenancy.Into(&w.rows), participant)
	return w
}

// lacks says that her consent to a way does not count on a day: she was never asked, or has
// declined, or taken it back, or it has lapsed.
func (w *Ways) lacks(way Purpose, today civil.Date) bool {
	for _, r := range w.rows {
		if r.Purpose == way {
			return Event{Kind: r.Kind, Basis: r.Basis, HappenedOn: r.HappenedOn, ExpiresOn: r.ExpiresOn}.state(today) != Agreed
		}
	}
	return true
}

// insert adds an event and what follows from it. It says false when the same event was
// saved before. The record is locked, and e is later than what stood.
func insert(ctx context.Context, tx *tenancy.Tx, e *Event, zone *time.Location) (bool, error) {
	e.ExpiresOn = e.lastDay()
	added, err := add(ctx, tx, *e)
	if err != nil {
		return false, err
	}
	if !added {
		saved, err := one(ctx, tx, sqlByID, e.ID)
		switch {
		case err != nil:
			return false, err
		case saved.Participant != e.Participant || saved.RecordedBy != e.RecordedBy:
			return false, errTaken
		case saved.same(*e):
			return false, nil
		}
		e.ID = tenancy.NewID() // she went back and recorded something else over it
		if _, err := add(ctx, tx, *e); err != nil {
			return false, err
		}
	}
	return true, apply(ctx, tx, *e, zone)
}

func add(ctx context.Context, tx *tenancy.Tx, e Event) (bool, error) {
	s := tx.Box().Sealer()
	limits, reason := s.Seal(colLimits, e.ID, e.Limits), s.Seal(colReason, e.ID, e.Reason)
	if err := s.Err(); err != nil {
		return false, fmt.Errorf("seal consent: %w", err)
	}
	added, err := tx.Exec(ctx, sqlInsert, e.ID, e.Participant, e.Purpose, e.Kind, tenancy.Null(e.Text), e.Language, e.Basis, e.By, e.How,
		e.HappenedOn, e.lastDay(), limits, reason, e.RecordedAt, tenancy.Null(e.RecordedBy))
	if err != nil {
		return false, fmt.Errorf("insert consent: %w", err)
	}
	return added == 1, nil
}

// apply makes the record what the event that now stands says.
func apply(ctx context.Context, tx *tenancy.Tx, e Event, zone *time.Location) (err error) {
	switch e.Purpose {
	case Service:
		from := civil.Date{}
		if e.Kind == Withdrawn {
			from = e.HappenedOn
		}
		_, err = tx.Exec(ctx, sqlSetConsent, e.Participant, e.consent(), e.endsAt(zone), from)
	case Sharing:
		_, err = tx.Exec(ctx, sqlSetSharing, e.Participant, e.sharing(), e.endsAt(zone))
	}
	if err != nil {
		return fmt.Errorf("note where consent stands: %w", err)
	}
	return nil
}

// Bulk adds invented events, in the order in which they were recorded, and checks and
// records nothing. Those of a participant's record come after everything else in it.
func Bulk(ctx context.Context, tx *tenancy.Tx, events []Event, zone *time.Location) error {
	for _, e := range events {
		if _, err := add(ctx, tx, e); err != nil {
			return err
		}
		if err := apply(ctx, tx, e, zone); err != nil {
			return err
		}
	}
	return nil
}

// errTaken: the id of a form belongs to another row.
var errTaken = fault.New(fault.Conflict, i18n.FaultConflictTitle)

// mayKnow are the programs in which a reader sees people.
func mayKnow(actor access.Actor, participant uuid.UUID) []uuid.UUID {
	return actor.About(participant).Programs(access.ParticipantViewName)
}
