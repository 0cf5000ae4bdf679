package watch

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/participant"
	"konote/app/program"
	"konote/app/staff"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

const (
	actionLog audit.Action = "participant.access_log"

	logSize = 300 // entries on a page
)

// Handlers answer the routes of who opened what, and of patterns.
type Handlers struct {
	Platform *tenancy.Platform
	Ledger   *audit.Ledger
}

// logPage is who opened a participant's file.
type logPage struct {
	About    *participant.Reached
	Programs []program.Program // whose acts are in it
	Visits   []visit
	Names    map[uuid.UUID]string
	Until    time.Time // complete up to this moment
	Next     view.URL
	Later    bool // not the first page
}

// Log shows who opened a participant's file.
func (h *Handlers) Log(r *web.Request) (web.Response, error) {
	id, err := r.ID("participant")
	if err != nil {
		return web.Response{}, err
	}
	var within audit.Scope
	err = r.Agency.View(r.Context(), func(tx *tenancy.Tx) error {
		if _, err := participant.Reach(r.Context(), tx, r.Actor(), id, access.AuditView); err != nil {
			return err
		}
		within, err = audit.ScopeOf(r.Context(), tx, managing(r.Actor()))
		return err
	})
	if err != nil {
		return web.Response{}, err
	}
	var page logPage
	if page.Until, err = audit.CompleteUntil(r.Context(), h.Platform, r.Agency); err != nil {
		return web.Response{}, err
	}
	q := audit.Question{Agency: r.Agency.ID, Within: within, Participant: id}
	if q.After, err = h.after(r, q); err != nil {
		return web.Response{}, err
	}
	page.Later = q.After != audit.Place{}
	entries, err := h.Ledger.List(r.Context(), q, logSize+1)
	if err != nil {
		return web.Response{}, fault.Wrap(err, fault.Unavailable, i18n.AuditUnavailable)
	}
	if len(entries) > logSize {
		entries = entries[:logSize]
		page.Next = view.To("participants", id.String(), "access-log").With("before", entries[logSize-1].ID.String())
	}
	page.Visits = visits(entries)
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		if err := page.load(r, tx, id, within); err != nil {
			return err
		}
		through := page.About.Through[0]
		return audit.Record(r.Context(), tx, audit.From(r), audit.Event{
			Action: actionLog, Subject: id, Participants: []uuid.UUID{id}, Program: through, Role: r.Actor().Roles[through],
			Confidential: page.About.AnyConfidential(),
		})
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.WatchLogTitle, logView(r.Frame(), page)), nil
}

// managing is the actor without the administrator's flag: the flag opens no participant,
// and so no list of who opened one.
func managing(actor access.Actor) access.Actor {
	actor.Admin = false
	return actor
}

// after finds where the page before ended: at an entry about this participant that the
// reader may see. Anything else is the beginning.
func (h *Handlers) after(r *web.Request, q audit.Question) (audit.Place, error) {
	event, broken := uuid.Parse(r.Query.Get("before"))
	if broken != nil {
		return audit.Place{}, nil
	}
	found, err := h.Ledger.Events(r.Context(), r.Agency.ID, []uuid.UUID{event})
	if err != nil {
		return audit.Place{}, fault.Wrap(err, fault.Unavailable, i18n.AuditUnavailable)
	}
	if len(found) == 0 || !slices.Contains(found[0].Participants, q.Participant) || !q.Within.Sees(found[0]) {
		return audit.Place{}, nil
	}
	return found[0].Place(), nil
}

func (p *logPage) load(r *web.Request, tx *tenancy.Tx, id uuid.UUID, within audit.Scope) (err error) {
	var programs []program.Program
	var emergencies []emergency
	b := tx.Batch()
	pending := participant.Queue(b, r.Actor(), id)
	program.Queue(b, &programs)
	b.Queue(sqlEmergencies, tenancy.Into(&emergencies), id)
	if err := b.Send(r.Context()); err != nil {
		return fmt.Errorf("load participant: %w", err)
	}
	if p.About, err = pending.Reach(tx.Box(), access.AuditView); err != nil {
		return err
	}
	p.Programs = slices.DeleteFunc(programs, func(g program.Program) bool {
		return !slices.Contains(within.Programs, g.ID) || !slices.Contains(p.About.Through, g.ID)
	})
	var people []uuid.UUID
	for _, v := range p.Visits {
		people = append(people, v.Staff)
	}
	markEmergencies(p.Visits, emergencies)
	p.Names, err = staff.Names(r.Context(), tx, people)
	return err
}

// who made a visit.
func (p logPage) who(f *view.Frame, v visit) string {
	switch {
	case v.Kind == audit.KindStaff && p.Names[v.Staff] != "":
		return p.Names[v.Staff]
	case v.Kind == audit.KindSystem:
		return f.T(i18n.AuditWhoSystem)
	case v.Kind == audit.KindAnonymous:
		return f.T(i18n.AuditWhoAnonymous)
	}
	return f.T(i18n.AuditWhoUnknown)
}

// where are the roles and programs in which a visit was made.
func (p logPage) where(f *view.Frame, v visit) string {
	var words []string
	for _, role := range v.Roles {
		words = append(words, f.T(i18n.Key("staff.role."+string(role))))
	}
	for _, g := range p.Programs {
		if slices.Contains(v.Programs, g.ID) {
			words = append(words, g.Name(f.P))
		}
	}
	return strings.Join(words, " · ")
}

// when a visit was made.
func (v visit) when(f *view.Frame) string {
	from, to := f.P.Clock(v.From), f.P.Clock(v.To)
	if from == to {
		return from
	}
	return f.T(i18n.WatchLogSpan(from, to))
}

// all are the programs in one line.
func (p logPage) all(f *view.Frame) string {
	names := make([]string, len(p.Programs))
	for i, g := range p.Programs {
		names[i] = g.Name(f.P)
	}
	return strings.Join(names, ", ")
}

// days are the visits of each day, the newest first.
func (p logPage) days(f *view.Frame) []dayOf {
	var days []dayOf
	for _, v := range p.Visits {
		text := f.P.Day(v.To)
		if len(days) == 0 || days[len(days)-1].Text != text {
			days = append(days, dayOf{Text: text})
		}
		last := &days[len(days)-1]
		last.Visits = append(last.Visits, v)
	}
	return days
}

type dayOf struct {
	Text   string
	Visits []visit
}
