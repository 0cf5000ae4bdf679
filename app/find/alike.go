package find

import (
	"bytes"
	"slices"
	"unicode/utf8"
)

// A suspect is somebody who may be known already, folded.
type suspect struct {
	first [][]byte // words of first and preferred name
	last  [][]byte
	birth day
	phone digits
}

// fewestPhoneDigits make a phone number that means somebody.
const fewestPhoneDigits = 7

func newSuspect(c Candidate) suspect {
	s := suspect{
		first: bytes.Fields(fold(nil, c.First+" "+c.Preferred)),
		last:  withJoined(bytes.Fields(fold(nil, c.Last))),
		phone: digitsOf(c.Phone),
	}
	if !c.BirthDate.IsZero() {
		s.birth = dayFrom(c.BirthDate)
	}
	if s.phone.count() < fewestPhoneDigits {
		s.phone = 0
	}
	return s
}

// withJoined adds the words written as one.
func withJoined(words [][]byte) [][]byte {
	if len(words) > 1 {
		words = append(words, bytes.Join(words, nil))
	}
	return words
}

// alike finds the people in scope who may be the suspect, the likeliest first. The
// caller holds the lock.
func (x *index) alike(s suspect, sc scope, limit int) []match {
	r := x.newRun(sc)
	defer r.end()

	k := ranking{x: x, current: r.current, limit: limit}
	for doc := range eachBit(r.view) {
		var by Fields
		if s.birth != 0 && x.births[doc] == s.birth && hasBit(r.birth, doc) && x.namesAlike(s, doc, r) {
			by |= Birth
		}
		if s.phone != 0 && x.phones[doc] == s.phone && hasBit(r.phone, doc) {
			by |= Phone
		}
		if by != 0 {
			k.offer(doc, map[Fields]int{Phone: 1, Birth: 2, Birth | Phone: 3}[by], by)
		}
	}
	return k.matches()
}

// namesAlike says that the names of somebody born on the same day may be the same
// person's: one first name begins as another, and the last names share a word, give or
// take typing errors, or the first name is the same (last names change).
func (x *index) namesAlike(s suspect, doc uint32, r *run) bool {
	firstAlike, firstSame, lastAlike := false, false, false
	for _, entry := range x.wordsOf(doc) {
		word, p := x.word(entry>>partBits), part(entry&partMask)
		switch {
		case p == partFirst || (p == partPreferred && hasBit(r.names[partPreferred], doc)):
			firstAlike = firstAlike || slices.ContainsFunc(s.first, func(w []byte) bool { return sameBeginning(w, word) })
			firstSame = firstSame || slices.ContainsFunc(s.first, func(w []byte) bool { return bytes.Equal(w, word) })
		case p&^joined == partLast:
			lastAlike = lastAlike || slices.ContainsFunc(s.last, func(w []byte) bool { return sameButForErrors(w, word) })
		}
	}
	return firstAlike && (lastAlike || firstSame)
}

// sameBeginning compares the first three letters.
func sameBeginning(a, b []byte) bool { return bytes.Equal(beginning(a), beginning(b)) }

func beginning(word []byte) []byte {
	at := 0
	for range 3 {
		_, size := utf8.DecodeRune(word[at:])
		at += size
	}
	return word[:at]
}

func sameButForErrors(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	errors := forgiven(utf8.RuneCount(a))
	p := newPattern(a)
	if errors == 0 || p == nil {
		return false
	}
	missed, _ := p.errors(b, errors)
	return missed <= errors
}
