package watch

import (
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"konote/app/i18n"
	"konote/app/view"
)

func version(f Finding) string { return strconv.Itoa(f.Version) }

// address is that of a finding's page.
func (f Finding) address() view.URL { return view.To("settings", "watch", f.ID.String()) }

// name is what to call a member of staff.
func (t tellings) name(f *view.Frame, id uuid.UUID) string {
	if name := t.Staff[id]; name != "" {
		return name
	}
	return f.T(i18n.AuditWhoUnknown)
}

// why says in a sentence what was found.
func (t tellings) why(f *view.Frame, found Finding) string {
	n := found.Amount
	switch found.Kind {
	case Many:
		if found.Usual > 0 {
			return f.T(i18n.WatchWhyManyUsual(n, f.P.Number(found.Usual)))
		}
		return f.T(i18n.WatchWhyMany(n))
	case Family:
		return f.T(i18n.WatchWhyFamily(n))
	case Colleague:
		return f.T(i18n.WatchWhyColleague(n))
	case Refused:
		return f.T(i18n.WatchWhyRefused(n))
	case Hours:
		return f.T(i18n.WatchWhyHours(n))
	case NoWork:
		return f.T(i18n.WatchWhyNoWork(n))
	}
	return f.T(i18n.WatchWhyExport(n))
}

// people are whom a finding is about: names, for those who reach them.
func (t tellings) people(f *view.Frame, found Finding) string { return t.about(f, found.Participants) }

func (t tellings) about(f *view.Frame, people []uuid.UUID) string {
	var names []string
	for _, id := range people {
		if named, reached := t.People[id]; reached {
			names = append(names, named.FullName)
		} else if t.Admin {
			names = append(names, f.T(i18n.AuditAboutRecord(id.String()[24:])))
		}
	}
	return strings.Join(names, ", ")
}

// where are the programs that a finding touches.
func (t tellings) where(f *view.Frame, found Finding) string {
	var names []string
	for _, g := range t.Programs {
		if slices.Contains(found.Programs, g.ID) {
			names = append(names, g.Name(f.P))
		}
	}
	return strings.Join(names, ", ")
}

// ways lead between findings that wait and those that somebody has looked at.
func (p listPage) ways(f *view.Frame) []view.Tab {
	return []view.Tab{
		{Label: f.T(i18n.WatchWaiting), Href: view.To("settings", "watch"), Current: !p.Looked},
		{Label: f.T(i18n.WatchLooked), Href: view.To("settings", "watch").With("looked", "yes"), Current: p.Looked},
	}
}

// verdicts are what may be said of a finding.
func verdicts(f *view.Frame) []view.Option {
	return []view.Option{
		{Value: string(Proper), Label: f.T(i18n.WatchVerdictProper)},
		{Value: string(FollowUp), Label: f.T(i18n.WatchVerdictFollowUp)},
	}
}

// verdict is one of them in words; "" while nobody has looked.
func verdict(f *view.Frame, v Verdict) string {
	switch v {
	case Proper:
		return f.T(i18n.WatchVerdictProper)
	case FollowUp:
		return f.T(i18n.WatchVerdictFollowUp)
	}
	return ""
}
