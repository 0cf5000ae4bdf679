package access

import (
	"slices"
	"strings"

	"github.com/google/uuid"
)

// Tier is how strictly an agency guards clinical records.
type Tier int

// The tiers. The zero value is that of an agency that has chosen nothing.
const (
	OpenAccess  Tier = iota // tier 1: what is gated is open to the role
	RoleBased               // tier 2: also fields of the front desk and guarded whereabouts
	Safeguarded             // tier 3: what is gated asks for a grant
)

// Policy is what an agency has chosen about access.
type Policy struct {
	Tier Tier
	// Apart keeps the clinical records of a participant's programs apart for staff who
	// work in several of them, unless she has agreed to share them.
	Apart bool
	// ConsentFirst asks for consent before the first note.
	ConsentFirst bool
	// GrantDays is for how long a grant may be at most.
	GrantDays int
	// FrontDesk is what the front desk may do with fields, where it differs from
	// FrontDeskFields.
	FrontDesk map[Field]FieldLevel
}

// Grant opens what is gated, for a while and for a reason: in one program, or about one
// participant.
type Grant struct {
	Program     uuid.UUID // uuid.Nil: the participant's
	Participant uuid.UUID // uuid.Nil: the program's
	Emergency   bool      // also opens what the participant has closed, but not a closed file
}

// Kind is a kind of records that a participant can close.
type Kind string

// The kinds, as stored. WholeFile closes everything, and that she is known here.
const (
	WholeFile   Kind = "file"
	NotesKind   Kind = "notes"
	PlanKind    Kind = "plan"
	EventsKind  Kind = "events"
	ContactKind Kind = "contacts"
	GroupsKind  Kind = "groups"
)

// Kinds lists every kind.
var Kinds = []Kind{WholeFile, NotesKind, PlanKind, EventsKind, ContactKind, GroupsKind}

// kinds says which kind of record a key is about, by the first word of the key. Alerts are
// of none: what keeps people safe cannot be closed by itself.
var kinds = map[string]Kind{
	"note": NotesKind, "plan": PlanKind, "metric": PlanKind, "event": EventsKind, "meeting": EventsKind, "sre": EventsKind,
	"communication": ContactKind, "group": GroupsKind, "circle": GroupsKind,
}

// Closed is something that a participant has closed to an actor.
type Closed struct {
	Participant uuid.UUID
	Kind        Kind
	Item        uuid.UUID // of that kind, and only this one; uuid.Nil: all of them
}

// covers says whether a key is about what was closed.
func (c Closed) covers(key Key) bool {
	word, _, _ := strings.Cut(string(key), ".")
	return c.Kind == WholeFile || c.Kind == kinds[word]
}

// closed says whether the participant has closed what the key is about to the actor: her
// file, or every record of that kind.
func (a Actor) closed(participant uuid.UUID, key Key) bool {
	return slices.ContainsFunc(a.Closed, func(c Closed) bool {
		return c.Participant == participant && c.Item == uuid.Nil && c.covers(key) && !a.mustKnow(c)
	})
}

// mustKnow says that an emergency opens it all the same.
func (a Actor) mustKnow(c Closed) bool {
	return c.Kind != WholeFile && slices.ContainsFunc(a.Grants, func(g Grant) bool { return g.Emergency && g.Participant == c.Participant })
}

// Withheld is what a statement that lists people or their records leaves out for the
// actor: ids of people, and of single records. Both are compared with it:
// x.participant_id <> ALL($n), and x.id <> ALL($n) where the rows are records that a
// participant can close one by one. It is never nil.
func (a Actor) Withheld(key Key) []uuid.UUID {
	withheld := []uuid.UUID{}
	for _, c := range a.Closed {
		if !c.covers(key) || a.mustKnow(c) {
			continue
		}
		id := c.Participant
		if c.Item != uuid.Nil {
			id = c.Item
		}
		if !slices.Contains(withheld, id) {
			withheld = append(withheld, id)
		}
	}
	return withheld
}

// Withholds says whether the participant has closed this one record to the actor.
func (a Actor) Withholds(item uuid.UUID) bool {
	return slices.ContainsFunc(a.Closed, func(c Closed) bool { return c.Item == item && item != uuid.Nil && !a.mustKnow(c) })
}

// SomethingWithheld says whether part of the participant's record is closed to the actor,
// who can know that she is here.
func (a Actor) SomethingWithheld(participant uuid.UUID) bool {
	return slices.ContainsFunc(a.Closed, func(c Closed) bool { return c.Participant == participant && !a.mustKnow(c) })
}

// Consent is where a participant's consent to the service stands.
type Consent string

// The states, as stored.
const (
	ConsentNone      Consent = "none"
	ConsentGiven     Consent = "given"
	ConsentWithdrawn Consent = "withdrawn"
)

// Sharing is what a participant wants of records that several of her programs keep.
type Sharing string

// The wishes, as stored.
const (
	ShareAsAgency Sharing = "agency" // what the agency has chosen counts
	ShareAcross   Sharing = "share"
	ShareNot      Sharing = "restrict"
)

// Enrolment is what access needs to know of one.
type Enrolment struct {
	Program uuid.UUID
	Status  EnrolmentStatus
}

// Subject is what access needs to know of a participant.
type Subject struct {
	ID         uuid.UUID
	Enrolments []Enrolment
	Consent    Consent
	Sharing    Sharing
	// Guarded says that her whereabouts are kept safe: the front desk sees no way to them.
	Guarded bool
}

// apart says whether the records of her programs are kept apart (PHIPA; the table is in
// docs/permissions.md).
func (p Policy) apart(wish Sharing) bool {
	return wish == ShareNot || p.Apart && wish != ShareAcross
}

// Reason is why something is allowed or not.
type Reason uint8

// The reasons. The zero value denies.
const (
	NoRole       Reason = iota // nor would another one help: for this actor she does not exist, or the role does not do this
	Allowed                    //
	IsClosed                   // the participant has closed it to the actor
	NeedsGrant                 // tier 3
	NoConsent                  // nothing is written before she has consented
	HasWithdrawn               // nothing is written any more
	KeptApart                  // the actor has to say in which program she works now
)

// Decision is the answer about one participant.
type Decision struct {
	Reason  Reason
	Through []uuid.UUID // the programs whose role allows it; none unless Allowed
}

// Decide says whether the actor may do something (key) with a participant, and if not
// why. Through are the programs: the record of a person is one record, it opens through
// any shared program in which the role allows it.
func (a Actor) Decide(s Subject, key Key) Decision {
	about, reason := a.About(s.ID), NoRole
	var through []uuid.UUID
	for _, e := range s.Enrolments {
		if !slices.Contains(ReachingStatuses, e.Status) || slices.Contains(through, e.Program) {
			continue
		}
		switch r := about.in(e.Program, key); {
		case r == Allowed:
			through = append(through, e.Program)
		case reason == NoRole:
			reason = r
		}
	}
	switch {
	case len(through) == 0:
		return Decision{Reason: reason}
	case key.Writes() && s.Consent == ConsentWithdrawn:
		return Decision{Reason: HasWithdrawn}
	case key == NoteCreate && s.Consent == ConsentNone && a.Policy.ConsentFirst:
		return Decision{Reason: NoConsent}
	case key.Clinical() && len(through) > 1 && a.Policy.apart(s.Sharing):
		return Decision{Reason: KeptApart}
	}
	return Decision{Reason: Allowed, Through: through}
}

// Reaches is the programs of Decide. An empty answer means that for this actor, and this
// key, the participant does not exist.
func (a Actor) Reaches(s Subject, key Key) []uuid.UUID { return a.Decide(s, key).Through }
