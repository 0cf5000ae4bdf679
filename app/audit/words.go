package audit

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/google/uuid"

	"konote/app/i18n"
)

// words tell entries in the reader's language.
type words struct {
	printer  *i18n.Printer
	staff    map[uuid.UUID]string
	programs map[uuid.UUID]string
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
		return w.printer.T(i18n.AuditAboutRecord(reference(f.Subject)))
	}
	return ""
}

func (w words) program(f Told) string { return w.programs[f.Program] }

func (w words) participant(id uuid.UUID) string {
	if name := w.people[id]; name != "" {
		return name
	}
	return w.printer.T(i18n.AuditAboutRecord(reference(id)))
}

func (w words) everybody(f Told) string {
	texts := make([]string, len(f.Participants))
	for i, id := range f.Participants {
		if texts[i] = w.people[id]; texts[i] == "" {
			texts[i] = reference(id)
		}
	}
	return strings.Join(texts, ", ")
}

// managersActs are what a manager may narrow the list to. Which acts the agency's own chain
// has would tell of programs that are not hers.
var managersActs = []Action{
	"participant.view", "participant.list", "participant.search", "participant.create", "participant.update",
	"enrolment.create", "enrolment.change", "enrolment.assign", "note.view", "note.create", "note.addendum", "note.search",
	"plan.progress", "plan.print", "target.view", "target.create", "target.update", "event.view", "event.create",
	"meeting.view", "meeting.create", "contact.create", "message.leave", "message.list", "alert.view", "alert.create",
	"group.view", "group.view_session", "group.export", "circle.view", "staff.role_grant", "staff.role_remove", actionRefused,
}

// reference is the random end of an id: enough to tell records apart.
func reference(id uuid.UUID) string { return id.String()[24:] }

func (f Told) noun() string {
	noun, _, _ := strings.Cut(string(f.Action), ".")
	return noun
}

func (f Told) aboutStaff() bool { return f.noun() == "staff" && f.Subject != uuid.Nil }

// nouns whose values an administrator may see. All others are, or may one day be,
// somebody's record: of these only the names of the fields are shown.
var openNouns = []string{"staff", "program", "settings", "access", "audit", "agency"}

func (f Told) valuesShown() bool {
	return slices.Contains(openNouns, f.noun()) && len(f.Participants) == 0
}

// A change is one field that an act set. Without values, Before and After are empty.
type change struct {
	Field         string // in snake case
	Before, After string
}

// changes are the fields that differ, in order of name.
func (d detail) changes(values bool) []change {
	before, after := fields(d.Before), fields(d.After)
	var list []change
	for _, name := range slices.Sorted(maps.Keys(union(before, after))) {
		c := change{Field: name, Before: plain(before[name]), After: plain(after[name])}
		if c.Before == c.After {
			continue
		}
		if !values {
			c.Before, c.After = "", ""
		}
		list = append(list, c)
	}
	return list
}

func union(a, b map[string]json.RawMessage) map[string]json.RawMessage {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

// fields are the members of a JSON object; anything else is one member "value".
func fields(raw json.RawMessage) map[string]json.RawMessage {
	members := map[string]json.RawMessage{}
	if raw == nil {
		return members
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(raw, &object) != nil {
		members["value"] = raw
		return members
	}
	for name, value := range object {
		members[snake(name)] = value
	}
	return members
}

// snake turns the name of a Go field into that of a column: NameEN into name_en.
func snake(name string) string {
	var b strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		begins := unicode.IsUpper(r) && i > 0 && (unicode.IsLower(runes[i-1]) || (i+1 < len(runes) && unicode.IsLower(runes[i+1])))
		if begins && runes[i-1] != '_' {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// plain is a JSON value as a person would write it.
func plain(raw json.RawMessage) string {
	var text string
	switch {
	case raw == nil, string(raw) == "null":
		return ""
	case json.Unmarshal(raw, &text) == nil:
		return text
	}
	return string(raw)
}
