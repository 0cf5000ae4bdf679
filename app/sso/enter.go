package sso

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/fault"
	"konote/app/staff"
	"konote/tenancy"
)

// findAccount finds whose account a subject opens, or links or makes one where the agency
// lets it. A refusal says why there is none.
func findAccount(ctx context.Context, tx *tenancy.Tx, by audit.By, p Provider, said claims) (uuid.UUID, error) {
	identity, person, err := bySubject(ctx, tx, p.ID, said.Subject)
	if err != nil {
		return uuid.Nil, err
	}
	if identity == uuid.Nil {
		if identity, person, err = firstTime(ctx, tx, by, p, said); err != nil {
			return uuid.Nil, err
		}
	}
	if _, err := tx.Exec(ctx, sqlUsed, identity, tx.Now()); err != nil {
		return uuid.Nil, fmt.Errorf("note the use of an identity: %w", err)
	}
	return person, nil
}

// firstTime links a subject that nobody has connected.
func firstTime(ctx context.Context, tx *tenancy.Tx, by audit.By, p Provider, said claims) (identity, person uuid.UUID, err error) {
	how := ByEmail
	if p.LinksByEmail && said.Email != "" {
		if person, err = byEmail(ctx, tx, p, said.Email); err != nil {
			return identity, person, err
		}
	}
	if person == uuid.Nil && p.Provisioning == Group {
		how = ByGroup
		if person, err = newAccount(ctx, tx, by, p, said); err != nil {
			return identity, person, err
		}
	}
	if person == uuid.Nil {
		return identity, person, refusal("no account is linked")
	}
	if identity, err = Link(ctx, tx, p.ID, person, said.Subject, how); err != nil {
		return identity, person, err
	}
	if err := staff.Notify(ctx, tx, person, staff.SignInConnected); err != nil {
		return identity, person, err
	}
	return identity, person, audit.Record(ctx, tx, by, audit.Event{Action: actionConnect, Subject: person,
		After: map[string]any{"provider": p.ID, "how": how}})
}

// byEmail is the account with an address that the provider has verified: active, not
// linked there, and no administrator's, since whoever writes the directory would
// otherwise be one.
func byEmail(ctx context.Context, tx *tenancy.Tx, p Provider, email string) (uuid.UUID, error) {
	if !strings.Contains(email, "@") { // else it would be looked up as a user name
		return uuid.Nil, nil
	}
	id, err := staff.ByLogin(ctx, tx, email)
	if err != nil || id == uuid.Nil {
		return uuid.Nil, err
	}
	found, err := staff.ByID(ctx, tx, id)
	if err != nil {
		return uuid.Nil, err
	}
	if found.Admin || found.Status != staff.StatusActive {
		return uuid.Nil, refused{"the address is that of an account that does not link by itself", id}
	}
	proved, err := staff.EmailIsProved(ctx, tx, id)
	if err != nil {
		return uuid.Nil, err
	}
	if !proved { // or she would take in whoever has that address
		return uuid.Nil, refused{"the address of the account is what its owner wrote", id}
	}
	var linked bool
	if err := tx.QueryRow(ctx, sqlIsLinked, p.ID, id).Scan(&linked); err != nil {
		return uuid.Nil, fmt.Errorf("look for a link: %w", err)
	}
	if linked {
		return uuid.Nil, refused{"the account with that address is linked to another subject", id}
	}
	return id, nil
}

// newAccount makes an account for a member of a mapped group; uuid.Nil for others. It has
// an address only when the provider has verified it: resets of passwords go there.
func newAccount(ctx context.Context, tx *tenancy.Tx, by audit.By, p Provider, said claims) (uuid.UUID, error) {
	mapped, err := mappings(ctx, tx, p.ID)
	if err != nil {
		return uuid.Nil, err
	}
	roles := map[uuid.UUID]access.Role{} // one in each program: the first that is mapped
	for _, m := range mapped {
		if _, has := roles[m.Program]; !has && slices.Contains(said.Groups, m.Value) {
			roles[m.Program] = m.Role
		}
	}
	if len(roles) == 0 {
		return uuid.Nil, nil
	}
	n := staff.New{DisplayName: plainName(said.Name), Email: said.Email, Language: "en"}
	if n.Email == "" {
		n.Username = "sso-" + strings.ToLower(random()[:12])
	}
	id, err := staff.Insert(ctx, tx, by, n)
	if fault.KindOf(err) == fault.Invalid {
		return uuid.Nil, refusal("an account like this exists, or its name or address cannot be used")
	}
	if err != nil {
		return uuid.Nil, err
	}
	for program, role := range roles {
		if err := staff.Grant(ctx, tx, by, id, program, role); err != nil {
			return uuid.Nil, err
		}
	}
	return id, nil
}

// plainName is a name on one line, cut where an account's name ends.
func plainName(name string) string {
	name = strings.Join(strings.Fields(name), " ")
	if letters := []rune(name); len(letters) > 120 {
		name = string(letters[:120])
	}
	return name
}
