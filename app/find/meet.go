package find

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// meetNames marks those whose names hold the term.
func (r *run) meetNames(t *term, to *tally) {
	x := r.x
	low, high := x.beginning(t.text)
	for token := low; token < high; token++ {
		if token == low && len(x.word(uint32(low))) == len(t.text) {
			r.markToken(to, uint32(token), kindWhole)
		} else {
			r.markToken(to, uint32(token), kindStart)
		}
	}
	r.holding(t, func(token uint32) {
		if int(token) < low || high <= int(token) {
			r.markToken(to, token, kindInside)
		}
	})
	r.tokens = x.having(r.tokens, t.mask, 0)
	for token := uint32(nextBit(r.tokens, x.sorted)); int(token) < x.tokens(); token = uint32(nextBit(r.tokens, int(token)+1)) {
		word := x.word(token)
		switch at := bytes.Index(word, t.text); {
		case at == 0 && len(word) == len(t.text):
			r.markToken(to, token, kindWhole)
		case at == 0:
			r.markToken(to, token, kindStart)
		case at > 0:
			r.markToken(to, token, kindInside)
		}
	}
}

// markToken marks all who have a token, each in the way of the part that it has in her name.
func (r *run) markToken(to *tally, token uint32, k kind) {
	for _, post := range r.x.postsOf(token) {
		to.mark(post>>partBits, k[post&partMask], r.names[post&partMask])
	}
	if len(r.x.later) == 0 {
		return
	}
	for _, post := range r.x.later[token] {
		to.mark(post>>partBits, k[post&partMask], r.names[post&partMask])
	}
}

// guessNames marks those whose names would hold the term but for typing errors. Of the
// tokens that have most of the term's letters the sorted ones are walked like a tree: what
// is known of a beginning holds for all that share it, and all of them are passed over at
// once where it is hopeless.
func (r *run) guessNames(t *term, to *tally) {
	x, p, most := r.x, t.pattern, t.errors
	r.tokens = x.having(r.tokens, t.mask, most)
	columns := append(r.columns[:0], p.column()) // after each letter of counted
	var counted []byte
	for token := nextBit(r.tokens, 0); token < x.tokens(); {
		word, letters, hopeless := x.word(uint32(token)), 0, false
		for letters < min(len(word), len(columns)-1) && word[letters] == counted[letters] {
			letters++
		}
		counted, columns = word, columns[:letters+1]
		end := min(len(word), p.length+most) // more letters cannot help
		for ; letters < end && word[letters] < utf8.RuneSelf && !hopeless; letters++ {
			columns = append(columns, p.next(columns[letters], p.ascii[word[letters]]))
			hopeless = p.hopeless(columns[letters+1], letters+1, most)
		}
		missed, least := most+1, columns[letters].least
		switch {
		case hopeless && least > most: // so are all that begin like this
			token = nextBit(r.tokens, nextBelow(x.shared, token+1, letters))
			continue
		case letters < end && !hopeless: // a letter of several bytes
			missed, least = p.errors(word, most)
		case letters == len(word):
			missed = columns[letters].errors
		}
		switch {
		case 0 < missed && missed <= most:
			r.markToken(to, uint32(token), kindNear[missed])
		case missed > most && 0 < least && least <= most:
			r.markToken(to, uint32(token), kindBegins[least])
		}
		token = nextBit(r.tokens, token+1)
	}
}

// nextBelow is the first place at or after from where shared is below depth, which is at
// most 127. It looks at eight places at once.
func nextBelow(shared []uint8, from, depth int) int {
	const ones, highest = 0x0101010101010101, 0x8080808080808080
	for ; from+8 <= len(shared); from += 8 {
		eight := binary.LittleEndian.Uint64(shared[from:])
		if below := (eight - uint64(depth)*ones) &^ eight & highest; below != 0 {
			return from + bits.TrailingZeros64(below)/8
		}
	}
	for from < len(shared) && int(shared[from]) >= depth {
		from++
	}
	return from
}

func (r *run) meetRecords(t *term, to *tally) {
	if t.mask&^r.x.recordMask != 0 {
		return
	}
	records, ends := r.x.records, r.x.recordEnds
	for at, doc := 0, uint32(0); ; {
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
		switch {
		case at == begin && end-begin == len(t.text):
			to.mark(doc, recordWhole, r.view)
		case len(t.text) < fewestDigits:
		case at == begin:
			to.mark(doc, recordStart, r.view)
		default:
			to.mark(doc, recordInside, r.view)
		}
		at = end
	}
}

func (r *run) meetPhones(t *term, to *tally) {
	if t.phone == 0 {
		return
	}
	for doc, phone := range r.x.phones {
		switch at := phone.find(t.phone, t.count); {
		case at < 0:
		case phone == t.phone:
			to.mark(uint32(doc), phoneWhole, r.phone)
		case at == 0:
			to.mark(uint32(doc), phoneLast, r.phone)
		default:
			to.mark(uint32(doc), phoneInside, r.phone)
		}
	}
}

func (r *run) meetBirths(t *term, to *tally) {
	if t.birth == 0 {
		return
	}
	for doc, birth := range r.x.births {
		if birth == t.birth {
			to.mark(uint32(doc), bornThatDay, r.birth)
		}
	}
}
