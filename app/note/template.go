package note

import (
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/i18n"
	"konote/app/view"
)

// SectionKind is what stands below a heading of a template.
type SectionKind string

// The kinds of sections, as stored.
const (
	Basic       SectionKind = "basic" // room to write
	PlanSection SectionKind = "plan"  // the goals of the plan
)

// TemplateSection is one heading of a template.
type TemplateSection struct {
	Kind SectionKind `json:"kind"`
	EN   string      `json:"en"`
	FR   string      `json:"fr"`
}

// Template is headings to write a note below. They are the agency's words, about nobody.
// The JSON is what the audit log keeps, sealed.
type Template struct {
	ID          uuid.UUID         `json:"-"`
	Program     uuid.UUID         `json:"program,omitzero"` // uuid.Nil: the whole agency's
	NameEN      string            `json:"name_en"`
	NameFR      string            `json:"name_fr"`
	Interaction Interaction       `json:"interaction,omitempty"` // chosen when the form opens; "": a session
	Sections    []TemplateSection `json:"sections"`
	Archived    bool              `json:"archived,omitempty"`
	UpdatedAt   time.Time         `json:"-"`
	Version     int               `json:"-"`
}

// Name is the template's name in the reader's language.
func (t Template) Name(p *i18n.Printer) string { return either(p, t.NameEN, t.NameFR) }

// Name is the heading in the reader's language.
func (s TemplateSection) Name(p *i18n.Printer) string { return either(p, s.EN, s.FR) }

// Heading is the heading in the reader's language.
func (w Written) Heading(p *i18n.Printer) string { return either(p, w.EN, w.FR) }

func either(p *i18n.Printer, en, fr string) string {
	if p.French() {
		return fr
	}
	return en
}

// writes says whether the template has room to write of its own.
func (t Template) writes() bool {
	for _, s := range t.Sections {
		if s.Kind == Basic {
			return true
		}
	}
	return false
}

// mayKeep says whether the actor may see and change a template in the lists where they
// are kept.
func mayKeep(actor access.Actor, program uuid.UUID) bool {
	if program == uuid.Nil {
		return actor.Admin
	}
	return actor.Admin || actor.MayIn(program, access.TemplateNoteManage)
}

const (
	maxTemplateName = 120
	maxHeading      = 200
	maxSections     = 12
)

// check says what is wrong with a template that somebody wants to save.
func (t Template) check() view.Problems {
	var problems view.Problems
	for _, name := range []struct {
		label       i18n.Message
		field, text string
	}{{i18n.NoteTemplateNameEn, "name_en", t.NameEN}, {i18n.NoteTemplateNameFr, "name_fr", t.NameFR}} {
		switch {
		case name.text == "":
			problems.AddOf(name.label, name.field, i18n.NoteTemplateNameWanted)
		case view.TooLong(name.text, maxTemplateName):
			problems.AddOf(name.label, name.field, i18n.FormTooLong(maxTemplateName))
		}
	}
	if len(t.Sections) == 0 {
		problems.Add(sectionField(0, "en"), i18n.NoteTemplateSectionsWanted)
	}
	for i, s := range t.Sections {
		of := i18n.NoteTemplateSection(i + 1)
		for _, name := range []struct{ field, text string }{{sectionField(i, "en"), s.EN}, {sectionField(i, "fr"), s.FR}} {
			switch {
			case name.text == "":
				problems.AddOf(of, name.field, i18n.NoteTemplateSectionsWanted)
			case view.TooLong(name.text, maxHeading):
				problems.AddOf(of, name.field, i18n.FormTooLong(maxHeading))
			}
		}
	}
	return problems
}
