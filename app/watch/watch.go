package watch

import (
	"strings"
	"time"

	"github.com/google/uuid"

	"konote/app/audit"
	"konote/app/civil"
	"konote/app/i18n"
)

// Kind is a pattern.
type Kind string

// The patterns, as stored.
const (
	Many      Kind = "many"
	Family    Kind = "family"
	Colleague Kind = "colleague"
	Refused   Kind = "refused"
	Hours     Kind = "hours"
	NoWork    Kind = "no_work"
	Export    Kind = "export"
)

// Kinds lists every pattern, in the order in which the page explains them.
var Kinds = []Kind{Many, Family, Colleague, Refused, Hours, NoWork, Export}

// Title is what the pattern is called.
func (k Kind) Title() i18n.Message { return i18n.Key("watch.kind." + string(k)) }

// Rule says what the pattern is, and what it cannot know.
func (k Kind) Rule() i18n.Message { return i18n.Key("watch.rule." + string(k)) }

// Verdict is what somebody who has looked says.
type Verdict string

// The verdicts, as stored.
const (
	Proper   Verdict = "proper"
	FollowUp Verdict = "follow_up"
)

// Finding is a pattern in what one member of staff did on one day.
type Finding struct {
	ID           uuid.UUID
	Day          civil.Date
	Kind         Kind
	Staff        uuid.UUID
	Programs     []uuid.UUID // that it touches
	Participants []uuid.UUID // as far as the reader reaches them
	Events       []uuid.UUID // entries behind it, the first ones
	Amount       int         // how many records, attempts or downloads
	Usual        int         // her own usual of Many; 0: not known
	Verdict      Verdict     // "" until somebody has looked
	Remark       string
	LookedAt     *time.Time
	LookedBy     uuid.UUID
	Version      int
}

// The rules, in numbers. The page says them in words; change both.
const (
	fewEnough    = 20 // different records within an hour are never worth a look
	timesUsual   = 2  // times her own usual is
	manyUnknown  = 30 // different records within an hour, where her usual is not known
	busyTime     = time.Hour
	usualDays    = 28 // days before that make her usual
	usualKnown   = 5  // days with acts among them from which on it is known
	refusedInRow = 5
	refusedTime  = time.Hour
	opensAt      = 7 * 60  // minutes after midnight: the agency's hours
	closesAt     = 21 * 60 // from then on it is late
	aroundUsual  = 60      // minutes before and after her own usual hours
	workDays     = 30      // before and after
	shortestName = 3       // letters that a family name must have to be compared
	keptEvents   = 50
	keptDays     = 60
)

// usual is what somebody does on other days.
type usual struct {
	Staff       uuid.UUID `db:"staff_id"`
	Days        int       `db:"days"`
	Busiest     int       `db:"busiest"` // the middle of her busiest hours
	First, Last int
}

func (u usual) known() bool { return u.Days >= usualKnown }

// tooMany says whether so many different records within an hour are worth a look.
func (u usual) tooMany(busiest int) bool {
	if !u.known() {
		return busiest >= manyUnknown
	}
	return busiest > fewEnough && busiest > timesUsual*u.Busiest
}

// odd says whether a minute of the day is outside both the agency's hours and hers.
func (u usual) odd(minute int) bool {
	if minute >= opensAt && minute < closesAt {
		return false
	}
	return !u.known() || minute < u.First-aroundUsual || minute > u.Last+aroundUsual
}

// looks are the verbs of acts that change nothing about anybody.
var looks = []string{
	"view", "list", "search", "hint", "words", "found", "print", "progress", "report", "flags", "view_session", "attendance",
	"read", "history", "begin", "discard", "refused", "entry", "access_log", "export", "remind",
}

// lists are the verbs of acts that show many people at once: nobody's record was opened.
var lists = []string{"list", "search", "hint", "found", "report", "flags", "refused", "begin", "discard", "remind"}

func verb(a audit.Action) string {
	_, verb, _ := strings.Cut(string(a), ".")
	return verb
}
