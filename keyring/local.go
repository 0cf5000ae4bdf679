package keyring

import (
	"context"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/google/uuid"
)

// DevelopmentKey is a published key in the form that NewLocal takes. It protects
// nothing: the demo uses it, and production refuses it (see IsDevelopmentKey).
const DevelopmentKey = "a29ub3RlLWRldmVsb3BtZW50LWtleS1wdWJsaXNoZWQ="

const (
	localName      = "local"
	localAlgorithm = "A256GCM"
	localFileLimit = 64 << 10
)

// Local is the key provider of development and of hosting without Azure: its
// wrapping keys are in a file or in an environment variable, and in the memory of
// the process for as long as it runs.
type Local struct {
	keys []localKey // the first wraps; all of them unwrap
}

type localKey struct {
	id   string
	aead cipher.AEAD
}

// GenerateLocal makes a wrapping key in the form that NewLocal and NewLocalFile
// take: 32 random bytes in base64. Whoever loses it loses the records.
func GenerateLocal() string {
	key := make([]byte, dataKeySize)
	_, _ = rand.Read(key) // never fails (crypto/rand)
	defer clear(key)
	return base64.StdEncoding.EncodeToString(key)
}

// NewLocal reads wrapping keys, one a line: the first wraps, and all of them unwrap,
// so that a key is replaced by putting a new one above it.
func NewLocal(encoded string) (*Local, error) {
	local := &Local{}
	for i, line := range strings.Fields(encoded) {
		key, err := base64.StdEncoding.Strict().DecodeString(line)
		if err != nil || len(key) != dataKeySize { // err would quote from the key
			return nil, fmt.Errorf("keyring: local key %d is not %d bytes in base64", i+1, dataKeySize)
		}
		aead, err := newAEAD(key)
		if err != nil {
			return nil, fmt.Errorf("read local key %d: %w", i+1, err)
		}
		id, err := fingerprint(key)
		if err != nil {
			return nil, fmt.Errorf("read local key %d: %w", i+1, err)
		}
		clear(key)
		local.keys = append(local.keys, localKey{id: id, aead: aead})
	}
	if len(local.keys) == 0 {
		return nil, errors.New("keyring: no local key given")
	}
	return local, nil
}

// NewLocalFile is NewLocal for the content of a file. The file must be a plain file
// and no symbolic link, and nobody but its owner may read or write it.
func NewLocalFile(path string) (*Local, error) {
	content, err := readPrivate(path)
	if err != nil {
		return nil, fmt.Errorf("read key file: %w", err)
	}
	defer clear(content)
	return NewLocal(string(content))
}

func readPrivate(path string) ([]byte, error) {
	named, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if !named.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a plain file", path)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	opened, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if !os.SameFile(named, opened) {
		return nil, fmt.Errorf("%s was replaced while it was opened", path)
	}
	if mode := opened.Mode().Perm(); mode&0o077 != 0 {
		return nil, fmt.Errorf("%s can be read or written by others (mode %04o); run chmod 600", path, mode)
	}
	if opened.Size() > localFileLimit {
		return nil, fmt.Errorf("%s is too large for a key file", path)
	}
	return io.ReadAll(io.LimitReader(file, localFileLimit))
}

// IsDevelopmentKey says whether the provider would accept what was wrapped with the
// published DevelopmentKey. Production must refuse to start with it.
func IsDevelopmentKey(w Wrapper) bool {
	local, ok := w.(*Local)
	if !ok {
		return false
	}
	published, err := NewLocal(DevelopmentKey)
	return err != nil || local.find(published.keys[0].id) != nil
}

// Format prints the name of the key that wraps and hides the keys, which some verbs
// would show.
func (l *Local) Format(f fmt.State, _ rune) { _, _ = fmt.Fprintf(f, "[local key %s]", l.keys[0].id) }

// Name implements [Wrapper].
func (l *Local) Name() string { return localName }

// Wrap implements [Wrapper] with AES-256-GCM; the agency is associated data.
func (l *Local) Wrap(_ context.Context, agency uuid.UUID, secret []byte) (Wrapped, error) {
	key := l.keys[0]
	return Wrapped{
		Provider: localName, KeyID: key.id, Algorithm: localAlgorithm,
		Bytes: key.aead.Seal(nil, nil, secret, localContext(agency)),
	}, nil
}

// Unwrap implements [Wrapper].
func (l *Local) Unwrap(_ context.Context, agency uuid.UUID, w Wrapped) ([]byte, error) {
	key := l.find(w.KeyID)
	if key == nil {
		return nil, fmt.Errorf("%w: local key %q is not among those given", ErrNoKey, w.KeyID)
	}
	if w.Algorithm != localAlgorithm {
		return nil, fmt.Errorf("%w: algorithm %q is not known", ErrNoKey, w.Algorithm)
	}
	secret, err := key.aead.Open(nil, nil, w.Bytes, localContext(agency))
	if err != nil {
		return nil, fmt.Errorf("%w: local key %s refuses it", ErrNoKey, key.id)
	}
	return secret, nil
}

// Check implements [Wrapper]. A local key is always there.
func (l *Local) Check(context.Context) error { return nil }

func (l *Local) find(id string) *localKey {
	for i := range l.keys {
		if l.keys[i].id == id {
			return &l.keys[i]
		}
	}
	return nil
}

// localContext binds a wrapped key to its agency. It leaves out the version, which
// the check value binds, so that NewKey need not know it here.
func localContext(agency uuid.UUID) []byte {
	return append([]byte("konote/local/v1"), agency[:]...)
}

// fingerprint names a wrapping key without revealing it.
func fingerprint(key []byte) (string, error) {
	id, err := hkdf.Key(sha256.New, key, nil, "konote/local-id/v1", 8)
	return hex.EncodeToString(id), err
}
