package watch

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
)

// pause ends a visit: who comes back after it makes another one.
const pause = 30 * time.Minute

// A visit is what one person did about a participant, without a pause.
type visit struct {
	Kind      audit.Kind
	Staff     uuid.UUID
	From, To  time.Time
	Roles     []access.Role
	Programs  []uuid.UUID
	Deeds     []deed
	Refused   int
	Emergency bool
}

// A deed is one act, and how often it was done.
type deed struct {
	Action  audit.Action
	Refused bool
	Count   int
}

// visits gathers entries, the newest first, into visits, the one that ended last first.
func visits(entries []audit.Told) []visit {
	var gathered []*visit
	open := map[uuid.UUID]*visit{} // by person; uuid.Nil: nobody who signed in
	for _, e := range entries {
		v := open[e.Staff]
		if v == nil || v.Kind != e.Kind || v.From.Sub(e.At) > pause {
			v = &visit{Kind: e.Kind, Staff: e.Staff, From: e.At, To: e.At}
			gathered, open[e.Staff] = append(gathered, v), v
		}
		v.add(e)
	}
	made := make([]visit, len(gathered))
	for i, v := range gathered {
		slices.Reverse(v.Deeds) // in the order in which they were done
		made[i] = *v
	}
	return made
}

func (v *visit) add(e audit.Told) {
	v.From = e.At
	if e.Role != "" && !slices.Contains(v.Roles, e.Role) {
		v.Roles = append(v.Roles, e.Role)
	}
	if e.Program != uuid.Nil && !slices.Contains(v.Programs, e.Program) {
		v.Programs = append(v.Programs, e.Program)
	}
	refused := e.Outcome != audit.Done
	if refused {
		v.Refused++
	}
	at := slices.IndexFunc(v.Deeds, func(d deed) bool { return d.Action == e.Action && d.Refused == refused })
	if at < 0 {
		v.Deeds = append(v.Deeds, deed{Action: e.Action, Refused: refused})
		at = len(v.Deeds) - 1
	}
	v.Deeds[at].Count++
}

// changed says whether the act did more than look.
func (d deed) changed() bool { return !d.Refused && !slices.Contains(looks, verb(d.Action)) }

// An emergency is a stretch of time in which somebody had emergency access.
type emergency struct {
	Staff uuid.UUID `db:"staff_id"`
	From  time.Time `db:"created_at"`
	To    time.Time `db:"ended_at"`
}

// mark marks the visits that were made in an emergency.
func markEmergencies(visits []visit, emergencies []emergency) {
	for i, v := range visits {
		visits[i].Emergency = slices.ContainsFunc(emergencies, func(e emergency) bool {
			return e.Staff == v.Staff && !v.To.Before(e.From) && !v.From.After(e.To)
		})
	}
}
