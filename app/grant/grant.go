package grant

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/i18n"
	"konote/app/settings"
	"konote/app/view"
)

// Finding is what a review found.
type Finding string

// The findings, as stored.
const (
	Proper   Finding = "proper"
	Improper Finding = "improper"
)

// Grant is access that somebody took. The JSON is what the audit log keeps, sealed: not
// what was written.
type Grant struct {
	ID          uuid.UUID   `json:"-"`
	Staff       uuid.UUID   `json:"staff"`
	Program     uuid.UUID   `json:"program,omitzero"`     // uuid.Nil: the participant's
	Participant uuid.UUID   `json:"-"`                    // uuid.Nil: the program's
	Through     []uuid.UUID `json:"-"`                    // programs in which she knew the participant
	Emergency   bool        `json:"emergency,omitempty"`  //
	Reason      uuid.UUID   `json:"reason,omitzero"`      // uuid.Nil: an emergency
	Why         string      `json:"-"`                    // in her words
	CreatedAt   time.Time   `json:"-"`                    //
	ExpiresAt   time.Time   `json:"expires_at"`           //
	RevokedAt   time.Time   `json:"revoked_at,omitzero"`  // zero: was not
	RevokedBy   uuid.UUID   `json:"-"`                    //
	ReviewedAt  time.Time   `json:"reviewed_at,omitzero"` // zero: was not
	ReviewedBy  uuid.UUID   `json:"-"`                    //
	Finding     Finding     `json:"finding,omitempty"`    //
	Remark      string      `json:"-"`                    // of the review
	ReasonEN    string      `json:"-"`                    // "": an emergency
	ReasonFR    string      `json:"-"`                    //
	StaffName   string      `json:"-"`                    //
}

// Active says whether it is in force.
func (g Grant) Active(now time.Time) bool { return g.RevokedAt.IsZero() && now.Before(g.ExpiresAt) }

// endedAt is when it ended, or will.
func (g Grant) endedAt() time.Time {
	if !g.RevokedAt.IsZero() && g.RevokedAt.Before(g.ExpiresAt) {
		return g.RevokedAt
	}
	return g.ExpiresAt
}

// standing is the one that tells how somebody stands: an emergency that is in force,
// another one that is, or the one that ended last; nil for none.
func standing(grants []Grant, now time.Time) *Grant {
	var found *Grant
	rank := func(g *Grant) int {
		switch {
		case g == nil:
			return 0
		case !g.Active(now):
			return 1
		case !g.Emergency:
			return 2
		}
		return 3
	}
	for i := range grants {
		g := &grants[i]
		if r := rank(g); r > rank(found) || r == 1 && r == rank(found) && g.endedAt().After(found.endedAt()) {
			found = g
		}
	}
	return found
}

// reason is its reason in the reader's language.
func (g Grant) reason(p *i18n.Printer) string {
	switch {
	case g.Emergency:
		return p.T(i18n.GrantEmergency)
	case p.French():
		return g.ReasonFR
	}
	return g.ReasonEN
}

const (
	minWhy      = 10 // characters
	maxWhy      = 1000
	maxRemark   = 2000
	defaultDays = 7
	emergency   = 4 * time.Hour
	lately      = 7 * 24 * time.Hour // who comes back after that has not just been cut off
)

// daysUpTo are the days that may be chosen where the agency allows so many.
func daysUpTo(longest int) []int {
	return slices.DeleteFunc(slices.Clone(settings.Days), func(days int) bool { return days > longest })
}

// gated are the programs among those given in which a grant would open something for the
// actor: where her role has it at tier 3 only for a reason.
func gated(actor access.Actor, programs []uuid.UUID) []uuid.UUID {
	return slices.DeleteFunc(slices.Clone(programs), func(program uuid.UUID) bool {
		return !slices.ContainsFunc(access.Matrix, func(rule access.Rule) bool {
			return access.LevelOf(rule.Key, actor.Roles[program]) == access.Gated
		})
	})
}

// mayLookBack says whether the actor reviews what others took.
func mayLookBack(actor access.Actor) bool { return actor.Admin || actor.May(access.AuditView) }

// hinders says whether a role that the actor has would show something of the participant
// that is closed to her or guarded.
func hinders(decide func(access.Key) access.Decision, actor access.Actor, participant uuid.UUID) bool {
	for _, key := range []access.Key{access.NoteView, access.PlanView, access.EventView, access.MeetingView, access.CommunicationView,
		access.GroupViewDetail, access.CircleView, access.MetricViewIndividual, access.ParticipantViewClinical} {
		if reason := decide(key).Reason; reason == access.IsClosed || reason == access.NeedsGrant {
			return true
		}
	}
	return actor.SomethingWithheld(participant) // one record
}

func whyProblem(why string) i18n.Message {
	switch length := utf8.RuneCountInString(strings.TrimSpace(why)); {
	case length < minWhy:
		return i18n.GrantWhyWanted
	case length > maxWhy:
		return i18n.FormTooLong(maxWhy)
	}
	return nil
}

// review is what somebody found of a grant.
type review struct {
	Finding Finding
	Remark  string
}

func (r review) check() view.Problems {
	var problems view.Problems
	if r.Finding != Proper && r.Finding != Improper {
		problems.Add("finding", i18n.GrantFindingWanted)
	}
	switch {
	case r.Finding == Improper && r.Remark == "":
		problems.Add("remark", i18n.GrantRemarkWanted)
	case utf8.RuneCountInString(r.Remark) > maxRemark:
		problems.Add("remark", i18n.FormTooLong(maxRemark))
	}
	return problems
}
