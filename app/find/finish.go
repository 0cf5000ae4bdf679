package find

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math"
	"slices"

	"github.com/google/uuid"
)

// finish puts what was added so far in order and makes it searchable: tokens by their
// text, documents as people are listed.
func (x *index) finish() {
	rank := x.sortTokens()
	order := x.sortDocuments()
	x.reorder(order)
	x.sorted, x.named = len(rank), len(x.ids)
	x.post()
	x.byID.grow(len(x.ids)*3/2, x.ids)
	for doc, id := range x.ids {
		x.byID.put(id, uint32(doc), x.ids)
	}
	for token := range uint32(x.sorted) {
		x.noteLetters(token)
	}
	x.notePairs()
	x.shareBeginnings()
	x.added, x.later = map[uint64]uint32{}, map[uint32][]uint32{}
}

// sortTokens renumbers tokens in the order of their text and says how.
func (x *index) sortTokens() []uint32 {
	order := sortedBy(x.tokens(), func(token int) uint64 {
		var first [8]byte
		copy(first[:], x.word(uint32(token)))
		return binary.BigEndian.Uint64(first[:])
	}, func(a, b uint32) int { return bytes.Compare(x.word(a), x.word(b)) })

	text := make([]byte, 0, len(x.text))
	ends, rank := make([]uint32, len(order)+1), make([]uint32, len(order))
	for to, from := range order {
		text = append(text, x.word(from)...)
		ends[to+1], rank[from] = uint32(len(text)), uint32(to)
	}
	clear(x.text)
	x.text, x.ends = text, ends
	for i, word := range x.words {
		x.words[i] = rank[word>>partBits]<<partBits | word&partMask
	}
	return rank
}

func (x *index) shareBeginnings() {
	x.shared = make([]uint8, x.sorted)
	for token := 1; token < len(x.shared); token++ {
		before, word := x.word(uint32(token-1)), x.word(uint32(token))
		same := 0
		for same < min(len(before), len(word), math.MaxInt8) && before[same] == word[same] {
			same++
		}
		x.shared[token] = uint8(same)
	}
}

// sortDocuments gives the order of listedBefore: by the ranks of the first three words,
// and by all of them where those are equal.
func (x *index) sortDocuments() []uint32 {
	const three, bits = 3, 21
	if x.tokens() >= 1<<bits-1 { // the ranks of three words do not fit into a number
		return sortedBy(len(x.ids), func(int) uint64 { return 0 }, x.compareNames)
	}
	return sortedBy(len(x.ids), func(doc int) uint64 {
		var number uint64
		words := x.listedWords(uint32(doc))
		for i := range three {
			number <<= bits
			if i < len(words) {
				number |= uint64(words[i]>>partBits + 1)
			}
		}
		return number
	}, x.compareNames)
}

// reorder renumbers the documents.
func (x *index) reorder(order []uint32) {
	ids, phones, births := make([]uuid.UUID, len(order)), make([]digits, len(order)), make([]day, len(order))
	records, recordEnds := make([]byte, 0, len(x.records)), make([]uint32, len(order)+1)
	words, wordEnds := make([]uint32, 0, len(x.words)), make([]uint32, len(order)+1)
	for to, from := range order {
		ids[to], phones[to], births[to] = x.ids[from], x.phones[from], x.births[from]
		records = append(records, x.record(from)...)
		recordEnds[to+1] = uint32(len(records))
		words = append(words, x.wordsOf(from)...)
		wordEnds[to+1] = uint32(len(words))
	}
	to := make([]uint32, len(order))
	for new, old := range order {
		to[old] = uint32(new)
	}
	for _, p := range x.programs {
		p.reached, p.current = moveBits(p.reached, to), moveBits(p.current, to)
	}
	x.guarded = moveBits(x.guarded, to)
	clear(x.phones)
	clear(x.births)
	clear(x.records)
	x.ids, x.phones, x.births = ids, phones, births
	x.records, x.recordEnds = records, recordEnds
	x.words, x.wordEnds = words, wordEnds
}

// post makes the lists of documents of all tokens.
func (x *index) post() {
	x.posts, x.postEnds = make([]uint32, len(x.words)), make([]uint32, x.sorted+1)
	for _, word := range x.words {
		x.postEnds[word>>partBits+1]++
	}
	next := addUp(x.postEnds)
	for doc := range x.ids {
		for _, word := range x.wordsOf(uint32(doc)) {
			token := word >> partBits
			x.posts[next[token]] = uint32(doc)<<partBits | word&partMask
			next[token]++
		}
	}
}

// addUp makes ends of how many there are of each, where ends[n+1] counts those of n, and
// gives where each begins.
func addUp(ends []uint32) (begins []uint32) {
	for i := 1; i < len(ends); i++ {
		ends[i] += ends[i-1]
	}
	return slices.Clone(ends[:len(ends)-1])
}

func moveBits(bitmap []uint64, to []uint32) []uint64 {
	moved := make([]uint64, (len(to)+63)/64)
	for old := range eachBit(bitmap) {
		moved = setBit(moved, to[old], len(to))
	}
	return moved
}

// sortedBy gives the order of n things by a number first, which is quick to compare,
// and then by the function.
func sortedBy(n int, number func(int) uint64, then func(a, b uint32) int) []uint32 {
	type keyed struct {
		number uint64
		at     uint32
	}
	list := make([]keyed, n)
	for i := range list {
		list[i] = keyed{number(i), uint32(i)}
	}
	slices.SortFunc(list, func(a, b keyed) int {
		if a.number != b.number {
			return cmp.Compare(a.number, b.number)
		}
		return then(a.at, b.at)
	})
	order := make([]uint32, n)
	for i, k := range list {
		order[i] = k.at
	}
	return order
}
