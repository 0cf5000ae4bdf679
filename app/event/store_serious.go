package event

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/app/civil"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/timeline"
	"konote/tenancy"
)

// flag is a serious event without anything of the participant's but the reference.
type flag struct {
	ID           uuid.UUID  `db:"id"`
	Participant  uuid.UUID  `db:"participant_id"`
	Program      uuid.UUID  `db:"program_id"`
	HappenedOn   civil.Date `db:"happened_on"`
	FlaggedAt    time.Time  `db:"flagged_at"`
	FlaggedBy    uuid.UUID  `db:"flagged_by"`
	SeriousEN    string     `db:"serious_en"`
	SeriousFR    string     `db:"serious_fr"`
	Severity     int        `db:"severity"`
	ProgramEN    string     `db:"program_en"`
	ProgramFR    string     `db:"program_fr"`
	Confidential bool       `db:"is_confidential"`
}

func (f flag) serious(p *i18n.Printer) string { return pick(p, f.SeriousEN, f.SeriousFR) }
func (f flag) program(p *i18n.Printer) string { return pick(p, f.ProgramEN, f.ProgramFR) }

func pick(p *i18n.Printer, en, fr string) string {
	if p.French() {
		return fr
	}
	return en
}

// count is one line of the report.
type count struct {
	ID        uuid.UUID `db:"id"`
	SeriousEN string    `db:"serious_en"`
	SeriousFR string    `db:"serious_fr"`
	Severity  int       `db:"severity"`
	N         int       `db:"n"`
}

// setFlag flags an event; false when it is flagged already.
func setFlag(ctx context.Context, tx *tenancy.Tx, id, category, by uuid.UUID) (bool, error) {
	changed, err := tx.Exec(ctx, sqlFlag, id, category, tx.Now(), by)
	if err != nil {
		return false, fmt.Errorf("flag event: %w", err)
	}
	return changed == 1, nil
}

// takeFlag takes a flag back; false when there is none.
func takeFlag(ctx context.Context, tx *tenancy.Tx, id, by uuid.UUID, reason string) (bool, error) {
	sealed, err := tx.Box().Seal(colUnflagReason, id, reason)
	if err != nil {
		return false, fmt.Errorf("seal reason: %w", err)
	}
	changed, err := tx.Exec(ctx, sqlUnflag, id, tx.Now(), by, sealed)
	if err != nil {
		return false, fmt.Errorf("take flag back: %w", err)
	}
	return changed == 1, nil
}

// flags lists the flagged events of the agency, those written last first: after an id.
func flags(ctx context.Context, tx *tenancy.Tx, after uuid.UUID, limit int) ([]flag, error) {
	if after == uuid.Nil {
		after = uuid.Max
	}
	found, err := tenancy.Rows[flag](ctx, tx, sqlFlags, after, limit)
	if err != nil {
		return nil, fmt.Errorf("list flagged events: %w", err)
	}
	return found, nil
}

func flagByID(ctx context.Context, tx *tenancy.Tx, id uuid.UUID) (flag, error) {
	found, err := tenancy.Row[flag](ctx, tx, sqlFlagByID, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return flag{}, fault.Missing()
	}
	if err != nil {
		return flag{}, fmt.Errorf("load flagged event: %w", err)
	}
	return found, nil
}

// filter is what a report is limited to.
type filter struct {
	From, To civil.Date
	Category uuid.UUID // uuid.Nil: all
	Severity int       // 0: all
}

// queueReport adds the numbers of all programs to a batch, and the events of those whose
// events the actor reads, after a place; neither counts what is closed to her.
func queueReport(b *tenancy.Batch, f filter, counted, read, withheld []uuid.UUID, after timeline.Place, limit int, counts *[]count, rows *[]flag) {
	if after == (timeline.Place{}) {
		after = newest
	}
	b.Queue(sqlReport, tenancy.Into(counts), counted, f.From, f.To, tenancy.Null(f.Category), f.Severity, withheld)
	b.Queue(sqlReportRows, tenancy.Into(rows), read, f.From, f.To, tenancy.Null(f.Category), f.Severity, withheld, after.Day, after.ID, limit)
}

// responsibleFor are the staff who are told of a serious event in a program.
func responsibleFor(ctx context.Context, tx *tenancy.Tx, program uuid.UUID) ([]uuid.UUID, error) {
	found, err := tenancy.Rows[struct {
		ID uuid.UUID `db:"id"`
	}](ctx, tx, sqlResponsible, program)
	if err != nil {
		return nil, fmt.Errorf("find who is responsible: %w", err)
	}
	ids := make([]uuid.UUID, len(found))
	for i, f := range found {
		ids[i] = f.ID
	}
	return ids, nil
}

// untold says how severe a flag is that a member of staff is still to be told of; false
// when there is nothing to tell. withheld is what is closed to her.
func untold(ctx context.Context, tx *tenancy.Tx, args tellArgs, withheld []uuid.UUID) (severity int, tell bool, err error) {
	err = tx.QueryRow(ctx, sqlUntold, args.Program, args.Event, args.Staff, args.Flagged, withheld).Scan(&severity)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, fmt.Errorf("look at the flag: %w", err)
	}
	return severity, true, nil
}
