package audit

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/keyring"
)

// bodyVersion is the version of the form in which acts are written. A change of the
// form takes the next number; older bodies stay as they are for ever.
const bodyVersion = 1

// timeFormat is RFC 3339 in UTC with milliseconds.
const timeFormat = "2006-01-02T15:04:05.000Z"

// detailColumn names the sealed part of a body. Its row is the event's id.
var detailColumn = keyring.Column{Table: "audit", Name: "detail", Pad: keyring.Words}

// A body is an act as it is written: one JSON object whose keys always stand in this
// order and which leaves out what is empty. Its bytes are hashed, so they are
// stored as they are and never made again.
type body struct {
	Version      int         `json:"v"`
	ID           uuid.UUID   `json:"id"`
	Agency       uuid.UUID   `json:"agency"`
	At           string      `json:"at"`
	Action       Action      `json:"action"`
	Outcome      Outcome     `json:"outcome"`
	Kind         Kind        `json:"actor_kind"`
	Staff        uuid.UUID   `json:"staff,omitzero"`
	Operator     string      `json:"operator,omitempty"`
	Role         access.Role `json:"role,omitempty"`
	Program      uuid.UUID   `json:"program,omitzero"`
	Subject      uuid.UUID   `json:"subject,omitzero"`
	Participants []uuid.UUID `json:"participants,omitempty"`
	Confidential bool        `json:"confidential,omitempty"`
	Reference    string      `json:"reference,omitempty"`
	Sealed       string      `json:"sealed,omitempty"` // base64 of the envelope
}

// detail is what is sealed: the values before and after, and where the act came from.
type detail struct {
	Before json.RawMessage `json:"before,omitempty"`
	After  json.RawMessage `json:"after,omitempty"`
	IP     string          `json:"ip,omitempty"`
}

const maxAction = 64

var (
	actionPattern = regexp.MustCompile(`^[a-z][a-z_]*\.[a-z][a-z_]*$`)
	errDetail     = errors.New("audit: an act on the platform has no room for before and after")
)

// newBody makes a body without its sealed part.
func newBody(id, agency uuid.UUID, at time.Time, by By, e Event) (body, error) {
	if e.Outcome == "" {
		e.Outcome = Done
	}
	if len(e.Action) > maxAction || !actionPattern.MatchString(string(e.Action)) {
		return body{}, fmt.Errorf("audit: %q is not the name of an act", e.Action)
	}
	if !slices.Contains(outcomes, e.Outcome) || !slices.Contains(kinds, by.Kind) {
		return body{}, fmt.Errorf("audit: %s has no known outcome or actor", e.Action)
	}
	if e.Program == uuid.Nil && len(e.Participants) > 0 && e.Action != actionRefused {
		e.Program = by.Only
	}
	return body{
		Version: bodyVersion, ID: id, Agency: agency, At: at.UTC().Format(timeFormat),
		Action: e.Action, Outcome: e.Outcome, Kind: by.Kind, Staff: by.Staff, Operator: by.Operator,
		Role: e.Role, Program: e.Program, Subject: e.Subject, Participants: e.Participants,
		Confidential: e.Confidential, Reference: by.Reference,
	}, nil
}

func (b body) encode() ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(b); err != nil {
		return nil, fmt.Errorf("encode the audit record: %w", err)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

// seal puts the values before and after and the address into the body.
func (b *body) seal(box *keyring.Box, by By, e Event) error {
	var d detail
	var err error
	if d.Before, err = encodeValue(e.Before); err != nil {
		return err
	}
	if d.After, err = encodeValue(e.After); err != nil {
		return err
	}
	d.IP = by.IP
	if d.Before == nil && d.After == nil && d.IP == "" {
		return nil
	}
	plain, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("encode the audit detail: %w", err)
	}
	sealed, err := box.Seal(detailColumn, b.ID, string(plain))
	if err != nil {
		return fmt.Errorf("seal the audit detail: %w", err)
	}
	b.Sealed = base64.StdEncoding.EncodeToString(sealed)
	return nil
}

func encodeValue(value any) (json.RawMessage, error) {
	if value == nil {
		return nil, nil
	}
	encoded, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("encode the audit detail: %w", err)
	}
	return encoded, nil
}

// open reads the sealed part. It is empty when nothing was sealed.
func (b body) open(box *keyring.Box) (detail, error) {
	if b.Sealed == "" {
		return detail{}, nil
	}
	sealed, err := base64.StdEncoding.DecodeString(b.Sealed)
	if err != nil {
		return detail{}, keyring.ErrOpen
	}
	plain, err := box.Open(detailColumn, b.ID, sealed)
	if err != nil {
		return detail{}, err
	}
	var d detail
	if err := json.Unmarshal([]byte(plain), &d); err != nil {
		return detail{}, errors.New("audit: the sealed detail is not JSON")
	}
	return d, nil
}

// parseBody reads a body and checks that it is about this event of this agency.
func parseBody(raw []byte, agency, event uuid.UUID) (body, time.Time, error) {
	var b body
	if err := json.Unmarshal(raw, &b); err != nil {
		return body{}, time.Time{}, errors.New("audit: the body is not JSON")
	}
	if b.Version != bodyVersion {
		return body{}, time.Time{}, fmt.Errorf("audit: no body of version %d is known", b.Version)
	}
	if b.Agency != agency || b.ID != event {
		return body{}, time.Time{}, errors.New("audit: the body belongs to another entry")
	}
	if len(b.Action) > maxAction || !actionPattern.MatchString(string(b.Action)) ||
		!slices.Contains(outcomes, b.Outcome) || !slices.Contains(kinds, b.Kind) {
		return body{}, time.Time{}, errors.New("audit: the body does not name an act")
	}
	at, err := time.Parse(timeFormat, b.At)
	if err != nil {
		return body{}, time.Time{}, errors.New("audit: the body has no time")
	}
	return b, at, nil
}
