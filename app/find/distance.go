package find

import "unicode/utf8"

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

// errors counts how many typing errors part the pattern from the whole other word, and
// from the nearest beginning of it. Counts above most are not exact.
func (p *pattern) errors(other []byte, most int) (whole, beginning int) {
	var (
		plus       = ^uint64(0)
		minus      uint64
		diagonal   uint64
		before     uint64
		last       = uint64(1) << (p.length - 1)
		score      = p.length
		letters    int
		horizontal uint64
	)
	beginning = score
	for i := 0; i < len(other); letters++ {
		if letters == p.length+most { // nothing longer can be within reach
			return most + 1, beginning
		}
		var places uint64
		if c := other[i]; c < utf8.RuneSelf {
			places = p.ascii[c]
			i++
		} else {
			r, size := utf8.DecodeRune(other[i:])
			places = p.others[r]
			i += size
		}
		swapped := ((^diagonal & places) << 1) & before
		diagonal = (((places & plus) + plus) ^ plus) | places | minus | swapped
		horizontal = minus | ^(diagonal | plus)
		down := diagonal & plus
		if horizontal&last != 0 {
			score++
		}
		if down&last != 0 {
			score--
		}
		horizontal = horizontal<<1 | 1
		plus = down<<1 | ^(diagonal | horizontal)
		minus = horizontal & diagonal
		before = places
		beginning = min(beginning, score)
	}
	return score, beginning
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
