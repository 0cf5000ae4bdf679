package find

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"sync"

	"github.com/google/uuid"
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

// catchUp takes in what was committed since the index was last brought up to date. It
// says whether anything was new, and errWorn when a new index is the better way.
func (x *index) catchUp(ctx context.Context, tx *tenancy.Tx) (changed bool, err error) {
	x.mu.RLock()
	mark := x.mark
	x.mu.RUnlock()
	entries, epochs, err := changes(ctx, tx, mark)
	if err != nil || len(entries) == 0 {
		return false, err
	}

	x.mu.Lock()
	defer x.mu.Unlock()
	newest := epochs[len(epochs)-1]
	if newest <= x.mark { // another search was here, with the same rows or newer ones
		return false, nil
	}
	for i, e := range entries {
		if epochs[i] > x.mark {
			x.put(e)
		}
	}
	x.mark = newest
	if x.worn() {
		return true, errWorn
	}
	return true, nil
}

// changes are the people with a newer epoch than mark, in the order of epochs, without
// those whom this transaction has changed itself.
func changes(ctx context.Context, tx *tenancy.Tx, mark int64) ([]entry, []int64, error) {
	rows, err := tx.Query(ctx, sqlChanged, mark, mostChanges)
	if err != nil {
		return nil, nil, fmt.Errorf("read what changed: %w", err)
	}
	var (
		entries []entry
		epochs  []int64
		ids     []uuid.UUID
		buf     []byte
		read    int
	)
	err = eachRaw(rows, func(raw [][]byte) error {
		read++
		row := rawPerson(raw)
		if row.own() {
			return nil
		}
		e, err := row.entry(tx.Box(), &buf)
		entries, epochs, ids = append(entries, e), append(epochs, row.epoch()), append(ids, e.id)
		return err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("read what changed: %w", err)
	}
	if read == mostChanges {
		return nil, nil, errWorn
	}
	if len(ids) == 0 {
		return nil, nil, nil
	}

	at := make(map[uuid.UUID]int, len(ids))
	for i, id := range ids {
		at[id] = i
	}
	err = places(ctx, tx, func(id uuid.UUID, p place) {
		entries[at[id]].places = append(entries[at[id]].places, p)
	}, sqlPlacesOf, ids)
	return entries, epochs, err
}
