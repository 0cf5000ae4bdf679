package staff

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"konote/app/fault"
	"konote/app/i18n"
)

// longest is as long as a password may be.
var longest = func() string {
	var b strings.Builder
	for i := range 128 {
		fmt.Fprintf(&b, "%x", sha256.Sum256([]byte{byte(i)}))
	}
	return b.String()[:MaxPasswordBytes]
}()

func TestEasyPasswordsAreRefused(t *testing.T) {
	t.Parallel()
	own := []string{"Maison Rivière", "harbour", "Amélie Tremblay-Okafor", "amelie.tremblay@harbour.example.ca"}
	for _, password := range []string{
		"password1234", "Password123!", "p@ssw0rd2024", "drowssap1234", "passwordpassword", "letmeinplease", "welcome2024!!",
		"123456789012", "12345678901234567890", "111111111111", "aaaaaaaaaaaa", "abcdefghijkl", "zyxwvutsrqpo", "abcabcabcabc",
		"qwertyuiop[]", "qwertyuiop12", "asdfghjkl123", "1qaz2wsx3edc", "qazwsxedcrfv", "zaq1xsw2cde3", "1q2w3e4r5t6y", "q1w2e3r4t5y6u7",
		"azertyuiop12", "qsdfghjklm12", "a1z2e3r4t5y6", "iloveyou1234", "trustno1trustno1", "sunshine2025", "superman12345",
		"motdepasse123", "MotDePasse2026", "monmotdepasse", "motdepasse!!!!", "bonjour12345", "Bonjour-2026!", "jetaime123456",
		"canadiens1967", "gohabsgo2026", "vivelequebec1", "tabarnak1234", "poutine12345", "soleil123456", "Sherbrooke2024", "québécoise12",
		"chouchou2010", "petitprince1", "jemesouviens", "hockeynightincanada", "correcthorsebatterystaple", "supercalifragilisticexpialidocious",
		"konote2026!!", "ＰＡＳＳＷＯＲＤ１２３４", "      123456       ",
		"harbour12345", "Harbour-2026", "maisonriviere", "MaisonRiviere1", "amelietremblay", "tremblayokafor", "tremblay1985!", "okaforokafor1",
	} {
		if err := CheckPassword(password, own...); !says(err, i18n.StaffPasswordCommon) {
			t.Errorf("%q: got %v, want it refused as easy to guess", password, err)
		}
	}
}

func TestOtherPasswordsAreAccepted(t *testing.T) {
	t.Parallel()
	for _, password := range []string{
		"violet anchor soup ladder", "quatre tuiles molles bleues", "purple-harbour-kettle-seven", "tigerpiratecookiemustang",
		"k7#Qz!m2Lw9v", "mfrwnkqjvzxt", "839201748572", "un petit renard très pressé", "ᐃᓄᒃᑎᑐᑦ ᐅᖃᐅᓯᖅ ᓴᓇ", "我喜欢在下雨天读书写字喝茶吧",
		"Twelve owls!", "   leading and trailing   ", longest,
	} {
		if err := CheckPassword(password, "Northside", "northside"); err != nil {
			t.Errorf("%q: got %v, want it accepted", password, err)
		}
	}
}

func TestThereIsAShortestAndALongestPassword(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		password string
		want     i18n.Message
	}{
		{"", i18n.StaffPasswordShort},
		{"kz7#Qz!m2Lw", i18n.StaffPasswordShort}, // 11
		{"éàçûœ", i18n.StaffPasswordShort},       // characters count, not bytes
		{"kz7#Qz!m2Lwé", nil},                    // 12
		{longest, nil},                           // 1,024 bytes
		{longest + "x", i18n.StaffPasswordLong},
		{"kz7#Qz!m2Lw\xff", i18n.StaffPasswordShort}, // not text
	} {
		err := CheckPassword(test.password)
		if test.want == nil && err != nil || test.want != nil && !says(err, test.want) {
			t.Errorf("%.20q: got %v, want %v", test.password, err, test.want)
		}
	}
}

func TestLongPasswordsAreCheckedQuickly(t *testing.T) {
	t.Parallel()
	for _, password := range []string{longest, strings.Repeat("a", MaxPasswordBytes), strings.Repeat("password", MaxPasswordBytes/8)} {
		began := time.Now()
		_ = CheckPassword(password)
		if taken := time.Since(began); taken > time.Second { // it takes 5 ms
			t.Errorf("%.20q…: got %v, want well under a second", password, taken)
		}
	}
}

func TestTheListHoldsThousandsOfPlainWords(t *testing.T) {
	t.Parallel()
	words := commonWords()
	if len(words) < 3000 {
		t.Errorf("got %d words, want at least 3,000", len(words))
	}
	for word := range words {
		if word != fold(word) || len([]rune(word)) > longestWord {
			t.Errorf("%q is not as it is looked up", word)
		}
	}
}

func says(err error, want i18n.Message) bool {
	f := (*fault.Fault)(nil)
	return errors.As(err, &f) && f.Kind == fault.Invalid && f.Message == want
}
