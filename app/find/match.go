package find

import (
	"slices"
	"sync"

	"github.com/google/uuid"
)

// Fields says where a person matched what was asked for.
type Fields uint8

// The fields. Those of names come first, in the order of their parts.
const (
	Last Fields = 1 << iota
	First
	Preferred
	Middle
	Record
	Phone
	Birth

	guessed Fields = 1 << 7 // a typing error was forgiven
)

// How well a term matches. A preferred name counts a little more than another, a first
// or last name a little more than a middle name.
const (
	whole       = 100
	birthDay    = 90
	wholeJoined = 68
	start       = 70
	startJoined = 60
	phoneEnd    = 62
	inside      = 40
	nearOne     = 24 // one typing error
	nearTwo     = 18
	nearStart   = 16 // one typing error in the beginning of a longer word
	nearStart2  = 10

	near = 30 // worse than this is a guess

	sureScore = 1 << 12 // more than any sum of the above
)

var bonus = [parts]uint8{partLast: 1, partFirst: 1, partPreferred: 3, partMiddle: 0}

// enough people are found without guessing at typing errors.
const enough = 5

// A scope is in which programs somebody may find people, and by what: names and record
// id in view, the fields that roles see differently in programs of their own.
type scope struct {
	view, preferred, middle, phone, birth []uuid.UUID
}

// A match is one person found.
type match struct {
	id     uuid.UUID
	fields Fields
}

// A cell is what is known of a document during a search.
type cell struct {
	total  uint16 // of the terms before this one
	best   uint8  // of this term
	by     Fields // where best was found
	fields Fields
	terms  uint8 // met so far
}

// A run is one search. Its memory is used again.
type run struct {
	x       *index
	cells   []cell
	touched []uint32 // documents whose cell is in use
	hits    [mostTerms][]tokenHit
	scanned int // terms whose hits are there
	columns [68]column

	view, current, phone, birth []uint64
	names                       [parts][]uint64
	memory                      [6][]uint64
}

var runs = sync.Pool{New: func() any { return &run{} }}

// search finds the people in scope who meet all terms: the first of them in the order
// of score, name and id, how many there are, and how many of them were found without
// forgiving typing errors. Who is not in scope is neither found nor counted, nor does it
// matter how many they are.
func (x *index) search(terms []term, s scope, limit int) (found []match, total, sure int) {
	if len(terms) == 0 || len(s.view) == 0 {
		return nil, 0, 0
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	r := x.newRun(s)
	defer r.end()

	terms = slices.Clone(terms)
	slices.SortStableFunc(terms, func(a, b term) int { return len(b.text) - len(a.text) }) // the rarest first, likely
	r.meet(terms, false)
	if len(r.touched) < enough && slices.ContainsFunc(terms, func(t term) bool { return t.errors > 0 }) {
		r.reset()
		r.meet(terms, true)
	}
	for _, doc := range r.touched {
		if r.cells[doc].fields&guessed == 0 {
			sure++
		}
	}
	return r.best(limit), len(r.touched), sure
}

func (x *index) newRun(s scope) *run {
	r := runs.Get().(*run)
	r.x = x
	if len(r.cells) < len(x.ids) {
		r.cells = make([]cell, len(x.ids)+len(x.ids)/8)
	}
	slot := 0
	union := func(programs []uuid.UUID, current bool) []uint64 {
		m := x.union(r.memory[slot], programs, current)
		r.memory[slot] = m
		slot++
		return m
	}
	r.view = union(s.view, false)
	r.current = union(s.view, true)
	field := func(programs []uuid.UUID) []uint64 {
		if slices.Equal(programs, s.view) {
			return r.view
		}
		return union(programs, false)
	}
	r.names = [parts][]uint64{partLast: r.view, partFirst: r.view, partPreferred: field(s.preferred), partMiddle: field(s.middle)}
	r.phone, r.birth = field(s.phone), field(s.birth)
	return r
}

// union is the documents in any of the programs, as a bitmap of all documents.
func (x *index) union(memory []uint64, programs []uuid.UUID, current bool) []uint64 {
	size := (len(x.ids) + 63) / 64
	memory = slices.Grow(memory[:0], size)[:size]
	clear(memory)
	for _, id := range programs {
		p := x.programs[id]
		if p == nil {
			continue
		}
		from := p.reached
		if current {
			from = p.current
		}
		for i, word := range from {
			memory[i] |= word
		}
	}
	return memory
}

func (r *run) reset() {
	for _, doc := range r.touched {
		r.cells[doc] = cell{}
	}
	r.touched = r.touched[:0]
}

func (r *run) end() {
	r.reset()
	r.x, r.scanned = nil, 0
	runs.Put(r)
}

// best are the first people of those who met all terms: guesses after all others, by
// score, where being in a program now counts half a point, then in the order of names.
func (r *run) best(limit int) []match {
	type ranked struct {
		doc   uint32
		score int
	}
	before := func(a, b ranked) bool {
		if a.score != b.score {
			return a.score > b.score
		}
		return r.x.listedBefore(a.doc, b.doc)
	}
	top := make([]ranked, 0, limit+1)
	for _, doc := range r.touched {
		candidate := ranked{doc, 2 * int(r.cells[doc].total)}
		if hasBit(r.current, doc) {
			candidate.score++
		}
		if r.cells[doc].fields&guessed == 0 {
			candidate.score += sureScore
		}
		if len(top) == limit && !before(candidate, top[limit-1]) {
			continue
		}
		at, _ := slices.BinarySearchFunc(top, candidate, func(a, b ranked) int {
			if before(a, b) {
				return -1
			}
			return 1
		})
		top = slices.Insert(top, at, candidate)
		top = top[:min(len(top), limit)]
	}
	matches := make([]match, len(top))
	for i, t := range top {
		matches[i] = match{id: r.x.ids[t.doc], fields: r.cells[t.doc].fields}
	}
	return matches
}
