package server

import (
	"konote/app/access"
	"konote/app/i18n"
	"konote/app/settings"
)

// settingsLinks are all pages of settings, in the order of /settings.
var settingsLinks = []settings.Group{
	{Title: i18n.SettingsGroupAccess, Links: []settings.Link{
		{Label: i18n.SettingsAccessTitle, Hint: i18n.SettingsAccessHint, Path: []string{"settings", "access"}, May: admins},
		{Label: i18n.GrantReasonTitle, Hint: i18n.GrantReasonHint, Path: []string{"settings", "grant-reasons"}, May: safeguardedAdmins},
		{Label: i18n.SettingsFrontDesk, Hint: i18n.SettingsFrontDeskText, Path: []string{"settings", "front-desk"}, May: admins},
	}},
	{Title: i18n.SettingsGroupPeople, Links: []settings.Link{
		{Label: i18n.PeopleTitle, Hint: i18n.PeopleIntro, Path: []string{"staff"}, May: or(access.UserManage)},
		{Label: i18n.InviteTitle, Hint: i18n.InviteIntro, Path: []string{"staff", "invitations"}, May: or(access.UserManage)},
		{Label: i18n.FactorPolicyTitle, Hint: i18n.FactorPolicyHint, Path: []string{"settings", "sign-in"}, May: admins},
		{Label: i18n.SsoSettingsTitle, Hint: i18n.SsoSettingsHint, Path: []string{"settings", "sso"}, May: admins},
	}},
	{Title: i18n.SettingsGroupWork, Links: []settings.Link{
		{Label: i18n.ConsentTextsTitle, Hint: i18n.ConsentTextsHint, Path: []string{"settings", "consent-texts"}, May: admins},
		{Label: i18n.MetricListTitle, Hint: i18n.SettingsMetricsHint, Path: []string{"metrics"}, May: or(access.MetricManage)},
		{Label: i18n.PlanTemplateListTitle, Hint: i18n.SettingsPlanTemplatesHint, Path: []string{"plan-templates"}, May: or(access.TemplatePlanManage)},
		{Label: i18n.NoteTemplateListTitle, Hint: i18n.SettingsNoteTemplatesHint, Path: []string{"note-templates"}, May: or(access.TemplateNoteManage)},
		{Label: i18n.EventTypesTitle, Hint: i18n.SettingsEventTypesHint, Path: []string{"event-types"}, May: or(access.EventTypeManage)},
	}},
	{Title: i18n.SettingsGroupWatch, Links: []settings.Link{
		{Label: i18n.WatchTitle, Hint: i18n.WatchHint, Path: []string{"settings", "watch"}, May: or(access.AuditView)},
		{Label: i18n.GrantListTitle, Hint: i18n.GrantListHint, Path: []string{"settings", "grants"}, May: or(access.AuditView)},
		{Label: i18n.EventFlagsTitle, Hint: i18n.SettingsFlagsHint, Path: []string{"serious-events", "flags"}, May: admins},
	}},
}

func admins(actor access.Actor) bool { return actor.Admin }

// safeguardedAdmins are those of an agency that asks for reasons.
func safeguardedAdmins(actor access.Actor) bool {
	return actor.Admin && actor.Policy.Tier == access.Safeguarded
}

// or is for administrators, and for those of whom a role allows the key.
func or(key access.Key) func(access.Actor) bool {
	return func(actor access.Actor) bool { return actor.Admin || actor.May(key) }
}
