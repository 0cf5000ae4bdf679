package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

const migrationLock = 0x6b6f6a6f6273 // "kojobs"

// Migrate brings River's tables in the schema jobs of one shard to the version of this
// program. ownerURL is the login konote_owner. It may be run again at any time.
func Migrate(ctx context.Context, ownerURL string) error {
	pool, migrator, err := openMigrator(ctx, ownerURL, "konote_owner")
	if err != nil {
		return err
	}
	defer pool.Close()
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("connect as the owner: %w", err)
	}
	defer conn.Release()
	// Held until the connection ends with the pool: two migrations wait for each other.
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", migrationLock); err != nil {
		return fmt.Errorf("wait for another migration: %w", err)
	}
	if _, err := conn.Exec(ctx, "CREATE SCHEMA IF NOT EXISTS "+schema); err != nil {
		return fmt.Errorf("make the job schema: %w", err)
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("migrate the job schema: %w", err)
	}
	if _, err := conn.Exec(ctx, ddlAfterMigration); err != nil {
		return fmt.Errorf("grant the job schema: %w", err)
	}
	return nil
}

// Pending says how many migrations Migrate would run on a shard. databaseURL is the
// login konote_app or konote_owner.
func Pending(ctx context.Context, databaseURL string) (int, error) {
	pool, migrator, err := openMigrator(ctx, databaseURL, "konote_jobs")
	if err != nil {
		return 0, err
	}
	defer pool.Close()
	applied, err := migrator.ExistingVersions(ctx)
	if err != nil {
		return 0, fmt.Errorf("read the job migrations: %w", err)
	}
	return max(0, len(migrator.AllVersions())-len(applied)), nil // a newer program may have been here
}

func openMigrator(ctx context.Context, url, role string) (*pgxpool.Pool, *rivermigrate.Migrator[pgx.Tx], error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, nil, errors.New("jobs: the database address cannot be read") // err may hold the password
	}
	config.MaxConns = 2
	config.ConnConfig.RuntimeParams["search_path"] = ""
	config.ConnConfig.RuntimeParams["role"] = role
	config.ConnConfig.RuntimeParams["application_name"] = "konote migrate jobs"
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, nil, fmt.Errorf("connect as %s: %w", role, err)
	}
	migrator, err := rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{Schema: schema, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		pool.Close()
		return nil, nil, fmt.Errorf("read River's migrations: %w", err)
	}
	return pool, migrator, nil
}
