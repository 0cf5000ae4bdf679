package audit

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// Agencies are those of which the ledger has a chain or a checkpoint, the platform's
// nil UUID among them, in order.
func (l *Ledger) Agencies(ctx context.Context) ([]uuid.UUID, error) {
	rows, err := l.reader.Query(ctx, sqlChains)
	if err != nil {
		return nil, fmt.Errorf("list the chains: %w", err)
	}
	agencies, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, fmt.Errorf("list the chains: %w", err)
	}
	return agencies, nil
}

// Verify verifies the chains of some agencies, or of all that the ledger knows when
// none is named: the chain itself, the trusted heads of these agencies, and that the
// columns for searching say what the bodies say.
func (l *Ledger) Verify(ctx context.Context, agencies []uuid.UUID, trusted []Head) (Report, error) {
	if len(agencies) == 0 {
		var err error
		if agencies, err = l.Agencies(ctx); err != nil {
			return Report{}, err
		}
		for _, head := range trusted {
			if !slices.Contains(agencies, head.Agency) {
				agencies = append(agencies, head.Agency) // its chain is gone altogether
			}
		}
	}
	trusted = slices.DeleteFunc(slices.Clone(trusted), func(h Head) bool { return !slices.Contains(agencies, h.Agency) })
	return Verify(l.Entries(ctx, agencies), trusted)
}

// Entries reads the chains of these agencies, each as it stands at one moment.
func (l *Ledger) Entries(ctx context.Context, agencies []uuid.UUID) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for _, agency := range agencies {
			err := l.chain(ctx, agency, func(e Entry) bool { return yield(e, nil) })
			if errors.Is(err, errStopped) {
				return
			}
			if err != nil {
				yield(Entry{}, fmt.Errorf("read the chain of %s: %w", agency, err))
				return
			}
		}
	}
}

var errStopped = errors.New("stopped")

func (l *Ledger) chain(ctx context.Context, agency uuid.UUID, use func(Entry) bool) error {
	return pgx.BeginTxFunc(ctx, l.reader, pgx.TxOptions{AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, sqlNoTimeout); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, sqlChain, agency)
		if err != nil {
			return err
		}
		defer rows.Close()
		types := tx.Conn().TypeMap()
		for rows.Next() {
			e, err := readEntry(types, agency, rows.RawValues())
			if err != nil {
				return err
			}
			if !use(e) {
				return errStopped
			}
		}
		return rows.Err()
	})
}

// readEntry reads the columns of sqlChain from the wire, because scanning them one by
// one would cost more than hashing them. It relies on pgx asking for binary values.
func readEntry(types *pgtype.Map, agency uuid.UUID, raw [][]byte) (Entry, error) {
	if len(raw[0]) != 8 || len(raw[1]) != 16 || len(raw[2]) != len(Hash{}) || len(raw[3]) != len(Hash{}) || len(raw[5]) != 8 {
		return Entry{}, errors.New("a column has not the size it should have")
	}
	e := Entry{
		Agency: agency, Seq: int64(binary.BigEndian.Uint64(raw[0])), Event: uuid.UUID(raw[1]),
		Prev: Hash(raw[2]), Hash: Hash(raw[3]), Body: slices.Clone(raw[4]),
		columns: &columns{
			at:     postgresEpoch.Add(time.Duration(int64(binary.BigEndian.Uint64(raw[5]))) * time.Microsecond),
			action: string(raw[6]), actor: optionalUUID(raw[7]), program: optionalUUID(raw[8]), subject: optionalUUID(raw[9]),
			outcome: string(raw[11]), confidential: len(raw[12]) == 1 && raw[12][0] == 1,
		},
	}
	if err := types.Scan(pgtype.UUIDArrayOID, pgtype.BinaryFormatCode, raw[10], &e.columns.participants); err != nil {
		return Entry{}, err
	}
	return e, nil
}

var postgresEpoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

func optionalUUID(raw []byte) uuid.UUID {
	if len(raw) != 16 {
		return uuid.Nil
	}
	return uuid.UUID(raw)
}

// columns are the copies of parts of the body that the ledger is searched by.
type columns struct {
	at                      time.Time
	action, outcome         string
	actor, program, subject uuid.UUID
	participants            []uuid.UUID
	confidential            bool
}

// agree says whether the columns are what the relay made of the body.
func (e *Entry) agree() bool {
	if e.columns.stand(e) {
		return true
	}
	b, at, err := parseBody(e.Body, e.Agency, e.Event)
	c := e.columns
	return err == nil && at.Equal(c.at) && string(b.Action) == c.action && string(b.Outcome) == c.outcome &&
		b.Staff == c.actor && b.Program == c.program && b.Subject == c.subject &&
		slices.Equal(b.Participants, c.participants) && b.Confidential == c.confidential
}

// stand says whether the columns stand in the body as its encoder writes them, which is
// five times as fast to see as parsing it. In JSON an unescaped quote is never part of
// a value, so what is found is found at its place. false decides nothing.
func (c *columns) stand(e *Entry) bool {
	var buf [256]byte
	b := append(buf[:0], `{"v":1,"id":"`...)
	b = appendUUID(b, e.Event)
	b = append(b, `","agency":"`...)
	b = appendUUID(b, e.Agency)
	b = append(b, `","at":"`...)
	b = c.at.AppendFormat(b, timeFormat)
	b = append(b, `","action":"`...)
	b = append(b, c.action...)
	b = append(b, `","outcome":"`...)
	b = append(b, c.outcome...)
	b = append(b, `","actor_kind":"`...)
	if !bytes.HasPrefix(e.Body, b) {
		return false
	}
	for _, field := range []struct {
		name string
		id   uuid.UUID
	}{{`,"staff":"`, c.actor}, {`,"program":"`, c.program}, {`,"subject":"`, c.subject}} {
		b = append(b[:0], field.name...)
		if field.id != uuid.Nil {
			b = appendUUID(b, field.id)
		}
		if bytes.Contains(e.Body, b) != (field.id != uuid.Nil) {
			return false
		}
	}
	b = append(b[:0], `,"participants":[`...)
	for i, id := range c.participants {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendUUID(append(b, '"'), id), '"')
	}
	if len(c.participants) > 0 {
		b = append(b, ']')
	}
	return bytes.Contains(e.Body, b) == (len(c.participants) > 0) &&
		bytes.Contains(e.Body, []byte(`,"confidential":true`)) == c.confidential
}

func appendUUID(b []byte, id uuid.UUID) []byte {
	var text [36]byte
	hex.Encode(text[0:8], id[0:4])
	hex.Encode(text[9:13], id[4:6])
	hex.Encode(text[14:18], id[6:8])
	hex.Encode(text[19:23], id[8:10])
	hex.Encode(text[24:], id[10:])
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	return append(b, text[:]...)
}
