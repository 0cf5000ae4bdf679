package mistake

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
)

// Who recorded something marks it within a day, and who manages its program at any time;
// nobody else does, and nobody a second time.
func TestWhoMayMark(t *testing.T) {
	t.Parallel()
	const key = access.NoteEdit
	program, elsewhere, her := uuid.New(), uuid.New(), uuid.New()
	author := access.Actor{Staff: uuid.New(), Roles: map[uuid.UUID]access.Role{program: access.DirectService}}
	manager := access.Actor{Staff: uuid.New(), Roles: map[uuid.UUID]access.Role{program: access.ProgramManager}}
	with := func(a access.Actor, change func(*access.Actor)) access.Actor { change(&a); return a }
	noon := time.Date(2026, 2, 10, 17, 0, 0, 0, time.UTC)
	record := Record{ID: uuid.New(), Participant: her, Program: program, Author: author.Staff, CreatedAt: noon}
	guarded, marked := record, record
	guarded.Guarded, marked.Mark = true, Mark{At: noon, By: author.Staff, Reason: "No."}
	for what, c := range map[string]struct {
		by     access.Actor
		record Record
		after  time.Duration
		want   bool
	}{
		"its author, the same day":             {author, record, 24*time.Hour - 1, true},
		"its author, a day later":              {author, record, 24 * time.Hour, false},
		"its author, what is guarded":          {author, guarded, 0, false},
		"its author, a second time":            {author, marked, 0, false},
		"its author, who now is at the desk":   {with(author, func(a *access.Actor) { a.Roles = map[uuid.UUID]access.Role{program: access.FrontDesk} }), record, 0, false},
		"its author, to whom it is closed":     {with(author, func(a *access.Actor) { a.Closed = []access.Closed{{Participant: her, Kind: access.NotesKind}} }), record, 0, false},
		"the manager, a year later":            {manager, record, 9000 * time.Hour, true},
		"the manager, what is guarded":         {manager, guarded, 0, true},
		"the manager, a second time":           {manager, marked, 0, false},
		"the manager of another program":       {with(manager, func(a *access.Actor) { a.Roles = map[uuid.UUID]access.Role{elsewhere: access.ProgramManager} }), record, 0, false},
		"a colleague":                          {with(author, func(a *access.Actor) { a.Staff = uuid.New() }), record, 0, false},
		"an administrator, who manages nobody": {access.Actor{Staff: uuid.New(), Admin: true}, record, 0, false},
	} {
		if got := c.record.May(c.by, key, noon.Add(c.after)); got != c.want {
			t.Errorf("%s: %v, want %v", what, got, c.want)
		}
	}
}
