package find

import (
	"math/bits"
	"slices"
	"sync"

	"github.com/google/uuid"
)

// enough people are found without guessing at typing errors.
const enough = 5

// A scope is in which programs somebody may find people, and by what: names and record
// id in view, the fields that roles see differently in programs of their own. Of people
// whose whereabouts are kept safe, what would lead to them counts in trusted alone. Who has
// closed her file is not there.
type scope struct {
	view, preferred, middle, phone, birth []uuid.UUID
	trusted                               []uuid.UUID
	closed                                []uuid.UUID // people
}

// A match is one person found.
type match struct {
	id     uuid.UUID
	fields Fields
}

// A run is one search. Its memory is used again.
type run struct {
	x            *index
	view         []uint64 // who may be found at all
	current      []uint64 // and is in one of the programs now
	phone, birth []uint64 // and may be found by these
	names        [partMask + 1][]uint64
	tallies      [mostTerms]tally
	found        []uint64 // who met all terms so far

	tokens  []uint64 // those to look at
	columns []column
	memory  [8][]uint64
}

// A tally is who in the scope met a term, and in which of their ways.
type tally struct {
	met    []uint64
	best   []wayNumber
	looked bool // for all but typing errors
}

var runs = sync.Pool{New: func() any { return &run{columns: make([]column, 0, 68)} }}

// search finds the people in scope who meet all terms: the first of them in the order
// of score, name and id, how many there are, and how many of them were found without
// forgiving typing errors. Who is not in scope is neither found nor counted, nor does it
// matter how many they are. The caller holds the lock.
func (x *index) search(terms []term, s scope, limit int) (found []match, total, sure int) {
	if len(terms) == 0 || len(s.view) == 0 {
		return nil, 0, 0
	}
	r := x.newRun(s)
	defer r.end()

	terms = slices.Clone(terms)
	slices.SortStableFunc(terms, func(a, b term) int { return len(b.text) - len(a.text) }) // the rarest first, likely
	total = r.meet(terms, false)
	if total < enough && slices.ContainsFunc(terms, func(t term) bool { return t.errors > 0 }) {
		total = r.meet(terms, true)
	}
	found, sure = r.best(len(terms), limit)
	return found, total, sure
}

func (x *index) newRun(s scope) *run {
	r := runs.Get().(*run)
	r.x = x
	for i := range r.memory {
		r.memory[i] = emptied(r.memory[i], (len(x.ids)+63)/64)
	}
	r.found, r.view, r.current = r.memory[0], r.memory[1], r.memory[2]
	x.unite(r.view, s.view, false)
	x.unite(r.current, s.view, true)
	for _, id := range s.closed {
		if doc, ok := x.byID.get(id, x.ids); ok {
			clearBit(r.view, doc)
		}
	}
	field := func(at int, programs []uuid.UUID) []uint64 {
		if slices.Equal(programs, s.view) {
			return r.view
		}
		x.unite(r.memory[at], programs, false)
		keep(r.memory[at], r.view)
		return r.memory[at]
	}
	if !slices.Equal(s.trusted, s.view) {
		x.unite(r.memory[7], s.trusted, false)
	}
	// guarded takes away those whose field would lead to them.
	guarded := func(at int, seen []uint64) []uint64 {
		if slices.Equal(s.trusted, s.view) {
			return seen
		}
		copy(r.memory[at], seen)
		for i, word := range x.guarded {
			r.memory[at][i] &^= word &^ r.memory[7][i]
		}
		return r.memory[at]
	}
	r.phone, r.birth = guarded(3, field(3, s.phone)), guarded(4, field(4, s.birth))
	for p := range r.names {
		r.names[p] = r.view
	}
	preferred, middle := field(5, s.preferred), guarded(6, field(6, s.middle))
	r.names[partPreferred], r.names[partPreferred|joined] = preferred, preferred
	r.names[partMiddle], r.names[partMiddle|joined] = middle, middle
	return r
}

func (r *run) end() {
	for n := range r.tallies {
		r.tallies[n].looked = false
	}
	r.x = nil
	runs.Put(r)
}

// sized is room for so many, in the same memory where that is large enough.
func sized[T any](memory []T, size int) []T { return slices.Grow(memory[:0], size)[:size] }

// emptied is so many zeros, in the same memory where that is large enough.
func emptied[T any](memory []T, size int) []T {
	memory = sized(memory, size)
	clear(memory)
	return memory
}

// keep leaves of a bitmap what is in the other one, too.
func keep(set, others []uint64) {
	for i := range set {
		set[i] &= others[i]
	}
}

// unite adds the documents in any of the programs to a bitmap.
func (x *index) unite(all []uint64, programs []uuid.UUID, current bool) {
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
			all[i] |= word
		}
	}
}

// few is of how many people at most it is quicker to look at each than for the term among the
// words of all: those that hold a single letter are a great many.
func few(t *term, people int) int {
	if len(t.text) == 1 {
		return 4 + people/16
	}
	return 4 + people/512
}

// meet leaves in found those who meet all terms, and says how many they are.
func (r *run) meet(terms []term, guess bool) (total int) {
	copy(r.found, r.view)
	if guess {
		r.rarestFirst(terms)
	}
	for n := range terms {
		t, to := &terms[n], &r.tallies[n]
		if n > 0 && total <= few(t, len(r.x.ids)) {
			if total = r.confirm(t, to, guess); total == 0 {
				return 0
			}
			continue
		}
		if !to.looked {
			to.met, to.best, to.looked = emptied(to.met, len(r.found)), emptied(to.best, len(r.x.ids)), true
			r.meetNames(t, to)
			r.meetRecords(t, to)
			r.meetPhones(t, to)
			r.meetBirths(t, to)
		}
		if guess && t.errors > 0 {
			r.guessNames(t, to)
			r.respellNames(t, to)
		}
		total = 0
		for i, met := range to.met[:len(r.found)] {
			r.found[i] &= met
			total += bits.OnesCount64(r.found[i])
		}
		if total == 0 {
			return 0
		}
	}
	return total
}

// rarestFirst puts the term first that the fewest meet without typing errors, of those looked
// for so far: likely it holds the error, and few come near it.
func (r *run) rarestFirst(terms []term) {
	rarest, fewest := 0, -1
	for n := range terms {
		if !r.tallies[n].looked {
			continue
		}
		count := 0
		for _, met := range r.tallies[n].met {
			count += bits.OnesCount64(met)
		}
		if fewest < 0 || count < fewest {
			rarest, fewest = n, count
		}
	}
	terms[0], terms[rarest] = terms[rarest], terms[0]
	r.tallies[0], r.tallies[rarest] = r.tallies[rarest], r.tallies[0]
}

// mark notes that a document meets the term, if it may be found so.
func (to *tally) mark(doc uint32, w wayNumber, scope []uint64) {
	if at, bit := doc/64, uint64(1)<<(doc%64); w > to.best[doc] && scope[at]&bit != 0 {
		to.best[doc] = w
		to.met[at] |= bit
	}
}

// best are the first people of those found, and how many were found without a guess.
func (r *run) best(terms, limit int) (first []match, sure int) {
	k := ranking{x: r.x, current: r.current, limit: limit, top: make([]ranked, 0, limit)}
	for doc := range eachBit(r.found) {
		score, by := 0, Fields(0)
		for n := range terms {
			w := ways[r.tallies[n].best[doc]]
			score += w.quality
			by |= w.by
			if w.quality < near {
				by |= guessed
			}
		}
		if by&guessed == 0 {
			sure++
		}
		k.offer(doc, score, by)
	}
	return k.matches(), sure
}

// A ranking keeps the first people of those who are offered to it: guesses after all
// others, by score, where being in a program now counts half a point, then in the order
// of names.
type ranking struct {
	x       *index
	current []uint64
	limit   int
	top     []ranked
}

type ranked struct {
	doc    uint32
	score  int
	fields Fields
}

func (k *ranking) offer(doc uint32, score int, fields Fields) {
	score *= 2
	if hasBit(k.current, doc) {
		score++
	}
	if fields&guessed == 0 {
		score += sureScore
	}
	comesBefore := func(other ranked) bool {
		return score > other.score || (score == other.score && k.x.listedBefore(doc, other.doc))
	}
	full := len(k.top) == k.limit
	if full && !comesBefore(k.top[k.limit-1]) {
		return
	}
	if full {
		k.top = k.top[:k.limit-1]
	}
	at := len(k.top)
	for k.top = append(k.top, ranked{}); at > 0 && comesBefore(k.top[at-1]); at-- {
		k.top[at] = k.top[at-1]
	}
	k.top[at] = ranked{doc, score, fields}
}

func (k *ranking) matches() []match {
	list := make([]match, len(k.top))
	for i, one := range k.top {
		list[i] = match{id: k.x.ids[one.doc], fields: one.fields}
	}
	return list
}
