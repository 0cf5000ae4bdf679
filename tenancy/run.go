package tenancy

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"konote/keyring"
)

type beginMode string

const (
	beginView   beginMode = "BEGIN READ ONLY"
	beginUpdate beginMode = "BEGIN"
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

	conn, free, err := p.acquire(ctx, a)
	if err != nil {
		return err
	}
	defer free()

	err = once(ctx, conn.Conn(), a, box, mode, f)
	if err != nil && isCode(err, "0A000") { // a migration changed the result of a cached plan
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

// acquire takes a connection of one of the agency's lanes, of its own if that is free, and gives the function that puts it
// back. With a turn there is a connection or room for one, so all that is waited for is
// the database.
func (p *Platform) acquire(ctx context.Context, a *Agency) (*pgxpool.Conn, func(), error) {
	lane, other, err := p.lanes(a)
	if err != nil {
		return nil, nil, err
	}
	turns, err := p.take(ctx, lane.turns, other.turns)
	if err != nil {
		return nil, nil, fmt.Errorf("wait for a connection: %w", err)
	}
	if turns == other.turns {
		lane = other
	}
	conn, err := lane.pool.Acquire(ctx)
	if err != nil {
		<-lane.turns
		if ctx.Err() != nil {
			return nil, nil, fmt.Errorf("wait for a connection: %w", err)
		}
		return nil, nil, fmt.Errorf("%w: connect: %w", ErrUnavailable, err) // refused, or no answer in time
	}
	return conn, func() { conn.Release(); <-lane.turns }, nil
}

// once is one transaction on a connection.
func once(ctx context.Context, conn *pgx.Conn, a *Agency, box *keyring.Box, mode beginMode, f func(*Tx) error) error {
	tx := &Tx{agency: a, box: box, conn: conn, mode: mode}
	defer func() {
		tx.box, tx.ended = nil, true // whoever kept the Tx finds neither rows nor key
		if tx.tx == nil || conn.PgConn().TxStatus() == 'I' {
			return // it has not begun, or is over
		}
		// It must run even when ctx is done.
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		_ = tx.tx.Rollback(end)
	}()
	if err := f(tx); err != nil {
		return unavailable("", err)
	}
	return unavailable("commit", tx.commit(ctx))
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
		case "KN001":
			err = fmt.Errorf("%w: %w", ErrWithdrawn, err)
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
