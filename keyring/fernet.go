package keyring

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"
)

const (
	fernetVersion = 0x80
	fernetHeader  = 1 + 8 + aes.BlockSize // version, time, initialization vector
	fernetSkew    = 60 * time.Second
)

// FernetKey is one key of the existing KoNote, in which fields are Fernet tokens
// (https://github.com/fernet/spec) as Python's cryptography makes them. It is for
// import and export; nothing here seals with it.
type FernetKey struct {
	secret *fernetSecret
}

// What is behind two pointers, fmt does not show.
type fernetSecret struct {
	sign    *[16]byte
	encrypt cipher.Block
}

// ParseFernetKey reads a key: 32 bytes in base64url.
func ParseFernetKey(encoded string) (FernetKey, error) {
	raw, err := base64.URLEncoding.Strict().DecodeString(encoded)
	if err != nil || len(raw) != 32 { // err would quote from the key
		return FernetKey{}, errors.New("keyring: a Fernet key is 32 bytes in base64url")
	}
	defer clear(raw)
	block, err := aes.NewCipher(raw[16:])
	if err != nil {
		return FernetKey{}, fmt.Errorf("read Fernet key: %w", err)
	}
	sign := [16]byte(raw)
	return FernetKey{&fernetSecret{sign: &sign, encrypt: block}}, nil
}

// Format hides the key.
func (k FernetKey) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("[key]")) }

// Encrypt makes a token that carries the time in whole seconds.
func (k FernetKey) Encrypt(plain []byte, at time.Time) string {
	var iv [aes.BlockSize]byte
	_, _ = rand.Read(iv[:]) // never fails (crypto/rand)
	return k.encryptWith(iv, plain, at)
}

func (k FernetKey) encryptWith(iv [aes.BlockSize]byte, plain []byte, at time.Time) string {
	token := []byte{fernetVersion}
	token = binary.BigEndian.AppendUint64(token, uint64(at.Unix()))
	token = append(token, iv[:]...)
	token = append(token, plain...)
	missing := aes.BlockSize - len(plain)%aes.BlockSize // PKCS #7: at least one byte
	token = append(token, bytes.Repeat([]byte{byte(missing)}, missing)...)
	text := token[fernetHeader:]
	cipher.NewCBCEncrypter(k.secret.encrypt, iv[:]).CryptBlocks(text, text)
	return base64.URLEncoding.EncodeToString(append(token, k.mac(token)...))
}

// Decrypt opens a token of any age and returns when it was made. The only error is
// ErrOpen.
func (k FernetKey) Decrypt(token string) (plain []byte, at time.Time, err error) {
	raw, err := decodeFernet(token)
	if err != nil {
		return nil, time.Time{}, err
	}
	return k.open(raw)
}

// DecryptWithin opens a token that is at most maxAge old at now, and no more than a
// minute in the future. The only error is ErrOpen.
func (k FernetKey) DecryptWithin(token string, maxAge time.Duration, now time.Time) ([]byte, error) {
	plain, at, err := k.Decrypt(token)
	if err != nil {
		return nil, err
	}
	if now.After(at.Add(maxAge)) || at.After(now.Add(fernetSkew)) {
		return nil, ErrOpen
	}
	return plain, nil
}

// FernetKeys are keys of which the first encrypts and all decrypt.
type FernetKeys []FernetKey

// ParseFernetKeys reads keys separated by commas, as the existing KoNote has them
// in its settings.
func ParseFernetKeys(encoded string) (FernetKeys, error) {
	var keys FernetKeys
	for part := range strings.SplitSeq(encoded, ",") {
		key, err := ParseFernetKey(strings.TrimSpace(part))
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// Encrypt makes a token with the first key.
func (ks FernetKeys) Encrypt(plain []byte, at time.Time) string { return ks[0].Encrypt(plain, at) }

// Decrypt opens a token with whichever key made it.
func (ks FernetKeys) Decrypt(token string) (plain []byte, at time.Time, err error) {
	raw, err := decodeFernet(token)
	if err != nil {
		return nil, time.Time{}, err
	}
	for _, key := range ks {
		if plain, at, err := key.open(raw); err == nil {
			return plain, at, nil
		}
	}
	return nil, time.Time{}, ErrOpen
}

// decodeFernet checks the outer form of a token. Line breaks, which the base64
// package passes over, are not part of it.
func decodeFernet(token string) ([]byte, error) {
	if strings.ContainsAny(token, "\r\n") {
		return nil, ErrOpen
	}
	raw, err := base64.URLEncoding.Strict().DecodeString(token)
	if err != nil {
		return nil, ErrOpen
	}
	text := len(raw) - fernetHeader - sha256.Size
	if text < aes.BlockSize || text%aes.BlockSize != 0 || raw[0] != fernetVersion {
		return nil, ErrOpen
	}
	return raw, nil
}

// open checks the MAC before it looks at anything else. It leaves raw as it is.
func (k FernetKey) open(raw []byte) ([]byte, time.Time, error) {
	signed, mac := raw[:len(raw)-sha256.Size], raw[len(raw)-sha256.Size:]
	if !hmac.Equal(mac, k.mac(signed)) {
		return nil, time.Time{}, ErrOpen
	}
	padded := make([]byte, len(signed)-fernetHeader)
	iv, text := signed[fernetHeader-aes.BlockSize:fernetHeader], signed[fernetHeader:]
	cipher.NewCBCDecrypter(k.secret.encrypt, iv).CryptBlocks(padded, text)
	extra := int(padded[len(padded)-1])
	if extra < 1 || extra > aes.BlockSize {
		return nil, time.Time{}, ErrOpen
	}
	plain := padded[:len(padded)-extra]
	if !bytes.Equal(padded[len(plain):], bytes.Repeat([]byte{byte(extra)}, extra)) {
		return nil, time.Time{}, ErrOpen
	}
	return plain, time.Unix(int64(binary.BigEndian.Uint64(signed[1:9])), 0).UTC(), nil
}

func (k FernetKey) mac(signed []byte) []byte {
	mac := hmac.New(sha256.New, k.secret.sign[:])
	mac.Write(signed)
	return mac.Sum(nil)
}
