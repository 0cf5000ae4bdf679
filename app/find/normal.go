package find

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// fold appends text to dst as it is compared: words of lower-case letters and digits
// without accents, each followed by one space except the last. Apostrophes, hyphens
// and other signs part words. Scripts without case and accents keep their letters.
// Folding what was folded changes nothing.
func fold(dst []byte, text string) []byte {
	start := len(dst)
	apart := false // a separator was met since the last letter
	for i := 0; i < len(text); {
		c := text[i]
		if c < utf8.RuneSelf {
			i++
			switch {
			case 'a' <= c && c <= 'z' || '0' <= c && c <= '9':
			case 'A' <= c && c <= 'Z':
				c += 'a' - 'A'
			default:
				apart = true
				continue
			}
			if apart && len(dst) > start {
				dst = append(dst, ' ')
			}
			apart = false
			dst = append(dst, c)
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		i += size
		for _, c := range []byte(foldedRune(r)) {
			if c == ' ' {
				apart = true
				continue
			}
			if apart && len(dst) > start {
				dst = append(dst, ' ')
			}
			apart = false
			dst = append(dst, c)
		}
	}
	return dst
}

// latin holds the folds of the accented Latin letters, U+0080 to U+024F.
var latin = func() (table [0x250 - utf8.RuneSelf]string) {
	for r := rune(utf8.RuneSelf); r < 0x250; r++ {
		table[r-utf8.RuneSelf] = foldRune(r)
	}
	return table
}()

func foldedRune(r rune) string {
	if r < 0x250 {
		return latin[r-utf8.RuneSelf]
	}
	return foldRune(r)
}

// letters that Unicode does not take apart, as people type them without their
// keyboard.
var letters = map[rune]string{
	'œ': "oe", 'æ': "ae", 'ß': "ss", 'ø': "o", 'ł': "l", 'đ': "d", 'ð': "d", 'þ': "th", 'ı': "i", 'ħ': "h", 'ŧ': "t",
	'ŋ': "ng", 'ĸ': "k", 'ƛ': "tl", 'ɬ': "l", 'ƚ': "l", 'ə': "e", 'ɛ': "e", 'ɔ': "o", 'ɨ': "i", 'ʉ': "u", 'θ': "th",
}

// foldRune gives letters and digits, spaces where it parts words, and "" for what
// disappears.
func foldRune(r rune) string {
	var out []rune
	for _, part := range norm.NFKD.String(string(r)) {
		part = unicode.ToLower(part)
		plain, known := letters[part]
		switch {
		case known:
			out = append(out, []rune(plain)...)
		case part == tatweel || unicode.Is(unicode.Cf, part):
		case unicode.IsMark(part):
			if !isAccent(part) {
				out = append(out, part)
			}
		case (unicode.IsLetter(part) || unicode.IsDigit(part)) && !isApostrophe(part):
			out = append(out, part)
		default:
			out = append(out, ' ')
		}
	}
	return string(out)
}

const (
	tatweel = '\u0640' // lengthens an Arabic word and means nothing
	virama  = 9        // combining class of the sign that joins Indic consonants
)

// isAccent tells marks that people leave out when they type (accents, Arabic and
// Hebrew vowel points) from those that are letters (Indic vowels, which have no
// combining class, and the virama).
func isAccent(r rune) bool {
	class := norm.NFKD.PropertiesString(string(r)).CCC()
	return class != 0 && class != virama
}

// isApostrophe knows the letters that are written where others write an apostrophe:
// modifier apostrophes, the okina, the saltillo, the glottal stop.
func isApostrophe(r rune) bool {
	switch r {
	case 'ʔ', 'ʕ', 'ɂ', 'ꞌ', 'ʹ', 'ʺ', 'ʻ', 'ʼ', 'ʽ', 'ʾ', 'ʿ', 'ˈ', 'ˊ', 'ˋ':
		return true
	}
	return false
}

// compact takes the spaces out of folded text, in place.
func compact(folded []byte) []byte {
	out := folded[:0]
	for _, c := range folded {
		if c != ' ' {
			out = append(out, c)
		}
	}
	return out
}

// letterMask has a bit for each letter a to z, and six bits that all other letters and
// digits share. A bit that one word has and another lacks is at least one letter that
// is missing there.
func letterMask(word []byte) uint32 {
	var mask uint32
	for i := 0; i < len(word); {
		r, size := rune(word[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRune(word[i:])
		}
		i += size
		if 'a' <= r && r <= 'z' {
			mask |= 1 << (r - 'a')
		} else {
			mask |= 1 << (26 + r%6)
		}
	}
	return mask
}
