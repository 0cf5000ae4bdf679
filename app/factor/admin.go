package factor

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/settings"
	"konote/app/staff"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// How the page names whom the agency asks.
const (
	askNobody   = "optional"
	askRoles    = "roles"
	askEveryone = "required"
)

// policyPage is what the page of the agency's wish shows.
type policyPage struct {
	Who      string
	Roles    []access.Role
	Total    int            // active accounts
	Have     int            // of them with a factor
	Lack     map[string]int // without one, by role ("admin": administrators)
	Problems view.Problems
}

// PolicyForm shows of whom the agency asks a second factor, and who has one.
func (h *Handlers) PolicyForm(r *web.Request) (web.Response, error) {
	asks := r.Settings().SecondFactor
	page := policyPage{Who: askNobody, Roles: asks.Roles}
	if asks.Everybody {
		page.Who = askEveryone
	} else if len(asks.Roles) > 0 {
		page.Who = askRoles
	}
	if err := h.cover(r, &page); err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.FactorPolicyTitle, policyView(r.Frame(), page)), nil
}

func (h *Handlers) cover(r *web.Request, page *policyPage) error {
	return r.Agency.View(r.Context(), func(tx *tenancy.Tx) error {
		people, err := tenancy.Rows[struct {
			Admin bool          `db:"is_admin"`
			Has   bool          `db:"has_factor"`
			Roles []access.Role `db:"roles"`
		}](r.Context(), tx, sqlCoverage)
		if err != nil {
			return fmt.Errorf("load who has a factor: %w", err)
		}
		page.Total, page.Lack = len(people), map[string]int{}
		for _, p := range people {
			if p.Has {
				page.Have++
				continue
			}
			for _, role := range p.Roles {
				page.Lack[string(role)]++
			}
			if p.Admin {
				page.Lack["admin"]++
			}
		}
		return nil
	})
}

// SavePolicy changes it. It counts from everybody's next request on.
func (h *Handlers) SavePolicy(r *web.Request) (web.Response, error) {
	page := policyPage{Who: r.Value("who")}
	for _, role := range access.Roles {
		if slices.Contains(r.Form["roles"], string(role)) {
			page.Roles = append(page.Roles, role)
		}
	}
	var value any = page.Who
	var problems view.Problems
	switch page.Who {
	case askNobody, askEveryone:
	case askRoles:
		if value = page.Roles; len(page.Roles) == 0 {
			problems.Add("roles", i18n.FactorPolicyRolesWanted)
		}
	default:
		problems.Add("who", i18n.FactorPolicyWhoWanted)
	}
	if r.SwitchLanguage || problems.Any() {
		if err := h.cover(r, &page); err != nil {
			return web.Response{}, err
		}
		page.Problems = r.Shown(problems)
		return r.Again(i18n.FactorPolicyTitle, problems, policyView(r.Frame(), page)), nil
	}
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		return settings.Set(r.Context(), tx, audit.From(r), settings.SecondFactor, value)
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(view.To("settings", "sign-in")).Say(i18n.FactorPolicySaved), nil
}

// ResetForm asks an administrator whether she means it.
func (h *Handlers) ResetForm(r *web.Request) (web.Response, error) {
	id, err := h.other(r)
	if err != nil {
		return web.Response{}, err
	}
	var person staff.Staff
	err = r.Agency.View(r.Context(), func(tx *tenancy.Tx) (err error) {
		person, err = staff.ByID(r.Context(), tx, id)
		return err
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.FactorResetTitle, resetView(r.Frame(), person)), nil
}

// other is the colleague that the address names. Nobody resets her own.
func (h *Handlers) other(r *web.Request) (uuid.UUID, error) {
	id, err := r.ID("person")
	if err == nil && id == r.Actor().Staff {
		err = fault.New(fault.Invalid, i18n.FactorResetSelf)
	}
	return id, err
}

// Reset takes away all factors of a colleague who has lost them, and ends her sessions.
func (h *Handlers) Reset(r *web.Request) (web.Response, error) {
	id, err := h.other(r)
	if err != nil {
		return web.Response{}, err
	}
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error { return reset(r.Context(), tx, audit.From(r), id) })
	if err != nil {
		return web.Response{}, err
	}
	if _, err := h.Sessions.EndAll(r.Context(), r.Agency.ID, id, nil); err != nil {
		return web.Response{}, unavailable(err)
	}
	return web.Redirect(view.To("staff", id.String())).Say(i18n.FactorResetDone), nil
}

func reset(ctx context.Context, tx *tenancy.Tx, by audit.By, id uuid.UUID) error {
	if _, err := staff.ByID(ctx, tx, id); err != nil {
		return err
	}
	if err := staff.EndSessions(ctx, tx, id); err != nil {
		return err
	}
	if _, err := removeAll(ctx, tx, id); err != nil {
		return err
	}
	if err := audit.Record(ctx, tx, by, audit.Event{Action: actionReset, Subject: id}); err != nil {
		return err
	}
	return staff.Notify(ctx, tx, id, staff.FactorReset)
}
