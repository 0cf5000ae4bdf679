package audit

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"

	"konote/app/fault"
	"konote/tenancy"
	"konote/tenancy/tenancytest"
)

// intact verifies all chains and returns how many entries there are.
func (b *bench) intact(t testing.TB) int64 {
	t.Helper()
	report, err := b.ledger.Verify(t.Context(), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range report.Chains {
		if c.Break != nil {
			t.Errorf("chain of %s: %s", c.Agency, c.Break)
		}
	}
	return report.Entries()
}

func TestActsReachTheLedgerInTheChainOfTheirAgency(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	first, second := b.Agency(t), b.Agency(t)
	record(t, first, 5)
	recordMany(t, second, 2500)
	if err := RecordPlatform(t.Context(), b.Platform, By{Kind: KindOperator, Operator: "root"}, Event{Action: "agency.create", Subject: first.ID}); err != nil {
		t.Fatal(err)
	}
	b.drain(t)
	if n := b.intact(t); n != 2506 {
		t.Errorf("got %d entries, want 2506", n)
	}
	for agency, want := range map[uuid.UUID]int{first.ID: 5, second.ID: 2500, uuid.Nil: 1} {
		if n := count(t, b.AuditSuperuserURL(), "SELECT max(seq) FROM audit.entries WHERE agency_id = $1", agency); n != want {
			t.Errorf("chain of %s: got %d entries, want %d", agency, n, want)
		}
	}
	if n := count(t, b.SuperuserURL(), "SELECT count(*) FROM outbox.audit_events"); n != 0 {
		t.Errorf("%d acts are left in the outbox", n)
	}
}

func TestARelayThatDiesAnywhereLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	agencies := []*tenancy.Agency{b.Agency(t), b.Agency(t), b.Agency(t)}
	const each = 200

	ctx, stop := context.WithCancel(t.Context())
	var mortals sync.WaitGroup
	for seed := range uint64(3) { // three processes, each dying again and again
		mortals.Go(func() {
			r := rand.New(rand.NewPCG(seed, 1))
			for lives := 1; ctx.Err() == nil; lives++ { // longer and longer, so that a busy machine gets on too
				life, end := context.WithTimeout(ctx, time.Duration(1+r.IntN(50+20*lives))*time.Millisecond)
				NewRelay(b.Platform, b.ledger, b.guard, slog.New(slog.DiscardHandler)).Run(life)
				end()
			}
		})
	}
	mortals.Go(func() { b.killConnections(ctx) })

	var recording sync.WaitGroup
	for _, agency := range agencies {
		recording.Go(func() { record(t, agency, each) })
	}
	recording.Wait()
	eventually(t, "the dying relays move a third of the acts", func() bool {
		return count(t, b.AuditSuperuserURL(), "SELECT count(*) FROM audit.entries") >= each
	})
	stop()
	mortals.Wait()

	eventually(t, "a relay that lives moves the rest", func() bool { // connections that were killed are still in its pools
		return b.relay.Drain(t.Context(), tenancy.MainShard) == nil
	})
	if n := b.intact(t); n != 3*each {
		t.Errorf("got %d entries, want %d", n, 3*each)
	}
}

// killConnections ends server processes of the relays at random.
func (b *bench) killConnections(ctx context.Context) {
	conn, err := pgx.Connect(ctx, b.SuperuserURL())
	if err != nil {
		return
	}
	defer conn.Close(context.Background())
	for pause := 0.02; ctx.Err() == nil; pause *= 1.1 {
		_, _ = conn.Exec(ctx, `
SELECT pg_terminate_backend(pid)
  FROM pg_stat_activity
 WHERE (datname = current_database() AND query ~ 'outbox.audit_events' AND query !~ 'INSERT INTO outbox.audit_events' AND pid <> pg_backend_pid()
    OR datname = current_database() || '_audit' AND application_name = 'konote audit writer')
   AND random() < 0.2`)
		_, _ = conn.Exec(ctx, "SELECT pg_sleep($1)", pause)
	}
}

func TestACrashBetweenLedgerAndOutboxIsMended(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	agency := b.Agency(t)
	record(t, agency, 3)
	crash := errors.New("crash")
	err := b.Platform.Relay(t.Context(), tenancy.MainShard, func(tx pgx.Tx) error {
		acts, _, err := b.relay.read(t.Context(), tx, tenancy.MainShard)
		if err != nil {
			return err
		}
		if _, err := b.ledger.append(t.Context(), acts); err != nil {
			return err
		}
		return crash
	})
	if !errors.Is(err, crash) {
		t.Fatal(err)
	}
	record(t, agency, 2)
	b.drain(t)
	if n := b.intact(t); n != 5 {
		t.Errorf("got %d entries, want 5", n)
	}
}

func TestActsGoOnWhileTheAuditDatabaseIsDownAndCatchUp(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	agency := b.Agency(t)
	record(t, agency, 2)
	b.drain(t)

	b.setAuditDatabase(t, false)
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { b.relay.Run(ctx) })
	running.Go(func() { b.relay.Watch(ctx) })
	defer running.Wait()
	defer stop()
	record(t, agency, 20)
	eventually(t, "the outage and the backlog show", func() bool {
		state := b.relay.States()[tenancy.MainShard]
		return state.Err != nil && state.Rows == 20 && state.Age > 0
	})
	if err := b.ledger.Ready(t.Context()); err == nil {
		t.Error("the ledger says that it is ready")
	}

	b.setAuditDatabase(t, true)
	eventually(t, "the relay catches up", func() bool {
		state := b.relay.States()[tenancy.MainShard]
		return state.Err == nil && state.Rows == 0
	})
	if n := b.intact(t); n != 22 {
		t.Errorf("got %d entries, want 22", n)
	}
	metrics := prometheus.NewPedanticRegistry()
	metrics.MustRegister(b.relay)
	if _, err := metrics.Gather(); err != nil {
		t.Errorf("gather the metrics: %v", err)
	}
}

// setAuditDatabase shuts the audit database or opens it again.
func (b *bench) setAuditDatabase(t *testing.T, open bool) {
	t.Helper()
	name := b.AuditSuperuserURL()
	name = name[strings.LastIndexByte(name, '/')+1:]
	name, _, _ = strings.Cut(name, "?")
	allow := map[bool]string{true: "true", false: "false"}[open]
	superuser(t, b.SuperuserURL(), "ALTER DATABASE "+pgx.Identifier{name}.Sanitize()+" WITH ALLOW_CONNECTIONS "+allow)
	if !open {
		superuser(t, b.SuperuserURL(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name)
	}
}

// eventually waits for something that happens in another goroutine.
func eventually(t *testing.T, what string, true func() bool) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for !true() {
		if time.Now().After(deadline) {
			t.Fatalf("did not happen: %s", what)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func TestAnActInAnotherAgencysNameIsRefusedAndHoldsNothingUp(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	victim, forger := b.Agency(t), b.Agency(t)
	record(t, victim, 1)

	forge := func(agency, id uuid.UUID, change func(*body)) []byte {
		made, err := newBody(id, agency, time.Now(), testBy, Event{Action: "participant.view"})
		if err != nil {
			t.Fatal(err)
		}
		if change != nil {
			change(&made)
		}
		raw, err := made.encode()
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	known := uuid.UUID{}
	if err := pgx.BeginFunc(t.Context(), b.connect(t, b.SuperuserURL()), func(tx pgx.Tx) error {
		return tx.QueryRow(t.Context(), "SELECT event_id FROM outbox.audit_events").Scan(&known)
	}); err != nil {
		t.Fatal(err)
	}
	b.drain(t)

	id := tenancy.NewID
	forgeries := []struct {
		name      string
		id, claim uuid.UUID
		body      func(uuid.UUID) []byte
	}{
		{"another agency", id(), victim.ID, func(i uuid.UUID) []byte { return forge(victim.ID, i, nil) }},
		{"the platform", id(), uuid.Nil, func(i uuid.UUID) []byte { return forge(uuid.Nil, i, nil) }},
		{"no agency", id(), id(), func(i uuid.UUID) []byte { return forge(forger.ID, i, nil) }},
		{"another agency, in the body only", id(), forger.ID, func(i uuid.UUID) []byte { return forge(victim.ID, i, nil) }},
		{"another event's body", id(), forger.ID, func(uuid.UUID) []byte { return forge(forger.ID, id(), nil) }},
		{"the id of another agency's entry", known, forger.ID, func(i uuid.UUID) []byte { return forge(forger.ID, i, nil) }},
		{"not JSON", id(), forger.ID, func(uuid.UUID) []byte { return []byte("\x00\xff") }},
		{"an act that would break the batch", id(), forger.ID, func(i uuid.UUID) []byte {
			return forge(forger.ID, i, func(b *body) { b.Action = "a\x00b" })
		}},
		{"an outcome that would break the batch", id(), forger.ID, func(i uuid.UUID) []byte {
			return forge(forger.ID, i, func(b *body) { b.Outcome = "\x00" })
		}},
	}
	err := forger.Update(t.Context(), func(tx *tenancy.Tx) error {
		for _, f := range forgeries {
			if _, err := tx.Exec(t.Context(), sqlAddEvent, f.id, f.claim, f.body(f.id)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	record(t, victim, 1)
	record(t, forger, 1)
	b.drain(t)

	if n := b.intact(t); n != 3 {
		t.Errorf("got %d entries, want the 3 honest ones", n)
	}
	if n := count(t, b.SuperuserURL(), "SELECT count(*) FROM outbox.refused_events WHERE reason <> ''"); n != len(forgeries) {
		t.Errorf("got %d refused rows, want %d", n, len(forgeries))
	}
	backlog, err := b.relay.measure(t.Context(), tenancy.MainShard)
	if err != nil || backlog.Refused != int64(len(forgeries)) || backlog.Rows != 0 {
		t.Errorf("got backlog %+v, %v", backlog, err)
	}
}

func (b *bench) connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func TestAnAgencysRoleCanOnlyAddToTheOutbox(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	agency := b.Agency(t)
	record(t, agency, 1)
	for _, sql := range []string{
		"SELECT body FROM outbox.audit_events",
		"SELECT count(*) FROM outbox.audit_events",
		"UPDATE outbox.audit_events SET body = ''",
		"DELETE FROM outbox.audit_events",
		"TRUNCATE outbox.audit_events",
		"INSERT INTO outbox.audit_events (event_id, agency_id, body, written_by) VALUES (gen_random_uuid(), gen_random_uuid(), '', 'konote_control')",
		"SELECT body FROM outbox.refused_events",
	} {
		err := agency.Update(t.Context(), func(tx *tenancy.Tx) error {
			_, err := tx.Exec(t.Context(), sql)
			return err
		})
		if err == nil || !strings.Contains(err.Error(), "42501") {
			t.Errorf("%s: got %v, want permission denied", sql, err)
		}
	}
}

func TestTheGuardClosesThePlatformPastTheBacklogAndOpensItAgain(t *testing.T) {
	t.Parallel()
	guard := NewGuard(Limits{Rows: 3})
	b := benchOf(t, tenancytest.NewAlone(t, func(s *tenancy.Settings) { s.Gate = guard.Check }))
	b.guard, b.relay.guard = guard, guard
	agency := b.Agency(t)
	record(t, agency, 4)
	watch(t, b)

	err := agency.Update(t.Context(), func(*tenancy.Tx) error { t.Error("an act began"); return nil })
	if fault.KindOf(err) != fault.Unavailable || !errors.Is(err, tenancy.ErrUnavailable) {
		t.Errorf("got %v, want fault.Unavailable and tenancy.ErrUnavailable", err)
	}
	if err := agency.View(t.Context(), func(*tenancy.Tx) error { return nil }); err != nil {
		t.Errorf("a read that writes nothing: got %v", err)
	}
	b.drain(t)
	watch(t, b)
	record(t, agency, 1)

	old := NewGuard(Limits{Age: time.Minute})
	old.set("main", Backlog{Rows: 1, Age: 2 * time.Minute})
	if old.Check() == nil {
		t.Error("an old act did not close the guard")
	}
}

func watch(t *testing.T, b *bench) {
	t.Helper()
	backlog, err := b.relay.measure(t.Context(), tenancy.MainShard)
	if err != nil {
		t.Fatal(err)
	}
	b.guard.set(tenancy.MainShard, backlog)
}

func TestActsOfEveryShardAreMoved(t *testing.T) {
	t.Parallel()
	b := benchOf(t, tenancytest.NewSharded(t))
	main := b.Agency(t)
	second := b.Agency(t, func(n *tenancy.NewAgency) { n.Shard = tenancytest.SecondShard })
	record(t, main, 2)
	record(t, second, 3)
	for _, shard := range b.Platform.Shards() {
		if err := b.relay.Drain(t.Context(), shard); err != nil {
			t.Fatal(err)
		}
	}
	if n := b.intact(t); n != 5 {
		t.Errorf("got %d entries, want 5", n)
	}
}

func BenchmarkRelay(b *testing.B) {
	bench := newBench(b)
	agency := bench.Agency(b)
	for b.Loop() {
		b.StopTimer()
		recordMany(b, agency, 20_000)
		b.StartTimer()
		bench.drain(b)
	}
	b.ReportMetric(float64(b.N)*20_000/b.Elapsed().Seconds(), "acts/s")
}

func BenchmarkVerifyLedger(b *testing.B) {
	bench := newBench(b)
	agency := bench.Agency(b)
	for range 5 {
		recordMany(b, agency, 20_000)
		bench.drain(b)
	}
	b.ResetTimer()
	for b.Loop() {
		if n := bench.intact(b); n != 100_000 {
			b.Fatal(n)
		}
	}
	b.ReportMetric(float64(b.N)*100_000/b.Elapsed().Seconds(), "entries/s")
}

func BenchmarkRecord(b *testing.B) {
	bench := newBench(b)
	agency := bench.Agency(b)
	for b.Loop() {
		record(b, agency, 1)
	}
}
