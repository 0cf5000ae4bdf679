package invite

import (
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/i18n"
	"konote/app/staff"
)

// The audited acts.
const (
	actionCreate audit.Action = "invitation.create"
	actionRevoke audit.Action = "invitation.revoke"
	ActionAccept audit.Action = "invitation.accept" // failed ones are recorded by package sso
)

// Days are how long an invitation may be good for.
var Days = []int{1, 3, 7, 14, 30}

// DefaultDays stands in the form.
const DefaultDays = 7

// Invitation is an account that somebody is offered.
type Invitation struct {
	ID        uuid.UUID
	Name      string
	Email     string
	Language  string // "en" or "fr"
	Admin     bool
	Roles     map[uuid.UUID]access.Role // by program
	Mail      Mail
	CreatedAt time.Time
	CreatedBy uuid.UUID
	ExpiresAt time.Time
	Accepted  bool
	Revoked   bool // or replaced by a newer one
}

// Mail is what became of the message.
type Mail string

// The states, as stored.
const (
	Waiting Mail = "waiting"
	Sent    Mail = "sent"
	Failed  Mail = "failed" // there is no mail server, or it does not take the address
)

// State is where an invitation stands.
type State string

// The states.
const (
	Open     State = "open"
	Accepted State = "accepted"
	Revoked  State = "revoked"
	Over     State = "over"
)

// State says where it stands at a moment.
func (i Invitation) State(now time.Time) State {
	switch {
	case i.Accepted:
		return Accepted
	case i.Revoked:
		return Revoked
	case !now.Before(i.ExpiresAt):
		return Over
	}
	return Open
}

// within says whether somebody with these powers could have made it.
func (i Invitation) within(p staff.Powers) bool {
	if p.Admin {
		return true
	}
	if i.Admin || len(i.Roles) == 0 {
		return false
	}
	for program, role := range i.Roles {
		if !p.MayGive(program, role) {
			return false
		}
	}
	return true
}

// given is what of it somebody with these powers, and with these programs to choose from,
// gives now.
func (i Invitation) given(p staff.Powers, offered []staff.PersonRole) (admin bool, roles map[uuid.UUID]access.Role) {
	roles = maps.Clone(i.Roles)
	maps.DeleteFunc(roles, func(program uuid.UUID, role access.Role) bool {
		return !p.MayGive(program, role) || !slices.ContainsFunc(offered, func(at staff.PersonRole) bool { return at.Program == program })
	})
	return i.Admin && p.Admin, roles
}

// empty says that an account made of it could do nothing.
func (i Invitation) empty() bool { return !i.Admin && len(i.Roles) == 0 }

// days is how many days it is, or was, good for.
func (i Invitation) days() int {
	return max(1, int(i.ExpiresAt.Sub(i.CreatedAt).Round(24*time.Hour)/(24*time.Hour)))
}

// masked is the address as somebody may read it who has opened the link: enough to know
// whether it is one's own.
func (i Invitation) masked() string {
	local, domain, _ := strings.Cut(i.Email, "@")
	first, _ := utf8.DecodeRuneInString(local)
	return string(first) + "•••@" + domain
}

// stateLabel is a state in a word.
func stateLabel(s State) i18n.Message {
	switch s {
	case Accepted:
		return i18n.InviteStateAccepted
	case Revoked:
		return i18n.InviteStateRevoked
	case Over:
		return i18n.InviteStateOver
	}
	return i18n.InviteStateOpen
}
