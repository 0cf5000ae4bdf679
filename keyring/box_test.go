package keyring

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
)

var (
	agencyA = uuid.MustParse("019a0000-0000-7000-8000-00000000000a")
	agencyB = uuid.MustParse("019a0000-0000-7000-8000-00000000000b")
	name    = Column{Table: "participants", Name: "first_name_sealed", Pad: Identity}
	text    = Column{Table: "notes", Name: "text_sealed", Pad: Words}
)

// newTestBox is a box of agencyA; it may zero the secrets.
func newTestBox(t testing.TB, secrets map[uint32][]byte) *Box {
	t.Helper()
	return newBox(agencyA, secrets)
}

func secretOf(b byte) []byte { return bytes.Repeat([]byte{b}, dataKeySize) }

func mustSeal(t testing.TB, box *Box, c Column, row uuid.UUID, plain string) Sealed {
	t.Helper()
	sealed, err := box.Seal(c, row, plain)
	if err != nil {
		t.Fatalf("Seal: %v", err)
	}
	return sealed
}

func TestWhatWasSealedOpens(t *testing.T) {
	t.Parallel()
	box := newTestBox(t, map[uint32][]byte{1: secretOf(1)})
	for _, plain := range []string{"", "a", "Zoë", "ᐊᑦᑕᑕᖅ", "李小龍", "\x80\x00", "\x00", strings.Repeat("é", 10_000), "not \xff UTF-8"} {
		row := uuid.New()
		sealed := mustSeal(t, box, text, row, plain)
		if got, err := box.Open(text, row, sealed); err != nil || got != plain {
			t.Errorf("Open = %q, %v; want %q", got, err, plain)
		}
		if len(plain) > 3 && bytes.Contains(sealed, []byte(plain)) {
			t.Errorf("%q can be read in its envelope", plain)
		}
		if again := mustSeal(t, box, text, row, plain); plain != "" && bytes.Equal(again, sealed) {
			t.Errorf("%q seals to the same envelope twice", plain)
		}
	}
}

func TestAnAbsentFieldIsNullBothWays(t *testing.T) {
	t.Parallel()
	box := newTestBox(t, map[uint32][]byte{1: secretOf(1)})
	if sealed := mustSeal(t, box, name, uuid.New(), ""); sealed != nil {
		t.Errorf("Seal of an empty string = %x, want nil", []byte(sealed))
	}
	if got, err := box.Open(name, uuid.New(), nil); got != "" || err != nil {
		t.Errorf("Open of nil = %q, %v; want an empty string", got, err)
	}
	if got, err := box.Open(name, uuid.New(), Sealed{}); !errors.Is(err, ErrOpen) {
		t.Errorf("Open of an empty envelope = %q, %v; want ErrOpen", got, err)
	}
}

func TestAnEnvelopeOpensOnlyWhereItWasSealed(t *testing.T) {
	t.Parallel()
	box := newTestBox(t, map[uint32][]byte{1: secretOf(1), 2: secretOf(2)})
	sameKeysElsewhere := newBox(agencyB, map[uint32][]byte{1: secretOf(1), 2: secretOf(2)})
	row := uuid.New()
	sealed := mustSeal(t, box, name, row, "Amina")
	otherName, otherTable := name, name
	otherName.Name, otherTable.Table = "last_name_sealed", "staff"
	olderVersion := bytes.Clone(sealed)
	olderVersion[4] = 1
	unknownVersion := bytes.Clone(sealed)
	unknownVersion[4] = 3
	otherFormat := bytes.Clone(sealed)
	otherFormat[0] = 2

	tests := map[string]struct {
		box    *Box
		column Column
		row    uuid.UUID
		sealed Sealed
	}{
		"another row":          {box, name, uuid.New(), sealed},
		"another column":       {box, otherName, row, sealed},
		"another table":        {box, otherTable, row, sealed},
		"another agency":       {sameKeysElsewhere, name, row, sealed},
		"another version":      {box, name, row, olderVersion},
		"an unknown version":   {box, name, row, unknownVersion},
		"another format":       {box, name, row, otherFormat},
		"something behind it":  {box, name, row, append(bytes.Clone(sealed), 0)},
		"something before it":  {box, name, row, append([]byte{1}, sealed...)},
		"another key entirely": {newTestBox(t, map[uint32][]byte{2: secretOf(9)}), name, row, sealed},
	}
	for what, test := range tests {
		if got, err := test.box.Open(test.column, test.row, test.sealed); !errors.Is(err, ErrOpen) || got != "" {
			t.Errorf("%s: Open = %q, %v; want ErrOpen", what, got, err)
		}
	}
	if _, err := box.Open(name, row, unknownVersion); !errors.Is(err, ErrKeyVersion) {
		t.Errorf("unknown version: %v, want ErrKeyVersion", err)
	}
	if got, err := box.Open(name, row, sealed); err != nil || got != "Amina" {
		t.Errorf("Open in its place = %q, %v", got, err)
	}
}

func TestAnAlteredEnvelopeDoesNotOpen(t *testing.T) {
	t.Parallel()
	box := newTestBox(t, map[uint32][]byte{1: secretOf(1), 257: secretOf(2)})
	row := uuid.New()
	sealed := mustSeal(t, box, name, row, "Amina")
	for bit := range len(sealed) * 8 {
		altered := bytes.Clone(sealed)
		altered[bit/8] ^= 1 << (bit % 8)
		if got, err := box.Open(name, row, altered); !errors.Is(err, ErrOpen) || got != "" {
			t.Errorf("bit %d flipped: Open = %q, %v; want ErrOpen", bit, got, err)
		}
	}
	for length := range sealed {
		if got, err := box.Open(name, row, sealed[:length:length]); !errors.Is(err, ErrOpen) || got != "" {
			t.Errorf("cut to %d bytes: Open = %q, %v; want ErrOpen", length, got, err)
		}
	}
}

func TestErrorsSayWhereAndNotWhat(t *testing.T) {
	t.Parallel()
	box := newTestBox(t, map[uint32][]byte{1: secretOf(1)})
	row := uuid.New()
	_, err := box.Open(name, uuid.New(), mustSeal(t, box, name, row, "Amina"))
	if err == nil || !strings.Contains(err.Error(), "participants.first_name_sealed") || strings.Contains(err.Error(), "Amina") {
		t.Errorf("Open: %v, want the column and not the content", err)
	}
}

func TestLengthsAreRoundedUp(t *testing.T) {
	t.Parallel()
	box := newTestBox(t, map[uint32][]byte{1: secretOf(1)})
	tests := []struct{ pad, length, want int }{
		{Identity, 1, 32}, {Identity, 31, 32}, {Identity, 32, 64}, {Identity, 63, 64}, {Identity, 64, 96},
		{Words, 1, 64}, {Words, 63, 64}, {Words, 64, 128}, {Words, 1000, 1024},
	}
	for _, test := range tests {
		column := Column{Table: "t", Name: "c", Pad: test.pad}
		sealed := mustSeal(t, box, column, uuid.New(), strings.Repeat("x", test.length))
		if got := len(sealed) - overhead; got != test.want {
			t.Errorf("%d bytes padded to %d take %d, want %d", test.length, test.pad, got, test.want)
		}
		if len(sealed) != cap(sealed) {
			t.Errorf("the envelope has room for %d bytes behind its %d", cap(sealed)-len(sealed), len(sealed))
		}
	}
	if sealed, err := box.Seal(Column{Table: "t", Name: "c"}, uuid.New(), "Amina"); err == nil {
		t.Errorf("Seal in a column without padding = %d bytes, want an error", len(sealed))
	}
}

func TestSealedNeverShowsItself(t *testing.T) {
	t.Parallel()
	box := newTestBox(t, map[uint32][]byte{1: secretOf(1)})
	sealed := mustSeal(t, box, name, uuid.New(), "Amina")
	row := struct {
		Name  Sealed
		Other *Sealed
		Many  []Sealed
		Named map[string]Sealed
	}{sealed, &sealed, []Sealed{sealed}, map[string]Sealed{"x": sealed}}

	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%X", "%q", "%d", "%b", "%o"} {
		for _, value := range []any{sealed, &sealed, []Sealed{sealed}} {
			if got := fmt.Sprintf(verb, value); !strings.Contains(got, "[sealed]") || len(got) > 30 {
				t.Errorf("Sprintf(%s) of %T = %q", verb, value, got)
			}
		}
	}
	for _, verb := range []string{"%v", "%+v", "%s", "%x"} {
		if got := fmt.Sprintf(verb, struct {
			Name Sealed
			Many []Sealed
		}{sealed, []Sealed{sealed}}); strings.Count(got, "[sealed]") != 2 || len(got) > 60 {
			t.Errorf("Sprintf(%s) of a row = %q", verb, got)
		}
	}
	for _, value := range []any{sealed, &sealed, row, []Sealed{sealed}, Sealed(nil)} {
		if got, err := json.Marshal(value); err == nil {
			t.Errorf("json.Marshal of %T = %s, want an error", value, got)
		}
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("text", "sealed", sealed, "row", row)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("json", "sealed", sealed, "row", row)
	for _, leak := range []string{fmt.Sprintf("%x", []byte(sealed)[5:9]), fmt.Sprint([]byte(sealed)[5:9])[1:10], "\\x"} {
		if strings.Contains(log.String(), leak) {
			t.Errorf("the log holds %q of the envelope:\n%s", leak, log.String())
		}
	}
	if got := strings.Count(log.String(), "[sealed]"); got < 2 {
		t.Errorf("the log says [sealed] %d times:\n%s", got, log.String())
	}
}

var printVerbs = []string{"%v", "%+v", "%#v", "%s", "%x", "%X", "%q", "%d", "%t"}

// showsKey finds the key secretOf(7) in any form that fmt prints, and whatever is as
// long as a key schedule.
func showsKey(printed string) bool {
	digits := strings.NewReplacer("0x", "", " ", "", ",", "", "0", "").Replace(strings.ToLower(printed))
	return strings.Contains(digits, "7777") || strings.Contains(printed, "\a\a") || strings.Contains(printed, `\a\a`) || len(printed) > 1000
}

func TestBoxesAndLocalKeysPrintNoKeys(t *testing.T) {
	t.Parallel()
	box := newTestBox(t, map[uint32][]byte{1: secretOf(7)})
	mustSeal(t, box, name, uuid.New(), "Amina")
	local, err := NewLocal(base64.StdEncoding.EncodeToString(secretOf(7)))
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range printVerbs {
		for _, value := range []any{
			box, local, []*Box{box}, struct{ Box *Box }{box}, struct{ box *Box }{box},
			struct{ w Wrapper }{local}, &Opener{box: box},
		} {
			if got := fmt.Sprintf(verb, value); showsKey(got) {
				t.Errorf("Sprintf(%s) of %T shows keys: %.200s", verb, value, got)
			}
		}
	}
}

func TestAnIndexFindsWhatOlderKeysHashed(t *testing.T) {
	t.Parallel()
	email := Column{Table: "staff", Name: "email_hash"}
	before := newTestBox(t, map[uint32][]byte{1: secretOf(1)})
	after := newTestBox(t, map[uint32][]byte{1: secretOf(1), 4: secretOf(4)})
	old, err := before.Index(email, "amina@example.org")
	if err != nil || len(old) != 1 || len(old[0]) != 32 {
		t.Fatalf("Index = %x, %v; want one hash of 32 bytes", old, err)
	}
	hashes, err := after.Index(email, "amina@example.org")
	if err != nil || len(hashes) != 2 || !bytes.Equal(hashes[1], old[0]) {
		t.Errorf("Index = %x, %v; want a new hash and then %x", hashes, err, old[0])
	}
	for what, box := range map[string]*Box{"another key": newTestBox(t, map[uint32][]byte{1: secretOf(2)}), "the same": before} {
		for _, column := range []Column{email, {Table: "staff", Name: "user_name_hash"}} {
			got, err := box.Index(column, "amina@example.org")
			if same := bytes.Equal(got[0], old[0]); err != nil || same != (box == before && column == email) {
				t.Errorf("Index with %s in %s equals the first: %t, %v", what, column, same, err)
			}
		}
	}
}

func TestABoxIsWipedWhenItsLastUserIsDone(t *testing.T) {
	t.Parallel()
	first, second := secretOf(1), secretOf(2)
	box := newTestBox(t, map[uint32][]byte{1: first, 2: second})
	row := uuid.New()
	sealed := mustSeal(t, box, name, row, "Amina")
	if _, err := box.Index(name, "x"); err != nil {
		t.Fatal(err)
	}
	box.hold()
	box.hold()
	box.retire()
	box.release()
	if got, err := box.Open(name, row, sealed); err != nil || got != "Amina" {
		t.Errorf("Open by the last user = %q, %v", got, err)
	}
	box.release()
	for _, secret := range [][]byte{first, second} {
		if !bytes.Equal(secret, make([]byte, dataKeySize)) {
			t.Errorf("the key was not zeroed: %x", secret)
		}
	}
	if _, err := box.Open(name, row, sealed); !errors.Is(err, ErrReleased) {
		t.Errorf("Open afterwards: %v, want ErrReleased", err)
	}
	if _, err := box.Seal(text, row, "Amina"); !errors.Is(err, ErrReleased) {
		t.Errorf("Seal afterwards: %v, want ErrReleased", err)
	}
	if _, err := box.Index(name, "x"); !errors.Is(err, ErrReleased) {
		t.Errorf("Index afterwards: %v, want ErrReleased", err)
	}
	if _, err := box.keys[1].addColumn(text); !errors.Is(err, ErrReleased) { // who was on the way there
		t.Errorf("a new subkey afterwards: %v, want ErrReleased", err)
	}
}

func TestABoxServesManyAtOnceAndSurvivesAMisuseOfIt(t *testing.T) {
	t.Parallel()
	box := newTestBox(t, map[uint32][]byte{1: secretOf(1), 2: secretOf(2)})
	row := uuid.New()
	var users sync.WaitGroup
	for i := range 8 {
		users.Go(func() {
			for j := range 200 {
				column := Column{Table: "t", Name: fmt.Sprint("c", (i+j)%20), Pad: Identity}
				sealed, err := box.Seal(column, row, "Amina")
				if errors.Is(err, ErrReleased) {
					return
				}
				got, err := box.Open(column, row, sealed)
				if !errors.Is(err, ErrReleased) && (err != nil || got != "Amina") {
					t.Errorf("Open = %q, %v", got, err)
				}
				if _, err := box.Index(column, "x"); err != nil && !errors.Is(err, ErrReleased) {
					t.Errorf("Index: %v", err)
				}
				if i == 0 && j == 150 {
					box.retire() // without having been held: a bug of the caller must not become wrong data
				}
			}
		})
	}
	users.Wait()
}

func TestOpenerAndSealerStopAtTheFirstError(t *testing.T) {
	t.Parallel()
	box := newTestBox(t, map[uint32][]byte{1: secretOf(1)})
	row := uuid.New()
	sealer := box.Sealer()
	first := sealer.Seal(name, row, "Amina")
	broken := sealer.Seal(Column{Table: "t", Name: "no_padding"}, row, "x")
	after := sealer.Seal(name, row, "Amina")
	if first == nil || broken != nil || after != nil || sealer.Err() == nil {
		t.Errorf("sealed %t, %t, %t; error %v", first != nil, broken != nil, after != nil, sealer.Err())
	}

	opener := box.Opener()
	if got := opener.Open(name, row, first); got != "Amina" || opener.Err() != nil {
		t.Errorf("Open = %q, %v", got, opener.Err())
	}
	if got := opener.Open(text, row, first); got != "" || !errors.Is(opener.Err(), ErrOpen) {
		t.Errorf("Open in another column = %q, %v; want ErrOpen", got, opener.Err())
	}
	if got := opener.Open(name, row, first); got != "" || !errors.Is(opener.Err(), ErrOpen) {
		t.Errorf("Open after an error = %q, %v; want nothing", got, opener.Err())
	}
}

func FuzzOpen(f *testing.F) {
	box := newTestBox(f, map[uint32][]byte{1: secretOf(1), 2: secretOf(2)})
	row := agencyB
	// The only envelope of this place that exists, the same in every fuzzing process.
	good, err := hex.DecodeString("01000000021822b65d1297b44953794229187443ac52d4d54f02a9f96f0e63cb1f" +
		"5a8ef6ef24c6c366e4b22c494d12869936eb8ab25ac1c74cabbe1913b74f9345")
	if err != nil {
		f.Fatal(err)
	}
	if got, err := box.Open(name, row, good); err != nil || got != "Amina" {
		f.Fatalf("Open = %q, %v", got, err)
	}
	f.Add(good, "Amina")
	f.Add([]byte(nil), "")
	f.Add([]byte{1, 0, 0, 0, 1}, "\x80")
	f.Add(append(bytes.Clone(good), 0), strings.Repeat("\x00", 64))
	f.Fuzz(func(t *testing.T, envelope []byte, plain string) {
		if got, err := box.Open(name, row, envelope); len(envelope) > 0 && err == nil && !bytes.Equal(envelope, good) {
			t.Errorf("a forged envelope opens: %x gives %q", envelope, got)
		}
		sealed := mustSeal(t, box, text, row, plain)
		if got, err := box.Open(text, row, sealed); err != nil || got != plain {
			t.Errorf("Open = %q, %v; want %q", got, err, plain)
		}
	})
}
