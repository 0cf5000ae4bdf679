package audit

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"github.com/google/uuid"
)

// Hash is a SHA-256.
type Hash [sha256.Size]byte

func (h Hash) String() string { return fmt.Sprintf("%x", h[:]) }

// Entry is one act in the chain of its agency. The chain of the platform itself is
// that of the nil UUID.
type Entry struct {
	Agency uuid.UUID
	Seq    int64 // 1, 2, 3 …
	Event  uuid.UUID
	Prev   Hash // of the entry before; zero in the first
	Hash   Hash
	Body   []byte

	columns *columns // nil for an entry that is not from the ledger
}

// Head is a place in a chain that is known to be right: the newest entry when it was
// written down.
type Head struct {
	Agency uuid.UUID
	Seq    int64
	Hash   Hash
}

const chainPrefix = "konote audit entry v1\n"

// link is the hash of an entry. All parts but the body have a fixed length, so no two
// entries are the same bytes. scratch is reused.
func (e *Entry) link(scratch []byte) (Hash, []byte) {
	b := append(scratch[:0], chainPrefix...)
	b = append(b, e.Prev[:]...)
	b = append(b, e.Agency[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(e.Seq))
	b = append(b, e.Event[:]...)
	b = append(b, e.Body...)
	return sha256.Sum256(b), b
}
