package staff

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"

	"konote/app/fault"
	"konote/app/i18n"
)

// Bounds of a password.
const (
	MinPassword      = 12   // characters
	MaxPasswordBytes = 1024 // more is never hashed
)

// leastPieces is how many pieces a password must be made of at least, see pieces.
const leastPieces = 4

//go:embed common.txt
var commonText string

// commonWords are the words of common.txt.
var commonWords = sync.OnceValue(func() map[string]bool {
	words := map[string]bool{}
	for line := range strings.Lines(commonText) {
		if !strings.HasPrefix(line, "#") {
			addWords(words, line)
		}
	}
	return words
})

// CheckPassword says whether a password may be chosen: long enough and not easy to
// guess. own are words that somebody who knows the person or the agency would try: its
// names and subdomain, hers, her e-mail address. There are no rules about the kinds of
// characters. The error is a fault.Invalid that says what to do.
func CheckPassword(password string, own ...string) error {
	password = norm.NFKC.String(password)
	if !utf8.ValidString(password) || utf8.RuneCountInString(password) < MinPassword {
		return fault.New(fault.Invalid, i18n.StaffPasswordShort)
	}
	if len(password) > MaxPasswordBytes {
		return fault.New(fault.Invalid, i18n.StaffPasswordLong)
	}
	words := map[string]bool{}
	for _, text := range own {
		addWords(words, text)
		addWords(words, strings.Join(strings.FieldsFunc(text, isSeparator), ""))
	}
	known := func(word string) bool { return commonWords()[word] || words[word] }
	if pieces([]rune(fold(password)), known) < leastPieces {
		return fault.New(fault.Invalid, i18n.StaffPasswordCommon)
	}
	return nil
}

const (
	shortestWord = 3
	longestWord  = 48
)

func addWords(to map[string]bool, text string) {
	for _, word := range strings.FieldsFunc(fold(text), isSeparator) {
		if utf8.RuneCountInString(word) >= shortestWord {
			to[word] = true
		}
	}
}

func isSeparator(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }

// fold lower-cases and takes accents off.
func fold(text string) string {
	plain, _, err := transform.String(transform.Chain(norm.NFKD, runes.Remove(runes.In(unicode.Mn)), norm.NFC), text)
	if err != nil {
		plain = text
	}
	return strings.ToLower(plain)
}

// pieces counts of how few guesses' ingredients a password can be put together: a known
// word is one, also with digits for letters (p4ssw0rd) or backwards; so is a run of keys
// or characters (12345, qwert, aaaa), a repetition of something before it, and a group
// of up to three digits or signs; a letter that belongs to none of these is one by
// itself. Four known words are therefore enough, one with a year is not.
// The count is exact up to leastPieces.
func pieces(text []rune, known func(string) bool) (most int) {
	fewest := make([]int, len(text)+1) // for each prefix
	// No piece is longer than longestWord: once all prefixes of that last stretch need
	// enough pieces, so does everything longer.
	for end, enough := 1, 0; end <= len(text) && enough <= longestWord; end++ {
		fewest[end] = fewest[end-1] + 1
		for start := end - 1; start >= max(0, end-longestWord); start-- {
			if fewest[start]+1 < fewest[end] && isPiece(text, start, end, known) {
				fewest[end] = fewest[start] + 1
			}
		}
		// A repetition costs nothing: motdepassemotdepasse is motdepasse.
		for start := end - 1; start >= max((end+1)/2, end-longestWord); start-- {
			length := end - start
			if fewest[start] < fewest[end] && string(text[start:end]) == string(text[start-length:start]) {
				fewest[end] = fewest[start]
			}
		}
		if enough++; fewest[end] < leastPieces {
			enough = 0
		}
		most = fewest[end]
	}
	return most
}

func isPiece(text []rune, start, end int, known func(string) bool) bool {
	part := text[start:end]
	if len(part) <= 3 && !containsLetter(part) {
		return true
	}
	if len(part) < shortestWord {
		return false
	}
	if isRun(part) {
		return true
	}
	word := string(part)
	return known(word) || known(unleet(word, 'i')) || known(unleet(word, 'l')) || known(reversed(part))
}

func containsLetter(part []rune) bool {
	for _, r := range part {
		if unicode.IsLetter(r) {
			return true
		}
	}
	return false
}

// unleet reads digits and signs as the letters they look like; 1 is an i or an l.
func unleet(word string, one rune) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case '0':
			return 'o'
		case '1', '!', '|':
			return one
		case '3':
			return 'e'
		case '4', '@':
			return 'a'
		case '5', '$':
			return 's'
		case '7', '+':
			return 't'
		case '8':
			return 'b'
		}
		return r
	}, word)
}

func reversed(part []rune) string {
	back := make([]rune, len(part))
	for i, r := range part {
		back[len(part)-1-i] = r
	}
	return string(back)
}

// keyboards are the rows of keys of the keyboards used here.
var keyboards = [][]string{
	{"1234567890-=", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./"},
	{"&é\"'(-è_çà)=", "azertyuiop^$", "qsdfghjklmù", "wxcvbn,;:!"},
	{"1234567890-=", "azertyuiop", "qsdfghjklm", "wxcvbn"},
}

// neighbours holds the pairs of keys that touch each other.
var neighbours = sync.OnceValue(func() map[[2]rune]bool {
	pairs := map[[2]rune]bool{}
	for _, rows := range keyboards {
		for y, row := range rows {
			keys := []rune(row)
			for x, key := range keys {
				if x+1 < len(keys) {
					pairs[[2]rune{key, keys[x+1]}], pairs[[2]rune{keys[x+1], key}] = true, true
				}
				if y+1 < len(rows) {
					if below := []rune(rows[y+1]); x < len(below) {
						pairs[[2]rune{key, below[x]}], pairs[[2]rune{below[x], key}] = true, true
					}
				}
			}
		}
	}
	return pairs
})

// isRun says that each character follows from the one before: the same one, the next or
// previous one of the alphabet, or the key beside it.
func isRun(part []rune) bool {
	for i := 1; i < len(part); i++ {
		step := part[i] - part[i-1]
		if step < -1 || step > 1 {
			if !neighbours()[[2]rune{part[i-1], part[i]}] {
				return false
			}
		}
	}
	return true
}
