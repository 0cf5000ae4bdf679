package group

import (
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/google/uuid"

	"konote/app/civil"
	"konote/app/i18n"
	"konote/app/program"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// chosen is the program of the form, one of those that may be chosen.
func chosen(r *web.Request, programs []program.Program) uuid.UUID {
	if len(programs) == 1 {
		return programs[0].ID
	}
	id, err := uuid.Parse(r.Value("program"))
	if err != nil || !slices.ContainsFunc(programs, func(p program.Program) bool { return p.ID == id }) {
		return uuid.Nil
	}
	return id
}

// decode reads the form of a group over the group as it is.
func decode(r *web.Request, from Group) Group {
	g := from
	g.Kind, g.Name, g.Description = Kind(r.Value("kind")), r.Value("name"), r.Value("description")
	g.Status = Active
	if r.Checked("is_archived") {
		g.Status = Archived
	}
	g.Version = version(r)
	return g
}

// day reads a day; what was typed and is no day is a problem.
func day(problems *view.Problems, field, text string) civil.Date {
	if text == "" {
		return civil.Date{}
	}
	date, err := civil.Parse(text)
	if err != nil {
		problems.Add(field, i18n.GroupDayBroken)
	}
	return date
}

// pastDay reads a day on which something was, which has to be there.
func pastDay(problems *view.Problems, field, text string, today civil.Date) civil.Date {
	var broken view.Problems
	date := day(&broken, field, text)
	if broken.Any() {
		*problems = append(*problems, broken...)
	} else if problem := dayProblem(date, today); problem != nil {
		problems.Add(field, problem)
	}
	return date
}

// sessionForm is what the form of a session holds.
type sessionForm struct {
	ID      uuid.UUID
	Version int    // 0: a new one
	Day     string // as typed
	HeldOn  civil.Date
	Mood    Mood
	Text    string
	Lines   []line
}

// A line is one member on the form.
type line struct {
	Member
	Present   bool
	Highlight string
}

// highlightField is the name of the control of somebody's highlight.
func (l line) highlightField() string { return "highlight-" + l.ID.String() }

// blankSession is the form of a session as it opens: of what is there, or of a new one
// with everybody ticked.
func blankSession(there Session, all []Member, today civil.Date) sessionForm {
	f := sessionForm{ID: there.ID, Version: there.Version, HeldOn: there.HeldOn, Mood: there.Mood, Text: there.Text}
	if f.Version == 0 {
		f.ID, f.HeldOn = tenancy.NewID(), today
	}
	f.Day = f.HeldOn.String()
	for _, m := range all {
		a, recorded := there.of(m.ID)
		switch {
		case recorded:
			f.Lines = append(f.Lines, line{m, a.Present, a.Highlight})
		case there.Logged(), !m.Current():
		default:
			f.Lines = append(f.Lines, line{m, f.Version == 0, ""})
		}
	}
	return f
}

// decodeSession reads the form of a session. all are the members of whom the actor may
// know: nobody else is on the form, whatever it says.
func decodeSession(r *web.Request, all []Member, today civil.Date) (sessionForm, view.Problems) {
	f := sessionForm{ID: web.FormID(r.Value("id")), Version: version(r), Day: r.Value("held_on"), Mood: Mood(r.Value("mood")), Text: r.Value("text")}
	var problems view.Problems
	f.HeldOn = pastDay(&problems, "held_on", f.Day, today)
	if f.Mood != "" && !slices.Contains(Moods, f.Mood) {
		problems.Add("mood", i18n.GroupMoodWanted)
	}
	addText(&problems, "text", f.Text, maxText, nil)
	for _, m := range all {
		if !slices.Contains(r.Form["member"], m.ID.String()) {
			continue
		}
		l := line{Member: m, Present: slices.Contains(r.Form["present"], m.ID.String())}
		l.Highlight = r.Value(l.highlightField())
		if utf8.RuneCountInString(l.Highlight) > maxHighlight {
			problems.Add(l.highlightField(), i18n.GroupSessionHighlightLong(m.Name, strconv.Itoa(maxHighlight)))
		}
		f.Lines = append(f.Lines, l)
	}
	return f, problems
}

// over is the session that the form makes of what is there. Rows of attendance keep their
// ids, and those of members who are not on the form are left as they are.
func (f sessionForm) over(there Session) Session {
	s := there
	s.ID, s.Version, s.HeldOn, s.Mood, s.Text, s.Attendance = f.ID, f.Version, f.HeldOn, f.Mood, f.Text, nil
	for _, l := range f.Lines {
		a, recorded := there.of(l.ID)
		if !recorded {
			a = Attended{ID: tenancy.NewID(), Session: s.ID, Member: l.ID}
		}
		a.Present, a.Highlight = l.Present, l.Highlight
		s.Attendance = append(s.Attendance, a)
	}
	return s
}

// says whether the form says what is there.
func (f sessionForm) says(there Session) bool {
	if !there.Logged() || there.HeldOn != f.HeldOn || there.Mood != f.Mood || there.Text != f.Text {
		return false
	}
	for _, l := range f.Lines {
		a, recorded := there.of(l.ID)
		if !recorded || a.Present != l.Present || a.Highlight != l.Highlight {
			return false
		}
	}
	return true
}
