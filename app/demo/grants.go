package demo

import (
	"context"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/grant"
	"konote/app/staff"
	"konote/tenancy"
)

// grants invents access that people took: at an agency of tier 3 one that is open and one
// that was looked at, and everywhere an emergency at night that waits for somebody to look
// back.
func (p *past) grants(ctx context.Context, tx *tenancy.Tx, spec agencySpec) error {
	if err := grant.Seed(ctx, tx); err != nil {
		return err
	}
	reasons, err := grant.Reasons(ctx, tx)
	if err != nil {
		return err
	}
	admin, err := staff.ByLogin(ctx, tx, spec.Staff[0].UserName)
	if err != nil {
		return err
	}
	var invented []grant.Grant
	for _, s := range p.stays() {
		if len(s.Managers) == 0 || s.Model == "both" {
			continue
		}
		manager := s.Managers[0]
		base := grant.Grant{ID: tenancy.NewID(), Participant: s.ID, Through: []uuid.UUID{s.Program}}
		switch len(invented) {
		case 0:
			base.Staff, base.Emergency, base.Why = s.Workers[0], true, words["emergency "+p.language][0]
			base.CreatedAt = p.today.Add(-14 * time.Hour)
			base.ExpiresAt = base.CreatedAt.Add(4 * time.Hour)
		case 1:
			base.Staff, base.Reason, base.Why = manager, reasons[0].ID, words["access "+p.language][0]
			base.CreatedAt = p.today.AddDate(0, 0, -20)
			base.ExpiresAt = base.CreatedAt.AddDate(0, 0, 7)
			base.ReviewedAt, base.ReviewedBy, base.Finding = base.ExpiresAt.AddDate(0, 0, 2), admin, grant.Proper
		case 2:
			base.Staff, base.Reason, base.Why = manager, reasons[2].ID, words["access "+p.language][1]
			base.CreatedAt = p.today.Add(-26 * time.Hour)
			base.ExpiresAt = base.CreatedAt.AddDate(0, 0, 7)
		}
		if invented = append(invented, base); len(invented) == 3 || spec.Tier != access.Safeguarded {
			break
		}
	}
	return grant.Bulk(ctx, tx, invented)
}
