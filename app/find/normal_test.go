package find

import (
	"bytes"
	"testing"
	"unicode/utf8"
)

func TestFoldingMakesWordsThatPeopleType(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, want string }{
		{"", ""},
		{"Tremblay", "tremblay"},
		{"  Marie-Ève  ", "marie eve"},
		{"Marie-E\u0300ve", "marie eve"},
		{"O'Brien", "o brien"},
		{"D’Amours", "d amours"},
		{"L’Écuyer-St-Onge", "l ecuyer st onge"},
		{"Cœur", "coeur"},
		{"Æsa Þórðardóttir", "aesa thordardottir"},
		{"Łukasz Đặng Weiß", "lukasz dang weiss"},
		{"Søren", "soren"},
		{"NGUYỄN THỊ HỒNG", "nguyen thi hong"},
		{"Kwakwa\u0331ka\u0331ʼwakw", "kwakwaka wakw"},
		{"Stó:lō", "sto lo"},
		{"Xʷməθkʷəy̓əm", "xwmethkweyem"},
		{"ᓄᓇᕗᑦ", "ᓄᓇᕗᑦ"},
		{"王小明", "王小明"},
		{"أحمد مُحَمَّد", "احمد محمد"},
		{"ﷺ", "صلى الله عليه وسلم"},
		{"कुमार", "कुमार"},
		{"Ｓｍｉｔｈ", "smith"},
		{"ŉ ſ", "n s"},
		{"李\u200b明", "李明"},
		{"!!! ---", ""},
		{"Anne-Marie (Annie) St. John 3rd", "anne marie annie st john 3rd"},
	} {
		if got := string(fold(nil, c.text)); got != c.want {
			t.Errorf("fold(%q) = %q, want %q", c.text, got, c.want)
		}
	}
}

func TestFoldingPlainTextTakesNoMemory(t *testing.T) {
	buf := make([]byte, 0, 128)
	allocated := testing.AllocsPerRun(100, func() { buf = fold(buf[:0], "O'Brien-Lévesque, Marie Ève") })
	if allocated != 0 {
		t.Errorf("fold allocates %v times", allocated)
	}
}

func FuzzFolding(f *testing.F) {
	for _, text := range []string{"Marie-Ève O’Neill", "ᓄᓇᕗᑦ", "أحمد", "क़ ﷺ ½ İ Ǆ", "a\xffb"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		once := fold(nil, text)
		if !utf8.Valid(once) {
			t.Errorf("fold(%q) = %q is not UTF-8", text, once)
		}
		if twice := fold(nil, string(once)); !bytes.Equal(once, twice) {
			t.Errorf("fold(%q) = %q and again %q", text, once, twice)
		}
		if bytes.Contains(once, []byte("  ")) || bytes.HasPrefix(once, []byte(" ")) || bytes.HasSuffix(once, []byte(" ")) {
			t.Errorf("fold(%q) = %q has stray spaces", text, once)
		}
	})
}

func TestANameOfAFormIsMetInSpiteOfTypingErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		query, name    string
		surely, likely bool
	}{
		{"trem", "Léa Tremblay", true, true},
		{"lea tremblay", "Léa Tremblay", true, true},
		{"Tremblya", "Léa Tremblay", false, true},
		{"tremblai lea", "Léa Tremblay", false, true},
		{"Okafor", "Léa Tremblay", false, false},
		{"le", "Max", false, false},
		{"", "Léa Tremblay", false, false},
	} {
		if surely, likely := Meets(c.query, c.name); surely != c.surely || likely != c.likely {
			t.Errorf("Meets(%q, %q) = %v, %v, want %v, %v", c.query, c.name, surely, likely, c.surely, c.likely)
		}
	}
}
