package main

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"konote/keyring"
)

// measureSeal compares a field of 60 bytes with the cipher alone, everything else done
// beforehand.
func measureSeal(ctx context.Context, b *bench) ([]row, error) {
	a, err := b.small(ctx)
	if err != nil {
		return nil, err
	}
	box, release, err := b.free.Platform.Ring().Acquire(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	defer release()
	column, id := keyring.Column{Table: "notes", Name: "text", Pad: keyring.Words}, uuid.New()
	plain := strings.Repeat("é", 30)
	sealed, err := box.Seal(column, id, plain)
	if err != nil {
		return nil, err
	}

	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails (crypto/rand)
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("make the bare cipher: %w", err)
	}
	bare, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("make the bare cipher: %w", err)
	}
	bound := make([]byte, 1+16+len("notes.text")+16+4) // as long as ours
	bareSealed := bare.Seal(nil, nil, []byte(plain), bound)

	d := pick(b, 300*time.Millisecond, 100*time.Millisecond)
	arm := func(do func() error) func() (float64, error) {
		return func() (float64, error) { return each(d, do) }
	}
	arms, err := rounds(ctx, 7,
		arm(func() error { _, err := box.Seal(column, id, plain); return err }),
		arm(func() error { bare.Seal(nil, nil, []byte(plain), bound); return nil }),
		arm(func() error { _, err := box.Open(column, id, sealed); return err }),
		arm(func() error { _, err := bare.Open(nil, nil, bareSealed, bound); return err }),
	)
	if err != nil {
		return nil, err
	}
	return []row{
		times("seal a field of 60 bytes, against AES-GCM", arms[0], arms[1], 2),
		times("open a field of 60 bytes, against AES-GCM", arms[2], arms[3], 2),
	}, nil
}
