package circle

import (
	"slices"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/i18n"
	"konote/app/view"
)

// Status is whether a circle is current.
type Status string

// The statuses, as stored.
const (
	Active   Status = "active"
	Archived Status = "archived"
)

// Circle is one circle, opened. The JSON is what the audit log keeps, sealed.
type Circle struct {
	ID           uuid.UUID `json:"-"`
	Program      uuid.UUID `json:"-"`
	Confidential bool      `json:"-"` // its program is
	Name         string    `json:"name"`
	Status       Status    `json:"status"`
	CreatedAt    time.Time `json:"-"`
	CreatedBy    uuid.UUID `json:"-"`
	Version      int       `json:"-"` // of name and status; members come and go without it
}

// Member is somebody in a circle, as one viewer sees her.
type Member struct {
	ID           uuid.UUID   `json:"-"`
	Circle       uuid.UUID   `json:"-"`
	Participant  uuid.UUID   `json:"participant,omitzero"`
	Name         string      `json:"name,omitempty"`
	Relationship string      `json:"relationship,omitempty"`
	Primary      bool        `json:"primary_contact,omitempty"`
	JoinedAt     time.Time   `json:"-"`
	through      []uuid.UUID // programs in which the viewer reaches her
}

// IsParticipant says whether she has a record.
func (m Member) IsParticipant() bool { return m.Participant != uuid.Nil }

const (
	maxName         = 120
	maxRelationship = 120
	fewest          = 2 // people who make a circle
)

// A seen circle is a circle with those in it whom one actor is shown.
type seen struct {
	Circle
	Members []Member
	actor   access.Actor
}

// mayEdit says whether the actor may change it.
func (s seen) mayEdit() bool {
	if s.Confidential {
		return s.actor.MayIn(s.Program, access.CircleEdit)
	}
	return slices.ContainsFunc(s.Members, func(m Member) bool {
		return slices.ContainsFunc(m.through, func(program uuid.UUID) bool { return s.actor.MayIn(program, access.CircleEdit) })
	})
}

// mayRemove says whether a circle is left without the member: two people, one of them
// with a record.
func (s seen) mayRemove(member uuid.UUID) bool {
	left := slices.DeleteFunc(slices.Clone(s.Members), func(m Member) bool { return m.ID == member })
	return len(left) >= fewest && slices.ContainsFunc(left, Member.IsParticipant)
}

func (c Circle) check() view.Problems {
	var problems view.Problems
	switch {
	case c.Name == "":
		problems.Add("name", i18n.CircleNameWanted)
	case utf8.RuneCountInString(c.Name) > maxName:
		problems.Add("name", i18n.FormTooLong(maxName))
	}
	return problems
}

// asViewer is the actor in the programs where she sees circles: through others she
// reaches nobody here.
func asViewer(actor access.Actor) access.Actor {
	narrowed := actor
	narrowed.Roles = map[uuid.UUID]access.Role{}
	for _, program := range actor.Programs(access.CircleView) {
		narrowed.Roles[program] = actor.Roles[program]
	}
	return narrowed
}
