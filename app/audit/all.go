package audit

import (
	"iter"

	"github.com/google/uuid"

	"konote/app/web"
	"konote/tenancy"
)

// all reads every entry that a manager may see and that answers the question, newest first,
// a chunk at a time, and keeps known the words for the chunk that is read.
func (h *Handlers) all(r *web.Request, q Question, known *words) iter.Seq2[Told, error] {
	return func(yield func(Told, error) bool) {
		for {
			entries, people, err := h.read(r, q, exportChunk)
			if err == nil {
				err = h.learn(r, entries, known)
			}
			if err != nil {
				yield(Told{}, err)
				return
			}
			known.people = people
			for _, e := range entries {
				if !yield(e, nil) {
					return
				}
			}
			if len(entries) < exportChunk {
				return
			}
			q.After = entries[len(entries)-1].Place()
		}
	}
}

// learn adds the names of members of staff who are not of the team.
func (h *Handlers) learn(r *web.Request, entries []Told, known *words) error {
	var unknown []uuid.UUID
	for _, e := range entries {
		for _, id := range []uuid.UUID{e.Staff, e.Subject} {
			if _, there := known.staff[id]; !there && id != uuid.Nil && (id == e.Staff || e.aboutStaff()) {
				known.staff[id] = ""
				unknown = append(unknown, id)
			}
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	return r.Agency.View(r.Context(), func(tx *tenancy.Tx) error {
		names, err := h.Names(r.Context(), tx, unknown)
		for id, name := range names {
			known.staff[id] = name
		}
		return err
	})
}
