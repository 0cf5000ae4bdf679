// Package fault says what went wrong in terms that a person can be told: a kind,
// which decides the status and the shape of the answer, and a message, which is
// put into the reader's language when the answer is made. The cause stays inside,
// for the log. An error that is no Fault is Internal, so forgetting is safe: the
// person sees a reference number and nothing else.
package fault

import (
	"errors"
	"time"

	"github.com/google/uuid"

	"konote/app/i18n"
)

// Kind is what sort of thing went wrong.
type Kind uint8

// The kinds. The zero value is Internal.
const (
	Internal    Kind = iota // our mistake: 500, a reference number, nothing else
	Invalid                 // the input cannot be accepted: 422
	NotFound                // nothing there that this person may know of: 404
	Denied                  // there, and refused, and the person may know that: 403
	SignedOut               // no session: to sign-in and back
	Conflict                // somebody changed it meanwhile: 409
	Limited                 // too often: 429 with Retry-After
	Unavailable             // something we need is down: 503 with Retry-After
)

func (k Kind) String() string {
	return [...]string{"internal", "invalid", "not_found", "denied", "signed_out", "conflict", "limited", "unavailable"}[k]
}

// Fault is an error with a kind and a message for the person.
type Fault struct {
	Kind    Kind
	Message i18n.Message
	// Hidden marks a NotFound that was a refusal: the person is told that there is
	// nothing, the audit log is told that access was refused.
	Hidden bool
	// RetryAfter is when trying again makes sense, for Limited and Unavailable.
	RetryAfter time.Duration
	// Way is what to do next; the page shows it as its one action. The zero Way leads
	// home.
	Way Way
	// ReadOnly is the participant whose record this person may read, but nobody may write
	// now: what she had begun to type about her is kept, and shown to her.
	ReadOnly uuid.UUID
	cause    error
}

// Way is where somebody goes on: the words of the link, and the segments of its path.
type Way struct {
	Label i18n.Message
	Path  []string
	// Returns says that the page there leads back to what was refused, once it is open.
	Returns bool
}

func (f *Fault) Error() string {
	if f.cause != nil {
		return f.Kind.String() + ": " + f.cause.Error()
	}
	return f.Kind.String()
}

func (f *Fault) Unwrap() error { return f.cause }

// New makes a fault that has no cause.
func New(kind Kind, message i18n.Message) *Fault { return &Fault{Kind: kind, Message: message} }

// Wrap makes a fault of an error.
func Wrap(err error, kind Kind, message i18n.Message) *Fault {
	return &Fault{Kind: kind, Message: message, cause: err}
}

// After says when trying again makes sense.
func (f *Fault) After(wait time.Duration) *Fault {
	f.RetryAfter = wait
	return f
}

// Toward says what to do next: a page of this product, by the segments of its path.
func (f *Fault) Toward(label i18n.Message, path ...string) *Fault {
	f.Way = Way{Label: label, Path: path}
	return f
}

// AndBack has the page of Toward lead back to what was refused.
func (f *Fault) AndBack() *Fault {
	f.Way.Returns = true
	return f
}

// Missing is the answer for a record that is not there.
func Missing() *Fault { return &Fault{Kind: NotFound} }

// Refused is the answer for a record that is there and may not be known of: to the
// person the same as Missing, to the audit log a refusal.
func Refused() *Fault { return &Fault{Kind: NotFound, Hidden: true} }

// ReadOnly is whose record cannot be written now, by the first Fault in err's chain;
// uuid.Nil when it is something else that went wrong.
func ReadOnly(err error) uuid.UUID {
	if f := (*Fault)(nil); errors.As(err, &f) {
		return f.ReadOnly
	}
	return uuid.Nil
}

// KindOf is the kind of the first Fault in err's chain, or Internal.
func KindOf(err error) Kind {
	if f := (*Fault)(nil); errors.As(err, &f) {
		return f.Kind
	}
	return Internal
}
