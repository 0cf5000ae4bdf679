package keyring

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

// A field as most are: 60 bytes of words. Each benchmark of the box has its floor
// beside it, which is the same cipher, bare, with everything but the cipher done
// beforehand. The target is at most twice the floor.
var benchPlain = strings.Repeat("é", 30)

func BenchmarkSealBareGCM(b *testing.B) {
	aead, err := newAEAD(secretOf(1))
	if err != nil {
		b.Fatal(err)
	}
	plain, associated := []byte(benchPlain), make([]byte, associatedSize(text))
	b.ReportAllocs()
	for b.Loop() {
		aead.Seal(nil, nil, plain, associated)
	}
}

func BenchmarkSeal(b *testing.B) {
	box := newTestBox(b, map[uint32][]byte{1: secretOf(1)})
	row := uuid.New()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := box.Seal(text, row, benchPlain); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpenBareGCM(b *testing.B) {
	aead, err := newAEAD(secretOf(1))
	if err != nil {
		b.Fatal(err)
	}
	associated := make([]byte, associatedSize(text))
	sealed := aead.Seal(nil, nil, []byte(benchPlain), associated)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := aead.Open(nil, nil, sealed, associated); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	box := newTestBox(b, map[uint32][]byte{1: secretOf(1)})
	row := uuid.New()
	sealed := mustSeal(b, box, text, row, benchPlain)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := box.Open(text, row, sealed); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpenParallel(b *testing.B) {
	box := newTestBox(b, map[uint32][]byte{1: secretOf(1)})
	row := uuid.New()
	sealed := mustSeal(b, box, text, row, benchPlain)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := box.Open(text, row, sealed); err != nil {
				b.Error(err)
			}
		}
	})
}

func BenchmarkFernetDecrypt(b *testing.B) {
	keys, err := ParseFernetKeys(newFernetKey(1))
	if err != nil {
		b.Fatal(err)
	}
	token := keys.Encrypt([]byte(benchPlain), time.Unix(1772442000, 0))
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := keys.Decrypt(token); err != nil {
			b.Fatal(err)
		}
	}
}
