package demo

import (
	"context"

	"github.com/google/uuid"

	"konote/app/fault"
	"konote/app/sso"
	"konote/app/staff"
	"konote/tenancy"
)

// IdentityClient is what KoNote is called at the demo's identity provider. It has no
// secret: PKCE alone.
const IdentityClient = "konote-demo"

// IdentityPerson is somebody whom the demo's identity provider knows.
type IdentityPerson struct {
	Subject, Name string
	Claims        map[string]any
	user          string // the account's user name
}

// identityPeople are, by agency, who may sign in with the provider of the demo.
var identityPeople = map[string][]IdentityPerson{
	"harbour": {
		{Subject: "harbour-noor", Name: "Noor Haddad", user: "noor"},
		{Subject: "harbour-kim", Name: "Kim Park", user: "kim", Claims: map[string]any{"amr": []string{"pwd", "mfa"}}},
	},
}

// IdentityPeople are who may sign in with the demo's provider at an agency; none where it
// has no such provider.
func IdentityPeople(subdomain string) []IdentityPerson { return identityPeople[subdomain] }

// IdentityAddress is the issuer's address below that of an agency.
func IdentityAddress(agency string) string { return agency + "/demo/id" }

// Connect lets an agency's people sign in with the demo's provider at its address, which
// changes with the demo's port. It returns what the provider is called; "" for none.
func (a Agency) Connect(ctx context.Context, tx *tenancy.Tx, address string) (string, error) {
	people := IdentityPeople(a.spec.Subdomain)
	if len(people) == 0 {
		return "", nil
	}
	if !tx.Agency().Demo {
		return "", ErrReal
	}
	p := sso.Provider{ID: tenancy.NewID(), Issuer: IdentityAddress(address), ClientID: IdentityClient, NameEN: "Harbour ID", NameFR: "ID du Havre",
		Provisioning: sso.Linked, SecondFactor: sso.Stated, GroupClaim: "groups"}
	now, err := sso.Current(ctx, tx)
	switch {
	case fault.KindOf(err) == fault.NotFound:
	case err != nil, now.Issuer == p.Issuer:
		return p.NameEN, err
	default: // another port
		if now.Status == sso.Active {
			if err := sso.SetStatus(ctx, tx, now.ID, sso.Active, sso.Off, uuid.Nil); err != nil {
				return "", err
			}
		}
		if err := sso.SetStatus(ctx, tx, now.ID, sso.Off, sso.Removed, uuid.Nil); err != nil {
			return "", err
		}
	}
	if err := sso.Insert(ctx, tx, p, uuid.Nil); err != nil {
		return "", err
	}
	if err := sso.SetStatus(ctx, tx, p.ID, sso.Off, sso.Active, uuid.Nil); err != nil {
		return "", err
	}
	for _, person := range people {
		id, err := staff.ByLogin(ctx, tx, person.user)
		if err != nil {
			return "", err
		}
		if _, err := sso.Link(ctx, tx, p.ID, id, person.Subject, sso.ByConnecting); err != nil {
			return "", err
		}
	}
	return p.NameEN, nil
}
