package participant

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"konote/app/view"
)

// clean brings a value into the form in which it is stored and compared. What it
// cannot make sense of it leaves as it was typed; check then says so.
func (f field) clean(text string) string {
	switch f.name {
	case "address":
		return cleanAddress(text)
	case "phone":
		return cleanPhone(cleanLine(text))
	case "birth_date":
		return cleanDate(cleanLine(text))
	}
	return cleanLine(text)
}

// cleanLine makes one line of NFC text: no control characters and none that turn the
// direction of what stands around them; spaces become one.
func cleanLine(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == utf8.RuneError, r == '\ufeff':
			return -1
		}
		return r
	}, text)
	return norm.NFC.String(strings.Join(strings.Fields(text), " "))
}

// cleanText is cleanLine for text of several lines.
func cleanText(text string) string {
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for i, line := range lines {
		lines[i] = cleanLine(line)
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

// postalCode finds a Canadian postal code. D, F, I, O, Q and U are in none; W and Z do
// not begin one.
var postalCode = regexp.MustCompile(`(?i)\b([ABCEGHJ-NPRSTVXY][0-9][ABCEGHJ-NPRSTV-Z])[ -]?([0-9][ABCEGHJ-NPRSTV-Z][0-9])\b`)

// cleanAddress also writes a postal code as it is written in both languages: K1A 0B1.
func cleanAddress(text string) string {
	return postalCode.ReplaceAllStringFunc(cleanText(text), func(code string) string {
		return strings.ToUpper(code[:3] + " " + code[len(code)-3:])
	})
}

// extension finds "x12", "ext. 12", "poste 12", "p. 12" or "#12" at the end.
var extension = regexp.MustCompile(`(?i)[ ,;]*(?:x|ext\.?|extension|poste|p\.|#) ?([0-9]{1,6})$`)

// cleanPhone makes ten digits of a Canadian or American number, with " x12" behind them
// for an extension. Other numbers stay as they were typed.
func cleanPhone(text string) string {
	number, suffix := text, ""
	if at := extension.FindStringSubmatchIndex(text); at != nil {
		number, suffix = text[:at[0]], " x"+text[at[2]:at[3]]
	}
	if strings.Trim(number, "0123456789 ()-.+/‑–") != "" {
		return text
	}
	digits := onlyDigits(number)
	if len(digits) == 11 && digits[0] == '1' {
		digits = digits[1:]
	}
	// Neither an area code nor an exchange begins with 0 or 1.
	if len(digits) != 10 || digits[0] < '2' || digits[3] < '2' || (strings.HasPrefix(number, "+") && !strings.HasPrefix(number, "+1")) {
		return text
	}
	return digits + suffix
}

// isPhone refuses only what clearly is no phone number: letters, too few digits, too
// many. A local or foreign number may stay.
func isPhone(text string) bool {
	if at := extension.FindStringIndex(text); at != nil {
		text = text[:at[0]]
	}
	digits := len(onlyDigits(text))
	return strings.Trim(text, "0123456789 ()-.+/‑–") == "" && digits >= 7 && digits <= 15
}

func onlyDigits(text string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
}

// cleanDate reads 1987-4-23 as 1987-04-23.
func cleanDate(text string) string {
	if date := view.SplitDate(text); !date.Empty() {
		return date.Text()
	}
	return text
}

// isEmail asks for one @ with something before it and a dotted name after it: enough
// to catch a slip, and it refuses no address that works.
func isEmail(text string) bool {
	at := strings.LastIndexByte(text, '@')
	if at < 1 || strings.ContainsAny(text, " \t\n<>,;\"") || strings.Count(text, "@") != 1 {
		return false
	}
	domain := text[at+1:]
	return strings.Contains(domain, ".") && !strings.HasPrefix(domain, ".") && !strings.HasSuffix(domain, ".") && !strings.Contains(domain, "..")
}
