package team

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/civil"
	"konote/app/find"
	"konote/app/note"
)

// The kinds of work, as the statements name them.
const (
	aNote    = "note"
	aMeeting = "meeting"
	aContact = "contact"
)

// Periods are how many days back the page looks.
var Periods = []int{7, 14, 30}

const (
	pageLength = 10 // people on a page
	someWork   = 20 // of each of them
	moreWork   = 50 // of one who has a page of her own
	someDue    = 10 // follow-ups of each
)

// scope is what the actor may be told of: the programs that she manages, and among them
// where she may know of notes, meetings and contacts.
type scope struct {
	actor                               access.Actor
	programs, notes, meetings, contacts []uuid.UUID
}

// scopeOf is the actor's, in one program or (uuid.Nil) in all that she manages.
func scopeOf(actor access.Actor, program uuid.UUID) scope {
	s := scope{actor: actor, programs: actor.Programs(access.ProgramManage)}
	if program != uuid.Nil {
		s.programs = slices.DeleteFunc(s.programs, func(id uuid.UUID) bool { return id != program })
	}
	among := func(key access.Key) []uuid.UUID {
		return slices.DeleteFunc(actor.Programs(key), func(id uuid.UUID) bool { return !slices.Contains(s.programs, id) })
	}
	s.notes, s.meetings, s.contacts = among(access.NoteView), among(access.MeetingView), among(access.CommunicationView)
	return s
}

// unread are the programs whose notes only a grant would open to her.
func (s scope) unread() []uuid.UUID {
	return slices.DeleteFunc(slices.Clone(s.programs), func(id uuid.UUID) bool { return !s.actor.NeedsGrant(id, access.NoteView) })
}

// A worker is one person with her numbers and what she has done.
type worker struct {
	ID   uuid.UUID
	Name string
	tally
	Due  []note.TeamFollowUp
	Work []work
	Next place // where her list goes on; zero: nowhere
}

// due is how many follow-ups wait for her.
func (w worker) due() int {
	if len(w.Due) == 0 {
		return 0
	}
	return w.Due[0].Of
}

// place is where a list begins: after this day and record.
type place struct {
	Day civil.Date
	ID  uuid.UUID
}

// byName puts people in the order of their names, Élodie before Sam.
func byName(people []worker) {
	slices.SortFunc(people, func(a, b worker) int {
		return cmp.Or(bytes.Compare(find.Fold(nil, a.Name), find.Fold(nil, b.Name)), bytes.Compare(a.ID[:], b.ID[:]))
	})
}

// pageOf is the page of people after one of them, and the last one on it where others follow.
// Somebody whom the address does not know any more is the beginning.
func pageOf(people []worker, after uuid.UUID) (page []worker, next uuid.UUID) {
	page = people[slices.IndexFunc(people, func(w worker) bool { return w.ID == after })+1:]
	if len(page) > pageLength {
		page = page[:pageLength]
		next = page[pageLength-1].ID
	}
	return page, next
}
