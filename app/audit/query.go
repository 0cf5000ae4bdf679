package audit

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/tenancy"
)

// A Question is what is asked of an agency's chain. Zero fields do not narrow it.
type Question struct {
	Agency      uuid.UUID
	Within      Scope     // zero: nothing is found
	From        time.Time // not before
	To          time.Time // before
	Staff       uuid.UUID
	Action      Action
	Outcome     Outcome
	Program     uuid.UUID
	Participant uuid.UUID
	After       Place // older than this
}

// A Place is where a page of entries ended.
type Place struct {
	At  time.Time
	Seq int64
}

// Told is an entry that may be shown. What is sealed in it is still sealed.
type Told struct {
	Seq int64
	At  time.Time
	body
}

// Place is where the entry stands.
func (e Told) Place() Place { return Place{At: e.At, Seq: e.Seq} }

// statement is the one that answers the question, with its arguments.
func (q Question) statement(limit int) (string, []any) {
	args := []any{q.Agency, moment(q.From), moment(q.To), nullable(q.Staff), string(q.Action), string(q.Outcome), moment(q.After.At), q.After.Seq, limit}
	within := q.Within.in(q.Program)
	switch {
	case q.Participant != uuid.Nil:
		return sqlListAbout, append(args, q.Participant, within.Everything && q.Program == uuid.Nil, within.programs(q.Program), ids(within.Team))
	case within.Everything:
		return sqlList, append(args, nullable(q.Program))
	}
	return sqlListWithin, append(args, ids(within.Programs), ids(within.Team), len(within.Team) > 0)
}

// programs are those of a question about one participant.
func (s Scope) programs(one uuid.UUID) []uuid.UUID {
	if s.Everything && one != uuid.Nil {
		return []uuid.UUID{one}
	}
	return ids(s.Programs)
}

// ids is never NULL in a statement.
func ids(list []uuid.UUID) []uuid.UUID {
	if list == nil {
		return []uuid.UUID{}
	}
	return list
}

// moment is NULL for the zero time.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// List reads the newest entries that answer the question. Of people whom the person who
// asks does not reach, it is for the caller to leave nothing in what it shows.
func (l *Ledger) List(ctx context.Context, q Question, limit int) ([]Told, error) {
	sql, args := q.statement(limit)
	return l.read(ctx, q.Agency, sql, args...)
}

func (l *Ledger) read(ctx context.Context, agency uuid.UUID, sql string, args ...any) ([]Told, error) {
	rows, err := l.reader.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("read the audit log: %w", err)
	}
	entries, err := pgx.CollectRows(rows, scanOf(agency))
	if err != nil {
		return nil, fmt.Errorf("read the audit log: %w", err)
	}
	return entries, nil
}

// Stretch reads the entries from one moment up to another in order, one at a time.
func (l *Ledger) Stretch(ctx context.Context, agency uuid.UUID, from, to time.Time) iter.Seq2[Told, error] {
	return l.stream(ctx, agency, sqlStretch, agency, from, to)
}

// all reads every entry of the whole agency that answers the question, newest first, for an
// export.
func (l *Ledger) all(ctx context.Context, q Question) iter.Seq2[Told, error] {
	sql, args := q.statement(0)
	args[8] = nil // LIMIT NULL is none
	return l.stream(ctx, q.Agency, sql, args...)
}

func (l *Ledger) stream(ctx context.Context, agency uuid.UUID, sql string, args ...any) iter.Seq2[Told, error] {
	return func(yield func(Told, error) bool) {
		err := pgx.BeginTxFunc(ctx, l.reader, pgx.TxOptions{AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, sqlNoTimeout); err != nil {
				return err
			}
			rows, err := tx.Query(ctx, sql, args...)
			if err != nil {
				return err
			}
			defer rows.Close()
			scan := scanOf(agency)
			for rows.Next() {
				entry, err := scan(rows)
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
			yield(Told{}, fmt.Errorf("read the audit log: %w", err))
		}
	}
}

// A Pair is somebody and a participant.
type Pair struct {
	Staff       uuid.UUID `db:"actor_id"`
	Participant uuid.UUID `db:"participant_id"`
}

// Worked finds on whom of the participants each member of staff did more than look, from one
// moment up to another. looks are the verbs of acts that are only a look.
func (l *Ledger) Worked(ctx context.Context, agency uuid.UUID, from, to time.Time, staff, participants []uuid.UUID, looks []string) ([]Pair, error) {
	rows, err := l.reader.Query(ctx, sqlWorked, agency, from, to, ids(staff), ids(participants), looks)
	if err != nil {
		return nil, fmt.Errorf("read the audit log: %w", err)
	}
	pairs, err := pgx.CollectRows(rows, pgx.RowToStructByName[Pair])
	if err != nil {
		return nil, fmt.Errorf("read the audit log: %w", err)
	}
	return pairs, nil
}

// Events reads entries by the ids of their events, newest first; those of another agency
// are not found.
func (l *Ledger) Events(ctx context.Context, agency uuid.UUID, events []uuid.UUID) ([]Told, error) {
	return l.read(ctx, agency, sqlEvents, agency, ids(events))
}

// one reads an entry by its number; pgx.ErrNoRows when there is none.
func (l *Ledger) one(ctx context.Context, agency uuid.UUID, seq int64) (Told, error) {
	return only(l.read(ctx, agency, sqlEntry, agency, seq))
}

// event reads an entry by the id of its event; pgx.ErrNoRows when there is none.
func (l *Ledger) event(ctx context.Context, agency, event uuid.UUID) (Told, error) {
	return only(l.Events(ctx, agency, []uuid.UUID{event}))
}

func only(entries []Told, err error) (Told, error) {
	switch {
	case err != nil:
		return Told{}, err
	case len(entries) == 0:
		return Told{}, pgx.ErrNoRows
	}
	return entries[0], nil
}

func scanOf(agency uuid.UUID) pgx.RowToFunc[Told] {
	return func(row pgx.CollectableRow) (Told, error) {
		var e Told
		var event uuid.UUID
		var raw []byte
		if err := row.Scan(&e.Seq, &event, &raw); err != nil {
			return e, err
		}
		var err error
		e.body, e.At, err = parseBody(raw, agency, event)
		return e, err
	}
}

// CompleteUntil is the moment up to which the ledger tells of everything that the agency
// did: now, unless acts wait in the outbox of its shard. Ask before reading.
func CompleteUntil(ctx context.Context, platform *tenancy.Platform, agency *tenancy.Agency) (time.Time, error) {
	until := platform.Now()
	err := platform.Relay(ctx, agency.Shard, func(tx pgx.Tx) error {
		var oldest time.Time
		err := tx.QueryRow(ctx, sqlOldestWaiting).Scan(&oldest)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if oldest.Before(until) {
			until = oldest
		}
		return err
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("ask what waits for the audit log: %w", err)
	}
	return until, nil
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
