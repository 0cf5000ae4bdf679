package factor

import (
	"crypto/rand"
	"encoding/base32"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/boombuler/barcode/qr"
	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
)

const (
	period      = 30 // seconds of a step
	digits      = otp.DigitsSix
	secretBytes = 20
)

var codeOptions = hotp.ValidateOpts{Digits: digits, Algorithm: otp.AlgorithmSHA1} // what every app can do

// newSecret is the secret of an app, in base32 as apps want it typed.
func newSecret() string {
	var b [secretBytes]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b[:])
}

// stepOf is the number of the step that a moment lies in.
func stepOf(at time.Time) int64 { return at.Unix() / period }

// stepFor finds the step of a code: the one now, or its neighbours, if it comes after the
// last one used. All are compared in any case. 0: none.
func stepFor(secret, code string, now time.Time, last int64) int64 {
	found := int64(0)
	for step := stepOf(now) - 1; step <= stepOf(now)+1; step++ {
		right, err := hotp.ValidateCustom(code, uint64(step), secret, codeOptions)
		if err == nil && right && step > last {
			found = step
		}
	}
	return found
}

// CodeAt is the code that an app shows at a moment, for tests and the demo.
func CodeAt(secret string, at time.Time) (string, error) {
	return hotp.GenerateCodeCustom(secret, uint64(stepOf(at)), codeOptions)
}

// isCode says whether something typed is meant for a code of an app, and which.
func isCode(typed string) (string, bool) {
	code := strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '\u00a0' || r == '\u202f' {
			return -1
		}
		return r
	}, typed)
	if len(code) != digits.Length() || strings.Trim(code, "0123456789") != "" {
		return "", false
	}
	return code, true
}

// groups writes a secret in groups of four, as it is typed.
func groups(secret string) string {
	var b strings.Builder
	for i, r := range secret {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// address is what the picture says: the secret, and under which names an app lists it.
func address(secret, agency, account string) string {
	label := url.PathEscape("KoNote " + agency + ":" + account)
	query := url.Values{"secret": {secret}, "issuer": {"KoNote " + agency}, "algorithm": {"SHA1"}, "digits": {"6"}, "period": {"30"}}
	return "otpauth://totp/" + label + "?" + strings.ReplaceAll(query.Encode(), "+", "%20")
}

// A picture is a QR code to be drawn as SVG: the path of its dark squares, in squares, with
// the margin that readers need.
type picture struct {
	Size int
	Path string
}

const margin = 4

func drawQR(text string) (picture, error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return picture{}, fmt.Errorf("draw a QR code: %w", err)
	}
	size := code.Bounds().Dx()
	var b strings.Builder
	for y := range size {
		for x := 0; x < size; x++ {
			from := x
			for x < size && isDark(code.At(x, y).RGBA()) {
				x++
			}
			if x > from {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", from+margin, y+margin, x-from, x-from)
			}
		}
	}
	return picture{Size: size + 2*margin, Path: b.String()}, nil
}

func isDark(r, _, _, _ uint32) bool { return r < 0x8000 }
