package audit

import (
	"context"
	"log/slog"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"konote/tenancy"
	"konote/tenancy/tenancytest"
)

// A bench is a platform with an audit database of its own.
type bench struct {
	*tenancytest.World
	ledger *Ledger
	relay  *Relay
	guard  *Guard
}

func newBench(t testing.TB, configure ...func(*tenancy.Settings)) *bench {
	t.Helper()
	return benchOf(t, tenancytest.NewAlone(t, configure...))
}

func benchOf(t testing.TB, w *tenancytest.World) *bench {
	t.Helper()
	ledger, err := OpenLedger(t.Context(), w.AuditURL("konote_audit_writer"), w.AuditURL("konote_audit_reader"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(ledger.Close)
	guard := NewGuard(Limits{})
	return &bench{World: w, ledger: ledger, guard: guard, relay: NewRelay(w.Platform, ledger, guard, slog.New(slog.DiscardHandler))}
}

var testBy = By{Kind: KindStaff, Staff: uuid.MustParse("018f0000-0000-7000-8000-000000000001"), Reference: "r-1", IP: "192.0.2.7"}

// record commits n acts of the agency, one a transaction.
func record(t testing.TB, agency *tenancy.Agency, n int) {
	t.Helper()
	for range n {
		err := agency.Update(t.Context(), func(tx *tenancy.Tx) error {
			return Record(t.Context(), tx, testBy, Event{Action: "participant.update", Subject: tenancy.NewID(),
				Before: map[string]string{"phone": "613 555 0101"}, After: map[string]string{"phone": "613 555 0199"}})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// recordMany commits n acts of the agency in one transaction.
func recordMany(t testing.TB, agency *tenancy.Agency, n int) {
	t.Helper()
	err := agency.Update(t.Context(), func(tx *tenancy.Tx) error {
		for range n {
			if err := Record(t.Context(), tx, testBy, Event{Action: "participant.view", Participants: []uuid.UUID{tenancy.NewID()}}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (b *bench) drain(t testing.TB) {
	t.Helper()
	if err := b.relay.Drain(t.Context(), tenancy.MainShard); err != nil {
		t.Fatal(err)
	}
}

// superuser runs SQL behind all walls.
func superuser(t testing.TB, url, sql string, args ...any) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

func count(t testing.TB, url, sql string, args ...any) int {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	var n int
	if err := pool.QueryRow(t.Context(), sql, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
