package event

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/civil"
	"konote/app/i18n"
	"konote/app/mistake"
	"konote/app/view"
)

// Kind is which of the two it is.
type Kind string

// The kinds, as stored.
const (
	Happening Kind = "event"
	Meeting   Kind = "meeting"
)

// Event is an event or a meeting, opened. The JSON is what the audit log keeps, sealed.
type Event struct {
	ID          uuid.UUID   `json:"-"`
	Participant uuid.UUID   `json:"-"`
	Program     uuid.UUID   `json:"-"`
	Author      uuid.UUID   `json:"-"`
	AuthorRole  access.Role `json:"-"`
	Kind        Kind        `json:"kind"`
	Type        uuid.UUID   `json:"event_type,omitzero"` // uuid.Nil: none
	Title       string      `json:"event_title,omitempty"`
	Description string      `json:"event_text,omitempty"`
	HappenedOn  civil.Date  `json:"happened_on"`
	EndsOn      civil.Date  `json:"event_last_day,omitzero"` // zero: the same day
	StartsAt    time.Time   `json:"event_starts,omitzero"`   // zero: all day
	EndsAt      time.Time   `json:"event_ends,omitzero"`
	Note        uuid.UUID   `json:"event_note,omitzero"` // uuid.Nil: none

	// A serious event has a category. A flag that was taken back keeps it.
	Serious      uuid.UUID `json:"event_serious,omitzero"`
	FlaggedAt    time.Time `json:"-"`
	FlaggedBy    uuid.UUID `json:"-"`
	UnflaggedAt  time.Time `json:"-"`
	UnflaggedBy  uuid.UUID `json:"-"`
	UnflagReason string    `json:"event_unflag_reason,omitempty"`

	// Of a meeting.
	Location   string      `json:"event_place,omitempty"`
	Attendees  []uuid.UUID `json:"event_attendees,omitempty"`
	Status     Status      `json:"event_status,omitempty"`
	Reminder   Reminder    `json:"-"`
	Problem    Problem     `json:"-"` // of a reminder that failed
	RemindedAt time.Time   `json:"-"`

	InError mistake.Mark `json:"-"`

	CreatedAt time.Time `json:"-"`
	UpdatedAt time.Time `json:"-"`
	UpdatedBy uuid.UUID `json:"-"` // uuid.Nil: nobody has changed it
	Version   int       `json:"-"`
}

// AllDay says that the event has no time of day.
func (e Event) AllDay() bool { return e.StartsAt.IsZero() }

// flagged says that the event was flagged as one that must be reported, and the flag not
// taken back.
func (e Event) flagged() bool { return e.Serious != uuid.Nil && e.UnflaggedAt.IsZero() }

// IsSerious says that the event is flagged as one that must be reported, and counts.
func (e Event) IsSerious() bool { return e.flagged() && !e.InError.Is() }

// Backdated says whether the event was written on a later day than it tells of, by the
// agency's calendar.
func (e Event) Backdated(zone *time.Location) bool {
	return e.HappenedOn.Before(civil.Of(e.CreatedAt.In(zone)))
}

const (
	maxTitle       = 200
	maxDescription = 10_000
	maxLocation    = 200
	maxReason      = 2_000
)

// Status is where a meeting stands.
type Status string

// The statuses, as stored.
const (
	Scheduled Status = "scheduled"
	Completed Status = "completed"
	Cancelled Status = "cancelled"
	NoShow    Status = "no_show"
)

// Statuses lists them.
var Statuses = []Status{Scheduled, Completed, Cancelled, NoShow}

var statusLabels = map[Status]i18n.Key{
	Scheduled: i18n.EventStatusScheduled, Completed: i18n.EventStatusCompleted,
	Cancelled: i18n.EventStatusCancelled, NoShow: i18n.EventStatusNoShow,
}

// Label is the status in words.
func (s Status) Label() i18n.Message { return statusLabels[s] }

func (s Status) kind() view.Kind {
	switch s {
	case Completed:
		return view.Success
	case Scheduled:
		return view.Info
	}
	return view.Neutral
}

// Durations are the lengths of a meeting that a form offers, in minutes.
var Durations = []int{15, 30, 45, 60, 90, 120, 180}

// checkEvent says what is wrong with the words and days of an event.
func (e Event) checkEvent() view.Problems {
	var problems view.Problems
	switch {
	case e.Title == "":
		problems.Add("title", i18n.EventTitleWanted)
	case view.TooLong(e.Title, maxTitle):
		problems.AddOf(i18n.EventTitle, "title", i18n.FormTooLong(maxTitle))
	}
	if view.TooLong(e.Description, maxDescription) {
		problems.AddOf(i18n.EventDescription, "description", i18n.FormTooLong(maxDescription))
	}
	if e.HappenedOn.IsZero() {
		problems.Add("happened_on", i18n.EventDayWanted)
	}
	if !e.EndsOn.IsZero() && e.EndsOn.Before(e.HappenedOn) {
		problems.Add("ends_on", i18n.EventLastDayBefore)
	}
	if !e.EndsAt.IsZero() && !e.StartsAt.IsZero() && !e.EndsAt.After(e.StartsAt) {
		problems.Add("ends", i18n.EventEndsBefore)
	}
	return problems
}

// checkMeeting says what is wrong with a meeting, but for who attends.
func (e Event) checkMeeting() view.Problems {
	var problems view.Problems
	if e.HappenedOn.IsZero() {
		problems.Add("happened_on", i18n.EventDayWanted)
	}
	if e.StartsAt.IsZero() {
		problems.Add("starts", i18n.EventTimeWanted)
	}
	if view.TooLong(e.Location, maxLocation) {
		problems.AddOf(i18n.EventLocation, "location", i18n.FormTooLong(maxLocation))
	}
	if view.TooLong(e.Title, maxTitle) {
		problems.AddOf(i18n.EventMeetingAbout, "title", i18n.FormTooLong(maxTitle))
	}
	if view.TooLong(e.Description, maxDescription) {
		problems.AddOf(i18n.EventMeetingNotes, "description", i18n.FormTooLong(maxDescription))
	}
	return problems
}

// Minutes is how long a meeting lasts.
func (e Event) Minutes() int { return int(e.EndsAt.Sub(e.StartsAt) / time.Minute) }

// attends says whether a member of staff attends the meeting.
func (e Event) attends(staff uuid.UUID) bool { return slices.Contains(e.Attendees, staff) }
