package program

import (
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/i18n"
	"konote/app/view"
)

// ServiceModel is how a program works with people.
type ServiceModel string

// The ways of working, as stored.
const (
	Individual ServiceModel = "individual"
	Group      ServiceModel = "group"
	Both       ServiceModel = "both"
)

// Status is whether people can be enrolled.
type Status string

// The statuses, as stored.
const (
	Active   Status = "active"
	Archived Status = "archived"
)

// Program is one of the agency's services. The JSON is what the audit log keeps, sealed.
type Program struct {
	ID            uuid.UUID    `db:"id" json:"-"`
	NameEN        string       `db:"name_en" json:"name_en"`
	NameFR        string       `db:"name_fr" json:"name_fr"`
	DescriptionEN string       `db:"description_en" json:"description_en,omitempty"`
	DescriptionFR string       `db:"description_fr" json:"description_fr,omitempty"`
	ServiceModel  ServiceModel `db:"service_model" json:"service_model"`
	Status        Status       `db:"status" json:"status"`
	Confidential  bool         `db:"is_confidential" json:"is_confidential,omitempty"`
	// GoalReviewDays is after how many days goals are looked at again: a new goal is hoped
	// for by then, unless somebody says otherwise. 0: the program does not say.
	GoalReviewDays int        `db:"goal_review_days" json:"goal_review_days,omitempty"`
	Version        int        `db:"version" json:"-"`
	UpdatedAt      time.Time  `db:"updated_at" json:"-"`
	UpdatedBy      *uuid.UUID `db:"updated_by" json:"-"` // nil: made by a command

	daysTyped string // GoalReviewDays as typed, while they do not check
}

// Name is the program's name in the reader's language.
func (p Program) Name(printer *i18n.Printer) string {
	if printer.French() {
		return p.NameFR
	}
	return p.NameEN
}

// Description is the program's description in the reader's language.
func (p Program) Description(printer *i18n.Printer) string {
	if printer.French() {
		return p.DescriptionFR
	}
	return p.DescriptionEN
}

// maySee says whether the actor may know of the program.
func maySee(actor access.Actor, id uuid.UUID) bool { return actor.Admin || actor.Sees(id) }

// mayChange says whether the actor may change the program.
func mayChange(actor access.Actor, id uuid.UUID) bool {
	return actor.Admin || actor.MayIn(id, access.ProgramManage)
}

const (
	maxName        = 120
	maxDescription = 2000
	maxReviewDays  = 730
)

// reviewDays are the days as the form has them; "" for none.
func (p Program) reviewDays() string {
	switch {
	case p.daysTyped != "":
		return p.daysTyped
	case p.GoalReviewDays == 0:
		return ""
	}
	return strconv.Itoa(p.GoalReviewDays)
}

// check says what is wrong with a program that somebody wants to save.
func (p Program) check() view.Problems {
	var problems view.Problems
	for _, text := range []struct {
		label        i18n.Message
		field, value string
		limit        int
		wanted       i18n.Message
	}{
		{i18n.ProgramNameEn, "name_en", p.NameEN, maxName, i18n.ProgramNameWanted},
		{i18n.ProgramNameFr, "name_fr", p.NameFR, maxName, i18n.ProgramNameWanted},
		{i18n.ProgramDescriptionEn, "description_en", p.DescriptionEN, maxDescription, nil},
		{i18n.ProgramDescriptionFr, "description_fr", p.DescriptionFR, maxDescription, nil},
	} {
		switch {
		case text.value == "" && text.wanted != nil:
			problems.AddOf(text.label, text.field, text.wanted)
		case utf8.RuneCountInString(text.value) > text.limit:
			problems.AddOf(text.label, text.field, i18n.FormTooLong(text.limit))
		}
	}
	switch p.ServiceModel {
	case Individual, Group, Both:
	default:
		problems.Add("service_model", i18n.ProgramServiceModelWanted)
	}
	if p.daysTyped != "" {
		problems.Add("goal_review_days", i18n.ProgramReviewDaysWanted)
	}
	return problems
}
