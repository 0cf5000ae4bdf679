package plan

import (
	"errors"
	"slices"

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
	Section     Section // as it is
	Draft       Section // as typed
	Base        base    // what the form began with
	Differences []difference
	ChangedBy   string
	Keep        view.Draft
	Problems    view.Problems
}

// asked are the fields of its form.
func (s Section) asked() []asked {
	return []asked{{"name", i18n.PlanSectionName, s.Name}, {"status", i18n.PlanSectionStatus, string(s.Status)}, {"reason", i18n.PlanStatusReason, s.Reason}}
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
		if page.Draft, page.Base = page.Section, baseNow(page.Section.asked()); page.Keep.Begun() {
			page.read(r)
		}
		return seen(r, tx, page.About)
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.PlanSectionEditTitle, sectionView(r.Frame(), page)), nil
}

// UpdateSection saves a section's name and status. A change that comes too late is shown
// beside what is there now, field by field.
func (h *Handlers) UpdateSection(r *web.Request) (web.Response, error) {
	var problems view.Problems
	saved := false
	page, err := h.inSection(r, func(tx *tenancy.Tx, page *sectionPage) error {
		if page.Section.Name == "" {
			return fault.Missing()
		}
		err := page.open(r, tx)
		if err != nil {
			return err
		}
		page.read(r)
		if problems = page.check(); r.SwitchLanguage || problems.Any() {
			return seen(r, tx, page.About)
		}
		if page.Draft.Version != page.Section.Version && disputed(page.Differences) {
			page.ChangedBy, err = nameOf(r.Context(), tx, page.Section.UpdatedBy)
			return errors.Join(err, seen(r, tx, page.About))
		}
		saved = true
		return page.save(r, tx)
	})
	switch {
	case err != nil:
		return web.Response{}, err
	case saved:
		return web.Redirect(planOf(page.About.ID)).Say(i18n.PlanSaved), nil
	case r.SwitchLanguage || problems.Any():
		page.Problems = r.Shown(problems)
		return r.Again(i18n.PlanSectionEditTitle, problems, sectionView(r.Frame(), page)), nil
	}
	return web.Page(i18n.PlanSectionEditTitle, conflictView(r.Frame(), page.conflict(r.Frame()))).Conflict(), nil
}

func (page *sectionPage) save(r *web.Request, tx *tenancy.Tx) error {
	SectionForm.Done(r, tx, page.Section.ID)
	if len(page.Differences) == 0 {
		return nil
	}
	to := page.Draft
	to.Version = page.Section.Version
	if err := updateSection(r.Context(), tx, to, r.Actor().Staff); err != nil {
		return err
	}
	event := page.event(r, actionSectionUpdate, page.Section.Program, page.Section.ID)
	event.Before, event.After = page.Section, to
	return page.record(r, tx, event)
}

func (page *sectionPage) open(r *web.Request, tx *tenancy.Tx) (err error) {
	page.Keep, err = SectionForm.Open(r, tx, page.Section.ID)
	return err
}

// read reads the form over the section as it is.
func (page *sectionPage) read(r *web.Request) {
	fields := page.Section.asked()
	page.Draft = page.Section
	page.Draft.Name, page.Draft.Status, page.Draft.Reason = r.Value("name"), SectionStatus(r.Value("status")), r.Value("reason")
	page.Draft.Version, page.Base, page.Differences = formVersion(r.Form), baseOf(r.Form, fields), compare(r.Form, fields)
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
