package find

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// slowErrors is optimal string alignment by the book: the errors between a and each
// beginning of b, the last of which is b.
func slowErrors(a, b []rune) []int {
	table := make([][]int, len(a)+1)
	for i := range table {
		table[i] = make([]int, len(b)+1)
		table[i][0] = i
	}
	for j := range b {
		table[0][j+1] = j + 1
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			table[i][j] = min(table[i-1][j]+1, table[i][j-1]+1, table[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				table[i][j] = min(table[i][j], table[i-2][j-2]+1)
			}
		}
	}
	return table[len(a)]
}

func TestTypingErrorsAreCountedAsByTheBook(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	letters := []rune("abcdeéل王ᓄ")
	word := func() []rune {
		w := make([]rune, 1+random.IntN(12))
		for i := range w {
			w[i] = letters[random.IntN(len(letters))]
		}
		return w
	}
	for range 20_000 {
		a, b := word(), word()
		if random.IntN(2) == 0 { // mostly near
			b = append([]rune(nil), a...)
			b[random.IntN(len(b))] = letters[random.IntN(len(letters))]
			if i := random.IntN(len(b)); i > 0 {
				b[i-1], b[i] = b[i], b[i-1]
			}
		}
		errors := slowErrors(a, b)
		wantWhole, wantBeginning := errors[len(b)], slices.Min(errors)
		most := random.IntN(3)
		whole, beginning := newPattern([]byte(string(a))).errors([]byte(string(b)), most)
		if min(whole, most+1) != min(wantWhole, most+1) || min(beginning, most+1) != min(wantBeginning, most+1) {
			t.Fatalf("errors(%q, %q, %d) = %d, %d; want %d, %d", string(a), string(b), most, whole, beginning, wantWhole, wantBeginning)
		}
	}
}

func TestHopelessColumnsNeverRecover(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	hopeless := 0
	for range 20_000 {
		a, b := make([]rune, 1+random.IntN(10)), make([]rune, 1+random.IntN(12))
		for _, word := range [][]rune{a, b} {
			for i := range word {
				word[i] = rune('a' + random.IntN(3))
			}
		}
		errors, p, most := slowErrors(a, b), newPattern([]byte(string(a))), random.IntN(3)
		c := p.column()
		for i, letter := range b {
			c = p.next(c, p.places(letter))
			if p.hopeless(c, i+1, most) {
				hopeless++
				if slices.Min(errors[i+1:]) <= most {
					t.Fatalf("%q is given up against %q after %d letters, but comes to %v", string(a), string(b), i+1, errors)
				}
			}
		}
	}
	if hopeless == 0 {
		t.Error("nothing was ever hopeless")
	}
}
