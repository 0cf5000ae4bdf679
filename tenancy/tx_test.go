package tenancy_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/keyring"
	"konote/tenancy"
	"konote/tenancy/tenancytest"
)

func TestAViewCannotWrite(t *testing.T) {
	t.Parallel()
	agency := tenancytest.New(t).Agency(t)
	err := agency.View(t.Context(), func(tx *tenancy.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE agency.settings SET value = 'true'`)
		return err
	})
	if code(err) != readOnly || errors.Is(err, tenancy.ErrUnavailable) {
		t.Errorf("got %v, want a refusal because it is read-only", err)
	}
}

func TestAnUpdateThatFailsLeavesNothing(t *testing.T) {
	t.Parallel()
	agency := tenancytest.New(t).Agency(t)
	ctx := t.Context()
	wrong := errors.New("changed my mind")
	err := agency.Update(ctx, func(tx *tenancy.Tx) error {
		if _, err := tx.Exec(ctx, `INSERT INTO agency.settings (name, value) VALUES ('x', '1')`); err != nil {
			return err
		}
		return wrong
	})
	if !errors.Is(err, wrong) {
		t.Fatalf("got %v, want the function's own error", err)
	}
	if n, err := countSettings(ctx, agency); n != 0 || err != nil {
		t.Errorf("got %d rows and %v, want none", n, err)
	}
}

func TestATransactionIsDeadOnceItsFunctionHasReturned(t *testing.T) {
	t.Parallel()
	agency := tenancytest.New(t).Agency(t)
	ctx := t.Context()
	for name, run := range map[string]func(context.Context, func(*tenancy.Tx) error) error{"View": agency.View, "Update": agency.Update} {
		var kept *tenancy.Tx
		var rows pgx.Rows
		err := run(ctx, func(tx *tenancy.Tx) error {
			kept = tx
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if rows, err = kept.Query(ctx, `SELECT name FROM agency.settings`); !errors.Is(err, pgx.ErrTxClosed) {
			t.Errorf("%s: Query afterwards: got %v, want %v", name, err, pgx.ErrTxClosed)
		}
		if rows != nil {
			rows.Close()
		}
		if _, err := kept.Exec(ctx, `UPDATE agency.settings SET value = '1'`); !errors.Is(err, pgx.ErrTxClosed) {
			t.Errorf("%s: Exec afterwards: got %v, want %v", name, err, pgx.ErrTxClosed)
		}
		if err := kept.Jobs(ctx, func(pgx.Tx) error { return nil }); !errors.Is(err, pgx.ErrTxClosed) {
			t.Errorf("%s: Jobs afterwards: got %v, want %v", name, err, pgx.ErrTxClosed)
		}
		if kept.Box() != nil {
			t.Errorf("%s: it still has the agency's key", name)
		}
	}
}

func TestRowsThatWereNotClosedDoNotReachTheNextTransaction(t *testing.T) {
	t.Parallel()
	w := tenancytest.New(t, func(s *tenancy.Settings) { s.Lanes, s.LaneSize = 1, 1 })
	agency, other := w.Agency(t), w.Agency(t)
	ctx := t.Context()
	for _, name := range []string{"a", "b"} {
		if err := setSetting(ctx, agency, name); err != nil {
			t.Fatal(err)
		}
	}
	var left pgx.Rows
	err := agency.View(ctx, func(tx *tenancy.Tx) (err error) {
		left, err = tx.Query(ctx, `SELECT name FROM agency.settings WHERE name <> $1`, "")
		return err
	})
	if err == nil {
		t.Error("a transaction with open rows ended without an error")
	}
	if _, err := countSettings(ctx, other); err != nil {
		t.Errorf("the next transaction: %v", err)
	}
	for left.Next() { // what had arrived already may still be read; nothing of the other agency's
		if values, err := left.Values(); err == nil && values[0] != "a" && values[0] != "b" {
			t.Errorf("the open rows show %v", values)
		}
	}
}

func TestATransactionRunsAgainAfterAMigrationChangedItsPlans(t *testing.T) {
	t.Parallel()
	w := tenancytest.New(t, func(s *tenancy.Settings) { s.Lanes, s.LaneSize = 1, 1 })
	agency := w.Agency(t)
	ctx := t.Context()
	var runs int
	read := func() error {
		return agency.Update(ctx, func(tx *tenancy.Tx) error {
			runs++
			if _, err := tenancy.Rows[struct{ Value any }](ctx, tx, `SELECT value FROM agency.settings WHERE name <> $1`, ""); err != nil {
				return err
			}
			_, err := tenancy.Rows[struct{ ID any }](ctx, tx, `SELECT updated_by AS id FROM agency.settings WHERE name <> $1`, "")
			return err
		})
	}
	for range 2 { // cached after the first
		if err := read(); err != nil {
			t.Fatal(err)
		}
	}
	superuser := dial(t, w.SuperuserURL())
	mustExec(t, superuser, `ALTER TABLE `+agency.Role()+`.settings ALTER COLUMN value TYPE text, ALTER COLUMN updated_by TYPE text`)
	runs = 0
	if err := read(); err != nil {
		t.Fatalf("after the change: %v", err)
	}
	if runs != 2 {
		t.Errorf("the function ran %d times, want 2", runs)
	}
}

func TestAnAgencyAtItsLimitIsToldSoAndOthersGoOn(t *testing.T) {
	t.Parallel()
	w := tenancytest.New(t, func(s *tenancy.Settings) {
		s.Lanes, s.LaneSize, s.InFlight, s.AcquireWait = 1, 4, 2, 100*time.Millisecond
	})
	busy, other := w.Agency(t), w.Agency(t)
	ctx := t.Context()
	waitUntil(t, "three connections", func() bool {
		return busy.View(ctx, func(*tenancy.Tx) error {
			return busy.View(ctx, func(*tenancy.Tx) error {
				_, err := countSettings(ctx, other)
				return err
			})
		}) == nil
	})

	inside, leave := make(chan struct{}), make(chan struct{})
	done := make(chan error)
	for range 2 {
		go func() {
			done <- busy.View(ctx, func(*tenancy.Tx) error {
				inside <- struct{}{}
				<-leave
				return nil
			})
		}()
		<-inside
	}
	if _, err := countSettings(ctx, busy); !errors.Is(err, tenancy.ErrBusy) {
		t.Errorf("one more than the limit: got %v, want %v", err, tenancy.ErrBusy)
	}
	if _, err := countSettings(ctx, other); err != nil {
		t.Errorf("another agency: %v", err)
	}
	close(leave)
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if _, err := countSettings(ctx, busy); err != nil {
		t.Errorf("when the others have ended: %v", err)
	}
}

func TestAFullLaneGivesBusyAndNotUnavailable(t *testing.T) {
	t.Parallel()
	w := tenancytest.New(t, func(s *tenancy.Settings) {
		s.Lanes, s.LaneSize, s.AcquireWait = 1, 1, 100*time.Millisecond
	})
	holder, other := w.Agency(t), w.Agency(t)
	waitUntil(t, "a connection", func() bool {
		_, err := countSettings(t.Context(), other)
		return err == nil
	})
	err := holder.View(t.Context(), func(*tenancy.Tx) error {
		_, err := countSettings(t.Context(), other)
		if !errors.Is(err, tenancy.ErrBusy) {
			t.Errorf("got %v, want %v", err, tenancy.ErrBusy)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAConnectionThatIsLostMakesTheDatabaseUnavailable(t *testing.T) {
	t.Parallel()
	w := tenancytest.New(t)
	agency := w.Agency(t)
	superuser := dial(t, w.SuperuserURL())
	err := agency.Update(t.Context(), func(tx *tenancy.Tx) error {
		var pid int
		if err := tx.QueryRow(t.Context(), `SELECT pg_backend_pid()`).Scan(&pid); err != nil {
			return err
		}
		mustExec(t, superuser, `SELECT pg_terminate_backend($1, 5000)`, pid)
		_, err := tx.Exec(t.Context(), `UPDATE agency.settings SET value = '1'`)
		return err
	})
	if !errors.Is(err, tenancy.ErrUnavailable) {
		t.Errorf("got %v, want %v", err, tenancy.ErrUnavailable)
	}
	if _, err := countSettings(t.Context(), agency); err != nil {
		t.Errorf("the next transaction: %v", err)
	}
}

func TestADatabaseThatIsDownIsUnavailableAndItsPasswordStaysSecret(t *testing.T) {
	t.Parallel()
	const password = "not-to-be-seen-anywhere"
	p, err := tenancy.Open(t.Context(), tenancy.Settings{
		DatabaseURL: "postgres://konote_app:" + password + "@127.0.0.1:1/konote", Keys: tenancytest.NewKeys(),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	_, resolveErr := p.Resolve(t.Context(), "any.localhost")
	for name, err := range map[string]error{"Resolve": resolveErr, "Ready": p.Ready(t.Context())} {
		if !errors.Is(err, tenancy.ErrUnavailable) {
			t.Errorf("%s: got %v, want %v", name, err, tenancy.ErrUnavailable)
		}
		if strings.Contains(err.Error(), password) {
			t.Errorf("%s: the error shows the password", name)
		}
	}
	if _, err := tenancy.Open(t.Context(), tenancy.Settings{DatabaseURL: "postgres://konote_app:" + password + "@[", Keys: tenancytest.NewKeys()}); err == nil || strings.Contains(err.Error(), password) {
		t.Errorf("an address that cannot be read: got %v", err)
	}
}

func TestATransactionNeedsTheAgencysKey(t *testing.T) {
	t.Parallel()
	w := tenancytest.New(t)
	agency := w.Agency(t)
	if err := agency.View(t.Context(), func(tx *tenancy.Tx) error {
		if tx.Box().Agency() != agency.ID || tx.Agency() != agency {
			t.Error("the transaction has another agency's key")
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	w.Platform.Ring().Drop(agency.ID)
	w.Keys.Fail(keyring.ErrProvider)
	if _, err := countSettings(t.Context(), agency); !errors.Is(err, keyring.ErrProvider) {
		t.Errorf("got %v, want %v", err, keyring.ErrProvider)
	}
}

func TestTheJobRoleIsHeldForItsOwnPartOfATransactionOnly(t *testing.T) {
	t.Parallel()
	agency := tenancytest.New(t).Agency(t)
	ctx := t.Context()
	err := agency.Update(ctx, func(tx *tenancy.Tx) error {
		var role string
		err := tx.Jobs(ctx, func(raw pgx.Tx) error {
			if err := raw.QueryRow(ctx, `SELECT current_user`).Scan(&role); err != nil || role != "konote_jobs" {
				t.Errorf("in between it is %s, %v", role, err)
			}
			nested, err := raw.Begin(ctx)
			if err != nil {
				return err
			}
			if _, err := nested.Exec(ctx, `SELECT FROM `+agency.Role()+`.staff`); code(err) != permissionDenied {
				t.Errorf("the job role reads the agency: %v", err)
			}
			return nested.Rollback(ctx)
		})
		if err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, `SELECT current_user`).Scan(&role); err != nil || role != agency.Role() {
			t.Errorf("afterwards it is %s, %v", role, err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestABatchReadsInOneRoundTripAndReportsItsFirstError(t *testing.T) {
	t.Parallel()
	agency := tenancytest.New(t).Agency(t)
	ctx := t.Context()
	type row struct {
		Name string
	}
	err := agency.Update(ctx, func(tx *tenancy.Tx) error {
		var many []row
		var exactly row
		b := tx.Batch()
		b.Exec(`INSERT INTO agency.settings (name, value) VALUES ($1, '1')`, "a")
		b.Queue(`SELECT name FROM agency.settings WHERE name <> $1`, tenancy.Into(&many), "")
		b.Queue(`SELECT name FROM agency.settings WHERE name = $1`, tenancy.IntoOne(&exactly), "a")
		if err := b.Send(ctx); err != nil {
			return err
		}
		if len(many) != 1 || exactly.Name != "a" {
			t.Errorf("got %v and %v", many, exactly)
		}
		b = tx.Batch()
		b.Queue(`SELECT name FROM agency.settings WHERE name = $1`, tenancy.IntoOne(&exactly), "b")
		return b.Send(ctx)
	})
	if !errors.Is(err, pgx.ErrNoRows) {
		t.Errorf("got %v, want %v", err, pgx.ErrNoRows)
	}
}

func TestAStatementAskedForTwiceIsSentOnceAndEachGetsItsRows(t *testing.T) {
	t.Parallel()
	counter := &tenancytest.Counter{}
	agency := tenancytest.New(t, func(s *tenancy.Settings) { s.DatabaseURL = counter.Through(t, s.DatabaseURL) }).Agency(t)
	ctx := t.Context()
	type row struct {
		N int
	}
	var first, again, other []row
	for range 20 { // until every connection knows the statement
		err := agency.View(ctx, func(tx *tenancy.Tx) error {
			counter.Reset()
			b := tx.Batch()
			tenancy.Once(b, &first, `SELECT n FROM generate_series(1, $1) n`, 2)
			tenancy.Once(b, &again, `SELECT n FROM generate_series(1, $1) n`, 2)
			tenancy.Once(b, &other, `SELECT n FROM generate_series(1, $1) n`, 3)
			return b.Send(ctx)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(first) != 2 || len(again) != 2 || len(other) != 3 {
		t.Errorf("got %v, %v and %v", first, again, other)
	}
	first[0].N = 17
	if again[0].N != 1 {
		t.Error("two readers share their rows")
	}
	if got := counter.Longest.Load(); got != 4 { // BEGIN and SET ROLE among them
		t.Errorf("%d statements in the batch, want 4", got)
	}
}

func TestCopyAddsRowsToTheAgencysOwnTable(t *testing.T) {
	t.Parallel()
	w := tenancytest.New(t)
	agency, other := w.Agency(t), w.Agency(t)
	ctx := t.Context()
	err := agency.Update(ctx, func(tx *tenancy.Tx) error {
		_, err := tx.Copy(ctx, "settings", []string{"name", "value"}, pgx.CopyFromRows([][]any{{"a", "1"}, {"b", "2"}}))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for a, want := range map[*tenancy.Agency]int{agency: 2, other: 0} {
		if got, err := countSettings(ctx, a); got != want || err != nil {
			t.Errorf("got %d rows and %v, want %d", got, err, want)
		}
	}
}

func TestNoPathChangesAnEnrolmentWithoutItsHistory(t *testing.T) {
	t.Parallel()
	agency := tenancytest.New(t).Agency(t)
	ctx := t.Context()
	const (
		enrol  = `INSERT INTO agency.enrolments (id, participant_id, program_id, status) VALUES ($1, $2, $3, $4)`
		change = `UPDATE agency.enrolments SET status = $2 WHERE id = $1`
		note   = `INSERT INTO agency.enrolment_changes (id, enrolment_id, status) VALUES ($1, $2, $3)`
	)
	var enrolment uuid.UUID
	err := agency.Update(ctx, func(tx *tenancy.Tx) error {
		participant, program, err := people(ctx, tx)
		if err != nil {
			return err
		}
		enrolment = tenancy.NewID()
		b := tx.Batch()
		b.Exec(enrol, enrolment, participant, program, "planned")
		b.Exec(note, tenancy.NewID(), enrolment, "planned")
		b.Exec(change, enrolment, "active") // twice in one transaction
		b.Exec(note, tenancy.NewID(), enrolment, "active")
		return b.Send(ctx)
	})
	if err != nil {
		t.Fatalf("with its history: %v", err)
	}
	err = agency.Update(ctx, func(tx *tenancy.Tx) error {
		_, err := tx.Exec(ctx, change, enrolment, "finished")
		return err
	})
	if code(err) != checkViolation {
		t.Errorf("a change without history: got %v, want a refusal", err)
	}
	err = agency.Update(ctx, func(tx *tenancy.Tx) error {
		participant, program, err := people(ctx, tx)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, enrol, tenancy.NewID(), participant, program, "active")
		return err
	})
	if code(err) != checkViolation {
		t.Errorf("an enrolment without history: got %v, want a refusal", err)
	}
}
