package find

import (
	"bytes"
	"math/bits"
	"strings"
	"unicode"
	"unicode/utf8"

	"konote/app/civil"
)

// digits are those of a phone number, one in each four bits as itself plus one, the
// last one lowest. Sixteen fit; of longer numbers the last sixteen stay.
type digits uint64

// digitsOf reads the digits of a phone number, without the 1 of North America.
func digitsOf(text string) digits {
	plain := onlyDigits(text)
	if len(plain) == 11 && plain[0] == '1' {
		plain = plain[1:]
	}
	var d digits
	for _, c := range plain {
		d = d<<4 | digits(c-'0'+1)
	}
	return d
}

func onlyDigits(text string) []byte {
	var plain []byte
	for _, c := range []byte(text) {
		if '0' <= c && c <= '9' {
			plain = append(plain, c)
		}
	}
	return plain
}

// count is how many digits there are.
func (d digits) count() int {
	n := 0
	for ; d != 0; d >>= 4 {
		n++
	}
	return n
}

// find says before how many digits, counted from the end, the last count digits stand in
// d, or -1. It looks for the places of the last two digits in all of d at once.
func (d digits) find(last digits, count int) int {
	places := d.places(last & 15)
	if count > 1 {
		places &= d.places(last>>4&15) >> 4
	}
	mask := digits(1)<<(4*count) - 1 // all of them when 16 digits shift the 1 out
	for ; places != 0; places &= places - 1 {
		if at := bits.TrailingZeros64(uint64(places)) / 4; d>>(4*at)&mask == last {
			return at
		}
	}
	return -1
}

// places marks, with the highest of its four bits, each place where the digit stands; one
// above such a place may be marked too.
func (d digits) places(digit digits) digits {
	const ones, highest = 0x1111111111111111, 0x8888888888888888
	other := d ^ digit*ones
	return (other - ones) &^ other & highest
}

// day is a birth date as the number 19840302; 0 is none.
type day uint32

func dayOf(text string) day {
	date, err := civil.Parse(text)
	if err != nil {
		return 0
	}
	return dayFrom(date)
}

func dayFrom(date civil.Date) day {
	return day(date.Year*10_000 + int(date.Month)*100 + date.Day)
}

const (
	longestQuery = 200 // bytes
	mostTerms    = 6
	fewestDigits = 3 // of a phone number; also letters of a record id
)

// A term is one thing that a person asked for; all terms must be met.
type term struct {
	text    []byte // folded, without spaces
	mask    uint32
	phone   digits // 0: too few digits, or not only digits
	count   int    // of phone
	birth   day    // 0: no date
	errors  int    // typing errors that are forgiven
	pattern *pattern
}

// parse takes a query apart. Words are terms of their own; a chunk with letters and
// digits is one (a record id), and so are neighbouring chunks of digits (a phone
// number), except dates.
func parse(q string) []term {
	if len(q) > longestQuery {
		q = q[:longestQuery]
	}
	var terms []term
	var number []byte // digits of neighbouring chunks
	endNumber := func() {
		if len(number) > 0 {
			terms = append(terms, newNumber(number))
			number = nil
		}
	}
	for _, chunk := range strings.FieldsFunc(q, func(r rune) bool { return unicode.IsSpace(r) || r == ',' || r == ';' }) {
		folded := fold(nil, chunk)
		written := len(onlyDigits(string(folded)))
		if birth := dateIn(chunk); birth != 0 {
			endNumber()
			date := newNumber(compact(folded))
			date.birth = birth
			terms = append(terms, date)
		} else if plain := compact(bytes.Clone(folded)); written > 0 && written == len(plain) {
			number = append(number, plain...)
		} else if written > 0 {
			endNumber()
			terms = append(terms, newTerm(plain))
		} else {
			endNumber()
			for _, word := range bytes.Fields(folded) {
				terms = append(terms, newTerm(word))
			}
		}
	}
	endNumber()
	return terms[:min(len(terms), mostTerms)]
}

func newTerm(text []byte) term {
	t := term{text: text, mask: letterMask(text)}
	if !bytes.ContainsAny(text, "0123456789") {
		t.errors = forgiven(utf8.RuneCount(text))
	}
	if t.errors > 0 {
		if t.pattern = newPattern(text); t.pattern == nil {
			t.errors = 0
		}
	}
	return t
}

func newNumber(text []byte) term {
	t := newTerm(text)
	if len(text) >= fewestDigits && len(text) <= 16 {
		t.phone = digitsOf(string(text))
		t.count = t.phone.count()
	}
	return t
}

// dateIn reads 1984-03-02, with any of - / . or nothing between the numbers.
func dateIn(chunk string) day {
	plain := strings.NewReplacer("/", "-", ".", "-").Replace(chunk)
	if len(plain) == 8 {
		plain = plain[:4] + "-" + plain[4:6] + "-" + plain[6:]
	}
	return dayOf(plain)
}
