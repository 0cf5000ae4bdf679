package jobs

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/uuid"
)

type colour string

func (c colour) Valid() bool { return c == "red" || c == "blue" }

type goodArgs struct {
	ID     uuid.UUID
	IDs    []uuid.UUID
	Number int
	Small  uint8
	Yes    bool
	When   time.Time
	Colour colour
	Range  struct{ From, To time.Time }
}

func (goodArgs) Kind() string { return "test.good" }

type (
	textArgs    struct{ Name string }
	typedArgs   struct{ Name named }
	bytesArgs   struct{ Data []byte }
	mapArgs     struct{ Any map[string]int }
	anyArgs     struct{ Any any }
	rawArgs     struct{ Raw json.RawMessage }
	nestedArgs  struct{ In struct{ Name string } }
	pointerArgs struct{ Name *string }
	floatArgs   struct{ F float64 }
	hiddenArgs  struct{ id uuid.UUID }
	kindArgs    struct{}
	sliceArgs   []uuid.UUID
	named       string
)

func (textArgs) Kind() string    { return "test.bad" }
func (typedArgs) Kind() string   { return "test.bad" }
func (bytesArgs) Kind() string   { return "test.bad" }
func (mapArgs) Kind() string     { return "test.bad" }
func (anyArgs) Kind() string     { return "test.bad" }
func (rawArgs) Kind() string     { return "test.bad" }
func (nestedArgs) Kind() string  { return "test.bad" }
func (pointerArgs) Kind() string { return "test.bad" }
func (floatArgs) Kind() string   { return "test.bad" }
func (a hiddenArgs) Kind() string {
	_ = a.id
	return "test.bad"
}
func (kindArgs) Kind() string  { return "Marguerite Tremblay" }
func (sliceArgs) Kind() string { return "test.bad" }

func TestArgumentsThatCouldCarryContentAreRefused(t *testing.T) {
	t.Parallel()
	good := goodArgs{Colour: "red"}
	if err := checkArgs(good); err != nil {
		t.Errorf("got %v for good arguments", err)
	}
	for _, bad := range []Args{
		textArgs{}, typedArgs{}, bytesArgs{}, mapArgs{}, anyArgs{}, rawArgs{}, nestedArgs{}, pointerArgs{}, floatArgs{},
		hiddenArgs{}, kindArgs{}, sliceArgs{}, &good,
		goodArgs{Colour: "Marguerite Tremblay"}, // not on the list
	} {
		if checkArgs(bad) == nil {
			t.Errorf("%T was let through", bad)
		}
	}
}

func TestAddPanicsOnArgumentsThatCouldCarryContent(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("Every took a text")
		}
	}()
	Every(&Registry{}, time.Hour, textArgs{})
}

func BenchmarkCheckArgs(b *testing.B) {
	args := goodArgs{Colour: "red"}
	for b.Loop() {
		if err := checkArgs(args); err != nil {
			b.Fatal(err)
		}
	}
}
