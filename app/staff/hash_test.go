package staff

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"golang.org/x/crypto/argon2"
)

// djangoHash writes what Django's Argon2PasswordHasher writes: the salt is text.
func djangoHash(t testing.TB, password, salt string) string {
	t.Helper()
	sum := argon2.IDKey([]byte(password), []byte(salt), 2, 102400, 8, 32)
	return "argon2$argon2id$v=19$m=102400,t=2,p=8$" + base64.RawStdEncoding.EncodeToString([]byte(salt)) + "$" + base64.RawStdEncoding.EncodeToString(sum)
}

func TestHashesOfDjangoAreAccepted(t *testing.T) {
	t.Parallel()
	// Made with the reference implementation (argon2 -e, and argon2-cffi as Django calls
	// it) unless something else is said.
	for _, test := range []struct{ what, password, hash string }{
		{"Django's default since 3.2", "correct horse battery", "argon2$argon2id$v=19$m=102400,t=2,p=8$UzRsdFM0bHRTNGx0UzRsdFM0bHQyMg$EU34Pt+4ygfs1dq+K5tmX0IQoqn+oR6h9eVRWUeYQqY"},
		{"letters with accents", "lètmein", "argon2$argon2id$v=19$m=102400,t=2,p=8$UzRsdFM0bHRTNGx0UzRsdFM0bHQyMg$KiVvArevxi8AZpmdEkN1Tn+nG+9RTBzVbQ+npgCeMeg"},
		{"argon2i before 3.2", "lètmein", "argon2$argon2i$v=19$m=512,t=2,p=2$b2xkc2FsdDEyMzQ1$MfK96OMVqKin7ElfmHywaQ"},
		{"from Django's own tests", "secret", "argon2$argon2i$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$YC9+jJCrQhs5R6db7LlN8Q"},
		{"base64 with padding", "secret", "argon2$argon2i$v=19$m=8,t=1,p=1$c2FsdHNhbHQ=$YC9+jJCrQhs5R6db7LlN8Q=="},
		{"parameters in another order", "secret", "argon2$argon2i$v=19$t=1,p=1,m=8$c2FsdHNhbHQ$YC9+jJCrQhs5R6db7LlN8Q"},
		{"made here", "violet anchor soup", djangoHash(t, "violet anchor soup", "aB3dE6gH9jK2mN5pQ8sT1v")},
	} {
		parsed, err := parseHash(test.hash)
		if err != nil {
			t.Errorf("%s: %v", test.what, err)
			continue
		}
		if right, err := parsed.matches(test.password, nil); !right || err != nil {
			t.Errorf("%s: the password: got %v, %v, want true", test.what, right, err)
		}
		if right, err := parsed.matches(test.password+"x", nil); right || err != nil {
			t.Errorf("%s: another password: got %v, %v, want false", test.what, right, err)
		}
		if !parsed.isStale(pepper{}) {
			t.Errorf("%s: got fresh, want stale", test.what)
		}
	}
}

func TestWhatIsNoHashIsRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "secret", "pbkdf2_sha256$260000$salt$aGFzaA==", "argon2", "argon2$", "$argon2id$", "!", "!argon2$argon2id$",
		"argon2$argon2i$m=8,t=1,p=1$c29tZXNhbHQ$gwQOXSNhxiOxPOA0+PY10P9QFO4NAYysnqRt1GSQLE55m+2GYDt9FEjPMHhP2Cuf0nOEXXMocVrsJAtNSsKyfg", // version 1.0
		"argon2$argon2i$v=16$m=512,t=2,p=2$b2xkc2FsdDEyMzQ1$L78JNET2lCDzFJptq4sDsQ",
		"argon2$argon2d$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$YC9+jJCrQhs5R6db7LlN8Q",
		"argon2$argon2i$v=19$m=8,t=0,p=1$c2FsdHNhbHQ$YC9+jJCrQhs5R6db7LlN8Q",
		"argon2$argon2i$v=19$m=8,t=1,p=0$c2FsdHNhbHQ$YC9+jJCrQhs5R6db7LlN8Q",
		"argon2$argon2i$v=19$m=8,t=1,p=4$c2FsdHNhbHQ$YC9+jJCrQhs5R6db7LlN8Q",        // less than 8 KiB a thread
		"argon2$argon2i$v=19$m=99999999,t=1,p=1$c2FsdHNhbHQ$YC9+jJCrQhs5R6db7LlN8Q", // 95 GiB
		"argon2$argon2i$v=19$m=8,t=99999999,p=1$c2FsdHNhbHQ$YC9+jJCrQhs5R6db7LlN8Q", // for ever
		"argon2$argon2i$v=19$m=8,t=1,p=257$c2FsdHNhbHQ$YC9+jJCrQhs5R6db7LlN8Q",      // does not fit
		"argon2$argon2i$v=19$m=-8,t=1,p=1$c2FsdHNhbHQ$YC9+jJCrQhs5R6db7LlN8Q",
		"argon2$argon2i$v=19$m=8,t=1,p=1,x=1$c2FsdHNhbHQ$YC9+jJCrQhs5R6db7LlN8Q",
		"argon2$argon2i$v=19$m=8,t=1,p=1$c2Fs$YC9+jJCrQhs5R6db7LlN8Q",                 // short salt
		"argon2$argon2i$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$YC9+",                            // short hash: easily hit
		"argon2$argon2i$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$" + strings.Repeat("YC9+", 1000), // long hash
		"argon2$argon2i$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$****************",
		"argon2$argon2i$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$YC9+jJCrQhs5R6db7LlN8Q$",
		"argon2$argon2id$v=19$m=19456,t=2,p=1,keyid=AAAA$c2FsdHNhbHQ$YC9+jJCrQhs5R6db7LlN8Q", // Django has no pepper
		"$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$YC9+jJCrQhs5R6db7LlN8Q",                  // ours always has one
	} {
		if _, err := parseHash(text); !errors.Is(err, ErrHash) {
			t.Errorf("%.60q: got %v, want ErrHash", text, err)
		}
	}
}

func TestOurHashesNeedPasswordAndPepper(t *testing.T) {
	t.Parallel()
	old, young := testPepper(t, 1), testPepper(t, 2)
	made := newHash(old, "café au lait froid")
	text := made.String()
	if again := newHash(old, "café au lait froid").String(); again == text {
		t.Error("two hashes of a password are the same, want a salt of its own for each")
	}
	parsed, err := parseHash(text)
	if err != nil {
		t.Fatal(err)
	}
	if parsed.isStale(old) || !parsed.isStale(young) {
		t.Error("a hash is stale when, and only when, another pepper is the newest")
	}
	for _, test := range []struct {
		what, password string
		peppers        []pepper
		want           bool
		err            error
	}{
		{"as it was typed", "café au lait froid", []pepper{old}, true, nil},
		{"the accent as a character of its own", "cafe\u0301 au lait froid", []pepper{old}, true, nil},
		{"a newer pepper beside it", "café au lait froid", []pepper{young, old}, true, nil},
		{"without the accent", "cafe au lait froid", []pepper{old}, false, nil},
		{"in capitals", "CAFÉ AU LAIT FROID", []pepper{old}, false, nil},
		{"a space more", "café au lait froid ", []pepper{old}, false, nil},
		{"without its pepper", "café au lait froid", []pepper{young}, false, ErrPepper},
	} {
		got, err := parsed.matches(test.password, test.peppers)
		if got != test.want || !errors.Is(err, test.err) {
			t.Errorf("%s: got %v, %v, want %v, %v", test.what, got, err, test.want, test.err)
		}
	}
	if strings.Contains(text, "café") {
		t.Error("the password stands in its hash")
	}
}

func FuzzParseHash(f *testing.F) {
	f.Add("argon2$argon2i$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$YC9+jJCrQhs5R6db7LlN8Q")
	f.Add("$argon2id$v=19$m=19456,t=2,p=1,keyid=AAAA$c2FsdHNhbHQ$YC9+jJCrQhs5R6db7LlN8Q")
	f.Fuzz(func(t *testing.T, text string) {
		parsed, err := parseHash(text)
		if err != nil {
			return
		}
		if parsed.memory > maxMemory || parsed.passes > maxPasses || parsed.threads > maxThreads || parsed.passes == 0 || parsed.threads == 0 ||
			len(parsed.sum) > maxLength || len(parsed.salt) > maxLength {
			t.Errorf("%q costs more than is allowed: %+v", text, parsed)
		}
	})
}

func testPepper(t testing.TB, fill byte) pepper {
	t.Helper()
	p, err := newPepper(testSecret(fill))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// testSecret is 32 bytes.
func testSecret(fill byte) []byte {
	secret := make([]byte, 32)
	for i := range secret {
		secret[i] = fill
	}
	return secret
}
