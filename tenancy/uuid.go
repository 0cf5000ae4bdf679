package tenancy

import (
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"
)

// useUUIDs has pgx send and read uuid.UUID as the sixteen bytes it is. By itself it takes
// the way of database/sql, which makes text of every id and an id of every text.
func useUUIDs(types *pgtype.Map) {
	single := &pgtype.Type{Name: "uuid", OID: pgtype.UUIDOID, Codec: uuidCodec{}}
	types.RegisterType(single)
	types.RegisterType(&pgtype.Type{Name: "_uuid", OID: pgtype.UUIDArrayOID, Codec: &pgtype.ArrayCodec{ElementType: single}})
}

type uuidCodec struct{ pgtype.UUIDCodec }

// PlanEncode implements pgtype.Codec.
func (c uuidCodec) PlanEncode(types *pgtype.Map, oid uint32, format int16, value any) pgtype.EncodePlan {
	if _, ok := value.(uuid.UUID); ok && format == pgtype.BinaryFormatCode {
		return encodeUUID{}
	}
	return c.UUIDCodec.PlanEncode(types, oid, format, value)
}

// PlanScan implements pgtype.Codec.
func (c uuidCodec) PlanScan(types *pgtype.Map, oid uint32, format int16, to any) pgtype.ScanPlan {
	if _, ok := to.(*uuid.UUID); ok && format == pgtype.BinaryFormatCode {
		return scanUUID{}
	}
	return c.UUIDCodec.PlanScan(types, oid, format, to)
}

type encodeUUID struct{}

func (encodeUUID) Encode(value any, to []byte) ([]byte, error) {
	id := value.(uuid.UUID)
	return append(to, id[:]...), nil
}

type scanUUID struct{}

func (scanUUID) Scan(from []byte, to any) error {
	if len(from) != len(uuid.UUID{}) {
		return fmt.Errorf("a uuid of %d bytes", len(from)) // NULL, into what cannot hold it
	}
	copy(to.(*uuid.UUID)[:], from)
	return nil
}
