package find

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/civil"
	"konote/tenancy"
)

// Most is how many people a search opens at most, and Suggestions how many of them are
// shown while somebody types.
const (
	Most        = 50
	Suggestions = 10
)

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
	Programs  []uuid.UUID // that the actor may see; one where she was twice stands twice
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
	var result Result
	hits, err := f.find(ctx, tx, actor, func(x *index) (found []match) {
		found, result.Total, result.Sure = x.search(terms, s, max(1, min(limit, Most)))
		return found
	})
	if err != nil {
		return Result{}, err
	}
	result.Hits = hits
	return result, nil
}

// find asks the agency's index and opens whom it names.
//
// The index may not have heard of the last changes. To ask for them first would take a round
// trip of its own, and mostly nothing has changed: so it is asked as it is, and whether
// there is something new is asked together with the rows of those found. If there is, the
// index learns it and is asked again.
func (f *Finder) find(ctx context.Context, tx *tenancy.Tx, actor access.Actor, ask func(*index) []match) ([]Hit, error) {
	for {
		h, err := f.hold(ctx, tx)
		if err != nil {
			return nil, err
		}
		hits, learned, err := h.x.answer(ctx, tx, actor, ask)
		if learned {
			f.settle(tx.Agency().ID, h)
		}
		if errors.Is(err, errWorn) {
			f.dropThis(tx.Agency().ID, h)
		}
		f.release(h)
		if !errors.Is(err, errWorn) {
			return hits, err
		}
	}
}

// answer is what the index and the database say together, and whether the index has learned
// something; errWorn when a new index is the better way.
func (x *index) answer(ctx context.Context, tx *tenancy.Tx, actor access.Actor, ask func(*index) []match) (hits []Hit, learned bool, err error) {
	found, mark := x.ask(ask)
	b := tx.Batch()
	news := queueNews(b, tx, mark)
	opened := queueHits(b, tx, actor, found)
	if err := b.Send(ctx); err != nil {
		return nil, false, fmt.Errorf("load who was found: %w", err)
	}
	if !news.any() {
		return opened.hits(), false, nil
	}
	if err := x.learn(ctx, tx, news); err != nil {
		return nil, true, err
	}
	found, _ = x.ask(ask)
	b = tx.Batch()
	opened = queueHits(b, tx, actor, found)
	if err := b.Send(ctx); err != nil {
		return nil, true, fmt.Errorf("load who was found: %w", err)
	}
	return opened.hits(), true, nil
}

// ask asks, and says how far the index had come.
func (x *index) ask(ask func(*index) []match) (found []match, mark int64) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return ask(x), x.mark
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
	return f.find(ctx, tx, actor, func(x *index) []match { return x.alike(wanted, s, 5) })
}

// scopeOf is where an actor may find people, and by what.
func scopeOf(actor access.Actor) scope {
	view := actor.Programs(access.ParticipantViewName)
	by := func(field access.Field) []uuid.UUID {
		programs := make([]uuid.UUID, 0, len(view))
		for _, program := range view {
			if actor.FieldOf([]uuid.UUID{program}, field, false) >= access.FieldView {
				programs = append(programs, program)
			}
		}
		return programs
	}
	trusted := slices.DeleteFunc(slices.Clone(view), func(program uuid.UUID) bool { return actor.Roles[program] == access.FrontDesk })
	return scope{
		trusted: trusted, closed: actor.Withheld(access.ParticipantViewName), view: view, preferred: by(access.FieldPreferredName), middle: by(access.FieldMiddleName),
		phone: by(access.FieldPhone), birth: by(access.FieldBirthDate),
	}
}
