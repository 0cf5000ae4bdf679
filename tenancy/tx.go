package tenancy

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"konote/keyring"
)

// Tx is one agency's transaction: its rows and its data key. It is not safe for
// concurrent use and is dead once the function it was given to has returned.
type Tx struct {
	agency *Agency
	box    *keyring.Box
	tx     pgx.Tx
}

// Agency is whose transaction this is.
func (tx *Tx) Agency() *Agency { return tx.agency }

// Now is the platform's clock, in UTC.
func (tx *Tx) Now() time.Time { return tx.agency.platform.now().UTC() }

// Box is the agency's open data key, good until the transaction ends.
func (tx *Tx) Box() *keyring.Box { return tx.box }

// Query runs a statement that names its tables agency.<table>.
func (tx *Tx) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	return tx.tx.Query(ctx, tx.agency.schema.statement(sql), args...)
}

// QueryRow is Query for at most one row; Scan returns pgx.ErrNoRows for none.
func (tx *Tx) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	return tx.tx.QueryRow(ctx, tx.agency.schema.statement(sql), args...)
}

// Exec runs a statement and returns how many rows it touched.
func (tx *Tx) Exec(ctx context.Context, sql string, args ...any) (int64, error) {
	tag, err := tx.tx.Exec(ctx, tx.agency.schema.statement(sql), args...)
	return tag.RowsAffected(), err
}

// Copy adds rows to a table, given without its schema, by COPY.
func (tx *Tx) Copy(ctx context.Context, table string, columns []string, rows pgx.CopyFromSource) (int64, error) {
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
	tx    *Tx
	batch pgx.Batch
}

// Batch starts a batch.
func (tx *Tx) Batch() *Batch { return &Batch{tx: tx} }

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
	return b.tx.tx.SendBatch(ctx, &b.batch).Close()
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

// Jobs runs f as the role that may touch the job tables and nothing of the agency,
// then becomes the agency again. It is for package jobs alone (a test holds this).
func (tx *Tx) Jobs(ctx context.Context, f func(pgx.Tx) error) error {
	if _, err := tx.tx.Exec(ctx, "SET LOCAL ROLE konote_jobs"); err != nil {
		return fmt.Errorf("become the job role: %w", err)
	}
	if err := f(tx.tx); err != nil {
		return err // the transaction is lost; nothing to restore
	}
	if _, err := tx.tx.Exec(ctx, "SET LOCAL ROLE "+tx.agency.schema.quoted()); err != nil {
		return fmt.Errorf("become the agency again: %w", err)
	}
	return nil
}

type beginMode string

const (
	beginView   beginMode = "BEGIN READ ONLY; SET LOCAL ROLE "
	beginUpdate beginMode = "BEGIN; SET LOCAL ROLE "
)

// run is the one way into an agency's rows. It does not look at the agency's status:
// its callers do.
func (p *Platform) run(ctx context.Context, a *Agency, mode beginMode, f func(*Tx) error) error {
	box, release, err := p.ring.Acquire(ctx, a.ID)
	if err != nil {
		return err
	}
	defer release()

	leave, err := p.enter(ctx, a.ID)
	if err != nil {
		return err
	}
	defer leave()

	conn, err := p.acquire(ctx, a)
	if err != nil {
		return err
	}
	defer conn.Release()

	err = once(ctx, conn.Conn(), a, box, mode, f)
	if isCode(err, "0A000") { // a migration changed the result of a cached plan
		if err := conn.Conn().DeallocateAll(ctx); err != nil {
			return unavailable("forget cached plans", err)
		}
		err = once(ctx, conn.Conn(), a, box, mode, f)
	}
	if err != nil && conn.Conn().IsClosed() && ctx.Err() == nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return err
}

// acquire takes a connection of the agency's lane.
func (p *Platform) acquire(ctx context.Context, a *Agency) (*pgxpool.Conn, error) {
	lane, err := p.lane(a)
	if err != nil {
		return nil, err
	}
	wait, cancel := context.WithTimeout(ctx, p.settings.AcquireWait)
	defer cancel()
	conn, err := lane.Acquire(wait)
	switch {
	case err == nil:
		return conn, nil
	case ctx.Err() != nil:
		return nil, fmt.Errorf("wait for a connection: %w", err)
	case errors.Is(err, context.DeadlineExceeded) && lane.Stat().AcquiredConns() == lane.Stat().MaxConns():
		return nil, fmt.Errorf("wait for a connection: %w", ErrBusy)
	default: // refused, or no answer in time
		return nil, fmt.Errorf("%w: connect: %w", ErrUnavailable, err)
	}
}

// once is one transaction on a connection.
func once(ctx context.Context, conn *pgx.Conn, a *Agency, box *keyring.Box, mode beginMode, f func(*Tx) error) error {
	raw, err := conn.BeginTx(ctx, pgx.TxOptions{BeginQuery: string(mode) + a.schema.quoted()})
	if err != nil {
		return unavailable("begin", err)
	}
	tx := &Tx{agency: a, box: box, tx: raw}
	defer func() {
		tx.box = nil // whoever kept the Tx finds neither rows nor key
		// After a commit this does nothing. It must run even when ctx is done.
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		_ = raw.Rollback(end)
	}()
	if err := f(tx); err != nil {
		return unavailable("", err)
	}
	return unavailable("commit", raw.Commit(ctx))
}

// unavailable marks errors of the connection and of the server going away, so that
// they can be told apart from errors of the statement.
func unavailable(verb string, err error) error {
	if err == nil {
		return nil
	}
	var pgErr *pgconn.PgError
	var connErr *pgconn.ConnectError
	lost := errors.As(err, &connErr) || pgconn.SafeToRetry(err)
	if errors.As(err, &pgErr) {
		switch pgErr.Code {
		case "57P01", "57P02", "57P03", "53300", "08006", "08001", "08003":
			lost = true
		}
	}
	if verb != "" {
		err = fmt.Errorf("%s: %w", verb, err)
	}
	if lost {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return err
}

func isCode(err error, code string) bool {
	var pgErr *pgconn.PgError
	return errors.As(err, &pgErr) && pgErr.Code == code
}

// NewID makes a row id: a UUIDv7, which sorts by time of making.
func NewID() uuid.UUID { return uuid.Must(uuid.NewV7()) }
