package audit

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/note"
)

const checkpointOrigin = "konote audit "

// Signer signs checkpoints. A checkpoint is the head of a chain as a C2SP signed note
// of Ed25519:
//
//	konote audit 018f0000-0000-7000-8000-000000000001
//	1742
//	<base64 of the hash of entry 1742>
//
//	— <name of the key> <base64 of the signature>
type Signer struct {
	signer   note.Signer
	verifier string
}

// GenerateSigningKey makes a key for NewSigner. It is a secret.
func GenerateSigningKey() (string, error) {
	key, _, err := note.GenerateKey(rand.Reader, "konote-audit")
	if err != nil {
		return "", fmt.Errorf("make a signing key: %w", err)
	}
	return key, nil
}

// NewSigner reads a key in the form of note.GenerateKey.
func NewSigner(key string) (*Signer, error) {
	signer, err := note.NewSigner(key)
	if err != nil {
		return nil, errors.New("audit: the signing key cannot be read") // err could quote it
	}
	verifier, err := verifierKey(key)
	if err != nil {
		return nil, err
	}
	return &Signer{signer: signer, verifier: verifier}, nil
}

// VerifierKey is the public key, to be given to whoever wants to verify.
func (s *Signer) VerifierKey() string { return s.verifier }

// verifierKey makes the public key of PRIVATE+KEY+<name>+<hash>+<algorithm 1 and seed>.
func verifierKey(signingKey string) (string, error) {
	parts := strings.SplitN(signingKey, "+", 5)
	if len(parts) == 5 {
		seed, err := base64.StdEncoding.DecodeString(parts[4])
		if err == nil && len(seed) == 1+ed25519.SeedSize {
			public := ed25519.NewKeyFromSeed(seed[1:]).Public().(ed25519.PublicKey)
			return note.NewEd25519VerifierKey(parts[2], public)
		}
	}
	return "", errors.New("audit: the signing key cannot be read")
}

func (s *Signer) sign(head Head) ([]byte, error) {
	text := fmt.Sprintf("%s%s\n%d\n%s\n", checkpointOrigin, head.Agency, head.Seq, base64.StdEncoding.EncodeToString(head.Hash[:]))
	return note.Sign(&note.Note{Text: text}, s.signer)
}

// Folder is where checkpoints are published, by appending them to one file for each
// agency. It should be a place whose files this process can add to and cannot change:
// write-once storage, or a mount that another party keeps. What we can rewrite proves
// nothing about us.
type Folder string

func (f Folder) publish(agency uuid.UUID, signed []byte) (err error) {
	if f == "" {
		return errors.New("no folder is configured")
	}
	file, err := os.OpenFile(f.file(agency), os.O_APPEND|os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	signed = append(signed, '\n') // an empty line ends a note
	if torn, err := endsTorn(file); err != nil {
		return err
	} else if torn {
		signed = append([]byte("\n"), signed...) // it cannot be taken back, but this one begins a line
	}
	if _, err := file.Write(signed); err != nil {
		return err
	}
	return file.Sync()
}

// endsTorn says that a process ended while it wrote the last note.
func endsTorn(file *os.File) (bool, error) {
	info, err := file.Stat()
	if err != nil || info.Size() == 0 {
		return false, err
	}
	end := make([]byte, min(2, info.Size()))
	if _, err := file.ReadAt(end, info.Size()-int64(len(end))); err != nil {
		return false, err
	}
	return string(end) != "\n\n", nil
}

// Checkpoint signs every chain that has grown since its last checkpoint, and returns
// how many. A chain that is shorter than its last checkpoint is not signed; it is
// named in the error, and so is what could not be published.
func (l *Ledger) Checkpoint(ctx context.Context, signer *Signer, folder Folder) (int, error) {
	rows, err := l.writer.Query(ctx, sqlSigned)
	if err != nil {
		return 0, fmt.Errorf("find the chains to sign: %w", err)
	}
	type chain struct {
		Agency uuid.UUID `db:"agency_id"`
		Seq    int64     `db:"seq"`
		Hash   []byte    `db:"hash"`
		Signed int64     `db:"signed"`
	}
	chains, err := pgx.CollectRows(rows, pgx.RowToStructByName[chain])
	if err != nil {
		return 0, fmt.Errorf("find the chains to sign: %w", err)
	}
	made := 0
	var failed []error
	for _, c := range chains {
		switch {
		case c.Seq < c.Signed:
			failed = append(failed, fmt.Errorf("audit: the chain of %s has %d entries and was signed with %d", c.Agency, c.Seq, c.Signed))
		case c.Seq > c.Signed:
			if err := l.checkpoint(ctx, signer, folder, Head{Agency: c.Agency, Seq: c.Seq, Hash: Hash(c.Hash)}); err != nil {
				failed = append(failed, err)
				continue
			}
			made++
		}
	}
	return made, errors.Join(failed...)
}

// checkpoint publishes a signed head and then stores it, so that one which could not be
// published is made again.
func (l *Ledger) checkpoint(ctx context.Context, signer *Signer, folder Folder, head Head) error {
	signed, err := signer.sign(head)
	if err != nil {
		return fmt.Errorf("sign a checkpoint: %w", err)
	}
	if err := folder.publish(head.Agency, signed); err != nil {
		return fmt.Errorf("publish a checkpoint: %w", err)
	}
	if _, err := l.writer.Exec(ctx, sqlAddCheckpoint, head.Agency, head.Seq, string(signed)); err != nil {
		return fmt.Errorf("store a checkpoint: %w", err)
	}
	return nil
}

// Checkpoints reads the ledger's own copies of the checkpoints of these agencies and
// checks their signatures. They find an edit as the published ones do, unless whoever
// made it removed them too.
func (l *Ledger) Checkpoints(ctx context.Context, agencies []uuid.UUID, verifierKey string) ([]Head, error) {
	rows, err := l.reader.Query(ctx, sqlCheckpoints, agencies)
	if err != nil {
		return nil, fmt.Errorf("read the checkpoints: %w", err)
	}
	notes, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("read the checkpoints: %w", err)
	}
	heads, err := ReadCheckpoints(strings.NewReader(strings.Join(append(notes, ""), "\n")), verifierKey)
	if err == nil && len(heads) != len(notes) { // a row is written whole
		err = errors.New("audit: a stored checkpoint is cut off")
	}
	return heads, err
}

// Heads are the trusted heads of these chains that can be had from here: those of the ledger,
// and those published in the folder. None named: of all chains of either. A chain of which
// the ledger has heads and the folder has no file is an error, because somebody took it away;
// storage that can only be added to is passed over.
func (l *Ledger) Heads(ctx context.Context, folder Folder, agencies []uuid.UUID, verifierKey string) ([]Head, error) {
	if len(agencies) == 0 {
		var err error
		if agencies, err = l.Agencies(ctx); err != nil {
			return nil, err
		}
		for _, id := range folder.agencies() {
			if !slices.Contains(agencies, id) {
				agencies = append(agencies, id) // its chain is gone altogether
			}
		}
	}
	var heads []Head
	for _, id := range agencies {
		stored, err := l.Checkpoints(ctx, []uuid.UUID{id}, verifierKey)
		if err != nil {
			return nil, err
		}
		heads = append(heads, stored...)
		published, err := os.ReadFile(folder.file(id))
		switch {
		case errors.Is(err, fs.ErrPermission), errors.Is(err, fs.ErrNotExist) && len(stored) == 0:
			continue // one that was never signed
		case err != nil:
			return nil, fmt.Errorf("audit: the signed heads of %s are not where they were published", id)
		}
		more, err := ReadCheckpoints(bytes.NewReader(published), verifierKey)
		if err != nil {
			return nil, err
		}
		heads = append(heads, more...)
	}
	return heads, nil
}

// agencies are those whose heads were published here, as far as it can be listed.
func (f Folder) agencies() (ids []uuid.UUID) {
	entries, _ := os.ReadDir(string(f))
	for _, entry := range entries {
		name, ours := strings.CutSuffix(entry.Name(), ".txt")
		if id, err := uuid.Parse(name); ours && err == nil {
			ids = append(ids, id)
		}
	}
	return ids
}

func (f Folder) file(agency uuid.UUID) string {
	return filepath.Join(string(f), agency.String()+".txt")
}

// ReadCheckpoints reads a published file, or several after each other, and checks the
// signatures against the verifier key. One bad checkpoint makes all of them an error. A
// note that was torn, because a process ended while it wrote, is passed over: it proves
// nothing, and its checkpoint was made again. Whoever can tear one could as well take it
// away.
func ReadCheckpoints(r io.Reader, verifierKey string) ([]Head, error) {
	verifier, err := note.NewVerifier(verifierKey)
	if err != nil {
		return nil, errors.New("audit: the verifier key cannot be read")
	}
	all, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("read the checkpoints: %w", err)
	}
	var heads []Head
	for i, part := range splitNotes(all) {
		signed, whole := cutNote(part)
		if !whole {
			continue
		}
		head, err := openCheckpoint(signed, verifier)
		if err != nil {
			return nil, fmt.Errorf("audit: checkpoint %d: %w", i+1, err)
		}
		heads = append(heads, head)
	}
	return heads, nil
}

// splitNotes parts a file where a line begins as checkpoints do.
func splitNotes(all []byte) [][]byte {
	var parts [][]byte
	for len(all) > 0 {
		end := len(all)
		if next := bytes.Index(all, []byte("\n"+checkpointOrigin)); next >= 0 {
			end = next + 1
		}
		parts = append(parts, all[:end:end])
		all = all[end:]
	}
	return parts
}

// cutNote takes from a part the note that it begins with: its text, an empty line, its
// signatures and an empty line. It says false when the end is not there. Behind the note
// may stand the first bytes of another, which was torn before anyone could tell.
func cutNote(part []byte) (signed []byte, whole bool) {
	text, rest, _ := bytes.Cut(part, []byte("\n\n"))
	signatures, behind, ended := bytes.Cut(rest, []byte("\n\n"))
	if !ended || len(signatures) == 0 {
		return nil, false
	}
	if behind = bytes.TrimRight(behind, "\n"); !strings.HasPrefix(checkpointOrigin, string(behind)) {
		return part, true // which does not open
	}
	return bytes.Join([][]byte{text, []byte("\n\n"), signatures, []byte("\n")}, nil), true
}

func openCheckpoint(signed []byte, verifier note.Verifier) (Head, error) {
	n, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		return Head{}, errors.New("it is not signed with this key")
	}
	lines := strings.Split(n.Text, "\n")
	agency, ours := strings.CutPrefix(lines[0], checkpointOrigin)
	if !ours || len(lines) < 4 {
		return Head{}, errors.New("it is not one of an audit chain")
	}
	id, err := uuid.Parse(agency)
	if err != nil {
		return Head{}, errors.New("it names no agency")
	}
	seq, err := strconv.ParseInt(lines[1], 10, 64)
	hash, err2 := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || err2 != nil || seq < 1 || len(hash) != len(Hash{}) {
		return Head{}, errors.New("it names no place in a chain")
	}
	return Head{Agency: id, Seq: seq, Hash: Hash(hash)}, nil
}
