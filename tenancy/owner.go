package tenancy

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Owner is the login konote_owner on the main shard and all others: it makes and
// migrates agencies and writes the registry. Only commands of operators open it; the
// web and worker processes do not have its password.
type Owner struct {
	shards    map[string]*pgxpool.Pool
	afterStep func(step string) // for the test that kills Provision
}

// OpenOwner connects as konote_owner. Like Open it does not wait for the servers.
// shards are those besides the main one, by name.
func OpenOwner(ctx context.Context, databaseURL string, shards map[string]string) (*Owner, error) {
	o := &Owner{shards: map[string]*pgxpool.Pool{}, afterStep: func(string) {}}
	if err := o.add(ctx, MainShard, databaseURL); err != nil {
		return nil, err
	}
	for name, url := range shards {
		if err := o.add(ctx, name, url); err != nil {
			o.Close()
			return nil, err
		}
	}
	return o, nil
}

func (o *Owner) add(ctx context.Context, name, url string) error {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return fmt.Errorf("tenancy: the owner's address of shard %s cannot be read", name) // err may hold the password
	}
	config.MaxConns = 12
	config.MinConns = 0
	config.MaxConnIdleTime = time.Minute
	config.ConnConfig.ConnectTimeout = 5 * time.Second
	config.ConnConfig.RuntimeParams["search_path"] = ""
	config.ConnConfig.RuntimeParams["timezone"] = "UTC"
	config.ConnConfig.RuntimeParams["application_name"] = "konote owner"
	config.ConnConfig.RuntimeParams["statement_timeout"] = "60s"
	config.ConnConfig.RuntimeParams["lock_timeout"] = "3s"
	config.ConnConfig.RuntimeParams["idle_in_transaction_session_timeout"] = "60s"
	if o.shards[name], err = pgxpool.NewWithConfig(ctx, config); err != nil {
		return fmt.Errorf("open shard %s as its owner: %w", name, err)
	}
	return nil
}

// Close ends all connections.
func (o *Owner) Close() {
	for _, pool := range o.shards {
		pool.Close()
	}
}

func (o *Owner) main() *pgxpool.Pool { return o.shards[MainShard] }

func (o *Owner) shard(name string) (*pgxpool.Pool, error) {
	pool := o.shards[name]
	if pool == nil {
		return nil, fmt.Errorf("%w: shard %q is not configured", ErrUnavailable, name)
	}
	return pool, nil
}

// Control is Platform.Control for who has the owner's login: f runs as konote_control on
// the main shard.
func (o *Owner) Control(ctx context.Context, f func(pgx.Tx) error) error {
	err := pgx.BeginFunc(ctx, o.main(), func(tx pgx.Tx) error { return asControl(ctx, tx, f) })
	return unavailable("", err)
}

// asControl runs f as konote_control for the rest of the transaction.
func asControl(ctx context.Context, tx pgx.Tx, f func(pgx.Tx) error) error {
	if f == nil {
		return nil
	}
	if _, err := tx.Exec(ctx, "SET LOCAL ROLE konote_control"); err != nil {
		return err
	}
	return f(tx)
}

const (
	sqlStatus    = `SELECT status FROM control.agencies WHERE id = $1 FOR UPDATE`
	sqlSetStatus = `UPDATE control.agencies SET status = $2 WHERE id = $1`
)

// SetStatus changes where an agency stands in its life. record, unless it is nil,
// runs in the same transaction as konote_control: it adds the act to the audit
// outbox. Setting the status that the agency has already does nothing and records
// nothing. This process sees the change at once, others within Settings.RegistryAge.
// Errors: ErrUnknownAgency, ErrOrder, ErrUnavailable, record's own.
func SetStatus(ctx context.Context, o *Owner, a *Agency, to Status, record func(pgx.Tx) error) error {
	defer a.platform.Forget()
	err := pgx.BeginFunc(ctx, o.main(), func(tx pgx.Tx) error {
		var from Status
		if err := tx.QueryRow(ctx, sqlStatus, a.ID).Scan(&from); err != nil {
			if errors.Is(err, pgx.ErrNoRows) {
				return ErrUnknownAgency
			}
			return err
		}
		if from == to {
			return nil
		}
		if _, err := tx.Exec(ctx, sqlSetStatus, a.ID, to); err != nil {
			if isCode(err, "23514") {
				return fmt.Errorf("%w: from %s to %s", ErrOrder, from, to)
			}
			return err
		}
		return asControl(ctx, tx, record)
	})
	if err != nil {
		return fmt.Errorf("set the agency's status: %w", unavailable("", err))
	}
	return nil
}
