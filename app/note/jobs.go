package note

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/fault"
	"konote/app/staff"
	"konote/jobs"
	"konote/tenancy"
)

const (
	searchPartSize = 4000 // notes that are looked through in one transaction
	maxHits        = 500  // that a search keeps: whoever finds more looks for too little
)

// SearchArgs are those of the job that looks through the notes of a program.
type SearchArgs struct {
	Search uuid.UUID `json:"search"`
}

// Kind implements jobs.Args.
func (SearchArgs) Kind() string { return "note.search" }

// AddJobs hands this feature's worker to the registry.
func AddJobs(r *jobs.Registry) {
	jobs.Add(r, func(ctx context.Context, agency *tenancy.Agency, args SearchArgs) error {
		return runSearch(ctx, agency, args.Search)
	})
}

// runSearch looks through a program's notes, a part at a time, and writes down how far
// it is. Before each part it asks again whether the person may still read notes there:
// a role that was taken away ends the search. Run twice, it begins anew.
func runSearch(ctx context.Context, agency *tenancy.Agency, id uuid.UUID) error {
	var s search
	var q *query
	err := agency.View(ctx, func(tx *tenancy.Tx) (err error) {
		if s, err = searchByID(ctx, tx, id); err == nil {
			q = newQuery(s.Words)
		}
		return err
	})
	if fault.KindOf(err) == fault.NotFound || err == nil && (s.Status == searchDone || q == nil) {
		return nil // forgotten meanwhile, or done by a run that could not say so
	}
	if err != nil {
		return err
	}
	s.Found, s.Total, s.LookedAt, s.Status = nil, 0, 0, searchRunning
	for before := uuid.Max; before != uuid.Nil && len(s.Found) < maxHits; {
		visitor, _, err := staff.Visitor(ctx, agency, s.Staff)
		if fault.KindOf(err) == fault.SignedOut || err == nil && !visitor.Actor.MayIn(s.Program, access.NoteView) {
			s.Status, s.Found = searchFailed, nil
			return keepProgress(ctx, agency, s)
		}
		if err != nil {
			return err
		}
		err = agency.View(ctx, func(tx *tenancy.Tx) error {
			if before == uuid.Max {
				withheld := visitor.Actor.Withheld(access.NoteView)
				if err := tx.QueryRow(ctx, sqlCountInProgram, s.Program, before, access.ReachingStatuses, withheld).Scan(&s.Total); err != nil {
					return fmt.Errorf("count notes to search: %w", err)
				}
			}
			hits, looked, next, err := searchPart(ctx, tx, q, visitor.Actor, s.Program, before, searchPartSize)
			s.Found, s.LookedAt, before = append(s.Found, hits...), s.LookedAt+looked, next
			return err
		})
		if err != nil {
			return err
		}
		if err := keepProgress(ctx, agency, s); err != nil {
			return err
		}
	}
	if len(s.Found) > maxHits {
		s.Found = s.Found[:maxHits]
	}
	s.Status = searchDone
	return keepProgress(ctx, agency, s)
}

func keepProgress(ctx context.Context, agency *tenancy.Agency, s search) error {
	return agency.Update(ctx, func(tx *tenancy.Tx) error {
		var finished *time.Time
		if s.Status == searchDone || s.Status == searchFailed {
			now := tx.Now()
			finished = &now
		}
		found := s.Found
		if found == nil {
			found = []uuid.UUID{}
		}
		_, err := tx.Exec(ctx, sqlSearchProgress, s.ID, s.Status, max(s.Total, s.LookedAt), s.LookedAt, found, finished)
		return err
	})
}
