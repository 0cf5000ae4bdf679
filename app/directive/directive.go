package directive

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/civil"
	"konote/app/i18n"
	"konote/app/staff"
)

// By is who asked for a directive.
type By string

// Who may ask, as stored.
const (
	Participant By = "participant"
	Substitute  By = "substitute"
	Agency      By = "agency"
)

var byLabels = map[By]i18n.Key{Participant: i18n.DirectiveByParticipant, Substitute: i18n.DirectiveBySubstitute, Agency: i18n.DirectiveByAgency}

// kindLabels are what is closed, in words.
var kindLabels = map[access.Kind]i18n.Key{
	access.WholeFile: i18n.DirectiveKindFile, access.NotesKind: i18n.DirectiveKindNotes, access.PlanKind: i18n.DirectiveKindPlan,
	access.EventsKind: i18n.DirectiveKindEvents, access.ContactKind: i18n.DirectiveKindContacts, access.GroupsKind: i18n.DirectiveKindGroups,
}

// itemLabels are the kinds of which a single record can be closed.
var itemLabels = map[access.Kind]i18n.Key{
	access.NotesKind: i18n.DirectiveItemNote, access.PlanKind: i18n.DirectiveItemGoal, access.EventsKind: i18n.DirectiveItemEvent,
	access.ContactKind: i18n.DirectiveItemContact,
}

// reads is the permission that opens records of a kind.
var reads = map[access.Kind]access.Key{
	access.NotesKind: access.NoteView, access.PlanKind: access.PlanView, access.EventsKind: access.EventView,
	access.ContactKind: access.CommunicationView, access.GroupsKind: access.GroupViewDetail,
}

// Directive is what a participant has closed. To whom: one of Staff, Role and Program. The
// JSON is what the audit log keeps, sealed.
type Directive struct {
	ID          uuid.UUID   `json:"-"`
	Participant uuid.UUID   `json:"-"`
	Kind        access.Kind `json:"kind"`
	Item        uuid.UUID   `json:"item,omitzero"`
	Staff       uuid.UUID   `json:"staff,omitzero"`
	Role        access.Role `json:"role,omitempty"`
	Program     uuid.UUID   `json:"program,omitzero"`
	FromOn      civil.Date  `json:"-"`
	By          By          `json:"asked_by"`
	Reason      string      `json:"reason,omitempty"`
	RecordedAt  time.Time   `json:"-"`
	RecordedBy  uuid.UUID   `json:"-"`
	LiftedAt    time.Time   `json:"-"` // zero while it stands
	LiftedBy    uuid.UUID   `json:"-"`
	LiftReason  string      `json:"lift_reason,omitempty"`
}

// Stands says whether it was not lifted.
func (d Directive) Stands() bool { return d.LiftedAt.IsZero() }

// Against says whether it is about somebody with these roles, all that she holds.
func (d Directive) Against(who uuid.UUID, roles map[uuid.UUID]access.Role) bool {
	if d.Staff != uuid.Nil {
		return d.Staff == who
	}
	for program, role := range roles {
		if d.Program == program || d.Role != "" && d.Role == role {
			return true
		}
	}
	return false
}

// reacher is somebody who works in the agency, with all her roles; there are those of them
// by which she would reach the participant.
type reacher struct {
	roles map[uuid.UUID]access.Role
	there bool
}

// leavesNobody says whether the participant would be out of everybody's reach.
func leavesNobody(people map[uuid.UUID]reacher, standing []Directive) bool {
	for who, p := range people {
		closed := slices.ContainsFunc(standing, func(d Directive) bool {
			return d.Stands() && d.Kind == access.WholeFile && d.Against(who, p.roles)
		})
		if p.there && !closed {
			return false
		}
	}
	return true
}

// roleLabel is a role in words.
func roleLabel(r access.Role) i18n.Message { return staff.RoleLabel(r) }

// Request is that whereabouts need not be kept safe any more.
type Request struct {
	ID          uuid.UUID `json:"-"`
	Participant uuid.UUID `json:"-"`
	Reason      string    `json:"reason"`
	At          time.Time `json:"-"`
	By          uuid.UUID `json:"-"`
}
