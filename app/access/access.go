// Package access decides who may do what. It is data and pure functions: no
// database, no request, no clock, so that every decision can be tested against the
// table. What it needs to know comes with the [Actor], who is read anew for every
// request, and with the [Subject]; so a change of role, grant, directive or consent counts
// from the next request on.
//
// # Model
//
// A person has at most one [Role] in each program, and may have different roles in
// different programs. No role contains another: an executive in one program who is a
// direct-service worker in a second one is just that in the second. The matrix says
// for each [Key] and role whether it is allowed, and how far:
//
//	Deny       never
//	Allow      allowed, about participants the role reaches
//	InProgram  allowed where the subject belongs to the program of the role
//	Gated      as InProgram; at tier 3 also asks for a [Grant]
//	PerField   decided field by field (front desk)
//
// The administrator's flag opens what is marked Admin in the route table and never
// a participant.
//
// # What can take away
//
// The matrix gives; what follows only takes away, in this order, and [Actor.Decide] says
// which of them it was ([Reason]):
//
//  1. A participant is reached through an enrolment in a program where the actor has a
//     role. What is not reached does not exist for that person, in lists, counts,
//     searches, hints and addresses alike.
//  2. A [Closed] says that the participant has closed her file, a kind of record or one
//     record to this actor. A closed file does not exist for the actor; closed records are
//     left out, and the page says that something is withheld (PHIPA s. 20 (3)).
//  3. At tier 3, what is gated needs a grant for the program or the participant.
//  4. After consent was withdrawn nothing may be written any more; where the agency asks for
//     consent first, no note is written without.
//  5. Where the records of her programs are kept apart, an actor who works in several of
//     them sees records only while she works in one of them (see [Actor.In]).
//
// There are two questions. About one participant: [Actor.Decide], or [Actor.About] for an
// actor who is asked about her only. About many: [Actor.Programs] and [Actor.Withheld],
// which every statement that lists people or their records takes as arguments.
package access

import (
	"slices"

	"github.com/google/uuid"
)

// Role is what a person does in one program.
type Role string

// The roles, as stored.
const (
	FrontDesk      Role = "front_desk"
	DirectService  Role = "direct_service"
	ProgramManager Role = "program_manager"
	Executive      Role = "executive"
)

// Roles lists every role.
var Roles = []Role{FrontDesk, DirectService, ProgramManager, Executive}

// Level is how far a key is allowed to a role.
type Level uint8

// The levels; the zero value denies.
const (
	Deny Level = iota
	Allow
	InProgram
	Gated
	PerField
)

func (l Level) String() string {
	return [...]string{"deny", "allow", "program", "gated", "per field"}[l]
}

var rules = func() map[Key]Rule {
	byKey := make(map[Key]Rule, len(Matrix))
	for _, rule := range Matrix {
		byKey[rule.Key] = rule
	}
	return byKey
}()

// LevelOf is the matrix's answer. An unknown key or role is denied.
func LevelOf(key Key, role Role) Level {
	rule := rules[key]
	switch role {
	case FrontDesk:
		return rule.FrontDesk
	case DirectService:
		return rule.DirectService
	case ProgramManager:
		return rule.Manager
	case Executive:
		return rule.Executive
	}
	return Deny
}

// RolesWith are the roles that allow a key, however far.
func RolesWith(key Key) []Role {
	return slices.DeleteFunc(slices.Clone(Roles), func(r Role) bool { return LevelOf(key, r) == Deny })
}

// Actor is a signed-in member of staff with the roles held at this moment. It is read
// anew for every request.
type Actor struct {
	Staff uuid.UUID
	Admin bool
	// Roles are the active roles by program. Archived programs keep theirs: their
	// records must still be readable by those who kept them.
	Roles map[uuid.UUID]Role
	// Policy is what the agency has chosen.
	Policy Policy
	// Grants are in force now.
	Grants []Grant
	// Closed is what participants have closed to the actor, from today or earlier. It goes
	// by all roles that the actor holds, also those that In leaves aside.
	Closed []Closed

	subject uuid.UUID // see About
}

// In is the actor while she works in one program: her other roles rest.
func (a Actor) In(program uuid.UUID) Actor {
	role, held := a.Roles[program]
	a.Roles = map[uuid.UUID]Role{}
	if held {
		a.Roles[program] = role
	}
	return a
}

// About is the actor as far as one participant goes: what May…In and Programs then say
// counts for her records and nobody else's.
func (a Actor) About(participant uuid.UUID) Actor {
	a.subject = participant
	return a
}

// May says whether any role of the actor allows the key: what a route asks before its
// handler asks about the subject itself. What is gated counts as allowed.
func (a Actor) May(key Key) bool {
	for _, role := range a.Roles {
		if LevelOf(key, role) != Deny {
			return true
		}
	}
	return false
}

// MayIn says whether the actor's role in that program allows the key.
func (a Actor) MayIn(program uuid.UUID, key Key) bool { return a.in(program, key) == Allowed }

// NeedsGrant says whether the actor's role in that program would allow the key, and only a
// grant is missing.
func (a Actor) NeedsGrant(program uuid.UUID, key Key) bool { return a.in(program, key) == NeedsGrant }

// in decides about records in one program.
func (a Actor) in(program uuid.UUID, key Key) Reason {
	level := LevelOf(key, a.Roles[program])
	switch {
	case level == Deny:
		return NoRole
	case a.subject != uuid.Nil && a.closed(a.subject, key):
		return IsClosed
	case level == Gated && a.Policy.Tier == Safeguarded && !a.granted(program):
		return NeedsGrant
	}
	return Allowed
}

// granted says whether a grant opens what is gated in a program, or about the subject.
func (a Actor) granted(program uuid.UUID) bool {
	return slices.ContainsFunc(a.Grants, func(g Grant) bool {
		return g.Program != uuid.Nil && g.Program == program || g.Participant != uuid.Nil && g.Participant == a.subject
	})
}

// Programs are those in which the actor's role allows the key, in a stable order.
// Lists, counts and searches are limited to them, and by Withheld, before anything is
// counted.
func (a Actor) Programs(key Key) []uuid.UUID {
	programs := []uuid.UUID{}
	for program := range a.Roles {
		if a.MayIn(program, key) {
			programs = append(programs, program)
		}
	}
	slices.SortFunc(programs, func(x, y uuid.UUID) int { return slices.Compare(x[:], y[:]) })
	return programs
}

// IsOnly says whether all the actor's roles are the given one (and there is one): an
// executive who is nothing else goes to the figures, never to people.
func (a Actor) IsOnly(role Role) bool {
	for _, held := range a.Roles {
		if held != role {
			return false
		}
	}
	return len(a.Roles) > 0
}

// EnrolmentStatus is where a participant stands in a program.
type EnrolmentStatus string

// The statuses of an enrolment, as stored.
const (
	Planned   EnrolmentStatus = "planned"
	Waitlist  EnrolmentStatus = "waitlist"
	Enrolled  EnrolmentStatus = "active"
	OnHold    EnrolmentStatus = "on_hold"
	Finished  EnrolmentStatus = "finished"
	Cancelled EnrolmentStatus = "cancelled"
)

// ReachingStatuses are the statuses that open a record to the program's staff. A
// finished enrolment still does: what was done must stay readable to those who did
// it. A cancelled one, which means that it was never meant, does not.
var ReachingStatuses = []EnrolmentStatus{Planned, Waitlist, Enrolled, OnHold, Finished}

// Sees says whether the actor has a role in the program. Enrolments in others are not
// shown, not counted and not hinted at: that somebody is in a program is itself personal,
// and the program may be confidential.
func (a Actor) Sees(program uuid.UUID) bool {
	_, ok := a.Roles[program]
	return ok
}

// Field is a core field of a participant whose visibility to the front desk is set
// field by field.
type Field string

// The fields with a rule of their own; first and last name, record id and status are
// visible to everyone who reaches the participant.
const (
	FieldPhone         Field = "phone"
	FieldEmail         Field = "email"
	FieldAddress       Field = "address"
	FieldPreferredName Field = "preferred_name"
	FieldPronouns      Field = "pronouns"
	FieldBirthDate     Field = "birth_date"
	FieldMiddleName    Field = "middle_name"
	FieldLanguage      Field = "language"
)

// Fields lists them, in the order of the form.
var Fields = []Field{FieldPreferredName, FieldMiddleName, FieldPronouns, FieldBirthDate, FieldLanguage, FieldPhone, FieldEmail, FieldAddress}

// FieldLevel is what may be done with a field.
type FieldLevel uint8

// The levels of a field; the zero value hides it.
const (
	FieldHidden FieldLevel = iota
	FieldView
	FieldEdit
)

// FrontDeskFields is what the front desk may do with each field where the agency has
// chosen nothing; what is not named is hidden.
var FrontDeskFields = map[Field]FieldLevel{
	FieldPhone:         FieldEdit,
	FieldEmail:         FieldEdit,
	FieldAddress:       FieldView,
	FieldPreferredName: FieldView,
	FieldPronouns:      FieldView,
	FieldLanguage:      FieldView,
}

// guardedFields could lead somebody to a participant whose whereabouts are kept safe.
var guardedFields = []Field{FieldPhone, FieldEmail, FieldAddress, FieldBirthDate, FieldMiddleName}

// frontDesk is what the front desk may do with a field.
func (p Policy) frontDesk(field Field, guarded bool) FieldLevel {
	if guarded && slices.Contains(guardedFields, field) {
		return FieldHidden
	}
	if level, chosen := p.FrontDesk[field]; chosen {
		return level
	}
	level := FrontDeskFields[field]
	if field == FieldEmail && p.Tier == Safeguarded {
		return min(level, FieldView)
	}
	return level
}

// FieldOf is what the actor may do with a field of a participant reached through these
// programs: the best of the roles held there. Direct service edits everything;
// managers see everything and, as the matrix has it, edit all but contact fields. guarded
// says that the participant's whereabouts are kept safe (see Subject).
func (a Actor) FieldOf(through []uuid.UUID, field Field, guarded bool) FieldLevel {
	best := FieldHidden
	for _, program := range through {
		level := FieldHidden
		switch a.Roles[program] {
		case FrontDesk:
			level = a.Policy.frontDesk(field, guarded)
		case DirectService:
			level = FieldEdit
		case ProgramManager:
			level = FieldEdit
			if slices.Contains([]Field{FieldPhone, FieldEmail, FieldAddress}, field) {
				level = FieldView
			}
		}
		best = max(best, level)
	}
	return best
}
