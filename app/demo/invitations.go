package demo

import (
	"context"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/invite"
	"konote/app/staff"
	"konote/tenancy"
)

// An invited is somebody who has not accepted yet. By is the inviter's user name; Ago is how
// many days have gone by of seven.
type invited struct {
	Name, Email, Language, By string
	Ago                       int
	Roles                     map[string]access.Role
	Admin                     bool
}

// invitations are those that wait, or have waited in vain, by agency.
var invitations = map[string][]invited{
	"northside": {
		{Name: "Jordan Pelletier", Email: "jordan@northside.example", Language: "en", By: "dave", Ago: 1, Roles: map[string]access.Role{"housing": ds}},
		{Name: "Anouk Leclair", Email: "anouk@northside.example", Language: "fr", By: "priya", Ago: 3, Roles: map[string]access.Role{"family": pm, "settlement": ds}},
		{Name: "Wei Zhang", Email: "wei@northside.example", Language: "en", By: "priya", Ago: 9, Roles: map[string]access.Role{"housing": fd, "youth": fd}},
	},
	"harbour": {
		{Name: "Maude Sirois", Email: "maude@harbour.example", Language: "fr", By: "helene", Ago: 2, Roles: map[string]access.Role{"shelter": ds}},
		{Name: "Tanya Beaver", Email: "tanya@harbour.example", Language: "en", By: "claire", Ago: 0, Admin: true},
	},
}

func (a Agency) invite(ctx context.Context, tx *tenancy.Tx, programs map[string]uuid.UUID) error {
	var all []invite.Invitation
	for _, one := range invitations[a.spec.Subdomain] {
		by, err := staff.ByLogin(ctx, tx, one.By)
		if err != nil {
			return err
		}
		i := invite.Invitation{ID: tenancy.NewID(), Name: one.Name, Email: one.Email, Language: one.Language, Admin: one.Admin,
			Roles: map[uuid.UUID]access.Role{}, CreatedAt: tx.Now().AddDate(0, 0, -one.Ago), CreatedBy: by}
		i.ExpiresAt = i.CreatedAt.Add(invite.DefaultDays * 24 * time.Hour)
		for key, role := range one.Roles {
			i.Roles[programs[key]] = role
		}
		all = append(all, i)
	}
	return invite.Bulk(ctx, tx, all)
}
