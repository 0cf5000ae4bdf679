package group

import (
	"slices"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"konote/app/civil"
	"konote/app/i18n"
	"konote/app/program"
	"konote/app/view"
)

// Kind is whether a group only meets or works on something.
type Kind string

// The kinds, as stored.
const (
	Meets   Kind = "group"
	Project Kind = "project"
)

var kindLabels = map[Kind]i18n.Key{Meets: i18n.GroupKindGroup, Project: i18n.GroupKindProject}

// Label is the kind in words.
func (k Kind) Label() i18n.Message { return kindLabels[k] }

// Status is whether a group still meets.
type Status string

// The statuses, as stored.
const (
	Active   Status = "active"
	Archived Status = "archived"
)

// Group is one group, opened. The JSON is what the audit log keeps, sealed.
type Group struct {
	ID          uuid.UUID `json:"-"`
	Program     uuid.UUID `json:"-"`
	Kind        Kind      `json:"kind"`
	Name        string    `json:"name"`
	Description string    `json:"description,omitempty"`
	Status      Status    `json:"status"`
	CreatedAt   time.Time `json:"-"`
	CreatedBy   uuid.UUID `json:"-"`
	UpdatedAt   time.Time `json:"-"`
	UpdatedBy   uuid.UUID `json:"-"` // uuid.Nil: a command
	Version     int       `json:"-"`
}

const (
	maxName      = 120
	maxText      = 10_000
	maxHighlight = 1_000
)

// hasGroups says whether a program's way of working has groups.
func hasGroups(p program.Program) bool {
	return p.Status == program.Active && p.ServiceModel != program.Individual
}

func (g Group) check() view.Problems {
	var problems view.Problems
	if g.Program == uuid.Nil {
		problems.Add("program", i18n.GroupProgramWanted)
	}
	if kindLabels[g.Kind] == "" {
		problems.Add("kind", i18n.GroupKindWanted)
	}
	addText(&problems, "name", g.Name, maxName, i18n.GroupNameWanted)
	addText(&problems, "description", g.Description, maxText, nil)
	return problems
}

// addText notes what is wrong with a text; wanted is nil when it may be empty.
func addText(problems *view.Problems, field, text string, limit int, wanted i18n.Message) {
	switch {
	case text == "" && wanted != nil:
		problems.Add(field, wanted)
	case utf8.RuneCountInString(text) > limit:
		problems.Add(field, i18n.FormTooLong(limit))
	}
}

// Role is what somebody is in a group.
type Role string

// The roles, as stored.
const (
	Ordinary Role = "member"
	Leader   Role = "leader"
)

var roleLabels = map[Role]i18n.Key{Ordinary: i18n.GroupRoleMember, Leader: i18n.GroupRoleLeader}

// Label is the role in words.
func (r Role) Label() i18n.Message { return roleLabels[r] }

// Member is somebody's time in a group, from the first to the last day.
type Member struct {
	ID          uuid.UUID  `json:"-"`
	Group       uuid.UUID  `json:"-"`
	Participant uuid.UUID  `json:"participant,omitzero"`
	Name        string     `json:"name,omitempty"` // of somebody who is no participant; on pages, of everybody
	Role        Role       `json:"role"`
	JoinedOn    civil.Date `json:"-"`
	LeftOn      civil.Date `json:"-"` // zero while it lasts
	Withdrawn   bool       `json:"-"` // her consent: nothing more is written about her
}

// Current says whether she has not left.
func (m Member) Current() bool { return m.LeftOn.IsZero() }

// Mood is how it felt in the room.
type Mood string

// The moods, as stored; "" when it was not said.
const (
	Rough Mood = "rough"
	Low   Mood = "low"
	Solid Mood = "solid"
	Great Mood = "great"
)

// Moods lists them.
var Moods = []Mood{Rough, Low, Solid, Great}

var moodLabels = map[Mood]i18n.Key{Rough: i18n.GroupMoodRough, Low: i18n.GroupMoodLow, Solid: i18n.GroupMoodSolid, Great: i18n.GroupMoodGreat}

// Label is the mood in words.
func (m Mood) Label() i18n.Message { return moodLabels[m] }

// Session is one meeting of a group.
type Session struct {
	ID          uuid.UUID  `json:"-"`
	Group       uuid.UUID  `json:"-"`
	HeldOn      civil.Date `json:"-"`
	Facilitator uuid.UUID  `json:"facilitator,omitzero"` // uuid.Nil until it is logged
	Mood        Mood       `json:"mood,omitempty"`
	Text        string     `json:"text,omitempty"`
	CreatedAt   time.Time  `json:"-"`
	CreatedBy   uuid.UUID  `json:"-"`
	UpdatedAt   time.Time  `json:"-"`
	Version     int        `json:"-"`
	Attendance  []Attended `json:"attendance,omitempty"`
}

// Logged says whether it is more than ticks of people who were checked in.
func (s Session) Logged() bool { return s.Facilitator != uuid.Nil }

// of is what is recorded of a member, and whether anything is.
func (s Session) of(member uuid.UUID) (Attended, bool) {
	at := slices.IndexFunc(s.Attendance, func(a Attended) bool { return a.Member == member })
	if at < 0 {
		return Attended{}, false
	}
	return s.Attendance[at], true
}

// counts are how many came, of how many who were expected.
func counts(attendance []Attended) (present, of int) {
	for _, a := range attendance {
		if a.Present {
			present++
		}
	}
	return present, len(attendance)
}

// Attended is whether one member came to one session, and what stood out.
type Attended struct {
	ID        uuid.UUID `json:"-"`
	Session   uuid.UUID `json:"-"`
	Member    uuid.UUID `json:"member"`
	Present   bool      `json:"present"`
	Highlight string    `json:"highlight,omitempty"`
}

// earliestDay catches a year that was mistyped.
var earliestDay = civil.Date{Year: 1950, Month: time.January, Day: 1}

// dayProblem is what is wrong with a day on which something was.
func dayProblem(day, today civil.Date) i18n.Message {
	switch {
	case day.IsZero():
		return i18n.GroupDayWanted
	case today.Before(day):
		return i18n.GroupDayAhead
	case day.Before(earliestDay):
		return i18n.GroupDayLongAgo
	}
	return nil
}

// StepKind is what a project counts.
type StepKind string

// The kinds of steps, as stored.
const (
	Milestone StepKind = "milestone"
	Outcome   StepKind = "outcome"
)

// Progress is where a step stands.
type Progress string

// The standings of a step, as stored.
const (
	NotStarted Progress = "not_started"
	InProgress Progress = "in_progress"
	Complete   Progress = "complete"
)

// Progresses lists them.
var Progresses = []Progress{NotStarted, InProgress, Complete}

var progressLabels = map[Progress]i18n.Key{NotStarted: i18n.GroupProgressNotStarted, InProgress: i18n.GroupProgressInProgress, Complete: i18n.GroupProgressComplete}

// Label is the standing in words.
func (p Progress) Label() i18n.Message { return progressLabels[p] }

// Step is a milestone or an outcome of a project.
type Step struct {
	ID        uuid.UUID  `json:"-"`
	Group     uuid.UUID  `json:"-"`
	Kind      StepKind   `json:"kind"`
	Name      string     `json:"name"`
	Text      string     `json:"text,omitempty"` // notes of a milestone, evidence of an outcome
	Progress  Progress   `json:"status"`
	DueOn     civil.Date `json:"-"`
	UpdatedAt time.Time  `json:"-"`
	Version   int        `json:"-"`
}

func (s Step) check() view.Problems {
	var problems view.Problems
	if s.Kind != Milestone && s.Kind != Outcome {
		problems.Add("kind", i18n.GroupStepKindWanted)
	}
	addText(&problems, "name", s.Name, maxName, i18n.GroupStepNameWanted)
	addText(&problems, "text", s.Text, maxText, nil)
	if progressLabels[s.Progress] == "" {
		problems.Add("progress", i18n.GroupProgressWanted)
	}
	return problems
}

// IsParticipant says whether she has a record.
func (m Member) IsParticipant() bool { return m.Participant != uuid.Nil }
