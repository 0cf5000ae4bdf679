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
		if k := holdingKind(x.word(token), t.text); k != nil {
			r.markToken(to, token, k)
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
		if k := nearKind(missed, least, most); k != nil {
			r.markToken(to, uint32(token), k)
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
		to.mark(doc, recordWay(records[begin:end], t.text), r.view)
		at = end
	}
}

func (r *run) meetPhones(t *term, to *tally) {
	if t.phone == 0 {
		return
	}
	for doc, phone := range r.x.phones {
		to.mark(uint32(doc), phoneWay(phone, t), r.phone)
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

// confirm leaves of the few people found so far those who meet the term, too, and says how
// many they are. It looks at all that is known of each, which is as good as looking for the
// term among everybody, and sooner done.
func (r *run) confirm(t *term, to *tally, guess bool) (total int) {
	x := r.x
	to.met, to.best = sized(to.met, len(r.found)), sized(to.best, len(x.ids)) // what is there of others nobody reads
	var others [][]byte
	if guess = guess && t.errors > 0; guess {
		others = respelled(t.text)
	}
	for doc := range eachBit(r.found) {
		to.best[doc] = 0
		for _, post := range x.wordsOf(doc) {
			word, p := x.word(post>>partBits), post&partMask
			mark := func(k kind) {
				if k != nil {
					to.mark(doc, k[p], r.names[p])
				}
			}
			mark(holdingKind(word, t.text))
			if guess && bits.OnesCount32(t.mask&^letterMask(word)) <= t.errors {
				missed, least := t.pattern.errors(word, t.errors)
				mark(nearKind(missed, least, t.errors))
			}
			for _, other := range others {
				mark(respelledKind(word, other))
			}
		}
		to.mark(doc, recordWay(x.record(doc), t.text), r.view)
		if t.phone != 0 {
			to.mark(doc, phoneWay(x.phones[doc], t), r.phone)
		}
		if t.birth != 0 && x.births[doc] == t.birth {
			to.mark(doc, bornThatDay, r.birth)
		}
		if to.best[doc] == 0 {
			clearBit(r.found, doc)
		} else {
			total++
		}
	}
	return total
}

// holdingKind is how a word holds a text; nil if it does not.
func holdingKind(word, text []byte) kind {
	switch at := bytes.Index(word, text); {
	case at < 0:
		return nil
	case at > 0:
		return kindInside
	case len(word) == len(text):
		return kindWhole
	}
	return kindStart
}

// nearKind is how a word holds a term but for so many errors, of most that are forgiven, in
// all of it, or at least in some beginning of it; nil if there are too many, or none.
func nearKind(errors, least, most int) kind {
	switch {
	case 0 < errors && errors <= most:
		return kindNear[errors]
	case errors > most && 0 < least && least <= most:
		return kindBegins[least]
	}
	return nil
}

// respelledKind is how a word holds another spelling of a term; nil if it does not begin so.
func respelledKind(word, other []byte) kind {
	switch {
	case !bytes.HasPrefix(word, other):
		return nil
	case len(word) == len(other):
		return kindNear[1]
	}
	return kindBegins[1]
}

// recordWay is how a record id holds a text.
func recordWay(record, text []byte) wayNumber {
	switch at := bytes.Index(record, text); {
	case at < 0:
		return 0
	case len(record) == len(text):
		return recordWhole
	case len(text) < fewestDigits:
		return 0
	case at == 0:
		return recordStart
	}
	return recordInside
}

// phoneWay is how a phone number holds the term's digits.
func phoneWay(phone digits, t *term) wayNumber {
	switch at := phone.find(t.phone, t.count); {
	case at < 0:
		return 0
	case phone == t.phone:
		return phoneWhole
	case at == 0:
		return phoneLast
	}
	return phoneInside
}
