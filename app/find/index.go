package find

import (
	"bytes"
	"cmp"
	"hash/maphash"
	"sync"

	"github.com/google/uuid"
)

// A part is which of a person's names a word comes from. The order is that in which
// people are listed: by last name, then by first name.
type part uint32

const (
	partLast part = iota
	partFirst
	partPreferred
	partMiddle
	parts = 4

	// joined marks a word made of several: "obrien" of O'Brien, "marieclaude" of
	// Marie-Claude.
	joined part = 4

	partBits = 3
	partMask = 1<<partBits - 1
)

// An entry is what the index learns about one person. Texts are folded.
type entry struct {
	id     uuid.UUID
	names  [parts][]byte
	record []byte // without spaces
	phone  digits
	birth  day
	places []place
	// Her whereabouts are kept safe.
	guarded bool
}

// A place is a program that a person is or was in.
type place struct {
	program uuid.UUID
	current bool // not finished
}

// An index holds what can be searched about the people of one agency. Each person is a
// document, a number; each distinct word of their names is a token, also a number. A
// change makes a new document and leaves the old one in no program, where no search
// finds it. Documents up to named, and tokens up to sorted, were there when the index
// was made, and are in order; later ones are not.
type index struct {
	mu   sync.RWMutex
	mark int64 // the newest epoch that is in here

	// Tokens. What people's names are made of is in text alone.
	text   []byte
	ends   []uint32          // where token n begins, and at n+1 ends
	added  map[uint64]uint32 // hash → token, of those from sorted on
	sorted int
	seed   maphash.Seed

	// Tokens by what is in them, so that a search looks at few: see words.go.
	letters  []uint64
	shared   []uint8  // of a sorted token: how much it has in common with the one before
	pairs    []uint32 // those of pair n begin at pairEnds[n] and end at pairEnds[n+1]
	pairEnds []uint32

	// Who has a token: documents<<partBits | part. Those of sorted token n begin at postEnds[n]
	// and end at postEnds[n+1]; what came later, to any token, is beside them.
	posts    []uint32
	postEnds []uint32
	later    map[uint32][]uint32

	// Documents.
	ids        []uuid.UUID
	phones     []digits
	births     []day
	guarded    []uint64 // a bitmap, as long as it has to be
	records    []byte
	recordEnds []uint32
	recordMask uint32   // letters of all record ids
	words      []uint32 // token<<partBits | part, in order of parts, joined ones last
	wordEnds   []uint32
	named      int
	byID       idTable
	programs   map[uuid.UUID]*roll
}

// A roll is who is or was in a program, in two bitmaps.
type roll struct{ reached, current []uint64 }

func newIndex() *index {
	return &index{
		added: map[uint64]uint32{}, seed: maphash.MakeSeed(), programs: map[uuid.UUID]*roll{},
		ends: []uint32{0}, recordEnds: []uint32{0}, wordEnds: []uint32{0},
	}
}

// add makes a document. Before finish it must be the first of its person.
func (x *index) add(e entry) uint32 {
	doc := uint32(len(x.ids))
	x.ids = append(x.ids, e.id)
	x.phones = push(x.phones, e.phone)
	x.births = push(x.births, e.birth)
	if e.guarded {
		x.guarded = setBit(x.guarded, doc, len(x.ids))
	}
	x.records = push(x.records, e.record...)
	x.recordEnds = append(x.recordEnds, uint32(len(x.records)))
	x.recordMask |= letterMask(e.record)
	start := len(x.words)
	for p, name := range e.names {
		x.addWords(name, part(p))
	}
	for p, name := range e.names {
		x.addJoined(name, part(p)|joined)
	}
	x.wordEnds = append(x.wordEnds, uint32(len(x.words)))
	if x.finished() {
		for _, word := range x.words[start:] {
			token := word >> partBits
			x.later[token] = append(x.later[token], doc<<partBits|word&partMask)
		}
		x.byID.put(e.id, doc, x.ids)
	}
	for _, at := range e.places {
		x.enrol(doc, at)
	}
	return doc
}

func (x *index) finished() bool { return x.byID.slots != nil }

func (x *index) addWords(name []byte, p part) {
	for len(name) > 0 {
		word, rest, _ := bytes.Cut(name, space)
		x.words = append(x.words, x.token(word)<<partBits|uint32(p))
		name = rest
	}
}

// addJoined adds what a name of several words looks like without their spaces, from
// each word on, because people leave out apostrophes and hyphens when they type.
func (x *index) addJoined(name []byte, p part) {
	var buf [64]byte
	for range 4 {
		_, rest, several := bytes.Cut(name, space)
		if !several {
			return
		}
		x.words = append(x.words, x.token(compact(append(buf[:0], name...)))<<partBits|uint32(p))
		name = rest
	}
}

var space = []byte{' '}

// token finds or makes the token of a word.
func (x *index) token(word []byte) uint32 {
	if at, found := x.sortedToken(word); found {
		return at
	}
	hash := maphash.Bytes(x.seed, word)
	if token, ok := x.added[hash]; ok && bytes.Equal(x.word(token), word) {
		return token
	}
	token := uint32(x.tokens())
	x.text = push(x.text, word...)
	x.ends = append(x.ends, uint32(len(x.text)))
	if x.finished() {
		x.noteLetters(token)
	}
	x.added[hash] = token
	return token
}

func (x *index) sortedToken(word []byte) (uint32, bool) {
	low, high := 0, x.sorted
	for low < high {
		middle := int(uint(low+high) >> 1)
		switch bytes.Compare(x.word(uint32(middle)), word) {
		case 0:
			return uint32(middle), true
		case -1:
			low = middle + 1
		default:
			high = middle
		}
	}
	return 0, false
}

func (x *index) tokens() int { return len(x.ends) - 1 }

// word is the text of a token.
func (x *index) word(token uint32) []byte { return x.text[x.ends[token]:x.ends[token+1]] }

func (x *index) record(doc uint32) []byte { return x.records[x.recordEnds[doc]:x.recordEnds[doc+1]] }

// postsOf are the documents that had a token when the index was made.
func (x *index) postsOf(token uint32) []uint32 {
	if int(token) >= x.sorted {
		return nil
	}
	return x.posts[x.postEnds[token]:x.postEnds[token+1]]
}

// wordsOf are a document's tokens with their parts.
func (x *index) wordsOf(doc uint32) []uint32 { return x.words[x.wordEnds[doc]:x.wordEnds[doc+1]] }

func (x *index) enrol(doc uint32, at place) {
	p := x.programs[at.program]
	if p == nil {
		p = &roll{}
		x.programs[at.program] = p
	}
	p.reached = setBit(p.reached, doc, len(x.ids))
	if at.current {
		p.current = setBit(p.current, doc, len(x.ids))
	}
}

// put takes in a person as she is now, instead of what was known of her before.
func (x *index) put(e entry) {
	if old, ok := x.byID.get(e.id, x.ids); ok {
		x.forget(old)
	}
	if len(e.places) > 0 {
		x.add(e)
	}
}

// forget leaves a document in no program and without what only it had.
func (x *index) forget(doc uint32) {
	for _, p := range x.programs {
		clearBit(p.reached, doc)
		clearBit(p.current, doc)
	}
	x.phones[doc], x.births[doc] = 0, 0
	clear(x.record(doc))
}

// worn says that so much has changed that making the index anew is cheaper than
// searching on.
func (x *index) worn() bool { return len(x.ids)-x.named > max(4096, x.named/4) }

// listedBefore orders documents by last and first name, then by id.
func (x *index) listedBefore(a, b uint32) bool {
	if int(a) < x.named && int(b) < x.named {
		return a < b
	}
	return x.compareNames(a, b) < 0
}

func (x *index) compareNames(a, b uint32) int {
	one, other := x.listedWords(a), x.listedWords(b)
	for i := range min(len(one), len(other)) {
		t, u := one[i]>>partBits, other[i]>>partBits
		if t == u {
			continue
		}
		if c := bytes.Compare(x.word(t), x.word(u)); c != 0 {
			return c
		}
	}
	if c := cmp.Compare(len(one), len(other)); c != 0 {
		return c
	}
	return bytes.Compare(x.ids[a][:], x.ids[b][:])
}

// listedWords are the words of last and first name.
func (x *index) listedWords(doc uint32) []uint32 {
	words := x.wordsOf(doc)
	for i, word := range words {
		if part(word&partMask) > partFirst {
			return words[:i]
		}
	}
	return words
}

// bytes is about how much memory the index takes.
func (x *index) bytes() int64 {
	size := cap(x.text) + cap(x.shared) + cap(x.records) + 16*cap(x.ids) + 8*(cap(x.phones)+cap(x.letters)) + 4*cap(x.births) +
		4*(cap(x.ends)+cap(x.recordEnds)+cap(x.words)+cap(x.wordEnds)+cap(x.posts)+cap(x.postEnds)+cap(x.pairs)+cap(x.pairEnds)) +
		4*len(x.byID.slots) + 24*len(x.added) + 64*len(x.later)
	for _, p := range x.programs {
		size += 8 * (cap(p.reached) + cap(p.current))
	}
	size += 8 * cap(x.guarded)
	return int64(size)
}

// wipe zeroes what was taken from sealed fields. The index is dead afterwards.
func (x *index) wipe() {
	x.mu.Lock()
	defer x.mu.Unlock()
	clear(x.text[:cap(x.text)])
	clear(x.records[:cap(x.records)])
	clear(x.phones[:cap(x.phones)])
	clear(x.births[:cap(x.births)])
	clear(x.words[:cap(x.words)])
	clear(x.guarded)
	clear(x.letters[:cap(x.letters)])
	clear(x.pairs)
	clear(x.pairEnds)
}

// push is append that zeroes the memory it leaves.
func push[T any](to []T, more ...T) []T {
	if len(to)+len(more) > cap(to) {
		grown := make([]T, len(to), cap(to)+cap(to)/4+len(more)+64)
		copy(grown, to)
		clear(to)
		to = grown
	}
	return append(to, more...)
}
