package keyring

import "github.com/google/uuid"

// Opener opens the fields of rows and remembers the first error, so that a row with
// a dozen sealed columns reads as a dozen lines. Check Err before using anything
// that it returned: from the error on every field is empty.
type Opener struct {
	box *Box
	err error
}

// Opener starts a run of Opens.
func (b *Box) Opener() *Opener { return &Opener{box: b} }

// Open opens one field, or returns "" once an error was met.
func (o *Opener) Open(c Column, row uuid.UUID, s Sealed) string {
	if o.err != nil {
		return ""
	}
	plain, err := o.box.Open(c, row, s)
	o.err = err
	return plain
}

// Err is the first error met.
func (o *Opener) Err() error { return o.err }

// Sealer is to Seal what Opener is to Open. Write nothing before Err was checked.
type Sealer struct {
	box *Box
	err error
}

// Sealer starts a run of Seals.
func (b *Box) Sealer() *Sealer { return &Sealer{box: b} }

// Seal seals one field, or returns nil once an error was met.
func (s *Sealer) Seal(c Column, row uuid.UUID, plain string) Sealed {
	if s.err != nil {
		return nil
	}
	sealed, err := s.box.Seal(c, row, plain)
	s.err = err
	return sealed
}

// Err is the first error met.
func (s *Sealer) Err() error { return s.err }
