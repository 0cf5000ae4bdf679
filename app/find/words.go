package find

import (
	"bytes"
	"math/bits"
	"slices"
	"sort"
)

// beginning is the range of sorted tokens that begin with text.
func (x *index) beginning(text []byte) (low, high int) {
	first := func(atLeast int) int {
		return sort.Search(x.sorted, func(token int) bool {
			word := x.word(uint32(token))
			return bytes.Compare(word[:min(len(word), len(text))], text) >= atLeast
		})
	}
	return first(0), first(1)
}

// Letters of tokens are kept as bits, for sixty-four tokens at a time: one number for each
// letter of a mask, in which token n has bit n%64.
const maskLetters = 32

// noteLetters keeps the letters of the next token.
func (x *index) noteLetters(token uint32) {
	if token%64 == 0 {
		x.letters = append(x.letters, make([]uint64, maskLetters)...)
	}
	for mask := letterMask(x.word(token)); mask != 0; mask &= mask - 1 {
		x.letters[token/64*maskLetters+uint32(bits.TrailingZeros32(mask))] |= 1 << (token % 64)
	}
}

// having is a bitmap of the tokens that have all letters of a mask but most, which is two
// at most; beyond the last token it means nothing.
func (x *index) having(memory []uint64, mask uint32, most int) []uint64 {
	var wanted [maskLetters]uint8
	n := 0
	for ; mask != 0; mask &= mask - 1 {
		wanted[n] = uint8(bits.TrailingZeros32(mask))
		n++
	}
	have := slices.Grow(memory[:0], len(x.letters)/maskLetters)
	for letters := x.letters; len(letters) > 0; letters = letters[maskLetters:] {
		var one, two, three uint64 // who lacks so many, or more
		for _, letter := range wanted[:n] {
			lack := ^letters[letter]
			three |= two & lack
			two |= one & lack
			one |= lack
		}
		have = append(have, ^[...]uint64{one, two, three}[most])
	}
	return have
}

// letterBits hold one letter of a pair: a to z and the ten digits have numbers of their
// own, the bytes of all other letters share the rest.
const (
	letterBits = 6
	ownNumbers = 36
)

func letterNumber(c byte) int {
	switch {
	case 'a' <= c && c <= 'z':
		return int(c - 'a')
	case '0' <= c && c <= '9':
		return 26 + int(c-'0')
	}
	return ownNumbers + int(c)%(1<<letterBits-ownNumbers)
}

func pairNumber(a, b byte) int { return letterNumber(a)<<letterBits | letterNumber(b) }

// notePairs makes the lists of sorted tokens that hold a pair of letters. What a word begins
// with is found by its order, so its first letter is left out, and so are tokens that are
// nobody's single word.
func (x *index) notePairs() {
	x.pairEnds = make([]uint32, 1<<(2*letterBits)+1)
	x.eachPair(func(pair int, _ uint32) { x.pairEnds[pair+1]++ })
	next := addUp(x.pairEnds)
	x.pairs = make([]uint32, x.pairEnds[len(x.pairEnds)-1])
	x.eachPair(func(pair int, token uint32) {
		x.pairs[next[pair]] = token
		next[pair]++
	})
}

// eachPair gives each pair of each token once.
func (x *index) eachPair(f func(pair int, token uint32)) {
	var seen [1 << (2 * letterBits)]uint32 // the last token that had the pair, plus one
	for token := range uint32(x.sorted) {
		if !slices.ContainsFunc(x.postsOf(token), func(post uint32) bool { return part(post)&joined == 0 }) {
			continue
		}
		word := x.word(token)
		for i := 1; i+1 < len(word); i++ {
			pair := pairNumber(word[i], word[i+1])
			if seen[pair] != token+1 {
				seen[pair] = token + 1
				f(pair, token)
			}
		}
	}
}

// holding gives the sorted tokens that hold the term's text after their first letter.
func (r *run) holding(t *term, f func(token uint32)) {
	x := r.x
	try := func(token uint32) {
		if bytes.Contains(x.word(token)[1:], t.text) {
			f(token)
		}
	}
	if len(t.text) < 2 {
		r.tokens = x.having(r.tokens, t.mask, 0)
		for token := nextBit(r.tokens, 0); token < x.sorted; token = nextBit(r.tokens, token+1) {
			try(uint32(token))
		}
		return
	}
	var rarest []uint32
	for i := range len(t.text) - 1 {
		pair := pairNumber(t.text[i], t.text[i+1])
		if list := x.pairs[x.pairEnds[pair]:x.pairEnds[pair+1]]; i == 0 || len(list) < len(rarest) {
			rarest = list
		}
	}
	for _, token := range rarest {
		try(token)
	}
}
