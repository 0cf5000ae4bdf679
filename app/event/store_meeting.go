package event

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/app/access"
	"konote/app/civil"
	"konote/app/consent"
	"konote/app/staff"
	"konote/keyring"
	"konote/tenancy"
)

// mate is a member of staff who may attend a meeting.
type mate struct {
	ID       uuid.UUID
	Name     string
	Programs []uuid.UUID
}

type mateRow struct {
	ID       uuid.UUID      `db:"id"`
	Name     keyring.Sealed `db:"display_name_sealed"`
	Programs []uuid.UUID    `db:"programs"`
}

func queueTeams(b *tenancy.Batch, programs []uuid.UUID, to *[]mateRow) {
	b.Queue(sqlTeams, tenancy.Into(to), programs)
}

func openTeams(box *keyring.Box, rows []mateRow) ([]mate, error) {
	o := box.Opener()
	team := make([]mate, len(rows))
	for i, r := range rows {
		team[i] = mate{ID: r.ID, Name: staff.OpenName(o, r.ID, r.Name), Programs: r.Programs}
	}
	if err := o.Err(); err != nil {
		return nil, fmt.Errorf("open team: %w", err)
	}
	slices.SortFunc(team, func(a, b mate) int { return strings.Compare(a.Name+a.ID.String(), b.Name+b.ID.String()) })
	return team, nil
}

// errClaimed says that another run is about to send the reminder, or was when it ended:
// look again later.
var errClaimed = errors.New("event: the reminder is being sent")

// claim takes a reminder on; it says false when there is nothing to send: it was sent, or
// the meeting is not what it was.
func claim(ctx context.Context, tx *tenancy.Tx, meeting uuid.UUID, starts time.Time) (participant, program uuid.UUID, mine bool, err error) {
	err = tx.QueryRow(ctx, sqlClaim, meeting, starts, tx.Now(), tx.Now().Add(-claimFor)).Scan(&participant, &program)
	if err == nil {
		return participant, program, true, nil
	}
	waits := false
	if errors.Is(err, pgx.ErrNoRows) {
		err = tx.QueryRow(ctx, sqlIsWaiting, meeting, starts).Scan(&waits)
	}
	if err == nil && waits {
		return uuid.Nil, uuid.Nil, false, errClaimed
	}
	if err != nil {
		return uuid.Nil, uuid.Nil, false, fmt.Errorf("claim the reminder: %w", err)
	}
	return uuid.Nil, uuid.Nil, false, nil
}

// reminded notes what came of a reminder; false when the meeting was changed meanwhile.
func reminded(ctx context.Context, tx *tenancy.Tx, meeting uuid.UUID, starts time.Time, to Reminder, why Problem) (bool, error) {
	changed, err := tx.Exec(ctx, sqlReminded, meeting, starts, to, why, tx.Now())
	if err != nil {
		return false, fmt.Errorf("note the reminder: %w", err)
	}
	return changed == 1, nil
}

// retry has a reminder tried again; false when it is not one to be tried again.
func retry(ctx context.Context, tx *tenancy.Tx, meeting uuid.UUID) (bool, error) {
	changed, err := tx.Exec(ctx, sqlRetry, meeting, tx.Now())
	if err != nil {
		return false, fmt.Errorf("try the reminder again: %w", err)
	}
	return changed == 1, nil
}

// contactOf is how a participant may be written to on a day.
func contactOf(ctx context.Context, tx *tenancy.Tx, participant uuid.UUID, today civil.Date) (contact, error) {
	found, err := tenancy.Row[struct {
		By       string         `db:"contact_by"`
		Email    keyring.Sealed `db:"email_sealed"`
		Language string         `db:"language"`
	}](ctx, tx, sqlContact, participant)
	if err != nil {
		return contact{}, fmt.Errorf("load how to reach somebody: %w", err)
	}
	email, err := tx.Box().Open(colEmail, participant, found.Email)
	if err != nil {
		return contact{}, fmt.Errorf("open how to reach somebody: %w", err)
	}
	agreed, err := consent.MayWrite(ctx, tx, participant, consent.Email, today)
	return contact{By: found.By, Agreed: agreed, Email: email, Language: found.Language}, err
}

// A feed is how a worker's calendar feed stands; nil when she has none.
type feed struct {
	CreatedAt  time.Time  `db:"created_at"`
	LastUsedAt *time.Time `db:"last_used_at"`
}

func feedOf(ctx context.Context, tx *tenancy.Tx, owner uuid.UUID) (*feed, error) {
	found, err := tenancy.Row[feed](ctx, tx, sqlFeed, owner)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("load calendar feed: %w", err)
	}
	return &found, nil
}

// feedOwner is whose feed it is; uuid.Nil when the token opens nothing.
func feedOwner(ctx context.Context, tx *tenancy.Tx, hash []byte) (owner uuid.UUID, err error) {
	err = tx.QueryRow(ctx, sqlFeedOwner, hash).Scan(&owner)
	if errors.Is(err, pgx.ErrNoRows) {
		return uuid.Nil, nil
	}
	if err != nil {
		return uuid.Nil, fmt.Errorf("find calendar feed: %w", err)
	}
	return owner, nil
}

// feedMeetings are the meetings that a feed shows.
func feedMeetings(ctx context.Context, tx *tenancy.Tx, actor access.Actor, from, to time.Time) ([]feedMeeting, error) {
	rows, err := tenancy.Rows[struct {
		ID           uuid.UUID      `db:"id"`
		Participant  uuid.UUID      `db:"participant_id"`
		StartsAt     time.Time      `db:"starts_at"`
		EndsAt       time.Time      `db:"ends_at"`
		Status       Status         `db:"status"`
		UpdatedAt    time.Time      `db:"updated_at"`
		Version      int            `db:"version"`
		First        keyring.Sealed `db:"first_name_sealed"`
		Preferred    keyring.Sealed `db:"preferred_name_sealed"`
		Last         keyring.Sealed `db:"last_name_sealed"`
		RecordID     keyring.Sealed `db:"record_id_sealed"`
		Confidential bool           `db:"is_confidential"`
	}](ctx, tx, sqlFeedMeetings, from, to, actor.Programs(access.MeetingView), actor.Staff,
		actor.Programs(access.ParticipantViewName), access.ReachingStatuses, actor.Withheld(access.MeetingView))
	if err != nil {
		return nil, fmt.Errorf("load meetings of a feed: %w", err)
	}
	o := tx.Box().Opener()
	meetings := make([]feedMeeting, len(rows))
	for i, r := range rows {
		called := o.Open(colPreferred, r.Participant, r.Preferred)
		if called == "" {
			called = o.Open(colFirstName, r.Participant, r.First)
		}
		meetings[i] = feedMeeting{
			ID: r.ID, Participant: r.Participant, StartsAt: r.StartsAt, EndsAt: r.EndsAt, Cancelled: r.Status == Cancelled,
			UpdatedAt: r.UpdatedAt, Version: r.Version, Confidential: r.Confidential,
			Initials: initial(called) + initial(o.Open(colLastName, r.Participant, r.Last)), RecordID: o.Open(colRecordID, r.Participant, r.RecordID),
		}
	}
	if err := o.Err(); err != nil {
		return nil, fmt.Errorf("open meetings of a feed: %w", err)
	}
	return meetings, nil
}
