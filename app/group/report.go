package group

import (
	"io"
	"slices"
	"strconv"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/civil"
	"konote/app/i18n"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// fewest is how many people figures are about, at least, where nobody is named.
const fewest = 5

// report is who came from a day to another.
type report struct {
	page
	From, To civil.Date
	Named    bool // with names; otherwise only shares, of no small group
	Days     []civil.Date
	Rows     []reportRow
}

// A reportRow is one member's attendance.
type reportRow struct {
	Member
	Came, Of int
	Last     civil.Date
	On       map[civil.Date]bool // days on which something is recorded, and whether she came
}

// Attendance is the report.
func (h *Handlers) Attendance(r *web.Request) (web.Response, error) {
	var p report
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		if p, err = loadReport(r, tx, access.AttendanceViewReport); err != nil {
			return err
		}
		return audit.Record(r.Context(), tx, audit.From(r), p.event(r, actionAttendance))
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.WidePage(i18n.GroupAttendanceTitle, attendanceView(r.Frame(), p)), nil
}

// Download is the report as CSV, a column for each day.
func (h *Handlers) Download(r *web.Request) (web.Response, error) {
	var p report
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		if p, err = loadReport(r, tx, access.GroupViewReport); err != nil {
			return err
		}
		event := p.event(r, actionExport)
		event.After = map[string]string{"from": p.From.String(), "to": p.To.String()}
		return audit.Record(r.Context(), tx, audit.From(r), event)
	})
	if err != nil {
		return web.Response{}, err
	}
	name := "attendance-" + p.From.String() + "-" + p.To.String() + ".csv"
	return web.Download(name, "text/csv; charset=utf-8", func(w io.Writer) error { return p.write(w, r.P) }), nil
}

func loadReport(r *web.Request, tx *tenancy.Tx, key access.Key) (p report, err error) {
	if p.page, err = openWithMembers(r, tx, sqlByID, key); err != nil {
		return p, err
	}
	p.From, p.To = period(r, p.Today)
	p.Named = p.may(access.GroupViewRoster)
	if !p.Named { // somebody who meets nobody: the figures are about all
		return p, p.loadShares(r, tx)
	}
	rows, err := presences(r.Context(), tx, r.Actor(), p.ID, p.From, p.To)
	p.fill(rows)
	return p, err
}

// loadShares fills the report of an actor who meets nobody in the program: as those who
// work there would count, without names.
func (p *report) loadShares(r *web.Request, tx *tenancy.Tx) error {
	rows, err := presences(r.Context(), tx, asStaffOf(p.Program), p.ID, p.From, p.To)
	if err != nil {
		return err
	}
	p.Members = nil
	seen := map[uuid.UUID]bool{}
	for _, row := range rows {
		if !seen[row.Member] {
			seen[row.Member] = true
			p.Members = append(p.Members, Member{ID: row.Member})
		}
	}
	p.fill(rows)
	return nil
}

// asStaffOf is somebody who works in a program: whom the program's own figures count.
func asStaffOf(program uuid.UUID) access.Actor {
	return access.Actor{Roles: map[uuid.UUID]access.Role{program: access.DirectService}}
}

func (p *report) fill(rows []presence) {
	for _, m := range p.Members {
		one := reportRow{Member: m, On: map[civil.Date]bool{}}
		for _, row := range rows {
			if row.Member != m.ID {
				continue
			}
			one.On[row.HeldOn] = row.Present
			one.Of++
			if row.Present {
				one.Came++
				one.Last = row.HeldOn
			}
		}
		if one.Of > 0 || m.Current() {
			p.Rows = append(p.Rows, one)
		}
	}
	for _, row := range rows {
		if !slices.Contains(p.Days, row.HeldOn) {
			p.Days = append(p.Days, row.HeldOn)
		}
	}
}

// few says that the figures could tell of somebody.
func (p report) few() bool { return !p.Named && len(p.Rows) < fewest }

// share is how many of those expected came, in per cent.
func (p report) share() int {
	came, of := 0, 0
	for _, row := range p.Rows {
		came, of = came+row.Came, of+row.Of
	}
	return percent(came, of)
}

func (r reportRow) share() int { return percent(r.Came, r.Of) }

func percent(part, of int) int {
	if of == 0 {
		return 0
	}
	return (100*part + of/2) / of
}

// finding is the report in a sentence.
func (p report) finding(f *view.Frame) string {
	from, to := dayText(f.P, p.From), dayText(f.P, p.To)
	if len(p.Days) == 0 {
		return f.T(i18n.GroupAttendanceNone(from, to))
	}
	return f.T(i18n.GroupAttendanceFinding(len(p.Days), from, to, strconv.Itoa(p.share())))
}

// write writes the table.
func (p report) write(w io.Writer, printer *i18n.Printer) error {
	table, err := web.NewSheet(w)
	if err != nil {
		return err
	}
	heading := []string{printer.T(i18n.GroupAttendancePerson), printer.T(i18n.GroupRole), printer.T(i18n.GroupAttendanceJoined), printer.T(i18n.GroupAttendanceLeft),
		printer.T(i18n.GroupAttendanceAttended), printer.T(i18n.GroupAttendanceOf)}
	for _, day := range p.Days {
		heading = append(heading, day.String())
	}
	lines := [][]string{heading}
	for _, row := range p.Rows {
		cells := []string{row.Name, printer.T(row.Role.Label()), row.JoinedOn.String(), row.LeftOn.String(), strconv.Itoa(row.Came), strconv.Itoa(row.Of)}
		for _, day := range p.Days {
			came, recorded := row.On[day]
			switch {
			case !recorded:
				cells = append(cells, "")
			case came:
				cells = append(cells, printer.T(i18n.GroupSessionCame))
			default:
				cells = append(cells, printer.T(i18n.GroupSessionAbsent))
			}
		}
		lines = append(lines, cells)
	}
	for _, cells := range lines {
		if err := table.Row(cells); err != nil {
			return err
		}
	}
	return table.Close()
}

func dayText(p *i18n.Printer, d civil.Date) string {
	if d.IsZero() {
		return ""
	}
	return p.Date(d.Year, d.Month, d.Day)
}
