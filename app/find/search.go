package find

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/civil"
	"konote/app/program"
	"konote/tenancy"
)

// Most is how many people a search opens at most.
const Most = 50

// Result is the answer to a search: the first people in their order, how many there are,
// and how many of them were found without guessing at typing errors. Guesses come last.
type Result struct {
	Hits  []Hit
	Total int
	Sure  int
}

func (r Result) split() (sure, similar []Hit) {
	for i, hit := range r.Hits {
		if hit.Near {
			return r.Hits[:i], r.Hits[i:]
		}
	}
	return r.Hits, nil
}

// Hit is somebody found. What the actor may not see of her is empty.
type Hit struct {
	ID        uuid.UUID
	First     string
	Preferred string
	Middle    string
	Last      string
	Record    string
	Phone     string
	BirthDate civil.Date
	Programs  []program.Program // that the actor may see
	Matched   Fields
	Near      bool // typing errors were forgiven
}

// Name is what the person is called: the preferred name, or else the first, and the last.
func (h Hit) Name() string {
	if h.Preferred != "" {
		return strings.TrimSpace(h.Preferred + " " + h.Last)
	}
	return strings.TrimSpace(h.First + " " + h.Last)
}

// OtherNames are the first, middle and last name, where they say more than Name.
func (h Hit) OtherNames() string {
	names := strings.Join(strings.Fields(h.First+" "+h.Middle+" "+h.Last), " ")
	if names == h.Name() {
		return ""
	}
	return names
}

// Search finds people by parts of their names, record id, phone number or birth date,
// among those whom the actor reaches and by what her roles see of each. It finds what
// any transaction has committed before the search began; what tx itself has changed is
// found after its commit. The caller records that people were shown. limit is between 1
// and Most.
func (f *Finder) Search(ctx context.Context, tx *tenancy.Tx, actor access.Actor, q string, limit int) (Result, error) {
	terms, s := parse(q), scopeOf(actor)
	if len(terms) == 0 || len(s.view) == 0 {
		return Result{}, nil
	}
	x, release, err := f.fresh(ctx, tx)
	if err != nil {
		return Result{}, err
	}
	defer release()
	matches, total, sure := x.search(terms, s, max(1, min(limit, Most)))
	hits, err := load(ctx, tx, actor, matches)
	return Result{Hits: hits, Total: total, Sure: sure}, err
}

// Candidate is somebody about to be added.
type Candidate struct {
	First     string
	Preferred string
	Last      string
	BirthDate civil.Date
	Phone     string
}

// Duplicates finds the people, five at most, whom the actor reaches and who may be the
// same person: born on the same day with names alike, or with the same phone number.
// Matched says which.
func (f *Finder) Duplicates(ctx context.Context, tx *tenancy.Tx, actor access.Actor, c Candidate) ([]Hit, error) {
	wanted, s := newSuspect(c), scopeOf(actor)
	if (wanted.birth == 0 && wanted.phone == 0) || len(s.view) == 0 {
		return nil, nil
	}
	x, release, err := f.fresh(ctx, tx)
	if err != nil {
		return nil, err
	}
	defer release()
	return load(ctx, tx, actor, x.alike(wanted, s, 5))
}

// scopeOf is where an actor may find people, and by what.
func scopeOf(actor access.Actor) scope {
	view := actor.Programs(access.ParticipantViewName)
	by := func(field access.Field) []uuid.UUID {
		programs := make([]uuid.UUID, 0, len(view))
		for _, program := range view {
			if actor.FieldOf([]uuid.UUID{program}, field) >= access.FieldView {
				programs = append(programs, program)
			}
		}
		return programs
	}
	return scope{
		view: view, preferred: by(access.FieldPreferredName), middle: by(access.FieldMiddleName),
		phone: by(access.FieldPhone), birth: by(access.FieldBirthDate),
	}
}
