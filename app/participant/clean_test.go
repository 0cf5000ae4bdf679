package participant

import (
	"strings"
	"testing"
	"unicode"

	"konote/app/i18n"
)

func TestValuesAreBroughtIntoTheFormInWhichTheyAreStored(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ field, typed, want string }{
		{"first_name", "  Zoe\u0301   Anne ", "Zo\u00e9 Anne"},
		{"first_name", "Ana\u202eb\u2066c\x00\x1b", "Anabc"},
		{"first_name", "می\u200cخواهم", "می\u200cخواهم"}, // a joiner that means something stays
		{"first_name", "Nguyễn Thị", "Nguyễn Thị"},
		{"last_name", "O’Connor\u00a0-\tRoy", "O’Connor - Roy"},
		{"last_name", "line\nbreak", "line break"},
		{"address", "12 rue Principale \r\n\r\n  Gatineau (Québec)  j8x2k1\n", "12 rue Principale\n\nGatineau (Québec) J8X 2K1"},
		{"address", "K1A-0B1", "K1A 0B1"},
		{"address", "unit D1D 1D1", "unit D1D 1D1"}, // no postal code has a D
		{"phone", "(613) 555-1234", "6135551234"},
		{"phone", "+1 613.555.1234", "6135551234"},
		{"phone", "613‑555‑1234", "6135551234"},
		{"phone", "613 555-1234 poste 12", "6135551234 x12"},
		{"phone", "613 555-1234, ext. 12", "6135551234 x12"},
		{"phone", "6135551234 x12", "6135551234 x12"},
		{"phone", "+33 6 12 34 56 78", "+33 6 12 34 56 78"},
		{"phone", "555-1234", "555-1234"},
		{"phone", "113 555-1234", "113 555-1234"},
		{"phone", "call my sister", "call my sister"},
		{"birth_date", "1987-4-3", "1987-04-03"},
		{"birth_date", "", ""},
		{"birth_date", "no date", "no date"}, // so that it is refused and not forgotten
	} {
		for _, f := range fields {
			if f.name != c.field {
				continue
			}
			got := f.clean(c.typed)
			if got != c.want {
				t.Errorf("%s %q is stored as %q, want %q", c.field, c.typed, got, c.want)
			}
			if again := f.clean(got); again != got {
				t.Errorf("%s %q is not stable: %q then %q", c.field, c.typed, got, again)
			}
		}
	}
}

func TestOnlyWhatIsClearlyNoPhoneNumberIsRefused(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]bool{
		"613 555-1234": true, "+33 6 12 34 56 78": true, "555-1234": true, "613 555-1234 x9": true, "6135551234 poste 12": true,
		"call my sister": false, "555": false, "12345678901234567": false, "613-555-1234 or 613-555-9876": false, "<b>6135551234": false,
	} {
		if got := isPhone(cleanPhone(cleanLine(typed))); got != want {
			t.Errorf("%q is taken for a phone number: %v, want %v", typed, got, want)
		}
	}
}

func TestAnEmailNeedsAShapeAndNoMore(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]bool{
		"a@b.ca": true, "marie-ève.roy+x@sous.domaine.québec": true, "o'brien@example.org": true,
		"a@b": false, "@b.ca": false, "a b@c.ca": false, "a@@b.ca": false, "a@b@c.ca": false, "a@.ca": false, "a@b.": false, "a@b..ca": false,
		"Anna <a@b.ca>": false, "a@b.ca,c@d.ca": false,
	} {
		if got := isEmail(typed); got != want {
			t.Errorf("%q is taken for an e-mail address: %v, want %v", typed, got, want)
		}
	}
}

func TestPhonesReadAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	en, fr := i18n.NewPrinter("en", nil, nil), i18n.NewPrinter("fr", nil, nil)
	for _, c := range []struct {
		p            *i18n.Printer
		stored, want string
	}{
		{en, "6135551234", "(613) 555-1234"},
		{fr, "6135551234", "613\u00a0555-1234"},
		{en, "6135551234 x12", "(613) 555-1234, ext. 12"},
		{fr, "6135551234 x12", "613\u00a0555-1234, poste 12"},
		{en, "+33 6 12 34 56 78", "+33 6 12 34 56 78"},
	} {
		if got := phoneText(c.p, c.stored); got != c.want {
			t.Errorf("%q reads %q, want %q", c.stored, got, c.want)
		}
	}
}

func FuzzWhatIsStoredIsStableAndHarmless(f *testing.F) {
	for _, seed := range []string{"Zoe\u0301", "613 555-1234 poste 12", "12 rue\r\nj8x2k1", "1987-4-3", "\u202e\x00\xff", "x1 x2", "K1A\t0B1 k1a0b1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		for _, field := range fields {
			stored := field.clean(typed)
			if again := field.clean(stored); again != stored {
				t.Errorf("%s: %q is stored as %q, and that as %q", field.name, typed, stored, again)
			}
			if strings.ContainsFunc(stored, func(r rune) bool { return unicode.IsControl(r) && r != '\n' || unicode.Is(unicode.Bidi_Control, r) }) {
				t.Errorf("%s: %q is stored as %q", field.name, typed, stored)
			}
		}
	})
}
