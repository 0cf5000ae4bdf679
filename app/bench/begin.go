package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/tenancy"
)

// measureBegin compares a transaction of an agency (its key, its lane, its role) with a bare
// one on the same table, as its owner.
func measureBegin(ctx context.Context, b *bench) ([]row, error) {
	a, err := b.small(ctx)
	if err != nil {
		return nil, err
	}
	owner, err := pgx.Connect(ctx, b.settings.OwnerURL)
	if err != nil {
		return nil, fmt.Errorf("connect as owner: %w", err)
	}
	defer owner.Close(ctx)
	bareSQL := strings.ReplaceAll(sqlOne, "agency.", a.Role()+".")
	wanted := a.programs[0]
	var found uuid.UUID

	d := pick(b, time.Second, 300*time.Millisecond)
	arms, err := rounds(ctx, pick(b, 9, 3),
		b.profiled("begin", func() (float64, error) {
			return each(d, func() error {
				return a.View(ctx, func(tx *tenancy.Tx) error { return tx.QueryRow(ctx, sqlOne, wanted).Scan(&found) })
			})
		}),
		func() (float64, error) {
			return each(d, func() error {
				tx, err := owner.Begin(ctx)
				if err != nil {
					return err
				}
				if err := tx.QueryRow(ctx, bareSQL, wanted).Scan(&found); err != nil {
					return err
				}
				return tx.Commit(ctx)
			})
		},
	)
	if err != nil {
		return nil, err
	}
	return []row{times("begin as an agency, one SELECT, commit", arms[0], arms[1], 1.3)}, nil
}
