package event

import (
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/i18n"
	"konote/app/view"
)

// Type is a type of events, or a category of serious ones.
type Type struct {
	ID         uuid.UUID  `db:"id" json:"-"`
	LibraryKey string     `db:"library_key" json:"-"` // "": the agency's own
	NameEN     string     `db:"name_en" json:"name_en"`
	NameFR     string     `db:"name_fr" json:"name_fr"`
	Severity   int        `db:"severity" json:"event_severity,omitempty"` // of a serious category: 1 at once, 2 within 24 hours, 3 within 7 days; 0: a type
	Program    *uuid.UUID `db:"program_id" json:"-"`                      // nil: of the whole agency
	Position   int        `db:"position" json:"event_position"`
	Archived   bool       `db:"is_archived" json:"event_archived,omitempty"`
	UpdatedAt  time.Time  `db:"updated_at" json:"-"`
	Version    int        `db:"version" json:"-"`
}

// Name is the type's name in the reader's language.
func (t Type) Name(p *i18n.Printer) string {
	if p.French() {
		return t.NameFR
	}
	return t.NameEN
}

// in says whether a program may use the type.
func (t Type) in(program uuid.UUID) bool { return t.Program == nil || *t.Program == program }

const maxTypeName = 80

func (t Type) check() view.Problems {
	var problems view.Problems
	for _, text := range []struct {
		label        i18n.Message
		field, value string
	}{{i18n.EventTypeNameEn, "name_en", t.NameEN}, {i18n.EventTypeNameFr, "name_fr", t.NameFR}} {
		switch {
		case text.value == "":
			problems.AddOf(text.label, text.field, i18n.EventTypeNameWanted)
		case view.TooLong(text.value, maxTypeName):
			problems.AddOf(text.label, text.field, i18n.FormTooLong(maxTypeName))
		}
	}
	if t.Severity < 0 || t.Severity > 3 {
		problems.Add("severity", i18n.EventSeverityWanted)
	}
	return problems
}

// severityLabel says how soon a serious event must be reported.
func severityLabel(severity int) i18n.Message {
	switch severity {
	case 1:
		return i18n.EventSeverityOne
	case 2:
		return i18n.EventSeverityTwo
	}
	return i18n.EventSeverityThree
}

func severityKind(severity int) view.Kind {
	switch severity {
	case 1:
		return view.Bad
	case 2:
		return view.Warm
	}
	return view.Info
}

// mayManage says whether the actor keeps any list of types.
func mayManage(actor access.Actor) bool { return actor.Admin || actor.May(access.EventTypeManage) }

// mayChange says whether the actor may change the type: administrators all of them, managers
// the types of their programs. Categories of serious events are the agency's.
func (t Type) mayChange(actor access.Actor) bool {
	return actor.Admin || t.Severity == 0 && t.Program != nil && actor.MayIn(*t.Program, access.EventTypeManage)
}

// shown says whether the actor may know of the type: those of programs that she has no
// role in do not exist for her.
func (t Type) shown(actor access.Actor) bool {
	return actor.Admin || t.Program == nil || actor.Sees(*t.Program)
}

// library is what every agency begins with. Keys are for ever.
var library = []Type{
	{LibraryKey: "intake", NameEN: "Intake", NameFR: "Accueil"},
	{LibraryKey: "milestone", NameEN: "Milestone", NameFR: "Étape franchie"},
	{LibraryKey: "celebration", NameEN: "Celebration", NameFR: "Bonne nouvelle"},
	{LibraryKey: "move", NameEN: "Move", NameFR: "Déménagement"},
	{LibraryKey: "appointment", NameEN: "Appointment elsewhere", NameFR: "Rendez-vous ailleurs"},
	{LibraryKey: "referral", NameEN: "Referral", NameFR: "Orientation vers un autre service"},
	{LibraryKey: "crisis", NameEN: "Crisis", NameFR: "Crise"},
	{LibraryKey: "follow_up", NameEN: "Follow-up", NameFR: "Suivi"},
	{LibraryKey: "discharge", NameEN: "Leaving the program", NameFR: "Fin de la participation"},

	{LibraryKey: "sre_death", Severity: 1, NameEN: "Death", NameFR: "Décès"},
	{LibraryKey: "sre_suicide_attempt", Severity: 1, NameEN: "Suicide attempt", NameFR: "Tentative de suicide"},
	{LibraryKey: "sre_serious_injury", Severity: 1, NameEN: "Serious injury", NameFR: "Blessure grave"},
	{LibraryKey: "sre_abuse_allegation", Severity: 1, NameEN: "Allegation of abuse or neglect", NameFR: "Allégation de mauvais traitements ou de négligence"},
	{LibraryKey: "sre_missing_person", Severity: 1, NameEN: "Missing person", NameFR: "Personne disparue"},
	{LibraryKey: "sre_overdose", Severity: 2, NameEN: "Overdose", NameFR: "Surdose"},
	{LibraryKey: "sre_assault", Severity: 2, NameEN: "Assault or serious threat", NameFR: "Agression ou menace grave"},
	{LibraryKey: "sre_police", Severity: 2, NameEN: "Police involvement", NameFR: "Intervention policière"},
	{LibraryKey: "sre_hospital", Severity: 2, NameEN: "Unplanned hospital stay", NameFR: "Hospitalisation imprévue"},
	{LibraryKey: "sre_fire_disaster", Severity: 2, NameEN: "Fire, flood or evacuation", NameFR: "Incendie, inondation ou évacuation"},
	{LibraryKey: "sre_medication_error", Severity: 3, NameEN: "Medication error", NameFR: "Erreur de médicament"},
	{LibraryKey: "sre_privacy_breach", Severity: 3, NameEN: "Loss of personal information", NameFR: "Perte de renseignements personnels"},
}
