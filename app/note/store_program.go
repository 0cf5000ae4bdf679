package note

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/app/fault"
	"konote/keyring"
	"konote/tenancy"
)

// The statuses of a search, as stored.
const (
	searchWaiting = "waiting"
	searchRunning = "running"
	searchDone    = "done"
	searchFailed  = "failed"
)

// A search goes through the notes of a program in the background. It belongs to the one
// who began it, and to nobody else.
type search struct {
	ID       uuid.UUID
	Staff    uuid.UUID
	Program  uuid.UUID
	Words    string
	Status   string
	Total    int // notes to look at
	LookedAt int
	Found    []uuid.UUID
	At       time.Time
}

// Over says whether nothing more will be found.
func (s search) Over() bool { return s.Status == searchDone || s.Status == searchFailed }

// Percent is how much was looked at.
func (s search) Percent() int {
	if s.Total == 0 {
		return 0
	}
	return min(100, 100*s.LookedAt/s.Total)
}

type searchRow struct {
	ID       uuid.UUID      `db:"id"`
	Staff    uuid.UUID      `db:"staff_id"`
	Program  uuid.UUID      `db:"program_id"`
	Words    keyring.Sealed `db:"words_sealed"`
	Status   string         `db:"status"`
	Total    int            `db:"total"`
	LookedAt int            `db:"looked_at"`
	Found    []uuid.UUID    `db:"found"`
	At       time.Time      `db:"created_at"`
}

func (r searchRow) open(o *keyring.Opener) search {
	return search{ID: r.ID, Staff: r.Staff, Program: r.Program, Words: o.Open(colSearchWords, r.ID, r.Words),
		Status: r.Status, Total: r.Total, LookedAt: r.LookedAt, Found: r.Found, At: r.At}
}

func searchByID(ctx context.Context, tx *tenancy.Tx, id uuid.UUID) (search, error) {
	row, err := tenancy.Row[searchRow](ctx, tx, sqlSearchByID, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return search{}, fault.Missing()
	}
	if err != nil {
		return search{}, fmt.Errorf("load search: %w", err)
	}
	o := tx.Box().Opener()
	s := row.open(o)
	return s, wrapSearch(o.Err())
}

// searchesOf are the searches that a person began in a program within the last day.
func searchesOf(ctx context.Context, tx *tenancy.Tx, staff, program uuid.UUID) ([]search, error) {
	rows, err := tenancy.Rows[searchRow](ctx, tx, sqlSearchesOf, staff, program)
	if err != nil {
		return nil, fmt.Errorf("list searches: %w", err)
	}
	o := tx.Box().Opener()
	list := make([]search, len(rows))
	for i, r := range rows {
		list[i] = r.open(o)
	}
	return list, wrapSearch(o.Err())
}

// insertSearch keeps a new search and forgets the person's old ones.
func insertSearch(ctx context.Context, tx *tenancy.Tx, s search) (bool, error) {
	words, err := tx.Box().Seal(colSearchWords, s.ID, s.Words)
	if err != nil {
		return false, fmt.Errorf("seal search: %w", err)
	}
	if _, err := tx.Exec(ctx, sqlForgetSearches, s.Staff, tx.Now().Add(-searchKept)); err != nil {
		return false, fmt.Errorf("forget old searches: %w", err)
	}
	added, err := tx.Exec(ctx, sqlInsertSearch, s.ID, s.Staff, s.Program, words, tx.Now())
	if err != nil {
		return false, fmt.Errorf("insert search: %w", err)
	}
	return added == 1, nil
}
