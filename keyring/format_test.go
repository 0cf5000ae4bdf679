package keyring

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
)

// A hexBytes is written in hexadecimal in testdata.
type hexBytes []byte

func (h *hexBytes) UnmarshalText(text []byte) (err error) {
	*h, err = hex.DecodeString(string(text))
	return err
}

// The golden file was made once and must never be made again: it stands for the
// records that agencies have stored.
type golden struct {
	LocalKey string    `json:"local_key"`
	Agency   uuid.UUID `json:"agency"`
	Keys     []struct {
		Version   uint32   `json:"version"`
		KeyID     string   `json:"key_id"`
		Algorithm string   `json:"algorithm"`
		Wrapped   hexBytes `json:"wrapped"`
		Check     hexBytes `json:"check"`
	} `json:"keys"`
	Fields []struct {
		Table  string    `json:"table"`
		Name   string    `json:"name"`
		Pad    int       `json:"pad"`
		Row    uuid.UUID `json:"row"`
		Plain  string    `json:"plain"`
		Sealed hexBytes  `json:"sealed"`
	} `json:"fields"`
	Indexes []struct {
		Table  string     `json:"table"`
		Name   string     `json:"name"`
		Value  string     `json:"value"`
		Hashes []hexBytes `json:"hashes"`
	} `json:"indexes"`
}

func TestFormat01OpensForEver(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("testdata/format-01.json")
	if err != nil {
		t.Fatal(err)
	}
	var g golden
	if err := json.Unmarshal(content, &g); err != nil {
		t.Fatal(err)
	}
	local, err := NewLocal(g.LocalKey)
	if err != nil {
		t.Fatal(err)
	}
	source := func(context.Context, uuid.UUID) ([]Wrapped, error) {
		var keys []Wrapped
		for _, k := range g.Keys {
			keys = append(keys, Wrapped{Version: k.Version, Provider: "local", KeyID: k.KeyID, Algorithm: k.Algorithm, Bytes: k.Wrapped, Check: k.Check})
		}
		return keys, nil
	}
	box := acquire(t, newTestRing(t, local, source, Limits{}), g.Agency)

	for _, f := range g.Fields {
		column := Column{Table: f.Table, Name: f.Name, Pad: f.Pad}
		if got, err := box.Open(column, f.Row, Sealed(f.Sealed)); err != nil || got != f.Plain {
			t.Errorf("Open = %q, %v; want %q", got, err, f.Plain)
		}
		if want := overhead + paddedSize(len(f.Plain), f.Pad); len(f.Sealed) != want {
			t.Errorf("%q is sealed in %d bytes, want %d", f.Plain, len(f.Sealed), want)
		}
	}
	for _, index := range g.Indexes {
		got, err := box.Index(Column{Table: index.Table, Name: index.Name}, index.Value)
		want := make([][]byte, 0, len(index.Hashes))
		for _, hash := range index.Hashes {
			want = append(want, hash)
		}
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("Index of %q: %v, -want +got:\n%s", index.Value, err, diff)
		}
	}
}

// The package documentation describes the envelope; this follows the description
// with nothing but the standard library.
func TestTheEnvelopeIsAsDocumented(t *testing.T) {
	t.Parallel()
	secret := bytes.Repeat([]byte{3}, 32)
	box := newTestBox(t, map[uint32][]byte{5: secret})
	row := uuid.New()
	sealed, err := box.Seal(name, row, "Amina")
	if err != nil {
		t.Fatal(err)
	}

	subkey, err := hkdf.Key(sha256.New, bytes.Repeat([]byte{3}, 32), nil, "konote/v1participants.first_name_sealed", 32)
	if err != nil {
		t.Fatal(err)
	}
	block, err := aes.NewCipher(subkey)
	if err != nil {
		t.Fatal(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	version := binary.BigEndian.AppendUint32(nil, 5)
	associated := bytes.Join([][]byte{{0x01}, box.agency[:], []byte("participants.first_name_sealed"), row[:], version}, nil)
	if got, want := []byte(sealed[:5]), append([]byte{0x01}, version...); !bytes.Equal(got, want) {
		t.Errorf("head = %x, want %x", got, want)
	}
	got, err := gcm.Open(nil, sealed[5:17], sealed[17:], associated)
	want := append([]byte("Amina\x80"), make([]byte, 26)...)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("opened by hand: %x, %v; want %x", got, err, want)
	}
}
