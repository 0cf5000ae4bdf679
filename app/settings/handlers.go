package settings

import (
	"slices"

	"konote/app/access"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/view"
	"konote/app/web"
)

// Handlers answer the routes of settings.
type Handlers struct {
	Groups []Group
}

// Group is some pages of settings that belong together.
type Group struct {
	Title i18n.Message
	Links []Link
}

// Link leads to a page of settings, for those who may open it.
type Link struct {
	Label i18n.Message
	Hint  i18n.Message // what is decided there
	Path  []string
	May   func(access.Actor) bool
}

// Open are the groups as far as somebody may open their pages.
func Open(groups []Group, actor access.Actor) []Group {
	var open []Group
	for _, g := range groups {
		g.Links = slices.DeleteFunc(slices.Clone(g.Links), func(l Link) bool { return !l.May(actor) })
		if len(g.Links) > 0 {
			open = append(open, g)
		}
	}
	return open
}

// Show lists the pages of settings that the person may open.
func (h *Handlers) Show(r *web.Request) (web.Response, error) {
	open := Open(h.Groups, r.Actor())
	if len(open) == 0 {
		return web.Response{}, fault.New(fault.Denied, i18n.FaultDeniedText)
	}
	return web.Page(i18n.SettingsTitle, listView(r.Frame(), open)), nil
}

// home is the page of all settings.
func home() view.URL { return view.To("settings") }
