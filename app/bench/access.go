package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/civil"
	"konote/app/directive"
	"konote/app/grant"
	"konote/tenancy"
)

// What a worker has against her, and for her, where access is measured.
const (
	closings = 50
	granted  = 20
)

// measureAccess asks what it costs to decide, and what a list of many people costs who have
// closed their files.
func measureAccess(ctx context.Context, b *bench) ([]row, error) {
	a, err := b.agencyWith(ctx, "bench-access", 2, pick(b, 10_000, 2000), pick(b, 40_000, 4000))
	if err != nil {
		return nil, err
	}
	if err := a.Update(ctx, func(tx *tenancy.Tx) error { return a.close(ctx, tx, a.workers[1]) }); err != nil {
		return nil, err
	}
	decided, err := each(pick(b, time.Second, 200*time.Millisecond), decisions(a))
	if err != nil {
		return nil, err
	}
	lists, err := b.lists(ctx, a)
	return append([]row{within(fmt.Sprintf("one decision, with %d directives and %d grants", closings, granted), decided, 10*time.Microsecond)}, lists...), err
}

// close has people close their files to a worker, and gives her grants.
func (a *agency) close(ctx context.Context, tx *tenancy.Tx, worker uuid.UUID) error {
	for _, p := range a.people[:closings] {
		_, err := directive.Insert(ctx, tx, directive.Directive{
			ID: tenancy.NewID(), Participant: p.id, Kind: access.WholeFile, Staff: worker, FromOn: civil.Of(tx.Now()), By: directive.Participant,
			RecordedAt: tx.Now(), RecordedBy: a.workers[0],
		})
		if err != nil {
			return err
		}
	}
	var grants []grant.Grant
	now := tx.Now()
	for _, p := range a.people[closings : closings+granted] {
		grants = append(grants, grant.Grant{ID: tenancy.NewID(), Staff: worker, Participant: p.id, Through: a.programs, Emergency: true, Why: "A call at night.",
			CreatedAt: now, ExpiresAt: now.Add(4 * time.Hour)})
	}
	return grant.Bulk(ctx, tx, grants)
}

// decisions asks one question after the other about somebody who has closed nothing: all
// that is closed is looked at each time.
func decisions(a *agency) func() error {
	actor := access.Actor{Staff: a.workers[1], Roles: map[uuid.UUID]access.Role{}, Policy: access.Policy{Tier: access.Safeguarded}}
	about := access.Subject{ID: a.people[len(a.people)-1].id, Consent: access.ConsentGiven}
	for _, p := range a.programs {
		actor.Roles[p] = access.ProgramManager
		about.Enrolments = append(about.Enrolments, access.Enrolment{Program: p, Status: access.Enrolled})
	}
	for i, p := range a.people[:closings+granted] {
		if i < closings {
			actor.Closed = append(actor.Closed, access.Closed{Participant: p.id, Kind: access.WholeFile})
		} else {
			actor.Grants = append(actor.Grants, access.Grant{Participant: p.id})
		}
	}
	return func() error {
		if decided := actor.Decide(about, access.NoteView); decided.Reason != access.NeedsGrant {
			return fmt.Errorf("decided %v", decided.Reason)
		}
		return nil
	}
}

// lists opens the list of participants as two workers in turn: one to whom nothing is
// closed, and one to whom something is.
func (b *bench) lists(ctx context.Context, a *agency) ([]row, error) {
	browsers, closeBrowsers, err := b.browsers(ctx, b.free, a, 2)
	defer closeBrowsers()
	if err != nil {
		return nil, err
	}
	open := func(worker int) func() (float64, error) {
		return func() (float64, error) {
			list, err := latencies(1, pick(b, 20, 5), func(int, int) error {
				status, err := browsers[worker].send(http.MethodGet, "/participants", "", "")
				if err == nil && status != http.StatusOK {
					err = fmt.Errorf("list participants: status %d", status)
				}
				return err
			})
			return percentile(list, 50), err
		}
	}
	if _, err := rounds(ctx, 1, open(0), open(1)); err != nil { // statements are prepared
		return nil, err
	}
	arms, err := rounds(ctx, pick(b, 11, 3), open(1), open(0))
	if err != nil {
		return nil, err
	}
	what := fmt.Sprintf("list of %s participants, %d closed, against the same list", thousands(int64(len(a.people))), closings)
	return []row{times(what, arms[0], arms[1], 1.3)}, nil
}
