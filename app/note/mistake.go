package note

import (
	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/mistake"
	"konote/app/web"
	"konote/tenancy"
)

// InError marks notes as entered in error.
var InError = mistake.Kind{
	Name: "note.cancel", Param: "note", Path: "notes", Key: access.NoteEdit, Action: actionCancel,
	Load: loadMistake, Save: markInError,
}

// record is the note as something that can be marked.
func (n Note) record() mistake.Record {
	return mistake.Record{ID: n.ID, Participant: n.Participant, Program: n.Program, Author: n.Author, CreatedAt: n.CreatedAt, Mark: n.InError}
}

// loadMistake reaches a note for those who may mark it.
func loadMistake(r *web.Request, tx *tenancy.Tx, id uuid.UUID) (mistake.Found, error) {
	n, about, in, err := reachToEdit(r, tx, id)
	if err != nil {
		return mistake.Found{}, err
	}
	f := r.Frame()
	return mistake.Found{
		Record: n.record(), About: about, Confidential: in.Confidential,
		Line: title(f, entry{Note: n}) + " · " + dayText(f.P, n.HappenedOn),
	}, nil
}
