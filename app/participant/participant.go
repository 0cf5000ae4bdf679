package participant

import (
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/civil"
	"konote/app/i18n"
	"konote/app/view"
)

// Status is where a record stands as a whole. People set it; it does not follow the
// enrolments, because it would then tell of programs that its reader may not know of.
type Status string

// The statuses, as stored.
const (
	Active     Status = "active"
	Inactive   Status = "inactive"
	Discharged Status = "discharged"
)

// Statuses lists them.
var Statuses = []Status{Active, Inactive, Discharged}

var statusLabels = map[Status]i18n.Key{
	Active: i18n.ParticipantStatusActive, Inactive: i18n.ParticipantStatusInactive, Discharged: i18n.ParticipantStatusDischarged,
}

// Label is the status in words.
func (s Status) Label() i18n.Message { return statusLabels[s] }

// Details are what people enter about a participant. The JSON is what the audit log
// keeps, sealed.
type Details struct {
	FirstName     string `json:"first_name,omitempty"`
	PreferredName string `json:"preferred_name,omitempty"` // what to call the person, if not FirstName
	MiddleName    string `json:"middle_name,omitempty"`
	LastName      string `json:"last_name,omitempty"`
	Pronouns      string `json:"pronouns,omitempty"`
	BirthDate     string `json:"birth_date,omitempty"` // 2006-01-02, or as it was typed while it does not check
	Phone         string `json:"phone,omitempty"`      // ten digits, with an extension "6135551234 x12", or as typed
	Email         string `json:"email,omitempty"`
	Address       string `json:"address,omitempty"` // may have several lines
	RecordID      string `json:"record_id,omitempty"`
	Status        Status `json:"status,omitempty"`
	Language      string `json:"language,omitempty"`       // "en" or "fr"
	ContactBy     string `json:"contact_by,omitempty"`     // how she wants to be reached: one of contactWays; "": nobody asked yet
	ContactTimes  string `json:"contact_times,omitempty"`  // when that is safe
	ContactAdvice string `json:"contact_advice,omitempty"` // what to mind, such as no messages on this phone
}

// contactWays are the ways to reach somebody, as stored, in the order of the form.
var contactWays = []string{"phone", "text", "email", "in_person", "none"}

// Participant is one person's record, opened.
type Participant struct {
	ID uuid.UUID
	Details
	Consent access.Consent
	// ConsentEnds is when the consent that was given last lapses, or has; zero: it does not.
	ConsentEnds time.Time
	Sharing     access.Sharing
	Guarded     bool // her whereabouts are kept safe: never to be told to the front desk, not even that they are
	CreatedAt   time.Time
	UpdatedAt   time.Time
	UpdatedBy   uuid.UUID // uuid.Nil: a command
	Version     int
}

// DisplayName is what to call the person: the preferred name, or the first name.
func (d Details) DisplayName() string {
	if d.PreferredName != "" {
		return d.PreferredName
	}
	return d.FirstName
}

// FullName is DisplayName with the last name.
func (d Details) FullName() string { return d.DisplayName() + " " + d.LastName }

// OtherNames are the first and middle names where FullName does not say them, "" when
// there are none.
func (d Details) OtherNames() string {
	switch {
	case d.PreferredName == "" || d.PreferredName == d.FirstName:
		return d.MiddleName
	case d.MiddleName == "":
		return d.FirstName
	}
	return d.FirstName + " " + d.MiddleName
}

// Born is the birth date, the zero Date when there is none.
func (d Details) Born() civil.Date {
	born, err := civil.Parse(d.BirthDate)
	if err != nil {
		return civil.Date{}
	}
	return born
}

// A field is one of the details: its name in forms, its words, its limit, and which
// rule of access decides who may see and change it.
type field struct {
	name  string
	label i18n.Key
	rule  access.Field // "": seen by all who reach the person, changed with participant.edit
	max   int          // characters
	of    func(*Details) *string
}

// fields are in the order of the form.
var fields = []field{
	{"first_name", i18n.ParticipantFirstName, "", 100, func(d *Details) *string { return &d.FirstName }},
	{"last_name", i18n.ParticipantLastName, "", 100, func(d *Details) *string { return &d.LastName }},
	{"preferred_name", i18n.ParticipantPreferredName, access.FieldPreferredName, 100, func(d *Details) *string { return &d.PreferredName }},
	{"middle_name", i18n.ParticipantMiddleName, access.FieldMiddleName, 100, func(d *Details) *string { return &d.MiddleName }},
	{"pronouns", i18n.ParticipantPronouns, access.FieldPronouns, 60, func(d *Details) *string { return &d.Pronouns }},
	{"birth_date", i18n.ParticipantBirthDate, access.FieldBirthDate, 40, func(d *Details) *string { return &d.BirthDate }},
	{"language", i18n.ParticipantLanguage, access.FieldLanguage, 2, func(d *Details) *string { return &d.Language }},
	{"phone", i18n.ParticipantPhone, access.FieldPhone, 60, func(d *Details) *string { return &d.Phone }},
	{"email", i18n.ParticipantEmail, access.FieldEmail, 254, func(d *Details) *string { return &d.Email }},
	{"address", i18n.ParticipantAddress, access.FieldAddress, 500, func(d *Details) *string { return &d.Address }},
	// Whoever may see how to reach somebody must see what is unsafe about it.
	{"contact_by", i18n.ParticipantContactBy, access.FieldPhone, 20, func(d *Details) *string { return &d.ContactBy }},
	{"contact_times", i18n.ParticipantContactTimes, access.FieldPhone, 120, func(d *Details) *string { return &d.ContactTimes }},
	{"contact_advice", i18n.ParticipantContactAdvice, access.FieldPhone, 200, func(d *Details) *string { return &d.ContactAdvice }},
	{"record_id", i18n.ParticipantRecordId, "", 60, func(d *Details) *string { return &d.RecordID }},
	{"status", i18n.ParticipantStatus, "", 20, func(d *Details) *string { return (*string)(&d.Status) }},
}

// Levels says what an actor may do with each field, by the field's name in forms.
type Levels map[string]access.FieldLevel

// levelsOf are an actor's levels for a participant reached through these programs. What is
// kept from the actor because her whereabouts are guarded, withheld says.
func levelsOf(actor access.Actor, through []uuid.UUID) Levels {
	plain := access.FieldView
	for _, program := range through {
		if actor.MayIn(program, access.ParticipantEdit) {
			plain = access.FieldEdit
		}
	}
	levels := Levels{}
	for _, f := range fields {
		if f.rule == "" {
			levels[f.name] = plain
		} else {
			levels[f.name] = actor.FieldOf(through, f.rule, false)
		}
	}
	return levels
}

// withheld are the fields of somebody whose whereabouts are kept safe that an actor would see
// of anybody else. They must not be missing, which would tell that she is in danger: they
// look as if nobody had filled them in.
func withheld(actor access.Actor, through []uuid.UUID) []string {
	var names []string
	for _, f := range fields {
		if f.rule != "" && actor.FieldOf(through, f.rule, true) < access.FieldView && actor.FieldOf(through, f.rule, false) >= access.FieldView {
			names = append(names, f.name)
		}
	}
	return names
}

// says says whether any of the fields is filled in.
func (d Details) says(names []string) bool {
	return slices.ContainsFunc(fields, func(f field) bool { return slices.Contains(names, f.name) && *f.of(&d) != "" })
}

// without are the levels with these fields hidden.
func (l Levels) without(names []string) Levels {
	others := maps.Clone(l)
	for _, name := range names {
		others[name] = access.FieldHidden
	}
	return others
}

// levelsOfNew are an actor's levels for somebody new. Whoever may create a record needs
// a name to put on it, and may fill in whatever they would be shown of it later.
func levelsOfNew(actor access.Actor) Levels {
	levels := levelsOf(actor, actor.Programs(access.ParticipantCreate))
	for name, level := range levels {
		if level == access.FieldView {
			levels[name] = access.FieldEdit
		}
	}
	return levels
}

// Sees says whether the field may be shown.
func (l Levels) Sees(field string) bool { return l[field] >= access.FieldView }

// Edits says whether the field may be changed.
func (l Levels) Edits(field string) bool { return l[field] == access.FieldEdit }

// EditsAny says whether there is anything to change.
func (l Levels) EditsAny() bool {
	for _, level := range l {
		if level == access.FieldEdit {
			return true
		}
	}
	return false
}

// readOnly are the levels once nothing may be written any more.
func (l Levels) readOnly() Levels {
	for name := range l {
		l[name] = min(l[name], access.FieldView)
	}
	return l
}

// shown leaves only what may be seen.
func (d Details) shown(levels Levels) Details {
	for _, f := range fields {
		if !levels.Sees(f.name) {
			*f.of(&d) = ""
		}
	}
	return d
}

const oldestAge = 120

// check says what is wrong with details that somebody wants to save today. Only what
// the person may change is looked at: nobody is asked to mend what they cannot see.
func (d Details) check(levels Levels, today civil.Date) view.Problems {
	var problems view.Problems
	for _, f := range fields {
		if !levels.Edits(f.name) {
			continue
		}
		if problem := d.problemOf(f, today); problem != nil {
			problems.Add(f.name, problem)
		}
	}
	return problems
}

func (d Details) problemOf(f field, today civil.Date) i18n.Message {
	value := *f.of(&d)
	if view.TooLong(value, f.max) {
		return i18n.FormTooLong(f.max)
	}
	switch f.name {
	case "first_name":
		return wanted(value, i18n.ParticipantFirstNameWanted)
	case "last_name":
		return wanted(value, i18n.ParticipantLastNameWanted)
	case "status":
		return wanted(string(statusLabels[d.Status]), i18n.ParticipantStatusWanted)
	case "language":
		if value != "en" && value != "fr" {
			return i18n.ParticipantLanguageWanted
		}
	case "contact_by":
		if value != "" && !slices.Contains(contactWays, value) {
			return i18n.ParticipantContactByWrong
		}
	case "birth_date":
		return birthDateProblem(value, today)
	case "phone":
		if value != "" && !isPhone(value) {
			return i18n.ParticipantPhoneWrong
		}
	case "email":
		if value != "" && !isEmail(value) {
			return i18n.ParticipantEmailWrong
		}
	}
	return nil
}

func wanted(value string, message i18n.Message) i18n.Message {
	if value == "" {
		return message
	}
	return nil
}

func birthDateProblem(value string, today civil.Date) i18n.Message {
	if value == "" {
		return nil
	}
	born, err := civil.Parse(value)
	switch {
	case err != nil:
		return i18n.ParticipantBirthDateWrong
	case today.Before(born):
		return i18n.ParticipantBirthDateAhead
	case born.Age(today) > oldestAge:
		return i18n.ParticipantBirthDateLongAgo
	}
	return nil
}

// A difference is one field in which two versions of a record are not the same.
type difference struct {
	field  field
	yours  string
	theirs string
	by     changedBy
}

type changedBy uint8

const (
	you  changedBy = iota // the actor alone
	them                  // somebody else alone
	both
)

// compare lists the fields that the actor may change in which two versions differ.
// base is what the actor began with, by the field's name; what it does not say may
// have been changed by both.
func compare(base map[string]string, yours, theirs Details, levels Levels) []difference {
	var found []difference
	for _, f := range fields {
		mine, other := *f.of(&yours), *f.of(&theirs)
		if mine == other || !levels.Edits(f.name) {
			continue
		}
		d := difference{field: f, yours: mine, theirs: other, by: both}
		if began, known := base[f.name]; known && began == other {
			d.by = you
		} else if known && began == mine {
			d.by = them
		}
		found = append(found, d)
	}
	return found
}

// disputed leaves the differences that somebody else has made. Without one, a change
// that comes late takes nothing back: what else was changed, the actor could not have
// changed.
func disputed(differences []difference) []difference {
	return slices.DeleteFunc(differences, func(d difference) bool { return d.by == you })
}

// isGuarded is the stored value of Participant.Guarded; its opposite is "no".
const isGuarded = "yes"
