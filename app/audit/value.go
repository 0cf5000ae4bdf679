package audit

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"konote/app/i18n"
)

// wordsBelow are the beginnings of the keys below which the catalogues have words for the
// values of a field.
var wordsBelow = map[string]string{
	"role":              "staff.role.",
	"roles":             "staff.role.",
	"second_factor":     "staff.role.",
	"service_model":     "program.service_model.",
	"kind":              "metric.kind.",
	"category":          "metric.category.",
	"better":            "metric.better.",
	"interaction":       "note.interaction.",
	"provisioning":      "sso.settings.provisioning.",
	"with":              "factor.kind.",
	"front_desk_fields": "settings.front.",
	"purpose":           "consent.purpose.",
}

// wordsFor are words for the values of a field whose keys are called otherwise.
var wordsFor = map[string]i18n.Key{
	"status active":          i18n.PeopleActive,
	"status deactivated":     i18n.PeopleInactive,
	"status archived":        i18n.ProgramStatusArchived,
	"status off":             i18n.SsoSettingsStatusOff,
	"access_tier 1":          i18n.SettingsTierOpen,
	"access_tier 2":          i18n.SettingsTierRoles,
	"access_tier 3":          i18n.SettingsTierSafe,
	"kind denied":            i18n.AuditOutcomeRefused,
	"kind totp":              i18n.FactorKindApp,
	"kind passkey":           i18n.FactorKindPasskey,
	"kind basic":             i18n.NoteTemplateSectionBasic,
	"kind plan":              i18n.NoteTemplateSectionPlan,
	"with recovery":          i18n.FactorCodesTitle,
	"with password":          i18n.StaffSigninPassword,
	"second_factor optional": i18n.FactorPolicyOptional,
	"second_factor required": i18n.FactorPolicyRequired,
	"language en":            i18n.AuditFieldEn,
	"language fr":            i18n.AuditFieldFr,
}

// lines are a value in the reader's words, as many lines as it has parts.
func (w words) lines(field string, raw json.RawMessage) []string {
	if parts := members(raw); parts != nil {
		if len(parts) == 1 && elements(parts[0].value) != nil { // what only holds a list
			return w.lines(parts[0].name, parts[0].value)
		}
		lines := make([]string, 0, len(parts))
		for _, part := range parts {
			lines = append(lines, w.labelled(field, part))
		}
		return lines
	}
	items := elements(raw)
	if !slices.ContainsFunc(items, func(item json.RawMessage) bool { return members(item) != nil }) {
		return []string{w.text(field, raw)}
	}
	lines := make([]string, 0, len(items))
	for _, item := range items {
		lines = append(lines, w.text(field, item))
	}
	return lines
}

// text is a value in one line.
func (w words) text(field string, raw json.RawMessage) string {
	var texts []string
	if parts := members(raw); parts != nil {
		for _, part := range parts {
			texts = append(texts, w.labelled(field, part))
		}
		return strings.Join(texts, "; ")
	}
	items := elements(raw)
	if items == nil {
		return w.value(field, plain(raw))
	}
	for _, item := range items {
		text := w.text(field, item)
		if members(item) != nil {
			text = "(" + text + ")"
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, ", ")
}

// A member of an object.
type member struct {
	name  string // in snake case, or an id
	value json.RawMessage
}

// labelled is a member of an object: under the name of a program, or of a field. What a
// program has is a value of the field that the object is in.
func (w words) labelled(field string, part member) string {
	name := part.name
	if id, err := uuid.Parse(name); err == nil {
		if name = w.programs[id]; name == "" {
			name = Reference(id)
		}
	} else {
		name = w.known("audit.field.", name)
		if field != frontDeskFields {
			field = part.name
		}
	}
	return w.printer.T(i18n.AuditValueNamed(name, w.text(field, part.value)))
}

// frontDeskFields is the setting whose members are fields, and their values levels.
const frontDeskFields = "front_desk_fields"

// members are those of an object that say something, in order of name; nil for what is none.
func members(raw json.RawMessage) []member {
	var object map[string]json.RawMessage
	if !bytes.HasPrefix(raw, []byte("{")) || json.Unmarshal(raw, &object) != nil {
		return nil
	}
	parts := []member{}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if plain(object[name]) != "" {
			parts = append(parts, member{snake(name), object[name]})
		}
	}
	return parts
}

// elements are those of an array; nil for what is none.
func elements(raw json.RawMessage) []json.RawMessage {
	var list []json.RawMessage
	if !bytes.HasPrefix(raw, []byte("[")) || json.Unmarshal(raw, &list) != nil {
		return nil
	}
	return list
}

// plain is a JSON value as a person would write it.
func plain(raw json.RawMessage) string {
	var text string
	switch {
	case raw == nil, string(raw) == "null", string(raw) == "{}", string(raw) == "[]":
		return ""
	case json.Unmarshal(raw, &text) == nil:
		return text
	}
	return string(raw)
}

// value is a value in the reader's language where the catalogues have words for it, and as
// it was kept otherwise.
func (w words) value(field, kept string) string {
	switch kept {
	case "true":
		return w.printer.T(i18n.AuditYes)
	case "false":
		return w.printer.T(i18n.AuditNo)
	}
	if id, err := uuid.Parse(kept); err == nil {
		return w.named(id)
	}
	if key, ok := wordsFor[field+" "+kept]; ok {
		return w.printer.T(key)
	}
	if below, ok := wordsBelow[field]; ok {
		key := i18n.Key(below + kept)
		if text := w.printer.T(key); text != string(key) {
			return text
		}
	}
	if at, err := time.Parse(time.RFC3339, kept); err == nil {
		return w.printer.Moment(at)
	}
	return kept
}

// named is what an id stands for, or the reference of the record.
func (w words) named(id uuid.UUID) string {
	for _, names := range []map[uuid.UUID]string{w.programs, w.staff, w.things} {
		if name := names[id]; name != "" {
			return name
		}
	}
	return Reference(id)
}
