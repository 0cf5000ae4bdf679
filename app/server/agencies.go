package server

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/app/audit"
	"konote/app/consent"
	"konote/app/event"
	"konote/app/grant"
	"konote/app/metric"
	"konote/app/settings"
	"konote/app/staff"
	"konote/tenancy"
)

// reserved are subdomains that no agency may have: the platform's, and those that people
// take for it.
var reserved = []string{"operator", "www", "api", "admin", "app", "mail", "status", "help", "support", "static", "assets", "konote"}

// CreateAgency makes an agency with its settings and first administrator. It may be run
// again after a crash at any step. The platform's chain and the agency's own both say
// that it was made.
func (s *Server) CreateAgency(ctx context.Context, o *tenancy.Owner, by audit.By, n tenancy.NewAgency, admin staff.New, password string) (*tenancy.Agency, error) {
	if err := staff.CheckPassword(password, n.Subdomain, n.NameEN, n.NameFR, admin.Email, admin.Username, admin.DisplayName); err != nil {
		return nil, err
	}
	if slices.Contains(reserved, n.Subdomain) {
		return nil, fmt.Errorf("%s is the platform's own", n.Subdomain)
	}
	hash, err := s.Hasher.Hash(ctx, password)
	if err != nil {
		return nil, err
	}
	admin.PasswordHash, admin.Admin = hash, true
	n.Record = func(tx pgx.Tx, agency uuid.UUID) error {
		return audit.RecordPlatformIn(ctx, tx, s.Platform.Now(), by, audit.Event{Action: "agency.create", Subject: agency})
	}
	return tenancy.Provision(ctx, o, s.Platform, n, func(ctx context.Context, tx *tenancy.Tx) error {
		return s.seed(ctx, tx, by, admin)
	})
}

// seed is what an agency has from the first moment. It looks before it adds, because it
// may run again.
func (s *Server) seed(ctx context.Context, tx *tenancy.Tx, by audit.By, admin staff.New) error {
	members, err := staff.Active(ctx, tx)
	if err != nil || len(members) > 0 {
		return err
	}
	if err := settings.Set(ctx, tx, by, settings.TimeZone, "America/Toronto"); err != nil {
		return err
	}
	if err := event.Seed(ctx, tx); err != nil {
		return err
	}
	if err := consent.Seed(ctx, tx); err != nil {
		return err
	}
	if err := metric.Seed(ctx, tx); err != nil {
		return err
	}
	if err := grant.Seed(ctx, tx); err != nil {
		return err
	}
	_, err = staff.Insert(ctx, tx, by, admin)
	return err
}
