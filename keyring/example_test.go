package keyring_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"konote/keyring"
)

// The sealed columns of a package, next to the SQL that reads them.
var (
	firstName = keyring.Column{Table: "participants", Name: "first_name_sealed", Pad: keyring.Identity}
	lastName  = keyring.Column{Table: "participants", Name: "last_name_sealed", Pad: keyring.Identity}
)

// registry stands for the table of wrapped keys.
type registry map[uuid.UUID][]keyring.Wrapped

func (r registry) read(_ context.Context, agency uuid.UUID) ([]keyring.Wrapped, error) {
	return r[agency], nil
}

func newRing(keys registry) *keyring.Ring {
	provider, err := keyring.NewLocal(keyring.GenerateLocal())
	if err != nil {
		panic(err)
	}
	return keyring.NewRing(provider, keys.read, keyring.Limits{}, time.Now, slog.New(slog.DiscardHandler))
}

// An agency gets a data key when it is set up; every request borrows it.
func ExampleRing() {
	ctx := context.Background()
	keys := registry{}
	ring := newRing(keys)
	defer ring.Close()

	agency := uuid.Must(uuid.NewV7())
	wrapped, err := ring.NewKey(ctx, agency, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	keys[agency] = append(keys[agency], wrapped) // in truth: a row of control.agency_keys

	box, release, err := ring.Acquire(ctx, agency)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer release()
	fmt.Println(box.Agency() == agency, ring.Health().Held)

	// Without the wrapped key nothing opens any more.
	delete(keys, agency)
	ring.Drop(agency)
	_, _, err = ring.Acquire(ctx, agency)
	fmt.Println(errors.Is(err, keyring.ErrNoKey))
	// Output:
	// true 1
	// true
}

// A field is bound to its agency, column and row.
func ExampleBox() {
	ctx := context.Background()
	keys := registry{}
	ring := newRing(keys)
	defer ring.Close()
	agency := uuid.Must(uuid.NewV7())
	wrapped, err := ring.NewKey(ctx, agency, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	keys[agency] = append(keys[agency], wrapped)
	box, release, err := ring.Acquire(ctx, agency)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer release()

	row := uuid.Must(uuid.NewV7()) // the row's id is made before the row is
	seal := box.Sealer()
	first, last := seal.Seal(firstName, row, "Zoë"), seal.Seal(lastName, row, "Lévesque")
	if err := seal.Err(); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(first, len(first), len(last), first.Version())

	open := box.Opener()
	fmt.Println(open.Open(firstName, row, first), open.Open(lastName, row, last), open.Err())

	_, err = box.Open(firstName, row, last)
	fmt.Println(errors.Is(err, keyring.ErrOpen))
	// Output:
	// [sealed] 65 65 1
	// Zoë Lévesque <nil>
	// true
}
