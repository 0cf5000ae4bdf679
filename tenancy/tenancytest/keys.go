package tenancytest

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"sync"

	"github.com/google/uuid"

	"konote/keyring"
)

// Keys is a key provider in memory whose failures a test can order.
type Keys struct {
	aead cipher.AEAD

	mu   sync.Mutex
	fail error
}

// NewKeys makes a provider. Its wrapping key is always the same, so that what one
// provider wrapped another can unwrap, in another process too.
func NewKeys() *Keys {
	block, err := aes.NewCipher([]byte("the wrapping key of all tests   "))
	if err != nil {
		panic(err) // 32 bytes are a key
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err) // AES has the block size of GCM
	}
	return &Keys{aead: aead}
}

// Fail makes every call fail with err, such as keyring.ErrProvider; nil mends it.
func (k *Keys) Fail(err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.fail = err
}

// Name is "test".
func (k *Keys) Name() string { return "test" }

// Wrap seals the secret for the agency.
func (k *Keys) Wrap(ctx context.Context, agency uuid.UUID, secret []byte) (keyring.Wrapped, error) {
	if err := k.Check(ctx); err != nil {
		return keyring.Wrapped{}, err
	}
	return keyring.Wrapped{KeyID: "test/1", Algorithm: "A256GCM", Bytes: k.aead.Seal(nil, nil, secret, agency[:])}, nil
}

// Unwrap opens what Wrap sealed.
func (k *Keys) Unwrap(ctx context.Context, agency uuid.UUID, w keyring.Wrapped) ([]byte, error) {
	if err := k.Check(ctx); err != nil {
		return nil, err
	}
	secret, err := k.aead.Open(nil, nil, w.Bytes, agency[:])
	if err != nil {
		return nil, keyring.ErrNoKey
	}
	return secret, nil
}

// Check fails as ordered.
func (k *Keys) Check(context.Context) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.fail
}
