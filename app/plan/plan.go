package plan

import (
	"slices"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"konote/app/civil"
	"konote/app/i18n"
	"konote/app/view"
)

// Status is where a target stands, as people set it.
type Status string

// The statuses of a target, as stored.
const (
	Active    Status = "active"
	OnHold    Status = "on_hold"
	Completed Status = "completed"
	Closed    Status = "closed"
)

// Statuses lists them.
var Statuses = []Status{Active, OnHold, Completed, Closed}

var statusLabels = map[Status]i18n.Key{
	Active: i18n.PlanStatusActive, OnHold: i18n.PlanStatusOnHold, Completed: i18n.PlanStatusCompleted, Closed: i18n.PlanStatusClosed,
}

// Label is the status in words.
func (s Status) Label() i18n.Message { return statusLabels[s] }

// Open says whether anything is still to be done.
func (s Status) Open() bool { return s == Active || s == OnHold }

// SectionStatus is where a section stands.
type SectionStatus string

// The statuses of a section, as stored.
const (
	SectionActive    SectionStatus = "active"
	SectionCompleted SectionStatus = "completed"
	SectionClosed    SectionStatus = "closed"
)

// SectionStatuses lists them.
var SectionStatuses = []SectionStatus{SectionActive, SectionCompleted, SectionClosed}

var sectionLabels = map[SectionStatus]i18n.Key{
	SectionActive: i18n.PlanStatusActive, SectionCompleted: i18n.PlanStatusCompleted, SectionClosed: i18n.PlanStatusClosed,
}

// Label is the status in words.
func (s SectionStatus) Label() i18n.Message { return sectionLabels[s] }

// SetBy is who chose a target.
type SetBy string

// Those who may choose, as stored.
const (
	ByParticipant SetBy = "participant"
	ByWorker      SetBy = "worker"
	Jointly       SetBy = "joint"
	ByFunder      SetBy = "funder"
)

// SetBys lists them.
var SetBys = []SetBy{ByParticipant, Jointly, ByWorker, ByFunder}

var setByLabels = map[SetBy]i18n.Key{
	ByParticipant: i18n.PlanSetByParticipant, Jointly: i18n.PlanSetByJoint, ByWorker: i18n.PlanSetByWorker, ByFunder: i18n.PlanSetByFunder,
}

// Label says who it was.
func (s SetBy) Label() i18n.Message { return setByLabels[s] }

// guess is who seems to have chosen a target that says these things.
func guess(words, description string) SetBy {
	switch {
	case words != "" && description != "":
		return Jointly
	case words != "":
		return ByParticipant
	}
	return ByWorker
}

// Section is a part of a participant's plan, of one program, opened. The JSON is what
// the audit log keeps, sealed.
type Section struct {
	ID          uuid.UUID     `json:"-"`
	Participant uuid.UUID     `json:"-"`
	Program     uuid.UUID     `json:"-"`
	Name        string        `json:"name,omitempty"` // "": the program's plain list of goals
	Status      SectionStatus `json:"status"`
	Reason      string        `json:"reason,omitempty"`
	Position    int           `json:"-"`
	UpdatedAt   time.Time     `json:"-"`
	UpdatedBy   uuid.UUID     `json:"-"` // uuid.Nil: a command
	Version     int           `json:"-"`
	Targets     []Target      `json:"-"`
}

// Details are what people enter about a target.
type Details struct {
	Name        string
	Description string
	Words       string // the goal as the participant said it
	SetBy       SetBy
	TargetOn    string // 2006-01-02, or as it was typed while it does not check
	Section     uuid.UUID
}

// Target is what a participant works towards, opened.
type Target struct {
	ID          uuid.UUID
	Participant uuid.UUID
	Program     uuid.UUID // that of its section
	Details
	Status            Status
	Reason            string // of the status
	Achievement       Achievement
	AchievementBy     AchievementBy
	AchievementReason string
	AchievementAt     time.Time // zero: never said
	FirstAchievedAt   time.Time // zero: not yet
	Position          int
	CreatedAt         time.Time
	CreatedBy         uuid.UUID // uuid.Nil: a command
	UpdatedAt         time.Time
	UpdatedBy         uuid.UUID // uuid.Nil: a command
	Version           int
	Metrics           []TargetMetric // in order, without those that were removed
}

// Title is what a page calls the target where there is room for one line: what the two
// of them call it.
func (d Details) Title() string { return d.Name }

// By is the day by which it is hoped for, the zero Date for none.
func (d Details) By() civil.Date {
	day, err := civil.Parse(d.TargetOn)
	if err != nil {
		return civil.Date{}
	}
	return day
}

// Working says whether a note may tell of the target.
func (t Target) Working() bool { return t.Status == Active }

// TargetMetric is a metric by which a target is measured.
type TargetMetric struct {
	ID         uuid.UUID
	Target     uuid.UUID
	Metric     uuid.UUID
	Goal       *float64 // what is hoped for, on the metric's own scale; nil: none is set
	Position   int
	AssignedOn civil.Date
	ReviewedOn civil.Date // when somebody last said that it is still the right one
}

const (
	maxName        = 200
	maxDescription = 4_000
	maxWords       = 2_000
	maxReason      = 2_000
	maxSection     = 120
)

// check says what is wrong with a target that somebody wants to save. One of name and
// words is enough: a goal may have no other name than what was said.
func (d Details) check() view.Problems {
	var problems view.Problems
	for _, text := range []struct {
		label        i18n.Key
		field, value string
		limit        int
	}{{i18n.PlanWords, "words", d.Words, maxWords}, {i18n.PlanName, "name", d.Name, maxName}, {i18n.PlanDescription, "description", d.Description, maxDescription}} {
		if utf8.RuneCountInString(text.value) > text.limit {
			problems.AddOf(text.label, text.field, i18n.FormTooLong(text.limit))
		}
	}
	if d.Name == "" {
		problems.Add("name", i18n.PlanNameWanted)
	}
	if !slices.Contains(SetBys, d.SetBy) {
		problems.Add("set_by", i18n.PlanSetByWanted)
	}
	if _, err := civil.Parse(d.TargetOn); d.TargetOn != "" && err != nil {
		problems.Add("target_on", i18n.PlanDayBroken)
	}
	return problems
}

// working leaves the targets that a note may tell of, in the order of the plan.
func working(sections []Section) []Target {
	var targets []Target
	for _, s := range sections {
		if s.Status != SectionActive {
			continue
		}
		for _, t := range s.Targets {
			if t.Working() {
				targets = append(targets, t)
			}
		}
	}
	return targets
}
