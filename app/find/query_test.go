package find

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestQueriesAreTakenApart(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ query, want string }{
		{"", ""},
		{" - ", ""},
		{"Marie-Ève  TREMBLAY", "marie|eve|tremblay"},
		{"Tremblay,Marie", "tremblay|marie"},
		{"tremblay 1984-03-02", "tremblay|19840302 born 19840302 phone 8"},
		{"1984/03/02", "19840302 born 19840302 phone 8"},
		{"19840302 613", "19840302 born 19840302 phone 8|613 phone 3"},
		{"1984-13-02", "19841302 phone 8"},
		{"(613) 555-0142", "6135550142 phone 10"},
		{"+1 613 555 0142", "16135550142 phone 10"},
		{"roy 555 01", "roy|55501 phone 5"},
		{"12", "12"},
		{"NS-2024-001", "ns2024001"},
		{"o'brien", "o|brien"},
		{"a b c d e f g h", "a|b|c|d|e|f"},
		{"王 小明", "王|小明"},
	} {
		var got []string
		for _, term := range parse(c.query) {
			text := string(term.text)
			if term.birth != 0 {
				text += fmt.Sprintf(" born %d", term.birth)
			}
			if term.phone != 0 {
				text += fmt.Sprintf(" phone %d", term.count)
			}
			got = append(got, text)
		}
		if joined := strings.Join(got, "|"); joined != c.want {
			t.Errorf("parse(%q) = %q, want %q", c.query, joined, c.want)
		}
	}
}

func TestDigitsAreFoundAnywhereInANumber(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(5, 6))
	number := func(length int) string {
		text := make([]byte, length)
		for i := range text {
			text[i] = "0123901"[random.IntN(7)]
		}
		return string(text)
	}
	for range 100_000 {
		whole, piece := number(random.IntN(17)), number(1+random.IntN(6))
		if random.IntN(10) == 0 {
			piece = whole
		}
		if len(whole) == 11 || len(piece) == 11 || piece == "" {
			continue // a leading 1 is taken off these
		}
		d := digitsOf(piece)
		want := -1
		if at := strings.LastIndex(whole, piece); at >= 0 {
			want = len(whole) - at - len(piece)
		}
		if got := digitsOf(whole).find(d, d.count()); got != want {
			t.Fatalf("%q in %q: %d, want %d", piece, whole, got, want)
		}
	}
}

func FuzzSearching(f *testing.F) {
	for _, q := range []string{"Marie-Ève", "1984-03-02", "(613) 555-0142", "ns-12", "王", "a\xffb", strings.Repeat("é", 150)} {
		f.Add(q)
	}
	x, sc := fewPeople()
	f.Fuzz(func(t *testing.T, q string) {
		found, total, sure := x.search(parse(q), sc, 5)
		if len(found) > 5 || len(found) > total || sure > total || (total == 0) != (len(found) == 0) {
			t.Errorf("search(%q) = %d of %d, %d sure", q, len(found), total, sure)
		}
	})
}
