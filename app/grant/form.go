package grant

import (
	"slices"
	"strconv"

	"github.com/google/uuid"

	"konote/app/i18n"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// participantScope is what a form says for access to one participant; otherwise it names a
// program.
const participantScope = "participant"

// form is what somebody asks for.
type form struct {
	ID     uuid.UUID // of the grant
	Scope  string    // participantScope, or a program's id
	Reason uuid.UUID
	Why    string
	Days   int
	Back   string // where she wanted to go
}

// blank is the form as it opens: the smallest scope, the usual time.
func blank(r *web.Request) form {
	return form{ID: tenancy.NewID(), Scope: participantScope, Days: min(defaultDays, r.Actor().Policy.GrantDays), Back: r.Query.Get("back")}
}

// decode reads a form. Anything but an id of ours is replaced.
func decode(r *web.Request) form {
	f := form{Scope: r.Value("scope"), Why: r.Value("why"), Back: r.Value("back")}
	var err error
	if f.ID, err = uuid.Parse(r.Value("id")); err != nil || f.ID.Version() != 7 {
		f.ID = tenancy.NewID()
	}
	f.Reason, _ = uuid.Parse(r.Value("reason")) // none: a problem of the form
	f.Days, _ = strconv.Atoi(r.Value("days"))
	return f
}

// program is the program that the form asks for; uuid.Nil for the participant alone.
func (f form) program() uuid.UUID {
	id, err := uuid.Parse(f.Scope)
	if err != nil {
		return uuid.Nil
	}
	return id
}

// check says what is wrong with a request, where these programs and reasons may be chosen
// and access lasts at most so many days.
func (f form) check(programs []uuid.UUID, reasons []Reason, longest int) view.Problems {
	var problems view.Problems
	if f.Scope != participantScope && !slices.Contains(programs, f.program()) {
		problems.Add("scope", i18n.GrantScopeWanted)
	}
	if !slices.ContainsFunc(reasons, func(r Reason) bool { return r.ID == f.Reason }) {
		problems.Add("reason", i18n.GrantReasonWanted)
	}
	if problem := whyProblem(f.Why); problem != nil {
		problems.Add("why", problem)
	}
	if !slices.Contains(daysUpTo(longest), f.Days) {
		problems.Add("days", i18n.GrantDaysWanted)
	}
	return problems
}

// checkEmergency says what is wrong with what somebody says about an emergency.
func (f form) checkEmergency() view.Problems {
	var problems view.Problems
	if problem := whyProblem(f.Why); problem != nil {
		problems.Add("why", problem)
	}
	return problems
}
