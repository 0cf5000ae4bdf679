package staff

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// What new hashes cost: OWASP's minimum for Argon2id, 19 MiB and two passes.
const (
	hashMemory  = 19 * 1024 // KiB
	hashPasses  = 2
	hashThreads = 1
	hashSalt    = 16 // bytes
	hashLength  = 32 // bytes
)

// What a stored hash may cost at most: an imported one is somebody else's choice.
const (
	maxMemory  = 256 * 1024 // KiB
	maxPasses  = 10
	maxThreads = 16
	maxLength  = 128 // bytes, of salt and of hash
)

// djangoPrefix stands before the PHC string in a hash that Django wrote.
const djangoPrefix = "argon2$"

var (
	// ErrHash says that a stored or imported password hash is none that can be checked.
	ErrHash = errors.New("staff: not a password hash that can be checked")
	// ErrPepper says that a stored hash was made with a pepper that is not configured.
	ErrPepper = errors.New("staff: the pepper of a password hash is not configured")
)

// A pepper is a secret outside the database that is mixed into every password before
// it is hashed: a stolen database alone cannot be guessed at.
type pepper struct {
	id     string // a fingerprint, written into each hash so that peppers can be replaced
	secret []byte
}

func newPepper(secret []byte) (pepper, error) {
	if len(secret) < 32 {
		return pepper{}, errors.New("staff: a pepper needs at least 32 bytes")
	}
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte("konote/pepper/v1"))
	return pepper{id: base64.RawStdEncoding.EncodeToString(mac.Sum(nil)[:6]), secret: secret}, nil
}

// mix is what is hashed in place of the password. The same character typed in two ways
// (é, or e with an accent added) is the same password.
func (p pepper) mix(password string) []byte {
	mac := hmac.New(sha256.New, p.secret)
	mac.Write([]byte(norm.NFKC.String(password)))
	return mac.Sum(nil)
}

// A hash is a parsed PHC string: $argon2id$v=19$m=19456,t=2,p=1,keyid=…$salt$hash.
type hash struct {
	algorithm string // argon2id; argon2i from Django before 3.2
	memory    uint32 // KiB
	passes    uint32
	threads   uint8
	pepper    string // id; "" for a hash made elsewhere
	salt      []byte
	sum       []byte
}

func newHash(p pepper, password string) hash {
	h := hash{algorithm: "argon2id", memory: hashMemory, passes: hashPasses, threads: hashThreads, pepper: p.id, salt: make([]byte, hashSalt)}
	_, _ = rand.Read(h.salt) // never fails: crypto/rand ends the process instead
	h.sum = h.compute(p.mix(password), hashLength)
	return h
}

func (h hash) compute(secret []byte, length int) (sum []byte) {
	key := argon2.IDKey
	if h.algorithm == "argon2i" {
		key = argon2.Key
	}
	aside(func() { sum = key(secret, h.salt, h.passes, h.memory, h.threads, uint32(length)) })
	return sum
}

// matches computes the hash once, whatever comes out. peppers are all that are known.
func (h hash) matches(password string, peppers []pepper) (bool, error) {
	secret := []byte(password)
	if h.pepper != "" {
		known := false
		for _, p := range peppers {
			if p.id == h.pepper {
				secret, known = p.mix(password), true
			}
		}
		if !known {
			return false, ErrPepper
		}
	}
	return subtle.ConstantTimeCompare(h.compute(secret, len(h.sum)), h.sum) == 1, nil
}

// isStale says that the hash is not as it would be made today.
func (h hash) isStale(newest pepper) bool {
	return h.algorithm != "argon2id" || h.memory != hashMemory || h.passes != hashPasses || h.threads != hashThreads ||
		h.pepper != newest.id || len(h.sum) != hashLength
}

func (h hash) String() string {
	return fmt.Sprintf("$%s$v=19$m=%d,t=%d,p=%d,keyid=%s$%s$%s", h.algorithm, h.memory, h.passes, h.threads, h.pepper,
		base64.RawStdEncoding.EncodeToString(h.salt), base64.RawStdEncoding.EncodeToString(h.sum))
}

// parseHash reads our own strings and those of Django (argon2$argon2id$…). Argon2 of
// version 1.0, which Django wrote before 2016 without v=, is refused: nothing computes
// it any more, and such an account needs a new password.
func parseHash(text string) (hash, error) {
	text, django := strings.CutPrefix(text, djangoPrefix)
	if django {
		text = "$" + text
	}
	parts := strings.Split(text, "$")
	if len(parts) != 6 || parts[0] != "" || (parts[1] != "argon2id" && parts[1] != "argon2i") || parts[2] != "v=19" {
		return hash{}, ErrHash
	}
	h := hash{algorithm: parts[1]}
	for _, parameter := range strings.Split(parts[3], ",") {
		if err := h.set(parameter); err != nil {
			return hash{}, err
		}
	}
	if h.memory == 0 || h.passes == 0 || h.threads == 0 || h.memory < 8*uint32(h.threads) || django != (h.pepper == "") {
		return hash{}, ErrHash
	}
	var err error
	if h.salt, err = decodeBase64(parts[4], 8); err != nil {
		return hash{}, err
	}
	if h.sum, err = decodeBase64(parts[5], 16); err != nil {
		return hash{}, err
	}
	return h, nil
}

func (h *hash) set(parameter string) error {
	name, value, _ := strings.Cut(parameter, "=")
	if name == "keyid" && value != "" {
		h.pepper = value
		return nil
	}
	limit, ok := map[string]uint64{"m": maxMemory, "t": maxPasses, "p": maxThreads}[name]
	number, err := strconv.ParseUint(value, 10, 32)
	if !ok || err != nil || number > limit {
		return ErrHash
	}
	switch name {
	case "m":
		h.memory = uint32(number)
	case "t":
		h.passes = uint32(number)
	case "p":
		h.threads = uint8(number)
	}
	return nil
}

// decodeBase64 reads the standard alphabet with or without padding, as libraries
// differ in what they write.
func decodeBase64(text string, least int) ([]byte, error) {
	decoded, err := base64.RawStdEncoding.Strict().DecodeString(strings.TrimRight(text, "="))
	if err != nil || len(decoded) < least || len(decoded) > maxLength {
		return nil, ErrHash
	}
	return decoded, nil
}
