package audit

import (
	"encoding/binary"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"
)

func TestArraysOfIDsAreReadAsPostgresWritesThem(t *testing.T) {
	t.Parallel()
	types := pgtype.NewMap()
	wire := func(ids []uuid.UUID) []byte {
		raw, err := types.Encode(pgtype.UUIDArrayOID, pgtype.BinaryFormatCode, ids, nil)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	for _, ids := range [][]uuid.UUID{{}, {uuid.New()}, {uuid.New(), uuid.New(), uuid.New()}} {
		raw := wire(ids)
		if got, err := appendUUIDs(nil, raw); err != nil || !slices.Equal(got, ids) {
			t.Errorf("got %v and %v, want %v", got, err, ids)
		}
		for cut := range raw {
			if got, err := appendUUIDs(nil, raw[:cut]); err == nil {
				t.Errorf("cut after %d of %d bytes: got %v", cut, len(raw), got)
			}
		}
	}
	for at, value := range map[int]uint32{
		0:  2,              // dimensions
		8:  pgtype.Int4OID, // of something else
		12: 1<<32 - 1,      // a length that is not so
		20: 15,             // an id too short
	} {
		raw := wire([]uuid.UUID{uuid.New()})
		binary.BigEndian.PutUint32(raw[at:], value)
		if got, err := appendUUIDs(nil, raw); err == nil {
			t.Errorf("%d at %d: got %v, want an error", value, at, got)
		}
	}
}
