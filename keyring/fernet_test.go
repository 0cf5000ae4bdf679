package keyring

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

type fernetVector struct {
	Desc   string
	Token  string
	Now    time.Time
	TTLSec int `json:"ttl_sec"`
	IV     []int
	Src    string
	Secret string
}

func fernetVectors(t testing.TB) (v struct{ Generate, Verify, Invalid, Python []fernetVector }) {
	t.Helper()
	content, err := os.ReadFile("testdata/fernet.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(content, &v); err != nil {
		t.Fatal(err)
	}
	if len(v.Generate) != 1 || len(v.Verify) != 1 || len(v.Invalid) != 11 || len(v.Python) != 7 {
		t.Fatalf("testdata is not complete")
	}
	return v
}

func fernetKey(t testing.TB, encoded string) FernetKey {
	t.Helper()
	key, err := ParseFernetKey(encoded)
	if err != nil {
		t.Fatalf("ParseFernetKey: %v", err)
	}
	return key
}

func newFernetKey(b byte) string {
	return base64.URLEncoding.EncodeToString(secretOf(b))
}

func TestFernetFollowsTheVectorsOfItsSpecification(t *testing.T) {
	t.Parallel()
	vectors := fernetVectors(t)
	for _, v := range vectors.Generate {
		var iv [16]byte
		for i := range iv {
			iv[i] = byte(v.IV[i])
		}
		if got := fernetKey(t, v.Secret).encryptWith(iv, []byte(v.Src), v.Now); got != v.Token {
			t.Errorf("generated %s, want %s", got, v.Token)
		}
	}
	for _, v := range vectors.Verify {
		got, err := fernetKey(t, v.Secret).DecryptWithin(v.Token, time.Duration(v.TTLSec)*time.Second, v.Now)
		if err != nil || string(got) != v.Src {
			t.Errorf("DecryptWithin = %q, %v; want %q", got, err, v.Src)
		}
	}
	for _, v := range vectors.Invalid {
		got, err := fernetKey(t, v.Secret).DecryptWithin(v.Token, time.Duration(v.TTLSec)*time.Second, v.Now)
		if !errors.Is(err, ErrOpen) || got != nil {
			t.Errorf("%s: DecryptWithin = %q, %v; want ErrOpen", v.Desc, got, err)
		}
		ageOnly := strings.HasPrefix(v.Desc, "far-future") || v.Desc == "expired TTL"
		if _, _, err := fernetKey(t, v.Secret).Decrypt(v.Token); (err == nil) != ageOnly {
			t.Errorf("%s: Decrypt, which does not mind the age: %v", v.Desc, err)
		}
	}
}

// Only who has the key can make such a token, and Python refuses it too.
func TestFernetRefusesPaddingOfNoOrTooManyBytes(t *testing.T) {
	t.Parallel()
	key := fernetKey(t, newFernetKey(1))
	for _, last := range []byte{0, 17, 255} {
		token := append([]byte{fernetVersion}, make([]byte, fernetHeader-1)...)
		text := append(make([]byte, 15), last)
		key.secret.encrypt.Encrypt(text, text) // CBC with a vector of zeros
		token = append(token, text...)
		token = append(token, key.mac(token)...)
		if got, _, err := key.Decrypt(base64.URLEncoding.EncodeToString(token)); !errors.Is(err, ErrOpen) {
			t.Errorf("padding of %d: Decrypt = %x, %v; want ErrOpen", last, got, err)
		}
	}
}

func TestFernetOpensWhatPythonSealed(t *testing.T) {
	t.Parallel()
	for _, v := range fernetVectors(t).Python {
		got, at, err := fernetKey(t, v.Secret).Decrypt(v.Token)
		if want := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC); err != nil || string(got) != v.Src || !at.Equal(want) {
			t.Errorf("Decrypt = %q at %s, %v; want %q at %s", got, at, err, v.Src, want)
		}
	}
}

func TestFernetKeysEncryptWithTheFirstAndDecryptWithAll(t *testing.T) {
	t.Parallel()
	old, err := ParseFernetKeys(newFernetKey(1))
	if err != nil {
		t.Fatal(err)
	}
	both, err := ParseFernetKeys(newFernetKey(2) + ", " + newFernetKey(1))
	if err != nil {
		t.Fatal(err)
	}
	now := time.Unix(1772442000, 0).UTC()
	before, after := old.Encrypt([]byte("avant"), now), both.Encrypt([]byte("après"), now)
	for token, want := range map[string]string{before: "avant", after: "après"} {
		if got, at, err := both.Decrypt(token); err != nil || string(got) != want || !at.Equal(now) {
			t.Errorf("Decrypt = %q at %s, %v; want %q", got, at, err, want)
		}
	}
	if got, _, err := old.Decrypt(after); !errors.Is(err, ErrOpen) || got != nil {
		t.Errorf("Decrypt without the key = %q, %v; want ErrOpen", got, err)
	}
	if got, _, err := both.Decrypt(after[:20] + "\n" + after[20:]); !errors.Is(err, ErrOpen) || got != nil {
		t.Errorf("Decrypt of a broken line = %q, %v; want ErrOpen", got, err)
	}
	if again := both.Encrypt([]byte("après"), now); again == after {
		t.Error("the same words give the same token twice")
	}
}

func TestFernetKeysAreCheckedAndNeverShown(t *testing.T) {
	t.Parallel()
	good := newFernetKey(7)
	for _, bad := range []string{"", ",", good + ",", good + good, good[:43], good[1:], strings.ToUpper(good) + "!", "default", good[:20] + "\n" + good[20:43]} {
		if _, err := ParseFernetKeys(bad); err == nil || strings.Contains(err.Error(), "BwcH") {
			t.Errorf("ParseFernetKeys(%q): %v, want an error that does not quote it", bad, err)
		}
	}
	key := fernetKey(t, good)
	for _, verb := range printVerbs {
		for _, value := range []any{key, &key, FernetKeys{key}, struct{ key FernetKey }{key}, struct{ Key FernetKey }{key}} {
			if got := fmt.Sprintf(verb, value); showsKey(got) {
				t.Errorf("Sprintf(%s) of %T shows the key: %s", verb, value, got)
			}
		}
	}
}

func FuzzFernet(f *testing.F) {
	keys, err := ParseFernetKeys(newFernetKey(1) + "," + newFernetKey(2))
	if err != nil {
		f.Fatal(err)
	}
	now := time.Unix(1772442000, 0).UTC()
	good := keys[0].encryptWith([16]byte{1, 2, 3}, []byte("Amina"), now) // the same in every fuzzing process
	f.Add(good, []byte("Amina"))
	f.Add(good[:len(good)-4], []byte{})
	for _, v := range fernetVectors(f).Invalid {
		f.Add(v.Token, []byte(v.Desc))
	}
	f.Fuzz(func(t *testing.T, token string, plain []byte) {
		if got, _, err := keys.Decrypt(token); err == nil && token != good {
			t.Errorf("a forged token opens: %s gives %q", token, got)
		}
		got, at, err := keys.Decrypt(keys.Encrypt(plain, now))
		if err != nil || string(got) != string(plain) || !at.Equal(now) {
			t.Errorf("Decrypt = %q at %s, %v; want %q", got, at, err, plain)
		}
	})
}
