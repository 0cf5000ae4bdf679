package audit

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/google/uuid"
)

// exportLine is one entry in an export; see Export.
type exportLine struct {
	Agency uuid.UUID `json:"agency"`
	Seq    int64     `json:"seq"`
	Event  uuid.UUID `json:"event"`
	Prev   string    `json:"prev"` // hexadecimal
	Hash   string    `json:"hash"` // hexadecimal
	Body   string    `json:"body"`
}

// Export writes entries as lines of JSON, one an entry, the entries of an agency in
// their order:
//
//	{"agency":"018f…","seq":2,"event":"018f…","prev":"<hex>","hash":"<hex>","body":"{\"v\":1,…}"}
//
// hash is SHA-256 over
//
//	"konote audit entry v1\n" ‖ prev (32 bytes) ‖ agency (16) ‖ seq (8, big endian) ‖ event (16) ‖ body
//
// where body are the UTF-8 bytes of the string and prev is the hash of the entry before,
// zeros in the first. Anybody can check an export with these lines alone. What is sealed
// in the bodies stays sealed.
func Export(w io.Writer, entries iter.Seq2[Entry, error]) error {
	out := bufio.NewWriterSize(w, 1<<16)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for e, err := range entries {
		if err != nil {
			return err
		}
		err := encoder.Encode(exportLine{
			Agency: e.Agency, Seq: e.Seq, Event: e.Event,
			Prev: hex.EncodeToString(e.Prev[:]), Hash: hex.EncodeToString(e.Hash[:]), Body: string(e.Body),
		})
		if err != nil {
			return fmt.Errorf("write the export: %w", err)
		}
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write the export: %w", err)
	}
	return nil
}

// ReadExport reads what Export wrote. Errors name the line.
func ReadExport(r io.Reader) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		lines := bufio.NewScanner(r)
		lines.Buffer(make([]byte, 1<<16), 16<<20)
		for n := 1; lines.Scan(); n++ {
			e, err := parseLine(lines.Bytes())
			if err != nil {
				yield(Entry{}, fmt.Errorf("line %d of the export: %w", n, err))
				return
			}
			if !yield(e, nil) {
				return
			}
		}
		if err := lines.Err(); err != nil {
			yield(Entry{}, fmt.Errorf("read the export: %w", err))
		}
	}
}

func parseLine(line []byte) (Entry, error) {
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.DisallowUnknownFields()
	var l exportLine
	if err := decoder.Decode(&l); err != nil {
		return Entry{}, errors.New("not an entry")
	}
	e := Entry{Agency: l.Agency, Seq: l.Seq, Event: l.Event, Body: []byte(l.Body)}
	for _, h := range []struct {
		text string
		to   *Hash
	}{{l.Prev, &e.Prev}, {l.Hash, &e.Hash}} {
		raw, err := hex.DecodeString(h.text)
		if err != nil || len(raw) != len(Hash{}) {
			return Entry{}, errors.New("a hash is not one")
		}
		*h.to = Hash(raw)
	}
	return e, nil
}

// VerifyExport is Verify for an export.
func VerifyExport(r io.Reader, trusted []Head) (Report, error) {
	return Verify(ReadExport(r), trusted)
}
