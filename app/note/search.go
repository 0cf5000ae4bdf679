package note

import (
	"bytes"
	"math/bits"
	"strings"
	"unicode"
	"unicode/utf8"

	"konote/app/find"
)

const (
	maxQuery = 200 // characters
	maxWords = 8   // words that are looked at; more of them narrow nothing
)

// A query is what somebody looks for in notes: words, all of which a note must have, each
// from the beginning of a word on, without regard to case and accents.
type query struct {
	words [][]byte // folded, each after a space
	text  []byte   // what is being looked at; kept, so that nothing is allocated for each note
}

// newQuery reads what was typed; no words are nil.
func newQuery(typed string) *query {
	q := &query{}
	for word := range bytes.FieldsSeq(find.Fold(nil, typed)) {
		if len(q.words) == maxWords {
			break
		}
		q.words = append(q.words, append([]byte{' '}, word...))
	}
	if len(q.words) == 0 {
		return nil
	}
	return q
}

// found says which of the words are in the text, as bits.
func (q *query) found(text string) (bits uint8) {
	if text == "" {
		return 0
	}
	q.text = find.Fold(append(q.text[:0], ' '), text)
	for i, word := range q.words {
		if bytes.Contains(q.text, word) {
			bits |= 1 << i
		}
	}
	return bits
}

// all are the bits of a note that has every word.
func (q *query) all() uint8 { return uint8(1<<len(q.words) - 1) }

// A Piece is a part of a text, which is a word that was looked for or not.
type Piece struct {
	Text string
	Hit  bool
}

// around is how much of a text is shown before and after the first word found.
const around = 90

// excerpt is the part of a text in which the first word is found, cut at words, with the
// words marked; nil when there is none.
func (q *query) excerpt(text string) []Piece {
	spans := q.spans(text)
	if len(spans) == 0 {
		return nil
	}
	from, to := cutBefore(text, spans[0][0]-around), cutAfter(text, spans[0][1]+around)
	var pieces []Piece
	add := func(text string, hit bool) {
		if text != "" {
			pieces = append(pieces, Piece{Text: text, Hit: hit})
		}
	}
	at := from
	before, after := "", ""
	if from > 0 {
		before = "… "
	}
	if to < len(text) {
		after = " …"
	}
	for _, s := range spans {
		if s[1] > to {
			break
		}
		add(before+text[at:s[0]], false)
		add(text[s[0]:s[1]], true)
		at, before = s[1], ""
	}
	add(before+text[at:to]+after, false)
	return pieces
}

// spans are where the words stand in a text.
func (q *query) spans(text string) (spans [][2]int) {
	start := -1
	for i, r := range text {
		letter := unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
		switch {
		case letter && start < 0:
			start = i
		case !letter && start >= 0:
			if q.begins(text[start:i]) {
				spans = append(spans, [2]int{start, i})
			}
			start = -1
		}
	}
	if start >= 0 && q.begins(text[start:]) {
		spans = append(spans, [2]int{start, len(text)})
	}
	return spans
}

func (q *query) begins(word string) bool {
	q.text = find.Fold(append(q.text[:0], ' '), word)
	for _, looked := range q.words {
		if bytes.Contains(q.text, looked) {
			return true
		}
	}
	return false
}

// cutBefore and cutAfter move a place in a text to the edge of a word.
func cutBefore(text string, at int) int {
	if at <= 0 {
		return 0
	}
	for at > 0 && !utf8.RuneStart(text[at]) {
		at--
	}
	if space := strings.IndexFunc(text[at:], unicode.IsSpace); space >= 0 && space < around {
		at += space
		for r, size := utf8.DecodeRuneInString(text[at:]); unicode.IsSpace(r); r, size = utf8.DecodeRuneInString(text[at:]) {
			at += size
		}
	}
	return at
}

func cutAfter(text string, at int) int {
	if at >= len(text) {
		return len(text)
	}
	for at > 0 && !utf8.RuneStart(text[at]) {
		at--
	}
	if space := strings.LastIndexFunc(text[:at], unicode.IsSpace); space >= 0 && at-space < around {
		at = space
	}
	return at
}

// best is the excerpt of the text that has most of the words.
func (q *query) best(texts []string) []Piece {
	var chosen string
	most := -1
	for _, text := range texts {
		if n := bits.OnesCount8(q.found(text)); n > most {
			chosen, most = text, n
		}
	}
	return q.excerpt(chosen)
}
