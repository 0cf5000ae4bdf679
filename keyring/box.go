package keyring

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/google/uuid"
)

const (
	formatGCM   = 0x01
	headerSize  = 1 + 4
	nonceSize   = 12
	tagSize     = 16
	overhead    = headerSize + nonceSize + tagSize
	dataKeySize = 32
)

var (
	// ErrOpen says that an envelope is not what it claims to be: altered, cut,
	// or moved from another row, column or agency. It carries no detail.
	ErrOpen = errors.New("keyring: the sealed value does not open")
	// ErrKeyVersion says that the envelope names a version of the data key that
	// the agency does not have (any more).
	ErrKeyVersion = errors.New("keyring: no such key version")
	// ErrReleased says that a Box was used after its release.
	ErrReleased = errors.New("keyring: box used after release")
)

// Padding of the plaintext, in bytes: lengths are rounded up to the next
// multiple, the padding byte included.
const (
	Identity = 32 // names, dates, phone numbers, e-mail addresses
	Words    = 64 // notes and other free text
)

// Column names a sealed column. Declare one package-level value for each, next to
// the SQL that reads it; the name is part of every envelope, so it can never change.
type Column struct {
	Table string
	Name  string
	Pad   int // Identity or Words
}

func (c Column) String() string { return c.Table + "." + c.Name }

// Sealed is an envelope as it is stored. The zero value is an absent field.
type Sealed []byte

func (s Sealed) String() string             { return "[sealed]" }
func (s Sealed) GoString() string           { return "[sealed]" }
func (s Sealed) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("[sealed]")) }
func (s Sealed) LogValue() slog.Value       { return slog.StringValue("[sealed]") }

// MarshalJSON always fails: sealed values have no business in JSON.
func (s Sealed) MarshalJSON() ([]byte, error) {
	return nil, errors.New("keyring: a sealed value cannot be encoded as JSON")
}

// Version is the version of the data key that the envelope was sealed with, 0 for
// an absent field. It is not authenticated until the envelope is opened.
func (s Sealed) Version() uint32 {
	if len(s) < headerSize {
		return 0
	}
	return binary.BigEndian.Uint32(s[1:headerSize])
}

// Box holds the data keys of one agency and seals and opens its fields. It is
// safe for concurrent use. It comes from a [Ring] and is given back to it.
type Box struct {
	agency uuid.UUID
	newest uint32
	keys   map[uint32]*dataKey // immutable after construction
	live   liveness
}

// A dataKey is one version with the subkeys made from it so far.
type dataKey struct {
	mu      sync.RWMutex
	secret  []byte // nil once wiped
	columns map[string]cipher.AEAD
	indexes map[string][]byte
}

// newBox takes ownership of the secrets and zeroes them when the box is wiped.
func newBox(agency uuid.UUID, secrets map[uint32][]byte) (*Box, error) {
	box := &Box{agency: agency, keys: make(map[uint32]*dataKey, len(secrets))}
	for version, secret := range secrets {
		if len(secret) != dataKeySize {
			return nil, fmt.Errorf("keyring: data key version %d has %d bytes, want %d", version, len(secret), dataKeySize)
		}
		box.keys[version] = &dataKey{secret: secret, columns: map[string]cipher.AEAD{}, indexes: map[string][]byte{}}
		box.newest = max(box.newest, version)
	}
	if box.newest == 0 {
		return nil, fmt.Errorf("keyring: agency has no data key: %w", ErrKeyVersion)
	}
	return box, nil
}

// Agency is whose fields this box opens.
func (b *Box) Agency() uuid.UUID { return b.agency }

// Seal encrypts plain for one field: column c of the row with the given id. An
// empty plain is an absent field and gives a nil Sealed.
func (b *Box) Seal(c Column, row uuid.UUID, plain string) (Sealed, error) {
	if plain == "" {
		return nil, nil
	}
	aead, err := b.keys[b.newest].column(c)
	if err != nil {
		return nil, err
	}

	padded := padTo(plain, c.Pad)
	out := make([]byte, headerSize, overhead+len(padded))
	out[0] = formatGCM
	binary.BigEndian.PutUint32(out[1:], b.newest)
	var aad [aadSize]byte
	return aead.Seal(out, nil, padded, b.associatedData(aad[:0], c, row, b.newest)), nil
}

// Open decrypts what Seal made for the same column and row. It returns ErrOpen for
// anything else, and ErrKeyVersion when the agency lacks the key.
func (b *Box) Open(c Column, row uuid.UUID, s Sealed) (string, error) {
	if s == nil {
		return "", nil
	}
	if len(s) < overhead || s[0] != formatGCM {
		return "", ErrOpen
	}
	version := s.Version()
	key, ok := b.keys[version]
	if !ok {
		return "", ErrKeyVersion
	}
	aead, err := key.column(c)
	if err != nil {
		return "", err
	}

	var aad [aadSize]byte
	padded, err := aead.Open(nil, nil, s[headerSize:], b.associatedData(aad[:0], c, row, version))
	if err != nil {
		return "", ErrOpen
	}
	return unpad(padded)
}

// Index gives the keyed hashes under which a unique value of a column can be
// looked up without being readable: HMAC-SHA256 under a key of the agency and the
// column. The first is the one to store; all of them are to be searched, because a
// row may still carry the hash of an older key version. The caller normalises the
// value. Only for values that are unique in the column: equal values give equal
// hashes, and the frequencies of names would betray them.
func (b *Box) Index(c Column, value string) ([][]byte, error) {
	var hashes [][]byte
	for version := b.newest; version > 0; version-- {
		key, ok := b.keys[version]
		if !ok {
			continue
		}
		secret, err := key.index(c)
		if err != nil {
			return nil, err
		}
		mac := hmac.New(sha256.New, secret)
		mac.Write([]byte(value))
		hashes = append(hashes, mac.Sum(nil))
	}
	return hashes, nil
}

const aadSize = 128

func (b *Box) associatedData(buf []byte, c Column, row uuid.UUID, version uint32) []byte {
	buf = append(buf, formatGCM)
	buf = append(buf, b.agency[:]...)
	buf = append(buf, c.Table...)
	buf = append(buf, '.')
	buf = append(buf, c.Name...)
	buf = append(buf, row[:]...)
	return binary.BigEndian.AppendUint32(buf, version)
}

func (k *dataKey) column(c Column) (cipher.AEAD, error) {
	name := c.String()
	k.mu.RLock()
	aead, wiped := k.columns[name], k.secret == nil
	k.mu.RUnlock()
	if wiped {
		return nil, ErrReleased
	}
	if aead != nil {
		return aead, nil
	}

	k.mu.Lock()
	defer k.mu.Unlock()
	if k.secret == nil {
		return nil, ErrReleased
	}
	subkey, err := hkdf.Key(sha256.New, k.secret, nil, "konote/v1"+name, 32)
	if err != nil {
		return nil, fmt.Errorf("derive column key: %w", err)
	}
	defer clear(subkey)
	block, err := aes.NewCipher(subkey)
	if err != nil {
		return nil, fmt.Errorf("derive column key: %w", err)
	}
	aead, err = cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("derive column key: %w", err)
	}
	k.columns[name] = aead
	return aead, nil
}

func (k *dataKey) index(c Column) ([]byte, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.secret == nil {
		return nil, ErrReleased
	}
	if secret := k.indexes[c.String()]; secret != nil {
		return secret, nil
	}
	secret, err := hkdf.Key(sha256.New, k.secret, nil, "konote/index/v1"+c.String(), 32)
	if err != nil {
		return nil, fmt.Errorf("derive index key: %w", err)
	}
	k.indexes[c.String()] = secret
	return secret, nil
}

func (k *dataKey) wipe() {
	k.mu.Lock()
	defer k.mu.Unlock()
	clear(k.secret)
	k.secret = nil
	clear(k.columns)
	for _, secret := range k.indexes {
		clear(secret)
	}
	clear(k.indexes)
}

// checkValue commits to a data key without revealing it. It is stored beside the
// wrapped key and compared when the key is unwrapped.
func checkValue(secret []byte) ([]byte, error) {
	return hkdf.Key(sha256.New, secret, nil, "konote/commit/v1", 32)
}

// padTo appends 0x80 and zeros up to a multiple of block (ISO/IEC 7816-4).
func padTo(plain string, block int) []byte {
	if block < 1 {
		block = 1
	}
	size := (len(plain)/block + 1) * block
	padded := make([]byte, size)
	copy(padded, plain)
	padded[len(plain)] = 0x80
	return padded
}

// unpad removes what padTo added. The padding is authenticated, so a fault here
// means a bug in the writer and not an attack; timing does not matter.
func unpad(padded []byte) (string, error) {
	for i := len(padded) - 1; i >= 0; i-- {
		switch padded[i] {
		case 0x80:
			return string(padded[:i]), nil
		case 0:
		default:
			return "", ErrOpen
		}
	}
	return "", ErrOpen
}
