package apptest

import (
	"crypto/rand"
	"encoding/binary"
	mathrand "math/rand/v2"
)

// words makes up words that mean nothing in any language and never come twice.
type words struct {
	random *mathrand.Rand
	told   map[string]bool
}

func newWords() *words {
	var seed [16]byte
	_, _ = rand.Read(seed[:]) // never fails (crypto/rand)
	return &words{mathrand.New(mathrand.NewPCG(binary.LittleEndian.Uint64(seed[:8]), binary.LittleEndian.Uint64(seed[8:]))), map[string]bool{}}
}

var (
	beginnings = []string{"Quozz", "Xylv", "Zwick", "Vjolk", "Krumpf", "Pfyx", "Wuxl", "Jazzk"}
	middles    = []string{"abo", "édi", "uço", "ïma", "oqu", "eha", "yzo", "uxi", "apé", "ôve", "iku", "ewa", "ofi", "ulo", "àna", "imê"}
	ends       = []string{"bwick", "drixx", "flumb", "gnovk", "kwist", "mpfel", "rjøld", "zzock"}
)

// next is such a word: a capital, letters with accents among them, 14 letters or more.
func (w *words) next() string {
	pick := func(from []string) string { return from[w.random.IntN(len(from))] }
	word := pick(beginnings) + pick(middles) + pick(middles) + pick(middles) + pick(middles) + pick(ends)
	if w.told[word] {
		return w.next()
	}
	w.told[word] = true
	return word
}

// plain is such a word in a to z, for addresses and user names.
func (w *words) plain() string {
	text := make([]byte, 16)
	for i := range text {
		set := "bdfgjklmprvwxz"
		if i%2 == 1 {
			set = "aeiouy"
		}
		text[i] = set[w.random.IntN(len(set))]
	}
	return string(text)
}

// phone is a telephone number of ten digits.
func (w *words) phone() string {
	digits := []byte("2")
	for range 9 {
		digits = append(digits, byte('2'+w.random.IntN(8)))
	}
	return string(digits)
}
