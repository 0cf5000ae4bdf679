package caseload

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/civil"
	"konote/app/i18n"
	"konote/app/participant"
	"konote/app/view"
	"konote/app/web"
)

// nobody stands in the filter for enrolments that are with nobody in particular.
const nobody = "none"

// filter is what the list is narrowed to.
type filter struct {
	Program uuid.UUID              // uuid.Nil: all of the actor's
	Status  access.EnrolmentStatus // "": every open one
	Worker  string                 // "", nobody, or an id
	Quiet   int                    // days without a note; 0: no matter
	After   place
	Picked  bool // everybody on the page is chosen as it opens
}

// decodeFilter reads what the list is narrowed to from its address, or from a form made
// of it. What is no choice there, or not the actor's, is left out.
func decodeFilter(actor access.Actor, from url.Values) filter {
	var f filter
	if id, err := uuid.Parse(from.Get("program")); err == nil && actor.MayIn(id, access.ParticipantTransfer) {
		f.Program = id
	}
	if s := access.EnrolmentStatus(from.Get("status")); slices.Contains(openStatuses, s) {
		f.Status = s
	}
	if id, err := uuid.Parse(from.Get("with")); err == nil {
		f.Worker = id.String()
	} else if from.Get("with") == nobody {
		f.Worker = nobody
	}
	if days, err := strconv.Atoi(from.Get("quiet")); err == nil && slices.Contains(participant.QuietDays, days) {
		f.Quiet = days
	}
	day, id, _ := strings.Cut(from.Get("after"), "_")
	on, errDay := civil.Parse(day)
	enrolment, errID := uuid.Parse(id)
	if errDay == nil && errID == nil {
		f.After = place{Day: on, ID: enrolment}
	}
	f.Picked = from.Get("pick") == "page"
	return f
}

func (f filter) quietText() string {
	if f.Quiet == 0 {
		return ""
	}
	return strconv.Itoa(f.Quiet)
}

// address is that of the list, narrowed like this, at its beginning.
func (f filter) address() view.URL {
	return view.To("caseload").With("program", view.ID(f.Program)).With("status", string(f.Status)).With("with", f.Worker).With("quiet", f.quietText())
}

func (f filter) at(p place) view.URL {
	if p == (place{}) {
		return f.address()
	}
	return f.address().With("after", p.Day.String()+"_"+p.ID.String())
}

// scope is a filter as the statements want it, limited to what the actor may change.
type scope struct {
	programs []uuid.UUID
	statuses []access.EnrolmentStatus
	worker   string
	quiet    civil.Date
	withheld []uuid.UUID // people
	readable []uuid.UUID // programs whose notes the actor may read now
	notes    []uuid.UUID // and notes, and people whose notes are closed to the actor
}

func (s scope) args() []any { return []any{s.programs, s.statuses, s.worker, s.quiet, s.withheld} }

func (f filter) scope(actor access.Actor, today civil.Date) scope {
	s := scope{programs: actor.Programs(access.ParticipantTransfer), statuses: openStatuses, worker: f.Worker,
		withheld: actor.Withheld(access.ParticipantTransfer), readable: actor.Programs(access.NoteView), notes: actor.Withheld(access.NoteView)}
	if f.Program != uuid.Nil {
		s.programs = []uuid.UUID{f.Program}
	}
	if f.Quiet > 0 { // as the list of participants and the home page count it; it tells of notes
		s.programs = slices.DeleteFunc(s.programs, func(id uuid.UUID) bool { return !slices.Contains(s.readable, id) })
		s.quiet, s.statuses, s.withheld = today.AddDays(-f.Quiet), []access.EnrolmentStatus{access.Enrolled}, s.notes
	}
	if f.Status != "" {
		s.statuses = slices.DeleteFunc(slices.Clone(s.statuses), func(status access.EnrolmentStatus) bool { return status != f.Status })
	}
	return s
}

// draft is the form of a change as typed.
type draft struct {
	ID     uuid.UUID // of the change: a form that is sent twice changes once
	Filter filter
	All    bool        // everybody who matches
	Chosen []uuid.UUID // enrolments
	Seen   map[uuid.UUID]int
	Kind   Kind
	Asked  bool // what the change needs was asked for
	To     string
	On     string
	End    participant.EndReason
	Reason string
}

// decode reads the form; of more than Most chosen ones the first are taken.
func decode(r *web.Request) draft {
	d := draft{
		ID: web.FormID(r.Value("id")), Filter: decodeFilter(r.Actor(), r.Form), All: r.Checked("all"), Seen: map[uuid.UUID]int{},
		Kind: Kind(r.Value("kind")), Asked: r.Checked("asked"), To: r.Value("to"), On: r.Value("on"),
		End: participant.EndReason(r.Value("end_reason")), Reason: strings.Join(strings.Fields(r.Value("reason")), " "),
	}
	if kindLabels[d.Kind] == "" {
		d.Kind = ""
	}
	for _, text := range r.Form["e"] {
		text, version, _ := strings.Cut(text, ".")
		id, err := uuid.Parse(text)
		if err != nil || len(d.Chosen) == Most || slices.Contains(d.Chosen, id) {
			continue
		}
		d.Chosen = append(d.Chosen, id)
		d.Seen[id], _ = strconv.Atoi(version) // none is a version that does not exist
	}
	return d
}

// order is what the form asks for, checked.
func (d draft) order(offered offer, today civil.Date) (order, view.Problems) {
	o := order{Kind: d.Kind, Reason: d.Reason}
	var problems view.Problems
	switch d.Kind {
	case Assign:
		id, err := uuid.Parse(d.To)
		if d.To != nobody && (err != nil || offered.workerName(id) == "") {
			problems.Add("to", i18n.CaseloadAskWorkerWanted)
		} else if d.To != nobody {
			o.To = id
		}
		return o, problems
	case Transfer:
		id, err := uuid.Parse(d.To)
		if err != nil || !slices.ContainsFunc(offered.targets(), among(id)) {
			problems.Add("to", i18n.EnrolmentProgramWanted)
		}
		o.To, o.End = id, participant.MovedOn
	case Discharge:
		o.End = d.End
	}
	o.On, _ = civil.Parse(d.On) // no day is a problem of its own
	// As for one enrolment that runs; what is wrong with a single one leaves that one out.
	running := participant.Enrolment{Status: access.Enrolled}
	return o, append(problems, o.change().Check(running, today)...)
}
