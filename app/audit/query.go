package audit

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// A question is what the viewer asks of an agency's chain. Zero fields do not narrow it.
type question struct {
	Agency  uuid.UUID
	From    time.Time // not before
	To      time.Time // before
	Staff   uuid.UUID
	Action  Action
	Outcome Outcome
	After   place // older than this
}

// A place is where a page of entries ended.
type place struct {
	At  time.Time
	Seq int64
}

// A found entry is one that the viewer may show.
type found struct {
	Seq int64
	At  time.Time
	body
}

func (q question) args(limit int) []any {
	return []any{q.Agency, moment(q.From), moment(q.To), nullable(q.Staff), string(q.Action), string(q.Outcome), moment(q.After.At), q.After.Seq, limit}
}

// moment is NULL for the zero time.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// list reads the newest entries that answer the question.
func (l *Ledger) list(ctx context.Context, q question, limit int) ([]found, error) {
	rows, err := l.reader.Query(ctx, sqlList, q.args(limit)...)
	if err != nil {
		return nil, fmt.Errorf("read the audit log: %w", err)
	}
	entries, err := pgx.CollectRows(rows, q.scan)
	if err != nil {
		return nil, fmt.Errorf("read the audit log: %w", err)
	}
	return entries, nil
}

// all reads every entry that answers the question, newest first, for an export.
func (l *Ledger) all(ctx context.Context, q question) iter.Seq2[found, error] {
	return func(yield func(found, error) bool) {
		err := pgx.BeginTxFunc(ctx, l.reader, pgx.TxOptions{AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, sqlNoTimeout); err != nil {
				return err
			}
			rows, err := tx.Query(ctx, sqlList, append(q.args(0)[:8], nil)...) // LIMIT NULL is none
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				entry, err := q.scan(rows)
				if err != nil {
					return err
				}
				if !yield(entry, nil) {
					return errStopped
				}
			}
			return rows.Err()
		})
		if err != nil && !errors.Is(err, errStopped) {
			yield(found{}, fmt.Errorf("read the audit log: %w", err))
		}
	}
}

// one reads an entry by its number; pgx.ErrNoRows when there is none.
func (l *Ledger) one(ctx context.Context, agency uuid.UUID, seq int64) (found, error) {
	rows, err := l.reader.Query(ctx, sqlEntry, agency, seq)
	if err != nil {
		return found{}, fmt.Errorf("read the audit log: %w", err)
	}
	entry, err := pgx.CollectExactlyOneRow(rows, question{Agency: agency}.scan)
	if err != nil {
		return found{}, fmt.Errorf("read the audit log: %w", err)
	}
	return entry, nil
}

func (q question) scan(row pgx.CollectableRow) (found, error) {
	var f found
	var event uuid.UUID
	var raw []byte
	if err := row.Scan(&f.Seq, &event, &raw); err != nil {
		return f, err
	}
	var err error
	f.body, f.At, err = parseBody(raw, q.Agency, event)
	return f, err
}

// choices are what an agency's chain can be narrowed to.
func (l *Ledger) choices(ctx context.Context, agency uuid.UUID) ([]uuid.UUID, []Action, error) {
	rows, err := l.reader.Query(ctx, sqlActors, agency)
	if err != nil {
		return nil, nil, fmt.Errorf("read the audit log: %w", err)
	}
	actors, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, nil, fmt.Errorf("read the audit log: %w", err)
	}
	if rows, err = l.reader.Query(ctx, sqlActions, agency); err != nil {
		return nil, nil, fmt.Errorf("read the audit log: %w", err)
	}
	actions, err := pgx.CollectRows(rows, pgx.RowTo[Action])
	if err != nil {
		return nil, nil, fmt.Errorf("read the audit log: %w", err)
	}
	return actors, actions, nil
}
