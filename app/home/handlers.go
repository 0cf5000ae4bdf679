package home

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/civil"
	"konote/app/i18n"
	"konote/app/note"
	"konote/app/participant"
	"konote/app/program"
	"konote/app/web"
	"konote/tenancy"
)

const (
	recentPeople = 8
	quietAfter   = 30 // days without a note after which a manager is shown somebody
)

// Handlers answer the home page's route.
type Handlers struct{}

// page is what the home page shows; parts that the person's roles do not have are empty.
type page struct {
	Today     civil.Date
	Zone      *time.Location
	Worker    bool // writes notes
	Serves    bool // works with participants directly: her own day comes before programs
	Reaches   bool // meets participants at all
	Recent    []participant.Named
	Written   []line
	Due       []line
	Managed   []standing
	Overseen  []standing
	Admin     bool
	MayCreate bool
}

// A line is a note in one of the short lists: about whom.
type line struct {
	note.Note
	About participant.Named
}

// standing is a program with its counts.
type standing struct {
	Program program.Program
	pulse
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
		if err := p.load(r, tx); err != nil {
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
func (p *page) load(r *web.Request, tx *tenancy.Tx) error {
	actor := r.Actor()
	now := tx.Now().In(r.P.Zone())
	p.Today = civil.Of(now)
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, r.P.Zone())
	managed, overseen := in(actor, access.ProgramManager), in(actor, access.Executive)

	var recent *participant.NameRows
	var work note.Work
	var pulses []pulse
	var programs []program.Program
	b := tx.Batch()
	if p.Reaches {
		recent = participant.QueueRecent(b, actor, recentPeople)
	}
	if p.Worker {
		note.QueueWork(b, actor, midnight, p.Today, &work)
	}
	if counted := slices.Concat(managed, overseen); len(counted) > 0 {
		month := civil.Date{Year: p.Today.Year, Month: p.Today.Month, Day: 1}
		queuePulse(b, counted, p.Today.AddDays(-quietAfter), month, &pulses)
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
	p.Managed, p.Overseen = standings(programs, pulses, managed), standings(programs, pulses, overseen)
	return p.loadWork(r, tx, work)
}

// loadWork opens the worker's notes and finds out about whom they are.
func (p *page) loadWork(r *web.Request, tx *tenancy.Tx, work note.Work) error {
	written, due, err := work.Open(tx.Box())
	if err != nil || len(written)+len(due) == 0 {
		return err
	}
	var ids []uuid.UUID
	for _, n := range slices.Concat(written, due) {
		if !slices.Contains(ids, n.Participant) {
			ids = append(ids, n.Participant)
		}
	}
	names, err := participant.Names(r.Context(), tx, r.Actor(), ids)
	if err != nil {
		return err
	}
	lines := func(notes []note.Note) (found []line) {
		for _, n := range notes {
			if about, reached := names[n.Participant]; reached {
				found = append(found, line{Note: n, About: about})
			}
		}
		return found
	}
	p.Written, p.Due = lines(written), lines(due)
	return nil
}

// record notes whose names the page shows.
func (p *page) record(r *web.Request, tx *tenancy.Tx) error {
	event := audit.Event{Action: "participant.list"}
	shown := func(n participant.Named) {
		if !slices.Contains(event.Participants, n.ID) {
			event.Participants = append(event.Participants, n.ID)
			event.Confidential = event.Confidential || n.Confidential
		}
	}
	for _, n := range p.Recent {
		shown(n)
	}
	for _, l := range slices.Concat(p.Written, p.Due) {
		shown(l.About)
	}
	if len(event.Participants) == 0 {
		return nil
	}
	return audit.Record(r.Context(), tx, audit.From(r), event)
}

func standings(programs []program.Program, pulses []pulse, among []uuid.UUID) (found []standing) {
	for _, p := range programs {
		if !slices.Contains(among, p.ID) || p.Status == program.Archived {
			continue
		}
		s := standing{Program: p}
		for _, counts := range pulses {
			if counts.Program == p.ID {
				s.pulse = counts
			}
		}
		found = append(found, s)
	}
	return found
}
