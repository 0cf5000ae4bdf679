package event

import (
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/civil"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/participant"
	"konote/app/program"
	"konote/app/web"
	"konote/jobs"
	"konote/tenancy"
)

// SetStatus says how a meeting ended, or that it did not take place.
func (h *Handlers) SetStatus(r *web.Request) (web.Response, error) {
	to := Status(r.Value("status"))
	version, _ := strconv.Atoi(r.Value("version")) // a broken number is a version that does not exist: a conflict
	var e Event
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		entry, about, err := meetings.reach(r, tx, meetings.view)
		if err != nil {
			return err
		}
		if !slices.Contains(Statuses, to) {
			return fault.New(fault.Invalid, i18n.EventStatusWanted)
		}
		if e = entry.Event; e.InError.Is() {
			return errInError
		}
		if err := about.DeniedIn(e.Program, meetings.edit); err != nil && (to != Cancelled || !mayCancel(r.Actor(), about, e)) {
			return err
		}
		if e.Status == to {
			return nil
		}
		page := formPage{rules: meetings}
		p, err := program.ByID(r.Context(), tx, e.Program)
		if err != nil {
			return err
		}
		page.Named = []program.Program{p}
		page.Draft.Event = e
		page.Draft.Status, page.Draft.Version = to, version
		if e.Status == Scheduled && to == Cancelled {
			return page.cancel(r, tx, e)
		}
		return meetings.update(r, tx, &page, e)
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(r.Back(meetings.address(e.ID))).Say(i18n.EventStatusSaved), nil
}

// cancel calls a coming meeting off. It touches nothing else, so that it can be done when the
// record is read only.
func (page *formPage) cancel(r *web.Request, tx *tenancy.Tx, before Event) error {
	e := page.Draft.Event
	if err := cancel(r.Context(), tx, e, r.Actor().Staff); err != nil {
		return err
	}
	e.Reminder = ""
	return audit.Record(r.Context(), tx, audit.From(r), page.event(r, meetings.updated, e, before))
}

// mayCancel says whether a meeting may be cancelled though nothing is written any more: it
// was planned before consent was withdrawn.
func mayCancel(actor access.Actor, about *participant.Reached, e Event) bool {
	return about.Consent == access.ConsentWithdrawn && e.Status == Scheduled && !e.InError.Is() && actor.About(about.ID).MayIn(e.Program, meetings.edit)
}

// Retry has a reminder that could not be sent tried again.
func (h *Handlers) Retry(r *web.Request) (web.Response, error) {
	var e Entry
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		if e, _, err = meetings.reach(r, tx, meetings.edit); err != nil {
			return err
		}
		again, err := retry(r.Context(), tx, e.ID)
		if err != nil || !again {
			return err
		}
		if err := jobs.Enqueue(r.Context(), tx, remindArgs{Meeting: e.ID, Starts: e.StartsAt.UTC()}, jobs.Options{}); err != nil {
			return err
		}
		p, err := program.ByID(r.Context(), tx, e.Program)
		if err != nil {
			return err
		}
		return audit.Record(r.Context(), tx, audit.From(r), audit.Event{
			Action: actionMeetingRetry, Role: r.Actor().Roles[e.Program], Program: e.Program, Subject: e.ID,
			Participants: []uuid.UUID{e.Participant}, Confidential: p.Confidential,
		})
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(meetings.address(e.ID)).Say(i18n.EventReminderQueued), nil
}

// weekPage is a worker's own week.
type weekPage struct {
	Monday civil.Date
	Today  civil.Date
	Days   []weekDay
	Feed   bool
}

type weekDay struct {
	Day      civil.Date
	Meetings []weekMeeting
}

type weekMeeting struct {
	Event
	About   participant.Named
	MayEdit bool
}

// Week is the actor's own meetings of a week.
func (h *Handlers) Week(r *web.Request) (web.Response, error) {
	var page weekPage
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		page = weekPage{Today: civil.Of(tx.Now().In(r.P.Zone()))}
		page.Monday = mondayOf(page.Today)
		if chosen, err := civil.Parse(r.Query.Get("week")); err == nil && chosen.Year > 1900 && chosen.Year < 2200 {
			page.Monday = mondayOf(chosen)
		}
		return page.load(r, tx)
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.EventMeetingsTitle, weekView(r.Frame(), page)), nil
}

func (page *weekPage) load(r *web.Request, tx *tenancy.Tx) error {
	var found Meetings
	b := tx.Batch()
	QueueMeetings(b, r.Actor(), midnight(page.Monday, r.P.Zone()), midnight(page.Monday.AddDays(7), r.P.Zone()), &found)
	if err := b.Send(r.Context()); err != nil {
		return err
	}
	own, err := found.Open(tx.Box())
	if err != nil || len(own) == 0 {
		return err
	}
	ids := make([]uuid.UUID, len(own))
	for i, m := range own {
		ids[i] = m.Participant
	}
	names, err := participant.Names(r.Context(), tx, r.Actor(), ids)
	if err != nil {
		return err
	}
	seen := audit.Event{Action: "participant.list"}
	for _, m := range own {
		about, reached := names[m.Participant]
		if !reached {
			continue
		}
		if n := len(page.Days); n == 0 || page.Days[n-1].Day != m.HappenedOn {
			page.Days = append(page.Days, weekDay{Day: m.HappenedOn})
		}
		last := &page.Days[len(page.Days)-1]
		last.Meetings = append(last.Meetings, weekMeeting{Event: m, About: about, MayEdit: !about.Withdrawn && r.Actor().MayIn(m.Program, access.MeetingEdit)})
		seen.Participants, seen.Confidential = append(seen.Participants, about.ID), seen.Confidential || about.Confidential
	}
	if len(seen.Participants) == 0 {
		return nil
	}
	return audit.Record(r.Context(), tx, audit.From(r), seen)
}

func mondayOf(d civil.Date) civil.Date {
	weekday := time.Date(d.Year, d.Month, d.Day, 12, 0, 0, 0, time.UTC).Weekday()
	return d.AddDays(-(int(weekday) + 6) % 7)
}

func midnight(d civil.Date, zone *time.Location) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, zone)
}
