package audit

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Ledger is the audit database through its two roles: the writer, which can add
// entries and read no more of them than their place in the chain, and the reader.
type Ledger struct {
	writer *pgxpool.Pool
	reader *pgxpool.Pool
}

// OpenLedger connects as konote_audit_writer and konote_audit_reader. It does not wait
// for the database. A process that only reads gives no writerURL.
func OpenLedger(ctx context.Context, writerURL, readerURL string) (*Ledger, error) {
	l := &Ledger{}
	var err error
	if writerURL != "" {
		if l.writer, err = openPool(ctx, "writer", writerURL, 4); err != nil {
			return nil, err
		}
	}
	if l.reader, err = openPool(ctx, "reader", readerURL, 4); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

func openPool(ctx context.Context, role, url string, size int32) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("audit: the address of the audit %s cannot be read", role) // err may hold the password
	}
	config.MaxConns = size
	config.MinConns = 0
	config.MaxConnIdleTime = 5 * time.Minute
	config.ConnConfig.ConnectTimeout = 5 * time.Second
	config.ConnConfig.RuntimeParams["search_path"] = ""
	config.ConnConfig.RuntimeParams["timezone"] = "UTC"
	config.ConnConfig.RuntimeParams["application_name"] = "konote audit " + role
	config.ConnConfig.RuntimeParams["statement_timeout"] = "30s"
	config.ConnConfig.RuntimeParams["plan_cache_mode"] = "force_custom_plan" // see sqlList
	config.ConnConfig.RuntimeParams["idle_in_transaction_session_timeout"] = "60s"
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("connect as the audit %s: %w", role, err)
	}
	return pool, nil
}

// Close ends all connections.
func (l *Ledger) Close() {
	if l.writer != nil {
		l.writer.Close()
	}
	if l.reader != nil {
		l.reader.Close()
	}
}

// Ready says whether the audit database answers both roles.
func (l *Ledger) Ready(ctx context.Context) error {
	for _, pool := range []*pgxpool.Pool{l.writer, l.reader} {
		if pool == nil {
			continue
		}
		if err := pool.Ping(ctx); err != nil {
			return fmt.Errorf("ask the audit database: %w", err)
		}
	}
	return nil
}

// A queued act is a row of the outbox that may be moved.
type queued struct {
	position int64
	event    uuid.UUID
	agency   uuid.UUID
	raw      []byte
	body     body
	at       time.Time
}

// A misfit is a row of the outbox that may not be moved.
type misfit struct {
	position int64
	reason   string
}

// append adds the acts to the chains of their agencies, in order, in one transaction.
// Acts that are there already are left out, so it may be repeated after a crash. An
// act under the id of another agency's is a misfit.
func (l *Ledger) append(ctx context.Context, acts []queued) ([]misfit, error) {
	var misfits []misfit
	err := pgx.BeginFunc(ctx, l.writer, func(tx pgx.Tx) error {
		heads, known, err := readHeads(ctx, tx, acts)
		if err != nil {
			return err
		}
		var rows [][]any
		var scratch []byte
		for _, act := range acts {
			if agency, ok := known[act.event]; ok {
				if agency != act.agency {
					misfits = append(misfits, misfit{act.position, "another agency has an entry with this id"})
				}
				continue
			}
			head := heads[act.agency]
			e := Entry{Agency: act.agency, Seq: head.Seq + 1, Event: act.event, Prev: head.Hash, Body: act.raw}
			e.Hash, scratch = e.link(scratch)
			heads[act.agency] = Head{Agency: act.agency, Seq: e.Seq, Hash: e.Hash}
			rows = append(rows, entryRow(&e, &act))
		}
		if len(rows) == 0 {
			return nil
		}
		_, err = tx.CopyFrom(ctx, pgx.Identifier{"audit", "entries"}, entryColumns, pgx.CopyFromRows(rows))
		return err
	})
	return misfits, err
}

// readHeads reads the newest place of each agency's chain and which of the acts are in
// the ledger already, with their agency.
func readHeads(ctx context.Context, tx pgx.Tx, acts []queued) (map[uuid.UUID]Head, map[uuid.UUID]uuid.UUID, error) {
	heads := map[uuid.UUID]Head{}
	events := make([]uuid.UUID, len(acts))
	var agencies []uuid.UUID
	for i, act := range acts {
		events[i] = act.event
		if _, ok := heads[act.agency]; !ok {
			heads[act.agency] = Head{Agency: act.agency}
			agencies = append(agencies, act.agency)
		}
	}
	known := map[uuid.UUID]uuid.UUID{}
	var batch pgx.Batch
	batch.Queue(sqlHeads, agencies).Query(func(rows pgx.Rows) error {
		var head Head
		var hash []byte
		_, err := pgx.ForEachRow(rows, []any{&head.Agency, &head.Seq, &hash}, func() error {
			head.Hash = Hash(hash)
			heads[head.Agency] = head
			return nil
		})
		return err
	})
	batch.Queue(sqlKnownEvents, events).Query(func(rows pgx.Rows) error {
		var event, agency uuid.UUID
		_, err := pgx.ForEachRow(rows, []any{&event, &agency}, func() error {
			known[event] = agency
			return nil
		})
		return err
	})
	return heads, known, tx.SendBatch(ctx, &batch).Close()
}

var entryColumns = []string{
	"agency_id", "seq", "event_id", "prev_hash", "hash", "body",
	"at", "action", "actor_id", "program_id", "subject_id", "participant_ids", "outcome", "is_confidential",
}

func entryRow(e *Entry, act *queued) []any {
	b := &act.body
	participants := b.Participants
	if participants == nil {
		participants = []uuid.UUID{}
	}
	return []any{
		e.Agency, e.Seq, e.Event, e.Prev[:], e.Hash[:], e.Body,
		act.at, string(b.Action), nullable(b.Staff), nullable(b.Program), nullable(b.Subject), participants,
		string(b.Outcome), b.Confidential,
	}
}

func nullable(id uuid.UUID) *uuid.UUID {
	if id == uuid.Nil {
		return nil
	}
	return &id
}
