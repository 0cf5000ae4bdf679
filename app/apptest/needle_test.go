package apptest

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf16"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
)

// needles finds words in whatever shape they might have been left lying about: in upper
// or lower case, without accents, backwards, in UTF-8, UTF-16, hexadecimal, base64 at
// any offset, or escaped for JSON and for addresses.
type needles struct {
	starts [1 << 16]bool // by the first two bytes
	byHead map[uint32][]needle
}

type needle struct {
	bytes []byte
	word  string
	shape string
}

// shortestWord leaves out parts of texts that are not made up: Street, example.
const shortestWord = 10

func newNeedles(texts []string) *needles {
	n := &needles{byHead: map[uint32][]needle{}}
	seen := map[string]bool{}
	for _, text := range texts {
		for _, word := range strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || r == '@' }) {
			if len(word) < shortestWord {
				continue
			}
			for shape, form := range forms(word) {
				if !seen[string(form)] && len(form) >= 8 {
					seen[string(form)] = true
					head := binary.BigEndian.Uint32(form)
					n.starts[head>>16] = true
					n.byHead[head] = append(n.byHead[head], needle{form, word, shape})
				}
			}
		}
	}
	return n
}

// find calls found for each needle in the hay.
func (n *needles) find(hay []byte, found func(needle, int)) {
	for i := 0; i+4 <= len(hay); i++ {
		if !n.starts[uint16(hay[i])<<8|uint16(hay[i+1])] {
			continue
		}
		for _, one := range n.byHead[binary.BigEndian.Uint32(hay[i:])] {
			if bytes.HasPrefix(hay[i:], one.bytes) {
				found(one, i)
			}
		}
	}
}

func forms(word string) map[string][]byte {
	plain := fold(word)
	all := map[string][]byte{}
	for name, text := range map[string]string{
		"as it is": word, "lower case": strings.ToLower(word), "upper case": strings.ToUpper(word), "decomposed": norm.NFD.String(word),
		"without accents": plain, "without accents, lower case": strings.ToLower(plain), "without accents, upper case": strings.ToUpper(plain),
	} {
		for direction, turned := range map[string]string{"": text, " backwards": reverse(text)} {
			for encoding, encoded := range encodings(turned) {
				all[name+direction+", "+encoding] = encoded
			}
		}
	}
	return all
}

func encodings(text string) map[string][]byte {
	units := utf16.Encode([]rune(text))
	little, big := make([]byte, 0, 2*len(units)), make([]byte, 0, 2*len(units))
	escaped := ""
	for _, unit := range units {
		little, big = binary.LittleEndian.AppendUint16(little, unit), binary.BigEndian.AppendUint16(big, unit)
		if unit < 0x80 {
			escaped += string(rune(unit))
		} else {
			escaped += fmt.Sprintf(`\u%04x`, unit)
		}
	}
	all := map[string][]byte{
		"UTF-8": []byte(text), "UTF-16LE": little, "UTF-16BE": big, "JSON": []byte(escaped), "address": []byte(url.QueryEscape(text)),
		"hexadecimal": []byte(hex.EncodeToString([]byte(text))), "HEXADECIMAL": []byte(strings.ToUpper(hex.EncodeToString([]byte(text)))),
	}
	for offset := range 3 {
		for name, encoding := range map[string]*base64.Encoding{"base64": base64.StdEncoding, "base64url": base64.URLEncoding} {
			encoded := encoding.EncodeToString(append(make([]byte, offset), text...))
			end := (len(text) + offset) / 3 * 4 // what follows depends on the next byte
			all[fmt.Sprintf("%s+%d", name, offset)] = []byte(encoded[(offset*8+5)/6 : end])
		}
	}
	return all
}

func fold(text string) string {
	folded, _, err := transform.String(transform.Chain(norm.NFD, runes.Remove(runes.In(unicode.Mn)), norm.NFC), text)
	if err != nil {
		panic(err) // every string can be folded
	}
	return strings.ReplaceAll(folded, "ø", "o")
}

func reverse(text string) string {
	turned := []rune(text)
	slices.Reverse(turned)
	return string(turned)
}

func TestANeedleIsFoundInEveryShape(t *testing.T) {
	t.Parallel()
	const word = "Quozzédiuçoïmagnovk"
	n := newNeedles([]string{"12 " + word + " Street"})
	utf16le := func(text string) string {
		var b []byte
		for _, unit := range utf16.Encode([]rune(text)) {
			b = binary.LittleEndian.AppendUint16(b, unit)
		}
		return string(b)
	}
	for shape, hay := range map[string]string{
		"alone": word, "inside": "xx" + word + "yy", "lower": "quozzédiuçoïmagnovk", "folded": "Quozzediucoimagnovk", "upper folded": "QUOZZEDIUCOIMAGNOVK",
		"backwards": reverse(word), "folded backwards": reverse("quozzediucoimagnovk"),
		"hex": hex.EncodeToString([]byte("ab" + word + "cd")), "utf-16": "x" + utf16le(word) + "y", "json": `{"a":"Quozz\u00e9diu\u00e7o\u00efmagnovk"}`,
		"base64 0": base64.StdEncoding.EncodeToString([]byte("abc" + word + "def")),
		"base64 1": base64.StdEncoding.EncodeToString([]byte("abcd" + word + "ef")),
		"base64 2": base64.RawURLEncoding.EncodeToString([]byte("abcde" + word + "f")),
		"address":  "?q=" + url.QueryEscape(word), "decomposed": norm.NFD.String(word),
	} {
		hits := 0
		n.find([]byte(hay), func(needle, int) { hits++ })
		if hits == 0 {
			t.Errorf("%s: not found in %q", shape, hay)
		}
	}
	n.find([]byte("Quozz and édiuçoïmagnovk, 12 Street"), func(one needle, at int) { t.Errorf("found %s where it is not", one.shape) })
}
