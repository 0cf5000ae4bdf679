package web

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"konote/tenancy"
)

func TestAnIdOfAFormIsOneOfOurs(t *testing.T) {
	t.Parallel()
	made := func(at time.Time) uuid.UUID {
		id := tenancy.NewID()
		for i := range 6 { // the first 48 bits are milliseconds
			id[i] = byte(at.UnixMilli() >> (40 - 8*i))
		}
		return id
	}
	for what, text := range map[string]string{
		"none": "", "no id": "x", "a random one": uuid.NewString(), "one to come": made(time.Now().Add(time.Hour)).String(),
		"in braces": "{" + tenancy.NewID().String() + "}",
	} {
		if got := FormID(text); got.String() == strings.Trim(text, "{}") || got.Version() != 7 {
			t.Errorf("%s: %s is kept as %s", what, text, got)
		}
	}
	for what, id := range map[string]uuid.UUID{"a fresh one": tenancy.NewID(), "one of a draft that lay for a week": made(time.Now().Add(-7 * 24 * time.Hour))} {
		if got := FormID(id.String()); got != id {
			t.Errorf("%s is replaced", what)
		}
	}
}
