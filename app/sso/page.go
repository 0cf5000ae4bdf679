package sso

import (
	"strings"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/i18n"
	"konote/app/staff"
	"konote/app/view"
)

func (page settingsPage) formTitle(f *view.Frame) string {
	if page.Provider.Version == 0 {
		return f.T(i18n.SsoSettingsNew)
	}
	return page.Provider.Name(f.P)
}

func (page settingsPage) secretHint() i18n.Message {
	if page.Provider.Version != 0 && page.Provider.Secret != "" {
		return i18n.SsoSettingsSecretKept
	}
	return i18n.SsoSettingsSecretHint
}

func (page settingsPage) program(f *view.Frame, id uuid.UUID) string {
	for _, p := range page.Programs {
		if p.ID == id {
			return p.Name(f.P)
		}
	}
	return ""
}

func (page settingsPage) programOptions(f *view.Frame) []view.Option {
	var options []view.Option
	for _, p := range page.Programs {
		options = append(options, view.Option{Value: p.ID.String(), Label: p.Name(f.P)})
	}
	return options
}

func roleOptions(f *view.Frame) []view.Option {
	var options []view.Option
	for _, role := range []access.Role{access.DirectService, access.FrontDesk, access.ProgramManager, access.Executive} {
		options = append(options, view.Option{Value: string(role), Label: f.T(staff.RoleLabel(role))})
	}
	return options
}

func factorOptions(f *view.Frame) []view.Option {
	return []view.Option{
		{Value: string(Never), Label: f.T(i18n.SsoSettingsFactorNever)},
		{Value: string(Stated), Label: f.T(i18n.SsoSettingsFactorStated), Hint: f.T(i18n.SsoSettingsFactorStatedHint)},
		{Value: string(Always), Label: f.T(i18n.SsoSettingsFactorAlways), Hint: f.T(i18n.SsoSettingsFactorAlwaysHint)},
	}
}

func provisioningOptions(f *view.Frame) []view.Option {
	return []view.Option{
		{Value: string(Linked), Label: f.T(i18n.SsoSettingsProvisioningLinked)},
		{Value: string(Group), Label: f.T(i18n.SsoSettingsProvisioningGroup), Hint: f.T(i18n.SsoSettingsProvisioningGroupHint)},
	}
}

func howText(how How) i18n.Message {
	switch how {
	case ByEmail:
		return i18n.SsoSettingsHowEmail
	case ByGroup:
		return i18n.SsoSettingsHowGroup
	case ByInvitation:
		return i18n.SsoSettingsHowInvitation
	}
	return i18n.SsoSettingsHowConnected
}

func used(f *view.Frame, link Identity) string {
	if link.LastUsedAt.IsZero() {
		return f.T(i18n.SsoAccountUnused)
	}
	return f.T(i18n.SsoAccountUsed(f.P.Moment(link.LastUsedAt)))
}

func strongText(f *view.Frame, p Provider, said claims) string {
	if p.proved(said) {
		return f.T(i18n.SsoTriedStrongCounts)
	}
	return f.T(i18n.SsoTriedStrongNot)
}

func emailText(f *view.Frame, said claims) string {
	if said.Email != "" {
		return f.T(i18n.SsoTriedEmailVerified)
	}
	return f.T(i18n.SsoTriedEmailNot)
}

func commas(list []string) string { return strings.Join(list, ", ") }
