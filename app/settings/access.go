package settings

import (
	"fmt"
	"slices"
	"strconv"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/i18n"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// guarding is how strictly an agency guards records, as the page of it has it.
type guarding struct {
	Tier         int // as stored: 1 to 3
	Apart        bool
	ConsentFirst bool
	Days         int // the longest grant
}

func guardingOf(p access.Policy) guarding {
	return guarding{Tier: int(p.Tier) + 1, Apart: p.Apart, ConsentFirst: p.ConsentFirst, Days: p.GrantDays}
}

// mark is what a form says of the values that it was made from.
func (g guarding) mark() string { return fmt.Sprint(g.Tier, g.Apart, g.ConsentFirst, g.Days) }

// values are the settings by name.
func (g guarding) values() []struct {
	name  Name
	value any
} {
	return []struct {
		name  Name
		value any
	}{{AccessTier, g.Tier}, {RecordsApart, g.Apart}, {ConsentFirst, g.ConsentFirst}, {GrantDays, g.Days}}
}

// accessPage is what the page shows.
type accessPage struct {
	Form     guarding
	Now      guarding // what counts
	Sure     bool     // going down has been asked about
	Late     bool     // somebody was faster
	Problems view.Problems
}

// goesDown says whether the form asks for a less strict tier.
func (p accessPage) goesDown() bool { return p.Form.Tier < p.Now.Tier }

// Access is the page on which an administrator decides how strictly records are guarded.
func (h *Handlers) Access(r *web.Request) (web.Response, error) {
	now := guardingOf(r.Actor().Policy)
	return web.Page(i18n.SettingsAccessTitle, accessView(r.Frame(), accessPage{Form: now, Now: now})), nil
}

// SaveAccess saves what she decided.
func (h *Handlers) SaveAccess(r *web.Request) (web.Response, error) {
	p := accessPage{Now: guardingOf(r.Actor().Policy), Sure: r.Checked("sure")}
	p.Form = decodeGuarding(r, p.Now)
	p.Problems = p.check()
	if r.SwitchLanguage || p.Problems.Any() {
		problems := p.Problems
		p.Problems = r.Shown(problems)
		return r.Again(i18n.SettingsAccessTitle, problems, accessView(r.Frame(), p)), nil
	}
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		if _, err := tx.Exec(r.Context(), sqlLockAccess); err != nil {
			return fmt.Errorf("lock settings: %w", err)
		}
		loaded, err := Load(r.Context(), tx)
		if err != nil {
			return err
		}
		p.Now, p.Late = guardingOf(loaded.Access), false
		if p.Late = r.Value("was") != p.Now.mark() && p.Form != p.Now; p.Late {
			return nil
		}
		return saveGuarding(r, tx, p.Now, p.Form)
	})
	if err != nil {
		return web.Response{}, err
	}
	if p.Late {
		return web.Page(i18n.SettingsAccessTitle, accessView(r.Frame(), p)).Conflict(), nil
	}
	return web.Redirect(view.To("settings", "access")).Say(i18n.SettingsSaved), nil
}

// saveGuarding sets what differs, each with its record.
func saveGuarding(r *web.Request, tx *tenancy.Tx, from, to guarding) error {
	before := from.values()
	for i, setting := range to.values() {
		if setting.value == before[i].value {
			continue
		}
		if err := Set(r.Context(), tx, audit.From(r), setting.name, setting.value); err != nil {
			return err
		}
	}
	return nil
}

// decodeGuarding reads the form. The longest grant is asked for at tier 3 alone; it stays
// as it is where the form does not say.
func decodeGuarding(r *web.Request, now guarding) guarding {
	g := guarding{Apart: r.Checked("apart"), ConsentFirst: r.Checked("consent_first"), Days: now.Days}
	g.Tier, _ = strconv.Atoi(r.Value("tier"))
	if days, err := strconv.Atoi(r.Value("days")); err == nil {
		g.Days = days
	}
	return g
}

func (p accessPage) check() view.Problems {
	var problems view.Problems
	if p.Form.Tier < 1 || p.Form.Tier > 3 {
		problems.Add("tier", i18n.SettingsTierWanted)
		return problems
	}
	if !slices.Contains(Days, p.Form.Days) {
		problems.Add("days", i18n.SettingsDaysWanted)
	}
	if p.goesDown() && !p.Sure {
		problems.Add("sure", i18n.SettingsSureWanted)
	}
	return problems
}

// A tier as the page explains it.
type tier struct {
	name, text i18n.Message
}

var tiers = []tier{
	access.OpenAccess:  {i18n.SettingsTierOpen, i18n.SettingsTierOpenText},
	access.RoleBased:   {i18n.SettingsTierRoles, i18n.SettingsTierRolesText},
	access.Safeguarded: {i18n.SettingsTierSafe, i18n.SettingsTierSafeText},
}

func tierOptions(f *view.Frame) []view.Option {
	options := make([]view.Option, len(tiers))
	for i, t := range tiers {
		options[i] = view.Option{Value: strconv.Itoa(i + 1), Label: f.T(t.name), Hint: f.T(t.text)}
	}
	return options
}

func daysOptions(f *view.Frame) []view.Option {
	options := make([]view.Option, len(Days))
	for i, days := range Days {
		options[i] = view.Option{Value: strconv.Itoa(days), Label: f.T(i18n.SettingsDays(days))}
	}
	return options
}

// number is a chosen number, "" for one that was not chosen.
func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}
