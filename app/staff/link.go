package staff

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"konote/keyring"
)

// Links make the secret part of addresses that are sent by mail, for the rows of one table.
// The token is an HMAC of the row's id under a key of the agency: 256 bits that nobody can
// guess, and that no database, job or log holds. Of the token the row keeps a keyed hash, so
// that an address is found by one look at an index, and so that the job that sends the mail
// can make the same token again.
type Links struct{ token, hash keyring.Column }

// LinksOf are those of a table that has a column token_hash.
func LinksOf(table string) Links {
	return Links{token: keyring.Column{Table: table, Name: "token"}, hash: keyring.Column{Table: table, Name: "token_hash"}}
}

// Make is the token of a new row, and the hash to keep.
func (l Links) Make(box *keyring.Box, id uuid.UUID) (token string, hash []byte, err error) {
	raw, err := box.Index(l.token, id.String())
	if err != nil {
		return "", nil, fmt.Errorf("make a link: %w", err)
	}
	token = base64.RawURLEncoding.EncodeToString(raw[0])
	hashes, err := l.Find(box, token)
	return token, newest(hashes), err
}

// Again is the token of a row that is there, of whose token the hash is known. It is "" when
// the agency's key of that time is gone.
func (l Links) Again(box *keyring.Box, id uuid.UUID, hash []byte) (string, error) {
	raw, err := box.Index(l.token, id.String())
	if err != nil {
		return "", fmt.Errorf("make a link again: %w", err)
	}
	for _, candidate := range raw {
		token := base64.RawURLEncoding.EncodeToString(candidate)
		hashes, err := l.Find(box, token)
		if err != nil {
			return "", err
		}
		if slices.ContainsFunc(hashes, func(h []byte) bool { return bytes.Equal(h, hash) }) {
			return token, nil
		}
	}
	return "", nil
}

// Find are the hashes under which the row of a token may stand. What is no token has none.
func (l Links) Find(box *keyring.Box, token string) ([][]byte, error) {
	if len(token) != 43 {
		return nil, nil
	}
	hashes, err := box.Index(l.hash, token)
	if err != nil {
		return nil, fmt.Errorf("look for a link: %w", err)
	}
	return hashes, nil
}
