package audit

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/tenancy"
)

// actionRefused is the act of asking for what one may not see.
const actionRefused Action = "access.refused"

// Scope is whose entries somebody may see. The zero value sees none.
//
// Administrators see every entry of the agency, and no participant's name. A manager
// (audit.view) sees
//
//   - acts in her programs;
//   - acts that name no program, on people whom she reaches, by those who work or have worked
//     in her programs, unless a confidential program is touched: such an act is only shown
//     where it is known to be that program's own;
//   - attempts that were refused on people whom she reaches, by whoever does not reach them.
//
// She never sees an act in another program, even about a participant whom she reaches: that
// somebody is there is itself personal. Of people whom she does not reach nothing is left in
// what she sees, and an entry about nobody else does not exist for her.
type Scope struct {
	Everything bool
	Programs   []uuid.UUID
	Team       []uuid.UUID
}

// ScopeOf is what the actor may see.
func ScopeOf(ctx context.Context, tx *tenancy.Tx, actor access.Actor) (Scope, error) {
	if actor.Admin {
		return Scope{Everything: true}, nil
	}
	s := Scope{Programs: actor.Programs(access.AuditView), Team: []uuid.UUID{}}
	if len(s.Programs) == 0 {
		return s, nil
	}
	found, err := tenancy.Rows[struct {
		Staff uuid.UUID `db:"staff_id"`
	}](ctx, tx, sqlTeams, s.Programs)
	if err != nil {
		return Scope{}, fmt.Errorf("find who works in programs: %w", err)
	}
	for _, row := range found {
		s.Team = append(s.Team, row.Staff)
	}
	return s, nil
}

// in is the scope as far as one program goes; uuid.Nil: all of it.
func (s Scope) in(program uuid.UUID) Scope {
	switch {
	case program == uuid.Nil || s.Everything:
		return s
	case slices.Contains(s.Programs, program):
		return Scope{Programs: []uuid.UUID{program}}
	}
	return Scope{}
}

// Sees says whether an entry is within the scope. Whom it is about is asked afterwards
// (see Handlers.reached).
func (s Scope) Sees(e Told) bool {
	switch {
	case s.Everything:
		return true
	case e.Program != uuid.Nil:
		return slices.Contains(s.Programs, e.Program)
	case len(e.Participants) == 0 || len(s.Team) == 0:
		return false
	case e.Action == actionRefused:
		return true
	}
	return !e.Confidential && slices.Contains(s.Team, e.Staff)
}
