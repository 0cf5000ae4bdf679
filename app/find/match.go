package find

import (
	"bytes"
	"math/bits"
	"slices"
	"sync"
	"unicode/utf8"

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
	touched []uint32     // documents whose cell is in use
	hits    [][]tokenHit // of each term
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
	r.x, r.hits = nil, r.hits[:0]
	runs.Put(r)
}

// meet leaves in touched those who meet all terms.
func (r *run) meet(terms []term, guess bool) {
	for n := range terms {
		t := &terms[n]
		r.meetNames(t, n)
		if guess && t.errors > 0 {
			r.guessNames(t, n)
		}
		r.meetRecords(t, n)
		r.meetPhones(t, n)
		r.meetBirths(t, n)
		if r.keep(); len(r.touched) == 0 {
			return
		}
	}
}

// keep ends a term: who met it goes on.
func (r *run) keep() {
	kept := r.touched[:0]
	for _, doc := range r.touched {
		c := &r.cells[doc]
		if c.best == 0 {
			*c = cell{}
			continue
		}
		c.total += uint16(c.best)
		c.fields |= c.by
		if c.best < near {
			c.fields |= guessed
		}
		c.terms++
		c.best, c.by = 0, 0
		kept = append(kept, doc)
	}
	r.touched = kept
}

// offer notes how well a document meets term n. Of fields that meet it equally well
// the first counts.
func (r *run) offer(doc uint32, n int, quality uint8, by Fields) {
	c := &r.cells[doc]
	if int(c.terms) < n || c.best > quality || (c.best == quality && c.by <= by) {
		return
	}
	if n == 0 && c.best == 0 {
		r.touched = append(r.touched, doc)
	}
	c.best, c.by = quality, by
}

// A tokenHit is a token that holds a term, and how well.
type tokenHit struct {
	token         uint32
	single, asOne uint8
}

// meetNames offers those whose names hold the term. It looks through the tokens once a
// search.
func (r *run) meetNames(t *term, n int) {
	if len(r.hits) == n {
		r.hits = append(r.hits, r.scan(t))
	}
	for _, hit := range r.hits[n] {
		r.offerToken(hit.token, n, hit.single, hit.asOne)
	}
}

func (r *run) scan(t *term) []tokenHit {
	var hits []tokenHit
	for token, mask := range r.x.masks {
		if t.mask&^mask != 0 {
			continue
		}
		word := r.x.word(uint32(token))
		switch at := bytes.Index(word, t.text); {
		case at == 0 && len(word) == len(t.text):
			hits = append(hits, tokenHit{uint32(token), whole, wholeJoined})
		case at == 0:
			hits = append(hits, tokenHit{uint32(token), start, startJoined})
		case at > 0: // across words written as one nothing is found that is in neither
			hits = append(hits, tokenHit{uint32(token), inside, 0})
		}
	}
	return hits
}

// offerToken offers all who have a token, with one quality where it is a word of its own
// and another where it is several words written as one; 0 is not at all.
func (r *run) offerToken(token uint32, n int, single, asOne uint8) {
	for _, post := range r.x.posts[token] {
		doc, p, quality := post>>partBits, part(post&partMask), single
		if p&joined != 0 {
			p, quality = p&^joined, asOne
		}
		if quality != 0 && hasBit(r.names[p], doc) {
			r.offer(doc, n, quality+bonus[p], 1<<p)
		}
	}
}

// guessNames offers those whose names would hold the term but for typing errors. Sorted
// tokens are walked like a tree: what is known of a beginning holds for all tokens that
// share it, and all of them are passed over where it is hopeless.
func (r *run) guessNames(t *term, n int) {
	p, most := t.pattern, t.errors
	columns := r.columns[:1]
	columns[0] = p.column()
	hopeless := false // the last of the columns is
	for token := range r.x.sorted {
		shared := int(r.x.shared[token])
		if shared < len(columns)-1 {
			columns, hopeless = columns[:shared+1], false
		}
		if !hopeless {
			word := r.x.word(uint32(token))
			letters := len(columns) - 1
			for ; letters < min(len(word), p.length+most) && !hopeless; letters++ {
				if word[letters] >= utf8.RuneSelf {
					break
				}
				columns = append(columns, p.next(columns[letters], p.ascii[word[letters]]))
				hopeless = p.hopeless(columns[letters+1], letters+1, most)
			}
			if letters < min(len(word), p.length+most) && !hopeless { // letters of several bytes
				missed, least := p.errors(word, most)
				r.offerGuess(uint32(token), n, missed, least, most)
				continue
			}
			if letters == len(word) {
				last := columns[letters]
				r.offerGuess(uint32(token), n, last.errors, last.least, most)
				continue
			}
		}
		if least := columns[len(columns)-1].least; least <= most {
			r.offerGuess(uint32(token), n, most+1, least, most)
		}
	}
	for token := r.x.sorted; token < len(r.x.masks); token++ {
		missed, least := p.errors(r.x.word(uint32(token)), most)
		r.offerGuess(uint32(token), n, missed, least, most)
	}
}

// offerGuess offers a token that is so many errors away, as a whole and by its beginning.
func (r *run) offerGuess(token uint32, n, missed, least, most int) {
	switch {
	case missed <= most && missed > 0:
		quality := [...]uint8{0, nearOne, nearTwo}[missed]
		r.offerToken(token, n, quality, quality)
	case missed > most && least <= most && least > 0:
		r.offerToken(token, n, [...]uint8{0, nearStart, nearStart2}[least], 0)
	}
}

func (r *run) meetRecords(t *term, n int) {
	if t.mask&^r.x.recordMask != 0 {
		return
	}
	records, ends := r.x.records, r.x.recordEnds
	for at, doc := 0, 0; ; {
		found := bytes.Index(records[at:], t.text)
		if found < 0 {
			return
		}
		at += found
		for int(ends[doc+1]) <= at {
			doc++
		}
		begin, end := int(ends[doc]), int(ends[doc+1])
		if at+len(t.text) > end { // half of it is another's
			at++
			continue
		}
		if hasBit(r.view, uint32(doc)) {
			switch {
			case at == begin && end-begin == len(t.text):
				r.offer(uint32(doc), n, whole, Record)
			case len(t.text) < fewestDigits:
			case at == begin:
				r.offer(uint32(doc), n, start, Record)
			default:
				r.offer(uint32(doc), n, inside, Record)
			}
		}
		at = end
	}
}

func (r *run) meetPhones(t *term, n int) {
	if t.phone == 0 {
		return
	}
	for doc := range eachBit(r.phone) {
		phone := r.x.phones[doc]
		switch at := phone.find(t.phone, t.count); {
		case at < 0:
		case phone == t.phone:
			r.offer(doc, n, whole, Phone)
		case at == 0:
			r.offer(doc, n, phoneEnd, Phone)
		default:
			r.offer(doc, n, inside, Phone)
		}
	}
}

func (r *run) meetBirths(t *term, n int) {
	if t.birth == 0 {
		return
	}
	for doc := range eachBit(r.birth) {
		if r.x.births[doc] == t.birth {
			r.offer(doc, n, birthDay, Birth)
		}
	}
}

// eachBit walks through the set bits of a bitmap.
func eachBit(bitmap []uint64) func(func(uint32) bool) {
	return func(yield func(uint32) bool) {
		for i, word := range bitmap {
			for ; word != 0; word &= word - 1 {
				if !yield(uint32(i*64 + bits.TrailingZeros64(word))) {
					return
				}
			}
		}
	}
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
