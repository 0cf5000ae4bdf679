package find

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"sync"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"konote/app/access"
	"konote/keyring"
	"konote/tenancy"
)

// A chunk is rows on their way from the database to the index.
type chunk struct {
	bytes  []byte
	fields []int32 // length of each, -1 for NULL
}

const chunkRows = 256

func (c *chunk) add(row rawPerson) {
	for _, field := range row {
		if field == nil {
			c.fields = append(c.fields, -1)
			continue
		}
		c.fields = append(c.fields, int32(len(field)))
		c.bytes = append(c.bytes, field...)
	}
}

func (c *chunk) rows(yield func(rawPerson) bool) {
	row, bytes := make(rawPerson, rawColumns), c.bytes
	for i, length := range c.fields {
		at := i % rawColumns
		row[at] = nil
		if length >= 0 {
			row[at], bytes = bytes[:length:length], bytes[length:]
		}
		if at == rawColumns-1 && !yield(row) {
			return
		}
	}
}

// A builder makes an index of everybody in the agency.
type builder struct {
	box *keyring.Box

	mu  sync.Mutex
	x   *index
	own bool // some rows are this transaction's own
}

// build reads everybody. own says that the transaction has written some of the rows
// itself: then the index serves this transaction and nobody else, because what is in it
// may be rolled back.
func build(ctx context.Context, tx *tenancy.Tx) (x *index, own bool, err error) {
	b := &builder{box: tx.Box(), x: newIndex()}
	if err := b.people(ctx, tx); err != nil {
		b.x.wipe()
		return nil, false, fmt.Errorf("read people for searching: %w", err)
	}
	b.x.finish()
	err = places(ctx, tx, func(id uuid.UUID, at place) {
		if doc, ok := b.x.byID.get(id, b.x.ids); ok {
			b.x.enrol(doc, at)
		}
	}, sqlPlaces)
	if err != nil {
		b.x.wipe()
		return nil, false, err
	}
	return b.x, b.own, nil
}

func (b *builder) people(ctx context.Context, tx *tenancy.Tx) error {
	rows, err := tx.Query(ctx, sqlEverybody)
	if err != nil {
		return err
	}
	workers, done := errgroup.WithContext(ctx)
	chunks := make(chan *chunk, 4)
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() error {
			for c := range chunks {
				if err := b.take(c); err != nil {
					return err
				}
			}
			return nil
		})
	}
	send := func(c *chunk) error {
		select {
		case chunks <- c:
			return nil
		case <-done.Done():
			return done.Err()
		}
	}
	c := &chunk{}
	err = eachRaw(rows, func(raw [][]byte) error {
		c.add(raw)
		if len(c.fields) < chunkRows*rawColumns {
			return nil
		}
		full := c
		c = &chunk{bytes: make([]byte, 0, cap(full.bytes)), fields: make([]int32, 0, cap(full.fields))}
		return send(full)
	})
	if err == nil {
		err = send(c)
	}
	close(chunks)
	return cmp.Or(workers.Wait(), err)
}

// take opens a chunk, side by side with others, and adds it, one after the other.
func (b *builder) take(c *chunk) error {
	entries := make([]entry, 0, chunkRows)
	buf := make([]byte, 0, 64*chunkRows)
	mark, own := int64(0), false
	for row := range c.rows {
		e, err := row.entry(b.box, &buf)
		if err != nil {
			return err
		}
		entries = append(entries, e)
		mark, own = max(mark, row.epoch()), own || row.own()
	}
	defer clear(buf[:cap(buf)])

	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range entries {
		b.x.add(e)
	}
	b.x.mark, b.own = max(b.x.mark, mark), b.own || own
	return nil
}

// places reads the enrolments by which people can be reached.
func places(ctx context.Context, tx *tenancy.Tx, add func(uuid.UUID, place), sql string, args ...any) error {
	rows, err := tx.Query(ctx, sql, append([]any{access.ReachingStatuses, access.Finished}, args...)...)
	if err != nil {
		return fmt.Errorf("read enrolments for searching: %w", err)
	}
	err = eachRaw(rows, func(raw [][]byte) error {
		add(uuid.UUID(raw[0]), place{program: uuid.UUID(raw[1]), current: raw[2][0] == 1})
		return nil
	})
	if err != nil {
		return fmt.Errorf("read enrolments for searching: %w", err)
	}
	return nil
}

// mostChanges are read one by one; after more, the index is made anew.
const mostChanges = 10_000

// news are the people who have changed since the index was last brought up to date, in the
// order of their epochs, without those whom this transaction has changed itself.
type news struct {
	entries []entry
	epochs  []int64
	many    bool // more than an index takes in
}

func (n *news) any() bool { return n.many || len(n.entries) > 0 }

// queueNews asks for what has a newer epoch than mark.
func queueNews(b *tenancy.Batch, tx *tenancy.Tx, mark int64) *news {
	n := &news{}
	var buf []byte
	read := 0
	b.Queue(sqlChanged, func(rows pgx.Rows) error {
		return eachRaw(rows, func(raw [][]byte) error {
			read++
			n.many = read == mostChanges
			row := rawPerson(raw)
			if row.own() {
				return nil
			}
			e, err := row.entry(tx.Box(), &buf)
			n.entries, n.epochs = append(n.entries, e), append(n.epochs, row.epoch())
			return err
		})
	}, mark, mostChanges)
	return n
}

// learn takes the news in; errWorn when a new index is the better way.
func (x *index) learn(ctx context.Context, tx *tenancy.Tx, n *news) error {
	if n.many {
		return errWorn
	}
	at, ids := make(map[uuid.UUID]int, len(n.entries)), make([]uuid.UUID, len(n.entries))
	for i, e := range n.entries {
		at[e.id], ids[i] = i, e.id
	}
	err := places(ctx, tx, func(id uuid.UUID, p place) {
		e := &n.entries[at[id]]
		e.places = append(e.places, p)
	}, sqlPlacesOf, ids)
	if err != nil {
		return err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	for i, e := range n.entries { // another search may have been here, with the same rows or newer ones
		if n.epochs[i] > x.mark {
			x.put(e)
		}
	}
	x.mark = max(x.mark, n.epochs[len(n.epochs)-1])
	if x.worn() {
		return errWorn
	}
	return nil
}
