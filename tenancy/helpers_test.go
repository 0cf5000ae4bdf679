package tenancy_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"konote/tenancy"
)

const (
	permissionDenied = "42501"
	checkViolation   = "23514"
	readOnly         = "25006"
)

// code is the SQLSTATE of an error, "" for none.
func code(err error) string {
	var pgErr *pgconn.PgError
	if errors.As(err, &pgErr) {
		return pgErr.Code
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func dial(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func mustExec(t *testing.T, conn *pgx.Conn, sql string, args ...any) {
	t.Helper()
	if _, err := conn.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// one reads a single value.
func one[T any](t *testing.T, conn *pgx.Conn, sql string, args ...any) T {
	t.Helper()
	var value T
	if err := conn.QueryRow(t.Context(), sql, args...).Scan(&value); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return value
}

// setSetting writes one row of the agency.
func setSetting(ctx context.Context, a *tenancy.Agency, name string) error {
	return a.Update(ctx, func(tx *tenancy.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO agency.settings (name, value) VALUES ($1, 'true') ON CONFLICT (name) DO NOTHING`, name)
		return err
	})
}

func countSettings(ctx context.Context, a *tenancy.Agency) (n int, err error) {
	err = a.View(ctx, func(tx *tenancy.Tx) error {
		return tx.QueryRow(ctx, `SELECT count(*) FROM agency.settings WHERE name <> $1`, "").Scan(&n)
	})
	return n, err
}

// attempts runs each statement by itself in a transaction of the agency and returns
// their SQLSTATEs.
func attempts(t *testing.T, a *tenancy.Agency, statements ...string) map[string]string {
	t.Helper()
	var got map[string]string
	undo := errors.New("undo")
	err := a.Update(t.Context(), func(tx *tenancy.Tx) error {
		got = tryEach(t, func(sql string) error {
			_, err := tx.Exec(t.Context(), sql)
			return err
		}, statements)
		return undo
	})
	if !errors.Is(err, undo) {
		t.Fatal(err)
	}
	return got
}

// tryEach undoes each statement before the next.
func tryEach(t *testing.T, exec func(sql string) error, statements []string) map[string]string {
	t.Helper()
	got := map[string]string{}
	for _, sql := range statements {
		if err := exec("SAVEPOINT before"); err != nil {
			t.Fatal(err)
		}
		got[sql] = code(exec(sql))
		if err := exec("ROLLBACK TO before"); err != nil {
			t.Fatal(err)
		}
	}
	return got
}

func waitUntil(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !done(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// people adds what an enrolment needs and returns the ids of a participant and a program.
func people(ctx context.Context, tx *tenancy.Tx) (participant, program uuid.UUID, err error) {
	participant, program = tenancy.NewID(), tenancy.NewID()
	if _, err := tx.Exec(ctx, `INSERT INTO agency.participants (id, first_name_sealed, last_name_sealed, is_demo, search_epoch)
		VALUES ($1, '\x01', '\x01', true, 1)`, participant); err != nil {
		return participant, program, fmt.Errorf("add a participant: %w", err)
	}
	if _, err := tx.Exec(ctx, `INSERT INTO agency.programs (id, name_en, name_fr, service_model) VALUES ($1, 'Youth', 'Jeunes', 'individual')`, program); err != nil {
		return participant, program, fmt.Errorf("add a program: %w", err)
	}
	return participant, program, nil
}
