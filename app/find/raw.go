package find

import (
	"encoding/binary"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/civil"
	"konote/keyring"
)

// A rawPerson is a row of columns as the database sent it, in binary.
type rawPerson [][]byte

const (
	rawID = iota
	rawLast
	rawFirst
	rawPreferred
	rawMiddle
	rawRecord
	rawPhone
	rawBirth
	rawGuarded
	rawEpoch
	rawOwn
	rawColumns
)

func (r rawPerson) id() uuid.UUID { return uuid.UUID(r[rawID]) }
func (r rawPerson) epoch() int64  { return int64(binary.BigEndian.Uint64(r[rawEpoch])) }
func (r rawPerson) own() bool     { return r[rawOwn][0] == 1 }

// entry opens and folds the row. What it makes lies in memory appended to buf.
func (r rawPerson) entry(box *keyring.Box, buf *[]byte) (entry, error) {
	id, o := r.id(), box.Opener()
	folded := func(c keyring.Column, at int) []byte {
		start := len(*buf)
		*buf = fold(*buf, o.Open(c, id, r[at]))
		return (*buf)[start:]
	}
	return entry{
		id: id,
		names: [parts][]byte{
			partLast: folded(colLast, rawLast), partFirst: folded(colFirst, rawFirst),
			partPreferred: folded(colPreferred, rawPreferred), partMiddle: folded(colMiddle, rawMiddle),
		},
		record:  compact(folded(colRecord, rawRecord)),
		phone:   digitsOf(o.Open(colPhone, id, r[rawPhone])),
		birth:   dayOf(o.Open(colBirth, id, r[rawBirth])),
		guarded: o.Open(colGuarded, id, r[rawGuarded]) == isGuarded,
	}, o.Err()
}

// hit opens what the actor may see of the row; the zero Hit when she may not see the
// person at all.
func (r rawPerson) hit(box *keyring.Box, actor access.Actor, enrolments []access.Enrolment) (Hit, error) {
	id, o := r.id(), box.Opener()
	through := actor.Reaches(access.Subject{ID: id, Enrolments: enrolments}, access.ParticipantViewName)
	if len(through) == 0 {
		return Hit{}, nil
	}
	guarded := o.Open(colGuarded, id, r[rawGuarded]) == isGuarded
	seen := func(field access.Field, c keyring.Column, at int) string {
		if actor.FieldOf(through, field, guarded) < access.FieldView {
			return ""
		}
		return o.Open(c, id, r[at])
	}
	hit := Hit{
		ID: id, First: o.Open(colFirst, id, r[rawFirst]), Last: o.Open(colLast, id, r[rawLast]), Record: o.Open(colRecord, id, r[rawRecord]),
		Preferred: seen(access.FieldPreferredName, colPreferred, rawPreferred),
		Middle:    seen(access.FieldMiddleName, colMiddle, rawMiddle),
		Phone:     seen(access.FieldPhone, colPhone, rawPhone),
	}
	hit.BirthDate, _ = civil.Parse(seen(access.FieldBirthDate, colBirth, rawBirth)) // "" is no date
	return hit, o.Err()
}
