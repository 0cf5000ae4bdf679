package alert

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/app/access"
	"konote/app/fault"
	"konote/app/staff"
	"konote/keyring"
	"konote/tenancy"
)

// The sealed columns.
var (
	colContent    = keyring.Column{Table: "alerts", Name: "content", Pad: keyring.Words}
	colReason     = keyring.Column{Table: "alerts", Name: "cancel_reason", Pad: keyring.Words}
	colAssessment = keyring.Column{Table: "alert_recommendations", Name: "assessment", Pad: keyring.Words}
	colReview     = keyring.Column{Table: "alert_recommendations", Name: "review", Pad: keyring.Words}
)

const (
	columns = `a.id, a.participant_id, a.program_id, a.author_id, a.content_sealed, a.status, a.created_at, a.cancelled_at,
		a.cancelled_by, a.cancel_reason_sealed`

	// With the author's name, and since when a recommendation waits.
	listColumns = columns + `, (SELECT s.display_name_sealed FROM agency.staff s WHERE s.id = a.author_id) AS author_name_sealed,
		(SELECT r.created_at FROM agency.alert_recommendations r WHERE r.alert_id = a.id AND r.status = 'pending') AS waiting_since`

	// People whom the actor reaches through one of the programs ($1): $2 are the statuses
	// of enrolments that count, $3 who has closed her file to the actor.
	reached = `a.participant_id <> ALL($3) AND EXISTS (SELECT FROM agency.enrolments e
		WHERE e.participant_id = a.participant_id AND e.program_id = ANY($1) AND e.status = ANY($2))`
)

const (
	sqlByID = `SELECT ` + columns + ` FROM agency.alerts a WHERE a.id = $1`

	sqlLock = sqlByID + ` FOR UPDATE`

	sqlInsert = `INSERT INTO agency.alerts (id, participant_id, program_id, author_id, content_sealed, created_at)
		VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING`

	sqlEnd = `UPDATE agency.alerts SET status = 'cancelled', cancelled_at = $2, cancelled_by = $3, cancel_reason_sealed = $4 WHERE id = $1`

	sqlRecommendations = `SELECT id, alert_id, recommended_by, assessment_sealed, status, created_at, reviewed_by, review_sealed, reviewed_at
		FROM agency.alert_recommendations WHERE alert_id = $1 ORDER BY created_at DESC, id DESC`

	sqlRecommend = `INSERT INTO agency.alert_recommendations (id, alert_id, recommended_by, assessment_sealed, created_at)
		VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO NOTHING`

	sqlReview = `UPDATE agency.alert_recommendations SET status = $2, reviewed_by = $3, review_sealed = $4, reviewed_at = $5 WHERE id = $1`

	// Of one participant: the active ones, and the last that ended.
	sqlOfParticipant = `SELECT ` + listColumns + ` FROM agency.alerts a
		WHERE a.participant_id = $1 AND a.program_id = ANY($2) AND a.status = $3 ORDER BY a.created_at DESC, a.id DESC LIMIT 50`

	sqlList = `SELECT ` + listColumns + ` FROM agency.alerts a
		WHERE a.program_id = ANY($1) AND ` + reached + ` AND a.status = $4 AND (a.created_at, a.id) < ($5, $6)
		ORDER BY a.created_at DESC, a.id DESC LIMIT $7`

	sqlPending = `SELECT r.alert_id, a.participant_id, a.program_id, a.author_id, r.recommended_by, r.created_at
		FROM agency.alert_recommendations r JOIN agency.alerts a ON a.id = r.alert_id
		WHERE r.status = 'pending' AND a.program_id = ANY($1) AND ` + reached + `
		ORDER BY r.created_at, r.id LIMIT $4`
)

type row struct {
	ID          uuid.UUID      `db:"id"`
	Participant uuid.UUID      `db:"participant_id"`
	Program     uuid.UUID      `db:"program_id"`
	Author      uuid.UUID      `db:"author_id"`
	Content     keyring.Sealed `db:"content_sealed"`
	Status      Status         `db:"status"`
	CreatedAt   time.Time      `db:"created_at"`
	EndedAt     *time.Time     `db:"cancelled_at"`
	EndedBy     *uuid.UUID     `db:"cancelled_by"`
	Reason      keyring.Sealed `db:"cancel_reason_sealed"`
}

func (r row) open(o *keyring.Opener) Alert {
	return Alert{
		ID: r.ID, Participant: r.Participant, Program: r.Program, Author: r.Author, Text: o.Open(colContent, r.ID, r.Content),
		Status: r.Status, CreatedAt: r.CreatedAt, EndedAt: tenancy.Zero(r.EndedAt), EndedBy: tenancy.Zero(r.EndedBy), EndReason: o.Open(colReason, r.ID, r.Reason),
	}
}

type recommendationRow struct {
	ID         uuid.UUID      `db:"id"`
	Alert      uuid.UUID      `db:"alert_id"`
	By         uuid.UUID      `db:"recommended_by"`
	Assessment keyring.Sealed `db:"assessment_sealed"`
	Standing   Standing       `db:"status"`
	CreatedAt  time.Time      `db:"created_at"`
	ReviewedBy *uuid.UUID     `db:"reviewed_by"`
	Review     keyring.Sealed `db:"review_sealed"`
	ReviewedAt *time.Time     `db:"reviewed_at"`
}

func (r recommendationRow) open(o *keyring.Opener) Recommendation {
	return Recommendation{
		ID: r.ID, Alert: r.Alert, By: r.By, Assessment: o.Open(colAssessment, r.ID, r.Assessment), Standing: r.Standing,
		CreatedAt: r.CreatedAt, ReviewedBy: tenancy.Zero(r.ReviewedBy), Review: o.Open(colReview, r.ID, r.Review), ReviewedAt: tenancy.Zero(r.ReviewedAt),
	}
}

// load loads an alert with its recommendations, for an actor with alert.view in its
// program; fault.NotFound for anybody else. Whoever goes on to change it reads it with
// sqlLock.
func load(ctx context.Context, tx *tenancy.Tx, actor access.Actor, sql string, id uuid.UUID) (dossier, error) {
	d := dossier{actor: actor}
	found, err := tenancy.Row[row](ctx, tx, sql, id)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return d, fault.Missing()
	case err != nil:
		return d, fmt.Errorf("load alert: %w", err)
	case !actor.About(found.Participant).MayIn(found.Program, access.AlertView):
		return d, fault.Refused()
	}
	rows, err := tenancy.Rows[recommendationRow](ctx, tx, sqlRecommendations, id)
	if err != nil {
		return d, fmt.Errorf("load recommendations: %w", err)
	}
	o := tx.Box().Opener()
	d.Alert = found.open(o)
	for _, r := range rows {
		d.Recommendations = append(d.Recommendations, r.open(o))
	}
	if err := o.Err(); err != nil {
		return d, fmt.Errorf("open alert: %w", err)
	}
	return d, nil
}

// insert saves an alert. It says false when there is a row with its id.
func insert(ctx context.Context, tx *tenancy.Tx, a Alert) (bool, error) {
	content, err := tx.Box().Seal(colContent, a.ID, a.Text)
	if err != nil {
		return false, fmt.Errorf("seal alert: %w", err)
	}
	added, err := tx.Exec(ctx, sqlInsert, a.ID, a.Participant, a.Program, a.Author, content, a.CreatedAt)
	if err != nil {
		return false, fmt.Errorf("insert alert: %w", err)
	}
	return added == 1, nil
}

// recommend saves a recommendation about an alert that the transaction has locked.
func recommend(ctx context.Context, tx *tenancy.Tx, r Recommendation) error {
	assessment, err := tx.Box().Seal(colAssessment, r.ID, r.Assessment)
	if err != nil {
		return fmt.Errorf("seal recommendation: %w", err)
	}
	added, err := tx.Exec(ctx, sqlRecommend, r.ID, r.Alert, r.By, assessment, r.CreatedAt)
	if err != nil {
		return fmt.Errorf("insert recommendation: %w", err)
	}
	if added == 0 {
		return errTaken
	}
	return nil
}

// review saves a decision about an alert that the transaction has locked. An approved
// recommendation ends the alert.
func review(ctx context.Context, tx *tenancy.Tx, r Recommendation) error {
	words, err := tx.Box().Seal(colReview, r.ID, r.Review)
	if err != nil {
		return fmt.Errorf("seal review: %w", err)
	}
	if _, err := tx.Exec(ctx, sqlReview, r.ID, r.Standing, r.ReviewedBy, words, r.ReviewedAt); err != nil {
		return fmt.Errorf("decide on recommendation: %w", err)
	}
	if r.Standing != Approved {
		return nil
	}
	if _, err := tx.Exec(ctx, sqlEnd, r.Alert, r.ReviewedAt, r.ReviewedBy, nil); err != nil {
		return fmt.Errorf("end alert: %w", err)
	}
	return nil
}

// end ends an alert that the transaction has locked.
func end(ctx context.Context, tx *tenancy.Tx, a Alert) error {
	reason, err := tx.Box().Seal(colReason, a.ID, a.EndReason)
	if err != nil {
		return fmt.Errorf("seal the reason: %w", err)
	}
	if _, err := tx.Exec(ctx, sqlEnd, a.ID, a.EndedAt, a.EndedBy, reason); err != nil {
		return fmt.Errorf("end alert: %w", err)
	}
	return nil
}

// Listed is an alert in a list, with the name of its author.
type Listed struct {
	Alert
	AuthorName   string
	WaitingSince time.Time // of the recommendation that waits; zero when none does
}

type listRow struct {
	row
	AuthorName   keyring.Sealed `db:"author_name_sealed"`
	WaitingSince *time.Time     `db:"waiting_since"`
}

func openListed(box *keyring.Box, rows []listRow) ([]Listed, error) {
	o := box.Opener()
	list := make([]Listed, len(rows))
	for i, r := range rows {
		list[i] = Listed{Alert: r.row.open(o), AuthorName: staff.OpenName(o, r.Author, r.AuthorName), WaitingSince: tenancy.Zero(r.WaitingSince)}
	}
	if err := o.Err(); err != nil {
		return nil, fmt.Errorf("open alerts: %w", err)
	}
	return list, nil
}

// queueOf adds a participant's alerts that the actor may see to a page's batch.
func queueOf(b *tenancy.Batch, actor access.Actor, participant uuid.UUID, status Status, to *[]listRow) {
	tenancy.Once(b, to, sqlOfParticipant, participant, actor.About(participant).Programs(access.AlertView), status)
}

// Place is where a page of the list begins: after this alert.
type Place struct {
	At time.Time
	ID uuid.UUID
}

const pageSize = 30

// list is one page of the alerts that the actor may see, the newest first, and where the
// next page begins (zero: nowhere).
func list(ctx context.Context, tx *tenancy.Tx, actor access.Actor, status Status, after Place) ([]Listed, Place, error) {
	if after == (Place{}) {
		after = Place{At: time.Date(9999, time.December, 31, 0, 0, 0, 0, time.UTC), ID: uuid.Max}
	}
	rows, err := tenancy.Rows[listRow](ctx, tx, sqlList, actor.Programs(access.AlertView), access.ReachingStatuses, actor.Withheld(access.AlertView), status, after.At, after.ID, pageSize+1)
	if err != nil {
		return nil, Place{}, fmt.Errorf("list alerts: %w", err)
	}
	var next Place
	if len(rows) > pageSize {
		rows = rows[:pageSize]
		next = Place{At: rows[pageSize-1].CreatedAt, ID: rows[pageSize-1].ID}
	}
	found, err := openListed(tx.Box(), rows)
	return found, next, err
}

// Waiting is a recommendation that waits for a decision.
type Waiting struct {
	Alert         uuid.UUID `db:"alert_id"`
	Participant   uuid.UUID `db:"participant_id"`
	Program       uuid.UUID `db:"program_id"`
	Author        uuid.UUID `db:"author_id"`
	RecommendedBy uuid.UUID `db:"recommended_by"`
	Since         time.Time `db:"created_at"`
}

// Yours says whether it is the reviewer's turn: she neither made the alert nor recommended
// its end. Otherwise another manager of the program decides.
func (w Waiting) Yours(reviewer uuid.UUID) bool {
	return w.Author != reviewer && w.RecommendedBy != reviewer
}

// QueuePending adds the recommendations that wait in the programs where the actor
// decides, about people whom she reaches, to a page's batch: the oldest first, at most
// limit.
func QueuePending(b *tenancy.Batch, actor access.Actor, limit int, to *[]Waiting) {
	b.Queue(sqlPending, tenancy.Into(to), actor.Programs(access.AlertReviewCancelRecommendation), access.ReachingStatuses,
		actor.Withheld(access.AlertView), limit)
}

// Past is an alert with its recommendations, for demo data.
type Past struct {
	Alert
	Recommendations []Recommendation
}

var (
	bulkColumns = []string{"id", "participant_id", "program_id", "author_id", "content_sealed", "status", "created_at", "cancelled_at",
		"cancelled_by", "cancel_reason_sealed"}
	bulkRecommendationColumns = []string{"id", "alert_id", "recommended_by", "assessment_sealed", "status", "reviewed_by", "review_sealed",
		"created_at", "reviewed_at"}
)

// Bulk adds many alerts by COPY, for demo data: it records nothing, and checks no more
// than the database does.
func Bulk(ctx context.Context, tx *tenancy.Tx, alerts []Past) error {
	s := tx.Box().Sealer()
	var rows, recommendations [][]any
	for _, a := range alerts {
		rows = append(rows, []any{a.ID, a.Participant, a.Program, a.Author, s.Seal(colContent, a.ID, a.Text), a.Status, a.CreatedAt,
			tenancy.Null(a.EndedAt), tenancy.Null(a.EndedBy), s.Seal(colReason, a.ID, a.EndReason)})
		for _, r := range a.Recommendations {
			recommendations = append(recommendations, []any{r.ID, a.ID, r.By, s.Seal(colAssessment, r.ID, r.Assessment), r.Standing,
				tenancy.Null(r.ReviewedBy), s.Seal(colReview, r.ID, r.Review), r.CreatedAt, tenancy.Null(r.ReviewedAt)})
		}
	}
	if err := s.Err(); err != nil {
		return fmt.Errorf("seal alerts: %w", err)
	}
	if _, err := tx.Copy(ctx, "alerts", bulkColumns, pgx.CopyFromRows(rows)); err != nil {
		return fmt.Errorf("copy alerts: %w", err)
	}
	if _, err := tx.Copy(ctx, "alert_recommendations", bulkRecommendationColumns, pgx.CopyFromRows(recommendations)); err != nil {
		return fmt.Errorf("copy recommendations: %w", err)
	}
	return nil
}
