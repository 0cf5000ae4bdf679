package find

import (
	"bytes"
	"slices"
	"unicode/utf8"
)

// Fold appends text to dst as words are compared everywhere in KoNote; see fold.
func Fold(dst []byte, text string) []byte { return fold(dst, text) }

// Meets says whether a name answers a query: surely, when each word of it is within one of
// the name, or likely, when typing errors are forgiven as in a search. It is for the few
// names that a form offers; an agency's are found by a Finder.
func Meets(query, name string) (surely, likely bool) {
	words := bytes.Fields(fold(nil, query))
	named := bytes.Fields(fold(nil, name))
	surely, likely = len(words) > 0, len(words) > 0
	for _, word := range words {
		pattern, most, others := newPattern(word), forgiven(utf8.RuneCount(word)), respelled(word)
		surely = surely && slices.ContainsFunc(named, func(n []byte) bool { return bytes.Contains(n, word) })
		likely = likely && slices.ContainsFunc(named, func(n []byte) bool {
			if bytes.Contains(n, word) {
				return true
			}
			if pattern == nil || most == 0 {
				return false
			}
			if slices.ContainsFunc(others, func(other []byte) bool { return bytes.HasPrefix(n, other) }) {
				return true
			}
			whole, beginning := pattern.errors(n, most)
			return min(whole, beginning) <= most
		})
	}
	return surely, likely
}
