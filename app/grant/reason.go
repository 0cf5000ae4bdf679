package grant

import (
	"context"
	"fmt"
	"unicode/utf8"

	"github.com/google/uuid"

	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/view"
	"konote/tenancy"
)

// Reason is one of the agency's reasons to ask for access.
type Reason struct {
	ID       uuid.UUID `db:"id" json:"-"`
	EN       string    `db:"text_en" json:"text_en"`
	FR       string    `db:"text_fr" json:"text_fr"`
	Archived bool      `db:"is_archived" json:"archived,omitempty"`
}

// Text is the reason in the reader's language.
func (r Reason) Text(p *i18n.Printer) string {
	if p.French() {
		return r.FR
	}
	return r.EN
}

const maxReason = 120

func (r Reason) check() view.Problems {
	var problems view.Problems
	for _, text := range []struct{ field, value string }{{"text_en", r.EN}, {"text_fr", r.FR}} {
		switch {
		case text.value == "":
			problems.Add(text.field, i18n.GrantReasonTextWanted)
		case utf8.RuneCountInString(text.value) > maxReason:
			problems.Add(text.field, i18n.FormTooLong(maxReason))
		}
	}
	return problems
}

// seeds are what every agency begins with.
var seeds = []Reason{
	{EN: "Supervision of the work", FR: "Supervision du travail"},
	{EN: "A complaint", FR: "Une plainte"},
	{EN: "Handover to another worker", FR: "Transmission à une autre personne"},
	{EN: "Quality review", FR: "Examen de la qualité"},
	{EN: "Legal request", FR: "Demande juridique"},
	{EN: "Other", FR: "Autre"},
}

// Seed gives an agency its first reasons, unless it has some. No person does it, so it is
// not recorded.
func Seed(ctx context.Context, tx *tenancy.Tx) error {
	_, err := Reasons(ctx, tx)
	return err
}

// Reasons lists the reasons, those in use first; an agency without any gets the first ones.
func Reasons(ctx context.Context, tx *tenancy.Tx) ([]Reason, error) {
	reasons, err := tenancy.Rows[Reason](ctx, tx, sqlReasons)
	if err != nil {
		return nil, fmt.Errorf("list reasons: %w", err)
	}
	if len(reasons) > 0 {
		return reasons, nil
	}
	for _, r := range seeds {
		r.ID = tenancy.NewID()
		if _, err := insertReason(ctx, tx, r); err != nil {
			return nil, err
		}
		reasons = append(reasons, r)
	}
	return reasons, nil
}

// insertReason adds a reason; false when its id is there already.
func insertReason(ctx context.Context, tx *tenancy.Tx, r Reason) (bool, error) {
	added, err := tx.Exec(ctx, sqlInsertReason, r.ID, r.EN, r.FR, tx.Now())
	if err != nil {
		return false, fmt.Errorf("insert reason: %w", err)
	}
	return added == 1, nil
}

// turnReason archives a reason, or takes it back into use. All rows are locked, so that
// two who archive the last two at once do not both succeed.
func turnReason(ctx context.Context, tx *tenancy.Tx, id uuid.UUID, archive bool) (Reason, error) {
	reasons, err := tenancy.Rows[Reason](ctx, tx, sqlLockReasons)
	if err != nil {
		return Reason{}, fmt.Errorf("lock reasons: %w", err)
	}
	var found *Reason
	others := 0
	for i, r := range reasons {
		if r.ID == id {
			found = &reasons[i]
		} else if !r.Archived {
			others++
		}
	}
	switch {
	case found == nil:
		return Reason{}, fault.Missing()
	case archive && others == 0:
		return *found, fault.New(fault.Invalid, i18n.GrantReasonLast)
	}
	status := "active"
	if archive {
		status = "archived"
	}
	if _, err := tx.Exec(ctx, sqlTurnReason, id, status); err != nil {
		return *found, fmt.Errorf("turn reason: %w", err)
	}
	return *found, nil
}

func inUse(reasons []Reason) []Reason {
	var found []Reason
	for _, r := range reasons {
		if !r.Archived {
			found = append(found, r)
		}
	}
	return found
}
