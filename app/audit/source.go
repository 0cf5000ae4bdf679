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

// Entries reads the chains of these agencies, each as it stands at one moment. An entry is
// good until the next one: its memory is used again.
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
		e := Entry{Agency: agency, columns: &columns{}}
		for rows.Next() {
			if err := e.read(rows.RawValues()); err != nil {
				return err
			}
			if !use(e) {
				return errStopped
			}
		}
		return rows.Err()
	})
}

var errSize = errors.New("a column has not the size it should have")

// read reads the columns of sqlChain from the wire, because scanning them one by one would
// cost more than hashing them. It relies on pgx asking for binary values.
func (e *Entry) read(raw [][]byte) error {
	if len(raw[0]) != 8 || len(raw[1]) != 16 || len(raw[2]) != len(Hash{}) || len(raw[3]) != len(Hash{}) || len(raw[5]) != 8 {
		return errSize
	}
	e.Seq, e.Event = int64(binary.BigEndian.Uint64(raw[0])), uuid.UUID(raw[1])
	e.Prev, e.Hash, e.Body = Hash(raw[2]), Hash(raw[3]), raw[4]
	c := e.columns
	c.at = postgresEpoch.Add(time.Duration(int64(binary.BigEndian.Uint64(raw[5]))) * time.Microsecond)
	c.action, c.outcome = raw[6], raw[11]
	c.actor, c.program, c.subject = optionalUUID(raw[7]), optionalUUID(raw[8]), optionalUUID(raw[9])
	c.confidential = len(raw[12]) == 1 && raw[12][0] == 1
	var err error
	c.participants, err = appendUUIDs(c.participants[:0], raw[10])
	return err
}

// appendUUIDs reads an array of ids without NULL: the numbers of dimensions and of NULLs, the
// type, length and first index of the one dimension, and each id after its length.
func appendUUIDs(ids []uuid.UUID, raw []byte) ([]uuid.UUID, error) {
	const header, each = 5 * 4, 4 + 16
	if len(raw) < 3*4 || binary.BigEndian.Uint32(raw) > 1 || binary.BigEndian.Uint32(raw[8:]) != pgtype.UUIDOID {
		return ids, errSize
	}
	if binary.BigEndian.Uint32(raw) == 0 {
		return ids, nil
	}
	if len(raw) < header || uint64(len(raw)) != header+each*uint64(binary.BigEndian.Uint32(raw[12:])) {
		return ids, errSize
	}
	for raw = raw[header:]; len(raw) > 0; raw = raw[each:] {
		if binary.BigEndian.Uint32(raw) != 16 {
			return ids, errSize
		}
		ids = append(ids, uuid.UUID(raw[4:each]))
	}
	return ids, nil
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
	action, outcome         []byte
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
	return err == nil && at.Equal(c.at) && string(b.Action) == string(c.action) && string(b.Outcome) == string(c.outcome) &&
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
	body, sealed, _ := bytes.Cut(e.Body[len(b):], []byte(`,"sealed":"`)) // the longest part, and the last
	if quote := bytes.IndexByte(sealed, '"'); quote >= 0 && quote != len(sealed)-len(`"}`) {
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
		if bytes.Contains(body, b) != (field.id != uuid.Nil) {
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
	return bytes.Contains(body, b) == (len(c.participants) > 0) &&
		bytes.Contains(body, []byte(`,"confidential":true`)) == c.confidential
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

// Check reads an agency's chain from its beginning and holds it against the ledger's
// checkpoints: unbroken up to which entry, and the first that is wrong (0: none).
func (l *Ledger) Check(ctx context.Context, agency uuid.UUID, verifierKey string) (unbroken, broken int64, err error) {
	heads, err := l.Checkpoints(ctx, []uuid.UUID{agency}, verifierKey)
	if err != nil {
		return 0, 0, err
	}
	report, err := l.Verify(ctx, []uuid.UUID{agency}, heads)
	if err != nil {
		return 0, 0, err
	}
	for _, chain := range report.Chains {
		unbroken = chain.Head.Seq
		if chain.Break != nil {
			broken = chain.Break.Seq
		}
	}
	return unbroken, broken, nil
}
