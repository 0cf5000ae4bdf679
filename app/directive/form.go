package directive

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/civil"
	"konote/app/i18n"
	"konote/app/program"
	"konote/app/staff"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

const maxReason = 2000

// furthest is how many days ahead a directive may begin.
const furthest = 366

// How the target is chosen.
const (
	toStaff   = "staff"
	toRole    = "role"
	toProgram = "program"
)

// typed is the form of a directive as somebody typed it.
type typed struct {
	Directive
	To   string // toStaff, toRole or toProgram
	Day  string
	Sure bool // she was asked once more
}

// blank is the form as it opens. What is closed is never chosen for her: one press would
// close the whole file.
func blank(today civil.Date) typed {
	return typed{Directive: Directive{ID: tenancy.NewID(), By: Participant}, To: toStaff, Day: today.String()}
}

func decode(r *web.Request) typed {
	id := func(name string) uuid.UUID {
		found, err := uuid.Parse(r.Value(name))
		if err != nil {
			return uuid.Nil
		}
		return found
	}
	t := typed{
		Directive: Directive{ID: web.FormID(r.Value("id")), Kind: access.Kind(r.Value("kind")), Item: id("item"), By: By(r.Value("asked_by")), Reason: r.Value("reason")},
		To:        r.Value("to"), Day: r.Value("from_on"), Sure: r.Checked("sure"),
	}
	switch t.To { // the others are not meant
	case toStaff:
		t.Staff = id("staff")
	case toRole:
		t.Role = access.Role(r.Value("role"))
	case toProgram:
		t.Program = id("program")
	}
	t.FromOn, _ = civil.Parse(t.Day)
	return t
}

// choices are whom a directive may name: no one of whom its author may not know.
type choices struct {
	Staff    []staff.Member
	Programs []program.Program
}

func (c choices) staff(id uuid.UUID) (staff.Member, bool) {
	at := slices.IndexFunc(c.Staff, func(m staff.Member) bool { return m.ID == id })
	if at < 0 {
		return staff.Member{}, false
	}
	return c.Staff[at], true
}

func (c choices) program(id uuid.UUID) (program.Program, bool) {
	at := slices.IndexFunc(c.Programs, func(p program.Program) bool { return p.ID == id })
	if at < 0 {
		return program.Program{}, false
	}
	return c.Programs[at], true
}

// check says what is wrong. item is the record that the form may close by itself, "" for
// none.
func (t typed) check(c choices, item access.Kind, today civil.Date) view.Problems {
	var problems view.Problems
	if kindLabels[t.Kind] == "" || t.Item != uuid.Nil && t.Kind != item {
		problems.Add("kind", i18n.DirectiveKindWanted)
	}
	switch t.To {
	case toStaff:
		if _, offered := c.staff(t.Staff); !offered {
			problems.Add("staff", i18n.DirectiveStaffWanted)
		}
	case toRole:
		if !slices.Contains(access.Roles, t.Role) {
			problems.Add("role", i18n.DirectiveRoleWanted)
		}
	case toProgram:
		if _, offered := c.program(t.Program); !offered {
			problems.Add("program", i18n.DirectiveProgramWanted)
		}
	default:
		problems.Add("to", i18n.DirectiveToWanted)
	}
	if t.FromOn.IsZero() || t.FromOn.Before(today.AddDays(-furthest)) || today.AddDays(furthest).Before(t.FromOn) {
		problems.Add("from_on", i18n.DirectiveFromWanted)
	}
	if byLabels[t.By] == "" {
		problems.Add("asked_by", i18n.DirectiveByWanted)
	}
	if utf8.RuneCountInString(t.Reason) > maxReason {
		problems.Add("reason", i18n.FormTooLong(maxReason))
	}
	return problems
}

// reasonProblem is what is wrong with a reason that is wanted.
func reasonProblem(reason string, wanted i18n.Message) i18n.Message {
	switch {
	case strings.TrimSpace(reason) == "":
		return wanted
	case utf8.RuneCountInString(reason) > maxReason:
		return i18n.FormTooLong(maxReason)
	}
	return nil
}
