package keyring

import (
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"slices"
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
	// or moved from another row, column or agency. It does not say which.
	ErrOpen = errors.New("keyring: the sealed value does not open")
	// ErrKeyVersion is the ErrOpen of an envelope that names a version of the data
	// key that the agency does not have (any more).
	ErrKeyVersion = fmt.Errorf("%w: no such key version", ErrOpen)
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
	agency   uuid.UUID
	versions []uint32            // newest first
	keys     map[uint32]*dataKey // as many as versions; immutable

	mu      sync.Mutex
	users   int
	retired bool
}

// newBox takes ownership of the secrets and zeroes them when the box is wiped.
func newBox(agency uuid.UUID, secrets map[uint32][]byte) *Box {
	box := &Box{agency: agency, keys: make(map[uint32]*dataKey, len(secrets))}
	for version, secret := range secrets {
		box.versions = append(box.versions, version)
		box.keys[version] = newDataKey(secret)
	}
	slices.Sort(box.versions)
	slices.Reverse(box.versions)
	return box
}

// Format prints the agency and hides the keys, which some verbs would show.
func (b *Box) Format(f fmt.State, _ rune) { _, _ = fmt.Fprintf(f, "[box of %s]", b.agency) }

// Agency is whose fields this box opens.
func (b *Box) Agency() uuid.UUID { return b.agency }

// Seal encrypts plain for one field: column c of the row with the given id. An
// empty plain is an absent field and gives a nil Sealed.
func (b *Box) Seal(c Column, row uuid.UUID, plain string) (Sealed, error) {
	if plain == "" {
		return nil, nil
	}
	if c.Pad < 1 {
		return nil, fmt.Errorf("keyring: column %s has no padding", c)
	}
	version := b.versions[0]
	aead, err := b.keys[version].column(c)
	if err != nil {
		return nil, fmt.Errorf("seal %s: %w", c, err)
	}

	// One allocation holds the envelope and, behind it, the associated data. The
	// plaintext is padded where the ciphertext will be.
	padded := paddedSize(len(plain), c.Pad)
	size := overhead + padded
	buf := make([]byte, size, size+associatedSize(c))
	buf[0] = formatGCM
	binary.BigEndian.PutUint32(buf[1:], version)
	text := buf[headerSize : headerSize+padded]
	copy(text, plain)
	text[len(plain)] = padMark
	associated := b.associatedData(buf[size:], c, row, version)
	return aead.Seal(buf[:headerSize], nil, text, associated)[:size:size], nil
}

// Open decrypts what Seal made for the same column and row, and gives "" for an
// absent field. It returns ErrOpen for anything else (ErrKeyVersion, which is an
// ErrOpen too, when the agency lacks the key).
func (b *Box) Open(c Column, row uuid.UUID, s Sealed) (string, error) {
	if s == nil {
		return "", nil
	}
	plain, err := b.open(c, row, s)
	if err != nil {
		return "", fmt.Errorf("open %s of row %s: %w", c, row, err)
	}
	return plain, nil
}

func (b *Box) open(c Column, row uuid.UUID, s Sealed) (string, error) {
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

	size := len(s) - overhead
	buf := make([]byte, size, size+associatedSize(c))
	associated := b.associatedData(buf[size:], c, row, version)
	padded, err := aead.Open(buf[:0], nil, s[headerSize:], associated)
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
	hashes := make([][]byte, 0, len(b.versions))
	for _, version := range b.versions {
		hash, err := b.keys[version].index(c, value)
		if err != nil {
			return nil, fmt.Errorf("index %s: %w", c, err)
		}
		hashes = append(hashes, hash)
	}
	return hashes, nil
}

func associatedSize(c Column) int { return 1 + 16 + len(c.Table) + 1 + len(c.Name) + 16 + 4 }

// associatedData appends what an envelope is bound to. Everything but the column
// has a fixed length, so no two bindings give the same bytes.
func (b *Box) associatedData(buf []byte, c Column, row uuid.UUID, version uint32) []byte {
	buf = append(buf, formatGCM)
	buf = append(buf, b.agency[:]...)
	buf = append(buf, c.Table...)
	buf = append(buf, '.')
	buf = append(buf, c.Name...)
	buf = append(buf, row[:]...)
	return binary.BigEndian.AppendUint32(buf, version)
}

// hold counts one more user.
func (b *Box) hold() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.users++
}

// release counts one user less.
func (b *Box) release() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.users--
	b.wipeIfDone()
}

// retire has the box wiped when its last user is done, and not while one still
// reads with it.
func (b *Box) retire() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.retired = true
	b.wipeIfDone()
}

func (b *Box) wipeIfDone() {
	if b.retired && b.users == 0 {
		for _, key := range b.keys {
			key.wipe()
		}
	}
}

// padMark ends the plaintext; zeros follow it (ISO/IEC 7816-4).
const padMark = 0x80

// paddedSize is the length with the mark, rounded up to a multiple of block.
func paddedSize(length, block int) int { return (length/block + 1) * block }

// unpad takes the mark and the zeros off. The padding is authenticated, so a fault
// here means a bug in the writer and not an attack; timing does not matter.
func unpad(padded []byte) (string, error) {
	for i := len(padded) - 1; i >= 0; i-- {
		switch padded[i] {
		case padMark:
			return string(padded[:i]), nil
		case 0:
		default:
			return "", ErrOpen
		}
	}
	return "", ErrOpen
}
