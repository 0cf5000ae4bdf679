package audit

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"konote/app/civil"
	"konote/app/i18n"
	"konote/app/view"
	"konote/app/web"
)

// A filter is what was typed above the list.
type filter struct {
	From, To string // days of the agency's calendar, 2006-01-02
	Staff    string
	Action   string
	Outcome  string
	Program  string
	About    string // a participant's id
	Before   string // where the page before ended
}

// decode reads the filter out of the address and makes a question of it. What cannot be
// read narrows nothing and is a problem. Where the page begins is for Handlers.after.
func decode(r *web.Request, within Scope) (filter, Question, view.Problems) {
	get := func(name string) string { return strings.TrimSpace(r.Query.Get(name)) }
	f := filter{From: get("from"), To: get("to"), Staff: get("staff"), Action: get("action"), Outcome: get("outcome"),
		Program: get("program"), About: get("participant"), Before: get("before")}
	q := Question{Agency: r.Agency.ID, Within: within, Action: Action(f.Action)}
	var problems view.Problems

	q.From = f.day(&problems, "from", f.From, 0, r.P.Zone())
	q.To = f.day(&problems, "to", f.To, 1, r.P.Zone())
	if !q.From.IsZero() && !q.To.IsZero() && !q.From.Before(q.To) {
		problems.Add("to", i18n.AuditFilterOrder)
	}
	if outcome := Outcome(f.Outcome); slices.Contains(outcomes, outcome) {
		q.Outcome = outcome
	}
	if id, err := uuid.Parse(f.Staff); err == nil {
		q.Staff = id
	}
	if id, err := uuid.Parse(f.Program); err == nil {
		q.Program = id
	}
	if id, err := uuid.Parse(f.About); err == nil {
		q.Participant = id
	}
	return f, q, problems
}

// day is the moment at which a day begins on the agency's clock, some days later.
func (f filter) day(problems *view.Problems, field, text string, later int, zone *time.Location) time.Time {
	if text == "" {
		return time.Time{}
	}
	day, err := civil.Parse(text)
	if err != nil {
		problems.Add(field, i18n.AuditFilterDay)
		return time.Time{}
	}
	day = day.AddDays(later)
	return time.Date(day.Year, day.Month, day.Day, 0, 0, 0, 0, zone).UTC()
}

// on is the address of a page with this filter, from its first entry.
func (f filter) on(to view.URL) view.URL {
	return to.With("from", f.From).With("to", f.To).With("staff", f.Staff).With("action", f.Action).With("outcome", f.Outcome).
		With("program", f.Program).With("participant", f.About)
}

func (f filter) empty() bool { return f == filter{} }

// A place in an address is milliseconds and number: 1770732300007-42.
func (p Place) String() string { return fmt.Sprintf("%d-%d", p.At.UnixMilli(), p.Seq) }

// parsePlace reads what String wrote; anything else is the beginning.
func parsePlace(text string) Place {
	at, seq, _ := strings.Cut(text, "-")
	milli, err := strconv.ParseInt(at, 10, 64)
	number, err2 := strconv.ParseInt(seq, 10, 64)
	if err != nil || err2 != nil || milli < 1 || milli > 1<<47 || number < 1 {
		return Place{}
	}
	return Place{At: time.UnixMilli(milli).UTC(), Seq: number}
}
