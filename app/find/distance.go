package find

import (
	"math/bits"
	"unicode/utf8"
)

// A pattern is a word prepared for counting typing errors: letters dropped, added or
// replaced and neighbours swapped (optimal string alignment). The count runs bit by bit
// in parallel (Hyyrö 2003), one step a letter of the other word.
type pattern struct {
	ascii  [utf8.RuneSelf]uint64 // letter → its places in the word
	others map[rune]uint64
	length int
}

// newPattern prepares a word, or gives nil for one of more than 64 letters.
func newPattern(word []byte) *pattern {
	p := &pattern{length: utf8.RuneCount(word)}
	if p.length == 0 || p.length > 64 {
		return nil
	}
	place := uint64(1)
	for _, r := range string(word) {
		if r < utf8.RuneSelf {
			p.ascii[r] |= place
		} else {
			if p.others == nil {
				p.others = map[rune]uint64{}
			}
			p.others[r] |= place
		}
		place <<= 1
	}
	return p
}

// A column is how far the count has come after some letters of the other word: one column
// of the table that the book fills in.
type column struct {
	plus, minus uint64 // where the next cell of the column is one more, one less
	diagonal    uint64
	before      uint64 // places of the last letter
	errors      int    // between the pattern and the letters so far
	least       int    // the smallest errors of this and the columns before
}

func (p *pattern) column() column {
	return column{plus: ^uint64(0), errors: p.length, least: p.length}
}

// places is where a letter stands in the pattern.
func (p *pattern) places(letter rune) uint64 {
	if letter < utf8.RuneSelf {
		return p.ascii[letter]
	}
	return p.others[letter]
}

// next is the column after one more letter, which stands at places in the pattern.
func (p *pattern) next(c column, places uint64) column {
	swapped := ((^c.diagonal & places) << 1) & c.before
	c.diagonal = (((places & c.plus) + c.plus) ^ c.plus) | places | c.minus | swapped
	across := c.minus | ^(c.diagonal | c.plus)
	down := c.diagonal & c.plus
	switch last := uint64(1) << (p.length - 1); {
	case across&last != 0:
		c.errors++
	case down&last != 0:
		c.errors--
	}
	c.least = min(c.least, c.errors)
	across = across<<1 | 1
	c.plus = down<<1 | ^(c.diagonal | across)
	c.minus = across & c.diagonal
	c.before = places
	return c
}

// hopeless says that after letters letters no more of them can bring the errors down to
// most: every cell of the column is above it. Only cells near the diagonal can be below.
func (p *pattern) hopeless(c column, letters, most int) bool {
	at := max(0, letters-most)
	above := uint64(1)<<at - 1
	errors := letters + bits.OnesCount64(c.plus&above) - bits.OnesCount64(c.minus&above)
	for ; errors > most; at++ {
		if at >= min(p.length, letters+most) {
			return true
		}
		errors += int(c.plus>>at&1) - int(c.minus>>at&1)
	}
	return false
}

// errors counts how many typing errors part the pattern from the whole other word, and
// from the nearest beginning of it. Counts above most are not exact.
func (p *pattern) errors(other []byte, most int) (whole, beginning int) {
	c, letters := p.column(), 0
	for _, letter := range string(other) {
		if letters == p.length+most { // nothing longer can be within reach
			return most + 1, c.least
		}
		letters++
		c = p.next(c, p.places(letter))
	}
	return c.errors, c.least
}

// forgiven is how many typing errors a word of so many letters may hold.
func forgiven(letters int) int {
	switch {
	case letters < 4:
		return 0
	case letters < 8:
		return 1
	}
	return 2
}
