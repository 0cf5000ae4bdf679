package tenancy

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/keyring"
)

// Tx is one agency's transaction: its rows and its data key. It is not safe for
// concurrent use and is dead once the function it was given to has returned.
//
// It begins with its first statement, in the same round trip.
type Tx struct {
	agency *Agency
	box    *keyring.Box
	conn   *pgx.Conn
	mode   beginMode
	tx     pgx.Tx             // nil before the first statement
	last   []*pgx.QueuedQuery // sent with the commit
	ended  bool
}

// Agency is whose transaction this is.
func (tx *Tx) Agency() *Agency { return tx.agency }

// Now is the platform's clock, in UTC.
func (tx *Tx) Now() time.Time { return tx.agency.platform.now().UTC() }

// Box is the agency's open data key, good until the transaction ends.
func (tx *Tx) Box() *keyring.Box { return tx.box }

// Query runs a statement that names its tables agency.<table>.
func (tx *Tx) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	sql = tx.agency.schema.statement(sql)
	switch {
	case tx.ended:
		return nil, pgx.ErrTxClosed
	case tx.tx == nil:
		return tx.firstQuery(ctx, sql, args)
	}
	return tx.tx.Query(ctx, sql, args...)
}

// QueryRow is Query for at most one row; Scan returns pgx.ErrNoRows for none.
func (tx *Tx) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	rows, err := tx.Query(ctx, sql, args...)
	return oneRow{rows, err}
}

// Exec runs a statement and returns how many rows it touched.
func (tx *Tx) Exec(ctx context.Context, sql string, args ...any) (int64, error) {
	if tx.tx == nil && len(args) > 0 {
		rows, err := tx.Query(ctx, sql, args...)
		if err != nil {
			return 0, err
		}
		rows.Close()
		return rows.CommandTag().RowsAffected(), rows.Err()
	}
	if err := tx.start(ctx); err != nil {
		return 0, err
	}
	tag, err := tx.tx.Exec(ctx, tx.agency.schema.statement(sql), args...)
	return tag.RowsAffected(), err
}

// AtCommit runs a statement after all others, in the round trip of the commit: for what
// nothing in the transaction reads again. When it fails, so does the commit.
func (tx *Tx) AtCommit(sql string, args ...any) {
	tx.last = append(tx.last, &pgx.QueuedQuery{SQL: tx.agency.schema.statement(sql), Arguments: args})
}

// Copy adds rows to a table, given without its schema, by COPY.
func (tx *Tx) Copy(ctx context.Context, table string, columns []string, rows pgx.CopyFromSource) (int64, error) {
	if err := tx.start(ctx); err != nil {
		return 0, err
	}
	return tx.tx.CopyFrom(ctx, pgx.Identifier{tx.agency.schema.name, table}, columns, rows)
}

// Rows runs a statement and collects its rows into structs by the names of their
// columns (db tags). No rows is an empty slice and no error.
func Rows[T any](ctx context.Context, tx *Tx, sql string, args ...any) ([]T, error) {
	rows, err := tx.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[T])
}

// Row is Rows for exactly one row; it returns pgx.ErrNoRows for none.
func Row[T any](ctx context.Context, tx *Tx, sql string, args ...any) (T, error) {
	rows, err := tx.Query(ctx, sql, args...)
	if err != nil {
		var none T
		return none, err
	}
	return pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[T])
}

// Batch sends several statements in one round trip. Queue them with a function for
// each result, then Send.
type Batch struct {
	tx     *Tx
	batch  pgx.Batch
	shared []shared
}

// shared is a statement that Once has queued, with what waits for its rows.
type shared struct {
	sql  string
	args []any
	to   any // a *[]*[]T
}

// Batch starts a batch.
func (tx *Tx) Batch() *Batch { return &Batch{tx: tx} }

// Now is the platform's clock, in UTC.
func (b *Batch) Now() time.Time { return b.tx.Now() }

// Queue adds a statement; read is called with its rows during Send.
func (b *Batch) Queue(sql string, read func(pgx.Rows) error, args ...any) {
	b.batch.Queue(b.tx.agency.schema.statement(sql), args...).Query(read)
}

// Exec adds a statement that returns no rows.
func (b *Batch) Exec(sql string, args ...any) {
	b.batch.Queue(b.tx.agency.schema.statement(sql), args...)
}

// Send runs the batch and every read function, and returns the first error.
func (b *Batch) Send(ctx context.Context) error {
	if b.tx.ended {
		return pgx.ErrTxClosed
	}
	batch := b.tx.batch()
	batch.QueuedQueries = append(batch.QueuedQueries, b.batch.QueuedQueries...)
	return b.tx.send(ctx, batch).Close()
}

// Finish is Send for the last batch of a View, which ends in the same round trip: after
// it the Tx has its Box and nothing else. In an Update it is Send, because what was
// written is committed only when the function has returned nil.
func (b *Batch) Finish(ctx context.Context) error {
	if b.tx.mode != beginView {
		return b.Send(ctx)
	}
	b.tx.last = append(b.batch.QueuedQueries, b.tx.last...)
	defer func() { b.tx.ended = true }()
	return b.tx.commit(ctx)
}

// Into makes a read function for Queue that collects rows as Rows does.
func Into[T any](to *[]T) func(pgx.Rows) error {
	return func(rows pgx.Rows) (err error) {
		*to, err = pgx.CollectRows(rows, pgx.RowToStructByName[T])
		return err
	}
}

// IntoOne makes a read function for Queue that wants exactly one row.
func IntoOne[T any](to *T) func(pgx.Rows) error {
	return func(rows pgx.Rows) (err error) {
		*to, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[T])
		return err
	}
}

// Once is Queue with Into for what several parts of a page may ask for: in a batch, the
// same statement with the same arguments is sent once, and each of them gets its own rows.
func Once[T any](b *Batch, to *[]T, sql string, args ...any) {
	for _, s := range b.shared {
		if waiting, same := s.to.(*[]*[]T); same && s.sql == sql && reflect.DeepEqual(s.args, args) {
			*waiting = append(*waiting, to)
			return
		}
	}
	waiting := &[]*[]T{to}
	b.shared = append(b.shared, shared{sql, args, waiting})
	b.Queue(sql, func(rows pgx.Rows) error {
		found, err := pgx.CollectRows(rows, pgx.RowToStructByName[T])
		for _, to := range *waiting {
			*to = slices.Clone(found)
		}
		return err
	}, args...)
}

// Jobs runs f as the role that may touch the job tables and nothing of the agency,
// then becomes the agency again. It is for package jobs alone (a test holds this).
func (tx *Tx) Jobs(ctx context.Context, f func(pgx.Tx) error) error {
	if err := tx.start(ctx); err != nil {
		return err
	}
	if _, err := tx.tx.Exec(ctx, "SET LOCAL ROLE konote_jobs"); err != nil {
		return fmt.Errorf("become the job role: %w", err)
	}
	if err := f(tx.tx); err != nil {
		return err // the transaction is lost; nothing to restore
	}
	if _, err := tx.tx.Exec(ctx, tx.agency.schema.setRole); err != nil {
		return fmt.Errorf("become the agency again: %w", err)
	}
	return nil
}

// NewID makes a row id: a UUIDv7, which sorts by time of making.
func NewID() uuid.UUID { return uuid.Must(uuid.NewV7()) }
