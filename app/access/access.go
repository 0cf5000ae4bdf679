// Package access decides who may do what. It is data and pure functions: no
// database, no request, no clock, so that every decision can be tested against the
// table.
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
//	Gated      as InProgram; at tier 3 also asks for an access grant (not built yet,
//	           so tier 3 does not exist yet and Gated is InProgram)
//	PerField   decided field by field (front desk)
//
// The administrator's flag opens what is marked Admin in the route table and never
// a participant.
//
// A participant is reached through an enrolment: see [Actor.Reaches]. What is not
// reached does not exist for that person, in lists, counts, searches, hints and
// addresses alike.
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

// Actor is a signed-in member of staff with the roles held at this moment. It is read
// anew for every request.
type Actor struct {
	Staff uuid.UUID
	Admin bool
	// Roles are the active roles by program. Archived programs keep theirs: their
	// records must still be readable by those who kept them.
	Roles map[uuid.UUID]Role
}

// May says whether any role of the actor allows the key: what a route asks before its
// handler asks about the subject itself.
func (a Actor) May(key Key) bool {
	for _, role := range a.Roles {
		if LevelOf(key, role) != Deny {
			return true
		}
	}
	return false
}

// MayIn says whether the actor's role in that program allows the key.
func (a Actor) MayIn(program uuid.UUID, key Key) bool {
	role, ok := a.Roles[program]
	return ok && LevelOf(key, role) != Deny
}

// Programs are those in which the actor's role allows the key, in a stable order.
// Lists, counts and searches are limited to them before anything is counted.
func (a Actor) Programs(key Key) []uuid.UUID {
	programs := []uuid.UUID{}
	for program, role := range a.Roles {
		if LevelOf(key, role) != Deny {
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

// Enrolment is what access needs to know of one.
type Enrolment struct {
	Program uuid.UUID
	Status  EnrolmentStatus
}

// Reaches says whether the actor may do something (key) with a participant who has
// these enrolments, and through which programs. An empty answer means that for this
// actor, and this key, the participant does not exist. The record of a person is one
// record: it opens through any shared program in which the role allows it.
func (a Actor) Reaches(enrolments []Enrolment, key Key) []uuid.UUID {
	var through []uuid.UUID
	for _, e := range enrolments {
		if slices.Contains(ReachingStatuses, e.Status) && a.MayIn(e.Program, key) && !slices.Contains(through, e.Program) {
			through = append(through, e.Program)
		}
	}
	return through
}

// Sees filters enrolments to those whose program the actor has a role in. Others are
// not shown, not counted and not hinted at: that somebody is in a program is itself
// personal, and the program may be confidential.
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

// FieldLevel is what may be done with a field.
type FieldLevel uint8

// The levels of a field; the zero value hides it.
const (
	FieldHidden FieldLevel = iota
	FieldView
	FieldEdit
)

// FrontDeskFields is what the front desk may do with each field; what is not named is
// hidden. (Agencies will be able to change it; these are the defaults.)
var FrontDeskFields = map[Field]FieldLevel{
	FieldPhone:         FieldEdit,
	FieldEmail:         FieldEdit,
	FieldAddress:       FieldView,
	FieldPreferredName: FieldView,
	FieldPronouns:      FieldView,
	FieldLanguage:      FieldView,
}

// FieldOf is what the actor may do with a field of a participant reached through these
// programs: the best of the roles held there. Direct service edits everything;
// managers see everything and, as the matrix has it, edit all but contact fields.
func (a Actor) FieldOf(through []uuid.UUID, field Field) FieldLevel {
	best := FieldHidden
	for _, program := range through {
		level := FieldHidden
		switch a.Roles[program] {
		case FrontDesk:
			level = FrontDeskFields[field]
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
