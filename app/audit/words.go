package audit

import (
	"slices"
	"strings"

	"github.com/google/uuid"

	"konote/app/i18n"
)

// words tell entries in the reader's language.
type words struct {
	printer  *i18n.Printer
	staff    map[uuid.UUID]string
	programs map[uuid.UUID]string
	things   map[uuid.UUID]string // what an agency has to work with: measures, templates, types
	people   map[uuid.UUID]string // participants whom the reader reaches
}

// who acted.
func (w words) who(f Told) string {
	switch f.Kind {
	case KindStaff:
		return w.person(f.Staff)
	case KindSystem:
		return w.printer.T(i18n.AuditWhoSystem)
	case KindOperator:
		return w.printer.T(i18n.AuditWhoOperator(f.Operator))
	}
	return w.printer.T(i18n.AuditWhoAnonymous)
}

func (w words) person(id uuid.UUID) string {
	if name := w.staff[id]; name != "" {
		return name
	}
	return w.printer.T(i18n.AuditWhoUnknown)
}

// what was done.
func (w words) what(a Action) string { return What(w.printer, a) }

// What is an act in the reader's words.
func What(p *i18n.Printer, a Action) string { return known(p, "audit.action.", string(a)) }

func (w words) outcome(o Outcome) string { return w.known("audit.outcome.", string(o)) }

func (w words) role(f Told) string {
	if f.Role == "" {
		return ""
	}
	return w.known("staff.role.", string(f.Role))
}

// known says a word of a closed list. One without words, from a newer release, is
// shown as it is.
func (w words) known(prefix, code string) string { return known(w.printer, prefix, code) }

func known(p *i18n.Printer, prefix, code string) string {
	key := i18n.Key(prefix + code)
	if text := p.T(key); text != string(key) {
		return text
	}
	return strings.ReplaceAll(code, "_", " ")
}

// about is what was acted on: by name, where the reader reaches the participant. An
// administrator opens no participant, so she reads references, by which a question about a
// record can be answered.
func (w words) about(f Told) string {
	switch {
	case f.aboutStaff():
		return w.person(f.Subject)
	case len(f.Participants) == 1:
		return w.participant(f.Participants[0])
	case len(f.Participants) > 1:
		return w.printer.T(i18n.AuditAboutRecords(len(f.Participants)))
	case f.Action == actionRefused && f.Subject != uuid.Nil: // what was asked for, whatever it is
		return w.printer.T(i18n.AuditAboutRecord(Reference(f.Subject)))
	}
	if name := w.things[f.Subject]; name != "" {
		return name
	}
	return w.printer.T(nounWords[f.noun()])
}

// nounWords say of what kind a thing is that has no name here.
var nounWords = map[string]i18n.Message{
	"settings": i18n.SettingsTitle, "invitation": i18n.InviteTitle, "sso": i18n.SsoSettingsTitle, "metric": i18n.MetricListTitle,
	"event_type": i18n.EventTypesTitle, "note_template": i18n.NoteTemplateListTitle, "plan_template": i18n.PlanTemplateListTitle,
	"grant_reason": i18n.GrantReasonTitle, "consent_text": i18n.ConsentTextsTitle, "audit": i18n.AuditTitle,
}

func (w words) program(f Told) string { return w.programs[f.Program] }

func (w words) participant(id uuid.UUID) string {
	if name := w.people[id]; name != "" {
		return name
	}
	return w.printer.T(i18n.AuditAboutRecord(Reference(id)))
}

func (w words) everybody(f Told) string {
	texts := make([]string, len(f.Participants))
	for i, id := range f.Participants {
		if texts[i] = w.people[id]; texts[i] == "" {
			texts[i] = Reference(id)
		}
	}
	return strings.Join(texts, ", ")
}

// managersActs are what a manager may narrow the list to. Which acts the agency's own chain
// has would tell of programs that are not hers.
var managersActs = []Action{
	"participant.view", "participant.list", "participant.search", "participant.create", "participant.update", "participant.access_log",
	"enrolment.create", "enrolment.change", "enrolment.assign", "enrolment.transfer", "enrolment.undo",
	"note.view", "note.create", "note.addendum", "note.cancel", "note.search", "note.found", "note.words",
	"plan.progress", "plan.print", "plan_section.create", "plan_section.update", "plan_template.apply",
	"target.view", "target.create", "target.update", "target.status", "target.judge", "target.review",
	"event.view", "event.create", "event.update", "event.flag", "event.unflag", "event.report",
	"meeting.view", "meeting.create", "meeting.update", "contact.create", "message.leave", "message.list", "message.mark",
	"alert.view", "alert.create", "alert.recommend", "alert.approve", "alert.reject", "alert.cancel",
	"group.view", "group.update", "group.add_members", "group.change_member", "group.log_session", "group.correct_session",
	"group.view_session", "group.attendance", "group.export",
	"circle.view", "circle.create", "circle.update", "circle.add_members", "circle.change_member", "circle.remove_member",
	"consent.give", "consent.refuse", "consent.withdraw", "directive.list", "directive.create", "directive.lift",
	"guard.set", "guard.ask", "guard.approve", "guard.reject", "guard.withdraw",
	"grant.create", "grant.emergency", "grant.ended", "grant.revoke", "grant.review", "grant.list", "grant.view",
	"staff.role_grant", "staff.role_remove", actionRefused,
}

// Reference is a record for those who do not meet its owner: the random end of its id,
// enough to tell records apart. It is the same wherever one is shown.
func Reference(id uuid.UUID) string { return id.String()[24:] }

func (f Told) noun() string {
	noun, _, _ := strings.Cut(string(f.Action), ".")
	return noun
}

// Acts whose subject is a member of staff: all of these nouns, and some others.
var (
	staffNouns = []string{"staff", "factor", "calendar"}
	staffActs  = []Action{"sso.connect", "sso.disconnect", "sso.logout"}
)

func (f Told) aboutStaff() bool {
	return f.Subject != uuid.Nil && (slices.Contains(staffNouns, f.noun()) || slices.Contains(staffActs, f.Action))
}

// openNouns are those of the agency's own things: accounts, settings, and what programs
// are given to work with. Their values are shown, unless the act is about a participant.
// All other nouns are, or may one day be, somebody's record: of these only the names of the
// fields are shown.
var openNouns = []string{
	"staff", "invitation", "factor", "sso", "program", "settings", "access", "audit", "agency",
	"metric", "event_type", "note_template", "plan_template", "grant_reason", "consent_text",
}

func (f Told) valuesShown() bool {
	return slices.Contains(openNouns, f.noun()) && len(f.Participants) == 0
}
