package note

import (
	"slices"
	"strconv"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/program"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

const (
	actionTemplateCreate audit.Action = "note_template.create"
	actionTemplateUpdate audit.Action = "note_template.update"
)

// templateListPage is the templates that the actor keeps.
type templateListPage struct {
	Templates []Template
	Programs  []program.Program
}

// templatePage is what the form of a template shows.
type templatePage struct {
	Template Template
	New      bool
	Programs []program.Program // whose templates the actor keeps
	Agency   bool              // and the agency's
	Theirs   *Template         // what somebody else saved meanwhile
	Room     int               // more empty headings than usual
	Problems view.Problems
}

// Templates lists the templates that the person keeps.
func (h *Handlers) Templates(r *web.Request) (web.Response, error) {
	var page templateListPage
	err := r.Agency.View(r.Context(), func(tx *tenancy.Tx) (err error) {
		form, err := keeping(r, tx)
		if err != nil {
			return err
		}
		page.Programs = form.Programs
		if page.Templates, err = allTemplates(r.Context(), tx); err != nil {
			return err
		}
		page.Templates = slices.DeleteFunc(page.Templates, func(t Template) bool { return !mayKeep(r.Actor(), t.Program) })
		return nil
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.NoteTemplateListTitle, templateList(r.Frame(), page)), nil
}

// NewTemplate is the empty form of a template.
func (h *Handlers) NewTemplate(r *web.Request) (web.Response, error) {
	page, err := templateForm(r, func(tx *tenancy.Tx, page *templatePage) error {
		page.New, page.Template = true, Template{ID: tenancy.NewID()}
		if !page.Agency {
			if len(page.open()) == 0 {
				return fault.New(fault.Denied, i18n.FaultDeniedText)
			}
			page.Template.Program = page.open()[0].ID
		}
		return nil
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.NoteTemplateNew, templateEdit(r.Frame(), page)), nil
}

// CreateTemplate saves a new template.
func (h *Handlers) CreateTemplate(r *web.Request) (web.Response, error) {
	page, err := templateForm(r, func(tx *tenancy.Tx, page *templatePage) error {
		page.New = true
		page.Template = decodeTemplate(r, Template{ID: web.FormID(r.Value("id"))})
		page.Problems = page.Template.check()
		owner, problem := page.chosenOwner(r)
		if page.Template.Program = owner; problem != nil {
			page.Problems.Add("owner", problem)
		}
		if page.widen(r) || r.SwitchLanguage || page.Problems.Any() {
			return nil
		}
		added, err := InsertTemplate(r.Context(), tx, page.Template, r.Actor().Staff)
		if err != nil || !added {
			return err
		}
		return recordTemplate(r, tx, actionTemplateCreate, nil, page.Template)
	})
	return templateAnswer(r, i18n.NoteTemplateNew, page, err)
}

// EditTemplate is the form of a template that is there.
func (h *Handlers) EditTemplate(r *web.Request) (web.Response, error) {
	page, err := templateForm(r, func(tx *tenancy.Tx, page *templatePage) (err error) {
		page.Template, err = keptTemplate(r, tx)
		return err
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.NoteTemplateEdit, templateEdit(r.Frame(), page)), nil
}

// UpdateTemplate saves a change of a template. One that comes too late is shown beside
// what is there now.
func (h *Handlers) UpdateTemplate(r *web.Request) (web.Response, error) {
	page, err := templateForm(r, func(tx *tenancy.Tx, page *templatePage) error {
		before, err := keptTemplate(r, tx)
		if err != nil {
			return err
		}
		page.Template = decodeTemplate(r, before)
		page.Problems = page.Template.check()
		if page.widen(r) || r.SwitchLanguage || page.Problems.Any() {
			return nil
		}
		if page.Template.Version != before.Version {
			page.Theirs, page.Template.Version = &before, before.Version
			return nil
		}
		if err := updateTemplate(r.Context(), tx, page.Template, r.Actor().Staff); err != nil {
			return err
		}
		return recordTemplate(r, tx, actionTemplateUpdate, before, page.Template)
	})
	if err == nil && page.Theirs != nil {
		return web.Page(i18n.NoteTemplateEdit, templateEdit(r.Frame(), page)).Conflict(), nil
	}
	return templateAnswer(r, i18n.NoteTemplateEdit, page, err)
}

func templateAnswer(r *web.Request, title i18n.Message, page templatePage, err error) (web.Response, error) {
	if err != nil {
		return web.Response{}, err
	}
	if problems := page.Problems; page.Room > 0 || r.SwitchLanguage || problems.Any() {
		if page.Room > 0 { // nothing was to be saved yet
			problems = nil
		}
		page.Problems = r.Shown(problems)
		return r.Again(title, problems, templateEdit(r.Frame(), page)), nil
	}
	return web.Redirect(view.To("note-templates")).Say(i18n.NoteTemplateSaved), nil
}

// widen answers the button that makes room for more headings.
func (p *templatePage) widen(r *web.Request) bool {
	if r.Value("then") == "rows" {
		p.Room = moreHeadings
	}
	return p.Room > 0
}

// templateForm runs f for those who keep templates at all.
func templateForm(r *web.Request, f func(*tenancy.Tx, *templatePage) error) (page templatePage, err error) {
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		if page, err = keeping(r, tx); err != nil {
			return err
		}
		return f(tx, &page)
	})
	return page, err
}

// keeping finds out whose templates the actor keeps; fault.Denied when nobody's.
func keeping(r *web.Request, tx *tenancy.Tx) (templatePage, error) {
	page := templatePage{Agency: r.Actor().Admin}
	if !r.Actor().Admin && !r.Actor().May(access.TemplateNoteManage) {
		return page, fault.New(fault.Denied, i18n.FaultDeniedText)
	}
	programs, err := program.All(r.Context(), tx)
	if err != nil {
		return page, err
	}
	page.Programs = slices.DeleteFunc(programs, func(p program.Program) bool { return !mayKeep(r.Actor(), p.ID) })
	return page, nil
}

// keptTemplate is the template that the route names, for those who keep it. For all
// others it is not there.
func keptTemplate(r *web.Request, tx *tenancy.Tx) (Template, error) {
	id, err := r.ID("headings")
	if err != nil {
		return Template{}, err
	}
	t, err := templateByID(r.Context(), tx, id)
	if err == nil && !mayKeep(r.Actor(), t.Program) {
		err = fault.Refused()
	}
	return t, err
}

func recordTemplate(r *web.Request, tx *tenancy.Tx, action audit.Action, before any, t Template) error {
	event := audit.Event{Action: action, Subject: t.ID, Program: t.Program, Role: r.Actor().Roles[t.Program], Before: before, After: t}
	return audit.Record(r.Context(), tx, audit.From(r), event)
}

// open are the programs that a new template can be of.
func (p templatePage) open() []program.Program { return program.InUse(p.Programs) }

// chosenOwner is whose a new template is to be: of the agency ("agency") or of a program.
func (p templatePage) chosenOwner(r *web.Request) (uuid.UUID, i18n.Message) {
	text := r.Value("owner")
	id, err := uuid.Parse(text)
	switch {
	case text == ofAgency && r.Actor().Admin:
		return uuid.Nil, nil
	case err == nil && slices.ContainsFunc(p.open(), func(of program.Program) bool { return of.ID == id }):
		return id, nil
	}
	return uuid.Nil, i18n.NoteTemplateOwnerWanted
}

const ofAgency = "agency"

// decodeTemplate reads the form over a template as it is. Lines without words are left
// out.
func decodeTemplate(r *web.Request, from Template) Template {
	t := from
	t.NameEN, t.NameFR = r.Value("name_en"), r.Value("name_fr")
	t.Interaction = among(r.Value("interaction"), Interactions)
	t.Archived = r.Checked("is_archived")
	t.Version, _ = strconv.Atoi(r.Value("version")) // a broken number is a version that does not exist: a conflict
	t.Sections = nil
	for i := range maxSections {
		s := TemplateSection{Kind: Basic, EN: r.Value(sectionField(i, "en")), FR: r.Value(sectionField(i, "fr"))}
		if SectionKind(r.Value(sectionField(i, "kind"))) == PlanSection {
			s.Kind = PlanSection
		}
		if s.EN != "" || s.FR != "" {
			t.Sections = append(t.Sections, s)
		}
	}
	return t
}

func sectionField(i int, part string) string { return "section-" + strconv.Itoa(i) + "-" + part }
