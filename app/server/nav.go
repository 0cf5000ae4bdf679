package server

import (
	"strings"

	"konote/app/access"
	"konote/app/i18n"
	"konote/app/settings"
	"konote/app/view"
	"konote/app/web"
)

// Navigation is what this person may open, and nothing else.
func Navigation(r *web.Request) []view.NavItem {
	actor := r.Actor()
	var items []view.NavItem
	add := func(may bool, label i18n.Message, icon string, segments ...string) {
		if !may {
			return
		}
		href := view.To(segments...)
		items = append(items, view.NavItem{Label: r.P.T(label), Href: href, Icon: icon, Current: here(r.Path, href.String())})
	}
	add(true, i18n.NavHome, "home")
	add(actor.May(access.ParticipantViewName), i18n.NavParticipants, "people", "participants")
	add(actor.May(access.MessageView), i18n.NavMessages, "mail", "messages")
	add(actor.May(access.AlertView), i18n.AlertListTitle, "alert", "alerts")
	add(actor.May(access.GroupViewRoster) || actor.May(access.AttendanceCheckIn) || actor.May(access.AttendanceViewReport), i18n.GroupListTitle, "people", "groups")
	add(actor.May(access.CircleView), i18n.CircleListTitle, "person", "circles")
	add(actor.Admin || len(actor.Roles) > 0, i18n.NavPrograms, "program", "programs")
	add(actor.May(access.MeetingView), i18n.EventMeetingsTitle, "calendar", "meetings")
	add(actor.May(access.SreViewReport), i18n.EventReportTitle, "flag", "serious-events")
	add(actor.Admin || actor.May(access.AuditView), i18n.NavAudit, "shield", "audit")
	add(len(settings.Open(settingsLinks, actor)) > 0, i18n.NavSettings, "settings", "settings")
	return items
}

// NewMenu is what this person may begin.
func NewMenu(r *web.Request) []view.NavItem {
	var items []view.NavItem
	if r.Actor().May(access.ParticipantCreate) {
		items = append(items, view.NavItem{Label: r.P.T(i18n.NavNewParticipant), Href: view.To("participants", "new"), Icon: "person"})
	}
	if r.Actor().Admin {
		items = append(items, view.NavItem{Label: r.P.T(i18n.ProgramNewAction), Href: view.To("programs", "new"), Icon: "program"})
	}
	return items
}

// OwnMenu is her own pages.
func OwnMenu(r *web.Request) []view.NavItem {
	items := []view.NavItem{{Label: r.P.T(i18n.StaffAccountTitle), Href: view.To("account"), Icon: "settings"}}
	if actor := r.Actor(); len(actor.Grants) > 0 || actor.Policy.Tier == access.Safeguarded && actor.May(access.ParticipantViewClinical) {
		items = append(items, view.NavItem{Label: r.P.T(i18n.GrantMineTitle), Href: view.To("account", "access"), Icon: "shield"})
	}
	return items
}

// here says whether a page lies at or below an address of the navigation.
func here(path, href string) bool {
	if href == "/" {
		return path == "/"
	}
	return path == href || strings.HasPrefix(path, href+"/")
}
