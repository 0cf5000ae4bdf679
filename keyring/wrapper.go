package keyring

import (
	"context"
	"errors"

	"github.com/google/uuid"
)

var (
	// ErrNoKey says that the agency's data key is gone or was never made. Its
	// records cannot be opened.
	ErrNoKey = errors.New("keyring: the agency has no usable data key")
	// ErrKeyMismatch says that an unwrapped key is not the one that was wrapped.
	ErrKeyMismatch = errors.New("keyring: the unwrapped key fails its check value")
	// ErrProvider says that the key provider could not be reached or refused.
	ErrProvider = errors.New("keyring: key provider unavailable")
)

// Wrapper is a key provider: it wraps data keys under a key that never leaves it.
// It is safe for concurrent use and gives up when ctx is done.
//
// Errors are ErrNoKey when the wrapping key is disabled, deleted or refuses the
// ciphertext, so that the agency's records are to be closed, and ErrProvider when
// trying again may help.
type Wrapper interface {
	// Name is stored with every wrapped key: "azurevault", "local".
	Name() string
	// Wrap fills KeyID, Algorithm and Bytes. It does not keep the secret.
	Wrap(ctx context.Context, agency uuid.UUID, secret []byte) (Wrapped, error)
	// Unwrap returns a slice that belongs to the caller, who zeroes it.
	Unwrap(ctx context.Context, agency uuid.UUID, w Wrapped) ([]byte, error)
	// Check proves that the provider answers, for start-up and health pages.
	Check(ctx context.Context) error
}

// Wrapped is one version of an agency's data key as it is stored.
type Wrapped struct {
	Version   uint32
	Provider  string
	KeyID     string // the provider's name of the wrapping key, version included
	Algorithm string
	Bytes     []byte
	Check     []byte // commits to the plain key, its agency and its version
}
