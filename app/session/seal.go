package session

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/google/uuid"
)

// Token is what the cookie holds: 32 bytes of id and 32 bytes of secret, in base64url.
// It prints as "[session]" everywhere; Cookie is the way out.
type Token struct{ id, secret [32]byte }

func newToken() Token {
	var t Token
	_, _ = rand.Read(t.id[:]) // never fails (crypto/rand)
	_, _ = rand.Read(t.secret[:])
	return t
}

// Cookie is the value for the cookie.
func (t Token) Cookie() string {
	return base64.RawURLEncoding.EncodeToString(append(t.id[:], t.secret[:]...))
}

// String hides the token from logs.
func (Token) String() string { return "[session]" }

// GoString hides the token from %#v.
func (Token) GoString() string { return "[session]" }

// LogValue hides the token from slog.
func (Token) LogValue() slog.Value { return slog.StringValue("[session]") }

func parseToken(cookie string) (Token, error) {
	var t Token
	if len(cookie) != base64.RawURLEncoding.EncodedLen(64) {
		return t, ErrNone
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(cookie)
	if err != nil {
		return t, ErrNone
	}
	copy(t.id[:], raw)
	copy(t.secret[:], raw[32:])
	return t, nil
}

// key is where Redis keeps the session: the id itself never leaves the cookie.
func (t Token) key(agency uuid.UUID) string { return "s:" + t.hidden(agency) }

// flowKey is where Redis keeps what a browser needs when it comes back.
func (t Token) flowKey(agency uuid.UUID) string { return "f:" + t.hidden(agency) }

func (t Token) hidden(agency uuid.UUID) string {
	hash := sha256.Sum256(t.id[:])
	return tag(agency) + base64.RawURLEncoding.EncodeToString(hash[:])
}

func (st *Store) aead(t Token) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, t.secret[:], st.secret, "konote/session/seal/v1", 32)
	if err != nil {
		return nil, fmt.Errorf("derive session key: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("make session cipher: %w", err)
	}
	return cipher.NewGCMWithRandomNonce(block)
}

func (st *Store) seal(s *Session) (string, error) {
	aead, err := st.aead(s.token)
	if err != nil {
		return "", err
	}
	plain, err := json.Marshal(s)
	if err != nil {
		return "", fmt.Errorf("encode session: %w", err)
	}
	return string(aead.Seal(nil, nil, plain, []byte(s.key))), nil
}

// open returns ErrNone for a value that was not sealed with this cookie for this key:
// whoever presents the cookie is not signed in.
func (st *Store) open(t Token, key, value string) (*Session, error) {
	aead, err := st.aead(t)
	if err != nil {
		return nil, err
	}
	plain, err := aead.Open(nil, nil, []byte(value), []byte(key))
	if err != nil {
		return nil, fmt.Errorf("%w: the seal does not open", ErrNone)
	}
	s := &Session{token: t, key: key, stored: value}
	if err := json.Unmarshal(plain, s); err != nil {
		return nil, fmt.Errorf("%w: the content cannot be read", ErrNone)
	}
	return s, nil
}
