package keyring

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"
	"sync"
	"sync/atomic"

	"github.com/google/uuid"
)

// A dataKey is one version of an agency's data key with the subkeys made from it
// so far.
type dataKey struct {
	// columns is replaced and never changed, so that opening takes no lock: a list
	// of people opens thousands of fields. nil once the key is wiped.
	columns atomic.Pointer[map[Column]cipher.AEAD]

	mu      sync.Mutex
	secret  []byte // nil once wiped
	indexes map[Column][]byte
}

func newDataKey(secret []byte) *dataKey {
	k := &dataKey{secret: secret, indexes: map[Column][]byte{}}
	k.columns.Store(&map[Column]cipher.AEAD{})
	return k
}

// column is the cipher of a column's subkey.
func (k *dataKey) column(c Column) (cipher.AEAD, error) {
	columns := k.columns.Load()
	if columns == nil {
		return nil, ErrReleased
	}
	if aead, ok := (*columns)[c]; ok {
		return aead, nil
	}
	return k.addColumn(c)
}

func (k *dataKey) addColumn(c Column) (cipher.AEAD, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	columns := k.columns.Load()
	if columns == nil {
		return nil, ErrReleased
	}
	if aead, ok := (*columns)[c]; ok {
		return aead, nil
	}
	subkey, err := hkdf.Key(sha256.New, k.secret, nil, "konote/v1"+c.String(), 32)
	if err != nil {
		return nil, fmt.Errorf("derive column key: %w", err)
	}
	defer clear(subkey)
	aead, err := newAEAD(subkey)
	if err != nil {
		return nil, fmt.Errorf("derive column key: %w", err)
	}
	more := maps.Clone(*columns)
	more[c] = aead
	k.columns.Store(&more)
	return aead, nil
}

// newAEAD is AES-GCM that puts its random nonce in front of the ciphertext.
func newAEAD(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// index hashes a value under the column's index key. It works under the lock, so
// that a wipe cannot zero the key in the middle.
func (k *dataKey) index(c Column, value string) ([]byte, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.secret == nil {
		return nil, ErrReleased
	}
	subkey, ok := k.indexes[c]
	if !ok {
		var err error
		if subkey, err = hkdf.Key(sha256.New, k.secret, nil, "konote/index/v1"+c.String(), 32); err != nil {
			return nil, fmt.Errorf("derive index key: %w", err)
		}
		k.indexes[c] = subkey
	}
	mac := hmac.New(sha256.New, subkey)
	mac.Write([]byte(value))
	return mac.Sum(nil), nil
}

func (k *dataKey) wipe() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.columns.Store(nil)
	clear(k.secret)
	k.secret = nil
	for _, subkey := range k.indexes {
		clear(subkey)
	}
	clear(k.indexes)
}

// checkValue commits to a data key, its agency and its version without revealing
// it. It is stored beside the wrapped key and compared when the key is unwrapped,
// so that a wrong key or a row moved to another agency or version is noticed before
// anything is opened or sealed with it.
func checkValue(agency uuid.UUID, version uint32, secret []byte) ([]byte, error) {
	info := append([]byte("konote/commit/v1"), agency[:]...)
	info = binary.BigEndian.AppendUint32(info, version)
	return hkdf.Key(sha256.New, secret, nil, string(info), 32)
}
