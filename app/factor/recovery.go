package factor

import (
	"crypto/rand"
	"encoding/base32"
	"strings"

	"github.com/google/uuid"
)

const (
	codesInSet = 10
	codeLength = 12 // characters of five bits
	codeGroup  = 4
)

// Crockford's alphabet: no I, L, O, U.
const codeLetters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

var codeAlphabet = base32.NewEncoding(codeLetters).WithPadding(base32.NoPadding)

// newCodes makes a set, as it is shown: 7KQ2-M0XE-44TB.
func newCodes() []string {
	codes := make([]string, codesInSet)
	for i := range codes {
		var b [8]byte
		_, _ = rand.Read(b[:]) // never fails (crypto/rand)
		text := codeAlphabet.EncodeToString(b[:])[:codeLength]
		codes[i] = text[:codeGroup] + "-" + text[codeGroup:2*codeGroup] + "-" + text[2*codeGroup:]
	}
	return codes
}

// isRecoveryCode says whether something typed can be a recovery code, and which: without
// regard to case, to what stands between the groups, and to letters that look like digits.
func isRecoveryCode(typed string) (string, bool) {
	code := strings.Map(func(r rune) rune {
		switch r {
		case ' ', '-', '\u00a0', '\u202f', '–', '—', '‑', '.':
			return -1
		case 'O':
			return '0'
		case 'I', 'L':
			return '1'
		}
		return r
	}, strings.ToUpper(typed))
	if len(code) != codeLength || strings.Trim(code, codeLetters) != "" {
		return "", false
	}
	return code, true
}

// owned binds a code to its owner before it is hashed.
func owned(staff uuid.UUID, code string) string { return staff.String() + ":" + code }
