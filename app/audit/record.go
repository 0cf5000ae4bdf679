package audit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/app/access"
	"konote/app/web"
	"konote/tenancy"
)

// Action names an act, as noun.verb: participant.view, note.create, staff.sign_in.
// Each has its words in app/i18n/catalogue/audit.txt (audit.action.…).
type Action string

// Outcome is how an act ended.
type Outcome string

// The outcomes.
const (
	Done    Outcome = "done"
	Refused Outcome = "refused" // not allowed
	Failed  Outcome = "failed"  // a wrong password, a broken rule
)

var outcomes = []Outcome{Done, Refused, Failed}

// By is who acted, in which role, from where.
type By struct {
	Kind      Kind
	Staff     uuid.UUID // of KindStaff
	Operator  string    // of KindOperator: the system account that ran the command
	Reference string    // of the request or command
	IP        string    // sealed
	// Only is the one program in which somebody acts who has a role in no other, or works in
	// one of them now: acts on people that name no program, such as lists, are that program's.
	Only uuid.UUID
}

// Kind is what sort of actor acted.
type Kind string

// The kinds of actors.
const (
	KindStaff     Kind = "staff"
	KindAnonymous Kind = "anonymous" // before sign-in
	KindSystem    Kind = "system"    // a job
	KindOperator  Kind = "operator"  // a command
)

var kinds = []Kind{KindStaff, KindAnonymous, KindSystem, KindOperator}

// From is the person who sent a request.
func From(r *web.Request) By {
	by := By{Kind: KindAnonymous, Reference: r.Reference, IP: r.IP}
	if r.Session != nil {
		by.Kind, by.Staff = KindStaff, r.Session.Staff
	}
	if roles := r.Actor().Roles; len(roles) == 1 {
		for program := range roles {
			by.Only = program
		}
	}
	return by
}

// Event is one act. Nothing personal belongs anywhere but in Before and After.
type Event struct {
	Action       Action
	Outcome      Outcome     // zero: Done
	Role         access.Role // in which the actor acted; "" when no role was asked for
	Program      uuid.UUID   // in which the actor acted, or that was acted on
	Subject      uuid.UUID   // the record that was acted on
	Participants []uuid.UUID // whose records were seen or changed
	Confidential bool        // touches a confidential program
	Before       any         // encoded as JSON and sealed with the agency's key
	After        any
}

// Record writes the act into the outbox, in the transaction of the act: neither
// exists without the other. It never touches the audit database. The transaction
// must be an Update, also when the act is a look at a record; answer only after it
// has committed. The row travels with the commit, which fails when the row does.
func Record(ctx context.Context, tx *tenancy.Tx, by By, e Event) error {
	return recordAt(tx, by, e, tx.Now())
}

// ErrReal says that an agency is not a demo agency: nothing is ever invented there.
var ErrReal = errors.New("audit: acts are invented in demo agencies only")

// RecordPast is Record for an invented act of the past.
func RecordPast(tx *tenancy.Tx, by By, e Event, at time.Time) error {
	if !tx.Agency().Demo {
		return ErrReal
	}
	return recordAt(tx, by, e, at)
}

func recordAt(tx *tenancy.Tx, by By, e Event, at time.Time) error {
	id, encoded, err := compose(tx, by, e, at)
	if err != nil {
		return err
	}
	tx.AtCommit(sqlAddEvent, id, tx.Agency().ID, encoded)
	return nil
}

func compose(tx *tenancy.Tx, by By, e Event, at time.Time) (uuid.UUID, []byte, error) {
	id := tenancy.NewID()
	b, err := newBody(id, tx.Agency().ID, at, by, e)
	if err != nil {
		return id, nil, err
	}
	if err := b.seal(tx.Box(), by, e); err != nil {
		return id, nil, err
	}
	encoded, err := b.encode()
	return id, encoded, err
}

// RecordPlatform writes an act on the platform itself (an agency made, suspended,
// migrated) into the platform's own chain. Subject is the agency. There is no key
// that such an act could be sealed with, so Before and After must be empty, and the
// address is left out. It commits by itself: record before the act, or the act may
// happen and leave no trace.
func RecordPlatform(ctx context.Context, platform *tenancy.Platform, by By, e Event) error {
	return platform.Control(ctx, func(tx pgx.Tx) error {
		return RecordPlatformIn(ctx, tx, platform.Now(), by, e)
	})
}

// RecordPlatformAsOwner is RecordPlatform for a command that has the owner's login only.
func RecordPlatformAsOwner(ctx context.Context, o *tenancy.Owner, by By, e Event) error {
	return o.Control(ctx, func(tx pgx.Tx) error { return RecordPlatformIn(ctx, tx, time.Now(), by, e) })
}

// RecordPlatformIn is RecordPlatform in a transaction of konote_control on the main
// shard, so that the act and its record are one.
func RecordPlatformIn(ctx context.Context, tx pgx.Tx, now time.Time, by By, e Event) error {
	if e.Before != nil || e.After != nil {
		return errDetail
	}
	id := tenancy.NewID()
	b, err := newBody(id, uuid.Nil, now, by, e)
	if err != nil {
		return err
	}
	encoded, err := b.encode()
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, sqlAddEvent, id, uuid.Nil, encoded); err != nil {
		return fmt.Errorf("record the act: %w", err)
	}
	return nil
}
