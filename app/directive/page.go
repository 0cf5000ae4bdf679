package directive

import (
	"github.com/google/uuid"

	"konote/app/civil"
	"konote/app/i18n"
	"konote/app/staff"
	"konote/app/view"
)

// What the list shows, in words.

// title says what is closed to whom.
func (page *listPage) title(f *view.Frame, d Directive) string {
	what := kindLabels[d.Kind]
	if d.Item != uuid.Nil {
		what = itemLabels[d.Kind]
	}
	return f.T(i18n.DirectiveClosedTo(f.T(what), page.against(f, d)))
}

// against says to whom something is closed. Who and what the reader may not know of has no
// name here.
func (page *listPage) against(f *view.Frame, d Directive) string {
	switch name := page.Names[d.Staff]; {
	case d.Role != "":
		return f.T(i18n.DirectiveAgainstRole(f.T(staff.RoleLabel(d.Role))))
	case d.Staff != uuid.Nil && name != "":
		return name
	case d.Staff != uuid.Nil:
		return f.T(i18n.DirectiveAgainstSomebody)
	}
	if p, known := page.program(d.Program); known {
		return f.T(i18n.DirectiveAgainstProgram(p.Name(f.P)))
	}
	return f.T(i18n.DirectiveAgainstElsewhere)
}

// meta says who asked for it, and who recorded it when.
func (page *listPage) meta(f *view.Frame, d Directive) string {
	text := f.T(byLabels[d.By]) + " · " + f.P.Day(d.RecordedAt)
	if name := page.Names[d.RecordedBy]; name != "" {
		text += " · " + name
	}
	return text
}

func dayText(f *view.Frame, d civil.Date) string { return f.P.Date(d.Year, d.Month, d.Day) }
