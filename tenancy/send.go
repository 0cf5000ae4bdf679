package tenancy

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// How a transaction's statements travel. Each round trip wakes two processes, which costs
// more than most statements do, so the first statement takes BEGIN and SET ROLE along,
// and what waits for the end goes with COMMIT. The login may look up the names of an
// agency's tables (and nothing more): a statement is prepared before the role is taken on.

// start begins the transaction by itself, for what cannot take the beginning along.
func (tx *Tx) start(ctx context.Context) error {
	if tx.ended {
		return pgx.ErrTxClosed
	}
	if tx.tx != nil {
		return nil
	}
	begun, err := tx.conn.BeginTx(ctx, pgx.TxOptions{BeginQuery: string(tx.mode) + "; " + tx.agency.schema.setRole})
	if err != nil {
		return unavailable("begin", err)
	}
	tx.tx = begun
	return nil
}

// batch is empty, or holds the beginning of the transaction, which is two results.
func (tx *Tx) batch() *pgx.Batch {
	batch := &pgx.Batch{}
	if tx.tx == nil {
		batch.BeginTx(pgx.TxOptions{BeginQuery: string(tx.mode)})
		batch.Queue(tx.agency.schema.setRole)
	}
	return batch
}

func (tx *Tx) send(ctx context.Context, batch *pgx.Batch) pgx.BatchResults {
	results := tx.conn.SendBatch(ctx, batch)
	if begun := results.Tx(); begun != nil {
		tx.tx = begun
	}
	return results
}

// firstQuery begins the transaction with a statement whose rows are wanted.
func (tx *Tx) firstQuery(ctx context.Context, sql string, args []any) (pgx.Rows, error) {
	batch := tx.batch()
	batch.Queue(sql, args...)
	results := tx.send(ctx, batch)
	_, _ = results.Exec() // an error of the beginning is that of the statement too
	_, _ = results.Exec()
	rows, err := results.Query()
	first := &firstRows{Rows: rows, results: results}
	if err != nil {
		first.Close()
	}
	return first, err
}

// firstRows are the rows of the statement that began a transaction. The connection is
// free again once the batch is closed.
type firstRows struct {
	pgx.Rows
	results pgx.BatchResults
	err     error
}

func (r *firstRows) Next() bool {
	if r.Rows.Next() {
		return true
	}
	r.Close()
	return false
}

func (r *firstRows) Close() {
	r.Rows.Close()
	r.err = r.results.Close()
}

func (r *firstRows) Err() error { return errors.Join(r.Rows.Err(), r.err) }

// oneRow is pgx's own, for any rows.
type oneRow struct {
	rows pgx.Rows
	err  error
}

func (r oneRow) Scan(to ...any) error {
	if r.err != nil {
		return r.err
	}
	defer r.rows.Close()
	if !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return err
		}
		return pgx.ErrNoRows
	}
	if err := r.rows.Scan(to...); err != nil {
		return err
	}
	r.rows.Close()
	return r.rows.Err()
}

// commit ends the transaction, after what was kept for the end. A transaction that did
// nothing begins all the same: callers learn that it can.
func (tx *Tx) commit(ctx context.Context) error {
	if tx.ended {
		return nil
	}
	if len(tx.last) == 0 {
		if err := tx.start(ctx); err != nil {
			return err
		}
		return tx.tx.Commit(ctx)
	}
	batch := tx.batch()
	batch.QueuedQueries = append(batch.QueuedQueries, tx.last...)
	batch.Queue("COMMIT").Exec(func(tag pgconn.CommandTag) error {
		if tag.String() != "COMMIT" {
			return fmt.Errorf("%w: %s", pgx.ErrTxCommitRollback, tag)
		}
		return nil
	})
	return tx.send(ctx, batch).Close()
}
