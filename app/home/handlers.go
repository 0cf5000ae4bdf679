package home

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/alert"
	"konote/app/audit"
	"konote/app/civil"
	"konote/app/directive"
	"konote/app/draft"
	"konote/app/event"
	"konote/app/grant"
	"konote/app/i18n"
	"konote/app/note"
	"konote/app/participant"
	"konote/app/program"
	"konote/app/view"
	"konote/app/watch"
	"konote/app/web"
	"konote/tenancy"
)

const (
	recentPeople  = 8
	mostDecisions = 20
	quietAfter    = 30 // days without a note after which a manager is shown somebody
)

// Handlers answer the home page's route.
type Handlers struct {
	Forms draft.Forms // that are kept while they are typed in
}

// page is what the home page shows; parts that the person's roles do not have are empty.
type page struct {
	Today     civil.Date
	Now       time.Time
	Zone      *time.Location
	Worker    bool // writes notes
	Serves    bool // works with participants directly: her own day comes before programs
	Reaches   bool // meets participants at all
	Recent    []participant.Named
	Written   []line
	Due       []followUp
	Coming    []followUp // in the next days
	Measures  []measure  // of hers that are due
	Begun     []begun
	Meetings  []meeting
	Decisions []decision
	Removals  []removal
	Reviews   []grant.Waiting // emergencies that wait for her to look back
	Managed   []standing
	Overseen  []standing
	Admin     bool
	Patterns  int // in the audit log that wait for somebody to look
	MayCreate bool
}

// A line is a note that she wrote today: about whom.
type line struct {
	note.Note
	About participant.Named
}

// A followUp is one that waits for her.
type followUp struct {
	note.FollowUp
	About participant.Named
	Own   bool // she planned it
}

// A measure is due for somebody with whom she works.
type measure struct {
	note.Due
	About participant.Named
}

// A meeting is one of hers today.
type meeting struct {
	event.Event
	About participant.Named
}

// A decision is the end of an alert that waits for her.
type decision struct {
	alert.Waiting
	About participant.Named
}

// begun is a draft of the person's own; About is zero when it is about nobody, or about
// somebody whom she does not reach any more (Hidden).
type begun struct {
	draft.Listed
	About  participant.Named
	Hidden bool
}

// address leads to the form, or, where her record is read-only, to the words alone.
func (b begun) address() view.URL {
	if b.About.Withdrawn {
		return b.Read()
	}
	return b.Address()
}

// removal is a request to keep somebody's whereabouts safe no longer, which waits for her.
type removal struct {
	directive.Waiting
	About participant.Named
}

// standing is a program with its counts.
type standing struct {
	Program program.Program
	pulse
	Reads bool // the reader may read notes there, so that she may know that some are missing
}

// Show is the home page.
func (h *Handlers) Show(r *web.Request) (web.Response, error) {
	p := page{
		Serves: len(in(r.Actor(), access.DirectService)) > 0,
		Worker: r.Actor().May(access.NoteCreate), Reaches: r.Actor().May(access.ParticipantViewName),
		Admin: r.Actor().Admin, MayCreate: r.Actor().May(access.ParticipantCreate), Zone: r.P.Zone(),
	}
	// An Update, because a list of people that is shown is an act that is recorded.
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		if err := p.load(r, tx, h.Forms); err != nil {
			return err
		}
		return p.record(r, tx)
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.HomeTitle, show(r.Frame(), p)), nil
}

// load reads the page in one batch, and a second one for the names in it.
func (p *page) load(r *web.Request, tx *tenancy.Tx, forms draft.Forms) error {
	actor := r.Actor()
	now := tx.Now().In(r.P.Zone())
	p.Now, p.Today = now, civil.Of(now)
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, r.P.Zone())
	managed, overseen := in(actor, access.ProgramManager), in(actor, access.Executive)

	var recent *participant.NameRows
	var work note.Work
	var measures []note.Due
	var pulses []pulse
	var programs []program.Program
	b := tx.Batch()
	drafts := forms.Queue(b, actor)
	var meetings event.Meetings
	var waiting []alert.Waiting
	if actor.May(access.MeetingView) {
		event.QueueMeetings(b, actor, midnight, midnight.AddDate(0, 0, 1), &meetings)
	}
	emergencies := grant.QueueWaiting(b, actor, mostDecisions)
	var removals []directive.Waiting
	directive.QueueWaiting(b, actor, mostDecisions, &removals)
	if actor.Admin || actor.May(access.AuditView) {
		watch.QueueWaiting(b, actor, &p.Patterns)
	}
	if actor.May(access.AlertReviewCancelRecommendation) {
		alert.QueuePending(b, actor, mostDecisions, &waiting)
	}
	if p.Reaches {
		recent = participant.QueueRecent(b, actor, recentPeople)
	}
	if p.Worker {
		note.QueueWork(b, actor, midnight, p.Today, &work)
		note.QueueDue(b, actor, p.Today, &measures)
	}
	if counted := slices.Concat(managed, overseen); len(counted) > 0 {
		month := civil.Date{Year: p.Today.Year, Month: p.Today.Month, Day: 1}
		queuePulse(b, actor, counted, p.Today.AddDays(-quietAfter), month, &pulses)
		program.Queue(b, &programs)
	}
	if err := b.Send(r.Context()); err != nil {
		return err
	}

	var err error
	if recent != nil {
		if p.Recent, err = recent.Open(tx.Box()); err != nil {
			return err
		}
	}
	if p.Reviews, err = emergencies.Open(tx.Box()); err != nil {
		return err
	}
	p.Managed, p.Overseen = standings(actor, programs, pulses, managed), standings(actor, programs, pulses, overseen)
	today, err := meetings.Open(tx.Box())
	if err != nil {
		return err
	}
	waiting = slices.DeleteFunc(waiting, func(w alert.Waiting) bool { return !w.Yours(actor.Staff) })
	return p.loadWork(r, tx, work, measures, drafts.All(), today, waiting, removals)
}

// loadWork opens the worker's notes and finds out about whom all that waits for her is.
func (p *page) loadWork(r *web.Request, tx *tenancy.Tx, work note.Work, measures []note.Due, drafts []draft.Listed, today []event.Event, waiting []alert.Waiting, removals []directive.Waiting) error {
	written, due, coming, err := work.Open(tx.Box())
	if err != nil {
		return err
	}
	var ids []uuid.UUID
	for _, n := range written {
		ids = append(ids, n.Participant)
	}
	for _, n := range slices.Concat(due, coming) {
		ids = append(ids, n.Participant)
	}
	for _, m := range measures {
		ids = append(ids, m.Participant)
	}
	for _, d := range drafts {
		if d.Participant != uuid.Nil {
			ids = append(ids, d.Participant)
		}
	}
	for _, m := range today {
		ids = append(ids, m.Participant)
	}
	for _, w := range waiting {
		ids = append(ids, w.Participant)
	}
	for _, w := range removals {
		ids = append(ids, w.Participant)
	}
	var names map[uuid.UUID]participant.Named
	if len(ids) > 0 {
		if names, err = participant.Names(r.Context(), tx, r.Actor(), ids); err != nil {
			return err
		}
	}
	for _, d := range drafts {
		about, reached := names[d.Participant]
		p.Begun = append(p.Begun, begun{Listed: d, About: about, Hidden: d.Participant != uuid.Nil && !reached})
	}
	for _, m := range measures {
		if about, reached := names[m.Participant]; reached {
			p.Measures = append(p.Measures, measure{Due: m, About: about})
		}
	}
	for _, m := range today {
		if about, reached := names[m.Participant]; reached && m.Status != event.Cancelled {
			p.Meetings = append(p.Meetings, meeting{Event: m, About: about})
		}
	}
	for _, w := range waiting {
		if about, reached := names[w.Participant]; reached {
			p.Decisions = append(p.Decisions, decision{Waiting: w, About: about})
		}
	}
	for _, w := range removals {
		if about, reached := names[w.Participant]; reached {
			p.Removals = append(p.Removals, removal{Waiting: w, About: about})
		}
	}
	for _, n := range written {
		if about, reached := names[n.Participant]; reached {
			p.Written = append(p.Written, line{Note: n, About: about})
		}
	}
	followUps := func(notes []note.FollowUp) (found []followUp) {
		for _, n := range notes {
			if about, reached := names[n.Participant]; reached {
				found = append(found, followUp{FollowUp: n, About: about, Own: n.Author == r.Actor().Staff})
			}
		}
		return found
	}
	p.Due, p.Coming = followUps(due), followUps(coming)
	return nil
}

// record notes whose names the page shows.
func (p *page) record(r *web.Request, tx *tenancy.Tx) error {
	seen := audit.Event{Action: "participant.list"}
	shown := func(n participant.Named) {
		if !slices.Contains(seen.Participants, n.ID) {
			seen.Participants = append(seen.Participants, n.ID)
			seen.Confidential = seen.Confidential || n.Confidential
		}
	}
	for _, n := range p.Recent {
		shown(n)
	}
	for _, l := range p.Written {
		shown(l.About)
	}
	for _, l := range slices.Concat(p.Due, p.Coming) {
		shown(l.About)
	}
	for _, m := range p.Measures {
		shown(m.About)
	}
	for _, d := range p.Begun {
		if d.About.ID != uuid.Nil {
			shown(d.About)
		}
	}
	for _, m := range p.Meetings {
		shown(m.About)
	}
	for _, d := range p.Decisions {
		shown(d.About)
	}
	for _, d := range p.Removals {
		shown(d.About)
	}
	if len(seen.Participants) == 0 {
		return nil
	}
	return audit.Record(r.Context(), tx, audit.From(r), seen)
}

func standings(actor access.Actor, programs []program.Program, pulses []pulse, among []uuid.UUID) (found []standing) {
	for _, p := range programs {
		if !slices.Contains(among, p.ID) || p.Status == program.Archived {
			continue
		}
		s := standing{Program: p, Reads: actor.MayIn(p.ID, access.NoteView)}
		for _, counts := range pulses {
			if counts.Program == p.ID {
				s.pulse = counts
			}
		}
		found = append(found, s)
	}
	return found
}
