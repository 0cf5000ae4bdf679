package plan

import (
	"slices"
	"strconv"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// The acts that are recorded.
const (
	actionSectionUpdate audit.Action = "plan_section.update"
	actionSectionMove   audit.Action = "plan_section.move"
)

// sectionPage is what the form of a section shows.
type sectionPage struct {
	scene
	Section  Section // as it is
	Draft    Section // as typed
	Late     bool
	Keep     view.Draft
	Problems view.Problems
}

// EditSection is the form of a section. A plain list has none: new targets go there.
func (h *Handlers) EditSection(r *web.Request) (web.Response, error) {
	page, err := h.inSection(r, func(tx *tenancy.Tx, page *sectionPage) error {
		if page.Section.Name == "" {
			return fault.Missing()
		}
		if err := page.open(r, tx); err != nil {
			return err
		}
		if page.Draft = page.Section; page.Keep.Begun() {
			page.read(r)
		}
		return seen(r, tx, page.About)
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.PlanSectionEditTitle, sectionView(r.Frame(), page)), nil
}

// UpdateSection saves a section's name and status.
func (h *Handlers) UpdateSection(r *web.Request) (web.Response, error) {
	var problems view.Problems
	page, err := h.inSection(r, func(tx *tenancy.Tx, page *sectionPage) error {
		if page.Section.Name == "" {
			return fault.Missing()
		}
		if err := page.open(r, tx); err != nil {
			return err
		}
		page.read(r)
		if problems = page.check(); r.SwitchLanguage || problems.Any() {
			return seen(r, tx, page.About)
		}
		err := updateSection(r.Context(), tx, page.Draft, r.Actor().Staff)
		if page.Late = fault.KindOf(err) == fault.Conflict; page.Late {
			page.Draft.Version = page.Section.Version
			return seen(r, tx, page.About)
		}
		if err != nil {
			return err
		}
		SectionForm.Done(r, tx, page.Section.ID)
		event := page.event(r, actionSectionUpdate, page.Section.Program, page.Section.ID)
		event.Before, event.After = page.Section, page.Draft
		return page.record(r, tx, event)
	})
	switch {
	case err != nil:
		return web.Response{}, err
	case r.SwitchLanguage || problems.Any():
		page.Problems = r.Shown(problems)
		return r.Again(i18n.PlanSectionEditTitle, problems, sectionView(r.Frame(), page)), nil
	case page.Late:
		return web.Page(i18n.PlanSectionEditTitle, sectionView(r.Frame(), page)).Conflict(), nil
	}
	return web.Redirect(planOf(page.About.ID)).Say(i18n.PlanSaved), nil
}

func (page *sectionPage) open(r *web.Request, tx *tenancy.Tx) (err error) {
	page.Keep, err = SectionForm.Open(r, tx, page.Section.ID)
	return err
}

// read reads the form over the section as it is.
func (page *sectionPage) read(r *web.Request) {
	page.Draft = page.Section
	page.Draft.Name, page.Draft.Status, page.Draft.Reason = r.Value("name"), SectionStatus(r.Value("status")), r.Value("reason")
	page.Draft.Version, _ = strconv.Atoi(r.Value("version"))
}

func (page *sectionPage) check() view.Problems {
	var problems view.Problems
	d := page.Draft
	switch {
	case d.Name == "":
		problems.Add("name", i18n.PlanNameWanted)
	case view.TooLong(d.Name, maxSection):
		problems.Add("name", i18n.FormTooLong(maxSection))
	}
	if !slices.Contains(SectionStatuses, d.Status) {
		problems.Add("status", i18n.PlanStatusWanted)
	}
	switch {
	case d.Status != SectionActive && d.Reason == "":
		problems.Add("reason", i18n.PlanStatusReasonWanted)
	case view.TooLong(d.Reason, maxReason):
		problems.Add("reason", i18n.FormTooLong(maxReason))
	}
	return problems
}

// RaiseSection moves a section up within its program.
func (h *Handlers) RaiseSection(r *web.Request) (web.Response, error) {
	page, err := h.inSection(r, func(tx *tenancy.Tx, page *sectionPage) error {
		var order []uuid.UUID // of those that the plan shows
		for _, s := range page.Sections {
			if slices.ContainsFunc(s.Targets, func(t Target) bool { return open(s, t) }) {
				order = append(order, s.ID)
			}
		}
		if !raised(order, page.Section.ID) {
			return nil
		}
		if err := move(r.Context(), tx, sqlMoveSections, order); err != nil {
			return err
		}
		return page.record(r, tx, page.event(r, actionSectionMove, page.Section.Program, page.Section.ID))
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(planOf(page.About.ID).At("s-" + page.Section.ID.String())), nil
}

// inSection loads a section to be changed and runs f in the same transaction.
func (h *Handlers) inSection(r *web.Request, f func(*tenancy.Tx, *sectionPage) error) (sectionPage, error) {
	var page sectionPage
	id, err := r.ID("section")
	if err != nil {
		return page, err
	}
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		page = sectionPage{}
		at, err := placeOf(r.Context(), tx, sqlHoldSection, id)
		if err != nil {
			return err
		}
		if page.scene, err = loadPlace(r, tx, at, access.PlanEdit); err != nil {
			return err
		}
		i := slices.IndexFunc(page.Sections, func(s Section) bool { return s.ID == id })
		if i < 0 {
			return fault.Missing()
		}
		page.Section = page.Sections[i]
		return f(tx, &page)
	})
	return page, err
}
