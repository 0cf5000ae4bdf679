package sso

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/program"
	"konote/app/settings"
	"konote/app/staff"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// settingsPage is everything about the agency's provider.
type settingsPage struct {
	Provider              Provider // Version 0: none yet
	Callback, Backchannel string
	Groups                []Mapping
	Identities            []Identity
	Names                 map[uuid.UUID]string
	Programs              []program.Program
	Unlinked              []Unlinked // by name
	PasswordOff           bool
	Conflict              bool
	Problems              view.Problems
}

// Settings shows the agency's provider, or the form for a first one.
func (h *Handlers) Settings(r *web.Request) (web.Response, error) {
	page, err := h.page(r)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.SsoSettingsTitle, settingsView(r.Frame(), page)), nil
}

// page loads what the settings show.
func (h *Handlers) page(r *web.Request) (settingsPage, error) {
	page := settingsPage{Callback: h.callback(r), Backchannel: h.backchannel(r), PasswordOff: r.Settings().PasswordOff}
	err := r.Agency.View(r.Context(), func(tx *tenancy.Tx) error {
		found, err := load(r.Context(), tx, sqlCurrent)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			page.Provider = Provider{ID: tenancy.NewID(), Provisioning: Linked, SecondFactor: Never, GroupClaim: "groups"}
			return nil
		}
		page.Provider = found[0]
		return page.loadPeople(r.Context(), tx)
	})
	return page, err
}

func (page *settingsPage) loadPeople(ctx context.Context, tx *tenancy.Tx) (err error) {
	if page.Groups, err = mappings(ctx, tx, page.Provider.ID); err != nil {
		return err
	}
	if page.Identities, err = identities(ctx, tx, sqlLinked, page.Provider.ID); err != nil {
		return err
	}
	if page.Unlinked, err = unlinked(ctx, tx, page.Provider.ID); err != nil {
		return err
	}
	people := make([]uuid.UUID, 0, len(page.Identities)+len(page.Unlinked))
	for _, link := range page.Identities {
		people = append(people, link.Staff)
	}
	for _, person := range page.Unlinked {
		people = append(people, person.ID)
	}
	if page.Names, err = staff.Names(ctx, tx, people); err != nil {
		return err
	}
	slices.SortStableFunc(page.Unlinked, func(a, b Unlinked) int {
		return strings.Compare(strings.ToLower(page.Names[a.ID]), strings.ToLower(page.Names[b.ID]))
	})
	page.Programs, err = program.All(ctx, tx)
	return err
}

// sends says whether anybody who is not linked can be mailed a link.
func (page settingsPage) sends() bool {
	return page.Provider.Status == Active && slices.ContainsFunc(page.Unlinked, func(u Unlinked) bool { return u.HasEmail })
}

// Save saves a provider. The issuer is asked before anything is saved, so that nobody is
// sent to an address that does not answer.
func (h *Handlers) Save(r *web.Request) (web.Response, error) {
	page, err := h.page(r)
	if err != nil {
		return web.Response{}, err
	}
	before := page.Provider
	problems := page.decode(r)
	if r.SwitchLanguage {
		return r.Again(i18n.SsoSettingsTitle, nil, settingsView(r.Frame(), page)), nil
	}
	if !problems.Any() {
		problems = append(problems, page.Provider.check(h.Directory.loopback)...)
	}
	if !problems.Any() {
		page.Provider.Issuer, err = h.Directory.settle(r.Context(), page.Provider.Issuer)
		if message := whySilent(err); message != nil {
			problems.Add("issuer", message)
		}
	}
	if problems.Any() {
		page.Problems = problems
		return r.Again(i18n.SsoSettingsTitle, problems, settingsView(r.Frame(), page)), nil
	}
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		if before.Version == 0 {
			err = Insert(r.Context(), tx, page.Provider, r.Actor().Staff)
		} else {
			err = update(r.Context(), tx, page.Provider, r.Actor().Staff)
		}
		if err != nil {
			return err
		}
		return audit.Record(r.Context(), tx, audit.From(r), audit.Event{Action: actionUpdate, Subject: page.Provider.ID,
			Before: before.recorded(), After: page.Provider.recorded()})
	})
	if fault.KindOf(err) == fault.Conflict {
		page.Conflict, page.Provider.Version = true, before.Version
		return r.Again(i18n.SsoSettingsTitle, nil, settingsView(r.Frame(), page)).Conflict(), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(view.To("settings", "sso")).Say(i18n.SsoSettingsSaved), nil
}

// decode reads the form over what is there. The issuer of a provider that is there stays,
// and so does its secret when none is typed; it is never shown.
func (page *settingsPage) decode(r *web.Request) view.Problems {
	p := &page.Provider
	p.NameEN, p.NameFR = r.Value("name_en"), r.Value("name_fr")
	p.ClientID = r.Value("client_id")
	if secret := r.Value("client_secret"); secret != "" {
		p.Secret = secret
	}
	p.SecondFactor = one(r.Value("second_factor"), Never, Stated, Always)
	p.Provisioning = one(r.Value("provisioning"), Linked, Group)
	p.StrongACR, p.GroupClaim = r.Value("strong_acr"), r.Value("group_claim")
	p.LinksByEmail = r.Checked("links_by_email")
	if p.Version == 0 {
		p.Issuer = strings.TrimSuffix(r.Value("issuer"), "/.well-known/openid-configuration")
		if id, err := uuid.Parse(r.Value("id")); err == nil && id.Version() == 7 {
			p.ID = id
		}
		return nil
	}
	if r.Value("id") != p.ID.String() { // another provider has taken its place
		p.Version = -1
	} else if version, err := strconv.Atoi(r.Value("version")); err != nil || version != p.Version {
		p.Version = -1
	}
	return nil
}

// one is the choice that was made, or the first.
func one[T ~string](text string, choices ...T) T {
	if at := slices.Index(choices, T(text)); at >= 0 {
		return choices[at]
	}
	return choices[0]
}

// whySilent says what is wrong with an issuer that was asked; nil when it answered.
func whySilent(err error) i18n.Message {
	var other *oidc.IssuerMismatchError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &other):
		return i18n.SsoIssuerOther
	case errors.Is(err, errInside):
		return i18n.SsoIssuerInside
	}
	return i18n.SsoIssuerSilent
}

// recorded is what the audit log keeps: everything but the secret.
func (p Provider) recorded() any {
	if p.Version == 0 && p.Issuer == "" {
		return nil
	}
	return map[string]any{"issuer": p.Issuer, "client_id": p.ClientID, "has_secret": p.Secret != "", "name_en": p.NameEN, "name_fr": p.NameFR,
		"provisioning": p.Provisioning, "links_by_email": p.LinksByEmail, "second_factor": p.SecondFactor, "strong_acr": p.StrongACR,
		"group_claim": p.GroupClaim}
}

// Current is the agency's provider, on or off; fault.Missing when it has none.
func Current(ctx context.Context, tx *tenancy.Tx) (Provider, error) {
	found, err := load(ctx, tx, sqlCurrent)
	if err == nil && len(found) == 0 {
		err = fault.Missing()
	}
	if err != nil {
		return Provider{}, err
	}
	return found[0], nil
}

// ChangeStatus turns the provider on or off, or removes it. When it is no longer on,
// passwords are for everybody again: nobody may be locked out by it.
func (h *Handlers) ChangeStatus(r *web.Request) (web.Response, error) {
	said := map[Status]i18n.Message{Active: i18n.SsoSettingsTurnedOn, Off: i18n.SsoSettingsTurnedOff, Removed: i18n.SsoSettingsRemoved}
	from, to := Status(r.Value("from")), Status(r.Value("to"))
	if said[to] == nil || from == to || from == Removed || (to == Removed && from != Off) {
		return web.Response{}, fault.New(fault.Invalid, i18n.FaultInvalidTitle)
	}
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		p, err := Current(r.Context(), tx)
		if err != nil {
			return err
		}
		if err := SetStatus(r.Context(), tx, p.ID, from, to, r.Actor().Staff); err != nil {
			return err
		}
		if to != Active && r.Settings().PasswordOff {
			if err := settings.Set(r.Context(), tx, audit.From(r), settings.PasswordOff, false); err != nil {
				return err
			}
		}
		return audit.Record(r.Context(), tx, audit.From(r), audit.Event{Action: actionStatus, Subject: p.ID,
			Before: map[string]Status{"status": from}, After: map[string]Status{"status": to}})
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(view.To("settings", "sso")).Say(said[to]), nil
}

// ChangePasswords says whether people may sign in with passwords. Administrators always
// may, and one of them must be able to.
func (h *Handlers) ChangePasswords(r *web.Request) (web.Response, error) {
	off := r.Value("off") == "yes"
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		if off {
			p, err := Current(r.Context(), tx)
			if err != nil {
				return err
			}
			var admins int
			if err := tx.QueryRow(r.Context(), sqlLocalAdmins).Scan(&admins); err != nil {
				return fmt.Errorf("count administrators: %w", err)
			}
			if p.Status != Active || admins == 0 {
				return fault.New(fault.Invalid, i18n.SsoSettingsPasswordRefused)
			}
		}
		return settings.Set(r.Context(), tx, audit.From(r), settings.PasswordOff, off)
	})
	if err != nil {
		return web.Response{}, err
	}
	said := i18n.SsoSettingsPasswordOpened
	if off {
		said = i18n.SsoSettingsPasswordClosed
	}
	return web.Redirect(view.To("settings", "sso")).Say(said), nil
}

// Try sends the administrator to the provider, to see what comes back.
func (h *Handlers) Try(r *web.Request) (web.Response, error) {
	var p Provider
	err := r.Agency.View(r.Context(), func(tx *tenancy.Tx) (err error) {
		p, err = Current(r.Context(), tx)
		return err
	})
	if fault.KindOf(err) == fault.NotFound {
		return web.Redirect(view.To("settings", "sso")), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return h.begin(r, p, flow{Purpose: toTry, Staff: r.Actor().Staff})
}

// tried shows what came back: names of claims, not what they say about the person.
func (h *Handlers) tried(r *web.Request, p Provider, said claims) (web.Response, error) {
	if !r.Actor().Admin { // no longer
		return h.lost(r), nil
	}
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		return audit.Record(r.Context(), tx, audit.From(r), audit.Event{Action: actionTry, Subject: p.ID})
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.SsoTriedTitle, triedView(r.Frame(), p, said)).Flow(""), nil
}

// AddGroup lets the members of a group of the directory get accounts.
func (h *Handlers) AddGroup(r *web.Request) (web.Response, error) {
	m := Mapping{ID: tenancy.NewID(), Value: r.Value("value"), Role: access.Role(r.Value("role"))}
	m.Program, _ = uuid.Parse(r.Value("program")) // the zero id is no program's
	if m.Value == "" || !isLine(m.Value, maxClaim) || staff.RoleLabel(m.Role) == nil || r.SwitchLanguage {
		return h.groupAgain(r)
	}
	var chosen program.Program
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		p, err := Current(r.Context(), tx)
		if err != nil {
			return err
		}
		if chosen, err = program.ByID(r.Context(), tx, m.Program); err != nil {
			return err
		}
		if err := addMapping(r.Context(), tx, p.ID, m, r.Actor().Staff); err != nil {
			return err
		}
		return audit.Record(r.Context(), tx, audit.From(r), audit.Event{Action: actionGroupAdd, Subject: p.ID, Program: m.Program,
			Confidential: chosen.Confidential, After: map[string]any{"group": m.Value, "role": m.Role}})
	})
	if fault.KindOf(err) == fault.NotFound {
		return h.groupAgain(r)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(view.To("settings", "sso")).Say(i18n.SsoSettingsGroupsAdded), nil
}

func (h *Handlers) groupAgain(r *web.Request) (web.Response, error) {
	page, err := h.page(r)
	if err != nil {
		return web.Response{}, err
	}
	var problems view.Problems
	problems.Add("value", i18n.SsoSettingsGroupsWanted)
	page.Problems = r.Shown(problems)
	return r.Again(i18n.SsoSettingsTitle, problems, settingsView(r.Frame(), page)), nil
}

// RemoveGroup takes a group away. Accounts that it gave stay.
func (h *Handlers) RemoveGroup(r *web.Request) (web.Response, error) {
	id, err := r.ID("mapping")
	if err != nil {
		return web.Response{}, err
	}
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		removed, err := removeMapping(r.Context(), tx, id)
		if err != nil {
			return err
		}
		in, err := program.ByID(r.Context(), tx, removed.Program)
		if err != nil {
			return err
		}
		return audit.Record(r.Context(), tx, audit.From(r), audit.Event{Action: actionGroupRemove, Subject: id, Program: in.ID,
			Confidential: in.Confidential, Before: map[string]any{"role": removed.Role}})
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(view.To("settings", "sso")).Say(i18n.SsoSettingsGroupsRemoved), nil
}

// Unlink disconnects somebody's account and ends her sessions.
func (h *Handlers) Unlink(r *web.Request) (web.Response, error) {
	id, err := r.ID("identity")
	if err != nil {
		return web.Response{}, err
	}
	var person uuid.UUID
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		var p uuid.UUID
		if person, p, err = unlink(r.Context(), tx, id, uuid.Nil); err != nil {
			return err
		}
		if err := staff.EndSessions(r.Context(), tx, person); err != nil {
			return err
		}
		return audit.Record(r.Context(), tx, audit.From(r), audit.Event{Action: actionDisconnect, Subject: person,
			Before: map[string]any{"provider": p}})
	})
	if err != nil {
		return web.Response{}, err
	}
	if _, err := h.Sessions.EndAll(r.Context(), r.Agency.ID, person, nil); err != nil {
		return web.Response{}, err
	}
	return web.Redirect(view.To("settings", "sso")).Say(i18n.SsoSettingsLinkedUnlinked), nil
}
