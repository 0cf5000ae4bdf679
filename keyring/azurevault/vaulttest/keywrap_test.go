package vaulttest

import (
	"bytes"
	"crypto/aes"
	"encoding/hex"
	"testing"
)

// RFC 3394 §4.6: 256 bits of key data with a 256-bit key.
func TestKeyWrapGivesTheVectorOfTheRFC(t *testing.T) {
	t.Parallel()
	decode := func(s string) []byte {
		b, err := hex.DecodeString(s)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	block, err := aes.NewCipher(decode("000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F"))
	if err != nil {
		t.Fatal(err)
	}
	plain := decode("00112233445566778899AABBCCDDEEFF000102030405060708090A0B0C0D0E0F")
	want := decode("28C9F404C4B810F4CBCCB35CFB87F8263F5786E2D80ED326CBC7F0E71A99F43BFB988B9B7A02DD21")

	got, err := wrapAES(block, plain)
	if err != nil || !bytes.Equal(got, want) {
		t.Fatalf("wrapAES = %x, %v; want %x", got, err, want)
	}
	if back, err := unwrapAES(block, got); err != nil || !bytes.Equal(back, plain) {
		t.Errorf("unwrapAES = %x, %v; want %x", back, err, plain)
	}
	got[10] ^= 1
	if back, err := unwrapAES(block, got); err == nil {
		t.Errorf("unwrapAES of an altered key = %x, want an error", back)
	}
}
