package vaulttest

import (
	"bytes"
	"crypto/cipher"
	"encoding/binary"
	"errors"
)

// AES key wrap, RFC 3394 §2.2.

var keyWrapStart = bytes.Repeat([]byte{0xA6}, 8)

func wrapAES(block cipher.Block, plain []byte) ([]byte, error) {
	if len(plain) < 16 || len(plain)%8 != 0 {
		return nil, errors.New("key wrap takes whole blocks of 8 bytes")
	}
	out := append(bytes.Clone(keyWrapStart), plain...)
	buf := make([]byte, 16)
	count := uint64(0)
	for range 6 {
		for i := 8; i < len(out); i += 8 {
			count++
			copy(buf, out[:8])
			copy(buf[8:], out[i:i+8])
			block.Encrypt(buf, buf)
			binary.BigEndian.PutUint64(out, binary.BigEndian.Uint64(buf)^count)
			copy(out[i:], buf[8:])
		}
	}
	return out, nil
}

func unwrapAES(block cipher.Block, wrapped []byte) ([]byte, error) {
	if len(wrapped) < 24 || len(wrapped)%8 != 0 {
		return nil, errors.New("key wrap gives whole blocks of 8 bytes")
	}
	out := bytes.Clone(wrapped)
	buf := make([]byte, 16)
	count := uint64(6 * (len(out)/8 - 1))
	for range 6 {
		for i := len(out) - 8; i > 0; i -= 8 {
			binary.BigEndian.PutUint64(buf, binary.BigEndian.Uint64(out)^count)
			copy(buf[8:], out[i:i+8])
			block.Decrypt(buf, buf)
			copy(out, buf[:8])
			copy(out[i:], buf[8:])
			count--
		}
	}
	if !bytes.Equal(out[:8], keyWrapStart) {
		return nil, errors.New("the wrapped key was made with another key")
	}
	return out[8:], nil
}
