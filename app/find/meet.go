package find

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

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
	if r.scanned == n {
		r.hits[n], r.scanned = r.scan(t, r.hits[n][:0]), n+1
	}
	for _, hit := range r.hits[n] {
		r.offerToken(hit.token, n, hit.single, hit.asOne)
	}
}

func (r *run) scan(t *term, hits []tokenHit) []tokenHit {
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
// share it, and all of them are passed over at once where it is hopeless.
func (r *run) guessNames(t *term, n int) {
	x, p, most := r.x, t.pattern, t.errors
	columns := r.columns[:1]
	columns[0] = p.column()
	for token := 0; token < x.sorted; {
		columns = columns[:min(len(columns), int(x.shared[token])+1)]
		if bits.OnesCount32(t.mask&^x.masks[token]) > most { // too many letters are missing
			token++
			continue
		}
		word, letters, hopeless := x.word(uint32(token)), len(columns)-1, false
		end := min(len(word), p.length+most) // more letters cannot help
		for ; letters < end && word[letters] < utf8.RuneSelf && !hopeless; letters++ {
			columns = append(columns, p.next(columns[letters], p.ascii[word[letters]]))
			hopeless = p.hopeless(columns[letters+1], letters+1, most)
		}
		last := columns[letters]
		missed, least := most+1, last.least
		switch {
		case hopeless && least > most: // so are all that begin like this
			token = nextBelow(x.shared, token+1, letters)
			continue
		case letters < end && !hopeless: // a letter of several bytes
			missed, least = p.errors(word, most)
		case letters == len(word):
			missed = last.errors
		}
		r.offerGuess(uint32(token), n, missed, least, most)
		token++
	}
	for token := x.sorted; token < len(x.masks); token++ {
		missed, least := p.errors(x.word(uint32(token)), most)
		r.offerGuess(uint32(token), n, missed, least, most)
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
