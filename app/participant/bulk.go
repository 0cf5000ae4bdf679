package participant

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/app/access"
	"konote/app/find"
	"konote/tenancy"
)

// A Past is a participant with all her enrolments and their history, for demo data.
type Past struct {
	Participant
	Enrolments []PastEnrolment
}

// PastEnrolment is an enrolment and the statuses it went through, the first one first;
// the last one is its status now.
type PastEnrolment struct {
	Enrolment
	Steps []Step
}

// Step is one change of status.
type Step struct {
	Status access.EnrolmentStatus
	Reason string
	At     time.Time
	By     uuid.UUID
}

var (
	bulkColumns = []string{"id", "first_name_sealed", "preferred_name_sealed", "middle_name_sealed", "last_name_sealed",
		"pronouns_sealed", "birth_date_sealed", "phone_sealed", "email_sealed", "address_sealed", "record_id_sealed",
		"status", "language", "is_demo", "search_epoch", "created_at", "updated_at", "contact_by", "contact_times_sealed", "contact_advice_sealed"}
	bulkEnrolmentColumns = []string{"id", "participant_id", "program_id", "status", "started_on", "ended_on", "created_at", "updated_at", "worker_id", "end_reason"}
	bulkChangeColumns    = []string{"id", "enrolment_id", "status", "reason_sealed", "changed_at", "changed_by"}
)

// Bulk adds many participants by COPY, for demo data: it checks nothing and records
// nothing but the history of enrolments, without which the database refuses them.
// Agencies that serve real people refuse it.
func Bulk(ctx context.Context, tx *tenancy.Tx, people []Past) error {
	if !tx.Agency().Demo {
		return errors.New("add invented people: the agency is not a demonstration")
	}
	epoch, err := find.Touch(ctx, tx)
	if err != nil {
		return err
	}
	_, err = tx.Copy(ctx, "participants", bulkColumns, pgx.CopyFromSlice(len(people), func(i int) ([]any, error) {
		p := people[i]
		r, err := seal(tx.Box(), p.Participant)
		return []any{p.ID, r.FirstName, r.PreferredName, r.MiddleName, r.LastName, r.Pronouns, r.BirthDate, r.Phone, r.Email,
			r.Address, r.RecordID, p.Status, p.Language, tx.Agency().Demo, epoch, p.CreatedAt, p.CreatedAt, orEmpty(p.ContactBy), r.Times, r.Advice}, err
	}))
	if err != nil {
		return fmt.Errorf("copy participants: %w", err)
	}
	var enrolments, changes [][]any
	s := tx.Box().Sealer()
	for _, p := range people {
		for _, e := range p.Enrolments {
			last := e.Steps[len(e.Steps)-1]
			enrolments = append(enrolments, []any{e.ID, p.ID, e.Program, last.Status, e.StartedOn, e.EndedOn, e.Steps[0].At, last.At,
				tenancy.Null(e.Worker), orEmpty(string(e.EndReason))})
			for _, step := range e.Steps {
				id := tenancy.NewID()
				changes = append(changes, []any{id, e.ID, step.Status, s.Seal(colReason, id, step.Reason), step.At, tenancy.Null(step.By)})
			}
		}
	}
	if err := s.Err(); err != nil {
		return fmt.Errorf("seal reasons: %w", err)
	}
	if _, err := tx.Copy(ctx, "enrolments", bulkEnrolmentColumns, pgx.CopyFromRows(enrolments)); err != nil {
		return fmt.Errorf("copy enrolments: %w", err)
	}
	if _, err := tx.Copy(ctx, "enrolment_changes", bulkChangeColumns, pgx.CopyFromRows(changes)); err != nil {
		return fmt.Errorf("copy changes of enrolments: %w", err)
	}
	return nil
}

// orEmpty is NULL for "".
func orEmpty(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
